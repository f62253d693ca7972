using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Koopman.Particles;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>A model of the double well that these tests share; it takes a while to make.</summary>
public sealed class FittedWell : IDisposable
{
    public FittedWell()
    {
        Data = LangevinSystem.DoubleWell().EquilibriumSamples(1500, seed: 1);
        Observables = Observables.GaussiansOver(Data);
        Model = new LangevinEstimator().Fit(Observables, Data);
        Start = Data.GaussianLike(400, seed: 2);
    }

    public Samples Data { get; }

    public Observables Observables { get; }

    public Spectrum Model { get; }

    public Samples Start { get; }

    public void Dispose()
    {
        Start.Dispose();
        Model.Dispose();
        Observables.Dispose();
        Data.Dispose();
    }
}

public class ParticleTests(FittedWell well) : IClassFixture<FittedWell>
{
    [Fact]
    public void Particles_end_in_both_wells_as_the_data_do()
    {
        using var oneSided = Samples.FromValues(Enumerable.Range(0, 400).Select(i => 0.5 + 0.002 * i).ToArray(), dimension: 1);
        using var run = new ParticleSampler(well.Model, well.Data).Run(oneSided);
        var left = run.Particles.ToArray().Cast<double>().Count(x => x < 0) / 400.0;
        var leftOfData = well.Data.ToArray().Cast<double>().Count(x => x < 0) / 1500.0;
        Assert.InRange(left, leftOfData - 0.03, leftOfData + 0.03);
        Assert.InRange(run.EnergyRatio, 0, 0.1);
        Assert.True(run.Converged);
        Assert.Equal(run.EnergyRatio, run.Energies[^1] / run.IndependentEnergy, 12);
        Assert.True(run.Energies[^1] < run.Energies[0]);
        using var exact = LangevinSystem.DoubleWell().EquilibriumSamples(400, seed: 9);
        Assert.InRange(SampleMetrics.Mmd(run.Particles, well.Data), 0, SampleMetrics.Mmd(exact, well.Data));
        Assert.True(SampleMetrics.Mmd(oneSided, well.Data) > 10 * SampleMetrics.Mmd(run.Particles, well.Data));
    }

    [Fact]
    public void Every_iteration_is_reported_in_order()
    {
        var listener = new Listener<ParticleProgress>();
        using var run = new ParticleSampler(well.Model, well.Data).Run(well.Start, listener);
        Assert.Equal(Enumerable.Range(1, run.Iterations), listener.Heard.Select(p => p.Iteration));
        Assert.All(listener.Heard, p => Assert.Equal(90, p.Total));
        Assert.Equal(run.Energies[0] / run.IndependentEnergy, listener.Heard[0].EnergyRatio, 12);
    }

    [Fact]
    public void Equal_seeds_give_equal_particles_and_others_do_not()
    {
        using var first = new ParticleSampler(well.Model, well.Data, seed: 1).Run(well.Start);
        using var again = new ParticleSampler(well.Model, well.Data, seed: 1).Run(well.Start);
        using var other = new ParticleSampler(well.Model, well.Data, seed: 2).Run(well.Start);
        Assert.Equal(first.Particles.ToArray(), again.Particles.ToArray());
        Assert.NotEqual(first.Particles.ToArray(), other.Particles.ToArray());
    }

    [Fact]
    public void The_start_is_left_as_it_was()
    {
        var before = well.Start.ToArray();
        using var run = new ParticleSampler(well.Model, well.Data).Run(well.Start);
        Assert.Equal(before, well.Start.ToArray());
        Assert.NotEqual(before, run.Particles.ToArray());
    }

    [Fact]
    public void Settings_are_obeyed()
    {
        var settings = new ParticleSettings { Iterations = 3, Tolerance = 0, Jitter = 0 };
        var sampler = new ParticleSampler(well.Model, well.Data, settings);
        using var run = sampler.Run(well.Start);
        Assert.Equal((3, false), (run.Iterations, run.Converged));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Cancelling_ends_a_run_within_one_step(int last)
    {
        using var source = new CancellationTokenSource();
        var listener = new Listener<ParticleProgress>(p =>
        {
            if (p.Iteration == last)
                source.Cancel();
        });
        var sampler = new ParticleSampler(well.Model, well.Data);
        Lifetimes.AllDieIn(() => Assert.Throws<OperationCanceledException>(() => sampler.Run(well.Start, listener, source.Token)));
        Assert.Equal(last, listener.Heard.Count);
    }

    [Fact]
    public async Task A_run_on_its_own_thread_gives_the_same_particles()
    {
        var thread = Environment.CurrentManagedThreadId;
        var listener = new Listener<ParticleProgress>(_ => Assert.NotEqual(thread, Environment.CurrentManagedThreadId));
        var sampler = new ParticleSampler(well.Model, well.Data, seed: 3);
        using var here = sampler.Run(well.Start);
        using var there = await sampler.RunAsync(well.Start, listener);
        Assert.Equal(here.Particles.ToArray(), there.Particles.ToArray());
        Assert.Equal(there.Iterations, listener.Heard.Count);
    }

    [Fact]
    public async Task A_run_on_its_own_thread_can_be_cancelled()
    {
        using var source = new CancellationTokenSource();
        var listener = new Listener<ParticleProgress>(_ => source.Cancel());
        var run = new ParticleSampler(well.Model, well.Data).RunAsync(well.Start, listener, source.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.True(run.IsCanceled);
        Assert.Single(listener.Heard);
    }

    [Fact]
    public async Task A_fit_on_another_thread_gives_the_same_model()
    {
        using var pairs = LangevinSystem.DoubleWell().EquilibriumPairs(500, lag: 0.1, seed: 1);
        using var edmd = await Task.Run(() => new EdmdEstimator().Fit(well.Observables, pairs));
        using var edmdHere = new EdmdEstimator().Fit(well.Observables, pairs);
        using var generator = await Task.Run(() => new LangevinEstimator().Fit(well.Observables, well.Data));
        Assert.Equal(edmdHere.Rates, edmd.Rates);
        Assert.Equal(well.Model.Rates, generator.Rates);
    }

    [Fact]
    public async Task A_fit_that_is_cancelled_on_its_way_leaves_no_model()
    {
        using var before = new CancellationTokenSource();
        before.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Task.Run(() => new LangevinEstimator().Fit(well.Observables, well.Data), before.Token));

        using var during = new CancellationTokenSource();
        using var observables = new Cancelling(during);
        var live = torch.Tensor.TotalCount;
        var fit = Task.Run(
            () =>
            {
                using var model = new LangevinEstimator().Fit(observables, well.Data);
                during.Token.ThrowIfCancellationRequested();
            },
            during.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fit);
        Assert.True(fit.IsCanceled);
        Assert.Equal(live, torch.Tensor.TotalCount);
    }

    /// <summary>Functions that cancel the fit that evaluates them.</summary>
    private sealed class Cancelling(CancellationTokenSource source) : Powers
    {
        protected override torch.Tensor ValuesAt(torch.Tensor points)
        {
            source.Cancel();
            return base.ValuesAt(points);
        }
    }
}
