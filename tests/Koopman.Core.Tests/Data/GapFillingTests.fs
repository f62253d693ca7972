namespace Koopman.Tests

open System
open Expecto
open Koopman

/// Missing values that are filled when a file is read.
module GapFillingTests =

    let private noise (seed: int) (count: int) : float[] =
        use draws = Seed.normal [| int64 count |] (Seed.ofInt seed)
        Tensors.toArray draws

    let private fill (reading: ReadOptions) : ReadOptions =
        { reading with
            Missing = MissingValues.Fill
        }

    let private write (folder: TemporaryFolder) (lines: string seq) : string =
        folder.Write("gaps.csv", String.Join('\n', lines) + "\n")

    let private format (x: float) : string =
        if Double.IsNaN x then
            ""
        else
            x.ToString("R", Globalization.CultureInfo.InvariantCulture)

    let all: Test =
        testList
            "Missing values"
            [
                testCase "One value of an AR(1) is estimated from its neighbours as it should be" (fun () ->
                    let a = 0.8
                    let x = noise 1 4000 |> Array.scan (fun x e -> a * x + e) 0.0 |> Array.skip 1
                    let holes = [ 500; 1500; 2500 ]
                    let torn = Array.copy x

                    for t in holes do
                        torn[t] <- nan

                    let struct (filled, count) = GapFilling.fill [| torn |]
                    Expect.equal count 3 "the number"

                    for t in holes do
                        let best = a / (1.0 + a * a) * (x[t - 1] + x[t + 1])
                        Expect.isLessThan (abs (filled[0].[t] - best)) 0.35 "the best linear estimate"


                    Expect.equal (filled[0].[501]) x[501] "the others stay")

                testCase "A stretch of a day in hourly data is the day, not a line" (fun () ->
                    let exact (t: int) =
                        10.0 + 3.0 * sin (2.0 * Math.PI * float t / 24.0)

                    let values = Array.init 600 exact

                    for t in 300..323 do
                        values[t] <- nan

                    let struct (filled, _) = GapFilling.fill [| values |]

                    for t in 300..323 do
                        Expect.isLessThan (abs (filled[0].[t] - exact t)) 0.4 "the value")

                testInFolder "Blank fields, rows that are not there, and what is said" (fun folder ->
                    let exact (t: int) = sin (2.0 * Math.PI * float t / 24.0)

                    let path =
                        write
                            folder
                            [
                                "time,a,b"

                                for t in 0..399 do
                                    if not (t >= 100 && t < 105) then
                                        let a = if t = 200 || t = 201 then nan else exact t
                                        $"{t},{format a},{format (2.0 * exact t)}"
                            ]

                    Dataset.readTrajectories path
                    |> Expect.error ErrorKind.NotFinite [ "a is missing"; "Fill" ]

                    let struct (data, understood) =
                        Dataset.readTrajectoriesWith (fill Dataset.defaults) path |> Outcome.get

                    use data = data
                    Expect.equal (data.Count, data.States.Count) (1, 400) "one trajectory, all rows"
                    Expect.equal (Trajectories.step data) (Some 1.0) "equally spaced"
                    Expect.stringContains (string understood) "12 missing values filled" "what is said"
                    let values = Tensors.toArray data.States.Points

                    for t in [ 100..104 ] @ [ 200; 201 ] do
                        Expect.isLessThan (abs (values[2 * t] - exact t)) 0.1 "a"
                        Expect.isLessThan (abs (values[2 * t + 1] - 2.0 * exact t)) 0.2 "b"

                    Expect.equal values[2 * 202 + 1] (2.0 * exact 202) "what is known stays")

                testInFolder "A long stretch cuts" (fun folder ->
                    let values = noise 3 400

                    let path =
                        write
                            folder
                            [
                                "time,a"
                                for t in 0..399 do
                                    $"{t},{format (if t >= 100 && t < 160 then nan else values[t])}"
                            ]

                    let struct (data, understood) =
                        Dataset.readTrajectoriesWith (fill Dataset.defaults) path |> Outcome.get

                    use data = data
                    Expect.equal data.Lengths [| 100; 240 |] "two trajectories"
                    Expect.stringContains (string understood) "60 rows with missing values left out" "what is said")

                testInFolder "Points have no order to fill by" (fun folder ->
                    let path = write folder [ "a,b"; "1,2"; ",3"; "4,5" ]

                    Dataset.readSamplesWith (fill Dataset.defaults) path
                    |> Expect.error ErrorKind.InvalidSetting [ "without times"; "Cut" ])
            ]
