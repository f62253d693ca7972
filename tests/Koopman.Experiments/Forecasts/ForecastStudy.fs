namespace Koopman.Experiments

open System
open System.IO
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting

/// <summary>
/// Forecasts of the electricity transformer series ETTh1 and ETTh2 (Zhou et al. 2021) by the standard protocol: 12 months to fit, 4 to calibrate, 4 to
/// test, each column in standard deviations of the months of the fit, errors over all origins and columns. One setting for all.
/// </summary>
[<RequireQualifiedAccess>]
module ForecastStudy =

    /// The environment variable that names the folder which holds the folder ett.
    let private variable: string = "KOOPMAN_DATA"

    /// Hours of a month of 30 days.
    let private month: int = 720

    /// The folder with the two files, if there is one: in the variable, or in the current folder, or above or beside it.
    let private folder () : string option =
        let above =
            Some(DirectoryInfo(Directory.GetCurrentDirectory()))
            |> Seq.unfold (Option.map (fun (at: DirectoryInfo) -> at.FullName, Option.ofObj at.Parent))
            |> Seq.collect (fun at -> [ Path.Combine(at, "data", "ett"); Path.Combine(at, "shared", "data", "ett") ])

        let named =
            match Environment.GetEnvironmentVariable variable with
            | null
            | "" -> []
            | data -> [ Path.Combine(data, "ett"); data ]

        Seq.append named above
        |> Seq.tryFind (fun folder -> File.Exists(Path.Combine(folder, "ETTh1.csv")))

    /// The first months of a file.
    let private read (months: int) (path: string) : Outcome<Trajectories> =
        result {
            let! struct (_, table) = Csv.readDated path
            use! samples = Samples.ofNumericArray table.Values
            use _ = Tensors.scope ()
            return! Trajectories.create 1.0 [ Tensors.rows 0 (months * month) samples.Points ]
        }

    let private options (horizon: int) : ForecastOptions =
        { Forecaster.defaults with
            LookBack = Some 512
            Horizon = horizon
        }

    /// The test of one file at one horizon, and the processor seconds it took.
    let private test (testMonths: int) (horizon: int) (path: string) : Outcome<struct (Backtest * float)> =
        result {
            use! data = read (16 + testMonths) path
            let before = Run.cpuSeconds ()
            let! found = Backtest.between (12 * month) (4 * month) (options horizon) data
            return struct (found, Run.cpuSeconds () - before)
        }

    let private key (name: string) : string =
        match name with
        | "last value" -> "last_value"
        | "drift" -> "drift"
        | "autoregression" -> "autoregression"
        | "direct ridge" -> "direct_ridge"
        | _ -> "last_season"

    let private columns: string list =
        [
            "<series"
            "horizon"
            "origins"
            "mse"
            "mae"
            "cover"
            "lowest"
            "paths"
            "scenarios"
            "last value"
            "last season"
            "drift"
            "AR"
            "direct ridge"
            "CPU s"
        ]

    let private row (name: string) (horizon: int) (found: Backtest) (seconds: float) : string list =
        [
            name
            string horizon
            string found.Origins
            Ui.number found.Model.MeanSquaredError
            Ui.number found.Model.MeanAbsoluteError
            Ui.number found.MeanCoverage
            Ui.number (Array.min found.Coverage)
            Ui.number found.JointCoverage
            Ui.number found.ScenarioCoverage
            for rival in found.Rivals do
                Ui.number rival.MeanSquaredError

            Ui.number seconds
        ]

    let private metrics (prefix: string) (found: Backtest) (seconds: float) : (string * float) list =
        [
            $"{prefix}.mse", found.Model.MeanSquaredError
            $"{prefix}.mae", found.Model.MeanAbsoluteError
            $"{prefix}.cover90", found.MeanCoverage
            $"{prefix}.lowest_cover90", Array.min found.Coverage
            $"{prefix}.joint_cover90", found.JointCoverage
            $"{prefix}.scenario_cover90", found.ScenarioCoverage

            for rival in found.Rivals do
                $"{prefix}.{key rival.Name}_mse", rival.MeanSquaredError

            $"{prefix}.cpu_seconds", seconds
        ]

    let private skipped: string =
        $"The electricity series are skipped: there is no folder data/ett with ETTh1.csv and ETTh2.csv in the current folder or above; put them there, or name the folder above it in {variable}"

    /// Rows of the table, and metrics.
    type private Part = string list list * (string * float) list

    let private electricity
        (testMonths: int)
        (horizons: int list)
        (report: float -> unit)
        (folder: string)
        : Outcome<Part> =
        let cases =
            [
                for name in [ "ETTh1"; "ETTh2" ] do
                    for horizon in horizons -> name, horizon
            ]

        List.indexed cases
        |> Outcome.collect (fun (i, (name, horizon)) ->
            test testMonths horizon (Path.Combine(folder, $"{name}.csv"))
            |> Result.map (fun (struct (found, seconds)) ->
                report (float (i + 1) / float cases.Length)
                name, horizon, found, seconds))
        |> Result.map (fun all ->
            [ for name, horizon, found, seconds in all -> row name horizon found seconds ],
            [
                for series, found in all |> List.groupBy (fun (name, _, _, _) -> name.ToLowerInvariant()) do
                    for _, horizon, test, seconds in found do
                        yield! metrics $"{series}.{horizon}" test seconds

                    let mean value =
                        found |> List.averageBy (fun (_, _, test, _) -> value test)

                    $"{series}.mean_mse", mean (fun (test: Backtest) -> test.Model.MeanSquaredError)
                    $"{series}.mean_mae", mean (fun (test: Backtest) -> test.Model.MeanAbsoluteError)
                    $"{series}.mean_cover90", mean _.MeanCoverage
                    $"{series}.mean_joint_cover90", mean _.JointCoverage
                    $"{series}.mean_scenario_cover90", mean _.ScenarioCoverage
            ])

    let private ofSystem (system: ForecastSystem) : Outcome<Part> =
        result {
            use! data = Trajectories.ofArrays 1.0 [ system.Rows ]

            let options =
                { Forecaster.defaults with
                    LookBack = Some 96
                    Horizon = system.Horizon
                }

            let before = Run.cpuSeconds ()
            let! found = Backtest.run options data
            let seconds = Run.cpuSeconds () - before
            use! forecaster = Forecaster.fit options data
            let prefix = system.Name.Replace(' ', '_').Replace('-', '_').ToLowerInvariant()

            return
                [ row system.Name system.Horizon found seconds ],
                [
                    yield! metrics prefix found seconds

                    match system.Bound with
                    | Some bound -> $"{prefix}.mse_over_bound", found.Model.MeanSquaredError / bound
                    | None -> ()

                    match ForecastSystems.periodError system forecaster.Eigenvalues with
                    | Some error -> $"{prefix}.period_error", error
                    | None -> ()
                ]
        }

    /// The study of one size: the months of the test of the electricity series and their horizons, the stretches that the monitor watches, and the pieces
    /// of 100,000 rows that are streamed.
    let private run
        (testMonths: int)
        (horizons: int list)
        (stretches: int)
        (pieces: int)
        (report: float -> unit)
        (seed: Seed)
        : Outcome<Findings> =
        result {
            let! rows, values =
                match folder () with
                | None -> Ok([], [])
                | Some folder -> electricity testMonths horizons (fun share -> report (0.7 * share)) folder

            let! systems = ForecastSystems.all seed 5000 |> Outcome.collect ofSystem
            report 0.8
            let! struct (falseAlarms, foundChanges) = ForecastSystems.alarms seed stretches
            report 0.9
            let! struct (seconds, growth) = ForecastSystems.stream seed pieces 100_000
            report 1.0
            let rows = rows @ List.collect fst systems

            return
                {
                    Metrics =
                        [
                            yield! values
                            yield! List.collect snd systems
                            "monitor.false_alarms", falseAlarms
                            "monitor.changes_found", foundChanges
                            "stream.rows", float pieces * 1e5
                            "stream.cpu_seconds", seconds
                            "stream.megabytes", growth
                        ]
                    Extra =
                        [
                            if values.IsEmpty then
                                "skipped", Json.text skipped
                        ]
                    Table =
                        (if values.IsEmpty then
                             columns, rows @ [ skipped :: List.replicate (columns.Length - 1) "" ]
                         else
                             columns, rows)
                    Sections =
                        [
                            {
                                Heading = "Forecasts"
                                Blocks =
                                    [
                                        PageTable.ofText
                                            "Mean squared errors over all origins and columns, in variances of the rows of the fit; coverage of intervals at level .9, in the mean and at the worst horizon, of whole paths, and of scenarios."
                                            columns
                                            rows
                                    ]
                            }
                        ]
                }
        }

    /// <summary>For <c>./koopman reproduce forecast</c>; quick: one month of tests.</summary>
    let experiment: Experiment =
        {
            Name = "forecast"
            Summary =
                "ETTh1 and ETTh2 at 96 to 720 hours, and systems with known spectra: errors, coverage, rivals; monitoring; streams"
            Minutes = 3.0
            Work =
                Work.AtOnce(fun size ->
                    // A brief run leaves out the electricity series.
                    let horizons = if size = Size.Brief then [] else [ 96; 192; 336; 720 ]
                    size.Choose(run 4 horizons 200 100, run 1 horizons 40 5))
        }
