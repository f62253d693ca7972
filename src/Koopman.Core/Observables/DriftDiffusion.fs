namespace Koopman

open System
open TorchSharp

/// <summary>The diffusion a = σσᵀ of dX = b dt + σ dW at n points of R^d.</summary>
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type Diffusion =
    /// <summary>No diffusion: the motion is an ordinary differential equation.</summary>
    | Absent
    /// <summary>The same matrix (d, d) at every point.</summary>
    | Constant of matrix: Tensor
    /// <summary>A diagonal matrix at every point, (n, d).</summary>
    | Diagonal of entries: Tensor
    /// <summary>A matrix at every point, (n, d, d).</summary>
    | Full of matrices: Tensor

/// <summary>
/// The equation of motion dX = b(X) dt + σ(X) dW at n points: the drift b and the diffusion a = σσᵀ there. Checked once, when made.
/// </summary>
[<Sealed>]
type DriftDiffusion internal (drift: Tensor, diffusion: Diffusion) =

    /// <summary>b (n, d), float64. Owned by this object.</summary>
    member this.Drift: Tensor = Tensors.alive this drift

    /// <summary>a. Its tensor is owned by this object.</summary>
    member _.Diffusion: Diffusion = diffusion

    /// <summary>The number of points n.</summary>
    member _.Count: int = int drift.shape[0]

    /// <summary>The dimension d of the space.</summary>
    member _.Dimension: int = int drift.shape[1]

    /// <summary>True if there is no noise.</summary>
    member _.IsDeterministic: bool = diffusion.IsAbsent

    /// The tensors of drift and diffusion.
    member internal _.Tensors: Tensor list =
        match diffusion with
        | Diffusion.Absent -> [ drift ]
        | Diffusion.Constant tensor
        | Diffusion.Diagonal tensor
        | Diffusion.Full tensor -> [ drift; tensor ]

    /// The entry a_ij at every point as a column (n, 1), or (1, 1) if it is the same everywhere; none if it is 0 by structure.
    member internal _.Entry(i: int, j: int) : Tensor option =
        match diffusion with
        | Diffusion.Absent -> None
        | Diffusion.Constant matrix ->
            let entry = matrix.narrow(0L, int64 i, 1L).narrow(1L, int64 j, 1L)
            if entry.ToDouble() = 0.0 then None else Some entry
        | Diffusion.Diagonal entries ->
            if i = j then
                Some(entries.narrow (1L, int64 i, 1L))
            else
                None
        | Diffusion.Full matrices -> Some(matrices.select(2L, int64 j).narrow(1L, int64 i, 1L))

    /// Applies a function to every tensor, in the dispose scope of the caller.
    member internal _.Map(change: Tensor -> Tensor) : DriftDiffusion =
        new DriftDiffusion(
            change drift,
            match diffusion with
            | Diffusion.Absent -> Diffusion.Absent
            | Diffusion.Constant matrix -> Diffusion.Constant(change matrix)
            | Diffusion.Diagonal entries -> Diffusion.Diagonal(change entries)
            | Diffusion.Full matrices -> Diffusion.Full(change matrices)
        )

    /// The motion in the dtype of x and on its device, in the dispose scope of the caller.
    member internal this.For(x: Tensor) : DriftDiffusion =
        if Tensors.isLike x drift then
            this
        else
            this.Map(Tensors.like x)

    /// Applies a selection of rows to every tensor with one row per point, in the dispose scope of the caller.
    member internal this.MapRows(choose: Tensor -> Tensor) : DriftDiffusion =
        match diffusion with
        | Diffusion.Constant _ -> new DriftDiffusion(choose drift, diffusion)
        | _ -> this.Map choose

    /// Views of some rows, in the dispose scope of the caller.
    member internal this.Rows(start: int, count: int) : DriftDiffusion = this.MapRows(Tensors.rows start count)

    /// The motion of y = (x - o) M for M (d, k): drift bM and diffusion MᵀaM, in the dispose scope of the caller.
    member internal _.Through(matrix: Tensor) : DriftDiffusion =
        new DriftDiffusion(
            drift.times matrix,
            match diffusion with
            | Diffusion.Absent -> Diffusion.Absent
            | Diffusion.Constant a -> Diffusion.Constant(matrix.t().times(a).times matrix)
            | Diffusion.Diagonal a -> Diffusion.Full(matrix.t().times(a.unsqueeze (2L) * matrix.unsqueeze 0L))
            | Diffusion.Full a -> Diffusion.Full(matrix.t().times(a).times matrix)
        )

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            drift.Dispose()

            match diffusion with
            | Diffusion.Absent -> ()
            | Diffusion.Constant tensor
            | Diffusion.Diagonal tensor
            | Diffusion.Full tensor -> tensor.Dispose()

    override this.ToString() : string =
        let noise =
            match diffusion with
            | Diffusion.Absent -> "no noise"
            | Diffusion.Constant _ -> "constant diffusion"
            | Diffusion.Diagonal _ -> "diagonal diffusion"
            | Diffusion.Full _ -> "diffusion"

        $"drift and {noise} at {this.Count} points of {this.Dimension} dimensions"

/// <summary>Makes equations of motion.</summary>
[<RequireQualifiedAccess>]
module DriftDiffusion =

    let private own (t: Tensor) : Tensor =
        Tensors.own (fun () -> t.detach().cpu().to_type(torch.float64, true).contiguous())

    let private finite (what: string) (t: Tensor) : Outcome<unit> =
        if Tensors.isFinite t then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.NotFinite
                $"The {what} holds NaN or infinity"
                "Remove the points at which it is not defined"

    /// Checks that the motion is given at these samples, row by row.
    let internal checkAt (samples: Samples) (motion: DriftDiffusion) : Outcome<unit> =
        Require.all {
            Require.sameCount ("rows of the motion", motion.Count) ("samples", samples.Count)
            Require.dimension samples.Dimension "the motion" motion.Dimension
        }
        |> Require.advise "Give drift and diffusion at the samples, row by row"

    /// <summary>The motion dX = b dt without noise, from the drift b (n, d) at each point, which is copied.</summary>
    let ofDrift (drift: Tensor) : Outcome<DriftDiffusion> =
        if drift.dim () <> 2L || drift.shape[0] < 1L || drift.shape[1] < 1L then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The drift has shape {Tensors.shape drift}"
                "Give one row b(x) of d numbers for every point"
        else
            finite "drift" drift
            |> Result.map (fun () -> new DriftDiffusion(Tensors.within (fun () -> own drift), Diffusion.Absent))

    /// Symmetric with no negative eigenvalue, up to rounding.
    let private positive (matrices: Tensor) : Outcome<unit> =
        use _ = Tensors.scope ()
        let scale = 1e-9 * max (matrices.abs().max().ToDouble()) Double.Epsilon

        if (matrices - matrices.transpose (-2L, -1L)).abs().max().ToDouble() > scale then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The diffusion is not symmetric"
                "Give a = σσᵀ, not σ; a scalar noise σ in every direction is a = σ² times the unit matrix"
        else
            let least = torch.linalg.eigvalsh(matrices).min().ToDouble()

            if least < -scale then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"The diffusion has the negative eigenvalue {least:G4}"
                    "Give a = σσᵀ, not σ"
            else
                Ok()

    let private replaceDiffusion
        (expected: int64[])
        (make: Tensor -> Diffusion)
        (check: Tensor -> Outcome<unit>)
        (values: Tensor)
        (motion: DriftDiffusion)
        : Outcome<DriftDiffusion> =
        result {
            if not (values.shape = expected) then
                return!
                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"""The diffusion has shape {Tensors.shape values}, not ({String.Join(", ", expected)})"""
                        "Give a = σσᵀ: (d, d) if constant, (n, d) if diagonal, (n, d, d) in general"
            else
                do! finite "diffusion" values
                use _ = Tensors.scope ()
                let copy = own values

                match check copy with
                | Ok() -> return new DriftDiffusion(motion.Drift.alias().DetachFromDisposeScope(), make copy)
                | Error error ->
                    copy.Dispose()
                    return! Error error
        }

    /// <summary>The same drift with the constant diffusion a = σσᵀ (d, d), which is copied. The two share the drift.</summary>
    let withConstant (diffusion: Tensor) (motion: DriftDiffusion) : Outcome<DriftDiffusion> =
        let d = int64 motion.Dimension
        replaceDiffusion [| d; d |] Diffusion.Constant positive diffusion motion

    /// <summary>The same drift with a diagonal diffusion at each point (n, d), which is copied. The two share the drift.</summary>
    let withDiagonal (diffusion: Tensor) (motion: DriftDiffusion) : Outcome<DriftDiffusion> =
        let notNegative (values: Tensor) =
            let least = Tensors.within (fun () -> values.min().ToDouble())

            if least >= 0.0 then
                Ok()
            else
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"The diffusion has the negative entry {least:G4}"
                    "Give a = σσᵀ, not σ"

        replaceDiffusion
            [| int64 motion.Count; int64 motion.Dimension |]
            Diffusion.Diagonal
            notNegative
            diffusion
            motion

    /// <summary>The same drift with a diffusion matrix at each point (n, d, d), which is copied. The two share the drift.</summary>
    let withFull (diffusion: Tensor) (motion: DriftDiffusion) : Outcome<DriftDiffusion> =
        let n, d = int64 motion.Count, int64 motion.Dimension
        replaceDiffusion [| n; d; d |] Diffusion.Full positive diffusion motion

    /// <summary>The same drift with a diffusion of any form, which is copied. The two share the drift.</summary>
    let withDiffusion (diffusion: Diffusion) (motion: DriftDiffusion) : Outcome<DriftDiffusion> =
        match diffusion with
        | Diffusion.Absent -> Ok(new DriftDiffusion(motion.Drift.alias().DetachFromDisposeScope(), Diffusion.Absent))
        | Diffusion.Constant a -> withConstant a motion
        | Diffusion.Diagonal a -> withDiagonal a motion
        | Diffusion.Full a -> withFull a motion

    /// <summary>The motion dX = -∇V dt + √(2T) dW of a simulated system at the points (n, d): a = 2T.</summary>
    let ofLangevin (system: LangevinSystem) (points: Tensor) : Outcome<DriftDiffusion> =
        let d = system.Dimension

        Require.columns d "the points" points.shape
        |> Require.advise "Give points of the system's dimension"
        |> Result.bind (fun () ->
            use _ = Tensors.scope ()
            let values = Tensors.toArray points
            let slopes = Array.zeroCreate values.Length

            for row in 0 .. values.Length / d - 1 do
                system.Drift.Invoke(ReadOnlySpan(values, row * d, d), Span(slopes, row * d, d))

            let heat = 2.0 * system.Temperature * torch.eye (int64 d, dtype = torch.float64)

            result {
                use! motion = ofDrift (Tensors.ofRows (values.Length / d) slopes)
                return! withConstant heat motion
            })
