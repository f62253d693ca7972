namespace Koopman.Tests

open System
open Expecto
open FsCheck.FSharp
open Koopman
open TorchSharp
open Koopman.Flows

module private Paths =

    /// Trajectories of the plane whose state at row t of trajectory k is (100 k + t, -t).
    let counted (step: float) (lengths: int list) : Trajectories =
        use _ = torch.NewDisposeScope()

        lengths
        |> List.mapi (fun k n ->
            Tensors.ofRows
                n
                (Array.init (2 * n) (fun i ->
                    if i % 2 = 0 then
                        100.0 * float k + float (i / 2)
                    else
                        -(float (i / 2)))))
        |> Trajectories.create step
        |> Outcome.get

    let firstColumn (samples: Samples) : float[] =
        use column = samples.Points.select (1L, 0L)
        Tensors.toArray column

module TrajectoriesTests =

    let tests: Test =
        testList
            "Trajectories"
            [
                testCase "Pairs never cross from one trajectory to the next" (fun () ->
                    use trajectories = Paths.counted 0.5 [ 4; 2; 3 ]
                    use pairs = Trajectories.pairs 2 trajectories |> Outcome.get
                    Expect.equal (Paths.firstColumn pairs.From) [| 0.0; 1.0; 200.0 |] "Paths.firstColumn pairs.From"
                    Expect.equal (Paths.firstColumn pairs.To) [| 2.0; 3.0; 202.0 |] "Paths.firstColumn pairs.To"
                    Expect.equal pairs.Lag 1.0 "pairs.Lag"
                    Expect.equal pairs.Starts [| 0; 2 |] "pairs.Starts"
                    Expect.equal pairs.Stride 2 "pairs.Stride")

                testCase
                    "Pairs of consecutive states are those of each trajectory alone, one after the other"
                    (fun () ->
                        use trajectories = Paths.counted 0.1 [ 5; 3 ]
                        use pairs = Trajectories.pairs 1 trajectories |> Outcome.get

                        let alone =
                            [| 0; 1 |]
                            |> Array.collect (fun k ->
                                use states = Trajectories.statesOf k trajectories
                                use samples = Samples.ofTensor states |> Outcome.get

                                if k = 1 && samples.Count < 3 then
                                    [||]
                                else
                                    use one = SnapshotPairs.ofTrajectory 0.1 samples |> Outcome.get
                                    Samples.values one.To)

                        Expect.equal (Samples.values pairs.To) alone "pairs.To")

                testCase "Inputs go with the step they act on" (fun () ->
                    use plain = Paths.counted 1.0 [ 3; 2 ]
                    use u = Tensors.ofRows 3 [| 1.0; 2.0; 3.0 |]
                    use v = Tensors.ofRows 2 [| 4.0; 5.0 |]
                    use driven = Trajectories.withInputs [ u; v ] plain |> Outcome.get
                    use pairs = Trajectories.pairs 1 driven |> Outcome.get
                    // The last row of each trajectory acts on nothing.
                    Expect.equal (Tensors.toArray pairs.Inputs.Value) [| 1.0; 2.0; 4.0 |] "pairs.Inputs.Value"

                    Trajectories.pairs 2 driven
                    |> Expect.error ErrorKind.InvalidSetting [ "inputs"; "2 steps"; "withoutInputs" ]

                    use free = Trajectories.withoutInputs driven
                    Expect.isTrue free.Inputs.IsNone "free.Inputs.IsNone")

                testCase "Irregular times need pairs by time, and the message says so" (fun () ->
                    use plain = Paths.counted 1.0 [ 6 ]

                    use irregular =
                        Trajectories.withTimes [ [| 0.0; 1.0; 2.05; 3.0; 3.4; 5.0 |] ] plain
                        |> Outcome.get

                    Expect.isTrue irregular.Step.IsNone "irregular.Step.IsNone"

                    Trajectories.pairs 1 irregular
                    |> Expect.error ErrorKind.InvalidSetting [ "pairsNear"; "OptimizedDmd" ]

                    Trajectories.delays 2 irregular
                    |> Expect.error ErrorKind.InvalidSetting [ "equally spaced" ]

                    use pairs = Trajectories.pairsNear 1.0 0.1 irregular |> Outcome.get
                    Expect.equal (Paths.firstColumn pairs.From) [| 0.0; 1.0; 2.0 |] "Paths.firstColumn pairs.From"
                    Expect.equal (Paths.firstColumn pairs.To) [| 1.0; 2.0; 3.0 |] "Paths.firstColumn pairs.To")

                testCase "On regular times pairs by time are pairs by stride" (fun () ->
                    use trajectories = Paths.counted 0.1 [ 7; 4 ]
                    use byStride = Trajectories.pairs 3 trajectories |> Outcome.get
                    use byTime = Trajectories.pairsNear 0.3 0.01 trajectories |> Outcome.get
                    Expect.equal (Samples.values byTime.From) (Samples.values byStride.From) "byTime.From"
                    Expect.equal (Samples.values byTime.To) (Samples.values byStride.To) "byTime.To"
                    Expect.equal byTime.Starts byStride.Starts "byTime.Starts"
                    Expect.equal byTime.Stride byStride.Stride "byTime.Stride")

                testCase "Times that are equally spaced count as regular, whatever their start" (fun () ->
                    use plain = Paths.counted 1.0 [ 3; 2 ]

                    use timed =
                        Trajectories.withTimes [ [| 7.0; 7.2; 7.4 |]; [| 0.1; 0.3 |] ] plain
                        |> Outcome.get

                    Expect.sameDecimals 12 timed.Step.Value 0.2 "timed.Step.Value"

                    Trajectories.withTimes [ [| 7.0; 7.2; 7.2 |]; [| 0.1; 0.3 |] ] plain
                    |> Expect.error ErrorKind.InvalidSetting [ "Trajectory 0"; "state 2"; "7.2" ])

                testCase "Delays put the newest state first" (fun () ->
                    use trajectories = Paths.counted 0.1 [ 4; 3 ]

                    Trajectories.delays 4 trajectories
                    |> Expect.error ErrorKind.TooFewSamples [ "4 states"; "at most 3" ]

                    use long = Trajectories.delays 3 trajectories |> Outcome.get
                    Expect.equal (long.Lengths, long.Dropped) ([| 2 |], 1) "what is long enough, and what is left out"

                    use delayed = Trajectories.delays 2 trajectories |> Outcome.get
                    Expect.equal delayed.Dimension 4 "delayed.Dimension"
                    Expect.equal delayed.Lengths [| 3; 2 |] "delayed.Lengths"

                    Expect.equal
                        (Samples.values delayed.States)
                        [|
                            1.0
                            -1.0
                            0.0
                            0.0
                            2.0
                            -2.0
                            1.0
                            -1.0
                            3.0
                            -3.0
                            2.0
                            -2.0
                            101.0
                            -1.0
                            100.0
                            0.0
                            102.0
                            -2.0
                            101.0
                            -1.0
                        |]
                        "delayed.States"

                    Expect.equal
                        (Array.truncate 3 delayed.Times |> Array.map (fun t -> Math.Round(t, 12)))
                        [| 0.1; 0.2; 0.3 |]
                        "the first three delayed times")

                testCase "A split loses no state and shares none" (fun () ->
                    use trajectories = Paths.counted 0.1 [ 10; 20; 5; 8 ]

                    let sorted (all: Trajectories list) =
                        all
                        |> List.map (fun t -> Paths.firstColumn t.States)
                        |> Array.concat
                        |> Array.sort

                    let struct (learn, test) =
                        Trajectories.splitTrajectories 0.5 (Seed.ofInt 3) trajectories |> Outcome.get

                    let struct (early, late) = Trajectories.splitInTime 0.25 trajectories |> Outcome.get
                    use learn = learn
                    use test = test
                    use early = early
                    use late = late
                    Expect.equal test.Count 2 "test.Count"
                    Expect.equal early.Lengths [| 8; 15; 3; 6 |] "early.Lengths"

                    for parts in [ [ learn; test ]; [ early; late ] ] do
                        Expect.equal (sorted parts) (sorted [ trajectories ]) "sorted parts")

                testCase "A weight belongs to all states and pairs of its trajectory" (fun () ->
                    use plain = Paths.counted 0.1 [ 2; 3 ]
                    use weighted = Trajectories.withWeights [| 3.0; 1.0 |] plain |> Outcome.get
                    use pairs = Trajectories.pairs 1 weighted |> Outcome.get

                    Expect.equal
                        (Tensors.toArray pairs.From.Weights |> Array.map (fun w -> Math.Round(w, 12)))
                        [| 0.6; 0.2; 0.2 |]
                        "the weights")

                testCase "Bad trajectories are named" (fun () ->
                    use good = Tensors.ofRows 2 [| 1.0; 2.0 |]
                    use bad = Tensors.ofRows 3 [| 1.0; nan; 2.0 |]
                    use short = Tensors.ofRows 1 [| 1.0 |]
                    use wide = Tensors.ofRows 2 [| 1.0; 2.0; 3.0; 4.0 |]

                    Trajectories.create 0.1 [ good; bad ]
                    |> Expect.error ErrorKind.NotFinite [ "Trajectory 1"; "row 1" ]

                    Trajectories.create 0.1 [ short ]
                    |> Expect.error ErrorKind.TooFewSamples [ "1 state" ]

                    Trajectories.create 0.1 [ good; wide ]
                    |> Expect.error ErrorKind.ShapeMismatch [ "Trajectory 1"; "2 dimensions" ]

                    Trajectories.create 0.1 []
                    |> Expect.error ErrorKind.TooFewSamples [ "No trajectory" ]

                    Trajectories.create -0.1 [ good ]
                    |> Expect.error ErrorKind.InvalidSetting [ "The step is -0.1" ]

                    use one = Trajectories.create 0.1 [ good ] |> Outcome.get
                    Trajectories.pairs 1 one |> Expect.error ErrorKind.TooFewSamples [ "1 pair" ]

                    Trajectories.withInputs [ wide; wide ] one
                    |> Expect.error ErrorKind.ShapeMismatch [ "2 tensors of inputs for 1 trajectories" ]

                    Trajectories.withInputs [ bad ] one
                    |> Expect.error ErrorKind.ShapeMismatch [ "(3, 1)"; "2 states" ]

                    Trajectories.splitTrajectories 0.5 (Seed.ofInt 1) one
                    |> Expect.error ErrorKind.TooFewSamples [ "splitInTime" ])

                testCase "No tensor is left behind" (fun () ->
                    let work () =
                        use plain = Paths.counted 0.1 [ 9; 7 ]

                        use timed =
                            Trajectories.withTimes [ Array.init 9 float; Array.init 7 float ] plain
                            |> Outcome.get

                        use u = Tensors.ofRows 9 (Array.zeroCreate 9)
                        use v = Tensors.ofRows 7 (Array.zeroCreate 7)
                        use driven = Trajectories.withInputs [ u; v ] timed |> Outcome.get
                        use weighted = Trajectories.withWeights [| 1.0; 2.0 |] driven |> Outcome.get
                        use delayed = Trajectories.delays 2 weighted |> Outcome.get
                        use pairs = Trajectories.pairs 1 delayed |> Outcome.get
                        use near = Trajectories.pairsNear 1.0 0.1 delayed |> Outcome.get
                        let struct (early, late) = Trajectories.splitInTime 0.5 weighted |> Outcome.get
                        use early = early
                        use late = late

                        Trajectories.withTimes [ [| 1.0 |] ] plain
                        |> Expect.error ErrorKind.ShapeMismatch []

                        use wrong = Tensors.ofRows 2 [| 1.0; nan |]
                        Trajectories.create 0.1 [ u; wrong ] |> Expect.error ErrorKind.NotFinite []
                        pairs.Count + near.Count

                    work () |> ignore
                    let before = live ()
                    work () |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]

module TrajectoryFilesTests =

    let private archive (arrays: (string * int list * float list) list) : Map<string, NumericArray> =
        arrays
        |> List.map (fun (name, shape, values) ->
            name,
            {
                Shape = Array.ofList shape
                Values = Array.ofList values
            })
        |> Map.ofList

    let private readPaths (path: string) : Trajectories =
        match Dataset.read path |> Outcome.get with
        | Paths trajectories -> trajectories
        | other -> failwith $"Expected trajectories, got {other}"

    let private same (expected: Trajectories) (found: Trajectories) : unit =
        Expect.equal (Samples.values found.States) (Samples.values expected.States) "found.States"
        Expect.equal found.Starts expected.Starts "found.Starts"
        Expect.equal found.Times expected.Times "found.Times"
        Expect.equal found.Step expected.Step "found.Step"

        Expect.equal
            (Option.map Tensors.toArray found.Inputs)
            (Option.map Tensors.toArray expected.Inputs)
            "Option.map found.Inputs"

    let tests: Test =
        testList
            "Trajectory files"
            [
                testCase "Trajectories survive an archive and a table" (fun () ->
                    use folder = new TemporaryFolder()
                    use regular = Paths.counted 0.1 [ 4; 3 ]

                    use irregular =
                        Trajectories.withTimes [ [| 0.0; 0.1; 0.5; 2.0 |]; [| 1.0; 1.25; 3.0 |] ] regular
                        |> Outcome.get

                    use u = Tensors.ofRows 4 [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0; 7.0; 8.0 |]
                    use v = Tensors.ofRows 3 [| 1.5; 2.5; 3.5; 4.5; 5.5; 6.5 |]
                    use driven = Trajectories.withInputs [ u; v ] irregular |> Outcome.get
                    use weighted = Trajectories.withWeights [| 2.0; 1.0 |] regular |> Outcome.get

                    for trajectories in [ regular; irregular; driven; weighted ] do
                        let path = folder.File "paths.npz"
                        Dataset.writeTrajectories path trajectories |> Outcome.get
                        use back = readPaths path
                        same trajectories back

                        Array.iter2
                            (fun (a: float) b -> Expect.sameDecimals 14 b a "each of back.States.Weights")
                            (Tensors.toArray trajectories.States.Weights)
                            (Tensors.toArray back.States.Weights)

                    for trajectories in [ irregular; driven ] do
                        let path = folder.File "paths.csv"
                        Dataset.writeTrajectories path trajectories |> Outcome.get
                        use back = readPaths path
                        same trajectories back

                    Dataset.writeTrajectories (folder.File "paths.npy") regular
                    |> Expect.error ErrorKind.UnwritableFile [ ".npy"; ".npz" ])

                testCase "An array of three dimensions with a lag is trajectories of equal length" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "cube.npz"
                    let cube = "x", [ 2; 3; 2 ], [ for i in 0..11 -> float i ]

                    Npy.writeArchive
                        path
                        (archive [ cube; "lag", [], [ 0.5 ]; "u", [ 2; 3; 1 ], [ 1; 2; 3; 4; 5; 6 ] ])
                    |> Outcome.get

                    use trajectories = readPaths path
                    Expect.equal trajectories.Lengths [| 3; 3 |] "trajectories.Lengths"
                    Expect.equal trajectories.Dimension 2 "trajectories.Dimension"
                    Expect.equal trajectories.Step (Some 0.5) "trajectories.Step"
                    Expect.equal trajectories.Inputs.Value.shape [| 6L; 1L |] "the shape of trajectories.Inputs.Value"
                    // Without a word on time it is points, as before.
                    Npy.writeArchive path (archive [ cube ]) |> Outcome.get
                    use points = Dataset.read path |> Outcome.get
                    Expect.equal ((Dataset.samples points).Dimension) 6 "(Dataset.samples points).Dimension")

                testCase "A table with a time column and scattered trajectories is put in order" (fun () ->
                    use folder = new TemporaryFolder()

                    let path =
                        folder.Write(
                            "runs.csv",
                            "time,trajectory,angle,input:u\n0,7,1.0,9\n0,3,5.0,8\n0.1,7,1.1,9\n0.1,3,5.1,8\n0.2,3,5.2,8\n"
                        )

                    use trajectories = readPaths path
                    Expect.equal trajectories.Lengths [| 2; 3 |] "trajectories.Lengths"

                    Expect.equal
                        (Samples.values trajectories.States)
                        [| 1.0; 1.1; 5.0; 5.1; 5.2 |]
                        "trajectories.States"

                    Expect.equal
                        (Tensors.toArray trajectories.Inputs.Value)
                        [| 9.0; 9.0; 8.0; 8.0; 8.0 |]
                        "trajectories.Inputs.Value"

                    Expect.sameDecimals 12 trajectories.Step.Value 0.1 "trajectories.Step.Value")

                testCase "Archives that do not fit together say where" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "bad.npz"

                    let read arrays =
                        Npy.writeArchive path (archive arrays) |> Outcome.get
                        Dataset.read path

                    let x = "x", [ 4; 1 ], [ 1.0; 2.0; 3.0; 4.0 ]
                    let lag = "lag", [], [ 0.1 ]

                    read [ x; "starts", [ 2 ], [ 0.0; 2.0 ] ]
                    |> Expect.error ErrorKind.UnreadableFile [ "lag"; "times" ]

                    read [ x; lag; "starts", [ 2 ], [ 1.0; 2.0 ] ]
                    |> Expect.error ErrorKind.ShapeMismatch [ "starts"; "4 rows" ]

                    use one = read [ x; lag; "starts", [ 2 ], [ 0.0; 3.0 ] ] |> Outcome.get

                    match one with
                    | Paths trajectories ->
                        Expect.equal trajectories.Lengths [| 3 |] "trajectories.Lengths"
                        Expect.equal trajectories.Dropped 1 "trajectories.Dropped"
                    | other -> failtest $"Expected trajectories, got {other}"

                    read [ x; lag; "times", [ 4 ], [ 0.0; 1.0; 2.0; 3.0 ] ]
                    |> Expect.error ErrorKind.ShapeMismatch [ "'lag' and 'times'" ]

                    read [ x; lag; "u", [ 2 ], [ 1.0; 1.0 ] ]
                    |> Expect.error ErrorKind.ShapeMismatch [ "'u'"; "4 states" ])

                testCase "What pairs carry survives a file" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "pairs.npz"
                    use trajectories = Paths.counted 0.1 [ 6; 5 ]
                    use plain = Trajectories.pairs 2 trajectories |> Outcome.get
                    use u = Seed.normal [| 7L; 2L |] (Seed.ofInt 1)
                    use second = Seed.normal [| 7L; 2L |] (Seed.ofInt 2)
                    use driven = SnapshotPairs.withInputs u plain |> Outcome.get
                    use two = SnapshotPairs.withSecond second driven |> Outcome.get

                    use pairs =
                        SnapshotPairs.withWeights [| 1.0; 2.0; 3.0; 4.0; 3.0; 2.0; 1.0 |] two
                        |> Outcome.get

                    Dataset.writePairs path pairs |> Outcome.get

                    match Dataset.read path |> Outcome.get with
                    | Pairs back ->
                        use back = back
                        Expect.equal (Tensors.toArray back.Inputs.Value) (Tensors.toArray u) "back.Inputs.Value"

                        Expect.equal
                            (Samples.values back.Second.Value)
                            (Samples.values pairs.Second.Value)
                            "back.Second.Value"

                        Expect.equal back.Starts pairs.Starts "back.Starts"
                        Expect.equal back.Stride 2 "back.Stride"

                        Array.iter2
                            (fun (a: float) b -> Expect.sameDecimals 15 b a "each of back.From.Weights")
                            (Tensors.toArray pairs.From.Weights)
                            (Tensors.toArray back.From.Weights)
                    | other -> failtest $"Expected pairs, got {other}")

                testCase "Reading leaves nothing behind, whether it works or not" (fun () ->
                    use folder = new TemporaryFolder()
                    let good, bad = folder.File "good.npz", folder.File "bad.npz"
                    use trajectories = Paths.counted 0.1 [ 4; 3 ]
                    Dataset.writeTrajectories good trajectories |> Outcome.get

                    Npy.writeArchive
                        bad
                        (archive
                            [
                                "x", [ 4; 1 ], [ 1; 2; 3; 4 ]
                                "y", [ 4; 1 ], [ 2; 3; 4; 5 ]
                                "lag", [], [ 1 ]
                                "w", [ 2 ], [ 1; 1 ]
                            ])
                    |> Outcome.get

                    let work () =
                        use read = readPaths good
                        Dataset.read bad |> Expect.error ErrorKind.ShapeMismatch [ "2 weights" ]
                        read.Count

                    work () |> ignore
                    let before = live ()
                    work () |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]

module TrajectoryLaws =

    /// Lengths of a few trajectories and a stride.
    let private cases =
        gen {
            let! lengths = Gen.choose (2, 12) |> Gen.listOf |> Gen.map (List.truncate 5)
            let! stride = Gen.choose (1, 4)
            return 9 :: lengths, stride
        }

    let tests: Test =
        testList
            "Trajectory laws"
            [
                Law.holds
                    "Pairs of trajectories are as many as there are states with a successor"
                    cases
                    (fun (lengths, stride) ->
                        use trajectories = Paths.counted 0.5 lengths
                        use pairs = Trajectories.pairs stride trajectories |> Outcome.get

                        let ahead =
                            Array.map2 (-) (Paths.firstColumn pairs.To) (Paths.firstColumn pairs.From)

                        pairs.Count = List.sumBy (fun n -> max 0 (n - stride)) lengths
                        && ahead |> Array.forall (fun a -> a = float stride)
                        && pairs.Starts.Length = (lengths |> List.filter (fun n -> n > stride) |> List.length))

                Law.holds
                    "Pairs of delayed trajectories have the pairs of states as their newest block"
                    cases
                    (fun (lengths, stride) ->
                        let lengths = lengths |> List.map (max 3)
                        use trajectories = Paths.counted 0.5 lengths
                        use delayed = Trajectories.delays 2 trajectories |> Outcome.get
                        use pairs = Trajectories.pairs stride delayed |> Outcome.get
                        use later = Trajectories.pairs stride trajectories |> Outcome.get
                        // What is lost is the first state of each trajectory.
                        let kept = Paths.firstColumn later.From |> Array.filter (fun x -> x % 100.0 >= 1.0)
                        kept = Paths.firstColumn pairs.From)
            ]
