namespace Koopman.Learning

open TorchSharp
open Koopman

/// Adapts a user-supplied network.
[<Sealed>]
type internal UserNetwork
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

    /// The same parameters and function.
    member _.Again() : Net =
        new UserNetwork(dimension, outputs, classes, parameters, forward)

    override this.With(values: Tensor list) : Net =
        use _ = torch.no_grad ()

        for (_, parameter), value in List.zip parameters values do
            parameter.copy_ value |> ignore

        this.Again()

/// <summary>Makes networks of (t, x).</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
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

    let private precision (double: bool) : torch.ScalarType =
        if double then torch.float64 else torch.float32

    /// Refuses settings that make no network.
    let internal checkMlp (options: MlpOptions) (dimension: int) (outputs: int) : Outcome<unit> =
        Require.settings "Net.mlpDefaults" {
            Require.atLeast 1 "the dimension" dimension
            Require.atLeast 1 "the number of outputs" outputs
            Require.atLeast 0 "Classes" options.Classes
            Require.notEmpty "Widths" options.Widths
            Require.each (Require.atLeast 1) "Widths" options.Widths
        }
        |> Result.bind (fun () -> Tensors.checkDevice options.Device)

    /// <summary>
    /// A network [t, x] → layers → R^m with weights and biases uniform on ±1/√inputs. The rows of classes start at 0. The caller disposes of it.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">Of the first parameters.</param>
    /// <param name="dimension">The dimension d of the points.</param>
    /// <param name="outputs">The number m of outputs.</param>
    let mlp (options: MlpOptions) (seed: Seed) (dimension: int) (outputs: int) : Outcome<Net> =
        checkMlp options dimension outputs
        |> Result.bind (fun () ->
            use _ = Tensors.scope ()
            let precision = precision options.DoublePrecision

            let layers =
                1 + dimension :: options.Widths @ [ outputs ]
                |> Layers.uniform options.Activation precision options.Device (fun name -> Seed.derive name seed)

            let classRows =
                if options.Classes = 0 then
                    None
                else
                    torch.zeros (int64 options.Classes, int64 options.Widths.Head, dtype = torch.float64)
                    |> Leaves.place precision options.Device
                    |> Some

            Ok(new MlpNet(dimension, layers, classRows)))

    /// <summary>Images of one channel and 28 by 28 pixels; 32 channels, with multiples 1, 2 and 2 at the three levels, and attention; no classes,
    /// float32, on the CPU.</summary>
    let uNetDefaults: UNetOptions =
        {
            Image = struct (1, 28, 28)
            Width = 32
            Multipliers = [ 1; 2; 2 ]
            Attention = true
            Classes = 0
            DoublePrecision = false
            Device = "cpu"
        }

    /// Refuses settings that make no network.
    let internal checkUNet (options: UNetOptions) (channels: int) : Outcome<unit> =
        let struct (inputs, rows, columns) = options.Image
        let halvings = pown 2 (max 0 (options.Multipliers.Length - 1))

        Require.settings "Net.uNetDefaults" {
            Require.each (Require.atLeast 1) "Image" [ inputs; rows; columns ]
            Require.atLeast 1 "the number of channels" channels
            Require.atLeast 1 "Width" options.Width
            Require.atLeast 0 "Classes" options.Classes
            Require.notEmpty "Multipliers" options.Multipliers
            Require.each (Require.atLeast 1) "Multipliers" options.Multipliers
        }
        |> Result.bind (fun () ->
            if rows % halvings <> 0 || columns % halvings <> 0 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"Images of {rows} by {columns} pixels cannot be halved {options.Multipliers.Length - 1} times"
                    "Use fewer Multipliers, or pad the images"
            else
                Tensors.checkDevice options.Device)

    let private convolutional (fromZero: bool) (options: UNetOptions) (seed: Seed) (channels: int) : Outcome<Net> =
        checkUNet options channels
        |> Result.bind (fun () ->
            use _ = Tensors.scope ()

            let create (name: string, shape: int[], start: UNetLayers.Start) =
                let shape = Array.map int64 shape

                let values =
                    match start with
                    | UNetLayers.Constant value -> torch.full (shape, Tensors.num value, dtype = torch.float64)
                    | UNetLayers.Spread count -> Layers.spread (Seed.derive name seed) count shape

                name, Leaves.place (precision options.DoublePrecision) options.Device values

            Ok(new UNetNet(options, UNetLayers.parameters fromZero options channels |> List.map create)))

    /// <summary>A convolutional network of images, whose outputs start at 0. The caller disposes it.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">The seed of the initial parameters.</param>
    /// <param name="channels">The channels of the output, an image of the same size: those of the input for a velocity.</param>
    let uNet (options: UNetOptions) (seed: Seed) (channels: int) : Outcome<Net> =
        convolutional true options seed channels

    /// <summary>As <c>uNet</c>, for features of images, whose outputs do not start at 0, as they need a scale.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="seed">The seed of the initial parameters.</param>
    /// <param name="channels">Features per pixel.</param>
    let imageFeatures (options: UNetOptions) (seed: Seed) (channels: int) : Outcome<Net> =
        convolutional false options seed channels

    /// <summary>A network written with duals; its parameters still belong to the caller. This is the fast way to write custom layers.</summary>
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
        new UserNetwork(dimension, outputs, classes, parameters, forward)

    /// Any function of (t, x, classes); tangents by differentiating twice in reverse mode.
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

    /// <summary>Any function of times (n, 1) and points (n, d) made of tensor operations. It has no trainable parameters.</summary>
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

    /// <summary>A module of times (n, 1) and points (n, d). It still belongs to the caller; training changes its parameters.</summary>
    /// <param name="dimension">The dimension d of the points.</param>
    /// <param name="outputs">The number m of outputs.</param>
    /// <param name="inner">The module.</param>
    let ofModule (dimension: int) (outputs: int) (inner: torch.nn.Module<Tensor, Tensor, Tensor>) : Net =
        ofAny dimension outputs 0 (named (inner.named_parameters ())) (fun t x _ -> inner.call (t, x))

    /// <summary>As <c>ofModule</c>, for a module that also takes the class (n) of each row.</summary>
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
            | None -> invalidOp "This network needs classes: use VelocityField.ofClass, or train it with labels")

    /// <summary>A copy in float64 on the CPU, for accurate computations; a user-supplied module or function is not copied but shared. The caller
    /// disposes it.</summary>
    let toDouble (net: Net) : Net =
        match net with
        | :? UserNetwork as user -> user.Again()
        | _ ->
            use _ = Tensors.scope ()

            net.With(
                net.Parameters
                |> List.map (fun (_, p) -> p.detach().cpu().to_type torch.float64)
            )

    /// Calls a function with the network described by the settings, disposed afterwards, or with the given network, for points of R^d and m outputs.
    /// A flag says whether those of a U-Net start at 0.
    let internal using
        (fromZero: bool)
        (network: Network)
        (seed: Seed)
        (dimension: int)
        (outputs: int)
        (work: Net -> Outcome<'T>)
        : Outcome<'T> =
        let fitting (net: Net) =
            if net.Dimension = dimension && net.Outputs = outputs then
                work net
            else
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"The network maps {net.Dimension} coordinates to {net.Outputs}, but must map {dimension} to {outputs}"
                    "Give a network of the data's dimension, with the required number of outputs"

        let made (net: Outcome<Net>) =
            net
            |> Result.bind (fun net ->
                use net = net
                fitting net)

        match network with
        | Mlp options -> mlp options seed dimension outputs |> made
        | UNet options ->
            let struct (_, rows, columns) = options.Image

            convolutional fromZero options seed (outputs / max 1 (rows * columns) |> max 1)
            |> made
        | Custom net -> fitting net
