namespace Koopman.Plots

open System
open System.Globalization
open Koopman

/// Coordinates of samples, thinned to a few thousand, and numbers as text.
module internal Points =

    let private most = 3000

    /// The stride that leaves at most a few thousand of this many.
    let shown (count: int) : int[] =
        let stride = max 1 ((count + most - 1) / most)
        [| 0..stride .. count - 1 |]

    /// One coordinate at some of the rows of a row-major array.
    let coordinate (axis: int) (dimension: int) (values: float[]) (rows: int[]) : float[] =
        rows |> Array.map (fun i -> values[i * dimension + axis])

    /// The name of a coordinate, counted from 0; x if it is the only one.
    let name (axis: int) (dimension: int) : string =
        if dimension = 1 then "x" else $"x{axis + 1}"

    let checkAxis (axis: int) (dimension: int) : unit =
        if axis < 0 || axis >= dimension then
            Checks.refuse
                $"There is no coordinate {axis} in {dimension} dimension(s)"
                $"Coordinates count from 0: give one from 0 to {dimension - 1}"

    /// A number with four digits, in the invariant culture.
    let words (value: float) : string =
        if Double.IsNaN value then "unknown"
        elif Double.IsPositiveInfinity value then "∞"
        else value.ToString("G4", CultureInfo.InvariantCulture)
