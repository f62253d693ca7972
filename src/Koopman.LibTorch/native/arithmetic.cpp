// Sums, products, quotients and remainders of each element.
#include "kt.h"

KT_SCALED(sub)
KT_SCALED(mul)
KT_SCALED(floor_divide)
KT_SCALED(remainder)
KT_SCALED(fmod)

KT_BINARY(sub)
KT_BINARY(mul)
KT_BINARY(floor_divide)
KT_BINARY(remainder)
KT_BINARY(fmod)
KT_BINARY(gcd)
KT_BINARY(lcm)

KT_SCALED_(sub)
KT_SCALED_(mul)
KT_SCALED_(floor_divide)
KT_SCALED_(remainder)
KT_SCALED_(fmod)

KT_BINARY_(sub)
KT_BINARY_(mul)
KT_BINARY_(floor_divide)
KT_BINARY_(remainder)
KT_BINARY_(fmod)
KT_BINARY_(gcd)
KT_BINARY_(lcm)

KT_UNARY(neg)
KT_UNARY(positive)

KT_UNARY_(neg)

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
