#!/usr/bin/python3
"""Times steps of flow matching beside PyTorch, run by run, and prints the ratios of steps per second: above 1 this library is faster. Both
train the same network (layers of 96, 96, 96 with SiLU on (t, x) in the plane, float32) on batches of 512 along straight independent paths,
with Adam, warm-up and cosine, the gradient cut at length 1, and an average of the parameters.

Peer: PyTorch (Debian: apt-get install python3-torch). Build first (./koopman setup), then run tests/Peers/flows.py; --quick takes fewer
rounds. Debian's PyTorch uses OpenBLAS, which may be older than the processor and then runs kernels without vectors: a second row times PyTorch
with the better kernels named in the environment."""

import ctypes
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KERNELS = "OPENBLAS_CORETYPE"
ROWS, BATCH, WIDTH, STEPS = 20_000, 512, 96, 500


def ours() -> float:
    """Our steps per second, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "bench.json"
        tool = [ROOT / "koopman", "bench", "flows", "--only", "teacher", "--quick", "true", "--json", file]
        subprocess.run(tool, check=True, capture_output=True)
        return json.loads(file.read_text())["rows"][0]["steps_per_second"]


def train(steps: int) -> None:
    """The training as a user of PyTorch writes it."""
    import torch
    from torch import nn

    data = torch.randn(ROWS, 2)
    net = nn.Sequential(
        nn.Linear(3, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(), nn.Linear(WIDTH, 2)
    )
    parameters = list(net.parameters())
    average = [p.detach().clone() for p in parameters]
    adam = torch.optim.Adam(parameters, lr=4e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        adam, lambda step: min(1, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps))
    )
    for _ in range(steps):
        data_end, noise, t = data[torch.randint(ROWS, (BATCH,))], torch.randn(BATCH, 2), torch.rand(BATCH, 1)
        point = torch.lerp(noise, data_end, t)
        loss = (net(torch.cat([t, point], 1)) - (data_end - noise)).square().mean()
        adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        schedule.step()
        with torch.no_grad():
            torch._foreach_mul_(average, 0.995)
            torch._foreach_add_(average, parameters, alpha=0.005)


def peer() -> float:
    """Steps per second in this process, after one run to warm up; the median of as many as ours."""
    train(STEPS)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        train(STEPS)
        seconds.append(time.perf_counter() - start)
    return STEPS / statistics.median(seconds)


def theirs(kernels: str | None) -> float:
    """PyTorch's steps per second, in a process of its own, perhaps with kernels named."""
    environment = os.environ | ({KERNELS: kernels} if kernels else {})
    run = subprocess.run([sys.executable, __file__, "--peer"], check=True, capture_output=True, text=True, env=environment)
    return float(run.stdout)


def better_kernels() -> str | None:
    """What OpenBLAS should run on this processor, if it would run kernels without vectors; None where it does well by itself."""
    if KERNELS in os.environ:
        return None
    try:
        blas = ctypes.CDLL("libopenblas.so.0")
    except OSError:
        return None
    blas.openblas_get_corename.restype = ctypes.c_char_p
    if blas.openblas_get_corename() not in (b"Prescott", b"Core2", b"Penryn", b"Dunnington", b"Nehalem"):
        return None
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    return "SkylakeX" if "avx512vl" in flags else "Haswell" if "avx2" in flags else None


def main() -> None:
    if "--peer" in sys.argv:
        print(peer())
        return
    peers = {"PyTorch as it is": None}
    if kernels := better_kernels():
        peers[f"PyTorch with {KERNELS}={kernels}"] = kernels
    # The machine's speed may drift: each round times all, one after the other.
    rounds = [(ours(), *(theirs(k) for k in peers.values())) for _ in range(3 if "--quick" in sys.argv else 7)]
    print(f"{'flow matching, ' + str(BATCH) + ' rows, 96-96-96':45}{'steps/s':>9}{'ours / it':>11}")
    print(f"{'this library':45}{statistics.median(r[0] for r in rounds):9.0f}")
    for place, name in enumerate(peers, start=1):
        speed = statistics.median(r[place] for r in rounds)
        ratio = statistics.median(r[0] / r[place] for r in rounds)
        print(f"{name:45}{speed:9.0f}{ratio:11.2f}")


if __name__ == "__main__":
    main()
