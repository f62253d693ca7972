namespace Koopman.Experiments

open System.Diagnostics
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open Koopman.Metrics
open Koopman.Particles

/// <summary>What a method drew.</summary>
[<NoComparison; NoEquality>]
type Drawn =
    {
        /// <summary>Its final particles.</summary>
        Particles: Samples
        /// <summary>The number of iterations; 0 for methods without any.</summary>
        Iterations: int
        /// <summary>How often a particle was moved back onto the data, per particle; NaN for methods that never do.</summary>
        PutBack: float
    }

/// <summary>Results of samplers as what they drew.</summary>
[<RequireQualifiedAccess>]
module Drawn =

    /// <summary>Samples drawn directly.</summary>
    let plain (particles: Samples) : Drawn =
        {
            Particles = particles
            Iterations = 0
            PutBack = nan
        }

    /// <summary>The end of a chain.</summary>
    let ofSampler (run: SamplerResult) : Drawn =
        {
            Particles = run.Particles
            Iterations = run.Iterations
            PutBack = nan
        }

    /// <summary>The end of a flow along a field.</summary>
    let ofFlow (flow: ParticleResult) : Drawn =
        {
            Particles = flow.Particles
            Iterations = flow.Iterations
            PutBack = float flow.Snapped / float flow.Particles.Count
        }

/// <summary>A method, with the steps among which it may choose; it does so by its distance to the data, which all methods know.</summary>
[<NoComparison; NoEquality>]
type Method =
    {
        /// <summary>Its name in metrics: kswgd, bootstrap, floor, ula, ...</summary>
        Name: string
        /// <summary>The candidates; one NaN for a method without a step.</summary>
        Steps: float list
        /// <summary>Draws with a step.</summary>
        Draw: float -> Outcome<Drawn>
    }

/// <summary>The result of one method in one run.</summary>
[<NoComparison; NoEquality>]
type MethodRun =
    {
        /// <summary>The method's name.</summary>
        Method: string
        /// <summary>What it drew.</summary>
        Drawn: Drawn
        /// <summary>The step it chose; NaN if it has none.</summary>
        Step: float
        /// <summary>Processor time of learning and moving at this step, over all threads.</summary>
        CpuSeconds: float
    }

/// <summary>A number about particles, with its name in metrics.</summary>
[<NoComparison; NoEquality>]
type Score = { Name: string; Of: Samples -> float }

/// <summary>One seed of an experiment: the scores of every method, further numbers, and charts.</summary>
[<NoComparison; NoEquality>]
type Trial =
    {
        Methods: (string * (string * float) list) list
        Facts: (string * float) list
        Sections: Section list
    }

/// <summary>The summary of several seeds: mean or median.</summary>
[<RequireQualifiedAccess>]
type Centre =
    | Mean
    | Median

/// <summary>Comparison of methods over several seeds.</summary>
[<RequireQualifiedAccess>]
module Comparison =

    /// <summary>Labels for the names of methods.</summary>
    let private labels =
        Map.ofList
            [
                "kswgd", "KSWGD"
                "no_guard", "no guard"
                "no_jitter", "no jitter"
                "no_polish", "no polish"
                "none", "neither guard nor jitter"
                "wide", "Gaussians twice as wide"
                "widest", "four times as wide"
                "widest_no_guard", "four times as wide, no guard"
                "kswgd_form", "KSWGD, Dirichlet form"
                "kswgd_leading", "KSWGD, leading coordinates"
                "kswgd_samples", "KSWGD, snapshots as samples"
                "kswgd_autoencoder", "KSWGD, autoencoder"
                "fields", "bootstrap of whole fields"
                "pmala", "MALA, preconditioned, exact law"
                "bootstrap", "bootstrap of the data"
                "data", "data, none repeated before all"
                "smoothed", "bootstrap, smoothed"
                "kde_ula", "kernel density, ULA"
                "kde_svgd", "kernel density, SVGD"
                "floor", "independent exact sample (floor)"
                "ula", "ULA"
                "mala", "MALA"
                "pcn", "pCN with shifts, exact law"
                "hmc", "HMC"
                "svgd", "SVGD"
                "matrix_svgd", "matrix SVGD"
                "lawgd", "LAWGD, exact eigenpairs"
                "dmps", "DMPS, normalised step"
                "raw", "data as they are"
                "start", "start"
            ]

    let private headings =
        Map.ofList
            [
                "kl", "KL"
                "mmd", "MMD"
                "sw2", "sliced W2"
                "coverage", "coverage"
                "nn_ratio", "nn ratio"
                "mass_error", "mass error"
                "mass", "mass"
                "mass_to_data", "mass to data"
                "mean_potential", "⟨V⟩"
                "near_wells", "near wells"
                "phi_tv", "φ TV"
                "mean_error", "mean error"
                "moment_error", "second moments"
                "trace_ratio", "trace ratio"
                "pixel_tv", "pixel TV"
                "energy_ratio", "E/E iid"
                "cpu_seconds", "CPU s"
                "iterations", "iterations"
                "put_back", "put back"
                "step", "step"
                "w2_ratio", "W2 ratio"
                "sw2_ratio", "sliced ratio"
                "end_rmse", "end"
                "mid_rmse", "on the way"
                "any_rmse", "from anywhere"
                "mu", "μ"
                "end_median", "end, median"
                "inverse_rmse", "inverse"
                "point_residual", "r of x"
                "feature_residual", "r of F"
                "coverage95", "95 % holds"
                "bound_ratio", "bound / error"
                "handed_w2_ratio", "W2 ratio, worst 5 % by teacher"
                "handed_end_rmse", "end, worst 5 % by teacher"
                "steps", "steps"
            ]

    let private word (words: Map<string, string>) (name: string) : string =
        words |> Map.tryFind name |> Option.defaultValue name

    /// <summary>A method in words.</summary>
    let label (method: string) : string = word labels method

    /// <summary>Runs a method at one step and measures its processor time.</summary>
    let timed (method: string) (step: float) (work: unit -> Outcome<Drawn>) : Outcome<MethodRun> =
        use before = Process.GetCurrentProcess()
        let start = before.TotalProcessorTime

        work ()
        |> Result.map (fun drawn ->
            use now = Process.GetCurrentProcess()

            {
                Method = method
                Drawn = drawn
                Step = step
                CpuSeconds = (now.TotalProcessorTime - start).TotalSeconds
            })

    /// <summary>Runs a method at its best step: that of the smallest MMD to the data. A step at which it diverges is passed over.</summary>
    let best (data: Samples) (method: Method) : Outcome<MethodRun> =
        match method.Steps with
        | [ step ] -> timed method.Name step (fun () -> method.Draw step)
        | steps ->
            let runs =
                steps
                |> List.map (fun step -> timed method.Name step (fun () -> method.Draw step))

            let finished = runs |> List.choose Result.toOption

            if finished.IsEmpty then
                List.head runs
            else
                // The distance takes the square of the number of data.
                let stride = if data.Count > 10_000 then data.Count / 5000 else 1
                use some = Samples.pick [| 0..stride .. data.Count - 1 |] data |> Outcome.get

                let chosen =
                    finished |> List.minBy (fun run -> Mmd.scaled some run.Drawn.Particles some)

                for run in finished do
                    if not (obj.ReferenceEquals(run, chosen)) then
                        run.Drawn.Particles.Dispose()

                Ok chosen

    /// <summary>MMD, sliced W2, coverage and the ratio of nearest-neighbour distances.</summary>
    /// <param name="reference">Exact samples, the same for all methods.</param>
    /// <param name="independent">Exact samples, equal in number to the particles.</param>
    let standard (reference: Samples) (independent: Samples) : Score list =
        let h = Mmd.bandwidth reference

        [
            {
                Name = "mmd"
                Of = fun particles -> Mmd.distance h particles reference
            }
            {
                Name = "sw2"
                Of = fun particles -> Wasserstein.sliced 200 (Seed.ofInt 7) particles reference
            }
            {
                Name = "coverage"
                Of = Coverage.ofReference reference independent
            }
            {
                Name = "nn_ratio"
                Of = Coverage.neighbourRatio independent
            }
        ]

    /// <summary>The scores of a method, with its costs, in the order of the metrics. Its particles are freed.</summary>
    let score (scores: Score list) (run: MethodRun) : string * (string * float) list =
        use particles = run.Drawn.Particles

        run.Method,
        [
            for score in scores do
                yield score.Name, score.Of particles
            yield "cpu_seconds", run.CpuSeconds
            yield "iterations", float run.Drawn.Iterations

            if not (System.Double.IsNaN run.Drawn.PutBack) then
                yield "put_back", run.Drawn.PutBack

            if not (System.Double.IsNaN run.Step) then
                yield "step", run.Step
        ]

    let private centreOf (centre: Centre) (values: float list) : float =
        match centre with
        | Centre.Mean -> List.average values
        | Centre.Median -> MathNet.Numerics.Statistics.Statistics.Median values

    /// The centre, and the range over the seeds if it exceeds rounding.
    let private range (centre: Centre) (values: float list) : string =
        let low, high = List.min values, List.max values

        if high - low <= 1e-9 * abs high then
            Ui.number high
        else
            $"{Ui.number (centreOf centre values)} [{Ui.number low}, {Ui.number high}]"

    /// The charts of the first seed that was computed here: those of parts that were kept are lost.
    let private pictures (trials: (Trial * bool) list) : Section list =
        match trials |> List.tryFindIndex snd with
        | Some 0 -> (fst trials[0]).Sections
        | Some k ->
            {
                Heading = "Charts"
                Blocks =
                    [
                        Block.Paragraph
                            $"The run was resumed, and numbers are kept but no charts: those below are of seed {k + 1} of {trials.Length}."
                    ]
            }
            :: (fst trials[k]).Sections
        | None ->
            [
                {
                    Heading = "Charts"
                    Blocks =
                        [
                            Block.Paragraph "The run was resumed after its last seed: there are no charts."
                        ]
                }
            ]

    /// <summary>Runs an experiment over seeds and makes a table of means or medians and ranges.</summary>
    /// <param name="journal">Keeps the numbers of each seed.</param>
    /// <param name="centre">The summary over the seeds.</param>
    /// <param name="seeds">The number of seeds.</param>
    /// <param name="caption">The meaning of the columns.</param>
    /// <param name="summary">Further metrics from all trials.</param>
    /// <param name="once">One seed.</param>
    /// <param name="report">Reports the fraction done.</param>
    /// <param name="seed">The base seed.</param>
    let overBy
        (journal: Journal)
        (centre: Centre)
        (seeds: int)
        (caption: string)
        (summary: Trial list -> (string * float) list)
        (once: Seed -> Outcome<Trial>)
        (report: float -> unit)
        (seed: Seed)
        : Outcome<Findings> =
        let trial (k: int) : Outcome<Trial * bool> =
            report (float k / float seeds)
            let mutable computed = None

            journal.Keep(
                $"seed {k}",
                fun () ->
                    once (Seed.derive $"trial {k}" seed)
                    |> Result.map (fun trial ->
                        computed <- Some trial
                        trial.Methods, trial.Facts)
            )
            |> Result.map (fun (methods, facts) ->
                {
                    Methods = methods
                    Facts = facts
                    Sections = computed |> Option.map _.Sections |> Option.defaultValue []
                },
                computed.IsSome)

        Outcome.collect trial [ 0 .. seeds - 1 ]
        |> Result.map (fun computed ->
            report 1.0
            let trials = List.map fst computed
            let first = List.head trials

            let collected =
                [
                    for method, scores in first.Methods ->
                        method,
                        [
                            for name, _ in scores ->
                                name,
                                [
                                    for trial in trials ->
                                        trial.Methods
                                        |> List.find (fun (m, _) -> m = method)
                                        |> snd
                                        |> List.find (fun (n, _) -> n = name)
                                        |> snd
                                ]
                        ]
                ]

            let names = collected |> List.collect (snd >> List.map fst) |> List.distinct

            let columns = "<method" :: (names |> List.map (word headings))

            let rows (cell: float list -> string) =
                [
                    for method, scores in collected ->
                        word labels method
                        :: [
                            for name in names ->
                                match scores |> List.tryFind (fun (n, _) -> n = name) with
                                | Some(_, values) -> cell values
                                | None -> "–"
                        ]
                ]

            let eachSeed =
                Json.members
                    [
                        for method, scores in collected ->
                            method,
                            Json.members
                                [
                                    for name, values in scores -> name, Json.list (values |> List.map Json.number)
                                ]
                    ]

            {
                Metrics =
                    [
                        yield "seeds", float seeds
                        for name, _ in first.Facts do
                            yield
                                name,
                                centreOf
                                    centre
                                    [
                                        for trial in trials -> trial.Facts |> List.find (fun (n, _) -> n = name) |> snd
                                    ]
                        yield! summary trials
                        for method, scores in collected do
                            for name, values in scores do
                                yield $"{method}.{name}", centreOf centre values
                    ]
                Extra = [ "each_seed", eachSeed ]
                // The ranges would wrap in every cell of a terminal.
                Table = columns, rows (centreOf centre >> Ui.number)
                Sections =
                    {
                        Heading = "Result"
                        Blocks =
                            [
                                PageTable.ofText
                                    $"{caption} {centre}s over {seeds} seeds, with the minimum and maximum in brackets."
                                    columns
                                    (rows (range centre))
                            ]
                    }
                    :: pictures computed
            })

    /// <summary>Runs an experiment over seeds and makes a table of means and ranges, as <c>overBy</c> does.</summary>
    let over
        (journal: Journal)
        (seeds: int)
        (caption: string)
        (summary: Trial list -> (string * float) list)
        (once: Seed -> Outcome<Trial>)
        (report: float -> unit)
        (seed: Seed)
        : Outcome<Findings> =
        overBy journal Centre.Mean seeds caption summary once report seed

    /// <summary>Two experiments on one page; the metrics of the second have a prefix.</summary>
    let both (prefix: string) (first: Findings) (second: Findings) : Findings =
        let columns, rows = first.Table
        let others, more = second.Table

        {
            Metrics =
                first.Metrics
                @ (second.Metrics
                   |> List.filter (fun (name, _) -> name <> "seeds")
                   |> List.map (fun (name, value) -> $"{prefix}.{name}", value))
            Extra =
                first.Extra
                @ (second.Extra |> List.map (fun (name, value) -> $"{prefix}.{name}", value))
            Table =
                columns,
                rows
                @ (if others = columns then
                       more
                       |> List.map (function
                           | head :: rest -> $"{prefix}: {head}" :: rest
                           | [] -> [])
                   else
                       [])
            Sections =
                first.Sections
                @ (second.Sections
                   |> List.map (fun section ->
                       { section with
                           Heading = $"{section.Heading} ({prefix})"
                       }))
        }
