namespace Koopman

open System
open TorchSharp

/// Optional data of pairs besides their two states.
[<NoComparison; NoEquality>]
type internal PairDetails =
    {
        Temperature: float option
        Inputs: Tensor option
        Second: Samples option
        /// The sign of each coordinate under time reversal, if one changes sign.
        Parity: float[] option
        /// First rows of the runs in which each pair starts where the one before it ended, or overlaps with it.
        Starts: int[]
        /// The number of pairs of a run that overlap in time: pair t starts 1/Stride lags after pair t-1.
        Stride: int
        /// The number of trajectories too short for a pair.
        Dropped: int
    }

/// <summary>
/// n pairs (x, y) of R^d where y is the state a time <c>Lag</c> after x. Checked once, on creation. Pairs are in time order when
/// they come from a trajectory; error bars use that order. They may carry weights (those of <c>From</c>), the inputs that acted
/// on them, and second successors that are independent of the first.
/// </summary>
[<Sealed>]
type SnapshotPairs internal (from: Samples, successors: Samples, lag: float, details: PairDetails) =

    let held = from :: successors :: Option.toList details.Second |> List.map _.Take()

    /// <summary>The states x with the weights of the pairs.</summary>
    member _.From: Samples = from

    /// <summary>The states y, one lag later.</summary>
    member _.To: Samples = successors

    /// <summary>The time τ between x and y, in the data's unit of time.</summary>
    member _.Lag: float = lag

    member internal _.Temperature: float option = details.Temperature

    member internal _.Inputs: Tensor option = details.Inputs

    member internal _.Second: Samples option = details.Second

    member internal _.Parity: float[] option = details.Parity

    /// <summary>The number of inputs m that acted on the pairs; 0 if there are none.</summary>
    member _.InputCount: int =
        match details.Inputs with
        | Some inputs -> int inputs.shape[1]
        | None -> 0

    /// <summary>True if there are second successors of x, independent of y given x.</summary>
    member _.HasSecondSuccessors: bool = details.Second.IsSome

    /// <summary>The first rows of the runs: stretches of one trajectory, in time order. Independent pairs are runs of one.</summary>
    member _.Starts: int[] = Array.copy details.Starts

    /// <summary>The number of consecutive pairs of a run that overlap in time; 1 when each starts where the one before it ended.</summary>
    member _.Stride: int = details.Stride

    /// <summary>The number of trajectories that were too short for a pair at this lag, and gave none.</summary>
    member _.Dropped: int = details.Dropped

    /// <summary>The number of pairs n.</summary>
    member _.Count: int = from.Count

    /// <summary>The dimension d of the space.</summary>
    member _.Dimension: int = from.Dimension

    member internal _.Details: PairDetails = details

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            held |> List.iter _.Dispose()
            details.Inputs |> Option.iter _.Dispose()

    override this.ToString() : string =
        let left =
            if details.Dropped = 0 then
                ""
            else
                $"; {details.Dropped} trajectories too short for a pair left out"

        $"{this.Count} pairs in {this.Dimension} dimensions at lag {this.Lag}{left}"

/// <summary>Functions that create snapshot pairs.</summary>
[<RequireQualifiedAccess>]
module SnapshotPairs =

    let private checkLag (lag: float) : Outcome<unit> =
        Require.positive "the lag" lag
        |> Require.advise "Give the time between x and y in the data's own unit, for example 0.1"

    /// The first rows of the runs: where x is not the y of the row before.
    let private findStarts (from: Tensor) (successors: Tensor) : int[] =
        use _ = Tensors.scope ()
        let n = from.shape[0]

        let breaks =
            from.narrow(0L, 1L, n - 1L).ne(successors.narrow (0L, 0L, n - 1L)).any(1L).nonzero()

        Array.append [| 0 |] (Guarded.read<int64> breaks |> Array.map (fun row -> int row + 1))

    /// A pair set with further details. Values are immutable, so that both share them, each with its own handles.
    let private remake (change: PairDetails -> PairDetails) (from: Samples) (pairs: SnapshotPairs) : SnapshotPairs =
        let again (tensor: Tensor) : Tensor = tensor.alias().DetachFromDisposeScope()

        let copy (samples: Samples) : Samples =
            new Samples(again samples.Points, again samples.Weights, samples.Sampling)

        let details = change pairs.Details

        new SnapshotPairs(
            copy from,
            copy pairs.To,
            pairs.Lag,
            { details with
                Inputs = details.Inputs |> Option.map again
                Second = details.Second |> Option.map copy
            }
        )

    /// <summary>
    /// Pairs from the states x and their successors y. Both are copied. Where each x is the y of the row before, the rows are
    /// taken as a run of one trajectory.
    /// </summary>
    let create (lag: float) (from: Tensor) (successors: Tensor) : Outcome<SnapshotPairs> =
        result {
            do! checkLag lag

            if not (from.shape = successors.shape) then
                return!
                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"x has shape {Tensors.shape from}, but y has {Tensors.shape successors}"
                        "Give one successor for every state"
            else
                let! x = Samples.ofTensor from

                match Samples.ofTensor successors with
                | Ok y ->
                    return
                        new SnapshotPairs(
                            x,
                            y,
                            lag,
                            {
                                Temperature = None
                                Inputs = None
                                Second = None
                                Parity = None
                                Starts = findStarts x.Points y.Points
                                Stride = 1
                                Dropped = 0
                            }
                        )
                | Error error ->
                    (x :> IDisposable).Dispose()
                    return! Error error
        }

    /// <summary>The temperature T of dX = -∇V dt + √(2T) dW, when it is known.</summary>
    let temperature (pairs: SnapshotPairs) : float option = pairs.Temperature

    /// <summary>The inputs u (n, m) that acted from x to y, if there were any. They belong to the pairs.</summary>
    let inputs (pairs: SnapshotPairs) : Tensor option = pairs.Inputs

    /// <summary>
    /// Second successors y' of x, independent of y given x, if there are any: they separate noise from residual. They belong to the pairs.
    /// </summary>
    let secondSuccessors (pairs: SnapshotPairs) : Samples option = pairs.Second

    /// <summary>The same pairs, of a process whose temperature T is known. The two share their values.</summary>
    let withTemperature (temperature: float) (pairs: SnapshotPairs) : SnapshotPairs =
        remake
            (fun details ->
                { details with
                    Temperature = Some temperature
                })
            pairs.From
            pairs

    /// <summary>The same pairs with weights (n), which need not be normalised, for example those of <c>Reweighting</c>. The two share their values.</summary>
    let withWeights (weights: float[]) (pairs: SnapshotPairs) : Outcome<SnapshotPairs> =
        Samples.withWeights weights pairs.From
        |> Result.map (fun from ->
            use _ = from
            remake id from pairs)

    /// <summary>The same pairs with the inputs u (n, m) that acted from x to y. The two share their values.</summary>
    let withInputs (inputs: Tensor) (pairs: SnapshotPairs) : Outcome<SnapshotPairs> =
        if
            inputs.dim () <> 2L
            || inputs.shape[0] <> int64 pairs.Count
            || inputs.shape[1] < 1L
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The inputs have shape {Tensors.shape inputs}, but there are {pairs.Count} pairs"
                "Give one row of inputs for every pair; a single input has shape (n, 1)"
        elif not (Tensors.isFinite inputs) then
            KoopmanError.fail ErrorKind.NotFinite "The inputs contain NaN or infinity" "Remove or repair these rows"
        else
            Samples.checkReal "The inputs" inputs
            |> Result.map (fun () ->
                use _ = Tensors.scope ()
                let values = inputs.detach().cpu().to_type(torch.float64, true)
                remake (fun details -> { details with Inputs = Some values }) pairs.From pairs)

    /// <summary>The same pairs with second successors y' (n, d) of x, drawn independently of y. The two share their values.</summary>
    let withSecond (second: Tensor) (pairs: SnapshotPairs) : Outcome<SnapshotPairs> =
        if not (second.shape = pairs.From.Points.shape) then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The second successors have shape {Tensors.shape second}, but the states {Tensors.shape pairs.From.Points}"
                "Give one second successor for every state"
        else
            Samples.ofTensor second
            |> Result.map (fun samples ->
                use _ = samples
                remake (fun details -> { details with Second = Some samples }) pairs.From pairs)

    /// <summary>
    /// The same pairs, of a state space in which some coordinates change sign under time reversal, as velocities do: <paramref name="odd"/> marks
    /// these coordinates (d). The test of detailed balance then reverses them too. Estimators that assume a self-adjoint propagator warn all the same,
    /// since a process of velocities has none; general EDMD and DMD are right for it, and make no use of the parity. The two share their values.
    /// </summary>
    let withParity (odd: bool[]) (pairs: SnapshotPairs) : Outcome<SnapshotPairs> =
        Require.sameCount ("parities", odd.Length) ("coordinates", pairs.Dimension)
        |> Require.advise "Say of each coordinate whether it changes sign when time is reversed: true for velocities"
        |> Result.map (fun () ->
            let signs = odd |> Array.map (fun isOdd -> if isOdd then -1.0 else 1.0)

            remake
                (fun details ->
                    { details with
                        Parity = if Array.contains true odd then Some signs else None
                    })
                pairs.From
                pairs)

    /// The same pairs with the first rows of their runs and their overlap, for data whose rows do not show them.
    let internal withRuns (starts: int[]) (stride: int) (pairs: SnapshotPairs) : Outcome<SnapshotPairs> =
        if
            stride < 1
            || Array.tryHead starts <> Some 0
            || Array.last starts >= pairs.Count
            || starts |> Array.pairwise |> Array.exists (fun (a, b) -> b <= a)
        then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The starts of the runs and a stride of {stride} do not describe {pairs.Count} pairs"
                "Give the first row of each run, counted from 0, in increasing order, and a stride of at least 1"
        else
            Ok(
                remake
                    (fun details ->
                        { details with
                            Starts = starts
                            Stride = stride
                        })
                    pairs.From
                    pairs
            )

    /// The same pairs in other coordinates (n, r), which are copied; inputs and second successors are left out.
    let internal inCoordinates (from: Tensor) (successors: Tensor) (pairs: SnapshotPairs) : SnapshotPairs =
        let seen (points: Tensor) (samples: Samples) : Samples =
            new Samples(Tensors.copy points, samples.Weights.alias().DetachFromDisposeScope(), samples.Sampling)

        new SnapshotPairs(
            seen from pairs.From,
            seen successors pairs.To,
            pairs.Lag,
            { pairs.Details with
                Inputs = None
                Second = None
                Parity = None
            }
        )

    /// The same pairs with inputs, in the coordinates (x - origin) / unit.
    let internal inUnits (origin: Tensor) (unit: Tensor) (pairs: SnapshotPairs) : SnapshotPairs =
        let seen (samples: Samples) : Samples =
            new Samples(
                Tensors.own (fun () -> (samples.Points - origin) / unit),
                samples.Weights.alias().DetachFromDisposeScope(),
                samples.Sampling
            )

        new SnapshotPairs(
            seen pairs.From,
            seen pairs.To,
            pairs.Lag,
            { pairs.Details with
                Inputs = pairs.Inputs |> Option.map (fun u -> u.alias().DetachFromDisposeScope())
                Second = None
                Parity = None
            }
        )

    let private besideConstant (value: float) (pairs: SnapshotPairs) : SnapshotPairs =
        let beside (samples: Samples) : Samples =
            let column =
                torch.full ([| int64 samples.Count; 1L |], Tensors.num value, dtype = torch.float64)

            new Samples(
                Tensors.own (fun () -> torch.cat ([| samples.Points; column |], 1L)),
                samples.Weights.alias().DetachFromDisposeScope(),
                samples.Sampling
            )

        new SnapshotPairs(
            beside pairs.From,
            beside pairs.To,
            pairs.Lag,
            { pairs.Details with
                Inputs = pairs.Inputs |> Option.map (fun u -> u.alias().DetachFromDisposeScope())
                Second = None
                Parity = None
            }
        )

    /// The same pairs, with a further coordinate that is a constant if one is given.
    let internal withConstant (value: float option) (pairs: SnapshotPairs) : SnapshotPairs =
        match value with
        | Some value -> besideConstant value pairs
        | None -> remake id pairs.From pairs

    /// <summary>Pairs of consecutive rows of one trajectory (n, d), sampled every <paramref name="lag"/>.</summary>
    let ofTrajectory (lag: float) (trajectory: Samples) : Outcome<SnapshotPairs> =
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
    /// The temperature estimated from the increments: T = mean |y-x|² / (2 d τ). Valid for small lags; at a lag comparable to the
    /// relaxation time inside a well it is too low.
    /// </summary>
    let estimateTemperature (pairs: SnapshotPairs) : float =
        Tensors.within (fun () ->
            let step = pairs.To.Points - pairs.From.Points

            (step * step).sum(1L).mean().ToDouble()
            / (2.0 * float pairs.Dimension * pairs.Lag))
