namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>Settings of generator EDMD.</summary>
type GeneratorOptions =
    {
        /// <summary>The number of leading modes with residuals and error bars. Default 10.</summary>
        Modes: int
        /// <summary>Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. Default 1e-10.</summary>
        RankTolerance: float
        /// <summary>True if the samples are declared to follow the invariant law of the motion. Default false: every mode of a motion with noise then carries a warning.</summary>
        Invariant: bool
        /// <summary>For motion without noise: the largest residual without a warning, as a fraction of the largest |μ|. Default 1e-6.</summary>
        Tolerance: float
    }

/// <summary>
/// Generator EDMD: the generator 𝓛f = b·∇f + ½ a:∇²f represented on observables by regression, from a drift and a diffusion
/// known at samples (Klus et al. 2020). There is no lag and no time step.
/// </summary>
[<RequireQualifiedAccess>]
module GeneratorEdmd =

    /// <summary>Ten modes, cut 1e-10, measure not declared invariant, tolerance 1e-6.</summary>
    let defaults: GeneratorOptions =
        {
            Modes = 10
            RankTolerance = 1e-10
            Invariant = false
            Tolerance = 1e-6
        }

    let private check
        (options: GeneratorOptions)
        (observables: Observables)
        (samples: Samples)
        (motion: DriftDiffusion)
        : Outcome<unit> =
        Require.all {
            Require.settings "GeneratorEdmd.defaults" {
                Require.atLeast 1 "Modes" options.Modes
                Require.share "RankTolerance" options.RankTolerance
                Require.limit "Tolerance" options.Tolerance
            }

            DriftDiffusion.checkAt samples motion
            Fitting.checkDifferentiable observables
            Fitting.check observables samples
        }

    /// Statistics of the leading modes from a second pass over the data.
    [<NoComparison; NoEquality>]
    type private EigenpairTest =
        {
            Residual: float[]
            RateError: float[]
            FrequencyError: float[]
            /// ½⟨∇φ̄, a∇φ⟩ divided by the variance of φ.
            Dirichlet: float[]
        }

    /// The product of real functions with complex coefficients, as real and imaginary part.
    let private parts (functions: Tensor) (coefficients: Tensor) : struct (Tensor * Tensor) =
        struct (functions.times coefficients.real, functions.times coefficients.imag)

    let private tryOut
        (observables: Observables)
        (vectors: Tensor)
        (dual: Tensor)
        (values: Complex[])
        (motion: DriftDiffusion)
        (samples: Samples)
        : EigenpairTest =
        use _ = Tensors.scope ()
        let mu = values |> Array.map _.Real |> Tensors.ofVector
        let omega = values |> Array.map _.Imaginary |> Tensors.ofVector
        let square (re: Tensor) (im: Tensor) = re * re + im * im
        // Sums over the data, one per row: |e|², |φ|², Re φ, Im φ, ½ ∇φ̄·a∇φ.
        let sums = torch.zeros (5L, int64 values.Length, dtype = torch.float64)
        let decay, turn = ResizeArray<Tensor>(), ResizeArray<Tensor>()

        for struct (start, size) in Tensors.pieces (Tensors.pieceRows observables.Count) samples.Count do
            use scope = Tensors.scope ()
            let points = Tensors.rows start size samples.Points
            let motion = motion.Rows(start, size)
            let weights = (Tensors.rows start size samples.Weights).unsqueeze 1L
            let functions = observables.Values points
            let struct (re, im) = parts functions vectors

            let struct (changeRe, changeIm) =
                parts (observables.GeneratorOf(points, motion)) vectors

            let eRe = changeRe - re * mu + im * omega
            let eIm = changeIm - re * omega - im * mu
            let struct (uRe, uIm) = parts functions dual

            let slopes =
                [|
                    if not motion.IsDeterministic then
                        for axis in 0 .. samples.Dimension - 1 -> parts (observables.Partial(points, axis)) vectors
                |]

            let energy = torch.zeros_like re

            for i in 0 .. slopes.Length - 1 do
                for j in i .. slopes.Length - 1 do
                    match motion.Entry(i, j) with
                    | None -> ()
                    | Some a ->
                        let struct (reI, imI) = slopes[i]
                        let struct (reJ, imJ) = slopes[j]

                        energy.addcmul_ (reI * reJ + imI * imJ, a, Tensors.num (if i = j then 0.5 else 1.0))
                        |> ignore

            let total (t: Tensor) = (t * weights).sum 0L

            sums.add_ (
                torch.stack (
                    [|
                        total (square eRe eIm)
                        total (square re im)
                        total re
                        total im
                        total energy
                    |],
                    0L
                )
            )
            |> ignore

            // The first-order effect of one sample on the eigenvalue: ū (𝓛φ - μφ), times its weight.
            let share = float samples.Count * weights
            decay.Add(scope.MoveToOuter((uRe * eRe + uIm * eIm) * share))
            turn.Add(scope.MoveToOuter((uRe * eIm - uIm * eRe) * share))

        let row (i: int) =
            Tensors.toArray (sums.select (0L, int64 i))

        let defect, norm, meanRe, meanIm, energy = row 0, row 1, row 2, row 3, row 4

        let errors (scores: ResizeArray<Tensor>) =
            match samples.Sampling with
            | Quadrature -> Array.zeroCreate values.Length
            | Drawn ->
                Uncertainty.columns (torch.cat (scores, 0L))
                |> Array.map Uncertainty.seriesError

        {
            Residual = Array.map2 (fun e n -> sqrt (e / n)) defect norm
            RateError = errors decay
            FrequencyError = errors turn
            Dirichlet =
                Array.init values.Length (fun k ->
                    let variance = norm[k] - meanRe[k] * meanRe[k] - meanIm[k] * meanIm[k]

                    if variance > 1e-12 * norm[k] then
                        energy[k] / variance
                    else
                        0.0)
        }

    /// For motion with noise the results depend on the law of the samples.
    let private notInvariant (mode: Mode) (dirichlet: float) : Warning =
        {
            Kind = WarningKind.MeasureNotInvariant
            Message =
                $"the samples are not declared to follow the invariant law; otherwise this rate {mode.Rate:G4} need not converge; the Dirichlet form of the same function gives {dirichlet:G4}, which would be equal for a reversible process in equilibrium"
        }

    /// <summary>
    /// L = G⁺A with G = ⟨ψψᵀ⟩ and A = ⟨ψ(𝓛ψ)ᵀ⟩ over the samples, its eigenvalues μ and eigenfunctions; eigenvalues may be complex,
    /// and the constant is a mode if the observables span it. Intervals: delta method with block means. Residuals:
    /// ‖𝓛φ - μφ‖/‖φ‖ over the samples. Without noise a residual of 0 means an eigenfunction of the flow, and modes above the tolerance
    /// carry a warning. With noise the residual is not a test: wrong modes on a box can have small residuals, and correct modes converge
    /// in energy only; <c>Langevin.fitWithDiffusion</c> is the estimator that converges.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="observables">The dictionary.</param>
    /// <param name="samples">The points at which the motion is given, weighted or not; at least 40, and two per function.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    let fit
        (options: GeneratorOptions)
        (observables: Observables)
        (samples: Samples)
        (motion: DriftDiffusion)
        : Outcome<GeneratorModel> =
        result {
            do! check options observables samples motion
            use _ = Tensors.scope ()

            let derive start size =
                observables.GeneratorOf(Tensors.rows start size samples.Points, motion.Rows(start, size))

            use moments = Moments.ofDerived observables derive (0, samples.Count) samples
            let per = 1.0 / moments.Weight
            let gram, form = per * moments.C00, per * moments.C01
            let! basis = LinearAlgebra.whiten options.RankTolerance gram
            let inner = basis.t().times(form).times basis
            let! eigen = LinearAlgebra.generalEigen (fun value -> -value.Real) inner

            let lift = LinearAlgebra.timesComplex basis
            let right, left = lift eigen.Right, lift eigen.Left
            let count = min options.Modes eigen.Values.Length
            let leading (tensor: Tensor) = tensor.narrow (1L, 0L, int64 count)
            let values = Array.take count eigen.Values
            let trial = tryOut observables (leading right) (leading left) values motion samples
            let scale = eigen.Values |> Array.map Complex.Abs |> Array.max

            let modes =
                Array.init count (fun k ->
                    { OperatorMatrix.bareMode InfinitesimalGenerator eigen k with
                        Residual = trial.Residual[k]
                    }
                    |> Uncertainty.withErrors (struct (trial.RateError[k], trial.FrequencyError[k])))
                |> Evidence.judge (
                    if motion.IsDeterministic then
                        { Evidence.none with
                            Successors = Deterministic(options.Tolerance * scale, Array.zeroCreate count, infinity)
                        }
                    else
                        { Evidence.none with
                            Successors = Stochastic(eigen.Values.Length, infinity)
                            Own =
                                fun mode ->
                                    [
                                        if not options.Invariant then
                                            notInvariant mode trial.Dirichlet[mode.Index]
                                    ]
                        }
                )

            let declared =
                if options.Invariant then
                    "declared invariant"
                else
                    "not declared invariant"

            let measure = $"the empirical measure of {samples.Count} samples, {declared}"

            let norm =
                if motion.IsDeterministic then
                    "L2 of the samples, ‖𝓛φ - μφ‖/‖φ‖"
                else
                    "L2 of the samples, ‖𝓛φ - μφ‖/‖φ‖; with noise not a test of the eigenvalue"

            let spectrum =
                new Spectrum(
                    observables,
                    torch.zeros(int64 observables.Count, dtype = torch.float64).DetachFromDisposeScope(),
                    Tensors.copy right,
                    Some(Tensors.copy left),
                    eigen.Values,
                    modes,
                    InfinitesimalGenerator,
                    measure,
                    norm
                )

            let pseudo = basis.times (basis.t ())

            return
                new GeneratorModel(
                    new Generator(observables, Tensors.copy (pseudo.times form), Tensors.copy gram, measure),
                    spectrum,
                    Tensors.copy (pseudo.times (per * moments.State))
                )
        }

    /// <summary>
    /// The same model over a time τ: K = e^{τL}, the same eigenfunctions, λ = e^{μτ}. Frequencies above π/τ are aliased, as
    /// in data sampled every τ.
    /// </summary>
    let atLag (lag: float) (model: GeneratorModel) : Outcome<LinearModel> =
        Require.positive "the lag" lag
        |> Require.advise "Give the time over which the model is to predict"
        |> Result.bind (fun () ->
            use _ = Tensors.scope ()

            Propagator.ofGenerator lag model.Generator
            |> Result.map (fun propagator ->
                let spectrum = model.Spectrum
                let convention = PropagatorAtLag lag
                let evolve (mu: Complex) = Complex.Exp(mu * Complex(lag, 0.0))

                let modes =
                    spectrum.Modes
                    |> Array.map (fun mode ->
                        { mode with
                            Eigenvalue = evolve mode.Eigenvalue
                            Frequency = (convention.ExponentOf(evolve mode.Eigenvalue)).Imaginary
                        })

                let propagated =
                    new Spectrum(
                        spectrum.Observables,
                        Tensors.copy spectrum.Centre,
                        Tensors.copy spectrum.Coefficients,
                        Some(Tensors.copy spectrum.Dual),
                        spectrum.Eigenvalues |> Array.map evolve,
                        modes,
                        convention,
                        spectrum.Measure,
                        spectrum.ResidualNorm + ", of the generator"
                    )

                new LinearModel(propagator, propagated, Tensors.copy model.Output, None)))
