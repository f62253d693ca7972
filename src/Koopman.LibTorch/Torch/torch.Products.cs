using System;
using TorchSharp.Interop;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    // Products of vectors, matrices and higher tensors.
    public static partial class torch
    {
        /// <summary>The matrix product, batched over leading dimensions that broadcast.</summary>
        public static Tensor matmul(Tensor input, Tensor target) => Given(input).matmul(target);

        /// <summary>The product of two matrices.</summary>
        public static Tensor mm(Tensor input, Tensor target) => Given(input).mm(target);

        /// <summary>The products of two equally long stacks of matrices.</summary>
        public static Tensor bmm(Tensor input, Tensor batch2) => Given(input).bmm(batch2);

        /// <summary>The product of a matrix and a vector.</summary>
        public static Tensor mv(Tensor input, Tensor target) => Given(input).mv(target);

        /// <summary>The sum of the products of two vectors' elements.</summary>
        public static Tensor dot(Tensor input, Tensor other) => Given(input).dot(other);

        /// <summary>The sum of the products of two vectors' elements, those of the first conjugated.</summary>
        public static Tensor vdot(Tensor input, Tensor target) => Given(input).vdot(target);

        /// <summary>The sums of products over the last dimension of both.</summary>
        public static Tensor inner(Tensor input, Tensor vec2) => Given(input).inner(vec2);

        /// <summary>The matrix of all products of two vectors' elements.</summary>
        public static Tensor outer(Tensor input, Tensor vec2) => Given(input).outer(vec2);

        /// <summary>The matrix of all products of two vectors' elements.</summary>
        public static Tensor ger(Tensor input, Tensor vec2) => Given(input).ger(vec2);

        /// <summary>The Kronecker product.</summary>
        public static Tensor kron(Tensor input, Tensor other) => Given(input).kron(other);

        /// <summary>beta * this + alpha * mat1 mat2.</summary>
        public static Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) => Given(input).addmm(mat1, mat2, beta, alpha);

        /// <summary>beta * this + alpha * mat1 mat2; in place.</summary>
        public static Tensor addmm_(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) => Given(input).addmm_(mat1, mat2, beta, alpha);

        /// <summary>beta * this + alpha * mat vec.</summary>
        public static Tensor addmv(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) => Given(input).addmv(mat1, mat2, beta, alpha);

        /// <summary>beta * this + alpha * mat vec; in place.</summary>
        public static Tensor addmv_(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) => Given(input).addmv_(mat1, mat2, beta, alpha);

        /// <summary>beta * this + alpha * the outer product of vec1 and vec2.</summary>
        public static Tensor addr(Tensor input, Tensor vec1, Tensor vec2, float beta = 1f, float alpha = 1f) =>
            Given(input).addr(vec1, vec2, beta, alpha);

        /// <summary>beta * this + alpha * the outer product of vec1 and vec2; in place.</summary>
        public static Tensor addr_(Tensor input, Tensor vec1, Tensor vec2, float beta = 1f, float alpha = 1f) =>
            Given(input).addr_(vec1, vec2, beta, alpha);

        /// <summary>beta * this + alpha * the sum of the products of two stacks of matrices.</summary>
        public static Tensor addbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
            Given(input).addbmm(batch1, batch2, beta, alpha);

        /// <summary>beta * this + alpha * the sum of the products of two stacks of matrices; in place.</summary>
        public static Tensor addbmm_(Tensor input, Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
            Given(input).addbmm_(batch1, batch2, beta, alpha);

        /// <summary>beta * this + alpha * the products of two stacks of matrices.</summary>
        public static Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
            Given(input).baddbmm(batch1, batch2, beta, alpha);

        /// <summary>Einstein summation: "ij,jk->ik" is the matrix product.</summary>
        public static Tensor einsum(string equation, params Tensor[] tensors)
        {
            ArgumentNullException.ThrowIfNull(equation);
            using var list = new TensorList(tensors);
            return Take(kt_einsum(equation, list.Pointers, list.Count));
        }

        /// <summary>The sum of products over the last dims dimensions of this and the first of b, or over the dimensions given.</summary>
        public static Tensor tensordot(Tensor a, Tensor b, (long, long)[] dims) => Given(a).tensordot(b, dims);

        /// <summary>The sum of products over the last dims dimensions of this and the first of b, or over the dimensions given.</summary>
        public static Tensor tensordot(Tensor a, Tensor b, long dims = 2) => Given(a).tensordot(b, dims);

        /// <summary>The sum of products over the last dims dimensions of this and the first of b, or over the dimensions given.</summary>
        public static Tensor tensordot(Tensor a, Tensor b, long[] dims1, long[] dims2) => Given(a).tensordot(b, dims1, dims2);

        /// <summary>The p-norm distances between the rows of x1 and the rows of x2.</summary>
        public static Tensor cdist(Tensor x1, Tensor x2, double p = 2, compute_mode compute_mode = compute_mode.use_mm_for_euclid_dist_if_necessary) =>
            p < 0
    ? throw new ArgumentException($"p must be non-negative, but is {p}.", nameof(p))
    : Take(kt_cdist(Of(x1), Of(x2), p, (long)compute_mode));

        /// <summary>The covariance matrix of variables in rows and observations in columns.</summary>
        public static Tensor cov(Tensor input, long correction = 1, Tensor? fweights = null, Tensor? aweights = null) =>
            Given(input).cov(correction, fweights, aweights);

        /// <summary>The correlation matrix of variables in rows and observations in columns.</summary>
        public static Tensor corrcoef(Tensor input) => Given(input).corrcoef();
    }
}
