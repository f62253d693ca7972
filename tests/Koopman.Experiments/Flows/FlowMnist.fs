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

/// <summary>The sizes of the study of digits.</summary>
[<NoComparison; NoEquality>]
type FlowMnistOptions =
    {
        Autoencoder: AutoencoderOptions
        Classifier: ClassifierOptions
        Teacher: FlowMatchingOptions
        Student: DistillationOptions
        /// <summary>Samples that are made and compared; at most those held out.</summary>
        Samples: int
        /// <summary>Teachers, each with its student, in the same latents.</summary>
        Pairs: int
    }

/// <summary>
/// Digits in the latents of an autoencoder: a teacher by flow matching, a linear student that samples in one step, and uses of the student's
/// spectrum.
/// </summary>
[<RequireQualifiedAccess>]
module FlowMnist =

    let defaults: FlowMnistOptions =
        let network =
            Mlp
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
                { Distillation.solverFree with
                    Lift =
                        Fresh
                            { LinearFlow.defaults with
                                Network = network
                                Features = 128
                            }
                    Loss = Losses.lagrangian + 0.1 * Losses.scaledConsistency
                    Path = Paths.optimalTransport
                    Draws =
                        { Distillation.solverFree.Draws with
                            NoiseShare = 0.5
                            DataShare = 0.2
                        }
                    Descent =
                        { Distillation.solverFree.Descent with
                            Steps = 5000
                            LearningRate = 3e-3
                        }
                }
            Samples = 2000
            Pairs = 3
        }

    /// <summary>The same study with short trainings, in less than a minute.</summary>
    let shortened: FlowMnistOptions =
        let brief (steps: int) (descent: DescentOptions) =
            { descent with
                Steps = steps
                WarmUp = 20
            }

        { defaults with
            Autoencoder =
                { defaults.Autoencoder with
                    Descent = brief 300 defaults.Autoencoder.Descent
                }
            Classifier =
                { defaults.Classifier with
                    Descent = brief 300 defaults.Classifier.Descent
                }
            Teacher =
                { defaults.Teacher with
                    Descent = brief 300 defaults.Teacher.Descent
                }
            Student =
                { defaults.Student with
                    Descent = brief 150 defaults.Student.Descent
                }
            Samples = 500
            Pairs = 1
        }

    /// Progress of one part of the work, as a fraction of the whole.
    let private part (report: float -> unit) (from: float) (until: float) (step: int) (total: int) : unit =
        report (from + (until - from) * float step / float total)

    let private descent (report: float -> unit) (from: float) (until: float) : Control<DescentProgress> =
        Control.report (fun now -> part report from until now.Step now.Total)

    /// The data shared by all pairs.
    [<NoComparison; NoEquality>]
    type Ground =
        {
            Digits: Digits
            Judge: Classifier
            Map: LatentMap
            /// Latents for training.
            Known: Samples
            /// Latents held out, with their images and classes.
            Held: Samples
            Images: Samples
            Labels: int[]
        }

        interface IDisposable with
            member this.Dispose() =
                let owned: IDisposable list =
                    [ this.Digits; this.Judge; this.Map; this.Known; this.Held; this.Images ]

                for one in owned do
                    one.Dispose()

    let prepare (options: FlowMnistOptions) (folder: string) (report: float -> unit) (seed: Seed) =
        result {
            let! digits = DigitImages.read folder
            let count = min options.Samples digits.Held.Count
            let! images = Samples.take count digits.Held

            let! judge =
                Classifier.train
                    (descent report 0.0 0.3)
                    options.Classifier
                    (Seed.derive "judge" seed)
                    digits.KnownLabels
                    digits.Known

            let! plain =
                Autoencoder.train (descent report 0.3 1.0) options.Autoencoder (Seed.derive "latents" seed) digits.Known

            let! map = LatentMap.whitened digits.Known plain
            let! known = LatentMap.encode map digits.Known
            let! held = LatentMap.encode map images

            return
                {
                    Digits = digits
                    Judge = judge
                    Map = map
                    Known = known
                    Held = held
                    Images = images
                    Labels = digits.HeldLabels[.. count - 1]
                }
        }

    /// The classifier's output for images: features, classes and their probabilities. The caller owns the features.
    let private seen (judge: Classifier) (images: Samples) =
        result {
            let! classes = Classifier.predict judge images
            let! sure = Classifier.confidence judge images
            let! features = Classifier.features judge images
            return classes, sure, features
        }

    /// Shifts by half a standard deviation along each of three strong pairs of modes, from the same noise.
    let private edits (ground: Ground) (modes: FlowSpectrum) (noise: Tensor) : Outcome<Block list> =
        let strongest =
            modes.Deviations
            |> Array.indexed
            |> Array.filter (fun (k, _) -> modes.Conjugates[k] >= k)
            |> Array.sortByDescending snd
            |> Array.truncate 3
            |> Array.map fst
            |> List.ofArray

        use some = Tensors.rows 0 (min 16 (int noise.shape[0])) noise

        strongest
        |> Outcome.collect (fun k ->
            result {
                use! edited = FlowSpectrum.edit 0.0 [ ShiftMode(k, 0.5, 0.0) ] modes some
                use! points = Samples.ofTensor edited
                use! images = LatentMap.decode ground.Map points

                return
                    DigitImages.picture ground.Digits $"mode {k} shifted by half a standard deviation at t = 0" images
            })

    let private accuracyOf (quantity: string) (signatures: ClassSignatures) : float =
        signatures.Accuracies
        |> Array.pick (fun (struct (name, share)) -> if name = quantity then Some share else None)

    /// One teacher and its student: numbers, accuracies of the signatures, and report sections.
    let private pair (options: FlowMnistOptions) (ground: Ground) (report: float -> unit) (seed: Seed) =
        result {
            let begun = Run.cpuSeconds ()

            use! teacher =
                FlowMatching.train
                    (descent report 0.0 0.35)
                    options.Teacher
                    (Seed.derive "teacher" seed)
                    None
                    ground.Known

            let taught = Run.cpuSeconds ()

            let following: Control<DistillationProgress> =
                Control.report (fun now -> part report 0.35 0.95 now.Step now.Total)

            use! lift =
                Distillation.train following options.Student (Seed.derive "student" seed) teacher None ground.Known

            let learned = Run.cpuSeconds ()
            use sampler = OneStep.create lift
            let count, dimension = ground.Held.Count, ground.Known.Dimension
            use! noise = Sobol.normal count dimension (Seed.derive "noise" seed)
            use single = noise.to_type torch.float32

            let samples (made: Outcome<Tensor>) =
                made |> Result.bind (fun t -> using t Samples.ofTensor)

            use! slow = Ode.solve (RungeKutta4 40) teacher 0.0 1.0 single |> samples
            use! straight = Ode.solve (Euler 1) teacher 0.0 1.0 single |> samples
            use! fast = OneStep.sample sampler single |> samples
            use! train = Samples.take count ground.Known

            let distance (x: Samples) =
                Wasserstein.sliced 200 (Seed.derive "directions" seed) x ground.Held

            use! slowImages = LatentMap.decode ground.Map slow
            use! fastImages = LatentMap.decode ground.Map fast
            let! slowClasses, slowSure, slowFeatures = seen ground.Judge slowImages
            use slowFeatures = slowFeatures
            let! fastClasses, fastSure, fastFeatures = seen ground.Judge fastImages
            use fastFeatures = fastFeatures
            use! realFeatures = Classifier.features ground.Judge ground.Images
            let! slowFrechet = Frechet.distance slowFeatures realFeatures
            let! fastFrechet = Frechet.distance fastFeatures realFeatures

            let! errors = FlowErrors.measure sampler teacher single
            let! inversion = FlowErrors.inversion sampler teacher ground.Held.Points
            use! modes = FlowSpectrum.find lift 1.0 ground.Held
            let! signatures = ClassSignatures.find 1.0 modes ground.Labels ground.Held
            let! edits = edits ground modes noise
            use! back = OneStep.move 1.0 0.0 sampler ground.Held.Points
            use! again = OneStep.sample sampler back.Points |> samples
            use! againImages = LatentMap.decode ground.Map again
            report 1.0
            let slowDistance, fastDistance = distance slow, distance fast
            let picture = DigitImages.picture ground.Digits

            return
                [
                    "sw2_ratio", fastDistance / slowDistance
                    "agreement", DigitImages.agreement slowClasses fastClasses
                    "agreement_where_sure", DigitImages.agreementWhereSure slowSure slowClasses fastClasses
                    "end_rmse", errors.End
                    "inversion_cycle", inversion.TeacherForward
                    "inversion_chance", inversion.Chance
                    "signature_accuracy", accuracyOf "|α|²" signatures
                    "signature_x", accuracyOf "x" signatures
                    "signature_x2", accuracyOf "x²" signatures
                    "signature_chance", signatures.Chance
                    "sw2_floor", distance train
                    "sw2_teacher", slowDistance
                    "sw2_student", fastDistance
                    "sw2_euler1", distance straight
                    "frechet_teacher", slowFrechet
                    "frechet_student", fastFrechet
                    "confidence_teacher", Array.average slowSure
                    "confidence_student", Array.average fastSure
                    "teacher_cpu_seconds", taught - begun
                    "student_cpu_seconds", learned - taught
                ],
                [ for struct (name, share) in signatures.Accuracies -> name, share ],
                [
                    {
                        Heading = "From the same noise"
                        Blocks =
                            [
                                picture "teacher, 40 Runge–Kutta steps" slowImages
                                picture "student, one step" fastImages
                            ]
                    }
                    { Heading = "Edits"; Blocks = edits }
                    {
                        Heading = "Inversion"
                        Blocks =
                            [
                                picture "held-out digits" ground.Images
                                picture "mapped to noise and back, one step each way" againImages
                            ]
                    }
                ]
        }

    let private median (values: float list) : float =
        MathNet.Numerics.Statistics.Statistics.Median values

    /// The whole study on the images of a folder: medians over the pairs, charts of the first that is computed. A journal keeps the numbers of each pair.
    let studyKept
        (options: FlowMnistOptions)
        (folder: string)
        (journal: Journal)
        (report: float -> unit)
        (seed: Seed)
        : Outcome<Findings> =
        result {
            let share = 0.9 / float options.Pairs
            use! ground = prepare options folder (fun p -> report (0.1 * p)) seed
            let! accuracy = Classifier.accuracy ground.Judge ground.Labels ground.Images

            // Other images have other parts.
            let journal = journal.Within(Fact.tensor ground.Images.Points)
            let mutable sections = []

            let! pairs =
                [ 0 .. options.Pairs - 1 ]
                |> Outcome.collect (fun k ->
                    journal.Keep(
                        $"pair {k}",
                        fun () ->
                            pair
                                options
                                ground
                                (fun p -> report (0.1 + share * (float k + p)))
                                (Seed.derive $"pair {k}" seed)
                            |> Result.map (fun (metrics, signatures, charts) ->
                                if sections.IsEmpty then
                                    sections <- charts

                                metrics, signatures)
                    ))

            let numbers = List.map fst pairs
            let signatures = snd pairs.Head

            let metrics =
                [
                    for i, (name, _) in List.indexed numbers.Head -> name, numbers |> List.map (fun m -> snd m[i])
                ]

            let middle (name: string) =
                metrics |> List.find (fun (n, _) -> n = name) |> snd |> median |> Ui.number

            let signatures =
                [
                    for i, (name, _) in List.indexed signatures ->
                        name, pairs |> List.map (fun (_, found) -> snd found[i]) |> median
                ]

            let columns = [ "<sampler"; "sliced W2"; "Fréchet"; "confidence" ]

            let rows =
                [
                    [
                        "teacher, 40 steps"
                        middle "sw2_teacher"
                        middle "frechet_teacher"
                        middle "confidence_teacher"
                    ]
                    [
                        "student, one step"
                        middle "sw2_student"
                        middle "frechet_student"
                        middle "confidence_student"
                    ]
                    [ "teacher, one Euler step"; middle "sw2_euler1"; ""; "" ]
                    [ "training digits (floor)"; middle "sw2_floor"; ""; "" ]
                ]

            let signatureTable =
                PageTable.ofText
                    "Accuracy of the nearest class mean, by the quantity that is averaged."
                    [ "<means of"; "share" ]
                    (signatures |> List.map (fun (n, v) -> [ n; Ui.number v ]))

            return
                {
                    Metrics =
                        [
                            yield "pairs", float options.Pairs
                            for name, values in metrics do
                                yield name, median values
                            yield "classifier_accuracy", accuracy
                        ]
                    Extra =
                        [
                            "signatures", signatures |> List.map (fun (n, v) -> n, Json.number v) |> Json.members
                            "each_pair",
                            metrics
                            |> List.map (fun (n, values) -> n, Json.list (values |> List.map Json.number))
                            |> Json.members
                        ]
                    Table = columns, rows
                    Sections =
                        {
                            Heading = "Samples"
                            Blocks =
                                [
                                    PageTable.ofText
                                        $"Distances to held-out digits in the latents and in the features of a classifier. Medians over {options.Pairs} teachers, each with its student; charts of the first."
                                        columns
                                        rows
                                ]
                        }
                        :: sections
                        @ [
                            {
                                Heading = "Signatures of classes"
                                Blocks = [ signatureTable ]
                            }
                        ]
                }
        }

    /// The study without a journal.
    let study (options: FlowMnistOptions) (folder: string) (report: float -> unit) (seed: Seed) : Outcome<Findings> =
        studyKept options folder (Journal.Nowhere()) report seed

    /// <summary>The experiment in the registry.</summary>
    let experiment: Experiment =
        {
            Name = "flow-mnist"
            Summary = "digits in 16 latents: one-step students of three teachers; inversion, edits and signatures"
            Minutes = 5.0
            Work =
                Work.InParts(fun size journal report seed ->
                    DigitFolder.find ()
                    |> Result.bind (fun path -> studyKept (size.Choose(defaults, shortened)) path journal report seed))
        }
