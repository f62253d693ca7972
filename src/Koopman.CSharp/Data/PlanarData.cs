using System;
using System.Collections.Generic;
using System.Linq;

namespace Koopman.CSharp;

/// <summary>A law in the plane that generators are tried on, with mean 0 and variance 1 along both axes. Equal seeds give equal draws.</summary>
public sealed class PlanarData
{
    private readonly PlanarSet core;

    private PlanarData(PlanarSet core)
    {
        this.core = core;
    }

    /// <summary>The names that <see cref="Named"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = PlanarSets.names.ToArray();

    /// <summary>Eight Gaussians around a circle.</summary>
    public static PlanarData EightGaussians { get; } = new(PlanarSets.eightGaussians);

    /// <summary>Two interleaved half circles with noise.</summary>
    public static PlanarData Moons { get; } = new(PlanarSets.moons);

    /// <summary>The eight cells of one colour of a board of 4 by 4.</summary>
    public static PlanarData Checkerboard { get; } = new(PlanarSets.checkerboard);

    /// <summary>Two spirals with noise.</summary>
    public static PlanarData Spirals { get; } = new(PlanarSets.spirals);

    /// <summary>A curve in the shape of an S with noise.</summary>
    public static PlanarData SCurve { get; } = new(PlanarSets.sCurve);

    /// <summary>The name in commands and reports.</summary>
    public string Name => core.Name;

    /// <summary>How many parts (modes, arcs, cells) of equal probability it has.</summary>
    public int Parts => core.Parts;

    /// <summary>A set by its name.</summary>
    /// <exception cref="KoopmanException">There is none of that name; the message lists those there are.</exception>
    public static PlanarData Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new(PlanarSets.byName(name).OrThrow());
    }

    /// <summary>Independent draws.</summary>
    /// <param name="count">How many, at least 2.</param>
    /// <param name="seed">Equal seeds give equal draws.</param>
    /// <exception cref="KoopmanException">Fewer than two are asked for.</exception>
    public SampleSet Draw(int count, int seed) => new(PlanarSets.draw(core, count, SeedModule.ofInt(seed)).OrThrow());

    /// <summary>
    /// A reference sample with as many points of every part, even along curves: distances to a generator's samples are less noisy than those to
    /// independent draws.
    /// </summary>
    /// <inheritdoc cref="Draw" path="/param"/>
    /// <inheritdoc cref="Draw" path="/exception"/>
    public SampleSet Stratified(int count, int seed) => new(PlanarSets.stratified(core, count, SeedModule.ofInt(seed)).OrThrow());

    /// <inheritdoc/>
    public override string ToString() => Name;
}
