namespace Koopman.Cli.Tests

open System
open System.Globalization
open System.IO
open System.Text.Json
open Expecto
open Koopman
open Koopman.Flows
open Koopman.Latents
open Koopman.Tests

/// What the tool offers for particles and flows beside the defaults, with right answers.
module CapabilityTests =

    let private normal (draw: Random) : float =
        sqrt (-2.0 * log (1.0 - draw.NextDouble()))
        * cos (2.0 * Math.PI * draw.NextDouble())

    let private ran (arguments: string list) : string =
        let code, out, error = Tool.run arguments
        Expect.equal code 0 error
        out

    let private read (folder: TemporaryFolder) (arguments: string list) : JsonElement =
        Tool.read folder arguments |> snd

    let private numbers (name: string) (element: JsonElement) : float list =
        element.GetProperty(name).EnumerateArray()
        |> Seq.map _.GetDouble()
        |> List.ofSeq

    let private number (name: string) (element: JsonElement) : float = element.GetProperty(name).GetDouble()

    let private table (path: string) : string[] * float[][] =
        let lines = File.ReadAllLines path

        lines[0].Split ',',
        lines[1..]
        |> Array.map (fun line ->
            line.Split ','
            |> Array.map (fun cell -> Double.Parse(cell, CultureInfo.InvariantCulture)))

    let private sphere (folder: TemporaryFolder) : string =
        let draw = Random 2

        Tool.csv
            folder
            "sphere.csv"
            "x,y,z"
            [
                for _ in 1..600 do
                    let v = Array.init 3 (fun _ -> normal draw)
                    let length = v |> Array.sumBy (fun c -> c * c) |> sqrt
                    v |> Array.map (fun c -> 2.0 * c / length)
            ]

    /// Three clusters in the plane, with the labels 2, 5 and 9.
    let private clusters (folder: TemporaryFolder) : string =
        let draw = Random 3
        let centres = [| [| -3.0; 0.0 |]; [| 3.0; 0.0 |]; [| 0.0; 4.0 |] |]

        Tool.csv
            folder
            "clusters.csv"
            "a,b,kind"
            [
                for i in 0..899 do
                    let k = i % 3
                    let at axis = centres[k][axis] + 0.4 * normal draw
                    [| at 0; at 1; [| 2.0; 5.0; 9.0 |][k] |]
            ]

    let private particles: Test list =
        [
            testInFolder "Particles stay on a surface, and their file has the names of the columns" (fun folder ->
                let out = folder.File "p.csv"

                let root =
                    read
                        folder
                        [
                            "particles"
                            sphere folder
                            "--manifold"
                            "sphere:2"
                            "--count"
                            "200"
                            "--out"
                            out
                        ]

                Expect.isTrue (root.GetProperty("converged").GetBoolean()) "converged"
                let names, rows = table out
                Expect.equal names [| "x"; "y"; "z" |] "the names"
                Expect.equal rows.Length 200 "the rows"

                for row in rows do
                    Expect.isLessThan (abs ((row |> Array.sumBy (fun v -> v * v) |> sqrt) - 2.0)) 1e-9 "the radius"

                // Uniform on a sphere of radius 2: mean 0, variance 4/3 in each coordinate.
                for mean in numbers "mean" root do
                    Expect.isLessThan (abs mean) 0.15 "a mean"

                for deviation in numbers "standard_deviation" root do
                    Expect.inRange deviation (1.08, 1.23) "a deviation")

            testInFolder "Points that are not on the surface are refused, with the distance" (fun folder ->
                let path, out = sphere folder, folder.File "p.csv"

                for words, surface in
                    [
                        [ "away from the sphere"; "50 %" ], "sphere:1"
                        [ "lies in 2 dimensions"; "3" ], "circle:1"
                        [ "'ball:1'"; "torus:LARGE:SMALL" ], "ball:1"
                        [ "intersects itself" ], "torus:1:2"
                    ] do
                    Tool.refuses
                        folder
                        words
                        [ "sphere.csv" ]
                        [ "particles"; path; "--manifold"; surface; "--out"; out ])

            testInFolder "A likelihood in a column gives the posterior" (fun folder ->
                let draw = Random 4

                let path =
                    Tool.csv
                        folder
                        "prior.csv"
                        "theta,loglik"
                        [
                            for _ in 1..3000 do
                                let x = normal draw
                                [| x; -(x - 1.0) * (x - 1.0) |]
                        ]

                let root =
                    read
                        folder
                        [
                            "particles"
                            path
                            "--log-likelihood"
                            "loglik"
                            "--observables"
                            "monomials:6"
                            "--length"
                            "0.3"
                            "--count"
                            "400"
                        ]

                // N(0, 1) times e^{-(x-1)²} is N(2/3, 1/3).
                Expect.inRange (numbers "mean" root).Head (2.0 / 3.0 - 0.07, 2.0 / 3.0 + 0.07) "the mean"

                Expect.inRange
                    ((numbers "standard_deviation" root).Head ** 2.0)
                    (1.0 / 3.0 - 0.06, 1.0 / 3.0 + 0.06)
                    "the variance"

                // (E l)²/E l² = (3^{-1/2} e^{-1/3})²/(5^{-1/2} e^{-2/5}) = .5706.
                Expect.inRange (number "effective_size" root / 3000.0) (0.53, 0.61) "the effective share")

            testInFolder "A run is resumed to the same bytes, and its state is deleted with it" (fun folder ->
                let path = sphere folder

                let arguments (name: string) (more: string list) =
                    [
                        "particles"
                        path
                        "--estimator"
                        "generator"
                        "--observables"
                        "gaussians:40"
                        "--count"
                        "100"
                        "--iterations"
                        "20"
                        "--out"
                        folder.File(name + ".npy")
                    ]
                    @ more

                ran (arguments "whole" []) |> ignore
                // What a kill leaves: the state at the start of the same run.
                let shorter = arguments "cut" [ "--save-every"; "0" ]
                ran shorter |> ignore

                Expect.equal
                    (File.ReadAllBytes(folder.File "cut.npy"))
                    (File.ReadAllBytes(folder.File "whole.npy"))
                    "saving changes nothing"

                Expect.equal folder.Names [ "cut.npy"; "sphere.csv"; "whole.npy" ] "no state is left"

                Tool.refuses
                    folder
                    [ "Only one flow"; "--estimator generator" ]
                    [ "cut.npy"; "sphere.csv"; "whole.npy" ]
                    [ "particles"; path; "--resume"; "true"; "--out"; folder.File "x.npy" ])

            testInFolder "An autoencoder makes a latent space, trained for as long as is said" (fun folder ->
                // A curve in four dimensions.
                let draw = Random 5

                let path =
                    Tool.csv
                        folder
                        "curve.csv"
                        "a,b,c,d"
                        [
                            for _ in 1..400 do
                                let s = normal draw
                                [| s; 0.5 * s * s; sin s; cos s |]
                        ]

                let out =
                    ran
                        [
                            "particles"
                            path
                            "--latent"
                            "autoencoder:1"
                            "--latent-steps"
                            "300"
                            "--count"
                            "50"
                            "--out"
                            folder.File "p.csv"
                        ]

                Expect.stringContains out "root mean square error of decoded data" "the remark"
                let _, rows = table (folder.File "p.csv")
                // b = a²/2 holds on the curve only.
                let gap = rows |> Array.averageBy (fun row -> abs (row[1] - 0.5 * row[0] * row[0]))
                Expect.isLessThan gap 0.2 "the distance from the curve"

                Tool.run [ "particles"; path; "--latent"; "pca:0"; "--out"; folder.File "p.csv" ]
                |> Tool.refused [ "'pca:0'"; "autoencoder:K" ])
        ]

    let private brief: string list =
        [
            "--network"
            "48,48"
            "--features"
            "12"
            "--recipe"
            "solver-free"
            "--teacher-steps"
            "500"
            "--steps"
            "300"
        ]

    let private flows: Test list =
        [
            testInFolder "Flows with classes sample their class, with guidance more of it" (fun folder ->
                let path, model = clusters folder, folder.File "flow.safetensors"

                let root =
                    read
                        folder
                        ([
                            "flow"
                            "train"
                            path
                            "--labels"
                            "kind"
                            "--class-free-share"
                            "0.15"
                            "--out"
                            model
                         ]
                         @ brief)

                Expect.equal (numbers "classes" root) [ 2.0; 5.0; 9.0 ] "the labels"
                Expect.equal (root.GetProperty("dimension").GetInt32()) 2 "the label is no coordinate"

                let sample (more: string list) =
                    read
                        folder
                        ([ "flow"; "sample"; model; "--count"; "300"; "--out"; folder.File "s.csv" ]
                         @ more)
                    |> numbers "mean"

                for number, centre in [ 0, [ -3.0; 0.0 ]; 1, [ 3.0; 0.0 ]; 2, [ 0.0; 4.0 ] ] do
                    for mean, exact in List.zip (sample [ "--class"; string number ]) centre do
                        Expect.inRange mean (exact - 0.6, exact + 0.6) $"the mean of class {number}"

                let field = sample [ "--class"; "1"; "--field-steps"; "20" ]
                let guided = sample [ "--class"; "1"; "--field-steps"; "20"; "--guidance"; "3" ]
                Expect.inRange field.Head (2.4, 3.6) "the field alone"
                Expect.isGreaterThan guided.Head (field.Head + 0.1) "guidance leads away from the other classes"

                let found = read folder [ "flow"; "signatures"; model; path; "--labels"; "kind" ]

                let share (name: string) =
                    found.GetProperty("accuracies").EnumerateArray()
                    |> Seq.find (fun a -> a.GetProperty("quantity").GetString() = name)
                    |> number "share"

                Expect.isLessThan (abs (number "chance" found - 1.0 / 3.0)) 1e-9 "chance"
                Expect.isGreaterThan (share "x") 0.99 "the points themselves"
                Expect.isGreaterThan (share "Re α, Im α") 0.95 "the modal coordinates"

                Tool.run [ "flow"; "sample"; model; "--out"; folder.File "s.csv"; "--class"; "3" ]
                |> Tool.refused [ "class" ]

                Tool.run
                    [
                        "flow"
                        "sample"
                        model
                        "--out"
                        folder.File "s.csv"
                        "--class"
                        "1"
                        "--guidance"
                        "2"
                    ]
                |> Tool.refused [ "--field-steps"; "flow train" ])

            testInFolder "The density of a flow of normal data is normal" (fun folder ->
                let draw = Random 6

                let path =
                    Tool.csv folder "normal.csv" "a,b" [ for _ in 1..800 -> [| normal draw; normal draw |] ]

                let model = folder.File "flow.safetensors"
                ran ([ "flow"; "train"; path; "--out"; model ] @ brief) |> ignore

                let root =
                    read folder [ "flow"; "density"; model; path; "--out"; folder.File "d.csv" ]
                // -log 2π - 1 for whitened data of two dimensions.
                Expect.inRange (number "mean_log_density" root) (-2.95, -2.75) "the mean log density"
                Expect.isGreaterThan (root.GetProperty("reached").GetInt32()) 760 "the points in reach"
                Expect.equal (fst (table (folder.File "d.csv"))) [| "log_density" |] "the column"

                let sampled (parts: string list) =
                    ran (
                        [ "flow"; "sample"; model; "--count"; "50"; "--out"; folder.File "s.csv" ]
                        @ parts
                    )
                    |> ignore

                    File.ReadAllText(folder.File "s.csv")

                Expect.equal (sampled [ "--parts"; "1" ]) (sampled []) "one part is one step"
                Expect.notEqual (sampled [ "--parts"; "3" ]) (sampled []) "three parts are not"

                Tool.run
                    [
                        "flow"
                        "sample"
                        model
                        "--parts"
                        "2"
                        "--worst"
                        ".1"
                        "--out"
                        folder.File "s.csv"
                    ]
                |> Tool.refused [ "three ways to sample" ])

            testInFolder
                "Images are learned by a U-Net, with classes from a file, and a decoder is learned"
                (fun folder ->
                    let draw = Random 7
                    let images = Directory.CreateDirectory(folder.File "images").FullName

                    let header (counts: int list) =
                        [|
                            0uy
                            0uy
                            8uy
                            byte counts.Length
                            for count in counts do
                                yield! Array.rev (BitConverter.GetBytes count)
                        |]

                    // Bright above or bright below.
                    let labels = Array.init 60 (fun i -> byte (i % 2))

                    let pixels =
                        labels
                        |> Array.collect (fun label ->
                            Array.init 16 (fun p ->
                                let bright = (p < 8) = (label = 0uy)
                                byte ((if bright then 180 else 20) + draw.Next 50)))

                    File.WriteAllBytes(
                        Path.Combine(images, "train-images-idx3-ubyte"),
                        Array.append (header [ 60; 4; 4 ]) pixels
                    )

                    let names = Path.Combine(images, "train-labels-idx1-ubyte")
                    File.WriteAllBytes(names, Array.append (header [ 60 ]) labels)
                    let model = folder.File "flow.safetensors"

                    let arguments =
                        [
                            "flow"
                            "train"
                            images
                            "--labels"
                            names
                            "--out"
                            model
                            "--teacher-steps"
                            "60"
                            "--steps"
                            "30"
                            "--recipe"
                            "solver-free"
                            "--features"
                            "4"
                        ]

                    let root = read folder (arguments @ [ "--network"; "unet:8" ])
                    Expect.equal (root.GetProperty("dimension").GetInt32()) 16 "the pixels"
                    Expect.equal (numbers "classes" root) [ 0.0; 1.0 ] "the classes"

                    // The map has one scale: a difference of brightness stays one.
                    use map = LatentMap.load (folder.File "flow.latent.safetensors") |> Outcome.get

                    use points =
                        Tensors.ofRows 2 [| yield! Seq.replicate 16 0.0; yield! Seq.replicate 16 1.0 |]

                    use latents = map.Encode points
                    let values = Tensors.toArray latents |> Array.chunkBySize 16
                    let differences = Array.map2 (-) values[1] values[0] |> Array.distinct
                    Expect.hasLength differences 1 "the scales"

                    let decoded = folder.File "decoded.safetensors"

                    ran
                        [
                            "flow"
                            "train"
                            "moons"
                            "--decoder"
                            "16,16"
                            "--out"
                            decoded
                            "--teacher-steps"
                            "20"
                            "--steps"
                            "20"
                            "--network"
                            "16"
                            "--features"
                            "6"
                        ]
                    |> ignore

                    use flow = LinearFlow.load decoded |> Outcome.get
                    Expect.isSome (LinearFlow.decoder flow) "the decoder")

            testInFolder "Misused options of trainings are refused by name" (fun folder ->
                let path, out = clusters folder, folder.File "x.safetensors"

                for words, arguments in
                    [
                        [ "no column 'zz'"; "a, b, kind" ], [ path; "--labels"; "zz" ]
                        [ "900 different values"; "two rows" ], [ path; "--labels"; "a" ]
                        [ "'64,x'"; "unet:CHANNELS" ], [ path; "--network"; "64,x" ]
                        [ "U-Net"; "images" ], [ path; "--network"; "unet:8" ]
                        [ "no classes" ], [ "moons"; "--labels"; "kind" ]
                        [ "no device 'cuda:77'" ], [ path; "--device"; "cuda:77" ]
                        [ "--features 0" ], [ path; "--features"; "0" ]
                        [ "--class-free-share"; "--labels"; "no classes" ], [ path; "--guidance"; "2" ]
                    ] do
                    Tool.run ([ "flow"; "train" ] @ arguments @ [ "--out"; out ])
                    |> Tool.refused words)
        ]

    let tests: Test =
        testSequenced
        <| testList "Capabilities" [ testList "Particles" particles; testList "Flows" flows ]
