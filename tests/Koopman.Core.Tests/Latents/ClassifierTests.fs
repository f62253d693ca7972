namespace Koopman.Tests

open System
open System.Threading
open Koopman
open TorchSharp
open Xunit

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
            |> Expect.ok

        samples, Array.init count (fun i -> i % 8)

    let private train (options: ClassifierOptions) (samples: Samples, labels: int[]) : Classifier =
        Classifier.train Control.none options (Seed.ofInt 1) labels samples |> Expect.ok

    [<Fact>]
    let ``The eight modes are told apart, and nearly surely`` () : unit =
        let data, labels = modes 800 1
        let fresh, truth = modes 400 2
        use data = data
        use fresh = fresh
        use classifier = train quick (data, labels)
        Assert.Equal(2, classifier.Dimension)
        Assert.Equal(8, classifier.Classes)
        // Neighbouring modes are 12 of their deviations apart.
        Assert.True((Classifier.accuracy classifier truth fresh |> Expect.ok) > 0.99)
        let sure = Classifier.confidence classifier fresh |> Expect.ok
        Assert.True(Array.average sure > 0.9)
        Assert.All(sure, (fun p -> Assert.InRange(p, 1.0 / 8.0, 1.0)))
        // Between two modes nothing is sure.
        use between =
            Samples.ofValues 2 [| sqrt 2.0 * cos 0.3927; sqrt 2.0 * sin 0.3927; 0.0; 0.0 |]
            |> Expect.ok

        Assert.True((Classifier.confidence classifier between |> Expect.ok |> Array.max) < Array.average sure)

    [<Fact>]
    let ``Probabilities sum to 1 and agree with the prediction`` () : unit =
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
        Assert.Equal<int64[]>([| 160L; 8L |], probabilities.shape)
        Assert.All(Tensors.toArray sums, (fun s -> Assert.Equal(1.0, s, 12)))
        let rows = Tensors.toArray probabilities |> Array.chunkBySize 8
        let best = rows |> Array.map (fun row -> Array.IndexOf(row, Array.max row))
        Assert.Equal<int[]>(best, Classifier.predict classifier data |> Expect.ok)

        let share =
            Array.map2 (fun a b -> if a = b then 1.0 else 0.0) best labels |> Array.average

        Assert.Equal(share, Classifier.accuracy classifier labels data |> Expect.ok, 12)

    [<Fact>]
    let ``Features see what a missing mode changes`` () : unit =
        let data, labels = modes 800 1
        use data = data
        use classifier = train quick (data, labels)
        let reference, _ = modes 400 2
        let other, _ = modes 400 3
        use reference = reference
        use other = other

        use missing =
            Samples.pick (Array.init 400 id |> Array.filter (fun i -> i % 8 <> 0)) other
            |> Expect.ok

        let distance (samples: Samples) =
            use x = Classifier.features classifier reference |> Expect.ok
            use y = Classifier.features classifier samples |> Expect.ok
            Assert.Equal(5, x.Dimension)
            Frechet.distance x y |> Expect.ok

        Assert.True(distance missing > 5.0 * distance other)

    [<Fact>]
    let ``Weights count in training and in accuracy`` () : unit =
        // The same points twice, with the labels exchanged the second time: only those with weight are learned.
        use plain =
            Samples.ofValues 1 (Array.init 200 (fun i -> if i % 2 = 0 then -1.0 else 1.0))
            |> Expect.ok

        let labels = Array.init 200 (fun i -> if i < 100 then i % 2 else 1 - i % 2)

        use weighted =
            Samples.withWeights (Array.init 200 (fun i -> if i < 100 then 1.0 else 0.0)) plain
            |> Expect.ok

        use classifier = train quick (weighted, labels)
        Assert.Equal(1.0, Classifier.accuracy classifier labels weighted |> Expect.ok, 12)
        Assert.Equal(0.5, Classifier.accuracy classifier labels plain |> Expect.ok, 12)

    [<Fact>]
    let ``Equal seeds give equal bits, and training can be cancelled`` () : unit =
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

        Assert.Equal<int64[]>(bits (), bits ())
        use source = new CancellationTokenSource()

        let control: Control<DescentProgress> =
            {
                Report = fun _ -> source.Cancel()
                Cancellation = source.Token
            }

        Assert.Throws<OperationCanceledException>(fun () ->
            Classifier.train control options (Seed.ofInt 1) labels data |> ignore)
        |> ignore

    [<Fact>]
    let ``Settings, labels and data that cannot be are refused`` () : unit =
        let data, labels = modes 16 1
        use data = data

        let attempt options labels samples =
            Classifier.train Control.none options (Seed.ofInt 1) labels samples

        for wrong in
            [
                { quick with Widths = [] }
                { quick with Widths = [ 0 ] }
                { quick with Batch = 0 }
                { quick with Noise = -1.0 }
            ] do
            attempt wrong labels data
            |> Expect.error ErrorKind.InvalidSetting [ "Classifier.defaults" ]

        attempt quick [| 0; 1 |] data
        |> Expect.error ErrorKind.ShapeMismatch [ "2 labels"; "16 samples" ]

        attempt quick (Array.create 16 0) data
        |> Expect.error ErrorKind.InvalidSetting [ "two classes" ]

        attempt quick (Array.init 16 (fun i -> 2 * (i % 2))) data
        |> Expect.error ErrorKind.InvalidSetting [ "without gaps" ]

        attempt { quick with Device = "abacus" } labels data
        |> Expect.error ErrorKind.InvalidSetting [ "abacus" ]

        use line = Samples.ofValues 1 [| 0.0; 1.0 |] |> Expect.ok

        use classifier =
            train
                { quick with
                    Descent = { quick.Descent with Steps = 5 }
                }
                (data, labels)

        Classifier.predict classifier line
        |> Expect.error ErrorKind.ShapeMismatch [ "1 dimensions"; "takes 2" ]

        Classifier.accuracy classifier [| 0 |] data
        |> Expect.error ErrorKind.ShapeMismatch [ "1 labels" ]

    [<Fact>]
    let ``Classifiers leave no tensor behind`` () : unit =
        let live () =
            DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

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
                Classifier.predict classifier keep |> Expect.ok |> ignore
                Classifier.confidence classifier keep |> Expect.ok |> ignore
                (Classifier.features classifier keep |> Expect.ok :> IDisposable).Dispose())

        Assert.Equal(first, live ())
        Assert.True(first > before)
