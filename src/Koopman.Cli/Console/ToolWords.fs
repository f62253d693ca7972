namespace Koopman.Cli

open System
open System.Text.RegularExpressions

/// <summary>Messages of the library in the words of the tool: its options in place of functions and settings.</summary>
[<RequireQualifiedAccess>]
module ToolWords =

    let private setting =
        Regex("ReadOptions\\.(\\w+)(?: = (?:\"([^\"]*)\"|(\\w+)))?", RegexOptions.CultureInvariant)

    /// What the functions that messages advise are called here.
    let private phrases: (string * string) list =
        [
            "Take pairs by their times (Trajectories.pairsNear), or use an estimator that accepts times (OptimizedDmd)",
            "Use --estimator dmd-optimized, which takes times as they are, or --lag TIME for pairs at about this lag; --missing cut cuts at gaps"
            "If only some rows are missing, fill them with ReadOptions.Missing = Fill; else interpolate the states to equally spaced times first",
            "If only some rows are missing, add --missing fill; else interpolate the rows to equally spaced times first"
            "Interpolate the states to equally spaced times first",
            "Use --estimator dmd-optimized without --delays, or --missing cut if the times only have gaps"
            "Take pairs of consecutive states (Trajectories.pairs 1), or drop the inputs with Trajectories.withoutInputs",
            "List the states with --columns, without the inputs"
            "Use Dmd.fit on their pairs, or drop the inputs with Trajectories.withoutInputs",
            "Use --estimator dmd, or list the states with --columns, without the inputs"
            "Add delays (Trajectories.delays), or lower the rank", "Add delays with --delays"
            "Leave them out with Trajectories.withoutInputs, or watch the residuals of a forecaster with inputs",
            "Leave out --watch, or list the states with --columns, without the inputs"
            "Leave them out with Trajectories.withoutInputs, or choose the settings by Backtest",
            "Leave out --select, or list the states with --columns, without the inputs"
            "train with a DataShare above 0", "train with --inversion"
            "train with a NoiseShare below 1", "train with another --recipe"
            "train with Lag, Path or consistency in the loss", "train with another --recipe"
            "Read it piece by piece with NpyRows.Open", "Save a part of it in numpy"
            "; pairs are read with SnapshotPairs.Read (Dataset.readPairs in F#)", ""
        ]

    /// Records of defaults mean nothing to somebody who types commands.
    let private defaults: Regex =
        Regex(", or start from \\w+\\.\\w+", RegexOptions.CultureInvariant)

    let private quoted (value: string) : string =
        if Regex.IsMatch(value, "^[\\w,.:/-]+$") then
            value
        else
            $"'{value}'"

    let private optionOf (found: Match) : string =
        let name = "--" + found.Groups[1].Value.ToLowerInvariant()

        if found.Groups[2].Success then
            $"{name} {quoted found.Groups[2].Value}"
        elif found.Groups[3].Success then
            $"{name} {found.Groups[3].Value.ToLowerInvariant()}"
        elif name = "--lag" then
            "--lag TIME"
        else
            name

    /// <summary>An error with options of a command in place of the settings of these names.</summary>
    let withOptions (options: (string * string) list) (error: Koopman.KoopmanError) : Koopman.KoopmanError =
        // A phrase that begins with a comma follows a word.
        let word (name: string) =
            (if Char.IsLetter name[0] then "\\b" else "") + Regex.Escape name + "\\b"

        let inOptions (text: string) =
            (text, options)
            ||> List.fold (fun text (name, option) -> Regex.Replace(text, word name, option.Replace("$", "$$")))

        { error with
            Cause = inOptions error.Cause
            Remedy = inOptions error.Remedy
        }

    /// <summary>The same message for somebody who types commands.</summary>
    let translate (message: string) : string =
        let text =
            (message, phrases)
            ||> List.fold (fun text (theirs, ours) -> text.Replace(theirs, ours, StringComparison.Ordinal))

        setting
            .Replace(defaults.Replace(text, ""), MatchEvaluator optionOf)
            .Replace("Leave out --lag TIME", "Leave out --lag", StringComparison.Ordinal)
