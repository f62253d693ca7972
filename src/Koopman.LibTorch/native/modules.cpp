// What a network does to its parameters: fill them, move them.
#include "kt.h"

#include <c10/core/GradMode.h>

#include <cmath>

/// Converts and moves a parameter or buffer in place, and its gradient with it, so that everybody who holds it sees it moved.
/// The type of integers and booleans stays.
KT_API int32_t kt_move(KtTensor t, int32_t dtype, int32_t device_type, int32_t device_index, int32_t non_blocking) {
    return kt::run([&] {
        c10::NoGradGuard no_grad;
        const auto moved = [&](const at::Tensor& x) {
            auto options = x.options();
            if (device_type >= 0) options = options.device(kt::device(device_type, device_index));
            if (dtype >= 0 && (x.is_floating_point() || x.is_complex())) options = options.dtype(static_cast<at::ScalarType>(dtype));
            return x.to(options, non_blocking != 0);
        };
        // The gradient moves first: afterwards it would not fit its parameter.
        auto gradient = t->grad().defined() ? moved(t->grad().detach()) : at::Tensor();
        t->mutable_grad().reset();
        t->set_data(moved(t->detach()));
        if (gradient.defined()) t->mutable_grad() = gradient;
    });
}

/// 0 uniform on [a, b], 1 normal with mean a and deviation b, 2 the number a.
KT_API int32_t kt_fill(KtTensor t, int32_t kind, double a, double b, at::Generator* generator) {
    return kt::run([&] {
        c10::NoGradGuard no_grad;
        const auto g = kt::generator(generator);
        if (kind == 0) t->uniform_(a, b, g);
        else if (kind == 1) t->normal_(a, b, g);
        else t->fill_(a);
    });
}

/// Normal numbers cut to [low, high], by inverting the distribution function.
KT_API int32_t kt_fill_truncated(KtTensor t, double mean, double deviation, double low, double high, at::Generator* generator) {
    return kt::run([&] {
        c10::NoGradGuard no_grad;
        const auto g = kt::generator(generator);
        const auto rank = [&](double x) { return std::erf((x - mean) / deviation / std::sqrt(2.0)); };
        t->uniform_(rank(low), rank(high), g).erfinv_().mul_(deviation * std::sqrt(2.0)).add_(mean).clamp_(low, high);
    });
}

/// A (semi-)orthogonal matrix times gain; dimensions after the first count as one.
KT_API int32_t kt_fill_orthogonal(KtTensor t, double gain) {
    return kt::run([&] {
        c10::NoGradGuard no_grad;
        TORCH_CHECK(t->dim() >= 2, "Only tensors with two or more dimensions can be orthogonal.");
        const auto rows = t->size(0), columns = t->numel() / rows;
        auto flat = at::randn({rows, columns}, t->options().requires_grad(false));
        if (rows < columns) flat = flat.t();
        const auto qr = at::linalg_qr(flat);
        // The sign of R's diagonal makes the distribution uniform.
        auto q = std::get<0>(qr) * std::get<1>(qr).diagonal().sign();
        if (rows < columns) q = q.t();
        t->view_as(q).copy_(q).mul_(gain);
    });
}

/// The identity for matrices.
KT_API int32_t kt_fill_eye(KtTensor t) {
    return kt::run([&] {
        c10::NoGradGuard no_grad;
        TORCH_CHECK(t->dim() == 2, "Only a matrix can be filled with the identity.");
        t->copy_(at::eye(t->size(0), t->size(1), t->options().requires_grad(false)));
    });
}

/// All parameters end to end.
KT_API KtTensor kt_parameters_to_vector(const KtTensor* parameters, int32_t count) {
    return kt::make([&] {
        auto flat = kt::list(parameters, count);
        for (auto& p : flat) p = p.reshape(-1);
        return at::cat(flat);
    });
}

/// Each parameter becomes a view of its part of the vector.
KT_API int32_t kt_vector_to_parameters(KtTensor vector, const KtTensor* parameters, int32_t count) {
    return kt::run([&] {
        int64_t start = 0;
        for (int32_t i = 0; i < count; i++) {
            const auto length = parameters[i]->numel();
            parameters[i]->set_data(vector->slice(0, start, start + length).view_as(*parameters[i]).detach());
            start += length;
        }
    });
}
