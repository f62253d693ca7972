namespace Koopman.Particles

open TorchSharp
open Koopman

/// <summary>Settings of samplers that move each particle independently along the score, with noise.</summary>
type ChainOptions =
    {
        /// <summary>h: the time step for ULA and MALA, the step of the leapfrog for HMC. Default .01.</summary>
        Step: float
        /// <summary>The number of steps, or proposals. Default 500.</summary>
        Iterations: int
        /// <summary>The number of leapfrog steps per proposal of HMC. Default 10.</summary>
        Leapfrogs: int
    }

/// <summary>Markov chains, one per particle. They use the score of the target, exact or of a kernel density.</summary>
[<RequireQualifiedAccess>]
module Chains =

    /// <summary>Step .01, 500 iterations, 10 leapfrog steps.</summary>
    let defaults: ChainOptions =
        {
            Step = 0.01
            Iterations = 500
            Leapfrogs = 10
        }

    /// <summary>
    /// Unadjusted Langevin: z + h∇log π(z) + √(2h) ξ, on a manifold with the tangential parts of both, followed by a retraction. Biased by O(h): the
    /// variance of a standard Gaussian becomes 1/(1-h/2).
    /// </summary>
    let ula
        (control: Control<SamplerProgress>)
        (options: ChainOptions)
        (seed: Seed)
        (manifold: Manifold)
        (target: Target)
        (start: Samples)
        : Outcome<SamplerResult> =
        result {
            do! Sampling.check options.Step options.Iterations target manifold start
            use generator = Seed.generator seed
            let h = options.Step

            return!
                Sampling.iterate control "ULA" options.Iterations start (fun z ->
                    let noise = (Sampling.normal generator z.shape).mul_(Tensors.num (sqrt (2.0 * h)))
                    let step = h * target.Score z + noise
                    z.copy_ (manifold.Retract(z + manifold.Project z step)) |> ignore
                    1.0)
        }

    /// Accepts the proposals whose log-probability of acceptance exceeds a draw; returns their fraction.
    let private accept (generator: torch.Generator) (logarithm: Tensor) (proposal: Tensor) (z: Tensor) : float =
        let level = (Sampling.uniform generator logarithm.shape).log()
        // A NaN proposal is rejected: comparisons with NaN are false.
        let taken = logarithm.gt level
        z.copy_ (torch.where (taken.unsqueeze 1L, proposal, z)) |> ignore
        taken.to_type(torch.float64).mean().ToDouble()

    let private squares (x: Tensor) : Tensor = (x * x).sum 1L

    /// <summary>Metropolis-adjusted Langevin: the step of ULA as a proposal, so that π itself is invariant.</summary>
    let mala
        (control: Control<SamplerProgress>)
        (options: ChainOptions)
        (seed: Seed)
        (target: Target)
        (start: Samples)
        : Outcome<SamplerResult> =
        result {
            do! Sampling.check options.Step options.Iterations target (Manifold.euclidean start.Dimension) start
            use generator = Seed.generator seed
            let h = options.Step

            let ahead (z: Tensor) = z + h * target.Score z

            return!
                Sampling.iterate control "MALA" options.Iterations start (fun z ->
                    let mean = ahead z

                    let proposal =
                        mean + (Sampling.normal generator z.shape).mul_(Tensors.num (sqrt (2.0 * h)))

                    // log q(z|z') - log q(z'|z) of the two Gaussians of variance 2h.
                    let forth, back = squares (proposal - mean), squares (z - ahead proposal)
                    let ratio = target.LogDensity proposal - target.LogDensity z
                    accept generator (ratio + 0.25 / h * (forth - back)) proposal z)
        }

    /// <summary>Hamiltonian Monte Carlo: fresh momenta, leapfrog steps, and acceptance by the change of energy.</summary>
    let hmc
        (control: Control<SamplerProgress>)
        (options: ChainOptions)
        (seed: Seed)
        (target: Target)
        (start: Samples)
        : Outcome<SamplerResult> =
        result {
            do! Sampling.check options.Step options.Iterations target (Manifold.euclidean start.Dimension) start

            do!
                Require.atLeast 1 "Leapfrogs" options.Leapfrogs
                |> Require.advise "Give at least one leapfrog step; 10 are usual"

            use generator = Seed.generator seed
            let h = options.Step

            return!
                Sampling.iterate control "HMC" options.Iterations start (fun z ->
                    let momentum = Sampling.normal generator z.shape
                    let before = target.LogDensity z - 0.5 * squares momentum
                    let position = z.clone ()

                    let kick (part: float) =
                        momentum.add_ (target.Score position, Tensors.num (part * h)) |> ignore

                    kick 0.5

                    for step in 1 .. options.Leapfrogs do
                        use _ = Tensors.scope ()
                        position.add_ (momentum, Tensors.num h) |> ignore
                        kick (if step = options.Leapfrogs then 0.5 else 1.0)

                    let after = target.LogDensity position - 0.5 * squares momentum

                    accept generator (after - before) position z)
        }
