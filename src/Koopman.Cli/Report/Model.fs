namespace Koopman.Cli.Reporting

open System

/// <summary>How a column of a table is set.</summary>
[<RequireQualifiedAccess>]
type Alignment =
    /// <summary>Words.</summary>
    | Left
    /// <summary>Numbers, in figures of equal width.</summary>
    | Right

/// <summary>What a cell of a table tells beyond its text.</summary>
[<RequireQualifiedAccess>]
type Emphasis =
    /// <summary>Nothing.</summary>
    | Plain
    /// <summary>As it should be.</summary>
    | Good
    /// <summary>Not as it should be.</summary>
    | Bad

/// <summary>One cell of a table.</summary>
type Cell = { Text: string; Emphasis: Emphasis }

/// <summary>A table; every row has as many cells as there are columns.</summary>
type Table =
    {
        /// <summary>One line under the table; empty for none.</summary>
        Caption: string
        /// <summary>Heading and alignment of each column.</summary>
        Columns: (string * Alignment) list
        /// <summary>The rows from the top.</summary>
        Rows: Cell list list
    }

/// <summary>Values on a rectangular grid.</summary>
type Grid =
    {
        /// <summary>Name of the quantity, shown beside the colour scale.</summary>
        Name: string
        /// <summary>Positions of the columns.</summary>
        X: float[]
        /// <summary>Positions of the rows.</summary>
        Y: float[]
        /// <summary>Values, row by row: <c>Z[i][j]</c> belongs to <c>Y[i]</c> and <c>X[j]</c>. NaN leaves a hole.</summary>
        Z: float[][]
    }

/// <summary>One layer of a plot; layers are drawn in order, the last on top.</summary>
[<RequireQualifiedAccess>]
type Trace =
    /// <summary>Points in one colour; a browser draws a few thousand without effort.</summary>
    | Points of name: string * x: float[] * y: float[]
    /// <summary>Points coloured by a value each, with a colour scale that carries the label.</summary>
    | ColouredPoints of name: string * x: float[] * y: float[] * colour: float[] * label: string
    /// <summary>Points with a symmetric error bar each.</summary>
    | Measured of name: string * x: float[] * y: float[] * error: float[]
    /// <summary>A line through points in order.</summary>
    | Line of name: string * x: float[] * y: float[]
    /// <summary>A dashed line, for what is expected.</summary>
    | Dashed of name: string * x: float[] * y: float[]
    /// <summary>Values on a grid as colours.</summary>
    | Heat of Grid
    /// <summary>Values on a grid as lines of equal value, filled lightly.</summary>
    | Contour of Grid
    /// <summary>A bar for each label; errors are symmetric, and empty for none.</summary>
    | Bars of name: string * labels: string[] * values: float[] * errors: float[]
    /// <summary>How often values fall into bins of equal width, as a density.</summary>
    | Histogram of name: string * values: float[] * bins: int

/// <summary>One axis of a plot.</summary>
type Axis =
    {
        /// <summary>Quantity and unit.</summary>
        Title: string
        /// <summary>Whether positions are logarithms; values must then be positive.</summary>
        Logarithmic: bool
        /// <summary>First and last value shown; found from the data if absent.</summary>
        Range: (float * float) option
    }

/// <summary>A picture of layers over two axes.</summary>
type Plot =
    {
        /// <summary>What the picture shows, in a few words.</summary>
        Title: string
        /// <summary>How to read it, one or two sentences; empty for none.</summary>
        Caption: string
        X: Axis
        Y: Axis
        /// <summary>The layers, the last on top.</summary>
        Traces: Trace list
        /// <summary>Whether one unit is as long on both axes, as for positions in a plane.</summary>
        EqualUnits: bool
        /// <summary>Height on the screen in pixels.</summary>
        Height: int
    }

/// <summary>Grey-scale images of one size, row by row.</summary>
type ImageGrid =
    {
        /// <summary>One line under the grid; empty for none.</summary>
        Caption: string
        /// <summary>Rows of an image.</summary>
        Height: int
        /// <summary>Columns of an image.</summary>
        Width: int
        /// <summary>Each image row by row from the top, 0 black to 1 white.</summary>
        Images: float[] list
        /// <summary>Images side by side; at least 1.</summary>
        Across: int
    }

/// <summary>A piece of a section.</summary>
[<RequireQualifiedAccess>]
type Block =
    /// <summary>A paragraph; it is text, not mark-up.</summary>
    | Paragraph of string
    /// <summary>A table.</summary>
    | Table of Table
    /// <summary>A plot.</summary>
    | Plot of Plot
    /// <summary>A grid of images.</summary>
    | Images of ImageGrid
    /// <summary>Pieces side by side where the screen is wide enough.</summary>
    | Beside of Block list

/// <summary>A heading and what stands under it.</summary>
type Section = { Heading: string; Blocks: Block list }

/// <summary>What is needed to make the same report again.</summary>
type Provenance =
    {
        /// <summary>The command line.</summary>
        Command: string
        /// <summary>The seed, if chance was involved.</summary>
        Seed: int64 option
        /// <summary>Names and versions of the software, and what else mattered (threads, device).</summary>
        Environment: (string * string) list
        /// <summary>When the work was done.</summary>
        Date: DateTimeOffset
    }

/// <summary>One page about one run.</summary>
type Report =
    {
        Title: string
        /// <summary>One sentence under the title: the result, not the method.</summary>
        Subtitle: string
        Sections: Section list
        Provenance: Provenance
    }

/// <summary>Makes cells.</summary>
[<RequireQualifiedAccess>]
module Cell =
    /// <summary>A cell without emphasis.</summary>
    let text (text: string) : Cell =
        {
            Text = text
            Emphasis = Emphasis.Plain
        }

    /// <summary>A cell that is good or bad as the judgement is true or false.</summary>
    let judged (isGood: bool) (text: string) : Cell =
        {
            Text = text
            Emphasis = if isGood then Emphasis.Good else Emphasis.Bad
        }

/// <summary>Makes axes.</summary>
[<RequireQualifiedAccess>]
module Axis =
    /// <summary>A linear axis that shows all data.</summary>
    let linear (title: string) : Axis =
        {
            Title = title
            Logarithmic = false
            Range = None
        }

    /// <summary>A logarithmic axis that shows all data.</summary>
    let logarithmic (title: string) : Axis =
        { linear title with Logarithmic = true }

    /// <summary>The axis from the first to the last value.</summary>
    let between (first: float) (last: float) (axis: Axis) : Axis = { axis with Range = Some(first, last) }

/// <summary>Makes plots.</summary>
[<RequireQualifiedAccess>]
module Plot =
    /// <summary>A plot with linear scales of its own, 420 pixels high, without caption.</summary>
    let create (title: string) (x: Axis) (y: Axis) (traces: Trace list) : Plot =
        {
            Title = title
            Caption = ""
            X = x
            Y = y
            Traces = traces
            EqualUnits = false
            Height = 420
        }

    /// <summary>The plot with a caption.</summary>
    let withCaption (caption: string) (plot: Plot) : Plot = { plot with Caption = caption }

    /// <summary>The plot with units of equal length on both axes.</summary>
    let withEqualUnits (plot: Plot) : Plot = { plot with EqualUnits = true }

/// <summary>Tables that stand on the terminal and on a page alike.</summary>
[<RequireQualifiedAccess>]
module PageTable =

    /// <summary>A table of a page from the columns and rows that <c>Ui.table</c> takes.</summary>
    let ofText (caption: string) (columns: string list) (rows: string list list) : Block =
        Block.Table
            {
                Caption = caption
                Columns =
                    columns
                    |> List.map (fun name ->
                        if name.StartsWith '<' then
                            name.Substring 1, Alignment.Left
                        else
                            name, Alignment.Right)
                Rows = rows |> List.map (List.map Cell.text)
            }
