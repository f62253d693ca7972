namespace Koopman.Cli

open System
open System.Diagnostics
open System.IO
open Koopman
open Koopman.Cli.Reporting
open TorchSharp

/// <summary>How much work the study of digits is.</summary>
[<NoComparison; NoEquality>]
type FlowMnistOptions =
    {
        Autoencoder: AutoencoderOptions
        Classifier: ClassifierOptions
        Teacher: FlowMatchingOptions
        Student: StudentOptions
        /// <summary>Samples that are made and compared; at most those held out.</summary>
        Samples: int
    }

/// <summary>
/// Digits in the latents of an autoencoder: a teacher by flow matching, a linear student that samples in one step, and what the student's spectrum is good for.
/// </summary>
[<RequireQualifiedAccess>]
module FlowMnist =

    let defaults: FlowMnistOptions =
        let network =
            { Net.mlpDefaults with
                Widths = [ 256; 256; 256 ]
            }

        {
            Autoencoder =
                { Autoencoder.defaults with
                    Network =
                        { Autoencoder.network with
                            Output = AutoencoderOutput.Probability
                        }
                }
            Classifier = Classifier.defaults
            Teacher =
                { FlowMatching.defaults with
                    Network = network
                    Path = Paths.optimalTransport
                    Batch = 256
                    Descent =
                        { FlowMatching.defaults.Descent with
                            LearningRate = 2e-3
                        }
                }
            // Starts at the data and backwards horizons make it invertible.
            Student =
                { Student.solverFree with
                    Lift =
                        { Lift.defaults with
                            Network = network
                            Features = 128
                        }
                    Loss = Losses.lagrangian + 0.1 * Losses.scaledConsistency
                    Path = Paths.optimalTransport
                    Draws =
                        { Student.solverFree.Draws with
                            NoiseShare = 0.5
                            DataShare = 0.2
                        }
                    Descent =
                        { Student.solverFree.Descent with
                            Steps = 5000
                            LearningRate = 3e-3
                        }
                }
            Samples = 2000
        }

    [<NoComparison; NoEquality>]
    type private Digits =
        {
            Height: int
            Width: int
            Known: Samples
            KnownLabels: int[]
            Held: Samples
            HeldLabels: int[]
        }

        interface IDisposable with
            member this.Dispose() =
                (this.Known :> IDisposable).Dispose()
                (this.Held :> IDisposable).Dispose()

    /// Images with values from 0 to 1; the last fifth is held out.
    let private read (folder: string) : Result<Digits, KoopmanError> =
        result {
            let! path = Idx.findImages folder
            let! images = Idx.read path

            let labels =
                FileInfo(path)
                    .Name.Replace("images", "labels", StringComparison.Ordinal)
                    .Replace("idx3", "idx1", StringComparison.Ordinal)

            let! classes = Idx.read (Path.Combine(folder, labels))

            if images.Shape.Length <> 3 || classes.Values.Length <> images.Shape[0] then
                return!
                    KoopmanError.fail
                        ErrorKind.UnreadableFile
                        $"'{path}' and '{labels}' are not images with one label each"
                        "Give the files of one set"
            else
                let size = images.Shape[1] * images.Shape[2]
                let known = images.Shape[0] * 4 / 5
                let pixels = images.Values |> Array.map (fun v -> v / 255.0)
                let labels = classes.Values |> Array.map int
                let! first = Samples.ofValues size pixels[.. known * size - 1]
                let! rest = Samples.ofValues size pixels[known * size ..]

                return
                    {
                        Height = images.Shape[1]
                        Width = images.Shape[2]
                        Known = first
                        KnownLabels = labels[.. known - 1]
                        Held = rest
                        HeldLabels = labels[known..]
                    }
        }

    let private picture (digits: Digits) (caption: string) (pixels: Samples) : Block =
        let values = Samples.values pixels
        let size = pixels.Dimension

        Block.Images
            {
                Caption = caption
                Height = digits.Height
                Width = digits.Width
                Images =
                    [
                        for i in 0 .. min 32 pixels.Count - 1 ->
                            Array.sub values (i * size) size |> Array.map (fun v -> Math.Clamp(v, 0.0, 1.0))
                    ]
                Across = 16
            }

    /// The share of rows of which both say the same.
    let private agreement (keep: float[] -> int -> bool) (sure: float[]) (one: int[]) (other: int[]) : float =
        let rows = [| 0 .. one.Length - 1 |] |> Array.filter (keep sure)

        if rows.Length = 0 then
            nan
        else
            rows |> Array.averageBy (fun i -> if one[i] = other[i] then 1.0 else 0.0)

    /// Progress of one part of the work, as a share of the whole.
    let private part (report: float -> unit) (from: float) (until: float) (step: int) (total: int) : unit =
        report (from + (until - from) * float step / float total)

    let private descent (report: float -> unit) (from: float) (until: float) : Control<DescentProgress> =
        Control.report (fun now -> part report from until now.Step now.Total)

    /// The whole study on the images of a folder.
    let study
        (options: FlowMnistOptions)
        (folder: string)
        (report: float -> unit)
        (seed: Seed)
        : Result<Findings, KoopmanError> =
        result {
            use! digits = read folder

            let cpu () =
                Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds

            let count = min options.Samples digits.Held.Count
            let held = digits.HeldLabels[.. count - 1]
            use! reference = Samples.take count digits.Held

            use! judge =
                Classifier.train
                    (descent report 0.0 0.05)
                    options.Classifier
                    (Seed.derive "judge" seed)
                    digits.KnownLabels
                    digits.Known

            let! plain =
                Autoencoder.train
                    (descent report 0.05 0.2)
                    options.Autoencoder
                    (Seed.derive "latents" seed)
                    digits.Known

            use! map = LatentMap.whitened digits.Known plain
            use! known = LatentMap.encode map digits.Known
            use! latents = LatentMap.encode map reference

            let begun = cpu ()

            use! teacher =
                FlowMatching.train (descent report 0.2 0.5) options.Teacher (Seed.derive "teacher" seed) None known

            let taught = cpu ()

            let following: Control<StudentProgress> =
                Control.report (fun now -> part report 0.5 0.95 now.Step now.Total)

            use! lift =
                Student.train following options.Student (Seed.derive "student" seed) teacher None known

            let learned = cpu ()
            use sampler = OneStep.create lift

            let dimension = known.Dimension
            use! noise = Sobol.normal count dimension (Seed.derive "noise" seed)
            use single = noise.to_type torch.float32
            let samples (points: Tensor) = Samples.ofTensor points

            use! slow =
                Ode.solve (RungeKutta4 40) teacher 0.0 1.0 single
                |> Result.bind (fun t -> using t samples)

            use! straight =
                Ode.solve (Euler 1) teacher 0.0 1.0 single
                |> Result.bind (fun t -> using t samples)

            use! fast = OneStep.sample sampler single |> Result.bind (fun t -> using t samples)
            use! train = Samples.take count known

            let distance (x: Samples) =
                Wasserstein.sliced 200 (Seed.derive "directions" seed) x latents

            use! slowImages = LatentMap.decode map slow
            use! fastImages = LatentMap.decode map fast
            let! slowClasses = Classifier.predict judge slowImages
            let! fastClasses = Classifier.predict judge fastImages
            let! slowSure = Classifier.confidence judge slowImages
            let! fastSure = Classifier.confidence judge fastImages
            let! accuracy = Classifier.accuracy judge held reference
            use! realFeatures = Classifier.features judge reference
            use! slowFeatures = Classifier.features judge slowImages
            use! fastFeatures = Classifier.features judge fastImages
            let! slowFrechet = Frechet.distance slowFeatures realFeatures
            let! fastFrechet = Frechet.distance fastFeatures realFeatures

            let! errors = FlowErrors.measure sampler teacher single
            let! inversion = FlowErrors.inversion sampler teacher latents.Points
            use! modes = FlowModes.find lift 1.0 latents
            let! signatures = ClassSignatures.find 1.0 modes held latents
            let energy = signatures.Accuracies |> List.head |> snd

            // Half a deviation along each of three slow pairs, from the same noise.
            let strongest =
                modes.Deviations
                |> Array.indexed
                |> Array.filter (fun (k, _) -> modes.Conjugates[k] >= k)
                |> Array.sortByDescending snd
                |> Array.truncate 3
                |> Array.map fst
                |> List.ofArray

            use some = Tensors.rows 0 (min 16 count) noise

            let! edits =
                strongest
                |> Results.collect (fun k ->
                    result {
                        use! edited = FlowModes.edit 0.0 [ ShiftMode(k, 0.5, 0.0) ] modes some
                        use! points = samples edited
                        use! images = LatentMap.decode map points
                        return picture digits $"mode {k} shifted by half a deviation at t = 0" images
                    })

            use! back = OneStep.move 1.0 0.0 sampler latents.Points
            use! again = OneStep.sample sampler back |> Result.bind (fun t -> using t samples)
            use! againImages = LatentMap.decode map again
            report 1.0

            let all _ _ = true
            let sure (s: float[]) i = s[i] > 0.9
            let slowDistance, fastDistance = distance slow, distance fast

            let metrics =
                [
                    "sw2_ratio", fastDistance / slowDistance
                    "agreement", agreement all slowSure slowClasses fastClasses
                    "agreement_confident", agreement sure slowSure slowClasses fastClasses
                    "end_rmse", errors.End
                    "inversion_cycle", inversion.TeacherForward
                    "inversion_chance", inversion.Chance
                    "signature_accuracy", energy
                    "signature_chance", signatures.Chance
                    "sw2_floor", distance train
                    "sw2_teacher", slowDistance
                    "sw2_student", fastDistance
                    "sw2_euler1", distance straight
                    "frechet_teacher", slowFrechet
                    "frechet_student", fastFrechet
                    "classifier_accuracy", accuracy
                    "teacher_cpu_seconds", taught - begun
                    "student_cpu_seconds", learned - taught
                ]

            return
                {
                    Metrics = metrics
                    Extra =
                        [
                            "signatures",
                            signatures.Accuracies
                            |> List.map (fun (n, v) -> n, Json.number v)
                            |> Json.members
                        ]
                    Table =
                        [ "<sampler"; "sliced W2"; "Fréchet"; "confidence" ],
                        [
                            [
                                "teacher, 40 steps"
                                Ui.number slowDistance
                                Ui.number slowFrechet
                                Ui.number (Array.average slowSure)
                            ]
                            [
                                "student, one step"
                                Ui.number fastDistance
                                Ui.number fastFrechet
                                Ui.number (Array.average fastSure)
                            ]
                            [ "teacher, one step of Euler"; Ui.number (distance straight); ""; "" ]
                            [ "training digits (floor)"; Ui.number (distance train); ""; "" ]
                        ]
                    Sections =
                        [
                            {
                                Heading = "From the same noise"
                                Blocks =
                                    [
                                        picture digits "teacher, 40 steps of Runge and Kutta's method" slowImages
                                        picture digits "student, one step" fastImages
                                    ]
                            }
                            { Heading = "Edits"; Blocks = edits }
                            {
                                Heading = "Inversion"
                                Blocks =
                                    [
                                        picture digits "held-out digits" reference
                                        picture
                                            digits
                                            "taken back to noise and made again, one step each way"
                                            againImages
                                    ]
                            }
                            {
                                Heading = "Signatures of classes"
                                Blocks =
                                    [
                                        PageTable.ofText
                                            "How often the nearest class mean is right, by what the means are of."
                                            [ "<means of"; "share" ]
                                            (signatures.Accuracies |> List.map (fun (n, v) -> [ n; Ui.number v ]))
                                    ]
                            }
                        ]
                }
        }

    /// <summary>The experiment in the registry.</summary>
    let experiment: Experiment =
        {
            Name = "flow-mnist"
            Summary =
                "digits in 16 latents: a one-step student beside its teacher; inversion, edits and signatures (minutes)"
            Run = fun report seed -> DigitFolder.find () |> Result.bind (fun path -> study defaults path report seed)
        }
