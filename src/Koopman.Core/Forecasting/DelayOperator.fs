namespace Koopman

open System
open System.Numerics
open TorchSharp

/// How the regression of a forecaster is made.
[<NoComparison; NoEquality>]
type internal DelaySettings =
    {
        Centre: ForecastCentre
        /// The number of modes for each column of a window.
        Rank: int
        Ridge: float
        Structure: ForecastStructure
        /// Periods in rows that are known.
        Periods: float[]
    }

/// <summary>
/// The operator of windows as numbers: z = Eᵀw for a window w of L rows of D values, oldest row first; K (r, r) moves functions of z by one row; the
/// forecast of column c, h rows after the first future one, is C_cᵀw + Re Σ_j (B_cᵀw)_j λ_j^h, with a last λ of 1.
/// </summary>
[<NoComparison; NoEquality>]
type internal DelayOperator =
    {
        /// E (LD, r), which takes the centre off first.
        Encode: Tensor
        /// K (r, r) on coefficients, with its eigenvalues in the closed unit disc.
        Step: Tensor
        /// ⟨z zᵀ⟩ (r, r) over the windows of the fit.
        Gram: Tensor
        /// B (D, LD, m + 1), complex: mode j of the forecast at the first future row; the last is the level, with eigenvalue 1.
        Amplitudes: Tensor
        /// λ (m), by rising rate.
        Eigenvalues: Complex[]
        /// The eigenvalues outside the unit circle, as they were before they were moved onto it.
        Moved: Complex[]
        /// The root mean square share of each mode in the forecasts (m).
        Sizes: float[]
        /// The residuals of the eigenpairs (m).
        Residuals: float[]
    }

    member this.Tensors: Tensor list =
        [ this.Encode; this.Step; this.Gram; this.Amplitudes ]

    /// D, the number of columns of a window.
    member this.Columns: int = int this.Amplitudes.shape[0]

    /// L, the number of rows of a window.
    member this.LookBack: int = int this.Amplitudes.shape[1] / this.Columns

    member this.Dispose() : unit =
        for tensor in this.Tensors do
            tensor.Dispose()

    interface IDisposable with
        member this.Dispose() = this.Dispose()

[<RequireQualifiedAccess>]
module internal DelayOperator =

    /// The weights c (L) of the rows of a window in its centre.
    let private weights (centre: ForecastCentre) (lookBack: int) : float[] =
        match centre with
        | ForecastCentre.Last -> Array.init lookBack (fun i -> if i = lookBack - 1 then 1.0 else 0.0)
        // Columns are standardised: their level is 0.
        | ForecastCentre.Level -> Array.zeroCreate lookBack
        | _ -> Array.create lookBack (1.0 / float lookBack)

    /// C (LD, D): the centre of every column of a window w is Cᵀw.
    let private centres (centre: ForecastCentre) (lookBack: int) (columns: int) : Tensor =
        let each = weights centre lookBack

        Array.init (lookBack * columns * columns) (fun k ->
            let entry, c = k / columns, k % columns
            if entry % columns = c then each[entry / columns] else 0.0)
        |> Tensors.ofRows (lookBack * columns)

    /// A matrix (LD, k) summed over the rows of a window: (D, k).
    let private overRows (columns: int) (matrix: Tensor) : Tensor =
        matrix.reshape(-1L, int64 columns, matrix.shape[1]).sum 0L

    /// A - C(sum of A over rows): what a matrix A (LD, k) does with windows whose centre was subtracted.
    let private free (c: Tensor) (matrix: Tensor) : Tensor =
        matrix - c.mm (overRows (int c.shape[1]) matrix)

    /// The sums S ((L + 1)D, (L + H)D).
    let private matrix (sums: WindowSums) : Tensor =
        Tensors.ofRows ((sums.LookBack + 1) * sums.Columns) sums.Products

    /// The sums over windows whose centre was subtracted: past (LD, LD) and cross (LD, HD).
    let private centred (c: Tensor) (sums: WindowSums) : struct (Tensor * Tensor) =
        let past = int64 (sums.LookBack * sums.Columns)
        let rows, all = int64 sums.LookBack, int64 (sums.LookBack + sums.Horizon)
        let products = (matrix sums).narrow(0L, 0L, past)
        // Σ m w_j and Σ m mᵀ for m = Cᵀw.
        let mixed = c.t().mm products
        let square = mixed.narrow(1L, 0L, past).mm c

        let free =
            products
            - mixed.narrow(1L, 0L, past).t().repeat(1L, all)
            - mixed.repeat (rows, 1L)
            + square.repeat (rows, all)

        struct (free.narrow (1L, 0L, past), free.narrow (1L, past, free.shape[1] - past))

    let private failed (error: Runtime.InteropServices.ExternalException) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.IllConditioned
            $"The regression of the future on the past was not solved: {Guarded.message error}"
            "Raise Ridge"

    /// C (LD, LD) with C Cᵀ = past + ridge·mean of its diagonal.
    let private factor (ridge: float) (past: Tensor) : Outcome<Tensor> =
        let size = past.diagonal().mean().ToDouble()

        if not (size > 0.0) then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                "Every column keeps its value on the rows of the fit, so that there is nothing to learn"
                "The forecast of a constant is the constant; give columns that vary"
        else
            try
                Ok(torch.linalg.cholesky (past + ridge * size * torch.eye (past.shape[0], dtype = torch.float64)))
            with :? Runtime.InteropServices.ExternalException as error ->
                failed error

    let private solveLower (lower: Tensor) (right: Tensor) : Tensor =
        torch.linalg.solve_triangular (lower, right, upper = false)

    let private solveUpper (lower: Tensor) (right: Tensor) : Tensor =
        torch.linalg.solve_triangular (lower.t (), right, upper = true)

    /// λ^h (m, count) for h from 0.
    let private powers (count: int) (eigenvalues: Complex[]) : Tensor =
        eigenvalues
        |> Array.collect (fun value -> Array.init count (fun h -> Complex.Pow(value, float h)))
        |> Tensors.complexVector
        |> fun all -> all.reshape (int64 eigenvalues.Length, int64 count)

    /// The constant is always among the modes: a forecast returns from the centre of its window to a level.
    let private withLevel (eigenvalues: Complex[]) : Complex[] =
        Array.append eigenvalues [| Complex.One |]

    /// The matrix F (LD, count·D): the forecasts of all rows to a horizon, row after row, are wᵀF.
    let forecastMatrix (centre: ForecastCentre) (count: int) (operator: DelayOperator) : Tensor =
        Tensors.keep (fun () ->
            let rows = powers count (withLevel operator.Eigenvalues)
            let c = centres centre operator.LookBack operator.Columns

            let ofColumn (amplitudes: Tensor) =
                amplitudes.real.mm rows.real - amplitudes.imag.mm rows.imag

            let each =
                Array.init operator.Columns (fun c -> ofColumn operator.Amplitudes[int64 c])

            torch.stack(each, 2L).reshape(c.shape[0], -1L) + c.repeat (1L, int64 count))

    /// The centre of each column of some windows (count, LD): count·D numbers.
    let centre (centre: ForecastCentre) (windows: Tensor) (operator: DelayOperator) : float[] =
        Tensors.within (fun () ->
            windows.mm (centres centre operator.LookBack operator.Columns)
            |> Tensors.toArray)

    /// The shares of the modes in the forecasts of column c from a window (LD): (m + 1, count), complex.
    let contributions (count: int) (c: int) (window: Tensor) (operator: DelayOperator) : Tensor =
        Tensors.keep (fun () ->
            let amplitudes = operator.Amplitudes[int64 c]

            let now =
                torch.complex (amplitudes.real.t().mv window, amplitudes.imag.t().mv window)

            now.unsqueeze 1L * powers count (withLevel operator.Eigenvalues))

    /// The matrix F (LD, HD) of a regression of its own for every horizon, without an operator.
    let directMatrix (centre: ForecastCentre) (ridge: float) (sums: WindowSums) : Outcome<Tensor> =
        use scope = Tensors.scope ()
        let c = centres centre sums.LookBack sums.Columns
        let struct (past, cross) = centred c sums

        factor ridge past
        |> Result.map (fun lower ->
            let regression = solveUpper lower (solveLower lower cross)
            scope.MoveToOuter(free c regression + c.repeat (1L, int64 sums.Horizon)))

    /// λ onto the unit circle.
    let private onCircle (value: Complex) : Complex =
        let size = Complex.Abs value

        if size > 0.0 then
            value / Complex(size, 0.0)
        else
            Complex.One

    /// λ onto the unit circle, if it lies outside.
    let private inDisc (value: Complex) : Complex =
        if Complex.Abs value > 1.0 then onCircle value else value

    /// For each known period the closest pair of eigenvalues that is not taken is moved to it.
    let private withPeriods (periods: float[]) (eigenvalues: Complex[]) : Outcome<Complex[]> =
        let result = Array.copy eigenvalues
        let taken: bool[] = Array.zeroCreate eigenvalues.Length

        let place (period: float) =
            let exact = Complex.FromPolarCoordinates(1.0, 2.0 * Math.PI / period)
            // A period of two rows is the eigenvalue -1, which has no partner.
            let isReal = period = 2.0

            let candidates =
                [|
                    for j in 0 .. result.Length - 1 do
                        if
                            not taken[j]
                            && (if isReal then
                                    result[j].Imaginary = 0.0
                                else
                                    result[j].Imaginary > 0.0)
                        then
                            j
                |]

            match candidates with
            | [||] ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"There is no eigenvalue left that could have the period of {period} rows"
                    $"Give fewer Periods, or set Horizon or Rank higher: the {eigenvalues.Length} eigenvalues are at most half as many as Horizon, and at most Rank, for each column"
            | candidates ->
                let j = candidates |> Array.minBy (fun j -> Complex.Abs(result[j] - exact))

                if isReal then
                    result[j] <- Complex(-1.0, 0.0)
                    taken[j] <- true
                else
                    let partner =
                        Array.FindIndex(result, (fun value -> value = Complex.Conjugate result[j]))

                    result[j] <- exact
                    result[partner] <- Complex.Conjugate exact
                    taken[j] <- true
                    taken[partner] <- true

                Ok()

        Array.fold (fun so period -> so |> Result.bind (fun () -> place period)) (Ok()) periods
        |> Result.map (fun () -> result)

    /// ‖φ(w') - λφ(w)‖/‖φ(w)‖ for windows w' one row after w.
    let private residuals (encode: Tensor) (vectors: Tensor) (eigenvalues: Complex[]) (sums: WindowSums) : float[] =
        let past = int64 (sums.LookBack * sums.Columns)
        let all = matrix sums

        let between (first: int) (second: int) =
            let block =
                all.narrow(0L, int64 (first * sums.Columns), past).narrow(1L, int64 (second * sums.Columns), past)

            encode.t().mm(block).mm encode

        let form (product: Tensor) : Complex[] =
            let values = (vectors.conj () * LinearAlgebra.timesComplex product vectors).sum 0L
            Array.map2 (fun re im -> Complex(re, im)) (Tensors.toArray values.real) (Tensors.toArray values.imag)

        let now, later, both = form (between 0 0), form (between 1 1), form (between 1 0)

        Array.init eigenvalues.Length (fun j ->
            let value = eigenvalues[j]
            let size = Complex.Abs value

            let square =
                later[j].Real + size * size * now[j].Real - 2.0 * (value * both[j]).Real

            sqrt (max 0.0 square / now[j].Real))

    /// <summary>
    /// The reduced-rank regression of the future on the past, made shift invariant: V from the singular vectors of the whitened regression, K from
    /// V[:, 1:] ≈ K V[:, :-1] + b, amplitudes by least squares over all horizons. The caller disposes of it.
    /// </summary>
    let fit (settings: DelaySettings) (sums: WindowSums) : Outcome<DelayOperator> =
        result {
            use _ = Tensors.scope ()
            let horizon, columns = int64 sums.Horizon, int64 sums.Columns
            let c = centres settings.Centre sums.LookBack sums.Columns
            let struct (past, cross) = centred c sums
            let! lower = factor settings.Ridge past
            let! struct (left, values, right) = DmdData.svd (solveLower lower cross)

            // A direction of the future needs more horizons than there are directions.
            let rank =
                values
                |> Array.filter (fun s -> s > 1e-6 * values[0])
                |> Array.length
                |> min (min settings.Rank (sums.Horizon / 2) * sums.Columns)

            let scale = Tensors.ofVector (Array.take rank values)
            let encode = free c (solveUpper lower (left.narrow (1L, 0L, int64 rank) * scale))
            // (r, H, D).
            let future =
                right.narrow(1L, 0L, int64 rank).t().reshape(int64 rank, horizon, columns)

            // The centre of the window stays behind when the window moves on: q_{h+1} = K q_h + b, with the same b at all horizons.
            let sequences (first: int64) =
                let part = future.narrow (1L, first, horizon - 1L)
                (part - part.mean ([| 1L |], true)).reshape(int64 rank, -1L)

            let step =
                (sequences 1L).mm(torch.linalg.pinv (sequences 0L, rtol = Nullable 1e-12))

            let size = int64 (sums.LookBack * sums.Columns)

            let gram =
                encode.t().mm((matrix sums).narrow(0L, 0L, size).narrow(1L, 0L, size)).mm encode
                / sums.Windows
                |> LinearAlgebra.symmetrise

            let! inner = OperatorMatrix.inner gram step

            let! eigen =
                (match settings.Structure with
                 | ForecastStructure.Symmetric -> LinearAlgebra.symmetrise inner.Matrix
                 | _ -> inner.Matrix)
                |> OperatorMatrix.eigen (PropagatorAtLag 1.0)

            let! eigenvalues =
                eigen.Values
                |> Array.map (
                    match settings.Structure with
                    | ForecastStructure.MeasurePreserving -> onCircle
                    | _ -> inDisc
                )
                |> withPeriods settings.Periods

            let stable =
                (eigen.Right * (Tensors.complexVector eigenvalues).unsqueeze 0L).mm(eigen.Left.conj().t()).real

            let basis = powers sums.Horizon (withLevel eigenvalues)
            let inverse = torch.linalg.pinv (basis, rtol = Nullable 1e-10)

            let shares =
                Array.init sums.Columns (fun c -> LinearAlgebra.timesComplex (future.select (2L, int64 c)) inverse)

            let sizes =
                shares
                |> Array.map (fun shares -> (shares.conj () * LinearAlgebra.timesComplex gram shares).sum(0L).real)
                |> torch.stack
                |> fun each -> each.mean [| 0L |]

            return
                {
                    Encode = Tensors.copy encode
                    Step = OperatorMatrix.outer gram inner.Basis stable
                    Gram = Tensors.copy gram
                    Amplitudes =
                        Tensors.own (fun () -> shares |> Array.map (LinearAlgebra.timesComplex encode) |> torch.stack)
                    Eigenvalues = eigenvalues
                    Moved = eigen.Values |> Array.filter (fun value -> Complex.Abs value > 1.0 + 1e-9)
                    Sizes =
                        Tensors.toArray sizes
                        |> Array.truncate eigenvalues.Length
                        |> Array.map (max 0.0 >> sqrt)
                    Residuals = residuals encode (LinearAlgebra.timesComplex inner.Basis eigen.Right) eigenvalues sums
                }
        }

    /// The same operator with a share of its amplitudes, from 0 (forecasts that repeat the centre) to 1. It takes over the tensors.
    let withShare (share: float) (operator: DelayOperator) : DelayOperator =
        if share = 1.0 then
            operator
        else
            let amplitudes = Tensors.own (fun () -> operator.Amplitudes * Tensors.num share)
            operator.Amplitudes.Dispose()

            { operator with
                Amplitudes = amplitudes
                Sizes = operator.Sizes |> Array.map (fun size -> share * size)
            }

    /// <summary>The propagator over one row, on functions of a window, newest value first, and its spectrum.</summary>
    let model (step: float) (operator: DelayOperator) : Outcome<struct (Propagator * Spectrum)> =
        result {
            use _ = Tensors.scope ()
            // As Trajectories.delays orders a window.
            let newestFirst =
                operator.Encode
                    .reshape(int64 operator.LookBack, int64 operator.Columns, -1L)
                    .flip(0L)
                    .reshape(operator.Encode.shape)

            use! observables = DmdData.coordinates None newestFirst
            let measure = "the empirical measure of the windows of the fit"
            let convention = PropagatorAtLag step
            let! inner = OperatorMatrix.inner operator.Gram operator.Step
            let! eigen = OperatorMatrix.eigen convention inner.Matrix

            let remark (mode: Mode) : Warning list =
                [
                    if
                        operator.Moved
                        |> Array.exists (fun value -> Complex.Abs(inDisc value - mode.Eigenvalue) < 1e-6)
                    then
                        {
                            Kind = WarningKind.Impossible
                            Message =
                                "the eigenvalue lay outside the unit circle and was moved onto it, since forecasts must not grow without bound"
                        }
                ]

            let nearest (value: Complex) =
                Array.init operator.Eigenvalues.Length id
                |> Array.minBy (fun j -> Complex.Abs(operator.Eigenvalues[j] - value))

            let modes =
                Array.init eigen.Values.Length (fun k ->
                    { OperatorMatrix.bareMode convention eigen k with
                        Residual = operator.Residuals[nearest eigen.Values[k]]
                    })
                |> Evidence.judge { Evidence.none with Own = remark }

            let spectrum =
                OperatorMatrix.spectrum
                    observables
                    inner.Basis
                    eigen
                    modes
                    convention
                    measure
                    $"in-sample L2 of the windows of {operator.LookBack} rows, φ(w') - λφ(w) for consecutive windows relative to φ"

            match Propagator.create measure step observables operator.Gram operator.Step with
            | Ok propagator -> return struct (propagator, spectrum)
            | Error error ->
                spectrum.Dispose()
                return! Error error
        }
