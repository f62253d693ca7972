namespace Koopman

open System
open System.Text.Json.Nodes
open TorchSharp
open Koopman.Learning

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
            Settings = Codec.json settings
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

    /// Refuses a recipe whose tensors and parts do not fit one another.
    let demand (fits: bool) (asked: string) (recipe: Recipe) : Outcome<unit> =
        if fits then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"Of the stored observables of kind '{recipe.Kind}' {asked}"
                "The file was changed, or written by another version of the library: write it again with this one"

    let private tensor (name: string) (recipe: Recipe) : Outcome<Tensor> =
        find "tensor" name recipe recipe.Tensors

    let private real (axes: int) (name: string) (recipe: Recipe) : Outcome<Tensor> =
        result {
            let! tensor = tensor name recipe

            do!
                demand
                    (tensor.is_floating_point ()
                     && tensor.dim () = int64 axes
                     && tensor.numel () > 0L)
                    $"the tensor '{name}' must hold real numbers along {axes} axes, but is {tensor.dtype} {Tensors.shape tensor}"
                    recipe

            return tensor
        }

    /// A tensor (n) of real numbers, which belongs to the recipe.
    let vector (name: string) (recipe: Recipe) : Outcome<Tensor> = real 1 name recipe

    /// A tensor (n, k) of real numbers, which belongs to the recipe.
    let matrix (name: string) (recipe: Recipe) : Outcome<Tensor> = real 2 name recipe

    /// A tensor of this shape, of the type of another.
    let like (other: Tensor) (shape: int64 list) (name: string) (recipe: Recipe) : Outcome<Tensor> =
        tensor name recipe |> Result.bind (Checkpoint.fitAs other.dtype name shape)

    /// The whole numbers from 0 to the largest of a tensor of this shape; a size of -1 is free.
    let wholes (largest: int) (shape: int64 list) (name: string) (recipe: Recipe) : Outcome<int[]> =
        result {
            let! tensor = tensor name recipe

            let shape =
                shape
                |> List.mapi (fun axis size ->
                    if size < 0L && int64 axis < tensor.dim () then
                        tensor.shape[axis]
                    else
                        size)

            let! tensor = Checkpoint.fitAs torch.int64 name shape tensor
            let values = Guarded.read<int64> tensor

            do!
                demand
                    (values |> Array.forall (fun value -> value >= 0L && value <= int64 largest))
                    $"the numbers '{name}' must run from 0 to {largest}"
                    recipe

            return Array.map int values
        }

    /// The layers on d inputs, so many, whose tensors have these names and the type of another. They belong to the recipe.
    let layers
        (activation: Activation)
        (count: int)
        (name: int -> string -> string)
        (other: Tensor)
        (inputs: int64)
        (recipe: Recipe)
        : Outcome<Layers> =
        let layer (inputs: int64) (i: int) : Outcome<Tensor * Tensor> =
            result {
                let! bias = vector (name i "bias") recipe
                let! bias = Checkpoint.fitAs other.dtype (name i "bias") [ bias.numel () ] bias
                let! weight = like other [ bias.numel (); inputs ] (name i "weight") recipe
                return weight, bias
            }

        let rec from (i: int) (inputs: int64) : Outcome<(Tensor * Tensor) list> =
            if i = count then
                Ok []
            else
                result {
                    let! (weight, bias) = layer inputs i
                    let! rest = from (i + 1) (bias.numel ())
                    return (weight, bias) :: rest
                }

        from 0 inputs
        |> Result.map (fun pairs -> new Layers(activation, List.map fst pairs, List.map snd pairs))

    let part (name: string) (recipe: Recipe) : Outcome<Recipe> = find "part" name recipe recipe.Parts

    let ofWholes (values: int[]) : Tensor =
        Tensors.ofIndices (Array.map int64 values)

    /// Rebuilds two parts and combines them.
    let both
        (count: int64 -> int64 -> int64)
        (make: Recipe -> Outcome<Observables>)
        (recipe: Recipe)
        (join: Observables -> Observables -> Observables)
        : Outcome<Observables> =
        result {
            let! first = part "first" recipe
            let! second = part "second" recipe
            use! one = make first
            use! other = make second

            do!
                demand
                    (one.Dimension = other.Dimension
                     && count (int64 one.Count) (int64 other.Count) <= int64 Int32.MaxValue)
                    "the two parts must be functions of the same coordinates"
                    recipe

            return join one other
        }
