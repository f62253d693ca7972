using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using TorchSharp;
using Xunit;
using Xunit.Abstractions;

namespace Koopman.LibTorch.Tests
{
    /// <summary>
    /// The binding has only members that TorchSharp 0.106.0 has: with the same names, parameters, defaults and types. Approved/torchsharp-0.106.0.txt
    /// carries the lines of TorchSharp's surface that are implemented; Approved/refresh.sh writes it anew.
    /// </summary>
    public class SurfaceTests(ITestOutputHelper output)
    {
        private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

        private static string Approved => Path.Combine(Folder(), "..", "Approved", "torchsharp-0.106.0.txt");

        private static string Full => Path.Combine(Folder(), "..", "..", "..", "shared", "reference", "torchsharp-0.106.0-surface.txt");

        private static IEnumerable<string> Lines(string path) => File.ReadLines(path).Where(line => line.Length > 0 && !line.StartsWith('#'));

        [Fact]
        public void Every_public_member_is_one_of_TorchSharp()
        {
            var ours = Surface.Lines(typeof(torch).Assembly);
            if (Environment.GetEnvironmentVariable("KOOPMAN_APPROVE") == "1") Refresh(ours);
            var foreign = ours.Except(Lines(Approved)).ToList();
            Assert.True(foreign.Count == 0, $"{foreign.Count} members are not TorchSharp's (or not yet in the list):\n{string.Join('\n', foreign)}");
        }

        [Fact]
        public void Every_approved_member_is_there()
        {
            var gone = Lines(Approved).Except(Surface.Lines(typeof(torch).Assembly)).ToList();
            Assert.True(gone.Count == 0, $"{gone.Count} members are gone:\n{string.Join('\n', gone)}");
        }

        [Fact]
        public void Every_approved_line_is_in_TorchSharps_surface()
        {
            if (!File.Exists(Full))
            {
                output.WriteLine($"Not compared: TorchSharp's whole surface is not beside this checkout ({Path.GetFullPath(Full)}).");
                return;
            }

            var invented = Lines(Approved).Except(Lines(Full)).ToList();
            Assert.True(invented.Count == 0, $"{invented.Count} approved lines are not TorchSharp's:\n{string.Join('\n', invented)}");
        }

        /// <summary>Writes the lines that both surfaces have.</summary>
        private static void Refresh(IEnumerable<string> ours)
        {
            var both = ours.Intersect(Lines(Full)).OrderBy(line => line, StringComparer.Ordinal).ToList();
            Directory.CreateDirectory(Path.GetDirectoryName(Approved)!);
            File.WriteAllLines(
                Approved,
                [
                    "# The members of TorchSharp 0.106.0 that Koopman.LibTorch has: names and signatures, one a line (see SurfaceTests.cs).",
                    "# Written by refresh.sh; do not edit.",
                    .. both,
                ]);
        }
    }
}
