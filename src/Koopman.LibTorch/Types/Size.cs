using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>The shape of a tensor: the lengths of its dimensions.</summary>
        public struct Size : IEnumerable<long>
        {
            private readonly long[]? lengths;

            public static Size Empty = new(Array.Empty<long>());

            public Size(long[] shape) => lengths = (long[])shape.Clone();

            public Size(IEnumerable<long> shape) => lengths = shape.ToArray();

            public Size(int[] shape) => lengths = Array.ConvertAll(shape, n => (long)n);

            public Size(long size) => lengths = [size];

            public Size(int size) => lengths = [size];

            public Size((long, long) size) => lengths = [size.Item1, size.Item2];

            public Size((long, long, long) size) => lengths = [size.Item1, size.Item2, size.Item3];

            public Size((long, long, long, long) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4];

            public Size((long, long, long, long, long) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5];

            public Size((long, long, long, long, long, long) size) =>
                lengths = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5, size.Item6];

            public Size((int, int) size) => lengths = [size.Item1, size.Item2];

            public Size((int, int, int) size) => lengths = [size.Item1, size.Item2, size.Item3];

            public Size((int, int, int, int) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4];

            public Size((int, int, int, int, int) size) => lengths = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5];

            public Size((int, int, int, int, int, int) size) =>
                lengths = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5, size.Item6];

            public static implicit operator Size(long size) => new(size);

            public static implicit operator Size(long[] size) => new(size);

            public static implicit operator Size((long, long) size) => new(size);

            public static implicit operator Size((long, long, long) size) => new(size);

            public static implicit operator Size((long, long, long, long) size) => new(size);

            public static implicit operator Size((long, long, long, long, long) size) => new(size);

            public static implicit operator Size((long, long, long, long, long, long) size) => new(size);

            public readonly long[] Shape => lengths ?? [];

            /// <summary>The number of dimensions.</summary>
            public readonly int Length => Shape.Length;

            public readonly bool IsEmpty => Length == 0;

            public readonly bool IsScalar => Length == 0;

            public readonly long this[int idx] => Shape[idx];

            public readonly long this[long idx] => Shape[idx];

            /// <summary>The number of elements of a tensor of this shape.</summary>
            public readonly long numel() => Shape.TotalSize();

            public readonly Size Slice(int first, int next) => new(Shape[first..next]);

            public readonly IEnumerable<long> Take(int i) => Shape.Take(i);

            public static Size operator +(Size left, Size right) => new(left.Shape.Concat(right.Shape));

            public static Size operator +(Size left, IEnumerable<long> right) => new(left.Shape.Concat(right));

            public static bool operator ==(Size left, Size right) => left.Shape.AsSpan().SequenceEqual(right.Shape);

            public static bool operator !=(Size left, Size right) => !(left == right);

            public override readonly bool Equals(object? obj) => obj is Size other && this == other;

            public override readonly int GetHashCode()
            {
                var hash = default(HashCode);
                foreach (var length in Shape) hash.Add(length);
                return hash.ToHashCode();
            }

            public readonly IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)Shape).GetEnumerator();

            readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
        }
    }
}
