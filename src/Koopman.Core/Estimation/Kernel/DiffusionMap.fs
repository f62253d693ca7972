namespace Koopman

open System
open System.Threading
open System.Numerics
open TorchSharp

/// <summary>Settings of a diffusion map.</summary>
type DiffusionMapOptions =
    {
        /// <summary>
        /// The power of the density that is divided out, from 0 to 1. Default ½: the Langevin generator of the points' law. 1: the
        /// Laplace-Beltrami operator of their manifold, for any density. 0: the generator of the squared density.
        /// </summary>
        Alpha: float
        /// <summary>σ of the kernel exp(-|x-y|²/2σ²). Default: σ² = ½ m²/log(n+1) for the median distance m of the points.</summary>
        Width: float option
        /// <summary>The number of modes without the constant. Default 10.</summary>
        Modes: int
        /// <summary>The temperature T of the generator -TΔ + ∇V·∇. Default 1.</summary>
        Temperature: float
        /// <summary>The number of points to use, drawn at random; the result is extended from them to the others. Default: all points.</summary>
        Landmarks: int option
        /// <summary>The seed of the landmarks.</summary>
        Seed: Seed
        /// <summary>The memory limit in GiB. Default 4. A fit that would need more fails before it starts.</summary>
        MemoryLimit: float
    }

/// <summary>
/// Diffusion maps: the Langevin or Laplace-Beltrami generator from points alone, by a random walk among them (Coifman and Lafon 2006;
/// as a generator for particles, Li and Marzouk 2023). No dictionary is needed; the width of the kernel is the resolution. Distances between points define the
/// operator, so that all coordinates must have one unit.
/// </summary>
[<RequireQualifiedAccess>]
module DiffusionMap =

    /// <summary>α = ½, automatic width, ten modes, T = 1, all points, seed 0, 4 GiB.</summary>
    let defaults: DiffusionMapOptions =
        {
            Alpha = 0.5
            Width = None
            Modes = 10
            Temperature = 1.0
            Landmarks = None
            Seed = Seed.ofInt 0
            MemoryLimit = 4.0
        }

    /// <summary>The memory in GiB needed for this many points: their kernel matrix and the vectors of the eigenproblem.</summary>
    let memory (options: DiffusionMapOptions) (points: int) : float =
        let n = options.Landmarks |> Option.defaultValue points |> min points

        8.0 * (2.0 * float n * float n + LeadingEigen.work n (options.Modes + 1))
        / 1073741824.0

    let private check (options: DiffusionMapOptions) (samples: Samples) : Outcome<unit> =
        let needed = memory options samples.Count
        let used = options.Landmarks |> Option.defaultValue samples.Count

        Require.settings "DiffusionMap.defaults" {
            Require.between 0.0 1.0 "Alpha" options.Alpha
            Require.atLeast 1 "Modes" options.Modes
            Require.positive "Temperature" options.Temperature
            Require.optional Require.positive "Width" options.Width
            Require.limit "MemoryLimit" options.MemoryLimit
            Require.optional (Require.between 1 samples.Count) "Landmarks" options.Landmarks
        }
        |> Result.bind (fun () ->
            if used < max 40 (2 * options.Modes) then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"{used} points are too few for {options.Modes} modes"
                    $"Use at least {max 40 (2 * options.Modes)} points; thousands are usual"
            elif needed > options.MemoryLimit then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"A diffusion map of {used} points needs {needed:G3} GiB, above the limit of {options.MemoryLimit:G3} GiB"
                    "Set Landmarks to a few thousand, from which the map is extended to all points, or raise MemoryLimit"
            else
                Ok())

    /// The points in use: those of positive weight, or landmarks among them.
    let private chosen (options: DiffusionMapOptions) (samples: Samples) : struct (Tensor * Tensor) =
        let positive = samples.Weights.gt(Tensors.num 0.0).nonzero().squeeze 1L
        let n = int positive.shape[0]

        let index =
            match options.Landmarks with
            | Some count when count < n ->
                let order = Seed.permutation n (Seed.derive "landmarks" options.Seed)
                let some = order |> Array.take count |> Array.sort |> Array.map int64
                positive.index_select (0L, Tensors.ofIndices some)
            | _ -> positive

        let weights = samples.Weights.index_select (0L, index)
        struct (samples.Points.index_select (0L, index), weights / weights.sum ())

    let private width (options: DiffusionMapOptions) (samples: Samples) (count: int) : Outcome<float> =
        match options.Width with
        | Some width -> Ok width
        | None ->
            Kernel.medianWidth samples
            |> Result.map (fun median -> median * sqrt (0.5 / log (float count + 1.0)))

    /// <summary>
    /// The symmetrised walk on points for a kernel width: D^-½ W^½ K W^½ D^-½ with the densities included; the thinned weights, and the stationary law.
    /// </summary>
    let private walk
        (alpha: float)
        (width: float)
        (points: Tensor)
        (weights: Tensor)
        : struct (Tensor * Tensor * Tensor) =
        let kernel = Kernel.matrix (Kernel.Gaussian width) points points
        let density = kernel.mv weights
        let thinned = weights * density.pow (Tensors.num -alpha)
        let step = density.pow (Tensors.num -alpha) * kernel.mv thinned
        let root = (thinned * density.pow (Tensors.num -alpha) / step).sqrt()
        struct (kernel.mul_(root.unsqueeze 1L).mul_(root.unsqueeze 0L), thinned, weights * step)

    /// Modes whose eigenvalue of the random walk is below this are not resolved by the kernel.
    let private coarse = 0.5

    let private modes
        (temperature: float)
        (width: float)
        (sigma: float[])
        (rates: float[])
        (residuals: float[])
        (bars: int[] -> Uncertainty.Bar)
        (blur: float[])
        : Mode[] =
        let tooCoarse (mode: Mode) : Warning list =
            [
                if sigma[mode.Index - 1] < coarse then
                    {
                        Kind = WarningKind.NotConverged
                        Message =
                            $"the kernel of width {width:G3} is too wide for this mode: rates cannot exceed {2.0 * temperature / (width * width):G3}, and this one is too low"
                    }
            ]

        Array.init rates.Length (fun i ->
            let mode =
                Uncertainty.mode (PositiveGenerator temperature) (i + 1) rates[i] residuals[i] (bars [| i |])

            { mode with
                Lower = max 0.0 (mode.Lower - blur[i])
                Upper = mode.Upper + blur[i]
            })
        |> Evidence.judge
            { Evidence.none with
                IsSelfAdjoint = true
                Own = tooCoarse
            }

    /// <summary>
    /// The random walk p_ab = w_b k_ab (q_a q_b)^-α / d_a with q_a = Σ_b w_b k_ab and d_a its normalisation. For ε = σ² → 0 its
    /// generator is (1 - P)/ε → ½(-Δ - 2(1-α)∇log π·∇), so that the rates of L = -TΔ + ∇V·∇, π ∝ exp(-V/T), are η = 2T(1-λ)/ε at α = ½. Their
    /// errors are O(ε), plus sampling noise that grows as ε shrinks. Eigenfunctions φ = λ⁻¹ Σ_b p_b(x) φ(x_b) are defined at any point, with
    /// closed-form gradients; they are orthonormal in the stationary law w_a d_a of the walk. Intervals: the delta method for the
    /// Dirichlet form in that law, widened by the change from a kernel √2 times as wide or by the residual; block means account for points in the order of a trajectory. Residuals: of the weak
    /// form of L in that law, in-sample; they include both errors.
    /// </summary>
    /// <param name="options">Settings. On a manifold in R^d neither its dimension nor a chart is needed.</param>
    /// <param name="samples">The points, weighted or not.</param>
    let fit (options: DiffusionMapOptions) (samples: Samples) : Outcome<Spectrum> =
        result {
            do! check options samples
            use _ = Tensors.scope ()
            let struct (points, weights) = chosen options samples
            let n = int points.shape[0]
            let! width = width options samples n
            let count = min (options.Modes + 1) n

            let ratesOf (width: float) (sigma: float[]) : float[] =
                sigma
                |> Array.map (fun s -> 2.0 * options.Temperature * (1.0 - s) / (width * width))

            // The change when ε is doubled estimates the error of order ε.
            let! wider =
                result {
                    use _ = Tensors.scope ()
                    let wide = sqrt 2.0 * width
                    let struct (walk, _, _) = walk options.Alpha wide points weights
                    let! struct (values, _) = LeadingEigen.solve count 1e-6 n walk.times
                    return ratesOf wide (Array.tail (Tensors.toArray values))
                }

            let struct (walk, thinned, stationary) = walk options.Alpha width points weights
            let! struct (values, vectors) = LeadingEigen.solve count 1e-10 n walk.times
            let sigma = (Tensors.toArray values)[1..]

            if 1.0 - sigma[0] < 1e-10 then
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"The points fall into groups that the kernel of width {width:G3} does not connect"
                        "Use a wider kernel, or remove points far from all others"
            elif sigma[sigma.Length - 1] <= 1e-6 then
                return!
                    KoopmanError.fail
                        ErrorKind.IllConditioned
                        $"The kernel of width {width:G3} resolves fewer than {options.Modes} modes of these points"
                        "Use a narrower kernel or fewer modes, and check that the points are not all the same"
            else
                let law = stationary / stationary.sum ()
                let r = int64 sigma.Length

                let functions = vectors.narrow (1L, 1L, r) / law.sqrt().unsqueeze 1L

                let coefficients = functions / values.narrow (0L, 1L, r)

                use observables =
                    new DiffusionObservables(
                        points.DetachFromDisposeScope(),
                        thinned.log().DetachFromDisposeScope(),
                        width
                    )

                let rates = ratesOf width sigma

                // The folds of the residual are blocks of rows, each of which must follow the law; points may come in any order.
                let order =
                    Seed.permutation n (Seed.derive "residuals" options.Seed) |> Array.map int64

                let shuffled (tensor: Tensor) =
                    tensor.index_select (0L, Tensors.ofIndices order)

                let judged = new Samples(shuffled points, shuffled law, samples.Sampling)

                let refit: Residuals.Refit =
                    {
                        Values = fun x -> Tensors.keep (fun () -> (observables.Values x).times coefficients)
                        Slope = fun x axis -> Tensors.keep (fun () -> observables.Partial(x, axis).times coefficients)
                        Eigenvalues = Tensors.ofVector rates
                    }

                let! residuals =
                    result {
                        use! test = Residuals.testFunctions (max 50 options.Modes) judged

                        return! Residuals.ofSamples test options.Temperature (Array.create Residuals.folds refit) judged
                    }

                // The change from the wider kernel or the bound by the residual, whichever is larger.
                let blur =
                    Array.map3
                        (fun (rate: float) wide residual -> max (abs (rate - wide)) (sqrt 2.0 * residual * rate))
                        rates
                        wider
                        residuals

                // The error bar of the Dirichlet form in the law of the walk, to which the rates converge.
                let bars =
                    match samples.Sampling with
                    | Quadrature -> Uncertainty.exact
                    | Drawn ->
                        // In their own order, which shows how states of a trajectory are correlated.
                        let ordered = new Samples(points.alias (), law.alias (), samples.Sampling)
                        Scores.ofSamples refit.Values refit.Slope options.Temperature rates rates.Length ordered

                return
                    new Spectrum(
                        observables,
                        torch.zeros(int64 n, dtype = torch.float64).DetachFromDisposeScope(),
                        coefficients.contiguous().DetachFromDisposeScope(),
                        None,
                        rates |> Array.map (fun rate -> Complex(rate, 0.0)),
                        modes options.Temperature width sigma rates residuals bars blur,
                        PositiveGenerator options.Temperature,
                        $"the stationary law of a random walk on {n} points (diffusion map, α = {options.Alpha:G3})",
                        "dual energy norm ‖(L+η)^(-1/2)(L-η)φ‖/√η over test functions, in-sample: relative error of η, to leading order at most √2 times this"
                    )
        }

    /// <summary>
    /// As <c>fit</c>, and can be cancelled at any moment: the wait ends at once, and what runs in a native library goes on unseen until it ends.
    /// </summary>
    /// <param name="cancellation">Cancels the fit, with <see cref="T:System.OperationCanceledException"/>.</param>
    /// <param name="options">Settings.</param>
    /// <param name="samples">The points.</param>
    let fitUnder
        (cancellation: CancellationToken)
        (options: DiffusionMapOptions)
        (samples: Samples)
        : Outcome<Spectrum> =
        Interruptible.run cancellation [ samples ] (fun () -> fit options samples)
