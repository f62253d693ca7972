namespace Koopman

open System
open System.Text.Json.Nodes
open TorchSharp

/// Recipes as parts of a checkpoint.
[<RequireQualifiedAccess>]
module internal RecipeFile =

    /// Everything but the tensors.
    let rec settings (recipe: Recipe) : JsonNode =
        Fields.ofList
            [
                "kind", Fields.ofText recipe.Kind
                "settings", recipe.Settings
                "parts",
                recipe.Parts
                |> List.map (fun (name, part) -> Fields.ofList [ "name", Fields.ofText name; "recipe", settings part ])
                |> Seq.cast<JsonNode>
                |> Fields.ofNodes
            ]

    /// The tensors, those of a part under its name.
    let rec tensors (prefix: string) (recipe: Recipe) : (string * Tensor) list =
        (recipe.Tensors |> List.map (fun (name, tensor) -> $"{prefix}.{name}", tensor))
        @ (recipe.Parts
           |> List.collect (fun (name, part) -> tensors $"{prefix}.{name}" part))

    /// The recipe whose settings and tensors a checkpoint holds. Its tensors are the checkpoint's.
    let rec read (checkpoint: Checkpoint) (prefix: string) (node: JsonObject) : Outcome<Recipe> =
        let own =
            checkpoint.Tensors
            |> Map.toList
            |> List.choose (fun (name, tensor) ->
                let rest =
                    if name.StartsWith(prefix + ".", StringComparison.Ordinal) then
                        name.Substring(prefix.Length + 1)
                    else
                        ""

                if rest = "" || rest.Contains '.' then
                    None
                else
                    Some(rest, tensor))

        result {
            let! kind = Fields.text "kind" node
            let! settings = Fields.object "settings" node

            let! parts =
                node
                |> Fields.list "parts" (fun entry ->
                    result {
                        let! name = Fields.text "name" entry

                        let! recipe =
                            Fields.object "recipe" entry |> Result.bind (read checkpoint $"{prefix}.{name}")

                        return name, recipe
                    })

            return
                {
                    Kind = kind
                    Settings = settings
                    Tensors = own
                    Parts = parts
                }
        }

    /// The families that files can hold, each with what makes it again from a recipe and from what makes its parts.
    let private families: (string * ((Recipe -> Outcome<Observables>) -> Recipe -> Outcome<Observables>)) list =
        [
            PolynomialObservables.Kind, (fun _ recipe -> PolynomialObservables.OfRecipe recipe)
            CoordinateObservables.Kind, (fun _ recipe -> CoordinateObservables.OfRecipe recipe)
            GaussianObservables.Kind, (fun _ recipe -> GaussianObservables.OfRecipe recipe)
            KernelObservables.Kind, (fun _ recipe -> KernelObservables.OfRecipe recipe)
            DiffusionObservables.Kind, (fun _ recipe -> DiffusionObservables.OfRecipe recipe)
            NetworkObservables.Kind, (fun _ recipe -> NetworkObservables.OfRecipe recipe)
            WaveObservables.Kind, (fun _ recipe -> WaveObservables.OfRecipe recipe)
            IndicatorObservables.Boxes, (fun _ recipe -> IndicatorObservables.OfBoxes recipe)
            IndicatorObservables.Nearest, (fun _ recipe -> IndicatorObservables.OfCentres recipe)
            MappedObservables.Kind, (fun make recipe -> MappedObservables.OfRecipe(make, recipe))
            CombinedObservables.Kind, (fun make recipe -> CombinedObservables.OfRecipe(make, recipe))
            AppendedObservables.Kind, (fun make recipe -> AppendedObservables.OfRecipe(make, recipe))
            ProductObservables.Kind, (fun make recipe -> ProductObservables.OfRecipe(make, recipe))
            SelectedObservables.Kind, (fun make recipe -> SelectedObservables.OfRecipe(make, recipe))
            DelayedObservables.Kind, (fun make recipe -> DelayedObservables.OfRecipe(make, recipe))
        ]

    /// The observables of a recipe, which the caller owns.
    let rec make (recipe: Recipe) : Outcome<Observables> =
        match families |> List.tryFind (fun (kind, _) -> kind = recipe.Kind) with
        | Some(_, family) -> family make recipe
        | None ->
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"This version of the library ({Checkpoint.library}) knows no observables of kind '{recipe.Kind}'"
                "Load the file with the version that wrote it, or a newer one"

    /// The observables under a field of a checkpoint's settings. The caller owns them.
    let load (name: string) (checkpoint: Checkpoint) : Outcome<Observables> =
        Fields.object name checkpoint.Options
        |> Result.bind (read checkpoint name)
        |> Result.bind make

/// <summary>Dictionaries in files: further members of the module <c>Observables</c>.</summary>
[<AutoOpen>]
module ObservablesFiles =

    /// <summary>Stores observables and brings them back.</summary>
    [<RequireQualifiedAccess>]
    module Observables =

        let private kind: string = "dictionary"
        let private field: string = "observables"

        /// <summary>
        /// Writes observables to a safetensors file, which is replaced in one step. All families of the library and what is made of them can be
        /// stored, learned dictionaries too; functions and networks of the user's cannot.
        /// </summary>
        /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
        /// <param name="observables">They are not changed.</param>
        /// <returns>An <c>InvalidSetting</c> error if some of them are functions of the user's; <c>UnwritableFile</c> if the path cannot be written.</returns>
        let save (path: string) (observables: Observables) : Outcome<unit> =
            use _ = Tensors.scope ()

            Recipe.ofObservables observables
            |> Result.bind (fun recipe ->
                Checkpoint.write
                    path
                    kind
                    1
                    (Fields.ofList [ field, RecipeFile.settings recipe ])
                    (RecipeFile.tensors field recipe))

        /// <summary>Reads observables from a file of <c>save</c>: they give the same bits. The caller disposes of them.</summary>
        /// <param name="path">The file.</param>
        /// <returns>
        /// A <c>MissingFile</c> error; <c>UnreadableFile</c> if the file is damaged, was changed, or is not of this library;
        /// <c>CheckpointMismatch</c> if it holds something else or is of a newer version.
        /// </returns>
        let load (path: string) : Outcome<Observables> =
            result {
                use! checkpoint = Checkpoint.readKind kind 1 path
                return! RecipeFile.load field checkpoint
            }
