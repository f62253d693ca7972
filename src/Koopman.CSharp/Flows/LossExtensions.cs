using System;
using Koopman.Flows;
using Microsoft.FSharp.Core;
using TorchSharp;

namespace Koopman;

/// <summary>
/// Losses of linear flows, which are values: <c>Loss.Lagrangian + 0.03 * Loss.ScaledConsistency</c> is one. With the teacher v, the lift
/// z = [1, t, x, F] and its operator L, r = J_z (1, v) - z L, and X(τ) is the x part of z e^{τL}. And the paths of laws that are learned.
/// </summary>
public static class LossExtensions
{
    extension(Loss)
    {
        /// <summary>C as in the paper: r² in the mean over all coordinates of the lift.</summary>
        public static Loss Consistency => Losses.consistency;

        /// <summary>C with each feature's residual relative to its variance, so that nothing is gained by shrinking features.</summary>
        public static Loss ScaledConsistency => Losses.scaledConsistency;

        /// <summary>Lag: how far X'(τ) is from the teacher's velocity along the student's own way. No equation is solved.</summary>
        public static Loss Lagrangian => Losses.lagrangian;

        /// <summary>E: how fast the predicted end changes along the teacher's flow; 0 for a perfect lift.</summary>
        public static Loss Decoded => Losses.decoded;

        /// <summary>P: how far z e^L of the noise is from z of the teacher's end.</summary>
        public static Loss Phase => Losses.phase;

        /// <summary>T: how far X(1) is from the teacher's end.</summary>
        public static Loss Target => Losses.target;

        /// <summary>Path: how far X(t) is from the teacher's paths at random times and at the end.</summary>
        /// <param name="endShare">The share of the end's weight, from 0 to 1.</param>
        public static Loss Path(double endShare = 0.3) => Losses.path(endShare);

        /// <summary>R: how far decoded features are from the points they came from. Without a learned decoder it is 0.</summary>
        public static Loss Reconstruction => Losses.reconstruction;

        /// <summary>
        /// The distance of an imitation of the teacher from it, at points between noise and data. With this term <c>Lagrangian</c> evaluates the
        /// imitation, a second network that is learned along, so that the teacher is evaluated between noise and data only.
        /// </summary>
        public static Loss Imitation => Losses.imitation;

        /// <summary>A term of your own.</summary>
        /// <param name="name">Its name in reports.</param>
        /// <param name="evaluate">One number, made of tensor operations on what was drawn. Tensors of the batch belong to the step: do not keep them.</param>
        /// <param name="needsPaths">Whether it needs paths of the teacher, which then are found before the training.</param>
        public static Loss Custom(string name, Func<LossBatch, torch.Tensor> evaluate, bool needsPaths = false)
        {
            ArgumentNullException.ThrowIfNull(name);
            ArgumentNullException.ThrowIfNull(evaluate);
            return Losses.custom(name, needsPaths, FuncConvert.FromFunc(evaluate));
        }
    }

    extension(ProbabilityPath)
    {
        /// <summary>Straight lines between independent ends (I-CFM).</summary>
        public static ProbabilityPath Independent => Paths.independent;

        /// <summary>Straight lines between ends paired by exact optimal transport within blocks of a batch (OT-CFM).</summary>
        public static ProbabilityPath OptimalTransport => Paths.optimalTransport;

        /// <summary>Noise that shrinks towards each data point (Lipman et al. 2022).</summary>
        public static ProbabilityPath ShrinkingNoise => Paths.flowMatching;

        /// <summary>cos(πt/2) noise + sin(πt/2) data (Albergo and Vanden-Eijnden 2022).</summary>
        public static ProbabilityPath VariancePreserving => Paths.variancePreserving;

        /// <summary>Brownian bridges between ends paired by entropic optimal transport (Tong et al. 2023).</summary>
        /// <param name="scale">σ of the bridges; training refuses one that is not positive.</param>
        public static ProbabilityPath SchroedingerBridge(double scale) => Paths.schrodingerBridge(scale);
    }
}
