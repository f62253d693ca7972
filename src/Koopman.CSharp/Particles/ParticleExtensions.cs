using System;
using System.Threading;
using Koopman.Particles;
using Microsoft.FSharp.Core;
using TorchSharp;

namespace Koopman;

/// <summary>Particle fields, manifolds, targets of samplers, and running flows.</summary>
public static class ParticleExtensions
{
    extension(ParticleField)
    {
        /// <summary>The field of a spectrum. For the spectrum of pairs <c>FromPairs</c> measures the diffusion better.</summary>
        /// <param name="spectrum">Reversible.</param>
        /// <param name="data">The samples that it was fitted to.</param>
        /// <param name="resolvent">A rate added to all rates; larger values slow down the slow modes.</param>
        /// <exception cref="KoopmanException">A spectrum without usable modes, shapes that do not match, or a negative
        /// resolvent.</exception>
        public static ParticleField FromSpectrum(Spectrum spectrum, Samples data, double resolvent = 0.0)
        {
            ArgumentNullException.ThrowIfNull(spectrum);
            ArgumentNullException.ThrowIfNull(data);
            return ParticleFieldModule.ofSpectrum(resolvent, spectrum, data).OrThrow();
        }

        /// <summary>The field of the spectrum of pairs, in the metric of their diffusion: a constant one, measured by the quadratic variation of the
        /// coordinates and, for what decays within a lag, by the modes.</summary>
        /// <param name="spectrum">Reversible.</param>
        /// <param name="pairs">The pairs that it was fitted to.</param>
        /// <param name="resolvent">A rate added to all rates; larger values slow down the slow modes.</param>
        /// <exception cref="KoopmanException">A spectrum without usable modes or of another lag, shapes that do not match, or a negative
        /// resolvent.</exception>
        public static ParticleField FromPairs(Spectrum spectrum, SnapshotPairs pairs, double resolvent = 0.0)
        {
            ArgumentNullException.ThrowIfNull(spectrum);
            ArgumentNullException.ThrowIfNull(pairs);
            return ParticleFieldModule.ofPairs(resolvent, spectrum, pairs).OrThrow();
        }

        /// <summary>The field of all functions, without an eigenproblem.</summary>
        /// <param name="observables">The dictionary.</param>
        /// <param name="data">Samples of the law, weighted or not.</param>
        /// <param name="temperature">T, positive.</param>
        /// <param name="resolvent">A rate added to all rates.</param>
        /// <exception cref="KoopmanException">A setting out of range, shapes that do not match, or functions constant on the
        /// data.</exception>
        public static ParticleField FullRank(Observables observables, Samples data, double temperature = 1.0, double resolvent = 0.0)
        {
            ArgumentNullException.ThrowIfNull(observables);
            ArgumentNullException.ThrowIfNull(data);
            return ParticleFieldModule.fullRank(resolvent, temperature, observables, data).OrThrow();
        }

        /// <summary>The field of all functions for a constant diffusion that depends on direction.</summary>
        /// <param name="observables">The dictionary.</param>
        /// <param name="data">Samples of the law, weighted or not.</param>
        /// <param name="diffusion">a = σσᵀ (d, d), symmetric and without negative eigenvalues.</param>
        /// <param name="resolvent">A rate added to all rates.</param>
        /// <exception cref="KoopmanException">A setting out of range, shapes that do not match, or functions constant on the
        /// data.</exception>
        public static ParticleField FullRank(Observables observables, Samples data, double[,] diffusion, double resolvent = 0.0)
        {
            ArgumentNullException.ThrowIfNull(observables);
            ArgumentNullException.ThrowIfNull(data);
            return ParticleFieldModule.fullRankWithDiffusion(resolvent, Everywhere(diffusion), observables, data).OrThrow();
        }
    }

    /// The matrix as a function of points; it is copied, and its tensors belong to the caller's dispose scope.
    private static FSharpFunc<torch.Tensor, Diffusion> Everywhere(double[,] diffusion)
    {
        ArgumentNullException.ThrowIfNull(diffusion);
        var copy = (double[,])diffusion.Clone();
        return FuncConvert.FromFunc<torch.Tensor, Diffusion>(_ => Diffusion.NewConstant(torch.tensor(copy)));
    }

    extension(ParticleField field)
    {
        /// <summary>The same field with the means over other samples as its target.</summary>
        /// <exception cref="KoopmanException">The samples have another dimension.</exception>
        public ParticleField Towards(Samples samples)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return ParticleFieldModule.towards(samples, field).OrThrow();
        }

        /// <summary>The same field in the metric of a known constant diffusion: v = -½ a ∇u.</summary>
        /// <param name="diffusion">a = σσᵀ (d, d).</param>
        /// <param name="data">Samples of the law.</param>
        /// <exception cref="KoopmanException">The matrix is not d by d, not symmetric or has a negative eigenvalue.</exception>
        public ParticleField WithDiffusion(double[,] diffusion, Samples data)
        {
            ArgumentNullException.ThrowIfNull(data);
            return ParticleFieldModule.withDiffusion(Everywhere(diffusion), data, field).OrThrow();
        }

        /// <summary>The same field in the metric of a diffusion that depends on the place.</summary>
        /// <param name="diffusion">a = σσᵀ at points (n, d), called at every step. Its tensors are freed after each call.</param>
        /// <param name="data">Samples of the law, on which the diffusion is checked.</param>
        /// <exception cref="KoopmanException">The matrices have another shape, are not symmetric or have a negative eigenvalue.</exception>
        public ParticleField WithDiffusion(Func<torch.Tensor, Diffusion> diffusion, Samples data)
        {
            ArgumentNullException.ThrowIfNull(diffusion);
            ArgumentNullException.ThrowIfNull(data);
            return ParticleFieldModule.withDiffusion(FuncConvert.FromFunc(diffusion), data, field).OrThrow();
        }

        /// <summary>The same field in the metric of an estimated diffusion.</summary>
        /// <param name="model">The estimate; it must live as long as the field.</param>
        /// <param name="data">Samples of the law.</param>
        /// <exception cref="KoopmanException">The model has another dimension.</exception>
        public ParticleField WithDiffusion(KramersMoyal model, Samples data)
        {
            ArgumentNullException.ThrowIfNull(model);
            return field.WithDiffusion(model.DiffusionAt, data);
        }

        /// <summary>The energy E of particles.</summary>
        /// <exception cref="ArgumentException">They have another dimension.</exception>
        public double Energy(Samples particles)
        {
            Check.Points(particles, field.Observables.Dimension, nameof(particles));
            return ParticleFieldModule.energy(field, particles);
        }

        /// <summary>The velocity of each particle (M, d).</summary>
        /// <exception cref="ArgumentException">They have another dimension.</exception>
        public double[,] Velocity(Samples particles)
        {
            Check.Points(particles, field.Observables.Dimension, nameof(particles));
            return ParticleFieldModule.velocity(field, particles).Taken(tensor => tensor.ToMatrix());
        }
    }

    extension(ParticleRun run)
    {
        /// <summary>Continues to the end. After a cancellation it can be called again.</summary>
        /// <param name="progress">Reports after every iteration, on the worker thread.</param>
        /// <param name="cancellation">Checked at every iteration.</param>
        /// <exception cref="KoopmanException">Particles that diverged.</exception>
        /// <exception cref="OperationCanceledException">Cancelled.</exception>
        public void Continue(IProgress<ParticleProgress>? progress = null, CancellationToken cancellation = default) =>
            ParticleFlow.resume(progress.ToControl(cancellation), run).OrThrow();

        /// <summary>The present state of the flow, or its result once finished. The caller disposes it.</summary>
        public ParticleResult Result() => ParticleFlow.outcome(run).OrThrow();

        /// <summary>Writes the complete state of the flow to a file, which is replaced atomically.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written; an existing file is then unchanged.</exception>
        public void Save(string path) => RunFiles.Save(path, ParticleFlow.state(run));

        /// <summary>
        /// Restores a state saved by a flow with the same settings, seed, field and data; the result is the same to the bit.
        /// </summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">There is no such file, it is damaged, or it belongs to other particles; then nothing is
        /// changed.</exception>
        public void Restore(string path) => RunFiles.Restore(path, state => ParticleFlow.restore(state, run));

        /// <summary>
        /// From now on <c>Continue</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run
        /// that is killed loses no more than one interval. The file is replaced atomically between two steps.
        /// </summary>
        /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
        /// <param name="path">The file. If it cannot be written at the start, <c>Continue</c> fails; if it cannot later, the next interval
        /// tries again.</param>
        /// <exception cref="KoopmanException">The interval is negative.</exception>
        public void SaveEvery(TimeSpan interval, string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            ParticleFlow.saveEvery(interval, path, run).OrThrow();
        }
    }

    extension(Manifold)
    {
        /// <summary>R^d.</summary>
        public static Manifold Euclidean(int dimension) => ManifoldModule.euclidean(Check.AtLeastOne(dimension, nameof(dimension)));

        /// <summary>The circle around the origin of the plane.</summary>
        /// <exception cref="KoopmanException">The radius is not positive.</exception>
        public static Manifold Circle(double radius = 1.0) => ManifoldModule.circle(radius).OrThrow();

        /// <summary>The points of R^d at a distance from the origin.</summary>
        /// <param name="ambient">d, at least 2.</param>
        /// <param name="radius">The distance.</param>
        /// <exception cref="KoopmanException">The radius is not positive, or there is no such sphere.</exception>
        public static Manifold Sphere(int ambient, double radius = 1.0) => ManifoldModule.sphere(radius, ambient).OrThrow();

        /// <summary>The torus ((R + r cos φ) cos θ, (R + r cos φ) sin θ, r sin φ) in R³.</summary>
        /// <exception cref="KoopmanException">A radius is not positive, or r is not below R.</exception>
        public static Manifold Torus(double major, double minor) => ManifoldModule.torus(major, minor).OrThrow();

        /// <summary>A product of circles, with a pair of coordinates for each.</summary>
        /// <exception cref="KoopmanException">There is no radius, or one is not positive.</exception>
        public static Manifold FlatTorus(params double[] radii)
        {
            ArgumentNullException.ThrowIfNull(radii);
            return ManifoldModule.flatTorus(radii).OrThrow();
        }

        /// <summary>
        /// The surface through samples: its tangent spaces are spanned by the principal components of neighbouring samples.
        /// </summary>
        /// <param name="samples">Points on the surface. They are copied.</param>
        /// <param name="dimension">The dimension of the surface.</param>
        /// <param name="neighbours">The number of samples for a tangent space.</param>
        /// <exception cref="KoopmanException">Too few neighbours or samples, or a dimension above theirs.</exception>
        public static Manifold Through(Samples samples, int dimension, int neighbours = 30)
        {
            ArgumentNullException.ThrowIfNull(samples);
            return PointCloud.manifold(dimension, neighbours, samples).OrThrow();
        }

        /// <summary>A user-defined manifold. Both functions are first checked on the samples.</summary>
        /// <param name="description">The description.</param>
        /// <param name="dimension">The dimension of the manifold.</param>
        /// <param name="project">The tangential parts (n, d) of vectors (n, d) at points (n, d), linear in the vector.</param>
        /// <param name="retract">Points of the manifold near the given ones (n, d); those on it stay.</param>
        /// <param name="samples">Points near it.</param>
        /// <exception cref="KoopmanException">The functions are not a projection and a retraction.</exception>
        public static Manifold Custom(
            string description,
            int dimension,
            Func<torch.Tensor, torch.Tensor, torch.Tensor> project,
            Func<torch.Tensor, torch.Tensor> retract,
            Samples samples)
        {
            ArgumentNullException.ThrowIfNull(description);
            ArgumentNullException.ThrowIfNull(project);
            ArgumentNullException.ThrowIfNull(retract);
            ArgumentNullException.ThrowIfNull(samples);
            return ManifoldModule.custom(
                description, dimension, FuncConvert.FromFunc(project), FuncConvert.FromFunc(retract), samples).OrThrow();
        }
    }

    extension(Manifold manifold)
    {
        /// <summary>The dimension d of the ambient space.</summary>
        public int Ambient => ManifoldModule.ambient(manifold);

        /// <summary>Its own dimension.</summary>
        public int Dimension => ManifoldModule.dimension(manifold);

        /// <summary>Pairs of a point of this manifold and one of another; the coordinates of this one come first.</summary>
        public Manifold Product(Manifold other)
        {
            ArgumentNullException.ThrowIfNull(other);
            return ManifoldModule.product(manifold, other);
        }

        /// <summary>
        /// The functions with their derivatives along the manifold: their spectra are those of the diffusion on the manifold. The given set
        /// still belongs to the caller.
        /// </summary>
        /// <exception cref="KoopmanException">The functions do not have the dimension of the ambient space.</exception>
        public Observables Observables(Observables inner)
        {
            ArgumentNullException.ThrowIfNull(inner);
            return ManifoldModule.observables(manifold, inner).OrThrow();
        }

        /// <summary>The points of the manifold nearest to samples.</summary>
        /// <exception cref="ArgumentException">The samples do not have the dimension of the ambient space.</exception>
        public Samples Retract(Samples samples)
        {
            using var points = ManifoldModule.retract(manifold, Check.Points(samples, manifold.Ambient, nameof(samples)));
            return Samples.FromTensor(points);
        }
    }

    extension(Target)
    {
        /// <summary>The invariant law of a system.</summary>
        public static Target Of(LangevinSystem system)
        {
            ArgumentNullException.ThrowIfNull(system);
            return TargetModule.ofSystem(system);
        }

        /// <summary>A Gaussian.</summary>
        /// <exception cref="KoopmanException">The covariance is not positive definite, or of another dimension than the mean.</exception>
        public static Target Gaussian(double[] mean, double[,] covariance)
        {
            ArgumentNullException.ThrowIfNull(mean);
            ArgumentNullException.ThrowIfNull(covariance);
            return TargetModule.gaussian(mean, covariance).OrThrow();
        }

        /// <summary>Gaussians of one width around weighted centres: a mixture, or the kernel density of data.</summary>
        /// <param name="centres">The centres, which are copied.</param>
        /// <param name="width">The standard deviation of each.</param>
        /// <exception cref="KoopmanException">The width is not positive.</exception>
        public static Target KernelDensity(Samples centres, double width)
        {
            ArgumentNullException.ThrowIfNull(centres);
            return TargetModule.kernelDensity(width, centres).OrThrow();
        }

        /// <summary>A user-defined law.</summary>
        /// <param name="dimension">d.</param>
        /// <param name="logDensity">The logarithm of the density up to a constant, (n, d) to (n), float64.</param>
        /// <param name="score">Its gradient, (n, d) to (n, d), float64.</param>
        public static Target Of(int dimension, Func<torch.Tensor, torch.Tensor> logDensity, Func<torch.Tensor, torch.Tensor> score)
        {
            Check.AtLeastOne(dimension, nameof(dimension));
            ArgumentNullException.ThrowIfNull(logDensity);
            ArgumentNullException.ThrowIfNull(score);
            return TargetModule.create(dimension, FuncConvert.FromFunc(logDensity), FuncConvert.FromFunc(score));
        }
    }

    extension(Target target)
    {
        /// <summary>The dimension d.</summary>
        public int Dimension => TargetModule.dimension(target);
    }
}
