using System;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class LinalgTests
    {
        private static Tensor General(long n = 5) => Numbers.Wave(0.4, n, n) + 2 * eye(n, dtype: float64);

        private static Tensor Symmetric(long n = 5)
        {
            var a = Numbers.Wave(1.1, n, n);
            return a + a.T;
        }

        private static Tensor Positive(long n = 5)
        {
            var a = Numbers.Wave(0.2, n, n);
            return a.matmul(a.T) + eye(n, dtype: float64);
        }

        /// <summary>The product by three loops.</summary>
        private static double[] Product(Tensor a, Tensor b)
        {
            var (x, y) = (a.contiguous().data<double>(), b.contiguous().data<double>());
            var (rows, inner, columns) = (a.shape[0], a.shape[1], b.shape[1]);
            var c = new double[rows * columns];
            for (var i = 0L; i < rows; i++)
                for (var j = 0L; j < columns; j++)
                    for (var k = 0L; k < inner; k++) c[i * columns + j] += x[i, k] * y[k, j];
            return c;
        }

        [Fact]
        public void Products_agree_with_three_loops()
        {
            using var scope = NewDisposeScope();
            var (a, b) = (Numbers.Wave(0, 4, 3), Numbers.Wave(1, 3, 5));
            var expected = Product(a, b);
            Numbers.Equal(expected, a.matmul(b));
            Numbers.Equal(expected, a.mm(b));
            Numbers.Equal(expected, einsum("ij,jk->ik", a, b));
            Numbers.Equal(expected, a.tensordot(b, [1], [0]));
            Numbers.Equal(expected, a.tensordot(b, 1));
            Numbers.Equal(expected, stack([a, a]).bmm(stack([b, b]))[1]);
            Numbers.Equal(expected.Select(v => 2 + 3 * v).ToArray(), ones(4, 5, dtype: float64).addmm(a, b, 2, 3));
            Numbers.Equal(Product(a, b.select(1, 0).unsqueeze(1)), a.mv(b.select(1, 0)));
            Numbers.Equal(Product(Numbers.Wave(2, 2, 4), a.matmul(b)), linalg.multi_dot([Numbers.Wave(2, 2, 4), a, b]));
        }

        [Fact]
        public void Vectors_multiply_in_several_ways()
        {
            using var scope = NewDisposeScope();
            var (u, v) = (tensor(new[] { 1.0, 2.0, 3.0 }), tensor(new[] { 4.0, 5.0, 6.0 }));
            Assert.Equal(32.0, u.dot(v).item<double>());
            Numbers.Equal([4, 5, 6, 8, 10, 12, 12, 15, 18], u.outer(v));
            Numbers.Equal([-3, 6, -3], linalg.cross(u, v));
            Numbers.Equal([1, 0, 2, 0, 0, 1, 0, 2], tensor(new[,] { { 1.0, 2.0 } }).kron(eye(2, dtype: float64)));
        }

        [Fact]
        public void Symmetric_eigenproblems_reconstruct_in_ascending_order()
        {
            using var scope = NewDisposeScope();
            var a = Symmetric();
            var (values, vectors) = linalg.eigh(a);
            Numbers.Equal(Numbers.Values(a), vectors.matmul(values.diag()).matmul(vectors.T));
            Numbers.Equal(Numbers.Values(eye(5, dtype: float64)), vectors.T.matmul(vectors));
            Assert.Equal(Numbers.Values(values).Order(), Numbers.Values(values));
            Numbers.Equal(Numbers.Values(values), linalg.eigvalsh(a));
            Numbers.Equal([1, 3], linalg.eigh(tensor(new[,] { { 2.0, 99.0 }, { 1.0, 2.0 } })).Item1);
            Numbers.Equal([1, 3], linalg.eigvalsh(tensor(new[,] { { 2.0, 1.0 }, { 99.0, 2.0 } }), 'U'));
            Assert.Throws<ArgumentException>(() => linalg.eigh(a, 'X'));
        }

        [Fact]
        public void A_rotation_has_complex_eigenvalues_on_the_circle()
        {
            using var scope = NewDisposeScope();
            var turn = tensor(new[,] { { Math.Cos(1), -Math.Sin(1) }, { Math.Sin(1), Math.Cos(1) } });
            var (values, vectors) = linalg.eig(turn);
            Assert.Equal(ScalarType.ComplexFloat64, values.dtype);
            Numbers.Equal([1, 1], values.abs());
            Numbers.Equal([-1, 1], Numbers.Values(linalg.eigvals(turn).angle()).Order().ToArray());
            var residual = turn.to(complex128).matmul(vectors) - vectors * values;
            Assert.True(residual.abs().max().item<double>() < 1e-14);
        }

        [Fact]
        public void Hermitian_matrices_have_real_eigenvalues()
        {
            using var scope = NewDisposeScope();
            var a = tensor(new Complex[,] { { 2, new(0, 1) }, { new(0, -1), 2 } });
            var (values, vectors) = linalg.eigh(a);
            Numbers.Equal([1, 3], values);
            Assert.True((vectors.mH.matmul(a).matmul(vectors) - values.to(complex128).diag()).abs().max().item<double>() < 1e-14);
        }

        [Fact]
        public void Singular_values_reconstruct_in_descending_order()
        {
            using var scope = NewDisposeScope();
            var a = Numbers.Wave(0.7, 5, 3);
            var (u, s, vh) = linalg.svd(a, fullMatrices: false);
            Numbers.Equal(Numbers.Values(a), (u * s).matmul(vh));
            Assert.Equal(Numbers.Values(s).OrderDescending(), Numbers.Values(s));
            Numbers.Equal(Numbers.Values(s), linalg.svdvals(a));
            Assert.Equal([5, 5], linalg.svd(a).U.shape);
            Numbers.Equal(Numbers.Values(linalg.eigvalsh(a.T.matmul(a))).Reverse().ToArray(), s.square());
        }

        [Fact]
        public void Factorisations_multiply_back()
        {
            using var scope = NewDisposeScope();
            var a = General();
            var (q, r) = linalg.qr(a);
            Numbers.Equal(Numbers.Values(a), q.matmul(r));
            Numbers.Equal(Numbers.Values(r), r.triu());
            var p = Positive();
            var l = linalg.cholesky(p);
            Numbers.Equal(Numbers.Values(p), l.matmul(l.T));
            Numbers.Equal(Numbers.Values(l), l.tril());
            Numbers.Equal(Numbers.Values(l.T), p.cholesky(upper: true));
            var (permutation, lower, upper) = linalg.lu(a);
            Numbers.Equal(Numbers.Values(a), permutation.matmul(lower).matmul(upper));
        }

        [Fact]
        public void Matrices_that_are_not_positive_definite_are_refused_or_reported()
        {
            using var scope = NewDisposeScope();
            var a = tensor(new[,] { { 1.0, 2.0 }, { 2.0, 1.0 } });
            Assert.Contains("positive-definite", Assert.Throws<ExternalException>(() => linalg.cholesky(a)).Message);
            Assert.Equal(2, linalg.cholesky_ex(a).info.item<int>());
            Assert.Equal(0, linalg.cholesky_ex(Positive()).info.item<int>());
        }

        [Fact]
        public void Systems_are_solved_from_both_sides()
        {
            using var scope = NewDisposeScope();
            var (a, b) = (General(), Numbers.Wave(2, 5, 2));
            Numbers.Equal(Numbers.Values(b), a.matmul(linalg.solve(a, b)));
            Numbers.Equal(Numbers.Values(b.T), linalg.solve(a, b.T, left: false).matmul(a));
            var p = Positive();
            Numbers.Equal(Numbers.Values(b), p.matmul(b.cholesky_solve(linalg.cholesky(p))));
            var u = a.triu();
            Numbers.Equal(Numbers.Values(b), u.matmul(linalg.solve_triangular(u, b, upper: true)));
            var (lu, pivots) = linalg.lu_factor(a);
            Numbers.Equal(Numbers.Values(b), a.matmul(linalg.lu_solve(lu, pivots!, b)));
            Assert.Throws<ExternalException>(() => linalg.solve(zeros(2, 2, dtype: float64), ones(2, 1, dtype: float64)));
            Assert.NotEqual(0, linalg.solve_ex(zeros(2, 2, dtype: float64), ones(2, 1, dtype: float64)).info.item<int>());
        }

        [Fact]
        public void Least_squares_fulfil_the_normal_equations()
        {
            using var scope = NewDisposeScope();
            var (a, b) = (Numbers.Wave(0.3, 8, 3), Numbers.Wave(0.9, 8, 2));
            var (x, _, rank, _) = linalg.lstsq(a, b);
            Numbers.Equal(new double[6], a.T.matmul(a.matmul(x) - b));
            Assert.Equal(3, rank.item<long>());
            // Two equal columns: the shorter of all solutions is the pseudoinverse's.
            var twice = hstack(a, a);
            Numbers.Equal(Numbers.Values(linalg.pinv(twice).matmul(b)), linalg.lstsq(twice, b, 1e-10).Solution, 1e-10);
        }

        [Fact]
        public void Inverses_and_pseudoinverses()
        {
            using var scope = NewDisposeScope();
            var a = General();
            Numbers.Equal(Numbers.Values(eye(5, dtype: float64)), a.matmul(linalg.inv(a)));
            Assert.Throws<ExternalException>(() => linalg.inv(ones(2, 2, dtype: float64)));
            var m = Numbers.Wave(0.5, 5, 3);
            var pinv = linalg.pinv(m);
            Numbers.Equal(Numbers.Values(m), m.matmul(pinv).matmul(m));
            Numbers.Equal(Numbers.Values(pinv), linalg.inv(m.T.matmul(m)).matmul(m.T));
            Numbers.Equal([1, 0, 0, 0], linalg.pinv(tensor(new[,] { { 1.0, 0.0 }, { 0.0, 1e-9 } }), atol: 1e-6));
            Assert.Equal(1, linalg.matrix_rank(tensor(new[,] { { 1.0, 0.0 }, { 0.0, 1e-9 } }), atol: 1e-6).item<long>());
            Assert.Equal(2, linalg.matrix_rank(eye(2)).item<long>());
        }

        [Fact]
        public void The_matrix_exponential_agrees_with_its_series_and_a_rotation()
        {
            using var scope = NewDisposeScope();
            var spin = tensor(new[,] { { 0.0, -2.0 }, { 2.0, 0.0 } });
            Numbers.Equal([Math.Cos(2), -Math.Sin(2), Math.Sin(2), Math.Cos(2)], linalg.matrix_exp(spin));
            var a = Numbers.Wave(0.8, 3, 3);
            var (series, term) = (eye(3, dtype: float64), eye(3, dtype: float64));
            for (var k = 1; k < 30; k++)
            {
                term = term.matmul(a) / k;
                series = series + term;
            }

            Numbers.Equal(Numbers.Values(series), a.matrix_exp());
            Numbers.Equal(Numbers.Values(a.matmul(a).matmul(a)), a.matrix_power(3));
        }

        [Fact]
        public void Determinants_and_traces_are_products_and_sums_of_eigenvalues()
        {
            using var scope = NewDisposeScope();
            var a = Symmetric();
            var values = Numbers.Values(linalg.eigvalsh(a));
            Assert.Equal(values.Aggregate(1.0, (p, v) => p * v), linalg.det(a).item<double>(), 10);
            Assert.Equal(values.Sum(), a.trace().item<double>(), 12);
            var (sign, log) = linalg.slogdet(a);
            Assert.Equal(linalg.det(a).item<double>(), sign.item<double>() * Math.Exp(log.item<double>()), 10);
        }

        [Fact]
        public void Norms_follow_from_singular_values()
        {
            using var scope = NewDisposeScope();
            var a = General();
            var s = Numbers.Values(linalg.svdvals(a));
            Assert.Equal(Math.Sqrt(s.Sum(v => v * v)), linalg.norm(a).item<double>(), 12);
            Assert.Equal(s.Sum(), linalg.norm(a, "nuc").item<double>(), 12);
            Assert.Equal(s[0], linalg.matrix_norm(a, 2).item<double>(), 12);
            Assert.Equal(s[0] / s[4], linalg.cond(a).item<double>(), 9);
            Assert.Equal(5.0, linalg.vector_norm(tensor(new[] { 3.0, -4.0 })).item<double>());
            Numbers.Equal([7], linalg.vector_norm(tensor(new[,] { { 3.0, -4.0 } }), 1, [1]));
            Numbers.Equal([5], linalg.norm(tensor(new[,] { { 3.0, -4.0 } }), [1]));
        }

        [Fact]
        public void Stacks_of_matrices_are_worked_on_one_by_one()
        {
            using var scope = NewDisposeScope();
            var (a, b) = (Positive(), Symmetric().matmul(Symmetric()) + eye(5, dtype: float64));
            var both = stack([a, b]);
            Numbers.Equal(Numbers.Values(linalg.cholesky(b)), linalg.cholesky(both)[1]);
            Numbers.Equal(Numbers.Values(linalg.eigvalsh(a)), linalg.eigvalsh(both)[0]);
            Assert.Equal([2, 5, 5], linalg.inv(both).shape);
        }

        [Fact]
        public void Distances_agree_with_their_definition_far_from_the_origin()
        {
            using var scope = NewDisposeScope();
            // The route over a matrix product would lose eight digits here.
            var x = Numbers.Wave(0, 6, 2) + 1e4;
            var exact = (x.unsqueeze(1) - x.unsqueeze(0)).square().sum(2).sqrt();
            Numbers.Equal(Numbers.Values(exact), cdist(x, x, 2, compute_mode.donot_use_mm_for_euclid_dist), 1e-12);
        }

        [Fact]
        public void The_first_calls_on_a_thread_give_the_bits_of_later_ones()
        {
            // LAPACK rounds by its number of threads, which libtorch sets late: the matrix is one where that shows.
            static double[] Vectors()
            {
                using var scope = NewDisposeScope();
                var x = Numbers.Wave(0.3, 100, 3).matmul(tensor(new[,] { { 4.0, 1.0, 0.5 }, { 0.0, 0.7, 0.4 }, { 0.2, -0.3, 0.5 } }));
                var centred = x - x.mean([0]);
                return Numbers.Values(linalg.eigh(centred.T.matmul(centred)).Item2);
            }

            double[] early = [], late = [];
            var thread = new Thread(() =>
            {
                early = Vectors();
                using var scope = NewDisposeScope();
                // Large enough for a parallel loop.
                ones(1_000_000).add(ones(1_000_000));
                late = Vectors();
            });
            thread.Start();
            thread.Join();
            Assert.Equal(late, early);
        }

        [Fact]
        public void Covariances_are_centred_products()
        {
            using var scope = NewDisposeScope();
            var x = Numbers.Wave(0.1, 3, 50);
            var centred = x - x.mean([1], keepdim: true);
            Numbers.Equal(Numbers.Values(centred.matmul(centred.T) / 49), x.cov());
            Numbers.Equal([1, 1, 1], x.corrcoef().diag());
        }
    }
}
