namespace Koopman

open System
open TorchSharp

/// The partition of space into cells.
[<NoComparison; NoEquality>]
type internal Cells =
    /// The boxes of a regular grid between two corners, with their number along every axis, the last axis varying fastest.
    | Boxes of counts: int[] * low: float[] * high: float[]
    /// The Voronoi cells of centres (N, d), which the object owns.
    | Nearest of centres: Constant

    member this.Dimension: int =
        match this with
        | Boxes(counts, _, _) -> counts.Length
        | Nearest centres -> int centres.Tensor.shape[1]

    member this.Count: int =
        match this with
        | Boxes(counts, _, _) -> Array.fold (*) 1 counts
        | Nearest centres -> int centres.Tensor.shape[0]

    /// The cell of each point of (n, d), as (n), int64; the number of cells means none.
    member this.Of(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            match this with
            | Nearest centres -> torch.cdist(points, centres.For points).argmin(1L)
            | Boxes(counts, low, high) ->
                let mutable cell =
                    torch.zeros (points.shape[0], dtype = torch.int64, device = points.device)

                let mutable inside =
                    torch.ones (points.shape[0], dtype = torch.bool, device = points.device)

                for axis in 0 .. counts.Length - 1 do
                    let x = points.select (1L, int64 axis)
                    let scale = float counts[axis] / (high[axis] - low[axis])

                    let place =
                        (scale * (x - low[axis]))
                            .floor()
                            .clamp(Tensors.num 0.0, Tensors.num (float (counts[axis] - 1)))
                            .to_type(torch.int64)

                    cell <- cell * (int64 counts[axis]).ToScalar() + place

                    inside <-
                        inside.logical_and(x.ge (Tensors.num low[axis])).logical_and(x.le (Tensors.num high[axis]))

                torch.where (inside, cell, torch.full_like (cell, (int64 this.Count).ToScalar())))

/// The indicators of N cells. It owns them.
[<Sealed>]
type internal IndicatorObservables(cells: Cells) =
    inherit
        Observables(
            cells.Dimension,
            cells.Count,
            match cells with
            | Boxes _ -> $"indicators of {cells.Count} boxes"
            | Nearest _ -> $"indicators of {cells.Count} cells"
        )

    let count = int64 cells.Count

    let zeros (points: Tensor) : Tensor =
        Tensors.zeros [| points.shape[0]; count |] points

    override _.IsDifferentiable: bool = false

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let n = points.shape[0]
            let cell = (cells.Of points).unsqueeze 1L
            let one = Tensors.ones [| n; 1L |] points

            (Tensors.zeros [| n; count + 1L |] points).scatter_(1L, cell, one).narrow(1L, 0L, count).contiguous())

    override _.Partial(points: Tensor, _: int) : Tensor = zeros points

    override _.SecondPartial(points: Tensor, _: int, _: int) : Tensor = zeros points

    override _.Free() : unit =
        match cells with
        | Boxes _ -> ()
        | Nearest centres -> centres.Dispose()

    static member Boxes: string = "boxes"

    static member Nearest: string = "cells"

    interface IRecipe with
        member _.Recipe() =
            Ok(
                match cells with
                | Boxes(counts, low, high) ->
                    Recipe.leaf
                        IndicatorObservables.Boxes
                        []
                        [
                            "counts", Recipe.ofWholes counts
                            "low", Tensors.ofVector low
                            "high", Tensors.ofVector high
                        ]
                | Nearest centres -> Recipe.leaf IndicatorObservables.Nearest [] [ "centres", centres.Tensor ]
            )

    static member OfBoxes(recipe: Recipe) : Outcome<Observables> =
        result {
            let! low = Recipe.vector "low" recipe
            let! high = Recipe.like low [ low.shape[0] ] "high" recipe
            let! counts = Recipe.wholes 20_000 [ low.shape[0] ] "counts" recipe
            let low, high = Tensors.toArray low, Tensors.toArray high
            let count = counts |> Array.fold (fun product n -> product * float n) 1.0

            do!
                Recipe.demand
                    (count > 0.0 && count <= 20_000.0 && Array.forall2 (<) low high)
                    "there must be 1 to 20,000 between a lower and an upper corner"
                    recipe

            return new IndicatorObservables(Boxes(counts, low, high))
        }

    static member OfCentres(recipe: Recipe) : Outcome<Observables> =
        Recipe.matrix "centres" recipe
        |> Result.map (fun centres -> new IndicatorObservables(Nearest(new Constant(Tensors.copy centres))))
