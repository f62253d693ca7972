namespace Koopman

open System
open TorchSharp

/// <summary>
/// What known inputs add to the columns: y_t = Σ_{k=0}^{q} B_k u_{t-k} + n_t, where n is what the operator of windows forecasts. The B are those of
/// a regression in which n is autoregressive.
/// </summary>
[<NoComparison; NoEquality>]
type internal InputEffect =
    {
        /// q.
        Lags: int
        /// The mean of each of p inputs over the rows of the fit.
        Means: float[]
        /// B of each column: (q + 1)·p numbers, those of a lag together.
        Coefficients: float[][]
        /// The share of the variance of all columns that the inputs take off.
        Explained: float
    }

[<RequireQualifiedAccess>]
module internal InputEffect =

    /// Numbers of past rows that may act, when the number is not given.
    let private candidates: int[] = [| 0; 1; 2; 4; 8; 16; 32 |]

    /// The row of inputs that acts on row t: those of t, those of t - 1, and so on.
    let private regressors (lags: int) (means: float[]) (inputs: float[][]) (t: int) : float[] =
        Array.init ((lags + 1) * means.Length) (fun j ->
            let i = j % means.Length
            inputs[i][t - j / means.Length] - means[i])

    /// <summary>What the inputs add to a column, for the rows lags to the last.</summary>
    let values (effect: InputEffect) (column: int) (inputs: float[][]) : float[] =
        let b = effect.Coefficients[column]

        Array.init (inputs[0].Length - effect.Lags) (fun i ->
            Array.fold2
                (fun sum x b -> sum + x * b)
                0.0
                (regressors effect.Lags effect.Means inputs (i + effect.Lags))
                b)

    /// The columns less what the inputs add; the first rows, whose earlier inputs are not known, are left out.
    let remove (effect: InputEffect) (inputs: float[][]) (columns: float[][]) : float[][] =
        columns
        |> Array.mapi (fun c column -> Array.map2 (-) (Array.skip effect.Lags column) (values effect c inputs))

    /// Least squares of a vector on rows, and the sum of squares left.
    let private regress (rows: float[][]) (target: float[]) : struct (float[] * float) =
        Tensors.within (fun () ->
            let x = Tensors.ofRows rows.Length (Array.concat rows)
            let y = (Tensors.ofVector target).unsqueeze 1L
            let b = torch.linalg.pinv(x, rtol = Nullable 1e-10).mm y
            let left = y - x.mm b
            struct (Tensors.toArray b, (left * left).sum().ToDouble()))

    /// <summary>The effect of the inputs on standardised columns over the first rows of each trajectory.</summary>
    /// <param name="lags">q, or none: the one of 0, 1, 2, 4, ..., 32 with the smallest criterion of Schwarz.</param>
    /// <param name="rows">The number of rows of each trajectory.</param>
    /// <param name="inputs">The inputs of each trajectory, column after column.</param>
    /// <param name="series">The columns of each trajectory.</param>
    let fit (lags: int option) (rows: int[]) (inputs: float[][][]) (series: float[][][]) : Outcome<InputEffect> =
        let first (values: float[][][]) =
            Array.map2 (fun count -> Array.map (Array.truncate count)) rows values

        let inputs, series = first inputs, first series
        let p, d = inputs[0].Length, series[0].Length
        let total = Array.sum rows

        let means =
            Array.init p (fun i -> inputs |> Array.collect (fun one -> one[i]) |> Array.average)

        let fits (q: int) =
            (q + 1) * p <= total / 20 && rows |> Array.exists (fun n -> n > 2 * q + 20)

        let tried =
            match lags with
            | Some q -> [| q |]
            | None -> candidates |> Array.filter fits

        if tried.Length = 0 || not (fits tried[0]) then
            let more =
                match lags with
                | Some q when q > 0 -> $" with {q} past rows"
                | _ -> ""

            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{total} rows are too few to learn the effect of {p} input(s){more}: at least 20 a coefficient are needed"
                "Give longer trajectories or fewer inputs, or set InputLags lower"
        else
            let most = Array.max tried

            let used =
                [| 0 .. rows.Length - 1 |] |> Array.filter (fun k -> rows[k] > 2 * most + 20)

            let design (q: int) (k: int) =
                Array.init (rows[k] - most) (fun i -> regressors q means inputs[k] (i + most))

            let target (c: int) (k: int) : float[] = Array.skip most (series[k].[c])

            let plain = used |> Array.collect (design most)
            let designs = tried |> Array.map (fun q -> used |> Array.map (design q))

            // The noise of each column, from the regression with all lags.
            let noise =
                Array.init d (fun c ->
                    let targets = used |> Array.map (target c)
                    let struct (b, _) = regress plain (Array.concat targets)

                    let left =
                        Array.map2
                            (fun k target ->
                                Array.map2
                                    (fun x y -> y - Array.fold2 (fun sum x b -> sum + x * b) 0.0 x b)
                                    (design most k)
                                    target)
                            used
                            targets

                    Autoregression.fit 24 left)

            // Rows and targets of one column, filtered by its noise.
            let whitened (designs: float[][][]) (c: int) =
                let filter = Autoregression.innovations noise[c]

                let rows =
                    designs
                    |> Array.collect (fun design -> design |> Array.transpose |> Array.map filter |> Array.transpose)

                struct (rows, used |> Array.collect (target c >> filter))

            let attempts =
                designs
                |> Array.map (fun designs ->
                    Array.init d (fun c ->
                        let struct (rows, target) = whitened designs c
                        let struct (b, left) = regress rows target
                        let n = float target.Length
                        struct (b, n * log (max 1e-300 (left / n)) + float b.Length * log n)))

            let best =
                [| 0 .. tried.Length - 1 |]
                |> Array.minBy (fun i -> attempts[i] |> Array.sumBy (fun (struct (_, criterion)) -> criterion))

            let effect =
                {
                    Lags = tried[best]
                    Means = means
                    Coefficients = attempts[best] |> Array.map (fun (struct (b, _)) -> b)
                    Explained = 0.0
                }

            let squares (x: float[]) =
                let mean = Array.average x
                x |> Array.sumBy (fun x -> (x - mean) * (x - mean))

            let mutable before, after = 0.0, 0.0

            for k in used do
                let left = remove effect (inputs[k]) (series[k])

                for c in 0 .. d - 1 do
                    before <- before + squares (Array.skip effect.Lags (series[k].[c]))
                    after <- after + squares left[c]

            Ok
                { effect with
                    Explained = if before > 0.0 then 1.0 - after / before else 0.0
                }
