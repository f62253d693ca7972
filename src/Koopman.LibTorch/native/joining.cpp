// Tensors put together and taken apart.
#include "kt.h"

KT_API KtTensor kt_cat(const KtTensor* tensors, int32_t tensors_count, int64_t dim) {
    return kt::make([&] { return at::cat(kt::list(tensors, tensors_count), dim); });
}

KT_API KtTensor kt_stack(const KtTensor* tensors, int32_t tensors_count, int64_t dim) {
    return kt::make([&] { return at::stack(kt::list(tensors, tensors_count), dim); });
}

KT_API KtTensor kt_hstack(const KtTensor* tensors, int32_t tensors_count) {
    return kt::make([&] { return at::hstack(kt::list(tensors, tensors_count)); });
}

KT_API KtTensor kt_vstack(const KtTensor* tensors, int32_t tensors_count) {
    return kt::make([&] { return at::vstack(kt::list(tensors, tensors_count)); });
}

KT_API KtTensor kt_column_stack(const KtTensor* tensors, int32_t tensors_count) {
    return kt::make([&] { return at::column_stack(kt::list(tensors, tensors_count)); });
}

KT_API KtTensor kt_block_diag(const KtTensor* tensors, int32_t tensors_count) {
    return kt::make([&] { return at::block_diag(kt::list(tensors, tensors_count)); });
}

KT_API KtTensors kt_split(KtTensor a, int64_t size, int64_t dim) {
    return kt::make_list([&] { return at::split(*a, size, dim); });
}

KT_API KtTensors kt_split_sizes(KtTensor a, const int64_t* sizes, int32_t sizes_count, int64_t dim) {
    return kt::make_list([&] { return at::split_with_sizes(*a, kt::ints(sizes, sizes_count), dim); });
}

KT_API KtTensors kt_chunk(KtTensor a, int64_t chunks, int64_t dim) {
    return kt::make_list([&] { return at::chunk(*a, chunks, dim); });
}

KT_API KtTensors kt_tensor_split(KtTensor a, int64_t size, int64_t dim) {
    return kt::make_list([&] { return at::tensor_split(*a, size, dim); });
}

KT_API KtTensors kt_tensor_split_sizes(KtTensor a, const int64_t* sizes, int32_t sizes_count, int64_t dim) {
    return kt::make_list([&] { return at::tensor_split(*a, kt::ints(sizes, sizes_count), dim); });
}

KT_API KtTensors kt_unbind(KtTensor a, int64_t dim) {
    return kt::make_list([&] { return at::unbind(*a, dim); });
}

KT_API KtTensors kt_meshgrid(const KtTensor* tensors, int32_t tensors_count, const char* indexing) {
    return kt::make_list([&] { return at::meshgrid(kt::list(tensors, tensors_count), indexing); });
}

KT_API KtTensor kt_cartesian_prod(const KtTensor* tensors, int32_t tensors_count) {
    return kt::make([&] { return at::cartesian_prod(kt::list(tensors, tensors_count)); });
}

KT_API KtTensors kt_broadcast_tensors(const KtTensor* tensors, int32_t tensors_count) {
    return kt::make_list([&] { return at::broadcast_tensors(kt::list(tensors, tensors_count)); });
}

KT_API KtTensor kt_dstack(const KtTensor* tensors, int32_t tensors_count) {
    return kt::make([&] { return at::dstack(kt::list(tensors, tensors_count)); });
}

KT_API KtTensors kt_hsplit(KtTensor a, int64_t size) {
    return kt::make_list([&] { return at::hsplit(*a, size); });
}

KT_API KtTensors kt_hsplit_sizes(KtTensor a, const int64_t* sizes, int32_t sizes_count) {
    return kt::make_list([&] { return at::hsplit(*a, kt::ints(sizes, sizes_count)); });
}

KT_API KtTensors kt_vsplit(KtTensor a, int64_t size) {
    return kt::make_list([&] { return at::vsplit(*a, size); });
}

KT_API KtTensors kt_vsplit_sizes(KtTensor a, const int64_t* sizes, int32_t sizes_count) {
    return kt::make_list([&] { return at::vsplit(*a, kt::ints(sizes, sizes_count)); });
}

KT_API KtTensor kt_combinations(KtTensor a, int64_t r, bool repeated) {
    return kt::make([&] { return at::combinations(*a, r, repeated); });
}
