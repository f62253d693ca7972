namespace Koopman.Flows

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>Settings of a classifier of points on the way from noise to data.</summary>
[<NoComparison>]
type WayClassifierOptions =
    {
        /// <summary>The network, with one output per class, itself without classes. Default two layers of 96.</summary>
        Network: Network
        /// <summary>The path whose points are classified. Default straight lines between independent ends.</summary>
        Path: ProbabilityPath
        /// <summary>Rows in one step. Default 256.</summary>
        Batch: int
        /// <summary>The training. Default 2,000 steps of at most 3e-3.</summary>
        Descent: DescentOptions
    }

/// <summary>Class probabilities p(c | t, x_t) of points on the way from noise to data: what guidance by a classifier needs.</summary>
[<Sealed>]
type WayClassifier internal (net: Net) =
    inherit Shared()

    let held = net.Hold()

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = net.Dimension

    /// <summary>The number of classes.</summary>
    member _.Classes: int = net.Outputs

    /// <summary>log p(c | t, x), (n, classes), at times (n, 1) and points (n, d), differentiable.</summary>
    member _.LogProbabilities(time: Tensor, point: Tensor) : Tensor =
        net.Forward(Dual.constant time, Dual.constant point, None).Value.log_softmax 1L

    /// <summary>Releases the network.</summary>
    override _.Free() : unit = held.Dispose()

/// <summary>Trains classifiers of points on the way, and guides velocity fields by them.</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module WayClassifier =

    /// <summary>Two layers of 96, independent straight paths, batches of 256; 2,000 steps of at most 3e-3.</summary>
    let defaults: WayClassifierOptions =
        {
            Network =
                Mlp
                    { Net.mlpDefaults with
                        Widths = [ 96; 96 ]
                    }
            Path = Paths.independent
            Batch = 256
            Descent =
                { FlowMatching.defaults.Descent with
                    Steps = 2000
                    LearningRate = 3e-3
                }
        }

    /// <summary>Trains a classifier by cross entropy at uniform times. Equal seeds give equal bits on a CPU with the same number of threads.</summary>
    /// <param name="control">Reports every 50 steps; can be cancelled at each step.</param>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters and of everything that is drawn.</param>
    /// <param name="classes">The class of each sample, counted from 0.</param>
    /// <param name="data">The samples, standardised as for the velocity field.</param>
    /// <returns>The classifier, which the caller disposes; or an error: settings out of range, other numbers of classes and samples, or a
    /// loss that is not finite.</returns>
    let train
        (control: Control<DescentProgress>)
        (options: WayClassifierOptions)
        (seed: Seed)
        (classes: int[])
        (data: Samples)
        : Outcome<WayClassifier> =
        result {
            do! Descent.check options.Descent
            do! Paths.check options.Path
            do! Require.settings "WayClassifier.defaults" { Require.atLeast 1 "Batch" options.Batch }

            do!
                Require.all {
                    Require.sameCount ("classes", classes.Length) ("samples", data.Count)
                    Require.each (Require.atLeast 0) "classes" classes
                }

            let count = 1 + Array.max classes

            let fit (net: Net) =
                result {
                    use _ = Tensors.scope ()

                    if net.Parameters.IsEmpty || net.Classes > 0 then
                        do!
                            KoopmanError.fail
                                ErrorKind.InvalidSetting
                                "The network of a classifier needs parameters, and must not be told classes itself"
                                "Give a network of settings without Classes"

                    let like = snd net.Parameters.Head
                    let points = (data.Points.to_type like.dtype).``to`` like.device
                    let labels = (Tensors.ofIndices (Array.map int64 classes)).``to`` like.device
                    let weights = data.Weights

                    use descent =
                        new Descent(options.Descent, "classifier training", lazy [], net.Parameters)

                    do!
                        Descent.run control descent (fun step ->
                            use generator = Seed.generator (Seed.derive $"step {step}" seed)
                            let place (t: Tensor) = t.``to`` like.device
                            let index = weights.multinomial (int64 options.Batch, true, generator)
                            let chosen = points.index_select (0L, place index)

                            let noise =
                                torch.randn (
                                    [| int64 options.Batch; int64 data.Dimension |],
                                    dtype = like.dtype,
                                    generator = generator
                                )

                            let order =
                                Paths.partners options.Path.Coupling generator noise (chosen.cpu ())
                                |> Tensors.ofIndices

                            let index = index.index_select (0L, order) |> place

                            let time =
                                torch.rand ([| int64 options.Batch; 1L |], dtype = like.dtype, generator = generator)

                            let at =
                                Paths.between
                                    options.Path.Interpolation
                                    generator
                                    (place time)
                                    (place noise)
                                    (points.index_select (0L, index))

                            let logits = net.Forward(Dual.constant at.Time, Dual.constant at.Point, None).Value

                            let own = labels.index_select(0L, index).unsqueeze 1L

                            let loss = (logits.logsumexp (1L) - logits.gather(1L, own).squeeze 1L).mean()

                            struct (loss, Net.Gradient(loss, descent.Parameters)))

                    use learned = net.With descent.Result
                    return new WayClassifier(learned)
                }

            return!
                fit
                |> Net.using true options.Network (Seed.derive "network" seed) data.Dimension count
        }

    /// <summary>
    /// The velocity field guided towards a class, whose samples follow p(x) p(class | x)^w; see <c>VelocityField.steered</c>. The caller disposes
    /// both; the classifier is needed as long as the field.
    /// </summary>
    /// <param name="weight">w.</param>
    /// <param name="number">The class, counted from 0.</param>
    /// <param name="classifier">The classifier, trained on the path of the field.</param>
    /// <param name="velocity">The field, trained on straight paths from independent noise.</param>
    let guide
        (weight: float)
        (number: int)
        (classifier: WayClassifier)
        (velocity: VelocityField)
        : Outcome<VelocityField> =
        Require.all {
            Require.dimension velocity.Dimension "the classifier" classifier.Dimension

            Require.indices "class" classifier.Classes [| int64 number |]
            |> Require.advise "Give a class that the classifier was trained on, counted from 0"
        }
        |> Result.bind (fun () ->
            VelocityField.steered
                weight
                (fun time point -> classifier.LogProbabilities(time, point).select(1L, int64 number))
                velocity)
