namespace Koopman.Experiments

open System
open MathNet.Numerics
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Plots
open Koopman.Particles

/// <summary>
/// Measurement of the theory's predictions: the divergence of a density that moves in a learned field, its dissipation beside those of SVGD and
/// DMPS, the ideal flow, the bound of Theorem 4.7 and the one that knows the sampling error of the means; and the plateau at which
/// sampling stops the flow, as a law in the number of samples.
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
            Observables: Samples -> Outcome<Observables>
            /// The interval along every axis, and points along it.
            Box: float * float * int
            Samples: int
            /// The time of the run.
            Time: float
        }

    /// Fields of waves are the stiffer ones.
    let private step (case: Case) : float =
        if case.System.Dimension = 1 then 0.04 else 0.1

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
            Observables = fun _ -> Observables.fourier waves [| 2.0 * Math.PI |]
            Box = 0.0, 2.0 * Math.PI, 400
            Samples = 10_000
            Time = 10.0
        }

    /// Centres on a fixed lattice, so that the dictionary does not change with the data.
    let private lattice: Samples -> Outcome<Observables> =
        fun _ ->
            result {
                let axis = [| for k in 0..9 -> -1.8 + 0.4 * float k |]

                use! centres =
                    Array.allPairs axis axis
                    |> Array.collect (fun (x, y) -> [| x; y |])
                    |> Samples.ofValues 2

                return! Observables.gaussians 0.6 centres.Points
            }

    let private wellsOfFour (name: string) (start: float -> float -> float) : Case =
        {
            Name = name
            System = Systems.quadrupleWell.Value
            Start = ScalarField(fun x -> start x[0] x[1])
            Observables = lattice
            Box = -2.7, 2.7, 48
            Samples = 2000
            Time = 10.0
        }

    let private potential (x: float) (y: float) =
        pown (x * x - 1.0) 2 + pown (y * y - 1.0) 2

    /// A smooth start on the disc of radius 1.5: both starts have compact support, since the ratio of densities must be bounded.
    let private central =
        wellsOfFour "four wells from the centre" (fun x y ->
            let part = (x * x + y * y) / 2.25
            if part < 1.0 then -2.0 / (1.0 - part) else -infinity)

    /// The law itself with unequal wells, cut smoothly where V = 5.
    let private tilted =
        wellsOfFour "four wells from tilted ones" (fun x y ->
            let part = potential x y / 5.0

            if part < 1.0 then
                -5.0 * part + 0.7 * x - 0.1 / (1.0 - part)
            else
                -infinity)

    let private gaussian =
        {
            Name = "Gaussian"
            System = Systems.ornsteinUhlenbeck 1 1.0
            Start = ScalarField(fun x -> -0.5 * (x[0] - 1.0) * (x[0] - 1.0))
            Observables = fun _ -> Observables.hermite 2 1
            Box = -8.0, 9.0, 800
            Samples = 10_000
            Time = 10.0
        }

    let private circleOfTwo = wells 2.0 8

    let private cases = [ gaussian; circleOfTwo; wells 3.0 8; central; tilted ]

    let private volumes (case: Case) : Outcome<Samples> =
        let low, high, count = case.Box

        let axis =
            Array.init count (fun i -> low + (high - low) * (float i + 0.5) / float count)

        let nodes =
            if case.System.Dimension = 1 then
                axis
            else
                Array.allPairs axis axis |> Array.collect (fun (x, y) -> [| x; y |])

        result {
            use! points = Samples.ofValues case.System.Dimension nodes
            // Fractions of the volume; the volume cancels.
            return! Samples.quadrature (Array.create points.Count 1.0) points
        }

    /// The law itself as weighted nodes: data without sampling error.
    let private law (case: Case) : Outcome<Samples> =
        result {
            use! nodes = volumes case
            let v = Systems.potential case.System nodes
            let least = Array.min v
            return! Samples.quadrature (v |> Array.map (fun v -> exp ((least - v) / case.System.Temperature))) nodes
        }

    let private langevin (case: Case) : LangevinOptions =
        { Langevin.defaults with
            Temperature = case.System.Temperature
            Modes = 3
        }

    let private along (measurements: int) (case: Case) (spectrum: Spectrum) (data: Samples) : Outcome<DissipationRun> =
        result {
            use! volumes = volumes case
            let steps = int (round (case.Time / step case))

            return!
                Dissipation.measure
                    Control.none
                    case.System
                    spectrum
                    data
                    case.Start
                    volumes
                    (step case)
                    steps
                    (steps / measurements)
                |> Result.mapError (fun error ->
                    { error with
                        Cause = $"{case.Name}: {error.Cause}"
                    })
        }

    /// KSWGD from n samples, with the rank of its spectrum.
    let private learned (measurements: int) (case: Case) (data: Samples) : Outcome<DissipationRun * int> =
        result {
            use! observables = case.Observables data
            use! spectrum = Langevin.fit (langevin case) observables data
            let! run = along measurements case spectrum data
            return run, spectrum.Rank
        }

    let private sampled (count: int) (case: Case) (seed: Seed) : Outcome<DissipationRun * int> =
        result {
            use! data = Systems.equilibrium case.System count (Seed.derive "data" seed)
            return! learned 20 case data
        }

    /// DMPS of 1,000 samples, in the same normalisation, with as many modes as carry the density: where there are no data, more of them throw it to
    /// infinity.
    let rec private dmps (modes: int) (case: Case) (seed: Seed) : Outcome<int * DissipationRun> =
        result {
            use! data = Systems.equilibrium case.System 1000 (Seed.derive "data" seed)

            use! spectrum =
                DiffusionMap.fit
                    { DiffusionMap.defaults with
                        Modes = modes
                        Temperature = case.System.Temperature
                    }
                    data

            match along 20 case spectrum data with
            | Error error when error.Kind = ErrorKind.Diverged && modes > 5 -> return! dmps (modes / 2) case seed
            | found ->
                let! run = found
                return modes, run
        }

    /// SVGD with the exact score and the best of three widths, by its divergence at the end, on a coarser grid.
    let private svgd (widths: float list) (case: Case) : Outcome<float * DissipationRun> =
        result {
            let low, high, _ = case.Box

            use! volumes =
                volumes
                    { case with
                        Box = low, high, (if case.System.Dimension = 1 then 400 else 36)
                    }

            let steps = int (round (case.Time / step case))

            let runs =
                widths
                |> List.map (fun width ->
                    Dissipation.measureSvgd
                        Control.none
                        case.System
                        width
                        case.Start
                        volumes
                        (step case)
                        steps
                        (steps / 20)
                    |> Result.map (fun run -> width, run))

            // A narrow kernel does not carry a density on this grid.
            match runs |> List.choose Result.toOption with
            | [] -> return! runs.Head
            | finished -> return finished |> List.minBy (fun (_, run) -> (Array.last run.Points).Kl)
        }

    let private key (name: string) : string = name.Replace(",", "").Replace(' ', '_')

    /// The first time at which -dKL/dt is below half of χ², or the end.
    let private halfTime (run: DissipationRun) : float =
        run.Points
        |> Array.tryFind (fun p -> p.Rate < 0.5 * p.ChiSquared)
        |> Option.map _.Time
        |> Option.defaultValue (Array.last run.Points).Time

    let private holds (run: DissipationRun) (bound: float[]) : float =
        Array.forall2 (fun (p: DissipationPoint) b -> p.Kl <= b * (1.0 + 1e-9)) run.Points bound
        |> fun all -> if all then 1.0 else 0.0

    let private facts (case: Case) (runs: (DissipationRun * int) list) : (string * float) list =
        let name = key case.Name
        let rank = runs |> List.averageBy (snd >> float)
        let runs = List.map fst runs
        let worst f = runs |> List.map f |> List.max
        let mean f = runs |> List.averageBy f
        let last (run: DissipationRun) = Array.last run.Points

        [
            $"{name}.rank", rank
            $"{name}.kl_start", mean (fun run -> run.Points[0].Kl)
            $"{name}.kl_end", mean (fun run -> (last run).Kl)
            $"{name}.kl_end_over_r_2n", mean (fun run -> (last run).Kl) * 2.0 * float case.Samples / rank
            $"{name}.kl_end_ideal", mean (fun run -> (last run).IdealKl)
            $"{name}.tail", worst _.Tail
            $"{name}.epsilon", worst _.Epsilon
            $"{name}.operator_epsilon", worst _.OperatorEpsilon
            $"{name}.sampling", mean _.Sampling
            $"{name}.sampling_over_expected", mean _.Sampling / sqrt (rank / float case.Samples)
            $"{name}.bound_floor", worst _.Floor
            $"{name}.bound_end", worst (fun run -> Array.last run.Bound)
            $"{name}.statistical_bound_end", worst (fun run -> Array.last run.StatisticalBound)
            $"{name}.bound_holds", runs |> List.averageBy (fun run -> holds run run.Bound)
            $"{name}.running_bound_holds", runs |> List.averageBy (fun run -> holds run run.RunningBound)
            $"{name}.statistical_bound_holds", runs |> List.averageBy (fun run -> holds run run.StatisticalBound)
            $"{name}.rate_over_chi2_start", mean (fun run -> run.Points[0].Rate / run.Points[0].ChiSquared)
            $"{name}.half_time", mean halfTime
        ]

    /// The exponent of a power law with its standard error, from logarithms.
    let private exponent (points: (float * float) list) : float * float =
        let x, y =
            points |> List.map (fun (n, v) -> log n, log v) |> Array.ofList |> Array.unzip

        let struct (intercept, slope) = Fit.Line(x, y)
        let middle = Array.average x
        let spread = x |> Array.sumBy (fun x -> (x - middle) * (x - middle))

        let left =
            Array.map2 (fun x y -> y - intercept - slope * x) x y
            |> Array.sumBy (fun e -> e * e)

        slope, sqrt (left / float (x.Length - 2) / spread)

    /// KL at the end beyond that of exact means, against n.
    let private plateau
        (journal: Journal)
        (report: unit -> unit)
        (case: Case)
        (counts: int list)
        (seeds: Seed list)
        : Outcome<(string * float) list * string list list * (float * float) list> =
        result {
            use! exact = law case

            let! rest =
                journal.Keep(
                    $"{case.Name}, exact means",
                    fun () ->
                        learned 1 case exact
                        |> Result.map (fun (ideal, _) -> (Array.last ideal.Points).Kl)
                )

            let! measured =
                counts
                |> Outcome.collect (fun count ->
                    List.indexed seeds
                    |> Outcome.collect (fun (k, seed) ->
                        report ()

                        journal.Keep(
                            $"{case.Name}, {count} samples, seed {k}",
                            fun () ->
                                sampled count case (Seed.derive $"plateau {count}" seed)
                                |> Result.map (fun (run, rank) -> (Array.last run.Points).Kl, rank)
                        ))
                    |> Result.map (fun found ->
                        let kl = found |> List.averageBy fst
                        let rank = found |> List.averageBy (snd >> float)
                        count, kl, rank))

            let excess = [ for count, kl, _ in measured -> float count, kl - rest ]
            let slope, error = exponent excess

            let name = $"plateau.{key case.Name}"

            let metrics =
                [
                    $"{name}.exact_means", rest
                    for count, kl, rank in measured do
                        $"{name}.kl_n{count}", kl
                        $"{name}.over_r_2n_n{count}", (kl - rest) * 2.0 * float count / rank
                    $"{name}.exponent", slope
                    $"{name}.exponent_error", error
                ]

            let rows =
                [
                    for count, kl, rank in measured ->
                        [
                            case.Name
                            Ui.number (float count)
                            Ui.number rank
                            Ui.number kl
                            Ui.number (kl - rest)
                            Ui.number (rank / (2.0 * float count))
                        ]
                ]

            return metrics, rows, excess
        }

    let private columns =
        [
            "<system"
            "t"
            "KL"
            "ideal KL"
            "Theorem 4.7"
            "running"
            "with sampling"
            "χ²"
            "rate/χ²"
            "DMPS rate/χ²"
            "SVGD rate/χ²"
            "tail"
            "ε"
        ]

    let private ratio (run: DissipationRun option) (k: int) : string =
        match run with
        | Some run -> Ui.number (run.Points[k].Rate / run.Points[k].ChiSquared)
        | None -> "–"

    let private rows
        (case: Case)
        (run: DissipationRun)
        (dmps: DissipationRun option)
        (svgd: DissipationRun option)
        : string list list =
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
                        Ui.number run.StatisticalBound[k]
                        Ui.number p.ChiSquared
                        Ui.number (p.Rate / p.ChiSquared)
                        ratio dmps k
                        ratio svgd k
                        Ui.number p.Tail
                        Ui.number p.OperatorError
                    ]
        ]

    let private plot (case: Case) (run: DissipationRun) (others: (string * DissipationRun) list) : Block =
        let t = run.Points |> Array.map _.Time
        let positive = Array.map (max 1e-12)
        let finite = Array.map (fun v -> if Double.IsFinite v then v else nan)

        [
            Layer.line 0 "measured" t (run.Points |> Array.map _.Kl |> positive)
            Layer.dashed 1 "ideal flow" t (run.Points |> Array.map _.IdealKl |> positive)
            Layer.line 2 "Theorem 4.7" t (run.Bound |> positive |> finite)
            Layer.line 3 "bound with sampling error" t (positive run.StatisticalBound)
            for i, (name, other) in List.indexed others do
                Layer.line (4 + i) name (other.Points |> Array.map _.Time) (other.Points |> Array.map _.Kl |> positive)
        ]
        |> Figure.create case.Name (Axis.linear "time of the flow") (Axis.logarithmic "KL")
        |> Block.Chart

    /// <summary>For <c>./koopman reproduce theorem</c>.</summary>
    let experiment: Experiment =
        {
            Name = "theorem"
            Summary =
                "divergence, dissipation beside SVGD and DMPS, bounds, and the plateau that sampling sets, along the flow of a density"
            Minutes = 10.0
            Work =
                Work.InParts(fun size journal report seed ->
                    result {
                        // A quick run has a coarser grid in two dimensions.
                        let cases =
                            cases
                            |> List.map (fun case ->
                                match case.Box with
                                | low, high, count when count < 100 ->
                                    { case with
                                        Box = low, high, size.Choose(count, 36)
                                    }
                                | _ -> case)

                        let central = cases |> List.find (fun case -> case.Name = central.Name)

                        let seeds = [ for k in 0 .. size.Choose(9, 0) -> Seed.derive $"trial {k}" seed ]

                        let counts =
                            [
                                1000
                                3000
                                10_000
                                if size <> Size.Brief then
                                    30_000
                                    100_000
                            ]

                        let total = float ((cases.Length + 2 * counts.Length) * seeds.Length + 2)
                        let mutable completed = 0.0

                        let told () =
                            completed <- completed + 1.0
                            report (min 1.0 (completed / total))

                        let! measured =
                            cases
                            |> Outcome.collect (fun case ->
                                List.indexed seeds
                                |> Outcome.collect (fun (k, seed) ->
                                    told ()
                                    journal.Keep($"{case.Name}, seed {k}", fun () -> sampled case.Samples case seed))
                                |> Result.map (fun runs -> case, runs))

                        // The rivals carry the same density; SVGD knows the score.
                        let! width, stein =
                            journal.Keep("SVGD", fun () -> svgd (size.Choose([ 0.25; 0.5; 1.0 ], [ 0.5 ])) central)

                        told ()

                        let! mappedModes, mapped =
                            journal.Keep("DMPS", fun () -> dmps (size.Choose(40, 10)) central seeds.Head)

                        told ()

                        let! plateaus =
                            [ gaussian; circleOfTwo ]
                            |> Outcome.collect (fun case ->
                                plateau (journal.Within "plateau") told case counts seeds
                                |> Result.map (fun found -> case, found))


                        let rivals (case: Case) =
                            if case.Name = central.Name then
                                Some mapped, Some stein
                            else
                                None, None

                        let table =
                            measured
                            |> List.collect (fun (case, runs) ->
                                let run, _ = runs.Head
                                rivals case ||> rows case run)

                        let rivalFacts =
                            [
                                for name, run in [ "dmps", mapped; "svgd", stein ] do
                                    let last = Array.last run.Points
                                    $"{name}.kl_end", last.Kl
                                    $"{name}.half_time", halfTime run
                                    $"{name}.rate_over_chi2_end", last.Rate / last.ChiSquared
                                "svgd.width", width
                                "dmps.modes", float mappedModes
                            ]

                        return
                            {
                                Metrics =
                                    [
                                        "seeds", float seeds.Length
                                        yield! measured |> List.collect (fun (case, runs) -> facts case runs)
                                        yield! rivalFacts
                                        for _, (metrics, _, _) in plateaus do
                                            yield! metrics
                                    ]
                                Extra = []
                                Table = columns, table
                                Sections =
                                    [
                                        {
                                            Heading = "Result"
                                            Blocks =
                                                [
                                                    PageTable.ofText
                                                        "The first seed. Theorem 4.7 with the largest tail and mismatch of the run; running: with the tail of each time; with sampling: KL' ≤ -αχ² + tail² + sχ, which knows the error s of the target means. rate: -dKL/dt by the true generator. SVGD's time is scaled so that it starts at χ²."
                                                        columns
                                                        table
                                                ]
                                        }
                                        {
                                            Heading = "Divergence and bounds"
                                            Blocks =
                                                [
                                                    Block.Beside
                                                        [
                                                            for case, runs in measured ->
                                                                let run, _ = runs.Head

                                                                plot
                                                                    case
                                                                    run
                                                                    (if case.Name = central.Name then
                                                                         [ "SVGD", stein; "DMPS", mapped ]
                                                                     else
                                                                         [])
                                                        ]
                                                ]
                                        }
                                        {
                                            Heading = "The plateau"
                                            Blocks =
                                                [
                                                    PageTable.ofText
                                                        "At t = 10. The excess over exact means is that of a likelihood ratio, r/2n in the mean for r functions, if the density stays in their span."
                                                        [ "<system"; "n"; "r"; "KL at the end"; "excess"; "r/2n" ]
                                                        [
                                                            for _, (_, rows, _) in plateaus do
                                                                yield! rows
                                                        ]
                                                    [
                                                        for i, (case, (_, _, excess)) in List.indexed plateaus do
                                                            Layer.line
                                                                i
                                                                case.Name
                                                                (excess |> List.map fst |> Array.ofList)
                                                                (excess |> List.map snd |> Array.ofList)
                                                    ]
                                                    |> Figure.create
                                                        "the plateau"
                                                        (Axis.logarithmic "samples n")
                                                        (Axis.logarithmic "KL at t = 10 beyond exact means")
                                                    |> Block.Chart
                                                ]
                                        }
                                    ]
                            }
                    })
        }
