namespace Koopman.Cli.Tests

open System
open System.Globalization
open System.IO
open System.Text.Json
open Expecto
open Koopman
open Koopman.Tests

/// What `koopman forecast` can do beyond a table with dates.
module ForecastTests =

    let private noise (seed: int) (count: int) : float[] =
        use draws = Seed.normal [| int64 count |] (Seed.ofInt seed)
        Tensors.toArray draws

    let private text (x: float) : string =
        x.ToString("F4", CultureInfo.InvariantCulture)

    let private season (t: int) : float =
        5.0 * sin (2.0 * Math.PI * float t / 24.0)

    /// A load with a season that answers a temperature at once.
    let private load (temperature: float[]) (e: float[]) (t: int) : float =
        50.0 + season t + 3.0 * temperature[t] + e[t]

    let private table
        (folder: TemporaryFolder)
        (name: string)
        (header: string)
        (first: int)
        (count: int)
        (row: int -> string)
        : string =
        let date (t: int) =
            DateTime(2024, 1, 1).AddHours(float t).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)

        folder.Write(
            name,
            String.Join('\n', header :: [ for t in first .. first + count - 1 -> $"{date t},{row t}" ])
            + "\n"
        )

    let private ok (arguments: string list) : string =
        let code, out, error = Tool.run arguments
        Expect.equal code 0 $"the exit code; the tool said: {error}"
        out

    let private json (path: string) : JsonElement =
        JsonDocument.Parse(File.ReadAllText path).RootElement

    let private at (indices: int list) (key: string) (element: JsonElement) : JsonElement =
        (element.GetProperty key, indices) ||> List.fold (fun element i -> element[i])

    let private number (element: JsonElement) (key: string) (i: int) (j: int) : float =
        (at [ i; j ] key element).GetDouble()

    let private common: string list = [ "--horizon"; "12"; "--lookback"; "48" ]

    let tests: Test =
        testList
            "Forecast"
            [
                testInFolder "Known inputs: effects, forecasts given them, and scenarios" (fun folder ->
                    let temperature, e = noise 1 1212, noise 2 1212

                    let row t =
                        $"{text (load temperature e t)},{text temperature[t]}"

                    let data = table folder "load.csv" "date,load,temp" 0 1200 row

                    let future =
                        table folder "future.csv" "date,temp" 1200 12 (fun t -> text temperature[t])

                    let result = folder.File "result.json"

                    let out =
                        ok (
                            [
                                "forecast"
                                data
                                "--inputs"
                                "temp"
                                "--future"
                                future
                                "--json"
                                result
                                "--scenarios"
                                "3"
                            ]
                            @ common
                        )

                    Expect.stringContains out "1 input(s) (temp)" "what was understood"
                    Expect.stringContains out "2024-02-20 00:00:00" "the first date ahead"
                    let root = json result
                    let effect = (at [ 0; 0; 0 ] "input_effects" root).GetDouble()
                    Expect.isLessThan (abs (effect - 3.0)) 0.15 "the effect of a degree"

                    for h in 0..11 do
                        let exact = 50.0 + season (1200 + h) + 3.0 * temperature[1200 + h]
                        Expect.isLessThan (abs (number root "forecast" h 0 - exact)) 1.0 "the forecast"
                        Expect.isGreaterThan (number root "joint_upper" h 0) (number root "upper" h 0) "the joint band"

                    Expect.equal ((root.GetProperty "scenarios").GetArrayLength()) 3 "the scenarios"
                    Expect.equal ((at [ 0 ] "scenarios" root).GetArrayLength()) 12 "their rows"
                    let left = [ "load.csv"; "future.csv"; "result.json" ]

                    Tool.refuses folder [ "temp"; "--future" ] left ([ "forecast"; data; "--inputs"; "temp" ] @ common)

                    Tool.refuses
                        folder
                        [ "'wind'"; "load, temp" ]
                        left
                        ([ "forecast"; data; "--inputs"; "wind" ] @ common)

                    Tool.refuses folder [ "--inputs" ] left ([ "forecast"; data; "--future"; future ] @ common))

                testInFolder "Later rows are watched, settings chosen, and a forecaster stored" (fun folder ->
                    let e = noise 3 1400
                    let row (t: int) = text (season t + e[t])
                    let data = table folder "x.csv" "date,x" 0 1200 row

                    let later =
                        table folder "later.csv" "date,x" 1200 150 (fun t ->
                            text (season t + e[t] + (if t = 1250 then 9.0 else 0.0)))

                    let result, model = folder.File "result.json", folder.File "x.safetensors"

                    let out =
                        ok (
                            [
                                "forecast"
                                data
                                "--watch"
                                later
                                "--select"
                                "--periods"
                                "24"
                                "--save"
                                model
                                "--json"
                                result
                            ]
                            @ common
                        )

                    Expect.stringContains out "chosen by validation" "the choice"
                    Expect.stringContains out "no change of the operator" "the verdict"
                    let root = json result

                    let scores =
                        [|
                            for p in ((root.GetProperty "watch").GetProperty "row_p_values").EnumerateArray() ->
                                p.GetDouble()
                        |]

                    Expect.equal scores.Length 150 "a score for each row"
                    Expect.equal scores[50] (Array.min scores) "the spike"

                    let modes = root.GetProperty "modes"

                    Expect.exists
                        [
                            for mode in modes.EnumerateArray() -> (mode.GetProperty "period_rows").GetDouble()
                        ]
                        (fun period -> abs (period - 24.0) < 1e-9)
                        "the given period"

                    Expect.isGreaterThan
                        ((root.GetProperty "selection").GetProperty("candidates").GetArrayLength())
                        3
                        "what was tried"

                    use stored = Forecaster.load model |> Outcome.get
                    let made = Forecaster.forecast 12 stored |> Outcome.get
                    Expect.equal (number root "forecast" 11 0) made.Mean[11, 0] "the same bits from the file")

                testInFolder
                    "Missing values are filled, dates go on, and words that are not there are refused"
                    (fun folder ->
                        let e = noise 4 1200

                        let data =
                            table folder "x.csv" "date,x" 0 1200 (fun t ->
                                if t % 50 = 7 || (t >= 600 && t < 612) then
                                    ""
                                else
                                    text (season t + 0.1 * e[t]))

                        let result = folder.File "result.json"

                        Tool.refuses
                            folder
                            [ "x is missing"; "--missing fill" ]
                            [ "x.csv" ]
                            ([ "forecast"; data ] @ common)

                        let out = ok ([ "forecast"; data; "--missing"; "fill"; "--json"; result ] @ common)
                        Expect.stringContains out "missing values filled" "what is said"
                        Expect.stringContains out "2024-02-20 00:00:00" "the first date ahead"
                        let root = json result

                        for h in 0..11 do
                            Expect.isLessThan (abs (number root "forecast" h 0 - season (1200 + h))) 0.4 "the forecast"

                        for option, word in [ "--coupling", "both"; "--structure", "round"; "--periods", "24,x" ] do
                            Tool.run ([ "forecast"; data; "--missing"; "fill"; option; word ] @ common)
                            |> fun (code, _, error) ->
                                Expect.equal code 2 option
                                Expect.stringContains error option "the message")
                testInFolder "Dates that skip, repeat or go back are refused with what to do" (fun folder ->
                    let e = noise 5 300
                    let rows = [ for t in 0..299 -> t ]

                    let write (name: string) (rows: int list) =
                        let date (t: int) =
                            DateTime(2024, 1, 1)
                                .AddHours(float t)
                                .ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)

                        folder.Write(
                            name,
                            String.Join(
                                '\n',
                                "date,x" :: [ for t in rows -> $"{date t},{text (season t + 0.1 * e[t])}" ]
                            )
                            + "\n"
                        )

                    let gap = write "gap.csv" (rows |> List.filter (fun t -> t < 100 || t > 102))

                    let twice =
                        write "twice.csv" (rows |> List.collect (fun t -> if t = 150 then [ t; t ] else [ t ]))

                    let back = write "back.csv" (List.rev rows)
                    let files = [ "back.csv"; "gap.csv"; "twice.csv" ]

                    Tool.refuses
                        folder
                        [ "2024-01-05 03:00"; "2024-01-05 07:00"; "1 h"; "--missing fill"; "--by-row" ]
                        files
                        ([ "forecast"; gap ] @ common)

                    for path in [ twice; back ] do
                        Tool.refuses folder [ "must rise"; "--by-row" ] files ([ "forecast"; path ] @ common)

                    let result = folder.File "result.json"
                    // What the message advises.
                    ok ([ "forecast"; gap; "--missing"; "fill"; "--json"; result ] @ common)
                    |> ignore

                    for h in 0..11 do
                        Expect.isLessThan (abs (number (json result) "forecast" h 0 - season (300 + h))) 0.5 "filled"

                    let out = ok ([ "forecast"; twice; "--by-row"; "--json"; result ] @ common)
                    Expect.stringContains out "a row is a unit of time" "what was understood"
                    Expect.equal ((at [ 0 ] "times" (json result)).GetString()) "301" "rows are counted")

                testInFolder "Months, month ends and weekdays go on by the calendar" (fun folder ->
                    let e = noise 6 400

                    let times (name: string) (dates: DateTime list) =
                        let date (date: DateTime) =
                            date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)

                        let path =
                            folder.Write(
                                name,
                                String.Join(
                                    '\n',
                                    "date,x"
                                    :: [ for t, day in List.indexed dates -> $"{date day},{text (season t + e[t])}" ]
                                )
                                + "\n"
                            )

                        let result = folder.File(name + ".json")

                        let out =
                            ok [ "forecast"; path; "--horizon"; "6"; "--lookback"; "24"; "--json"; result ]

                        out, [ for h in 0..2 -> (at [ h ] "times" (json result)).GetString() ]

                    let start = DateTime(2000, 1, 1)
                    let months = [ for m in 0..239 -> start.AddMonths m ]
                    let said, next = times "months.csv" months
                    Expect.stringContains said "a row every month" "months"
                    Expect.equal next [ "2020-01-01"; "2020-02-01"; "2020-03-01" ] "months"

                    let ends = months |> List.map (fun day -> day.AddMonths(1).AddDays -1.0)

                    Expect.equal
                        (snd (times "ends.csv" ends))
                        [ "2020-01-31"; "2020-02-29"; "2020-03-31" ]
                        "month ends"

                    let quarters = months |> List.filter (fun day -> day.Month % 3 = 1)
                    Expect.equal (snd (times "q.csv" quarters)) [ "2020-01-01"; "2020-04-01"; "2020-07-01" ] "quarters"

                    // 2001-02-02 is a Friday; one Monday is a holiday.
                    let weekdays =
                        [ for d in 0..398 -> start.AddDays(float d) ]
                        |> List.filter (fun day ->
                            day.DayOfWeek <> DayOfWeek.Saturday
                            && day.DayOfWeek <> DayOfWeek.Sunday
                            && day <> DateTime(2000, 5, 1))

                    let said, next = times "weekdays.csv" weekdays
                    Expect.stringContains said "1 weekday(s) without one" "weekdays"
                    Expect.equal next [ "2001-02-05"; "2001-02-06"; "2001-02-07" ] "weekdays")

                testInFolder "Rows without times have inputs and missing values too" (fun folder ->
                    let u, e = noise 7 612, noise 8 612

                    let row (t: int) =
                        $"{text (season t + 3.0 * u[t] + e[t])},{text u[t]}"

                    let write (name: string) (header: string) (rows: string list) =
                        folder.Write(name, String.Join('\n', header :: rows) + "\n")

                    let data = write "data.csv" "x,u" [ for t in 0..599 -> row t ]
                    let future = write "future.csv" "u" [ for t in 600..611 -> text u[t] ]
                    let result = folder.File "result.json"

                    let out =
                        ok (
                            [ "forecast"; data; "--inputs"; "u"; "--future"; future; "--json"; result ]
                            @ common
                        )

                    Expect.stringContains out "1 input(s) (u)" "what was understood"
                    let effect = (at [ 0; 0; 0 ] "input_effects" (json result)).GetDouble()
                    Expect.isLessThan (abs (effect - 3.0)) 0.25 "the effect"

                    let holes =
                        write
                            "holes.csv"
                            "x,y"
                            [
                                for t in 0..599 ->
                                    if t % 50 = 7 then
                                        $",{t % 7}"
                                    else
                                        $"{text (season t)},{t % 7}"
                            ]

                    Expect.stringContains
                        (ok ([ "forecast"; holes; "--missing"; "fill" ] @ common))
                        "12 missing values filled"
                        "what is said"

                    let left = [ "data.csv"; "future.csv"; "holes.csv"; "result.json" ]

                    Tool.refuses
                        folder
                        [ "--input-lags"; "--inputs" ]
                        left
                        ([ "forecast"; data; "--input-lags"; "2" ] @ common)

                    // Options, not settings of the library.
                    for word, arguments in
                        [
                            "--level", [ "--level"; "90" ]
                            "--level", [ "--level"; "0.9999" ]
                            "--half-life", [ "--half-life"; "0" ]
                            "--periods", [ "--periods"; "1.5" ]
                            "--periods", [ "--periods"; "24,12,8,6,5,4,3" ]
                        ] do
                        let code, _, error =
                            Tool.run ([ "forecast"; holes; "--missing"; "fill" ] @ common @ arguments)

                        Expect.equal code 2 word
                        Expect.stringContains error word "the option"

                        for setting in
                            [
                                "Forecaster.defaults"
                                "Level"
                                "HeldOut"
                                "HalfLife"
                                "Periods"
                                "Rank"
                                "Horizon"
                            ] do
                            Expect.isFalse (error.Contains setting) $"no {setting} in: {error}")
            ]
        |> testSequenced
