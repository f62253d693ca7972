namespace Koopman.Plots

open System
open DynamicObj
open Giraffe.ViewEngine
open Plotly.NET
open Plotly.NET.LayoutObjects

/// Plotly.NET modifies its objects in place; these functions leave their arguments unchanged.
module internal Copies =

    let private copied (source: DynamicObj) (copy: 'T :> DynamicObj) : 'T =
        source.ShallowCopyDynamicPropertiesTo copy
        copy

    let axis (axis: LinearAxis) : LinearAxis = copied axis (LinearAxis())

    let layout (layout: Layout) : Layout = copied layout (Layout())

    let page (options: DisplayOptions) : DisplayOptions = copied options (DisplayOptions())

/// <summary>Axes, titled with a quantity and its unit if it has one.</summary>
[<RequireQualifiedAccess>]
module Axis =

    let private create (kind: StyleParam.AxisType) (title: string) : LinearAxis =
        LinearAxis.init (
            AxisType = kind,
            Title = Title.init (Text = title, Standoff = 12),
            AutoMargin = StyleParam.TickAutoMargin.All,
            ZeroLine = false,
            ShowLine = true,
            ShowGrid = true,
            GridColor = Palette.faint,
            LineColor = Palette.faint,
            TickColor = Palette.faint
        )

    /// <summary>A linear axis that shows all data.</summary>
    [<CompiledName("Linear")>]
    let linear (title: string) : LinearAxis = create StyleParam.AxisType.Linear title

    /// <summary>A logarithmic axis that shows all data; non-positive values are not shown.</summary>
    [<CompiledName("Logarithmic")>]
    let logarithmic (title: string) : LinearAxis =
        create StyleParam.AxisType.Log title
        |> LinearAxis.style (ExponentFormat = StyleParam.ExponentFormat.Power, NTicks = 4)

    /// <summary>An axis of labels in the order of the data, for bars.</summary>
    [<CompiledName("Labels")>]
    let labels (title: string) : LinearAxis =
        create StyleParam.AxisType.Category title

    /// <summary>The axis restricted to a range, from the first value to the last, given in the units of the data also for a logarithmic
    /// axis.</summary>
    [<CompiledName("Between")>]
    let between (first: float) (last: float) (axis: LinearAxis) : LinearAxis =
        let isLogarithmic =
            match axis.TryGetTypedPropertyValue<string> "type" with
            | Some "log" -> true
            | _ -> false

        // plotly.js expects the range of a logarithmic axis as exponents.
        let position (value: float) =
            if isLogarithmic then Math.Log10 value else value

        Copies.axis axis
        |> LinearAxis.style (Range = StyleParam.Range.ofMinMax (position first, position last))

/// <summary>Combines layers into a chart with a title and two axes.</summary>
[<RequireQualifiedAccess>]
module Figure =

    /// No legend entry for names that a colour bar or an axis already shows.
    let private isNamedElsewhere (trace: Trace) : bool =
        trace.``type`` = "heatmap"
        || trace.``type`` = "contour"
        || trace.``type`` = "image"

    /// A chart with settings for display in a browser: as wide as the window, on a page that opens offline.
    let internal complete (title: string) (layout: Layout) (traces: Trace list) : GenericChart =
        let layout =
            layout
            |> Layout.style (
                Title = Title.init (Text = title),
                PaperBGColor = Palette.panel,
                PlotBGColor = Palette.panel,
                Font = Font.init (Color = Palette.ink, Size = 13.0)
            )

        let page =
            DisplayOptions.init (
                DocumentTitle = title,
                DocumentCharset = "utf-8",
                PlotlyJSReference = PlotlyJSReference.Full
            )

        GenericChart.ofTraceObjects false traces
        |> GenericChart.setLayout layout
        |> GenericChart.setConfig (Config.init (Responsive = true))
        |> GenericChart.setDisplayOptions page

    /// <summary>A chart of layers, the last on top. There is a legend if several layers have their own colour.</summary>
    /// <param name="title">The title, a few words.</param>
    /// <param name="x">The horizontal axis.</param>
    /// <param name="y">The vertical axis.</param>
    /// <param name="layers">At least one.</param>
    /// <exception cref="T:Koopman.KoopmanException">There is no layer.</exception>
    [<CompiledName("Create")>]
    let create (title: string) (x: LinearAxis) (y: LinearAxis) (layers: GenericChart seq) : GenericChart =
        let layers = Seq.toArray layers
        Checks.notEmpty "layers" "Give at least one" layers.Length

        let traces = layers |> Seq.collect GenericChart.getTraces |> Seq.toList

        let legend =
            Legend.init (
                Orientation = StyleParam.Orientation.Horizontal,
                X = 0.0,
                Y = 1.0,
                YAnchor = StyleParam.YAnchorPosition.Bottom
            )

        let layout =
            Layout.init (
                ShowLegend = (traces |> List.filter (isNamedElsewhere >> not) |> List.length > 1),
                BarMode =
                    (if traces |> List.exists (fun t -> t.``type`` = "bar") then
                         StyleParam.BarMode.Group
                     else
                         StyleParam.BarMode.Overlay)
            )
            |> Layout.setLinearAxis (StyleParam.SubPlotId.XAxis 1, Copies.axis x)
            |> Layout.setLinearAxis (StyleParam.SubPlotId.YAxis 1, Copies.axis y)
            |> Layout.setLegend (StyleParam.SubPlotId.Legend 1, legend)

        complete title layout traces

    /// <summary>The chart with units of equal length on both axes, as for positions in a plane.</summary>
    [<CompiledName("WithEqualUnits")>]
    let withEqualUnits (chart: GenericChart) : GenericChart =
        let x, y = StyleParam.SubPlotId.XAxis 1, StyleParam.SubPlotId.YAxis 1
        let constrained = LinearAxis.style (Constrain = StyleParam.AxisConstraint.Domain)

        chart
        |> GenericChart.mapLayout (fun layout ->
            let axis id =
                Layout.getLinearAxisById id layout |> Copies.axis |> constrained

            let vertical = axis y |> LinearAxis.style (ScaleAnchor = StyleParam.ScaleAnchor.X 1)

            Copies.layout layout
            |> Layout.setLinearAxis (x, axis x)
            |> Layout.setLinearAxis (y, vertical))

    /// <summary>The chart with a caption below it that explains how to read it.</summary>
    [<CompiledName("WithCaption")>]
    let withCaption (caption: string) (chart: GenericChart) : GenericChart =
        chart
        |> GenericChart.mapDisplayOptions (Copies.page >> DisplayOptions.setChartDescription [ p [] [ str caption ] ])

    /// <summary>The chart with another title.</summary>
    [<CompiledName("WithTitle")>]
    let withTitle (title: string) (chart: GenericChart) : GenericChart =
        chart
        |> GenericChart.mapLayout (Copies.layout >> Layout.style (Title = Title.init (Text = title)))

    /// <summary>The title of a chart; empty if it has none.</summary>
    [<CompiledName("TitleOf")>]
    let titleOf (chart: GenericChart) : string =
        (GenericChart.getLayout chart).TryGetTypedPropertyValue<Title> "title"
        |> Option.bind (fun title -> title.TryGetTypedPropertyValue<string> "text")
        |> Option.defaultValue ""
