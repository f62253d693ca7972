namespace Koopman.Flows

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>How a student's training goes, with what tells of a lift that grows without bound or collapses.</summary>
[<Struct>]
type StudentProgress =
    {
        /// <summary>Steps made.</summary>
        Step: int
        /// <summary>Steps in all.</summary>
        Total: int
        /// <summary>The mean loss of the steps since the last report. A loss with Lag need not fall all the time.</summary>
        Loss: float
        /// <summary>The length of the last gradient before it was cut.</summary>
        GradientLength: float
        /// <summary>The root mean square of the x part of r, an error of velocity; near that of v itself the lift has collapsed.</summary>
        VelocityResidual: float
        /// <summary>The largest growth rate of length in [x, F], features scaled to deviation 1: errors grow at most by its exponential.</summary>
        LogNorm: float
        /// <summary>The smallest deviation of a feature: near 0 it has collapsed.</summary>
        SmallestFeature: float
    }

/// <summary>
/// The training of a lift: it can be stopped at any step and taken up again with the same result. It uses the teacher, which must outlive it. Mutable; one thread
/// at a time.
/// </summary>
[<Sealed>]
type StudentTraining
    internal
    (
        options: StudentOptions,
        seed: Seed,
        lift: Lift,
        descent: Descent,
        teacher: Velocity,
        imitation: Velocity option,
        data: Tensor,
        classes: Tensor option,
        paths: Tensor option,
        pathClasses: Tensor option
    ) =

    /// <summary>The settings it was started with.</summary>
    member _.Options: StudentOptions = options

    /// <summary>The lift with the last parameters.</summary>
    member _.Lift: Lift = lift

    /// <summary>Steps made.</summary>
    member _.Step: int = descent.Step

    /// <summary>Whether all steps are made.</summary>
    member _.IsFinished: bool = descent.Step >= options.Descent.Steps

    member internal _.Seed: Seed = seed
    member internal _.Descent: Descent = descent
    member internal _.Teacher: Velocity = teacher
    /// What is asked instead of the teacher where the student predicts points to be.
    member internal _.Imitation: Velocity option = imitation
    member internal _.Data: Tensor = data
    member internal _.Classes: Tensor option = classes
    /// Teacher paths (steps + 1, paths, d).
    member internal _.Paths: Tensor option = paths
    member internal _.PathClasses: Tensor option = pathClasses

    interface IDisposable with
        /// <summary>Frees the tensors, not the teacher. Lifts that were made live on.</summary>
        member _.Dispose() : unit =
            (descent :> IDisposable).Dispose()
            (lift :> IDisposable).Dispose()
            imitation |> Option.iter (fun velocity -> (velocity :> IDisposable).Dispose())
            data.Dispose()

            for tensor in [ classes; paths; pathClasses ] do
                tensor |> Option.iter _.Dispose()
