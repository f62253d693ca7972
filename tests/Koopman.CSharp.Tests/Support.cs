using System;
using System.Collections.Generic;
using System.IO;
using TorchSharp;
using Xunit;

// Live tensors are counted over the whole process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Koopman.CSharp.Tests;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("koopman-");

    public string FullName => folder.FullName;

    public string File(string name) => Path.Combine(folder.FullName, name);

    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    public string[] Names() => Array.ConvertAll(folder.GetFiles(), file => file.Name);

    public void Dispose() => folder.Delete(recursive: true);
}

/// <summary>Keeps what it was told. Unlike <see cref="Progress{T}"/> it listens on the worker thread.</summary>
internal sealed class Listener<T>(Action<T>? then = null) : IProgress<T>
{
    public List<T> Heard { get; } = [];

    public void Report(T value)
    {
        Heard.Add(value);
        then?.Invoke(value);
    }
}

/// <summary>Three functions x, x², x³, as a user would write them.</summary>
internal class Powers() : UserObservables(dimension: 1, count: 3, "x, x² and x³")
{
    public int Disposals { get; private set; }

    protected override torch.Tensor ValuesAt(torch.Tensor points) => torch.cat([points, points.pow(2), points.pow(3)], 1);

    protected override torch.Tensor PartialAt(torch.Tensor points, int axis) =>
        torch.cat([torch.ones_like(points), points.mul(2), points.pow(2).mul(3)], 1);

    public override void Free() => Disposals++;
}

internal static class Lifetimes
{
    /// <summary>Fails unless as many tensors live after the action as before. Nothing is left to the finalizer.</summary>
    /// <param name="action">What is to leave nothing behind.</param>
    /// <param name="parameters">
    /// How many parameters of TorchSharp's own layers it makes: 0.107 goes on counting the tensor that became one.
    /// </param>
    public static void AllDieIn(Action action, int parameters = 0)
    {
        // Tensors of earlier tests that nobody freed must not die in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;
        action();
        Assert.Equal(before + parameters, torch.Tensor.TotalCount);
    }
}
