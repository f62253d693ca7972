namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Metrics

module MetricsTests =

    let private normal (count: int) (shift: float) (seed: int) =
        use z = Seed.normal [| int64 count; 1L |] (Seed.ofInt seed)
        use moved = z + shift
        Samples.ofTensor moved |> Outcome.get

    let private line: DensityGrid =
        {
            Low = -6.0
            High = 6.0
            Points = 601
            Dimension = 1
        }

    let tests: Test =
        testList
            "Metrics"
            [
                testCase "MMD of two points is known" (fun () ->
                    use x = Samples.ofValues 1 [| 0.0; 0.0 |] |> Outcome.get
                    use y = Samples.ofValues 1 [| 2.0; 2.0 |] |> Outcome.get

                    Expect.sameDecimals
                        12
                        (Mmd.distance 1.0 x y)
                        (sqrt (2.0 - 2.0 * exp (-4.0 / 2.0)))
                        "Mmd.distance 1.0 x y")

                testCase "MMD of constant data is 0 or √2, and of values beyond all squares an error" (fun () ->
                    let constant (value: float) =
                        Samples.ofValues 1 (Array.create 5 value) |> Outcome.get

                    use three = constant 3.0
                    use same = constant 3.0
                    use four = constant 4.0
                    Expect.equal (Mmd.scaled three same three) 0.0 "between equal constants"
                    Expect.sameDecimals 12 (Mmd.scaled three four three) (sqrt 2.0) "between others"
                    use wild = Samples.ofValues 1 [| 1.0; 2.0; 1e200; 3.0 |] |> Outcome.get

                    for attempt in
                        [
                            (fun () -> Mmd.scaled wild wild three)
                            (fun () -> Mmd.distance 1.0 wild three)
                        ] do
                        match
                            (try
                                Ok(attempt ())
                             with :? KoopmanException as error ->
                                 Error error.Error)
                        with
                        | Ok value -> failtest $"{value}"
                        | Error error -> Expect.equal error.Kind ErrorKind.NotFinite "the kind"

                    // Far from the origin and in small units it is the same.
                    let normal (shift: float) (scale: float) (seed: int) =
                        use z = Seed.normal [| 300L; 1L |] (Seed.ofInt seed)
                        use moved = scale * z + shift
                        Samples.ofTensor moved |> Outcome.get

                    use x = normal 0.0 1.0 1
                    use y = normal 0.0 1.0 2
                    let plain = Mmd.scaled x y x

                    for shift, scale in [ 1e9, 1.0; 0.0, 1e-140; 0.0, 1e140 ] do
                        use x = normal shift scale 1
                        use y = normal shift scale 2
                        Expect.isLessThan (abs (Mmd.scaled x y x - plain)) 1e-6 $"shifted by {shift}, times {scale}")

                testCase "MMD between a set and itself is 0, and grows with distance" (fun () ->
                    use x = normal 300 0.0 1
                    use near = normal 300 0.3 2
                    use far = normal 300 2.0 3
                    let h = Mmd.bandwidth x
                    Expect.sameDecimals 7 (Mmd.distance h x x) 0.0 "Mmd.distance h x x"

                    Expect.isTrue
                        (Mmd.distance h x near < Mmd.distance h x far)
                        "Mmd.distance h x near < Mmd.distance h x far")

                testCase "The sliced distance of a shift is the shift's length over √d" (fun () ->
                    use z = Seed.normal [| 400L; 2L |] (Seed.ofInt 4)
                    use shift = Tensors.ofVector [| 3.0; 4.0 |]
                    use moved = z + shift
                    use x = Samples.ofTensor z |> Outcome.get
                    use y = Samples.ofTensor moved |> Outcome.get
                    // The mean of (u·s)² over directions is |s|²/2; 2000 directions know it to about 2 %.
                    Expect.inRange
                        (Wasserstein.sliced 2000 (Seed.ofInt 5) x y)
                        (0.97 * 5.0 / sqrt 2.0, 1.03 * 5.0 / sqrt 2.0)
                        "Wasserstein.sliced 2000 (Seed.ofInt 5) x y")

                testCase "A kernel estimate of few points is a sum of Gaussians" (fun () ->
                    use x = Samples.ofValues 1 [| -1.0; 1.0 |] |> Outcome.get
                    let density = Kde.density 0.5 line x

                    let gauss (u: float) =
                        exp (-0.5 * u * u / 0.25) / (0.5 * sqrt (2.0 * Math.PI))

                    Array.iter2
                        (fun x (found: float) ->
                            Expect.sameDecimals 6 found (0.5 * (gauss (x - 1.0) + gauss (x + 1.0))) "each of density")
                        line.Axis
                        density)

                testCase "KL between normal laws is half the squared shift" (fun () ->
                    let density m =
                        line.Axis
                        |> Array.map (fun x -> exp (-0.5 * (x - m) * (x - m)) / sqrt (2.0 * Math.PI))

                    Expect.sameDecimals 5 (Kde.divergence line (density 0.5) (density 0.0)) 0.125 "the divergence")

                testCase "The Boltzmann density of a harmonic well is normal" (fun () ->
                    let found = Kde.boltzmann line (Systems.ornsteinUhlenbeck 1 1.0)

                    let exact =
                        line.Axis |> Array.map (fun x -> exp (-0.5 * x * x) / sqrt (2.0 * Math.PI))

                    Array.iter2
                        (fun e found -> Expect.inRange (abs (found - e)) (0.0, 1e-7) "abs (found - e)")
                        exact
                        found)

                testCase "Coverage is nominal for an independent sample, and falls when half is missing" (fun () ->
                    use reference = normal 2000 0.0 1
                    use independent = normal 1000 0.0 2
                    use another = normal 1000 0.0 3
                    let values = Samples.values another

                    use half =
                        Samples.ofValues 1 (values |> Array.filter (fun v -> v > 0.0)) |> Outcome.get

                    Expect.inRange
                        (Coverage.ofReference reference independent another)
                        (0.92, 0.98)
                        "the coverage by another sample"

                    Expect.inRange (Coverage.ofReference reference independent half) (0.4, 0.6) "the coverage by half")

                testCase "Duplicates have neighbour ratio 0, independent points about 1" (fun () ->
                    use one = normal 1000 0.0 2
                    use other = normal 1000 0.0 3

                    use twice =
                        Samples.ofValues 1 (Array.append (Samples.values other) (Samples.values other))
                        |> Outcome.get

                    Expect.inRange (Coverage.neighbourRatio one other) (0.8, 1.25) "Coverage.neighbourRatio one other"
                    Expect.equal (Coverage.neighbourRatio one twice) 0.0 "Coverage.neighbourRatio one twice")

                testCase "Metrics leave no tensor behind" (fun () ->
                    use x = normal 100 0.0 1
                    use y = normal 100 0.0 2

                    let before = live ()
                    Mmd.distance (Mmd.bandwidth x) x y |> ignore
                    Wasserstein.sliced 20 (Seed.ofInt 1) x y |> ignore
                    Kde.density 0.5 line x |> ignore
                    Coverage.ofReference x y x |> ignore
                    Expect.equal (live ()) before "live tensors")
            ]
