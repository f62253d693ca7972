namespace Koopman

open System
open System.Text.Json.Nodes
open TorchSharp

/// Recipes as parts of a checkpoint.
[<RequireQualifiedAccess>]
module internal RecipeFile =

    /// All settings, without the tensors.
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

    /// The tensors, those of a part prefixed by its name.
    let rec tensors (prefix: string) (recipe: Recipe) : (string * Tensor) list =
        (recipe.Tensors |> List.map (fun (name, tensor) -> $"{prefix}.{name}", tensor))
        @ (recipe.Parts
           |> List.collect (fun (name, part) -> tensors $"{prefix}.{name}" part))

    /// The recipe in a checkpoint. Its tensors belong to the checkpoint.
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

    /// The families that files can hold, each with the function that rebuilds it from a recipe, given the function that rebuilds its parts.
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
                $"This version of the library ({Checkpoint.library}) has no observables of kind '{recipe.Kind}'"
                "Load the file with the version that wrote it, or a newer one"

    /// The observables under a field of a checkpoint's settings. The caller owns them.
    let load (name: string) (checkpoint: Checkpoint) : Outcome<Observables> =
        Fields.object name checkpoint.Options
        |> Result.bind (read checkpoint name)
        |> Result.bind make
