using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static Koopman.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace Koopman.LibTorch.Tests
{
    public class GeneratorTests
    {
        [Fact]
        public void The_same_seed_gives_the_same_numbers()
        {
            using var scope = NewDisposeScope();
            using var a = new Generator(5);
            using var b = new Generator().manual_seed(5);
            var first = Values(randn(100, generator: a));
            Assert.Equal(first, Values(randn(100, generator: b)));
            Assert.NotEqual(first, Values(randn(100, generator: a)));
            Assert.Equal(5, a.initial_seed());
        }

        [Fact]
        public void A_state_can_be_returned_to()
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator(5);
            _ = rand(10, generator: generator);
            var state = generator.get_state();
            var first = Values(rand(10, generator: generator));
            generator.set_state(state);
            Assert.Equal(first, Values(rand(10, generator: generator)));
            Assert.Throws<ExternalException>(() => generator.set_state(zeros(3)));
        }

        [Fact]
        public void A_generator_does_not_touch_the_default_one()
        {
            using var scope = NewDisposeScope();
            manual_seed(11);
            var expected = Values(rand(5));
            manual_seed(11);
            using var generator = new Generator(1);
            _ = rand(100, generator: generator);
            Assert.Equal(expected, Values(rand(5)));
            Assert.Equal(11, initial_seed());
        }

        [Fact]
        public void The_default_state_can_be_kept()
        {
            using var scope = NewDisposeScope();
            var state = get_rng_state();
            var first = Values(rand(5));
            random.set_rng_state(state);
            Assert.Equal(first, Values(rand(5)));
        }

        [Fact]
        public void A_fresh_seed_is_another_one()
        {
            using var generator = new Generator(1);
            var seed = generator.seed();
            Assert.NotEqual(1, seed);
            Assert.Equal(seed, generator.initial_seed());
            Assert.Equal(DeviceType.CPU, generator.device.type);
        }

        [Fact]
        public void Initial_values_follow_their_generator()
        {
            using var scope = NewDisposeScope();
            using var a = new Generator(2);
            using var b = new Generator(2);
            Assert.Equal(Values(nn.init.normal_(empty(9), generator: a)), Values(nn.init.normal_(empty(9), generator: b)));
        }
    }
}
