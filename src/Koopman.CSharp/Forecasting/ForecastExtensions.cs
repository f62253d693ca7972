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

        /// <summary>Writes the forecaster to a safetensors file, which is replaced atomically.</summary>
        /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
        /// <exception cref="KoopmanException">The file cannot be written; an existing file is then unchanged.</exception>
        public void Save(string path)
        {
            ArgumentNullException.ThrowIfNull(path);
            ForecasterModule.save(path, forecaster).OrThrow();
        }
    }
}
