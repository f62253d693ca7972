namespace Koopman.Tests

open System
open Koopman
open TorchSharp
open Xunit

/// Data that several tests share.
module private Fixtures =

    let pairs (count: int) =
        Systems.equilibriumPairs (Systems.doubleWell 1.0) count 0.1 (Seed.ofInt 21)
        |> Expect.ok

    let gaussians (samples: Samples) =
        Observables.gaussiansOver Observables.automatic samples |> Expect.ok

    let close (tolerance: float) (expected: float[]) (actual: float[]) : unit =
        Assert.Equal(expected.Length, actual.Length)

        Array.iteri2
            (fun i (e: float) (a: float) ->
                Assert.True(abs (a - e) <= tolerance * max 1.0 (abs e), $"{i}: expected {e}, got {a}"))
            expected
            actual

    /// Nodes and weights of the standard normal law.
    let normalNodes () =
        let x = Array.init 1500 (fun i -> -9.0 + 18.0 * (float i + 0.5) / 1500.0)
        use plain = Samples.ofValues 1 x |> Expect.ok

        Samples.quadrature (x |> Array.map (fun x -> exp (-0.5 * x * x))) plain
        |> Expect.ok

module LangevinTests =

    [<Fact>]
    let ``The Ornstein-Uhlenbeck generator has rates 1 to 6 and Hermite eigenfunctions`` () : unit =
        use nodes = Fixtures.normalNodes ()
        use observables = Observables.monomials 6 1 |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables nodes |> Expect.ok
        Fixtures.close 1e-9 [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |] spectrum.Rates
        use x = Tensors.ofRows 3 [| -1.0; 0.5; 2.0 |]
        use values = spectrum.Values x
        use second = values.select (1L, 1L)
        let hermite = [| -1.0; 0.5; 2.0 |] |> Array.map (fun x -> (x * x - 1.0) / sqrt 2.0)
        let found = Tensors.toArray second
        let sign = if found[2] * hermite[2] > 0.0 then 1.0 else -1.0
        Fixtures.close 1e-9 hermite (found |> Array.map (fun v -> sign * v))

    [<Fact>]
    let ``Quadrature nodes carry no error bars, and residuals of the discretisation only`` () : unit =
        use nodes = Fixtures.normalNodes ()
        use observables = Observables.monomials 4 1 |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables nodes |> Expect.ok

        for mode in spectrum.Modes do
            Assert.Equal(0.0, mode.StandardError)
            Assert.InRange(mode.Residual, 0.0, 1e-8)

    [<Fact>]
    let ``A mode outside the dictionary shows a residual that bounds its error`` () : unit =
        use nodes = Fixtures.normalNodes ()
        // cos x is even, so it can only stand for the second mode, badly.
        use centres = Tensors.ofRows 2 [| -1.5; 1.5 |]
        use observables = Observables.gaussians 1.0 centres |> Expect.ok
        use spectrum = Langevin.fit Langevin.defaults observables nodes |> Expect.ok
        let mode = spectrum.Modes[0]
        Assert.True(mode.Residual > 0.01)
        // |η'-η| ≤ ρ √(η (η'+η)) for some true η'.
        let eta = mode.Rate

        let holds exact =
            abs (exact - eta) <= mode.Residual * sqrt (eta * (exact + eta))

        Assert.True([ 1.0; 2.0; 3.0 ] |> List.exists holds, $"rate {eta}, residual {mode.Residual}")

    [<Fact>]
    let ``The double well's rates lie in their intervals`` () : unit =
        use samples =
            Systems.equilibrium (Systems.doubleWell 1.0) 20_000 (Seed.ofInt 3) |> Expect.ok

        use observables = Fixtures.gaussians samples
        use spectrum = Langevin.fit Langevin.defaults observables samples |> Expect.ok
        let exact = (Systems.doubleWell 1.0).Rates

        for k in 0..2 do
            let mode = spectrum.Modes[k]
            Assert.InRange(exact[k], mode.Lower, mode.Upper)
            Assert.InRange(mode.Upper - mode.Lower, 0.0, 0.2 * exact[k])
            Assert.InRange(mode.Residual, 0.0, 0.2)

    [<Fact>]
    let ``Rates scale with the temperature`` () : unit =
        use nodes = Fixtures.normalNodes ()
        use observables = Observables.monomials 3 1 |> Expect.ok

        use spectrum =
            Langevin.fit
                { Langevin.defaults with
                    Temperature = 2.5
                }
                observables
                nodes
            |> Expect.ok

        Fixtures.close 1e-9 [| 2.5; 5.0; 7.5 |] spectrum.Rates

    [<Fact>]
    let ``Whole weights are replicated rows`` () : unit =
        use z = Seed.normal [| 120L |] (Seed.ofInt 5)
        let x = Tensors.toArray z
        let copies = Array.init 120 (fun i -> 1 + i % 3)
        use plain = Samples.ofValues 1 x |> Expect.ok
        use weighted = Samples.withWeights (Array.map float copies) plain |> Expect.ok

        use replicated =
            Samples.ofValues 1 (Array.map2 (fun n v -> Array.create n v) copies x |> Array.concat)
            |> Expect.ok

        use observables = Observables.monomials 3 1 |> Expect.ok
        use one = Langevin.fit Langevin.defaults observables weighted |> Expect.ok
        use other = Langevin.fit Langevin.defaults observables replicated |> Expect.ok
        Fixtures.close 1e-10 other.Rates one.Rates

    [<Fact>]
    let ``With linear functions the rates are the inverse variances`` () : unit =
        use z = Seed.normal [| 300L; 2L |] (Seed.ofInt 6)
        use mix = Tensors.ofRows 2 [| 2.0; 0.0; 0.5; 0.7 |]
        use points = z.matmul mix
        use samples = Samples.ofTensor points |> Expect.ok
        use observables = Observables.linear 2
        use spectrum = Langevin.fit Langevin.defaults observables samples |> Expect.ok
        use covariance = Samples.covariance samples
        use inverse = torch.linalg.inv covariance
        use rates = torch.linalg.eigvalsh inverse
        Fixtures.close 1e-12 (Tensors.toArray rates) spectrum.Rates

    [<Theory>]
    [<InlineData(0.0)>]
    [<InlineData(-1.0)>]
    [<InlineData(Double.NaN)>]
    let ``The temperature is positive`` (temperature: float) : unit =
        use nodes = Fixtures.normalNodes ()
        use observables = Observables.linear 1

        Langevin.fit
            { Langevin.defaults with
                Temperature = temperature
            }
            observables
            nodes
        |> Expect.error ErrorKind.InvalidSetting [ "temperature" ]

    [<Fact>]
    let ``Fewer samples than observables need are refused`` () : unit =
        use samples =
            Systems.equilibrium (Systems.doubleWell 1.0) 50 (Seed.ofInt 3) |> Expect.ok

        use centres = Centres.farthest 40 samples
        use observables = Observables.gaussians 0.3 centres |> Expect.ok

        Langevin.fit Langevin.defaults observables samples
        |> Expect.error ErrorKind.TooFewSamples [ "50 samples"; "40 observables" ]

    [<Fact>]
    let ``Observables of another dimension are refused`` () : unit =
        use nodes = Fixtures.normalNodes ()
        use observables = Observables.linear 2

        Langevin.fit Langevin.defaults observables nodes
        |> Expect.error ErrorKind.ShapeMismatch [ "2 dimensions"; "1" ]

module EdmdTests =

    [<Fact>]
    let ``The double well's rates lie in their intervals`` () : unit =
        use pairs = Fixtures.pairs 20_000
        use observables = Fixtures.gaussians pairs.From
        use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Expect.ok
        let exact = (Systems.doubleWell 1.0).Rates

        for k in 0..2 do
            let mode = spectrum.Modes[k]
            Assert.InRange(exact[k], mode.Lower, mode.Upper)
            Assert.InRange(mode.Upper - mode.Lower, 0.0, 0.35 * exact[k])
            Assert.Equal(exp (-mode.Rate * 0.1), mode.Eigenvalue.Real, 12)

    [<Fact>]
    let ``Eigenfunctions are centred and orthonormal over both ends of the pairs`` () : unit =
        use _ = torch.NewDisposeScope()
        use pairs = Fixtures.pairs 3000
        use observables = Fixtures.gaussians pairs.From
        use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Expect.ok

        let both =
            torch.cat ([| spectrum.Values pairs.From.Points; spectrum.Values pairs.To.Points |], 0L)

        let gram = both.t().matmul(both).div(Tensors.num 6000.0)
        let unit = torch.eye (int64 spectrum.Rank, dtype = torch.float64)
        // Whitening divides rounding errors by the root of the cut, 1e-5.
        Assert.InRange(gram.sub(unit).abs().max().ToDouble(), 0.0, 1e-6)
        Assert.InRange(both.mean([| 0L |]).abs().max().ToDouble(), 0.0, 1e-8)

    [<Fact>]
    let ``The order of the pairs does not change the eigenvalues`` () : unit =
        use pairs = Fixtures.pairs 1000
        let order = Seed.permutation 1000 (Seed.ofInt 9) |> Array.map int64
        use index = torch.tensor (order, dtype = torch.int64)
        use x = pairs.From.Points.index_select (0L, index)
        use y = pairs.To.Points.index_select (0L, index)
        use shuffled = SnapshotPairs.create 0.1 x y |> Expect.ok
        use observables = Observables.monomials 5 1 |> Expect.ok
        use one = Edmd.reversible Edmd.defaults observables pairs |> Expect.ok
        use other = Edmd.reversible Edmd.defaults observables shuffled |> Expect.ok
        Fixtures.close 1e-9 one.Rates other.Rates

    [<Fact>]
    let ``A change of coordinates of the data does not change the eigenvalues of monomials`` () : unit =
        use pairs = Fixtures.pairs 1000

        let shifted (s: Samples) =
            s.Points.mul(Tensors.num 0.7).add(Tensors.num 0.3)

        use x = shifted pairs.From
        use y = shifted pairs.To
        use moved = SnapshotPairs.create 0.1 x y |> Expect.ok
        use observables = Observables.monomials 5 1 |> Expect.ok
        use one = Edmd.reversible Edmd.defaults observables pairs |> Expect.ok
        use other = Edmd.reversible Edmd.defaults observables moved |> Expect.ok
        Fixtures.close 1e-8 one.Rates other.Rates

    [<Fact>]
    let ``A trajectory gives intervals as honest as independent pairs`` () : unit =
        use states =
            Systems.trajectory (Systems.doubleWell 1.0) 10_000 0.1 (Seed.ofInt 31)
            |> Expect.ok

        use pairs = SnapshotPairs.ofTrajectory 0.1 states |> Expect.ok
        use observables = Fixtures.gaussians pairs.From
        use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Expect.ok
        let exact = (Systems.doubleWell 1.0).Rates
        Assert.InRange(exact[0], spectrum.Modes[0].Lower, spectrum.Modes[0].Upper)
        Assert.InRange(exact[1], spectrum.Modes[1].Lower, spectrum.Modes[1].Upper)

    [<Fact>]
    let ``Pairs that forget everything have no mode to show`` () : unit =
        use x = Seed.normal [| 500L; 1L |] (Seed.ofInt 1)
        use y = Seed.normal [| 500L; 1L |] (Seed.ofInt 2)
        use pairs = SnapshotPairs.create 50.0 x y |> Expect.ok
        use observables = Observables.linear 1

        Edmd.reversible { Edmd.defaults with Floor = 0.2 } observables pairs
        |> Expect.error ErrorKind.IllConditioned [ "lag 50"; "shorter lag" ]

    [<Fact>]
    let ``Moments of parts add up to the moments of the whole`` () : unit =
        use _ = torch.NewDisposeScope()
        use pairs = Fixtures.pairs 700
        use observables = Observables.monomials 3 1 |> Expect.ok
        use whole = Moments.ofPairs observables (0, 700) pairs
        use first = Moments.ofPairs observables (0, 300) pairs
        use second = Moments.ofPairs observables (300, 400) pairs
        use merged = Moments.merge [ first; second ]
        let struct (m1, g1, a1) = Moments.centred whole
        let struct (m2, g2, a2) = Moments.centred merged

        for one, other in [ m1, m2; g1, g2; a1, a2 ] do
            Fixtures.close 1e-11 (Tensors.toArray one) (Tensors.toArray other)

    [<Fact>]
    let ``A truncated spectrum keeps the slowest modes`` () : unit =
        use pairs = Fixtures.pairs 1000
        use observables = Observables.monomials 5 1 |> Expect.ok
        use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Expect.ok
        use two = Spectrum.truncate 2 spectrum |> Expect.ok
        Assert.Equal<float[]>(Array.take 2 spectrum.Rates, two.Rates)

        Spectrum.truncate 0 spectrum
        |> Expect.error ErrorKind.InvalidSetting [ "Rank 0" ]

    [<Fact>]
    let ``No tensor is left behind`` () : unit =
        let live () =
            DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

        let work () =
            use pairs = Fixtures.pairs 600
            use observables = Fixtures.gaussians pairs.From
            use edmd = Edmd.reversible Edmd.defaults observables pairs |> Expect.ok
            use generator = Langevin.fit Langevin.defaults observables pairs.From |> Expect.ok
            use slowest = Spectrum.truncate 2 generator |> Expect.ok
            Assert.Equal(2, slowest.Rank)

            Observables.append observables (Observables.linear 2)
            |> Expect.error ErrorKind.ShapeMismatch []

            edmd.Rank + generator.Rank

        work () |> ignore
        let before = live ()
        work () |> ignore
        Assert.Equal(before, live ())
