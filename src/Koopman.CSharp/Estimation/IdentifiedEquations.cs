using System;
using System.Collections.Generic;

namespace Koopman.CSharp;

/// <summary>An equation of motion written out on observables.</summary>
public sealed record IdentifiedEquations
{
    private readonly Sindy core;

    internal IdentifiedEquations(Sindy core)
    {
        this.core = core;
        Terms = Array.AsReadOnly(core.Terms);
        Equations = Array.AsReadOnly(core.Equations);
        DriftDefect = Array.AsReadOnly(core.DriftDefect);
    }

    /// <summary>The names of the N functions.</summary>
    public IReadOnlyList<string> Terms { get; }

    /// <summary>One line a coordinate, "dx0/dt = -10 x0 + 10 x1", and for noise one line an entry, "a00 = 2 1".</summary>
    public IReadOnlyList<string> Equations { get; }

    /// <summary>For each coordinate the share of the drift, in root mean square, that the terms leave unexplained.</summary>
    public IReadOnlyList<double> DriftDefect { get; }

    /// <summary>The drift's coefficients (N, d); terms that were left out are 0. A copy.</summary>
    public double[,] Drift() => (double[,])core.Drift.Clone();

    /// <summary>The diffusion's coefficients (N, d, d), or null if there is no noise. A copy.</summary>
    public double[,,]? Diffusion() => (double[,,]?)core.Diffusion?.Value.Clone();

    /// <summary>Finds the equations from drift and diffusion at samples, small terms left out (SINDy; Brunton et al. 2016).</summary>
    /// <param name="observables">The terms to choose from: monomials give polynomials.</param>
    /// <param name="samples">Where the motion is known.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    /// <param name="threshold">A term below this share of its target is left out: 1e-6 for exact data, .01 to .1 for noisy ones.</param>
    /// <exception cref="KoopmanException">Shapes that do not match, fewer samples than terms, or a threshold out of its range.</exception>
    public static IdentifiedEquations FromMotion(
        ObservableSet observables, SampleSet samples, EquationOfMotion motion, double threshold = 1e-6)
    {
        ArgumentNullException.ThrowIfNull(observables);
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(motion);
        return new(SindyModule.ofMotion(threshold, observables.Core, samples.Core, motion.Core).OrThrow());
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(Environment.NewLine, Equations);
}
