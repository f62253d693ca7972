namespace Koopman

open TorchSharp

/// exp(-|x-c|²/2σ²) for N centres c.
[<Sealed>]
type internal GaussianObservables(centres: Tensor, width: float) =
    inherit Observables(int centres.shape[1], int centres.shape[0], $"{centres.shape[0]} Gaussians of width {width:G3}")

    // The exponent comes from one product of x with the centres; shifting both to the middle of the centres keeps its digits.
    let middle = centres.mean([| 0L |]).DetachFromDisposeScope()
    let local = centres.sub(middle).DetachFromDisposeScope()
    let s2 = width * width

    let norms (x: Tensor) = x.mul(x).sum(1L)

    /// The exponents -|x-c|²/2σ² (n, N) of points that were shifted to the middle.
    let exponents (x: Tensor) =
        let offset = (norms x).unsqueeze(1L).add((norms local).unsqueeze 0L)
        x.matmul(local.t ()).mul_(Tensors.num 2.0).sub_(offset).mul_(Tensors.num (0.5 / s2)).clamp_max_(Tensors.num 0.0)

    override _.Length: float option = Some width

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> (exponents (points.sub middle)).exp_())

    override this.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let x = points.sub middle

            let gap =
                local.select(1L, int64 axis).unsqueeze(0L).sub(x.select(1L, int64 axis).unsqueeze 1L)

            (exponents x).exp_().mul_(gap).mul_(Tensors.num (1.0 / s2)))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            // Σ_j a_j ψ_j (c_j - x)/σ²: one pass of exponentials and one product with [a c, a].
            let x = points.sub middle
            let a = coefficients.unsqueeze 1L
            let sums = (exponents x).exp_().matmul(torch.cat ([| local.mul a; a |], 1L))
            let d = x.shape[1]
            sums.narrow(1L, 0L, d).sub(x.mul (sums.narrow (1L, d, 1L))).mul(Tensors.num (1.0 / s2)))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            // (x-c_i)·(x-c_j) = (|x-c_i|² + |x-c_j|² - |c_i-c_j|²)/2 turns the sum over axes into two products.
            let exponent = exponents (points.sub middle)
            let values = exponent.exp ()
            let squared = exponent.mul_ (Tensors.num (-2.0 * s2))
            let weighted = values.mul (weights.unsqueeze 1L)
            let cross = squared.mul_(values).t().matmul weighted

            let between =
                (norms local)
                    .unsqueeze(1L)
                    .add((norms local).unsqueeze 0L)
                    .sub(local.matmul(local.t ()).mul(Tensors.num 2.0))

            let gram = values.t().matmul weighted
            cross.add(cross.t ()).sub(between.mul gram).mul(Tensors.num (0.5 / (s2 * s2))))

    override _.Dispose() : unit =
        centres.Dispose()
        middle.Dispose()
        local.Dispose()
