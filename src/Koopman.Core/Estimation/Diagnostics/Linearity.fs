namespace Koopman

open System.Numerics

/// <summary>The distance of one eigenfunction from φ(x_t) = e^{μt}φ(x_0) at one horizon.</summary>
[<NoComparison>]
type LinearityPoint =
    {
        /// <summary>The place of the mode, as in <c>Mode.Index</c>.</summary>
        Mode: int
        /// <summary>The horizon t.</summary>
        Time: float
        /// <summary>
        /// Deterministic data: ‖φ(x_t) - e^{μt}φ(x_0)‖/‖e^{μt}φ(x_0)‖, the relative error of the prediction. Random data:
        /// ‖P(K_tφ - e^{μt}φ)‖/‖φ‖, its mean error in units of the eigenfunction, projected on test functions.
        /// </summary>
        Deviation: float
    }

/// <summary>Tests whether eigenfunctions evolve linearly along data, which a residual at one lag does not guarantee.</summary>
[<RequireQualifiedAccess>]
module Linearity =

    /// The deviation over the horizon t, and the size of the change over t with which it is compared.
    let private judge
        (stochastic: bool)
        (exponent: Complex)
        (time: float)
        (report: ResidualReport)
        : struct (float * float) =
        let kept = exp (exponent.Real * time)

        if stochastic then
            let change = Complex.Abs(Complex.One - Complex.Exp(exponent * Complex(time, 0.0)))
            struct (sqrt (max 0.0 report.Projected.Value), change + 0.05)
        else
            struct (sqrt (max 0.0 report.Pair) / kept, 1.0)

    let private places (spectrum: Spectrum) : int =
        if spectrum.Modes.Length > 0 then
            spectrum.Modes.Length
        else
            min 10 spectrum.Rank

    /// Every leading mode at every horizon, with the size it is compared with.
    let private judged
        (noise: Noise)
        (spectrum: Spectrum)
        (pairsAt: int -> Outcome<SnapshotPairs>)
        (horizons: int list)
        : Outcome<struct (LinearityPoint * float) list> =
        let at (horizon: int) : Outcome<struct (LinearityPoint * float) list> =
            result {
                use! pairs = pairsAt horizon
                let! reports = Diagnostics.residuals None spectrum pairs
                let stochastic = Noise.isStochastic noise pairs

                return
                    [
                        for k in 0 .. places spectrum - 1 do
                            let struct (deviation, scale) =
                                judge stochastic spectrum.Exponents[k] pairs.Lag reports[k]

                            struct ({
                                        Mode = reports[k].Index
                                        Time = pairs.Lag
                                        Deviation = deviation
                                    },
                                    scale)
                    ]
            }

        Require.all {
            Require.notEmpty "the list of horizons" horizons
            Require.each (Require.atLeast 1) "horizons" horizons
        }
        |> Result.bind (fun () -> Outcome.collect at horizons |> Result.map List.concat)

    /// <summary>The deviation of every leading mode at every horizon.</summary>
    /// <param name="noise">The randomness of the successors.</param>
    /// <param name="spectrum">The spectrum of a propagator or a generator; best tested on data it was not fitted to.</param>
    /// <param name="pairsAt">The pairs a number of rows apart: <c>fun steps -> Trajectories.pairs steps trajectories</c>.</param>
    /// <param name="horizons">The horizons in rows.</param>
    let along
        (noise: Noise)
        (spectrum: Spectrum)
        (pairsAt: int -> Outcome<SnapshotPairs>)
        (horizons: int list)
        : Outcome<LinearityPoint[]> =
        judged noise spectrum pairsAt horizons
        |> Result.map (fun found -> found |> List.map (fun (struct (point, _)) -> point) |> Array.ofList)

    /// <summary>
    /// The same spectrum with a warning <c>NotLinear</c> on every mode that deviates too far at some horizon: by more than half for
    /// deterministic data; for random data by more than half of |1 - e^{μt}| + .05, the change over the horizon.
    /// </summary>
    /// <inheritdoc cref="M:Koopman.Linearity.along" path="/param"/>
    let flag
        (noise: Noise)
        (spectrum: Spectrum)
        (pairsAt: int -> Outcome<SnapshotPairs>)
        (horizons: int list)
        : Outcome<Spectrum> =
        judged noise spectrum pairsAt horizons
        |> Result.map (fun found ->
            let warn (mode: Mode) =
                found
                |> List.filter (fun (struct (point, scale)) ->
                    point.Mode = mode.Index && not (point.Deviation <= 0.5 * scale))
                |> function
                    | [] -> mode
                    | failed ->
                        let struct (worst, _) =
                            failed |> List.maxBy (fun (struct (point, scale)) -> point.Deviation / scale)

                        let warning =
                            {
                                Kind = WarningKind.NotLinear
                                Message =
                                    $"over time {worst.Time:G4} it deviates from exp(μt) by {worst.Deviation:G3}: it is not an eigenfunction on these data"
                            }

                        { mode with
                            Warnings = Array.append mode.Warnings [| warning |]
                        }

            Spectrum.withModes spectrum.ResidualNorm (Array.map warn spectrum.Modes) spectrum)
