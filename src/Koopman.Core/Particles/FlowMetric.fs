namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// The metric of a flow: half the diffusion a of the process, which turns the gradient of a potential u into the velocity -(a/2)∇u. In this
/// metric, and no other, u = L⁻¹(ρ-1) dissipates KL at the rate χ².
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal FlowMetric =
    /// a = 2T·1.
    | Isotropic of temperature: float
    /// a/2 (d, d), the same everywhere.
    | Uniform of half: Constant
    /// a at points (n, d).
    | Varying of diffusion: (Tensor -> Diffusion)

    /// (a/2)g for gradients g (n, d) at points (n, d), in the caller's scope.
    member this.Raise(points: Tensor, gradients: Tensor) : Tensor =
        match this with
        | Isotropic temperature -> gradients * temperature
        | Uniform half -> gradients.times (half.For gradients)
        | Varying diffusion ->
            match diffusion points with
            | Diffusion.Absent -> torch.zeros_like gradients
            | Diffusion.Constant a -> 0.5 * gradients.times (Tensors.like gradients a)
            | Diffusion.Diagonal a -> 0.5 * gradients * Tensors.like gradients a
            | Diffusion.Full a -> 0.5 * (Tensors.like gradients a).times(gradients.unsqueeze 2L).squeeze 2L

    /// a/2 (d, d) of a metric that is the same everywhere, in the caller's scope.
    member this.Half(points: Tensor) : Tensor =
        match this with
        | Isotropic temperature ->
            temperature
            * torch.eye (points.shape[1], dtype = points.dtype, device = points.device)
        | Uniform half -> half.For points
        | Varying _ -> invalidOp "The diffusion depends on the place"

    /// A second owner of the same metric.
    member this.Copy() : FlowMetric =
        match this with
        | Uniform half -> Uniform(new Constant(Tensors.own (fun () -> half.Tensor.clone ())))
        | other -> other

    member this.Free() : unit =
        match this with
        | Uniform half -> half.Dispose()
        | _ -> ()

[<RequireQualifiedAccess>]
module internal FlowMetric =

    /// Modes beyond these add nothing to a handful of unknowns.
    let private most = 24

    /// Directions of the unknowns that the modes see less than this, relative to the best seen one, are left at the isotropic value.
    let private seen = 1e-3

    /// No direction is slower than this, relative to the isotropic value: a regression can leave one in which no particle would move.
    let private least = 0.25

    /// A relative misfit above this is a finding.
    let private largestMisfit = 0.25

    /// The modes whose rates can be compared with the gradients of their functions, with the weight of each: all of a generator, which was fitted
    /// by these; of a propagator those without a doubt about the function, by the precision of their rates, and at least the first.
    let private usable (first: int) (model: Spectrum) : (int * float) list =
        let doubted (mode: Mode) : bool =
            mode.Has WarningKind.BelowNoise
            || mode.Has WarningKind.NotConverged
            || mode.Has WarningKind.LargeResidual
            || mode.Has WarningKind.Impossible

        let weight (mode: Mode) : float =
            let width = mode.StandardError / mode.Rate

            if Double.IsFinite width then
                1.0 / (1.0 + 16.0 * width * width)
            else
                0.0

        match model.Convention with
        | PropagatorAtLag _ ->
            let sure =
                [
                    for k in first .. min model.Modes.Length model.Rank - 1 do
                        if not (doubted model.Modes[k]) && weight model.Modes[k] > 0.0 then
                            k, weight model.Modes[k]
                ]

            if sure.IsEmpty then
                [ first, 1.0 ]
            else
                List.truncate most sure
        | _ -> [ for k in first .. min model.Rank (first + most) - 1 -> k, 1.0 ]

    /// The constant metric A = a/2 of a reversible spectrum. Its modes obey ⟨∇φ_k, A ∇φ_l⟩ = η_k δ_kl, whatever the lag: these equations, each
    /// divided by √(η_k η_l), are solved for A by least squares. What the modes do not see is taken as isotropic in units of the data's
    /// standard deviations. The second value is a finding, if no constant A fits.
    let ofSpectrum (first: int) (model: Spectrum) (data: Samples) : struct (FlowMetric * string option) =
        use _ = Tensors.scope ()
        let d = data.Dimension
        let modes, trust = usable first model |> Array.ofList |> Array.unzip

        let scale =
            Tensors.toArray ((Samples.covariance data).diagonal())
            |> Array.map (fun variance -> if variance > 0.0 then sqrt variance else 1.0)
            |> Tensors.ofVector

        let gradients =
            modes
            |> Array.map (fun k ->
                let only = torch.zeros (int64 model.Rank, dtype = torch.float64)
                only[int64 k].fill_(Tensors.num 1.0) |> ignore
                model.GradientOf(data.Points, only) * scale / sqrt model.Rates[k])

        let weights = data.Weights.unsqueeze 1L

        let unknowns =
            [|
                for i in 0 .. d - 1 do
                    for j in i .. d - 1 -> struct (i, j)
            |]

        let isDiagonal =
            unknowns |> Array.map (fun (struct (i, j)) -> if i = j then 1.0 else 0.0)

        // One equation for each pair of modes; those of two different modes stand for two.
        let rows, right =
            [|
                for k in 0 .. modes.Length - 1 do
                    let weighted = gradients[k] * weights

                    for l in k .. modes.Length - 1 do
                        let products = Tensors.toArray (weighted.t().times gradients[l])
                        let times = sqrt (trust[k] * trust[l]) * (if k = l then 1.0 else sqrt 2.0)

                        [|
                            for struct (i, j) in unknowns ->
                                if i = j then
                                    times * products[i * d + i]
                                else
                                    times * (products[i * d + j] + products[j * d + i])
                        |],
                        if k = l then trust[k] else 0.0
            |]
            |> Array.unzip

        let matrix = rows |> Array.concat |> Tensors.ofRows rows.Length
        let target = Tensors.ofVector right
        let isotropic = matrix.mv (Tensors.ofVector isDiagonal)

        let pace = isotropic.dot(target).ToDouble() / isotropic.dot(isotropic).ToDouble()

        let struct (values, vectors) = torch.linalg.eigh (matrix.t().times matrix)

        let kept =
            values.ge(Tensors.num (seen * values.max().ToDouble())).to_type torch.float64

        let inverse = kept / values.clamp_min (Tensors.num Double.Epsilon)
        let left = target - pace * isotropic
        let correction = vectors.mv (inverse * vectors.t().mv(matrix.t().mv left))
        let solution = pace * Tensors.ofVector isDiagonal + correction

        let half = torch.zeros (int64 d, int64 d, dtype = torch.float64)
        let entries = Tensors.toArray solution

        unknowns
        |> Array.iteri (fun at (struct (i, j)) ->
            half[int64 i, int64 j].fill_(Tensors.num entries[at]) |> ignore
            half[int64 j, int64 i].fill_(Tensors.num entries[at]) |> ignore)

        let struct (own, axes) = torch.linalg.eigh half
        let raised = own.clamp_min (Tensors.num (least * pace))

        let half =
            (axes * raised.unsqueeze 0L).times(axes.t ())
            * scale.unsqueeze (1L)
            * scale.unsqueeze 0L

        let misfit =
            (target - matrix.mv solution).square().sum().ToDouble()
            / target.square().sum().ToDouble()
            |> sqrt

        let finding =
            if misfit > largestMisfit then
                Some
                    $"no constant diffusion fits the eigenfunctions: the relative misfit of ⟨∇φ_k, a∇φ_l⟩/2 = η_k δ_kl over {modes.Length} modes is {misfit:F2}; particles move, but not at the rate that theory promises"
            else
                None

        struct (FlowMetric.Uniform(new Constant(Tensors.copy half)), finding)
