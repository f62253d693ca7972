namespace Koopman.Tests

open System
open Koopman
open TorchSharp
open Xunit

module SamplesTests =

    [<Fact>]
    let ``Rows with NaN are named`` () : unit =
        Samples.ofArray2D (array2D [ [ 1.0; 2.0 ]; [ 3.0; nan ]; [ infinity; 1.0 ] ])
        |> Expect.error ErrorKind.NotFinite [ "2 rows"; "row 1"; "column 1"; "Remove" ]

    [<Fact>]
    let ``One sample is too few`` () : unit =
        Samples.ofValues 2 [| 1.0; 2.0 |]
        |> Expect.error ErrorKind.TooFewSamples [ "1 sample" ]

    [<Fact>]
    let ``A vector of values must divide into rows`` () : unit =
        Samples.ofValues 3 [| 1.0; 2.0; 3.0; 4.0 |]
        |> Expect.error ErrorKind.ShapeMismatch [ "4 values"; "3" ]

    [<Fact>]
    let ``Tensors of three dimensions are no samples`` () : unit =
        use cube = torch.zeros ([| 2L; 2L; 2L |])
        Samples.ofTensor cube |> Expect.error ErrorKind.ShapeMismatch [ "3 dimensions" ]

    [<Fact>]
    let ``Integers become float64, and later changes of the tensor do not reach the samples`` () : unit =
        use source = torch.arange(6L.ToScalar(), dtype = torch.int64).reshape(3L, 2L)
        use samples = Samples.ofTensor source |> Expect.ok
        source.fill_ (9L.ToScalar()) |> ignore
        Assert.Equal<float[]>([| 0.0; 1.0; 2.0; 3.0; 4.0; 5.0 |], Samples.values samples)

    [<Fact>]
    let ``Weights are normalised, and used by mean and covariance`` () : unit =
        use plain = Samples.ofValues 1 [| 0.0; 1.0; 5.0 |] |> Expect.ok
        use weighted = Samples.withWeights [| 1.0; 3.0; 0.0 |] plain |> Expect.ok
        use mean = Samples.mean weighted
        use covariance = Samples.covariance weighted
        Assert.Equal(0.75, Tensors.toFloat mean, 14)
        Assert.Equal(0.75 * 0.25, Tensors.toFloat covariance, 14)

    [<Theory>]
    [<InlineData(-1.0)>]
    [<InlineData(Double.NaN)>]
    let ``A weight that is negative or no number is refused`` (bad: float) : unit =
        use plain = Samples.ofValues 1 [| 0.0; 1.0 |] |> Expect.ok

        Samples.withWeights [| 1.0; bad |] plain
        |> Expect.error ErrorKind.InvalidSetting [ "weights" ]

    [<Fact>]
    let ``As many weights as samples`` () : unit =
        use plain = Samples.ofValues 1 [| 0.0; 1.0 |] |> Expect.ok

        Samples.withWeights [| 1.0 |] plain
        |> Expect.error ErrorKind.ShapeMismatch [ "1 weights"; "2 samples" ]

    [<Theory>]
    [<InlineData(0.0)>]
    [<InlineData(-0.1)>]
    [<InlineData(Double.NaN)>]
    [<InlineData(Double.PositiveInfinity)>]
    let ``The lag is a positive time`` (lag: float) : unit =
        use x = torch.zeros (3L, 1L)

        SnapshotPairs.create lag x x
        |> Expect.error ErrorKind.InvalidSetting [ "lag"; "positive" ]

    [<Fact>]
    let ``Pairs have as many successors as states`` () : unit =
        use x = torch.zeros (3L, 2L)
        use y = torch.zeros (4L, 2L)

        SnapshotPairs.create 0.1 x y
        |> Expect.error ErrorKind.ShapeMismatch [ "(3, 2)"; "(4, 2)" ]

    [<Fact>]
    let ``A trajectory gives consecutive pairs`` () : unit =
        use states = Samples.ofValues 1 [| 1.0; 2.0; 4.0; 8.0 |] |> Expect.ok
        use pairs = SnapshotPairs.ofTrajectory 0.5 states |> Expect.ok
        Assert.Equal<float[]>([| 1.0; 2.0; 4.0 |], Samples.values pairs.From)
        Assert.Equal<float[]>([| 2.0; 4.0; 8.0 |], Samples.values pairs.To)

    [<Fact>]
    let ``Pairs survive a file, with lag and temperature`` () : unit =
        use folder = new TemporaryFolder()
        let path = folder.File "pairs.npz"

        use pairs =
            Systems.equilibriumPairs (Systems.doubleWell 0.5) 20 0.05 (Seed.ofInt 3)
            |> Expect.ok

        Dataset.writePairs path pairs |> Expect.ok

        match Dataset.read path |> Expect.ok with
        | Pairs back ->
            use back = back
            Assert.Equal<float[]>(Samples.values pairs.From, Samples.values back.From)
            Assert.Equal<float[]>(Samples.values pairs.To, Samples.values back.To)
            Assert.Equal(0.05, back.Lag)
            Assert.Equal(Some 0.5, back.Temperature)
        | other -> Assert.Fail $"Expected pairs, got {other}"

    [<Fact>]
    let ``An archive without its lag says so`` () : unit =
        use folder = new TemporaryFolder()
        let path = folder.File "pairs.npz"

        let column =
            {
                Shape = [| 3; 1 |]
                Values = [| 1.0; 2.0; 3.0 |]
            }

        Npy.writeArchive path (Map [ "x", column; "y", column ]) |> Expect.ok
        Dataset.read path |> Expect.error ErrorKind.UnreadableFile [ "lag" ]

    [<Fact>]
    let ``PCA finds the plane that data lie in, and maps back`` () : unit =
        use plane = Seed.normal [| 200L; 2L |] (Seed.ofInt 1)
        use frame = Tensors.ofRows 2 [| 1.0; 2.0; 2.0; 0.0; -2.0; 1.0; 2.0; 0.0 |]
        use points = plane.matmul frame
        use samples = Samples.ofTensor points |> Expect.ok
        use pca = Pca.fit 2 samples |> Expect.ok
        use latents = Pca.encode pca samples |> Expect.ok
        use back = Pca.decode pca latents |> Expect.ok
        Assert.Equal(1.0, pca.Explained, 12)
        Array.iter2 (fun (a: float) b -> Assert.Equal(a, b, 10)) (Samples.values samples) (Samples.values back)

    [<Fact>]
    let ``PCA refuses more directions than there are`` () : unit =
        use samples = Samples.ofValues 2 [| 0.0; 1.0; 2.0; 5.0 |] |> Expect.ok

        Pca.fit 3 samples
        |> Expect.error ErrorKind.InvalidSetting [ "3"; "2-dimensional" ]

    [<Fact>]
    let ``Farthest points reach the corners that random points would miss`` () : unit =
        let cloud = Array.init 200 (fun i -> 0.001 * float i)
        use samples = Samples.ofValues 1 (Array.append cloud [| 50.0; -50.0 |]) |> Expect.ok
        let chosen = Centres.farthestPoints 3 samples
        Assert.Contains(200, chosen)
        Assert.Contains(201, chosen)

    [<Fact>]
    let ``Farthest points end when no distinct point is left`` () : unit =
        use samples = Samples.ofValues 1 [| 1.0; 1.0; 2.0; 2.0 |] |> Expect.ok
        Assert.Equal(2, (Centres.farthestPoints 4 samples).Length)

    [<Fact>]
    let ``k-means finds two groups`` () : unit =
        use noise = Seed.normal [| 100L; 1L |] (Seed.ofInt 5)

        let values =
            Tensors.toArray noise
            |> Array.mapi (fun i z -> 0.1 * z + (if i % 2 = 0 then -3.0 else 3.0))

        use samples = Samples.ofValues 1 values |> Expect.ok
        use centres = Centres.kMeans 25 2 (Seed.ofInt 2) samples
        let centres = Tensors.toArray centres |> Array.sort
        Assert.InRange(centres[0], -3.1, -2.9)
        Assert.InRange(centres[1], 2.9, 3.1)

module SystemsTests =

    [<Fact>]
    let ``The double well has the rates of the literature`` () : unit =
        let exact = [| 0.748681672; 6.004113666; 11.6606956; 18.6431468; 26.8704553 |]
        let rates = (Systems.doubleWell 1.0).Rates
        Array.iteri (fun i e -> Assert.InRange(rates[i] / e, 1.0 - 1e-4, 1.0 + 1e-4)) exact

    [<Theory>]
    [<InlineData(0.3, 0.5, 0.2535)>]
    [<InlineData(0.5, 0.3, 0.1195)>]
    [<InlineData(0.0, 0.2, 0.01110)>]
    let ``Tilted wells too`` (tilt: float, temperature: float, rate: float) : unit =
        Assert.InRange((Systems.asymmetricWell tilt temperature).Rates[0] / rate, 0.9990, 1.0010)

    [<Fact>]
    let ``The quadruple well adds the rates of two double wells`` () : unit =
        let one = (Systems.doubleWell 1.0).Rates
        let four = Systems.quadrupleWell.Value.Rates
        Assert.Equal<float[]>([| one[0]; one[0]; 2.0 * one[0]; one[1]; one[1] |], Array.take 5 four)

    [<Fact>]
    let ``Many dimensions cost no more than a few`` () : unit =
        let rates = (Systems.ornsteinUhlenbeck 40 2.0).Rates
        Assert.Equal<float[]>(Array.create 6 2.0, rates)

    [<Fact>]
    let ``Exact draws have the exact mean potential`` () : unit =
        use samples =
            Systems.equilibrium Systems.quadrupleWell.Value 40_000 (Seed.ofInt 1)
            |> Expect.ok

        let mean = Systems.potential Systems.quadrupleWell.Value samples |> Array.average
        // One standard error is .004.
        Assert.InRange(mean, 0.8345 - 0.016, 0.8345 + 0.016)

    [<Fact>]
    let ``Simulated Ornstein-Uhlenbeck pairs have the exact correlation`` () : unit =
        use pairs =
            Systems.equilibriumPairs (Systems.ornsteinUhlenbeck 1 1.0) 40_000 0.5 (Seed.ofInt 2)
            |> Expect.ok

        let x, y = Samples.values pairs.From, Samples.values pairs.To
        let correlation = MathNet.Numerics.Statistics.Correlation.Pearson(x, y)
        // One standard error is (1-ρ²)/√n = .003.
        Assert.InRange(correlation, exp -0.5 - 0.013, exp -0.5 + 0.013)

    [<Fact>]
    let ``A trajectory keeps the law it started from`` () : unit =
        use states =
            Systems.trajectory (Systems.ornsteinUhlenbeck 1 1.0) 4000 0.2 (Seed.ofInt 4)
            |> Expect.ok

        let variance =
            MathNet.Numerics.Statistics.ArrayStatistics.Variance(Samples.values states)
        // 4000·.2 = 800 relaxation times of x, variance known to 5 %.
        Assert.InRange(variance, 0.85, 1.15)

    [<Fact>]
    let ``The same seed gives the same bits, another seed others`` () : unit =
        let draw seed =
            use pairs =
                Systems.equilibriumPairs Systems.quadrupleWell.Value 50 0.1 (Seed.ofInt seed)
                |> Expect.ok

            Samples.values pairs.To

        Assert.Equal<float[]>(draw 7, draw 7)
        Assert.NotEqual<float[]>(draw 7, draw 8)

    [<Fact>]
    let ``An unknown system is answered with the known ones`` () : unit =
        Systems.byName "triple-well"
        |> Expect.error ErrorKind.InvalidSetting [ "triple-well"; "quadruple-well" ]

    [<Fact>]
    let ``Increments show the temperature`` () : unit =
        use pairs =
            Systems.equilibriumPairs (Systems.doubleWell 0.5) 20_000 0.002 (Seed.ofInt 6)
            |> Expect.ok

        Assert.InRange(SnapshotPairs.estimateTemperature pairs, 0.48, 0.52)
