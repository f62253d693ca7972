// Loss functions; reduction 0 none, 1 mean, 2 sum, as in libtorch.
#include "kt.h"

/// 0 squared error, 1 absolute error, 2 smooth L1 with parameter beta, 3 Huber with parameter delta.
KT_API KtTensor kt_distance_loss(KtTensor x, KtTensor target, int32_t kind, int32_t reduction, double parameter) {
    return kt::make([&] {
        switch (kind) {
            case 0: return at::mse_loss(*x, *target, reduction);
            case 1: return at::l1_loss(*x, *target, reduction);
            case 2: return at::smooth_l1_loss(*x, *target, reduction, parameter);
            default: return at::huber_loss(*x, *target, reduction, parameter);
        }
    });
}

KT_API KtTensor kt_cross_entropy(KtTensor x, KtTensor target, KtTensor weight, int32_t reduction, int64_t ignore, double smoothing) {
    return kt::make([&] { return at::cross_entropy_loss(*x, *target, kt::maybe(weight), reduction, ignore, smoothing); });
}

KT_API KtTensor kt_nll_loss(KtTensor x, KtTensor target, KtTensor weight, int32_t reduction) {
    return kt::make([&] { return at::nll_loss_nd(*x, *target, kt::maybe(weight), reduction, -100); });
}

KT_API KtTensor kt_binary_cross_entropy(KtTensor x, KtTensor target, KtTensor weight, int32_t reduction) {
    return kt::make([&] { return at::binary_cross_entropy(*x, *target, kt::maybe(weight), reduction); });
}

KT_API KtTensor kt_binary_cross_entropy_with_logits(
    KtTensor x, KtTensor target, KtTensor weight, KtTensor positive_weight, int32_t reduction) {
    return kt::make([&] {
        return at::binary_cross_entropy_with_logits(*x, *target, kt::maybe(weight), kt::maybe(positive_weight), reduction);
    });
}

KT_API KtTensor kt_cosine_similarity(KtTensor x, KtTensor y, int64_t dim, double eps) {
    return kt::make([&] { return at::cosine_similarity(*x, *y, dim, eps); });
}

/// x / max(‖x‖, eps) along one dimension.
KT_API KtTensor kt_normalize(KtTensor x, double p, int64_t dim, double eps) {
    return kt::make([&] { return x->div(x->norm(p, dim, true).clamp_min(eps).expand_as(*x)); });
}
