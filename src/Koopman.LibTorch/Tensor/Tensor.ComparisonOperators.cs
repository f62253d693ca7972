using System.Runtime.CompilerServices;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Comparison operators: Boolean tensors, element by element. Compare with null by "is null".
        public partial class Tensor
        {
            public static Tensor operator ==(Tensor left, Tensor right) => Given(left).eq(right);
            public static Tensor operator ==(Tensor left, Scalar right) => Given(left).eq(right);
            public static Tensor operator ==(Scalar left, Tensor right) => Given(right).eq(left);

            public static Tensor operator !=(Tensor left, Tensor right) => Given(left).ne(right);
            public static Tensor operator !=(Tensor left, Scalar right) => Given(left).ne(right);
            public static Tensor operator !=(Scalar left, Tensor right) => Given(right).ne(left);

            public static Tensor operator <(Tensor left, Tensor right) => Given(left).lt(right);
            public static Tensor operator <(Tensor left, Scalar right) => Given(left).lt(right);
            public static Tensor operator <(Scalar left, Tensor right) => Given(right).gt(left);

            public static Tensor operator <=(Tensor left, Tensor right) => Given(left).le(right);
            public static Tensor operator <=(Tensor left, Scalar right) => Given(left).le(right);
            public static Tensor operator <=(Scalar left, Tensor right) => Given(right).ge(left);

            public static Tensor operator >(Tensor left, Tensor right) => Given(left).gt(right);
            public static Tensor operator >(Tensor left, Scalar right) => Given(left).gt(right);
            public static Tensor operator >(Scalar left, Tensor right) => Given(right).lt(left);

            public static Tensor operator >=(Tensor left, Tensor right) => Given(left).ge(right);
            public static Tensor operator >=(Tensor left, Scalar right) => Given(left).ge(right);
            public static Tensor operator >=(Scalar left, Tensor right) => Given(right).le(left);

            /// <summary>True for another handle to equal elements: same type, shape and values.</summary>
            public bool Equals(Tensor target) => target is not null && Yes(kt_equal(handle, target.handle));

            /// <summary>True for another handle to equal elements: same type, shape and values.</summary>
            public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

            /// <summary>The hash code of this object, not of its elements: they can change.</summary>
            public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
        }
    }
}
