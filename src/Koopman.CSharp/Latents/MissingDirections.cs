using System;
using Koopman.Latents;

namespace Koopman.CSharp;

/// <summary>
/// The directions that principal components leave out. In many dimensions particles move in a few leading coordinates; the others are drawn
/// from the data, so that a start in one place does not stay collapsed there.
/// </summary>
public static class MissingDirections
{
    /// <summary>The points (m, d) with these leading coordinates and a complement drawn for each. Encoding them gives the coordinates back.</summary>
    /// <param name="components">The principal components of the leading coordinates.</param>
    /// <param name="data">The data (n, d) that the complement comes from. Weights count.</param>
    /// <param name="latents">The leading coordinates (m, k); their weights are kept.</param>
    /// <param name="rule">Where the complement comes from. Default the Gaussian fit of the data.</param>
    /// <param name="seed">Of the draws.</param>
    /// <exception cref="KoopmanException">Data or latents of another dimension than the components take.</exception>
    public static SampleSet Complete(
        PrincipalComponents components, SampleSet data, SampleSet latents, Complement rule = Complement.Gaussian, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(latents);
        return new(ComplementModule.complete(rule, SeedModule.ofInt(seed), components.Core, data.Core, latents.Core).OrThrow());
    }
}
