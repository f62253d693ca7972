using Koopman.Flows;
namespace Koopman.CSharp;

/// <summary>How the equation dx/dt = v(t, x) is integrated. Steps of fixed length are counted over the whole way.</summary>
public sealed class FlowIntegrator
{
    private FlowIntegrator(OdeMethod core)
    {
        Core = core;
    }

    internal OdeMethod Core { get; }

    /// <summary>Euler's method, order 1: one evaluation a step.</summary>
    public static FlowIntegrator Euler(int steps) => new(OdeMethod.NewEuler(steps));

    /// <summary>The midpoint rule, order 2: two evaluations a step.</summary>
    public static FlowIntegrator Midpoint(int steps) => new(OdeMethod.NewMidpoint(steps));

    /// <summary>The classical method of Runge and Kutta, order 4: four evaluations a step.</summary>
    public static FlowIntegrator RungeKutta(int steps) => new(OdeMethod.NewRungeKutta4(steps));

    /// <summary>Dormand and Prince's 5(4) with steps of its own choice.</summary>
    /// <param name="tolerance">Of the error of a step, relative to 1 + |x|.</param>
    public static FlowIntegrator Adaptive(double tolerance = 1e-5) => new(OdeMethod.NewDormandPrince(tolerance));

    /// <inheritdoc/>
    public override string ToString() => Core.ToString()!;
}
