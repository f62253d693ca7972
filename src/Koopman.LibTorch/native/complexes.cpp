// Parts and views of complex tensors, and transposes.
#include "kt.h"

KT_UNARY(conj)
KT_UNARY(conj_physical)
KT_UNARY(resolve_conj)
KT_UNARY(resolve_neg)
KT_UNARY(angle)
KT_UNARY(view_as_real)
KT_UNARY(view_as_complex)

KT_UNARY_(conj_physical)

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
