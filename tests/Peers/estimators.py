#!/usr/bin/python3
"""Times EDMD beside the normal equations that a user of numpy would write, run by run, and prints the ratios: below 1 this library is
faster. Both find the eigenvalues from 100,000 pairs of one trajectory in 3 dimensions with 100 Gaussian functions.

Peer: numpy (Debian: apt-get install python3-numpy). Build first (./koopman setup), then run tests/Peers/estimators.py;
--quick takes fewer rounds."""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ROWS, COUNT, DIMENSION, WIDTH = 100_000, 100, 3, 0.8


def ours() -> float:
    """Median seconds of our EDMD, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "bench.json"
        tool = [ROOT / "koopman", "bench", "estimators", "--only", "edmd", "--quick", "true", "--json", file]
        subprocess.run(tool, check=True, capture_output=True)
        return json.loads(file.read_text())["rows"][0]["median_seconds"]


def gaussians(points: numpy.ndarray, centres: numpy.ndarray) -> numpy.ndarray:
    """exp(-|x-c|²/2w²) in the fastest way that numpy has: one product, no array of n x N x d."""
    scale = 1 / (2 * WIDTH**2)
    exponents = (2 * scale) * points @ centres.T
    exponents -= scale * (points**2).sum(1)[:, None]
    exponents -= scale * (centres**2).sum(1)
    return numpy.exp(exponents, out=exponents)


def shared(states: numpy.ndarray, centres: numpy.ndarray) -> None:
    """Each state's functions once: successors are the next rows."""
    psi = gaussians(states, centres)
    gram, form = psi[:-1].T @ psi[:-1], psi[:-1].T @ psi[1:]
    numpy.linalg.eigvals(numpy.linalg.lstsq(gram, form, rcond=1e-10)[0])


def separate(states: numpy.ndarray, centres: numpy.ndarray) -> None:
    """As from pairs (x, y): both sides' functions."""
    psi, after = gaussians(states[:-1], centres), gaussians(states[1:], centres)
    numpy.linalg.eigvals(numpy.linalg.lstsq(psi.T @ psi, psi.T @ after, rcond=1e-10)[0])


def theirs(work) -> float:
    """Median seconds of numpy's, after one run to warm up, as many as ours."""
    random = numpy.random.default_rng(1)
    states, centres = random.normal(size=(ROWS + 1, DIMENSION)), random.normal(size=(COUNT, DIMENSION))
    work(states, centres)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        work(states, centres)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def main() -> None:
    # The machine's speed may drift: each round times all three, one after the other.
    rounds = [(ours(), theirs(shared), theirs(separate)) for _ in range(3 if "--quick" in sys.argv else 7)]
    mine = [r[0] for r in rounds]
    print(f"{'EDMD 100,000 x 100':40}{'seconds':>9}{'ours / it':>11}")
    print(f"{'this library':40}{statistics.median(mine):9.3f}")
    for place, name in [(1, "numpy, functions of each state once"), (2, "numpy, functions of both sides")]:
        peer = [r[place] for r in rounds]
        ratio = statistics.median(a / b for a, b in zip(mine, peer))
        print(f"{name + ' ' + numpy.__version__:40}{statistics.median(peer):9.3f}{ratio:11.2f}")


if __name__ == "__main__":
    main()
