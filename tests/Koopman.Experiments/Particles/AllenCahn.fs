namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp
open Koopman.Particles

/// <summary>
/// Stochastic Allen-Cahn fields in equilibrium: π ∝ exp(-β ∫ ½κ|∇u|² + ¼(u²-1)² dx) on a periodic lattice, at parameters with two phases of equal
/// mass. The particles start as a Gaussian with the data's mean and covariance, which has none. The exact samples come from chains of two
/// starts, and every run says how far these agree.
/// </summary>
[<RequireQualifiedAccess>]
module AllenCahn =

    /// A lattice with its energy.
    type private Field =
        {
            Name: string
            /// Sites along an axis, and axes: 1 for a ring, 2 for a torus.
            Sites: int
            Axes: int
            Kappa: float
            Beta: float
            Samples: int
            Particles: int
            /// Principal coordinates moved by the flow.
            Leading: int
        }

        member this.Count: int = pown this.Sites this.Axes

    let private shape (field: Field) (count: int64) : int64[] =
        Array.append [| count |] (Array.create field.Axes (int64 field.Sites))

    /// Σ over axes of u_{i+1} + u_{i-1} - 2u.
    let private laplacian (field: Field) (u: Tensor) : Tensor =
        let sum = -2.0 * float field.Axes * u

        for axis in 1 .. field.Axes do
            sum.add_(u.roll (1L, int64 axis)).add_(u.roll (-1L, int64 axis)) |> ignore

        sum

    /// Gradient and potential couple through h^Axes ∫ and 1/h²: a site has weight 1/count, and differences are over 1/sites.
    let private target (field: Field) : Target =
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
    let private walk (field: Field) (steps: int) (generator: torch.Generator) (u: Tensor) : unit =
        use _ = torch.NewDisposeScope()
        let target = target field
        let n = u.shape[0]
        let sites = float field.Sites
        let weight = field.Beta / float field.Count
        // The Gaussian with precision β(κ|k|² + 2)/count for each wave: the curvature in the wells is 2.
        let wave (k: int) =
            let s = sin (Math.PI * float k / sites)
            4.0 * sites * sites * s * s

        let precision =
            Array.init field.Count (fun at ->
                let k2 =
                    if field.Axes = 1 then
                        wave at
                    else
                        wave (at / field.Sites) + wave (at % field.Sites)

                weight * (field.Kappa * k2 + 2.0))
            |> Tensors.ofRows 1
            |> fun flat -> flat.reshape (shape field 1L)

        /// A draw from that Gaussian, in real waves (Hartley transform).
        let noise () : Tensor =
            Tensors.keep (fun () ->
                let white =
                    torch.randn (shape field n, dtype = torch.float64, generator = generator)

                let axes = [| for axis in 1 .. field.Axes -> int64 axis |]
                let spectrum = torch.fft.fftn (white / precision.sqrt (), dim = axes)
                ((spectrum.real + spectrum.imag) / sqrt (float field.Count)).reshape(n, -1L))

        /// Its energy.
        let gaussian (v: Tensor) : Tensor =
            Tensors.keep (fun () ->
                let lattice = v.reshape (shape field n)

                let bend =
                    lattice * laplacian field lattice * (-weight * field.Kappa * sites * sites)

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

    /// The mean of every field.
    let private means (fields: Tensor) : float[] =
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
    let private drawChecked (field: Field) (steps: int) (count: int) (seed: Seed) : Outcome<Samples * float> =
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

    let private scores (reference: Samples) (independent: Samples) (pca: Pca) : Score list =
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

    let private pictures (field: Field) (title: string) (points: Samples) : Block =
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

    /// The steps of the chain among the methods.
    let private chain = 60

    /// The steps of the chains behind the exact samples.
    let private steps = 600

    let private trial (field: Field) (seed: Seed) : Outcome<Trial> =
        result {
            let sizes = [ field.Samples; 2 * field.Particles; field.Particles; field.Particles ]

            let! all, reduction =
                drawChecked field steps (List.sum sizes) (Seed.derive "exact" seed)

            use all = all

            let part (k: int) =
                let start = sizes |> List.take k |> List.sum
                Samples.pick [| start .. start + sizes[k] - 1 |] all

            use! data = part 0
            use! reference = part 1
            use! independent = part 2
            use! wide = Samples.gaussianLike field.Particles (Seed.derive "wide" seed) data
            use! pca = Pca.fit field.Leading data
            let scores = scores reference independent pca
            let target = target field
            // Steps in units of the stiffest wave.
            let stiffest =
                field.Beta / float field.Count
                * (4.0 * float field.Axes * field.Kappa * float (field.Sites * field.Sites) + 2.0)

            let! methods =
                [
                    Contenders.plain "kswgd" (fun () -> Mixtures.leading field.Leading data wide seed)
                    Contenders.samples "bootstrap" (fun () ->
                        Bootstrap.draw field.Particles (Seed.derive "bootstrap" seed) data)
                    Contenders.samples "start" (fun () -> Samples.take field.Particles wide)
                    Contenders.searched "ula" [ 0.1 / stiffest; 0.5 / stiffest; 1.0 / stiffest ] (fun step ->
                        Chains.ula
                            Control.none
                            { Chains.defaults with
                                Step = step
                                Iterations = 600
                            }
                            (Seed.derive "ula" seed)
                            (Manifold.euclidean field.Count)
                            target
                            wide)
                    Contenders.plain "pcn" (fun () ->
                        use generator = Seed.generator (Seed.derive "pcn" seed)
                        use fields = wide.Points.clone ()
                        walk field chain generator fields

                        Samples.ofTensor fields
                        |> Result.map (fun particles ->
                            { Drawn.plain particles with
                                Iterations = chain
                            }))
                    Contenders.samples "floor" (fun () -> part 3)
                ]
                |> Contenders.scored data scores

            use! shown = Mixtures.leading field.Leading data wide seed |> Result.map _.Particles

            return
                {
                    Methods = methods
                    Facts =
                        [
                            "explained", pca.Explained
                            "scale_reduction", reduction
                            "between_phases",
                            means reference.Points
                            |> Array.averageBy (fun m -> if abs m < 0.3 then 1.0 else 0.0)
                        ]
                    Sections =
                        [
                            {
                                Heading = "Fields"
                                Blocks =
                                    [
                                        pictures field "The Gaussian start." wide
                                        pictures field "KSWGD." shown
                                        pictures field "Exact samples." independent
                                    ]
                            }
                        ]
                }
        }

    let private ring: Field =
        {
            Name = "ring"
            Sites = 64
            Axes = 1
            Kappa = 0.03
            Beta = 40.0
            Samples = 3000
            Particles = 1000
            Leading = 4
        }

    let private torus: Field =
        {
            Name = "torus"
            Sites = 32
            Axes = 2
            Kappa = 0.05
            Beta = 60.0
            Samples = 1000
            Particles = 400
            Leading = 8
        }

    let private over (size: Size) (journal: Journal) (field: Field) =
        Comparison.over
            journal
            (size.Choose(5, 1))
            $"{field.Count} sites on a {field.Name}, κ = {field.Kappa}, β = {field.Beta}: {field.Samples} samples, {field.Particles} particles from a Gaussian with the data's mean and covariance. KSWGD moves {field.Leading} principal coordinates. mass: of a phase; pixel TV: of the law of a site's value; trace ratio: of the leading coordinates' covariance."
            (fun _ -> [])
            (trial field)

    /// <summary>Samples of the ring and their scale reduction, after some steps of the chains; the experiment takes 600.</summary>
    let ofRing (steps: int) (count: int) (seed: Seed) : Outcome<Samples * float> = drawChecked ring steps count seed

    /// <summary>For <c>./koopman reproduce allen-cahn</c>.</summary>
    let experiment: Experiment =
        {
            Name = "allen-cahn"
            Summary = "fields with two phases: 32 x 32 sites (16 x 16 in a quick run), and a ring of 64"
            Minutes = 15.0
            Work =
                Work.InParts(fun size journal report seed ->
                    result {
                        let! plane =
                            over
                                size
                                (journal.Within "torus")
                                { torus with
                                    Sites = size.Choose(32, 16)
                                }
                                (fun p -> report (0.7 * p))
                                seed

                        let! line =
                            over size (journal.Within "ring") ring (fun p -> report (0.7 + 0.3 * p)) seed

                        return Comparison.both "ring" plane line
                    })
        }
