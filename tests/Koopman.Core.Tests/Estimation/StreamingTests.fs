namespace Koopman.Tests

open System
open System.IO
open System.Threading
open Expecto
open Koopman
open TorchSharp

module StreamingTests =

    let private trajectory (count: int) : Samples =
        Systems.trajectory (Systems.doubleWell 1.0) count 0.1 (Seed.ofInt 5)
        |> Outcome.get

    let private gaussians () : Observables =
        use centres = Tensors.ofRows 12 (Array.init 12 (fun i -> -1.65 + 0.3 * float i))
        Observables.gaussians 0.5 centres |> Outcome.get

    let private same (tolerance: float) (expected: Tensor) (actual: Tensor) : unit =
        Tensors.within (fun () ->
            let size = max 1.0 (expected.abs().max().ToDouble())

            Expect.inRange
                ((expected - actual).abs().max().ToDouble())
                (0.0, tolerance * size)
                "the largest |expected.sub(actual)|")

    let private sameMoments (expected: Moments) (actual: Moments) : unit =
        Expect.equal actual.Weight expected.Weight "actual.Weight"
        same 1e-12 expected.Sum0 actual.Sum0
        same 1e-12 expected.Sum1 actual.Sum1
        same 1e-12 expected.C00 actual.C00
        same 1e-12 expected.C01 actual.C01
        same 1e-12 expected.C11 actual.C11
        same 1e-12 expected.State actual.State

    let tests: Test =
        testList
            "Streaming"
            [
                testCase
                    "A state of a trajectory is evaluated once, and the sums are those of separate pairs"
                    (fun () ->
                        use states = trajectory 5001
                        use chain = SnapshotPairs.ofTrajectory 0.1 states |> Outcome.get
                        use observables = gaussians ()
                        // In another order no pair starts where the one before it ended.
                        let order = Seed.permutation chain.Count (Seed.ofInt 3) |> Array.map int64
                        use index = torch.tensor (order, dtype = torch.int64)
                        use from = chain.From.Points.index_select (0L, index)
                        use successors = chain.To.Points.index_select (0L, index)
                        use shuffled = SnapshotPairs.create 0.1 from successors |> Outcome.get
                        Expect.equal chain.Starts [| 0 |] "chain.Starts"
                        Expect.inRange shuffled.Starts.Length (4900, 5000) "shuffled.Starts.Length"
                        use once = Moments.ofPairs observables (0, chain.Count) chain
                        use twice = Moments.ofPairs observables (0, shuffled.Count) shuffled
                        sameMoments twice once)

                testCase "Runs that end inside a piece do not mix" (fun () ->
                    use one = trajectory 1501

                    use other =
                        Systems.trajectory (Systems.doubleWell 1.0) 801 0.1 (Seed.ofInt 6)
                        |> Outcome.get

                    use observables = gaussians ()
                    use first = SnapshotPairs.ofTrajectory 0.1 one |> Outcome.get
                    use second = SnapshotPairs.ofTrajectory 0.1 other |> Outcome.get
                    use from = torch.cat ([| first.From.Points; second.From.Points |], 0L)
                    use successors = torch.cat ([| first.To.Points; second.To.Points |], 0L)
                    use both = SnapshotPairs.create 0.1 from successors |> Outcome.get
                    Expect.equal both.Starts [| 0; 1500 |] "both.Starts"
                    use a = Moments.ofPairs observables (0, first.Count) first
                    use b = Moments.ofPairs observables (0, second.Count) second
                    use parts = Moments.merge [ a; b ]
                    use whole = Moments.ofPairs observables (0, both.Count) both
                    sameMoments parts whole)

                testCase "An integer weight counts a pair that many times" (fun () ->
                    use states = trajectory 301
                    use pairs = SnapshotPairs.ofTrajectory 0.1 states |> Outcome.get
                    use observables = gaussians ()
                    let weights = Array.init pairs.Count (fun i -> i % 3)

                    let rows =
                        weights
                        |> Array.indexed
                        |> Array.collect (fun (i, w) -> Array.create w (int64 i))

                    use index = torch.tensor (rows, dtype = torch.int64)
                    use from = pairs.From.Points.index_select (0L, index)
                    use successors = pairs.To.Points.index_select (0L, index)
                    use repeated = SnapshotPairs.create 0.1 from successors |> Outcome.get

                    use weighted =
                        SnapshotPairs.withWeights (Array.map float weights) pairs |> Outcome.get

                    use m = Moments.ofPairs observables (0, repeated.Count) repeated
                    use w = Moments.ofPairs observables (0, weighted.Count) weighted
                    use gram = m.C00 / m.Weight
                    use weightedGram = w.C00 / w.Weight
                    same 1e-12 gram weightedGram)

                testCase "A file streamed in pieces gives the moments of the whole, and frees every batch" (fun () ->
                    use folder = new TemporaryFolder()
                    let file = folder.File "x.npy"
                    use states = trajectory 7001
                    Npy.write file (Samples.toNumericArray states) |> Outcome.get
                    use pairs = SnapshotPairs.ofTrajectory 0.1 states |> Outcome.get
                    use observables = gaussians ()
                    use whole = Moments.ofPairs observables (0, pairs.Count) pairs
                    use rows = NpyRows.Open file |> Outcome.get
                    Expect.equal rows.Count 7001L "rows.Count"
                    let before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount
                    let told = ResizeArray<StreamProgress>()

                    let blocks =
                        PairStream.ofTrajectory 0.1 97 rows
                        |> Streaming.moments (Control.report told.Add) observables
                        |> Outcome.get

                    Expect.inRange blocks.Length (10, 40) "blocks.Length"
                    Expect.equal ((Seq.last told).Pairs) 7000L "(Seq.last told).Pairs"
                    use merged = Moments.merge blocks
                    sameMoments whole merged

                    for block in blocks do
                        (block :> IDisposable).Dispose()

                    Expect.equal
                        DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount
                        (before + 6L)
                        "live tensors")

                testCase "Two files of states and successors are walked side by side" (fun () ->
                    use folder = new TemporaryFolder()
                    use states = trajectory 501
                    use pairs = SnapshotPairs.ofTrajectory 0.1 states |> Outcome.get

                    Npy.write (folder.File "x.npy") (Samples.toNumericArray pairs.From)
                    |> Outcome.get

                    Npy.write (folder.File "y.npy") (Samples.toNumericArray pairs.To) |> Outcome.get
                    use x = NpyRows.Open(folder.File "x.npy") |> Outcome.get
                    use y = NpyRows.Open(folder.File "y.npy") |> Outcome.get
                    use observables = gaussians ()
                    let stream = PairStream.ofFiles 0.1 123 x y |> Outcome.get
                    let blocks = Streaming.moments Control.none observables stream |> Outcome.get
                    use merged = Moments.merge blocks
                    use whole = Moments.ofPairs observables (0, pairs.Count) pairs
                    sameMoments whole merged
                    use few = Tensors.ofRows 3 [| 1.0; 2.0; 3.0 |]
                    use other = Samples.ofTensor few |> Outcome.get
                    Npy.write (folder.File "z.npy") (Samples.toNumericArray other) |> Outcome.get
                    use z = NpyRows.Open(folder.File "z.npy") |> Outcome.get

                    PairStream.ofFiles 0.1 123 x z
                    |> Expect.error ErrorKind.ShapeMismatch [ "500"; "3" ]

                    for block in blocks do
                        (block :> IDisposable).Dispose())

                testCase
                    "A stream ends at the first bad batch, at a cancellation, and when it is empty, and leaves nothing behind"
                    (fun () ->
                        use observables = gaussians ()
                        use states = trajectory 101
                        let pairs () = SnapshotPairs.ofTrajectory 0.1 states
                        let before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

                        let bad =
                            PairStream.ofSeq 0.1
                            <| seq {
                                pairs ()
                                KoopmanError.fail ErrorKind.NotFinite "row 7 holds NaN" "Repair it"
                            }

                        Streaming.moments Control.none observables bad
                        |> Expect.error ErrorKind.NotFinite [ "row 7" ]

                        Streaming.moments Control.none observables (PairStream.ofSeq 0.1 Seq.empty)
                        |> Expect.error ErrorKind.TooFewSamples [ "no pairs" ]

                        use source = new CancellationTokenSource()

                        let control: Control<StreamProgress> =
                            {
                                Report =
                                    fun progress ->
                                        if progress.Batches = 2 then
                                            source.Cancel()
                                Cancellation = source.Token
                            }

                        Expect.throwsT<OperationCanceledException>
                            (fun () ->
                                Seq.initInfinite (fun _ -> pairs ())
                                |> PairStream.ofSeq 0.1
                                |> Streaming.moments control observables
                                |> ignore)
                            "a cancelled run"

                        Expect.equal
                            DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount
                            before
                            "live tensors")

                testCase "What cannot be read in pieces says how to convert it" (fun () ->
                    use folder = new TemporaryFolder()
                    use states = trajectory 11
                    let good = folder.File "good.npy"
                    Npy.write good (Samples.toNumericArray states) |> Outcome.get
                    let bytes = File.ReadAllBytes good

                    NpyRows.Open(folder.Write("cut.npy", bytes[.. bytes.Length - 9]))
                    |> Expect.error ErrorKind.UnreadableFile [ "truncated" ]

                    let text = Text.Encoding.Latin1.GetString bytes

                    let changed (name: string) (from: string) (into: string) =
                        folder.Write(name, Text.Encoding.Latin1.GetBytes(text.Replace(from, into)))

                    NpyRows.Open(changed "int.npy" "<f8" "<i8")
                    |> Expect.error ErrorKind.UnreadableFile [ "astype" ]

                    NpyRows.Open(changed "big.npy" "<f8" ">f8")
                    |> Expect.error ErrorKind.UnreadableFile [ "byte order" ]

                    NpyRows.Open(changed "columns.npy" "False" "True ")
                    |> Expect.error ErrorKind.UnreadableFile [ "ascontiguousarray" ]

                    NpyRows.Open(folder.File "none.npy")
                    |> Expect.error ErrorKind.MissingFile [ "none.npy" ]

                    use rows = NpyRows.Open good |> Outcome.get
                    use last = rows.Read(9L, 2)
                    Expect.equal (Tensors.toArray last) ((Samples.values states)[9..]) "last"

                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> rows.Read(9L, 3) |> ignore)
                        "a range past the end")
            ]
