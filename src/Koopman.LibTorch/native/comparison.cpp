// Comparisons, logic and bits of each element.
#include "kt.h"

KT_SCALED(eq)
KT_SCALED(ne)
KT_SCALED(lt)
KT_SCALED(le)
KT_SCALED(gt)
KT_SCALED(ge)

KT_BINARY(eq)
KT_BINARY(ne)
KT_BINARY(lt)
KT_BINARY(le)
KT_BINARY(gt)
KT_BINARY(ge)
KT_BINARY(logical_and)
KT_BINARY(logical_or)
KT_BINARY(logical_xor)
KT_BINARY(bitwise_and)
KT_BINARY(bitwise_or)
KT_BINARY(bitwise_xor)
KT_BINARY(bitwise_left_shift)
KT_BINARY(bitwise_right_shift)

KT_SCALED_(eq)
KT_SCALED_(ne)
KT_SCALED_(lt)
KT_SCALED_(le)
KT_SCALED_(gt)
KT_SCALED_(ge)

KT_BINARY_(eq)
KT_BINARY_(ne)
KT_BINARY_(lt)
KT_BINARY_(le)
KT_BINARY_(gt)
KT_BINARY_(ge)
KT_BINARY_(logical_and)
KT_BINARY_(logical_or)
KT_BINARY_(logical_xor)
KT_BINARY_(bitwise_and)
KT_BINARY_(bitwise_or)
KT_BINARY_(bitwise_xor)
KT_BINARY_(bitwise_left_shift)
KT_BINARY_(bitwise_right_shift)

KT_UNARY(isnan)
KT_UNARY(isinf)
KT_UNARY(isfinite)
KT_UNARY(isposinf)
KT_UNARY(isneginf)
KT_UNARY(isreal)

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
