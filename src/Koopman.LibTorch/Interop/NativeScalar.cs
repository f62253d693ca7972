using System;
using System.Numerics;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    /// <summary>A number of any type: kind 0 = integer, 1 = real, 2 = complex, 3 = boolean. Mirrors <c>KtScalar</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct NativeScalar
    {
        internal const int IntegerKind = 0;
        internal const int RealKind = 1;
        internal const int ComplexKind = 2;
        internal const int BooleanKind = 3;

        internal readonly int Kind;
        private readonly int padding;
        internal readonly long Integer;
        internal readonly double Real;
        internal readonly double Imaginary;

        private NativeScalar(int kind, long integer, double real, double imaginary)
        {
            Kind = kind;
            padding = 0;
            Integer = integer;
            Real = real;
            Imaginary = imaginary;
        }

        public static implicit operator NativeScalar(long value) => new(IntegerKind, value, value, 0);
        public static implicit operator NativeScalar(double value) => new(RealKind, 0, value, 0);
        public static implicit operator NativeScalar(Complex value) => new(ComplexKind, 0, value.Real, value.Imaginary);
        public static implicit operator NativeScalar(bool value) => new(BooleanKind, value ? 1 : 0, value ? 1 : 0, 0);

        internal Complex AsComplex() => Kind is IntegerKind or BooleanKind ? new Complex(Integer, 0) : new Complex(Real, Imaginary);

        internal double AsDouble() => Kind switch
        {
            IntegerKind or BooleanKind => Integer,
            ComplexKind when Imaginary != 0 => throw new InvalidOperationException(
                $"The complex number {Real} + {Imaginary}i has no real value: take its real part or its modulus."),
            _ => Real,
        };

        internal long AsInt64() => Kind is IntegerKind or BooleanKind ? Integer : checked((long)AsDouble());
    }
}
