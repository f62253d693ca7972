namespace Koopman.Plots

open System
open System.Globalization
open Koopman

/// Coordinates of samples, as many as a browser draws with ease, and numbers in words.
module internal Points =

    let private most = 3000

    /// Every n-th of so many, so that no more than a few thousand are left.
    let shown (count: int) : int[] =
        let stride = max 1 ((count + most - 1) / most)
        [| 0..stride .. count - 1 |]

    /// One coordinate at some of the rows of a row-major array.
    let coordinate (axis: int) (dimension: int) (values: float[]) (rows: int[]) : float[] =
        rows |> Array.map (fun i -> values[i * dimension + axis])

    /// The name of a coordinate, counted from 0: x where there is one alone.
    let name (axis: int) (dimension: int) : string =
        if dimension = 1 then "x" else $"x{axis + 1}"

    let checkAxis (axis: int) (dimension: int) : unit =
        if axis < 0 || axis >= dimension then
            Checks.refuse
                $"Coordinate {axis} of points with {dimension}"
                $"Coordinates count from 0: give one from 0 to {dimension - 1}"

    /// A number with four digits, the same in every country.
    let words (value: float) : string =
        if Double.IsNaN value then "unknown"
        elif Double.IsPositiveInfinity value then "∞"
        else value.ToString("G4", CultureInfo.InvariantCulture)
