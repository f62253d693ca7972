namespace Koopman.Cli.Tests

open System
open System.IO
open Expecto
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Experiments
open Koopman.Tests
open Koopman.Learning
open Koopman.Flows
open Koopman.Latents

/// The study of digits, on three kinds of tiny pictures.
module FlowMnistTests =

    let private bigEndian (n: int) : byte[] = BitConverter.GetBytes n |> Array.rev

    /// A bar from the left, from above, or along the diagonal of size by size pixels, with a little noise: idx files as those of MNIST.
    let internal write (size: int) (folder: string) (count: int) : unit =
        let noise = Random 7

        let pixel (kind: int) (row: int) (column: int) : byte =
            let lit =
                match kind with
                | 0 -> column < 2
                | 1 -> row < 2
                | _ -> row = column

            byte ((if lit then 200 else 0) + noise.Next 40)

        let images =
            [|
                for i in 0 .. count - 1 do
                    for row in 0 .. size - 1 do
                        for column in 0 .. size - 1 -> pixel (i % 3) row column
            |]

        let head (magic: byte[]) (extents: int list) =
            Array.append magic (extents |> List.map bigEndian |> Array.concat)

        File.WriteAllBytes(
            Path.Combine(folder, "t10k-images-idx3-ubyte"),
            Array.append (head [| 0uy; 0uy; 8uy; 3uy |] [ count; size; size ]) images
        )

        File.WriteAllBytes(
            Path.Combine(folder, "t10k-labels-idx1-ubyte"),
            Array.append (head [| 0uy; 0uy; 8uy; 1uy |] [ count ]) (Array.init count (fun i -> byte (i % 3)))
        )

    let private quick: FlowMnistOptions =
        let short (steps: int) (descent: DescentOptions) =
            { descent with
                Steps = steps
                WarmUp = 10
            }

        let full = FlowMnist.defaults

        let network = Mlp { Net.mlpDefaults with Widths = [ 16 ] }

        {
            Autoencoder =
                { full.Autoencoder with
                    Network =
                        { full.Autoencoder.Network with
                            Latents = 2
                            Widths = [ 16 ]
                        }
                    Batch = 32
                    Descent =
                        short
                            200
                            { full.Autoencoder.Descent with
                                LearningRate = 1e-2
                            }
                }
            Classifier =
                { full.Classifier with
                    Widths = [ 8 ]
                    Batch = 32
                    Descent =
                        short
                            100
                            { full.Classifier.Descent with
                                LearningRate = 1e-2
                            }
                }
            Teacher =
                { full.Teacher with
                    Network = network
                    Batch = 64
                    Descent =
                        short
                            150
                            { full.Teacher.Descent with
                                LearningRate = 1e-2
                            }
                }
            Student =
                { full.Student with
                    Lift =
                        Fresh
                            { LinearFlow.defaults with
                                Network = network
                                Features = 6
                            }
                    Draws =
                        { full.Student.Draws with
                            Starts = 32
                            Points = 16
                        }
                    Descent = short 40 full.Student.Descent
                }
            Samples = 40
            Pairs = 2
        }

    let tests: Test =
        testList
            "Flow Mnist"
            [
                testInFolder "Everything that the issue names is measured, and bars are told apart" (fun folder ->
                    write 5 folder.Path 210
                    let told = ResizeArray<float>()

                    let findings =
                        FlowMnist.study quick folder.Path told.Add (Seed.ofInt 1) |> Outcome.get

                    let metrics = Map.ofList findings.Metrics

                    for name in
                        [
                            "sw2_ratio"
                            "agreement"
                            "agreement_where_sure"
                            "end_rmse"
                            "inversion_cycle"
                            "signature_accuracy"
                            "signature_x"
                            "signature_x2"
                        ] do
                        Expect.isTrue (Double.IsFinite metrics[name]) name

                    Expect.sameDecimals 12 metrics["classifier_accuracy"] 1.0 "the accuracy of the classifier"
                    Expect.inRange metrics["agreement"] (0.0, 1.0) "the agreement"
                    Expect.equal metrics["pairs"] 2.0 "the pairs of modes"
                    Expect.inRange metrics["signature_chance"] (0.3, 0.4) "the accuracy by chance"
                    Expect.isLessThan metrics["sw2_floor"] metrics["sw2_euler1"] "the floor and one Euler step"
                    Expect.equal told[told.Count - 1] 1.0 "the last progress"
                    Expect.isAscending told "the progress"

                    let images = Tool.images findings

                    Expect.isGreaterThanOrEqual images.Length 5 "the grids of images"

                    for grid in images do
                        Expect.stringContains grid "of 5 x 5 pixels" "the size of an image")

                testInFolder
                    "Classes that are told are sampled, and directions are compared at equal distance"
                    (fun folder ->
                        write 5 folder.Path 210
                        let told = ResizeArray<float>()

                        let findings =
                            FlowClasses.study quick folder.Path told.Add (Seed.ofInt 1) |> Outcome.get

                        let metrics = Map.ofList findings.Metrics

                        // Chance is a third, with a standard error of .07; the trainings are short.
                        Expect.inRange metrics["plain.teacher_share"] (0.45, 1.0) "classes of the teacher"

                        for name in [ "plain"; "guided" ] do
                            for part in [ "student_share"; "end_rmse"; "spread" ] do
                                Expect.isTrue (Double.IsFinite metrics[$"{name}.{part}"]) $"{name}.{part}"

                        Expect.inRange metrics["turned_share"] (0.0, 1.0) "bars turned into others"

                        for edit in [ "modal"; "again"; "pca"; "random_best"; "random" ] do
                            Expect.isTrue (Double.IsFinite metrics[$"edit_{edit}.logit"]) edit

                        Expect.isLessThan
                            metrics["edit_random.logit"]
                            metrics["edit_modal.logit"]
                            "a random direction and that of the class"

                        Expect.isAscending told "the progress")

                // The environment belongs to the process.
                testSequenced (
                    testCase "Without digits the place where they belong is named" (fun () ->
                        let before = Environment.GetEnvironmentVariable DigitFolder.variable

                        try
                            Environment.SetEnvironmentVariable(DigitFolder.variable, "/no/such/folder")

                            match FlowMnist.experiment.Run(Size.Quick, Journal.Nowhere(), ignore, Seed.ofInt 1) with
                            | Ok _ -> failtest "There are no digits"
                            | Error error ->
                                Expect.equal error.Kind ErrorKind.MissingFile "the kind of the error"
                                Expect.stringContains error.Cause "/no/such/folder" "the cause"
                                Expect.stringContains error.Remedy "t10k-labels" "the remedy"
                        finally
                            Environment.SetEnvironmentVariable(DigitFolder.variable, before))
                )
            ]
