// Activation functions of each element.
#include "kt.h"

KT_UNARY(relu)
KT_UNARY(relu6)
KT_UNARY(selu)
KT_UNARY(silu)
KT_UNARY(hardsigmoid)
KT_UNARY(hardswish)

KT_UNARY_(relu)

KT_API KtTensor kt_gelu(KtTensor a) {
    return kt::make([&] { return at::gelu(*a); });
}

KT_API int32_t kt_gelu_(KtTensor a) {
    return kt::run([&] { at::gelu_(*a); });
}

KT_API KtTensor kt_log_sigmoid(KtTensor a) {
    return kt::make([&] { return at::log_sigmoid(*a); });
}

KT_API KtTensor kt_elu(KtTensor a, const KtScalar* alpha, const KtScalar* scale, const KtScalar* input_scale) {
    return kt::make([&] { return at::elu(*a, kt::scalar(*alpha), kt::scalar(*scale), kt::scalar(*input_scale)); });
}

KT_API int32_t kt_elu_(KtTensor a, const KtScalar* alpha, const KtScalar* scale, const KtScalar* input_scale) {
    return kt::run([&] { at::elu_(*a, kt::scalar(*alpha), kt::scalar(*scale), kt::scalar(*input_scale)); });
}

KT_API KtTensor kt_celu(KtTensor a, const KtScalar* alpha) {
    return kt::make([&] { return at::celu(*a, kt::scalar(*alpha)); });
}

KT_API int32_t kt_celu_(KtTensor a, const KtScalar* alpha) {
    return kt::run([&] { at::celu_(*a, kt::scalar(*alpha)); });
}

KT_API KtTensor kt_leaky_relu(KtTensor a, const KtScalar* slope) {
    return kt::make([&] { return at::leaky_relu(*a, kt::scalar(*slope)); });
}

KT_API int32_t kt_leaky_relu_(KtTensor a, const KtScalar* slope) {
    return kt::run([&] { at::leaky_relu_(*a, kt::scalar(*slope)); });
}

KT_API KtTensor kt_hardtanh(KtTensor a, const KtScalar* min, const KtScalar* max) {
    return kt::make([&] { return at::hardtanh(*a, kt::scalar(*min), kt::scalar(*max)); });
}

KT_API int32_t kt_hardtanh_(KtTensor a, const KtScalar* min, const KtScalar* max) {
    return kt::run([&] { at::hardtanh_(*a, kt::scalar(*min), kt::scalar(*max)); });
}

KT_API KtTensor kt_threshold(KtTensor a, const KtScalar* threshold, const KtScalar* value) {
    return kt::make([&] { return at::threshold(*a, kt::scalar(*threshold), kt::scalar(*value)); });
}

KT_API int32_t kt_threshold_(KtTensor a, const KtScalar* threshold, const KtScalar* value) {
    return kt::run([&] { at::threshold_(*a, kt::scalar(*threshold), kt::scalar(*value)); });
}

KT_API KtTensor kt_softplus(KtTensor a, const KtScalar* beta, const KtScalar* threshold) {
    return kt::make([&] { return at::softplus(*a, kt::scalar(*beta), kt::scalar(*threshold)); });
}

KT_API KtTensor kt_prelu(KtTensor a, KtTensor weight) {
    return kt::make([&] { return at::prelu(*a, *weight); });
}

KT_API KtTensor kt_glu(KtTensor a, int64_t dim) {
    return kt::make([&] { return at::glu(*a, dim); });
}

KT_API KtTensor kt_softmax(KtTensor a, int64_t dim, int32_t type) {
    return kt::make([&] { return at::softmax(*a, dim, kt::maybe_type(type)); });
}

KT_API KtTensor kt_log_softmax(KtTensor a, int64_t dim, int32_t type) {
    return kt::make([&] { return at::log_softmax(*a, dim, kt::maybe_type(type)); });
}

KT_API int32_t kt_relu6_(KtTensor a) {
    return kt::run([&] { at::relu6_(*a); });
}

KT_API int32_t kt_selu_(KtTensor a) {
    return kt::run([&] { at::selu_(*a); });
}

KT_API int32_t kt_silu_(KtTensor a) {
    return kt::run([&] { at::silu_(*a); });
}

KT_API int32_t kt_hardsigmoid_(KtTensor a) {
    return kt::run([&] { at::hardsigmoid_(*a); });
}

KT_API int32_t kt_hardswish_(KtTensor a) {
    return kt::run([&] { at::hardswish_(*a); });
}
