namespace Koopman.Latents

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>
/// A map from data in R^d to latents in R^k and back: a few coordinates in which operators are learned and particles move. Derive from this
/// class for your own.
/// </summary>
[<AbstractClass>]
type LatentMap(dimension: int, latents: int, description: string) =

    let mutable isGone = false

    /// <summary>The dimension d of the data.</summary>
    member this.Dimension: int =
        ObjectDisposedException.ThrowIf(isGone, this)
        dimension

    /// <summary>The dimension k of the latents.</summary>
    member this.Latents: int =
        ObjectDisposedException.ThrowIf(isGone, this)
        latents

    /// <summary>A description for reports: "16 principal components".</summary>
    member _.Description: string = description

    /// <summary>The latents (n, k) of points (n, d), float64. The caller owns them.</summary>
    abstract Encode: points: Tensor -> Tensor

    /// <summary>The points (n, d) of latents (n, k), float64. The caller owns them.</summary>
    abstract Decode: latents: Tensor -> Tensor

    /// <summary>Frees the resources of the map. Called at most once.</summary>
    abstract Free: unit -> unit

    default _.Free() : unit = ()

    /// Transfers the resources of the map to another map; this one is then disposed.
    member internal _.GiveUp() : unit = isGone <- true

    /// <summary>Frees the resources of the map, unless another map has taken ownership of them.</summary>
    member this.Dispose() : unit =
        if not isGone then
            isGone <- true
            this.Free()

    interface IDisposable with
        /// <summary>Frees what the map holds.</summary>
        member this.Dispose() = this.Dispose()

    override this.ToString() : string = this.Description

/// The recipes of maps, for files.
[<RequireQualifiedAccess>]
module internal LatentMapRecipe =

    /// The recipe of a map, or an error for a user-defined one.
    let ofMap (map: LatentMap) : Outcome<Recipe> =
        match box map with
        | :? IRecipe as family -> family.Recipe()
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The map \"{map.Description}\" is of a user-defined class, which cannot be stored in a file"
                "Store its parts, and rebuild it after loading"

/// Coordinates along the rows of V (k, d), orthonormal, from a mean. It owns both.
[<Sealed>]
type internal PcaMap(mean: Tensor, components: Tensor) =
    inherit LatentMap(int mean.shape[0], int components.shape[0], $"{components.shape[0]} principal components")

    override _.Encode(points: Tensor) : Tensor =
        Tensors.keep (fun () -> (points - mean).times(components.t ()))

    override _.Decode(latents: Tensor) : Tensor =
        Tensors.keep (fun () -> latents.times (components) + mean)

    override _.Free() : unit =
        mean.Dispose()
        components.Dispose()

    static member Kind: string = "principal components"

    interface IRecipe with
        member _.Recipe() =
            Ok(Recipe.leaf PcaMap.Kind [] [ "mean", mean; "components", components ])

    static member OfRecipe(recipe: Recipe) : Outcome<LatentMap> =
        result {
            let! components = Recipe.tensor "components" recipe
            let! mean = Recipe.tensorOf [ Seq.last components.shape ] "mean" recipe
            return new PcaMap(Tensors.copy mean, Tensors.copy components)
        }

/// The latents of another map, transformed by z ↦ (z - mean) W with an invertible W (k, k). It owns the map and the tensors.
[<Sealed>]
type internal WhitenedMap(inner: LatentMap, mean: Tensor, matrix: Tensor, inverse: Tensor) =
    inherit LatentMap(inner.Dimension, inner.Latents, $"{inner.Description}, whitened")

    override _.Encode(points: Tensor) : Tensor =
        Tensors.keep (fun () -> (inner.Encode points - mean).times matrix)

    override _.Decode(latents: Tensor) : Tensor =
        Tensors.keep (fun () -> inner.Decode(latents.times (inverse) + mean))

    override _.Free() : unit =
        inner.Free()

        for tensor in [ mean; matrix; inverse ] do
            tensor.Dispose()

    static member Kind: string = "whitened"

    interface IRecipe with
        member _.Recipe() =
            LatentMapRecipe.ofMap inner
            |> Result.map (fun part ->
                { Recipe.leaf WhitenedMap.Kind [] [ "mean", mean; "matrix", matrix; "inverse", inverse ] with
                    Parts = [ "inner", part ]
                })

    static member OfRecipe(make: Recipe -> Outcome<LatentMap>, recipe: Recipe) : Outcome<LatentMap> =
        result {
            let! mean = Recipe.tensor "mean" recipe
            let k = mean.numel ()
            let! matrix = Recipe.tensorOf [ k; k ] "matrix" recipe
            let! inverse = Recipe.tensorOf [ k; k ] "inverse" recipe
            let! inner = Recipe.part "inner" recipe |> Result.bind make
            return new WhitenedMap(inner, Tensors.copy mean, Tensors.copy matrix, Tensors.copy inverse)
        }

/// <summary>The output layer of an autoencoder's decoder.</summary>
type AutoencoderOutput =
    /// <summary>Unrestricted outputs, with squared error. The data are standardised internally.</summary>
    | Linear = 0
    /// <summary>Outputs from 0 to 1, such as pixels, with cross entropy.</summary>
    | Probability = 1

/// Both networks.
[<NoComparison; NoEquality>]
type internal AutoencoderLayers =
    {
        Encoder: Layers
        Decoder: Layers
        Output: AutoencoderOutput
    }

    /// The tensors by name, those of the encoder first.
    member this.Named: (string * Tensor) list =
        this.Encoder.Named(fun i part -> $"encoder{i}{part}")
        @ this.Decoder.Named(fun i part -> $"decoder{i}{part}")

    interface IDisposable with
        member this.Dispose() =
            (this.Encoder :> IDisposable).Dispose()
            (this.Decoder :> IDisposable).Dispose()

/// A trained autoencoder in float64: x ↦ encoder((x - shift)/scale) and back. It owns its tensors.
[<Sealed>]
type internal AutoencoderMap(layers: AutoencoderLayers, shift: Tensor, scale: float) =
    inherit
        LatentMap(int shift.shape[0], layers.Encoder.Outputs, $"an autoencoder with {layers.Encoder.Outputs} latents")

    override _.Encode(points: Tensor) : Tensor =
        Tensors.keep (fun () -> layers.Encoder.Values((points - shift) / scale))

    override _.Decode(latents: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let output = layers.Decoder.Values latents

            match layers.Output with
            | AutoencoderOutput.Probability -> output.sigmoid ()
            | _ -> scale * output + shift)

    override _.Free() : unit =
        shift.Dispose()
        (layers :> IDisposable).Dispose()

    static member Kind: string = "autoencoder"

    interface IRecipe with
        member _.Recipe() =
            Ok(
                Recipe.leaf
                    AutoencoderMap.Kind
                    [
                        "activation", Fields.ofText (string layers.Encoder.Activation)
                        "output", Fields.ofText (string layers.Output)
                        "encoder", Fields.ofInt layers.Encoder.Weights.Length
                        "decoder", Fields.ofInt layers.Decoder.Weights.Length
                        "scale", Fields.ofFloat scale
                    ]
                    (("shift", shift) :: layers.Named)
            )

    static member OfRecipe(recipe: Recipe) : Outcome<LatentMap> =
        result {
            let! activation = Fields.choice<Activation> "activation" recipe.Settings
            let! output = Fields.choice<AutoencoderOutput> "output" recipe.Settings
            let! scale = Fields.float "scale" recipe.Settings
            let! shift = Recipe.tensor "shift" recipe

            let layers (part: string) : Outcome<Layers> =
                result {
                    let! count = Fields.int part recipe.Settings

                    let all kind =
                        Recipe.tensors count (fun i -> $"{part}{i}{kind}") recipe

                    let! weights = all "weight"
                    let! biases = all "bias"
                    return new Layers(activation, weights, biases)
                }

            let! encoder = layers "encoder"
            let! decoder = layers "decoder"

            let copies =
                {
                    Encoder = encoder.Map Tensors.copy
                    Decoder = decoder.Map Tensors.copy
                    Output = output
                }

            return new AutoencoderMap(copies, Tensors.copy shift, scale)
        }

/// <summary>Makes and applies latent maps.</summary>
[<RequireQualifiedAccess>]
module LatentMap =

    /// <summary>The map to coordinates along principal components. It holds copies; the caller disposes of it.</summary>
    let ofPca (pca: Pca) : LatentMap =
        new PcaMap(Tensors.copy pca.Mean, Tensors.copy pca.Components)

    let private check (what: string) (expected: int) (samples: Samples) (map: LatentMap) : Outcome<unit> =
        Require.dimension expected $"the {what}" samples.Dimension
        |> Require.advise $"Use the map that was fitted to data of this kind; this one is {map.Description}"

    let private carried (move: Tensor -> Tensor) (samples: Samples) : Outcome<Samples> =
        use moved = Tensors.own (fun () -> move samples.Points)
        Samples.withPoints moved samples

    /// <summary>The latents (n, k) of samples (n, d), with the samples' weights.</summary>
    let encode (map: LatentMap) (samples: Samples) : Outcome<Samples> =
        check "samples" map.Dimension samples map
        |> Result.bind (fun () -> carried map.Encode samples)

    /// <summary>The points (n, d) of latents (n, k), with the latents' weights.</summary>
    let decode (map: LatentMap) (latents: Samples) : Outcome<Samples> =
        check "latents" map.Latents latents map
        |> Result.bind (fun () -> carried map.Decode latents)

    /// <summary>The weighted root mean square error per coordinate after encoding and decoding samples, in units of the data.</summary>
    let error (map: LatentMap) (samples: Samples) : Outcome<float> =
        check "samples" map.Dimension samples map
        |> Result.map (fun () ->
            Tensors.within (fun () ->
                let gap = map.Decode(map.Encode samples.Points) - samples.Points
                let squares = gap.square().mean([| 1L |])
                sqrt (squares.dot(samples.Weights).ToDouble())))

    /// <summary>
    /// The map with latents of mean 0, unit variance and no correlation on these samples, by decreasing variance of the map's own latents, as flow
    /// matching from normal noise requires. It takes ownership of the map.
    /// </summary>
    /// <returns>The map, or an error if the latents vary in fewer than k directions; the given map is then still the caller's.</returns>
    let whitened (samples: Samples) (map: LatentMap) : Outcome<LatentMap> =
        result {
            use! latents = encode map samples
            use _ = Tensors.scope ()
            let! struct (values, vectors) = LinearAlgebra.eigh (Samples.covariance latents)
            let values, vectors = values.flip 0L, vectors.flip 1L
            let spread = Tensors.toArray values

            if not (spread[map.Latents - 1] > 1e-12 * spread[0]) then
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"The latents of {map.Description} vary in fewer than {map.Latents} directions"
                        "Use fewer latents, or more varied data"
            else
                let root = values.sqrt ()

                let whitened =
                    new WhitenedMap(
                        map,
                        (Samples.mean latents).DetachFromDisposeScope(),
                        (vectors / root.unsqueeze 0L).contiguous().DetachFromDisposeScope(),
                        (vectors.t () * root.unsqueeze 1L).contiguous().DetachFromDisposeScope()
                    )

                map.GiveUp()
                return whitened :> LatentMap
        }

    let private kind: string = "latent map"
    let private field: string = "map"

    /// <summary>Writes a map to a safetensors file, which is replaced atomically: principal components, autoencoders, and both whitened.</summary>
    /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
    /// <param name="map">It is not changed.</param>
    /// <returns>An <c>InvalidSetting</c> error if the map is of a user-defined class; <c>UnwritableFile</c> if the path cannot be written.</returns>
    let save (path: string) (map: LatentMap) : Outcome<unit> =
        use _ = Tensors.scope ()

        LatentMapRecipe.ofMap map
        |> Result.bind (fun recipe ->
            Checkpoint.write
                path
                kind
                1
                (Fields.ofList [ field, RecipeFile.settings recipe ])
                (RecipeFile.tensors field recipe))

    let rec private make (recipe: Recipe) : Outcome<LatentMap> =
        if recipe.Kind = PcaMap.Kind then
            PcaMap.OfRecipe recipe
        elif recipe.Kind = AutoencoderMap.Kind then
            AutoencoderMap.OfRecipe recipe
        elif recipe.Kind = WhitenedMap.Kind then
            WhitenedMap.OfRecipe(make, recipe)
        else
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"This version of the library ({Checkpoint.library}) has no latent map of kind '{recipe.Kind}'"
                "Load the file with the version that wrote it, or a newer one"

    /// <summary>Reads a map from a file written by <c>save</c>; it computes the same bits. The caller disposes it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// A <c>MissingFile</c> error; <c>UnreadableFile</c> if the file is damaged, was changed, or is not of this library;
    /// <c>CheckpointMismatch</c> if it holds something else or is of a newer version.
    /// </returns>
    let load (path: string) : Outcome<LatentMap> =
        result {
            use! checkpoint = Checkpoint.readKind kind 1 path

            return!
                Fields.object field checkpoint.Options
                |> Result.bind (RecipeFile.read checkpoint field)
                |> Result.bind make
        }
