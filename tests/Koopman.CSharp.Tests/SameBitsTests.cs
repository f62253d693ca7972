using System.Linq;
using Xunit;
using Core = Koopman;

namespace Koopman.CSharp.Tests;

/// <summary>The same seeds give the same bits through this face and through the F# functions behind it.</summary>
public class SameBitsTests
{
    private static readonly Seed One = SeedModule.ofInt(1);

    [Fact]
    public void In_simulations()
    {
        var core = Systems.byName("quadruple-well").ResultValue;
        var face = Simulation.Named("quadruple-well");
        using var samples = face.EquilibriumSamples(50, seed: 1);
        using var pairs = face.EquilibriumPairs(50, lag: 0.1, seed: 1);
        using var states = face.Trajectory(50, lag: 0.1, seed: 1);
        using var coreSamples = Systems.equilibrium(core, 50, One).ResultValue;
        using var corePairs = Systems.equilibriumPairs(core, 50, 0.1, One).ResultValue;
        using var coreStates = Systems.trajectory(core, 50, 0.1, One).ResultValue;
        Assert.Equal(SamplesModule.values(coreSamples), samples.ToArray().Cast<double>());
        Assert.Equal(SamplesModule.values(corePairs.To), pairs.To.ToArray().Cast<double>());
        Assert.Equal(SamplesModule.values(coreStates), states.ToArray().Cast<double>());
        Assert.Equal(core.Rates, face.ExactRates);
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
        var coreFlow = SpectralFlow.run(Control.none<FlowProgress>(), SpectralFlow.defaults, One, coreModel, corePairs.From, coreStart).ResultValue;
        using var coreParticles = coreFlow.Particles;

        using var pairs = Simulation.QuadrupleWell.EquilibriumPairs(1000, lag: 0.1, seed: 1);
        using var observables = ObservableSet.GaussiansOver(pairs.From);
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
                (ours.Index, ours.Eigenvalue, ours.Rate, ours.StandardError, ours.Lower, ours.Upper, ours.Residual, ours.IsNearDegenerate));
        }

        using var values = coreModel.Values(corePairs.From.Points);
        Assert.Equal(Tensors.toArray(values), model.Eigenfunctions(pairs.From).Cast<double>());
        Assert.Equal(SamplesModule.values(coreParticles), run.Particles.ToArray().Cast<double>());
        Assert.Equal(coreFlow.Energies, run.Energies);
        Assert.Equal(
            (coreFlow.Iterations, coreFlow.Snapped, coreFlow.Converged, coreFlow.EnergyRatio),
            (run.Iterations, run.Snapped, run.Converged, run.EnergyRatio));

        Assert.Equal(Core.Mmd.distance(Core.Mmd.bandwidth(corePairs.From), coreParticles, corePairs.From), SampleMetrics.Mmd(run.Particles, pairs.From));
        Assert.Equal(Wasserstein.sliced(200, One, coreParticles, corePairs.From), SampleMetrics.SlicedWasserstein(run.Particles, pairs.From, seed: 1));
        Assert.Equal(Core.Coverage.ofReference(corePairs.From, coreStart, coreParticles), SampleMetrics.Coverage(pairs.From, start, run.Particles));
        Assert.Equal(Core.Coverage.neighbourRatio(coreStart, coreParticles), SampleMetrics.NeighbourRatio(start, run.Particles));
    }

    [Fact]
    public void In_the_defaults_of_settings()
    {
        var edmd = new EdmdSettings();
        var langevin = new LangevinSettings();
        var flow = new ParticleSettings();
        var gaussians = new GaussianSettings();
        Assert.Equal(Edmd.defaults, new EdmdOptions(edmd.Modes, edmd.Floor, edmd.Cut));
        Assert.Equal(Langevin.defaults, new LangevinOptions(langevin.Temperature, langevin.Modes, langevin.Cut));
        Assert.Equal(
            SpectralFlow.defaults,
            new FlowOptions(flow.Step, flow.Iterations, flow.Tolerance, flow.GuardEvery, flow.Jitter, flow.Polish, SpectralFlow.defaults.Length));
        Assert.Null(flow.Length);
        Assert.Equal((null, null), (gaussians.Centres, gaussians.Width));
        Assert.Equal(ObservablesModule.automatic.Seed, SeedModule.ofInt(gaussians.Seed));
        // The numbers that the documentation comments name.
        Assert.Equal((10, 0.05, 1e-10), (edmd.Modes, edmd.Floor, edmd.Cut));
        Assert.Equal((1.0, 10, 1e-10), (langevin.Temperature, langevin.Modes, langevin.Cut));
        Assert.Equal((0.3, 60, 1e-3, 5, 0.6, 30), (flow.Step, flow.Iterations, flow.Tolerance, flow.GuardEvery, flow.Jitter, flow.Polish));
    }
}
