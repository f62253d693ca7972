using System;
using System.Linq;
using System.Numerics;
using Xunit;

namespace Koopman.CSharp.Tests;

public class MarkovTests
{
    private static readonly LangevinSystem Well = LangevinSystem.DoubleWell();

    private static SnapshotPairs Pairs(Samples states, int steps)
    {
        var rows = states.ToArray();
        var n = rows.GetLength(0) - steps;
        var (x, y) = (new double[n, 1], new double[n, 1]);
        for (var t = 0; t < n; t++)
            (x[t, 0], y[t, 0]) = (rows[t, 0], rows[t + steps, 0]);
        return SnapshotPairs.FromArrays(x, y, 0.1 * steps);
    }

    [Fact]
    public void Trajectories_are_restricted_to_connected_states()
    {
        int[][] paths = [[5, 7, 100_000, 7, 100_000, 7]];
        Assert.Throws<KoopmanException>(() => MarkovModel.FromTrajectories(paths, step: 1, stride: 1));
        var connected = MarkovModel.RestrictToConnected(paths, stride: 1);
        Assert.Equal([7, 100_000], connected.States);
        Assert.Equal([-1, 0, 1, 0, 1, 0], connected.Trajectories[0]);
        Assert.Equal(2, MarkovModel.FromTrajectories(connected.Trajectories, step: 1, stride: 1).States);
        var error = Assert.Throws<KoopmanException>(() => MarkovModel.RestrictToConnected(paths, stride: 6));
        Assert.Contains("longer than the lag", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_compare_dictionaries()
    {
        using var pairs = Well.EquilibriumPairs(300, lag: 0.1, seed: 5);
        using var modest = Observables.Monomials(3, 1);
        using var greedy = Observables.Monomials(14, 1);
        var estimator = new VampEstimator();
        Assert.True(estimator.CrossValidate(modest, pairs).Average() > estimator.CrossValidate(greedy, pairs).Average());
        using var model = new VampEstimator(new() { Rank = 2 }).Fit(modest, pairs);
        Assert.Equal((2, 0.1), (model.Rank, model.Lag));
        Assert.Equal(1 + model.SingularValues.Sum(), model.Score(pairs, VampScore.Vamp1), 8);
        var (plain, scaled) = (model.LeftFunctions(pairs.From), model.Coordinates(pairs.From));
        Assert.Equal(plain[7, 1] * model.SingularValues[1], scaled[7, 1], 12);
        Assert.Equal(300, model.RightFunctions(pairs.To).GetLength(0));
        using var many = Observables.Monomials(200, 1);
        Assert.Equal(ErrorKind.TooFewSamples, Assert.Throws<KoopmanException>(() => estimator.Fit(many, pairs)).Kind);
    }

    [Fact]
    public void Components_of_linear_functions_have_the_rates_of_a_linear_process()
    {
        using var pairs = LangevinSystem.OrnsteinUhlenbeck().EquilibriumPairs(5000, lag: 0.2, seed: 3);
        using var model = new TicaEstimator().Fit(pairs);
        Assert.InRange(1.0, model.Modes[0].Lower, model.Modes[0].Upper);
        var (plain, scaled) = (model.Values(pairs.From), TicaEstimator.Coordinates(model, pairs.From));
        Assert.Equal(plain[3, 0] * Math.Exp(-0.2 * model.Rates[0]), scaled[3, 0], 10);
    }

    [Fact]
    public void Pairs_out_of_equilibrium_are_brought_there()
    {
        // A chain of two states, started with equal shares although 1 is visited twice as often.
        double[] x = [.. Enumerable.Range(0, 60).Select(i => i % 2)];
        double[] y = [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? (i % 20 < 8 ? 1 : 0) : (i % 20 < 4 ? 0 : 1))];
        using var from = Samples.FromValues(x, 1);
        using var to = Samples.FromValues(y, 1);
        using var pairs = SnapshotPairs.FromSamples(from, to, lag: 1);
        using var observables = Observables.Monomials(1, 1);
        var found = new EquilibriumReweighter().Fit(observables, pairs);
        var (up, down) = (y.Where((_, i) => x[i] == 0).Average(), 1 - y.Where((_, i) => x[i] == 1).Average());
        Assert.Equal(up / (up + down), x.Zip(found.Weights, (s, w) => s * w).Average(), 10);
        using var weighted = pairs.WithWeights(found.Weights);
        Assert.Equal(60, weighted.Count);
        Assert.Equal(0, found.NegativeShare, 10);
        Assert.InRange(found.EffectiveSize, 30, 60);
        Assert.True(found.Gap > 0.1);
        using var corePairs = SnapshotPairsModule.create(1, from.Points, to.Points).ResultValue;
        var core = Reweighting.fit(Reweighting.defaults, ObservablesModule.monomials(1, 1).ResultValue, corePairs).ResultValue;
        Assert.Equal(core.Weights, found.Weights);
    }

    [Fact]
    public void Timescales_do_not_depend_on_the_lag_and_powers_of_the_model_hold()
    {
        using var states = Well.Trajectory(10_000, lag: 0.1, seed: 17);
        using var observables = Observables.GaussiansOver(states);
        var estimator = new EdmdEstimator(new() { Modes = 1 });
        var table = ImpliedTimescales.Compute(1, pairs => estimator.Fit(observables, pairs), steps => Pairs(states, steps), 1, 2, 5);
        Assert.Equal([1, 2, 5], table.Rows.Select(row => row.Steps));
        Assert.All(table.Rows, row => Assert.InRange(1 / Well.Rates[0], row.Timescales[0].Lower, row.Timescales[0].Upper));
        Assert.NotNull(table.Plateaus[0]);
        using var first = Pairs(states, 1);
        using var model = estimator.Fit(observables, first);
        var test = ChapmanKolmogorov.Test(model, steps => Pairs(states, steps), 1, 2, 5);
        Assert.Equal(2, test.Points.Length);
        Assert.InRange(test.MaxDeviation, 0, 4);
        Assert.Throws<KoopmanException>(() => ChapmanKolmogorov.Test(model, steps => Pairs(states, steps), 2, 2));
    }

    [Fact]
    public void A_chain_is_counted()
    {
        var counts = new double[,] { { 70, 20, 10 }, { 10, 80, 10 }, { 10, 10, 80 } };
        var model = MarkovModel.FromCounts(counts, lag: 1, settings: new() { Reversible = false });
        Assert.Equal(0.7, model.Matrix[0, 0], 12);
        Assert.Equal([1, 0.7, 0.6], model.Eigenvalues.Select(value => Math.Round(value.Real, 10)));
        Assert.Equal(-1 / Math.Log(0.7), model.Timescales[0], 8);
        Assert.Equal(1, model.Stationary.Sum(), 12);
        var path = MarkovModel.FromTrajectories([[0, 1, 0, 0, 1, 1, 0]], step: 0.5, stride: 1);
        Assert.Equal((2, 0.5), (path.States, path.Lag));
        Assert.Equal([0, 1], MarkovModel.ConnectedStates(new double[,] { { 1, 1, 0 }, { 1, 1, 1 }, { 0, 0, 1 } }));
        var error = Assert.Throws<KoopmanException>(() => MarkovModel.FromTrajectories([[0, 1]], 1, 1));
        Assert.Equal(ErrorKind.IllConditioned, error.Kind);
    }

    [Fact]
    public void The_residual_of_a_rotation_is_the_distance_to_its_eigenvalues()
    {
        var circle = Enumerable.Range(0, 60).Select(i => 2 * Math.PI * i / 60).ToArray();
        using var from = Samples.FromValues([.. circle.SelectMany(t => new[] { Math.Cos(t), Math.Sin(t) })], 2);
        using var to = Samples.FromValues([.. circle.SelectMany(t => new[] { Math.Cos(t + 1), Math.Sin(t + 1) })], 2);
        using var pairs = SnapshotPairs.FromSamples(from, to, lag: 1);
        using var observables = Observables.Monomials(2, 2);
        using var field = new PseudospectrumEstimator().Fit(observables, pairs);
        Assert.Equal(5, field.Rank);
        var z = new Complex(0.3, 0.1);
        var distance = Enumerable.Range(-2, 5).Min(k => Complex.Abs(Complex.FromPolarCoordinates(1, k) - z));
        Assert.Equal(distance, field.Residuals(z)[0], 7);
        var map = field.Map(new() { Columns = 3, Rows = 5 });
        Assert.Equal((5, 3), (map.Residuals.GetLength(0), map.Residuals.GetLength(1)));
        Assert.Equal(map.Residuals[1, 2] < 0.5, map.Verified(0.5)[1, 2]);
        var phi = field.Functions(from, Complex.FromPolarCoordinates(1, 1));
        Assert.Equal(1, Complex.Abs(phi[5, 0]), 6);
    }

    [Fact]
    public void No_tensor_is_left_behind() => Lifetimes.AllDieIn(() =>
    {
        using var states = Well.Trajectory(400, lag: 0.1, seed: 17);
        using var observables = Observables.Monomials(3, 1);
        using var pairs = Pairs(states, 1);
        using var vamp = new VampEstimator().Fit(observables, pairs);
        _ = (vamp.Score(pairs), vamp.LeftFunctions(states), new VampEstimator().CrossValidate(observables, pairs));
        using var tica = new TicaEstimator().Fit(pairs);
        _ = TicaEstimator.Coordinates(tica, states, MapScaling.Commute);
        var weights = new EquilibriumReweighter().Fit(observables, pairs);
        _ = ImpliedTimescales.Compute(1, data => new TicaEstimator().Fit(data), steps => Pairs(states, steps), 1, 2);
        _ = ChapmanKolmogorov.Test(tica, steps => Pairs(states, steps), 1, 2);
        _ = MarkovModel.FromCounts(new double[,] { { 5, 1 }, { 2, 5 } }, 1);
        using var field = new PseudospectrumEstimator().Fit(observables, pairs);
        _ = (field.Residuals(Complex.One), field.Functions(states, Complex.One), field.Map(new() { Columns = 2, Rows = 2 }));
    });
}
