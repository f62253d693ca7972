namespace Koopman

open TorchSharp

/// exp(-|x-c|²/2σ²) for N centres c.
[<Sealed>]
type internal GaussianObservables(centres: Tensor, width: float) =
    inherit Observables(int centres.shape[1], int centres.shape[0], $"{centres.shape[0]} Gaussians of width {width:G3}")

    // Shifting points and centres to the middle of the centres preserves the accuracy of their distances.
    let middle = new Constant(Tensors.own (fun () -> centres.mean [| 0L |]))
    let local = new Constant(Tensors.own (fun () -> centres - middle.Tensor))
    let s2 = width * width

    let norms (x: Tensor) = (x * x).sum(1L)

    /// The right factor of the exponents: -|x-c|²/2σ² = [x, |x|², 1]·[c/σ², -1/2σ², -|c|²/2σ²].
    let factor =
        new Constant(
            Tensors.own (fun () ->
                let rows = (1.0 / s2 * local.Tensor).t()
                let last = (-0.5 / s2 * norms local.Tensor).unsqueeze 0L
                torch.cat ([| rows; torch.full_like (last, Tensors.num (-0.5 / s2)); last |], 0L))
        )

    /// |c_i-c_j|² (N, N).
    let between =
        new Constant(
            Tensors.own (fun () ->
                let local = local.Tensor

                (norms local).unsqueeze(1L) + (norms local).unsqueeze 0L
                - 2.0 * local.times (local.t ()))
        )

    /// The exponents -|x-c|²/2σ² (n, N) of shifted points, in one product.
    let exponents (x: Tensor) =
        let one = Tensors.ones [| x.shape[0]; 1L |] x
        torch.cat([| x; (norms x).unsqueeze 1L; one |], 1L).times(factor.For x)

    let shifted (points: Tensor) : Tensor = points - middle.For points

    let nested =
        lazy
            (match Samples.ofTensor centres with
             | Ok samples when samples.Count >= 4 ->
                 use samples = samples
                 Centres.farthestPoints ((samples.Count + 1) / 2) samples |> Array.sort
             | Ok samples ->
                 samples.Dispose()
                 [||]
             | Error _ -> [||])

    override _.LengthScale: System.Nullable<float> = System.Nullable width

    override _.Coarser: int[] = nested.Value

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> (exponents (shifted points)).exp_())

    override this.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let x = shifted points

            let gap =
                (local.For x).select(1L, int64 axis).unsqueeze(0L)
                - x.select(1L, int64 axis).unsqueeze 1L

            (exponents x).exp_().mul_(gap).mul_(Tensors.num (1.0 / s2)))

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        Tensors.keep (fun () ->
            let x = shifted points

            let gap (axis: int) =
                (local.For x).select(1L, int64 axis).unsqueeze(0L)
                - x.select(1L, int64 axis).unsqueeze 1L

            let bend = (gap first).mul_(gap second).mul_(Tensors.num (1.0 / (s2 * s2)))

            (if first = second then
                 bend.sub_ (Tensors.num (1.0 / s2))
             else
                 bend)
                .mul_((exponents x).exp_()))

    override this.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let struct (_, gradient) = this.WithGradient points
            gradient.Invoke coefficients)

    override _.WithGradient(points: Tensor) : struct (Tensor * System.Func<Tensor, Tensor>) =
        // Σ_j a_j ψ_j (c_j - x)/σ²: one pass of exponentials, and one product with [a c, a].
        let x = shifted points
        let values = Tensors.keep (fun () -> (exponents x).exp_())

        struct (values,
                System.Func<_, _>(fun coefficients ->
                    Tensors.keep (fun () ->
                        let a = coefficients.unsqueeze 1L
                        let sums = values.times (torch.cat ([| local.For x * a; a |], 1L))
                        let d = x.shape[1]
                        1.0 / s2 * (sums.narrow (1L, 0L, d) - x * sums.narrow (1L, d, 1L)))))

    override _.DirichletMoments(points: Tensor, weights: Tensor) : struct (Tensor * Tensor * Tensor) =
        use scope = Tensors.scope ()
        // (x-c_i)·(x-c_j) = (|x-c_i|² + |x-c_j|² - |c_i-c_j|²)/2 turns the sum over axes into two products.
        let exponent = exponents (shifted points)
        let values = exponent.exp ()
        let weighted = values * weights.unsqueeze 1L
        let gram = values.t().times weighted
        // The exponent is -|x-c|²/2σ²; it is no longer needed.
        let cross = exponent.mul_(values).t().times weighted

        let form =
            (cross + cross.t ())
                .mul_(Tensors.num -(2.0 * s2))
                .sub_(between.For gram * gram)
                .mul_(Tensors.num (0.5 / (s2 * s2)))

        struct (scope.MoveToOuter values, scope.MoveToOuter gram, scope.MoveToOuter form)

    override _.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor =
        Tensors.keep (fun () ->
            // ψ [-b·(x-c)/σ² + (x-c)ᵀa(x-c)/2σ⁴ - tr(a)/2σ²]: one pass of exponentials and one product with the centres.
            let x = shifted points
            let local, motion = local.For x, motion.For x
            let inner (p: Tensor) (q: Tensor) = (p * q).sum(1L, true)
            let b = 1.0 / s2 * motion.Drift
            let half = 0.5 / (s2 * s2)

            let second =
                match motion.Diffusion with
                | Diffusion.Absent -> None
                | Diffusion.Constant a -> Some(x.times a, a.trace (), (inner (local.times a) local).t())
                | Diffusion.Diagonal a -> Some(a * x, a.sum (1L, true), a.times ((local * local).t()))
                | Diffusion.Full a ->
                    let n, d = a.shape[0], a.shape[1]
                    let products = (local.unsqueeze (2L) * local.unsqueeze 1L).reshape(-1L, d * d)

                    Some(
                        a.times(x.unsqueeze 2L).squeeze 2L,
                        a.diagonal(0L, 1L, 2L).sum(1L, true),
                        a.reshape(n, d * d).times(products.t ())
                    )

            let bracket =
                match second with
                | None -> b.times(local.t ()).sub_(inner b x)
                | Some(ax, trace, quadratic) ->
                    let slope = b - 1.0 / (s2 * s2) * ax

                    slope
                        .times(local.t ())
                        .sub_(inner b x)
                        .add_(half * inner ax x)
                        .sub_(0.5 / s2 * trace)
                        .add_(half * quadratic)

            (exponents x).exp_().mul_ bracket)

    override this.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let struct (_, _, form) = this.DirichletMoments(points, weights)
            form)

    override _.Free() : unit =
        centres.Dispose()
        middle.Dispose()
        local.Dispose()
        factor.Dispose()
        between.Dispose()

    static member Kind: string = "Gaussians"

    static member private Settings: Codec<float, float> = Codec.positive "width" id

    interface IRecipe with
        member _.Recipe() =
            Ok(Recipe.leaf GaussianObservables.Kind (GaussianObservables.Settings.Put width) [ "centres", centres ])

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        result {
            let! width = GaussianObservables.Settings.Take recipe.Settings
            let! centres = Recipe.matrix "centres" recipe
            return new GaussianObservables(Tensors.copy centres, width)
        }
