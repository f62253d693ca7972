namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open TorchSharp

/// <summary>One figure of the study, counted over seeds, with its acceptance range.</summary>
[<NoComparison>]
type CoverageFigure =
    {
        /// <summary>Its name among the metrics, for example <c>eta1</c>.</summary>
        Name: string
        /// <summary>Successes and trials of this seed; the figure is 100 times their quotient over all seeds.</summary>
        Hits: int
        /// <summary>The number of trials.</summary>
        Trials: int
        /// <summary>The lowest figure in percent that passes.</summary>
        AtLeast: float
        /// <summary>The highest figure in percent that passes.</summary>
        AtMost: float
    }

/// <summary>One kind of data, simulated and fitted for every seed.</summary>
[<NoComparison; NoEquality>]
type CoverageCase =
    {
        /// <summary>Its name among the metrics.</summary>
        Name: string
        /// <summary>Description of the computation.</summary>
        What: string
        /// <summary>The figures of one seed.</summary>
        Run: Seed -> Outcome<CoverageFigure list>
    }

/// <summary>The figures of the study: coverage of intervals, and fractions of flagged modes.</summary>
[<RequireQualifiedAccess>]
module CoverageFigures =

    let figure (name: string) (atLeast: float) (hit: bool) : CoverageFigure =
        {
            Name = name
            Hits = (if hit then 1 else 0)
            Trials = 1
            AtLeast = atLeast
            AtMost = 100.0
        }

    let share (name: string) (atLeast: float) (atMost: float) (hits: bool[]) : CoverageFigure =
        {
            Name = name
            Hits = hits |> Array.filter id |> Array.length
            Trials = hits.Length
            AtLeast = atLeast
            AtMost = atMost
        }

    /// The lower end without the extension by the nested dictionary.
    let plainLower (spectrum: Spectrum) (mode: Mode) : float =
        match spectrum.Convention with
        | PropagatorAtLag lag ->
            let width = mode.StandardError * mode.Eigenvalue.Real * lag
            let high = exp (-mode.Upper * lag) + 3.92 * width
            -(log (min 1.0 high)) / lag
        | _ -> mode.Upper - 3.92 * mode.StandardError

    let covers (low: float) (mode: Mode) (truth: float) : bool = low <= truth && truth <= mode.Upper

    /// Coverage of the leading rates, without and with this extension.
    let coverage (atLeast: float[]) (truth: float[]) (spectrum: Spectrum) : CoverageFigure list =
        [
            for k in 0 .. atLeast.Length - 1 do
                let mode = Array.tryItem k spectrum.Modes

                let covered low =
                    mode |> Option.exists (fun m -> covers (low m) m truth[k])

                figure $"eta{k + 1}" atLeast[k] (covered (plainLower spectrum))
                figure $"eta{k + 1}_with_sweep_bar" atLeast[k] (covered _.Lower)
        ]
