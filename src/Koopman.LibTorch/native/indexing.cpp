// Parts of a tensor.
#include "kt.h"

KT_UNARY(nonzero)
KT_UNARY(argwhere)

KT_API KtTensor kt_select(KtTensor a, int64_t dim, int64_t index) {
    return kt::make([&] { return at::select(*a, dim, index); });
}

KT_API KtTensor kt_narrow(KtTensor a, int64_t dim, int64_t start, int64_t length) {
    return kt::make([&] { return at::narrow(*a, dim, start, length); });
}

KT_API KtTensor kt_slice(KtTensor a, int64_t dim, int64_t start, int64_t finish, int64_t step) {
    return kt::make([&] { return at::slice(*a, dim, start, finish, step); });
}

KT_API KtTensor kt_index_select(KtTensor a, int64_t dim, KtTensor index) {
    return kt::make([&] { return at::index_select(*a, dim, *index); });
}

KT_API KtTensor kt_index_add(KtTensor a, int64_t dim, KtTensor index, KtTensor source, const KtScalar* alpha) {
    return kt::make([&] { return at::index_add(*a, dim, *index, *source, kt::scalar(*alpha)); });
}

KT_API int32_t kt_index_add_(KtTensor a, int64_t dim, KtTensor index, KtTensor source, const KtScalar* alpha) {
    return kt::run([&] { a->index_add_(dim, *index, *source, kt::scalar(*alpha)); });
}

KT_API KtTensor kt_index_copy(KtTensor a, int64_t dim, KtTensor index, KtTensor source) {
    return kt::make([&] { return at::index_copy(*a, dim, *index, *source); });
}

KT_API int32_t kt_index_copy_(KtTensor a, int64_t dim, KtTensor index, KtTensor source) {
    return kt::run([&] { a->index_copy_(dim, *index, *source); });
}

KT_API KtTensor kt_index_fill(KtTensor a, int64_t dim, KtTensor index, const KtScalar* value) {
    return kt::make([&] { return at::index_fill(*a, dim, *index, kt::scalar(*value)); });
}

KT_API int32_t kt_index_fill_(KtTensor a, int64_t dim, KtTensor index, const KtScalar* value) {
    return kt::run([&] { a->index_fill_(dim, *index, kt::scalar(*value)); });
}

KT_API KtTensor kt_gather(KtTensor a, int64_t dim, KtTensor index, bool sparse) {
    return kt::make([&] { return at::gather(*a, dim, *index, sparse); });
}

KT_API KtTensor kt_scatter(KtTensor a, int64_t dim, KtTensor index, KtTensor src) {
    return kt::make([&] { return at::scatter(*a, dim, *index, *src); });
}

KT_API int32_t kt_scatter_(KtTensor a, int64_t dim, KtTensor index, KtTensor src) {
    return kt::run([&] { a->scatter_(dim, *index, *src); });
}

KT_API KtTensor kt_scatter_add(KtTensor a, int64_t dim, KtTensor index, KtTensor src) {
    return kt::make([&] { return at::scatter_add(*a, dim, *index, *src); });
}

KT_API int32_t kt_scatter_add_(KtTensor a, int64_t dim, KtTensor index, KtTensor src) {
    return kt::run([&] { a->scatter_add_(dim, *index, *src); });
}

KT_API KtTensor kt_masked_fill(KtTensor a, KtTensor mask, const KtScalar* value) {
    return kt::make([&] { return at::masked_fill(*a, *mask, kt::scalar(*value)); });
}

KT_API int32_t kt_masked_fill_(KtTensor a, KtTensor mask, const KtScalar* value) {
    return kt::run([&] { a->masked_fill_(*mask, kt::scalar(*value)); });
}

KT_API KtTensor kt_masked_select(KtTensor a, KtTensor mask) {
    return kt::make([&] { return at::masked_select(*a, *mask); });
}

KT_API KtTensor kt_masked_scatter(KtTensor a, KtTensor mask, KtTensor value) {
    return kt::make([&] { return at::masked_scatter(*a, *mask, *value); });
}

KT_API int32_t kt_masked_scatter_(KtTensor a, KtTensor mask, KtTensor value) {
    return kt::run([&] { a->masked_scatter_(*mask, *value); });
}

KT_API KtTensor kt_take(KtTensor a, KtTensor index) {
    return kt::make([&] { return at::take(*a, *index); });
}

KT_API KtTensor kt_take_along_dim(KtTensor a, KtTensor index, const int64_t* dim) {
    return kt::make([&] { return at::take_along_dim(*a, *index, kt::maybe_value(dim)); });
}

KT_API KtTensor kt_where(KtTensor condition, KtTensor x, KtTensor y) {
    return kt::make([&] { return at::where(*condition, *x, *y); });
}

KT_API KtTensors kt_where_true(KtTensor condition) {
    return kt::make_list([&] { return at::where(*condition); });
}

KT_API KtTensor kt_select_scatter(KtTensor a, KtTensor src, int64_t dim, int64_t index) {
    return kt::make([&] { return at::select_scatter(*a, *src, dim, index); });
}

KT_API KtTensor kt_diagonal_scatter(KtTensor a, KtTensor src, int64_t k, int64_t d0, int64_t d1) {
    return kt::make([&] { return at::diagonal_scatter(*a, *src, k, d0, d1); });
}

KT_API KtTensor kt_slice_scatter(KtTensor a, KtTensor src, int64_t dim, const int64_t* start, const int64_t* end, int64_t step) {
    return kt::make([&] { return at::slice_scatter(*a, *src, dim, kt::maybe_value(start), kt::maybe_value(end), step); });
}
