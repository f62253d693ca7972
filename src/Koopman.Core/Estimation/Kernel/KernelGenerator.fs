namespace Koopman

open System
open System.Numerics
open TorchSharp

/// <summary>Settings of the Schrödinger operator's estimator.</summary>
type SchroedingerOptions =
    {
        /// <summary>Sections are added until the mean error of the kernel matrix is below this fraction of its trace. Default 1e-6.</summary>
        Tolerance: float
        /// <summary>The number of leading modes with residuals. Default 10.</summary>
        Modes: int
        /// <summary>Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped. Default 1e-10.</summary>
        RankTolerance: float
    }

/// <summary>
/// Generators on kernel sections (Klus, Nüske and Hamzi 2020). Generator EDMD and the Langevin estimator need only observables with
/// derivatives, so that with <c>sections</c> they become kernel methods: <c>Langevin.fit</c> for samples of the invariant law,
/// <c>GeneratorEdmd.fit</c> for a given drift and diffusion.
/// </summary>
[<RequireQualifiedAccess>]
module KernelGenerator =

    /// <summary>Tolerance 1e-6, ten modes, cut 1e-10.</summary>
    let schroedingerDefaults: SchroedingerOptions =
        {
            Tolerance = 1e-6
            Modes = 10
            RankTolerance = 1e-10
        }

    /// <summary>
    /// Sections of a kernel at points of the data that represent all of them: the pivots of its Cholesky factor, as many as bring the
    /// mean error of the kernel matrix below the tolerance times its trace. The estimators need at least two samples per section.
    /// </summary>
    /// <param name="tolerance">From 0 to below 1. 1e-6 to 1e-9 suits generators, whose derivatives magnify errors.</param>
    /// <param name="kernel">A positive kernel, differentiable as often as the estimator needs.</param>
    /// <param name="samples">The data.</param>
    let sections (tolerance: float) (kernel: Kernel) (samples: Samples) : Outcome<Observables> =
        result {
            let! kernel = Kernel.check kernel
            use _ = Tensors.scope ()
            use! factor = PivotedCholesky.factor kernel tolerance samples.Count samples
            let pivots = Tensors.ofIndices (Array.map int64 factor.Pivots)
            return! Observables.sections kernel (samples.Points.index_select (0L, pivots))
        }

    let private check (options: SchroedingerOptions) (kernel: Kernel) (values: Tensor) : Outcome<unit> =
        Require.settings "KernelGenerator.schroedingerDefaults" {
            Require.atLeast 1 "Modes" options.Modes
            Require.share "RankTolerance" options.RankTolerance
        }
        |> Result.bind (fun () ->
            if not (Kernel.isTwiceDifferentiable kernel) then
                KoopmanError.fail
                    ErrorKind.InvalidSetting
                    $"The {kernel} has no second derivatives at its centre, which -½Δ needs"
                    "Use a Gaussian, Matérn, rational quadratic or inverse multiquadric kernel"
            elif not (Tensors.isFinite values) then
                KoopmanError.fail
                    ErrorKind.NotFinite
                    "The potential is NaN or infinite at some of the points"
                    "Remove the points where it is not defined"
            else
                Ok())

    /// <summary>As <c>schroedinger</c>, from the values of the potential at the points.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="kernel">A smooth kernel, about as wide as the eigenfunctions' features.</param>
    /// <param name="potential">V at every point (n).</param>
    /// <param name="samples">The points, weighted or not; at least 40, and two per section.</param>
    let schroedingerAt
        (options: SchroedingerOptions)
        (kernel: Kernel)
        (potential: float[])
        (samples: Samples)
        : Outcome<Spectrum> =
        result {
            do!
                Require.sameCount ("values of the potential", potential.Length) ("points", samples.Count)
                |> Require.advise "Give the potential at every point"

            use _ = Tensors.scope ()
            let values = Tensors.ofRows samples.Count potential
            do! check options kernel values
            use! observables = sections options.Tolerance kernel samples

            do! Fitting.check observables samples

            let derive start size =
                let points = Tensors.rows start size samples.Points
                let change = (observables.Values points).mul_(Tensors.rows start size values)

                for axis in 0 .. samples.Dimension - 1 do
                    change.add_ (observables.SecondPartial(points, axis, axis), Tensors.num -0.5)
                    |> ignore

                change

            use moments = Moments.ofDerived observables derive (0, samples.Count) samples
            let per = 1.0 / moments.Weight
            let! basis = LinearAlgebra.whiten options.RankTolerance (per * moments.C00)

            let inward (form: Tensor) = basis.t().times(per * form).times basis

            let! eigen = LinearAlgebra.generalEigen _.Real (inward moments.C01)
            let spread = (inward moments.C11).to_type torch.complex128
            let square = (eigen.Right.conj () * spread.times eigen.Right).sum(0L).real
            let square = Tensors.toArray square

            let notReal (mode: Mode) : Warning list =
                [
                    if abs mode.Frequency > 1e-6 * (1.0 + abs mode.Rate) then
                        {
                            Kind = WarningKind.Impossible
                            Message =
                                $"the energy {mode.Rate:G4} has the imaginary part {-mode.Frequency:G3}, which is impossible for a self-adjoint operator: the points or sections do not resolve the mode"
                        }
                ]

            let modes =
                Array.init (min options.Modes eigen.Values.Length) (fun i ->
                    let energy = eigen.Values[i]

                    { Mode.Bare(InfinitesimalGenerator, i, -energy, eigen.Condition[i]) with
                        StandardError = 0.0
                        FrequencyError = 0.0
                        // For a Galerkin pair ⟨φ, Hφ⟩ = E, so the squared residual is ‖Hφ‖² - |E|².
                        Residual = sqrt (max 0.0 (square[i] - Complex.Abs energy ** 2.0))
                    })
                |> Array.map (fun mode ->
                    // A self-adjoint operator has an eigenvalue within the residual of any pair.
                    { mode with
                        Lower = mode.Rate - mode.Residual
                        Upper = mode.Rate + mode.Residual
                    })
                |> Evidence.judge { Evidence.none with Own = notReal }

            return
                OperatorMatrix.spectrum
                    observables
                    basis
                    { eigen with
                        Values = eigen.Values |> Array.map (fun energy -> -energy)
                    }
                    modes
                    InfinitesimalGenerator
                    $"{samples.Count} points, taken as nodes"
                    "L2 of the points, ‖Hφ - Eφ‖/‖φ‖"
        }

    /// <summary>
    /// The lowest eigenvalues E and eigenfunctions of the Schrödinger operator H = -½Δ + V (ħ = m = 1) by Galerkin's method on kernel
    /// sections: ⟨ψ, Hψᵀ⟩v = E⟨ψψᵀ⟩v over the points. Rates are E, exponents -E: those of e^{-tH}. The points are nodes, not
    /// random samples: they should cover evenly the region where the eigenfunctions are concentrated. Residuals: ‖Hφ - Eφ‖/‖φ‖ over the points;
    /// intervals: E ± residual, which contain an eigenvalue of H if the points are dense enough.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="kernel">A smooth kernel, about as wide as the eigenfunctions' features.</param>
    /// <param name="potential">V.</param>
    /// <param name="samples">The points, weighted or not; at least 40, and two per section.</param>
    let schroedinger
        (options: SchroedingerOptions)
        (kernel: Kernel)
        (potential: ScalarField)
        (samples: Samples)
        : Outcome<Spectrum> =
        let d, values = samples.Dimension, Samples.values samples

        let at =
            Array.init samples.Count (fun row -> potential.Invoke(ReadOnlySpan(values, row * d, d)))

        schroedingerAt options kernel at samples
