namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>Particles of a conditional law, with the effective sample size.</summary>
[<NoComparison; NoEquality>]
type ConditionalResult =
    {
        /// <summary>The flow. The caller disposes its particles.</summary>
        Flow: ParticleResult
        /// <summary>Kish's effective number of the prior's samples under the likelihood. Errors are those of this number of samples.</summary>
        EffectiveSize: float
    }

    /// <summary>Frees the particles.</summary>
    member this.Dispose() : unit = this.Flow.Dispose()

    interface IDisposable with
        /// <summary>Frees the particles.</summary>
        member this.Dispose() : unit = this.Dispose()

/// <summary>
/// Samples of π·l/⟨l⟩ from samples of π and a likelihood l at them: posteriors, from the model of the prior. Both methods use importance
/// weights, and fail when too few samples carry weight.
/// </summary>
[<RequireQualifiedAccess>]
module Conditioning =

    /// Below this effective size a few samples dominate the weights.
    let private least = 50.0

    /// <summary>The prior's samples weighted by a likelihood, which is given by its logarithm at each sample up to a constant.</summary>
    let weigh (logLikelihood: float[]) (prior: Samples) : Outcome<Samples> =
        Require.sameCount ("likelihoods", logLikelihood.Length) ("samples", prior.Count)
        |> Require.advise "Give the logarithm of the likelihood at every sample of the prior"
        |> Result.bind (fun () ->
            if
                logLikelihood
                |> Array.exists (fun l -> Double.IsNaN l || Double.IsPositiveInfinity l)
            then
                KoopmanError.fail
                    ErrorKind.NotFinite
                    "A likelihood is infinite or NaN"
                    "Give finite logarithms, or -infinity where the likelihood is 0"
            else
                let largest = Array.max logLikelihood

                if Double.IsNegativeInfinity largest then
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "The likelihood is 0 at all samples"
                        "Give more samples of the prior, or a likelihood that is positive at some of them"
                else
                    let own = Tensors.toArray prior.Weights

                    prior
                    |> Samples.withWeights (Array.map2 (fun w l -> w * exp (l - largest)) own logLikelihood))

    let private effectiveSize (weighted: Samples) : Outcome<float> =
        let size = Samples.effectiveCount weighted

        if size >= least then
            Ok size
        else
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"Under the likelihood the effective number of {weighted.Count} samples is only {size:F1}"
                $"Give more samples of the prior, or proceed in steps, conditioning on part of the observations first; the effective number must be at least {least}"

    /// <summary>
    /// Moment shift: the same flow as for π, with the means of the eigenfunctions under the posterior as its target,
    /// v = -T Σ_k ((c_k-b_k)/η_k) ∇φ_k, b_k = Σ_a l_a φ_k(x_a)/Σ_a l_a. No new fit is needed. For mild likelihoods: the particles of the prior must cover
    /// the posterior.
    /// </summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">Settings of the flow.</param>
    /// <param name="seed">The seed of the jitter.</param>
    /// <param name="field">The field of the prior; smooth global functions, for example polynomials, move tails best.</param>
    /// <param name="posterior">The prior's samples weighted by the likelihood, see <c>weigh</c>.</param>
    /// <param name="start">Particles of the prior.</param>
    let shift
        (control: Control<ParticleProgress>)
        (options: ParticleOptions)
        (seed: Seed)
        (field: ParticleField)
        (posterior: Samples)
        (start: Samples)
        : Outcome<ConditionalResult> =
        result {
            let! size = effectiveSize posterior
            use! shifted = ParticleField.towards posterior field

            let! flow =
                ParticleFlow.follow
                    control
                    options
                    seed
                    (Manifold.euclidean posterior.Dimension)
                    shifted
                    posterior
                    start

            return { Flow = flow; EffectiveSize = size }
        }

    /// The samples with at least 1 % of the largest weight, for the guard.
    let private support (posterior: Samples) : Outcome<Samples> =
        let weights = Tensors.toArray posterior.Weights
        let heaviest = Array.max weights

        Samples.withWeights (weights |> Array.map (fun w -> if w >= 0.01 * heaviest then w else 0.0)) posterior

    /// <summary>
    /// The posterior's own generator, from moments with likelihood weights, ⟨l φφᵀ⟩ and T⟨l ∇φ·∇φᵀ⟩; particles start from samples
    /// drawn by their weights with noise. Suitable for strong likelihoods, and the most accurate for all.
    /// </summary>
    /// <param name="control">Progress and cancellation.</param>
    /// <param name="options">Settings of the flow.</param>
    /// <param name="seed">The seed of start and jitter.</param>
    /// <param name="temperature">T of the prior's dynamics; it only sets the unit of time.</param>
    /// <param name="observables">The dictionary.</param>
    /// <param name="posterior">The prior's samples weighted by the likelihood, see <c>weigh</c>.</param>
    /// <param name="count">The number of particles.</param>
    let generator
        (control: Control<ParticleProgress>)
        (options: ParticleOptions)
        (seed: Seed)
        (temperature: float)
        (observables: Observables)
        (posterior: Samples)
        (count: int)
        : Outcome<ConditionalResult> =
        result {
            let! size = effectiveSize posterior
            use! field = ParticleField.fullRank 0.0 temperature observables posterior
            use! guard = support posterior

            let length =
                options.Length
                |> Option.orElse (Option.ofNullable observables.LengthScale)
                |> Option.defaultWith (fun () -> Centres.medianDistance guard)

            use! start =
                Bootstrap.jittered (0.5 * options.Jitter * length) count (Seed.derive "start" seed) posterior

            let! flow =
                ParticleFlow.follow
                    control
                    { options with Length = Some length }
                    (Seed.derive "jitter" seed)
                    (Manifold.euclidean posterior.Dimension)
                    field
                    guard
                    start

            return { Flow = flow; EffectiveSize = size }
        }
