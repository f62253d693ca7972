(**
# A forecast from a table

The F# program of [forecast.md](forecast.md), on a table that the script makes first. It checks what the page claims and ends with exit code 1 if a
claim fails. Build first (`./koopman setup`), then:

    dotnet fsi docs/forecast.fsx
*)
#load "samples/Claims.fsx"

open System
open System.IO
open Koopman
open Claims

Environment.CurrentDirectory <- Directory.CreateTempSubdirectory("koopman-").FullName
let path = "load.csv"

let exact (hour: int) : float =
    50.0
    + 10.0 * sin (2.0 * Math.PI * float hour / 24.0)
    + 4.0 * cos (2.0 * Math.PI * float hour / 168.0)

let rows = 2000
let noise = Seed.normal [| int64 rows |] (Seed.ofInt 1) |> Tensors.toArray

File.WriteAllLines(
    path,
    [|
        "date,load"
        for hour in 0 .. rows - 1 do
            let date = DateTime(2024, 1, 1).AddHours(float hour)
            FormattableString.Invariant $"{date:``yyyy-MM-dd HH:mm``},{exact hour + noise[hour]:F3}"
    |]
)

(** The program. *)
let series = Dataset.readTrajectories path |> Outcome.get // dates in the first column, numbers in the others

let options =
    { Forecaster.defaults with
        Horizon = 24
    }

let forecaster = Forecaster.fit options series |> Outcome.get
let forecast = Forecaster.forecast 24 forecaster |> Outcome.get

for h in 0..6..23 do
    printfn $"{h + 1} ahead: {forecast.Mean[h, 0]:F1}, 90 %% in [{forecast.Lower[h, 0]:F1}, {forecast.Upper[h, 0]:F1}]"

let test = Backtest.run options series |> Outcome.get
printfn $"coverage {test.MeanCoverage:F2}; {test.Verdict}"
Forecaster.save "load.safetensors" forecaster |> Outcome.get

(** What it found. *)
let errors = Array.init 24 (fun h -> abs (forecast.Mean[h, 0] - exact (rows + h)))

claim "the forecast is within the standard deviation of the noise, 1, of the exact values" (Array.max errors < 1.0)

claim
    "the day is among the modes"
    (forecaster.Eigenvalues
     |> Array.exists (fun value -> abs (2.0 * Math.PI / value.Phase - 24.0) < 0.1))

claim "intervals of 90 % contain about as many values" (abs (test.MeanCoverage - 0.9) < 0.04)

claim
    "no rival is better"
    (test.Rivals
     |> Array.forall (fun rival -> rival.MeanSquaredError > 0.99 * test.Model.MeanSquaredError))

claim "the file is there" (File.Exists "load.safetensors")
finish ()
