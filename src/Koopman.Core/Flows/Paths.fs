namespace Koopman.Flows

open System
open TorchSharp
open Koopman
open Koopman.Metrics

/// <summary>The pairing of noise with data points.</summary>
type Coupling =
    /// <summary>Independent draws.</summary>
    | Independent
    /// <summary>The pairing of least summed squared distance, exactly, within blocks of this many rows of a batch.</summary>
    | OptimalTransport of block: int
    /// <summary>Pairs drawn from the plan of optimal transport with this entropy (that of a Schrödinger bridge with σ is 2σ²), within blocks of this many rows.</summary>
    | Entropic of entropy: float * block: int

/// <summary>The interpolation x_t between noise x0 and data x1.</summary>
type Interpolation =
    /// <summary>Normal with mean (1-t) x0 + t x1 and this standard deviation.</summary>
    | Straight of noise: float
    /// <summary>t x1 + (1 - (1-σ) t) x0: noise of scale σ is left at the data (Lipman et al. 2022).</summary>
    | Shrinking of left: float
    /// <summary>cos(πt/2) x0 + sin(πt/2) x1 (Albergo and Vanden-Eijnden 2022).</summary>
    | VariancePreserving
    /// <summary>A Brownian bridge of scale σ: mean (1-t) x0 + t x1, deviation σ √(t(1-t)) (Tong et al. 2023).</summary>
    | BrownianBridge of scale: float

/// <summary>A probability path from noise to data, as flow matching learns it: a coupling and an interpolation.</summary>
type ProbabilityPath =
    {
        /// <summary>The pairing of noise with data points.</summary>
        Coupling: Coupling
        /// <summary>The interpolation.</summary>
        Interpolation: Interpolation
    }

/// <summary>Points on the path from noise to data, with the velocity of the path there.</summary>
[<NoComparison; NoEquality>]
type Interpolant =
    {
        /// <summary>Times (n, 1).</summary>
        Time: Tensor
        /// <summary>Points x_t (n, d).</summary>
        Point: Tensor
        /// <summary>dx_t/dt (n, d) given both ends: the target of flow matching.</summary>
        Velocity: Tensor
    }

/// <summary>The usual paths, and draws from them.</summary>
[<RequireQualifiedAccess>]
module Paths =

    /// <summary>The default number of rows in a block of optimal transport; the cost of an assignment is cubic.</summary>
    let block: int = 128

    /// <summary>Straight lines between independent ends (I-CFM; the first round of rectified flow).</summary>
    let independent: ProbabilityPath =
        {
            Coupling = Independent
            Interpolation = Straight 0.0
        }

    /// <summary>Straight lines between ends paired by optimal transport in blocks of 128 (OT-CFM).</summary>
    let optimalTransport: ProbabilityPath =
        {
            Coupling = OptimalTransport block
            Interpolation = Straight 0.0
        }

    /// <summary>Flow matching of Lipman et al. with σ = 1e-4.</summary>
    let flowMatching: ProbabilityPath =
        {
            Coupling = Independent
            Interpolation = Shrinking 1e-4
        }

    /// <summary>The Schrödinger bridge of scale σ (SB-CFM): entropic transport in blocks of 128 and Brownian bridges.</summary>
    let schrodingerBridge (sigma: float) : ProbabilityPath =
        {
            Coupling = Entropic(2.0 * sigma * sigma, block)
            Interpolation = BrownianBridge sigma
        }

    /// <summary>Arcs between independent ends, which keep the variance of standardised data.</summary>
    let variancePreserving: ProbabilityPath =
        {
            Coupling = Independent
            Interpolation = VariancePreserving
        }

    /// <summary>Checks block sizes and scales.</summary>
    let check (path: ProbabilityPath) : Outcome<unit> =
        Require.all {
            match path.Coupling with
            | Independent -> ()
            | OptimalTransport block -> Require.atLeast 1 "the block" block
            | Entropic(entropy, block) ->
                Require.positive "the entropy" entropy
                Require.atLeast 1 "the block" block

            match path.Interpolation with
            | Straight noise -> Require.notNegative "the noise" noise
            | Shrinking left -> Require.share "the noise left" left
            | BrownianBridge scale -> Require.positive "the scale" scale
            | VariancePreserving -> ()
        }
        |> Require.advise
            "Use one of Paths.independent, optimalTransport, flowMatching, schrodingerBridge 0.5 and variancePreserving"

    /// A partner for each row, drawn from the plan of entropic transport: Sinkhorn's iteration in log space.
    let private entropicPartners (entropy: float) (generator: torch.Generator) (x: Tensor) (y: Tensor) : int64[] =
        Tensors.within (fun () ->
            let scaled =
                -1.0 / entropy
                * torch.cdist(x.to_type torch.float64, y.to_type torch.float64).square()

            let mutable rows = Tensors.zeros [| x.shape[0]; 1L |] scaled
            let mutable columns = Tensors.zeros [| 1L; y.shape[0] |] scaled
            let mutable change = Double.PositiveInfinity
            let mutable rounds = 0

            // After a row step only the column sums are off.
            while change > 1e-3 && rounds < 500 do
                columns <- -(scaled + rows).logsumexp(0L, true)
                let next = -(scaled + columns).logsumexp(1L, true)
                change <- (next - rows).abs().max().ToDouble()
                rows <- next
                rounds <- rounds + 1

            // The random number generator is on the CPU.
            let plan = (scaled + rows + columns).exp().cpu()
            Guarded.read<int64>(plan.multinomial (1L, false, generator)))

    /// <summary>The data row paired with each row of noise.</summary>
    /// <param name="coupling">The coupling.</param>
    /// <param name="generator">Draws the pairs of an entropic coupling.</param>
    /// <param name="noise">(n, d).</param>
    /// <param name="data">(n, d).</param>
    let partners (coupling: Coupling) (generator: torch.Generator) (noise: Tensor) (data: Tensor) : int64[] =
        let n = int noise.shape[0]

        let inBlocks (size: int) (pair: Tensor -> Tensor -> int64[]) =
            [|
                for struct (start, count) in Tensors.pieces size n do
                    use x = Tensors.rows start count noise
                    use y = Tensors.rows start count data

                    for partner in pair x y do
                        int64 start + partner
            |]

        match coupling with
        | Independent -> Array.init n int64
        | OptimalTransport size ->
            inBlocks size (fun x y ->
                // An assignment always exists for finite points of equal shapes.
                (Outcome.get (Assignment.ofPoints x y)).Columns |> Array.map int64)
        | Entropic(entropy, size) -> inBlocks size (entropicPartners entropy generator)

    // Below this distance from the ends the velocity of a bridge is too noisy to learn from: its variance grows as 1/(t(1-t)).
    let private bridgeEnds = 1e-3

    /// <summary>Points at these times between paired ends.</summary>
    /// <param name="interpolation">The interpolation.</param>
    /// <param name="generator">Draws the noise around the mean, if there is any.</param>
    /// <param name="time">(n, 1).</param>
    /// <param name="noise">x0 (n, d).</param>
    /// <param name="data">x1 (n, d).</param>
    let between
        (interpolation: Interpolation)
        (generator: torch.Generator)
        (time: Tensor)
        (noise: Tensor)
        (data: Tensor)
        : Interpolant =
        let chord = data - noise
        let straight (t: Tensor) = noise + chord * t

        let draw () =
            torch.randn(noise.shape, dtype = noise.dtype, generator = generator).``to`` noise.device

        match interpolation with
        | Straight sigma ->
            let mean = straight time

            {
                Time = time
                Point =
                    if sigma = 0.0 then
                        mean
                    else
                        mean.add (draw (), Tensors.num sigma)
                Velocity = chord
            }
        | Shrinking left ->
            let rate = data - (1.0 - left) * noise

            {
                Time = time
                Point = noise + rate * time
                Velocity = rate
            }
        | VariancePreserving ->
            let angle = 0.5 * Math.PI * time
            let cosine, sine = angle.cos (), angle.sin ()

            {
                Time = time
                Point = noise * cosine + data * sine
                Velocity = 0.5 * Math.PI * (data * cosine - noise * sine)
            }
        | BrownianBridge sigma ->
            let time = time.clamp (Tensors.num bridgeEnds, Tensors.num (1.0 - bridgeEnds))

            let spread = (time * (1.0 - time)).sqrt()
            let noise = sigma * draw ()
            // d/dt of the deviation σ √(t(1-t)) is σ (1-2t)/(2 √(t(1-t))).
            let slope = (1.0 - 2.0 * time) / (2.0 * spread)

            {
                Time = time
                Point = straight time + noise * spread
                Velocity = chord + noise * slope
            }
