namespace Koopman.Tests

open System
open FsCheck.FSharp
open Koopman
open TorchSharp
open Xunit

/// Dictionaries of every kind, over the same few points.
module private Dictionaries =

    let centres () =
        Seed.normal [| 7L; 3L |] (Seed.ofInt 11)

    let points () =
        Seed.normal [| 20L; 3L |] (Seed.ofInt 12)

    let weights () = Seed.uniform [| 20L |] (Seed.ofInt 13)

    let gaussians () =
        use centres = centres ()
        Observables.gaussians 0.8 centres |> Expect.ok

    let all: (string * (unit -> Observables)) list =
        [
            "Gaussians", gaussians
            "monomials", (fun () -> Observables.monomials 4 3 |> Expect.ok)
            "coordinates", (fun () -> Observables.linear 3)
            "Gaussians and coordinates",
            (fun () -> Observables.append (gaussians ()) (Observables.linear 3) |> Expect.ok)
        ]

    let make (name: string) : Observables =
        (all |> List.find (fun (n, _) -> n = name) |> snd) ()

    let closeTo (expected: Tensor) (actual: Tensor) (tolerance: float) : unit =
        use _ = torch.NewDisposeScope()
        Assert.Equal<int64[]>(expected.shape, actual.shape)
        let error = expected.sub(actual).abs().max().ToDouble()
        Assert.True(error <= tolerance, $"error {error}")

type ObservablesTests() =

    static member Names: TheoryData<string> = TheoryData<string>(Dictionaries.all |> Seq.map fst)

    [<Theory>]
    [<MemberData(nameof ObservablesTests.Names)>]
    member _.``Partial derivatives agree with differences``(name: string) : unit =
        use _ = torch.NewDisposeScope()
        use observables = Dictionaries.make name
        let x = Dictionaries.points ()

        for axis in 0..2 do
            let h = torch.zeros_like x
            h.select(1L, int64 axis).fill_(Tensors.num 1e-5) |> ignore
            let difference = observables.Values(x.add h).sub(observables.Values(x.sub h))
            Dictionaries.closeTo (difference.div (Tensors.num 2e-5)) (observables.Partial(x, axis)) 1e-7

    [<Theory>]
    [<MemberData(nameof ObservablesTests.Names)>]
    member _.``The gradient of a combination adds the partial derivatives``(name: string) : unit =
        use _ = torch.NewDisposeScope()
        use observables = Dictionaries.make name
        let x = Dictionaries.points ()
        let a = Seed.normal [| int64 observables.Count |] (Seed.ofInt 14)

        let expected =
            torch.stack ([| for axis in 0..2 -> observables.Partial(x, axis).mv a |], 1L)

        Dictionaries.closeTo expected (observables.GradientOf(x, a)) 1e-11

    [<Theory>]
    [<MemberData(nameof ObservablesTests.Names)>]
    member _.``The Dirichlet form is the sum over axes``(name: string) : unit =
        use _ = torch.NewDisposeScope()
        use observables = Dictionaries.make name
        let x, w = Dictionaries.points (), Dictionaries.weights ()

        let expected =
            [
                for axis in 0..2 ->
                    let slope = observables.Partial(x, axis)
                    slope.t().matmul(slope.mul (w.unsqueeze 1L))
            ]
            |> List.reduce (fun a b -> a.add b)

        Dictionaries.closeTo expected (observables.DirichletForm(x, w)) 1e-10

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
