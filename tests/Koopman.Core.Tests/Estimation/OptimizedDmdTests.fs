namespace Koopman.Tests

open System
open System.Numerics
open System.Threading
open Expecto
open Koopman
open TorchSharp

module OptimizedDmdTests =

    let private fit (options: OptimizedDmdOptions) (trajectories: Trajectories) : LinearModel =
        OptimizedDmd.fit options Control.none trajectories |> Outcome.get

    /// A decaying oscillation e^{(-.1±2i)t} and a decay e^{-.5t} in five coordinates at the given times, with white noise.
    let private damped (noise: float) (seed: int) (times: float[]) : Tensor =
        use scope = torch.NewDisposeScope()

        let courses =
            times
            |> Array.collect (fun t ->
                [|
                    exp (-0.1 * t) * cos (2.0 * t)
                    exp (-0.1 * t) * sin (2.0 * t)
                    exp (-0.5 * t)
                |])
            |> Tensors.ofRows times.Length

        let shapes =
            Tensors.ofRows
                3
                [|
                    1.0
                    0.0
                    0.5
                    -1.0
                    0.2
                    0.0
                    1.0
                    0.5
                    0.3
                    1.0
                    0.4
                    0.4
                    -1.0
                    0.7
                    0.0
                |]

        let errors = noise * Seed.normal [| times.LongLength; 5L |] (Seed.ofInt seed)

        scope.MoveToOuter(courses.matmul (shapes) + errors)

    let private irregular (count: int) (seed: int) : float[] =
        use draws = Seed.uniform [| int64 count |] (Seed.ofInt seed)
        Tensors.toArray draws |> Array.map (fun u -> 20.0 * u) |> Array.sort

    let private at (noise: float) (seed: int) (times: float[]) : Trajectories =
        use states = damped noise seed times
        use plain = Trajectories.create 1.0 [ states ] |> Outcome.get
        Trajectories.withTimes [ times ] plain |> Outcome.get

    let private three: OptimizedDmdOptions =
        { OptimizedDmd.defaults with
            Rank = Fixed 3
        }

    let private truth =
        [| Complex(-0.1, 2.0); Complex(-0.1, -2.0); Complex(-0.5, 0.0) |]

    let tests: Test =
        testList
            "Optimized Dmd"
            [
                testCase "Irregular times give the exact exponents, and the model forecasts" (fun () ->
                    let times = irregular 200 1
                    use trajectories = at 0.0 0 times
                    use model = fit three trajectories

                    for k in 0..2 do
                        Expect.isTrue
                            (Complex.Abs(model.Spectrum.Eigenvalues[k] - truth[k]) < 1e-9)
                            $"{model.Spectrum.Eigenvalues[k]}"

                        Expect.inRange
                            (model.Spectrum.Modes[k].Residual)
                            (0.0, 1e-8)
                            "model.Spectrum.Modes[k].Residual"

                        Expect.inRange
                            (model.Spectrum.Modes[k].StandardError)
                            (0.0, 1e-8)
                            "model.Spectrum.Modes[k].StandardError"

                    use start = damped 0.0 0 [| 0.0; 1.0 |]
                    use first = start.narrow (0L, 0L, 1L)
                    use forecast = LinearModel.forecastAt [| 3.7 |] first model |> Outcome.get
                    use exact = damped 0.0 0 [| 3.7; 4.0 |]
                    use expected = exact.select (0L, 0L)
                    Linear.close 1e-8 (Tensors.toArray expected) (Tensors.toArray forecast)
                    use step = LinearModel.forecast 1 None first model |> Outcome.get
                    use later = damped 0.0 0 [| model.Propagator.Lag; 4.0 |]
                    use moved = step.select (1L, 1L)
                    use next = later.narrow (0L, 0L, 1L)
                    Linear.close 1e-8 (Tensors.toArray next) (Tensors.toArray moved))

                testCase "Two real exponents that start as an oscillation find their way, and back" (fun () ->
                    // Critical damping is between the two: the parametrisation passes through it.
                    for a, b in
                        [
                            Complex(-0.3, 0.05), Complex(-0.3, -0.05)
                            Complex(-0.2, 0.0), Complex(-1.5, 0.0)
                        ] do
                        let times = Array.init 60 (fun i -> 0.1 * float i)

                        let sum t =
                            (Complex.Exp(a * Complex(t, 0.0)) + Complex.Exp(b * Complex(t, 0.0))).Real

                        let other t =
                            (Complex.Exp(a * Complex(t, 0.0)) * Complex(1.0, 1.0)
                             + Complex.Exp(b * Complex(t, 0.0))
                               * (if a.Imaginary = 0.0 then
                                      Complex(-2.0, 0.0)
                                  else
                                      Complex(1.0, -1.0)))
                                .Real

                        use states =
                            Tensors.ofRows 60 (times |> Array.collect (fun t -> [| sum t; other t |]))

                        use trajectories = Trajectories.create 0.1 [ states ] |> Outcome.get
                        use model = fit { three with Rank = Fixed 2 } trajectories

                        Expect.isTrue
                            (Complex.Abs(model.Spectrum.Eigenvalues[0] - a) < 1e-8)
                            $"{model.Spectrum.Eigenvalues[0]}"

                        Expect.isTrue
                            (Complex.Abs(model.Spectrum.Eigenvalues[1] - b) < 1e-8)
                            $"{model.Spectrum.Eigenvalues[1]}")

                testCase
                    "Noise on the states: least squares is biased, the others much less, optimised least"
                    (fun () ->
                        let times = Array.init 400 (fun i -> 0.05 * float i)
                        let errors = Array.zeroCreate<float> 4
                        let seeds = 8

                        for seed in 1..seeds do
                            use trajectories = at 0.05 seed times
                            use pairs = Linear.pairs trajectories
                            let rateError (model: LinearModel) = model.Spectrum.Modes[0].Rate - 0.1

                            let plain (way: DmdMethod) =
                                use model =
                                    Dmd.fit
                                        { Dmd.defaults with
                                            Method = way
                                            Rank = Fixed 3
                                        }
                                        pairs
                                    |> Outcome.get

                                rateError model

                            use optimised = fit three trajectories

                            let found =
                                [|
                                    plain DmdMethod.Exact
                                    plain DmdMethod.ForwardBackward
                                    plain DmdMethod.TotalLeastSquares
                                    rateError optimised
                                |]

                            Array.iteri (fun i e -> errors[i] <- errors[i] + e / float seeds) found

                        // Means over 8 seeds; the standard error of the last is about .0003.
                        let size = errors |> Array.map abs
                        Expect.isTrue (size[0] > 0.02) $"{errors[0]}"

                        Expect.isTrue
                            (size[1] < 0.5 * size[0] && size[2] < 0.5 * size[0])
                            $"{errors[0]}, {errors[1]}, {errors[2]}"

                        Expect.isTrue (size[3] < 0.002) $"{errors[3]}")

                testCase "The undamped centre under noise, to a part in a thousand" (fun () ->
                    use trajectories = Linear.centre 0.01 1

                    use model =
                        fit
                            { OptimizedDmd.defaults with
                                Rank = Fixed 2
                            }
                            trajectories

                    Expect.isTrue
                        (Complex.Abs(model.Spectrum.Eigenvalues[0] - Complex.ImaginaryOne) < 1e-4)
                        $"{model.Spectrum.Eigenvalues[0]}")

                testCase "Error bars hold the truth, by curvature and by bags" (fun () ->
                    let times = irregular 150 3
                    let seeds = 20
                    let mutable inside, insideBags = 0, 0

                    for seed in 1..seeds do
                        use trajectories = at 0.05 seed times
                        use byCurvature = fit three trajectories
                        let mode = byCurvature.Spectrum.Modes[0]

                        if
                            mode.Lower <= 0.1
                            && 0.1 <= mode.Upper
                            && abs (mode.Frequency - 2.0) <= 1.96 * mode.FrequencyError
                        then
                            inside <- inside + 1

                        if seed <= 5 then
                            use bagged =
                                fit
                                    { three with
                                        Bags = 40
                                        Seed = Seed.ofInt seed
                                    }
                                    trajectories

                            let other = bagged.Spectrum.Modes[0]
                            // Same fit; two estimates of the same error, the second from 40 bags (11 % each).
                            Expect.sameDecimals 12 other.Rate mode.Rate "other.Rate"

                            Expect.inRange
                                (other.StandardError / mode.StandardError)
                                (0.5, 1.8)
                                "other.StandardError / mode.StandardError"

                            Expect.inRange
                                (other.FrequencyError / mode.FrequencyError)
                                (0.5, 1.8)
                                "other.FrequencyError / mode.FrequencyError"

                            if other.Lower <= 0.1 && 0.1 <= other.Upper then
                                insideBags <- insideBags + 1

                    // Both at once should hold in 90 % of 20; 14 and fewer have probability .01.
                    Expect.inRange inside (15, 20) "inside"
                    Expect.inRange insideBags (4, 5) "insideBags")

                testCase "Several trajectories share their exponents, and the shorter ones count" (fun () ->
                    let parts =
                        [
                            Array.init 40 (fun i -> 0.1 * float i)
                            Array.init 25 (fun i -> 3.0 + 0.1 * float i)
                        ]

                    use a = damped 0.02 1 parts[0]
                    use b = damped 0.02 2 parts[1]
                    use trajectories = Trajectories.create 0.1 [ a; b ] |> Outcome.get
                    use alone = Trajectories.create 0.1 [ a ] |> Outcome.get
                    use both = fit three trajectories
                    use one = fit three alone

                    Expect.isTrue
                        (both.Spectrum.Modes[0].StandardError < one.Spectrum.Modes[0].StandardError)
                        "two trajectories have a smaller error than one"

                    Expect.inRange
                        (both.Spectrum.Modes[0].Frequency)
                        (2.0 - 4.0 * both.Spectrum.Modes[0].FrequencyError,
                         2.0 + 4.0 * both.Spectrum.Modes[0].FrequencyError)
                        "both.Spectrum.Modes[0].Frequency"
                    // A trajectory of weight 0 is not there.
                    use ghost = Trajectories.withWeights [| 1.0; 0.0 |] trajectories |> Outcome.get
                    use without = fit three ghost

                    Linear.close
                        1e-7
                        (one.Spectrum.Eigenvalues |> Array.map _.Real)
                        (without.Spectrum.Eigenvalues |> Array.map _.Real))

                testCase
                    "Bags tell how far they are, obey cancellation, and give the same bits for the same seed"
                    (fun () ->
                        use trajectories = at 0.05 1 (irregular 80 4)
                        let seen = ResizeArray<BaggingProgress>()
                        let options = { three with Bags = 6 }

                        use one =
                            OptimizedDmd.fit options (Control.report seen.Add) trajectories |> Outcome.get

                        use other = fit options trajectories

                        Expect.equal
                            (seen |> Seq.map _.Bags |> List.ofSeq)
                            [ 1..6 ]
                            "seen |> Seq.map _.Bags |> List.ofSeq"

                        Expect.equal (seen[5].Converged) 6 "seen[5].Converged"

                        Expect.equal
                            (other.Spectrum.Modes[0].StandardError)
                            (one.Spectrum.Modes[0].StandardError)
                            "other.Spectrum.Modes[0].StandardError"

                        use source = new CancellationTokenSource()

                        let stop =
                            {
                                Report =
                                    fun (now: BaggingProgress) ->
                                        if now.Bags = 2 then
                                            source.Cancel()
                                Cancellation = source.Token
                            }

                        Expect.throwsT<OperationCanceledException>
                            (fun () -> OptimizedDmd.fit options stop trajectories |> ignore)
                            "a cancelled run")

                testCase "What cannot be fitted is refused" (fun () ->
                    use trajectories = at 0.05 1 (irregular 30 5)

                    let refuse (options: OptimizedDmdOptions) =
                        OptimizedDmd.fit options Control.none trajectories

                    refuse { three with Bags = 1 }
                    |> Expect.error ErrorKind.InvalidSetting [ "Bags is 1"; "0 or at least 2" ]

                    refuse { three with Share = 1.0 }
                    |> Expect.error ErrorKind.InvalidSetting [ "Share is 1"; "OptimizedDmd.defaults" ]

                    refuse { three with Iterations = 1 }
                    |> Expect.error ErrorKind.NotConverged [ "1 iterations"; "Lower the rank" ]

                    refuse { three with Bags = 10; Share = 0.05 }
                    |> Expect.error ErrorKind.TooFewSamples [ "30 states"; "3 exponents" ]

                    refuse { three with Rank = Fixed 0 }
                    |> Expect.error ErrorKind.InvalidSetting [ "Rank 0" ]

                    use u = torch.zeros (30L, 1L, dtype = torch.float64)
                    use driven = Trajectories.withInputs [ u ] trajectories |> Outcome.get

                    OptimizedDmd.fit three Control.none driven
                    |> Expect.error ErrorKind.InvalidSetting [ "inputs"; "Dmd.fit" ]

                    use one = torch.ones (9L, 2L, dtype = torch.float64)
                    use still = Trajectories.create 0.1 [ one ] |> Outcome.get

                    OptimizedDmd.fit three Control.none still
                    |> Expect.error ErrorKind.TooFewSamples [ "same point" ])

                testCase "No tensor is left behind, cancelled or not" (fun () ->
                    let work () =
                        use trajectories = at 0.05 1 (irregular 60 5)
                        use model = fit { three with Bags = 3 } trajectories

                        OptimizedDmd.fit { three with Iterations = 1 } Control.none trajectories
                        |> Expect.error ErrorKind.NotConverged []

                        let stopped =
                            { Control.none<BaggingProgress> with
                                Cancellation = CancellationToken true
                            }

                        Expect.throwsT<OperationCanceledException>
                            (fun () -> OptimizedDmd.fit three stopped trajectories |> ignore)
                            "a cancelled run"

                        model.Spectrum.Rank

                    work () |> ignore
                    let before = live ()
                    work () |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]
