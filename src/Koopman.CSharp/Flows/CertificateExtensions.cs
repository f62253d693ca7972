using System;
using Koopman.Flows;
using TorchSharp;

namespace Koopman;

/// <summary>Settings of certificates of one-step samples.</summary>
public sealed record CertificateSettings
{
    /// <summary>The fraction of samples whose bound is to hold, between 0 and 1. Default .95.</summary>
    public double Level { get; init; } = CertificateModule.defaults.Level;

    /// <summary>Points of the quadrature along a predicted path; at least 1. Default 6.</summary>
    public int Nodes { get; init; } = CertificateModule.defaults.Nodes;

    /// <summary>Runge–Kutta steps of the teacher, in the calibration and for samples handed over to it; at least 1. Default 40.</summary>
    public int TeacherSteps { get; init; } = CertificateModule.defaults.TeacherSteps;

    internal CertificateOptions ToCore() => new(Level, Nodes, TeacherSteps);
}

/// <summary>Bounds on the errors of one-step samples at run time, and their densities.</summary>
public static class CertificateExtensions
{
    extension(LinearFlow flow)
    {
        /// <summary>
        /// Calibrates bounds on noise that is held out, for which the teacher's equation is solved once. Dispose the result.
        /// </summary>
        /// <param name="teacher">The velocity field that it was trained to follow.</param>
        /// <param name="noise">Independent normal points (n, d), not those of the training; better 1,000 or more.</param>
        /// <param name="settings">Null for bounds that hold for 95 % of samples.</param>
        /// <exception cref="ArgumentException">The noise has another shape.</exception>
        /// <exception cref="KoopmanException">Too little noise, a setting out of range, or a flow with a decoder or of several parts.</exception>
        public Certificate Certify(VelocityField teacher, torch.Tensor noise, CertificateSettings? settings = null)
        {
            ArgumentNullException.ThrowIfNull(teacher);
            Check.Points(noise, flow.Dimension, nameof(noise));
            return CertificateModule.calibrate((settings ?? new()).ToCore(), flow, teacher, noise).OrThrow();
        }

        /// <summary>Samples in one step with their errors to first order, without solving the teacher's equation. Dispose the result.</summary>
        /// <param name="teacher">The velocity field that it was trained to follow.</param>
        /// <param name="noise">Normal points (n, d).</param>
        /// <param name="nodes">Points of the quadrature along each path; at least 1.</param>
        /// <exception cref="ArgumentException">The noise has another shape.</exception>
        /// <exception cref="KoopmanException">A setting out of range, or a flow with a decoder or of several parts.</exception>
        public EstimatedSamples Estimate(VelocityField teacher, torch.Tensor noise, int nodes = 6)
        {
            ArgumentNullException.ThrowIfNull(teacher);
            Check.Points(noise, flow.Dimension, nameof(noise));
            return CertificateModule.estimate(nodes, flow, teacher, noise).OrThrow();
        }

        /// <summary>The log density of one-step samples at points, by the noise that the flow moves there. Dispose the result.</summary>
        /// <param name="points">Points (n, d).</param>
        /// <param name="iterations">The largest number of steps of Newton's method; at least 1.</param>
        /// <exception cref="ArgumentException">The points have another shape.</exception>
        /// <exception cref="KoopmanException">No iteration, or a flow with classes that was told none.</exception>
        public FlowDensity LogDensity(torch.Tensor points, int iterations = 20)
        {
            Check.Points(points, flow.Dimension, nameof(points));
            return Likelihood.logDensity(iterations, flow, points).OrThrow();
        }
    }

    extension(Certificate certificate)
    {
        /// <summary>Samples in one step, each with a bound on its distance from the teacher's. Dispose the result.</summary>
        /// <param name="noise">Normal points (n, d).</param>
        /// <param name="worst">Null to keep all; else the worst are rejected or computed by the teacher.</param>
        /// <exception cref="KoopmanException">Noise of another shape, or a share outside [0, 1).</exception>
        public CertifiedSamples Sample(torch.Tensor noise, WorstSamples? worst = null)
        {
            ArgumentNullException.ThrowIfNull(noise);
            return CertificateModule.sample(worst ?? WorstSamples.KeepWorst, certificate, noise).OrThrow();
        }
    }
}
