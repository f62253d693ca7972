namespace Koopman

open System

/// <summary>Settings of a forecaster, and how they did in validation.</summary>
[<NoComparison>]
type ForecastCandidate =
    {
        /// <summary>L.</summary>
        LookBack: int
        /// <summary>The number of modes.</summary>
        Rank: int
        /// <summary>The ridge.</summary>
        Ridge: float
        /// <summary>The centre.</summary>
        Centre: ForecastCentre
        /// <summary>Whose windows a column is forecast from.</summary>
        Columns: ForecastColumns
        /// <summary>The mean squared error in each part of the validation, in standard deviations of a column.</summary>
        Errors: float[]
    }

    /// <summary>The mean over the parts.</summary>
    member this.MeanSquaredError: float = Array.average this.Errors

/// <summary>A choice of settings by validation.</summary>
[<NoComparison>]
type ForecastSelection =
    {
        /// <summary>The settings, with everything chosen.</summary>
        Best: ForecastOptions
        /// <summary>All that were tried, in that order.</summary>
        Candidates: ForecastCandidate[]
        /// <summary>What was changed, as a sentence without its full stop.</summary>
        Verdict: string
    }

/// <summary>
/// Chooses look-back, rank, ridge, centre and columns of a forecaster by rolling validation: each of three consecutive parts of the data is forecast by a fit to
/// the rows before it. One setting after the other is tried; another value is taken if its error is smaller by more than 2 % in the geometric mean, and by
/// more than 1 % in at least two parts, so that one unusual part does not decide.
/// </summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module ForecastSelection =

    let private parts: int = 3

    /// The share of rows that is only learned from.
    let private first: float = 0.4

    /// The most origins that a part is judged by.
    let private mostOrigins: int = 300

    /// The rows before which each part begins, and the end of the last.
    let private bounds (rows: int) : int[] =
        Array.init (parts + 1) (fun j -> int (float rows * (first + (1.0 - first) * float j / float parts)))

    /// Where everything that is left to be chosen begins.
    let private start (look: int) (options: ForecastOptions) : ForecastOptions =
        { options with
            LookBack = Some look
            Centre =
                (if options.Centre = ForecastCentre.Automatic then
                     ForecastCentre.Mean
                 else
                     options.Centre)
            Columns =
                (if options.Columns = ForecastColumns.Automatic then
                     ForecastColumns.Shared
                 else
                     options.Columns)
        }

    /// The error of some settings on each part of the longest trajectory; none if they cannot be fitted.
    let private judge (series: float[][]) (bounds: int[]) (options: ForecastOptions) : float[] option =
        let d = series.Length
        let isCoupled = options.Columns = ForecastColumns.Coupled && d > 1
        let look = options.LookBack.Value

        let look =
            if isCoupled then
                ForecastFit.coupledLookBack look d
            else
                look

        let onPart (j: int) =
            let cut, until = bounds[j], bounds[j + 1]
            let known = series |> Array.map (Array.truncate until)
            let stride = max 1 ((until - cut) / mostOrigins)

            [ 1.0, 0, cut, series ]
            |> ForecastFit.sums options isCoupled look
            |> ForecastFit.fitted options options.Centre 1.0
            |> Result.map (fun operator ->
                use operator = operator
                use map = DelayOperator.forecastMatrix options.Centre options.Horizon operator
                ForecastFit.meanSquare (ForecastFit.errors map isCoupled stride [| cut |] [| known |]))

        [ 0 .. parts - 1 ]
        |> Outcome.collect onPart
        |> Result.map Array.ofList
        |> function
            | Ok errors -> Some errors
            | Error _ -> None

    /// The mean logarithm of errors: parts in which the data are wild do not outweigh the others.
    let private score (errors: float[]) : float = errors |> Array.averageBy log

    let private isBetter (errors: float[]) (than: float[]) : bool =
        let clear = Array.map2 (fun e e0 -> if e < 0.99 * e0 then 1 else 0) errors than
        score errors < score than + log 0.98 && 2 * Array.sum clear > parts

    /// The values that are tried in place of those of some settings, one setting after the other.
    let private steps
        (longest: int)
        (d: int)
        (asked: ForecastOptions)
        : (ForecastOptions -> ForecastOptions list) list =
        [
            if asked.Centre = ForecastCentre.Automatic then
                fun current ->
                    [
                        { current with
                            Centre = ForecastCentre.Last
                        }
                        { current with
                            Centre = ForecastCentre.Level
                        }
                    ]

            if asked.Columns = ForecastColumns.Automatic && d > 1 && d <= 64 then
                fun current ->
                    [
                        { current with
                            Columns = ForecastColumns.Coupled
                        }
                    ]

            fun current ->
                let look = current.LookBack.Value

                [ look / 4; look / 2; 2 * look ]
                |> List.filter (fun other -> other >= 4 && other <= longest)
                |> List.map (fun other -> { current with LookBack = Some other })

            fun current ->
                [ current.Rank / 3; 2 * current.Rank ]
                |> List.filter (fun rank -> rank >= 1 && rank <= current.Horizon / 2)
                |> List.map (fun rank -> { current with Rank = rank })

            fun current ->
                [ 0.1; 10.0 ]
                |> List.map (fun factor ->
                    { current with
                        Ridge = factor * current.Ridge
                    })
        ]

    /// The best settings with their errors, and all that were tried, the last first.
    let private search
        (series: float[][])
        (bounds: int[])
        (longest: int)
        (asked: ForecastOptions)
        (begun: ForecastOptions * float[])
        : struct ((ForecastOptions * float[]) * (ForecastOptions * float[]) list) =
        let tryStep (struct (before, tried)) (step: ForecastOptions -> ForecastOptions list) =
            let found =
                step (fst before)
                |> List.choose (fun candidate ->
                    judge series bounds candidate |> Option.map (fun errors -> candidate, errors))

            let better = found |> List.filter (fun (_, errors) -> isBetter errors (snd before))

            let best =
                match better with
                | [] -> before
                | better -> better |> List.minBy (snd >> score)

            struct (best, List.rev found @ tried)

        steps longest series.Length asked
        |> List.fold tryStep (struct (begun, [ begun ]))

    let private changes (before: ForecastOptions) (after: ForecastOptions) : string list =
        [
            if after.LookBack <> before.LookBack then
                $"look-back {after.LookBack.Value} in place of {before.LookBack.Value}"

            if after.Rank <> before.Rank then
                $"{after.Rank} modes in place of {before.Rank}"

            if after.Ridge <> before.Ridge then
                $"ridge {after.Ridge} in place of {before.Ridge}"

            if after.Centre <> before.Centre then
                $"centre {after.Centre} in place of {before.Centre}"

            if after.Columns <> before.Columns then
                $"columns {after.Columns} in place of {before.Columns}"
        ]

    /// <summary>Chooses the settings that options leave open by the longest trajectory.</summary>
    /// <param name="options">Where the search begins. A centre, and columns, that are not automatic are kept.</param>
    /// <param name="trajectories">The data, equally spaced, without inputs.</param>
    let run (options: ForecastOptions) (trajectories: Trajectories) : Outcome<ForecastSelection> =
        result {
            do! ForecastFit.check options
            let! _ = ForecastFit.step trajectories
            let all = ForecastFit.columns trajectories
            let raw = all |> Array.maxBy (fun one -> one[0].Length)
            let rows = raw[0].Length
            let bounds = bounds rows
            let look = ForecastFit.lookBack options bounds[0]
            let longest = bounds[0] - options.Horizon - ForecastFit.fewest

            if trajectories.Inputs.IsSome then
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "The trajectories have inputs, whose effect a selection does not know"
                        "Leave them out with Trajectories.withoutInputs, or choose the settings by Backtest"
            elif look > longest || bounds[1] - bounds[0] < options.Horizon then
                return!
                    KoopmanError.fail
                        ErrorKind.TooFewSamples
                        $"The longest trajectory has {rows} rows, too few for three parts of validation with a look-back of {look} and a horizon of {options.Horizon}"
                        "Set LookBack or Horizon lower, or give longer trajectories"
            else
                let struct (means, scales) = ForecastFit.scales [| bounds[0] |] [| raw |]
                let series = ForecastFit.standardise means scales raw
                let begun = start look options

                match judge series bounds begun with
                | None ->
                    // The error says why.
                    let! operator =
                        [ 1.0, 0, bounds[0], series ]
                        |> ForecastFit.sums begun false look
                        |> ForecastFit.fitted begun begun.Centre 1.0

                    operator.Dispose()

                    return!
                        KoopmanError.fail
                            ErrorKind.IllConditioned
                            "The first settings cannot be fitted"
                            "Raise Ridge, or leave out Periods"
                | Some errors ->
                    let struct (best, tried) = search series bounds longest options (begun, errors)

                    let verdict =
                        match changes begun (fst best) with
                        | [] -> "nothing that was tried is better than the settings it began with"
                        | changes ->
                            let text = String.Join(", ", changes)

                            $"{text}: {100.0 * (1.0 - exp (score (snd best) - score errors)):F1} %% less mean squared error in validation, in the geometric mean of {parts} parts"

                    return
                        {
                            Best = fst best
                            Candidates =
                                [|
                                    for options, errors in List.rev tried ->
                                        {
                                            LookBack = options.LookBack.Value
                                            Rank = options.Rank
                                            Ridge = options.Ridge
                                            Centre = options.Centre
                                            Columns = options.Columns
                                            Errors = errors
                                        }
                                |]
                            Verdict = verdict
                        }
        }
