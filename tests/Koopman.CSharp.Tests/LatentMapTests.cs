using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Latents;
using Koopman.Learning;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Xunit;

namespace Koopman.CSharp.Tests;

public class LatentMapTests
{
    private static readonly AutoencoderSettings Quick = new()
    {
        Latents = 1,
        Widths = [8],
        Batch = 32,
        Descent = new() { Steps = 100, LearningRate = 1e-2 },
    };

    /// <summary>Points near a line in the plane.</summary>
    private static Samples Line() =>
        Samples.FromValues([.. Enumerable.Range(0, 100).SelectMany(i => new[] { i / 10.0, (i / 20.0) + (0.01 * Math.Sin(i)) })], dimension: 2);

    [Fact]
    public void Principal_components_are_a_space_like_others()
    {
        using var data = Line();
        using var components = Pca.Fit(data, 1);
        using var space = LatentMap.FromPca(components);
        using var latents = space.Encode(data);
        using var known = components.Encode(data);
        Assert.Equal(known.ToArray(), latents.ToArray());
        Assert.Equal((2, 1, "1 principal components"), (space.Dimension, space.Latents, space.Description));
        using var back = space.Decode(latents);
        Assert.InRange(space.Error(data), 1e-4, 0.01);
        using var tensor = space.Encode(data.Points);
        using var points = space.Decode(tensor);
        Assert.Equal(back.ToArray().Cast<double>(), Tensors.toArray(points));
    }

    [Fact]
    public void Whitening_takes_the_space_over()
    {
        using var data = Line();
        using var components = Pca.Fit(data, 2);
        var plain = LatentMap.FromPca(components);
        using var space = plain.Whitened(data);
        using var latents = space.Encode(data);
        Assert.All(latents.Covariance().Cast<double>().Zip([1.0, 0, 0, 1]), pair => Assert.Equal(pair.Second, pair.First, 8));
        plain.Dispose(); // It had let go of the map already.
        Assert.InRange(space.Error(data), 0, 1e-8);
    }

    [Fact]
    public async Task An_autoencoder_is_trained_with_progress_and_the_same_bits_as_in_FSharp()
    {
        using var data = Line();
        var told = new Listener<DescentProgress>();
        using var space = new AutoencoderTrainer(Quick, seed: 2).Train(data, told);
        using var again = await new AutoencoderTrainer(Quick, seed: 2).TrainAsync(data);
        var options = new AutoencoderOptions(
            new AutoencoderNetwork(1, ListModule.OfSeq([8]), Activation.SiLU, AutoencoderOutput.Linear, "cpu"),
            0.05,
            32,
            new DescentOptions(100, 1e-2, 100, 1, 0.999, 0));
        var silent = new Control<DescentProgress>(FuncConvert.FromAction<DescentProgress>(_ => { }), CancellationToken.None);
        var samples = SamplesModule.ofTensor(data.Points).ResultValue;
        using var core = Autoencoder.train(silent, options, SeedModule.ofInt(2), samples).ResultValue;
        ((IDisposable)samples).Dispose();
        using var first = space.Encode(data.Points);
        using var second = again.Encode(data.Points);
        using var third = core.Encode(data.Points);
        Assert.Equal(Tensors.toArray(first), Tensors.toArray(second));
        Assert.Equal(Tensors.toArray(first), Tensors.toArray(third));
        Assert.Equal([50, 100], told.Heard.Select(now => now.Step));
        Assert.True(space.Error(data) < 1);
    }

    [Fact]
    public void Training_obeys_cancellation_and_refuses_what_cannot_be()
    {
        using var data = Line();
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => new AutoencoderTrainer(Quick).Train(data, cancellation: source.Token));
        var probability = Quick with { Output = AutoencoderOutput.Probability };
        var refused = Assert.Throws<KoopmanException>(() => new AutoencoderTrainer(probability).Train(data));
        Assert.Contains("probability", refused.Message, StringComparison.Ordinal);
        Assert.Throws<KoopmanException>(() => new AutoencoderTrainer(Quick with { Latents = 0 }).Train(data));
    }

    [Fact]
    public void Trainings_go_on_from_files_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        using var data = Line();
        int[] labels = [.. Enumerable.Range(0, data.Count).Select(i => i / 50)];
        var networks = new AutoencoderTrainer(Quick, seed: 2);
        var network = new ClassifierTrainer(new() { Widths = [8], Descent = Quick.Descent }, seed: 2);
        using var space = networks.Start(data);
        using var judge = network.Start(data, labels);
        using var source = new CancellationTokenSource();
        var listener = new Listener<DescentProgress>(_ => source.Cancel());
        Assert.Throws<OperationCanceledException>(() => space.Continue(listener, source.Token));
        Assert.Throws<OperationCanceledException>(() => judge.Continue(cancellation: source.Token));
        space.Save(folder.File("space"));
        judge.Save(folder.File("judge"));

        using var spaceAgain = networks.Start(data);
        using var judgeAgain = network.Start(data, labels);
        Assert.Equal(ErrorKind.CheckpointMismatch, Assert.Throws<KoopmanException>(() => spaceAgain.Restore(folder.File("judge"))).Kind);
        spaceAgain.Restore(folder.File("space"));
        judgeAgain.Restore(folder.File("judge"));
        Assert.Equal((50, 0), (spaceAgain.Step, judgeAgain.Step));
        spaceAgain.SaveEvery(TimeSpan.Zero, folder.File("space"));
        judgeAgain.SaveEvery(TimeSpan.Zero, folder.File("judge"));
        spaceAgain.Continue();
        judgeAgain.Continue();
        Assert.True(spaceAgain.IsFinished && judgeAgain.IsFinished);
        space.Restore(folder.File("space"));
        judge.Restore(folder.File("judge"));
        Assert.True(space.IsFinished && judge.IsFinished);
        using var map = spaceAgain.Map();
        using var whole = networks.Train(data);
        using var classifier = judgeAgain.Classifier();
        using var other = network.Train(data, labels);
        Assert.Equal(whole.Encode(data).ToArray(), map.Encode(data).ToArray());
        Assert.Equal(other.Confidence(data), classifier.Confidence(data));
    }

    [Fact]
    public void Spaces_come_back_from_files()
    {
        using var folder = new TemporaryFolder();
        using var data = Line();
        using var space = new AutoencoderTrainer(Quick, seed: 2).Train(data).Whitened(data);
        space.Save(folder.File("space.safetensors"));
        using var back = LatentMap.Load(folder.File("space.safetensors"));
        using var one = space.Encode(data);
        using var other = back.Encode(data);
        Assert.Equal(one.ToArray(), other.ToArray());
        Assert.False(LatentMap.TryLoad(folder.File("none"), out var none, out var error));
        Assert.Null(none);
        Assert.Equal(ErrorKind.MissingFile, error.Kind);
    }

    [Fact]
    public void Leading_coordinates_are_completed_from_the_data()
    {
        using var data = Line();
        using var components = Pca.Fit(data, 1);
        using var latents = components.Encode(data);
        foreach (var rule in new[] { Complement.Gaussian, Complement.Residuals })
        {
            using var points = components.Complete(latents, data, rule, seed: 3);
            using var again = components.Encode(points);
            Assert.All(
                latents.ToArray().Cast<double>().Zip(again.ToArray().Cast<double>()),
                pair => Assert.InRange(pair.Second - pair.First, -1e-10, 1e-10));
        }

        Assert.Throws<KoopmanException>(() => components.Complete(data, data));
    }

    [Fact]
    public async Task A_classifier_tells_modes_apart_and_gives_features()
    {
        using var data = PlanarSet.EightGaussians.Stratified(400, seed: 1);
        using var fresh = PlanarSet.EightGaussians.Stratified(160, seed: 2);
        int[] labels = [.. Enumerable.Range(0, 400).Select(i => i % 8)];
        var settings = new ClassifierSettings { Widths = [16, 5], Descent = new() { Steps = 200, LearningRate = 1e-2, WarmUp = 20 } };
        using var classifier = await new ClassifierTrainer(settings, seed: 1).TrainAsync(data, labels);
        Assert.Equal((2, 8), (classifier.Dimension, classifier.Classes));
        Assert.True(classifier.Accuracy(fresh, labels[..160]) > 0.99);
        Assert.Equal(labels[..8], classifier.Predict(fresh).Take(8));
        Assert.True(classifier.Confidence(fresh).Average() > 0.9);
        using var features = classifier.Features(fresh);
        Assert.Equal((160, 5), (features.Count, features.Dimension));
        using var probabilities = classifier.Probabilities(fresh.Points);
        Assert.Equal([160, 8], probabilities.shape);
        Assert.Equal(ErrorKind.ShapeMismatch, Assert.Throws<KoopmanException>(() => new ClassifierTrainer(settings).Train(data, [0, 1])).Kind);
        using var line = Samples.FromValues([0, 1], dimension: 1);
        Assert.Throws<KoopmanException>(() => classifier.Predict(line));
    }

    [Fact]
    public void Planar_sets_and_even_noise_are_drawn_as_in_FSharp()
    {
        Assert.Equal(PlanarSet.Names, PlanarSets.names);
        foreach (var name in PlanarSet.Names)
        {
            using var draws = PlanarSet.Named(name).Draw(20, seed: 1);
            using var core = (IDisposable)PlanarSets.draw(PlanarSets.byName(name).ResultValue, 20, SeedModule.ofInt(1)).ResultValue;
            Assert.Equal(Tensors.toArray(((Samples)core).Points), draws.ToArray().Cast<double>());
        }

        using var reference = PlanarSet.EightGaussians.Stratified(80, seed: 1);
        Assert.Equal((80, 8), (reference.Count, PlanarSet.EightGaussians.Parts));
        Assert.Throws<KoopmanException>(() => PlanarSet.Named("rings"));
        Assert.Throws<KoopmanException>(() => PlanarSet.Moons.Draw(1, 1));
        using var noise = SobolNoise.Normal(16, 3, seed: 1);
        using var cube = SobolNoise.Uniform(16, 3, seed: 1);
        Assert.Equal([16, 3], noise.shape);
        Assert.Equal(16, Tensors.toArray(cube).Where((_, i) => i % 3 == 0).Select(x => (int)(x * 16)).Distinct().Count());
        Assert.Throws<KoopmanException>(() => SobolNoise.Normal(16, SobolNoise.Dimensions + 1));
    }

    [Fact]
    public void Nothing_is_left_behind() =>
        Lifetimes.AllDieIn(() =>
        {
            using var data = Line();
            using var space = new AutoencoderTrainer(Quick).Train(data).Whitened(data);
            using var latents = space.Encode(data);
            space.Decode(latents).Dispose();
            using var components = Pca.Fit(data, 1);
            using var leading = components.Encode(data);
            components.Complete(leading, data).Dispose();
            PlanarSet.SCurve.Stratified(5, 1).Dispose();
            using var classifier = new ClassifierTrainer(new() { Descent = Quick.Descent }).Train(data, [.. Enumerable.Range(0, 100).Select(i => i % 2)]);
            _ = (classifier.Predict(data), classifier.Confidence(data));
            classifier.Features(data).Dispose();
            SobolNoise.Normal(4, 2).Dispose();
        });
}
