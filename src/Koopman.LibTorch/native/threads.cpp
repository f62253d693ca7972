// Threads, and how number types combine.
#include "kt.h"

#include <ATen/Parallel.h>

KT_API int32_t kt_get_num_threads() { return at::get_num_threads(); }

KT_API int32_t kt_set_num_threads(int32_t count) {
    return kt::run([&] { at::set_num_threads(count); });
}

KT_API int32_t kt_get_num_interop_threads() { return at::get_num_interop_threads(); }

KT_API int32_t kt_set_num_interop_threads(int32_t count) {
    return kt::run([&] { at::set_num_interop_threads(count); });
}

KT_API int32_t kt_result_type(KtTensor a, KtTensor b) {
    int32_t type = -1;
    (void)kt::run([&] { type = static_cast<int32_t>(at::result_type(*a, *b)); });
    return type;
}

KT_API int32_t kt_promote_types(int32_t a, int32_t b) {
    return static_cast<int32_t>(c10::promoteTypes(static_cast<at::ScalarType>(a), static_cast<at::ScalarType>(b)));
}

KT_API int32_t kt_can_cast(int32_t from, int32_t to) {
    return c10::canCast(static_cast<at::ScalarType>(from), static_cast<at::ScalarType>(to)) ? 1 : 0;
}
