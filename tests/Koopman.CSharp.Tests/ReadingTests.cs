using System.IO;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>Files that are read by settings.</summary>
public class ReadingTests
{
    [Fact]
    public void Settings_say_what_columns_are()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.csv");
        File.WriteAllText(path, "clock,a,valve,b\n0,1,5,2\n0.5,2,6,3\n1,NA,7,4\n1.5,4,8,6\n2,5,,7\n");

        var settings = new ReadSettings { Columns = ["a", "b"], Time = "clock", Inputs = ["valve"] };
        var error = Assert.Throws<KoopmanException>(() => Trajectories.Read(path, settings));
        Assert.Contains("line 4", error.Message, System.StringComparison.Ordinal);

        using var trajectories = Trajectories.Read(path, settings with { Missing = MissingValues.Cut }, out var understood);
        Assert.Equal(["a", "b"], trajectories.Names);
        Assert.Equal(["valve"], trajectories.InputNames);
        Assert.Equal(0.5, trajectories.Step);
        Assert.Equal(2, trajectories.Count);
        Assert.Contains("2 states (a, b), 1 input (valve)", understood.Sentence, System.StringComparison.Ordinal);

        using var renamed = trajectories.WithNames(["c", "d"], []);
        Assert.Equal(["c", "d"], renamed.Names);
        Assert.Empty(renamed.InputNames);

        using var samples = Samples.Read(path, settings with { Missing = MissingValues.Cut });
        Assert.Equal(4, samples.Count);
    }
}
