namespace Koopman.Flows

open System
open TorchSharp
open Koopman

/// <summary>Points (t, x) with the teacher's velocity there.</summary>
[<NoComparison; NoEquality>]
type PointRows =
    {
        /// <summary>t (n, 1).</summary>
        Time: Tensor
        /// <summary>x (n, d).</summary>
        Point: Tensor
        /// <summary>v(t, x) (n, d).</summary>
        Velocity: Tensor
        /// <summary>The classes (n); null if there are none.</summary>
        Classes: Tensor | null
        /// <summary>τ (n, 1), uniform on the remaining time in the trained directions.</summary>
        Horizon: Tensor
    }

/// <summary>The starting points of predictions.</summary>
[<NoComparison; NoEquality>]
type StartRows =
    {
        /// <summary>s (n, 1).</summary>
        Time: Tensor
        /// <summary>x (n, d).</summary>
        Point: Tensor
        /// <summary>The classes (n); null if there are none.</summary>
        Classes: Tensor | null
        /// <summary>Horizons τ (q, n, 1), one in each of q strata of the remaining time.</summary>
        Horizons: Tensor
    }

/// <summary>Teacher paths from the first rows of the starts, over the whole way from noise to data, or over one of its equal parts.</summary>
[<NoComparison; NoEquality>]
type PathRows =
    {
        /// <summary>The time (n, 1) from the start to a stored point of each path.</summary>
        Time: Tensor
        /// <summary>That point (n, d).</summary>
        State: Tensor
        /// <summary>The time from the start to the end: 1, or 1/n for n parts.</summary>
        Span: float
        /// <summary>The point (n, d) at the end.</summary>
        End: Tensor
    }

/// <summary>One batch: the random draws, and the lifted rows that all terms share, computed on first use.</summary>
[<Sealed>]
type LossBatch
    internal
    (
        lift: LinearFlow,
        teacher: VelocityField,
        imitation: VelocityField option,
        points: Lazy<PointRows>,
        starts: Lazy<StartRows>,
        paths: Lazy<PathRows>
    ) =

    let along =
        lazy
            (let p = points.Value
             lift.EncodeAlong(p.Time, p.Point, p.Velocity, Option.ofObj p.Classes))

    let residual =
        lazy
            (let struct (z, rate) = along.Value
             LinearFlow.residualOf lift z rate)

    let encoded =
        lazy
            (let s = starts.Value
             lift.Encode(s.Time, s.Point, Option.ofObj s.Classes))

    /// <summary>The lift being trained.</summary>
    member _.Lift: LinearFlow = lift

    /// <summary>The velocity field that it follows.</summary>
    member _.Teacher: VelocityField = teacher

    /// The imitation of the teacher, which is trained too, if a term needs one.
    member internal _.Imitation: VelocityField option = imitation

    /// <summary>The velocity field evaluated at the points that the student predicts: the imitation if there is one, otherwise the teacher.</summary>
    member _.Guide: VelocityField = imitation |> Option.defaultValue teacher

    /// <summary>Points between noise and data.</summary>
    member _.Points: PointRows = points.Value

    /// <summary>The starting points of predictions.</summary>
    member _.Starts: StartRows = starts.Value

    /// <summary>Teacher paths; only available to terms that need them.</summary>
    member _.Paths: PathRows = paths.Value

    /// <summary>z at the points.</summary>
    member _.AtPoints: LiftedState =
        let struct (z, _) = along.Value
        z

    /// <summary>r = J_z (1, v) - z L at the points.</summary>
    member _.Residual: LiftedState = residual.Value

    /// <summary>z at all starts.</summary>
    member _.AtStarts: LiftedState = encoded.Value

    /// <summary>z at those starts from which there are teacher paths.</summary>
    member _.AtPaths: LiftedState =
        let rows = paths.Value.End.shape[0]
        let take (t: Tensor) = t.narrow (0L, 0L, rows)
        let z = encoded.Value

        { z with
            Time = take z.Time
            Point = take z.Point
            Features = take z.Features
        }

/// One term of a loss with its weight and its requirements.
[<NoComparison; NoEquality>]
type internal LossTerm =
    {
        Weight: float
        Name: string
        /// The settings of the term.
        Detail: string
        NeedsPaths: bool
        NeedsImitation: bool
        Evaluate: LossBatch -> Tensor
    }

/// <summary>
/// The loss of a distillation: a weighted sum of terms. Losses are values, which can be added and scaled: <c>2.0 * a + b</c>. All terms are means
/// over rows.
/// </summary>
[<Sealed>]
type Loss internal (terms: LossTerm list) =

    member internal _.Terms: LossTerm list = terms

    /// Everything by which two losses differ, but for the functions of user-defined terms of the same name.
    member internal _.Facts: string =
        terms
        |> List.map (fun term -> $"{Fact.number term.Weight} {term.Name}{term.Detail}")
        |> String.concat " + "

    /// <summary>The names of the terms with their weights.</summary>
    member _.Weights: struct (string * float)[] =
        [| for term in terms -> struct (term.Name, term.Weight) |]

    /// <summary>True if paths of the teacher, found by a solver, are needed.</summary>
    member _.NeedsPaths: bool = terms |> List.exists _.NeedsPaths

    /// <summary>True if an imitation of the teacher is trained too, and replaces it at the points that the student predicts.</summary>
    member _.NeedsImitation: bool = terms |> List.exists _.NeedsImitation

    /// <summary>The weighted sum of the terms, a differentiable scalar.</summary>
    member _.Evaluate(batch: LossBatch) : Tensor =
        terms
        |> List.map (fun term -> term.Weight * term.Evaluate batch)
        |> List.reduce (fun a b -> a + b)

    /// <summary>All terms of both.</summary>
    static member (+)(left: Loss, right: Loss) : Loss = Loss(left.Terms @ right.Terms)

    /// <summary>All weights times a number.</summary>
    static member (*)(factor: float, loss: Loss) : Loss =
        Loss(
            loss.Terms
            |> List.map (fun term ->
                { term with
                    Weight = factor * term.Weight
                })
        )

    override _.ToString() : string =
        terms
        |> List.map (fun term -> $"{term.Weight:G4} {term.Name}")
        |> String.concat " + "

/// <summary>
/// The terms. v is the teacher, z = [1, t, x, F] the lift, L its operator; r = J_z (1, v) - z L; X(τ) and X'(τ) are the x parts of z e^{τL} and of its rate of change.
/// </summary>
[<RequireQualifiedAccess>]
module Losses =

    let private detailed (name: string) (detail: string) (paths: bool) (evaluate: LossBatch -> Tensor) : Loss =
        Loss
            [
                {
                    Weight = 1.0
                    Name = name
                    Detail = detail
                    NeedsPaths = paths
                    NeedsImitation = false
                    Evaluate = evaluate
                }
            ]

    let private term (name: string) : bool -> (LossBatch -> Tensor) -> Loss = detailed name ""

    /// The names of the terms of the library.
    let internal names: string list =
        [
            "consistency"
            "scaled consistency"
            "lagrangian"
            "imitation"
            "decoded"
            "phase"
            "target"
            "reconstruction"
            "path"
        ]

    /// <summary>A user-defined term.</summary>
    /// <param name="name">Its name in reports.</param>
    /// <param name="paths">True if it needs paths of the teacher, which are then computed before the training.</param>
    /// <param name="evaluate">The value, a differentiable scalar.</param>
    let custom (name: string) (paths: bool) (evaluate: LossBatch -> Tensor) : Loss = term name paths evaluate

    /// |·|² summed over coordinates, averaged over the other axes.
    let private meanSquare (x: Tensor) : Tensor = x.square().sum(-1L).mean()

    /// <summary>
    /// C as in the paper: the mean over all D coordinates of r² at points between noise and data. Only other terms keep the features from shrinking.
    /// </summary>
    let consistency: Loss =
        term "consistency" false (fun batch ->
            let r = batch.Residual
            let size = float batch.Lift.Size
            1.0 / size * (meanSquare r.Point + meanSquare r.Features))

    /// <summary>
    /// C, invariant under scaling of the features: |r_x|² plus the mean over features of r_i²/Var F_i. The variance is that of the batch and is
    /// differentiated too: if it were held fixed, the gradient would reward shrinking all features to zero. At several sites a feature is a channel,
    /// with one variance over rows and sites.
    /// </summary>
    let scaledConsistency: Loss =
        term "scaled consistency" false (fun batch ->
            let r = batch.Residual
            let f = LinearFlow.channels batch.Lift batch.AtPoints.Features
            let variance = (f - f.mean ([| 0L |], true)).square().mean [| 0L |]

            meanSquare r.Point
            + ((LinearFlow.channels batch.Lift r.Features).square().mean([| 0L |])
               / variance.clamp_min (Tensors.num 1e-30))
                .mean())

    /// <summary>
    /// Lag, the Lagrangian residual |X'(τ) - v(s+τ, X(τ))|² along the linear evolution itself, two stratified horizons per start; at τ = 0 it is the
    /// x part of C. No gradient passes through the teacher: with it samples at the boundaries of basins get stuck. The guide (the teacher, or its
    /// imitation) is evaluated at points that the student predicts; no differential equation is solved.
    /// </summary>
    let lagrangian: Loss =
        term "lagrangian" false (fun batch ->
            let s = batch.Starts
            let z = batch.AtStarts
            let q, n = s.Horizons.shape[0], s.Horizons.shape[1]

            let target =
                use _ = torch.no_grad ()

                Tensors.keep (fun () ->
                    let rows (t: Tensor) = t.reshape (q * n, -1L)
                    let point = batch.Lift.Position(z, s.Horizons)
                    let time = s.Time + s.Horizons
                    let classes = Option.ofObj s.Classes |> Option.map (fun c -> c.repeat q)

                    batch.Guide.AtClasses(rows time, rows point, classes).reshape(point.shape))

            meanSquare (batch.Lift.Speed(z, s.Horizons) - target))

    /// <summary>
    /// |w(t, x) - v(t, x)|² at points between noise and data, for an imitation w of the teacher v: a network of the lift's size that is trained
    /// alongside and discarded at the end. With this term in a loss, Lag evaluates w instead of v, so that the teacher is evaluated only at points
    /// between noise and data (the strict sense of "simulation-free").
    /// </summary>
    let imitation: Loss =
        Loss
            [
                {
                    Weight = 1.0
                    Name = "imitation"
                    Detail = ""
                    NeedsPaths = false
                    NeedsImitation = true
                    Evaluate =
                        fun batch ->
                            let p = batch.Points
                            meanSquare (batch.Guide.AtClasses(p.Time, p.Point, Option.ofObj p.Classes) - p.Velocity)
                }
            ]

    /// <summary>
    /// E, decoded consistency: |the x part of r e^{τL}|², τ uniform on the remaining time. It is the rate of change of the predicted end along the
    /// teacher's flow, so that the error of one step is at most its mean over the path; it is invariant under a change of basis of the features.
    /// </summary>
    let decoded: Loss =
        term "decoded" false (fun batch ->
            meanSquare (batch.Lift.Response(batch.AtPoints, batch.Residual, batch.Points.Horizon)))

    /// The time to the end of each path.
    let private ahead (batch: LossBatch) : Tensor =
        torch.full_like (batch.AtPaths.Time, Tensors.num batch.Paths.Span)

    /// <summary>P: the mean over all D coordinates of (z(0, x0) e^L - z(1, x1))² for teacher paths from x0 to x1.</summary>
    let phase: Loss =
        term "phase" true (fun batch ->
            let z = batch.AtPaths
            let rows = z.Time.shape[0]

            let classes =
                Option.ofObj batch.Starts.Classes
                |> Option.map (fun c -> c.narrow (0L, 0L, rows))

            let generator = batch.Lift.Generator

            let moved =
                if generator.Sites > 1 then
                    (generator.Advance(z, ahead batch)).Rows
                else
                    z.Rows.times (torch.linalg.matrix_exp (batch.Paths.Span * generator.Matrix()))

            let there = batch.Lift.Encode(z.Time + batch.Paths.Span, batch.Paths.End, classes)
            (moved - there.Rows).square().mean())

    /// <summary>T: the mean over coordinates of (X(1) - x1)² for teacher paths from x0 to x1.</summary>
    let target: Loss =
        term "target" true (fun batch ->
            let site = batch.Lift.Generator.AtSite
            let matrix = torch.linalg.matrix_exp (batch.Paths.Span * site.Matrix())

            let columns =
                if batch.Lift.Decoder.IsSome then
                    matrix.narrow (1L, 1L, int64 batch.Lift.Features + 1L)
                else
                    matrix.narrow (1L, 2L, int64 site.Dimension)

            let product = batch.Lift.Generator.Read(batch.AtPaths, [| columns |])
            (LinearFlow.readPoints batch.Lift (product.squeeze 0L) - batch.Paths.End).square().mean())

    /// <summary>
    /// R: the mean over coordinates of (dec(z(t, x)) - x)² at points between noise and data, so that a decoder is trained along the whole path.
    /// Without a decoder it is 0.
    /// </summary>
    let reconstruction: Loss =
        term "reconstruction" false (fun batch ->
            (batch.Lift.Decode(batch.AtPoints) - batch.Points.Point).square().mean())

    /// <summary>
    /// Path: |X(t) - x(t)|² at a random stored time of each teacher path, and at the end, the latter with this fraction of the weight.
    /// </summary>
    let path (endShare: float) : Loss =
        detailed "path" $" with end share {Fact.number endShare}" true (fun batch ->
            let z, paths = batch.AtPaths, batch.Paths
            let horizons = torch.stack ([| ahead batch; paths.Time |], 0L)
            let predicted = batch.Lift.Position(z, horizons)

            let gap =
                (predicted - torch.stack ([| paths.End; paths.State |], 0L)).square().sum(-1L)

            let each = gap.mean [| 1L |]

            (endShare * each[0L]).add(each[1L], Tensors.num (1.0 - endShare)))
