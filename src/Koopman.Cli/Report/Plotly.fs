namespace Koopman.Cli.Reporting

open System
open System.Globalization
open System.Text.Json.Nodes

/// <summary>A plot as the JSON that plotly.js draws. Colours are left to the page's script, which knows light from dark.</summary>
[<RequireQualifiedAccess>]
module Plotly =

    let private text (value: string) : JsonNode | null = JsonValue.Create value

    let private flag (value: bool) : JsonNode | null = JsonValue.Create value

    // Seven digits are more than a screen resolves, and halve the page. JSON has no NaN; null leaves a gap.
    let private number (value: float) : JsonNode | null =
        if Double.IsFinite value then
            JsonValue.Create(
                Double.Parse(value.ToString("G7", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            )
        else
            null

    let private whole (value: int) : JsonNode | null = JsonValue.Create value

    let private list (items: (JsonNode | null) seq) : JsonNode | null = JsonArray(Seq.toArray items)

    let private numbers (values: float[]) : JsonNode | null = list (Seq.map number values)

    let private fields (pairs: (string * (JsonNode | null)) list) : JsonObject =
        let node = JsonObject()

        for name, value in pairs do
            node.Add(name, value)

        node

    let private record (pairs: (string * (JsonNode | null)) list) : JsonNode | null = fields pairs

    /// A scale that is symmetric about zero when values have both signs, so that zero is the colour of the page.
    let private colourScale (prefix: string) (values: float seq) : (string * (JsonNode | null)) list =
        let finite = values |> Seq.filter Double.IsFinite |> Seq.toArray

        if finite.Length > 0 && Array.min finite < 0.0 && Array.max finite > 0.0 then
            let bound = finite |> Seq.map abs |> Seq.max

            [
                "colorscale", text "diverging"
                prefix + "min", number -bound
                prefix + "max", number bound
            ]
        else
            [ "colorscale", text "sequential" ]

    let private colourBar (label: string) : JsonNode | null =
        record
            [
                "title", record [ "text", text label; "side", text "right" ]
                "thickness", whole 12
                "outlinewidth", whole 0
            ]

    let private errorBars (errors: float[]) : JsonNode | null =
        record
            [
                "type", text "data"
                "array", numbers errors
                "thickness", number 1.5
                "width", whole 4
            ]

    let private scatter
        (name: string)
        (mode: string)
        (x: float[])
        (y: float[])
        (more: (string * (JsonNode | null)) list)
        : JsonNode | null =
        record (
            [
                "type", text "scatter"
                "name", text name
                "mode", text mode
                "x", numbers x
                "y", numbers y
            ]
            @ more
        )

    let private grid (kind: string) (grid: Grid) (more: (string * (JsonNode | null)) list) : JsonNode | null =
        record (
            [
                "type", text kind
                "name", text grid.Name
                "x", numbers grid.X
                "y", numbers grid.Y
                "z", list (Seq.map numbers grid.Z)
                "colorbar", colourBar grid.Name
            ]
            @ colourScale "z" (Seq.concat grid.Z)
            @ more
        )

    let private marker (count: int) : (string * (JsonNode | null)) list =
        [ "size", number (if count > 400 then 4.0 else 7.0) ]

    let private trace (trace: Trace) : JsonNode | null =
        match trace with
        | Trace.Points(name, x, y) -> scatter name "markers" x y [ "marker", record (marker x.Length) ]
        | Trace.ColouredPoints(name, x, y, colour, label) ->
            let scale = colourScale "c" colour

            let colours =
                [ "color", numbers colour; "showscale", flag true; "colorbar", colourBar label ]

            scatter name "markers" x y [ "marker", record (marker x.Length @ colours @ scale) ]
        | Trace.Measured(name, x, y, error) ->
            scatter name "markers" x y [ "marker", record (marker x.Length); "error_y", errorBars error ]
        | Trace.Line(name, x, y) -> scatter name "lines" x y [ "line", record [ "width", number 2.0 ] ]
        | Trace.Dashed(name, x, y) ->
            scatter name "lines" x y [ "line", record [ "width", number 2.0; "dash", text "dash" ] ]
        | Trace.Heat values -> grid "heatmap" values [ "zsmooth", text "best" ]
        | Trace.Contour values ->
            let lines = record [ "showlines", flag true; "coloring", text "heatmap" ]

            grid
                "contour"
                values
                [
                    "contours", lines
                    "line", record [ "width", number 0.5 ]
                    "ncontours", whole 12
                    "opacity", number 0.7
                ]
        | Trace.Bars(name, labels, values, errors) ->
            let errors =
                if errors.Length = 0 then
                    []
                else
                    [ "error_y", errorBars errors ]

            record (
                [
                    "type", text "bar"
                    "name", text name
                    "x", list (Seq.map text labels)
                    "y", numbers values
                ]
                @ errors
            )
        | Trace.Histogram(name, values, bins) ->
            record
                [
                    "type", text "histogram"
                    "name", text name
                    "x", numbers values
                    "nbinsx", whole bins
                    "histnorm", text "probability density"
                    "opacity", number 0.75
                ]

    let private axis (axis: Axis) : (string * (JsonNode | null)) list =
        // plotly.js wants the range of a logarithmic axis as exponents.
        let position (value: float) =
            if axis.Logarithmic then Math.Log10 value else value

        [
            "title", record [ "text", text axis.Title; "standoff", whole 12 ]
            "automargin", flag true
            "zeroline", flag false
        ]
        @ (if axis.Logarithmic then
               [ "type", text "log"; "exponentformat", text "power"; "nticks", whole 4 ]
           else
               [])
        @ match axis.Range with
          | Some(first, last) -> [ "range", numbers [| position first; position last |] ]
          | None -> []

    let private isBars (trace: Trace) : bool =
        match trace with
        | Trace.Bars _ -> true
        | _ -> false

    // A colour scale names its own trace, and one plain trace needs no name beside its title.
    let private needsLegend (plot: Plot) : bool =
        let named =
            plot.Traces
            |> List.filter (fun trace ->
                match trace with
                | Trace.Heat _
                | Trace.Contour _ -> false
                | _ -> true)

        named.Length > 1

    /// <summary>The plot as an object with the fields <c>data</c> and <c>layout</c>.</summary>
    let ofPlot (plot: Plot) : JsonObject =
        let equal =
            if plot.EqualUnits then
                [ "scaleanchor", text "x"; "constrain", text "domain" ]
            else
                []

        let categories =
            if List.exists isBars plot.Traces then
                [ "type", text "category" ]
            else
                []

        fields
            [
                "data", list (plot.Traces |> Seq.map trace)
                "layout",
                record
                    [
                        "height", whole plot.Height
                        "showlegend", flag (needsLegend plot)
                        "barmode",
                        text (
                            if List.exists isBars plot.Traces then
                                "group"
                            else
                                "overlay"
                        )
                        "xaxis",
                        record (
                            axis plot.X
                            @ categories
                            @ (if plot.EqualUnits then
                                   [ "constrain", text "domain" ]
                               else
                                   [])
                        )
                        "yaxis", record (axis plot.Y @ equal)
                    ]
            ]
