namespace Koopman.Plots

open System
open Plotly.NET
open Plotly.NET.TraceObjects

/// <summary>
/// The parts of charts: a set of points, a line, a map. Layers are combined by <c>Figure.create</c>, the last on top. Colours are
/// numbers of the palette, counted from 0. Values that are not finite are not drawn: points are left out, lines and maps have gaps.
/// </summary>
[<RequireQualifiedAccess>]
module Layer =

    let private chart (trace: Trace) : GenericChart = GenericChart.ofTraceObject false trace

    // Small markers for thousands of points, large ones for a few.
    let private sizeOf (count: int) : int = if count > 400 then 4 else 8

    let private opened (symbol: StyleParam.MarkerSymbol) : StyleParam.MarkerSymbol =
        StyleParam.MarkerSymbol.Modified(symbol, StyleParam.SymbolStyle.Open)

    // Points of different colours may coincide when there are few: later colours are open markers, so that the first shows through.
    let private symbolOf (colour: int) (count: int) : StyleParam.MarkerSymbol =
        if count > 400 || colour % 4 = 0 then
            StyleParam.MarkerSymbol.Circle
        else
            match colour % 4 with
            | 1 -> opened StyleParam.MarkerSymbol.Diamond
            | 2 -> opened StyleParam.MarkerSymbol.Square
            | _ -> opened StyleParam.MarkerSymbol.Circle

    let private markerOf (symbol: StyleParam.MarkerSymbol) (colour: int) (count: int) : Marker =
        let marker = Marker.init (Color = Palette.line colour, Symbol = symbol)

        if symbol = StyleParam.MarkerSymbol.Circle then
            marker
            |> Marker.style (Size = sizeOf count, Outline = Line.init (Color = Palette.panel, Width = 0.5))
        else
            marker |> Marker.style (Size = 10)

    let private marker (colour: int) (count: int) : Marker =
        markerOf (symbolOf colour count) colour count

    /// A scale that is symmetric about zero when values have both signs, so that zero has the colour of the page.
    let private scaleOf (values: float seq) : StyleParam.Colorscale * (float * float) option =
        let finite = values |> Seq.filter Double.IsFinite |> Seq.toArray

        if finite.Length > 0 && Array.min finite < 0.0 && Array.max finite > 0.0 then
            let bound = finite |> Seq.map abs |> Seq.max
            Palette.diverging, Some(-bound, bound)
        else
            Palette.sequential, None

    let private colourBar (label: string) : ColorBar =
        ColorBar.init (
            Title = Title.init (Text = label, Side = StyleParam.Side.Right),
            Thickness = 12.0,
            OutlineWidth = 0.0
        )

    let private scatter (name: string) (places: int[]) (x: float[]) (y: float[]) (marker: Marker) : Trace =
        Trace2D.initScatter (
            Trace2DStyle.Scatter(
                Name = name,
                Mode = StyleParam.Mode.Markers,
                X = Checks.at places x,
                Y = Checks.at places y,
                Marker = marker
            )
        )

    let private withTexts (texts: string[]) (places: int[]) (trace: Trace) : Trace =
        trace
        |> Trace2DStyle.Scatter(MultiHoverText = Checks.at places texts, HoverInfo = StyleParam.HoverInfo.Text)

    /// <summary>Points in one colour.</summary>
    /// <param name="colour">The number of the colour.</param>
    /// <param name="name">The name in the legend.</param>
    /// <param name="x">Positions, one per point.</param>
    /// <param name="y">Positions, of the same length.</param>
    [<CompiledName("Points")>]
    let points (colour: int) (name: string) (x: float[]) (y: float[]) : GenericChart =
        Checks.sameLength name x y
        let places = Checks.finiteAt [ x; y ]
        scatter name places x y (marker colour x.Length) |> chart

    /// Rings around points, with a hover text for each.
    let internal rings (colour: int) (name: string) (texts: string[]) (x: float[]) (y: float[]) : GenericChart =
        let places = Checks.finiteAt [ x; y ]

        let ring =
            Marker.init (
                Color = Palette.line colour,
                Symbol = opened StyleParam.MarkerSymbol.Circle,
                Size = 15,
                Outline = Line.init (Width = 2.0)
            )

        scatter name places x y ring |> withTexts texts places |> chart

    let private coloured
        (name: string)
        (label: string)
        (scale: StyleParam.Colorscale, bounds: (float * float) option)
        (places: int[])
        (x: float[])
        (y: float[])
        (values: float[])
        : Trace =
        let marker =
            Marker.init (
                Color = Color.fromColorScaleValues (Checks.at places values),
                Colorscale = scale,
                ShowScale = true,
                ColorBar = colourBar label,
                Size = sizeOf x.Length,
                // The palest colour is that of the page: an outline keeps every point visible.
                Outline = Line.init (Color = Palette.line 5, Width = 0.5)
            )

        match bounds with
        | Some(low, high) -> marker |> Marker.style (CMin = low, CMax = high)
        | None -> marker
        |> scatter name places x y

    /// <summary>Points coloured by value, with a colour bar.</summary>
    /// <param name="name">The name in the legend.</param>
    /// <param name="label">The title of the colour bar.</param>
    /// <param name="x">Positions, one per point.</param>
    /// <param name="y">Positions, of the same length.</param>
    /// <param name="values">The values shown as colours, one per point; points with a non-finite value are left out.</param>
    [<CompiledName("ColouredPoints")>]
    let colouredPoints (name: string) (label: string) (x: float[]) (y: float[]) (values: float[]) : GenericChart =
        Checks.sameLength name x y
        Checks.sameLength name x values

        coloured name label (scaleOf values) (Checks.finiteAt [ x; y; values ]) x y values
        |> chart

    /// The same with a hover text for each point and a single scale for both signs, which extends at most this far below the largest value.
    let internal labelledPoints
        (name: string)
        (label: string)
        (texts: string[])
        (reach: float)
        (x: float[])
        (y: float[])
        (values: float[])
        : GenericChart =
        let places = Checks.finiteAt [ x; y; values ]
        let finite = Checks.at places values
        let high = Array.fold max Double.NegativeInfinity finite

        let bounds =
            if finite |> Array.exists (fun value -> value < high - reach) then
                Some(high - reach, high)
            else
                None

        coloured name label (Palette.sequential, bounds) places x y values
        |> withTexts texts places
        |> chart

    // plotly.js reads a null as an end at the value itself; with a NaN it draws no end.
    let private noEnd: IConvertible = "NaN"

    let internal intervalsWith
        (symbol: StyleParam.MarkerSymbol)
        (colour: int)
        (name: string)
        (x: float[])
        (values: float[])
        (lower: float[])
        (upper: float[])
        : GenericChart =
        let places = Checks.finiteAt [ x; values ]

        let reach (distance: int -> float) : IConvertible[] =
            places
            |> Array.map (fun i ->
                if Double.IsFinite lower[i] && Double.IsFinite upper[i] then
                    distance i
                else
                    noEnd)

        scatter name places x values (markerOf symbol colour x.Length)
        |> Trace2DStyle.Scatter(
            YError =
                Error.init (
                    Type = StyleParam.ErrorType.Data,
                    Symmetric = false,
                    Array = reach (fun i -> upper[i] - values[i]),
                    Arrayminus = reach (fun i -> values[i] - lower[i]),
                    Color = Palette.line colour,
                    Thickness = 1.5,
                    Width = 4.0
                )
        )
        |> chart

    /// <summary>Vertical intervals: a bar from the lower to the upper end at each position, with a point at the value.</summary>
    /// <param name="colour">The number of the colour.</param>
    /// <param name="name">The name in the legend.</param>
    /// <param name="x">Positions.</param>
    /// <param name="values">Values, which need not lie in the middle of their intervals, nor inside.</param>
    /// <param name="lower">Lower ends; where one of the ends is not finite there is no bar.</param>
    /// <param name="upper">Upper ends.</param>
    [<CompiledName("Intervals")>]
    let intervals
        (colour: int)
        (name: string)
        (x: float[])
        (values: float[])
        (lower: float[])
        (upper: float[])
        : GenericChart =
        Checks.sameLength name x values
        Checks.sameLength name x lower
        Checks.sameLength name x upper
        intervalsWith (symbolOf colour x.Length) colour name x values lower upper

    let private through (dash: StyleParam.DrawingStyle) (colour: int) (name: string) (x: float[]) (y: float[]) =
        Checks.sameLength name x y
        // Lines are dotted once the colours repeat.
        let dash =
            if colour < Palette.count then
                dash
            else
                StyleParam.DrawingStyle.Dot

        Trace2D.initScatter (
            Trace2DStyle.Scatter(
                Name = name,
                Mode = StyleParam.Mode.Lines,
                X = Checks.gapped x,
                Y = Checks.gapped y,
                Line = Line.init (Color = Palette.line colour, Width = 2.0, Dash = dash)
            )
        )
        |> chart

    /// <summary>A line through points in order.</summary>
    /// <param name="colour">The number of the colour.</param>
    /// <param name="name">The name in the legend.</param>
    /// <param name="x">Positions.</param>
    /// <param name="y">Positions, of the same length; NaN interrupts the line.</param>
    [<CompiledName("Line")>]
    let line (colour: int) (name: string) (x: float[]) (y: float[]) : GenericChart =
        through StyleParam.DrawingStyle.Solid colour name x y

    /// <summary>A dashed line, for reference values.</summary>
    /// <param name="colour">The number of the colour.</param>
    /// <param name="name">The name in the legend.</param>
    /// <param name="x">Positions.</param>
    /// <param name="y">Positions, of the same length; NaN interrupts the line.</param>
    [<CompiledName("Dashed")>]
    let dashed (colour: int) (name: string) (x: float[]) (y: float[]) : GenericChart =
        through StyleParam.DrawingStyle.Dash colour name x y

    /// <summary>The area between two lines.</summary>
    /// <param name="colour">The number of the colour.</param>
    /// <param name="name">The name in the legend.</param>
    /// <param name="x">Positions.</param>
    /// <param name="lower">The lower line; positions where one of the two is not finite are left out.</param>
    /// <param name="upper">The upper line.</param>
    [<CompiledName("Band")>]
    let band (colour: int) (name: string) (x: float[]) (lower: float[]) (upper: float[]) : GenericChart =
        Checks.sameLength name x lower
        Checks.sameLength name x upper
        let places = Checks.finiteAt [ x; lower; upper ]
        let there, back = Checks.at places, Checks.at (Array.rev places)

        Trace2D.initScatter (
            Trace2DStyle.Scatter(
                Name = name,
                Mode = StyleParam.Mode.Lines,
                X = Array.append (there x) (back x),
                Y = Array.append (there upper) (back lower),
                Fill = StyleParam.Fill.ToSelf,
                FillColor = Palette.line colour,
                Opacity = 0.2,
                HoverInfo = StyleParam.HoverInfo.Skip,
                Line = Line.init (Color = Palette.line colour, Width = 0.0)
            )
        )
        |> chart

    let private rowsOf (name: string) (x: float[]) (y: float[]) (values: float[,]) : IConvertible[][] =
        if Array2D.length1 values <> y.Length || Array2D.length2 values <> x.Length then
            Checks.refuse
                $"{name}: {Array2D.length1 values} by {Array2D.length2 values} values on {y.Length} rows and {x.Length} columns"
                "Give a value for each row and column: values[i, j] belongs to y[i] and x[j]"

        Array.init y.Length (fun i -> Array.init x.Length (fun j -> values[i, j]) |> Checks.gapped)

    /// <summary>Values on a rectangular grid as a colour map.</summary>
    /// <param name="label">The title of the colour bar.</param>
    /// <param name="x">Positions of the columns.</param>
    /// <param name="y">Positions of the rows.</param>
    /// <param name="values">Rows by columns: <c>values[i, j]</c> belongs to <c>y[i]</c> and <c>x[j]</c>; NaN leaves a gap.</param>
    [<CompiledName("Heat")>]
    let heat (label: string) (x: float[]) (y: float[]) (values: float[,]) : GenericChart =
        let rows = rowsOf label x y values
        let scale, bounds = scaleOf (Seq.cast<float> values)

        let trace =
            Trace2D.initHeatmap (
                Trace2DStyle.Heatmap(
                    Name = label,
                    X = x,
                    Y = y,
                    Z = rows,
                    ColorScale = scale,
                    ColorBar = colourBar label,
                    ZSmooth = StyleParam.SmoothAlg.Best
                )
            )

        match bounds with
        | Some(low, high) -> trace |> Trace2DStyle.Heatmap(ZMin = low, ZMax = high)
        | None -> trace
        |> chart

    let private contourWith
        scale
        (low: float, high: float)
        (label: string)
        (x: float[])
        (y: float[])
        (values: float[,])
        =
        let rows = rowsOf label x y values

        let trace =
            Trace2D.initContour (
                Trace2DStyle.Contour(
                    Name = label,
                    X = x,
                    Y = y,
                    Z = rows,
                    ColorScale = scale,
                    ColorBar = colourBar label,
                    Contours = Contours.init (ShowLines = true, Coloring = StyleParam.ContourColoring.Heatmap),
                    Line = Line.init (Color = Palette.line 5, Width = 0.5),
                    NContours = 12,
                    Opacity = 0.7
                )
            )

        if low < high then
            trace |> Trace2DStyle.Contour(ZMin = low, ZMax = high)
        else
            trace
        |> chart

    /// <summary>Values on a rectangular grid as filled contours in light colours.</summary>
    /// <param name="label">The title of the colour bar.</param>
    /// <param name="x">Positions of the columns.</param>
    /// <param name="y">Positions of the rows.</param>
    /// <param name="values">Rows by columns: <c>values[i, j]</c> belongs to <c>y[i]</c> and <c>x[j]</c>; NaN leaves a gap.</param>
    [<CompiledName("Contour")>]
    let contour (label: string) (x: float[]) (y: float[]) (values: float[,]) : GenericChart =
        let scale, bounds = scaleOf (Seq.cast<float> values)
        contourWith scale (Option.defaultValue (0.0, 0.0) bounds) label x y values

    /// The same with the deep colours for low values.
    let internal hollows (label: string) (x: float[]) (y: float[]) (values: float[,]) : GenericChart =
        contourWith Palette.sequentialDown (0.0, 0.0) label x y values

    /// The layer without an entry in the legend.
    let internal unnamed (layer: GenericChart) : GenericChart =
        layer |> GenericChart.mapTrace (Trace2DStyle.Scatter(ShowLegend = false))

    /// <summary>A bar for each label.</summary>
    /// <param name="colour">The number of the colour.</param>
    /// <param name="name">The name in the legend.</param>
    /// <param name="labels">One per bar.</param>
    /// <param name="values">Heights; NaN leaves the place empty.</param>
    [<CompiledName("Bars")>]
    let bars (colour: int) (name: string) (labels: string[]) (values: float[]) : GenericChart =
        Trace2D.initBar (
            Trace2DStyle.Bar(
                Name = name,
                X = labels,
                Y = Checks.gapped values,
                Marker = Marker.init (Color = Palette.line colour)
            )
        )
        |> chart

    /// <summary>A histogram with bins of equal width, as a density.</summary>
    /// <param name="colour">The number of the colour.</param>
    /// <param name="name">The name in the legend.</param>
    /// <param name="bins">The approximate number of bins.</param>
    /// <param name="values">The values.</param>
    [<CompiledName("Histogram")>]
    let histogram (colour: int) (name: string) (bins: int) (values: float[]) : GenericChart =
        Trace2D.initHistogram (
            Trace2DStyle.Histogram(
                Name = name,
                X = Checks.at (Checks.finiteAt [ values ]) values,
                NBinsX = bins,
                HistNorm = StyleParam.HistNorm.ProbabilityDensity,
                Opacity = 0.7,
                Marker = Marker.init (Color = Palette.line colour)
            )
        )
        |> chart
