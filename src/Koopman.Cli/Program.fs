module Koopman.Cli.Program

open System
open System.CommandLine
open Koopman
open Koopman.Particles

let private root (commandLine: string) : RootCommand =
    let seed = Verb.seed ()

    let json: Option<string> = Verb.json ()

    let page: Option<string> = Verb.page ()

    let temperature: Option<float> =
        Verb.optional "--temperature" "T of dX = -∇V dt + √(2T) dW, if not stored in the file."

    let simulate =
        let system =
            Verb.argument "system" ("One of " + String.Join(", ", Systems.names) + ".")

        let pairs = Verb.withDefault "--pairs" 20_000 "The number of pairs."
        let lag = Verb.withDefault "--lag" 0.1 "The time between the two states of a pair."

        let trajectory =
            Verb.withDefault "--trajectory" false "Consecutive pairs of one trajectory instead of independent ones."

        let out =
            Option<string>("--out", Description = "The .npz file to write.", Required = true)

        Verb.command
            "simulate"
            "Simulate a system with known rates and store snapshot pairs."
            [ system; pairs; lag; trajectory; seed; out ]
            (fun p ->
                SimulateCommand.run
                    (p.GetRequiredValue system)
                    (p.GetRequiredValue pairs)
                    (p.GetRequiredValue lag)
                    (p.GetRequiredValue trajectory)
                    (p.GetRequiredValue seed)
                    (p.GetRequiredValue out))

    let spectrum =
        let file =
            Verb.files
                "files"
                "Pairs or trajectories (.npz, .csv), or points (.npy, .csv); also .mat, .h5, .nc, .parquet, .feather. Several files are several trajectories."

        let estimator: Option<string> =
            Verb.optional "--estimator" ("One of:\n" + Estimators.describeAll ())

        estimator.CompletionSources.Add(fun _ -> Estimators.all |> Seq.map (fun e -> Completions.CompletionItem e.Name))

        let observables: Option<string> =
            Verb.optional
                "--observables"
                ($"The dictionary: {ObservableSpec.grammar}. Default: gaussians, for edmd-general {Estimators.generalDictionary}, "
                 + $"and for identified {IdentifiedEstimator.dictionary}.")

        let auto =
            Verb.withDefault
                "--auto"
                false
                "Choose the dictionary by cross-validation instead (edmd, edmd-general, generator), and show all candidates."

        let lag: Option<float> =
            Verb.optional
                "--lag"
                "The time between consecutive rows of a file that does not say it; of irregularly sampled trajectories the pairs at about this lag are taken."

        let delays =
            Verb.withDefault
                "--delays"
                1
                "Combine this many consecutive states of a trajectory into one, the newest first; 1 is the state alone."

        let lagRows =
            Verb.withDefault "--lag-rows" 1 "The time between the two states of a pair, in rows of a trajectory."

        let modes =
            Verb.withDefault "--modes" 10 "The number of modes to show with error bars."

        let rank: Option<int> =
            Verb.optional
                "--rank"
                "The number of directions of dmd and dmd-optimized (default: by the optimal threshold)."

        let states: Option<int> =
            Verb.optional
                "--states"
                "The number of cells of msm (default 100, fewer for short data; labels are states by themselves)."

        let width: Option<float> =
            Verb.optional "--width" "The width of the Gaussian kernel of kernel and schroedinger."

        let potential: Option<string> =
            Verb.optional "--potential" "The column with the potential at each point, for schroedinger."

        let threshold =
            Verb.withDefault
                "--threshold"
                0.02
                "Terms of an identified equation below this fraction of the whole are left out."

        let multiples =
            Verb.wholes
                "--chapman-kolmogorov"
                "Test the model at these multiples of its lag, as in 2,4,8 (default: none; 2,3,5,10 for msm)."

        let reweight =
            Verb.withDefault
                "--reweight"
                false
                "Weight pairs that were started out of equilibrium by their dynamics first (edmd)."

        let reading, readOptions = Verb.reading ()

        Verb.command
            "spectrum"
            "Estimate rates with residuals and error bars."
            ([
                file
                estimator
                observables
                auto
                lag
                lagRows
                delays
                temperature
                modes
                rank
                states
                width
                potential
                threshold
                multiples
                reweight
                json
                page
             ]
             @ reading)
            (fun p ->
                SpectrumCommand.run
                    commandLine
                    {
                        Files = List.ofArray (p.GetRequiredValue file)
                        Estimator = Verb.given p estimator
                        Observables = Verb.given p observables
                        Auto = p.GetRequiredValue auto
                        Reading =
                            { readOptions p with
                                Lag = Verb.given p lag
                            }
                        Delays = p.GetRequiredValue delays
                        LagRows = p.GetRequiredValue lagRows
                        Temperature = Verb.given p temperature
                        Modes = p.GetRequiredValue modes
                        Rank = Verb.given p rank
                        States = Verb.given p states
                        Width = Verb.given p width
                        Potential = Verb.given p potential
                        Threshold = p.GetRequiredValue threshold
                        Multiples = Verb.given p multiples |> Option.map List.ofArray |> Option.defaultValue []
                        Reweight = p.GetRequiredValue reweight
                        Json = Verb.given p json
                        Report = Verb.given p page
                    })

    let vamp =
        let file =
            Verb.files "files" "Trajectories or pairs, as for spectrum. Several files are several trajectories."

        let observables =
            Verb.withDefault "--observables" "linear" $"The dictionary: {ObservableSpec.grammar}."

        let lag: Option<float> =
            Verb.optional "--lag" "The time between consecutive rows of a file that does not say it."

        let lagRows =
            Verb.withDefault "--lag-rows" 1 "The time between the two states of a pair, in rows of a trajectory."

        let delays =
            Verb.withDefault "--delays" 1 "Combine this many consecutive states into one, the newest first."

        let rank: Option<int> =
            Verb.optional "--rank" "The number of singular functions to keep (default: all; 10 are shown)."

        let folds =
            Verb.withDefault "--folds" 5 "The number of folds of the cross-validation."

        let scaling =
            Verb.withDefault "--scaling" "kinetic" "The scaling of the slow coordinates: whitened, kinetic or commute."

        scaling.AcceptOnlyFromAmong("whitened", "kinetic", "commute") |> ignore

        let out: Option<string> =
            Verb.optional "--out" "Write the slow coordinates of all states to this .npy or .csv file."

        let reading, readOptions = Verb.reading ()

        Verb.command
            "vamp"
            "Find the singular functions of a process that need not be in equilibrium, with held-out scores."
            ([ file; observables; lag; lagRows; delays; rank; folds; scaling; out; json ]
             @ reading)
            (fun p ->
                VampCommand.run
                    {
                        Files = List.ofArray (p.GetRequiredValue file)
                        Observables = p.GetRequiredValue observables
                        Reading =
                            { readOptions p with
                                Lag = Verb.given p lag
                            }
                        Delays = p.GetRequiredValue delays
                        LagRows = p.GetRequiredValue lagRows
                        Rank = Verb.given p rank
                        Folds = p.GetRequiredValue folds
                        Scaling = Enum.Parse<MapScaling>(p.GetRequiredValue scaling, true)
                        Out = Verb.given p out
                        Json = Verb.given p json
                    })

    let forecast =
        let file =
            Verb.files
                "files"
                "Rows in time order (.csv, .npy), dates in the first column allowed, or trajectories (.npz, .csv)."

        let horizon = Verb.withDefault "--horizon" 96 "The number of rows ahead."

        let level =
            Verb.withDefault
                "--level"
                Forecaster.defaults.Level
                "The share of values that the intervals are to contain."

        let lookBack: Option<int> =
            Verb.optional
                "--lookback"
                "The rows of the past that a forecast is made of. Default: 512, fewer for short data."

        let coupling =
            Verb.withDefault
                "--coupling"
                "automatic"
                "Whose past a column is forecast from: shared (its own, by one regression for all), coupled (that of all columns), products (these and their products), or automatic (by held-out rows)."

        let byRow =
            Verb.withDefault "--by-row" false "Take the rows as equally spaced, whatever their times or dates say."

        let structure =
            Verb.withDefault
                "--structure"
                "free"
                "What the operator is known to be: free, measure-preserving or symmetric."

        let periods: Option<string> =
            Verb.optional "--periods" "Periods in rows that are known, as in 24,168."

        let halfLife: Option<float> =
            Verb.optional "--half-life" "The rows after which a window counts half, for systems that change."

        let inputLags: Option<int> =
            Verb.optional "--input-lags" "The past rows of the inputs that act on a row. Default: chosen by the data."

        let future: Option<string> =
            Verb.optional "--future" "A table with the inputs of the coming rows (with --inputs)."

        let select =
            Verb.withDefault
                "--select"
                false
                "Choose look-back, rank, ridge, centre and coupling by validation on three parts of the data."

        let watch: Option<string> =
            Verb.optional
                "--watch"
                "A table with later rows: score each against the held-out errors, and test whether the operator has changed."

        let scenarios =
            Verb.withDefault "--scenarios" 0 "The number of possible futures to draw; they are written with --json."

        let save: Option<string> =
            Verb.optional "--save" "Store the forecaster in this .safetensors file."

        let reading, readOptions = Verb.reading ()

        Verb.command
            "forecast"
            "Forecast a time series with intervals, and test the forecasts beside simple rivals."
            ([
                file
                horizon
                level
                lookBack
                coupling
                byRow
                structure
                periods
                halfLife
                inputLags
                future
                select
                watch
                scenarios
                seed
                save
                json
                page
             ]
             @ reading)
            (fun p ->
                ForecastCommand.run
                    commandLine
                    {
                        Files = List.ofArray (p.GetRequiredValue file)
                        Reading = readOptions p
                        ByRow = p.GetRequiredValue byRow
                        Horizon = p.GetRequiredValue horizon
                        Level = p.GetRequiredValue level
                        LookBack = Verb.given p lookBack
                        Coupling = p.GetRequiredValue coupling
                        Structure = p.GetRequiredValue structure
                        Periods = Verb.given p periods
                        HalfLife = Verb.given p halfLife
                        InputLags = Verb.given p inputLags
                        Future = Verb.given p future
                        Select = p.GetRequiredValue select
                        Watch = Verb.given p watch
                        Scenarios = p.GetRequiredValue scenarios
                        Seed = p.GetRequiredValue seed
                        Save = Verb.given p save
                        Json = Verb.given p json
                        Report = Verb.given p page
                    })

    let particles =
        let source =
            Verb.files "data" "Pairs (.npz), points (.npy, .csv) or a folder with MNIST idx files."

        let count = Verb.withDefault "--count" 1000 "The number of particles."

        let latent: Option<string> =
            Verb.optional "--latent" $"Work in a latent space: {LatentSpec.grammar}."

        let latentSteps: Option<int> =
            Verb.optional "--latent-steps" "Training steps of the autoencoder (default 2500)."

        let estimator: Option<string> =
            Verb.optional
                "--estimator"
                "Follow the spectrum of one estimator: generator, edmd or tica (default: Gaussians of automatic width)."

        let observables: Option<string> =
            Verb.optional "--observables" $"Its dictionary: {ObservableSpec.grammar}."

        let manifold: Option<string> =
            Verb.optional "--manifold" $"The surface that the particles stay on: {ManifoldSpec.grammar}."

        let logLikelihood: Option<string> =
            Verb.optional
                "--log-likelihood"
                "The column with the logarithm of a likelihood at each point: draw from the law of the points times the likelihood."

        let plain = ParticleFlow.defaults

        let iterations =
            Verb.withDefault "--iterations" plain.Iterations "The largest number of iterations before the jitter."

        let refine =
            Verb.withDefault "--refine" plain.RefineIterations "The number of iterations after the jitter."

        let step =
            Verb.withDefault "--step" plain.Step "The step of Euler's method, below 2."

        let jitter =
            Verb.withDefault "--jitter" plain.Jitter "The noise added once after convergence, in lengths; 0 for none."

        let tolerance =
            Verb.withDefault
                "--tolerance"
                plain.Tolerance
                "Stop when the energy is this fraction of that of independent samples."

        let guard =
            Verb.withDefault
                "--guard-every"
                plain.GuardEvery
                "Iterations between moves of stray particles back onto the data; 0 for never."

        let length: Option<float> =
            Verb.optional
                "--length"
                "The length that caps a step and scales jitter and guard (default: that of the functions)."

        let resume =
            Verb.withDefault
                "--resume"
                false
                "Resume a run that was interrupted or killed; the result is the same (with --estimator)."

        let saveEvery: Option<float> =
            Verb.optional
                "--save-every"
                "Save the state beside --out after this many seconds (default 30 with --resume)."

        let out: Option<string> =
            Verb.optional "--out" "Write the particles to this .npy or .csv file."

        let reweight =
            Verb.withDefault
                "--reweight"
                false
                "The pairs are short trajectories started out of equilibrium: weight them by their dynamics first."

        let reading, readOptions = Verb.reading ()

        Verb.command
            "particles"
            "Draw new samples of the law that the data follow."
            ([
                source
                count
                latent
                latentSteps
                estimator
                observables
                manifold
                logLikelihood
                iterations
                refine
                step
                jitter
                tolerance
                guard
                length
                resume
                saveEvery
                temperature
                reweight
                out
                json
                page
                seed
             ]
             @ reading)
            (fun p ->
                let run =
                    if p.GetRequiredValue reweight then
                        ReweightCommand.run
                    else
                        ParticlesCommand.run

                run
                    commandLine
                    {
                        Sources = List.ofArray (p.GetRequiredValue source)
                        Reading = readOptions p
                        Count = p.GetRequiredValue count
                        Latent = Verb.given p latent
                        LatentSteps = Verb.given p latentSteps
                        Temperature = Verb.given p temperature
                        Estimator = Verb.given p estimator
                        Observables = Verb.given p observables
                        Manifold = Verb.given p manifold
                        LogLikelihood = Verb.given p logLikelihood
                        Flow =
                            {
                                Step = p.GetRequiredValue step
                                Iterations = p.GetRequiredValue iterations
                                Tolerance = p.GetRequiredValue tolerance
                                GuardEvery = p.GetRequiredValue guard
                                Jitter = p.GetRequiredValue jitter
                                RefineIterations = p.GetRequiredValue refine
                                Length = Verb.given p length
                            }
                        Resume = p.GetRequiredValue resume
                        SaveEvery =
                            match Verb.given p saveEvery with
                            | None when p.GetRequiredValue resume -> Some 30.0
                            | given -> given
                        Out = Verb.given p out
                        Json = Verb.given p json
                        Report = Verb.given p page
                        Seed = p.GetRequiredValue seed
                    })

    let demo =
        let page =
            Verb.withDefault "--report" "koopman-demo.html" "The HTML file of the report."

        Verb.command
            "demo"
            "Run the whole workflow on simulated data and compare with exact values."
            [ seed; page ]
            (fun p -> DemoCommand.run commandLine (p.GetRequiredValue seed) (p.GetRequiredValue page))

    // Experiments and benchmarks need the repository, and are not installed with the tool.
    let left (name: string) =
        let command =
            Command(
                name,
                $"In the repository of Koopman for .NET only: ./koopman {name} NAME.",
                Hidden = true,
                TreatUnmatchedTokensAsErrors = false
            )

        command.SetAction(
            Func<ParseResult, int>(fun _ ->
                Ui.fail
                    $"'{name}' is not part of the installed tool. Get the repository of Koopman for .NET, and run './koopman {name} NAME' in its folder."

                Verb.Refused)
        )

        command

    let root =
        RootCommand "Koopman for .NET: learn a linear operator from data, and use its spectrum."

    for c in
        [
            demo
            simulate
            spectrum
            vamp
            forecast
            particles
            FlowVerbs.create commandLine
            left "reproduce"
            left "bench"
        ] do
        root.Add c

    root.Add(CompletionCommand.create root)
    root

[<EntryPoint>]
let main (arguments: string[]) : int =
    Verb.main (root (Run.commandLine arguments)) arguments
