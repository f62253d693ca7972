// Resizing images and signals.
#include "kt.h"

#include <torch/nn/functional/upsampling.h>

/// Mode as in TorchSharp's InterpolationMode; a list is absent when its count is 0; align_corners: 0 not given, 1 true, 2 false.
KT_API KtTensor kt_interpolate(
    KtTensor x, const int64_t* size, int32_t size_count, const double* scale, int32_t scale_count, int32_t mode,
    int32_t align_corners, int32_t recompute_scale, int32_t antialias) {
    return kt::make([&] {
        auto options = torch::nn::functional::InterpolateFuncOptions();
        if (size_count > 0) options.size(std::vector<int64_t>(size, size + size_count));
        if (scale_count > 0) options.scale_factor(std::vector<double>(scale, scale + scale_count));
        if (align_corners != 0) options.align_corners(align_corners == 1);
        if (recompute_scale != 0) options.recompute_scale_factor(true);
        options.antialias(antialias != 0);
        switch (mode) {
            case 0: options.mode(torch::kNearest); break;
            case 1: options.mode(torch::kLinear); break;
            case 2: options.mode(torch::kBilinear); break;
            case 3: options.mode(torch::kBicubic); break;
            case 4: options.mode(torch::kTrilinear); break;
            case 5: options.mode(torch::kArea); break;
            default: options.mode(torch::kNearestExact); break;
        }
        return torch::nn::functional::interpolate(*x, options);
    });
}
