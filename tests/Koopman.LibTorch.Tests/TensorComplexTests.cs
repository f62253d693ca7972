using System;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class TensorComplexTests
    {
        private static readonly Complex[] Points = [new(1, 2), new(-3, 0.5), new(0, -1)];

        private static void Equal(Complex[] expected, Tensor actual, double tolerance = 1e-13)
        {
            var got = actual.resolve_conj().to(complex128).contiguous().data<Complex>().ToArray();
            Assert.Equal(expected.Length, got.Length);
            for (var i = 0; i < got.Length; i++)
                Assert.True((expected[i] - got[i]).Magnitude <= tolerance * (1 + expected[i].Magnitude), $"{expected[i]} but {got[i]}");
        }

        [Fact]
        public void Arithmetic_agrees_with_NET()
        {
            using var scope = NewDisposeScope();
            var z = tensor(Points);
            Equal(Points.Select(p => p * p + 1).ToArray(), z * z + 1);
            Equal(Points.Select(p => p * new Complex(0, 2)).ToArray(), z * new Complex(0, 2).ToScalar());
            Equal(Points.Select(p => Complex.Exp(p)).ToArray(), z.exp());
            Equal(Points.Select(p => Complex.Log(p)).ToArray(), z.log());
            Equal(Points.Select(p => Complex.Sqrt(p)).ToArray(), z.sqrt());
            Equal([Points.Aggregate((a, b) => a + b)], z.sum());
        }

        [Fact]
        public void Parts_are_views()
        {
            using var scope = NewDisposeScope();
            var z = tensor(Points);
            Numbers.Equal(Points.Select(p => p.Real).ToArray(), z.real);
            Numbers.Equal(Points.Select(p => p.Imaginary).ToArray(), z.imag);
            Numbers.Equal(Points.Select(p => p.Magnitude).ToArray(), z.abs());
            Numbers.Equal(Points.Select(p => p.Phase).ToArray(), z.angle());
            Equal(Points.Select(Complex.Conjugate).ToArray(), z.conj());
            z.real[0] = tensor(7.0);
            Assert.Equal(new Complex(7, 2), z[0].item<Complex>());
            Assert.Equal([3, 2], z.view_as_real().shape);
            Equal(z.data<Complex>().ToArray(), z.view_as_real().view_as_complex());
            Assert.Throws<ExternalException>(() => ones(2).imag);
        }

        [Fact]
        public void Complex_numbers_are_made_of_parts()
        {
            using var scope = NewDisposeScope();
            var re = tensor(new[] { 1.0, 0.0 });
            var im = tensor(new[] { 2.0, -1.0 });
            Equal([new Complex(1, 2), new Complex(0, -1)], torch.complex(re, im));
            Equal([Complex.FromPolarCoordinates(2, 1)], polar(tensor(new[] { 2.0 }), tensor(new[] { 1.0 })));
            Assert.True(torch.complex(re, im).is_complex());
            Assert.Equal(new Complex(3, 4), tensor(3.0, 4.0).item<Complex>());
            Assert.Equal((1f, 2f), tensor((1f, 2f)).ToComplexFloat32());
        }

        [Fact]
        public void The_conjugate_transpose_is_not_the_transpose()
        {
            using var scope = NewDisposeScope();
            var z = tensor(new Complex[,] { { new(1, 1), new(2, 0) }, { new(0, 3), new(4, -1) } });
            Equal([new(1, -1), new(0, -3), new(2, 0), new(4, 1)], z.H);
            Equal([new(1, -1), new(0, -3), new(2, 0), new(4, 1)], z.mH);
            Equal([new(1, 1), new(0, 3), new(2, 0), new(4, -1)], z.T);
            var x = tensor(Points);
            Equal([Points.Aggregate(Complex.Zero, (s, p) => s + p * Complex.Conjugate(p))], x.vdot(x));
            Equal([Points.Aggregate(Complex.Zero, (s, p) => s + p * p)], x.dot(x));
            Equal([Points.Aggregate(Complex.Zero, (s, p) => s + p * p)], x.matmul(x));
            Equal([Points.Aggregate(Complex.Zero, (s, p) => s + p * p)], einsum("i,i->", x, x));
            Equal([Points.Aggregate(Complex.Zero, (s, p) => s + p * p)], x.unsqueeze(0).matmul(x.unsqueeze(1)).squeeze());
            Equal([Points.Aggregate(Complex.Zero, (s, p) => s + p * p)], x.inner(x));
        }

        [Fact]
        public void The_Fourier_transform_agrees_with_its_sum()
        {
            using var scope = NewDisposeScope();
            double[] x = [1, 3, -2, 0.5, 4];
            var n = x.Length;
            var sums = Enumerable.Range(0, n)
                .Select(k => Enumerable.Range(0, n).Aggregate(Complex.Zero, (s, j) => s + x[j] * Complex.FromPolarCoordinates(1, -2 * Math.PI * j * k / n)))
                .ToArray();
            Equal(sums, fft.fft_(tensor(x)));
            Equal(sums.Take(3).ToArray(), fft.rfft(tensor(x)));
            Numbers.Equal(x, fft.ifft(fft.fft_(tensor(x))).real);
            Numbers.Equal(x, fft.irfft(fft.rfft(tensor(x)), n));
            Equal(sums.Select(s => s / Math.Sqrt(n)).ToArray(), fft.fft_(tensor(x), norm: FFTNormType.Ortho));
            Numbers.Equal([0, 0.25, -0.5, -0.25], fft.fftfreq(4, dtype: float64));
            Assert.Equal([2, 3], fft.fftn(ones(2, 3)).shape);
        }
    }
}
