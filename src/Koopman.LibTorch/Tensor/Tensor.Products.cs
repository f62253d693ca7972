using System.Linq;
using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        // Products of vectors, matrices and higher tensors.
        public partial class Tensor
        {
            /// <summary>The matrix product, batched over leading dimensions that broadcast.</summary>
            public Tensor matmul(Tensor target) => Take(kt_matmul(handle, Of(target)));

            /// <summary>The product of two matrices.</summary>
            public Tensor mm(Tensor target) => Take(kt_mm(handle, Of(target)));

            /// <summary>The products of two equally long stacks of matrices.</summary>
            public Tensor bmm(Tensor batch2) => Take(kt_bmm(handle, Of(batch2)));

            /// <summary>The product of a matrix and a vector.</summary>
            public Tensor mv(Tensor target) => Take(kt_mv(handle, Of(target)));

            /// <summary>The sum of the products of two vectors' elements.</summary>
            public Tensor dot(Tensor target) => Take(kt_dot(handle, Of(target)));

            /// <summary>The sum of the products of two vectors' elements, those of the first conjugated.</summary>
            public Tensor vdot(Tensor target) => Take(kt_vdot(handle, Of(target)));

            /// <summary>The sums of products over the last dimension of both.</summary>
            public Tensor inner(Tensor vec2) => Take(kt_inner(handle, Of(vec2)));

            /// <summary>The matrix of all products of two vectors' elements.</summary>
            public Tensor outer(Tensor vec2) => Take(kt_outer(handle, Of(vec2)));

            /// <summary>The matrix of all products of two vectors' elements.</summary>
            public Tensor ger(Tensor vec2) => outer(vec2);

            /// <summary>The Kronecker product.</summary>
            public Tensor kron(Tensor other) => Take(kt_kron(handle, Of(other)));

            /// <summary>beta * this + alpha * mat1 mat2.</summary>
            public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) =>
                Take(kt_addmm(handle, Of(mat1), Of(mat2), (double)beta, (double)alpha));

            /// <summary>beta * this + alpha * mat1 mat2; in place.</summary>
            public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1f, float alpha = 1f) =>
                Did(kt_addmm_(handle, Of(mat1), Of(mat2), (double)beta, (double)alpha));

            /// <summary>beta * this + alpha * mat vec.</summary>
            public Tensor addmv(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f) =>
                Take(kt_addmv(handle, Of(mat), Of(vec), (double)beta, (double)alpha));

            /// <summary>beta * this + alpha * mat vec; in place.</summary>
            public Tensor addmv_(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f) =>
                Did(kt_addmv_(handle, Of(mat), Of(vec), (double)beta, (double)alpha));

            /// <summary>beta * this + alpha * the outer product of vec1 and vec2.</summary>
            public Tensor addr(Tensor vec1, Tensor vec2, float beta = 1f, float alpha = 1f) =>
                Take(kt_addr(handle, Of(vec1), Of(vec2), (double)beta, (double)alpha));

            /// <summary>beta * this + alpha * the outer product of vec1 and vec2; in place.</summary>
            public Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1f, float alpha = 1f) =>
                Did(kt_addr_(handle, Of(vec1), Of(vec2), (double)beta, (double)alpha));

            /// <summary>beta * this + alpha * the sum of the products of two stacks of matrices.</summary>
            public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
                Take(kt_addbmm(handle, Of(batch1), Of(batch2), (double)beta, (double)alpha));

            /// <summary>beta * this + alpha * the sum of the products of two stacks of matrices; in place.</summary>
            public Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
                Did(kt_addbmm_(handle, Of(batch1), Of(batch2), (double)beta, (double)alpha));

            /// <summary>beta * this + alpha * the products of two stacks of matrices.</summary>
            public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1f, float alpha = 1f) =>
                Take(kt_baddbmm(handle, Of(batch1), Of(batch2), (double)beta, (double)alpha));

            /// <summary>The sum of products over the last dims dimensions of this and the first of b, or over the dimensions given.</summary>
            public Tensor tensordot(Tensor b, (long, long)[] dims) =>
                tensordot(b, Given(dims).Select(d => d.Item1).ToArray(), dims.Select(d => d.Item2).ToArray());

            /// <summary>The sum of products over the last dims dimensions of this and the first of b, or over the dimensions given.</summary>
            public Tensor tensordot(Tensor b, long dims = 2) =>
                tensordot(b, Enumerable.Range(0, (int)dims).Select(i => ndim - dims + i).ToArray(), Enumerable.Range(0, (int)dims).Select(i => (long)i).ToArray());

            /// <summary>The sum of products over the last dims dimensions of this and the first of b, or over the dimensions given.</summary>
            public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) =>
                Take(kt_tensordot(handle, Of(b), Given(dims1), dims1.Length, Given(dims2), dims2.Length));

            /// <summary>The covariance matrix of variables in rows and observations in columns.</summary>
            public Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null) =>
                Take(kt_cov(handle, correction, Maybe(fweights), Maybe(aweights)));

            /// <summary>The correlation matrix of variables in rows and observations in columns.</summary>
            public Tensor corrcoef() => Take(kt_corrcoef(handle));
        }
    }
}
