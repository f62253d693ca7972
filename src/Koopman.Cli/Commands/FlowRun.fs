namespace Koopman.Cli

open System
open System.IO
open Koopman
open Koopman.Particles

/// <summary>Trainings of <c>koopman flow train</c> that can be interrupted and taken up again.</summary>
[<RequireQualifiedAccess>]
module ParticleRun =

    /// <summary>A training: its steps, what it knows, and how it goes on.</summary>
    [<NoComparison; NoEquality>]
    type Work =
        {
            /// The progress line.
            Title: string
            /// The file that an interruption leaves.
            File: string
            /// The settings that a state must share with this training.
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
                        $"'{work.File}' is of another training: it has {reason}"
                        "Give the options that it was interrupted with, or leave out --resume to start anew"
            | None -> return! work.Restore state
        }

    /// To the end; an interruption leaves the file and goes on as one.
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
                    $"step {work.Steps()} of {work.Total} is kept in {work.File}; the same command with --resume true goes on from there"
            | Error error -> Ui.note $"the steps made are lost: {error.Message}"

            reraise ()

    /// <summary>
    /// Goes on to the end, from the file of an interruption if it is to be resumed and is there. The file stays until the whole command is done, so that a later
    /// interruption does not lose this training.
    /// </summary>
    /// <returns>An error of the training, or of a file that does not fit; an interruption is an <c>OperationCanceledException</c>, after the file was written.</returns>
    let finish (resume: bool) (work: Work) : Outcome<unit> =
        result {
            if resume && File.Exists work.File then
                do! restore work
                Ui.note $"{work.Title}: taken up at step {work.Steps()} of {work.Total}"

            do! advance work
            do! save work
        }

    /// <summary>Removes the files of interruptions.</summary>
    let forget (files: string list) : unit = files |> List.iter File.Delete
