namespace Koopman

open TorchSharp

/// The nested dictionaries of families that are parts of another.
module private Nesting =

    /// The nested dictionary of a family, or all of the family if it has none.
    let orAll (family: Observables) : int[] =
        match family.Coarser with
        | [||] -> [| 0 .. family.Count - 1 |]
        | nested -> nested

    let ofEither (first: Observables) (second: Observables) (join: int[] -> int[] -> int[]) : int[] =
        if first.Coarser.Length = 0 && second.Coarser.Length = 0 then
            [||]
        else
            join (orAll first) (orAll second)

/// The concatenation of two families.
[<Sealed>]
type internal AppendedObservables(first: Observables, second: Observables) =
    inherit Observables(first.Dimension, first.Count + second.Count, $"{first.Description} and {second.Description}")

    let heldFirst, heldSecond = first.Hold(), second.Hold()

    let both (f: Observables -> Tensor) =
        Tensors.keep (fun () -> torch.cat ([| f first; f second |], 1L))

    override _.LengthScale: System.Nullable<float> =
        if first.LengthScale.HasValue then
            first.LengthScale
        else
            second.LengthScale

    interface IAxisLengths with
        member _.AxisLengths: float[] option =
            AxisLengths.ofObservables first
            |> Option.orElse (AxisLengths.ofObservables second)

    override _.IsDifferentiable: bool = first.IsDifferentiable && second.IsDifferentiable

    override _.Coarser: int[] =
        Nesting.ofEither first second (fun these those ->
            Array.append these (those |> Array.map (fun place -> first.Count + place)))

    override _.Values(points: Tensor) : Tensor = both _.Values(points)

    override _.Partial(points: Tensor, axis: int) : Tensor = both _.Partial(points, axis)

    override _.SecondPartial(points: Tensor, one: int, other: int) : Tensor =
        both _.SecondPartial(points, one, other)

    override _.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor = both _.GeneratorOf(points, motion)

    override _.NameOf(index: int) : string =
        if index < first.Count then
            first.NameOf index
        else
            second.NameOf(index - first.Count)

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let split = int64 first.Count
            let head = coefficients.narrow (0L, 0L, split)
            let tail = coefficients.narrow (0L, split, int64 second.Count)
            first.GradientOf(points, head) + second.GradientOf(points, tail))

    override this.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            // Each family may have a faster method for its own block.
            let cross =
                [|
                    for axis in 0 .. this.Dimension - 1 ->
                        Tensors.keep (fun () ->
                            first.Partial(points, axis).t().times(second.Partial(points, axis) * weights.unsqueeze 1L))
                |]
                |> Array.reduce (fun sum next -> sum.add_ next)

            torch.cat (
                [|
                    torch.cat ([| first.DirichletForm(points, weights); cross |], 1L)
                    torch.cat ([| cross.t (); second.DirichletForm(points, weights) |], 1L)
                |],
                0L
            ))

    override _.Free() : unit =
        heldFirst.Dispose()
        heldSecond.Dispose()

    static member Kind: string = "sequence"

    interface IRecipe with
        member _.Recipe() =
            Recipe.composed AppendedObservables.Kind [] [] [ "first", first; "second", second ]

    static member OfRecipe(make: Recipe -> Outcome<Observables>, recipe: Recipe) : Outcome<Observables> =
        Recipe.both (+) make recipe (fun first second -> new AppendedObservables(first, second))

/// All products ψ_i χ_j, the index of χ varying fastest.
[<Sealed>]
type internal ProductObservables(first: Observables, second: Observables) =
    inherit
        Observables(
            first.Dimension,
            first.Count * second.Count,
            $"{first.Count * second.Count} products of {first.Description} with {second.Description}"
        )

    let heldFirst, heldSecond = first.Hold(), second.Hold()

    let products (psi: Tensor) (chi: Tensor) : Tensor =
        (psi.unsqueeze (2L) * chi.unsqueeze 1L).reshape(psi.shape[0], -1L)

    override _.LengthScale: System.Nullable<float> =
        match Option.ofNullable first.LengthScale, Option.ofNullable second.LengthScale with
        | Some a, Some b -> System.Nullable(min a b)
        | a, b -> a |> Option.orElse b |> Option.toNullable

    override _.IsDifferentiable: bool = first.IsDifferentiable && second.IsDifferentiable

    override _.Coarser: int[] =
        Nesting.ofEither first second (fun these those ->
            Array.allPairs these those |> Array.map (fun (i, j) -> i * second.Count + j))

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> products (first.Values points) (second.Values points))

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            (products (first.Partial(points, axis)) (second.Values points))
                .add_(products (first.Values points) (second.Partial(points, axis))))

    override _.SecondPartial(points: Tensor, one: int, other: int) : Tensor =
        Tensors.keep (fun () ->
            (products (first.SecondPartial(points, one, other)) (second.Values points))
                .add_(products (first.Values points) (second.SecondPartial(points, one, other)))
                .add_(products (first.Partial(points, one)) (second.Partial(points, other)))
                .add_(products (first.Partial(points, other)) (second.Partial(points, one))))

    override this.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            // Σ_ij a_ij ψ_i χ_j needs no column for every product: Aχ and Aᵀψ are enough.
            let matrix = coefficients.reshape (int64 first.Count, int64 second.Count)
            let ofFirst = second.Values(points).times(matrix.t ())
            let ofSecond = first.Values(points).times matrix

            torch.stack (
                [|
                    for axis in 0 .. this.Dimension - 1 ->
                        Tensors.keep (fun () ->
                            let head = (first.Partial(points, axis) * ofFirst).sum(1L)
                            head + (second.Partial(points, axis) * ofSecond).sum 1L)
                |],
                1L
            ))

    override this.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor =
        Tensors.keep (fun () ->
            // 𝓛(ψχ) = χ𝓛ψ + ψ𝓛χ + ∇ψ·a∇χ.
            let sum =
                (products (first.GeneratorOf(points, motion)) (second.Values points))
                    .add_(products (first.Values points) (second.GeneratorOf(points, motion)))

            for i in 0 .. this.Dimension - 1 do
                for j in 0 .. this.Dimension - 1 do
                    match motion.Entry(i, j) with
                    | None -> ()
                    | Some a ->
                        sum.add_ (products (first.Partial(points, i) * a) (second.Partial(points, j)))
                        |> ignore

            sum)

    override _.NameOf(index: int) : string =
        $"({first.NameOf(index / second.Count)}) ({second.NameOf(index % second.Count)})"

    override _.Free() : unit =
        heldFirst.Dispose()
        heldSecond.Dispose()

    static member Kind: string = "products"

    interface IRecipe with
        member _.Recipe() =
            Recipe.composed ProductObservables.Kind [] [] [ "first", first; "second", second ]

    static member OfRecipe(make: Recipe -> Outcome<Observables>, recipe: Recipe) : Outcome<Observables> =
        Recipe.both (*) make recipe (fun first second -> new ProductObservables(first, second))

/// Some of the functions of a family.
[<Sealed>]
type internal SelectedObservables(indices: int[], inner: Observables) =
    inherit Observables(inner.Dimension, indices.Length, $"{indices.Length} of {inner.Description}")

    let held = inner.Hold()

    let index =
        new Constant(Tensors.ofIndices(Array.map int64 indices).DetachFromDisposeScope())

    let some (f: Observables -> Tensor) : Tensor =
        Tensors.keep (fun () ->
            let all = f inner
            all.index_select (1L, index.For all))

    override _.LengthScale: System.Nullable<float> = inner.LengthScale

    interface IAxisLengths with
        member _.AxisLengths: float[] option = AxisLengths.ofObservables inner

    override _.IsDifferentiable: bool = inner.IsDifferentiable

    override _.Values(points: Tensor) : Tensor = some _.Values(points)

    override _.Partial(points: Tensor, axis: int) : Tensor = some _.Partial(points, axis)

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        some _.SecondPartial(points, first, second)

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let all = Tensors.zeros [| int64 inner.Count |] coefficients
            inner.GradientOf(points, all.index_add (0L, index.For all, coefficients, Tensors.num 1.0)))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let all = inner.DirichletForm(points, weights)
            let index = index.For all
            all.index_select(0L, index).index_select(1L, index))

    override _.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor = some _.GeneratorOf(points, motion)

    override _.NameOf(index: int) : string = inner.NameOf indices[index]

    override _.Free() : unit =
        index.Dispose()
        held.Dispose()

    static member Kind: string = "selection"

    interface IRecipe with
        member _.Recipe() =
            Recipe.composed SelectedObservables.Kind [] [ "indices", index.Tensor ] [ "inner", inner ]

    static member OfRecipe(make: Recipe -> Outcome<Observables>, recipe: Recipe) : Outcome<Observables> =
        result {
            use! inner = Recipe.part "inner" recipe |> Result.bind make
            let! indices = Recipe.wholes (inner.Count - 1) [ -1L ] "indices" recipe
            return new SelectedObservables(indices, inner)
        }

/// A family applied to each of several blocks of coordinates, block after block.
[<Sealed>]
type internal DelayedObservables(blocks: int, inner: Observables) =
    inherit
        Observables(blocks * inner.Dimension, blocks * inner.Count, $"{inner.Description} at each of {blocks} times")

    let held = inner.Hold()
    let width = inner.Dimension

    let block (k: int) (points: Tensor) : Tensor =
        points.narrow (1L, int64 (k * width), int64 width)

    /// A matrix (n, N) that is 0 outside the columns of one block.
    let only (k: int) (columns: Tensor) : Tensor =
        let zeros count =
            Tensors.zeros [| columns.shape[0]; int64 (count * inner.Count) |] columns

        torch.cat ([| zeros k; columns; zeros (blocks - 1 - k) |], 1L)

    override _.LengthScale: System.Nullable<float> = inner.LengthScale

    override _.IsDifferentiable: bool = inner.IsDifferentiable

    override _.Coarser: int[] =
        Array.allPairs [| 0 .. blocks - 1 |] inner.Coarser
        |> Array.map (fun (k, place) -> k * inner.Count + place)

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> torch.cat ([| for k in 0 .. blocks - 1 -> inner.Values(block k points) |], 1L))

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let k = axis / width
            only k (inner.Partial(block k points, axis % width)))

    override this.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        Tensors.keep (fun () ->
            let k = first / width

            if second / width = k then
                only k (inner.SecondPartial(block k points, first % width, second % width))
            else
                Tensors.zeros [| points.shape[0]; int64 this.Count |] points)

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            torch.cat (
                [|
                    for k in 0 .. blocks - 1 ->
                        inner.GradientOf(
                            block k points,
                            coefficients.narrow (0L, int64 (k * inner.Count), int64 inner.Count)
                        )
                |],
                1L
            ))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let forms =
                [|
                    for k in 0 .. blocks - 1 -> only k (inner.DirichletForm(block k points, weights))
                |]

            torch.cat (forms, 0L))

    override _.NameOf(index: int) : string =
        $"{inner.NameOf(index % inner.Count)} at block {index / inner.Count}"

    override _.Free() : unit = held.Dispose()

    static member Kind: string = "delays"

    static member private Settings: Codec<int, int> = Codec.count "blocks" id

    interface IRecipe with
        member _.Recipe() =
            Recipe.composed DelayedObservables.Kind (DelayedObservables.Settings.Put blocks) [] [ "inner", inner ]

    static member OfRecipe(make: Recipe -> Outcome<Observables>, recipe: Recipe) : Outcome<Observables> =
        result {
            let! blocks = DelayedObservables.Settings.Take recipe.Settings
            use! inner = Recipe.part "inner" recipe |> Result.bind make

            do!
                Recipe.demand
                    (int64 blocks * int64 (max inner.Dimension inner.Count)
                     <= int64 System.Int32.MaxValue)
                    "there are too many"
                    recipe

            return new DelayedObservables(blocks, inner)
        }
