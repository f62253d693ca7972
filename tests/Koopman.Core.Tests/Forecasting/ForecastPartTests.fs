namespace Koopman.Tests

open System
open System.Numerics
open Expecto
open Koopman
open TorchSharp

/// Forecasts beyond a column by itself: columns that drive each other, inputs, structure, forgetting, bands of paths, scenarios, choices, and monitoring.
module ForecastPartTests =

    let private options: ForecastOptions =
        { Forecaster.defaults with
            LookBack = Some 24
            Horizon = 12
            Rank = 8
        }

    let private ofColumns (columns: float[] list) : float[,] =
        let columns = Array.ofList columns
        Array2D.init columns[0].Length columns.Length (fun t c -> columns[c][t])

    let private data (rows: float[,]) : Trajectories =
        Trajectories.ofArrays 1.0 [ rows ] |> Outcome.get

    let private noise (seed: int) (count: int) : float[] =
        use draws = Seed.normal [| int64 count |] (Seed.ofInt seed)
        Tensors.toArray draws

    /// x_t = a x_{t-1} + e_t.
    let private autoregressive (seed: int) (a: float) (count: int) : float[] =
        noise seed count |> Array.scan (fun x e -> a * x + e) 0.0 |> Array.skip 1

    let private season (count: int) : float[] =
        Array.init count (fun t -> 2.0 * sin (2.0 * Math.PI * float t / 12.0))

    let private add (a: float[]) (b: float[]) : float[] = Array.map2 (+) a b

    /// The second column repeats the first five rows later, with a little noise.
    let private leader (seed: int) (count: int) : float[,] =
        let first = noise seed (count + 5)
        let little = noise (seed + 1) count

        ofColumns
            [
                Array.skip 5 first
                Array.init count (fun t -> 3.0 * first[t] + 0.3 * little[t] + 10.0)
            ]

    let private fit (options: ForecastOptions) (rows: float[,]) : Forecaster =
        use data = data rows
        Forecaster.fit options data |> Outcome.get

    let private meanOver (rows: seq<int>) (score: ForecastScore) : float =
        rows |> Seq.averageBy (fun h -> score.SquaredErrors[h])

    let coupled: Test =
        testList
            "Columns that drive each other"
            [
                testCase "A column that follows another is forecast from it, and that is chosen and said" (fun () ->
                    use data = data (leader 1 3000)
                    let found = Backtest.run options data |> Outcome.get

                    let alone =
                        Backtest.run
                            { options with
                                Columns = ForecastColumns.Shared
                            }
                            data
                        |> Outcome.get

                    // Of both columns, in their variances: the first is noise, the second is known but for .09 of 9.09.
                    let exact = (1.0 + 0.09 / 9.09) / 2.0
                    Expect.inRange (meanOver [ 0..4 ] found.Model) (0.9 * exact, 1.15 * exact) "the first five rows"
                    Expect.isGreaterThan (meanOver [ 0..4 ] alone.Model) 0.9 "nothing is known from the column alone"
                    Expect.inRange (meanOver [ 5..11 ] found.Model) (0.9, 1.1) "nothing is known later"
                    use forecaster = Forecaster.fit options data |> Outcome.get
                    Expect.equal forecaster.Columns ForecastColumns.Coupled "the choice"
                    Expect.exists forecaster.Remarks (fun remark -> remark.Contains "all columns") "the remark"
                    Expect.equal forecaster.Parts.Operator.Columns 2 "the columns of a window")

                testCase
                    "Products of columns are taken where a nonlinear system pays for them, and in files and modes"
                    (fun () ->
                        // x_{t+1} = 1 - 1.4 x_t² + .3 x_{t-1}: the map of Hénon, with noise on what is seen.
                        let draws = noise 7 3000
                        let mutable x, before = 0.1, 0.1

                        let values =
                            Array.init 3000 (fun t ->
                                let next = 1.0 - 1.4 * x * x + 0.3 * before
                                before <- x
                                x <- next
                                next + 0.01 * draws[t])

                        let options =
                            { options with
                                LookBack = Some 6
                                Horizon = 4
                                Ridge = 1e-6
                            }

                        let rows = ofColumns [ values ]
                        use data = data rows
                        let found = Backtest.run options data |> Outcome.get

                        let linear =
                            Backtest.run
                                { options with
                                    Columns = ForecastColumns.Shared
                                }
                                data
                            |> Outcome.get

                        // One step is exact but for the noise, of variance 1e-4 in a variance of .52, seen through the map.
                        Expect.isLessThan found.Model.SquaredErrors[0] 0.01 "one row ahead"
                        Expect.isGreaterThan linear.Model.SquaredErrors[0] 0.3 "one row ahead without products"
                        use forecaster = fit options rows
                        Expect.equal forecaster.Columns ForecastColumns.Products "the choice"
                        Expect.exists forecaster.Remarks (fun remark -> remark.Contains "squares") "the remark"
                        use folder = new TemporaryFolder()
                        let path = folder.File "products.safetensors"
                        Forecaster.save path forecaster |> Outcome.get
                        use loaded = Forecaster.load path |> Outcome.get
                        let made = Forecaster.forecast 4 forecaster |> Outcome.get

                        Expect.equal
                            (Forecaster.forecast 4 loaded |> Outcome.get).Mean
                            made.Mean
                            "the bits from the file"

                        Expect.equal made.Mean.Length 4 "one column"
                        let modes = Forecaster.modes 4 forecaster |> Outcome.get

                        for h in 0..3 do
                            let sum = modes |> Array.sumBy (fun mode -> mode.Curve[h, 0])
                            Expect.floatClose Accuracy.medium sum made.Mean[h, 0] $"the curves at row {h}"

                        use later = Forecaster.update rows[..49, *] forecaster |> Outcome.get
                        Expect.equal later.Columns ForecastColumns.Products "after an update")

                testCase "Columns with nothing in common are forecast from their own" (fun () ->
                    let rows = ofColumns [ autoregressive 3 0.8 2000; autoregressive 4 0.8 2000 ]
                    use forecaster = fit options rows
                    Expect.equal forecaster.Columns ForecastColumns.Shared "the choice")

                testCase
                    "A rotation by coupled columns: eigenvalues and forecasts to rounding, from two rows"
                    (fun () ->
                        // A state of R² whose columns are both needed; the second is not a delay of the first in so few rows.
                        let frequency = 2.0 * Math.PI / (9.0 * sqrt 2.0)

                        let exact (c: int) (t: int) =
                            if c = 0 then
                                cos (frequency * float t)
                            else
                                5.0 * sin (frequency * float t)

                        let rows = Array2D.init 400 2 (fun t c -> exact c t)

                        use forecaster =
                            fit
                                { options with
                                    LookBack = Some 2
                                    Ridge = 1e-13
                                    Centre = ForecastCentre.Level
                                    Columns = ForecastColumns.Coupled
                                }
                                rows

                        let target = Complex.FromPolarCoordinates(1.0, frequency)

                        let nearest =
                            forecaster.Eigenvalues
                            |> Array.map (fun value -> Complex.Abs(value - target))
                            |> Array.min

                        Expect.isLessThan nearest 1e-5 "the eigenvalue"
                        let made = Forecaster.forecast 12 forecaster |> Outcome.get

                        for h in 0..11 do
                            for c in 0..1 do
                                let error = abs (made.Mean[h, c] - exact c (400 + h))
                                Expect.isLessThan error 0.05 $"row {h} of column {c}")

                testCase "An update of coupled columns is the fit to all rows" (fun () ->
                    let rows = leader 5 1200

                    let options =
                        { options with
                            Columns = ForecastColumns.Coupled
                            Centre = ForecastCentre.Mean
                        }

                    use early = fit options rows[..1099, *]
                    use later = Forecaster.update rows[1100.., *] early |> Outcome.get

                    let sums =
                        [| for c in 0..1 -> rows[*, c] |]
                        |> ForecastFit.standardise early.Parts.Means early.Parts.Scales
                        |> fun columns -> ForecastFit.sums options ForecastColumns.Coupled 24 [ 1.0, 0, 1200, columns ]

                    let scale = sums.Products |> Array.map abs |> Array.max

                    Array.iter2
                        (fun (a: float) b -> Expect.isLessThan (abs (a - b)) (1e-12 * scale) "a sum")
                        sums.Products
                        later.Parts.Sums.Products)
            ]

    /// A column that answers an input at once, and another input one row later, and is noise besides.
    let private driven (seed: int) (count: int) : struct (float[,] * float[,]) =
        let u = noise seed count
        let v = Array.init count (fun t -> if (t / 7) % 2 = 0 then 1.0 else 0.0)
        let n = autoregressive (seed + 1) 0.6 count

        let y =
            Array.init count (fun t -> 20.0 + 2.0 * u[t] + (if t > 0 then -3.0 * v[t - 1] else 0.0) + n[t])

        struct (ofColumns [ y ], ofColumns [ u; v ])

    let private withInputs (rows: float[,]) (inputs: float[,]) : Trajectories =
        use plain = data rows

        use inputs =
            Tensors.ofRows (Array2D.length1 inputs) (inputs |> Seq.cast<float> |> Array.ofSeq)

        Trajectories.withInputs [ inputs ] plain |> Outcome.get

    let inputs: Test =
        testList
            "Inputs that are known"
            [
                testCase "Their effects are found, and forecasts follow them" (fun () ->
                    let struct (rows, inputs) = driven 11 4000
                    use data = withInputs rows[..2999, *] inputs[..2999, *]
                    use forecaster = Forecaster.fit options data |> Outcome.get
                    let effects = forecaster.InputEffects

                    for k, i, exact in [ 0, 0, 2.0; 0, 1, 0.0; 1, 0, 0.0; 1, 1, -3.0 ] do
                        Expect.isLessThan (abs (effects[k, i, 0] - exact)) 0.2 $"input {i}, {k} rows later"

                    Expect.exists forecaster.Remarks (fun remark -> remark.Contains "inputs") "the remark"
                    use all = withInputs rows inputs
                    let found = Backtest.between 2000 1000 options all |> Outcome.get
                    let ahead = [ 0..11 ]
                    // What is left are the errors of an AR(1).
                    let exact = ahead |> List.averageBy (fun h -> (1.0 - 0.36 ** float (h + 1)) / 0.64)

                    let struct (_, scales) = ForecastFit.scales [| 2000 |] [| [| rows[*, 0] |] |]

                    let own = found.Model.MeanSquaredError * scales[0] * scales[0]
                    Expect.inRange (own / exact) (0.9, 1.12) "the errors"

                    for rival in found.Rivals do
                        Expect.isGreaterThan rival.MeanSquaredError (2.0 * found.Model.MeanSquaredError) rival.Name

                    Expect.inRange found.MeanCoverage (0.87, 0.93) "the coverage")

                testCase "Rows with inputs one by one are rows at once, and a file keeps them" (fun () ->
                    let struct (rows, inputs) = driven 12 1300
                    use data = withInputs rows[..1199, *] inputs[..1199, *]

                    let options =
                        { options with
                            InputLags = Some 3
                            Centre = ForecastCentre.Mean
                        }

                    use early = Forecaster.fit options data |> Outcome.get

                    use atOnce =
                        Forecaster.updateGiven inputs[1200..1209, *] rows[1200..1209, *] early
                        |> Outcome.get

                    let mutable current =
                        Forecaster.updateGiven inputs[1200..1200, *] rows[1200..1200, *] early
                        |> Outcome.get

                    for t in 1201..1209 do
                        use old = current

                        current <- Forecaster.updateGiven inputs[t..t, *] rows[t..t, *] old |> Outcome.get

                    use current = current
                    let future = inputs[1210..1221, *]
                    let a = Forecaster.forecastGiven future atOnce |> Outcome.get
                    let b = Forecaster.forecastGiven future current |> Outcome.get

                    for h in 0..11 do
                        Expect.isLessThan (abs (a.Mean[h, 0] - b.Mean[h, 0])) 1e-8 "the forecasts"

                    use folder = new TemporaryFolder()
                    let path = folder.File "driven.safetensors"
                    Forecaster.save path atOnce |> Outcome.get
                    use loaded = Forecaster.load path |> Outcome.get
                    let c = Forecaster.forecastGiven future loaded |> Outcome.get
                    Expect.equal c.Mean a.Mean "the bits of the forecast"
                    Expect.equal c.JointUpper a.JointUpper "the bits of the band"
                    Expect.equal loaded.InputEffects atOnce.InputEffects "the effects"
                    Expect.equal loaded.Remarks atOnce.Remarks "the remarks")

                testCase "Forecasts without the inputs of the coming rows are refused" (fun () ->
                    let struct (rows, inputs) = driven 13 600
                    use data = withInputs rows inputs
                    use forecaster = Forecaster.fit options data |> Outcome.get

                    Forecaster.forecast 5 forecaster
                    |> Expect.error ErrorKind.InvalidSetting [ "2 input"; "forecastGiven" ]

                    Forecaster.update rows[..3, *] forecaster
                    |> Expect.error ErrorKind.InvalidSetting [ "updateGiven" ]

                    Forecaster.forecastGiven inputs[..3, ..0] forecaster
                    |> Expect.error ErrorKind.ShapeMismatch [ "1 inputs"; "2" ]

                    Forecaster.updateGiven inputs[..2, *] rows[..3, *] forecaster
                    |> Expect.error ErrorKind.ShapeMismatch [ "3 rows of inputs" ]

                    use plain = fit options rows

                    Forecaster.forecastGiven inputs[..3, *] plain
                    |> Expect.error ErrorKind.InvalidSetting [ "without inputs" ]

                    ForecastMonitor.learn options data
                    |> Expect.error ErrorKind.InvalidSetting [ "withoutInputs" ]

                    ForecastSelection.run options data
                    |> Expect.error ErrorKind.InvalidSetting [ "withoutInputs" ])
            ]

    let structure: Test =
        testList
            "What is known of the operator"
            [
                testCase "Measure-preserving, symmetric, and with given periods" (fun () ->
                    let rows = ofColumns [ add (season 2000) (autoregressive 21 0.7 2000) ]

                    use kept =
                        fit
                            { options with
                                Structure = ForecastStructure.MeasurePreserving
                            }
                            rows

                    Expect.all kept.Eigenvalues (fun value -> abs (Complex.Abs value - 1.0) < 1e-12) "on the circle"
                    Expect.exists kept.Remarks (fun remark -> remark.Contains "keep the measure") "the remark"

                    use reversible =
                        fit
                            { options with
                                Structure = ForecastStructure.Symmetric
                                Rank = 1
                                Centre = ForecastCentre.Level
                            }
                            (ofColumns [ autoregressive 22 0.7 4000 ])

                    Expect.all reversible.Eigenvalues (fun value -> value.Imaginary = 0.0) "real"

                    Expect.inRange reversible.Eigenvalues[0].Real (0.62, 0.78) "the rate of the process"

                    use periodic =
                        fit
                            { options with
                                Periods = [| 12.0; 2.0 |]
                            }
                            rows

                    for angle in [ 2.0 * Math.PI / 12.0; Math.PI ] do
                        let exact = Complex.FromPolarCoordinates(1.0, angle)

                        Expect.exists
                            periodic.Eigenvalues
                            (fun value -> Complex.Abs(value - exact) < 1e-12)
                            $"the eigenvalue at {angle}"

                    let made = Forecaster.forecast 600 periodic |> Outcome.get

                    for h in 500..599 do
                        let exact = 2.0 * sin (2.0 * Math.PI * float (2000 + h) / 12.0)
                        // Another period would be out of phase by now, and err by up to 4.
                        Expect.isLessThan (abs (made.Mean[h, 0] - exact)) 1.5 "the season, far ahead"

                    use data = data rows

                    Forecaster.fit
                        { options with
                            Periods = Array.init 30 (fun i -> 3.0 + float i)
                        }
                        data
                    |> Expect.error ErrorKind.InvalidSetting [ "period of"; "Rank" ])

                testCase "With a half-life a system that has changed is forecast by what it is now" (fun () ->
                    let draws = noise 23 3000
                    let mutable x = 0.0

                    let values =
                        Array.init 3000 (fun t ->
                            x <- (if t < 2000 then 0.9 else -0.8) * x + draws[t]
                            x)

                    let oneAhead (halfLife: float option) =
                        use forecaster =
                            fit
                                { options with
                                    HalfLife = halfLife
                                    Centre = ForecastCentre.Level
                                }
                                (ofColumns [ Array.truncate 2600 values ])

                        Seq.init 300 (fun i ->
                            let window = ofColumns [ values[2600 + i - 24 .. 2600 + i - 1] ]
                            let made = Forecaster.forecastFrom 1 window forecaster |> Outcome.get
                            (made.Mean[0, 0] - values[2600 + i]) ** 2.0)
                        |> Seq.average

                    Expect.isLessThan (oneAhead (Some 150.0)) 1.25 "the noise, of variance 1"
                    Expect.isGreaterThan (oneAhead None) 1.5 "with all windows alike")

                testCase "Forgetting: an update is the weighted fit to all rows" (fun () ->
                    let rows = ofColumns [ autoregressive 24 0.7 900 ]

                    let options =
                        { options with
                            HalfLife = Some 200.0
                            Centre = ForecastCentre.Mean
                        }

                    use early = fit options rows[..799, *]
                    use later = Forecaster.update rows[800.., *] early |> Outcome.get

                    let columns =
                        [| rows[*, 0] |] |> ForecastFit.standardise early.Parts.Means early.Parts.Scales

                    let sums =
                        ForecastFit.sums options ForecastColumns.Shared 24 [ 1.0, 0, 900, columns ]

                    Expect.floatClose Accuracy.high later.Parts.Sums.Windows sums.Windows "the weights"
                    let scale = sums.Products |> Array.map abs |> Array.max

                    Array.iter2
                        (fun (a: float) b -> Expect.isLessThan (abs (a - b)) (1e-11 * scale) "a sum")
                        sums.Products
                        later.Parts.Sums.Products)

                testCase "A trajectory of weight 0 teaches nothing" (fun () ->
                    let one, two = ofColumns [ autoregressive 25 0.7 600 ], ofColumns [ season 500 ]
                    use both = Trajectories.ofArrays 1.0 [ two; one ] |> Outcome.get
                    use weighted = Trajectories.withWeights [| 1e-12; 1.0 |] both |> Outcome.get

                    let options =
                        { options with
                            Centre = ForecastCentre.Mean
                        }

                    use forecaster = Forecaster.fit options weighted |> Outcome.get
                    use equal = Forecaster.fit options both |> Outcome.get

                    let largest (forecaster: Forecaster) =
                        forecaster.Eigenvalues
                        |> Array.map (fun value ->
                            Complex.Abs(value - Complex.FromPolarCoordinates(1.0, 2.0 * Math.PI / 12.0)))
                        |> Array.min

                    Expect.isLessThan (largest equal) 0.01 "with the season"
                    Expect.isGreaterThan (largest forecaster) 0.02 "without it")
            ]

    let paths: Test =
        testList
            "Paths and modes"
            [
                testCase "Joint bands contain whole paths, scenarios values, as often as is said" (fun () ->
                    use data = data (ofColumns [ add (season 6000) (autoregressive 31 0.7 6000) ])
                    let found = Backtest.run options data |> Outcome.get
                    Expect.inRange found.JointCoverage (0.85, 0.94) "whole paths"
                    Expect.inRange found.ScenarioCoverage (0.86, 0.93) "values"
                    use forecaster = Forecaster.fit options data |> Outcome.get
                    let made = Forecaster.forecast 12 forecaster |> Outcome.get
                    let short = Forecaster.forecast 1 forecaster |> Outcome.get
                    Expect.floatClose Accuracy.low short.JointUpper[0, 0] short.Upper[0, 0] "the path of one row"

                    for h in 0..11 do
                        Expect.isGreaterThan made.JointUpper[h, 0] made.Upper[h, 0] "wider"

                        Expect.floatClose
                            Accuracy.high
                            (made.JointUpper[h, 0] + made.JointLower[h, 0])
                            (2.0 * made.Mean[h, 0])
                            "about the mean")

                testCase "Scenarios: by the seed, as wide as the intervals, and as dependent as the errors" (fun () ->
                    use forecaster =
                        fit options (ofColumns [ autoregressive 32 0.9 5000; autoregressive 33 0.9 5000 ])

                    let made = Forecaster.forecast 12 forecaster |> Outcome.get

                    let draw seed =
                        Forecaster.scenarios 2000 (Seed.ofInt seed) made forecaster |> Outcome.get

                    let all = draw 1
                    Expect.equal (draw 1) all "the same draws"
                    Expect.notEqual (draw 2) all "other draws"

                    for c in 0..1 do
                        for h in [ 0; 5; 11 ] do
                            let values = Array.init 2000 (fun i -> all[i, h, c])

                            let inside =
                                values
                                |> Array.filter (fun x -> x >= made.Lower[h, c] && x <= made.Upper[h, c])
                                |> Array.length

                            Expect.inRange (float inside / 2000.0) (0.8, 0.97) "inside the intervals"

                    // The errors of an AR(1) one and two rows ahead are e and .9e + e', of correlation .669.
                    let deviation h =
                        Array.init 2000 (fun i -> all[i, h, 0] - made.Mean[h, 0])

                    let correlation =
                        MathNet.Numerics.Statistics.Correlation.Pearson(deviation 0, deviation 1)

                    Expect.inRange correlation (0.5, 0.82) "neighbouring rows"

                    let other =
                        MathNet.Numerics.Statistics.Correlation.Pearson(
                            deviation 0,
                            Array.init 2000 (fun i -> all[i, 0, 1] - made.Mean[0, 1])
                        )

                    Expect.inRange other (-0.3, 0.3) "independent columns"
                    let far = Forecaster.forecast 13 forecaster |> Outcome.get

                    Forecaster.scenarios 5 (Seed.ofInt 1) far forecaster
                    |> Expect.error ErrorKind.InvalidSetting [ "13 rows"; "12" ])

                testCase "The curves of the modes add up to the forecast" (fun () ->
                    let rows =
                        ofColumns [ add (season 1500) (autoregressive 34 0.7 1500); autoregressive 35 0.5 1500 ]

                    for columns in [ ForecastColumns.Shared; ForecastColumns.Coupled ] do
                        for centre in [ ForecastCentre.Mean; ForecastCentre.Last; ForecastCentre.Level ] do
                            use forecaster =
                                fit
                                    { options with
                                        Columns = columns
                                        Centre = centre
                                    }
                                    rows

                            let made = Forecaster.forecast 20 forecaster |> Outcome.get
                            let modes = Forecaster.modes 20 forecaster |> Outcome.get

                            for h in 0..19 do
                                for c in 0..1 do
                                    let sum = modes |> Array.sumBy (fun mode -> mode.Curve[h, c])
                                    Expect.floatClose Accuracy.medium sum made.Mean[h, c] $"row {h} of column {c}"

                            if columns = ForecastColumns.Shared && centre = ForecastCentre.Mean then
                                let turning = modes |> Array.find (fun mode -> mode.Period < 1000.0)

                                Expect.isLessThan
                                    (abs (turning.Period - 12.0))
                                    0.2
                                    "the largest that turns is the season")

                testCase "Coupled columns in a file give the same bits" (fun () ->
                    use folder = new TemporaryFolder()
                    let path = folder.File "coupled.safetensors"
                    use forecaster = fit { options with HalfLife = Some 500.0 } (leader 36 900)
                    Expect.equal forecaster.Columns ForecastColumns.Coupled "the choice"
                    Forecaster.save path forecaster |> Outcome.get
                    use loaded = Forecaster.load path |> Outcome.get

                    let ask one =
                        let made = Forecaster.forecast 12 one |> Outcome.get
                        made, Forecaster.scenarios 3 (Seed.ofInt 4) made one |> Outcome.get

                    let a, scenarios = ask forecaster
                    let b, same = ask loaded
                    Expect.equal b.Mean a.Mean "the forecast"
                    Expect.equal b.JointLower a.JointLower "the joint band"
                    Expect.equal same scenarios "the scenarios"
                    Expect.equal loaded.Columns ForecastColumns.Coupled "the columns")

                testCase "The last row of the data changes the errors of the last row ahead alone" (fun () ->
                    let rows = leader 37 1500
                    let changed = Array2D.copy rows
                    changed[1499, 0] <- 1e6
                    changed[1499, 1] <- -1e6
                    use first = data rows
                    use second = data changed
                    let a = Backtest.between 900 300 options first |> Outcome.get
                    let b = Backtest.between 900 300 options second |> Outcome.get

                    let same (what: string) (x: float[]) (y: float[]) = Expect.equal x[..10] y[..10] what

                    same "the forecaster" a.Model.SquaredErrors b.Model.SquaredErrors
                    same "the coverage" a.Coverage b.Coverage

                    for x, y in Array.zip a.Rivals b.Rivals do
                        same x.Name x.SquaredErrors y.SquaredErrors

                    Expect.isGreaterThan b.Model.SquaredErrors[11] a.Model.SquaredErrors[11] "the last row ahead")
            ]

    let choices: Test =
        testList
            "Autoregressions and choices"
            [
                testCase "An autoregression finds its order and coefficients, and forecasts by their powers" (fun () ->
                    let a = Autoregression.fit 10 [| autoregressive 41 0.7 20000 |]
                    Expect.isLessThan (abs (a[0] - 0.7)) 0.02 "the coefficient"
                    Expect.isLessThan a.Length 4 "the order"
                    let map = Autoregression.forecastMatrix 5 3 [| 0.5; 0.2 |]
                    // From x_{-2} and x_{-1} in the last two rows of the window.
                    for h, exact in [ 0, (0.2, 0.5); 1, (0.1, 0.45); 2, (0.09, 0.325) ] do
                        Expect.floatClose Accuracy.high map[3 * 3 + h] (fst exact) "the row before the last"
                        Expect.floatClose Accuracy.high map[4 * 3 + h] (snd exact) "the last row")

                testCase "A series that keeps its level is taken from it, and no autoregression is better" (fun () ->
                    use data = data (ofColumns [ add (season 6000) (autoregressive 42 0.7 6000) ])
                    use forecaster = Forecaster.fit options data |> Outcome.get
                    Expect.equal forecaster.Centre ForecastCentre.Level "the centre"
                    let found = Backtest.run options data |> Outcome.get

                    for rival in found.Rivals do
                        Expect.isLessThan found.Model.MeanSquaredError (1.01 * rival.MeanSquaredError) rival.Name)

                testCase "Validation chooses what pays, and nothing else" (fun () ->
                    use led = data (leader 43 2400)
                    let found = ForecastSelection.run options led |> Outcome.get
                    Expect.equal found.Best.Columns ForecastColumns.Coupled "columns that drive each other"
                    Expect.stringContains found.Verdict "Coupled" "the verdict"
                    Expect.all found.Candidates (fun tried -> tried.Errors.Length = 3) "three parts"

                    // A season of 40 rows needs a longer window than 12.
                    let long =
                        add (Array.init 2400 (fun t -> 2.0 * sin (2.0 * Math.PI * float t / 40.0))) (noise 44 2400)

                    use long = data (ofColumns [ long ])

                    let found =
                        ForecastSelection.run
                            { options with
                                LookBack = Some 12
                                Centre = ForecastCentre.Mean
                            }
                            long
                        |> Outcome.get

                    Expect.equal found.Best.LookBack (Some 24) "a longer window"
                    use pure' = data (ofColumns [ noise 45 2400 ])

                    let found =
                        ForecastSelection.run
                            { options with
                                Centre = ForecastCentre.Level
                            }
                            pure'
                        |> Outcome.get

                    Expect.equal found.Best.Columns ForecastColumns.Shared "noise"
                    Expect.stringContains found.Verdict "nothing" "the verdict of noise"
                    use short = data (ofColumns [ noise 46 60 ])

                    ForecastSelection.run options short
                    |> Expect.error ErrorKind.TooFewSamples [ "60 rows" ])
            ]

    let monitor: Test =
        let learnt (seed: int) =
            use data =
                data (
                    ofColumns
                        [
                            autoregressive seed 0.7 3000
                            add (season 3000) (autoregressive (seed + 1) 0.5 3000)
                        ]
                )

            ForecastMonitor.learn options data |> Outcome.get

        /// What follows, from a system that may differ.
        let later (seed: int) (a: float) (count: int) =
            ofColumns
                [
                    autoregressive seed a count
                    add
                        (Array.init count (fun t -> 2.0 * sin (2.0 * Math.PI * float (3000 + t) / 12.0)))
                        (autoregressive (seed + 1) 0.5 count)
                ]

        testList
            "Monitoring"
            [
                testCase "Errors of an unchanged system are as large as is said; a spike stands out" (fun () ->
                    use monitor = learnt 51
                    let rows = later 61 0.7 1000
                    let seen = ForecastMonitor.watch rows monitor |> Outcome.get

                    for c in 0..1 do
                        let share = seen.PValues[*, c] |> Array.filter (fun p -> p <= 0.1) |> Array.length

                        Expect.inRange (float share / 1000.0) (0.06, 0.14) $"a tenth of the values of column {c}"

                    Expect.isGreaterThan (Array.min seen.ChangePValues) 0.005 "no change"
                    Expect.stringContains seen.Verdict "no change" "the verdict"
                    rows[500, 0] <- rows[500, 0] + 12.0
                    let spiked = ForecastMonitor.watch rows monitor |> Outcome.get
                    Expect.equal spiked.RowPValues[500] (Array.min spiked.RowPValues) "the row"
                    Expect.isLessThan spiked.RowPValues[500] 0.005 "its score"
                    Expect.equal spiked.PValues[499, 0] seen.PValues[499, 0] "the row before it")

                testCase "Another operator is found, and its column named" (fun () ->
                    use monitor = learnt 52
                    let seen = ForecastMonitor.watch (later 62 -0.2 600) monitor |> Outcome.get
                    Expect.isLessThan seen.ChangePValues[0] 1e-6 "the column that changed"
                    Expect.isGreaterThan seen.ChangePValues[1] 0.001 "the other"
                    Expect.stringContains seen.Verdict "has changed" "the verdict"
                    Expect.stringContains seen.Verdict "column 1" "its column"

                    let few = ForecastMonitor.watch (later 63 0.7 20) monitor |> Outcome.get
                    Expect.all few.ChangePValues Double.IsNaN "too few rows to test"
                    Expect.stringContains few.Verdict "too few" "the verdict of few")

                testCase "False alarms are as rare as is said" (fun () ->
                    use monitor = learnt 53

                    let small =
                        Seq.init 60 (fun i ->
                            let seen =
                                ForecastMonitor.watch (later (1000 + 10 * i) 0.7 400) monitor |> Outcome.get

                            seen.ChangePValues |> Array.filter (fun p -> p < 0.05) |> Array.length)
                        |> Seq.sum

                    // Of 120 tests at the level .05.
                    Expect.inRange small (0, 14) "alarms")

                testCase "More later rows than held-out ones do not make the test impossible" (fun () ->
                    use monitor = learnt 57
                    let count = 4 * monitor.CalibrationRows
                    let same = ForecastMonitor.watch (later 67 0.7 count) monitor |> Outcome.get
                    Expect.all same.ChangePValues Double.IsFinite "tested"
                    let changed = ForecastMonitor.watch (later 68 -0.2 count) monitor |> Outcome.get
                    Expect.isLessThan changed.ChangePValues[0] 1e-6 "a change")

                testCase "The history shows a period that changes" (fun () ->
                    let values =
                        Array.init 1600 (fun t -> sin (2.0 * Math.PI * float t / (if t < 800 then 12.0 else 15.0)))

                    use data =
                        data (ofColumns [ add values (Array.map (fun e -> 0.1 * e) (noise 54 1600)) ])

                    let epochs = ForecastMonitor.history 800 options data |> Outcome.get
                    Expect.equal (epochs |> Array.map _.First) [| 0.0; 800.0 |] "the times"

                    for epoch, period in Array.zip epochs [| 12.0; 15.0 |] do
                        let leading =
                            Array.zip epoch.Amplitudes epoch.Eigenvalues
                            |> Array.filter (fun (_, value) -> value.Imaginary > 0.0)
                            |> Array.maxBy fst
                            |> snd

                        Expect.isLessThan (abs (2.0 * Math.PI / leading.Phase - period)) 0.1 "the period"

                    ForecastMonitor.history 30 options data
                    |> Expect.error ErrorKind.InvalidSetting [ "stretch"; "56" ])

                testCase "Nothing is left behind" (fun () ->
                    let before = live ()

                    let work () =
                        use monitor = learnt 55
                        ForecastMonitor.watch (later 65 0.7 200) monitor |> Outcome.get |> ignore
                        use led = data (leader 56 1000)
                        ForecastSelection.run options led |> Outcome.get |> ignore
                        ForecastMonitor.history 400 options led |> Outcome.get |> ignore
                        Backtest.between 600 200 options led |> Outcome.get |> ignore
                        use forecaster = Forecaster.fit options led |> Outcome.get
                        Forecaster.modes 12 forecaster |> Outcome.get |> ignore

                    work ()
                    Expect.equal (live ()) before "tensors")
            ]
