using TorchSharp;
using Koopman.Flows;

namespace Koopman.CSharp;

/// <summary>
/// What was drawn for one step of a student's training, and the lift there. Tensors belong to the step: do not keep them. What records gradients
/// is said to.
/// </summary>
public sealed class FlowBatch
{
    private readonly LossBatch core;

    internal FlowBatch(LossBatch core)
    {
        this.core = core;
    }

    /// <summary>Times t (n, 1) of points between noise and data.</summary>
    public torch.Tensor PointTimes => core.Points.Time;

    /// <summary>Points x (n, d) between noise and data.</summary>
    public torch.Tensor Points => core.Points.Point;

    /// <summary>The teacher's velocities (n, d) at the points.</summary>
    public torch.Tensor Velocities => core.Points.Velocity;

    /// <summary>The features F (n, m) at the points; records gradients.</summary>
    public torch.Tensor Features => core.AtPoints.Features;

    /// <summary>The x part (n, d) of the residual r = J_z (1, v) - z L at the points; records gradients.</summary>
    public torch.Tensor PointResiduals => core.Residual.Point;

    /// <summary>The F part (n, m) of the residual at the points; records gradients.</summary>
    public torch.Tensor FeatureResiduals => core.Residual.Features;

    /// <summary>Times s (k, 1) from which predictions start; 0 is noise.</summary>
    public torch.Tensor StartTimes => core.Starts.Time;

    /// <summary>Points (k, d) from which predictions start.</summary>
    public torch.Tensor Starts => core.Starts.Point;

    /// <summary>Horizons τ (2, k, 1) of each start, one in each half of the way that is left.</summary>
    public torch.Tensor Horizons => core.Starts.Horizons;

    /// <summary>A stored time (p, 1) of each teacher path; the paths are from the first starts.</summary>
    public torch.Tensor PathTimes => core.Paths.Time;

    /// <summary>The points (p, d) of the paths at these times.</summary>
    public torch.Tensor PathPoints => core.Paths.State;

    /// <summary>The ends (p, d) of the paths at t = 1.</summary>
    public torch.Tensor PathEnds => core.Paths.End;

    /// <summary>X(τ): where the starts are after horizons (k, 1) or (q, k, 1); records gradients.</summary>
    public torch.Tensor Position(torch.Tensor horizons) => core.Lift.Position(core.AtStarts, horizons);

    /// <summary>X'(τ): how fast they move there; records gradients.</summary>
    public torch.Tensor Speed(torch.Tensor horizons) => core.Lift.Speed(core.AtStarts, horizons);
}
