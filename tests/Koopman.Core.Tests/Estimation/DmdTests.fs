namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open FsCheck.FSharp
open Koopman
open TorchSharp

/// Linear systems whose eigenvalues are known.
module internal Linear =

    /// n states x_{t+1} = A x_t (rows), from x_0.
    let orbit (a: float[,]) (start: float[]) (n: int) : Tensor =
        let d = start.Length
        let mutable x = start

        Array.init n (fun _ ->
            let now = x
            x <- Array.init d (fun i -> Seq.sum (Seq.init d (fun j -> a[i, j] * now[j])))
            now)
        |> Array.concat
        |> Tensors.ofRows n

    /// The centre z' = [[1,-2],[1,-1]] z from (1, .1): eigenvalues ±i; 4000 steps of .01 with white noise on the states.
    let centre (noise: float) (seed: int) : Trajectories =
        use _ = torch.NewDisposeScope()
        let generator = Tensors.ofRows 2 [| 1.0; -2.0; 1.0; -1.0 |]
        let step = torch.linalg.matrix_exp (0.01 * generator)
        let a = Tensors.toArray step
        let clean = orbit (array2D [ [ a[0]; a[1] ]; [ a[2]; a[3] ] ]) [| 1.0; 0.1 |] 4001
        let errors = noise * Seed.normal [| 4001L; 2L |] (Seed.ofInt seed)
        Trajectories.create 0.01 [ clean + errors ] |> Outcome.get

    let pairs (trajectories: Trajectories) : SnapshotPairs =
        Trajectories.pairs 1 trajectories |> Outcome.get

    /// The full matrix A (d, d) of x' = A x that a model of full rank stands for, row by row.
    let matrix (model: LinearModel) : float[] =
        use _ = torch.NewDisposeScope()
        let unit = torch.eye (int64 model.Observables.Dimension, dtype = torch.float64)

        let image =
            (model.Observables.Values unit).matmul(model.Propagator.Matrix).matmul model.Output

        Tensors.toArray (image.t ())

    let withMethod (way: DmdMethod) : DmdOptions = { Dmd.defaults with Method = way }

    let close (tolerance: float) (expected: float[]) (found: float[]) : unit =
        Expect.equal found.Length expected.Length "found.Length"

        Array.iter2
            (fun (e: float) (f: float) -> Expect.isTrue (abs (e - f) <= tolerance) $"expected {e}, got {f}")
            expected
            found

    let methods: DmdMethod list =
        [
            DmdMethod.Exact
            DmdMethod.Projected
            DmdMethod.ForwardBackward
            DmdMethod.TotalLeastSquares
        ]

module DmdTests =

    /// A stationary process x' = A x + .1 noise with eigenvalues .9 e^{±.3i}, one long trajectory.
    let private driven (seed: int) : SnapshotPairs =
        use _ = torch.NewDisposeScope()
        let noise = Seed.normal [| 1500L; 2L |] (Seed.ofInt seed) |> Tensors.toArray
        let c, s = 0.9 * cos 0.3, 0.9 * sin 0.3
        let states = Array.zeroCreate 3000

        for t in 1..1499 do
            states[2 * t] <- c * states[2 * t - 2] - s * states[2 * t - 1] + 0.1 * noise[2 * t]
            states[2 * t + 1] <- s * states[2 * t - 2] + c * states[2 * t - 1] + 0.1 * noise[2 * t + 1]

        use trajectories =
            Trajectories.create 0.5 [ Tensors.ofRows 1500 states ] |> Outcome.get

        Linear.pairs trajectories

    let tests: Test =
        testList
            "Dmd"
            [
                testList
                    "Every method finds a linear map exactly"
                    [
                        for way in
                            [
                                DmdMethod.Exact
                                DmdMethod.Projected
                                DmdMethod.ForwardBackward
                                DmdMethod.TotalLeastSquares
                            ] do
                            testCase $"{way}" (fun () ->
                                use states =
                                    Linear.orbit (array2D [ [ 0.8; -0.05 ]; [ 0.3; 0.7 ] ]) [| 1.0; -2.0 |] 12

                                use trajectories = Trajectories.create 0.5 [ states ] |> Outcome.get
                                use pairs = Linear.pairs trajectories
                                use model = Dmd.fit (Linear.withMethod way) pairs |> Outcome.get
                                Linear.close 1e-10 [| 0.8; -0.05; 0.3; 0.7 |] (Linear.matrix model)
                                // λ² - 1.5 λ + .575 = 0
                                let exact = Complex(0.75, sqrt (0.575 - 0.5625))

                                Expect.isTrue
                                    (Complex.Abs(model.Spectrum.Eigenvalues[0] - exact) < 1e-10)
                                    "the first eigenvalue is exact"

                                Expect.equal
                                    (model.Spectrum.Eigenvalues[1])
                                    (Complex.Conjugate model.Spectrum.Eigenvalues[0])
                                    "model.Spectrum.Eigenvalues[1]"

                                Expect.sameDecimals
                                    9
                                    (model.Spectrum.Modes[0].Frequency)
                                    ((Complex.Log exact).Imaginary / 0.5)
                                    "model.Spectrum.Modes[0].Frequency"

                                Expect.inRange
                                    (model.Spectrum.Modes[0].Residual)
                                    (0.0, 1e-10)
                                    "model.Spectrum.Modes[0].Residual"

                                use forecast = LinearModel.forecast 3 None states model |> Outcome.get
                                use last = forecast.select(0L, 0L).select(0L, 3L)
                                use truth = states.select (0L, 3L)
                                Linear.close 1e-10 (Tensors.toArray truth) (Tensors.toArray last))
                    ]

                testCase "Noise makes the modes of plain least squares decay, and those of the others not" (fun () ->
                    use trajectories = Linear.centre 0.01 1
                    use pairs = Linear.pairs trajectories

                    let error (way: DmdMethod) =
                        use model = Dmd.fit (Linear.withMethod way) pairs |> Outcome.get
                        Complex.Abs(model.Spectrum.Exponents[0] - Complex.ImaginaryOne)

                    // The bias of least squares is near σ²/(⟨x²⟩ step), here .01²/(.5 · .01) = 2e-2 in the weaker direction and less in the other.
                    Expect.inRange (error DmdMethod.Exact) (1e-2, 1e-1) "error DmdMethod.Exact"
                    Expect.inRange (error DmdMethod.ForwardBackward) (0.0, 1e-3) "error DmdMethod.ForwardBackward"
                    Expect.inRange (error DmdMethod.TotalLeastSquares) (0.0, 1e-3) "error DmdMethod.TotalLeastSquares")

                testCase "Two frequencies of a complex field, as real and imaginary parts" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let x = Array.init 65 (fun i -> -5.0 + 10.0 * float i / 64.0)
                    let t = Array.init 129 (fun i -> 4.0 * Math.PI * float i / 128.0)

                    let field (t: float) (x: float) =
                        Complex.Exp(Complex(0.0, 2.3 * t)) / Complex(cosh (x + 3.0), 0.0)
                        + Complex(2.0 * tanh x / cosh x, 0.0) * Complex.Exp(Complex(0.0, 2.8 * t))

                    let states =
                        t
                        |> Array.collect (fun t ->
                            let values = x |> Array.map (field t)
                            Array.append (values |> Array.map _.Real) (values |> Array.map _.Imaginary))
                        |> Tensors.ofRows 129

                    use trajectories = Trajectories.create t[1] [ states ] |> Outcome.get
                    use pairs = Linear.pairs trajectories
                    use model = Dmd.fit Dmd.defaults pairs |> Outcome.get
                    // Two modes and their conjugates.
                    Expect.equal model.Spectrum.Rank 4 "model.Spectrum.Rank"

                    Linear.close
                        1e-8
                        [| -2.8; -2.3; 2.3; 2.8 |]
                        (model.Spectrum.Modes |> Array.map _.Frequency |> Array.sort)

                    Linear.close 1e-8 (Array.zeroCreate 4) model.Spectrum.Rates
                    // The real and imaginary parts of the mode at 2.3 are those of sech(x+3), up to one factor.
                    use modes = LinearModel.stateModes model

                    let at =
                        model.Spectrum.Modes
                        |> Array.findIndex (fun mode -> abs (mode.Frequency - 2.3) < 1e-3)

                    let shape = modes.select(0L, int64 at).abs() |> Tensors.toArray |> Array.take 65
                    let ratio = Array.map2 (fun m x -> m * cosh (x + 3.0)) shape x
                    Linear.close (1e-7 * ratio[0]) (Array.create 65 ratio[0]) ratio)

                testCase "A state of many coordinates needs no matrix of its size" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let d = 20_000L
                    let shapes = Seed.normal [| 4L; d |] (Seed.ofInt 8)

                    let courses =
                        Linear.orbit
                            (array2D
                                [
                                    [ 0.9; -0.3; 0.0; 0.0 ]
                                    [ 0.3; 0.9; 0.0; 0.0 ]
                                    [ 0.0; 0.0; 0.8; 0.0 ]
                                    [ 0.0; 0.0; 0.0; 0.95 ]
                                ])
                            [| 1.0; 1.0; 2.0; 1.0 |]
                            40

                    use trajectories = Trajectories.create 1.0 [ courses.matmul shapes ] |> Outcome.get
                    use pairs = Linear.pairs trajectories
                    use model = Dmd.fit { Dmd.defaults with Modes = 2 } pairs |> Outcome.get
                    Expect.equal model.Spectrum.Rank 4 "model.Spectrum.Rank"

                    Linear.close
                        1e-9
                        [| 0.8; 0.9; 0.9; 0.95 |]
                        (model.Spectrum.Eigenvalues |> Array.map _.Real |> Array.sort)
                    // The second mode asked for is the first half of a pair, so that both halves are there.
                    Expect.equal
                        (model.Spectrum.Modes[2].Eigenvalue)
                        (Complex.Conjugate model.Spectrum.Modes[1].Eigenvalue)
                        "model.Spectrum.Modes[2].Eigenvalue"

                    Expect.equal model.Spectrum.Modes.Length 3 "model.Spectrum.Modes.Length")

                testCase "The threshold finds the modes under noise" (fun () ->
                    use _ = torch.NewDisposeScope()
                    // Figures of the paper: 2.858 for a square matrix, and 1.4826-like limits for thin ones.
                    Expect.sameDecimals 3 (DmdRank.threshold 1.0) 2.8582 "DmdRank.threshold 1.0"
                    Expect.sameDecimals 2 (DmdRank.threshold 0.5) 2.1711 "DmdRank.threshold 0.5"
                    let shapes = Seed.normal [| 2L; 200L |] (Seed.ofInt 4)

                    let courses =
                        Linear.orbit (array2D [ [ 0.96; -0.2 ]; [ 0.2; 0.96 ] ]) [| 1.0; 0.0 |] 100

                    let noise = 0.05 * Seed.normal [| 100L; 200L |] (Seed.ofInt 5)

                    use trajectories =
                        Trajectories.create 1.0 [ courses.matmul (shapes) + noise ] |> Outcome.get

                    use pairs = Linear.pairs trajectories
                    use automatic = Dmd.fit Dmd.defaults pairs |> Outcome.get
                    Expect.equal automatic.Spectrum.Rank 2 "automatic.Spectrum.Rank"
                    use energy = Dmd.fit { Dmd.defaults with Rank = Energy 0.5 } pairs |> Outcome.get
                    Expect.equal energy.Spectrum.Rank 1 "energy.Spectrum.Rank")

                testCase "Delays find two frequencies in one scalar signal" (fun () ->
                    let signal =
                        Array.init 400 (fun i -> sin (1.3 * 0.1 * float i) + 0.5 * cos (3.1 * 0.1 * float i))

                    use column = Tensors.ofRows 400 signal
                    use trajectories = Trajectories.create 0.1 [ column ] |> Outcome.get
                    use delayed = Trajectories.delays 30 trajectories |> Outcome.get
                    use pairs = Linear.pairs delayed
                    use model = Dmd.fit Dmd.defaults pairs |> Outcome.get

                    Linear.close
                        1e-8
                        [| -3.1; -1.3; 1.3; 3.1 |]
                        (model.Spectrum.Modes |> Array.map _.Frequency |> Array.sort))

                testCase "Pairs of several trajectories are one set of pairs, in whatever order" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let a = array2D [ [ 0.9; -0.2; 0.1 ]; [ 0.2; 0.8; 0.0 ]; [ 0.0; 0.1; 0.7 ] ]

                    let noisy seed n =
                        Linear.orbit a [| 1.0; float seed; -1.0 |] n
                        + 0.01 * Seed.normal [| int64 n; 3L |] (Seed.ofInt seed)

                    use trajectories =
                        Trajectories.create 0.1 [ noisy 1 30; noisy 2 20; noisy 3 25 ] |> Outcome.get

                    use pairs = Linear.pairs trajectories

                    let index =
                        torch.tensor (
                            Seed.permutation pairs.Count (Seed.ofInt 4) |> Array.map int64,
                            dtype = torch.int64
                        )

                    let at (samples: Samples) = samples.Points.index_select (0L, index)
                    use shuffled = SnapshotPairs.create 0.1 (at pairs.From) (at pairs.To) |> Outcome.get

                    for way in Linear.methods do
                        use one = Dmd.fit (Linear.withMethod way) pairs |> Outcome.get
                        use other = Dmd.fit (Linear.withMethod way) shuffled |> Outcome.get
                        Linear.close 1e-10 (Linear.matrix one) (Linear.matrix other))

                testCase "Whole weights are replicated pairs" (fun () ->
                    use _ = torch.NewDisposeScope()

                    let x, y =
                        Seed.normal [| 40L; 2L |] (Seed.ofInt 1), Seed.normal [| 40L; 2L |] (Seed.ofInt 2)

                    let copies = Array.init 40 (fun i -> 1 + i % 3)

                    let rows =
                        copies |> Array.mapi (fun i n -> Array.create n (int64 i)) |> Array.concat

                    let index = torch.tensor (rows, dtype = torch.int64)

                    use plain = SnapshotPairs.create 1.0 x (x + 0.3 * y) |> Outcome.get

                    use weighted =
                        SnapshotPairs.withWeights (Array.map float copies) plain |> Outcome.get

                    use replicated =
                        SnapshotPairs.create
                            1.0
                            (plain.From.Points.index_select (0L, index))
                            (plain.To.Points.index_select (0L, index))
                        |> Outcome.get

                    for way in Linear.methods do
                        use one = Dmd.fit (Linear.withMethod way) weighted |> Outcome.get
                        use other = Dmd.fit (Linear.withMethod way) replicated |> Outcome.get
                        Linear.close 1e-10 (Linear.matrix other) (Linear.matrix one)
                        // Held out, and copies move the edges of the blocks.
                        Linear.close 0.01 [| other.Spectrum.Modes[0].Residual |] [| one.Spectrum.Modes[0].Residual |])

                testList
                    "Error bars are as wide as estimates scatter, and the residual is the noise"
                    [
                        for way in [ DmdMethod.Exact; DmdMethod.Projected ] do
                            testCase $"{way}" (fun () ->
                                let scores =
                                    [|
                                        for seed in 1..30 do
                                            use pairs = driven seed
                                            use model = Dmd.fit (Linear.withMethod way) pairs |> Outcome.get
                                            let mode = model.Spectrum.Modes[0]
                                            // |φ(y) - λφ(x)|² = .1² over ⟨|x|²⟩ = .1²/(1 - .81) per coordinate.
                                            Expect.inRange mode.Residual (0.4, 0.47) "mode.Residual"
                                            (mode.Rate + log 0.9 / 0.5) / mode.StandardError
                                            (mode.Frequency - 0.6) / mode.FrequencyError
                                    |]

                                let spread = sqrt (Array.averageBy (fun z -> z * z) scores)
                                Expect.inRange spread (0.75, 1.25) "spread"
                                // 95 % of 60, less three standard errors.
                                Expect.inRange
                                    (scores |> Array.filter (fun z -> abs z < 1.96) |> Array.length)
                                    (52, 60)
                                    "the scores within 1.96")
                    ]

                testCase "Of clean data the error bars are rounding, and of too few there are none" (fun () ->
                    use states =
                        Linear.orbit (array2D [ [ 0.8; -0.05 ]; [ 0.3; 0.7 ] ]) [| 1.0; -2.0 |] 12

                    use trajectories = Trajectories.create 0.5 [ states ] |> Outcome.get
                    use pairs = Linear.pairs trajectories

                    for way in Linear.methods do
                        use model = Dmd.fit (Linear.withMethod way) pairs |> Outcome.get
                        let mode = model.Spectrum.Modes[0]
                        Expect.inRange mode.StandardError (0.0, 1e-9) "mode.StandardError"
                        Expect.inRange mode.Residual (0.0, 1e-9) "mode.Residual"

                    use few = Trajectories.create 0.5 [ states.narrow (0L, 0L, 4L) ] |> Outcome.get
                    use three = Linear.pairs few
                    use model = Dmd.fit Dmd.defaults three |> Outcome.get

                    Expect.isTrue (Double.IsNaN model.Spectrum.Modes[0].StandardError) "the standard error is NaN"

                    Expect.isTrue (Double.IsNaN model.Spectrum.Modes[0].Residual) "the residual is NaN"

                    Linear.close 1e-10 [| 0.8; -0.05; 0.3; 0.7 |] (Linear.matrix model))

                testCase "Inputs are refitted too: with their effect known and unknown the error bars agree" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let x = Seed.normal [| 400L; 2L |] (Seed.ofInt 1)
                    let u = Seed.normal [| 400L; 1L |] (Seed.ofInt 2)
                    let noise = 0.05 * Seed.normal [| 400L; 2L |] (Seed.ofInt 3)
                    let a = Tensors.ofRows 2 [| 0.8; 0.3; -0.05; 0.7 |]
                    let b = Tensors.ofRows 1 [| 0.4; -0.2 |]

                    use plain =
                        SnapshotPairs.create 1.0 x (x.matmul (a) + u.matmul b + noise) |> Outcome.get

                    use pairs = SnapshotPairs.withInputs u plain |> Outcome.get
                    use unknown = Dmd.fit Dmd.defaults pairs |> Outcome.get
                    use known = Dmd.fitWithInput Dmd.defaults b pairs |> Outcome.get

                    for model in [ unknown; known ] do
                        let mode = model.Spectrum.Modes[0]
                        Expect.inRange mode.StandardError (1e-3, 1e-2) "mode.StandardError"
                        // sqrt of noise over the size of an eigenfunction of unit norm: near .05.
                        Expect.inRange mode.Residual (0.03, 0.1) "mode.Residual"

                    Linear.close
                        (0.1 * known.Spectrum.Modes[0].StandardError)
                        [| known.Spectrum.Modes[0].StandardError |]
                        [| unknown.Spectrum.Modes[0].StandardError |])

                testCase "Bad input is refused with a remedy" (fun () ->
                    use _ = torch.NewDisposeScope()

                    let make (x: Tensor) (y: Tensor) =
                        SnapshotPairs.create 0.1 x y |> Outcome.get

                    let one = torch.ones (20L, 2L, dtype = torch.float64)
                    use still = make one one

                    Dmd.fit Dmd.defaults still
                    |> Expect.error ErrorKind.TooFewSamples [ "same point"; "vary" ]

                    let x = Seed.normal [| 20L; 2L |] (Seed.ofInt 1)
                    use pairs = make x (0.5 * x)

                    let fit rank =
                        Dmd.fit { Dmd.defaults with Rank = rank } pairs

                    fit (Fixed 0) |> Expect.error ErrorKind.InvalidSetting [ "Rank 0" ]

                    fit (Fixed 3)
                    |> Expect.error ErrorKind.InvalidSetting [ "2 directions"; "delays" ]

                    fit (Energy 0.0) |> Expect.error ErrorKind.InvalidSetting [ "0"; "0.999" ]
                    fit (Energy nan) |> Expect.error ErrorKind.InvalidSetting [ "fraction" ]

                    Dmd.fit { Dmd.defaults with Modes = 0 } pairs
                    |> Expect.error ErrorKind.InvalidSetting [ "Modes is 0"; "Dmd.defaults" ]

                    use few =
                        make (Tensors.ofRows 2 [| 1.0; 0.0; 0.0; 1.0 |]) (Tensors.ofRows 2 [| 0.5; 0.0; 0.0; 0.5 |])

                    Dmd.fit { Dmd.defaults with Rank = Fixed 2 } few
                    |> Expect.error ErrorKind.TooFewSamples [ "2 snapshots" ]
                    // What is extinguished in one step has no way back.
                    use extinct = make x (x * Tensors.ofVector [| 0.5; 0.0 |])

                    Dmd.fit (Linear.withMethod DmdMethod.ForwardBackward) extinct
                    |> Expect.error ErrorKind.IllConditioned [ "Lower the rank" ]

                    use model = Dmd.fit Dmd.defaults extinct |> Outcome.get
                    Expect.equal model.Spectrum.Rank 2 "model.Spectrum.Rank")

                testCase "No tensor is left behind" (fun () ->
                    let work () =
                        use states =
                            Linear.orbit (array2D [ [ 0.8; -0.05 ]; [ 0.3; 0.7 ] ]) [| 1.0; -2.0 |] 12

                        use trajectories = Trajectories.create 0.5 [ states ] |> Outcome.get
                        use pairs = Linear.pairs trajectories
                        use u = Seed.normal [| 11L; 1L |] (Seed.ofInt 1)
                        use driven = SnapshotPairs.withInputs u pairs |> Outcome.get
                        use b = Tensors.ofRows 1 [| 1.0; 0.0 |]

                        for way in Linear.methods do
                            use model = Dmd.fit (Linear.withMethod way) driven |> Outcome.get
                            use known = Dmd.fitWithInput (Linear.withMethod way) b driven |> Outcome.get
                            Expect.equal known.Spectrum.Rank model.Spectrum.Rank "known.Spectrum.Rank"

                        Dmd.fit { Dmd.defaults with Rank = Fixed 5 } pairs
                        |> Expect.error ErrorKind.InvalidSetting []

                        Dmd.fitWithInput Dmd.defaults b pairs
                        |> Expect.error ErrorKind.InvalidSetting [ "no inputs" ]

                    work ()
                    let before = live ()
                    work ()
                    Expect.equal (live ()) before "live tensors")
            ]

module ControlTests =

    /// x' = A x + B u with random inputs, from several starts.
    let private driven (noise: float) : SnapshotPairs =
        use _ = torch.NewDisposeScope()
        let n = 60
        let x = Seed.normal [| int64 n; 2L |] (Seed.ofInt 1)
        let u = Seed.normal [| int64 n; 1L |] (Seed.ofInt 2)
        let a = Tensors.ofRows 2 [| 1.5; 0.0; 0.0; 0.1 |]
        let b = Tensors.ofRows 1 [| 1.0; 0.0 |]
        let errors = noise * Seed.normal [| int64 n; 2L |] (Seed.ofInt 3)

        use plain =
            SnapshotPairs.create 1.0 x (x.matmul (a.t ()) + u.matmul b + errors)
            |> Outcome.get

        SnapshotPairs.withInputs u plain |> Outcome.get

    /// The unstable system of Proctor, Brunton and Kutz under feedback u = -x₁.
    let private feedback () : SnapshotPairs =
        use x = Tensors.ofRows 4 [| 4.0; 7.0; 2.0; 0.7; 1.0; 0.07; 0.5; 0.007 |]
        use y = Tensors.ofRows 4 [| 2.0; 0.7; 1.0; 0.07; 0.5; 0.007; 0.25; 0.0007 |]
        use u = Tensors.ofRows 4 [| -4.0; -2.0; -1.0; -0.5 |]
        use plain = SnapshotPairs.create 1.0 x y |> Outcome.get
        SnapshotPairs.withInputs u plain |> Outcome.get

    let private inputMatrix (model: LinearModel) : float[] =
        use inState = model.Input.Value.matmul model.Output
        Tensors.toArray inState

    let tests: Test =
        testList
            "Control"
            [
                testCase "A known input matrix brings out the unstable system under its feedback" (fun () ->
                    use pairs = feedback ()
                    use b = Tensors.ofRows 1 [| 1.0; 0.0 |]
                    use model = Dmd.fitWithInput Dmd.defaults b pairs |> Outcome.get
                    Linear.close 1e-7 [| 1.5; 0.0; 0.0; 0.1 |] (Linear.matrix model)
                    Linear.close 1e-7 [| 1.0; 0.0 |] (inputMatrix model)
                    Linear.close 1e-7 [| 1.5; 0.1 |] (model.Spectrum.Eigenvalues |> Array.map _.Real))

                testCase "Feedback hides an unknown input matrix, and that is said" (fun () ->
                    use pairs = feedback ()

                    Dmd.fit Dmd.defaults pairs
                    |> Expect.error ErrorKind.IllConditioned [ "functions of the state"; "fitWithInput" ])

                testList
                    "Random inputs bring out both matrices"
                    [
                        for way in [ DmdMethod.Exact; DmdMethod.ForwardBackward; DmdMethod.TotalLeastSquares ] do
                            testCase $"{way}" (fun () ->
                                use pairs = driven 0.0
                                use model = Dmd.fit (Linear.withMethod way) pairs |> Outcome.get
                                Linear.close 1e-9 [| 1.5; 0.0; 0.0; 0.1 |] (Linear.matrix model)
                                Linear.close 1e-9 [| 1.0; 0.0 |] (inputMatrix model)

                                Expect.inRange
                                    (model.Spectrum.Modes[0].Residual)
                                    (0.0, 1e-9)
                                    "model.Spectrum.Modes[0].Residual")
                    ]

                testCase "EDMD with linear observables is DMD, with inputs too" (fun () ->
                    use pairs = driven 0.1
                    use observables = Observables.linear 2
                    use edmd = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
                    use dmd = Dmd.fit Dmd.defaults pairs |> Outcome.get
                    Linear.close 1e-10 (Linear.matrix dmd) (Linear.matrix edmd)
                    Linear.close 1e-10 (inputMatrix dmd) (inputMatrix edmd))

                testCase "EDMD with control forecasts a nonlinear system with the inputs of every step" (fun () ->
                    use _ = torch.NewDisposeScope()
                    // x₁' = .9 x₁, x₂' = .5 x₂ + .4 x₁² + u is linear in (x₁, x₂, x₁²).
                    let x, u =
                        Seed.normal [| 200L; 2L |] (Seed.ofInt 5), Seed.normal [| 200L; 1L |] (Seed.ofInt 6)

                    let move (x: Tensor) (u: Tensor) =
                        let first, second = x.narrow (1L, 0L, 1L), x.narrow (1L, 1L, 1L)

                        torch.cat ([| 0.9 * first; 0.5 * second + 0.4 * first.square () + u |], 1L)

                    use plain = SnapshotPairs.create 1.0 x (move x u) |> Outcome.get
                    use pairs = SnapshotPairs.withInputs u plain |> Outcome.get
                    use observables = Observables.monomials 2 2 |> Outcome.get
                    use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get
                    let inputs = Tensors.ofRows 2 [| 1.0; -2.0 |]
                    let start = Tensors.ofRows 1 [| 0.3; -0.2 |]
                    use forecast = LinearModel.forecast 2 (Some inputs) start model |> Outcome.get

                    let exact =
                        move (move start (Tensors.ofRows 1 [| 1.0 |])) (Tensors.ofRows 1 [| -2.0 |])
                    // One step is exact; monomials of x₂ mix with u beyond it.
                    let one = move start (Tensors.ofRows 1 [| 1.0 |])
                    Linear.close 1e-9 (Tensors.toArray one) (Tensors.toArray (forecast.select (1L, 1L)))
                    Linear.close 1e-9 (Tensors.toArray exact) (Tensors.toArray (forecast.select (1L, 2L))))
            ]

module DmdLaws =

    let private systems =
        gen {
            let! seed = Gen.choose (1, 10_000)
            let! dimension = Gen.choose (1, 4)

            let! way =
                Gen.elements [ DmdMethod.Exact; DmdMethod.TotalLeastSquares; DmdMethod.ForwardBackward ]

            return seed, dimension, way
        }

    /// Pairs of a random linear map with noise.
    let private pairs (seed: int) (dimension: int) (noise: float) : SnapshotPairs =
        use _ = torch.NewDisposeScope()
        let d = int64 dimension
        let x = Seed.normal [| 40L; d |] (Seed.ofInt seed)

        let map =
            torch.eye (d, dtype = torch.float64)
            + 0.1 * Seed.normal [| d; d |] (Seed.ofInt (seed + 1))

        let errors = noise * Seed.normal [| 40L; d |] (Seed.ofInt (seed + 2))

        SnapshotPairs.create 0.1 x (x.matmul (map) + errors) |> Outcome.get

    let private near (a: float[]) (b: float[]) : bool =
        Array.forall2 (fun (a: float) b -> abs (a - b) <= 1e-9 * max 1.0 (abs a)) a b

    let tests: Test =
        testList
            "Dmd laws"
            [
                Law.holds "Zero inputs are no control" systems (fun (seed, dimension, way) ->
                    use plain = pairs seed dimension 0.05
                    use zeros = torch.zeros (40L, 2L, dtype = torch.float64)
                    use driven = SnapshotPairs.withInputs zeros plain |> Outcome.get
                    use without = Dmd.fit (Linear.withMethod way) plain |> Outcome.get
                    use withZeros = Dmd.fit (Linear.withMethod way) driven |> Outcome.get
                    use observables = Observables.monomials 1 dimension |> Outcome.get
                    use edmd = Edmd.fit Edmd.defaults observables plain |> Outcome.get
                    use edmdZeros = Edmd.fit Edmd.defaults observables driven |> Outcome.get

                    near (Linear.matrix without) (Linear.matrix withZeros)
                    && near (Linear.matrix edmd) (Linear.matrix edmdZeros)
                    && Array.forall ((=) 0.0) (Tensors.toArray withZeros.Input.Value)
                    && Array.forall ((=) 0.0) (Tensors.toArray edmdZeros.Input.Value))

                Law.holds
                    "A rotation of the coordinates does not change the eigenvalues of DMD"
                    systems
                    (fun (seed, dimension, way) ->
                        use _ = torch.NewDisposeScope()
                        use plain = pairs seed dimension 0.05

                        let struct (q, _) =
                            torch.linalg.qr (
                                Seed.normal [| int64 dimension; int64 dimension |] (Seed.ofInt (seed + 3))
                            )

                        use turned =
                            SnapshotPairs.create 0.1 (plain.From.Points.matmul q) (plain.To.Points.matmul q)
                            |> Outcome.get

                        use one = Dmd.fit (Linear.withMethod way) plain |> Outcome.get
                        use other = Dmd.fit (Linear.withMethod way) turned |> Outcome.get

                        let sorted (model: LinearModel) =
                            model.Spectrum.Eigenvalues |> Array.map Complex.Abs |> Array.sort

                        near (sorted one) (sorted other))
            ]
