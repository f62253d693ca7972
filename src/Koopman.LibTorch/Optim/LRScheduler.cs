using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Schedules of the learning rate.</summary>
            public static partial class lr_scheduler
            {
                /// <summary>
                /// Sets the learning rate of every group of an optimiser. It makes its first step when it is made; afterwards call
                /// <see cref="step()"/> once an epoch (or batch), after the optimiser's.
                /// </summary>
                public abstract class LRScheduler
                {
                    private readonly ILearningRateController[] groups;
                    private readonly double[] start;
                    private readonly double[] last;
                    private readonly bool verbose;

                    private protected LRScheduler(Optimizer optimizer, int last_epoch, bool verbose)
                    {
                        ArgumentNullException.ThrowIfNull(optimizer);
                        groups = optimizer.ParamGroups.ToArray();
                        start = groups.Select(g => g.InitialLearningRate).ToArray();
                        last = groups.Select(g => g.LearningRate).ToArray();
                        Epoch = last_epoch;
                        this.verbose = verbose;
                    }

                    /// <summary>A schedule of the optimiser that another one has.</summary>
                    private protected LRScheduler(LRScheduler other)
                    {
                        groups = other.groups;
                        start = other.start;
                        last = [.. other.last];
                    }

                    private protected int Epoch { get; private set; }

                    private protected IReadOnlyList<ILearningRateController> Groups => groups;

                    /// <summary>The learning rates that were set last, one for each group.</summary>
                    public IEnumerable<double> get_last_lr() => last;

                    /// <summary>Goes on to the next epoch.</summary>
                    public virtual void step() => step(null);

                    /// <summary>Goes to an epoch; null: to the next.</summary>
                    public virtual void step(int? epoch)
                    {
                        Count(epoch);
                        for (var i = 0; i < groups.Length; i++)
                        {
                            var rate = epoch is null ? Next(i, groups[i].LearningRate, start[i]) : At(i, groups[i].LearningRate, start[i]);
                            groups[i].LearningRate = rate;
                            if (verbose && rate != last[i]) Console.WriteLine($"Adjusting learning rate to {rate}");
                            last[i] = rate;
                        }
                    }

                    /// <summary>Goes to an epoch; the measure does not count.</summary>
                    public virtual void step(double current, int? epoch = null) => step(epoch);

                    private protected void Count(int? epoch) => Epoch = epoch ?? Epoch + 1;

                    private protected void Remember(IEnumerable<double> rates) => rates.ToArray().CopyTo(last, 0);

                    /// <summary>Makes the first step once more.</summary>
                    internal void Restart()
                    {
                        Epoch--;
                        step();
                    }

                    internal bool Serves(Optimizer optimizer) => optimizer.ParamGroups.SequenceEqual(groups);

                    /// <summary>The rate at <see cref="Epoch"/>, from the rate of the epoch before and the rate at the start.</summary>
                    private protected abstract double Next(int group, double rate, double start);

                    /// <summary>The rate at <see cref="Epoch"/>, whatever was before, where there is a formula.</summary>
                    private protected virtual double At(int group, double rate, double start) => Next(group, rate, start);
                }
            }
        }
    }
}
