namespace Koopman.Plots

open Plotly.NET

/// <summary>
/// The colours of all charts. A chart stores the colours of light mode; a page in dark mode replaces each by its counterpart from this list.
/// </summary>
[<RequireQualifiedAccess>]
module Palette =

    /// For white and dark grey backgrounds; line colours first.
    let private lines =
        [|
            "#d1551b", "#ff9a5c"
            "#1b62a8", "#7cb8f2"
            "#2a8a5b", "#74cf9d"
            "#8c4a9e", "#d39be3"
            "#9a7400", "#e2c04a"
            "#5c646d", "#9ea7af"
        |]

    let private inkPair = "#22262b", "#e3e6e8"
    let private faintPair = "#d9dcdf", "#3a4047"
    let private panelPair = "#ffffff", "#1d2125"
    let private middlePair = "#8db9e2", "#2f6296"
    let private deepPair = "#174a7c", "#9fd0ff"
    let private warmPair = "#c2410c", "#ff8a4a"

    /// <summary>Every colour for a light page with its counterpart for a dark one, as <c>#rrggbb</c>.</summary>
    [<CompiledName("Pairs")>]
    let pairs: struct (string * string)[] =
        Array.append lines [| inkPair; faintPair; panelPair; middlePair; deepPair; warmPair |]
        |> Array.map (fun (light, dark) -> struct (light, dark))

    let private light (pair: string * string) : Color = Color.fromString (fst pair)

    /// <summary>The number of colours for lines.</summary>
    [<CompiledName("Count")>]
    let count: int = lines.Length

    /// <summary>The colour of a line or a set of points, counted from 0; the colours repeat after the last.</summary>
    [<CompiledName("Line")>]
    let line (number: int) : Color =
        light lines[((number % lines.Length) + lines.Length) % lines.Length]

    /// <summary>Text.</summary>
    [<CompiledName("Ink")>]
    let ink: Color = light inkPair

    /// <summary>Grid lines and axes.</summary>
    [<CompiledName("Faint")>]
    let faint: Color = light faintPair

    /// <summary>The background of charts.</summary>
    [<CompiledName("Panel")>]
    let panel: Color = light panelPair

    /// <summary>A colour scale from the colour of the page to a deep one, for values of one sign.</summary>
    [<CompiledName("Sequential")>]
    let sequential: StyleParam.Colorscale =
        StyleParam.Colorscale.Custom [ 0.0, light panelPair; 0.5, light middlePair; 1.0, light deepPair ]

    /// The same from deep to pale.
    let internal sequentialDown: StyleParam.Colorscale =
        StyleParam.Colorscale.Custom [ 0.0, light deepPair; 0.5, light middlePair; 1.0, light panelPair ]

    /// <summary>A colour scale whose middle, which is 0, is the colour of the page.</summary>
    [<CompiledName("Diverging")>]
    let diverging: StyleParam.Colorscale =
        StyleParam.Colorscale.Custom [ 0.0, light lines[1]; 0.5, light panelPair; 1.0, light warmPair ]
