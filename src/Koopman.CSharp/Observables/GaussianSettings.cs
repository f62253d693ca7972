namespace Koopman;

/// <summary>Settings of Gaussian functions spread over data by <c>Observables.GaussiansOver</c>.</summary>
public sealed record GaussianSettings
{
    /// <summary>The maximum number of centres; never more than a third of the samples. Default: null, which is 150, and 30 in one
    /// dimension.</summary>
    public int? Centres { get; init; } = ObservablesModule.automatic.Centres.ToNullable();

    /// <summary>
    /// The width σ, in units of the data. Default: null, from the spacing of the centres (below 10 dimensions) or the median distance of
    /// the data (from 10).
    /// </summary>
    public double? Width { get; init; } = ObservablesModule.automatic.Width.ToNullable();

    /// <summary>The seed of the k-means initialisation, used from 10 dimensions. Default 0.</summary>
    public int Seed { get; init; }

    internal GaussianOptions ToCore() => new(Centres.ToOption(), Width.ToOption(), Seed.ToSeed());
}
