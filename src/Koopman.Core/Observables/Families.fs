namespace Koopman

open System
open TorchSharp
open System.Runtime.InteropServices
open System.Text.Json.Nodes

/// <summary>Settings of Gaussian observables spread over data.</summary>
type GaussianOptions =
    {
        /// <summary>The maximum number of centres; fewer where the data carry fewer. Default 100, and 20 in one dimension.</summary>
        Centres: int option
        /// <summary>One width σ for all coordinates, in units of the data. Default: one for every coordinate, see <c>gaussiansOver</c>.</summary>
        Width: float option
        /// <summary>The seed of the k-means initialisation, used from 10 dimensions.</summary>
        Seed: Seed
    }

/// <summary>Makes and combines observables.</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Observables =

    /// A combination takes ownership of its parts: it holds a reference, and the creator's is released.
    let private instead (parts: Observables list) (combination: Observables) : Observables =
        for part in parts do
            part.Dispose()

        combination

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

    /// All products to a total degree; fails if the degree is invalid or there are too many.
    let private polynomials
        (recurrence: Recurrence)
        (name: string)
        (degree: int)
        (middle: float[], half: float[])
        : Outcome<Observables> =
        let dimension = middle.Length

        let count =
            MathNet.Numerics.SpecialFunctions.Binomial(dimension + max degree 0, dimension)

        Require.all {
            Require.atLeast 1 $"the degree of {name}" degree
            Require.atLeast 1 "the dimension" dimension

            if count > 20_000.0 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"There are {count:N0} {name} of degree {degree} in {dimension} dimensions"
                    "Lower the degree, reduce the dimension (PCA), or use Gaussian observables"
        }
        |> Result.bind (fun () ->
            let exponents =
                [|
                    for total in 0..degree do
                        for e in exponentsOf dimension total -> Array.ofList e
                |]

            Ok(
                new PolynomialObservables(
                    recurrence,
                    middle,
                    half,
                    exponents,
                    $"{int count} {name} to degree {degree}"
                )
            ))

    let private wholeSpace (dimension: int) : float[] * float[] =
        Array.zeroCreate (max dimension 0), Array.create (max dimension 0) 1.0

    /// <summary>The constant 1 on R^d. Estimators that centre remove it; forecasts of an affine map need it.</summary>
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
    /// standard Gaussian law, so that their Gram matrix on standardised data is close to 1, while that of monomials is nearly singular; also the
    /// eigenfunctions of the standard Ornstein-Uhlenbeck process. For other data see <c>whitened</c>.
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
    /// matrix are copied; the result takes ownership of the observables.
    /// </summary>
    let mapped (offset: Tensor) (matrix: Tensor) (inner: Observables) : Outcome<Observables> =
        if matrix.dim () <> 2L || offset.dim () <> 1L || offset.shape[0] <> matrix.shape[0] then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                "A map needs an offset (d) and a matrix (d, k) of the same d"
                "Give the mean of the data and the matrix that maps centred points to the coordinates of the observables"
        elif int matrix.shape[1] <> inner.Dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The map has {matrix.shape[1]} outputs, but the observables take {inner.Dimension} dimensions"
                "Make the observables for the output dimension of the map"
        else
            let copy (tensor: Tensor) =
                tensor.to_type(torch.float64, true).DetachFromDisposeScope()

            let description =
                $"{inner.Description} after a map from {matrix.shape[0]} to {matrix.shape[1]} dimensions"

            new MappedObservables(copy offset, copy matrix, inner, description)
            |> instead [ inner ]
            |> Ok

    /// <summary>exp(-|x-c|²/2σ²) for the given centres (N, d), which are copied.</summary>
    let gaussians (width: float) (centres: Tensor) : Outcome<Observables> =
        Require.positive "the width of Gaussian observables" width
        |> Require.advise "Give a length in the units of the data, about 1.6 times the spacing of the centres"
        |> Result.map (fun () ->
            new GaussianObservables(centres.to_type(torch.float64, true).DetachFromDisposeScope(), width, None))

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
                    "Give one row per centre, for example points of the data"
            else
                let copy = centres.to_type(torch.float64, true).DetachFromDisposeScope()

                match kernel with
                | Kernel.Gaussian width -> Ok(new GaussianObservables(copy, width, None))
                | _ -> Ok(new KernelObservables(kernel, copy)))

    /// <summary>The combinations ψᵀT of observables ψ (N) with the columns of T (N, q), which is copied. The result takes ownership of ψ.</summary>
    let combined (matrix: Tensor) (inner: Observables) : Outcome<Observables> =
        if
            matrix.dim () <> 2L
            || matrix.shape[0] <> int64 inner.Count
            || matrix.shape[1] < 1L
        then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"Combinations of {inner.Count} observables need a matrix of {inner.Count} rows"
                "Give one row per observable and one column per combination"
        else
            let copy = matrix.to_type(torch.float64, true).DetachFromDisposeScope()

            new CombinedObservables(inner, copy, $"{matrix.shape[1]} combinations of {inner.Description}")
            |> instead [ inner ]
            |> Ok

    /// <summary>The concatenation: the functions of the first, then those of the second. The result takes ownership of both.</summary>
    let append (first: Observables) (second: Observables) : Outcome<Observables> =
        Require.dimension first.Dimension "the second observables" second.Dimension
        |> Require.advise "Make both for the dimension of the data"
        |> Result.map (fun () -> new AppendedObservables(first, second) |> instead [ first; second ])

    /// <summary>The default options: automatic count and width, seed 0.</summary>
    let automatic: GaussianOptions =
        {
            Centres = None
            Width = None
            Seed = Seed.ofInt 0
        }

    /// Gaussians around rows of the data, of a width in units of these lengths; on a column of length 0 they do not depend.
    let internal stretchedGaussians (width: float) (lengths: float[]) (centres: Tensor) : Observables =
        let copy = centres.to_type(torch.float64, true).DetachFromDisposeScope()

        match lengths with
        | [| length |] -> new GaussianObservables(copy, width * length, None)
        | _ ->
            let stretch =
                lengths
                |> Array.map (fun length -> if length > 0.0 then 1.0 / length else 0.0)
                |> Tensors.ofVector

            new GaussianObservables(copy, width, Some(stretch.DetachFromDisposeScope()))

    /// Of k-means centres, those whose Gaussian carries an effective number of at least √n of the n samples.
    let private carried (width: float) (samples: Samples) (centres: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let weighted =
                Kernel.matrix (Kernel.Gaussian width) samples.Points centres
                * samples.Weights.unsqueeze 1L

            let size = weighted.sum(0L).square() / weighted.square().sum 0L
            let least = 1.0 / samples.Weights.norm().ToDouble()
            let enough = size.ge(Tensors.num least).nonzero().squeeze 1L

            if enough.shape[0] < 2L then
                centres.alias ()
            else
                centres.index_select (0L, enough))

    /// <summary>As <c>gaussiansOver</c>, with a factor to the automatic width.</summary>
    let internal gaussiansWidened (widen: float) (options: GaussianOptions) (samples: Samples) : Outcome<Observables> =
        let d = samples.Dimension
        let lengths = Centres.scales samples
        let varying = lengths |> Array.filter (fun length -> length > 0.0)

        let wanted =
            options.Centres |> Option.defaultValue (if varying.Length = 1 then 20 else 100)

        let count = min wanted (samples.Count / 3)

        if wanted < 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{wanted} centres were requested"
                "Request at least one; 100 is usual"
        elif count < 2 then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                $"{samples.Count} samples are too few for Gaussian observables"
                "Give at least 6 samples; thousands are usual"
        elif varying.Length = 0 then
            KoopmanError.fail ErrorKind.TooFewSamples "All samples are the same point" "Give data that vary"
        else
            result {
                use _ = Tensors.scope ()
                use! scaled = Centres.scaled lengths samples

                /// Centres in the space of the data.
                let laid (width: float) (centres: Tensor) : Outcome<Observables> =
                    match options.Width with
                    | Some width -> gaussians width centres
                    | None -> Ok(stretchedGaussians (widen * width) lengths centres)

                if varying.Length < 10 then
                    let least = if varying.Length = 1 then 0.1 else 0.2
                    let struct (rows, width) = Centres.supported count least scaled
                    return! laid width (samples.Points.index_select (0L, Tensors.ofIndices (Array.map int64 rows)))
                else
                    let width = 0.5 * Centres.medianDistance scaled

                    let centres =
                        Centres.kMeans 25 count (Seed.derive "centres" options.Seed) scaled
                        |> carried width scaled

                    // Back to the units of the data; what is constant stays so.
                    let units = Tensors.ofVector varying
                    let back = (Samples.mean samples).repeat [| centres.shape[0]; 1L |]

                    let columns =
                        lengths
                        |> Array.indexed
                        |> Array.filter (fun (_, length) -> length > 0.0)
                        |> Array.map (fst >> int64)
                        |> Tensors.ofIndices

                    let! made =
                        laid width (back.index_add (1L, columns, centres * units, Tensors.num 1.0))

                    return! append made (linear d)
            }

    /// <summary>
    /// Gaussians laid over the data, the same in any units: every coordinate has its own scale, which outliers, tails and gaps do not change; constant
    /// ones are left out. Every centre rests on enough samples: its Gaussian of half the width carries an effective number of at least
    /// √n of n. Below 10 dimensions the centres are farthest points, and the width is 1.6 times their spacing and at least .1 (.2 in
    /// several dimensions) of the scale, which is 3.15 standard deviations of a Gaussian; from 10 dimensions they are k-means centres with
    /// half the median distance as width, and the coordinates are appended.
    /// </summary>
    let gaussiansOver (options: GaussianOptions) (samples: Samples) : Outcome<Observables> =
        gaussiansWidened 1.0 options samples

    /// The number of integer vectors of d entries with Σ|k| ≤ highest.
    let private latticePoints (highest: int) (dimension: int) : float =
        Seq.sum
            [
                for j in 0 .. min highest dimension ->
                    Math.Pow(2.0, float j)
                    * MathNet.Numerics.SpecialFunctions.Binomial(dimension, j)
                    * MathNet.Numerics.SpecialFunctions.Binomial(highest, j)
            ]

    /// All integer vectors of d entries with Σ|k| = total.
    let rec private waveVectors (dimension: int) (total: int) : int list seq =
        seq {
            for k in (if dimension = 1 then [ total ] else [ total .. -1 .. 0 ]) do
                for sign in (if k = 0 then [ 1 ] else [ 1; -1 ]) do
                    if dimension = 1 then
                        [ sign * k ]
                    else
                        for rest in waveVectors (dimension - 1) (total - k) do
                            sign * k :: rest
        }

    /// <summary>
    /// Functions periodic in a box: the constant, then √2 cos(2π Σ k_i x_i/p_i), then the same sines, for all wave vectors k with 0 &lt; Σ|k_i| ≤
    /// <paramref name="highest"/>, one of each k and -k, by increasing Σ|k_i|. Orthonormal in the uniform law on the box.
    /// </summary>
    /// <param name="highest">The highest total wave number, at least 1. In one dimension there are 1 + 2·highest functions.</param>
    /// <param name="periods">The period p_i of every coordinate (d), in units of the data.</param>
    /// <returns>The functions, or an error if a period is not positive or there would be more than 20,000 of them.</returns>
    let fourier (highest: int) (periods: float[]) : Outcome<Observables> =
        let d = periods.Length

        Require.all {
            Require.atLeast 1 "the highest wave number" highest
            Require.notEmpty "the list of periods" periods

            Require.each Require.positive "periods" periods
            |> Require.advise "Give the periods of all coordinates in units of the data, for example 2π for an angle"

            if latticePoints highest d > 20_000.0 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"There are {latticePoints highest d:N0} Fourier functions to wave number {highest} in {d} dimensions"
                    "Lower the wave number, or use random Fourier features"
        }
        |> Result.bind (fun () ->
            let vectors =
                [|
                    yield List.replicate d 0
                    for total in 1..highest do
                        yield!
                            waveVectors d total
                            |> Seq.filter (fun k -> List.find (fun entry -> entry <> 0) k > 0)
                |]

            let frequencies =
                vectors
                |> Array.collect (fun k ->
                    Array.map2 (fun entry period -> 2.0 * Math.PI * float entry / period) (Array.ofList k) periods)
                |> Tensors.ofRows vectors.Length

            Ok(
                new WaveObservables(
                    frequencies.DetachFromDisposeScope(),
                    {
                        HasConstant = true
                        Nested =
                            if highest < 2 then
                                0
                            else
                                int (latticePoints (highest - 1) d + 1.0) / 2
                        Amplitude = sqrt 2.0
                        Description = $"{2 * vectors.Length - 1} Fourier functions to wave number {highest}"
                        Length = None
                    }
                )
            ))

    /// <summary>
    /// Random Fourier features (Rahimi and Recht 2007): cos(ω·x)/√m and sin(ω·x)/√m for m frequencies ω drawn from N(0, 1/σ²), so that
    /// ψ(x)·ψ(y) is the Gaussian kernel exp(-|x-y|²/2σ²) in the mean, with error about 1/√m. They approximate a kernel method at the cost of 2m
    /// functions.
    /// </summary>
    /// <param name="count">The number of frequencies m; there are 2m functions, the cosines first.</param>
    /// <param name="width">The kernel's σ, in units of the data.</param>
    /// <param name="seed">The seed of the frequencies.</param>
    /// <param name="dimension">d.</param>
    let randomFourier (count: int) (width: float) (seed: Seed) (dimension: int) : Outcome<Observables> =
        Require.all {
            Require.between 1 10_000 "the number of frequencies" count
            |> Require.advise "Choose 1 to 10,000 frequencies; 100 to 500 are usual"

            Require.atLeast 1 "the dimension" dimension

            Require.positive "the width of the kernel" width
            |> Require.advise
                "Give a length in the units of the data, for example half the median distance of two points"
        }
        |> Result.bind (fun () ->
            let frequencies =
                Tensors.own (fun () -> Seed.normal [| int64 count; int64 dimension |] seed / width)

            Ok(
                new WaveObservables(
                    frequencies,
                    {
                        HasConstant = false
                        Nested = count / 2
                        Amplitude = 1.0 / sqrt (float count)
                        Description = $"{2 * count} random Fourier features of width {width:G3}"
                        Length = Some width
                    }
                )
            ))

    /// <summary>
    /// The indicators of the boxes of a regular grid, the last axis varying fastest. Boxes include their lower faces, and those at the upper end of
    /// the grid also their upper faces; all functions are 0 outside the grid.
    /// </summary>
    /// <param name="cells">The number of boxes along every axis (d).</param>
    /// <param name="low">The lower corner of the grid (d).</param>
    /// <param name="high">The upper corner of the grid (d).</param>
    /// <returns>The functions, or an error if the grid is empty or has more than 20,000 boxes.</returns>
    let gridIndicators (cells: int[]) (low: float[], high: float[]) : Outcome<Observables> =
        let d = cells.Length
        let count = cells |> Array.fold (fun product n -> product * float n) 1.0

        result {
            do! Box.check d (low, high)

            do!
                Require.each (Require.atLeast 1) "cells" cells
                |> Require.advise "Give positive numbers of boxes, for example 20 along each of two axes"

            if count > 20_000.0 then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        $"The grid has {count:N0} boxes"
                        "Use fewer boxes per axis, or the cells of centres chosen from the data (cellIndicators)"
            else
                return new IndicatorObservables(Boxes(Array.copy cells, Array.copy low, Array.copy high)) :> Observables
        }

    /// <summary>
    /// The indicators of the Voronoi cells of centres (N, d): every point lies in the cell of its nearest centre, so that the functions
    /// add up to 1. <c>Centres.kMeans</c> and <c>Centres.farthest</c> choose centres. They are copied.
    /// </summary>
    /// <returns>The functions, or an error if there are fewer than two centres, if two are equal, or if one is not finite.</returns>
    let cellIndicators (centres: Tensor) : Outcome<Observables> =
        if centres.dim () <> 2L || centres.shape[0] < 2L || centres.shape[1] < 1L then
            KoopmanError.fail
                ErrorKind.TooFewSamples
                "Cells need at least two centres, one per row"
                "Give centres of shape (N, d); Centres.kMeans chooses them from data"
        elif not (Tensors.isFinite centres) then
            KoopmanError.fail ErrorKind.NotFinite "The centres contain NaN or infinity" "Remove these centres"
        else
            let own = Tensors.own (fun () -> centres.to_type (torch.float64, true))

            let nearest =
                Neighbours.build (int own.shape[1]) (Tensors.toArray own)
                |> Neighbours.nearestOther
                |> Array.min

            if nearest <= 0.0 then
                own.Dispose()

                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "Two of the centres are the same point, so that one cell is empty"
                    "Give distinct centres"
            else
                Ok(new IndicatorObservables(Nearest(new Constant(own))))

    /// <summary>The indicators of the k-means cells of the data: the states of a Markov state model.</summary>
    /// <param name="count">The number of cells.</param>
    /// <param name="seed">The seed of the k-means initialisation.</param>
    /// <param name="samples">The data; no reference to them is kept.</param>
    let cellIndicatorsOver (count: int) (seed: Seed) (samples: Samples) : Outcome<Observables> =
        Require.between 2 samples.Count "the number of cells" count
        |> Require.advise $"Request at least two cells, with many samples per cell; there are {samples.Count} samples"
        |> Result.bind (fun () ->
            use centres = Centres.kMeans 50 count seed samples
            cellIndicators centres)

    /// Evaluates the functions at three points of the unit cube, and checks the result.
    let private tried (dimension: int) (count: int) (what: string) (values: Tensor -> Tensor) : Outcome<unit> =
        if dimension < 1 || count < 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{what}: {count} functions of {dimension} dimensions are not a dictionary"
                "Give a dimension and a number of functions of at least 1"
        else
            use _ = Tensors.scope ()
            let points = Seed.uniform [| 3L; int64 dimension |] (Seed.ofInt 0)

            try
                let answer = values points

                if answer.shape = [| 3L; int64 count |] && answer.dtype = torch.float64 then
                    Ok()
                else
                    KoopmanError.fail
                        ErrorKind.ShapeMismatch
                        $"{what}: for 3 points the result is {answer.dtype} of shape {Tensors.shape answer}, and not Float64 of shape (3, {count})"
                        "Return one row per point and one column per function, in float64"
            with :? ExternalException as error ->
                KoopmanError.fail
                    ErrorKind.ShapeMismatch
                    $"{what}: evaluation at points of shape (3, {dimension}) in float64 failed: {Guarded.message error}"
                    "Check the dimension, and that every constant of the function is float64"

    /// <summary>
    /// Functions written with tensors: <paramref name="values"/> takes points (n, d) to (n, N) in float64, each row from its own
    /// point. Derivatives come from autograd, first and second; where the result has no graph (for example, if the function works on .NET arrays)
    /// they are central differences, accurate to about 1e-9 and 1e-7 of the functions' size. A function that mixes both has the derivatives of the
    /// recorded part only.
    /// </summary>
    /// <param name="dimension">d.</param>
    /// <param name="count">N.</param>
    /// <param name="description">The description for reports.</param>
    /// <param name="values">The functions; its arguments are temporaries that are freed after the call.</param>
    /// <returns>The functions, or an error if a test with three points returns another shape or dtype.</returns>
    let ofFunction
        (dimension: int)
        (count: int)
        (description: string)
        (values: Tensor -> Tensor)
        : Outcome<Observables> =
        tried dimension count description values
        |> Result.map (fun () ->
            new FunctionObservables(dimension, count, description, values, (fun () -> false), None))

    /// <summary>
    /// Functions written without tensors, one field each. Derivatives are central differences. A tensor function is much faster: use this for a few
    /// functions and thousands of points.
    /// </summary>
    let ofFields (dimension: int) (description: string) (fields: ScalarField[]) : Outcome<Observables> =
        let values (points: Tensor) : Tensor =
            let rows = Tensors.toArray points
            let n = int points.shape[0]
            let answer = Array.zeroCreate (n * fields.Length)

            for i in 0 .. n - 1 do
                for j in 0 .. fields.Length - 1 do
                    answer[i * fields.Length + j] <-
                        fields[j].Invoke(System.ReadOnlySpan(rows, i * dimension, dimension))

            Tensors.ofRows n answer |> Tensors.like points

        ofFunction dimension fields.Length description values

    /// <summary>
    /// The outputs of a network with float64 parameters, each row from its own point (no layer that mixes the batch). Values stay
    /// connected to the parameters, and derivatives too while some parameter is trained and the graph is recorded. Set a network with dropout to
    /// evaluation mode first. The result takes ownership of the network.
    /// </summary>
    /// <param name="network">From (n, d) to (n, N).</param>
    /// <param name="dimension">d.</param>
    /// <param name="count">N.</param>
    /// <returns>The functions, or an error if a parameter is not float64 or a test with three points returns another shape.</returns>
    let ofModule (network: torch.nn.Module<Tensor, Tensor>) (dimension: int) (count: int) : Outcome<Observables> =
        let name = network.GetName()

        let foreign =
            network.named_parameters ()
            |> Seq.tryFind (fun (struct (_, parameter)) -> parameter.dtype <> torch.float64)

        match foreign with
        | Some(struct (parameter, values)) ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The parameter {parameter} of the network {name} is {values.dtype}, but spectra are float64"
                "Make the network float64: network.``to``(torch.float64), or the dtype argument of its layers"
        | None ->
            let isTrained () =
                network.parameters () |> Seq.exists _.requires_grad

            tried dimension count $"network {name}" network.call
            |> Result.map (fun () ->
                new FunctionObservables(
                    dimension,
                    count,
                    $"{count} outputs of the network {name}",
                    network.call,
                    isTrained,
                    Some network
                ))

    /// <summary>
    /// All products ψ_i χ_j of a function of the first with one of the second, the second varying fastest. If both contain the constant, their own
    /// functions are among the products. The result takes ownership of both.
    /// </summary>
    let product (first: Observables) (second: Observables) : Outcome<Observables> =
        let count = float first.Count * float second.Count

        Require.dimension first.Dimension "the second observables" second.Dimension
        |> Require.advise "Make both for the dimension of the data"
        |> Result.bind (fun () ->
            if count > 20_000.0 then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"There are {count:N0} products of {first.Count} functions with {second.Count}"
                    "Multiply smaller families, or select from them first"
            else
                Ok())
        |> Result.map (fun () -> new ProductObservables(first, second) |> instead [ first; second ])

    /// <summary>The functions with these indices, counted from 0, in this order. The result takes ownership of the family.</summary>
    let select (indices: int[]) (inner: Observables) : Outcome<Observables> =
        Require.indices "function" inner.Count (Seq.map int64 indices)
        |> Result.bind (fun () ->
            if indices.Length = 0 || (Array.distinct indices).Length < indices.Length then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    "A selection must name at least one function, and none twice"
                    "Give distinct indices"
            else
                new SelectedObservables(Array.copy indices, inner) |> instead [ inner ] |> Ok)

    /// <summary>
    /// The observables on delay coordinates: the state is a row of <paramref name="count"/> blocks [x_t, x_{t-1}, ...] of the inner
    /// dimension each, and the functions of the blocks are concatenated. A constant among the inner functions appears once per block; estimators
    /// drop the copies. The result takes ownership of the inner functions.
    /// </summary>
    let onDelays (count: int) (inner: Observables) : Outcome<Observables> =
        if count < 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{count} delay blocks hold no state"
                "Give the number of blocks in a row of the data, at least 1"
        else
            new DelayedObservables(count, inner) |> instead [ inner ] |> Ok

    /// <summary>
    /// The observables of the k coordinates along principal components. The components are copied; the result takes ownership of the inner
    /// functions.
    /// </summary>
    let onPca (pca: Pca) (inner: Observables) : Outcome<Observables> =
        use directions = pca.Components.t ()
        mapped pca.Mean directions inner

    /// <summary>
    /// The observables of whitened coordinates: an affine map, made from the samples with their weights, gives them mean 0, unit
    /// variance and no correlation. As <c>hermite</c> requires. The result takes ownership of the inner functions.
    /// </summary>
    /// <returns>The functions, or an error if the data vary in fewer directions than they have dimensions.</returns>
    let whitened (samples: Samples) (inner: Observables) : Outcome<Observables> =
        use _ = Tensors.scope ()
        let mean = Samples.mean samples
        let covariance = Samples.covariance samples
        let d = samples.Dimension
        // What rounding leaves of the variance of a constant must not be taken for one.
        let floor = 1e-26 * mean.square ()
        let constant = Guarded.read<int64>(covariance.diagonal().le(floor).nonzero())

        if constant.Length > 0 then
            KoopmanError.fail
                ErrorKind.IllConditioned
                $"Coordinate {constant[0]} (counted from 0) is constant over the samples"
                "Leave constant coordinates out of the data"
        else
            LinearAlgebra.whiten 1e-12 covariance
            |> Result.bind (fun basis ->
                if int basis.shape[1] < d then
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"The samples vary in {basis.shape[1]} of {d} directions: some coordinates are linear combinations of others"
                        $"Take {basis.shape[1]} principal components with onPca"
                else
                    mapped mean basis inner)

    let private kind: string = "dictionary"
    let private field: string = "observables"

    /// <summary>
    /// Writes observables to a safetensors file, which is replaced atomically. All families of the library and combinations of them can be stored,
    /// also learned dictionaries; user-defined functions and networks cannot.
    /// </summary>
    /// <param name="path">The file to make or replace; the ending <c>.safetensors</c> is usual.</param>
    /// <param name="observables">They are not changed.</param>
    /// <returns>An <c>InvalidSetting</c> error if some of them are user-defined functions; <c>UnwritableFile</c> if the path cannot be
    /// written.</returns>
    let save (path: string) (observables: Observables) : Outcome<unit> =
        use _ = Tensors.scope ()

        Recipe.ofObservables observables
        |> Result.bind (RecipeFile.write path kind field)

    /// <summary>Reads observables from a file written by <c>save</c>; they compute the same bits. The caller disposes them.</summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// A <c>MissingFile</c> error; <c>UnreadableFile</c> if the file is damaged, was changed, or is not of this library;
    /// <c>CheckpointMismatch</c> if it holds something else or is of a newer version.
    /// </returns>
    let load (path: string) : Outcome<Observables> =
        result {
            use! checkpoint = Checkpoint.readKind kind 1 path
            return! ObservablesFile.load field checkpoint
        }
