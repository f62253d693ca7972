namespace Koopman.Tests

open Expecto
open Koopman
open TorchSharp
open Koopman.Particles

module IndicatorTests =

    let tests: Test =
        testList
            "Indicators"
            [
                testCase "Every point of a grid lies in one box, and none outside" (fun () ->
                    use _ = torch.NewDisposeScope()

                    use boxes =
                        Observables.gridIndicators [| 2; 3 |] ([| 0.0; 0.0 |], [| 2.0; 3.0 |])
                        |> Outcome.get

                    let x = Tensors.ofRows 5 [| 0.5; 0.5; 1.0; 1.0; 2.0; 3.0; 0.5; 2.9; 2.1; 1.0 |]
                    let values = boxes.Values x
                    Expect.equal (Tensors.toArray (values.sum 1L)) [| 1.0; 1.0; 1.0; 1.0; 0.0 |] "values.sum 1L"
                    let cell = values.argmax (1L) |> Tensors.toArray
                    Expect.equal (Array.take 4 cell) [| 0.0; 4.0; 5.0; 2.0 |] "Array.take 4 cell")

                testCase "A point lies in the cell of its nearest centre" (fun () ->
                    use _ = torch.NewDisposeScope()

                    use cells =
                        Observables.cellIndicators (Tensors.ofRows 3 [| 0.0; 1.0; 5.0 |]) |> Outcome.get

                    let values = cells.Values(Tensors.ofRows 3 [| 0.4; 3.1; -7.0 |])
                    Expect.equal (Tensors.toArray values) [| 1.0; 0.0; 0.0; 0.0; 0.0; 1.0; 1.0; 0.0; 0.0 |] "values")

                testCase "On indicators the propagator is the matrix of transition probabilities" (fun () ->
                    use _ = torch.NewDisposeScope()

                    use pairs =
                        Systems.equilibriumPairs (Systems.doubleWell 1.0) 4000 0.1 (Seed.ofInt 7)
                        |> Outcome.get

                    use cells =
                        Observables.cellIndicators (Tensors.ofRows 4 [| -1.2; -0.5; 0.5; 1.2 |])
                        |> Outcome.get

                    use model = Edmd.fit Edmd.defaults cells pairs |> Outcome.get
                    let matrix = model.Propagator.Matrix
                    Dictionaries.closeTo (torch.ones (4L, dtype = torch.float64)) (matrix.sum 1L) 1e-12
                    Expect.inRange (matrix.min().ToDouble()) (0.0, 1.0) "matrix.min()"

                    Expect.sameDecimals
                        12
                        (model.Spectrum.Eigenvalues[0].Real)
                        1.0
                        "model.Spectrum.Eigenvalues[0].Real")

                testCase "Estimators that rest on gradients refuse indicators, also inside others" (fun () ->
                    use samples = Dictionaries.scattered 1

                    let boxes () =
                        Observables.gridIndicators [| 4 |] ([| -9.0 |], [| 9.0 |]) |> Outcome.get

                    use both = Observables.append (Observables.linear 1) (boxes ()) |> Outcome.get
                    use product = Observables.product (Observables.linear 1) (boxes ()) |> Outcome.get
                    use some = Observables.select [| 1; 2 |] (boxes ()) |> Outcome.get
                    use delays = Observables.onDelays 1 (boxes ()) |> Outcome.get
                    use whitened = Observables.whitened samples (boxes ()) |> Outcome.get

                    for observables in [ both; product; some; delays; whitened ] do
                        Expect.isFalse observables.IsDifferentiable "observables.IsDifferentiable"

                        Langevin.fit Langevin.defaults observables samples
                        |> Expect.error ErrorKind.InvalidSetting [ "indicators"; "no gradients"; "Edmd" ])

                testCase "Particles refuse a spectrum without gradients" (fun () ->
                    use pairs =
                        Systems.equilibriumPairs (Systems.doubleWell 1.0) 500 0.1 (Seed.ofInt 7)
                        |> Outcome.get

                    use boxes =
                        Observables.gridIndicators [| 8 |] ([| -3.0 |], [| 3.0 |]) |> Outcome.get

                    use spectrum = Edmd.reversible Edmd.defaults boxes pairs |> Outcome.get

                    ParticleFlow.run Control.none ParticleFlow.defaults (Seed.ofInt 1) spectrum pairs.From pairs.To
                    |> Expect.error ErrorKind.InvalidSetting [ "no gradients"; "Gaussians" ])

                testCase "Bad grids and centres are refused" (fun () ->
                    use _ = torch.NewDisposeScope()

                    Observables.gridIndicators [| 2; 0 |] ([| 0.0; 0.0 |], [| 1.0; 1.0 |])
                    |> Expect.error ErrorKind.InvalidSetting [ "Cells[1] is 0"; "at least 1" ]

                    Observables.gridIndicators [| 200; 200 |] ([| 0.0; 0.0 |], [| 1.0; 1.0 |])
                    |> Expect.error ErrorKind.InvalidSetting [ "40,000 boxes"; "cellIndicators" ]

                    Observables.gridIndicators [| 2 |] ([| 0.0 |], [| nan |])
                    |> Expect.error ErrorKind.InvalidSetting [ "Axis[0] runs from 0 to NaN"; "finite" ]

                    Observables.gridIndicators [| 2; 2 |] ([| 0.0 |], [| 1.0 |])
                    |> Expect.error ErrorKind.ShapeMismatch [ "2 dimensions" ]

                    Observables.cellIndicators (Tensors.ofRows 3 [| 0.0; 1.0; 1.0 |])
                    |> Expect.error ErrorKind.InvalidSetting [ "same point" ]

                    Observables.cellIndicators (Tensors.ofRows 1 [| 0.0 |])
                    |> Expect.error ErrorKind.TooFewSamples [ "two centres" ]

                    Observables.cellIndicators (Tensors.ofRows 2 [| 0.0; nan |])
                    |> Expect.error ErrorKind.NotFinite [])
            ]
