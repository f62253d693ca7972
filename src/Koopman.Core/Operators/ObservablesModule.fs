namespace Koopman

open System
open TorchSharp

/// Two families one after the other.
[<Sealed>]
type internal AppendedObservables(first: Observables, second: Observables) =
    inherit Observables(first.Dimension, first.Count + second.Count, $"{first.Description} and {second.Description}")

    let both (f: Observables -> Tensor) =
        Tensors.keep (fun () -> torch.cat ([| f first; f second |], 1L))

    override _.Length: float option = first.Length |> Option.orElse second.Length

    override _.Values(points: Tensor) : Tensor = both _.Values(points)

    override _.Partial(points: Tensor, axis: int) : Tensor = both _.Partial(points, axis)

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let split = int64 first.Count
            let head = coefficients.narrow (0L, 0L, split)
            let tail = coefficients.narrow (0L, split, int64 second.Count)
            first.GradientOf(points, head).add(second.GradientOf(points, tail)))

    override _.Dispose() : unit =
        first.Dispose()
        second.Dispose()

/// <summary>How Gaussian observables are laid over data.</summary>
type GaussianOptions =
    {
        /// <summary>The most centres; a third of the samples at most are used. Default 150, and 30 in one dimension.</summary>
        Centres: int option
        /// <summary>The width σ. Default: by the spacing of the centres (below 10 dimensions) or the median distance of the data.</summary>
        Width: float option
        /// <summary>Of the k-means start, which is used from 10 dimensions.</summary>
        Seed: Seed
    }

/// <summary>Makes and combines observables.</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Observables =

    /// All exponent vectors of d entries with the given sum, in lexicographic order.
    let rec private exponentsOf (dimension: int) (degree: int) : int list seq =
        if dimension = 1 then
            Seq.singleton [ degree ]
        else
            seq {
                for e in degree .. -1 .. 0 do
                    for rest in exponentsOf (dimension - 1) (degree - e) do
                        e :: rest
            }

    let private monomialsBetween (lowest: int) (degree: int) (dimension: int) (description: string) : Observables =
        let exponents =
            [|
                for total in lowest..degree do
                    for e in exponentsOf dimension total -> Array.ofList e
            |]

        new MonomialObservables(dimension, exponents, description)

    /// <summary>All monomials of d variables up to a total degree, the constant first: (d+degree choose d) functions.</summary>
    let monomials (degree: int) (dimension: int) : Result<Observables, KoopmanError> =
        if degree < 1 || dimension < 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"Monomials of degree {degree} in {dimension} dimensions are not a dictionary"
                "Choose a degree and a dimension of at least 1"
        else
            let count =
                MathNet.Numerics.SpecialFunctions.Binomial(dimension + degree, dimension)

            if count > 20_000.0 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"There are {count:N0} monomials of degree {degree} in {dimension} dimensions"
                    "Lower the degree, reduce the dimension (PCA), or use Gaussian observables"
            else
                Ok(monomialsBetween 0 degree dimension $"{int count} monomials to degree {degree}")

    /// <summary>The d coordinates themselves.</summary>
    let linear (dimension: int) : Observables =
        monomialsBetween 1 1 dimension $"{dimension} coordinates"

    /// <summary>exp(-|x-c|²/2σ²) for the given centres (N, d), which are copied.</summary>
    let gaussians (width: float) (centres: Tensor) : Result<Observables, KoopmanError> =
        if not (Double.IsFinite width) || width <= 0.0 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The width of Gaussian observables must be positive, but is {width}"
                "Give a length in the units of the data, about 1.6 times the spacing of the centres"
        else
            Ok(new GaussianObservables(centres.to_type(torch.float64, true).DetachFromDisposeScope(), width))

    /// <summary>The functions of the first, then those of the second. The result takes over both.</summary>
    let append (first: Observables) (second: Observables) : Result<Observables, KoopmanError> =
        if first.Dimension <> second.Dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"Observables of {first.Dimension} and of {second.Dimension} dimensions cannot be joined"
                "Make both for the dimension of the data"
        else
            Ok(new AppendedObservables(first, second))

    /// <summary>The default layout of Gaussians: automatic count and width, seed 0.</summary>
    let automatic: GaussianOptions =
        {
            Centres = None
            Width = None
            Seed = Seed.ofInt 0
        }

    /// The mean over the axes of the range between the .5 and 99.5 percent quantiles.
    let private extent (samples: Samples) : float =
        Tensors.within (fun () ->
            let levels = Tensors.ofVector [| 0.005; 0.995 |]
            // libtorch takes quantiles of at most 2^24 numbers.
            let stride = max 1 (samples.Count / 100_000)
            let some = samples.Points.slice (0L, 0L, int64 samples.Count, int64 stride)
            let ends = some.quantile (levels, 0L)
            ends[1].sub(ends[0]).mean().ToDouble())

    /// <summary>
    /// Gaussians laid over the data. Below 10 dimensions the centres are farthest points and σ = max(1.6 spacing, .1 extent);
    /// from 10 dimensions they are k-means centres with σ half the median distance, and the coordinates are appended.
    /// </summary>
    let gaussiansOver (options: GaussianOptions) (samples: Samples) : Result<Observables, KoopmanError> =
        let d = samples.Dimension
        let wanted = options.Centres |> Option.defaultValue (if d = 1 then 30 else 150)
        let count = min wanted (samples.Count / 3)

        if wanted < 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{wanted} centres were asked for"
                "Ask for at least one; 150 is usual"
        elif count < 2 then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{samples.Count} samples cannot carry Gaussian observables"
                "Give at least 6 samples; thousands are usual"
        elif d < 10 then
            use centres = Centres.farthest count samples

            let width () =
                match options.Width with
                | Some width -> width
                | None -> max (1.6 * Centres.spacing centres) (0.1 * extent samples)

            if centres.shape[0] < 2L then
                KoopmanError.fail ErrorKind.TooFewSamples "All samples are the same point" "Give data that vary"
            else
                gaussians (width ()) centres
        else
            use centres = Centres.kMeans 25 count (Seed.derive "centres" options.Seed) samples

            let width =
                options.Width
                |> Option.defaultWith (fun () -> 0.5 * Centres.medianDistance samples)

            gaussians width centres |> Result.bind (fun g -> append g (linear d))
