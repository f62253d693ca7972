namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting
open Koopman.Flows

/// <summary><c>koopman spectrum</c>: eigenvalues with error bars, residuals and warnings.</summary>
[<RequireQualifiedAccess>]
module SpectrumCommand =

    /// A warning in two words; the full sentence is under the table.
    let private remark (kind: WarningKind) : string =
        match kind with
        | WarningKind.NearDegenerate -> "near-degenerate"
        | WarningKind.NotConverged -> "not converged"
        | WarningKind.BelowNoise -> "below noise"
        | WarningKind.Imprecise -> "imprecise"
        | WarningKind.LargeResidual -> "large residual"
        | WarningKind.NoiseFloor -> "noise floor"
        | WarningKind.Impossible -> "impossible"
        | WarningKind.MeasureNotInvariant -> "measure"
        | WarningKind.IllConditioned -> "ill-conditioned"
        | WarningKind.NotLinear -> "not linear"
        | WarningKind.NotReversible -> "not reversible"
        | WarningKind.Repeated -> "repeated data"
        | other -> string other

    /// <summary>The rows of a table of modes.</summary>
    let rows (spectrum: Spectrum) : string list list =
        [
            for m in spectrum.Modes ->
                [
                    string m.Index
                    Ui.complex m.Eigenvalue
                    Ui.number m.Rate
                    Ui.number m.Frequency
                    Ui.number m.StandardError
                    $"[{Ui.number m.Lower}, {Ui.number m.Upper}]"
                    Ui.number m.Timescale
                    Ui.number m.Residual
                    String.Join(
                        ", ",
                        [|
                            if m.IsConstant then
                                "constant"
                            yield! m.Warnings |> Array.map (fun w -> remark w.Kind) |> Array.distinct
                        |]
                    )
                ]
        ]

    /// <summary>The headings of that table, for times in this unit; empty if it is not known.</summary>
    let columnsIn (timeUnit: string) : string list =
        let per (name: string) (unit: string) =
            if timeUnit = "" then name else $"{name} [{unit}]"

        [
            "mode"
            "eigenvalue"
            per "rate" $"1/{timeUnit}"
            per "frequency" $"rad/{timeUnit}"
            "± error"
            "95 % interval of rate"
            per "timescale" timeUnit
            "residual"
            "<remark"
        ]

    /// <summary>The headings without units.</summary>
    let columns: string list = columnsIn ""

    /// The sentences of the warnings, each once, with their modes.
    let private warnings (spectrum: Spectrum) : string list =
        let found =
            [
                for m in spectrum.Modes do
                    for w in m.Warnings do
                        if w.Kind <> WarningKind.NearDegenerate then
                            w.Message, m.Index
            ]

        found
        |> List.groupBy fst
        |> List.map (fun (message, modes) ->
            match modes |> List.map snd with
            | [ one ] -> $"mode {one}: {message}"
            | several when several.Length = spectrum.Modes.Length -> $"all modes: {message}"
            | several -> "modes " + String.Join(", ", several) + ": " + message)

    /// Why this estimator, where it was chosen.
    let private chosen (estimator: NamedEstimator) (balance: BalanceTest option) : string =
        match balance with
        | None -> estimator.Summary
        | Some test -> $"{test}; chosen for it: {estimator.Name}"

    /// <summary>The user's request.</summary>
    [<NoComparison>]
    type Request =
        {
            Files: string list
            Estimator: string option
            Observables: string option
            /// True if cross-validation chooses the dictionary.
            Auto: bool
            /// How the file is to be understood.
            Reading: ReadOptions
            Delays: int
            /// The time between the states of a pair, in rows.
            LagRows: int
            Temperature: float option
            Modes: int
            /// The directions of DMD.
            Rank: int option
            /// The states of a Markov model.
            States: int option
            /// The width of a Gaussian kernel.
            Width: float option
            /// The column with the potential at each point.
            Potential: string option
            /// Terms of an equation below this fraction are left out.
            Threshold: float
            /// Multiples of the lag at which the model is tested.
            Multiples: int list
            /// True if the pairs are weighted by their dynamics first.
            Reweight: bool
            Json: string option
            Report: string option
        }

    let private testColumns =
        [ "mode"; "time"; "predicted"; "estimated"; "± of difference"; "deviation" ]

    let private testRows (test: ChapmanKolmogorov) : string list list =
        [
            for point in test.Points ->
                [
                    string point.Mode
                    Ui.number point.Time
                    Ui.complex point.Predicted
                    Ui.complex point.Estimated
                    Ui.number point.StandardError
                    Ui.number point.Deviation
                ]
        ]

    let private testCaption =
        "Chapman-Kolmogorov test: λ^k of the model, and the estimate from pairs k lags apart; the deviation is in standard errors of their difference"

    let private candidateColumns = [ "<dictionary"; "score"; "± error"; "<" ]

    let private candidateRows (choice: Choice) : string list list =
        [
            for candidate in choice.Table ->
                [
                    candidate.Description
                    Ui.number candidate.Mean
                    Ui.number candidate.StandardError
                    match candidate.Failure with
                    | null when candidate.Chosen -> "chosen"
                    | null -> ""
                    | failure -> failure.Error.Cause
                ]
        ]

    let private choose (estimator: NamedEstimator) (input: EstimatorInput) : Outcome<Choice> =
        match estimator.Choose with
        | Some choose -> Ui.progress "choosing a dictionary" (fun report -> choose report input)
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The estimator {estimator.Name} takes no dictionary"
                "Leave out --auto, or use --estimator edmd, edmd-general or generator"

    /// Timescales at lags up to a tenth of the shortest trajectory.
    let private timescales (estimator: NamedEstimator) (input: EstimatorInput) : Outcome<Section list> =
        match estimator.Refit, input.Loaded.Paths with
        | Some refit, Some paths ->
            let longest = Array.min paths.Lengths / 10

            match [ 1; 2; 3; 5; 10; 20; 30; 50; 100 ] |> List.filter (fun lag -> lag <= longest) with
            | []
            | [ _ ] -> Ok []
            | lags ->
                Timescales.implied 4 (refit input) (fun steps -> Trajectories.pairs steps paths) lags
                |> Result.map (fun table -> [ SpectrumPictures.timescales table ])
        | _ -> Ok []

    /// The pseudospectrum around the eigenvalues, for a dictionary over pairs.
    let private pseudospectrum (input: EstimatorInput) (spectrum: Spectrum) : Outcome<Section list> =
        match input.Loaded.Dataset, spectrum.Convention with
        | Pairs pairs, PropagatorAtLag _ ->
            result {
                use! residuals =
                    Pseudospectrum.fit
                        { Pseudospectrum.defaults with
                            RankTolerance = max 1e-8 input.RankTolerance
                        }
                        spectrum.Observables
                        pairs

                let radius =
                    spectrum.Modes
                    |> Array.map (fun m -> Numerics.Complex.Abs m.Eigenvalue)
                    |> Array.fold max 1.0

                let side = -1.2 * radius, 1.2 * radius

                let! grid =
                    Ui.progress "pseudospectrum" (fun report ->
                        Pseudospectrum.grid
                            (Control.report report)
                            {
                                Real = side
                                Imaginary = side
                                Columns = 60
                                Rows = 60
                            }
                            residuals)

                return [ SpectrumPictures.pseudospectrum grid spectrum ]
            }
        | _ -> Ok []

    let private report
        (command: string)
        (path: string)
        (request: Request)
        (estimator: NamedEstimator)
        (input: EstimatorInput)
        (choice: Choice option)
        (test: ChapmanKolmogorov option)
        (fitted: Fitted)
        : Outcome<unit> =
        result {
            let spectrum = fitted.Spectrum
            let samples = input.Samples
            let! overLags = timescales estimator input
            let! overPlane = pseudospectrum input spectrum

            return!
                Report.write
                    path
                    {
                        Title = $"The spectrum of {Inputs.title request.Files}"
                        Subtitle = $"{input.Loaded.Understood}; {spectrum.Observables.Description}."
                        Sections =
                            SpectrumPictures.sections spectrum samples
                            @ overLags
                            @ overPlane
                            @ [
                                {
                                    Heading = "Numbers"
                                    Blocks =
                                        [
                                            PageTable.ofText
                                                $"{spectrum.Convention}. Measure: {spectrum.Measure}. Residual: {spectrum.ResidualNorm}."
                                                (columnsIn input.Loaded.TimeUnit)
                                                (rows spectrum)
                                            yield! warnings spectrum |> List.map Block.Paragraph

                                            for table in fitted.Tables do
                                                PageTable.ofText table.Heading table.Columns table.Rows

                                            match test with
                                            | None -> ()
                                            | Some test -> PageTable.ofText testCaption testColumns (testRows test)

                                            match choice with
                                            | None -> ()
                                            | Some choice ->
                                                PageTable.ofText
                                                    $"Dictionaries tried; score: {choice.Criterion} on held-out fifths, larger is better."
                                                    candidateColumns
                                                    (candidateRows choice)
                                        ]
                                }
                            ]
                        Provenance = Inputs.provenance command None
                    }
        }

    let private say
        (request: Request)
        (timeUnit: string)
        (samples: Samples)
        (estimator: NamedEstimator)
        (balance: BalanceTest option)
        (test: ChapmanKolmogorov option)
        (fitted: Fitted)
        : unit =
        let spectrum = fitted.Spectrum

        let apart =
            match Centres.apartInWords samples with
            | Some words -> $"; {words}"
            | None -> ""

        Ui.say $"estimator {estimator.Name}: {chosen estimator balance}{apart}"
        Ui.say $"{Inputs.title request.Files}: {samples} | {spectrum.Observables.Description}"
        Ui.table (columnsIn timeUnit) (rows spectrum)
        Ui.say $"{spectrum.Convention}"
        Ui.say $"measure: {spectrum.Measure}"
        Ui.say $"residual: {spectrum.ResidualNorm}; 0: too small to resolve with these data"

        Ui.say
            "near-degenerate: closer than 3 standard errors to a neighbour; the two repel, and only their mean is well determined"

        Ui.say "interval: delta method, corrected for bias; it does not account for tails that the data lack"
        warnings spectrum @ fitted.Remarks |> List.iter Ui.say

        for table in fitted.Tables do
            Ui.say $"{table.Heading}:"
            Ui.table table.Columns table.Rows

        match test with
        | None -> ()
        | Some test ->
            Ui.say $"{testCaption}:"
            Ui.table testColumns (testRows test)

    /// Estimators that these options are for.
    let private owners (request: Request) : (string * bool * string list) list =
        [
            "--rank", request.Rank.IsSome, [ "dmd"; "dmd-optimized" ]
            "--states", request.States.IsSome, [ "msm"; "msm-general" ]
            "--width", request.Width.IsSome, [ "kernel"; "schroedinger" ]
            "--potential", request.Potential.IsSome, [ "schroedinger" ]
            "--reweight", request.Reweight, [ "edmd" ]
        ]

    let private check (request: Request) : Outcome<unit> =
        let estimator = Option.defaultValue "the default" request.Estimator

        let strange =
            owners request
            |> List.tryFind (fun (_, isGiven, estimators) -> isGiven && not (List.contains estimator estimators))

        match strange with
        | Some(option, _, estimators) ->
            let names = String.Join(" or ", estimators)

            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{option} means nothing to {estimator} estimator"
                $"Leave it out, or give --estimator {names}"
        | None ->
            [
                "--modes", request.Modes
                "--delays", request.Delays
                "--lag-rows", request.LagRows
                "--rank", Option.defaultValue 1 request.Rank
            ]
            |> Inputs.checkCounts

    /// The test at multiples of the lag, by default none but for Markov models.
    let private chapmanKolmogorov
        (request: Request)
        (input: EstimatorInput)
        (spectrum: Spectrum)
        : Outcome<ChapmanKolmogorov option> =
        result {
            let isMarkov =
                match request.Estimator with
                | Some name -> name.StartsWith("msm", StringComparison.Ordinal)
                | None -> false

            if request.Multiples.IsEmpty && not isMarkov then
                return None
            else
                let! paths = input.Paths
                let longest = Array.max paths.Lengths

                let multiples =
                    if request.Multiples.IsEmpty then
                        [ 2; 3; 5; 10 ] |> List.filter (fun k -> k * input.Rows < longest / 10)
                    else
                        request.Multiples

                if multiples.IsEmpty then
                    return None
                else
                    let! test =
                        ChapmanKolmogorov.test spectrum (fun rows -> Trajectories.pairs rows paths) input.Rows multiples

                    return Some test
        }

    /// The same data with the weights of equilibrium, if asked for.
    let private reweighted (request: Request) (dataset: Dataset) (observables: Lazy<Outcome<Observables>>) =
        result {
            match dataset with
            | Pairs pairs when request.Reweight ->
                let! observables = observables.Value
                let! weights = Reweighting.fit Reweighting.defaults observables pairs

                let! weighted = SnapshotPairs.withWeights weights.Weights pairs
                return Some(weighted, weights)
            | _ -> return None
        }

    /// <summary>Fits the data of a file and shows the modes with error bars, residuals and warnings.</summary>
    let run (command: string) (request: Request) : Outcome<unit> =
        result {
            do! Inputs.checkWritable [ request.Json; request.Report ]
            do! check request

            use! all =
                Inputs.loadLagged request.Reading request.Files request.Delays request.LagRows

            let! loaded, potential =
                match request.Potential with
                | None -> Ok(all, None)
                | Some column ->
                    Inputs.split column all
                    |> Result.map (fun (points, potential) -> points, Some potential)

            use _ =
                { new IDisposable with
                    member _.Dispose() =
                        if request.Potential.IsSome then
                            (loaded :> IDisposable).Dispose()
                }

            let! estimator, balance = Estimators.find request.Estimator loaded.Dataset

            let dictionary =
                request.Observables
                |> Option.orElse estimator.Dictionary
                |> Option.defaultValue "gaussians"

            let typed =
                {
                    Loaded = loaded
                    Observables = lazy (ObservableSpec.parse (Seed.ofInt 0) (Dataset.samples loaded.Dataset) dictionary)
                    RankTolerance = Edmd.defaults.RankTolerance
                    Temperature = lazy (Inputs.temperature request.Temperature loaded.Dataset)
                    Modes = request.Modes
                    Rank = request.Rank
                    Rows = request.LagRows
                    States = request.States
                    Width = request.Width
                    Potential = potential
                    Threshold = request.Threshold
                    Balance = balance
                }

            // Motion without noise is exact in the right functions and nowhere near in others: these are tried out.
            let isDetermined =
                match balance, loaded.Dataset, request.Observables with
                | Some _, Pairs pairs, None ->
                    estimator.Name = "edmd-general"
                    && not (Noise.isStochastic Noise.Automatic pairs)
                | _ -> false

            let! choice =
                if request.Auto || isDetermined then
                    choose estimator typed |> Result.map Some
                else
                    Ok None

            let input =
                match choice with
                | None -> typed
                | Some choice ->
                    { typed with
                        Observables = lazy (choice.Candidate.Observables typed.Samples)
                        RankTolerance = choice.Candidate.RankTolerance
                    }

            use _ =
                { new IDisposable with
                    member _.Dispose() =
                        if input.Observables.IsValueCreated then
                            input.Observables.Value |> Result.iter _.Dispose()
                }

            let! weighted = reweighted request input.Loaded.Dataset input.Observables

            use weighing =
                match weighted with
                | None -> loaded
                | Some(pairs, _) ->
                    new Loaded(
                        loaded.File,
                        Pairs pairs,
                        None,
                        loaded.Names,
                        loaded.InputNames,
                        loaded.TimeUnit,
                        loaded.Understood
                    )

            let input = { input with Loaded = weighing }
            use! plain = estimator.Fit input

            let fitted =
                match weighted with
                | None -> plain
                | Some(_, weights) ->
                    { plain with
                        Remarks =
                            $"weighted to equilibrium: the effective number of pairs is {Ui.number weights.EffectiveSize}; {Ui.number (100.0 * weights.NegativeShare)} %% of the weight was negative and dropped"
                            :: plain.Remarks
                        Details =
                            ("reweighting",
                             Json.members
                                 [
                                     "effective_size", Json.number weights.EffectiveSize
                                     "negative_share", Json.number weights.NegativeShare
                                     "gap", Json.number weights.Gap
                                 ])
                            :: plain.Details
                    }

            match choice with
            | None -> ()
            | Some choice ->
                Ui.table candidateColumns (candidateRows choice)

                Ui.say
                    $"score: {choice.Criterion} on held-out fifths, larger is better; the error bars below do not include this choice"

            let! test = chapmanKolmogorov request input fitted.Spectrum
            say request input.Loaded.TimeUnit input.Samples estimator balance test fitted

            match request.Json with
            | None -> ()
            | Some path ->
                do!
                    Json.write
                        path
                        (SpectrumJson.create
                            (String.Join(", ", request.Files))
                            input
                            estimator
                            balance
                            choice
                            test
                            fitted)

            match request.Report with
            | None -> ()
            | Some path ->
                do! report command path request estimator input choice test fitted
                Ui.say $"report: {IO.Path.GetFullPath path}"
        }
