namespace Koopman.Flows

open System
open System.Numerics
open TorchSharp
open Koopman

/// <summary>
/// The spectrum of a lift: y = [x, F] moves as y' = y M + (a part driven only by 1 and t), and with M P = P Λ its modal coordinates α = y P, values
/// of Koopman eigenfunctions, evolve independently. The constant and t are left out, since these two make every L defective. If the same operator
/// acts at every site, this is the spectrum at one site: d and m then count channels, and sites are rows.
/// </summary>
[<Sealed>]
type FlowSpectrum
    internal
    (
        lift: LinearFlow,
        eigenvalues: Complex[],
        right: Tensor,
        inverse: Tensor,
        deviations: float[],
        condition: float,
        logNorm: float,
        exponential: float
    ) =

    let held = lift.Hold()

    /// <summary>The lift, in float64.</summary>
    member _.Lift: LinearFlow = lift

    /// <summary>The eigenvalues λ_k (d+m), by decreasing real part; of a conjugate pair the one with positive imaginary part comes first.</summary>
    member _.Eigenvalues: Complex[] = Array.copy eigenvalues

    /// <summary>P (d+m, d+m), complex128: the modal coordinates of rows y are y P.</summary>
    member this.Right: Tensor = Tensors.alive this right

    /// <summary>P⁻¹ (d+m, d+m), complex128: its rows are the modes; the first d columns are their parts in the space of points, for example
    /// images.</summary>
    member this.Modes: Tensor = Tensors.alive this inverse

    /// <summary>The standard deviations of |α_k - mean| over the points that the spectrum was found with: the unit of edits.</summary>
    member _.Deviations: float[] = Array.copy deviations

    /// <summary>The condition number of P with features scaled to deviation 1: up to a few thousand single modes are meaningful; far above that they
    /// are not.</summary>
    member _.Condition: float = condition

    /// <summary>The log-norm: the largest growth rate of norms of y, with features scaled to standard deviation 1.</summary>
    member _.LogNorm: float = logNorm

    /// <summary>The relative condition number of e^M in the Frobenius norm: the factor by which a relative error of M is amplified in e^M.</summary>
    member _.ExponentialCondition: float = exponential

    /// <summary>For every mode the index of its conjugate, or its own if it is real.</summary>
    member _.Conjugates: int[] =
        eigenvalues
        |> Array.mapi (fun k value ->
            if value.Imaginary > 0.0 then k + 1
            elif value.Imaginary < 0.0 then k - 1
            else k)

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() : unit =
            held.Dispose()
            right.Dispose()
            inverse.Dispose()

/// <summary>An edit of modal coordinates, of a mode and its conjugate together so that points stay real.</summary>
[<Struct; NoComparison>]
type ModeEdit =
    /// <summary>α_k times a number: 0 removes the mode, 1 changes nothing.</summary>
    | ScaleMode of scaled: int * factor: float
    /// <summary>α_k plus this many of its standard deviations, in the direction of this phase; .3 to .7 change samples visibly and keep them among the data.</summary>
    | ShiftMode of shifted: int * amount: float * phase: float
    /// <summary>All of α plus this multiple of a direction (d+m), such as that of a class from <c>ClassSignatures.directions</c>. Its coordinates at conjugate
    /// modes are conjugate; otherwise only the real part of the change is seen.</summary>
    | ShiftAlong of direction: Complex[] * multiple: float

/// <summary>The modes of lifts: spectra, contributions, truncation and edits.</summary>
[<RequireQualifiedAccess>]
module FlowSpectrum =

    /// y = [x, F] (n, d+m) of float64 points at one time, or one row per site (n·sites, …).
    let private encode (lift: LinearFlow) (time: float) (points: Tensor) : Tensor =
        let t =
            torch.full ([| points.shape[0]; 1L |], Tensors.num time, dtype = torch.float64)

        let z = lift.Encode(t, points, None)
        torch.cat ([| LinearFlow.channels lift z.Point; LinearFlow.channels lift z.Features |], 1L)

    /// Points of rows at sites.
    let private ofSites (lift: LinearFlow) (rows: Tensor) : Tensor =
        let sites = int64 lift.Generator.Sites

        if sites = 1L then
            rows
        else
            lift.Generator.OfSites(rows.reshape (-1L, sites, rows.shape[1]))

    let private toComplex (y: Tensor) : Tensor = y.to_type torch.complex128

    /// <summary>
    /// The spectrum of a lift. The points, at the given time, set the scale of features and of edits. Of a lift with classes it is that of the class
    /// that it was told: features depend on the class, eigenvalues do not.
    /// </summary>
    /// <param name="lift">The lift; a float64 copy is kept.</param>
    /// <param name="time">From 0 to 1.</param>
    /// <param name="points">Points (n, d) at that time: noise for 0, data for 1.</param>
    /// <returns>The modes, which the caller disposes, or an <c>IllConditioned</c> error if they do not form a basis.</returns>
    let find (lift: LinearFlow) (time: float) (points: Samples) : Outcome<FlowSpectrum> =
        use _ = Tensors.scope ()
        use _ = torch.no_grad ()
        use exact = LinearFlow.toDouble lift
        let site = exact.Generator.AtSite

        let solve () =
            let y = encode exact time points.Points

            let features =
                y.narrow(1L, int64 site.Dimension, int64 site.Features).std(0L, false)

            if not (features.min().ToDouble() > 1e-9) then
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    "A feature is constant over all points: the lift has collapsed, or was not trained"
                    "Train with scaled consistency in the loss, and check the smallest feature deviation that the training reports"
            else
                let struct (scale, scaled) = site.Scaled features

                LinearAlgebra.generalEigen (fun value -> -value.Real) scaled
                |> Result.map (fun eigen ->
                    let right = eigen.Right / toComplex (scale.unsqueeze 1L)
                    let inverse = eigen.Left.conj().t() * toComplex (scale.unsqueeze 0L)
                    let alpha = (toComplex y).times right
                    let values = torch.linalg.svdvals eigen.Right

                    let deviations =
                        Tensors.toArray ((alpha - alpha.mean ([| 0L |], true)).abs().square().mean([| 0L |]).sqrt())

                    let own (t: Tensor) =
                        t.resolve_conj().contiguous().clone().DetachFromDisposeScope()

                    new FlowSpectrum(
                        exact,
                        eigen.Values,
                        own right,
                        own inverse,
                        deviations,
                        values.max().ToDouble() / values.min().ToDouble(),
                        MatrixFunctions.logarithmicNorm scaled,
                        MatrixFunctions.exponentialCondition scaled
                    ))

        if lift.Decoder.IsSome then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The lift has a learned decoder, so its modes are not parts of the points"
                "Use a lift without a decoder"
        else
            Require.dimension exact.Dimension "the points" points.Dimension
            |> Require.advise "Give points of the space the lift was trained in"
            |> Result.bind (fun () -> lift.CheckTold None)
            |> Result.bind solve

    let private asDouble (points: Tensor) : Tensor =
        points.detach().cpu().to_type torch.float64

    /// <summary>
    /// The modal coordinates α (n, d+m), complex128, of points (n, d) at one time; with an operator at every site those of the sites, row after row (n·sites, …). The caller
    /// disposes of them.
    /// </summary>
    let coordinates (time: float) (modes: FlowSpectrum) (points: Tensor) : Tensor =
        use _ = torch.no_grad ()
        Tensors.own (fun () -> (toComplex (encode modes.Lift time (asDouble points))).times modes.Right)

    /// e^{λτ} of all modes.
    let private growth (modes: FlowSpectrum) (tau: float) : Tensor =
        modes.Eigenvalues
        |> Array.map (fun value -> Complex.Exp(value * Complex(tau, 0.0)))
        |> Tensors.complexVector

    /// The x parts of the modes (d+m, d).
    let private visible (modes: FlowSpectrum) : Tensor =
        modes.Modes.narrow (1L, 0L, int64 modes.Lift.Generator.AtSite.Dimension)

    /// The part of the points driven by 1 and t alone.
    let private affine (modes: FlowSpectrum) (from: float) (until: float) : Tensor =
        let site = modes.Lift.Generator.AtSite

        let one (value: float) =
            torch.full ([| 1L; 1L |], Tensors.num value, dtype = torch.float64)

        let nothing (count: int) =
            torch.zeros (1L, int64 count, dtype = torch.float64)

        site.Position(
            {
                Constant = 1.0
                Time = one from
                Point = nothing site.Dimension
                Features = nothing site.Features
            },
            one (until - from)
        )

    let private checkModes (modes: FlowSpectrum) (indices: int seq) : Outcome<unit> =
        Require.indices "mode" modes.Eigenvalues.Length (Seq.map int64 indices)

    /// <summary>
    /// The contribution of each mode to the points over time, |Re α_k e^{λτ} mode_k| as a root mean square over the points; rows are times, columns
    /// are modes. A conjugate pair has half of its contribution in each.
    /// </summary>
    /// <param name="from">The time of the points, from 0 to 1.</param>
    /// <param name="times">Times.</param>
    /// <param name="modes">The modes.</param>
    /// <param name="points">Points (n, d).</param>
    let contributions (from: float) (times: float[]) (modes: FlowSpectrum) (points: Tensor) : float[][] =
        use _ = Tensors.scope ()
        use alpha = coordinates from modes points
        let seen = visible modes

        times
        |> Array.map (fun time ->
            Tensors.within (fun () ->
                let moved = alpha * growth modes (time - from)

                // Σ_d (Re a m_d)² over rows, for each mode.
                Tensors.toArray (
                    (moved.unsqueeze (2L) * seen.unsqueeze 0L).real.square().sum(2L).mean([| 0L |]).sqrt()
                )))

    /// <summary>
    /// Points moved from one time to another by some of the modes only, and by 1 and t. Conjugates are included with their modes. With all modes it
    /// equals one step of the lift. The caller disposes them.
    /// </summary>
    /// <param name="from">The time of the points.</param>
    /// <param name="until">The time of the end.</param>
    /// <param name="kept">Indices of modes.</param>
    /// <param name="modes">The modes.</param>
    /// <param name="points">Points (n, d).</param>
    let truncated (from: float) (until: float) (kept: int[]) (modes: FlowSpectrum) (points: Tensor) : Outcome<Tensor> =
        checkModes modes kept
        |> Result.map (fun () ->
            use _ = torch.no_grad ()

            Tensors.own (fun () ->
                let conjugates = modes.Conjugates
                let all = kept |> Array.collect (fun k -> [| k; conjugates[k] |]) |> Array.distinct
                let index = Tensors.ofIndices (Array.map int64 all)
                use start = coordinates from modes points
                let alpha = start * growth modes (until - from)

                alpha
                    .index_select(1L, index)
                    .times((visible modes).index_select(0L, index))
                    .real.add(affine modes from until)
                |> ofSites modes.Lift))

    /// The change of α by an edit, added to those of other edits.
    let private change (modes: FlowSpectrum) (alpha: Tensor) (so: Tensor) (edit: ModeEdit) : Tensor =
        let conjugates = modes.Conjugates
        let columns = torch.zeros_like alpha

        let set (k: int) (value: Tensor) =
            columns.select(1L, int64 k).copy_ value |> ignore

        match edit with
        | ScaleMode(k, factor) ->
            for j in Array.distinct [| k; conjugates[k] |] do
                set j ((factor - 1.0) * alpha.select (1L, int64 j))
        | ShiftMode(k, amount, phase) ->
            let size = amount * modes.Deviations[k]
            let shift = Complex.FromPolarCoordinates(size, phase)

            let constant (value: Complex) =
                Tensors.complexVector(Array.create 1 value).expand [| alpha.shape[0] |]

            if conjugates[k] = k then
                set k (constant (Complex(shift.Real, 0.0)))
            else
                // The coordinates of a pair are conjugate for real rows if the eigenvectors are, so their sum stays real.
                set k (constant shift)
                set conjugates[k] (constant (Complex.Conjugate shift))
        | ShiftAlong(direction, multiple) ->
            columns.add_ (multiple * (Tensors.complexVector direction).unsqueeze 0L)
            |> ignore

        so + columns

    /// <summary>
    /// Points with some modal coordinates changed, moved to t = 1. By linearity, a shift moves all samples by the same vector. The caller disposes
    /// them.
    /// </summary>
    /// <param name="from">The time of the points: 0 for noise.</param>
    /// <param name="edits">The changes.</param>
    /// <param name="modes">The modes.</param>
    /// <param name="points">Points (n, d).</param>
    let edit (from: float) (edits: ModeEdit list) (modes: FlowSpectrum) (points: Tensor) : Outcome<Tensor> =
        edits
        |> List.choose (function
            | ScaleMode(k, _)
            | ShiftMode(k, _, _) -> Some k
            | ShiftAlong _ -> None)
        |> checkModes modes
        |> Result.bind (fun () ->
            edits
            |> List.choose (function
                | ShiftAlong(direction, _) -> Some direction.Length
                | _ -> None)
            |> Require.each
                (fun name count ->
                    Require.sameCount ($"coordinates in the {name}", count) ("modes", modes.Eigenvalues.Length))
                "direction")
        |> Result.map (fun () ->
            use _ = torch.no_grad ()

            Tensors.own (fun () ->
                use alpha = coordinates from modes points
                let changed = (torch.zeros_like alpha, edits) ||> List.fold (change modes alpha)
                let moved = (alpha + changed) * growth modes (1.0 - from)
                ofSites modes.Lift (moved.times(visible modes).real.add(affine modes from 1.0))))
