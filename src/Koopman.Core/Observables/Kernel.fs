namespace Koopman

open System
open TorchSharp

/// <summary>
/// A kernel k(x, y): a similarity of two points whose sections k(·, c) span a space of functions. Widths and lengths are in the units
/// of the data and positive. r is the distance |x-y|.
/// </summary>
[<RequireQualifiedAccess>]
type Kernel =
    /// <summary>exp(-r²/2σ²): smooth, positive definite.</summary>
    | Gaussian of width: float
    /// <summary>exp(-r/ℓ): positive definite, with a kink at r = 0. Its gradient is taken as 0 there; it has no second derivative.</summary>
    | Laplacian of length: float
    /// <summary>(1 + √3 r/ℓ) exp(-√3 r/ℓ): positive definite, twice differentiable.</summary>
    | Matern32 of length: float
    /// <summary>(1 + √5 r/ℓ + 5r²/3ℓ²) exp(-√5 r/ℓ): positive definite, four times differentiable.</summary>
    | Matern52 of length: float
    /// <summary>(1 + r²/2αℓ²)^-α: smooth, positive definite, with tails heavier than the Gaussian, which is its limit α → ∞.</summary>
    | RationalQuadratic of power: float * length: float
    /// <summary>(1 + r²/ℓ²)^-½: smooth, positive definite, slow decay.</summary>
    | InverseMultiquadric of length: float
    /// <summary>
    /// r² log r, without a scale: only conditionally positive definite, so it can be a radial function in a dictionary but not the kernel of a
    /// kernel method. Its second derivative is unbounded at r = 0.
    /// </summary>
    | ThinPlate
    /// <summary>(scale x·y + offset)^degree: all monomials to the degree if the offset is positive, those of the degree itself if it is 0.</summary>
    | Polynomial of degree: int * scale: float * offset: float

    override this.ToString() : string =
        match this with
        | Gaussian width -> $"Gaussian kernel of width {width:G3}"
        | Laplacian length -> $"Laplacian kernel of length {length:G3}"
        | Matern32 length -> $"Matérn 3/2 kernel of length {length:G3}"
        | Matern52 length -> $"Matérn 5/2 kernel of length {length:G3}"
        | RationalQuadratic(power, length) -> $"rational quadratic kernel of power {power:G3} and length {length:G3}"
        | InverseMultiquadric length -> $"inverse multiquadric kernel of length {length:G3}"
        | ThinPlate -> "thin plate spline"
        | Polynomial(1, _, 0.0) -> "linear kernel"
        | Polynomial(degree, scale, offset) -> $"polynomial kernel ({scale:G3} x·y + {offset:G3})^{degree}"

/// <summary>Values and derivatives of kernels, and the choice of their width.</summary>
[<RequireQualifiedAccess>]
module Kernel =

    /// <summary>x·y.</summary>
    let linear: Kernel = Kernel.Polynomial(1, 1.0, 0.0)

    /// <summary>The kernel, if its parameters are valid.</summary>
    let check (kernel: Kernel) : Outcome<Kernel> =
        Require.all {
            match kernel with
            | Kernel.Gaussian width -> Require.positive "the width of the kernel" width
            | Kernel.Laplacian length
            | Kernel.Matern32 length
            | Kernel.Matern52 length
            | Kernel.InverseMultiquadric length -> Require.positive "the length of the kernel" length
            | Kernel.RationalQuadratic(power, length) ->
                Require.positive "the power of the kernel" power
                Require.positive "the length of the kernel" length
            | Kernel.ThinPlate -> ()
            | Kernel.Polynomial(degree, scale, offset) ->
                Require.atLeast 1 "the degree of the kernel" degree
                Require.positive "the scale of the kernel" scale
                Require.notNegative "the offset of the kernel" offset
        }
        |> Result.map (fun () -> kernel)

    /// <summary>True if every kernel matrix k(x_a, x_b) is positive semi-definite, as kernel methods need.</summary>
    let isPositive (kernel: Kernel) : bool = kernel <> Kernel.ThinPlate

    /// Rejects kernels that are not positive definite.
    let internal checkPositive (kernel: Kernel) : Outcome<unit> =
        if isPositive kernel then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The {kernel} is not positive definite, as kernel methods need"
                "Use it as radial functions in a dictionary (Observables.sections), or take a Gaussian or Matérn kernel"

    /// <summary>True if it has bounded second derivatives, as generators with noise need.</summary>
    let isTwiceDifferentiable (kernel: Kernel) : bool =
        match kernel with
        | Kernel.Laplacian _
        | Kernel.ThinPlate -> false
        | _ -> true

    /// <summary>The length over which it varies, in units of the data; none for kernels of x·y and the thin plate.</summary>
    let length (kernel: Kernel) : float option =
        match kernel with
        | Kernel.Gaussian length
        | Kernel.Laplacian length
        | Kernel.Matern32 length
        | Kernel.Matern52 length
        | Kernel.InverseMultiquadric length
        | Kernel.RationalQuadratic(_, length) -> Some length
        | Kernel.ThinPlate
        | Kernel.Polynomial _ -> None

    /// The kernel as a name and numbers, for files.
    let internal parameters (kernel: Kernel) : (string * float list) =
        match kernel with
        | Kernel.Gaussian width -> ("Gaussian", [ width ])
        | Kernel.Laplacian length -> ("Laplacian", [ length ])
        | Kernel.Matern32 length -> ("Matern32", [ length ])
        | Kernel.Matern52 length -> ("Matern52", [ length ])
        | Kernel.RationalQuadratic(power, length) -> ("RationalQuadratic", [ power; length ])
        | Kernel.InverseMultiquadric length -> ("InverseMultiquadric", [ length ])
        | Kernel.ThinPlate -> ("ThinPlate", [])
        | Kernel.Polynomial(degree, scale, offset) -> ("Polynomial", [ float degree; scale; offset ])

    /// The kernel with the parameters that <c>parameters</c> returned.
    let internal ofParameters (name: string) (values: float list) : Outcome<Kernel> =
        match name, values with
        | "Gaussian", [ width ] -> check (Kernel.Gaussian width)
        | "Laplacian", [ length ] -> check (Kernel.Laplacian length)
        | "Matern32", [ length ] -> check (Kernel.Matern32 length)
        | "Matern52", [ length ] -> check (Kernel.Matern52 length)
        | "RationalQuadratic", [ power; length ] -> check (Kernel.RationalQuadratic(power, length))
        | "InverseMultiquadric", [ length ] -> check (Kernel.InverseMultiquadric length)
        | "ThinPlate", [] -> Ok Kernel.ThinPlate
        | "Polynomial", [ degree; scale; offset ] when degree = float (int degree) ->
            check (Kernel.Polynomial(int degree, scale, offset))
        | _ ->
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"There is no kernel '{name}' of {values.Length} parameters"
                "The file was written by another version of the library: use that version"

    /// True if k depends on |x-y|² alone; otherwise it depends on x·y alone.
    let internal isRadial (kernel: Kernel) : bool =
        match kernel with
        | Kernel.Polynomial _ -> false
        | _ -> true

    /// The kernel as a function g of one argument, s = |x-y|² or s = x·y, or its derivative of the given order 0 to 2, elementwise.
    /// Derivatives that are infinite at s = 0 are cut off there, as they only multiply x-y.
    let internal profile (kernel: Kernel) (order: int) (s: Tensor) : Tensor =
        let num = Tensors.num
        // Small enough to have no effect, but not 0.
        let tiny = num (if s.dtype = torch.float32 then 1e-37 else 1e-300)

        /// factor · exp(-a r) · Σ_i c_i (a r)^i, for the kernels of r.
        let decay (a: float) (factor: float) (first: float) (second: float) =
            let ar = s.sqrt().mul_(num a)
            let polynomial = (second * ar).add_(num first).mul_(ar).add_(num 1.0)
            ar.neg_().exp_().mul_(polynomial).mul_(num factor)

        /// factor · (1 + s/scale)^power.
        let algebraic (scale: float) (power: float) (factor: float) =
            (s / scale).add_(num 1.0).pow(num power).mul_(num factor)

        /// r as a denominator, cut off at the rounding error of s.
        let distance (length: float) =
            s.sqrt().clamp_min_(num (1e-6 * length))

        match kernel, order with
        | Kernel.Gaussian width, _ ->
            let rate = -0.5 / (width * width)
            (rate * s).exp_().mul_(num (Math.Pow(rate, float order)))
        | Kernel.Laplacian length, 0 -> decay (1.0 / length) 1.0 0.0 0.0
        | Kernel.Laplacian length, 1 -> (decay (1.0 / length) (-0.5 / length) 0.0 0.0).div_(distance length)
        | Kernel.Laplacian length, _ ->
            let r = distance length

            (decay (1.0 / length) (0.25 / length) 0.0 0.0).mul_(r.reciprocal().add_(num (1.0 / length))).div_(r * r)
        | Kernel.Matern32 length, _ ->
            let a = sqrt 3.0 / length

            match order with
            | 0 -> decay a 1.0 1.0 0.0
            | 1 -> decay a (-0.5 * a * a) 0.0 0.0
            | _ -> (decay a (0.25 * a * a * a) 0.0 0.0).div_(distance length)
        | Kernel.Matern52 length, _ ->
            let a = sqrt 5.0 / length

            match order with
            | 0 -> decay a 1.0 1.0 (1.0 / 3.0)
            | 1 -> decay a (-(a * a) / 6.0) 1.0 0.0
            | _ -> decay a (a * a * a * a / 12.0) 0.0 0.0
        | Kernel.RationalQuadratic(power, length), _ ->
            let scale = 2.0 * power * length * length

            match order with
            | 0 -> algebraic scale -power 1.0
            | 1 -> algebraic scale (-power - 1.0) (-power / scale)
            | _ -> algebraic scale (-power - 2.0) (power * (power + 1.0) / (scale * scale))
        | Kernel.InverseMultiquadric length, _ ->
            let scale = length * length

            match order with
            | 0 -> algebraic scale -0.5 1.0
            | 1 -> algebraic scale -1.5 (-0.5 / scale)
            | _ -> algebraic scale -2.5 (0.75 / (scale * scale))
        | Kernel.ThinPlate, _ ->
            match order with
            | 0 -> s.clamp_min(tiny).log_().mul_(s).mul_(num 0.5)
            | 1 -> s.clamp_min(tiny).log_().add_(num 1.0).mul_(num 0.5)
            | _ -> s.clamp_min(num 1e-12).mul_(num 2.0).reciprocal_()
        | Kernel.Polynomial(degree, scale, offset), _ ->
            let p, left = float degree, degree - order

            if left < 0 then
                torch.zeros_like s
            else
                let factor =
                    Math.Pow(scale, float order)
                    * Seq.fold (*) 1.0 [ for i in 0 .. order - 1 -> p - float i ]

                (scale * s).add_(num offset).pow(num (float left)).mul_(num factor)

    let private norms (x: Tensor) : Tensor = (x * x).sum(1L)

    /// <summary>The right factor (k, N) of the arguments, from centres (N, d), shifted to their middle if the kernel is radial.</summary>
    let internal factor (kernel: Kernel) (centres: Tensor) : Tensor =
        Tensors.keep (fun () ->
            if isRadial kernel then
                let last = (norms centres).unsqueeze 0L
                torch.cat ([| (-2.0 * centres).t(); torch.ones_like last; last |], 0L)
            else
                centres.t().contiguous())

    /// <summary>|x-c|² or x·c (n, N) in one product, from points shifted like the centres and from <c>factor</c>.</summary>
    let internal arguments (kernel: Kernel) (points: Tensor) (factor: Tensor) : Tensor =
        if isRadial kernel then
            let first = (norms points).unsqueeze 1L

            torch.cat([| points; first; torch.ones_like first |], 1L).times(factor).clamp_min_(Tensors.num 0.0)
        else
            points.times factor

    /// <summary>
    /// k(x_a, y_b) as (n, m) for points x (n, d) and y (m, d) of the same dtype and device. It takes n·m numbers of memory: pass x in pieces if that
    /// is too much. Points are shifted to the middle of y, which preserves the accuracy of distances. The caller owns it.
    /// </summary>
    let matrix (kernel: Kernel) (x: Tensor) (y: Tensor) : Tensor =
        Tensors.keep (fun () ->
            if isRadial kernel then
                let middle = y.mean [| 0L |]
                profile kernel 0 (arguments kernel (x - middle) (factor kernel (y - middle)))
            else
                profile kernel 0 (arguments kernel x (factor kernel y)))

    /// <summary>k(x_a, x_a) as (n). The caller owns it.</summary>
    let diagonal (kernel: Kernel) (x: Tensor) : Tensor =
        Tensors.keep (fun () ->
            profile
                kernel
                0
                (if isRadial kernel then
                     Tensors.zeros [| x.shape[0] |] x
                 else
                     norms x))

    /// <summary>The median distance between two points of the data, the usual first choice of a width.</summary>
    let medianWidth (samples: Samples) : Outcome<float> =
        let width = Centres.medianDistance samples

        if width > 0.0 then
            Ok width
        else
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "At least half of the pairs of points coincide, so their median distance is 0"
                "Remove repeated points (use weights instead), or give the kernel's width yourself"
