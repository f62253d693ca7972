namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>
/// The model of a regression on observables: ψ(x_{t+τ}) ≈ Kᵀψ(x_t) + Bᵀu_t and x ≈ Cᵀψ(x). The spectrum shows which modes to trust; the matrices
/// make forecasts.
/// </summary>
[<Sealed>]
type LinearModel internal (propagator: Propagator, spectrum: Spectrum, output: Tensor, input: Tensor option) =

    /// <summary>The operator K_τ on the observables. Owned by this object.</summary>
    member _.Propagator: Propagator = propagator

    /// <summary>Its spectrum with residuals and error bars. Owned by this object.</summary>
    member _.Spectrum: Spectrum = spectrum

    /// <summary>C (N, d): the state as a combination of observables. Owned by this object.</summary>
    member this.Output: Tensor = Tensors.alive this output

    member internal _.Input: Tensor option = input

    /// <summary>The number of inputs m that act on the process; 0 if there are none.</summary>
    member _.InputCount: int =
        match input with
        | Some input -> int input.shape[0]
        | None -> 0

    /// <summary>The functions the model is made of.</summary>
    member _.Observables: Observables = propagator.Observables

    /// <summary>Frees the tensors and releases the observables.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors and releases the observables.</summary>
        member _.Dispose() =
            (propagator :> IDisposable).Dispose()
            (spectrum :> IDisposable).Dispose()
            output.Dispose()
            input |> Option.iter _.Dispose()

    override _.ToString() : string =
        $"{spectrum.Rank} modes in {propagator.Observables.Description}: {spectrum.Convention}"

/// <summary>Forecasts, and the modes of the state.</summary>
[<RequireQualifiedAccess>]
module LinearModel =

    /// <summary>B (m, N): the contribution of the inputs to the observables in one lag, if there are inputs. It belongs to the model.</summary>
    let input (model: LinearModel) : Tensor option = model.Input

    let private checkStates (states: Tensor) (steps: int) (model: LinearModel) : Outcome<unit> =
        Require.all {
            Require.columns model.Observables.Dimension "the states" states.shape
            |> Require.advise "Give one row per state, in the coordinates in which the model was fitted"

            Require.atLeast 0 "the number of steps" steps

            if not (Tensors.isFinite states) then
                KoopmanError.fail ErrorKind.NotFinite "The states contain NaN or infinity" "Remove or repair these rows"
        }

    /// Inputs as (n or 1, steps, m): for each state, or the same for all.
    let private checkInputs
        (states: Tensor)
        (steps: int)
        (inputs: Tensor option)
        (model: LinearModel)
        : Outcome<Tensor option> =
        match model.Input, inputs with
        | None, None -> Ok None
        | None, Some _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The model was fitted without inputs"
                "Leave the inputs out, or fit pairs with inputs (SnapshotPairs.withInputs)"
        | Some _, None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "The model was fitted with inputs, and needs them for a forecast"
                "Give the inputs of every step (steps, m); zeros for none"
        | Some input, Some given ->
            let m = input.shape[0]

            match given.shape with
            | _ when not (Tensors.isFinite given) ->
                KoopmanError.fail ErrorKind.NotFinite "The inputs contain NaN or infinity" "Remove or repair these rows"
            | [| s; k |] when s = int64 steps && k = m -> Ok(Some(given.to_type(torch.float64).unsqueeze 0L))
            | [| n; s; k |] when n = states.shape[0] && s = int64 steps && k = m ->
                Ok(Some(given.to_type torch.float64))
            | _ ->
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"The inputs have shape {Tensors.shape given}"
                    $"Give ({steps}, {m}) for the same inputs for all states, or ({states.shape[0]}, {steps}, {m})"

    /// The path of states, moved in the lifted space or read off and lifted again after every step.
    let private walk
        (relift: bool)
        (steps: int)
        (inputs: Tensor option)
        (states: Tensor)
        (model: LinearModel)
        : Tensor =
        Tensors.keep (fun () ->
            let mutable lifted = model.Observables.Values(states.to_type torch.float64)
            let mutable state = lifted.times model.Output
            let path = ResizeArray [ state ]

            for step in 0 .. steps - 1 do
                let moved = lifted.times model.Propagator.Matrix

                let moved =
                    match inputs, model.Input with
                    | Some u, Some b -> moved + u.select(1L, int64 step).times b
                    | _ -> moved

                state <- moved.times model.Output
                lifted <- if relift then model.Observables.Values state else moved
                path.Add state

            torch.stack (path, 1L))

    /// The number of rows lifted at once: many states in a large dictionary would not fit in memory.
    let private inPieces (states: Tensor) (model: LinearModel) (compute: int -> int -> Tensor) : Tensor =
        let count = int states.shape[0]

        if count = 0 then
            compute 0 0
        else
            torch.cat (
                [|
                    for struct (start, size) in Tensors.pieces (Tensors.pieceRows model.Observables.Count) count ->
                        compute start size
                |],
                0L
            )

    let private run
        (relift: bool)
        (steps: int)
        (inputs: Tensor option)
        (states: Tensor)
        (model: LinearModel)
        : Outcome<Tensor> =
        use scope = Tensors.scope ()

        checkStates states steps model
        |> Result.bind (fun () -> checkInputs states steps inputs model)
        |> Result.bind (fun inputs ->
            let all =
                inPieces states model (fun start size ->
                    let inputs =
                        inputs
                        |> Option.map (fun u -> if u.shape[0] = 1L then u else Tensors.rows start size u)

                    walk relift steps inputs (Tensors.rows start size states) model)

            if Tensors.isFinite all then
                Ok(scope.MoveToOuter all)
            else
                KoopmanError.fail
                    ErrorKind.Diverged
                    $"The forecast diverges within {steps} steps"
                    "Forecast fewer steps, restrict the propagator to modes that do not grow, or use observables that stay bounded")

    /// <summary>
    /// The states 0 to <paramref name="steps"/> lags ahead, (n, steps+1, d), by moving the observables: CᵀKᵀ…Kᵀψ(x). The first is the state read off
    /// the observables. The caller owns the result.
    /// </summary>
    /// <param name="steps">The number of lags, at least 0.</param>
    /// <param name="inputs">u of every step, (steps, m) or (n, steps, m), for a model with inputs.</param>
    /// <param name="states">x (n, d).</param>
    /// <param name="model">The model.</param>
    let forecast (steps: int) (inputs: Tensor option) (states: Tensor) (model: LinearModel) : Outcome<Tensor> =
        run false steps inputs states model

    /// <summary>
    /// As <c>forecast</c>, but the state is read off and lifted again after every step: one-step errors accumulate, while the error of a dictionary
    /// that is not closed under the dynamics does not.
    /// </summary>
    let forecastRelifted (steps: int) (inputs: Tensor option) (states: Tensor) (model: LinearModel) : Outcome<Tensor> =
        run true steps inputs states model

    /// <summary>
    /// The modes of the state, complex (r, d): x = Σ_k φ_k(x) m_k for the part of x in the span. Row k is m_k = u_kᴴ G C. The caller
    /// owns the result.
    /// </summary>
    let stateModes (model: LinearModel) : Tensor =
        Tensors.keep (fun () ->
            let weighted = model.Propagator.Gram.times model.Output
            let dual = model.Spectrum.Dual

            if dual.is_complex () then
                torch.complex (dual.real.t().times weighted, -dual.imag.t().times(weighted))
            else
                torch.complex (
                    dual.t().times weighted,
                    torch.zeros (dual.shape[1], weighted.shape[1], dtype = torch.float64)
                ))

    /// <summary>
    /// The states at any times t ≥ 0, (n, times, d), by the exponents of the modes: Σ_k e^{μ_k t} φ_k(x) m_k. Between the lags it
    /// interpolates on the principal branch. The caller owns the result.
    /// </summary>
    let forecastAt (times: float[]) (states: Tensor) (model: LinearModel) : Outcome<Tensor> =
        if model.Input.IsSome then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                "A model with inputs forecasts only at multiples of the lag"
                "Use LinearModel.forecast with the inputs of every step"
        else
            Require.all {
                Require.notEmpty "the list of times" times
                Require.each Require.notNegative "times" times
            }
            |> Result.bind (fun () -> checkStates states 0 model)
            |> Result.bind (fun () ->
                use scope = Tensors.scope ()
                let modes = stateModes model
                let exponents = model.Spectrum.Exponents

                let at (phi: Tensor) (t: float) =
                    let factors =
                        exponents
                        |> Array.map (fun mu ->
                            if Double.IsNegativeInfinity mu.Real then
                                (if t = 0.0 then Complex.One else Complex.Zero)
                            else
                                Complex.Exp(mu * Complex(t, 0.0)))

                    let row (take: Complex -> float) =
                        (Tensors.ofVector (Array.map take factors)).unsqueeze 0L

                    let moved = phi * torch.complex (row _.Real, row _.Imaginary)
                    moved.real.times (modes.real) - moved.imag.times modes.imag

                let all =
                    inPieces states model (fun start size ->
                        Tensors.keep (fun () ->
                            let some = (Tensors.rows start size states).to_type torch.float64
                            let phi = model.Spectrum.Values some
                            torch.stack (times |> Array.map (at phi), 1L)))

                if Tensors.isFinite all then
                    Ok(scope.MoveToOuter all)
                else
                    KoopmanError.fail
                        ErrorKind.Diverged
                        $"The forecast diverges by time {Array.max times:G6}"
                        "Forecast shorter times, or restrict the propagator to modes that do not grow")

    /// <summary>The largest factor by which a mode grows over one lag; above 1 long forecasts diverge.</summary>
    let growth (model: LinearModel) : float =
        let lag = model.Propagator.Lag

        model.Spectrum.Exponents
        |> Array.map (fun mu -> exp (mu.Real * lag))
        |> Array.max
