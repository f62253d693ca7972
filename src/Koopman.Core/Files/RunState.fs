namespace Koopman

open System

/// <summary>The full state of long work at a step, which can be stored and resumed with the same result.</summary>
[<NoComparison; NoEquality>]
type RunState =
    {
        /// <summary>The kind of work.</summary>
        Kind: string
        /// <summary>Tensors by name: parameters, moments and averages of a training, the particles of a flow.</summary>
        Tensors: (string * Tensor) list
        /// <summary>The number of steps done, and other numbers.</summary>
        Numbers: (string * float) list
    }

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member this.Dispose() : unit =
            for _, tensor in this.Tensors do
                tensor.Dispose()

/// <summary>The state of long work in files: safetensors with a checksum, replaced atomically.</summary>
[<RequireQualifiedAccess>]
module RunState =

    let private kind: string = "run state"
    let private schema: int = 1

    /// <summary>Writes a state; an existing file is replaced atomically.</summary>
    let save (path: string) (state: RunState) : Outcome<unit> =
        let numbers =
            Fields.ofList [ for name, value in state.Numbers -> name, Fields.ofFloat value ]

        Checkpoint.write
            path
            kind
            schema
            (Fields.ofList [ "of", Fields.ofText state.Kind; "numbers", numbers ])
            state.Tensors

    /// <summary>Reads a state, to be restored by the function for its kind: <c>FlowMatching.restore</c>, <c>Distillation.restore</c>,
    /// <c>ParticleFlow.restore</c>. The caller disposes it.</summary>
    /// <returns>An error if the file is missing, damaged, or holds something else.</returns>
    let load (path: string) : Outcome<RunState> =
        result {
            use! checkpoint = Checkpoint.readKind kind schema path
            let! work = Fields.text "of" checkpoint.Options
            let! numbers = Fields.object "numbers" checkpoint.Options

            let! numbers =
                [ for pair in numbers -> pair.Key ]
                |> Outcome.collect (fun name -> Fields.float name numbers |> Result.map (fun value -> name, value))

            return
                {
                    Kind = work
                    Tensors =
                        [
                            for KeyValue(name, tensor) in checkpoint.Tensors ->
                                name, tensor.clone().DetachFromDisposeScope()
                        ]
                    Numbers = numbers
                }
        }

    /// Fails unless the state is of this kind of work.
    let internal expect (kind: string) (state: RunState) : Outcome<unit> =
        if state.Kind = kind then
            Ok()
        else
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"The state is that of a {state.Kind}, not of a {kind}"
                "Give the state stored by this run"
