using System;
using System.Collections;
using System.Collections.Generic;

namespace TorchSharp.Utils
{
    /// <summary>
    /// The elements of a tensor on the CPU, in place: in row-by-row order whatever the strides, without a copy. It keeps the tensor
    /// alive; using it after the tensor was disposed throws <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <typeparam name="T">The .NET type of the tensor's dtype; <c>Complex</c> and <c>(float, float)</c> for the complex ones.</typeparam>
    public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
    {
        private readonly torch.Tensor tensor;
        private readonly nint first;
        private readonly long[] shape;
        private readonly long[] strides;
        private readonly bool contiguous;

        internal TensorAccessor(torch.Tensor tensor)
        {
            if (tensor.device_type != DeviceType.CPU)
                throw new InvalidOperationException($"The elements are on {tensor.device}: move or copy the tensor to the cpu before reading.");
            tensor.ValidateType(typeof(T));
            if (tensor.is_conj() || tensor.is_neg())
                throw new InvalidOperationException("A conjugation or negation is pending, so memory holds other numbers: call resolve_conj and resolve_neg first.");
            this.tensor = tensor;
            first = tensor.Address();
            shape = tensor.shape;
            strides = tensor.stride();
            contiguous = tensor.is_contiguous();
            Count = tensor.numel();
        }

        /// <summary>The number of elements.</summary>
        public long Count { get; }

        public bool IsReadOnly => false;

        /// <summary>The element at a linear position, or at one position in each dimension.</summary>
        /// <exception cref="IndexOutOfRangeException">There is no such position.</exception>
        public T this[params long[] indices]
        {
            get => Read(Offset(indices));
            set => Write(Offset(indices), value);
        }

        /// <summary>All elements, in row-by-row order.</summary>
        public T[] ToArray()
        {
            var values = new T[Count];
            CopyTo(values.AsSpan());
            return values;
        }

        /// <summary>All elements in an array with the dimensions of the tensor; a single number gives an array of one.</summary>
        public Array ToNDArray()
        {
            if (shape.Length <= 1) return ToArray();
            var values = Array.CreateInstance(typeof(T), shape);
            var span = System.Runtime.InteropServices.MemoryMarshal.CreateSpan(
                ref System.Runtime.CompilerServices.Unsafe.As<byte, T>(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(values)),
                values.Length);
            CopyTo(span);
            return values;
        }

        /// <summary>Copies the elements from tensorIndex on to the array from arrayIndex on, as many as both have.</summary>
        public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0)
        {
            ArgumentNullException.ThrowIfNull(array);
            CopyTo(array.AsSpan(), arrayIndex, tensorIndex);
        }

        /// <summary>Copies the elements from tensorIndex on to the span from arrayIndex on, as many as both have.</summary>
        public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
        {
            var target = array[arrayIndex..];
            var count = Common(target.Length, tensorIndex);
            if (contiguous) Block(tensorIndex, count).CopyTo(target);
            else
                for (var i = 0; i < count; i++) target[i] = Read(Offset(tensorIndex + i));
            GC.KeepAlive(tensor);
        }

        /// <summary>Copies the array from arrayIndex on to the elements from tensorIndex on, as many as both have.</summary>
        public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0)
        {
            ArgumentNullException.ThrowIfNull(array);
            CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);
        }

        /// <summary>Copies the span from arrayIndex on to the elements from tensorIndex on, as many as both have.</summary>
        public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
        {
            var source = array[arrayIndex..];
            var count = Common(source.Length, tensorIndex);
            if (contiguous) source[..count].CopyTo(Block(tensorIndex, count));
            else
                for (var i = 0; i < count; i++) Write(Offset(tensorIndex + i), source[i]);
            GC.KeepAlive(tensor);
        }

        public IEnumerator<T> GetEnumerator()
        {
            for (var i = 0L; i < Count; i++) yield return Read(Offset(i));
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        /// <summary>True when both hold the same numbers in the same order.</summary>
        public override bool Equals(object? obj)
        {
            if (obj is not TensorAccessor<T> other || other.Count != Count) return false;
            using var mine = GetEnumerator();
            using var theirs = other.GetEnumerator();
            while (mine.MoveNext() && theirs.MoveNext())
                if (!mine.Current.Equals(theirs.Current)) return false;
            return true;
        }

        public override int GetHashCode() => HashCode.Combine(first, Count);

        public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) => left is null ? right is null : left.Equals(right);

        public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

        /// <summary>Does nothing: the memory belongs to the tensor.</summary>
        public void Dispose() { }

        private int Common(int length, long tensorIndex)
        {
            if (tensorIndex < 0 || tensorIndex > Count) throw new IndexOutOfRangeException($"There is no element {tensorIndex} of {Count}.");
            return (int)Math.Min(length, Count - tensorIndex);
        }

        // The collector must not finalize the tensor between the check and the access: the address alone does not keep it alive.
        private unsafe T Read(long offset)
        {
            ObjectDisposedException.ThrowIf(tensor.IsInvalid, tensor);
            var value = ((T*)first)[offset];
            GC.KeepAlive(tensor);
            return value;
        }

        private unsafe void Write(long offset, T value)
        {
            ObjectDisposedException.ThrowIf(tensor.IsInvalid, tensor);
            ((T*)first)[offset] = value;
            GC.KeepAlive(tensor);
        }

        private unsafe Span<T> Block(long start, int count)
        {
            ObjectDisposedException.ThrowIf(tensor.IsInvalid, tensor);
            return new Span<T>((T*)first + start, count);
        }

        private long Offset(long[] indices)
        {
            if (indices.Length == 1 && shape.Length != 1) return Offset(indices[0]);
            if (indices.Length != shape.Length)
                throw new IndexOutOfRangeException($"There are {shape.Length} dimensions, not {indices.Length}.");
            var offset = 0L;
            for (var i = 0; i < indices.Length; i++)
            {
                if (indices[i] < 0 || indices[i] >= shape[i])
                    throw new IndexOutOfRangeException($"Position {indices[i]} is not in dimension {i} of length {shape[i]}.");
                offset += indices[i] * strides[i];
            }
            return offset;
        }

        private long Offset(long index)
        {
            if (index < 0 || index >= Count) throw new IndexOutOfRangeException($"There is no element {index} of {Count}.");
            if (contiguous) return index;
            var offset = 0L;
            for (var i = shape.Length - 1; i >= 0; i--)
            {
                index = Math.DivRem(index, shape[i], out var position);
                offset += position * strides[i];
            }
            return offset;
        }
    }
}
