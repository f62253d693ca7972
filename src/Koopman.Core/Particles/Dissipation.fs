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
        /// <summary>|⟨f, (L K̂ - Π̂) f⟩|/‖f‖², the relative error of the learned inverse.</summary>
        Mismatch: float
        /// <summary>KL of the ideal flow at this time.</summary>
        IdealKl: float
    }

/// <summary>Measurements of a flow of densities, with its theoretical bound.</summary>
[<NoComparison; NoEquality>]
type DissipationRun =
    {
        /// <summary>The measurements, in order of time.</summary>
        Points: DissipationPoint[]
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

/// <summary>
/// Numerical test of the theory: a density moves in the field of a learned spectrum, and the quantities of the theory are computed on the way.
/// The density is carried along the paths of points, d log μ/dt = -div v, so that no grid smooths it.
/// </summary>
[<RequireQualifiedAccess>]
module Dissipation =

    /// Moving points: their positions (M, d) and log μ there (M).
    [<NoComparison; NoEquality>]
    type private Cloud = { Points: Tensor; LogDensity: Tensor }

    /// v and -div v of a cloud.
    let private motion (field: ParticleField) (masses: Tensor) (cloud: Cloud) : Cloud =
        let observables = field.Observables
        let struct (values, gradient) = observables.WithGradient cloud.Points
        let struct (_, a) = field.Pull(values.t().mv masses)

        let half = Tensors.toArray (field.Metric.Half cloud.Points)
        let d = observables.Dimension

        // div((a/2)∇u) for a constant a.
        let divergence =
            [|
                for i in 0 .. d - 1 do
                    for j in i .. d - 1 do
                        let entry = half[i * d + j] * (if i = j then 1.0 else 2.0)

                        if entry <> 0.0 then
                            Tensors.keep (fun () -> entry * observables.SecondPartial(cloud.Points, i, j).mv a)
            |]
            |> Array.reduce (fun sum term -> sum.add_ term)

        {
            Points = field.Metric.Raise(cloud.Points, gradient.Invoke(-a))
            LogDensity = divergence
        }

    let private along (time: float) (direction: Cloud) (cloud: Cloud) : Cloud =
        {
            Points = cloud.Points.add (direction.Points, Tensors.num time)
            LogDensity = cloud.LogDensity.add (direction.LogDensity, Tensors.num time)
        }

    /// One step of the classical Runge-Kutta method, in the caller's scope.
    let private step (field: ParticleField) (masses: Tensor) (h: float) (cloud: Cloud) : Cloud =
        use scope = Tensors.scope ()
        let f = motion field masses
        let k1 = f cloud
        let k2 = f (along (0.5 * h) k1 cloud)
        let k3 = f (along (0.5 * h) k2 cloud)
        let k4 = f (along h k3 cloud)

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

    /// Values of a scalar field at points.
    let private at (d: int) (field: ScalarField) (points: float[]) : float[] =
        Array.init (points.Length / d) (fun i -> field.Invoke(ReadOnlySpan(points, i * d, d)))

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

            use! field = ParticleField.ofSpectrum 0.0 spectrum data
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

            // Means and products of the learned functions in π itself.
            let law =
                Array.map2 (fun cell p -> cell * exp (p - logZ)) cells potentials
                |> Tensors.ofVector

            let functions = spectrum.Values volumes.Points
            let means = functions.t().mv law

            let gram = functions.t().times(functions * law.unsqueeze 1L) - means.outer means

            let! basis = LinearAlgebra.whiten 1e-10 gram

            let force (points: float[]) =
                let values = Array.zeroCreate points.Length

                for i in 0 .. points.Length / d - 1 do
                    system.Drift.Invoke(ReadOnlySpan(points, i * d, d), Span(values, i * d, d))

                Tensors.ofRows (points.Length / d) values

            let point (time: float) (cloud: Cloud) : DissipationPoint =
                use _ = Tensors.scope ()
                let places = Tensors.toArray cloud.Points
                let logMu = Tensors.toArray cloud.LogDensity
                let logPi = minusV places |> Array.map (fun p -> p - logZ)

                let average f =
                    Seq.fold2 (fun sum w x -> sum + w * x) 0.0 masses f

                let kl = average (Array.map2 (-) logMu logPi)
                let chi = average (Array.map2 (fun m p -> exp (m - p)) logMu logPi) - 1.0
                let now = motion field weights cloud
                // -dKL/dt = ⟨div v + v·∇log π⟩ in μ, for any field v; ∇log π = -∇V/T.
                let along = 1.0 / system.Temperature * (now.Points * force places).sum(1L)

                let rate = (along - now.LogDensity).dot(weights).ToDouble()

                let seen =
                    let c = (spectrum.Values cloud.Points).t().mv(weights) - means
                    let moments = basis.t().mv c
                    moments.dot(moments).ToDouble()

                {
                    Time = time
                    Kl = kl
                    ChiSquared = chi
                    Rate = rate
                    Tail = sqrt (max 0.0 (chi - seen))
                    Mismatch = abs (rate - seen) / chi
                    IdealKl = IdealFlow.kl time ratios masses
                }

            let index = Tensors.ofIndices (kept |> Array.map int64)

            let travel () : DissipationPoint[] =
                let mutable cloud =
                    {
                        Points = volumes.Points.index_select (0L, index)
                        LogDensity = pick starts |> Array.map (fun v -> v - logStart) |> Tensors.ofVector
                    }

                let points = ResizeArray [ point 0.0 cloud ]

                for k in 1..steps do
                    control.Cancellation.ThrowIfCancellationRequested()
                    let before = cloud
                    cloud <- step field weights h before
                    before.Points.Dispose()
                    before.LogDensity.Dispose()

                    if k % every = 0 then
                        points.Add(point (float k * h) cloud)
                        control.Report(float k * h)

                points.ToArray()

            let points = travel ()

            // Neither can be negative, but the quadrature over moved points can make them so.
            if points |> Array.forall (fun p -> p.Kl > -1e-6 && p.ChiSquared > -1e-6) then
                return { Points = points }
            else
                return!
                    KoopmanError.fail
                        ErrorKind.Diverged
                        "The moving points no longer resolve the density: the computed divergence is negative"
                        "Use more points, a shorter step, or a spectrum of fewer and smoother functions"
        }
