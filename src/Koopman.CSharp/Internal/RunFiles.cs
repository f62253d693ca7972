using System;
using Microsoft.FSharp.Core;

namespace Koopman;

/// <summary>States of runs in files.</summary>
internal static class RunFiles
{
    /// <summary>Writes a state, and frees it.</summary>
    public static void Save(string path, RunState taken)
    {
        using var state = (IDisposable)taken;
        ArgumentNullException.ThrowIfNull(path);
        RunStateModule.save(path, taken).OrThrow();
    }

    /// <summary>Reads a state, and restores it in a run.</summary>
    public static void Restore(string path, Func<RunState, FSharpResult<Unit, KoopmanError>> restore)
    {
        ArgumentNullException.ThrowIfNull(path);
        var state = RunStateModule.load(path).OrThrow();
        using ((IDisposable)state)
            restore(state).OrThrow();
    }
}
