namespace Koopman

open System
open System.Numerics
open TorchSharp

/// The coordinates that vary, from 0 to 1 between limits, and constant beyond.
[<Sealed>]
type internal ClippedCoordinates(dimension: int, columns: Tensor, low: Tensor, high: Tensor) =
    inherit Observables(dimension, int columns.shape[0], "clipped coordinates")

    let width = high - low
    let places = Guarded.read<int64> columns

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            ((points.index_select (1L, columns) - low) / width).clamp(Tensors.num 0.0, Tensors.num 1.0))

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let slopes = Tensors.zeros [| points.shape[0]; columns.shape[0] |] points

            match System.Array.IndexOf(places, int64 axis) with
            | -1 -> ()
            | k ->
                let x = points.select (1L, int64 axis)
                let low, high = low[int64 k], high[int64 k]
                let inside = torch.logical_and (x.gt low, x.lt high)

                slopes.select(1L, int64 k).copy_(inside.to_type torch.float64 / (high - low))
                |> ignore

            slopes)

/// <summary>Functions shared by the estimators: from moments to eigenfunctions, on all data and without a fold.</summary>
[<RequireQualifiedAccess>]
module internal Fitting =

    /// The order of eigenvalues, slowest mode first.
    type Order =
        | Ascending
        | Descending

    /// Eigenfunctions φ = (ψ - m)ᵀ V in the dispose scope of the caller.
    [<NoComparison; NoEquality>]
    type Fit =
        {
            Mean: Tensor
            Gram: Tensor
            Vectors: Tensor
            Values: float[]
        }

    /// Estimates are made in float64 on the CPU.
    let checkPlace (samples: Samples) : Outcome<unit> =
        let points = samples.Points

        if points.dtype = torch.float64 && points.device_type = DeviceType.CPU then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The data are {points.dtype} on {points.device}, but estimates are made in float64 on the CPU"
                "Make the samples with Samples.ofTensor"

    let check (observables: Observables) (samples: Samples) : Outcome<unit> =
        if observables.Dimension <> samples.Dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The observables take points of {observables.Dimension} dimensions, but the data have {samples.Dimension}"
                "Make the observables for the dimension of the data"
        elif samples.Count < 2 * observables.Count then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"There are {samples.Count} samples for {observables.Count} observables"
                $"Give at least twice as many samples as observables, or use at most {max 1 (samples.Count / 2)} observables"
        elif samples.Count < 40 then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{samples.Count} samples are too few for an error bar"
                "Give at least 40 samples; thousands are usual"
        else
            checkPlace samples

    /// Further requirements of estimators that use gradients.
    let checkDifferentiable (observables: Observables) : Outcome<unit> =
        if observables.IsDifferentiable then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The {observables.Description} have no gradients, which this estimator needs"
                "Use smooth observables here, or estimate the propagator from pairs (Edmd), which needs values only"

    let disposeAll (parts: Moments[]) : IDisposable =
        { new IDisposable with
            member _.Dispose() =
                for part in parts do
                    (part :> IDisposable).Dispose()
        }

    let solve (cut: float) (order: Order) (parts: Moments[]) : Outcome<Fit> =
        use all = Moments.merge parts
        let struct (mean, gram, form) = Moments.centred all

        LinearAlgebra.symmetricPencil cut gram form
        |> Result.map (fun eigen ->
            let values = Tensors.toArray eigen.Values

            match order with
            | Ascending ->
                {
                    Mean = mean
                    Gram = gram
                    Vectors = eigen.Vectors
                    Values = values
                }
            | Descending ->
                {
                    Mean = mean
                    Gram = gram
                    Vectors = eigen.Vectors.flip 1L
                    Values = Array.rev values
                })

    let take (count: int) (fit: Fit) : Fit =
        { fit with
            Vectors = fit.Vectors.narrow (1L, 0L, int64 count)
            Values = Array.take count fit.Values
        }

    let values (observables: Observables) (fit: Fit) (points: Tensor) : Tensor =
        Tensors.keep (fun () -> (observables.Values(points) - fit.Mean).times fit.Vectors)

    let slope (observables: Observables) (fit: Fit) (points: Tensor) (axis: int) : Tensor =
        Tensors.keep (fun () -> observables.Partial(points, axis).times fit.Vectors)

    /// The exponents on the smaller dictionary nested in this one, if there is one and it can be fitted, to check the convergence of the modes.
    let coarser
        (convention: Convention)
        (eigenvalues: Moments -> Outcome<Complex[]>)
        (observables: Observables)
        (parts: Moments[])
        : Complex[] option =
        match observables.Coarser with
        | [||] -> None
        | places ->
            use _ = Tensors.scope ()
            use all = Moments.merge parts
            use smaller = Moments.restrict places all

            match eigenvalues smaller with
            | Ok values -> Some(values |> Array.map convention.ExponentOf)
            | Error _ -> None

    /// The eigenvalues of the self-adjoint problem of one set of moments.
    let eigenvalues (cut: float) (order: Order) (moments: Moments) : Outcome<Complex[]> =
        solve cut order [| moments |]
        |> Result.map (fun fit -> fit.Values |> Array.map (fun value -> Complex(value, 0.0)))

    /// The fit without each fold; its modes are matched to the leading ones of the whole fit by their overlap.
    let refits
        (cut: float)
        (order: Order)
        (observables: Observables)
        (count: int)
        (whole: Fit)
        (parts: Moments[])
        : Outcome<Residuals.Refit[]> =
        let without (fold: int) =
            Array.removeAt fold parts
            |> solve cut order
            |> Result.map (fun fit ->
                let overlap =
                    fit.Vectors.t().times(whole.Gram).times(whole.Vectors.narrow (1L, 0L, int64 count)).abs()

                let matched = overlap.argmax 0L
                let vectors = fit.Vectors.index_select (1L, matched)
                let eigenvalues = (Tensors.ofVector fit.Values).index_select(0L, matched)
                let fit = { fit with Vectors = vectors }

                {
                    Residuals.Refit.Values = values observables fit
                    Residuals.Refit.Slope = slope observables fit
                    Residuals.Refit.Eigenvalues = eigenvalues
                })

        Outcome.collect without [ 0 .. parts.Length - 1 ] |> Result.map Array.ofList

    /// The leading modes of the whole fit in the same form, for data without sampling error.
    let leading (observables: Observables) (count: int) (whole: Fit) : Residuals.Refit =
        let fit = take count whole

        {
            Residuals.Refit.Values = values observables fit
            Residuals.Refit.Slope = slope observables fit
            Residuals.Refit.Eigenvalues = Tensors.ofVector fit.Values
        }

    /// A note on outliers, appended to the name of the measure.
    let apartOf (samples: Samples) : string =
        match Centres.apartInWords samples with
        | None -> ""
        | Some words -> "; " + words

    /// The most coordinates that are tried as further functions; dictionaries of many contain them already.
    let private mostCoordinates = 50

    /// The coordinates, clipped where fewer than √n samples lie beyond; none if none varies or there are too many. In the dispose scope of the caller.
    let private clipped (samples: Samples) : Observables option =
        if samples.Dimension > mostCoordinates || samples.Count < 9 then
            None
        else
            let k = int (sqrt (float samples.Count))
            let struct (top, _) = samples.Points.topk (k, 0, true, true)
            let struct (bottom, _) = samples.Points.topk (k, 0, false, true)
            let high, low = top[int64 k - 1L], bottom[int64 k - 1L]
            let kept = high.gt(low).nonzero().squeeze 1L

            if kept.shape[0] = 0L then
                None
            else
                let at (t: Tensor) = t.index_select (0L, kept)
                Some(new ClippedCoordinates(samples.Dimension, kept, at low, at high))

    /// Rates of a pencil, ascending; none if it cannot be solved.
    let private ratesOf (rateOf: float -> float) (gram: Tensor) (form: Tensor) : float[] =
        match LinearAlgebra.symmetricPencil 1e-8 (LinearAlgebra.symmetrise gram) (LinearAlgebra.symmetrise form) with
        | Ok eigen -> Tensors.toArray eigen.Values |> Array.map rateOf |> Array.sort
        | Error _ -> [||]

    /// The rates in the span of real eigenfunctions, given by their rows, and the clipped coordinates, counted both ways; empty if there are no coordinates to add.
    let richerOfRows (trial: EigenpairTest) (rows: TrialRows) (pairs: SnapshotPairs) : float[] =
        use _ = Tensors.scope ()

        match clipped pairs.From with
        | None -> [||]
        | Some clip ->
            use clip = clip
            let w = Blocks.weights pairs.From 0 pairs.Count / float pairs.Count
            let later = rows.Defect + rows.Values * trial.Lambda()

            let beside (values: Tensor) (points: Tensor) : Tensor =
                torch.cat ([| values.real; clip.Values points |], 1L)

            let x, y = beside rows.Values pairs.From.Points, beside later pairs.To.Points
            let mean = 0.5 * ((x + y) * w).sum 0L
            let x, y = x - mean, y - mean
            let product (a: Tensor) (b: Tensor) = a.t().times(b * w)

            ratesOf
                (fun lambda ->
                    if lambda > 0.0 then
                        -(log (min lambda 1.0)) / pairs.Lag
                    else
                        infinity)
                (product x x + product y y)
                (2.0 * product x y)

    /// The same for the Dirichlet form of these eigenfunctions.
    let richerOfSamples
        (measured: Observables -> Observables)
        (phi: Tensor -> Tensor)
        (slope: Tensor -> int -> Tensor)
        (temperature: float)
        (samples: Samples)
        : float[] =
        use _ = Tensors.scope ()

        match clipped samples with
        | None -> [||]
        | Some clip ->
            use clip = clip
            let form = measured clip
            let points = samples.Points
            let w = samples.Weights.unsqueeze 1L
            let values = torch.cat ([| phi points; clip.Values points |], 1L)
            let values = values - (values * w).sum 0L
            let energy = torch.zeros (values.shape[1], values.shape[1], dtype = torch.float64)

            for axis in 0 .. samples.Dimension - 1 do
                use _ = Tensors.scope ()

                let gradient = torch.cat ([| slope points axis; form.Partial(points, axis) |], 1L)

                energy.add_ (gradient.t().times(gradient * w), Tensors.num temperature)
                |> ignore

            ratesOf id (values.t().times(values * w)) energy

    /// A note on the directions dropped by the rank tolerance, appended to the name of the measure.
    let droppedOf (gram: Tensor) (kept: int) (tolerance: float) : string =
        let count =
            Tensors.within (fun () -> int (gram.diagonal().count_nonzero().ToInt64()))

        if kept >= count then
            ""
        else
            $"; {count - kept} of {count} directions of the dictionary dropped (rank tolerance {tolerance:G2})"

    /// Functions that vary over the points, but whose variation is not in the span of the kept directions (N, r) and the constant, if that was kept apart:
    /// the tolerance was too coarse for them, for example for coordinates far from 0.
    let lost (constant: bool) (observables: Observables) (kept: Tensor) (points: Tensor) : Mode -> Warning list =
        use _ = Tensors.scope ()
        let every = max 1L (points.shape[0] / 1000L)
        let values = observables.Values(points.slice (0L, 0L, points.shape[0], every))
        let one = torch.ones (values.shape[0], 1L, dtype = torch.float64)
        let span = values.times kept

        let struct (q, _) =
            torch.linalg.qr (if constant then torch.cat ([| one; span |], 1L) else span)

        let centred = values - values.mean ([| 0L |])
        let left = centred - q.times (q.t().times centred)
        let square (t: Tensor) = t.square().sum(0L)
        // Rounding errors of a constant are not variation.
        let varies = (square centred).gt(1e-24 * square values)
        let gone = (square left).gt(0.5 * square centred)
        let places = Guarded.read<bool>(torch.logical_and (varies, gone))
        let count = places |> Array.filter id |> Array.length

        if count = 0 then
            fun _ -> []
        else
            let warning =
                {
                    Kind = WarningKind.NotConverged
                    Message =
                        $"the variation of {count} of {observables.Count} observables (the first is number {Array.findIndex id places}, counted from 0) was dropped as rounding error: they vary too little relative to their mean or to the others; subtract the mean and scale the data (whiten), or lower RankTolerance"
                }

            fun _ -> [ warning ]

    /// The public object; it owns copies of the tensors.
    let spectrum
        (clusters: Cluster[])
        (observables: Observables)
        (fit: Fit)
        (modes: Mode[])
        (convention: Convention)
        (measure: string)
        (residualNorm: string)
        : Spectrum =
        new Spectrum(
            observables,
            Tensors.copy fit.Mean,
            fit.Vectors.contiguous().clone().DetachFromDisposeScope(),
            None,
            fit.Values |> Array.map (fun value -> Complex(value, 0.0)),
            modes,
            convention,
            measure,
            residualNorm,
            clusters
        )
