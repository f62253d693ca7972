using System.Numerics;

namespace TorchSharp
{
    public static partial class torch
    {
        // Tensors from .NET numbers; torch.tensor always copies.
        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor((double, double) scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Copy<Complex>([new Complex(scalar.Item1, scalar.Item2)], [], dtype, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor((float, float) scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Copy<(float, float)>([scalar], [], dtype, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(Complex scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Copy<Complex>([scalar], [], dtype, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(bool scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Copy<bool>([scalar], [], dtype, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(byte scalar, Device? device = null, bool requires_grad = false) =>
            Copy<byte>([scalar], [], null, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(double real, double imaginary, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Copy<Complex>([new Complex(real, imaginary)], [], dtype, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(double scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Copy<double>([scalar], [], dtype, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(float real, float imaginary, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Copy<(float, float)>([(real, imaginary)], [], dtype, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) =>
            Copy<float>([scalar], [], null, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(int scalar, Device? device = null, bool requires_grad = false) =>
            Copy<int>([scalar], [], null, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(long scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Copy<long>([scalar], [], dtype, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(sbyte scalar, Device? device = null, bool requires_grad = false) =>
            Copy<sbyte>([scalar], [], null, device, requires_grad, null);

        /// <summary>A tensor of no dimensions with this value.</summary>
        public static Tensor tensor(short scalar, Device? device = null, bool requires_grad = false) =>
            Copy<short>([scalar], [], null, device, requires_grad, null);
    }
}
