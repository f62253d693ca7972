namespace Koopman.Cli.Tests

open System
open System.IO
open System.Text.Json
open Koopman
open Koopman.Cli
open Xunit

/// The tool, run inside the test as a user would run it.
module private Tool =

    /// One run at a time: standard output and error belong to the process.
    let private gate = obj ()

    let run (arguments: string list) : int * string * string =
        lock gate (fun () ->
            let before = Console.Out, Console.Error
            use out = new StringWriter()
            use error = new StringWriter()

            try
                Console.SetOut out
                Console.SetError error
                let code = Program.main (Array.ofList arguments)
                code, out.ToString(), error.ToString()
            finally
                Console.SetOut(fst before)
                Console.SetError(snd before))

    let inFolder (act: string -> unit) : unit =
        let folder = Directory.CreateTempSubdirectory "koopman-cli-"

        try
            act folder.FullName
        finally
            folder.Delete true

    let file (folder: string) (name: string) (text: string) : string =
        let path = Path.Combine(folder, name)
        File.WriteAllText(path, text)
        path

    /// The run ends with code 2, says these words in one line, prints no result, and leaves no file but these.
    let refuses (folder: string) (words: string list) (left: string list) (arguments: string list) : unit =
        let code, out, error = run arguments
        Assert.Equal(2, code)
        Assert.Equal("", out)

        let message =
            error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            |> Array.filter (fun line -> line.StartsWith "koopman: ")
            |> Assert.Single

        for word in words do
            Assert.Contains(word, message)

        Assert.Equal<string list>(
            List.sort left,
            Directory.GetFileSystemEntries folder
            |> Array.map (fun p -> FileInfo(p).Name)
            |> List.ofArray
            |> List.sort
        )

module CommandTests =

    [<Fact>]
    let ``Simulated pairs have a spectrum with the true rates in their intervals`` () : unit =
        Tool.inFolder (fun folder ->
            let data, json =
                Path.Combine(folder, "wells.npz"), Path.Combine(folder, "spectrum.json")

            let code, _, _ =
                Tool.run [ "simulate"; "quadruple-well"; "--pairs"; "4000"; "--out"; data ]

            Assert.Equal(0, code)
            let code, out, _ = Tool.run [ "spectrum"; data; "--json"; json ]
            Assert.Equal(0, code)
            Assert.Contains("residual", out)
            use document = JsonDocument.Parse(File.ReadAllText json)
            let modes = document.RootElement.GetProperty "modes"
            let exact = Systems.quadrupleWell.Value.Rates

            for k in 0..2 do
                let number (name: string) = modes[k].GetProperty(name).GetDouble()
                Assert.InRange(exact[k], number "lower", number "upper")
                Assert.True(number "standard_error" > 0.0 && number "residual" >= 0.0))

    [<Fact>]
    let ``Particles go to a file, and the same seed gives the same file`` () : unit =
        Tool.inFolder (fun folder ->
            let data = Path.Combine(folder, "wells.npz")

            Tool.run [ "simulate"; "double-well"; "--pairs"; "600"; "--out"; data ]
            |> ignore

            let particles name =
                let path = Path.Combine(folder, name)

                let code, _, error =
                    Tool.run [ "particles"; data; "--count"; "60"; "--out"; path; "--seed"; "5" ]

                Assert.True((code = 0), error)
                File.ReadAllBytes path

            Assert.Equal<byte[]>(particles "one.npy", particles "two.npy")
            let array = Npy.read (Path.Combine(folder, "one.npy")) |> KoopmanError.raise
            Assert.Equal<int[]>([| 60; 1 |], array.Shape))

    [<Fact>]
    let ``A trajectory in a text file has a spectrum with a lag, and is points without`` () : unit =
        Tool.inFolder (fun folder ->
            use states =
                Systems.trajectory (Systems.ornsteinUhlenbeck 1 1.0) 1000 0.1 (Seed.ofInt 1)
                |> KoopmanError.raise

            let path = Path.Combine(folder, "states.csv")
            Dataset.writePoints path states |> KoopmanError.raise
            let code, out, _ = Tool.run [ "spectrum"; path; "--lag"; "0.1" ]
            Assert.Equal(0, code)
            Assert.Contains("propagator at lag 0.1", out)
            let code, out, _ = Tool.run [ "spectrum"; path ]
            Assert.Equal(0, code)
            Assert.Contains("positive generator", out))

    /// A file with one trajectory of the double well, 2,000 states .1 apart.
    let private wellPath (folder: string) : string =
        use states =
            Systems.trajectory (Systems.doubleWell 1.0) 2000 0.1 (Seed.ofInt 1)
            |> KoopmanError.raise

        let path = Path.Combine(folder, "well.csv")
        Dataset.writePoints path states |> KoopmanError.raise
        path

    [<Theory>]
    [<InlineData("edmd", "gaussians:20")>]
    [<InlineData("edmd", "hermite:5")>]
    [<InlineData("edmd", "legendre:5")>]
    [<InlineData("edmd", "matern52:20+linear")>]
    [<InlineData("edmd", "inverse-multiquadric:15:0.8")>]
    [<InlineData("edmd", "thin-plate:12+monomials:3")>]
    [<InlineData("edmd", "fourier:4:6")>]
    [<InlineData("edmd", "random-fourier:20:0.6")>]
    [<InlineData("edmd-general", "monomials:5")>]
    [<InlineData("learned", "gaussians")>]
    [<InlineData("kernel", "gaussians")>]
    let ``Every estimator and dictionary that can be typed finds the slow rate``
        (estimator: string)
        (observables: string)
        : unit =
        Tool.inFolder (fun folder ->
            let json = Path.Combine(folder, "spectrum.json")

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

            Assert.True((code = 0), error)
            use document = JsonDocument.Parse(File.ReadAllText json)

            let slowest =
                document.RootElement.GetProperty("modes").EnumerateArray()
                |> Seq.map (fun mode -> mode.GetProperty("rate").GetDouble())
                |> Seq.filter (fun rate -> rate > 1e-3)
                |> Seq.min

            // One trajectory of 200 units of time crosses some forty times.
            Assert.InRange(slowest / (Systems.doubleWell 1.0).Rates[0], 0.6, 1.6))

    [<Theory>]
    [<InlineData("dmd")>]
    [<InlineData("tica")>]
    let ``Coordinates and their past have a spectrum`` (estimator: string) : unit =
        Tool.inFolder (fun folder ->
            let path = wellPath folder

            let code, out, error =
                Tool.run [ "spectrum"; path; "--lag"; "0.1"; "--estimator"; estimator; "--delays"; "3" ]

            Assert.True((code = 0), error)
            Assert.Contains("1997 samples in 3 dimensions", out))

    [<Fact>]
    let ``A chosen dictionary stands in the table with those that were not`` () : unit =
        Tool.inFolder (fun folder ->
            let json, page =
                Path.Combine(folder, "spectrum.json"), Path.Combine(folder, "page.html")

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

            Assert.True((code = 0), error)
            Assert.Contains("chosen", out)
            use document = JsonDocument.Parse(File.ReadAllText json)

            let candidates =
                document.RootElement.GetProperty("candidates").EnumerateArray() |> Seq.toList

            Assert.Equal(12, candidates.Length)

            let score (candidate: JsonElement) =
                candidate.GetProperty("score").GetDouble()

            let chosen =
                candidates |> List.filter (fun c -> c.GetProperty("chosen").GetBoolean())

            Assert.Equal(candidates |> List.map score |> List.max, score (Assert.Single chosen))
            let text = File.ReadAllText page

            for heading in [ "Spectrum"; "Eigenfunctions"; "Timescales"; "Pseudospectrum"; "Numbers" ] do
                Assert.Contains($">{heading}</h2>", text))

    [<Fact>]
    let ``Estimators that lay their own functions choose none, and points have no past`` () : unit =
        Tool.inFolder (fun folder ->
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

    [<Fact>]
    let ``Reproduce writes name, seed, metrics and environment`` () : unit =
        Tool.inFolder (fun folder ->
            let json = Path.Combine(folder, "circle.json")

            let code, _, _ = Tool.run [ "reproduce"; "circle"; "--json"; json; "--seed"; "3" ]

            Assert.Equal(0, code)
            use document = JsonDocument.Parse(File.ReadAllText json)
            let root = document.RootElement
            Assert.Equal("circle", root.GetProperty("name").GetString())
            Assert.Equal(3, root.GetProperty("seed").GetInt32())
            Assert.True(root.GetProperty("environment").GetProperty("tensors").GetString() <> "")

            let metric (name: string) =
                root.GetProperty("metrics").GetProperty(name).GetDouble()

            for method in [ "kswgd"; "bootstrap"; "floor"; "ula"; "dmps" ] do
                for name in [ "mmd"; "sw2"; "coverage"; "nn_ratio"; "cpu_seconds"; "iterations" ] do
                    Assert.True(Double.IsFinite(metric $"{method}.{name}"))

            Assert.Equal(5.0, metric "seeds")
            Assert.InRange(metric "kswgd.mmd", 0.0, metric "bootstrap.mmd" + 0.01)
            Assert.InRange(metric "kswgd.coverage", 0.85, 1.0)
            Assert.InRange(metric "kswgd.nn_ratio", 0.85, 1.15))

    [<Fact>]
    let ``Known spectra are met`` () : unit =
        Tool.inFolder (fun folder ->
            let json = Path.Combine(folder, "spectra.json")
            let code, _, _ = Tool.run [ "reproduce"; "spectra"; "--json"; json ]
            Assert.Equal(0, code)
            use document = JsonDocument.Parse(File.ReadAllText json)
            let cases = document.RootElement.GetProperty("cases").EnumerateArray() |> Seq.toList
            Assert.NotEmpty cases

            for case in cases do
                let id = case.GetProperty("id").GetString()
                Assert.True(case.GetProperty("passed").GetBoolean(), $"{id}: {case.GetRawText()}"))

    [<Fact>]
    let ``A missing file`` () : unit =
        Tool.inFolder (fun folder ->
            Tool.refuses folder [ "nothing.npz" ] [] [ "spectrum"; Path.Combine(folder, "nothing.npz") ])

    [<Fact>]
    let ``A file of another kind`` () : unit =
        Tool.inFolder (fun folder ->
            let path = Tool.file folder "data.npy" "these are words"
            Tool.refuses folder [ "data.npy" ] [ "data.npy" ] [ "spectrum"; path ])

    [<Fact>]
    let ``Numbers of a type that cannot be data`` () : unit =
        Tool.inFolder (fun folder ->
            let header =
                "{'descr': '<c16', 'fortran_order': False, 'shape': (1, 1), }".PadRight(117)
                + "\n"

            let path = Path.Combine(folder, "complex.npy")

            let bytes =
                Array.concat
                    [
                        [| 0x93uy |]
                        "NUMPY\001\000"B
                        [| 118uy; 0uy |]
                        Text.Encoding.ASCII.GetBytes header
                        Array.zeroCreate 16
                    ]

            File.WriteAllBytes(path, bytes)
            Tool.refuses folder [ "c16" ] [ "complex.npy" ] [ "spectrum"; path ])

    [<Fact>]
    let ``Rows with NaN`` () : unit =
        Tool.inFolder (fun folder ->
            let path = Tool.file folder "data.csv" "1,2\n3,nan\n5,6\n"
            Tool.refuses folder [ "row 1"; "NaN" ] [ "data.csv" ] [ "spectrum"; path ])

    [<Fact>]
    let ``One sample`` () : unit =
        Tool.inFolder (fun folder ->
            let path = Tool.file folder "data.csv" "1,2\n"

            Tool.refuses
                folder
                [ "1 sample" ]
                [ "data.csv" ]
                [ "particles"; path; "--out"; Path.Combine(folder, "p.npy") ])

    [<Fact>]
    let ``Fewer samples than an estimate needs`` () : unit =
        Tool.inFolder (fun folder ->
            let path =
                Tool.file folder "data.csv" (String.concat "\n" [ for i in 1..12 -> $"{i},{i * i}" ])

            Tool.refuses folder [ "12 samples"; "Give" ] [ "data.csv" ] [ "spectrum"; path ])

    [<Theory>]
    [<InlineData("0")>]
    [<InlineData("-0.1")>]
    let ``A lag that is not positive`` (lag: string) : unit =
        Tool.inFolder (fun folder ->
            let out = Path.Combine(folder, "wells.npz")
            Tool.refuses folder [ "lag"; "positive" ] [] [ "simulate"; "double-well"; "--lag"; lag; "--out"; out ])

    [<Fact>]
    let ``Shapes that do not match`` () : unit =
        Tool.inFolder (fun folder ->
            let path = Path.Combine(folder, "pairs.npz")

            let column n =
                {
                    Shape = [| n; 1 |]
                    Values = Array.init n float
                }

            Npy.writeArchive path (Map [ "x", column 5; "y", column 6; "lag", NumericArray.scalar 0.1 ])
            |> KoopmanError.raise

            Tool.refuses folder [ "(5, 1)"; "(6, 1)" ] [ "pairs.npz" ] [ "spectrum"; path ])

    [<Theory>]
    [<InlineData("no-such-folder/p.npy")>]
    [<InlineData("p.xyz")>]
    let ``An output that cannot be written`` (name: string) : unit =
        Tool.inFolder (fun folder ->
            let data =
                Tool.file folder "data.csv" (String.concat "\n" [ for i in 1..200 -> $"{sin (float i)}" ])

            Tool.refuses
                folder
                [ FileInfo(name).Name ]
                [ "data.csv" ]
                [ "particles"; data; "--out"; Path.Combine(folder, name) ])

    [<Fact>]
    let ``A failed run leaves the old file as it was`` () : unit =
        Tool.inFolder (fun folder ->
            let old = Tool.file folder "p.npy" "old"
            let data = Tool.file folder "data.csv" "1\nnan\n3\n"
            Tool.refuses folder [ "NaN" ] [ "data.csv"; "p.npy" ] [ "particles"; data; "--out"; old ]
            Assert.Equal("old", File.ReadAllText old))

    [<Fact>]
    let ``Many dimensions want a latent space`` () : unit =
        Tool.inFolder (fun folder ->
            let row i =
                String.Join(",", [ for j in 1..70 -> string (i * j % 7) ])

            let data =
                Tool.file folder "wide.csv" (String.concat "\n" [ for i in 1..90 -> row i ])

            Tool.refuses
                folder
                [ "70 dimensions"; "--latent" ]
                [ "wide.csv" ]
                [ "particles"; data; "--out"; Path.Combine(folder, "p.npy") ])

    [<Theory>]
    [<InlineData("simulate", "triple-well", "--out", "x.npz", "triple-well")>]
    [<InlineData("reproduce", "nothing", "--seed", "1", "nothing")>]
    [<InlineData("spectrum", "x.npz", "--no-such-option", "1", "--no-such-option")>]
    let ``Unknown names are answered with the known ones``
        (a: string, b: string, c: string, d: string, word: string)
        : unit =
        Tool.inFolder (fun folder -> Tool.refuses folder [ word ] [] [ a; b; c; d ])

    [<Fact>]
    let ``Particles from short trajectories reach an equilibrium that none of them did`` () : unit =
        Tool.inFolder (fun folder ->
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

            let data = Path.Combine(folder, "swarm.npz")

            let array shape values : NumericArray = { Shape = shape; Values = values }

            Npy.writeArchive
                data
                (Map.ofList
                    [
                        "x", array [| count; 1 |] x
                        "y", array [| count; 1 |] y
                        "lag", array [||] [| lag |]
                    ])
            |> KoopmanError.raise

            let out = Path.Combine(folder, "particles.npy")

            let code, text, _ =
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

            Assert.Equal(0, code)
            Assert.Contains("reweighted", text)
            let particles = (Npy.read out |> KoopmanError.raise).Values
            let mean = Array.average particles
            let variance = particles |> Array.averageBy (fun v -> (v - mean) * (v - mean))
            Assert.InRange(mean, -0.2, 0.2)
            Assert.InRange(variance, 0.8, 1.2))

    [<Fact>]
    let ``Points cannot be reweighted`` () : unit =
        Tool.inFolder (fun folder ->
            let data = Path.Combine(folder, "points.npy")

            let array: NumericArray =
                {
                    Shape = [| 60; 1 |]
                    Values = Array.init 60 float
                }

            Npy.write data array |> KoopmanError.raise

            Tool.refuses
                folder
                [ "--reweight"; "pairs" ]
                [ "points.npy" ]
                [ "particles"; data; "--reweight"; "--out"; Path.Combine(folder, "o.npy") ])

module FlowCommandTests =

    let private train (folder: string) (data: string) : string =
        let out = Path.Combine(folder, "flow.safetensors")

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

        Assert.True((code = 0), error)
        Assert.Contains("linear flow, one step", said)
        out

    let private column (path: string) (index: int) : float[] =
        use samples = Dataset.read path |> KoopmanError.raise |> Dataset.samples

        Samples.values samples
        |> Array.chunkBySize samples.Dimension
        |> Array.map (fun row -> row[index])

    [<Fact>]
    let ``A flow is trained, sampled, read, edited and inverted`` () : unit =
        Tool.inFolder (fun folder ->
            let flow = train folder "moons"
            let file name = Path.Combine(folder, name)

            let run arguments =
                let code, said, error = Tool.run ("flow" :: arguments)
                Assert.True((code = 0), error)
                said

            for name in [ "one.npy"; "two.npy" ] do
                run [ "sample"; flow; "--count"; "50"; "--out"; file name; "--seed"; "4" ]
                |> ignore

            Assert.Equal<byte[]>(File.ReadAllBytes(file "one.npy"), File.ReadAllBytes(file "two.npy"))
            Assert.Equal(50, (column (file "one.npy") 0).Length)

            let modes =
                run [ "spectrum"; flow; "--json"; file "modes.json"; "--report"; file "modes.html" ]

            Assert.Contains("condition of the modes", modes)
            use document = JsonDocument.Parse(File.ReadAllText(file "modes.json"))
            let modes = document.RootElement.GetProperty "modes"
            Assert.Equal(34, modes.GetArrayLength())

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
                        file name
                    ]
                |> ignore

                column (file name) 0

            let moves = Array.map2 (-) (shifted "half.npy" "0.5") (shifted "none.npy" "0")
            Assert.All(moves, fun move -> Assert.Equal(moves[0], move, 6))
            let inverted = run [ "invert"; flow; "moons"; "--out"; file "noise.npy" ]
            Assert.Contains("by chance", inverted)
            Assert.Equal(2000, (column (file "noise.npy") 1).Length))

    [<Fact>]
    let ``Data of any scale come back in their own units`` () : unit =
        Tool.inFolder (fun folder ->
            use plain =
                PlanarSets.draw PlanarSets.moons 800 (Seed.ofInt 1) |> KoopmanError.raise

            use far =
                plain.Points.mul(Tensors.num 40.0).add(Tensors.num 1000.0)
                |> Samples.ofTensor
                |> KoopmanError.raise

            let data = Path.Combine(folder, "far.csv")
            Dataset.writePoints data far |> KoopmanError.raise
            let flow = train folder data
            let out = Path.Combine(folder, "samples.csv")

            let code, _, error =
                Tool.run [ "flow"; "sample"; flow; "--count"; "300"; "--out"; out ]

            Assert.True((code = 0), error)
            let x = column out 0
            Assert.InRange(Array.average x, 985.0, 1015.0)
            Assert.InRange(MathNet.Numerics.Statistics.Statistics.StandardDeviation x, 25.0, 55.0))

    [<Fact>]
    let ``What a flow cannot do is said, and leaves no file`` () : unit =
        Tool.inFolder (fun folder ->
            let out = Path.Combine(folder, "x.safetensors")

            Tool.refuses folder [ "nowhere"; "moons" ] [] [ "flow"; "train"; "nowhere"; "--out"; out ]

            Tool.refuses
                folder
                [ "'best'"; "solver-free" ]
                []
                [ "flow"; "train"; "moons"; "--recipe"; "best"; "--out"; out ]

            let text = Tool.file folder "text.safetensors" "no model"

            Tool.refuses
                folder
                [ "text.safetensors" ]
                [ "text.safetensors" ]
                [ "flow"; "sample"; text; "--out"; Path.Combine(folder, "p.npy") ])
