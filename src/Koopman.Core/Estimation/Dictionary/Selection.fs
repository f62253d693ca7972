namespace Koopman

open System
open TorchSharp

/// <summary>A candidate dictionary with the tolerance of its whitening.</summary>
[<NoComparison; NoEquality>]
type Candidate =
    {
        /// <summary>A description for the table.</summary>
        Description: string
        /// <summary>Builds the dictionary on data.</summary>
        Observables: Samples -> Outcome<Observables>
        /// <summary>Directions of the Gram matrix below this fraction of its largest eigenvalue are dropped.</summary>
        RankTolerance: float
    }

/// <summary>The scores of one candidate in cross-validation.</summary>
[<NoComparison>]
type CandidateScore =
    {
        /// <summary>Its description.</summary>
        Description: string
        /// <summary>The score on each fold, larger is better; empty if it could not be fitted.</summary>
        Scores: float[]
        /// <summary>The mean score; NaN if it could not be fitted.</summary>
        Mean: float
        /// <summary>The standard error of the mean over the folds.</summary>
        StandardError: float
        /// <summary>True if it was chosen, having the largest mean.</summary>
        Chosen: bool
        /// <summary>The reason why it could not be fitted, if any.</summary>
        Failure: KoopmanException | null
    }

/// <summary>Progress of a selection, reported after each candidate.</summary>
[<NoComparison>]
type SelectionProgress =
    {
        /// <summary>Candidates tried so far.</summary>
        Done: int
        /// <summary>All candidates.</summary>
        Total: int
        /// <summary>The score of the last one; <c>Chosen</c> is not set yet.</summary>
        Last: CandidateScore
    }

/// <summary>A dictionary chosen by cross-validation, and the model fitted with it to all data.</summary>
[<Sealed>]
type Selection<'Model when 'Model :> IDisposable>
    internal (candidates: CandidateScore[], criterion: string, observables: Observables, model: 'Model) =

    /// <summary>All candidates in the order given, with their scores.</summary>
    member _.Candidates: CandidateScore[] = Array.copy candidates

    /// <summary>The one that was chosen.</summary>
    member _.Best: CandidateScore = candidates |> Array.find _.Chosen

    /// <summary>The meaning of the scores, in words.</summary>
    member _.Criterion: string = criterion

    /// <summary>The dictionary that was chosen. Owned by this object.</summary>
    member _.Observables: Observables = observables

    /// <summary>The model fitted with it to all data; its error bars do not include the selection. Owned by this object.</summary>
    member _.Model: 'Model = model

    /// <summary>Frees the model and its dictionary.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the model and its dictionary.</summary>
        member _.Dispose() =
            model.Dispose()
            observables.Dispose()

    override this.ToString() : string =
        $"{this.Best.Description}: {criterion} {this.Best.Mean:G5} ± {this.Best.StandardError:G2}"

/// <summary>
/// Chooses a dictionary, its width and its rank by scores on held-out data, with one criterion for each task. There are five contiguous folds
/// that share no state; dictionaries are built on all states, operators are fitted without the fold.
/// </summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Selection =

    let private folds = 5

    /// A Gaussian dictionary with a number of centres, wider than usual by a factor; preceded by 1 and x if the state must be read off.
    let private gaussians (withState: bool) (count: int) (widen: float) (cut: float) : Candidate =
        let lay (samples: Samples) =
            result {
                let options =
                    { Observables.automatic with
                        Centres = Some count
                    }

                let! made = Observables.gaussiansWidened widen options samples

                if withState then
                    let! state = Observables.monomials 1 samples.Dimension
                    return! Observables.append state made
                else
                    return made
            }

        let state = if withState then "1, x and " else ""

        let width =
            if widen = 1.0 then
                "usual width"
            else
                $"{widen:G3} times the usual width"

        {
            Description = $"{state}{count} Gaussians of {width}, cut {cut:G3}"
            Observables = lay
            RankTolerance = cut
        }

    /// <summary>
    /// The usual twelve candidates: 10, 30 or 100 Gaussians in one dimension (30, 100 or 200 in more), of the usual width and twice
    /// that, whitening cut 1e-10 or 1e-6.
    /// </summary>
    /// <param name="withState">Whether 1 and x stand before them, as forecasts need.</param>
    /// <param name="dimension">The dimension d of the data.</param>
    let grid (withState: bool) (dimension: int) : Candidate list =
        [
            for count in (if dimension = 1 then [ 10; 30; 100 ] else [ 30; 100; 200 ]) do
                for widen in [ 1.0; 2.0 ] do
                    for cut in [ 1e-10; 1e-6 ] -> gaussians withState count widen cut
        ]

    /// <summary>Monomials up to each of these degrees, cut 1e-10: for polynomial maps and flows.</summary>
    let monomials (degrees: int list) (dimension: int) : Candidate list =
        [
            for degree in degrees ->
                {
                    Description = $"monomials to degree {degree}"
                    Observables = fun _ -> Observables.monomials degree dimension
                    RankTolerance = 1e-10
                }
        ]

    let private tabled (candidate: Candidate) (scores: Outcome<float[]>) : CandidateScore =
        let empty =
            {
                Description = candidate.Description
                Scores = [||]
                Mean = nan
                StandardError = nan
                Chosen = false
                Failure = null
            }

        match scores with
        | Error error ->
            { empty with
                Failure = KoopmanException error
            }
        | Ok scores ->
            { empty with
                Scores = scores
                Mean = Array.average scores
                StandardError = Uncertainty.independentError scores
            }

    let private choose
        (control: Control<SelectionProgress>)
        (criterion: string)
        (candidates: Candidate list)
        (samples: Samples)
        (score: Candidate -> Observables -> Outcome<float[]>)
        (fit: Candidate -> Observables -> Outcome<'Model>)
        : Outcome<Selection<'Model>> =
        let candidates = Array.ofList candidates

        if candidates.Length = 0 then
            KoopmanError.fail ErrorKind.InvalidSetting "There are no candidates" "Start from Selection.grid"
        else
            let tables =
                candidates
                |> Array.mapi (fun i candidate ->
                    control.Cancellation.ThrowIfCancellationRequested()

                    let table =
                        candidate.Observables samples
                        |> Result.bind (fun observables ->
                            use observables = observables
                            use _ = Tensors.scope ()

                            Fitting.check observables samples
                            |> Result.bind (fun () -> score candidate observables))
                        |> tabled candidate

                    control.Report
                        {
                            Done = i + 1
                            Total = candidates.Length
                            Last = table
                        }

                    table)

            let fitted =
                tables
                |> Array.indexed
                |> Array.filter (fun (_, table) -> not (Double.IsNaN table.Mean))

            if fitted.Length = 0 then
                match tables |> Array.tryPick (fun table -> Option.ofObj table.Failure) with
                | Some failure -> Error failure.Error
                | None ->
                    KoopmanError.fail
                        ErrorKind.NotFinite
                        "No candidate has a finite score"
                        "Scale the data or use smaller dictionaries"
            else
                let best = fitted |> Array.maxBy (fun (_, table) -> table.Mean) |> fst

                result {
                    let! observables = candidates[best].Observables samples

                    match fit candidates[best] observables with
                    | Ok model ->
                        let tables =
                            tables |> Array.mapi (fun i table -> { table with Chosen = (i = best) })

                        return new Selection<'Model>(tables, criterion, observables, model)
                    | Error error ->
                        observables.Dispose()
                        return! Error error
                }

    /// A choice on pairs: folds that share no state, and the estimator with the candidate's cut.
    let private overPairs
        (control: Control<SelectionProgress>)
        (criterion: string)
        (score: float -> Observables -> SnapshotPairs -> struct (int * int)[] -> Outcome<float[]>)
        (fit: EdmdOptions -> Observables -> SnapshotPairs -> Outcome<'Model>)
        (candidates: Candidate list)
        (pairs: SnapshotPairs)
        : Outcome<Selection<'Model>> =
        let folds = Blocks.ofPairs folds pairs |> Array.map (Blocks.apart pairs)

        choose
            control
            criterion
            candidates
            pairs.From
            (fun candidate observables -> score candidate.RankTolerance observables pairs folds)
            (fun candidate observables ->
                fit
                    { Edmd.defaults with
                        RankTolerance = candidate.RankTolerance
                    }
                    observables
                    pairs)

    /// <summary>
    /// For the spectrum of a reversible process from pairs: the VAMP-E score of the leading modes (Wu and Noé 2020), then
    /// <c>Edmd.reversible</c>.
    /// </summary>
    /// <param name="control">Reports after each candidate; can be cancelled between candidates.</param>
    /// <param name="rank">The number of modes scored, including the constant; 4 is usual.</param>
    /// <param name="candidates">The candidates: <c>Selection.grid false</c> is usual.</param>
    /// <param name="pairs">The data, in time order if from trajectories.</param>
    let reversible
        (control: Control<SelectionProgress>)
        (rank: int)
        (candidates: Candidate list)
        (pairs: SnapshotPairs)
        : Outcome<Selection<Spectrum>> =
        Require.atLeast 2 "the rank" rank
        |> Result.bind (fun () ->
            overPairs
                control
                $"VAMP-E of {rank} modes"
                (SelectionScores.reversible rank)
                Edmd.reversible
                candidates
                pairs)

    /// <summary>
    /// For the Langevin generator from samples: tr[(S+G)⁻¹G] of the slowest modes, bounded even on folds that lack a well, then
    /// <c>Langevin.fit</c>. A ridge is not offered: η = S/(G+γ) creates spurious rates near 0.
    /// </summary>
    /// <param name="control">Reports after each candidate; can be cancelled between candidates.</param>
    /// <param name="temperature">T of dX = -∇V dt + √(2T) dW.</param>
    /// <param name="rank">The number of modes scored, including the constant; 4 is usual.</param>
    /// <param name="candidates">The candidates: <c>Selection.grid false</c> is usual.</param>
    /// <param name="samples">Samples of the invariant law.</param>
    let langevin
        (control: Control<SelectionProgress>)
        (temperature: float)
        (rank: int)
        (candidates: Candidate list)
        (samples: Samples)
        : Outcome<Selection<Spectrum>> =
        let options =
            { Langevin.defaults with
                Temperature = temperature
            }

        result {
            do!
                Require.positive "the temperature" temperature
                |> Require.advise "Give T of dX = -∇V dt + √(2T) dW"

            do! Require.atLeast 2 "the rank" rank
            let folds = Blocks.even folds samples.Count

            return!
                choose
                    control
                    $"tr[(S+G)⁻¹G] of {rank} modes"
                    candidates
                    samples
                    (fun candidate observables ->
                        SelectionScores.dirichlet temperature rank candidate.RankTolerance observables samples folds)
                    (fun candidate observables ->
                        Langevin.fit
                            { options with
                                RankTolerance = candidate.RankTolerance
                            }
                            observables
                            samples)
        }

    /// <summary>
    /// For the spectrum of a deterministic system from clean pairs: minus the mean of the smallest residuals on held-out pairs, then
    /// <c>Edmd.fit</c>. With measurement noise of 1 % or more use <c>forecast</c>.
    /// </summary>
    /// <param name="control">Reports after each candidate; can be cancelled between candidates.</param>
    /// <param name="count">The number of residuals averaged; 6 is usual.</param>
    /// <param name="candidates">The candidates.</param>
    /// <param name="pairs">The data, in time order if from trajectories.</param>
    let deterministic
        (control: Control<SelectionProgress>)
        (count: int)
        (candidates: Candidate list)
        (pairs: SnapshotPairs)
        : Outcome<Selection<LinearModel>> =
        Require.atLeast 1 "the number of residuals" count
        |> Result.bind (fun () ->
            overPairs
                control
                $"minus the mean of the {count} smallest residuals"
                (SelectionScores.residuals count)
                Edmd.fit
                candidates
                pairs)

    /// <summary>
    /// For forecasts: minus the error of the state a number of lags ahead, in standard deviations, on held-out runs, then <c>Edmd.fit</c>.
    /// </summary>
    /// <param name="control">Reports after each candidate; can be cancelled between candidates.</param>
    /// <param name="horizon">The horizon of the intended forecasts in lags; 25 is usual.</param>
    /// <param name="candidates">The candidates: <c>Selection.grid true</c> is usual.</param>
    /// <param name="pairs">The data, in time order, from trajectories longer than the horizon.</param>
    let forecast
        (control: Control<SelectionProgress>)
        (horizon: int)
        (candidates: Candidate list)
        (pairs: SnapshotPairs)
        : Outcome<Selection<LinearModel>> =
        Require.atLeast 1 "the horizon" horizon
        |> Result.bind (fun () ->
            overPairs
                control
                $"minus the error {horizon} lags ahead, in standard deviations"
                (SelectionScores.forecast horizon)
                Edmd.fit
                candidates
                pairs)
