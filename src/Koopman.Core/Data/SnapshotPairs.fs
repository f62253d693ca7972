namespace Koopman

open System
open TorchSharp

/// <summary>
/// n pairs (x, y) of R^d where y is the state a time <c>Lag</c> after x. Checked once, when made. Pairs are in time order when
/// they come from a trajectory; error bars use that order.
/// </summary>
[<Sealed>]
type SnapshotPairs internal (from: Samples, successors: Samples, lag: float, temperature: float option) =

    /// <summary>The states x.</summary>
    member _.From: Samples = from

    /// <summary>The states y, one lag later.</summary>
    member _.To: Samples = successors

    /// <summary>The time τ between x and y, in the data's unit of time.</summary>
    member _.Lag: float = lag

    /// <summary>The temperature T of dX = -∇V dt + √(2T) dW, when it is known.</summary>
    member _.Temperature: float option = temperature

    /// <summary>The number of pairs n.</summary>
    member _.Count: int = from.Count

    /// <summary>The dimension d of the space.</summary>
    member _.Dimension: int = from.Dimension

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            (from :> IDisposable).Dispose()
            (successors :> IDisposable).Dispose()

    override this.ToString() : string =
        $"{this.Count} pairs in {this.Dimension} dimensions at lag {this.Lag}"

/// <summary>Makes snapshot pairs.</summary>
[<RequireQualifiedAccess>]
module SnapshotPairs =

    let private checkLag (lag: float) : Result<unit, KoopmanError> =
        if Double.IsFinite lag && lag > 0.0 then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The lag must be a positive time, but is {lag}"
                "Give the time between x and y in the data's own unit, for example 0.1"

    /// <summary>Pairs from the states x and their successors y. Both are copied.</summary>
    let create (lag: float) (from: Tensor) (successors: Tensor) : Result<SnapshotPairs, KoopmanError> =
        result {
            do! checkLag lag

            if not (Seq.forall2 (=) from.shape successors.shape && from.dim () = successors.dim ()) then
                let shape (t: Tensor) = "(" + String.Join(", ", t.shape) + ")"

                return!
                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"x has shape {shape from}, but y has {shape successors}"
                        "Give one successor for every state"
            else
                let! x = Samples.ofTensor from

                match Samples.ofTensor successors with
                | Ok y -> return new SnapshotPairs(x, y, lag, None)
                | Error error ->
                    (x :> IDisposable).Dispose()
                    return! Error error
        }

    /// <summary>The same pairs, of a process whose temperature T is known.</summary>
    let withTemperature (temperature: float) (pairs: SnapshotPairs) : SnapshotPairs =
        new SnapshotPairs(pairs.From, pairs.To, pairs.Lag, Some temperature)

    /// <summary>Pairs of consecutive rows of one trajectory (n, d), sampled every <paramref name="lag"/>.</summary>
    let ofTrajectory (lag: float) (trajectory: Samples) : Result<SnapshotPairs, KoopmanError> =
        let n = trajectory.Count

        if n < 3 then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"A trajectory of {n} states gives only {n - 1} pair(s), but at least 2 are needed"
                "Collect a longer trajectory"
        else
            use from = Tensors.rows 0 (n - 1) trajectory.Points
            use successors = Tensors.rows 1 (n - 1) trajectory.Points
            create lag from successors

    /// <summary>
    /// The temperature that the increments show: T = mean |y-x|² / (2 d τ). Right for small lags; at a lag comparable to the
    /// relaxation time inside a well it is too low.
    /// </summary>
    let estimateTemperature (pairs: SnapshotPairs) : float =
        Tensors.within (fun () ->
            let step = pairs.To.Points.sub pairs.From.Points

            step.mul(step).sum(1L).mean().ToDouble()
            / (2.0 * float pairs.Dimension * pairs.Lag))
