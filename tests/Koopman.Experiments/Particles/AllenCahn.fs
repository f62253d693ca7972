namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp
open Koopman.Particles

/// <summary>
/// Stochastic Allen-Cahn fields in equilibrium: π ∝ exp(-β ∫ ½κ|∇u|² + ¼(u²-1)² dx) on a periodic lattice. Two phases of equal mass; the
/// particles start as a Gaussian with the data's mean and covariance, which has none.
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
    /// Samples of the field: Metropolis chains with proposals u' = √(1-s²) m + s ξ that keep a Gaussian of the lattice's stiffness, so that the fine
    /// scales, which are nearly Gaussian, mix immediately. Half of the chains start in each phase, and by the symmetry u → -u the phases keep equal
    /// masses.
    /// </summary>
    let private draw (field: Field) (count: int) (seed: Seed) : Outcome<Samples> =
        use _ = torch.NewDisposeScope()
        use generator = Seed.generator seed
        let target = target field
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
        let noise (n: int64) : Tensor =
            Tensors.keep (fun () ->
                let white =
                    torch.randn (shape field n, dtype = torch.float64, generator = generator)

                let amplitude = white / precision.sqrt ()

                let axes = [| for axis in 1 .. field.Axes -> int64 axis |]
                let spectrum = torch.fft.fftn (amplitude, dim = axes)
                (spectrum.real + spectrum.imag) / sqrt (float field.Count))

        let energyOfNoise (v: Tensor) : Tensor =
            Tensors.keep (fun () ->
                let bend = v * laplacian field v * (-weight * field.Kappa * sites * sites)

                0.5 * (bend + 2.0 * weight * v.square ()).reshape(v.shape[0], -1L).sum(1L))

        let n = int64 count
        let phase = torch.ones (shape field n, dtype = torch.float64)
        Tensors.rows 0 (count / 2) phase |> fun half -> half.neg_ () |> ignore
        // u = ±1 + v; v moves by proposals that keep its Gaussian, and is accepted by the non-Gaussian part of π.
        let v = noise n

        let remainder (v: Tensor) : Tensor =
            Tensors.keep (fun () -> (Target.logDensity target (phase.add(v).reshape(n, -1L))).add(energyOfNoise v))

        let mutable current = remainder v

        for step in 1..120 do
            let s = if step % 3 = 0 then 0.5 else 0.2
            let before = current

            current <-
                Tensors.keep (fun () ->
                    let proposal = sqrt (1.0 - s * s) * v + s * noise n

                    let next = remainder proposal

                    let level = torch.rand([| n |], dtype = torch.float64, generator = generator).log()

                    let taken = (next - before).gt level
                    let mask = taken.reshape (Array.append [| n |] (Array.create field.Axes 1L))
                    v.copy_ (torch.where (mask, proposal, v)) |> ignore
                    torch.where (taken, next, before))

            before.Dispose()

        // The last sign is free, as π is symmetric.
        let order = Seed.permutation count (Seed.derive "order" seed) |> Array.map int64
        let fields = (phase + v).reshape(n, -1L)
        Samples.ofTensor (fields.index_select (0L, torch.tensor (order, dtype = torch.int64)))

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

    let private trial (field: Field) (seed: Seed) : Outcome<Trial> =
        result {
            let exact purpose count =
                draw field count (Seed.derive purpose seed)

            use! data = exact "data" field.Samples
            use! reference = exact "reference" (2 * field.Particles)
            use! independent = exact "independent" field.Particles
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
                    Contenders.searched "ula" [ 0.5 / stiffest ] (fun step ->
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
                    Contenders.samples "floor" (fun () -> exact "floor" field.Particles)
                ]
                |> Contenders.scored data scores

            use! shown = Mixtures.leading field.Leading data wide seed |> Result.map _.Particles

            return
                {
                    Methods = methods
                    Facts = [ "explained", pca.Explained ]
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
            Beta = 12.0
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
            Beta = 20.0
            Samples = 1000
            Particles = 400
            Leading = 8
        }

    let private over (size: Size) (field: Field) =
        Comparison.over
            (size.Choose(5, 1))
            $"{field.Count} sites on a {field.Name}, κ = {field.Kappa}, β = {field.Beta}: {field.Samples} samples, {field.Particles} particles from a Gaussian with the data's mean and covariance. KSWGD moves {field.Leading} principal coordinates. mass: of a phase; pixel TV: of the law of a site's value; trace ratio: of the leading coordinates' covariance."
            (fun _ -> [])
            (trial field)

    /// <summary>For <c>./koopman reproduce allen-cahn</c>.</summary>
    let experiment: Experiment =
        {
            Name = "allen-cahn"
            Summary = "fields with two phases: 32 x 32 sites, and a ring of 64"
            Minutes = 4.0
            Run =
                fun size report seed ->
                    result {
                        let! plane = over size torus (fun p -> report (0.7 * p)) seed
                        let! line = over size ring (fun p -> report (0.7 + 0.3 * p)) seed
                        return Comparison.both "ring" plane line
                    }
        }
