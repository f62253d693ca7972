namespace Koopman

open System
open TorchSharp

/// <summary>
/// A map (t, x) → R^m, row by row, that carries tangents along and may be trained. Times are (n, 1), points (n, d), images as rows of their pixels;
/// the class of each row, if there are classes, is a number in an int64 tensor (n).
/// </summary>
[<AbstractClass>]
type Net internal (dimension: int, outputs: int, classes: int) =

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = dimension

    /// <summary>The number m of outputs.</summary>
    member _.Outputs: int = outputs

    /// <summary>The number of classes it can be told of; 0 if it knows none.</summary>
    member _.Classes: int = classes

    /// <summary>The outputs (n, m) with their rates of change, if time or point has one.</summary>
    abstract Forward: time: Dual * point: Dual * classes: Tensor option -> Dual

    /// <summary>What training changes: names and tensors that record gradients. They belong to the network.</summary>
    abstract Parameters: (string * Tensor) list

    /// <summary>
    /// The network with these values instead of its parameters, in their order; float64 values make it a float64 network. Values are copied. A network made of
    /// somebody's module gets them in place and is returned itself.
    /// </summary>
    abstract With: values: Tensor list -> Net

    /// <summary>
    /// The mean square of outputs minus targets (n, m), one number, and its gradient by each parameter: what flow matching descends. In general by differentiating
    /// backwards; plain networks have their own way, which takes half the time.
    /// </summary>
    abstract SquaredError:
        time: Tensor * point: Tensor * classes: Tensor option * target: Tensor -> struct (Tensor * Tensor[])

    default this.SquaredError(time, point, classes, target) =
        let outputs = this.Forward(Dual.constant time, Dual.constant point, classes).Value
        let loss = outputs.sub(target).square().mean()
        struct (loss, Net.Gradient(loss, this.Parameters))

    /// The gradient of a recorded number by each parameter; zeros for those it does not depend on.
    static member internal Gradient(loss: Tensor, parameters: (string * Tensor) list) : Tensor[] =
        let tensors = parameters |> List.map snd |> Array.ofList
        let found = torch.autograd.grad ([| loss |], tensors, allow_unused = true)

        tensors
        |> Array.mapi (fun i p -> if found[i].IsInvalid then torch.zeros_like p else found[i])

    /// <summary>Frees the parameters that it owns.</summary>
    abstract Dispose: unit -> unit

    /// <summary>The outputs (n, m) at times (n, 1) and points (n, d).</summary>
    member this.Values(time: Tensor, point: Tensor) : Tensor =
        this.Forward(Dual.constant time, Dual.constant point, None).Value

    interface IDisposable with
        member this.Dispose() : unit = this.Dispose()

/// <summary>A network of layers with a nonlinearity between them, as a list of settings.</summary>
type MlpOptions =
    {
        /// <summary>The widths of the layers between input and output. Default three of 96.</summary>
        Widths: int list
        /// <summary>What bends between layers. Default SiLU.</summary>
        Activation: Activation
        /// <summary>Classes it is told of; 0, the default, for none.</summary>
        Classes: int
        /// <summary>float64 instead of float32 parameters. Default false.</summary>
        DoublePrecision: bool
        /// <summary>Where it lives: "cpu" (the default) or a CUDA device such as "cuda".</summary>
        Device: string
    }

/// [t, x] through layers. A class adds its own row to the first layer's sums.
[<Sealed>]
type internal Mlp
    (dimension: int, activation: Activation, weights: Tensor list, biases: Tensor list, classRows: Tensor option) =
    inherit
        Net(
            dimension,
            int (List.last biases).shape[0],
            (match classRows with
             | Some rows -> int rows.shape[0]
             | None -> 0)
        )

    let parameters =
        [
            for i, (weight, bias) in List.indexed (List.zip weights biases) do
                $"layer{i}.weight", weight
                $"layer{i}.bias", bias
            match classRows with
            | Some rows -> "classes.weight", rows
            | None -> ()
        ]

    override _.Parameters = parameters

    override _.Forward(time: Dual, point: Dual, classes: Tensor option) : Dual =
        let layer i x = Dual.linear weights[i] biases[i] x
        let first = layer 0 (Dual.concat 1L [ time; point ])

        let first =
            match classes, classRows with
            | Some classes, Some rows ->
                { first with
                    Value = first.Value.add (rows.index_select (0L, classes))
                }
            | _ -> first

        (first, [ 1 .. weights.Length - 1 ])
        ||> List.fold (fun x i -> layer i (Dual.activate activation x))

    // The chain rule written out: libtorch's own record keeping and its second look at the exponentials cost as much as the products.
    override _.SquaredError(time: Tensor, point: Tensor, classes: Tensor option, target: Tensor) =
        use _ = torch.no_grad ()
        let last = weights.Length - 1
        let inputs = Array.zeroCreate<Tensor> weights.Length
        let slopes = Array.zeroCreate<Tensor> weights.Length
        let mutable value = torch.cat ([| time; point |], 1L)

        for i in 0..last do
            inputs[i] <- value
            let z = torch.nn.functional.linear (value, weights[i], biases[i])

            let z =
                match classes, classRows with
                | Some classes, Some rows when i = 0 -> z.add_ (rows.index_select (0L, classes))
                | _ -> z

            if i = last then
                value <- z
            else
                match activation with
                | Activation.SiLU ->
                    let s = z.sigmoid ()
                    value <- z.mul_ s
                    // s + y (1 - s)
                    slopes[i] <- s.addcmul (value, s.neg().add_(Tensors.num 1.0), Tensors.num 1.0)
                | _ ->
                    value <- z.tanh_ ()
                    slopes[i] <- value.square().neg_().add_(Tensors.num 1.0)

        let error = value.sub target
        let mutable back = error.mul (Tensors.num (2.0 / float (error.numel ())))
        let gradients = Array.zeroCreate<Tensor> parameters.Length

        for i in last .. -1 .. 0 do
            gradients[2 * i] <- back.t().matmul inputs[i]
            gradients[2 * i + 1] <- back.sum 0L

            if i > 0 then
                back <- back.matmul(weights[i]).mul_ slopes[i - 1]

        match classes, classRows with
        | Some classes, Some rows ->
            gradients[gradients.Length - 1] <- (torch.zeros_like rows).index_add(0L, classes, back, Tensors.num 1.0)
        | None, Some rows -> gradients[gradients.Length - 1] <- torch.zeros_like rows
        | _ -> ()

        struct (error.square().mean(), gradients)

    override _.With(values: Tensor list) : Net =
        let fresh =
            values
            |> List.map (fun v -> v.detach().clone().requires_grad_(true).DetachFromDisposeScope())

        let layers = weights.Length

        new Mlp(
            dimension,
            activation,
            List.init layers (fun i -> fresh[2 * i]),
            List.init layers (fun i -> fresh[2 * i + 1]),
            classRows |> Option.map (fun _ -> List.last fresh)
        )

    override _.Dispose() : unit =
        for _, parameter in parameters do
            parameter.Dispose()

/// A network that somebody else wrote.
[<Sealed>]
type internal ForeignNet
    (
        dimension: int,
        outputs: int,
        classes: int,
        parameters: (string * Tensor) list,
        forward: Dual -> Dual -> Tensor option -> Dual
    ) =
    inherit Net(dimension, outputs, classes)

    override _.Parameters = parameters

    override _.Forward(time: Dual, point: Dual, classes: Tensor option) : Dual = forward time point classes

    override this.With(values: Tensor list) : Net =
        use _ = torch.no_grad ()

        for (_, parameter), value in List.zip parameters values do
            parameter.copy_ value |> ignore

        this

    override _.Dispose() : unit = ()

/// <summary>Makes networks of (t, x).</summary>
[<RequireQualifiedAccess>]
module Net =

    /// <summary>Three layers of 96 with SiLU, no classes, float32, on the CPU.</summary>
    let mlpDefaults: MlpOptions =
        {
            Widths = [ 96; 96; 96 ]
            Activation = Activation.SiLU
            Classes = 0
            DoublePrecision = false
            Device = "cpu"
        }

    /// <summary>
    /// A network [t, x] → layers → R^m with weights and biases uniform on ±1/√inputs. The rows of classes start at 0. The caller disposes of it.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters.</param>
    /// <param name="dimension">The dimension d of the points.</param>
    /// <param name="outputs">The number m of outputs.</param>
    let mlp (options: MlpOptions) (seed: Seed) (dimension: int) (outputs: int) : Result<Net, KoopmanError> =
        if
            dimension < 1
            || outputs < 1
            || options.Classes < 0
            || options.Widths.IsEmpty
            || options.Widths |> List.exists (fun width -> width < 1)
        then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "A network needs inputs, outputs and at least one layer between them, all of width 1 or more, and no negative number of classes"
                "Start from Net.mlpDefaults"
        elif
            options.Device <> "cpu"
            && not (options.Device.StartsWith "cuda" && torch.cuda.is_available ())
        then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no device '{options.Device}' here"
                "Use \"cpu\", or \"cuda\" on a machine with a CUDA device and a libtorch made for it"
        else
            use _ = torch.NewDisposeScope()

            let precision =
                if options.DoublePrecision then
                    torch.float64
                else
                    torch.float32

            let place (t: Tensor) =
                t.``to``(precision).``to``(options.Device).clone().requires_grad_(true).DetachFromDisposeScope()

            let sizes = 1 + dimension :: options.Widths @ [ outputs ]

            let uniform (name: string) (inputs: int) (shape: int64[]) =
                let bound = 1.0 / sqrt (float inputs)

                (Seed.uniform shape (Seed.derive name seed)).mul(Tensors.num (2.0 * bound)).sub(Tensors.num bound)
                |> place

            let layers = List.pairwise sizes |> List.indexed

            Ok(
                new Mlp(
                    dimension,
                    options.Activation,
                    layers
                    |> List.map (fun (i, (from, into)) -> uniform $"weight {i}" from [| int64 into; int64 from |]),
                    layers
                    |> List.map (fun (i, (from, into)) -> uniform $"bias {i}" from [| int64 into |]),
                    (if options.Classes = 0 then
                         None
                     else
                         torch.zeros (int64 options.Classes, int64 options.Widths.Head) |> place |> Some)
                )
            )

    /// <summary>A network written in duals by the caller, who keeps its parameters: the fast way for layers of one's own.</summary>
    /// <param name="dimension">The dimension d of the points.</param>
    /// <param name="outputs">The number m of outputs.</param>
    /// <param name="classes">The number of classes, 0 for none.</param>
    /// <param name="parameters">Names and tensors that training changes.</param>
    /// <param name="forward">Outputs (n, m) of times (n, 1), points (n, d) and classes (n).</param>
    let ofDual
        (dimension: int)
        (outputs: int)
        (classes: int)
        (parameters: (string * Tensor) list)
        (forward: Dual -> Dual -> Tensor option -> Dual)
        : Net =
        new ForeignNet(dimension, outputs, classes, parameters, forward)

    /// Any function of (t, x, classes); tangents by differentiating backwards twice.
    let private ofAny
        (dimension: int)
        (outputs: int)
        (classes: int)
        parameters
        (f: Tensor -> Tensor -> Tensor option -> Tensor)
        : Net =
        ofDual dimension outputs classes parameters (fun time point labels ->
            let d = int64 dimension

            Dual.concat 1L [ time; point ]
            |> Dual.ofFunction (fun s -> f (s.narrow (1L, 0L, 1L)) (s.narrow (1L, 1L, d)) labels))

    /// <summary>Any function of times (n, 1) and points (n, d) made of tensor operations. Nothing in it is trained.</summary>
    /// <param name="dimension">The dimension d of the points.</param>
    /// <param name="outputs">The number m of outputs.</param>
    /// <param name="f">The function.</param>
    let ofFunction (dimension: int) (outputs: int) (f: Tensor -> Tensor -> Tensor) : Net =
        ofAny dimension outputs 0 [] (fun t x _ -> f t x)

    let private named (parameters: seq<struct (string * Modules.Parameter)>) : (string * Tensor) list =
        [
            for struct (name, parameter) in parameters do
                name, parameter :> Tensor
        ]

    /// <summary>A module of times (n, 1) and points (n, d). It stays the caller's, and training changes its parameters.</summary>
    /// <param name="dimension">The dimension d of the points.</param>
    /// <param name="outputs">The number m of outputs.</param>
    /// <param name="inner">The module.</param>
    let ofModule (dimension: int) (outputs: int) (inner: torch.nn.Module<Tensor, Tensor, Tensor>) : Net =
        ofAny dimension outputs 0 (named (inner.named_parameters ())) (fun t x _ -> inner.call (t, x))

    /// <summary>As <c>ofModule</c>, for a module that is also told the class (n) of each row.</summary>
    /// <param name="dimension">The dimension d of the points.</param>
    /// <param name="outputs">The number m of outputs.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="inner">The module.</param>
    let ofClassModule
        (dimension: int)
        (outputs: int)
        (classes: int)
        (inner: torch.nn.Module<Tensor, Tensor, Tensor, Tensor>)
        : Net =
        ofAny dimension outputs classes (named (inner.named_parameters ())) (fun t x labels ->
            match labels with
            | Some labels -> inner.call (t, x, labels)
            | None -> invalidOp "This network must be told classes: use Velocity.ofClass, or train it with labels")

    /// <summary>A copy in float64 on the CPU, for exact work; a network made of somebody's module or function is returned itself.</summary>
    let toDouble (net: Net) : Net =
        match net with
        | :? Mlp ->
            use _ = torch.NewDisposeScope()

            net.With(
                net.Parameters
                |> List.map (fun (_, p) -> p.detach().cpu().to_type torch.float64)
            )
        | _ -> net
