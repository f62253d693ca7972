// Copies between types and devices.
#include "kt.h"

/// dtype or device -1: as the tensor has it.
KT_API KtTensor kt_to(KtTensor t, int32_t dtype, int32_t device_type, int32_t device_index, bool copy, bool non_blocking) {
    return kt::make([&] {
        const auto type = dtype < 0 ? t->scalar_type() : static_cast<at::ScalarType>(dtype);
        if (device_type < 0) return t->to(type, non_blocking, copy);
        return t->to(kt::device(device_type, device_index), type, non_blocking, copy);
    });
}

KT_API int32_t kt_copy_(KtTensor t, KtTensor source, bool non_blocking) {
    return kt::run([&] { t->copy_(*source, non_blocking); });
}

KT_API KtTensor kt_pin_memory(KtTensor t) {
    return kt::make([&] { return t->pin_memory(); });
}

KT_API int32_t kt_zero_(KtTensor t) {
    return kt::run([&] { t->zero_(); });
}

KT_API int32_t kt_fill_(KtTensor t, const KtScalar* value) {
    return kt::run([&] { t->fill_(kt::scalar(*value)); });
}
