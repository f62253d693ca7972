// New tensors: from memory, filled, as sequences.
#include "kt.h"

using KtRelease = void (*)(void*);

namespace {

/// A tensor over `data`, which holds elements of `type` row by row. Complex numbers are read as pairs of real ones: libtorch
/// reads whole ones at addresses divisible by their size only, and other memory than its own has no such addresses.
at::Tensor over(const void* data, at::ScalarType type, at::IntArrayRef sizes) {
    void* memory = const_cast<void*>(data);
    if (!c10::isComplexType(type)) return at::from_blob(memory, sizes, at::TensorOptions().dtype(type));
    std::vector<int64_t> pairs = sizes.vec();
    pairs.push_back(2);
    return at::view_as_complex(at::from_blob(memory, pairs, at::TensorOptions().dtype(c10::toRealValueType(type))).clone());
}

}  // namespace

/// A copy of `data`, which holds elements of `type` row by row.
KT_API KtTensor kt_copy_of(const void* data, int32_t type, const int64_t* sizes, int32_t sizes_count, const KtOptions* o) {
    return kt::make([&] {
        const auto stored = static_cast<at::ScalarType>(type);
        const auto view = over(data, stored, kt::ints(sizes, sizes_count));
        return kt::leaf(view.to(kt::options(*o), false, !c10::isComplexType(stored)), *o);
    });
}

/// A tensor over `data` itself, released with release(context) when the last tensor over it dies. When a type or device
/// makes a copy necessary, that is at the end of this call, as it is when the call fails.
KT_API KtTensor kt_share(void* data, int32_t type, const int64_t* sizes, int32_t sizes_count, const KtOptions* o, KtRelease release, void* context) {
    return kt::make([&] {
        const auto stored = at::TensorOptions().dtype(static_cast<at::ScalarType>(type));
        const auto view = at::from_blob(data, kt::ints(sizes, sizes_count), [release, context](void*) { release(context); }, stored);
        return kt::leaf(view.to(kt::options(*o)), *o);
    });
}

KT_API KtTensor kt_zeros(const int64_t* size, int32_t size_count, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::zeros(kt::ints(size, size_count), kt::options(*o)), *o); });
}

KT_API KtTensor kt_ones(const int64_t* size, int32_t size_count, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::ones(kt::ints(size, size_count), kt::options(*o)), *o); });
}

KT_API KtTensor kt_empty(const int64_t* size, int32_t size_count, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::empty(kt::ints(size, size_count), kt::options(*o)), *o); });
}

KT_API KtTensor kt_empty_strided(const int64_t* size, int32_t size_count, const int64_t* strides, int32_t strides_count, const KtOptions* o) {
    return kt::make([&] {
        return kt::leaf(at::empty_strided(kt::ints(size, size_count), kt::ints(strides, strides_count), kt::options(*o)), *o);
    });
}

KT_API KtTensor kt_full(const int64_t* size, int32_t size_count, const KtScalar* value, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::full(kt::ints(size, size_count), kt::scalar(*value), kt::options(*o)), *o); });
}

KT_API KtTensor kt_zeros_like(KtTensor t, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::zeros_like(*t, kt::options(*o)), *o); });
}

KT_API KtTensor kt_ones_like(KtTensor t, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::ones_like(*t, kt::options(*o)), *o); });
}

KT_API KtTensor kt_empty_like(KtTensor t, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::empty_like(*t, kt::options(*o)), *o); });
}

KT_API KtTensor kt_full_like(KtTensor t, const KtScalar* value, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::full_like(*t, kt::scalar(*value), kt::options(*o)), *o); });
}

KT_API KtTensor kt_eye(int64_t rows, int64_t columns, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::eye(rows, columns, kt::options(*o)), *o); });
}

KT_API KtTensor kt_arange(const KtScalar* start, const KtScalar* stop, const KtScalar* step, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::arange(kt::scalar(*start), kt::scalar(*stop), kt::scalar(*step), kt::options(*o)), *o); });
}

KT_API KtTensor kt_linspace(double start, double end, int64_t steps, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::linspace(start, end, steps, kt::options(*o)), *o); });
}

KT_API KtTensor kt_logspace(double start, double end, int64_t steps, double base, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::logspace(start, end, steps, base, kt::options(*o)), *o); });
}

KT_API KtTensor kt_complex(KtTensor real, KtTensor imaginary) {
    return kt::make([&] { return at::complex(*real, *imaginary); });
}

KT_API KtTensor kt_polar(KtTensor abs, KtTensor angle) {
    return kt::make([&] { return at::polar(*abs, *angle); });
}

KT_API KtTensor kt_tril_indices(int64_t row, int64_t column, int64_t offset, const KtOptions* o) {
    return kt::make([&] { return at::tril_indices(row, column, offset, kt::options(*o)); });
}

KT_API KtTensor kt_triu_indices(int64_t row, int64_t column, int64_t offset, const KtOptions* o) {
    return kt::make([&] { return at::triu_indices(row, column, offset, kt::options(*o)); });
}
