using System;
using System.Linq;
using Koopman.Flows;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>What is made in one language is used in the other as it is.</summary>
public class MixedTests
{
    private static T Ok<T>(Microsoft.FSharp.Core.FSharpResult<T, KoopmanError> result) => Outcome.get(result);

    [Fact]
    public void Data_and_functions_of_fsharp_go_into_estimators_of_csharp_and_models_back() => Lifetimes.AllDieIn(() =>
    {
        using var pairs = Ok(Systems.equilibriumPairs(Systems.doubleWell(1), 500, 0.1, SeedModule.ofInt(1)));
        using var observables = Ok(ObservablesModule.monomials(3, 1));
        using var spectrum = new EdmdEstimator().Fit(observables, pairs);
        using var again = Ok(Edmd.reversible(Edmd.defaults, observables, pairs));
        Assert.Same(observables, spectrum.Observables);
        Assert.Equal(again.Rates, spectrum.Rates);

        // A spectrum that C# fitted, in functions of F#, and theirs in members of C#.
        using var two = Ok(SpectrumModule.truncate(2, spectrum));
        using var assessed = Ok(Diagnostics.assess(Noise.Stochastic, two, pairs));
        Assert.Equal((2, 0.1), (assessed.Rank, assessed.Lag));
        Assert.Equal(two.Values(pairs.From), assessed.Values(pairs.From));
        Assert.Equal(Ok(Diagnostics.residuals(null, two, pairs)).Length, two.Residuals(pairs).Length);
    });

    [Fact]
    public void Samples_of_csharp_are_samples_of_fsharp()
    {
        using var folder = new TemporaryFolder();
        using var samples = Samples.FromArray(new double[,] { { 0, 1 }, { 2, 3 }, { 4, 8 } });
        using var weighted = Ok(SamplesModule.withWeights([1, 1, 2], samples));
        Assert.Equal([0.25, 0.25, 0.5], weighted.Weights.ToVector());
        weighted.Save(folder.File("points.npy"));
        using var read = Ok(DatasetModule.readSamples(folder.File("points.npy")));
        Assert.Equal(samples.ToArray(), read.ToArray());
        using var components = Ok(PcaModule.fit(1, read));
        using var latents = components.Encode(samples);
        using var same = Ok(PcaModule.encode(components, samples));
        Assert.Equal(SamplesModule.values(same), latents.ToArray().Cast<double>());
    }

    [Fact]
    public void Functions_of_a_csharp_user_are_a_dictionary_of_fsharp()
    {
        using var pairs = LangevinSystem.OrnsteinUhlenbeck().EquilibriumPairs(500, lag: 0.2, seed: 1);
        using var both = Ok(ObservablesModule.append(new Powers(), Observables.Constant(1)));
        using var model = Ok(Edmd.fit(Edmd.defaults, both, pairs));
        Assert.Equal(4, model.Spectrum.Rank);
        using var generator = model.Propagator.Log(out var branch);
        Assert.True(branch.LargestFrequency > 0);
        using var back = Ok(PropagatorModule.ofGenerator(0.2, generator));
        Assert.Equal(model.Propagator.Matrix.ToMatrix()[1, 1], back.Matrix.ToMatrix()[1, 1], 10);
    }

    [Fact]
    public void Fields_of_fsharp_carry_points_of_csharp()
    {
        using var field = VelocityField.FromFunction(1, (_, x) => x.neg());
        using var start = torch.tensor(new double[,] { { 1 }, { 2 } });
        using var there = field.Carry(start);
        using var here = Ok(Ode.solve(OdeMethod.NewRungeKutta4(40), field, 0, 1, start));
        Assert.Equal(here.ToVector(), there.ToVector());
        Assert.Equal(Math.Exp(-1), there.ToVector()[0], 7);
    }

    [Fact]
    public void Parts_live_and_die_with_the_whole_and_use_after_dispose_says_so()
    {
        var trajectories = Ok(TrajectoriesModule.ofArrays(0.1, [new double[,] { { 1 }, { 2 }, { 4 } }]));
        trajectories.States.Dispose();
        Assert.Equal(3, trajectories.States.ToArray().Length);
        trajectories.Dispose();
        trajectories.Dispose();
        Assert.Contains("Samples", Assert.Throws<ObjectDisposedException>(() => trajectories.States.ToArray()).Message);
        var set = Samples.FromArray(new double[,] { { 1 }, { 2 } });
        var pca = Pca.Fit(set, 1);
        pca.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pca.Encode(set));
        set.Dispose();
        Assert.Equal((2, 1), (set.Count, set.Dimension));
        Assert.Throws<ObjectDisposedException>(() => Pca.Fit(set, 1));
    }
}
