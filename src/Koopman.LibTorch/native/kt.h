// The C face of libtorch that Koopman.LibTorch calls: conventions shared by every file in this folder.
//
//  * A tensor crosses the border as an opaque pointer to a heap-allocated at::Tensor; who receives one frees it with kt_tensor_free.
//  * Every function catches every exception. One that returns a tensor answers nullptr on failure, one that returns a
//    status answers 0 for success and 1 for failure; kt_last_error then holds the first line of the message (per thread).
//  * An absent tensor is a null pointer; an absent number is a null pointer to it.
#ifndef KOOPMAN_KT_H
#define KOOPMAN_KT_H

#include <ATen/ATen.h>
#include <cstdint>
#include <exception>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#define KT_API extern "C" __attribute__((visibility("default")))

using KtTensor = at::Tensor*;
using KtTensors = std::vector<at::Tensor>*;

/// A number of any type: kind 0 = integer, 1 = real, 2 = complex, 3 = boolean.
struct KtScalar {
    int32_t kind;
    int32_t padding;
    int64_t integer;
    double real;
    double imaginary;
};

/// Where and in which type a new tensor lives; dtype and device -1 mean "as the input has it" or libtorch's default.
struct KtOptions {
    int32_t dtype;
    int32_t device_type;
    int32_t device_index;
    int32_t requires_grad;
};

namespace kt {

// libtorch's optional was c10's own up to 2.2 and is the standard one since: take the one its headers use.
template <class T, class O>
struct same_optional;
template <class T, template <class> class O, class U>
struct same_optional<T, O<U>> {
    using type = O<T>;
};
template <class T>
using optional = typename same_optional<T, decltype(std::declval<at::TensorOptions>().device_opt())>::type;

/// An absent argument, and a text argument: they convert to whichever optional type a libtorch function takes.
template <class O>
struct AbsentOf;
template <template <class> class O, class U>
struct AbsentOf<O<U>> {
    template <class V>
    operator O<V>() const {
        return O<V>();
    }
};
using Absent = AbsentOf<optional<bool>>;

template <class O>
struct TextOf;
template <template <class> class O, class U>
struct TextOf<O<U>> {
    const char* text;
    template <class V>
    operator O<V>() const {
        return O<V>(V(text));
    }
};
using Text = TextOf<optional<bool>>;

void fail(const char* message) noexcept;

/// Runs f and keeps its tensor; on an exception remembers the message and answers nullptr.
template <class F>
KtTensor make(F&& f) noexcept {
    try {
        return new at::Tensor(f());
    } catch (const c10::Error& e) {
        fail(e.what_without_backtrace());
    } catch (const std::exception& e) {
        fail(e.what());
    } catch (...) {
        fail("libtorch failed without a message");
    }
    return nullptr;
}

/// Runs f for its effect: 0 for success, 1 for failure.
template <class F>
int32_t run(F&& f) noexcept {
    try {
        f();
        return 0;
    } catch (const c10::Error& e) {
        fail(e.what_without_backtrace());
    } catch (const std::exception& e) {
        fail(e.what());
    } catch (...) {
        fail("libtorch failed without a message");
    }
    return 1;
}

/// Runs f and keeps its tensors as a list, which the caller frees; nullptr on failure.
template <class F>
KtTensors make_list(F&& f) noexcept {
    KtTensors list = nullptr;
    (void)run([&] { list = new std::vector<at::Tensor>(f()); });
    return list;
}

/// The answer of a test: 1 is yes, 0 is no, -1 a failure.
template <class F>
int32_t test(F&& f) noexcept {
    bool answer = false;
    return run([&] { answer = f(); }) == 0 ? static_cast<int32_t>(answer) : -1;
}

inline at::Scalar scalar(const KtScalar& s) {
    switch (s.kind) {
        case 0: return at::Scalar(s.integer);
        case 1: return at::Scalar(s.real);
        case 2: return at::Scalar(c10::complex<double>(s.real, s.imaginary));
        default: return at::Scalar(s.integer != 0);
    }
}

inline at::IntArrayRef ints(const int64_t* values, int32_t count) {
    return at::IntArrayRef(values, static_cast<size_t>(count));
}

/// Dimensions that may be unspecified.
inline at::OptionalIntArrayRef dims() { return at::OptionalIntArrayRef(); }

inline at::OptionalIntArrayRef dims(at::IntArrayRef values) { return at::OptionalIntArrayRef(values); }

inline optional<at::Tensor> maybe(KtTensor t) {
    return t == nullptr ? optional<at::Tensor>() : optional<at::Tensor>(*t);
}

inline optional<at::ScalarType> maybe_type(int32_t dtype) {
    return dtype < 0 ? optional<at::ScalarType>() : optional<at::ScalarType>(static_cast<at::ScalarType>(dtype));
}

template <class T>
inline optional<T> maybe_value(const T* value) {
    return value == nullptr ? optional<T>() : optional<T>(*value);
}

inline optional<at::Scalar> maybe_scalar(const KtScalar* s) {
    return s == nullptr ? optional<at::Scalar>() : optional<at::Scalar>(scalar(*s));
}

inline optional<at::Generator> generator(at::Generator* g) {
    return g == nullptr ? optional<at::Generator>() : optional<at::Generator>(*g);
}

inline c10::Device device(int32_t type, int32_t index) {
    return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

inline at::TensorOptions options(const KtOptions& o) {
    at::TensorOptions r;
    if (o.dtype >= 0) r = r.dtype(static_cast<at::ScalarType>(o.dtype));
    if (o.device_type >= 0) r = r.device(device(o.device_type, o.device_index));
    return r;
}

/// Marks a fresh leaf as one to differentiate by.
inline at::Tensor leaf(at::Tensor t, const KtOptions& o) {
    return o.requires_grad != 0 ? t.set_requires_grad(true) : t;
}

inline std::vector<at::Tensor> list(const KtTensor* tensors, int32_t count) {
    std::vector<at::Tensor> r;
    r.reserve(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; i++) r.push_back(*tensors[i]);
    return r;
}

inline KtTensor give(at::Tensor t) { return new at::Tensor(std::move(t)); }

/// Hands out every tensor of a tuple, in its order.
template <class... T, size_t... I>
void give_all(KtTensor* out, std::tuple<T...>&& tensors, std::index_sequence<I...>) {
    ((out[I] = give(std::move(std::get<I>(tensors)))), ...);
}

template <class... T>
void give_all(KtTensor* out, std::tuple<T...>&& tensors) {
    give_all(out, std::move(tensors), std::index_sequence_for<T...>());
}

}  // namespace kt

// The families: a function, or a method that works in place (its name ends in _), of one tensor, two, or a tensor and a number.
#define KT_UNARY(name) \
    KT_API KtTensor kt_##name(KtTensor a) { return kt::make([&] { return at::name(*a); }); }

#define KT_UNARY_(name) \
    KT_API int32_t kt_##name##_(KtTensor a) { return kt::run([&] { a->name##_(); }); }

#define KT_BINARY(name) \
    KT_API KtTensor kt_##name(KtTensor a, KtTensor b) { return kt::make([&] { return at::name(*a, *b); }); }

#define KT_BINARY_(name) \
    KT_API int32_t kt_##name##_(KtTensor a, KtTensor b) { return kt::run([&] { a->name##_(*b); }); }

#define KT_SCALED(name) \
    KT_API KtTensor kt_##name##_scalar(KtTensor a, const KtScalar* b) { return kt::make([&] { return at::name(*a, kt::scalar(*b)); }); }

#define KT_SCALED_(name) \
    KT_API int32_t kt_##name##_scalar_(KtTensor a, const KtScalar* b) { return kt::run([&] { a->name##_(kt::scalar(*b)); }); }

#endif
