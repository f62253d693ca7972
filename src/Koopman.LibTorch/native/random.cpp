// Random tensors: from the generator given, or from the device's own.
#include "kt.h"

KT_API KtTensor kt_rand(const int64_t* size, int32_t size_count, at::Generator* g, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::rand(kt::ints(size, size_count), kt::generator(g), kt::options(*o)), *o); });
}

KT_API KtTensor kt_randn(const int64_t* size, int32_t size_count, at::Generator* g, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::randn(kt::ints(size, size_count), kt::generator(g), kt::options(*o)), *o); });
}

KT_API KtTensor kt_randint(int64_t low, int64_t high, const int64_t* size, int32_t size_count, at::Generator* g, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::randint(low, high, kt::ints(size, size_count), kt::generator(g), kt::options(*o)), *o); });
}

KT_API KtTensor kt_randperm(int64_t n, at::Generator* g, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::randperm(n, kt::generator(g), kt::options(*o)), *o); });
}

KT_API KtTensor kt_rand_like(KtTensor t, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::rand_like(*t, kt::options(*o)), *o); });
}

KT_API KtTensor kt_randn_like(KtTensor t, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::randn_like(*t, kt::options(*o)), *o); });
}

KT_API KtTensor kt_randint_like(KtTensor t, int64_t low, int64_t high, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::randint_like(*t, low, high, kt::options(*o)), *o); });
}

KT_API KtTensor kt_normal(KtTensor mean, KtTensor deviation, at::Generator* g) {
    return kt::make([&] { return at::normal(*mean, *deviation, kt::generator(g)); });
}

KT_API KtTensor kt_bernoulli(KtTensor probability, at::Generator* g) {
    return kt::make([&] { return at::bernoulli(*probability, kt::generator(g)); });
}

KT_API KtTensor kt_multinomial(KtTensor weights, int64_t samples, bool replacement, at::Generator* g) {
    return kt::make([&] { return at::multinomial(*weights, samples, replacement, kt::generator(g)); });
}

KT_API KtTensor kt_poisson(KtTensor rate, at::Generator* g) {
    return kt::make([&] { return at::poisson(*rate, kt::generator(g)); });
}

KT_API int32_t kt_normal_(KtTensor t, double mean, double deviation, at::Generator* g) {
    return kt::run([&] { t->normal_(mean, deviation, kt::generator(g)); });
}

KT_API int32_t kt_uniform_(KtTensor t, double from, double to, at::Generator* g) {
    return kt::run([&] { t->uniform_(from, to, kt::generator(g)); });
}

KT_API int32_t kt_exponential_(KtTensor t, double rate, at::Generator* g) {
    return kt::run([&] { t->exponential_(rate, kt::generator(g)); });
}

KT_API int32_t kt_cauchy_(KtTensor t, double median, double width, at::Generator* g) {
    return kt::run([&] { t->cauchy_(median, width, kt::generator(g)); });
}

KT_API int32_t kt_log_normal_(KtTensor t, double mean, double deviation, at::Generator* g) {
    return kt::run([&] { t->log_normal_(mean, deviation, kt::generator(g)); });
}

KT_API int32_t kt_geometric_(KtTensor t, double p, at::Generator* g) {
    return kt::run([&] { t->geometric_(p, kt::generator(g)); });
}

KT_API int32_t kt_bernoulli_(KtTensor t, double p, at::Generator* g) {
    return kt::run([&] { t->bernoulli_(p, kt::generator(g)); });
}
