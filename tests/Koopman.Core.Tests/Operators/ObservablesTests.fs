namespace Koopman.Tests

open System
open FsCheck.FSharp
open Koopman
open TorchSharp
open Xunit

type ObservablesTests() =

    static member Names: TheoryData<string> = TheoryData<string>(Dictionaries.all |> Seq.map fst)

    [<Theory>]
    [<MemberData(nameof ObservablesTests.Names)>]
    member _.``No tensor is left behind``(name: string) : unit =
        let live () =
            DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

        let work () =
            use observables = Dictionaries.make name
            use points = Seed.normal [| 5L; int64 observables.Dimension |] (Seed.ofInt 1)
            use weights = Seed.uniform [| 5L |] (Seed.ofInt 2)
            use coefficients = Seed.normal [| int64 observables.Count |] (Seed.ofInt 3)
            use values = observables.Values points
            use partial = observables.Partial(points, 0)
            use second = observables.SecondPartial(points, 0, observables.Dimension - 1)
            use gradient = observables.GradientOf(points, coefficients)
            use form = observables.DirichletForm(points, weights)
            Assert.All([ values; partial; second; gradient; form ], (fun t -> Assert.True(Tensors.isFinite t)))

        work ()
        let before = live ()
        work ()
        Assert.Equal(before, live ())

    [<Fact>]
    member _.``Monomials are what they say``() : unit =
        use observables = Observables.monomials 2 2 |> Expect.ok
        use x = Tensors.ofRows 1 [| 2.0; 3.0 |]
        use values = observables.Values x
        Assert.Equal<float[]>([| 1.0; 2.0; 3.0; 4.0; 6.0; 9.0 |], Tensors.toArray values)

    [<Fact>]
    member _.``Gaussians keep their digits far from the origin``() : unit =
        use _ = torch.NewDisposeScope()
        let offset = 1000.0
        let near = Dictionaries.centres ()
        use here = Observables.gaussians 0.1 near |> Expect.ok
        use there = Observables.gaussians 0.1 (near.add (Tensors.num offset)) |> Expect.ok
        // Near the centres, where values are not all 0; moving by 1000 itself costs 1e-13 of position, 1e-11 of exponent.
        let x = near.add (Tensors.num 0.05)
        Dictionaries.closeTo (here.Values x) (there.Values(x.add (Tensors.num offset))) 1e-10

    [<Fact>]
    member _.``Too many monomials are refused before memory is``() : unit =
        Observables.monomials 12 16
        |> Expect.error ErrorKind.InvalidSetting [ "monomials"; "degree 12"; "PCA" ]

    [<Theory>]
    [<InlineData(0.0)>]
    [<InlineData(-1.0)>]
    [<InlineData(Double.NaN)>]
    member _.``A width is a positive length``(width: float) : unit =
        use centres = Dictionaries.centres ()

        Observables.gaussians width centres
        |> Expect.error ErrorKind.InvalidSetting [ "width" ]

    [<Fact>]
    member _.``Families of different spaces cannot be joined``() : unit =
        Observables.append (Observables.linear 2) (Observables.linear 3)
        |> Expect.error ErrorKind.ShapeMismatch [ "2"; "3" ]

    [<Fact>]
    member _.``Gaussians over identical points are refused``() : unit =
        use samples = Samples.ofValues 1 (Array.create 30 1.0) |> Expect.ok

        Observables.gaussiansOver Observables.automatic samples
        |> Expect.error ErrorKind.TooFewSamples [ "same point" ]

type LinearAlgebraTests() =

    [<Fact>]
    member _.``A pencil is solved: A V = G V Λ and Vᵀ G V = 1``() : unit =
        use _ = torch.NewDisposeScope()
        let root = Seed.normal [| 6L; 6L |] (Seed.ofInt 1)
        let gram = root.matmul (root.t ())
        let other = Seed.normal [| 6L; 6L |] (Seed.ofInt 2)
        let matrix = LinearAlgebra.symmetrise other
        let eigen = LinearAlgebra.symmetricPencil 1e-12 gram matrix |> Expect.ok
        let left = matrix.matmul eigen.Vectors
        let right = gram.matmul(eigen.Vectors).mul(eigen.Values.unsqueeze 0L)
        Dictionaries.closeTo left right 1e-9

        Dictionaries.closeTo
            (torch.eye (6L, dtype = torch.float64))
            (eigen.Vectors.t().matmul(gram).matmul eigen.Vectors)
            1e-10

    [<Fact>]
    member _.``Directions that the Gram matrix does not resolve are left out``() : unit =
        use _ = torch.NewDisposeScope()
        let half = Seed.normal [| 5L; 3L |] (Seed.ofInt 3)
        let gram = half.matmul (half.t ())
        let basis = LinearAlgebra.whiten 1e-10 gram |> Expect.ok
        Assert.Equal(3L, basis.shape[1])

    [<Fact>]
    member _.``The units of the observables do not matter``() : unit =
        use _ = torch.NewDisposeScope()
        let root = Seed.normal [| 4L; 4L |] (Seed.ofInt 4)
        let gram = root.matmul (root.t ())
        let scale = Tensors.ofVector [| 1e6; 1.0; 1e-6; 1e3 |]

        let both (m: Tensor) =
            m.mul(scale.unsqueeze 1L).mul(scale.unsqueeze 0L)

        let matrix = gram.add (torch.eye (4L, dtype = torch.float64))
        let plain = LinearAlgebra.symmetricPencil 1e-10 gram matrix |> Expect.ok

        let scaled =
            LinearAlgebra.symmetricPencil 1e-10 (both gram) (both matrix) |> Expect.ok

        Dictionaries.closeTo (torch.ones_like plain.Values) (scaled.Values.div plain.Values) 1e-6

    [<Fact>]
    member _.``A Gram matrix with NaN is refused``() : unit =
        use gram = torch.full (2L, 2L, Tensors.num nan, dtype = torch.float64)

        LinearAlgebra.whiten 1e-10 gram
        |> Expect.error ErrorKind.NotFinite [ "Gram matrix" ]

    [<Fact>]
    member _.``Observables that are all constant are refused``() : unit =
        use gram = torch.zeros (2L, 2L, dtype = torch.float64)

        LinearAlgebra.whiten 1e-10 gram
        |> Expect.error ErrorKind.IllConditioned [ "constant" ]
