namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp
open Koopman.Particles

/// <summary>A periodic lattice with the law π ∝ exp(-β ∫ ½κ|∇u|² + ¼(u²-1)² dx) of stochastic Allen-Cahn fields.</summary>
type AllenCahnField =
    {
        /// <summary>Sites along an axis.</summary>
        Sites: int
        /// <summary>1 for a ring, 2 for a torus.</summary>
        Axes: int
        /// <summary>κ.</summary>
        Kappa: float
        /// <summary>β.</summary>
        Beta: float
    }

    /// <summary>The number of sites.</summary>
    member this.Count: int = pown this.Sites this.Axes

/// <summary>The law of stochastic Allen-Cahn fields: its score, Metropolis chains, checked samples, the equation in time, and scores of samples.</summary>
[<RequireQualifiedAccess>]
module AllenCahnField =

    let private shape (field: AllenCahnField) (count: int64) : int64[] =
        Array.append [| count |] (Array.create field.Axes (int64 field.Sites))

    let private axes (field: AllenCahnField) : int64[] =
        [| for axis in 1 .. field.Axes -> int64 axis |]

    /// A function of the eigenvalue |k|² of -Δ, for every wave: (1, sites, ...).
    let private ofWaves (field: AllenCahnField) (f: float -> float) : Tensor =
        let sites = float field.Sites

        let wave (k: int) =
            let s = sin (Math.PI * float k / sites)
            4.0 * sites * sites * s * s

        Array.init field.Count (fun at ->
            if field.Axes = 1 then
                f (wave at)
            else
                f (wave (at / field.Sites) + wave (at % field.Sites)))
        |> Tensors.ofRows 1
        |> fun flat -> flat.reshape (shape field 1L)

    /// Normal fields (n, sites, ...) with this standard deviation of every wave, by real waves (Hartley transform).
    let private filtered (field: AllenCahnField) (n: int64) (generator: torch.Generator) (amplitude: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let white =
                torch.randn (shape field n, dtype = torch.float64, generator = generator)

            let spectrum = torch.fft.fftn (white * amplitude, dim = axes field)
            (spectrum.real + spectrum.imag) / sqrt (float field.Count))

    /// A linear map of fields (n, count) that multiplies every wave by a real factor, in place of a convolution.
    let private multiplied (field: AllenCahnField) (factor: Tensor) (u: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let spectrum = torch.fft.fftn (u.reshape (shape field u.shape[0]), dim = axes field)
            torch.fft.ifftn(spectrum * factor, dim = axes field).real.reshape u.shape)

    /// The precision β(κ|k|² + 2)/count of each wave of the Gaussian around a phase: the curvature in the wells is 2.
    let private precision (field: AllenCahnField) : Tensor =
        ofWaves field (fun k2 -> field.Beta / float field.Count * (field.Kappa * k2 + 2.0))

    /// Σ over axes of u_{i+1} + u_{i-1} - 2u.
    let private laplacian (field: AllenCahnField) (u: Tensor) : Tensor =
        let sum = -2.0 * float field.Axes * u

        for axis in 1 .. field.Axes do
            sum.add_(u.roll (1L, int64 axis)).add_(u.roll (-1L, int64 axis)) |> ignore

        sum

    /// Gradient and potential couple through h^Axes ∫ and 1/h²: a site has weight 1/count, and differences are over 1/sites.
    let target (field: AllenCahnField) : Target =
        let weight = field.Beta / float field.Count
        let stiffness = weight * field.Kappa * float (field.Sites * field.Sites)

        let lattice (points: Tensor) =
            points.reshape (shape field points.shape[0])

        let logDensity (points: Tensor) : Tensor =
            Tensors.keep (fun () ->
                let u = lattice points
                // ½ Σ |∇u|² = -½ Σ u Δu on a periodic lattice.
                let bending = u.mul(laplacian field u).mul(Tensors.num (0.5 * stiffness))
                let well = u.mul(u).sub(Tensors.num 1.0).square().mul(Tensors.num (-0.25 * weight))
                bending.add(well).reshape(points.shape).sum 1L)

        let score (points: Tensor) : Tensor =
            Tensors.keep (fun () ->
                let u = lattice points
                let reaction = u.mul(u).sub(Tensors.num 1.0).mul(u).mul(Tensors.num -weight)
                (laplacian field u).mul(Tensors.num stiffness).add(reaction).reshape(points.shape))

        Target.create field.Count logDensity score

    /// <summary>
    /// Metropolis chains of the field's law, one per row, moved in place: proposals √(1-s²)(u-p) + p + s ξ that keep a Gaussian of the lattice's
    /// stiffness around a phase p = ±1, so that the fine scales, which are nearly Gaussian, mix at once (pCN); and shifts of the
    /// whole field, which mix its mean.
    /// </summary>
    let walk (field: AllenCahnField) (steps: int) (generator: torch.Generator) (u: Tensor) : unit =
        use _ = torch.NewDisposeScope()
        let target = target field
        let n = u.shape[0]
        let weight = field.Beta / float field.Count
        let precision = precision field
        let amplitude = precision.rsqrt ()

        let noise () =
            (filtered field n generator amplitude).reshape(n, -1L)

        /// Its energy.
        let gaussian (v: Tensor) : Tensor =
            Tensors.keep (fun () ->
                let lattice = v.reshape (shape field n)

                let bend =
                    lattice
                    * laplacian field lattice
                    * (-weight * field.Kappa * float (field.Sites * field.Sites))

                0.5 * (bend + 2.0 * weight * lattice.square ()).reshape(n, -1L).sum(1L))

        let accept (proposal: Tensor) (logRatio: Tensor) : unit =
            let level = torch.rand([| n |], dtype = torch.float64, generator = generator).log()
            let taken = logRatio.gt(level).unsqueeze 1L
            u.copy_ (torch.where (taken, proposal, u)) |> ignore

        for step in 0 .. steps - 1 do
            use _ = torch.NewDisposeScope()
            let phase = if step % 2 = 0 then 1.0 else -1.0
            let s = [| 0.2; 0.5; 0.1 |][step / 2 % 3]
            let before = u - phase
            let after = sqrt (1.0 - s * s) * before + s * noise ()

            accept
                (after + phase)
                (Target.logDensity target (after + phase) + gaussian after
                 - Target.logDensity target u
                 - gaussian before)

            let size = [| 0.1; 0.5 |][step % 2]

            let shifted =
                u + size * torch.randn (n, 1L, dtype = torch.float64, generator = generator)

            accept shifted (Target.logDensity target shifted - Target.logDensity target u)

    /// <summary>
    /// Chains with the score, one per row, moved in place: steps of the Langevin equation preconditioned by the inverse of the Gaussian's precision C, u + h C ∇log π + √(2h) C^½ ξ,
    /// accepted or rejected as a whole.
    /// </summary>
    let preconditionedMala
        (field: AllenCahnField)
        (h: float)
        (steps: int)
        (generator: torch.Generator)
        (u: Tensor)
        : unit =
        use _ = torch.NewDisposeScope()
        let target = target field
        let n = u.shape[0]
        let precision = precision field
        let amplitude = precision.rsqrt ()

        let ahead (x: Tensor) =
            x + h * multiplied field (precision.reciprocal ()) (Target.score target x)

        /// log q(to | from) up to a constant.
        let transition (from: Tensor) (until: Tensor) : Tensor =
            let gap = until - ahead from
            -(gap * multiplied field precision gap).sum(1L) / (4.0 * h)

        for _ in 1..steps do
            use _ = torch.NewDisposeScope()
            let noise = (filtered field n generator amplitude).reshape(n, -1L)
            let proposal = ahead u + sqrt (2.0 * h) * noise

            let logRatio =
                Target.logDensity target proposal - Target.logDensity target u
                + transition proposal u
                - transition u proposal

            let level = torch.rand([| n |], dtype = torch.float64, generator = generator).log()
            u.copy_ (torch.where (logRatio.gt(level).unsqueeze 1L, proposal, u)) |> ignore

    /// <summary>
    /// The stochastic Allen-Cahn equation du = (κΔu + u - u³) dt + √(2/β) dW with white noise in space and time, whose law in equilibrium is π. Fields (n, count)
    /// are moved in place by symmetric splitting: 3u - u³, whose flow is known, for half a step; κΔu - 2u and the noise exactly, wave by wave;
    /// 3u - u³ again.
    /// </summary>
    let evolve (field: AllenCahnField) (h: float) (steps: int) (generator: torch.Generator) (u: Tensor) : unit =
        use _ = torch.NewDisposeScope()
        let n = u.shape[0]
        // The linear part has the curvature 2 of the wells, so that fine waves, which only feel that, have their exact law at any step.
        let rate (k2: float) = field.Kappa * k2 + 2.0
        let decay = ofWaves field (fun k2 -> exp (-h * rate k2))

        let amplitude =
            ofWaves field (fun k2 ->
                let variance = (1.0 - exp (-2.0 * h * rate k2)) / (2.0 * rate k2)
                sqrt (variance * 2.0 * float field.Count / field.Beta))

        let shrink = exp (-3.0 * h)

        let react (x: Tensor) : Tensor =
            x / (shrink + (1.0 - shrink) / 3.0 * x.square ()).sqrt()

        for _ in 1..steps do
            use _ = torch.NewDisposeScope()
            let noise = (filtered field n generator amplitude).reshape(n, -1L)
            u.copy_ (react (multiplied field decay (react u) + noise)) |> ignore

    /// The mean of every field.
    let means (fields: Tensor) : float[] =
        Tensors.within (fun () -> Tensors.toArray (fields.mean [| 1L |]))

    /// The potential scale reduction of Gelman and Rubin for two groups of independent values.
    let private scaleReduction (one: float[]) (other: float[]) : float =
        let within =
            0.5
            * (MathNet.Numerics.Statistics.Statistics.Variance one
               + MathNet.Numerics.Statistics.Statistics.Variance other)

        let between = 0.5 * (Array.average one - Array.average other) ** 2.0
        sqrt ((within + between) / within)

    /// <summary>
    /// Independent samples of the field, and how far two starts have forgotten where they began: half of the chains start as one phase, half as noise
    /// around 0; the scale reduction of |mean| is 1 if both agree. By the symmetry u → -u every sign is free.
    /// </summary>
    let drawChecked (field: AllenCahnField) (steps: int) (count: int) (seed: Seed) : Outcome<Samples * float> =
        use _ = torch.NewDisposeScope()
        use generator = Seed.generator seed
        let fields = torch.zeros (int64 count, int64 field.Count, dtype = torch.float64)
        let half = count / 2
        (Tensors.rows 0 half fields).fill_(Tensors.num 1.0) |> ignore
        let rest = Tensors.rows half (count - half) fields
        rest.normal_ (0.0, 0.3, generator) |> ignore
        walk field steps generator fields
        let size (t: Tensor) = means t |> Array.map abs
        let reduction = scaleReduction (size (Tensors.rows 0 half fields)) (size rest)

        let sign =
            2.0
            * torch.randint (2L, [| int64 count; 1L |], dtype = torch.float64, generator = generator)
            - 1.0

        let order = Seed.permutation count (Seed.derive "order" seed) |> Array.map int64

        Samples.ofTensor ((fields * sign).index_select(0L, torch.tensor (order, dtype = torch.int64)))
        |> Result.map (fun samples -> samples, reduction)

    let private mean (points: Samples) : float[] =
        use average = points.Points.mean [| 1L |]
        Tensors.toArray average

    /// The law of all sites' values in 60 bins.
    let private histogram (points: Samples) : float[] =
        use counts = points.Points.histc (60L, -3L, 3L)
        let counts = Tensors.toArray counts
        let total = Array.sum counts
        counts |> Array.map (fun c -> c / total)

    let private trace (pca: Pca) (points: Samples) : float =
        use inner = Pca.encode pca points |> Outcome.get
        use covariance = Samples.covariance inner
        use diagonal = covariance.diagonal ()
        Tensors.toArray diagonal |> Array.sum

    let scores (reference: Samples) (independent: Samples) (pca: Pca) : Score list =
        let exact = histogram reference
        let whole = trace pca reference

        Comparison.standard reference independent
        @ [
            {
                Name = "mass_error"
                Of = fun points -> abs ((mean points |> Array.averageBy (fun m -> if m > 0.0 then 1.0 else 0.0)) - 0.5)
            }
            {
                Name = "trace_ratio"
                Of = fun points -> trace pca points / whole
            }
            {
                Name = "pixel_tv"
                Of = fun points -> 0.5 * Array.sum (Array.map2 (fun a b -> abs (a - b)) (histogram points) exact)
            }
        ]

    let pictures (field: AllenCahnField) (title: string) (points: Samples) : Block =
        if field.Axes = 2 then
            let options =
                { ImagePlot.defaults with
                    Across = 8
                    Down = 2
                    Black = -1.5
                    White = 1.5
                }

            ImagePlot.ofSamples options title field.Sites field.Sites points |> Block.Chart
        else
            [ Layer.histogram 0 title 50 (mean points) ]
            |> Figure.create title (Axis.linear "mean of the field") (Axis.linear "density")
            |> Block.Chart

    /// <summary>The share of fields between the phases.</summary>
    let betweenPhases (fields: Samples) : float =
        means fields.Points
        |> Array.averageBy (fun m -> if abs m < 0.3 then 1.0 else 0.0)

    /// <summary>The method of 600 steps of ULA with the exact score; its step is in units of the stiffest wave.</summary>
    let ula (field: AllenCahnField) (start: Samples) (seed: Seed) : Method =
        let stiffest =
            field.Beta / float field.Count
            * (4.0 * float field.Axes * field.Kappa * float (field.Sites * field.Sites) + 2.0)

        Contenders.searched "ula" [ 0.1 / stiffest; 0.5 / stiffest; 1.0 / stiffest ] (fun step ->
            Chains.ula
                Control.none
                { Chains.defaults with
                    Step = step
                    Iterations = 600
                }
                (Seed.derive "ula" seed)
                (Manifold.euclidean field.Count)
                (target field)
                start)

    /// <summary>The method of 60 steps of chains that move fields in place, at one of these steps.</summary>
    let chained
        (name: string)
        (steps: float list)
        (walk: float -> int -> torch.Generator -> Tensor -> unit)
        (start: Samples)
        (seed: Seed)
        : Method =
        let iterations = 60

        {
            Name = name
            Steps = steps
            Draw =
                fun step ->
                    use generator = Seed.generator (Seed.derive name seed)
                    use moved = start.Points.clone ()
                    walk step iterations generator moved

                    Samples.ofTensor moved
                    |> Result.map (fun particles ->
                        { Drawn.plain particles with
                            Iterations = iterations
                        })
        }
