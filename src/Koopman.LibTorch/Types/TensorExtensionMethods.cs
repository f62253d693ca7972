using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    /// <summary>Conversions of tensors of one element to .NET numbers, and some more.</summary>
    public static class TensorExtensionMethods
    {
        /// <summary>The only element; ExternalException when there are more or fewer.</summary>
        public static double ToDouble(this torch.Tensor value) => Given(value).ToScalar().ToDouble();

        public static float ToSingle(this torch.Tensor value) => Given(value).ToScalar().ToSingle();

        public static Half ToHalf(this torch.Tensor value) => Given(value).ToScalar().ToHalf();

        public static sbyte ToSByte(this torch.Tensor value) => Given(value).ToScalar().ToSByte();

        public static byte ToByte(this torch.Tensor value) => Given(value).ToScalar().ToByte();

        public static short ToInt16(this torch.Tensor value) => Given(value).ToScalar().ToInt16();

        public static int ToInt32(this torch.Tensor value) => Given(value).ToScalar().ToInt32();

        public static long ToInt64(this torch.Tensor value) => Given(value).ToScalar().ToInt64();

        public static bool ToBoolean(this torch.Tensor value) => Given(value).ToScalar().ToBoolean();

        public static (float Real, float Imaginary) ToComplexFloat32(this torch.Tensor value) => Given(value).ToScalar().ToComplexFloat32();

        public static Complex ToComplexFloat64(this torch.Tensor value) => Given(value).ToScalar().ToComplexFloat64();

        public static (float Real, float Imaginary) ToComplex32(this torch.Tensor value) => value.ToComplexFloat32();

        public static Complex ToComplex64(this torch.Tensor value) => value.ToComplexFloat64();

        /// <summary>The tensor as text in a style, Julia's unless torch.TensorStringStyle says otherwise.</summary>
        public static string str(
            this torch.Tensor tensor, string? fltFormat = null, int? width = null, string? newLine = null, CultureInfo? cultureInfo = null,
            TensorStringStyle style = TensorStringStyle.Default) =>
            Given(tensor).ToString(style, fltFormat, width, cultureInfo, newLine);

        /// <summary>The rows in brackets, as numpy writes them.</summary>
        public static string npstr(
            this torch.Tensor tensor, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null) =>
            tensor.str(fltFormat, width, newLine, cultureInfo, TensorStringStyle.Numpy);

        /// <summary>Shape, type and device.</summary>
        public static string metastr(this torch.Tensor tensor) => Given(tensor).ToString();

        /// <summary>Writes the tensor to the console and returns it.</summary>
        public static torch.Tensor print(
            this torch.Tensor t, string? fltFormat = "g5", int? width = 100, string? newLine = null, CultureInfo? cultureInfo = null,
            TensorStringStyle style = TensorStringStyle.Default)
        {
            Console.WriteLine(t.str(fltFormat, width, newLine, cultureInfo, style));
            return t;
        }

        /// <summary>The bytes that one element of this type takes.</summary>
        public static int ElementSize(this torch.ScalarType type) => torch.SizeOf(type);

        /// <summary>The number of elements of a tensor of this shape.</summary>
        public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (product, length) => product * length);

        /// <summary>The array as a tensor of this shape, copied in any case.</summary>
        public static torch.Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false)
        {
            var flat = torch.from_array(rawArray);
            using (flat) return torch.as_tensor(flat).reshape(dimensions).clone().requires_grad_(requires_grad);
        }

        /// <summary>The number as a tensor of no dimensions, of its own type.</summary>
        public static torch.Tensor ToTensor<T>(this T scalar, torch.Device? device = null, bool requires_grad = false) where T : struct =>
            torch.from_array(new[] { scalar }, null, device).squeeze_().requires_grad_(requires_grad);
    }
}
