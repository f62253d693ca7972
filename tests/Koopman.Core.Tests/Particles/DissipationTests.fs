namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Particles

module DissipationTests =

    let private ou = Systems.ornsteinUhlenbeck 1 1.0

    /// Points of equal volume on an interval.
    let private line (low: float) (high: float) (count: int) : Samples =
        Samples.ofValues 1 (Array.init count (fun i -> low + (high - low) * (float i + 0.5) / float count))
        |> Result.bind (fun points ->
            use _ = points
            Samples.quadrature (Array.create count ((high - low) / float count)) points)
        |> Outcome.get

    /// A Gaussian of unit variance on a fine grid: ratios to the standard one, and masses.
    let private shifted: float[] * float[] =
        let x = Array.init 4000 (fun i -> -9.0 + 20.0 * (float i + 0.5) / 4000.0)
        x |> Array.map (fun x -> exp (x - 0.5)), x |> Array.map (fun x -> exp (-0.5 * (x - 1.0) * (x - 1.0)))

    let private hermite (rank: int) (act: Spectrum -> Samples -> unit) : unit =
        use volumes = line -9.0 10.0 900
        let density = Samples.values volumes |> Array.map (fun x -> exp (-0.5 * x * x))
        use law = Samples.quadrature density volumes |> Outcome.get
        use observables = Observables.hermite rank 1 |> Outcome.get
        use spectrum = Langevin.fit Langevin.defaults observables law |> Outcome.get
        act spectrum law

    let private measure spectrum law =
        use volumes = line -9.0 10.0 900
        let start = ScalarField(fun x -> -0.5 * (x[0] - 1.0) * (x[0] - 1.0))

        Dissipation.measure Control.none ou spectrum law start volumes 0.02 100 10
        |> Outcome.get

    let tests: Test =
        testList
            "Dissipation"
            [
                testList
                    "The ideal flow of a shifted Gaussian has the known divergence"
                    [
                        for time, expected in [ 0.0, 0.5; 1.0, 0.0641999; 2.0, 0.0109948; 3.0, 0.0017749 ] do
                            testCase $"time {time}" (fun () ->
                                let ratios, masses = shifted

                                Expect.sameDecimals
                                    6
                                    (IdealFlow.kl time ratios masses)
                                    expected
                                    "IdealFlow.kl time ratios masses"
                                // The time derivative is -χ².
                                let h = 1e-4

                                let slope =
                                    (IdealFlow.kl (time + 3.0 * h) ratios masses
                                     - IdealFlow.kl (time + h) ratios masses)
                                    / (2.0 * h)

                                Expect.sameDecimals
                                    5
                                    (-slope)
                                    (IdealFlow.chiSquared (time + 2.0 * h) ratios masses)
                                    "-slope")
                    ]

                testCase "The ideal flow falls at least as exp(-t), and as exp(-2t) in the end" (fun () ->
                    let ratios, masses = shifted

                    Expect.sameDecimals
                        5
                        (IdealFlow.chiSquared 0.0 ratios masses)
                        (Math.E - 1.0)
                        "IdealFlow.chiSquared 0.0 ratios masses"

                    let kl t = IdealFlow.kl t ratios masses

                    for t in [ 0.3; 1.0; 2.5; 6.0 ] do
                        Expect.inRange (kl t) (0.0, exp -t * kl 0.0) "kl t"

                    Expect.inRange
                        ((log (kl 9.5) - log (kl 9.0)) / 0.5)
                        (-2.0, -1.999)
                        "(log (kl 9.5) - log (kl 9.0)) / 0.5")

                testCase "The ideal flow of a von Mises law on the circle has the known divergence" (fun () ->
                    let angles = Array.init 2000 (fun i -> 2.0 * Math.PI * (float i + 0.5) / 2000.0)
                    let masses = angles |> Array.map (fun a -> exp (2.0 * cos a))
                    let mean = Array.average masses
                    let ratios = masses |> Array.map (fun m -> m / mean)

                    for t, expected in
                        [
                            0.0, 0.5715558
                            0.5, 0.2338021
                            1.0, 0.1056729
                            2.0, 0.0216556
                            3.0, 0.0039355
                        ] do
                        Expect.inRange
                            (IdealFlow.kl t ratios masses)
                            (expected - 1e-6, expected + 1e-6)
                            "IdealFlow.kl t ratios masses")

                // One mode translates, KL = ½e^{-2t}; two keep a Gaussian of known mean and variance; four are near the ideal flow.
                testList
                    "With some of the exact modes a density moves as known, within the theorem's bound"
                    [
                        for rank, tail, atOne, atTwo in
                            [
                                1, 0.848, 0.0676676, 0.0091578
                                2, 0.467, 0.0651065, 0.0111505
                                4, 0.0997, 0.0640, 0.0109
                            ] do
                            testCase $"rank {rank}" (fun () ->
                                hermite rank (fun spectrum law ->
                                    let run = measure spectrum law
                                    Expect.equal run.Points.Length 11 "run.Points.Length"
                                    let first, half, last = run.Points[0], run.Points[5], run.Points[10]
                                    Expect.sameDecimals 6 first.Kl 0.5 "first.Kl"
                                    Expect.sameDecimals 5 first.ChiSquared (Math.E - 1.0) "first.ChiSquared"
                                    Expect.sameDecimals 12 half.Time 1.0 "half.Time"
                                    Expect.sameDecimals 3 run.Tail tail "run.Tail"
                                    let margin = if rank < 4 then 2e-6 else 4e-4
                                    Expect.inRange half.Kl (atOne - margin, atOne + margin) "half.Kl"
                                    Expect.inRange last.Kl (atTwo - margin, atTwo + margin) "last.Kl"
                                    Expect.sameDecimals 5 half.IdealKl 0.0641999 "half.IdealKl"
                                    // Exact eigenpairs: ⟨f, LK̂f⟩ = ‖Π̂f‖².
                                    Expect.inRange run.Epsilon (0.0, 1e-6) "run.Epsilon"

                                    for point, bound, running in Array.zip3 run.Points run.Bound run.RunningBound do
                                        Expect.inRange point.Kl (0.0, bound * (1.0 + 1e-9)) "point.Kl"
                                        Expect.inRange point.Kl (0.0, running * (1.0 + 1e-9)) "point.Kl"
                                        Expect.inRange running (0.0, bound * (1.0 + 1e-9)) "running"

                                    // -dKL/dt is what the generator says it is.
                                    for before, after in Array.pairwise run.Points do
                                        let h = after.Time - before.Time
                                        let slope = (before.Kl - after.Kl) / h
                                        Expect.inRange slope (0.5 * after.Rate, 1.5 * before.Rate) "slope"))
                    ]

                testCase "Under anisotropic noise a density moves as in the ideal flow" (fun () ->
                    // N((.6, .8), I) to N(0, I): the ratio of densities has the law of the unit shift in one dimension, so does KL.
                    let axis = Array.init 60 (fun i -> -6.0 + 13.0 * (float i + 0.5) / 60.0)
                    let nodes = Array.allPairs axis axis |> Array.collect (fun (x, y) -> [| x; y |])
                    use points = Samples.ofValues 2 nodes |> Outcome.get

                    use volumes =
                        Samples.quadrature (Array.create points.Count 1.0) points |> Outcome.get

                    use law =
                        Samples.quadrature
                            (nodes
                             |> Array.chunkBySize 2
                             |> Array.map (fun x -> exp (-0.5 * (x[0] * x[0] + x[1] * x[1]))))
                            points
                        |> Outcome.get

                    use observables = Observables.hermite 4 2 |> Outcome.get

                    use a =
                        torch.tensor (array2D [ [ 2.0; 1.5 ]; [ 1.5; 20.0 ] ], dtype = torch.float64)

                    use spectrum =
                        Langevin.fitWithDiffusion Langevin.defaults (fun _ -> Diffusion.Constant a) observables law
                        |> Outcome.get

                    let start =
                        ScalarField(fun x -> -0.5 * ((x[0] - 0.6) * (x[0] - 0.6) + (x[1] - 0.8) * (x[1] - 0.8)))

                    let run =
                        Dissipation.measure
                            Control.none
                            (Systems.ornsteinUhlenbeck 2 1.0)
                            spectrum
                            law
                            start
                            volumes
                            0.02
                            50
                            10
                        |> Outcome.get

                    let first, last = run.Points[0], Array.last run.Points
                    Expect.sameDecimals 4 first.Kl 0.5 "KL at the start"
                    Expect.sameDecimals 6 last.IdealKl 0.0641999 "the ideal flow"
                    Expect.inRange last.Kl (0.0640, 0.0646) "KL after a unit of time"
                    Expect.inRange run.Epsilon (0.0, 1e-3) "run.Epsilon"

                    for point in run.Points do
                        Expect.inRange (point.Rate / point.ChiSquared) (0.97, 1.001) "-dKL/dt over χ²")

                testCase "The bound with the sampling error holds where the theorem's has become infinite" (fun () ->
                    // Two modes from 10,000 samples: KL falls to the error of their means, r/2n in the mean.
                    use data = Systems.equilibrium ou 10_000 (Seed.ofInt 4) |> Outcome.get
                    use observables = Observables.hermite 2 1 |> Outcome.get
                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                    use volumes = line -9.0 10.0 900
                    let start = ScalarField(fun x -> -0.5 * (x[0] - 1.0) * (x[0] - 1.0))

                    let run =
                        Dissipation.measure Control.none ou spectrum data start volumes 0.05 200 20
                        |> Outcome.get

                    // Means m and variance v of the data: π itself descends δ₁φ₁ + ½δ₂φ₂, L of which has the norm √(δ₁² + δ₂²).
                    let values = Samples.values data
                    let m = Array.average values
                    let v = (values |> Array.averageBy (fun x -> x * x)) - m * m

                    Expect.inRange
                        run.Sampling
                        (0.8 * sqrt (m * m), 1.5 * sqrt (m * m + 0.5 * (v - 1.0 + m * m) ** 2.0))
                        "s"

                    Expect.inRange run.OperatorEpsilon (0.0, 0.1) "the operator's own error"

                    // The particles end as the Gaussian with the data's mean and variance.
                    let last = Array.last run.Points
                    Expect.inRange (last.Kl / (0.5 * (m * m + v - 1.0 - log v))) (0.98, 1.02) "the plateau"

                    for point, bound in Array.zip run.Points run.StatisticalBound do
                        Expect.inRange point.Kl (0.0, bound * (1.0 + 1e-9)) "point.Kl"

                    Expect.isGreaterThan run.Epsilon (3.0 * run.OperatorEpsilon) "the error with that of the means"

                    Expect.isLessThan
                        (Array.last run.StatisticalBound)
                        (Array.last run.Bound)
                        "the bound at the end, and the theorem's"

                    Expect.inRange (Array.last run.StatisticalBound) (0.0, 0.5) "the bound after ten units of time")

                testCase "SVGD's measured rate is the slope of its divergence, and starts at χ²" (fun () ->
                    use volumes = line -9.0 10.0 600
                    let start = ScalarField(fun x -> -0.5 * (x[0] - 1.0) * (x[0] - 1.0))

                    let run =
                        Dissipation.measureSvgd Control.none ou 1.0 start volumes 0.01 60 1
                        |> Outcome.get

                    let first = run.Points[0]
                    Expect.inRange (first.Rate / first.ChiSquared) (0.999999, 1.000001) "the first rate"
                    Expect.sameDecimals 5 first.ChiSquared (Math.E - 1.0) "χ²"

                    for k in 1..59 do
                        let slope = (run.Points[k - 1].Kl - run.Points[k + 1].Kl) / 0.02
                        Expect.inRange (slope / run.Points[k].Rate) (0.999, 1.001) "the slope over the rate")

                testCase "The measured rate is the slope of the divergence, for learned modes too" (fun () ->
                    use data =
                        Systems.equilibrium (Systems.doubleWell 1.0) 1500 (Seed.ofInt 3) |> Outcome.get

                    use observables =
                        Observables.gaussiansOver
                            { Observables.automatic with
                                Centres = Some 12
                            }
                            data
                        |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get
                    use volumes = line -3.0 3.0 600
                    // Tilted to one side.
                    let start = ScalarField(fun x -> -pown (x[0] * x[0] - 1.0) 2 + x[0])

                    let run =
                        Dissipation.measure
                            Control.none
                            (Systems.doubleWell 1.0)
                            spectrum
                            data
                            start
                            volumes
                            0.005
                            40
                            1
                        |> Outcome.get

                    for k in 1..39 do
                        let slope = (run.Points[k - 1].Kl - run.Points[k + 1].Kl) / 0.01
                        Expect.inRange (slope / run.Points[k].Rate) (0.998, 1.002) "slope / run.Points[k].Rate"

                    Expect.inRange run.Epsilon (0.001, 0.3) "run.Epsilon"

                    for point, bound in Array.zip run.Points run.Bound do
                        Expect.inRange point.Kl (0.0, bound) "point.Kl")

                testCase "A measurement without steps, or in another space, is refused" (fun () ->
                    hermite 2 (fun spectrum law ->
                        let start = ScalarField(fun _ -> 0.0)

                        Dissipation.measure Control.none ou spectrum law start law 0.1 0 1
                        |> Expect.error ErrorKind.InvalidSetting [ "The number of steps is 0" ]

                        use plane = Samples.ofValues 2 (Array.init 10 float) |> Outcome.get

                        Dissipation.measure Control.none ou spectrum law start plane 0.1 5 1
                        |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the points is 2"; "must be 1" ]))
            ]
