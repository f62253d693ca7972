// Circular, hyperbolic and exponential functions of each element.
#include "kt.h"

KT_UNARY(sin)
KT_UNARY(cos)
KT_UNARY(tan)
KT_UNARY(asin)
KT_UNARY(acos)
KT_UNARY(atan)
KT_UNARY(sinh)
KT_UNARY(cosh)
KT_UNARY(tanh)
KT_UNARY(asinh)
KT_UNARY(acosh)
KT_UNARY(atanh)
KT_UNARY(sinc)
KT_UNARY(deg2rad)
KT_UNARY(rad2deg)
KT_UNARY(exp)
KT_UNARY(exp2)
KT_UNARY(expm1)
KT_UNARY(log)
KT_UNARY(log2)
KT_UNARY(log10)
KT_UNARY(log1p)
KT_UNARY(sqrt)
KT_UNARY(rsqrt)
KT_UNARY(square)
KT_UNARY(reciprocal)
KT_UNARY(sigmoid)

KT_UNARY_(sin)
KT_UNARY_(cos)
KT_UNARY_(tan)
KT_UNARY_(asin)
KT_UNARY_(acos)
KT_UNARY_(atan)
KT_UNARY_(sinh)
KT_UNARY_(cosh)
KT_UNARY_(tanh)
KT_UNARY_(asinh)
KT_UNARY_(acosh)
KT_UNARY_(atanh)
KT_UNARY_(sinc)
KT_UNARY_(exp)
KT_UNARY_(expm1)
KT_UNARY_(log)
KT_UNARY_(log2)
KT_UNARY_(log10)
KT_UNARY_(log1p)
KT_UNARY_(sqrt)
KT_UNARY_(rsqrt)
KT_UNARY_(reciprocal)
KT_UNARY_(sigmoid)

KT_BINARY(atan2)
KT_BINARY(hypot)
KT_BINARY(pow)
KT_BINARY(logaddexp)
KT_BINARY(logaddexp2)
KT_BINARY(ldexp)
KT_BINARY(xlogy)

KT_BINARY_(atan2)
KT_BINARY_(pow)
KT_BINARY_(ldexp)
KT_BINARY_(xlogy)

KT_SCALED(pow)
KT_SCALED(xlogy)

KT_SCALED_(pow)
KT_SCALED_(xlogy)

KT_API KtTensor kt_float_power(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::float_power(*a, *b); });
}

KT_API KtTensor kt_logit(KtTensor a, const double* eps) {
    return kt::make([&] { return at::logit(*a, kt::maybe_value(eps)); });
}

KT_API KtTensor kt_logcumsumexp(KtTensor a, int64_t dim) {
    return kt::make([&] { return at::logcumsumexp(*a, dim); });
}

KT_API KtTensor kt_logsumexp(KtTensor a, int64_t dim, bool keepdim) {
    return kt::make([&] { return at::logsumexp(*a, dim, keepdim); });
}
