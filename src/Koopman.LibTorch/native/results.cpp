// Lists of tensors on their way out: the caller takes each tensor and then frees the list.
#include "kt.h"

KT_API int64_t kt_list_size(KtTensors list) { return static_cast<int64_t>(list->size()); }

KT_API KtTensor kt_list_take(KtTensors list, int64_t index) {
    return kt::make([&] { return std::move(list->at(static_cast<size_t>(index))); });
}

KT_API void kt_list_free(KtTensors list) {
    (void)kt::run([&] { delete list; });
}
