namespace Koopman

open System
open TorchSharp

/// Central differences, for functions without derivatives.
[<RequireQualifiedAccess>]
module internal Differences =

    /// The steps in float64 and in float32 that balance rounding and truncation in a first derivative, in units of the coordinate's spread.
    let first: struct (float * float) = struct (6e-6, 5e-3)

    /// The same for a second derivative.
    let second: struct (float * float) = struct (1.2e-4, 2e-2)

    /// ∂f/∂x_axis at points (n, d) for f from (n, d) to (n, N), with a step of this fraction of the spread.
    let along (struct (share: float, coarse: float)) (axis: int) (f: Tensor -> Tensor) (points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let spread = points.select(1L, int64 axis).std(false).ToDouble()
            let share = if points.dtype = torch.float32 then coarse else share
            let step = share * (if spread > 0.0 then spread else 1.0)

            let shift =
                Array.init (int points.shape[1]) (fun i -> if i = axis then step else 0.0)
                |> Tensors.ofVector
                |> Tensors.like points

            0.5 / step * (f (points + shift) - f (points - shift)))

/// <summary>
/// N real functions ψ on R^d: the dictionary in which operators are represented. Derive from this class for your own: override values and first
/// derivatives, and <c>Free</c> if they hold tensors. A model keeps a reference to its observables, which are freed with the last object that uses
/// them.
/// </summary>
[<AbstractClass>]
type Observables(dimension: int, count: int, description: string) =
    inherit Shared()

    /// <summary>The dimension d of the points they take.</summary>
    member _.Dimension: int = dimension

    /// <summary>The number of functions, N.</summary>
    member _.Count: int = count

    /// <summary>A description for reports: "150 Gaussians of width 0.31".</summary>
    member _.Description: string = description

    /// <summary>The length over which the functions vary, such as the width of Gaussians; null if they have none.</summary>
    abstract LengthScale: Nullable<float>

    default _.LengthScale: Nullable<float> = Nullable()

    /// <summary>
    /// The indices of the functions that form a smaller dictionary inside this one, ascending; estimators compare with it to judge the convergence
    /// of modes. For monomials those of a degree lower by 2, for Gaussians those on half of the centres. Empty if there is none.
    /// </summary>
    abstract Coarser: int[]

    default _.Coarser: int[] = [||]

    /// <summary>
    /// True if the derivatives determine the functions. Those of indicators are 0 wherever they exist and carry no information, so estimators that
    /// need gradients refuse them. Default true.
    /// </summary>
    abstract IsDifferentiable: bool

    default _.IsDifferentiable: bool = true

    /// <summary>ψ at n points (n, d), as (n, N), in the dtype and on the device of the points, as are the derivatives.</summary>
    abstract Values: points: Tensor -> Tensor

    /// <summary>∂ψ/∂x_axis at n points (n, d), as (n, N). Axes count from 0.</summary>
    abstract Partial: points: Tensor * axis: int -> Tensor

    /// <summary>
    /// ∂²ψ/∂x_first∂x_second at n points (n, d), as (n, N). The families of this library have it in closed form; for others it is the central
    /// difference of <c>Partial</c>, accurate to about 1e-9 of its size.
    /// </summary>
    abstract SecondPartial: points: Tensor * first: int * second: int -> Tensor

    default this.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        points
        |> Differences.along Differences.first second (fun moved -> this.Partial(moved, first))

    /// <summary>∇(Σ_j a_j ψ_j) at n points, as (n, d), for one vector of coefficients a (N).</summary>
    abstract GradientOf: points: Tensor * coefficients: Tensor -> Tensor

    default this.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            torch.stack (
                [|
                    for axis in 0 .. dimension - 1 -> this.Partial(points, axis).mv coefficients
                |],
                1L
            ))

    /// <summary>
    /// ψ at n points (n, N), and <c>GradientOf</c> at the same points as a function of the coefficients, for families in which the two share work.
    /// The function may be called only while the values and the dispose scope of this call exist.
    /// </summary>
    abstract WithGradient: points: Tensor -> struct (Tensor * Func<Tensor, Tensor>)

    default this.WithGradient(points: Tensor) : struct (Tensor * Func<Tensor, Tensor>) =
        struct (this.Values points, Func<_, _>(fun coefficients -> this.GradientOf(points, coefficients)))

    /// <summary>Σ_a w_a ∇ψ_i(x_a)·∇ψ_j(x_a) as (N, N), for points (n, d) and weights (n).</summary>
    abstract DirichletForm: points: Tensor * weights: Tensor -> Tensor

    default this.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let mutable form = Tensors.zeros [| int64 count; int64 count |] points

            for axis in 0 .. dimension - 1 do
                let slope = this.Partial(points, axis)
                form <- form.addmm (slope.t (), slope * weights.unsqueeze 1L)

            form)

    /// <summary>
    /// ψ at n points (n, N), with Σ_a w_a ψ_i ψ_j and Σ_a w_a ∇ψ_i·∇ψ_j (N, N) of the same points, for the Dirichlet form in families where the
    /// three share work.
    /// </summary>
    abstract DirichletMoments: points: Tensor * weights: Tensor -> struct (Tensor * Tensor * Tensor)

    default this.DirichletMoments(points: Tensor, weights: Tensor) : struct (Tensor * Tensor * Tensor) =
        let values = this.Values points
        struct (values, values.t().times(values * weights.unsqueeze 1L), this.DirichletForm(points, weights))

    /// <summary>
    /// 𝓛ψ = b·∇ψ + ½ a:∇²ψ at n points (n, d), as (n, N), for the drift b and the diffusion a of an equation of motion at these
    /// points: the mean rate of change of ψ along the motion (Itô's formula).
    /// </summary>
    abstract GeneratorOf: points: Tensor * motion: DriftDiffusion -> Tensor

    default this.GeneratorOf(points: Tensor, motion: DriftDiffusion) : Tensor =
        Tensors.keep (fun () ->
            let sum = Tensors.zeros [| points.shape[0]; int64 count |] points
            let motion = motion.For points

            for axis in 0 .. dimension - 1 do
                sum.addcmul_ (this.Partial(points, axis), motion.Drift.narrow (1L, int64 axis, 1L), Tensors.num 1.0)
                |> ignore

            for i in 0 .. dimension - 1 do
                for j in i .. dimension - 1 do
                    // The matrix is symmetric: an entry off the diagonal counts twice.
                    match motion.Entry(i, j) with
                    | None -> ()
                    | Some a ->
                        sum.addcmul_ (this.SecondPartial(points, i, j), a, Tensors.num (if i = j then 0.5 else 1.0))
                        |> ignore

            sum)

    /// <summary>The name of one function for reports and equations: "x0 x1^2", or "ψ3" where a family has no better one.</summary>
    abstract NameOf: index: int -> string

    default _.NameOf(index: int) : string = $"ψ{index}"

    override this.ToString() : string = this.Description

/// Families that vary over other lengths along one axis than along another.
type internal IAxisLengths =
    /// The length along every axis (d), infinite along one on which the functions do not depend; nothing if they have no length.
    abstract AxisLengths: float[] option

/// The lengths along the axes of any family.
[<RequireQualifiedAccess>]
module internal AxisLengths =

    /// (d) lengths, or nothing for functions that have no length.
    let ofObservables (observables: Observables) : float[] option =
        match box observables with
        | :? IAxisLengths as family -> family.AxisLengths
        | _ ->
            observables.LengthScale
            |> Option.ofNullable
            |> Option.map (Array.create observables.Dimension)
