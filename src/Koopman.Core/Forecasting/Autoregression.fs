namespace Koopman

open System

/// x_t = Σ_k a_k x_{t-k} + noise, for values of mean 0; the order is the one with the smallest criterion of Akaike.
[<RequireQualifiedAccess>]
module internal Autoregression =

    /// The autocovariances at the distances 0 to most, over all pieces.
    let private covariances (most: int) (pieces: float[][]) : float[] =
        let count = pieces |> Array.sumBy _.Length |> float

        Array.init (most + 1) (fun k ->
            let mutable sum = 0.0

            for x in pieces do
                for t in k .. x.Length - 1 do
                    sum <- sum + x[t] * x[t - k]

            sum / count)

    /// <summary>The coefficients a_1 to a_p of the best order p up to a largest (Levinson and Durbin); none for values that do not vary.</summary>
    let fit (most: int) (pieces: float[][]) : float[] =
        let count = pieces |> Array.sumBy _.Length |> float
        let longest = pieces |> Array.map _.Length |> Array.max
        let most = min most (longest - 1)
        let r = covariances most pieces

        let rec extend (order: int) (a: float[]) (variance: float) (best: float[]) (least: float) =
            if order > most || not (variance > 1e-12 * r[0]) then
                best
            else
                let mutable sum = r[order]

                for k in 1 .. order - 1 do
                    sum <- sum - a[k - 1] * r[order - k]

                let reflection = sum / variance

                let next =
                    Array.init order (fun k ->
                        if k = order - 1 then
                            reflection
                        else
                            a[k] - reflection * a[order - 2 - k])

                let variance = variance * (1.0 - reflection * reflection)
                let criterion = count * log (max 1e-300 variance) + 2.0 * float order

                if criterion < least then
                    extend (order + 1) next variance next criterion
                else
                    extend (order + 1) next variance best least

        if r[0] > 0.0 then
            extend 1 [||] r[0] [||] (count * log r[0])
        else
            [||]

    /// The matrix F (L, H), row after row: what the iterated one-step forecasts make of a window.
    let forecastMatrix (look: int) (horizon: int) (a: float[]) : float[] =
        let p = a.Length
        let result: float[] = Array.zeroCreate (look * horizon)
        // Row i: the i-th value from p before the first future one, as a function of the last p of the window.
        let rows =
            Array.init (p + horizon) (fun i -> Array.init p (fun j -> if i = j then 1.0 else 0.0))

        for h in 0 .. horizon - 1 do
            for k in 1..p do
                for j in 0 .. p - 1 do
                    rows[p + h][j] <- rows[p + h][j] + a[k - 1] * rows[p + h - k][j]

            for j in 0 .. p - 1 do
                result[(look - p + j) * horizon + h] <- rows[p + h][j]

        result

    /// x_t - Σ_k a_k x_{t-k} for t from p on.
    let innovations (a: float[]) (x: float[]) : float[] =
        Array.init (max 0 (x.Length - a.Length)) (fun i ->
            let t = i + a.Length
            let mutable value = x[t]

            for k in 1 .. a.Length do
                value <- value - a[k - 1] * x[t - k]

            value)
