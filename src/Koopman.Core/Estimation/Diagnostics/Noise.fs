namespace Koopman

open TorchSharp

/// <summary>True if the successor of a state is random, which decides how a residual is measured.</summary>
[<RequireQualifiedAccess>]
type Noise =
    /// <summary>Found out from the data: see <c>Noise.share</c>.</summary>
    | Automatic
    /// <summary>y is random given x: a U-statistic takes the noise out of the residual, and eigenvalues carry sampling error.</summary>
    | Stochastic
    /// <summary>y is a function of x: the plain residual ‖φ(y) - λφ(x)‖ is the true one and has a tolerance.</summary>
    | Deterministic

/// <summary>Tells random successors from determined ones.</summary>
[<RequireQualifiedAccess>]
module Noise =

    /// Every so many rows, so that about a thousand remain.
    let private stride (pairs: SnapshotPairs) : int64 = int64 (max 1 (pairs.Count / 1000))

    /// The noise variance of each coordinate's increment, by neighbours: half the squared difference of the increments of near
    /// states, extrapolated to distance 0 by a line through the eight nearest (the Gamma test; Evans and Jones 2002).
    let private byNeighbours (x: Tensor) (step: Tensor) (overlap: int) : Tensor =
        let scaled = x / x.std(0L, false, true).clamp_min(Tensors.num 1e-300)
        let m = x.shape[0]
        let place = torch.arange(m.ToScalar(), dtype = torch.float64).unsqueeze 1L
        // A row is not its own neighbour, nor are rows whose pairs overlap in time.
        let near = (place - place.t ()).abs().lt(Tensors.num (float overlap))
        let distance = torch.cdist(scaled, scaled).masked_fill(near, Tensors.num infinity)
        let struct (distances, indices) = distance.topk (8, 1, false, true)

        let gamma =
            torch.stack (
                [|
                    for k in 0L .. 7L ->
                        0.5
                        * (step - step.index_select (0L, indices.select (1L, k))).square().mean([| 0L |])
                |]
            )

        let delta = distances.square().mean([| 0L |]).unsqueeze 1L
        let excess = delta - delta.mean ()
        let spread = excess.square().sum().ToDouble()

        if spread <= 1e-24 * delta.square().sum().ToDouble() then
            gamma.mean [| 0L |]
        else
            let slope = (excess * gamma).sum(0L) / spread
            gamma.mean ([| 0L |]) - slope * delta.mean ()

    /// <summary>
    /// The share of noise in the increments y - x, between 0 and 1; the largest over the coordinates. With second successors it is
    /// measured; without, it is estimated from pairs whose states are near each other. A diffusion shows above one half, a smooth
    /// map near 0; in many dimensions, where no states are near, the estimate is rough.
    /// </summary>
    let share (pairs: SnapshotPairs) : float =
        use _ = Tensors.scope ()
        let every = stride pairs

        let some (t: Tensor) =
            t.slice (0L, 0L, int64 pairs.Count, every)

        let x, y = some pairs.From.Points, some pairs.To.Points
        let step = y - x
        let total = step.var (0L, false, false)
        let scale = step.square().mean([| 0L |])

        let noise =
            match pairs.Second with
            | Some second -> 0.5 * (y - some second.Points).square().mean([| 0L |])
            | None ->
                let overlap = 1 + (pairs.Stride - 1) / int every

                if x.shape[0] < 20L + 2L * int64 overlap then
                    torch.zeros_like total
                else
                    byNeighbours x step overlap

        // The increments of a constant coordinate are rounding.
        let moves = total.gt (1e-20 * scale)
        let ratio = torch.where (moves, noise / total, torch.zeros_like total)
        max 0.0 (min 1.0 (ratio.max().ToDouble()))

    /// True if successors are taken as random: as said, or if the share of noise exceeds 5 %.
    let internal isStochastic (noise: Noise) (pairs: SnapshotPairs) : bool =
        match noise with
        | Noise.Stochastic -> true
        | Noise.Deterministic -> false
        | Noise.Automatic -> share pairs > 0.05
