using System;

namespace Koopman;

/// <summary>Inputs and results of estimators: equations of motion, Markov models, singular functions, pseudospectra, tests of models.</summary>
public static partial class EstimationExtensions
{
    extension(DriftDiffusion)
    {
        /// <summary>The motion dX = b dt without noise.</summary>
        /// <param name="drift">b (n, d), one row per point.</param>
        /// <exception cref="KoopmanException">The drift is empty, or contains NaN or infinity.</exception>
        public static DriftDiffusion FromDrift(double[,] drift)
        {
            using var tensor = drift.ToTensor(nameof(drift));
            return DriftDiffusionModule.ofDrift(tensor).OrThrow();
        }

        /// <summary>The motion of a system at the samples: b = -∇V and a = 2T.</summary>
        /// <exception cref="KoopmanException">The samples have another dimension than the system.</exception>
        public static DriftDiffusion FromSystem(LangevinSystem system, Samples samples)
        {
            ArgumentNullException.ThrowIfNull(system);
            ArgumentNullException.ThrowIfNull(samples);
            return DriftDiffusionModule.ofLangevin(system, samples.Points).OrThrow();
        }
    }

    extension(DriftDiffusion motion)
    {
        /// <summary>The same drift with the same diffusion a = σσᵀ (d, d) at all points.</summary>
        /// <exception cref="KoopmanException">The matrix is not d by d, not symmetric, or has a negative eigenvalue.</exception>
        public DriftDiffusion WithDiffusion(double[,] diffusion)
        {
            using var tensor = diffusion.ToTensor(nameof(diffusion));
            return DriftDiffusionModule.withConstant(tensor, motion).OrThrow();
        }

        /// <summary>The same drift with a diagonal diffusion at each point (n, d).</summary>
        /// <exception cref="KoopmanException">The shape is not that of the drift, or an entry is negative.</exception>
        public DriftDiffusion WithDiagonalDiffusion(double[,] diffusion)
        {
            using var tensor = diffusion.ToTensor(nameof(diffusion));
            return DriftDiffusionModule.withDiagonal(tensor, motion).OrThrow();
        }

        /// <summary>The same drift with a diffusion matrix at each point (n, d, d).</summary>
        /// <exception cref="KoopmanException">The shape is another, or a matrix is not symmetric or has a negative eigenvalue.</exception>
        public DriftDiffusion WithDiffusion(double[,,] diffusion)
        {
            using var tensor = diffusion.ToTensor(nameof(diffusion));
            return DriftDiffusionModule.withFull(tensor, motion).OrThrow();
        }
    }

    extension(KramersMoyal model)
    {
        /// <summary>Drift and diffusion at points.</summary>
        /// <exception cref="ArgumentException">The points have another dimension.</exception>
        public DriftDiffusion At(Samples points) => model.At(Check.Points(points, model.Observables.Dimension, nameof(points)));
    }

    extension(Sindy)
    {
        /// <summary>Finds sparse equations from drift and diffusion at samples (SINDy; Brunton et al. 2016).</summary>
        /// <param name="observables">The candidate terms: monomials give polynomials.</param>
        /// <param name="samples">The samples at which the motion is known.</param>
        /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
        /// <param name="threshold">A term below this fraction of its target is left out: 1e-6 for exact data, .01 to .1 for noisy
        /// ones.</param>
        /// <exception cref="KoopmanException">Shapes that do not match, fewer samples than terms, or a threshold out of its range.</exception>
        public static Sindy FromMotion(Observables observables, Samples samples, DriftDiffusion motion, double threshold = 1e-6)
        {
            ArgumentNullException.ThrowIfNull(observables);
            ArgumentNullException.ThrowIfNull(samples);
            ArgumentNullException.ThrowIfNull(motion);
            return SindyModule.ofMotion(threshold, observables, samples, motion).OrThrow();
        }
    }
}
