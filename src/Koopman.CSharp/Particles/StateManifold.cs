using System;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Particles;

namespace Koopman.CSharp;

/// <summary>A surface in R^d that particles stay on: which vectors are tangent to it, and how to come back to it.</summary>
public sealed class StateManifold
{
    internal StateManifold(Manifold core)
    {
        Core = core;
    }

    internal Manifold Core { get; }

    /// <summary>What it is, for reports.</summary>
    public string Description => Core.Description;

    /// <summary>The dimension d of the space around it.</summary>
    public int Ambient => Core.Ambient;

    /// <summary>Its own dimension.</summary>
    public int Dimension => Core.Dimension;

    /// <summary>R^d itself.</summary>
    public static StateManifold Euclidean(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        return new(ManifoldModule.euclidean(dimension));
    }

    /// <summary>The circle around the origin of the plane.</summary>
    /// <exception cref="KoopmanException">The radius is not positive.</exception>
    public static StateManifold Circle(double radius = 1.0) => new(ManifoldModule.circle(radius).OrThrow());

    /// <summary>The points of R^d at a distance from the origin.</summary>
    /// <param name="ambient">d, at least 2.</param>
    /// <param name="radius">The distance.</param>
    /// <exception cref="KoopmanException">The radius is not positive, or there is no such sphere.</exception>
    public static StateManifold Sphere(int ambient, double radius = 1.0) => new(ManifoldModule.sphere(radius, ambient).OrThrow());

    /// <summary>The torus ((R + r cos φ) cos θ, (R + r cos φ) sin θ, r sin φ) in R³.</summary>
    /// <exception cref="KoopmanException">A radius is not positive, or r is not below R.</exception>
    public static StateManifold Torus(double major, double minor) => new(ManifoldModule.torus(major, minor).OrThrow());

    /// <summary>A product of circles, with a pair of coordinates for each.</summary>
    /// <exception cref="KoopmanException">There is no radius, or one is not positive.</exception>
    public static StateManifold FlatTorus(params double[] radii)
    {
        ArgumentNullException.ThrowIfNull(radii);
        return new(ManifoldModule.flatTorus(radii).OrThrow());
    }

    /// <summary>The surface through samples: its tangent spaces are the principal components of neighbouring ones.</summary>
    /// <param name="samples">Points on the surface. They are copied.</param>
    /// <param name="dimension">The surface's own dimension.</param>
    /// <param name="neighbours">How many samples make a tangent space.</param>
    /// <exception cref="KoopmanException">Too few neighbours or samples, or a dimension above theirs.</exception>
    public static StateManifold Through(SampleSet samples, int dimension, int neighbours = 30)
    {
        ArgumentNullException.ThrowIfNull(samples);
        return new(PointCloud.manifold(dimension, neighbours, samples.Core).OrThrow());
    }

    /// <summary>A manifold of your own. Both functions are tried on the samples first.</summary>
    /// <param name="description">What it is.</param>
    /// <param name="dimension">Its own dimension.</param>
    /// <param name="project">The tangential parts (n, d) of vectors (n, d) at points (n, d), linear in the vector.</param>
    /// <param name="retract">Points of the manifold near the given ones (n, d); those on it stay.</param>
    /// <param name="samples">Points near it.</param>
    /// <exception cref="KoopmanException">The functions are no projection and retraction.</exception>
    public static StateManifold Custom(
        string description,
        int dimension,
        Func<torch.Tensor, torch.Tensor, torch.Tensor> project,
        Func<torch.Tensor, torch.Tensor> retract,
        SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(project);
        ArgumentNullException.ThrowIfNull(retract);
        ArgumentNullException.ThrowIfNull(samples);
        return new(ManifoldModule.custom(
            description, dimension, FuncConvert.FromFunc(project), FuncConvert.FromFunc(retract), samples.Core).OrThrow());
    }

    /// <summary>Pairs of a point of this manifold and one of another; the coordinates of this one come first.</summary>
    public StateManifold Product(StateManifold other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new(ManifoldModule.product(Core, other.Core));
    }

    /// <summary>
    /// The functions with their derivatives along the manifold: spectra of them are those of the manifold's own diffusion. They use the
    /// given set, which must outlive them.
    /// </summary>
    /// <exception cref="KoopmanException">The functions are not of the space around the manifold.</exception>
    public ObservableSet Observables(ObservableSet inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return new CoreObservables(ManifoldModule.observables(Core, inner.Core).OrThrow());
    }

    /// <summary>The points of the manifold nearest to samples.</summary>
    /// <exception cref="ArgumentException">The samples are not of the space around it.</exception>
    public SampleSet Retract(SampleSet samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        using var points = Core.Retract.Invoke(Check.Points(samples.Points, Ambient, nameof(samples)));
        return SampleSet.FromTensor(points);
    }

    /// <inheritdoc/>
    public override string ToString() => Description;
}
