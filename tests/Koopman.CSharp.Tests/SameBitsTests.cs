using System;
using System.Linq;
using Koopman.Metrics;
using Koopman.Particles;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>The same seeds give the same bits through this face and through the F# functions behind it.</summary>
public class SameBitsTests
{
    private static readonly Seed One = SeedModule.ofInt(1);

    [Fact]
    public void In_simulations()
    {
        var core = Systems.byName("quadruple-well").ResultValue;
        var face = LangevinSystem.Named("quadruple-well");
        using var samples = face.EquilibriumSamples(50, seed: 1);
        using var pairs = face.EquilibriumPairs(50, lag: 0.1, seed: 1);
        using var states = face.Trajectory(50, lag: 0.1, seed: 1);
        using var coreSamples = Systems.equilibrium(core, 50, One).ResultValue;
        using var corePairs = Systems.equilibriumPairs(core, 50, 0.1, One).ResultValue;
        using var coreStates = Systems.trajectory(core, 50, 0.1, One).ResultValue;
        Assert.Equal(SamplesModule.values(coreSamples), samples.ToArray().Cast<double>());
        Assert.Equal(SamplesModule.values(corePairs.To), pairs.To.ToArray().Cast<double>());
        Assert.Equal(SamplesModule.values(coreStates), states.ToArray().Cast<double>());
        Assert.Equal(core.Rates, face.Rates);
    }

    [Fact]
    public void In_random_functions()
    {
        using var samples = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(100, seed: 1);
        using var features = Observables.RandomFourier(5, width: 0.8, dimension: 1, seed: 1);
        using var cells = Observables.CellIndicatorsOver(samples, 4, seed: 1);
        using var coreSamples = Systems.equilibrium(Systems.ornsteinUhlenbeck(1, 1.0), 100, One).ResultValue;
        using var coreFeatures = ObservablesModule.randomFourier(5, 0.8, One, 1).ResultValue;
        using var coreCells = ObservablesModule.cellIndicatorsOver(4, One, coreSamples).ResultValue;
        using var values = coreFeatures.Values(coreSamples.Points);
        using var inside = coreCells.Values(coreSamples.Points);
        Assert.Equal(Tensors.toArray(values), features.Values(samples).Cast<double>());
        Assert.Equal(Tensors.toArray(inside), cells.Values(samples).Cast<double>());
    }

    [Fact]
    public void In_spectra_particles_and_metrics()
    {
        var system = Systems.quadrupleWell.Value;
        using var corePairs = Systems.equilibriumPairs(system, 1000, 0.1, One).ResultValue;
        using var coreObservables = ObservablesModule.gaussiansOver(ObservablesModule.automatic, corePairs.From).ResultValue;
        using var coreEdmd = Edmd.reversible(Edmd.defaults, coreObservables, corePairs).ResultValue;
        using var coreModel = Langevin.fit(Langevin.defaults, coreObservables, corePairs.From).ResultValue;
        using var coreStart = SamplesModule.gaussianLike(200, One, corePairs.From).ResultValue;
        var coreFlow = ParticleFlow.run(Control.none<ParticleProgress>(), ParticleFlow.defaults, One, coreModel, corePairs.From, coreStart).ResultValue;
        using var coreParticles = coreFlow.Particles;

        using var pairs = LangevinSystem.QuadrupleWell.EquilibriumPairs(1000, lag: 0.1, seed: 1);
        using var observables = Observables.GaussiansOver(pairs.From);
        using var edmd = new EdmdEstimator().Fit(observables, pairs);
        using var model = new LangevinEstimator().Fit(observables, pairs.From);
        using var start = pairs.From.GaussianLike(200, seed: 1);
        using var run = new ParticleSampler(model, pairs.From, seed: 1).Run(start);

        Assert.Equal(coreEdmd.Rates, edmd.Rates);
        Assert.Equal(coreModel.Rates, model.Rates);
        foreach (var (ours, theirs) in model.Modes.Zip(coreModel.Modes).Concat(edmd.Modes.Zip(coreEdmd.Modes)))
        {
            Assert.Equal(
                (theirs.Index, theirs.Eigenvalue, theirs.Rate, theirs.StandardError, theirs.Lower, theirs.Upper, theirs.Residual, theirs.NearDegenerate),
                (ours.Index, ours.Eigenvalue, ours.Rate, ours.StandardError, ours.Lower, ours.Upper, ours.Residual, ours.NearDegenerate));
        }

        using var values = coreModel.Values(corePairs.From.Points);
        Assert.Equal(Tensors.toArray(values), model.Values(pairs.From).Cast<double>());
        Assert.Equal(SamplesModule.values(coreParticles), run.Particles.ToArray().Cast<double>());
        Assert.Equal(coreFlow.Energies, run.Energies);
        Assert.Equal(
            (coreFlow.Iterations, coreFlow.Snapped, coreFlow.Converged, coreFlow.EnergyRatio),
            (run.Iterations, run.Snapped, run.Converged, run.EnergyRatio));

        Assert.Equal(Koopman.Metrics.Mmd.scaled(corePairs.From, coreParticles, corePairs.From), SampleMetrics.Mmd(run.Particles, pairs.From));
        Assert.Equal(Wasserstein.sliced(200, One, coreParticles, corePairs.From), SampleMetrics.SlicedWasserstein(run.Particles, pairs.From, seed: 1));
        Assert.Equal(Koopman.Metrics.Coverage.ofReference(corePairs.From, coreStart, coreParticles), SampleMetrics.Coverage(pairs.From, start, run.Particles));
        Assert.Equal(Koopman.Metrics.Coverage.neighbourRatio(coreStart, coreParticles), SampleMetrics.NeighbourRatio(start, run.Particles));
    }

    [Fact]
    public void In_operators_and_forecasts()
    {
        using var pairs = DynamicsTests.Linear(DynamicsTests.Rotation(30));
        using var corePairs = SnapshotPairsModule.create(pairs.Lag, pairs.From.Points, pairs.To.Points).ResultValue;
        using var coreObservables = ObservablesModule.monomials(2, 2).ResultValue;
        using var coreModel = Edmd.fit(Edmd.defaults, coreObservables, corePairs).ResultValue;
        var (coreGenerator, coreBranch) = PropagatorModule.log(coreModel.Propagator).ResultValue;
        using var coreBack = PropagatorModule.ofGenerator(0.7, coreGenerator).ResultValue;
        using var start = Tensors.ofRows(1, [1, 2]);
        using var corePath = LinearModelModule.forecast(5, null, start, coreModel).ResultValue;

        using var observables = Observables.Monomials(2, 2);
        using var model = new EdmdEstimator().FitDynamics(observables, pairs);
        using var generator = model.Propagator.Log(out var branch);
        using var back = generator.Exp(0.7);
        using var path = model.Forecast(start, 5);

        Assert.Equal(coreModel.Spectrum.Eigenvalues, model.Spectrum.Eigenvalues);
        Assert.Equal(Tensors.toArray(coreModel.Propagator.Matrix), model.Propagator.Matrix.ToMatrix().Cast<double>());
        Assert.Equal(Tensors.toArray(coreModel.Output), model.Output.ToMatrix().Cast<double>());
        Assert.Equal(Tensors.toArray(coreGenerator.Matrix), generator.Matrix.ToMatrix().Cast<double>());
        Assert.Equal(coreBranch.LargestFrequency, branch.LargestFrequency);
        Assert.Equal(Tensors.toArray(coreBack.Matrix), back.Matrix.ToMatrix().Cast<double>());
        Assert.Equal(Tensors.toArray(corePath), Tensors.toArray(path));
        Assert.Equal(Tensors.toArray(corePath), model.Forecast(new double[,] { { 1, 2 } }, 5).Cast<double>());
        Assert.Equal(GeneratorModule.nonNormality(coreGenerator).ResultValue, generator.NonNormality());
        ((IDisposable)coreGenerator).Dispose();
    }

    [Fact]
    public void In_residuals_clusters_and_what_fresh_pairs_say()
    {
        var core = Systems.ornsteinUhlenbeck(2, 1.0);
        using var corePairs = Systems.equilibriumPairs(core, 1000, 0.2, One).ResultValue;
        using var coreObservables = ObservablesModule.monomials(2, 2).ResultValue;
        using var coreModel = Edmd.reversible(Edmd.defaults, coreObservables, corePairs).ResultValue;
        var coreReports = Diagnostics.residuals(null, coreModel, corePairs).ResultValue;
        using var coreAssessed = Diagnostics.assess(Noise.Stochastic, coreModel, corePairs).ResultValue;

        using var pairs = SnapshotPairs.FromTensors(corePairs.From.Points, corePairs.To.Points, 0.2);
        using var observables = Observables.Monomials(2, 2);
        using var model = new EdmdEstimator().Fit(observables, pairs);
        using var assessed = model.Assess(pairs, Noise.Stochastic);
        var reports = model.Residuals(pairs);

        Assert.Equal(
            coreReports.Select(report => (report.Index, report.Pair, report.Projected.Value, report.Projected.StandardError, report.Variance)),
            reports.Select(report => (report.Index, report.Pair, report.Projected.Value, report.Projected.StandardError, report.Variance)));
        Assert.All(reports, report => Assert.Null(report.TwoSuccessors));
        Assert.Equal(
            coreModel.Clusters.Select(cluster => (cluster.Rate, cluster.Lower, cluster.Upper)),
            model.Clusters.Select(cluster => (cluster.Rate, cluster.Lower, cluster.Upper)));
        Assert.NotEmpty(model.Clusters);
        Assert.Equal(coreModel.Clusters.Select(cluster => cluster.Members), model.Clusters.Select(cluster => cluster.Members));
        Assert.Equal(coreAssessed.Modes.Select(mode => mode.Residual), assessed.Modes.Select(mode => mode.Residual));
        Assert.Equal(coreAssessed.ResidualNorm, assessed.ResidualNorm);
    }

    [Fact]
    public void In_the_defaults_of_settings()
    {
        var edmd = new EdmdSettings();
        var langevin = new LangevinSettings();
        var flow = new ParticleSettings();
        var gaussians = new GaussianSettings();
        Assert.Equal(Edmd.defaults, new EdmdOptions(edmd.Modes, edmd.SmallestEigenvalue, edmd.RankTolerance, Noise.Automatic, edmd.Tolerance));
        Assert.Equal(Langevin.defaults, new LangevinOptions(langevin.Temperature, langevin.Modes, langevin.RankTolerance));
        Assert.Equal(
            ParticleFlow.defaults,
            new ParticleOptions(flow.Step, flow.Iterations, flow.Tolerance, flow.GuardEvery, flow.Jitter, flow.RefineIterations, ParticleFlow.defaults.Length));
        Assert.Null(flow.Length);
        Assert.Equal((null, null), (gaussians.Centres, gaussians.Width));
        Assert.Equal(ObservablesModule.automatic.Seed, SeedModule.ofInt(gaussians.Seed));
        // The numbers that the documentation comments name.
        Assert.Equal((10, 0.05, 1e-10, Noise.Automatic, 1e-6), (edmd.Modes, edmd.SmallestEigenvalue, edmd.RankTolerance, edmd.Noise, edmd.Tolerance));
        Assert.Equal((1.0, 10, 1e-10), (langevin.Temperature, langevin.Modes, langevin.RankTolerance));
        Assert.Equal((0.3, 60, 1e-3, 5, 0.6, 30), (flow.Step, flow.Iterations, flow.Tolerance, flow.GuardEvery, flow.Jitter, flow.RefineIterations));
    }
}
