namespace Koopman.Cli

open System
open Koopman
open Koopman.Flows

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
    }

    /// <summary>The states, without time.</summary>
    member this.Samples: Samples = Dataset.samples this.Loaded.Dataset

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

/// <summary>A fit, with a note on its modes.</summary>
[<NoComparison; NoEquality>]
type Fitted =
    {
        /// <summary>The modes.</summary>
        Spectrum: Spectrum
        /// <summary>The note under the table.</summary>
        Remarks: string list
        /// <summary>The owner of the spectrum, or the spectrum itself; disposing it frees everything.</summary>
        Owner: IDisposable
    }

    interface IDisposable with
        /// <summary>Frees the spectrum and its owner.</summary>
        member this.Dispose() = this.Owner.Dispose()

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
        /// <summary>Fits the data.</summary>
        Fit: EstimatorInput -> Outcome<Fitted>
        /// <summary>Chooses a dictionary by cross-validation, for estimators that take one; reports the fraction done.</summary>
        Choose: ((float -> unit) -> EstimatorInput -> Outcome<Choice>) option
        /// <summary>Fits other pairs in the same way, for the dependence on the lag; for estimators from pairs whose modes decay.</summary>
        Refit: (EstimatorInput -> SnapshotPairs -> Outcome<Spectrum>) option
    }

/// <summary>All estimators that <c>koopman spectrum</c> offers.</summary>
[<RequireQualifiedAccess>]
module Estimators =

    let private edmd (input: EstimatorInput) : EdmdOptions =
        { Edmd.defaults with
            Modes = input.Modes
            RankTolerance = input.RankTolerance
        }

    let private langevin (input: EstimatorInput) : LangevinOptions =
        { Langevin.defaults with
            Temperature = input.Temperature.Value
            Modes = input.Modes
            RankTolerance = input.RankTolerance
        }

    let private refitReversible (input: EstimatorInput) (pairs: SnapshotPairs) : Outcome<Spectrum> =
        input.Observables.Value
        |> Result.bind (fun observables -> Edmd.reversible (edmd input) observables pairs)

    let private refitTica (input: EstimatorInput) (pairs: SnapshotPairs) : Outcome<Spectrum> =
        Tica.fit (edmd input) pairs

    let private alone (spectrum: Spectrum) : Fitted =
        {
            Spectrum = spectrum
            Remarks = []
            Owner = spectrum
        }

    let private partOf (model: LinearModel) : Fitted =
        {
            Spectrum = model.Spectrum
            Remarks = []
            Owner = model
        }

    let private reversible (input: EstimatorInput) : Outcome<Fitted> =
        result {
            let! pairs = input.Pairs
            let! observables = input.Observables.Value
            let! spectrum = Edmd.reversibleTested input.Balance (edmd input) observables pairs
            return alone spectrum
        }

    let private tica (input: EstimatorInput) : Outcome<Fitted> =
        input.Pairs |> Result.bind (refitTica input) |> Result.map alone

    let private general (input: EstimatorInput) : Outcome<Fitted> =
        result {
            let! pairs = input.Pairs
            let! observables = input.Observables.Value
            let! model = Edmd.fit (edmd input) observables pairs
            return partOf model
        }

    let private refitGeneral (input: EstimatorInput) (pairs: SnapshotPairs) : Outcome<Spectrum> =
        result {
            let! observables = input.Observables.Value
            use! model = Edmd.fit (edmd input) observables pairs
            return! Spectrum.truncate model.Spectrum.Rank model.Spectrum
        }

    let private dmd (input: EstimatorInput) : Outcome<Fitted> =
        input.Pairs
        |> Result.bind (
            Dmd.fit
                { Dmd.defaults with
                    Modes = input.Modes
                }
        )
        |> Result.map partOf

    let private optimized (input: EstimatorInput) : Outcome<Fitted> =
        match input.Loaded.Dataset, input.Loaded.Paths with
        | Paths trajectories, _
        | _, Some trajectories ->
            OptimizedDmd.fit OptimizedDmd.defaults Control.none trajectories
            |> Result.map partOf
        | _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{input.Loaded.File} holds no trajectories, which this estimator needs"
                "Give --lag TIME if the rows are consecutive states"

    let private learned (input: EstimatorInput) : Outcome<Fitted> =
        result {
            let! pairs = input.Pairs
            let options = LearnedDictionary.defaults

            use! observables =
                Ui.progress "learning a dictionary" (fun report ->
                    LearnedDictionary.train
                        (Control.report (fun progress -> report (float progress.Epoch / float options.Epochs)))
                        options
                        (Seed.ofInt 0)
                        pairs)

            let! spectrum = Edmd.reversible (edmd input) observables pairs
            return alone spectrum
        }

    let private kernel (input: EstimatorInput) : Outcome<Fitted> =
        result {
            let! pairs = input.Pairs

            let! fit =
                KernelEdmd.fit
                    { KernelEdmd.defaults with
                        Modes = input.Modes
                    }
                    pairs

            let report = fit.Report

            return
                {
                    Spectrum = fit.Model.Spectrum
                    Remarks =
                        [
                            $"{report.Kernel}: {report.Sections} sections, trace error per sample {Ui.number report.TraceError}; relative to the smallest kept covariance eigenvalue {Ui.number report.Certificate}, which should be well below 1"
                        ]
                    Owner = fit
                }
        }

    let private generator (input: EstimatorInput) : Outcome<Fitted> =
        input.Observables.Value
        |> Result.bind (fun observables -> Langevin.fit (langevin input) observables input.Samples)
        |> Result.map alone

    let private diffusionMap (input: EstimatorInput) : Outcome<Fitted> =
        DiffusionMap.fit
            { DiffusionMap.defaults with
                Modes = input.Modes
                Temperature = input.Temperature.Value
            }
            input.Samples
        |> Result.map alone

    let private slowModes = 4

    let private told (report: float -> unit) : Control<SelectionProgress> =
        Control.report (fun progress -> report (float progress.Done / float progress.Total))

    let private choice (candidates: Candidate list) (selection: Outcome<Selection<'Model>>) : Outcome<Choice> =
        selection
        |> Result.map (fun selection ->
            use selection = selection

            {
                Candidate = candidates[selection.Candidates |> Array.findIndex _.Chosen]
                Criterion = selection.Criterion
                Table = selection.Candidates
            })

    let private chooseReversible (report: float -> unit) (input: EstimatorInput) : Outcome<Choice> =
        let candidates = Selection.grid false input.Samples.Dimension

        input.Pairs
        |> Result.bind (Selection.reversible (told report) slowModes candidates)
        |> choice candidates

    let private chooseGenerator (report: float -> unit) (input: EstimatorInput) : Outcome<Choice> =
        let candidates = Selection.grid false input.Samples.Dimension

        Selection.langevin (told report) input.Temperature.Value slowModes candidates input.Samples
        |> choice candidates

    let private chooseGeneral (report: float -> unit) (input: EstimatorInput) : Outcome<Choice> =
        let dimension = input.Samples.Dimension

        let candidates =
            Selection.monomials [ 1; 2; 3; 4 ] dimension @ Selection.grid true dimension

        input.Pairs
        |> Result.bind (Selection.deterministic (told report) 6 candidates)
        |> choice candidates

    /// <summary>In the order of the help; the first that suits the data is the default.</summary>
    let all: NamedEstimator list =
        [
            {
                Name = "edmd"
                Summary = "reversible EDMD from pairs (the default for those in detailed balance)"
                Fit = reversible
                Choose = Some chooseReversible
                Refit = Some refitReversible
            }
            {
                Name = "edmd-general"
                Summary =
                    "EDMD of any process: complex eigenvalues, the constant is a mode (the default for other pairs)"
                Fit = general
                Choose = Some chooseGeneral
                Refit = Some refitGeneral
            }
            {
                Name = "dmd"
                Summary = "DMD of many coordinates, rank by the optimal threshold; with --delays Hankel DMD"
                Fit = dmd
                Choose = None
                Refit = None
            }
            {
                Name = "dmd-optimized"
                Summary = "optimised DMD of whole trajectories, also at irregular times (the default for those)"
                Fit = optimized
                Choose = None
                Refit = None
            }
            {
                Name = "tica"
                Summary = "reversible EDMD on the coordinates (TICA)"
                Fit = tica
                Choose = None
                Refit = Some refitTica
            }
            {
                Name = "learned"
                Summary = "reversible EDMD on functions that a small network learns from the pairs"
                Fit = learned
                Choose = None
                Refit = None
            }
            {
                Name = "kernel"
                Summary = "kernel EDMD of any process; needs no dictionary"
                Fit = kernel
                Choose = None
                Refit = None
            }
            {
                Name = "generator"
                Summary = "the Langevin generator from points and T (the default for points)"
                Fit = generator
                Choose = Some chooseGenerator
                Refit = None
            }
            {
                Name = "diffusion-map"
                Summary = "the Langevin generator by a random walk on the points (diffusion map)"
                Fit = diffusionMap
                Choose = None
                Refit = None
            }
        ]

    /// <summary>Names and summaries, one per line.</summary>
    let describeAll () : string =
        all |> List.map (fun e -> $"  {e.Name, -14} {e.Summary}") |> String.concat "\n"

    /// <summary>The dictionary of the general estimator where none is asked for: linear motion is then exact.</summary>
    let generalDictionary = "monomials:1+gaussians"

    /// <summary>The dictionary of an estimator where none is asked for.</summary>
    let dictionaryOf (estimator: NamedEstimator) : string =
        if estimator.Name = "edmd-general" then
            generalDictionary
        else
            "gaussians"

    /// <summary>
    /// The estimator of this name; without one, the default for the data: of pairs the reversible estimator, unless they contradict detailed
    /// balance. With the test that decided.
    /// </summary>
    let find (name: string option) (dataset: Dataset) : Outcome<NamedEstimator * BalanceTest option> =
        let wanted, test =
            match name, dataset with
            | Some name, _ -> name, None
            | None, Pairs pairs ->
                let test = DetailedBalance.ofPropagator pairs

                (if test.IsViolated || test.IsOutOfEquilibrium then
                     "edmd-general"
                 else
                     "edmd"),
                Some test
            | None, Paths _ -> "dmd-optimized", None
            | None, _ -> "generator", None

        match all |> List.tryFind (fun e -> e.Name = wanted) with
        | Some estimator -> Ok(estimator, test)
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no estimator named '{wanted}'"
                ("Choose one of " + String.Join(", ", all |> List.map _.Name))
