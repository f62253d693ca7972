// LAPACK: decompositions, systems, norms.
#include "kt.h"

KT_API KtTensor kt_matrix_exp(KtTensor a) {
    return kt::make([&] { return at::linalg_matrix_exp(*a); });
}

KT_API KtTensor kt_matrix_power(KtTensor a, int64_t n) {
    return kt::make([&] { return at::linalg_matrix_power(*a, n); });
}

KT_API KtTensor kt_cholesky(KtTensor a, bool upper) {
    return kt::make([&] { return at::linalg_cholesky(*a, upper); });
}

KT_API KtTensor kt_cholesky_solve(KtTensor b, KtTensor factor, bool upper) {
    return kt::make([&] { return at::cholesky_solve(*b, *factor, upper); });
}

KT_API KtTensor kt_cholesky_inverse(KtTensor a, bool upper) {
    return kt::make([&] { return at::cholesky_inverse(*a, upper); });
}

KT_API KtTensor kt_inv(KtTensor a) {
    return kt::make([&] { return at::linalg_inv(*a); });
}

KT_API KtTensor kt_pinverse(KtTensor a, double rcond, bool hermitian) {
    return kt::make([&] { return at::linalg_pinv(*a, rcond, hermitian); });
}

KT_API KtTensor kt_det(KtTensor a) {
    return kt::make([&] { return at::linalg_det(*a); });
}

KT_API KtTensor kt_logdet(KtTensor a) {
    return kt::make([&] { return at::logdet(*a); });
}

KT_API int32_t kt_slogdet(KtTensor a, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_slogdet(*a)); });
}

KT_API int32_t kt_eigh(KtTensor a, bool upper, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_eigh(*a, upper ? "U" : "L")); });
}

KT_API KtTensor kt_eigvalsh(KtTensor a, bool upper) {
    return kt::make([&] { return at::linalg_eigvalsh(*a, upper ? "U" : "L"); });
}

KT_API int32_t kt_eig(KtTensor a, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_eig(*a)); });
}

KT_API KtTensor kt_eigvals(KtTensor a) {
    return kt::make([&] { return at::linalg_eigvals(*a); });
}

KT_API int32_t kt_svd(KtTensor a, bool full, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_svd(*a, full)); });
}

KT_API KtTensor kt_svdvals(KtTensor a) {
    return kt::make([&] { return at::linalg_svdvals(*a); });
}

KT_API int32_t kt_qr(KtTensor a, const char* mode, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_qr(*a, mode)); });
}

KT_API int32_t kt_cholesky_ex(KtTensor a, bool check_errors, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_cholesky_ex(*a, false, check_errors)); });
}

KT_API int32_t kt_inv_ex(KtTensor a, bool check_errors, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_inv_ex(*a, check_errors)); });
}

KT_API int32_t kt_lu(KtTensor a, bool pivot, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_lu(*a, pivot)); });
}

KT_API int32_t kt_lu_factor(KtTensor a, bool pivot, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_lu_factor(*a, pivot)); });
}

KT_API KtTensor kt_lu_solve(KtTensor lu, KtTensor pivots, KtTensor b, bool left, bool adjoint) {
    return kt::make([&] { return at::linalg_lu_solve(*lu, *pivots, *b, left, adjoint); });
}

KT_API int32_t kt_lu_solve_out(KtTensor lu, KtTensor pivots, KtTensor b, bool left, bool adjoint, KtTensor result) {
    return kt::run([&] { at::linalg_lu_solve_out(*result, *lu, *pivots, *b, left, adjoint); });
}

KT_API KtTensor kt_solve(KtTensor a, KtTensor b, bool left) {
    return kt::make([&] { return at::linalg_solve(*a, *b, left); });
}

KT_API int32_t kt_solve_ex(KtTensor a, KtTensor b, bool left, bool check_errors, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_solve_ex(*a, *b, left, check_errors)); });
}

KT_API KtTensor kt_solve_triangular(KtTensor a, KtTensor b, bool upper, bool left, bool unitriangular) {
    return kt::make([&] { return at::linalg_solve_triangular(*a, *b, upper, left, unitriangular); });
}

KT_API int32_t kt_solve_triangular_out(KtTensor a, KtTensor b, bool upper, bool left, bool unitriangular, KtTensor result) {
    return kt::run([&] { at::linalg_solve_triangular_out(*result, *a, *b, upper, left, unitriangular); });
}

KT_API int32_t kt_lstsq(KtTensor a, KtTensor b, const double* rcond, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::linalg_lstsq(*a, *b, kt::maybe_value(rcond), kt::Absent())); });
}

KT_API KtTensor kt_pinv(KtTensor a, const double* atol, const double* rtol, bool hermitian) {
    return kt::make([&] { return at::linalg_pinv(*a, kt::maybe_value(atol), kt::maybe_value(rtol), hermitian); });
}

KT_API KtTensor kt_pinv_tensor(KtTensor a, KtTensor atol, KtTensor rtol, bool hermitian) {
    return kt::make([&] { return at::linalg_pinv(*a, kt::maybe(atol), kt::maybe(rtol), hermitian); });
}

KT_API KtTensor kt_matrix_rank(KtTensor a, const double* atol, const double* rtol, bool hermitian) {
    return kt::make([&] { return at::linalg_matrix_rank(*a, kt::maybe_value(atol), kt::maybe_value(rtol), hermitian); });
}

KT_API KtTensor kt_matrix_rank_tensor(KtTensor a, KtTensor atol, KtTensor rtol, bool hermitian) {
    return kt::make([&] { return at::linalg_matrix_rank(*a, kt::maybe(atol), kt::maybe(rtol), hermitian); });
}

KT_API KtTensor kt_cond(KtTensor a, const KtScalar* p) {
    return kt::make([&] { return at::linalg_cond(*a, kt::maybe_scalar(p)); });
}

KT_API KtTensor kt_cond_named(KtTensor a, const char* p) {
    return kt::make([&] { return at::linalg_cond(*a, p); });
}

KT_API KtTensor kt_linalg_norm(KtTensor a, const KtScalar* ord, const int64_t* dims, int32_t dims_count, bool all, bool keepdim) {
    return kt::make([&] { return at::linalg_norm(*a, kt::maybe_scalar(ord), all ? kt::dims() : kt::dims(kt::ints(dims, dims_count)), keepdim, kt::Absent()); });
}

KT_API KtTensor kt_linalg_norm_named(KtTensor a, const char* ord, const int64_t* dims, int32_t dims_count, bool all, bool keepdim) {
    return kt::make([&] { return at::linalg_norm(*a, ord, all ? kt::dims() : kt::dims(kt::ints(dims, dims_count)), keepdim, kt::Absent()); });
}

KT_API KtTensor kt_vector_norm(KtTensor a, const KtScalar* ord, const int64_t* dims, int32_t dims_count, bool all, bool keepdim) {
    return kt::make([&] { return at::linalg_vector_norm(*a, kt::scalar(*ord), all ? kt::dims() : kt::dims(kt::ints(dims, dims_count)), keepdim); });
}

KT_API KtTensor kt_matrix_norm(KtTensor a, const KtScalar* ord, const int64_t* dims, int32_t dims_count, bool keepdim) {
    return kt::make([&] { return at::linalg_matrix_norm(*a, kt::scalar(*ord), kt::ints(dims, dims_count), keepdim); });
}

KT_API KtTensor kt_matrix_norm_named(KtTensor a, const char* ord, const int64_t* dims, int32_t dims_count, bool keepdim) {
    return kt::make([&] { return at::linalg_matrix_norm(*a, ord, kt::ints(dims, dims_count), keepdim); });
}

KT_API KtTensor kt_linalg_cross(KtTensor a, KtTensor b, int64_t dim) {
    return kt::make([&] { return at::linalg_cross(*a, *b, dim); });
}

KT_API KtTensor kt_vecdot(KtTensor a, KtTensor b, int64_t dim) {
    return kt::make([&] { return at::linalg_vecdot(*a, *b, dim); });
}

KT_API int32_t kt_vecdot_out(KtTensor a, KtTensor b, int64_t dim, KtTensor result) {
    return kt::run([&] { at::linalg_vecdot_out(*result, *a, *b, dim); });
}
