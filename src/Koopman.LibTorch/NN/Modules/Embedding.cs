using System;
using TorchSharp.Modules;
using static TorchSharp.Interop.NativeMethods;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>A table of vectors, looked up by integers.</summary>
        public sealed class Embedding : Module<Tensor, Tensor>
        {
            private readonly long paddingIndex;
            private readonly double? maxNorm;
            private readonly double normType;
            private readonly bool scaleByFrequency;
            private readonly bool isSparse;

            internal Embedding(Parameter table, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq, bool sparse)
                : base(nameof(Embedding))
            {
                Own(table, nameof(weight));
                var rows = table.shape[0];
                paddingIndex = padding_idx is not { } i ? -1 : i < 0 ? i + rows : i;
                if (padding_idx is { } given && (given < -rows || given >= rows))
                    throw new ArgumentOutOfRangeException(nameof(padding_idx), given, $"The table has {rows} rows.");
                maxNorm = max_norm;
                normType = norm_type;
                scaleByFrequency = scale_grad_by_freq;
                isSparse = sparse;
            }

            /// <summary>(rows, size).</summary>
            public Parameter? weight
            {
                get => Owned();
                set => Own(value ?? throw new ArgumentNullException(nameof(weight)));
            }

            /// <summary>Integers (…) to vectors (…, size).</summary>
            public override Tensor forward(Tensor input)
            {
                var table = Of(weight);
                if (maxNorm is { } limit) Check(kt_embedding_renorm(table, Of(input), limit, normType));
                return Take(kt_embedding(table, Of(input), paddingIndex, scaleByFrequency ? 1 : 0, isSparse ? 1 : 0));
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>A table of standard normal vectors, looked up by integers.</summary>
            /// <param name="num_embeddings">How many vectors.</param>
            /// <param name="embedding_dims">Their size.</param>
            /// <param name="padding_idx">A row that is zero and gets no gradient.</param>
            /// <param name="max_norm">Rows that are longer are cut to this length when they are looked up.</param>
            /// <param name="norm_type">The p of that length.</param>
            /// <param name="scale_grad_by_freq">Whether gradients are divided by how often a row was looked up.</param>
            /// <param name="sparse">Whether the gradient is a sparse tensor.</param>
            /// <param name="device">Where the table lies.</param>
            /// <param name="dtype">The type of its numbers.</param>
            public static Embedding Embedding(
                long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2,
                bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                var table = new Parameter(empty([num_embeddings, embedding_dims], dtype, device));
                init.normal_(table);
                var layer = new Embedding(table, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
                if (padding_idx is { } row)
                {
                    using var recording = no_grad();
                    using var scope = NewDisposeScope();
                    table[row < 0 ? row + num_embeddings : row].zero_();
                }

                return layer;
            }

            /// <summary>A copy of a given table, looked up by integers.</summary>
            public static Embedding Embedding_from_pretrained(
                Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2,
                bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                using var outside = embeddings.detach();
                var table = new Parameter(outside.to(dtype ?? outside.dtype, device ?? outside.device, copy: true), !freeze);
                return new Embedding(table, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
            }
        }
    }
}
