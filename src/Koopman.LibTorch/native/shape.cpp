// The same elements in another shape.
#include "kt.h"

KT_UNARY(adjoint)
KT_UNARY(fliplr)
KT_UNARY(flipud)

KT_API KtTensor kt_reshape(KtTensor a, const int64_t* shape, int32_t shape_count) {
    return kt::make([&] { return at::reshape(*a, kt::ints(shape, shape_count)); });
}

KT_API KtTensor kt_view(KtTensor a, const int64_t* shape, int32_t shape_count) {
    return kt::make([&] { return a->view(kt::ints(shape, shape_count)); });
}

KT_API KtTensor kt_flatten(KtTensor a, int64_t start, int64_t end) {
    return kt::make([&] { return at::flatten(*a, start, end); });
}

KT_API KtTensor kt_unflatten(KtTensor a, int64_t dim, const int64_t* sizes, int32_t sizes_count) {
    return kt::make([&] { return a->unflatten(dim, kt::ints(sizes, sizes_count)); });
}

KT_API KtTensor kt_ravel(KtTensor a) {
    return kt::make([&] { return at::ravel(*a); });
}

KT_API KtTensor kt_squeeze(KtTensor a) {
    return kt::make([&] { return at::squeeze(*a); });
}

KT_API KtTensor kt_squeeze_at(KtTensor a, int64_t dim) {
    return kt::make([&] { return at::squeeze(*a, dim); });
}

KT_API int32_t kt_squeeze_(KtTensor a) {
    return kt::run([&] { a->squeeze_(); });
}

KT_API int32_t kt_squeeze_at_(KtTensor a, int64_t dim) {
    return kt::run([&] { a->squeeze_(dim); });
}

KT_API KtTensor kt_unsqueeze(KtTensor a, int64_t dim) {
    return kt::make([&] { return at::unsqueeze(*a, dim); });
}

KT_API int32_t kt_unsqueeze_(KtTensor a, int64_t dim) {
    return kt::run([&] { a->unsqueeze_(dim); });
}

KT_API KtTensor kt_transpose(KtTensor a, int64_t d0, int64_t d1) {
    return kt::make([&] { return at::transpose(*a, d0, d1); });
}

KT_API int32_t kt_transpose_(KtTensor a, int64_t d0, int64_t d1) {
    return kt::run([&] { a->transpose_(d0, d1); });
}

KT_API KtTensor kt_t(KtTensor a) {
    return kt::make([&] { return at::t(*a); });
}

KT_API KtTensor kt_permute(KtTensor a, const int64_t* order, int32_t order_count) {
    return kt::make([&] { return at::permute(*a, kt::ints(order, order_count)); });
}

KT_API KtTensor kt_movedim(KtTensor a, const int64_t* source, int32_t source_count, const int64_t* destination, int32_t destination_count) {
    return kt::make([&] { return at::movedim(*a, kt::ints(source, source_count), kt::ints(destination, destination_count)); });
}

KT_API KtTensor kt_expand(KtTensor a, const int64_t* sizes, int32_t sizes_count, bool implied) {
    return kt::make([&] { return a->expand(kt::ints(sizes, sizes_count), implied); });
}

KT_API KtTensor kt_broadcast_to(KtTensor a, const int64_t* shape, int32_t shape_count) {
    return kt::make([&] { return at::broadcast_to(*a, kt::ints(shape, shape_count)); });
}

KT_API KtTensor kt_repeat(KtTensor a, const int64_t* sizes, int32_t sizes_count) {
    return kt::make([&] { return a->repeat(kt::ints(sizes, sizes_count)); });
}

KT_API KtTensor kt_repeat_interleave(KtTensor a, int64_t repeats, const int64_t* dim, const int64_t* size) {
    return kt::make([&] { return at::repeat_interleave(*a, repeats, kt::maybe_value(dim), kt::maybe_value(size)); });
}

KT_API KtTensor kt_repeat_interleave_tensor(KtTensor a, KtTensor repeats, const int64_t* dim, const int64_t* size) {
    return kt::make([&] { return at::repeat_interleave(*a, *repeats, kt::maybe_value(dim), kt::maybe_value(size)); });
}

KT_API KtTensor kt_tile(KtTensor a, const int64_t* reps, int32_t reps_count) {
    return kt::make([&] { return at::tile(*a, kt::ints(reps, reps_count)); });
}

KT_API KtTensor kt_roll(KtTensor a, const int64_t* shifts, int32_t shifts_count, const int64_t* dims, int32_t dims_count) {
    return kt::make([&] { return at::roll(*a, kt::ints(shifts, shifts_count), kt::ints(dims, dims_count)); });
}

KT_API KtTensor kt_flip(KtTensor a, const int64_t* dims, int32_t dims_count) {
    return kt::make([&] { return at::flip(*a, kt::ints(dims, dims_count)); });
}

KT_API KtTensor kt_rot90(KtTensor a, int64_t k, const int64_t* dims, int32_t dims_count) {
    return kt::make([&] { return at::rot90(*a, k, kt::ints(dims, dims_count)); });
}

KT_API KtTensor kt_contiguous(KtTensor a) {
    return kt::make([&] { return a->contiguous(); });
}

KT_API KtTensor kt_clone(KtTensor a) {
    return kt::make([&] { return at::clone(*a); });
}

KT_API KtTensor kt_alias(KtTensor a) {
    return kt::make([&] { return at::alias(*a); });
}

KT_API KtTensor kt_as_strided(KtTensor a, const int64_t* size, int32_t size_count, const int64_t* strides, int32_t strides_count, int64_t offset) {
    return kt::make([&] { return at::as_strided(*a, kt::ints(size, size_count), kt::ints(strides, strides_count), offset); });
}

KT_API KtTensor kt_windows(KtTensor a, int64_t dimension, int64_t size, int64_t step) {
    return kt::make([&] { return a->unfold(dimension, size, step); });
}

KT_API KtTensor kt_atleast_1d(KtTensor a) {
    return kt::make([&] { return at::atleast_1d(*a); });
}

KT_API KtTensor kt_atleast_2d(KtTensor a) {
    return kt::make([&] { return at::atleast_2d(*a); });
}

KT_API KtTensor kt_tril(KtTensor a, int64_t k) {
    return kt::make([&] { return at::tril(*a, k); });
}

KT_API int32_t kt_tril_(KtTensor a, int64_t k) {
    return kt::run([&] { a->tril_(k); });
}

KT_API KtTensor kt_triu(KtTensor a, int64_t k) {
    return kt::make([&] { return at::triu(*a, k); });
}

KT_API int32_t kt_triu_(KtTensor a, int64_t k) {
    return kt::run([&] { a->triu_(k); });
}

KT_API KtTensor kt_diag(KtTensor a, int64_t k) {
    return kt::make([&] { return at::diag(*a, k); });
}

KT_API KtTensor kt_diagflat(KtTensor a, int64_t k) {
    return kt::make([&] { return at::diagflat(*a, k); });
}

KT_API KtTensor kt_diagonal(KtTensor a, int64_t k, int64_t d0, int64_t d1) {
    return kt::make([&] { return at::diagonal(*a, k, d0, d1); });
}

KT_API KtTensor kt_diag_embed(KtTensor a, int64_t k, int64_t d0, int64_t d1) {
    return kt::make([&] { return at::diag_embed(*a, k, d0, d1); });
}
