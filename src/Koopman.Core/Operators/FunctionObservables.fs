namespace Koopman

open System.Runtime.InteropServices
open TorchSharp

/// Derivatives of y(x) from the recorded graph, for y (n, N) of x (n, d) whose rows depend on their own row of x only.
[<RequireQualifiedAccess>]
module internal Autograd =

    /// ∇(Σ_j a_j y_j) as (n, d) for weights a (n, N).
    let pullback (x: Tensor) (y: Tensor) (weights: Tensor) : Tensor =
        Guarded.gradient y x weights
        |> Option.defaultWith (fun () -> torch.zeros_like x)

    /// ∂y/∂x_axis as (n, N), itself differentiable. The pullback u ↦ uᵀ∂y/∂x is linear in u: its own pullback of a direction is the
    /// derivative along it, so that N functions cost two passes and not N.
    let along (x: Tensor) (axis: int) (y: Tensor) : Tensor =
        let weights = torch.zeros_like(y).requires_grad_ true

        Guarded.gradient y x weights
        |> Option.bind (fun pulled ->
            let direction = torch.zeros_like pulled
            direction.select(1L, int64 axis).fill_(Tensors.num 1.0) |> ignore
            Guarded.gradient pulled weights direction)
        |> Option.defaultWith (fun () -> torch.zeros_like y)

/// Functions given by a function of tensors. isTrained tells whether they have parameters that someone trains: derivatives then stay
/// connected to them. held is what they are made of.
[<Sealed>]
type internal FunctionObservables
    (
        dimension: int,
        count: int,
        description: string,
        values: Tensor -> Tensor,
        isTrained: unit -> bool,
        held: System.IDisposable option
    ) =
    inherit Observables(dimension, count, description)

    /// A handle of its own, whatever the function answers: the points themselves, or a tensor that it keeps.
    let evaluate (points: Tensor) : Tensor =
        let answer = values points

        if
            answer.shape = [| points.shape[0]; int64 count |]
            && answer.dtype = torch.float64
        then
            answer.alias ()
        else
            invalidOp
                $"The function of the observables \"{description}\" must answer Float64 of shape ({points.shape[0]}, {count}), but answered {answer.dtype} of shape {Tensors.shape answer}"

    /// A derivative computed from the graph, or else from values alone when the function leaves no graph.
    let derive (points: Tensor) (ofGraph: Tensor -> Tensor -> Tensor) (ofValues: unit -> Tensor) : Tensor =
        Tensors.keep (fun () ->
            let keepGraph = torch.is_grad_enabled () && isTrained ()
            use _ = torch.enable_grad ()
            let x = points.detach().clone().requires_grad_ true
            let y = evaluate x

            if y.requires_grad then
                let derivative = ofGraph x y
                if keepGraph then derivative else derivative.detach ()
            else
                ofValues ())

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> evaluate points)

    override _.Partial(points: Tensor, axis: int) : Tensor =
        derive points (fun x y -> Autograd.along x axis y) (fun () ->
            Differences.along Differences.first axis evaluate points)

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        derive points (fun x y -> y |> Autograd.along x first |> Autograd.along x second) (fun () ->
            points
            |> Differences.along Differences.second second (Differences.along Differences.second first evaluate))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        derive points (fun x y -> coefficients.unsqueeze(0L).expand(y.shape) |> Autograd.pullback x y) (fun () ->
            torch.stack (
                [|
                    for axis in 0 .. dimension - 1 ->
                        (Differences.along Differences.first axis evaluate points).mv coefficients
                |],
                1L
            ))

    override _.Dispose() : unit = held |> Option.iter _.Dispose()

/// <summary>Functions written by the user: further members of the module <c>Observables</c>.</summary>
[<AutoOpen>]
module FunctionFamilies =

    /// <summary>Makes observables of the user's functions.</summary>
    [<RequireQualifiedAccess>]
    module Observables =

        /// Tries the functions on three points of the unit cube, and says what is wrong with the answer.
        let private tried (dimension: int) (count: int) (what: string) (values: Tensor -> Tensor) : Outcome<unit> =
            if dimension < 1 || count < 1 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"{what}: {count} functions of {dimension} dimensions are not a dictionary"
                    "Give a dimension and a number of functions of at least 1"
            else
                use _ = Tensors.scope ()
                let points = Seed.uniform [| 3L; int64 dimension |] (Seed.ofInt 0)

                try
                    let answer = values points

                    if answer.shape = [| 3L; int64 count |] && answer.dtype = torch.float64 then
                        Ok()
                    else
                        KoopmanError.fail
                            ErrorKind.ShapeMismatch
                            $"{what}: for 3 points the answer is {answer.dtype} of shape {Tensors.shape answer}, and not Float64 of shape (3, {count})"
                            "Answer one row for every point and one column for every function, in float64"
                with :? ExternalException as error ->
                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"{what}: points of shape (3, {dimension}) in float64 were refused: {Guarded.message error}"
                        "Check the dimension, and that every constant of the function is float64"

        /// <summary>
        /// Functions written with tensors: <paramref name="values"/> takes points (n, d) to (n, N) in float64, each row from its own
        /// point. Derivatives come from autograd, first and second; where the answer has no graph (the function works on .NET arrays,
        /// say) they are central differences, good to about 1e-9 and 1e-7 of the functions' size. A function that mixes both has the
        /// derivatives of the recorded part only.
        /// </summary>
        /// <param name="dimension">d.</param>
        /// <param name="count">N.</param>
        /// <param name="description">What they are, for reports.</param>
        /// <param name="values">The functions; called with temporaries that die after the call.</param>
        /// <returns>The functions, or an error if a trial with three points answers another shape or type.</returns>
        let ofFunction
            (dimension: int)
            (count: int)
            (description: string)
            (values: Tensor -> Tensor)
            : Outcome<Observables> =
            tried dimension count description values
            |> Result.map (fun () ->
                new FunctionObservables(dimension, count, description, values, (fun () -> false), None))

        /// <summary>
        /// Functions written without tensors, one field each. Derivatives are central differences. A tensor function is faster by far:
        /// this is for a few functions and thousands of points.
        /// </summary>
        let ofFields (dimension: int) (description: string) (fields: ScalarField[]) : Outcome<Observables> =
            let values (points: Tensor) : Tensor =
                let rows = Tensors.toArray points
                let n = int points.shape[0]
                let answer = Array.zeroCreate (n * fields.Length)

                for i in 0 .. n - 1 do
                    for j in 0 .. fields.Length - 1 do
                        answer[i * fields.Length + j] <-
                            fields[j].Invoke(System.ReadOnlySpan(rows, i * dimension, dimension))

                Tensors.ofRows n answer

            ofFunction dimension fields.Length description values

        /// <summary>
        /// The outputs of a network with float64 parameters, each row from its own point (no layer that mixes the batch). Values stay
        /// connected to the parameters, and derivatives too while some parameter is trained and the graph is recorded. Put a network that
        /// has dropout into evaluation before. The result takes over the network.
        /// </summary>
        /// <param name="network">From (n, d) to (n, N).</param>
        /// <param name="dimension">d.</param>
        /// <param name="count">N.</param>
        /// <returns>The functions, or an error if a parameter is not float64 or a trial with three points answers another shape.</returns>
        let ofModule (network: torch.nn.Module<Tensor, Tensor>) (dimension: int) (count: int) : Outcome<Observables> =
            let name = network.GetName()

            let foreign =
                network.named_parameters ()
                |> Seq.tryFind (fun (struct (_, parameter)) -> parameter.dtype <> torch.float64)

            match foreign with
            | Some(struct (parameter, values)) ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"The parameter {parameter} of the network {name} is {values.dtype}, but spectra are float64"
                    "Make the network float64: network.``to``(torch.float64), or the dtype argument of its layers"
            | None ->
                let isTrained () =
                    network.parameters () |> Seq.exists _.requires_grad

                tried dimension count $"network {name}" network.call
                |> Result.map (fun () ->
                    new FunctionObservables(
                        dimension,
                        count,
                        $"{count} outputs of the network {name}",
                        network.call,
                        isTrained,
                        Some network
                    ))
