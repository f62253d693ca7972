namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>Maps and flows whose spectra are known.</summary>
[<RequireQualifiedAccess>]
module DeterministicCases =

    /// Pairs of a linear map x -> J x from normal or uniform points.
    let private linearPairs (matrix: float[]) (points: Tensor) : Outcome<SnapshotPairs> =
        use _ = torch.NewDisposeScope()
        let d = int points.shape[1]
        SnapshotPairs.create 1.0 points (points.times ((Tensors.ofRows d matrix).t()))

    /// The eigenvalues of the propagator, largest modulus first, with the largest residual of the leading ones.
    let private eigenvalues (count: int) (model: LinearModel) : CaseResult =
        let spectrum = model.Spectrum

        { KnownCase.plain (spectrum.Eigenvalues |> Array.truncate count |> Array.map _.Real) with
            Residual = spectrum.Modes |> Array.truncate count |> Array.map _.Residual |> Array.max
        }

    /// EDMD of a linear map with all monomials up to a degree.
    let private linearMap (matrix: float[]) (degree: int) (count: int) (seed: Seed) : Outcome<CaseResult> =
        result {
            use points = Seed.normal [| 500L; 2L |] seed
            use! pairs = linearPairs matrix points
            use! observables = Observables.monomials degree 2
            use! model = Edmd.fit { Edmd.defaults with Modes = count } observables pairs
            return eigenvalues count model
        }

    /// x' = mu x, y' = lambda (y - x²) with mu = -.1, lambda = -1, solved exactly over .1.
    let private slowManifoldPairs (count: int) (seed: Seed) : Outcome<SnapshotPairs> =
        use _ = torch.NewDisposeScope()
        let mu, lambda, t = -0.1, -1.0, 0.1

        let points = 4.0 * Seed.uniform [| int64 count; 2L |] seed - 2.0

        let x, y = points.select (1L, 0L), points.select (1L, 1L)
        // y - b x² with b = lambda/(lambda-2mu) is an eigenfunction.
        let b = lambda / (lambda - 2.0 * mu)
        let x' = exp (mu * t) * x
        let z = exp (lambda * t) * (y - x * x * b)
        let y' = z + x' * x' * b
        SnapshotPairs.create t points (torch.stack ([| x'; y' |], 1L))

    /// The six rates that degree 3 resolves exactly; no others have residuals below the tolerance.
    let private slowManifold (seed: Seed) : Outcome<CaseResult> =
        result {
            use! pairs = slowManifoldPairs 20_000 seed
            use! observables = Observables.monomials 3 2
            use! model = Edmd.fit Edmd.defaults observables pairs
            let verified = model.Spectrum.Modes |> Array.filter (fun m -> m.Residual <= 1e-7)

            return
                { KnownCase.plain (verified |> Array.map _.Rate |> Array.sort) with
                    Residual = verified |> Array.map _.Residual |> Array.append [| 0.0 |] |> Array.max
                }
        }

    /// x -> exp(-2x²) - 1 - e⁻² at Gauss-Legendre nodes, with Legendre polynomials.
    let private gaussMap (_: Seed) : Outcome<CaseResult> =
        result {
            let rule = MathNet.Numerics.Integration.GaussLegendreRule(-1.0, 0.0, 100)
            use _ = torch.NewDisposeScope()
            let x = Tensors.ofRows 100 rule.Abscissas
            let y = (-2.0 * x.square ()).exp() - (1.0 + exp -2.0)
            use! plain = SnapshotPairs.create 1.0 x y
            use! pairs = SnapshotPairs.withWeights rule.Weights plain
            use! observables = Observables.legendre 39 ([| -1.0 |], [| 0.0 |])
            use! model = Edmd.fit { Edmd.defaults with Modes = 40 } observables pairs
            use! test = Observables.legendre 1 ([| -1.0 |], [| 0.0 |])
            let! reports = Diagnostics.residuals (Some test) model.Spectrum pairs

            // Most of the forty are spurious, and some of those lie near 1: only the residual separates them.
            let verified =
                Array.zip model.Spectrum.Eigenvalues (reports |> Array.map (fun report -> sqrt report.Pair))
                |> Array.filter (fun (_, residual) -> residual < 3e-5)
                |> Array.sortByDescending (fst >> _.Magnitude)
                |> Array.truncate 5

            return
                { KnownCase.plain (verified |> Array.map (fun (value, _) -> value.Real)) with
                    Residual = verified |> Array.map snd |> Array.max
                }
        }

    /// The map of D1 by a polynomial kernel, whose sections span the same monomials.
    let private kernelMap (seed: Seed) : Outcome<CaseResult> =
        result {
            use points = Seed.normal [| 500L; 2L |] seed
            use! pairs = linearPairs [| 0.9; -0.1; 0.0; 0.8 |] points

            use! fit =
                KernelEdmd.fit
                    { KernelEdmd.defaults with
                        Kernel = Some(Kernel.Polynomial(4, 1.0, 1.0))
                        Rank = 15
                        Ridge = 0.0
                        Method = KernelMethod.PivotedCholesky 1e-14
                    }
                    pairs

            return eigenvalues 9 fit.Model
        }

    /// gEDMD of b = (-.8 x1, -.7 (x2 - x1²)): the generator itself, from the equation.
    let private equation (seed: Seed) : Outcome<CaseResult> =
        result {
            use _ = torch.NewDisposeScope()

            let points = 2.0 * Seed.uniform [| 1000L; 2L |] seed - 1.0

            let x, y = points.select (1L, 0L), points.select (1L, 1L)
            let slow = -0.8 * x
            let fast = -0.7 * (y - x * x)
            use! motion = DriftDiffusion.ofDrift (torch.stack ([| slow; fast |], 1L))
            use! samples = Samples.ofTensor points
            use! observables = Observables.monomials 8 2

            use! model =
                GeneratorEdmd.fit
                    { GeneratorEdmd.defaults with
                        Modes = 7
                    }
                    observables
                    samples
                    motion

            return KnownCase.ofSpectrum 7 model.Spectrum
        }

    /// <summary>All cases.</summary>
    let all: KnownCase list =
        [
            {
                Id = "D1"
                What = "map [[.9,-.1],[0,.8]]: eigenvalues (EDMD, 15 monomials, 500 points)"
                Exact = [| 1.0; 0.9; 0.81; 0.8; 0.729; 0.72; 0.6561; 0.648; 0.64 |]
                Tolerance = 1e-7
                Compute = linearMap [| 0.9; -0.1; 0.0; 0.8 |] 4 9
            }
            {
                Id = "D5"
                What = "map [[.8,-.05],[0,.7]]: eigenvalues (EDMD, monomials to degree 3)"
                Exact = [| 1.0; 0.8; 0.7; 0.64; 0.56; 0.512; 0.49; 0.448; 0.392; 0.343 |]
                Tolerance = 1e-8
                Compute = linearMap [| 0.8; -0.05; 0.0; 0.7 |] 3 10
            }
            {
                Id = "D1-kernel"
                What = "the same map by kernel EDMD, polynomial kernel of degree 4"
                Exact = [| 1.0; 0.9; 0.81; 0.8; 0.729; 0.72; 0.6561; 0.648; 0.64 |]
                Tolerance = 1e-6
                Compute = kernelMap
            }
            {
                Id = "D6"
                What = "slow manifold: the rates with a residual below 1e-7 (EDMD, degree 3, 20000 points)"
                Exact = [| 0.0; 0.1; 0.2; 0.3; 1.0; 1.1 |]
                Tolerance = 1e-7
                Compute = slowManifold
            }
            {
                Id = "D7"
                What = "b = (-.8 x1, -.7 (x2 - x1²)): rates (generator EDMD, monomials to degree 8)"
                Exact = [| 0.0; 0.7; 0.8; 1.4; 1.5; 1.6; 2.1 |]
                Tolerance = 1e-7
                Compute = equation
            }
            {
                Id = "D8"
                What =
                    "Gauss map: the five largest eigenvalues with a residual below .00003 (EDMD, 40 Legendre polynomials, 100 Gauss-Legendre nodes)"
                Exact = [| 1.0; 0.0469626654; 0.011652338; 0.0019231061; 0.0001908776 |]
                Tolerance = 1e-6
                Compute = gaussMap
            }
        ]
