namespace Koopman

open System
open TorchSharp

/// <summary>
/// A kernel matrix of n points in factored form, K ≈ F Fᵀ with F (n, m) the features of m chosen points, the pivots:
/// F = k(X, P) T with T = L⁻ᵀ, k(P, P) = L Lᵀ. K - F Fᵀ is positive semi-definite, so that its trace bounds every error.
/// </summary>
[<Sealed>]
type PivotedCholesky internal (pivots: int[], features: Tensor, triangle: Tensor, traceError: float, trace: float) =

    /// <summary>The indices of the pivots among the points, in the order in which they were chosen (m).</summary>
    member _.Pivots: int[] = Array.copy pivots

    /// <summary>The features F (n, m) of the points. Owned by this object.</summary>
    member _.Features: Tensor = features

    /// <summary>L (m, m), lower triangular, of k(P, P) = L Lᵀ. Owned by this object.</summary>
    member _.Triangle: Tensor = triangle

    /// <summary>Σ w_a (K - F Fᵀ)_aa: a bound of the error of every eigenvalue of the kernel's covariance, with weights of sum 1.</summary>
    member _.TraceError: float = traceError

    /// <summary>Σ w_a K_aa, the sum of all eigenvalues of the covariance.</summary>
    member _.Trace: float = trace

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            features.Dispose()
            triangle.Dispose()

/// <summary>
/// Factors a kernel matrix by greedily chosen pivots, several per round, without ever forming it. Memory n·m, work n·m².
/// </summary>
[<RequireQualifiedAccess>]
module PivotedCholesky =

    /// The number of pivots per round, so that the updates of all points are large matrix products.
    let private perRound = 32

    /// Pivots are chosen among this many points with the largest errors.
    let private worst = 192

    /// A round ends early at a pivot below this fraction of its first.
    let private enough = 0.25

    /// Pivoted Cholesky of a small matrix (c, c), row-major, ending early when the remaining errors are below the floor or a fraction of the first.
    let private small (most: int) (floor: float) (c: int) (matrix: float[]) : struct (int[] * float[][]) =
        let first =
            Array.init c (fun i -> matrix[i * c + i]) |> Array.append [| 0.0 |] |> Array.max

        LinearAlgebra.pivotedCholesky most (max floor (enough * first)) c matrix

    /// <summary>
    /// Chooses pivots among points of positive weight until the mean error Σ w_a (K - F Fᵀ)_aa is at most the tolerance times the mean
    /// of k(x, x), or until the rest is rounding error.
    /// </summary>
    /// <param name="kernel">A positive kernel.</param>
    /// <param name="tolerance">The fraction of the trace, at least 0 and below 1: 1e-4 gives leading eigenvalues of kernel EDMD to about 1e-6.</param>
    /// <param name="most">The maximum number of pivots; if more are needed, the result is an error.</param>
    /// <param name="samples">The points.</param>
    let factor (kernel: Kernel) (tolerance: float) (most: int) (samples: Samples) : Outcome<PivotedCholesky> =
        Require.all {
            Require.share "the tolerance" tolerance
            |> Require.advise "1e-4 is a good tolerance"

            Require.atLeast 1 "the number of pivots" most

            Kernel.checkPositive kernel
        }
        |> Result.bind (fun () ->
            use scope = Tensors.scope ()
            let points, n = samples.Points, samples.Count
            let at (index: Tensor) (axis: int64) (t: Tensor) = t.index_select (axis, index)
            let diagonal = Kernel.diagonal kernel points
            let trace = samples.Weights.dot(diagonal).ToDouble()
            // Below this the error of a point is rounding error of the sums and of |x-x|² in the kernel.
            let rounding =
                let some = points.slice (0L, 0L, int64 n, int64 (max 1 (n / worst)))
                ((Kernel.matrix kernel some some).diagonal() - Kernel.diagonal kernel some).abs().max().ToDouble()

            let floor = max (1e-14 * diagonal.max().ToDouble()) (10.0 * rounding)
            // Points without weight are ignored and are never pivots.
            let error =
                diagonal.masked_fill (samples.Weights.le (Tensors.num 0.0), Tensors.num 0.0)

            let mutable buffer =
                torch.empty ([| int64 (min n (8 * perRound)); int64 n |], dtype = torch.float64)

            let pivots = ResizeArray<int>()

            let meanError () =
                Tensors.within (fun () -> samples.Weights.dot(error).ToDouble())

            /// Adds the pivots of one round; false when there is none above the floor.
            let round () : bool =
                use inner = Tensors.scope ()
                let m = int64 pivots.Count
                let known = buffer.narrow (0L, 0L, m)
                let inexact = int (error.gt(Tensors.num floor).sum().ToInt64())
                let struct (_, candidates) = error.topk (min worst inexact)
                let some = at candidates 0L points
                let features = at candidates 1L known
                let left = (Kernel.matrix kernel some some).sub_(features.t().times features)

                let struct (chosen, columns) =
                    small (min perRound (n - int m)) floor (int candidates.shape[0]) (Tensors.toArray left)

                let b = chosen.Length

                if b > 0 then
                    if m + int64 b > buffer.shape[0] then
                        let larger =
                            torch.empty ([| min (int64 n) (2L * buffer.shape[0]); int64 n |], dtype = torch.float64)

                        larger.narrow(0L, 0L, m).copy_(known) |> ignore
                        buffer.Dispose()
                        buffer <- inner.MoveToOuter larger

                    let known = buffer.narrow (0L, 0L, m)

                    let triangle =
                        Tensors.ofRows
                            b
                            [|
                                for i in chosen do
                                    for j in 0 .. b - 1 -> columns[j][i]
                            |]

                    let rows = candidates.index_select (0L, Tensors.ofIndices (Array.map int64 chosen))

                    let kernelRows = Kernel.matrix kernel (at rows 0L points) points
                    kernelRows.addmm_ ((at rows 1L known).t(), known, alpha = -1.0f) |> ignore

                    let added =
                        torch.linalg.solve_triangular (triangle.tril (), kernelRows, upper = false)

                    buffer.narrow(0L, m, int64 b).copy_(added) |> ignore
                    error.sub_(added.square().sum 0L).clamp_min_(Tensors.num 0.0) |> ignore
                    error.index_fill_ (0L, rows, Tensors.num 0.0) |> ignore
                    pivots.AddRange(Guarded.read<int64> rows |> Array.map int)

                b > 0

            if not (Double.IsFinite trace) then
                KoopmanError.fail
                    ErrorKind.NotFinite
                    $"The {kernel} is not finite on these data"
                    "Scale the data (for example to unit variance) or lower the degree"
            elif trace <= 0.0 then
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    $"The {kernel} vanishes on all of the data"
                    "Use a kernel with an offset, or data that are not all 0"
            else
                let target = tolerance * trace

                while meanError () > target && pivots.Count <= most && pivots.Count < n && round () do
                    ()

                if pivots.Count > most then
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"After {pivots.Count} pivots the mean error of the {kernel} is still {meanError () / trace:G2} of its trace, above the tolerance {tolerance:G2}"
                        "Make the kernel wider, loosen the tolerance, allow more memory, or choose a fixed number of random centres (Nystrom)"
                else
                    let features = buffer.narrow(0L, 0L, int64 pivots.Count).t()
                    let order = Tensors.ofIndices (pivots.ToArray() |> Array.map int64)

                    Ok(
                        new PivotedCholesky(
                            pivots.ToArray(),
                            features.DetachFromDisposeScope(),
                            (features.index_select(0L, order).tril()).DetachFromDisposeScope(),
                            meanError (),
                            trace
                        )
                    ))
