// CUDA through libtorch's device-neutral interfaces: compiles without CUDA's headers and answers "none" without CUDA's libraries.
#include "kt.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <mutex>

namespace {

constexpr auto cuda = c10::DeviceType::CUDA;

int32_t count() { return c10::impl::hasDeviceGuardImpl(cuda) ? c10::impl::getDeviceGuardImpl(cuda)->deviceCount() : 0; }

void need_cuda() { TORCH_CHECK(count() > 0, "This needs a libtorch with CUDA and a CUDA device."); }

void seed_device(c10::DeviceIndex index, uint64_t seed) {
    auto generator = at::globalContext().defaultGenerator(c10::Device(cuda, index));
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
}

}  // namespace

KT_API int32_t kt_cuda_device_count() {
    int32_t devices = 0;
    (void)kt::run([&] { devices = count(); });
    return devices;
}

KT_API int32_t kt_cuda_has_cudnn() {
    bool has = false;
    (void)kt::run([&] { has = at::detail::getCUDAHooks().hasCuDNN(); });
    return has ? 1 : 0;
}

/// Seeds one device (-1: the current one).
KT_API int32_t kt_cuda_manual_seed(int32_t index, uint64_t seed) {
    return kt::run([&] {
        need_cuda();
        const auto current = c10::impl::getDeviceGuardImpl(cuda)->getDevice().index();
        seed_device(index < 0 ? current : static_cast<c10::DeviceIndex>(index), seed);
    });
}

/// Waits for the current stream of one device (-1: the current one).
KT_API int32_t kt_cuda_synchronize(int32_t index) {
    return kt::run([&] {
        need_cuda();
        const auto* guard = c10::impl::getDeviceGuardImpl(cuda);
        const auto device = index < 0 ? guard->getDevice() : c10::Device(cuda, static_cast<c10::DeviceIndex>(index));
        guard->getStream(device).synchronize();
    });
}

/// Whether products (0) or cuDNN's convolutions (1) may round their inputs to TensorFloat-32.
KT_API int32_t kt_tf32(int32_t where) {
    bool on = false;
    (void)kt::run([&] { on = where == 0 ? at::globalContext().allowTF32CuBLAS() : at::globalContext().allowTF32CuDNN(); });
    return on ? 1 : 0;
}

KT_API int32_t kt_set_tf32(int32_t where, int32_t on) {
    return kt::run([&] {
        if (where == 0) at::globalContext().setAllowTF32CuBLAS(on != 0);
        else at::globalContext().setAllowTF32CuDNN(on != 0);
    });
}
