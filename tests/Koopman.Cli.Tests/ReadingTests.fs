namespace Koopman.Cli.Tests

open System
open System.Globalization
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open Koopman
open Koopman.Tests

/// Data files as they come, through the tool; each remedy of a message is followed.
module ReadingTests =

    let private text (value: float) : string =
        value.ToString("R", CultureInfo.InvariantCulture)

    /// e^{-.1t} (cos 2t, sin 2t).
    let private spiral (t: float) : float list =
        [ exp (-0.1 * t) * cos (2.0 * t); exp (-0.1 * t) * sin (2.0 * t) ]

    let private times: float list = [ for k in 0..119 -> 0.05 * float k ]

    let private table (header: string) (row: float -> string list) (times: float seq) : string =
        times
        |> Seq.map (fun t -> String.Join(",", row t))
        |> Seq.append [ header ]
        |> String.concat "\n"

    let private plain (t: float) : string list = text t :: List.map text (spiral t)

    /// The spectrum has the modes -.1 ± 2i, and the first line on standard output holds these words.
    let private finds (folder: TemporaryFolder) (words: string list) (arguments: string list) : unit =
        let json = folder.File "spectrum.json"
        let code, out, error = Tool.run ("spectrum" :: arguments @ [ "--json"; json ])
        Expect.equal code 0 error
        let first = (out.Split '\n')[0]

        for word in words do
            Expect.stringContains first word "the first line"

        use document = JsonDocument.Parse(File.ReadAllText json)
        Expect.equal (document.RootElement.GetProperty("understood").GetString()) (first.TrimEnd()) "understood"

        let modes =
            [
                for mode in document.RootElement.GetProperty("modes").EnumerateArray() ->
                    mode.GetProperty("rate").GetDouble(), abs (mode.GetProperty("frequency").GetDouble())
            ]

        Expect.exists
            modes
            (fun (rate, frequency) -> abs (rate - 0.1) < 0.01 && abs (frequency - 2.0) < 0.02)
            $"a mode at .1 + 2i among {modes}"

    /// What the tool says when it refuses.
    let private message (arguments: string list) : string =
        let code, out, error = Tool.run ("spectrum" :: arguments)
        Expect.equal (code, out) (2, "") error
        error

    /// The first option with its value in a message: what a reader would type.
    let private advised (option: string) (said: string) : string list =
        let found = Regex.Match(said, option + " ('[^']+'|[^ ;.)]+)")
        Expect.isTrue found.Success $"{option} in: {said}"
        [ option; found.Groups[1].Value.TrimEnd(',').Trim ''' ]

    let private dmd = [ "--estimator"; "dmd" ]

    let private understood: Test list =
        [
            testInFolder "A column named u is a state" (fun folder ->
                let path = folder.Write("a.csv", table "time,u,v" plain times)

                finds
                    folder
                    [
                        "a.csv: 1 trajectory, 120 rows, 2 states (u, v), times from column `time`, step 0.05"
                        "--inputs u"
                    ]
                    (path :: dmd))

            testInFolder "Stamps with three decimals are equally spaced" (fun folder ->
                let row (t: float) =
                    t.ToString("F3", CultureInfo.InvariantCulture) :: List.map text (spiral t)

                let path =
                    folder.Write("a.csv", table "t [s],a,b" row [ for k in 0..119 -> float k / 30.0 ])

                finds folder [ "step 0.0333"; "0.0005" ] (path :: dmd))

            testInFolder "Irregular times reach optimised DMD, and pairs at a lag" (fun folder ->
                let jitter = [ for k in 0..199 -> 0.05 * float k + 0.004 * sin (float (k * k)) ]
                let path = folder.Write("a.csv", table "t,a,b" plain jitter)
                finds folder [ "at irregular steps" ] [ path ]
                let said = message (path :: dmd)
                Expect.isFalse (said.Contains "Trajectories." || said.Contains "OptimizedDmd") said
                finds folder [ "irregular" ] (path :: advised "--estimator" said)

                let code, out, error =
                    Tool.run [ "spectrum"; path; "--lag"; "0.1"; "--estimator"; "edmd-general" ]

                Expect.equal code 0 error
                Expect.stringContains out "pairs of states 0.1000 apart" "the first line")

            testInFolder "A gap is cut" (fun folder ->
                let gap = times |> List.filter (fun t -> t < 2.0 || t > 3.0)
                let path = folder.Write("a.csv", table "t,a,b" plain gap)

                finds
                    folder
                    [ "2 trajectories"; "step 0.05"; "1 cut" ]
                    (path :: advised "--missing" (message (path :: dmd)) @ dmd))

            testInFolder "Decimal commas, units and dates" (fun folder ->
                let comma (t: float) =
                    plain t
                    |> List.map (fun number -> number.Replace('.', ','))
                    |> String.concat ";"
                    |> List.singleton

                let path = folder.Write("a.csv", table "t;a;b\ns;m;m" comma times)
                finds folder [ "a [m]"; "decimal commas" ] (path :: dmd)

                let dated (t: float) =
                    DateTime(2024, 1, 1).AddSeconds(t).ToString("yyyy-MM-dd HH:mm:ss.ff", CultureInfo.InvariantCulture)
                    :: List.map text (spiral t)

                let path = folder.Write("b.csv", table "date,a,b" dated times)
                finds folder [ "times from the dates in `date` [s], step 0.05" ] (path :: dmd))

            testInFolder "Short trajectories are left out and counted" (fun folder ->
                let runs =
                    table "run,t,a,b" (fun t -> "one" :: plain t) times
                    + "\ntwo,0,1,1\nthree,0,1,1\nthree,0.05,1,1\n"

                let path = folder.Write("a.csv", runs)

                finds
                    folder
                    [ "1 trajectory of one row left out"; "1 too short for 2 delays left out" ]
                    (path :: "--delays" :: "2" :: dmd))

            testInFolder "Other verbs say it as well" (fun folder ->
                let path = folder.Write("a.csv", table "t,a,b" plain times)

                let code, out, error =
                    Tool.run [ "particles"; path; "--count"; "20"; "--out"; folder.File "p.npy" ]

                Expect.equal code 0 error
                Expect.stringStarts out "a.csv: 1 trajectory, 120 rows, 2 states (a, b)" "the first line")
        ]

    let private recipes: Test list =
        [
            testInFolder "A clock of another name" (fun folder ->
                let path = folder.Write("a.csv", table "my clock,a,b" plain times)
                let said = message (path :: dmd)
                Expect.stringContains said "looks like a clock" "the message"
                finds folder [ "times from column `my clock`" ] (path :: advised "--time" said @ dmd)
                finds folder [ "not used: `my clock`" ] (path :: advised "--columns" said @ [ "--lag"; "0.05" ] @ dmd))

            testInFolder "Text, and a column that is not there" (fun folder ->
                let row (t: float) = plain t @ [ "up" ]
                let path = folder.Write("a.csv", table "t,a,b,what" row times)
                let said = message (path :: dmd)
                finds folder [] (path :: advised "--trajectory" said @ dmd)
                Expect.stringContains said "of t, a, b" "the message"
                finds folder [ "not used: `what`" ] (path :: "--columns" :: "a,b" :: dmd)

                Expect.stringContains
                    (message [ path; "--columns"; "c" ])
                    "The columns are t, a, b, what"
                    "the message")

            testInFolder "Missing values" (fun folder ->
                let row (t: float) =
                    if t = 2.0 then [ text t; "NA"; "" ] else plain t

                let path = folder.Write("a.csv", table "t,a,b" row times)
                let said = message (path :: dmd)
                Expect.stringContains said "line 42" "the message"
                finds folder [ "1 row with missing values left out" ] (path :: advised "--missing" said @ dmd))

            testInFolder "Transposed data" (fun folder ->
                let path = folder.File "a.npy"

                let columns = List.map spiral times

                Npy.write
                    path
                    {
                        Shape = [| 2; times.Length |]
                        Values =
                            [|
                                for i in 0..1 do
                                    for state in columns -> state[i]
                            |]
                    }
                |> Outcome.get

                let lag = path :: "--lag" :: "0.05" :: dmd
                finds folder [ "120 rows, 2 states (x1, x2)" ] (lag @ advised "--layout" (message lag)))

            testInFolder "An array without a lag" (fun folder ->
                let path = folder.File "a.npz"

                let states =
                    {
                        Shape = [| times.Length; 2 |]
                        Values = times |> List.collect spiral |> Array.ofList
                    }

                Npy.writeArchive
                    path
                    (Map
                        [
                            "x", states
                            "u",
                            {
                                Shape = [| times.Length |]
                                Values = Array.init times.Length float
                            }
                        ])
                |> Outcome.get

                Expect.stringContains (message [ path ]) "--lag TIME" "the message"
                Npy.writeArchive path (Map [ "states", states ]) |> Outcome.get
                Expect.stringContains (message [ path ]) "--columns" "the message"
                finds folder [] (path :: "--columns" :: "states" :: "--lag" :: "0.05" :: dmd)

                Npy.writeArchive path (Map [ "arr_0", states; "dt", NumericArray.scalar 0.05 ])
                |> Outcome.get

                finds folder [ "x from `arr_0`; lag from `dt`" ] (path :: dmd))
        ]

    let private misuse: Test list =
        [
            testInFolder "A file of another kind is named" (fun folder ->
                let table = folder.Write("a.csv", "t,a\n0,1\n1,2\n")
                let asArray = folder.Write("a.npy", "t,a\n0,1\n1,2\n")
                let out = folder.File "out.npy"

                for word, arguments in
                    [
                        "not a safetensors file but text", [ "flow"; "sample"; table; "--out"; out ]
                        "give it the ending .csv", [ "spectrum"; asArray ]
                        "There is no file ''", [ "spectrum"; "" ]
                    ] do
                    Tool.refuses folder [ word ] [ "a.csv"; "a.npy" ] arguments)

            testInFolder "More pairs than the memory holds are refused" (fun folder ->
                Tool.refuses
                    folder
                    [ "2000000000 pairs"; "GB"; "--pairs" ]
                    []
                    [
                        "simulate"
                        "quadruple-well"
                        "--pairs"
                        "2000000000"
                        "--out"
                        folder.File "a.npz"
                    ])

            testInFolder "What is typed wrongly is named" (fun folder ->
                for words, arguments in
                    [
                        [ "'frobnicate'"; "spectrum"; "flow" ], [ "frobnicate" ]
                        [ "'paint'"; "train" ], [ "flow"; "paint" ]
                        [ "'0,1' is not a number"; "0.1" ], [ "spectrum"; "a.csv"; "--lag"; "0,1" ]
                        [ "columns"; "frames" ], [ "spectrum"; "a.csv"; "--layout"; "columns" ]
                    ] do
                    Tool.refuses folder words [] arguments)
        ]

    let private several: Test list =
        [
            testInFolder "Several files and patterns are several trajectories" (fun folder ->
                for k in 1..3 do
                    let late = times |> List.map (fun t -> t + 0.3 * float k)
                    folder.Write($"run-{k}.csv", table "t,a,b" plain late) |> ignore

                let first =
                    "3 files (run-1.csv, run-2.csv, run-3.csv): 3 trajectories, 360 rows, 2 states (a, b), step 0.05"

                finds folder [ first ] ([ for k in 1..3 -> folder.File $"run-{k}.csv" ] @ dmd)
                finds folder [ first ] (folder.File "run-*.csv" :: dmd)
                // One file that a pattern names is that file.
                finds folder [ "run-2.csv: 1 trajectory" ] (folder.File "run-2*.csv" :: dmd)
                let out = folder.File "out.npy"

                let code, said, error =
                    Tool.run
                        [
                            "particles"
                            folder.File "run-1.csv"
                            folder.File "run-2.csv"
                            "--count"
                            "20"
                            "--out"
                            out
                        ]

                Expect.equal code 0 error
                Expect.stringContains said "2 files (run-1.csv, run-2.csv)" "standard output"

                let code, said, error =
                    Tool.run [ "forecast"; folder.File "run-?.csv"; "--horizon"; "5" ]

                Expect.equal code 0 error
                Expect.stringContains said "3 files" "standard output")

            testInFolder "Files whose columns differ are refused by name" (fun folder ->
                let one = folder.Write("one.csv", table "t,a,b" plain times)
                let two = folder.Write("two.csv", table "t,a,c" plain times)
                let said = message [ one; two ]
                Expect.stringContains said "two.csv has the states a, c" "the message"
                Expect.stringContains said "--columns" "the message"
                let said = message [ folder.File "none-*.csv" ]
                Expect.stringContains said "none-*.csv" "the message")
        ]

    let tests: Test =
        testSequenced (testList "Reading" (understood @ recipes @ misuse @ several))
