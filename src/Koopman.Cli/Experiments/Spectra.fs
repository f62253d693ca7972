namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting

/// <summary>A spectrum, or a number, with a known answer.</summary>
[<NoComparison; NoEquality>]
type KnownCase =
    {
        /// <summary>A short name.</summary>
        Id: string
        /// <summary>What is computed, and how.</summary>
        What: string
        /// <summary>The exact values.</summary>
        Exact: float[]
        /// <summary>The largest relative error that passes.</summary>
        Tolerance: float
        /// <summary>The computed values and the largest residual, NaN where there is none.</summary>
        Compute: Seed -> Result<float[] * float, KoopmanError>
    }

/// <summary>Systems whose spectra are known: what the estimators give, what is exact.</summary>
[<RequireQualifiedAccess>]
module Spectra =

    /// The nodes of a regular grid under the weights exp(-V/T): integrals over the invariant law without sampling error.
    let private quadrature (low: float, high: float) (n: int) (temperature: float) (potential: float -> float) =
        result {
            let nodes = Array.init n (fun i -> low + (high - low) * (float i + 0.5) / float n)
            use! plain = Samples.ofValues 1 nodes
            return! Samples.quadrature (nodes |> Array.map (fun x -> exp (-potential x / temperature))) plain
        }

    let private largestResidual (count: int) (spectrum: Spectrum) : float =
        spectrum.Modes |> Array.truncate count |> Array.map _.Residual |> Array.max

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
    let private wellRates (a: float) (temperature: float) (count: int) : Result<float[] * float, KoopmanError> =
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

            return Array.take count spectrum.Rates, largestResidual count spectrum
        }

    let private ornsteinUhlenbeck (_: Seed) : Result<float[] * float, KoopmanError> =
        result {
            use! nodes = quadrature (-10.0, 10.0) 2000 1.0 (fun x -> 0.5 * x * x)
            use! observables = Observables.monomials 6 1
            use! spectrum = Langevin.fit { Langevin.defaults with Modes = 4 } observables nodes
            return Array.take 4 spectrum.Rates, largestResidual 4 spectrum
        }

    let private planarOrnsteinUhlenbeck (seed: Seed) : Result<float[] * float, KoopmanError> =
        result {
            use! pairs =
                Systems.equilibriumPairs (Systems.ornsteinUhlenbeck 2 1.0) 100_000 0.2 seed

            use! observables = Observables.monomials 3 2
            use! spectrum = Edmd.reversible { Edmd.defaults with Modes = 5 } observables pairs
            return Array.take 5 spectrum.Rates, largestResidual 5 spectrum
        }

    let private quadrupleByGenerator (seed: Seed) : Result<float[] * float, KoopmanError> =
        result {
            use! samples = Systems.equilibrium Systems.quadrupleWell.Value 20_000 seed
            use! observables = Observables.gaussiansOver Observables.automatic samples
            use! spectrum = Langevin.fit { Langevin.defaults with Modes = 3 } observables samples
            return Array.take 3 spectrum.Rates, largestResidual 3 spectrum
        }

    let private quadrupleByEdmd (seed: Seed) : Result<float[] * float, KoopmanError> =
        result {
            use! pairs = Systems.equilibriumPairs Systems.quadrupleWell.Value 100_000 0.1 seed

            use! observables =
                Observables.gaussiansOver
                    { Observables.automatic with
                        Centres = Some 100
                    }
                    pairs.From

            use! spectrum = Edmd.reversible { Edmd.defaults with Modes = 3 } observables pairs
            return Array.take 3 spectrum.Rates, largestResidual 3 spectrum
        }

    let private massRightOf (a: float) (temperature: float) : float =
        let top = barrier a
        let weight x = exp (-(tilted a x) / temperature)

        let integral low high =
            MathNet.Numerics.Integrate.GaussLegendre(weight, low, high, 128)

        integral top 4.0 / (integral -4.0 top + integral top 4.0)

    let private quadrupleAverages (_: Seed) : Result<float[] * float, KoopmanError> =
        let line (f: float -> float) =
            MathNet.Numerics.Integrate.GaussLegendre(f, -4.0, 4.0, 256)

        let z = line (fun x -> exp (-(tilted 0.0 x)))
        let mean = 2.0 * line (fun x -> tilted 0.0 x * exp (-(tilted 0.0 x))) / z
        Ok([| z * z; mean |], nan)

    let private well (id: string) (a: float) (t: float) (mass: float) (rate: float) : KnownCase =
        {
            Id = id
            What = $"(x²-1)² + {a} x, T = {t}: mass right of the barrier, first rate (generator, quadrature)"
            Exact = [| mass; rate |]
            Tolerance = 1e-3
            Compute =
                fun _ ->
                    wellRates a t 1
                    |> Result.map (fun (rates, residual) -> [| massRightOf a t; rates[0] |], residual)
        }

    /// Slowest rates of (x²-1)² at T = 1, to nine digits.
    let private s3 = [| 0.748681672; 6.004113666; 11.6606956; 18.6431468; 26.8704553 |]

    let private s4 = [| s3[0]; s3[0]; 2.0 * s3[0] |]

    /// <summary>All cases.</summary>
    let cases: KnownCase list =
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
            well "S5-a.3-T.5" 0.3 0.5 0.25482 0.2535
            well "S5-a.5-T.5" 0.5 0.5 0.14257 0.3004
            well "S5-a.5-T.3" 0.5 0.3 0.04429 0.1195
            well "S5-T.5" 0.0 0.5 0.5 0.22727
            well "S5-T.3" 0.0 0.3 0.5 0.05772
            well "S5-T.25" 0.0 0.25 0.5 0.02978
            well "S5-T.2" 0.0 0.2 0.5 0.01110
        ]

    let private error (exact: float[]) (computed: float[]) : float =
        Array.map2 (fun e c -> abs (c - e) / abs e) exact computed |> Array.max

    let private list (values: float[]) : string =
        String.Join(", ", values |> Array.map Ui.number)

    let private node (case: KnownCase) (computed: float[]) (residual: float) : Json =
        let numbers (values: float[]) =
            Json.list (values |> Array.map Json.number)

        let error = error case.Exact computed

        Json.members
            [
                "id", Json.text case.Id
                "what", Json.text case.What
                "computed", numbers computed
                "exact", numbers case.Exact
                "error", Json.number error
                "tolerance", Json.number case.Tolerance
                "residual", Json.number residual
                "passed", Json.flag (error <= case.Tolerance)
            ]

    /// Every case in turn, up to the first that cannot be computed.
    let private computeAll (report: float -> unit) (seed: Seed) (cases: KnownCase list) =
        (Ok [], List.indexed cases)
        ||> List.fold (fun so (i, case) ->
            so
            |> Result.bind (fun finished ->
                case.Compute(Seed.derive case.Id seed)
                |> Result.map (fun (computed, residual) ->
                    report (float (i + 1) / float cases.Length)
                    finished @ [ case, computed, residual ])))

    /// <summary>Computes every case.</summary>
    let run (report: float -> unit) (seed: Seed) : Result<Findings, KoopmanError> =
        result {
            let! finished = computeAll report seed cases

            let passed =
                finished
                |> List.filter (fun (case, computed, _) -> error case.Exact computed <= case.Tolerance)
                |> List.length

            let rows =
                [
                    for case, computed, residual in finished ->
                        [
                            case.Id
                            case.What
                            list computed
                            list case.Exact
                            Ui.number (error case.Exact computed)
                            Ui.number case.Tolerance
                            Ui.number residual
                            (if error case.Exact computed <= case.Tolerance then
                                 "pass"
                             else
                                 "FAIL")
                        ]
                ]

            return
                {
                    Metrics = [ "cases", float finished.Length; "cases_passed", float passed ]
                    Extra =
                        [
                            "cases",
                            Json.list [ for case, computed, residual in finished -> node case computed residual ]
                        ]
                    Table =
                        [
                            "<case"
                            "<what"
                            "<computed"
                            "<exact"
                            "relative error"
                            "tolerance"
                            "residual"
                            "<"
                        ],
                        rows
                    Sections = []
                }
        }

    /// <summary>For <c>koopman reproduce spectra</c>.</summary>
    let experiment: Experiment =
        {
            Name = "spectra"
            Summary = "systems with known spectra: computed, exact, error, residual"
            Run = run
        }
