using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using DocumentedPrograms;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>The programs that README and docs show run, and are the ones shown.</summary>
public class DocumentationTests
{
    private static string Document(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "documents", name)).ReplaceLineEndings("\n");

    /// <summary>The lines between two marks of a source file, without their common indent.</summary>
    private static string Region(string file, string mark)
    {
        var lines = Document(file).Split('\n');
        var first = Array.FindIndex(lines, line => line.Trim() == $"// <{mark}>");
        var last = Array.FindIndex(lines, line => line.Trim() == $"// </{mark}>");
        Assert.True(first >= 0 && last > first, $"{file} has no region {mark}");
        var indent = lines[first].Length - lines[first].TrimStart().Length;
        return string.Join('\n', lines[(first + 1)..last].Select(line => line.Length > indent ? line[indent..] : line.Trim()));
    }

    /// <summary>The code blocks of a page, by language.</summary>
    private static string[] Blocks(string page, string language)
    {
        var fence = new Regex($"^```{Regex.Escape(language)}\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline);
        return [.. fence.Matches(Document(page)).Select(match => match.Groups[1].Value)];
    }

    private static double[] Numbers(string text) =>
        [.. Regex.Matches(text, @"\d+\.\d+").Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture))];

    private static string Output(Action program)
    {
        var (console, folder) = (Console.Out, Environment.CurrentDirectory);
        using var temporary = new TemporaryFolder();
        using var written = new StringWriter();
        try
        {
            Console.SetOut(written);
            Environment.CurrentDirectory = temporary.FullName;
            program();
        }
        finally
        {
            Console.SetOut(console);
            Environment.CurrentDirectory = folder;
        }

        return written + string.Join(' ', temporary.Names());
    }

    [Fact]
    public void The_program_of_the_readme_is_the_one_that_runs()
    {
        var block = Assert.Single(Blocks("README.md", "csharp"));
        Assert.Equal("using Koopman;\n\n" + Region("docs/samples/ReadmeProgram.cs", "program"), block);
        var output = "";
        Lifetimes.AllDieIn(() => output = Output(ReadmeProgram.Run));
        Assert.EndsWith("particles.npy", output);
        // What the page says it prints, to the digit or two that another BLAS may change.
        var said = Numbers(Blocks("README.md", "text")[0]);
        var printed = Numbers(output);
        Assert.Equal(9, said.Length);
        Assert.Equal(said.Length, printed.Length);
        Assert.All(said.Zip(printed), pair => Assert.Equal(pair.First, pair.Second, 0.0021));
    }

    [Fact]
    public void The_script_of_the_readme_is_the_one_that_runs()
    {
        var block = Assert.Single(Blocks("README.md", "fsharp"));
        Assert.Contains(block.ReplaceLineEndings("\n"), Document("docs/readme.fsx"));
    }

    [Fact]
    public void The_page_for_csharp_shows_programs_that_run()
    {
        string[] marks = ["from-data", "forecasts", "particles", "one-step", "own-functions", "own-functions-used"];
        Assert.Equal(marks.Select(mark => Region("docs/samples/FirstProgram.cs", mark)), Blocks("docs/csharp.md", "csharp"));
    }

    [Fact]
    public void The_programs_of_the_page_on_forecasts_are_those_that_run()
    {
        Assert.Equal(Region("docs/samples/ForecastProgram.cs", "forecast"), Assert.Single(Blocks("docs/forecast.md", "csharp")));
        Assert.Contains(Assert.Single(Blocks("docs/forecast.md", "fsharp")), Document("docs/forecast.fsx"));
        using var folder = new TemporaryFolder();
        var random = new Random(1);
        var rows = Enumerable.Range(0, 900).Select(hour => FormattableString.Invariant(
            $"{new DateTime(2024, 1, 1).AddHours(hour):yyyy-MM-dd HH:mm},{50 + (10 * Math.Sin(2 * Math.PI * hour / 24)) + random.NextDouble()}"));
        File.WriteAllLines(folder.File("load.csv"), rows.Prepend("date,load"));
        var output = "";
        Lifetimes.AllDieIn(() => output = Output(() => ForecastProgram.Run(folder.File("load.csv"))));
        Assert.StartsWith("1 ahead: ", output);
        Assert.Matches(@"coverage 0\.[89]\d; ", output);
        Assert.EndsWith("load.safetensors", output);
    }

    [Fact]
    public void Data_from_a_file_or_a_message()
    {
        using var folder = new TemporaryFolder();
        using var pairs = LangevinSystem.QuadrupleWell.EquilibriumPairs(2000, lag: 0.1, seed: 1);
        pairs.Save(folder.File("wells.npz"));
        var lines = Output(() => FirstProgram.FromData(folder.File("wells.npz"))).Split('\n');
        Assert.StartsWith("eigenvalues of the propagator at lag 0.1", lines[0]);
        Assert.Equal(3, lines.Count(line => Regex.IsMatch(line, @"^\d: rate \d\.\d{3} in \[")));
        var message = Output(() => FirstProgram.FromData(folder.File("nowhere.npz")));
        Assert.Contains("nowhere.npz", message);
    }

    [Fact]
    public void Forecasts_of_a_linear_map()
    {
        using var pairs = DynamicsTests.Linear(DynamicsTests.Rotation(30));
        var output = "";
        Lifetimes.AllDieIn(() => output = Output(() => FirstProgram.Forecasts(pairs)));
        // 600 degrees are 240; a rotation by 30 degrees in half a unit of time.
        var end = Complex.FromPolarCoordinates(1, Math.PI * 4 / 3) * new Complex(1, 0.5);
        Assert.Contains(FormattableString.Invariant($"after 10 units of time: ({end.Real:F3}, {end.Imaginary:F3})"), output);
        Assert.Contains("frequency 1.047", output);
        // The cubes turn by 90 degrees a lag, and 6.3 is 180 degrees a lag.
        Assert.Contains("frequencies up to 6.3 are resolved", output);
    }

    [Fact]
    public async Task Particles_with_progress()
    {
        using var data = LangevinSystem.QuadrupleWell.EquilibriumSamples(1000, seed: 1);
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new AtOnce());
        try
        {
            await FirstProgram.Particles(data, CancellationToken.None);
            using var cancelled = new CancellationTokenSource();
            cancelled.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FirstProgram.Particles(data, cancelled.Token));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Progress is reported when it is made: left to the thread pool, it would be printed in the middle of a later test.</summary>
    private sealed class AtOnce : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => d(state);
    }

    [Fact]
    public async Task A_generator_in_one_step()
    {
        using var data = PlanarSet.Moons.Draw(300, seed: 1);
        var output = new StringWriter();
        var console = Console.Out;
        Console.SetOut(output);
        try
        {
            await FirstProgram.OneStep(data, TrainedFlow.Settings, TrainedFlow.DistillationSettings, CancellationToken.None);
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.Matches(@"distance to the data \d\.\d{3}", output.ToString());
        Assert.Contains("8 modes, condition", output.ToString());
    }

    [Fact]
    public void Functions_of_your_own()
    {
        using var data = LangevinSystem.DoubleWell().EquilibriumSamples(1000, seed: 1);
        var output = "";
        Lifetimes.AllDieIn(() => output = Output(() => FirstProgram.OwnFunctions(data)));
        Assert.StartsWith("4 modes, slowest rate 0.7", output);
    }
}
