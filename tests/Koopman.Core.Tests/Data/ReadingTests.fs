namespace Koopman.Tests

open System
open System.Globalization
open Expecto
open Koopman

/// Files as they come, and what the readers make of them.
module ReadingTests =

    /// e^{-.1t} (cos 2t, sin 2t).
    let private spiral (t: float) : float * float =
        exp (-0.1 * t) * cos (2.0 * t), exp (-0.1 * t) * sin (2.0 * t)

    let private text (value: float) : string =
        value.ToString("R", CultureInfo.InvariantCulture)

    /// A table of the spiral at these times, which are printed so.
    let private spiralTable (header: string) (print: float -> string) (times: float seq) : string =
        String.concat
            "\n"
            [
                header
                for t in times do
                    let x, y = spiral t
                    $"{print t},{text x},{text y}"
            ]

    let private regular: float list = [ for k in 0..59 -> float k / 30.0 ]

    let private paths (options: ReadOptions) (path: string) : Trajectories * Interpretation =
        let struct (trajectories, understood) =
            Dataset.readTrajectoriesWith options path |> Outcome.get

        trajectories, understood

    let private hasStep (step: float) (trajectories: Trajectories) : unit =
        match Trajectories.step trajectories with
        | Some found -> Expect.isLessThan (abs (found - step)) (1e-3 * step) $"the step {found} against {step}"
        | None -> failtest "Expected equal steps"

    let private columns: Test list =
        [
            testInFolder "A column named u is a state, and an input only if it is said" (fun folder ->
                let path = folder.Write("a.csv", spiralTable "time,u,v" text regular)
                let all, understood = paths Dataset.defaults path
                use all = all
                Expect.equal all.Names [| "u"; "v" |] "all.Names"
                Expect.equal all.InputCount 0 "all.InputCount"
                Expect.stringContains (string understood) "ReadOptions.Inputs" "the remark"

                let driven, understood =
                    paths
                        { Dataset.defaults with
                            Inputs = [ "u" ]
                        }
                        path

                use driven = driven
                Expect.equal (driven.Names, driven.InputNames) ([| "v" |], [| "u" |]) "the names"
                Expect.stringContains understood.Sentence "1 state (v), 1 input (u)" "understood.Sentence")

            testList
                "Times are recognised"
                [
                    for name in [ "t"; "T"; "Time"; "time [s]"; "TIME (ms)"; "timestamp"; "t_s"; "Time/s" ] do
                        testInFolder (name.Replace('/', ' ')) (fun folder ->
                            let path = folder.Write("a.csv", spiralTable $"{name},x,y" text regular)
                            let trajectories, understood = paths Dataset.defaults path
                            use trajectories = trajectories
                            hasStep (1.0 / 30.0) trajectories

                            Expect.equal
                                understood.Sentence
                                $"a.csv: 1 trajectory, 60 rows, 2 states (x, y), times from column `{name}`, step 0.0333333"
                                "understood.Sentence")
                ]

            testInFolder "A temperature named T is a state" (fun folder ->
                let path = folder.Write("a.csv", "time,T\n0,5\n1,4\n2,4.5\n")
                let trajectories, _ = paths Dataset.defaults path
                use trajectories = trajectories
                Expect.equal trajectories.Names [| "T" |] "trajectories.Names")

            testInFolder "A clock of another name is asked about" (fun folder ->
                let path = folder.Write("a.csv", spiralTable "clock,x,y" text regular)

                Dataset.read path
                |> Expect.error ErrorKind.InvalidSetting [ "`clock`"; "looks like a clock"; "ReadOptions.Time"; "x,y" ]

                use timed =
                    paths
                        { Dataset.defaults with
                            Time = Some "clock"
                        }
                        path
                    |> fst

                hasStep (1.0 / 30.0) timed

                let options =
                    { Dataset.defaults with
                        Columns = [ "x"; "y" ]
                        Lag = Some 0.1
                    }

                use chosen = paths options path |> fst
                Expect.equal (chosen.Dimension, Trajectories.step chosen) (2, Some 0.1) "dimension and step")

            testInFolder "Names of trajectories may be words" (fun folder ->
                let path = folder.Write("a.csv", "Run,t,x\nb,0,1\na,0,5\nb,0.1,2\na,0.1,6\nc,0,9\n")

                let trajectories, understood = paths Dataset.defaults path
                use trajectories = trajectories
                Expect.equal (Samples.values trajectories.States) [| 1.0; 2.0; 5.0; 6.0 |] "the states"
                Expect.equal trajectories.Dropped 1 "trajectories.Dropped"
                Expect.stringContains (string understood) "1 trajectory of one row left out" "the remark")

            testInFolder "Columns that are not there, and text, are answered with the columns" (fun folder ->
                let path = folder.Write("a.csv", "t,x,what\n0,1,up\n1,2,down\n")

                Dataset.readWith
                    { Dataset.defaults with
                        Columns = [ "z" ]
                    }
                    path
                |> Expect.error ErrorKind.InvalidSetting [ "`z`"; "t, x, what" ]

                Dataset.read path
                |> Expect.error ErrorKind.InvalidSetting [ "`what`"; "'up'"; "ReadOptions.Columns" ])

            testInFolder "Names and inputs survive a table" (fun folder ->
                let path, again =
                    folder.Write("a.csv", "t,a,valve\n0,1,5\n1,2,6\n2,4,\n"), folder.File "b.csv"

                let trajectories, _ =
                    paths
                        { Dataset.defaults with
                            Inputs = [ "valve" ]
                        }
                        path

                use trajectories = trajectories
                Dataset.writeTrajectories again trajectories |> Outcome.get
                use back = Dataset.readTrajectories again |> Outcome.get
                Expect.equal (back.Names, back.InputNames) ([| "a" |], [| "valve" |]) "the names"
                Expect.equal (Tensors.toArray back.Inputs.Value) [| 5.0; 6.0; 0.0 |] "the last input is not needed")
        ]

    let private stamps: Test list =
        [
            testList
                "Stamps are equally spaced within their resolution"
                [
                    for digits in [ 2; 3; 4; 6 ] do
                        testInFolder $"{digits} decimals" (fun folder ->
                            let print (t: float) =
                                t.ToString($"F{digits}", CultureInfo.InvariantCulture)

                            let path = folder.Write("a.csv", spiralTable "t,x,y" print regular)
                            let trajectories, understood = paths Dataset.defaults path
                            use trajectories = trajectories
                            hasStep (1.0 / 30.0) trajectories
                            Expect.stringContains understood.Sentence "its resolution" "understood.Sentence")

                    for name, stamp in
                        [
                            "Unix seconds with milliseconds", (fun t -> Math.Round(1.7e9 + t, 3))
                            "single precision", (fun t -> float (float32 t))
                            "single precision, late", (fun t -> float (float32 (t + 100.0)))
                        ] do
                        testCase name (fun () ->
                            let times = regular |> List.map stamp |> Array.ofList
                            let found = Spacing.ofTimes [| times; Array.map ((+) 0.0) times |]
                            Expect.isSome found.Step "the step"
                            Expect.isLessThan (abs (found.Step.Value - 1.0 / 30.0)) 1e-4 "the step")

                    testCase "nanoseconds" (fun () ->
                        let times =
                            regular |> List.map (fun t -> Math.Round(1.7e18 + 1e9 * t)) |> Array.ofList

                        Expect.isSome (Spacing.ofTimes [| times |]).Step "the step")
                ]

            testList
                "Irregular times stay irregular"
                [
                    for name, times in
                        [
                            "a missing row", [| 0.0; 1.0; 2.0; 4.0; 5.0; 6.0 |]
                            "a missing row at the end", [| 0.0; 1.0; 2.0; 3.0; 5.0 |]
                            "jitter", [| for k in 0..40 -> 0.1 * float k + 0.01 * sin (float (k * k)) |]
                            "jitter in three decimals",
                            [|
                                for k in 0..40 -> Math.Round(0.1 * float k + 0.01 * sin (float (k * k)), 3)
                            |]
                        ] do
                        testCase name (fun () -> Expect.isNone (Spacing.ofTimes [| times |]).Step "the step")
                ]

            testInFolder "Dates are times in seconds" (fun folder ->
                let print (t: float) =
                    DateTime(2024, 2, 29, 23, 59, 59)
                        .AddSeconds(t)
                        .ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture)

                let path = folder.Write("a.csv", spiralTable "when,x,y" print regular)
                let trajectories, _ = paths Dataset.defaults path
                use trajectories = trajectories
                hasStep (1.0 / 30.0) trajectories)
        ]

    let private rows: Test list =
        [
            testInFolder "Missing values are refused with their place, or cut" (fun folder ->
                let path =
                    folder.Write("a.csv", "t,x,y\n0,1,2\n1,NA,3\n2,3,4\n3,4,5\n4,5,\n5,6,7\n6,7,8\n")

                Dataset.read path
                |> Expect.error
                    ErrorKind.NotFinite
                    [ "x is missing"; "line 3"; "2 rows have"; "ReadOptions.Missing = Cut" ]

                let options =
                    { Dataset.defaults with
                        Missing = MissingValues.Cut
                    }

                let cut, understood = paths options path
                use cut = cut
                Expect.equal cut.Times [| 2.0; 3.0; 5.0; 6.0 |] "the times that are left"
                Expect.equal cut.Lengths [| 2; 2 |] "cut.Lengths"
                Expect.stringContains (string understood) "2 rows with missing values left out" "the remark")

            testInFolder "Points with missing values are left out" (fun folder ->
                let path = folder.Write("a.csv", "1,2\n3,nan\n5,6\n")

                let options =
                    { Dataset.defaults with
                        Missing = MissingValues.Cut
                    }

                let struct (points, _) = Dataset.readSamplesWith options path |> Outcome.get
                use points = points
                Expect.equal (Samples.values points) [| 1.0; 2.0; 5.0; 6.0 |] "the points")

            testInFolder "A gap in the times is cut" (fun folder ->
                let times = regular |> List.filter (fun t -> t < 0.5 || t > 1.0)

                let path =
                    folder.Write(
                        "a.csv",
                        spiralTable "t,x,y" (fun t -> t.ToString("F4", CultureInfo.InvariantCulture)) times
                    )

                use whole = Dataset.readTrajectories path |> Outcome.get
                Expect.isNone (Trajectories.step whole) "the step of the whole"

                use cut =
                    paths
                        { Dataset.defaults with
                            Missing = MissingValues.Cut
                        }
                        path
                    |> fst

                Expect.equal cut.Count 2 "cut.Count"
                hasStep (1.0 / 30.0) cut)

            testInFolder "None of the trajectories is long enough" (fun folder ->
                let path = folder.Write("a.csv", "id,x\n1,5\n2,6\n3,8\n")

                Dataset.read path
                |> Expect.error ErrorKind.TooFewSamples [ "`id`"; "each has one row"; "ReadOptions.Columns" ])
        ]

    let private arrays: Test list =
        [
            testInFolder "Three axes mean the same in an archive and in an array" (fun folder ->
                let cube =
                    {
                        Shape = [| 6; 3; 2 |]
                        Values = Array.init 36 (fun i -> sin (float (i * i)))
                    }

                let npy, npz = folder.File "a.npy", folder.File "a.npz"
                Npy.write npy cube |> Outcome.get

                Npy.writeArchive npz (Map [ "x", cube; "lag", NumericArray.scalar 0.1 ])
                |> Outcome.get

                for layout, shape in
                    [
                        None, (6, 2)
                        Some ArrayLayout.Trajectories, (6, 2)
                        Some ArrayLayout.Frames, (1, 6)
                    ] do
                    let options =
                        { Dataset.defaults with
                            Layout = layout
                        }

                    let one, saidOne = paths { options with Lag = Some 0.1 } npy
                    let other, saidOther = paths options npz
                    use one = one
                    use other = other
                    Expect.equal (one.Count, one.Dimension) shape "the array"
                    Expect.equal (other.Count, other.Dimension) shape "the archive"
                    Expect.equal saidOne.Remarks saidOther.Remarks "what is said"
                    Expect.stringContains (string saidOne) "6 x 3 x 2" "what is said")

            testInFolder "Transposed data are recognised" (fun folder ->
                let wide =
                    {
                        Shape = [| 2; 60 |]
                        Values =
                            [|
                                yield! regular |> List.map (spiral >> fst)
                                yield! regular |> List.map (spiral >> snd)
                            |]
                    }

                let path = folder.File "a.npy"
                Npy.write path wide |> Outcome.get
                let options = { Dataset.defaults with Lag = Some 0.1 }

                Dataset.readWith options path
                |> Expect.error
                    ErrorKind.ShapeMismatch
                    [ "2 states of 60 coordinates: transposed?"; "ReadOptions.Layout = Transposed" ]

                use trajectories =
                    paths
                        { options with
                            Layout = Some ArrayLayout.Transposed
                        }
                        path
                    |> fst

                Expect.equal (trajectories.Dimension, trajectories.States.Count) (2, 60) "dimension and rows"

                Expect.equal
                    (Samples.values trajectories.States |> Array.item 2)
                    (fst (spiral (1.0 / 30.0)))
                    "the second state")

            testInFolder "Archives as others name their arrays" (fun folder ->
                let path = folder.File "a.npz"

                let column (values: float list) =
                    {
                        Shape = [| values.Length; 1 |]
                        Values = Array.ofList values
                    }

                let vector (values: float list) =
                    {
                        Shape = [| values.Length |]
                        Values = Array.ofList values
                    }

                let read (options: ReadOptions) arrays =
                    Npy.writeArchive path (Map arrays) |> Outcome.get
                    use trajectories = paths options path |> fst
                    trajectories.States.Count, (Trajectories.step trajectories).Value

                let x = column [ 1.0; 3.0; 2.0; 5.0 ]
                Expect.equal (read Dataset.defaults [ "X", x; "dt", NumericArray.scalar 0.5 ]) (4, 0.5) "X and dt"

                Expect.equal
                    (read Dataset.defaults [ "arr_0", x; "t", vector [ 0.0; 1.0; 2.0; 3.0 ] ])
                    (4, 1.0)
                    "arr_0 and t"

                Expect.equal (read { Dataset.defaults with Lag = Some 0.2 } [ "x", x ]) (4, 0.2) "a lag that is given"

                Expect.equal
                    (read
                        { Dataset.defaults with
                            Columns = [ "states" ]
                        }
                        [ "states", x; "lag", NumericArray.scalar 0.5 ])
                    (4, 0.5)
                    "an array by its name"

                Npy.writeArchive path (Map [ "X", x; "Y", x; "dt", NumericArray.scalar 0.5 ])
                |> Outcome.get

                use pairs = Dataset.readPairs path |> Outcome.get
                Expect.equal (pairs.From.Count, pairs.Lag) (4, 0.5) "pairs"

                Npy.writeArchive path (Map [ "x", x; "lag", NumericArray.scalar 0.5; "u", vector [ 7.0; 8.0; 9.0 ] ])
                |> Outcome.get

                use driven = Dataset.readTrajectories path |> Outcome.get

                Expect.equal
                    (Tensors.toArray driven.Inputs.Value)
                    [| 7.0; 8.0; 9.0; 0.0 |]
                    "one input less than states")
        ]

    let private files: Test list =
        [
            testInFolder "Several files are several trajectories" (fun folder ->
                let one = folder.Write("run-1.csv", "t,a,b,input:v\n0,1,2,7\n0.5,2,3,8\n1,3,4,9\n")
                let two = folder.Write("run-2.csv", "t,a,b,input:v\n0,5,6,1\n0.5,6,7,2\n")

                let struct (found, understood) =
                    Dataset.readFiles Dataset.defaults [ one; two ] |> Outcome.get

                use found = found
                Expect.equal (found.Count, found.Lengths, found.Step) (2, [| 3; 2 |], Some 0.5) "trajectories"
                Expect.equal (found.Names, found.InputNames) ([| "a"; "b" |], [| "v" |]) "the names"
                Expect.equal found.Times [| 0.0; 0.5; 1.0; 0.0; 0.5 |] "the times"

                Expect.equal
                    (Samples.values found.States)
                    [| 1.0; 2.0; 2.0; 3.0; 3.0; 4.0; 5.0; 6.0; 6.0; 7.0 |]
                    "the states"

                Expect.equal (Tensors.toArray found.Inputs.Value) [| 7.0; 8.0; 9.0; 1.0; 2.0 |] "the inputs"

                Expect.equal
                    (Tensors.toArray found.States.Weights)
                    (Array.create 5 0.2)
                    "every state counts the same, in long and in short files"

                Expect.equal
                    understood.Sentence
                    "2 files (run-1.csv, run-2.csv): 2 trajectories, 5 rows, 2 states (a, b), 1 input (v), step 0.5"
                    "what was understood")

            testInFolder "Rows without times are consecutive states of a trajectory, and said to be" (fun folder ->
                let one = folder.Write("a.csv", "a,b\n1,2\n2,3\n3,1\n")
                let two = folder.Write("b.npy", Array.empty<byte>)

                Npy.write
                    two
                    {
                        Shape = [| 4; 2 |]
                        Values = [| 1.0 .. 8.0 |]
                    }
                |> Outcome.get

                Dataset.readFiles Dataset.defaults [ one; two ]
                |> Expect.error
                    ErrorKind.ShapeMismatch
                    [ "b.npy has the states x1, x2"; "a.csv has a, b"; "ReadOptions.Columns" ]

                let struct (found, understood) =
                    Dataset.readFiles Dataset.defaults [ two; two; two ] |> Outcome.get

                use found = found
                Expect.equal (found.Count, found.Step) (3, Some 1.0) "trajectories"

                Expect.exists understood.Remarks (fun remark -> remark.Contains "a row is a unit of time") "the remark")

            testInFolder "Files that do not go together are refused by name, and leave nothing behind" (fun folder ->
                let first = folder.Write("first.csv", "t,a,b\n0,1,2\n0.5,2,3\n1,3,4\n")
                let second = folder.Write("second.csv", "t,a,c\n0,1,2\n0.5,2,3\n1,3,4\n")
                let driven = folder.Write("driven.csv", "t,a,b,input:v\n0,1,2,3\n0.5,2,3,3\n")
                let pairs = folder.File "pairs.npz"

                Npy.writeArchive
                    pairs
                    (Map
                        [
                            "x",
                            {
                                Shape = [| 2; 1 |]
                                Values = [| 1.0; 2.0 |]
                            }
                            "y",
                            {
                                Shape = [| 2; 1 |]
                                Values = [| 1.0; 2.0 |]
                            }
                            "lag", NumericArray.scalar 1.0
                        ])
                |> Outcome.get

                let before = live ()

                for words, kind, files in
                    [
                        [ "second.csv has the states a, c"; "first.csv has a, b" ],
                        ErrorKind.ShapeMismatch,
                        [ first; second ]
                        [ "driven.csv has the inputs v"; "has none" ], ErrorKind.ShapeMismatch, [ first; driven ]
                        [ "pairs.npz holds no trajectories"; "2 pairs" ], ErrorKind.UnreadableFile, [ first; pairs ]
                        [ "none.csv" ], ErrorKind.MissingFile, [ first; folder.File "none.csv" ]
                        [ "No file" ], ErrorKind.InvalidSetting, []
                    ] do
                    Dataset.readFiles Dataset.defaults files |> Expect.error kind words

                // The remedy.
                use both =
                    Dataset.readFiles
                        { Dataset.defaults with
                            Columns = [ "a" ]
                        }
                        [ first; second ]
                    |> Outcome.get
                    |> fun (struct (found, _)) -> found

                Expect.equal (both.Names, both.Count) ([| "a" |], 2) "the states"
                both.Dispose()
                Expect.equal (live ()) before "live tensors")

            testCase "Weights and irregular times survive when collections are joined" (fun () ->
                let before = live ()

                do
                    use one =
                        Trajectories.ofArrays 1.0 [ array2D [ [ 1.0 ]; [ 2.0 ] ]; array2D [ [ 3.0 ]; [ 4.0 ] ] ]
                        |> Outcome.get

                    use weighted = Trajectories.withWeights [| 1.0; 3.0 |] one |> Outcome.get

                    use other =
                        Trajectories.ofArrays 1.0 [ array2D [ [ 5.0 ]; [ 6.0 ]; [ 7.0 ] ] ]
                        |> Outcome.get

                    use late = Trajectories.withTimes [ [| 0.0; 1.0; 5.0 |] ] other |> Outcome.get
                    use joined = Trajectories.concat [ weighted; late ] |> Outcome.get
                    Expect.equal (joined.Count, joined.Step) (3, None) "trajectories"
                    Expect.equal joined.Times [| 0.0; 1.0; 0.0; 1.0; 0.0; 1.0; 5.0 |] "the times"

                    // Within the first collection 1 : 3; of a state in the second the mean of those in the first.
                    let expected =
                        [| 0.5; 0.5; 1.5; 1.5; 1.0; 1.0; 1.0 |] |> Array.map (fun w -> w / 7.0)

                    Array.iter2
                        (fun found expected -> Expect.isLessThan (abs (found - expected)) 1e-15 "a weight")
                        (Tensors.toArray joined.States.Weights)
                        expected

                    use twice =
                        Trajectories.ofArrays 1.0 [ array2D [ [ 1.0; 2.0 ]; [ 2.0; 3.0 ] ] ]
                        |> Outcome.get

                    Trajectories.concat [ one; twice ]
                    |> Expect.error ErrorKind.ShapeMismatch [ "Collection 1"; "coordinates 2"; "has 1" ]

                Expect.equal (live ()) before "live tensors")
        ]

    let tests: Test = testList "Reading" (columns @ stamps @ rows @ arrays @ files)
