namespace Koopman

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Text

/// <summary>A table of numbers whose columns may have names.</summary>
[<NoComparison>]
type internal CsvTable =
    {
        /// <summary>The names of the columns, left to right; empty if the file has no header.</summary>
        Columns: string[]
        /// <summary>The numbers, rows x columns; a missing one is NaN, a text the index of its word.</summary>
        Values: NumericArray
        /// <summary>The words of columns of text, by the index of the column.</summary>
        Words: Map<int, string[]>
        /// <summary>The dates as they are written, by the index of their column, which is read as seconds from the first of them.</summary>
        Dates: Map<int, string[]>
        /// <summary>The line of each row in the file, from 1; empty for a table that comes from no file.</summary>
        Lines: int[]
        /// <summary>What was understood of the text, in words: lines above the header, units, decimal commas.</summary>
        Remarks: string list
    }

/// <summary>Reads and writes tables of numbers as text.</summary>
/// <remarks>Numbers are written in the invariant culture, with a decimal point. Text after <c>#</c> and blank lines are skipped.</remarks>
[<RequireQualifiedAccess>]
module internal Csv =

    /// <summary>A table of numbers with these names, or none.</summary>
    let table (columns: string[]) (values: NumericArray) : CsvTable =
        {
            Columns = columns
            Values = values
            Words = Map.empty
            Dates = Map.empty
            Lines = [||]
            Remarks = []
        }

    let private unreadable (cause: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.UnreadableFile cause remedy

    let private noNumbers (path: string) (what: string) : Outcome<'T> =
        unreadable
            $"'{path}' {what}"
            "Give a text file with one row of numbers per line, or a .npy file with that extension"

    /// The non-empty lines, with their line numbers from 1.
    let private contentLines (reader: TextReader) : seq<CsvLine> =
        Seq.unfold (fun () -> reader.ReadLine() |> Option.ofObj |> Option.map (fun line -> line, ())) ()
        |> Seq.mapi (fun index line ->
            let comment = line.IndexOf '#'
            let content = if comment < 0 then line else line.Substring(0, comment)

            {
                Number = index + 1
                // Only blanks, since a tab at the end is an empty field.
                Text = content.Trim ' '
            })
        |> Seq.filter (fun line -> not (String.IsNullOrWhiteSpace line.Text))

    let private shown (text: string) : string =
        let printable =
            String.map (fun letter -> if Char.IsControl letter then '?' else letter) text

        if printable.Length > 40 then
            printable.Substring(0, 40) + "..."
        else
            printable

    let private notANumber (path: string) (line: int) (column: int) (text: string) =
        let remedy =
            if text.Contains ',' && CsvField.isNumber (text.Replace(',', '.')) then
                "Write decimals with a point, as in 1.5, or all of them with a comma and the columns apart by semicolons"
            else
                "Correct the field, or put # before lines that are comments"

        unreadable $"'{path}', line {line}: column {column} is '{shown text}', which is not a number" remedy

    let private ragged (path: string) (line: int) (expected: int) (fields: string[]) =
        unreadable
            $"'{path}', line {line} has {fields.Length} columns where the lines before have {expected}: '{shown (String.Join(' ', fields))}'"
            "Give every row the same number of columns"

    /// The rows, each appended to the values; stops at the first error.
    let private readRows (path: string) (layout: CsvLayout) (rows: seq<CsvLine>) : Outcome<CsvTable> =
        let columns = layout.Kinds.Length
        let values, lines = ResizeArray<float>(), ResizeArray<int>()
        let words = layout.Kinds |> Array.map (fun _ -> ResizeArray<string>())
        let indices = layout.Kinds |> Array.map (fun _ -> Dictionary<string, float>())
        let first = Array.create columns ValueNone
        let mutable commas, points = false, false

        let word (column: int) (text: string) : float =
            match indices[column].TryGetValue text with
            | true, index -> index
            | _ ->
                let index = float words[column].Count
                indices[column].Add(text, index)
                words[column].Add text
                index

        let valueOf (column: int) (text: string) : float voption =
            match layout.Kinds[column] with
            | Words when CsvField.isMissing text -> ValueSome nan
            | Words -> ValueSome(word column text)
            | Dates when CsvField.isMissing text ->
                words[column].Add text
                ValueSome nan
            | _ when CsvField.isMissing text -> ValueSome nan
            | Dates ->
                words[column].Add text

                match CsvField.tryDate text with
                | ValueSome date ->
                    if first[column].IsNone then
                        first[column] <- ValueSome date

                    ValueSome((date - first[column].Value).TotalSeconds)
                | ValueNone -> ValueNone
            | Numbers when layout.DecimalCommas && text.Contains ',' ->
                commas <- true

                if text.Contains '.' then
                    ValueNone
                else
                    CsvField.tryNumber (text.Replace(',', '.'))
            | Numbers ->
                points <- points || (layout.DecimalCommas && text.Contains '.')
                CsvField.tryNumber text

        let textsOf (kind: CsvKind) : Map<int, string[]> =
            layout.Kinds
            |> Seq.indexed
            |> Seq.filter (fun (_, other) -> other = kind)
            |> Seq.map (fun (column, _) -> column, words[column].ToArray())
            |> Map.ofSeq

        // Most tables hold finite numbers between commas and nothing else: such a line is read without a string for each field.
        let isPlain =
            not layout.DecimalCommas
            && (layout.Names.Length = 0 || layout.Names.Length = columns)
            && layout.Kinds |> Array.forall ((=) Numbers)

        let row = Array.zeroCreate<float> columns

        /// True if the line was one of these, and its numbers are in the row.
        let isRead (text: string) : bool =
            let mutable column = 0
            let mutable start = 0
            let mutable going = true

            while going && column < columns do
                let rest = text.AsSpan start
                let comma = rest.IndexOf ','
                let isLast = column = columns - 1

                if (comma < 0) <> isLast then
                    going <- false
                else
                    let field = if isLast then rest else rest.Slice(0, comma)
                    let mutable value = 0.0

                    if
                        Double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, &value)
                        && Double.IsFinite value
                    then
                        row[column] <- value
                        column <- column + 1
                        start <- start + comma + 1
                    else
                        going <- false

            going

        let append (line: CsvLine) : Outcome<unit> =
            if isPlain && isRead line.Text then
                for number in row do
                    values.Add number

                lines.Add line.Number
                Ok()
            else
                let fields = layout.Split line.Text

                if layout.Names.Length > 0 && layout.Names.Length <> columns then
                    unreadable
                        $"'{path}': the header names {layout.Names.Length} columns, but line {line.Number} has {fields.Length}"
                        "Give every column a name, and every row the same number of columns"
                elif fields.Length <> columns then
                    ragged path line.Number columns fields
                else
                    let numbers = fields |> Array.mapi valueOf

                    match Array.tryFindIndex ValueOption.isNone numbers with
                    | Some column -> notANumber path line.Number (column + 1) fields[column]
                    | None when commas && points ->
                        unreadable
                            $"'{path}' has decimal commas and decimal points, first both by line {line.Number}"
                            "Write decimals with a point, as in 1.5, or all of them with a comma"
                    | None ->
                        for number in numbers do
                            values.Add number.Value

                        lines.Add line.Number
                        Ok()

        rows
        |> Seq.map append
        |> Seq.tryFind Result.isError
        |> Option.defaultValue (Ok())
        |> Result.bind (fun () -> NumericArray.create [| lines.Count; columns |] (values.ToArray()))
        |> Result.map (fun array ->
            {
                Columns = layout.Names
                Values = array
                Words = textsOf Words
                Dates = textsOf Dates
                Lines = lines.ToArray()
                Remarks =
                    if commas then
                        layout.Remarks @ [ "decimal commas" ]
                    else
                        layout.Remarks
            })

    let private parse (path: string) (stream: Stream) : Outcome<CsvTable> =
        use reader = new StreamReader(stream, Encoding.UTF8)
        use lines = (contentLines reader).GetEnumerator()

        let opening =
            [|
                for _ in 1 .. CsvLayout.opening do
                    if lines.MoveNext() then
                        lines.Current
            |]

        if opening.Length = 0 then
            noNumbers path "is empty"
        elif opening |> Seq.truncate 2 |> Seq.exists (fun line -> line.Text.Contains '\000') then
            noNumbers path "is not a text file"
        else
            let layout, first = CsvLayout.ofOpening opening

            if first = opening.Length then
                noNumbers path $"holds only '{shown opening[0].Text}'"
            else
                readRows
                    path
                    layout
                    (seq {
                        yield! opening[first..]

                        while lines.MoveNext() do
                            yield lines.Current
                    })

    /// <summary>Reads a table of numbers.</summary>
    /// <remarks>The separator (comma, semicolon, tab or blanks) is detected from the first rows. A first line without any number is the header;
    /// lines of text above it are skipped, and a row of words below it are units. Decimals may have a comma if the separator is another character.
    /// <c>nan</c> and <c>inf</c> are numbers; an empty field, <c>NA</c> and <c>null</c> are NaN. A column whose first field is a word is one of
    /// texts, and one whose first field is an ISO date is one of times in seconds.</remarks>
    /// <param name="path">The file, in UTF-8; gzip is decompressed.</param>
    /// <returns>The table; a <c>MissingFile</c> or <c>UnreadableFile</c> error, which for a wrong field or a row of another
    /// length gives line, column and text.</returns>
    let read (path: string) : Outcome<CsvTable> = Files.read path (parse path)

    /// The dates in the first column and the other columns; no dates if there are none.
    let private splitDates (path: string) (whole: CsvTable) : Outcome<struct (string[] * CsvTable)> =
        match Map.tryFind 0 whole.Dates, whole.Values.Shape with
        | None, _ -> Ok(struct ([||], whole))
        | Some dates, [| rows; columns |] when columns > 1 && Array.forall (CsvField.isMissing >> not) dates ->
            NumericArray.create
                [| rows; columns - 1 |]
                (whole.Values.Values |> Array.chunkBySize columns |> Array.collect Array.tail)
            |> Result.map (fun values ->
                struct (dates, table (Array.skip (min 1 whole.Columns.Length) whole.Columns) values))
        | _ ->
            unreadable
                $"'{path}' has a date in the first column of some rows only, or no other column"
                "Give every row a date and at least one number"

    /// <summary>As <c>read</c>, for tables whose first column may hold dates: these as they are written, or none, and the other columns.</summary>
    let readDated (path: string) : Outcome<struct (string[] * CsvTable)> =
        read path |> Result.bind (splitDates path)

    /// True for a name that could not be read back.
    let private isUnsafe (name: string) : bool =
        name = ""
        || name <> name.Trim()
        || CsvField.isNumber name
        || name.IndexOfAny [| ','; ';'; '\t'; '"'; '#'; '\n'; '\r' |] >= 0

    let private writeTo (stream: Stream) (header: string[]) (columns: int) (values: float[]) : unit =
        use writer = new StreamWriter(stream, UTF8Encoding false, 1 <<< 16, true)
        writer.NewLine <- "\n"

        if header.Length > 0 then
            writer.WriteLine(String.Join(',', header))

        for i in 0 .. values.Length - 1 do
            writer.Write(values[i].ToString("R", CultureInfo.InvariantCulture))

            if (i + 1) % columns = 0 then
                writer.WriteLine()
            else
                writer.Write ','

    /// <summary>Writes a table, separated by commas, with enough digits to read back the same numbers; an existing file is replaced
    /// atomically.</summary>
    /// <param name="path">The file to make.</param>
    /// <param name="table">Names for all columns, or none at all for a file without header; values of rank two, or of rank one
    /// for a single column.</param>
    /// <returns>A <c>ShapeMismatch</c> error for another rank or number of names, <c>InvalidSetting</c> for a name that could not
    /// be read back (a number, a separator in it), <c>UnwritableFile</c> with the old file unchanged.</returns>
    let write (path: string) (table: CsvTable) : Outcome<unit> =
        let names = table.Columns
        let array = table.Values
        let columns = if array.Shape.Length = 2 then array.Shape[1] else 1

        if array.Shape.Length <> 1 && array.Shape.Length <> 2 then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"A .csv file has rows and columns, but the array is {NumericArray.describe array.Shape}"
                "Write it as .npy, or one slice at a time"
        elif names.Length <> 0 && names.Length <> columns then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"There are {names.Length} names for {columns} columns"
                "Give one name for each column, or none"
        else
            match Array.tryFind isUnsafe names with
            | Some name ->
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"'{shown name}' cannot be the name of a column"
                    "Use a name that is not a number and has no separator, quote, # or line break in it"
            | None ->
                NumericArray.create array.Shape array.Values
                |> Result.bind (fun whole ->
                    Files.writeAtomically path (fun stream -> writeTo stream names columns whole.Values))
