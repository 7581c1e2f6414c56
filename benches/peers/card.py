#!/usr/bin/env python3
"""torch.compile and pykeops on a card, for scripts/card: benches/peers/card.py [--sizes 3000,30000] [--repeat 5]

Installs nothing: what this Python has, with CUDA, is timed, and what it lacks is said. Standard normal points in the
plane, σ = 0.3, float32; the median of whole calls after two to warm up, and the device's time by CUDA events.
"""

import argparse
import statistics
import time

arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
arguments.add_argument("--sizes", default="3000,30000")
arguments.add_argument("--repeat", type=int, default=5)
given = arguments.parse_args()

try:
    import torch
except ImportError as err:
    raise SystemExit(print(f"torch and pykeops are not there: {err}"))
if not torch.cuda.is_available():
    raise SystemExit(print(f"torch {torch.__version__} finds no card with CUDA."))

# Numbers in one array of targets × sources.
BLOCK = 1 << 28


@torch.compile
def compiled(x, y, c):
    squared = (x[:, None, 0] - y[None, :, 0]) ** 2 + (x[:, None, 1] - y[None, :, 1]) ** 2
    return torch.exp(c * squared).sum(1)


def by_torch(x, y, c):
    rows = max(1, BLOCK // len(y))
    return torch.cat([compiled(x[start : start + rows], y, c) for start in range(0, len(x), rows)])


peers = {f"torch.compile {torch.__version__}": by_torch}
try:
    import pykeops
    from pykeops.torch import LazyTensor

    def by_keops(x, y, c):
        squared = ((LazyTensor(x[:, None, :]) - LazyTensor(y[None, :, :])) ** 2).sum(-1)
        return (c * squared).exp().sum(1)

    peers[f"pykeops {pykeops.__version__}"] = by_keops
except Exception as err:  # It compiles on import, and fails in many ways.
    print(f"pykeops is not there: {err}\n")

print(f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}\n")
print("| | N = M | wall | on the device | pairs/s | error |")
print("|---|---|---|---|---|---|")
c = -1 / (2 * 0.3**2)
for size in map(int, given.sizes.split(",")):
    generator = torch.Generator(device="cuda").manual_seed(1)
    x, y = (torch.randn(size, 2, device="cuda", generator=generator) for _ in range(2))
    some = x[:: max(1, size // 64)].double()
    exact = torch.exp(c * torch.cdist(some, y.double()) ** 2).sum(1)
    for name, peer in peers.items():
        walls, devices = [], []
        try:
            for run in range(given.repeat + 2):
                events = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
                torch.cuda.synchronize()
                started = time.perf_counter()
                events[0].record()
                f = peer(x, y, c).reshape(-1)
                events[1].record()
                torch.cuda.synchronize()
                if run > 1:
                    walls.append(time.perf_counter() - started)
                    devices.append(events[0].elapsed_time(events[1]) / 1000)
        except Exception as err:
            print(f"| {name} | {size} | failed: {str(err).splitlines()[0]} | | | |")
            continue
        wall, device = statistics.median(walls), statistics.median(devices)
        error = ((f[:: max(1, size // 64)].double() - exact).abs() / exact.clamp_min(1e-3 * exact.max())).max()
        print(f"| {name} | {size} | {1000 * wall:.3g} ms | {1000 * device:.3g} ms | {size**2 / device:.3g} | {error:.1e} |")
