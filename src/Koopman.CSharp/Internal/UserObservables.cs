using System;
using System.Linq;
using Microsoft.FSharp.Core;
using TorchSharp;
using Koopman.Particles;

namespace Koopman.CSharp;

/// <summary>
/// A user's dictionary, as Core sees it. Temporaries of the user's code die here, and results of the wrong shape or type are refused
/// before they reach a formula.
/// </summary>
internal sealed class UserObservables(ObservableSet user) : Observables(user.Dimension, user.Count, user.Description)
{
    public override FSharpOption<double>? LengthScale => user.Length.ToOption();

    public override bool IsDifferentiable => user.IsDifferentiable;

    public override torch.Tensor Values(torch.Tensor points) => Guard(nameof(Values), points, () => user.Values(points));

    public override torch.Tensor Partial(torch.Tensor points, int axis) => Guard(nameof(Partial), points, () => user.Partial(points, axis));

    public override torch.Tensor SecondPartial(torch.Tensor points, int first, int second) =>
        Guard(nameof(SecondPartial), points, () => user.SecondPartial(points, first, second));

    public override string NameOf(int index) => user.NameOf(index);

    /// <summary>What Core makes of the first derivatives, for a user who gives no second ones.</summary>
    public torch.Tensor Difference(torch.Tensor points, int first, int second) => base.SecondPartial(points, first, second);

    public override void Dispose() => user.Dispose();

    private torch.Tensor Guard(string member, torch.Tensor points, Func<torch.Tensor> compute)
    {
        using var scope = torch.NewDisposeScope();
        var values = compute();
        long[] expected = [points.shape[0], Count];
        if (values is null || !values.shape.SequenceEqual(expected) || values.dtype != torch.float64)
        {
            var found = values is null ? "nothing" : $"{values.dtype} of shape ({string.Join(", ", values.shape)})";
            throw new InvalidOperationException(
                $"{user.GetType().Name}.{member} must answer Float64 of shape ({points.shape[0]}, {Count}), but answered {found}.");
        }

        // Whoever asked will free the answer, which must not be the points themselves.
        return scope.MoveToOuter(ReferenceEquals(values, points) ? points.alias() : values);
    }
}
