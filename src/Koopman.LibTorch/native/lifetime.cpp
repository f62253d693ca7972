// Errors, versions and the life of a handle.
#include "kt.h"

#include <torch/csrc/api/include/torch/version.h>

#include <cstring>

namespace {
thread_local std::string last_error;
}

namespace kt {

void fail(const char* message) noexcept {
    try {
        const char* end = std::strchr(message, '\n');
        last_error = end == nullptr ? std::string(message) : std::string(message, end);
    } catch (...) {
        last_error.clear();
    }
}

}  // namespace kt

KT_API const char* kt_last_error() { return last_error.c_str(); }

KT_API const char* kt_version() { return TORCH_VERSION; }

KT_API void kt_tensor_free(KtTensor t) {
    (void)kt::run([&] { delete t; });
}

/// Bytes of storage that die with this handle: 0 while another tensor shares the storage.
KT_API int64_t kt_tensor_owned_bytes(KtTensor t) {
    int64_t bytes = 0;
    (void)kt::run([&] {
        if (t->defined() && t->has_storage() && t->storage().use_count() == 1) bytes = static_cast<int64_t>(t->storage().nbytes());
    });
    return bytes;
}
