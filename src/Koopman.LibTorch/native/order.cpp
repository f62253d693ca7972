// Sorting, counting and statistics.
#include "kt.h"

KT_UNARY(msort)

KT_API KtTensor kt_var(KtTensor a, bool unbiased) {
    return kt::make([&] { return at::var(*a, unbiased); });
}

KT_API KtTensor kt_var_along(KtTensor a, const int64_t* dims, int32_t dims_count, bool unbiased, bool keepdim) {
    return kt::make([&] { return at::var(*a, kt::ints(dims, dims_count), unbiased, keepdim); });
}

KT_API KtTensor kt_std(KtTensor a, bool unbiased) {
    return kt::make([&] { return at::std(*a, unbiased); });
}

KT_API KtTensor kt_std_along(KtTensor a, const int64_t* dims, int32_t dims_count, bool unbiased, bool keepdim) {
    return kt::make([&] { return at::std(*a, kt::ints(dims, dims_count), unbiased, keepdim); });
}

KT_API int32_t kt_var_mean(KtTensor a, bool unbiased, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::var_mean(*a, unbiased)); });
}

KT_API int32_t kt_var_mean_along(KtTensor a, const int64_t* dims, int32_t dims_count, bool unbiased, bool keepdim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::var_mean(*a, kt::ints(dims, dims_count), unbiased, keepdim)); });
}

KT_API int32_t kt_std_mean(KtTensor a, bool unbiased, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::std_mean(*a, unbiased)); });
}

KT_API int32_t kt_std_mean_along(KtTensor a, const int64_t* dims, int32_t dims_count, bool unbiased, bool keepdim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::std_mean(*a, kt::ints(dims, dims_count), unbiased, keepdim)); });
}

KT_API KtTensor kt_median(KtTensor a) {
    return kt::make([&] { return at::median(*a); });
}

KT_API KtTensor kt_nanmedian(KtTensor a) {
    return kt::make([&] { return at::nanmedian(*a); });
}

KT_API KtTensor kt_quantile(KtTensor a, KtTensor q, int64_t dim, bool keepdim) {
    return kt::make([&] { return at::quantile(*a, *q, kt::optional<int64_t>(dim), keepdim); });
}

KT_API KtTensor kt_nanquantile(KtTensor a, KtTensor q, int64_t dim, bool keepdim) {
    return kt::make([&] { return at::nanquantile(*a, *q, kt::optional<int64_t>(dim), keepdim); });
}

KT_API int32_t kt_mode(KtTensor a, int64_t dim, bool keepdim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::mode(*a, dim, keepdim)); });
}

KT_API KtTensor kt_bincount(KtTensor a, KtTensor weights, int64_t minlength) {
    return kt::make([&] { return at::bincount(*a, kt::maybe(weights), minlength); });
}

KT_API KtTensor kt_histc(KtTensor a, int64_t bins, const KtScalar* min, const KtScalar* max) {
    return kt::make([&] { return at::histc(*a, bins, kt::scalar(*min), kt::scalar(*max)); });
}

KT_API int32_t kt_sort(KtTensor a, bool stable, int64_t dim, bool descending, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::sort(*a, kt::optional<bool>(stable), dim, descending)); });
}

KT_API KtTensor kt_argsort(KtTensor a, int64_t dim, bool descending) {
    return kt::make([&] { return at::argsort(*a, dim, descending); });
}

KT_API int32_t kt_topk(KtTensor a, int64_t k, int64_t dim, bool largest, bool sorted, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::topk(*a, k, dim, largest, sorted)); });
}

KT_API int32_t kt_kthvalue(KtTensor a, int64_t k, int64_t dim, bool keepdim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::kthvalue(*a, k, dim, keepdim)); });
}

KT_API int32_t kt_unique(KtTensor a, bool sorted, bool inverse, bool counts, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::_unique2(*a, sorted, inverse, counts)); });
}

KT_API int32_t kt_unique_along(KtTensor a, int64_t dim, bool sorted, bool inverse, bool counts, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::unique_dim(*a, dim, sorted, inverse, counts)); });
}

KT_API int32_t kt_unique_consecutive(KtTensor a, bool inverse, bool counts, const int64_t* dim, KtTensor* out) {
    return kt::run([&] { kt::give_all(out, at::unique_consecutive(*a, inverse, counts, kt::maybe_value(dim))); });
}

KT_API KtTensor kt_searchsorted(KtTensor a, KtTensor values, bool int32, bool right, KtTensor sorter) {
    return kt::make([&] { return at::searchsorted(*a, *values, int32, right, kt::Absent(), kt::maybe(sorter)); });
}

KT_API KtTensor kt_searchsorted_scalar(KtTensor a, const KtScalar* value, bool int32, bool right, KtTensor sorter) {
    return kt::make([&] { return at::searchsorted(*a, kt::scalar(*value), int32, right, kt::Absent(), kt::maybe(sorter)); });
}

KT_API KtTensor kt_bucketize(KtTensor a, KtTensor boundaries, bool int32, bool right) {
    return kt::make([&] { return at::bucketize(*a, *boundaries, int32, right); });
}

KT_API KtTensor kt_diff(KtTensor a, int64_t n, int64_t dim, KtTensor prepend, KtTensor append) {
    return kt::make([&] { return at::diff(*a, n, dim, kt::maybe(prepend), kt::maybe(append)); });
}

KT_API KtTensor kt_trapezoid(KtTensor a, const KtScalar* dx, int64_t dim) {
    return kt::make([&] { return at::trapezoid(*a, kt::scalar(*dx), dim); });
}

KT_API KtTensor kt_trapezoid_over(KtTensor a, KtTensor x, int64_t dim) {
    return kt::make([&] { return at::trapezoid(*a, *x, dim); });
}

KT_API KtTensor kt_vander(KtTensor a, int64_t n, bool increasing) {
    return kt::make([&] { return at::vander(*a, n < 0 ? kt::optional<int64_t>() : kt::optional<int64_t>(n), increasing); });
}

KT_API KtTensor kt_cumulative_trapezoid(KtTensor a, const KtScalar* dx, int64_t dim) {
    return kt::make([&] { return at::cumulative_trapezoid(*a, kt::scalar(*dx), dim); });
}

KT_API KtTensor kt_cumulative_trapezoid_over(KtTensor a, KtTensor x, int64_t dim) {
    return kt::make([&] { return at::cumulative_trapezoid(*a, *x, dim); });
}
