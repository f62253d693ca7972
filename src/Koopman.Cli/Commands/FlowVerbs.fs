namespace Koopman.Cli

open System
open System.CommandLine
open Koopman
open Koopman.Flows

/// <summary>The subcommands of <c>koopman flow</c>, with their options.</summary>
[<RequireQualifiedAccess>]
module FlowVerbs =

    let private model () =
        Verb.argument "flow" "The file that 'koopman flow train' wrote, with its teacher in the same folder."

    let private number () : Option<int> =
        Verb.optional "--class" "The class, counted from 0, of a flow that was trained with classes."

    let private out () =
        Option<string>("--out", Description = "The .npy or .csv file to write.", Required = true)

    let private train (commandLine: string) : Command =
        let data =
            Verb.argument "data" ("Points (.npy, .csv), or one of " + String.Join(", ", PlanarSets.names) + ".")

        let out =
            Option<string>("--out", Description = "The .safetensors file to write.", Required = true)

        let recipe =
            let names = Distillation.recipes |> List.map fst
            Verb.withDefault "--recipe" "default" ("One of " + String.Join(", ", names) + ".")

        let transport =
            Verb.withDefault "--transport" false "Pair noise and data by optimal transport in each batch."

        let latent: Option<int> =
            Verb.optional "--latent" "Train in this many leading principal components of a file's data (default all)."

        let teacherSteps: Option<int> =
            Verb.optional "--teacher-steps" "Training steps of the velocity field."

        let steps: Option<int> =
            Verb.optional "--steps" "Training steps of the linear flow."

        let inversion = Verb.withDefault "--inversion" false "Train inversion too."

        let parts =
            Verb.withDefault "--parts" 1 "The number of steps from noise to data that samples take."

        let resume =
            Verb.withDefault
                "--resume"
                false
                "Resume a training that was interrupted or killed; the result is the same."

        let saveEvery =
            Verb.withDefault
                "--save-every"
                30.0
                "Save the state after this many seconds: all that is lost if the process is killed."

        let seed, page = Verb.seed (), Verb.page ()
        let reading, readOptions = Verb.reading ()

        Verb.command
            "train"
            "Learn a velocity field from data, and distil a linear flow from it."
            ([
                data
                out
                recipe
                transport
                latent
                teacherSteps
                steps
                inversion
                parts
                resume
                saveEvery
                seed
                page
             ]
             @ reading)
            (fun p ->
                FlowTrainCommand.run
                    commandLine
                    {
                        Data = p.GetRequiredValue data
                        Reading = readOptions p
                        Out = p.GetRequiredValue out
                        Recipe = p.GetRequiredValue recipe
                        Transport = p.GetRequiredValue transport
                        Latent = Verb.given p latent
                        TeacherSteps = Verb.given p teacherSteps
                        Steps = Verb.given p steps
                        Inversion = p.GetRequiredValue inversion
                        Parts = p.GetRequiredValue parts
                        Resume = p.GetRequiredValue resume
                        SaveEvery = p.GetRequiredValue saveEvery
                        Seed = p.GetRequiredValue seed
                        Report = Verb.given p page
                    })

    let private sample () : Command =
        let file, number, out, seed = model (), number (), out (), Verb.seed ()
        let count = Verb.withDefault "--count" 1000 "The number of samples."
        let time = Verb.withDefault "--time" 1.0 "The time, from 0 (noise) to 1 (data)."

        let worst: Option<float> =
            Verb.optional
                "--worst"
                "Bound the error of each sample, and let the teacher compute this share of the worst, such as .05."

        Verb.command
            "sample"
            "Draw samples of the law of the data, in one step from noise."
            [ file; number; count; time; worst; seed; out ]
            (fun p ->
                FlowCommands.sample
                    (p.GetRequiredValue file)
                    (Verb.given p number)
                    (p.GetRequiredValue count)
                    (p.GetRequiredValue time)
                    (Verb.given p worst)
                    (p.GetRequiredValue seed)
                    (p.GetRequiredValue out))

    let private spectrum (commandLine: string) : Command =
        let file, number, page = model (), number (), Verb.page ()
        let modes = Verb.withDefault "--modes" 10 "The number of modes to show."

        let json: Option<string> =
            Verb.optional "--json" "Write the numbers to this file as JSON."

        Verb.command
            "spectrum"
            "Show the modes of a flow: their growth, rotation and contributions."
            [ file; number; modes; json; page ]
            (fun p ->
                FlowCommands.spectrum
                    commandLine
                    (p.GetRequiredValue file)
                    (Verb.given p number)
                    (p.GetRequiredValue modes)
                    (Verb.given p json)
                    (Verb.given p page))

    let private edit () : Command =
        let file, number, out, seed = model (), number (), out (), Verb.seed ()

        let data: Option<string> =
            Verb.optional "--data" "Edit these points (.npy, .csv, or a planar set) instead of new samples."

        let count = Verb.withDefault "--count" 1000 "The number of new samples."

        let mode =
            Option<int>("--mode", Description = "The mode, as 'koopman flow spectrum' numbers them.", Required = true)

        let shift: Option<float> =
            Verb.optional "--shift" "Shift in standard deviations of the mode; .3 to .7 change samples visibly."

        let phase =
            Verb.withDefault "--phase" 0.0 "The phase of the shift of a complex mode, in radians."

        let scale: Option<float> =
            Verb.optional "--scale" "Multiply the mode by this factor instead; 0 removes it."

        let reading, readOptions = Verb.reading ()

        Verb.command
            "edit"
            "Shift or scale one mode of samples or data."
            ([ file; number; mode; shift; phase; scale; data; count; seed; out ] @ reading)
            (fun p ->
                FlowCommands.edit
                    {
                        File = p.GetRequiredValue file
                        Class = Verb.given p number
                        Data = Verb.given p data
                        Reading = readOptions p
                        Count = p.GetRequiredValue count
                        Mode = p.GetRequiredValue mode
                        Shift = Verb.given p shift
                        Phase = p.GetRequiredValue phase
                        Scale = Verb.given p scale
                        Seed = p.GetRequiredValue seed
                        Out = p.GetRequiredValue out
                    })

    let private invert () : Command =
        let file, number, out = model (), number (), out ()

        let data = Verb.argument "data" "Points (.npy, .csv), or the name of a planar set."

        let reading, readOptions = Verb.reading ()

        Verb.command
            "invert"
            "Find the noise that data come from, in one step backwards."
            ([ file; number; data; out ] @ reading)
            (fun p ->
                FlowCommands.invert
                    (readOptions p)
                    (p.GetRequiredValue file)
                    (Verb.given p number)
                    (p.GetRequiredValue data)
                    (p.GetRequiredValue out))

    /// <summary>The command with all of them.</summary>
    let create (commandLine: string) : Command =
        let flow =
            Command("flow", "Flow matching made linear: train flows, sample in one step, inspect, edit and invert.")

        for verb in [ train commandLine; sample (); spectrum commandLine; edit (); invert () ] do
            flow.Add verb

        flow
