namespace Koopman

open System
open MathNet.Numerics.LinearAlgebra

/// Missing values of a column in time order, replaced by the linear combination of its neighbours with the smallest expected square of the error.
[<RequireQualifiedAccess>]
module internal GapFilling =

    /// The values that are looked at before a gap, and after it; and the longest gap that is filled.
    let reach: int = 48

    /// Relative to the variance: what the neighbours are taken not to know.
    let private nugget: float = 1e-6

    let private isKnown (x: float) : bool = Double.IsFinite x

    /// The mean over all columns, and the autocovariances at the distances 0 to most over the pairs whose values are both known.
    let private covariances (most: int) (columns: float[][]) : struct (float * float[]) =
        let known = columns |> Seq.collect (Seq.filter isKnown) |> Array.ofSeq
        let mean = if known.Length = 0 then 0.0 else Array.average known

        let at (k: int) =
            let mutable sum, count = 0.0, 0

            for x in columns do
                for t in k .. x.Length - 1 do
                    if isKnown x[t] && isKnown x[t - k] then
                        sum <- sum + (x[t] - mean) * (x[t - k] - mean)
                        count <- count + 1

            // Fewer pairs are known at longer distances, and trusted less.
            sum / float (max 1 count) * (1.0 - float k / float (4 * most))

        struct (mean, Array.init (most + 1) at)

    /// The gaps (first row, length) of a column.
    let gaps (x: float[]) : struct (int * int) list =
        [| 0 .. x.Length - 1 |]
        |> Array.filter (fun t -> not (isKnown x[t]) && (t = 0 || isKnown x[t - 1]))
        |> Array.map (fun t ->
            let mutable after = t

            while after < x.Length && not (isKnown x[after]) do
                after <- after + 1

            struct (t, after - t))
        |> List.ofArray

    /// <summary>The columns of one quantity in several trajectories with their short gaps filled, and the number of values that were.</summary>
    let fill (columns: float[][]) : struct (float[][] * int) =
        let found = columns |> Array.map gaps

        if found |> Array.forall List.isEmpty then
            struct (columns, 0)
        else
            let struct (mean, covariance) = covariances (3 * reach) columns
            let mutable filled = 0

            let fillOne (x: float[]) (gaps: struct (int * int) list) : float[] =
                let result = Array.copy x

                for struct (first, length) in gaps do
                    let before = max 0 (first - reach)
                    let after = min (x.Length - 1) (first + length + reach - 1)

                    let neighbours =
                        [|
                            for t in before..after do
                                if isKnown x[t] then
                                    t
                        |]

                    if length <= reach && neighbours.Length > 0 then
                        let between (s: int) (t: int) =
                            covariance[min (abs (s - t)) (3 * reach)]

                        let system =
                            Matrix<float>
                                .Build.Dense(
                                    neighbours.Length,
                                    neighbours.Length,
                                    fun i j ->
                                        between neighbours[i] neighbours[j]
                                        + (if i = j then nugget * covariance[0] else 0.0)
                                )

                        let values =
                            Vector<float>.Build.Dense(neighbours.Length, fun i -> x[neighbours[i]] - mean)

                        let weights =
                            if covariance[0] > 0.0 then
                                system.Svd().Solve values
                            else
                                values

                        for t in first .. first + length - 1 do
                            let mutable sum = mean

                            if covariance[0] > 0.0 then
                                for i in 0 .. neighbours.Length - 1 do
                                    sum <- sum + between t neighbours[i] * weights[i]

                            result[t] <- sum
                            filled <- filled + 1

                result

            let all = Array.map2 fillOne columns found
            struct (all, filled)
