namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>Progress of a sampler.</summary>
[<Struct>]
type SamplerProgress =
    {
        /// <summary>Iterations done.</summary>
        Iteration: int
        /// <summary>The total number of iterations.</summary>
        Total: int
    }

/// <summary>The result of a sampler.</summary>
[<NoComparison; NoEquality>]
type SamplerResult =
    {
        /// <summary>The particles (M, d). The caller disposes them.</summary>
        Particles: Samples
        /// <summary>The number of iterations.</summary>
        Iterations: int
        /// <summary>The fraction of proposals accepted; 1 for methods without proposals.</summary>
        Acceptance: float
    }

    /// <summary>Frees the particles.</summary>
    member this.Dispose() : unit = this.Particles.Dispose()

    interface IDisposable with
        /// <summary>Frees the particles.</summary>
        member this.Dispose() : unit = this.Dispose()

/// Shared by the baselines: checks, and a loop that reports and can be cancelled.
[<RequireQualifiedAccess>]
module internal Sampling =

    let check (step: float) (iterations: int) (target: Target) (manifold: Manifold) (start: Samples) : Outcome<unit> =
        Require.all {
            Require.positive "Step" step
            Require.atLeast 1 "Iterations" iterations
            Require.dimension target.Dimension "the particles" start.Dimension
            Require.dimension target.Dimension "the space around the manifold" manifold.Ambient
        }

    /// Works on a copy of the start, one step per iteration, each in its own dispose scope; a step returns the fraction accepted.
    let iterate
        (control: Control<SamplerProgress>)
        (name: string)
        (iterations: int)
        (start: Samples)
        (advance: Tensor -> float)
        : Outcome<SamplerResult> =
        use _ = Tensors.scope ()
        let z = start.Points.clone ()
        let mutable accepted = 0.0

        for iteration in 1..iterations do
            control.Cancellation.ThrowIfCancellationRequested()
            accepted <- accepted + Tensors.within (fun () -> advance z)

            control.Report
                {
                    Iteration = iteration
                    Total = iterations
                }

        if Tensors.isFinite z then
            Samples.ofTensor z
            |> Result.map (fun particles ->
                {
                    Particles = particles
                    Iterations = iterations
                    Acceptance = accepted / float iterations
                })
        else
            KoopmanError.fail
                ErrorKind.Diverged
                $"{name} diverged within {iterations} iterations"
                "Lower the step: it must be below the square of the target's smallest length"

    let normal (generator: torch.Generator) (shape: int64[]) : Tensor =
        torch.randn (shape, dtype = torch.float64, generator = generator)

    let uniform (generator: torch.Generator) (shape: int64[]) : Tensor =
        torch.rand (shape, dtype = torch.float64, generator = generator)
