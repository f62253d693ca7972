using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static partial class functional
            {
                /// <summary>Mean 0 and variance 1 over each group of channels of each sample, then weight and bias for each channel.</summary>
                public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) =>
                    Take(kt_group_norm(Of(input), num_groups, Maybe(weight), Maybe(bias), eps));

                /// <summary>Mean 0 and variance 1 over the last dimensions, then weight and bias in their shape.</summary>
                public static Tensor layer_norm(
                    Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) =>
                    Take(kt_layer_norm(Of(input), Given(normalized_shape), normalized_shape.Length, Maybe(weight), Maybe(bias), eps));

                /// <summary>
                /// Mean 0 and variance 1 of each channel over the batch when training, else by the running statistics, which training updates.
                /// </summary>
                public static Tensor batch_norm(
                    Tensor input, Tensor running_mean, Tensor running_var, Tensor? weight = null, Tensor? bias = null, bool training = false,
                    double momentum = 0.1, double eps = 1e-05) =>
                    Take(kt_batch_norm(
                        Of(input), Maybe(running_mean), Maybe(running_var), Maybe(weight), Maybe(bias), training ? 1 : 0, momentum, eps));

                /// <summary>x / max(‖x‖ₚ, eps) along a dimension.</summary>
                public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1e-12) =>
                    Take(kt_normalize(Of(input), p, dim, eps));

                /// <summary>x·y / (‖x‖ ‖y‖) along a dimension.</summary>
                public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-08) =>
                    Take(kt_cosine_similarity(Of(x1), Of(x2), dim, eps));

                /// <summary>Classes (any shape, int64) as rows with a single one; without a number of classes, the largest plus one.</summary>
                public static Tensor one_hot(Tensor x, long num_classes = -1) => Take(kt_one_hot(Of(x), num_classes));

                /// <summary>softmax(q kᵀ / √d + mask) v; (…, length, d). A Boolean mask is true where attention is allowed.</summary>
                /// <param name="query">(…, queries, d).</param>
                /// <param name="key">(…, keys, d).</param>
                /// <param name="value">(…, keys, e).</param>
                /// <param name="attn_mask">(…, queries, keys), Boolean or added to the scores.</param>
                /// <param name="p">The share of weights to drop.</param>
                /// <param name="is_casual">Whether a query sees only the keys up to its own place.</param>
                public static Tensor scaled_dot_product_attention(
                    Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false) =>
                    Take(kt_attention(Of(query), Of(key), Of(value), Maybe(attn_mask), p, is_casual ? 1 : 0));
            }
        }
    }
}
