namespace Koopman.Plots

open System
open Koopman
open Plotly.NET

/// <summary>Charts of implied timescales.</summary>
[<RequireQualifiedAccess>]
module TimescalePlot =

    /// <summary>Implied timescales against the lag with their 95 % intervals, on logarithmic axes, with the line where the two are equal.</summary>
    /// <param name="table">From <c>Timescales.implied</c>; timescales that are not finite are left out.</param>
    /// <exception cref="T:Koopman.KoopmanException">The table has no rows.</exception>
    [<CompiledName("Implied")>]
    let implied (table: TimescaleTable) : GenericChart =
        Checks.notEmpty "lags" "Give a table with at least one row" table.Rows.Length
        let most = table.Rows |> Array.map _.Timescales.Length |> Array.max
        let lags = table.Rows |> Array.map _.Lag

        let ofProcess (k: int) : GenericChart =
            let rows = table.Rows |> Array.filter (fun row -> row.Timescales.Length > k)

            let of' (value: Timescale -> float) =
                rows |> Array.map (fun row -> value row.Timescales[k])

            Layer.intervals k $"process {k + 1}" (rows |> Array.map _.Lag) (of' _.Value) (of' _.Lower) (of' _.Upper)

        [ Layer.dashed 5 "timescale = lag" lags lags; yield! List.init most ofProcess ]
        |> Figure.create "Implied timescales" (Axis.logarithmic "lag") (Axis.logarithmic "timescale")
        |> Figure.withCaption
            "A process that the functions resolve has the same timescale at every lag; processes below the dashed line have decayed within the lag."
