namespace Koopman

open System
open System.Globalization
open System.IO
open System.Text

/// <summary>A table of numbers whose columns may have names.</summary>
[<NoComparison>]
type internal CsvTable =
    {
        /// <summary>The names of the columns, left to right; empty if the file has no header.</summary>
        Columns: string[]
        /// <summary>The numbers, rows x columns.</summary>
        Values: NumericArray
    }

/// <summary>Reads and writes tables of numbers as text.</summary>
/// <remarks>Numbers are written in the invariant culture, with a decimal point. Text after <c>#</c> and blank lines are skipped.</remarks>
[<RequireQualifiedAccess>]
module internal Csv =

    /// The separator of numbers: one of a few characters, any run of blanks, or none if there is one column.
    type private Separator =
        | Character of char
        | Blanks
        | Nothing

    let private unreadable (cause: string) (remedy: string) : Outcome<'T> =
        KoopmanError.fail ErrorKind.UnreadableFile cause remedy

    let private noNumbers (path: string) (what: string) : Outcome<'T> =
        unreadable
            $"'{path}' {what}"
            "Give a text file with one row of numbers per line, or a .npy file with that extension"

    let private separatorOf (line: string) : Separator =
        match [ ';'; '\t'; ',' ] |> List.tryFind (fun candidate -> line.Contains candidate) with
        | Some found -> Character found
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

    let private tryNumber (text: string) : float voption =
        match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value -> ValueSome value
        | _ ->
            match text.ToLowerInvariant() with
            | "inf"
            | "+inf" -> ValueSome Double.PositiveInfinity
            | "-inf" -> ValueSome Double.NegativeInfinity
            | _ -> ValueNone

    let private isNumber (text: string) : bool = (tryNumber text).IsSome

    /// The non-empty lines, with their line numbers from 1.
    let private contentLines (reader: TextReader) : seq<struct (int * string)> =
        Seq.unfold (fun () -> reader.ReadLine() |> Option.ofObj |> Option.map (fun line -> line, ())) ()
        |> Seq.mapi (fun index line ->
            let comment = line.IndexOf '#'
            let content = if comment < 0 then line else line.Substring(0, comment)
            // Only blanks, since a tab at the end is an empty field.
            struct (index + 1, content.Trim ' '))
        |> Seq.filter (fun struct (_, text) -> not (String.IsNullOrWhiteSpace text))

    /// The first line may be a header, in which blanks can be part of a name: then the second line shows the separator.
    let private detect (first: string) (second: string option) : Separator =
        let own = separatorOf first

        match second with
        | Some line when not (Array.forall isNumber (split own first)) -> separatorOf line
        | _ -> own

    let private shown (text: string) : string =
        let printable =
            String.map (fun letter -> if Char.IsControl letter then '?' else letter) text

        if printable.Length > 40 then
            printable.Substring(0, 40) + "..."
        else
            printable

    let private notANumber (path: string) (line: int) (column: int) (text: string) (separator: Separator) =
        let what =
            if text = "" then
                "is empty"
            else
                $"is '{shown text}', which is not a number"

        let remedy =
            if text = "" then
                "Remove the superfluous separator or fill in the number ('nan' for a missing one)"
            elif separator <> Character ',' && isNumber (text.Replace(',', '.')) then
                "Write decimals with a point, as in 1.5"
            else
                "Correct the field, or put # before lines that are comments"

        unreadable $"'{path}', line {line}: column {column} {what}" remedy

    let private ragged (path: string) (line: int) (expected: int) (fields: string[]) =
        unreadable
            $"'{path}', line {line} has {fields.Length} columns where the lines before have {expected}: '{shown (String.Join(' ', fields))}'"
            "Give every row the same number of columns"

    let private appendRow
        (path: string)
        (separator: Separator)
        (columns: int)
        (values: ResizeArray<float>)
        (struct (line: int, text: string))
        : Outcome<unit> =
        let fields = split separator text

        if fields.Length <> columns then
            ragged path line columns fields
        else
            let numbers = Array.map tryNumber fields

            match Array.tryFindIndex ValueOption.isNone numbers with
            | Some column -> notANumber path line (column + 1) fields[column] separator
            | None ->
                for number in numbers do
                    values.Add number.Value

                Ok()

    /// The rows below the header, each appended to the values; stops at the first error.
    let private appendRows
        (path: string)
        (separator: Separator)
        (columns: int)
        (rows: seq<struct (int * string)>)
        : Outcome<float[]> =
        let values = ResizeArray<float>()

        rows
        |> Seq.map (appendRow path separator columns values)
        |> Seq.tryFind Result.isError
        |> Option.defaultValue (Ok())
        |> Result.map (fun () -> values.ToArray())

    /// The table after a change of every line.
    let private parse (change: string -> string) (path: string) (stream: Stream) : Outcome<CsvTable> =
        use reader = new StreamReader(stream, Encoding.UTF8)

        use lines =
            (contentLines reader
             |> Seq.map (fun (struct (line, text)) -> struct (line, change text)))
                .GetEnumerator()

        let opening =
            [
                for _ in 1..2 do
                    if lines.MoveNext() then
                        lines.Current
            ]

        let textOf (struct (_: int, text: string)) : string = text

        match opening with
        | [] -> noNumbers path "is empty"
        | _ when List.exists (fun line -> (textOf line).Contains '\000') opening -> noNumbers path "is not a text file"
        | first :: rest ->
            let separator = detect (textOf first) (List.tryHead rest |> Option.map textOf)
            let fields = split separator (textOf first)
            let named = not (Array.exists isNumber fields)

            let rows =
                seq {
                    yield! if named then rest else opening

                    while lines.MoveNext() do
                        yield lines.Current
                }

            result {
                let! values = appendRows path separator fields.Length rows

                if values.Length = 0 then
                    return! noNumbers path $"holds only '{shown (textOf first)}'"
                else
                    let! array =
                        NumericArray.create [| values.Length / fields.Length; fields.Length |] values

                    return
                        {
                            Columns = (if named then fields else [||])
                            Values = array
                        }
            }

    /// <summary>Reads a table of numbers.</summary>
    /// <remarks>The separator (comma, semicolon, tab or blanks) is detected from the first rows. A first line without any number is the header.
    /// <c>nan</c> and <c>inf</c> are numbers.</remarks>
    /// <param name="path">The file, in UTF-8; gzip is decompressed.</param>
    /// <returns>The table; a <c>MissingFile</c> or <c>UnreadableFile</c> error, which for a wrong field or a row of another
    /// length gives line, column and text.</returns>
    let read (path: string) : Outcome<CsvTable> = Files.read path (parse id path)

    /// True for a date or a time of day that is no number.
    let private isStamp (field: string) : bool =
        not (isNumber field)
        && fst (DateTime.TryParse(field, CultureInfo.InvariantCulture, DateTimeStyles.None))

    /// The table with 0 in place of the dates in its first column, and these; none if the first column holds none.
    let private parseDated (path: string) (stream: Stream) : Outcome<struct (string[] * CsvTable)> =
        let stamps = ResizeArray<string>()

        let withoutDate (line: string) =
            match line.IndexOfAny [| ','; ';'; '\t' |] with
            | first when first > 0 && isStamp (line.Substring(0, first).Trim().Trim '"') ->
                stamps.Add(line.Substring(0, first).Trim().Trim '"')
                "0" + line.Substring first
            | _ -> line

        parse withoutDate path stream
        |> Result.bind (fun table ->
            match table.Values.Shape with
            | _ when stamps.Count = 0 -> Ok(struct ([||], table))
            | [| rows; columns |] when rows = stamps.Count && columns > 1 ->
                NumericArray.create
                    [| rows; columns - 1 |]
                    (table.Values.Values |> Array.chunkBySize columns |> Array.collect Array.tail)
                |> Result.map (fun values ->
                    struct (stamps.ToArray(),
                            {
                                Columns = Array.skip (min 1 table.Columns.Length) table.Columns
                                Values = values
                            }))
            | _ ->
                unreadable
                    $"'{path}' has a date in the first column of some rows only, or no other column"
                    "Give every row a date and at least one number")

    /// <summary>As <c>read</c>, for tables whose first column may hold dates: these as they are written, or none, and the other columns.</summary>
    let readDated (path: string) : Outcome<struct (string[] * CsvTable)> = Files.read path (parseDated path)

    /// True for a name that could not be read back.
    let private isUnsafe (name: string) : bool =
        name = ""
        || name <> name.Trim()
        || isNumber name
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
