namespace Koopman.Flows

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>Settings of flow matching.</summary>
[<NoComparison>]
type FlowMatchingOptions =
    {
        /// <summary>The network, with one output per coordinate. Default three layers of 96.</summary>
        Network: Network
        /// <summary>The path that is learned. Default straight lines between independent ends (I-CFM).</summary>
        Path: ProbabilityPath
        /// <summary>Rows in one step. Default 512.</summary>
        Batch: int
        /// <summary>The fraction of rows that are trained without their class, for class-free guidance. Default 0; .15 is usual.</summary>
        ClassFreeShare: float
        /// <summary>The training. Default 5,000 steps of at most 4e-3, averaged with decay .995.</summary>
        Descent: DescentOptions
    }

/// <summary>
/// The training of a velocity field: it can be stopped at any step and resumed with the same result. Mutable; one thread at a time.
/// </summary>
[<Sealed>]
type FlowTraining
    internal
    (
        options: FlowMatchingOptions,
        seed: Seed,
        net: Net,
        descent: Descent,
        data: Tensor,
        weights: Tensor option,
        classes: Tensor option,
        frame: FlowFrame option
    ) =

    let held = net.Hold()

    member internal _.Options: FlowMatchingOptions = options

    /// The network with the last parameters.
    member internal _.Net: Net = net

    /// <summary>Steps done.</summary>
    member _.Step: int = descent.Step

    /// <summary>True if all steps are made.</summary>
    member _.IsFinished: bool = descent.Step >= options.Descent.Steps

    member internal _.Seed: Seed = seed
    member internal _.Descent: Descent = descent
    member internal _.Data: Tensor = data
    member internal _.Weights: Tensor option = weights
    member internal _.Classes: Tensor option = classes

    /// The mean and scale that were taken out of the data.
    member internal _.Frame: FlowFrame option = frame

    /// <summary>Frees the tensors. Velocity fields made from it remain valid.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors. Velocity fields made from it remain valid.</summary>
        member _.Dispose() : unit =
            (descent :> IDisposable).Dispose()
            held.Dispose()
            data.Dispose()
            weights |> Option.iter _.Dispose()
            classes |> Option.iter _.Dispose()
