namespace Koopman.Flows

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>
/// Conditional flow matching: a network learns E[dx_t/dt | x_t] along a path of laws from normal noise at t = 0 to the data at t = 1 (Lipman et al. 2022, Tong et
/// al. 2023), so that dx/dt = v(t, x) carries noise to data.
/// </summary>
[<RequireQualifiedAccess>]
module FlowMatching =

    /// <summary>Three layers of 96, independent straight paths, batches of 512; 5,000 steps of at most 4e-3, averaged with decay .995.</summary>
    let defaults: FlowMatchingOptions =
        {
            Network = Mlp Net.mlpDefaults
            Path = Paths.independent
            Batch = 512
            ClassFreeShare = 0.0
            Descent =
                {
                    Steps = 5000
                    LearningRate = 4e-3
                    WarmUp = 100
                    GradientClip = 1.0
                    Beta2 = 0.999
                    EmaDecay = 0.995
                }
        }

    /// Networks start at unit scale, and so does the noise: data of another scale are learned in standardised coordinates. One shift and one scale for all coordinates unless
    /// the layers are dense, since neighbouring pixels are of one kind. Data of about the scale of the noise are taken as they are, on straight paths.
    let private frameOf (network: Network) (data: Samples) : Outcome<FlowFrame option> =
        use _ = Tensors.scope ()
        let mean = Samples.mean data
        let offset = data.Points - mean
        let variance = (offset.square () * data.Weights.unsqueeze 1L).sum 0L
        let mean, spread = Tensors.toArray mean, Tensors.toArray (variance.sqrt ())

        let still (column: int) =
            spread[column] <= 1e-13 * abs mean[column]

        let frame =
            match network with
            | Mlp _ ->
                {
                    Mean = mean
                    Scale = spread |> Array.mapi (fun column s -> if still column then 0.0 else s)
                }
            | _ ->
                let middle = Array.average mean

                let deviation =
                    Array.map2 (fun m s -> (m - middle) * (m - middle) + s * s) mean spread
                    |> Array.average
                    |> sqrt

                {
                    Mean = Array.create mean.Length middle
                    Scale = Array.create mean.Length deviation
                }

        // Dense layers weigh coordinates alike, and notice a factor of three.
        let least, most =
            match network with
            | Mlp _ -> 1.0 / 3.0, 3.0
            | _ -> 0.05, 20.0

        let isStandard =
            Array.forall2 (fun m s -> abs m <= most && s >= least && s <= most) frame.Mean frame.Scale

        if [| 0 .. spread.Length - 1 |] |> Array.forall still then
            KoopmanError.fail
                ErrorKind.IllConditioned
                "All samples are the same point"
                "Check how the data were read: there is nothing to learn"
        elif isStandard then
            Ok None
        else
            Ok(Some frame)

    let private checkClasses (net: Net) (data: Samples) (classes: int[] option) : Outcome<unit> =
        match classes with
        | None when net.Classes = 0 -> Ok()
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The network has {net.Classes} classes, but the data have none"
                "Give the class of every sample, or a network without classes"
        | Some classes ->
            Require.all {
                Require.sameCount ("classes", classes.Length) ("samples", data.Count)

                Require.indices "class" net.Classes (Seq.map int64 classes)
                |> Require.advise "Count classes from 0, and give the network the same number of classes"
            }
            |> Result.bind (fun () ->
                match Seq.except classes (seq { 0 .. net.Classes - 1 }) |> Seq.tryHead with
                | Some empty ->
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"Class {empty} has no samples"
                        "Give samples of every class, or number the classes without gaps"
                | None -> Ok())

    /// A share of rows without class needs classes, and a network that allows rows to have none.
    let internal checkClassFree (share: float) (net: Net) : Outcome<unit> =
        if share > 0.0 && not (net.Classes > 0 && net.AllowsNoClass) then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The ClassFreeShare is {share}, but the network has no classes, or cannot do without one"
                "Use dense layers or a U-Net with Classes, or a ClassFreeShare of 0"
        else
            Ok()

    /// Classes with this share of rows replaced by -1, none.
    let internal forget (share: float) (seed: Seed) (classes: Tensor) : Tensor =
        if share <= 0.0 then
            classes
        else
            let dropped =
                (Seed.uniform classes.shape (Seed.derive "class free" seed)).lt(Tensors.num share)

            classes.masked_fill (dropped.``to`` classes.device, (-1L).ToScalar())

    /// A training of this network.
    let private startWith
        (options: FlowMatchingOptions)
        (seed: Seed)
        (classes: int[] option)
        (data: Samples)
        (net: Net)
        : Outcome<FlowTraining> =
        result {
            if net.Parameters.IsEmpty then
                do!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "The network has no parameters to train"
                        "Give a network described by settings, a module with parameters, or Net.ofDual with parameters"

            let! frame = frameOf options.Network data
            do! checkClasses net data classes
            do! checkClassFree options.ClassFreeShare net
            use _ = Tensors.scope ()
            let like = snd net.Parameters.Head

            let place (t: Tensor) =
                t.``to``(like.device).clone().DetachFromDisposeScope()

            let even =
                (data.Weights - (1.0 / float data.Count |> Tensors.num)).abs().max().ToDouble() < 1e-12

            let standard =
                match frame with
                | None -> data.Points
                | Some frame -> frame.Standardise data.Points

            let points = place (standard.to_type like.dtype)

            let weights =
                if even then
                    None
                else
                    Some(data.Weights.clone().DetachFromDisposeScope())

            let classes =
                classes |> Option.map (fun c -> place (Tensors.ofIndices (Array.map int64 c)))

            let started =
                lazy
                    [
                        "the data", Fact.tensor points
                        "the weights", Fact.optional weights
                        "the classes", Fact.optional classes
                        "the seed", string seed
                        "Network", NetFiles.fact net
                        "Path", Fact.value options.Path
                        "Batch", string options.Batch

                        match frame with
                        | Some frame ->
                            "the scale of the data", Fact.value (List.ofArray frame.Mean, List.ofArray frame.Scale)
                        | None -> ()
                    ]

            return
                new FlowTraining(
                    options,
                    seed,
                    net,
                    new Descent(options.Descent, "flow matching", started, net.Parameters),
                    points,
                    weights,
                    classes,
                    frame
                )
        }

    /// <summary>A training at its start. The caller disposes it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters and of everything that is drawn.</param>
    /// <param name="classes">The class of each sample, counted from 0, if the network has classes.</param>
    /// <param name="data">Samples in any units: the field scales inside, column by column, or for convolutions on images with one shift and one scale for all
    /// pixels, and undoes it. Weights are taken into account.</param>
    let start
        (options: FlowMatchingOptions)
        (seed: Seed)
        (classes: int[] option)
        (data: Samples)
        : Outcome<FlowTraining> =
        result {
            do! Descent.check options.Descent
            do! Paths.check options.Path

            do!
                Require.settings "FlowMatching.defaults" {
                    Require.atLeast 1 "Batch" options.Batch
                    Require.between 0.0 1.0 "ClassFreeShare" options.ClassFreeShare
                }

            return!
                startWith options seed classes data
                |> Net.using true options.Network (Seed.derive "network" seed) data.Dimension data.Dimension
        }

    /// The batch of one step: points on paths, and their classes. Drawn on the CPU, so that all devices use the same draws.
    let internal batch (training: FlowTraining) (step: int) : struct (Interpolant * Tensor option) =
        use generator = Seed.generator (Seed.derive $"step {step}" training.Seed)
        let rows = int64 training.Options.Batch
        let data = training.Data
        let place (t: Tensor) = t.``to`` data.device

        let index =
            match training.Weights with
            | None -> torch.randint (data.shape[0], [| rows |], dtype = torch.int64, generator = generator)
            | Some weights -> weights.multinomial (rows, true, generator)

        let noise =
            torch.randn ([| rows; data.shape[1] |], dtype = data.dtype, generator = generator)

        let time = torch.rand ([| rows; 1L |], dtype = data.dtype, generator = generator)

        let index =
            match training.Options.Path.Coupling with
            | Independent -> index
            | coupling ->
                let chosen = data.index_select (0L, place index)
                let order = Paths.partners coupling generator noise (chosen.cpu ())
                index.index_select (0L, Tensors.ofIndices order)
            |> place

        let interpolant =
            Paths.between
                training.Options.Path.Interpolation
                generator
                (place time)
                (place noise)
                (data.index_select (0L, index))

        let classes =
            training.Classes
            |> Option.map (fun c ->
                c.index_select (0L, index)
                |> forget training.Options.ClassFreeShare (Seed.derive $"step {step}" training.Seed))

        struct (interpolant, classes)

    /// <summary>
    /// Continues a training to its last step. After a cancellation at any step it can be called again: the result is that of a training that was not
    /// interrupted.
    /// </summary>
    /// <param name="control">Reports every 50 steps; can be cancelled at each step.</param>
    /// <param name="training">The training.</param>
    /// <returns>A <c>Diverged</c> error at the first step whose loss or gradient is not finite; the parameters are those before it.</returns>
    let resume (control: Control<DescentProgress>) (training: FlowTraining) : Outcome<unit> =
        Descent.run control training.Descent (fun step ->
            let struct (interpolant, classes) = batch training step

            training.Net.SquaredError(interpolant.Time, interpolant.Point, classes, interpolant.Velocity))

    /// <summary>
    /// The velocity field learned so far, with averaged parameters. It is a copy, which the caller disposes; but a user-supplied module itself
    /// receives the averaged parameters, so call this when the training is over.
    /// </summary>
    let velocity (training: FlowTraining) : VelocityField =
        use _ = Tensors.scope ()
        use net = training.Net.With training.Descent.Result
        new VelocityField(net, Unconditional, training.Options.ClassFreeShare > 0.0, Guidance.None, training.Frame)

    /// <summary>The complete state of the training, to be stored. The caller disposes it.</summary>
    let state (training: FlowTraining) : RunState = training.Descent.State()

    /// <summary>Restores the stored state of a training with the same settings, seed and data.</summary>
    /// <returns>A <c>CheckpointMismatch</c> error, which names the difference, if it was started with others or stored by another version of the library; then nothing is changed.</returns>
    let restore (state: RunState) (training: FlowTraining) : Outcome<unit> = training.Descent.Restore state

    /// <summary>
    /// From now on <c>resume</c> writes the state to a file: at its start, after every interval, and at its end or cancellation, so that a run that is
    /// killed loses no more than one interval. The file is replaced atomically between two steps.
    /// </summary>
    /// <param name="interval">The time between two writes; 30 seconds are usual.</param>
    /// <param name="path">The file. If it cannot be written at the start, <c>resume</c> fails; if it cannot later, the next interval tries again.</param>
    /// <param name="training">The training.</param>
    /// <returns>An <c>InvalidSetting</c> error if the interval is negative.</returns>
    let saveEvery (interval: TimeSpan) (path: string) (training: FlowTraining) : Outcome<unit> =
        Autosave.Every(interval, path)
        |> Result.map (fun saving -> training.Descent.Saving <- Some saving)

    /// <summary>Learns a velocity field from samples. Equal seeds give equal bits on a CPU with the same number of threads.</summary>
    /// <param name="control">Reports every 50 steps; can be cancelled at each step.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters and of everything that is drawn.</param>
    /// <param name="classes">The class of each sample, if the network has classes.</param>
    /// <param name="data">Samples in any units, which are scaled inside. Weights are taken into account.</param>
    /// <returns>The field, which the caller disposes, or an error: data that are one point, or a loss that is not finite.</returns>
    let train
        (control: Control<DescentProgress>)
        (options: FlowMatchingOptions)
        (seed: Seed)
        (classes: int[] option)
        (data: Samples)
        : Outcome<VelocityField> =
        result {
            use! training = start options seed classes data
            do! resume control training
            return velocity training
        }
