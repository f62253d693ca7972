namespace Koopman.Tests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open FsCheck.FSharp
open Koopman
open TorchSharp

/// Shapes that torch.matmul multiplies, with all its rules of vectors and broadcasting.
module ProductLaws =

    let private shapes =
        gen {
            let! size = Gen.arrayOfLength 3 (Gen.choose (1, 4) |> Gen.map int64)
            let n, k, m = size[0], size[1], size[2]
            let! batch = Gen.choose (0, 2)
            let! sizes = Gen.arrayOfLength batch (Gen.choose (1, 3) |> Gen.map int64)
            let! left = Gen.elements [ [| k |]; [| n; k |]; Array.append sizes [| n; k |] ]

            let! broad =
                Gen.elements [ sizes; sizes |> Array.map (fun _ -> 1L); Array.truncate 0 sizes ]

            let! right = Gen.elements [ [| k |]; [| k; m |]; Array.append broad [| k; m |] ]
            return left, right
        }

    let private isMatmul (left: int64[], right: int64[]) : bool =
        use _ = torch.NewDisposeScope()
        let a = Seed.normal left (Seed.ofInt 1)
        let b = Seed.normal right (Seed.ofInt 2)
        let expected = a.matmul b
        let product = a.times b

        product.shape = expected.shape
        && torch.allclose (product, expected, 1e-13, 1e-13)

    let tests: Test =
        testList "Product laws" [ Law.holds "times is matmul wherever shapes fit" shapes isMatmul ]

/// What ends the process in TorchSharp 0.107, and is an exception here.
module GuardedTests =

    let private zeros (shape: int64 list) : Tensor =
        torch.zeros (Array.ofList shape, dtype = torch.float64)

    let private throwsOf (words: string) (work: unit -> Tensor) : unit =
        try
            work () |> ignore
            failtest "Expected an exception"
        with
        | :? AssertException -> reraise ()
        | error -> Expect.stringContains error.Message words "what the exception says"

    let private recorded (shape: int64 list) : Tensor =
        (torch.ones (Array.ofList shape, dtype = torch.float64)).requires_grad_ true

    /// One run in a scope, as every function of the library makes.
    let private scoped (name: string) (run: unit -> unit) : Test =
        testCase name (fun () ->
            use _ = torch.NewDisposeScope()
            run ())

    let private products: Test =
        testList
            "Products that do not fit are refused"
            [
                for left, right, words in
                    [
                        [ 3L; 2L ], [ 5L; 5L ], "cannot be multiplied"
                        [ 3L; 2L ], [ 5L ], "size mismatch"
                        [ 2L ], [ 3L ], "must have the same shape"
                        [ 2L ], [ 3L; 2L ], "2 columns do not match 3 rows"
                        [ 4L; 3L; 2L ], [ 3L; 2L ], "2 columns do not match 3 rows"
                        [ 4L; 3L; 2L ], [ 5L; 2L; 3L ], "the dimensions before the last two differ"
                        [ 4L; 3L; 2L ], [ 5L ], "2 columns do not match 5 rows"
                        [], [ 2L; 2L ], "one of them is a scalar"
                        [ 2L; 2L ], [], "one of them is a scalar"
                    ] do
                    scoped $"{left} and {right}" (fun () -> throwsOf words (fun () -> (zeros left).times(zeros right)))

                for left in [ [ 2L ]; [ 2L; 2L ]; [ 3L; 2L; 2L ] ] do
                    scoped $"types, {left.Length} dimensions" (fun () ->
                        let other = torch.zeros ([| 2L; 2L |], dtype = torch.float32)
                        throwsOf "" (fun () -> (zeros left).times other))

                scoped "devices" (fun () ->
                    let elsewhere =
                        torch.zeros ([| 2L; 2L |], dtype = torch.float64, device = torch.META)

                    throwsOf "move one of them" (fun () -> (zeros [ 2L; 2L ]).times elsewhere)
                    Expect.equal (elsewhere.times elsewhere).shape [| 2L; 2L |] "the product there")
            ]

    let private gradients: Test =
        testList
            "Gradients"
            [
                scoped "are zero by what the number does not depend on" (fun () ->
                    let used, unused = recorded [ 2L ], recorded [ 3L ]
                    let found = Guarded.gradients (used.square().sum()) [| used; unused |]
                    Expect.equal (Tensors.toArray found[0]) [| 2.0; 2.0 |] "by what it depends on"
                    Expect.equal (Tensors.toArray found[1]) [| 0.0; 0.0; 0.0 |] "by the other")

                scoped "leave the gradients alone that were there" (fun () ->
                    let x = recorded [ 2L ]
                    x.sum().backward()
                    Guarded.gradients (x.square().sum()) [| x |] |> ignore
                    Expect.equal (Tensors.toArray (nonNull x.grad)) [| 1.0; 1.0 |] "x.grad")

                scoped "of a number without a graph are zero" (fun () ->
                    let x = recorded [ 2L ]
                    let found = Guarded.gradients (torch.ones (1L, dtype = torch.float64)) [| x |]
                    Expect.equal (Tensors.toArray found[0]) [| 0.0; 0.0 |] "the gradient"

                    let found =
                        Guarded.gradient
                            (torch.ones (1L, dtype = torch.float64))
                            x
                            (torch.ones (1L, dtype = torch.float64))

                    Expect.isNone found "the gradient to go on from")

                scoped "on a graph that was freed are refused" (fun () ->
                    let x = recorded [ 2L ]
                    let y = x.exp().square().sum()
                    y.backward ()
                    throwsOf "backward through the graph a second time" (fun () -> (Guarded.gradients y [| x |])[0])

                    throwsOf "backward through the graph a second time" (fun () ->
                        (Guarded.gradient y x (torch.ones_like y)).Value))

                scoped "through a number that was changed in place are refused" (fun () ->
                    let x = recorded [ 2L ]
                    let y = x.exp ()
                    let sum = y.sum ()
                    y.add_ (Tensors.num 1.0) |> ignore
                    throwsOf "modified by an inplace operation" (fun () -> (Guarded.gradients sum [| x |])[0])

                    throwsOf "modified by an inplace operation" (fun () ->
                        (Guarded.gradient sum x (torch.ones_like sum)).Value))

                scoped "can be differentiated again" (fun () ->
                    let x = recorded [ 2L ]
                    let cube = x.pow (Tensors.num 3.0)
                    let first = (Guarded.gradient cube x (torch.ones_like cube)).Value
                    let second = (Guarded.gradient first x (torch.ones_like first)).Value
                    Expect.equal (Tensors.toArray second) [| 6.0; 6.0 |] "6 x at 1")

                scoped "of a user's function that changes a number in place are refused" (fun () ->
                    let spoiled (points: Tensor) : Tensor =
                        let grown = points.exp ()
                        let answer = grown.square ()
                        grown.add_ (Tensors.num 1.0) |> ignore
                        answer

                    use observables = Observables.ofFunction 1 1 "spoiled" spoiled |> Outcome.get

                    throwsOf "modified by an inplace operation" (fun () ->
                        observables.Partial(torch.ones ([| 3L; 1L |], dtype = torch.float64), 0)))
            ]

    /// Tensors that TorchSharp makes for an answer that is not there are counted for ever.
    let private lifetimes: Test =
        testSequenced (
            testList
                "Nothing is left behind"
                [
                    testCase "by gradients, found or not" (fun () ->
                        let before = torch.Tensor.TotalCount

                        Tensors.within (fun () ->
                            let used, unused = recorded [ 2L ], recorded [ 3L ]
                            let y = used.exp ()
                            Guarded.gradients (y.sum ()) [| used; unused |] |> ignore
                            let y = used.exp ()
                            Guarded.gradient y used (torch.ones_like y) |> ignore
                            Guarded.gradient y unused (torch.ones_like y) |> ignore)

                        Expect.equal torch.Tensor.TotalCount before "the tensors that live")
                ]
        )

    let private reading: Test =
        testList
            "Reading back"
            [
                for shape in [ [ 0L ]; [ 0L; 3L ]; [ 3L; 0L ]; [ 2L; 0L; 3L ] ] do
                    scoped $"an empty tensor of shape {shape}" (fun () ->
                        Expect.equal (Guarded.read<float>(zeros shape)) [||] "its values")

                scoped "a transposed matrix, in its own order" (fun () ->
                    let matrix = Tensors.ofRows 2 [| 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 |]
                    Expect.equal (Tensors.toArray (matrix.t ())) [| 1.0; 4.0; 2.0; 5.0; 3.0; 6.0 |] "its values")

                scoped "a number of another width is refused" (fun () ->
                    Expect.throwsT<ArgumentException>
                        (fun () -> Guarded.read<float32>(zeros [ 2L ]) |> ignore)
                        "float64 as float32")
            ]

    let internal sources: string option =
        let rec up (folder: DirectoryInfo | null) =
            match folder with
            | null -> None
            | folder ->
                let source = Path.Combine(folder.FullName, "src")

                if File.Exists(Path.Combine(folder.FullName, "Koopman.sln")) then
                    Some source
                else
                    up folder.Parent

        up (DirectoryInfo AppContext.BaseDirectory)

    /// Members that have no catch, or fail on valid input; each would end the process somewhere.
    let private forbidden: Regex =
        Regex(
            @"\.matmul\b|autograd\.grad\b|\.data<|\.cummax\b|\.cummin\b|set_rng_state|\.set_state\b|set_num_interop_threads|\.ToInt32\(\)|optim\.Adam\b|nn\.Parameter\b"
        )

    let private members: Test =
        testCase "Members that end the process are called in one file only" (fun () ->
            match sources with
            | None -> skiptest "the sources are not here"
            | Some folder ->
                let calls =
                    [
                        for file in Directory.EnumerateFiles(folder, "*.*s", SearchOption.AllDirectories) do
                            if Path.GetExtension file = ".fs" || Path.GetExtension file = ".cs" then
                                for number, line in File.ReadLines file |> Seq.indexed do
                                    let code = (line.Split "//")[0]

                                    if forbidden.IsMatch code then
                                        Path.GetFileName file, number + 1
                    ]

                let elsewhere = calls |> List.filter (fun (file, _) -> file <> "Guarded.fs")
                Expect.isEmpty elsewhere "calls outside Guarded.fs"
                Expect.isGreaterThan calls.Length 2 "calls inside it")

    let tests: Test =
        testList "Guarded" [ products; gradients; reading; members; lifetimes ]
