namespace Koopman

open System
open TorchSharp

/// <summary>The origin of the points of a measure, which determines whether error bars are meaningful.</summary>
type Sampling =
    /// <summary>Random draws, independent or along trajectories.</summary>
    | Drawn
    /// <summary>Nodes of a quadrature rule: averages have no sampling error.</summary>
    | Quadrature

/// <summary>
/// n points of R^d with weights that sum to 1: an empirical measure. Checked once, on creation: at least two rows, all finite.
/// </summary>
[<Sealed>]
type Samples internal (points: Tensor, weights: Tensor, origin: Sampling) =
    inherit Shared()

    let count, dimension = int points.shape[0], int points.shape[1]

    /// <summary>The points (n, d), float64 on the CPU unless made by <c>Samples.placed</c>. Owned by this object: do not change or dispose it.</summary>
    member this.Points: Tensor = Tensors.alive this points

    /// <summary>The weights (n), of the type and device of the points, positive or zero, with sum 1. Owned by this object.</summary>
    member this.Weights: Tensor = Tensors.alive this weights

    /// <summary>The origin of the points.</summary>
    member _.Sampling: Sampling = origin

    /// <summary>The number of points n.</summary>
    member _.Count: int = count

    /// <summary>The dimension d of the space.</summary>
    member _.Dimension: int = dimension

    /// <summary>Frees the tensors. Samples that are part of another object, such as the states of pairs, live with it.</summary>
    override _.Free() : unit =
        points.Dispose()
        weights.Dispose()

    override this.ToString() : string =
        let dimensions = if this.Dimension = 1 then "dimension" else "dimensions"
        $"{this.Count} samples in {this.Dimension} {dimensions}"

/// <summary>Functions that create samples and compute simple statistics.</summary>
[<RequireQualifiedAccess>]
module Samples =

    /// The position of the first non-finite value, for an actionable message.
    let private describeNonFinite (points: Tensor) : string =
        use _ = Tensors.scope ()
        let bad = torch.isfinite(points).logical_not().any(1L)
        let count = bad.sum().ToInt64()
        let first = bad.to_type(torch.int64).argmax().ToInt64()
        let column = torch.isfinite(points[first]).to_type(torch.int64).argmin().ToInt64()
        let rows = if count = 1L then "row holds" else "rows hold"
        $"{count} {rows} NaN or infinity; the first is row {first}, column {column} (counted from 0)"

    let private validate (what: string) (points: Tensor) : Outcome<unit> =
        if points.dim () <> 2L then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"{what} must be a matrix of shape (samples, dimensions), but has {points.dim ()} dimensions"
                "Reshape to one row per sample; a series of scalars has shape (n, 1)"
        elif points.shape[1] = 0L then
            KoopmanError.fail ErrorKind.ShapeMismatch $"{what} has no columns" "Give at least one coordinate per sample"
        elif points.shape[0] < 2L then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{what} holds {points.shape[0]} sample(s), but at least 2 are needed"
                "Collect more data; estimates of a spectrum usually need thousands of samples"
        elif not (Tensors.isFinite points) then
            KoopmanError.fail
                ErrorKind.NotFinite
                $"{what}: {describeNonFinite points}"
                "Remove or repair these rows before fitting"
        else
            Ok()

    let private ofCopy (copy: Tensor) : Outcome<Samples> =
        match validate "The data" copy with
        | Ok() ->
            let n = copy.shape[0]

            let weights =
                Tensors.own (fun () -> (Tensors.zeros [| n |] copy).fill_(Tensors.num (1.0 / float n)))

            Ok(new Samples(copy, weights, Drawn))
        | Error error ->
            copy.Dispose()
            Error error

    /// Complex numbers would lose their imaginary part without a word.
    let internal checkReal (what: string) (points: Tensor) : Outcome<unit> =
        if points.is_complex () then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{what} are complex numbers"
                "Give real and imaginary parts as columns of their own, torch.cat([x.real, x.imag], 1), or the part you mean"
        else
            Ok()

    /// <summary>
    /// Samples from a tensor (n, d) of any real type and device. The values are copied to float64 on the CPU, as estimators require. Complex tensors are
    /// an <c>InvalidSetting</c> error.
    /// </summary>
    let ofTensor (points: Tensor) : Outcome<Samples> =
        checkReal "The data" points
        |> Result.bind (fun () ->
            Tensors.own (fun () -> points.detach().cpu().to_type(torch.float64, true).contiguous())
            |> ofCopy)

    /// <summary>
    /// Samples from a tensor (n, d) in its own type, float32 or float64, and on its own device. The values are copied. Particles move and are
    /// compared on that device; estimators require samples from <c>ofTensor</c>. Complex and half-precision tensors are an <c>InvalidSetting</c> error: sums over
    /// thousands of rows need more than three digits.
    /// </summary>
    let placed (points: Tensor) : Outcome<Samples> =
        checkReal "The data" points
        |> Result.bind (fun () ->
            if points.dtype = torch.float16 || points.dtype = torch.bfloat16 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"The data are {points.dtype}, too coarse to compute in"
                    "Convert them to float32 first, points.to_type torch.float32, or use Samples.ofTensor for float64"
            else
                Tensors.own (fun () -> points.detach().to_type(Tensors.typeOf points, true).contiguous())
                |> ofCopy)

    /// <summary>Samples from n·d values in row-major order.</summary>
    let ofValues (dimension: int) (values: float[]) : Outcome<Samples> =
        if dimension < 1 || values.Length % dimension <> 0 then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"{values.Length} values do not divide into rows of {dimension}"
                "Give the number of columns as the dimension"
        else
            use points = Tensors.ofRows (values.Length / dimension) values
            ofTensor points

    /// <summary>Samples from a matrix, one row per sample.</summary>
    let ofArray2D (values: float[,]) : Outcome<Samples> =
        use points = Tensors.ofMatrix values
        ofTensor points

    /// <summary>Samples from an array read from a file: (n, d), or (n) taken as (n, 1), or (n, ...) with the rest flattened.</summary>
    let internal ofNumericArray (array: NumericArray) : Outcome<Samples> =
        match array.Shape with
        | [||] ->
            KoopmanError.fail ErrorKind.ShapeMismatch "The data are a single number" "Give a matrix, one row per sample"
        | shape when shape[0] = 0 ->
            KoopmanError.fail
                ErrorKind.TooFewSamples
                "The data contain no samples"
                "Give a matrix with one row per sample"
        | shape -> ofValues (array.Values.Length / shape[0]) array.Values

    let private weighted (origin: Sampling) (weights: float[]) (samples: Samples) : Outcome<Samples> =
        let total = Array.sum weights

        Require.all {
            Require.sameCount ("weights", weights.Length) ("samples", samples.Count)

            Require.each Require.notNegative "weights" weights
            |> Require.advise "Check how the weights were computed; clip negative ones at 0"

            Require.positive "the sum of the weights" total
            |> Require.advise "Check how the weights were computed; at least one must be positive"
        }
        |> Result.map (fun () ->
            let normalised =
                Tensors.own (fun () ->
                    weights
                    |> Array.map (fun w -> w / total)
                    |> Tensors.ofVector
                    |> Tensors.like samples.Points)

            new Samples(Tensors.copy samples.Points, normalised, origin))

    /// <summary>The same draws with other weights (n), which need not be normalised, for example importance weights.</summary>
    let withWeights (weights: float[]) (samples: Samples) : Outcome<Samples> = weighted Drawn weights samples

    /// <summary>
    /// The points as nodes of a quadrature rule with these weights (n), which need not be normalised. Spectra then have no error
    /// bars, and their residuals are those of the discretisation.
    /// </summary>
    let quadrature (weights: float[]) (nodes: Samples) : Outcome<Samples> = weighted Quadrature weights nodes

    /// <summary>Other points (n, k) with the same weights: the samples after a map. They are copied.</summary>
    /// <returns>The samples, or an error if there are more or fewer points than weights, or if one is not finite.</returns>
    let withPoints (points: Tensor) (samples: Samples) : Outcome<Samples> =
        if points.dim () <> 2L || points.shape[0] <> int64 samples.Count then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"There are points of shape {Tensors.shape points} for {samples.Count} weights"
                "Give one row per weight"
        else
            result {
                use! plain = ofTensor points
                use _ = Tensors.scope ()
                let weights = Tensors.copy (Tensors.like plain.Points samples.Weights)
                return new Samples(Tensors.copy plain.Points, weights, samples.Sampling)
            }

    /// The effective number of samples with these weights, 1/Σw² (Kish).
    let internal effectiveCount (samples: Samples) : float =
        1.0 / Tensors.within (fun () -> samples.Weights.dot(samples.Weights).ToDouble())

    /// The same, infinite for nodes of a quadrature rule, which have no sampling noise.
    let internal effectiveDraws (samples: Samples) : float =
        match samples.Sampling with
        | Quadrature -> infinity
        | Drawn -> effectiveCount samples

    /// <summary>The values in row-major order, n·d of them.</summary>
    let values (samples: Samples) : float[] = Tensors.toArray samples.Points

    /// <summary>The weighted mean of the points (d). The caller owns it.</summary>
    let mean (samples: Samples) : Tensor =
        Tensors.keep (fun () -> samples.Weights.unsqueeze(0L).times(samples.Points).squeeze(0L))

    /// <summary>
    /// The weighted covariance of the points (d, d), divided by the total weight. Entries beyond the range of the numbers are infinite. The caller
    /// owns it.
    /// </summary>
    let covariance (samples: Samples) : Tensor =
        Tensors.keep (fun () ->
            let centred = samples.Points - mean samples

            let product (x: Tensor) =
                x.t().times(x * samples.Weights.unsqueeze 1L)

            let plain = product centred

            if Tensors.isFinite plain then
                plain
            else
                // By a power of two, so that no digit changes.
                let scale = Math.ScaleB(1.0, Math.ILogB(centred.abs().max().ToDouble()))
                product (centred / scale) * scale * scale)

    /// Squares of numbers between these are numbers too, and so are their sums.
    let private smallestScale, largestScale = 1e-150, 1e150

    /// Fails for values whose squares are beyond floating-point numbers.
    let internal checkScale (what: string) (samples: Samples) : Outcome<unit> =
        let largest = Tensors.within (fun () -> samples.Points.abs().max().ToDouble())

        if largest > largestScale || (largest > 0.0 && largest < smallestScale) then
            KoopmanError.fail
                ErrorKind.NotFinite
                $"{what} reach {largest:G3} in size, so that their squares are beyond floating-point numbers"
                "Change the unit of the data, or remove outliers"
        else
            Ok()

    /// <summary>The rows with these indices, equally weighted.</summary>
    let pick (indices: int[]) (samples: Samples) : Outcome<Samples> =
        use _ = Tensors.scope ()
        let index = Tensors.ofIndices (Array.map int64 indices)
        placed (samples.Points.index_select (0L, Tensors.like samples.Points index))

    /// <summary>The first <paramref name="count"/> rows, or all if there are fewer.</summary>
    let take (count: int) (samples: Samples) : Outcome<Samples> =
        use rows = Tensors.rows 0 (min count samples.Count) samples.Points
        placed rows

    /// <summary>Points drawn from the Gaussian with the mean and covariance of the samples: a start that is never far from the data.</summary>
    let gaussianLike (count: int) (seed: Seed) (samples: Samples) : Outcome<Samples> =
        use _ = Tensors.scope ()
        // The square root of the correlation matrix, which does not depend on the units of the columns.
        let covariance = covariance samples
        let deviation = covariance.diagonal().clamp_min(Tensors.num 0.0).sqrt()

        let unit =
            torch.where (deviation.gt (Tensors.num 0.0), deviation, torch.ones_like deviation)

        let struct (values, vectors) =
            torch.linalg.eigh (covariance / unit.unsqueeze 0L / unit.unsqueeze 1L)

        let root =
            deviation.unsqueeze (1L)
            * vectors
            * values.clamp_min(Tensors.num 0.0).sqrt().unsqueeze 0L

        let noise =
            Seed.normal [| int64 count; int64 samples.Dimension |] seed |> Tensors.like root

        placed (noise.times (root.t ()) + mean samples)

    /// The samples as an array (n, d) for a file.
    let internal toNumericArray (samples: Samples) : NumericArray =
        {
            Shape = [| samples.Count; samples.Dimension |]
            Values = values samples
        }

    /// Checks that samples can be saved under this name; to be called before long computations.
    let internal checkSavable (path: string) : Outcome<unit> =
        match Files.ending path with
        | ".npy"
        | ".csv" -> Files.checkWritable path
        | ending ->
            KoopmanError.fail
                ErrorKind.UnwritableFile
                $"{path}: points cannot be written to files that end in '{ending}'"
                "Choose .npy or .csv"

    /// <summary>
    /// Writes the points to <c>.npy</c> or <c>.csv</c>, the latter with these names of the columns; an existing file is replaced atomically.
    /// </summary>
    let saveNamed (names: string[]) (path: string) (samples: Samples) : Outcome<unit> =
        Require.sameCount ("names", names.Length) ("coordinates", samples.Dimension)
        |> Require.advise "Give one name for each coordinate"
        |> Result.bind (fun () -> checkSavable path)
        |> Result.bind (fun () ->
            if Files.ending path = ".npy" then
                Npy.write path (toNumericArray samples)
            else
                Csv.write path (Csv.table names (toNumericArray samples)))

    /// <summary>Writes the points to <c>.npy</c> or <c>.csv</c>, with the names x1, x2, ... of the columns; an existing file is replaced atomically.</summary>
    let save (path: string) (samples: Samples) : Outcome<unit> =
        saveNamed [| for i in 1 .. samples.Dimension -> $"x{i}" |] path samples
