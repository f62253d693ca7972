using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Parts and views of complex tensors.
        public partial class Tensor
        {
            /// <summary>The complex conjugate of each element, as a view.</summary>
            public Tensor conj() => Take(kt_conj(handle));

            /// <summary>The complex conjugate of each element, as a new tensor.</summary>
            public Tensor conj_physical() => Take(kt_conj_physical(handle));

            /// <summary>The complex conjugate of each element, as a new tensor; in place.</summary>
            public Tensor conj_physical_() => Did(kt_conj_physical_(handle));

            /// <summary>The tensor with a pending conjugation carried out.</summary>
            public Tensor resolve_conj() => Take(kt_resolve_conj(handle));

            /// <summary>The tensor with a pending negation carried out.</summary>
            public Tensor resolve_neg() => Take(kt_resolve_neg(handle));

            /// <summary>The argument of each element, in radians.</summary>
            public Tensor angle() => Take(kt_angle(handle));

            /// <summary>A view of a complex tensor as a real one with a last dimension of 2: real and imaginary parts.</summary>
            public Tensor view_as_real() => Take(kt_view_as_real(handle));

            /// <summary>A view of a real tensor with a last dimension of 2 as a complex one.</summary>
            public Tensor view_as_complex() => Take(kt_view_as_complex(handle));
        }
    }
}
