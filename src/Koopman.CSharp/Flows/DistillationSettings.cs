using Koopman.Flows;
namespace Koopman;

/// <summary>The batch of one step.</summary>
public sealed record DistillationDrawSettings
{
    /// <summary>Rows from which predictions start; at least 1. Default 256.</summary>
    public int Starts { get; init; } = Distillation.hybrid.Draws.Starts;

    /// <summary>The fraction of them at noise, t = 0. Default .75.</summary>
    public double NoiseShare { get; init; } = Distillation.hybrid.Draws.NoiseShare;

    /// <summary>The fraction of them at data, t = 1, predicted backwards. Default 0; .15 trains inversion.</summary>
    public double DataShare { get; init; } = Distillation.hybrid.Draws.DataShare;

    /// <summary>Rows on which the consistency loss is evaluated; at least 2. Default 128.</summary>
    public int Points { get; init; } = Distillation.hybrid.Draws.Points;

    /// <summary>Paths of the teacher, if the loss needs any; at least 1. Default 10,000.</summary>
    public int Paths { get; init; } = Distillation.hybrid.Draws.Paths;

    /// <summary>Steps of the Runge–Kutta method per path; at least 1. Default 40.</summary>
    public int PathSteps { get; init; } = Distillation.hybrid.Draws.PathSteps;

    /// <summary>The fraction of rows that are trained without their class, as the teacher was; from 0 to 1. Default 0.</summary>
    public double ClassFreeShare { get; init; } = Distillation.hybrid.Draws.ClassFreeShare;

    /// <summary>
    /// The number of equal steps from noise to data, with the features evaluated again after each, that the flow is trained for; at least 1,
    /// and a divisor of PathSteps if the loss needs paths. Default 1.
    /// </summary>
    public int Parts { get; init; } = Distillation.hybrid.Draws.Parts;

    internal static DistillationDrawSettings From(DrawOptions core) =>
        new()
        {
            Starts = core.Starts,
            NoiseShare = core.NoiseShare,
            DataShare = core.DataShare,
            Points = core.Points,
            Paths = core.Paths,
            PathSteps = core.PathSteps,
            ClassFreeShare = core.ClassFreeShare,
            Parts = core.Parts,
        };

    internal DrawOptions ToCore() => new(Starts, NoiseShare, DataShare, Points, Paths, PathSteps, ClassFreeShare, Parts);
}

/// <summary>Settings of <see cref="DistillationTrainer"/>. The defaults are those of <see cref="Hybrid"/>.</summary>
public sealed record DistillationSettings
{
    /// <summary>
    /// The network of the features F(t, x): layers, convolutions for images, or a module of your own. Default three layers of 96. With
    /// convolutions, Features and Operator are per pixel.
    /// </summary>
    public NetworkSettings Network { get; init; } = new FlowNetworkSettings();

    /// <summary>The number m of features, equal to the number of outputs of a module; at least 1. Default 32.</summary>
    public int Features { get; init; } = LinearFlowModule.defaults.Features;

    /// <summary>The operator. Default 2 × 2 blocks.</summary>
    public OperatorShape Operator { get; init; } = LinearFlowModule.defaults.Generator;

    /// <summary>
    /// The network of a learned decoder x = dec(t, F), without classes, with z = [1, t, F]; null, the default, for points that are
    /// themselves coordinates of the lift.
    /// </summary>
    public NetworkSettings? Decoder { get; init; }

    /// <summary>The loss. Default Lag + .03 scaled C + 4 Path.</summary>
    public Loss Loss { get; init; } = Distillation.hybrid.Loss;

    /// <summary>The batch of a step.</summary>
    public DistillationDrawSettings Draws { get; init; } = new();

    /// <summary>The path on which the teacher was trained. Default straight lines between independent ends.</summary>
    public ProbabilityPath Path { get; init; } = Distillation.hybrid.Path;

    /// <summary>The training. Default 7,000 steps of at most 5e-3.</summary>
    public FlowDescentSettings Descent { get; init; } = FlowDescentSettings.From(Distillation.hybrid.Descent);

    /// <summary>
    /// The default: in the plane the distance of its one-step samples to the data is within a few per cent of the teacher's.
    /// </summary>
    public static DistillationSettings Hybrid => From(Distillation.hybrid);

    /// <summary>Lag + .03 scaled C: no differential equation is solved and no paths are stored.</summary>
    public static DistillationSettings SolverFree => From(Distillation.solverFree);

    /// <summary>The paper's C + P + T with a dense operator.</summary>
    public static DistillationSettings Paper => From(Distillation.paper);

    /// <summary>P + T with a dense operator: endpoint-only baseline.</summary>
    public static DistillationSettings EndpointOnly => From(Distillation.endpointOnly);

    /// <summary>
    /// Lag + .03 scaled C + imitation: simulation-free in the strict sense. The teacher is evaluated at points between noise and data only; a second network
    /// learns its velocities there and is evaluated at the points that the student predicts.
    /// </summary>
    public static DistillationSettings Strict => From(Distillation.strict);

    /// <summary>E alone: only the teacher's velocity at points between noise and data.</summary>
    public static DistillationSettings DecodedOnly => From(Distillation.decodedOnly);

    /// <summary>.1 C + P + T + R with a dense operator and a learned decoder, as in the paper's later versions.</summary>
    public static DistillationSettings Decoding => From(Distillation.decoding);

    private static DistillationSettings From(DistillationOptions core)
    {
        var lift = ((LiftSource.Fresh)core.Lift).Item;
        return new()
        {
            Operator = lift.Generator,
            Features = lift.Features,
            Decoder = lift.Decoder is null ? null : new FlowNetworkSettings(),
            Loss = core.Loss,
            Draws = DistillationDrawSettings.From(core.Draws),
            Descent = FlowDescentSettings.From(core.Descent),
        };
    }

    internal DistillationOptions ToCore(int dimension) =>
        new(
            LiftSource.NewFresh(new(
                Network.ToCore(dimension, Features),
                Features,
                Operator,
                Decoder?.ToCore(Features, dimension).ToOption())),
            Loss,
            Draws.ToCore(),
            Path,
            Descent.ToCore());
}
