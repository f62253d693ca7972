namespace Koopman;

/// <summary>Settings of Gaussian functions spread over data by <c>Observables.GaussiansOver</c>.</summary>
public sealed record GaussianSettings
{
    /// <summary>The maximum number of centres; fewer where the data carry fewer. Default: null, which is 100, and 20 in one dimension.</summary>
    public int? Centres { get; init; } = ObservablesModule.automatic.Centres.ToNullable();

    /// <summary>
    /// One width σ for all coordinates, in units of the data. Default: null, one for every coordinate by its scale and the spacing of
    /// the centres (from 10 dimensions the median distance).
    /// </summary>
    public double? Width { get; init; } = ObservablesModule.automatic.Width.ToNullable();

    /// <summary>The seed of the k-means initialisation, used from 10 dimensions. Default 0.</summary>
    public int Seed { get; init; }

    internal GaussianOptions ToCore() => new(Centres.ToOption(), Width.ToOption(), Seed.ToSeed());
}
