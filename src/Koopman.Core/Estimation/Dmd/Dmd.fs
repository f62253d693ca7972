namespace Koopman

open System.Numerics
open TorchSharp

/// <summary>Variants of dynamic mode decomposition.</summary>
type DmdMethod =
    /// <summary>Least squares, and modes in the span of the successors (Tu et al. 2014). Noise in the states makes modes decay too fast.</summary>
    | Exact = 0
    /// <summary>Least squares, and modes in the span of the states (Schmid 2010). The same eigenvalues as exact.</summary>
    | Projected = 1
    /// <summary>
    /// The geometric mean of the operator forward in time and the inverse of the one backward: the bias from noise in the states cancels
    /// (Dawson et al. 2016).
    /// </summary>
    | ForwardBackward = 2
    /// <summary>Total least squares: noise is allowed for in states and successors alike (Hemati et al. 2017).</summary>
    | TotalLeastSquares = 3

/// <summary>Settings of dynamic mode decomposition.</summary>
type DmdOptions =
    {
        /// <summary>The variant. Default <c>Exact</c>.</summary>
        Method: DmdMethod
        /// <summary>The rank: the number of directions kept. Default <c>OptimalThreshold</c>.</summary>
        Rank: DmdRank
        /// <summary>
        /// True to add the constant 1 to the coordinates, so that motion about a point other than 0 is linear; the constant has eigenvalue 1. Default false.
        /// </summary>
        Constant: bool
        /// <summary>The number of leading modes with a residual; the second of a conjugate pair is added. Default 10.</summary>
        Modes: int
        /// <summary>Directions below this fraction of the largest singular value are treated as rounding errors. Default 1e-10.</summary>
        RankTolerance: float
    }

/// <summary>
/// Dynamic mode decomposition: the propagator of a linear system of many coordinates, in the few directions in which its snapshots
/// vary (Schmid 2010), with control (Proctor, Brunton and Kutz 2016). No d x d matrix is ever formed. The mean is not subtracted:
/// a warning is given if the states move about a point other than 0; set <c>Constant</c> in that case. With fewer than ten coordinates nothing depends on
/// their units. With more, a rank by threshold or energy and a given rank do, and so do total least squares, by definition: noise of one size and a sum of squares
/// presume one unit. A warning then names coordinates whose motion is lost. Complex states z are given as
/// [Re z, Im z]; oscillations then come in conjugate pairs.
/// </summary>
[<RequireQualifiedAccess>]
module Dmd =

    /// <summary>Exact, optimal threshold, no constant, ten modes, cut 1e-10.</summary>
    let defaults: DmdOptions =
        {
            Method = DmdMethod.Exact
            Rank = OptimalThreshold
            Constant = false
            Modes = 10
            RankTolerance = 1e-10
        }

    let private check (options: DmdOptions) : Outcome<unit> =
        Require.settings "Dmd.defaults" {
            Require.atLeast 1 "Modes" options.Modes
            Require.share "RankTolerance" options.RankTolerance
            Require.oneOf (System.Enum.GetValues<DmdMethod>()) "Method" options.Method
        }

    /// The real root of a matrix M ≈ F² that is nearest to F, eigenvalue by eigenvalue.
    let private rootNear (near: Tensor) (square: Tensor) : Outcome<Tensor> =
        LinearAlgebra.generalEigen Complex.Abs square
        |> Result.bind (fun eigen ->
            let guesses =
                (eigen.Left.conj () * LinearAlgebra.timesComplex near eigen.Right).sum 0L

            let re, im = Tensors.toArray guesses.real, Tensors.toArray guesses.imag

            match
                eigen.Values
                |> Array.tryFind (fun value -> value.Imaginary = 0.0 && value.Real < 0.0)
            with
            | Some value ->
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    $"The forward and backward operators disagree: their product has the eigenvalue {value.Real:G3}, which is not the square of a real number"
                    "Lower the rank, because the weakest direction is noise; or use total least squares"
            | None ->
                let roots =
                    eigen.Values
                    |> Array.mapi (fun i value ->
                        let root = Complex.Sqrt value
                        let guess = Complex(re[i], im[i])

                        if (root * Complex.Conjugate guess).Real < 0.0 then
                            -root
                        else
                            root)

                let scaled = eigen.Right * Tensors.complexVector roots
                Ok(scaled.times(eigen.Left.conj().t().resolve_conj()).real))

    /// U (d, r) and K (r, r) with zᵀK ≈ z'ᵀ for z = Uᵀx.
    let private operator
        (options: DmdOptions)
        (snapshots: DmdData.Snapshots)
        (directions: Tensor)
        : Outcome<struct (Tensor * Tensor)> =
        let free = DmdData.withoutInputs snapshots

        match options.Method with
        | DmdMethod.ForwardBackward ->
            result {
                let now = (free snapshots.From).times directions
                let next = (free snapshots.To).times directions
                let! forward = DmdData.regress now next
                let! backward = DmdData.regress next now
                // F B⁻¹. B is invertible: a regression without full rank has already failed.
                let! inverse =
                    DmdData.regress backward (torch.eye (backward.shape[0], dtype = torch.float64))

                let! root = rootNear forward (forward.times inverse)
                return struct (directions, root)
            }
        | DmdMethod.TotalLeastSquares ->
            result {
                let rank = directions.shape[1]
                let d = snapshots.From.shape[1]
                do! DmdData.checkCount (snapshots.From.times directions)
                let both = free (torch.cat ([| snapshots.From; snapshots.To |], 1L))
                let! struct (left, _, _) = DmdData.svd both
                // States and successors projected on their leading joint time courses.
                let compressed = left.narrow(1L, 0L, rank).t().times both
                let from, next = compressed.narrow (1L, 0L, d), compressed.narrow (1L, d, d)
                let! struct (_, _, right) = DmdData.svd from
                let own = right.narrow (1L, 0L, rank)
                let! matrix = DmdData.regress (from.times own) (next.times own)
                return struct (own, matrix)
            }
        | _ ->
            DmdData.regress ((free snapshots.From).times directions) ((free snapshots.To).times directions)
            |> Result.map (fun matrix -> struct (directions, matrix))

    /// C (r, d). The exact modes are the images of the projected ones under the operator.
    let private output
        (options: DmdOptions)
        (snapshots: DmdData.Snapshots)
        (directions: Tensor)
        (matrix: Tensor)
        : Outcome<Tensor> =
        let projected = directions.t ()

        if options.Method <> DmdMethod.Exact || directions.shape[0] = directions.shape[1] then
            Ok projected
        else
            let free = DmdData.withoutInputs snapshots

            DmdData.regress ((free snapshots.From).times directions) (free snapshots.To)
            |> Result.map (fun image ->
                let outside = image - image.times(directions).times projected
                // A direction that vanishes after one step has no image: its mode is the projected one.
                let inverse = torch.linalg.pinv (matrix, rtol = System.Nullable 1e-10)
                projected + inverse.times outside)

    /// The residuals and error bars of the leading modes, computed in the directions, with the effect of the inputs subtracted.
    let private evidence
        (directions: Tensor)
        (input: Tensor option)
        (basis: Tensor)
        (eigen: GeneralEigen)
        (count: int)
        (copies: float)
        (pairs: SnapshotPairs)
        : Evidence =
        let along (samples: Samples) = samples.Points.times directions

        let next =
            match input, pairs.Inputs with
            | Some effect, Some inputs -> along pairs.To - inputs.times effect
            | _ -> along pairs.To

        use seen = SnapshotPairs.inCoordinates (along pairs.From) next pairs
        let noise = Noise.level Noise.Automatic seen
        let size = DmdData.size seen.From.Points
        let r = eigen.Values.Length
        let lift = LinearAlgebra.timesComplex basis
        use coordinates = Observables.linear r

        let leading (vectors: Tensor) =
            (lift vectors).narrow(1L, 0L, int64 count)

        let trial =
            EigenpairTest(
                coordinates,
                torch.zeros (int64 r, dtype = torch.float64),
                leading eigen.Right,
                leading eigen.Left,
                Array.take count eigen.Values,
                pairs.Lag,
                None
            )

        { Memory.evidence copies trial seen with
            Successors =
                if noise.IsStochastic then
                    Stochastic(r, Blocks.effective pairs)
                else
                    Deterministic(
                        Evidence.tolerance,
                        DmdData.sensitivity size (leading eigen.Right) (Array.take count eigen.Values),
                        noise.Most / size
                    )
        }

    let private fitSnapshots
        (options: DmdOptions)
        (known: Tensor option)
        (given: SnapshotPairs)
        : Outcome<LinearModel> =
        result {
            do! check options
            use _ = Tensors.scope ()
            let! merged, copies = Repetition.merge given
            use merged = merged
            do! Samples.checkScale "The states" merged.From
            do! Samples.checkScale "The successors" merged.To
            let scaled = options.Method <> DmdMethod.TotalLeastSquares
            let frame = DmdData.frame scaled options.Rank options.Constant merged.From
            use own = SnapshotPairs.inUnits frame.Origin frame.Unit merged
            let constant = DmdData.constantFor options.Constant own.From.Points
            use pairs = SnapshotPairs.withConstant constant own

            let known =
                known
                |> Option.map (fun effect ->
                    let own = effect.to_type torch.float64 / frame.Unit

                    if constant.IsSome then
                        torch.nn.functional.pad (own, [| 0L; 1L |])
                    else
                        own)

            let! snapshots = DmdData.ofPairs known pairs

            let explained =
                match snapshots.Explained with
                | None -> 0
                | Some q -> int q.shape[1]

            let! struct (directions, values) =
                DmdData.directions options.Rank options.RankTolerance explained snapshots.From

            if explained > 0 then
                let whitened = snapshots.From.times (directions) / Tensors.ofVector values

                let! struct (_, left, _) = DmdData.svd (DmdData.withoutInputs snapshots whitened)
                do! InputRegression.checkIdentifiable (left[left.Length - 1] ** 2.0)

            let! struct (directions, matrix) = operator options snapshots directions
            let! output = output options snapshots directions matrix
            let output = DmdData.readOut frame constant output
            let now, next = snapshots.From.times directions, snapshots.To.times directions

            let inputOf (u: Tensor) (now: Tensor) (next: Tensor) (matrix: Tensor) : Tensor =
                let effect = torch.linalg.pinv (u, rtol = System.Nullable 1e-10)
                effect.times (next - now.times matrix)

            let input =
                match snapshots.Inputs, known with
                | Some _, Some given -> Some(given.to_type(torch.float64).times directions)
                | Some inputs, None -> Some(inputOf inputs now next matrix)
                | None, _ -> None

            let! struct (basis, inverse) = DmdData.orthonormal now
            let convention = PropagatorAtLag pairs.Lag
            let! eigen = OperatorMatrix.eigen convention (inverse.times(matrix).times basis)

            // In the directions themselves, so that the refits are small. The effect of a known input has been subtracted.
            let refit (part: DmdData.Snapshots) =
                operator options part (torch.eye (part.From.shape[1], dtype = torch.float64))
                |> Result.map (fun (struct (own, turned)) ->
                    let matrix = own.times(turned).times(own.t ())

                    struct (matrix,
                            match known with
                            | None -> part.Inputs |> Option.map (fun u -> inputOf u part.From part.To matrix)
                            | Some _ -> None))

            let shown =
                DmdJackknife.run
                    refit
                    (basis, inverse)
                    eigen
                    (Spectrum.wholePairs options.Modes eigen.Values)
                    { snapshots with From = now; To = next }
                    pairs

            let offset =
                if options.Constant then
                    None
                else
                    let free = DmdData.withoutInputs snapshots
                    let share = (float pairs.Count * pairs.From.Weights).sqrt().unsqueeze 1L
                    DmdData.wantsConstant (free share) (free now) (free next)

            let struct (lost, first) = DmdData.lost directions snapshots

            let remark (_: Mode) : Warning list =
                [
                    if lost > 0 then
                        {
                            Kind = WarningKind.NotConverged
                            Message =
                                $"the motion of {lost} of {given.Dimension} coordinates (the first is number {first}, counted from 0) is outside the directions kept, for which all coordinates are taken to be in one unit: scale the coordinates to equal size, or raise the rank"
                        }
                    match offset with
                    | Some ratio ->
                        {
                            Kind = WarningKind.NotLinear
                            Message =
                                $"the states move about a point other than 0: adding a constant to the coordinates reduces the residual variance of some of them to {1.0 / ratio:G3} of its value; set Constant, or subtract that point"
                        }
                    | None -> ()
                ]

            let modes =
                Array.init shown.Residuals.Length (fun k ->
                    { OperatorMatrix.bareMode convention eigen k with
                        Residual = shown.Residuals[k]
                    }
                    |> Uncertainty.withErrors shown.Errors[k])
                |> Evidence.judge (
                    let known =
                        evidence directions input basis eigen shown.Residuals.Length copies pairs

                    if offset.IsNone then
                        { known with Own = remark }
                    else
                        // A problem that a constant solves is reported only once.
                        { known with
                            Memory = [||]
                            Own = remark
                        }
                )

            use! observables = DmdData.coordinatesIn frame constant directions
            let measure = $"the empirical measure of {pairs.Count} states x"

            let spectrum =
                OperatorMatrix.spectrum
                    observables
                    basis
                    eigen
                    modes
                    convention
                    measure
                    "L2 of the states x, held out, ‖φ(y) - λφ(x)‖/‖φ‖; includes noise in the states"

            let gram = now.t().times(now) / float pairs.Count
            return DmdData.model observables matrix pairs.Lag gram measure spectrum output input
        }

    /// <summary>
    /// The propagator from pairs, weighted or not, of one trajectory or many. If the pairs carry inputs, their matrix B is estimated
    /// as well: z' ≈ Kᵀz + Bᵀu for the coordinates z = Uᵀx. Inputs that are functions of the state are an error, because the data then do not
    /// determine K and B separately.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="pairs">The data; more pairs than directions and inputs together.</param>
    let fit (options: DmdOptions) (pairs: SnapshotPairs) : Outcome<LinearModel> = fitSnapshots options None pairs

    /// <summary>As <c>fit</c>, with a known input matrix B: y ≈ Aᵀx + Bᵀu. The inputs may then be functions of the state.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="input">B (m, d): what each input adds to the state in one lag, per unit.</param>
    /// <param name="pairs">The data with inputs.</param>
    let fitWithInput (options: DmdOptions) (input: Tensor) (pairs: SnapshotPairs) : Outcome<LinearModel> =
        fitSnapshots options (Some input) pairs
