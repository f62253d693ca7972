namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open TorchSharp
open Koopman

/// What data say against an estimate: each fault of data with the estimate that it spoils, and beside it data without the fault.
module EvidenceTests =

    let private normal (random: Random) : float =
        sqrt (-2.0 * log (1.0 - random.NextDouble()))
        * cos (2.0 * Math.PI * random.NextDouble())

    /// dx = Ax dt + noise with the stationary law N(0, 1), every `lag`, exactly: x' = Fx + Lξ with F = e^{τA}, LLᵀ = 1 - FFᵀ.
    let private process' (a: float[,]) (lag: float) (count: int) (seed: int) : float[,] =
        use _ = torch.NewDisposeScope()
        let d = Array2D.length1 a
        let f = torch.linalg.matrix_exp (lag * Tensors.ofMatrix a)
        let eye = torch.eye (int64 d, dtype = torch.float64)
        let l = torch.linalg.cholesky ((1.0 + 1e-12) * eye - f.times (f.t ()))
        let f, l = Tensors.toArray f, Tensors.toArray l
        let random = Random seed
        let mutable x = Array.init d (fun _ -> normal random)

        array2D (
            Array.init count (fun _ ->
                let row = x
                let noise = Array.init d (fun _ -> normal random)

                x <-
                    Array.init d (fun i ->
                        Seq.sum (seq { for j in 0 .. d - 1 -> f[i * d + j] * row[j] + l[i * d + j] * noise[j] }))

                row)
        )

    let private oscillator: float[,] = array2D [ [ 0.0; 1.0 ]; [ -1.0; -0.5 ] ]

    let private reversible: float[,] = array2D [ [ -1.0; 0.0 ]; [ 0.0; -3.0 ] ]

    let private decaying: float[,] = array2D [ [ -1.0 ] ]

    let private pairsOf (lag: float) (rows: float[,]) : SnapshotPairs =
        use trajectories = Trajectories.ofArrays lag [ rows ] |> Outcome.get
        Trajectories.pairs 1 trajectories |> Outcome.get

    let private affine (d: int) : Observables =
        Observables.append (Observables.constant d) (Observables.linear d)
        |> Outcome.get

    let private general (pairs: SnapshotPairs) : Mode[] =
        use observables = affine pairs.Dimension
        use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
        model.Spectrum.Modes

    let private blurred (size: float) (seed: int) (rows: float[,]) : float[,] =
        let random = Random seed
        rows |> Array2D.map (fun value -> value + size * normal random)

    let private count (kind: WarningKind) (modes: Mode[] seq) : int =
        modes |> Seq.filter (Array.exists _.Has(kind)) |> Seq.length

    let private balance: Test =
        testList
            "Detailed balance"
            [
                testCase "A damped oscillator violates it, at every length of data" (fun () ->
                    for n in [ 1000; 5000 ] do
                        use pairs = pairsOf 0.1 (process' oscillator 0.1 n 1)
                        let test = DetailedBalance.test pairs
                        Expect.isTrue test.IsViolated $"{n}: {test}"
                        Expect.equal test.Functions "x0 and x1" "the functions")

                testCase "Not if its velocity is known to change sign with time" (fun () ->
                    use pairs = pairsOf 0.1 (process' oscillator 0.1 5000 1)
                    use known = SnapshotPairs.withParity [| false; true |] pairs |> Outcome.get
                    Expect.isFalse (DetailedBalance.test known).IsViolated "with parity"
                    use wrong = SnapshotPairs.withParity [| true; true |] pairs |> Outcome.get
                    Expect.isTrue (DetailedBalance.test wrong).IsViolated "with the wrong parity"

                    SnapshotPairs.withParity [| true |] pairs
                    |> Expect.error ErrorKind.ShapeMismatch [ "1 parities"; "2 coordinates" ])

                testCase "Then the propagator is not self-adjoint: reversible estimators warn all the same" (fun () ->
                    use pairs = pairsOf 0.1 (process' oscillator 0.1 5000 1)
                    use known = SnapshotPairs.withParity [| false; true |] pairs |> Outcome.get
                    use spectrum = Tica.fit Tica.defaults known |> Outcome.get

                    for mode in spectrum.Modes do
                        Expect.isTrue (mode.Has WarningKind.NotReversible) "the reversible estimate"

                    // The rate is .25 ± .968i.
                    for mode in general known |> Array.filter (_.IsConstant >> not) do
                        Expect.isEmpty mode.Warnings "no warning of the general one"
                        Expect.isTrue (mode.Lower <= 0.25 && 0.25 <= mode.Upper) "its rate"

                        Expect.isLessThan
                            (abs (abs mode.Frequency - sqrt 0.9375))
                            (3.0 * mode.FrequencyError)
                            "its frequency")

                testCase
                    "Reversible processes pass: none of 120 is called irreversible or out of equilibrium"
                    (fun () ->
                        let coupled = Array2D.init 4 4 (fun i j -> if i = j then -1.0 - float i else 0.2)

                        for a, lag in [ decaying, 0.1; reversible, 0.1; coupled, 0.3 ] do
                            for n in [ 60; 400 ] do
                                for seed in 1..20 do
                                    use pairs = pairsOf lag (process' a lag n seed)
                                    let test = DetailedBalance.test pairs
                                    Expect.isFalse (test.IsViolated || test.IsOutOfEquilibrium) $"{test}")

                testCase "Motion without noise is not reversible, however short or slow" (fun () ->
                    for rate, frequency, n in [ 0.1, 2.0, 200; 0.0813, 0.2187, 200; 0.5, 0.1, 60 ] do
                        let rows =
                            Array2D.init n 2 (fun t i ->
                                let s = 0.1 * float t
                                exp (-rate * s) * (if i = 0 then cos (frequency * s) else sin (frequency * s)))

                        use pairs = pairsOf 0.1 rows
                        let test = DetailedBalance.test pairs
                        Expect.isTrue (test.IsDeterministic && test.IsViolated) $"{test}")

                testCase "Units, an outlier and a constant column change nothing" (fun () ->
                    let rows = process' oscillator 0.1 2000 3

                    let scaled =
                        Array2D.init 2000 3 (fun t i ->
                            match i with
                            | 0 -> 1e6 + 1e-3 * rows[t, 0]
                            | 1 -> 1e3 * rows[t, 1]
                            | _ -> 7.0)

                    use plain = pairsOf 0.1 rows
                    use other = pairsOf 0.1 scaled
                    let first, second = DetailedBalance.test plain, DetailedBalance.test other
                    Expect.floatClose Accuracy.low second.Statistic first.Statistic "the statistic"
                    let spoilt = Array2D.copy rows
                    spoilt[1000, 0] <- 1e9
                    use outlier = pairsOf 0.1 spoilt
                    Expect.isTrue (DetailedBalance.test outlier).IsViolated "with an outlier")

                testCase "Pairs started away from equilibrium are told from irreversible ones" (fun () ->
                    let random = Random 5
                    let x = Array.init 2000 (fun _ -> 3.0 + random.NextDouble())

                    let y =
                        x |> Array.map (fun x -> exp -0.1 * x + sqrt (1.0 - exp -0.2) * normal random)

                    use from = Tensors.ofRows 2000 x
                    use until = Tensors.ofRows 2000 y
                    use pairs = SnapshotPairs.create 0.1 from until |> Outcome.get
                    let test = DetailedBalance.test pairs
                    Expect.isTrue test.IsOutOfEquilibrium $"{test}"
                    use linear = Observables.linear 1
                    use spectrum = Edmd.reversible Edmd.defaults linear pairs |> Outcome.get
                    Expect.isTrue (spectrum.Modes[0].Has WarningKind.MeasureNotInvariant) "the warning")

                testCase
                    "The reversible estimator of an oscillator warns on every mode, the general one is right"
                    (fun () ->
                        use pairs = pairsOf 0.1 (process' oscillator 0.1 20_000 7)
                        use linear = Observables.linear 2
                        use spectrum = Edmd.reversible Edmd.defaults linear pairs |> Outcome.get

                        for mode in spectrum.Modes do
                            Expect.isTrue (mode.Has WarningKind.NotReversible) "not reversible"

                        let modes = general pairs |> Array.filter (fun mode -> mode.Frequency > 0.0)
                        Expect.inRange 0.25 (modes[0].Lower, modes[0].Upper) "the rate"

                        Expect.isLessThan
                            (abs (modes[0].Frequency - 0.968))
                            (2.0 * modes[0].FrequencyError)
                            "the frequency"

                        Expect.isEmpty modes[0].Warnings "no warning")

                testCase "A chain that runs round in circles is no reversible chain" (fun () ->
                    let spectrumOf (ahead: float) : Mode[] =
                        let random = Random 11
                        let mutable state = 0

                        let path =
                            Array.init 5000 (fun _ ->
                                state <- (state + (if random.NextDouble() < ahead then 1 else 2)) % 3
                                state)

                        use cells = Observables.gridIndicators [| 3 |] ([| 0.0 |], [| 3.0 |]) |> Outcome.get

                        let model = MarkovModel.fit MarkovModel.defaults 1.0 1 [ path ] |> Outcome.get
                        use spectrum = MarkovModel.spectrum cells model |> Outcome.get
                        spectrum.Modes

                    Expect.equal (count WarningKind.NotReversible [ spectrumOf 0.7 ]) 1 "circles"
                    Expect.equal (count WarningKind.NotReversible [ spectrumOf 0.5 ]) 0 "no circles")
            ]

    let private memory: Test =
        testList
            "Chapman-Kolmogorov"
            [
                testCase "Noise of the measurement is found: it makes modes fall faster at first than later" (fun () ->
                    let fits (size: float) =
                        [
                            for seed in 1..5 ->
                                process' oscillator 0.1 4000 seed
                                |> blurred size (100 + seed)
                                |> pairsOf 0.1
                                |> general
                        ]

                    Expect.equal (count WarningKind.NotLinear (fits 0.3)) 5 "with noise"
                    Expect.equal (count WarningKind.NotLinear (fits 0.0)) 0 "without")

                testCase "Hidden coordinates are found" (fun () ->
                    let seen (columns: int) =
                        [
                            for seed in 1..5 ->
                                let rows = process' oscillator 0.1 4000 seed
                                general (pairsOf 0.1 (Array2D.init 4000 columns (fun t i -> rows[t, i])))
                        ]

                    Expect.equal (count WarningKind.NotLinear (seen 1)) 5 "the position alone"
                    Expect.equal (count WarningKind.NotLinear (seen 2)) 0 "the whole state")

                testCase "A dictionary that does not carry the slow motion is found" (fun () ->
                    // A slow process behind a fast one: functions of their sum fall fast at first, and slowly later.
                    let warned (degree: int) =
                        [
                            for seed in 1..3 ->
                                let slow = process' (array2D [ [ -0.1 ] ]) 0.1 20_000 seed
                                let fast = process' (array2D [ [ -2.0 ] ]) 0.1 20_000 (50 + seed)
                                let x = Array2D.init 20_000 1 (fun t _ -> slow[t, 0] + 2.0 * fast[t, 0])
                                use pairs = pairsOf 0.1 x
                                use observables = Observables.hermite degree 1 |> Outcome.get
                                use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                                spectrum.Modes
                        ]

                    Expect.equal (count WarningKind.NotLinear (warned 3)) 3 "a sum of two processes")

                testCase "Of right modes at most one in twenty is accused" (fun () ->
                    let modes =
                        [
                            for seed in 1..20 do
                                use pairs = pairsOf 0.1 (process' reversible 0.1 2000 seed)
                                use observables = Observables.hermite 3 2 |> Outcome.get
                                use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                                yield! spectrum.Modes
                        ]

                    let accused = modes |> List.filter _.Has(WarningKind.NotLinear)
                    Expect.isLessThanOrEqual (20 * accused.Length) modes.Length $"{accused.Length} of {modes.Length}")
            ]

    let private noise: Test =
        let rotation (size: float) : SnapshotPairs =
            let random = Random 1
            let angles = Array.init 1000 (fun _ -> 2.0 * Math.PI * random.NextDouble())

            let at (turn: float) (size: float) =
                angles
                |> Array.collect (fun a ->
                    [|
                        cos (a + turn) + size * normal random
                        sin (a + turn) + size * normal random
                    |])
                |> Tensors.ofRows 1000

            use x = at 0.0 0.0
            use y = at 2.0 size
            SnapshotPairs.create 1.0 x y |> Outcome.get

        testList
            "Noise or none"
            [
                testCase "Noise is measured against the neighbours' distance: a rotation by 2 rad" (fun () ->
                    for size in [ 0.2; 0.05; 0.02 ] do
                        use pairs = rotation size
                        Expect.isTrue (Noise.isStochastic Noise.Automatic pairs) $"noise {size}"

                        let modes = general pairs

                        for mode in modes do
                            Expect.isFalse (mode.Has WarningKind.NoiseFloor) $"noise {size}"

                        let turning = modes |> Array.find (fun mode -> mode.Frequency > 0.0)
                        Expect.isLessThan (abs (turning.Frequency - 2.0)) 0.02 "the frequency"

                    use exact = rotation 0.0
                    Expect.isFalse (Noise.isStochastic Noise.Automatic exact) "no noise")

                testCase "Smooth motion in many dimensions is not taken for noise" (fun () ->
                    let random = Random 3

                    let maps: (string * int * (float[] -> float[])) list =
                        [
                            "linear", 10, (fun x -> x |> Array.mapi (fun i v -> 0.9 * v + 0.2 * x[(i + 1) % 10]))
                            "quadratic",
                            6,
                            (fun x -> x |> Array.mapi (fun i v -> 0.9 * v + 0.2 * x[(i + 1) % 6] * x[(i + 1) % 6]))
                        ]

                    for name, d, map in maps do
                        let x = Array.init 1000 (fun _ -> Array.init d (fun _ -> normal random))
                        use from = Tensors.ofRows 1000 (Array.concat x)
                        use until = Tensors.ofRows 1000 (x |> Array.collect map)
                        use pairs = SnapshotPairs.create 1.0 from until |> Outcome.get
                        Expect.isFalse (Noise.isStochastic Noise.Automatic pairs) name)

                testCase "Diffusions are, at every lag and in many dimensions" (fun () ->
                    for d in [ 1; 5; 20 ] do
                        for lag in [ 0.001; 0.1; 1.0 ] do
                            let a = Array2D.init d d (fun i j -> if i = j then -1.0 else 0.0)
                            use pairs = pairsOf lag (process' a lag 1000 1)
                            Expect.isTrue (Noise.isStochastic Noise.Automatic pairs) $"{d} dimensions, lag {lag}")
            ]

    let private repetition: Test =
        let times (copies: int) (pairs: SnapshotPairs) : SnapshotPairs =
            use _ = torch.NewDisposeScope()

            let repeat (samples: Samples) =
                samples.Points.repeat_interleave (int64 copies, Nullable 0L)

            SnapshotPairs.create pairs.Lag (repeat pairs.From) (repeat pairs.To)
            |> Outcome.get

        testList
            "Copies"
            [
                testCase "Sixteen copies of the data give the interval of one, and a warning" (fun () ->
                    use once = pairsOf 0.1 (process' decaying 0.1 1000 4)
                    use often = times 16 once
                    use linear = Observables.linear 1

                    let mode (pairs: SnapshotPairs) =
                        use spectrum = Edmd.reversible Edmd.defaults linear pairs |> Outcome.get
                        spectrum.Modes[0]

                    let first, second = mode once, mode often
                    Expect.floatClose Accuracy.high second.Rate first.Rate "the rate"
                    Expect.floatClose Accuracy.high second.StandardError first.StandardError "the error"
                    Expect.isTrue (second.Has WarningKind.Repeated) "said"
                    Expect.isFalse (first.Has WarningKind.Repeated) "not said without need")

                testCase "Values on a grid repeat by chance, which is no fault" (fun () ->
                    use pairs =
                        process' decaying 0.1 2000 4
                        |> Array2D.map (fun v -> 0.1 * round (10.0 * v))
                        |> pairsOf 0.1

                    Expect.equal (count WarningKind.Repeated [ general pairs ]) 0 "rounded readings")

                testCase "Samples of an invariant law too" (fun () ->
                    use pairs = pairsOf 0.1 (process' decaying 0.1 1000 4)
                    use often = times 4 pairs
                    use observables = Observables.hermite 3 1 |> Outcome.get
                    use spectrum = Langevin.fit Langevin.defaults observables often.From |> Outcome.get
                    Expect.isTrue (spectrum.Modes[0].Has WarningKind.Repeated) "said")
            ]

    let private decay (centre: float * float) (rate: float) (frequency: float) (dt: float) (n: int) : float[,] =
        Array2D.init n 2 (fun t i ->
            let s = dt * float t

            if i = 0 then
                fst centre + exp (-rate * s) * cos (frequency * s)
            else
                snd centre + exp (-rate * s) * sin (frequency * s))

    let private modesOf (options: DmdOptions) (pairs: SnapshotPairs) : Mode[] =
        use model = Dmd.fit options pairs |> Outcome.get
        model.Spectrum.Modes

    let private dmd: Test =
        let withConstant = { Dmd.defaults with Constant = true }

        testList
            "Dynamic mode decomposition"
            [
                testCase "Motion about another point than 0: told without a constant, exact with one" (fun () ->
                    for centre, rate, frequency, n in
                        [
                            (10.0, -20.0), 0.0813, 0.2187, 200
                            (1.0, 0.0), 0.1, 2.0, 60
                            (1e6, 1e6), 0.1, 2.0, 60
                        ] do
                        use pairs = pairsOf 0.1 (decay centre rate frequency 0.1 n)

                        for mode in modesOf Dmd.defaults pairs do
                            Expect.isTrue (mode.Has WarningKind.NotLinear) "told"

                        use model = Dmd.fit withConstant pairs |> Outcome.get
                        let modes = model.Spectrum.Modes
                        Expect.isTrue modes[0].IsConstant "the constant"
                        Expect.isLessThan (abs (modes[1].Rate - rate)) 1e-5 "the rate"
                        Expect.isLessThan (abs (abs modes[1].Frequency - frequency)) 1e-5 "the frequency"
                        // The forecast knows the constant too.
                        use start = pairs.From.Points.narrow (0L, 0L, 1L)
                        use path = LinearModel.forecast 20 None start model |> Outcome.get
                        use wanted = pairs.To.Points.select (0L, 19L)
                        let error = (path.select(1L, 20L).reshape -1L - wanted).abs().max().ToDouble()
                        Expect.isLessThan error (1e-6 * (1.0 + abs (fst centre))) "the forecast")

                testCase "No constant is asked for where none is missing" (fun () ->
                    for seed in 1..20 do
                        use pairs = pairsOf 0.1 (process' oscillator 0.1 500 seed)
                        Expect.equal (count WarningKind.NotLinear [ modesOf Dmd.defaults pairs ]) 0 $"seed {seed}")

                testCase "White noise has no mode without a warning, with many snapshots or few" (fun () ->
                    let random = Random 5

                    for n, d in [ 2000, 9; 9, 400 ] do
                        use pairs = pairsOf 0.1 (Array2D.init n d (fun _ _ -> normal random))

                        for mode in modesOf Dmd.defaults pairs do
                            Expect.isNonEmpty mode.Warnings $"{n} x {d}")

                testCase "Optimised: noise in the dynamics is told from noise of the measurement" (fun () ->
                    let fit (rows: float[,]) (constant: bool) =
                        use data = Trajectories.ofArrays 0.1 [ rows ] |> Outcome.get

                        use model =
                            OptimizedDmd.fit
                                { OptimizedDmd.defaults with
                                    Constant = constant
                                }
                                Control.none
                                data
                            |> Outcome.get

                        model.Spectrum.Modes

                    for mode in fit (process' decaying 0.1 2000 3) false do
                        Expect.isTrue (mode.Has WarningKind.NotLinear) "a diffusion"
                        Expect.isGreaterThan mode.Upper 0.0 "no certain growth"

                    let measured = fit (decay (1.0, 0.0) 0.1 2.0 0.1 60 |> blurred 0.01 4) true
                    Expect.equal (count WarningKind.NotLinear [ measured ]) 0 "a measurement"
                    Expect.equal (count WarningKind.LargeResidual [ measured ]) 0 "its residual is noise"
                    let turning = measured |> Array.find (fun mode -> mode.Frequency > 0.0)
                    Expect.inRange 0.1 (turning.Lower, turning.Upper) "the rate"

                    for mode in fit (decay (1.0, 0.0) 0.1 2.0 0.1 60) false do
                        Expect.isTrue (mode.Has WarningKind.NotLinear) "an exponential is missing")
            ]

    let private numbers: Test =
        testList
            "Words and numbers"
            [
                testCase "An alternation is not slow" (fun () ->
                    use pairs = pairsOf 1.0 (Array2D.init 400 1 (fun t _ -> float (t % 2)))
                    let modes = general pairs
                    let alternation = modes |> Array.find (fun mode -> mode.Eigenvalue.Real < 0.0)
                    Expect.isTrue (Double.IsNaN alternation.Timescale) "no timescale"
                    Expect.equal (count WarningKind.NotLinear [ modes ]) 0 "no failure where rounding is all there is")

                testCase "A coordinate lost by the rank tolerance is said" (fun () ->
                    use pairs =
                        process' decaying 0.1 2000 3
                        |> Array2D.map (fun v -> 22.0 + 1e-6 * v)
                        |> pairsOf 0.1

                    use observables = affine 1
                    use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
                    Expect.isTrue (model.Spectrum.Modes[0].Has WarningKind.NotConverged) "warned"
                    Expect.stringContains model.Spectrum.Measure "1 of 2 directions" "and counted")

                testCase "Kernel EDMD knows the constant, and gives every mode an interval" (fun () ->
                    use pairs = pairsOf 0.1 (process' decaying 0.1 2000 3)
                    use fit = KernelEdmd.fit KernelEdmd.defaults pairs |> Outcome.get
                    let modes = fit.Model.Spectrum.Modes
                    Expect.isTrue modes[0].IsConstant "the constant"
                    Expect.isFalse modes[1].IsConstant "the first mode"
                    Expect.inRange 1.0 (modes[1].Lower, modes[1].Upper) "its rate"

                    for mode in modes do
                        Expect.isTrue (Double.IsFinite mode.StandardError) "an error")

                testCase "Energies of a Schrödinger operator have intervals that hold them" (fun () ->
                    let nodes = Array.init 400 (fun i -> -6.0 + 12.0 * float i / 399.0)
                    use points = Tensors.ofRows 400 nodes
                    use samples = Samples.ofTensor points |> Outcome.get

                    use spectrum =
                        KernelGenerator.schroedinger
                            KernelGenerator.schroedingerDefaults
                            (Kernel.Gaussian 0.7)
                            (ScalarField(fun x -> 0.5 * x[0] * x[0]))
                            samples
                        |> Outcome.get

                    for k in 0..3 do
                        let mode = spectrum.Modes[k]
                        Expect.inRange (0.5 + float k) (mode.Lower - 1e-9, mode.Upper + 1e-9) $"energy {k}")

                testCase "Timescales that no lag bounds are not called constant over the lag" (fun () ->
                    // A process that never turns in the data: every interval reaches to infinity.
                    use data =
                        Trajectories.ofArrays 0.1 [ process' (array2D [ [ -0.001 ] ]) 0.1 200 2 ]
                        |> Outcome.get

                    let table =
                        Timescales.implied
                            1
                            (Tica.fit Tica.defaults)
                            (fun steps -> Trajectories.pairs steps data)
                            [ 1; 2; 3; 5 ]
                        |> Outcome.get

                    let unbounded =
                        table.Rows
                        |> Array.forall (fun row -> row.Timescales |> Array.forall (_.Upper >> Double.IsInfinity))

                    Expect.isTrue unbounded "unbounded"
                    Expect.isFalse table.Plateaus[0].HasValue "no plateau")
            ]

    /// States of the law exp(-V) in one dimension, independent.
    let private drawn (potential: float -> float) (limit: float) (n: int) (seed: int) : Samples =
        let cells = 20_000

        let at (i: int) =
            limit * (2.0 * (float i + 0.5) / float cells - 1.0)

        let sums = Array.init cells (fun i -> exp -(potential (at i))) |> Array.scan (+) 0.0
        let random = Random seed

        Array.init n (fun _ ->
            let found = Array.BinarySearch(sums, random.NextDouble() * sums[cells])
            at (min (cells - 1) (if found >= 0 then found else ~~~found - 1)))
        |> Samples.ofValues 1
        |> Outcome.get

    let private outliers: Test =
        testList
            "Outliers and tails"
            [
                testCase "A row far away is counted and changes neither rates nor residuals" (fun () ->
                    use plain = drawn (fun x -> 0.5 * x * x) 6.0 2000 1

                    use far =
                        Samples.ofValues 1 (Array.append (Samples.values plain) [| 1e6 |])
                        |> Outcome.get

                    let fit (data: Samples) =
                        use observables =
                            Observables.gaussiansOver Observables.automatic data |> Outcome.get

                        Langevin.fit Langevin.defaults observables data |> Outcome.get

                    use without = fit plain
                    use within = fit far
                    Expect.isFalse (without.Measure.Contains "apart") "no outlier"
                    Expect.stringContains within.Measure "1 of 2001 rows lies apart" "one outlier"

                    // The exact rate is 1.
                    let mode = within.Modes[0]
                    Expect.isTrue (mode.Lower <= 1.0 && 1.0 <= mode.Upper) "the rate"
                    Expect.isLessThan (abs (mode.Rate - without.Modes[0].Rate)) 0.02 "the rate without it"

                    for mode in within.Modes do
                        Expect.isTrue (Double.IsFinite mode.Residual) $"the residual of mode {mode.Index}")

                testCase "A column that is constant up to rounding does not change what counts as noise" (fun () ->
                    let mutable x = 0.3123

                    let logistic =
                        Array2D.init 600 1 (fun _ _ ->
                            x <- 4.0 * x * (1.0 - x)
                            x)

                    for rows in [ logistic; process' decaying 0.1 600 1 ] do
                        use alone = pairsOf 1.0 rows

                        for beside in [ (fun _ -> 1.0); (fun i -> 1.0 + 2.2e-16 * float (i % 2)) ] do
                            use both =
                                pairsOf 1.0 (Array2D.init 600 2 (fun i j -> if j = 0 then rows[i, 0] else beside i))

                            Expect.floatClose
                                Accuracy.medium
                                (Noise.share both)
                                (Noise.share alone)
                                "the share of noise"

                            Expect.equal
                                (Noise.isStochastic Noise.Automatic both)
                                (Noise.isStochastic Noise.Automatic alone)
                                "random or not")

                testCase "Two clusters, one of them small, and tails are no outliers" (fun () ->
                    let random = Random 3

                    let unbalanced =
                        Array.init 2000 (fun i -> (if i % 25 = 0 then 8.0 else 0.0) + 0.5 * normal random)

                    for values in [ unbalanced; Array.init 2000 (fun _ -> -(log (random.NextDouble()))) ] do
                        use samples = Samples.ofValues 1 values |> Outcome.get
                        Expect.isNone (Centres.apartInWords samples) "none")

                testCase "Exponential tails: where Gaussians do not carry the mode, the interval says so" (fun () ->
                    // V = 3√(1+x²) has the rate 1.8158 below a continuum at 2.25.
                    let inside =
                        [
                            for seed in 1..20 do
                                use data = drawn (fun x -> 3.0 * sqrt (1.0 + x * x)) 11.0 5000 seed

                                use observables =
                                    Observables.gaussiansOver Observables.automatic data |> Outcome.get

                                use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                                let mode = spectrum.Modes[0]
                                mode.Lower <= 1.8158 && 1.8158 <= mode.Upper
                        ]

                    // Without the coordinates in the judgement 12 of 20.
                    Expect.isGreaterThanOrEqual (inside |> List.filter id |> List.length) 18 "intervals with the rate")

                testCase "Noise in the states of a fast rotation: its rate, .04 in place of 0, is told" (fun () ->
                    // x' = x - 2y, y' = x - y with noise of 1 %: ±i, without decay.
                    let random = Random 4
                    let step = 0.01

                    let rows =
                        Array2D.init 4001 2 (fun t axis ->
                            let angle = step * float t
                            // From (1, .1): cos t + (x - 2y) sin t, and y cos t + (x - y) sin t.
                            (if axis = 0 then
                                 cos angle + 0.8 * sin angle
                             else
                                 0.1 * cos angle + 0.9 * sin angle)
                            + 0.01 * normal random)

                    use pairs = pairsOf step rows
                    use model = Dmd.fit Dmd.defaults pairs |> Outcome.get

                    for mode in model.Spectrum.Modes do
                        Expect.isTrue
                            ((mode.Lower <= 0.0 && 0.0 <= mode.Upper) || mode.Has WarningKind.NotLinear)
                            $"{mode.Rate}: right, or told"

                    Expect.isTrue (model.Spectrum.Modes |> Array.exists _.Has(WarningKind.NotLinear)) "told"

                    use both =
                        Dmd.fit
                            { Dmd.defaults with
                                Method = DmdMethod.ForwardBackward
                            }
                            pairs
                        |> Outcome.get

                    for mode in both.Spectrum.Modes do
                        Expect.isTrue (mode.Lower <= 0.0 && 0.0 <= mode.Upper) "right by both directions")

                testCase "DMD about a point far from 0 is told, whatever the units of the coordinates" (fun () ->
                    // A thermometer and a barometer: rates 1 and 3.
                    let rows =
                        process' reversible 0.1 3000 2
                        |> Array2D.mapi (fun _ axis value ->
                            if axis = 0 then
                                300.0 + 0.01 * value
                            else
                                101_325.0 + 500.0 * value)

                    use pairs = pairsOf 0.1 rows
                    use plain = Dmd.fit Dmd.defaults pairs |> Outcome.get

                    for mode in plain.Spectrum.Modes do
                        Expect.isTrue (mode.Has WarningKind.NotLinear) "the remark"

                    use model = Dmd.fit { Dmd.defaults with Constant = true } pairs |> Outcome.get
                    let found = model.Spectrum.Modes |> Array.filter (_.IsConstant >> not)

                    for mode, rate in Array.zip found [| 1.0; 3.0 |] do
                        Expect.isFalse
                            (mode.Has WarningKind.NotLinear || mode.Has WarningKind.NoiseFloor)
                            "no such warning"

                        Expect.isTrue (mode.Lower <= rate && rate <= mode.Upper) $"the rate {rate}")

                testCase "A sensor that is stuck for half of the time leaves no interval below 0" (fun () ->
                    let rows = process' decaying 0.1 2000 10

                    let stuck =
                        rows
                        |> Array2D.mapi (fun t _ value -> if t > 1000 then rows[1000, 0] else value)

                    use pairs = pairsOf 0.1 stuck

                    use observables =
                        Observables.gaussiansOver Observables.automatic pairs.From |> Outcome.get

                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get

                    for mode in spectrum.Modes do
                        Expect.isTrue (mode.Has WarningKind.Repeated) "the copies"
                        Expect.isGreaterThanOrEqual mode.Lower 0.0 "the interval")

                testCase "A kernel that does not contain the constant: its rate is added to the intervals" (fun () ->
                    // Twelve rates, the first .3, in 25 functions of a kernel.
                    let rates = [| 0.3; 1.0; 2.0; 2.0; 3.0; 3.0; 3.0; 4.0; 4.0; 4.0; 4.0; 4.0 |]
                    let drift = Array2D.init 12 12 (fun i j -> if i = j then -rates[i] else 0.0)

                    for seed in 1..4 do
                        use pairs = pairsOf 0.1 (process' drift 0.1 4000 seed)
                        use fit = KernelEdmd.fit KernelEdmd.defaults pairs |> Outcome.get
                        let modes = fit.Model.Spectrum.Modes
                        let constant, mode = modes[0], modes[1]
                        Expect.isTrue (constant.IsConstant && constant.Lower > 0.0) "the constant decays in them"

                        Expect.floatClose
                            Accuracy.medium
                            (mode.Rate - mode.Lower)
                            (mode.Upper - mode.Rate + constant.Rate)
                            "the interval"

                        Expect.isTrue
                            (mode.Lower <= 0.3 && 0.3 <= mode.Upper)
                            $"{mode.Lower} to {mode.Upper}: the rate .3")

                testCase "A dictionary that leaves out the slow direction is told" (fun () ->
                    // Rates 1 and 3, and functions of the fast coordinate alone.
                    use pairs = pairsOf 0.1 (process' reversible 0.1 3000 1)
                    use line = Observables.monomials 3 1 |> Outcome.get

                    use observables =
                        Observables.mapped
                            (Tensors.ofVector [| 0.0; 0.0 |])
                            (Tensors.ofMatrix (array2D [ [ 0.0 ]; [ 1.0 ] ]))
                            line
                        |> Outcome.get

                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    let mode = spectrum.Modes[0]
                    Expect.isGreaterThan mode.Rate 2.0 "the rate of the fast coordinate"
                    Expect.isTrue (mode.Has WarningKind.NotConverged) "the warning"
                    Expect.isLessThanOrEqual mode.Lower 1.2 "the interval")
            ]

    let tests: Test =
        testList "Evidence" [ balance; memory; noise; repetition; dmd; numbers; outliers ]
