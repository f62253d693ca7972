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
    inherit Shared()

    /// <summary>The dimension d of the data.</summary>
    member _.Dimension: int = dimension

    /// <summary>The dimension k of the latents.</summary>
    member _.Latents: int = latents

    /// <summary>A description for reports: "16 principal components".</summary>
    member _.Description: string = description

    /// <summary>The latents (n, k) of points (n, d), float64. The caller owns them.</summary>
    abstract Encode: points: Tensor -> Tensor

    /// <summary>The points (n, d) of latents (n, k), float64. The caller owns them.</summary>
    abstract Decode: latents: Tensor -> Tensor

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
            let! components = Recipe.matrix "components" recipe
            let! mean = Recipe.like components [ components.shape[1] ] "mean" recipe
            return new PcaMap(Tensors.copy mean, Tensors.copy components)
        }

/// The latents of another map, transformed by z ↦ (z - mean) W with an invertible W (k, k). It owns the map and the tensors.
[<Sealed>]
type internal WhitenedMap(inner: LatentMap, mean: Tensor, matrix: Tensor, inverse: Tensor) =
    inherit LatentMap(inner.Dimension, inner.Latents, $"{inner.Description}, whitened")

    let held = inner.Hold()

    override _.Encode(points: Tensor) : Tensor =
        Tensors.keep (fun () -> (inner.Encode points - mean).times matrix)

    override _.Decode(latents: Tensor) : Tensor =
        Tensors.keep (fun () -> inner.Decode(latents.times (inverse) + mean))

    override _.Free() : unit =
        held.Dispose()

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
            use! inner = Recipe.part "inner" recipe |> Result.bind make
            let k = int64 inner.Latents
            let! mean = Recipe.vector "mean" recipe |> Result.bind (Checkpoint.fit "mean" [ k ])
            let! matrix = Recipe.like mean [ k; k ] "matrix" recipe
            let! inverse = Recipe.like mean [ k; k ] "inverse" recipe
            return new WhitenedMap(inner, Tensors.copy mean, Tensors.copy matrix, Tensors.copy inverse)
        }

/// The points themselves, less one mean and divided by one scale for all coordinates. It owns both tensors, (1) each.
[<Sealed>]
type internal StandardMap(dimension: int, mean: Tensor, scale: Tensor) =
    inherit LatentMap(dimension, dimension, $"{dimension} coordinates of one scale")

    override _.Encode(points: Tensor) : Tensor =
        Tensors.keep (fun () -> (points.to_type torch.float64 - mean) / scale)

    override _.Decode(latents: Tensor) : Tensor =
        Tensors.keep (fun () -> latents.to_type torch.float64 * scale + mean)

    override _.Free() : unit =
        mean.Dispose()
        scale.Dispose()

    static member Kind: string = "one scale"

    static member private Settings: Codec<int, int> =
        codec {
            let! dimension = Codec.int "dimension" id
            return dimension
        }

    interface IRecipe with
        member _.Recipe() =
            Ok(Recipe.leaf StandardMap.Kind (StandardMap.Settings.Put dimension) [ "mean", mean; "scale", scale ])

    static member OfRecipe(recipe: Recipe) : Outcome<LatentMap> =
        result {
            let! dimension = StandardMap.Settings.Take recipe.Settings

            if dimension < 1 then
                return!
                    KoopmanError.fail
                        ErrorKind.CheckpointMismatch
                        $"The stored map has {dimension} coordinates"
                        "Write the file again"
            else
                let! mean = Recipe.vector "mean" recipe |> Result.bind (Checkpoint.fit "mean" [ 1L ])
                let! scale = Recipe.like mean [ 1L ] "scale" recipe
                return new StandardMap(dimension, Tensors.copy mean, Tensors.copy scale)
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

/// What a file says of an autoencoder beside its tensors; of encoder and decoder the number of layers.
type internal StoredAutoencoder =
    {
        Activation: Activation
        Output: AutoencoderOutput
        Encoder: int
        Decoder: int
        Scale: float
    }

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

    static member private Settings: Codec<StoredAutoencoder, StoredAutoencoder> =
        codec {
            let! activation =
                Codec.choice<StoredAutoencoder, Activation> "activation" _.Activation

            and! output = Codec.choice<StoredAutoencoder, AutoencoderOutput> "output" _.Output
            and! encoder = Codec.count<StoredAutoencoder> "encoder" _.Encoder
            and! decoder = Codec.count<StoredAutoencoder> "decoder" _.Decoder
            and! scale = Codec.positive<StoredAutoencoder> "scale" _.Scale

            return
                {
                    Activation = activation
                    Output = output
                    Encoder = encoder
                    Decoder = decoder
                    Scale = scale
                }
        }

    interface IRecipe with
        member _.Recipe() =
            Ok(
                Recipe.leaf
                    AutoencoderMap.Kind
                    (AutoencoderMap.Settings.Put
                        {
                            Activation = layers.Encoder.Activation
                            Output = layers.Output
                            Encoder = layers.Encoder.Weights.Length
                            Decoder = layers.Decoder.Weights.Length
                            Scale = scale
                        })
                    (("shift", shift) :: layers.Named)
            )

    static member OfRecipe(recipe: Recipe) : Outcome<LatentMap> =
        result {
            let! settings = AutoencoderMap.Settings.Take recipe.Settings
            let! shift = Recipe.vector "shift" recipe

            let layers (part: string) (count: int) (inputs: int64) : Outcome<Layers> =
                Recipe.layers settings.Activation count (fun i kind -> $"{part}{i}{kind}") shift inputs recipe

            let! encoder = layers "encoder" settings.Encoder shift.shape[0]
            let! decoder = layers "decoder" settings.Decoder (int64 encoder.Outputs)

            do!
                Recipe.demand
                    (int64 decoder.Outputs = shift.shape[0])
                    $"the decoder must lead back to {shift.shape[0]} dimensions, but leads to {decoder.Outputs}"
                    recipe

            let copies =
                {
                    Encoder = encoder.Map Tensors.copy
                    Decoder = decoder.Map Tensors.copy
                    Output = settings.Output
                }

            return new AutoencoderMap(copies, Tensors.copy shift, settings.Scale)
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

    /// <summary>
    /// The map to coordinates with one mean and one scale for all, as networks for images require: the samples have mean 0 and deviation 1 over all
    /// coordinates together. The caller disposes of it.
    /// </summary>
    /// <returns>The map, or an error if all samples are one point.</returns>
    let standard (samples: Samples) : Outcome<LatentMap> =
        use _ = Tensors.scope ()
        let weights = (samples.Weights.to_type torch.float64).unsqueeze 1L
        let points = samples.Points.to_type torch.float64
        let mean = (points * weights).sum() / weights.sum () / float samples.Dimension

        let scale =
            (((points - mean).square() * weights).sum()
             / weights.sum ()
             / float samples.Dimension)
                .sqrt()

        if not (scale.ToDouble() > 0.0) then
            KoopmanError.fail
                ErrorKind.IllConditioned
                "All samples are one point of equal coordinates"
                "Check how the data were read: they do not vary"
        else
            Ok(new StandardMap(samples.Dimension, Tensors.copy (mean.reshape 1L), Tensors.copy (scale.reshape 1L)))

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

                // It holds the map: the maker lets go.
                map.Dispose()
                return whitened :> LatentMap
        }

    let private kind: string = "latent map"
    let private field: string = "map"

    /// <summary>Writes a map to a safetensors file, which is replaced atomically: principal components, autoencoders, one scale, and these whitened.</summary>
    /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
    /// <param name="map">It is not changed.</param>
    /// <returns>An <c>InvalidSetting</c> error if the map is of a user-defined class; <c>UnwritableFile</c> if the path cannot be written.</returns>
    let save (path: string) (map: LatentMap) : Outcome<unit> =
        use _ = Tensors.scope ()

        LatentMapRecipe.ofMap map |> Result.bind (RecipeFile.write path kind field)

    let rec private make (recipe: Recipe) : Outcome<LatentMap> =
        if recipe.Kind = PcaMap.Kind then
            PcaMap.OfRecipe recipe
        elif recipe.Kind = AutoencoderMap.Kind then
            AutoencoderMap.OfRecipe recipe
        elif recipe.Kind = StandardMap.Kind then
            StandardMap.OfRecipe recipe
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
            return! RecipeFile.read field checkpoint |> Result.bind make
        }
