namespace Koopman.Formats

open System
open System.Buffers
open System.IO
open System.Text
open Apache.Arrow
open Apache.Arrow.Compression
open Apache.Arrow.Ipc
open Apache.Arrow.Memory
open Apache.Arrow.Types
open Koopman

/// Memory for the columns of one file: no more than a file of its length may unpack to.
[<Sealed>]
type private BoundedAllocator(path: string, length: int64) =
    inherit MemoryAllocator(64)

    let mutable taken = 0L

    override _.AllocateInternal(count: int, allocated: byref<int>) : IMemoryOwner<byte> =
        taken <- taken + int64 count

        if Files.isBomb length taken then
            Files.bomb path length taken |> Outcome.get

        allocated <- count
        let bytes = Array.zeroCreate<byte> count

        { new IMemoryOwner<byte> with
            member _.Memory = Memory bytes
          interface IDisposable with
              member _.Dispose() = ()
        }

/// Arrow's files (Feather version 2) and streams: the columns of a table that are not nested.
[<RequireQualifiedAccess>]
module internal ArrowFile =

    let private fileMagic: byte[] = "ARROW1"B

    /// A stream begins with a message, whose length is that of a schema.
    let private isStream (bytes: byte[]) : bool =
        Reading.startsWith 0 [| 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy |] bytes
        && bytes.Length > 8
        && BitConverter.ToInt32(bytes, 4) > 0
        && BitConverter.ToInt32(bytes, 4) < 16_777_216

    let isOpening (bytes: byte[]) : bool =
        Reading.startsWith 0 fileMagic bytes || isStream bytes

    let private numbers<'T
        when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType and 'T: equality and 'T :> IEquatable<'T>>
        (convert: 'T -> float)
        (array: PrimitiveArray<'T>)
        : float[] =
        Array.init array.Length (fun row ->
            let value = array.GetValue row
            if value.HasValue then convert value.Value else nan)

    let private perSecond (unit: TimeUnit) : float =
        match unit with
        | TimeUnit.Second -> 1.0
        | TimeUnit.Millisecond -> 1e3
        | TimeUnit.Microsecond -> 1e6
        | _ -> 1e9

    let private day: int64 = 86400L

    /// Not by GetString, which follows offsets that a damaged file holds to anywhere in memory.
    let private texts (array: StringArray) : (string | null)[] =
        Array.init array.Length (fun row ->
            if array.IsNull row then
                null
            else
                let first, next = array.ValueOffsets[row], array.ValueOffsets[row + 1]
                Encoding.UTF8.GetString(array.Values.Slice(first, next - first)))

    let private moments<'T
        when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType and 'T: equality and 'T :> IEquatable<'T>>
        (perSecond: float)
        (convert: 'T -> int64)
        (array: PrimitiveArray<'T>)
        : TableColumn =
        let units =
            Array.init array.Length (fun row ->
                let value = array.GetValue row

                if value.HasValue then
                    ValueSome(convert value.Value)
                else
                    ValueNone)

        TableColumn.Moments(units, perSecond)

    /// The places of words in a dictionary; NaN where a word is missing.
    let private indices (array: IArrowArray) : float[] =
        match array with
        | :? Int8Array as a -> numbers float a
        | :? Int16Array as a -> numbers float a
        | :? Int32Array as a -> numbers float a
        | :? Int64Array as a -> numbers float a
        | :? UInt8Array as a -> numbers float a
        | :? UInt16Array as a -> numbers float a
        | :? UInt32Array as a -> numbers float a
        | other -> Array.create other.Length nan

    let private columnOf (array: IArrowArray) : TableColumn option =
        match array with
        | :? DoubleArray as a -> Some(TableColumn.Numbers(numbers id a))
        | :? FloatArray as a -> Some(TableColumn.Numbers(numbers float a))
        | :? HalfFloatArray as a -> Some(TableColumn.Numbers(numbers float a))
        | :? Int64Array as a -> Some(TableColumn.Numbers(numbers float a))
        | :? Int32Array as a -> Some(TableColumn.Numbers(numbers float a))
        | :? Int16Array as a -> Some(TableColumn.Numbers(numbers float a))
        | :? Int8Array as a -> Some(TableColumn.Numbers(numbers float a))
        | :? UInt64Array as a -> Some(TableColumn.Numbers(numbers float a))
        | :? UInt32Array as a -> Some(TableColumn.Numbers(numbers float a))
        | :? UInt16Array as a -> Some(TableColumn.Numbers(numbers float a))
        | :? UInt8Array as a -> Some(TableColumn.Numbers(numbers float a))
        | :? BooleanArray as a ->
            Array.init a.Length (fun row ->
                let value = a.GetValue row

                if not value.HasValue then nan
                elif value.Value then 1.0
                else 0.0)
            |> TableColumn.Numbers
            |> Some
        | :? DurationArray as a ->
            let unit = perSecond (a.Data.DataType :?> DurationType).Unit
            Some(TableColumn.Numbers(numbers (fun value -> float value / unit) a))
        | :? TimestampArray as a -> Some(moments (perSecond (a.Data.DataType :?> TimestampType).Unit) id a)
        | :? Date32Array as a -> Some(moments 1.0 (fun (days: int) -> int64 days * day) a)
        | :? Date64Array as a -> Some(moments 1e3 id a)
        | :? StringArray as a -> Some(TableColumn.Words(texts a))
        | :? DictionaryArray as a ->
            match a.Dictionary with
            | :? StringArray as words ->
                let words = texts words

                indices a.Indices
                |> Array.map (fun index ->
                    if index >= 0.0 && index < float words.Length then
                        words[int index]
                    else
                        null)
                |> TableColumn.Words
                |> Some
            | _ -> None
        | _ -> None

    /// All batches, which the caller frees, and the schema.
    let private batches (path: string) (file: FileStream) : RecordBatch list * Schema =
        let codecs = CompressionCodecFactory()
        let memory = BoundedAllocator(path, file.Length)
        let opening = Array.zeroCreate<byte> 8
        file.ReadExactly(opening.AsSpan())
        file.Position <- 0L

        let all (reader: ArrowStreamReader) =
            let found = ResizeArray<RecordBatch>()
            let mutable next: RecordBatch | null = reader.ReadNextRecordBatch()

            while not (isNull next) do
                found.Add(nonNull next)
                next <- reader.ReadNextRecordBatch()

            List.ofSeq found, reader.Schema

        use reader =
            if Reading.startsWith 0 fileMagic opening then
                new ArrowFileReader(file, memory, codecs, true) :> ArrowStreamReader
            else
                new ArrowStreamReader(file, memory, codecs, true)

        all reader

    let private columnsOf
        (path: string)
        (length: int64)
        (found: RecordBatch list)
        (schema: Schema)
        : Outcome<FileContent> =
        let rows = found |> List.sumBy (fun batch -> int64 batch.Length)
        let fields = schema.FieldsList.Count

        // The numbers of rows are claims until here, and columns are as long as these say.
        let isRagged =
            found
            |> List.exists (fun batch ->
                Seq.init fields batch.Column
                |> Seq.exists (fun column -> column.Length <> batch.Length))

        Reading.bounded path length [ rows; int64 (max 1 fields) ]
        |> Result.bind (fun _ ->
            if isRagged then
                Reading.fail path "its columns differ in length" "Copy it again from the original, or write it again"
            else
                let columns =
                    [
                        for index, field in Seq.indexed schema.FieldsList ->
                            field.Name, found |> List.map (fun batch -> columnOf (batch.Column index))
                    ]

                let known, others = columns |> List.partition (snd >> List.forall Option.isSome)

                let left = others |> List.map (fun (name, _) -> name, "nested or binary")

                if rows = 0L || known.IsEmpty then
                    Reading.fail
                        path
                        ("it holds no rows of numbers"
                         + String.Join("", Reading.remarks left |> List.map (fun remark -> "; " + remark)))
                        "Write a table with one column for every coordinate"
                else
                    known
                    |> List.map (fun (name, parts) -> name, parts |> List.map Option.get |> Columns.join)
                    |> Columns.table (Reading.remarks left))

    let private parse (path: string) (file: FileStream) : Outcome<FileContent> =
        let length = file.Length
        let found, schema = batches path file

        try
            columnsOf path length found schema
        finally
            found |> List.iter _.Dispose()

    let read (path: string) : Outcome<FileContent> = Files.readBy "Arrow" path (parse path)
