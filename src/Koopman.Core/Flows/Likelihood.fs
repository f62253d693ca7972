namespace Koopman.Flows

open System
open TorchSharp
open Koopman
open Koopman.Learning

/// <summary>The density of a lift's one-step samples at points, with what it was computed from.</summary>
[<NoComparison; NoEquality>]
type FlowDensity =
    {
        /// <summary>log p(x) of each point (n).</summary>
        LogDensity: float[]
        /// <summary>The noise (n, d), float64, that the lift moves to the points. The caller disposes of it.</summary>
        Noise: Tensor
        /// <summary>The distance (n) of the points from where the lift moves this noise; 0 up to rounding if the point is in reach, and where it is not the
        /// density means nothing.</summary>
        Misses: float[]
    }

    /// <summary>Frees the noise.</summary>
    member this.Dispose() : unit = this.Noise.Dispose()

    interface IDisposable with
        /// <summary>Frees the noise.</summary>
        member this.Dispose() : unit = this.Noise.Dispose()

/// <summary>Likelihoods of linear flows, by the tangents of their features.</summary>
[<RequireQualifiedAccess>]
module Likelihood =

    /// The ends of noise (n, d), and their derivatives by each coordinate of it (n, d, d): row i is that by coordinate i.
    let private derivative (lift: LinearFlow) (noise: Tensor) : struct (Tensor * Tensor) =
        let d = lift.Dimension

        let parts =
            match lift.Trained with
            | null -> 1
            | reach -> reach.Parts

        let column (value: float) =
            torch.full ([| noise.shape[0]; 1L |], Tensors.num value, dtype = noise.dtype)

        let classes = lift.Told.Of noise
        let span, still = column (1.0 / float parts), column 0.0

        let step (point: Tensor, directions: Tensor list) (part: int) =
            let time = column (float part / float parts)
            let z = lift.Encode(time, point, classes)

            let moved =
                directions
                |> List.map (fun direction ->
                    let features =
                        lift.Net.Forward(Dual.create time still, Dual.create point direction, classes)

                    let change =
                        {
                            Constant = 0.0
                            Time = still
                            Point = (if lift.Decoder.IsSome then z.Point else direction)
                            Features = Dual.tangent features
                        }

                    lift.Response(z, change, span))

            lift.Position(z, span), moved

        let axes =
            [
                for i in 0 .. d - 1 do
                    let e = torch.zeros_like noise
                    e.select(1L, int64 i).fill_(Tensors.num 1.0) |> ignore
                    e
            ]

        let ends, changes = ((noise, axes), [ 0 .. parts - 1 ]) ||> List.fold step
        struct (ends, torch.stack (ResizeArray changes, 1L))

    /// The noise that the lift moves to these points, by Newton's method, and how far from them it ends (n, 1).
    let private invert
        (iterations: int)
        (lift: LinearFlow)
        (target: Tensor)
        (start: Tensor)
        : struct (Tensor * Tensor) =
        let miss (ends: Tensor) =
            (target - ends).square().sum(1L, true).sqrt()

        let struct (first, _) = derivative lift start
        let mutable noise = start
        let mutable best = start
        let mutable least = miss first
        let mutable step = 0

        while step < iterations && least.max().ToDouble() > 1e-10 do
            use inner = Tensors.scope ()
            let struct (ends, jacobian) = derivative lift noise
            let eye = torch.eye (int64 lift.Dimension, dtype = torch.float64)
            // Rows move by δ J, so J' δ' is the distance still to go; the ridge only keeps singular ones solvable.
            let gap = (target - ends).unsqueeze 2L

            let change =
                torch.linalg.solve(jacobian.transpose (1L, 2L) + 1e-12 * eye, gap).squeeze 2L

            let length = change.square().sum(1L, true).sqrt()
            let next = noise + change / length.clamp_min (Tensors.num 1.0)
            let struct (reached, _) = derivative lift next
            let now = miss reached
            let better = now.lt least
            best <- inner.MoveToOuter(torch.where (better, next, best))
            least <- inner.MoveToOuter(torch.where (better, now, least))
            noise <- inner.MoveToOuter next
            step <- step + 1

        struct (best, least)

    /// <summary>
    /// The log density of one-step samples at points (n, d), in float64: log N(x0) - log |det dX/dx0| at the noise x0 that the lift moves to the point, found by Newton's method
    /// from one step backwards. If the lift moves several noises to a point, it is the density of one of them.
    /// </summary>
    /// <param name="iterations">The largest number of steps of Newton's method; 20 are usually enough.</param>
    /// <param name="lift">The lift, told a class if it has classes.</param>
    /// <param name="points">Points (n, d); each iteration takes d tangents.</param>
    let logDensity (iterations: int) (lift: LinearFlow) (points: Tensor) : Outcome<FlowDensity> =
        result {
            do! Require.atLeast 1 "the number of iterations" iterations
            do! Require.columns lift.Dimension "the points" points.shape
            do! lift.CheckTold(Some(int points.shape[0]))
            use scope = Tensors.scope ()
            use _ = torch.no_grad ()
            use exact = LinearFlow.toDouble lift
            use sampler = OneStep.create exact
            let target = points.detach().cpu().to_type torch.float64
            use! start = OneStep.move 1.0 0.0 sampler target

            let struct (best, least) = invert iterations exact target start.Points
            let struct (_, jacobian) = derivative exact best

            let normal =
                -0.5 * best.square().sum 1L - 0.5 * float lift.Dimension * log (2.0 * Math.PI)

            let volume = torch.linalg.det(jacobian).abs().log()

            return
                {
                    LogDensity = Tensors.toArray (normal - volume)
                    Noise = scope.Detach(best.clone ())
                    Misses = Tensors.toArray least
                }
        }
