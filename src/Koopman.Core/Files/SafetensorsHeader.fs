namespace Koopman

open System
open System.Text.Json

/// The place of a tensor in a file, in bytes from the end of the header.
[<NoComparison; NoEquality>]
type internal StoredTensor =
    {
        Name: string
        Element: StoredElement
        Shape: int64[]
        Start: int64
        End: int64
    }

/// The header of a safetensors file.
[<NoComparison; NoEquality>]
type internal SafetensorsHeader =
    {
        Metadata: Map<string, string>
        /// The tensors, in their order in the file.
        Tensors: StoredTensor list
    }

    /// The total size of the tensors in bytes.
    member this.DataLength: int64 =
        match List.tryLast this.Tensors with
        | Some last -> last.End
        | None -> 0L

/// Reads and writes the JSON header of a safetensors file.
[<RequireQualifiedAccess>]
module internal SafetensorsHeader =

    /// The key of the texts in the format.
    let metadataKey: string = "__metadata__"

    let unreadable (path: string) (reason: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.UnreadableFile $"Cannot read '{path}': {reason}" remedy

    let damaged (path: string) (reason: string) : Outcome<'T> =
        unreadable path reason "Copy or download the file again, or write it again"

    /// The error for a file whose first bytes belong to another format.
    let foreign (path: string) (start: byte[]) : Outcome<'T> =
        let kind =
            if start[..1] = "PK"B then
                "a zip archive, as .npz is"
            elif start[1..5] = "NUMPY"B then
                "a .npy file"
            elif
                start
                |> Array.forall (fun b -> (b >= 32uy && b < 127uy) || b = 9uy || b = 10uy || b = 13uy)
            then
                "text"
            else
                "something else"

        unreadable
            path
            $"it is not a safetensors file but {kind}: its header does not start with '{{'"
            "Give a file that this library has saved, or another safetensors file"

    let private whole (path: string) (name: string) (value: JsonElement) : Outcome<int64> =
        match value.ValueKind with
        | JsonValueKind.Number ->
            match value.TryGetInt64() with
            | true, number when number >= 0L -> Ok number
            | _ -> damaged path $"the header of tensor '{name}' holds the number {value.GetRawText()}"
        | _ -> damaged path $"the header of tensor '{name}' contains {value.GetRawText()} in place of a number"

    let private wholes (path: string) (name: string) (key: string) (entry: JsonElement) : Outcome<int64[]> =
        match entry.TryGetProperty key with
        | true, value when value.ValueKind = JsonValueKind.Array ->
            value.EnumerateArray()
            |> List.ofSeq
            |> Outcome.collect (whole path name)
            |> Result.map Array.ofList
        | _ -> damaged path $"the header of tensor '{name}' has no list '{key}'"

    let private elementOf (path: string) (name: string) (entry: JsonElement) : Outcome<StoredElement> =
        match entry.TryGetProperty "dtype" with
        | true, value when value.ValueKind = JsonValueKind.String ->
            let dtype = string (value.GetString())

            match StoredElement.byName dtype with
            | Some element -> Ok element
            | None ->
                unreadable
                    path
                    $"tensor '{name}' is of type {dtype}"
                    $"Convert it to one of {StoredElement.names} where the file was written"
        | _ -> damaged path $"the header of tensor '{name}' has no 'dtype'"

    /// The number of elements times their size, unless it exceeds the size of any file.
    let private byteCount (element: StoredElement) (shape: int64[]) : int64 option =
        (Some(int64 element.Size), shape)
        ||> Array.fold (fun product extent ->
            product
            |> Option.bind (fun product ->
                if extent > 0L && product > Int64.MaxValue / extent then
                    None
                else
                    Some(product * extent)))

    let private tensorOf (path: string) (name: string) (entry: JsonElement) : Outcome<StoredTensor> =
        if entry.ValueKind <> JsonValueKind.Object then
            damaged path $"the header of tensor '{name}' is not a JSON object"
        else
            result {
                let! element = elementOf path name entry
                let! shape = wholes path name "shape" entry
                let! offsets = wholes path name "data_offsets" entry

                match offsets, byteCount element shape with
                | [| start; finish |], Some length when finish >= start && finish - start = length ->
                    return
                        {
                            Name = name
                            Element = element
                            Shape = shape
                            Start = start
                            End = finish
                        }
                | _ ->
                    let extents, places = String.Join(", ", shape), String.Join(", ", offsets)

                    return!
                        damaged
                            path
                            $"tensor '{name}' of shape ({extents}) in {element.Name} does not fit its offsets [{places}]"
            }

    let private metadataOf (path: string) (entry: JsonElement) : Outcome<Map<string, string>> =
        let texts =
            if entry.ValueKind = JsonValueKind.Object then
                entry.EnumerateObject()
                |> Seq.map (fun property -> property.Name, property.Value)
                |> List.ofSeq
            else
                []

        if
            entry.ValueKind <> JsonValueKind.Object
            || texts |> List.exists (fun (_, value) -> value.ValueKind <> JsonValueKind.String)
        then
            damaged path $"its '{metadataKey}' is not an object of texts"
        else
            Ok(
                texts
                |> List.map (fun (key, value) -> key, string (value.GetString()))
                |> Map.ofList
            )

    /// Rejects tensors that overlap or leave gaps, as the format prescribes.
    let private inOrder (path: string) (tensors: StoredTensor list) : Outcome<StoredTensor list> =
        let sorted =
            tensors |> List.sortBy (fun tensor -> struct (tensor.Start, tensor.End))

        let ends = 0L :: (sorted |> List.map _.End)

        match
            List.zip (List.take sorted.Length ends) sorted
            |> List.tryFind (fun (before, tensor) -> tensor.Start <> before)
        with
        | Some(before, tensor) when tensor.Start < before ->
            damaged path $"tensor '{tensor.Name}' overlaps the one before it"
        | Some(before, tensor) ->
            damaged
                path
                $"there are {tensor.Start - before} bytes before tensor '{tensor.Name}' that belong to no tensor"
        | None -> Ok sorted

    let private ofDocument (path: string) (root: JsonElement) : Outcome<SafetensorsHeader> =
        let properties =
            root.EnumerateObject()
            |> Seq.map (fun property -> property.Name, property.Value)
            |> List.ofSeq

        result {
            let! metadata =
                match properties |> List.tryFind (fun (name, _) -> name = metadataKey) with
                | Some(_, entry) -> metadataOf path entry
                | None -> Ok Map.empty

            let! tensors =
                properties
                |> List.filter (fun (name, _) -> name <> metadataKey)
                |> Outcome.collect (fun (name, entry) -> tensorOf path name entry)

            let! sorted = inOrder path tensors

            return
                {
                    Metadata = metadata
                    Tensors = sorted
                }
        }

    /// The header from its JSON text in UTF-8, padding included.
    let parse (path: string) (text: byte[]) : Outcome<SafetensorsHeader> =
        try
            use document =
                JsonDocument.Parse(
                    ReadOnlyMemory text,
                    JsonDocumentOptions(AllowDuplicateProperties = false, MaxDepth = 8)
                )

            if document.RootElement.ValueKind = JsonValueKind.Object then
                ofDocument path document.RootElement
            else
                damaged path "its header is not a JSON object"
        with
        | :? JsonException -> damaged path "its header is not valid JSON, or names a tensor twice"
        // Invalid UTF-8 is detected on first access.
        | :? InvalidOperationException -> damaged path "its header is not valid UTF-8"

    /// The JSON text, padded with spaces so that the data start at a multiple of 8 bytes.
    let text (header: SafetensorsHeader) : byte[] =
        use buffer = new IO.MemoryStream()

        using (new Utf8JsonWriter(buffer)) (fun json ->
            let numbers (key: string) (values: int64 seq) =
                json.WriteStartArray key

                for value in values do
                    json.WriteNumberValue value

                json.WriteEndArray()

            json.WriteStartObject()

            if not header.Metadata.IsEmpty then
                json.WriteStartObject metadataKey

                for KeyValue(key, value) in header.Metadata do
                    json.WriteString(key, value)

                json.WriteEndObject()

            for tensor in header.Tensors do
                json.WriteStartObject tensor.Name
                json.WriteString("dtype", tensor.Element.Name)
                numbers "shape" tensor.Shape
                numbers "data_offsets" [ tensor.Start; tensor.End ]
                json.WriteEndObject()

            json.WriteEndObject())

        while buffer.Length % 8L <> 0L do
            buffer.WriteByte(byte ' ')

        buffer.ToArray()
