namespace Koopman

open System
open System.Numerics

/// The relation between states and successors, which determines how residuals and small eigenvalues are judged.
[<NoComparison; NoEquality>]
type internal Successors =
    /// Unknown.
    | Untested
    /// Successors are random: the matrix has this many directions and was estimated from this many independent pairs (infinite for quadrature nodes
    /// and generators).
    | Stochastic of directions: int * pairs: float
    /// Successors are functions of the states. Residuals have a tolerance. The sensitivity of a mode is its residual per unit of noise in the states,
    /// √(⟨|∇φ(y)|²⟩ + |λ|²⟨|∇φ(x)|²⟩)/‖φ‖, 0 if the mode is constant or has no gradient. The noise is an upper bound found from the data, infinite
    /// if it was not estimated; both are in units of the size of each coordinate.
    | Deterministic of tolerance: float * sensitivity: float[] * noise: float

/// The decay of a mode over a later lag of the trajectories, which should equal that over the first.
[<NoComparison>]
type internal Memory =
    {
        /// The number of lags after the first.
        Lags: int
        /// The exponent over that lag.
        Later: Complex
        /// Its distance from the exponent of the mode, in standard errors.
        Statistic: float
    }

/// <summary>
/// The evidence that an estimator has about its modes besides their numbers, and the only place that turns it into warnings. No rule certifies
/// a mode; each detects one kind of error. The thresholds were chosen on systems with known solutions.
/// </summary>
[<NoComparison; NoEquality>]
type internal Evidence =
    {
        Successors: Successors
        /// True if the operator is assumed to be self-adjoint.
        IsSelfAdjoint: bool
        /// The exponents of the same fit on a smaller dictionary nested in this one, by increasing rate.
        Coarser: Complex[] option
        /// The rates in the span of the leading modes and of the coordinates, clipped at outliers, ascending; empty if not computed.
        Richer: float[]
        /// The test on the pairs of the detailed balance that the estimator assumes.
        Balance: BalanceTest option
        /// The later decay of each mode; empty if not tested.
        Memory: Memory option[]
        /// For each mode, true if its function is constant on the data; empty if not tested.
        Constants: bool[]
        /// The average number of times each pair occurs in the data.
        Copies: float
        /// Warnings specific to this estimator.
        Own: Mode -> Warning list
    }

/// The rules, and <c>judge</c>, which applies them all.
[<RequireQualifiedAccess>]
module internal Evidence =

    /// The tolerance for residuals of deterministic data, where no setting gives one.
    let tolerance: float = 1e-6

    /// The 97.5 % point of the normal distribution: the half width of a 95 % interval in standard errors.
    let normal: float = 1.96

    /// The kinds of warnings that depend only on pairs and the numbers of a mode.
    let ofPairs: Set<WarningKind> =
        Set.ofList
            [
                WarningKind.NearDegenerate
                WarningKind.BelowNoise
                WarningKind.Imprecise
                WarningKind.LargeResidual
                WarningKind.NoiseFloor
                WarningKind.NotLinear
            ]

    /// No evidence.
    let none: Evidence =
        {
            Successors = Untested
            IsSelfAdjoint = false
            Coarser = None
            Richer = [||]
            Balance = None
            Memory = [||]
            Constants = [||]
            Copies = 1.0
            Own = fun _ -> []
        }

    let private add (kind: WarningKind) (message: string) (mode: Mode) : Mode =
        { mode with
            Warnings = Array.append mode.Warnings [| { Kind = kind; Message = message } |]
        }

    let private exponent (mode: Mode) : Complex = Complex(-mode.Rate, mode.Frequency)

    /// Modes whose function is constant, and those whose |μ| is below a billionth of the largest.
    let private constant (known: bool[]) (modes: Mode[]) : Mode[] =
        let largest =
            modes
            |> Array.map (exponent >> Complex.Abs)
            |> Array.filter Double.IsFinite
            |> Array.append [| 0.0 |]
            |> Array.max

        modes
        |> Array.mapi (fun i mode ->
            { mode with
                IsConstant = (i < known.Length && known[i]) || Complex.Abs(exponent mode) <= 1e-9 * largest
            })

    /// Duplicate rows carry no new information and were merged into weights.
    let private repeated (copies: float) (modes: Mode[]) : Mode[] =
        if copies < 1.05 then
            modes
        else
            modes
            |> Array.map (
                add
                    WarningKind.Repeated
                    $"each row occurs {copies:G3} times on average; duplicates carry no information and were merged into weights"
            )

    /// <summary>The 95 % interval is wider than half of |μ|.</summary>
    let private imprecise (modes: Mode[]) : Mode[] =
        modes
        |> Array.map (fun mode ->
            let half = max (0.5 * (mode.Upper - mode.Lower)) (normal * mode.FrequencyError)
            let size = Complex.Abs(exponent mode)

            if mode.IsConstant || mode.Has WarningKind.BelowNoise then
                mode
            elif Double.IsNaN mode.StandardError && Double.IsNaN mode.Residual then
                add
                    WarningKind.Imprecise
                    "no error bar: with a block of the data left out, the rest does not determine these modes; give more snapshots, or lower the rank"
                    mode
            elif half > 0.25 * size then
                let what =
                    if mode.Frequency = 0.0 then
                        $"the rate {size:G4}"
                    else
                        $"|μ| = {size:G4}, rate and frequency together"

                add
                    WarningKind.Imprecise
                    (if normal * mode.FrequencyError > 0.5 * (mode.Upper - mode.Lower) then
                         $"the frequency is known to ±{normal * mode.FrequencyError:G3} at 95 %%, more than a quarter of {what}"
                     else
                         $"the 95 %% interval [{mode.Lower:G4}, {mode.Upper:G4}] is wider than half of {what}")
                    mode
            else
                mode)

    /// <summary>
    /// The mode has not converged in the dictionary if the nearest exponent μ on the nested dictionary is more than 15 % away.
    /// </summary>
    let private unconverged (nested: Complex[]) (modes: Mode[]) : Mode[] =
        modes
        |> Array.map (fun mode ->
            let mu = exponent mode
            let size = Complex.Abs mu

            let nearest =
                nested
                |> Array.map (fun other -> Complex.Abs(other - mu))
                |> Array.filter Double.IsFinite

            if mode.IsConstant || not (Double.IsFinite size) then
                mode
            elif nearest.Length = 0 || Array.min nearest > 0.15 * size then
                let found =
                    if nearest.Length = 0 then
                        "has no rate to compare with"
                    else
                        $"has its nearest rate {100.0 * Array.min nearest / size:F0} %% away from"

                add
                    WarningKind.NotConverged
                    $"not converged in the dictionary: the smaller one nested in it {found} {size:G4}"
                    mode
            else
                mode)

    /// The one-sided error bar of truncation: rates of a self-adjoint operator decrease towards the true ones as the dictionary grows. The interval is
    /// extended downwards by the decrease from the smaller dictionary, matched rank by rank.
    let private extend (coarser: Complex[]) (modes: Mode[]) : Mode[] =
        modes
        |> Array.mapi (fun i mode ->
            if i < coarser.Length then
                { mode with
                    Lower = max 0.0 (mode.Lower - max 0.0 (-coarser[i].Real - mode.Rate))
                }
            else
                mode)

    /// <summary>
    /// Rates of a self-adjoint operator fall as functions are added. If the coordinates themselves lower one by more than 15 %, the dictionary does not carry the
    /// mode, as Gaussians do not in tails that have too few samples for a centre. The interval is extended by the fall.
    /// </summary>
    let private improvable (richer: float[]) (modes: Mode[]) : Mode[] =
        modes
        |> Array.mapi (fun i mode ->
            if i >= richer.Length || mode.IsConstant then
                mode
            else
                let fall = mode.Rate - richer[i]

                let extended =
                    { mode with
                        Lower = max 0.0 (mode.Lower - max 0.0 fall)
                    }

                if fall > 0.15 * mode.Rate then
                    add
                        WarningKind.NotConverged
                        $"not converged in the dictionary: with the coordinates themselves among its functions the rate falls from {mode.Rate:G4} to {richer[i]:G4}"
                        extended
                else
                    extended)

    /// The constant does not decay. If it does by more than its error, the functions do not contain it, as kernels in many dimensions, and other rates are too high
    /// by about as much.
    let private leaking (modes: Mode[]) : Mode[] =
        let leak =
            modes
            |> Array.filter (fun mode -> mode.IsConstant && mode.Lower > 0.0 && Double.IsFinite mode.Rate)
            |> Array.map _.Rate
            |> Array.append [| 0.0 |]
            |> Array.max

        modes
        |> Array.map (fun mode ->
            if leak = 0.0 || mode.IsConstant then
                mode
            else
                let extended = { mode with Lower = mode.Lower - leak }

                if leak > 0.15 * Complex.Abs(exponent mode) then
                    add
                        WarningKind.NotConverged
                        $"not converged in the dictionary: the constant, which does not decay, decays in it at rate {leak:G3}"
                        extended
                else
                    extended)

    /// <summary>
    /// λ within 1.25 of the edge of the spectrum of pure noise, for r directions and n pairs: √(2r/n) for a symmetric matrix, √(r/n)
    /// for a general one (the semicircle and the circular law).
    /// </summary>
    let private belowNoise (symmetric: bool) (rank: int) (pairs: float) (modes: Mode[]) : Mode[] =
        let edge = 1.25 * sqrt ((if symmetric then 2.0 else 1.0) * float rank / pairs)

        modes
        |> Array.map (fun mode ->
            let size = Complex.Abs mode.Eigenvalue

            if size < edge && not mode.IsConstant then
                // Only a lower bound of the rate is known.
                let least = mode.Rate * log (min edge 1.0) / log size

                { mode with
                    Lower = min mode.Lower least
                    Upper = infinity
                }
                |> add
                    WarningKind.BelowNoise
                    $"|λ| = {size:G3} is below {edge:G3}, the level of pure noise for {rank} directions estimated from {pairs:G6} pairs: at this lag the mode has decayed"
            else
                mode)

    /// <summary>Negative eigenvalues of a self-adjoint propagator that are not noise: there is no rate.</summary>
    let private alternating (modes: Mode[]) : Mode[] =
        modes
        |> Array.map (fun mode ->
            let isNoise =
                mode.Warnings
                |> Array.exists (fun warning -> warning.Kind = WarningKind.BelowNoise)

            if Double.IsPositiveInfinity mode.Rate && mode.Eigenvalue.Real < 0.0 && not isNoise then
                add
                    WarningKind.Imprecise
                    $"the eigenvalue {mode.Eigenvalue.Real:G3} is negative: the process alternates from one lag to the next, and the mode has no rate; a Langevin process does not alternate, so use a shorter lag, or pairs two lags apart"
                    mode
            else
                mode)

    /// <summary>A mode that grows by more than its error, although the process is stationary.</summary>
    let private growing (modes: Mode[]) : Mode[] =
        modes
        |> Array.map (fun mode ->
            if mode.Upper < 0.0 && not mode.IsConstant then
                add
                    WarningKind.Impossible
                    $"grows at rate {-mode.Rate:G4} ± {mode.StandardError:G2}, which is impossible for a stationary process"
                    mode
            else
                mode)

    /// <summary>
    /// Deterministic data: a residual above the tolerance means a wrong mode, unless noise in the states could make it as large. Noise of
    /// size σ gives a residual of σ times the sensitivity √(⟨|∇φ(y)|²⟩ + |λ|²⟨|∇φ(x)|²⟩) of the mode (0 for a mode that is constant);
    /// the smallest ratio of the two over all modes bounds σ, and so does the noise estimated from the data.
    /// </summary>
    let private residual (tolerance: float) (sensitivity: float[]) (noise: float) (modes: Mode[]) : Mode[] =
        let quotients =
            Array.map2
                (fun (mode: Mode) s ->
                    if s > 0.0 && not mode.IsConstant then
                        mode.Residual / s
                    else
                        infinity)
                modes
                sensitivity

        let sigma = Array.append [| noise |] quotients |> Array.min

        Array.map2
            (fun (mode: Mode) s ->
                let floor = if s > 0.0 then sigma * s else 0.0

                if not (mode.Residual > tolerance) then
                    mode
                elif mode.Residual > 1.5 * floor then
                    add
                        WarningKind.LargeResidual
                        $"residual {mode.Residual:G3} above the tolerance {tolerance:G3}: the function does not evolve as e^(μt) on these data. The dictionary is not closed under the dynamics: try delays, a constant or other functions"
                        mode
                else
                    add
                        WarningKind.NoiseFloor
                        $"residual {mode.Residual:G3} above the tolerance {tolerance:G3}, but no larger than noise of {sigma:G2} of their size in the states would cause, and no mode is clearly better: the residual cannot separate true modes from spurious ones"
                        mode)
            modes
            sensitivity

    /// True if two modes are closer than 3 joint standard errors.
    let private isNear (a: Mode) (b: Mode) : bool =
        let distance = Complex.Abs(Complex(a.Rate - b.Rate, a.Frequency - b.Frequency))

        distance <
            3.0
            * sqrt (a.StandardError * a.StandardError + b.StandardError * b.StandardError)

    /// The indices of groups of neighbouring modes, each closer than 3 joint standard errors to the next.
    let chains (modes: Mode[]) : int[][] =
        let first =
            [| 0 .. modes.Length - 1 |]
            |> Array.filter (fun i -> i = 0 || not (isNear modes[i - 1] modes[i]))

        Array.append first [| modes.Length |]
        |> Array.pairwise
        |> Array.map (fun (start, next) -> [| start .. next - 1 |])
        |> Array.filter (fun chain -> chain.Length > 1)

    let private areConjugate (a: Mode) (b: Mode) : bool =
        a.Frequency <> 0.0 && a.Eigenvalue = Complex.Conjugate b.Eigenvalue

    /// A neighbour closer than 3 joint standard errors. A conjugate pair counts as one mode.
    let private nearDegenerate (modes: Mode[]) : Mode[] =
        modes
        |> Array.mapi (fun i mode ->
            [ i - 1; i + 1 ]
            |> List.filter (fun j ->
                j >= 0
                && j < modes.Length
                && not (areConjugate modes[j] mode || mode.IsConstant || modes[j].IsConstant))
            |> List.tryFind (fun j -> isNear modes[j] mode)
            |> function
                | None -> mode
                | Some j ->
                    add
                        WarningKind.NearDegenerate
                        $"closer than 3 standard errors to mode {modes[j].Index} (rates {mode.Rate:G4} and {modes[j].Rate:G4}): sampling error pushes the two apart, and only their mean is well determined"
                        mode)

    /// A later decay that differs from that of the first lag by more than 4 standard errors and 10 %, and lies outside the interval. The rate of an oscillation
    /// is judged by itself: noise in the states damps it, however fast it turns.
    let private remembers (memories: Memory option[]) (modes: Mode[]) : Mode[] =
        let differs (memory: Memory) (mode: Mode) : bool =
            let outside = -memory.Later.Real < mode.Lower || -memory.Later.Real > mode.Upper

            let far =
                Complex.Abs(memory.Later - exponent mode) > 0.1 * Complex.Abs(exponent mode)

            let decays = abs (-memory.Later.Real - mode.Rate) > 0.1 * abs mode.Rate

            memory.Statistic > 4.0
            && ((outside && decays) || (far && mode.Frequency <> 0.0))

        let rule (memory: Memory option) (mode: Mode) : Mode =
            match memory with
            | Some memory when differs memory mode ->
                let later = Mode.Bare(InfinitesimalGenerator, mode.Index, memory.Later, nan)

                let figure =
                    if mode.Frequency = 0.0 then
                        $"the rate is {later.Rate:G4}, not {mode.Rate:G4}"
                    else
                        $"rate and frequency are {later.Rate:G4} and {later.Frequency:G4}, not {mode.Rate:G4} and {mode.Frequency:G4}"

                add
                    WarningKind.NotLinear
                    $"fails the Chapman-Kolmogorov test: {memory.Lags} lag(s) later {figure} ({memory.Statistic:F1} standard errors apart). The dictionary does not capture the dynamics, there are hidden variables, or the states contain measurement noise: try other functions, a longer lag, or delays"
                    mode
            | _ -> mode

        if memories.Length = modes.Length then
            Array.map2 rule memories modes
        else
            modes

    /// Pairs that are unsuitable for a reversible estimator.
    let private unbalanced (test: BalanceTest) (modes: Mode[]) : Mode[] =
        let all kind message = Array.map (add kind message) modes

        if test.IsOutOfEquilibrium then
            all
                WarningKind.MeasureNotInvariant
                $"{test}; counted in both directions of time they do not give the rates of the process: reweight the pairs to equilibrium, or use an estimator that does not need equilibrium (general EDMD)"
        elif test.IsViolated then
            all
                WarningKind.NotReversible
                $"{test}; use the general estimator (general EDMD) for the rates and frequencies of such a process"
        else
            modes

    /// <summary>
    /// Completes the modes of an estimator, given with numbers but no warnings: extends the interval by the change from a smaller dictionary, and adds
    /// every warning for which there is evidence. All estimators call it last.
    /// </summary>
    let judge (evidence: Evidence) (modes: Mode[]) : Mode[] =
        let known (rule: 'T -> Mode[] -> Mode[]) (value: 'T option) : Mode[] -> Mode[] =
            value |> Option.map rule |> Option.defaultValue id

        let modes = modes |> constant evidence.Constants |> repeated evidence.Copies

        // The interval of a self-adjoint operator is first extended by the truncation error.
        let extended =
            if evidence.IsSelfAdjoint then
                known extend evidence.Coarser modes |> improvable evidence.Richer
            else
                modes

        match evidence.Successors with
        | Untested when extended |> Array.forall (fun mode -> Double.IsNaN mode.StandardError) -> extended
        | Untested -> extended |> imprecise |> nearDegenerate
        | Stochastic(directions, pairs) ->
            extended
            |> leaking
            |> belowNoise evidence.IsSelfAdjoint directions pairs
            |> alternating
            |> imprecise
            |> growing
            |> nearDegenerate
        // Near-degenerate modes are unreliable because of sampling error; deterministic data have none.
        | Deterministic(tolerance, sensitivity, noise) -> extended |> residual tolerance sensitivity noise |> imprecise
        |> known unconverged evidence.Coarser
        |> known unbalanced evidence.Balance
        |> remembers evidence.Memory
        |> Array.map (fun mode ->
            { mode with
                Warnings = Array.append mode.Warnings (Array.ofList (evidence.Own mode))
            })
