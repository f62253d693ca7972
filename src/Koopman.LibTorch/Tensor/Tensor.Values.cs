using System;
using System.Numerics;
using TorchSharp.Utils;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Elements as .NET numbers.
        public partial class Tensor
        {
            /// <summary>The elements in place, to read and write without a copy, in the tensor's row-by-row order.</summary>
            /// <exception cref="ArgumentException">T is not the .NET type of this dtype.</exception>
            /// <exception cref="InvalidOperationException">The tensor is not on the CPU: take <see cref="cpu"/> first.</exception>
            public TensorAccessor<T> data<T>() where T : unmanaged => new(this);

            /// <summary>The only element.</summary>
            /// <exception cref="ArgumentException">There are more or fewer elements than one, or T is not the .NET type of this dtype.</exception>
            public T item<T>() where T : unmanaged
            {
                if (numel() != 1) throw new ArgumentException($"item needs a tensor of one element, but this one has {numel()}.");
                ValidateType(typeof(T));
                return is_cpu() ? data<T>()[0] : cpu().data<T>()[0];
            }

            /// <summary>The only element; ExternalException when there are more or fewer.</summary>
            public Scalar ToScalar()
            {
                Check(kt_item(handle, out var number));
                return new Scalar(number);
            }

            internal void ValidateType(Type type)
            {
                var own = dtype;
                if (own == ScalarType.BFloat16 || TypeOf(type) != own)
                    throw new ArgumentException($"A tensor of {own} does not hold elements of type {type.Name}: convert it with to_type first.");
            }

            /// <summary>The address of the first element, on the CPU.</summary>
            internal nint Address()
            {
                Check(kt_data(handle, out var address));
                return address;
            }

            public T ReadCpuValue<T>(long i) where T : unmanaged
            {
                using var elements = data<T>();
                return elements[i];
            }

            public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);

            public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);

            public sbyte ReadCpuSByte(long i) => ReadCpuValue<sbyte>(i);

            public short ReadCpuInt16(long i) => ReadCpuValue<short>(i);

            public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);

            public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);

            public float ReadCpuFloat16(long i) => (float)ReadCpuValue<Half>(i);

            public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);

            public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);

            public static explicit operator bool(Tensor value) => value.ToBoolean();

            public static explicit operator byte(Tensor value) => value.ToByte();

            public static explicit operator sbyte(Tensor value) => value.ToSByte();

            public static explicit operator short(Tensor value) => value.ToInt16();

            public static explicit operator int(Tensor value) => value.ToInt32();

            public static explicit operator long(Tensor value) => value.ToInt64();

            public static explicit operator float(Tensor value) => value.ToSingle();

            public static explicit operator double(Tensor value) => value.ToDouble();

            public static implicit operator Tensor(bool value) => tensor(value);

            public static implicit operator Tensor(byte value) => tensor(value);

            public static implicit operator Tensor(sbyte value) => tensor(value);

            public static implicit operator Tensor(short value) => tensor(value);

            public static implicit operator Tensor(int value) => tensor(value);

            public static implicit operator Tensor(long value) => tensor(value);

            public static implicit operator Tensor(float value) => tensor(value);

            public static implicit operator Tensor(double value) => tensor(value);

            public static implicit operator Tensor(Complex value) => tensor(value);

            public static implicit operator Tensor((float, float) value) => tensor(value);

            public static implicit operator Tensor(bool[] value) => tensor(value);

            public static implicit operator Tensor(byte[] value) => tensor(value);

            public static implicit operator Tensor(sbyte[] value) => tensor(value);

            public static implicit operator Tensor(short[] value) => tensor(value);

            public static implicit operator Tensor(int[] value) => tensor(value);

            public static implicit operator Tensor(long[] value) => tensor(value);

            public static implicit operator Tensor(float[] value) => tensor(value);

            public static implicit operator Tensor(double[] value) => tensor(value);

            public static implicit operator Tensor(Complex[] value) => tensor(value);

            public static implicit operator Tensor((float, float)[] value) => tensor(value);

            /// <summary>Always InvalidOperationException: it only tells the compiler which overload a number means.</summary>
            public static implicit operator Tensor(Scalar scalar) =>
                throw new InvalidOperationException("A Scalar does not convert to a tensor: use torch.tensor.");
        }
    }
}
