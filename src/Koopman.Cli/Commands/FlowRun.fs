namespace Koopman.Cli

open System
open System.IO
open Koopman

/// <summary>Trainings and particle runs that can be interrupted, or killed, and resumed.</summary>
[<RequireQualifiedAccess>]
module FlowRun =

    /// <summary>A training: its steps, its state, and the function that continues it.</summary>
    [<NoComparison; NoEquality>]
    type Work =
        {
            /// The progress line.
            Title: string
            /// The file that receives the state.
            File: string
            Steps: unit -> int
            Total: int
            /// True if nothing is left to do.
            IsDone: unit -> bool
            State: unit -> RunState
            Restore: RunState -> Outcome<unit>
            /// Has the state written to a file while the training goes on.
            SaveEvery: string -> Outcome<unit>
            Continue: (float -> unit) -> Outcome<unit>
        }

    let private restore (work: Work) : Outcome<unit> =
        result {
            use! state = RunState.load work.File
            do! work.Restore state
        }
        |> Result.mapError (fun error ->
            if error.Kind = ErrorKind.CheckpointMismatch then
                { error with
                    Cause = $"Cannot resume from '{work.File}': {error.Cause}"
                    Remedy = "Give the data and options of the interrupted run, or leave out --resume to start anew"
                }
            else
                error)

    /// Trains to the end; an interruption saves the state and is raised again.
    let private advance (work: Work) : Outcome<unit> =
        try
            if not (work.IsDone()) then
                work.SaveEvery work.File
                |> Result.bind (fun () -> Ui.progress work.Title work.Continue)
            else
                Ok()
        with :? OperationCanceledException ->
            use state = work.State()

            match RunState.save work.File state with
            | Ok() ->
                Ui.note
                    $"step {work.Steps()} of {work.Total} is saved in {work.File}; the same command with --resume true continues from there"
            | Error error -> Ui.note $"the training state is lost: {error.Message}"

            reraise ()

    /// <summary>
    /// Trains to the end, from the saved state if it exists and is to be resumed. The file is kept until the whole command is done, so that a later
    /// interruption does not lose this training.
    /// </summary>
    /// <returns>An error of the training, or of a state file that does not match; an interruption is an <c>OperationCanceledException</c>, after the
    /// file is written.</returns>
    let finish (resume: bool) (work: Work) : Outcome<unit> =
        result {
            if File.Exists work.File then
                if resume then
                    do! restore work
                    Ui.note $"{work.Title}: resumed at step {work.Steps()} of {work.Total}"
                else
                    Ui.note $"{work.Title}: starts anew, and replaces the state in {work.File}"

            do! advance work
        }

    /// <summary>Deletes the state files of interruptions.</summary>
    let forget (files: string list) : unit = files |> List.iter File.Delete
