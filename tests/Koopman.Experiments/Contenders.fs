namespace Koopman.Experiments

open TorchSharp
open Koopman
open Koopman.Cli
open Koopman.Particles

/// <summary>The run lengths of the methods with a known score; each chooses its step among several.</summary>
type ContenderSettings =
    {
        Ula: ChainOptions
        Mala: ChainOptions
        Hmc: ChainOptions
        Svgd: SvgdOptions
        Lawgd: LawgdOptions
        /// <summary>Settings of KSWGD, DMPS and LAWGD.</summary>
        Flow: ParticleOptions
    }

/// <summary>All methods on one system, from one start.</summary>
[<RequireQualifiedAccess>]
module Contenders =

    /// <summary>500 iterations of ULA and MALA, 100 of HMC with 5 leapfrog steps, 200 of SVGD: each at least the processor time of KSWGD.</summary>
    let defaults: ContenderSettings =
        {
            Ula =
                { Chains.defaults with
                    Iterations = 500
                }
            Mala =
                { Chains.defaults with
                    Iterations = 500
                }
            Hmc =
                { Chains.defaults with
                    Iterations = 100
                    Leapfrogs = 5
                }
            Svgd = { Svgd.defaults with Iterations = 200 }
            Lawgd = { Lawgd.defaults with Nodes = 80 }
            Flow = ParticleFlow.defaults
        }

    /// <summary>A method without a step to choose.</summary>
    let plain (name: string) (draw: unit -> Outcome<Drawn>) : Method =
        {
            Name = name
            Steps = [ nan ]
            Draw = fun _ -> draw ()
        }

    /// <summary>A flow of particles, whose result is also kept, for charts and facts. The caller frees its particles.</summary>
    let kept (found: ParticleResult option ref) (name: string) (flow: unit -> Outcome<ParticleResult>) : Method =
        plain name (fun () ->
            flow ()
            |> Result.bind (fun flow ->
                found.Value <- Some flow

                Samples.take flow.Particles.Count flow.Particles
                |> Result.map (fun copy ->
                    { Drawn.ofFlow flow with
                        Particles = copy
                    })))

    /// <summary>A method that draws samples directly.</summary>
    let samples (name: string) (draw: unit -> Outcome<Samples>) : Method =
        plain name (draw >> Result.map Drawn.plain)

    /// <summary>A method that chooses its step.</summary>
    let searched (name: string) (steps: float list) (draw: float -> Outcome<SamplerResult>) : Method =
        {
            Name = name
            Steps = steps
            Draw = draw >> Result.map Drawn.ofSampler
        }

    let private flowed (result: Outcome<ParticleResult>) : Outcome<Drawn> = result |> Result.map Drawn.ofFlow

    /// <summary>KSWGD with its defaults: Gaussians over the data, all modes, flow and jitter.</summary>
    let kswgd
        (options: ParticleOptions)
        (temperature: float)
        (manifold: Manifold)
        (data: Samples)
        (start: Samples)
        (seed: Seed)
        : Outcome<ParticleResult> =
        if Manifold.dimension manifold = Manifold.ambient manifold then
            ParticleFlow.sampleFrom Control.none options seed data start
        else
            result {
                use! inner =
                    Observables.gaussiansOver
                        { Observables.automatic with
                            Seed = seed
                        }
                        data

                use! along = Manifold.observables manifold inner
                use! field = ParticleField.fullRank 0.0 temperature along data
                return! ParticleFlow.follow Control.none options (Seed.derive "jitter" seed) manifold field data start
            }

    /// DMPS with all modes that its kernel resolves.
    let rec private dmps options temperature manifold (data: Samples) start seed (modes: int) =
        let map =
            { DiffusionMap.defaults with
                Modes = modes
                Temperature = temperature
            }

        match Dmps.run Control.none map { options with Jitter = 0.0 } seed manifold data start with
        | Error error when error.Kind <> ErrorKind.Diverged && modes > 5 ->
            dmps options temperature manifold data start seed (modes / 2)
        | found -> found

    /// Systematic draws: each of the data as often as its weight requires, to within one. With equal weights none is repeated before all are used.
    let private dealt (count: int) (seed: Seed) (data: Samples) : Outcome<Samples> =
        let order = Seed.permutation data.Count (Seed.derive "deal" seed)
        let weights = Tensors.toArray data.Weights
        let sums = (0.0, order) ||> Array.scan (fun sum i -> sum + weights[i])
        let total = Array.last sums
        let mutable at = 0

        let chosen =
            Array.init count (fun k ->
                let level = total * (float k + 0.5) / float count

                while at < order.Length - 1 && sums[at + 1] <= level do
                    at <- at + 1

                order[at])

        Samples.pick chosen data

    /// <summary>
    /// The width of a kernel density by twofold likelihood cross-validation, on at most 2,000 of the
    /// data, among 24 widths from 1 % of the typical deviation to all of it.
    /// </summary>
    let kernelWidth (seed: Seed) (all: Samples) : Outcome<float> =
        result {
            use! data = dealt (min all.Count 2000) (Seed.derive "width" seed) all
            let order = Seed.permutation data.Count (Seed.derive "halves" seed)
            let half = data.Count / 2
            use! one = Samples.pick order[.. half - 1] data
            use! other = Samples.pick order[half..] data

            use covariance = Samples.covariance data
            use trace = covariance.trace ()
            let deviation = sqrt (trace.ToDouble() / float data.Dimension)

            let likelihood (width: float) (centres: Samples) (points: Samples) =
                Target.kernelDensity width centres
                |> Result.map (fun target ->
                    use values = Target.logDensity target points.Points
                    use sum = values.sum ()
                    sum.ToDouble() - float (points.Count * data.Dimension) * log width)

            let! scored =
                [ 0..23 ]
                |> Outcome.collect (fun k ->
                    let width = deviation * 10.0 ** (-2.0 + 2.0 * float k / 23.0)

                    result {
                        let! a = likelihood width one other
                        let! b = likelihood width other one
                        return width, a + b
                    })

            return scored |> List.maxBy snd |> fst
        }

    /// <summary>
    /// The simplest methods that need only the data: draws with repetition and without, and a kernel density of the best likelihood, drawn from
    /// exactly (the smoothed bootstrap), by Langevin steps and by SVGD.
    /// </summary>
    let simple (manifold: Manifold) (data: Samples) (start: Samples) (seed: Seed) : Method list =
        // The samplers visit every centre at every step: a thousand are enough for their own particles.
        let density () =
            result {
                use! centres = dealt (min data.Count 1000) seed data
                let! width = kernelWidth seed centres
                let! target = Target.kernelDensity width centres
                return width, target
            }

        [
            samples "bootstrap" (fun () -> Bootstrap.draw start.Count (Seed.derive "bootstrap" seed) data)
            samples "data" (fun () -> dealt start.Count seed data)
            samples "smoothed" (fun () ->
                result {
                    let! width = kernelWidth seed data
                    use! drawn = Bootstrap.jittered width start.Count (Seed.derive "smoothed" seed) data
                    use points = Manifold.retract manifold drawn.Points
                    return! Samples.ofTensor points
                })
            searched "kde_ula" [ 0.02; 0.1; 0.5 ] (fun part ->
                result {
                    let! width, target = density ()

                    return!
                        Chains.ula
                            Control.none
                            { defaults.Ula with
                                Step = part * width * width
                                Iterations = 200
                            }
                            (Seed.derive "kde ula" seed)
                            manifold
                            target
                            start
                })
            if Manifold.dimension manifold = Manifold.ambient manifold then
                searched "kde_svgd" [ 0.01; 0.05; 0.2 ] (fun step ->
                    result {
                        let! _, target = density ()
                        return! Svgd.plain Control.none { defaults.Svgd with Step = step } target start
                    })
        ]

    /// <summary>KSWGD, DMPS and the simplest methods.</summary>
    let ofData
        (options: ParticleOptions)
        (temperature: float)
        (manifold: Manifold)
        (data: Samples)
        (start: Samples)
        (seed: Seed)
        : Method list =
        plain "kswgd" (fun () -> kswgd options temperature manifold data start seed |> flowed)
        :: plain "dmps" (fun () -> dmps options temperature manifold data start seed 80 |> flowed)
        :: simple manifold data start seed

    /// <summary>All methods, the floor last.</summary>
    let ofSystem
        (settings: ContenderSettings)
        (system: LangevinSystem)
        (data: Samples)
        (start: Samples)
        (seed: Seed)
        : Method list =
        let target = Target.ofSystem system
        let space = Manifold.euclidean system.Dimension

        ofData settings.Flow system.Temperature space data start seed
        @ [
            searched "ula" [ 0.002; 0.005; 0.01; 0.02; 0.05 ] (fun step ->
                Chains.ula Control.none { settings.Ula with Step = step } (Seed.derive "ula" seed) space target start)
            searched "mala" [ 0.01; 0.02; 0.05; 0.1; 0.2 ] (fun step ->
                Chains.mala Control.none { settings.Mala with Step = step } (Seed.derive "mala" seed) target start)
            searched "hmc" [ 0.05; 0.1; 0.2; 0.3 ] (fun step ->
                Chains.hmc Control.none { settings.Hmc with Step = step } (Seed.derive "hmc" seed) target start)
            searched "svgd" [ 0.01; 0.05; 0.2 ] (fun step ->
                Svgd.plain Control.none { settings.Svgd with Step = step } target start)
            if system.Dimension > 1 then
                searched "matrix_svgd" [ 0.01; 0.05; 0.2 ] (fun step ->
                    use covariance = Samples.covariance data
                    use precision = torch.linalg.inv covariance

                    Svgd.matrix Control.none { settings.Svgd with Step = step } precision target start)
            plain "lawgd" (fun () ->
                Lawgd.run Control.none settings.Lawgd settings.Flow (Seed.derive "lawgd" seed) system start
                |> flowed)
            samples "floor" (fun () -> Systems.equilibrium system start.Count (Seed.derive "floor" seed))
        ]

    /// What takes seconds, or is of no interest where these are not compared with.
    let private slow: Set<string> =
        set
            [
                "dmps"
                "smoothed"
                "kde_ula"
                "kde_svgd"
                "ula"
                "mala"
                "hmc"
                "svgd"
                "matrix_svgd"
                "lawgd"
            ]

    /// <summary>The methods of a run of this size: all, or in a brief one those without slow rivals.</summary>
    let ofSize (size: Size) (methods: Method list) : Method list =
        match size with
        | Size.Full
        | Size.Quick -> methods
        | Size.Brief -> methods |> List.filter (fun method -> not (slow.Contains method.Name))

    /// <summary>Runs them one after the other, each at its best step by the distance to the data, and scores each.</summary>
    let scored
        (data: Samples)
        (scores: Score list)
        (methods: Method list)
        : Outcome<(string * (string * float) list) list> =
        methods
        |> Outcome.collect (Comparison.best data >> Result.map (Comparison.score scores))
