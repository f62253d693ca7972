using System;
using System.Text.RegularExpressions;

namespace Koopman;

/// <summary>Messages of Core in the words of this API: its settings and members in place of the records and functions of F#.</summary>
internal static partial class CSharpWords
{
    private static readonly (string Theirs, string Ours)[] Names =
    [
        ("ReadOptions.", "ReadSettings."),
        ("Samples.ofTensor", "Samples.FromTensor"),
        ("SnapshotPairs.estimateTemperature", "SnapshotPairs.EstimateTemperature"),
        ("SnapshotPairs.withInputs", "SnapshotPairs.WithInputs"),
        ("SnapshotPairs.withSecond", "SnapshotPairs.WithSecondSuccessors"),
        ("Trajectories.delays", "Trajectories.Delays"),
        ("Trajectories.pairsNear", "Trajectories.PairsNear"),
        ("Trajectories.pairs 1", "Trajectories.Pairs(1)"),
        ("Trajectories.splitInTime", "Trajectories.SplitInTime"),
        ("Trajectories.splitTrajectories", "Trajectories.SplitTrajectories"),
        ("Trajectories.withInputs", "Trajectories.WithInputs"),
        ("Trajectories.withoutInputs", "Trajectories.WithoutInputs"),
    ];

    /// <summary>New settings have the defaults that the record of F# names.</summary>
    [GeneratedRegex(@", or start from \w+\.\w+", RegexOptions.CultureInvariant)]
    private static partial Regex Defaults();

    /// <summary>The same error for somebody who writes C#.</summary>
    public static KoopmanError InCSharp(this KoopmanError error) => new(error.Kind, Translate(error.Cause), Translate(error.Remedy));

    private static string Translate(string text)
    {
        var translated = Defaults().Replace(text, string.Empty);
        foreach (var (theirs, ours) in Names)
            translated = translated.Replace(theirs, ours, StringComparison.Ordinal);
        return translated;
    }
}
