using System;
using System.Numerics;
using TorchSharp.Interop;

namespace TorchSharp
{
    /// <summary>A single number as an argument: 64-bit integer, double, complex double or Boolean, as in libtorch.</summary>
    public sealed class Scalar : IDisposable
    {
        internal readonly NativeScalar Native;

        internal Scalar(NativeScalar native) => Native = native;

        /// <summary>Float64, Int64, ComplexFloat64 or Bool: the narrower types widen on conversion.</summary>
        public torch.ScalarType Type => Native.Kind switch
        {
            NativeScalar.IntegerKind => torch.ScalarType.Int64,
            NativeScalar.RealKind => torch.ScalarType.Float64,
            NativeScalar.ComplexKind => torch.ScalarType.ComplexFloat64,
            _ => torch.ScalarType.Bool,
        };

        public static implicit operator Scalar(byte value) => new(value);
        public static implicit operator Scalar(sbyte value) => new(value);
        public static implicit operator Scalar(short value) => new(value);
        public static implicit operator Scalar(int value) => new(value);
        public static implicit operator Scalar(long value) => new(value);
        public static implicit operator Scalar(Half value) => new((double)value);
        public static implicit operator Scalar(float value) => new((double)value);
        public static implicit operator Scalar(double value) => new(value);
        public static implicit operator Scalar(bool value) => new(value);
        public static implicit operator Scalar(Complex value) => new(value);
        public static implicit operator Scalar((float, float) value) => new(new Complex(value.Item1, value.Item2));

        /// <summary>Does nothing here: the number has no native part. It exists because TorchSharp's has one.</summary>
        public void Dispose() { }
    }

    /// <summary>Conversions between .NET numbers and <see cref="Scalar"/>.</summary>
    public static class ScalarExtensionMethods
    {
        public static Scalar ToScalar(this byte value) => value;
        public static Scalar ToScalar(this sbyte value) => value;
        public static Scalar ToScalar(this short value) => value;
        public static Scalar ToScalar(this int value) => value;
        public static Scalar ToScalar(this long value) => value;
        public static Scalar ToScalar(this Half value) => value;
        public static Scalar ToScalar(this float value) => value;
        public static Scalar ToScalar(this double value) => value;
        public static Scalar ToScalar(this bool value) => value;
        public static Scalar ToScalar(this Complex value) => value;
        public static Scalar ToScalar(this (float, float) value) => value;

        /// <summary>The number rounded to 16-bit brain floating point: a float whose last 16 bits are zero.</summary>
        public static Scalar ToBFloat16Scalar(this float value)
        {
            var bits = BitConverter.SingleToUInt32Bits(value);
            var rounded = float.IsNaN(value) ? bits : bits + 0x7FFFu + ((bits >> 16) & 1u);
            return BitConverter.UInt32BitsToSingle(rounded & 0xFFFF0000u);
        }

        /// <summary>The number as a double; InvalidOperationException for a complex one with an imaginary part.</summary>
        public static double ToDouble(this Scalar value) => NativeMethods.Num(value).AsDouble();

        public static float ToSingle(this Scalar value) => (float)value.ToDouble();
        public static Half ToHalf(this Scalar value) => (Half)value.ToDouble();

        /// <summary>The number as an integer, with its fraction cut off; OverflowException when it does not fit.</summary>
        public static long ToInt64(this Scalar value) => NativeMethods.Num(value).AsInt64();

        public static int ToInt32(this Scalar value) => checked((int)value.ToInt64());
        public static short ToInt16(this Scalar value) => checked((short)value.ToInt64());
        public static sbyte ToSByte(this Scalar value) => checked((sbyte)value.ToInt64());
        public static byte ToByte(this Scalar value) => checked((byte)value.ToInt64());

        /// <summary>True for every number but zero.</summary>
        public static bool ToBoolean(this Scalar value) => NativeMethods.Num(value).AsComplex() != Complex.Zero;

        public static Complex ToComplexFloat64(this Scalar value) => NativeMethods.Num(value).AsComplex();

        public static (float Real, float Imaginary) ToComplexFloat32(this Scalar value)
        {
            var z = value.ToComplexFloat64();
            return ((float)z.Real, (float)z.Imaginary);
        }
    }
}
