namespace Koopman

open System
open TorchSharp

/// <summary>
/// The test of detailed balance on pairs: a process is reversible in equilibrium if ⟨f(x) g(y)⟩ = ⟨g(x) f(y)⟩ for all f and g. The test uses
/// bounded linear and quadratic functions of the coordinates; a process that passes may still be irreversible in others.
/// </summary>
[<NoComparison>]
type BalanceTest =
    {
        /// <summary>The largest |⟨f(x) g(y)⟩ - ⟨g(x) f(y)⟩| over pairs of functions, in its standard errors.</summary>
        Statistic: float
        /// <summary>The critical value: 999 of 1,000 data sets in detailed balance stay below it.</summary>
        Critical: float
        /// <summary>
        /// The antisymmetric part of the correlation of that pair of functions, relative to the decay of the two in one lag: the
        /// fraction of their motion that is circulation.
        /// </summary>
        Circulation: float
        /// <summary>The pair of functions, as "x0 and x1".</summary>
        Functions: string
        /// <summary>The largest |⟨f(y)⟩ - ⟨f(x)⟩| over functions, in its standard errors.</summary>
        Drift: float
        /// <summary>The function of that drift.</summary>
        Drifting: string
        /// <summary>True if the means of functions differ between x and y beyond their errors: the pairs are not in equilibrium.</summary>
        IsOutOfEquilibrium: bool
        /// <summary>True if no noise is found: neighbouring states have neighbouring successors, which no reversible process that moves has.</summary>
        IsDeterministic: bool
        /// <summary>
        /// True if the process is not reversible: it is deterministic, or the statistic exceeds the critical value with more than 3 % circulation.
        /// </summary>
        IsViolated: bool
    }

    override this.ToString() : string =
        if this.IsOutOfEquilibrium then
            $"not in equilibrium: the mean of {this.Drifting} moves by {this.Drift:F1} standard errors from x to y"
        elif this.IsDeterministic then
            "not reversible: the motion has no noise (neighbouring states have neighbouring successors)"
        elif this.IsViolated then
            $"not reversible: {this.Functions} violate detailed balance by {this.Statistic:F1} standard errors (critical value {this.Critical:F1})"
        else
            $"no evidence against detailed balance: at most {this.Statistic:F1} standard errors (critical value {this.Critical:F1})"

/// <summary>Tests of detailed balance.</summary>
[<RequireQualifiedAccess>]
module DetailedBalance =

    let private blocks = 20

    /// The probability of a false alarm on data in detailed balance.
    let private level = 0.001

    /// Circulation below this fraction changes no rate by more than 0.1 %; discretised equations of motion show it too.
    let private negligible = 0.03

    /// The maximum numbers of coordinates and of functions in the test; of more coordinates, evenly spaced ones are used.
    let private mostCoordinates, private mostFunctions = 40, 60

    /// Bounded coordinates: centred at the median, divided by half the width of the middle 68 %, clipped at ±3. A single outlier has no effect.
    let private bounded (x: Tensor) (y: Tensor) : Tensor -> Tensor =
        let some = torch.cat ([| x; y |], 0L)
        let stride = max 1L (some.shape[0] / 20_000L)
        let some = some.slice (0L, 0L, some.shape[0], stride)
        let levels = Tensors.ofVector [| 0.16; 0.5; 0.84 |]
        let quantiles = some.quantile (levels, 0L)
        let width = 0.5 * (quantiles[2] - quantiles[0])
        // If all values are equal, the function is constant and left out later.
        let spread = some.std (0L, false)
        let scale = torch.where (width.gt (1e-13 * quantiles[1].abs()), width, spread)
        let scale = torch.where (scale.gt (Tensors.num 0.0), scale, torch.ones_like scale)
        fun points -> ((points - quantiles[1]) / scale).clamp(Tensors.num -3.0, Tensors.num 3.0)

    /// The indices of the factors: coordinates, then products of two.
    let private factors (dimension: int) : int list[] =
        let count = min dimension mostCoordinates
        let places = Array.init count (fun i -> i * dimension / count)
        let linear = places |> Array.map List.singleton

        let quadratic =
            [|
                for i in 0 .. count - 1 do
                    for j in 0..i -> [ places[j]; places[i] ]
            |]

        Array.append linear quadratic |> Array.truncate mostFunctions

    let private functions (factors: int list[]) (coordinates: Tensor) : Tensor =
        let column (i: int) = coordinates.select (1L, int64 i)

        torch.stack (factors |> Array.map (List.map column >> List.reduce (fun a b -> a * b)), 1L)

    let private name (places: int list) : string =
        match places with
        | [ i; j ] when i = j -> $"x{i}²"
        | _ -> places |> List.map (fun i -> $"x{i}") |> String.concat "·"

    /// The critical value of the largest of this many |z| whose standard errors come from this many blocks.
    let private critical (blocks: int) (tests: int) : float =
        MathNet.Numerics.Distributions.StudentT.InvCDF(
            0.0,
            1.0,
            float (blocks - 1),
            1.0 - level / (2.0 * float (max 1 tests))
        )

    /// The mean of a statistic and its standard error: that of independent rows or that from blocks, whichever is larger.
    let private scored (sizes: Tensor) (sums: Tensor) (squares: Tensor) : struct (Tensor * Tensor) =
        let n = sizes.sum ()
        let mean = sums.sum (0L) / n
        let b = float sums.shape[0]
        let excess = sums - sizes.reshape (-1L, 1L, 1L) * mean
        let blocked = (excess.square().sum(0L) * (b / (b - 1.0))).sqrt() / n

        let independent =
            (squares / n - mean.square ()).clamp_min(Tensors.num 0.0).sqrt() / n.sqrt ()

        struct (mean, torch.maximum (blocked, independent))

    /// <summary>
    /// The verdict from sums over blocks of f_i(x) f_j(y) - f_i(εy) f_j(εx), (B, n+1, n+1) with the constant as function 0, the sums of its squares, and
    /// the sum of f_i(x) f_i(y) (n+1), for functions of unit variance.
    /// </summary>
    let private conclude
        (names: string[])
        (isDeterministic: bool)
        (hasParity: bool)
        (sizes: float[])
        (sums: Tensor)
        (squares: Tensor)
        (correlation: Tensor)
        : BalanceTest =
        let struct (difference, error) = scored (Tensors.ofVector sizes) sums squares
        let z = (difference / error.clamp_min (Tensors.num 1e-300)).abs()
        // Changes of the size of rounding errors are no evidence.
        let z = torch.where (difference.abs().gt(Tensors.num 1e-12), z, torch.zeros_like z)
        let decay = (1.0 - correlation / Array.sum sizes).clamp_min(Tensors.num 1e-12)
        let circulation = 0.5 * difference.abs () / (decay.unsqueeze (1L) * decay).sqrt()
        let n = names.Length

        let at (tensor: Tensor) : float[,] =
            let values = Tensors.toArray tensor
            Array2D.init (n + 1) (n + 1) (fun i j -> values[i * (n + 1) + j])

        let z, circulation, difference = at z, at circulation, at difference

        // The constant against f: does the mean of f move?
        let drift, drifting = Seq.max (seq { for j in 1..n -> max z[0, j] z[j, 0], j })

        let pairsOf =
            [|
                for i in 1..n do
                    for j in (if hasParity then 1 else i + 1) .. n -> i, j
            |]

        let stationary = critical sizes.Length n
        let allowed = critical sizes.Length pairsOf.Length

        let moves = max (abs difference[0, drifting]) (abs difference[drifting, 0])

        let isMoving =
            drift > stationary
            && moves > negligible * sqrt (decay[int64 drifting].ToDouble())

        // Of the pairs above the critical value the one with most circulation, else the one with the largest statistic.
        let beyond = pairsOf |> Array.filter (fun (i, j) -> z[i, j] > allowed)

        let i, j =
            match pairsOf, beyond with
            | [||], _ -> 0, 0
            | all, [||] -> all |> Array.maxBy (fun (i, j) -> z[i, j])
            | _, some -> some |> Array.maxBy (fun (i, j) -> circulation[i, j])

        let named (i: int) : string = if i = 0 then "none" else names[i - 1]

        {
            Statistic = (if i = 0 then 0.0 else z[i, j])
            Critical = allowed
            Circulation = (if i = 0 then 0.0 else circulation[i, j])
            Functions = $"{named i} and {named j}"
            Drift = drift
            Drifting = named drifting
            IsOutOfEquilibrium = isMoving
            IsDeterministic = isDeterministic
            IsViolated = isDeterministic || (beyond.Length > 0 && circulation[i, j] > negligible)
        }

    let private testWith (parity: float[] option) (pairs: SnapshotPairs) : BalanceTest =
        use _ = Tensors.scope ()
        let x, y = pairs.From.Points, pairs.To.Points
        let d = pairs.Dimension
        let scale = bounded x y
        let chosen = factors d

        let reversed (points: Tensor) : Tensor =
            match parity with
            | None -> points
            | Some signs -> points * Tensors.ofVector signs

        let parts = Blocks.ofPairs blocks pairs
        let evaluate (points: Tensor) : Tensor = functions chosen (scale points)
        let fx, fy = evaluate x, evaluate y

        // The mean and the deviation of each function over both ends.
        let struct (mean, spread) =
            let w = Blocks.weights pairs.From 0 pairs.Count / float pairs.Count
            let mean = 0.5 * ((fx + fy) * w).sum(0L)
            let variance = 0.5 * (((fx - mean).square() + (fy - mean).square()) * w).sum(0L)
            struct (mean, variance.sqrt ())

        let varies = spread.gt (Tensors.num 1e-9)
        let unit = torch.where (varies, spread, torch.ones_like spread)

        let standardised (values: Tensor) : Tensor =
            let one = torch.ones (values.shape[0], 1L, dtype = torch.float64)
            torch.cat ([| one; (values - mean) / unit * varies.to_type torch.float64 |], 1L)

        let fx, fy = standardised fx, standardised fy

        let gx, gy =
            match parity with
            | None -> fx, fy
            | Some _ -> standardised (evaluate (reversed x)), standardised (evaluate (reversed y))

        let width = int64 (chosen.Length + 1)

        let sums, sizes, squares =
            ResizeArray(), ResizeArray(), torch.zeros (width, width, dtype = torch.float64)

        let correlation = torch.zeros (width, dtype = torch.float64)

        for struct (start, length) in parts do
            use inner = Tensors.scope ()
            let w = Blocks.weights pairs.From start length

            let at (values: Tensor) = Tensors.rows start length values
            let fx, fy, gx, gy = at fx, at fy, at gx, at gy

            // Row by row f_i(x) f_j(y) - f_i(εy) f_j(εx), its sum and the sum of its squares.
            inner.MoveToOuter((fx * w).t().times fy - (gy * w).t().times gx) |> sums.Add
            let w2 = w.square ()

            squares.add_ (
                (fx.square () * w2).t().times(fy.square ())
                + (gy.square () * w2).t().times(gx.square ())
                - 2.0 * (fx * gy * w2).t().times(fy * gx)
            )
            |> ignore

            correlation.add_ ((fx * fy * w).sum 0L) |> ignore
            sizes.Add(float length)

        conclude
            (Array.map name chosen)
            (Noise.level Noise.Automatic pairs).IsSmooth
            parity.IsSome
            (sizes.ToArray())
            (torch.stack sums)
            squares
            correlation

    /// <summary>
    /// The test on pairs. Coordinates that change sign under time reversal, as velocities do, are those with odd parity in the pairs; then
    /// ⟨f(x) g(y)⟩ is compared with ⟨g(εx) f(εy)⟩. The standard error is that of independent pairs or that of 20 blocks, whichever is larger.
    /// </summary>
    /// <param name="pairs">The pairs, in time order if from a trajectory.</param>
    let test (pairs: SnapshotPairs) : BalanceTest = testWith pairs.Parity pairs

    /// The test of what estimators need that count pairs in both directions of time: that the propagator itself is self-adjoint, whatever the parity
    /// of the coordinates. A process that is reversible only after a change of sign of its velocities has K* = εKε, and its eigenvalues are complex.
    let internal ofPropagator (pairs: SnapshotPairs) : BalanceTest = testWith None pairs

    /// <summary>
    /// The test from moments of blocks of pairs, on functions (ψ - m)ᵀV of unit variance, V (N, k), named f1, f2, ...: standard errors
    /// from the blocks alone.
    /// </summary>
    let internal ofMoments (mean: Tensor) (vectors: Tensor) (blocks: Moments[]) : BalanceTest =
        use _ = Tensors.scope ()
        let k = vectors.shape[1]

        let covariance (m: Moments) : Tensor =
            let first, second = m.Sum0 - m.Weight * mean, m.Sum1 - m.Weight * mean

            let centred =
                m.C01 - mean.outer m.Sum1 - m.Sum0.outer mean + m.Weight * mean.outer mean

            let inner = vectors.t().times(centred).times vectors
            let row = (vectors.t().mv second).unsqueeze 0L
            let column = (vectors.t().mv first).unsqueeze 1L
            let corner = torch.full ([| 1L; 1L |], Tensors.num m.Weight, dtype = torch.float64)
            torch.cat ([| torch.cat ([| corner; row |], 1L); torch.cat ([| column; inner |], 1L) |], 0L)

        let all = blocks |> Array.map covariance

        conclude
            (Array.init (int k) (fun i -> $"f{i + 1}"))
            false
            false
            (blocks |> Array.map _.Weight)
            (torch.stack (all |> Array.map (fun c -> c - c.t ())))
            (torch.zeros (k + 1L, k + 1L, dtype = torch.float64))
            ((torch.stack all).sum(0L).diagonal())
