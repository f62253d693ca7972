using Koopman.Learning;
using Koopman.Flows;
namespace Koopman.CSharp;

/// <summary>The shape of the operator of a lift.</summary>
public sealed class LiftOperator
{
    private LiftOperator(GeneratorShape core)
    {
        Core = core;
    }

    internal GeneratorShape Core { get; }

    /// <summary>Blocks of two: features are complex modes that drive the points, everything in closed form. The default.</summary>
    public static LiftOperator Blocks { get; } = new(FlowGeneratorModule.blocks);

    /// <summary>Any matrix, as in the paper's code.</summary>
    public static LiftOperator Dense { get; } = new(GeneratorShape.Dense);

    /// <summary>A diagonal plus a product of this rank on points and features.</summary>
    public static LiftOperator LowRank(int rank) => new(GeneratorShape.NewLowRank(rank));

    internal static LiftOperator From(GeneratorShape core) => new(core);

    /// <inheritdoc/>
    public override string ToString() => Core.ToString()!;
}

/// <summary>What a student sees in one step.</summary>
public sealed record StudentDrawSettings
{
    /// <summary>Rows from which predictions start; at least 1. Default 256.</summary>
    public int Starts { get; init; } = Student.hybrid.Draws.Starts;

    /// <summary>The share of them at noise, t = 0. Default .75.</summary>
    public double NoiseShare { get; init; } = Student.hybrid.Draws.NoiseShare;

    /// <summary>The share of them at data, t = 1, predicted backwards. Default 0; .15 trains inversion.</summary>
    public double DataShare { get; init; } = Student.hybrid.Draws.DataShare;

    /// <summary>Rows on which consistency is asked for; at least 2. Default 128.</summary>
    public int Points { get; init; } = Student.hybrid.Draws.Points;

    /// <summary>Paths of the teacher, if the loss needs any; at least 1. Default 10,000.</summary>
    public int Paths { get; init; } = Student.hybrid.Draws.Paths;

    /// <summary>Steps of Runge and Kutta's method in a path; at least 1. Default 40.</summary>
    public int PathSteps { get; init; } = Student.hybrid.Draws.PathSteps;

    internal static StudentDrawSettings From(DrawOptions core) =>
        new()
        {
            Starts = core.Starts,
            NoiseShare = core.NoiseShare,
            DataShare = core.DataShare,
            Points = core.Points,
            Paths = core.Paths,
            PathSteps = core.PathSteps,
        };

    internal DrawOptions ToCore() => new(Starts, NoiseShare, DataShare, Points, Paths, PathSteps);
}

/// <summary>Settings of <see cref="StudentTrainer"/>. Without changes they are those of <see cref="Hybrid"/>.</summary>
public sealed record StudentSettings
{
    /// <summary>The network of the features F(t, x). Default three layers of 96.</summary>
    public FlowNetworkSettings Network { get; init; } = new();

    /// <summary>
    /// For images, a convolutional network of the features in place of Network; null, the default, for none. Features and Operator are then those of every pixel.
    /// </summary>
    public ImageNetworkSettings? Images { get; init; }

    /// <summary>The number m of features; at least 1. Default 32.</summary>
    public int Features { get; init; } = Student.hybrid.Lift.Features;

    /// <summary>The operator. Default blocks of two.</summary>
    public LiftOperator Operator { get; init; } = LiftOperator.Blocks;

    /// <summary>
    /// The network of a learned decoder x = dec(t, F), with z = [1, t, F]; null, the default, keeps the points themselves as coordinates. Its classes are not
    /// used.
    /// </summary>
    public FlowNetworkSettings? Decoder { get; init; }

    /// <summary>What is made small. Default Lag + .03 scaled C + 4 Path.</summary>
    public FlowLoss Loss { get; init; } = FlowLoss.From(Student.hybrid.Loss);

    /// <summary>What is seen in a step.</summary>
    public StudentDrawSettings Draws { get; init; } = new();

    /// <summary>The teacher's own path. Default straight lines between independent ends.</summary>
    public FlowPath Path { get; init; } = FlowPath.Independent;

    /// <summary>The training. Default 7,000 steps of at most 5e-3.</summary>
    public FlowDescentSettings Descent { get; init; } = FlowDescentSettings.From(Student.hybrid.Descent);

    /// <summary>The default: in the plane a one-step sampler within some per cent of the teacher's distance to the data.</summary>
    public static StudentSettings Hybrid => From(Student.hybrid);

    /// <summary>Lag + .03 scaled C: no equation is solved and nothing stored.</summary>
    public static StudentSettings SolverFree => From(Student.solverFree);

    /// <summary>The paper's C + P + T with a dense operator.</summary>
    public static StudentSettings Paper => From(Student.paper);

    /// <summary>P + T with a dense operator: ends only, a foil that knows nothing of the way.</summary>
    public static StudentSettings EndpointOnly => From(Student.endpointOnly);

    /// <summary>
    /// Lag + .03 scaled C + imitation: simulation-free in the strict sense. The teacher is asked at points between noise and data only; a second network
    /// learns its velocities there, and is asked where the student predicts points to be.
    /// </summary>
    public static StudentSettings Strict => From(Student.strict);

    /// <summary>E alone: the teacher's velocity at points between noise and data, and nothing else.</summary>
    public static StudentSettings DecodedOnly => From(Student.decodedOnly);

    /// <summary>.1 C + P + T + R with a dense operator and a learned decoder, as in the paper's later versions.</summary>
    public static StudentSettings Decoding => From(Student.decoding) with { Decoder = new() };

    private static StudentSettings From(StudentOptions core) =>
        new()
        {
            Operator = LiftOperator.From(core.Lift.Generator),
            Features = core.Lift.Features,
            Loss = FlowLoss.From(core.Loss),
            Draws = StudentDrawSettings.From(core.Draws),
            Descent = FlowDescentSettings.From(core.Descent),
        };

    internal StudentOptions ToCore() =>
        new(new LiftOptions(Network.ToCore(), Features, Operator.Core), Loss.Core, Draws.ToCore(), Path.Core, Descent.ToCore());
}

/// <summary>How the training of a student goes, told every 50 steps, with what tells of a lift that grows without bound or collapses.</summary>
/// <param name="Step">Steps made.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="Loss">The mean loss of the steps since the last report.</param>
/// <param name="GradientLength">The length of the last gradient before it was cut.</param>
/// <param name="VelocityResidual">The error of the velocities; near the velocities themselves the lift has collapsed.</param>
/// <param name="LogNorm">The largest growth rate of length in [x, F]: errors grow at most by its exponential.</param>
/// <param name="SmallestFeature">The smallest deviation of a feature: near 0 it has collapsed.</param>
public sealed record StudentTrainingProgress(
    int Step, int Total, double Loss, double GradientLength, double VelocityResidual, double LogNorm, double SmallestFeature);
