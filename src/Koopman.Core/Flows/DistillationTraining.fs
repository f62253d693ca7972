namespace Koopman.Flows

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>Progress of a distillation, with indicators of a lift that grows without bound or collapses.</summary>
[<Struct>]
type DistillationProgress =
    {
        /// <summary>Steps done.</summary>
        Step: int
        /// <summary>The total number of steps.</summary>
        Total: int
        /// <summary>The mean loss of the steps since the last report. A loss with Lag need not decrease monotonically.</summary>
        Loss: float
        /// <summary>The norm of the last gradient before clipping.</summary>
        GradientLength: float
        /// <summary>The root mean square of the x part of r, an error of velocity; the lift has collapsed if it is close to that of v itself.</summary>
        VelocityResidual: float
        /// <summary>The log-norm: the largest growth rate of norms in [x, F], with features scaled to standard deviation 1; errors grow at most by
        /// its exponential.</summary>
        LogNorm: float
        /// <summary>The smallest standard deviation of a feature; the feature has collapsed if it is near 0.</summary>
        SmallestFeature: float
    }

/// <summary>
/// The training of a lift: it can be stopped at any step and resumed with the same result. Mutable; one thread at a time.
/// </summary>
[<Sealed>]
type DistillationTraining
    internal
    (
        options: DistillationOptions,
        seed: Seed,
        lift: LinearFlow,
        descent: Descent,
        teacher: VelocityField,
        imitation: VelocityField option,
        data: Tensor,
        classes: Tensor option,
        paths: Tensor option,
        pathClasses: Tensor option
    ) =

    let held: IDisposable list =
        [
            lift.Hold()
            teacher.Hold()
            yield! imitation |> Option.map _.Hold() |> Option.toList
        ]

    member internal _.Options: DistillationOptions = options

    /// <summary>The lift with the last parameters.</summary>
    member _.Lift: LinearFlow = lift

    /// <summary>Steps done.</summary>
    member _.Step: int = descent.Step

    /// <summary>True if all steps are done.</summary>
    member _.IsFinished: bool = descent.Step >= options.Descent.Steps

    member internal _.Seed: Seed = seed
    member internal _.Descent: Descent = descent
    member internal _.Teacher: VelocityField = teacher
    /// The field that replaces the teacher at the points that the student predicts.
    member internal _.Imitation: VelocityField option = imitation
    member internal _.Data: Tensor = data
    member internal _.Classes: Tensor option = classes
    /// Teacher paths (steps + 1, paths, d).
    member internal _.Paths: Tensor option = paths
    member internal _.PathClasses: Tensor option = pathClasses

    /// <summary>Frees the tensors and releases the teacher. Lifts made by the training stay valid.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors and releases the teacher. Lifts made by the training stay valid.</summary>
        member _.Dispose() : unit =
            (descent :> IDisposable).Dispose()
            data.Dispose()

            for other in held do
                other.Dispose()

            for tensor in [ classes; paths; pathClasses ] do
                tensor |> Option.iter _.Dispose()
