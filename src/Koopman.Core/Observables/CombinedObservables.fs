namespace Koopman

open TorchSharp

/// Combinations ψᵀT of other observables, T (N, q): the components of kernel methods.
[<Sealed>]
type internal CombinedObservables(inner: Observables, matrix: Tensor, description: string) =
    inherit Observables(inner.Dimension, int matrix.shape[1], description)

    let held = inner.Hold()
    let matrix' = new Constant(matrix)

    let combine (values: unit -> Tensor) =
        Tensors.keep (fun () ->
            let values = values ()
            values.times (matrix'.For values))

    override _.LengthScale: System.Nullable<float> = inner.LengthScale

    interface IAxisLengths with
        member _.AxisLengths: float[] option = AxisLengths.ofObservables inner

    override _.IsDifferentiable: bool = inner.IsDifferentiable

    override _.Values(points: Tensor) : Tensor = combine (fun () -> inner.Values points)

    override _.Partial(points: Tensor, axis: int) : Tensor =
        combine (fun () -> inner.Partial(points, axis))

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        combine (fun () -> inner.SecondPartial(points, first, second))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () -> inner.GradientOf(points, (matrix'.For coefficients).mv coefficients))

    override _.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor =
        combine (fun () -> inner.GeneratorOf(points, motion))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let form = inner.DirichletForm(points, weights)
            let matrix = matrix'.For form
            matrix.t().times(form).times matrix)

    override _.Free() : unit =
        held.Dispose()
        matrix'.Dispose()

    static member Kind: string = "combinations"

    static member private Settings: Codec<string, string> = Codec.text "description" id

    interface IRecipe with
        member this.Recipe() =
            Recipe.composed
                CombinedObservables.Kind
                (CombinedObservables.Settings.Put this.Description)
                [ "matrix", matrix ]
                [ "inner", inner ]

    static member OfRecipe(make: Recipe -> Outcome<Observables>, recipe: Recipe) : Outcome<Observables> =
        result {
            let! description = CombinedObservables.Settings.Take recipe.Settings
            let! matrix = Recipe.matrix "matrix" recipe
            use! inner = Recipe.part "inner" recipe |> Result.bind make
            let! matrix = Checkpoint.fit "matrix" [ int64 inner.Count; matrix.shape[1] ] matrix
            return new CombinedObservables(inner, Tensors.copy matrix, description)
        }
