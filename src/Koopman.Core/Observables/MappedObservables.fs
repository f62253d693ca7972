namespace Koopman

open TorchSharp

/// Observables after an affine map: ψ((x - offset) M) for M (d, k) and ψ on R^k.
[<Sealed>]
type internal MappedObservables(offset: Tensor, matrix: Tensor, inner: Observables, description: string) =
    inherit Observables(int matrix.shape[0], inner.Count, description)

    let held = inner.Hold()
    let width = int matrix.shape[1]
    let offset', matrix' = new Constant(offset), new Constant(matrix)

    let image (points: Tensor) =
        let centred = points - offset'.For points
        centred.times (matrix'.For centred)

    let slopes = Tensors.toArray matrix
    let entry (axis: int) (k: int) = slopes[axis * width + k]

    /// s² if M keeps all angles, MᵀM = s²: gradients are then s times as long, and lengths 1/s.
    let similarity: float option =
        Tensors.within (fun () ->
            let square = matrix.t().times matrix
            let scale = square.diagonal().mean().ToDouble()

            let unit =
                scale * torch.eye (int64 width, dtype = torch.float64, device = matrix.device)

            if scale > 0.0 && (square - unit).abs().max().ToDouble() <= 1e-12 * scale then
                Some scale
            else
                None)

    /// Rows R with RᵀR = MᵀM, at most k of them in any dimension d.
    let triangle: float[][] =
        Tensors.within (fun () ->
            let struct (_, r) = torch.linalg.qr matrix
            Array.chunkBySize width (Tensors.toArray r))

    /// Σ_k a_k y_k of matrices y_k of one shape, left out where a is 0.
    let combine (weights: float[]) (terms: int -> Tensor) (points: Tensor) : Tensor =
        let mutable sum = Tensors.zeros [| points.shape[0]; int64 inner.Count |] points

        for k in 0 .. weights.Length - 1 do
            if weights[k] <> 0.0 then
                sum <- sum.add (terms k, Tensors.num weights[k])

        sum

    override _.LengthScale: System.Nullable<float> =
        match similarity, Option.ofNullable inner.LengthScale with
        | Some scale, Some length -> System.Nullable(length / sqrt scale)
        | _ -> System.Nullable()

    interface IAxisLengths with
        member _.AxisLengths: float[] option =
            AxisLengths.ofObservables inner
            |> Option.map (fun lengths ->
                Array.init (int matrix.shape[0]) (fun axis ->
                    1.0
                    / sqrt (
                        Seq.sum
                            [
                                for k in 0 .. width - 1 -> entry axis k * entry axis k / (lengths[k] * lengths[k])
                            ]
                    )))

    override _.IsDifferentiable: bool = inner.IsDifferentiable

    override _.Coarser: int[] = inner.Coarser

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> inner.Values(image points))

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let y = image points
            combine (Array.init width (entry axis)) (fun k -> inner.Partial(y, k)) points)

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        Tensors.keep (fun () ->
            let y = image points

            // Second derivatives are symmetric: each is computed once.
            let pairs =
                [|
                    for k in 0 .. width - 1 do
                        for l in k .. width - 1 -> struct (k, l)
                |]

            let weights =
                pairs
                |> Array.map (fun (struct (k, l)) ->
                    let weight = entry first k * entry second l

                    if k = l then
                        weight
                    else
                        weight + entry first l * entry second k)

            let partial i =
                let struct (k, l) = pairs[i]
                inner.SecondPartial(y, k, l)

            combine weights partial points)

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () -> inner.GradientOf(image points, coefficients).times((matrix'.For points).t()))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let y = image points

            match similarity with
            | Some scale -> scale * inner.DirichletForm(y, weights)
            | None ->
                let partials = Array.init width (fun k -> inner.Partial(y, k))

                triangle
                |> Array.map (fun row ->
                    Tensors.keep (fun () ->
                        let slope = combine row (fun k -> partials[k]) points
                        slope.t().times(slope * weights.unsqueeze 1L)))
                |> Array.reduce (fun sum next -> sum.add_ next))

    override _.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor =
        Tensors.keep (fun () -> inner.GeneratorOf(image points, (motion.For points).Through(matrix'.For points)))

    override _.NameOf(index: int) : string = inner.NameOf index

    override _.Free() : unit =
        offset'.Dispose()
        matrix'.Dispose()
        held.Dispose()

    static member Kind: string = "map"

    static member private Settings: Codec<string, string> = Codec.text "description" id

    interface IRecipe with
        member this.Recipe() =
            Recipe.composed
                MappedObservables.Kind
                (MappedObservables.Settings.Put this.Description)
                [ "offset", offset; "matrix", matrix ]
                [ "inner", inner ]

    static member OfRecipe(make: Recipe -> Outcome<Observables>, recipe: Recipe) : Outcome<Observables> =
        result {
            let! description = MappedObservables.Settings.Take recipe.Settings
            let! offset = Recipe.vector "offset" recipe
            use! inner = Recipe.part "inner" recipe |> Result.bind make

            let! matrix =
                Recipe.like offset [ offset.shape[0]; int64 inner.Dimension ] "matrix" recipe

            return new MappedObservables(Tensors.copy offset, Tensors.copy matrix, inner, description)
        }
