namespace Koopman.Cli

open Koopman
open Koopman.Cli.Reporting
open Koopman.Plots

/// <summary>The charts of a spectrum in a report: eigenvalues, rates with intervals, eigenfunctions.</summary>
[<RequireQualifiedAccess>]
module SpectrumPictures =

    let rec private pairwise (blocks: Block list) : Block list =
        match blocks with
        | a :: b :: rest -> Block.Beside [ a; b ] :: pairwise rest
        | rest -> rest

    /// <summary>Timescales against the lag, with their intervals.</summary>
    let timescales (table: TimescaleTable) : Section =
        {
            Heading = "Timescales"
            Blocks =
                [
                    Block.Chart(TimescalePlot.implied table)
                    Block.Paragraph(
                        table.Plateaus
                        |> Array.mapi (fun k from ->
                            match Option.ofNullable from with
                            | Some lag ->
                                $"process {k + 1}: no dependence on the lag is visible from {Ui.number lag} on"
                            | None -> $"process {k + 1}: no three lags agree")
                        |> String.concat "; "
                        |> fun text -> $"{text}."
                    )
                ]
        }

    /// <summary>The smallest residual over the complex plane, and the eigenvalues in it.</summary>
    let pseudospectrum (grid: PseudospectrumGrid) (spectrum: Spectrum) : Section =
        {
            Heading = "Pseudospectrum"
            Blocks = [ Block.Chart(PseudospectrumPlot.contours spectrum grid) ]
        }

    /// <summary>Eigenvalues, rates, and the leading eigenfunctions over the data.</summary>
    let sections (spectrum: Spectrum) (samples: Samples) : Section list =
        [
            {
                Heading = "Spectrum"
                Blocks =
                    [
                        Block.Beside
                            [
                                Block.Chart(SpectrumPlot.eigenvalues spectrum)
                                Block.Chart(SpectrumPlot.rates spectrum)
                            ]
                    ]
            }
            {
                Heading = "Eigenfunctions"
                Blocks =
                    Block.Paragraph
                        "The real part of each function over the data, in the first two coordinates; sets that the process rarely leaves appear as flat regions."
                    :: pairwise
                        [
                            for mode in SpectrumPlot.leadingModes 6 spectrum ->
                                Block.Chart(SpectrumPlot.eigenfunction mode samples spectrum)
                        ]
            }
        ]
