namespace Koopman.CSharp;

/// <summary>Whether the successor of a state is random, which decides how a residual is measured.</summary>
public enum NoiseModel
{
    /// <summary>Found out from the data: whether near states have near successors.</summary>
    Automatic,

    /// <summary>Random: the noise is taken out of the residual, and eigenvalues carry sampling error.</summary>
    Stochastic,

    /// <summary>A function of the state: the plain residual is the true one and has a tolerance.</summary>
    Deterministic,
}

internal static class NoiseModels
{
    public static Noise ToCore(this NoiseModel noise) => noise switch
    {
        NoiseModel.Stochastic => Noise.Stochastic,
        NoiseModel.Deterministic => Noise.Deterministic,
        _ => Noise.Automatic,
    };
}
