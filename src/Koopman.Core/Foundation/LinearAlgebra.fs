namespace Koopman

open System.Numerics
open TorchSharp

/// <summary>
/// The solution of a symmetric pencil: A v = λ G v with vᵀ G v = 1, on the span of the directions that G resolves.
/// </summary>
[<NoComparison; NoEquality>]
type internal SymmetricEigen =
    {
        /// <summary>Eigenvalues, ascending (r).</summary>
        Values: Tensor
        /// <summary>Eigenvectors in columns (N, r), orthonormal in G.</summary>
        Vectors: Tensor
    }

/// <summary>The eigenvectors of a real square matrix M: M z = λ z and z'ᴴ M = λ z'ᴴ, biorthogonal.</summary>
[<NoComparison; NoEquality>]
type internal GeneralEigen =
    {
        /// <summary>Eigenvalues (r), in the order of the columns.</summary>
        Values: Complex[]
        /// <summary>Right eigenvectors in columns (r, r), complex128, of unit length.</summary>
        Right: Tensor
        /// <summary>Left eigenvectors in columns (r, r), complex128, with Leftᴴ Right = 1.</summary>
        Left: Tensor
        /// <summary>Condition numbers of the eigenvalues: the lengths of the left eigenvectors, at least 1.</summary>
        Condition: float[]
    }

/// <summary>Dense float64 linear algebra on libtorch's LAPACK.</summary>
[<RequireQualifiedAccess>]
module internal LinearAlgebra =

    /// LAPACK's iteration can fail for a finite matrix; this is a property of the data, not a defect.
    let internal eigh (matrix: Tensor) : Outcome<struct (Tensor * Tensor)> =
        try
            Ok(torch.linalg.eigh matrix)
        with :? System.Runtime.InteropServices.ExternalException as error ->
            KoopmanError.fail
                ErrorKind.IllConditioned
                $"The eigenproblem was not solved: {Guarded.message error}"
                "Rescale the data, or use fewer or better separated observables"

    /// <summary>(A + Aᵀ)/2.</summary>
    let symmetrise (matrix: Tensor) : Tensor =
        Tensors.keep (fun () -> 0.5 * (matrix + matrix.t ()))

    /// <summary>
    /// A basis W (N, r) of the directions that a positive semi-definite G (N, N) resolves, with Wᵀ G W = 1. G is scaled to unit
    /// diagonal first, so that the units of the observables do not matter; directions with an eigenvalue below
    /// <paramref name="cut"/> times the largest are dropped.
    /// </summary>
    /// <param name="cut">Relative tolerance; 1e-10 suits float64 Gram matrices of overlapping functions.</param>
    /// <param name="gram">G.</param>
    let whiten (cut: float) (gram: Tensor) : Outcome<Tensor> =
        if not (Tensors.isFinite gram) then
            KoopmanError.fail
                ErrorKind.NotFinite
                "The Gram matrix of the observables is beyond floating-point numbers"
                "Scale the data (for example to unit variance) or lower the degree of the observables"
        elif Tensors.within (fun () -> gram.diagonal().max().ToDouble()) <= 0.0 then
            KoopmanError.fail
                ErrorKind.IllConditioned
                "All observables are constant on these data"
                "Use observables that vary over the data, and check that the samples are not all the same point"
        else
            use scope = Tensors.scope ()
            let scale = gram.diagonal().clamp_min(Tensors.num 0.0).sqrt()
            // A function that vanishes on the data has a zero row: leave it out instead of dividing by 0.
            let inverse =
                torch.where (scale.gt (Tensors.num 0.0), scale.reciprocal (), torch.zeros_like scale)

            eigh (gram * inverse.unsqueeze 1L * inverse.unsqueeze 0L)
            |> Result.map (fun (struct (values, vectors)) ->
                let largest = values.max().ToDouble()
                let count = values.gt(Tensors.num (cut * largest)).sum().ToInt64()
                let first = values.shape[0] - count
                let kept = values.narrow (0L, first, count)

                vectors.narrow (1L, first, count)
                * inverse.unsqueeze 1L
                * kept.rsqrt().unsqueeze 0L
                |> scope.MoveToOuter)

    /// A real matrix times complex columns: libtorch requires both factors of a product to have the same type.
    let timesComplex (matrix: Tensor) (columns: Tensor) : Tensor =
        torch.complex (matrix.times columns.real, matrix.times columns.imag)

    /// <summary>
    /// Eigenvalues with right and left eigenvectors of a real square matrix (r, r), ordered by <paramref name="key"/>, ascending;
    /// of a conjugate pair the one with the positive imaginary part comes first.
    /// </summary>
    let generalEigen (key: Complex -> float) (matrix: Tensor) : Outcome<GeneralEigen> =
        if not (Tensors.isFinite matrix) then
            KoopmanError.fail
                ErrorKind.NotFinite
                "The matrix of the operator holds NaN or infinity"
                "Scale the data, raise the whitening cut, or use fewer or better separated observables"
        else
            use scope = Tensors.scope ()

            try
                let struct (values, vectors) = torch.linalg.eig matrix
                let re, im = Tensors.toArray values.real, Tensors.toArray values.imag
                let values = Array.map2 (fun a b -> Complex(a, b)) re im

                let order =
                    [| 0 .. values.Length - 1 |]
                    // Keys of a conjugate pair may differ in the last bit.
                    |> Array.sortBy (fun i ->
                        float (float32 (key values[i])), -abs values[i].Imaginary, -values[i].Imaginary)

                let index = torch.tensor (Array.map int64 order, dtype = torch.int64)
                let right = vectors.index_select (1L, index)
                let right = right / right.abs().square().sum(0L, true).sqrt()
                let left = torch.linalg.inv(right).conj().t().resolve_conj().contiguous()

                if Tensors.isFinite left.real && Tensors.isFinite left.imag then
                    Ok
                        {
                            Values = order |> Array.map (fun i -> values[i])
                            Right = scope.MoveToOuter right
                            Left = scope.MoveToOuter left
                            Condition = Tensors.toArray (left.abs().square().sum(0L).sqrt())
                        }
                else
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        "The operator has no basis of eigenvectors: its eigenvalues are multiple and defective"
                        "Use its real Schur form, or change the observables or the rank slightly"
            with :? System.Runtime.InteropServices.ExternalException as error ->
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    $"The eigenproblem was not solved: {Guarded.message error}"
                    "Use the operator's real Schur form, or fewer or better separated observables"

    /// <summary>Solves A v = λ G v for symmetric A and positive semi-definite G on the directions that <c>whiten</c> keeps.</summary>
    /// <param name="cut">As in <c>whiten</c>.</param>
    /// <param name="gram">G (N, N).</param>
    /// <param name="matrix">A (N, N).</param>
    let symmetricPencil (cut: float) (gram: Tensor) (matrix: Tensor) : Outcome<SymmetricEigen> =
        use scope = Tensors.scope ()

        whiten cut gram
        |> Result.bind (fun basis ->
            eigh (symmetrise (basis.t().times(matrix).times basis))
            |> Result.bind (fun (struct (values, inner)) ->
                let vectors = basis.times inner

                if Tensors.isFinite vectors && Tensors.isFinite values then
                    Ok
                        {
                            Values = scope.MoveToOuter values
                            Vectors = scope.MoveToOuter vectors
                        }
                else
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        "The eigenproblem gave NaN or infinity"
                        "Raise the whitening cut, or use fewer or better separated observables"))

    /// <summary>
    /// Pivoted Cholesky of a positive semi-definite matrix, on arrays: the chosen rows in order, and the columns of L, with A ≈ L Lᵀ. Each pivot is
    /// the row with the largest remaining error; it stops after <paramref name="most"/> pivots or when no error is above the floor.
    /// </summary>
    /// <param name="most">The maximum number of pivots.</param>
    /// <param name="floor">The smallest error that is still reduced, in the units of the diagonal.</param>
    /// <param name="n">The number of rows.</param>
    /// <param name="matrix">n·n numbers in row-major order.</param>
    let pivotedCholesky (most: int) (floor: float) (n: int) (matrix: float[]) : struct (int[] * float[][]) =
        let error = Array.init n (fun i -> matrix[i * n + i])
        let columns, chosen = ResizeArray<float[]>(), ResizeArray<int>()

        let largest () =
            let mutable best = 0

            for i in 1 .. n - 1 do
                if error[i] > error[best] then
                    best <- i

            best

        let mutable pivot = largest ()

        while n > 0 && chosen.Count < min most n && error[pivot] > floor do
            let root = sqrt error[pivot]

            let column =
                Array.init n (fun i ->
                    let mutable value = matrix[i * n + pivot]

                    for previous in columns do
                        value <- value - previous[i] * previous[pivot]

                    value / root)

            columns.Add column
            chosen.Add pivot

            for i in 0 .. n - 1 do
                error[i] <- error[i] - column[i] * column[i]

            for i in chosen do
                error[i] <- 0.0

            pivot <- largest ()

        struct (chosen.ToArray(), columns.ToArray())
