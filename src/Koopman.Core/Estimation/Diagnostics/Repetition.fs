namespace Koopman

open System
open System.Collections.Generic
open TorchSharp

/// <summary>
/// Duplicates in data: rows that occur more than once although their values are continuous. They carry no information and are merged into weights.
/// </summary>
[<RequireQualifiedAccess>]
module internal Repetition =

    /// Values on a grid, such as counts and rounded readings, repeat by chance: their gaps are multiples of the smallest.
    let private isLattice (column: float[]) : bool =
        let values = column |> Array.distinct |> Array.sort
        let gaps = values |> Array.pairwise |> Array.map (fun (a, b) -> b - a)

        if gaps.Length < 8 then
            true
        else
            let step = Array.min gaps

            let multiples =
                gaps |> Array.filter (fun gap -> abs (gap / step - round (gap / step)) < 0.05)

            float multiples.Length > 0.9 * float gaps.Length

    /// The first index of each distinct row (n, k) and the total weight of its copies; none if there are hardly any copies, or if the values form a grid.
    let private firsts (rows: Tensor) (weights: Tensor) : struct (int64[] * float[]) option =
        let n, k = int rows.shape[0], int rows.shape[1]
        // Long rows are compared in some of their coordinates only.
        let some = Array.init (min k 8) (fun i -> i * k / min k 8)
        let values = Tensors.toArray rows
        let weights = Tensors.toArray weights

        let places, totals, order =
            Dictionary<struct (int64 * int64), int>(), ResizeArray(), ResizeArray()

        for t in 0 .. n - 1 do
            let mutable first, second = 0L, 0L

            for i in some do
                let bits = BitConverter.DoubleToInt64Bits(values[t * k + i])
                first <- (first ^^^ bits) * 0x100000001B3L
                second <- second * 31L + bits

            let key = struct (first, second)

            match places.TryGetValue key with
            | true, place -> totals[place] <- totals[place] + weights[t]
            | _ ->
                places[key] <- order.Count
                order.Add(int64 t)
                totals.Add weights[t]

        let column (i: int) =
            Array.init n (fun t -> values[t * k + i])

        if float n < 1.05 * float order.Count || Seq.forall (column >> isLattice) some then
            None
        else
            Some(struct (order.ToArray(), totals.ToArray()))

    /// The pairs with copies merged into weights, and the average number of copies. Pairs with inputs or second successors are returned unchanged.
    let merge (pairs: SnapshotPairs) : Outcome<SnapshotPairs * float> =
        use _ = Tensors.scope ()

        let same () =
            Ok(SnapshotPairs.withConstant None pairs, 1.0)

        if pairs.Inputs.IsSome || pairs.Second.IsSome then
            same ()
        else
            let both = torch.cat ([| pairs.From.Points; pairs.To.Points |], 1L)

            match firsts both pairs.From.Weights with
            | None -> same ()
            | Some(struct (rows, weights)) ->
                let index = Tensors.ofIndices rows
                let at (samples: Samples) = samples.Points.index_select (0L, index)

                SnapshotPairs.create pairs.Lag (at pairs.From) (at pairs.To)
                |> Result.bind (fun once ->
                    use once = once

                    SnapshotPairs.withWeights weights once
                    |> Result.map (fun merged -> merged, float pairs.Count / float rows.Length))

    /// The samples with copies merged into weights, and the average number of copies.
    let mergeSamples (samples: Samples) : Outcome<Samples * float> =
        use _ = Tensors.scope ()

        let same () =
            Samples.withWeights (Tensors.toArray samples.Weights) samples
            |> Result.map (fun same -> same, 1.0)

        match samples.Sampling with
        | Quadrature ->
            Ok(
                new Samples(
                    samples.Points.alias().DetachFromDisposeScope(),
                    samples.Weights.alias().DetachFromDisposeScope(),
                    Quadrature
                ),
                1.0
            )
        | Drawn ->
            match firsts samples.Points samples.Weights with
            | None -> same ()
            | Some(struct (rows, weights)) ->
                Samples.ofTensor (samples.Points.index_select (0L, Tensors.ofIndices rows))
                |> Result.bind (fun once ->
                    use once = once

                    Samples.withWeights weights once
                    |> Result.map (fun merged -> merged, float samples.Count / float rows.Length))
