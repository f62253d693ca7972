using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Arithmetic and bitwise operators, element by element; the numbers become scalars as the methods take them.
        public partial class Tensor
        {
            public static Tensor operator +(Tensor left, Tensor right) => Given(left).add(right);
            public static Tensor operator +(Tensor left, Scalar right) => Given(left).add(right);
            public static Tensor operator +(Tensor left, int right) => Given(left).add(right);
            public static Tensor operator +(Tensor left, long right) => Given(left).add(right);
            public static Tensor operator +(Tensor left, float right) => Given(left).add(right);
            public static Tensor operator +(Tensor left, double right) => Given(left).add(right);
            public static Tensor operator +(Scalar left, Tensor right) => Given(right).add(left);
            public static Tensor operator +(int left, Tensor right) => Given(right).add(left);
            public static Tensor operator +(long left, Tensor right) => Given(right).add(left);
            public static Tensor operator +(float left, Tensor right) => Given(right).add(left);
            public static Tensor operator +(double left, Tensor right) => Given(right).add(left);

            public static Tensor operator -(Tensor left, Tensor right) => Given(left).sub(right);
            public static Tensor operator -(Tensor left, Scalar right) => Given(left).sub(right);
            public static Tensor operator -(Tensor left, int right) => Given(left).sub(right);
            public static Tensor operator -(Tensor left, long right) => Given(left).sub(right);
            public static Tensor operator -(Tensor left, float right) => Given(left).sub(right);
            public static Tensor operator -(Tensor left, double right) => Given(left).sub(right);
            public static Tensor operator -(Scalar left, Tensor right) => Minus(left, right);
            public static Tensor operator -(int left, Tensor right) => Minus(left, right);
            public static Tensor operator -(long left, Tensor right) => Minus(left, right);
            public static Tensor operator -(float left, Tensor right) => Minus(left, right);
            public static Tensor operator -(double left, Tensor right) => Minus(left, right);

            public static Tensor operator *(Tensor left, Tensor right) => Given(left).mul(right);
            public static Tensor operator *(Tensor left, Scalar right) => Given(left).mul(right);
            public static Tensor operator *(Tensor left, int right) => Given(left).mul(right);
            public static Tensor operator *(Tensor left, long right) => Given(left).mul(right);
            public static Tensor operator *(Tensor left, float right) => Given(left).mul(right);
            public static Tensor operator *(Tensor left, double right) => Given(left).mul(right);
            public static Tensor operator *(Scalar left, Tensor right) => Given(right).mul(left);
            public static Tensor operator *(int left, Tensor right) => Given(right).mul(left);
            public static Tensor operator *(long left, Tensor right) => Given(right).mul(left);
            public static Tensor operator *(float left, Tensor right) => Given(right).mul(left);
            public static Tensor operator *(double left, Tensor right) => Given(right).mul(left);

            public static Tensor operator /(Tensor left, Tensor right) => Given(left).div(right);
            public static Tensor operator /(Tensor left, Scalar right) => Given(left).div(right);
            public static Tensor operator /(Tensor left, int right) => Given(left).div(right);
            public static Tensor operator /(Tensor left, long right) => Given(left).div(right);
            public static Tensor operator /(Tensor left, float right) => Given(left).div(right);
            public static Tensor operator /(Tensor left, double right) => Given(left).div(right);
            public static Tensor operator /(Scalar left, Tensor right) => Over(left, right);
            public static Tensor operator /(int left, Tensor right) => Over(left, right);
            public static Tensor operator /(long left, Tensor right) => Over(left, right);
            public static Tensor operator /(float left, Tensor right) => Over(left, right);
            public static Tensor operator /(double left, Tensor right) => Over(left, right);

            public static Tensor operator %(Tensor left, Tensor right) => Given(left).remainder(right);
            public static Tensor operator %(Tensor left, Scalar right) => Given(left).remainder(right);
            public static Tensor operator %(Tensor left, int right) => Given(left).remainder(right);
            public static Tensor operator %(Tensor left, long right) => Given(left).remainder(right);
            public static Tensor operator %(Tensor left, float right) => Given(left).remainder(right);
            public static Tensor operator %(Tensor left, double right) => Given(left).remainder(right);

            public static Tensor operator -(Tensor tensor) => Given(tensor).neg();

            public static Tensor operator &(Tensor left, Tensor right) => Given(left).bitwise_and(right);

            public static Tensor operator |(Tensor left, Tensor right) => Given(left).bitwise_or(right);

            public static Tensor operator ^(Tensor left, Tensor right) => Given(left).bitwise_xor(right);

            public static Tensor operator ~(Tensor left) => Given(left).bitwise_not();

            private static Tensor Minus(Scalar left, Tensor right)
            {
                using var negative = Given(right).negative();
                return negative.add(left);
            }

            private static Tensor Over(Scalar left, Tensor right)
            {
                using var reciprocal = Given(right).reciprocal();
                return reciprocal.mul(left);
            }
        }
    }
}
