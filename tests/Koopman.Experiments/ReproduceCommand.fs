namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting

/// <summary><c>./koopman reproduce</c>: the numbers quoted in the documentation.</summary>
[<RequireQualifiedAccess>]
module ReproduceCommand =

    /// <summary>All experiments, in the order of the documentation.</summary>
    let registry: Experiment list =
        [
            QuadrupleWell.experiment
            TrajectoryWells.experiment
            TiltedWells.asymmetric
            TiltedWells.cold
            Ablation.experiment
            SwarmExperiment.experiment
            Surfaces.circle
            Surfaces.sphere
            Surfaces.ten
            Surfaces.hundred
            Surfaces.torus
            Posterior.experiment
            Mixtures.ten
            Mixtures.fifty
            AllenCahn.experiment
            AllenCahnTrajectory.experiment
            MnistLatent.experiment
            Theorem.experiment
            FlowPlane.experiment
            FlowPlane.rivals
            FlowPlane.steps
            FlowMnist.experiment
            FlowClasses.experiment
            FlowImages.experiment
            FlowSpeed.experiment
            Spectra.experiment
            CoverageStudy.experiment
            CalibrationStudy.experiment
            ForecastStudy.experiment
        ]

    let private duration (minutes: float) : string =
        if minutes < 1.5 then "a minute"
        elif minutes < 90.0 then $"{minutes:F0} minutes"
        else $"{minutes / 60.0:F0} hours"

    /// The experiment of a name and the size of its run: NAME-quick is NAME --quick.
    let private find (name: string) (size: Size) : (Experiment * Size) option =
        let by (name: string) =
            registry |> List.tryFind (fun e -> e.Name = name)

        match by name with
        | Some experiment -> Some(experiment, size)
        | None when name.EndsWith "-quick" ->
            by (name.Substring(0, name.Length - "-quick".Length))
            |> Option.map (fun experiment -> experiment, Size.Quick)
        | None -> None

    /// <summary>Name, summary and duration of each.</summary>
    let describeAll () : string =
        registry
        |> List.map (fun e -> $"  {e.Name, -16} {e.Summary} ({duration e.Minutes})")
        |> String.concat "\n"

    let private toJson (name: string) (seed: int) (findings: Findings) : Json =
        Json.members
            [
                "name", Json.text name
                "seed", Json.integer seed
                "metrics", findings.Metrics |> List.map (fun (n, v) -> n, Json.number v) |> Json.members
                yield! findings.Extra
                "environment", Inputs.environment ()
            ]

    /// The journal of a run in a file, which must not be one of its results.
    let private journalIn
        (resume: string option)
        (results: string list)
        (experiment: Experiment)
        (size: Size)
        (seed: int)
        : Outcome<Journal> =
        match resume, experiment.Work with
        | None, _ -> Ok(Journal.Nowhere())
        | Some _, Work.AtOnce _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The experiment {experiment.Name} cannot be resumed: it is computed in one part, and would start again"
                "Leave out --resume"
        | Some path, Work.InParts _ ->
            if
                results
                |> List.exists (fun result -> IO.Path.GetFullPath result = IO.Path.GetFullPath path)
            then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"--resume {path} is also the file of a result"
                    "Give the finished parts a file of their own"
            else
                result {
                    let! journal =
                        Journal.Open(
                            path,
                            experiment.Name,
                            [ "the size", (string size).ToLowerInvariant(); "the seed", string seed ]
                        )

                    if journal.Count > 0 then
                        Ui.note $"{experiment.Name}: resumed; finished parts in {path}: {journal.Count}"
                    else
                        Ui.note
                            $"{experiment.Name}: finished parts are kept in {path}; after an interruption the same command continues from there"

                    return journal
                }

    /// <summary>Runs one experiment and prints or writes its findings. The file of finished parts is deleted once they are.</summary>
    let run
        (command: string)
        (name: string)
        (size: Size)
        (seed: int)
        (resume: string option)
        (json: string option)
        (page: string option)
        : Outcome<unit> =
        result {
            match find name size with
            | None ->
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"There is no experiment named '{name}'"
                        ("Choose one of " + String.Join(", ", registry |> List.map _.Name))
            | Some(experiment, size) ->
                do! Inputs.checkWritable [ json; page ]
                let! journal = journalIn resume (List.choose id [ json; page ]) experiment size seed
                // Some experiments make tensors before the library does, and TorchSharp would report a missing libtorch by a stack trace.
                Torch.Load()

                if size = Size.Full && experiment.Minutes >= 1.5 then
                    Ui.note
                        $"{experiment.Name} takes about {duration experiment.Minutes} on two cores; with --quick it takes less than a minute"

                let! findings =
                    Ui.progress experiment.Name (fun report -> experiment.Run(size, journal, report, Seed.ofInt seed))

                findings.Table ||> Ui.table
                Ui.table [ "<metric"; "value" ] [ for n, v in findings.Metrics -> [ n; Ui.number v ] ]

                match json with
                | None -> ()
                | Some path -> do! Json.write path (toJson name seed findings)

                match page with
                | None -> ()
                | Some path ->
                    do!
                        Report.write
                            path
                            {
                                Title = experiment.Name
                                Subtitle = experiment.Summary
                                Sections = findings.Sections
                                Provenance = Inputs.provenance command (Some seed)
                            }

                    Ui.say $"report: {IO.Path.GetFullPath path}"

                resume |> Option.iter IO.File.Delete
        }
