// Many elements to few.
#include "kt.h"

KT_UNARY(trace)

KT_API KtTensor kt_sum(KtTensor a, int32_t type) {
    return kt::make([&] { return at::sum(*a, kt::maybe_type(type)); });
}

KT_API KtTensor kt_sum_along(KtTensor a, const int64_t* dim, int32_t dim_count, bool keepdim, int32_t type) {
    return kt::make([&] { return at::sum(*a, kt::ints(dim, dim_count), keepdim, kt::maybe_type(type)); });
}

KT_API KtTensor kt_mean(KtTensor a) {
    return kt::make([&] { return at::mean(*a); });
}

KT_API KtTensor kt_mean_along(KtTensor a, const int64_t* dim, int32_t dim_count, bool keepdim, int32_t type) {
    return kt::make([&] { return at::mean(*a, kt::ints(dim, dim_count), keepdim, kt::maybe_type(type)); });
}

KT_API KtTensor kt_nansum(KtTensor a) {
    return kt::make([&] { return at::nansum(*a); });
}

KT_API KtTensor kt_nanmean(KtTensor a, const int64_t* dim, int32_t dim_count, bool keepdim, int32_t type) {
    return kt::make([&] { return at::nanmean(*a, dim_count == 0 ? kt::dims() : kt::dims(kt::ints(dim, dim_count)), keepdim, kt::maybe_type(type)); });
}

KT_API KtTensor kt_prod(KtTensor a, int32_t type) {
    return kt::make([&] { return at::prod(*a, kt::maybe_type(type)); });
}

KT_API KtTensor kt_prod_along(KtTensor a, int64_t dim, bool keepdim, int32_t type) {
    return kt::make([&] { return at::prod(*a, dim, keepdim, kt::maybe_type(type)); });
}

KT_API KtTensor kt_cumsum(KtTensor a, int64_t dim, int32_t type) {
    return kt::make([&] { return at::cumsum(*a, dim, kt::maybe_type(type)); });
}

KT_API KtTensor kt_cumprod(KtTensor a, int64_t dim, int32_t type) {
    return kt::make([&] { return at::cumprod(*a, dim, kt::maybe_type(type)); });
}

KT_API int32_t kt_cummax(KtTensor a, int64_t dim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::cummax(*a, dim)); });
}

KT_API int32_t kt_cummin(KtTensor a, int64_t dim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::cummin(*a, dim)); });
}

KT_API KtTensor kt_all(KtTensor a) {
    return kt::make([&] { return at::all(*a); });
}

KT_API KtTensor kt_all_along(KtTensor a, int64_t dim, bool keepdim) {
    return kt::make([&] { return at::all(*a, dim, keepdim); });
}

KT_API KtTensor kt_any(KtTensor a) {
    return kt::make([&] { return at::any(*a); });
}

KT_API KtTensor kt_any_along(KtTensor a, int64_t dim, bool keepdim) {
    return kt::make([&] { return at::any(*a, dim, keepdim); });
}

KT_API KtTensor kt_count_nonzero(KtTensor a) {
    return kt::make([&] { return at::count_nonzero(*a, kt::optional<int64_t>()); });
}

KT_API KtTensor kt_count_nonzero_along(KtTensor a, const int64_t* dim, int32_t dim_count) {
    return kt::make([&] { return at::count_nonzero(*a, kt::ints(dim, dim_count)); });
}

KT_API KtTensor kt_norm(KtTensor a, const KtScalar* p) {
    return kt::make([&] { return at::norm(*a, kt::scalar(*p)); });
}

KT_API KtTensor kt_norm_along(KtTensor a, int64_t dim, bool keepdim, const KtScalar* p) {
    return kt::make([&] { return at::norm(*a, kt::optional<at::Scalar>(kt::scalar(*p)), at::IntArrayRef(dim), keepdim); });
}

KT_API KtTensor kt_dist(KtTensor a, KtTensor b, const KtScalar* p) {
    return kt::make([&] { return at::dist(*a, *b, kt::scalar(*p)); });
}

KT_API KtTensor kt_renorm(KtTensor a, const KtScalar* p, int64_t dim, const KtScalar* maxnorm) {
    return kt::make([&] { return at::renorm(*a, kt::scalar(*p), dim, kt::scalar(*maxnorm)); });
}

KT_API KtTensor kt_max(KtTensor a) {
    return kt::make([&] { return at::max(*a); });
}

KT_API int32_t kt_max_along(KtTensor a, int64_t dim, bool keepdim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::max(*a, dim, keepdim)); });
}

KT_API KtTensor kt_min(KtTensor a) {
    return kt::make([&] { return at::min(*a); });
}

KT_API int32_t kt_min_along(KtTensor a, int64_t dim, bool keepdim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::min(*a, dim, keepdim)); });
}

KT_API KtTensor kt_amax(KtTensor a, const int64_t* dims, int32_t dims_count, bool keepdim) {
    return kt::make([&] { return at::amax(*a, kt::ints(dims, dims_count), keepdim); });
}

KT_API int32_t kt_amax_out(KtTensor a, const int64_t* dims, int32_t dims_count, bool keepdim, KtTensor result) {
    return kt::run([&] { at::amax_out(*result, *a, kt::ints(dims, dims_count), keepdim); });
}

KT_API KtTensor kt_amin(KtTensor a, const int64_t* dims, int32_t dims_count, bool keepdim) {
    return kt::make([&] { return at::amin(*a, kt::ints(dims, dims_count), keepdim); });
}

KT_API int32_t kt_amin_out(KtTensor a, const int64_t* dims, int32_t dims_count, bool keepdim, KtTensor result) {
    return kt::run([&] { at::amin_out(*result, *a, kt::ints(dims, dims_count), keepdim); });
}

KT_API int32_t kt_aminmax(KtTensor a, const int64_t* dim, bool keepdim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::aminmax(*a, kt::maybe_value(dim), keepdim)); });
}

KT_API KtTensor kt_argmax(KtTensor a) {
    return kt::make([&] { return at::argmax(*a); });
}

KT_API KtTensor kt_argmax_along(KtTensor a, int64_t dim, bool keepdim) {
    return kt::make([&] { return at::argmax(*a, dim, keepdim); });
}

KT_API KtTensor kt_argmin(KtTensor a) {
    return kt::make([&] { return at::argmin(*a); });
}

KT_API KtTensor kt_argmin_along(KtTensor a, int64_t dim, bool keepdim) {
    return kt::make([&] { return at::argmin(*a, dim, keepdim); });
}
