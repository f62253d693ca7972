namespace Koopman

open System
open TorchSharp
open TorchSharp.Modules

/// <summary>The network behind a learned dictionary [1, x, network(x)].</summary>
type NetworkOptions =
    {
        /// <summary>How many functions it learns. Default 8.</summary>
        Outputs: int
        /// <summary>The widths of the layers between. Default two of 32.</summary>
        Widths: int list
        /// <summary>What bends between layers. Default tanh.</summary>
        Activation: Activation
        /// <summary>Where it is trained: "cpu" (the default) or a CUDA device such as "cuda" or "cuda:1". What is learned comes back to the CPU.</summary>
        Device: string
    }

/// <summary>Settings of the training of a dictionary.</summary>
type DictionaryOptions =
    {
        /// <summary>The network.</summary>
        Network: NetworkOptions
        /// <summary>What is minimised. Default the reversible VAMP score.</summary>
        Loss: DictionaryLoss
        /// <summary>Adam's step. Default .005.</summary>
        LearningRate: float
        /// <summary>Rows in one step, drawn without replacement; at most those there are. Default 1000.</summary>
        Batch: int
        /// <summary>The most passes over the data. Default 60.</summary>
        Epochs: int
        /// <summary>Passes without a better loss on the held-out rows after which training ends. Default 10.</summary>
        Patience: int
        /// <summary>The share of the rows, the last ones, held out to tell when to stop. From above 0 to .5; default .2.</summary>
        HeldOut: float
    }

/// <summary>How training goes, told after each pass over the data.</summary>
[<Struct>]
type TrainingProgress =
    {
        /// <summary>Passes made.</summary>
        Epoch: int
        /// <summary>The mean loss of the pass's steps.</summary>
        TrainingLoss: float
        /// <summary>The loss on the held-out rows, of the operator fitted to the others.</summary>
        HeldOutLoss: float
    }

/// <summary>
/// The state of a training: it can be stopped at any step and taken up again with the same result. Mutable; one thread at a time.
/// </summary>
[<Sealed>]
type DictionaryTraining
    internal
    (
        options: DictionaryOptions,
        seed: Seed,
        shift: Tensor,
        scale: Tensor,
        weights: Parameter[],
        biases: Parameter[],
        optimizer: Adam,
        best: Tensor[]
    ) =

    /// <summary>The settings it was started with.</summary>
    member _.Options: DictionaryOptions = options

    /// <summary>What was told after each pass so far.</summary>
    member val History: TrainingProgress list = [] with get, internal set

    /// <summary>The pass whose parameters were best on the held-out rows; 0 is the start.</summary>
    member val BestEpoch: int = 0 with get, internal set

    member val internal BestLoss: float = Double.PositiveInfinity with get, set
    /// Steps made of the pass that has begun, and the sum of their losses.
    member val internal Step: int = 0 with get, set
    member val internal LossSum: float = 0.0 with get, set
    member internal _.Seed: Seed = seed
    member internal _.Shift: Tensor = shift
    member internal _.Scale: Tensor = scale
    member internal _.Weights: Parameter[] = weights
    member internal _.Biases: Parameter[] = biases
    member internal _.Optimizer: Adam = optimizer
    /// Copies of the parameters of the best pass, weights first.
    member internal _.Best: Tensor[] = best

    /// <summary>Whether all passes are made, or the last ones brought nothing.</summary>
    member this.IsFinished: bool =
        this.History.Length >= options.Epochs
        || this.History.Length - this.BestEpoch >= options.Patience

    interface IDisposable with
        /// <summary>Frees the tensors. Dictionaries that were made live on.</summary>
        member _.Dispose() =
            optimizer.Dispose()

            for tensor in
                Seq.concat
                    [
                        Seq.cast weights
                        Seq.cast biases
                        Seq.ofArray best
                        Seq.ofList [ shift; scale ]
                    ] do
                tensor.Dispose()

/// <summary>
/// Dictionaries learned by gradient descent on what an operator fitted to them leaves: [1, x, network(x)]. The final spectrum comes
/// from any estimator on the learned functions, with its own error bars.
/// </summary>
[<RequireQualifiedAccess>]
module LearnedDictionary =

    /// <summary>Eight outputs, two layers of 32 with tanh, on the CPU.</summary>
    let network: NetworkOptions =
        {
            Outputs = 8
            Widths = [ 32; 32 ]
            Activation = Activation.Tanh
            Device = "cpu"
        }

    /// <summary>The default network and the reversible VAMP score; steps of .005, batches of 1000, at most 60 passes, patience 10, a fifth held out.</summary>
    let defaults: DictionaryOptions =
        {
            Network = network
            Loss = DictionaryLoss.ReversibleVamp
            LearningRate = 0.005
            Batch = 1000
            Epochs = 60
            Patience = 10
            HeldOut = 0.2
        }

    /// Rows to learn from and rows held out, and the sums over some of them, on the device of the training.
    [<NoComparison; NoEquality>]
    type private Source =
        {
            Train: int[]
            Test: int[]
            Sums: Network -> Tensor -> FeatureSums
        }

    let private checkOptions (options: DictionaryOptions) : Result<unit, KoopmanError> =
        let network = options.Network

        if
            network.Outputs < 1
            || network.Widths |> List.exists (fun width -> width < 1)
            || not (Double.IsFinite options.LearningRate)
            || options.LearningRate <= 0.0
            || options.Batch < 1
            || options.Epochs < 1
            || options.Patience < 1
            || not (options.HeldOut > 0.0 && options.HeldOut <= 0.5)
        then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "Training needs Outputs, Widths, Batch, Epochs and Patience of at least 1, a positive LearningRate, and HeldOut above 0 and at most .5"
                "Start from LearnedDictionary.defaults"
        elif
            network.Device <> "cpu"
            && not (network.Device.StartsWith "cuda" && torch.cuda.is_available ())
        then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no device '{network.Device}' here"
                "Use \"cpu\", or \"cuda\" on a machine with a CUDA device and a libtorch made for it"
        else
            Ok()

    /// <summary>
    /// A training at its start: random layers of the scale that keeps values of order 1, coordinates scaled to those of the samples.
    /// The caller disposes of it.
    /// </summary>
    let start (options: DictionaryOptions) (seed: Seed) (samples: Samples) : Result<DictionaryTraining, KoopmanError> =
        result {
            do! checkOptions options
            use _ = torch.NewDisposeScope()
            let mean, spread = samples.Points.mean [| 0L |], samples.Points.std (0L, false)
            let narrow = Tensors.toArray spread |> Array.tryFindIndex (fun s -> not (s > 0.0))

            match narrow with
            | Some axis ->
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"Coordinate {axis} is the same number in all samples"
                        "Leave constant coordinates out"
            | None ->
                let place (t: Tensor) =
                    t.``to``(options.Network.Device).clone().DetachFromDisposeScope()

                let sizes =
                    [| samples.Dimension; yield! options.Network.Widths; options.Network.Outputs |]

                let weight (layer: int) =
                    let inputs, outputs = sizes[layer], sizes[layer + 1]

                    (Seed.normal [| int64 outputs; int64 inputs |] (Seed.derive $"layer {layer}" seed))
                        .div(Tensors.num (sqrt (float inputs)))

                let layers = [| 0 .. sizes.Length - 2 |]

                let weights =
                    layers |> Array.map (fun layer -> torch.nn.Parameter(place (weight layer)))

                let biases =
                    layers
                    |> Array.map (fun layer ->
                        torch.nn.Parameter(place (torch.zeros (int64 sizes[layer + 1], dtype = torch.float64))))

                let parameters = Array.append weights biases

                return
                    new DictionaryTraining(
                        options,
                        seed,
                        place mean,
                        place spread,
                        weights,
                        biases,
                        torch.optim.Adam(parameters, lr = options.LearningRate),
                        parameters |> Array.map (fun p -> p.detach().clone().DetachFromDisposeScope())
                    )
        }

    let private networkOf (training: DictionaryTraining) : Network =
        let tensors (parameters: Parameter[]) =
            parameters |> Array.map (fun p -> p :> Tensor)

        new Network(
            training.Shift,
            training.Scale,
            tensors training.Weights,
            tensors training.Biases,
            training.Options.Network.Activation
        )

    /// <summary>The dictionary with the parameters that were best so far on the held-out rows. The caller disposes of it.</summary>
    let observables (training: DictionaryTraining) : Observables =
        use _ = torch.NewDisposeScope()

        let copy (t: Tensor) =
            t.cpu().clone().DetachFromDisposeScope()

        let layers = training.Weights.Length
        let best = training.Best |> Array.map copy

        new NetworkObservables(
            new Network(
                copy training.Shift,
                copy training.Scale,
                Array.take layers best,
                Array.skip layers best,
                training.Options.Network.Activation
            )
        )

    let private indexOf (device: string) (rows: int[]) : Tensor =
        torch.tensor(Array.map int64 rows, dtype = torch.int64).``to`` device

    /// [1, u, outputs] in the network's own coordinates u, or their rate of change where the constant's is 0.
    let private features (constant: float) (coordinates: Tensor) (outputs: Tensor) : Tensor =
        let first = torch.full_like (coordinates.narrow (1L, 0L, 1L), Tensors.num constant)
        torch.cat ([| first; coordinates; outputs |], 1L)

    let private valuesOf (network: Network) (points: Tensor) : Tensor =
        let inner = network.Inner points

        let jet =
            {
                Value = inner
                Slopes = [||]
                Change = None
            }

        features 1.0 inner (network.Forward(jet, [||])).Value

    let private sums (weights: Tensor) (f: Tensor) (h: Tensor) : FeatureSums =
        let share = weights.div(weights.sum ()).unsqueeze 1L
        let weighted = f.mul share

        {
            Gram = weighted.t().matmul f
            Form = weighted.t().matmul h
            SecondGram = (h.mul share).t().matmul h
        }

    let private checkRows (options: DictionaryOptions) (dimension: int) (train: int) (test: int) =
        let count = 1 + dimension + options.Network.Outputs

        if train < 4 * count || test < 2 * count then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{train} rows to learn from and {test} held out are too few for {count} functions"
                $"Give at least {10 * count} rows, or learn fewer functions"
        else
            Ok()

    let private ofPairs (training: DictionaryTraining) (pairs: SnapshotPairs) : Result<Source, KoopmanError> =
        let options = training.Options

        if options.Loss = DictionaryLoss.Generator then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The generator loss needs an equation of motion"
                "Use trainOnMotion, with the drift and the diffusion known or from MotionModel.estimate"
        elif int training.Shift.shape[0] <> pairs.Dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The training is of {training.Shift.shape[0]} dimensions, but the pairs have {pairs.Dimension}"
                "Go on with data of the space it was started in"
        else
            let edge = pairs.Count - int (ceil (options.HeldOut * float pairs.Count))
            // The pair at the edge starts where one that is learned from ended.
            let first =
                if Array.BinarySearch(pairs.Starts, edge) >= 0 then
                    edge
                else
                    edge + pairs.Stride

            let train, test = [| 0 .. edge - 1 |], [| first .. pairs.Count - 1 |]
            let place (t: Tensor) = t.``to`` options.Network.Device

            let x, y, w =
                place pairs.From.Points, place pairs.To.Points, place pairs.From.Weights

            checkRows options pairs.Dimension train.Length test.Length
            |> Result.map (fun () ->
                {
                    Train = train
                    Test = test
                    Sums =
                        fun network index ->
                            let some (t: Tensor) = t.index_select (0L, index)
                            sums (some w) (valuesOf network (some x)) (valuesOf network (some y))
                })

    let private ofMotion
        (training: DictionaryTraining)
        (samples: Samples)
        (motion: Motion)
        : Result<Source, KoopmanError> =
        let options = training.Options

        if options.Loss <> DictionaryLoss.Generator then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The loss {options.Loss} needs pairs"
                "Use train with pairs, or the loss Generator"
        elif
            motion.Count <> samples.Count
            || motion.Dimension <> samples.Dimension
            || int training.Shift.shape[0] <> samples.Dimension
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The motion is known at {motion.Count} points of {motion.Dimension} dimensions, but the samples are {samples.Count} of {samples.Dimension}"
                "Give drift and diffusion at the samples, row by row"
        else
            let edge = samples.Count - int (ceil (options.HeldOut * float samples.Count))
            let place (t: Tensor) = t.``to`` options.Network.Device
            let x, w, motion = place samples.Points, place samples.Weights, motion.Map place

            checkRows options samples.Dimension edge (samples.Count - edge)
            |> Result.map (fun () ->
                {
                    Train = [| 0 .. edge - 1 |]
                    Test = [| edge .. samples.Count - 1 |]
                    Sums =
                        fun network index ->
                            let points = x.index_select (0L, index)
                            let motion = motion.MapRows(fun t -> t.index_select (0L, index))
                            let jet = network.Generator(points, motion)
                            let f = features 1.0 (network.Inner points) jet.Value
                            let h = features 0.0 (motion.Drift.div network.Scale) jet.Change.Value
                            sums (w.index_select (0L, index)) f h
                })

    let private diverged (epoch: int) (step: int) : Result<'T, KoopmanError> =
        KoopmanError.fail
            ErrorKind.Diverged
            $"The loss was no finite number in pass {epoch + 1}, step {step + 1}"
            "Lower the learning rate, enlarge the batch, or scale the data"

    /// A singular matrix of features throws in libtorch: a property of data and parameters, not a defect.
    let private guarded (compute: unit -> float) : float =
        try
            compute ()
        with :? System.Runtime.InteropServices.ExternalException ->
            nan

    /// One step of Adam on some rows; the loss before it.
    let private descend (source: Source) (training: DictionaryTraining) (rows: int[]) : float =
        use _ = torch.NewDisposeScope()
        use _ = torch.enable_grad ()

        guarded (fun () ->
            let sums =
                source.Sums (networkOf training) (indexOf training.Options.Network.Device rows)

            let loss = DictionaryLoss.evaluate training.Options.Loss sums sums
            let value = loss.ToDouble()

            if Double.IsFinite value then
                training.Optimizer.zero_grad ()
                loss.backward ()
                training.Optimizer.step () |> ignore

            value)

    /// The loss on the held-out rows of the operator fitted to the others.
    let private heldOut (source: Source) (training: DictionaryTraining) : float =
        use _ = torch.NewDisposeScope()
        use _ = torch.no_grad ()

        guarded (fun () ->
            let device = training.Options.Network.Device
            let network = networkOf training

            let sums rows =
                source.Sums network (indexOf device rows)

            (DictionaryLoss.evaluate training.Options.Loss (sums source.Train) (sums source.Test)).ToDouble())

    let private finishPass
        (source: Source)
        (training: DictionaryTraining)
        (steps: int)
        : Result<TrainingProgress, KoopmanError> =
        let epoch = training.History.Length
        let loss = heldOut source training

        if not (Double.IsFinite loss) then
            diverged epoch (steps - 1)
        else
            let progress =
                {
                    Epoch = epoch + 1
                    TrainingLoss = training.LossSum / float steps
                    HeldOutLoss = loss
                }

            training.History <- training.History @ [ progress ]
            training.Step <- 0
            training.LossSum <- 0.0

            if loss < training.BestLoss then
                use _ = torch.NewDisposeScope()
                training.BestLoss <- loss
                training.BestEpoch <- progress.Epoch

                Array.append training.Weights training.Biases
                |> Array.iteri (fun i p -> training.Best[i].copy_(p.detach ()) |> ignore)

            Ok progress

    let private run
        (control: Control<TrainingProgress>)
        (training: DictionaryTraining)
        (source: Source)
        : Result<unit, KoopmanError> =
        let batch = min training.Options.Batch source.Train.Length
        let steps = source.Train.Length / batch

        let rec pass () =
            if training.IsFinished then
                Ok()
            else
                let epoch = training.History.Length

                let order =
                    Seed.permutation source.Train.Length (Seed.derive $"pass {epoch}" training.Seed)

                let rec step () =
                    control.Cancellation.ThrowIfCancellationRequested()

                    if training.Step = steps then
                        Ok()
                    else
                        let rows =
                            Array.sub order (training.Step * batch) batch
                            |> Array.map (fun i -> source.Train[i])

                        let loss = descend source training rows

                        if Double.IsFinite loss then
                            training.LossSum <- training.LossSum + loss
                            training.Step <- training.Step + 1
                            step ()
                        else
                            diverged epoch training.Step

                match step () |> Result.bind (fun () -> finishPass source training steps) with
                | Error error -> Error error
                | Ok progress ->
                    control.Report progress
                    pass ()

        pass ()

    /// <summary>
    /// Goes on with a training until it is finished, by its settings. After a cancellation at any step it can be called again: the
    /// result is that of a training that was not interrupted.
    /// </summary>
    /// <param name="control">Hears of each pass over the data; cancels at each step.</param>
    /// <param name="pairs">The data it was started with, in time order if from a trajectory. Weights count.</param>
    /// <param name="training">The training.</param>
    let resume
        (control: Control<TrainingProgress>)
        (pairs: SnapshotPairs)
        (training: DictionaryTraining)
        : Result<unit, KoopmanError> =
        use _ = torch.NewDisposeScope()
        ofPairs training pairs |> Result.bind (run control training)

    /// <summary>As <c>resume</c>, for the loss <c>Generator</c>.</summary>
    /// <param name="control">Hears of each pass over the data; cancels at each step.</param>
    /// <param name="samples">Where the motion is known.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    /// <param name="training">The training.</param>
    let resumeOnMotion
        (control: Control<TrainingProgress>)
        (samples: Samples)
        (motion: Motion)
        (training: DictionaryTraining)
        : Result<unit, KoopmanError> =
        use _ = torch.NewDisposeScope()
        ofMotion training samples motion |> Result.bind (run control training)

    let private whole
        (start: Result<DictionaryTraining, KoopmanError>)
        (go: DictionaryTraining -> Result<unit, KoopmanError>)
        =
        result {
            use! training = start
            do! go training
            return observables training
        }

    /// <summary>Learns a dictionary from pairs. Equal seeds give equal bits on a CPU with as many threads.</summary>
    /// <param name="control">Hears of each pass over the data; cancels at each step.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters and of the batches.</param>
    /// <param name="pairs">The data, in time order if from a trajectory: the last ones are held out. Weights count.</param>
    /// <returns>The dictionary, which the caller disposes of, or an error: too few rows, or a loss that is no finite number.</returns>
    let train
        (control: Control<TrainingProgress>)
        (options: DictionaryOptions)
        (seed: Seed)
        (pairs: SnapshotPairs)
        : Result<Observables, KoopmanError> =
        whole (start options seed pairs.From) (resume control pairs)

    /// <summary>Learns a dictionary from an equation of motion, with the loss <c>Generator</c>.</summary>
    /// <param name="control">Hears of each pass over the data; cancels at each step.</param>
    /// <param name="options">Settings; their loss is taken as <c>Generator</c>.</param>
    /// <param name="seed">Of the first parameters and of the batches.</param>
    /// <param name="samples">Where the motion is known; the last ones are held out. Weights count.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    let trainOnMotion
        (control: Control<TrainingProgress>)
        (options: DictionaryOptions)
        (seed: Seed)
        (samples: Samples)
        (motion: Motion)
        : Result<Observables, KoopmanError> =
        let options =
            { options with
                Loss = DictionaryLoss.Generator
            }

        whole (start options seed samples) (resumeOnMotion control samples motion)
