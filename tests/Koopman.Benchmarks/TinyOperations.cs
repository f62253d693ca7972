using BenchmarkDotNet.Attributes;
using TorchSharp;
using static TorchSharp.torch;

namespace Koopman.Benchmarks;

/// <summary>Operations on so few numbers that only the way there and back costs time; PyTorch's own are in compare.py.</summary>
public class TinyOperations
{
    private Tensor a = null!;
    private Tensor b = null!;
    private Tensor square = null!;

    /// <summary>Makes the operands.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        a = torch.ones(10);
        b = torch.ones(10);
        square = torch.ones(4, 4);
    }

    /// <summary>Sum of two vectors of ten.</summary>
    [Benchmark]
    public void Add()
    {
        using var c = a.add(b);
    }

    /// <summary>A vector of ten times a number.</summary>
    [Benchmark]
    public void Scale()
    {
        using var c = a * 2.0;
    }

    /// <summary>In place, so that nothing is allocated.</summary>
    [Benchmark]
    public void AddInPlace()
    {
        a.add_(b);
    }

    /// <summary>Product of two 4 x 4 matrices.</summary>
    [Benchmark]
    public void Matmul()
    {
        using var c = square.matmul(square);
    }

    /// <summary>Total of ten numbers.</summary>
    [Benchmark]
    public void Sum()
    {
        using var c = a.sum();
    }

    /// <summary>A view, without arithmetic.</summary>
    [Benchmark]
    public void Transpose()
    {
        using var c = square.t();
    }
}
