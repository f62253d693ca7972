namespace Koopman

open System
open System.Numerics

/// How successors follow states, which decides what a residual and a small eigenvalue mean.
[<NoComparison; NoEquality>]
type internal Successors =
    /// Neither is known.
    | Untested
    /// Drawn at random: the matrix in so many directions was estimated from so many independent pairs (infinitely many for nodes and generators).
    | Stochastic of directions: int * pairs: float
    /// Functions of the states: residuals have a tolerance; noise of size 1 in the states gives a mode a residual of its sensitivity,
    /// √(⟨|∇φ(y)|²⟩ + |λ|²⟨|∇φ(x)|²⟩)/‖φ‖, 0 for a mode that is constant or has none; and the data admit noise up to a size, infinite if not looked at.
    | Deterministic of tolerance: float * sensitivity: float[] * noise: float

/// How a mode falls over a later lag of its trajectories, which should be as over the first.
[<NoComparison>]
type internal Memory =
    {
        /// How many lags later.
        Lags: int
        /// The exponent over that lag.
        Later: Complex
        /// Its distance from the exponent of the mode, in standard errors.
        Statistic: float
    }

/// <summary>
/// What an estimator knows of its modes beside their numbers, and the one place that turns it into warnings. None of the rules certifies a
/// mode; each catches one way of being wrong, and the thresholds were chosen on systems with known answers.
/// </summary>
[<NoComparison; NoEquality>]
type internal Evidence =
    {
        Successors: Successors
        /// The operator is taken as self-adjoint.
        IsSelfAdjoint: bool
        /// The exponents of the same fit on a smaller dictionary inside this one, by rising rate.
        Coarser: Complex[] option
        /// What pairs say of the detailed balance that the estimator takes for granted.
        Balance: BalanceTest option
        /// Of each mode, or none, how it falls later.
        Memory: Memory option[]
        /// Of each mode whether its function is constant on the data; or none, if that was not looked at.
        Constants: bool[]
        /// How often the data hold each pair, in the mean.
        Copies: float
        /// Reasons that only this estimator knows.
        Own: Mode -> Warning list
    }

/// The rules, and <c>judge</c>, which applies them all.
[<RequireQualifiedAccess>]
module internal Evidence =

    /// The residual up to which a mode of determined data passes, where there is no setting for it.
    let tolerance: float = 1e-6

    /// The 97.5 % point of the normal law: the half width of a 95 % interval in standard errors.
    let normal: float = 1.96

    /// The kinds of warnings that pairs and the numbers of a mode alone decide.
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

    /// Nothing known.
    let none: Evidence =
        {
            Successors = Untested
            IsSelfAdjoint = false
            Coarser = None
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

    /// Copies of the data say nothing new, and were counted as weights.
    let private repeated (copies: float) (modes: Mode[]) : Mode[] =
        if copies < 1.05 then
            modes
        else
            modes
            |> Array.map (
                add
                    WarningKind.Repeated
                    $"the data hold each row {copies:G3} times in the mean; copies add nothing, and were counted as weights of one"
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
                    "no error bar: without a part of them the data do not determine these modes; give more snapshots, or lower the rank"
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
    /// Nothing like the mode among the exponents μ on the nested dictionary: it has not converged in the dictionary if the nearest
    /// is more than 15 % away.
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
                        "no rate at all"
                    else
                        $"no rate nearer than {100.0 * Array.min nearest / size:F0} %%"

                add
                    WarningKind.NotConverged
                    $"not converged in the dictionary: the smaller one inside it has {found} to {size:G4}"
                    mode
            else
                mode)

    /// The one-sided bar of truncation: rates of a self-adjoint operator fall towards the truth as the dictionary grows, and what they fell by
    /// from the smaller dictionary, rank by rank, is allowed for once more below the interval.
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
    /// λ within 1.25 of the edge of the spectrum of pure noise, for r directions and n pairs: √(2r/n) for a symmetric matrix, √(r/n)
    /// for a general one (the semicircle and the circular law).
    /// </summary>
    let private belowNoise (symmetric: bool) (rank: int) (pairs: float) (modes: Mode[]) : Mode[] =
        let edge = 1.25 * sqrt ((if symmetric then 2.0 else 1.0) * float rank / pairs)

        modes
        |> Array.map (fun mode ->
            let size = Complex.Abs mode.Eigenvalue

            if size < edge && not mode.IsConstant then
                // All that is known: it falls at least this fast.
                let least = mode.Rate * log edge / log size

                { mode with
                    Lower = min mode.Lower least
                    Upper = infinity
                }
                |> add
                    WarningKind.BelowNoise
                    $"|λ| = {size:G3} lies below {edge:G3}, within what {rank} directions estimated from {pairs:G6} pairs show of pure noise: at this lag the mode has decayed"
            else
                mode)

    /// <summary>A mode that grows, beyond its error, where the process cannot.</summary>
    let private growing (modes: Mode[]) : Mode[] =
        modes
        |> Array.map (fun mode ->
            if mode.Upper < 0.0 && not mode.IsConstant then
                add
                    WarningKind.Impossible
                    $"grows at rate {-mode.Rate:G4} ± {mode.StandardError:G2}, which the mean of no function of a stationary process can"
                    mode
            else
                mode)

    /// <summary>
    /// Deterministic data: a residual over the tolerance is a wrong mode, unless noise in the states would make it as large. Noise of
    /// size σ gives a residual of σ times the sensitivity √(⟨|∇φ(y)|²⟩ + |λ|²⟨|∇φ(x)|²⟩) of the mode (0 for a mode that is constant);
    /// the smallest quotient of the two over all modes bounds σ, and so does the noise that was found in the data.
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
                        $"residual {mode.Residual:G3} over the tolerance {tolerance:G3}: the function does not evolve as e^(μt) on these data. These functions are not closed: try delays, a constant or other functions"
                        mode
                else
                    add
                        WarningKind.NoiseFloor
                        $"residual {mode.Residual:G3} over the tolerance {tolerance:G3}, but no larger than states known to ±{sigma:G2} would give it, and no mode is clearly better: it cannot tell true from spurious"
                        mode)
            modes
            sensitivity

    /// True if two modes are closer than 3 joint standard errors.
    let private isNear (a: Mode) (b: Mode) : bool =
        let distance = Complex.Abs(Complex(a.Rate - b.Rate, a.Frequency - b.Frequency))

        distance <
            3.0
            * sqrt (a.StandardError * a.StandardError + b.StandardError * b.StandardError)

    /// The places of neighbouring modes that hang together, each nearer than 3 joint standard errors to the next.
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

    /// A neighbour closer than 3 joint standard errors. A conjugate pair is one mode seen twice.
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
                        $"closer than 3 errors to mode {modes[j].Index} (rates {mode.Rate:G4} and {modes[j].Rate:G4}): the two repel, and only their mean is well determined"
                        mode)

    /// A later fall beyond 4 errors and 10 % from that of the first lag, and outside the interval.
    let private remembers (memories: Memory option[]) (modes: Mode[]) : Mode[] =
        let rule (memory: Memory option) (mode: Mode) : Mode =
            match memory with
            | Some memory when
                memory.Statistic > 4.0
                && Complex.Abs(memory.Later - exponent mode) > 0.1 * Complex.Abs(exponent mode)
                && (-memory.Later.Real < mode.Lower
                    || -memory.Later.Real > mode.Upper
                    || mode.Frequency <> 0.0)
                ->
                let later = Mode.Bare(InfinitesimalGenerator, mode.Index, memory.Later, nan)

                let figure =
                    if mode.Frequency = 0.0 then
                        $"the rate is {later.Rate:G4} and not {mode.Rate:G4}"
                    else
                        $"rate and frequency are {later.Rate:G4} and {later.Frequency:G4}, not {mode.Rate:G4} and {mode.Frequency:G4}"

                add
                    WarningKind.NotLinear
                    $"fails the check of Chapman and Kolmogorov: {memory.Lags} lag(s) later {figure} ({memory.Statistic:F1} errors apart). The dictionary does not carry the motion, the states are not all there is, or they were measured with noise: try other functions, a longer lag, or delays"
                    mode
            | _ -> mode

        if memories.Length = modes.Length then
            Array.map2 rule memories modes
        else
            modes

    /// Pairs that a reversible estimator should not have been given.
    let private unbalanced (test: BalanceTest) (modes: Mode[]) : Mode[] =
        let all kind message = Array.map (add kind message) modes

        if test.IsOutOfEquilibrium then
            all
                WarningKind.MeasureNotInvariant
                $"{test}; counted both ways they give no rate of the process: reweight the pairs to equilibrium, or use an estimator that does not need it (general EDMD)"
        elif test.IsViolated then
            all
                WarningKind.NotReversible
                $"{test}; the rates of such a process, and its frequencies, are those of the general estimator (general EDMD)"
        else
            modes

    /// <summary>
    /// The modes of an estimator, with numbers but no warnings, as they are to be published: the interval extended by what a smaller dictionary
    /// changes, and every warning for which there is evidence. All estimators end here.
    /// </summary>
    let judge (evidence: Evidence) (modes: Mode[]) : Mode[] =
        let known (rule: 'T -> Mode[] -> Mode[]) (value: 'T option) : Mode[] -> Mode[] =
            value |> Option.map rule |> Option.defaultValue id

        let modes = modes |> constant evidence.Constants |> repeated evidence.Copies

        // A self-adjoint interval first has to reach as far as truncation does.
        let extended =
            if evidence.IsSelfAdjoint then
                known extend evidence.Coarser modes
            else
                modes

        match evidence.Successors with
        | Untested when extended |> Array.forall (fun mode -> Double.IsNaN mode.StandardError) -> extended
        | Untested -> extended |> imprecise |> nearDegenerate
        | Stochastic(directions, pairs) ->
            extended
            |> belowNoise evidence.IsSelfAdjoint directions pairs
            |> imprecise
            |> growing
            |> nearDegenerate
        // Levels repel because they are estimated from draws; here there are none, and a spurious neighbour spoils nobody.
        | Deterministic(tolerance, sensitivity, noise) -> extended |> residual tolerance sensitivity noise |> imprecise
        |> known unconverged evidence.Coarser
        |> known unbalanced evidence.Balance
        |> remembers evidence.Memory
        |> Array.map (fun mode ->
            { mode with
                Warnings = Array.append mode.Warnings (Array.ofList (evidence.Own mode))
            })
