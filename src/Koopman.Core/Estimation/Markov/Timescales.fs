namespace Koopman

open System

/// <summary>An implied timescale with its 95 % interval, in the data's unit of time.</summary>
[<Struct>]
type Timescale =
    {
        /// <summary>t = 1/rate; infinite if the rate came out 0, NaN for a negative eigenvalue, which alternates and is fast.</summary>
        Value: float
        /// <summary>Lower end of the interval.</summary>
        Lower: float
        /// <summary>Upper end of the interval; infinite if a rate of 0 is inside.</summary>
        Upper: float
    }

/// <summary>The timescales found at one lag, the slowest first.</summary>
[<NoComparison>]
type TimescaleRow =
    {
        /// <summary>The lag in rows of the data.</summary>
        Steps: int
        /// <summary>The lag in units of time.</summary>
        Lag: float
        /// <summary>One timescale per mode; fewer if some modes have decayed, none if all have.</summary>
        Timescales: Timescale[]
    }

/// <summary>Implied timescales as functions of the lag, on which those of a Markov process do not depend.</summary>
[<NoComparison>]
type TimescaleTable =
    {
        /// <summary>One row per lag, ascending.</summary>
        Rows: TimescaleRow[]
        /// <summary>
        /// For every process the shortest lag from which on all intervals have a time in common, if there are at least three such lags and the lag
        /// is below that time: from there on no dependence on the lag is detectable. Otherwise null, also if no interval bounds the time from above.
        /// </summary>
        Plateaus: Nullable<float>[]
    }

/// <summary>Implied timescales (Swope, Pitera and Suits 2004) of any estimator at any list of lags.</summary>
[<RequireQualifiedAccess>]
module Timescales =

    /// The timescales of the leading modes of a spectrum. The constant of a spectrum that is not reversible has none and is left out.
    let private ofModes (count: int) (spectrum: Spectrum) : Timescale[] =
        spectrum.Modes
        |> Array.filter (_.IsConstant >> not)
        |> Array.truncate count
        |> Array.map (fun mode ->
            {
                Value = mode.Timescale
                Lower = 1.0 / mode.Upper
                Upper = 1.0 / mode.Lower
            })

    /// Index of the first of these estimates from which on all intervals have a time in common; the estimates are from the rows that contain the process.
    let private plateau (found: (float * Timescale)[]) : float option =
        let agree (rest: (float * Timescale)[]) =
            let low = rest |> Array.map (fun (_, t) -> t.Lower) |> Array.max
            let high = rest |> Array.map (fun (_, t) -> t.Upper) |> Array.min
            // Without error bars, or with none that bounds the time, there is no answer.
            low <= high && fst rest[0] < high && Double.IsFinite high

        seq { 0 .. found.Length - 3 }
        |> Seq.map (fun first -> Array.skip first found)
        |> Seq.tryFind agree
        |> Option.map (fun rest -> fst rest[0])

    /// <summary>The timescales of the slowest processes at every lag.</summary>
    /// <param name="processes">The maximum number of processes.</param>
    /// <param name="estimate">The estimator, for example <c>Edmd.reversible Edmd.defaults observables</c> or <c>Tica.fit Tica.defaults</c>.</param>
    /// <param name="pairsAt">The pairs a number of rows apart: <c>fun steps -> Trajectories.pairs steps trajectories</c>.</param>
    /// <param name="lags">The lags in rows.</param>
    /// <returns>
    /// The table, or the first error. A lag at which everything has decayed is not an error but has an empty row.
    /// </returns>
    let implied
        (processes: int)
        (estimate: SnapshotPairs -> Outcome<Spectrum>)
        (pairsAt: int -> Outcome<SnapshotPairs>)
        (lags: int list)
        : Outcome<TimescaleTable> =
        let row (steps: int) : Outcome<TimescaleRow> =
            result {
                use! pairs = pairsAt steps

                match estimate pairs with
                | Ok spectrum ->
                    use _ = spectrum

                    return
                        {
                            Steps = steps
                            Lag = pairs.Lag
                            Timescales = ofModes processes spectrum
                        }
                | Error error when error.Kind = ErrorKind.IllConditioned && steps > List.min lags ->
                    return
                        {
                            Steps = steps
                            Lag = pairs.Lag
                            Timescales = [||]
                        }
                | Error error -> return! Error error
            }

        Require.all {
            Require.atLeast 1 "the number of processes" processes
            Require.notEmpty "the list of lags" lags
            Require.each (Require.atLeast 1) "lags" lags
        }
        |> Result.bind (fun () ->
            lags
            |> List.distinct
            |> List.sort
            |> Outcome.collect row
            |> Result.map (fun rows ->
                let rows = Array.ofList rows
                let most = rows |> Array.map _.Timescales.Length |> Array.max

                {
                    Rows = rows
                    Plateaus =
                        Array.init most (fun k ->
                            rows
                            |> Array.filter (fun row -> row.Timescales.Length > k)
                            |> Array.map (fun row -> row.Lag, row.Timescales[k])
                            |> plateau
                            |> Option.toNullable)
                }))
