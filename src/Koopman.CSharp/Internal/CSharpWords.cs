using System;
using System.Text.RegularExpressions;

namespace Koopman;

/// <summary>Messages of Core in the words of this API: its settings and members in place of the records and functions of F#.</summary>
internal static partial class CSharpWords
{
    private static readonly (string Theirs, string Ours)[] Names =
    [
        ("Use one of Paths.independent, optimalTransport, flowMatching, schrodingerBridge 0.5 and variancePreserving", "Use one of the paths of ProbabilityPath"),
        ("Give a network described by settings, a module with parameters, or Net.ofDual with parameters", "Give a network described by settings, or a module with parameters"),
        ("Give centres of shape (N, d); Centres.kMeans chooses them from data", "Give centres of shape (N, d)"),
        ("Give a file saved by this library; Safetensors.read reads any other", "Give a file saved by this library"),
        ("Use Moments.ofPairs for propagators and Moments.ofSamples for the Langevin generator", "Use moments of pairs for propagators and of samples for the Langevin generator"),
        ("Make them with Moments.ofPairs or Streaming.moments", "Make them with StreamedMoments.Collect"),
        ("Use Seed.uniform or Seed.normal: in many", "Use torch.rand or torch.randn: in many"),
        ("Forecast with Forecaster.forecastGiven and the inputs of the coming rows (Forecast(inputs) in C#)", "Forecast with the inputs of the coming rows: Forecast(inputs)"),
        ("Update with Forecaster.updateGiven and the inputs of these rows (Update(inputs, rows) in C#)", "Update with the inputs of these rows: Update(inputs, rows)"),
        ("Add the package, and give ReadOptions.Formats = FileFormats.all (C#: ReadSettings.Formats = FileFormats.All)", "Add the package, and give ReadSettings.Formats = FileFormats.All"),
        ("Use FlowSpectrum.find, which supports sites", "Use LinearFlow.Spectrum, which supports sites"),
        ("such as the states of LinearFlow.ways", "such as those of LinearFlow.Path with each time in front"),
        ("LinearFlow.observables", "LinearFlow.Functions"),
        ("FlowErrors.measure", "LinearFlow.Compare"),
        ("Dmd.fitWithInput", "DmdEstimator.Fit with an inputMatrix"),
        ("Dmd.fit", "DmdEstimator.Fit"),
        ("GeneratorEdmd.fit", "GeneratorEstimator.Fit"),
        ("KramersMoyal.estimate", "KramersMoyalEstimator.Fit"),
        ("Use trainOnMotion,", "Train on the motion,"),
        ("Diagnostics.residuals on held-out pairs", "Spectrum.Residuals on held-out pairs"),
        ("Tica.fit", "TicaEstimator.Fit"),
        ("Edmd.reversible", "EdmdEstimator.Fit"),
        ("Langevin.fit", "LangevinEstimator.Fit"),
        ("TransitionCounts.restrictToConnected", "MarkovModel.RestrictToConnected"),
        ("Start from Selection.grid", "Leave SelectorSettings.Candidates null for the default ones"),
        ("Give a network of settings, a module with parameters, or Net.ofDual with its own", "Give a network of settings, or a module with parameters"),
        ("Samples.ofTensor", "Samples.FromTensor"),
        ("ReadOptions.", "ReadSettings."),
        ("SnapshotPairs.withSecond", "SnapshotPairs.WithSecondSuccessors"),
        ("Trajectories.pairs 1", "Trajectories.Pairs(1)"),
        ("VelocityField.ofClass", "VelocityField.ForClass"),
    ];

    /// <summary>New settings have the defaults that the record of F# names.</summary>
    [GeneratedRegex(@", or start from \w+\.\w+", RegexOptions.CultureInvariant)]
    private static partial Regex Defaults();

    /// <summary>Remarks for readers of F#.</summary>
    [GeneratedRegex(@" \([^()]* in F#\)", RegexOptions.CultureInvariant)]
    private static partial Regex InFSharp();

    /// <summary>A function of a module, which here is a member of the type of the same name.</summary>
    [GeneratedRegex(@"\b([A-Z]\w+)\.([a-z])(\w*)", RegexOptions.CultureInvariant)]
    private static partial Regex Function();

    /// <summary>The same error for somebody who writes C#.</summary>
    public static KoopmanError InCSharp(this KoopmanError error) => new(error.Kind, Translate(error.Cause), Translate(error.Remedy));

    private static string Translate(string text)
    {
        var translated = InFSharp().Replace(Defaults().Replace(text, string.Empty), string.Empty);
        foreach (var (theirs, ours) in Names)
            translated = translated.Replace(theirs, ours, StringComparison.Ordinal);
        return Function().Replace(translated, found => $"{found.Groups[1].Value}.{found.Groups[2].Value.ToUpperInvariant()}{found.Groups[3].Value}");
    }
}
