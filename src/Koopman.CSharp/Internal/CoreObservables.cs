using System;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>A dictionary that Core made, as C# sees it.</summary>
internal sealed class CoreObservables(Observables core) : ObservableSet(core.Dimension, core.Count, core.Description)
{
    public override double? Length => core.Length.ToNullable();

    internal override Observables Core => core;

    public override torch.Tensor Values(torch.Tensor points) => core.Values(Check.Points(points, Dimension, nameof(points)));

    public override torch.Tensor Partial(torch.Tensor points, int axis)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(axis, Dimension);
        return core.Partial(Check.Points(points, Dimension, nameof(points)), axis);
    }

    protected override void Dispose(bool disposing) => core.Dispose();
}
