// Fourier transforms.
#include "kt.h"

KT_API KtTensor kt_fft(KtTensor a, const int64_t* n, int64_t dim, const char* norm) {
    return kt::make([&] { return at::fft_fft(*a, kt::maybe_value(n), dim, kt::Text{norm}); });
}

KT_API KtTensor kt_ifft(KtTensor a, const int64_t* n, int64_t dim, const char* norm) {
    return kt::make([&] { return at::fft_ifft(*a, kt::maybe_value(n), dim, kt::Text{norm}); });
}

KT_API KtTensor kt_rfft(KtTensor a, const int64_t* n, int64_t dim, const char* norm) {
    return kt::make([&] { return at::fft_rfft(*a, kt::maybe_value(n), dim, kt::Text{norm}); });
}

KT_API KtTensor kt_irfft(KtTensor a, const int64_t* n, int64_t dim, const char* norm) {
    return kt::make([&] { return at::fft_irfft(*a, kt::maybe_value(n), dim, kt::Text{norm}); });
}

KT_API KtTensor kt_fftn(KtTensor a, const int64_t* s, int32_t s_count, bool alls, const int64_t* dims, int32_t dims_count, bool all, const char* norm) {
    return kt::make([&] { return at::fft_fftn(*a, alls ? kt::dims() : kt::dims(kt::ints(s, s_count)), all ? kt::dims() : kt::dims(kt::ints(dims, dims_count)), kt::Text{norm}); });
}

KT_API KtTensor kt_ifftn(KtTensor a, const int64_t* s, int32_t s_count, bool alls, const int64_t* dims, int32_t dims_count, bool all, const char* norm) {
    return kt::make([&] { return at::fft_ifftn(*a, alls ? kt::dims() : kt::dims(kt::ints(s, s_count)), all ? kt::dims() : kt::dims(kt::ints(dims, dims_count)), kt::Text{norm}); });
}

KT_API KtTensor kt_fftshift(KtTensor a, const int64_t* dims, int32_t dims_count, bool all) {
    return kt::make([&] { return at::fft_fftshift(*a, all ? kt::dims() : kt::dims(kt::ints(dims, dims_count))); });
}

KT_API KtTensor kt_ifftshift(KtTensor a, const int64_t* dims, int32_t dims_count, bool all) {
    return kt::make([&] { return at::fft_ifftshift(*a, all ? kt::dims() : kt::dims(kt::ints(dims, dims_count))); });
}

KT_API KtTensor kt_fftfreq(int64_t n, double d, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::fft_fftfreq(n, d, kt::options(*o)), *o); });
}

KT_API KtTensor kt_rfftfreq(int64_t n, double d, const KtOptions* o) {
    return kt::make([&] { return kt::leaf(at::fft_rfftfreq(n, d, kt::options(*o)), *o); });
}
