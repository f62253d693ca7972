namespace Koopman;

/// <summary>Settings of Gaussian functions laid over data by <c>Observables.GaussiansOver</c>.</summary>
public sealed record GaussianSettings
{
    /// <summary>The most centres; a third of the samples at most are used. Default: null, which is 150, and 30 in one dimension.</summary>
    public int? Centres { get; init; } = ObservablesModule.automatic.Centres.ToNullable();

    /// <summary>
    /// The width σ, in units of the data. Default: null, by the spacing of the centres (below 10 dimensions) or the median distance
    /// of the data.
    /// </summary>
    public double? Width { get; init; } = ObservablesModule.automatic.Width.ToNullable();

    /// <summary>Of the k-means start, which is used from 10 dimensions. Default 0.</summary>
    public int Seed { get; init; }

    internal GaussianOptions ToCore() => new(Centres.ToOption(), Width.ToOption(), Seed.ToSeed());
}
