namespace Koopman

/// <summary>
/// The real Schur form of a matrix by reduction to Hessenberg form and Francis' implicit double shifts (Golub and Van Loan, Matrix
/// Computations, sections 7.4 and 7.5; exceptional shifts as in EISPACK's hqr). libtorch does not provide it. Rows are arrays.
/// </summary>
[<RequireQualifiedAccess>]
module internal FrancisQr =

    /// The reflection 1 - β v vᵀ, v_0 = 1, that makes all entries of x but the first zero.
    let private reflection (x: float[]) : struct (float[] * float) =
        let scale = x |> Array.fold (fun m e -> max m (abs e)) 0.0

        if scale = 0.0 || x |> Array.tail |> Array.forall ((=) 0.0) then
            struct (x, 0.0)
        else
            let length = scale * sqrt (x |> Array.sumBy (fun e -> (e / scale) * (e / scale)))
            let target = if x[0] > 0.0 then -length else length
            let first = x[0] - target
            struct (x |> Array.mapi (fun i e -> if i = 0 then 1.0 else e / first), -first / target)

    /// Reflects the rows start, start+1, ... of the columns from a given one on.
    let private reflectRows (rows: float[][]) (start: int) (struct (v: float[], beta: float)) (fromColumn: int) : unit =
        if beta <> 0.0 then
            let sums = Array.zeroCreate rows[0].Length

            for i in 0 .. v.Length - 1 do
                let row, factor = rows[start + i], v[i]

                for j in fromColumn .. row.Length - 1 do
                    sums[j] <- sums[j] + factor * row[j]

            for i in 0 .. v.Length - 1 do
                let row, factor = rows[start + i], beta * v[i]

                for j in fromColumn .. row.Length - 1 do
                    row[j] <- row[j] - factor * sums[j]

    /// Reflects the columns start, start+1, ... of the rows up to a given one.
    let private reflectColumns (rows: float[][]) (start: int) (struct (v: float[], beta: float)) (toRow: int) : unit =
        if beta <> 0.0 then
            for r in 0..toRow do
                let row = rows[r]
                let mutable sum = 0.0

                for i in 0 .. v.Length - 1 do
                    sum <- sum + v[i] * row[start + i]

                let sum = beta * sum

                for i in 0 .. v.Length - 1 do
                    row[start + i] <- row[start + i] - sum * v[i]

    /// Makes h zero below its first subdiagonal, and updates q.
    let private reduce (h: float[][]) (q: float[][]) : unit =
        let n = h.Length

        for k in 0 .. n - 3 do
            let p = reflection (Array.init (n - k - 1) (fun i -> h[k + 1 + i][k]))
            reflectRows h (k + 1) p k
            reflectColumns h (k + 1) p (n - 1)
            reflectColumns q (k + 1) p (n - 1)

            for i in k + 2 .. n - 1 do
                h[i][k] <- 0.0

    /// One double shift, with the given sum and product of the shifts, on the rows low to high, of which there are at least 3.
    let private sweep (h: float[][]) (q: float[][]) (low: int) (high: int) (sum: float) (product: float) : unit =
        let n = h.Length
        let corner = h[low + 1][low]

        let mutable x =
            [|
                h[low][low] * (h[low][low] - sum) + h[low][low + 1] * corner + product
                corner * (h[low][low] + h[low + 1][low + 1] - sum)
                corner * h[low + 2][low + 1]
            |]

        for k in low .. high - 1 do
            let p = reflection x
            reflectRows h k p (max 0 (k - 1))
            reflectColumns h k p (min high (k + 3))
            reflectColumns q k p (n - 1)

            if k > low then
                for i in k + 1 .. k + x.Length - 1 do
                    h[i][k - 1] <- 0.0

            if k < high - 1 then
                x <- Array.init (min 3 (high - k)) (fun i -> h[k + 1 + i][k])

    /// Makes the block of rows k and k+1 upper triangular if its eigenvalues are real.
    let private split (h: float[][]) (q: float[][]) (k: int) : unit =
        let half = 0.5 * (h[k][k] - h[k + 1][k + 1])
        let discriminant = half * half + h[k][k + 1] * h[k + 1][k]

        if discriminant >= 0.0 && h[k + 1][k] <> 0.0 then
            // (eigenvalue - h[k+1][k+1], h[k+1][k]) is an eigenvector; this eigenvalue is the one without cancellation.
            let root =
                if half < 0.0 then
                    -(sqrt discriminant)
                else
                    sqrt discriminant

            let p = reflection [| half + root; h[k + 1][k] |]
            reflectRows h k p k
            reflectColumns h k p (k + 1)
            reflectColumns q k p (h.Length - 1)
            h[k + 1][k] <- 0.0

    /// <summary>T and Q with A = Q T Qᵀ, or none if the iteration does not converge. The rows are overwritten with those of T.</summary>
    let triangularise (h: float[][]) : float[][] option =
        let n = h.Length
        let q = Array.init n (fun i -> Array.init n (fun j -> if i = j then 1.0 else 0.0))
        reduce h q
        let size = h |> Array.sumBy (Array.sumBy abs)
        let mutable high = n - 1
        let mutable rounds = 0

        while high > 0 && rounds <= 60 do
            // The block that ends at high starts where a subdiagonal entry is 0 up to rounding.
            let mutable low = high

            let negligible (l: int) =
                let near = abs (h[l - 1][l - 1]) + abs (h[l][l])
                abs (h[l][l - 1]) <= 2.2e-16 * (if near = 0.0 then size else near)

            while low > 0 && not (negligible low) do
                low <- low - 1

            if low > 0 then
                h[low][low - 1] <- 0.0

            if low = high then
                high <- high - 1
                rounds <- 0
            elif low = high - 1 then
                split h q low
                high <- high - 2
                rounds <- 0
            else
                rounds <- rounds + 1

                if rounds % 10 = 0 then
                    let odd = abs (h[high][high - 1]) + abs (h[high - 1][high - 2])
                    sweep h q low high (1.5 * odd) (odd * odd)
                else
                    let sum = h[high - 1][high - 1] + h[high][high]

                    let product =
                        h[high - 1][high - 1] * h[high][high] - h[high - 1][high] * h[high][high - 1]

                    sweep h q low high sum product

        if high <= 0 then Some q else None
