namespace Koopman.Cli.Tests

open System
open Expecto
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Experiments
open Koopman.Tests
open Koopman.Learning
open Koopman.Flows
open Koopman.Latents

/// The study of images in pixel space, on three kinds of tiny pictures.
module FlowImagesTests =

    let private quick: FlowImagesOptions =
        let small = FlowImages.small

        let short (steps: int) (descent: DescentOptions) =
            { descent with
                Steps = steps
                WarmUp = 10
                LearningRate = 1e-2
            }

        { small with
            Network = { small.Network with Width = 4 }
            Features = 4
            Classifier =
                { small.Classifier with
                    Widths = [ 8 ]
                    Batch = 32
                    Descent = short 100 small.Classifier.Descent
                }
            Teacher =
                { small.Teacher with
                    Batch = 32
                    Descent = short 150 small.Teacher.Descent
                }
            Student =
                { small.Student with
                    Draws =
                        { small.Student.Draws with
                            Starts = 24
                            Points = 8
                        }
                    Descent = short 100 small.Student.Descent
                }
            Samples = 40
            Solver = Midpoint 8
        }

    let tests: Test =
        testList
            "Flow images"
            [
                testInFolder "A lift with one small operator for all pixels follows its teacher" (fun folder ->
                    // Averaged over squares of 2 these are 4 by 4 pixels.
                    FlowMnistTests.write 8 folder.Path 210
                    let told = ResizeArray<float>()

                    let findings =
                        FlowImages.study quick folder.Path told.Add (Seed.ofInt 1) |> Outcome.get

                    let metrics = Map.ofList findings.Metrics

                    for name, value in findings.Metrics do
                        Expect.isTrue (Double.IsFinite value) name

                    Expect.sameDecimals 12 metrics["classifier_accuracy"] 1.0 "the accuracy of the classifier"
                    Expect.inRange metrics["agreement"] (0.0, 1.0) "the agreement"

                    Expect.isLessThan
                        metrics["end_rmse"]
                        (0.7 * metrics["end_rmse_chance"])
                        "the distance to the teacher's image, and to another"
                    // Two pairs of modes, four features into one channel, and what 1 and t do.
                    Expect.equal
                        metrics["operator_parameters"]
                        (2.0 + 2.0 + 4.0 + 1.0 + 1.0)
                        "the parameters of the operator"

                    Expect.equal told[told.Count - 1] 1.0 "the last progress"
                    Expect.isAscending told "the progress"

                    let images = Tool.images findings

                    Expect.hasLength images 10 "the grids of images"

                    for grid in images do
                        Expect.stringContains grid "of 4 x 4 pixels" "the size of an image")

                testCase "Pooling averages squares" (fun () ->
                    let samples (rows: float[][]) =
                        Samples.ofValues 16 (Array.concat rows) |> Outcome.get

                    let ramp = Array.init 16 float

                    use digits =
                        {
                            Height = 4
                            Width = 4
                            Known = samples [| ramp; Array.zeroCreate 16 |]
                            KnownLabels = [| 0; 1 |]
                            Held = samples [| ramp; ramp |]
                            HeldLabels = [| 0; 0 |]
                        }

                    use pooled = DigitImages.pooled 2 digits |> Outcome.get
                    Expect.equal (pooled.Height, pooled.Width) (2, 2) "the size"

                    Expect.equal
                        (Samples.values pooled.Known)
                        [| 2.5; 4.5; 10.5; 12.5; 0.0; 0.0; 0.0; 0.0 |]
                        "the pixels")
            ]
