namespace Koopman.Cli

open System
open Koopman
open Koopman.Cli.Reporting

/// <summary>What a report shows of a spectrum: where its eigenvalues lie, how far each is to be trusted, what its functions look like.</summary>
[<RequireQualifiedAccess>]
module SpectrumPictures =

    /// Residuals as a colour scale can show them; what was not estimated or is exactly 0 gets the end of the scale.
    let private logResidual (mode: Mode) : float =
        if Double.IsFinite mode.Residual then
            log10 (max 1e-16 mode.Residual)
        else
            nan

    let private circle: float[] * float[] =
        let angles = Array.init 181 (fun i -> 2.0 * Math.PI * float i / 180.0)
        Array.map cos angles, Array.map sin angles

    /// Eigenvalues in the complex plane.
    let private plane (spectrum: Spectrum) : Block =
        let re = spectrum.Modes |> Array.map _.Eigenvalue.Real
        let im = spectrum.Modes |> Array.map _.Eigenvalue.Imaginary

        // The palest colour is that of the page: an outline keeps every point in sight.
        let outline = Trace.Points("eigenvalues", re, im)

        let points =
            Trace.ColouredPoints("residual", re, im, spectrum.Modes |> Array.map logResidual, "log10 residual")

        let traces, caption =
            match spectrum.Convention with
            | PropagatorAtLag _ ->
                [ Trace.Dashed("unit circle", fst circle, snd circle); outline; points ],
                "On the dashed circle a mode neither grows nor decays in one lag."
            | PositiveGenerator _
            | InfinitesimalGenerator -> [ outline; points ], "Distance from the imaginary axis is the rate of decay."

        Plot.create "Eigenvalues" (Axis.linear "real part") (Axis.linear "imaginary part") traces
        |> Plot.withCaption $"{caption} The colour is the residual: pairs with a large one are not eigenpairs."
        |> Block.Plot

    /// Rates with their intervals.
    let private rates (spectrum: Spectrum) : Block =
        let known =
            spectrum.Modes |> Array.filter (fun m -> Double.IsFinite(m.Upper - m.Lower))

        let place (modes: Mode[]) =
            modes |> Array.map (fun m -> float m.Index)

        let traces =
            [
                if known.Length > 0 then
                    Trace.Measured(
                        "95 % interval",
                        place known,
                        known |> Array.map (fun m -> 0.5 * (m.Lower + m.Upper)),
                        known |> Array.map (fun m -> 0.5 * (m.Upper - m.Lower))
                    )
                Trace.Points("rate", place spectrum.Modes, spectrum.Modes |> Array.map _.Rate)
            ]

        Plot.create "Rates" (Axis.linear "mode") (Axis.linear "rate of decay (1/time)") traces
        |> Plot.withCaption
            "Intervals are corrected for bias, so that a rate need not lie in the middle of its own; they do not see what lies beyond the data."
        |> Block.Plot

    /// Eigenfunctions over the first two coordinates of the data, or over the only one.
    let private eigenfunctions (count: int) (spectrum: Spectrum) (samples: Samples) : Block list =
        Tensors.within (fun () ->
            // A browser draws a few thousand points with ease.
            let stride = max 1 (samples.Count / 3000)
            let points = samples.Points.slice (0L, 0L, int64 samples.Count, int64 stride)
            let values = spectrum.Values points
            let values = if values.is_complex () then values.real else values

            let coordinate (axis: int) =
                Tensors.toArray (points.select (1L, int64 axis))

            let x = coordinate 0

            [
                for mode in spectrum.Modes |> Array.truncate count do
                    let column = if spectrum.IsReversible then mode.Index - 1 else mode.Index
                    let phi = Tensors.toArray (values.select (1L, int64 column))
                    let title = $"Mode {mode.Index}: rate {Ui.number mode.Rate}"

                    if samples.Dimension = 1 then
                        let order = Array.init x.Length id |> Array.sortBy (fun i -> x[i])

                        Plot.create
                            title
                            (Axis.linear "x")
                            (Axis.linear "φ")
                            [
                                Trace.Line(
                                    "φ",
                                    order |> Array.map (fun i -> x[i]),
                                    order |> Array.map (fun i -> phi[i])
                                )
                            ]
                        |> Block.Plot
                    else
                        Plot.create
                            title
                            (Axis.linear "x1")
                            (Axis.linear "x2")
                            [ Trace.ColouredPoints("φ", x, coordinate 1, phi, "φ") ]
                        |> Plot.withEqualUnits
                        |> Block.Plot
            ])

    let rec private pairwise (blocks: Block list) : Block list =
        match blocks with
        | a :: b :: rest -> Block.Beside [ a; b ] :: pairwise rest
        | rest -> rest

    /// <summary>Eigenvalues, rates, and the leading eigenfunctions over the data.</summary>
    let sections (spectrum: Spectrum) (samples: Samples) : Section list =
        [
            {
                Heading = "Spectrum"
                Blocks = [ Block.Beside [ plane spectrum; rates spectrum ] ]
            }
            {
                Heading = "Eigenfunctions"
                Blocks =
                    Block.Paragraph
                        "The real part of each function over the data, in the first two coordinates; sets that a slow process rarely leaves show as flat regions."
                    :: pairwise (eigenfunctions 6 spectrum samples)
            }
        ]
