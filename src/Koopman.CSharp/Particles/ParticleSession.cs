using System;
using System.Threading;
using Koopman.Particles;

namespace Koopman.CSharp;

/// <summary>
/// A particle flow under way: it can be stopped at any iteration and taken up again with the same result, in this process or from a file. Holds
/// tensors: dispose of it. One thread at a time.
/// </summary>
public sealed class ParticleSession : IDisposable
{
    private readonly FlowRun core;

    internal ParticleSession(FlowRun core)
    {
        this.core = core;
    }

    /// <summary>Iterations made.</summary>
    public int Iteration => core.Iteration;

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsFinished => core.IsFinished;

    /// <summary>Goes on until nothing is left to do. After a cancellation it can be called again.</summary>
    /// <param name="progress">Told after every iteration, on the thread that works.</param>
    /// <param name="cancellation">Asked before every iteration.</param>
    /// <exception cref="KoopmanException">Particles that left all bounds.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Continue(IProgress<ParticleProgress>? progress = null, CancellationToken cancellation = default) =>
        SpectralFlow.resume(ParticleSampler.Telling(progress, cancellation), core).OrThrow();

    /// <summary>Where the flow is now; when it is finished, where it ended. The caller disposes of it.</summary>
    public ParticleRun Run() => new(SpectralFlow.outcome(core).OrThrow());

    /// <summary>Writes everything that the flow knows to a file, which is replaced in one step.</summary>
    /// <param name="path">The file to make or replace; the ending .safetensors is usual.</param>
    /// <exception cref="KoopmanException">The file cannot be written, and is then what it was.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var state = SpectralFlow.state(core);
        RunStateModule.save(path, state).OrThrow();
    }

    /// <summary>Takes this flow to a state that one with the same settings, seed, field and data saved: it goes on to the same bits.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="KoopmanException">There is no such file, it is damaged, or it is of other particles; then nothing is changed.</exception>
    public void Restore(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var state = RunStateModule.load(path).OrThrow();
        SpectralFlow.restore(state, core).OrThrow();
    }

    /// <summary>Frees the tensors, not field and data. Runs that were made live on.</summary>
    public void Dispose() => ((IDisposable)core).Dispose();
}
