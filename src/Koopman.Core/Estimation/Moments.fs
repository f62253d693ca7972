namespace Koopman

open System
open TorchSharp

/// <summary>
/// The sums that an estimator needs of its data, and nothing else: weight, mean, Gram matrix G and form A of the observables.
/// For pairs A is the time-lagged covariance, for samples of a diffusion the Dirichlet form. Sums over parts of the data add up
/// to the sums over all of it.
/// </summary>
[<Sealed>]
type Moments internal (weight: float, sum: Tensor, gram: Tensor, form: Tensor, lagged: bool) =

    /// <summary>The total weight of the data in these sums.</summary>
    member _.Weight: float = weight

    member internal _.Sum: Tensor = sum
    member internal _.Gram: Tensor = gram
    member internal _.Form: Tensor = form
    member internal _.IsLagged: bool = lagged

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            sum.Dispose()
            gram.Dispose()
            form.Dispose()

/// <summary>Accumulates and merges moments.</summary>
[<RequireQualifiedAccess>]
module Moments =

    let private detached (tensor: Tensor) : Tensor = tensor.DetachFromDisposeScope()

    /// Adds the pieces of rows start..start+count-1 into (sum, gram, form).
    let private accumulate
        (observables: Observables)
        (start: int, count: int)
        (piece: int -> int -> struct (float * Tensor * Tensor * Tensor))
        : struct (float * Tensor * Tensor * Tensor) =
        let n = int64 observables.Count
        let sum = detached (torch.zeros (n, dtype = torch.float64))
        let gram = detached (torch.zeros (n, n, dtype = torch.float64))
        let form = detached (torch.zeros (n, n, dtype = torch.float64))
        let mutable weight = 0.0

        for struct (offset, size) in Tensors.pieces (Tensors.pieceRows observables.Count) count do
            use _ = torch.NewDisposeScope()
            let struct (w, s, g, f) = piece (start + offset) size
            weight <- weight + w
            sum.add_ s |> ignore
            gram.add_ g |> ignore
            form.add_ f |> ignore

        struct (weight, sum, gram, form)

    /// <summary>
    /// The moments of pairs start to start+count-1, made reversible: every pair also counts backwards.
    /// G = Σ (ψ(x)ψ(x)ᵀ + ψ(y)ψ(y)ᵀ)/2 and A = Σ (ψ(x)ψ(y)ᵀ + ψ(y)ψ(x)ᵀ)/2.
    /// </summary>
    let ofPairs (observables: Observables) (start: int, count: int) (pairs: SnapshotPairs) : Moments =
        let half = Tensors.num 0.5

        let struct (weight, sum, gram, form) =
            accumulate observables (start, count) (fun offset size ->
                let x = observables.Values(Tensors.rows offset size pairs.From.Points)
                let y = observables.Values(Tensors.rows offset size pairs.To.Points)
                let cross = x.t().matmul y
                let gram = x.t().matmul(x).addmm(y.t (), y)

                struct (float size, x.sum(0L).add(y.sum 0L).mul half, gram.mul half, cross.add(cross.t ()).mul half))

        new Moments(weight, sum, gram, form, true)

    /// <summary>
    /// The moments of samples start to start+count-1 for the Dirichlet form at temperature T:
    /// G = Σ w ψψᵀ and A = T Σ w ∇ψ·∇ψᵀ. The weights are scaled so that they sum to the number of samples.
    /// </summary>
    let ofSamples
        (observables: Observables)
        (temperature: float)
        (start: int, count: int)
        (samples: Samples)
        : Moments =
        let struct (weight, sum, gram, form) =
            accumulate observables (start, count) (fun offset size ->
                let points = Tensors.rows offset size samples.Points

                let weights =
                    (Tensors.rows offset size samples.Weights).mul(Tensors.num (float samples.Count))

                let values = observables.Values points
                let weighted = values.mul (weights.unsqueeze 1L)

                struct (weights.sum().ToDouble(),
                        weighted.sum 0L,
                        values.t().matmul weighted,
                        observables.DirichletForm(points, weights).mul(Tensors.num temperature)))

        new Moments(weight, sum, gram, form, false)

    /// <summary>The moments of all the data whose parts these are.</summary>
    let merge (parts: Moments seq) : Moments =
        let parts = Seq.toArray parts

        let total (take: Moments -> Tensor) =
            Tensors.own (fun () -> torch.stack(Array.map take parts).sum 0L)

        new Moments(parts |> Array.sumBy _.Weight, total _.Sum, total _.Gram, total _.Form, parts[0].IsLagged)

    /// <summary>
    /// The mean m of the observables (N), and G and A per unit weight of ψ - m (N, N). This takes the constant mode out exactly:
    /// the form of the constant with any ψ is the mean of ψ for pairs, and 0 for the Dirichlet form.
    /// </summary>
    let centred (moments: Moments) : struct (Tensor * Tensor * Tensor) =
        let per = Tensors.num (1.0 / moments.Weight)
        let mean = moments.Sum.mul per
        let square = mean.outer mean
        let raw = moments.Gram.mul per
        // What rounding leaves of the variance of a constant function must not be taken for a function.
        let varies = raw.sub(square).diagonal().gt(raw.diagonal().mul(Tensors.num 1e-13))
        let mask = varies.to_type torch.float64
        let gram = raw.sub(square).mul(mask.unsqueeze 1L).mul(mask.unsqueeze 0L)
        let form = moments.Form.mul per

        struct (mean,
                LinearAlgebra.symmetrise gram,
                LinearAlgebra.symmetrise (if moments.IsLagged then form.sub square else form))
