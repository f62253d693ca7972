namespace Koopman

open System
open System.Threading
open System.Numerics
open TorchSharp

/// <summary>The regression of kernel EDMD.</summary>
type KernelRegression =
    /// <summary>On the leading principal components of the kernel's covariance: (C + γ)⁻¹ on them. The default.</summary>
    | PrincipalComponent
    /// <summary>
    /// On the directions that predict best: the leading singular directions of (C + γ)^-½ A (Kostic et al. 2022). It also finds modes of
    /// small variance that are important for the dynamics.
    /// </summary>
    | ReducedRank

/// <summary>Settings of kernel EDMD.</summary>
type KernelEdmdOptions =
    {
        /// <summary>
        /// The kernel, in the units of the data. Default: Gaussian, with the median distance between points as its width; several coordinates are first
        /// scaled to the same width of their bulk, relative to the geometric mean, so that the modes do not depend on units.
        /// </summary>
        Kernel: Kernel option
        /// <summary>The maximum number of modes. Default 25.</summary>
        Rank: int
        /// <summary>γ, as a fraction of the mean of k(x,x). Default 1e-6.</summary>
        Ridge: float
        /// <summary>The reduction of the sections. Default pivoted Cholesky to 1e-4 of the trace.</summary>
        Method: KernelMethod
        /// <summary>The regression. Default principal components.</summary>
        Regression: KernelRegression
        /// <summary>The number of leading modes with residuals. Default 10.</summary>
        Modes: int
        /// <summary>The memory limit in GiB. Default 4. A fit that would need more fails before it starts.</summary>
        MemoryLimit: float
    }

/// <summary>The report of a kernel method: its reduction of the kernel, and the error that it may cause.</summary>
[<NoComparison>]
type KernelReport =
    {
        /// <summary>The kernel.</summary>
        Kernel: Kernel
        /// <summary>The reduction of the sections.</summary>
        Method: KernelMethod
        /// <summary>The number of kernel sections in the features.</summary>
        Sections: int
        /// <summary>The mean error of k(x,x), as a fraction of its mean: a bound of the error of every covariance eigenvalue. 0 for the dense method.</summary>
        TraceError: float
        /// <summary>The smallest covariance eigenvalue kept, as a fraction of the trace.</summary>
        SmallestKept: float
        /// <summary>The memory used by the reduced kernel, in GiB.</summary>
        Memory: float
    }

    /// <summary>
    /// The trace error divided by the smallest kept covariance eigenvalue. If it is well below 1, the kept directions are those of the full kernel.
    /// It does not bound the eigenvalues of the operator, whose errors are usually far smaller.
    /// </summary>
    member this.Certificate: float = this.TraceError / this.SmallestKept

/// <summary>A kernel EDMD model with the report of its kernel.</summary>
[<NoComparison; NoEquality>]
type KernelEdmdFit =
    {
        /// <summary>The model; its observables are combinations of kernel sections.</summary>
        Model: LinearModel
        /// <summary>The report.</summary>
        Report: KernelReport
    }

    /// <summary>Frees the model.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the model.</summary>
        member this.Dispose() = (this.Model :> IDisposable).Dispose()

/// <summary>
/// Kernel EDMD: the propagator on the functions spanned by kernel sections, by principal component or reduced rank regression
/// (Williams, Rowley and Kevrekidis 2015; Kostic et al. 2022), fast through a certified low-rank factor of the kernel matrix.
/// </summary>
[<RequireQualifiedAccess>]
module KernelEdmd =

    /// <summary>Gaussian with the median distance as its width, rank 25, ridge 1e-6, pivoted Cholesky to 1e-4, principal components, ten modes, 4 GiB.</summary>
    let defaults: KernelEdmdOptions =
        {
            Kernel = None
            Rank = 25
            Ridge = 1e-6
            Method = KernelMethod.PivotedCholesky 1e-4
            Regression = PrincipalComponent
            Modes = 10
            MemoryLimit = 4.0
        }

    let private truncated (options: KernelEdmdOptions) : bool = options.Regression = PrincipalComponent

    /// <summary>
    /// The memory in GiB that a fit to n pairs needs initially: n² numbers for the dense method (4n² with reduced rank
    /// regression), 3 n m for m Nyström centres, and n·512 for pivoted Cholesky, growing with the number of pivots.
    /// </summary>
    let memory (options: KernelEdmdOptions) (pairs: int) : float =
        KernelFeatures.memory pairs options.Rank (truncated options) options.Method

    let private check (options: KernelEdmdOptions) (pairs: SnapshotPairs) : Outcome<unit> =
        Require.settings "KernelEdmd.defaults" {
            Require.atLeast 1 "Rank" options.Rank
            Require.atLeast 1 "Modes" options.Modes
            Require.notNegative "Ridge" options.Ridge
        }
        |> Result.bind (fun () ->
            if pairs.Count < max 10 (2 * options.Rank) then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"There are {pairs.Count} pairs for rank {options.Rank}"
                    $"Give at least {max 10 (2 * options.Rank)} pairs, or lower the rank"
            elif pairs.Inputs.IsSome then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "The pairs carry inputs, which kernel EDMD does not support"
                    "Use an estimator with control, or add the inputs to the state"
            else
                Ok())

    /// C = Fᵀ W F and similar products.
    let private product (weights: Tensor) (left: Tensor) (right: Tensor) : Tensor = left.t().times(right * weights)

    /// Q (q, r) with K = Q Qᵀ A, and the eigenvalues of C along its columns.
    let private regression
        (options: KernelEdmdOptions)
        (ridge: float)
        (covariance: Tensor)
        (cross: unit -> Tensor)
        : Outcome<struct (Tensor * float)> =
        LinearAlgebra.eigh (LinearAlgebra.symmetrise covariance)
        |> Result.bind (fun (struct (values, vectors)) ->
            let largest = values.max().ToDouble()
            let resolved = values.gt(Tensors.num (1e-13 * largest)).sum().ToInt64()
            let first = values.shape[0] - resolved

            let values, vectors =
                values.narrow (0L, first, resolved), vectors.narrow (1L, first, resolved)

            let scaled = vectors * (values + ridge).rsqrt()
            let rank = min (int64 options.Rank) resolved

            if largest <= 0.0 then
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    "The kernel's features vanish on the data"
                    "Check that the data vary and that the kernel suits their scale"
            else
                match options.Regression with
                | PrincipalComponent ->
                    Ok(struct (scaled.narrow (1L, resolved - rank, rank), values[resolved - rank].ToDouble()))
                | ReducedRank ->
                    let half = scaled.t().times(cross ())

                    LinearAlgebra.eigh (half.times (half.t ()))
                    |> Result.map (fun (struct (_, directions)) ->
                        let chosen = directions.narrow (1L, resolved - rank, rank)
                        struct (scaled.times chosen, values[resolved - rank].ToDouble())))

    /// Σ over columns v of V of conj(v)ᵀ M v, for a real M.
    let private forms (matrix: Tensor) (vectors: Tensor) : Tensor =
        (vectors.conj () * matrix.to_type(torch.complex128).times vectors).sum 0L

    /// <summary>
    /// Held-out residuals ‖φ(y) - λφ(x)‖/‖φ‖ of the leading modes: each of five contiguous folds is evaluated with the regression on the
    /// others, in the functions chosen by the whole fit (z at x and at y, orthonormal).
    /// </summary>
    let private heldOut
        (shrink: Tensor)
        (weights: Tensor)
        (z: Tensor)
        (next: Tensor)
        (whole: Tensor)
        (count: int)
        : float[] =
        let folds =
            Blocks.even Residuals.folds (int z.shape[0])
            |> Array.map (fun (struct (start, length)) ->
                let part (t: Tensor) = Tensors.rows start length t
                let w, x, y = part weights, part z, part next
                struct (product w x x, product w x y, product w y y))

        let total (pick: struct (Tensor * Tensor * Tensor) -> Tensor) =
            folds |> Array.map pick |> Array.reduce (fun a b -> a + b)

        let gram, cross =
            total (fun (struct (g, _, _)) -> g), total (fun (struct (_, a, _)) -> a)

        let errors, norms = Array.zeroCreate<float> count, Array.zeroCreate<float> count

        for struct (g, a, c) in folds do
            let inverse = torch.linalg.pinv (gram - g, rtol = Nullable 1e-10, hermitian = true)

            match LinearAlgebra.generalEigen Complex.Abs (shrink.times(inverse).times(cross - a)) with
            | Error _ -> Array.fill errors 0 count nan
            | Ok eigen ->
                let matched = eigen.Right.conj().t().times(whole).abs().argmax 0L
                let vectors = eigen.Right.index_select (1L, matched)
                let re (t: Tensor) = Tensors.toArray t.real

                let spread, norm, overlap =
                    re (forms c vectors), re (forms g vectors), forms a vectors

                let overlapRe, overlapIm = re overlap, Tensors.toArray overlap.imag
                let index = Guarded.read<int64> matched

                for k in 0 .. count - 1 do
                    let value = eigen.Values[int index[k]]
                    let mixed = (Complex.Conjugate value * Complex(overlapRe[k], overlapIm[k])).Real

                    errors[k] <-
                        errors[k] + spread[k] - 2.0 * mixed
                        + Complex.Abs value * Complex.Abs value * norm[k]

                    norms[k] <- norms[k] + norm[k]

        Array.map2 (fun e n -> sqrt (max 0.0 e / n)) errors norms

    /// <summary>
    /// The propagator on the <c>Rank</c> functions that the regression chooses, with spectrum and read-out of the state. Observables are
    /// combinations of kernel sections, orthonormal in the measure of the states; the model owns them. Residuals are of held-out pairs:
    /// for a stochastic process they include the variance of y given x.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="pairs">The data, weighted or not; states of trajectories are evaluated once.</param>
    let fit (options: KernelEdmdOptions) (pairs: SnapshotPairs) : Outcome<KernelEdmdFit> =
        result {
            let! merged, copies = Repetition.merge pairs
            use pairs = merged
            do! check options pairs
            use _ = Tensors.scope ()

            let frame =
                if options.Kernel.IsNone then
                    Centres.alike pairs.From
                else
                    None

            let given = pairs.From.Points

            use pairs =
                match frame with
                | None -> SnapshotPairs.withConstant None pairs
                | Some(struct (origin, map)) ->
                    let seen (points: Tensor) = (points - origin).times map
                    SnapshotPairs.inCoordinates (seen pairs.From.Points) (seen pairs.To.Points) pairs

            let! kernel =
                match options.Kernel with
                | Some kernel -> Kernel.check kernel
                | None -> Kernel.medianWidth pairs.From |> Result.map Kernel.Gaussian

            let rank = if truncated options then Some options.Rank else None

            let! features =
                KernelFeatures.make options.MemoryLimit kernel options.Method rank pairs.From

            let f = features.Values
            let g = KernelFeatures.successors kernel features pairs
            let weights = pairs.From.Weights.unsqueeze 1L
            let covariance = product weights f f

            let! struct (q, smallest) =
                regression options (options.Ridge * features.Trace) covariance (fun () -> product weights f g)

            // Orthonormal functions of the same span: with S = QᵀCQ = R Rᵀ they are Q R⁻ᵀ, and K on them is RᵀR Ã.
            let struct (triangle, info) =
                torch.linalg.cholesky_ex (q.t().times(covariance).times q)

            if info.ToInt64() <> 0L then
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"The data do not resolve {q.shape[1]} directions of the {kernel}"
                        "Lower the rank, raise the ridge, or make the kernel narrower"
            else
                let basis =
                    torch.linalg.solve_triangular (triangle.t (), q, upper = true, left = false)

                let shrink = triangle.t().times triangle
                let z, next = f.times basis, g.times basis
                let form = product weights z next
                let matrix = shrink.times form
                let convention = PropagatorAtLag pairs.Lag

                let! eigen =
                    LinearAlgebra.generalEigen (fun value -> -(convention.ExponentOf value).Real) matrix

                let count = min options.Modes eigen.Values.Length

                let residuals =
                    heldOut shrink weights z next (eigen.Right.narrow (1L, 0L, int64 count)) count

                use! sections = Observables.sections kernel features.Centres
                use! observables = Observables.combined (features.Transform.times basis) sections
                let r = observables.Count
                let measure = $"the empirical measure of {pairs.Count} states x"

                let leading (tensor: Tensor) = tensor.narrow (1L, 0L, int64 count)
                let origin = torch.zeros (int64 r, dtype = torch.float64)

                let trialIn (functions: Observables) =
                    EigenpairTest(
                        functions,
                        origin,
                        leading eigen.Right,
                        leading eigen.Left,
                        Array.take count eigen.Values,
                        pairs.Lag,
                        None
                    )

                // The functions of the model are the coordinates of z, which are already computed.
                use seen = SnapshotPairs.inCoordinates z next pairs
                use coordinates = Observables.linear r
                let trial = trialIn coordinates
                let errors = Scores.ofTrial trial seen
                let noise = Noise.level Noise.Automatic pairs

                let evidence =
                    { Memory.evidence copies trial seen with
                        Successors =
                            if noise.IsStochastic then
                                Stochastic(r, Blocks.effective pairs)
                            else
                                Deterministic(
                                    Evidence.tolerance,
                                    (trialIn observables).Sensitivity pairs,
                                    noise.Relative
                                )
                    }

                let modes =
                    Array.init count (fun i ->
                        { OperatorMatrix.bareMode convention eigen i with
                            Residual = residuals[i]
                        }
                        |> Uncertainty.withErrors errors[i])
                    |> Evidence.judge evidence

                // In the units of the data again.
                use! observables =
                    match frame with
                    | None -> Ok observables
                    | Some(struct (origin, map)) -> Observables.mapped origin map observables

                let spectrum =
                    new Spectrum(
                        observables,
                        torch.zeros(int64 r, dtype = torch.float64).DetachFromDisposeScope(),
                        Tensors.copy eigen.Right,
                        Some(Tensors.copy eigen.Left),
                        eigen.Values,
                        modes,
                        convention,
                        measure,
                        "L2 of held-out pairs, relative to the norm of the eigenfunction; includes the noise of y given x"
                    )

                let propagator =
                    new Propagator(
                        observables,
                        Tensors.copy matrix,
                        pairs.Lag,
                        torch.eye(int64 r, dtype = torch.float64).DetachFromDisposeScope(),
                        measure
                    )

                return
                    {
                        Model = new LinearModel(propagator, spectrum, Tensors.copy (product weights z given), None)
                        Report =
                            {
                                Kernel = kernel
                                Method = options.Method
                                Sections = int features.Centres.shape[0]
                                TraceError = features.TraceError / features.Trace
                                SmallestKept = smallest / features.Trace
                                Memory = 8.0 * float pairs.Count * float features.Values.shape[1] / 1073741824.0
                            }
                    }
        }

    /// <summary>
    /// As <c>fit</c>, and can be cancelled at any moment: the wait ends at once, and what runs in a native library goes on unseen until it ends.
    /// </summary>
    /// <param name="cancellation">Cancels the fit, with <see cref="T:System.OperationCanceledException"/>.</param>
    /// <param name="options">Settings.</param>
    /// <param name="pairs">The data.</param>
    let fitUnder
        (cancellation: CancellationToken)
        (options: KernelEdmdOptions)
        (pairs: SnapshotPairs)
        : Outcome<KernelEdmdFit> =
        Interruptible.run cancellation [ pairs.From; pairs.To ] (fun () -> fit options pairs)
