namespace Koopman.Tests

open System
open System.Threading
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Metrics
open Koopman.Latents

module ClassifierTests =

    let private quick: ClassifierOptions =
        { Classifier.defaults with
            Widths = [ 16; 5 ]
            Batch = 64
            Descent =
                { Classifier.defaults.Descent with
                    Steps = 200
                    LearningRate = 1e-2
                    WarmUp = 20
                }
        }

    let private modes (count: int) (seed: int) : Samples * int[] =
        let samples =
            PlanarSets.stratified PlanarSets.eightGaussians count (Seed.ofInt seed)
            |> Outcome.get

        samples, Array.init count (fun i -> i % 8)

    let private train (options: ClassifierOptions) (samples: Samples, labels: int[]) : Classifier =
        Classifier.train Control.none options (Seed.ofInt 1) labels samples
        |> Outcome.get

    let tests: Test =
        testList
            "Classifier"
            [
                testCase "The eight modes are told apart, and nearly surely" (fun () ->
                    let data, labels = modes 800 1
                    let fresh, truth = modes 400 2
                    use data = data
                    use fresh = fresh
                    use classifier = train quick (data, labels)
                    Expect.equal classifier.Dimension 2 "classifier.Dimension"
                    Expect.equal classifier.Classes 8 "classifier.Classes"
                    // Neighbouring modes are 12 of their deviations apart.
                    Expect.isTrue
                        ((Classifier.accuracy classifier truth fresh |> Outcome.get) > 0.99)
                        "the accuracy on fresh points"

                    let sure = Classifier.confidence classifier fresh |> Outcome.get
                    Expect.isTrue (Array.average sure > 0.9) "Array.average sure > 0.9"

                    for p in sure do
                        Expect.inRange p (1.0 / 8.0, 1.0) "each of sure"
                    // Between two modes nothing is sure.
                    use between =
                        Samples.ofValues 2 [| sqrt 2.0 * cos 0.3927; sqrt 2.0 * sin 0.3927; 0.0; 0.0 |]
                        |> Outcome.get

                    Expect.isTrue
                        ((Classifier.confidence classifier between |> Outcome.get |> Array.max) < Array.average sure)
                        "the confidence between two modes")

                testCase "Probabilities sum to 1 and agree with the prediction" (fun () ->
                    let data, labels = modes 160 1
                    use data = data

                    use classifier =
                        train
                            { quick with
                                Descent = { quick.Descent with Steps = 20 }
                            }
                            (data, labels)

                    use probabilities = classifier.Probabilities data.Points
                    use sums = probabilities.sum 1L
                    Expect.equal probabilities.shape [| 160L; 8L |] "the shape of probabilities"

                    for s in Tensors.toArray sums do
                        Expect.sameDecimals 12 s 1.0 "each of sums"

                    let rows = Tensors.toArray probabilities |> Array.chunkBySize 8
                    let best = rows |> Array.map (fun row -> Array.IndexOf(row, Array.max row))

                    Expect.equal
                        (Classifier.predict classifier data |> Outcome.get)
                        best
                        "Classifier.predict classifier data"

                    let share =
                        Array.map2 (fun a b -> if a = b then 1.0 else 0.0) best labels |> Array.average

                    Expect.sameDecimals
                        12
                        (Classifier.accuracy classifier labels data |> Outcome.get)
                        share
                        "Classifier.accuracy classifier labels data")

                testCase "Features see what a missing mode changes" (fun () ->
                    let data, labels = modes 800 1
                    use data = data
                    use classifier = train quick (data, labels)
                    let reference, _ = modes 400 2
                    let other, _ = modes 400 3
                    use reference = reference
                    use other = other

                    use missing =
                        Samples.pick (Array.init 400 id |> Array.filter (fun i -> i % 8 <> 0)) other
                        |> Outcome.get

                    let distance (samples: Samples) =
                        use x = Classifier.features classifier reference |> Outcome.get
                        use y = Classifier.features classifier samples |> Outcome.get
                        Expect.equal x.Dimension 5 "x.Dimension"
                        Frechet.distance x y |> Outcome.get

                    Expect.isTrue (distance missing > 5.0 * distance other) "distance missing > 5.0 * distance other")

                testCase "Weights count in training and in accuracy" (fun () ->
                    // The same points twice, with the labels exchanged the second time: only those with weight are learned.
                    use plain =
                        Samples.ofValues 1 (Array.init 200 (fun i -> if i % 2 = 0 then -1.0 else 1.0))
                        |> Outcome.get

                    let labels = Array.init 200 (fun i -> if i < 100 then i % 2 else 1 - i % 2)

                    use weighted =
                        Samples.withWeights (Array.init 200 (fun i -> if i < 100 then 1.0 else 0.0)) plain
                        |> Outcome.get

                    use classifier = train quick (weighted, labels)

                    Expect.sameDecimals
                        12
                        (Classifier.accuracy classifier labels weighted |> Outcome.get)
                        1.0
                        "the accuracy with weights"

                    Expect.sameDecimals
                        12
                        (Classifier.accuracy classifier labels plain |> Outcome.get)
                        0.5
                        "Classifier.accuracy classifier labels plain")

                testCase "Equal seeds give equal bits, and training can be cancelled" (fun () ->
                    let data, labels = modes 80 1
                    use data = data

                    let options =
                        { quick with
                            Descent = { quick.Descent with Steps = 60 }
                        }

                    let bits () =
                        use classifier = train options (data, labels)
                        use features = classifier.Features data.Points
                        Tensors.toArray features |> Array.map BitConverter.DoubleToInt64Bits

                    Expect.equal (bits ()) (bits ()) "bits ()"
                    use source = new CancellationTokenSource()

                    let control: Control<DescentProgress> =
                        {
                            Report = fun _ -> source.Cancel()
                            Cancellation = source.Token
                        }

                    Expect.throwsT<OperationCanceledException>
                        (fun () -> Classifier.train control options (Seed.ofInt 1) labels data |> ignore)
                        "a cancelled run")

                testInFolder "A training goes on from a file to the bits of one that was not stopped" (fun folder ->
                    let data, labels = modes 80 1
                    use data = data
                    let before = live ()

                    let options =
                        { quick with
                            Descent = { quick.Descent with Steps = 80 }
                        }

                    let features (classifier: Classifier) =
                        use classifier = classifier
                        use features = classifier.Features data.Points
                        Tensors.toArray features |> Array.map BitConverter.DoubleToInt64Bits

                    let start options () =
                        Classifier.start options (Seed.ofInt 1) labels data |> Outcome.get

                    let continued, restored =
                        Interrupted.bits
                            folder
                            (start options)
                            Classifier.resume
                            Classifier.state
                            Classifier.restore
                            (Classifier.trained >> features)

                    let whole = features (train options (data, labels))
                    Expect.equal continued whole "after a cancellation"
                    Expect.equal restored whole "from a file"

                    using (start quick ()) (fun other ->
                        use wider = start { quick with Widths = [ 17; 5 ] } ()
                        use state = Classifier.state wider

                        Classifier.restore state other
                        |> Expect.error ErrorKind.CheckpointMismatch [ "Widths"; "17" ]

                        Expect.equal other.Step 0 "other.Step")

                    Expect.equal (live ()) before "live tensors")

                testCase "Settings, labels and data that cannot be are refused" (fun () ->
                    let data, labels = modes 16 1
                    use data = data

                    let attempt options labels samples =
                        Classifier.train Control.none options (Seed.ofInt 1) labels samples

                    for wrong, culprit in
                        [
                            { quick with Widths = [] }, "Widths is empty"
                            { quick with Widths = [ 0 ] }, "Widths[0] is 0"
                            { quick with Batch = 0 }, "Batch is 0"
                            { quick with Noise = -1.0 }, "Noise is -1"
                        ] do
                        attempt wrong labels data
                        |> Expect.error ErrorKind.InvalidSetting [ culprit; "Classifier.defaults" ]

                    attempt quick [| 0; 1 |] data
                    |> Expect.error ErrorKind.ShapeMismatch [ "2 labels"; "16 samples" ]

                    attempt quick (Array.create 16 0) data
                    |> Expect.error ErrorKind.InvalidSetting [ "two classes" ]

                    attempt quick (Array.init 16 (fun i -> 2 * (i % 2))) data
                    |> Expect.error ErrorKind.InvalidSetting [ "without gaps" ]

                    attempt { quick with Device = "abacus" } labels data
                    |> Expect.error ErrorKind.InvalidSetting [ "abacus" ]

                    use line = Samples.ofValues 1 [| 0.0; 1.0 |] |> Outcome.get

                    use classifier =
                        train
                            { quick with
                                Descent = { quick.Descent with Steps = 5 }
                            }
                            (data, labels)

                    Classifier.predict classifier line
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the samples is 1"; "must be 2" ]

                    Classifier.accuracy classifier [| 0 |] data
                    |> Expect.error ErrorKind.ShapeMismatch [ "1 labels" ])

                testCase "Classifiers leave no tensor behind" (fun () ->
                    let before = live ()
                    let data, labels = modes 80 1
                    use keep = data
                    let first = live ()

                    using
                        (train
                            { quick with
                                Descent = { quick.Descent with Steps = 5 }
                            }
                            (keep, labels))
                        (fun classifier ->
                            Classifier.predict classifier keep |> Outcome.get |> ignore
                            Classifier.confidence classifier keep |> Outcome.get |> ignore
                            (Classifier.features classifier keep |> Outcome.get :> IDisposable).Dispose())

                    Expect.equal (live ()) first "live tensors"
                    Expect.isTrue (first > before) "first > before")
            ]
