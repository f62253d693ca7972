namespace Koopman.Formats

open System
open System.Collections.Generic
open Koopman

/// A column of a binary table.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal TableColumn =
    /// Numbers; missing ones are NaN.
    | Numbers of float[]
    /// Texts; missing ones are null.
    | Words of (string | null)[]
    /// Whole units of time since any moment, of so many to the second.
    | Moments of int64 voption[] * perSecond: float

/// Tables of columns, as those of text files are.
[<RequireQualifiedAccess>]
module internal Columns =

    /// The parts of one column, in their order; there is at least one.
    let join (parts: TableColumn list) : TableColumn =
        let all (pick: TableColumn -> 'T[]) : 'T[] = parts |> List.map pick |> Array.concat

        match parts.Head with
        | TableColumn.Numbers _ ->
            TableColumn.Numbers(
                all (function
                    | TableColumn.Numbers values -> values
                    | _ -> [||])
            )
        | TableColumn.Words _ ->
            TableColumn.Words(
                all (function
                    | TableColumn.Words texts -> texts
                    | _ -> [||])
            )
        | TableColumn.Moments(_, perSecond) ->
            TableColumn.Moments(
                all (function
                    | TableColumn.Moments(units, _) -> units
                    | _ -> [||]),
                perSecond
            )

    /// The table; columns are named, and all of one length.
    let table (remarks: string list) (columns: (string * TableColumn) list) : Outcome<FileContent> =
        let words = Dictionary<int, string[]>()

        let values =
            columns
            |> List.mapi (fun index (_, column) ->
                match column with
                | TableColumn.Numbers values -> values
                | TableColumn.Moments(units, perSecond) ->
                    // From the first, so that nanoseconds since 1970 keep their digits.
                    let first = units |> Array.tryPick ValueOption.toOption |> Option.defaultValue 0L

                    units
                    |> Array.map (function
                        | ValueSome unit -> float (unit - first) / perSecond
                        | ValueNone -> nan)
                | TableColumn.Words texts ->
                    let known = Dictionary<string, float>()

                    let numbers =
                        texts
                        |> Array.map (fun text ->
                            match text with
                            | null -> nan
                            | text ->
                                match known.TryGetValue text with
                                | true, number -> number
                                | _ ->
                                    let number = float known.Count
                                    known.Add(text, number)
                                    number)

                    words[index] <- Array.ofSeq known.Keys
                    numbers)
            |> Array.ofList

        let rows, width = values[0].Length, values.Length

        NumericArray.create [| rows; width |] (Array.init (rows * width) (fun i -> values[i % width][i / width]))
        |> Result.map (fun array ->
            FileContent.Columns
                { Csv.table (columns |> List.map fst |> Array.ofList) array with
                    Words = words |> Seq.map (fun pair -> pair.Key, pair.Value) |> Map.ofSeq
                    Dates =
                        columns
                        |> List.indexed
                        |> List.choose (fun (index, (_, column)) ->
                            match column with
                            | TableColumn.Moments _ -> Some(index, [||])
                            | _ -> None)
                        |> Map.ofList
                    Remarks = remarks
                })
