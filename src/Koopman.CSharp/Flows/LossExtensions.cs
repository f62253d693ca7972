using System;
using Koopman.Flows;
using Microsoft.FSharp.Core;
using TorchSharp;

namespace Koopman;

/// <summary>
/// Losses of linear flows, which are values that can be added and scaled: <c>Loss.Lagrangian + 0.03 * Loss.ScaledConsistency</c>. With the
/// teacher v, the lift z = [1, t, x, F] and its operator L, r = J_z (1, v) - z L, and X(τ) is the x part of z e^{τL}. Also the probability
/// paths of flow matching.
/// </summary>
public static class LossExtensions
{
    extension(Loss)
    {
        /// <summary>C as in the paper: the mean of r² over all coordinates of the lift.</summary>
        public static Loss Consistency => Losses.consistency;

        /// <summary>C with each feature's residual relative to its variance, so that shrinking features does not lower it.</summary>
        public static Loss ScaledConsistency => Losses.scaledConsistency;

        /// <summary>Lag: the distance of X'(τ) from the teacher's velocity along the student's own path. No differential equation is
        /// solved.</summary>
        public static Loss Lagrangian => Losses.lagrangian;

        /// <summary>E: the rate of change of the predicted end along the teacher's flow; 0 for a perfect lift.</summary>
        public static Loss Decoded => Losses.decoded;

        /// <summary>P: the distance of z e^L of the noise from z of the teacher's end.</summary>
        public static Loss Phase => Losses.phase;

        /// <summary>T: the distance of X(1) from the teacher's end.</summary>
        public static Loss Target => Losses.target;

        /// <summary>Path: the distance of X(t) from the teacher's paths at random times and at the end.</summary>
        /// <param name="endShare">The fraction of the weight of the end, from 0 to 1.</param>
        public static Loss Path(double endShare = 0.3) => Losses.path(endShare);

        /// <summary>R: the distance of decoded features from their points. Without a learned decoder it is 0.</summary>
        public static Loss Reconstruction => Losses.reconstruction;

        /// <summary>
        /// The distance of an imitation of the teacher from it, at points between noise and data. With this term <c>Lagrangian</c> evaluates the
        /// imitation, a second network that is trained alongside, so that the teacher is evaluated only between noise and data.
        /// </summary>
        public static Loss Imitation => Losses.imitation;

        /// <summary>A term of your own.</summary>
        /// <param name="name">Its name in reports.</param>
        /// <param name="evaluate">A scalar, made of tensor operations on the batch. Tensors of the batch belong to the step: do not keep
        /// them.</param>
        /// <param name="needsPaths">True if it needs paths of the teacher, which are then computed before the training.</param>
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
        /// <param name="scale">σ of the bridges, which training requires to be positive.</param>
        public static ProbabilityPath SchroedingerBridge(double scale) => Paths.schrodingerBridge(scale);
    }
}
