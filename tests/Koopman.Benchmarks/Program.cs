using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// For compare.py, which alternates it with C++: on a shared machine only runs side by side can be compared.
if (args is ["product"])
{
    System.Console.WriteLine(Koopman.Benchmarks.Products.Median(20));
    return;
}

// In this process: a generated project would have to find the shim and the repository's build settings again.
var config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddExporter(JsonExporter.Brief);

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config);
