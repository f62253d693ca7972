using System.Runtime.InteropServices;

namespace TorchSharp.Interop
{
    // Sums, products, quotients and remainders of each element. See native/arithmetic.cpp.
    internal static partial class NativeMethods
    {
        [LibraryImport(Library)]
        internal static partial nint kt_add(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_add_inplace(TensorHandle a, TensorHandle b, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_add_scaled(TensorHandle a, TensorHandle b, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_add_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_add_scalar_scaled(TensorHandle a, in NativeScalar b, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial int kt_add_scalar_inplace(TensorHandle a, in NativeScalar b, in NativeScalar alpha);

        [LibraryImport(Library)]
        internal static partial nint kt_div(TensorHandle a, TensorHandle b);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_div_mode(TensorHandle a, TensorHandle b, string mode);

        [LibraryImport(Library)]
        internal static partial nint kt_div_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint kt_div_scalar_mode(TensorHandle a, in NativeScalar b, string mode);

        [LibraryImport(Library)]
        internal static partial int kt_div_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int kt_div_mode_(TensorHandle a, TensorHandle b, string mode);

        [LibraryImport(Library)]
        internal static partial int kt_div_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int kt_div_scalar_mode_(TensorHandle a, in NativeScalar b, string mode);

        [LibraryImport(Library)]
        internal static partial nint kt_addcmul(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial int kt_addcmul_(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial nint kt_addcdiv(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial int kt_addcdiv_(TensorHandle a, TensorHandle b, TensorHandle c, in NativeScalar value);

        [LibraryImport(Library)]
        internal static partial nint kt_lerp(TensorHandle a, TensorHandle end, TensorHandle weight);

        [LibraryImport(Library)]
        internal static partial int kt_lerp_(TensorHandle a, TensorHandle end, TensorHandle weight);

        [LibraryImport(Library)]
        internal static partial nint kt_sub_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_sub(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_sub_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_sub_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_mul_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_mul(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_mul_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_mul_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_floor_divide_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_floor_divide(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_floor_divide_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_floor_divide_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_remainder_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_remainder(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_remainder_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_remainder_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_fmod_scalar(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial nint kt_fmod(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_fmod_scalar_(TensorHandle a, in NativeScalar b);

        [LibraryImport(Library)]
        internal static partial int kt_fmod_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_neg(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial int kt_neg_(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_positive(TensorHandle a);

        [LibraryImport(Library)]
        internal static partial nint kt_gcd(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_gcd_(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial nint kt_lcm(TensorHandle a, TensorHandle b);

        [LibraryImport(Library)]
        internal static partial int kt_lcm_(TensorHandle a, TensorHandle b);
    }
}
