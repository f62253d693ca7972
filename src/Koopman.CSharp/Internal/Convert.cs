using System;
using TorchSharp;

namespace Koopman.CSharp;

/// <summary>Tensors into .NET arrays. Each takes the tensor over and frees it.</summary>
internal static class Convert
{
    public static double[] ToVector(torch.Tensor taken)
    {
        using (taken)
            return Tensors.toArray(taken);
    }

    public static double[,] ToMatrix(torch.Tensor taken)
    {
        using (taken)
        {
            var values = new double[taken.shape[0], taken.shape[1]];
            Fill(values, taken);
            return values;
        }
    }

    public static double[,,] ToCube(torch.Tensor taken)
    {
        using (taken)
        {
            var values = new double[taken.shape[0], taken.shape[1], taken.shape[2]];
            Fill(values, taken);
            return values;
        }
    }

    private static void Fill(Array target, torch.Tensor source)
    {
        var flat = Tensors.toArray(source);
        Buffer.BlockCopy(flat, 0, target, 0, flat.Length * sizeof(double));
    }
}
