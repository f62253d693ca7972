namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp

module MarkovTests =

    let private close (tolerance: float) (expected: float[,]) (actual: float[,]) : unit =
        Array2D.iteri
            (fun i j (e: float) ->
                Expect.isTrue (abs (actual[i, j] - e) <= tolerance) $"[{i},{j}]: expected {e}, got {actual[i, j]}")
            expected

    let private free =
        { MarkovModel.defaults with
            Reversible = false
        }

    /// A path of the chain of the known case.
    let private path (count: int) (seed: int) : int[] =
        use uniform = Seed.uniform [| int64 count |] (Seed.ofInt seed)
        let u = Tensors.toArray uniform
        let t = Chain.transition

        (0, u)
        ||> Array.scan (fun i u ->
            if u < t[i, 0] then 0
            elif u < t[i, 0] + t[i, 1] then 1
            else 2)

    let tests: Test =
        testList
            "Markov"
            [
                testCase "Exact counts give the transition matrix, EDMD on indicators the same" (fun () ->
                    let flows = Chain.transition |> Array2D.mapi (fun i _ t -> Chain.starts[i] * t)
                    let model = MarkovModel.ofCounts free 1.0 1 flows |> Outcome.get
                    close 1e-14 Chain.transition model.Matrix
                    // πT = π.
                    for j in 0..2 do
                        Expect.sameDecimals
                            13
                            (Array.sumBy (fun i -> model.Stationary[i] * model.Matrix[i, j]) [| 0..2 |])
                            (model.Stationary[j])
                            "the stationary law one step later"

                    use pairs = Chain.pairs ()
                    use states = Chain.indicators 3
                    use edmd = Edmd.fit Edmd.defaults states pairs |> Outcome.get
                    let k = Tensors.toArray edmd.Propagator.Matrix
                    close 1e-10 Chain.transition (Array2D.init 3 3 (fun i j -> k[3 * i + j]))

                    Expect.equal
                        (edmd.Spectrum.Eigenvalues |> Array.map (fun v -> Math.Round(v.Real, 8)))
                        (MarkovModel.eigenvalues model |> Array.map (fun v -> Math.Round(v.Real, 8)))
                        "EDMD's eigenvalues")

                testCase "A path of the chain gives it back within its error bars" (fun () ->
                    let path = path 100_000 3
                    let model = MarkovModel.fit free 1.0 1 [ path ] |> Outcome.get
                    close 0.01 Chain.transition model.Matrix
                    use states = Chain.indicators 3
                    use spectrum = MarkovModel.spectrum states model |> Outcome.get
                    Expect.equal spectrum.Rank 3 "spectrum.Rank"
                    let exact = [| 0.0; -(log 0.7); -(log 0.6) |]

                    for k in 1..2 do
                        let mode = spectrum.Modes[k]
                        Expect.inRange (exact[k]) (mode.Lower, mode.Upper) "exact[k]"
                        Expect.inRange mode.StandardError (1e-4, 0.02) "mode.StandardError"

                    let slowest = (MarkovModel.timescales model)[0]
                    Expect.sameDecimals 8 slowest (1.0 / spectrum.Modes[1].Rate) "slowest")

                testCase
                    "The reversible chain is in detailed balance, and no reversible neighbour is likelier"
                    (fun () ->
                        let counts = array2D [ [ 30.0; 9.0; 2.0 ]; [ 5.0; 40.0; 11.0 ]; [ 3.0; 8.0; 50.0 ] ]
                        let model = MarkovModel.ofCounts MarkovModel.defaults 1.0 1 counts |> Outcome.get
                        let p = model.Stationary
                        let flow = model.Matrix |> Array2D.mapi (fun i _ t -> p[i] * t)
                        close 1e-11 flow (Array2D.init 3 3 (fun i j -> flow[j, i]))

                        let likelihood (flow: float[,]) =
                            let sums = Array.init 3 (fun i -> Array.sum flow[i, *])

                            Seq.sum (
                                seq {
                                    for i in 0..2 do
                                        for j in 0..2 -> counts[i, j] * log (flow[i, j] / sums[i])
                                }
                            )

                        let best = likelihood flow

                        for i in 0..2 do
                            for j in i..2 do
                                for change in [ 0.99; 1.01 ] do
                                    let near = Array2D.copy flow
                                    near[i, j] <- flow[i, j] * change
                                    near[j, i] <- near[i, j]
                                    Expect.isTrue (likelihood near < best) "likelihood near < best")

                testCase
                    "The spectrum of a reversible chain is orthonormal in its law and passes the test of its own powers"
                    (fun () ->
                        let path = path 60_000 4
                        let model = MarkovModel.fit MarkovModel.defaults 1.0 1 [ path ] |> Outcome.get
                        use states = Chain.indicators 3
                        use spectrum = MarkovModel.spectrum states model |> Outcome.get
                        Expect.isTrue spectrum.IsReversible "spectrum.IsReversible"
                        use at = Tensors.ofRows 3 [| 0.0; 1.0; 2.0 |]
                        use values = spectrum.Values at
                        use law = Tensors.ofVector model.Stationary
                        use gram = values.t().matmul(values * law.unsqueeze 1L)
                        use unit = torch.eye (2L, dtype = torch.float64)

                        Expect.inRange
                            ((gram - unit).abs().max().ToDouble())
                            (0.0, 1e-10)
                            "the largest |gram.sub(unit)|"

                        use points = Tensors.ofRows path.Length (Array.map float path)
                        use trajectories = Trajectories.create 1.0 [ points ] |> Outcome.get
                        let pairsAt steps = Trajectories.pairs steps trajectories
                        let test = ChapmanKolmogorov.test spectrum pairsAt 1 [ 2; 3; 5 ] |> Outcome.get
                        Expect.equal test.Points.Length 6 "test.Points.Length"
                        Expect.inRange test.MaxDeviation (0.01, 4.0) "test.MaxDeviation")

                testCase "A chain that alternates has an eigenvalue, no rate, and a warning" (fun () ->
                    // The other state with probability .88: the eigenvalue is 1 - 2·.88 = -.76.
                    let model =
                        MarkovModel.ofCounts
                            MarkovModel.defaults
                            1.0
                            1
                            (array2D [ [ 120.0; 880.0 ]; [ 880.0; 120.0 ] ])
                        |> Outcome.get

                    use states = Chain.indicators 2
                    use spectrum = MarkovModel.spectrum states model |> Outcome.get
                    let mode = spectrum.Modes |> Array.find (fun mode -> not mode.IsConstant)
                    Expect.floatClose Accuracy.high mode.Eigenvalue.Real -0.76 "the eigenvalue"
                    Expect.isTrue (Double.IsNaN mode.StandardError) "the error of a rate that there is not"

                    Expect.exists mode.Warnings (fun warning -> warning.Message.Contains "alternates") "the warning")

                testCase "Windows overlap, and negative entries are no state" (fun () ->
                    let found =
                        TransitionCounts.ofTrajectories 2 [ [| 0; 1; 0; 1; -1; 0; 0 |]; [| 1 |] ]
                        |> Outcome.get

                    Expect.equal (found[0, 0]) 1.0 "found[0, 0]"
                    Expect.equal (found[1, 1]) 1.0 "found[1, 1]"
                    Expect.equal (found[1, 0]) 1.0 "found[1, 0]"
                    Expect.equal (found[0, 1]) 0.0 "found[0, 1]")

                testCase "States that cannot be reached are named" (fun () ->
                    let counts = array2D [ [ 5.0; 1.0; 0.0 ]; [ 1.0; 5.0; 1.0 ]; [ 0.0; 0.0; 3.0 ] ]

                    Expect.equal
                        (TransitionCounts.connectedStates counts)
                        [| 0; 1 |]
                        "TransitionCounts.connectedStates counts"

                    MarkovModel.ofCounts MarkovModel.defaults 1.0 1 counts
                    |> Expect.error ErrorKind.IllConditioned [ "2 of 3 states"; "restrictToConnected" ]

                    MarkovModel.fit MarkovModel.defaults 1.0 1 [ [| 0; 0; 0 |] ]
                    |> Expect.error ErrorKind.TooFewSamples [ "1 state" ])

                testCase
                    "Trajectories are restricted to the largest connected set, whatever the numbers of its states"
                    (fun () ->
                        // 7 and 100000 and 3 go round; 5 is left for ever, 9 is never left.
                        let paths = [ [| 5; 7; 100_000; 3; 7; 100_000; 7; 3; 7; 9; 9 |]; [| 3; -1; 7; 3 |] ]

                        MarkovModel.fit MarkovModel.defaults 1.0 1 paths
                        |> Expect.error
                            ErrorKind.InvalidSetting
                            [ "up to 100000"; "5 of them occur"; "TransitionCounts.restrictToConnected" ]

                        let found = TransitionCounts.restrictToConnected 1 paths |> Outcome.get
                        Expect.equal found.States [| 3; 7; 100_000 |] "the states"

                        Expect.equal
                            found.Trajectories
                            [| [| -1; 1; 2; 0; 1; 2; 1; 0; 1; -1; -1 |]; [| 0; -1; 1; 0 |] |]
                            "the trajectories"

                        // The remedy.
                        let model =
                            MarkovModel.fit MarkovModel.defaults 1.0 1 found.Trajectories |> Outcome.get

                        Expect.equal model.States 3 "model.States"

                        MarkovModel.fit MarkovModel.defaults 1.0 1 [ [| 0; Int32.MaxValue; 0 |] ]
                        |> Expect.error ErrorKind.InvalidSetting [ "restrictToConnected" ])

                testCase
                    "A set of many states is found without recursion, and agrees with that of the counts"
                    (fun () ->
                        let ring = Array.append [| 0..200_000 |] [| 0 |]
                        let found = TransitionCounts.restrictToConnected 1 [ ring ] |> Outcome.get
                        Expect.equal found.States.Length 200_001 "the number of states"
                        let draw = Random 5

                        for _ in 1..50 do
                            let path = Array.init 14 (fun _ -> draw.Next 9)
                            let counts = TransitionCounts.ofTrajectories 2 [ path ] |> Outcome.get
                            let ofCounts = TransitionCounts.connectedStates counts

                            match TransitionCounts.restrictToConnected 2 [ path ] with
                            | Ok found -> Expect.equal found.States ofCounts "the states"
                            | Error error ->
                                Expect.equal ofCounts.Length 1 "the states"
                                Expect.equal error.Kind ErrorKind.TooFewSamples "the kind")

                testCase "A lag as long as every trajectory is named" (fun () ->
                    for attempt in
                        [
                            fun paths -> MarkovModel.fit MarkovModel.defaults 1.0 3 paths |> Result.map ignore
                            fun paths -> TransitionCounts.restrictToConnected 3 paths |> Result.map ignore
                        ] do
                        attempt [ [| 0; 1; 0 |]; [| 1 |] ]
                        |> Expect.error
                            ErrorKind.TooFewSamples
                            [ "No trajectory is longer than the lag"; "has 3 rows"; "the lag is 3" ])
            ]

module TimescaleTests =

    let private well (temperature: float) (count: int) : Trajectories =
        use states =
            Systems.trajectory (Systems.doubleWell temperature) count 0.1 (Seed.ofInt 17)
            |> Outcome.get

        Trajectories.create 0.1 [ states.Points ] |> Outcome.get

    let tests: Test =
        testList
            "Timescales"
            [
                testCase "Timescales that do not depend on the lag have a plateau, and hold the exact one" (fun () ->
                    use data = well 1.0 20_000

                    use observables =
                        Observables.gaussiansOver Observables.automatic data.States |> Outcome.get

                    let pairsAt steps = Trajectories.pairs steps data

                    let table =
                        Timescales.implied 1 (Edmd.reversible Edmd.defaults observables) pairsAt [ 1; 2; 3; 5 ]
                        |> Outcome.get

                    Expect.equal
                        (table.Rows |> Array.map (fun row -> Math.Round(row.Lag, 12)))
                        [| 0.1; 0.2; 0.3; 0.5 |]
                        "the lags of the table"

                    let exact = 1.0 / (Systems.doubleWell 1.0).Rates[0]

                    for row in table.Rows do
                        Expect.inRange exact (row.Timescales[0].Lower, row.Timescales[0].Upper) "exact"

                    Expect.sameDecimals 12 (table.Plateaus[0].Value) 0.1 "table.Plateaus[0].Value"

                    use spectrum =
                        pairsAt 1
                        |> Result.bind (Edmd.reversible Edmd.defaults observables)
                        |> Outcome.get

                    use slow = Spectrum.truncate 2 spectrum |> Outcome.get
                    let test = ChapmanKolmogorov.test slow pairsAt 1 [ 2; 5 ] |> Outcome.get
                    Expect.inRange test.MaxDeviation (0.0, 4.0) "test.MaxDeviation")

                testCase
                    "Observables that miss slow motion fail: timescales grow with the lag, and powers decay too fast"
                    (fun () ->
                        use data = well 0.3 20_000
                        let pairsAt steps = Trajectories.pairs steps data

                        let table =
                            Timescales.implied 1 (Tica.fit Tica.defaults) pairsAt [ 1; 4; 16 ]
                            |> Outcome.get

                        let times = table.Rows |> Array.map (fun row -> row.Timescales[0].Value)
                        Expect.isTrue (times[1] > 1.2 * times[0] && times[2] > 1.1 * times[1]) $"%A{times}"
                        Expect.isFalse table.Plateaus[0].HasValue "table.Plateaus[0].HasValue"
                        use spectrum = pairsAt 1 |> Result.bind (Tica.fit Tica.defaults) |> Outcome.get
                        let test = ChapmanKolmogorov.test spectrum pairsAt 1 [ 4; 16 ] |> Outcome.get
                        Expect.isTrue (test.MaxDeviation > 4.0) $"{test.MaxDeviation}"

                        Expect.isTrue
                            (test.Points |> Array.forall (fun p -> p.Predicted.Real < p.Estimated.Real))
                            "every prediction decays too fast")

                testCase "Lags and models of other kinds are refused" (fun () ->
                    use data = well 1.0 500
                    let pairsAt steps = Trajectories.pairs steps data

                    Timescales.implied 1 (Tica.fit Tica.defaults) pairsAt []
                    |> Expect.error ErrorKind.InvalidSetting [ "The list of lags is empty" ]

                    use coordinates = Observables.linear 1

                    use generator =
                        Langevin.fit Langevin.defaults coordinates data.States |> Outcome.get

                    ChapmanKolmogorov.test generator pairsAt 1 [ 2 ]
                    |> Expect.error ErrorKind.InvalidSetting [ "propagator" ]

                    use spectrum = pairsAt 1 |> Result.bind (Tica.fit Tica.defaults) |> Outcome.get

                    ChapmanKolmogorov.test spectrum pairsAt 2 [ 2 ]
                    |> Expect.error ErrorKind.ShapeMismatch [ "rows of the model's own lag" ])
            ]

module LinearityTests =

    /// x' = -.1 x, y' = -(y - x²), exactly: from the invariant y = x²/.8 the rest decays as e^{-t}.
    let private slowManifold () : Trajectories =
        let paths =
            [
                for k in 0..29 ->
                    let x0, y0 = 1.5 * cos (float (7 * k)), 2.0 * sin (float (5 * k))

                    array2D
                        [
                            for t in 0..40 ->
                                let time = 0.1 * float t
                                let x = x0 * exp (-0.1 * time)
                                [ x; x * x / 0.8 + (y0 - x0 * x0 / 0.8) * exp -time ]
                        ]
            ]

        Trajectories.ofArrays 0.1 paths |> Outcome.get

    let tests: Test =
        testList
            "Linearity"
            [
                testCase
                    "True eigenfunctions evolve linearly over all horizons, spurious ones do not and are flagged"
                    (fun () ->
                        use data = slowManifold ()
                        let pairsAt steps = Trajectories.pairs steps data
                        use pairs = pairsAt 1 |> Outcome.get
                        use observables = Observables.monomials 3 2 |> Outcome.get
                        use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get

                        let points =
                            Linearity.along Noise.Deterministic model.Spectrum pairsAt [ 1; 10; 30 ]
                            |> Outcome.get

                        use flagged =
                            Linearity.flag Noise.Deterministic model.Spectrum pairsAt [ 1; 10; 30 ]
                            |> Outcome.get

                        let isTrue rate =
                            [ 0.0; 0.1; 0.2; 0.3; 1.0; 1.1 ] |> List.exists (fun r -> abs (r - rate) < 1e-6)

                        let mutable exact = 0

                        for mode in flagged.Modes do
                            let worst =
                                points
                                |> Array.filter (fun p -> p.Mode = mode.Index)
                                |> Array.map _.Deviation
                                |> Array.max

                            if isTrue mode.Rate then
                                exact <- exact + 1
                                Expect.inRange worst (0.0, 1e-6) "worst"
                                Expect.isFalse (mode.Has WarningKind.NotLinear) "mode.Has WarningKind.NotLinear"
                            else
                                Expect.isTrue (worst > 1e-3) $"{mode.Rate} {worst}"

                        Expect.equal exact 6 "exact"

                        Expect.exists
                            flagged.Modes
                            (fun mode -> mode.Has WarningKind.NotLinear)
                            "a mode that is flagged")

                testCase "Modes of a random process are linear in the mean" (fun () ->
                    use states =
                        Systems.trajectory (Systems.doubleWell 1.0) 20_000 0.1 (Seed.ofInt 23)
                        |> Outcome.get

                    use data = Trajectories.create 0.1 [ states.Points ] |> Outcome.get
                    let pairsAt steps = Trajectories.pairs steps data
                    use pairs = pairsAt 1 |> Outcome.get

                    use observables =
                        Observables.gaussiansOver Observables.automatic data.States |> Outcome.get

                    use spectrum =
                        Edmd.reversible { Edmd.defaults with Modes = 1 } observables pairs
                        |> Outcome.get

                    for point in Linearity.along Noise.Stochastic spectrum pairsAt [ 2; 5; 10 ] |> Outcome.get do
                        Expect.inRange point.Deviation (0.0, 0.1) "point.Deviation"

                    use flagged = Linearity.flag Noise.Stochastic spectrum pairsAt [ 10 ] |> Outcome.get

                    Expect.isFalse
                        (flagged.Modes[0].Has WarningKind.NotLinear)
                        "flagged.Modes[0].Has WarningKind.NotLinear"

                    Linearity.along Noise.Stochastic spectrum pairsAt []
                    |> Expect.error ErrorKind.InvalidSetting [ "The list of horizons is empty" ])
            ]
