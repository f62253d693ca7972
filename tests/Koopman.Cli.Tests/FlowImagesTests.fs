namespace Koopman.Cli.Tests

open System
open System.IO
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Xunit

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
                    Lift = { small.Student.Lift with Features = 4 }
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

    [<Fact>]
    let ``A lift with one small operator for all pixels follows its teacher`` () : unit =
        let folder = Directory.CreateTempSubdirectory "koopman-images-"

        try
            // Averaged over squares of 2 these are 4 by 4 pixels.
            FlowMnistTests.write 8 folder.FullName 210
            let told = ResizeArray<float>()

            let findings =
                FlowImages.study quick folder.FullName told.Add (Seed.ofInt 1)
                |> KoopmanError.raise

            let metrics = Map.ofList findings.Metrics
            Assert.All(findings.Metrics, (fun (name, value) -> Assert.True(Double.IsFinite value, name)))
            Assert.Equal(1.0, metrics["classifier_accuracy"], 12)
            Assert.InRange(metrics["agreement"], 0.0, 1.0)
            // Nearer to the teacher's image than another image is.
            Assert.True(metrics["end_rmse"] < 0.7 * metrics["end_rmse_chance"])
            // Two pairs of modes, four features into one channel, and what 1 and t do.
            Assert.Equal(2.0 + 2.0 + 4.0 + 1.0 + 1.0, metrics["operator_parameters"])
            Assert.Equal(1.0, told[told.Count - 1])
            Assert.Equal<float seq>(Seq.sort told, told)

            let images =
                findings.Sections
                |> List.collect _.Blocks
                |> List.choose (function
                    | Block.Images grid -> Some grid
                    | _ -> None)

            Assert.Equal(10, images.Length)
            Assert.All(images, (fun grid -> Assert.Equal((4, 4), (grid.Height, grid.Width))))
        finally
            folder.Delete true

    [<Fact>]
    let ``Pooling averages squares`` () : unit =
        let samples (rows: float[][]) =
            Samples.ofValues 16 (Array.concat rows) |> KoopmanError.raise

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

        use pooled = DigitImages.pooled 2 digits |> KoopmanError.raise
        Assert.Equal((2, 2), (pooled.Height, pooled.Width))
        Assert.Equal<float[]>([| 2.5; 4.5; 10.5; 12.5; 0.0; 0.0; 0.0; 0.0 |], Samples.values pooled.Known)
