namespace Koopman.Formats

open System
open System.IO
open System.Threading
open System.Threading.Tasks
open Koopman
open Parquet
open Parquet.Schema

/// Parquet: the columns of a table that are not nested.
[<RequireQualifiedAccess>]
module internal ParquetFile =

    let isOpening (bytes: byte[]) : bool = Reading.startsWith 0 "PAR1\021"B bytes

    let private wait (work: ValueTask) : unit = work.AsTask().GetAwaiter().GetResult()

    let private valuesOf<'T when 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (convert: 'T -> float)
        (group: ParquetRowGroupReader)
        (field: DataField)
        : float[] =
        let count = int group.RowCount

        if field.IsNullable then
            let values = Array.zeroCreate<Nullable<'T>> count

            group.ReadAsync<'T>(field, Memory values, Nullable(), CancellationToken.None)
            |> wait

            values
            |> Array.map (fun value -> if value.HasValue then convert value.Value else nan)
        else
            let values = Array.zeroCreate<'T> count

            group.ReadAsync<'T>(field, Memory values, Nullable(), CancellationToken.None)
            |> wait

            values |> Array.map convert

    let private moments (group: ParquetRowGroupReader) (field: DataField) : TableColumn =
        let count = int group.RowCount
        let perSecond = float TimeSpan.TicksPerSecond

        if field.IsNullable then
            let values = Array.zeroCreate<Nullable<DateTime>> count

            group.ReadAsync<DateTime>(field, Memory values, Nullable(), CancellationToken.None)
            |> wait

            TableColumn.Moments(
                values
                |> Array.map (fun value ->
                    if value.HasValue then
                        ValueSome value.Value.Ticks
                    else
                        ValueNone),
                perSecond
            )
        else
            let values = Array.zeroCreate<DateTime> count

            group.ReadAsync<DateTime>(field, Memory values, Nullable(), CancellationToken.None)
            |> wait

            TableColumn.Moments(values |> Array.map (_.Ticks >> ValueSome), perSecond)

    /// How a column of this type is read: a part of it in each group of rows.
    let private reader (field: DataField) : (ParquetRowGroupReader -> TableColumn) option =
        let numbers (read: ParquetRowGroupReader -> DataField -> float[]) =
            Some(fun group -> TableColumn.Numbers(read group field))

        match field.ClrType with
        | _ when field.IsArray -> None
        | t when t = typeof<float> -> numbers (valuesOf<float> id)
        | t when t = typeof<float32> -> numbers (valuesOf<float32> float)
        | t when t = typeof<int64> -> numbers (valuesOf<int64> float)
        | t when t = typeof<int32> -> numbers (valuesOf<int32> float)
        | t when t = typeof<int16> -> numbers (valuesOf<int16> float)
        | t when t = typeof<sbyte> -> numbers (valuesOf<sbyte> float)
        | t when t = typeof<uint64> -> numbers (valuesOf<uint64> float)
        | t when t = typeof<uint32> -> numbers (valuesOf<uint32> float)
        | t when t = typeof<uint16> -> numbers (valuesOf<uint16> float)
        | t when t = typeof<byte> -> numbers (valuesOf<byte> float)
        | t when t = typeof<bool> -> numbers (valuesOf<bool>(fun value -> if value then 1.0 else 0.0))
        | t when t = typeof<decimal> -> numbers (valuesOf<decimal> float)
        | t when t = typeof<TimeSpan> -> numbers (valuesOf<TimeSpan> _.TotalSeconds)
        | t when t = typeof<DateTime> -> Some(fun group -> moments group field)
        | t when t = typeof<string> ->
            Some(fun group ->
                let texts = Array.zeroCreate<string>(int group.RowCount)
                group.ReadAsync(field, Memory texts, Nullable(), CancellationToken.None) |> wait
                TableColumn.Words(texts |> Array.map (fun text -> text)))
        | _ -> None

    /// The first page of a part of a column, as Parquet.Net finds it.
    let private startOf (chunk: Meta.ColumnMetaData) : int64 =
        [
            chunk.DataPageOffset
            chunk.DictionaryPageOffset.GetValueOrDefault()
            chunk.IndexPageOffset.GetValueOrDefault()
        ]
        |> List.filter (fun offset -> offset <> 0L)
        |> function
            | [] -> 0L
            | offsets -> List.min offsets

    let private parse (path: string) (file: FileStream) : Outcome<FileContent> =
        ParquetLayout.checkFooter file
        use window = new Window(file)

        let reader' =
            ParquetReader.CreateAsync(window, ParquetOptions(), true, CancellationToken.None).GetAwaiter().GetResult()

        try
            let groups = List.ofSeq reader'.RowGroups
            let fields = reader'.Schema.DataFields |> List.ofArray

            let known, others =
                fields
                |> List.map (fun field -> field.Path.ToString(), field, reader field)
                |> List.partition (fun (_, field, read) -> read.IsSome && field.Path.Length = 1)

            let left = others |> List.map (fun (name, _, _) -> name, "nested or binary")

            result {
                let rows = groups |> List.sumBy _.RowCount
                let! _ = Reading.bounded path file.Length [ rows; int64 (max 1 known.Length) ]

                // The number of rows is stored with each group and with each of its columns.
                let isWrong (group: ParquetRowGroupReader) =
                    group.RowCount < 0L
                    || known
                       |> List.exists (fun (_, field, _) ->
                           match group.GetMetadata field with
                           | null -> true
                           | chunk -> isNull chunk.MetaData || (nonNull chunk.MetaData).NumValues <> group.RowCount)

                if groups |> List.exists isWrong then
                    return! Reading.damaged path "the rows of its groups and of their columns differ"
                elif rows = 0L || known.IsEmpty then
                    return!
                        Reading.fail
                            path
                            ("it holds no rows of numbers"
                             + String.Join("", Reading.remarks left |> List.map (fun remark -> "; " + remark)))
                            "Write a table with one column for every coordinate"
                else
                    // Parts of columns do not overlap: together they are no longer than the file.
                    let mutable free = file.Length

                    let part
                        (field: DataField)
                        (read: ParquetRowGroupReader -> TableColumn)
                        (group: ParquetRowGroupReader)
                        =
                        let start = startOf (nonNull (nonNull (group.GetMetadata field)).MetaData)

                        if group.RowCount > 0L then
                            window.Until <- ParquetLayout.endOfPages path file start group.RowCount
                            free <- free - (window.Until - start)

                        if free < 0L then
                            raise (InvalidDataException "its columns overlap")

                        read group

                    return!
                        known
                        |> List.map (fun (name, field, read) ->
                            name, groups |> List.map (part field (Option.get read)) |> Columns.join)
                        |> Columns.table (Reading.remarks left)
            }
        finally
            reader'.DisposeAsync() |> wait

    let read (path: string) : Outcome<FileContent> =
        Files.readBy "Parquet" path (parse path)
