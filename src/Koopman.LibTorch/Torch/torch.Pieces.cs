using System;
using System.Collections.Generic;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // More ways to take tensors apart and put them together.
    public static partial class torch
    {
        /// <summary>The tensors one behind the other, along the third dimension.</summary>
        public static Tensor dstack(IEnumerable<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_dstack(list.Pointers, list.Count));
        }

        /// <summary>The tensors one behind the other, along the third dimension.</summary>
        public static Tensor dstack(IList<Tensor> tensors) => dstack((IEnumerable<Tensor>)tensors);

        /// <summary>The tensors one behind the other, along the third dimension.</summary>
        public static Tensor dstack(ReadOnlySpan<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Take(kt_dstack(list.Pointers, list.Count));
        }

        /// <summary>The tensors one behind the other, along the third dimension.</summary>
        public static Tensor dstack(params Tensor[] tensors) => dstack((ReadOnlySpan<Tensor>)Given(tensors));

        /// <summary>Views of pieces side by side: of a matrix along the second dimension, of a vector along the first.</summary>
        public static Tensor[] hsplit(Tensor input, (long, long) indices_or_sections) =>
            Given(input).hsplit(indices_or_sections.Item1, indices_or_sections.Item2);

        /// <summary>Views of pieces side by side: of a matrix along the second dimension, of a vector along the first.</summary>
        public static Tensor[] hsplit(Tensor input, (long, long, long) indices_or_sections) =>
            Given(input).hsplit(indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3);

        /// <summary>Views of pieces side by side: of a matrix along the second dimension, of a vector along the first.</summary>
        public static Tensor[] hsplit(Tensor input, (long, long, long, long) indices_or_sections) =>
            Given(input).hsplit(
    indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3, indices_or_sections.Item4);

        /// <summary>Views of pieces side by side: of a matrix along the second dimension, of a vector along the first.</summary>
        public static Tensor[] hsplit(Tensor input, Tensor indices_or_sections) => Given(input).hsplit(indices_or_sections);

        /// <summary>Views of pieces side by side: of a matrix along the second dimension, of a vector along the first.</summary>
        public static Tensor[] hsplit(Tensor input, long indices_or_sections) => Given(input).hsplit(indices_or_sections);

        /// <summary>Views of pieces side by side: of a matrix along the second dimension, of a vector along the first.</summary>
        public static Tensor[] hsplit(Tensor input, long[] indices_or_sections) => Given(input).hsplit(indices_or_sections);

        /// <summary>Views of pieces one below the other, along the first dimension.</summary>
        public static Tensor[] vsplit(Tensor input, long[] indices_or_sections) => Given(input).vsplit(indices_or_sections);

        /// <summary>All combinations of r elements of a vector, one in each row.</summary>
        public static Tensor combinations(Tensor input, int r = 2, bool with_replacement = false) =>
            Take(kt_combinations(Of(input), r, with_replacement));
    }
}
