// One optimiser step of one parameter: a few in-place kernels, no graph, no managed object.
// Every function answers 1 when a step was made, 0 when the parameter has no gradient, -1 on failure.
#include "kt.h"

#include <c10/core/GradMode.h>

#include <cmath>

namespace {

template <class F>
int32_t step(KtTensor parameter, F&& f) noexcept {
    int32_t made = 0;
    const auto failed = kt::run([&] {
        c10::NoGradGuard no_grad;
        if (!parameter->grad().defined()) return;
        f(parameter->grad());
        made = 1;
    });
    return failed != 0 ? -1 : made;
}

}  // namespace

/// Adam (Kingma & Ba 2015) and, with `decoupled` weight decay, AdamW (Loshchilov & Hutter 2019); `largest` is AMSGrad's or null.
KT_API int32_t kt_adam_step(
    KtTensor parameter, KtTensor mean, KtTensor square, KtTensor largest, int64_t number, double rate, double beta1, double beta2,
    double eps, double weight_decay, int32_t decoupled, int32_t maximize) {
    return step(parameter, [&](const at::Tensor& gradient) {
        auto g = maximize != 0 ? gradient.neg() : gradient;
        if (decoupled != 0) parameter->mul_(1 - rate * weight_decay);
        else if (weight_decay != 0) g = g.add(*parameter, weight_decay);
        mean->mul_(beta1).add_(g, 1 - beta1);
        square->mul_(beta2).addcmul_(g, g.is_complex() ? g.conj() : g, 1 - beta2);
        if (largest != nullptr) at::maximum_out(*largest, *largest, *square);
        const auto correction1 = 1 - std::pow(beta1, static_cast<double>(number));
        const auto correction2 = 1 - std::pow(beta2, static_cast<double>(number));
        const auto denominator = (largest != nullptr ? *largest : *square).sqrt().div_(std::sqrt(correction2)).add_(eps);
        parameter->addcdiv_(*mean, denominator, -rate / correction1);
    });
}

/// Gradient descent. `velocity` points to the momentum buffer: null before the first step with momentum, which makes it.
KT_API int32_t kt_sgd_step(
    KtTensor parameter, KtTensor velocity, KtTensor* fresh_velocity, double rate, double momentum, double dampening,
    double weight_decay, int32_t nesterov, int32_t maximize) {
    return step(parameter, [&](const at::Tensor& gradient) {
        auto g = weight_decay != 0 ? gradient.add(*parameter, weight_decay) : gradient;
        if (momentum != 0) {
            at::Tensor v;
            if (velocity == nullptr) {
                v = g.clone();
                *fresh_velocity = kt::give(v);
            } else {
                v = velocity->mul_(momentum).add_(g, 1 - dampening);
            }
            g = nesterov != 0 ? g.add(v, momentum) : v;
        }
        parameter->add_(g, maximize != 0 ? rate : -rate);
    });
}

/// Clears a gradient: drops it, or fills it with zeros.
KT_API int32_t kt_zero_grad(KtTensor parameter, int32_t set_to_none) {
    return kt::run([&] {
        auto& gradient = parameter->mutable_grad();
        if (!gradient.defined()) return;
        if (set_to_none != 0) gradient.reset();
        else gradient.detach_().zero_();
    });
}

/// Rescales the gradients so that their joint norm is at most max_norm; writes the norm they had.
KT_API int32_t kt_clip_grad_norm(const KtTensor* parameters, int32_t count, double max_norm, double norm_type, double* norm) {
    return kt::run([&] {
        c10::NoGradGuard no_grad;
        std::vector<at::Tensor> gradients;
        for (int32_t i = 0; i < count; i++)
            if (parameters[i]->grad().defined()) gradients.push_back(parameters[i]->grad());
        *norm = 0;
        if (gradients.empty()) return;
        std::vector<at::Tensor> norms;
        norms.reserve(gradients.size());
        for (const auto& g : gradients) norms.push_back(g.norm(norm_type).to(gradients[0].device()));
        const auto joint = at::stack(norms).norm(norm_type);
        *norm = joint.to(at::kDouble).item<double>();
        const auto factor = max_norm / (*norm + 1e-6);
        if (factor < 1)
            for (auto& g : gradients) g.mul_(factor);
    });
}

KT_API int32_t kt_clip_grad_value(KtTensor parameter, double limit) {
    return kt::run([&] {
        c10::NoGradGuard no_grad;
        if (parameter->grad().defined()) parameter->mutable_grad().clamp_(-limit, limit);
    });
}
