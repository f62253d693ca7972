using System;
using System.Collections.Generic;
using System.Linq;
using Koopman.Particles;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>After every public operation, once its results are disposed of, as many tensors live as before.</summary>
public class LifetimeTests(FittedWell well) : IClassFixture<FittedWell>
{
    public static TheoryData<string> Names => [.. Operations.Keys];

    /// <summary>Each takes the shared model and frees what it is given.</summary>
    private static readonly Dictionary<string, Action<FittedWell>> Operations = new()
    {
        ["samples from an array"] = _ => Samples.FromArray(new double[,] { { 1 }, { 2 } }).Dispose(),
        ["samples from values"] = _ => Samples.FromValues([1, 2, 3, 4], 2).Dispose(),
        ["samples from a tensor"] = w => Samples.FromTensor(w.Data.Points).Dispose(),
        ["weights"] = w => w.Data.WithWeights(new double[w.Data.Count].Select((_, i) => i + 1.0).ToArray()).Dispose(),
        ["quadrature"] = w => w.Data.AsQuadrature(Enumerable.Repeat(1.0, w.Data.Count).ToArray()).Dispose(),
        ["take"] = w => w.Data.Take(5).Dispose(),
        ["a Gaussian start"] = w => w.Data.GaussianLike(5, 1).Dispose(),
        ["numbers out of samples"] = w => _ = (w.Data.ToArray(), w.Data.Mean(), w.Data.Covariance(), w.Data.Weights.ToVector()),
        ["equilibrium samples"] = _ => LangevinSystem.QuadrupleWell.EquilibriumSamples(10, 1).Dispose(),
        ["equilibrium pairs"] = _ => LangevinSystem.AsymmetricWell().EquilibriumPairs(10, 0.1, 1).Dispose(),
        ["a trajectory and its pairs"] = w =>
        {
            using var states = LangevinSystem.OrnsteinUhlenbeck().Trajectory(10, 0.1, 1);
            using var pairs = SnapshotPairs.FromTrajectory(states, 0.1, temperature: 1);
            _ = pairs.EstimateTemperature();
        },
        ["potential"] = w => _ = LangevinSystem.DoubleWell().PotentialAt(w.Data),
        ["files"] = w =>
        {
            using var folder = new TemporaryFolder();
            using var pairs = SnapshotPairs.FromSamples(w.Data, w.Data, 1);
            pairs.Save(folder.File("pairs.npz"));
            SnapshotPairs.Read(folder.File("pairs.npz")).Dispose();
            Samples.Read(folder.File("pairs.npz")).Dispose();
        },
        ["trajectories of several files"] = _ =>
        {
            using var folder = new TemporaryFolder();
            System.IO.File.WriteAllText(folder.File("a.csv"), "t,a\n0,1\n1,2\n");
            using var both = Trajectories.FromFiles([folder.File("a.csv"), folder.File("a.csv")]);
            Trajectories.Concat([both, both]).Dispose();
        },
        ["models in files"] = w =>
        {
            using var folder = new TemporaryFolder();
            w.Model.Save(folder.File("model.safetensors"));
            Spectrum.Load(folder.File("model.safetensors")).Dispose();
            w.Observables.Save(folder.File("functions.safetensors"));
            Observables.Load(folder.File("functions.safetensors")).Dispose();
        },
        ["monomials"] = w =>
        {
            using var monomials = Observables.Monomials(3, 1);
            _ = (monomials.Values(w.Data), monomials.Partial(w.Data, 0));
        },
        ["Gaussians"] = w =>
        {
            using var gaussians = Observables.GaussiansOver(w.Data);
            using var more = Observables.Gaussians(1, new double[,] { { 1 }, { 2 } });
            using var both = gaussians.Append(more);
            _ = (both.Values(w.Data), both.Partial(w.Data, 0));
        },
        ["Gaussians in many dimensions"] = _ =>
        {
            using var scattered = Samples.FromValues(Enumerable.Range(0, 1200).Select(i => Math.Sin(i * i)).ToArray(), dimension: 12);
            Observables.GaussiansOver(scattered).Dispose();
        },
        ["every family of functions"] = w =>
        {
            using var components = Pca.Fit(w.Data, 1);
            foreach (var make in ObservableFamilyTests.Families.Values)
            {
                using var functions = make(w.Data);
                _ = (functions.Values(w.Data), functions.Partial(w.Data, 0), functions.SecondPartial(w.Data, 0, 0));
            }

            Observables.Hermite(2, 1).OnPrincipalComponents(components).Dispose();
        },
        ["a user's functions"] = w =>
        {
            using var powers = new Powers();
            using var model = new LangevinEstimator().Fit(powers, w.Data);
            _ = model.Gradients(w.Data);
        },
        ["a generator"] = w => new LangevinEstimator().Fit(w.Observables, w.Data).Dispose(),
        ["a propagator"] = w =>
        {
            using var pairs = LangevinSystem.DoubleWell().EquilibriumPairs(500, 0.1, 1);
            using var model = new EdmdEstimator().Fit(w.Observables, pairs);
            using var run = new ParticleSampler(model, w.Data, new() { Iterations = 2 }).Run(w.Start);
        },
        ["eigenfunctions"] = w =>
        {
            _ = (w.Model.Values(w.Data), w.Model.Gradients(w.Data));
            w.Model.Values(w.Data.Points).Dispose();
            w.Model.Gradients(w.Data.Points).Dispose();
        },
        ["a model of dynamics"] = w =>
        {
            using var pairs = DynamicsTests.Linear(DynamicsTests.Rotation(30));
            using var observables = Observables.Monomials(2, 2);
            using var model = new EdmdEstimator().FitDynamics(observables, pairs);
            _ = (model.Propagator.Matrix.ToMatrix(), model.Output.ToMatrix(), model.Input);
            _ = (model.Spectrum.ComplexValues(pairs.From), model.Spectrum.ComplexGradients(pairs.From));
            double[,] start = { { 1, 0 } };
            _ = (model.Forecast(start, 3), model.Forecast(start, 3, relift: true), model.ForecastAt(start, 1), model.StateModes());
            Assert.Throws<KoopmanException>(() => model.Forecast(start, new double[3, 1]));
            _ = (OperatorLaws.Check(model, start), OperatorLaws.Check(observables, pairs), OperatorLaws.Check(model.Propagator));
        },
        ["operators"] = w =>
        {
            using var two = Observables.Monomials(1, 1);
            using var generator = OperatorTests.MakeGenerator(two);
            using var propagator = generator.Exp(1);
            propagator.Then(propagator).Dispose();
            propagator.Power(2).Dispose();
            propagator.Adjoint().Dispose();
            propagator.Restrict(_ => true).Dispose();
            propagator.Log(out _).Dispose();
            propagator.Spectrum().Dispose();
            generator.Adjoint().Dispose();
            generator.Restrict(_ => true).Dispose();
            generator.Spectrum().Dispose();
            _ = (propagator.Schur(), propagator.Norm(), propagator.Apply(propagator.Gram.ToMatrix()), propagator.DisagreementWith(generator));
            _ = (generator.Schur(), generator.LogNorm(), generator.NonNormality(), generator.Gram.ToMatrix());
            _ = (OperatorLaws.Check(generator, 1), OperatorLaws.Check(two, w.Data), OperatorLaws.Check(w.Model, w.Data));
        },
        ["a truncated model"] = w => w.Model.Truncate(3).Dispose(),
        ["particles"] = w => new ParticleSampler(w.Model, w.Data).Run(w.Start).Dispose(),
        ["principal components"] = w =>
        {
            using var data = LangevinSystem.QuadrupleWell.EquilibriumSamples(50, 1);
            using var components = Pca.Fit(data, 1);
            using var latents = components.Encode(data);
            using var back = components.Decode(latents);
            _ = (components.Mean.ToVector(), components.Components.ToMatrix());
        },
        ["metrics"] = w =>
        {
            _ = SampleMetrics.Mmd(w.Start, w.Data);
            _ = SampleMetrics.SlicedWasserstein(w.Start, w.Data);
            _ = SampleMetrics.Coverage(w.Data, w.Start, w.Start);
            _ = SampleMetrics.NeighbourRatio(w.Data, w.Start);
        },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_left_of(string operation) =>
        Lifetimes.AllDieIn(
            () => Operations[operation](well),
            // The network among the families has two linear layers.
            parameters: operation == "every family of functions" ? 4 : 0);

    [Fact]
    public void Results_outlive_the_dispose_scope_they_were_made_in()
    {
        Samples samples;
        Spectrum model;
        using (torch.NewDisposeScope())
        {
            samples = well.Data.Take(100);
            model = well.Model.Truncate(2);
        }

        Assert.Equal(100, samples.ToArray().GetLength(0));
        Assert.Equal(100, model.Values(samples).GetLength(0));
        samples.Dispose();
        model.Dispose();
    }

    /// <summary>Each makes something of functions, and answers what computes with it.</summary>
    private static readonly Dictionary<string, Func<Observables, (IDisposable Holder, Func<Array> Ask)>> Holders = new()
    {
        ["a spectrum"] = functions =>
        {
            using var data = Data();
            var model = new LangevinEstimator().Fit(functions, data);
            return (model, Ask);

            Array Ask()
            {
                using var start = Samples.FromArray(Start);
                return model.Gradients(start);
            }
        },
        ["a model of dynamics"] = functions =>
        {
            using var pairs = Pairs();
            var model = new EdmdEstimator().FitDynamics(functions, pairs);
            return (model, () => model.Forecast(Start, 2));
        },
        ["sums of a stream"] = functions =>
        {
            var moments = StreamedMoments.Collect(functions, PairStream.FromBatches(Enumerable.Range(0, 6).Select(_ => Pairs()), 0.1));
            return (moments, Ask);

            Array Ask()
            {
                using var model = moments.FitReversible();
                return model.Rates;
            }
        },
        ["a run of particles"] = functions =>
        {
            using var data = Data();
            using var field = ParticleField.FullRank(functions, data);
            using var from = data.Take(20);
            var run = ParticleSampler.Start(field, data, from, settings: new() { Length = 1 });
            return (run, Ask);

            Array Ask()
            {
                run.Continue();
                using var result = run.Result();
                return result.Particles.ToArray();
            }
        },
    };

    private static double[,] Start => new double[,] { { 0.5 }, { -1 } };

    private static Samples Data() => LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(300, seed: 4);

    private static SnapshotPairs Pairs() => LangevinSystem.OrnsteinUhlenbeck().EquilibriumPairs(300, 0.1, seed: 4);

    public static TheoryData<string> HolderNames => [.. Holders.Keys];

    [Theory]
    [MemberData(nameof(HolderNames))]
    public void Functions_live_as_long_as_what_is_made_of_them(string holder) => Lifetimes.AllDieIn(() =>
    {
        var own = new Powers();
        var (first, ask) = Holders[holder](own);
        own.Dispose();
        Assert.NotEmpty(ask());
        Assert.Equal(0, own.Disposals);
        first.Dispose();
        first.Dispose();
        Assert.Equal(1, own.Disposals);

        own = new Powers();
        Holders[holder](own).Holder.Dispose();
        Assert.Equal(0, own.Disposals);
        own.Dispose();
        Assert.Equal(1, own.Disposals);
    });

    [Fact]
    public void The_count_sees_what_is_not_freed()
    {
        torch.Tensor? kept = null;
        Assert.ThrowsAny<Exception>(() => Lifetimes.AllDieIn(() => kept = torch.zeros(1)));
        kept?.Dispose();
    }
}
