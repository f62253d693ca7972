namespace Koopman.Cli.Tests

open System
open System.IO
open System.Text.Json
open Expecto
open Koopman
open Koopman.Cli
open Koopman.Tests

module CommandTests =

    /// A file with one trajectory of the double well, 2,000 states .1 apart.
    let private wellPath (folder: TemporaryFolder) : string =
        use states =
            Systems.trajectory (Systems.doubleWell 1.0) 2000 0.1 (Seed.ofInt 1)
            |> Outcome.get

        let path = folder.File "well.csv"
        Samples.save path states |> Outcome.get
        path

    let private spectra: Test list =
        [
            testInFolder "Simulated pairs have a spectrum with the true rates in their intervals" (fun folder ->
                let data, json = folder.File "wells.npz", folder.File "spectrum.json"

                let code, _, error =
                    Tool.run [ "simulate"; "quadruple-well"; "--pairs"; "4000"; "--out"; data ]

                Expect.equal code 0 error
                let code, out, error = Tool.run [ "spectrum"; data; "--json"; json ]
                Expect.equal code 0 error
                Expect.stringContains out "residual" "the table"
                use document = JsonDocument.Parse(File.ReadAllText json)
                let modes = document.RootElement.GetProperty "modes"
                let exact = Systems.quadrupleWell.Value.Rates

                for k in 0..2 do
                    let number (name: string) = modes[k].GetProperty(name).GetDouble()
                    Expect.inRange exact[k] (number "lower", number "upper") $"the rate of mode {k}"
                    Expect.isGreaterThan (number "standard_error") 0.0 $"the standard error of mode {k}"
                    Expect.isGreaterThanOrEqual (number "residual") 0.0 $"the residual of mode {k}")

            testInFolder "A trajectory in a text file has a spectrum with a lag, and is points without" (fun folder ->
                use states =
                    Systems.trajectory (Systems.ornsteinUhlenbeck 1 1.0) 1000 0.1 (Seed.ofInt 1)
                    |> Outcome.get

                let path = folder.File "states.csv"
                Samples.save path states |> Outcome.get
                let code, out, error = Tool.run [ "spectrum"; path; "--lag"; "0.1" ]
                Expect.equal code 0 error
                Expect.stringContains out "propagator at lag 0.1" "with a lag"
                let code, out, error = Tool.run [ "spectrum"; path ]
                Expect.equal code 0 error
                Expect.stringContains out "positive generator" "without one")

            testInFolder "A table with dates is forecast, with future dates, bands, modes and a test" (fun folder ->
                let start = DateTime(2024, 1, 1)
                let noise = Random 1

                let rows =
                    [|
                        for t in 0..699 ->
                            let date = (start.AddHours(float t)).ToString "yyyy-MM-dd HH:mm:ss"
                            let value = sin (2.0 * Math.PI * float t / 24.0) + 0.1 * noise.NextDouble()
                            FormattableString.Invariant $"{date},{value},{5.0 - value}"
                    |]

                let data =
                    folder.Write("load.csv", "date,load,rest\n" + String.Join('\n', rows) + "\n")

                let json, page = folder.File "f.json", folder.File "f.html"

                let code, out, error =
                    Tool.run
                        [
                            "forecast"
                            data
                            "--horizon"
                            "48"
                            "--lookback"
                            "96"
                            "--json"
                            json
                            "--report"
                            page
                        ]

                Expect.equal code 0 error
                Expect.stringContains out "load.csv: 700 rows of 2 column(s) (load, rest)" "what was understood"
                Expect.stringContains out "verdict:" "the test"
                use document = JsonDocument.Parse(File.ReadAllText json)
                let root = document.RootElement
                Expect.equal ((root.GetProperty "times").[0].GetString()) "2024-01-30 04:00:00" "the first time ahead"
                Expect.equal ((root.GetProperty "forecast").GetArrayLength()) 48 "the rows ahead"

                Expect.inRange
                    ((root.GetProperty "modes").EnumerateArray()
                     |> Seq.map (fun mode -> mode.GetProperty "period_rows")
                     |> Seq.filter (fun period -> period.ValueKind = JsonValueKind.Number)
                     |> Seq.map _.GetDouble()
                     |> Seq.minBy (fun period -> abs (period - 24.0)))
                    (23.9, 24.1)
                    "the day"

                let backtest = root.GetProperty "backtest"
                Expect.inRange (backtest.GetProperty("mean_coverage").GetDouble()) (0.8, 1.0) "coverage"
                Expect.isGreaterThan (FileInfo page).Length 1000L "the report")

            testInFolder "A series that is too short is refused with advice" (fun folder ->
                let data = folder.Write("short.csv", "x\n" + String.Join('\n', [ 1..50 ]) + "\n")

                Tool.refuses
                    folder
                    [ "50 rows"; "--lookback or --horizon" ]
                    [ "short.csv" ]
                    [ "forecast"; data; "--horizon"; "96"; "--lookback"; "10" ])

            testList
                "Every estimator and dictionary that can be typed finds the slow rate"
                [
                    for estimator, observables in
                        [
                            "edmd", "gaussians:20"
                            "edmd", "hermite:5"
                            "edmd", "legendre:5"
                            "edmd", "matern52:20+linear"
                            "edmd", "inverse-multiquadric:15:0.8"
                            "edmd", "thin-plate:12+monomials:3"
                            "edmd", "fourier:4:6"
                            "edmd", "random-fourier:20:0.6"
                            "edmd-general", "monomials:5"
                            "learned", "gaussians"
                            "kernel", "gaussians"
                        ] do
                        testInFolder $"{estimator} with {observables}" (fun folder ->
                            let json = folder.File "spectrum.json"

                            let code, _, error =
                                Tool.run
                                    [
                                        "spectrum"
                                        wellPath folder
                                        "--lag"
                                        "0.1"
                                        "--estimator"
                                        estimator
                                        "--observables"
                                        observables
                                        "--json"
                                        json
                                    ]

                            Expect.equal code 0 error
                            use document = JsonDocument.Parse(File.ReadAllText json)

                            let slowest =
                                document.RootElement.GetProperty("modes").EnumerateArray()
                                |> Seq.map (fun mode -> mode.GetProperty("rate").GetDouble())
                                |> Seq.filter (fun rate -> rate > 1e-3)
                                |> Seq.min

                            // One trajectory of 200 units of time crosses some forty times.
                            Expect.inRange
                                (slowest / (Systems.doubleWell 1.0).Rates[0])
                                (0.6, 1.6)
                                "the slow rate over the exact one")
                ]

            testInFolder
                "Without a name the estimator is the one that the data allow, and the first lines say why"
                (fun folder ->
                    let fits (name: string) (rows: float[,]) =
                        let path, json = folder.File(name + ".csv"), folder.File(name + ".json")

                        File.WriteAllLines(
                            path,
                            Array.init (Array2D.length1 rows) (fun t -> String.Join(",", Array.map string rows[t, *]))
                        )

                        let code, out, error = Tool.run [ "spectrum"; path; "--lag"; "0.1"; "--json"; json ]

                        Expect.equal code 0 error
                        use document = JsonDocument.Parse(File.ReadAllText json)
                        out.Split '\n', document.RootElement.Clone()

                    let mode (root: JsonElement) (k: int) (name: string) : float =
                        let modes = root.GetProperty "modes"
                        modes[k].GetProperty(name).GetDouble()

                    use states =
                        Systems.trajectory (Systems.ornsteinUhlenbeck 2 1.0) 2000 0.1 (Seed.ofInt 1)
                        |> Outcome.get

                    let values = Samples.values states

                    let lines, root =
                        fits "reversible" (Array2D.init 2000 2 (fun t i -> values[2 * t + i]))

                    Expect.stringContains
                        (String.Join("\n", lines))
                        "estimator edmd: no evidence against detailed balance"
                        "reversible"

                    Expect.equal (root.GetProperty("estimator").GetString()) "edmd" "its name"

                    // A spiral without noise about (10, -20): exponents -.1 ± 2i, and 0 of the constant.
                    let spiral =
                        Array2D.init 200 2 (fun t i ->
                            let s = 0.1 * float t
                            let size = 3.0 * exp (-0.1 * s)

                            if i = 0 then
                                10.0 + size * cos (2.0 * s)
                            else
                                -20.0 + size * sin (2.0 * s))

                    let lines, root = fits "spiral" spiral

                    let said = String.Join("\n", lines)
                    Expect.stringContains said "estimator edmd-general: not" "why"
                    Expect.equal (root.GetProperty("estimator").GetString()) "edmd-general" "its name"
                    let modes = root.GetProperty "modes"
                    Expect.isTrue (modes[0].GetProperty("constant").GetBoolean()) "the constant"
                    Expect.isLessThan (abs (mode root 1 "rate" - 0.1)) 1e-6 "the rate"
                    Expect.isLessThan (abs (abs (mode root 1 "frequency") - 2.0)) 1e-6 "the frequency")

            testList
                "Coordinates and their past have a spectrum"
                [
                    for estimator in [ "dmd"; "tica" ] do
                        testInFolder estimator (fun folder ->
                            let path = wellPath folder

                            let code, out, error =
                                Tool.run
                                    [ "spectrum"; path; "--lag"; "0.1"; "--estimator"; estimator; "--delays"; "3" ]

                            Expect.equal code 0 error
                            Expect.stringContains out "1997 samples in 3 dimensions" "what was read")
                ]

            testInFolder "A chosen dictionary stands in the table with those that were not" (fun folder ->
                let json, page = folder.File "spectrum.json", folder.File "page.html"

                let code, out, error =
                    Tool.run
                        [
                            "spectrum"
                            wellPath folder
                            "--lag"
                            "0.1"
                            "--auto"
                            "true"
                            "--json"
                            json
                            "--report"
                            page
                        ]

                Expect.equal code 0 error
                Expect.stringContains out "chosen" "the table"
                use document = JsonDocument.Parse(File.ReadAllText json)

                let candidates =
                    document.RootElement.GetProperty("candidates").EnumerateArray() |> Seq.toList

                Expect.hasLength candidates 12 "the candidates"

                let score (candidate: JsonElement) =
                    candidate.GetProperty("score").GetDouble()

                let chosen =
                    candidates |> List.filter (fun c -> c.GetProperty("chosen").GetBoolean())

                Expect.hasLength chosen 1 "the chosen ones"
                Expect.equal (score chosen.Head) (candidates |> List.map score |> List.max) "the chosen one's score"
                let text = File.ReadAllText page

                for heading in [ "Spectrum"; "Eigenfunctions"; "Timescales"; "Pseudospectrum"; "Numbers" ] do
                    Expect.isTrue (text.Contains $">{heading}</h2>") $"{heading} on the page")

            testInFolder "Estimators that lay their own functions choose none, and points have no past" (fun folder ->
                let path = wellPath folder

                Tool.refuses
                    folder
                    [ "kernel"; "--auto" ]
                    [ "well.csv" ]
                    [ "spectrum"; path; "--lag"; "0.1"; "--estimator"; "kernel"; "--auto"; "true" ]

                Tool.refuses folder [ "--delays"; "--lag" ] [ "well.csv" ] [ "spectrum"; path; "--delays"; "3" ]

                Tool.refuses
                    folder
                    [ "'0'"; "whole number" ]
                    [ "well.csv" ]
                    [ "spectrum"; path; "--observables"; "matern32:0" ])
        ]

    let private particles: Test list =
        [
            testInFolder "Particles go to a file, and the same seed gives the same file" (fun folder ->
                let data = folder.File "wells.npz"

                Tool.run [ "simulate"; "double-well"; "--pairs"; "600"; "--out"; data ]
                |> ignore

                let particles name =
                    let path = folder.File name

                    let code, _, error =
                        Tool.run [ "particles"; data; "--count"; "60"; "--out"; path; "--seed"; "5" ]

                    Expect.equal code 0 error
                    File.ReadAllBytes path

                Expect.equal (particles "two.npy") (particles "one.npy") "the bytes of the file"
                let array = Npy.read (folder.File "one.npy") |> Outcome.get
                Expect.equal array.Shape [| 60; 1 |] "the shape")

            testInFolder "Rows in the order of their values have the same particles' law as in any other" (fun folder ->
                // Of N(0, 1); without the largest fifth the mean would be -.35 and the deviation .76.
                use draws = Seed.normal [| 1000L |] (Seed.ofInt 3)
                let sorted = Tensors.toArray draws |> Array.sort

                let text (x: float) =
                    x.ToString("R", Globalization.CultureInfo.InvariantCulture)

                let lines = "x" :: [ for x in sorted -> text x ]
                let data = folder.Write("sorted.csv", String.Join('\n', lines))
                let out = folder.File "p.json"

                let code, _, error = Tool.run [ "particles"; data; "--count"; "400"; "--json"; out ]

                Expect.equal code 0 error
                let root = (System.Text.Json.JsonDocument.Parse(File.ReadAllText out)).RootElement
                let first (key: string) = (root.GetProperty(key)[0]).GetDouble()
                Expect.isLessThan (abs ((first "mean") - Array.average sorted)) 0.1 "the mean"
                Expect.isLessThan (abs ((first "standard_deviation") - 1.0)) 0.1 "the deviation")

            testInFolder "Few points are refused by their number, and copies are no obstacle" (fun folder ->
                let few = folder.Write("few.csv", "x,y\n1,2\n3,4\n5,7\n")

                Tool.refuses
                    folder
                    [ "few.csv holds 3 point(s)"; "50" ]
                    [ "few.csv" ]
                    [ "particles"; few; "--out"; folder.File "p.npy" ]

                use draws = Seed.normal [| 100L; 2L |] (Seed.ofInt 4)
                let x = Tensors.toArray draws

                let text (x: float) =
                    x.ToString("R", Globalization.CultureInfo.InvariantCulture)

                let copies =
                    folder.Write(
                        "copies.csv",
                        String.Join(
                            '\n',
                            "x,y"
                            :: [ for i in 0..499 -> $"{text x[2 * (i % 100)]},{text x[2 * (i % 100) + 1]}" ]
                        )
                    )

                let code, _, error =
                    Tool.run [ "particles"; copies; "--count"; "100"; "--out"; folder.File "p.npy" ]

                Expect.equal code 0 error)

            testInFolder "Settings of particles are refused by their options" (fun folder ->
                let data =
                    folder.Write(
                        "points.csv",
                        String.Join('\n', "x,y" :: [ for i in 1..60 -> $"{i * i % 61},{i * 7 % 61}" ])
                    )

                for option, value in
                    [
                        "--step", "3"
                        "--iterations", "0"
                        "--refine", "-1"
                        "--tolerance", "-1"
                        "--guard-every", "-1"
                        "--jitter", "-1"
                        "--length", "0"
                    ] do
                    Tool.refuses
                        folder
                        [ $"{option} is {value}"; $"Set {option} to" ]
                        [ "points.csv" ]
                        [ "particles"; data; option; value; "--out"; folder.File "p.npy" ]

                // There is no --lag here.
                let _, _, error =
                    Tool.run [ "particles"; data; "--estimator"; "edmd"; "--out"; folder.File "p.npy" ]

                Expect.stringContains error "give pairs" "what to do"
                Expect.isFalse (error.Contains "--lag") error)

            testInFolder "Many dimensions want a latent space" (fun folder ->
                let row i =
                    String.Join(",", [ for j in 1..70 -> string (i * j % 7) ])

                let data = folder.Write("wide.csv", String.concat "\n" [ for i in 1..90 -> row i ])

                Tool.refuses
                    folder
                    [ "70 dimensions"; "--latent" ]
                    [ "wide.csv" ]
                    [ "particles"; data; "--out"; folder.File "p.npy" ])

            testInFolder "Particles from short trajectories reach an equilibrium that none of them did" (fun folder ->
                // An Ornstein-Uhlenbeck process of variance 1, started evenly between -1 and 3, followed for a fifth of a time unit.
                let count, lag = 4000, 0.2
                let noise = Random 3

                let normal () =
                    sqrt (-2.0 * log (1.0 - noise.NextDouble()))
                    * cos (2.0 * Math.PI * noise.NextDouble())

                let x = Array.init count (fun _ -> -3.0 + 7.0 * noise.NextDouble())

                let y =
                    x
                    |> Array.map (fun x -> exp -lag * x + sqrt (1.0 - exp (-2.0 * lag)) * normal ())

                let data = folder.File "swarm.npz"

                let array shape values : NumericArray = { Shape = shape; Values = values }

                Npy.writeArchive
                    data
                    (Map.ofList
                        [
                            "x", array [| count; 1 |] x
                            "y", array [| count; 1 |] y
                            "lag", array [||] [| lag |]
                        ])
                |> Outcome.get

                let out = folder.File "particles.npy"

                let code, text, error =
                    Tool.run
                        [
                            "particles"
                            data
                            "--reweight"
                            "--temperature"
                            "1"
                            "--count"
                            "500"
                            "--out"
                            out
                        ]

                Expect.equal code 0 error
                Expect.stringContains text "reweighted" "what was done"
                let particles = (Npy.read out |> Outcome.get).Values
                let mean = Array.average particles
                let variance = particles |> Array.averageBy (fun v -> (v - mean) * (v - mean))
                Expect.inRange mean (-0.2, 0.2) "the mean"
                Expect.inRange variance (0.8, 1.2) "the variance")

            testInFolder "Points cannot be reweighted" (fun folder ->
                let data = folder.File "points.npy"

                let array: NumericArray =
                    {
                        Shape = [| 60; 1 |]
                        Values = Array.init 60 float
                    }

                Npy.write data array |> Outcome.get

                Tool.refuses
                    folder
                    [ "--reweight"; "pairs" ]
                    [ "points.npy" ]
                    [ "particles"; data; "--reweight"; "--out"; folder.File "o.npy" ])
        ]

    let private experiments: Test list =
        [
            testInFolder "Reproduce writes name, seed, metrics and environment" (fun folder ->
                let json = folder.File "circle.json"

                let code, _, error =
                    Tool.laboratory [ "reproduce"; "circle"; "--json"; json; "--seed"; "3" ]

                Expect.equal code 0 error
                use document = JsonDocument.Parse(File.ReadAllText json)
                let root = document.RootElement
                Expect.equal (root.GetProperty("name").GetString()) "circle" "the name"
                Expect.equal (root.GetProperty("seed").GetInt32()) 3 "the seed"

                Expect.notEqual
                    (root.GetProperty("environment").GetProperty("tensors").GetString())
                    ""
                    "the version of the tensors"

                let metric (name: string) =
                    root.GetProperty("metrics").GetProperty(name).GetDouble()

                for method in [ "kswgd"; "bootstrap"; "floor"; "ula"; "dmps" ] do
                    for name in [ "mmd"; "sw2"; "coverage"; "nn_ratio"; "cpu_seconds"; "iterations" ] do
                        Expect.isTrue (Double.IsFinite(metric $"{method}.{name}")) $"{method}.{name}"

                Expect.equal (metric "seeds") 5.0 "the number of seeds"
                Expect.inRange (metric "kswgd.mmd") (0.0, metric "bootstrap.mmd" + 0.01) "the discrepancy"
                Expect.inRange (metric "kswgd.coverage") (0.85, 1.0) "the coverage"
                Expect.inRange (metric "kswgd.nn_ratio") (0.85, 1.15) "the ratio of neighbours' distances")

            testInFolder "Known spectra are met" (fun folder ->
                let json = folder.File "spectra.json"
                let code, _, error = Tool.laboratory [ "reproduce"; "spectra"; "--json"; json ]
                Expect.equal code 0 error
                use document = JsonDocument.Parse(File.ReadAllText json)
                let cases = document.RootElement.GetProperty("cases").EnumerateArray() |> Seq.toList
                Expect.isNonEmpty cases "the cases"

                for case in cases do
                    let id = case.GetProperty("id").GetString()
                    Expect.isTrue (case.GetProperty("passed").GetBoolean()) $"{id}: {case.GetRawText()}")
        ]

    let private laboratory: Test list =
        [
            testInFolder "Unknown experiments and tables are answered with the known ones" (fun folder ->
                for words, arguments in
                    [
                        [ "'nothing'"; "quadruple-well" ], [ "reproduce"; "nothing"; "--seed"; "1" ]
                        [ "'nothing'"; "estimators" ], [ "bench"; "nothing"; "--quick" ]
                    ] do
                    Tool.laboratory arguments |> Tool.refused words
                    Expect.isEmpty folder.Names "the files in the folder")

            testInFolder "The installed tool says where the laboratory is" (fun folder ->
                for verb in [ "reproduce"; "bench" ] do
                    Tool.refuses
                        folder
                        [ $"'{verb}' is not part"; $"./koopman {verb}" ]
                        []
                        [ verb; "estimators"; "--json"; folder.File "x.json"; "--quick" ])
        ]

    let private refusals: Test list =
        [
            testInFolder "A missing file" (fun folder ->
                Tool.refuses folder [ "nothing.npz" ] [] [ "spectrum"; folder.File "nothing.npz" ])

            testInFolder "A file of another kind" (fun folder ->
                let path = folder.Write("data.npy", "these are words")
                Tool.refuses folder [ "data.npy" ] [ "data.npy" ] [ "spectrum"; path ])

            testInFolder "Numbers of a type that cannot be data" (fun folder ->
                let header =
                    "{'descr': '<c16', 'fortran_order': False, 'shape': (1, 1), }".PadRight(117)
                    + "\n"

                let bytes =
                    Array.concat
                        [
                            [| 0x93uy |]
                            "NUMPY\001\000"B
                            [| 118uy; 0uy |]
                            Text.Encoding.ASCII.GetBytes header
                            Array.zeroCreate 16
                        ]

                let path = folder.Write("complex.npy", bytes)
                Tool.refuses folder [ "c16" ] [ "complex.npy" ] [ "spectrum"; path ])

            testInFolder "Rows with NaN" (fun folder ->
                let path = folder.Write("data.csv", "1,2\n3,nan\n5,6\n")
                Tool.refuses folder [ "row 1"; "NaN" ] [ "data.csv" ] [ "spectrum"; path ])

            testInFolder "One sample" (fun folder ->
                let path = folder.Write("data.csv", "1,2\n")

                Tool.refuses folder [ "1 sample" ] [ "data.csv" ] [ "particles"; path; "--out"; folder.File "p.npy" ])

            testInFolder "Fewer samples than an estimate needs" (fun folder ->
                let path =
                    folder.Write("data.csv", String.concat "\n" [ for i in 1..12 -> $"{i},{i * i}" ])

                Tool.refuses folder [ "12 samples"; "Give" ] [ "data.csv" ] [ "spectrum"; path ])

            testList
                "A lag that is not positive"
                [
                    for lag in [ "0"; "-0.1" ] do
                        testInFolder $"lag {lag}" (fun folder ->
                            Tool.refuses
                                folder
                                [ "lag"; "positive" ]
                                []
                                [ "simulate"; "double-well"; "--lag"; lag; "--out"; folder.File "wells.npz" ])
                ]

            testInFolder "Shapes that do not match" (fun folder ->
                let path = folder.File "pairs.npz"

                let column n =
                    {
                        Shape = [| n; 1 |]
                        Values = Array.init n float
                    }

                Npy.writeArchive path (Map [ "x", column 5; "y", column 6; "lag", NumericArray.scalar 0.1 ])
                |> Outcome.get

                Tool.refuses folder [ "(5, 1)"; "(6, 1)" ] [ "pairs.npz" ] [ "spectrum"; path ])

            testList
                "An output that cannot be written"
                [
                    for name in [ "no-such-folder/p.npy"; "p.xyz" ] do
                        testInFolder name (fun folder ->
                            let data =
                                folder.Write("data.csv", String.concat "\n" [ for i in 1..200 -> $"{sin (float i)}" ])

                            Tool.refuses
                                folder
                                [ FileInfo(name).Name ]
                                [ "data.csv" ]
                                [ "particles"; data; "--out"; folder.File name ])
                ]

            testInFolder "A failed run leaves the old file as it was" (fun folder ->
                let old = folder.Write("p.npy", "old")
                let data = folder.Write("data.csv", "1\nnan\n3\n")
                Tool.refuses folder [ "NaN" ] [ "data.csv"; "p.npy" ] [ "particles"; data; "--out"; old ]
                Expect.equal (File.ReadAllText old) "old" "the text of the file")

            testList
                "Unknown names are answered with the known ones"
                [
                    for word, arguments in
                        [
                            "triple-well", [ "simulate"; "triple-well"; "--out"; "x.npz" ]
                            "--no-such-option", [ "spectrum"; "x.npz"; "--no-such-option"; "1" ]
                        ] do
                        testInFolder word (fun folder -> Tool.refuses folder [ word ] [] arguments)
                ]
        ]

    let tests: Test =
        testSequenced (testList "Commands" (spectra @ particles @ experiments @ laboratory @ refusals))

module FlowCommandTests =

    let private train (folder: TemporaryFolder) (data: string) : string =
        let out = folder.File "flow.safetensors"

        let code, said, error =
            Tool.run
                [
                    "flow"
                    "train"
                    data
                    "--out"
                    out
                    "--teacher-steps"
                    "150"
                    "--steps"
                    "150"
                ]

        Expect.equal code 0 error
        Expect.stringContains said "linear flow, one step" "what was trained"
        out

    let private column (path: string) (index: int) : float[] =
        use samples = Dataset.read path |> Outcome.get |> Dataset.samples

        Samples.values samples
        |> Array.chunkBySize samples.Dimension
        |> Array.map (fun row -> row[index])

    let tests: Test =
        testSequenced (
            testList
                "Flow commands"
                [
                    testInFolder "A flow is trained, sampled, read, edited and inverted" (fun folder ->
                        let flow = train folder "moons"

                        let run arguments =
                            let code, said, error = Tool.run ("flow" :: arguments)
                            Expect.equal code 0 error
                            said

                        for name in [ "one.npy"; "two.npy" ] do
                            run [ "sample"; flow; "--count"; "50"; "--out"; folder.File name; "--seed"; "4" ]
                            |> ignore

                        Expect.equal
                            (File.ReadAllBytes(folder.File "two.npy"))
                            (File.ReadAllBytes(folder.File "one.npy"))
                            "the bytes of the samples"

                        Expect.equal (column (folder.File "one.npy") 0).Length 50 "the number of samples"

                        let bounded =
                            run
                                [
                                    "sample"
                                    flow
                                    "--count"
                                    "100"
                                    "--worst"
                                    "0.05"
                                    "--out"
                                    folder.File "bounded.npy"
                                ]

                        Expect.stringContains bounded "5 samples by the teacher" "what was said of the bounds"
                        File.Delete(folder.File "bounded.npy")

                        let modes =
                            run
                                [
                                    "spectrum"
                                    flow
                                    "--json"
                                    folder.File "modes.json"
                                    "--report"
                                    folder.File "modes.html"
                                ]

                        Expect.stringContains modes "condition number of the modes" "the table"
                        use document = JsonDocument.Parse(File.ReadAllText(folder.File "modes.json"))
                        let modes = document.RootElement.GetProperty "modes"
                        Expect.equal (modes.GetArrayLength()) 34 "the number of modes"

                        // A shift of modal coordinates moves all points by one and the same amount.
                        let shifted name amount =
                            run
                                [
                                    "edit"
                                    flow
                                    "--mode"
                                    "0"
                                    "--shift"
                                    amount
                                    "--count"
                                    "20"
                                    "--out"
                                    folder.File name
                                ]
                            |> ignore

                            column (folder.File name) 0

                        let moves = Array.map2 (-) (shifted "half.npy" "0.5") (shifted "none.npy" "0")

                        for move in moves do
                            Expect.sameDecimals 6 move moves[0] "the move of a point"

                        let inverted = run [ "invert"; flow; "moons"; "--out"; folder.File "noise.npy" ]
                        Expect.stringContains inverted "(chance)" "what was said of the noise"
                        Expect.stringContains inverted "warning: The lift was not trained backwards" "the warning"
                        Expect.stringContains inverted "--inversion" "the remedy"

                        Tool.refuses
                            folder
                            [ "class" ]
                            [
                                "flow.safetensors"
                                "flow.teacher.safetensors"
                                "one.npy"
                                "two.npy"
                                "modes.json"
                                "modes.html"
                                "half.npy"
                                "none.npy"
                                "noise.npy"
                            ]
                            [ "flow"; "sample"; flow; "--class"; "0"; "--out"; folder.File "p.npy" ]

                        Expect.equal (column (folder.File "noise.npy") 1).Length 2000 "the amount of noise")

                    testInFolder "Data of any scale come back in their own units" (fun folder ->
                        use plain = PlanarSets.draw PlanarSets.moons 800 (Seed.ofInt 1) |> Outcome.get

                        use far = 40.0 * plain.Points + 1000.0 |> Samples.ofTensor |> Outcome.get

                        let data = folder.File "far.csv"
                        Samples.save data far |> Outcome.get
                        let flow = train folder data
                        let out = folder.File "samples.csv"

                        let code, _, error =
                            Tool.run [ "flow"; "sample"; flow; "--count"; "300"; "--out"; out ]

                        Expect.equal code 0 error
                        let x = column out 0
                        Expect.inRange (Array.average x) (985.0, 1015.0) "the mean"

                        Expect.inRange
                            (MathNet.Numerics.Statistics.Statistics.StandardDeviation x)
                            (25.0, 55.0)
                            "the standard deviation")

                    testInFolder "What a flow cannot do is said, and leaves no file" (fun folder ->
                        let out = folder.File "x.safetensors"

                        Tool.refuses folder [ "nowhere"; "moons" ] [] [ "flow"; "train"; "nowhere"; "--out"; out ]

                        Tool.refuses
                            folder
                            [ "'best'"; "solver-free" ]
                            []
                            [ "flow"; "train"; "moons"; "--recipe"; "best"; "--out"; out ]

                        let text = folder.Write("text.safetensors", "no model")

                        Tool.refuses
                            folder
                            [ "text.safetensors" ]
                            [ "text.safetensors" ]
                            [ "flow"; "sample"; text; "--out"; folder.File "p.npy" ])
                ]
        )
