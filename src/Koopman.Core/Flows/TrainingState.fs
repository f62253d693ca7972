namespace Koopman

open System

/// <summary>All that a training knows at a step, to be stored and to go on from with the same result.</summary>
[<NoComparison; NoEquality>]
type TrainingState =
    {
        /// <summary>Parameters, Adam's moments and averages by name.</summary>
        Tensors: (string * Tensor) list
        /// <summary>The number of steps made, and what else is a number.</summary>
        Numbers: (string * float) list
    }

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member this.Dispose() : unit =
            for _, tensor in this.Tensors do
                tensor.Dispose()

/// <summary>The state of trainings in files: safetensors with a checksum, replaced in one step.</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module TrainingState =

    let private kind: string = "flow training"
    let private schema: int = 1

    /// <summary>Writes the state of a training; an existing file is replaced in one step.</summary>
    let save (path: string) (state: TrainingState) : Result<unit, KoopmanError> =
        let numbers =
            Fields.ofList [ for name, value in state.Numbers -> name, Fields.ofFloat value ]

        Checkpoint.write path kind schema (Fields.ofList [ "numbers", numbers ]) state.Tensors

    /// <summary>Reads the state of a training, for <c>FlowMatching.restore</c> or <c>Student.restore</c>. The caller disposes of it.</summary>
    /// <returns>An error if the file is missing, damaged, or holds something else.</returns>
    let load (path: string) : Result<TrainingState, KoopmanError> =
        result {
            use! checkpoint = Checkpoint.readKind kind schema path
            let! numbers = Fields.object "numbers" checkpoint.Options

            let! numbers =
                [ for pair in numbers -> pair.Key ]
                |> Results.collect (fun name -> Fields.float name numbers |> Result.map (fun value -> name, value))

            return
                {
                    Tensors =
                        [
                            for KeyValue(name, tensor) in checkpoint.Tensors ->
                                name, tensor.clone().DetachFromDisposeScope()
                        ]
                    Numbers = numbers
                }
        }
