namespace Koopman

open System
open TorchSharp

/// <summary>
/// N real functions ψ on R^d: the dictionary in which operators are represented. Derive from this class for your own; values
/// and first derivatives are enough.
/// </summary>
[<AbstractClass>]
type Observables(dimension: int, count: int, description: string) =

    /// <summary>The dimension d of the points they take.</summary>
    member _.Dimension: int = dimension

    /// <summary>How many functions, N.</summary>
    member _.Count: int = count

    /// <summary>What they are, for reports: "150 Gaussians of width 0.31".</summary>
    member _.Description: string = description

    /// <summary>The length over which the functions vary, if they have one: the width of Gaussians.</summary>
    abstract Length: float option

    default _.Length: float option = None

    /// <summary>ψ at n points (n, d), as (n, N).</summary>
    abstract Values: points: Tensor -> Tensor

    /// <summary>∂ψ/∂x_axis at n points (n, d), as (n, N). Axes count from 0.</summary>
    abstract Partial: points: Tensor * axis: int -> Tensor

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

    /// <summary>Σ_a w_a ∇ψ_i(x_a)·∇ψ_j(x_a) as (N, N), for points (n, d) and weights (n).</summary>
    abstract DirichletForm: points: Tensor * weights: Tensor -> Tensor

    default this.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let mutable form = torch.zeros (int64 count, int64 count, dtype = torch.float64)

            for axis in 0 .. dimension - 1 do
                let slope = this.Partial(points, axis)
                form <- form.addmm (slope.t (), slope.mul (weights.unsqueeze 1L))

            form)

    /// <summary>Frees what the functions hold.</summary>
    abstract Dispose: unit -> unit

    default _.Dispose() : unit = ()

    interface IDisposable with
        /// <summary>Frees what the functions hold.</summary>
        member this.Dispose() = this.Dispose()

    override this.ToString() : string = this.Description
