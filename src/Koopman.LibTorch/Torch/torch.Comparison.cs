using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Comparisons and tests: Boolean tensors, element by element.
    public static partial class torch
    {
        /// <summary>True where both are equal.</summary>
        public static Tensor eq(Tensor left, Tensor right) => Given(left).eq(right);

        /// <summary>True where both differ.</summary>
        public static Tensor ne(Tensor left, Tensor right) => Given(left).ne(right);

        /// <summary>True where this is smaller.</summary>
        public static Tensor lt(Tensor left, Tensor right) => Given(left).lt(right);

        /// <summary>True where this is smaller or equal.</summary>
        public static Tensor le(Tensor left, Tensor right) => Given(left).le(right);

        /// <summary>True where this is larger.</summary>
        public static Tensor gt(Tensor left, Tensor right) => Given(left).gt(right);

        /// <summary>True where this is larger or equal.</summary>
        public static Tensor ge(Tensor left, Tensor right) => Given(left).ge(right);

        /// <summary>True where both differ.</summary>
        public static Tensor not_equal(Tensor tensor, Tensor target) => Given(tensor).not_equal(target);

        /// <summary>True where this is smaller.</summary>
        public static Tensor less(Tensor tensor, Tensor target) => Given(tensor).less(target);

        /// <summary>True where this is smaller or equal.</summary>
        public static Tensor less_equal(Tensor tensor, Tensor target) => Given(tensor).less_equal(target);

        /// <summary>True where this is larger.</summary>
        public static Tensor greater(Tensor tensor, Tensor target) => Given(tensor).greater(target);

        /// <summary>True where this is larger or equal.</summary>
        public static Tensor greater_equal(Tensor tensor, Tensor target) => Given(tensor).greater_equal(target);

        /// <summary>True where an element is NaN.</summary>
        public static Tensor isnan(Tensor input) => Given(input).isnan();

        /// <summary>True where an element is infinite.</summary>
        public static Tensor isinf(Tensor tensor) => Given(tensor).isinf();

        /// <summary>True where an element is neither infinite nor NaN.</summary>
        public static Tensor isfinite(Tensor tensor) => Given(tensor).isfinite();

        /// <summary>True where an element is plus infinity.</summary>
        public static Tensor isposinf(Tensor tensor) => Given(tensor).isposinf();

        /// <summary>True where an element is minus infinity.</summary>
        public static Tensor isneginf(Tensor tensor) => Given(tensor).isneginf();

        /// <summary>True where an element has no imaginary part.</summary>
        public static Tensor isreal(Tensor tensor) => Given(tensor).isreal();

        /// <summary>True where |this - other| is at most atol + rtol * |other|.</summary>
        public static Tensor isclose(Tensor tensor, Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false) =>
            Given(tensor).isclose(other, rtol, atol, nanEqual);

        /// <summary>True when every |this - target| is at most atol + rtol * |target|.</summary>
        public static bool allclose(Tensor tensor, Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false) =>
            Given(tensor).allclose(target, rtol, atol, equal_nan);

        /// <summary>A Boolean tensor, true where both have equal elements (as TorchSharp has it: this is eq).</summary>
        public static Tensor equal(Tensor tensor, Tensor target) => Given(tensor).equal(target);

        /// <summary>True where an element is among the test elements.</summary>
        public static Tensor isin(Tensor tensor, Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
            Given(tensor).isin(test_elements, assumeUnique, invert);
    }
}
