using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>Generators from equations of motion, learned dictionaries and selection, as a user meets them.</summary>
public class LearningTests
{
    private static readonly LangevinSystem Well = LangevinSystem.DoubleWell();

    private static readonly DictionarySettings Quick = new() { Outputs = 4, Widths = [8], Epochs = 2, Batch = 200 };

    private static double[,] Rows(Samples samples, Func<double, double, (double, double)> field)
    {
        var points = samples.ToArray();
        var rows = new double[samples.Count, 2];
        for (var i = 0; i < samples.Count; i++)
            (rows[i, 0], rows[i, 1]) = field(points[i, 0], points[i, 1]);
        return rows;
    }

    [Fact]
    public void The_generator_of_a_slow_manifold_tells_true_modes_from_spurious_ones()
    {
        using var samples = LangevinSystem.QuadrupleWell.EquilibriumSamples(500, seed: 1);
        using var motion = DriftDiffusion.FromDrift(Rows(samples, (x, y) => (-0.1 * x, x * x - y)));
        using var observables = Observables.Monomials(3, 2);
        using var model = new GeneratorEstimator().Fit(observables, samples, motion);
        var right = model.Spectrum.Modes.Where(mode => mode.Warnings.All(w => w.Kind != WarningKind.LargeResidual)).ToArray();
        Assert.Equal([0, 0.1, 0.2, 0.3, 1, 1.1], right.Select(mode => Math.Round(mode.Rate, 9)));
        Assert.True(model.Spectrum.Convention.IsInfinitesimalGenerator);
        Assert.Equal(["dx0/dt = -0.1 x0", "dx1/dt = -1 x1 + 1 x0^2"], model.Identify(samples, 1e-6).Equations);
        Assert.Equal(10, model.Generator.Matrix.ToMatrix().GetLength(0));

        using var ahead = model.AtLag(0.5);
        Assert.Equal(0.5, ahead.Lag);
        Assert.Contains(ahead.Spectrum.Eigenvalues, value => Math.Abs(value.Real - Math.Exp(-0.05)) < 1e-9);
    }

    [Fact]
    public void Noise_without_an_invariant_law_carries_a_warning()
    {
        using var samples = Well.EquilibriumSamples(400, seed: 1);
        using var motion = DriftDiffusion.FromSystem(Well, samples);
        Assert.False(motion.IsDeterministic);
        using var observables = Observables.Monomials(4, 1);
        using var plain = new GeneratorEstimator().Fit(observables, samples, motion);
        using var declared = new GeneratorEstimator(new() { Invariant = true }).Fit(observables, samples, motion);
        Assert.All(plain.Spectrum.Modes, mode => Assert.Contains(mode.Warnings, w => w.Kind == WarningKind.MeasureNotInvariant));
        Assert.All(declared.Spectrum.Modes, mode => Assert.DoesNotContain(mode.Warnings, w => w.Kind == WarningKind.MeasureNotInvariant));
    }

    [Fact]
    public void A_diffusion_of_two_T_is_the_temperature()
    {
        using var samples = Well.EquilibriumSamples(400, seed: 1);
        using var observables = Observables.Monomials(4, 1);
        using var warm = new LangevinEstimator(new() { Temperature = 1.5 }).Fit(observables, samples);
        using var same = new LangevinEstimator().FitWithDiffusion(observables, samples, new double[,] { { 3 } });
        Assert.Equal(warm.Rates[0], same.Rates[0], 9);
        Assert.Equal(-same.Rates[0], same.Eigenvalues[0].Real, 9);
    }

    [Fact]
    public void Equations_come_from_pairs_by_way_of_an_estimated_motion()
    {
        using var pairs = Well.EquilibriumPairs(20_000, lag: 0.01, seed: 3);
        using var observables = Observables.Monomials(3, 1);
        using var motion = new KramersMoyalEstimator().Fit(observables, pairs);
        var (drift, errors) = (motion.Drift.ToMatrix(), motion.DriftErrors.ToMatrix());
        Assert.InRange(drift[1, 0] - 4, -4 * errors[1, 0] - 0.15, 4 * errors[1, 0] + 0.15);
        Assert.InRange(drift[3, 0] + 4, -4 * errors[3, 0] - 0.15, 4 * errors[3, 0] + 0.15);
        using var at = motion.At(pairs.From);
        var found = Sindy.FromMotion(observables, pairs.From, at, threshold: 0.2);
        Assert.StartsWith("dx0/dt = ", found.Equations[0]);
        Assert.InRange(found.Diffusion![0, 0, 0], 1.9, 2.1);
    }

    [Fact]
    public async Task A_dictionary_is_learned_and_any_estimator_uses_it()
    {
        using var pairs = Well.EquilibriumPairs(1000, lag: 0.1, seed: 1);
        var told = 0;
        using var observables = await new DictionaryTrainer(Quick with { Epochs = 4 }, seed: 1)
            .TrainAsync(pairs, new Listener<TrainingProgress>(now => told = now.Epoch));
        Assert.Equal(4, told);
        Assert.Equal(6, observables.Count);
        using var model = new EdmdEstimator().Fit(observables, pairs);
        Assert.InRange(model.Rates[0], 0.5, 1);

        using var motion = DriftDiffusion.FromSystem(Well, pairs.From);
        using var other = new DictionaryTrainer(Quick, seed: 1).TrainOnMotion(pairs.From, motion);
        Assert.Equal(6, other.Count);
        var refused = Assert.Throws<KoopmanException>(() => new DictionaryTrainer(Quick with { HeldOut = 0.9 }).Train(pairs));
        Assert.Equal(ErrorKind.InvalidSetting, refused.Kind);
    }

    [Fact]
    public void Training_ends_within_a_step_when_cancelled()
    {
        using var pairs = Well.EquilibriumPairs(1000, lag: 0.1, seed: 1);
        using var source = new CancellationTokenSource();
        var told = 0;
        Assert.Throws<OperationCanceledException>(() => new DictionaryTrainer(Quick).Train(
            pairs,
            new Listener<TrainingProgress>(_ =>
            {
                told++;
                source.Cancel();
            }),
            source.Token));
        Assert.Equal(1, told);
    }

    [Fact]
    public void The_training_of_a_dictionary_is_stored_and_taken_up_again_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        using var pairs = Well.EquilibriumPairs(1000, lag: 0.1, seed: 1);
        var trainer = new DictionaryTrainer(Quick with { Epochs = 4 }, seed: 3);
        using var whole = trainer.Train(pairs);
        var path = folder.File("training.safetensors");

        using (var first = trainer.Start(pairs))
        using (var source = new CancellationTokenSource())
        {
            first.SaveEvery(TimeSpan.Zero, path);
            Assert.Throws<OperationCanceledException>(() => first.Continue(
                pairs, new Listener<TrainingProgress>(_ => source.Cancel()), source.Token));
        }

        using var second = trainer.Start(pairs);
        second.Restore(path);
        second.Continue(pairs);
        Assert.True(second.IsFinished);
        using var resumed = second.Observables();
        using var expected = whole.Values(pairs.From.Points);
        using var found = resumed.Values(pairs.From.Points);
        Assert.Equal(expected.data<double>().ToArray(), found.data<double>().ToArray());

        using var other = new DictionaryTrainer(Quick with { Epochs = 4 }, seed: 4).Start(pairs);
        var refused = Assert.Throws<KoopmanException>(() => other.Restore(path));
        Assert.Equal(ErrorKind.CheckpointMismatch, refused.Kind);
        Assert.Throws<KoopmanException>(() => second.SaveEvery(TimeSpan.FromSeconds(-1), path));
    }

    [Fact]
    public void Dense_fits_are_cancelled_at_once()
    {
        using var pairs = Well.EquilibriumPairs(300, lag: 0.1, seed: 1);
        var gone = new CancellationToken(true);
        Assert.Throws<OperationCanceledException>(() => new KernelEdmdEstimator().Fit(pairs, gone));
        Assert.Throws<OperationCanceledException>(() => new DiffusionMapEstimator().Fit(pairs.From, gone));
        using var source = new CancellationTokenSource();
        using var plain = new KernelEdmdEstimator().Fit(pairs);
        using var under = new KernelEdmdEstimator().Fit(pairs, source.Token);
        Assert.Equal(plain.Model.Spectrum.Rates, under.Model.Spectrum.Rates);
    }

    [Fact]
    public void A_dictionary_is_chosen_and_the_table_says_why()
    {
        using var pairs = Well.EquilibriumPairs(1000, lag: 0.1, seed: 1);
        DictionaryCandidate[] candidates =
        [
            new("monomials to degree 5", _ => Observables.Monomials(5, 1)),
            new("too many", _ => Observables.Monomials(900, 1)),
            new("Gaussians", samples => Observables.GaussiansOver(samples, new GaussianSettings { Centres = 10 })),
        ];
        var settings = new SelectorSettings { Candidates = candidates };
        using var chosen = new ModelSelector(settings).SelectReversible(pairs);
        Assert.Equal(3, chosen.Candidates.Length);
        Assert.Equal(chosen.Candidates.Where(c => c.Failure is null).Max(c => c.Mean), chosen.Best.Mean);
        Assert.Equal(ErrorKind.TooFewSamples, chosen.Candidates[1].Failure!.Kind);
        Assert.InRange(chosen.Model.Rates[0], 0.5, 1);

        using var dirichlet = new ModelSelector(settings).SelectLangevin(pairs.From);
        Assert.True(dirichlet.Model.Convention.IsPositiveGenerator);
        using var residuals = new ModelSelector(settings).SelectDeterministic(pairs);
        using var forecast = new ModelSelector(settings with { Horizon = 1 }).SelectForecast(pairs);
        Assert.NotEqual(residuals.Criterion, forecast.Criterion);
    }

    [Fact]
    public void The_same_bits_as_through_the_core()
    {
        var seed = SeedModule.ofInt(7);
        using var corePairs = Systems.equilibriumPairs(Systems.doubleWell(1), 600, 0.1, seed).ResultValue;
        using var coreMotion = DriftDiffusionModule.ofLangevin(Systems.doubleWell(1), corePairs.From.Points).ResultValue;
        using var coreObservables = LearnedDictionary.train(
            Control.none<TrainingProgress>(), LearnedDictionary.defaults, seed, corePairs).ResultValue;
        using var coreModel = GeneratorEdmd.fit(GeneratorEdmd.defaults, coreObservables, corePairs.From, coreMotion).ResultValue;

        using var pairs = Well.EquilibriumPairs(600, lag: 0.1, seed: 7);
        using var motion = DriftDiffusion.FromSystem(Well, pairs.From);
        using var observables = new DictionaryTrainer(seed: 7).Train(pairs);
        using var model = new GeneratorEstimator().Fit(observables, pairs.From, motion);

        using var values = coreObservables.Values(corePairs.From.Points);
        Assert.Equal(Tensors.toArray(values), observables.Values(pairs.From).Cast<double>());
        Assert.Equal(coreModel.Spectrum.Eigenvalues, model.Spectrum.Eigenvalues);
    }

    [Fact]
    public void Nothing_is_left_behind() => Lifetimes.AllDieIn(() =>
    {
        using var pairs = Well.EquilibriumPairs(400, lag: 0.1, seed: 1);
        using var observables = new DictionaryTrainer(Quick).Train(pairs);
        using var estimated = new KramersMoyalEstimator(new() { StateDependentDiffusion = true }).Fit(observables, pairs);
        using var motion = estimated.At(pairs.From);
        using var still = DriftDiffusion.FromDrift(motion.Drift.ToMatrix());
        using var noisy = still.WithDiffusion(new double[,] { { 2 } });
        using var model = new GeneratorEstimator().Fit(observables, pairs.From, noisy);
        using var ahead = model.AtLag(0.1);
        _ = (model.Output.ToMatrix(), model.ToString());
        var settings = new SelectorSettings { Candidates = [new("monomials", _ => Observables.Monomials(4, 1))] };
        using var chosen = new ModelSelector(settings).SelectReversible(pairs);
    });
}
