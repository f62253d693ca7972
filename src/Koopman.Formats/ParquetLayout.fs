namespace Koopman.Formats

open System
open System.Collections.Generic
open System.IO
open Koopman

/// The type of a value in Thrift's compact protocol, and the fields of a structure by their numbers.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal ThriftShape =
    | Flag
    | Byte
    | Int16
    | Int32
    | Int64
    | Double
    | Bytes
    | List of ThriftShape
    | Structure of name: string * fields: (int * ThriftShape) list

/// Reads structures of known shapes and raises an InvalidDataException where a file holds others.
/// Called for each integer with the name of its structure, its field and its value, and with field 0 at the end of each structure.
type internal ThriftWalk(file: Stream, until: int64, note: string -> int -> int64 -> unit) =

    let damaged (what: string) : 'T = raise (InvalidDataException what)

    let readByte () : byte =
        if file.Position >= until then
            damaged "its metadata is cut off"

        match file.ReadByte() with
        | -1 -> damaged "its metadata is cut off"
        | value -> byte value

    let varint () : uint64 =
        let mutable value, shift, more = 0UL, 0, true

        while more do
            let next = readByte ()

            if shift > 63 || (shift = 63 && next > 1uy) then
                damaged "a number in its metadata is too long"

            value <- value ||| (uint64 (next &&& 0x7Fuy) <<< shift)
            shift <- shift + 7
            more <- next >= 0x80uy

        value

    let integer (bits: int) : int64 =
        let coded = varint ()

        if bits < 64 && coded >>> bits <> 0UL then
            damaged "a number in its metadata is too large"

        int64 (coded >>> 1) ^^^ -(int64 (coded &&& 1UL))

    let skip (count: uint64) : unit =
        if count > uint64 (until - file.Position) then
            damaged "a length in its metadata exceeds the rest of it"

        file.Seek(int64 count, SeekOrigin.Current) |> ignore

    let listHead () : struct (int * int) =
        let head = readByte ()
        let size = if head >= 0xF0uy then varint () else uint64 (head >>> 4)

        // Each element has at least one byte.
        if size > uint64 (until - file.Position) then
            damaged "a list in its metadata exceeds the rest of it"

        struct (int size, int (head &&& 0x0Fuy))

    let fits (shape: ThriftShape) (code: int) : bool =
        match shape with
        | ThriftShape.Flag -> code = 1 || code = 2
        | ThriftShape.Byte -> code = 3
        | ThriftShape.Int16
        | ThriftShape.Int32
        | ThriftShape.Int64 -> code >= 4 && code <= 6
        | ThriftShape.Double -> code = 7
        | ThriftShape.Bytes -> code = 8
        | ThriftShape.List _ -> code = 9
        | ThriftShape.Structure _ -> code = 12

    /// Only what Parquet.Net can leave out too: it does not look into structures and lists of what it does not know.
    let rec leave (isNested: bool) (code: int) : unit =
        match code with
        | 1
        | 2 when not isNested -> ()
        | 3 -> skip 1UL
        | 4 -> integer 16 |> ignore
        | 5 -> integer 32 |> ignore
        | 6 -> integer 64 |> ignore
        | 7 -> skip 8UL
        | 8 -> skip (varint ())
        | 12 when readByte () = 0uy -> ()
        | 9 when not isNested ->
            let struct (size, element) = listHead ()

            for _ in 1..size do
                leave true element
        | _ -> damaged "its metadata has fields of an unknown kind"

    let rec value (name: string) (id: int) (shape: ThriftShape) : unit =
        match shape with
        | ThriftShape.Flag -> ()
        | ThriftShape.Byte -> skip 1UL
        | ThriftShape.Int16 -> note name id (integer 16)
        | ThriftShape.Int32 -> note name id (integer 32)
        | ThriftShape.Int64 -> note name id (integer 64)
        | ThriftShape.Double -> skip 8UL
        | ThriftShape.Bytes ->
            let length = varint ()

            if length > uint64 Array.MaxLength then
                damaged "a length in its metadata exceeds the rest of it"

            skip length
        | ThriftShape.List element ->
            let struct (size, code) = listHead ()

            if size > 0 && not (fits element code) then
                damaged "a list in its metadata has elements of a wrong kind"

            for _ in 1..size do
                value name id element
        | ThriftShape.Structure(inner, fields) -> structure inner fields

    and structure (name: string) (fields: (int * ThriftShape) list) : unit =
        let seen = HashSet<int>()
        let mutable last = 0
        let mutable head = readByte ()

        while head <> 0uy do
            let id =
                match int (head >>> 4) with
                | 0 -> int (integer 16)
                | step -> last + step

            let code = int (head &&& 0x0Fuy)

            if id > int Int16.MaxValue || not (seen.Add id) then
                damaged "its metadata has a field twice"

            last <- id

            match fields |> List.tryFind (fun (known, _) -> known = id) with
            | None -> leave false code
            | Some(_, shape) when fits shape code -> value name id shape
            | Some _ -> damaged "its metadata has a field of a wrong kind"

            head <- readByte ()

        note name 0 0L

    /// Reads one value from where the file stands.
    member _.Read(shape: ThriftShape) : unit = value "" 0 shape

/// The part of a file in which a reader may look. Where it goes on beyond, it is stopped: a reader that takes the end of a file for
/// more of it might never end.
type internal Window(file: FileStream) =
    inherit Stream()

    let mutable until = file.Length

    let room (count: int) : int =
        let left = until - file.Position

        if count > 0 && left <= 0L then
            raise (InvalidDataException "its pages hold fewer values than they claim")

        int (min left (int64 count))

    /// The first byte beyond; at first that after the last of the file.
    member _.Until
        with get () = until
        and set (value: int64) = until <- value

    override _.CanRead = true
    override _.CanSeek = true
    override _.CanWrite = false
    override _.Length = file.Length

    override _.Position
        with get () = file.Position
        and set (value: int64) = file.Position <- value

    override _.Flush() = ()
    override _.Seek(offset: int64, origin: SeekOrigin) = file.Seek(offset, origin)
    override _.SetLength(_: int64) = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) = raise (NotSupportedException())

    override _.Read(buffer: byte[], offset: int, count: int) = file.Read(buffer, offset, room count)

    override _.ReadByte() =
        room 1 |> ignore
        file.ReadByte()

/// The layout of a Parquet file, checked before Parquet.Net reads it, which might not end on a damaged one.
[<RequireQualifiedAccess>]
module internal ParquetLayout =

    let private damaged (what: string) : 'T = raise (InvalidDataException what)

    let private empty (name: string) : ThriftShape = ThriftShape.Structure(name, [])

    let private structure (name: string) (fields: (int * ThriftShape) list) : ThriftShape =
        ThriftShape.Structure(name, fields)

    let private many (shape: ThriftShape) (ids: int list) : (int * ThriftShape) list =
        ids |> List.map (fun id -> id, shape)

    let private numbers = many ThriftShape.Int32
    let private longs = many ThriftShape.Int64
    let private bytes = many ThriftShape.Bytes
    let private flags = many ThriftShape.Flag

    // The structures of parquet.thrift, format version 2.12, as far as a footer or the header of a page can hold them.

    let private statistics =
        structure "Statistics" (bytes [ 1; 2; 5; 6 ] @ longs [ 3; 4 ] @ flags [ 7; 8 ])

    let private time =
        structure
            "Time"
            [
                1, ThriftShape.Flag
                2, structure "TimeUnit" (many (empty "Unit") [ 1; 2; 3 ])
            ]

    let private logicalType =
        structure
            "LogicalType"
            (many (empty "Type") [ 1; 2; 3; 4; 6; 11; 12; 13; 14; 15 ]
             @ many time [ 7; 8 ]
             @ [
                 5, structure "DecimalType" (numbers [ 1; 2 ])
                 10, structure "IntType" [ 1, ThriftShape.Byte; 2, ThriftShape.Flag ]
                 16, structure "VariantType" [ 1, ThriftShape.Byte ]
                 17, structure "GeometryType" (bytes [ 1 ])
                 18, structure "GeographyType" (bytes [ 1 ] @ numbers [ 2 ])
             ])

    let private schemaElement =
        structure "SchemaElement" (numbers [ 1; 2; 3; 5; 6; 7; 8; 9 ] @ [ 4, ThriftShape.Bytes; 10, logicalType ])

    let private keyValue = structure "KeyValue" (bytes [ 1; 2 ])

    let private listOf (shape: ThriftShape) : ThriftShape = ThriftShape.List shape

    let private columnMetaData =
        structure
            "ColumnMetaData"
            (numbers [ 1; 4; 15 ]
             @ longs [ 5; 6; 7; 9; 10; 11; 14 ]
             @ [
                 2, listOf ThriftShape.Int32
                 3, listOf ThriftShape.Bytes
                 8, listOf keyValue
                 12, statistics
                 13, listOf (structure "PageEncodingStats" (numbers [ 1; 2; 3 ]))
                 16, structure "SizeStatistics" (longs [ 1 ] @ many (listOf ThriftShape.Int64) [ 2; 3 ])
                 17,
                 structure
                     "GeospatialStatistics"
                     [
                         1, structure "BoundingBox" (many ThriftShape.Double [ 1..8 ])
                         2, listOf ThriftShape.Int32
                     ]
             ])

    let private columnChunk =
        structure
            "ColumnChunk"
            (bytes [ 1; 9 ]
             @ longs [ 2; 4; 6 ]
             @ numbers [ 5; 7 ]
             @ [
                 3, columnMetaData
                 8,
                 structure
                     "ColumnCryptoMetaData"
                     [
                         1, empty "EncryptionWithFooterKey"
                         2, structure "EncryptionWithColumnKey" [ 1, listOf ThriftShape.Bytes; 2, ThriftShape.Bytes ]
                     ]
             ])

    let private rowGroup =
        structure
            "RowGroup"
            (longs [ 2; 3; 5; 6 ]
             @ [
                 1, listOf columnChunk
                 4, listOf (structure "SortingColumn" (numbers [ 1 ] @ flags [ 2; 3 ]))
                 7, ThriftShape.Int16
             ])

    let private fileMetaData =
        let cipher = structure "Cipher" (bytes [ 1; 2 ] @ flags [ 3 ])

        structure
            "FileMetaData"
            (bytes [ 6; 9 ]
             @ [
                 1, ThriftShape.Int32
                 2, listOf schemaElement
                 3, ThriftShape.Int64
                 4, listOf rowGroup
                 5, listOf keyValue
                 7, listOf (structure "ColumnOrder" [ 1, empty "TypeDefinedOrder" ])
                 8, structure "EncryptionAlgorithm" (many cipher [ 1; 2 ])
             ])

    let private pageHeader =
        structure
            "PageHeader"
            (numbers [ 1; 2; 3; 4 ]
             @ [
                 5, structure "DataPageHeader" (numbers [ 1; 2; 3; 4 ] @ [ 5, statistics ])
                 6, empty "IndexPageHeader"
                 7, structure "DictionaryPageHeader" (numbers [ 1; 2 ] @ flags [ 3 ])
                 8, structure "DataPageHeaderV2" (numbers [ 1; 2; 3; 4; 5; 6 ] @ [ 7, ThriftShape.Flag; 8, statistics ])
             ])

    let private deepest: int = 100

    /// The schema lists a tree in depth first, each node with the number of its children.
    let private checkTree (children: List<int>) : unit =
        let left = Stack<int>()
        left.Push 1

        for count in children do
            while left.Count > 0 && left.Peek() = 0 do
                left.Pop() |> ignore

            if left.Count = 0 || left.Count > deepest || count < 0 || count > children.Count then
                damaged "its schema is no tree"

            left.Push(left.Pop() - 1)
            left.Push count

        if left |> Seq.exists (fun count -> count > 0) then
            damaged "its schema is cut off"

    /// Raises an InvalidDataException if the footer, which ends a file and holds the schema and the places of the columns, is malformed.
    let checkFooter (file: FileStream) : unit =
        let tail = Array.zeroCreate<byte> 8

        if file.Length < 12L then
            damaged "it is cut off"

        file.Seek(-8L, SeekOrigin.End) |> ignore
        file.ReadExactly(tail, 0, 8)
        let length = int64 (BitConverter.ToInt32(tail, 0))

        if not (Reading.startsWith 4 "PAR1"B tail) then
            damaged "its end is not that of a Parquet file"

        if length <= 0L || length > file.Length - 12L then
            damaged "the length of its footer exceeds that of the file"

        let children = List<int>()
        let mutable next = 0

        let walk =
            ThriftWalk(
                file,
                file.Length - 8L,
                fun name id value ->
                    match name, id with
                    | "SchemaElement", 5 -> next <- int value
                    | "SchemaElement", 0 ->
                        children.Add next
                        next <- 0
                    | _ -> ()
            )

        file.Seek(-8L - length, SeekOrigin.End) |> ignore
        walk.Read fileMetaData
        checkTree children

    /// The first byte after the pages of a column, which begin here and hold so many values.
    /// Raises an InvalidDataException if they are malformed.
    let endOfPages (path: string) (file: FileStream) (start: int64) (values: int64) : int64 =
        if start < 4L || start >= file.Length then
            damaged "a column begins beyond the file"

        let mutable position, found, size = start, 0L, 0L

        while found < values do
            let mutable kind, unpacked, packed, words = -1L, -1L, -1L, 0L
            // Of pages of both versions of the format.
            let mutable count, count2, nulls = 0L, 0L, 0L

            let walk =
                ThriftWalk(
                    file,
                    file.Length,
                    fun name id value ->
                        match name, id with
                        | "PageHeader", 1 -> kind <- value
                        | "PageHeader", 2 -> unpacked <- value
                        | "PageHeader", 3 -> packed <- value
                        | "DictionaryPageHeader", 1 -> words <- value
                        | "DataPageHeader", 1 -> count <- value
                        | "DataPageHeaderV2", 1 -> count2 <- value
                        | "DataPageHeaderV2", 2 -> nulls <- value
                        | _ -> ()
                )

            file.Position <- position
            walk.Read pageHeader

            if packed < 0L || packed > file.Length - file.Position then
                damaged "a page exceeds the file"

            if List.exists (fun number -> number < 0L) [ unpacked; words; count; count2; nulls; count2 - nulls ] then
                damaged "a size of a page is negative"

            // Entries of a dictionary take up to 16 bytes.
            size <- size + max unpacked (16L * words)

            if Files.isBomb file.Length size then
                Files.bomb path file.Length size |> Outcome.get

            found <-
                match kind with
                | 0L -> found + count
                | 3L -> found + count2
                | _ -> found

            position <- file.Position + packed

        if found > values then
            damaged "its pages hold more values than its columns"

        position
