using static TorchSharp.Interop.NativeMethods;

namespace TorchSharp
{
    public static partial class torch
    {
        /// <summary>Seeds the default generators of every device.</summary>
        public static Generator manual_seed(long seed) => random.manual_seed(seed);

        /// <summary>Seeds the default generator with a number that cannot be foreseen, and returns it.</summary>
        public static long seed() => random.seed();

        /// <summary>The seed of the default generator.</summary>
        public static long initial_seed() => random.initial_seed();

        /// <summary>The state of the default generator.</summary>
        public static Tensor get_rng_state() => random.get_rng_state();

        /// <summary>Sets the state of the default generator.</summary>
        public static void set_rng_state(Tensor new_state) => random.set_rng_state(new_state);

        /// <summary>The default generators.</summary>
        public static class random
        {
            /// <summary>Seeds the default generators of every device.</summary>
            /// <returns>The CPU's default generator.</returns>
            public static Generator manual_seed(long seed)
            {
                Check(kt_manual_seed(unchecked((ulong)seed)));
                return Generator.Default;
            }

            /// <summary>Seeds the CPU's default generator with a number that cannot be foreseen, and returns it.</summary>
            public static long seed()
            {
                using var generator = Generator.Default;
                return generator.seed();
            }

            /// <summary>The seed of the CPU's default generator.</summary>
            public static long initial_seed()
            {
                using var generator = Generator.Default;
                return generator.initial_seed();
            }

            /// <summary>The state of the CPU's default generator.</summary>
            public static Tensor get_rng_state()
            {
                using var generator = Generator.Default;
                return generator.get_state();
            }

            /// <summary>Sets the state of the CPU's default generator.</summary>
            public static void set_rng_state(Tensor new_state)
            {
                using var generator = Generator.Default;
                generator.set_state(new_state);
            }
        }
    }
}
