using System;
using Koopman;

namespace DocumentedPrograms;

/// <summary>The program of docs/forecast.md. The tests run it.</summary>
internal static class ForecastProgram
{
    public static void Run(string path)
    {
        // <forecast>
        using var series = Trajectories.Read(path); // dates in the first column, numbers in the others
        var estimator = new ForecastEstimator(new() { Horizon = 24 });
        using var forecaster = estimator.Fit(series);
        var forecast = forecaster.Forecast(24);
        for (var h = 0; h < 24; h += 6)
            Console.WriteLine($"{h + 1} ahead: {forecast.Mean[h, 0]:F1}, 90 % in [{forecast.Lower[h, 0]:F1}, {forecast.Upper[h, 0]:F1}]");

        var test = estimator.Backtest(series);
        Console.WriteLine($"coverage {test.MeanCoverage:F2}; {test.Verdict}");
        forecaster.Save("load.safetensors");
        // </forecast>
    }
}
