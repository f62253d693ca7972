// Absolute values, signs, rounding and bounds of each element.
#include "kt.h"

KT_UNARY(abs)
KT_UNARY(sign)
KT_UNARY(sgn)
KT_UNARY(signbit)
KT_UNARY(floor)
KT_UNARY(ceil)
KT_UNARY(trunc)
KT_UNARY(frac)

KT_UNARY_(abs)
KT_UNARY_(sign)
KT_UNARY_(sgn)
KT_UNARY_(floor)
KT_UNARY_(ceil)
KT_UNARY_(trunc)
KT_UNARY_(frac)

KT_BINARY(copysign)
KT_BINARY(maximum)
KT_BINARY(minimum)
KT_BINARY(fmax)
KT_BINARY(fmin)
KT_BINARY(nextafter)
KT_BINARY(heaviside)

KT_SCALED(clamp_max)
KT_SCALED(clamp_min)

KT_SCALED_(clamp_max)
KT_SCALED_(clamp_min)

KT_API KtTensor kt_round(KtTensor a, int64_t decimals) {
    return kt::make([&] { return at::round(*a, decimals); });
}

KT_API int32_t kt_round_(KtTensor a, int64_t decimals) {
    return kt::run([&] { a->round_(decimals); });
}

KT_API KtTensor kt_round_whole(KtTensor a) {
    return kt::make([&] { return at::round(*a); });
}

KT_API int32_t kt_round_whole_(KtTensor a) {
    return kt::run([&] { a->round_(); });
}

KT_API KtTensor kt_clamp(KtTensor a, const KtScalar* min, const KtScalar* max) {
    return kt::make([&] { return at::clamp(*a, kt::maybe_scalar(min), kt::maybe_scalar(max)); });
}

KT_API int32_t kt_clamp_(KtTensor a, const KtScalar* min, const KtScalar* max) {
    return kt::run([&] { a->clamp_(kt::maybe_scalar(min), kt::maybe_scalar(max)); });
}

KT_API KtTensor kt_clamp_tensor(KtTensor a, KtTensor min, KtTensor max) {
    return kt::make([&] { return at::clamp(*a, kt::maybe(min), kt::maybe(max)); });
}

KT_API int32_t kt_clamp_tensor_(KtTensor a, KtTensor min, KtTensor max) {
    return kt::run([&] { a->clamp_(kt::maybe(min), kt::maybe(max)); });
}

KT_API KtTensor kt_nan_to_num(KtTensor a, const double* nan, const double* posinf, const double* neginf) {
    return kt::make([&] { return at::nan_to_num(*a, kt::maybe_value(nan), kt::maybe_value(posinf), kt::maybe_value(neginf)); });
}
