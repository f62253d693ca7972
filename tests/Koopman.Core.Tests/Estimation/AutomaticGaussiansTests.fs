namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp

/// The automatic Gaussian dictionary on data that are not well-behaved. Exact rates of a Langevin process whose law is N(0, 1): 1, 2, 3, ...
module AutomaticGaussiansTests =

    let private normal (dimension: int) (count: int) (seed: int) : float[] =
        use z = Seed.normal [| int64 count; int64 dimension |] (Seed.ofInt seed)
        Tensors.toArray z

    let private fit (dimension: int) (values: float[]) : Mode[] =
        use samples = Samples.ofValues dimension values |> Outcome.get

        use observables =
            Observables.gaussiansOver Observables.automatic samples |> Outcome.get

        use spectrum = Langevin.fit Langevin.defaults observables samples |> Outcome.get
        spectrum.Modes

    let private rightFirst (what: string) (mode: Mode) : unit =
        Expect.inRange mode.Rate (0.85, 1.2) $"{what}: the first rate"
        Expect.inRange 1.0 (mode.Lower, mode.Upper) $"{what}: 1 in the interval of the first rate"

    let private valuesOver (scales: float[]) (shifts: float[]) (values: float[]) : float[] =
        let d = scales.Length
        let moved = values |> Array.mapi (fun i x -> scales[i % d] * x + shifts[i % d])
        use samples = Samples.ofValues d moved |> Outcome.get

        use observables =
            Observables.gaussiansOver Observables.automatic samples |> Outcome.get

        use functions = observables.Values samples.Points
        Tensors.toArray functions

    let private close (tolerance: float) (expected: float[]) (actual: float[]) : unit =
        Expect.equal actual.Length expected.Length "as many values"
        let farthest = Array.map2 (fun a b -> abs (a - b)) expected actual |> Array.max
        Expect.isLessThan farthest tolerance "the largest difference"

    let tests: Test =
        testList
            "Automatic Gaussians"
            [
                testCase "Units and offsets change nothing" (fun () ->
                    for d in [ 3; 12 ] do
                        let data = normal d 600 1
                        let scales = Array.init d (fun k -> [| 1.0; 1e-3; 1e3 |][k % 3])
                        let shifts = scales |> Array.mapi (fun k s -> float k * s)
                        // From 10 dimensions the coordinates themselves follow the Gaussians.
                        let gaussians (functions: float[]) =
                            let count = functions.Length / 600
                            let kept = if d < 10 then count else count - d

                            functions
                            |> Array.indexed
                            |> Array.filter (fun (i, _) -> i % count < kept)
                            |> Array.map snd

                        close
                            1e-9
                            (gaussians (valuesOver (Array.create d 1.0) (Array.zeroCreate d) data))
                            (gaussians (valuesOver scales shifts data)))

                testCase "Constant columns are left out" (fun () ->
                    let data = normal 2 500 2

                    let wider =
                        data
                        |> Array.chunkBySize 2
                        |> Array.collect (fun row -> [| row[0]; 22.0; row[1] |])

                    close
                        1e-12
                        (valuesOver [| 1.0; 1.0 |] [| 0.0; 0.0 |] data)
                        (valuesOver (Array.create 3 1.0) (Array.zeroCreate 3) wider))

                testCase "An outlier has no function of its own" (fun () ->
                    for seed in 1..4 do
                        for outlier in [ 6.0; 1e6 ] do
                            let data = Array.append (normal 1 2000 seed) [| outlier |]
                            rightFirst $"seed {seed}, outlier {outlier}" (Array.head (fit 1 data))
                            let constant = data |> Array.collect (fun x -> [| x; 1.0 |])
                            rightFirst $"seed {seed}, outlier {outlier}, constant column" (Array.head (fit 2 constant)))

                testCase "No spurious slow mode in the plane" (fun () ->
                    for seed in 1..4 do
                        rightFirst $"seed {seed}" (Array.head (fit 2 (normal 2 2000 seed))))

                testCase "Two clusters far apart are both resolved" (fun () ->
                    // Their gap is a rate near 0; the next two modes are those of each cluster by itself.
                    let data =
                        normal 1 4000 3
                        |> Array.mapi (fun i x -> if i % 2 = 0 then x - 500.0 else x + 500.0)

                    let modes = fit 1 data
                    Expect.isLessThan modes[0].Rate 1e-2 "the gap"
                    // Sampling alone spreads the pair by a tenth.
                    Expect.inRange (0.5 * (modes[1].Rate + modes[2].Rate)) (0.85, 1.2) "the pair")

                testCase "A heavy tail has no spectral gap, and no mode passes for one" (fun () ->
                    let data =
                        let z, c = normal 1 2000 4, normal 3 2000 5

                        Array.init 2000 (fun i ->
                            let square = c[3 * i .. 3 * i + 2] |> Array.sumBy (fun c -> c * c)
                            z[i] / sqrt (square / 3.0))

                    let first = (Array.head (fit 1 data))
                    Expect.isGreaterThan first.Rate 0.05 "the first rate is not that of a few points"
                    Expect.isNonEmpty first.Warnings "warned")
            ]
