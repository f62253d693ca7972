using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Comparisons and tests: Boolean tensors, element by element.
        public partial class Tensor
        {
            /// <summary>True where both are equal.</summary>
            public Tensor eq(Scalar target) => Take(kt_eq_scalar(handle, Num(target)));

            /// <summary>True where both are equal.</summary>
            public Tensor eq(Tensor target) => Take(kt_eq(handle, Of(target)));

            /// <summary>True where both are equal; in place.</summary>
            public Tensor eq_(Scalar target) => Did(kt_eq_scalar_(handle, Num(target)));

            /// <summary>True where both are equal; in place.</summary>
            public Tensor eq_(Tensor target) => Did(kt_eq_(handle, Of(target)));

            /// <summary>True where both differ.</summary>
            public Tensor ne(Scalar target) => Take(kt_ne_scalar(handle, Num(target)));

            /// <summary>True where both differ.</summary>
            public Tensor ne(Tensor target) => Take(kt_ne(handle, Of(target)));

            /// <summary>True where both differ; in place.</summary>
            public Tensor ne_(Scalar target) => Did(kt_ne_scalar_(handle, Num(target)));

            /// <summary>True where both differ; in place.</summary>
            public Tensor ne_(Tensor target) => Did(kt_ne_(handle, Of(target)));

            /// <summary>True where this is smaller.</summary>
            public Tensor lt(Scalar target) => Take(kt_lt_scalar(handle, Num(target)));

            /// <summary>True where this is smaller.</summary>
            public Tensor lt(Tensor target) => Take(kt_lt(handle, Of(target)));

            /// <summary>True where this is smaller; in place.</summary>
            public Tensor lt_(Scalar target) => Did(kt_lt_scalar_(handle, Num(target)));

            /// <summary>True where this is smaller; in place.</summary>
            public Tensor lt_(Tensor target) => Did(kt_lt_(handle, Of(target)));

            /// <summary>True where this is smaller or equal.</summary>
            public Tensor le(Scalar target) => Take(kt_le_scalar(handle, Num(target)));

            /// <summary>True where this is smaller or equal.</summary>
            public Tensor le(Tensor target) => Take(kt_le(handle, Of(target)));

            /// <summary>True where this is smaller or equal; in place.</summary>
            public Tensor le_(Scalar target) => Did(kt_le_scalar_(handle, Num(target)));

            /// <summary>True where this is smaller or equal; in place.</summary>
            public Tensor le_(Tensor target) => Did(kt_le_(handle, Of(target)));

            /// <summary>True where this is larger.</summary>
            public Tensor gt(Scalar target) => Take(kt_gt_scalar(handle, Num(target)));

            /// <summary>True where this is larger.</summary>
            public Tensor gt(Tensor target) => Take(kt_gt(handle, Of(target)));

            /// <summary>True where this is larger; in place.</summary>
            public Tensor gt_(Scalar target) => Did(kt_gt_scalar_(handle, Num(target)));

            /// <summary>True where this is larger; in place.</summary>
            public Tensor gt_(Tensor target) => Did(kt_gt_(handle, Of(target)));

            /// <summary>True where this is larger or equal.</summary>
            public Tensor ge(Scalar target) => Take(kt_ge_scalar(handle, Num(target)));

            /// <summary>True where this is larger or equal.</summary>
            public Tensor ge(Tensor target) => Take(kt_ge(handle, Of(target)));

            /// <summary>True where this is larger or equal; in place.</summary>
            public Tensor ge_(Scalar target) => Did(kt_ge_scalar_(handle, Num(target)));

            /// <summary>True where this is larger or equal; in place.</summary>
            public Tensor ge_(Tensor target) => Did(kt_ge_(handle, Of(target)));

            /// <summary>True where both differ.</summary>
            public Tensor not_equal(Tensor target) => ne(target);

            /// <summary>True where both differ; in place.</summary>
            public Tensor not_equal_(Tensor target) => ne_(target);

            /// <summary>True where this is smaller.</summary>
            public Tensor less(Tensor target) => lt(target);

            /// <summary>True where this is smaller or equal.</summary>
            public Tensor less_equal(Tensor target) => le(target);

            /// <summary>True where this is smaller or equal; in place.</summary>
            public Tensor less_equal_(Tensor target) => le_(target);

            /// <summary>True where this is larger.</summary>
            public Tensor greater(Tensor target) => gt(target);

            /// <summary>True where this is larger or equal.</summary>
            public Tensor greater_equal(Tensor target) => ge(target);

            /// <summary>True where an element is NaN.</summary>
            public Tensor isnan() => Take(kt_isnan(handle));

            /// <summary>True where an element is infinite.</summary>
            public Tensor isinf() => Take(kt_isinf(handle));

            /// <summary>True where an element is neither infinite nor NaN.</summary>
            public Tensor isfinite() => Take(kt_isfinite(handle));

            /// <summary>True where an element is plus infinity.</summary>
            public Tensor isposinf() => Take(kt_isposinf(handle));

            /// <summary>True where an element is minus infinity.</summary>
            public Tensor isneginf() => Take(kt_isneginf(handle));

            /// <summary>True where an element has no imaginary part.</summary>
            public Tensor isreal() => Take(kt_isreal(handle));

            /// <summary>True where |this - other| is at most atol + rtol * |other|.</summary>
            public Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) =>
                Take(kt_isclose(handle, Of(other), rtol, atol, nanEqual));

            /// <summary>True when every |this - target| is at most atol + rtol * |target|.</summary>
            public bool allclose(Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false) =>
                Yes(kt_allclose(handle, Of(target), rtol, atol, equal_nan));

            /// <summary>A Boolean tensor, true where both have equal elements (as TorchSharp has it: this is eq).</summary>
            public Tensor equal(Tensor target) => eq(target);

            /// <summary>True where an element is among the test elements.</summary>
            public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
                Take(kt_isin(handle, Of(test_elements), assumeUnique, invert));
        }
    }
}
