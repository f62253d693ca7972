namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open Koopman.Particles

/// <summary>
/// Measurement of the theory's predictions: the divergence of a density that moves in a learned field, its dissipation, the ideal flow, and the
/// bound of Theorem 4.7 with the actual tail and mismatch.
/// </summary>
[<RequireQualifiedAccess>]
module Theorem =

    /// A system with a start, observables, and points that cover both laws.
    [<NoComparison; NoEquality>]
    type private Case =
        {
            Name: string
            System: LangevinSystem
            Start: ScalarField
            Observables: unit -> Outcome<Observables>
            /// The interval along every axis, and points along it.
            Box: float * float * int
            Steps: int
        }

    let private samples = 10_000
    let private step = 0.05

    /// Two wells on a circle, V = -(b/2) cos 2θ at T = 1 with a barrier b: compact, so that the laws have no tails.
    let private circle (barrier: float) : LangevinSystem =
        let potential x = -0.5 * barrier * cos (2.0 * x)

        {
            Name = "periodic wells"
            Dimension = 1
            Temperature = 1.0
            Potential = ScalarField(fun x -> potential x[0])
            Drift = VectorField(fun x f -> f[0] <- -barrier * sin (2.0 * x[0]))
            ExactRates = lazy [||]
            Draw = Func<int, Seed, float[]>(Systems.drawOnLine (0.0, 2.0 * Math.PI) 1.0 potential)
        }

    let private wells (barrier: float) (waves: int) : Case =
        {
            Name = $"two wells on a circle, barrier {barrier}"
            System = circle barrier
            Start = ScalarField(fun x -> 0.5 * barrier * cos (2.0 * x[0]) + 1.2 * cos x[0])
            Observables = fun () -> Observables.fourier waves [| 2.0 * Math.PI |]
            Box = 0.0, 2.0 * Math.PI, 400
            Steps = 100
        }

    // Once the divergence reaches the sampling error, the mismatch only measures that: the Gaussian's run ends before.
    let private cases =
        [
            {
                Name = "Gaussian"
                System = Systems.ornsteinUhlenbeck 1 1.0
                Start = ScalarField(fun x -> -0.5 * (x[0] - 1.0) * (x[0] - 1.0))
                Observables = fun () -> Observables.hermite 2 1
                Box = -8.0, 9.0, 800
                Steps = 40
            }
            wells 2.0 8
            wells 3.0 8
        ]

    let private volumes (case: Case) : Outcome<Samples> =
        let low, high, count = case.Box

        let axis =
            Array.init count (fun i -> low + (high - low) * (float i + 0.5) / float count)

        result {
            use! points = Samples.ofValues 1 axis
            // Fractions of the volume; the volume cancels.
            return! Samples.quadrature (Array.create points.Count 1.0) points
        }

    let private measure (seed: Seed) (case: Case) : Outcome<DissipationRun> =
        result {
            use! data = Systems.equilibrium case.System samples (Seed.derive "data" seed)
            use! observables = case.Observables()

            use! spectrum =
                Langevin.fit
                    { Langevin.defaults with
                        Temperature = case.System.Temperature
                    }
                    observables
                    data

            use! volumes = volumes case

            return!
                Dissipation.measure
                    Control.none
                    case.System
                    spectrum
                    data
                    case.Start
                    volumes
                    step
                    case.Steps
                    (case.Steps / 10)
        }

    let private key (name: string) : string = name.Replace(",", "").Replace(' ', '_')

    /// The largest relative deviation of the measured dissipation from χ².
    let private dissipationError (run: DissipationRun) : float =
        run.Points
        |> Array.map (fun p -> abs (p.Rate - p.ChiSquared) / p.ChiSquared)
        |> Array.max

    let private holds (run: DissipationRun) (bound: float[]) : float =
        Array.forall2 (fun (p: DissipationPoint) b -> p.Kl <= b * (1.0 + 1e-9)) run.Points bound
        |> fun all -> if all then 1.0 else 0.0

    let private facts (case: Case) (runs: DissipationRun list) : (string * float) list =
        let name = key case.Name
        let worst f = runs |> List.map f |> List.max
        let mean f = runs |> List.averageBy f
        let last (run: DissipationRun) = Array.last run.Points

        [
            $"{name}.kl_start", mean (fun run -> run.Points[0].Kl)
            $"{name}.kl_end", mean (fun run -> (last run).Kl)
            $"{name}.kl_end_ideal", mean (fun run -> (last run).IdealKl)
            $"{name}.tail", worst _.Tail
            $"{name}.epsilon", worst _.Epsilon
            $"{name}.bound_floor", worst _.Floor
            $"{name}.bound_end", worst (fun run -> Array.last run.Bound)
            $"{name}.running_bound_end", worst (fun run -> Array.last run.RunningBound)
            $"{name}.bound_holds", runs |> List.averageBy (fun run -> holds run run.Bound)
            $"{name}.running_bound_holds", runs |> List.averageBy (fun run -> holds run run.RunningBound)
            $"{name}.rate_against_chi2", worst dissipationError
        ]

    let private columns =
        [
            "<system"
            "t"
            "KL"
            "ideal KL"
            "bound"
            "running bound"
            "χ²"
            "-dKL/dt"
            "tail"
            "ε"
        ]

    let private rows (case: Case) (run: DissipationRun) : string list list =
        [
            for k in 0 .. run.Points.Length - 1 do
                if k % 2 = 0 then
                    let p = run.Points[k]

                    [
                        case.Name
                        Ui.number p.Time
                        Ui.number p.Kl
                        Ui.number p.IdealKl
                        Ui.number run.Bound[k]
                        Ui.number run.RunningBound[k]
                        Ui.number p.ChiSquared
                        Ui.number p.Rate
                        Ui.number p.Tail
                        Ui.number p.Mismatch
                    ]
        ]

    let private plot (case: Case) (run: DissipationRun) : Block =
        let t = run.Points |> Array.map _.Time
        let positive = Array.map (max 1e-12)

        [
            Layer.line 0 "measured" t (run.Points |> Array.map _.Kl |> positive)
            Layer.dashed 1 "ideal flow" t (run.Points |> Array.map _.IdealKl |> positive)
            Layer.line 2 "Theorem 4.7" t (positive run.Bound)
            Layer.line 3 "with the running tail" t (positive run.RunningBound)
        ]
        |> Figure.create case.Name (Axis.linear "time of the flow") (Axis.logarithmic "KL")
        |> Block.Chart

    /// <summary>For <c>./koopman reproduce theorem</c>.</summary>
    let experiment: Experiment =
        {
            Name = "theorem"
            Summary = "divergence, dissipation and the bound of Theorem 4.7, measured along the flow of a density"
            Run =
                fun report seed ->
                    result {
                        let seeds = [ for k in 0..4 -> Seed.derive $"trial {k}" seed ]
                        let total = float (cases.Length * seeds.Length)
                        let mutable completed = 0.0

                        let! measured =
                            cases
                            |> Outcome.collect (fun case ->
                                seeds
                                |> Outcome.collect (fun seed ->
                                    completed <- completed + 1.0
                                    report (completed / total)
                                    measure seed case)
                                |> Result.map (fun runs -> case, runs))

                        let table = measured |> List.collect (fun (case, runs) -> rows case runs.Head)

                        return
                            {
                                Metrics =
                                    ("seeds", float seeds.Length)
                                    :: (measured |> List.collect (fun (case, runs) -> facts case runs))
                                Extra = []
                                Table = columns, table
                                Sections =
                                    [
                                        {
                                            Heading = "Result"
                                            Blocks =
                                                [
                                                    PageTable.ofText
                                                        "The first seed. Bound: Theorem 4.7 with the largest tail and mismatch of the run; running bound: the same inequality with the tail of each time. -dKL/dt by the true generator."
                                                        columns
                                                        table
                                                ]
                                        }
                                        {
                                            Heading = "Divergence and bounds"
                                            Blocks =
                                                [ Block.Beside [ for case, runs in measured -> plot case runs.Head ] ]
                                        }
                                    ]
                            }
                    }
        }
