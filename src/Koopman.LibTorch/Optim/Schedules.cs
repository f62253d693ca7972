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
                /// <summary>The classes of the schedules.</summary>
                public static partial class impl
                {
                    /// <summary>Multiplies by gamma every so many epochs.</summary>
                    public class StepLR : LRScheduler
                    {
                        private readonly int step_size;
                        private readonly double gamma;

                        /// <inheritdoc cref="lr_scheduler.StepLR"/>
                        public StepLR(Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
                            : base(optimizer, last_epoch, verbose)
                        {
                            this.step_size = step_size;
                            this.gamma = gamma;
                            step();
                        }

                        private protected override double Next(int group, double rate, double start) =>
                            Epoch == 0 || Epoch % step_size != 0 ? rate : rate * gamma;

                        private protected override double At(int group, double rate, double start) =>
                            start * Math.Pow(gamma, Epoch / step_size);
                    }

                    /// <summary>Multiplies by gamma at given epochs.</summary>
                    public class MultiStepLR : LRScheduler
                    {
                        private readonly IList<int> milestones;
                        private readonly double gamma;

                        /// <inheritdoc cref="lr_scheduler.MultiStepLR"/>
                        public MultiStepLR(Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
                            : base(optimizer, last_epoch, verbose)
                        {
                            this.milestones = milestones;
                            this.gamma = gamma;
                            step();
                        }

                        private protected override double Next(int group, double rate, double start) =>
                            milestones.Contains(Epoch) ? rate * gamma : rate;

                        private protected override double At(int group, double rate, double start) =>
                            start * Math.Pow(gamma, milestones.Distinct().Count(m => m <= Epoch));
                    }

                    /// <summary>Multiplies by gamma every epoch.</summary>
                    public class ExponentialLR : LRScheduler
                    {
                        private readonly double gamma;

                        /// <inheritdoc cref="lr_scheduler.ExponentialLR"/>
                        public ExponentialLR(Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false)
                            : base(optimizer, last_epoch, verbose)
                        {
                            this.gamma = gamma;
                            step();
                        }

                        private protected override double Next(int group, double rate, double start) =>
                            Epoch == 0 ? rate : rate * gamma;

                        private protected override double At(int group, double rate, double start) =>
                            start * Math.Pow(gamma, Epoch);
                    }

                    /// <summary>Multiplies by a factor until an epoch.</summary>
                    public class ConstantLR : LRScheduler
                    {
                        private readonly double factor;
                        private readonly int total_iters;

                        /// <inheritdoc cref="lr_scheduler.ConstantLR"/>
                        public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false)
                            : base(optimizer, last_epoch, verbose)
                        {
                            this.factor = factor;
                            this.total_iters = total_iters;
                            step();
                        }

                        private protected override double Next(int group, double rate, double start) =>
                            Epoch == 0 ? rate * factor : Epoch == total_iters ? rate / factor : rate;

                        private protected override double At(int group, double rate, double start) =>
                            start * (Epoch >= total_iters ? 1 : factor);
                    }

                    /// <summary>Multiplies by a factor that goes linearly from one number to another.</summary>
                    public class LinearLR : LRScheduler
                    {
                        private readonly double start_factor;
                        private readonly double end_factor;
                        private readonly int total_iters;

                        /// <inheritdoc cref="lr_scheduler.LinearLR"/>
                        public LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1, int total_iters = 5, int last_epoch = -1, bool verbose = false)
                            : base(optimizer, last_epoch, verbose)
                        {
                            this.start_factor = start_factor;
                            this.end_factor = end_factor;
                            this.total_iters = total_iters;
                            step();
                        }

                        private protected override double Next(int group, double rate, double start) =>
                            Epoch == 0 ? rate * start_factor
                                : Epoch > total_iters ? rate
                                : rate * (1 + (end_factor - start_factor) / (total_iters * start_factor + (Epoch - 1) * (end_factor - start_factor)));

                        private protected override double At(int group, double rate, double start) =>
                            start * (start_factor + (end_factor - start_factor) * Math.Min(total_iters, Epoch) / total_iters);
                    }

                    /// <summary>Goes to zero as a power of the epochs that are left.</summary>
                    public class PolynomialLR : LRScheduler
                    {
                        private readonly int total_iters;
                        private readonly double power;

                        /// <inheritdoc cref="lr_scheduler.PolynomialLR"/>
                        public PolynomialLR(Optimizer optimizer, int total_iters = 5, double power = 1, int last_epoch = -1, bool verbose = false)
                            : base(optimizer, last_epoch, verbose)
                        {
                            this.total_iters = total_iters;
                            this.power = power;
                            step();
                        }

                        private protected override double Next(int group, double rate, double start) =>
                            Epoch == 0 || Epoch > total_iters ? rate
                                : rate * Math.Pow((1 - (double)Epoch / total_iters) / (1 - (Epoch - 1.0) / total_iters), power);

                        private protected override double At(int group, double rate, double start) =>
                            start * Math.Pow(1 - Math.Min((double)total_iters, Epoch) / total_iters, power);
                    }

                    /// <summary>Goes from the initial rate to the least along half a cosine, and back again (Loshchilov &amp; Hutter 2017).</summary>
                    public class CosineAnnealingLR : LRScheduler
                    {
                        private readonly double T_max;
                        private readonly double eta_min;

                        /// <inheritdoc cref="lr_scheduler.CosineAnnealingLR"/>
                        public CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false)
                            : base(optimizer, last_epoch, verbose)
                        {
                            this.T_max = T_max;
                            this.eta_min = eta_min;
                            step();
                        }

                        private protected override double Next(int group, double rate, double start) =>
                            Epoch == 0 ? rate
                                : (Epoch - 1 - T_max) % (2 * T_max) == 0 ? rate + (start - eta_min) * (1 - Math.Cos(Math.PI / T_max)) / 2
                                : (1 + Math.Cos(Math.PI * Epoch / T_max)) / (1 + Math.Cos(Math.PI * (Epoch - 1) / T_max)) * (rate - eta_min) + eta_min;

                        private protected override double At(int group, double rate, double start) =>
                            eta_min + (start - eta_min) * (1 + Math.Cos(Math.PI * Epoch / T_max)) / 2;
                    }
                }
            }
        }
    }
}
