using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Particles;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>Fields, manifolds, swarms, posteriors, other samplers and theory from C#.</summary>
public class ParticleFaceTests(FittedWell well) : IClassFixture<FittedWell>
{
    private static Samples Normal(int count, int dimension, int seed)
    {
        using var system = LangevinSystem.OrnsteinUhlenbeck(dimension).EquilibriumSamples(count, seed);
        return Samples.FromArray(system.ToArray());
    }

    private static double Mean(Samples samples) => samples.ToArray().Cast<double>().Average();

    [Fact]
    public void A_field_without_an_eigenproblem_moves_particles_as_the_model_does()
    {
        using var field = ParticleField.FullRank(well.Observables, well.Data);
        using var run = ParticleSampler.Follow(field, well.Data, well.Start, seed: 3);
        using var byModel = new ParticleSampler(well.Model, well.Data, seed: 3).Run(well.Start);
        Assert.Equal(Mean(byModel.Particles), Mean(run.Particles), 2);
        Assert.InRange(run.EnergyRatio, 0, 0.1);
        Assert.Equal([1.0], run.Groups);
        Assert.Null(run.Warning);
        Assert.InRange(field.Energy(run.Particles), 0, field.Energy(well.Start));
        Assert.Equal(field.Energy(run.Particles) / field.IndependentEnergy(400), run.EnergyRatio, 9);
        Assert.Equal(400, field.Velocity(well.Start).GetLength(0));
    }

    [Fact]
    public void Samples_start_where_they_are_told()
    {
        using var data = LangevinSystem.AsymmetricWell(0.5, 0.3).EquilibriumSamples(2000, seed: 1);
        using var noise = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(500, seed: 2);
        using var start = Samples.FromTensor(noise.Points * 0.1 + 0.95);
        using var flow = ParticleSampler.Sample(data, start, seed: 1);
        static double Right(Samples samples) => samples.ToArray().Cast<double>().Average(x => x > 0.13 ? 1.0 : 0.0);
        Assert.InRange(Right(flow.Particles), Right(data) - 0.015, Right(data) + 0.015);
    }

    [Fact]
    public void A_field_of_pairs_measures_their_diffusion()
    {
        using var trajectory = LangevinSystem.OrnsteinUhlenbeck(2).Trajectory(4000, 0.1, seed: 1);
        using var pairs = SnapshotPairs.FromTrajectory(trajectory, 0.1);
        using var observables = Observables.Monomials(2, 2);
        using var spectrum = new EdmdEstimator().Fit(observables, pairs);
        using var field = ParticleField.FromPairs(spectrum, pairs);
        using var origin = torch.zeros(1, 2, dtype: torch.float64);
        using var a = field.DiffusionAt(origin);
        Assert.Empty(field.Warnings);
        Assert.InRange(a[0, 0, 0].ToDouble(), 1.85, 2.15);
        Assert.InRange(a[0, 1, 1].ToDouble(), 1.85, 2.15);
        using var others = SnapshotPairs.FromTrajectory(trajectory, 0.2);
        Assert.Throws<KoopmanException>(() => { ParticleField.FromPairs(spectrum, others); });
    }

    [Fact]
    public void A_field_moves_particles_in_the_metric_of_the_noise()
    {
        using var data = LangevinSystem.OrnsteinUhlenbeck(2).EquilibriumSamples(4000, seed: 1);
        using var observables = Observables.Monomials(2, 2);
        double[,] noise = { { 2, 0 }, { 0, 20 } };
        using var spectrum = new LangevinEstimator().FitWithDiffusion(observables, data, noise);
        using var read = ParticleField.FromSpectrum(spectrum, data);
        using var told = read.WithDiffusion(noise, data);
        using var byPlace = read.WithDiffusion(points => Diffusion.NewDiagonal(torch.ones_like(points) * torch.tensor(new double[] { 2, 20 })), data);
        using var whole = ParticleField.FullRank(observables, data, noise);
        using var origin = torch.zeros(1, 2, dtype: torch.float64);
        using var a = read.DiffusionAt(origin);
        Assert.Equal(20, a[0, 1, 1].ToDouble(), 6);
        Assert.Equal(0, a[0, 0, 1].ToDouble(), 6);
        using var start = Samples.FromArray(new double[,] { { 2, 2 }, { 1, 0 }, { -1, 2 } });
        var expected = whole.Velocity(start);
        foreach (var field in new[] { read, told, byPlace })
        {
            var found = field.Velocity(start);
            for (var i = 0; i < 3; i++)
                for (var j = 0; j < 2; j++)
                    Assert.Equal(expected[i, j], found[i, j], 6);
        }

        Assert.Throws<KoopmanException>(() => { read.WithDiffusion(new double[,] { { 1, 2 }, { 2, 1 } }, data); });
    }

    [Fact]
    public void The_fields_and_flows_of_both_faces_have_the_same_bits()
    {
        var one = SeedModule.ofInt(1);
        using var coreData = Systems.equilibrium(Systems.doubleWell(1.0), 600, one).ResultValue;
        using var coreFunctions = ObservablesModule.gaussiansOver(ObservablesModule.automatic, coreData).ResultValue;
        using var coreField = ParticleFieldModule.fullRank(0.5, 0.7, coreFunctions, coreData).ResultValue;
        using var coreStart = SamplesModule.gaussianLike(100, one, coreData).ResultValue;
        var core = ParticleFlow.follow(
            Control.none<ParticleProgress>(), ParticleFlow.defaults, one, ManifoldModule.euclidean(1), coreField, coreData, coreStart).ResultValue;
        using var coreParticles = core.Particles;

        using var data = LangevinSystem.DoubleWell().EquilibriumSamples(600, seed: 1);
        using var functions = Observables.GaussiansOver(data);
        using var field = ParticleField.FullRank(functions, data, temperature: 0.7, resolvent: 0.5);
        using var start = data.GaussianLike(100, seed: 1);
        using var run = ParticleSampler.Follow(field, data, start, seed: 1);
        Assert.Equal(SamplesModule.values(coreParticles), run.Particles.ToArray().Cast<double>());
    }

    [Fact]
    public void A_run_that_was_stopped_goes_on_from_its_file_to_the_same_bits()
    {
        var settings = new ParticleSettings { Iterations = 8, RefineIterations = 4, Tolerance = 0 };
        using var field = ParticleField.FullRank(well.Observables, well.Data);
        using var whole = ParticleSampler.Follow(field, well.Data, well.Start, settings: settings, seed: 3);
        var path = System.IO.Path.GetTempFileName();
        try
        {
            using (var session = ParticleSampler.Start(field, well.Data, well.Start, settings: settings, seed: 3))
            {
                using var source = new CancellationTokenSource();
                var listener = new Listener<ParticleProgress>(now =>
                {
                    if (now.Iteration == 5)
                        source.Cancel();
                });
                Assert.Throws<OperationCanceledException>(() => session.Continue(listener, source.Token));
                Assert.Equal(5, session.Iteration);
                Assert.False(session.IsFinished);
                session.Save(path);
            }

            using var again = ParticleSampler.Start(field, well.Data, well.Start, settings: settings, seed: 3);
            again.Restore(path);
            Assert.Equal(5, again.Iteration);
            again.SaveEvery(TimeSpan.Zero, path);
            again.Continue();
            Assert.True(again.IsFinished);
            using var run = again.Result();
            Assert.Equal(whole.Particles.ToArray(), run.Particles.ToArray());
            Assert.Equal(whole.Energies, run.Energies);

            using var fewer = Samples.FromArray(new double[,] { { 0 }, { 1 } });
            using var other = ParticleSampler.Start(field, well.Data, fewer, settings: settings);
            var error = Assert.Throws<KoopmanException>(() => other.Restore(path));
            Assert.Equal(ErrorKind.CheckpointMismatch, error.Kind);
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    [Fact]
    public void Particles_stay_on_the_sphere_and_cover_it_from_a_cap()
    {
        var sphere = Manifold.Sphere(3);
        using var scattered = Normal(1500, 3, 1);
        using var data = sphere.Retract(scattered);
        using var cap = Samples.FromRows(
            Enumerable.Range(0, 300).Select(i => new[] { 0.3 * Math.Cos(i), 0.3 * Math.Sin(i), 0.95 }));
        using var start = sphere.Retract(cap);
        using var gaussians = Observables.GaussiansOver(data);
        using var along = sphere.Observables(gaussians);
        using var field = ParticleField.FullRank(along, data);
        using var run = ParticleSampler.Follow(field, data, start, sphere);
        var rows = run.Particles.ToArray();
        Assert.All(Enumerable.Range(0, 300), i =>
            Assert.Equal(1.0, (rows[i, 0] * rows[i, 0]) + (rows[i, 1] * rows[i, 1]) + (rows[i, 2] * rows[i, 2]), 10));
        Assert.InRange(Enumerable.Range(0, 300).Count(i => rows[i, 2] < 0), 120, 180);
        Assert.Equal(2, sphere.Dimension);
        Assert.Contains("sphere", sphere.ToString());
    }

    [Fact]
    public void A_manifold_of_ones_own_is_tried_first()
    {
        using var points = Normal(40, 2, 1);
        static torch.Tensor Unit(torch.Tensor x) => x.div(x.mul(x).sum(1, true).sqrt());
        var own = Manifold.Custom(
            "my circle", 1, (x, v) => v.sub(Unit(x).mul(v.mul(Unit(x)).sum(1, true))), Unit, points);
        using var on = own.Retract(points);
        Assert.Equal("my circle", own.ToString());
        Assert.Throws<KoopmanException>(() => Manifold.Custom("growing", 1, (_, v) => v.alias(), x => x.mul(2), points));
        Assert.Throws<KoopmanException>(() => Manifold.Torus(0.5, 0.8));
        var product = Manifold.Circle().Product(Manifold.FlatTorus(1, 2));
        Assert.Equal((6, 3), (product.Ambient, product.Dimension));
        Assert.Equal(2, Manifold.Through(points, 1, 10).Ambient);
    }

    private static SnapshotPairs Swarm()
    {
        // An Ornstein-Uhlenbeck process of variance 1 from evenly between -3 and 4, for a fifth of a time unit.
        var noise = new Random(3);
        var from = new double[3000, 1];
        var to = new double[3000, 1];
        for (var i = 0; i < 3000; i++)
        {
            from[i, 0] = -3 + (7 * noise.NextDouble());
            var normal = Math.Sqrt(-2 * Math.Log(1 - noise.NextDouble())) * Math.Cos(2 * Math.PI * noise.NextDouble());
            to[i, 0] = (Math.Exp(-0.2) * from[i, 0]) + (Math.Sqrt(1 - Math.Exp(-0.4)) * normal);
        }

        return SnapshotPairs.FromArrays(from, to, 0.2, temperature: 1);
    }

    [Fact]
    public async Task A_swarm_gives_equilibrium_particles_and_masses()
    {
        using var pairs = Swarm();
        var sampler = new SwarmSampler(new SwarmSettings { Blocks = 5 }, seed: 1);
        using var run = sampler.Run(pairs, 300, x => x[0] > 0 ? 1 : 0, 2);
        var values = run.Flow.Particles.ToArray().Cast<double>().ToArray();
        Assert.InRange(values.Average(), -0.3, 0.3);
        Assert.InRange(values.Average(v => v * v), 0.75, 1.3);
        Assert.Equal(1.0, run.Masses.Sum(m => m.Particles), 10);
        Assert.InRange(run.Masses[1].Data, 0.35, 0.65);
        Assert.InRange(run.Masses[1].StandardError, 0.005, 0.15);
        Assert.InRange(run.Weights.EffectiveSize, 300, 3000);
        using var again = await sampler.RunAsync(pairs, 300, x => x[0] > 0 ? 1 : 0, 2);
        Assert.Equal(run.Flow.Particles.ToArray(), again.Flow.Particles.ToArray());
        var refused = Assert.Throws<KoopmanException>(() => new SwarmSampler(new SwarmSettings { Blocks = 1 }).Run(pairs, 300));
        Assert.Equal(ErrorKind.InvalidSetting, refused.Kind);
    }

    [Fact]
    public void A_posterior_has_the_mean_that_algebra_gives()
    {
        // Prior N(0, 1), one observation of 1 with variance .5: mean 2/3, variance 1/3.
        using var prior = Normal(3000, 1, 1);
        var logLikelihood = prior.ToArray().Cast<double>().Select(x => -(x - 1) * (x - 1)).ToArray();
        using var sampler = new PosteriorSampler(prior, logLikelihood);
        using var observables = Observables.Monomials(4, 1);
        using var field = ParticleField.FullRank(observables, prior);
        using var start = Normal(300, 1, 2);
        var settings = new ParticleSettings { Length = 0.3 };
        using var shifted = sampler.Shift(field, start, settings);
        using var generated = sampler.Generate(observables, 300, settings: settings, seed: 1);
        Assert.InRange(Mean(shifted.Flow.Particles), 0.57, 0.76);
        Assert.InRange(Mean(generated.Flow.Particles), 0.57, 0.76);
        Assert.InRange(generated.EffectiveSize, 1000, 3000);
        Assert.Throws<KoopmanException>(() => new PosteriorSampler(prior, new double[2]));
    }

    [Fact]
    public void Other_samplers_reach_a_gaussian()
    {
        var target = Target.Gaussian([1.0], new[,] { { 0.5 } });
        using var start = Normal(2000, 1, 3);
        var settings = new ChainSettings { Step = 0.1, Iterations = 60 };
        using var ula = BaselineSampler.Ula(target, start, settings, seed: 1);
        using var mala = BaselineSampler.Mala(target, start, settings, seed: 1);
        using var hmc = BaselineSampler.Hmc(target, start, settings, seed: 1);
        Assert.All([ula, mala, hmc], run => Assert.InRange(Mean(run.Particles), 0.9, 1.1));
        Assert.Equal(1, ula.Acceptance);
        Assert.InRange(mala.Acceptance, 0.8, 1);
        using var few = start.Take(100);
        using var stein = BaselineSampler.Stein(target, few);
        using var scaled = BaselineSampler.Stein(target, few, matrix: new[,] { { 0.5 } });
        Assert.All([stein, scaled], run => Assert.InRange(Mean(run.Particles), 0.9, 1.1));
        var listener = new Listener<SamplerProgress>();
        using var own = BaselineSampler.Ula(
            Target.Of(1, x => x.mul(x).sum(1).mul(-0.5), x => x.neg()), few, settings, progress: listener);
        Assert.Equal(Enumerable.Range(1, 60), listener.Heard.Select(step => step.Iteration));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => BaselineSampler.Mala(target, few, cancellation: source.Token));
        using var drawn = BaselineSampler.Bootstrap(well.Data, 50, noise: 0.1, seed: 2);
        Assert.Equal(50, drawn.Count);
        using var exact = BaselineSampler.ExactFlow(LangevinSystem.DoubleWell(), well.Start, nodes: 120);
        Assert.InRange(exact.EnergyRatio, 0, 0.1);
    }

    [Fact]
    public void The_inverse_generator_by_paths_is_that_of_the_spectrum_and_of_algebra()
    {
        // L x = x for the Ornstein-Uhlenbeck process of rate 1, so the inverse of x is x.
        var system = LangevinSystem.OrnsteinUhlenbeck(1);
        using var points = Samples.FromArray(new double[,] { { -1 }, { 0.5 } });
        var paths = PathAverages.Inverse(system, x => x[0], points, horizon: 8, step: 0.02, paths: 2000, seed: 1);
        Assert.All(paths.Zip([-1.0, 0.5]), pair => Assert.InRange((pair.First.Mean - pair.Second) / pair.First.StandardError, -4, 4));

        using var data = system.EquilibriumSamples(4000, seed: 2);
        using var observables = Observables.Monomials(3, 1);
        using var model = new LangevinEstimator().Fit(observables, data);
        var values = data.ToArray().Cast<double>().ToArray();
        var spectral = PathAverages.InverseBySpectrum(model, data, values, points);
        Assert.Equal(-1, spectral[0], 0.15);
        Assert.Equal(0.5, spectral[1], 0.15);
        Assert.Throws<KoopmanException>(() => PathAverages.InverseBySpectrum(model, data, [1], points));
        Assert.Throws<KoopmanException>(() => PathAverages.Inverse(system, x => x[0], points, horizon: 1, step: 2));

        // U = x²/2 on the prior N(0, 1): c = x²/4 - 1/2 + x²/2.
        var rate = PathAverages.KillingRate(system, x => x[0] * x[0] / 2, x => [x[0]], _ => 1);
        Assert.Equal((0.75 * 4) - 0.5, rate([2]), 12);
    }

    [Fact]
    public void Theory_holds_along_a_run()
    {
        // N(1, 1) to N(0, 1): KL(0) = 1/2 and, for the ideal flow, .0642 after one unit of time.
        var points = Enumerable.Range(0, 600).Select(i => -8 + (17 * (i + 0.5) / 600)).ToArray();
        using var line = Samples.FromValues(points, 1);
        using var volumes = line.AsQuadrature(Enumerable.Repeat(1.0, 600).ToArray());
        using var law = line.AsQuadrature([.. points.Select(x => Math.Exp(-0.5 * x * x))]);
        using var hermite = Observables.Hermite(2, 1);
        using var model = new LangevinEstimator().Fit(hermite, law);
        var run = FlowTheory.Measure(
            LangevinSystem.OrnsteinUhlenbeck(), model, law, x => -0.5 * (x[0] - 1) * (x[0] - 1), volumes, steps: 20);
        Assert.Equal(0.5, run.Points[0].Kl, 6);
        Assert.Equal(0.0651065, run.Points[^1].Kl, 5);
        Assert.Equal(0.0641999, run.Points[^1].IdealKl, 5);
        Assert.All(run.Points.Zip(run.Bound), pair => Assert.True(pair.First.Kl <= pair.Second + 1e-9));
        var svgd = FlowTheory.MeasureSvgd(LangevinSystem.OrnsteinUhlenbeck(), 1, x => -0.5 * (x[0] - 1) * (x[0] - 1), volumes, steps: 10);
        Assert.Equal(svgd.Points[0].ChiSquared, svgd.Points[0].Rate, 6);
        Assert.InRange(svgd.Points[^1].Kl, 0.12, 0.13);
        double[] ratios = [.. points.Select(x => Math.Exp(x - 0.5))];
        double[] masses = [.. points.Select(x => Math.Exp(-0.5 * (x - 1) * (x - 1)))];
        Assert.Equal(0.0641999, FlowTheory.IdealKl(1, ratios, masses), 5);
        Assert.Equal(Math.E - 1, FlowTheory.IdealChiSquared(0, ratios, masses), 4);
    }

    [Fact]
    public void Nothing_outlives_its_owner() =>
        Lifetimes.AllDieIn(() =>
        {
            using var field = ParticleField.FullRank(well.Observables, well.Data);
            using var towards = field.Towards(well.Start);
            _ = (field.Energy(well.Start), field.Velocity(well.Start));
            ParticleSampler.Follow(field, well.Data, well.Start, settings: new ParticleSettings { Iterations = 2, RefineIterations = 1 }).Dispose();
            using var pairs = Swarm();
            new SwarmSampler(new SwarmSettings { Blocks = 4 }).Run(pairs, 20).Dispose();
            using var sampler = new PosteriorSampler(well.Data, new double[well.Data.Count]);
            sampler.Generate(well.Observables, 20).Dispose();
            var target = Target.KernelDensity(well.Data, 0.2);
            var settings = new ChainSettings { Iterations = 2 };
            BaselineSampler.Ula(target, well.Start, settings).Dispose();
            BaselineSampler.Mala(Target.Of(LangevinSystem.DoubleWell()), well.Start, settings).Dispose();
            BaselineSampler.Hmc(target, well.Start, settings).Dispose();
            BaselineSampler.Stein(target, well.Start, new SteinSettings { Iterations = 2 }).Dispose();
            BaselineSampler.Bootstrap(well.Data, 10).Dispose();
            Manifold.Through(well.Data, 1).Retract(well.Start).Dispose();
        });
}
