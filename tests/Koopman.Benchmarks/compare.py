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
PROGRAM = ROOT / "artifacts/bin/Koopman.Benchmarks/release/Koopman.Benchmarks.dll"


def ours(quick: bool) -> dict[str, float]:
    """Median nanoseconds of each benchmark, by its name."""
    few = ["--warmupCount", "3", "--iterationCount", "8"] if quick else []
    subprocess.run(
        ["dotnet", PROGRAM, "--filter", "*Tiny*", "--artifacts", OUT, *few], check=True, stdout=subprocess.DEVNULL
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


def products(rounds: int) -> tuple[float, float, float]:
    """The large product: our median, that of C++ against the system's libtorch, and the median ratio of neighbouring runs."""
    program = OUT / "product"
    OUT.mkdir(parents=True, exist_ok=True)
    include = "-I/usr/include/torch/csrc/api/include"
    subprocess.run(
        ["g++", "-std=c++17", "-O2", include, HERE / "product.cpp", "-o", program, "-ltorch", "-ltorch_cpu", "-lc10"],
        check=True,
    )

    def time(*command: object) -> float:
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    runs = [(time("dotnet", PROGRAM, "product"), time(program)) for _ in range(rounds)]
    mine, theirs = zip(*runs)
    return statistics.median(mine), statistics.median(theirs), statistics.median(a / b for a, b in runs)


def row(name: str, mine: float, theirs: float, ratio: float, peer: str) -> None:
    print(f"{name:14}{mine:14,.0f} ns{theirs:14,.0f} ns{ratio:8.2f}  {peer}")


def main() -> None:
    quick = "--quick" in sys.argv
    theirs = pytorch()
    mine = ours(quick)
    again = pytorch()
    print(f"{'operation':14}{'ours':>17}{'peer':>17}{'ratio':>8}")
    for name in theirs:
        # PyTorch before and after: the machine's speed may have drifted meanwhile.
        peer = (theirs[name] + again[name]) / 2
        row(name, mine[name], peer, mine[name] / peer, "PyTorch " + torch.__version__)
    row("2048 x 2048", *products(3 if quick else 9), "C++")


if __name__ == "__main__":
    main()
