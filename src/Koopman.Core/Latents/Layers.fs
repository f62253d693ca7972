namespace Koopman.Latents

open TorchSharp
open Koopman
open Koopman.Learning

/// Plain layers, each a weight (out, in) and a bias: between them, not after the last, an activation bends.
[<RequireQualifiedAccess>]
module internal Layers =

    /// Layers of these sizes with weights and biases uniform on ±1/√inputs, float32, ready to be trained. The caller owns them.
    let start (device: string) (seed: Seed) (part: string) (sizes: int list) : (Tensor * Tensor) list =
        let uniform (name: string) (inputs: int) (shape: int64[]) : Tensor =
            use _ = Tensors.scope ()
            let bound = 1.0 / sqrt (float inputs)

            (2.0 * bound * Seed.uniform shape (Seed.derive $"{part} {name}" seed) - bound)
                .to_type(torch.float32)
                .``to``(device)
                .requires_grad_(true)
                .DetachFromDisposeScope()

        List.pairwise sizes
        |> List.mapi (fun i (from, into) ->
            uniform $"weight {i}" from [| int64 into; int64 from |], uniform $"bias {i}" from [| int64 into |])

    /// The output of the last layer.
    let through (activation: Activation) (layers: (Tensor * Tensor) list) (x: Tensor) : Tensor =
        let apply (x: Dual) (weight: Tensor, bias: Tensor) = Dual.linear weight bias x

        (apply (Dual.constant x) layers.Head, layers.Tail)
        ||> List.fold (fun x layer -> apply (Dual.activate activation x) layer)
        |> _.Value

    let map (f: Tensor -> Tensor) (layers: (Tensor * Tensor) list) : (Tensor * Tensor) list =
        layers |> List.map (fun (weight, bias) -> f weight, f bias)

    let dispose (layers: (Tensor * Tensor) list) : unit =
        for weight, bias in layers do
            weight.Dispose()
            bias.Dispose()

    /// The parameters by name.
    let named (part: string) (layers: (Tensor * Tensor) list) : (string * Tensor) list =
        layers
        |> List.indexed
        |> List.collect (fun (i, (weight, bias)) -> [ $"{part}{i}weight", weight; $"{part}{i}bias", bias ])

    /// Layers again from parameters in the order of <c>named</c>.
    let ofList (parameters: Tensor list) : (Tensor * Tensor) list =
        parameters |> List.chunkBySize 2 |> List.map (fun pair -> pair[0], pair[1])

    /// So many layers from a recipe, which owns them.
    let ofRecipe (part: string) (count: int) (recipe: Recipe) : Outcome<(Tensor * Tensor) list> =
        [ 0 .. count - 1 ]
        |> Outcome.collect (fun i ->
            result {
                let! weight = Recipe.tensor $"{part}{i}weight" recipe
                let! bias = Recipe.tensor $"{part}{i}bias" recipe
                return weight, bias
            })

    /// The rows of each step: every row once a pass, in random order.
    let rowsOf (batch: int) (count: int) (seed: Seed) : int -> int64[] =
        let batch = min batch count
        let perPass = count / batch
        let mutable order = [||]
        let mutable known = -1

        fun step ->
            let pass = step / perPass

            if pass <> known then
                order <- Seed.permutation count (Seed.derive $"pass {pass}" seed) |> Array.map int64
                known <- pass

            Array.sub order ((step % perPass) * batch) batch

    /// Shift (d) and one scale that bring samples to mean 0 and deviation 1, or an error if all are one point.
    let frame (samples: Samples) : Outcome<struct (Tensor * float)> =
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
