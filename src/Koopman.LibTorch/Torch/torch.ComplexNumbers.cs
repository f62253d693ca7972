using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Parts and views of complex tensors.
    public static partial class torch
    {
        /// <summary>The complex conjugate of each element, as a view.</summary>
        public static Tensor conj(Tensor input) => Given(input).conj();

        /// <summary>The complex conjugate of each element, as a new tensor.</summary>
        public static Tensor conj_physical(Tensor input) => Given(input).conj_physical();

        /// <summary>The complex conjugate of each element, as a new tensor; in place.</summary>
        public static Tensor conj_physical_(Tensor input) => Given(input).conj_physical_();

        /// <summary>The tensor with a pending conjugation carried out.</summary>
        public static Tensor resolve_conj(Tensor input) => Given(input).resolve_conj();

        /// <summary>The tensor with a pending negation carried out.</summary>
        public static Tensor resolve_neg(Tensor input) => Given(input).resolve_neg();

        /// <summary>The argument of each element, in radians.</summary>
        public static Tensor angle(Tensor input) => Given(input).angle();

        /// <summary>A view of a complex tensor as a real one with a last dimension of 2: real and imaginary parts.</summary>
        public static Tensor view_as_real(Tensor input) => Given(input).view_as_real();

        /// <summary>A view of a real tensor with a last dimension of 2 as a complex one.</summary>
        public static Tensor view_as_complex(Tensor input) => Given(input).view_as_complex();
    }
}
