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
    /// √(⟨|∇φ(y)|²⟩ + |λ|²⟨|∇φ(x)|²⟩)/‖φ‖, 0 for a mode that is constant or has none.
    | Deterministic of tolerance: float * sensitivity: float[]

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
        /// Reasons that only this estimator knows.
        Own: Mode -> Warning list
    }

/// The rules, and <c>judge</c>, which applies them all.
[<RequireQualifiedAccess>]
module internal Evidence =

    /// The residual up to which a mode of determined data passes, where there is no setting for it.
    let tolerance: float = 1e-6

    /// The kinds of warnings that pairs and the numbers of a mode alone decide.
    let ofPairs: Set<WarningKind> =
        Set.ofList
            [
                WarningKind.NearDegenerate
                WarningKind.BelowNoise
                WarningKind.Imprecise
                WarningKind.LargeResidual
                WarningKind.NoiseFloor
            ]

    /// Nothing known.
    let none: Evidence =
        {
            Successors = Untested
            IsSelfAdjoint = false
            Coarser = None
            Own = fun _ -> []
        }

    let private add (kind: WarningKind) (message: string) (mode: Mode) : Mode =
        { mode with
            Warnings = Array.append mode.Warnings [| { Kind = kind; Message = message } |]
        }

    let private exponent (mode: Mode) : Complex = Complex(-mode.Rate, mode.Frequency)

    /// The size of μ; what is below a billionth of the largest counts as the constant mode.
    let private isConstant (modes: Mode[]) (mode: Mode) : bool =
        let largest =
            modes
            |> Array.map (exponent >> Complex.Abs)
            |> Array.filter Double.IsFinite
            |> Array.append [| 0.0 |]
            |> Array.max

        Complex.Abs(exponent mode) <= 1e-9 * largest

    /// <summary>The 95 % interval is wider than half of |μ|.</summary>
    let private imprecise (modes: Mode[]) : Mode[] =
        modes
        |> Array.map (fun mode ->
            let half = 0.5 * (mode.Upper - mode.Lower)
            let size = Complex.Abs(exponent mode)

            if not (isConstant modes mode) && half > 0.25 * size then
                let what =
                    if mode.Frequency = 0.0 then
                        $"the rate {size:G4}"
                    else
                        $"|μ| = {size:G4}, rate and frequency together"

                add
                    WarningKind.Imprecise
                    $"the 95 %% interval [{mode.Lower:G4}, {mode.Upper:G4}] is wider than half of {what}"
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

            if isConstant modes mode || not (Double.IsFinite size) then
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

            if size < edge then
                add
                    WarningKind.BelowNoise
                    $"|λ| = {size:G3} lies below {edge:G3}, within what {rank} directions estimated from {pairs:G6} pairs show of pure noise: at this lag the mode has decayed"
                    mode
            else
                mode)

    /// <summary>A mode that grows, beyond its error, where the process cannot.</summary>
    let private growing (modes: Mode[]) : Mode[] =
        modes
        |> Array.map (fun mode ->
            if mode.Upper < 0.0 && not (isConstant modes mode) then
                add
                    WarningKind.Impossible
                    $"grows at rate {-mode.Rate:G4} ± {mode.StandardError:G2}, which the mean of no function of a stationary process can"
                    mode
            else
                mode)

    /// <summary>
    /// Deterministic data: a residual over the tolerance is a wrong mode, unless noise in the states would make it as large. Noise of
    /// size σ gives a residual of σ times the sensitivity √(⟨|∇φ(y)|²⟩ + |λ|²⟨|∇φ(x)|²⟩) of the mode (0 for a mode that is constant);
    /// the smallest quotient of the two over all modes bounds σ.
    /// </summary>
    let private residual (tolerance: float) (sensitivity: float[]) (modes: Mode[]) : Mode[] =
        let quotients =
            Array.map2 (fun (mode: Mode) s -> if s > 0.0 then mode.Residual / s else infinity) modes sensitivity

        let sigma = Array.append [| infinity |] quotients |> Array.min

        Array.map2
            (fun (mode: Mode) s ->
                let floor = if s > 0.0 then sigma * s else 0.0

                if not (mode.Residual > tolerance) then
                    mode
                elif mode.Residual > 1.5 * floor then
                    add
                        WarningKind.LargeResidual
                        $"residual {mode.Residual:G3} over the tolerance {tolerance:G3}: the function does not evolve as e^(μt) on these data"
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
            |> List.filter (fun j -> j >= 0 && j < modes.Length && not (areConjugate modes[j] mode))
            |> List.tryFind (fun j -> isNear modes[j] mode)
            |> function
                | None -> mode
                | Some j ->
                    add
                        WarningKind.NearDegenerate
                        $"closer than 3 errors to mode {modes[j].Index} (rates {mode.Rate:G4} and {modes[j].Rate:G4}): the two repel, and only their mean is well determined"
                        mode)

    /// <summary>
    /// The modes of an estimator, with numbers but no warnings, as they are to be published: the interval extended by what a smaller dictionary
    /// changes, and every warning for which there is evidence. All estimators end here.
    /// </summary>
    let judge (evidence: Evidence) (modes: Mode[]) : Mode[] =
        let known (rule: 'T -> Mode[] -> Mode[]) (value: 'T option) : Mode[] -> Mode[] =
            value |> Option.map rule |> Option.defaultValue id

        // A self-adjoint interval first has to reach as far as truncation does.
        let extended =
            if evidence.IsSelfAdjoint then
                known extend evidence.Coarser modes
            else
                modes

        match evidence.Successors with
        | Untested -> extended |> imprecise |> nearDegenerate
        | Stochastic(directions, pairs) ->
            extended
            |> belowNoise evidence.IsSelfAdjoint directions pairs
            |> imprecise
            |> growing
            |> nearDegenerate
        // Levels repel because they are estimated from draws; here there are none, and a spurious neighbour spoils nobody.
        | Deterministic(tolerance, sensitivity) -> extended |> residual tolerance sensitivity |> imprecise
        |> known unconverged evidence.Coarser
        |> Array.map (fun mode ->
            { mode with
                Warnings = Array.append mode.Warnings (Array.ofList (evidence.Own mode))
            })
