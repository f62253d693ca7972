using System;
using System.Linq;
using System.Numerics;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>Generators, propagators, and what leads from one to the other.</summary>
public class OperatorTests
{
    private static readonly double[,] Unit = { { 1, 0 }, { 0, 1 } };

    /// <summary>A damped rotation: exponents -.3 ± i.</summary>
    private static readonly double[,] Spiral = { { -0.3, 1 }, { -1, -0.3 } };

    internal static Generator MakeGenerator(Observables two, double[,]? matrix = null) =>
        Generator.FromMatrix(two, matrix ?? Spiral, Unit, "the plain one");

    private static Propagator MakePropagator(Observables two, double[,] matrix, double lag = 0.5) =>
        Propagator.FromMatrix(two, lag, matrix, Unit, "the plain one");

    private static void Close(double[,] expected, double[,] actual, double tolerance = 1e-12)
    {
        Assert.Equal((expected.GetLength(0), expected.GetLength(1)), (actual.GetLength(0), actual.GetLength(1)));
        foreach (var (e, a) in expected.Cast<double>().Zip(actual.Cast<double>()))
            Assert.InRange(a - e, -tolerance, tolerance);
    }

    [Fact]
    public void The_exponential_of_a_generator_is_its_propagator()
    {
        using var two = Observables.Monomials(1, 1);
        using var generator = MakeGenerator(two);
        using var propagator = generator.Exp(2);
        var (sin, cos) = Math.SinCos(2);
        var shrink = Math.Exp(-0.6);
        Close(new[,] { { shrink * cos, shrink * sin }, { -shrink * sin, shrink * cos } }, propagator.Matrix.ToMatrix());
        Assert.Equal((2, "the plain one"), (propagator.Lag, propagator.Measure));
        Assert.Equal(shrink, propagator.Norm(), 12);
        Assert.Equal(0, propagator.DisagreementWith(generator), 12);
        Close(Unit, propagator.Gram.ToMatrix());
    }

    [Fact]
    public void Propagators_follow_one_another()
    {
        using var two = Observables.Monomials(1, 1);
        using var generator = MakeGenerator(two);
        using var first = generator.Exp(0.5);
        using var later = generator.Exp(1);
        using var both = first.Then(later);
        using var cubed = first.Power(3);
        using var none = first.Power(0);
        Assert.Equal((1.5, 1.5, 0.0), (both.Lag, cubed.Lag, none.Lag));
        Close(both.Matrix.ToMatrix(), cubed.Matrix.ToMatrix());
        Close(Unit, none.Matrix.ToMatrix());
        Close(first.Matrix.ToMatrix(), first.Apply(Unit));
        var sum = first.Apply(new double[,] { { 1 }, { 1 } });
        Assert.Equal(first.Matrix.ToMatrix()[0, 0] + first.Matrix.ToMatrix()[0, 1], sum[0, 0], 12);
    }

    [Fact]
    public void Both_know_their_modes()
    {
        using var two = Observables.Monomials(1, 1);
        using var generator = MakeGenerator(two);
        using var exponents = generator.Spectrum();
        Assert.Equal((true, false, null, null), (exponents.Convention.IsInfinitesimalGenerator, exponents.IsReversible, exponents.Lag, exponents.Temperature));
        Assert.Equal([1.0, -1.0], exponents.Modes.Select(mode => Math.Round(mode.Frequency, 12)));
        Assert.All(exponents.Rates, rate => Assert.Equal(0.3, rate, 12));
        using var propagator = generator.Exp(0.5);
        using var eigenvalues = propagator.Spectrum();
        Assert.Equal((true, 0.5), (eigenvalues.Convention.IsPropagatorAtLag, eigenvalues.Lag));
        foreach (var (lambda, mu) in eigenvalues.Eigenvalues.Zip(exponents.Eigenvalues))
            Assert.InRange(Complex.Abs(lambda - Complex.Exp(0.5 * mu)), 0, 1e-12);
    }

    [Fact]
    public void The_logarithm_leads_back_and_says_what_is_in_doubt()
    {
        using var two = Observables.Monomials(1, 1);
        using var generator = MakeGenerator(two);
        using var near = generator.Exp(1);
        using var back = near.Log(out var branch);
        Close(Spiral, back.Matrix.ToMatrix());
        Assert.True(branch.IsClear);
        Assert.Equal(Math.PI, branch.LargestFrequency);

        // 200 degrees a step look like 160 degrees back: too far for this lag, and 170 are too near to tell.
        using var beyond = MakePropagator(two, DynamicsTests.Rotation(200));
        using var alias = beyond.Log(out _);
        using var aliased = alias.Spectrum();
        Assert.Equal(160 * Math.PI / 180 / 0.5, aliased.Modes[0].Frequency, 10);
        using var doubtful = MakePropagator(two, DynamicsTests.Rotation(170));
        Assert.True(doubtful.TryLog(out var found, out branch, out var error));
        found.Dispose();
        Assert.Null(error);
        Assert.False(branch.IsClear);
        Assert.Equal(2, branch.NearBranchCut.Length);
        Assert.Empty(branch.NearZero);
    }

    [Fact]
    public void A_negative_eigenvalue_has_no_real_logarithm_until_it_is_left_out()
    {
        using var two = Observables.Monomials(1, 1);
        using var flip = MakePropagator(two, new[,] { { -0.5, 0 }, { 0, 0.9 } });
        Assert.False(flip.TryLog(out var generator, out var branch, out var error));
        Assert.Null(generator);
        Assert.Null(branch);
        Assert.Equal(ErrorKind.InvalidSetting, error.Kind);
        Assert.Contains("-0.5", error.Cause);
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => flip.Log(out _)).Kind);
        using var kept = flip.Restrict(value => value.Real > 0);
        using var logarithm = kept.Log(out _);
        Close(new[,] { { 0, 0 }, { 0, Math.Log(0.9) / 0.5 } }, logarithm.Matrix.ToMatrix());
    }

    [Fact]
    public void Half_of_a_pair_or_nothing_is_no_real_operator()
    {
        using var two = Observables.Monomials(1, 1);
        using var generator = MakeGenerator(two);
        Assert.Contains("pair", Assert.Throws<KoopmanException>(() => generator.Restrict(value => value.Imaginary > 0)).Message);
        Assert.Throws<KoopmanException>(() => generator.Restrict(_ => false));
        using var propagator = generator.Exp(1);
        Assert.Throws<KoopmanException>(() => propagator.Restrict(_ => false));
    }

    [Fact]
    public void Adjoints_are_taken_in_the_measure()
    {
        using var two = Observables.Monomials(1, 1);
        double[,] gram = { { 2, 0 }, { 0, 1 } };
        using var generator = Generator.FromMatrix(two, new double[,] { { 0, 1 }, { 3, 0 } }, gram, "another");
        using var adjoint = generator.Adjoint();

        // G⁻¹ Lᵀ G.
        Close(new[,] { { 0, 1.5 }, { 2, 0 } }, adjoint.Matrix.ToMatrix());
        using var propagator = Propagator.FromMatrix(two, 1, new double[,] { { 0, 1 }, { 3, 0 } }, gram, "another");
        using var transfer = propagator.Adjoint();
        Close(adjoint.Matrix.ToMatrix(), transfer.Matrix.ToMatrix());
    }

    [Fact]
    public void Growth_that_eigenvalues_do_not_show_is_seen()
    {
        using var two = Observables.Monomials(1, 1);
        using var shear = MakeGenerator(two, new double[,] { { -1, 4 }, { 0, -1 } });
        Assert.Equal(1, shear.LogNorm(), 12); // -1 + 4/2
        Assert.Equal(Math.Sqrt(16.0 / 18), shear.NonNormality(), 7);
        using var spiral = MakeGenerator(two);
        Assert.Equal(-0.3, spiral.LogNorm(), 12);
        Assert.Equal(0, spiral.NonNormality(), 7);

        // It has but one eigenvector, and still a Schur form.
        using var step = shear.Exp(0.5);
        foreach (var (matrix, schur) in new[] { (shear.Matrix.ToMatrix(), shear.Schur()), (step.Matrix.ToMatrix(), step.Schur()) })
        {
            var (q, t) = (schur.Vectors, schur.Triangular);
            Assert.Equal(matrix[0, 0], t[0, 0], 7);
            Assert.Equal(0, t[1, 0], 7);
            for (var i = 0; i < 2; i++)
            {
                for (var j = 0; j < 2; j++)
                {
                    var product = Enumerable.Range(0, 4).Sum(n => q[i, n / 2] * t[n / 2, n % 2] * q[j, n % 2]);
                    Assert.Equal(matrix[i, j], product, 12);
                }
            }
        }
    }

    [Fact]
    public void Matrices_that_do_not_fit_are_refused()
    {
        using var two = Observables.Monomials(1, 1);
        using var other = Observables.Monomials(1, 1);
        using var mine = MakeGenerator(two).Exp(1);
        using var theirs = MakeGenerator(other);
        using var step = theirs.Exp(1);
        Assert.Equal(ErrorKind.ShapeMismatch, Assert.Throws<KoopmanException>(() => MakeGenerator(two, new double[1, 1])).Kind);
        Assert.Equal(ErrorKind.ShapeMismatch, Assert.Throws<KoopmanException>(() => MakePropagator(two, new double[2, 1])).Kind);
        Assert.Equal(ErrorKind.NotFinite, Assert.Throws<KoopmanException>(() => MakeGenerator(two, new[,] { { 0, double.NaN }, { 0, 0 } })).Kind);
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => MakePropagator(two, Unit, lag: -1)).Kind);
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => mine.Power(-1)).Kind);
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => theirs.Exp(double.NaN)).Kind);
        Assert.Contains("different observables", Assert.Throws<KoopmanException>(() => mine.Then(step)).Message);
        Assert.Contains("different observables", Assert.Throws<KoopmanException>(() => mine.DisagreementWith(theirs)).Message);
        Assert.Throws<ArgumentException>(() => mine.Apply(new double[3, 1]));
        Assert.Throws<ArgumentNullException>(() => mine.Apply(null!));
        Assert.Throws<ArgumentNullException>(() => mine.Then(null!));
        Assert.Throws<ArgumentNullException>(() => Generator.FromMatrix(two, null!, Unit, ""));
        mine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => mine.Matrix.ToMatrix());
        Assert.Throws<ObjectDisposedException>(() => theirs.Exp(1).Then(mine));
    }

    [Fact]
    public void Laws_hold_for_what_the_library_makes()
    {
        using var samples = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(300, seed: 2);
        using var powers = Observables.Monomials(3, 1);
        using var spectrum = new LangevinEstimator().Fit(powers, samples);
        using var pairs = DynamicsTests.Linear(new[,] { { 0.8, -0.05 }, { 0.1, 0.7 } });
        using var plane = Observables.Monomials(2, 2);
        using var model = new EdmdEstimator().FitDynamics(plane, pairs);
        using var two = Observables.Monomials(1, 1);
        using var generator = MakeGenerator(two);
        LawOutcome[] results =
        [
            .. OperatorLaws.Check(powers, samples),
            .. OperatorLaws.Check(spectrum, samples),
            .. OperatorLaws.Check(plane, pairs),
            .. OperatorLaws.Check(model.Propagator),
            .. OperatorLaws.Check(model, new double[,] { { 0.1, 0.2 } }),
            .. OperatorLaws.Check(generator, time: 1),
        ];
        Assert.All(results, result => Assert.True(result.Holds, result.ToString()));
        Assert.True(results.Length > 20);
    }

    [Fact]
    public void Laws_fail_for_functions_with_a_wrong_derivative()
    {
        using var samples = LangevinSystem.OrnsteinUhlenbeck().EquilibriumSamples(50, seed: 2);
        using var right = new Powers();
        using var wrong = new WrongPowers();
        Assert.All(OperatorLaws.Check(right, samples), result => Assert.True(result.Holds, result.ToString()));
        var broken = OperatorLaws.Check(wrong, samples).Where(result => !result.Holds).ToArray();
        Assert.Contains(broken, result => result.Law.Contains("slope of ψ") && result.Defect > 0.1);
    }

    [Fact]
    public void Laws_are_tried_on_samples_of_the_right_dimension()
    {
        using var plane = LangevinSystem.QuadrupleWell.EquilibriumSamples(60, seed: 2);
        using var pairs = LangevinSystem.QuadrupleWell.EquilibriumPairs(60, lag: 0.1, seed: 2);
        using var line = Observables.Monomials(1, 1);
        Assert.Throws<ArgumentException>(() => OperatorLaws.Check(line, plane));
        Assert.Throws<ArgumentException>(() => OperatorLaws.Check(line, pairs));
    }

    private sealed class WrongPowers : Powers
    {
        protected override torch.Tensor PartialAt(torch.Tensor points, int axis) => base.PartialAt(points, axis).mul(1.5);
    }
}
