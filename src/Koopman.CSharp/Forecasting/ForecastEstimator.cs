using System;
using System.Collections.Generic;

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

    /// <summary>The number of modes, at most H/2; of coupled columns as many for each. Default 24.</summary>
    public int Rank { get; init; } = ForecasterModule.defaults.Rank;

    /// <summary>Added to the second moments of the past, relative to their mean; positive. Default 1e-2.</summary>
    public double Ridge { get; init; } = ForecasterModule.defaults.Ridge;

    /// <summary>The value that is subtracted from a window before the regression. Default <c>Automatic</c>: by the held-out rows.</summary>
    public ForecastCentre Centre { get; init; } = ForecasterModule.defaults.Centre;

    /// <summary>Whose windows a column is forecast from. Default <c>Automatic</c>: by the held-out rows.</summary>
    public ForecastColumns Columns { get; init; } = ForecasterModule.defaults.Columns;

    /// <summary>What the operator is known to be. Default <c>Free</c>.</summary>
    public ForecastStructure Structure { get; init; } = ForecasterModule.defaults.Structure;

    /// <summary>Periods in rows that are known, at least 2: each takes the place of the closest pair of eigenvalues. Default none.</summary>
    public IReadOnlyList<double> Periods { get; init; } = ForecasterModule.defaults.Periods;

    /// <summary>The number of rows after which a window counts half, for systems that change. Default null: all windows count alike.</summary>
    public double? HalfLife { get; init; }

    /// <summary>
    /// The number of past rows of the inputs that act on a row, beside the inputs of that row. Default null: chosen by Schwarz's criterion. Not used for
    /// trajectories without inputs.
    /// </summary>
    public int? InputLags { get; init; }

    /// <summary>The share of values that the intervals are to contain, strictly between 0 and 1. Default .9.</summary>
    public double Level { get; init; } = ForecasterModule.defaults.Level;

    /// <summary>The share of rows at the end of each trajectory that calibrate the intervals, strictly between 0 and 1. Default .2.</summary>
    public double HeldOut { get; init; } = ForecasterModule.defaults.HeldOut;

    internal ForecastOptions ToCore() =>
        new(
            LookBack.ToOption(), Horizon, Rank, Ridge, Centre, Columns, Structure, [.. Periods], HalfLife.ToOption(), InputLags.ToOption(), Level,
            HeldOut);

    /// <summary>The settings that a selection found.</summary>
    internal static ForecastSettings Of(ForecastOptions core) =>
        new()
        {
            LookBack = core.LookBack?.Value,
            Horizon = core.Horizon,
            Rank = core.Rank,
            Ridge = core.Ridge,
            Centre = core.Centre,
            Columns = core.Columns,
            Structure = core.Structure,
            Periods = core.Periods,
            HalfLife = core.HalfLife?.Value,
            InputLags = core.InputLags?.Value,
            Level = core.Level,
            HeldOut = core.HeldOut,
        };
}

/// <summary>
/// Forecasts of time series with intervals: one linear operator from windows of the past to their future, which serves all horizons. Each column is
/// forecast from its own windows, or from those of all columns; inputs whose future is known add to it.
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
    /// <param name="trajectories">
    /// The data, equally spaced. Forecasts continue the last trajectory. A row of inputs may act on the state of its own row and on later ones, so that it
    /// must be given for the last row too.
    /// </param>
    /// <exception cref="KoopmanException">Too few rows, columns none of which varies, irregular times, or a setting out of range.</exception>
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

    /// <summary>
    /// Chooses the look-back, the rank, the ridge, and what is automatic, by rolling validation on three consecutive parts of the longest trajectory.
    /// </summary>
    /// <param name="trajectories">The data, equally spaced, without inputs.</param>
    /// <exception cref="KoopmanException">As for <c>Fit</c>; inputs; or too few rows for three parts.</exception>
    public ForecastChoice Select(Trajectories trajectories)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        var found = ForecastSelectionModule.run(Settings.ToCore(), trajectories).OrThrow();
        return new(ForecastSettings.Of(found.Best), found.Candidates, found.Verdict);
    }

    /// <summary>Learns what the series is like, to score later rows and to test whether its operator has changed.</summary>
    /// <param name="trajectories">The data, equally spaced, without inputs. What is watched follows the last trajectory.</param>
    /// <exception cref="KoopmanException">As for <c>Fit</c>, or inputs.</exception>
    public ForecastMonitor Monitor(Trajectories trajectories)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return ForecastMonitorModule.learn(Settings.ToCore(), trajectories).OrThrow();
    }

    /// <summary>The operators of stretches of the last trajectory, one after the other: how its periods and decay times change.</summary>
    /// <param name="trajectories">The data, equally spaced.</param>
    /// <param name="rows">The number of rows of a stretch, at least L + H + 20.</param>
    /// <exception cref="KoopmanException">As for <c>Fit</c>, or stretches that are too short.</exception>
    public ForecastEpoch[] History(Trajectories trajectories, int rows)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return ForecastMonitorModule.history(rows, Settings.ToCore(), trajectories).OrThrow();
    }
}

/// <summary>A choice of settings by validation.</summary>
/// <param name="Settings">The settings, with everything chosen.</param>
/// <param name="Candidates">All that were tried, in that order.</param>
/// <param name="Verdict">What was changed, as a sentence without its full stop.</param>
public sealed record ForecastChoice(ForecastSettings Settings, IReadOnlyList<ForecastCandidate> Candidates, string Verdict);
