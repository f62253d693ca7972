namespace Koopman.Plots

open System
open System.Numerics
open Koopman
open Plotly.NET
open Plotly.NET.LayoutObjects
open Koopman.Metrics

/// <summary>Charts of a spectrum: eigenvalues with intervals, residuals and warnings, rates, eigenfunctions, and the decay of modes.</summary>
[<RequireQualifiedAccess>]
module SpectrumPlot =

    let private checkModes (spectrum: Spectrum) : unit =
        Checks.notEmpty "modes" "Give a spectrum with at least one" spectrum.Modes.Length

    let private hasWarnings (mode: Mode) : bool = not (Array.isEmpty mode.Warnings)

    let private told (mode: Mode) : string =
        [
            $"mode {mode.Index}"
            if mode.Eigenvalue.Imaginary = 0.0 then
                $"eigenvalue {Points.words mode.Eigenvalue.Real}"
            else
                let sign = if mode.Eigenvalue.Imaginary < 0.0 then "-" else "+"

                $"eigenvalue {Points.words mode.Eigenvalue.Real} {sign} {Points.words (abs mode.Eigenvalue.Imaginary)}i"
            $"rate {Points.words mode.Rate}, 95 %% interval {Points.words mode.Lower} to {Points.words mode.Upper}"
            $"residual {Points.words mode.Residual}"
            for warning in mode.Warnings do
                string warning.Kind
        ]
        |> String.concat "<br>"

    let private circle: Lazy<float[] * float[]> =
        lazy
            (let angles = Array.init 181 (fun i -> 2.0 * Math.PI * float i / 180.0)
             Array.map cos angles, Array.map sin angles)

    /// The eigenvalues at both ends of the interval of a rate.
    let private ends (convention: Convention) (mode: Mode) : (Complex * Complex) option =
        let at (rate: float) =
            match convention with
            | PropagatorAtLag lag -> Complex.FromPolarCoordinates(exp (-rate * lag), mode.Eigenvalue.Phase)
            | PositiveGenerator _
            | InfinitesimalGenerator -> Complex(convention.EigenvalueOf rate, mode.Eigenvalue.Imaginary)

        let one, other = at mode.Lower, at mode.Upper

        if Complex.IsFinite one && Complex.IsFinite other then
            Some(one, other)
        else
            None

    /// <summary>
    /// The eigenvalues in the complex plane, with the 95 % intervals of their rates, coloured by the logarithm of their residuals; modes with
    /// warnings have a ring, and show them on hover. For a propagator the unit circle is drawn.
    /// </summary>
    /// <param name="spectrum">With at least one mode.</param>
    /// <exception cref="T:Koopman.KoopmanException">The spectrum has no modes.</exception>
    [<CompiledName("Eigenvalues")>]
    let eigenvalues (spectrum: Spectrum) : GenericChart =
        checkModes spectrum
        let modes = spectrum.Modes
        let re = modes |> Array.map _.Eigenvalue.Real
        let im = modes |> Array.map _.Eigenvalue.Imaginary
        // Residuals on a logarithmic colour scale; a residual of exactly 0 gets the end of the scale.
        let residuals = modes |> Array.map (fun m -> log10 (max 1e-16 m.Residual))

        let intervals =
            modes
            |> Array.choose (ends spectrum.Convention)
            |> Array.collect (fun (a, b) -> [| a; b; Complex(nan, nan) |])

        let isPropagator, reading =
            match spectrum.Convention with
            | PropagatorAtLag _ -> true, "On the dashed circle a mode neither grows nor decays."
            | PositiveGenerator _
            | InfinitesimalGenerator -> false, "Distance from the imaginary axis is the rate of decay."

        let warned = modes |> Array.filter hasWarnings
        let known, unknown = modes |> Array.partition (fun m -> Double.IsFinite m.Residual)

        [
            if isPropagator then
                Layer.dashed 5 "unit circle" <|| circle.Value
            if intervals.Length > 0 then
                Layer.line
                    1
                    "95 % interval of the rate"
                    (intervals |> Array.map _.Real)
                    (intervals |> Array.map _.Imaginary)
            if unknown.Length > 0 then
                Layer.points
                    5
                    "eigenvalues without a residual"
                    (unknown |> Array.map _.Eigenvalue.Real)
                    (unknown |> Array.map _.Eigenvalue.Imaginary)
            if known.Length > 0 then
                Layer.labelledPoints "eigenvalues" "log10 residual" (modes |> Array.map told) 4.0 re im residuals
            if warned.Length > 0 then
                Layer.rings
                    0
                    "with warnings"
                    (warned |> Array.map told)
                    (warned |> Array.map _.Eigenvalue.Real)
                    (warned |> Array.map _.Eigenvalue.Imaginary)
        ]
        |> Figure.create "Eigenvalues" (Axis.linear "real part") (Axis.linear "imaginary part")
        |> (if isPropagator then Figure.withEqualUnits else id)
        |> Figure.withCaption
            $"{reading} The colour is the residual: pairs with a large residual are not eigenpairs. Rings mark modes with warnings."

    let private ratesWith (exact: float[]) (spectrum: Spectrum) : GenericChart =
        checkModes spectrum
        let clean, warned = spectrum.Modes |> Array.partition (hasWarnings >> not)

        let intervals colour symbol name (modes: Mode[]) =
            Layer.intervalsWith
                symbol
                colour
                name
                (modes |> Array.map (fun m -> float m.Index))
                (modes |> Array.map _.Rate)
                (modes |> Array.map _.Lower)
                (modes |> Array.map _.Upper)

        let beside = min exact.Length spectrum.Modes.Length
        let firstIndex = spectrum.Modes[0].Index
        let places = Axis.linear "mode"

        let places =
            if spectrum.Modes.Length <= 20 then
                places |> LinearAxis.style (DTick = 1)
            else
                places

        [
            if beside > 0 then
                Layer.points
                    2
                    "exact"
                    (Array.init beside (fun i -> float (firstIndex + i)))
                    (Array.truncate beside exact)
            if clean.Length > 0 then
                intervals 1 StyleParam.MarkerSymbol.Circle "rate with 95 % interval" clean
            if warned.Length > 0 then
                intervals
                    0
                    (StyleParam.MarkerSymbol.Modified(StyleParam.MarkerSymbol.Circle, StyleParam.SymbolStyle.Open))
                    "the same, with warnings"
                    warned
        ]
        |> Figure.create "Rates" places (Axis.linear "rate of decay (1/time)")
        |> Figure.withCaption
            "Intervals are corrected for bias, so a rate need not lie in the middle of its interval; they do not account for regions without data."

    /// <summary>The rates of decay against the index of the mode, with their 95 % intervals; modes with warnings have open markers.</summary>
    /// <param name="spectrum">With at least one mode.</param>
    /// <exception cref="T:Koopman.KoopmanException">The spectrum has no modes.</exception>
    [<CompiledName("Rates")>]
    let rates (spectrum: Spectrum) : GenericChart = ratesWith [||] spectrum

    /// <summary>The rates with their 95 % intervals, and exact rates.</summary>
    /// <param name="exact">Exact rates of the leading modes in 1/time, from the spectrum's first mode on; further ones are left out.</param>
    /// <param name="spectrum">With at least one mode.</param>
    /// <exception cref="T:Koopman.KoopmanException">The spectrum has no modes.</exception>
    [<CompiledName("RatesBeside")>]
    let ratesBeside (exact: float[]) (spectrum: Spectrum) : GenericChart = ratesWith exact spectrum

    let private findMode (mode: int) (spectrum: Spectrum) : Mode =
        match spectrum.Modes |> Array.tryFind (fun m -> m.Index = mode) with
        | Some found -> found
        | None ->
            let places = spectrum.Modes |> Array.map (fun m -> string m.Index)
            Checks.refuse $"There is no mode {mode}" ("The modes are " + String.Join(", ", places))

    /// The real part of a mode's function at points (n, d).
    let private valuesAt (points: TorchSharp.torch.Tensor) (mode: Mode) (spectrum: Spectrum) : float[] =
        use _ = TorchSharp.torch.NewDisposeScope()
        let values = spectrum.Values points
        let values = if values.is_complex () then values.real else values
        let column = if spectrum.IsReversible then mode.Index - 1 else mode.Index
        Tensors.toArray (values.select (1L, int64 column))

    let private titleOf (mode: Mode) : string =
        if mode.Frequency = 0.0 then
            $"Mode {mode.Index}: rate {Points.words mode.Rate}"
        else
            $"Mode {mode.Index}: rate {Points.words mode.Rate}, frequency {Points.words mode.Frequency}"

    /// <summary>
    /// The real part of an eigenfunction over data: a curve in one dimension, in more, points in the first two coordinates, coloured by its value.
    /// Sets that the process rarely leaves appear as regions of one colour.
    /// </summary>
    /// <param name="mode">The index of the mode, <c>Mode.Index</c>.</param>
    /// <param name="samples">Of the dimension that the observables take; a few thousand of them are drawn.</param>
    /// <param name="spectrum">With this mode; its observables must not have been disposed.</param>
    /// <exception cref="T:Koopman.KoopmanException">There is no such mode.</exception>
    [<CompiledName("Eigenfunction")>]
    let eigenfunction (mode: int) (samples: Samples) (spectrum: Spectrum) : GenericChart =
        let found = findMode mode spectrum
        let d = samples.Dimension
        let rows = Points.shown samples.Count
        let all = Samples.values samples

        let points =
            rows
            |> Array.collect (fun i -> Array.sub all (i * d) d)
            |> Tensors.ofRows rows.Length

        use points = points
        let phi = valuesAt points found spectrum
        let x = Points.coordinate 0 d all rows

        if d = 1 then
            let order = Array.init x.Length id |> Array.sortBy (fun i -> x[i])

            [ Layer.line 0 "φ" (Checks.at order x) (Checks.at order phi) ]
            |> Figure.create (titleOf found) (Axis.linear "x") (Axis.linear "φ")
        else
            [ Layer.colouredPoints "φ" "φ" x (Points.coordinate 1 d all rows) phi ]
            |> Figure.create (titleOf found) (Axis.linear "x1") (Axis.linear "x2")
            |> Figure.withEqualUnits

    /// <summary>The real part of an eigenfunction on a grid: a curve in one dimension, a colour map in two.</summary>
    /// <param name="mode">The index of the mode, <c>Mode.Index</c>.</param>
    /// <param name="grid">Of 1 or 2 dimensions, those that the observables take.</param>
    /// <param name="spectrum">With this mode; its observables must not have been disposed.</param>
    /// <exception cref="T:Koopman.KoopmanException">There is no such mode.</exception>
    [<CompiledName("EigenfunctionOn")>]
    let eigenfunctionOn (grid: DensityGrid) (mode: int) (spectrum: Spectrum) : GenericChart =
        let found = findMode mode spectrum
        let axis = grid.Axis
        use nodes = Tensors.ofRows (pown grid.Points grid.Dimension) grid.Nodes
        let phi = valuesAt nodes found spectrum

        if grid.Dimension = 1 then
            [ Layer.line 0 "φ" axis phi ]
            |> Figure.create (titleOf found) (Axis.linear "x") (Axis.linear "φ")
        else
            // The last coordinate of the nodes varies fastest; a row of the map has one value of it.
            let map =
                Array2D.init grid.Points grid.Points (fun row column -> phi[column * grid.Points + row])

            [ Layer.heat "φ" axis axis map ]
            |> Figure.create (titleOf found) (Axis.linear "x1") (Axis.linear "x2")
            |> Figure.withEqualUnits

    /// Without the constant, and one of each conjugate pair, whose real parts are equal.
    let private isToldApart (mode: Mode) : bool =
        mode.Eigenvalue.Imaginary >= 0.0
        && (abs mode.Rate > 1e-9 || mode.Frequency <> 0.0)

    /// <summary>The indices of the leading modes, without the constant and with one of each conjugate pair.</summary>
    /// <param name="count">The maximum number.</param>
    /// <param name="spectrum">The spectrum.</param>
    [<CompiledName("LeadingModes")>]
    let leadingModes (count: int) (spectrum: Spectrum) : int[] =
        spectrum.Modes
        |> Array.filter isToldApart
        |> Array.truncate count
        |> Array.map _.Index

    /// <summary>
    /// The decay and rotation of modes: Re e^{μt} = e^{-rate·t} cos(frequency·t) of the leading modes, with a band from one end of the 95 % interval
    /// of the rate to the other. One of each conjugate pair is drawn, and the constant is not.
    /// </summary>
    /// <param name="count">The maximum number of modes.</param>
    /// <param name="times">Times from 0, ascending, in the unit of time of the data.</param>
    /// <param name="spectrum">With at least one mode besides the constant.</param>
    /// <exception cref="T:Koopman.KoopmanException">There are no times or no such modes.</exception>
    [<CompiledName("ModesInTime")>]
    let modesInTime (count: int) (times: float[]) (spectrum: Spectrum) : GenericChart =
        Checks.notEmpty "times" "Give at least two" times.Length

        let modes = spectrum.Modes |> Array.filter isToldApart |> Array.truncate count
        Checks.notEmpty "modes" "Give a spectrum with a mode besides the constant" modes.Length

        let curve (mode: Mode) (rate: float) =
            times |> Array.map (fun t -> exp (-rate * t) * cos (mode.Frequency * t))

        [
            // No band for oscillations: there the phase matters, about which the interval of the rate says nothing.
            for i, mode in Array.indexed modes do
                if mode.Frequency = 0.0 && Double.IsFinite mode.Lower && Double.IsFinite mode.Upper then
                    Layer.band i $"95 %% of mode {mode.Index}" times (curve mode mode.Upper) (curve mode mode.Lower)
                    |> Layer.unnamed
            for i, mode in Array.indexed modes do
                Layer.line i $"mode {mode.Index}" times (curve mode mode.Rate)
        ]
        |> Figure.create "Modes in time" (Axis.linear "time") (Axis.linear "Re e<sup>μt</sup>")
        |> Figure.withCaption
            "The fraction of a mode's contribution to the mean of an observable that remains after this time; the bands are the 95 % intervals of the rates."
