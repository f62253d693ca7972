namespace Koopman.Experiments

open System
open System.Globalization

/// <summary>Rows of the tables in the documentation, made from the metrics of stored runs, so that a test can compare the two.</summary>
[<RequireQualifiedAccess>]
module MeasuredRow =

    /// <summary>A row of a table in Markdown.</summary>
    let ofCells (cells: string list) : string = "| " + String.Join(" | ", cells) + " |"

    let private withoutZero (text: string) : string =
        if text.StartsWith "0." then text.Substring 1 else text

    /// <summary>A number with this many decimals, without a zero before the point.</summary>
    let number (digits: int) (value: float) : string =
        value.ToString($"F{digits}", CultureInfo.InvariantCulture) |> withoutZero

    /// <summary>A number with two figures, of which those before the point are all shown.</summary>
    let figures (value: float) : string =
        if value = 0.0 then
            "0"
        else
            // Rounded first: .0998 has the figures of .10.
            let rounded =
                Double.Parse(value.ToString("E1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)

            number (max 0 (1 - int (floor (log10 (abs rounded))))) value

    /// <summary>A metric in words, or a dash where a method does not have it.</summary>
    let cell (words: float -> string) (metrics: Map<string, float>) (name: string) : string =
        metrics |> Map.tryFind name |> Option.map words |> Option.defaultValue "–"
