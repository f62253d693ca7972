using System;
using System.Diagnostics.CodeAnalysis;

namespace Koopman;

/// <summary>Forecasts, updates and files of forecasters.</summary>
public static class ForecastExtensions
{
    extension(Forecaster)
    {
        /// <summary>Reads a forecaster from a file written by <c>Save</c>; its forecasts have the same bits.</summary>
        /// <param name="path">The file.</param>
        /// <exception cref="KoopmanException">
        /// There is no such file; it is damaged, was changed or is not of this library; or it holds something else, or is of a newer version.
        /// </exception>
        public static Forecaster Load(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            return ForecasterModule.load(path).OrThrow();
        }

        /// <summary>As <c>Load</c>, without throwing for file errors.</summary>
        /// <returns>True if a forecaster was read; if not, <paramref name="error"/> gives the reason.</returns>
        public static bool TryLoad(
            string path, [NotNullWhen(true)] out Forecaster? forecaster, [NotNullWhen(false)] out KoopmanError? error)
        {
            ArgumentNullException.ThrowIfNull(path);
            return ForecasterModule.load(path).TryGet(out forecaster, out error);
        }
    }

    extension(Forecaster forecaster)
    {
        /// <summary>The forecast of the rows that follow the last one.</summary>
        /// <param name="horizon">The number of rows ahead, at least 1; beyond the horizon of the fit there are no intervals.</param>
        /// <exception cref="KoopmanException">The number is below 1.</exception>
        public Forecast Forecast(int horizon) => ForecasterModule.forecast(horizon, forecaster).OrThrow();

        /// <summary>The forecast of the rows that follow the last one, whose inputs are known.</summary>
        /// <param name="inputs">The inputs (rows ahead, p), in the data's units.</param>
        /// <exception cref="KoopmanException">The fit had no inputs, or others; or values that are not finite.</exception>
        public Forecast Forecast(double[,] inputs)
        {
            ArgumentNullException.ThrowIfNull(inputs);
            return ForecasterModule.forecastGiven(inputs, forecaster).OrThrow();
        }

        /// <summary>
        /// Futures that a forecast allows: whole paths of past errors, drawn with repetition and added to it, so that rows and columns depend on each other as
        /// the errors did.
        /// </summary>
        /// <param name="forecast">A forecast of this forecaster, at most to its horizon.</param>
        /// <param name="count">The number of futures.</param>
        /// <param name="seed">The draws.</param>
        /// <returns>(count, rows, d), in the data's units.</returns>
        /// <exception cref="KoopmanException">A forecast of other columns or beyond the horizon, or a number below 1.</exception>
        public double[,,] Scenarios(Forecast forecast, int count, int seed)
        {
            ArgumentNullException.ThrowIfNull(forecast);
            return ForecasterModule.scenarios(count, seed.ToSeed(), forecast, forecaster).OrThrow();
        }

        /// <summary>
        /// What each mode adds to the forecast of the rows that follow the last one, without the effect of inputs: pairs by falling amplitude, then the level.
        /// The curves add up to the forecast.
        /// </summary>
        /// <param name="horizon">The number of rows ahead, at least 1.</param>
        /// <exception cref="KoopmanException">The number is below 1.</exception>
        public ForecastMode[] Modes(int horizon) => ForecasterModule.modes(horizon, forecaster).OrThrow();

        /// <summary>
        /// The forecast of what follows some other rows, newest last, by the same operator and intervals; times count from the last of them.
        /// </summary>
        /// <param name="rows">At least as many rows as the look-back, with the columns of the fit.</param>
        /// <param name="horizon">The number of rows ahead, at least 1.</param>
        /// <exception cref="KoopmanException">Too few rows, other columns, values that are not finite, or a number below 1.</exception>
        public Forecast ForecastFrom(double[,] rows, int horizon)
        {
            ArgumentNullException.ThrowIfNull(rows);
            return ForecasterModule.forecastFrom(horizon, rows, forecaster).OrThrow();
        }

        /// <summary>
        /// The forecaster after new rows that follow the last one: the operator is that of a fit to all rows, and the widths of the intervals follow the
        /// errors of the forecasts of the new ones. This one stays as it is; the caller disposes of both.
        /// </summary>
        /// <param name="rows">The new rows (n, d), at least one.</param>
        /// <exception cref="KoopmanException">Other columns, or values that are not finite.</exception>
        public Forecaster Update(double[,] rows)
        {
            ArgumentNullException.ThrowIfNull(rows);
            return ForecasterModule.update(rows, forecaster).OrThrow();
        }

        /// <summary>As <c>Update</c>, for rows whose inputs are known. The effect of the inputs stays as it was fitted.</summary>
        /// <param name="inputs">The inputs (n, p) of the new rows.</param>
        /// <param name="rows">The new rows (n, d), at least one.</param>
        /// <exception cref="KoopmanException">Other columns or inputs, or values that are not finite.</exception>
        public Forecaster Update(double[,] inputs, double[,] rows)
        {
            ArgumentNullException.ThrowIfNull(inputs);
            ArgumentNullException.ThrowIfNull(rows);
            return ForecasterModule.updateGiven(inputs, rows, forecaster).OrThrow();
        }

        /// <summary>Writes the forecaster to a safetensors file, which is replaced atomically.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written; an existing file is then unchanged.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            ForecasterModule.save(path, forecaster).OrThrow();
        }
    }

    extension(ForecastMonitor monitor)
    {
        /// <summary>Scores rows that follow the last one, and tests whether the operator is still the one that was learned.</summary>
        /// <param name="rows">The rows (n, d).</param>
        /// <exception cref="KoopmanException">Other columns, or values that are not finite.</exception>
        public ForecastWatch Watch(double[,] rows)
        {
            ArgumentNullException.ThrowIfNull(rows);
            return ForecastMonitorModule.watch(rows, monitor).OrThrow();
        }
    }
}
