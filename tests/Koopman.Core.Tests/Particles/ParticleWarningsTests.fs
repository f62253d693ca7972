namespace Koopman.Tests

open System
open Expecto
open Koopman
open Koopman.Particles
open TorchSharp

/// Particles on data that are not well-behaved: right, or a warning in words.
module ParticleWarningsTests =

    let private normal (count: int) (dimension: int) (seed: int) : float[] =
        use z = Seed.normal [| int64 count; int64 dimension |] (Seed.ofInt seed)
        Tensors.toArray z

    /// Four wells at ±2 with a deviation of .3.
    let private wells (seed: int) : float[] =
        let side = normal 800 2 (seed + 100)

        Array.map2 (fun z side -> 0.3 * z + (if side > 0.0 then 2.0 else -2.0)) (normal 800 2 seed) side

    let private sample (dimension: int) (count: int) (values: float[]) : float[] * string list =
        use data = Samples.ofValues dimension values |> Outcome.get

        use flow =
            ParticleFlow.sample Control.none ParticleFlow.defaults count (Seed.ofInt 1) data
            |> Outcome.get

        Samples.values flow.Particles, List.ofArray flow.Warnings

    let private banana (noise: float) : float[] =
        let z = normal 2000 2 5

        Array.init 4000 (fun k ->
            if k % 2 = 0 then
                z[k]
            else
                z[k - 1] * z[k - 1] + noise * z[k])

    let private student (seed: int) : float[] =
        let z, c = normal 2000 1 seed, normal 2000 3 (seed + 1)

        Array.init 2000 (fun i ->
            let square = c[3 * i .. 3 * i + 2] |> Array.sumBy (fun c -> c * c)
            z[i] / sqrt (square / 3.0))

    let private warnedOf (words: string) (warnings: string list) : unit =
        Expect.exists warnings (fun warning -> warning.Contains words) $"a warning with: {words}"

    let tests: Test =
        testList
            "Particles warned of"
            [
                testCase "A column in other units changes nothing" (fun () ->
                    let data = wells 1
                    let plain, _ = sample 2 300 data

                    let other, _ =
                        data
                        |> Array.mapi (fun i v -> if i % 2 = 1 then v / 1000.0 else v)
                        |> sample 2 300

                    let back = other |> Array.mapi (fun i v -> if i % 2 = 1 then 1000.0 * v else v)
                    let farthest = Array.map2 (fun a b -> abs (a - b)) plain back |> Array.max
                    Expect.isLessThan farthest 1e-6 "the largest difference"

                    for axis in 0..1 do
                        let column =
                            plain
                            |> Array.indexed
                            |> Array.filter (fun (i, _) -> i % 2 = axis)
                            |> Array.map snd

                        let inWells = column |> Array.filter (fun x -> abs (abs x - 2.0) < 1.2)
                        Expect.isGreaterThan inWells.Length 295 "particles in the wells"

                        Expect.inRange
                            (sqrt (Array.averageBy (fun x -> x * x) column))
                            (1.97, 2.07)
                            "the deviation, √4.09")

                testCase "A rare well across an empty barrier keeps its mass" (fun () ->
                    // 4.6 % of the law lie beyond a barrier that 2,000 samples leave empty; narrow functions leave .5 % there.
                    use data =
                        Systems.equilibrium (Systems.asymmetricWell 0.5 0.3) 2000 (Seed.ofInt 1)
                        |> Outcome.get

                    let right (x: float[]) =
                        x |> Array.averageBy (fun x -> if x > 0.13 then 1.0 else 0.0)

                    let particles, _ = sample 1 1000 (Samples.values data)
                    let expected = right (Samples.values data)
                    Expect.inRange (right particles) (expected - 0.015, expected + 0.015) "the mass of the rare well")

                testCase "A constant column stays exactly constant" (fun () ->
                    let data =
                        normal 1000 2 2
                        |> Array.chunkBySize 2
                        |> Array.collect (fun row -> [| row[0]; 1.0; row[1] |])

                    let particles, warnings = sample 3 300 data

                    for row in Array.chunkBySize 3 particles do
                        Expect.equal row[1] 1.0 "the constant"

                    Expect.isEmpty warnings "no warning"
                    // With a spectrum of the user's own too.
                    use samples = Samples.ofValues 3 data |> Outcome.get

                    use observables =
                        Observables.gaussiansOver Observables.automatic samples |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables samples |> Outcome.get
                    use start = Samples.ofValues 3 (normal 200 3 9) |> Outcome.get

                    use flow =
                        ParticleFlow.run Control.none ParticleFlow.defaults (Seed.ofInt 2) spectrum samples start
                        |> Outcome.get

                    for row in Array.chunkBySize 3 (Samples.values flow.Particles) do
                        Expect.equal row[1] 1.0 "the constant")

                testCase "Good particles carry no warning" (fun () ->
                    for seed in 1..3 do
                        Expect.isEmpty (snd (sample 2 1000 (normal 2000 2 seed))) "a Gaussian"

                        use wells =
                            Systems.equilibrium Systems.quadrupleWell.Value 2000 (Seed.ofInt seed)
                            |> Outcome.get

                        Expect.isEmpty (snd (sample 2 1000 (Samples.values wells))) "four wells")

                testCase "A thin curved set" (fun () ->
                    let _, warnings = sample 2 1000 (banana 0.1)
                    warnedOf "of the particles lie on a data point or on another particle" warnings
                    warnedOf "the distribution of coordinate 1 (counted from 0) differs from that of the data" warnings)

                testCase "Heavy tails" (fun () ->
                    for seed in [ 3; 13; 23 ] do
                        let _, warnings = sample 1 1000 (student seed)
                        warnedOf "heavy tail along coordinate 0" warnings)

                testCase "Particles that do not reach a tail say so, heavy or not" (fun () ->
                    let deviation (x: float[]) =
                        let mean = Array.average x
                        sqrt (x |> Array.averageBy (fun v -> (v - mean) * (v - mean)))

                    let short =
                        [
                            for seed in 1..6 do
                                // Exponential: its largest hundredth carries a fifth of the variance.
                                use draws = Seed.uniform [| 300L |] (Seed.ofInt seed)
                                let data = Tensors.toArray draws |> Array.map (fun u -> -log(1.0 - u))
                                let particles, warnings = sample 1 1000 data
                                let ratio = deviation particles / deviation data

                                if abs (ratio - 1.0) > 0.1 then
                                    warnedOf "times the standard deviation of the data" warnings
                                    ratio
                        ]

                    Expect.isNonEmpty short "some that do not reach it")

                testCase "A flow that was cut short, and one that cannot match" (fun () ->
                    use data = Samples.ofValues 1 (normal 1000 1 4) |> Outcome.get
                    use observables = Observables.hermite 4 1 |> Outcome.get
                    use spectrum = Langevin.fit Langevin.defaults observables data |> Outcome.get

                    use start =
                        Samples.ofValues 1 (normal 500 1 5 |> Array.map (fun x -> 0.2 * x + 1.0))
                        |> Outcome.get

                    let warnings iterations model =
                        use flow =
                            ParticleFlow.run
                                Control.none
                                { ParticleFlow.defaults with
                                    Iterations = iterations
                                    Jitter = 0.0
                                    Length = Some 0.5
                                }
                                (Seed.ofInt 1)
                                model
                                data
                                start
                            |> Outcome.get

                        List.ofArray flow.Warnings

                    let short = warnings 1 spectrum
                    warnedOf "not converged: after 1 iterations" short
                    warnedOf "times that of independent samples" short
                    // One mode moves the mean and keeps the width.
                    use one = Spectrum.truncate 1 spectrum |> Outcome.get
                    warnedOf "Kolmogorov distance" (warnings 60 one))

                testCase "The largest of a hundred differences is judged as that" (fun () ->
                    // With the bound of one coordinate, 3.3 standard errors, eight of these ten would be accused.
                    let accused (shift: float) : int =
                        [ 1..10 ]
                        |> List.filter (fun seed ->
                            use data = Samples.ofValues 100 (normal 2000 100 seed) |> Outcome.get

                            use particles =
                                normal 1000 100 (100 + seed)
                                |> Array.mapi (fun i z -> if i % 100 = 84 then z + shift else z)
                                |> Samples.ofValues 100
                                |> Outcome.get

                            Marginals(data).Gaps particles |> Array.exists (fun gap -> gap.Excess > 1.0))
                        |> List.length

                    Expect.inRange (accused 0.0) (0, 2) "independent samples that are accused"
                    Expect.equal (accused 0.5) 10 "samples with one shifted coordinate")
            ]
