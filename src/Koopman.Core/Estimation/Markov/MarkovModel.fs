namespace Koopman

open System.Numerics
open TorchSharp

/// <summary>Settings of Markov state models.</summary>
type MarkovOptions =
    {
        /// <summary>True for the maximum-likelihood matrix in detailed balance, false for that among all matrices. Default true.</summary>
        Reversible: bool
        /// <summary>The reversible iteration ends when no stationary probability changes by more than this fraction. Default 1e-12.</summary>
        Tolerance: float
        /// <summary>The maximum number of iterations. Default 100,000.</summary>
        Iterations: int
    }

/// <summary>A Markov chain on N states, counted from discrete trajectories: the propagator on indicator functions.</summary>
[<NoComparison>]
type MarkovModel =
    {
        /// <summary>Transitions counted from state i to state j (N, N), over all windows, overlapping or not.</summary>
        Counts: float[,]
        /// <summary>T (N, N): the probability of being in j a lag after i. Its rows sum to 1.</summary>
        Matrix: float[,]
        /// <summary>π (N) with πᵀT = πᵀ.</summary>
        Stationary: float[]
        /// <summary>The lag τ in the data's unit of time.</summary>
        Lag: float
        /// <summary>The number of overlapping counting windows; error bars divide the counts by it.</summary>
        Overlap: int
        /// <summary>True if π_i T_ij = π_j T_ji was imposed.</summary>
        IsReversible: bool
    }

    /// <summary>The number of states N.</summary>
    member this.States: int = this.Stationary.Length

/// <summary>Markov state models (Prinz et al. 2011; Trendelkamp-Schroer et al. 2015).</summary>
[<RequireQualifiedAccess>]
module MarkovModel =

    /// <summary>Reversible, tolerance 1e-12, at most 100,000 iterations.</summary>
    let defaults: MarkovOptions =
        {
            Reversible = true
            Tolerance = 1e-12
            Iterations = 100_000
        }

    let private rows (matrix: float[,]) : float[] =
        Array.init (Array2D.length1 matrix) (fun i -> Array.sum matrix[i, *])

    /// πᵀT = πᵀ with sum 1: one equation of the singular system is replaced by the sum.
    let private stationary (matrix: float[,]) : float[] =
        Tensors.within (fun () ->
            let n = Array2D.length1 matrix

            let system =
                Array2D.init n n (fun i j ->
                    if i = n - 1 then
                        1.0
                    else
                        matrix[j, i] - (if i = j then 1.0 else 0.0))

            let right = Array.init n (fun i -> if i = n - 1 then 1.0 else 0.0)

            torch.linalg.solve (Tensors.ofMatrix system, Tensors.ofVector right)
            |> Tensors.toArray)

    /// The reversible matrix of maximum likelihood: x_ij = (c_ij + c_ji)/(c_i/x_i + c_j/x_j) with row sums x_i, iterated.
    let private reversible (options: MarkovOptions) (counts: float[,]) : Outcome<struct (float[,] * float[])> =
        use _ = Tensors.scope ()
        let c = Tensors.ofMatrix counts
        let both = c + c.t ()
        let leaving = c.sum 1L
        let total = both.sum ()
        let mutable x = both.sum (1L) / total
        let mutable change = infinity
        let mutable iteration = 0

        let flows (x: Tensor) =
            let q = leaving / x
            both / (q.unsqueeze (1L) + q.unsqueeze 0L)

        while change > options.Tolerance && iteration < options.Iterations do
            use inner = Tensors.scope ()
            let next = (flows x).sum 1L
            let next = next / next.sum ()
            change <- (next / x - 1.0).abs().max().ToDouble()
            let last = x
            x <- inner.MoveToOuter next
            last.Dispose()
            iteration <- iteration + 1

        if change > options.Tolerance then
            KoopmanError.fail
                ErrorKind.NotConverged
                $"The reversible chain still changed by {change:G3} after {iteration} iterations"
                "Raise Iterations or Tolerance, or merge states that are rarely left"
        else
            let flow = flows x
            let matrix = Tensors.toArray (flow / flow.sum (1L, true))
            let n = Array2D.length1 counts
            Ok(struct (Array2D.init n n (fun i j -> matrix[i * n + j]), Tensors.toArray x))

    let private check (options: MarkovOptions) (lag: float) (overlap: int) (counts: float[,]) : Outcome<unit> =
        let n = Array2D.length1 counts

        Require.all {
            if n < 2 || Array2D.length2 counts <> n then
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"Counts of shape ({n}, {Array2D.length2 counts}) do not define a chain"
                    "Give a square matrix of at least two states"

            Seq.init n (fun i -> counts[i, *])
            |> Require.each (Require.each Require.notNegative) "counts"
            |> Require.advise "Check how the counts were computed"

            Require.positive "the lag" lag
            |> Require.advise "Give the lag in the data's unit of time"

            Require.settings "MarkovModel.defaults" {
                Require.atLeast 1 "the overlap" overlap
                Require.atLeast 1 "Iterations" options.Iterations
                Require.positive "Tolerance" options.Tolerance
            }

            let connected = TransitionCounts.connectedStates counts

            if connected.Length < n then
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    $"Only {connected.Length} of {n} states can all be reached from each other"
                    "Restrict the trajectories to the largest connected set (TransitionCounts.restrictToConnected), take a shorter lag, or merge states"
        }

    /// <summary>The chain of a matrix of counts.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="lag">The lag τ of the counts.</param>
    /// <param name="overlap">The number of overlapping counting windows: the stride of <c>TransitionCounts.ofTrajectories</c>, or 1 for independent transitions.</param>
    /// <param name="counts">Transitions from i to j (N, N); whole numbers or weights.</param>
    /// <returns>The chain, or an error: states that cannot all be reached from each other, or an iteration that did not converge.</returns>
    let ofCounts (options: MarkovOptions) (lag: float) (overlap: int) (counts: float[,]) : Outcome<MarkovModel> =
        result {
            do! check options lag overlap counts
            let leaving = rows counts

            let free () =
                let matrix = counts |> Array2D.mapi (fun i _ c -> c / leaving[i])
                struct (matrix, stationary matrix)

            let! struct (matrix, law) =
                if options.Reversible then
                    reversible options counts
                else
                    Ok(free ())

            return
                {
                    Counts = Array2D.copy counts
                    Matrix = matrix
                    Stationary = law
                    Lag = lag
                    Overlap = overlap
                    IsReversible = options.Reversible
                }
        }

    /// <summary>The chain of discrete trajectories, from states <paramref name="stride"/> rows apart.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="step">The time between two rows.</param>
    /// <param name="stride">The lag in rows.</param>
    /// <param name="trajectories">States 0, 1, 2, ...; a negative entry means no state.</param>
    let fit (options: MarkovOptions) (step: float) (stride: int) (trajectories: int[] seq) : Outcome<MarkovModel> =
        result {
            let! found = TransitionCounts.ofTrajectories stride trajectories
            return! ofCounts options (step * float stride) stride found
        }

    /// D^(1/2) T D^(-1/2) with D = diag π: the matrix in functions that are orthonormal in π, symmetric in detailed balance.
    let private inner (model: MarkovModel) : Tensor =
        let p = model.Stationary

        Tensors.ofMatrix (model.Matrix |> Array2D.mapi (fun i j t -> t * sqrt (p[i] / p[j])))

    /// <summary>All eigenvalues of T by decreasing modulus; the first is 1.</summary>
    let eigenvalues (model: MarkovModel) : Complex[] =
        Tensors.within (fun () ->
            let matrix = inner model

            let found =
                if model.IsReversible then
                    Tensors.toArray (torch.linalg.eigvalsh (LinearAlgebra.symmetrise matrix))
                    |> Array.map (fun v -> Complex(v, 0.0))
                else
                    let values = torch.linalg.eigvals matrix

                    Array.map2
                        (fun re im -> Complex(re, im))
                        (Tensors.toArray values.real)
                        (Tensors.toArray values.imag)

            found |> Array.sortBy (fun v -> -(Complex.Abs v), -v.Imaginary))

    /// <summary>The implied timescales -τ/log|λ| of all modes but the stationary one, the slowest first.</summary>
    let timescales (model: MarkovModel) : float[] =
        eigenvalues model
        |> Array.tail
        |> Array.map (fun v -> -model.Lag / log (Complex.Abs v))

    /// The standard errors of Re and Im of dλ = Σ_i l_i Σ_j dT_ij r_j, times a factor: rows are independent multinomials.
    let private errors
        (model: MarkovModel)
        (left: Complex[])
        (right: Complex[])
        (factor: Complex)
        : struct (float * float) =
        let leaving = rows model.Counts

        let sum =
            Array.map2 (fun (l: Complex) r -> Complex.Conjugate l * r) left right
            |> Array.fold (+) Complex.Zero

        let variance (part: Complex -> float) =
            Seq.sum (
                seq {
                    for i in 0 .. model.States - 1 do
                        let change =
                            right
                            |> Array.map (fun r -> part (factor * Complex.Conjugate left[i] * r / sum))

                        let mean = Array.map2 (*) model.Matrix[i, *] change |> Array.sum

                        let square =
                            Array.map2 (fun t c -> t * c * c) model.Matrix[i, *] change |> Array.sum

                        max 0.0 (square - mean * mean) * float model.Overlap / leaving[i]
                }
            )

        struct (sqrt (variance _.Real), sqrt (variance _.Imaginary))

    let private complexColumn (matrix: Tensor) (k: int) : Complex[] =
        let column (part: Tensor) =
            Tensors.toArray (part.select (1L, int64 k))

        Array.map2 (fun re im -> Complex(re, im)) (column matrix.real) (column matrix.imag)

    /// <summary>
    /// Evidence of the counts against detailed balance: Bowker's χ² = Σ (c_ij - c_ji)²/(c_ij + c_ji) over pairs of states with at least ten
    /// transitions in non-overlapping windows, above the value of 999 in 1,000 chains in detailed balance, and circulation above 3 % of all exchange.
    /// </summary>
    let private unbalanced (model: MarkovModel) : Warning list =
        let c = model.Counts |> Array2D.map (fun count -> count / float model.Overlap)

        let exchanged =
            [|
                for i in 0 .. model.States - 1 do
                    for j in 0 .. i - 1 do
                        if c[i, j] + c[j, i] >= 10.0 then
                            struct (c[i, j] - c[j, i], c[i, j] + c[j, i])
            |]

        let chi = exchanged |> Array.sumBy (fun (struct (net, all)) -> net * net / all)
        let net = exchanged |> Array.sumBy (fun (struct (net, _)) -> abs net)
        let all = exchanged |> Array.sumBy (fun (struct (_, all)) -> all)
        // The tail of χ² by the Wilson-Hilferty cube root, which needs no table.
        let k = float exchanged.Length

        let z =
            ((chi / k) ** (1.0 / 3.0) - (1.0 - 2.0 / (9.0 * k))) / sqrt (2.0 / (9.0 * k))

        if exchanged.Length > 0 && z > 3.09 && net > 0.03 * all then
            [
                {
                    Kind = WarningKind.NotReversible
                    Message =
                        $"not reversible: the counts violate detailed balance (χ² = {chi:F0} on {exchanged.Length} pairs of states, {100.0 * net / all:F0} %% of the exchange is circulation); fit a chain that need not be reversible"
                }
            ]
        else
            []

    /// <summary>
    /// The spectrum of the chain, as functions on the space partitioned into its states. Error bars by the delta method from the counts, as if
    /// every <c>Overlap</c>-th window were independent; those of a reversible chain are conservative.
    /// </summary>
    /// <param name="indicators">The indicators of the N states, in their order.</param>
    /// <param name="model">The chain.</param>
    let spectrum (indicators: Observables) (model: MarkovModel) : Outcome<Spectrum> =
        Require.sameCount ("indicators", indicators.Count) ("states", model.States)
        |> Require.advise "Give the indicators of the states that were counted"
        |> Result.bind (fun () ->
            use _ = Tensors.scope ()
            let convention = PropagatorAtLag model.Lag
            let law = Tensors.ofVector model.Stationary
            let basis = torch.diag (law.rsqrt ())
            let matrix = inner model
            let measure = "the stationary law of the chain"
            let norm = "not estimated: the chain has no data besides its states"

            let evidence =
                { Evidence.none with
                    IsSelfAdjoint = model.IsReversible
                    Own =
                        let warnings = if model.IsReversible then unbalanced model else []
                        fun _ -> warnings
                    Successors = Stochastic(model.States, Array.sum (rows model.Counts) / float model.Overlap)
                }

            if model.IsReversible then
                let struct (values, vectors) = torch.linalg.eigh (LinearAlgebra.symmetrise matrix)
                let slowest = int64 (model.States - 1)
                let coefficients = basis.times(vectors.narrow (1L, 0L, slowest)).flip 1L
                let kept = Tensors.toArray (values.narrow (0L, 0L, slowest)) |> Array.rev

                let mode (k: int) =
                    let right =
                        Tensors.toArray (coefficients.select (1L, int64 k))
                        |> Array.map (fun r -> Complex(r, 0.0))

                    let left =
                        Array.map2 (fun p (r: Complex) -> Complex(p, 0.0) * r) model.Stationary right

                    let struct (error, _) = errors model left right Complex.One
                    Uncertainty.mode convention (k + 1) kept[k] nan { Error = error; Bias = 0.0 }

                Ok(
                    new Spectrum(
                        indicators,
                        Tensors.copy law,
                        coefficients.contiguous().DetachFromDisposeScope(),
                        None,
                        kept |> Array.map (fun v -> Complex(v, 0.0)),
                        Array.init kept.Length mode |> Evidence.judge evidence,
                        convention,
                        measure,
                        norm,
                        [||]
                    )
                )
            else
                OperatorMatrix.eigen convention matrix
                |> Result.map (fun eigen ->
                    let mode (k: int) =
                        let plain = OperatorMatrix.bareMode convention eigen k
                        // In the coordinates of the states the right vectors are functions and the left ones measures.
                        let root = model.Stationary |> Array.map sqrt

                        let right =
                            Array.map2 (fun s (z: Complex) -> z / Complex(s, 0.0)) root (complexColumn eigen.Right k)

                        let left =
                            Array.map2 (fun s (z: Complex) -> z * Complex(s, 0.0)) root (complexColumn eigen.Left k)

                        plain
                        |> Uncertainty.withErrors (
                            errors model left right (Complex.One / (eigen.Values[k] * Complex(model.Lag, 0.0)))
                        )

                    let modes = Array.init model.States mode |> Evidence.judge evidence
                    OperatorMatrix.spectrum indicators basis eigen modes convention measure norm))
