// What a tensor is: shape, type, device, layout, memory.
#include "kt.h"

KT_API int64_t kt_dim(KtTensor t) {
    int64_t dim = -1;
    (void)kt::run([&] { dim = t->dim(); });
    return dim;
}

KT_API int64_t kt_numel(KtTensor t) {
    int64_t n = -1;
    (void)kt::run([&] { n = t->numel(); });
    return n;
}

/// Writes at most `capacity` lengths and answers how many dimensions there are.
KT_API int64_t kt_sizes(KtTensor t, int64_t* sizes, int64_t capacity) {
    int64_t dim = -1;
    (void)kt::run([&] {
        const auto s = t->sizes();
        for (int64_t i = 0; i < std::min<int64_t>(capacity, t->dim()); i++) sizes[i] = s[static_cast<size_t>(i)];
        dim = t->dim();
    });
    return dim;
}

KT_API int64_t kt_strides(KtTensor t, int64_t* strides, int64_t capacity) {
    int64_t dim = -1;
    (void)kt::run([&] {
        const auto s = t->strides();
        for (int64_t i = 0; i < std::min<int64_t>(capacity, t->dim()); i++) strides[i] = s[static_cast<size_t>(i)];
        dim = t->dim();
    });
    return dim;
}

/// -1 on failure, as for a dimension that does not exist.
KT_API int64_t kt_size(KtTensor t, int64_t dim) {
    int64_t n = -1;
    (void)kt::run([&] { n = t->size(dim); });
    return n;
}

KT_API int32_t kt_stride(KtTensor t, int64_t dim, int64_t* stride) {
    return kt::run([&] { *stride = t->stride(dim); });
}

KT_API int32_t kt_dtype(KtTensor t) {
    int32_t type = -1;
    (void)kt::run([&] { type = static_cast<int32_t>(t->scalar_type()); });
    return type;
}

KT_API int64_t kt_element_size(KtTensor t) {
    int64_t n = -1;
    (void)kt::run([&] { n = t->element_size(); });
    return n;
}

KT_API int64_t kt_storage_offset(KtTensor t) {
    int64_t n = -1;
    (void)kt::run([&] { n = t->storage_offset(); });
    return n;
}

KT_API int32_t kt_device(KtTensor t, int32_t* type, int32_t* index) {
    return kt::run([&] {
        const auto device = t->device();
        *type = static_cast<int32_t>(device.type());
        *index = static_cast<int32_t>(device.index());
    });
}

KT_API int32_t kt_is_contiguous(KtTensor t) {
    return kt::test([&] { return t->is_contiguous(); });
}

KT_API int32_t kt_is_sparse(KtTensor t) {
    return kt::test([&] { return t->is_sparse(); });
}

KT_API int32_t kt_is_pinned(KtTensor t) {
    return kt::test([&] { return t->is_pinned(); });
}

KT_API int32_t kt_is_conj(KtTensor t) {
    return kt::test([&] { return t->is_conj(); });
}

KT_API int32_t kt_is_neg(KtTensor t) {
    return kt::test([&] { return t->is_neg(); });
}

KT_API int32_t kt_is_nonzero(KtTensor t) {
    return kt::test([&] { return t->is_nonzero(); });
}

KT_API int32_t kt_allclose(KtTensor a, KtTensor b, double rtol, double atol, bool equal_nan) {
    return kt::test([&] { return at::allclose(*a, *b, rtol, atol, equal_nan); });
}

/// The address of the first element; a null pointer is a failure only when there are elements.
KT_API int32_t kt_data(KtTensor t, void** data) {
    return kt::run([&] { *data = t->data_ptr(); });
}

/// The only element, as the number it is.
KT_API int32_t kt_item(KtTensor t, KtScalar* result) {
    return kt::run([&] {
        const at::Scalar s = t->item();
        *result = KtScalar{};
        if (s.isComplex()) {
            const auto z = s.toComplexDouble();
            result->kind = 2;
            result->real = z.real();
            result->imaginary = z.imag();
        } else if (s.isFloatingPoint()) {
            result->kind = 1;
            result->real = s.toDouble();
        } else {
            result->kind = s.isBoolean() ? 3 : 0;
            result->integer = s.toLong();
            result->real = static_cast<double>(result->integer);
        }
    });
}

/// Same type, shape and elements.
KT_API int32_t kt_equal(KtTensor a, KtTensor b) {
    return kt::test([&] { return at::equal(*a, *b); });
}
