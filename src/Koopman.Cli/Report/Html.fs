namespace Koopman.Cli.Reporting

open System
open System.Globalization
open System.IO
open System.Net
open System.Reflection
open System.Text
open Koopman.Learning

/// <summary>A report as one HTML page that needs no other file and no network.</summary>
[<RequireQualifiedAccess>]
module Html =

    let private escape (text: string) : string =
        match WebUtility.HtmlEncode text with
        | null -> ""
        | escaped -> escaped

    let private embedded (assembly: Assembly) (isWanted: string -> bool) : string =
        let name = assembly.GetManifestResourceNames() |> Array.find isWanted

        use stream =
            match assembly.GetManifestResourceStream name with
            | null -> invalidOp $"the resource {name} was not embedded"
            | stream -> stream

        use reader = new StreamReader(stream, Encoding.UTF8)
        reader.ReadToEnd()

    let private own (name: string) : string =
        embedded (Assembly.GetExecutingAssembly()) (fun found -> found = name)

    /// plotly.js, as Plotly.NET carries it.
    let private plotly () : string =
        embedded typeof<Plotly.NET.GenericChart>.Assembly (fun found ->
            found.Contains "plotly" && found.EndsWith ".min.js")

    // Inside a script element only this sequence ends it, whatever the script's own grammar says.
    let private script (text: string) : string =
        "<script>"
        + text.Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase)
        + "</script>\n"

    let private caption (title: string) (text: string) : string =
        let strong =
            if title = "" then
                ""
            else
                $"<strong>{escape title}</strong>"

        if title = "" && text = "" then
            ""
        else
            $"<figcaption>{strong}{escape text}</figcaption>"

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
                invalidArg (nameof table) $"a row has {row.Length} cells and the table {width} columns"

        let heading (text: string, alignment: Alignment) =
            $"<th scope=\"col\"{cellClasses alignment Emphasis.Plain}>{escape text}</th>"

        let cell (_: string, alignment: Alignment) (cell: Cell) =
            $"<td{cellClasses alignment cell.Emphasis}>{escape cell.Text}</td>"

        let row (cells: Cell list) =
            "<tr>" + String.Concat(List.map2 cell table.Columns cells) + "</tr>\n"

        let head = String.Concat(List.map heading table.Columns)
        let body = String.Concat(List.map row table.Rows)
        $"<figure><table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>{caption String.Empty table.Caption}</figure>\n"

    // System.Text.Json writes '<' as \u003C, so data cannot end the script element either.
    let private plot (plot: Plot) : string =
        let json = (Plotly.ofPlot plot).ToJsonString()

        $"<figure class=\"plot\">{caption plot.Title plot.Caption}<div class=\"canvas\" role=\"img\" aria-label=\"{escape plot.Title}\" style=\"height:{plot.Height}px\"></div>"
        + $"<script type=\"application/json\">{json}</script></figure>\n"

    let private images (grid: ImageGrid) : string =
        let image (number: int) (pixels: float[]) =
            $"<img alt=\"image {number + 1}\" src=\"{Png.dataUri grid.Height grid.Width pixels}\">"

        let style =
            $"grid-template-columns:repeat({max 1 grid.Across},1fr);--shape:{grid.Width}/{grid.Height}"

        $"<figure><div class=\"images\" style=\"{style}\">"
        + String.Concat(List.mapi image grid.Images)
        + $"</div>{caption String.Empty grid.Caption}</figure>\n"

    let rec private block (piece: Block) : string =
        match piece with
        | Block.Paragraph text -> $"<p>{escape text}</p>\n"
        | Block.Table value -> table value
        | Block.Plot value -> plot value
        | Block.Images value -> images value
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
    /// <exception cref="T:System.ArgumentException">A row of a table has not as many cells as there are columns, or an image has not height · width pixels.</exception>
    let page (report: Report) : string =
        // The policy makes the promise checkable: a browser would refuse any request to another place.
        let policy =
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; form-action 'none'; base-uri 'none'"

        let style = own "report.css"

        String.Concat(
            [
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                $"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                $"<title>{escape report.Title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
                $"<header><h1>{escape report.Title}</h1><p>{escape report.Subtitle}</p></header>\n<main>\n"
                yield! List.map section report.Sections
                "<noscript><p>The plots need JavaScript.</p></noscript>\n</main>\n"
                $"<footer>{provenance report.Provenance}</footer>\n"
                script (plotly ())
                script (own "report.js")
                "</body>\n</html>\n"
            ]
        )
