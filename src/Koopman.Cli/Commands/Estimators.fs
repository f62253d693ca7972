namespace Koopman.Cli

open System
open Koopman

/// <summary>What an estimator is given by the command line.</summary>
[<NoComparison; NoEquality>]
type EstimatorInput =
    {
        /// <summary>The file, for messages.</summary>
        File: string
        /// <summary>Its data.</summary>
        Dataset: Dataset
        /// <summary>The dictionary, for estimators that take one.</summary>
        Observables: Lazy<Result<Observables, KoopmanError>>
        /// <summary>T, for estimators that need it.</summary>
        Temperature: Lazy<float>
        /// <summary>How many modes get residuals and error bars.</summary>
        Modes: int
    }

    /// <summary>The pairs, or why there are none.</summary>
    member this.Pairs: Result<SnapshotPairs, KoopmanError> =
        match this.Dataset with
        | Pairs pairs -> Ok pairs
        | Points _
        | Images _
        | Paths _ ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"{this.File} holds points without successors, which this estimator needs"
                "Use --estimator generator, or --lag TIME if the rows are consecutive states"

/// <summary>An estimator by its name on the command line.</summary>
[<NoComparison; NoEquality>]
type NamedEstimator =
    {
        /// <summary>The name.</summary>
        Name: string
        /// <summary>One line for the help.</summary>
        Summary: string
        /// <summary>Fits the data; what else it says stands under the table.</summary>
        Fit: EstimatorInput -> Result<Spectrum * string list, KoopmanError>
    }

/// <summary>All estimators that <c>koopman spectrum</c> offers.</summary>
[<RequireQualifiedAccess>]
module Estimators =

    let private reversible (input: EstimatorInput) : Result<Spectrum * string list, KoopmanError> =
        result {
            let! pairs = input.Pairs
            let! observables = input.Observables.Value

            let! spectrum =
                Edmd.reversible
                    { Edmd.defaults with
                        Modes = input.Modes
                    }
                    observables
                    pairs

            return spectrum, []
        }

    let private generator (input: EstimatorInput) : Result<Spectrum * string list, KoopmanError> =
        result {
            let! observables = input.Observables.Value

            let! spectrum =
                Langevin.fit
                    { Langevin.defaults with
                        Temperature = input.Temperature.Value
                        Modes = input.Modes
                    }
                    observables
                    (Dataset.samples input.Dataset)

            return spectrum, []
        }

    let private general (input: EstimatorInput) : Result<Spectrum * string list, KoopmanError> =
        result {
            let! pairs = input.Pairs
            let! observables = input.Observables.Value

            use! model =
                Edmd.fit
                    { Edmd.defaults with
                        Modes = input.Modes
                    }
                    observables
                    pairs

            return Spectrum.truncate model.Spectrum.Rank model.Spectrum |> KoopmanError.raise, []
        }

    let private kernel (input: EstimatorInput) : Result<Spectrum * string list, KoopmanError> =
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
                fit.Model.Spectrum,
                [
                    $"{report.Kernel}: {report.Sections} sections, trace error {Ui.number report.TraceError} a sample; over the smallest kept covariance eigenvalue {Ui.number report.Certificate}, which should be well below 1"
                ]
        }

    let private diffusionMap (input: EstimatorInput) : Result<Spectrum * string list, KoopmanError> =
        DiffusionMap.fit
            { DiffusionMap.defaults with
                Modes = input.Modes
                Temperature = input.Temperature.Value
            }
            (Dataset.samples input.Dataset)
        |> Result.map (fun spectrum -> spectrum, [])

    /// <summary>In the order of the help; the first that fits the data is the default.</summary>
    let all: NamedEstimator list =
        [
            {
                Name = "edmd"
                Summary = "reversible EDMD from pairs (the default for them)"
                Fit = reversible
            }
            {
                Name = "edmd-general"
                Summary = "EDMD of any process: complex eigenvalues, the constant a mode"
                Fit = general
            }
            {
                Name = "kernel"
                Summary = "kernel EDMD of any process; it lays its own functions"
                Fit = kernel
            }
            {
                Name = "generator"
                Summary = "the Langevin generator from points and T (the default for points)"
                Fit = generator
            }
            {
                Name = "diffusion-map"
                Summary = "the Langevin generator by a random walk among the points"
                Fit = diffusionMap
            }
        ]

    /// <summary>Names and summaries, a line each.</summary>
    let describeAll () : string =
        all |> List.map (fun e -> $"  {e.Name, -14} {e.Summary}") |> String.concat "\n"

    /// <summary>The estimator of this name; without one, the default for the data.</summary>
    let find (name: string option) (dataset: Dataset) : Result<NamedEstimator, KoopmanError> =
        let wanted =
            match name, dataset with
            | Some name, _ -> name
            | None, Pairs _ -> "edmd"
            | None, _ -> "generator"

        match all |> List.tryFind (fun e -> e.Name = wanted) with
        | Some estimator -> Ok estimator
        | None ->
            KoopmanError.fail
                ErrorKind.InvalidSetting
                $"There is no estimator named '{wanted}'"
                ("Choose one of " + String.Join(", ", all |> List.map _.Name))
