namespace Koopman

open System
open TorchSharp

/// What a term of a loss is computed on.
[<Flags>]
type internal LossNeeds =
    | Points = 1
    | Starts = 2
    | Paths = 4

/// Points (t, x) with the teacher's velocity there.
[<NoComparison; NoEquality>]
type internal PointRows =
    {
        Time: Tensor
        Point: Tensor
        Velocity: Tensor
        Classes: Tensor option
        /// τ (n, 1), uniform on what is left of the way in either direction that is trained.
        Horizon: Tensor
    }

/// Where predictions start, with horizons (q, n, 1). The first rows start at noise.
[<NoComparison; NoEquality>]
type internal StartRows =
    {
        Time: Tensor
        Point: Tensor
        Classes: Tensor option
        Horizons: Tensor
    }

/// Teacher paths from the first rows of the starts: one state (n, d) at a time (n, 1) of its own each, and the ends (n, d).
[<NoComparison; NoEquality>]
type internal PathRows =
    {
        Time: Tensor
        State: Tensor
        End: Tensor
    }

/// One batch: what was drawn, and the lifted rows, which all terms share and which are found when first asked for.
[<Sealed>]
type internal LossBatch
    (lift: Lift, teacher: Velocity, points: Lazy<PointRows>, starts: Lazy<StartRows>, paths: Lazy<PathRows>) =

    let along =
        lazy
            (let p = points.Value
             lift.EncodeAlong(p.Time, p.Point, p.Velocity, p.Classes))

    let residual =
        lazy
            (let struct (z, rate) = along.Value
             Lift.residualOf lift z rate)

    let encoded =
        lazy
            (let s = starts.Value
             lift.Encode(s.Time, s.Point, s.Classes))

    member _.Lift: Lift = lift
    member _.Teacher: Velocity = teacher
    member _.Points: PointRows = points.Value
    member _.Starts: StartRows = starts.Value
    member _.Paths: PathRows = paths.Value

    /// z at the points.
    member _.AtPoints: Lifted =
        let struct (z, _) = along.Value
        z

    /// r = J_z (1, v) - z L at the points.
    member _.Residual: Lifted = residual.Value

    /// z at all starts.
    member _.AtStarts: Lifted = encoded.Value

    /// z at those starts from which there are teacher paths.
    member _.AtNoise: Lifted =
        let rows = paths.Value.End.shape[0]
        let take (t: Tensor) = t.narrow (0L, 0L, rows)
        let z = encoded.Value

        { z with
            Time = take z.Time
            Point = take z.Point
            Features = take z.Features
        }

/// <summary>
/// What a student is trained to make small: terms, each with a weight. Losses are values: <c>2.0 * a + b</c> is one. All terms are means over rows.
/// </summary>
[<Sealed>]
type Loss internal (terms: (float * string * LossNeeds * (LossBatch -> Tensor)) list) =

    member internal _.Terms = terms

    /// <summary>The names of the terms with their weights.</summary>
    member _.Weights: (string * float) list =
        terms |> List.map (fun (w, name, _, _) -> name, w)

    /// <summary>Whether paths of the teacher, found by a solver, are needed.</summary>
    member _.NeedsPaths: bool =
        terms |> List.exists (fun (_, _, needs, _) -> needs.HasFlag LossNeeds.Paths)

    member internal _.Evaluate(batch: LossBatch) : Tensor =
        terms
        |> List.map (fun (weight, _, _, term) -> (term batch).mul(Tensors.num weight))
        |> List.reduce (fun a b -> a.add b)

    /// <summary>All terms of both.</summary>
    static member (+)(left: Loss, right: Loss) : Loss = Loss(left.Terms @ right.Terms)

    /// <summary>All weights times a number.</summary>
    static member (*)(factor: float, loss: Loss) : Loss =
        Loss(
            loss.Terms
            |> List.map (fun (w, name, needs, term) -> factor * w, name, needs, term)
        )

    override _.ToString() : string =
        terms
        |> List.map (fun (weight, name, _, _) -> $"{weight:G4} {name}")
        |> String.concat " + "

/// <summary>
/// The terms. v is the teacher, z = [1, t, x, F] the lift, L its operator; r = J_z (1, v) - z L; X(τ) and X'(τ) are the x parts of z e^{τL} and of its rate of change.
/// </summary>
[<RequireQualifiedAccess>]
module Losses =

    let private term name needs evaluate : Loss = Loss [ 1.0, name, needs, evaluate ]

    /// |·|² summed over coordinates, in the mean over all else.
    let private meanSquare (x: Tensor) : Tensor = x.square().sum(-1L).mean()

    /// <summary>
    /// C as in the paper: the mean over all D coordinates of r² at points between noise and data. Nothing keeps features from shrinking but other terms.
    /// </summary>
    let consistency: Loss =
        term "consistency" LossNeeds.Points (fun batch ->
            let r = batch.Residual
            let size = float batch.Lift.Size
            (meanSquare r.Point).add(meanSquare r.Features).mul(Tensors.num (1.0 / size)))

    /// <summary>
    /// C that no scale of the features changes: |r_x|² plus the mean over features of r_i²/Var F_i. The variance is that of the batch and is differentiated too:
    /// held fixed, the gradient would see a gain in shrinking all features to nothing.
    /// </summary>
    let scaledConsistency: Loss =
        term "scaled consistency" LossNeeds.Points (fun batch ->
            let r = batch.Residual
            let f = batch.AtPoints.Features
            let variance = f.sub(f.mean ([| 0L |], true)).square().mean [| 0L |]

            (meanSquare r.Point).add(r.Features.square().mean([| 0L |]).div(variance.add (Tensors.num 1e-12)).mean()))

    /// <summary>
    /// Lag, the Lagrangian residual |X'(τ) - v(s+τ, X(τ))|² along the linear evolution itself, two stratified horizons a start; at τ = 0 the x part of C. No gradient goes
    /// through the teacher: with it samples at the borders of basins get stuck. The teacher is asked at points that the student predicts; no equation is solved.
    /// </summary>
    let lagrangian: Loss =
        term "lagrangian" LossNeeds.Starts (fun batch ->
            let s = batch.Starts
            let z = batch.AtStarts
            let q, n = s.Horizons.shape[0], s.Horizons.shape[1]

            let target =
                use _ = torch.no_grad ()

                Tensors.keep (fun () ->
                    let rows (t: Tensor) = t.reshape (q * n, -1L)
                    let point = batch.Lift.Generator.Position(z, s.Horizons)
                    let time = s.Time.add s.Horizons
                    let classes = s.Classes |> Option.map (fun c -> c.repeat q)

                    batch.Teacher.AtClasses(rows time, rows point, classes).reshape(point.shape))

            meanSquare (batch.Lift.Generator.Speed(z, s.Horizons).sub target))

    /// <summary>
    /// E, decoded consistency: |the x part of r e^{τL}|², τ uniform on the rest of the way. It is how fast the predicted end changes along the teacher's flow, so
    /// that the error of one step is at most its mean over the way; no change of basis of the features alters it.
    /// </summary>
    let decoded: Loss =
        term "decoded" LossNeeds.Points (fun batch ->
            meanSquare (batch.Lift.Generator.Position(batch.Residual, batch.Points.Horizon)))

    /// The rows at noise moved to t = 1.
    let private ahead (batch: LossBatch) : Tensor = torch.ones_like batch.AtNoise.Time

    /// <summary>P: the mean over all D coordinates of (z(0, x0) e^L - z(1, x1))² for teacher paths from x0 to x1.</summary>
    let phase: Loss =
        term "phase" (LossNeeds.Starts ||| LossNeeds.Paths) (fun batch ->
            let z = batch.AtNoise
            let rows = z.Time.shape[0]
            let classes = batch.Starts.Classes |> Option.map (fun c -> c.narrow (0L, 0L, rows))
            let moved = z.Rows.matmul (torch.linalg.matrix_exp (batch.Lift.Generator.Matrix()))
            let there = batch.Lift.Encode(ahead batch, batch.Paths.End, classes)
            moved.sub(there.Rows).square().mean())

    /// <summary>T: the mean over coordinates of (X(1) - x1)² for teacher paths from x0 to x1.</summary>
    let target: Loss =
        term "target" (LossNeeds.Starts ||| LossNeeds.Paths) (fun batch ->
            let matrix = torch.linalg.matrix_exp (batch.Lift.Generator.Matrix())
            let columns = matrix.narrow (1L, 2L, int64 batch.Lift.Dimension)
            batch.AtNoise.Rows.matmul(columns).sub(batch.Paths.End).square().mean())

    /// <summary>
    /// Path: |X(t) - x(t)|² at a random stored time of each teacher path, and at the end, the latter with this share of the weight.
    /// </summary>
    let path (endShare: float) : Loss =
        term "path" (LossNeeds.Starts ||| LossNeeds.Paths) (fun batch ->
            let z, paths = batch.AtNoise, batch.Paths
            let horizons = torch.stack ([| ahead batch; paths.Time |], 0L)
            let predicted = batch.Lift.Generator.Position(z, horizons)

            let gap =
                predicted.sub(torch.stack ([| paths.End; paths.State |], 0L)).square().sum(-1L)

            let each = gap.mean [| 1L |]

            each[0L].mul(Tensors.num endShare).add(each[1L], Tensors.num (1.0 - endShare)))
