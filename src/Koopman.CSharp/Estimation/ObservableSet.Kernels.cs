using System;

namespace Koopman.CSharp;

// Sections of kernels.
public abstract partial class ObservableSet
{
    /// <summary>The sections k(·, c) of a kernel at the given centres (N, d), which are copied; for a radial kernel its radial functions.</summary>
    /// <param name="kernel">Any kernel, thin plates too.</param>
    /// <param name="centres">One row a centre.</param>
    /// <exception cref="KoopmanException">There are fewer than two centres.</exception>
    public static ObservableSet Sections(KernelFunction kernel, double[,] centres)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        using var points = SampleSet.FromArray(centres);
        return new CoreObservables(ObservablesModule.sections(kernel.Core, points.Points).OrThrow());
    }

    /// <summary>
    /// Sections of a kernel at samples that represent all of them, as many as bring the mean error of the kernel matrix below the
    /// tolerance times its trace. With them the Langevin estimator is its kernel form.
    /// </summary>
    /// <param name="kernel">A positive kernel, differentiable as often as the estimator needs.</param>
    /// <param name="samples">The data; they are not kept.</param>
    /// <param name="tolerance">From 0 to below 1.</param>
    /// <exception cref="KoopmanException">The kernel is not positive, vanishes on the data, or the tolerance is out of its range.</exception>
    public static ObservableSet SectionsOver(KernelFunction kernel, SampleSet samples, double tolerance = 1e-6)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(samples);
        return new CoreObservables(KernelGenerator.sections(tolerance, kernel.Core, samples.Core).OrThrow());
    }
}
