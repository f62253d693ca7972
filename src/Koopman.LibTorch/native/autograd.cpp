// Reverse-mode differentiation and the modes of the current thread.
#include "kt.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>

KT_API int32_t kt_grad_enabled() { return c10::GradMode::is_enabled() ? 1 : 0; }

KT_API void kt_set_grad_enabled(int32_t on) { c10::GradMode::set_enabled(on != 0); }

KT_API int32_t kt_inference_enabled() { return c10::InferenceMode::is_enabled() ? 1 : 0; }

/// The guard changes thread-local state: it must be freed on the thread that made it.
KT_API c10::InferenceMode* kt_inference_guard(int32_t on) {
    c10::InferenceMode* guard = nullptr;
    (void)kt::run([&] { guard = new c10::InferenceMode(on != 0); });
    return guard;
}

KT_API void kt_inference_guard_free(c10::InferenceMode* guard) {
    (void)kt::run([&] { delete guard; });
}

KT_API int32_t kt_anomaly_enabled() { return torch::autograd::AnomalyMode::is_enabled() ? 1 : 0; }

KT_API int32_t kt_anomaly_checks_nan() { return torch::autograd::AnomalyMode::should_check_nan() ? 1 : 0; }

KT_API void kt_set_anomaly(int32_t on, int32_t check_nan) { torch::autograd::AnomalyMode::set_enabled(on != 0, check_nan != 0); }

KT_API int32_t kt_requires_grad(KtTensor t) { return t->requires_grad() ? 1 : 0; }

KT_API int32_t kt_set_requires_grad(KtTensor t, int32_t on) {
    return kt::run([&] { t->requires_grad_(on != 0); });
}

KT_API int32_t kt_is_leaf(KtTensor t) { return t->is_leaf() ? 1 : 0; }

KT_API int32_t kt_retain_grad(KtTensor t) {
    return kt::run([&] { t->retain_grad(); });
}

/// The gradient, or null when there is none.
KT_API int32_t kt_grad(KtTensor t, KtTensor* grad) {
    return kt::run([&] { *grad = t->grad().defined() ? kt::give(t->grad()) : nullptr; });
}

KT_API int32_t kt_set_grad(KtTensor t, KtTensor grad) {
    return kt::run([&] { t->mutable_grad() = grad == nullptr ? at::Tensor() : *grad; });
}

KT_API KtTensor kt_detach(KtTensor t) {
    return kt::make([&] { return t->detach(); });
}

KT_API int32_t kt_detach_(KtTensor t) {
    return kt::run([&] { t->detach_(); });
}

/// A second handle to the same tensor, not a view of it.
KT_API KtTensor kt_same(KtTensor t) {
    return kt::make([&] { return *t; });
}

KT_API KtTensor kt_undefined() {
    return kt::make([] { return at::Tensor(); });
}

KT_API int32_t kt_backward(
    const KtTensor* tensors, int32_t count, const KtTensor* grads, int32_t grad_count, int32_t retain_graph, int32_t create_graph,
    const KtTensor* inputs, int32_t input_count) {
    return kt::run([&] {
        torch::autograd::backward(
            kt::list(tensors, count), kt::list(grads, grad_count), retain_graph != 0, create_graph != 0, kt::list(inputs, input_count));
    });
}

/// Writes one tensor for each input to grads; an input that nothing depends on gets null where allow_unused lets it pass.
KT_API int32_t kt_autograd_grad(
    const KtTensor* outputs, int32_t output_count, const KtTensor* inputs, int32_t input_count, const KtTensor* grad_outputs,
    int32_t grad_count, int32_t retain_graph, int32_t create_graph, int32_t allow_unused, KtTensor* grads) {
    return kt::run([&] {
        const auto found = torch::autograd::grad(
            kt::list(outputs, output_count), kt::list(inputs, input_count), kt::list(grad_outputs, grad_count), retain_graph != 0,
            create_graph != 0, allow_unused != 0);
        for (size_t i = 0; i < found.size(); i++) grads[i] = found[i].defined() ? kt::give(found[i]) : nullptr;
    });
}
