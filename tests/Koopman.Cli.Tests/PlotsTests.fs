module Koopman.Cli.Tests.PlotsTests

open System
open System.IO
open System.Text.Json
open Expecto
open Koopman
open Koopman.Plots
open Koopman.Tests
open Plotly.NET
open TorchSharp
open Koopman.Metrics

/// What plotly.js is given.
let private drawn (chart: GenericChart) : JsonElement =
    JsonDocument.Parse(GenericChart.toFigureJson chart).RootElement

let private traces (chart: GenericChart) : JsonElement list =
    (drawn chart).GetProperty("data").EnumerateArray() |> List.ofSeq

let private named (name: string) (chart: GenericChart) : JsonElement =
    match
        traces chart
        |> List.filter (fun trace -> trace.GetProperty("name").GetString() = name)
    with
    | [ trace ] -> trace
    | found -> failtest $"{found.Length} traces are named '{name}'"

/// The numbers of a list at a path such as "error_y array"; null is NaN, and so is what is no number.
let private numbers (path: string) (trace: JsonElement) : float list =
    (trace, path.Split ' ')
    ||> Array.fold (fun node name -> node.GetProperty name)
    |> fun list ->
        [
            for item in list.EnumerateArray() ->
                if item.ValueKind = JsonValueKind.Number then
                    item.GetDouble()
                else
                    nan
        ]

let private title (axis: string) (chart: GenericChart) : string | null =
    (drawn chart).GetProperty("layout").GetProperty(axis).GetProperty("title").GetProperty("text").GetString()

let private close (found: float list) (expected: float list) (what: string) : unit =
    Expect.equal found.Length expected.Length $"{what}: how many"

    for found, expected in List.zip found expected do
        Expect.isTrue
            (found = expected
             || abs (found - expected) <= 1e-12 * abs expected
             || (Double.IsNaN found && Double.IsNaN expected))
            $"{what}: {found} beside {expected}"

/// The words of an exception say what is wrong and what to do.
let private refuses (words: string list) (work: unit -> GenericChart) : unit =
    Expect.throwsC (fun () -> work () |> ignore) (fun refused ->
        Expect.equal (refused.GetType()) typeof<KoopmanException> $"{refused}"

        for word in words do
            Expect.stringContains refused.Message word "what the exception says")

let private ou = Systems.ornsteinUhlenbeck 1 1.0

/// Gives a check the spectrum of an Ornstein-Uhlenbeck process and the data it is from.
let private withSpectrum (check: Samples -> Spectrum -> unit) : unit =
    use samples = Systems.equilibrium ou 800 (Seed.ofInt 1) |> Outcome.get
    use observables = Observables.hermite 5 1 |> Outcome.get

    use spectrum =
        Langevin.fit { Langevin.defaults with Modes = 5 } observables samples
        |> Outcome.get

    check samples spectrum

/// A damped rotation, whose propagator has a pair of eigenvalues.
let private withRotation (check: Spectrum -> SnapshotPairs -> Observables -> unit) : unit =
    let states =
        [|
            for i in 0..80 do
                let t = 0.1 * float i
                exp (-0.3 * t) * cos (2.0 * t)
                exp (-0.3 * t) * sin (2.0 * t)
        |]

    use path = Samples.ofValues 2 states |> Outcome.get
    use pairs = SnapshotPairs.ofTrajectory 0.1 path |> Outcome.get
    use linear = Observables.linear 2
    use model = Edmd.fit Edmd.defaults linear pairs |> Outcome.get
    check model.Spectrum pairs linear

let private spectra: Test list =
    [
        testCase "the rates of a chart and their intervals are those of the spectrum" (fun () ->
            withSpectrum (fun _ spectrum ->
                let exact = [| 1.0; 2.0; 3.0 |]
                let chart = SpectrumPlot.ratesBeside exact spectrum

                let names, modes =
                    spectrum.Modes
                    |> List.ofArray
                    |> List.groupBy (_.Warnings >> Array.isEmpty)
                    |> List.map (fun (isClean, modes) ->
                        (if isClean then
                             "rate with 95 % interval"
                         else
                             "the same, with warnings"),
                        modes)
                    |> List.unzip

                for name, modes in List.zip names modes do
                    let trace = chart |> named name
                    close (numbers "x" trace) (modes |> List.map (fun m -> float m.Index)) "places"
                    close (numbers "y" trace) (modes |> List.map _.Rate) "rates"
                    close (numbers "error_y array" trace) (modes |> List.map (fun m -> m.Upper - m.Rate)) "upper ends"

                    close
                        (numbers "error_y arrayminus" trace)
                        (modes |> List.map (fun m -> m.Rate - m.Lower))
                        "lower ends"

                close (chart |> named "exact" |> numbers "y") (List.ofArray exact) "exact rates"
                Expect.equal (title "yaxis" chart) "rate of decay (1/time)" "the vertical axis"))

        testCase "eigenvalues stand where they are, with their intervals, residuals and warnings" (fun () ->
            withSpectrum (fun _ spectrum ->
                let chart = SpectrumPlot.eigenvalues spectrum
                let modes = List.ofArray spectrum.Modes
                let points = chart |> named "eigenvalues"
                close (numbers "x" points) (modes |> List.map _.Eigenvalue.Real) "real parts"
                close (numbers "y" points) (modes |> List.map _.Eigenvalue.Imaginary) "imaginary parts"

                close
                    (numbers "marker color" points)
                    (modes |> List.map (fun m -> log10 (max 1e-16 m.Residual)))
                    "residuals"

                let ends = chart |> named "95 % interval of the rate" |> numbers "x"

                close
                    ends
                    (modes
                     |> List.filter (fun m -> Double.IsFinite(m.Upper - m.Lower))
                     |> List.collect (fun m -> [ m.Lower; m.Upper; nan ]))
                    "intervals"

                let warned = modes |> List.filter (_.Warnings >> Array.isEmpty >> not)
                Expect.isNonEmpty warned "modes with warnings"
                let rings = chart |> named "with warnings"
                close (numbers "x" rings) (warned |> List.map _.Eigenvalue.Real) "rings"

                for text, mode in Seq.zip ((rings.GetProperty "hovertext").EnumerateArray() |> Seq.map string) warned do
                    for warning in mode.Warnings do
                        Expect.stringContains text (string warning.Kind) "what the pointer over a ring tells"))

        testCase "eigenvalues of a propagator stand beside the unit circle, their intervals along the radius" (fun () ->
            withRotation (fun spectrum _ _ ->
                let chart = SpectrumPlot.eigenvalues spectrum
                let circle = chart |> named "unit circle"

                for x, y in List.zip (numbers "x" circle) (numbers "y" circle) do
                    Expect.sameDecimals 12 (x * x + y * y) 1.0 "the radius"

                let intervals = chart |> named "95 % interval of the rate"

                for x, y in List.zip (numbers "x" intervals) (numbers "y" intervals) do
                    if not (Double.IsNaN x) && spectrum.Modes[0].Frequency <> 0.0 then
                        Expect.sameDecimals 6 (abs (atan2 y x)) 0.2 "the angle of a frequency of 2 at lag .1"))

        testCase "an eigenfunction is drawn in the order of its coordinate, on a grid and over data alike" (fun () ->
            withSpectrum (fun samples spectrum ->
                let over = SpectrumPlot.eigenfunction 1 samples spectrum |> named "φ"
                let x = numbers "x" over
                Expect.equal x (List.sort x) "the order"
                use points = Tensors.ofRows x.Length (Array.ofList x)
                use values = spectrum.Values points
                let phi = Tensors.toArray (values.select (1L, 0L))
                close (numbers "y" over) (List.ofArray phi) "values over data"

                let grid: DensityGrid =
                    {
                        Low = -2.0
                        High = 2.0
                        Points = 11
                        Dimension = 1
                    }

                let on = SpectrumPlot.eigenfunctionOn grid 2 spectrum |> named "φ"
                use nodes = Tensors.ofRows 11 grid.Axis
                use values = spectrum.Values nodes
                close (numbers "y" on) (List.ofArray (Tensors.toArray (values.select (1L, 1L)))) "values on a grid"
                refuses [ "no mode 99"; "1, 2, 3" ] (fun () -> SpectrumPlot.eigenfunction 99 samples spectrum)))

        testCase "modes decay at their rates, turn at their frequencies, and the bands are their intervals" (fun () ->
            let times = [| 0.0; 0.5; 1.0 |]

            withSpectrum (fun _ spectrum ->
                let chart = SpectrumPlot.modesInTime 2 times spectrum
                let mode = spectrum.Modes[0]

                let decay rate =
                    times |> Array.map (fun t -> exp (-rate * t)) |> List.ofArray

                close (chart |> named "mode 1" |> numbers "y") (decay mode.Rate) "the mode"

                close
                    (chart |> named "95 % of mode 1" |> numbers "y")
                    (decay mode.Lower @ List.rev (decay mode.Upper))
                    "the band")

            withRotation (fun spectrum _ _ ->
                let shown = SpectrumPlot.leadingModes 5 spectrum
                Expect.hasLength shown 1 "one mode of the pair"
                let chart = SpectrumPlot.modesInTime 5 times spectrum
                let y = chart |> named $"mode {shown[0]}" |> numbers "y"

                for t, y in Seq.zip times y do
                    Expect.sameDecimals 6 y (exp (-0.3 * t) * cos (2.0 * t)) $"what is left at {t}"))

        testCase "a pseudospectrum is drawn as logarithms, below it the eigenvalues" (fun () ->
            withRotation (fun spectrum pairs observables ->
                use residuals =
                    Pseudospectrum.fit Pseudospectrum.defaults observables pairs |> Outcome.get

                let grid =
                    Pseudospectrum.grid
                        Control.none
                        {
                            Real = -1.0, 1.0
                            Imaginary = -1.0, 1.0
                            Columns = 4
                            Rows = 3
                        }
                        residuals
                    |> Outcome.get

                let chart = PseudospectrumPlot.contours spectrum grid
                let map = chart |> named "log10 residual"

                for i, row in Seq.indexed ((map.GetProperty "z").EnumerateArray()) do
                    for j, value in Seq.indexed (row.EnumerateArray()) do
                        Expect.sameDecimals 9 (value.GetDouble()) (log10 grid.Residuals[i, j]) $"row {i}, column {j}"

                close
                    (chart |> named "eigenvalues" |> numbers "x")
                    (spectrum.Modes |> Array.map _.Eigenvalue.Real |> List.ofArray)
                    "eigenvalues"))

        testCase "timescales have their intervals, and one that is not known is absent" (fun () ->
            let scale value lower upper : Timescale =
                {
                    Value = value
                    Lower = lower
                    Upper = upper
                }

            let row lag scales : TimescaleRow =
                {
                    Steps = int lag
                    Lag = lag
                    Timescales = scales
                }

            let chart =
                TimescalePlot.implied
                    {
                        Rows =
                            [|
                                row 1.0 [| scale 5.0 4.0 7.0; scale 2.0 1.0 infinity |]
                                row 2.0 [| scale infinity 4.0 infinity |]
                            |]
                        Plateaus = [| Nullable(); Nullable() |]
                    }

            let first = chart |> named "process 1"
            close (numbers "x" first) [ 1.0 ] "the lags of the first process"
            close (numbers "y" first) [ 5.0 ] "its timescale"
            close (numbers "error_y array" first) [ 2.0 ] "the upper end"
            close (numbers "error_y arrayminus" first) [ 1.0 ] "the lower end"
            close (chart |> named "process 2" |> numbers "error_y array") [ nan ] "an end that is not known"
            refuses [ "no lags" ] (fun () -> TimescalePlot.implied { Rows = [||]; Plateaus = [||] }))
    ]

let private particles: Test list =
    [
        testCase "a density is drawn with its first coordinate along x" (fun () ->
            use points = Samples.ofValues 2 [| 0.5; -0.5; 0.0; 1.0 |] |> Outcome.get

            let grid: DensityGrid =
                {
                    Low = -1.0
                    High = 1.0
                    Points = 3
                    Dimension = 2
                }

            // At (x_i, y_j) the value 10 i + j.
            let density =
                [|
                    for i in 0..2 do
                        for j in 0..2 -> float (10 * i + j)
                |]

            let chart = ParticlePlot.overDensity "here" grid density points

            let rows =
                ((chart |> named "density").GetProperty "z").EnumerateArray() |> Seq.toList

            for j, row in List.indexed rows do
                for i, value in Seq.indexed (row.EnumerateArray()) do
                    Expect.equal (value.GetDouble()) (float (10 * i + j)) $"column {i} of row {j}"

            close (chart |> named "here" |> numbers "x") [ 0.5; 0.0 ] "the particles"

            refuses [ "4 density values"; "9 nodes" ] (fun () ->
                ParticlePlot.overDensity "" grid [| 1.0; 1.0; 1.0; 1.0 |] points))

        testCase "a histogram has the samples' values beside the exact curve" (fun () ->
            use samples = Samples.ofValues 2 [| 1.0; 10.0; 2.0; 20.0 |] |> Outcome.get
            let chart = DensityPlot.besideExact "drawn" [| 0.0; 1.0 |] [| 0.4; 0.6 |] 1 samples
            close (chart |> named "drawn" |> numbers "x") [ 10.0; 20.0 ] "the second coordinate"
            close (chart |> named "exact" |> numbers "y") [ 0.4; 0.6 ] "the curve"
            Expect.equal (title "xaxis" chart) "x2" "the horizontal axis"
            refuses [ "no coordinate 2"; "from 0 to 1" ] (fun () -> DensityPlot.coordinate "" 2 samples))

        testCase "paths are drawn one by one over their own times" (fun () ->
            let rows (values: float list) =
                Tensors.ofRows values.Length (Array.ofList values)

            use paths =
                Trajectories.create 0.5 [ rows [ 1.0; 2.0; 3.0 ]; rows [ 4.0; 5.0 ] ]
                |> Outcome.get

            let chart = PathPlot.inTime 0 paths
            close (chart |> named "path 1" |> numbers "y") [ 1.0; 2.0; 3.0 ] "the first path"
            close (chart |> named "path 2" |> numbers "y") [ 4.0; 5.0 ] "the second"
            close (chart |> named "path 2" |> numbers "x") [ 0.0; 0.5 ] "its times"
            refuses [ "no coordinate 1" ] (fun () -> PathPlot.inPlane paths))

        testCase "losses are logarithmic where all are positive, and a lost one is a gap" (fun () ->
            let kind (chart: GenericChart) =
                (drawn chart).GetProperty("layout").GetProperty("yaxis").GetProperty("type").GetString()

            let positive = TrainingPlot.losses "net" [| "loss" |] [| [| 3.0; nan; 1.0 |] |]
            Expect.equal (kind positive) "log" "positive losses"
            close (positive |> named "loss" |> numbers "y") [ 3.0; nan; 1.0 ] "the losses"
            Expect.equal (kind (TrainingPlot.losses "net" [| "loss" |] [| [| 3.0; -1.0 |] |])) "linear" "others"
            refuses [ "no losses" ] (fun () -> TrainingPlot.losses "net" [| "loss" |] [| [||] |]))
    ]

let private layers: Test list =
    [
        testCase "what is not finite is absent, and never 0" (fun () ->
            let x, y = [| 0.0; 1.0; nan; 3.0 |], [| 1.0; nan; 2.0; infinity |]

            let one layer =
                Figure.create "" (Axis.linear "") (Axis.linear "") [ layer ]

            close (one (Layer.points 0 "p" x y) |> named "p" |> numbers "x") [ 0.0 ] "points"
            close (one (Layer.line 0 "l" x y) |> named "l" |> numbers "y") [ 1.0; nan; 2.0; nan ] "a line"

            close
                (one (Layer.colouredPoints "c" "" [| 0.0; 1.0 |] [| 0.0; 1.0 |] [| nan; 7.0 |])
                 |> named "c"
                 |> numbers "marker color")
                [ 7.0 ]
                "colours"

            let z =
                ((one (Layer.heat "h" [| 0.0; 1.0 |] [| 0.0 |] (array2D [ [ nan; 2.0 ] ]))
                  |> named "h")
                    .GetProperty
                    "z")[0]

            Expect.equal z[0].ValueKind JsonValueKind.Null "a hole in a map"

            let bars =
                one (Layer.intervals 0 "i" [| 0.0; 1.0 |] [| 1.0; 1.0 |] [| 0.5; nan |] [| 2.0; 2.0 |])
                |> named "i"

            close (numbers "error_y array" bars) [ 1.0; nan ] "an interval without a lower end")

        testCase "a colour scale is symmetric exactly when values have both signs" (fun () ->
            let marker (values: float[]) =
                ([ Layer.colouredPoints "c" "" values values values ]
                 |> Figure.create "" (Axis.linear "") (Axis.linear "")
                 |> named "c")
                    .GetProperty
                    "marker"

            let both = marker [| -1.0; 3.0; nan |]
            Expect.equal (both.GetProperty("cmin").GetDouble()) -3.0 "the lower end of both signs"
            Expect.equal (both.GetProperty("cmax").GetDouble()) 3.0 "the upper end"
            Expect.isFalse (fst ((marker [| 1.0; 3.0 |]).TryGetProperty "cmin")) "a lower end of one sign")

        testCase "what does not fit together or is not there is refused" (fun () ->
            refuses [ "no layers" ] (fun () -> Figure.create "" (Axis.linear "") (Axis.linear "") [])
            refuses [ "2 positions and 1 values" ] (fun () -> Layer.line 0 "l" [| 0.0; 1.0 |] [| 0.0 |])

            refuses [ "1 by 1 values on 1 rows and 2 columns" ] (fun () ->
                Layer.heat "h" [| 0.0; 1.0 |] [| 0.0 |] (array2D [ [ 1.0 ] ])))

        testCase "a chart opens on its own without a network, and stays as it is when another is made of it" (fun () ->
            let axis = Axis.linear "x"

            let chart =
                Figure.create "one" axis (Axis.linear "y") [ Layer.line 0 "l" [| 0.0 |] [| 0.0 |] ]

            let before = GenericChart.toFigureJson chart

            let other =
                chart
                |> Figure.withTitle "two"
                |> Figure.withEqualUnits
                |> Figure.withCaption "three"

            Expect.equal (Figure.titleOf other) "two" "the title of the other"
            Expect.equal (GenericChart.toFigureJson chart) before "the first"
            let page = GenericChart.toEmbeddedHTML other
            Expect.isTrue (page.Contains "plotly.js v") "the library"
            Expect.isFalse (page.Contains "<script src") "a script from elsewhere"
            Expect.isTrue (page.Contains "<p>three</p>") "the caption"
            Expect.isFalse ((GenericChart.toEmbeddedHTML chart).Contains "<p>three</p>") "the caption of the first"
            // An axis that was narrowed is another one.
            Axis.between 0.0 1.0 axis |> ignore
            Expect.equal (GenericChart.toFigureJson chart) before "the first, after its axis was narrowed")

        testCase "one layer needs no legend, two do" (fun () ->
            let legend layers =
                (drawn (Figure.create "" (Axis.linear "") (Axis.linear "") layers))
                    .GetProperty("layout")
                    .GetProperty("showlegend")
                    .GetBoolean()

            let line = Layer.line 0 "l" [| 0.0 |] [| 0.0 |]
            Expect.isFalse (legend [ line ]) "one line"

            Expect.isFalse
                (legend [ Layer.heat "h" [| 0.0 |] [| 0.0 |] (array2D [ [ 1.0 ] ]); line ])
                "a line over a map"

            Expect.isTrue (legend [ line; line ]) "two lines")

        testCase "images stand in rows, and the pixels are those of the tensor" (fun () ->
            use images =
                (Tensors.ofRows 3 [| 0.0; 1.0; 1.0; 0.0; 0.5; 0.5 |]).reshape(3L, 1L, 2L)

            let options = { ImagePlot.defaults with Across = 2 }
            let trace = ImagePlot.grid options "t" images |> traces |> List.exactlyOne
            // Two images of one row and two columns beside each other, a white pixel between them; the third below.
            let expected =
                [| 0.0; 1.0; 1.0; 1.0; 0.0; 1.0; 1.0; 1.0; 1.0; 1.0; 0.5; 0.5; 1.0; 1.0; 1.0 |]

            Expect.equal (trace.GetProperty("source").GetString()) (Png.dataUri 1 3 5 expected) "the picture"
            refuses [ "(3, 1, 2, 1, 1)" ] (fun () -> ImagePlot.grid options "t" (images.reshape (3L, 1L, 2L, 1L, 1L)))
            refuses [ "no images" ] (fun () -> ImagePlot.grid options "t" (torch.zeros (0L, 2L, 2L))))

        testInFolder "charts are saved as one page that opens offline" (fun folder ->
            let chart =
                Figure.create "a & b" (Axis.linear "") (Axis.linear "") [ Layer.line 0 "l" [| 0.0 |] [| 0.0 |] ]

            let path = folder.File "charts.html"
            Page.save path "two" [ chart; chart ]
            let page = File.ReadAllText path
            Expect.equal (page.Split("<figure class=\"plot\">").Length - 1) 2 "the charts"
            Expect.stringContains page "<strong>a &amp; b</strong>" "the title"
            Expect.isFalse (page.Contains "<script src") "a script from elsewhere"

            Expect.throwsC
                (fun () -> Page.save (Path.Combine(folder.Path, "no", "charts.html")) "" [ chart ])
                (fun refused -> Expect.stringContains refused.Message "charts.html" "what the exception says"))

        testCase "C# meets no option, function or list of F#" (fun () ->
            let foreign (kind: Type) =
                let rec isForeign (kind: Type) =
                    (kind.FullName
                     |> Option.ofObj
                     |> Option.exists (fun name ->
                         name.StartsWith "Microsoft.FSharp.Core.FSharpFunc"
                         || name.StartsWith "Microsoft.FSharp.Core.FSharpOption"
                         || name.StartsWith "Microsoft.FSharp.Collections"))
                    || (kind.IsGenericType && kind.GetGenericArguments() |> Array.exists isForeign)

                isForeign kind

            for kind in typeof<ImageGridOptions>.Assembly.GetExportedTypes() do
                for method in
                    kind.GetMethods()
                    |> Array.filter (fun m -> m.DeclaringType = kind && m.IsStatic) do
                    let all =
                        Array.append [| method.ReturnType |] (method.GetParameters() |> Array.map _.ParameterType)

                    Expect.isFalse (all |> Array.exists foreign) $"{kind.Name}.{method.Name}"

                    Expect.isTrue
                        (method.IsSpecialName || Char.IsUpper method.Name[0])
                        $"the name of {kind.Name}.{method.Name}")
    ]

let tests: Test = testList "Plots" (spectra @ particles @ layers)
