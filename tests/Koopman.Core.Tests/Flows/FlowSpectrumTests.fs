namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open Koopman
open TorchSharp
open Koopman.Flows

module FlowSpectrumTests =

    let private draw (name: string) (shape: int64[]) : Tensor = LinearFlowTests.draw name shape

    let private largest (t: Tensor) : float = LinearFlowTests.largest t

    let private points: Samples =
        use x = draw "points" [| 60L; 2L |]
        Samples.ofTensor x |> Outcome.get

    let private withModes (name: string) (act: LinearFlow -> FlowSpectrum -> unit) : unit =
        LinearFlowTests.withLift name (fun lift ->
            use modes = FlowSpectrum.find lift 0.0 points |> Outcome.get
            act lift modes)

    let private oneStep (lift: LinearFlow) (from: float) : Tensor =
        use sampler = OneStep.create lift
        (OneStep.move from 1.0 sampler points.Points |> Outcome.get).Points

    let tests: Test =
        testList
            "Flow modes"
            [
                testList
                    "All modes together are the one step of the lift, from any time"
                    [
                        for name in [ "blocks"; "dense"; "blocks at sites" ] do
                            testCase name (fun () ->
                                withModes name (fun lift modes ->
                                    let all = [| 0 .. modes.Eigenvalues.Length - 1 |]

                                    for from in [ 0.0; 0.4 ] do
                                        let found =
                                            FlowSpectrum.truncated from 1.0 all modes points.Points |> Outcome.get

                                        Expect.inRange
                                            (largest (found - oneStep lift from))
                                            (0.0, 1e-10 * modes.Condition)
                                            "largest (found.sub (oneStep lift from))"))
                    ]

                testCase "Blocks have their own eigenvalues, and 0 once a coordinate" (fun () ->
                    withModes "blocks" (fun lift modes ->
                        let value (name: string) =
                            lift.Generator.Parameters
                            |> List.find (fst >> (=) name)
                            |> snd
                            |> Tensors.toArray

                        let expected =
                            Array.map2
                                (fun alpha beta -> Complex(3.0 * tanh (alpha / 3.0), 6.0 / (1.0 + exp -beta)))
                                (value "growth")
                                (value "frequency")
                            |> Array.collect (fun z -> [| z; Complex.Conjugate z |])
                            |> Array.append [| Complex.Zero; Complex.Zero |]

                        for z in expected do
                            Expect.exists
                                modes.Eigenvalues
                                (fun found -> Complex.Abs(found - z) < 1e-9)
                                $"the eigenvalue {z}"

                        Expect.equal modes.Eigenvalues.Length 6 "modes.Eigenvalues.Length"
                        let growth = modes.Eigenvalues |> Array.map _.Real

                        Expect.equal
                            (growth |> Array.map float32 |> Array.map float)
                            (Array.sortDescending growth |> Array.map float32 |> Array.map float)
                            "the order of the rates of growth"

                        modes.Conjugates
                        |> Array.iteri (fun k j -> Expect.equal (modes.Conjugates[j]) k "modes.Conjugates[j]")))

                testCase "An operator at every site has the spectrum of one site, once" (fun () ->
                    withModes "blocks at sites" (fun lift modes ->
                        // One channel of points and two features a site.
                        Expect.equal modes.Eigenvalues.Length 3 "modes.Eigenvalues.Length"

                        let whole =
                            torch.linalg.eigvals (lift.Generator.Matrix().narrow(0L, 2L, 6L).narrow(1L, 2L, 6L))

                        let re, im = Tensors.toArray whole.real, Tensors.toArray whole.imag

                        for z in modes.Eigenvalues do
                            let times =
                                Array.map2 (fun a b -> Complex.Abs(Complex(a, b) - z) < 1e-9) re im
                                |> Array.filter id
                                |> Array.length

                            Expect.equal times 2 "times"

                        let alpha = FlowSpectrum.coordinates 0.0 modes points.Points
                        Expect.equal alpha.shape [| 120L; 3L |] "the shape of alpha"
                        let unedited = FlowSpectrum.edit 0.0 [] modes points.Points |> Outcome.get

                        Expect.inRange
                            (largest (unedited - oneStep lift 0.0))
                            (0.0, 1e-10 * modes.Condition)
                            "largest (unedited.sub (oneStep lift 0.0))"

                        let signatures =
                            ClassSignatures.find 0.0 modes (Array.init 60 (fun i -> i % 2)) points
                            |> Outcome.get

                        Expect.equal (signatures.Energies[0].Length) 3 "signatures.Energies[0].Length"))

                testCase "Modal coordinates move each by itself along the linear flow" (fun () ->
                    withModes "blocks" (fun lift modes ->
                        // Two rows y of the same flow without the part of 1 and t: differences of points.
                        let matrix = lift.Generator.Matrix().narrow(0L, 2L, 6L).narrow(1L, 2L, 6L)
                        let y = draw "y" [| 3L; 6L |]
                        let moved = y.matmul (torch.linalg.matrix_exp (0.7 * matrix))

                        let modal (v: Tensor) =
                            (v.to_type torch.complex128).matmul modes.Right

                        let factors =
                            modes.Eigenvalues
                            |> Array.map (fun z -> Complex.Exp(z * Complex(0.7, 0.0)))
                            |> Tensors.complexVector

                        Expect.inRange
                            ((modal moved - modal y * factors).abs().max().ToDouble())
                            (0.0, 1e-10)
                            "the modal coordinates one step later"))

                testCase "The contributions of a lift with one mode are what that mode does" (fun () ->
                    withModes "blocks" (fun _ modes ->
                        let sizes = FlowSpectrum.contributions 0.0 [| 0.0; 0.8 |] modes points.Points
                        Expect.equal sizes.Length 2 "sizes.Length"

                        for k in 0 .. modes.Eigenvalues.Length - 1 do
                            let j = modes.Conjugates[k]
                            Expect.sameDecimals 9 (sizes[1][j]) (sizes[1][k]) "sizes[1][j]"
                            let none = FlowSpectrum.truncated 0.0 0.8 [||] modes points.Points |> Outcome.get
                            let only = FlowSpectrum.truncated 0.0 0.8 [| k |] modes points.Points |> Outcome.get
                            let size = (only - none).square().sum(1L).mean().sqrt().ToDouble()

                            Expect.sameDecimals
                                9
                                (if j = k then sizes[1][k] else 2.0 * sizes[1][k])
                                size
                                "the size of the mode"))

                testCase "Edits scale and shift: nothing, removal, and the same shift for every sample" (fun () ->
                    withModes "blocks" (fun lift modes ->
                        let edit edits =
                            FlowSpectrum.edit 0.0 edits modes points.Points |> Outcome.get

                        let plain = oneStep lift 0.0
                        let k = modes.Eigenvalues |> Array.findIndex (fun z -> z.Imaginary > 0.1)
                        Expect.inRange (largest (edit [] - plain)) (0.0, 1e-9) "largest ((edit []).sub plain)"

                        Expect.inRange
                            (largest (edit [ ScaleMode(k, 1.0) ] - plain))
                            (0.0, 1e-9)
                            "what scaling by 1 changes"

                        let others =
                            [| 0 .. modes.Eigenvalues.Length - 1 |]
                            |> Array.except [ k; modes.Conjugates[k] ]

                        let without =
                            FlowSpectrum.truncated 0.0 1.0 others modes points.Points |> Outcome.get

                        Expect.inRange
                            (largest (edit [ ScaleMode(k, 0.0) ] - without))
                            (0.0, 1e-9)
                            "scaling by 0 against leaving out"

                        let shift = edit [ ShiftMode(k, 0.5, 0.3) ] - plain
                        Expect.isTrue (largest shift > 1e-3) "largest shift > 1e-3"

                        Expect.inRange
                            (largest (shift - shift.narrow (0L, 0L, 1L)))
                            (0.0, 1e-9)
                            "the differences among the shifts"
                        // Shifts add.
                        let twice = edit [ ShiftMode(k, 0.5, 0.3); ShiftMode(k, 0.5, 0.3) ] - plain

                        Expect.inRange (largest (twice - 2.0 * shift)) (0.0, 1e-9) "two shifts against twice one"

                        FlowSpectrum.edit 0.0 [ ScaleMode(6, 1.0) ] modes points.Points
                        |> Expect.error ErrorKind.InvalidSetting [ "no mode 6 among 6"; "from 0 to 5" ]))

                testCase "The condition of the exponential is that of the full derivative" (fun () ->
                    withModes "dense" (fun lift modes ->
                        // The norm of all of E ↦ L(M, E) at once, by one exponential for every unit E.
                        let n = 6L

                        let y =
                            torch.cat (
                                [|
                                    points.Points
                                    (lift.Encode(torch.zeros (60L, 1L, dtype = torch.float64), points.Points, None))
                                        .Features
                                |],
                                1L
                            )

                        let scale = y.std (0L, false)
                        scale.narrow(0L, 0L, 2L).fill_(Tensors.num 1.0) |> ignore
                        let matrix = lift.Generator.Matrix().narrow(0L, 2L, n).narrow(1L, 2L, n)
                        let m = matrix * scale.unsqueeze 1L / scale.unsqueeze 0L

                        let columns =
                            [|
                                for i in 0L .. n - 1L do
                                    for j in 0L .. n - 1L do
                                        let block = torch.zeros (2L * n, 2L * n, dtype = torch.float64)
                                        block.narrow(0L, 0L, n).narrow(1L, 0L, n).copy_ m |> ignore
                                        block.narrow(0L, n, n).narrow(1L, n, n).copy_ m |> ignore
                                        block.select(0L, i).select(0L, n + j).fill_(Tensors.num 1.0) |> ignore
                                        torch.linalg.matrix_exp(block).narrow(0L, 0L, n).narrow(1L, n, n).flatten()
                            |]

                        let norm (t: Tensor) = t.square().sum().sqrt().ToDouble()
                        let largestValue = torch.linalg.svdvals(torch.stack (columns, 1L)).max().ToDouble()
                        let expected = largestValue * norm m / norm (torch.linalg.matrix_exp m)
                        // A power iteration that has not quite ended is from below.
                        Expect.inRange
                            modes.ExponentialCondition
                            (0.98 * expected, 1.0000001 * expected)
                            "modes.ExponentialCondition"))

                testCase "A collapsed lift and points of another space are refused" (fun () ->
                    LinearFlowTests.withLift "blocks" (fun lift ->
                        use flat =
                            lift.With(
                                lift.Parameters
                                |> List.map (fun (name, p) ->
                                    if name.StartsWith "features.layer1.weight" then
                                        torch.zeros_like p
                                    else
                                        p.detach ())
                            )

                        FlowSpectrum.find flat 0.0 points
                        |> Result.map ignore
                        |> Expect.error ErrorKind.IllConditioned [ "collapsed" ]

                        use x = draw "wide" [| 10L; 3L |]
                        use wide = Samples.ofTensor x |> Outcome.get

                        FlowSpectrum.find lift 0.0 wide
                        |> Result.map ignore
                        |> Expect.error ErrorKind.ShapeMismatch [ "dimension of the points is 3"; "must be 2" ]))
            ]
