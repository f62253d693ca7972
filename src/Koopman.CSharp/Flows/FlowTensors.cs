using TorchSharp;

namespace Koopman.CSharp;

/// <summary>Tensors as networks take them.</summary>
internal static class FlowTensors
{
    /// <summary>The numbers in the type and on the device of a parameter. The caller owns them, whatever scopes there are around.</summary>
    public static torch.Tensor Like(torch.Tensor points, torch.Tensor parameter)
    {
        using var scope = torch.NewDisposeScope();
        return points.detach().to(parameter.dtype).to(parameter.device).alias().DetachFromDisposeScope();
    }
}
