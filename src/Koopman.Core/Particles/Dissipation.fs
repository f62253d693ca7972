namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// <summary>The flow of a density at one time. f = ρ - 1 for ρ = dμ/dπ; K̂ is the learned inverse generator, Π̂ the projection on its modes.</summary>
[<Struct>]
type DissipationPoint =
    {
        /// <summary>The time of the flow.</summary>
        Time: float
        /// <summary>KL(μ‖π).</summary>
        Kl: float
        /// <summary>χ²(μ‖π) = ‖f‖².</summary>
        ChiSquared: float
        /// <summary>-dKL/dt = ⟨f, L K̂ f⟩, with the true generator.</summary>
        Rate: float
        /// <summary>‖(1-Π̂)f‖, the part that the modes do not represent.</summary>
        Tail: float
        /// <summary>|⟨f, (L K̂ - Π̂) f⟩|/‖f‖², the relative error of the learned inverse, sampling errors of the target means included: it grows without
        /// limit as f vanishes.</summary>
        Mismatch: float
        /// <summary>The same without them, which stays bounded: -dKL/dt = ‖Π̂f‖² + O(‖f‖²) + ⟨f, L û⟩ for the potential û of π itself.</summary>
        OperatorError: float
        /// <summary>KL of the ideal flow at this time.</summary>
        IdealKl: float
    }

/// <summary>Measurements of a flow of densities, with its theoretical bound.</summary>
[<NoComparison; NoEquality>]
type DissipationRun =
    {
        /// <summary>The measurements, in order of time.</summary>
        Points: DissipationPoint[]
        /// <summary>
        /// s = ‖L û‖, û the potential that π itself descends because the target means were estimated from n samples. It is about √(r/n), and 0 for exact
        /// means.
        /// </summary>
        Sampling: float
    }

    /// <summary>The largest tail at any time.</summary>
    member this.Tail: float = this.Points |> Array.map _.Tail |> Array.max

    /// <summary>The largest mismatch ε at any time; the bound is informative only if it is below 1.</summary>
    member this.Epsilon: float = this.Points |> Array.map _.Mismatch |> Array.max

    /// <summary>tail²/(1-ε), the limit of the bound; infinite if ε ≥ 1.</summary>
    member this.Floor: float =
        if this.Epsilon < 1.0 then
            this.Tail * this.Tail / (1.0 - this.Epsilon)
        else
            Double.PositiveInfinity

    /// <summary>Theorem 4.7 at each time: KL ≤ e^{-αt} KL_0 + (tail²/α)(1 - e^{-αt}), α = 1 - ε, with the largest tail and ε.</summary>
    member this.Bound: float[] =
        let alpha = 1.0 - this.Epsilon

        this.Points
        |> Array.map (fun point ->
            if alpha <= 0.0 then
                Double.PositiveInfinity
            else
                let fall = exp (-alpha * point.Time)
                fall * this.Points[0].Kl + this.Floor * (1.0 - fall))

    /// <summary>
    /// The same inequality with the tail of each time in place of the largest: KL' ≤ -αKL + tail(t)², solved along the run with the larger
    /// tail of each interval. It decreases as long as the tail does.
    /// </summary>
    member this.RunningBound: float[] =
        let alpha = 1.0 - this.Epsilon

        (this.Points[0].Kl, Array.pairwise this.Points)
        ||> Array.scan (fun bound (a, b) ->
            if alpha <= 0.0 then
                Double.PositiveInfinity
            else
                let fall = exp (-alpha * (b.Time - a.Time))
                let tail = max a.Tail b.Tail
                fall * bound + tail * tail / alpha * (1.0 - fall))

    /// <summary>The largest operator error at any time.</summary>
    member this.OperatorEpsilon: float =
        this.Points |> Array.map _.OperatorError |> Array.max

    /// <summary>
    /// The bound with the sampling error of the means, KL' ≤ -αχ² + tail(t)² + s χ with α = 1 - the largest operator error, solved along the run
    /// by χ² ≥ KL. Without sampling error it is the running bound. Its limit is that of a spectrum from n samples.
    /// </summary>
    member this.StatisticalBound: float[] =
        let alpha = 1.0 - this.OperatorEpsilon
        let s = this.Sampling

        // The largest derivative that any χ ≥ √KL allows.
        let slope (tail: float) (kl: float) : float =
            let chi = max (sqrt kl) (s / (2.0 * alpha))
            -alpha * chi * chi + s * chi + tail * tail

        (this.Points[0].Kl, Array.pairwise this.Points)
        ||> Array.scan (fun bound (a, b) ->
            if alpha <= 0.0 then
                Double.PositiveInfinity
            else
                let tail = max a.Tail b.Tail
                let steps = 200
                let h = (b.Time - a.Time) / float steps

                (bound, seq { 1..steps })
                ||> Seq.fold (fun kl _ ->
                    let half = max 0.0 (kl + 0.5 * h * slope tail kl)
                    max 0.0 (kl + h * slope tail half)))

/// <summary>
/// Numerical test of the theory: a density moves in the field of a learned spectrum, and the quantities of the theory are computed on the way.
/// The density is carried along the paths of points, d log μ/dt = -div v, so that no grid smooths it.
/// </summary>
[<RequireQualifiedAccess>]
module Dissipation =

    /// Moving points: their positions (M, d) and log μ there (M).
    [<NoComparison; NoEquality>]
    type private Cloud = { Points: Tensor; LogDensity: Tensor }

    /// v = -(a/2)∇u and -div v = div((a/2)∇u) at points, for a constant a and the potential u of coefficients c.
    let private descent (field: ParticleField) (points: Tensor) (gradient: Tensor -> Tensor) (c: Tensor) : Cloud =
        let observables = field.Observables
        let half = Tensors.toArray (field.Metric.Half points)
        let d = observables.Dimension

        {
            Points = field.Metric.Raise(points, gradient -c)
            LogDensity =
                [|
                    for i in 0 .. d - 1 do
                        for j in i .. d - 1 do
                            let entry = half[i * d + j] * (if i = j then 1.0 else 2.0)

                            if entry <> 0.0 then
                                Tensors.keep (fun () -> entry * observables.SecondPartial(points, i, j).mv c)
                |]
                |> Array.reduce (fun sum term -> sum.add_ term)
        }

    /// v and -div v of a cloud in a field.
    let private motion (field: ParticleField) (masses: Tensor) (cloud: Cloud) : Cloud =
        let struct (values, gradient) = field.Observables.WithGradient cloud.Points
        let struct (_, c) = field.Pull(values.t().mv masses)
        descent field cloud.Points gradient.Invoke c

    let private along (time: float) (direction: Cloud) (cloud: Cloud) : Cloud =
        {
            Points = cloud.Points.add (direction.Points, Tensors.num time)
            LogDensity = cloud.LogDensity.add (direction.LogDensity, Tensors.num time)
        }

    /// Values of a scalar field at points.
    let private at (d: int) (field: ScalarField) (points: float[]) : float[] =
        Array.init (points.Length / d) (fun i -> field.Invoke(ReadOnlySpan(points, i * d, d)))

    /// A flow of densities: the motion of a cloud with given masses, and what the modes see of it: ‖Π̂f‖², E_μ[L û], and s.
    [<NoComparison; NoEquality>]
    type private Carrier =
        {
            Motion: Tensor -> Cloud -> Cloud
            Seen: Tensor -> Cloud -> struct (float * float)
            Sampling: float
        }

    let private force (system: LangevinSystem) (points: float[]) : Tensor =
        let d = system.Dimension
        let values = Array.zeroCreate points.Length

        for i in 0 .. points.Length / d - 1 do
            system.Drift.Invoke(ReadOnlySpan(points, i * d, d), Span(values, i * d, d))

        Tensors.ofRows (points.Length / d) values

    /// -L u = div((a/2)∇u) + (a/2)∇u·∇log π at points, for the velocity v = -(a/2)∇u and -div v of a motion; ∇log π = -∇V/T.
    let private generated (system: LangevinSystem) (places: float[]) (now: Cloud) : Tensor =
        now.LogDensity
        - 1.0 / system.Temperature * (now.Points * force system places).sum 1L

    /// Carries a density along a motion and measures it.
    let private carry
        (control: Control<float>)
        (system: LangevinSystem)
        (initial: ScalarField)
        (volumes: Samples)
        (h: float)
        (steps: int)
        (every: int)
        (carrier: Tensor -> float -> Outcome<Carrier>)
        : Outcome<DissipationRun> =
        result {
            do!
                Require.all {
                    Require.positive "the time step" h
                    Require.atLeast 1 "the number of steps" steps
                    Require.atLeast 1 "the number of steps between measurements" every
                }
                |> Require.advise "Give for instance a time step of 0.05, 200 steps, and measure every 10"

            do!
                Require.dimension system.Dimension "the points" volumes.Dimension
                |> Require.advise "Give quadrature points of the system's space"

            use _ = Tensors.scope ()
            let d = system.Dimension
            let all = Samples.values volumes
            let cells = Tensors.toArray volumes.Weights

            let minusV (points: float[]) =
                at d system.Potential points |> Array.map (fun v -> -v / system.Temperature)

            /// The log of a density given up to a constant, normalised by its integral over the points.
            let logNormal (values: float[]) =
                let largest = Array.max values

                let sum =
                    Array.fold2 (fun sum cell v -> sum + cell * exp (v - largest)) 0.0 cells values

                largest + log sum

            let potentials = minusV all
            let logZ = logNormal potentials
            let starts = at d initial all
            let logStart = logNormal starts
            let mass = Array.map2 (fun cell v -> cell * exp (v - logStart)) cells starts
            let heaviest = Array.max mass
            // Points without mass of μ_0 are left out.
            let kept =
                [|
                    for i in 0 .. mass.Length - 1 do
                        if mass[i] > 1e-12 * heaviest then
                            i
                |]

            let pick (values: float[]) = kept |> Array.map (fun i -> values[i])
            let masses = pick mass
            let weights = Tensors.ofVector masses

            let ratios =
                Array.map2 (fun v p -> exp (v - logStart - p + logZ)) (pick starts) (pick potentials)

            let law =
                Array.map2 (fun cell p -> cell * exp (p - logZ)) cells potentials
                |> Tensors.ofVector

            let index = Tensors.ofIndices (kept |> Array.map int64)

            let cloud () : Cloud =
                {
                    Points = volumes.Points.index_select (0L, index)
                    LogDensity = pick starts |> Array.map (fun v -> v - logStart) |> Tensors.ofVector
                }

            let chiAtStart = Array.fold2 (fun sum w r -> sum + w * r) -1.0 masses ratios
            let! carrier = carrier law chiAtStart
            let motion = carrier.Motion weights

            /// One step of the classical Runge-Kutta method, in the caller's scope.
            let step (cloud: Cloud) : Cloud =
                use scope = Tensors.scope ()
                let k1 = motion cloud
                let k2 = motion (along (0.5 * h) k1 cloud)
                let k3 = motion (along (0.5 * h) k2 cloud)
                let k4 = motion (along h k3 cloud)

                let next =
                    cloud
                    |> along (h / 6.0) k1
                    |> along (h / 3.0) k2
                    |> along (h / 3.0) k3
                    |> along (h / 6.0) k4

                {
                    Points = scope.MoveToOuter next.Points
                    LogDensity = scope.MoveToOuter next.LogDensity
                }

            let point (time: float) (cloud: Cloud) : DissipationPoint =
                use _ = Tensors.scope ()
                let places = Tensors.toArray cloud.Points
                let logMu = Tensors.toArray cloud.LogDensity
                let logPi = minusV places |> Array.map (fun p -> p - logZ)

                let average f =
                    Seq.fold2 (fun sum w x -> sum + w * x) 0.0 masses f

                let kl = average (Array.map2 (-) logMu logPi)
                let chi = average (Array.map2 (fun m p -> exp (m - p)) logMu logPi) - 1.0
                // -dKL/dt = ⟨div v + v·∇log π⟩ in μ, for any field v.
                let rate = -(generated system places (motion cloud)).dot(weights).ToDouble()
                let struct (projected, sampled) = carrier.Seen weights cloud

                {
                    Time = time
                    Kl = kl
                    ChiSquared = chi
                    Rate = rate
                    Tail =
                        if Double.IsNaN projected then
                            nan
                        else
                            sqrt (max 0.0 (chi - projected))
                    Mismatch = abs (rate - projected) / chi
                    OperatorError = abs (rate - sampled - projected) / chi
                    IdealKl = IdealFlow.kl time ratios masses
                }

            let travel () : DissipationPoint[] =
                let mutable cloud = cloud ()
                let points = ResizeArray [ point 0.0 cloud ]

                for k in 1..steps do
                    control.Cancellation.ThrowIfCancellationRequested()
                    let before = cloud
                    cloud <- step before
                    before.Points.Dispose()
                    before.LogDensity.Dispose()

                    if k % every = 0 then
                        points.Add(point (float k * h) cloud)
                        control.Report(float k * h)

                points.ToArray()

            let points = travel ()

            // Neither can be negative, but the quadrature over moved points can make them so.
            let least = -1e-5 * (1.0 + points[0].Kl)

            match points |> Array.tryFind (fun p -> not (p.Kl > least && p.ChiSquared > least)) with
            | None ->
                return
                    {
                        Points = points
                        Sampling = carrier.Sampling
                    }
            | Some point ->
                return!
                    KoopmanError.fail
                        ErrorKind.Diverged
                        $"The moving points no longer resolve the density at time {point.Time:G4}: KL is computed as {point.Kl:G3} and χ² as {point.ChiSquared:G3}"
                        "Use more points, a shorter step, or a spectrum of fewer and smoother functions"
        }

    /// <summary>Moves a density in the field of a spectrum and measures it.</summary>
    /// <param name="control">Progress (the time) and cancellation.</param>
    /// <param name="system">The system with the potential of π, for reference values.</param>
    /// <param name="spectrum">A reversible spectrum with second derivatives, of a process with this law and any constant diffusion.</param>
    /// <param name="data">The samples that the spectrum was fitted to.</param>
    /// <param name="initial">log μ_0 up to a constant; -infinity where there is no mass.</param>
    /// <param name="volumes">Points with volumes as weights: a quadrature rule of Lebesgue measure that covers both laws.</param>
    /// <param name="h">The time step of the integrator; .05 is usual.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="every">The number of steps between measurements.</param>
    let measure
        (control: Control<float>)
        (system: LangevinSystem)
        (spectrum: Spectrum)
        (data: Samples)
        (initial: ScalarField)
        (volumes: Samples)
        (h: float)
        (steps: int)
        (every: int)
        : Outcome<DissipationRun> =
        result {
            use! field = ParticleField.ofSpectrum 0.0 spectrum data

            return!
                carry control system initial volumes h steps every (fun law _ ->
                    // Means and products of the learned functions in π itself.
                    let functions = spectrum.Values volumes.Points
                    let means = functions.t().mv law
                    let gram = functions.t().times(functions * law.unsqueeze 1L) - means.outer means

                    // The potential that π itself descends: 0 if the target means were exact.
                    let struct (_, own) =
                        field.Pull((field.Observables.Values volumes.Points).t().mv law)

                    /// -L û at points.
                    let source (points: Tensor) : Tensor =
                        let gradient (c: Tensor) = field.Observables.GradientOf(points, c)

                        generated system (Tensors.toArray points) (descent field points gradient own)

                    LinearAlgebra.whiten 1e-10 gram
                    |> Result.map (fun basis ->
                        {
                            Motion = motion field
                            Sampling = sqrt ((source volumes.Points).square().dot(law).ToDouble())
                            Seen =
                                fun masses cloud ->
                                    let c = (spectrum.Values cloud.Points).t().mv(masses) - means
                                    let moments = basis.t().mv c

                                    struct (moments.dot(moments).ToDouble(),
                                            -(source cloud.Points).dot(masses).ToDouble())
                        }))
        }

    /// Pieces of this many pairs of points bound the memory of a kernel.
    let private pairsAtOnce = 4_000_000

    /// v(x) = ∫ k(y, x)∇log π(y) + ∇_y k(y, x) dμ(y) and -div v, for k = exp(-|x-y|²/h).
    let private stein (system: LangevinSystem) (h: float) (masses: Tensor) (cloud: Cloud) : Cloud =
        let y = cloud.Points
        let m, d = int y.shape[0], float system.Dimension
        let score = 1.0 / system.Temperature * force system (Tensors.toArray y)
        let weighted = score * masses.unsqueeze 1L
        // (x-y)·s(y) = x·s - y·s.
        let own = (y * weighted).sum 1L
        let moved = y * masses.unsqueeze 1L

        let pieces =
            [
                for struct (start, count) in Tensors.pieces (max 1 (pairsAtOnce / m)) m do
                    let x = Tensors.rows start count y
                    let distance = torch.cdist(x, y).square()
                    let k = (distance * (-1.0 / h)).exp()
                    let repulsion = 2.0 / h * (x * k.mv(masses).unsqueeze 1L - k.times moved)
                    let pull = x.times (weighted.t ()) - own.unsqueeze 0L
                    let spread = k * (2.0 * d / h - 4.0 / (h * h) * distance)

                    k.times weighted + repulsion, (k * pull).sum(1L) * (2.0 / h) - spread.mv masses
            ]

        {
            Points = torch.cat (pieces |> List.map fst |> Array.ofList, 0L)
            LogDensity = torch.cat (pieces |> List.map snd |> Array.ofList, 0L)
        }

    /// <summary>
    /// The same for Stein variational gradient descent with the exact score and a fixed kernel, for comparison: no modes, so tail and errors are NaN. Its
    /// time is scaled so that it starts at the dissipation χ² of the ideal flow.
    /// </summary>
    /// <param name="control">Progress (the time) and cancellation.</param>
    /// <param name="system">The system with the potential of π.</param>
    /// <param name="width">ℓ of k(x, y) = exp(-|x-y|²/2ℓ²), positive.</param>
    /// <param name="initial">log μ_0 up to a constant; -infinity where there is no mass.</param>
    /// <param name="volumes">Points with volumes as weights: a quadrature rule of Lebesgue measure that covers both laws. Work grows with their square.</param>
    /// <param name="h">The time step of the integrator; .05 is usual.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="every">The number of steps between measurements.</param>
    let measureSvgd
        (control: Control<float>)
        (system: LangevinSystem)
        (width: float)
        (initial: ScalarField)
        (volumes: Samples)
        (h: float)
        (steps: int)
        (every: int)
        : Outcome<DissipationRun> =
        result {
            do!
                Require.positive "the width of the kernel" width
                |> Require.advise "Give a positive length, for instance the median distance between samples"

            return!
                carry control system initial volumes h steps every (fun _ chiAtStart ->
                    let mutable pace = nan

                    let motion (masses: Tensor) (cloud: Cloud) : Cloud =
                        let now = stein system (2.0 * width * width) masses cloud

                        if Double.IsNaN pace then
                            let rate =
                                -(generated system (Tensors.toArray cloud.Points) now).dot(masses).ToDouble()

                            pace <- chiAtStart / rate

                        {
                            Points = pace * now.Points
                            LogDensity = pace * now.LogDensity
                        }

                    Ok
                        {
                            Motion = motion
                            Sampling = nan
                            Seen = fun _ _ -> struct (nan, nan)
                        })
        }
