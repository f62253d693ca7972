namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open TorchSharp
open Koopman.Particles

/// <summary>Four Gaussians in many dimensions, of unequal mass: particles start in the rarest, or as one Gaussian.</summary>
[<RequireQualifiedAccess>]
module Mixtures =

    let private samples = 3000
    let private particles = 1000
    let private weights = [| 0.4; 0.3; 0.2; 0.1 |]

    /// The corners of a tetrahedron in the first three coordinates, 4.5 apart; every component has unit covariance.
    let private means (dimension: int) : float[] =
        [|
            [| 1.0; 1.0; 1.0 |]
            [| 1.0; -1.0; -1.0 |]
            [| -1.0; 1.0; -1.0 |]
            [| -1.0; -1.0; 1.0 |]
        |]
        |> Array.collect (fun corner ->
            Array.append (corner |> Array.map (fun v -> 1.6 * v)) (Array.zeroCreate (dimension - 3)))

    let private centres (dimension: int) : Outcome<Samples> =
        Samples.ofValues dimension (means dimension)
        |> Result.bind (fun points ->
            use _ = points
            Samples.withWeights weights points)

    let private draw (dimension: int) (count: int) (seed: Seed) : Outcome<Samples> =
        result {
            use! centres = centres dimension
            return! Bootstrap.jittered 1.0 count seed centres
        }

    /// The component whose mean is nearest.
    let private nearestMean (dimension: int) : float[] -> int =
        let means = means dimension |> Array.chunkBySize dimension

        fun x ->
            means
            |> Array.mapi (fun k mean ->
                let mutable squared = 0.0

                for l in 0..2 do
                    squared <- squared + (x[l] - mean[l]) * (x[l] - mean[l])

                squared, k)
            |> Array.min
            |> snd

    let private shares (dimension: int) (points: Samples) : float[] =
        let counts =
            Samples.values points
            |> Array.chunkBySize dimension
            |> Array.countBy (nearestMean dimension)
            |> Map.ofArray

        Array.init 4 (fun k -> float (counts |> Map.tryFind k |> Option.defaultValue 0) / float points.Count)

    let private scores (dimension: int) (reference: Samples) (independent: Samples) : Score list =
        // Points near a boundary are assigned to the neighbour: the exact fractions are those of many exact samples.
        let exact =
            use many = draw dimension 50_000 (Seed.ofInt 99) |> Outcome.get
            shares dimension many

        Comparison.standard reference independent
        @ [
            {
                Name = "mass_error"
                Of =
                    fun points ->
                        0.5
                        * Array.sum (Array.map2 (fun a b -> abs (a - b)) (shares dimension points) exact)
            }
        ]

    /// Steps of this size suit the many and wide functions of high dimensions; noise of their width would only blur the particles.
    let private flow =
        { ParticleFlow.defaults with
            GuardEvery = 0
            Jitter = 0.0
        }

    /// <summary>Moves the leading principal coordinates of a Gaussian start; each particle keeps its complement.</summary>
    let leading (count: int) (data: Samples) (start: Samples) (seed: Seed) : Outcome<Drawn> =
        result {
            use! pca = Pca.fit count data
            use! inner = Pca.encode pca data
            use! from = Pca.encode pca start

            let! moved =
                Contenders.kswgd ParticleFlow.defaults 1.0 (Manifold.euclidean count) inner from seed

            use coordinates = moved.Particles
            use _ = torch.NewDisposeScope()
            let shift = (coordinates.Points - from.Points).times pca.Components
            let! particles = Samples.ofTensor (start.Points + shift)

            return
                { Drawn.ofFlow moved with
                    Particles = particles
                }
        }

    let private picture (title: string) (points: Samples) : Block =
        let x = Samples.values points |> Array.chunkBySize points.Dimension

        [
            Layer.points 0 "particles" (x |> Array.map (fun x -> x[0])) (x |> Array.map (fun x -> x[1]))
        ]
        |> Figure.create title (Axis.linear "x1" |> Axis.between -5.0 5.0) (Axis.linear "x2" |> Axis.between -5.0 5.0)
        |> Figure.withEqualUnits
        |> Block.Chart

    let private trial (size: Size) (dimension: int) (seed: Seed) : Outcome<Trial> =
        result {
            let exact purpose count =
                draw dimension count (Seed.derive purpose seed)

            use! data = exact "data" samples
            use! reference = exact "reference" (3 * particles)
            use! independent = exact "independent" particles
            use! centres = centres dimension
            use! rarest = Samples.withWeights [| 0.0; 0.0; 0.0; 1.0 |] centres
            use! local = Bootstrap.jittered 0.5 particles (Seed.derive "start" seed) rarest
            use! wide = Samples.gaussianLike particles (Seed.derive "wide" seed) data
            let! target = Target.kernelDensity 1.0 centres

            let chain iterations step : ChainOptions =
                {
                    Step = step
                    Iterations = iterations
                    Leapfrogs = 8
                }

            let space = Manifold.euclidean dimension

            let found = ref None

            let! methods =
                [
                    Contenders.kept found "kswgd" (fun () -> Contenders.kswgd flow 1.0 space data local seed)
                    Contenders.plain "kswgd_leading" (fun () -> leading 3 data wide seed)
                    yield! Contenders.simple space data local seed
                    Contenders.searched "ula" [ 0.02; 0.05; 0.1; 0.2 ] (fun step ->
                        Chains.ula Control.none (chain 600 step) (Seed.derive "ula" seed) space target local)
                    Contenders.searched "mala" [ 0.05; 0.1; 0.2; 0.4 ] (fun step ->
                        Chains.mala Control.none (chain 600 step) (Seed.derive "mala" seed) target local)
                    Contenders.searched "hmc" [ 0.1; 0.3; 0.5 ] (fun step ->
                        Chains.hmc Control.none (chain 75 step) (Seed.derive "hmc" seed) target local)
                    Contenders.searched "svgd" [ 0.02; 0.1; 0.5 ] (fun step ->
                        Svgd.plain
                            Control.none
                            { Svgd.defaults with
                                Step = step
                                Iterations = 100
                            }
                            target
                            local)
                    Contenders.samples "floor" (fun () -> exact "floor" particles)
                ]
                |> Contenders.ofSize size
                |> Contenders.scored data (scores dimension reference independent)

            use shown = found.Value.Value.Particles

            return
                {
                    Methods = methods
                    Facts = []
                    Sections =
                        [
                            {
                                Heading = "Particles"
                                Blocks = [ Block.Beside [ picture "start" local; picture "KSWGD" shown ] ]
                            }
                        ]
                }
        }

    let private experiment (dimension: int) : Experiment =
        {
            Name = $"mixture-{dimension}d"
            Summary = $"four Gaussians in {dimension} dimensions from the rarest of them"
            Minutes = 3.0
            Work =
                Work.InParts(fun size journal ->
                    Comparison.over
                        journal
                        (size.Choose(5, 1))
                        $"{samples} samples, {particles} particles. All start in the component of mass .1, except in the row that moves the three leading principal coordinates of a Gaussian start. Mass error: total variation of the four masses. Chains and SVGD use the score."
                        (fun _ -> [])
                        (trial size dimension))
        }

    /// <summary>For <c>./koopman reproduce mixture-10d</c>.</summary>
    let ten: Experiment = experiment 10

    /// <summary>For <c>./koopman reproduce mixture-50d</c>.</summary>
    let fifty: Experiment = experiment 50
