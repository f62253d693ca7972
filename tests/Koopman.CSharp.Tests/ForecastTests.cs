using System;
using System.Linq;
using Microsoft.FSharp.Core;
using Xunit;

namespace Koopman.CSharp.Tests;

public class ForecastTests
{
    private static readonly ForecastSettings Small = new() { LookBack = 36, Horizon = 12, Rank = 6 };

    /// <summary>A season of 12 rows with noise, in two columns of different units.</summary>
    private static double[,] Rows(int count, int seed = 1)
    {
        var random = new Random(seed);
        var rows = new double[count, 2];
        for (var t = 0; t < count; t++)
        {
            var season = Math.Sin(2 * Math.PI * t / 12);
            rows[t, 0] = season + (0.3 * (random.NextDouble() - 0.5));
            rows[t, 1] = 100 + (20 * season) + (5 * (random.NextDouble() - 0.5));
        }

        return rows;
    }

    private static Trajectories Series(int count) => Trajectories.FromArrays([Rows(count)], step: 1);

    [Fact]
    public void A_series_in_and_a_forecast_with_intervals_out()
    {
        using var series = Series(400);
        using var forecaster = new ForecastEstimator(Small).Fit(series);
        var forecast = forecaster.Forecast(12);
        Assert.Equal((12, 2), (forecast.Mean.GetLength(0), forecast.Mean.GetLength(1)));
        Assert.Equal((400.0, 0.9), (forecast.Times[0], forecast.Level));
        Assert.InRange(forecast.Mean[3, 1], 85, 95); // row 403 is the seventh of its season: 100 - 20/2
        Assert.True(forecast.Lower[3, 1] < forecast.Mean[3, 1] && forecast.Mean[3, 1] < forecast.Upper[3, 1]);
        Assert.Contains(forecaster.Eigenvalues, value => Math.Abs(value.Phase - (2 * Math.PI / 12)) < 0.01 && value.Magnitude > 0.99);
        Assert.Contains(forecaster.Spectrum.Modes, mode => Math.Abs((2 * Math.PI / mode.Frequency) - 12) < 0.2);
    }

    private static ForecastOptions Core(int lookBack, int horizon, int rank) =>
        new(
            FSharpOption<int>.Some(lookBack), horizon, rank, 1e-2, ForecastCentre.Automatic, ForecastColumns.Automatic, ForecastStructure.Free, [],
            null, null, .9, .2);

    [Fact]
    public void The_same_bits_as_from_FSharp()
    {
        using var series = Series(400);
        using var face = new ForecastEstimator(Small).Fit(series);
        using var core = ForecasterModule.fit(Core(36, 12, 6), series).ResultValue;
        var (mine, theirs) = (face.Forecast(12), ForecasterModule.forecast(12, core).ResultValue);
        Assert.Equal(theirs.Mean.Cast<double>(), mine.Mean.Cast<double>());
        Assert.Equal(theirs.Upper.Cast<double>(), mine.Upper.Cast<double>());
        var (defaults, settings) = (ForecasterModule.defaults, new ForecastSettings());
        Assert.Equal((defaults.Horizon, defaults.Rank, defaults.Ridge, defaults.Level), (settings.Horizon, settings.Rank, settings.Ridge, settings.Level));
        Assert.Equal((null, defaults.Centre, defaults.HeldOut), (settings.LookBack, settings.Centre, settings.HeldOut));
    }

    [Fact]
    public void Updates_files_and_other_rows()
    {
        using var folder = new TemporaryFolder();
        using var series = Series(400);
        using var forecaster = new ForecastEstimator(Small).Fit(series);
        using var later = forecaster.Update(Rows(24, seed: 2));
        Assert.Equal(424, later.Forecast(1).Times[0]);
        later.Save(folder.File("forecaster.safetensors"));
        using var loaded = Forecaster.Load(folder.File("forecaster.safetensors"));
        Assert.Equal(later.Forecast(12).Lower.Cast<double>(), loaded.Forecast(12).Lower.Cast<double>());
        Assert.Equal(1, loaded.ForecastFrom(Rows(36), 12).Times[0]);
        Assert.False(Forecaster.TryLoad(folder.File("none.safetensors"), out _, out var error));
        Assert.Equal(ErrorKind.MissingFile, error.Kind);
    }

    [Fact]
    public void A_test_beside_rivals()
    {
        using var series = Series(800);
        var test = new ForecastEstimator(Small).Backtest(series);
        Assert.InRange(test.MeanCoverage, 0.85, 0.95);
        Assert.Equal(12, test.Season);
        Assert.All(test.Rivals, rival => Assert.True(test.Model.MeanSquaredError < 1.02 * rival.MeanSquaredError, rival.Name));
        Assert.NotEmpty(test.Verdict);
        Assert.Equal(600, new ForecastEstimator(Small).Backtest(series, fitted: 600, calibration: 100).FittedRows);
    }

    [Fact]
    public void Refusals()
    {
        using var tooShort = Series(60);
        var estimator = new ForecastEstimator(Small);
        Assert.Equal(ErrorKind.TooFewSamples, Assert.Throws<KoopmanException>(() => estimator.Fit(tooShort)).Kind);
        Assert.Equal(ErrorKind.TooFewSamples, Assert.Throws<KoopmanException>(() => estimator.Backtest(tooShort)).Kind);
        using var series = Series(400);
        using var forecaster = estimator.Fit(series);
        Assert.Equal(ErrorKind.ShapeMismatch, Assert.Throws<KoopmanException>(() => forecaster.Update(new double[3, 1])).Kind);
        Assert.Equal(ErrorKind.InvalidSetting, Assert.Throws<KoopmanException>(() => forecaster.Forecast(0)).Kind);
        Assert.Throws<ArgumentNullException>(() => estimator.Fit(null!));

        // Records of F# mean nothing here.
        var wrong = Assert.Throws<KoopmanException>(() => new ForecastEstimator(Small with { Level = 90 }).Fit(series));
        Assert.Equal("Level is 90, but must be strictly between 0 and 1. Set Level to a number strictly between 0 and 1.", wrong.Message);
        using var gap = Trajectories.FromTensors([series.States.Points], 1).WithTimes([[.. Enumerable.Range(0, 400).Select(t => t < 200 ? t : t + 3.0)]]);
        Assert.Contains("ReadSettings.Missing", Assert.Throws<KoopmanException>(() => estimator.Fit(gap)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left_behind() =>
        Lifetimes.AllDieIn(() =>
        {
            using var series = Series(300);
            using var forecaster = new ForecastEstimator(Small).Fit(series);
            using var later = forecaster.Update(Rows(5));
            _ = later.Forecast(12);
            _ = new ForecastEstimator(Small).Backtest(series);
        });

    [Fact]
    public void Inputs_modes_scenarios_and_choices()
    {
        var rows = Rows(800);
        var inputs = new double[800, 1];
        for (var t = 0; t < 800; t++)
        {
            inputs[t, 0] = t % 5 == 0 ? 1 : 0;
            rows[t, 1] += 40 * inputs[t, 0];
        }

        using var plain = Trajectories.FromArrays([rows], step: 1);
        using var series = plain.WithInputs([inputs]);
        using var forecaster = new ForecastEstimator(Small).Fit(series);
        Assert.InRange(forecaster.InputEffects[0, 0, 1], 38, 42);
        var future = new double[12, 1];
        future[0, 0] = 1; // row 800
        var forecast = forecaster.Forecast(future);
        Assert.InRange(forecast.Mean[0, 1] - forecaster.Forecast(new double[12, 1]).Mean[0, 1], 38, 42);
        Assert.True(forecast.JointUpper[11, 1] > forecast.Upper[11, 1]);
        Assert.Equal(3, forecaster.Scenarios(forecast, 3, seed: 1).GetLength(0));
        using var later = forecaster.Update(new double[5, 1], Rows(5, seed: 2));
        Assert.Equal(805, later.Forecast(future).Times[0]);
        Assert.Throws<KoopmanException>(() => forecaster.Forecast(12));

        using var free = Series(800);
        using var simple = new ForecastEstimator(Small).Fit(free);
        var curves = simple.Modes(12).Sum(mode => mode.Curve[5, 0]);
        Assert.Equal(simple.Forecast(12).Mean[5, 0], curves, 9);
        var selection = new ForecastEstimator(Small).Select(free);
        Assert.Equal((12, .9), (selection.Settings.Horizon, selection.Settings.Level));
        Assert.NotEmpty(selection.Candidates);
    }

    [Fact]
    public void Later_rows_are_watched()
    {
        using var series = Series(1000);
        using var monitor = new ForecastEstimator(Small).Monitor(series);
        var rows = new double[48, 2];
        var all = Rows(1048);
        for (var t = 0; t < 48; t++)
            (rows[t, 0], rows[t, 1]) = (all[1000 + t, 0], all[1000 + t, 1]);

        rows[20, 0] += 5;
        var seen = monitor.Watch(rows);
        Assert.Equal(seen.RowPValues.Min(), seen.RowPValues[20]);
        Assert.True(seen.RowPValues[20] < .01);
        Assert.Contains("too few", seen.Verdict, StringComparison.Ordinal);
        Assert.Equal(2, new ForecastEstimator(Small).History(series, 500).Length);
    }
}
