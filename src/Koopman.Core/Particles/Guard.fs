namespace Koopman.Particles

open System
open TorchSharp
open Koopman

/// The data as a guard against stray particles: far from them the observables carry no information, and particles would never return.
[<Sealed>]
type internal Guard(data: Samples, units: AxisUnits) =

    let dimension = data.Dimension

    let points =
        let all, weights = Samples.values data, Tensors.toArray data.Weights

        if Array.forall (fun w -> w > 0.0) weights then
            all
        else
            [|
                for i in 0 .. weights.Length - 1 do
                    if weights[i] > 0.0 then
                        yield! Array.sub all (i * dimension) dimension
            |]

    let neighbours = Neighbours.build dimension (units.Of points)

    // In units of the lengths: 1.5 times the spacing of the data, with a lower bound so that the guard does not replace the flow.
    let own = Neighbours.nearestOther neighbours

    let radius =
        let q95 =
            MathNet.Numerics.Statistics.ArrayStatistics.QuantileInplace(Array.copy own, 0.95)
        // A single point has no neighbour.
        if Double.IsFinite q95 then
            max (1.5 * q95) (1.0 / 3.0)
        else
            1.0 / 3.0

    let snapPiece (radius: float) (z: Tensor) : int =
        let values = Tensors.toArray z
        let scaled = units.Of values
        let mutable moved = 0

        for i in 0 .. values.Length / dimension - 1 do
            let mutable sum = 0.0

            for l in i * dimension .. i * dimension + dimension - 1 do
                sum <- sum + values[l]

            if Double.IsFinite sum then
                let struct (index, distance) =
                    neighbours.Nearest(ReadOnlySpan(scaled, i * dimension, dimension))

                if distance > radius then
                    Array.blit points (index * dimension) values (i * dimension) dimension
                    moved <- moved + 1

        if moved > 0 then
            use back = Tensors.ofRows (values.Length / dimension) values
            z.copy_ back |> ignore

        moved

    /// The largest distance of a moving particle from its nearest data point, in units of the lengths.
    member _.Radius: float = radius

    /// The median distance of particles from their nearest data point, divided by that of data points from each other: about 1 where particles lie among the data. NaN
    /// if most data points coincide with another.
    member _.Remoteness(z: Tensor) : float =
        let median (values: float[]) =
            MathNet.Numerics.Statistics.ArrayStatistics.MedianInplace values

        let spacing = median (Array.copy own)

        if Double.IsFinite spacing && spacing > 0.0 then
            median (Neighbours.nearestDistances neighbours (units.Of(Tensors.toArray z)))
            / spacing
        else
            nan

    /// The number of particles that lie on a data point or on an earlier particle.
    member _.Copies(z: Tensor) : int =
        let values = Tensors.toArray z
        let scaled = units.Of values
        let before = Collections.Generic.HashSet<struct (float * float)>()
        let mutable copies = 0

        for i in 0 .. values.Length / dimension - 1 do
            let own = ReadOnlySpan(values, i * dimension, dimension)
            let mutable sum, squares = 0.0, 0.0

            for l in 0 .. dimension - 1 do
                sum <- sum + own[l] * float (l + 1)
                squares <- squares + own[l] * own[l]

            let struct (index, _) =
                neighbours.Nearest(ReadOnlySpan(scaled, i * dimension, dimension))

            let isData = ReadOnlySpan(points, index * dimension, dimension).SequenceEqual own
            // Two sums over all coordinates identify a position.
            if not (before.Add(struct (sum, squares))) || isData then
                copies <- copies + 1

        copies

    /// Moves particles that are farther than the radius from all data to their nearest data point; returns their number. Particles that
    /// are NaN are left alone; the energy reveals them.
    member _.Snap (radius: float) (z: Tensor) : int =
        Tensors.pieces ParticleField.piece (int z.shape[0])
        |> Seq.sumBy (fun (struct (start, count)) ->
            Tensors.within (fun () -> snapPiece radius (Tensors.rows start count z)))
