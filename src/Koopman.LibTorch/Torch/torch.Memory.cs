using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // How .NET memory becomes a tensor: copied (torch.tensor) or shared (torch.from_array, torch.as_tensor, torch.frombuffer).
    public static partial class torch
    {
        private static readonly Dictionary<Type, ScalarType> scalarTypes = new()
        {
            [typeof(bool)] = ScalarType.Bool,
            [typeof(byte)] = ScalarType.Byte,
            [typeof(sbyte)] = ScalarType.Int8,
            [typeof(short)] = ScalarType.Int16,
            [typeof(int)] = ScalarType.Int32,
            [typeof(long)] = ScalarType.Int64,
            [typeof(Half)] = ScalarType.Float16,
            [typeof(float)] = ScalarType.Float32,
            [typeof(double)] = ScalarType.Float64,
            [typeof((float, float))] = ScalarType.ComplexFloat32,
            [typeof(Complex)] = ScalarType.ComplexFloat64,
        };

        internal static ScalarType TypeOf(Type type) =>
            scalarTypes.TryGetValue(type, out var known)
                ? known
                : throw new NotSupportedException($"{type} is not an element type of tensors: use {string.Join(", ", scalarTypes.Keys.Select(t => t.Name))}.");

        private static ReadOnlySpan<T> Elements<T>(T[] values) => Given(values, "rawArray");

        /// <summary>All elements of an array of any rank, row by row, where they lie.</summary>
        private static ReadOnlySpan<T> Elements<T>(Array values)
        {
            ArgumentNullException.ThrowIfNull(values);
            return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(values)), values.Length);
        }

        private static ReadOnlySpan<T> Elements<T>(IList<T> values) => values switch
        {
            null => throw new ArgumentNullException(nameof(values)),
            T[] array => array,
            List<T> list => CollectionsMarshal.AsSpan(list),
            _ => values.ToArray(),
        };

        private static unsafe Tensor Copy<T>(
            ReadOnlySpan<T> values, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
            where T : unmanaged
        {
            CheckCount(values.Length, dimensions);
            var type = TypeOf(typeof(T));
            fixed (T* data = values)
            {
                var options = new NativeOptions(dtype ?? type, device ?? defaultDevice, requires_grad);
                return Unnamed(Take(kt_copy_of(data, (int)type, dimensions, dimensions.Length, options)), names);
            }
        }

        private static void CheckCount(long count, ReadOnlySpan<long> dimensions)
        {
            var needed = 1L;
            foreach (var length in dimensions) needed = checked(needed * length);
            if (needed < 0 || needed > count)
                throw new ArgumentException($"A tensor of {string.Join(" x ", dimensions.ToArray())} needs {needed} values, but there are {count}.", nameof(dimensions));
        }

        private static Tensor Share(Array values, ScalarType? dtype, Device? device)
        {
            ArgumentNullException.ThrowIfNull(values);
            var shape = Enumerable.Range(0, values.Rank).Select(values.GetLongLength).ToArray();
            return Share(values, 0, shape, new NativeOptions(dtype, device ?? defaultDevice, false));
        }

        /// <summary>A tensor over the array from this element on; the array stays pinned until the last tensor over it dies.</summary>
        private static unsafe Tensor Share(Array values, long offset, ReadOnlySpan<long> shape, NativeOptions options)
        {
            var elementType = values.GetType().GetElementType()!;
            var type = TypeOf(elementType);
            // libtorch reads complex numbers at aligned addresses only, and .NET does not promise such.
            if (is_complex(type)) return CopyOf(values, offset, type, shape, options);
            var pin = GCHandle.Alloc(values, GCHandleType.Pinned);
            var first = pin.AddrOfPinnedObject() + (nint)(offset * SizeOf(type));
            var tensor = kt_share((void*)first, (int)type, shape, shape.Length, options, &Release, GCHandle.ToIntPtr(pin));
            return Take(tensor);
        }

        private static unsafe Tensor CopyOf(Array values, long offset, ScalarType type, ReadOnlySpan<long> shape, NativeOptions options)
        {
            fixed (byte* data = &MemoryMarshal.GetArrayDataReference(values))
            {
                var typed = options.DType >= 0 ? options : new NativeOptions(type, new Device((DeviceType)options.DeviceType, options.DeviceIndex), options.RequiresGrad != 0);
                return Take(kt_copy_of(data + offset * SizeOf(type), (int)type, shape, shape.Length, typed));
            }
        }

        [UnmanagedCallersOnly]
        private static void Release(nint pin) => GCHandle.FromIntPtr(pin).Free();

        internal static int SizeOf(ScalarType type) => type switch
        {
            ScalarType.Bool or ScalarType.Byte or ScalarType.Int8 => 1,
            ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
            ScalarType.Int32 or ScalarType.Float32 => 4,
            ScalarType.ComplexFloat64 => 16,
            _ => 8,
        };

        /// <summary>A tensor over the array itself, of any rank, where the device allows it; a copy elsewhere and of complex numbers.</summary>
        /// <exception cref="NotSupportedException">Tensors have no such element type.</exception>
        public static Tensor from_array(Array rawArray, Device? device = null) => Share(rawArray, null, device);

        /// <summary>A tensor over the array itself, of any rank, where type and device allow it; a copy else and of complex numbers.</summary>
        /// <exception cref="NotSupportedException">Tensors have no such element type.</exception>
        public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
        {
            ArgumentNullException.ThrowIfNull(rawArray);
            var shape = Enumerable.Range(0, rawArray.Rank).Select(rawArray.GetLongLength).ToArray();
            return Unnamed(Share(rawArray, 0, shape, new NativeOptions(dtype, device ?? defaultDevice, requires_grad)), names);
        }

        /// <summary>A tensor over count elements of a flat array from offset on (-1: all that follow); a copy when the type differs.</summary>
        /// <exception cref="ArgumentException">There is no element at the offset.</exception>
        /// <exception cref="IndexOutOfRangeException">There are fewer elements than count.</exception>
        public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
        {
            ArgumentNullException.ThrowIfNull(rawArray);
            var left = rawArray.LongLength - offset;
            if (offset < 0 || left <= 0)
                throw new ArgumentException($"There is no element {offset} in a buffer of {rawArray.LongLength}.", nameof(offset));
            if (count > left)
                throw new IndexOutOfRangeException($"There are only {left} elements from {offset} on, not {count}.");
            return Share(rawArray, offset, [count < 0 ? left : count], new NativeOptions(dtype, CPU, requires_grad));
        }

        /// <summary>The tensor itself, as a second handle, where type and device allow it, else a copy.</summary>
        public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null) =>
            Take(kt_to(Of(data), Type(dtype), device is null ? -1 : (int)device.type, device?.index ?? -1, false, false));
    }
}
