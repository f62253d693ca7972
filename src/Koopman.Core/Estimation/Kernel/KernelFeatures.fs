namespace Koopman

open System
open TorchSharp

/// <summary>The method that reduces the n kernel sections k(·, x_a).</summary>
[<RequireQualifiedAccess>]
type KernelMethod =
    /// <summary>
    /// Sections at pivots, chosen until the mean error of the kernel matrix is below this fraction of its trace. Work n·m² for m pivots,
    /// memory n·m, with an error bound. The default, with tolerance 1e-4.
    /// </summary>
    | PivotedCholesky of tolerance: float
    /// <summary>Sections at this many centres, drawn at random from the points; for the same number far less accurate than pivots.</summary>
    | Nystrom of centres: int * seed: Seed
    /// <summary>All n sections: the reference, with memory n² and, with principal components, work n² per mode.</summary>
    | Dense

    override this.ToString() : string =
        match this with
        | PivotedCholesky tolerance -> $"pivoted Cholesky to {tolerance:G2} of the trace"
        | Nystrom(centres, seed) -> $"Nyström with {centres} random centres of seed {seed}"
        | Dense -> "dense"

/// The finite set of functions f = ψᵀT, ψ sections of a kernel, orthonormal in the kernel's space, used by a kernel method.
[<NoComparison; NoEquality>]
type internal KernelFeatures =
    {
        /// Centres (N, d) of the sections ψ.
        Centres: Tensor
        /// T (N, q).
        Transform: Tensor
        /// f at the samples (n, q).
        Values: Tensor
        /// Σ w (k(x,x) - |f(x)|²).
        TraceError: float
        /// Σ w k(x,x).
        Trace: float
    }

[<RequireQualifiedAccess>]
module internal KernelFeatures =

    let private gibibyte = 1024.0 * 1024.0 * 1024.0

    /// Directions below this fraction of the largest are rounding errors.
    let private cut = 1e-12

    /// <summary>The memory of the method in GiB, for n points and the given rank; for a factorisation, that for m pivots.</summary>
    let memory (n: int) (rank: int) (truncated: bool) (method: KernelMethod) : float =
        let n = float n

        let numbers =
            match method with
            | KernelMethod.PivotedCholesky _ -> n * 512.0
            | KernelMethod.Nystrom(centres, _) -> 3.0 * n * float centres
            | KernelMethod.Dense when truncated -> n * n + LeadingEigen.work (int n) rank
            | KernelMethod.Dense -> 4.0 * n * n

        8.0 * numbers / gibibyte

    let private values (kernel: Kernel) (centres: Tensor) (transform: Tensor) (points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let parts =
                [|
                    for struct (start, size) in
                        Tensors.pieces (Tensors.pieceRows (int centres.shape[0])) (int points.shape[0]) ->
                        Tensors.keep (fun () ->
                            (Kernel.matrix kernel (Tensors.rows start size points) centres).times transform)
                |]

            torch.cat (parts, 0L))

    /// T for sections with the kernel matrix k(C, C): its eigenvectors divided by the square roots of its eigenvalues.
    let private whiten (gram: Tensor) : Outcome<Tensor> =
        LinearAlgebra.eigh (LinearAlgebra.symmetrise gram)
        |> Result.map (fun (struct (eigenvalues, vectors)) ->
            let largest = eigenvalues.max().ToDouble()
            let count = eigenvalues.gt(Tensors.num (cut * largest)).sum().ToInt64()
            let first = eigenvalues.shape[0] - count

            vectors.narrow (1L, first, count) * eigenvalues.narrow(0L, first, count).rsqrt())

    /// The exact features of all points of positive weight; only the leading ones if a rank is given.
    let private dense (kernel: Kernel) (rank: int option) (samples: Samples) =
        let index = samples.Weights.gt(Tensors.num 0.0).nonzero().squeeze 1L
        let centres = samples.Points.index_select (0L, index)
        let root = samples.Weights.index_select(0L, index).sqrt().unsqueeze 1L
        let gram = (Kernel.matrix kernel centres centres).mul_(root).mul_(root.t ())

        let pairs =
            match rank with
            | Some rank -> LeadingEigen.solve (min rank (int gram.shape[0])) 1e-11 (int gram.shape[0]) gram.times
            | None -> LinearAlgebra.eigh gram

        pairs
        |> Result.map (fun (struct (eigenvalues, vectors)) ->
            let kept =
                eigenvalues.gt(Tensors.num (cut * eigenvalues.max().ToDouble())).nonzero().squeeze 1L

            let eigenvalues, vectors =
                eigenvalues.index_select (0L, kept), vectors.index_select (1L, kept)

            struct (centres, vectors * root * eigenvalues.rsqrt ()))

    /// <summary>The features of the samples, in the dispose scope of the caller.</summary>
    /// <param name="limit">Memory in GiB.</param>
    /// <param name="kernel">A positive kernel.</param>
    /// <param name="method">The method of reduction.</param>
    /// <param name="rank">The number of leading features, if not all are needed.</param>
    /// <param name="samples">The points.</param>
    let make
        (limit: float)
        (kernel: Kernel)
        (method: KernelMethod)
        (rank: int option)
        (samples: Samples)
        : Outcome<KernelFeatures> =
        let n = samples.Count
        let needed = memory n (defaultArg rank n) rank.IsSome method

        let finish (centres: Tensor) (transform: Tensor) (features: Tensor) =
            let diagonal = Kernel.diagonal kernel samples.Points
            let trace = samples.Weights.dot(diagonal).ToDouble()
            let covered = samples.Weights.dot(features.square().sum 1L).ToDouble()

            {
                Centres = centres
                Transform = transform
                Values = features
                TraceError = max 0.0 (trace - covered)
                Trace = trace
            }

        let finite (gram: Tensor) : Outcome<unit> =
            if not (Tensors.isFinite gram) then
                KoopmanError.fail
                    ErrorKind.NotFinite
                    $"The {kernel} is not finite on these data"
                    "Scale the data (for example to unit variance) or lower the degree"
            elif gram.max().ToDouble() <= 0.0 then
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    $"The {kernel} vanishes on all of the data"
                    "Use a kernel with an offset, or data that are not all 0"
            else
                Ok()

        Require.all {
            Kernel.checkPositive kernel

            Require.limit "MemoryLimit" limit
            |> Require.advise "Give what the machine can spare, in GiB"

            if needed > limit then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"The {method} method would take {needed:G3} GiB for {n} points, above the limit of {limit:G3} GiB"
                    "Use KernelMethod.PivotedCholesky, which needs memory in proportion to the points, fewer points, or raise MemoryLimit"
        }
        |> Result.bind (fun () ->
            match method with
            | KernelMethod.PivotedCholesky tolerance ->
                // The factor, its intermediate matrices, and the features of the successors.
                let most = int (min (float n) (limit * gibibyte / (24.0 * float n)))

                PivotedCholesky.factor kernel tolerance most samples
                |> Result.map (fun factor ->
                    let pivots = Tensors.ofIndices (Array.map int64 factor.Pivots)
                    let unit = torch.eye (int64 factor.Pivots.Length, dtype = torch.float64)

                    {
                        Centres = samples.Points.index_select (0L, pivots)
                        Transform = torch.linalg.solve_triangular (factor.Triangle.t (), unit, upper = true)
                        Values = factor.Features.alias ()
                        TraceError = factor.TraceError
                        Trace = factor.Trace
                    }
                    |> fun features ->
                        (factor :> IDisposable).Dispose()
                        features)
            | KernelMethod.Nystrom(count, seed) ->
                Require.between 1 n "the number of Nyström centres" count
                |> Require.advise "Ask for at least one centre and at most one a point; some hundreds are usual"
                |> Result.bind (fun () ->
                    let chosen = Seed.permutation n seed |> Array.take count |> Array.map int64

                    let centres = samples.Points.index_select (0L, Tensors.ofIndices chosen)

                    let gram = Kernel.matrix kernel centres centres

                    finite gram
                    |> Result.bind (fun () -> whiten gram)
                    |> Result.map (fun transform ->
                        finish centres transform (values kernel centres transform samples.Points)))
            | KernelMethod.Dense ->
                finite (Kernel.diagonal kernel samples.Points)
                |> Result.bind (fun () -> dense kernel rank samples)
                |> Result.map (fun (struct (centres, transform)) ->
                    { finish centres transform (values kernel centres transform samples.Points) with
                        // No approximation: the leading features leave out only what the rank does.
                        TraceError = 0.0
                    }))

    /// <summary>f at the successors (n, q): those of a trajectory are rows of <c>Values</c>; only the last of each run is evaluated.</summary>
    let successors (kernel: Kernel) (features: KernelFeatures) (pairs: SnapshotPairs) : Tensor =
        Tensors.keep (fun () ->
            let n, stride = pairs.Count, pairs.Stride
            let starts = pairs.Starts

            let length =
                Array.init starts.Length (fun i -> (if i + 1 < starts.Length then starts[i + 1] else n) - starts[i])

            if Array.sumBy (fun l -> min l stride) length > n / 2 then
                values kernel features.Centres features.Transform pairs.To.Points
            else
                let known, news = ResizeArray<struct (int * int)>(), ResizeArray<int64>()

                for i in 0 .. starts.Length - 1 do
                    let shared = max 0 (length[i] - stride)
                    known.Add(struct (starts[i] + stride, shared))

                    for row in starts[i] + shared .. starts[i] + length[i] - 1 do
                        news.Add(int64 row)

                let index = Tensors.ofIndices (news.ToArray())

                let fresh =
                    values kernel features.Centres features.Transform (pairs.To.Points.index_select (0L, index))

                let parts = ResizeArray<Tensor>()
                let mutable at = 0

                for i in 0 .. starts.Length - 1 do
                    let struct (start, shared) = known[i]
                    let tail = length[i] - shared

                    if shared > 0 then
                        parts.Add(Tensors.rows start shared features.Values)

                    parts.Add(Tensors.rows at tail fresh)
                    at <- at + tail

                torch.cat (parts, 0L))
