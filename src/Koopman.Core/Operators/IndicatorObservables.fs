namespace Koopman

open System
open TorchSharp

/// How space is cut into cells.
[<NoComparison; NoEquality>]
type internal Cells =
    /// The boxes of a regular grid between two corners, so many along every axis, the last axis running fastest.
    | Boxes of counts: int[] * low: float[] * high: float[]
    /// The points nearest to each of the centres (N, d), which belong to the cells.
    | Nearest of centres: Tensor

    member this.Dimension: int =
        match this with
        | Boxes(counts, _, _) -> counts.Length
        | Nearest centres -> int centres.shape[1]

    member this.Count: int =
        match this with
        | Boxes(counts, _, _) -> Array.fold (*) 1 counts
        | Nearest centres -> int centres.shape[0]

    /// The cell of each point of (n, d), as (n), int64; the number of cells stands for none.
    member this.Of(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            match this with
            | Nearest centres -> torch.cdist(points, centres).argmin(1L)
            | Boxes(counts, low, high) ->
                let mutable cell = torch.zeros (points.shape[0], dtype = torch.int64)
                let mutable inside = torch.ones (points.shape[0], dtype = torch.bool)

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
        torch.zeros (points.shape[0], count, dtype = torch.float64)

    override _.IsDifferentiable: bool = false

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let n = points.shape[0]
            let cell = (cells.Of points).unsqueeze 1L
            let one = torch.ones (n, 1L, dtype = torch.float64)

            torch
                .zeros(n, count + 1L, dtype = torch.float64)
                .scatter_(1L, cell, one)
                .narrow(1L, 0L, count)
                .contiguous())

    override _.Partial(points: Tensor, _: int) : Tensor = zeros points

    override _.SecondPartial(points: Tensor, _: int, _: int) : Tensor = zeros points

    override _.Dispose() : unit =
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
                | Nearest centres -> Recipe.leaf IndicatorObservables.Nearest [] [ "centres", centres ]
            )

    static member OfBoxes(recipe: Recipe) : Outcome<Observables> =
        result {
            let! counts = Recipe.wholes "counts" recipe
            let! low = Recipe.numbers "low" recipe
            let! high = Recipe.numbers "high" recipe
            return new IndicatorObservables(Boxes(counts, low, high))
        }

    static member OfCentres(recipe: Recipe) : Outcome<Observables> =
        Recipe.tensor "centres" recipe
        |> Result.map (fun centres -> new IndicatorObservables(Nearest(Tensors.copy centres)))

/// <summary>Indicators of cells: further members of the module <c>Observables</c>.</summary>
[<AutoOpen>]
module IndicatorFamilies =

    /// <summary>
    /// Makes indicators. EDMD on indicators is Ulam's method: its matrix holds the transition probabilities between cells, a Markov
    /// state model. Gradients are 0 and say nothing (<c>IsDifferentiable</c>), so that neither the Langevin generator nor particles
    /// can be had from them.
    /// </summary>
    [<RequireQualifiedAccess>]
    module Observables =

        /// <summary>
        /// The indicators of the boxes of a regular grid, the last axis running fastest. Boxes hold their lower faces, and those at the
        /// upper end of the grid both; at points outside the grid all functions are 0.
        /// </summary>
        /// <param name="cells">How many boxes along every axis (d).</param>
        /// <param name="low">The lower corner of the grid (d).</param>
        /// <param name="high">The upper corner of the grid (d).</param>
        /// <returns>The functions, or an error if the grid is empty or has more than 20,000 boxes.</returns>
        let gridIndicators (cells: int[]) (low: float[], high: float[]) : Outcome<Observables> =
            let d = cells.Length
            let count = cells |> Array.fold (fun product n -> product * float n) 1.0

            result {
                do! Box.check d (low, high)

                if cells |> Array.exists (fun n -> n < 1) then
                    return!
                        KoopmanError.fail
                            ErrorKind.InvalidSetting
                            "A grid needs at least one box along every axis"
                            "Give positive numbers of boxes, for example 20 along each of two axes"
                elif count > 20_000.0 then
                    return!
                        KoopmanError.fail
                            ErrorKind.InvalidSetting
                            $"The grid has {count:N0} boxes"
                            "Use fewer boxes an axis, or the cells of centres laid over the data (cellIndicators)"
                else
                    return
                        new IndicatorObservables(Boxes(Array.copy cells, Array.copy low, Array.copy high))
                        :> Observables
            }

        /// <summary>
        /// The indicators of the Voronoi cells of centres (N, d): every point lies in the cell of its nearest centre, so that the functions
        /// add up to 1. <c>Centres.kMeans</c> and <c>Centres.farthest</c> choose centres. They are copied.
        /// </summary>
        /// <returns>The functions, or an error if there are fewer than two centres, if two are equal, or if one is not finite.</returns>
        let cellIndicators (centres: Tensor) : Outcome<Observables> =
            if centres.dim () <> 2L || centres.shape[0] < 2L || centres.shape[1] < 1L then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    "Cells need at least two centres, one a row"
                    "Give centres of shape (N, d); Centres.kMeans chooses them from data"
            elif not (Tensors.isFinite centres) then
                KoopmanError.fail ErrorKind.NotFinite "The centres hold NaN or infinity" "Remove these centres"
            else
                let own = Tensors.own (fun () -> centres.to_type (torch.float64, true))

                let nearest =
                    Neighbours.build (int own.shape[1]) (Tensors.toArray own)
                    |> Neighbours.nearestOther
                    |> Array.min

                if nearest <= 0.0 then
                    own.Dispose()

                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "Two of the centres are the same point, so that one cell is empty"
                        "Give distinct centres"
                else
                    Ok(new IndicatorObservables(Nearest own))

        /// <summary>The indicators of the k-means cells of the data: the states of a Markov state model.</summary>
        /// <param name="count">How many cells.</param>
        /// <param name="seed">Of the start of k-means.</param>
        /// <param name="samples">The data; they are not kept.</param>
        let cellIndicatorsOver (count: int) (seed: Seed) (samples: Samples) : Outcome<Observables> =
            if count < 2 || count > samples.Count then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"{samples.Count} samples do not fall into {count} cells"
                    "Ask for at least two cells, and give many samples a cell"
            else
                use centres = Centres.kMeans 50 count seed samples
                cellIndicators centres
