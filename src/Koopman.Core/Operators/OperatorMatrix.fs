namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>
/// Shared by generator and propagator: the matrix M on coefficients in a basis of functions that are orthonormal in the measure, where adjoints are
/// transposes and norms are Euclidean.
/// </summary>
[<RequireQualifiedAccess>]
module internal OperatorMatrix =

    /// An orthonormal basis of the span (N, r), Wᵀ G W = 1, and the operator in it, B = Wᵀ G M W (r, r).
    [<NoComparison; NoEquality>]
    type Inner = { Basis: Tensor; Matrix: Tensor }

    let check (observables: Observables) (matrix: Tensor) (gram: Tensor) : Outcome<unit> =
        let n = int64 observables.Count

        if matrix.shape <> [| n; n |] || gram.shape <> [| n; n |] then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"An operator on {n} observables needs matrices ({n}, {n}), but got {Tensors.shape matrix} and {Tensors.shape gram}"
                "Give the matrix that maps coefficients to coefficients, and the Gram matrix of the same observables"
        elif not (Tensors.isFinite matrix && Tensors.isFinite gram) then
            KoopmanError.fail
                ErrorKind.NotFinite
                "The matrix of the operator contains NaN or infinity"
                "Check the data it was computed from"
        else
            Ok()

    let inner (gram: Tensor) (matrix: Tensor) : Outcome<Inner> =
        LinearAlgebra.whiten 1e-12 gram
        |> Result.map (fun basis ->
            {
                Basis = basis
                Matrix = basis.t().times(gram).times(matrix).times basis
            })

    /// The matrix on coefficients of an operator that is given in the orthonormal basis.
    let outer (gram: Tensor) (basis: Tensor) (matrix: Tensor) : Tensor =
        Tensors.own (fun () -> basis.times(matrix).times(basis.t ()).times gram)

    /// Mode k of an eigen-decomposition, without error bars.
    let bareMode (convention: Convention) (eigen: GeneralEigen) (k: int) : Mode =
        Mode.Bare(convention, k, eigen.Values[k], eigen.Condition[k])

    /// Eigenvalues by increasing rate, with right and left eigenvectors, of a matrix in an orthonormal basis.
    let eigen (convention: Convention) (matrix: Tensor) : Outcome<GeneralEigen> =
        LinearAlgebra.generalEigen (fun value -> -(convention.ExponentOf value).Real) matrix

    /// <summary>
    /// Matches each of the leading modes of one operator to a mode of another, by |uᴴv|, which is 1 for the same mode, and by eigenvalue.
    /// </summary>
    /// <param name="whole">The eigenvalues of the first.</param>
    /// <param name="count">The number of its modes to match, K.</param>
    /// <param name="overlap">|uᴴv| (K, r) of its left and the other's right eigenvectors, row by row.</param>
    /// <param name="lengths">The lengths (r) of the other's right eigenvectors.</param>
    /// <param name="values">The eigenvalues (r) of the other.</param>
    let matching (whole: Complex[]) (count: int) (overlap: float[]) (lengths: float[]) (values: Complex[]) : int[] =
        // The dual function of an ill-conditioned mode has a large norm, and its overlaps with others may be far from 1.
        let distance (k: int) (j: int) =
            abs (log (max 1e-300 (overlap[k * values.Length + j] / lengths[j])))
            + Complex.Abs(values[j] - whole[k])

        Array.init count (fun k -> Array.init values.Length id |> Array.minBy (distance k))

    /// The spectrum of an operator that is given in an orthonormal basis; with the modes given by the caller.
    let spectrum
        (observables: Observables)
        (basis: Tensor)
        (eigen: GeneralEigen)
        (modes: Mode[])
        (convention: Convention)
        (measure: string)
        (residualNorm: string)
        : Spectrum =
        let lift (vectors: Tensor) =
            Tensors.own (fun () -> LinearAlgebra.timesComplex basis vectors)

        new Spectrum(
            observables,
            torch.zeros(int64 observables.Count, dtype = torch.float64).DetachFromDisposeScope(),
            lift eigen.Right,
            Some(lift eigen.Left),
            eigen.Values,
            modes,
            convention,
            measure,
            residualNorm
        )

    /// The spectrum of a matrix on coefficients, without residuals.
    let decompose
        (observables: Observables)
        (gram: Tensor)
        (matrix: Tensor)
        (convention: Convention)
        (measure: string)
        : Outcome<Spectrum> =
        result {
            use _ = Tensors.scope ()
            let! inner = inner gram matrix
            let! eigen = eigen convention inner.Matrix
            let modes = Array.init eigen.Values.Length (bareMode convention eigen)

            return spectrum observables inner.Basis eigen modes convention measure "not estimated: a matrix has no data"
        }

    /// The operator restricted to the span of some modes: P M with the spectral projector P = V Uᴴ G.
    let restrict (keep: Complex -> bool) (spectrum: Spectrum) (gram: Tensor) (matrix: Tensor) : Outcome<Tensor> =
        use _ = Tensors.scope ()

        let kept =
            spectrum.Eigenvalues
            |> Array.indexed
            |> Array.filter (snd >> keep)
            |> Array.map (fst >> int64)

        if kept.Length = 0 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "No mode is left"
                "Keep at least one eigenvalue, and both of a conjugate pair"
        else
            let index = Tensors.ofIndices kept
            let v = spectrum.Coefficients.index_select (1L, index)
            let u = spectrum.Dual.index_select (1L, index)
            let projector (a: Tensor) (b: Tensor) = a.times (b.t ())
            let real = projector v.real u.real + projector v.imag u.imag
            let imaginary = projector v.imag u.real - projector v.real u.imag

            if imaginary.abs().max().ToDouble() > 1e-6 * real.abs().max().ToDouble() then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "One of a conjugate pair was kept without the other, so the operator would not be real"
                    "Keep both of a pair: choose by modulus, rate or the size of the frequency"
            else
                Ok(Tensors.own (fun () -> real.times(gram).times matrix))
