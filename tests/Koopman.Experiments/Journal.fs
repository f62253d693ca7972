namespace Koopman.Experiments

open System
open System.Collections.Generic
open System.IO
open System.Text.Json
open System.Text.Json.Serialization
open TorchSharp
open Koopman
open Koopman.Cli

/// <summary>
/// The finished parts of an experiment, by name, kept in a file, so that a run that was interrupted or killed repeats only the part it was at. A
/// part is plain data: records, tuples, lists and arrays of numbers and texts, which come back equal to the bit.
/// </summary>
[<Sealed>]
type Journal
    private (parts: Dictionary<string, byte[]>, asked: HashSet<string>, save: unit -> Outcome<unit>, prefix: string) =

    static let plain =
        let options =
            JsonSerializerOptions(NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)

        options.MakeReadOnly true
        options

    /// Numbers of another build are of other code.
    static let build: string =
        String.Join(
            " ",
            [ typeof<Journal>; typeof<Seed> ]
            |> List.map (fun known -> known.Module.ModuleVersionId.ToString("N").Substring(0, 8))
        )

    /// <summary>Keeps nothing.</summary>
    static member Nowhere() : Journal =
        Journal(Dictionary(), HashSet(), (fun () -> Ok()), "")

    /// <summary>Reads the parts in a file, or starts the file, which shows before any work that it can be written.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="name">The experiment.</param>
    /// <param name="started">What the run is started with, by name.</param>
    /// <returns>A <c>CheckpointMismatch</c> error if the file is of another experiment, of a run started with something else, or of another build.</returns>
    static member Open(path: string, name: string, started: (string * string) list) : Outcome<Journal> =
        let kind = $"the experiment {name}"
        let started = started @ [ "the build", build ] |> RunState.withLibrary
        let parts = Dictionary<string, byte[]>()

        let save () =
            use state =
                {
                    Kind = kind
                    StartedWith = started
                    Tensors = [ for KeyValue(part, text) in parts -> part, torch.tensor text ]
                    Numbers = []
                }

            RunState.save path state

        result {
            if File.Exists path then
                use! state = RunState.load path
                do! RunState.expect kind started state

                state.Tensors
                |> List.iter (fun (part, text) -> parts[part] <- text.data<byte>().ToArray())
            else
                do! save ()
        }
        |> Result.mapError (fun error ->
            if error.Kind = ErrorKind.CheckpointMismatch then
                { error with
                    Cause = $"Cannot resume from '{path}': {error.Cause}"
                    Remedy = "Give the name, size and seed of the interrupted run, or another file to start anew"
                }
            else
                error)
        |> Result.map (fun () -> Journal(parts, HashSet(), save, ""))

    /// <summary>The number of parts that are kept.</summary>
    member _.Count: int = parts.Count

    /// <summary>The journal of a half of the experiment, whose parts may have the names of the other's.</summary>
    member _.Within(half: string) : Journal =
        Journal(parts, asked, save, $"{prefix}{half}: ")

    /// <summary>A part: as it is kept, or computed and then kept. A file that can no longer be written does not end the run.</summary>
    member _.Keep(name: string, compute: unit -> Outcome<'T>) : Outcome<'T> =
        let name = prefix + name

        // Two parts of one name would be taken for each other.
        if not (asked.Add name) then
            invalidOp $"The experiment has two parts named '{name}'"

        let kept () : 'T =
            JsonSerializer.Deserialize(ReadOnlySpan parts[name], typeof<'T>, plain)
            |> unbox<'T>

        if parts.ContainsKey name then
            Ok(kept ())
        else
            compute ()
            |> Result.map (fun value ->
                parts[name] <- JsonSerializer.SerializeToUtf8Bytes(value, plain)

                match save () with
                | Ok() -> ()
                | Error error -> Ui.note $"what is done so far is not kept: {error.Message}"

                // As it will be after an interruption: a type that text cannot hold shows in every run.
                kept ())
