namespace Koopman

open System
open System.Reflection
open System.Security.Cryptography
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open TorchSharp

/// <summary>
/// The content of a file of this library: tensors, and settings as JSON, with their kind and the version that wrote them. It owns the tensors.
/// </summary>
[<Sealed>]
type Checkpoint internal (kind: string, schema: int, library: string, options: JsonObject, file: TensorFile) =

    /// <summary>The kind of content, such as "spectrum".</summary>
    member _.Kind: string = kind

    /// <summary>The version of the layout of this kind, from 1.</summary>
    member _.Schema: int = schema

    /// <summary>The version of the library that wrote the file.</summary>
    member _.Library: string = library

    /// <summary>The settings, by name.</summary>
    member _.Options: JsonObject = options

    /// <summary>The tensors by name, on the CPU, with the memory layout that they had when written. Owned by this object.</summary>
    member _.Tensors: Map<string, Tensor> = file.Tensors

    /// <summary>The tensor of this name, owned by this object, or a <c>CheckpointMismatch</c> error.</summary>
    member _.Tensor(name: string) : Outcome<Tensor> =
        match file.Tensors.TryFind name with
        | Some tensor -> Ok tensor
        | None ->
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"The stored {kind} has no tensor '{name}'"
                "The file was written by another version of the library: write it again with this one"

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() = (file :> IDisposable).Dispose()

/// <summary>
/// Stores models and the state of long work: a safetensors file whose <c>__metadata__</c> holds kind, schema version, settings as JSON,
/// the library's version and a SHA-256 over all of it. Files are replaced atomically, and altered files are rejected.
/// </summary>
[<RequireQualifiedAccess>]
module Checkpoint =

    let private prefix: string = "koopman."
    let private kindKey: string = prefix + "kind"
    let private schemaKey: string = prefix + "schema"
    let private libraryKey: string = prefix + "library"
    let private optionsKey: string = prefix + "options"
    let private columnsKey: string = prefix + "columns"
    let private hashKey: string = prefix + "sha256"

    /// <summary>The version of this library, as recorded in files.</summary>
    let library: string =
        match typeof<Checkpoint>.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>() with
        | null -> "unknown"
        // The part after the plus sign is the source revision.
        | attribute -> attribute.InformationalVersion.Split('+')[0]

    /// A stored tensor, if it has the shape that the settings and the other tensors require.
    let internal fit (name: string) (shape: int64 list) (tensor: Tensor) : Outcome<Tensor> =
        if List.ofArray tensor.shape = shape then
            Ok tensor
        else
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"""The stored tensor '{name}' has shape {Tensors.shape tensor}, but its settings require ({String.Join(", ", shape)})"""
                "The file was changed, or written by another version of the library: write it again with this one"

    /// The same, with this dtype.
    let internal fitAs
        (precision: torch.ScalarType)
        (name: string)
        (shape: int64 list)
        (tensor: Tensor)
        : Outcome<Tensor> =
        if tensor.dtype = precision then
            fit name shape tensor
        else
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"The stored tensor '{name}' is {tensor.dtype}, but its settings require {precision}"
                "The file was changed, or written by another version of the library: write it again with this one"

    /// SHA-256 over all texts, except itself, and all tensors, by name.
    let private hashOf (metadata: Map<string, string>) (tensors: Map<string, Tensor>) : string =
        use hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256

        let add (text: string) =
            // The length before each text keeps adjacent texts distinct.
            hash.AppendData(BitConverter.GetBytes(Encoding.UTF8.GetByteCount text))
            hash.AppendData(Encoding.UTF8.GetBytes text)

        for KeyValue(key, value) in metadata do
            if key <> hashKey then
                add key
                add value

        for KeyValue(name, tensor) in tensors do
            StoredElement.ofTensor tensor
            |> Option.iter (fun element ->
                add name
                add element.Name
                add (String.Join(",", tensor.shape))
                hash.AppendData(StoredElement.bytes element tensor))

        Convert.ToHexStringLower(hash.GetHashAndReset())

    /// True if a matrix is stored column by column. Products of such matrices round differently.
    let private liesByColumns (tensor: Tensor) : bool =
        tensor.dim () = 2L
        && not (tensor.is_contiguous ())
        && (use turned = tensor.t ()
            turned.is_contiguous ())

    /// The same matrix, stored column by column. The caller owns it.
    let private byColumns (tensor: Tensor) : Tensor =
        Tensors.own (fun () -> tensor.t().contiguous().t())

    /// <summary>Writes a checkpoint; an existing file is replaced atomically.</summary>
    /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
    /// <param name="kind">The kind of content, a short text.</param>
    /// <param name="schema">The version of the layout of this kind, from 1.</param>
    /// <param name="options">The settings. JSON has no NaN and no infinity.</param>
    /// <param name="tensors">The tensors by name, real, of any layout and on any device. They are not changed.</param>
    /// <returns>
    /// An <c>InvalidSetting</c> error if a name is empty or repeated or a tensor is complex; <c>UnwritableFile</c>, with the old file unchanged, if the path cannot
    /// be written.
    /// </returns>
    let write
        (path: string)
        (kind: string)
        (schema: int)
        (options: JsonObject)
        (tensors: (string * Tensor) list)
        : Outcome<unit> =
        let columns =
            tensors
            |> List.filter (snd >> liesByColumns)
            |> List.map (fun (name, _) -> JsonValue.Create name)
            |> JsonSerializer.Serialize

        let metadata =
            Map
                [
                    kindKey, kind
                    schemaKey, string schema
                    libraryKey, library
                    optionsKey, options.ToJsonString()
                    columnsKey, columns
                ]

        Safetensors.write path (metadata.Add(hashKey, hashOf metadata (Map.ofList tensors))) tensors

    let private foreign (path: string) : Outcome<'T> =
        KoopmanError.fail
            ErrorKind.UnreadableFile
            $"Cannot read '{path}': it is a safetensors file, but not one of this library"
            "Give a file saved by this library; Safetensors.read reads any other"

    let private parsed (path: string) (text: string) : Outcome<JsonNode> =
        try
            // A name given twice would otherwise be an exception when the object is first looked at.
            match JsonNode.Parse(text, Nullable(), JsonDocumentOptions(AllowDuplicateProperties = false)) with
            | null -> foreign path
            | node -> Ok node
        with :? JsonException ->
            foreign path

    /// The same tensors, those with these names stored column by column.
    let private arranged (columns: JsonNode) (file: TensorFile) : TensorFile =
        let names = columns.AsArray() |> Seq.map string |> Set.ofSeq

        let arrange (name: string) (tensor: Tensor) : Tensor =
            if names.Contains name then
                use original = tensor
                byColumns original
            else
                tensor

        new TensorFile(file.Metadata, Map.map arrange file.Tensors)

    let private ofFile (path: string) (file: TensorFile) : Outcome<Checkpoint> =
        let text (key: string) : Outcome<string> =
            match file.Metadata.TryFind key with
            | Some value -> Ok value
            | None -> foreign path

        result {
            let! kind = text kindKey
            let! schema = text schemaKey
            let! library = text libraryKey
            let! options = text optionsKey
            let! columns = text columnsKey
            let! hash = text hashKey

            if hashOf file.Metadata file.Tensors <> hash then
                return!
                    KoopmanError.fail
                        ErrorKind.UnreadableFile
                        $"Cannot read '{path}': its content does not match its checksum, so it was changed or damaged"
                        "Copy it again from the original, or save the model again"

            let! options = parsed path options
            let! columns = parsed path columns

            match options, columns, Int32.TryParse schema with
            | (:? JsonObject as options), (:? JsonArray as columns), (true, schema) ->
                return new Checkpoint(kind, schema, library, options, arranged columns file)
            | _ -> return! foreign path
        }

    /// <summary>Reads a checkpoint of any kind.</summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// The checkpoint, which the caller disposes; or a <c>MissingFile</c> error, or <c>UnreadableFile</c> if the file is damaged, was
    /// changed since it was written, or is not of this library.
    /// </returns>
    let read (path: string) : Outcome<Checkpoint> =
        Safetensors.read path
        |> Result.bind (fun file ->
            ofFile path file
            |> Result.mapError (fun error ->
                (file :> IDisposable).Dispose()
                error))

    /// <summary>Reads a checkpoint of one kind.</summary>
    /// <param name="kind">The required kind.</param>
    /// <param name="schema">The newest version of its layout that the caller supports; older ones are accepted.</param>
    /// <param name="path">The file.</param>
    /// <returns>As <c>read</c>; also a <c>CheckpointMismatch</c> error if the file holds another kind or a newer layout.</returns>
    let readKind (kind: string) (schema: int) (path: string) : Outcome<Checkpoint> =
        read path
        |> Result.bind (fun checkpoint ->
            let refuse (cause: string) (remedy: string) : Outcome<Checkpoint> =
                (checkpoint :> IDisposable).Dispose()
                KoopmanError.fail ErrorKind.CheckpointMismatch cause remedy

            if checkpoint.Kind <> kind then
                refuse $"'{path}' holds a {checkpoint.Kind}, not a {kind}" $"Give a file that contains a {kind}"
            elif checkpoint.Schema > schema || checkpoint.Schema < 1 then
                refuse
                    $"'{path}' was written by version {checkpoint.Library} of the library in layout {checkpoint.Schema}, but this version ({library}) supports layouts up to {schema}"
                    "Use the version that wrote it, or a newer one"
            else
                Ok checkpoint)
