namespace Koopman

open System
open TorchSharp

/// <summary>
/// N real functions ψ on R^d: the dictionary in which operators are represented. Derive from this class for your own; values
/// and first derivatives are enough.
/// </summary>
[<AbstractClass>]
type Observables(dimension: int, count: int, description: string) =

    /// <summary>The dimension d of the points they take.</summary>
    member _.Dimension: int = dimension

    /// <summary>How many functions, N.</summary>
    member _.Count: int = count

    /// <summary>What they are, for reports: "150 Gaussians of width 0.31".</summary>
    member _.Description: string = description

    /// <summary>The length over which the functions vary, if they have one: the width of Gaussians.</summary>
    abstract Length: float option

    default _.Length: float option = None

    /// <summary>ψ at n points (n, d), as (n, N).</summary>
    abstract Values: points: Tensor -> Tensor

    /// <summary>∂ψ/∂x_axis at n points (n, d), as (n, N). Axes count from 0.</summary>
    abstract Partial: points: Tensor * axis: int -> Tensor

    /// <summary>∇(Σ_j a_j ψ_j) at n points, as (n, d), for one vector of coefficients a (N).</summary>
    abstract GradientOf: points: Tensor * coefficients: Tensor -> Tensor

    default this.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            torch.stack ([| for axis in 0 .. dimension - 1 -> this.Partial(points, axis).mv coefficients |], 1L))

    /// <summary>Σ_a w_a ∇ψ_i(x_a)·∇ψ_j(x_a) as (N, N), for points (n, d) and weights (n).</summary>
    abstract DirichletForm: points: Tensor * weights: Tensor -> Tensor

    default this.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let mutable form = torch.zeros (int64 count, int64 count, dtype = torch.float64)

            for axis in 0 .. dimension - 1 do
                let slope = this.Partial(points, axis)
                form <- form.addmm (slope.t (), slope.mul (weights.unsqueeze 1L))

            form)

    /// <summary>Frees what the functions hold.</summary>
    abstract Dispose: unit -> unit

    default _.Dispose() : unit = ()

    interface IDisposable with
        /// <summary>Frees what the functions hold.</summary>
        member this.Dispose() = this.Dispose()

    override this.ToString() : string = this.Description

/// All products x_1^e1 ... x_d^ed up to a total degree.
[<Sealed>]
type private MonomialObservables(dimension: int, exponents: int[][], description: string) =
    inherit Observables(dimension, exponents.Length, description)

    let degree = exponents |> Array.map Array.max |> Array.max

    let column (axis: int) (shift: int) =
        torch.tensor (exponents |> Array.map (fun e -> int64 (max 0 (e[axis] + shift))), dtype = torch.int64)

    /// x_axis to the powers 0..degree, as (n, degree+1).
    let powers (points: Tensor) (axis: int) =
        let x = points.select (1L, int64 axis)
        let all = Array.create (degree + 1) (torch.ones_like x)

        for p in 1..degree do
            all[p] <- all[p - 1].mul x

        torch.stack (all, 1L)

    let product (factor: int -> Tensor) =
        Tensors.keep (fun () ->
            let mutable value = factor 0

            for axis in 1 .. dimension - 1 do
                value <- value.mul (factor axis)

            value)

    override _.Values(points: Tensor) : Tensor =
        product (fun axis -> (powers points axis).index_select (1L, column axis 0))

    override _.Partial(points: Tensor, along: int) : Tensor =
        product (fun axis ->
            if axis = along then
                let slopes = Tensors.ofVector (exponents |> Array.map (fun e -> float e[axis]))
                (powers points axis).index_select(1L, column axis -1).mul slopes
            else
                (powers points axis).index_select (1L, column axis 0))

/// exp(-|x-c|²/2σ²) for N centres c.
[<Sealed>]
type private GaussianObservables(centres: Tensor, width: float) =
    inherit
        Observables(
            int centres.shape[1],
            int centres.shape[0],
            $"{centres.shape[0]} Gaussians of width {width:G3}"
        )

    // The exponent comes from one product of x with the centres; shifting both to the middle of the centres keeps its digits.
    let middle = centres.mean([| 0L |]).DetachFromDisposeScope()
    let local = centres.sub(middle).DetachFromDisposeScope()
    let s2 = width * width

    let norms (x: Tensor) = x.mul(x).sum (1L)

    /// The exponents -|x-c|²/2σ² (n, N) of points that were shifted to the middle.
    let exponents (x: Tensor) =
        let offset = (norms x).unsqueeze(1L).add ((norms local).unsqueeze 0L)
        x.matmul(local.t()).mul_(Tensors.num 2.0).sub_(offset).mul_(Tensors.num (0.5 / s2)).clamp_max_ (Tensors.num 0.0)

    override _.Length: float option = Some width

    override _.Values(points: Tensor) : Tensor =
        Tensors.keep (fun () -> (exponents (points.sub middle)).exp_ ())

    override this.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let x = points.sub middle
            let gap = local.select(1L, int64 axis).unsqueeze(0L).sub (x.select(1L, int64 axis).unsqueeze 1L)
            (exponents x).exp_().mul_(gap).mul_ (Tensors.num (1.0 / s2)))

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            // Σ_j a_j ψ_j (c_j - x)/σ²: one pass of exponentials and one product with [a c, a].
            let x = points.sub middle
            let a = coefficients.unsqueeze 1L
            let sums = (exponents x).exp_().matmul (torch.cat ([| local.mul a; a |], 1L))
            let d = x.shape[1]
            sums.narrow(1L, 0L, d).sub(x.mul (sums.narrow (1L, d, 1L))).mul (Tensors.num (1.0 / s2)))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            // (x-c_i)·(x-c_j) = (|x-c_i|² + |x-c_j|² - |c_i-c_j|²)/2 turns the sum over axes into two products.
            let exponent = exponents (points.sub middle)
            let values = exponent.exp ()
            let squared = exponent.mul_ (Tensors.num (-2.0 * s2))
            let weighted = values.mul (weights.unsqueeze 1L)
            let cross = squared.mul_(values).t().matmul weighted
            let between = (norms local).unsqueeze(1L).add((norms local).unsqueeze 0L).sub (local.matmul(local.t()).mul (Tensors.num 2.0))
            let gram = values.t().matmul weighted
            cross.add(cross.t()).sub(between.mul gram).mul (Tensors.num (0.5 / (s2 * s2))))

    override _.Dispose() : unit =
        centres.Dispose()
        middle.Dispose()
        local.Dispose()

/// Two families one after the other.
[<Sealed>]
type private AppendedObservables(first: Observables, second: Observables) =
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
            first.GradientOf(points, head).add (second.GradientOf(points, tail)))

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
[<RequireQualifiedAccess>]
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
            [| for total in lowest..degree do
                   for e in exponentsOf dimension total -> Array.ofList e |]

        new MonomialObservables(dimension, exponents, description)

    /// <summary>All monomials of d variables up to a total degree, the constant first: (d+degree choose d) functions.</summary>
    let monomials (degree: int) (dimension: int) : Result<Observables, KoopmanError> =
        if degree < 1 || dimension < 1 then
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"Monomials of degree {degree} in {dimension} dimensions are not a dictionary"
                "Choose a degree and a dimension of at least 1"
        else
            let count = MathNet.Numerics.SpecialFunctions.Binomial(dimension + degree, dimension)

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
        { Centres = None
          Width = None
          Seed = Seed.ofInt 0 }

    /// The mean over the axes of the range between the .5 and 99.5 percent quantiles.
    let private extent (samples: Samples) : float =
        Tensors.within (fun () ->
            let levels = Tensors.ofVector [| 0.005; 0.995 |]
            // libtorch takes quantiles of at most 2^24 numbers.
            let stride = max 1 (samples.Count / 100_000)
            let some = samples.Points.slice (0L, 0L, int64 samples.Count, int64 stride)
            let ends = some.quantile (levels, 0L)
            ends[1].sub(ends[0]).mean().ToDouble ())

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
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    "All samples are the same point"
                    "Give data that vary"
            else
                gaussians (width ()) centres
        else
            use centres = Centres.kMeans 25 count (Seed.derive "centres" options.Seed) samples
            let width = options.Width |> Option.defaultWith (fun () -> 0.5 * Centres.medianDistance samples)

            gaussians width centres |> Result.bind (fun g -> append g (linear d))
