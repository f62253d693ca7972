namespace Koopman.Plots

open System
open Giraffe.ViewEngine
open Plotly.NET
open Plotly.NET.LayoutObjects

/// <summary>Axes with a quantity and, where there is one, a unit as title.</summary>
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

    /// <summary>A logarithmic axis that shows all data; what is not positive has no place on it.</summary>
    [<CompiledName("Logarithmic")>]
    let logarithmic (title: string) : LinearAxis =
        create StyleParam.AxisType.Log title
        |> LinearAxis.style (ExponentFormat = StyleParam.ExponentFormat.Power, NTicks = 4)

    /// <summary>An axis of labels in the order of the data, for bars.</summary>
    [<CompiledName("Labels")>]
    let labels (title: string) : LinearAxis =
        create StyleParam.AxisType.Category title

    /// <summary>The axis from the first to the last value shown, in the units of the data for a logarithmic one too.</summary>
    [<CompiledName("Between")>]
    let between (first: float) (last: float) (axis: LinearAxis) : LinearAxis =
        let isLogarithmic =
            match axis.TryGetTypedPropertyValue<string> "type" with
            | Some "log" -> true
            | _ -> false

        // plotly.js wants the range of a logarithmic axis as exponents.
        let position (value: float) =
            if isLogarithmic then Math.Log10 value else value

        axis
        |> LinearAxis.style (Range = StyleParam.Range.ofMinMax (position first, position last))

/// <summary>Puts layers together to a chart with a title and two axes.</summary>
[<RequireQualifiedAccess>]
module Figure =

    /// What a colour scale or an axis names already needs no legend.
    let private isNamedElsewhere (trace: Trace) : bool =
        trace.``type`` = "heatmap"
        || trace.``type`` = "contour"
        || trace.``type`` = "image"

    /// <summary>A chart of layers, the last on top. Several layers that have a colour of their own get a legend.</summary>
    /// <param name="title">What the chart shows, in a few words.</param>
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
                Title = Title.init (Text = title),
                ShowLegend = (traces |> List.filter (isNamedElsewhere >> not) |> List.length > 1),
                PaperBGColor = Palette.panel,
                PlotBGColor = Palette.panel,
                Font = Font.init (Color = Palette.ink, Size = 13.0),
                BarMode =
                    (if traces |> List.exists (fun t -> t.``type`` = "bar") then
                         StyleParam.BarMode.Group
                     else
                         StyleParam.BarMode.Overlay)
            )
            |> Layout.setLinearAxis (StyleParam.SubPlotId.XAxis 1, x)
            |> Layout.setLinearAxis (StyleParam.SubPlotId.YAxis 1, y)
            |> Layout.setLegend (StyleParam.SubPlotId.Legend 1, legend)

        GenericChart.ofTraceObjects false traces |> GenericChart.setLayout layout

    /// <summary>The chart with units of equal length on both axes, as for positions in a plane.</summary>
    [<CompiledName("WithEqualUnits")>]
    let withEqualUnits (chart: GenericChart) : GenericChart =
        chart
        |> Chart.withXAxis (LinearAxis.init (Constrain = StyleParam.AxisConstraint.Domain))
        |> Chart.withYAxis (
            LinearAxis.init (Constrain = StyleParam.AxisConstraint.Domain, ScaleAnchor = StyleParam.ScaleAnchor.X 1)
        )

    /// <summary>The chart with a sentence or two below it that say how to read it.</summary>
    [<CompiledName("WithCaption")>]
    let withCaption (caption: string) (chart: GenericChart) : GenericChart =
        chart
        |> GenericChart.mapDisplayOptions (DisplayOptions.setChartDescription [ p [] [ str caption ] ])

    /// <summary>The chart under another title.</summary>
    [<CompiledName("WithTitle")>]
    let withTitle (title: string) (chart: GenericChart) : GenericChart = chart |> Chart.withTitle title

    /// <summary>The title of a chart; empty if it has none.</summary>
    [<CompiledName("TitleOf")>]
    let titleOf (chart: GenericChart) : string =
        (GenericChart.getLayout chart).TryGetTypedPropertyValue<Title> "title"
        |> Option.bind (fun title -> title.TryGetTypedPropertyValue<string> "text")
        |> Option.defaultValue ""
