namespace Koopman

open TorchSharp

/// <summary>Maps to latents in files: further members of the module <c>LatentMap</c>.</summary>
[<AutoOpen>]
module LatentMapFiles =

    /// <summary>Stores maps to latents and brings them back.</summary>
    [<RequireQualifiedAccess>]
    module LatentMap =

        let private kind: string = "latent map"
        let private field: string = "map"

        /// <summary>Writes a map to a safetensors file, which is replaced in one step: principal components, autoencoders, and both whitened.</summary>
        /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
        /// <param name="map">It is not changed.</param>
        /// <returns>An <c>InvalidSetting</c> error if the map is of a class of the user's; <c>UnwritableFile</c> if the path cannot be written.</returns>
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
                    $"This version of the library ({Checkpoint.library}) knows no latent map of kind '{recipe.Kind}'"
                    "Load the file with the version that wrote it, or a newer one"

        /// <summary>Reads a map from a file of <c>save</c>: it gives the same bits. The caller disposes of it.</summary>
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
