using TorchSharp;

namespace Koopman.CSharp;

/// <summary>A dictionary that Core made, as C# sees it; a borrowed one is freed by the model that owns it.</summary>
internal sealed class CoreObservables(Observables core, bool borrowed = false) : ObservableSet(core.Dimension, core.Count, core.Description)
{
    public override double? Length => core.LengthScale.ToNullable();

    public override bool IsDifferentiable => core.IsDifferentiable;

    internal override Observables Core => core;

    public override torch.Tensor Values(torch.Tensor points) => core.Values(Check.Points(points, Dimension, nameof(points)));

    public override torch.Tensor Partial(torch.Tensor points, int axis) =>
        core.Partial(Check.Points(points, Dimension, nameof(points)), Check.Index(axis, Dimension, nameof(axis)));

    public override torch.Tensor SecondPartial(torch.Tensor points, int first, int second) =>
        core.SecondPartial(
            Check.Points(points, Dimension, nameof(points)),
            Check.Index(first, Dimension, nameof(first)),
            Check.Index(second, Dimension, nameof(second)));

    public override string NameOf(int index) => core.NameOf(Check.Index(index, Count, nameof(index)));

    protected override void Dispose(bool disposing)
    {
        if (!borrowed)
            core.Dispose();
    }
}
