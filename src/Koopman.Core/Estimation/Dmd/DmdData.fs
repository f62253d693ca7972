namespace Koopman

open System.Numerics
open TorchSharp

/// Snapshots for dynamic mode decomposition: matrices of weighted rows and the directions in which they vary.
module internal DmdData =

    /// Weighted rows of states, successors and inputs; the effect of known inputs is subtracted from the successors.
    [<NoComparison; NoEquality>]
    type Snapshots =
        {
            /// √(n w) x (n, d).
            From: Tensor
            /// √(n w) y (n, d).
            To: Tensor
            /// √(n w) u (n, m).
            Inputs: Tensor option
            /// An orthonormal basis of the columns of the inputs (n, q), to be projected out.
            Explained: Tensor option
        }

    /// Orthonormal columns with the span of a matrix (n, m), without those that are 0 up to rounding.
    let span (matrix: Tensor) : Tensor =
        // Independent of the units of the inputs.
        let scale = matrix.square().sum(0L, true).sqrt()
        let scaled = matrix / scale.clamp_min (Tensors.num 1e-300)
        let struct (left, values, _) = torch.linalg.svd (scaled, fullMatrices = false)
        let kept = values.gt(Tensors.num 1e-10).sum().ToInt64()
        left.narrow (1L, 0L, kept)

    /// A matrix minus its projection on the span of the inputs.
    let withoutInputs (snapshots: Snapshots) (matrix: Tensor) : Tensor =
        match snapshots.Explained with
        | None -> matrix
        | Some q -> matrix - q.times (q.t().times matrix)

    let private checkKnown (known: Tensor) (pairs: SnapshotPairs) : Outcome<unit> =
        match pairs.Inputs with
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "An input matrix was given, but the pairs carry no inputs"
                "Attach the inputs with SnapshotPairs.withInputs or Trajectories.withInputs"
        | Some inputs when known.shape <> [| inputs.shape[1]; int64 pairs.Dimension |] ->
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The input matrix has shape {Tensors.shape known}, but there are {inputs.shape[1]} inputs and {pairs.Dimension} coordinates"
                "Give one row for every input: what it adds to the state in one lag, per unit"
        | Some _ when not (Tensors.isFinite known) ->
            KoopmanError.fail ErrorKind.NotFinite "The input matrix contains NaN or infinity" "Give finite values"
        | Some _ -> Ok()

    /// Fails if all states are the same point.
    let checkVaries (states: Tensor list) : Outcome<unit> =
        let still =
            Tensors.within (fun () ->
                let point = states[0].narrow(0L, 0L, 1L)
                states |> List.forall (fun points -> points.eq(point).all().ToBoolean()))

        if still then
            KoopmanError.fail ErrorKind.TooFewSamples "All states are the same point" "Give data that vary"
        else
            Ok()

    /// The snapshots of pairs, in the dispose scope of the caller.
    let ofPairs (known: Tensor option) (pairs: SnapshotPairs) : Outcome<Snapshots> =
        let share = (float pairs.Count * pairs.From.Weights).sqrt().unsqueeze 1L

        let inputs = pairs.Inputs |> Option.map (fun u -> u * share)
        let from, next = pairs.From.Points * share, pairs.To.Points * share

        Samples.checkScale "The states" pairs.From
        |> Result.bind (fun () -> Samples.checkScale "The successors" pairs.To)
        |> Result.bind (fun () -> checkVaries [ pairs.From.Points; pairs.To.Points ])
        |> Result.bind (fun () ->
            match known with
            | None ->
                Ok
                    {
                        From = from
                        To = next
                        Inputs = inputs
                        Explained = inputs |> Option.map span
                    }
            | Some known ->
                checkKnown known pairs
                |> Result.map (fun () ->
                    {
                        From = from
                        To = next - inputs.Value.times (known.to_type torch.float64)
                        Inputs = inputs
                        Explained = None
                    }))

    /// Singular values of the economy decomposition: the smaller side of the matrix sets the size of the problem.
    let svd (matrix: Tensor) : Outcome<struct (Tensor * float[] * Tensor)> =
        try
            let struct (left, values, right) = torch.linalg.svd (matrix, fullMatrices = false)
            Ok(struct (left, Tensors.toArray values, right.t ()))
        with :? System.Runtime.InteropServices.ExternalException as error ->
            KoopmanError.fail
                ErrorKind.IllConditioned
                $"The singular values of the snapshots could not be computed: {Guarded.message error}"
                "Rescale the coordinates to comparable size"

    /// The directions (d, r) in which the snapshots vary most.
    let directions (rule: DmdRank) (cut: float) (inputs: int) (snapshots: Tensor) : Outcome<struct (Tensor * float[])> =
        svd snapshots
        |> Result.bind (fun (struct (_, values, right)) ->
            let n, d = int snapshots.shape[0], int snapshots.shape[1]

            if values[0] = 0.0 then
                KoopmanError.fail ErrorKind.TooFewSamples "All states are 0" "Give data that vary"
            else
                DmdRank.choose rule cut (n - 1 - inputs) (n, d) values
                |> Result.map (fun rank -> struct (right.narrow (1L, 0L, int64 rank), Array.take rank values)))

    /// Fails for fewer snapshots than directions.
    let checkCount (snapshots: Tensor) : Outcome<unit> =
        let n, r = snapshots.shape[0], snapshots.shape[1]

        if n < r then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{n} snapshots do not determine an operator in {r} directions"
                "Lower the rank, or give more snapshots"
        else
            Ok()

    /// The least-squares solution F (r, k) of M F = T, for M (n, r) of full rank.
    let regress (matrix: Tensor) (target: Tensor) : Outcome<Tensor> =
        checkCount matrix
        |> Result.bind (fun () -> svd matrix)
        |> Result.bind (fun (struct (left, values, right)) ->
            if values[values.Length - 1] > 1e-13 * values[0] then
                Ok((right / Tensors.ofVector values).times(left.t().times target))
            else
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    $"The snapshots lose a direction from one step to the next: singular values from {values[0]:G3} to {values[values.Length - 1]:G3}"
                    "Lower the rank")

    /// ‖φ(y) - λφ(x)‖ of each mode over n snapshots, for functions φ of unit norm with coefficients (r, K), and factors λ (K) or (n, K).
    let residuals (now: Tensor) (later: Tensor) (vectors: Tensor) (factors: Tensor) : float[] =
        Tensors.within (fun () ->
            let count = float now.shape[0]

            let values (z: Tensor) = LinearAlgebra.timesComplex z vectors

            ((values later - values now * factors).abs().square().sum(0L) / count).sqrt()
            |> Tensors.toArray)

    /// The root mean square of coordinates (n, r).
    let size (coordinates: Tensor) : float =
        Tensors.within (fun () -> coordinates.square().mean().sqrt().ToDouble())

    /// The residual per noise of this size in the states, for functions Σ_j v_j z_j of unit norm with coefficients V (r, K), whose gradients
    /// are constant.
    let sensitivity (size: float) (vectors: Tensor) (factors: Complex[]) : float[] =
        Tensors.within (fun () -> Tensors.toArray (size * vectors.abs().square().sum(0L).sqrt()))
        |> Array.map2 (fun (factor: Complex) length -> length * sqrt (1.0 + Complex.Abs factor ** 2.0)) factors

    /// An orthonormal basis W (r, r) of the coordinates z (n, r), Wᵀ⟨zzᵀ⟩W = 1, with its inverse.
    let orthonormal (coordinates: Tensor) : Outcome<struct (Tensor * Tensor)> =
        svd coordinates
        |> Result.bind (fun (struct (_, values, axes)) ->
            let root = sqrt (float coordinates.shape[0])
            let spread = Tensors.ofVector (values |> Array.map (fun s -> s / root))

            if values[values.Length - 1] > 1e-14 * values[0] then
                Ok(struct (axes / spread, axes.t () * spread.unsqueeze 1L))
            else
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    $"The states vary in fewer than {values.Length} directions"
                    "Lower the rank")

    /// The model on the coordinates z = Uᵀx. Every tensor is copied.
    let model
        (observables: Observables)
        (matrix: Tensor)
        (lag: float)
        (gram: Tensor)
        (measure: string)
        (spectrum: Spectrum)
        (output: Tensor)
        (input: Tensor option)
        : LinearModel =

        new LinearModel(
            new Propagator(observables, Tensors.copy matrix, lag, Tensors.copy gram, measure),
            spectrum,
            Tensors.copy output,
            Option.map Tensors.copy input
        )

    /// The origin and the unit of every coordinate (d) in which a decomposition is computed.
    [<NoComparison; NoEquality>]
    type Frame = { Origin: Tensor; Unit: Tensor }

    /// <summary>
    /// The frame of a decomposition of these states. Where the rank depends on the size of singular values, the units are those of the data: white noise
    /// of one size in all coordinates and their sum of squares have no meaning in other units. Where all directions are kept that are not rounding
    /// errors, every coordinate has its own unit, its root mean square, and no coordinate is lost because of its unit. With a constant the
    /// origin is the mean, since the model is then the same about any point. A regression that itself presumes noise of one size is not scaled.
    /// </summary>
    let frame (scaled: bool) (rule: DmdRank) (constant: bool) (states: Samples) : Frame =
        let d = int64 states.Dimension
        let zero = torch.zeros (d, dtype = torch.float64)
        let origin = if constant then Samples.mean states else zero

        let unit =
            if scaled && DmdRank.keepsAll rule (states.Count, states.Dimension) then
                let size =
                    ((states.Points - origin).square() * states.Weights.unsqueeze 1L).sum(0L).sqrt()

                torch.where (size.gt (Tensors.num 0.0), size, torch.ones_like size)
            else
                torch.ones (d, dtype = torch.float64)

        { Origin = origin; Unit = unit }

    /// ψ(x) = Uᵀx', or Uᵀ[x', c] with a constant c added to the coordinates x' of the frame.
    let coordinatesIn (frame: Frame) (constant: float option) (directions: Tensor) : Outcome<Observables> =
        let d = frame.Origin.shape[0]

        match constant with
        | None ->
            Observables.linear (int directions.shape[1])
            |> Observables.mapped frame.Origin (directions / frame.Unit.unsqueeze 1L)
        | Some value ->
            let scaled = directions.clone ()
            scaled.narrow(0L, d, 1L).mul_(Tensors.num value) |> ignore

            result {
                let! own =
                    Observables.linear (int d)
                    |> Observables.mapped frame.Origin (torch.diag (1.0 / frame.Unit))

                let! both = Observables.append own (Observables.constant (int d))
                return! Observables.combined scaled both
            }

    /// The same in the units of the data.
    let coordinates (constant: float option) (directions: Tensor) : Outcome<Observables> =
        let d = directions.shape[0] - (if constant.IsSome then 1L else 0L)

        coordinatesIn
            {
                Origin = torch.zeros (d, dtype = torch.float64)
                Unit = torch.ones (d, dtype = torch.float64)
            }
            constant
            directions

    /// The read-out (r, d) of states in the units of the data, from that (r, d or d + 1) of the frame.
    let readOut (frame: Frame) (constant: float option) (output: Tensor) : Tensor =
        let d = frame.Origin.shape[0]
        let states = output.narrow (1L, 0L, d) * frame.Unit

        match constant with
        | None -> states
        | Some value -> states + output.narrow (1L, d, 1L) / value * frame.Origin

    /// Coordinates most of whose motion is outside the kept directions (columns of U), although it is not white: how many, and the first.
    let lost (directions: Tensor) (snapshots: Snapshots) : struct (int * int) =
        use _ = Tensors.scope ()

        if directions.shape[0] = directions.shape[1] then
            struct (0, 0)
        else
            let outside (rows: Tensor) =
                rows - rows.times(directions).times(directions.t ())

            let square (t: Tensor) = t.square().sum 0L
            let now, next = outside snapshots.From, outside snapshots.To
            let mean = snapshots.From.mean ([| 0L |], true)
            let moves = square (snapshots.From - mean)
            let both = (square now * square next).sqrt()
            let outlast = (now * next).sum(0L).gt(0.5 * both)
            let gone = (square now).gt(0.5 * moves)

            let places =
                torch.logical_and (torch.logical_and (gone, outlast), moves.gt (1e-20 * square snapshots.From))
                |> Guarded.read<bool>

            let count = places |> Array.filter id |> Array.length
            struct (count, (if count = 0 then 0 else Array.findIndex id places))

    /// A constant of the size of the states, where one is wanted: the kept directions then do not depend on units.
    let constantFor (wanted: bool) (states: Tensor) : float option =
        if not wanted then
            None
        else
            Tensors.within (fun () ->
                let size = states.square().sum(1L).mean().sqrt().ToDouble()
                Some(if size > 0.0 then size else 1.0))

    /// <summary>
    /// The factor by which a constant would reduce the residual variance of a regression z' ≈ zᵀK (n, r) in the direction where it helps most, if it exceeds the effect of
    /// an unnecessary constant in 999 cases of 1,000 (Wilks' test, which does not depend on units); else none.
    /// </summary>
    let wantsConstant (share: Tensor) (now: Tensor) (next: Tensor) : float option =
        use _ = Tensors.scope ()
        let n, r = float now.shape[0], float now.shape[1]

        let left (columns: Tensor) =
            let q = span columns
            next - q.times (q.t().times next)

        let without, within = left now, left (torch.cat ([| now; share |], 1L))
        let struct (_, values, axes) = torch.linalg.svd (without, fullMatrices = false)
        // What is left of motion without noise is rounding.
        let kept = values.gt(1e-10 * next.square().sum().sqrt()).sum().ToInt64()

        let free = n - r - float kept

        if kept = 0L || free < 1.0 then
            None
        else
            let directions = axes.narrow(0L, 0L, kept).t() / values.narrow (0L, 0L, kept)

            let remaining =
                torch.linalg.svdvals (within.times directions)
                |> Tensors.toArray
                |> Array.map (fun s -> max (s * s) 1e-24)

            let ratio = 1.0 / Array.fold (*) 1.0 remaining
            let best = 1.0 / Array.min remaining
            let k = float kept
            let allowed = MathNet.Numerics.Distributions.FisherSnedecor.InvCDF(k, free, 0.999)

            if (ratio - 1.0) * free / k > allowed && best > 1.01 then
                Some best
            else
                None
