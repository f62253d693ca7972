namespace Koopman.Tests

open System
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning
open Koopman.Flows

module DualTests =

    let private draw (name: string) (shape: int64[]) : Tensor =
        Seed.normal shape (Seed.derive name (Seed.ofInt 5))

    let private largest (t: Tensor) : float = t.abs().max().ToDouble()

    /// Every layer with an input of its own shape.
    let private layers: (string * int64[] * (Dual -> Dual)) list =
        let weight = draw "weight"
        let square (x: Dual) = Dual.mul x x

        [
            "tanh", [| 3L; 4L |], Dual.tanh
            "sigmoid", [| 3L; 4L |], Dual.sigmoid
            "silu", [| 3L; 4L |], Dual.silu
            "relu", [| 3L; 4L |], Dual.relu
            "gelu", [| 3L; 4L |], Dual.gelu
            "softplus", [| 3L; 4L |], Dual.softplus
            "exp", [| 3L; 4L |], Dual.exp
            "sine and cosine", [| 3L; 4L |], (fun x -> Dual.add (Dual.sin x) (Dual.cos (Dual.scale 0.5 x)))
            "softmax", [| 3L; 4L |], Dual.softmax
            "linear", [| 3L; 4L |], (fun x -> Dual.linear (weight [| 5L; 4L |]) (weight [| 5L |]) x)
            "residual", [| 3L; 4L |], Dual.residual Dual.silu
            "product", [| 3L; 4L |], square
            "broadcast sum",
            [| 3L; 4L |],
            (fun x -> Dual.add (Dual.linearly (fun v -> v.narrow (1L, 0L, 1L)) x) (Dual.constant (weight [| 3L; 4L |])))
            "concatenation",
            [| 3L; 4L |],
            (fun x -> Dual.concat 1L [ square x; Dual.constant (weight [| 3L; 2L |]); x ])
            "layer norm", [| 3L; 4L |], Dual.layerNorm (weight [| 4L |]) (weight [| 4L |])
            "group norm", [| 2L; 4L; 3L; 3L |], Dual.groupNorm 2 (weight [| 4L |]) (weight [| 4L |])
            "convolution", [| 2L; 3L; 5L; 5L |], Dual.conv2d 2L 1L (weight [| 4L; 3L; 3L; 3L |]) (weight [| 4L |])
            "attention",
            [| 2L; 3L; 6L |],
            (fun x ->
                let part i =
                    Dual.linearly (fun v -> v.narrow (2L, 2L * i, 2L)) x

                Dual.attention (part 0L) (part 1L) (part 2L))
        ]

    let private small: MlpOptions =
        { Net.mlpDefaults with
            Widths = [ 6; 5 ]
            DoublePrecision = true
        }

    /// |J_g (1, v) - 1|² of a network, as a loss of consistency has it.
    let private lossOf (net: Net) (t: Tensor) (x: Tensor) (v: Tensor) : Tensor =
        let out = net.Forward(Dual.create t (torch.ones_like t), Dual.create x v, None)
        (Dual.tangent out - 1.0).square().mean()

    /// v(t, x) = t W x as a module.
    type private Swirl() as this =
        inherit torch.nn.Module<Tensor, Tensor, Tensor>("swirl")

        let weight =
            torch.nn.Parameter(torch.tensor (array2D [ [ 0.0; 1.0 ]; [ -1.0; 0.0 ] ]))

        do this.register_parameter ("weight", weight)
        override _.forward(t: Tensor, x: Tensor) : Tensor = x.matmul (weight.t ()) * t

    let tests: Test =
        testList
            "Dual numbers"
            [
                testList
                    "A layer carries the tangent that differences show"
                    [
                        for name, shape, layer in layers do
                            testCase name (fun () ->
                                use _ = torch.NewDisposeScope()
                                let x, rate = draw "x" shape, draw "rate" shape
                                let h = 1e-5

                                let at sign =
                                    (layer (Dual.constant (x.add (rate, Tensors.num (sign * h))))).Value

                                let expected = (at 1.0 - at -1.0) / (2.0 * h)
                                let found = layer (Dual.create x rate)

                                Expect.equal
                                    ((Dual.tangent found).shape)
                                    found.Value.shape
                                    "(Dual.tangent found).shape"

                                Expect.sameDecimals
                                    12
                                    (largest (found.Value - (layer (Dual.constant x)).Value))
                                    0.0
                                    "the difference of the values"

                                Expect.isTrue (largest expected > 0.01) "largest expected > 0.01"

                                Expect.inRange
                                    (largest (expected - Dual.tangent found))
                                    (0.0, 1e-8)
                                    "the difference from the tangent")
                    ]

                testList
                    "The general way by two backward passes agrees with every layer"
                    [
                        for name, shape, layer in layers do
                            testCase name (fun () ->
                                use _ = torch.NewDisposeScope()
                                let x, rate = draw "x" shape, draw "rate" shape
                                let direct = layer (Dual.create x rate)

                                let general =
                                    Dual.ofFunction (fun v -> (layer (Dual.constant v)).Value) (Dual.create x rate)

                                Expect.inRange
                                    (largest (general.Value - direct.Value))
                                    (0.0, 1e-12)
                                    "largest (general.Value.sub direct.Value)"

                                Expect.inRange
                                    (largest (Dual.tangent general - Dual.tangent direct))
                                    (0.0, 1e-11)
                                    "the difference of the tangents")
                    ]

                testCase "A tangent can be differentiated backwards by the parameters" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use net = Net.mlp small (Seed.ofInt 1) 2 3 |> Outcome.get
                    let t, x, v = draw "t" [| 4L; 1L |], draw "x" [| 4L; 2L |], draw "v" [| 4L; 2L |]
                    let parameters = net.Parameters |> List.map snd

                    let found =
                        torch.autograd.grad ([| lossOf net t x v |], Array.ofList parameters, allow_unused = true)

                    use _ = torch.no_grad ()

                    for i, parameter in List.indexed parameters do
                        // The last bias alone has no influence on a tangent.
                        if i < parameters.Length - 1 then
                            let direction = draw $"direction {i}" parameter.shape
                            let h = 1e-5

                            let shifted (by: float) =
                                parameter.add_ (direction, Tensors.num by) |> ignore
                                let loss = (lossOf net t x v).ToDouble()
                                parameter.add_ (direction, Tensors.num -by) |> ignore
                                loss

                            let expected = (shifted h - shifted -h) / (2.0 * h)

                            Expect.sameDecimals
                                8
                                ((found[i] * direction).sum().ToDouble())
                                expected
                                "found[i].mul(direction).sum()")

                testCase
                    "A foreign function of time and point gets the same tangents and parameter gradients as the network itself"
                    (fun () ->
                        use _ = torch.NewDisposeScope()
                        use net = Net.mlp small (Seed.ofInt 2) 2 2 |> Outcome.get
                        let foreign = Net.ofFunction 2 2 (fun t x -> net.Values(t, x))
                        let t, x, v = draw "t" [| 4L; 1L |], draw "x" [| 4L; 2L |], draw "v" [| 4L; 2L |]
                        let weight = snd net.Parameters.Head

                        let gradient (n: Net) =
                            torch.autograd.grad([| lossOf n t x v |], [| weight |])[0]

                        Expect.inRange
                            (largest (gradient net - gradient foreign))
                            (0.0, 1e-12)
                            "the difference of the gradients")

                testCase "A function that does not depend on its input has tangent 0" (fun () ->
                    use _ = torch.NewDisposeScope()
                    let fixedValue = Net.ofFunction 2 2 (fun _ x -> torch.ones_like x)
                    let x = draw "x" [| 4L; 2L |]
                    let t = torch.ones (4L, 1L, dtype = torch.float64)
                    let out = fixedValue.Forward(Dual.create t t, Dual.create x x, None)
                    Expect.equal (largest (Dual.tangent out)) 0.0 "largest (Dual.tangent out)")

                testCase "A module is a velocity, with the derivative along time and point" (fun () ->
                    use swirl = new Swirl()
                    use _ = torch.NewDisposeScope()
                    let velocity = VelocityField.ofModule 2 swirl
                    let x = Tensors.ofRows 1 [| 3.0; 4.0 |]
                    Expect.equal (Tensors.toArray (velocity.At(0.5, x))) [| 2.0; -1.5 |] "velocity.At(0.5, x)"

                    Expect.equal
                        (velocity.Net.Parameters |> List.map fst)
                        [ "weight" ]
                        "velocity.Net.Parameters |> List.map fst"

                    let t = Tensors.ofRows 1 [| 0.5 |]

                    let out =
                        velocity.Net.Forward(Dual.create t (torch.ones_like t), Dual.create x (2.0 * x), None)

                    // d/dt (t W x) = W x + t W x' with x' = 2x and t = 1/2 is 2 W x.
                    Expect.equal (Tensors.toArray (Dual.tangent out)) [| 8.0; -6.0 |] "Dual.tangent out")

                testCase "Equal seeds make equal networks, and first parameters keep to their bounds" (fun () ->
                    use _ = torch.NewDisposeScope()
                    use one = Net.mlp small (Seed.ofInt 3) 2 3 |> Outcome.get
                    use same = Net.mlp small (Seed.ofInt 3) 2 3 |> Outcome.get
                    use other = Net.mlp small (Seed.ofInt 4) 2 3 |> Outcome.get

                    let values (n: Net) =
                        n.Parameters |> List.map (snd >> Tensors.toArray)

                    Expect.equal (values same) (values one) "values same"
                    Expect.notEqual ((values other).Head) ((values one).Head) "(values other).Head"

                    for (name, p), inputs in List.zip one.Parameters [ 3; 3; 6; 6; 5; 5 ] do
                        let bound = 1.0 / sqrt (float inputs)
                        Expect.isTrue (largest p <= bound && largest p > 0.3 * bound) name)

                testCase "A class adds its row, and unknown classes are refused" (fun () ->
                    use _ = torch.NewDisposeScope()

                    use net = Net.mlp { small with Classes = 2 } (Seed.ofInt 1) 2 2 |> Outcome.get

                    let rows = List.last net.Parameters |> snd

                    Tensors.within (fun () ->
                        use _ = torch.no_grad ()
                        rows[1L].fill_(Tensors.num 0.5) |> ignore)

                    let velocity = VelocityField.ofNet net |> Outcome.get
                    let x = draw "x" [| 3L; 2L |]
                    let first = VelocityField.ofClass 0 velocity |> Outcome.get
                    let second = VelocityField.ofClass 1 velocity |> Outcome.get
                    let mixed = torch.tensor [| 0L; 1L; 0L |]
                    let each = VelocityField.ofClasses mixed velocity |> Outcome.get
                    let at (v: VelocityField) = v.At(0.3, x)

                    let differ (a: Tensor) (b: Tensor) (row: int64) =
                        largest (a.select (0L, row) - b.select (0L, row))

                    Expect.inRange
                        (largest (at first - at velocity))
                        (0.0, 1e-14)
                        "largest ((at first).sub(at velocity))"

                    Expect.isTrue (largest (at second - at first) > 0.01) "largest ((at second).sub(at first)) > 0.01"

                    Expect.inRange (differ (at each) (at second) 1L) (0.0, 1e-14) "differ (at each) (at second) 1L"
                    Expect.inRange (differ (at each) (at first) 2L) (0.0, 1e-14) "differ (at each) (at first) 2L"

                    VelocityField.ofClass 2 velocity
                    |> Expect.error ErrorKind.InvalidSetting [ "no class 2 among 2"; "Classes" ])

                testList
                    "The gradient of the squared error that is written out is the recorded one"
                    [
                        for activation, classes in [ Activation.SiLU, 0; Activation.Tanh, 0; Activation.SiLU, 2 ] do
                            testCase $"{activation}, {classes} classes" (fun () ->
                                use _ = torch.NewDisposeScope()

                                use net =
                                    Net.mlp
                                        { small with
                                            Activation = activation
                                            Classes = classes
                                        }
                                        (Seed.ofInt 1)
                                        2
                                        3
                                    |> Outcome.get

                                let t, x, target =
                                    draw "t" [| 4L; 1L |], draw "x" [| 4L; 2L |], draw "target" [| 4L; 3L |]

                                let labels =
                                    if classes = 0 then
                                        None
                                    else
                                        Some(torch.tensor [| 1L; 0L; 1L; 1L |])

                                let struct (loss, gradients) = net.SquaredError(t, x, labels, target)
                                let outputs = net.Forward(Dual.constant t, Dual.constant x, labels).Value
                                let expected = (outputs - target).square().mean()
                                Expect.sameDecimals 13 (loss.ToDouble()) (expected.ToDouble()) "loss"

                                let recorded =
                                    torch.autograd.grad (
                                        [| expected |],
                                        net.Parameters |> List.map snd |> Array.ofList
                                    )

                                Expect.equal gradients.Length recorded.Count "gradients.Length"

                                for i in 0 .. recorded.Count - 1 do
                                    Expect.inRange
                                        (largest (recorded[i] - gradients[i]))
                                        (0.0, 1e-13)
                                        "largest (recorded[i].sub gradients[i])")
                    ]

                testCase "Outputs times columns go through the last layer first, to the same numbers" (fun () ->
                    use _ = torch.NewDisposeScope()

                    use net = Net.mlp { small with Classes = 2 } (Seed.ofInt 1) 2 3 |> Outcome.get

                    let t, x, columns =
                        draw "t" [| 4L; 1L |], draw "x" [| 4L; 2L |], draw "columns" [| 3L; 5L |]

                    let labels = Some(torch.tensor [| 1L; 0L; 1L; 1L |])

                    let expected =
                        net.Forward(Dual.constant t, Dual.constant x, labels).Value.matmul columns

                    Expect.inRange
                        (largest (net.Project(t, x, labels, columns) - expected))
                        (0.0, 1e-13)
                        "the difference of the projections")

                testCase "A batch that is worked on in pieces gets the velocities of the whole" (fun () ->
                    use _ = torch.NewDisposeScope()

                    // So wide that a piece has 32 rows.
                    let wide =
                        { small with
                            Widths = [ 8192 ]
                            Classes = 2
                        }

                    use net = Net.mlp wide (Seed.ofInt 1) 1 1 |> Outcome.get
                    let rows = 67L

                    let labels =
                        torch.tensor (Array.init 67 (fun i -> int64 (i % 2)), dtype = torch.int64)

                    let velocity =
                        VelocityField.ofNet net
                        |> Result.bind (VelocityField.ofClasses labels)
                        |> Outcome.get

                    let x = draw "x" [| rows; 1L |]
                    let whole = velocity.At(0.3, x)
                    use _ = torch.no_grad ()
                    let pieces = velocity.At(0.3, x)
                    Expect.equal pieces.shape whole.shape "the shape of pieces"

                    Expect.inRange
                        (largest (whole.detach () - pieces))
                        (0.0, 1e-13)
                        "largest (whole.detach().sub pieces)")

                testCase "Wrong sizes are refused" (fun () ->
                    Net.mlp { small with Widths = [] } (Seed.ofInt 1) 2 2
                    |> Expect.error ErrorKind.InvalidSetting [ "Widths is empty"; "Net.mlpDefaults" ]

                    use net = Net.mlp small (Seed.ofInt 1) 2 3 |> Outcome.get

                    VelocityField.ofNet net
                    |> Expect.error ErrorKind.ShapeMismatch [ "3 outputs"; "2 coordinates" ])
            ]
