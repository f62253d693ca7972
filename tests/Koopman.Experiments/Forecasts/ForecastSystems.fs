namespace Koopman.Experiments

open System
open System.Numerics
open Koopman
open Koopman.Cli

/// A system whose future is known but for noise.
[<NoComparison; NoEquality>]
type ForecastSystem =
    {
        Name: string
        /// Rows in time order.
        Rows: float[,]
        Horizon: int
        /// The mean squared error over the horizon of a forecast that knows everything but the noise, in variances of each column; none where it is not known.
        Bound: float option
        /// Periods in rows that it has.
        Periods: float list
    }

/// <summary>Systems with known spectra, for forecasts and for their monitor.</summary>
[<RequireQualifiedAccess>]
module ForecastSystems =

    let private noise (seed: Seed) (name: string) (count: int) : float[] =
        Tensors.within (fun () -> Seed.normal [| int64 count |] (Seed.derive name seed) |> Tensors.toArray)

    let private autoregressive (a: float) (draws: float[]) : float[] =
        draws |> Array.scan (fun x e -> a * x + e) 0.0 |> Array.skip 1

    /// The error of the best forecast of an AR(1) with noise of variance 1, in the mean over the rows ahead.
    let private ofAutoregression (a: float) (horizon: int) : float =
        Seq.init horizon (fun h -> (1.0 - a ** (2.0 * float (h + 1))) / (1.0 - a * a))
        |> Seq.average

    let private variance (values: float[]) : float =
        MathNet.Numerics.Statistics.ArrayStatistics.PopulationVariance values

    let private ofColumns (columns: float[][]) : float[,] =
        Array2D.init columns[0].Length columns.Length (fun t c -> columns[c][t])

    let private turn (period: float) (t: int) : float = sin (2.0 * Math.PI * float t / period)

    let private quasiPeriodic (seed: Seed) (count: int) : ForecastSystem =
        let slow = 17.0 * sqrt 5.0
        let draws = noise seed "quasi-periodic" count

        let values =
            Array.init count (fun t -> turn 24.0 t + 0.7 * turn slow t + 0.5 * draws[t])

        {
            Name = "quasi-periodic"
            Rows = ofColumns [| values |]
            Horizon = 48
            Bound = Some(0.25 / variance values)
            Periods = [ 24.0; slow ]
        }

    let private seasonal (seed: Seed) (count: int) : ForecastSystem =
        let n = noise seed "seasonal" count |> autoregressive 0.7
        let values = Array.init count (fun t -> 0.01 * float t + 5.0 * turn 24.0 t + n[t])

        {
            Name = "season and trend"
            Rows = ofColumns [| values |]
            Horizon = 48
            Bound = Some(ofAutoregression 0.7 48 / variance (Array.truncate (3 * count / 5) values))
            Periods = [ 24.0 ]
        }

    /// Lorenz' system every .05, each coordinate with noise of deviation .5.
    let private lorenz (seed: Seed) (count: int) : ForecastSystem =
        let slope (x: float, y: float, z: float) =
            10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z

        let add (a: float, b: float, c: float) (s: float) (d: float, e: float, f: float) =
            a + s * d, b + s * e, c + s * f

        let step (h: float) p =
            let k1 = slope p
            let k2 = slope (add p (h / 2.0) k1)
            let k3 = slope (add p (h / 2.0) k2)
            let k4 = slope (add p h k3)
            add (add (add (add p (h / 6.0) k1) (h / 3.0) k2) (h / 3.0) k3) (h / 6.0) k4

        let advance p =
            Seq.init 10 id |> Seq.fold (fun p _ -> step 0.005 p) p

        let e = noise seed "lorenz" (3 * count)

        let states =
            (1.0, 1.0, 20.0)
            |> Seq.unfold (fun p -> Some(p, advance p))
            |> Seq.skip 200
            |> Seq.truncate count
            |> Array.ofSeq

        {
            Name = "Lorenz with noise"
            Rows =
                Array2D.init count 3 (fun t c ->
                    let x, y, z = states[t]
                    [| x; y; z |][c] + 0.5 * e[3 * t + c])
            Horizon = 20
            Bound = None
            Periods = []
        }

    /// The second column follows the first by five rows.
    let private leader (seed: Seed) (count: int) : ForecastSystem =
        let first, little = noise seed "leader" (count + 5), noise seed "follower" count

        {
            Name = "one leads"
            Rows = ofColumns [| Array.skip 5 first; Array.init count (fun t -> first[t] + 0.3 * little[t]) |]
            Horizon = 12
            Bound = Some((1.0 + (5.0 * 0.09 / 1.09 + 7.0) / 12.0) / 2.0)
            Periods = []
        }

    let private walk (seed: Seed) (count: int) : ForecastSystem =
        let values = noise seed "walk" count |> Array.scan (+) 0.0

        {
            Name = "random walk"
            Rows = ofColumns [| values |]
            Horizon = 24
            Bound = Some(12.5 / variance (Array.truncate (3 * count / 5) values))
            Periods = []
        }

    /// <summary>The systems, with a number of rows each.</summary>
    let all (seed: Seed) (count: int) : ForecastSystem list =
        [ quasiPeriodic; seasonal; lorenz; leader; walk ]
        |> List.map (fun system -> system seed count)

    /// The largest relative error of the periods of a system among the eigenvalues of a forecaster; none without periods.
    let periodError (system: ForecastSystem) (eigenvalues: Complex[]) : float option =
        let periods =
            eigenvalues
            |> Array.filter (fun value -> value.Imaginary > 0.0)
            |> Array.map (fun value -> 2.0 * Math.PI / value.Phase)

        match system.Periods with
        | [] -> None
        | exact ->
            exact
            |> List.map (fun p -> periods |> Array.map (fun q -> abs (q - p) / p) |> Array.min)
            |> List.max
            |> Some

    /// Two columns, the first an AR(1).
    let private watched (seed: Seed) (a: float) (first: int) (count: int) : float[,] =
        let one = noise seed "watched" count |> autoregressive a
        let two = noise seed "seasonal" count |> autoregressive 0.5
        ofColumns [| one; Array.init count (fun t -> 2.0 * turn 12.0 (first + t) + two[t]) |]

    /// <summary>
    /// The shares of 400-row stretches in which a monitor that learned 3000 rows says that the operator has changed, at the level .05 for each column: where it
    /// has not, and where the first column has gone from .7 to .4.
    /// </summary>
    let alarms (seed: Seed) (stretches: int) : Outcome<struct (float * float)> =
        result {
            let rows = watched (Seed.derive "learned" seed) 0.7 0 3000
            use! data = Trajectories.ofArrays 1.0 [ rows ]

            use! monitor =
                ForecastMonitor.learn
                    { Forecaster.defaults with
                        LookBack = Some 24
                        Horizon = 12
                        Rank = 8
                    }
                    data

            let pValues (a: float) (column: int option) =
                [ 0 .. stretches - 1 ]
                |> Outcome.collect (fun i ->
                    ForecastMonitor.watch (watched (Seed.derive $"stretch {i}" seed) a 3000 400) monitor
                    |> Result.map (fun seen ->
                        match column with
                        | Some c -> [| seen.ChangePValues[c] |]
                        | None -> seen.ChangePValues))
                |> Result.map Array.concat

            let share (values: float[]) =
                float (values |> Array.filter (fun p -> p < 0.05) |> Array.length)
                / float values.Length

            let! same = pValues 0.7 None
            let! changed = pValues 0.4 (Some 0)
            return struct (share same, share changed)
        }

    /// <summary>
    /// Rows that come in pieces, each of which updates a forecaster: the seconds that it took, and how much more memory, in MB, was in use at most than at
    /// most during the first fifth.
    /// </summary>
    let stream (seed: Seed) (pieces: int) (rows: int) : Outcome<struct (float * float)> =
        result {
            let piece (k: int) =
                let n = noise (Seed.derive $"piece {k}" seed) "stream" rows
                Array2D.init rows 1 (fun t _ -> turn 24.0 (k * rows + t) + n[t])

            use! first = Trajectories.ofArrays 1.0 [ piece 0 ]

            let! forecaster =
                Forecaster.fit
                    { Forecaster.defaults with
                        LookBack = Some 168
                        Horizon = 24
                        Columns = ForecastColumns.Shared
                    }
                    first

            let memory () = float Environment.WorkingSet / 1e6

            let rec follow (k: int) (current: Forecaster) (first: float) (most: float) =
                if k > pieces then
                    current.Dispose()
                    Ok(most - first)
                else
                    match Forecaster.update (piece k) current with
                    | Error error ->
                        current.Dispose()
                        Error error
                    | Ok next ->
                        current.Dispose()
                        let most = max most (memory ())
                        follow (k + 1) next (if 5 * k <= pieces then most else first) most

            let before = Run.cpuSeconds ()
            let! growth = follow 1 forecaster 0.0 0.0
            return struct (Run.cpuSeconds () - before, growth)
        }
