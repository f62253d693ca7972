namespace Koopman.Particles

open System
open Koopman

/// <summary>
/// The flow with all eigenpairs of the true generator and infinitely many particles, solved exactly: along the path of every particle
/// 1/ρ_t - 1 = e^{-t} (1/ρ_0 - 1) for the density ratio ρ = dμ/dπ, whatever π and its dimension. It needs ρ_0 at samples of μ_0 only.
/// </summary>
[<RequireQualifiedAccess>]
module IdealFlow =

    /// <summary>ρ_t at the particles that had the ratio ρ_0 at time 0. The time unit is that of the flow, in which a step h is a time h.</summary>
    let ratio (time: float) (initial: float) : float =
        1.0 / (1.0 + exp -time * (1.0 / initial - 1.0))

    /// The mean of a function of ρ over μ_0 given by ratios and masses.
    let private mean (f: float -> float) (ratios: float[]) (masses: float[]) : float =
        let mutable sum, total = 0.0, 0.0

        for i in 0 .. ratios.Length - 1 do
            if masses[i] > 0.0 then
                sum <- sum + masses[i] * f ratios[i]
                total <- total + masses[i]

        sum / total

    /// <summary>KL(μ_t‖π) = -E log(1 + e^{-t}(1/ρ_0 - 1)) over μ_0. It is at most e^{-t} KL(μ_0‖π), and falls as e^{-2t} in the end.</summary>
    /// <param name="time">t.</param>
    /// <param name="ratios">ρ_0 at points of μ_0.</param>
    /// <param name="masses">The mass of μ_0 at each, not negative; they need not sum to 1.</param>
    let kl (time: float) (ratios: float[]) (masses: float[]) : float =
        mean (fun initial -> log (ratio time initial)) ratios masses

    /// <summary>χ²(μ_t‖π) = E ρ_t - 1 over μ_0, which is -dKL/dt.</summary>
    let chiSquared (time: float) (ratios: float[]) (masses: float[]) : float = mean (ratio time) ratios masses - 1.0
