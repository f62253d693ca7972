// Random number generators. A handle is a heap-allocated at::Generator; kt_generator_free frees it.
#include "kt.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

#include <mutex>

using KtGenerator = at::Generator*;

namespace {

template <class F>
KtGenerator make_generator(F&& f) noexcept {
    KtGenerator made = nullptr;
    (void)kt::run([&] { made = new at::Generator(f()); });
    return made;
}

}  // namespace

KT_API KtGenerator kt_generator_new(uint64_t seed, int32_t device_type, int32_t device_index) {
    return make_generator([&] {
        if (device_type == static_cast<int32_t>(c10::DeviceType::CPU)) return at::detail::createCPUGenerator(seed);
        // An accelerator's generator is made by copying its default one: that needs none of the accelerator's headers.
        auto& context = at::globalContext();
        TORCH_CHECK(context.hasCUDA(), "A generator on this device needs a libtorch with CUDA and a CUDA device.");
        auto generator = context.defaultGenerator(kt::device(device_type, device_index)).clone();
        generator.set_current_seed(seed);
        return generator;
    });
}

KT_API KtGenerator kt_generator_default() {
    return make_generator([] { return at::globalContext().defaultGenerator(c10::Device(c10::DeviceType::CPU)); });
}

KT_API void kt_generator_free(KtGenerator generator) {
    (void)kt::run([&] { delete generator; });
}

KT_API int32_t kt_generator_set_seed(KtGenerator generator, uint64_t seed) {
    return kt::run([&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        generator->set_current_seed(seed);
    });
}

/// Seeds from the machine's entropy.
KT_API int32_t kt_generator_fresh_seed(KtGenerator generator, uint64_t* seed) {
    return kt::run([&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        *seed = generator->seed();
    });
}

KT_API int32_t kt_generator_get_seed(KtGenerator generator, uint64_t* seed) {
    return kt::run([&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        *seed = generator->current_seed();
    });
}

KT_API KtTensor kt_generator_get_state(KtGenerator generator) {
    return kt::make([&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        return generator->get_state();
    });
}

KT_API int32_t kt_generator_set_state(KtGenerator generator, KtTensor state) {
    return kt::run([&] {
        std::lock_guard<std::mutex> lock(generator->mutex());
        generator->set_state(*state);
    });
}

/// Seeds the default generators of every device.
KT_API int32_t kt_manual_seed(uint64_t seed) {
    return kt::run([&] { at::manual_seed(seed); });
}
