using System;

namespace Koopman;

/// <summary>Settings of <see cref="ForecastEstimator"/>.</summary>
public sealed record ForecastSettings
{
    /// <summary>
    /// L, the number of rows of the past that a forecast is made of; at least 2. Default null: 512, or half of what remains of the longest trajectory
    /// without the held-out rows, if that is less.
    /// </summary>
    public int? LookBack { get; init; }

    /// <summary>H, the number of rows ahead that are fitted and have intervals; at least 4. Default 96.</summary>
    public int Horizon { get; init; } = ForecasterModule.defaults.Horizon;

    /// <summary>The number of modes, at most H/2. Default 24.</summary>
    public int Rank { get; init; } = ForecasterModule.defaults.Rank;

    /// <summary>Added to the second moments of the past, relative to their mean; positive. Default 1e-2.</summary>
    public double Ridge { get; init; } = ForecasterModule.defaults.Ridge;

    /// <summary>The value that is subtracted from a window before the regression. Default <c>Automatic</c>: by the held-out rows.</summary>
    public ForecastCentre Centre { get; init; } = ForecasterModule.defaults.Centre;

    /// <summary>The share of values that the intervals are to contain, strictly between 0 and 1. Default .9.</summary>
    public double Level { get; init; } = ForecasterModule.defaults.Level;

    /// <summary>The share of rows at the end of each trajectory that calibrate the intervals, strictly between 0 and 1. Default .2.</summary>
    public double HeldOut { get; init; } = ForecasterModule.defaults.HeldOut;

    internal ForecastOptions ToCore() => new(LookBack.ToOption(), Horizon, Rank, Ridge, Centre, Level, HeldOut);
}

/// <summary>
/// Forecasts of time series with intervals: one linear operator from windows of the past to their future, which serves all horizons and is shared by
/// all columns.
/// </summary>
/// <param name="settings">Settings; null for the default.</param>
public sealed class ForecastEstimator(ForecastSettings? settings = null)
{
    /// <summary>The settings.</summary>
    public ForecastSettings Settings { get; } = settings ?? new();

    /// <summary>
    /// Fits a forecaster. The intervals are calibrated on forecasts from rolling origins in the last rows of each trajectory by a fit to the rows
    /// before; then those rows join the fit.
    /// </summary>
    /// <param name="trajectories">The data, equally spaced and without inputs. Forecasts continue the last trajectory.</param>
    /// <exception cref="KoopmanException">Too few rows, columns none of which varies, inputs, irregular times, or a setting out of range.</exception>
    public Forecaster Fit(Trajectories trajectories)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return ForecasterModule.fit(Settings.ToCore(), trajectories).OrThrow();
    }

    /// <summary>
    /// Forecasts of the last rows of the data, beside simple rivals, from origins none of which knows what follows: <c>HeldOut</c> of the rows, and at
    /// least twice the horizon, are the test, as many before them the calibration, and the rest is fitted.
    /// </summary>
    /// <param name="trajectories">The data.</param>
    /// <exception cref="KoopmanException">As for <c>Fit</c>.</exception>
    public Backtest Backtest(Trajectories trajectories)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return BacktestModule.run(Settings.ToCore(), trajectories).OrThrow();
    }

    /// <summary>As <c>Backtest</c> with the rows of the parts given; what follows them is the test.</summary>
    /// <param name="trajectories">The data.</param>
    /// <param name="fitted">The number of rows of each trajectory to fit.</param>
    /// <param name="calibration">The number of rows after them that calibrate the intervals, at least H.</param>
    /// <exception cref="KoopmanException">As for <c>Fit</c>.</exception>
    public Backtest Backtest(Trajectories trajectories, int fitted, int calibration)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return BacktestModule.between(fitted, calibration, Settings.ToCore(), trajectories).OrThrow();
    }
}
