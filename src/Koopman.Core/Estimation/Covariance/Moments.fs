namespace Koopman

open System
open TorchSharp

/// The second family of functions h, beside the observables ψ.
type internal MomentKind =
    /// h = ψ(y), one lag later.
    | Lagged
    /// h = 𝓛ψ, the generator applied.
    | Derived
    /// The form is T⟨∇ψ, ∇ψᵀ⟩ in place of a second family.
    | Dirichlet

/// <summary>
/// The sums that an estimator needs of its data, and nothing else: the total weight, the means, the Gram matrix G = ⟨ψψᵀ⟩, the form
/// A = ⟨ψ hᵀ⟩, and C = ⟨h hᵀ⟩, where h is ψ one lag later for pairs, the generator applied to ψ for an equation of motion; for samples
/// of a diffusion A is the Dirichlet form and there is no h. Sums over parts of the data add up to the sums over all of it.
/// </summary>
[<Sealed>]
type Moments
    internal
    (
        kind: MomentKind,
        weight: float,
        first: Tensor,
        second: Tensor,
        gram: Tensor,
        form: Tensor,
        secondGram: Tensor,
        state: Tensor
    ) =

    /// <summary>The total weight of the data in these sums; a sample of average weight counts 1.</summary>
    member _.Weight: float = weight

    member internal _.Kind: MomentKind = kind

    /// <summary>Σ w ψ (N). Owned by this object, as are the other sums.</summary>
    member _.First: Tensor = first

    /// <summary>Σ w h (N); 0 for the Dirichlet form.</summary>
    member _.Second: Tensor = second

    /// <summary>Σ w ψψᵀ (N, N).</summary>
    member this.Gram: Tensor = Tensors.alive this gram

    /// <summary>Σ w ψhᵀ, or the Dirichlet form (N, N).</summary>
    member _.Form: Tensor = form

    /// <summary>Σ w hhᵀ (N, N); empty for the Dirichlet form.</summary>
    member _.SecondGram: Tensor = secondGram

    /// <summary>Σ w ψxᵀ (N, d): how the state is read off the observables.</summary>
    member _.State: Tensor = state

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            for tensor in [ first; second; gram; form; secondGram; state ] do
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

    /// Sums must not keep the graphs of a network's values alive.
    let private unrecorded () : IDisposable = torch.no_grad ()

    let private withWeight (weight: float) (m: Moments) : Moments =
        new Moments(m.Kind, weight, m.First, m.Second, m.Gram, m.Form, m.SecondGram, m.State)

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
        m.First.add_ (wf.sum 0L) |> ignore
        m.Second.add_ (wh.sum 0L) |> ignore
        m.Gram.addmm_ (wf.t (), f) |> ignore
        m.Form.addmm_ (wf.t (), h) |> ignore
        m.SecondGram.addmm_ (wh.t (), h) |> ignore
        m.State.addmm_ (wf.t (), states) |> ignore

    /// True if rows at..at+size-1 are consecutive states of one trajectory, so that ψ need be evaluated only once a state.
    let private isChain (starts: int[]) (stride: int) (at: int) (size: int) : bool =
        let found = Array.BinarySearch(starts, at + 1)
        let next = if found >= 0 then found else ~~~found
        stride = 1 && (next = starts.Length || starts[next] >= at + size)

    /// <summary>The moments of pairs start to start+count-1: G = Σ w ψ(x)ψ(x)ᵀ, A = Σ w ψ(x)ψ(y)ᵀ and C = Σ w ψ(y)ψ(y)ᵀ.</summary>
    let ofPairs (observables: Observables) (start: int, count: int) (pairs: SnapshotPairs) : Moments =
        use _ = Tensors.scope ()
        use _ = unrecorded ()
        let weights = columnOfWeights pairs.From
        let m = empty Lagged observables
        let starts, stride = pairs.Starts, pairs.Stride
        // Within a chain C is G moved on by one row: the sum of the shared squares is kept once, and the ends apart.
        let shared = torch.zeros_like m.Gram
        let heads, tails = ResizeArray<Tensor>(), ResizeArray<Tensor>()

        for struct (offset, size) in Tensors.pieces (Tensors.pieceRows observables.Count) count do
            use inner = Tensors.scope ()
            let at = start + offset
            let states = Tensors.rows at size pairs.From.Points

            if weights.IsNone && isChain starts stride at size then
                let last = Tensors.rows (at + size - 1) 1 pairs.To.Points
                let values = observables.Values(torch.cat ([| states; last |], 0L))
                let f, h = Tensors.rows 0 size values, Tensors.rows 1 size values
                m.First.add_ (f.sum 0L) |> ignore
                m.Second.add_ (h.sum 0L) |> ignore
                shared.addmm_ (f.t (), f) |> ignore
                m.Form.addmm_ (f.t (), h) |> ignore
                m.State.addmm_ (f.t (), states) |> ignore
                heads.Add(inner.MoveToOuter(values.narrow(0L, 0L, 1L).clone()))
                tails.Add(inner.MoveToOuter(values.narrow(0L, int64 size, 1L).clone()))
            else
                let f = observables.Values states
                let h = observables.Values(Tensors.rows at size pairs.To.Points)
                add m f (weighted weights at size f) h (weighted weights at size h) states

        if heads.Count > 0 then
            let head, tail = torch.cat (heads, 0L), torch.cat (tails, 0L)
            m.Gram.add_ shared |> ignore

            m.SecondGram.add_(shared).addmm_(tail.t (), tail).sub_(head.t().times head)
            |> ignore

        withWeight (totalWeight weights start count) m

    /// <summary>
    /// The moments of samples start to start+count-1 under the generator: <paramref name="derive"/> answers 𝓛ψ (n, N) for the rows
    /// start..start+size-1. G = Σ w ψψᵀ, A = Σ w ψ(𝓛ψ)ᵀ, C = Σ w (𝓛ψ)(𝓛ψ)ᵀ.
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
        let m = empty Derived observables

        for struct (offset, size) in Tensors.pieces (Tensors.pieceRows observables.Count) count do
            use _ = Tensors.scope ()
            let at = start + offset
            let states = Tensors.rows at size samples.Points
            let f = observables.Values states
            let h = derive at size
            add m f (weighted weights at size f) h (weighted weights at size h) states

        withWeight (totalWeight weights start count) m

    /// <summary>
    /// The moments of samples start to start+count-1 for the Dirichlet form at temperature T: G = Σ w ψψᵀ and A = T Σ w ∇ψ·∇ψᵀ.
    /// </summary>
    let ofSamples
        (observables: Observables)
        (temperature: float)
        (start: int, count: int)
        (samples: Samples)
        : Moments =
        use _ = unrecorded ()
        let m = empty Dirichlet observables
        let mutable weight = 0.0

        for struct (offset, size) in Tensors.pieces (Tensors.pieceRows observables.Count) count do
            use _ = Tensors.scope ()
            let at = start + offset
            let points = Tensors.rows at size samples.Points

            let weights = float samples.Count * Tensors.rows at size samples.Weights

            let struct (values, gram, form) = observables.DirichletMoments(points, weights)
            weight <- weight + weights.sum().ToDouble()
            m.First.add_ (values.t().mv weights) |> ignore
            m.Gram.add_ gram |> ignore
            m.Form.add_ (form, Tensors.num temperature) |> ignore
            m.State.addmm_ (values.t (), points * weights.unsqueeze 1L) |> ignore

        withWeight weight m

    /// <summary>The moments of all the data whose parts these are.</summary>
    let merge (parts: Moments seq) : Moments =
        let parts = Seq.toArray parts

        let total (take: Moments -> Tensor) =
            Tensors.own (fun () -> torch.stack(Array.map take parts).sum 0L)

        new Moments(
            parts[0].Kind,
            parts |> Array.sumBy _.Weight,
            total _.First,
            total _.Second,
            total _.Gram,
            total _.Form,
            total _.SecondGram,
            total _.State
        )

    /// The moments of the observables at some places only.
    let internal restrict (places: int[]) (moments: Moments) : Moments =
        use _ = Tensors.scope ()
        let index = Tensors.ofIndices (Array.map int64 places)
        let rows (tensor: Tensor) = tensor.index_select (0L, index)
        let both (tensor: Tensor) = (rows tensor).index_select(1L, index)
        let detached (tensor: Tensor) = tensor.DetachFromDisposeScope()

        new Moments(
            moments.Kind,
            moments.Weight,
            detached (rows moments.First),
            detached (rows moments.Second),
            detached (both moments.Gram),
            detached (both moments.Form),
            detached (
                if moments.Kind = Dirichlet then
                    moments.SecondGram.clone ()
                else
                    both moments.SecondGram
            ),
            detached (rows moments.State)
        )

    /// <summary>
    /// The mean m of the observables (N), and G and A per unit weight of ψ - m (N, N), made symmetric; every pair also counts
    /// backwards. This takes the constant mode out exactly: the form of the constant with any ψ is the mean of ψ for pairs, and 0
    /// for the Dirichlet form.
    /// </summary>
    let centred (moments: Moments) : struct (Tensor * Tensor * Tensor) =
        let per = 1.0 / moments.Weight
        let half = 0.5

        let mean, raw =
            match moments.Kind with
            | Lagged -> (moments.First + moments.Second) * per * half, (moments.Gram + moments.SecondGram) * per * half
            | Derived
            | Dirichlet -> moments.First * per, per * moments.Gram

        let square = mean.outer mean
        // What rounding leaves of the variance of a constant function must not be taken for a function.
        let varies = (raw - square).diagonal().gt(1e-13 * raw.diagonal ())
        let mask = varies.to_type torch.float64
        let gram = (raw - square) * mask.unsqueeze 1L * mask.unsqueeze 0L
        let form = per * moments.Form

        struct (mean,
                LinearAlgebra.symmetrise gram,
                LinearAlgebra.symmetrise (if moments.Kind = Lagged then form - square else form))
