module Koopman.Cli.Program

open System
open System.CommandLine
open System.CommandLine.Parsing
open Koopman

/// Exit codes: 0 done, 2 what was asked for cannot be done (one sentence says why), 130 interrupted.
[<Literal>]
let private Refused = 2

let private optional (name: string) (description: string) : Option<'T> =
    Option<'T>(name, Description = description)

let private withDefault (name: string) (value: 'T) (description: string) : Option<'T> =
    Option<'T>(name, Description = description, DefaultValueFactory = (fun _ -> value))

let private argument (name: string) (description: string) : Argument<string> =
    Argument<string>(name, Description = description)

/// What the user gave for an option that has no default.
let private given (parsed: ParseResult) (option: Option<'T>) : 'T option =
    match parsed.GetResult option with
    | null -> None
    | _ -> Some(parsed.GetRequiredValue option)

/// Runs a command's work and turns every outcome into an exit code.
let private guarded (work: ParseResult -> Result<unit, KoopmanError>) : Func<ParseResult, int> =
    Func<ParseResult, int>(fun parsed ->
        match work parsed with
        | Ok() -> 0
        | Error error ->
            Ui.fail error.Message
            Refused)

let private command
    (name: string)
    (description: string)
    (parts: Symbol list)
    (work: ParseResult -> Result<unit, KoopmanError>)
    : Command =
    let command = Command(name, description)

    for part in parts do
        match part with
        | :? Argument as a -> command.Add a
        | :? Option as o -> command.Add o
        | other -> invalidArg (nameof parts) $"{other} is neither an argument nor an option"

    command.SetAction(guarded work)
    command

let private root (commandLine: string) : RootCommand =
    let seed =
        withDefault "--seed" 1 "Where randomness starts; equal seeds give equal results."

    let json: Option<string> =
        optional "--json" "Write the numbers to this file as JSON."

    let page: Option<string> =
        optional "--report" "Write a page with pictures to this HTML file."

    let temperature: Option<float> =
        optional "--temperature" "T of dX = -∇V dt + √(2T) dW, if the file does not say."

    let simulate =
        let system = argument "system" ("One of " + String.Join(", ", Systems.names) + ".")
        let pairs = withDefault "--pairs" 20_000 "How many pairs."
        let lag = withDefault "--lag" 0.1 "The time between the two states of a pair."

        let trajectory =
            withDefault "--trajectory" false "Consecutive pairs of one trajectory instead of independent ones."

        let out =
            Option<string>("--out", Description = "The .npz file to write.", Required = true)

        command
            "simulate"
            "Simulate a system with known truth and store snapshot pairs."
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
        let file = argument "file" "Pairs (.npz) or points (.npy, .csv)."

        let estimator: Option<string> =
            optional "--estimator" ("One of:\n" + Estimators.describeAll ())

        let observables =
            withDefault "--observables" "gaussians" $"The dictionary: {ObservableSpec.grammar}."

        let auto =
            withDefault
                "--auto"
                false
                "Choose the dictionary by cross-validation instead (edmd, edmd-general, generator), and show all that were tried."

        let lag: Option<float> =
            optional "--lag" "Take the rows of a file of points as states of one trajectory, this time apart."

        let delays =
            withDefault
                "--delays"
                1
                "Take this many consecutive states of a trajectory as one, the newest first; 1 is the state alone."

        let modes = withDefault "--modes" 10 "How many modes to show with error bars."

        command
            "spectrum"
            "Estimate rates with residuals and error bars."
            [
                file
                estimator
                observables
                auto
                lag
                delays
                temperature
                modes
                json
                page
            ]
            (fun p ->
                SpectrumCommand.run
                    commandLine
                    {
                        File = p.GetRequiredValue file
                        Estimator = given p estimator
                        Observables = p.GetRequiredValue observables
                        Auto = p.GetRequiredValue auto
                        Lag = given p lag
                        Delays = p.GetRequiredValue delays
                        Temperature = given p temperature
                        Modes = p.GetRequiredValue modes
                        Json = given p json
                        Report = given p page
                    })

    let particles =
        let source =
            argument "data" "Pairs (.npz), points (.npy, .csv) or a folder with MNIST idx files."

        let count = withDefault "--count" 1000 "How many particles."
        let latent: Option<string> = optional "--latent" "Work in a latent space: pca:K."

        let out: Option<string> =
            optional "--out" "Write the particles to this .npy or .csv file."

        let reweight =
            withDefault
                "--reweight"
                false
                "The pairs are short trajectories started out of equilibrium: weigh them by their dynamics first."

        command
            "particles"
            "Draw new samples of the law that the data follow."
            [ source; count; latent; temperature; reweight; out; page; seed ]
            (fun p ->
                let run =
                    if p.GetRequiredValue reweight then
                        ReweightCommand.run
                    else
                        ParticlesCommand.run

                run
                    commandLine
                    {
                        Source = p.GetRequiredValue source
                        Count = p.GetRequiredValue count
                        Latent = given p latent
                        Temperature = given p temperature
                        Out = given p out
                        Report = given p page
                        Seed = p.GetRequiredValue seed
                    })

    let demo =
        let page =
            withDefault "--report" "koopman-demo.html" "Where the page with pictures goes."

        command "demo" "The whole chain on simulated data, beside exact values." [ seed; page ] (fun p ->
            DemoCommand.run commandLine (p.GetRequiredValue seed) (p.GetRequiredValue page))

    let reproduce =
        let name = argument "name" ("The experiment:\n" + ReproduceCommand.describeAll ())

        command
            "reproduce"
            "Compute again the numbers that the documentation quotes."
            [ name; seed; json; page ]
            (fun p ->
                ReproduceCommand.run
                    commandLine
                    (p.GetRequiredValue name)
                    (p.GetRequiredValue seed)
                    (given p json)
                    (given p page))

    let bench =
        let name = argument "name" "The table: estimators."

        let only: Option<string> =
            optional "--only" "Rows of one kind: memory, edmd, kernel, streaming, dirichlet."

        let quick = withDefault "--quick" false "Smaller sizes and fewer runs."

        command
            "bench"
            "Measure how long the estimators take, beside the floor under each."
            [ name; only; quick; json ]
            (fun p ->
                BenchCommand.run (p.GetRequiredValue name) (given p only) (p.GetRequiredValue quick) (given p json))

    let root =
        RootCommand "Koopman for .NET: one linear operator learned from data, and what its spectrum is good for."

    for c in [ demo; simulate; spectrum; particles; reproduce; bench ] do
        root.Add c

    root

[<EntryPoint>]
let main (arguments: string[]) : int =
    let parsed = (root (Run.commandLine arguments)).Parse arguments

    if parsed.Errors.Count > 0 then
        Ui.fail (parsed.Errors[0].Message + " 'koopman --help' lists commands and options.")
        Refused
    else
        // Messages, not stack traces, for what a user can meet; anything else is a defect and shows itself.
        try
            parsed.Invoke(InvocationConfiguration(EnableDefaultExceptionHandler = false))
        with
        | :? KoopmanException as e ->
            Ui.fail e.Message
            Refused
        | :? OperationCanceledException ->
            Ui.fail "interrupted"
            130
