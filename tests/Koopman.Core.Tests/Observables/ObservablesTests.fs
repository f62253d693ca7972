namespace Koopman.Tests

open System
open Expecto
open FsCheck.FSharp
open Koopman
open TorchSharp

module ObservablesTests =

    let tests: Test =
        testList
            "Observables"
            [
                testList
                    "No tensor is left behind"
                    [
                        for name, _ in Dictionaries.all do
                            testCase name (fun () ->
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

                                    for t in [ values; partial; second; gradient; form ] do
                                        Expect.isTrue (Tensors.isFinite t) "Tensors.isFinite t"

                                work ()
                                let before = live ()
                                work ()
                                Expect.equal (live ()) before "live tensors")
                    ]

                testCase "Monomials are what they say" (fun () ->
                    use observables = Observables.monomials 2 2 |> Outcome.get
                    use x = Tensors.ofRows 1 [| 2.0; 3.0 |]
                    use values = observables.Values x
                    Expect.equal (Tensors.toArray values) [| 1.0; 2.0; 3.0; 4.0; 6.0; 9.0 |] "values")

                testCase "Gaussians keep their digits far from the origin" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let offset = 1000.0
                    let near = Dictionaries.centres ()
                    use here = Observables.gaussians 0.1 near |> Outcome.get
                    use there = Observables.gaussians 0.1 (near + offset) |> Outcome.get
                    // Near the centres, where values are not all 0; moving by 1000 itself costs 1e-13 of position, 1e-11 of exponent.
                    let x = near + 0.05
                    Dictionaries.closeTo (here.Values x) (there.Values(x + offset)) 1e-10)

                testCase "Too many monomials are refused before memory is" (fun () ->
                    Observables.monomials 12 16
                    |> Expect.error ErrorKind.InvalidSetting [ "monomials"; "degree 12"; "PCA" ])

                testList
                    "A width is a positive length"
                    [
                        for width in [ 0.0; -1.0; nan ] do
                            testCase $"width {width}" (fun () ->
                                use centres = Dictionaries.centres ()

                                Observables.gaussians width centres
                                |> Expect.error
                                    ErrorKind.InvalidSetting
                                    [ $"The width of Gaussian observables is {width}" ])
                    ]

                testCase "Families of different spaces cannot be joined" (fun () ->
                    Observables.append (Observables.linear 2) (Observables.linear 3)
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the second observables is 3"; "must be 2" ])

                testCase "Gaussians over identical points are refused" (fun () ->
                    use samples = Samples.ofValues 1 (Array.create 30 1.0) |> Outcome.get

                    Observables.gaussiansOver Observables.automatic samples
                    |> Expect.error ErrorKind.TooFewSamples [ "same point" ])
            ]

module LinearAlgebraTests =

    let tests: Test =
        testList
            "Linear algebra"
            [
                testCase "A pencil is solved: A V = G V Λ and Vᵀ G V = 1" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let root = Seed.normal [| 6L; 6L |] (Seed.ofInt 1)
                    let gram = root.matmul (root.t ())
                    let other = Seed.normal [| 6L; 6L |] (Seed.ofInt 2)
                    let matrix = LinearAlgebra.symmetrise other
                    let eigen = LinearAlgebra.symmetricPencil 1e-12 gram matrix |> Outcome.get
                    let left = matrix.matmul eigen.Vectors
                    let right = gram.matmul (eigen.Vectors) * eigen.Values.unsqueeze 0L
                    Dictionaries.closeTo left right 1e-9

                    Dictionaries.closeTo
                        (torch.eye (6L, dtype = torch.float64))
                        (eigen.Vectors.t().matmul(gram).matmul eigen.Vectors)
                        1e-10)

                testCase "Directions that the Gram matrix does not resolve are left out" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let half = Seed.normal [| 5L; 3L |] (Seed.ofInt 3)
                    let gram = half.matmul (half.t ())
                    let basis = LinearAlgebra.whiten 1e-10 gram |> Outcome.get
                    Expect.equal (basis.shape[1]) 3L "basis.shape[1]")

                testCase "The units of the observables do not matter" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let root = Seed.normal [| 4L; 4L |] (Seed.ofInt 4)
                    let gram = root.matmul (root.t ())
                    let scale = Tensors.ofVector [| 1e6; 1.0; 1e-6; 1e3 |]

                    let both (m: Tensor) =
                        m * scale.unsqueeze 1L * scale.unsqueeze 0L

                    let matrix = gram + torch.eye (4L, dtype = torch.float64)
                    let plain = LinearAlgebra.symmetricPencil 1e-10 gram matrix |> Outcome.get

                    let scaled =
                        LinearAlgebra.symmetricPencil 1e-10 (both gram) (both matrix) |> Outcome.get

                    Dictionaries.closeTo (torch.ones_like plain.Values) (scaled.Values / plain.Values) 1e-6)

                testCase "A Gram matrix with NaN is refused" (fun () ->
                    use gram = torch.full (2L, 2L, Tensors.num nan, dtype = torch.float64)

                    LinearAlgebra.whiten 1e-10 gram
                    |> Expect.error ErrorKind.NotFinite [ "Gram matrix" ])

                testCase "Observables that are all constant are refused" (fun () ->
                    use gram = torch.zeros (2L, 2L, dtype = torch.float64)

                    LinearAlgebra.whiten 1e-10 gram
                    |> Expect.error ErrorKind.IllConditioned [ "constant" ])
            ]
