namespace Koopman.Tests

open System
open System.IO
open System.Numerics
open Expecto
open Koopman
open TorchSharp

/// Forecasts by windows: known signals, intervals, updates, files, and what a forecast may know.
module ForecastTests =

    let private options: ForecastOptions =
        { Forecaster.defaults with
            LookBack = Some 48
            Horizon = 24
            Rank = 12
        }

    let private ofRows (rows: float[,]) : Trajectories =
        Trajectories.ofArrays 1.0 [ rows ] |> Outcome.get

    let private table (count: int) (columns: (int -> float) list) : float[,] =
        let columns = Array.ofList columns
        Array2D.init count columns.Length (fun t c -> columns[c] t)

    let private fast: float = 2.0 * Math.PI / 12.0
    let private slow: float = 2.0 * Math.PI / (7.0 * sqrt 5.0)

    /// Two incommensurate oscillations about a level.
    let private quasiPeriodic: int -> float =
        fun t -> 3.0 + sin (fast * float t) + 0.5 * cos (slow * float t + 0.3)

    let private other: int -> float =
        fun t -> -20.0 + 7.0 * cos (fast * float t) - 2.0 * sin (slow * float t)

    let private noise (seed: int) (count: int) : float[] =
        use draws = Seed.normal [| int64 count |] (Seed.ofInt seed)
        Tensors.toArray draws

    /// x_t = a x_{t-1} + noise, with a season.
    let private seasonal (seed: int) (a: float) (count: int) : float[] =
        let draws = noise seed count
        let mutable state = 0.0

        Array.init count (fun t ->
            state <- a * state + draws[t]
            state + 2.0 * sin (fast * float t))

    let private seasonalRows (seed: int) (count: int) : float[,] =
        let one, two = seasonal seed 0.7 count, seasonal (seed + 100) 0.7 count
        table count [ (fun t -> one[t]); (fun t -> 5.0 * two[t] + 40.0) ]

    let private largest (values: float[,]) (expected: int -> int -> float) : float =
        values
        |> Array2D.mapi (fun h c x -> abs (x - expected h c))
        |> Seq.cast<float>
        |> Seq.max

    let private fitRows (options: ForecastOptions) (rows: float[,]) : Forecaster =
        use data = ofRows rows
        Forecaster.fit options data |> Outcome.get

    let private isSame (a: Forecast) (b: Forecast) : bool =
        a.Mean = b.Mean && a.Lower = b.Lower && a.Upper = b.Upper && a.Times = b.Times

    let known: Test =
        testList
            "Known signals"
            [
                testCase "Oscillations without noise: eigenvalues and forecasts to rounding" (fun () ->
                    let count = 400

                    use forecaster =
                        fitRows
                            { options with
                                Ridge = 1e-13
                                Centre = ForecastCentre.Mean
                            }
                            (table count [ quasiPeriodic; other ])

                    for frequency in [ fast; slow ] do
                        let exact = Complex.FromPolarCoordinates(1.0, frequency)

                        let nearest =
                            forecaster.Eigenvalues
                            |> Array.map (fun value -> Complex.Abs(value - exact))
                            |> Array.min

                        Expect.isLessThan nearest 1e-7 $"the eigenvalue of frequency {frequency}"

                    let made = Forecaster.forecast 200 forecaster |> Outcome.get

                    let error =
                        largest made.Mean (fun h c -> (if c = 0 then quasiPeriodic else other) (count + h))

                    Expect.isLessThan error 1e-3 "200 rows ahead, far beyond the 24 of the fit"
                    Expect.equal made.Times[0] (float count) "the time of the first row ahead"
                    Expect.isTrue (Double.IsNaN made.Upper[24, 0]) "no interval beyond the horizon of the fit")

                testCase "The spectrum reads the periods, with small residuals" (fun () ->
                    use forecaster =
                        fitRows
                            { options with
                                Ridge = 1e-13
                                Centre = ForecastCentre.Mean
                            }
                            (table 400 [ quasiPeriodic ])

                    let period =
                        forecaster.Spectrum.Modes
                        |> Array.filter (fun mode -> mode.Frequency > 0.0)
                        |> Array.map (fun mode -> 2.0 * Math.PI / mode.Frequency, mode.Residual)
                        |> Array.minBy (fun (period, _) -> abs (period - 12.0))

                    Expect.floatClose Accuracy.medium (fst period) 12.0 "the period"
                    Expect.isLessThan (snd period) 1e-4 "the residual"
                    Expect.equal forecaster.Spectrum.Lag (Nullable 1.0) "the lag")

                testCase "The propagator moves the functions of a window by one row" (fun () ->
                    let rows = table 400 [ quasiPeriodic ]

                    use forecaster =
                        fitRows
                            { options with
                                Ridge = 1e-13
                                Centre = ForecastCentre.Mean
                            }
                            rows

                    use data = ofRows rows
                    use windows = Trajectories.delays 48 data |> Outcome.get

                    Tensors.within (fun () ->
                        let spectrum = forecaster.Spectrum
                        // Windows in units of the column; a shift of all values has no effect.
                        let values = spectrum.Values windows.States.Points
                        let count = values.shape[0] - 1L
                        let now, next = values.narrow (0L, 0L, count), values.narrow (0L, 1L, count)
                        let moved = now * (Tensors.complexVector spectrum.Eigenvalues).unsqueeze 0L
                        let error = (next - moved).abs().max().ToDouble() / now.abs().max().ToDouble()
                        Expect.isLessThan error 1e-3 "φ(w') = λφ(w)"))

                testCase "Growth is moved onto the unit circle, and said" (fun () ->
                    let rows = table 600 [ fun t -> exp (0.004 * float t) * sin (fast * float t) ]

                    use forecaster =
                        fitRows
                            { options with
                                Ridge = 1e-8
                                Centre = ForecastCentre.Mean
                            }
                            rows

                    Expect.all forecaster.Eigenvalues (fun value -> Complex.Abs value <= 1.0 + 1e-12) "the moduli"

                    Expect.exists forecaster.Remarks (fun remark -> remark.Contains "unit circle") "the remark"
                    let made = Forecaster.forecast 5000 forecaster |> Outcome.get
                    let bound = 10.0 * exp (0.004 * 600.0)
                    Expect.all (Seq.cast<float> made.Mean) (fun x -> abs x < bound) "forecasts stay bounded")
            ]

    let intervals: Test =
        testList
            "Intervals and backtests"
            [
                testCase "Nominal coverage on a season with correlated noise, and rivals behind" (fun () ->
                    use data = ofRows (seasonalRows 1 6000)
                    let found = Backtest.run options data |> Outcome.get
                    Expect.inRange found.MeanCoverage (0.87, 0.93) "coverage of 90 %"
                    Expect.inRange (Array.min found.Coverage) (0.85, 1.0) "at every horizon"
                    Expect.equal found.Season 12 "the season"

                    for rival in found.Rivals do
                        Expect.isLessThan found.Model.MeanSquaredError (1.01 * rival.MeanSquaredError) rival.Name

                    // The best forecast knows everything but the noise: errors of an AR(1).
                    let variance = 1.0 / (1.0 - 0.49)

                    let best =
                        Array.init 24 (fun h -> variance * (1.0 - Math.Pow(0.49, float (h + 1))))
                        |> Array.average

                    let total = variance + 2.0

                    Expect.inRange
                        (found.Model.MeanSquaredError * total / best)
                        (0.9, 1.1)
                        "close to the best there is")

                testCase "On a random walk the last value is as good, and that is said" (fun () ->
                    let walk = noise 5 5000 |> Array.scan (+) 0.0
                    use data = ofRows (table 5000 [ fun t -> walk[t] ])
                    let found = Backtest.run options data |> Outcome.get
                    let last = found.Rivals |> Array.find (fun rival -> rival.Name = "last value")
                    Expect.isLessThan found.Model.MeanSquaredError (1.02 * last.MeanSquaredError) "the errors"
                    Expect.stringContains found.Verdict "random walk" "the verdict")

                testCase "Short noise about a level is forecast by its level" (fun () ->
                    // The best forecast is 0; windows of 154 rows, of which there are 155, can be learned by heart.
                    let squares =
                        [
                            for seed in 1..8 do
                                let draws = noise (400 + seed) 400
                                use data = ofRows (table 400 [ fun t -> draws[t] ])

                                let short =
                                    { Forecaster.defaults with
                                        Horizon = 12
                                    }

                                use forecaster = Forecaster.fit short data |> Outcome.get
                                let made = Forecaster.forecast 12 forecaster |> Outcome.get
                                Expect.isGreaterThan forecaster.Ridge short.Ridge "the ridge is raised"
                                yield! made.Mean |> Seq.cast<float> |> Seq.map (fun x -> x * x)
                        ]

                    Expect.isLessThan (List.average squares) 0.1 "the distance to the best forecast")

                testCase "Many windows keep the ridge that was set" (fun () ->
                    use forecaster = fitRows options (seasonalRows 7 2000)
                    Expect.equal forecaster.Ridge options.Ridge "the ridge")

                testCase "Bands of coupled columns are measured by the windows that forecast" (fun () ->
                    // Random walks with steps of deviation 1: 90 % of the next steps are within 1.645. Each of four columns has 128 rows in a window
                    // of 512 values, over which a walk spreads half as far as over 512 rows.
                    let half (seed: int) =
                        let walks =
                            Array.init 4 (fun c -> noise (500 + 10 * seed + c) 1600 |> Array.scan (+) 0.0)

                        use forecaster =
                            fitRows
                                { Forecaster.defaults with
                                    Horizon = 8
                                    LookBack = Some 512
                                    Columns = ForecastColumns.Coupled
                                }
                                (table 1600 [ for c in 0..3 -> fun t -> walks[c].[t] ])

                        let made = Forecaster.forecast 8 forecaster |> Outcome.get
                        [ for c in 0..3 -> made.Upper[0, c] - made.Mean[0, c] ]

                    let mean = [ 1..4 ] |> List.collect half |> List.average
                    Expect.inRange (mean / 1.645) (0.8, 1.3) "the half width of the first row ahead")

                testCase "A level that the held-out rows cannot show is refused" (fun () ->
                    use data = ofRows (seasonalRows 8 400)

                    let asked = { options with Level = 0.99 }

                    // 80 held-out rows hold 57 futures of 24 rows; a quantile of .99 needs 99.
                    Forecaster.fit asked data
                    |> Expect.error ErrorKind.TooFewSamples [ "0.99"; "99 forecasts"; "57" ])

                testCase
                    "Intervals that fell short in the test are named in its verdict; noise about a level is no random walk"
                    (fun () ->
                        let draws = noise 9 600

                        use data =
                            ofRows (table 600 [ fun t -> exp (0.01 * float t) * (1.0 + 0.01 * draws[t]) ])

                        let short =
                            { Forecaster.defaults with
                                Horizon = 12
                            }

                        let grown = Backtest.run short data |> Outcome.get
                        Expect.isLessThan grown.MeanCoverage 0.8 "growth beyond what was seen"
                        Expect.stringContains grown.Verdict "not 90 %" "the verdict"

                        use jump =
                            ofRows (table 600 [ fun t -> draws[t] + (if t < 400 then 0.0 else 10.0) ])

                        let jumped = Backtest.run short jump |> Outcome.get
                        Expect.isFalse (jumped.Verdict.Contains "random walk") "noise about a level that jumped")

                testCase "What comes later changes no forecast and no earlier test" (fun () ->
                    let rows = seasonalRows 2 1200
                    let longer = seasonalRows 3 1500

                    let both =
                        Array2D.init 1500 2 (fun t c -> if t < 1200 then rows[t, c] else longer[t, c])

                    use forecaster = fitRows options rows
                    let fromOwn = Forecaster.forecast 24 forecaster |> Outcome.get

                    let fromRows =
                        Forecaster.forecastFrom 24 both[1000..1199, *] forecaster |> Outcome.get

                    Expect.equal fromRows.Mean fromOwn.Mean "forecasts from the same window"

                    // The rows of the test change neither the fit nor the rivals' choices: only the last row differs.
                    let changed = Array2D.copy both
                    changed[1499, 0] <- 1e6
                    use first = ofRows both
                    use second = ofRows changed
                    let a = Backtest.between 900 300 options first |> Outcome.get
                    let b = Backtest.between 900 300 options second |> Outcome.get
                    Expect.equal b.Season a.Season "the season"

                    Expect.isLessThan
                        (abs (b.Coverage[0] - a.Coverage[0]))
                        (2.0 / float a.Origins)
                        "only the forecasts of that row"

                    use early = ofRows both[..1199, *]
                    let short = Backtest.between 900 200 options early |> Outcome.get
                    let long = Backtest.between 900 200 options first |> Outcome.get
                    Expect.isGreaterThan long.Origins short.Origins "more origins")

                testCase "A constant column is forecast as itself" (fun () ->
                    let one = seasonal 4 0.5 1000
                    use forecaster = fitRows options (table 1000 [ (fun t -> one[t]); (fun _ -> 7.25) ])
                    let made = Forecaster.forecast 24 forecaster |> Outcome.get

                    for h in 0..23 do
                        Expect.floatClose Accuracy.high made.Mean[h, 1] 7.25 "the constant"

                    Expect.exists forecaster.Remarks (fun remark -> remark.Contains "one value") "the remark")
            ]

    let updates: Test =
        testList
            "Updates and files"
            [
                testCase "An update is the fit to all rows, in the units of the first" (fun () ->
                    let rows = seasonalRows 6 1500

                    use early =
                        fitRows
                            { options with
                                Centre = ForecastCentre.Mean
                                Columns = ForecastColumns.Shared
                            }
                            rows[..1399, *]

                    use later = Forecaster.update rows[1400.., *] early |> Outcome.get

                    let sums =
                        let columns =
                            Array.init 2 (fun c -> rows[*, c])
                            |> ForecastFit.standardise early.Parts.Means early.Parts.Scales

                        ForecastFit.sums
                            { options with LookBack = Some 48 }
                            ForecastColumns.Shared
                            48
                            [ 1.0, 0, 1500, columns ]

                    let scale = sums.Products |> Array.map abs |> Array.max

                    Array.iter2
                        (fun (a: float) b -> Expect.isLessThan (abs (a - b)) (1e-12 * scale) "a sum")
                        sums.Products
                        later.Parts.Sums.Products

                    use refit =
                        ForecastFit.fitted later.Parts.Options ForecastCentre.Mean 1.0 sums
                        |> Outcome.get

                    Tensors.within (fun () ->
                        let map (operator: DelayOperator) =
                            DelayOperator.forecastMatrix ForecastCentre.Mean 24 operator

                        let difference = (map refit - map later.Parts.Operator).abs().max().ToDouble()
                        Expect.isLessThan difference 1e-9 "the map from windows to forecasts"))

                testCase "Rows one by one are rows at once" (fun () ->
                    let rows = seasonalRows 7 1010
                    use early = fitRows options rows[..999, *]
                    use atOnce = Forecaster.update rows[1000.., *] early |> Outcome.get

                    let mutable current = Forecaster.update rows[1000..1000, *] early |> Outcome.get

                    for t in 1001..1009 do
                        use old = current
                        current <- Forecaster.update rows[t..t, *] old |> Outcome.get

                    use current = current
                    let a = Forecaster.forecast 24 atOnce |> Outcome.get
                    let b = Forecaster.forecast 24 current |> Outcome.get
                    Expect.isLessThan (largest a.Mean (fun h c -> b.Mean[h, c])) 1e-8 "the forecasts"
                    Expect.equal a.Times b.Times "the times")

                testInFolder "A file gives the same bits" (fun folder ->
                    use forecaster = fitRows options (seasonalRows 8 900)
                    let path = folder.File "forecaster.safetensors"
                    Forecaster.save path forecaster |> Outcome.get
                    use loaded = Forecaster.load path |> Outcome.get

                    let ask count one =
                        Forecaster.forecast count one |> Outcome.get

                    Expect.isTrue (isSame (ask 24 loaded) (ask 24 forecaster)) "the forecasts"
                    Expect.equal loaded.Eigenvalues forecaster.Eigenvalues "the eigenvalues"
                    Expect.equal loaded.Remarks forecaster.Remarks "the remarks"
                    let more = seasonalRows 9 5
                    use a = Forecaster.update more forecaster |> Outcome.get
                    use b = Forecaster.update more loaded |> Outcome.get
                    Expect.isTrue (isSame (ask 24 a) (ask 24 b)) "the forecasts after an update"
                    File.WriteAllBytes(path, Array.append (File.ReadAllBytes path) [| 1uy |])
                    Forecaster.load path |> Expect.error ErrorKind.UnreadableFile [])

                testCase "Several trajectories: sums over windows of each, never across" (fun () ->
                    let one, two = seasonalRows 10 800, seasonalRows 11 100
                    use data = Trajectories.ofArrays 1.0 [ two; one ] |> Outcome.get

                    let shared =
                        { options with
                            Columns = ForecastColumns.Shared
                        }

                    use forecaster = Forecaster.fit shared data |> Outcome.get
                    Expect.equal forecaster.Parts.Sums.Windows (2.0 * (29.0 + 729.0)) "the windows of both columns"
                    let made = Forecaster.forecast 24 forecaster |> Outcome.get
                    Expect.equal made.Times[0] 800.0 "the last trajectory goes on")

                testCase "The sums over windows are what they are called" (fun () ->
                    let x = noise 12 40

                    // Rows of D values, each window weighing less than the next.
                    for d, decay in [ 1, 1.0; 1, 0.9; 2, 1.0; 2, 0.97 ] do
                        let range =
                            {
                                Values = x
                                First = 3 / d
                                Count = 20 / d
                                Weight = 1.5
                            }

                        let sums = WindowSums.ofRanges decay 5 4 d [ range ]

                        let weight t =
                            1.5 * decay ** float (range.Count - 1 - t)

                        let width = 9 * d

                        for i in 0 .. 6 * d - 1 do
                            for j in 0 .. width - 1 do
                                let direct =
                                    Seq.sum (
                                        seq {
                                            for t in 0 .. range.Count - 1 do
                                                let at = (range.First + t) * d
                                                weight t * x[at + i] * x[at + j]
                                        }
                                    )

                                Expect.floatClose
                                    Accuracy.high
                                    sums.Products[i * width + j]
                                    direct
                                    $"({i}, {j}) of {d} columns, decay {decay}"

                        let total = Seq.init range.Count weight |> Seq.sum
                        Expect.floatClose Accuracy.high sums.Windows total "the windows")

                testInFolder "A table with dates is a series" (fun folder ->
                    let rows =
                        String.Join('\n', Array.init 5 (fun t -> $"2024-03-0{t + 1} 00:00:00,{t},{10 * t}"))

                    let path = folder.Write("dated.csv", "date,a,b\n" + rows + "\n")
                    use data = Dataset.readTrajectories path |> Outcome.get
                    Expect.equal (data.Count, data.Dimension, data.States.Count) (1, 2, 5) "the series"
                    Expect.equal (Trajectories.step data) (Some 86400.0) "a day in seconds"
                    let damaged = folder.Write("damaged.csv", "date,a\n2024-03-01,1\n2024-03-02,x\n")

                    Dataset.readTrajectories damaged
                    |> Expect.error ErrorKind.UnreadableFile [ "line 3"; "column 2"; "'x'" ])

                testCase "Nothing is left behind" (fun () ->
                    let rows = seasonalRows 13 600
                    let before = live ()

                    let work () =
                        use data = ofRows rows
                        use forecaster = Forecaster.fit options data |> Outcome.get
                        use later = Forecaster.update rows[..9, *] forecaster |> Outcome.get
                        Forecaster.forecast 24 later |> Outcome.get |> ignore
                        Backtest.between 300 100 options data |> Outcome.get |> ignore

                    work ()
                    Expect.equal (live ()) before "tensors")
            ]

    let errors: Test =
        testList
            "Errors"
            [
                testCase "Too few rows, with the number that is needed" (fun () ->
                    use data = ofRows (seasonalRows 14 100)

                    Forecaster.fit options data
                    |> Expect.error ErrorKind.TooFewSamples [ "100 rows"; "look-back of 48"; "LookBack" ]

                    Backtest.run options data
                    |> Expect.error ErrorKind.TooFewSamples [ "LookBack or Horizon" ])

                testCase "Data that never vary" (fun () ->
                    use data = ofRows (table 400 [ fun _ -> 2.0 ])

                    Forecaster.fit options data
                    |> Expect.error ErrorKind.TooFewSamples [ "constant" ])

                testCase "Settings out of range name the setting" (fun () ->
                    use data = ofRows (seasonalRows 15 400)

                    for bad, name in
                        [
                            { options with LookBack = Some 1 }, "LookBack"
                            { options with Horizon = 3 }, "Horizon"
                            { options with Rank = 0 }, "Rank"
                            { options with Ridge = 0.0 }, "Ridge"
                            { options with Level = 1.0 }, "Level"
                            { options with HeldOut = 0.0 }, "HeldOut"
                            { options with Centre = enum 7 }, "Centre"
                            { options with Columns = enum 7 }, "Columns"
                            { options with Structure = enum 7 }, "Structure"
                            { options with Periods = [| 1.5 |] }, "Periods"
                            { options with HalfLife = Some 0.0 }, "HalfLife"
                            { options with InputLags = Some -1 }, "InputLags"
                        ] do
                        Forecaster.fit bad data |> Expect.error ErrorKind.InvalidSetting [ name ])

                testCase "Irregular times, inputs, and rows of another shape" (fun () ->
                    let rows = seasonalRows 16 400
                    use data = ofRows rows

                    use irregular =
                        Trajectories.withTimes [ Array.init 400 (fun t -> float (t * t)) ] data
                        |> Outcome.get

                    Forecaster.fit options irregular
                    |> Expect.error ErrorKind.InvalidSetting [ "equally spaced" ]

                    use forecaster = Forecaster.fit options data |> Outcome.get

                    Forecaster.update (Array2D.zeroCreate 1 3) forecaster
                    |> Expect.error ErrorKind.ShapeMismatch [ "dimension" ]

                    Forecaster.forecastFrom 5 rows[..9, *] forecaster
                    |> Expect.error ErrorKind.TooFewSamples [ "48" ]

                    Forecaster.update (Array2D.create 1 2 nan) forecaster
                    |> Expect.error ErrorKind.NotFinite [ "NaN" ]

                    Forecaster.forecast 0 forecaster
                    |> Expect.error ErrorKind.InvalidSetting [ "rows ahead" ])
            ]
