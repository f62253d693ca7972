namespace Koopman

open TorchSharp

/// <summary>The randomness of the successor of a state, which determines how residuals are measured.</summary>
[<RequireQualifiedAccess>]
type Noise =
    /// <summary>Determined from the data: see <c>Noise.share</c>.</summary>
    | Automatic
    /// <summary>y is random given x: a U-statistic removes the noise from the residual, and eigenvalues have sampling error.</summary>
    | Stochastic
    /// <summary>y is a function of x: the plain residual ‖φ(y) - λφ(x)‖ is the true one and has a tolerance.</summary>
    | Deterministic

/// <summary>Distinguishes random successors from deterministic ones.</summary>
[<RequireQualifiedAccess>]
module Noise =

    /// The stride that keeps about a thousand rows.
    let private stride (pairs: SnapshotPairs) : int64 = int64 (max 1 (pairs.Count / 1000))

    /// The noise variance of each coordinate's increment, by neighbours: half the squared difference of the increments of near
    /// states, extrapolated to distance 0 by a line through the eight nearest (the Gamma test; Evans and Jones 2002); and the
    /// amount that the extrapolation subtracted, which limits the resolution.
    let private byNeighbours (x: Tensor) (step: Tensor) (overlap: int) : struct (Tensor * Tensor) =
        // Columns that are constant up to rounding separate no states.
        let spread = x.std (0L, false, true)
        let isFixed = spread.le (1e-13 * x.square().mean([| 0L |], true).sqrt())

        let scaled =
            torch.where (
                isFixed,
                torch.zeros_like x,
                (x - x.mean ([| 0L |], true)) / spread.clamp_min (Tensors.num 1e-300)
            )

        let distance = torch.cdist (scaled, scaled)

        // A row is not its own neighbour, nor are rows whose pairs overlap in time. In place, since matrices of this size are slow to allocate.
        for apart in 1 - overlap .. overlap - 1 do
            distance.diagonal(int64 apart, 0L, 1L).fill_(Tensors.num infinity) |> ignore

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
            struct (gamma.mean [| 0L |], torch.zeros_like gamma[0L])
        else
            let slope = (excess * gamma).sum(0L) / spread
            struct (gamma.mean ([| 0L |]) - slope * delta.mean (), (slope * delta.mean ()).abs())

    /// The noise variance of each coordinate of y given x, the smallest that can be resolved, and the variance of the increments.
    let private measured (pairs: SnapshotPairs) : struct (Tensor * Tensor * Tensor) =
        let every = stride pairs

        let some (t: Tensor) =
            t.slice (0L, 0L, int64 pairs.Count, every)

        let x, y = some pairs.From.Points, some pairs.To.Points
        let step = y - x
        let total = step.var (0L, false, false)
        let nothing = torch.zeros_like total

        let struct (noise, resolved) =
            match pairs.Second with
            | Some second -> struct (0.5 * (y - some second.Points).square().mean([| 0L |]), nothing)
            | None ->
                let overlap = 1 + (pairs.Stride - 1) / int every

                if x.shape[0] < 20L + 2L * int64 overlap then
                    struct (nothing, total)
                else
                    byNeighbours x step overlap

        // The increments of a constant coordinate are rounding errors.
        let moves =
            torch.logical_and (
                total.gt (1e-20 * step.square().mean([| 0L |])),
                total.gt (1e-26 * x.square().mean([| 0L |]))
            )

        let noise = torch.where (moves, noise, nothing)
        struct (noise.clamp_min (Tensors.num 0.0), resolved, total)

    /// <summary>
    /// The fraction of noise in the variance of the increments y - x, between 0 and 1; the largest over the coordinates. With second successors it is
    /// measured; without them, it is estimated from pairs whose states are near each other. A diffusion gives more than one half, a smooth
    /// map nearly 0; in many dimensions, where no states are near, the estimate is rough.
    /// </summary>
    let share (pairs: SnapshotPairs) : float =
        use _ = Tensors.scope ()
        let struct (noise, _, total) = measured pairs
        let ratio = noise / total.clamp_min (Tensors.num 1e-300)
        max 0.0 (min 1.0 (ratio.max().ToDouble()))

    /// The noise of the successors about their mean.
    [<Struct>]
    type internal Level =
        {
            /// True if the noise exceeds the resolution set by the distance between neighbouring states.
            IsStochastic: bool
            /// True if there is hardly any noise: neighbours have neighbouring successors, to a tenth of the variance of the increments.
            IsSmooth: bool
            /// The largest standard deviation of noise in a coordinate that is compatible with the data.
            Most: float
            /// The same in standard deviations of the coordinate.
            Relative: float
        }

    /// <summary>
    /// The noise of the successors, as set or as determined from the data. They count as random if the noise in some coordinate exceeds what the
    /// distance between neighbours can explain: the noise is compared with the resolution of the data, not with the increments.
    /// </summary>
    let internal level (noise: Noise) (pairs: SnapshotPairs) : Level =
        use _ = Tensors.scope ()
        let struct (found, resolved, total) = measured pairs

        let isStochastic =
            match noise with
            | Noise.Stochastic -> true
            | Noise.Deterministic -> false
            | Noise.Automatic ->
                let floor = 1e-12 * (total + pairs.From.Points.``var`` (0L, false))
                found.gt(torch.maximum (resolved, floor)).any().ToBoolean()

        {
            IsStochastic = isStochastic
            IsSmooth =
                not isStochastic
                && (found + resolved).le(0.1 * total).all().ToBoolean()
                && total.gt(Tensors.num 0.0).any().ToBoolean()
            Most = sqrt ((found + resolved).max().ToDouble())
            Relative =
                let spread = pairs.From.Points.``var`` (0L, false)
                let share = (found + resolved) / spread.clamp_min (Tensors.num 1e-300)
                sqrt (torch.where(spread.gt (Tensors.num 0.0), share, torch.zeros_like share).max().ToDouble())
        }

    /// <summary>
    /// True if successors count as random: as set, or, for <c>Automatic</c>, if pairs whose states are near each other differ by more than
    /// their distance can explain.
    /// </summary>
    let isStochastic (noise: Noise) (pairs: SnapshotPairs) : bool =
        match noise with
        | Noise.Stochastic -> true
        | Noise.Deterministic -> false
        | Noise.Automatic -> (level noise pairs).IsStochastic
