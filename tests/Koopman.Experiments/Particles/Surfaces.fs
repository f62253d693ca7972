namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp
open Koopman.Particles

/// <summary>Particles on curved surfaces, started in one spot.</summary>
[<RequireQualifiedAccess>]
module Surfaces =

    /// The parts of an experiment on a surface.
    [<NoComparison; NoEquality>]
    type private Surface =
        {
            Manifold: Manifold
            /// Exact samples.
            Draw: int -> Seed -> Outcome<Samples>
            /// Particles in one spot.
            Start: int -> Seed -> Outcome<Samples>
            Samples: int
            Particles: int
            /// Scores beyond the standard ones.
            Further: Score list
        }

    let private normalised (count: int) (dimension: int) (seed: Seed) : Outcome<Samples> =
        use noise = Seed.normal [| int64 count; int64 dimension |] seed
        use lengths = noise.norm (1, true)
        use unit = noise / lengths
        Samples.ofTensor unit

    let private uniform (count: int) (columns: int) (seed: Seed) : float[][] =
        use u = Seed.uniform [| int64 count; int64 columns |] seed
        Tensors.toArray u |> Array.chunkBySize columns

    /// A cap around the last axis: the last coordinate above a level.
    let private cap (dimension: int) (level: float) (count: int) (seed: Seed) : Outcome<Samples> =
        result {
            use! many = normalised (400 * count) dimension seed

            return!
                Samples.values many
                |> Array.chunkBySize dimension
                |> Array.filter (fun x -> x[dimension - 1] > level)
                |> Array.truncate count
                |> Array.concat
                |> Samples.ofValues dimension
        }

    /// Around the last pole, about this angle away from it. In many dimensions no uniform draw comes near the pole.
    let private aroundPole (dimension: int) (angle: float) (count: int) (seed: Seed) : Outcome<Samples> =
        Tensors.within (fun () ->
            let around =
                Seed.normal [| int64 count; int64 dimension |] seed
                * (angle / sqrt (float dimension)).ToScalar()

            let pole = torch.zeros (int64 dimension, dtype = torch.float64)
            pole[dimension - 1] <- torch.tensor 1.0
            let points = around + pole
            Samples.ofTensor (points / points.norm (1, true)))

    let private flat (dimension: int) : Target =
        Target.create dimension (fun x -> torch.zeros (x.shape[0], dtype = torch.float64)) (fun x -> torch.zeros_like x)

    let private picture (title: string) (samples: Samples) : Block =
        let x = Samples.values samples |> Array.chunkBySize samples.Dimension
        let last = samples.Dimension - 1

        [
            Layer.points 0 "particles" (x |> Array.map (fun x -> x[0])) (x |> Array.map (fun x -> x[last]))
        ]
        |> Figure.create title (Axis.linear "x") (Axis.linear (if last = 1 then "y" else "z"))
        |> Figure.withEqualUnits
        |> Block.Chart

    let private trial (size: Size) (surface: Surface) (seed: Seed) : Outcome<Trial> =
        result {
            let draw purpose count =
                surface.Draw count (Seed.derive purpose seed)

            use! data = draw "data" surface.Samples
            use! reference = draw "reference" (2 * surface.Particles)
            use! independent = draw "independent" surface.Particles
            use! start = surface.Start surface.Particles (Seed.derive "start" seed)
            let scores = Comparison.standard reference independent @ surface.Further

            let found = ref None

            let ours =
                Contenders.kept found "kswgd" (fun () ->
                    Contenders.kswgd ParticleFlow.defaults 1.0 surface.Manifold data start seed)

            let! methods =
                (Contenders.ofData ParticleFlow.defaults 1.0 surface.Manifold data start seed
                 |> List.map (fun method -> if method.Name = ours.Name then ours else method))
                @ [
                    Contenders.samples "start" (fun () -> Samples.take surface.Particles start)
                    Contenders.searched "ula" [ 0.005; 0.02; 0.05 ] (fun step ->
                        Chains.ula
                            Control.none
                            { Chains.defaults with
                                Step = step
                                Iterations = 500
                            }
                            (Seed.derive "ula" seed)
                            surface.Manifold
                            (flat data.Dimension)
                            start)
                    Contenders.samples "raw" (fun () -> Samples.take surface.Samples data)
                    Contenders.samples "floor" (fun () -> draw "floor" surface.Particles)
                ]
                |> Contenders.ofSize size
                |> Contenders.scored data scores

            let flow = found.Value.Value
            use particles = flow.Particles

            return
                {
                    Methods = methods
                    Facts =
                        [
                            "energy_ratio", flow.EnergyRatio
                            "snapped", float flow.Snapped
                            "warnings", float flow.Warnings.Length
                        ]
                    Sections =
                        [
                            {
                                Heading = "Particles"
                                Blocks =
                                    [
                                        Block.Beside [ picture "start" start; picture "KSWGD" particles ]
                                        for warning in flow.Warnings do
                                            Block.Paragraph $"KSWGD warns: {warning}"
                                    ]
                            }
                        ]
                }
        }

    let private experiment (name: string) (summary: string) (surface: Outcome<Surface>) : Experiment =
        {
            Name = name
            Summary = summary
            Minutes = 1.0
            Work =
                Work.InParts(fun size journal report seed ->
                    result {
                        let! surface = surface

                        return!
                            Comparison.over
                                journal
                                (size.Choose(5, 1))
                                $"{surface.Manifold}: {surface.Samples} samples of the surface measure, {surface.Particles} particles from one spot. ULA uses the exact law."
                                (fun _ -> [])
                                (trial size surface)
                                report
                                seed
                    })
        }

    /// The distance of the mean from its exact value 0.
    let private meanError: Score =
        {
            Name = "mean_error"
            Of =
                fun particles ->
                    use mean = Samples.mean particles
                    use length = mean.norm ()
                    length.ToDouble()
        }

    /// The distance of the second moments from their exact value, the identity over d, in the Frobenius norm.
    let private momentError: Score =
        {
            Name = "moment_error"
            Of =
                fun particles ->
                    use _ = torch.NewDisposeScope()
                    let points = particles.Points
                    let moments = points.t().mm(points) / float particles.Count

                    let exact =
                        torch.eye (points.shape[1], dtype = torch.float64) / float points.shape[1]

                    (moments - exact).norm().ToDouble()
        }

    let private onSphere (dimension: int) (start: int -> Seed -> Outcome<Samples>) (samples: int) (particles: int) =
        Manifold.sphere 1.0 dimension
        |> Result.map (fun manifold ->
            {
                Manifold = manifold
                Draw = fun count seed -> normalised count dimension seed
                Start = start
                Samples = samples
                Particles = particles
                Further = [ meanError ]
            })

    /// <summary>For <c>./koopman reproduce circle</c>.</summary>
    let circle: Experiment =
        experiment "circle" "particles on the circle from an arc of 36 degrees" (onSphere 2 (cap 2 0.95) 500 700)

    /// <summary>For <c>./koopman reproduce sphere</c>.</summary>
    let sphere: Experiment =
        experiment "sphere" "particles on the sphere from a polar cap" (onSphere 3 (cap 3 0.9) 800 1000)

    let private ofMany (dimension: int) (minutes: float) : Experiment =
        onSphere dimension (aroundPole dimension 0.3) 2000 1000
        |> Result.map (fun surface ->
            { surface with
                Further = [ meanError; momentError ]
            })
        |> experiment
            $"sphere-{dimension}"
            $"particles on the unit sphere of {dimension} dimensions from a spot around a pole"
        |> fun made -> { made with Minutes = minutes }

    /// <summary>For <c>./koopman reproduce sphere-10</c>.</summary>
    let ten: Experiment = ofMany 10 2.0

    /// <summary>For <c>./koopman reproduce sphere-100</c>.</summary>
    let hundred: Experiment = ofMany 100 4.0

    let private major = 2.0
    let private minor = 0.8

    let private place (theta: float) (phi: float) : float[] =
        let rho = major + minor * cos phi
        [| rho * cos theta; rho * sin theta; minor * sin phi |]

    /// Uniform on the surface: φ has density ∝ R + r cos φ.
    let private onTorus (count: int) (seed: Seed) : Outcome<Samples> =
        uniform (4 * count) 3 seed
        |> Array.filter (fun u -> u[2] < (major + minor * cos (2.0 * Math.PI * u[1])) / (major + minor))
        |> Array.truncate count
        |> Array.collect (fun u -> place (2.0 * Math.PI * u[0]) (2.0 * Math.PI * u[1]))
        |> Samples.ofValues 3

    let private patch (count: int) (seed: Seed) : Outcome<Samples> =
        uniform count 2 seed
        |> Array.collect (fun u -> place (0.6 * u[0] - 0.3) (0.5 * Math.PI + 0.6 * u[1] - 0.3))
        |> Samples.ofValues 3

    /// Total variation between the law of φ in 40 bins and the exact one.
    let private phiTv (particles: Samples) : float =
        let bins = 40
        let width = 2.0 * Math.PI / float bins

        let counts =
            Samples.values particles
            |> Array.chunkBySize 3
            |> Array.countBy (fun x ->
                let phi = atan2 x[2] (sqrt (x[0] * x[0] + x[1] * x[1]) - major)
                min (bins - 1) (int ((phi + Math.PI) / width)))
            |> Map.ofArray

        0.5
        * Seq.sum
            [
                for k in 0 .. bins - 1 ->
                    let a = -Math.PI + width * float k
                    let b = a + width
                    let exact = (major * width + minor * (sin b - sin a)) / (2.0 * Math.PI * major)
                    let count = counts |> Map.tryFind k |> Option.defaultValue 0
                    abs (float count / float particles.Count - exact)
            ]

    /// <summary>For <c>./koopman reproduce torus</c>.</summary>
    let torus: Experiment =
        Manifold.torus major minor
        |> Result.map (fun manifold ->
            {
                Manifold = manifold
                Draw = onTorus
                Start = patch
                Samples = 800
                Particles = 2000
                Further = [ { Name = "phi_tv"; Of = phiTv } ]
            })
        |> experiment "torus" "particles on the torus of radii 2 and .8 from a patch"
