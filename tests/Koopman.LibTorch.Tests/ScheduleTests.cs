using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;
using Xunit;
using static Koopman.LibTorch.Tests.Numbers;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace Koopman.LibTorch.Tests
{
    public sealed class ScheduleTests : IDisposable
    {
        private readonly Parameter parameter = new(ones(1));
        private readonly Optimizer optimizer;

        public ScheduleTests() => optimizer = SGD([parameter], 0.8);

        private double Rate => optimizer.ParamGroups.Single().LearningRate;

        public void Dispose()
        {
            optimizer.Dispose();
            parameter.Dispose();
        }

        private double[] Rates(lr_scheduler.LRScheduler schedule, int epochs)
        {
            var rates = new List<double> { Rate };
            for (var i = 1; i < epochs; i++)
            {
                schedule.step();
                rates.Add(Rate);
                Assert.Equal(Rate, schedule.get_last_lr().Single());
            }

            return [.. rates];
        }

        [Fact]
        public void Cosine_goes_down_along_half_a_period_and_up_again()
        {
            var rates = Rates(lr_scheduler.CosineAnnealingLR(optimizer, 10, 0.1), 26);
            Equal(Enumerable.Range(0, 26).Select(t => 0.1 + 0.7 * (1 + Math.Cos(Math.PI * t / 10)) / 2).ToArray(), rates, 1e-10);
            Assert.Equal(0.1, rates[10], 12);
        }

        [Fact]
        public void Steps_come_every_few_epochs() =>
            Equal([0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2], Rates(lr_scheduler.StepLR(optimizer, 3, 0.5), 7));

        [Fact]
        public void Milestones_are_given() =>
            Equal([0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2], Rates(lr_scheduler.MultiStepLR(optimizer, [2, 5], 0.5), 7));

        [Fact]
        public void Exponential_decays_every_epoch() =>
            Equal([0.8, 0.4, 0.2, 0.1], Rates(lr_scheduler.ExponentialLR(optimizer, 0.5), 4));

        [Fact]
        public void A_function_multiplies_the_initial_rate_or_the_last()
        {
            Equal([0.8, 0.4, 0.8 / 3], Rates(lr_scheduler.LambdaLR(optimizer, epoch => 1.0 / (1 + epoch)), 3));
            optimizer.ParamGroups.Single().LearningRate = 0.8;
            Equal([0.8, 0.4, 0.2], Rates(lr_scheduler.MultiplicativeLR(optimizer, _ => 0.5), 3));
        }

        [Fact]
        public void Linear_warms_up() =>
            Equal([0.2, 0.35, 0.5, 0.65, 0.8, 0.8], Rates(lr_scheduler.LinearLR(optimizer, 0.25, 1, 4), 6));

        [Fact]
        public void Constant_holds_for_a_while() =>
            Equal([0.4, 0.4, 0.8, 0.8], Rates(lr_scheduler.ConstantLR(optimizer, 0.5, 2), 4));

        [Fact]
        public void Polynomial_reaches_zero() =>
            Equal([0.8, 0.45, 0.2, 0.05, 0, 0], Rates(lr_scheduler.PolynomialLR(optimizer, 4, 2), 6));

        [Fact]
        public void One_schedule_follows_another()
        {
            var parts = new[] { lr_scheduler.ConstantLR(optimizer, 0.5, 10), lr_scheduler.ExponentialLR(optimizer, 0.5) };
            var schedule = lr_scheduler.SequentialLR(optimizer, parts, [2]);
            Equal([0.4, 0.4, 0.8, 0.4, 0.2], Rates(schedule, 5));
        }

        [Fact]
        public void Two_schedules_run_at_once()
        {
            var parts = new[] { lr_scheduler.ConstantLR(optimizer, 0.5, 2), lr_scheduler.ExponentialLR(optimizer, 0.5) };
            Equal([0.4, 0.2, 0.2, 0.1], Rates(lr_scheduler.ChainedLR(parts), 4));
        }

        [Fact]
        public void An_epoch_can_be_jumped_to()
        {
            var schedule = lr_scheduler.CosineAnnealingLR(optimizer, 10);
            schedule.step(5);
            Assert.Equal(0.4, Rate, 12);
            Assert.Throws<ArgumentNullException>(() => lr_scheduler.StepLR(null!, 1));
        }
    }
}
