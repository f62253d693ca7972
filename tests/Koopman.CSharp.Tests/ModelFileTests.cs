using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Koopman.CSharp.Tests;

public sealed class ModelFileTests(FittedWell well) : IClassFixture<FittedWell>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_model_comes_back_from_a_file_with_the_same_bits()
    {
        var path = folder.File("model.safetensors");
        well.Model.Save(path);
        using var back = Spectrum.Load(path);
        Assert.Equal(well.Model.Eigenvalues, back.Eigenvalues);
        Assert.Equal(well.Model.Values(well.Data), back.Values(well.Data));
        Assert.Equal(well.Model.Gradients(well.Data), back.Gradients(well.Data));
        Assert.Equal(well.Model.Convention, back.Convention);
        Assert.Equal(well.Model.Measure, back.Measure);
        Assert.Equal(well.Model.Observables.Description, back.Observables.Description);
        Assert.Equal(well.Model.Modes.Select(mode => (mode.Rate, mode.StandardError, mode.Residual)), back.Modes.Select(mode => (mode.Rate, mode.StandardError, mode.Residual)));
    }

    [Fact]
    public void A_loaded_model_moves_particles_as_the_first_does()
    {
        var path = folder.File("model.safetensors");
        well.Model.Save(path);
        using var back = Spectrum.Load(path);
        double[,] Moved(Spectrum model)
        {
            using var run = new ParticleSampler(model, well.Data, new() { Iterations = 3 }).Run(well.Start);
            return run.Particles.ToArray();
        }

        Assert.Equal(Moved(well.Model), Moved(back));
    }

    [Fact]
    public void Functions_come_back_from_a_file()
    {
        var path = folder.File("functions.safetensors");
        well.Observables.Save(path);
        using var back = Observables.Load(path);
        Assert.Equal(well.Observables.Values(well.Data), back.Values(well.Data));
        Assert.Equal(ErrorKind.CheckpointMismatch, Assert.Throws<KoopmanException>(() => Spectrum.Load(path)).Kind);
    }

    [Fact]
    public void Functions_of_the_users_cannot_be_stored()
    {
        using var powers = new Powers();
        using var model = new LangevinEstimator().Fit(powers, well.Data);
        var path = folder.File("model.safetensors");
        var refused = Assert.Throws<KoopmanException>(() => model.Save(path));
        Assert.Equal(ErrorKind.InvalidSetting, refused.Kind);
        Assert.Contains("x, x² and x³", refused.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names());
    }

    [Fact]
    public void A_damaged_file_is_refused_with_a_reason()
    {
        var path = folder.File("model.safetensors");
        well.Model.Save(path);
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.False(Spectrum.TryLoad(path, out var model, out var error));
        Assert.Null(model);
        Assert.Equal(ErrorKind.UnreadableFile, error.Kind);
        Assert.Contains("checksum", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.MissingFile, Assert.Throws<KoopmanException>(() => Spectrum.Load(folder.File("none"))).Kind);
    }
}
