using System;
using System.Runtime.CompilerServices;

namespace TorchSharp.Interop
{
    // How arguments cross the border: a null that is not allowed stops here, by name.
    internal static partial class NativeMethods
    {
        /// <summary>The handle of an argument that must be there.</summary>
        internal static TensorHandle Of(torch.Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string? name = null) =>
            tensor is null ? throw new ArgumentNullException(name) : tensor.H_;

        /// <summary>The handle of an argument that may be absent.</summary>
        internal static TensorHandle Maybe(torch.Tensor? tensor) => tensor is null ? TensorHandle.None : tensor.H_;

        /// <summary>The tensor itself, which must be there.</summary>
        internal static torch.Tensor Given(torch.Tensor? tensor, [CallerArgumentExpression(nameof(tensor))] string? name = null) =>
            tensor ?? throw new ArgumentNullException(name);

        internal static NativeScalar Num(Scalar? scalar, [CallerArgumentExpression(nameof(scalar))] string? name = null) =>
            scalar is null ? throw new ArgumentNullException(name) : scalar.Native;

        /// <summary>The generator to draw from: without one, the device's own.</summary>
        internal static GeneratorHandle Source(torch.Generator? generator) => generator?.Handle_ ?? GeneratorHandle.None;

        /// <summary>The array itself, which must be there.</summary>
        internal static T[] Given<T>(T[]? array, [CallerArgumentExpression(nameof(array))] string? name = null) =>
            array ?? throw new ArgumentNullException(name);

        /// <summary>-1 stands for an absent type.</summary>
        internal static int Type(torch.ScalarType? type) => type is { } t ? (int)t : -1;
    }
}
