namespace Koopman.Cli

open System
open Koopman

/// <summary>The settings that the command line gives to an estimator.</summary>
[<NoComparison; NoEquality>]
type EstimatorInput =
    {
        /// <summary>The data.</summary>
        Loaded: Loaded
        /// <summary>The dictionary, for estimators that take one.</summary>
        Observables: Lazy<Outcome<Observables>>
        /// <summary>Directions of its Gram matrix below this fraction of the largest are dropped.</summary>
        RankTolerance: float
        /// <summary>T, for estimators that need it.</summary>
        Temperature: Lazy<float>
        /// <summary>The number of modes with residuals and error bars.</summary>
        Modes: int
        /// <summary>The test of detailed balance by which the estimator was chosen, if it was.</summary>
        Balance: BalanceTest option
        /// <summary>The number of directions of DMD, if given.</summary>
        Rank: int option
        /// <summary>The time between the states of a pair, in rows.</summary>
        Rows: int
        /// <summary>The number of Markov states, if given.</summary>
        States: int option
        /// <summary>The width of a Gaussian kernel, if given.</summary>
        Width: float option
        /// <summary>The values of a potential at the points, if given.</summary>
        Potential: float[] option
        /// <summary>Terms of an equation below this fraction of the whole are left out.</summary>
        Threshold: float
    }

    /// <summary>The states, without time.</summary>
    member this.Samples: Samples = Dataset.samples this.Loaded.Dataset

    /// <summary>The trajectories with equally spaced times, or why there are none.</summary>
    member this.Paths: Outcome<Trajectories> =
        match this.Loaded.Dataset, this.Loaded.Paths with
        | _, Some paths -> Ok paths
        | Paths _, None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The times in {this.Loaded.File} are not equally spaced, so that a lag is not a number of rows"
                "Use --estimator dmd-optimized, which takes times as they are; --missing cut cuts at gaps"
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{this.Loaded.File} holds no trajectories, which this needs"
                "Give --lag TIME if the rows are consecutive states"

    /// <summary>The pairs, or why there are none.</summary>
    member this.Pairs: Outcome<SnapshotPairs> =
        match this.Loaded.Dataset with
        | Pairs pairs -> Ok pairs
        | Paths _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"The times in {this.Loaded.File} are not equally spaced, so that there are no pairs at one lag"
                "Use --estimator dmd-optimized, which takes times as they are, or --lag TIME for pairs at about this lag; --missing cut cuts at gaps"
        | Points _
        | Images _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{this.Loaded.File} holds points without successors, which this estimator needs"
                "Use --estimator generator, or --lag TIME if the rows are consecutive states"

/// <summary>A table of a fit besides that of its modes.</summary>
type FitTable =
    {
        /// <summary>The heading in a report.</summary>
        Heading: string
        /// <summary>Names as <c>Ui.table</c> takes them.</summary>
        Columns: string list
        /// <summary>The cells.</summary>
        Rows: string list list
    }

/// <summary>A fit, with a note on its modes.</summary>
[<NoComparison; NoEquality>]
type Fitted =
    {
        /// <summary>The modes.</summary>
        Spectrum: Spectrum
        /// <summary>The note under the table.</summary>
        Remarks: string list
        /// <summary>Further results.</summary>
        Tables: FitTable list
        /// <summary>These as members of the JSON file.</summary>
        Details: (string * Json) list
        /// <summary>The owner of the spectrum, or the spectrum itself; disposing it frees everything.</summary>
        Owner: IDisposable
    }

    interface IDisposable with
        /// <summary>Frees the spectrum and its owner.</summary>
        member this.Dispose() = this.Owner.Dispose()

/// <summary>Makes fits.</summary>
[<RequireQualifiedAccess>]
module Fitted =

    /// <summary>A spectrum that belongs to something else.</summary>
    let ownedBy (owner: IDisposable) (spectrum: Spectrum) : Fitted =
        {
            Spectrum = spectrum
            Remarks = []
            Tables = []
            Details = []
            Owner = owner
        }

    /// <summary>A spectrum and nothing else.</summary>
    let alone (spectrum: Spectrum) : Fitted = ownedBy spectrum spectrum

    /// <summary>The slowest modes of a spectrum, which is freed.</summary>
    let truncated (modes: int) (spectrum: Spectrum) : Outcome<Spectrum> =
        use _ = spectrum
        Spectrum.truncate (min modes spectrum.Rank) spectrum

/// <summary>A dictionary chosen by cross-validation, with the table of candidates.</summary>
[<NoComparison; NoEquality>]
type Choice =
    {
        /// <summary>The dictionary and its rank tolerance.</summary>
        Candidate: Candidate
        /// <summary>The meaning of the scores.</summary>
        Criterion: string
        /// <summary>All candidates with their scores.</summary>
        Table: CandidateScore[]
    }

/// <summary>An estimator by its name on the command line.</summary>
[<NoComparison; NoEquality>]
type NamedEstimator =
    {
        /// <summary>The name.</summary>
        Name: string
        /// <summary>One line for the help.</summary>
        Summary: string
        /// <summary>The dictionary where none is given; none for estimators that take none.</summary>
        Dictionary: string option
        /// <summary>Fits the data.</summary>
        Fit: EstimatorInput -> Outcome<Fitted>
        /// <summary>Chooses a dictionary by cross-validation, for estimators that take one; reports the fraction done.</summary>
        Choose: ((float -> unit) -> EstimatorInput -> Outcome<Choice>) option
        /// <summary>Fits other pairs in the same way, for the dependence on the lag; for estimators from pairs whose modes decay.</summary>
        Refit: (EstimatorInput -> SnapshotPairs -> Outcome<Spectrum>) option
    }
