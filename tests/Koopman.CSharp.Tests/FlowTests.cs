using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Flows;
using Koopman.Learning;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>A teacher and a student, both trained for a moment only.</summary>
public sealed class TrainedFlow : IDisposable
{
    internal static readonly FlowSettings Settings = new()
    {
        Network = new FlowNetworkSettings { Widths = [12] },
        Batch = 64,
        Descent = new() { Steps = 120, LearningRate = 1e-2, WarmUp = 10 },
    };

    internal static readonly DistillationSettings DistillationSettings = new()
    {
        Network = new FlowNetworkSettings { Widths = [12] },
        Features = 6,
        Draws = new() { Starts = 32, Points = 16, Paths = 64, PathSteps = 8 },
        Descent = new() { Steps = 60, LearningRate = 5e-3, WarmUp = 10 },
    };

    public TrainedFlow()
    {
        Data = PlanarSet.Moons.Draw(300, seed: 1);
        Teacher = new FlowTrainer(Settings, seed: 2).Train(Data);
        Student = new DistillationTrainer(DistillationSettings, seed: 3).Train(Teacher, Data);
        Noise = SobolNoise.Normal(32, 2, seed: 4);
    }

    public Samples Data { get; }

    public VelocityField Teacher { get; }

    public LinearFlow Student { get; }

    public torch.Tensor Noise { get; }

    public void Dispose()
    {
        Noise.Dispose();
        Student.Dispose();
        Teacher.Dispose();
        Data.Dispose();
    }
}

public class FlowTests(TrainedFlow trained) : IClassFixture<TrainedFlow>
{
    [Fact]
    public void Images_are_made_by_convolutions_with_the_same_operator_at_every_pixel()
    {
        // A bright corner, here or there.
        using var noise = SobolNoise.Normal(120, 16, seed: 5);
        var points = new double[120, 16];
        var values = Values(noise.alias());
        for (var i = 0; i < 120; i++)
            for (var j = 0; j < 16; j++)
                points[i, j] = 0.2 * values[16 * i + j] + (j == (i % 2 == 0 ? 0 : 15) ? 2 : 0);
        using var data = Samples.FromArray(points);
        var network = new ImageNetworkSettings { Rows = 4, Columns = 4, Width = 4, Multipliers = [1, 2] };
        var teaching = TrainedFlow.Settings with { Network = network, Batch = 32 };
        using var teacher = new FlowTrainer(teaching, seed: 1).Train(data);
        var learning = TrainedFlow.DistillationSettings with { Network = network, Features = 4 };
        using var flow = new DistillationTrainer(learning, seed: 2).Train(teacher, data);
        Assert.Equal(64, flow.Features);

        using var session = new DistillationTrainer(learning, seed: 2).Start(teacher, data);
        session.Continue();
        using var again = session.Flow();
        Assert.Equal(Values(flow.Sample(noise)), Values(again.Sample(noise)));

        // The spectrum is that of a pixel: one channel and four features.
        using var spectrum = flow.Spectrum(data, time: 1);
        Assert.Equal(5, spectrum.Eigenvalues.Length);

        using var folder = new TemporaryFolder();
        flow.Save(folder.File("images"));
        using var back = LinearFlow.Load(folder.File("images"));
        Assert.Equal(Values(flow.Sample(noise)), Values(back.Sample(noise)));

        var odd = new FlowTrainer(teaching with { Network = network with { Rows = 5 } });
        Assert.Contains("5 by 4", Assert.Throws<KoopmanException>(() => odd.Train(data)).Message);
    }

    private static double[] Values(torch.Tensor taken)
    {
        using (taken)
            return Tensors.toArray(taken);
    }

    private static void Near(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second - pair.First, -tolerance, tolerance));
    }

    [Fact]
    public void A_field_learned_here_has_the_bits_of_one_learned_in_FSharp()
    {
        var options = new FlowMatchingOptions(
            Network.NewMlp(new(ListModule.OfSeq([12]), Activation.SiLU, 0, false, "cpu")),
            Paths.independent,
            64,
            0,
            new DescentOptions(120, 1e-2, 10, 1, 0.999, 0));
        var silent = new Control<DescentProgress>(FuncConvert.FromAction<DescentProgress>(_ => { }), CancellationToken.None);
        var data = PlanarSets.draw(PlanarSets.moons, 300, SeedModule.ofInt(1)).ResultValue;
        var field = FlowMatching.train(silent, options, SeedModule.ofInt(2), null, data).ResultValue;
        var end = Ode.solve(OdeMethod.NewMidpoint(4), field, 0, 1, trained.Noise.to(torch.float32)).ResultValue;
        Assert.Equal(Values(end), Values(trained.Teacher.Carry(trained.Noise, method: OdeMethod.NewMidpoint(4))));
        ((IDisposable)field).Dispose();
        ((IDisposable)data).Dispose();
    }

    [Fact]
    public void The_field_brings_noise_nearer_to_the_data()
    {
        var settings = new FlowSettings
        {
            Network = new FlowNetworkSettings { Widths = [32, 32] },
            Batch = 128,
            Descent = new() { Steps = 500, LearningRate = 1e-2, WarmUp = 20 },
        };
        using var field = new FlowTrainer(settings, seed: 1).Train(trained.Data);
        using var samples = field.Sample(300, seed: 5);
        using var exact = PlanarSet.Moons.Stratified(300, seed: 6);
        using var fresh = SobolNoise.Normal(300, 2, seed: 7);
        using var start = Samples.FromTensor(fresh);
        var (from, to) = (SampleMetrics.SlicedWasserstein(start, exact), SampleMetrics.SlicedWasserstein(samples, exact));
        // It takes thousands of steps to learn the moons; these bring .29 to .15.
        Assert.True(to < 0.6 * from, $"{to} against {from}");
    }

    [Fact]
    public void A_training_that_was_stopped_goes_on_to_the_same_bits()
    {
        using var source = new CancellationTokenSource();
        using var session = new FlowTrainer(TrainedFlow.Settings, seed: 2).Start(trained.Data);
        var listener = new Listener<DescentProgress>(_ => source.Cancel());
        Assert.Throws<OperationCanceledException>(() => session.Continue(listener, source.Token));
        Assert.Equal(50, session.Step);
        Assert.False(session.IsFinished);
        session.Continue();
        Assert.True(session.IsFinished);
        using var field = session.Field();
        Assert.Equal(Values(trained.Teacher.Velocities(0.5, trained.Noise)), Values(field.Velocities(0.5, trained.Noise)));
        Assert.Equal((50, 120), (listener.Heard[0].Step, listener.Heard[0].Total));
    }

    [Fact]
    public async Task A_student_that_was_stopped_goes_on_to_the_same_bits()
    {
        using var source = new CancellationTokenSource();
        using var session = new DistillationTrainer(TrainedFlow.DistillationSettings, seed: 3).Start(trained.Teacher, trained.Data);
        var listener = new Listener<DistillationProgress>(_ => source.Cancel());
        Assert.Throws<OperationCanceledException>(() => session.Continue(listener, source.Token));
        Assert.Equal(50, session.Step);
        session.Continue();
        using var flow = session.Flow();
        using var again = await new DistillationTrainer(TrainedFlow.DistillationSettings, seed: 3).TrainAsync(trained.Teacher, trained.Data);
        var expected = Values(trained.Student.Sample(trained.Noise));
        Assert.Equal(expected, Values(flow.Sample(trained.Noise)));
        Assert.Equal(expected, Values(again.Sample(trained.Noise)));
        Assert.True(double.IsFinite(listener.Heard[0].LogNorm) && listener.Heard[0].SmallestFeature > 0);
    }

    [Fact]
    public void A_field_of_ones_own_is_integrated_as_it_should()
    {
        using var turn = VelocityField.FromFunction(2, (_, x) => torch.stack([x.select(1, 1).neg(), x.select(1, 0)], 1));
        using var start = torch.tensor(new double[,] { { 1, 0 }, { 0, 2 } });
        var (c, s) = (Math.Cos(1), Math.Sin(1));
        Near([c, s, -2 * s, 2 * c], Values(turn.Carry(start)), 1e-8);
        Near([c, s, -2 * s, 2 * c], Values(turn.Carry(start, method: OdeMethod.NewDormandPrince(1e-9))), 1e-7);
        Near([1, 1, -2, 2], Values(turn.Carry(start, method: OdeMethod.NewEuler(1))), 1e-12);
        using var end = turn.Carry(start);
        Near([1, 0, 0, 2], Values(turn.Carry(end, from: 1, until: 0)), 1e-8);
        using var path = turn.Path(start, [0, 0.5, 1]);
        Assert.Equal([3, 2, 2], path.shape);
        Near(Values(end.clone()), Values(path[2].clone()), 1e-12);
        Assert.Equal((2, 0), (turn.Dimension, turn.Classes));
    }

    [Fact]
    public void One_step_goes_everywhere_on_the_way()
    {
        var flow = trained.Student;
        using var path = flow.Path(trained.Noise, [0, 0.25, 1]);
        Assert.Equal([3, 32, 2], path.Points.shape);
        Assert.Empty(path.Warnings);
        Near(Values(trained.Noise.clone()), Values(path.Points[0].clone()), 1e-6);
        using var quarter = flow.Move(trained.Noise, 0, 0.25);
        Near(Values(quarter.Points.clone()), Values(path.Points[1].clone()), 1e-6);
        Near(Values(flow.Sample(trained.Noise)), Values(path.Points[2].clone()), 1e-6);
        using var samples = flow.Sample(50, seed: 8);
        Assert.Equal((50, 2), (samples.Count, samples.Dimension));
        var errors = flow.Compare(trained.Teacher, trained.Noise);
        Assert.True(errors.End >= errors.MedianEnd * 0.5 && errors.Worst >= errors.Middle && errors.Anywhere > 0 && errors.Inverse > 0);
    }

    [Fact]
    public void All_modes_together_are_the_flow_and_edits_change_it()
    {
        var flow = trained.Student;
        using var points = Samples.FromTensor(trained.Noise);
        using var spectrum = flow.Spectrum(points);
        var count = spectrum.Eigenvalues.Length;
        Assert.Equal(flow.Dimension + flow.Features, count);
        var sample = Values(flow.Sample(trained.Noise));
        Near(sample, Values(spectrum.Truncated(trained.Noise, [.. Enumerable.Range(0, count)])), 1e-4);
        Near(sample, Values(spectrum.Edit(trained.Noise, [ModeEdit.Scale(0, 1)])), 1e-4);
        var shifted = Values(spectrum.Edit(trained.Noise, [ModeEdit.Shift(0, 0.5)]));
        // Everything is linear: all samples move by the same amount.
        var moves = sample.Zip(shifted, (a, b) => b - a).Chunk(2).ToArray();
        Assert.All(moves, move => Near(moves[0], move, 1e-3));
        Assert.Equal((2, count), (spectrum.Contributions(trained.Noise, [0, 1]).Length, spectrum.Contributions(trained.Noise, [0, 1])[1].Length));
        Assert.Equal((32, count), (spectrum.Coordinates(trained.Noise).GetLength(0), (int)spectrum.Modes.shape[0]));
        Assert.True(spectrum.Condition >= 1 && double.IsFinite(spectrum.LogNorm) && spectrum.ExponentialCondition > 0);
        Assert.All(Enumerable.Range(0, count), k => Assert.Equal(k, spectrum.Conjugates[spectrum.Conjugates[k]]));
    }

    [Fact]
    public void A_trained_flow_is_an_operator_like_any_other()
    {
        using var functions = trained.Student.Functions();
        using var ways = trained.Teacher.Ways(trained.Noise, 10);
        Assert.Equal((32, 3), (ways.Count, ways.Dimension));
        using var generator = LinearFlow.GeneratorOf(functions, ways.States);
        Assert.All(OperatorLaws.Check(functions, ways.States), law => Assert.True(law.Holds, law.ToString()));
        Assert.All(OperatorLaws.Check(generator, 0.5), law => Assert.True(law.Holds, law.ToString()));
        using var spectrum = LinearFlow.SpectrumOf(trained.Teacher, functions, ways.States);
        using var points = Samples.FromTensor(trained.Noise);
        using var modes = trained.Student.Spectrum(points);
        Assert.Equal(modes.Eigenvalues.Length, spectrum.Rank);
        Assert.All(modes.Eigenvalues, value => Assert.Contains(spectrum.Exponents, mu => (mu - value).Magnitude < 1e-5));
        Assert.All(spectrum.Modes, mode => Assert.True(mode.Residual >= 0));
        using var pairs = ways.Pairs(1);
        using var pseudo = new PseudospectrumEstimator().Fit(functions, pairs);
        var residuals = pseudo.Residuals(spectrum.Exponents.Select(mu => System.Numerics.Complex.Exp(mu * pairs.Lag)));
        Assert.All(residuals, residual => Assert.InRange(residual, 0, 1));
    }

    [Fact]
    public void Classes_are_learned_apart()
    {
        // Two points: class 0 to the left, class 1 to the right.
        var values = Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? -1.0 : 1.0) + (0.01 * Math.Sin(i))).ToArray();
        var classes = Enumerable.Range(0, 200).Select(i => i % 2).ToArray();
        using var data = Samples.FromValues(values, dimension: 1);
        var settings = TrainedFlow.Settings with { Network = new FlowNetworkSettings { Widths = [16], Classes = 2 } };
        using var teacher = new FlowTrainer(settings, seed: 1).Train(data, classes);
        using var left = teacher.ForClass(0);
        using var right = teacher.ForClass(1);
        using var noise = SobolNoise.Normal(64, 1, seed: 1);
        Assert.True(Values(left.Carry(noise)).Average() < -0.5);
        Assert.True(Values(right.Carry(noise)).Average() > 0.5);
        Assert.Throws<KoopmanException>(() => teacher.ForClass(2));
        var student = TrainedFlow.DistillationSettings with { Network = new FlowNetworkSettings { Widths = [12], Classes = 2 } };
        using var flow = new DistillationTrainer(student, seed: 1).Train(teacher, data, classes);
        Assert.Equal(2, flow.Classes);
        using var made = flow.Sample(noise, [.. Enumerable.Repeat(1, 64)]);
        Assert.Equal([64, 1], made.shape);

        // The flow of a class does all that a flow without classes does; the flow of none is refused.
        using var toRight = flow.ForClass(1);
        using var same = flow.ForClasses([.. Enumerable.Repeat(1, 64)]);
        Assert.Equal(Values(made.clone()), Values(toRight.Sample(noise)));
        Assert.Equal(Values(made.clone()), Values(same.Sample(noise)));
        Assert.True(toRight.Compare(right, noise).End < 1);
        using var start = Samples.FromTensor(noise);
        using var spectrum = toRight.Spectrum(start);
        Assert.Equal(7, spectrum.Eigenvalues.Length);
        foreach (var use in new Action[]
        {
            () => flow.Sample(noise), () => flow.Move(noise, 0, 1), () => flow.Path(noise, [1]), () => flow.Spectrum(start),
            () => flow.Compare(right, noise), () => flow.Inversion(right, noise), () => flow.Bounds(right, noise), () => teacher.Carry(noise),
        })
            Assert.Contains("2 classes", Assert.Throws<KoopmanException>(use).Message, StringComparison.Ordinal);
        using var back = toRight.Move(data.Points, 1, 0);
        Assert.Equal(FlowWarningKind.Backwards, Assert.Single(back.Warnings).Kind);
        Assert.Throws<KoopmanException>(() => flow.Sample(noise, [.. Enumerable.Repeat(2, 64)]));
    }

    [Fact]
    public void Guidance_and_edits_go_towards_a_class()
    {
        var values = Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? -1.0 : 1.0) + (0.5 * Math.Sin(i))).ToArray();
        var classes = Enumerable.Range(0, 200).Select(i => i % 2).ToArray();
        using var data = Samples.FromValues(values, dimension: 1);
        var network = new FlowNetworkSettings { Widths = [16], Classes = 2 };
        var settings = TrainedFlow.Settings with { Network = network, ClassFreeShare = 0.2 };
        using var teacher = new FlowTrainer(settings, seed: 1).Train(data, classes);
        Assert.True(teacher.IsClassFree);
        using var guided = teacher.Guided(3);
        using var right = teacher.ForClass(1);
        using var further = guided.ForClass(1);
        using var noise = SobolNoise.Normal(64, 1, seed: 1);
        using var point = torch.zeros(1, 1);
        var (none, one) = (Values(teacher.Velocities(0.5, point))[0], Values(right.Velocities(0.5, point))[0]);
        Near([none + (3 * (one - none))], Values(further.Velocities(0.5, point)), 1e-5);

        using var classifier = new WayClassifierTrainer(
            new() { Network = new FlowNetworkSettings { Widths = [16] }, Descent = TrainedFlow.Settings.Descent }, seed: 2).Train(data, classes);
        using var ends = torch.tensor(new double[,] { { -1 }, { 1 } });
        var probabilities = Values(classifier.Probabilities(ends));
        Assert.True(probabilities[0] > 0.7 && probabilities[3] > 0.7);
        using var steered = teacher.Steered(classifier, 1);
        Assert.True(Values(steered.Carry(noise)).Average() > 0.4);
        using var pulled = teacher.Steered(1, (_, x) => x.sum(1));
        Assert.True(Values(pulled.Carry(noise)).Average() > Values(teacher.Carry(noise)).Average());

        var draws = TrainedFlow.DistillationSettings.Draws with { ClassFreeShare = 0.2, Parts = 2 };
        var student = TrainedFlow.DistillationSettings with { Network = new FlowNetworkSettings { Widths = [12], Classes = 2 }, Draws = draws };
        using var flow = new DistillationTrainer(student, seed: 1).Train(teacher, data, classes);
        Assert.Equal((2, true), (flow.Trained?.Parts ?? 0, flow.Trained?.ClassFree ?? false));
        Near(Values(flow.SampleInSteps(noise, 2)), Values(flow.Sample(noise)), 1e-6);
        using var spectrum = flow.Spectrum(data, time: 1);
        var direction = spectrum.ClassDirections(data, classes)[1];
        using var edited = spectrum.Edit(data.Points, [ModeEdit.Along(direction, 2)], from: 1);
        var shift = data.ToArray().Cast<double>().Where((_, i) => i % 2 == 1).Average() - values.Average();
        Near([.. values.Select(x => x + (2 * shift))], Values(edited.clone()), 1e-5);
    }

    [Fact]
    public void Samples_carry_bounds_that_hold()
    {
        using var held = SobolNoise.Normal(400, 2, seed: 3);
        using var certificate = trained.Student.Certify(trained.Teacher, held, new() { Level = 0.9 });
        using var noise = SobolNoise.Normal(500, 2, seed: 4);
        using var ends = trained.Teacher.Carry(noise);
        using var all = certificate.Sample(noise);
        var (expected, found) = (Values(ends.clone()), Values(all.Points.clone()));
        var holds = Enumerable.Range(0, 500).Count(i =>
            Math.Sqrt(Math.Pow(expected[2 * i] - found[2 * i], 2) + Math.Pow(expected[(2 * i) + 1] - found[(2 * i) + 1], 2)) <= all.Bounds[i]);
        Assert.InRange(holds, 425, 475);
        using var given = certificate.Sample(noise, WorstSamples.NewHandOverWorst(0.1));
        Assert.Equal(50, given.HandedOver.Length);
        using var kept = certificate.Sample(noise, WorstSamples.NewRejectWorst(0.1));
        Assert.Equal(450, kept.Rows.Length);
        using var estimated = trained.Student.Estimate(trained.Teacher, noise);
        Assert.Equal([500, 2], estimated.Correction.shape);
        using var density = trained.Student.LogDensity(all.Points);
        Assert.Equal(500, density.LogDensity.Length);
        Assert.Throws<KoopmanException>(() => trained.Student.Certify(trained.Teacher, trained.Noise, new() { Level = 0.99 }));
    }

    [Fact]
    public void Fields_and_flows_come_back_from_files_with_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        trained.Teacher.Save(folder.File("teacher"));
        trained.Student.Save(folder.File("student"));
        using var teacher = VelocityField.Load(folder.File("teacher"));
        using var student = LinearFlow.Load(folder.File("student"));
        Assert.Equal(Values(trained.Teacher.Carry(trained.Noise)), Values(teacher.Carry(trained.Noise)));
        Assert.Equal(Values(trained.Student.Sample(trained.Noise)), Values(student.Sample(trained.Noise)));
        using var copy = student.ToDevice("cpu");
        foreach (var device in new[] { "gpu", "cuda:99", "cuda0", "" })
            Assert.Contains($"'{device}'", Assert.Throws<KoopmanException>(() => student.ToDevice(device)).Message, StringComparison.Ordinal);
        Assert.Equal(Values(student.Sample(trained.Noise)), Values(copy.Sample(trained.Noise)));
        Assert.False(LinearFlow.TryLoad(folder.File("teacher"), out var flow, out var error));
        Assert.Null(flow);
        Assert.Equal(ErrorKind.CheckpointMismatch, error.Kind);
        Assert.False(VelocityField.TryLoad(folder.File("none"), out var field, out error));
        Assert.Null(field);
        Assert.Equal(ErrorKind.MissingFile, error.Kind);
        using var own = VelocityField.FromFunction(2, (_, x) => x);
        Assert.Throws<KoopmanException>(() => own.Save(folder.File("own")));
    }

    [Fact]
    public void Trainings_go_on_from_files_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        using var source = new CancellationTokenSource();
        using var teacher = new FlowTrainer(TrainedFlow.Settings, seed: 2).Start(trained.Data);
        using var student = new DistillationTrainer(TrainedFlow.DistillationSettings, seed: 3).Start(trained.Teacher, trained.Data);
        Assert.Throws<OperationCanceledException>(() => teacher.Continue(new Listener<DescentProgress>(_ => source.Cancel()), source.Token));
        using var other = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => student.Continue(new Listener<DistillationProgress>(_ => other.Cancel()), other.Token));
        teacher.Save(folder.File("teacher"));
        student.Save(folder.File("student"));

        using var teacherAgain = new FlowTrainer(TrainedFlow.Settings, seed: 2).Start(trained.Data);
        using var studentAgain = new DistillationTrainer(TrainedFlow.DistillationSettings, seed: 3).Start(trained.Teacher, trained.Data);
        Assert.Equal(ErrorKind.CheckpointMismatch, Assert.Throws<KoopmanException>(() => teacherAgain.Restore(folder.File("student"))).Kind);
        Assert.Equal(0, teacherAgain.Step);
        teacherAgain.Restore(folder.File("teacher"));
        studentAgain.Restore(folder.File("student"));
        Assert.Equal((50, 50), (teacherAgain.Step, studentAgain.Step));
        teacherAgain.SaveEvery(TimeSpan.FromHours(1), folder.File("teacher"));
        studentAgain.SaveEvery(TimeSpan.Zero, folder.File("student"));
        teacherAgain.Continue();
        studentAgain.Continue();
        using var field = teacherAgain.Field();
        using var flow = studentAgain.Flow();
        Assert.Equal(Values(trained.Teacher.Velocities(0.5, trained.Noise)), Values(field.Velocities(0.5, trained.Noise)));
        Assert.Equal(Values(trained.Student.Sample(trained.Noise)), Values(flow.Sample(trained.Noise)));

        // The files are those of the end, and belong to these data and seeds only.
        using var third = new FlowTrainer(TrainedFlow.Settings, seed: 2).Start(trained.Data);
        third.Restore(folder.File("teacher"));
        Assert.True(third.IsFinished);
        using var elsewhere = new FlowTrainer(TrainedFlow.Settings, seed: 5).Start(trained.Data);
        var error = Assert.Throws<KoopmanException>(() => elsewhere.Restore(folder.File("teacher")));
        Assert.Equal(ErrorKind.CheckpointMismatch, error.Kind);
        Assert.Contains("the seed", error.Message, StringComparison.Ordinal);
        Assert.Throws<KoopmanException>(() => elsewhere.SaveEvery(TimeSpan.FromSeconds(-1), folder.File("teacher")));
    }

    [Fact]
    public void Losses_add_and_scale()
    {
        var loss = Loss.Lagrangian + (0.03 * Loss.ScaledConsistency);
        Assert.False(loss.NeedsPaths);
        Assert.Equal([1, 0.03], loss.Weights.Select(term => term.Item2));
        Assert.True((2 * Loss.Path() + loss).NeedsPaths);
        Assert.Equal(DistillationSettings.SolverFree.Loss.ToString(), loss.ToString());
        Assert.Equal(Distillation.hybrid.Loss.ToString(), DistillationSettings.Hybrid.Loss.ToString());
        Assert.Equal(Distillation.paper.Descent.Steps, DistillationSettings.Paper.Descent.Steps);
        Assert.Equal(Distillation.strict.Draws.Points, DistillationSettings.Strict.Draws.Points);
        Assert.Equal(Distillation.endpointOnly.Draws.NoiseShare, DistillationSettings.EndpointOnly.Draws.NoiseShare);
    }

    [Fact]
    public void Errors_inversion_and_bounds_stand_beside_a_flow()
    {
        var bounds = trained.Student.Bounds(trained.Teacher, trained.Noise);
        Assert.InRange(bounds.End, 1e-6, bounds.Decoded + 1e-9);
        Assert.InRange(bounds.Decoded, 0, bounds.Duhamel + 1e-9);
        Assert.InRange(bounds.Unexplained, 0, 0.05 * bounds.End);
        Assert.Equal(trained.Student.Compare(trained.Teacher, trained.Noise).End, bounds.End, 3);
        Assert.True(bounds.PointResidual > 0 && bounds.FeatureResidual > 0);
        var inversion = trained.Student.Inversion(trained.Teacher, trained.Data.Points);
        Assert.InRange(inversion.ToTeacher, 0, 2 * inversion.Chance);
        Assert.True(inversion.Cycle > 0 && inversion.TeacherForward > 0);
        Assert.Equal(Values(trained.Student.Sample(trained.Noise)), Values(trained.Student.SampleInSteps(trained.Noise, 1)));
        Assert.NotEqual(Values(trained.Student.Sample(trained.Noise)), Values(trained.Student.SampleInSteps(trained.Noise, 2)));
        Assert.Throws<KoopmanException>(() => trained.Student.SampleInSteps(trained.Noise, 0));
    }

    [Fact]
    public void Classes_have_signatures_beside_what_plain_numbers_tell()
    {
        using var points = PlanarSet.Moons.Stratified(80, seed: 5);
        var classes = Enumerable.Range(0, 80).Select(i => i % 2).ToArray();
        using var spectrum = trained.Student.Spectrum(points, time: 1);
        var signatures = spectrum.Signatures(points, classes);
        Assert.Equal(0.5, signatures.Chance);
        Assert.Equal("|α|²", signatures.Accuracies[0].Item1);
        Assert.All(signatures.Accuracies, share => Assert.InRange(share.Item2, 0, 1));
        Assert.Equal((2, spectrum.Eigenvalues.Length), (signatures.Energies.Length, signatures.Energies[0].Length));
        Assert.Equal(signatures.Distances[0][1], signatures.Distances[1][0], 12);
        Assert.Throws<KoopmanException>(() => spectrum.Signatures(points, [0, 1]));
    }

    [Fact]
    public void A_term_of_ones_own_is_the_built_in_one_if_it_is_written_the_same()
    {
        var own = Loss.Custom(
            "own consistency",
            batch =>
            {
                var size = 2.0 + batch.Points.Point.shape[1] + batch.AtPoints.Features.shape[1];
                return batch.Residual.Point.square().sum(-1).mean().add(batch.Residual.Features.square().sum(-1).mean()).div(size);
            });
        Assert.Equal("own consistency", own.Weights[0].Item1);
        using var byOwn = Trained(own);
        using var byBuiltIn = Trained(Loss.Consistency);
        var (expected, found) = (Values(byBuiltIn.Sample(trained.Noise)), Values(byOwn.Sample(trained.Noise)));
        Near(expected, found, 1e-4);

        using var byPaths = Trained(
            Loss.Custom("ends", batch => batch.Lift.Position(batch.AtStarts, torch.ones_like(batch.Starts.Time)).narrow(0, 0, batch.Paths.End.shape[0]).sub(batch.Paths.End).square().sum(-1).mean(), needsPaths: true));
        Assert.NotEqual(found, Values(byPaths.Sample(trained.Noise)));

        LinearFlow Trained(Loss loss) =>
            new DistillationTrainer(TrainedFlow.DistillationSettings with { Loss = loss }, seed: 3).Train(trained.Teacher, trained.Data);
    }

    [Fact]
    public void The_strict_recipe_and_a_learned_decoder_train_as_in_FSharp()
    {
        Assert.True(DistillationSettings.Strict.Loss.NeedsImitation);
        Assert.Equal(Distillation.decodedOnly.Loss.ToString(), DistillationSettings.DecodedOnly.Loss.ToString());
        using var strict = new DistillationTrainer(TrainedFlow.DistillationSettings with { Loss = DistillationSettings.Strict.Loss }, seed: 3).Train(trained.Teacher, trained.Data);
        Assert.All(Values(strict.Sample(trained.Noise)), value => Assert.InRange(value, -10, 10));

        var settings = DistillationSettings.Decoding with
        {
            Network = TrainedFlow.DistillationSettings.Network,
            Decoder = new FlowNetworkSettings { Widths = [12] },
            Features = 6,
            Draws = TrainedFlow.DistillationSettings.Draws with { NoiseShare = 1 },
            Descent = TrainedFlow.DistillationSettings.Descent,
        };
        using var session = new DistillationTrainer(settings, seed: 3).Start(trained.Teacher, trained.Data);
        session.Continue();
        using var stepwise = session.Flow();
        using var decoded = new DistillationTrainer(settings, seed: 3).Train(trained.Teacher, trained.Data);
        Assert.Equal(Values(decoded.Sample(trained.Noise)), Values(stepwise.Sample(trained.Noise)));
        Assert.Throws<KoopmanException>(() => decoded.Bounds(trained.Teacher, trained.Noise));
        var without = new DistillationTrainer(settings with { Features = 0 });
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => without.Train(trained.Teacher, trained.Data)).Kind);
    }

    [Fact]
    public void Networks_of_ones_own_are_trained_in_place()
    {
        using var network = new TwoLayers(2, 2);
        var before = Values(network.forward(torch.zeros(1, 1), torch.ones(1, 2)).detach());
        using (var session = new FlowTrainer(TrainedFlow.Settings with { Network = network }, seed: 2).Start(trained.Data))
        {
            session.Continue();
            using var field = session.Field();
            Assert.Equal(2, field.Dimension);
            Assert.NotEqual(before, Values(field.Velocities(0, torch.ones(1, 2))));
        }

        using var features = new TwoLayers(2, 6);
        using var student = new DistillationTrainer(TrainedFlow.DistillationSettings with { Network = features, Features = 6 }, seed: 3).Start(trained.Teacher, trained.Data);
        student.Continue();
        using var flow = student.Flow();
        Assert.Equal(6, flow.Features);
        Assert.True(flow.Compare(trained.Teacher, trained.Noise).End < 3);
    }

    private sealed class TwoLayers : torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor>
    {
        private readonly TorchSharp.Modules.Linear first;
        private readonly TorchSharp.Modules.Linear second;

        public TwoLayers(int dimension, int outputs)
            : base("two layers")
        {
            first = torch.nn.Linear(dimension + 1, 8);
            second = torch.nn.Linear(8, outputs);
            RegisterComponents();
        }

        public override torch.Tensor forward(torch.Tensor time, torch.Tensor point) =>
            second.forward(torch.tanh(first.forward(torch.cat([time, point], 1))));
    }

    [Fact]
    public void What_cannot_be_learned_is_refused_with_a_reason()
    {
        using var far = Samples.FromValues([1000, 1001, 1002, 1003], dimension: 1);
        using var point = Samples.FromValues([7, 7, 7, 7], dimension: 1);
        Assert.Equal(ErrorKind.IllConditioned, Assert.Throws<KoopmanException>(() => new FlowTrainer().Train(point)).Kind);
        Assert.Throws<KoopmanException>(() => new FlowTrainer(TrainedFlow.Settings with { Batch = 0 }).Train(trained.Data));
        Assert.Throws<KoopmanException>(() => new FlowTrainer(TrainedFlow.Settings).Train(trained.Data, [0]));
        var student = new DistillationTrainer(TrainedFlow.DistillationSettings);
        Assert.Equal(ErrorKind.ShapeMismatch, Assert.Throws<KoopmanException>(() => student.Train(trained.Teacher, far)).Kind);
        using var cube = torch.zeros(3, 3);
        Assert.Throws<ArgumentException>(() => trained.Teacher.Carry(cube));
        Assert.Throws<ArgumentException>(() => trained.Student.Sample(cube));
        Assert.Throws<KoopmanException>(() => trained.Student.Move(trained.Noise, 0, 1.5));
        Assert.Throws<ArgumentNullException>(() => new FlowTrainer().Train(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => trained.Student.Sample(1));
    }

    private static readonly Dictionary<string, Action<TrainedFlow>> Operations = new()
    {
        ["training a teacher"] = flow => new FlowTrainer(TrainedFlow.Settings).Train(flow.Data).Dispose(),
        ["training a student"] = flow => new DistillationTrainer(TrainedFlow.DistillationSettings).Train(flow.Teacher, flow.Data).Dispose(),
        ["a teacher's session"] = flow =>
        {
            using var session = new FlowTrainer(TrainedFlow.Settings).Start(flow.Data);
            session.Field().Dispose();
        },
        ["a student's session"] = flow =>
        {
            using var session = new DistillationTrainer(TrainedFlow.DistillationSettings).Start(flow.Teacher, flow.Data);
            session.Flow().Dispose();
        },
        ["velocities"] = flow => flow.Teacher.Velocities(0.5, flow.Noise).Dispose(),
        ["a teacher's samples"] = flow => flow.Teacher.Sample(5).Dispose(),
        ["a teacher's path"] = flow => flow.Teacher.Path(flow.Noise, [0, 1]).Dispose(),
        ["adaptive steps"] = flow => flow.Teacher.Carry(flow.Noise, method: OdeMethod.NewDormandPrince(1e-5)).Dispose(),
        ["a field of one's own"] = flow =>
        {
            using var still = VelocityField.FromFunction(2, (_, x) => x.mul(0));
            still.Carry(flow.Noise).Dispose();
        },
        ["a flow's reports"] = flow =>
        {
            _ = flow.Student.Inversion(flow.Teacher, flow.Data.Points);
            _ = flow.Student.Bounds(flow.Teacher, flow.Noise);
        },
        ["a decoder"] = flow => new DistillationTrainer(
            TrainedFlow.DistillationSettings with { Decoder = new FlowNetworkSettings { Widths = [4] }, Loss = Loss.Reconstruction }).Train(flow.Teacher, flow.Data).Dispose(),
        ["an imitation"] = flow => new DistillationTrainer(
            TrainedFlow.DistillationSettings with { Loss = DistillationSettings.Strict.Loss }).Train(flow.Teacher, flow.Data).Dispose(),
        ["samples in one step"] = flow => flow.Student.Sample(5).Dispose(),
        ["points between"] = flow => flow.Student.Path(flow.Noise, [0, 1]).Dispose(),
        ["a spectrum"] = flow =>
        {
            using var points = Samples.FromTensor(flow.Noise);
            using var spectrum = flow.Student.Spectrum(points);
            spectrum.Edit(flow.Noise, [ModeEdit.Scale(0, 0)]).Dispose();
            spectrum.Truncated(flow.Noise, [0]).Dispose();
            _ = (spectrum.Modes, spectrum.Coordinates(flow.Noise), spectrum.Contributions(flow.Noise, [1]));
        },
        ["files"] = flow =>
        {
            using var folder = new TemporaryFolder();
            flow.Teacher.Save(folder.File("teacher"));
            VelocityField.Load(folder.File("teacher")).Dispose();
            flow.Student.Save(folder.File("student"));
            LinearFlow.Load(folder.File("student")).Dispose();
            using var session = new FlowTrainer(TrainedFlow.Settings).Start(flow.Data);
            session.Save(folder.File("session"));
            session.Restore(folder.File("session"));
        },
        ["classes"] = flow =>
        {
            using var data = Samples.FromValues([-1, 1, -1.1, 0.9], dimension: 1);
            int[] classes = [0, 1, 0, 1];
            var network = new FlowNetworkSettings { Widths = [4], Classes = 2 };
            using var teacher = new FlowTrainer(TrainedFlow.Settings with { Network = network, ClassFreeShare = 0.5 }).Train(data, classes);
            using var classifier = new WayClassifierTrainer(
                new() { Network = new FlowNetworkSettings { Widths = [4] }, Descent = TrainedFlow.Settings.Descent }).Train(data, classes);
            classifier.Probabilities(data.Points).Dispose();
            using var guided = teacher.Guided(2);
            using var each = guided.ForClasses(classes);
            using var steered = each.Steered(classifier, 0);
            steered.Carry(data.Points).Dispose();
            using var student = new DistillationTrainer(
                TrainedFlow.DistillationSettings with { Network = network, Draws = new() { ClassFreeShare = 0.5, Parts = 2, Starts = 8, Points = 8, Paths = 8 } })
                .Train(guided, data, classes);
            using var rows = student.ForClasses(classes);
            rows.Move(data.Points, 1, 0).Dispose();
            using var one = student.ForClass(1);
            using var spectrum = one.Spectrum(data, 1);
            _ = spectrum.ClassDirections(data, classes);
        },
        ["certificates"] = flow =>
        {
            using var certificate = flow.Student.Certify(flow.Teacher, flow.Noise);
            certificate.Sample(flow.Noise).Dispose();
            certificate.Sample(flow.Noise, WorstSamples.NewRejectWorst(0.1)).Dispose();
            certificate.Sample(flow.Noise, WorstSamples.NewHandOverWorst(0.1)).Dispose();
            using var estimated = flow.Student.Estimate(flow.Teacher, flow.Noise);
            using var density = flow.Student.LogDensity(estimated.Points);
        },
        ["errors"] = flow => _ = flow.Student.Compare(flow.Teacher, flow.Noise),
    };

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_left_behind_by(string operation)
    {
        // The read-outs of the horizons that are used are kept with the student.
        trained.Student.Path(trained.Noise, [0, 1]).Dispose();
        trained.Student.Compare(trained.Teacher, trained.Noise);
        Lifetimes.AllDieIn(() => Operations[operation](trained));
    }
}
