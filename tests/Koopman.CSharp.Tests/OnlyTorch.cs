using static TorchSharp.torch;

namespace Elsewhere;

/// <summary>Code that knows TorchSharp and nothing of this library.</summary>
internal static class OnlyTorch
{
    /// <summary>A rotation that contracts, for rows: x' = x Aᵀ.</summary>
    public static Tensor Step() => tensor(new double[,] { { .9, -.3 }, { .3, .9 } });

    /// <summary>Rows (n, 2) at random, in the given precision.</summary>
    public static Tensor Cloud(int rows, ScalarType type = ScalarType.Float64)
    {
        using var generator = new Generator(7, CPU);
        return randn(rows, 2, dtype: type, generator: generator);
    }

    /// <summary>A network of two layers on (n, 2), float64.</summary>
    public static nn.Module<Tensor, Tensor> Features() =>
        nn.Sequential(nn.Linear(2, 5, dtype: float64), nn.Tanh(), nn.Linear(5, 3, dtype: float64));

    /// <summary>Outputs of (t, x) by one layer.</summary>
    public sealed class OfTimeAndPlace : nn.Module<Tensor, Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear layer;

        public OfTimeAndPlace(int outputs, ScalarType type)
            : base(nameof(OfTimeAndPlace))
        {
            layer = nn.Linear(3, outputs, dtype: type);
            RegisterComponents();
        }

        public override Tensor forward(Tensor time, Tensor point) => cat([time, point], 1).mm(layer.weight!.t()).add(layer.bias!).tanh();
    }
}
