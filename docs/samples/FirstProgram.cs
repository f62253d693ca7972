using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Koopman;
using Koopman.Flows;
using Koopman.Particles;
using TorchSharp;

namespace DocumentedPrograms;

/// <summary>The programs of docs/csharp.md. The tests run them.</summary>
internal static class FirstProgram
{
    public static void FromData(string path)
    {
        // <from-data>
        if (!SnapshotPairs.TryRead(path, out var pairs, out var error))
        {
            Console.WriteLine(error.Message); // what happened, and what to do about it
            return;
        }

        using (pairs)
        using (var observables = Observables.GaussiansOver(pairs.From))
        using (var model = new EdmdEstimator(new EdmdSettings { Modes = 3 }).Fit(observables, pairs))
        {
            Console.WriteLine(model.Convention);
            foreach (var mode in model.Modes)
                Console.WriteLine($"{mode.Index}: rate {mode.Rate:F3} in [{mode.Lower:F3}, {mode.Upper:F3}], residual {mode.Residual:F3}");
        }
        // </from-data>
    }

    public static void Forecasts(SnapshotPairs pairs)
    {
        // <forecasts>
        using var observables = Observables.Monomials(3, pairs.Dimension);
        using var model = new EdmdEstimator().FitDynamics(observables, pairs);
        foreach (var mode in model.Spectrum.Modes)
            Console.WriteLine($"rate {mode.Rate:F3}, frequency {mode.Frequency:F3}, {mode.Warnings.Length} warnings");

        double[,,] path = model.Forecast(new double[,] { { 1, 0.5 } }, steps: 20); // (1, 21, 2): states, steps, coordinates
        Console.WriteLine($"after {20 * model.Lag} units of time: ({path[0, 20, 0]:F3}, {path[0, 20, 1]:F3})");

        if (model.Propagator.TryLog(out var generator, out var branch, out var error))
        {
            using (generator)
                Console.WriteLine($"growth at most e^{generator.LogNorm():F2}t, frequencies up to {branch.LargestFrequency:F1} are resolved");
        }
        else
        {
            Console.WriteLine(error.Message); // an eigenvalue is negative: there is no real logarithm
        }
        // </forecasts>
    }

    public static async Task Particles(Samples data, CancellationToken cancellation)
    {
        // <particles>
        using var observables = Observables.GaussiansOver(data);
        using var model = new LangevinEstimator().Fit(observables, data);
        using var start = data.GaussianLike(500, seed: 2);

        var progress = new Progress<ParticleProgress>(now => Console.WriteLine($"{now.Iteration}/{now.Total}"));
        using var run = await new ParticleSampler(model, data, seed: 3).RunAsync(start, progress, cancellation);

        Console.WriteLine($"{run.Particles}, MMD to the data {SampleMetrics.Mmd(run.Particles, data):F4}");
        // </particles>
    }

    public static async Task OneStep(
        Samples data, FlowSettings teaching, DistillationSettings learning, CancellationToken cancellation)
    {
        // <one-step>
        using var teacher = await new FlowTrainer(teaching, seed: 2).TrainAsync(data, cancellation: cancellation);
        using var flow = await new DistillationTrainer(learning, seed: 3).TrainAsync(teacher, data, cancellation: cancellation);

        using var samples = flow.Sample(1000, seed: 4); // one step each
        using var reference = PlanarSet.Moons.Stratified(1000, seed: 5);
        Console.WriteLine($"distance to the data {SampleMetrics.Wasserstein(samples, reference):F3}");

        using var spectrum = flow.Spectrum(samples, time: 1);
        using var edited = spectrum.Edit(samples.Points, [ModeEdit.Shift(0, 0.5)], from: 1);
        Console.WriteLine($"{spectrum.Eigenvalues.Length} modes, condition {spectrum.Condition:F0}");
        // </one-step>
    }

    public static void OwnFunctions(Samples data)
    {
        // <own-functions-used>
        using var observables = new Waves(count: 4, period: 4);
        using var model = new LangevinEstimator().Fit(observables, data);
        // </own-functions-used>
        Console.WriteLine($"{model.Rank} modes, slowest rate {model.Rates[0]:F3}");
    }

    // <own-functions>
    private sealed class Waves(int count, double period) : UserObservables(dimension: 1, count, $"{count} sines")
    {
        private readonly torch.Tensor frequencies =
            torch.tensor(Enumerable.Range(1, count).Select(k => Math.PI * k / period).ToArray());

        protected override torch.Tensor ValuesAt(torch.Tensor points) => points.mul(frequencies).sin(); // (n, 1) to (n, count)

        protected override torch.Tensor PartialAt(torch.Tensor points, int axis) => points.mul(frequencies).cos().mul(frequencies);

        public override void Free() => frequencies.Dispose();
    }
    // </own-functions>
}
