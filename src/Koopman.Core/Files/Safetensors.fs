namespace Koopman

open System
open System.Buffers.Binary
open System.IO

/// <summary>The tensors and texts of a safetensors file. It owns the tensors.</summary>
[<Sealed>]
type TensorFile internal (metadata: Map<string, string>, tensors: Map<string, Tensor>) =

    /// <summary>The texts under <c>__metadata__</c>.</summary>
    member _.Metadata: Map<string, string> = metadata

    /// <summary>The tensors by name, on the CPU. Owned by this object.</summary>
    member _.Tensors: Map<string, Tensor> = tensors

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            for KeyValue(_, tensor) in tensors do
                tensor.Dispose()

/// <summary>
/// Reads and writes safetensors files: eight bytes with the length of a JSON header, the header, and the numbers of all tensors in
/// row-major order, little-endian. Python reads them with <c>safetensors.torch.load_file</c>. No code in such a file is ever executed.
/// </summary>
[<RequireQualifiedAccess>]
module Safetensors =

    /// The format's own limit for the header.
    let private longestHeader: int64 = 100_000_000L

    let private readBytes (stream: Stream) (count: int64) : byte[] =
        let bytes = Array.zeroCreate<byte>(int count)
        stream.ReadExactly(bytes.AsSpan())
        bytes

    let private parseHeader (path: string) (stream: Stream) : Outcome<SafetensorsHeader> =
        result {
            if stream.Length < 8L then
                return! SafetensorsHeader.damaged path $"it has {stream.Length} bytes, too few for a safetensors file"

            let start = readBytes stream 8L
            let length = BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan start)
            let next = stream.ReadByte()

            // A file of another kind is named before its first bytes are taken for a length.
            if next >= 0 && next <> int '{' && length <> 0UL then
                return! SafetensorsHeader.foreign path start

            stream.Position <- 8L

            if length > uint64 longestHeader || int64 length > stream.Length - 8L then
                return!
                    SafetensorsHeader.damaged
                        path
                        $"it is truncated or not a safetensors file: it claims a header of {length} bytes, and {stream.Length - 8L} follow"

            let text = readBytes stream (int64 length)

            if text.Length = 0 || text[0] <> byte '{' then
                return!
                    SafetensorsHeader.damaged path "it is not a safetensors file: its header does not start with '{'"

            return! SafetensorsHeader.parse path text
        }

    let private checkLengths (path: string) (stream: Stream) (header: SafetensorsHeader) : Outcome<unit> =
        let present = stream.Length - stream.Position

        if present <> header.DataLength then
            SafetensorsHeader.damaged
                path
                $"its tensors need {header.DataLength} bytes, but {present} follow the header"
        else
            match
                header.Tensors
                |> List.tryFind (fun tensor -> tensor.End - tensor.Start > int64 Array.MaxLength)
            with
            | Some tensor ->
                SafetensorsHeader.unreadable
                    path
                    $"tensor '{tensor.Name}' has {tensor.End - tensor.Start} bytes"
                    "Split it into tensors below 2 GB where the file was written"
            | None -> Ok()

    let private readTensor (path: string) (stream: Stream) (stored: StoredTensor) : Outcome<Tensor> =
        let bytes = readBytes stream (stored.End - stored.Start)

        if stored.Element.Name = "BOOL" && bytes |> Array.exists (fun b -> b > 1uy) then
            SafetensorsHeader.damaged path $"boolean tensor '{stored.Name}' contains bytes other than 0 and 1"
        else
            Ok(StoredElement.tensor stored.Element stored.Shape bytes)

    let private readTensors (path: string) (stream: Stream) (header: SafetensorsHeader) : Outcome<TensorFile> =
        let read = ResizeArray<string * Tensor>()

        let next (stored: StoredTensor) =
            readTensor path stream stored
            |> Result.map (fun tensor -> read.Add((stored.Name, tensor)))

        let release () =
            for _, tensor in read do
                tensor.Dispose()

        try
            match header.Tensors |> Outcome.collect next with
            | Ok _ -> Ok(new TensorFile(header.Metadata, Map.ofSeq read))
            | Error error ->
                release ()
                Error error
        with _ ->
            release ()
            reraise ()

    let private parse (path: string) (source: Stream) : Outcome<TensorFile> =
        // The header can be checked against the length of the file only if that is known.
        use unpacked = new MemoryStream()

        let stream: Stream =
            if source.CanSeek then
                source
            else
                source.CopyTo unpacked
                unpacked.Position <- 0L
                unpacked

        result {
            let! header = parseHeader path stream
            do! checkLengths path stream header
            return! readTensors path stream header
        }

    /// <summary>Reads a whole safetensors file.</summary>
    /// <param name="path">The file; gzip is undone on the way.</param>
    /// <returns>
    /// Its tensors, which the caller disposes; or a <c>MissingFile</c> error, or <c>UnreadableFile</c> if the file is truncated, damaged, of another
    /// format, or contains a number type that libtorch lacks (unsigned ones above 8 bits, floats of 8 bits, complex).
    /// </returns>
    let read (path: string) : Outcome<TensorFile> = Files.read path (parse path)

    let private checkNames (path: string) (tensors: (string * Tensor) list) : Outcome<unit> =
        let names = tensors |> List.map fst

        match names |> List.countBy id |> List.tryFind (fun (_, count) -> count > 1) with
        | Some(name, _) ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"Two tensors for '{path}' are named '{name}'"
                "Give every tensor a unique name"
        | None when
            names
            |> List.exists (fun name -> name = "" || name = SafetensorsHeader.metadataKey)
            ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"A tensor for '{path}' has no name, or the name {SafetensorsHeader.metadataKey}"
                "Give every tensor another name"
        | None -> Ok()

    let private elementOf (path: string) (name: string, tensor: Tensor) : Outcome<StoredElement> =
        match StoredElement.ofTensor tensor with
        | Some element -> Ok element
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"Tensor '{name}' for '{path}' is {tensor.dtype}, which safetensors files cannot store"
                $"Convert it to one of {StoredElement.names}; store the two parts of complex numbers as two tensors"

    let private place (parts: (string * Tensor * StoredElement) list) : StoredTensor list =
        (0L, parts)
        ||> List.mapFold (fun start (name, tensor, element) ->
            let finish = start + tensor.numel () * int64 element.Size

            {
                Name = name
                Element = element
                Shape = tensor.shape
                Start = start
                End = finish
            },
            finish)
        |> fst

    /// <summary>Writes a safetensors file; an existing file is replaced atomically. The same content gives the same bytes.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="metadata">Texts for <c>__metadata__</c>.</param>
    /// <param name="tensors">Names and tensors, of any layout and on any device. They are ordered by decreasing size of their numbers, then by name,
    /// so that every tensor is aligned.</param>
    /// <returns>
    /// An <c>InvalidSetting</c> error if a name is empty or repeated or a tensor is complex; <c>UnwritableFile</c>, with the old file
    /// unchanged, if the path cannot be written.
    /// </returns>
    let write (path: string) (metadata: Map<string, string>) (tensors: (string * Tensor) list) : Outcome<unit> =
        result {
            do! checkNames path tensors

            let! parts =
                tensors
                |> Outcome.collect (fun (name, tensor) ->
                    elementOf path (name, tensor)
                    |> Result.map (fun element -> name, tensor, element))

            let sorted =
                parts
                |> List.sortWith (fun (a, _, x) (b, _, y) ->
                    if x.Size <> y.Size then
                        compare y.Size x.Size
                    else
                        String.CompareOrdinal(a, b))

            let text =
                SafetensorsHeader.text
                    {
                        Metadata = metadata
                        Tensors = place sorted
                    }

            return!
                Files.writeAtomically path (fun stream ->
                    let length = Array.zeroCreate<byte> 8
                    BinaryPrimitives.WriteUInt64LittleEndian(length.AsSpan(), uint64 text.Length)
                    stream.Write(ReadOnlySpan length)
                    stream.Write(ReadOnlySpan text)

                    for _, tensor, element in sorted do
                        stream.Write(ReadOnlySpan(StoredElement.bytes element tensor)))
        }
