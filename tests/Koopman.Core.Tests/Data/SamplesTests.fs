namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp

module SamplesTests =

    let tests: Test =
        testList
            "Samples"
            [
                testCase "Rows with NaN are named" (fun () ->
                    Samples.ofArray2D (array2D [ [ 1.0; 2.0 ]; [ 3.0; nan ]; [ infinity; 1.0 ] ])
                    |> Expect.error ErrorKind.NotFinite [ "2 rows"; "row 1"; "column 1"; "Remove" ])

                testCase "One sample is too few" (fun () ->
                    Samples.ofValues 2 [| 1.0; 2.0 |]
                    |> Expect.error ErrorKind.TooFewSamples [ "1 sample" ])

                testCase "A vector of values must divide into rows" (fun () ->
                    Samples.ofValues 3 [| 1.0; 2.0; 3.0; 4.0 |]
                    |> Expect.error ErrorKind.ShapeMismatch [ "4 values"; "3" ])

                testCase "Tensors of three dimensions are no samples" (fun () ->
                    use cube = torch.zeros ([| 2L; 2L; 2L |])
                    Samples.ofTensor cube |> Expect.error ErrorKind.ShapeMismatch [ "3 dimensions" ])

                testCase "Complex numbers and half precision are refused, not cut" (fun () ->
                    use source = torch.ones ([| 3L; 2L |], dtype = torch.complex128)

                    for make in [ Samples.ofTensor; Samples.placed ] do
                        make source
                        |> Result.map ignore
                        |> Expect.error ErrorKind.InvalidSetting [ "complex"; "x.imag" ]

                    use states = torch.ones ([| 4L; 1L |], dtype = torch.float64)

                    Trajectories.create 0.1 [ source ]
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "complex" ]

                    use path = Samples.ofTensor states |> Outcome.get
                    use pairs = SnapshotPairs.ofTrajectory 0.1 path |> Outcome.get

                    SnapshotPairs.withInputs source pairs
                    |> Result.map ignore
                    |> Expect.error ErrorKind.InvalidSetting [ "The inputs are complex" ]

                    for half in [ torch.float16; torch.bfloat16 ] do
                        use coarse = states.to_type half

                        Samples.placed coarse
                        |> Result.map ignore
                        |> Expect.error ErrorKind.InvalidSetting [ string half; "float32" ]

                        // Their values are exact in float64.
                        use samples = Samples.ofTensor coarse |> Outcome.get
                        Expect.equal (Samples.values samples) [| 1.0; 1.0; 1.0; 1.0 |] "values")

                testCase "Integers become float64, and later changes of the tensor do not reach the samples" (fun () ->
                    use source = torch.arange(6L.ToScalar(), dtype = torch.int64).reshape(3L, 2L)
                    use samples = Samples.ofTensor source |> Outcome.get
                    source.fill_ (9L.ToScalar()) |> ignore
                    Expect.equal (Samples.values samples) [| 0.0; 1.0; 2.0; 3.0; 4.0; 5.0 |] "samples")

                testCase "Weights are normalised, and used by mean and covariance" (fun () ->
                    use plain = Samples.ofValues 1 [| 0.0; 1.0; 5.0 |] |> Outcome.get
                    use weighted = Samples.withWeights [| 1.0; 3.0; 0.0 |] plain |> Outcome.get
                    use mean = Samples.mean weighted
                    use covariance = Samples.covariance weighted
                    Expect.sameDecimals 14 (Tensors.toFloat mean) 0.75 "Tensors.toFloat mean"
                    Expect.sameDecimals 14 (Tensors.toFloat covariance) (0.75 * 0.25) "Tensors.toFloat covariance")

                testList
                    "A weight that is negative or no number is refused"
                    [
                        for bad in [ -1.0; nan ] do
                            testCase $"weight {bad}" (fun () ->
                                use plain = Samples.ofValues 1 [| 0.0; 1.0 |] |> Outcome.get

                                Samples.withWeights [| 1.0; bad |] plain
                                |> Expect.error ErrorKind.InvalidSetting [ $"Weights[1] is {bad}"; "weights" ])
                    ]

                testCase "As many weights as samples" (fun () ->
                    use plain = Samples.ofValues 1 [| 0.0; 1.0 |] |> Outcome.get

                    Samples.withWeights [| 1.0 |] plain
                    |> Expect.error ErrorKind.ShapeMismatch [ "1 weights"; "2 samples" ])

                testList
                    "The lag is a positive time"
                    [
                        for lag in [ 0.0; -0.1; nan; infinity ] do
                            testCase $"lag {lag}" (fun () ->
                                use x = torch.zeros (3L, 1L)

                                SnapshotPairs.create lag x x
                                |> Expect.error ErrorKind.InvalidSetting [ $"The lag is {lag}"; "positive" ])
                    ]

                testCase "Pairs have as many successors as states" (fun () ->
                    use x = torch.zeros (3L, 2L)
                    use y = torch.zeros (4L, 2L)

                    SnapshotPairs.create 0.1 x y
                    |> Expect.error ErrorKind.ShapeMismatch [ "(3, 2)"; "(4, 2)" ])

                testCase "A trajectory gives consecutive pairs" (fun () ->
                    use states = Samples.ofValues 1 [| 1.0; 2.0; 4.0; 8.0 |] |> Outcome.get
                    use pairs = SnapshotPairs.ofTrajectory 0.5 states |> Outcome.get
                    Expect.equal (Samples.values pairs.From) [| 1.0; 2.0; 4.0 |] "pairs.From"
                    Expect.equal (Samples.values pairs.To) [| 2.0; 4.0; 8.0 |] "pairs.To")

                testCase "Pairs survive a file, with lag and temperature" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "pairs.npz"

                    use pairs =
                        Systems.equilibriumPairs (Systems.doubleWell 0.5) 20 0.05 (Seed.ofInt 3)
                        |> Outcome.get

                    Dataset.writePairs path pairs |> Outcome.get

                    match Dataset.read path |> Outcome.get with
                    | Pairs back ->
                        use back = back
                        Expect.equal (Samples.values back.From) (Samples.values pairs.From) "back.From"
                        Expect.equal (Samples.values back.To) (Samples.values pairs.To) "back.To"
                        Expect.equal back.Lag 0.05 "back.Lag"
                        Expect.equal back.Temperature (Some 0.5) "back.Temperature"
                    | other -> failtest $"Expected pairs, got {other}")

                testCase "An archive without its lag says so" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "pairs.npz"

                    let column =
                        {
                            Shape = [| 3; 1 |]
                            Values = [| 1.0; 2.0; 3.0 |]
                        }

                    Npy.writeArchive path (Map [ "x", column; "y", column ]) |> Outcome.get
                    Dataset.read path |> Expect.error ErrorKind.UnreadableFile [ "lag" ])

                testCase "PCA finds the plane that data lie in, and maps back" (fun () ->
                    use plane = Seed.normal [| 200L; 2L |] (Seed.ofInt 1)
                    use frame = Tensors.ofRows 2 [| 1.0; 2.0; 2.0; 0.0; -2.0; 1.0; 2.0; 0.0 |]
                    use points = plane.matmul frame
                    use samples = Samples.ofTensor points |> Outcome.get
                    use pca = Pca.fit 2 samples |> Outcome.get
                    use latents = Pca.encode pca samples |> Outcome.get
                    use back = Pca.decode pca latents |> Outcome.get
                    Expect.sameDecimals 12 pca.Explained 1.0 "pca.Explained"

                    Array.iter2
                        (fun (a: float) b -> Expect.sameDecimals 10 b a "each of back")
                        (Samples.values samples)
                        (Samples.values back))

                testCase "PCA refuses more directions than there are" (fun () ->
                    use samples = Samples.ofValues 2 [| 0.0; 1.0; 2.0; 5.0 |] |> Outcome.get

                    Pca.fit 3 samples
                    |> Expect.error ErrorKind.InvalidSetting [ "The number of principal components is 3"; "1 to 2" ])

                testCase "Farthest points reach the corners that random points would miss" (fun () ->
                    let cloud = Array.init 200 (fun i -> 0.001 * float i)

                    use samples =
                        Samples.ofValues 1 (Array.append cloud [| 50.0; -50.0 |]) |> Outcome.get

                    let chosen = Centres.farthestPoints 3 samples
                    Expect.contains chosen 200 "chosen"
                    Expect.contains chosen 201 "chosen")

                testCase "Farthest points end when no distinct point is left" (fun () ->
                    use samples = Samples.ofValues 1 [| 1.0; 1.0; 2.0; 2.0 |] |> Outcome.get

                    Expect.equal
                        ((Centres.farthestPoints 4 samples).Length)
                        2
                        "(Centres.farthestPoints 4 samples).Length")

                testCase "k-means finds two groups" (fun () ->
                    use noise = Seed.normal [| 100L; 1L |] (Seed.ofInt 5)

                    let values =
                        Tensors.toArray noise
                        |> Array.mapi (fun i z -> 0.1 * z + (if i % 2 = 0 then -3.0 else 3.0))

                    use samples = Samples.ofValues 1 values |> Outcome.get
                    use centres = Centres.kMeans 25 2 (Seed.ofInt 2) samples
                    let centres = Tensors.toArray centres |> Array.sort
                    Expect.inRange (centres[0]) (-3.1, -2.9) "centres[0]"
                    Expect.inRange (centres[1]) (2.9, 3.1) "centres[1]")
            ]

module SystemsTests =

    let tests: Test =
        testList
            "Systems"
            [
                testCase "The double well has the rates of the literature" (fun () ->
                    let exact = [| 0.748681672; 6.004113666; 11.6606956; 18.6431468; 26.8704553 |]
                    let rates = (Systems.doubleWell 1.0).Rates

                    Array.iteri
                        (fun i e -> Expect.inRange (rates[i] / e) (1.0 - 1e-4, 1.0 + 1e-4) "rates[i] / e")
                        exact)

                testList
                    "Tilted wells too"
                    [
                        for tilt, temperature, rate in [ 0.3, 0.5, 0.2535; 0.5, 0.3, 0.1195; 0.0, 0.2, 0.01110 ] do
                            testCase $"tilt {tilt}, temperature {temperature}" (fun () ->
                                Expect.inRange
                                    ((Systems.asymmetricWell tilt temperature).Rates[0] / rate)
                                    (0.9990, 1.0010)
                                    "the first rate over the known one")
                    ]

                testCase "The quadruple well adds the rates of two double wells" (fun () ->
                    let one = (Systems.doubleWell 1.0).Rates
                    let four = Systems.quadrupleWell.Value.Rates

                    Expect.equal
                        (Array.take 5 four)
                        [| one[0]; one[0]; 2.0 * one[0]; one[1]; one[1] |]
                        "Array.take 5 four")

                testCase "Many dimensions cost no more than a few" (fun () ->
                    let rates = (Systems.ornsteinUhlenbeck 40 2.0).Rates
                    Expect.equal rates (Array.create 6 2.0) "rates")

                testCase "Exact draws have the exact mean potential" (fun () ->
                    use samples =
                        Systems.equilibrium Systems.quadrupleWell.Value 40_000 (Seed.ofInt 1)
                        |> Outcome.get

                    let mean = Systems.potential Systems.quadrupleWell.Value samples |> Array.average
                    // One standard error is .004.
                    Expect.inRange mean (0.8345 - 0.016, 0.8345 + 0.016) "mean")

                testCase "Simulated Ornstein-Uhlenbeck pairs have the exact correlation" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs (Systems.ornsteinUhlenbeck 1 1.0) 40_000 0.5 (Seed.ofInt 2)
                        |> Outcome.get

                    let x, y = Samples.values pairs.From, Samples.values pairs.To
                    let correlation = MathNet.Numerics.Statistics.Correlation.Pearson(x, y)
                    // One standard error is (1-ρ²)/√n = .003.
                    Expect.inRange correlation (exp -0.5 - 0.013, exp -0.5 + 0.013) "correlation")

                testCase "A trajectory keeps the law it started from" (fun () ->
                    use states =
                        Systems.trajectory (Systems.ornsteinUhlenbeck 1 1.0) 4000 0.2 (Seed.ofInt 4)
                        |> Outcome.get

                    let variance =
                        MathNet.Numerics.Statistics.ArrayStatistics.Variance(Samples.values states)
                    // 4000·.2 = 800 relaxation times of x, variance known to 5 %.
                    Expect.inRange variance (0.85, 1.15) "variance")

                testCase "The same seed gives the same bits, another seed others" (fun () ->
                    let draw seed =
                        use pairs =
                            Systems.equilibriumPairs Systems.quadrupleWell.Value 50 0.1 (Seed.ofInt seed)
                            |> Outcome.get

                        Samples.values pairs.To

                    Expect.equal (draw 7) (draw 7) "draw 7"
                    Expect.notEqual (draw 8) (draw 7) "draw 8")

                testCase "An unknown system is answered with the known ones" (fun () ->
                    Systems.byName "triple-well"
                    |> Expect.error ErrorKind.InvalidSetting [ "triple-well"; "quadruple-well" ])

                testCase "Increments show the temperature" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs (Systems.doubleWell 0.5) 20_000 0.002 (Seed.ofInt 6)
                        |> Outcome.get

                    Expect.inRange
                        (SnapshotPairs.estimateTemperature pairs)
                        (0.48, 0.52)
                        "SnapshotPairs.estimateTemperature pairs")
            ]
