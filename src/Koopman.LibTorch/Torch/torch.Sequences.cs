using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Sequences, identities, tensors like another, and complex tensors from parts.
    public static partial class torch
    {
        /// <summary>start, start + step, ... to before stop; integers give type Int64 unless another is given.</summary>
        public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        {
            var (first, last, by) = (Num(start), Num(stop), Num(step));
            var integral = is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type);
            var options = new NativeOptions(dtype ?? (integral ? ScalarType.Int64 : defaultType), device ?? defaultDevice, requires_grad);
            return Take(kt_arange(first, last, by, options));
        }

        /// <summary>start, start + 1, ... to before stop; integers give type Int64 unless another is given.</summary>
        public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            arange(start, stop, 1, dtype, device, requires_grad);

        /// <summary>0, 1, ... to before stop; an integer gives type Int64 unless another is given.</summary>
        public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            arange(0, stop, 1, dtype, device, requires_grad);

        /// <summary>This many evenly spaced numbers from start to end, both included.</summary>
        public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Take(kt_linspace(start, end, steps, Options(dtype, device, requires_grad)));

        /// <summary>The base to the power of evenly spaced exponents from start to end, both included.</summary>
        public static Tensor logspace(
            double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Take(kt_logspace(start, end, steps, @base, Options(dtype, device, requires_grad)));

        /// <summary>Ones on the diagonal and zeros elsewhere; square unless columns are given.</summary>
        public static Tensor eye(
            long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_eye(rows, columns == -1 ? rows : columns, Options(dtype, device, requires_grad))), names);

        /// <summary>A tensor of this shape and these strides whose elements are not set.</summary>
        public static Tensor empty_strided(
            long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_empty_strided(Given(size), size.Length, Given(strides), strides.Length, Options(dtype, device, requires_grad))), names);

        /// <summary>Zeros in the shape, type and place of another tensor.</summary>
        public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_zeros_like(Of(input), Alike(dtype, device, requires_grad))), names);

        /// <summary>Ones in the shape, type and place of another tensor.</summary>
        public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_ones_like(Of(input), Alike(dtype, device, requires_grad))), names);

        /// <summary>A tensor in the shape, type and place of another whose elements are not set.</summary>
        public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_empty_like(Of(input), Alike(dtype, device, requires_grad))), names);

        /// <summary>This value everywhere, in the shape, type and place of another tensor.</summary>
        public static Tensor full_like(
            Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
            Unnamed(Take(kt_full_like(Of(input), Num(value), Alike(dtype, device, requires_grad))), names);

        /// <summary>The complex tensor with these real and imaginary parts, both of the same floating-point type.</summary>
        public static Tensor complex(Tensor real, Tensor imag) => Take(kt_complex(Of(real), Of(imag)));

        /// <summary>The complex tensor with these moduli and arguments (in radians).</summary>
        public static Tensor polar(Tensor abs, Tensor angle) => Take(kt_polar(Of(abs), Of(angle)));

        /// <summary>The positions of the lower triangle of a matrix: row and column numbers in the two rows of the result.</summary>
        public static Tensor tril_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
            Take(kt_tril_indices(row, col, offset, Options(dtype, device, false)));

        /// <summary>The positions of the upper triangle of a matrix: row and column numbers in the two rows of the result.</summary>
        public static Tensor triu_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
            Take(kt_triu_indices(row, col, offset, Options(dtype, device, false)));

        public partial class Tensor
        {
            public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
                torch.zeros_like(this, dtype, device, requires_grad);

            public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
                torch.ones_like(this, dtype, device, requires_grad);

            public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
                torch.empty_like(this, dtype, device, requires_grad);

            public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
                torch.full_like(this, value, dtype, device, requires_grad);

            /// <summary>The transpose of a matrix; for other numbers of dimensions, their order reversed.</summary>
            public Tensor T => Take(kt_numpy_T(handle));

            /// <summary>The conjugate transpose of a matrix.</summary>
            public Tensor H => Take(kt_matrix_H(handle));

            /// <summary>The last two dimensions exchanged.</summary>
            public Tensor mT => transpose(-2, -1);

            /// <summary>The last two dimensions exchanged and the elements conjugated.</summary>
            public Tensor mH => adjoint();

            /// <summary>The real parts as a view; a real tensor itself.</summary>
            public Tensor real => Take(kt_real(handle));

            /// <summary>The imaginary parts as a view; ExternalException for a real tensor.</summary>
            public Tensor imag => Take(kt_imag(handle));
        }

        /// <summary>The real parts as a view; a real tensor itself.</summary>
        public static Tensor real(Tensor input) => Given(input).real;

        /// <summary>The imaginary parts as a view; ExternalException for a real tensor.</summary>
        public static Tensor imag(Tensor input) => Given(input).imag;
    }
}
