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
            TiltedWells.asymmetric
            TiltedWells.cold
            SwarmExperiment.experiment
            Surfaces.circle
            Surfaces.sphere
            Surfaces.torus
            Posterior.experiment
            Mixtures.ten
            Mixtures.fifty
            AllenCahn.experiment
            MnistLatent.experiment
            Theorem.experiment
            FlowPlane.experiment
            FlowPlane.rivals
            FlowPlane.steps
            FlowMnist.experiment
            FlowClasses.experiment
            FlowImages.experiment
            FlowSpeed.experiment
            FlowMnist.quick
            FlowClasses.quick
            FlowImages.quick
            FlowSpeed.quick
            Spectra.experiment
            CoverageStudy.experiment
            CoverageStudy.quick
            CalibrationStudy.experiment
            CalibrationStudy.quick
            ForecastStudy.experiment
            ForecastStudy.quick
        ]
        @ FlowPlane.quick

    /// <summary>Name and summary of each.</summary>
    let describeAll () : string =
        registry
        |> List.map (fun e -> $"  {e.Name, -16} {e.Summary}")
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

    /// <summary>Runs one experiment and prints or writes its findings.</summary>
    let run (command: string) (name: string) (seed: int) (json: string option) (page: string option) : Outcome<unit> =
        result {
            match registry |> List.tryFind (fun e -> e.Name = name) with
            | None ->
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"There is no experiment named '{name}'"
                        ("Choose one of " + String.Join(", ", registry |> List.map _.Name))
            | Some experiment ->
                do! Inputs.checkWritable [ json; page ]
                // Some experiments make tensors before the library does, and TorchSharp would report a missing libtorch by a stack trace.
                Torch.Load()

                let! findings =
                    Ui.progress experiment.Name (fun report -> experiment.Run report (Seed.ofInt seed))

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
        }
