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

    /// Up to this dimension the squares of all coordinates are compared too; beyond it only the sum of the squares.
    let private fewCoordinates = 12

    /// A function of which the modes hold less than this share tells nothing of the diffusion.
    let private leastShare = 0.02

    /// Directions of the unknowns that the modes see less than this, relative to the best seen one, are left at the isotropic value.
    let private seen = 1e-3

    /// No direction is slower than this, relative to the isotropic value: a regression can leave one in which no particle would move.
    let private least = 0.25

    /// A relative misfit above this is a finding.
    let private largestMisfit = 0.25

    /// The same for the squares of coordinates, whose sampling errors are larger.
    let private largestDifference = 0.5

    /// A mode that falls below this within a lag says of its rate only that it is fast.
    let private resolved = 0.1

    /// The rates of a spectrum, 0 for modes whose rates are not determined.
    let private sureRates (first: int) (model: Spectrum) : float[] =
        let isResolved (k: int) (rate: float) : bool =
            match model.Convention with
            | PropagatorAtLag lag ->
                exp (-rate * lag) >= resolved
                && not (k < model.Modes.Length && model.Modes[k].Has WarningKind.BelowNoise)
            | _ -> true

        let rates =
            model.Rates
            |> Array.mapi (fun k rate ->
                if k >= first && Double.IsFinite rate && rate > 0.0 && isResolved k rate then
                    rate
                else
                    0.0)

        // The first mode is that by which the particles move: without any other, it has to do.
        if Array.forall ((=) 0.0) rates then
            rates[first] <- model.Rates[first]

        rates

    /// The deviations of the coordinates; 1 for constant ones.
    let private deviations (data: Samples) : Tensor =
        Tensors.toArray ((Samples.covariance data).diagonal())
        |> Array.map (fun variance -> if variance > 0.0 then sqrt variance else 1.0)
        |> Tensors.ofVector

    /// Coordinates (n, d) in units of their deviations, with mean 0, and their squares, or the sum of these in many dimensions: (n, m).
    let private tests (z: Tensor) : Tensor =
        let squares =
            if z.shape[1] <= int64 fewCoordinates then
                z.square ()
            else
                z.square().sum(1L, true)

        torch.cat ([| z; squares |], 1L)

    /// The constant metric A = a/2 of a reversible spectrum. Functions f in the span of the modes obey ⟨∇f, A ∇g⟩ = Σ_k η_k ⟨f, φ_k⟩⟨g, φ_k⟩, whatever the
    /// lag. Taken for the projections of the coordinates and their squares on the modes, whose gradients hardly depend on the sampling error of
    /// the modes, these equations are solved for A by least squares, each divided by the energies of both functions. What the modes do not see is
    /// taken as that of the others, in units of the data's standard deviations. The second value is a finding, if no constant A fits.
    let ofSpectrum (first: int) (model: Spectrum) (data: Samples) : struct (FlowMetric * string option) =
        use _ = Tensors.scope ()
        let d = data.Dimension
        let weights = data.Weights.unsqueeze 1L

        let scale = deviations data

        let rates = Tensors.ofVector (sureRates first model)

        let kept = rates.gt(Tensors.num 0.0).to_type torch.float64
        let total = weights.sum ()
        let mean (f: Tensor) = (f * weights).sum(0L, true) / total
        let tests = tests ((data.Points - mean data.Points) / scale)
        let tests = tests - mean tests
        let spread = (mean (tests.square ())).clamp_min(Tensors.num Double.Epsilon).sqrt()
        let tests = tests / spread

        let parts = (tests * weights).t().times(model.Values data.Points) / total * kept

        let energies = parts.mul(rates).times(parts.t ())
        let shares = Tensors.toArray (parts.square().sum 1L)
        let own = Tensors.toArray (energies.diagonal ())

        let chosen =
            let seen =
                [| 0 .. shares.Length - 1 |] |> Array.filter (fun i -> shares[i] >= leastShare)

            if seen.Length > 0 then
                seen
            else
                [| Array.IndexOf(shares, Array.max shares) |]

        // Units in which A is near 1: fast and slow coordinates then count alike. Of coordinates that the modes do not see, the median of the others.
        let units =
            let seen = chosen |> Array.filter (fun i -> i < d)

            let usual =
                MathNet.Numerics.Statistics.Statistics.Median(
                    (if seen.Length > 0 then seen else chosen)
                    |> Array.map (fun i -> own[i] / shares[i])
                )

            Array.init d (fun i ->
                if Array.contains i seen then
                    sqrt (own[i] / shares[i])
                else
                    sqrt usual)
            |> Tensors.ofVector
            |> fun pace -> pace * scale

        let trust = chosen |> Array.map (fun i -> min 1.0 shares[i])

        let gradients =
            chosen
            |> Array.map (fun i -> model.GradientOf(data.Points, parts[int64 i]) * units / sqrt own[i])

        let unknowns =
            [|
                for i in 0 .. d - 1 do
                    for j in i .. d - 1 -> struct (i, j)
            |]

        let isDiagonal =
            unknowns |> Array.map (fun (struct (i, j)) -> if i = j then 1.0 else 0.0)

        // One equation for each pair of functions; those of two different functions stand for two.
        let rows, right =
            [|
                for k in 0 .. chosen.Length - 1 do
                    let weighted = gradients[k] * weights

                    for l in k .. chosen.Length - 1 do
                        let products = Tensors.toArray (weighted.t().times gradients[l])
                        let times = sqrt (trust[k] * trust[l]) * (if k = l then 1.0 else sqrt 2.0)

                        [|
                            for struct (i, j) in unknowns ->
                                if i = j then
                                    times * products[i * d + i]
                                else
                                    times * (products[i * d + j] + products[j * d + i])
                        |],
                        times * energies[int64 chosen[k], int64 chosen[l]].ToDouble()
                        / sqrt (own[chosen[k]] * own[chosen[l]])
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
            * units.unsqueeze (1L)
            * units.unsqueeze 0L

        let misfit =
            (target - matrix.mv solution).square().sum().ToDouble()
            / target.square().sum().ToDouble()
            |> sqrt

        let finding =
            if misfit > largestMisfit then
                Some
                    $"no constant diffusion fits the eigenfunctions: the relative misfit of ⟨∇f, a∇g⟩/2 = Σ η_k⟨f, φ_k⟩⟨g, φ_k⟩ over the coordinates and their squares is {misfit:F2}; particles move, but not at the rate that theory promises"
            else
                None

        struct (FlowMetric.Uniform(new Constant(Tensors.copy half)), finding)

    /// The constant metric A = a/2 of the spectrum of pairs at lag τ. For functions f and g,
    ///
    ///   -⟨f, L g⟩ = ⟨Δf Δg⟩/2τ + Σ_k ⟨f, φ_k⟩⟨g, φ_k⟩ (η_k - (1 - λ_k)/τ),
    ///
    /// up to what decays within a lag without being in the span of the resolved modes: the quadratic variation, and the part of it that the lag
    /// hides. For coordinates it is A. That of their squares follows from A if the diffusion is the same everywhere. The
    /// findings are a coordinate that mostly decays within a lag, or else squares that contradict A.
    let ofPairs (first: int) (model: Spectrum) (pairs: SnapshotPairs) : struct (FlowMetric * string list) =
        use _ = Tensors.scope ()
        let d = pairs.Dimension
        let weights = pairs.From.Weights.unsqueeze 1L
        let total = weights.sum ()
        let mean (f: Tensor) = (f * weights).sum(0L, true) / total
        let scale = deviations pairs.From
        let centre = mean pairs.From.Points
        let z = (pairs.From.Points - centre) / scale
        let tests, later = tests z, tests ((pairs.To.Points - centre) / scale)
        let change = later - tests
        let variation = (change * weights).t().times(change) / (2.0 * pairs.Lag * total)
        let rates = sureRates first model

        let hidden, shown =
            rates
            |> Array.map (fun rate ->
                let loss = (1.0 - exp (-rate * pairs.Lag)) / pairs.Lag
                rate - loss, loss)
            |> Array.unzip

        let parts =
            let centred = tests - mean tests
            (centred * weights).t().times(model.Values pairs.From.Points) / total

        let energies = variation + (parts * Tensors.ofVector hidden).times(parts.t ())

        let half = energies.narrow(0L, 0L, int64 d).narrow(1L, 0L, int64 d)

        let predicted =
            // ∇z_i = e_i, ∇z_i² = 2 z_i e_i, and for many coordinates ∇Σz_i² = 2 z.
            let second = (z * weights).t().times(z) / total
            let products = 4.0 * half * second

            let squares =
                if d <= fewCoordinates then
                    products
                else
                    products.sum().reshape(1L, 1L)

            let between = torch.zeros (int64 d, squares.shape[0], dtype = torch.float64)

            torch.cat (
                [|
                    torch.cat ([| half; between |], 1L)
                    torch.cat ([| between.t (); squares |], 1L)
                |],
                0L
            )

        let size = energies.diagonal().clamp_min(Tensors.num Double.Epsilon).sqrt()

        let relative (m: Tensor) =
            m / size.unsqueeze 0L / size.unsqueeze 1L

        let misfit =
            ((relative (energies - predicted)).square().sum()
             / (relative energies).square().sum())
                .sqrt()
                .ToDouble()

        // What the lag hides of a coordinate that no resolved mode holds: half of it gone within a lag.
        let unseen =
            let rest = variation - (parts * Tensors.ofVector shown).times(parts.t ())
            let left = Tensors.toArray (1.0 - parts.narrow(0L, 0L, int64 d).square().sum 1L)
            let all = Tensors.toArray (half.diagonal ())

            Tensors.toArray (rest.diagonal ())
            |> Array.truncate d
            |> Array.mapi (fun i loss -> i, loss > 0.25 * all[i] && loss * pairs.Lag > 0.5 * max 0.0 left[i])
            |> Array.filter snd
            |> Array.map fst

        let findings =
            [
                if unseen.Length > 0 then
                    let words = unseen |> Array.map string |> String.concat ", "

                    $"the lag of {pairs.Lag:G4} is too long to measure the diffusion of coordinate {words} (counted from 0): more than half of what the modes do not hold of it is forgotten within a lag, and particles move there more slowly than theory promises"
                elif misfit > largestDifference then
                    $"the diffusion is not the same everywhere: that of the coordinates explains the changes of their squares only to a relative misfit of {misfit:F2}; particles move in the mean of it, and not at the rate that theory promises"
            ]

        let a = half * scale.unsqueeze 1L * scale.unsqueeze 0L
        struct (FlowMetric.Uniform(new Constant(Tensors.copy a)), findings)
