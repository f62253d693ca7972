namespace Koopman

open System
open System.Text.Json.Nodes
open TorchSharp

/// Recipes as parts of a checkpoint.
[<RequireQualifiedAccess>]
module internal RecipeFile =

    let rec private header () : Codec<Recipe, Recipe> =
        codec {
            let! kind = Codec.text<Recipe> "kind" _.Kind
            and! settings = Codec.settings<Recipe> "settings" _.Settings

            and! parts =
                Codec.list (Codec.later part) "parts" (fun (recipe: Recipe) -> Array.ofList recipe.Parts)

            return
                {
                    Kind = kind
                    Settings = settings
                    Tensors = []
                    Parts = List.ofArray parts
                }
        }

    and private part () : Codec<string * Recipe, string * Recipe> =
        codec {
            let! name = Codec.text "name" fst
            and! recipe = Codec.object (Codec.later header) "recipe" snd
            return name, recipe
        }

    /// Everything but the tensors.
    let settings (recipe: Recipe) : JsonObject = Codec.write (header ()) recipe

    /// The tensors, those of a part prefixed by its name.
    let rec tensors (prefix: string) (recipe: Recipe) : (string * Tensor) list =
        (recipe.Tensors |> List.map (fun (name, tensor) -> $"{prefix}.{name}", tensor))
        @ (recipe.Parts
           |> List.collect (fun (name, part) -> tensors $"{prefix}.{name}" part))

    /// The same recipe with the tensors that a checkpoint has for it.
    let rec private withTensors (checkpoint: Checkpoint) (prefix: string) (recipe: Recipe) : Recipe =
        let start = prefix + "."

        { recipe with
            Tensors =
                [
                    for KeyValue(name, tensor) in checkpoint.Tensors do
                        if name.StartsWith(start, StringComparison.Ordinal) then
                            name.Substring start.Length, tensor
                ]
            Parts =
                recipe.Parts
                |> List.map (fun (name, part) -> name, withTensors checkpoint (start + name) part)
        }

    /// The recipe under a field of a checkpoint's settings. Its tensors are the checkpoint's.
    let read (field: string) (checkpoint: Checkpoint) : Outcome<Recipe> =
        (Codec.object (header ()) field id).Take checkpoint.Options
        |> Result.map (withTensors checkpoint field)

    /// Writes a file of a recipe alone.
    let write (path: string) (kind: string) (field: string) (recipe: Recipe) : Outcome<unit> =
        Checkpoint.write path kind 1 (Codec.json [ field, settings recipe ]) (tensors field recipe)

/// The families that files can hold.
[<RequireQualifiedAccess>]
module internal ObservablesFile =

    /// Each family with what makes it again from a recipe and from what makes its parts.
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
        RecipeFile.read name checkpoint |> Result.bind make
