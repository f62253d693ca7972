using System;
using System.Linq;
using Elsewhere;
using Koopman.Flows;
using Koopman.Particles;
using TorchSharp;
using Xunit;

namespace Koopman.CSharp.Tests;

/// <summary>Tensors and modules of code that knows only TorchSharp go in, and tensors come out.</summary>
public class OwnTensorTests
{
    [Fact]
    public void Tensors_are_samples_pairs_and_trajectories_in_any_precision()
    {
        using var scope = torch.NewDisposeScope();
        var cloud = OnlyTorch.Cloud(50);
        using var samples = Samples.FromTensor(cloud);
        Assert.True(samples.Points.equal(cloud).all().item<bool>());

        using var narrow = Samples.FromTensor(OnlyTorch.Cloud(50, torch.float32));
        Assert.Equal(torch.float64, narrow.Points.dtype);

        var next = cloud.mm(OnlyTorch.Step().t());
        using var pairs = SnapshotPairs.FromTensors(cloud, next, lag: 0.5);
        using var model = new DmdEstimator().Fit(pairs);
        // Eigenvalues .9 ± .3i, of modulus √.9, over a step of .5.
        Assert.Equal(-Math.Log(.9), model.Spectrum.Modes[0].Rate, 1e-10);

        using var path = Trajectories.FromTensors([cloud, next], step: 0.1);
        Assert.Equal(2, path.Count);
    }

    [Fact]
    public void A_module_is_a_dictionary_whose_eigenfunctions_are_tensors()
    {
        using var scope = torch.NewDisposeScope();
        var cloud = OnlyTorch.Cloud(400);
        using var samples = Samples.FromTensor(cloud);
        using var observables = Observables.FromModule(OnlyTorch.Features(), dimension: 2, count: 3);
        using var model = new LangevinEstimator().Fit(observables, samples);

        var here = OnlyTorch.Cloud(6);
        Assert.Equal([6, model.Modes.Length], model.Values(here).shape);
        var gradients = model.Gradients(here);
        Assert.Equal(6, gradients.shape[0]);
        Assert.True(gradients.isfinite().all().item<bool>());
    }

    [Fact]
    public void Modules_are_velocities_and_lifts_and_are_trained_in_place()
    {
        using var scope = torch.NewDisposeScope();
        var cloud = OnlyTorch.Cloud(256);
        using var data = Samples.FromTensor(cloud);
        using var network = new OnlyTorch.OfTimeAndPlace(2, torch.float32);
        var before = network.parameters().First().detach().clone();

        using var training = new FlowTrainer(TrainedFlow.Settings with { Network = network }, seed: 1).Start(data);
        training.Continue();
        using var teacher = training.Field();
        Assert.False(network.parameters().First().equal(before).all().item<bool>());

        using var features = new OnlyTorch.OfTimeAndPlace(4, torch.float32);
        using var student = new DistillationTrainer(TrainedFlow.DistillationSettings with { Network = features, Features = 4 }, seed: 2).Start(teacher, data);
        student.Continue();
        using var flow = student.Flow();
        var made = flow.Sample(OnlyTorch.Cloud(8, torch.float32));
        Assert.Equal([8, 2], made.shape);
        Assert.True(made.isfinite().all().item<bool>());

        using var field = VelocityField.FromModule(2, network);
        Assert.True(field.At(0.5, cloud.to(torch.float32)).allclose(network.call(torch.full(256, 1, 0.5f), cloud.to(torch.float32))));
    }

    [Fact]
    public void Functions_of_tensors_are_observables_targets_and_velocities()
    {
        using var scope = torch.NewDisposeScope();
        var cloud = OnlyTorch.Cloud(200);
        using var samples = Samples.FromTensor(cloud);
        using var waves = Observables.FromFunction(2, 4, "waves", x => torch.cat([x.sin(), x.cos()], 1));
        using var model = new LangevinEstimator().Fit(waves, samples);
        Assert.NotEmpty(model.Modes);

        var law = Target.Of(2, x => x.square().sum(1).mul(-0.5), x => x.neg());
        using var run = BaselineSampler.Ula(law, samples, new() { Iterations = 5 }, seed: 1);
        Assert.Equal(200, run.Particles.Points.shape[0]);

        using var field = VelocityField.FromFunction(2, (_, x) => x.neg());
        var carried = field.Carry(cloud);
        Assert.True(carried.allclose(cloud.mul(Math.Exp(-1)), 1e-4, 1e-4));
    }

    [Fact]
    public void A_product_that_does_not_fit_is_an_exception_where_times_is_used()
    {
        using var scope = torch.NewDisposeScope();
        using var generator = torch.eye(5, dtype: torch.float64);
        var error = Assert.Throws<KoopmanException>(() => Observables.FromFunction(2, 5, "misfit", x => x.times(generator)));
        Assert.Contains("cannot be multiplied", error.Message);
    }
}
