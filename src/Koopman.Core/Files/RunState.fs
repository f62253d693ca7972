namespace Koopman

open System
open System.Diagnostics
open System.Security.Cryptography
open System.Text.Json.Nodes
open TorchSharp

/// <summary>The full state of long work at a step, which can be stored and resumed with the same result.</summary>
[<NoComparison; NoEquality>]
type RunState =
    {
        /// <summary>The kind of work.</summary>
        Kind: string
        /// <summary>What the work was started with, by name: the settings, and fingerprints of the data. A state is restored only by work that was started with the same.</summary>
        StartedWith: (string * string) list
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

/// What work was started with, as texts that are equal if the values are equal to the bit.
[<RequireQualifiedAccess>]
module internal Fact =

    let number (value: float) : string =
        value.ToString("R", Globalization.CultureInfo.InvariantCulture)

    /// A record or union, in one line.
    let value (value: 'T) : string =
        String.Join(" ", $"{value}".Split([| ' '; '\n'; '\r' |], StringSplitOptions.RemoveEmptyEntries))

    let settings (codec: Codec<'Whole, 'T>) (value: 'Whole) : string =
        (Codec.write codec value).ToJsonString()

    /// The first digits of the SHA-256 of all tensors, of any layout and on any device.
    let private digest (tensors: Tensor list) : string =
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

        for tensor in tensors do
            match StoredElement.ofTensor tensor with
            | Some element -> hash.AppendData(StoredElement.bytes element tensor)
            | None -> ()

        (Convert.ToHexStringLower(hash.GetHashAndReset())).Substring(0, 16)

    /// Shape and fingerprint of a tensor.
    let tensor (tensor: Tensor) : string =
        let shape = String.Join(" x ", tensor.shape)
        $"{shape} [{digest [ tensor ]}]"

    /// The same, where there may be none.
    let optional (value: Tensor option) : string =
        value |> Option.map tensor |> Option.defaultValue "none"

    /// The number of values of all tensors, and their fingerprint.
    let tensors (all: Tensor list) : string =
        $"{all |> List.sumBy _.numel()} numbers [{digest all}]"

/// <summary>The state of long work in files: safetensors with a checksum, replaced atomically.</summary>
[<RequireQualifiedAccess>]
module RunState =

    let private kind: string = "run state"
    let private schema: int = 2
    let private libraryFact: string = "the version of the library"

    /// Texts by name, as they are in the file.
    let private ofFacts (facts: (string * string) list) : JsonObject =
        let node = JsonObject()

        for name, value in facts do
            node.Add(name, JsonValue.Create value)

        node

    let private facts (node: JsonObject) : Outcome<(string * string) list> =
        node
        |> Outcome.collect (fun (KeyValue(name, _)) ->
            (Codec.text<string> name id).Take node |> Result.map (fun value -> name, value))

    /// Everything but the tensors.
    let private settings: Codec<RunState, RunState * JsonObject> =
        codec {
            let! work = Codec.text<RunState> "of" _.Kind

            and! facts =
                Codec.settings<RunState> "facts" (fun state -> ofFacts state.StartedWith)

            and! numbers = Codec.named<RunState> "numbers" _.Numbers

            return
                {
                    Kind = work
                    StartedWith = []
                    Tensors = []
                    Numbers = numbers
                },
                facts
        }

    /// <summary>Writes a state; an existing file is replaced in one step.</summary>
    let save (path: string) (state: RunState) : Outcome<unit> =
        Checkpoint.write path kind schema (Codec.write settings state) state.Tensors

    /// <summary>Reads a state, to be restored by what it is of: <c>FlowMatching.restore</c>, <c>Distillation.restore</c>, <c>Autoencoder.restore</c>, <c>Classifier.restore</c>, <c>ParticleFlow.restore</c>. The caller disposes of it.</summary>
    /// <returns>
    /// An error if the file is missing, damaged, or holds something else; a <c>CheckpointMismatch</c> error if it was written by a version of the library that did
    /// not yet record what the work was started with.
    /// </returns>
    let load (path: string) : Outcome<RunState> =
        result {
            use! checkpoint = Checkpoint.readKind kind schema path

            if checkpoint.Schema < schema then
                do!
                    KoopmanError.fail
                        ErrorKind.CheckpointMismatch
                        $"'{path}' does not record the data and settings that the run was started with: it was written by version {checkpoint.Library} of the library"
                        "Finish the run with that version, or start it anew"

            let! state, started = settings.Take checkpoint.Options
            let! facts = facts started

            return
                { state with
                    StartedWith = facts
                    Tensors =
                        [
                            for KeyValue(name, tensor) in checkpoint.Tensors ->
                                name, tensor.clone().DetachFromDisposeScope()
                        ]
                }
        }

    /// All facts of work of this library.
    let internal withLibrary (facts: (string * string) list) : (string * string) list =
        facts @ [ libraryFact, Checkpoint.library ]

    /// Fails unless the state is of this kind of work, started with the same.
    let internal expect (kind: string) (started: (string * string) list) (state: RunState) : Outcome<unit> =
        let refuse (cause: string) (remedy: string) =
            KoopmanError.fail ErrorKind.CheckpointMismatch cause remedy

        if state.Kind <> kind then
            refuse $"The state is that of a run of {state.Kind}, not of {kind}" "Give the state stored by this run"
        else
            let stored = Map.ofList state.StartedWith

            started
            |> List.tryPick (fun (name, value) ->
                match stored.TryFind name with
                | Some found when found = value -> None
                | Some found -> Some $"{name}: {found} there, {value} here"
                | None -> Some $"{name}: unknown there, {value} here")
            |> Option.map (fun difference ->
                refuse
                    $"The state is that of another run of {kind}, started with another value of {difference}"
                    "Start with the data, settings and seed that the stored run was started with, or start anew without its state")
            |> Option.defaultValue (Ok())

/// The file to which a run writes its state while it goes on.
[<Sealed>]
type internal Autosave(interval: TimeSpan, path: string) =
    let clock = Stopwatch()

    let save (state: unit -> RunState) : Outcome<unit> =
        use current = state ()
        let saved = RunState.save path current
        clock.Restart()
        saved

    /// Does work that calls back between its steps. The state is written at the start, so that a path that cannot be written is an error before
    /// anything is computed; then at every interval; and at the end, also if work was cancelled.
    static member During
        (saving: Autosave option)
        (state: unit -> RunState)
        (work: (unit -> unit) -> Outcome<unit>)
        : Outcome<unit> =
        match saving with
        | None -> work ignore
        | Some saving -> saving.Around(state, work)

    member private _.Around(state: unit -> RunState, work: (unit -> unit) -> Outcome<unit>) : Outcome<unit> =
        let between () =
            if clock.Elapsed >= interval then
                // A full disk must not end a long run: it is tried again after the next interval.
                save state |> ignore

        save state
        |> Result.bind (fun () ->
            try
                work between
            with :? OperationCanceledException ->
                save state |> ignore
                reraise ())
        |> Result.bind (fun () -> save state)

    /// Checks the interval.
    static member Every(interval: TimeSpan, path: string) : Outcome<Autosave> =
        if interval < TimeSpan.Zero then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The interval between two saved states is {interval}"
                "Give a time of at least 0; 30 seconds are usual"
        else
            Ok(Autosave(interval, path))
