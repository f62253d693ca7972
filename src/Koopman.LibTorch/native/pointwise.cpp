// Functions of each element.
#include "kt.h"

#define UNARY(name) \
    KT_API KtTensor kt_##name(KtTensor a) { return kt::make([&] { return at::name(*a); }); }

#define UNARY_(name) \
    KT_API int32_t kt_##name##_(KtTensor a) { return kt::run([&] { a->name##_(); }); }

#define BINARY(name) \
    KT_API KtTensor kt_##name(KtTensor a, KtTensor b) { return kt::make([&] { return at::name(*a, *b); }); }

#define BINARY_(name) \
    KT_API int32_t kt_##name##_(KtTensor a, KtTensor b) { return kt::run([&] { a->name##_(*b); }); }

#define SCALED(name) \
    KT_API KtTensor kt_##name##_scalar(KtTensor a, const KtScalar* b) { return kt::make([&] { return at::name(*a, kt::scalar(*b)); }); }

#define SCALED_(name) \
    KT_API int32_t kt_##name##_scalar_(KtTensor a, const KtScalar* b) { return kt::run([&] { a->name##_(kt::scalar(*b)); }); }

UNARY(sin)
UNARY(cos)
UNARY(tan)
UNARY(asin)
UNARY(acos)
UNARY(atan)
UNARY(sinh)
UNARY(cosh)
UNARY(tanh)
UNARY(asinh)
UNARY(acosh)
UNARY(atanh)
UNARY(sinc)
UNARY(deg2rad)
UNARY(rad2deg)
UNARY(exp)
UNARY(exp2)
UNARY(expm1)
UNARY(log)
UNARY(log2)
UNARY(log10)
UNARY(log1p)
UNARY(sqrt)
UNARY(rsqrt)
UNARY(square)
UNARY(reciprocal)
UNARY(sigmoid)
UNARY(neg)
UNARY(positive)
UNARY(abs)
UNARY(sign)
UNARY(sgn)
UNARY(signbit)
UNARY(floor)
UNARY(ceil)
UNARY(trunc)
UNARY(frac)
UNARY(isnan)
UNARY(isinf)
UNARY(isfinite)
UNARY(isposinf)
UNARY(isneginf)
UNARY(isreal)
UNARY(relu)
UNARY(relu6)
UNARY(selu)
UNARY(silu)
UNARY(hardsigmoid)
UNARY(hardswish)
UNARY(erf)
UNARY(erfc)
UNARY(erfinv)
UNARY(lgamma)
UNARY(digamma)
UNARY(i0)
UNARY(conj)
UNARY(conj_physical)
UNARY(resolve_conj)
UNARY(resolve_neg)
UNARY(angle)
UNARY(view_as_real)
UNARY(view_as_complex)

UNARY_(sin)
UNARY_(cos)
UNARY_(tan)
UNARY_(asin)
UNARY_(acos)
UNARY_(atan)
UNARY_(sinh)
UNARY_(cosh)
UNARY_(tanh)
UNARY_(asinh)
UNARY_(acosh)
UNARY_(atanh)
UNARY_(sinc)
UNARY_(exp)
UNARY_(expm1)
UNARY_(log)
UNARY_(log2)
UNARY_(log10)
UNARY_(log1p)
UNARY_(sqrt)
UNARY_(rsqrt)
UNARY_(reciprocal)
UNARY_(sigmoid)
UNARY_(neg)
UNARY_(abs)
UNARY_(sign)
UNARY_(sgn)
UNARY_(floor)
UNARY_(ceil)
UNARY_(trunc)
UNARY_(frac)
UNARY_(relu)
UNARY_(erf)
UNARY_(erfc)
UNARY_(erfinv)
UNARY_(lgamma)
UNARY_(digamma)
UNARY_(conj_physical)

BINARY(atan2)
BINARY(hypot)
BINARY(pow)
BINARY(logaddexp)
BINARY(logaddexp2)
BINARY(ldexp)
BINARY(xlogy)
BINARY(sub)
BINARY(mul)
BINARY(floor_divide)
BINARY(remainder)
BINARY(fmod)
BINARY(gcd)
BINARY(lcm)
BINARY(copysign)
BINARY(maximum)
BINARY(minimum)
BINARY(fmax)
BINARY(fmin)
BINARY(nextafter)
BINARY(heaviside)
BINARY(eq)
BINARY(ne)
BINARY(lt)
BINARY(le)
BINARY(gt)
BINARY(ge)
BINARY(logical_and)
BINARY(logical_or)
BINARY(logical_xor)
BINARY(bitwise_and)
BINARY(bitwise_or)
BINARY(bitwise_xor)
BINARY(bitwise_left_shift)
BINARY(bitwise_right_shift)
BINARY(igamma)
BINARY(igammac)

BINARY_(atan2)
BINARY_(pow)
BINARY_(ldexp)
BINARY_(xlogy)
BINARY_(sub)
BINARY_(mul)
BINARY_(floor_divide)
BINARY_(remainder)
BINARY_(fmod)
BINARY_(gcd)
BINARY_(lcm)
BINARY_(eq)
BINARY_(ne)
BINARY_(lt)
BINARY_(le)
BINARY_(gt)
BINARY_(ge)
BINARY_(logical_and)
BINARY_(logical_or)
BINARY_(logical_xor)
BINARY_(bitwise_and)
BINARY_(bitwise_or)
BINARY_(bitwise_xor)
BINARY_(bitwise_left_shift)
BINARY_(bitwise_right_shift)

SCALED(pow)
SCALED(xlogy)
SCALED(sub)
SCALED(mul)
SCALED(floor_divide)
SCALED(remainder)
SCALED(fmod)
SCALED(clamp_max)
SCALED(clamp_min)
SCALED(eq)
SCALED(ne)
SCALED(lt)
SCALED(le)
SCALED(gt)
SCALED(ge)

SCALED_(pow)
SCALED_(xlogy)
SCALED_(sub)
SCALED_(mul)
SCALED_(floor_divide)
SCALED_(remainder)
SCALED_(fmod)
SCALED_(clamp_max)
SCALED_(clamp_min)
SCALED_(eq)
SCALED_(ne)
SCALED_(lt)
SCALED_(le)
SCALED_(gt)
SCALED_(ge)

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

KT_API KtTensor kt_add(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::add(*a, *b); });
}

KT_API int32_t kt_add_inplace(KtTensor a, KtTensor b, const KtScalar* alpha) {
    return kt::run([&] { a->add_(*b, kt::scalar(*alpha)); });
}

KT_API KtTensor kt_add_scaled(KtTensor a, KtTensor b, const KtScalar* alpha) {
    return kt::make([&] { return at::add(*a, *b, kt::scalar(*alpha)); });
}

KT_API KtTensor kt_add_scalar(KtTensor a, const KtScalar* b) {
    return kt::make([&] { return at::add(*a, kt::scalar(*b)); });
}

KT_API KtTensor kt_add_scalar_scaled(KtTensor a, const KtScalar* b, const KtScalar* alpha) {
    return kt::make([&] { return at::add(*a, kt::scalar(*b), kt::scalar(*alpha)); });
}

KT_API int32_t kt_add_scalar_inplace(KtTensor a, const KtScalar* b, const KtScalar* alpha) {
    return kt::run([&] { a->add_(kt::scalar(*b), kt::scalar(*alpha)); });
}

KT_API KtTensor kt_div(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::div(*a, *b); });
}

KT_API KtTensor kt_div_mode(KtTensor a, KtTensor b, const char* mode) {
    return kt::make([&] { return at::div(*a, *b, kt::Text{mode}); });
}

KT_API KtTensor kt_div_scalar(KtTensor a, const KtScalar* b) {
    return kt::make([&] { return at::div(*a, kt::scalar(*b)); });
}

KT_API KtTensor kt_div_scalar_mode(KtTensor a, const KtScalar* b, const char* mode) {
    return kt::make([&] { return at::div(*a, kt::scalar(*b), kt::Text{mode}); });
}

KT_API int32_t kt_div_(KtTensor a, KtTensor b) {
    return kt::run([&] { a->div_(*b); });
}

KT_API int32_t kt_div_mode_(KtTensor a, KtTensor b, const char* mode) {
    return kt::run([&] { a->div_(*b, kt::Text{mode}); });
}

KT_API int32_t kt_div_scalar_(KtTensor a, const KtScalar* b) {
    return kt::run([&] { a->div_(kt::scalar(*b)); });
}

KT_API int32_t kt_div_scalar_mode_(KtTensor a, const KtScalar* b, const char* mode) {
    return kt::run([&] { a->div_(kt::scalar(*b), kt::Text{mode}); });
}

KT_API KtTensor kt_addcmul(KtTensor a, KtTensor b, KtTensor c, const KtScalar* value) {
    return kt::make([&] { return at::addcmul(*a, *b, *c, kt::scalar(*value)); });
}

KT_API int32_t kt_addcmul_(KtTensor a, KtTensor b, KtTensor c, const KtScalar* value) {
    return kt::run([&] { a->addcmul_(*b, *c, kt::scalar(*value)); });
}

KT_API KtTensor kt_addcdiv(KtTensor a, KtTensor b, KtTensor c, const KtScalar* value) {
    return kt::make([&] { return at::addcdiv(*a, *b, *c, kt::scalar(*value)); });
}

KT_API int32_t kt_addcdiv_(KtTensor a, KtTensor b, KtTensor c, const KtScalar* value) {
    return kt::run([&] { a->addcdiv_(*b, *c, kt::scalar(*value)); });
}

KT_API KtTensor kt_lerp(KtTensor a, KtTensor end, KtTensor weight) {
    return kt::make([&] { return at::lerp(*a, *end, *weight); });
}

KT_API int32_t kt_lerp_(KtTensor a, KtTensor end, KtTensor weight) {
    return kt::run([&] { a->lerp_(*end, *weight); });
}

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

KT_API KtTensor kt_isclose(KtTensor a, KtTensor b, double rtol, double atol, bool equal_nan) {
    return kt::make([&] { return at::isclose(*a, *b, rtol, atol, equal_nan); });
}

KT_API KtTensor kt_isin(KtTensor a, KtTensor b, bool assume_unique, bool invert) {
    return kt::make([&] { return at::isin(*a, *b, assume_unique, invert); });
}

KT_API KtTensor kt_logical_not(KtTensor a) {
    return kt::make([&] { return at::logical_not(*a); });
}

KT_API int32_t kt_logical_not_(KtTensor a) {
    return kt::run([&] { a->logical_not_(); });
}

KT_API KtTensor kt_bitwise_not(KtTensor a) {
    return kt::make([&] { return at::bitwise_not(*a); });
}

KT_API int32_t kt_bitwise_not_(KtTensor a) {
    return kt::run([&] { a->bitwise_not_(); });
}

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

KT_API KtTensor kt_real(KtTensor a) {
    return kt::make([&] { return at::real(*a); });
}

KT_API KtTensor kt_imag(KtTensor a) {
    return kt::make([&] { return at::imag(*a); });
}

KT_API KtTensor kt_numpy_T(KtTensor a) {
    return kt::make([&] { return a->numpy_T(); });
}

KT_API KtTensor kt_matrix_H(KtTensor a) {
    return kt::make([&] { return a->dim() == 0 ? *a : a->matrix_H(); });
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
