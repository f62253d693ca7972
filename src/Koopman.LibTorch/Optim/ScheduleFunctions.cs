using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static partial class lr_scheduler
            {
                public static partial class impl
                {
                    /// <summary>Multiplies the initial rate by a function of the epoch.</summary>
                    public class LambdaLR : LRScheduler
                    {
                        private readonly Func<int, double>[] functions;

                        /// <inheritdoc cref="lr_scheduler.LambdaLR"/>
                        public LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                            : this(optimizer, optimizer.ParamGroups.Select(_ => lr_lambda), last_epoch, verbose) { }

                        /// <summary>Multiplies the initial rate of each group by a function of the epoch.</summary>
                        public LambdaLR(
                            Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false)
                            : base(optimizer, last_epoch, verbose)
                        {
                            functions = One(lr_lambdas, Groups.Count);
                            step();
                        }

                        private protected override double Next(int group, double rate, double start) => start * functions[group](Epoch);
                    }

                    /// <summary>Multiplies the rate before by a function of the epoch.</summary>
                    public class MultiplicativeLR : LRScheduler
                    {
                        private readonly Func<int, double>[] functions;

                        /// <inheritdoc cref="lr_scheduler.MultiplicativeLR"/>
                        public MultiplicativeLR(Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false)
                            : this(optimizer, optimizer.ParamGroups.Select(_ => lr_lambda), last_epoch, verbose) { }

                        /// <summary>Multiplies the rate before of each group by a function of the epoch.</summary>
                        public MultiplicativeLR(
                            Optimizer optimizer, IEnumerable<Func<int, double>> lr_lambdas, int last_epoch = -1, bool verbose = false)
                            : base(optimizer, last_epoch, verbose)
                        {
                            functions = One(lr_lambdas, Groups.Count);
                            step();
                        }

                        private protected override double Next(int group, double rate, double start) =>
                            Epoch > 0 ? rate * functions[group](Epoch) : rate;
                    }

                    /// <summary>One schedule after the other, each from its own beginning.</summary>
                    public class SequentialLR : LRScheduler
                    {
                        private readonly LRScheduler[] parts;
                        private readonly int[] milestones;

                        /// <inheritdoc cref="lr_scheduler.SequentialLR"/>
                        public SequentialLR(
                            Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1)
                            : base(optimizer, last_epoch + 1, false)
                        {
                            parts = schedulers.ToArray();
                            this.milestones = milestones.ToArray();
                            if (this.milestones.Length != parts.Length - 1)
                                throw new ArgumentException($"{parts.Length} schedules need {parts.Length - 1} milestones, not {this.milestones.Length}.");
                            if (parts.Any(part => !part.Serves(optimizer)))
                                throw new ArgumentException("A schedule belongs to another optimiser.", nameof(schedulers));
                            // Every part has set its first rate when it was made; only the first part's counts.
                            foreach (var group in Groups) group.LearningRate = group.InitialLearningRate;
                            parts[0].Restart();
                        }

                        /// <inheritdoc/>
                        public override void step(int? epoch)
                        {
                            Count(epoch);
                            var place = milestones.Count(m => m <= Epoch);
                            parts[place].step(place > 0 && milestones[place - 1] == Epoch ? 0 : null);
                            Remember(parts[place].get_last_lr());
                        }

                        private protected override double Next(int group, double rate, double start) => rate;
                    }

                    /// <summary>Several schedules at once.</summary>
                    public class ChainedLR : LRScheduler
                    {
                        private readonly LRScheduler[] parts;

                        /// <inheritdoc cref="lr_scheduler.ChainedLR"/>
                        public ChainedLR(IEnumerable<LRScheduler> schedulers) : this(schedulers.ToArray()) { }

                        private ChainedLR(LRScheduler[] parts) : base(parts[0]) => this.parts = parts;

                        /// <summary>Lets every schedule go on to its next epoch.</summary>
                        public override void step()
                        {
                            foreach (var part in parts) part.step();
                            Remember(parts[^1].get_last_lr());
                        }

                        private protected override double Next(int group, double rate, double start) => rate;
                    }

                    private static Func<int, double>[] One(IEnumerable<Func<int, double>> functions, int groups)
                    {
                        var given = functions.ToArray();
                        return given.Length == groups
                            ? given
                            : throw new ArgumentException($"{groups} groups of parameters need {groups} functions, not {given.Length}.");
                    }
                }
            }
        }
    }
}
