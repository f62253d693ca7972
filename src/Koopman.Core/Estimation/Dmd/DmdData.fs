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

    /// The residual per unit of noise in the states, for functions Σ_j v_j z_j of unit norm with coefficients V (r, K), whose gradients
    /// are constant.
    let sensitivity (vectors: Tensor) (factors: Complex[]) : float[] =
        Tensors.within (fun () -> Tensors.toArray (vectors.abs().square().sum(0L).sqrt()))
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

    /// ψ(x) = Uᵀx, or Uᵀ[x, c] with a constant c added to the coordinates.
    let coordinates (constant: float option) (directions: Tensor) : Outcome<Observables> =
        match constant with
        | None ->
            Observables.linear (int directions.shape[1])
            |> Observables.mapped (torch.zeros (directions.shape[0], dtype = torch.float64)) directions
        | Some value ->
            let d = int directions.shape[0] - 1
            let scaled = directions.clone ()
            scaled.narrow(0L, int64 d, 1L).mul_(Tensors.num value) |> ignore

            Observables.append (Observables.linear d) (Observables.constant d)
            |> Result.bind (Observables.combined scaled)

    /// A constant of the size of the states, where one is wanted: the kept directions then do not depend on units.
    let constantFor (wanted: bool) (states: Tensor) : float option =
        if not wanted then
            None
        else
            Tensors.within (fun () ->
                let size = states.square().sum(1L).mean().sqrt().ToDouble()
                Some(if size > 0.0 then size else 1.0))

    /// <summary>
    /// The factor by which a constant would reduce the residual sum of squares of a regression z' ≈ zᵀK in the directions (n, r), if it exceeds
    /// the effect of an unnecessary constant in 999 cases of 1,000; else none.
    /// </summary>
    let wantsConstant (share: Tensor) (now: Tensor) (next: Tensor) : float option =
        use _ = Tensors.scope ()
        let n, r = float now.shape[0], float now.shape[1]
        let free = (n - r - 1.0) * r

        let left (columns: Tensor) =
            let q = span columns
            (next - q.times (q.t().times next)).square().sum().ToDouble()

        let without, within = left now, left (torch.cat ([| now; share |], 1L))
        let scale = next.square().sum().ToDouble()

        if free < 1.0 || without <= 1e-20 * scale then
            None
        else
            let ratio = without / max within (1e-24 * scale)
            let allowed = MathNet.Numerics.Distributions.FisherSnedecor.InvCDF(r, free, 0.999)

            if (ratio - 1.0) * free / r > allowed && ratio > 1.01 then
                Some ratio
            else
                None
