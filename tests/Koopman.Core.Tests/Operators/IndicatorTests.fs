namespace Koopman.Tests

open Koopman
open TorchSharp
open Xunit

type IndicatorTests() =

    [<Fact>]
    member _.``Every point of a grid lies in one box, and none outside``() : unit =
        use _ = torch.NewDisposeScope()

        use boxes =
            Observables.gridIndicators [| 2; 3 |] ([| 0.0; 0.0 |], [| 2.0; 3.0 |])
            |> Expect.ok

        let x = Tensors.ofRows 5 [| 0.5; 0.5; 1.0; 1.0; 2.0; 3.0; 0.5; 2.9; 2.1; 1.0 |]
        let values = boxes.Values x
        Assert.Equal<float[]>([| 1.0; 1.0; 1.0; 1.0; 0.0 |], Tensors.toArray (values.sum 1L))
        let cell = values.argmax (1L) |> Tensors.toArray
        Assert.Equal<float[]>([| 0.0; 4.0; 5.0; 2.0 |], Array.take 4 cell)

    [<Fact>]
    member _.``A point lies in the cell of its nearest centre``() : unit =
        use _ = torch.NewDisposeScope()

        use cells =
            Observables.cellIndicators (Tensors.ofRows 3 [| 0.0; 1.0; 5.0 |]) |> Expect.ok

        let values = cells.Values(Tensors.ofRows 3 [| 0.4; 3.1; -7.0 |])
        Assert.Equal<float[]>([| 1.0; 0.0; 0.0; 0.0; 0.0; 1.0; 1.0; 0.0; 0.0 |], Tensors.toArray values)

    [<Fact>]
    member _.``On indicators the propagator is the matrix of transition probabilities``() : unit =
        use _ = torch.NewDisposeScope()

        use pairs =
            Systems.equilibriumPairs (Systems.doubleWell 1.0) 4000 0.1 (Seed.ofInt 7)
            |> Expect.ok

        use cells =
            Observables.cellIndicators (Tensors.ofRows 4 [| -1.2; -0.5; 0.5; 1.2 |])
            |> Expect.ok

        use model = Edmd.fit Edmd.defaults cells pairs |> Expect.ok
        let matrix = model.Propagator.Matrix
        Dictionaries.closeTo (torch.ones (4L, dtype = torch.float64)) (matrix.sum 1L) 1e-12
        Assert.InRange(matrix.min().ToDouble(), 0.0, 1.0)
        Assert.Equal(1.0, model.Spectrum.Eigenvalues[0].Real, 12)

    [<Fact>]
    member _.``Estimators that rest on gradients refuse indicators, also inside others``() : unit =
        use samples = Dictionaries.scattered 1

        let boxes () =
            Observables.gridIndicators [| 4 |] ([| -9.0 |], [| 9.0 |]) |> Expect.ok

        use both = Observables.append (Observables.linear 1) (boxes ()) |> Expect.ok
        use product = Observables.product (Observables.linear 1) (boxes ()) |> Expect.ok
        use some = Observables.select [| 1; 2 |] (boxes ()) |> Expect.ok
        use delays = Observables.onDelays 1 (boxes ()) |> Expect.ok
        use whitened = Observables.whitened samples (boxes ()) |> Expect.ok

        for observables in [ both; product; some; delays; whitened ] do
            Assert.False observables.IsDifferentiable

            Langevin.fit Langevin.defaults observables samples
            |> Expect.error ErrorKind.InvalidSetting [ "indicators"; "no gradients"; "Edmd" ]

    [<Fact>]
    member _.``Particles refuse a spectrum without gradients``() : unit =
        use pairs =
            Systems.equilibriumPairs (Systems.doubleWell 1.0) 500 0.1 (Seed.ofInt 7)
            |> Expect.ok

        use boxes = Observables.gridIndicators [| 8 |] ([| -3.0 |], [| 3.0 |]) |> Expect.ok
        use spectrum = Edmd.reversible Edmd.defaults boxes pairs |> Expect.ok

        SpectralFlow.run Control.none SpectralFlow.defaults (Seed.ofInt 1) spectrum pairs.From pairs.To
        |> Expect.error ErrorKind.InvalidSetting [ "no gradients"; "Gaussians" ]

    [<Fact>]
    member _.``Bad grids and centres are refused``() : unit =
        use _ = torch.NewDisposeScope()

        Observables.gridIndicators [| 2; 0 |] ([| 0.0; 0.0 |], [| 1.0; 1.0 |])
        |> Expect.error ErrorKind.InvalidSetting [ "at least one box" ]

        Observables.gridIndicators [| 200; 200 |] ([| 0.0; 0.0 |], [| 1.0; 1.0 |])
        |> Expect.error ErrorKind.InvalidSetting [ "40,000 boxes"; "cellIndicators" ]

        Observables.gridIndicators [| 2 |] ([| 0.0 |], [| nan |])
        |> Expect.error ErrorKind.InvalidSetting [ "finite" ]

        Observables.gridIndicators [| 2; 2 |] ([| 0.0 |], [| 1.0 |])
        |> Expect.error ErrorKind.ShapeMismatch [ "2 dimensions" ]

        Observables.cellIndicators (Tensors.ofRows 3 [| 0.0; 1.0; 1.0 |])
        |> Expect.error ErrorKind.InvalidSetting [ "same point" ]

        Observables.cellIndicators (Tensors.ofRows 1 [| 0.0 |])
        |> Expect.error ErrorKind.TooFewSamples [ "two centres" ]

        Observables.cellIndicators (Tensors.ofRows 2 [| 0.0; nan |])
        |> Expect.error ErrorKind.NotFinite []
