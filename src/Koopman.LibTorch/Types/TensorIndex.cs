using System;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>One entry of an index expression: a position, a slice, a Boolean, a tensor of positions, <c>None</c> (a new axis) or an ellipsis.</summary>
        public struct TensorIndex
        {
            // The numbers that the native side reads.
            internal const int SingleKind = 0;
            internal const int SliceKind = 1;
            internal const int BoolKind = 2;
            internal const int TensorKind = 3;
            internal const int EllipsisKind = 4;
            internal const int NoneKind = 5;

            internal readonly int Kind;
            internal readonly long? Start;
            internal readonly long? Stop;
            internal readonly long? Step;
            internal readonly Tensor? Positions;

            private TensorIndex(int kind, long? start = null, long? stop = null, long? step = null, Tensor? positions = null)
            {
                Kind = kind;
                Start = start;
                Stop = stop;
                Step = step;
                Positions = positions;
            }

            /// <summary>All remaining axes.</summary>
            public static TensorIndex Ellipsis = new(EllipsisKind);

            /// <summary>A new axis of length 1.</summary>
            public static TensorIndex None = new(NoneKind);

            /// <summary>A new axis of length 1.</summary>
            public static TensorIndex Null = new(NoneKind);

            /// <summary>The whole axis.</summary>
            public static TensorIndex Colon = Slice();

            /// <summary>Every <paramref name="step"/>-th position from <paramref name="start"/> to before <paramref name="stop"/>; negative ones count from the end.</summary>
            public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new(SliceKind, start, stop, step);

            public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

            public static TensorIndex Slice(Range range) =>
                Slice(
                    range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
                    !range.End.IsFromEnd ? range.End.Value : range.End.Value == 0 ? null : -range.End.Value);

            public static TensorIndex Bool(bool value) => new(BoolKind, value ? 1 : 0);

            public static TensorIndex Single(long? index) => new(SingleKind, index);

            public static TensorIndex Tensor(Tensor tensor) => new(TensorKind, positions: tensor ?? throw new ArgumentNullException(nameof(tensor)));

            public static implicit operator TensorIndex(long value) => Single(value);

            public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

            public static implicit operator TensorIndex(Range range) => Slice(range);

            public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);

            /// <summary>Always InvalidOperationException: it only tells the compiler which indexer is meant.</summary>
            public static implicit operator Tensor(TensorIndex value) =>
                throw new InvalidOperationException("An index expression is not a tensor: use TensorIndex.Tensor for the opposite direction.");
        }
    }
}
