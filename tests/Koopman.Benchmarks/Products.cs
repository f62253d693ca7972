using System.Diagnostics;
using System.Linq;
using BenchmarkDotNet.Attributes;
using TorchSharp;
using static TorchSharp.torch;

namespace Koopman.Benchmarks;

/// <summary>A product so large that only the library below should cost time; the same in C++ is in product.cpp.</summary>
public class Products
{
    private Tensor a = null!;
    private Tensor b = null!;

    /// <summary>Makes the operands.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        a = torch.rand(2048, 2048, dtype: torch.float64);
        b = torch.rand(2048, 2048, dtype: torch.float64);
    }

    /// <summary>2048 x 2048 times 2048 x 2048 in double precision.</summary>
    [Benchmark]
    public void Product2048()
    {
        using var c = a.matmul(b);
    }

    /// <summary>The median time of a product in nanoseconds, over this many.</summary>
    public static double Median(int products)
    {
        var work = new Products();
        work.Prepare();
        var times = Enumerable.Range(0, products).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            work.Product2048();
            return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        });
        return times.OrderBy(t => t).ElementAt(products / 2);
    }
}
