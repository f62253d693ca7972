namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp

module WaveTests =

    let tests: Test =
        testList
            "Waves"
            [
                testCase "Fourier functions are orthonormal over a period and all there" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use observables = Observables.fourier 3 [| 2.0; 5.0 |] |> Outcome.get
                    // Integer points of the plane with |k| + |l| ≤ 3.
                    Expect.equal observables.Count 25 "observables.Count"
                    let m = 16

                    let nodes =
                        [|
                            for i in 0 .. m - 1 do
                                for j in 0 .. m - 1 do
                                    2.0 * float i / float m
                                    5.0 * float j / float m
                        |]

                    // Equidistant nodes integrate waves exactly.
                    let values = observables.Values(Tensors.ofRows (m * m) nodes)
                    let gram = values.t().matmul(values) / float (m * m)
                    Dictionaries.closeTo (torch.eye (25L, dtype = torch.float64)) gram 1e-13)

                testCase "A rotation of the circle has the eigenvalues of its angle" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let angle = 0.7

                    let states =
                        Seed.uniform ([| 200L; 1L |]) (Seed.ofInt 3)
                        |> _.mul(Tensors.num (2.0 * Math.PI))

                    use pairs = SnapshotPairs.create 1.0 states (states + angle) |> Outcome.get

                    use observables = Observables.fourier 2 [| 2.0 * Math.PI |] |> Outcome.get
                    use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get

                    for k in -2 .. 2 do
                        let exact = Numerics.Complex.Exp(Numerics.Complex(0.0, float k * angle))

                        let nearest =
                            model.Spectrum.Eigenvalues
                            |> Array.map (fun value -> Numerics.Complex.Abs(value - exact))
                            |> Array.min

                        Expect.inRange nearest (0.0, 1e-12) "nearest")

                testCase "Random Fourier features approximate the Gaussian kernel" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let width = 1.4
                    let x = Seed.normal [| 30L; 3L |] (Seed.ofInt 5)

                    use observables =
                        Observables.randomFourier 10_000 width (Seed.ofInt 6) 3 |> Outcome.get

                    Expect.equal observables.Count 20_000 "observables.Count"
                    let psi = observables.Values x

                    let kernel = (-0.5 / (width * width) * torch.cdist(x, x).square()).exp()

                    let error = (psi.matmul (psi.t ()) - kernel).abs()
                    // Entries have standard deviation at most 1/√(2m) = .007; the largest of 435 stays below 4 of them.
                    Expect.inRange (error.max().ToDouble()) (1e-6, 0.029) "error.max()"
                    Expect.inRange (error.diagonal().max().ToDouble()) (0.0, 1e-12) "error.diagonal().max()")

                testCase "Equal seeds give equal features, and others differ" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let x = Tensors.ofRows 2 [| 0.3; -1.0 |]

                    let values seed =
                        use features = Observables.randomFourier 5 1.0 (Seed.ofInt seed) 1 |> Outcome.get
                        Tensors.toArray (features.Values x)

                    Expect.equal (values 1) (values 1) "values 1"
                    Expect.notEqual (values 2) (values 1) "values 2")

                testCase "Bad periods, widths and numbers are refused" (fun () ->
                    Observables.fourier 2 [| 1.0; 0.0 |]
                    |> Expect.error ErrorKind.InvalidSetting [ "Periods[1] is 0"; "for an angle" ]

                    Observables.fourier 0 [| 1.0 |]
                    |> Expect.error ErrorKind.InvalidSetting [ "The highest wave number is 0"; "at least 1" ]

                    Observables.fourier 12 (Array.create 12 1.0)
                    |> Expect.error ErrorKind.InvalidSetting [ "wave number 12"; "random Fourier" ]

                    Observables.randomFourier 0 1.0 (Seed.ofInt 1) 2
                    |> Expect.error ErrorKind.InvalidSetting [ "The number of frequencies is 0"; "1 to 10,000" ]

                    Observables.randomFourier 5 nan (Seed.ofInt 1) 2
                    |> Expect.error ErrorKind.InvalidSetting [ "The width of the kernel is NaN" ])
            ]
