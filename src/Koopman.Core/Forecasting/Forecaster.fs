namespace Koopman

open System
open System.Numerics
open TorchSharp

/// What a forecaster consists of; the operator and the spectrum belong to the forecaster.
[<NoComparison; NoEquality>]
type internal ForecasterParts =
    {
        /// With the ridge that was chosen.
        Options: ForecastOptions
        Layout: ForecastColumns
        LookBack: int
        Centre: ForecastCentre
        /// The share of the amplitudes that the held-out rows support; 1 unless windows are taken from their last value.
        Share: float
        Step: float
        /// Of each column.
        Means: float[]
        Scales: float[]
        Sums: WindowSums
        Operator: DelayOperator
        Bands: ForecastBands[]
        /// Errors of whole paths (count, d·H) in units of the widths that they calibrated.
        Paths: float[][]
        /// The last L + H rows of the last trajectory, standardised and without the effect of inputs, column after column.
        Tail: float[][]
        LastTime: float
        Effect: InputEffect option
        /// The last rows of the inputs, as many as lags, column after column.
        InputTail: float[][]
        /// The number of columns that kept one value.
        Constant: int
    }

/// <summary>
/// Forecasts by one linear operator of windows of the past, learned from many windows. Its eigenvalues are the periods and decay times of the data.
/// It does not change; an update gives a new one.
/// </summary>
[<Sealed>]
type Forecaster internal (parts: ForecasterParts, map: Tensor, propagator: Propagator, spectrum: Spectrum) =

    member internal _.Parts: ForecasterParts = parts

    /// F (LD, HD).
    member internal _.Map: Tensor = map

    /// <summary>The operator over one row, on functions of a window of one standardised column, or of all of them if they are coupled, newest row first as
    /// <c>Trajectories.delays</c> orders it. Owned by this object.</summary>
    member _.Propagator: Propagator = propagator

    /// <summary>
    /// Its spectrum: the period of a mode is 2π/|frequency|, its decay time is the timescale, both in the data's unit of time. Owned by this object.
    /// </summary>
    member _.Spectrum: Spectrum = spectrum

    /// <summary>The number of columns d.</summary>
    member _.Dimension: int = parts.Means.Length

    /// <summary>The number of inputs p; 0 without inputs.</summary>
    member _.InputCount: int =
        match parts.Effect with
        | None -> 0
        | Some effect -> effect.Means.Length

    /// <summary>L, the number of rows of the past that a forecast is made of.</summary>
    member _.LookBack: int = parts.LookBack

    /// <summary>H, the number of rows ahead that have intervals.</summary>
    member _.Horizon: int = parts.Options.Horizon

    /// <summary>The share of values that the intervals are to contain.</summary>
    member _.Level: float = parts.Options.Level

    /// <summary>The value that is subtracted from a window, as set or as chosen.</summary>
    member _.Centre: ForecastCentre = parts.Centre

    /// <summary>The ridge, as set or as raised.</summary>
    member _.Ridge: float = parts.Options.Ridge

    /// <summary>Whose windows a column is forecast from, as set or as chosen.</summary>
    member _.Columns: ForecastColumns = parts.Layout

    /// <summary>The eigenvalues over one row, by rising rate, none outside the unit circle.</summary>
    member _.Eigenvalues: Complex[] = Array.copy parts.Operator.Eigenvalues

    /// <summary>The root mean square share of each eigenvalue in the forecasts, in standard deviations of a column.</summary>
    member _.Amplitudes: float[] = Array.copy parts.Operator.Sizes

    /// <summary>
    /// The effect (q + 1, p, d) of the inputs: what a unit of an input adds to a column 0 to q rows later, in the data's units; empty without inputs.
    /// </summary>
    member _.InputEffects: float[,,] =
        match parts.Effect with
        | None -> Array3D.zeroCreate 0 0 0
        | Some effect ->
            let p = effect.Means.Length

            Array3D.init (effect.Lags + 1) p parts.Means.Length (fun k i c ->
                parts.Scales[c] * effect.Coefficients[c][k * p + i])

    /// <summary>What is to be known of the fit, in sentences without their full stops.</summary>
    member _.Remarks: string[] =
        ForecastFit.remarks
            parts.Options
            parts.Layout
            parts.Centre
            parts.Share
            parts.Operator
            parts.Effect
            parts.Constant

    /// <summary>Frees the tensors.</summary>
    member this.Dispose() : unit = (this :> IDisposable).Dispose()

    interface IDisposable with
        /// <summary>Frees the tensors.</summary>
        member _.Dispose() =
            parts.Operator.Dispose()
            map.Dispose()
            (propagator :> IDisposable).Dispose()
            (spectrum :> IDisposable).Dispose()

    override this.ToString() : string =
        let windows =
            match parts.Layout with
            | ForecastColumns.Coupled -> $"{parts.LookBack} rows of all columns"
            | ForecastColumns.Products when this.Dimension = 1 -> $"{parts.LookBack} rows and their squares"
            | ForecastColumns.Products -> $"{parts.LookBack} rows of all columns and their products"
            | _ -> $"{parts.LookBack} rows"

        $"forecaster of {this.Dimension} column(s): {parts.Operator.Eigenvalues.Length} modes from windows of {windows}, {parts.Options.Horizon} rows ahead"

    /// The forecaster of some parts, whose operator it takes over.
    static member internal Create(parts: ForecasterParts) : Outcome<Forecaster> =
        match DelayOperator.model parts.Step parts.Operator with
        | Ok(struct (propagator, spectrum)) ->
            let map =
                Tensors.own (fun () -> DelayOperator.forecastMatrix parts.Centre parts.Options.Horizon parts.Operator)

            Ok(new Forecaster(parts, map, propagator, spectrum))
        | Error error ->
            parts.Operator.Dispose()
            Error error
