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

    let private guidance (what: string) : Option<float> =
        Verb.optional "--guidance" $"The weight of class-free guidance{what}; 1 is none, 2 to 4 are usual."

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

        let latent: Option<string> =
            Verb.optional
                "--latent"
                $"Train in a latent space of a file's data: K leading principal components, {LatentSpec.grammar} (default: all components)."

        let latentSteps: Option<int> =
            Verb.optional "--latent-steps" "Training steps of the autoencoder (default 2500)."

        let labels: Option<string> =
            Verb.optional
                "--labels"
                "The column with the class of each row; or a .npy, .csv or idx file with one number for each row."

        let classFree: Option<float> =
            Verb.optional
                "--class-free-share"
                "The share of rows that are trained without their class, as guidance needs (default .15 with --guidance, else 0)."

        let guidance = guidance " of the field that the linear flow follows"

        let network: Option<string> =
            Verb.optional "--network" $"The networks of field and features: {NetworkSpec.grammar}."

        let features: Option<int> =
            Verb.optional "--features" "The number of features of the linear flow; for a U-Net, of a pixel."

        let decoder: Option<string> =
            Verb.optional
                "--decoder"
                "Learn a decoder with these widths of dense layers, as in 96,96 (default: the points are coordinates of the lift)."

        let device =
            Verb.withDefault "--device" "cpu" "The device of the trainings: cpu, or a CUDA device such as cuda."

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

        let seed, json, page = Verb.seed (), Verb.json (), Verb.page ()
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
                latentSteps
                labels
                classFree
                guidance
                network
                features
                decoder
                device
                teacherSteps
                steps
                inversion
                parts
                resume
                saveEvery
                seed
                json
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
                        LatentSteps = Verb.given p latentSteps
                        Labels = Verb.given p labels
                        ClassFreeShare =
                            Verb.given p classFree
                            |> Option.defaultValue (if (Verb.given p guidance).IsSome then 0.15 else 0.0)
                        Guidance = Verb.given p guidance
                        Network = Verb.given p network
                        Features = Verb.given p features
                        Decoder = Verb.given p decoder
                        Device = p.GetRequiredValue device
                        TeacherSteps = Verb.given p teacherSteps
                        Steps = Verb.given p steps
                        Inversion = p.GetRequiredValue inversion
                        Parts = p.GetRequiredValue parts
                        Resume = p.GetRequiredValue resume
                        SaveEvery = p.GetRequiredValue saveEvery
                        Seed = p.GetRequiredValue seed
                        Json = Verb.given p json
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

        let parts: Option<int> =
            Verb.optional
                "--parts"
                "Take this many equal steps of the linear flow (default: as many as it was trained for)."

        let fieldSteps: Option<int> =
            Verb.optional "--field-steps" "Sample with the velocity field instead, in this many Runge-Kutta steps."

        let guidance, json = guidance " of the field", Verb.json ()

        Verb.command
            "sample"
            "Draw samples of the law of the data, in one step from noise."
            [
                file
                number
                guidance
                count
                time
                worst
                parts
                fieldSteps
                seed
                out
                json
            ]
            (fun p ->
                FlowCommands.sample
                    {
                        File = p.GetRequiredValue file
                        Class = Verb.given p number
                        Guidance = Verb.given p guidance
                        Count = p.GetRequiredValue count
                        Time = p.GetRequiredValue time
                        Worst = Verb.given p worst
                        Parts = Verb.given p parts
                        FieldSteps = Verb.given p fieldSteps
                        Seed = p.GetRequiredValue seed
                        Out = p.GetRequiredValue out
                        Json = Verb.given p json
                    })

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

        let guidance, json = guidance " of the field", Verb.json ()
        let reading, readOptions = Verb.reading ()

        Verb.command
            "invert"
            "Find the noise that data come from, in one step backwards."
            ([ file; number; guidance; data; out; json ] @ reading)
            (fun p ->
                FlowCommands.invert
                    (readOptions p)
                    (p.GetRequiredValue file)
                    (Verb.given p number)
                    (Verb.given p guidance)
                    (p.GetRequiredValue data)
                    (p.GetRequiredValue out)
                    (Verb.given p json))

    let private signatures () : Command =
        let file, json = model (), Verb.json ()

        let data =
            Verb.argument "data" "Points with a column of classes (.csv, .npy), or images."

        let labels =
            Option<string>(
                "--labels",
                Description =
                    "The column with the class of each row; or a .npy, .csv or idx file with one number for each row.",
                Required = true
            )

        let reading, readOptions = Verb.reading ()

        Verb.command
            "signatures"
            "Tell classes of data apart by their modal coordinates."
            ([ file; data; labels; json ] @ reading)
            (fun p ->
                FlowClassCommands.signatures
                    (readOptions p)
                    (p.GetRequiredValue file)
                    (p.GetRequiredValue data)
                    (p.GetRequiredValue labels)
                    (Verb.given p json))

    let private density () : Command =
        let file, number, json = model (), number (), Verb.json ()
        let data = Verb.argument "data" "Points (.npy, .csv), or the name of a planar set."

        let out: Option<string> =
            Verb.optional "--out" "Write the log density of each point to this .npy or .csv file."

        let reading, readOptions = Verb.reading ()

        Verb.command
            "density"
            "Compute the log density of one-step samples at data."
            ([ file; number; data; out; json ] @ reading)
            (fun p ->
                FlowClassCommands.density
                    (readOptions p)
                    (p.GetRequiredValue file)
                    (Verb.given p number)
                    (p.GetRequiredValue data)
                    (Verb.given p out)
                    (Verb.given p json))

    /// <summary>The command with all of them.</summary>
    let create (commandLine: string) : Command =
        let flow =
            Command("flow", "Flow matching made linear: train flows, sample in one step, inspect, edit and invert.")

        for verb in
            [
                train commandLine
                sample ()
                spectrum commandLine
                edit ()
                invert ()
                signatures ()
                density ()
            ] do
            flow.Add verb

        flow
