namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open Koopman
open TorchSharp

/// Processes with exact steps, so that the truth is known.
module private Exactly =

    let private spread (rate: float) (lag: float) = sqrt (1.0 - exp (-2.0 * rate * lag))

    /// A stationary Ornstein-Uhlenbeck trajectory of rate 1: n+1 states.
    let oscillator (n: int) (lag: float) (seed: int) : float[] =
        use noise = Seed.normal [| int64 (n + 1) |] (Seed.ofInt seed)
        let z = Tensors.toArray noise
        let states = Array.copy z

        for t in 1..n do
            states[t] <- exp -lag * states[t - 1] + spread 1.0 lag * z[t]

        states

    let pairsOf (lag: float) (states: float[]) : SnapshotPairs =
        use samples = Samples.ofValues 1 states |> Outcome.get
        SnapshotPairs.ofTrajectory lag samples |> Outcome.get

    /// A rotating Ornstein-Uhlenbeck process in the plane: exponents k (-1 ± 2i) and their sums.
    let rotating (n: int) (seed: int) : SnapshotPairs =
        use noise = Seed.normal [| int64 (n + 1); 2L |] (Seed.ofInt seed)
        let z = Tensors.toArray noise
        let c, s = exp -0.1 * cos 0.2, exp -0.1 * sin 0.2
        let states = Array.copy z

        for t in 1..n do
            let x, y = states[2 * t - 2], states[2 * t - 1]
            states[2 * t] <- c * x - s * y + spread 1.0 0.1 * z[2 * t]
            states[2 * t + 1] <- s * x + c * y + spread 1.0 0.1 * z[2 * t + 1]

        use samples = Samples.ofValues 2 states |> Outcome.get
        SnapshotPairs.ofTrajectory 0.1 samples |> Outcome.get

    /// x' = -.1 x, y' = -(y - x²) over .1, from uniform points of [-2,2]².
    let slowManifold (n: int) (seed: int) : SnapshotPairs =
        use _ = torch.NewDisposeScope()
        use uniform = Seed.uniform [| int64 n; 2L |] (Seed.ofInt seed)
        let values = Tensors.toArray uniform |> Array.map (fun u -> 4.0 * u - 2.0)

        let next =
            Array.init values.Length (fun i ->
                let x = values[i - i % 2]
                let bent = 1.25 * x * x

                if i % 2 = 0 then
                    x * exp -0.01
                else
                    (values[i] - bent) * exp -0.1 + bent * exp -0.02)

        SnapshotPairs.create 0.1 (Tensors.ofRows n values) (Tensors.ofRows n next)
        |> Outcome.get

module DiagnosticsTests =

    let tests: Test =
        testList
            "Diagnostics"
            [
                testCase "On the slow manifold residuals tell the six true modes from the four spurious" (fun () ->
                    use pairs = Exactly.slowManifold 2000 1
                    use observables = Observables.monomials 3 2 |> Outcome.get
                    use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
                    let modes = model.Spectrum.Modes

                    let isTrue (mode: Mode) =
                        [ 0.0; 0.1; 0.2; 0.3; 1.0; 1.1 ]
                        |> List.exists (fun rate -> abs (mode.Rate - rate) < 1e-7)

                    let right, wrong = modes |> Array.partition isTrue
                    Expect.equal right.Length 6 "right.Length"
                    Expect.equal wrong.Length 4 "wrong.Length"

                    for mode in right do
                        Expect.inRange mode.Residual (0.0, 1e-7) "mode.Residual"
                        Expect.isEmpty mode.Warnings "mode.Warnings"

                    for mode in wrong do
                        Expect.inRange mode.Residual (1e-2, 10.0) "mode.Residual"
                        Expect.isTrue (mode.Has WarningKind.LargeResidual) "mode.Has WarningKind.LargeResidual")

                testCase "Ill-conditioned modes find themselves in the fits without a fold" (fun () ->
                    use pairs = Exactly.slowManifold 2000 6
                    use observables = Observables.monomials 6 2 |> Outcome.get

                    use model =
                        Edmd.fit { Edmd.defaults with Modes = 28 } observables pairs |> Outcome.get

                    for mode in model.Spectrum.Modes do
                        let isTrue =
                            Seq.allPairs [ 0..6 ] [ 0..6 ]
                            |> Seq.exists (fun (i, j) ->
                                abs (mode.Frequency) + abs (mode.Rate - 0.1 * float i - float j) < 1e-6)

                        Expect.equal
                            (mode.Has WarningKind.LargeResidual)
                            (not isTrue)
                            "mode.Has WarningKind.LargeResidual")

                testCase "Where noise in the states hides residuals, the warning says that" (fun () ->
                    use pairs = Exactly.slowManifold 2000 1
                    use noise = Seed.normal [| 2000L; 2L |] (Seed.ofInt 3)
                    use moved = 0.01 * noise
                    use x = pairs.From.Points + moved
                    use noisy = SnapshotPairs.create 0.1 x pairs.To.Points |> Outcome.get
                    use observables = Observables.monomials 3 2 |> Outcome.get

                    use model =
                        Edmd.fit
                            { Edmd.defaults with
                                Noise = Noise.Deterministic
                            }
                            observables
                            noisy
                        |> Outcome.get

                    let best =
                        model.Spectrum.Modes
                        |> Array.filter (fun m -> m.Rate > 0.05)
                        |> Array.minBy _.Residual

                    Expect.isTrue (best.Has WarningKind.NoiseFloor) (String.Join<Warning>("; ", best.Warnings))
                    Expect.isFalse (best.Has WarningKind.LargeResidual) "best.Has WarningKind.LargeResidual")

                testCase "Random successors are told from determined ones" (fun () ->
                    use stochastic = Exactly.oscillator 3000 0.1 1 |> Exactly.pairsOf 0.1
                    use rotating = Exactly.rotating 3000 2
                    use determined = Exactly.slowManifold 2000 3
                    Expect.inRange (Noise.share stochastic) (0.5, 1.0) "Noise.share stochastic"
                    Expect.inRange (Noise.share rotating) (0.5, 1.0) "Noise.share rotating"
                    Expect.inRange (Noise.share determined) (0.0, 0.01) "Noise.share determined")

                testCase "Decay and frequency of a process that turns lie in their intervals" (fun () ->
                    use pairs = Exactly.rotating 10_000 5
                    use observables = Observables.monomials 3 2 |> Outcome.get
                    use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
                    // The constant is exact; then -1 ± 2i.
                    let constant, turning = model.Spectrum.Modes[0], model.Spectrum.Modes[1]
                    Expect.inRange constant.StandardError (0.0, 1e-9) "constant.StandardError"
                    Expect.inRange constant.Residual (0.0, 1e-6) "constant.Residual"

                    Expect.inRange
                        (turning.Rate - 1.0)
                        (-3.0 * turning.StandardError, 3.0 * turning.StandardError)
                        "turning.Rate - 1.0"

                    Expect.inRange
                        (turning.Frequency - 2.0)
                        (-3.0 * turning.FrequencyError, 3.0 * turning.FrequencyError)
                        "turning.Frequency - 2.0"
                    // The relative half-width is .064 on average over seeds.
                    Expect.inRange (1.96 * turning.StandardError) (0.04, 0.1) "1.96 * turning.StandardError"
                    Expect.inRange turning.Residual (0.0, 0.05) "turning.Residual")

                testCase "Of an exact eigenfunction the pair residual is noise, and the others are nothing" (fun () ->
                    use training = Exactly.oscillator 10_000 0.1 7 |> Exactly.pairsOf 0.1
                    use pairs = Exactly.oscillator 10_000 0.1 8 |> Exactly.pairsOf 0.1
                    use observables = Observables.linear 1
                    use spectrum = Edmd.reversible Edmd.defaults observables training |> Outcome.get

                    use test =
                        Observables.gaussiansOver
                            { Observables.automatic with
                                Centres = Some 59
                            }
                            pairs.From
                        |> Outcome.get

                    let report = (Diagnostics.residuals (Some test) spectrum pairs |> Outcome.get)[0]
                    Expect.inRange report.Pair (0.15, 0.21) "report.Pair"
                    Expect.inRange report.Projected.Value (-0.001, 0.001) "report.Projected.Value"
                    Expect.inRange report.TwoLags.Value.Value (-0.006, 0.006) "report.TwoLags.Value.Value"

                    Expect.inRange
                        report.TwoLags.Value.StandardError
                        (0.0010, 0.0020)
                        "report.TwoLags.Value.StandardError"

                    Expect.isFalse report.TwoSuccessors.HasValue "report.TwoSuccessors.HasValue"
                    // Var(φ(y)|x) = 1 - e^{-.2}.
                    Expect.inRange report.Variance (0.15, 0.21) "report.Variance")

                testCase "A second successor that is the first gives the pair residual" (fun () ->
                    use plain = Exactly.oscillator 500 0.1 9 |> Exactly.pairsOf 0.1
                    use pairs = SnapshotPairs.withSecond plain.To.Points plain |> Outcome.get
                    use observables = Observables.monomials 3 1 |> Outcome.get
                    use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get

                    for report in Diagnostics.residuals None model.Spectrum pairs |> Outcome.get do
                        Expect.sameDecimals
                            12
                            report.TwoSuccessors.Value.Value
                            report.Pair
                            "report.TwoSuccessors.Value.Value"

                        Expect.sameDecimals 12 report.Variance 0.0 "report.Variance")

                testCase "Independent second successors take the noise away" (fun () ->
                    use x = Seed.normal [| 20_000L; 1L |] (Seed.ofInt 11)

                    let step seed =
                        use noise = Seed.normal [| 20_000L; 1L |] (Seed.ofInt seed)
                        exp -0.1 * x + sqrt (1.0 - exp -0.2) * noise

                    use y = step 12
                    use other = step 13
                    use plain = SnapshotPairs.create 0.1 x y |> Outcome.get
                    use pairs = SnapshotPairs.withSecond other plain |> Outcome.get
                    use observables = Observables.linear 1
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    let report = (Diagnostics.residuals None spectrum pairs |> Outcome.get)[0]
                    let two = report.TwoSuccessors.Value
                    Expect.inRange two.Value (-4.0 * two.StandardError, 4.0 * two.StandardError + 1e-4) "two.Value"
                    Expect.inRange two.StandardError (5e-4, 2.5e-3) "two.StandardError")

                testCase "A spectrum without trust is given it by fresh pairs" (fun () ->
                    use training = Exactly.rotating 5000 21
                    use fresh = Exactly.rotating 5000 22
                    use observables = Observables.monomials 2 2 |> Outcome.get
                    use model = Edmd.fit Edmd.defaults observables training |> Outcome.get
                    use bare = Propagator.spectrum model.Propagator |> Outcome.get
                    Expect.isTrue (Double.IsNaN bare.Modes[1].Residual) "Double.IsNaN bare.Modes[1].Residual"
                    use assessed = Diagnostics.assess Noise.Automatic bare fresh |> Outcome.get
                    let mode = assessed.Modes[1]
                    Expect.inRange mode.Residual (0.0, 0.1) "mode.Residual"

                    Expect.inRange
                        (mode.StandardError / model.Spectrum.Modes[1].StandardError)
                        (0.8, 1.25)
                        "the standard error over the one of the fit")

                testCase "Pairs of another dimension and too few pairs are refused" (fun () ->
                    use training = Exactly.oscillator 500 0.1 9 |> Exactly.pairsOf 0.1
                    use observables = Observables.linear 1
                    use spectrum = Edmd.reversible Edmd.defaults observables training |> Outcome.get
                    use plane = Exactly.rotating 100 1
                    use few = Exactly.oscillator 20 0.1 9 |> Exactly.pairsOf 0.1

                    Diagnostics.residuals None spectrum plane
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the pairs is 2"; "must be 1" ]

                    Diagnostics.residuals None spectrum few
                    |> Expect.error ErrorKind.TooFewSamples [ "20 pairs" ])

                testCase "No tensor is left behind" (fun () ->
                    let work () =
                        use pairs = Exactly.rotating 600 1
                        use observables = Observables.monomials 2 2 |> Outcome.get
                        use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
                        Diagnostics.residuals None model.Spectrum pairs |> Outcome.get |> ignore

                        use assessed =
                            Diagnostics.assess Noise.Automatic model.Spectrum pairs |> Outcome.get

                        let blocks = Array.init 10 (fun b -> Moments.ofPairs observables (60 * b, 60) pairs)

                        use streamed =
                            FitFromMoments.general Edmd.defaults observables 0.1 blocks |> Outcome.get

                        use reversible =
                            FitFromMoments.reversible Edmd.defaults observables 0.1 blocks |> Outcome.get

                        for block in blocks do
                            (block :> IDisposable).Dispose()

                        assessed.Rank + streamed.Spectrum.Rank + reversible.Rank

                    work () |> ignore
                    let before = live ()
                    work () |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]

module ErrorBarTests =

    let private ratesWith (change: SnapshotPairs -> Outcome<SnapshotPairs>) (pairs: SnapshotPairs) =
        use changed = change pairs |> Outcome.get
        use observables = Observables.monomials 3 1 |> Outcome.get
        use spectrum = Edmd.reversible Edmd.defaults observables changed |> Outcome.get

        spectrum.Modes
        |> Array.truncate 2
        |> Array.map (fun m -> m.Rate, m.StandardError, m.Residual)

    let tests: Test =
        testList
            "Error bars"
            [
                testCase "Weights that are equal change nothing, and their size does not matter" (fun () ->
                    use pairs = Exactly.oscillator 1000 0.1 31 |> Exactly.pairsOf 0.1
                    let weights = Array.init 1000 (fun i -> 1.0 + float (i % 3))

                    let scaled factor =
                        ratesWith (SnapshotPairs.withWeights (weights |> Array.map (fun w -> factor * w))) pairs

                    let plain = ratesWith Ok (pairs |> SnapshotPairs.withTemperature 1.0)
                    let equal = ratesWith (SnapshotPairs.withWeights (Array.create 1000 7.0)) pairs

                    for (a, b, c), (x, y, z) in
                        Array.zip plain equal |> Array.append (Array.zip (scaled 1.0) (scaled 9.0)) do
                        Expect.sameDecimals 8 x a "x"
                        Expect.sameDecimals 8 y b "y"
                        Expect.sameDecimals 6 z c "z")

                testCase
                    "Weights give the rates of replicated pairs, and no smaller errors than they deserve"
                    (fun () ->
                        use pairs = Exactly.oscillator 1000 0.1 32 |> Exactly.pairsOf 0.1
                        let copies = Array.init 1000 (fun i -> 1 + 2 * (i % 2))
                        let weighted = ratesWith (SnapshotPairs.withWeights (Array.map float copies)) pairs

                        let replicated (p: SnapshotPairs) =
                            let index =
                                copies |> Array.mapi (fun i n -> Array.create n (int64 i)) |> Array.concat

                            use rows = torch.tensor (index, dtype = torch.int64)
                            use x = p.From.Points.index_select (0L, rows)
                            use y = p.To.Points.index_select (0L, rows)
                            SnapshotPairs.create p.Lag x y

                        for (rate, error, _), (same, less, _) in Array.zip weighted (ratesWith replicated pairs) do
                            Expect.sameDecimals 7 same rate "same"
                            // Copies are seen, and count as the weights that they are.
                            Expect.inRange (less / error) (0.95, 1.05) "less / error")

                testCase "Overlapping pairs have errors like those of the trajectory they come from" (fun () ->
                    // Every pair at lag .4 of states every .1: four times as many pairs, hardly more information.
                    let states = Exactly.oscillator 8000 0.1 33
                    use long = Tensors.ofRows states.Length states
                    use trajectories = Trajectories.create 0.1 [ long ] |> Outcome.get
                    use overlapping = Trajectories.pairs 4 trajectories |> Outcome.get

                    use apart =
                        states
                        |> Array.indexed
                        |> Array.filter (fun (t, _) -> t % 4 = 0)
                        |> Array.map snd
                        |> Exactly.pairsOf 0.4

                    Expect.equal overlapping.Stride 4 "overlapping.Stride"
                    let errorOf (_, error, _) = error
                    let dense = (ratesWith Ok overlapping)[0] |> errorOf
                    let sparse = (ratesWith Ok apart)[0] |> errorOf
                    Expect.inRange (dense / sparse) (0.7, 1.1) "dense / sparse")

                testCase "Near-degenerate modes come with their mean" (fun () ->
                    // Two equal rates: an Ornstein-Uhlenbeck process in the plane.
                    use pairs =
                        Systems.equilibriumPairs (Systems.ornsteinUhlenbeck 2 1.0) 20_000 0.2 (Seed.ofInt 41)
                        |> Outcome.get

                    use observables = Observables.monomials 2 2 |> Outcome.get
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    let cluster = spectrum.Clusters[0]
                    Expect.equal cluster.Members [| 1; 2 |] "cluster.Members"
                    Expect.inRange 1.0 (cluster.Lower, cluster.Upper) "the exact rate"
                    Expect.inRange cluster.Rate (spectrum.Modes[0].Rate, spectrum.Modes[1].Rate) "cluster.Rate"

                    Expect.isTrue
                        (cluster.StandardError < spectrum.Modes[0].StandardError)
                        "a cluster has a smaller error than its mode")

                testCase "Jackknife and delta method agree" (fun () ->
                    use pairs = Exactly.oscillator 20_000 0.1 51 |> Exactly.pairsOf 0.1
                    use observables = Observables.monomials 4 1 |> Outcome.get
                    use delta = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get

                    let blocks =
                        Array.init 20 (fun b -> Moments.ofPairs observables (1000 * b, 1000) pairs)

                    use jackknife =
                        FitFromMoments.reversible Edmd.defaults observables 0.1 blocks |> Outcome.get

                    use general =
                        FitFromMoments.general Edmd.defaults observables 0.1 blocks |> Outcome.get

                    use whole = Edmd.fit Edmd.defaults observables pairs |> Outcome.get

                    Expect.inRange
                        (jackknife.Modes[0].StandardError / delta.Modes[0].StandardError)
                        (0.7, 1.3)
                        "the jackknife's error over the delta method's"

                    Expect.sameDecimals 9 (jackknife.Rates[0]) (delta.Rates[0]) "jackknife.Rates[0]"
                    let streamed, direct = general.Spectrum.Modes[1], whole.Spectrum.Modes[1]
                    Expect.sameDecimals 9 streamed.Rate direct.Rate "streamed.Rate"

                    Expect.inRange
                        (streamed.StandardError / direct.StandardError)
                        (0.7, 1.3)
                        "the streamed error over the direct one"
                    // Moments cannot take out the noise: √(1 - e^{-.2}) stays.
                    Expect.inRange streamed.Residual (0.40, 0.45) "streamed.Residual"

                    for block in blocks do
                        (block :> IDisposable).Dispose())

                testCase "Residuals of a deterministic system are there after streaming" (fun () ->
                    use pairs = Exactly.slowManifold 2000 4
                    use observables = Observables.monomials 3 2 |> Outcome.get

                    let blocks =
                        Array.init 10 (fun b -> Moments.ofPairs observables (200 * b, 200) pairs)

                    use model =
                        FitFromMoments.general Edmd.defaults observables 0.1 blocks |> Outcome.get

                    let residuals = model.Spectrum.Modes |> Array.map _.Residual |> Array.sort
                    Expect.inRange (residuals[5]) (0.0, 1e-6) "residuals[5]"
                    Expect.inRange (residuals[6]) (1e-2, 10.0) "residuals[6]"

                    for block in blocks do
                        (block :> IDisposable).Dispose())

                testCase "A dictionary too small for a mode says so and widens its interval" (fun () ->
                    use samples =
                        Systems.equilibrium (Systems.doubleWell 0.3) 2000 (Seed.ofInt 61) |> Outcome.get

                    use observables = Observables.monomials 8 1 |> Outcome.get

                    use spectrum =
                        Langevin.fit
                            { Langevin.defaults with
                                Temperature = 0.3
                            }
                            observables
                            samples
                        |> Outcome.get

                    let mode, truth = spectrum.Modes[2], (Systems.doubleWell 0.3).Rates[2]
                    // The bar covers what the interval of sampling alone would miss.
                    Expect.inRange truth (mode.Lower, mode.Upper) "truth"

                    Expect.isTrue
                        (mode.Upper - 3.92 * mode.StandardError > truth)
                        "the truth lies below the interval of sampling alone"

                    Expect.isTrue
                        (spectrum.Modes |> Array.exists _.Has(WarningKind.NotConverged))
                        "a mode has the warning")

                testCase "Modes inside the noise are flagged, and slow ones are not" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs (Systems.doubleWell 1.0) 2000 0.1 (Seed.ofInt 71)
                        |> Outcome.get

                    use observables =
                        Observables.gaussiansOver Observables.automatic pairs.From |> Outcome.get

                    use spectrum =
                        Edmd.reversible
                            { Edmd.defaults with
                                SmallestEigenvalue = 0.0
                            }
                            observables
                            pairs
                        |> Outcome.get

                    let truth = (Systems.doubleWell 1.0).Rates

                    Expect.isFalse
                        (spectrum.Modes[0].Has WarningKind.BelowNoise)
                        "spectrum.Modes[0].Has WarningKind.BelowNoise"

                    for k in 0 .. min 7 (min truth.Length spectrum.Modes.Length - 1) do
                        if abs (spectrum.Modes[k].Rate / truth[k] - 1.0) > 0.25 then
                            Expect.isTrue (spectrum.Modes[k].Has WarningKind.BelowNoise) $"mode {k + 1}")
            ]
