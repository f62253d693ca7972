#!/usr/bin/python3
"""Runs the benchmarks beside their peers and prints ratios: below 1 this library is faster.

Peers: PyTorch's eager calls (Debian: apt-get install python3-torch) and a product in C++. Build the solution first
(./koopman setup), then run tests/Koopman.Benchmarks/compare.py; --quick takes fewer samples."""

import json
import pathlib
import statistics
import subprocess
import sys
import timeit

import torch

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = ROOT / "artifacts" / "benchmarks"


def ours(quick: bool) -> dict[str, float]:
    """Median nanoseconds of each benchmark, by its name."""
    program = ROOT / "artifacts/bin/Koopman.Benchmarks/release/Koopman.Benchmarks.dll"
    few = ["--warmupCount", "3", "--iterationCount", "8"] if quick else []
    subprocess.run(
        ["dotnet", program, "--filter", "*", "--artifacts", OUT, *few], check=True, stdout=subprocess.DEVNULL
    )
    reports = [json.loads(file.read_text()) for file in (OUT / "results").glob("*-report-brief.json")]
    return {b["Method"]: b["Statistics"]["Median"] for report in reports for b in report["Benchmarks"]}


def pytorch() -> dict[str, float]:
    """The same operations, written as a user of PyTorch writes them."""
    a, b, square = torch.ones(10), torch.ones(10), torch.ones(4, 4)
    calls = {
        "Add": lambda: a.add(b),
        "Scale": lambda: a * 2.0,
        "AddInPlace": lambda: a.add_(b),
        "Matmul": lambda: square.matmul(square),
        "Sum": lambda: a.sum(),
        "Transpose": lambda: square.t(),
    }
    number = 20_000
    empty = statistics.median(timeit.repeat(lambda: None, number=number, repeat=15))
    return {
        name: (statistics.median(timeit.repeat(call, number=number, repeat=15)) - empty) / number * 1e9
        for name, call in calls.items()
    }


def cpp() -> dict[str, float]:
    """The large product, compiled against the system's libtorch."""
    program = OUT / "product"
    OUT.mkdir(parents=True, exist_ok=True)
    include = "-I/usr/include/torch/csrc/api/include"
    subprocess.run(
        ["g++", "-std=c++17", "-O2", include, HERE / "product.cpp", "-o", program, "-ltorch", "-ltorch_cpu", "-lc10"],
        check=True,
    )
    return {"Product2048": float(subprocess.run([program], check=True, capture_output=True, text=True).stdout)}


def main() -> None:
    peers = [("PyTorch " + torch.__version__, pytorch()), ("C++", cpp())]
    mine = ours("--quick" in sys.argv)
    print(f"{'operation':14}{'ours':>14}{'peer':>14}{'ratio':>8}")
    for peer, times in peers:
        for name, theirs in times.items():
            print(f"{name:14}{mine[name]:11,.0f} ns{theirs:11,.0f} ns{mine[name] / theirs:8.2f}  {peer}")


if __name__ == "__main__":
    main()
