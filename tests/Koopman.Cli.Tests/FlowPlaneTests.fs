namespace Koopman.Cli.Tests

open System
open Expecto
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Experiments
open Koopman.Tests
open TorchSharp
open Koopman.Learning
open Koopman.Flows

/// The study of planar flows, with trainings of a second.
module FlowPlaneTests =

    let private quick: FlowPlaneOptions =
        let network = Mlp { Net.mlpDefaults with Widths = [ 24 ] }

        let short (descent: DescentOptions) =
            { descent with
                Steps = 120
                LearningRate = 1e-2
                WarmUp = 10
            }

        let small (options: DistillationOptions) =
            { options with
                Lift =
                    Fresh
                        { LinearFlow.defaults with
                            Network = network
                            Features = 8
                        }
                Draws =
                    { options.Draws with
                        Starts = 32
                        Points = 32
                        Paths = 64
                        PathSteps = 8
                    }
                Descent = short options.Descent
            }

        {
            Sets = [ PlanarSets.moons ]
            Seeds = 2
            Teacher =
                { FlowMatching.defaults with
                    Network = network
                    Batch = 64
                    Descent = short FlowMatching.defaults.Descent
                }
            Recipes = [ "default", small Distillation.hybrid; "strict", small Distillation.strict ]
            Pairs = 2
            Matched = 100
            Wide = 500
            Followed = 500
            Rivals =
                Rivals.all
                |> List.map (fun rival ->
                    { rival with
                        Search = List.truncate 2 rival.Search
                    })
            RivalSeconds = Some 0.2
            FewSteps = [ 1; 4 ]
            Certified = 100
        }

    let tests: Test =
        testList
            "Flow plane"
            [
                testCase "Every recipe and the control have every metric, and progress only rises" (fun () ->
                    let told = ResizeArray<float>()
                    let findings = FlowPlane.study quick told.Add (Seed.ofInt 1) |> Outcome.get
                    let metrics = Map.ofList findings.Metrics

                    for recipe in [ "default"; "strict" ] do
                        for name in
                            [
                                "w2_ratio"
                                "sw2_ratio"
                                "end_rmse"
                                "mid_rmse"
                                "any_rmse"
                                "mu"
                                "cpu_seconds"
                            ] do
                            Expect.isTrue (Double.IsFinite metrics[$"moons.{recipe}.{name}"]) $"{recipe}.{name}"

                    for rival in [ "reflow"; "consistency"; "meanflow"; "euler1"; "euler4"; "heun1"; "heun4" ] do
                        for name in [ "w2_ratio"; "sw2_ratio"; "end_rmse"; "mid_rmse"; "end_median" ] do
                            Expect.isTrue (Double.IsFinite metrics[$"moons.{rival}.{name}"]) $"{rival}.{name}"

                    // Few steps of the teacher itself: the more, the nearer, and Heun's method before Euler's.
                    let ending (name: string) = metrics[$"moons.{name}.end_rmse"]
                    Expect.isLessThan (ending "euler4") (ending "euler1") "four steps of Euler and one"
                    Expect.isLessThan (ending "heun4") (ending "euler4") "Heun and Euler"

                    for recipe in [ "default"; "strict" ] do
                        Expect.inRange metrics[$"moons.{recipe}.coverage95"] (0.85, 1.0) "bounds that hold"

                        Expect.isLessThan
                            metrics[$"moons.{recipe}.handed_end_rmse"]
                            metrics[$"moons.{recipe}.end_rmse"]
                            "with the worst handed over"

                    let names = findings.Extra |> List.map fst
                    Expect.contains names "search" "the settings that were tried"
                    Expect.isTrue (Double.IsFinite metrics["moons.affine.end_rmse"]) "the error of the control"
                    Expect.isFalse (metrics.ContainsKey "moons.affine.mu") "a slope of the control"
                    Expect.isLessThan metrics["moons.floor.w2"] metrics["moons.teacher.w2"] "the floor and the teacher"
                    Expect.isAscending told "the progress"

                    let plots =
                        findings.Sections
                        |> List.collect _.Blocks
                        |> List.filter (function
                            | Block.Chart _ -> true
                            | _ -> false)

                    Expect.isNonEmpty plots "the plots")

                testCase "A generator that makes the data is at the floor" (fun () ->
                    let set = PlanarSets.moons
                    use judge = PlaneJudge.Create(set, 2, 200, 1000, Seed.ofInt 3) |> Outcome.get

                    let exactly (noise: torch.Tensor) =
                        PlanarSets.stratified set (int noise.shape[0]) (Seed.ofInt 9)
                        |> Result.map (fun samples -> using samples (fun s -> s.Points.to_type torch.float32))

                    let struct (exact, sliced) = judge.Floor set |> Outcome.get

                    Expect.inRange
                        ((judge.Exact exactly |> Outcome.get) / exact)
                        (0.7, 1.4)
                        "the distance over the floor"

                    Expect.inRange
                        (judge.Sliced exactly |> Outcome.get)
                        (0.2 * sliced, 4.0 * sliced)
                        "the sliced distance"

                    let nothing (noise: torch.Tensor) = Ok(noise.clone ())
                    Expect.isGreaterThan (judge.Exact nothing |> Outcome.get) (3.0 * exact) "the distance of noise")

                testCase "Affine paths are followed exactly by the control" (fun () ->
                    use start = Seed.normal [| 50L; 2L |] (Seed.ofInt 4)
                    use matrix = torch.tensor ([| 0.5; 1.0; -1.0; 0.5 |], dtype = torch.float64)
                    use square = matrix.reshape (2L, 2L)

                    let paths (x: torch.Tensor) =
                        torch.stack (
                            [|
                                for k in 0..8 ->
                                    let t = float k / 8.0

                                    x * (1.0 - t).ToScalar() + x.matmul (square) * t.ToScalar() + t.ToScalar()
                            |],
                            0L
                        )

                    use known = paths start
                    use other = Seed.normal [| 30L; 2L |] (Seed.ofInt 5)
                    use fresh = paths other
                    let struct (atEnd, between, later) = AffineControl.errors known fresh
                    Expect.inRange (max atEnd (max between later)) (0.0, 1e-10) "the greatest error"
                    use map = AffineControl.ends known
                    use moved = AffineControl.move map other |> Outcome.get
                    use gap = moved - fresh.select (0L, 8L)
                    Expect.inRange (gap.abs().max().ToDouble()) (0.0, 1e-10) "the gap at the end")
            ]
