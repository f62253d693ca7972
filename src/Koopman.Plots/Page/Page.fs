namespace Koopman.Plots

open System
open System.Globalization
open System.IO
open System.Net
open System.Reflection
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open Giraffe.ViewEngine
open Koopman
open Plotly.NET

/// <summary>Charts on one HTML page that needs no other file and no network, with light and dark modes, for screens, phones and print.</summary>
[<RequireQualifiedAccess>]
module Page =

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
        embedded typeof<GenericChart>.Assembly (fun found -> found.Contains "plotly" && found.EndsWith ".min.js")

    // Only this sequence ends a script element, whatever the grammar of the script.
    let private script (text: string) : string =
        "<script>"
        + text.Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase)
        + "</script>\n"

    // Seven digits are more than a screen resolves, and halve the page.
    let rec private shortened (node: JsonNode | null) : JsonNode | null =
        match node with
        | null -> null
        | :? JsonArray as values -> JsonArray(values |> Seq.map shortened |> Seq.toArray)
        | :? JsonObject as members ->
            let copy = JsonObject()

            for entry in members do
                copy.Add(entry.Key, shortened entry.Value)

            copy
        | :? JsonValue as value ->
            if value.GetValueKind() = JsonValueKind.Number then
                let short = value.GetValue<float>().ToString("G7", CultureInfo.InvariantCulture)
                JsonValue.Create(Double.Parse(short, CultureInfo.InvariantCulture))
            else
                value.DeepClone()
        | other -> other.DeepClone()

    /// Data and layout for plotly.js; the title is placed above the chart.
    let private json (chart: GenericChart) : string =
        let figure = JsonNode.Parse(GenericChart.toFigureJson chart) |> nonNull
        let layout = (figure["layout"] |> nonNull).AsObject()
        layout.Remove "title" |> ignore
        layout.Remove "width" |> ignore
        layout.Remove "height" |> ignore
        let drawn = JsonObject()
        drawn.Add("data", shortened figure["data"])
        drawn.Add("layout", shortened layout)
        // System.Text.Json writes '<' as \u003C, so that data cannot end the script element.
        drawn.ToJsonString()

    let private caption (chart: GenericChart) : string =
        let title = Figure.titleOf chart

        let strong =
            if title = "" then
                ""
            else
                $"<strong>{escape title}</strong>"

        let below =
            GenericChart.getDisplayOptions chart
            |> DisplayOptions.tryGetChartDescription
            |> Option.defaultValue []
            |> RenderView.AsString.htmlNodes

        if strong = "" && below = "" then
            ""
        else
            $"<figcaption>{strong}{below}</figcaption>"

    /// The address of the image, if the chart consists of a single image.
    let private tryPicture (chart: GenericChart) : string option =
        match GenericChart.getTraces chart with
        | [ trace ] when trace.``type`` = "image" -> trace.TryGetTypedPropertyValue<string> "source"
        | _ -> None

    /// <summary>A chart as an HTML fragment for a <c>document</c>: a figure with its title and caption.</summary>
    /// <param name="chart">Any chart of Plotly.NET; those of this library support dark mode.</param>
    [<CompiledName("FigureOf")>]
    let figure (chart: GenericChart) : string =
        let title = escape (Figure.titleOf chart)

        match tryPicture chart with
        | Some address -> $"<figure class=\"images\">{caption chart}<img src=\"{address}\" alt=\"{title}\"></figure>\n"
        | None ->
            $"<figure class=\"plot\">{caption chart}<div class=\"canvas\" role=\"img\" aria-label=\"{title}\"></div>"
            + $"<script type=\"application/json\">{json chart}</script></figure>\n"

    let private counterparts: Lazy<string> =
        lazy
            (let pairs = JsonObject()

             for struct (light, dark) in Palette.pairs do
                 pairs.Add(light, JsonValue.Create dark)

             pairs.ToJsonString())

    /// <summary>A page of HTML fragments. It loads nothing from outside, which its content security policy enforces.</summary>
    /// <param name="title">The title of the window, as text, not mark-up.</param>
    /// <param name="style">A style sheet added to that of the page; empty for none.</param>
    /// <param name="body">The fragments, such as those of <c>figure</c>. They are mark-up: text in them must be escaped.</param>
    [<CompiledName("Document")>]
    let document (title: string) (style: string) (body: string) : string =
        // The policy lets the browser enforce that nothing is loaded.
        let policy =
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; form-action 'none'; base-uri 'none'"

        let sheet = own "page.css"

        String.Concat(
            [
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                $"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                $"<title>{escape title}</title>\n<style>\n{sheet}{style}</style>\n</head>\n<body>\n"
                body
                "<noscript><p>The charts need JavaScript.</p></noscript>\n"
                $"<script type=\"application/json\" id=\"palette\">{counterparts.Value}</script>\n"
                script (plotly ())
                script (own "page.js")
                "</body>\n</html>\n"
            ]
        )

    /// <summary>Writes charts, side by side in pairs where there is room, as one HTML file that opens offline. An existing file is replaced
    /// atomically; if writing fails, it is left unchanged.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="title">The heading of the page.</param>
    /// <param name="charts">At least one chart.</param>
    /// <exception cref="T:Koopman.KoopmanException">There are no charts, or the file cannot be written.</exception>
    [<CompiledName("Save")>]
    let save (path: string) (title: string) (charts: GenericChart seq) : unit =
        let charts = Seq.toArray charts
        Checks.notEmpty "charts" "Give at least one" charts.Length
        let figures = charts |> Array.map figure |> String.Concat

        let figures =
            if charts.Length > 1 then
                $"<div class=\"beside\">{figures}</div>"
            else
                figures

        let page =
            document title "" $"<header><h1>{escape title}</h1></header>\n<main>\n{figures}</main>\n"

        let bytes = Encoding.UTF8.GetBytes page

        Files.writeAtomically path (fun stream -> stream.Write(bytes, 0, bytes.Length))
        |> Outcome.get
