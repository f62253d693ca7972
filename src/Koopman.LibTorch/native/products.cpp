// Products of vectors and matrices.
#include "kt.h"

namespace kt {

// Where BLAS returns complex numbers by another convention than libtorch expects (Debian's OpenBLAS), at::dot of complex
// vectors is silently zero: sum the products instead.
static bool both_complex_vectors(const at::Tensor& a, const at::Tensor& b) {
    return a.dim() == 1 && b.dim() == 1 && a.is_complex() && b.is_complex() && a.size(0) == b.size(0);
}

static at::Tensor complex_dot(const at::Tensor& a, const at::Tensor& b) { return at::mul(a, b).sum(); }

}  // namespace kt

KT_BINARY(kron)

KT_UNARY(corrcoef)

KT_API KtTensor kt_matmul(KtTensor a, KtTensor b) {
    return kt::make([&] { return kt::both_complex_vectors(*a, *b) ? kt::complex_dot(*a, *b) : at::matmul(*a, *b); });
}

KT_API KtTensor kt_mm(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::mm(*a, *b); });
}

KT_API KtTensor kt_bmm(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::bmm(*a, *b); });
}

KT_API KtTensor kt_mv(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::mv(*a, *b); });
}

KT_API KtTensor kt_dot(KtTensor a, KtTensor b) {
    return kt::make([&] { return kt::both_complex_vectors(*a, *b) ? kt::complex_dot(*a, *b) : at::dot(*a, *b); });
}

KT_API KtTensor kt_vdot(KtTensor a, KtTensor b) {
    return kt::make([&] { return kt::both_complex_vectors(*a, *b) ? kt::complex_dot(at::conj(*a), *b) : at::vdot(*a, *b); });
}

KT_API KtTensor kt_inner(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::inner(*a, *b); });
}

KT_API KtTensor kt_outer(KtTensor a, KtTensor b) {
    return kt::make([&] { return at::outer(*a, *b); });
}

KT_API KtTensor kt_addmm(KtTensor a, KtTensor b, KtTensor c, const KtScalar* beta, const KtScalar* alpha) {
    return kt::make([&] { return at::addmm(*a, *b, *c, kt::scalar(*beta), kt::scalar(*alpha)); });
}

KT_API int32_t kt_addmm_(KtTensor a, KtTensor b, KtTensor c, const KtScalar* beta, const KtScalar* alpha) {
    return kt::run([&] { a->addmm_(*b, *c, kt::scalar(*beta), kt::scalar(*alpha)); });
}

KT_API KtTensor kt_addmv(KtTensor a, KtTensor b, KtTensor c, const KtScalar* beta, const KtScalar* alpha) {
    return kt::make([&] { return at::addmv(*a, *b, *c, kt::scalar(*beta), kt::scalar(*alpha)); });
}

KT_API int32_t kt_addmv_(KtTensor a, KtTensor b, KtTensor c, const KtScalar* beta, const KtScalar* alpha) {
    return kt::run([&] { a->addmv_(*b, *c, kt::scalar(*beta), kt::scalar(*alpha)); });
}

KT_API KtTensor kt_addr(KtTensor a, KtTensor b, KtTensor c, const KtScalar* beta, const KtScalar* alpha) {
    return kt::make([&] { return at::addr(*a, *b, *c, kt::scalar(*beta), kt::scalar(*alpha)); });
}

KT_API int32_t kt_addr_(KtTensor a, KtTensor b, KtTensor c, const KtScalar* beta, const KtScalar* alpha) {
    return kt::run([&] { a->addr_(*b, *c, kt::scalar(*beta), kt::scalar(*alpha)); });
}

KT_API KtTensor kt_addbmm(KtTensor a, KtTensor b, KtTensor c, const KtScalar* beta, const KtScalar* alpha) {
    return kt::make([&] { return at::addbmm(*a, *b, *c, kt::scalar(*beta), kt::scalar(*alpha)); });
}

KT_API int32_t kt_addbmm_(KtTensor a, KtTensor b, KtTensor c, const KtScalar* beta, const KtScalar* alpha) {
    return kt::run([&] { a->addbmm_(*b, *c, kt::scalar(*beta), kt::scalar(*alpha)); });
}

KT_API KtTensor kt_baddbmm(KtTensor a, KtTensor b, KtTensor c, const KtScalar* beta, const KtScalar* alpha) {
    return kt::make([&] { return at::baddbmm(*a, *b, *c, kt::scalar(*beta), kt::scalar(*alpha)); });
}

KT_API KtTensor kt_einsum(const char* equation, const KtTensor* tensors, int32_t tensors_count) {
    return kt::make([&] { return at::einsum(equation, kt::list(tensors, tensors_count)); });
}

KT_API KtTensor kt_tensordot(KtTensor a, KtTensor b, const int64_t* dims1, int32_t dims1_count, const int64_t* dims2, int32_t dims2_count) {
    return kt::make([&] { return at::tensordot(*a, *b, kt::ints(dims1, dims1_count), kt::ints(dims2, dims2_count)); });
}

KT_API KtTensor kt_multi_dot(const KtTensor* tensors, int32_t tensors_count) {
    return kt::make([&] { return at::linalg_multi_dot(kt::list(tensors, tensors_count)); });
}

KT_API KtTensor kt_cdist(KtTensor a, KtTensor b, double p, int64_t mode) {
    return kt::make([&] { return at::cdist(*a, *b, p, kt::optional<int64_t>(mode)); });
}

KT_API KtTensor kt_cov(KtTensor a, int64_t correction, KtTensor fweights, KtTensor aweights) {
    return kt::make([&] { return at::cov(*a, correction, kt::maybe(fweights), kt::maybe(aweights)); });
}
