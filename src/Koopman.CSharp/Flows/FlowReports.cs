using Koopman.Flows;
namespace Koopman.CSharp;

/// <summary>How far a linear flow is from its teacher: root mean square distances of points from the same noise, in units of the data.</summary>
public sealed class FlowErrorReport
{
    internal FlowErrorReport(StudentErrors core)
    {
        End = core.End;
        MedianEnd = core.MedianEnd;
        Middle = core.Middle;
        Worst = core.Worst;
        Anywhere = core.Anywhere;
        Inverse = core.Inverse;
    }

    /// <summary>Of one step from noise to data.</summary>
    public double End { get; }

    /// <summary>The median distance of one step from noise to data.</summary>
    public double MedianEnd { get; }

    /// <summary>In the mean over times between, in one step from noise.</summary>
    public double Middle { get; }

    /// <summary>At the worst of these times.</summary>
    public double Worst { get; }

    /// <summary>Of the end, when the step starts on the teacher's path.</summary>
    public double Anywhere { get; }

    /// <summary>Of the noise recovered from the teacher's end.</summary>
    public double Inverse { get; }
}

/// <summary>How well data are taken back to noise in one step, as root mean squares of distances.</summary>
public sealed class FlowInversionReport
{
    internal FlowInversionReport(InversionErrors core)
    {
        ToTeacher = core.ToTeacher;
        Cycle = core.Cycle;
        TeacherForward = core.TeacherForward;
        Chance = core.Chance;
    }

    /// <summary>From the noise that the teacher's equation gives, solved backwards.</summary>
    public double ToTeacher { get; }

    /// <summary>From the data, after one step back and one forward.</summary>
    public double Cycle { get; }

    /// <summary>From the data, after one step back and the teacher's way forward.</summary>
    public double TeacherForward { get; }

    /// <summary>What <see cref="ToTeacher"/> would be if the noise of one point were given to another.</summary>
    public double Chance { get; }
}

/// <summary>The error of one step along the teacher's paths, and what the residual says of it. Features are scaled to deviation 1.</summary>
public sealed class FlowBoundReport
{
    internal FlowBoundReport(ErrorBounds core)
    {
        End = core.End;
        Unexplained = core.Unexplained;
        Decoded = core.Decoded;
        Duhamel = core.Duhamel;
        PointResidual = core.PointResidual;
        FeatureResidual = core.FeatureResidual;
    }

    /// <summary>The error at t = 1, root mean square.</summary>
    public double End { get; }

    /// <summary>What the residual carried to the end leaves of <see cref="End"/>: the rule of integration.</summary>
    public double Unexplained { get; }

    /// <summary>The integral of the decoded residual's root mean square: <see cref="End"/> is not above it.</summary>
    public double Decoded { get; }

    /// <summary>The bound of Duhamel's formula by the log-norm of [x, F].</summary>
    public double Duhamel { get; }

    /// <summary>The x part of the residual, root mean square over the way: an error of velocity.</summary>
    public double PointResidual { get; }

    /// <summary>The F part of the residual, root mean square over the way and over features: below .5 the features are good eigenfunctions.</summary>
    public double FeatureResidual { get; }
}
