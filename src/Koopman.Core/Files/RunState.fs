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

    /// Everything but the tensors.
    let private settings: Codec<RunState, RunState> =
        codec {
            let! work = Codec.text<RunState> "of" _.Kind
            and! numbers = Codec.named<RunState> "numbers" _.Numbers

            return
                {
                    Kind = work
                    Tensors = []
                    Numbers = numbers
                }
        }

    /// <summary>Writes a state; an existing file is replaced in one step.</summary>
    let save (path: string) (state: RunState) : Outcome<unit> =
        Checkpoint.write path kind schema (Codec.write settings state) state.Tensors

    /// <summary>Reads a state, to be restored by what it is of: <c>FlowMatching.restore</c>, <c>Distillation.restore</c>, <c>Autoencoder.restore</c>, <c>Classifier.restore</c>, <c>ParticleFlow.restore</c>. The caller disposes of it.</summary>
    /// <returns>An error if the file is missing, damaged, or holds something else.</returns>
    let load (path: string) : Outcome<RunState> =
        result {
            use! checkpoint = Checkpoint.readKind kind schema path
            let! state = settings.Take checkpoint.Options

            return
                { state with
                    Tensors =
                        [
                            for KeyValue(name, tensor) in checkpoint.Tensors ->
                                name, tensor.clone().DetachFromDisposeScope()
                        ]
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
