namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>
/// The Koopman operator K_τ over a time τ on the span of observables: K_τ(ψᵀv) = ψᵀ(K v) with the matrix K (N, N). For a
/// deterministic flow (K f)(x) = f(x_τ); for a stochastic process it is the mean of f(x_τ) given x.
/// </summary>
[<Sealed>]
type Propagator internal (observables: Observables, matrix: Tensor, lag: float, gram: Tensor, measure: string) =

    let held = observables.Hold()

    /// <summary>The functions it acts on.</summary>
    member _.Observables: Observables = observables

    /// <summary>K (N, N), float64: it maps coefficients to coefficients. Owned by this object.</summary>
    member this.Matrix: Tensor = Tensors.alive this matrix

    /// <summary>The time τ.</summary>
    member _.Lag: float = lag

    /// <summary>The Gram matrix ⟨ψψᵀ⟩ (N, N) in the measure. Owned by this object.</summary>
    member this.Gram: Tensor = Tensors.alive this gram

    /// <summary>The measure in which lengths and angles of functions are taken.</summary>
    member _.Measure: string = measure

    /// <summary>Frees the tensors and releases the observables.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors and releases the observables.</summary>
        member _.Dispose() =
            matrix.Dispose()
            gram.Dispose()
            held.Dispose()

    override _.ToString() : string =
        $"propagator over {lag:G6} on {observables.Description}"

/// <summary>The branch decisions of the logarithm of a propagator.</summary>
[<NoComparison>]
type BranchReport =
    {
        /// <summary>
        /// Eigenvalues with |arg λ| above .9 π: their frequencies lie near π/τ, above which they are aliased to lower ones. Empty if the lag is
        /// short enough.
        /// </summary>
        NearBranchCut: Complex[]
        /// <summary>Eigenvalues below 1e-6 of the largest: their rates are noise.</summary>
        NearZero: Complex[]
        /// <summary>π/τ, the largest angular frequency that this lag resolves.</summary>
        LargestFrequency: float
    }

    /// <summary>True if no eigenvalue is in doubt.</summary>
    member this.IsClear: bool = this.NearBranchCut.Length = 0 && this.NearZero.Length = 0

/// <summary>The algebra of propagators.</summary>
[<RequireQualifiedAccess>]
module Propagator =

    let private like (propagator: Propagator) (lag: float) (matrix: Tensor) : Propagator =
        new Propagator(
            propagator.Observables,
            matrix,
            lag,
            Tensors.own (fun () -> propagator.Gram.clone ()),
            propagator.Measure
        )

    /// <summary>The propagator over <paramref name="lag"/> with the matrix K (N, N) on coefficients, in a measure with the Gram matrix G (N, N). Both are copied.</summary>
    let create
        (measure: string)
        (lag: float)
        (observables: Observables)
        (gram: Tensor)
        (matrix: Tensor)
        : Outcome<Propagator> =
        Require.notNegative "the lag" lag
        |> Require.advise "Give the time over which the matrix moves functions"
        |> Result.bind (fun () ->
            let copy (tensor: Tensor) =
                tensor.to_type(torch.float64, true).DetachFromDisposeScope()

            OperatorMatrix.check observables matrix gram
            |> Result.map (fun () -> new Propagator(observables, copy matrix, lag, copy gram, measure)))

    /// <summary>e^{tL}: the propagator over a time t ≥ 0 of a generator.</summary>
    let ofGenerator (time: float) (generator: Generator) : Outcome<Propagator> =
        use _ = Tensors.scope ()

        create
            generator.Measure
            time
            generator.Observables
            generator.Gram
            (torch.linalg.matrix_exp (time * generator.Matrix))

    /// <summary>K f for functions f = ψᵀv with coefficients v in columns (N, m). The caller owns the result.</summary>
    let apply (coefficients: Tensor) (propagator: Propagator) : Tensor =
        Tensors.keep (fun () -> propagator.Matrix.times coefficients)

    /// <summary>One propagator after the other: K_{s+t} = K_s K_t. They must act on the same observables.</summary>
    let compose (later: Propagator) (first: Propagator) : Outcome<Propagator> =
        if not (obj.ReferenceEquals(later.Observables, first.Observables)) then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                "The two propagators act on different observables"
                "Fit both with the same dictionary object"
        else
            Ok(like first (first.Lag + later.Lag) (Tensors.own (fun () -> first.Matrix.times later.Matrix)))

    /// <summary>K_τ applied <paramref name="times"/> times; 0 gives the identity on all coefficients.</summary>
    let power (times: int) (propagator: Propagator) : Outcome<Propagator> =
        Require.atLeast 0 "the number of times" times
        |> Require.advise
            "Give a count of at least 0; to go backwards in time, use the generator if the logarithm exists"
        |> Result.bind (fun () ->
            Ok(
                like
                    propagator
                    (float times * propagator.Lag)
                    (Tensors.own (fun () -> propagator.Matrix.matrix_power times))
            ))

    /// <summary>Eigenvalues λ, eigenfunctions and their duals, by increasing rate.</summary>
    /// <returns>An <c>IllConditioned</c> error if the matrix has no basis of eigenvectors; its Schur form exists always.</returns>
    let spectrum (propagator: Propagator) : Outcome<Spectrum> =
        Require.positive "the lag" propagator.Lag
        |> Require.advise "A propagator over no time has no rates: use a lag above 0"
        |> Result.bind (fun () ->
            OperatorMatrix.decompose
                propagator.Observables
                propagator.Gram
                propagator.Matrix
                (PropagatorAtLag propagator.Lag)
                propagator.Measure)

    /// <summary>The real Schur form in functions that are orthonormal in the measure.</summary>
    let schur (propagator: Propagator) : Outcome<RealSchur> =
        use scope = Tensors.scope ()

        OperatorMatrix.inner propagator.Gram propagator.Matrix
        |> Result.bind (fun inner -> MatrixFunctions.realSchur inner.Matrix)
        |> Result.map (fun form ->
            scope.MoveToOuter form.Vectors |> ignore
            scope.MoveToOuter form.Triangular |> ignore
            form)

    /// <summary>The norm ‖K‖ in the measure; at most 1 for a process in its invariant measure.</summary>
    let norm (propagator: Propagator) : Outcome<float> =
        use _ = Tensors.scope ()

        OperatorMatrix.inner propagator.Gram propagator.Matrix
        |> Result.map (fun inner -> torch.linalg.svdvals(inner.Matrix).max().ToDouble())

    /// <summary>The adjoint in the measure: ⟨f, K g⟩ = ⟨K* f, g⟩ for f, g in the span, the transfer operator. Its matrix is G⁻¹ Kᵀ G.</summary>
    let adjoint (propagator: Propagator) : Outcome<Propagator> =
        use _ = Tensors.scope ()

        OperatorMatrix.inner propagator.Gram propagator.Matrix
        |> Result.map (fun inner ->
            like propagator propagator.Lag (OperatorMatrix.outer propagator.Gram inner.Basis (inner.Matrix.t ())))

    /// <summary>The propagator on the span of the modes whose eigenvalues are kept, 0 on the others.</summary>
    let restrict (keep: Complex -> bool) (propagator: Propagator) : Outcome<Propagator> =
        spectrum propagator
        |> Result.bind (fun modes ->
            use modes = modes
            OperatorMatrix.restrict keep modes propagator.Gram propagator.Matrix)
        |> Result.map (like propagator propagator.Lag)

    let private describe (values: Complex[]) : string =
        String.Join(", ", values |> Array.truncate 4 |> Array.map (fun v -> v.Real.ToString "G4"))

    /// The logarithm on the modes with non-zero eigenvalues, and 0 on the others: for restricted propagators.
    let private logarithmOnRange (smallest: float) (matrix: Tensor) : Outcome<Tensor> =
        LinearAlgebra.generalEigen (fun value -> -(Complex.Abs value)) matrix
        |> Result.map (fun eigen ->
            let logs =
                eigen.Values
                |> Array.map (fun v ->
                    if Complex.Abs v <= smallest then
                        Complex.Zero
                    else
                        Complex.Log v)

            let part (take: Complex -> float) =
                (Tensors.ofVector (Array.map take logs)).unsqueeze 0L

            let scaled = torch.complex (part _.Real, part _.Imaginary) * eigen.Right

            scaled.real.times (eigen.Left.real.t ())
            + scaled.imag.times (eigen.Left.imag.t ()))

    /// <summary>
    /// The generator log(K)/τ on the principal branch: every frequency is taken as the lowest possible, |ω| ≤ π/τ. The report names the eigenvalues
    /// for which this is in doubt. Where K is 0, as outside the modes it was restricted to, the generator is 0.
    /// </summary>
    /// <returns>An <c>InvalidSetting</c> error if an eigenvalue is real and negative: then there is no real logarithm.</returns>
    let log (propagator: Propagator) : Outcome<Generator * BranchReport> =
        result {
            use _ = Tensors.scope ()

            do!
                Require.positive "the lag" propagator.Lag
                |> Require.advise "A propagator over no time has no generator: use a lag above 0"

            let! inner = OperatorMatrix.inner propagator.Gram propagator.Matrix
            let values = torch.linalg.eigvals inner.Matrix

            let values =
                Array.map2 (fun a b -> Complex(a, b)) (Tensors.toArray values.real) (Tensors.toArray values.imag)

            let largest = values |> Array.map Complex.Abs |> Array.max

            let smallest = 1e-13 * largest
            let isZero (v: Complex) = Complex.Abs v <= smallest

            let impossible =
                values
                |> Array.filter (fun v -> not (isZero v) && v.Imaginary = 0.0 && v.Real < 0.0)

            if impossible.Length > 0 then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"{impossible.Length} eigenvalue(s) of the propagator are real and negative, so it has no real logarithm: {describe impossible}"
                        "Restrict it to the modes above the noise (Propagator.restrict), or use pairs at a shorter lag"
            else
                let! logarithm =
                    if Array.exists isZero values then
                        logarithmOnRange smallest inner.Matrix
                    else
                        Ok(MatrixFunctions.logarithm inner.Matrix)

                let scaled = logarithm / propagator.Lag
                let matrix = OperatorMatrix.outer propagator.Gram inner.Basis scaled

                return
                    new Generator(
                        propagator.Observables,
                        matrix,
                        Tensors.own (fun () -> propagator.Gram.clone ()),
                        propagator.Measure
                    ),
                    {
                        NearBranchCut = values |> Array.filter (fun v -> abs v.Phase > 0.9 * Math.PI)
                        NearZero =
                            values
                            |> Array.filter (fun v -> not (isZero v) && Complex.Abs v < 1e-6 * largest)
                        LargestFrequency = Math.PI / propagator.Lag
                    }
        }

    /// <summary>
    /// ‖e^{τL} - K_τ‖/‖K_τ‖ in the measure of the propagator: the disagreement of an independently estimated generator with a propagator on the same
    /// observables.
    /// </summary>
    let disagreement (generator: Generator) (propagator: Propagator) : Outcome<float> =
        if not (obj.ReferenceEquals(generator.Observables, propagator.Observables)) then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                "Generator and propagator act on different observables"
                "Fit both with the same dictionary object"
        else
            use _ = Tensors.scope ()

            let exponential = torch.linalg.matrix_exp (propagator.Lag * generator.Matrix)

            OperatorMatrix.inner propagator.Gram (exponential - propagator.Matrix)
            |> Result.bind (fun difference ->
                OperatorMatrix.inner propagator.Gram propagator.Matrix
                |> Result.map (fun whole ->
                    torch.linalg.svdvals(difference.Matrix).max().ToDouble()
                    / torch.linalg.svdvals(whole.Matrix).max().ToDouble()))
