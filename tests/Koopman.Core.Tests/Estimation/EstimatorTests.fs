namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp

/// Data that several tests share.
module private Fixtures =

    let pairs (count: int) =
        Systems.equilibriumPairs (Systems.doubleWell 1.0) count 0.1 (Seed.ofInt 21)
        |> Outcome.get

    let gaussians (samples: Samples) =
        Observables.gaussiansOver Observables.automatic samples |> Outcome.get

    let close (tolerance: float) (expected: float[]) (actual: float[]) : unit =
        Expect.equal actual.Length expected.Length "actual.Length"

        Array.iteri2
            (fun i (e: float) (a: float) ->
                Expect.isTrue (abs (a - e) <= tolerance * max 1.0 (abs e)) $"{i}: expected {e}, got {a}")
            expected
            actual

    /// Nodes and weights of the standard normal law.
    let normalNodes () =
        let x = Array.init 1500 (fun i -> -9.0 + 18.0 * (float i + 0.5) / 1500.0)
        use plain = Samples.ofValues 1 x |> Outcome.get

        Samples.quadrature (x |> Array.map (fun x -> exp (-0.5 * x * x))) plain
        |> Outcome.get

module LangevinTests =

    let tests: Test =
        testList
            "Langevin"
            [
                testCase "The Ornstein-Uhlenbeck generator has rates 1 to 6 and Hermite eigenfunctions" (fun () ->
                    use nodes = Fixtures.normalNodes ()
                    use observables = Observables.monomials 6 1 |> Outcome.get
                    use spectrum = Langevin.fit Langevin.defaults observables nodes |> Outcome.get
                    Fixtures.close 1e-9 [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |] spectrum.Rates
                    use x = Tensors.ofRows 3 [| -1.0; 0.5; 2.0 |]
                    use values = spectrum.Values x
                    use second = values.select (1L, 1L)
                    let hermite = [| -1.0; 0.5; 2.0 |] |> Array.map (fun x -> (x * x - 1.0) / sqrt 2.0)
                    let found = Tensors.toArray second
                    let sign = if found[2] * hermite[2] > 0.0 then 1.0 else -1.0
                    Fixtures.close 1e-9 hermite (found |> Array.map (fun v -> sign * v)))

                testCase "Quadrature nodes carry no error bars, and residuals of the discretisation only" (fun () ->
                    use nodes = Fixtures.normalNodes ()
                    use observables = Observables.monomials 4 1 |> Outcome.get
                    use spectrum = Langevin.fit Langevin.defaults observables nodes |> Outcome.get

                    for mode in spectrum.Modes do
                        Expect.equal mode.StandardError 0.0 "mode.StandardError"
                        Expect.inRange mode.Residual (0.0, 1e-8) "mode.Residual")

                testCase "A mode outside the dictionary shows a residual that bounds its error" (fun () ->
                    use nodes = Fixtures.normalNodes ()
                    // cos x is even, so it can only stand for the second mode, badly.
                    use centres = Tensors.ofRows 2 [| -1.5; 1.5 |]
                    use observables = Observables.gaussians 1.0 centres |> Outcome.get
                    use spectrum = Langevin.fit Langevin.defaults observables nodes |> Outcome.get
                    let mode = spectrum.Modes[0]
                    Expect.isTrue (mode.Residual > 0.01) "mode.Residual > 0.01"
                    // |η'-η| ≤ ρ √(η (η'+η)) for some true η'.
                    let eta = mode.Rate

                    let holds exact =
                        abs (exact - eta) <= mode.Residual * sqrt (eta * (exact + eta))

                    Expect.isTrue ([ 1.0; 2.0; 3.0 ] |> List.exists holds) $"rate {eta}, residual {mode.Residual}")

                testCase "The double well's rates lie in their intervals" (fun () ->
                    use samples =
                        Systems.equilibrium (Systems.doubleWell 1.0) 20_000 (Seed.ofInt 3)
                        |> Outcome.get

                    use observables = Fixtures.gaussians samples
                    use spectrum = Langevin.fit Langevin.defaults observables samples |> Outcome.get
                    let exact = (Systems.doubleWell 1.0).Rates

                    for k in 0..2 do
                        let mode = spectrum.Modes[k]
                        Expect.inRange (exact[k]) (mode.Lower, mode.Upper) "exact[k]"
                        Expect.inRange (mode.Upper - mode.Lower) (0.0, 0.2 * exact[k]) "mode.Upper - mode.Lower"
                        Expect.inRange mode.Residual (0.0, 0.2) "mode.Residual")

                testCase "Rates scale with the temperature" (fun () ->
                    use nodes = Fixtures.normalNodes ()
                    use observables = Observables.monomials 3 1 |> Outcome.get

                    use spectrum =
                        Langevin.fit
                            { Langevin.defaults with
                                Temperature = 2.5
                            }
                            observables
                            nodes
                        |> Outcome.get

                    Fixtures.close 1e-9 [| 2.5; 5.0; 7.5 |] spectrum.Rates)

                testCase "Whole weights are replicated rows" (fun () ->
                    use z = Seed.normal [| 120L |] (Seed.ofInt 5)
                    let x = Tensors.toArray z
                    let copies = Array.init 120 (fun i -> 1 + i % 3)
                    use plain = Samples.ofValues 1 x |> Outcome.get
                    use weighted = Samples.withWeights (Array.map float copies) plain |> Outcome.get

                    use replicated =
                        Samples.ofValues 1 (Array.map2 (fun n v -> Array.create n v) copies x |> Array.concat)
                        |> Outcome.get

                    use observables = Observables.monomials 3 1 |> Outcome.get
                    use one = Langevin.fit Langevin.defaults observables weighted |> Outcome.get
                    use other = Langevin.fit Langevin.defaults observables replicated |> Outcome.get
                    Fixtures.close 1e-10 other.Rates one.Rates)

                testCase "With linear functions the rates are the inverse variances" (fun () ->
                    use z = Seed.normal [| 300L; 2L |] (Seed.ofInt 6)
                    use mix = Tensors.ofRows 2 [| 2.0; 0.0; 0.5; 0.7 |]
                    use points = z.matmul mix
                    use samples = Samples.ofTensor points |> Outcome.get
                    use observables = Observables.linear 2
                    use spectrum = Langevin.fit Langevin.defaults observables samples |> Outcome.get
                    use covariance = Samples.covariance samples
                    use inverse = torch.linalg.inv covariance
                    use rates = torch.linalg.eigvalsh inverse
                    Fixtures.close 1e-12 (Tensors.toArray rates) spectrum.Rates)

                testList
                    "The temperature is positive"
                    [
                        for temperature in [ 0.0; -1.0; nan ] do
                            testCase $"temperature {temperature}" (fun () ->
                                use nodes = Fixtures.normalNodes ()
                                use observables = Observables.linear 1

                                Langevin.fit
                                    { Langevin.defaults with
                                        Temperature = temperature
                                    }
                                    observables
                                    nodes
                                |> Expect.error
                                    ErrorKind.InvalidSetting
                                    [ $"Temperature is {temperature}"; "estimateTemperature" ])
                    ]

                testCase "Fewer samples than observables need are refused" (fun () ->
                    use samples =
                        Systems.equilibrium (Systems.doubleWell 1.0) 50 (Seed.ofInt 3) |> Outcome.get

                    use centres = Centres.farthest 40 samples
                    use observables = Observables.gaussians 0.3 centres |> Outcome.get

                    Langevin.fit Langevin.defaults observables samples
                    |> Expect.error ErrorKind.TooFewSamples [ "50 samples"; "40 observables" ])

                testCase "Observables of another dimension are refused" (fun () ->
                    use nodes = Fixtures.normalNodes ()
                    use observables = Observables.linear 2

                    Langevin.fit Langevin.defaults observables nodes
                    |> Expect.error ErrorKind.ShapeMismatch [ "2 dimensions"; "1" ])
            ]

module EdmdTests =

    let tests: Test =
        testList
            "Edmd"
            [
                testCase "The double well's rates lie in their intervals" (fun () ->
                    use pairs = Fixtures.pairs 20_000
                    use observables = Fixtures.gaussians pairs.From
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    let exact = (Systems.doubleWell 1.0).Rates

                    for k in 0..2 do
                        let mode = spectrum.Modes[k]
                        Expect.inRange (exact[k]) (mode.Lower, mode.Upper) "exact[k]"
                        Expect.inRange (mode.Upper - mode.Lower) (0.0, 0.35 * exact[k]) "mode.Upper - mode.Lower"
                        Expect.sameDecimals 12 mode.Eigenvalue.Real (exp (-mode.Rate * 0.1)) "mode.Eigenvalue.Real")

                testCase "Eigenfunctions are centred and orthonormal over both ends of the pairs" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use pairs = Fixtures.pairs 3000
                    use observables = Fixtures.gaussians pairs.From
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get

                    let both =
                        torch.cat ([| spectrum.Values pairs.From.Points; spectrum.Values pairs.To.Points |], 0L)

                    let gram = both.t().matmul(both) / 6000.0
                    let unit = torch.eye (int64 spectrum.Rank, dtype = torch.float64)
                    // Whitening divides rounding errors by the root of the cut, 1e-5.
                    Expect.inRange ((gram - unit).abs().max().ToDouble()) (0.0, 1e-6) "the largest |gram.sub(unit)|"

                    Expect.inRange
                        (both.mean([| 0L |]).abs().max().ToDouble())
                        (0.0, 1e-8)
                        "the largest |both.mean([| 0L |])|")

                testCase "The order of the pairs does not change the eigenvalues" (fun () ->
                    use pairs = Fixtures.pairs 1000
                    let order = Seed.permutation 1000 (Seed.ofInt 9) |> Array.map int64
                    use index = torch.tensor (order, dtype = torch.int64)
                    use x = pairs.From.Points.index_select (0L, index)
                    use y = pairs.To.Points.index_select (0L, index)
                    use shuffled = SnapshotPairs.create 0.1 x y |> Outcome.get
                    use observables = Observables.monomials 5 1 |> Outcome.get
                    use one = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    use other = Edmd.reversible Edmd.defaults observables shuffled |> Outcome.get
                    Fixtures.close 1e-9 one.Rates other.Rates)

                testCase "A change of coordinates of the data does not change the eigenvalues of monomials" (fun () ->
                    use pairs = Fixtures.pairs 1000

                    let shifted (s: Samples) = 0.7 * s.Points + 0.3

                    use x = shifted pairs.From
                    use y = shifted pairs.To
                    use moved = SnapshotPairs.create 0.1 x y |> Outcome.get
                    use observables = Observables.monomials 5 1 |> Outcome.get
                    use one = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    use other = Edmd.reversible Edmd.defaults observables moved |> Outcome.get
                    Fixtures.close 1e-8 one.Rates other.Rates)

                testCase "A trajectory gives intervals as honest as independent pairs" (fun () ->
                    use states =
                        Systems.trajectory (Systems.doubleWell 1.0) 10_000 0.1 (Seed.ofInt 31)
                        |> Outcome.get

                    use pairs = SnapshotPairs.ofTrajectory 0.1 states |> Outcome.get
                    use observables = Fixtures.gaussians pairs.From
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    let exact = (Systems.doubleWell 1.0).Rates
                    Expect.inRange (exact[0]) (spectrum.Modes[0].Lower, spectrum.Modes[0].Upper) "exact[0]"
                    Expect.inRange (exact[1]) (spectrum.Modes[1].Lower, spectrum.Modes[1].Upper) "exact[1]")

                testCase "Pairs that forget everything have no mode to show" (fun () ->
                    use x = Seed.normal [| 500L; 1L |] (Seed.ofInt 1)
                    use y = Seed.normal [| 500L; 1L |] (Seed.ofInt 2)
                    use pairs = SnapshotPairs.create 50.0 x y |> Outcome.get
                    use observables = Observables.linear 1

                    Edmd.reversible
                        { Edmd.defaults with
                            SmallestEigenvalue = 0.2
                        }
                        observables
                        pairs
                    |> Expect.error ErrorKind.IllConditioned [ "lag 50"; "shorter lag" ])

                testCase "Moments of parts add up to the moments of the whole" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use pairs = Fixtures.pairs 700
                    use observables = Observables.monomials 3 1 |> Outcome.get
                    use whole = Moments.ofPairs observables (0, 700) pairs
                    use first = Moments.ofPairs observables (0, 300) pairs
                    use second = Moments.ofPairs observables (300, 400) pairs
                    use merged = Moments.merge [ first; second ]
                    let struct (m1, g1, a1) = Moments.centred whole
                    let struct (m2, g2, a2) = Moments.centred merged

                    for one, other in [ m1, m2; g1, g2; a1, a2 ] do
                        Fixtures.close 1e-11 (Tensors.toArray one) (Tensors.toArray other))

                testCase "A truncated spectrum keeps the slowest modes" (fun () ->
                    use pairs = Fixtures.pairs 1000
                    use observables = Observables.monomials 5 1 |> Outcome.get
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    use two = Spectrum.truncate 2 spectrum |> Outcome.get
                    Expect.equal two.Rates (Array.take 2 spectrum.Rates) "two.Rates"

                    Spectrum.truncate 0 spectrum
                    |> Expect.error ErrorKind.InvalidSetting [ "Rank 0" ])

                testCase "No tensor is left behind" (fun () ->
                    let work () =
                        use pairs = Fixtures.pairs 600
                        use observables = Fixtures.gaussians pairs.From
                        use edmd = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                        use generator = Langevin.fit Langevin.defaults observables pairs.From |> Outcome.get
                        use slowest = Spectrum.truncate 2 generator |> Outcome.get
                        Expect.equal slowest.Rank 2 "slowest.Rank"

                        Observables.append observables (Observables.linear 2)
                        |> Expect.error ErrorKind.ShapeMismatch []

                        edmd.Rank + generator.Rank

                    work () |> ignore
                    let before = live ()
                    work () |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]
