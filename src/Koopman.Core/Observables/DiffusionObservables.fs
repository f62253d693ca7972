namespace Koopman

open TorchSharp

/// <summary>
/// The transition probabilities of a diffusion map as functions of the point they start from: p_b(x) = β_b k(x, c_b) / Σ_j β_j k(x, c_j)
/// for a Gaussian kernel of width σ. They sum to 1 everywhere. It owns its tensors.
/// </summary>
[<Sealed>]
type internal DiffusionObservables(centres: Tensor, logWeights: Tensor, width: float) =
    inherit
        Observables(
            int centres.shape[1],
            int centres.shape[0],
            $"{centres.shape[0]} transition probabilities of a diffusion map of width {width:G3}"
        )

    let s2 = width * width
    let middle = new Constant(Tensors.own (fun () -> centres.mean [| 0L |]))
    let local = new Constant(Tensors.own (fun () -> centres - middle.Tensor))

    let factor =
        new Constant(Tensors.own (fun () -> Kernel.factor (Kernel.Gaussian width) local.Tensor))

    let logWeights' = new Constant(logWeights)

    /// Far from all centres every kernel underflows; their ratios, a softmax of exponents, do not.
    let probabilities (points: Tensor) =
        let x = points - middle.For points

        (Kernel.arguments (Kernel.Gaussian width) x (factor.For x))
            .mul_(Tensors.num (-0.5 / s2))
            .add_(logWeights'.For x)
            .softmax(1L)

    let column (t: Tensor) (axis: int) = t.select (1L, int64 axis)

    /// c_b - Σ_j p_j c_j along an axis (n, N): s² ∂log p_b.
    let lean (p: Tensor) (axis: int) =
        let c = column (local.For p) axis
        c.unsqueeze (0L) - (p.mv c).unsqueeze 1L

    override _.LengthScale: System.Nullable<float> = System.Nullable width

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> probabilities points)

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let p = probabilities points
            (lean p axis).mul_(p).mul_(Tensors.num (1.0 / s2)))

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        Tensors.keep (fun () ->
            let p = probabilities points
            let product = (lean p first).mul_(lean p second)
            let covariance = (product * p).sum(1L, true)
            product.sub_(covariance).mul_(p).mul_(Tensors.num (1.0 / (s2 * s2))))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            // Σ_b a_b p_b (c_b - c̄)/σ² with c̄ = Σ p_j c_j.
            let p = probabilities points
            let a, local = coefficients.unsqueeze 1L, local.For p
            let mean = p.times local
            p.times(local * a).sub_(mean * p.times a).mul_(Tensors.num (1.0 / s2)))

    override _.Free() : unit =
        centres.Dispose()

        for constant in [ logWeights'; middle; local; factor ] do
            constant.Dispose()

    static member Kind: string = "diffusion map"

    static member private Settings: Codec<float, float> = Codec.positive "width" id

    interface IRecipe with
        member _.Recipe() =
            Ok(
                Recipe.leaf
                    DiffusionObservables.Kind
                    (DiffusionObservables.Settings.Put width)
                    [ "centres", centres; "logWeights", logWeights ]
            )

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        result {
            let! width = DiffusionObservables.Settings.Take recipe.Settings
            let! centres = Recipe.matrix "centres" recipe
            let! logWeights = Recipe.like centres [ centres.shape[0] ] "logWeights" recipe
            return new DiffusionObservables(Tensors.copy centres, Tensors.copy logWeights, width)
        }
