namespace Koopman.Cli.Reporting

open System
open Plotly.NET

/// <summary>The alignment of a column of a table.</summary>
[<RequireQualifiedAccess>]
type Alignment =
    /// <summary>Text.</summary>
    | Left
    /// <summary>Numbers, in tabular figures.</summary>
    | Right

/// <summary>The style of a cell of a table.</summary>
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

/// <summary>A table; every row has one cell per column.</summary>
type Table =
    {
        /// <summary>A note under the table; empty for none.</summary>
        Caption: string
        /// <summary>Heading and alignment of each column.</summary>
        Columns: (string * Alignment) list
        /// <summary>The rows from the top.</summary>
        Rows: Cell list list
    }

/// <summary>A block of a section.</summary>
[<RequireQualifiedAccess; NoComparison>]
type Block =
    /// <summary>A paragraph; it is text, not mark-up.</summary>
    | Paragraph of string
    /// <summary>A table.</summary>
    | Table of Table
    /// <summary>A chart, with the title and the caption that it carries.</summary>
    | Chart of GenericChart
    /// <summary>Blocks side by side where the screen is wide enough.</summary>
    | Beside of Block list

/// <summary>A heading and its blocks.</summary>
[<NoComparison>]
type Section = { Heading: string; Blocks: Block list }

/// <summary>The command and versions that reproduce the report.</summary>
type Provenance =
    {
        /// <summary>The command line.</summary>
        Command: string
        /// <summary>The seed, if random numbers were used.</summary>
        Seed: int64 option
        /// <summary>Names and versions of the software, and other settings that matter (threads, device).</summary>
        Environment: (string * string) list
        /// <summary>The time of the run.</summary>
        Date: DateTimeOffset
    }

/// <summary>A report on one run.</summary>
[<NoComparison>]
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

    /// <summary>A cell marked good or bad by a truth value.</summary>
    let judged (isGood: bool) (text: string) : Cell =
        {
            Text = text
            Emphasis = if isGood then Emphasis.Good else Emphasis.Bad
        }

/// <summary>Tables shown both on the terminal and in a report.</summary>
[<RequireQualifiedAccess>]
module PageTable =

    /// <summary>A report's table from the columns and rows that <c>Ui.table</c> takes.</summary>
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
