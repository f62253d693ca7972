using System.IO;
using System.Linq;
using Koopman.Formats;
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

    [Fact]
    public void Several_files_are_several_trajectories()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [folder.File("a.csv"), folder.File("b.csv")];
        File.WriteAllText(paths[0], "t,a\n0,1\n0.5,2\n1,3\n");
        File.WriteAllText(paths[1], "t,a\n0,4\n0.5,5\n");
        using var both = Trajectories.FromFiles(paths, new ReadSettings(), out var understood);
        Assert.Equal([3, 2], both.Lengths);
        Assert.Equal([1, 2, 3, 4, 5], both.States.ToArray().Cast<double>());
        Assert.StartsWith("2 files (a.csv, b.csv): 2 trajectories", understood.Sentence, System.StringComparison.Ordinal);

        File.WriteAllText(paths[1], "t,c\n0,4\n0.5,5\n");
        var error = Assert.Throws<KoopmanException>(() => Trajectories.FromFiles(paths));
        Assert.Equal(ErrorKind.ShapeMismatch, error.Kind);
        Assert.Contains("b.csv", error.Message, System.StringComparison.Ordinal);

        using var one = Trajectories.Read(paths[0]);
        using var twice = Trajectories.Concat([one, one]);
        Assert.Equal((2, 6), (twice.Count, twice.States.Count));
    }

    [Fact]
    public void Other_formats_are_read_with_their_package()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.h5");
        PureHDF.H5File file = new() { ["x"] = new double[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, ["lag"] = 0.5 };
        file.Write(path);
        var settings = new ReadSettings { Formats = FileFormats.All };
        using var states = Trajectories.Read(path, settings, out var understood);
        Assert.Equal(0.5, states.Step);
        Assert.Equal([1, 2, 3, 4, 5, 6], states.States.ToArray().Cast<double>());
        Assert.Contains("times from `lag`", understood.Sentence, System.StringComparison.Ordinal);
        Assert.Equal(["MATLAB", "HDF5", "NetCDF-4", "Parquet", "Arrow"], settings.Formats.Select(format => format.Name));
        using var samples = Samples.Read(path, new ReadSettings { Formats = [FileFormats.Hdf5] });
        Assert.Equal(3, samples.Count);

        var error = Assert.Throws<KoopmanException>(() => Trajectories.Read(path));
        Assert.Contains("FileFormats.All", error.Message, System.StringComparison.Ordinal);
        error = Assert.Throws<KoopmanException>(() => Trajectories.Read(path, new ReadSettings { Formats = [FileFormats.Parquet] }));
        Assert.Equal(ErrorKind.UnreadableFile, error.Kind);
    }
}
