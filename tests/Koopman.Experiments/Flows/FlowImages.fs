namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open TorchSharp
open Koopman.Learning
open Koopman.Metrics
open Koopman.Flows
open Koopman.Latents

/// <summary>The sizes of the study of images.</summary>
[<NoComparison; NoEquality>]
type FlowImagesOptions =
    {
        /// <summary>Images are first averaged over squares of this many pixels; 1 leaves them unchanged.</summary>
        Pool: int
        /// <summary>The network of the field and of the features; its Image is that of the data.</summary>
        Network: UNetOptions
        /// <summary>Features per pixel.</summary>
        Features: int
        Classifier: ClassifierOptions
        Teacher: FlowMatchingOptions
        Student: DistillationOptions
        /// <summary>Samples generated and compared; at most the number held out.</summary>
        Samples: int
        /// <summary>Settings of the student.</summary>
        Solver: OdeMethod
    }

/// <summary>
/// Digits in pixel space: a convolutional field, and a convolutional lift in which the same small operator acts at every pixel, sampled in one step.
/// </summary>
[<RequireQualifiedAccess>]
module FlowImages =

    /// <summary>Images of 14 by 14 pixels and narrow networks: a few minutes on two cores.</summary>
    let small: FlowImagesOptions =
        {
            Pool = 2
            Network =
                { Net.uNetDefaults with
                    Width = 16
                    Multipliers = [ 1; 2 ]
                }
            Features = 16
            Classifier = Classifier.defaults
            Teacher =
                { FlowMatching.defaults with
                    Path = Paths.optimalTransport
                    Batch = 64
                    Descent =
                        { FlowMatching.defaults.Descent with
                            Steps = 3000
                            LearningRate = 2e-3
                        }
                }
            Student =
                { Distillation.solverFree with
                    Loss = Losses.lagrangian + 0.1 * Losses.scaledConsistency
                    Path = Paths.optimalTransport
                    Draws =
                        { Distillation.solverFree.Draws with
                            Starts = 48
                            Points = 16
                        }
                    Descent =
                        { Distillation.solverFree.Descent with
                            Steps = 2000
                            LearningRate = 2e-3
                        }
                }
            Samples = 1000
            Solver = RungeKutta4 20
        }

    /// <summary>The same with short trainings, in less than a minute.</summary>
    let shortened: FlowImagesOptions =
        let brief (steps: int) (descent: DescentOptions) =
            { descent with
                Steps = steps
                WarmUp = 10
            }

        { small with
            Classifier =
                { small.Classifier with
                    Descent = brief 300 small.Classifier.Descent
                }
            Teacher =
                { small.Teacher with
                    Descent = brief 80 small.Teacher.Descent
                }
            Student =
                { small.Student with
                    Descent = brief 40 small.Student.Descent
                }
            Samples = 200
        }

    /// <summary>Full-size images and networks of the usual width, for a GPU.</summary>
    let full: FlowImagesOptions =
        { small with
            Pool = 1
            Network =
                { Net.uNetDefaults with
                    Device = "cuda"
                }
            Teacher =
                { small.Teacher with
                    Batch = 128
                    Descent =
                        { small.Teacher.Descent with
                            Steps = 20_000
                            LearningRate = 1e-3
                        }
                }
            Student =
                { small.Student with
                    Draws =
                        { small.Student.Draws with
                            Starts = 128
                            Points = 64
                        }
                    Descent =
                        { small.Student.Descent with
                            Steps = 20_000
                            LearningRate = 1e-3
                        }
                }
            Samples = 2000
        }

    /// Numbers of mean 0 and deviation 1 in place of brightness from 0 to 1: one shift and one scale for all pixels, as convolutions require.
    [<NoComparison; NoEquality>]
    type private Brightness =
        {
            Mean: float
            Deviation: float
        }

        member this.Standard(images: Samples) : Outcome<Samples> =
            use _ = torch.NewDisposeScope()
            Samples.ofTensor ((images.Points - this.Mean) / this.Deviation)

        /// Images from points, which are freed.
        member this.Images(points: Tensor) : Outcome<Samples> =
            use _ = points
            use _ = torch.NewDisposeScope()

            Samples.ofTensor (
                (this.Deviation * points.detach().cpu().to_type(torch.float64) + this.Mean)
                    .clamp(Tensors.num 0.0, Tensors.num 1.0)
            )

    let private brightness (images: Samples) : Brightness =
        use _ = torch.NewDisposeScope()
        let mean = images.Points.mean ()

        {
            Mean = mean.ToDouble()
            Deviation = (images.Points - mean).square().mean().sqrt().ToDouble()
        }

    /// The classifier's output for images. The caller owns the features.
    let private seen (judge: Classifier) (images: Samples) =
        result {
            let! classes = Classifier.predict judge images
            let! sure = Classifier.confidence judge images
            let! features = Classifier.features judge images
            return classes, sure, features
        }

    let private rms (a: Tensor) (b: Tensor) : float =
        Tensors.within (fun () -> (a - b).square().sum(1L).mean().sqrt().ToDouble())

    /// The modes of a pixel, by decreasing contribution.
    let private spectrum (modes: FlowSpectrum) (noise: Tensor) : string list * string list list =
        let contributions = FlowSpectrum.contributions 0.0 [| 0.0; 0.5; 1.0 |] modes noise

        [ "mode"; "eigenvalue"; "at t = 0"; "at .5"; "at 1" ],
        [
            for k in
                Array.init modes.Eigenvalues.Length id
                |> Array.filter (fun k -> modes.Conjugates[k] >= k)
                |> Array.sortByDescending (fun k -> contributions[2][k]) do
                [
                    string k
                    Ui.complex modes.Eigenvalues[k]
                    Ui.number (contributions[0][k])
                    Ui.number (contributions[1][k])
                    Ui.number (contributions[2][k])
                ]
        ]

    /// <summary>The whole study on the images of a folder.</summary>
    let study (options: FlowImagesOptions) (folder: string) (report: float -> unit) (seed: Seed) : Outcome<Findings> =
        let part from until step total =
            report (from + (until - from) * float step / float total)

        let descent from until : Control<DescentProgress> =
            Control.report (fun now -> part from until now.Step now.Total)

        result {
            use! whole = DigitImages.read folder
            use! digits = DigitImages.pooled options.Pool whole
            let count = min options.Samples digits.Held.Count
            use! held = Samples.take count digits.Held

            use! judge =
                Classifier.train
                    (descent 0.0 0.05)
                    options.Classifier
                    (Seed.derive "judge" seed)
                    digits.KnownLabels
                    digits.Known

            let scale = brightness digits.Known
            use! known = scale.Standard digits.Known
            use! reference = scale.Standard held

            let network =
                { options.Network with
                    Image = struct (1, digits.Height, digits.Width)
                }

            let begun = Run.cpuSeconds ()

            use! teacher =
                FlowMatching.train
                    (descent 0.05 0.4)
                    { options.Teacher with
                        Network = UNet network
                    }
                    (Seed.derive "teacher" seed)
                    None
                    known

            let taught = Run.cpuSeconds ()

            let following: Control<DistillationProgress> =
                Control.report (fun now -> part 0.4 0.85 now.Step now.Total)

            use! lift =
                Distillation.train
                    following
                    { options.Student with
                        Lift =
                            Fresh
                                { LinearFlow.defaults with
                                    Network = UNet network
                                    Features = options.Features
                                }
                    }
                    (Seed.derive "student" seed)
                    teacher
                    None
                    known

            let learned = Run.cpuSeconds ()

            use sampler = OneStep.create lift

            use exact =
                Seed.normal [| int64 count; int64 known.Dimension |] (Seed.derive "noise" seed)

            use noise = exact.to_type(torch.float32).``to`` network.Device

            use! way =
                Ode.trajectory options.Solver teacher [| 0.0; 0.25; 0.5; 0.75; 1.0 |] noise

            use! predicted = OneStep.path 0.0 [| 0.25; 0.5; 0.75; 1.0 |] sampler noise
            use! line = Ode.solve (Euler 1) teacher 0.0 1.0 noise
            report 0.95
            use slow = way.States.select (0L, 4L)
            use fast = predicted.Points.select (0L, 3L)
            use other = slow.roll (1L, 0L)
            let ending, straight, chance = rms fast slow, rms line slow, rms other slow

            let middle =
                [ 1L; 2L; 3L ]
                |> List.averageBy (fun k ->
                    Tensors.within (fun () -> rms (predicted.Points.select (0L, k - 1L)) (way.States.select (0L, k))))

            use! slowPoints = Samples.ofTensor slow
            use! fastPoints = Samples.ofTensor fast
            use! linePoints = Samples.ofTensor line
            use! someKnown = Samples.take count known

            let distance (points: Samples) =
                Wasserstein.sliced 200 (Seed.derive "directions" seed) points reference

            let slowDistance, fastDistance = distance slowPoints, distance fastPoints

            use! slowImages = scale.Images(slow.clone ())
            use! fastImages = scale.Images(fast.clone ())
            use! lineImages = scale.Images(line.clone ())
            use! knownImages = Samples.take count digits.Known
            let! slowClasses, slowSure, slowFeatures = seen judge slowImages
            use slowFeatures = slowFeatures
            let! fastClasses, fastSure, fastFeatures = seen judge fastImages
            use fastFeatures = fastFeatures
            let! _, _, lineFeatures = seen judge lineImages
            use lineFeatures = lineFeatures
            let! _, _, knownFeatures = seen judge knownImages
            use knownFeatures = knownFeatures
            use! realFeatures = Classifier.features judge held
            let! accuracy = Classifier.accuracy judge digits.HeldLabels[.. count - 1] held
            let! slowFrechet = Frechet.distance slowFeatures realFeatures
            let! fastFrechet = Frechet.distance fastFeatures realFeatures
            let! lineFrechet = Frechet.distance lineFeatures realFeatures
            let! floorFrechet = Frechet.distance knownFeatures realFeatures

            use some = Tensors.rows 0 (min 200 count) exact
            use! start = Samples.ofTensor some
            use! modes = FlowSpectrum.find lift 0.0 start
            let columns, rows = spectrum modes some

            let pictures (caption: string) (points: Tensor) =
                scale.Images points
                |> Result.map (fun images ->
                    use _ = images
                    DigitImages.picture digits caption images)

            let! ways =
                [ 1L, "t = 1/4"; 2L, "t = 1/2"; 3L, "t = 3/4" ]
                |> Outcome.collect (fun (k, time) ->
                    result {
                        let first (states: Tensor) (index: int64) =
                            states.select(0L, index).narrow(0L, 0L, int64 (min 16 count)).clone()

                        let! above = pictures $"teacher at {time}" (first way.States k)

                        let! below =
                            pictures $"student at {time}, one step each" (first predicted.Points (k - 1L))

                        return [ above; below ]
                    })

            report 1.0

            let table =
                [ "<sampler"; "sliced W2"; "Fréchet"; "confidence" ],
                [
                    [
                        $"teacher, {options.Solver}"
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
                    [
                        "teacher, one Euler step"
                        Ui.number (distance linePoints)
                        Ui.number lineFrechet
                        ""
                    ]
                    [
                        "training digits (floor)"
                        Ui.number (distance someKnown)
                        Ui.number floorFrechet
                        ""
                    ]
                ]

            return
                {
                    Metrics =
                        [
                            "sw2_ratio", fastDistance / slowDistance
                            "agreement", DigitImages.agreement slowClasses fastClasses
                            "agreement_where_sure", DigitImages.agreementWhereSure slowSure slowClasses fastClasses
                            "end_rmse", ending
                            "end_rmse_euler1", straight
                            "end_rmse_chance", chance
                            "middle_rmse", middle
                            "frechet_teacher", slowFrechet
                            "frechet_student", fastFrechet
                            "frechet_euler1", lineFrechet
                            "frechet_floor", floorFrechet
                            "classifier_accuracy", accuracy
                            "operator_parameters",
                            (LinearFlow.operator lift).Parameters
                            |> List.sumBy (fun (_, p) -> float (p.numel ()))
                            "teacher_cpu_seconds", taught - begun
                            "student_cpu_seconds", learned - taught
                        ]
                    Extra =
                        [
                            "device", Json.text network.Device
                            "image", Json.list [ Json.integer digits.Height; Json.integer digits.Width ]
                        ]
                    Table = table
                    Sections =
                        [
                            {
                                Heading = "From the same noise"
                                Blocks =
                                    [
                                        DigitImages.picture digits $"teacher, {options.Solver}" slowImages
                                        DigitImages.picture digits "student, one step" fastImages
                                        DigitImages.picture digits "teacher, one Euler step" lineImages
                                        DigitImages.picture digits "digits" held
                                        table ||> PageTable.ofText "Distances to held-out digits."
                                    ]
                            }
                            {
                                Heading = "On the way"
                                Blocks = List.concat ways
                            }
                            {
                                Heading = "The operator of a pixel"
                                Blocks =
                                    [
                                        PageTable.ofText
                                            $"Every pixel has {options.Features} features, all moved by the same operator, so its spectrum is that of the whole image. Contributions to a pixel's brightness, in standard deviations."
                                            columns
                                            rows
                                    ]
                            }
                        ]
                }
        }

    /// <summary>Full size if there is a GPU, otherwise small.</summary>
    let experiment: Experiment =
        {
            Name = "flow-images"
            Summary =
                "digits in pixel space: a convolutional teacher, and a lift with the same operator at every pixel (full size on a GPU)"
            Minutes = 10.0
            Work =
                Work.AtOnce(fun size report seed ->
                    let options =
                        size.Choose((if torch.cuda.is_available () then full else small), shortened)

                    DigitFolder.find () |> Result.bind (fun path -> study options path report seed))
        }
