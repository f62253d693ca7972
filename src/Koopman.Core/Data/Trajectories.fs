namespace Koopman

open System
open TorchSharp

/// <summary>
/// One or many trajectories of R^d, each with a length and times of its own, one after the other. Checked once, when made: at
/// least two states each, all finite, times that rise. They may carry inputs, and a weight each.
/// </summary>
[<Sealed>]
type Trajectories internal (states: Samples, starts: int[], times: float[], step: float option, inputs: Tensor option) =

    /// <summary>All states (n, d), trajectory after trajectory, with their weights. Owned by this object.</summary>
    member _.States: Samples = states

    /// <summary>The number of trajectories k.</summary>
    member _.Count: int = starts.Length

    /// <summary>The dimension d of the space.</summary>
    member _.Dimension: int = states.Dimension

    /// <summary>The first row of each trajectory in <c>States</c> (k).</summary>
    member _.Starts: int[] = Array.copy starts

    /// <summary>The number of states of each trajectory (k), each at least 2.</summary>
    member _.Lengths: int[] =
        Array.init starts.Length (fun k ->
            (if k + 1 < starts.Length then
                 starts[k + 1]
             else
                 states.Count)
            - starts[k])

    /// <summary>The time of every state (n), rising within each trajectory, in the data's unit.</summary>
    member _.Times: float[] = Array.copy times

    /// <summary>The time between consecutive states; nothing if they are not equally spaced.</summary>
    member _.Step: float option = step

    /// <summary>The inputs u (n, m): row t acts from state t to state t+1, the last row of a trajectory on nothing. Owned by this object.</summary>
    member _.Inputs: Tensor option = inputs

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            (states :> IDisposable).Dispose()
            inputs |> Option.iter _.Dispose()

    override this.ToString() : string =
        let spacing =
            match step with
            | Some step -> $"every {step:G6}"
            | None -> "at irregular times"

        let what =
            if this.Count = 1 then
                "1 trajectory"
            else
                $"{this.Count} trajectories"

        $"{what}, {states.Count} states in {states.Dimension} dimensions, {spacing}"

/// What makes and checks trajectories.
module internal TrajectoryParts =

    let again (tensor: Tensor) : Tensor = tensor.alias().DetachFromDisposeScope()

    /// The same values under handles of their own: values never change, so that both can share them.
    let share (samples: Samples) : Samples =
        new Samples(again samples.Points, again samples.Weights, samples.Origin)

    /// Names the trajectory whose check failed.
    let inTrajectory (k: int) (result: Outcome<'T>) : Outcome<'T> =
        result
        |> Result.mapError (fun error ->
            { error with
                Cause = $"Trajectory {k} (counted from 0): {error.Cause}"
            })

    let free (parts: Samples seq) : unit =
        for part in parts do
            (part :> IDisposable).Dispose()

    /// Each checked on its own, so that a message can name it.
    let checkEach (trajectories: Tensor[]) : Outcome<Samples[]> =
        let checks = ResizeArray<Samples>()

        let check (k: int) (tensor: Tensor) =
            Samples.ofTensor tensor
            |> Result.bind (fun samples ->
                checks.Add samples

                if samples.Dimension = checks[0].Dimension then
                    Ok()
                else
                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"it has {samples.Dimension} dimensions, but the first has {checks[0].Dimension}"
                        "Give trajectories of one system: all states of the same dimension")
            |> inTrajectory k

        let failure =
            trajectories
            |> Seq.mapi check
            |> Seq.tryPick (function
                | Ok() -> None
                | Error error -> Some error)

        match failure with
        | None -> Ok(checks.ToArray())
        | Some error ->
            free checks
            Error error

    let clock (step: float) (lengths: int[]) : float[] =
        lengths |> Array.collect (fun n -> Array.init n (fun t -> float t * step))

    let checkTimes (times: float[]) (length: int) : Outcome<unit> =
        if times.Length <> length then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"there are {times.Length} times for {length} states"
                "Give one time a state"
        else
            let badly =
                Seq.init length id
                |> Seq.tryFind (fun t -> not (Double.IsFinite times[t]) || (t > 0 && times[t] <= times[t - 1]))

            match badly with
            | None -> Ok()
            | Some t ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"the time of state {t} is {times[t]}, after {times[max 0 (t - 1)]}"
                    "Sort the states by time, and give states of different trajectories as different trajectories"

    let allOk (results: Outcome<unit> seq) : Outcome<unit> =
        results |> Seq.tryFind Result.isError |> Option.defaultValue (Ok())

    /// The common step of all trajectories, if no step differs from the mean by more than a part in a million.
    let commonStep (times: float[][]) : float option =
        let steps =
            times |> Array.collect (Array.pairwise >> Array.map (fun (a, b) -> b - a))

        let mean = Array.average steps

        if steps |> Array.forall (fun step -> abs (step - mean) <= 1e-6 * mean) then
            Some mean
        else
            None

    let checkInputs (columns: int64) (inputs: Tensor) (length: int) : Outcome<unit> =
        if
            inputs.dim () <> 2L
            || inputs.shape[0] <> int64 length
            || inputs.shape[1] <> columns
            || columns < 1L
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"the inputs have shape {Tensors.shape inputs}, but there are {length} states"
                "Give one row of inputs a state, all with the same number of inputs; a single input has shape (n, 1)"
        elif not (Tensors.isFinite inputs) then
            KoopmanError.fail ErrorKind.NotFinite "the inputs hold NaN or infinity" "Remove or repair these rows"
        else
            Ok()
