namespace Koopman

open System
open System.Numerics

/// <summary>
/// The reasons not to take a mode at face value. None of the rules certifies a mode; each catches one way of being wrong, and the
/// thresholds were chosen on systems with known answers.
/// </summary>
[<RequireQualifiedAccess>]
module internal Warnings =

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
    let imprecise (modes: Mode[]) : Mode[] =
        modes
        |> Array.map (fun mode ->
            let half = 0.5 * (mode.Upper - mode.Lower)
            let size = Complex.Abs(exponent mode)

            if not (isConstant modes mode) && half > 0.25 * size then
                add
                    WarningKind.Imprecise
                    $"the 95 %% interval [{mode.Lower:G4}, {mode.Upper:G4}] is wider than half of the rate {size:G4}"
                    mode
            else
                mode)

    /// <summary>
    /// Nothing like the mode among the exponents μ on the nested dictionary: it has not converged in the dictionary if the nearest
    /// is more than 15 % away.
    /// </summary>
    let unconverged (nested: Complex[]) (modes: Mode[]) : Mode[] =
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

    /// <summary>
    /// The one-sided bar of truncation: rates of a reversible operator fall towards the truth as the dictionary grows, and what
    /// they fell by from the nested dictionary (rates by rank) is allowed for once more below the interval.
    /// </summary>
    let sweep (nested: float[]) (modes: Mode[]) : Mode[] =
        modes
        |> Array.mapi (fun i mode ->
            if i < nested.Length then
                { mode with
                    Lower = max 0.0 (mode.Lower - max 0.0 (nested[i] - mode.Rate))
                }
            else
                mode)
        |> unconverged (nested |> Array.map (fun rate -> Complex(-rate, 0.0)))

    /// <summary>
    /// λ within 1.25 of the edge of the spectrum of pure noise, for r directions and n pairs: √(2r/n) for a symmetric matrix, √(r/n)
    /// for a general one (the semicircle and the circular law).
    /// </summary>
    let belowNoise (symmetric: bool) (rank: int) (pairs: float) (modes: Mode[]) : Mode[] =
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
    let growing (modes: Mode[]) : Mode[] =
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
    let residual (tolerance: float) (sensitivity: float[]) (modes: Mode[]) : Mode[] =
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
