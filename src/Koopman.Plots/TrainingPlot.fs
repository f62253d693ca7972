namespace Koopman.Plots

open System
open Plotly.NET

/// <summary>Charts of training losses.</summary>
[<RequireQualifiedAccess>]
module TrainingPlot =

    /// <summary>Losses over the steps, on a logarithmic axis if all are positive.</summary>
    /// <param name="title">The title.</param>
    /// <param name="names">Names of the losses, such as "training" and "held-out rows".</param>
    /// <param name="losses">For each name one loss per step; non-finite values leave a gap.</param>
    /// <exception cref="T:Koopman.KoopmanException">There are no losses, or not one list per name.</exception>
    [<CompiledName("Losses")>]
    let losses (title: string) (names: string[]) (losses: float[][]) : GenericChart =
        Checks.notEmpty "losses" "Give at least one" (Array.sumBy Array.length losses)

        if names.Length <> losses.Length then
            Checks.refuse $"{names.Length} names for {losses.Length} lists of losses" "Give a name for each"

        let isPositive =
            losses
            |> Array.forall (Array.forall (fun loss -> loss > 0.0 || not (Double.IsFinite loss)))

        let axis = if isPositive then Axis.logarithmic else Axis.linear

        [
            for i, (name, values) in Array.indexed (Array.zip names losses) ->
                Layer.line i name (Array.init values.Length (fun step -> float (step + 1))) values
        ]
        |> Figure.create title (Axis.linear "step") (axis "loss")
