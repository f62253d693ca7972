namespace Koopman.Cli

open System
open Koopman

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

    /// The model with the effect of its inputs, if there are any.
    let private partOf (input: EstimatorInput) (model: LinearModel) : Fitted =
        let plain = Fitted.ownedBy model model.Spectrum

        match LinearModel.input model with
        | None -> plain
        | Some weights ->
            // What an input adds to the states within a lag: Bᵀ C, one row for each input.
            let effect = Tensors.within (fun () -> Tensors.toArray (weights.times model.Output))

            let names, inputs = input.Loaded.Names, input.Loaded.InputNames
            let at i j = effect[i * names.Length + j]

            { plain with
                Tables =
                    [
                        {
                            Heading = "Effect of the inputs on the states within a lag"
                            Columns = "<input" :: List.ofArray names
                            Rows =
                                [
                                    for i in 0 .. inputs.Length - 1 ->
                                        inputs[i] :: [ for j in 0 .. names.Length - 1 -> Ui.number (at i j) ]
                                ]
                        }
                    ]
                Details =
                    [
                        "inputs", Json.list (inputs |> Seq.map Json.text)
                        "input_effect",
                        Json.list (
                            [
                                for i in 0 .. inputs.Length - 1 ->
                                    Json.list [ for j in 0 .. names.Length - 1 -> Json.number (at i j) ]
                            ]
                        )
                    ]
            }

    let private reversible (input: EstimatorInput) : Outcome<Fitted> =
        result {
            let! pairs = input.Pairs
            let! observables = input.Observables.Value
            let! spectrum = Edmd.reversibleTested input.Balance (edmd input) observables pairs
            return Fitted.alone spectrum
        }

    let private tica (input: EstimatorInput) : Outcome<Fitted> =
        input.Pairs |> Result.bind (refitTica input) |> Result.map Fitted.alone

    let private general (input: EstimatorInput) : Outcome<Fitted> =
        result {
            let! pairs = input.Pairs
            let! observables = input.Observables.Value
            let! model = Edmd.fit (edmd input) observables pairs
            return partOf input model
        }

    let private refitGeneral (input: EstimatorInput) (pairs: SnapshotPairs) : Outcome<Spectrum> =
        result {
            let! observables = input.Observables.Value
            use! model = Edmd.fit (edmd input) observables pairs
            return! Spectrum.truncate model.Spectrum.Rank model.Spectrum
        }

    let private rank (input: EstimatorInput) : DmdRank =
        match input.Rank with
        | Some rank -> Fixed rank
        | None -> OptimalThreshold

    let private dmd (input: EstimatorInput) : Outcome<Fitted> =
        input.Pairs
        |> Result.bind (
            Dmd.fit
                { Dmd.defaults with
                    Modes = input.Modes
                    Rank = rank input
                }
        )
        |> Result.map (partOf input)

    let private optimized (input: EstimatorInput) : Outcome<Fitted> =
        match input.Loaded.Dataset, input.Loaded.Paths with
        | Paths trajectories, _
        | _, Some trajectories ->
            OptimizedDmd.fit
                { OptimizedDmd.defaults with
                    Rank = rank input
                }
                Control.none
                trajectories
            |> Result.map (partOf input)
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
            return Fitted.alone spectrum
        }

    let private kernel (input: EstimatorInput) : Outcome<Fitted> =
        result {
            let! pairs = input.Pairs

            let! fit =
                KernelEdmd.fit
                    { KernelEdmd.defaults with
                        Kernel = input.Width |> Option.map Kernel.Gaussian
                        Modes = input.Modes
                    }
                    pairs

            let report = fit.Report

            return
                { Fitted.ownedBy fit fit.Model.Spectrum with
                    Remarks =
                        [
                            $"{report.Kernel}: {report.Sections} sections, trace error per sample {Ui.number report.TraceError}; relative to the smallest kept covariance eigenvalue {Ui.number report.Certificate}, which should be well below 1"
                        ]
                }
        }

    let private generator (input: EstimatorInput) : Outcome<Fitted> =
        input.Observables.Value
        |> Result.bind (fun observables -> Langevin.fit (langevin input) observables input.Samples)
        |> Result.map Fitted.alone

    let private diffusionMap (input: EstimatorInput) : Outcome<Fitted> =
        DiffusionMap.fit
            { DiffusionMap.defaults with
                Modes = input.Modes
                Temperature = input.Temperature.Value
            }
            input.Samples
        |> Result.map Fitted.alone

    let private schroedinger (input: EstimatorInput) : Outcome<Fitted> =
        result {
            match input.Potential with
            | None ->
                return!
                    KoopmanError.fail
                        ErrorKind.InvalidSetting
                        "A Schrödinger operator needs its potential"
                        "Give --potential COLUMN, the column with the potential at each point"
            | Some potential ->
                // As wide as the features of functions over these points, not as the cloud of them.
                let! width =
                    match input.Width with
                    | Some width -> Ok width
                    | None -> Kernel.medianWidth input.Samples |> Result.map (fun width -> 0.25 * width)

                let! spectrum =
                    KernelGenerator.schroedingerAt
                        { KernelGenerator.schroedingerDefaults with
                            Modes = input.Modes
                        }
                        (Kernel.Gaussian width)
                        potential
                        input.Samples

                return Fitted.alone spectrum
        }

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

    /// <summary>The dictionary of the general estimator where none is asked for: linear motion is then exact.</summary>
    let generalDictionary = "monomials:1+gaussians"

    /// <summary>In the order of the help; the first that suits the data is the default.</summary>
    let all: NamedEstimator list =
        [
            {
                Name = "edmd"
                Summary = "reversible EDMD from pairs (the default for those in detailed balance)"
                Dictionary = Some "gaussians"
                Fit = reversible
                Choose = Some chooseReversible
                Refit = Some refitReversible
            }
            {
                Name = "edmd-general"
                Summary =
                    "EDMD of any process: complex eigenvalues, the constant is a mode (the default for other pairs)"
                Dictionary = Some generalDictionary
                Fit = general
                Choose = Some chooseGeneral
                Refit = Some refitGeneral
            }
            {
                Name = "dmd"
                Summary = "DMD of many coordinates, rank by the optimal threshold; with --delays Hankel DMD"
                Dictionary = None
                Fit = dmd
                Choose = None
                Refit = None
            }
            {
                Name = "dmd-optimized"
                Summary = "optimised DMD of whole trajectories, also at irregular times (the default for those)"
                Dictionary = None
                Fit = optimized
                Choose = None
                Refit = None
            }
            {
                Name = "tica"
                Summary = "reversible EDMD on the coordinates (TICA)"
                Dictionary = None
                Fit = tica
                Choose = None
                Refit = Some refitTica
            }
            {
                Name = "learned"
                Summary = "reversible EDMD on functions that a small network learns from the pairs"
                Dictionary = None
                Fit = learned
                Choose = None
                Refit = None
            }
            {
                Name = "kernel"
                Summary = "kernel EDMD of any process; needs no dictionary"
                Dictionary = None
                Fit = kernel
                Choose = None
                Refit = None
            }
            {
                Name = "generator"
                Summary = "the Langevin generator from points and T (the default for points)"
                Dictionary = Some "gaussians"
                Fit = generator
                Choose = Some chooseGenerator
                Refit = None
            }
            {
                Name = "diffusion-map"
                Summary = "the Langevin generator by a random walk on the points (diffusion map)"
                Dictionary = None
                Fit = diffusionMap
                Choose = None
                Refit = None
            }
            {
                Name = "msm"
                Summary = "a Markov state model in detailed balance, on --states cells or the labels in the only column"
                Dictionary = None
                Fit = MarkovEstimator.fit true
                Choose = None
                Refit = None
            }
            {
                Name = "msm-general"
                Summary = "a Markov state model that need not be in detailed balance"
                Dictionary = None
                Fit = MarkovEstimator.fit false
                Choose = None
                Refit = None
            }
            {
                Name = "identified"
                Summary = "the equation of motion, with or without noise, from pairs at a short lag; then its generator"
                Dictionary = Some IdentifiedEstimator.dictionary
                Fit = IdentifiedEstimator.fit
                Choose = None
                Refit = None
            }
            {
                Name = "schroedinger"
                Summary = "-½Δ + V from points that cover a region, and V in the column --potential"
                Dictionary = None
                Fit = schroedinger
                Choose = None
                Refit = None
            }
        ]

    /// <summary>Names and summaries, one per line.</summary>
    let describeAll () : string =
        all |> List.map (fun e -> $"  {e.Name, -14} {e.Summary}") |> String.concat "\n"

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
