using System;
using System.Linq;
using TorchSharp;

namespace Koopman;

/// <summary>
/// Observables of your own: derive from this class, and give values and first derivatives. Temporaries of your code are freed for you;
/// override <c>Free</c> to free tensors that you keep. Results of the wrong shape or dtype are an error that names your class. For one-line
/// functions there is <c>Observables.FromFunction</c>.
/// </summary>
/// <param name="dimension">The dimension d of the points, at least 1.</param>
/// <param name="count">The number N of functions, at least 1.</param>
/// <param name="description">The description for reports.</param>
public abstract class UserObservables(int dimension, int count, string description)
    : Observables(
        Check.AtLeastOne(dimension, nameof(dimension)),
        Check.AtLeastOne(count, nameof(count)),
        description ?? throw new ArgumentNullException(nameof(description)))
{
    /// <inheritdoc/>
    public sealed override torch.Tensor Values(torch.Tensor points) => Guard(nameof(ValuesAt), points, () => ValuesAt(points));

    /// <inheritdoc/>
    public sealed override torch.Tensor Partial(torch.Tensor points, int axis)
    {
        Check.Index(axis, Dimension, nameof(axis));
        return Guard(nameof(PartialAt), points, () => PartialAt(points, axis));
    }

    /// <inheritdoc/>
    public sealed override torch.Tensor SecondPartial(torch.Tensor points, int first, int second)
    {
        Check.Index(first, Dimension, nameof(first));
        Check.Index(second, Dimension, nameof(second));
        return Guard(nameof(SecondPartialAt), points, () => SecondPartialAt(points, first, second));
    }

    /// <summary>ψ at n points (n, d), as a tensor (n, N) of their dtype.</summary>
    protected abstract torch.Tensor ValuesAt(torch.Tensor points);

    /// <summary>∂ψ/∂x_axis at n points (n, d), as a tensor (n, N) of their dtype. Axes count from 0.</summary>
    protected abstract torch.Tensor PartialAt(torch.Tensor points, int axis);

    /// <summary>
    /// ∂²ψ/∂x_first∂x_second at n points (n, d), as a tensor (n, N) of their dtype. Unless overridden, it is the central difference of the
    /// first derivative, accurate to about 1e-9 of its size.
    /// </summary>
    protected virtual torch.Tensor SecondPartialAt(torch.Tensor points, int first, int second) => base.SecondPartial(points, first, second);

    private torch.Tensor Guard(string member, torch.Tensor points, Func<torch.Tensor> compute)
    {
        Check.Points(points, Dimension, nameof(points));
        using var scope = torch.NewDisposeScope();
        var values = compute();
        long[] expected = [points.shape[0], Count];
        if (values is null || !values.shape.SequenceEqual(expected) || (values.dtype != points.dtype && values.dtype != torch.float64))
        {
            var found = values is null ? "nothing" : $"{values.dtype} of shape ({string.Join(", ", values.shape)})";
            throw new InvalidOperationException(
                $"{GetType().Name}.{member} must return {points.dtype} of shape ({points.shape[0]}, {Count}), but returned {found}.");
        }

        // The caller frees the result, which must not be the points themselves.
        return scope.MoveToOuter(Tensors.like(points, ReferenceEquals(values, points) ? points.alias() : values));
    }
}
