namespace Koopman

open System
open System.Text.Json.Nodes
open TorchSharp

/// The description of observables as data, sufficient to rebuild them bit for bit. Its tensors are those of the observables, or temporaries of the
/// enclosing dispose scope; those of a recipe read from a file belong to the checkpoint.
[<NoComparison; NoEquality>]
type internal Recipe =
    {
        /// The name of the family.
        Kind: string
        Settings: JsonObject
        Tensors: (string * Tensor) list
        /// The observables it is composed of.
        Parts: (string * Recipe) list
    }

/// A family of observables that files can hold. It also has a static member OfRecipe, listed in <c>ObservablesFile</c>.
type internal IRecipe =
    abstract Recipe: unit -> Outcome<Recipe>

/// Makes recipes and reads them.
[<RequireQualifiedAccess>]
module internal Recipe =

    /// The recipe of observables, or an error for user-defined functions.
    let ofObservables (observables: Observables) : Outcome<Recipe> =
        match box observables with
        | :? IRecipe as family -> family.Recipe()
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The observables \"{observables.Description}\" are user-defined functions, which cannot be stored in a file"
                "Store the data and fit again after loading, or use a family of the library (polynomials, Gaussians, kernel sections, a learned dictionary, and combinations of these)"

    let leaf (kind: string) (settings: (string * JsonNode) list) (tensors: (string * Tensor) list) : Recipe =
        {
            Kind = kind
            Settings = Fields.ofList settings
            Tensors = tensors
            Parts = []
        }

    /// A recipe with other observables as parts.
    let composed
        (kind: string)
        (settings: (string * JsonNode) list)
        (tensors: (string * Tensor) list)
        (parts: (string * Observables) list)
        : Outcome<Recipe> =
        parts
        |> Outcome.collect (fun (name, part) -> ofObservables part |> Result.map (fun recipe -> name, recipe))
        |> Result.map (fun parts ->
            { leaf kind settings tensors with
                Parts = parts
            })

    let private find (what: string) (name: string) (recipe: Recipe) (items: (string * 'T) list) =
        match items |> List.tryFind (fun (other, _) -> other = name) with
        | Some(_, item) -> Ok item
        | None ->
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"The stored observables of kind '{recipe.Kind}' have no {what} '{name}'"
                "The file was written by another version of the library: write it again with this one"

    /// A tensor of the recipe, which belongs to it.
    let tensor (name: string) (recipe: Recipe) : Outcome<Tensor> =
        find "tensor" name recipe recipe.Tensors

    /// This many tensors of the recipe, which belong to it.
    let tensors (count: int) (name: int -> string) (recipe: Recipe) : Outcome<Tensor list> =
        [ 0 .. count - 1 ] |> Outcome.collect (fun i -> tensor (name i) recipe)

    /// A tensor of the recipe that must have this shape.
    let tensorOf (shape: int64 list) (name: string) (recipe: Recipe) : Outcome<Tensor> =
        tensor name recipe |> Result.bind (Checkpoint.fit name shape)

    let part (name: string) (recipe: Recipe) : Outcome<Recipe> = find "part" name recipe recipe.Parts

    let numbers (name: string) (recipe: Recipe) : Outcome<float[]> =
        tensor name recipe |> Result.map Tensors.toArray

    let wholes (name: string) (recipe: Recipe) : Outcome<int[]> =
        tensor name recipe
        |> Result.map (fun t -> Guarded.read<int64> t |> Array.map int)

    let ofWholes (values: int[]) : Tensor =
        Tensors.ofIndices (Array.map int64 values)

    /// Rebuilds two parts and combines them.
    let both
        (make: Recipe -> Outcome<Observables>)
        (recipe: Recipe)
        (join: Observables -> Observables -> Observables)
        : Outcome<Observables> =
        result {
            let! first = part "first" recipe
            let! second = part "second" recipe
            use! one = make first
            use! other = make second
            return join one other
        }
