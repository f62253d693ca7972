// Error, gamma and Bessel functions of each element.
#include "kt.h"

KT_UNARY(erf)
KT_UNARY(erfc)
KT_UNARY(erfinv)
KT_UNARY(lgamma)
KT_UNARY(digamma)
KT_UNARY(i0)

KT_UNARY_(erf)
KT_UNARY_(erfc)
KT_UNARY_(erfinv)
KT_UNARY_(lgamma)
KT_UNARY_(digamma)

KT_BINARY(igamma)
KT_BINARY(igammac)

KT_API KtTensor kt_polygamma(KtTensor a, int64_t p) {
    return kt::make([&] { return at::polygamma(p, *a); });
}

KT_API int32_t kt_polygamma_(KtTensor a, int64_t p) {
    return kt::run([&] { a->polygamma_(p); });
}

KT_API KtTensor kt_mvlgamma(KtTensor a, int64_t p) {
    return kt::make([&] { return at::mvlgamma(*a, p); });
}

KT_API int32_t kt_mvlgamma_(KtTensor a, int64_t p) {
    return kt::run([&] { a->mvlgamma_(p); });
}

KT_API KtTensor kt_entr(KtTensor a) {
    return kt::make([&] { return at::special_entr(*a); });
}

KT_API KtTensor kt_erfcx(KtTensor a) {
    return kt::make([&] { return at::special_erfcx(*a); });
}

KT_API KtTensor kt_i0e(KtTensor a) {
    return kt::make([&] { return at::special_i0e(*a); });
}

KT_API KtTensor kt_i1(KtTensor a) {
    return kt::make([&] { return at::special_i1(*a); });
}

KT_API KtTensor kt_i1e(KtTensor a) {
    return kt::make([&] { return at::special_i1e(*a); });
}

KT_API KtTensor kt_ndtr(KtTensor a) {
    return kt::make([&] { return at::special_ndtr(*a); });
}

KT_API KtTensor kt_ndtri(KtTensor a) {
    return kt::make([&] { return at::special_ndtri(*a); });
}

KT_API KtTensor kt_xlog1py(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::special_xlog1py(*a, *b); });
}

KT_API KtTensor kt_zeta(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::special_zeta(*a, *b); });
}
