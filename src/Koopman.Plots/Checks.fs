namespace Koopman.Plots

open System
open Koopman

/// Checks of the input of charts, and the treatment of values that cannot be drawn.
module internal Checks =

    let refuse (cause: string) (remedy: string) : 'T =
        KoopmanError.fail ErrorKind.InvalidSetting cause remedy |> Outcome.get

    /// Rejects an empty list of things to draw.
    let notEmpty (what: string) (remedy: string) (count: int) : unit =
        if count = 0 then
            refuse $"There are no {what} to draw" remedy

    /// Rejects lists of different lengths whose elements are paired.
    let sameLength (what: string) (x: float[]) (y: float[]) : unit =
        if x.Length <> y.Length then
            refuse $"{what}: {x.Length} positions and {y.Length} values" "Give a value for each position"

    /// JSON has neither NaN nor infinity: null leaves a gap.
    let gapped (values: float[]) : IConvertible[] =
        values
        |> Array.map (fun value ->
            if Double.IsFinite value then
                value :> IConvertible
            else
                Unchecked.defaultof<IConvertible>)

    /// The indices at which all of these lists have finite values.
    let finiteAt (lists: float[] list) : int[] =
        match lists with
        | [] -> [||]
        | first :: _ ->
            Array.init first.Length id
            |> Array.filter (fun i -> lists |> List.forall (fun values -> Double.IsFinite values[i]))

    let at (places: int[]) (values: 'T[]) : 'T[] =
        places |> Array.map (fun i -> values[i])
