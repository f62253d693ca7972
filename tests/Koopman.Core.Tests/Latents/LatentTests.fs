namespace Koopman.Tests

open System
open System.IO
open System.Threading
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows
open Koopman.Latents

/// Trainings that are stopped and taken up again.
module internal Interrupted =

    /// A training stopped after 50 steps, and one that goes on from its file, both to the end; they leave no tensor behind.
    let bits
        (folder: TemporaryFolder)
        (start: unit -> 'T)
        (resume: Control<DescentProgress> -> 'T -> Outcome<unit>)
        (state: 'T -> RunState)
        (restore: RunState -> 'T -> Outcome<unit>)
        (result: 'T -> int64[])
        : int64[] * int64[] when 'T :> IDisposable =
        let path = folder.File "state.safetensors"
        use source = new CancellationTokenSource()

        let control: Control<DescentProgress> =
            {
                Report = fun _ -> source.Cancel()
                Cancellation = source.Token
            }

        use training = start ()

        Expect.throwsT<OperationCanceledException> (fun () -> resume control training |> ignore) "stopped"

        do
            use taken = state training
            RunState.save path taken |> Outcome.get

        use other = start ()
        use stored = RunState.load path |> Outcome.get
        Expect.equal stored.Numbers [ "step", 50.0 ] "the steps of the state"
        restore stored other |> Outcome.get

        for training in [ training; other ] do
            resume Control.none training |> Outcome.get

        result training, result other

module private Latent =

    /// A curve in the space of three dimensions that no plane holds.
    let curve (count: int) (seed: int) : Samples =
        Tensors.within (fun () ->
            let t = 4.0 * Seed.uniform [| int64 count |] (Seed.ofInt seed) - 2.0

            torch.stack ([| 10.0 * t; 5.0 * t.square () + 50.0; 10.0 * t.sin () |], 1L)
            |> Samples.ofTensor
            |> Outcome.get)

    /// Normal points with a strong direction, two weak ones and correlation between them.
    let ellipsoid (count: int) (seed: int) : Samples =
        Tensors.within (fun () ->
            let z = Seed.normal [| int64 count; 3L |] (Seed.ofInt seed)
            let map = Tensors.ofRows 3 [| 4.0; 1.0; 0.5; 0.0; 0.7; 0.4; 0.2; -0.3; 0.5 |]

            Samples.ofTensor (z.matmul (map) + Tensors.ofVector [| 1.0; 2.0; 3.0 |])
            |> Outcome.get)

    let quick: AutoencoderOptions =
        { Autoencoder.defaults with
            Network =
                { Autoencoder.network with
                    Latents = 1
                    Widths = [ 24 ]
                }
            Batch = 64
            Descent =
                { Autoencoder.defaults.Descent with
                    Steps = 400
                    WarmUp = 20
                    LearningRate = 2e-2
                }
        }

    let train (options: AutoencoderOptions) (samples: Samples) : LatentMap =
        Autoencoder.train Control.none options (Seed.ofInt 3) samples |> Outcome.get

    let bits (samples: Samples) : int64[] =
        Samples.values samples |> Array.map BitConverter.DoubleToInt64Bits

open Latent

/// A map of the user's own.
[<Sealed>]
type private ComplexPairs() =
    inherit LatentMap(3, 3, "halves")
    override _.Encode(points: Tensor) : Tensor = 0.5 * points
    override _.Decode(latents: Tensor) : Tensor = 2.0 * latents

module LatentMapTests =

    let tests: Test =
        testList
            "Latent map"
            [
                testCase "Principal components are a map like others" (fun () ->
                    use data = ellipsoid 200 1
                    use pca = Pca.fit 2 data |> Outcome.get
                    use map = LatentMap.ofPca pca
                    use latents = LatentMap.encode map data |> Outcome.get
                    use known = Pca.encode pca data |> Outcome.get
                    use back = LatentMap.decode map latents |> Outcome.get
                    use same = Pca.decode pca known |> Outcome.get
                    Expect.equal (Samples.values latents) (Samples.values known) "latents"
                    Expect.equal (Samples.values back) (Samples.values same) "back"
                    // What is lost is the variance of the third direction, in the mean over three coordinates.
                    use whole = Pca.fit 3 data |> Outcome.get

                    Expect.sameDecimals
                        12
                        (LatentMap.error map data |> Outcome.get)
                        (sqrt (whole.Variances[2] / 3.0))
                        "LatentMap.error map data")

                testCase "Weights go with the points" (fun () ->
                    use plain = ellipsoid 20 2

                    use data =
                        Samples.withWeights (Array.init 20 (fun i -> float (i + 1))) plain
                        |> Outcome.get

                    use map = new ComplexPairs()
                    use latents = LatentMap.encode map data |> Outcome.get
                    Expect.equal (Tensors.toArray latents.Weights) (Tensors.toArray data.Weights) "latents.Weights"
                    use back = LatentMap.decode map latents |> Outcome.get
                    Expect.equal (Samples.values back) (Samples.values data) "back"
                    Expect.equal (Tensors.toArray back.Weights) (Tensors.toArray data.Weights) "back.Weights")

                testCase "Whitened latents have mean 0 and unit covariance, and decode as before" (fun () ->
                    use data = ellipsoid 300 3
                    use pca = Pca.fit 2 data |> Outcome.get
                    use plain = LatentMap.ofPca pca
                    use map = LatentMap.ofPca pca |> LatentMap.whitened data |> Outcome.get
                    use latents = LatentMap.encode map data |> Outcome.get
                    use mean = Samples.mean latents
                    use covariance = Samples.covariance latents

                    for m in Tensors.toArray mean do
                        Expect.sameDecimals 12 m 0.0 "each of mean"

                    Array.iter2
                        (fun e (c: float) -> Expect.sameDecimals 10 c e "each of covariance")
                        [| 1.0; 0.0; 0.0; 1.0 |]
                        (Tensors.toArray covariance)

                    Expect.sameDecimals
                        10
                        (LatentMap.error map data |> Outcome.get)
                        (LatentMap.error plain data |> Outcome.get)
                        "LatentMap.error map data"

                    Expect.equal map.Description "2 principal components, whitened" "map.Description")

                testCase
                    "A whitened map takes over the hold of the map behind it, which goes with the last that uses it"
                    (fun () ->
                        use data = ellipsoid 200 1
                        use pca = Pca.fit 2 data |> Outcome.get
                        let before = live ()
                        let map = LatentMap.ofPca pca

                        let numbers (map: LatentMap) =
                            use latents = LatentMap.encode map data |> Outcome.get
                            bits latents

                        let plain = numbers map
                        let other = map.Hold()
                        let whitened = LatentMap.whitened data map |> Outcome.get
                        let found = numbers whitened
                        map.Dispose()
                        Expect.equal (numbers whitened) found "after its maker let go twice"
                        whitened.Dispose()
                        whitened.Dispose()
                        Expect.equal (numbers map) plain "what another still holds"
                        other.Dispose()
                        Expect.equal (live ()) before "live tensors"
                        Expect.throwsT<ObjectDisposedException> (fun () -> map.Hold() |> ignore) "a map that is gone")

                testCase "Latents that vary in too few directions cannot be whitened" (fun () ->
                    use line = Samples.ofValues 2 [| 0.0; 0.0; 1.0; 2.0; 2.0; 4.0 |] |> Outcome.get
                    use pca = Pca.fit 2 line |> Outcome.get
                    use map = LatentMap.ofPca pca

                    LatentMap.whitened line map
                    |> Expect.error ErrorKind.IllConditioned [ "fewer than 2 directions" ])

                testCase "Samples of another dimension are refused" (fun () ->
                    use data = ellipsoid 20 1
                    use pca = Pca.fit 2 data |> Outcome.get
                    use map = LatentMap.ofPca pca
                    use latents = LatentMap.encode map data |> Outcome.get

                    LatentMap.encode map latents
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the samples is 2"; "must be 3" ]

                    LatentMap.decode map data
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the latents is 3"; "must be 2" ])

                testCase "Other points under the same weights are one a weight, and finite" (fun () ->
                    use data = ellipsoid 4 1
                    use three = torch.zeros (3L, 2L, dtype = torch.float64)
                    use bad = torch.full ([| 4L; 1L |], Tensors.num nan, dtype = torch.float64)

                    Samples.withPoints three data
                    |> Expect.error ErrorKind.ShapeMismatch [ "(3, 2)"; "4 weights" ]

                    Samples.withPoints bad data |> Expect.error ErrorKind.NotFinite [ "4 rows" ])
            ]

module ComplementTests =

    let private completed (rule: Complement) (data: Samples) (latents: Samples) (pca: Pca) : Samples =
        Complement.complete rule (Seed.ofInt 5) pca data latents |> Outcome.get

    /// The root of the mean square difference of two covariances, and of two means.
    let private apart (x: Samples) (y: Samples) : float * float =
        use _ = torch.NewDisposeScope()

        let rms (a: Tensor) (b: Tensor) =
            sqrt ((a - b).square().mean().ToDouble())

        rms (Samples.mean x) (Samples.mean y), rms (Samples.covariance x) (Samples.covariance y)

    let tests: Test =
        testList
            "Complement"
            [
                testList
                    "The leading coordinates stay, and mean and covariance come back"
                    [
                        for rule in [ Complement.Gaussian; Complement.Residuals ] do
                            testCase $"{rule}" (fun () ->
                                use data = ellipsoid 4000 1
                                use pca = Pca.fit 1 data |> Outcome.get
                                use latents = Pca.encode pca data |> Outcome.get
                                use points = completed rule data latents pca
                                use again = Pca.encode pca points |> Outcome.get

                                Array.iter2
                                    (fun a b -> Expect.inRange (a - b) (-1e-12, 1e-12) "a - b")
                                    (Samples.values latents)
                                    (Samples.values again)

                                let mean, covariance = apart data points
                                // The complement has deviations below 1: one standard error is .01 for means and .02 for covariances.
                                Expect.inRange mean (0.0, 0.04) "mean"
                                Expect.inRange covariance (0.0, 0.08) "covariance"
                                // Without it the covariance is off by the variance in the other directions.
                                use flat = Pca.decode pca latents |> Outcome.get
                                Expect.isTrue (snd (apart data flat) > 0.15) "snd (apart data flat) > 0.15")
                    ]

                testCase "A collapsed start does not stay collapsed in the other directions" (fun () ->
                    use data = ellipsoid 2000 1
                    use pca = Pca.fit 1 data |> Outcome.get
                    use one = Samples.ofValues 1 (Array.create 2000 0.3) |> Outcome.get
                    use points = completed Complement.Gaussian data one pca
                    use whole = Pca.fit 3 data |> Outcome.get
                    use coordinates = Pca.encode whole points |> Outcome.get
                    use covariance = Samples.covariance coordinates
                    let c = Tensors.toArray covariance
                    Expect.inRange (c[0]) (0.0, 1e-20) "c[0]"
                    Expect.inRange (c[4] / whole.Variances[1]) (0.85, 1.15) "c[4] / whole.Variances[1]"
                    Expect.inRange (c[8] / whole.Variances[2]) (0.85, 1.15) "c[8] / whole.Variances[2]")

                testCase "Residuals are those of data points, drawn by their weights" (fun () ->
                    use plain = ellipsoid 50 4
                    // Every second point has no weight.
                    use data =
                        Samples.withWeights (Array.init 50 (fun i -> float (i % 2))) plain
                        |> Outcome.get

                    use pca = Pca.fit 2 data |> Outcome.get
                    use zero = Samples.ofValues 2 (Array.zeroCreate 400) |> Outcome.get
                    use points = completed Complement.Residuals data zero pca

                    let offsets (samples: Samples) =
                        use _ = torch.NewDisposeScope()
                        let latents = (samples.Points - pca.Mean).matmul(pca.Components.t ())
                        let flat = latents.matmul (pca.Components) + pca.Mean
                        Tensors.toArray (samples.Points - flat) |> Array.chunkBySize 3

                    let known = offsets data

                    let nearest (row: float[]) =
                        known
                        |> Array.map (fun other -> Array.map2 (fun a b -> abs (a - b)) row other |> Array.max)
                        |> Array.indexed
                        |> Array.minBy snd

                    let found = offsets points |> Array.map nearest

                    for index, distance in found do
                        Expect.isTrue (distance < 1e-12 && index % 2 = 1) "distance < 1e-12 && index % 2 = 1"

                    Expect.isTrue
                        ((found |> Array.distinctBy fst).Length > 15)
                        "(found |> Array.distinctBy fst).Length > 15")

                testCase "Equal seeds give equal bits, and other shapes are refused" (fun () ->
                    use data = ellipsoid 100 1
                    use pca = Pca.fit 2 data |> Outcome.get
                    use latents = Pca.encode pca data |> Outcome.get

                    for rule in [ Complement.Gaussian; Complement.Residuals ] do
                        use one = completed rule data latents pca
                        use other = completed rule data latents pca
                        Expect.equal (bits other) (bits one) "bits other"

                    Complement.complete Complement.Gaussian (Seed.ofInt 1) pca latents latents
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the data is 2"; "must be 3" ]

                    Complement.complete Complement.Gaussian (Seed.ofInt 1) pca data data
                    |> Expect.error
                        ErrorKind.ShapeMismatch
                        [ "dimension of the latents is 3"; "must be 2"; "components" ])
            ]

module AutoencoderTests =

    let tests: Test =
        testList
            "Autoencoder"
            [
                testCase "One latent follows a curve that one principal component cannot" (fun () ->
                    use data = curve 1000 1
                    use fresh = curve 500 2
                    use pca = Pca.fit 1 data |> Outcome.get
                    use straight = LatentMap.ofPca pca
                    use map = train quick data

                    let learned, linear =
                        LatentMap.error map fresh |> Outcome.get, LatentMap.error straight fresh |> Outcome.get
                    // A line loses the bend, 5t² with variance 35 on one of three axes: √(35/3) = 3.4.
                    Expect.inRange linear (3.0, 3.8) "linear"
                    Expect.isTrue (learned < 0.2 * linear) $"{learned} against {linear}"
                    Expect.equal map.Latents 1 "map.Latents"
                    Expect.equal map.Dimension 3 "map.Dimension")

                testCase "Probabilities stay between 0 and 1, and the loss falls" (fun () ->
                    use noise = Seed.uniform [| 200L; 12L |] (Seed.ofInt 1)

                    use pixels =
                        (noise * noise.narrow (1L, 0L, 1L)).clamp(Tensors.num 0.0, Tensors.num 1.0)

                    use data = Samples.ofTensor pixels |> Outcome.get
                    let told = ResizeArray<DescentProgress>()

                    let options =
                        { quick with
                            Network =
                                { quick.Network with
                                    Output = AutoencoderOutput.Probability
                                }
                        }

                    use map =
                        Autoencoder.train (Control.report told.Add) options (Seed.ofInt 2) data
                        |> Outcome.get

                    use back =
                        LatentMap.encode map data
                        |> Result.bind (fun latents -> using latents (LatentMap.decode map))
                        |> Outcome.get

                    for x in Samples.values back do
                        Expect.inRange x (0.0, 1.0) "each of back"

                    Expect.equal told.Count 8 "told.Count"
                    Expect.equal (told[7].Step) 400 "told[7].Step"
                    Expect.isTrue (told[7].Loss < told[0].Loss) "told[7].Loss < told[0].Loss"
                    // One latent explains most of what the brightness of a row does.
                    use constant = Pca.fit 1 data |> Outcome.get
                    let deviation = sqrt (Array.sum constant.Variances / constant.Explained / 12.0)

                    Expect.isTrue
                        ((LatentMap.error map data |> Outcome.get) < 0.8 * deviation)
                        "(LatentMap.error map data) < 0.8 * deviation")

                testCase "Equal seeds give equal bits, others others" (fun () ->
                    use data = curve 200 1

                    let options =
                        { quick with
                            Descent = { quick.Descent with Steps = 20 }
                        }

                    let latents (seed: int) =
                        use map =
                            Autoencoder.train Control.none options (Seed.ofInt seed) data |> Outcome.get

                        use encoded = LatentMap.encode map data |> Outcome.get
                        bits encoded

                    Expect.equal (latents 1) (latents 1) "latents 1"
                    Expect.notEqual (latents 2) (latents 1) "latents 2")

                testInFolder "A training goes on from a file to the bits of one that was not stopped" (fun folder ->
                    use data = curve 200 1
                    let before = live ()

                    let options =
                        { quick with
                            Descent = { quick.Descent with Steps = 80 }
                        }

                    let latents (map: LatentMap) =
                        use map = map
                        use encoded = LatentMap.encode map data |> Outcome.get
                        bits encoded

                    let start options () =
                        Autoencoder.start options (Seed.ofInt 3) data |> Outcome.get

                    let continued, restored =
                        Interrupted.bits
                            folder
                            (start options)
                            Autoencoder.resume
                            Autoencoder.state
                            Autoencoder.restore
                            (Autoencoder.map >> latents)

                    let whole = latents (train options data)
                    Expect.equal continued whole "after a cancellation"
                    Expect.equal restored whole "from a file"

                    using (start quick ()) (fun other ->
                        use wider =
                            start
                                { quick with
                                    Network = { quick.Network with Widths = [ 25 ] }
                                }
                                ()

                        use state = Autoencoder.state wider

                        Autoencoder.restore state other
                        |> Expect.error ErrorKind.CheckpointMismatch [ "Widths"; "25" ]

                        Expect.equal other.Step 0 "other.Step"
                        Expect.isFalse other.IsFinished "other.IsFinished")

                    Expect.equal (live ()) before "live tensors")

                testCase "Points without weight are not learned" (fun () ->
                    use line =
                        Samples.ofValues
                            2
                            (Array.init 400 (fun i ->
                                let t = float (i / 2) / 100.0 in if i % 2 = 0 then t else (if t < 1.0 then t else -t)))
                        |> Outcome.get

                    use left =
                        Samples.withWeights (Array.init 200 (fun i -> if i < 100 then 1.0 else 0.0)) line
                        |> Outcome.get

                    use right =
                        Samples.withWeights (Array.init 200 (fun i -> if i < 100 then 0.0 else 1.0)) line
                        |> Outcome.get

                    use map = train quick left
                    Expect.isTrue ((LatentMap.error map left |> Outcome.get) < 0.1) "(LatentMap.error map left) < 0.1"

                    Expect.isTrue
                        ((LatentMap.error map right |> Outcome.get) > 0.5)
                        "(LatentMap.error map right) > 0.5")

                testCase "Training can be cancelled, and leaves no tensor behind" (fun () ->
                    use data = curve 200 1
                    use source = new CancellationTokenSource()
                    let before = live ()

                    let control: Control<DescentProgress> =
                        {
                            Report = fun _ -> source.Cancel()
                            Cancellation = source.Token
                        }

                    Expect.throwsT<OperationCanceledException>
                        (fun () -> Autoencoder.train control quick (Seed.ofInt 1) data |> ignore)
                        "a cancelled run"

                    (train
                        { quick with
                            Descent = { quick.Descent with Steps = 5 }
                        }
                        data
                    :> IDisposable)
                        .Dispose()

                    Expect.equal (live ()) before "live tensors")

                testCase "Settings and data that cannot be are refused" (fun () ->
                    use data = curve 50 1
                    use point = Samples.ofValues 1 [| 2.0; 2.0; 2.0 |] |> Outcome.get

                    let attempt options samples =
                        Autoencoder.train Control.none options (Seed.ofInt 1) samples

                    let network = quick.Network

                    for wrong, culprit in
                        [
                            { quick with Batch = 0 }, "Batch is 0"
                            { quick with Noise = nan }, "Noise is NaN"
                            { quick with
                                Network = { network with Latents = 0 }
                            },
                            "Latents is 0"
                            { quick with
                                Network = { network with Widths = [ 8; 0 ] }
                            },
                            "Widths[1] is 0"
                        ] do
                        attempt wrong data
                        |> Expect.error ErrorKind.InvalidSetting [ culprit; "Autoencoder.defaults" ]

                    attempt
                        { quick with
                            Network = { network with Device = "abacus" }
                        }
                        data
                    |> Expect.error ErrorKind.InvalidSetting [ "abacus" ]

                    attempt
                        { quick with
                            Network =
                                { network with
                                    Output = AutoencoderOutput.Probability
                                }
                        }
                        data
                    |> Expect.error ErrorKind.InvalidSetting [ "probability"; "1/255" ]

                    attempt quick point |> Expect.error ErrorKind.IllConditioned [ "same point" ]

                    attempt
                        { quick with
                            Descent =
                                { quick.Descent with
                                    LearningRate = 0.0
                                }
                        }
                        data
                    |> Expect.error ErrorKind.InvalidSetting [ "LearningRate is 0" ])
            ]

module LatentFileTests =

    let private survives (path: string) (data: Samples) (map: LatentMap) : unit =
        LatentMap.save path map |> Outcome.get
        use back = LatentMap.load path |> Outcome.get
        use latents = LatentMap.encode map data |> Outcome.get
        use same = LatentMap.encode back data |> Outcome.get
        use decoded = LatentMap.decode map latents |> Outcome.get
        use alike = LatentMap.decode back latents |> Outcome.get
        Expect.equal back.Description map.Description "back.Description"
        Expect.equal (bits same) (bits latents) "bits same"
        Expect.equal (bits alike) (bits decoded) "bits alike"

    let tests: Test =
        testList
            "Latent files"
            [
                testInFolder "Maps come back from a file to the bit, and leave no tensor behind" (fun folder ->
                    let path = folder.File "map.safetensors"
                    let before = live ()

                    using (ellipsoid 60 1) (fun data ->
                        use pca = Pca.fit 2 data |> Outcome.get
                        using (LatentMap.ofPca pca) (survives path data)
                        using (LatentMap.ofPca pca |> LatentMap.whitened data |> Outcome.get) (survives path data)

                        let options =
                            { quick with
                                Descent = { quick.Descent with Steps = 20 }
                            }

                        using (train options data) (survives path data)
                        using (train options data |> LatentMap.whitened data |> Outcome.get) (survives path data))

                    Expect.equal (live ()) before "live tensors")

                testInFolder "A map of the user's own cannot be stored, alone or whitened" (fun folder ->
                    let path = folder.File "map.safetensors"
                    use data = ellipsoid 20 1
                    use own = new ComplexPairs()

                    LatentMap.save path own
                    |> Expect.error ErrorKind.InvalidSetting [ "halves"; "user-defined" ]

                    use whitened = LatentMap.whitened data (new ComplexPairs()) |> Outcome.get

                    LatentMap.save path whitened
                    |> Expect.error ErrorKind.InvalidSetting [ "halves" ]

                    Expect.isFalse (File.Exists path) "File.Exists path")

                testInFolder "A spectrum's dictionary is no map" (fun folder ->
                    let path = folder.File "map.safetensors"
                    use observables = Observables.linear 2
                    Observables.save path observables |> Outcome.get

                    LatentMap.load path
                    |> Expect.error ErrorKind.CheckpointMismatch [ "dictionary"; "latent map" ])
            ]
