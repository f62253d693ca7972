namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// A length for every coordinate (d): the unit of steps, noise and distances of particles. A coordinate with infinite length does not move and
/// does not contribute to distances.
[<Sealed>]
type internal AxisUnits(lengths: float[]) =

    let inverse = lengths |> Array.map (fun length -> 1.0 / length)
    let inverse' = new Constant(Tensors.own (fun () -> Tensors.ofVector inverse))

    let finite' =
        new Constant(
            Tensors.own (fun () ->
                lengths
                |> Array.map (fun length -> if Double.IsFinite length then length else 0.0)
                |> Tensors.ofVector)
        )

    let free' =
        new Constant(
            Tensors.own (fun () ->
                lengths
                |> Array.map (fun length -> if Double.IsFinite length then 1.0 else 0.0)
                |> Tensors.ofVector)
        )

    /// Points in these units, row by row, as a copy.
    member _.Of(values: float[]) : float[] =
        Array.mapi (fun i value -> value * inverse[i % inverse.Length]) values

    /// Vectors (n, d) in these units.
    member _.Of(vectors: Tensor) : Tensor = vectors * inverse'.For vectors

    /// Converts vectors (n, d) from these units to those of the data, 0 along an infinite length.
    member _.Back(vectors: Tensor) : Tensor = vectors * finite'.For vectors

    /// Vectors (n, d) without their components along infinite lengths.
    member _.Free(vectors: Tensor) : Tensor =
        if Array.forall Double.IsFinite lengths then
            vectors
        else
            vectors * free'.For vectors

    interface IDisposable with
        member _.Dispose() : unit =
            inverse'.Dispose()
            finite'.Dispose()
            free'.Dispose()

/// Functions that create units.
[<RequireQualifiedAccess>]
module internal AxisUnits =

    /// The coordinates that are constant over all samples of positive weight, with their values.
    let constants (data: Samples) : (int * float)[] =
        use _ = Tensors.scope ()
        let used = data.Weights.gt(Tensors.num 0.0).nonzero().squeeze 1L
        let points = data.Points.index_select (0L, used)

        let low, high =
            points.amin [| 0L |] |> Tensors.toArray, points.amax [| 0L |] |> Tensors.toArray

        [|
            for axis in 0 .. low.Length - 1 do
                if low[axis] = high[axis] then
                    axis, low[axis]
        |]

    /// Sets the coordinates of points (n, d) that are constant in the data to their constant values, in place.
    let restore (data: Samples) (points: Tensor) : unit =
        for axis, value in constants data do
            points.select(1L, int64 axis).fill_(Tensors.num value) |> ignore
