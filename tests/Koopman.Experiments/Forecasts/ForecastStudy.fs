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
            "coverage"
            "lowest"
            "last value"
            "last season"
            "drift"
            "autoregression"
            "direct ridge"
            "CPU s"
        ]

    let private skipped: Findings =
        let sentence =
            $"Skipped: there is no folder data/ett with ETTh1.csv and ETTh2.csv in the current folder or above; put them there, or name the folder above it in {variable}"

        {
            Metrics = []
            Extra = [ "skipped", Json.text sentence ]
            Table = [ "<forecast" ], [ [ sentence ] ]
            Sections = []
        }

    let private run (testMonths: int) (horizons: int list) (report: float -> unit) (_: Seed) : Outcome<Findings> =
        match folder () with
        | None -> Ok skipped
        | Some folder ->
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
                let ofName = all |> List.groupBy (fun (name, _, _, _) -> name.ToLowerInvariant())

                let rows =
                    [
                        for name, horizon, found, seconds in all ->
                            [
                                name
                                string horizon
                                string found.Origins
                                Ui.number found.Model.MeanSquaredError
                                Ui.number found.Model.MeanAbsoluteError
                                Ui.number found.MeanCoverage
                                Ui.number (Array.min found.Coverage)
                                for rival in found.Rivals do
                                    Ui.number rival.MeanSquaredError

                                Ui.number seconds
                            ]
                    ]

                {
                    Metrics =
                        [
                            for series, found in ofName do
                                for _, horizon, test, seconds in found do
                                    let key' name = $"{series}.{horizon}.{name}"
                                    key' "mse", test.Model.MeanSquaredError
                                    key' "mae", test.Model.MeanAbsoluteError
                                    key' "cover90", test.MeanCoverage
                                    key' "lowest_cover90", Array.min test.Coverage

                                    for rival in test.Rivals do
                                        key' $"{key rival.Name}_mse", rival.MeanSquaredError

                                    key' "cpu_seconds", seconds

                                let mean value =
                                    found |> List.averageBy (fun (_, _, test, _) -> value test)

                                $"{series}.mean_mse", mean (fun (test: Backtest) -> test.Model.MeanSquaredError)
                                $"{series}.mean_mae", mean (fun (test: Backtest) -> test.Model.MeanAbsoluteError)
                                $"{series}.mean_cover90", mean _.MeanCoverage
                        ]
                    Extra = []
                    Table = columns, rows
                    Sections =
                        [
                            {
                                Heading = "Forecasts"
                                Blocks =
                                    [
                                        PageTable.ofText
                                            "Mean squared errors over all origins and columns, in variances of the months of the fit; coverage of intervals at level .9, in the mean and at the worst horizon."
                                            columns
                                            rows
                                    ]
                            }
                        ]
                })

    /// <summary>For <c>./koopman reproduce forecast</c>; quick: one month of tests, the two short horizons.</summary>
    let experiment: Experiment =
        {
            Name = "forecast"
            Summary = "ETTh1 and ETTh2 at 96, 192, 336 and 720 hours: errors, coverage, rivals"
            Minutes = 2.0
            Run = fun size -> size.Choose(run 4 [ 96; 192; 336; 720 ], run 1 [ 96; 192 ])
        }
