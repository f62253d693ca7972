namespace Koopman

open System
open TorchSharp
open Koopman.Learning

/// Training rows and held-out rows, and sums over some of them, on the device of the training.
[<NoComparison; NoEquality>]
type internal DictionarySource =
    {
        Train: int[]
        Test: int[]
        /// A fingerprint of all rows.
        Print: string
        Sums: ScaledLayers -> Tensor -> Covariances
    }

/// The terms of the losses of learned dictionaries: sums over rows of pairs, or of samples whose motion is known.
[<RequireQualifiedAccess>]
module internal DictionarySource =

    /// [1, u, outputs] in the network's own coordinates u, or their rates of change, 0 for the constant.
    let private features (constant: float) (coordinates: Tensor) (outputs: Tensor) : Tensor =
        let first = torch.full_like (coordinates.narrow (1L, 0L, 1L), Tensors.num constant)
        torch.cat ([| first; coordinates; outputs |], 1L)

    let private valuesOf (network: ScaledLayers) (points: Tensor) : Tensor =
        let inner = network.Inner points

        let jet =
            {
                Value = inner
                Slopes = [||]
                Change = None
            }

        features 1.0 inner (network.Layers.Forward(jet, [||])).Value

    let private sums (weights: Tensor) (f: Tensor) (h: Tensor) : Covariances =
        let share = (weights / weights.sum ()).unsqueeze 1L
        let weighted = f * share

        let c00, c01 = weighted.t().times f, weighted.t().times h

        {
            // The first feature is the constant.
            Mean0 = c00[0L]
            Mean1 = c01[0L]
            C00 = c00
            C01 = c01
            C11 = (h * share).t().times h
        }

    let private checkRows (options: DictionaryOptions) (dimension: int) (train: int) (test: int) =
        let count = 1 + dimension + options.Network.Outputs

        if train < 4 * count || test < 2 * count then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{train} training rows and {test} held-out rows are too few for {count} functions"
                $"Give at least {10 * count} rows, or learn fewer functions"
        else
            Ok()

    let ofPairs (training: DictionaryTraining) (pairs: SnapshotPairs) : Outcome<DictionarySource> =
        let options = training.Options

        if options.Loss = DictionaryLoss.Generator then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The generator loss needs an equation of motion"
                "Use trainOnMotion, with a known drift and diffusion or those from KramersMoyal.estimate"
        else
            let edge = pairs.Count - int (ceil (options.HeldOut * float pairs.Count))
            // The pair at the boundary starts where a training pair ends.
            let first =
                if Array.BinarySearch(pairs.Starts, edge) >= 0 then
                    edge
                else
                    edge + pairs.Stride

            let train, test = [| 0 .. edge - 1 |], [| first .. pairs.Count - 1 |]
            let place (t: Tensor) = t.``to`` options.Network.Device

            let x, y, w =
                place pairs.From.Points, place pairs.To.Points, place pairs.From.Weights

            Require.dimension training.Network.Dimension "the pairs" pairs.Dimension
            |> Require.advise "Go on with data of the space in which the training was started"
            |> Result.bind (fun () -> checkRows options pairs.Dimension train.Length test.Length)
            |> Result.map (fun () ->
                {
                    Train = train
                    Test = test
                    Print = Fact.tensors [ x; y; w ]
                    Sums =
                        fun network index ->
                            let some (t: Tensor) = t.index_select (0L, index)
                            sums (some w) (valuesOf network (some x)) (valuesOf network (some y))
                })

    let ofMotion
        (training: DictionaryTraining)
        (samples: Samples)
        (motion: DriftDiffusion)
        : Outcome<DictionarySource> =
        let options = training.Options

        if options.Loss <> DictionaryLoss.Generator then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The loss {options.Loss} needs pairs"
                "Use train with pairs, or the loss Generator"
        else
            let edge = samples.Count - int (ceil (options.HeldOut * float samples.Count))
            let place (t: Tensor) = t.``to`` options.Network.Device
            let x, w, motion = place samples.Points, place samples.Weights, motion.Map place

            DriftDiffusion.checkAt samples motion
            |> Result.bind (fun () ->
                Require.dimension training.Network.Dimension "the samples" samples.Dimension
                |> Require.advise "Go on with data of the space in which the training was started")
            |> Result.bind (fun () -> checkRows options samples.Dimension edge (samples.Count - edge))
            |> Result.map (fun () ->
                {
                    Train = [| 0 .. edge - 1 |]
                    Test = [| edge .. samples.Count - 1 |]
                    Print = Fact.tensors (x :: w :: motion.Tensors)
                    Sums =
                        fun network index ->
                            let points = x.index_select (0L, index)
                            let motion = motion.MapRows(fun t -> t.index_select (0L, index))
                            let jet = network.Generator(points, motion)
                            let f = features 1.0 (network.Inner points) jet.Value
                            let h = features 0.0 (motion.Drift / network.Scale) jet.Change.Value
                            sums (w.index_select (0L, index)) f h
                })
