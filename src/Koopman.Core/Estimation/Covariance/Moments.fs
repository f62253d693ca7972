namespace Koopman

open System
open TorchSharp

/// The second family of functions h, beside the observables ψ.
type internal MomentKind =
    /// h = ψ(y), one lag later.
    | Lagged
    /// h = 𝓛ψ, the generator applied.
    | Derived
    /// No second family: the form is T⟨∇ψ, ∇ψᵀ⟩.
    | Dirichlet

/// <summary>
/// The sums over the data that an estimator needs: the total weight, the sums of ψ and h, and their covariances C00 = Σ w ψψᵀ (the Gram
/// matrix), C01 = Σ w ψhᵀ and C11 = Σ w hhᵀ. For pairs h is ψ one lag later, for an equation of motion the generator applied to ψ; for samples
/// of a diffusion C01 is the Dirichlet form and there is no h. Sums over parts of the data add up to the sums over all of it.
/// </summary>
[<Sealed>]
type Moments
    internal
    (kind: MomentKind, weight: float, sum0: Tensor, sum1: Tensor, c00: Tensor, c01: Tensor, c11: Tensor, state: Tensor)
    =

    /// <summary>The total weight of the data in these sums; a sample of average weight counts 1.</summary>
    member _.Weight: float = weight

    member internal _.Kind: MomentKind = kind

    /// <summary>Σ w ψ (N). Owned by this object, as are the other sums.</summary>
    member _.Sum0: Tensor = sum0

    /// <summary>Σ w h (N); 0 for the Dirichlet form.</summary>
    member _.Sum1: Tensor = sum1

    /// <summary>Σ w ψψᵀ (N, N).</summary>
    member this.C00: Tensor = Tensors.alive this c00

    /// <summary>Σ w ψhᵀ, or the Dirichlet form (N, N).</summary>
    member _.C01: Tensor = c01

    /// <summary>Σ w hhᵀ (N, N); empty for the Dirichlet form.</summary>
    member _.C11: Tensor = c11

    /// <summary>Σ w ψxᵀ (N, d), for reading the state off the observables.</summary>
    member _.State: Tensor = state

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            for tensor in [ sum0; sum1; c00; c01; c11; state ] do
                tensor.Dispose()

/// <summary>Accumulates and merges moments.</summary>
[<RequireQualifiedAccess>]
module Moments =

    let private zeros (shape: int64[]) : Tensor =
        torch.zeros(shape, dtype = torch.float64).DetachFromDisposeScope()

    let private empty (kind: MomentKind) (observables: Observables) : Moments =
        let n = int64 observables.Count
        let m = if kind = Dirichlet then 0L else n

        new Moments(
            kind,
            0.0,
            zeros [| n |],
            zeros [| n |],
            zeros [| n; n |],
            zeros [| n; n |],
            zeros [| m; m |],
            zeros [| n; int64 observables.Dimension |]
        )

    /// Sums must not keep the autograd graphs of network values alive.
    let private unrecorded () : IDisposable = torch.no_grad ()

    let private withWeight (weight: float) (m: Moments) : Moments =
        new Moments(m.Kind, weight, m.Sum0, m.Sum1, m.C00, m.C01, m.C11, m.State)

    /// Sums that are filled with values of observables, which may be a user's: where these throw, the sums are freed.
    let private filled (kind: MomentKind) (observables: Observables) (fill: Moments -> float) : Moments =
        let m = empty kind observables

        try
            withWeight (fill m) m
        with _ ->
            m.Dispose()
            reraise ()

    /// The weights of rows so that an average sample counts 1, as a column; nothing if all are equal.
    let private columnOfWeights (samples: Samples) : Tensor option =
        Tensors.within (fun () ->
            let low, high = samples.Weights.min().ToDouble(), samples.Weights.max().ToDouble()

            if high - low <= 1e-14 * high then None else Some())
        |> Option.map (fun () -> (float samples.Count * samples.Weights).unsqueeze 1L)

    let private weighted (weights: Tensor option) (start: int) (size: int) (values: Tensor) : Tensor =
        match weights with
        | None -> values
        | Some w -> values * Tensors.rows start size w

    let private totalWeight (weights: Tensor option) (start: int) (count: int) : float =
        match weights with
        | None -> float count
        | Some w -> Tensors.within (fun () -> (Tensors.rows start count w).sum().ToDouble())

    /// Adds ψ = f, h and the states of some rows; wf is f with the weights of the rows.
    let private add (m: Moments) (f: Tensor) (wf: Tensor) (h: Tensor) (wh: Tensor) (states: Tensor) : unit =
        m.Sum0.add_ (wf.sum 0L) |> ignore
        m.Sum1.add_ (wh.sum 0L) |> ignore
        m.C00.addmm_ (wf.t (), f) |> ignore
        m.C01.addmm_ (wf.t (), h) |> ignore
        m.C11.addmm_ (wh.t (), h) |> ignore
        m.State.addmm_ (wf.t (), states) |> ignore

    /// True if rows at..at+size-1 are consecutive states of one trajectory, so that ψ need be evaluated only once per state.
    let private isChain (starts: int[]) (stride: int) (at: int) (size: int) : bool =
        let found = Array.BinarySearch(starts, at + 1)
        let next = if found >= 0 then found else ~~~found
        stride = 1 && (next = starts.Length || starts[next] >= at + size)

    /// <summary>The moments of pairs start to start+count-1: C00 = Σ w ψ(x)ψ(x)ᵀ, C01 = Σ w ψ(x)ψ(y)ᵀ and C11 = Σ w ψ(y)ψ(y)ᵀ.</summary>
    let ofPairs (observables: Observables) (start: int, count: int) (pairs: SnapshotPairs) : Moments =
        use _ = Tensors.scope ()
        use _ = unrecorded ()
        let weights = columnOfWeights pairs.From

        filled Lagged observables (fun m ->
            let starts, stride = pairs.Starts, pairs.Stride
            // Within a chain C11 is C00 shifted by one row: the common sum is kept once, and the ends separately.
            let shared = torch.zeros_like m.C00
            let heads, tails = ResizeArray<Tensor>(), ResizeArray<Tensor>()

            for struct (offset, size) in Tensors.pieces (Tensors.pieceRows observables.Count) count do
                use inner = Tensors.scope ()
                let at = start + offset
                let states = Tensors.rows at size pairs.From.Points

                if weights.IsNone && isChain starts stride at size then
                    let last = Tensors.rows (at + size - 1) 1 pairs.To.Points
                    let values = observables.Values(torch.cat ([| states; last |], 0L))
                    let f, h = Tensors.rows 0 size values, Tensors.rows 1 size values
                    m.Sum0.add_ (f.sum 0L) |> ignore
                    m.Sum1.add_ (h.sum 0L) |> ignore
                    shared.addmm_ (f.t (), f) |> ignore
                    m.C01.addmm_ (f.t (), h) |> ignore
                    m.State.addmm_ (f.t (), states) |> ignore
                    heads.Add(inner.MoveToOuter(values.narrow(0L, 0L, 1L).clone()))
                    tails.Add(inner.MoveToOuter(values.narrow(0L, int64 size, 1L).clone()))
                else
                    let f = observables.Values states
                    let h = observables.Values(Tensors.rows at size pairs.To.Points)
                    add m f (weighted weights at size f) h (weighted weights at size h) states

            if heads.Count > 0 then
                let head, tail = torch.cat (heads, 0L), torch.cat (tails, 0L)
                m.C00.add_ shared |> ignore

                m.C11.add_(shared).addmm_(tail.t (), tail).sub_(head.t().times head) |> ignore

            totalWeight weights start count)

    /// <summary>
    /// The moments of samples start to start+count-1 under the generator: <paramref name="derive"/> returns 𝓛ψ (n, N) for the rows
    /// start..start+size-1. C00 = Σ w ψψᵀ, C01 = Σ w ψ(𝓛ψ)ᵀ, C11 = Σ w (𝓛ψ)(𝓛ψ)ᵀ.
    /// </summary>
    let internal ofDerived
        (observables: Observables)
        (derive: int -> int -> Tensor)
        (start: int, count: int)
        (samples: Samples)
        : Moments =
        use _ = Tensors.scope ()
        use _ = unrecorded ()
        let weights = columnOfWeights samples

        filled Derived observables (fun m ->

            for struct (offset, size) in Tensors.pieces (Tensors.pieceRows observables.Count) count do
                use _ = Tensors.scope ()
                let at = start + offset
                let states = Tensors.rows at size samples.Points
                let f = observables.Values states
                let h = derive at size
                add m f (weighted weights at size f) h (weighted weights at size h) states

            totalWeight weights start count)

    /// <summary>
    /// The moments of samples start to start+count-1 for the Dirichlet form at temperature T: C00 = Σ w ψψᵀ and C01 = T Σ w ∇ψ·∇ψᵀ.
    /// </summary>
    let ofSamples
        (observables: Observables)
        (temperature: float)
        (start: int, count: int)
        (samples: Samples)
        : Moments =
        use _ = unrecorded ()

        filled Dirichlet observables (fun m ->
            let mutable weight = 0.0

            for struct (offset, size) in Tensors.pieces (Tensors.pieceRows observables.Count) count do
                use _ = Tensors.scope ()
                let at = start + offset
                let points = Tensors.rows at size samples.Points

                let weights = float samples.Count * Tensors.rows at size samples.Weights

                let struct (values, gram, form) = observables.DirichletMoments(points, weights)
                weight <- weight + weights.sum().ToDouble()
                m.Sum0.add_ (values.t().mv weights) |> ignore
                m.C00.add_ gram |> ignore
                m.C01.add_ (form, Tensors.num temperature) |> ignore
                m.State.addmm_ (values.t (), points * weights.unsqueeze 1L) |> ignore

            weight)

    /// <summary>The moments of all the data, from those of its parts.</summary>
    let merge (parts: Moments seq) : Moments =
        let parts = Seq.toArray parts

        let total (take: Moments -> Tensor) =
            Tensors.own (fun () -> torch.stack(Array.map take parts).sum 0L)

        new Moments(
            parts[0].Kind,
            parts |> Array.sumBy _.Weight,
            total _.Sum0,
            total _.Sum1,
            total _.C00,
            total _.C01,
            total _.C11,
            total _.State
        )

    /// The moments of a subset of the observables.
    let internal restrict (places: int[]) (moments: Moments) : Moments =
        use _ = Tensors.scope ()
        let index = Tensors.ofIndices (Array.map int64 places)
        let rows (tensor: Tensor) = tensor.index_select (0L, index)
        let both (tensor: Tensor) = (rows tensor).index_select(1L, index)
        let detached (tensor: Tensor) = tensor.DetachFromDisposeScope()

        new Moments(
            moments.Kind,
            moments.Weight,
            detached (rows moments.Sum0),
            detached (rows moments.Sum1),
            detached (both moments.C00),
            detached (both moments.C01),
            detached (
                if moments.Kind = Dirichlet then
                    moments.C11.clone ()
                else
                    both moments.C11
            ),
            detached (rows moments.State)
        )

    /// <summary>
    /// The mean m of the observables (N), and G and A per unit weight of ψ - m (N, N), made symmetric; every pair also counts
    /// backwards. This removes the constant mode exactly: the form of the constant with any ψ is the mean of ψ for pairs, and 0
    /// for the Dirichlet form.
    /// </summary>
    let centred (moments: Moments) : struct (Tensor * Tensor * Tensor) =
        let per = 1.0 / moments.Weight
        let half = 0.5

        let mean, raw =
            match moments.Kind with
            | Lagged -> (moments.Sum0 + moments.Sum1) * per * half, (moments.C00 + moments.C11) * per * half
            | Derived
            | Dirichlet -> moments.Sum0 * per, per * moments.C00

        let square = mean.outer mean
        // Rounding errors in the variance of a constant function must not count as a function.
        let varies = (raw - square).diagonal().gt(1e-13 * raw.diagonal ())
        let mask = varies.to_type torch.float64
        let gram = (raw - square) * mask.unsqueeze 1L * mask.unsqueeze 0L
        let form = per * moments.C01

        struct (mean,
                LinearAlgebra.symmetrise gram,
                LinearAlgebra.symmetrise (if moments.Kind = Lagged then form - square else form))
