using System;
using System.Collections.Generic;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static partial class lr_scheduler
            {
                /// <summary>Multiplies by gamma every so many epochs.</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="step_size">Epochs from factor to factor.</param>
                /// <param name="gamma">The factor.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                public static LRScheduler StepLR(
                    Optimizer optimizer, int step_size, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                    new impl.StepLR(optimizer, step_size, gamma, last_epoch, verbose);

                /// <summary>Multiplies by gamma at given epochs.</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="milestones">The epochs.</param>
                /// <param name="gamma">The factor.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                public static LRScheduler MultiStepLR(
                    Optimizer optimizer, IList<int> milestones, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                    new impl.MultiStepLR(optimizer, milestones, gamma, last_epoch, verbose);

                /// <summary>Multiplies by gamma every epoch.</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="gamma">The factor.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                public static LRScheduler ExponentialLR(
                    Optimizer optimizer, double gamma = 0.1, int last_epoch = -1, bool verbose = false) =>
                    new impl.ExponentialLR(optimizer, gamma, last_epoch, verbose);

                /// <summary>Multiplies by a factor until an epoch.</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="factor">The factor.</param>
                /// <param name="total_iters">The epoch from which on it does not apply.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                public static LRScheduler ConstantLR(
                    Optimizer optimizer, double factor = 1.0 / 3, int total_iters = 5, int last_epoch = -1, bool verbose = false) =>
                    new impl.ConstantLR(optimizer, factor, total_iters, last_epoch, verbose);

                /// <summary>Multiplies by a factor that goes linearly from one number to another.</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="start_factor">The factor at first.</param>
                /// <param name="end_factor">The factor at the end.</param>
                /// <param name="total_iters">The epoch where it gets there.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                public static LRScheduler LinearLR(
                    Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1, int total_iters = 5, int last_epoch = -1, bool verbose = false) =>
                    new impl.LinearLR(optimizer, start_factor, end_factor, total_iters, last_epoch, verbose);

                /// <summary>Goes to zero as a power of the epochs that are left.</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="total_iters">The epoch of rate zero.</param>
                /// <param name="power">The power.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                public static LRScheduler PolynomialLR(
                    Optimizer optimizer, int total_iters = 5, double power = 1, int last_epoch = -1, bool verbose = false) =>
                    new impl.PolynomialLR(optimizer, total_iters, power, last_epoch, verbose);

                /// <summary>Goes from the initial rate to the least along half a cosine, and back again (Loshchilov &amp; Hutter 2017).</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="T_max">Epochs of half a period.</param>
                /// <param name="eta_min">The least rate.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                public static LRScheduler CosineAnnealingLR(
                    Optimizer optimizer, double T_max, double eta_min = 0, int last_epoch = -1, bool verbose = false) =>
                    new impl.CosineAnnealingLR(optimizer, T_max, eta_min, last_epoch, verbose);

                /// <summary>Multiplies the initial rate by a function of the epoch.</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="lr_lambda">The function.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                public static LRScheduler LambdaLR(
                    Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                    new impl.LambdaLR(optimizer, lr_lambda, last_epoch, verbose);

                /// <summary>Multiplies the rate before by a function of the epoch.</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="lr_lambda">The function.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                /// <param name="verbose">Whether changes are written to the console.</param>
                public static LRScheduler MultiplicativeLR(
                    Optimizer optimizer, Func<int, double> lr_lambda, int last_epoch = -1, bool verbose = false) =>
                    new impl.MultiplicativeLR(optimizer, lr_lambda, last_epoch, verbose);

                /// <summary>One schedule after the other, each from its own beginning.</summary>
                /// <param name="optimizer">Whose rates are set.</param>
                /// <param name="schedulers">The schedules, made for this optimiser.</param>
                /// <param name="milestones">The epochs where the second, third, … takes over.</param>
                /// <param name="last_epoch">The epoch before the first step.</param>
                public static LRScheduler SequentialLR(
                    Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<int> milestones, int last_epoch = -1) =>
                    new impl.SequentialLR(optimizer, schedulers, milestones, last_epoch);

                /// <summary>Several schedules at once.</summary>
                public static LRScheduler ChainedLR(IEnumerable<LRScheduler> schedulers) => new impl.ChainedLR(schedulers);
            }
        }
    }
}
