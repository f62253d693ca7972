// Index expressions, as TensorIndex encodes them.
#include "kt.h"

#include <ATen/TensorIndexing.h>

/// Mirrors NativeIndex; INT64_MIN is an absent end of a slice.
struct KtIndex {
    int64_t kind;
    int64_t start;
    int64_t stop;
    int64_t step;
    KtTensor positions;
};

namespace {

using at::indexing::TensorIndex;

// int64_t in 1.x, c10::SymInt since.
using Bound = std::decay_t<decltype(at::indexing::Slice().start())>;

kt::optional<Bound> bound(int64_t value) {
    return value == INT64_MIN ? kt::optional<Bound>() : kt::optional<Bound>(Bound(value));
}

std::vector<TensorIndex> expression(const KtIndex* indices, int32_t count) {
    std::vector<TensorIndex> r;
    r.reserve(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; i++) {
        const KtIndex& index = indices[i];
        switch (index.kind) {
            case 0: r.emplace_back(index.start); break;
            case 1: r.emplace_back(at::indexing::Slice(bound(index.start), bound(index.stop), bound(index.step))); break;
            case 2: r.emplace_back(index.start != 0); break;
            case 3: r.emplace_back(*index.positions); break;
            case 4: r.emplace_back(at::indexing::Ellipsis); break;
            default: r.emplace_back(at::indexing::None); break;
        }
    }
    return r;
}

}  // namespace

KT_API KtTensor kt_index(KtTensor t, const KtIndex* indices, int32_t count) {
    return kt::make([&] { return t->index(expression(indices, count)); });
}

KT_API int32_t kt_index_put_(KtTensor t, const KtIndex* indices, int32_t count, KtTensor value) {
    return kt::run([&] { t->index_put_(expression(indices, count), *value); });
}

KT_API int32_t kt_index_put_scalar_(KtTensor t, const KtIndex* indices, int32_t count, const KtScalar* value) {
    return kt::run([&] { t->index_put_(expression(indices, count), kt::scalar(*value)); });
}

/// Adds (accumulate) or writes values at positions given by tensors, one for each of the first dimensions.
KT_API int32_t kt_index_put_tensors_(KtTensor t, const KtTensor* positions, int32_t count, KtTensor value, bool accumulate) {
    return kt::run([&] {
        c10::List<kt::optional<at::Tensor>> list;
        for (int32_t i = 0; i < count; i++) list.push_back(*positions[i]);
        t->index_put_(list, *value, accumulate);
    });
}
