using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class TensorCreationTests
    {
        [Fact]
        public void Filled_tensors_are_float32_unless_a_type_is_given()
        {
            using var scope = NewDisposeScope();
            Assert.Equal(ScalarType.Float32, zeros(2, 3).dtype);
            Assert.Equal(ScalarType.Float64, ones(2, 3, dtype: float64).dtype);
            Assert.Equal(ScalarType.Int64, full(2, 3, 7).dtype);
            Numbers.Equal([7, 7, 7, 7], full([2, 2], 7.0, dtype: float64));
            Assert.Equal([2, 3], zeros(2, 3).shape);
        }

        [Fact]
        public void Arrays_keep_their_type_and_shape()
        {
            using var scope = NewDisposeScope();
            Assert.Equal(ScalarType.Float64, tensor(new[] { 1.0, 2.0 }).dtype);
            Assert.Equal(ScalarType.Float32, tensor(new[] { 1f }).dtype);
            Assert.Equal(ScalarType.Int32, tensor(new[] { 1 }).dtype);
            Assert.Equal(ScalarType.Int64, tensor(new[] { 1L }).dtype);
            Assert.Equal(ScalarType.Bool, tensor(new[] { true }).dtype);
            Assert.Equal(ScalarType.ComplexFloat64, tensor(new[] { Complex.One }).dtype);
            Assert.Equal(ScalarType.ComplexFloat32, tensor(new[] { (1f, 2f) }).dtype);
            var m = tensor(new[,] { { 1.0, 2.0, 3.0 }, { 4.0, 5.0, 6.0 } });
            Assert.Equal([2, 3], m.shape);
            Assert.Equal(6.0, m[1, 2].item<double>());
            Assert.Equal([1, 2, 2, 1], tensor(new double[1, 2, 2, 1]).shape);
        }

        [Fact]
        public void A_single_number_has_no_dimensions()
        {
            using var scope = NewDisposeScope();
            var x = tensor(2.5);
            Assert.Equal(0, x.ndim);
            Assert.Empty(x.shape);
            Assert.Equal(1, x.numel());
            Assert.Equal(2.5, x.item<double>());
            Assert.Equal(ScalarType.Float32, tensor(2.5f).dtype);
            Assert.Equal(ScalarType.Float32, tensor(2.5, dtype: float32).dtype);
        }

        [Fact]
        public void Lists_and_memory_are_read_without_an_array()
        {
            using var scope = NewDisposeScope();
            Numbers.Equal([1, 2, 3], tensor(new List<double> { 1, 2, 3 }));
            Numbers.Equal([1, 2, 3, 4], tensor(new List<double> { 1, 2, 3, 4 }, 2, 2));
            Memory<double> memory = new double[] { 0, 1, 2, 3, 4 };
            var x = tensor(memory[1..], [2, 2]);
            Numbers.Equal([1, 2, 3, 4], x);
            Assert.Equal([2, 2], x.shape);
        }

        [Fact]
        public void Tensor_copies_but_from_array_shares()
        {
            using var scope = NewDisposeScope();
            double[] values = [1, 2, 3];
            var copy = tensor(values);
            var shared = from_array(values);
            var also = as_tensor(values);
            values[0] = 9;
            Numbers.Equal([1, 2, 3], copy);
            Numbers.Equal([9, 2, 3], shared);
            shared[1] = tensor(8.0);
            Assert.Equal(8.0, values[1]);
            Numbers.Equal([9, 8, 3], also);
        }

        [Fact]
        public void A_shared_array_outlives_the_variable_that_held_it()
        {
            using var scope = NewDisposeScope();
            var shared = Enumerable.Range(0, 50).Select(i => from_array(Enumerable.Repeat((double)i, 1000).ToArray())).ToArray();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            for (var i = 0; i < shared.Length; i++) Assert.Equal(1000.0 * i, shared[i].sum().item<double>());
        }

        [Fact]
        public void Arrays_of_any_rank_and_type_are_shared_or_converted()
        {
            using var scope = NewDisposeScope();
            var cube = new float[2, 3, 4];
            cube[1, 2, 3] = 5;
            var shared = from_array(cube);
            Assert.Equal([2, 3, 4], shared.shape);
            Assert.Equal(5f, shared[1, 2, 3].item<float>());
            Assert.Equal(ScalarType.Float64, from_array(cube, float64).dtype);
            Assert.Equal(1, from_array(new[] { true, false }).sum().item<long>());
            Assert.Equal(new Complex(3, 4), from_array(new[] { new Complex(3, 4) })[0].item<Complex>());
            Assert.Equal(ScalarType.ComplexFloat32, from_array(new[] { (1f, 2f) }).dtype);
            Assert.Throws<NotSupportedException>(() => from_array(new[] { "text" }));
        }

        [Fact]
        public void A_buffer_is_read_from_an_offset_on()
        {
            using var scope = NewDisposeScope();
            double[] values = [0, 1, 2, 3];
            Numbers.Equal([1, 2], frombuffer(values, float64, 2, 1));
            Numbers.Equal([2, 3], frombuffer(values, float64, offset: 2));
            Assert.Throws<ArgumentException>(() => frombuffer(values, float64, offset: 4));
            Assert.Throws<IndexOutOfRangeException>(() => frombuffer(values, float64, 3, 2));
        }

        [Fact]
        public void Empty_arrays_give_empty_tensors()
        {
            using var scope = NewDisposeScope();
            Assert.Equal([0], tensor(Array.Empty<double>()).shape);
            Assert.Equal([0], from_array(Array.Empty<double>()).shape);
            Assert.Equal([0, 3], tensor(new double[0, 3]).shape);
            Assert.Empty(zeros([0, 3], dtype: float64).data<double>().ToArray());
        }

        [Fact]
        public void Too_few_values_for_a_shape_are_refused()
        {
            Assert.Throws<ArgumentException>(() => tensor(new[] { 1.0, 2.0, 3.0 }, [2, 2]));
            Assert.Throws<ArgumentException>(() => tensor(new List<double> { 1, 2, 3 }, 2, 2));
            Assert.Throws<ArgumentNullException>(() => tensor((double[])null!));
        }

        [Fact]
        public void Sequences_have_their_end_points()
        {
            using var scope = NewDisposeScope();
            Assert.Equal([0L, 1, 2, 3], arange(4).data<long>().ToArray());
            Numbers.Equal([1, 1.5, 2, 2.5], arange(1.0, 3.0, 0.5, dtype: float64));
            Assert.Equal(ScalarType.Float32, arange(0.0, 1.0, 0.5).dtype);
            Numbers.Equal([0, 0.25, 0.5, 0.75, 1], linspace(0, 1, 5, dtype: float64));
            Numbers.Equal([1, 10, 100], logspace(0, 2, 3, dtype: float64));
            Numbers.Equal([1, 2, 4, 8], logspace(0, 3, 4, 2, dtype: float64));
        }

        [Fact]
        public void The_identity_can_have_more_columns_than_rows()
        {
            using var scope = NewDisposeScope();
            Numbers.Equal([1, 0, 0, 0, 1, 0], eye(2, 3, dtype: float64));
            Assert.Equal([3, 3], eye(3).shape);
        }

        [Fact]
        public void Tensors_like_another_have_its_type_unless_one_is_given()
        {
            using var scope = NewDisposeScope();
            var x = ones(2, 3, dtype: float64);
            Assert.Equal((ScalarType.Float64, 0.0), (zeros_like(x).dtype, zeros_like(x).sum().item<double>()));
            Assert.Equal(ScalarType.Int64, ones_like(x, dtype: int64).dtype);
            Numbers.Equal([4, 4, 4, 4, 4, 4], full_like(x, 4));
            Assert.Equal([5], x.new_zeros(5).shape);
            Assert.Equal(ScalarType.Float64, x.new_zeros(5).dtype);
        }

        [Fact]
        public void Named_dimensions_are_refused_clearly() =>
            Assert.Contains("names", Assert.Throws<NotSupportedException>(() => zeros([2], names: ["rows"])).Message);

        [Fact]
        public void The_default_type_can_be_changed_and_back()
        {
            using var scope = NewDisposeScope();
            set_default_dtype(float64);
            try
            {
                Assert.Equal(ScalarType.Float64, rand(3).dtype);
            }
            finally
            {
                set_default_dtype(float32);
            }

            Assert.Equal(ScalarType.Float32, rand(3).dtype);
        }

        [Fact]
        public void Limits_of_types_are_those_of_NET()
        {
            Assert.Equal(double.MaxValue, finfo(float64).max);
            Assert.Equal(Math.BitIncrement(1.0) - 1.0, finfo(float64).eps);
            Assert.Equal(float.MaxValue, (float)finfo(float32).max);
            Assert.Equal(float.MaxValue, finfo(float32).max);
            Assert.Equal((double)Half.MaxValue, finfo(float16).max);
            Assert.Equal(2.2250738585072014e-308, finfo(float64).tiny);
            Assert.Throws<ArgumentException>(() => finfo(int64));
        }
    }
}
