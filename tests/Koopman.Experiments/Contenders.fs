namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open Koopman.Particles

/// <summary>The run lengths of the methods with a known score.</summary>
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

    /// <summary>Chains for five units of time, which take at least as much processor time as the iterations of KSWGD.</summary>
    let defaults: ContenderSettings =
        {
            Ula =
                {
                    Step = 0.02
                    Iterations = 500
                    Leapfrogs = 1
                }
            Mala =
                {
                    Step = 0.05
                    Iterations = 500
                    Leapfrogs = 1
                }
            Hmc =
                {
                    Step = 0.2
                    Iterations = 100
                    Leapfrogs = 5
                }
            Svgd =
                { Svgd.defaults with
                    Step = 0.05
                    Iterations = 200
                }
            Lawgd = { Lawgd.defaults with Nodes = 80 }
            Flow = ParticleFlow.defaults
        }

    let private flowed (result: Outcome<ParticleResult>) : Outcome<Samples * int> =
        result |> Result.map (fun flow -> flow.Particles, flow.Iterations)

    let private sampled (result: Outcome<SamplerResult>) : Outcome<Samples * int> =
        result |> Result.map (fun run -> run.Particles, run.Iterations)

    /// <summary>KSWGD with its defaults: Gaussians over the data, all modes without an eigenproblem, flow and jitter.</summary>
    let kswgd
        (options: ParticleOptions)
        (temperature: float)
        (manifold: Manifold)
        (data: Samples)
        (start: Samples)
        (seed: Seed)
        : Outcome<ParticleResult> =
        result {
            use! inner =
                Observables.gaussiansOver
                    { Observables.automatic with
                        Seed = seed
                    }
                    data

            if Manifold.dimension manifold = Manifold.ambient manifold then
                use! field = ParticleField.fullRank 0.0 temperature inner data
                return! ParticleFlow.follow Control.none options (Seed.derive "jitter" seed) manifold field data start
            else
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

    /// <summary>The methods that need only the data: KSWGD, DMPS, both bootstraps.</summary>
    let ofData
        (options: ParticleOptions)
        (temperature: float)
        (manifold: Manifold)
        (data: Samples)
        (start: Samples)
        (seed: Seed)
        : (string * (unit -> Outcome<Samples * int>)) list =
        [
            "kswgd", fun () -> kswgd options temperature manifold data start seed |> flowed
            "dmps", fun () -> dmps options temperature manifold data start seed 80 |> flowed
            "bootstrap",
            fun () ->
                Bootstrap.draw start.Count (Seed.derive "bootstrap" seed) data
                |> Result.map (fun particles -> particles, 0)
        ]

    /// <summary>All methods, the floor last.</summary>
    let ofSystem
        (settings: ContenderSettings)
        (system: LangevinSystem)
        (data: Samples)
        (start: Samples)
        (seed: Seed)
        : (string * (unit -> Outcome<Samples * int>)) list =
        let target = Target.ofSystem system
        let space = Manifold.euclidean system.Dimension

        ofData settings.Flow system.Temperature space data start seed
        @ [
            "ula",
            fun () ->
                Chains.ula Control.none settings.Ula (Seed.derive "ula" seed) space target start
                |> sampled
            "mala",
            fun () ->
                Chains.mala Control.none settings.Mala (Seed.derive "mala" seed) target start
                |> sampled
            "hmc",
            fun () ->
                Chains.hmc Control.none settings.Hmc (Seed.derive "hmc" seed) target start
                |> sampled
            "svgd", fun () -> Svgd.plain Control.none settings.Svgd target start |> sampled
            "lawgd",
            fun () ->
                Lawgd.run Control.none settings.Lawgd settings.Flow (Seed.derive "lawgd" seed) system start
                |> flowed
            "floor",
            fun () ->
                Systems.equilibrium system start.Count (Seed.derive "floor" seed)
                |> Result.map (fun particles -> particles, 0)
        ]

    /// <summary>Runs them one after the other and scores each.</summary>
    let scored
        (scores: Score list)
        (methods: (string * (unit -> Outcome<Samples * int>)) list)
        : Outcome<(string * (string * float) list) list> =
        methods
        |> Outcome.collect (fun (name, work) -> Comparison.timed name work |> Result.map (Comparison.score scores))
