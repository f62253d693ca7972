namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>
/// Ingredients of error bars. By the delta method the first-order effect of sampling noise on an eigenvalue is the mean of a score
/// over the samples; its second-order effect is a bias that block means of the scores estimate.
/// </summary>
[<RequireQualifiedAccess>]
module internal Uncertainty =

    let normal: float = Evidence.normal

    /// The standard error and the bias of an eigenvalue.
    [<Struct>]
    type Bar = { Error: float; Bias: float }

    /// Standard error of the mean of a series from the means of contiguous blocks, whose lengths may differ.
    let blockError (blocks: struct (int * int)[]) (series: float[]) : float =
        let mean = Array.average series
        let count = float blocks.Length

        let squares =
            blocks
            |> Array.sumBy (fun (struct (start, length)) ->
                let mutable sum = 0.0

                for t in start .. start + length - 1 do
                    sum <- sum + series[t]

                let excess = sum - float length * mean
                excess * excess)

        sqrt (squares * count / (count - 1.0)) / float series.Length

    /// The same from this many blocks of nearly equal length.
    let batchError (wanted: int) (series: float[]) : float =
        blockError (Blocks.even wanted series.Length) series

    /// Standard error of the mean of a series of independent values.
    let independentError (series: float[]) : float =
        MathNet.Numerics.Statistics.ArrayStatistics.StandardDeviation series
        / sqrt (float series.Length)

    /// <summary>
    /// The standard error of the mean of a series: that of independent values, or that from the means of 20 consecutive batches if it is larger; the
    /// latter is widened for Student's t with 19 degrees of freedom (97.5 % point 2.093).
    /// </summary>
    let seriesError (series: float[]) : float =
        max (independentError series) (batchError 20 series * 2.093 / normal)

    /// <summary>
    /// Standard error of the mean of a martingale score over pairs. Pairs that overlap in time share noise, so that the score is a
    /// moving average of order stride-1: its autocovariances up to there are added, within runs.
    /// </summary>
    let martingaleError (pairs: SnapshotPairs) (series: float[]) : float =
        if pairs.Stride = 1 then
            independentError series
        else
            let mean = Array.average series
            let n = series.Length
            let ends = Array.append (Array.tail pairs.Starts) [| n |]
            let mutable sum = 0.0

            for run in 0 .. ends.Length - 1 do
                for t in pairs.Starts[run] .. ends[run] - 1 do
                    sum <- sum + (series[t] - mean) * (series[t] - mean)

                    for later in t + 1 .. min (t + pairs.Stride) ends[run] - 1 do
                        sum <- sum + 2.0 * (series[t] - mean) * (series[later] - mean)

            sqrt (max 0.0 sum) / float n

    /// <summary>
    /// The second-order bias b_k = Σ_{j≠k} Var(mean q_jk)/(λ_k-λ_j) - Cov(mean q_kk, mean g_kk) at the given indices, without the pairs inside
    /// a group, which cancel in its mean. Contributions of blocks to the means: q (B, r+1, K) with the constant mode in row
    /// 0, g (B, K); lambda has r+1 entries in the order of the rows. The result is the mean over the group.
    /// </summary>
    let bias (lambda: float[]) (q: Tensor) (g: Tensor) : int[] -> float =
        use _ = Tensors.scope ()
        let b = float q.shape[0]
        let k = int q.shape[2]
        let variance = Tensors.toArray (1.0 / b * q.var (0L, true, false))

        let diagonal =
            torch.stack ([| for i in 0 .. k - 1 -> q.select(2L, int64 i).select(1L, int64 (i + 1)) |], 1L)

        let centre (t: Tensor) = t - t.mean ([| 0L |], true)

        let covariance =
            Tensors.toArray (1.0 / ((b - 1.0) * b) * (centre diagonal * centre g).sum(0L))

        fun group ->
            group
            |> Array.averageBy (fun i ->
                let mutable sum = -covariance[i]

                for j in 0 .. lambda.Length - 1 do
                    if not (Array.contains (j - 1) group) then
                        let v = variance[j * k + i]
                        let gap = lambda[i + 1] - lambda[j]
                        let side = if gap < 0.0 then -1.0 else 1.0
                        // Two eigenvalues repel by at most the size of their coupling, however close they are.
                        sum <- sum + side * v / max (abs gap) (max (sqrt v) Double.Epsilon)

                sum)

    /// The columns of a matrix as arrays.
    let columns (matrix: Tensor) : float[][] =
        let n, k = int matrix.shape[0], int matrix.shape[1]
        let values = Tensors.toArray matrix
        [| for i in 0 .. k - 1 -> Array.init n (fun t -> values[t * k + i]) |]

    /// No sampling error: for the nodes of a quadrature rule.
    let exact: int[] -> Bar = fun _ -> { Error = 0.0; Bias = 0.0 }

    /// Rate, standard error and the ends of the 95 % interval, from an eigenvalue and its bar.
    let private interval
        (convention: Convention)
        (eigenvalue: float)
        (bar: Bar)
        : struct (float * float * float * float) =
        let corrected = eigenvalue - bar.Bias
        let width = sqrt (bar.Error * bar.Error + bar.Bias * bar.Bias)
        let low, high = corrected - normal * width, corrected + normal * width

        match convention with
        | PositiveGenerator _
        | InfinitesimalGenerator -> struct (eigenvalue, width, max 0.0 low, high)
        | PropagatorAtLag lag ->
            let rateOf lambda =
                if lambda <= 0.0 then
                    Double.PositiveInfinity
                else
                    max 0.0 (-(log lambda) / lag)

            // The logarithm has no derivative where it has no value.
            let error = if eigenvalue > 0.0 then width / (eigenvalue * lag) else nan
            struct (rateOf eigenvalue, error, rateOf (min 1.0 high), rateOf low)

    /// <summary>The mode with rate, error bar and interval, from an eigenvalue and its bar.</summary>
    let mode (convention: Convention) (index: int) (eigenvalue: float) (residual: float) (bar: Bar) : Mode =
        let struct (rate, error, lower, upper) = interval convention eigenvalue bar

        {
            Index = index
            Eigenvalue = Complex(eigenvalue, 0.0)
            Rate = rate
            Frequency = 0.0
            StandardError = error
            FrequencyError = 0.0
            Lower = lower
            Upper = upper
            Residual = residual
            Condition = 1.0
            IsConstant = false
            Warnings = [||]
        }

    /// The mode with the standard errors of its rate and frequency, for operators that need not be self-adjoint.
    let withErrors (struct (rate: float, frequency: float)) (mode: Mode) : Mode =
        { mode with
            StandardError = rate
            FrequencyError = frequency
            Lower = mode.Rate - normal * rate
            Upper = mode.Rate + normal * rate
        }

    /// <summary>The near-degenerate groups among the modes with their means; the bar of a group is that of its mean eigenvalue.</summary>
    let clusters (convention: Convention) (bars: int[] -> Bar) (modes: Mode[]) : Cluster[] =
        Evidence.chains modes
        |> Array.map (fun members ->
            let mean = members |> Array.averageBy (fun i -> modes[i].Eigenvalue.Real)
            let struct (rate, error, lower, upper) = interval convention mean (bars members)

            {
                Members = members |> Array.map (fun i -> modes[i].Index)
                Rate = rate
                StandardError = error
                Lower = lower
                Upper = upper
            })
