namespace Koopman

open TorchSharp

/// The sections k(·, c) of a kernel at N centres c. It owns the centres.
[<Sealed>]
type internal KernelObservables(kernel: Kernel, centres: Tensor) =
    inherit Observables(int centres.shape[1], int centres.shape[0], $"{centres.shape[0]} sections of a {kernel}")

    let radial = Kernel.isRadial kernel

    // Distances are more accurate relative to the middle; products x·c use the points unshifted.
    let middle =
        new Constant(
            Tensors.own (fun () ->
                if radial then
                    centres.mean [| 0L |]
                else
                    torch.zeros_like (centres[0]))
        )

    let local = new Constant(Tensors.own (fun () -> centres - middle.Tensor))
    let factor = new Constant(Tensors.own (fun () -> Kernel.factor kernel local.Tensor))
    let column (t: Tensor) (axis: int) = t.select (1L, int64 axis)

    /// x_axis - c_axis (n, N).
    let gap (x: Tensor) (axis: int) =
        (column x axis).unsqueeze(1L) - (column (local.For x) axis).unsqueeze 0L

    /// The shifted points, and the arguments of the profile.
    let prepare (points: Tensor) : struct (Tensor * Tensor) =
        let x = points - middle.For points
        struct (x, Kernel.arguments kernel x (factor.For x))

    override _.LengthScale: System.Nullable<float> =
        Kernel.length kernel |> Option.toNullable

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let struct (_, s) = prepare points
            Kernel.profile kernel 0 s)

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let struct (x, s) = prepare points
            let slope = Kernel.profile kernel 1 s

            if radial then
                slope.mul_(gap x axis).mul_(Tensors.num 2.0)
            else
                slope.mul_ (column (local.For x) axis))

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        Tensors.keep (fun () ->
            let struct (x, s) = prepare points
            let bend = Kernel.profile kernel 2 s

            if radial then
                let value = bend.mul_(gap x first).mul_(gap x second).mul_(Tensors.num 4.0)

                if first = second then
                    value.add_ (Kernel.profile kernel 1 s, Tensors.num 2.0)
                else
                    value
            else
                bend.mul_(column (local.For x) first).mul_(column (local.For x) second))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let struct (x, s) = prepare points
            let a, local = coefficients.unsqueeze 1L, local.For x

            if radial then
                // Σ_j a_j 2g'_j (x - c_j): one product with [a c, a].
                let d = x.shape[1]
                let sums = (Kernel.profile kernel 1 s).times(torch.cat ([| local * a; a |], 1L))
                2.0 * (x * sums.narrow (1L, d, 1L) - sums.narrow (1L, 0L, d))
            else
                (Kernel.profile kernel 1 s).times(local * a))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let struct (x, s) = prepare points
            let local = local.For x
            let slope = Kernel.profile kernel 1 s
            let weighted = slope * weights.unsqueeze 1L

            if radial then
                // (x-c_i)·(x-c_j) = (|x-c_i|² + |x-c_j|² - |c_i-c_j|²)/2 turns the sum over axes into two products.
                let cross = (slope * s).t().times weighted
                let between = Kernel.arguments kernel local (factor.For x)
                2.0 * (cross + cross.t () - between * slope.t().times weighted)
            else
                slope.t().times(weighted) * local.times (local.t ()))

    override _.Free() : unit =
        centres.Dispose()

        for constant in [ middle; local; factor ] do
            constant.Dispose()

    static member Kind: string = "kernel sections"

    static member private Settings: Codec<Kernel, string * float list> =
        codec {
            let! name = Codec.text "kernel" (Kernel.parameters >> fst)
            and! parameters = Codec.floats "parameters" (Kernel.parameters >> snd)
            return name, parameters
        }

    interface IRecipe with
        member _.Recipe() =
            Ok(Recipe.leaf KernelObservables.Kind (KernelObservables.Settings.Put kernel) [ "centres", centres ])

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        result {
            let! name, parameters = KernelObservables.Settings.Take recipe.Settings
            let! kernel = Kernel.ofParameters name parameters
            let! centres = Recipe.matrix "centres" recipe
            return new KernelObservables(kernel, Tensors.copy centres)
        }
