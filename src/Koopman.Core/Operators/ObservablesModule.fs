namespace Koopman

open System
open TorchSharp

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

    /// All products to a total degree, after refusing those that are none or too many.
    let private polynomials
        (recurrence: Recurrence)
        (name: string)
        (degree: int)
        (middle: float[], half: float[])
        : Outcome<Observables> =
        let dimension = middle.Length

        let count =
            MathNet.Numerics.SpecialFunctions.Binomial(dimension + max degree 0, dimension)

        if degree < 1 || dimension < 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no dictionary of {name} of degree {degree} in {dimension} dimensions"
                "Choose a degree and a dimension of at least 1"
        elif count > 20_000.0 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There are {count:N0} {name} of degree {degree} in {dimension} dimensions"
                "Lower the degree, reduce the dimension (PCA), or use Gaussian observables"
        else
            let exponents =
                [|
                    for total in 0..degree do
                        for e in exponentsOf dimension total -> Array.ofList e
                |]

            Ok(new PolynomialObservables(recurrence, middle, half, exponents, $"{int count} {name} to degree {degree}"))

    let private wholeSpace (dimension: int) : float[] * float[] =
        Array.zeroCreate (max dimension 0), Array.create (max dimension 0) 1.0

    /// <summary>The constant 1 on R^d. Estimators that centre take it out again; a forecast of an affine map needs it.</summary>
    let constant (dimension: int) : Observables =
        let middle, half = wholeSpace dimension
        new PolynomialObservables(Recurrence.powers, middle, half, [| Array.zeroCreate dimension |], "the constant")

    /// <summary>The d coordinates themselves.</summary>
    let linear (dimension: int) : Observables = new CoordinateObservables(dimension)

    /// <summary>All monomials of d variables up to a total degree, the constant first: (d+degree choose d) functions.</summary>
    let monomials (degree: int) (dimension: int) : Outcome<Observables> =
        polynomials Recurrence.powers "monomials" degree (wholeSpace dimension)

    /// <summary>
    /// All products of the probabilists' Hermite polynomials He_n/√n! up to a total degree, the constant first. Orthonormal in the
    /// standard Gaussian law, so that their Gram matrix on standardised data is near 1 where that of monomials is near singular; and
    /// the eigenfunctions of the standard Ornstein-Uhlenbeck process. For other data see <c>whitened</c>.
    /// </summary>
    let hermite (degree: int) (dimension: int) : Outcome<Observables> =
        polynomials Recurrence.hermiteOrthonormal "Hermite polynomials" degree (wholeSpace dimension)

    /// <summary>As <c>hermite</c>, with the leading coefficient 1 of the textbooks: He_2 = x²-1. Orthogonal with norm √n!.</summary>
    let hermiteClassical (degree: int) (dimension: int) : Outcome<Observables> =
        polynomials Recurrence.hermite "classical Hermite polynomials" degree (wholeSpace dimension)

    /// <summary>
    /// All products of Legendre polynomials √(2n+1) P_n(t_i) up to a total degree, the constant first, where t_i runs from -1 to 1 over
    /// the box. Orthonormal in the uniform law on the box. Outside it they grow like monomials.
    /// </summary>
    /// <param name="degree">The highest total degree, at least 1.</param>
    /// <param name="low">The lower corner of the box (d).</param>
    /// <param name="high">The upper corner of the box (d).</param>
    let legendre (degree: int) (low: float[], high: float[]) : Outcome<Observables> =
        Box.check low.Length (low, high)
        |> Result.bind (fun () ->
            polynomials Recurrence.legendreOrthonormal "Legendre polynomials" degree (Box.frame (low, high)))

    /// <summary>As <c>legendre</c>, with P_n(1) = 1 as in the textbooks.</summary>
    let legendreClassical (degree: int) (low: float[], high: float[]) : Outcome<Observables> =
        Box.check low.Length (low, high)
        |> Result.bind (fun () ->
            polynomials Recurrence.legendre "classical Legendre polynomials" degree (Box.frame (low, high)))

    /// <summary>
    /// The observables of a map: ψ((x - offset) M), for an offset (d), a matrix M (d, k) and observables of k dimensions. Offset and
    /// matrix are copied; the result takes over the observables.
    /// </summary>
    let mapped (offset: Tensor) (matrix: Tensor) (inner: Observables) : Outcome<Observables> =
        if matrix.dim () <> 2L || offset.dim () <> 1L || offset.shape[0] <> matrix.shape[0] then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                "A map needs an offset (d) and a matrix (d, k) of the same d"
                "Give the mean of the data and the matrix that takes centred points to the coordinates of the observables"
        elif int matrix.shape[1] <> inner.Dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The map has {matrix.shape[1]} outputs, but the observables take {inner.Dimension} dimensions"
                "Make the observables for the dimension that the map leads to"
        else
            let copy (tensor: Tensor) =
                tensor.to_type(torch.float64, true).DetachFromDisposeScope()

            let description =
                $"{inner.Description} after a map from {matrix.shape[0]} to {matrix.shape[1]} dimensions"

            Ok(new MappedObservables(copy offset, copy matrix, inner, description))

    /// <summary>exp(-|x-c|²/2σ²) for the given centres (N, d), which are copied.</summary>
    let gaussians (width: float) (centres: Tensor) : Outcome<Observables> =
        if not (Double.IsFinite width) || width <= 0.0 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The width of Gaussian observables must be positive, but is {width}"
                "Give a length in the units of the data, about 1.6 times the spacing of the centres"
        else
            Ok(new GaussianObservables(centres.to_type(torch.float64, true).DetachFromDisposeScope(), width))

    /// <summary>
    /// The sections k(·, c) of a kernel at the given centres (N, d), which are copied; for a radial kernel its radial functions.
    /// Gaussian sections are the functions of <c>gaussians</c>.
    /// </summary>
    let sections (kernel: Kernel) (centres: Tensor) : Outcome<Observables> =
        Kernel.check kernel
        |> Result.bind (fun kernel ->
            if centres.dim () <> 2L || centres.shape[0] < 1L || centres.shape[1] < 1L then
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    "The centres of kernel sections must be a matrix with at least one row and one column"
                    "Give one row a centre; the points of the data will do"
            else
                let copy = centres.to_type(torch.float64, true).DetachFromDisposeScope()

                match kernel with
                | Kernel.Gaussian width -> Ok(new GaussianObservables(copy, width))
                | _ -> Ok(new KernelObservables(kernel, copy)))

    /// <summary>The combinations ψᵀT of observables ψ (N) with the columns of T (N, q), which is copied. The result takes over ψ.</summary>
    let combined (matrix: Tensor) (inner: Observables) : Outcome<Observables> =
        if
            matrix.dim () <> 2L
            || matrix.shape[0] <> int64 inner.Count
            || matrix.shape[1] < 1L
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"Combinations of {inner.Count} observables need a matrix of {inner.Count} rows"
                "Give one row an observable and one column a combination"
        else
            let copy = matrix.to_type(torch.float64, true).DetachFromDisposeScope()
            Ok(new CombinedObservables(inner, copy, $"{matrix.shape[1]} combinations of {inner.Description}"))

    /// <summary>The functions of the first, then those of the second. The result takes over both.</summary>
    let append (first: Observables) (second: Observables) : Outcome<Observables> =
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
            (ends[1] - ends[0]).mean().ToDouble())

    /// <summary>
    /// Gaussians laid over the data. Below 10 dimensions the centres are farthest points and σ = max(1.6 spacing, .1 extent);
    /// from 10 dimensions they are k-means centres with σ half the median distance, and the coordinates are appended.
    /// </summary>
    let gaussiansOver (options: GaussianOptions) (samples: Samples) : Outcome<Observables> =
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
