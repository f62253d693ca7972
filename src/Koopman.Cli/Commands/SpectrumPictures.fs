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

    let private circle () : float[] * float[] =
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
                let x, y = circle ()

                [ Trace.Dashed("unit circle", x, y); outline; points ],
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

    /// Not the constant, and one of a conjugate pair, whose real parts are the same.
    let private isToldApart (mode: Mode) : bool =
        mode.Eigenvalue.Imaginary >= 0.0
        && (abs mode.Rate > 1e-9 || mode.Frequency <> 0.0)

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
                for mode in spectrum.Modes |> Array.filter isToldApart |> Array.truncate count do
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

    /// <summary>Timescales over the lag, with their intervals.</summary>
    let timescales (table: TimescaleTable) : Section =
        let most = table.Rows |> Array.map _.Timescales.Length |> Array.max

        let ofProcess (k: int) : Trace =
            let rows =
                table.Rows
                |> Array.filter (fun row -> row.Timescales.Length > k)
                |> Array.map (fun row -> row.Lag, row.Timescales[k])
                |> Array.filter (fun (_, t) -> Double.IsFinite(t.Upper - t.Lower))

            Trace.Measured(
                $"process {k + 1}",
                Array.map fst rows,
                rows |> Array.map (fun (_, t) -> 0.5 * (t.Lower + t.Upper)),
                rows |> Array.map (fun (_, t) -> 0.5 * (t.Upper - t.Lower))
            )

        let lags = table.Rows |> Array.map _.Lag

        {
            Heading = "Timescales"
            Blocks =
                [
                    Plot.create
                        "Implied timescales"
                        (Axis.logarithmic "lag")
                        (Axis.logarithmic "timescale")
                        (List.init most ofProcess @ [ Trace.Dashed("timescale = lag", lags, lags) ])
                    |> Plot.withCaption
                        "A process that the functions resolve has the same timescale at every lag; what lies below the dashed line has decayed within the lag."
                    |> Block.Plot
                    Block.Paragraph(
                        table.Plateaus
                        |> Array.mapi (fun k from ->
                            match from with
                            | Some lag ->
                                $"process {k + 1}: no dependence on the lag can be seen from {Ui.number lag} on"
                            | None -> $"process {k + 1}: no three lags agree")
                        |> String.concat "; "
                        |> fun text -> $"{text}."
                    )
                ]
        }

    /// <summary>The smallest residual over the complex plane, and the eigenvalues in it.</summary>
    let pseudospectrum (grid: PseudospectrumGrid) (spectrum: Spectrum) : Section =
        let residuals =
            [|
                for row in 0 .. grid.Imaginary.Length - 1 ->
                    [|
                        for column in 0 .. grid.Real.Length - 1 -> log10 (max 1e-16 grid.Residuals[row, column])
                    |]
            |]

        {
            Heading = "Pseudospectrum"
            Blocks =
                [
                    Plot.create
                        "Smallest residual of any function"
                        (Axis.linear "real part")
                        (Axis.linear "imaginary part")
                        [
                            Trace.Contour
                                {
                                    Name = "log10 residual"
                                    X = grid.Real
                                    Y = grid.Imaginary
                                    Z = residuals
                                }
                            Trace.Points(
                                "eigenvalues",
                                spectrum.Modes |> Array.map _.Eigenvalue.Real,
                                spectrum.Modes |> Array.map _.Eigenvalue.Imaginary
                            )
                        ]
                    |> Plot.withEqualUnits
                    |> Plot.withCaption
                        "‖φ(y) - zφ(x)‖ for the best φ of norm 1 in the span of the functions, over the plane of z. Eigenvalues stand in deep hollows; a wide shallow one says that small errors move them far. For a process with noise the residual holds the variance of φ(y), so that the hollows have a floor."
                    |> Block.Plot
                ]
        }

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
