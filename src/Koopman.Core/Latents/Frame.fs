namespace Koopman.Latents

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// Scaling of data to unit scale, where networks start, and of networks back to the scale of the data.
[<RequireQualifiedAccess>]
module internal Frame =

    /// Shift (d) and one scale that bring samples to mean 0 and deviation 1, or an error if all are one point.
    let ofSamples (samples: Samples) : Outcome<struct (Tensor * float)> =
        let mean = Samples.mean samples

        let spread =
            (samples.Points - mean).square().mean([| 1L |]).dot(samples.Weights).ToDouble()
            |> sqrt

        let largest = samples.Points.abs().max().ToDouble()

        if spread > 1e-12 * largest then
            Ok(struct (mean, spread))
        else
            KoopmanError.fail
                ErrorKind.IllConditioned
                "All samples are the same point"
                "Check how the data were read: there is nothing to learn"

    /// A learned parameter for the result: in float64, on the CPU, owned by the caller.
    let exact (parameter: Tensor) : Tensor =
        parameter.cpu().to_type(torch.float64, true).DetachFromDisposeScope()

/// The data of a training at unit scale, float32 on the device of the training: (x - shift)/scale. It owns its tensors.
[<Sealed>]
type internal FramedRows
    (device: string, batch: int, seed: Seed, shift: Tensor, scale: float, points: Tensor, weights: Tensor) =

    let rows = Descent.rows batch (int points.shape[0]) (Seed.derive "batches" seed)

    let noises = Seed.derive "noise" seed

    /// The data as facts of a run.
    member _.Facts: (string * string) list =
        [
            "the data", Fact.tensor points
            "their mean", Fact.tensor shift
            "their scale", Fact.number scale
            "the weights", Fact.tensor weights
            "the seed", string seed
            "Batch", string batch
        ]

    member _.Shift: Tensor = shift
    member _.Scale: float = scale

    /// The rows of one step: which they are, the points (n, d) and their weights (n).
    member _.Draw(step: int) : struct (Tensor * Tensor * Tensor) =
        let index = Tensors.ofIndices(rows step).``to`` device
        struct (index, points.index_select (0L, index), weights.index_select (0L, index))

    /// The normal noise of one step.
    member _.Noise(step: int, shape: int64[]) : Tensor =
        (Seed.normal shape (Seed.derive (string step) noises)).to_type(torch.float32).``to`` device

    interface IDisposable with
        member _.Dispose() : unit =
            for tensor in [ shift; points; weights ] do
                tensor.Dispose()

/// Makes rows for trainings.
[<RequireQualifiedAccess>]
module internal FramedRows =

    /// The samples in the frame of this shift and scale.
    let create
        (device: string)
        (batch: int)
        (seed: Seed)
        (struct (shift: Tensor, scale: float))
        (samples: Samples)
        : FramedRows =
        let place (t: Tensor) =
            t.to_type(torch.float32, true).``to``(device).DetachFromDisposeScope()

        new FramedRows(
            device,
            batch,
            seed,
            Tensors.copy shift,
            scale,
            place ((samples.Points - shift) / scale),
            place samples.Weights
        )
