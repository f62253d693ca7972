namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open TorchSharp
open Koopman.Learning
open Koopman.Flows
open Koopman.Latents

/// <summary>
/// Digits by class in the latents of an autoencoder: one-step samples of a told class, with and without class-free guidance, digits turned into others, and
/// edits along class directions, measured by a classifier's logit on held-out noise.
/// </summary>
[<RequireQualifiedAccess>]
module FlowClasses =

    /// The weight of guidance.
    let private weight = 2.0

    /// Edits move samples by this distance, in standard deviations of a latent.
    let private length = 2.0

    /// The time at which an edit evaluates the features again.
    let private halfway = 0.5

    let private withClasses (count: int) (network: Network) : Network =
        match network with
        | Mlp options -> Mlp { options with Classes = count }
        | UNet options -> UNet { options with Classes = count }
        | custom -> custom

    /// What a classifier sees in latents: the logit of each class (n, classes), and the classes themselves.
    let private seen (judge: Classifier) (map: LatentMap) (latents: Tensor) : Outcome<Tensor * int[]> =
        result {
            use! points = Samples.ofTensor latents
            use! images = LatentMap.decode map points

            let logits =
                Tensors.own (fun () ->
                    let p =
                        judge.Probabilities(images.Points).clamp(Tensors.num 1e-6, Tensors.num (1.0 - 1e-6))

                    p.log () - (1.0 - p).log())

            let classes =
                Tensors.within (fun () -> Guarded.read<int64>(logits.argmax 1L) |> Array.map int)

            return logits, classes
        }

    let private share (wanted: int[]) (found: int[]) : float =
        Array.map2 (fun a b -> if a = b then 1.0 else 0.0) wanted found |> Array.average

    let private rms (a: Tensor) (b: Tensor) : float =
        Tensors.within (fun () ->
            (a.to_type torch.float64 - b.to_type torch.float64).square().sum(1L).mean().sqrt().ToDouble())

    /// The variance of samples around the mean of their class, over all coordinates.
    let private spread (classes: int[]) (points: Tensor) : float =
        Tensors.within (fun () ->
            classes
            |> Array.indexed
            |> Array.groupBy snd
            |> Array.averageBy (fun (_, rows) ->
                let own =
                    points.index_select (0L, Tensors.ofIndices (rows |> Array.map (fst >> int64)))

                own.var(0L, true).mean().ToDouble()))

    /// The settings of FlowMnist with classes, and a share of rows without. Optimal transport would pair noise with classes, so pairs are independent.
    let private teaching (count: int) (options: FlowMnistOptions) : FlowMatchingOptions =
        { options.Teacher with
            Network = withClasses count options.Teacher.Network
            Path = Paths.independent
            ClassFreeShare = 0.15
        }

    let private studying (count: int) (classFree: float) (options: FlowMnistOptions) : DistillationOptions =
        { options.Student with
            Lift =
                match options.Student.Lift with
                | Fresh lift ->
                    Fresh
                        { lift with
                            Network = withClasses count lift.Network
                        }
                | existing -> existing
            Draws =
                { options.Student.Draws with
                    ClassFreeShare = classFree
                }
            Path = Paths.independent
        }

    /// The size, below 8, for which a growing distance is the length of an edit.
    let private bisect (distance: float -> float) : float =
        let rec halve (low: float) (high: float) (left: int) =
            let middle = 0.5 * (low + high)

            if left = 0 then
                middle
            elif distance middle > length then
                halve low middle (left - 1)
            else
                halve middle high (left - 1)

        halve 0.0 8.0 12

    /// Changes of the logit of each class on held-out noise by displacements of equal length, and the shares of samples that become the class.
    let private edits
        (ground: FlowMnist.Ground)
        (count: int)
        (lift: LinearFlow)
        (seed: Seed)
        : Outcome<(string * float) list> =
        result {
            use sampler = OneStep.create lift
            let size, d = int64 ground.Held.Count, int64 lift.Dimension

            let noise (name: string) =
                (Seed.normal [| size; d |] (Seed.derive name seed)).to_type torch.float32

            use known = noise "known noise"
            use held = noise "held-out noise"
            use! first = OneStep.sample sampler known
            use! plain = OneStep.sample sampler held
            let look = seen ground.Judge ground.Map
            let! firstLogits, firstClasses = look first
            use firstLogits = firstLogits
            let! before, _ = look plain
            use before = before

            let present =
                [ 0 .. count - 1 ] |> List.filter (fun c -> Array.contains c firstClasses)

            use! start = Samples.ofTensor known
            use! modes = FlowSpectrum.find lift 0.0 start
            let! directions = ClassSignatures.directions 0.0 modes firstClasses start
            use! unedited = FlowSpectrum.edit 0.0 [] modes held

            let shift (direction: Tensor) (x: Tensor) =
                Tensors.own (fun () ->
                    let unit = direction / direction.square().sum().sqrt()
                    x + length * unit.to_type x.dtype)

            let change (c: int) (logits: Tensor) (from: Tensor) =
                Tensors.within (fun () -> (logits.select (1L, int64 c) - from.select (1L, int64 c)).mean().ToDouble())

            /// The change of the logit of a class by an edit of held-out samples, and the share that becomes the class.
            let measured (c: int) (edited: Tensor) =
                look edited
                |> Result.map (fun (logits, classes) ->
                    use logits = logits
                    change c logits before, share (Array.create classes.Length c) classes)

            // By linearity the direction at noise, carried to the data, is one vector for all samples.
            let! modal =
                present
                |> Outcome.collect (fun c ->
                    result {
                        use! edited = FlowSpectrum.edit 0.0 [ ShiftAlong(directions[c], 1.0) ] modes held
                        use direction = Tensors.own (fun () -> (edited - unedited).mean [| 0L |])
                        use moved = shift direction plain
                        return! measured c moved
                    })

            // The same direction half way, from where the features are evaluated again.
            use! knownHalf = OneStep.move 0.0 halfway sampler known
            use! heldHalf = OneStep.move 0.0 halfway sampler held

            let ofClass (c: int) (points: Tensor) =
                Tensors.own (fun () ->
                    let rows =
                        firstClasses
                        |> Array.indexed
                        |> Array.filter (fun (_, k) -> k = c)
                        |> Array.map (fst >> int64)

                    points.index_select(0L, Tensors.ofIndices rows).mean([| 0L |])
                    - points.mean [| 0L |])

            let! again =
                present
                |> Outcome.collect (fun c ->
                    result {
                        use direction = ofClass c knownHalf.Points

                        let moved (size: float) =
                            use start =
                                Tensors.own (fun () ->
                                    heldHalf.Points + size * direction / direction.square().sum().sqrt())

                            OneStep.move halfway 1.0 sampler start

                        // The size for which samples move as far as by the other edits.
                        let size =
                            bisect (fun size ->
                                moved size
                                |> Result.map (fun found ->
                                    use found = found
                                    rms found.Points plain)
                                |> Result.defaultValue nan)

                        use! found = moved size
                        return! measured c found.Points
                    })

            /// The best of some directions for each class on the known noise, measured on the held-out noise.
            let best (candidates: Tensor list) =
                result {
                    let! gains =
                        candidates
                        |> Outcome.collect (fun direction ->
                            use moved = shift direction first

                            look moved
                            |> Result.map (fun (logits, _) ->
                                use logits = logits
                                [| for c in 0 .. count - 1 -> change c logits firstLogits |]))

                    return!
                        present
                        |> Outcome.collect (fun c ->
                            let chosen = gains |> List.indexed |> List.maxBy (fun (_, gain) -> gain[c]) |> fst
                            use moved = shift candidates[chosen] plain
                            measured c moved)
                }

            use components =
                Tensors.own (fun () ->
                    let centred = first - first.mean [| 0L |]
                    let struct (_, vectors) = torch.linalg.eigh (centred.t().times centred)
                    vectors.t().contiguous())

            use random =
                (Seed.normal [| 2L * d; d |] (Seed.derive "random directions" seed)).to_type torch.float32

            let signed =
                [
                    for i in 0L .. d - 1L do
                        components[i]
                        components[i].neg()
                ]

            let others = [ for i in 0L .. 2L * d - 1L -> random[i] ]
            let! byComponents = best signed
            let! byRandom = best others

            let! anyRandom =
                present
                |> Outcome.collect (fun c ->
                    use moved = shift others[c] plain
                    measured c moved)

            signed @ others |> List.iter _.Dispose()

            let mean pick found = found |> List.averageBy pick

            return
                [
                    for name, found in
                        [
                            "modal", modal
                            "again", again
                            "pca", byComponents
                            "random_best", byRandom
                            "random", anyRandom
                        ] do
                        $"edit_{name}.logit", mean fst found
                        $"edit_{name}.share", mean snd found
                ]
        }

    /// <summary>The whole study on the images of a folder.</summary>
    let study (options: FlowMnistOptions) (folder: string) (report: float -> unit) (seed: Seed) : Outcome<Findings> =
        let part (from: float) (until: float) (step: int) (total: int) =
            report (from + (until - from) * float step / float total)

        result {
            use! ground = FlowMnist.prepare options folder (fun p -> report (0.2 * p)) seed
            let labels = ground.Digits.KnownLabels
            let count = 1 + Array.max labels

            use! teacher =
                FlowMatching.train
                    (Control.report (fun (p: DescentProgress) -> part 0.2 0.4 p.Step p.Total))
                    (teaching count options)
                    (Seed.derive "teacher" seed)
                    (Some labels)
                    ground.Known

            let learn (from: float) (until: float) (classFree: float) (name: string) (field: VelocityField) =
                Distillation.train
                    (Control.report (fun (p: DistillationProgress) -> part from until p.Step p.Total))
                    (studying count classFree options)
                    (Seed.derive name seed)
                    field
                    (Some labels)
                    ground.Known

            use! guided = VelocityField.guided weight teacher
            use! lift = learn 0.4 0.65 0.15 "student" teacher
            use! sharp = learn 0.65 0.9 0.0 "guided student" guided

            let size = ground.Held.Count
            let wanted = Array.init size (fun i -> i % count)
            use numbers = Tensors.own (fun () -> Tensors.ofIndices (Array.map int64 wanted))

            use noise =
                (Seed.normal [| int64 size; int64 lift.Dimension |] (Seed.derive "noise" seed)).to_type torch.float32

            /// A teacher and its student, told the same classes.
            let told (name: string) (field: VelocityField) (lift: LinearFlow) =
                result {
                    use! field = VelocityField.ofClasses numbers field
                    use! lift = LinearFlow.ofClasses numbers lift
                    use sampler = OneStep.create lift
                    use! slow = Ode.solve (RungeKutta4 40) field 0.0 1.0 noise
                    use! fast = OneStep.sample sampler noise
                    let! slowLogits, slowClasses = seen ground.Judge ground.Map slow
                    let! fastLogits, fastClasses = seen ground.Judge ground.Map fast
                    slowLogits.Dispose()
                    fastLogits.Dispose()

                    return
                        [
                            $"{name}.teacher_share", share wanted slowClasses
                            $"{name}.student_share", share wanted fastClasses
                            $"{name}.end_rmse", rms slow fast
                            $"{name}.spread", spread wanted fast
                        ]
                }

            let! plain = told "plain" teacher lift
            let! better = told "guided" guided sharp

            // Held-out digits to their noise by their own class, and back by the next.
            let own = ground.Labels
            let next = own |> Array.map (fun c -> (c + 1) % count)
            use ownNumbers = Tensors.own (fun () -> Tensors.ofIndices (Array.map int64 own))
            use nextNumbers = Tensors.own (fun () -> Tensors.ofIndices (Array.map int64 next))
            use! asOwn = LinearFlow.ofClasses ownNumbers lift
            use! asNext = LinearFlow.ofClasses nextNumbers lift
            use ownSampler = OneStep.create asOwn
            use nextSampler = OneStep.create asNext
            use! back = OneStep.move 1.0 0.0 ownSampler ground.Held.Points
            use! turned = OneStep.sample nextSampler back.Points
            let! turnedLogits, turnedClasses = seen ground.Judge ground.Map turned
            turnedLogits.Dispose()
            let! edited = edits ground count lift (Seed.derive "edits" seed)
            report 1.0

            let metrics = plain @ better @ [ "turned_share", share next turnedClasses ] @ edited

            let value (name: string) =
                metrics |> List.find (fun (n, _) -> n = name) |> snd |> Ui.number

            let columns = [ "<edit, equal distance"; "change of logit"; "share of the class" ]

            let rows =
                [
                    for name, words in
                        [
                            "modal", "direction of the class"
                            "again", "the same half way, features evaluated again"
                            "pca", "best of the principal directions, both signs"
                            "random_best", "best of as many random directions"
                            "random", "a random direction"
                        ] -> [ words; value $"edit_{name}.logit"; value $"edit_{name}.share" ]
                ]

            return
                {
                    Metrics = metrics
                    Extra = []
                    Table = columns, rows
                    Sections =
                        [
                            {
                                Heading = "Edits"
                                Blocks =
                                    [
                                        PageTable.ofText
                                            $"On held-out noise, {Ui.number length} standard deviations of a latent each; means over classes."
                                            columns
                                            rows
                                    ]
                            }
                        ]
                }
        }

    /// <summary>Digits of a folder that the user provides.</summary>
    let experiment: Experiment =
        {
            Name = "flow-classes"
            Summary =
                "digits by class in one step: told classes, guidance, digits turned into others, and edits against principal and random directions"
            Minutes = 8.0
            Work =
                Work.AtOnce(fun size report seed ->
                    DigitFolder.find ()
                    |> Result.bind (fun path ->
                        study (size.Choose(FlowMnist.defaults, FlowMnist.shortened)) path report seed))
        }
