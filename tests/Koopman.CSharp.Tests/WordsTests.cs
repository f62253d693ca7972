using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Koopman.CSharp.Tests;

/// Messages of Core name members of this API.
public sealed partial class WordsTests
{
    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\{[^{}]*\}?")]
    private static partial Regex Hole();

    [GeneratedRegex(@"\b([A-Z]\w+)\.([A-Za-z]\w*)")]
    private static partial Regex Member();

    [GeneratedRegex(@", or start from |^\w+\.\w+$")]
    private static partial Regex Name();

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Koopman.sln")))
            at = at.Parent!;
        return at.FullName;
    }

    /// What the library can say, without names that stand alone, calls between two literals, and the parts that depend on the case.
    private static IEnumerable<string> Messages() =>
        from file in Directory.EnumerateFiles(Path.Combine(Root(), "src", "Koopman.Core"), "*.fs", SearchOption.AllDirectories)
        from line in File.ReadLines(file)
        where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
        from Match literal in Literal().Matches(line)
        let text = Hole().Replace(literal.Groups[1].Value, "0")
        where text.Contains(' ', StringComparison.Ordinal) && !text.Contains("(String.", StringComparison.Ordinal) && !Name().IsMatch(text)
        select text;

    /// Types of Core that C# meets as they are, such as unions of settings; and those of the package of formats.
    private static bool IsOfCore(string type, string member) =>
        type is "Koopman" or "FileFormats"
        || typeof(Samples).Assembly.GetExportedTypes().Any(known => known.Name == type && known.GetMember(member).Length > 0);

    [Fact]
    public void Advice_names_members_that_exist()
    {
        var surface = File.ReadAllText(Path.Combine(Root(), "src", "Koopman.CSharp", "PublicAPI.Shipped.txt"));
        // Every error of Core passes through it on its way to an exception.
        var translate = typeof(EdmdEstimator).Assembly.GetType("Koopman.CSharpWords")!.GetMethod("InCSharp")!;
        var seen = 0;
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var message in Messages())
        {
            var said = (KoopmanError)translate.Invoke(null, [new KoopmanError(ErrorKind.InvalidSetting, "", message)])!;
            foreach (Match name in Member().Matches(said.Remedy))
            {
                seen++;
                var (type, member) = (name.Groups[1].Value, name.Groups[2].Value);
                if (!IsOfCore(type, member) && !Regex.IsMatch(surface, $@"\b{type}(Extensions)?\.{member}\b|extension\((Koopman\.)?(\w+\.)*{type}!?\)\.{member}\b"))
                    missing.Add($"{type}.{member} in: {said.Remedy}");
            }
        }

        Assert.True(missing.Count == 0, string.Join("\n", missing));
        Assert.True(seen > 40, $"{seen} names");
    }
}
