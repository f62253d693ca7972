namespace Koopman.Cli

open System
open System.IO
open Koopman
open Koopman.Particles

/// <summary>Trainings of <c>koopman flow train</c> that can be interrupted and resumed.</summary>
[<RequireQualifiedAccess>]
module ParticleRun =

    /// <summary>A training: its steps, its state, and the function that continues it.</summary>
    [<NoComparison; NoEquality>]
    type Work =
        {
            /// The progress line.
            Title: string
            /// The file in which an interruption saves the state.
            File: string
            /// The settings of this training, which a resumed state must share.
            Facts: (string * float) list
            Steps: unit -> int
            Total: int
            State: unit -> RunState
            Restore: RunState -> Outcome<unit>
            Continue: (float -> unit) -> Outcome<unit>
        }

    let private save (work: Work) : Outcome<unit> =
        use state = work.State()

        RunState.save
            work.File
            { state with
                Numbers = state.Numbers @ work.Facts
            }

    let private restore (work: Work) : Outcome<unit> =
        result {
            use! state = RunState.load work.File

            let other =
                work.Facts
                |> List.tryPick (fun (name, value) ->
                    match state.Numbers |> List.tryFind (fst >> (=) name) with
                    | Some(_, found) when found = value -> None
                    | Some(_, found) -> Some $"{name} {found} instead of {value}"
                    | None -> Some $"no {name}")

            match other with
            | Some reason ->
                return!
                    KoopmanError.fail
                        ErrorKind.CheckpointMismatch
                        $"'{work.File}' belongs to another training: it has {reason}"
                        "Give the same options as in the interrupted run, or leave out --resume to start anew"
            | None -> return! work.Restore state
        }

    /// Trains to the end; an interruption saves the state and is raised again.
    let private advance (work: Work) : Outcome<unit> =
        try
            if work.Steps() < work.Total then
                Ui.progress work.Title work.Continue
            else
                Ok()
        with :? OperationCanceledException ->
            match save work with
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
            if resume && File.Exists work.File then
                do! restore work
                Ui.note $"{work.Title}: resumed at step {work.Steps()} of {work.Total}"

            do! advance work
            do! save work
        }

    /// <summary>Deletes the state files of interruptions.</summary>
    let forget (files: string list) : unit = files |> List.iter File.Delete
