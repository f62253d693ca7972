namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>The value that is subtracted from a window before the regression, and added to its forecast.</summary>
type ForecastCentre =
    /// <summary>The last value where it is better by more than 2 % on the held-out rows, the mean elsewhere.</summary>
    | Automatic = 0
    /// <summary>The mean of the window: for series that return to their level.</summary>
    | Mean = 1
    /// <summary>The last value of the window: for series close to a random walk.</summary>
    | Last = 2

/// <summary>
/// The operator of windows as numbers: z = Eᵀw for a window w (L), oldest value first; K (r, r) moves functions of z by one row; the forecast of
/// the value h rows after the first future one is c·w + Re Σ_j (Bᵀw)_j λ_j^h, with a last λ of 1.
/// </summary>
[<NoComparison; NoEquality>]
type internal DelayOperator =
    {
        /// E (L, r), which takes the centre off first.
        Encode: Tensor
        /// K (r, r) on coefficients, with its eigenvalues in the closed unit disc.
        Step: Tensor
        /// ⟨z zᵀ⟩ (r, r) over the windows of the fit.
        Gram: Tensor
        /// B (L, m + 1), complex: mode j of the forecast at the first future row; the last is the level, with eigenvalue 1.
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

    member this.Dispose() : unit =
        for tensor in this.Tensors do
            tensor.Dispose()

    interface IDisposable with
        member this.Dispose() = this.Dispose()

[<RequireQualifiedAccess>]
module internal DelayOperator =

    /// The weights c (L) of the centre c·w.
    let weights (centre: ForecastCentre) (lookBack: int) : float[] =
        match centre with
        | ForecastCentre.Last -> Array.init lookBack (fun i -> if i = lookBack - 1 then 1.0 else 0.0)
        | _ -> Array.create lookBack (1.0 / float lookBack)

    /// The sums S (L + 1, L + H).
    let private matrix (sums: WindowSums) : Tensor =
        Tensors.ofRows (sums.LookBack + 1) sums.Products

    /// The sums over windows whose centre was subtracted: past (L, L) and cross (L, H).
    let private centred (centre: Tensor) (sums: WindowSums) : struct (Tensor * Tensor) =
        let look, horizon = int64 sums.LookBack, int64 sums.Horizon
        let all = (matrix sums).narrow(0L, 0L, look)
        // Σ m w_j and Σ m² for m = c·w.
        let mixed = centre.unsqueeze(0L).mm(all)
        let square = mixed.narrow(1L, 0L, look).mv centre
        let free = all - mixed.narrow(1L, 0L, look).t() - mixed + square
        struct (free.narrow (1L, 0L, look), free.narrow (1L, look, horizon))

    let private failed (error: Runtime.InteropServices.ExternalException) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.IllConditioned
            $"The regression of the future on the past was not solved: {Guarded.message error}"
            "Raise Ridge"

    /// C (L, L) with C Cᵀ = past + ridge·mean of its diagonal.
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

    /// λ^h (m, count) for h from 0.
    let private powers (count: int) (eigenvalues: Complex[]) : Tensor =
        eigenvalues
        |> Array.collect (fun value -> Array.init count (fun h -> Complex.Pow(value, float h)))
        |> Tensors.complexVector
        |> fun all -> all.reshape (int64 eigenvalues.Length, int64 count)

    /// The constant is always among the modes: a forecast returns from the centre of its window to a level.
    let private withLevel (eigenvalues: Complex[]) : Complex[] =
        Array.append eigenvalues [| Complex.One |]

    /// The matrix F (L, count): the forecasts of all rows to a horizon are wᵀF.
    let forecastMatrix (centre: ForecastCentre) (count: int) (operator: DelayOperator) : Tensor =
        Tensors.keep (fun () ->
            let rows = powers count (withLevel operator.Eigenvalues)
            let b = operator.Amplitudes

            b.real.mm rows.real - b.imag.mm rows.imag
            + (Tensors.ofVector (weights centre (int b.shape[0]))).unsqueeze 1L)

    /// The matrix F (L, H) of a regression of its own for every horizon, without an operator.
    let directMatrix (centre: ForecastCentre) (ridge: float) (sums: WindowSums) : Outcome<Tensor> =
        use scope = Tensors.scope ()
        let c = Tensors.ofVector (weights centre sums.LookBack)
        let struct (past, cross) = centred c sums

        factor ridge past
        |> Result.map (fun lower ->
            let free = torch.linalg.solve (lower.t (), torch.linalg.solve (lower, cross))
            let column = c.unsqueeze 1L
            scope.MoveToOuter(free - column * free.sum (0L, true) + column))

    /// λ onto the unit circle, if it lies outside.
    let private inDisc (value: Complex) : Complex =
        let size = Complex.Abs value
        if size > 1.0 then value / Complex(size, 0.0) else value

    /// ‖φ(w') - λφ(w)‖/‖φ(w)‖ for windows w' one row after w.
    let private residuals (encode: Tensor) (vectors: Tensor) (eigenvalues: Complex[]) (sums: WindowSums) : float[] =
        let look = int64 sums.LookBack
        let all = matrix sums

        let between (first: int64) (second: int64) =
            let block = all.narrow(0L, first, look).narrow(1L, second, look)
            encode.t().mm(block).mm(encode)

        let form (product: Tensor) : Complex[] =
            let values = (vectors.conj () * LinearAlgebra.timesComplex product vectors).sum 0L
            Array.map2 (fun re im -> Complex(re, im)) (Tensors.toArray values.real) (Tensors.toArray values.imag)

        let now, later, both =
            form (between 0L 0L), form (between 1L 1L), form (between 1L 0L)

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
    let fit (centre: ForecastCentre) (rank: int) (ridge: float) (sums: WindowSums) : Outcome<DelayOperator> =
        result {
            use _ = Tensors.scope ()
            let horizon = int64 sums.Horizon
            let c = Tensors.ofVector (weights centre sums.LookBack)
            let struct (past, cross) = centred c sums
            let! lower = factor ridge past
            let! struct (left, values, right) = DmdData.svd (torch.linalg.solve (lower, cross))

            // A direction of the future needs more horizons than there are directions.
            let rank =
                values
                |> Array.filter (fun s -> s > 1e-6 * values[0])
                |> Array.length
                |> min rank
                |> min (sums.Horizon / 2)

            let scale = Tensors.ofVector (Array.take rank values)

            let turned =
                torch.linalg.solve (lower.t (), left.narrow (1L, 0L, int64 rank) * scale)

            let encode = turned - c.unsqueeze 1L * turned.sum (0L, true)
            let future = right.narrow(1L, 0L, int64 rank).t()

            // The centre of the window stays behind when the window moves on: q_{h+1} = K q_h + b, with the same b at all horizons.
            let sequences (first: int64) =
                let part = future.narrow (1L, first, horizon - 1L)
                part - part.mean ([| 1L |], true)

            let step =
                (sequences 1L).mm(torch.linalg.pinv (sequences 0L, rtol = Nullable 1e-12))

            let gram =
                encode.t().mm((matrix sums).narrow(0L, 0L, int64 sums.LookBack).narrow(1L, 0L, int64 sums.LookBack)).mm
                    encode
                / sums.Windows
                |> LinearAlgebra.symmetrise

            let! inner = OperatorMatrix.inner gram step
            let! eigen = OperatorMatrix.eigen (PropagatorAtLag 1.0) inner.Matrix
            let eigenvalues = eigen.Values |> Array.map inDisc

            let stable =
                (eigen.Right * (Tensors.complexVector eigenvalues).unsqueeze 0L).mm(eigen.Left.conj().t()).real

            let basis = powers sums.Horizon (withLevel eigenvalues)
            let inverse = torch.linalg.pinv (basis, rtol = Nullable 1e-10)
            let shares = LinearAlgebra.timesComplex future inverse
            let sizes = (shares.conj () * LinearAlgebra.timesComplex gram shares).sum(0L).real

            return
                {
                    Encode = Tensors.copy encode
                    Step = OperatorMatrix.outer gram inner.Basis stable
                    Gram = Tensors.copy gram
                    Amplitudes = Tensors.own (fun () -> LinearAlgebra.timesComplex encode shares)
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
            let look = operator.Encode.shape[0]
            // As Trajectories.delays orders a window.
            let newestFirst = operator.Encode.flip 0L

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
                    $"in-sample L2 of the windows of {look} values, φ(w') - λφ(w) for consecutive windows relative to φ"

            match Propagator.create measure step observables operator.Gram operator.Step with
            | Ok propagator -> return struct (propagator, spectrum)
            | Error error ->
                spectrum.Dispose()
                return! Error error
        }
