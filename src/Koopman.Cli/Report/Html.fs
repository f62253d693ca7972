namespace Koopman.Cli.Reporting

open System
open System.Globalization
open System.IO
open System.Net
open System.Reflection
open System.Text
open Koopman.Plots

/// <summary>A report as one HTML page that needs no other file and no network.</summary>
[<RequireQualifiedAccess>]
module Html =

    let private escape (text: string) : string =
        match WebUtility.HtmlEncode text with
        | null -> ""
        | escaped -> escaped

    let private style: Lazy<string> =
        lazy
            (use stream =
                match Assembly.GetExecutingAssembly().GetManifestResourceStream "report.css" with
                | null -> invalidOp "the resource report.css was not embedded"
                | stream -> stream

             use reader = new StreamReader(stream, Encoding.UTF8)
             reader.ReadToEnd())

    let private cellClasses (alignment: Alignment) (emphasis: Emphasis) : string =
        let classes =
            [
                if alignment = Alignment.Right then
                    "right"
                match emphasis with
                | Emphasis.Plain -> ()
                | Emphasis.Good -> "good"
                | Emphasis.Bad -> "bad"
            ]

        if classes.IsEmpty then
            ""
        else
            $" class=\"{String.Join(' ', classes)}\""

    let private table (table: Table) : string =
        let width = table.Columns.Length

        for row in table.Rows do
            if row.Length <> width then
                invalidArg (nameof table) $"a row has {row.Length} cells, but the table has {width} columns"

        let heading (text: string, alignment: Alignment) =
            $"<th scope=\"col\"{cellClasses alignment Emphasis.Plain}>{escape text}</th>"

        let cell (_: string, alignment: Alignment) (cell: Cell) =
            $"<td{cellClasses alignment cell.Emphasis}>{escape cell.Text}</td>"

        let row (cells: Cell list) =
            "<tr>" + String.Concat(List.map2 cell table.Columns cells) + "</tr>\n"

        let head = String.Concat(List.map heading table.Columns)
        let body = String.Concat(List.map row table.Rows)

        let caption =
            if table.Caption = "" then
                ""
            else
                $"<figcaption>{escape table.Caption}</figcaption>"

        $"<figure><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>{caption}</figure>\n"

    let rec private block (piece: Block) : string =
        match piece with
        | Block.Paragraph text -> $"<p>{escape text}</p>\n"
        | Block.Table value -> table value
        | Block.Chart chart -> Page.figure chart
        | Block.Beside pieces -> "<div class=\"beside\">" + String.Concat(List.map block pieces) + "</div>\n"

    let private section (section: Section) : string =
        $"<section><h2>{escape section.Heading}</h2>\n{String.Concat(List.map block section.Blocks)}</section>\n"

    let private provenance (made: Provenance) : string =
        let entry (name: string, value: string) =
            $"<dt>{escape name}</dt><dd>{value}</dd>\n"

        let entries =
            [
                "Command", $"<code>{escape made.Command}</code>"
                match made.Seed with
                | Some seed -> "Seed", string seed
                | None -> ()
                for name, value in made.Environment do
                    name, escape value
                "Date", made.Date.ToString("yyyy-MM-dd HH:mm 'UTC'zzz", CultureInfo.InvariantCulture)
            ]

        $"<h2>How this was made</h2>\n<dl>{String.Concat(List.map entry entries)}</dl>\n"

    /// <summary>The page. The text of the report is escaped; nothing in it can become mark-up or a script.</summary>
    /// <exception cref="T:System.ArgumentException">A row of a table has another number of cells than there are columns.</exception>
    let page (report: Report) : string =
        String.Concat(
            [
                $"<header><h1>{escape report.Title}</h1><p>{escape report.Subtitle}</p></header>\n<main>\n"
                yield! List.map section report.Sections
                "</main>\n"
                $"<footer>{provenance report.Provenance}</footer>\n"
            ]
        )
        |> Page.document report.Title style.Value
