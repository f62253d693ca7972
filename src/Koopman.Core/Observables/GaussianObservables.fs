namespace Koopman

open TorchSharp

/// The words for the widths of Gaussians along the axes; an infinite one is left out.
module private Widths =

    let describe (width: float) (stretch: Tensor option) : string =
        match stretch with
        | None -> $"width {width:G3}"
        | Some stretch ->
            let finite =
                Tensors.toArray stretch
                |> Array.filter (fun s -> s > 0.0)
                |> Array.map (fun s -> width / s)

            if finite.Length <= 4 then
                let listed = finite |> Array.map (fun w -> w.ToString "G3")
                let listed = System.String.Join(", ", listed)
                $"widths {listed}"
            else
                $"widths {Array.min finite:G3} to {Array.max finite:G3}"

/// exp(-|s(x-c)|²/2σ²) for N centres c and, where widths differ by axis, factors s (d) of the coordinates: the width along an axis is σ/s, and
/// the functions do not depend on a coordinate with s = 0.
[<Sealed>]
type internal GaussianObservables(centres: Tensor, width: float, stretch: Tensor option) =
    inherit
        Observables(
            int centres.shape[1],
            int centres.shape[0],
            $"{centres.shape[0]} Gaussians of {Widths.describe width stretch}"
        )

    let stretch' = stretch |> Option.map (fun s -> new Constant(s))

    /// Coordinates (n, d) to those in which the functions are round, and back for gradients.
    let stretched (x: Tensor) : Tensor =
        match stretch' with
        | None -> x
        | Some s -> x * s.For x

    let factorOf (axis: int) : float =
        match stretch with
        | None -> 1.0
        | Some s -> s[int64 axis].ToDouble()

    // Shifting points and centres to the middle of the centres preserves the accuracy of their distances.
    let middle = new Constant(Tensors.own (fun () -> centres.mean [| 0L |]))

    let local =
        new Constant(Tensors.own (fun () -> stretched (centres - middle.Tensor)))

    let s2 = width * width

    let lengths =
        match stretch with
        | None -> Array.create (int centres.shape[1]) width
        | Some s -> Tensors.toArray s |> Array.map (fun s -> width / s)

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

    let shifted (points: Tensor) : Tensor = stretched (points - middle.For points)

    let nested =
        lazy
            (match Samples.ofTensor local.Tensor with
             | Ok samples when samples.Count >= 4 ->
                 use samples = samples
                 Centres.farthestPoints ((samples.Count + 1) / 2) samples |> Array.sort
             | Ok samples ->
                 samples.Dispose()
                 [||]
             | Error _ -> [||])

    // Where widths differ by axis, their geometric mean.
    override _.LengthScale: System.Nullable<float> =
        match stretch with
        | None -> System.Nullable width
        | Some _ ->
            let finite = lengths |> Array.filter System.Double.IsFinite
            System.Nullable(exp (finite |> Array.averageBy log))

    interface IAxisLengths with
        member _.AxisLengths: float[] option = Some lengths

    override _.Coarser: int[] = nested.Value

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> (exponents (shifted points)).exp_())

    override this.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let x = shifted points

            let gap =
                (local.For x).select(1L, int64 axis).unsqueeze(0L)
                - x.select(1L, int64 axis).unsqueeze 1L

            (exponents x).exp_().mul_(gap).mul_(Tensors.num (factorOf axis / s2)))

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
                .mul_((exponents x).exp_())
                .mul_(Tensors.num (factorOf first * factorOf second)))

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
                        stretched (1.0 / s2 * (sums.narrow (1L, 0L, d) - x * sums.narrow (1L, d, 1L))))))

    override _.DirichletMoments(points: Tensor, weights: Tensor) : struct (Tensor * Tensor * Tensor) =
        use scope = Tensors.scope ()
        // (x-c_i)·(x-c_j) = (|x-c_i|² + |x-c_j|² - |c_i-c_j|²)/2 turns the sum over axes into two products.
        let x = shifted points
        let exponent = exponents x
        let values = exponent.exp ()
        let weighted = values * weights.unsqueeze 1L
        let gram = values.t().times weighted

        // |x-c|² (n, N) and |c-c'|² (N, N), with the factors of the gradient inside where there are any.
        let distances, apart =
            match stretch' with
            // The exponent is -|x-c|²/2σ²; it is no longer needed.
            | None -> exponent.mul_ (Tensors.num -(2.0 * s2)), between.For gram
            | Some s ->
                let squares (a: Tensor) (b: Tensor) =
                    ((norms a).unsqueeze 1L + (norms b).unsqueeze 0L).sub_(a.times(b.t ()).mul_(Tensors.num 2.0))

                let c = local.For x * s.For x
                squares (x * s.For x) c, squares c c

        let cross = distances.mul_(values).t().times weighted

        let form =
            (cross + cross.t ()).sub_(apart * gram).mul_(Tensors.num (0.5 / (s2 * s2)))

        struct (scope.MoveToOuter values, scope.MoveToOuter gram, scope.MoveToOuter form)

    override _.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor =
        Tensors.keep (fun () ->
            // ψ [-b·(x-c)/σ² + (x-c)ᵀa(x-c)/2σ⁴ - tr(a)/2σ²]: one pass of exponentials and one product with the centres.
            let x = shifted points
            let local = local.For x

            let motion =
                match stretch' with
                | None -> motion.For x
                | Some s -> (motion.For x).Through((s.For x).diag())

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
        stretch' |> Option.iter _.Dispose()

    static member Kind: string = "Gaussians"

    static member private Settings: Codec<float, float> = Codec.positive "width" id

    interface IRecipe with
        member _.Recipe() =
            Ok(
                Recipe.leaf
                    GaussianObservables.Kind
                    (GaussianObservables.Settings.Put width)
                    [
                        "centres", centres
                        match stretch with
                        | Some s -> "stretch", s
                        | None -> ()
                    ]
            )

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        result {
            let! width = GaussianObservables.Settings.Take recipe.Settings
            let! centres = Recipe.matrix "centres" recipe

            // Files of Gaussians that are round have none.
            let! stretch =
                if recipe.Tensors |> List.exists (fun (name, _) -> name = "stretch") then
                    Recipe.like centres [ centres.shape[1] ] "stretch" recipe |> Result.map Some
                else
                    Ok None

            do!
                Recipe.demand
                    (match stretch |> Option.map Tensors.toArray with
                     | Some factors ->
                         Array.forall (fun s -> s >= 0.0) factors
                         && Array.exists (fun s -> s > 0.0) factors
                     | None -> true)
                    "the factors 'stretch' must not be negative, nor all 0"
                    recipe

            return new GaussianObservables(Tensors.copy centres, width, stretch |> Option.map Tensors.copy)
        }
