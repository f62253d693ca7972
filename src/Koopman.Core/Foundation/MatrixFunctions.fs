namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>A real matrix as Q T Qᵀ with Q orthogonal and T block upper triangular with diagonal blocks of size 1 or 2.</summary>
[<NoComparison; NoEquality>]
type RealSchur =
    {
        /// <summary>Q (r, r).</summary>
        Vectors: Tensor
        /// <summary>T (r, r): a real eigenvalue is a block of size 1, a conjugate pair a block of size 2.</summary>
        Triangular: Tensor
    }

/// <summary>Functions of small dense real matrices that libtorch does not have.</summary>
[<RequireQualifiedAccess>]
module internal MatrixFunctions =

    let private norm (matrix: Tensor) : float =
        Tensors.within (fun () -> (matrix * matrix).sum().sqrt().ToDouble())

    let private identity (n: int64) : Tensor = torch.eye (n, dtype = torch.float64)

    /// The principal square root by the product form of the Denman-Beavers iteration (Higham 2008, section 6.3).
    let private squareRoot (matrix: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let one = identity matrix.shape[0]
            let half = 0.5
            let mutable root = matrix
            let mutable product = matrix
            let mutable step = Double.PositiveInfinity
            let mutable rounds = 0

            while step > 1e-15 && rounds < 60 do
                let inverse = torch.linalg.inv product
                let next = root.times (one + inverse) * half
                step <- norm (next - root) / norm next
                root <- next
                product <- (one + (product + inverse) * half) * half
                rounds <- rounds + 1

            root)

    /// <summary>
    /// The principal logarithm of a real matrix without eigenvalues on the closed negative real axis: square roots until the matrix
    /// is close to 1, then the series of 2 artanh((A-1)(A+1)⁻¹), and doubling back.
    /// </summary>
    let logarithm (matrix: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let one = identity matrix.shape[0]
            let mutable root = matrix
            let mutable doublings = 0

            while norm (root - one) > 0.2 && doublings < 60 do
                root <- squareRoot root
                doublings <- doublings + 1

            let z = torch.linalg.solve (root + one, root - one)
            let square = z.times z
            let mutable power = z
            let mutable sum = z

            for k in 1..12 do
                power <- power.times square
                sum <- sum.add (power, Tensors.num (1.0 / float (2 * k + 1)))

            2.0 * Math.ScaleB(1.0, doublings) * sum)

    /// <summary>The largest eigenvalue of (A + Aᵀ)/2: no solution of x' = A x grows faster than e^{νt} in this norm.</summary>
    let logarithmicNorm (matrix: Tensor) : float =
        Tensors.within (fun () -> torch.linalg.eigvalsh(LinearAlgebra.symmetrise matrix).max().ToDouble())

    /// <summary>
    /// The relative condition number of the exponential in the Frobenius norm, ‖L(A)‖ ‖A‖/‖e^A‖ with the Fréchet derivative L(A): E ↦ the corner of exp [[A, E], [0, A]],
    /// whose norm a power iteration finds from below to within a few per cent (Higham 2008, section 10.2).
    /// </summary>
    let exponentialCondition (matrix: Tensor) : float =
        Tensors.within (fun () ->
            let n = matrix.shape[0]
            let norm (t: Tensor) = t.square().sum().sqrt().ToDouble()

            let derivative (m: Tensor) (e: Tensor) =
                let zero = torch.zeros_like m

                let block =
                    torch.cat ([| torch.cat ([| m; e |], 1L); torch.cat ([| zero; m |], 1L) |], 0L)

                torch.linalg.matrix_exp(block).narrow(0L, 0L, n).narrow(1L, n, n)

            let mutable direction = torch.ones_like (matrix) / float n
            let mutable size = 0.0

            for _ in 1..12 do
                let image = derivative matrix direction
                size <- norm image
                let back = derivative (matrix.t().contiguous()) image
                direction <- back / norm back

            size * norm matrix / norm (torch.linalg.matrix_exp matrix))

    /// <summary>Henrici's departure from normality, √(‖A‖² - Σ|λ|²)/‖A‖ in the Frobenius norm: 0 for normal matrices, below 1.</summary>
    let departureFromNormality (matrix: Tensor) : float =
        Tensors.within (fun () ->
            let values = torch.linalg.eigvals matrix
            let size = (matrix * matrix).sum().ToDouble()
            let spectral = values.abs().square().sum().ToDouble()

            if size = 0.0 then
                0.0
            else
                sqrt (max 0.0 (size - spectral) / size))

    /// <summary>
    /// The real Schur form of a square matrix, by Francis' double shifts; defective matrices have one, too. ‖A - Q T Qᵀ‖ is about
    /// 1e-15 ‖A‖. The tensors are the caller's, or those of the dispose scope around the call.
    /// </summary>
    /// <returns>A <c>NotFinite</c> error for NaN or infinity, and <c>NotConverged</c> if the iteration does not converge.</returns>
    let realSchur (matrix: Tensor) : Outcome<RealSchur> =
        let n = int matrix.shape[0]

        if not (Tensors.isFinite matrix) then
            KoopmanError.fail
                ErrorKind.NotFinite
                "The matrix of the operator holds NaN or infinity"
                "Scale the data, raise the whitening cut, or use fewer or better separated observables"
        else
            let rows = Tensors.toArray matrix |> Array.chunkBySize n

            match FrancisQr.triangularise rows with
            | Some vectors ->
                Ok
                    {
                        Vectors = Tensors.ofRows n (Array.concat vectors)
                        Triangular = Tensors.ofRows n (Array.concat rows)
                    }
            | None ->
                KoopmanError.fail
                    ErrorKind.NotConverged
                    $"The Schur form of a matrix of {n} rows was not found within 60 shifts per eigenvalue"
                    "Rescale the data, or use fewer or better separated observables"
