namespace Koopman

open System
open System.Globalization
open System.Text
open System.Text.RegularExpressions

/// A line of a text file with its number, from 1.
type internal CsvLine = { Number: int; Text: string }

/// The content of a column, as its first field shows.
type internal CsvKind =
    | Numbers
    | Dates
    | Words

/// Single fields of a table in text.
module internal CsvField =

    let tryNumber (text: string) : float voption =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value -> ValueSome value
        | _ ->
            match text.ToLowerInvariant() with
            | "inf"
            | "+inf" -> ValueSome Double.PositiveInfinity
            | "-inf" -> ValueSome Double.NegativeInfinity
            | _ -> ValueNone

    let isNumber (text: string) : bool = (tryNumber text).IsSome

    /// True for what stands where no number was measured, other than NaN.
    let isMissing (text: string) : bool =
        match text.ToLowerInvariant() with
        | ""
        | "na"
        | "n/a"
        | "null"
        | "none" -> true
        | _ -> false

    let private isoDate =
        Regex(
            @"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s?(Z|[+-]\d\d:?\d\d)?)?$",
            RegexOptions.CultureInvariant
        )

    /// A date of ISO 8601; one without a zone is UTC.
    let tryDate (text: string) : DateTimeOffset voption =
        if text.Length >= 10 && Char.IsDigit text[0] && isoDate.IsMatch text then
            match
                DateTimeOffset.TryParse(
                    text.Replace(',', '.'),
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal
                )
            with
            | true, date -> ValueSome date
            | _ -> ValueNone
        else
            ValueNone

/// The arrangement of a table in text: its separator, its header, and the content of its columns.
[<NoComparison; NoEquality>]
type internal CsvLayout =
    {
        /// The fields of a line.
        Split: string -> string[]
        /// The names of the columns; empty if there is no header.
        Names: string[]
        Kinds: CsvKind[]
        /// True if 0,1 may be a number.
        DecimalCommas: bool
        Remarks: string list
    }

/// Finds the arrangement of a table in its first lines.
[<RequireQualifiedAccess>]
module internal CsvLayout =

    /// The number of lines that show the arrangement.
    let opening: int = 64

    /// The separator of numbers: one of a few characters, any run of blanks, or none if there is one column.
    type private Separator =
        | Character of char
        | Blanks
        | Nothing

    let private separatorOf (line: string) : Separator =
        match [ ';'; '\t'; ',' ] |> List.tryFind (fun candidate -> line.Contains candidate) with
        | Some found -> Character found
        | None when CsvField.isNumber line || (CsvField.tryDate line).IsSome -> Nothing
        | None when Seq.exists Char.IsWhiteSpace line -> Blanks
        | None -> Nothing

    /// The fields of a line. A separator between double quotes belongs to its field; the quotes do not.
    let private split (separator: Separator) (line: string) : string[] =
        match separator with
        | Nothing -> [| line.Trim().Trim '"' |]
        | Blanks -> line.Split(Array.empty<char>, StringSplitOptions.RemoveEmptyEntries)
        | Character character when not (line.Contains '"') -> line.Split(character, StringSplitOptions.TrimEntries)
        | Character character ->
            let fields = ResizeArray<string>()
            let field = StringBuilder()
            let mutable quoted = false

            for letter in line do
                if letter = '"' then
                    quoted <- not quoted
                elif letter = character && not quoted then
                    fields.Add(field.ToString().Trim())
                    field.Clear() |> ignore
                else
                    field.Append letter |> ignore

            fields.Add(field.ToString().Trim())
            fields.ToArray()

    let private isNumber (separator: Separator) (text: string) : bool =
        CsvField.isNumber text
        || (separator <> Character ',' && CsvField.isNumber (text.Replace(',', '.')))

    let private isMeasured (separator: Separator) (text: string) : bool =
        isNumber separator text || (CsvField.tryDate text).IsSome

    let private isWord (separator: Separator) (text: string) : bool =
        not (isMeasured separator text || CsvField.isMissing text)

    /// The first line may be a header, in which blanks can be part of a name: then the second line shows the separator.
    let private detect (first: string) (second: string option) : Separator =
        let own = separatorOf first

        match second with
        | Some line when not (Array.forall (isNumber own) (split own first)) -> separatorOf line
        | _ -> own

    /// The number of fields without an empty one at the end.
    let private withoutClosing (fields: string[]) : int =
        if Array.last fields = "" then
            fields.Length - 1
        else
            fields.Length

    /// The first line of the table: the header above the first row of numbers, if only text stands above it.
    let private startOf (lines: CsvLine[]) : int =
        let fits (k: int) =
            let rows = lines[k .. min (k + 2) (lines.Length - 1)] |> Array.map _.Text

            if rows.Length < 2 then
                false
            else
                let separator = separatorOf (Array.last rows)
                let fields = rows |> Array.map (split separator)
                let columns = fields[0].Length

                columns >= 2
                && fields
                   |> Array.forall (fun row -> row.Length = columns || withoutClosing row = withoutClosing fields[0])
                && Array.last fields |> Array.exists (isNumber separator)

        let isText (line: CsvLine) =
            let separator = separatorOf line.Text

            split separator line.Text
            |> Array.exists (fun field -> isWord separator field && field.Length > 0)

        match seq { 0 .. lines.Length - 1 } |> Seq.tryFind fits with
        | Some k when lines[.. k - 1] |> Array.forall isText -> k
        | _ -> 0

    /// The index that pandas writes has no name, and columns without names have their numbers.
    let private isNumbered (header: string[]) : bool =
        let numbers = header |> Array.filter CsvField.isNumber

        numbers.Length >= 2
        && numbers |> Array.indexed |> Array.forall (fun (k, name) -> name = string k)
        && header
           |> Array.exists (fun name -> not (CsvField.isNumber name) && (CsvField.tryDate name).IsNone)

    /// The layout, and the index of the first row of numbers among these lines, of which there is at least one.
    let ofOpening (lines: CsvLine[]) : CsvLayout * int =
        let start = startOf lines
        let table = lines[start..] |> Array.map _.Text
        let separator = detect table[0] (Array.tryItem 1 table)
        let plain = split separator

        // A separator at the end of every row closes it and opens no further column.
        let closing =
            match separator with
            | Character _ ->
                table.Length > 1
                && table |> Seq.skip 1 |> Seq.forall (fun line -> Array.last (plain line) = "")
                && (plain table[1]).Length > 1
            | _ -> false

        let split (line: string) =
            let fields = plain line

            if closing && fields.Length > 1 && Array.last fields = "" then
                Array.take (fields.Length - 1) fields
            else
                fields

        let header = split table[0]

        let isHeader =
            not (Array.exists (isMeasured separator) header)
            || (isNumbered header
                && table.Length > 1
                && Array.exists (isNumber separator) (split table[1]))

        let hasUnits =
            let second = table |> Array.tryItem 1 |> Option.map split
            let third = table |> Array.tryItem 2 |> Option.map split

            match second, third with
            | Some units, Some row when isHeader && units.Length = row.Length ->
                not (Array.exists (isMeasured separator) units)
                && Array.exists2 (fun unit field -> isWord separator unit && isMeasured separator field) units row
            | _ -> false

        let rows =
            table |> Array.skip ((if isHeader then 1 else 0) + (if hasUnits then 1 else 0))

        let kindOf (text: string) =
            if isWord separator text then
                Words
            elif not (isNumber separator text) && (CsvField.tryDate text).IsSome then
                Dates
            else
                Numbers

        // A field that is missing says nothing: the first one that is there does.
        let kinds =
            let fields = rows |> Array.map split

            let width = if rows.Length = 0 then header.Length else fields[0].Length

            Array.init width (fun column ->
                fields
                |> Seq.choose (Array.tryItem column)
                |> Seq.tryFind (CsvField.isMissing >> not)
                |> Option.map kindOf
                |> Option.defaultValue Numbers)

        let units =
            if not hasUnits then
                [||]
            else
                split table[1] |> Array.map (fun unit -> unit.Trim('[', ']', '(', ')'))

        let names =
            if not isHeader then
                [||]
            elif units.Length <> header.Length then
                header
            else
                Array.map2
                    (fun name unit ->
                        if unit = "" || CsvField.isMissing unit then
                            name
                        else
                            $"{name} [{unit}]")
                    header
                    units

        {
            Split = split
            Names = names
            Kinds = kinds
            DecimalCommas = separator <> Character ','
            Remarks =
                [
                    if start = 1 then
                        $"line {lines[0].Number} is skipped as text"
                    elif start > 1 then
                        $"lines {lines[0].Number} to {lines[start - 1].Number} are skipped as text"
                    if hasUnits then
                        "a row of units below the header"
                    if closing then
                        "separators at the ends of rows"
                ]
        },
        lines.Length - rows.Length
