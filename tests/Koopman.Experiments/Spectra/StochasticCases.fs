namespace Koopman.Experiments

open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>Reversible diffusions whose spectra are known.</summary>
[<RequireQualifiedAccess>]
module StochasticCases =

    /// The nodes of a regular grid with the weights exp(-V/T): integrals over the invariant law without sampling error.
    let private quadrature (low: float, high: float) (n: int) (temperature: float) (potential: float -> float) =
        result {
            let nodes = Array.init n (fun i -> low + (high - low) * (float i + 0.5) / float n)
            use! plain = Samples.ofValues 1 nodes
            return! Samples.quadrature (nodes |> Array.map (fun x -> exp (-potential x / temperature))) plain
        }

    let private tilted (a: float) (x: float) : float = (x * x - 1.0) * (x * x - 1.0) + a * x

    /// The barrier between the wells: the middle root of V' = 4x³ - 4x + a.
    let private barrier (a: float) : float =
        MathNet.Numerics.RootFinding.RobustNewtonRaphson.FindRoot(
            (fun x -> 4.0 * x * x * x - 4.0 * x + a),
            (fun x -> 12.0 * x * x - 4.0),
            -0.5,
            0.5
        )

    /// Rates of (x²-1)² + a x by the Dirichlet form on a quadrature grid with Gaussians over the region that carries mass.
    let private wellRates (a: float) (temperature: float) (count: int) : Outcome<CaseResult> =
        result {
            use! nodes = quadrature (-3.0, 3.0) 1200 temperature (tilted a)
            let centres = Array.init 60 (fun i -> -2.4 + 4.8 * float i / 59.0)
            use points = Tensors.ofRows 60 centres
            use! observables = Observables.gaussians 0.2 points

            use! spectrum =
                Langevin.fit
                    { Langevin.defaults with
                        Temperature = temperature
                        Modes = count
                    }
                    observables
                    nodes

            return KnownCase.ofSpectrum count spectrum
        }

    let private ornsteinUhlenbeck (_: Seed) : Outcome<CaseResult> =
        result {
            use! nodes = quadrature (-10.0, 10.0) 2000 1.0 (fun x -> 0.5 * x * x)
            use! observables = Observables.monomials 6 1
            use! spectrum = Langevin.fit { Langevin.defaults with Modes = 4 } observables nodes
            return KnownCase.ofSpectrum 4 spectrum
        }

    let private planarOrnsteinUhlenbeck (seed: Seed) : Outcome<CaseResult> =
        result {
            use! pairs =
                Systems.equilibriumPairs (Systems.ornsteinUhlenbeck 2 1.0) 100_000 0.2 seed

            use! observables = Observables.monomials 3 2
            use! spectrum = Edmd.reversible { Edmd.defaults with Modes = 5 } observables pairs
            return KnownCase.ofSpectrum 5 spectrum
        }

    let private quadrupleByGenerator (seed: Seed) : Outcome<CaseResult> =
        result {
            use! samples = Systems.equilibrium Systems.quadrupleWell.Value 20_000 seed
            use! observables = Observables.gaussiansOver Observables.automatic samples
            use! spectrum = Langevin.fit { Langevin.defaults with Modes = 3 } observables samples
            return KnownCase.ofSpectrum 3 spectrum
        }

    let private quadrupleByEdmd (seed: Seed) : Outcome<CaseResult> =
        result {
            use! pairs = Systems.equilibriumPairs Systems.quadrupleWell.Value 100_000 0.1 seed

            use! observables =
                Observables.gaussiansOver
                    { Observables.automatic with
                        Centres = Some 100
                    }
                    pairs.From

            use! spectrum = Edmd.reversible { Edmd.defaults with Modes = 3 } observables pairs
            return KnownCase.ofSpectrum 3 spectrum
        }

    /// Prinz et al. 2011: four wells on a line, by Gaussians on a quadrature grid.
    let private prinz (temperature: float) (_: Seed) : Outcome<CaseResult> =
        let potential (x: float) =
            4.0
            * (pown x 8
               + 0.8 * exp (-80.0 * x * x)
               + 0.2 * exp (-80.0 * (x - 0.5) * (x - 0.5))
               + 0.5 * exp (-40.0 * (x + 0.5) * (x + 0.5)))

        result {
            use! nodes = quadrature (-1.6, 1.6) 4000 temperature potential

            use centres =
                Tensors.ofRows 120 (Array.init 120 (fun i -> -1.4 + 2.8 * float i / 119.0))

            use! observables = Observables.gaussians 0.06 centres

            use! spectrum =
                Langevin.fit
                    { Langevin.defaults with
                        Temperature = temperature
                        Modes = 4
                    }
                    observables
                    nodes

            return KnownCase.ofSpectrum 4 spectrum
        }

    /// The Schrödinger operator of the harmonic oscillator on kernel sections.
    let private oscillator (_: Seed) : Outcome<CaseResult> =
        result {
            use! points =
                Samples.ofValues 1 (Array.init 100 (fun i -> -5.0 + 10.0 * float i / 99.0))

            let potential = ScalarField(fun x -> 0.5 * x[0] * x[0])

            use! spectrum =
                KernelGenerator.schroedinger KernelGenerator.schroedingerDefaults (Kernel.Gaussian 0.5) potential points

            return KnownCase.ofSpectrum 5 spectrum
        }

    /// A chain of three states by EDMD on their indicators, from all transitions weighted by their probability.
    let private chain (_: Seed) : Outcome<CaseResult> =
        result {
            use _ = torch.NewDisposeScope()
            let transition = array2D [ [ 0.7; 0.2; 0.1 ]; [ 0.1; 0.8; 0.1 ]; [ 0.1; 0.1; 0.8 ] ]
            let starts = [| 0.5; 0.3; 0.2 |]
            let states = Array.init 45 (fun k -> k / 3 % 3, k % 3)

            let column (take: int * int -> int) =
                Tensors.ofRows 45 (states |> Array.map (take >> float))

            use! plain = SnapshotPairs.create 1.0 (column fst) (column snd)

            use! pairs =
                SnapshotPairs.withWeights (states |> Array.map (fun (i, j) -> starts[i] * transition[i, j])) plain

            use! indicators = Observables.cellIndicators (Tensors.ofRows 3 [| 0.0; 1.0; 2.0 |])
            use! model = Edmd.fit Edmd.defaults indicators pairs
            return KnownCase.plain (Tensors.toArray model.Propagator.Matrix)
        }

    let private massRightOf (a: float) (temperature: float) : float =
        let top = barrier a
        let weight x = exp (-(tilted a x) / temperature)

        let integral low high =
            MathNet.Numerics.Integrate.GaussLegendre(weight, low, high, 128)

        integral top 4.0 / (integral -4.0 top + integral top 4.0)

    let private quadrupleAverages (_: Seed) : Outcome<CaseResult> =
        let line (f: float -> float) =
            MathNet.Numerics.Integrate.GaussLegendre(f, -4.0, 4.0, 256)

        let z = line (fun x -> exp (-(tilted 0.0 x)))
        let mean = 2.0 * line (fun x -> tilted 0.0 x * exp (-(tilted 0.0 x))) / z
        Ok(KnownCase.plain [| z * z; mean |])

    let private well (id: string) (a: float) (t: float) (mass: float) (rate: float) : KnownCase =
        {
            Id = id
            What = $"(x²-1)² + {a} x, T = {t}: mass right of the barrier, first rate (generator, quadrature)"
            Exact = [| mass; rate |]
            Tolerance = 1e-3
            Compute =
                fun _ ->
                    wellRates a t 1
                    |> Result.map (fun found ->
                        { found with
                            Values = [| massRightOf a t; found.Values[0] |]
                        })
        }

    /// Slowest rates of (x²-1)² at T = 1, to nine digits.
    let private s3 = [| 0.748681672; 6.004113666; 11.6606956; 18.6431468; 26.8704553 |]

    let private s4 = [| s3[0]; s3[0]; 2.0 * s3[0] |]

    /// <summary>All cases.</summary>
    let all: KnownCase list =
        [
            {
                Id = "S1"
                What = "Ornstein-Uhlenbeck: rates 1, 2, 3, 4 (generator, monomials, quadrature)"
                Exact = [| 1.0; 2.0; 3.0; 4.0 |]
                Tolerance = 1e-8
                Compute = ornsteinUhlenbeck
            }
            {
                Id = "S1-edmd"
                What = "Ornstein-Uhlenbeck in the plane: rates 1, 1, 2, 2, 2 (EDMD, 100000 pairs)"
                Exact = [| 1.0; 1.0; 2.0; 2.0; 2.0 |]
                Tolerance = 0.05
                Compute = planarOrnsteinUhlenbeck
            }
            {
                Id = "S3"
                What = "(x²-1)², T = 1: five rates (generator, Gaussians, quadrature)"
                Exact = s3
                Tolerance = 1e-4
                Compute = fun _ -> wellRates 0.0 1.0 5
            }
            {
                Id = "S4"
                What = "quadruple well: three rates (generator, 20000 samples)"
                Exact = s4
                Tolerance = 0.04
                Compute = quadrupleByGenerator
            }
            {
                Id = "S4-edmd"
                What = "quadruple well: three rates (EDMD, 100000 pairs at lag 0.1)"
                Exact = s4
                Tolerance = 0.05
                Compute = quadrupleByEdmd
            }
            {
                Id = "S4-averages"
                What = "quadruple well: Z and mean potential (quadrature)"
                Exact = [| 3.895619; 0.834509 |]
                Tolerance = 1e-6
                Compute = quadrupleAverages
            }
            {
                Id = "S6-T1"
                What =
                    "Prinz's four wells, σ = √2: four rates (generator, quadrature; the published first rate is .0008 below ours and below a finite-volume check)"
                Exact = [| 1.19801702; 7.88759869; 15.36018112; 82.0799 |]
                Tolerance = 1e-3
                Compute = prinz 1.0
            }
            {
                Id = "S6-T2"
                What = "Prinz's four wells, σ = 2: four rates (generator, quadrature)"
                Exact = [| 4.23469508; 21.41845797; 35.74108589; 116.328 |]
                Tolerance = 1e-4
                Compute = prinz 2.0
            }
            {
                Id = "S7"
                What = "harmonic oscillator: five energies (Schrödinger operator on kernel sections, 100 points)"
                Exact = [| 0.5; 1.5; 2.5; 3.5; 4.5 |]
                Tolerance = 1e-3
                Compute = oscillator
            }
            {
                Id = "S8"
                What = "chain of three states: the transition matrix (EDMD on indicators)"
                Exact = [| 0.7; 0.2; 0.1; 0.1; 0.8; 0.1; 0.1; 0.1; 0.8 |]
                Tolerance = 1e-5
                Compute = chain
            }
            well "S5-a.3-T.5" 0.3 0.5 0.25482 0.2535
            well "S5-a.5-T.5" 0.5 0.5 0.14257 0.3004
            well "S5-a.5-T.3" 0.5 0.3 0.04429 0.1195
            well "S5-T.5" 0.0 0.5 0.5 0.22727
            well "S5-T.3" 0.0 0.3 0.5 0.05772
            well "S5-T.25" 0.0 0.25 0.5 0.02978
            well "S5-T.2" 0.0 0.2 0.5 0.01110
        ]
