namespace Koopman

open System
open TorchSharp

/// <summary>What the decoder of an autoencoder ends with.</summary>
type AutoencoderOutput =
    /// <summary>Any numbers, by squared error. The data are brought to mean 0 and unit scale inside.</summary>
    | Linear = 0
    /// <summary>Numbers from 0 to 1, such as pixels, by cross entropy.</summary>
    | Probability = 1

/// The layers of both networks: weights (out, in) and biases. Between layers, not after the last, the activation bends.
[<NoComparison; NoEquality>]
type internal AutoencoderLayers =
    {
        Encoder: (Tensor * Tensor) list
        Decoder: (Tensor * Tensor) list
        Activation: Activation
        Output: AutoencoderOutput
    }

    /// Latents of points in the network's own units.
    member this.Encode(x: Tensor) : Tensor =
        Layers.through this.Activation this.Encoder x

    /// What comes out of the last layer of the decoder: logits, if the output is a probability.
    member this.Decode(latents: Tensor) : Tensor =
        Layers.through this.Activation this.Decoder latents

    /// The same layers of other tensors.
    member this.Map(f: Tensor -> Tensor) : AutoencoderLayers =
        { this with
            Encoder = Layers.map f this.Encoder
            Decoder = Layers.map f this.Decoder
        }

    interface IDisposable with
        member this.Dispose() =
            Layers.dispose this.Encoder
            Layers.dispose this.Decoder

/// A trained autoencoder in float64: x ↦ encoder((x - shift)/scale) and back. It owns its tensors.
[<Sealed>]
type internal AutoencoderMap(layers: AutoencoderLayers, shift: Tensor, scale: float) =
    inherit
        LatentMap(
            int shift.shape[0],
            int (snd (List.last layers.Encoder)).shape[0],
            $"an autoencoder with {(snd (List.last layers.Encoder)).shape[0]} latents"
        )

    override _.Encode(points: Tensor) : Tensor =
        Tensors.keep (fun () -> layers.Encode((points - shift) / scale))

    override _.Decode(latents: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let output = layers.Decode latents

            match layers.Output with
            | AutoencoderOutput.Probability -> output.sigmoid ()
            | _ -> scale * output + shift)

    override _.Dispose() : unit =
        shift.Dispose()
        (layers :> IDisposable).Dispose()

    static member Kind: string = "autoencoder"

    interface IRecipe with
        member _.Recipe() =
            Ok(
                Recipe.leaf
                    AutoencoderMap.Kind
                    [
                        "activation", Fields.ofText (string layers.Activation)
                        "output", Fields.ofText (string layers.Output)
                        "encoder", Fields.ofInt layers.Encoder.Length
                        "decoder", Fields.ofInt layers.Decoder.Length
                        "scale", Fields.ofFloat scale
                    ]
                    ([ "shift", shift ]
                     @ Layers.named "encoder" layers.Encoder
                     @ Layers.named "decoder" layers.Decoder)
            )

    static member OfRecipe(recipe: Recipe) : Outcome<LatentMap> =
        let layers (part: string) : Outcome<(Tensor * Tensor) list> =
            Fields.int part recipe.Settings
            |> Result.bind (fun count -> Layers.ofRecipe part count recipe)

        result {
            let! activation = Fields.choice<Activation> "activation" recipe.Settings
            let! output = Fields.choice<AutoencoderOutput> "output" recipe.Settings
            let! scale = Fields.float "scale" recipe.Settings
            let! shift = Recipe.tensor "shift" recipe
            let! encoder = layers "encoder"
            let! decoder = layers "decoder"

            let stored =
                {
                    Encoder = encoder
                    Decoder = decoder
                    Activation = activation
                    Output = output
                }

            return new AutoencoderMap(stored.Map Tensors.copy, Tensors.copy shift, scale)
        }
