// The functions behind the layers of a network.
#include "kt.h"

#include <cmath>
#include <limits>

KT_API KtTensor kt_linear(KtTensor x, KtTensor weight, KtTensor bias) {
    return kt::make([&] { return at::linear(*x, *weight, kt::maybe(bias)); });
}

/// Convolution in one or two dimensions; its lists have one entry or one for each dimension.
KT_API KtTensor kt_conv(
    KtTensor x, KtTensor weight, KtTensor bias, int32_t dimensions, const int64_t* stride, const int64_t* padding,
    const int64_t* dilation, int64_t groups) {
    return kt::make([&] {
        const auto s = kt::ints(stride, dimensions), p = kt::ints(padding, dimensions), d = kt::ints(dilation, dimensions);
        return dimensions == 1 ? at::conv1d(*x, *weight, kt::maybe(bias), s, p, d, groups)
                               : at::conv2d(*x, *weight, kt::maybe(bias), s, p, d, groups);
    });
}

/// Convolution whose padding has a name: "same" (1) or "valid" (0).
KT_API KtTensor kt_conv_named(
    KtTensor x, KtTensor weight, KtTensor bias, int32_t dimensions, const int64_t* stride, int32_t same, const int64_t* dilation,
    int64_t groups) {
    return kt::make([&] {
        const auto s = kt::ints(stride, dimensions), d = kt::ints(dilation, dimensions);
        const char* padding = same != 0 ? "same" : "valid";
        return dimensions == 1 ? at::conv1d(*x, *weight, kt::maybe(bias), s, padding, d, groups)
                               : at::conv2d(*x, *weight, kt::maybe(bias), s, padding, d, groups);
    });
}

KT_API KtTensor kt_conv_transpose(
    KtTensor x, KtTensor weight, KtTensor bias, int32_t dimensions, const int64_t* stride, const int64_t* padding,
    const int64_t* output_padding, const int64_t* dilation, int64_t groups) {
    return kt::make([&] {
        const auto s = kt::ints(stride, dimensions), p = kt::ints(padding, dimensions), d = kt::ints(dilation, dimensions);
        const auto o = kt::ints(output_padding, dimensions);
        return dimensions == 1 ? at::conv_transpose1d(*x, *weight, kt::maybe(bias), s, p, o, groups, d)
                               : at::conv_transpose2d(*x, *weight, kt::maybe(bias), s, p, o, groups, d);
    });
}

KT_API KtTensor kt_group_norm(KtTensor x, int64_t groups, KtTensor weight, KtTensor bias, double eps) {
    return kt::make([&] { return at::group_norm(*x, groups, kt::maybe(weight), kt::maybe(bias), eps); });
}

KT_API KtTensor kt_layer_norm(KtTensor x, const int64_t* shape, int32_t dimensions, KtTensor weight, KtTensor bias, double eps) {
    return kt::make([&] { return at::layer_norm(*x, kt::ints(shape, dimensions), kt::maybe(weight), kt::maybe(bias), eps); });
}

KT_API KtTensor kt_batch_norm(
    KtTensor x, KtTensor mean, KtTensor variance, KtTensor weight, KtTensor bias, int32_t training, double momentum, double eps) {
    return kt::make([&] {
        return at::batch_norm(
            *x, kt::maybe(weight), kt::maybe(bias), kt::maybe(mean), kt::maybe(variance), training != 0, momentum, eps,
            at::globalContext().userEnabledCuDNN());
    });
}

/// Rows of a table; the row at padding_index (-1: none) gets no gradient.
KT_API KtTensor kt_embedding(KtTensor table, KtTensor index, int64_t padding_index, int32_t scale_by_frequency, int32_t sparse) {
    return kt::make([&] { return at::embedding(*table, *index, padding_index, scale_by_frequency != 0, sparse != 0); });
}

/// Rescales the looked-up rows whose norm exceeds max_norm, in place and outside the graph.
KT_API int32_t kt_embedding_renorm(KtTensor table, KtTensor index, double max_norm, double norm_type) {
    return kt::run([&] {
        c10::NoGradGuard no_grad;
        at::embedding_renorm_(*table, index->contiguous(), max_norm, norm_type);
    });
}

/// Mode: 1 reflect, 2 replicate, 3 circular, 4 constant.
KT_API KtTensor kt_pad(KtTensor x, const int64_t* sizes, int32_t count, int32_t mode, double value) {
    return kt::make([&] {
        static const char* const names[] = {"reflect", "replicate", "circular", "constant"};
        TORCH_CHECK(mode >= 1 && mode <= 4, "this padding mode cannot pad");
        const auto constant = mode == 4 ? kt::optional<double>(value) : kt::optional<double>();
        return at::pad(*x, kt::ints(sizes, count), names[mode - 1], constant);
    });
}

KT_API KtTensor kt_avg_pool2d(
    KtTensor x, const int64_t* kernel, const int64_t* stride, int32_t stride_count, const int64_t* padding, int32_t ceil_mode,
    int32_t count_include_pad, const int64_t* divisor) {
    return kt::make([&] {
        const auto d = kt::maybe_value(divisor);
        return at::avg_pool2d(
            *x, kt::ints(kernel, 2), kt::ints(stride, stride_count), kt::ints(padding, 2), ceil_mode != 0, count_include_pad != 0, d);
    });
}

KT_API KtTensor kt_max_pool2d(
    KtTensor x, const int64_t* kernel, const int64_t* stride, int32_t stride_count, const int64_t* padding, const int64_t* dilation,
    int32_t ceil_mode) {
    return kt::make([&] {
        return at::max_pool2d(
            *x, kt::ints(kernel, 2), kt::ints(stride, stride_count), kt::ints(padding, 2), kt::ints(dilation, 2), ceil_mode != 0);
    });
}

KT_API KtTensor kt_adaptive_avg_pool2d(KtTensor x, const int64_t* size) {
    return kt::make([&] { return at::adaptive_avg_pool2d(*x, kt::ints(size, 2)); });
}

/// Sliding blocks as columns, and back (summed) when `size` is given.
KT_API KtTensor kt_unfold(
    KtTensor x, const int64_t* size, const int64_t* kernel, const int64_t* dilation, const int64_t* padding, const int64_t* stride) {
    return kt::make([&] {
        const auto k = kt::ints(kernel, 2), d = kt::ints(dilation, 2), p = kt::ints(padding, 2), s = kt::ints(stride, 2);
        return size == nullptr ? at::im2col(*x, k, d, p, s) : at::col2im(*x, kt::ints(size, 2), k, d, p, s);
    });
}

KT_API KtTensor kt_one_hot(KtTensor x, int64_t classes) {
    return kt::make([&] { return at::one_hot(*x, classes); });
}

/// softmax(q kᵀ / √d + mask) v, composed: libtorch 1.13 has no such function.
KT_API KtTensor kt_attention(KtTensor query, KtTensor key, KtTensor value, KtTensor mask, double dropout, int32_t causal) {
    return kt::make([&] {
        TORCH_CHECK(mask == nullptr || causal == 0, "Attention takes a mask or is causal, not both.");
        auto scores = at::matmul(query->mul(1 / std::sqrt(static_cast<double>(query->size(-1)))), key->transpose(-2, -1));
        const auto banned = -std::numeric_limits<double>::infinity();
        if (causal != 0) {
            const auto allowed = at::ones({query->size(-2), key->size(-2)}, query->options().dtype(at::kBool)).tril();
            scores = scores.masked_fill(allowed.logical_not(), banned);
        } else if (mask != nullptr) {
            scores = mask->scalar_type() == at::kBool ? scores.masked_fill(mask->logical_not(), banned) : scores + *mask;
        }
        auto weights = at::softmax(scores, -1);
        if (dropout > 0) weights = at::dropout(weights, dropout, true);
        return at::matmul(weights, *value);
    });
}

KT_API KtTensor kt_dropout(KtTensor x, double p, int32_t training, int32_t in_place) {
    return kt::make([&] { return in_place != 0 ? at::dropout_(*x, p, training != 0) : at::dropout(*x, p, training != 0); });
}

/// x tanh(softplus(x)).
KT_API KtTensor kt_mish(KtTensor x, int32_t in_place) {
    return kt::make([&] { return in_place != 0 ? at::mish_(*x) : at::mish(*x); });
}
