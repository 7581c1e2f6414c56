#!/usr/bin/env python3
"""The fast sum as FINUFFT computes it, and sigmascope, on the same arrays in one run.

    cargo build --release && benches/peers/fast.py [--sizes 100000,1000000] [--sigmas 0.3,0.03]

Installs what `requirements.txt` names into `target/peers` on first use; nothing else is touched.
Prints a table in Markdown: medians after a warm-up of

- first: new points, one σ. FINUFFT sorts the points, transforms the sources (type 1), multiplies, and
  transforms back to the targets (type 2); its plans are made before and not counted
- step: another σ, all else kept. FINUFFT multiplies its kept transform and does its type 2

and the largest |f − ref| / ref where ref ≥ 0.01 and |f − ref| / max ref, against float64 on 400 targets
anywhere, the 100 of the smallest and the 100 of the largest f.

The points are standard normal in the plane, in float32. FINUFFT computes in float32 to a tolerance of
1e-6, with the period and the modes that this tolerance wants, both at 5.26 standard deviations, and the
better of its two upsampling factors. Both use all cores.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import exact

TOLERANCE = 1e-6
# exp(−κ²/2) is the tolerance.
KAPPA = math.sqrt(-2.0 * math.log(TOLERANCE))
COUNTED = 0.01


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--sizes", default="100000,1000000", help="N = M, separated by commas")
    options.add_argument("--sigmas", default="0.3,0.03", help="σ, separated by commas")
    options.add_argument("--repeat", type=int, default=7, help="timed runs of each")
    options = options.parse_args()
    if Path(sys.prefix).resolve() != exact.HOME.resolve():
        # That environment has the peers; what it starts anew is this script.
        exact.__file__ = __file__
        exact.go_on_in_environment()
    import finufft

    print(exact.machine())
    print(f"FINUFFT {finufft.__version__}, float32, tolerance {TOLERANCE:g}; load {exact.load()}\n")
    print("| N = M | σ | what | first | step | relative error, f ≥ 0.01 | error ÷ max f |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for size in options.sizes.split(","):
        compare(int(size), [float(sigma) for sigma in options.sigmas.split(",")], options.repeat)


def compare(n, sigmas, repeat):
    import numpy as np

    random = np.random.default_rng(1)
    x, y = (random.standard_normal((n, 2)).astype(np.float32) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        np.save(folder / "x.npy", x)
        np.save(folder / "y.npy", y)
        for sigma in sigmas:
            own = sigmascope(folder, sigma, repeat)
            sample = chosen(np, own[2])
            reference = references(np, x[sample], y, sigma)
            peers = [finufft_sum(np, x, y, sigma, factor, repeat) for factor in (2.0, 1.25)]
            peer = min(peers, key=lambda peer: peer[0] + peer[1])
            for name, (first, step, f) in (("sigmascope fast", own), ("FINUFFT", peer)):
                off = np.abs(f[sample] - reference)
                counted = reference >= COUNTED
                cells = [
                    f"{n:,}",
                    f"{sigma:g}",
                    name,
                    f"{1e3 * first:.3g} ms",
                    f"{1e3 * step:.3g} ms",
                    f"{np.max((off / np.maximum(reference, 1e-300))[counted], initial=0.0):.1e}",
                    f"{off.max() / reference.max():.1e}",
                ]
                print("| " + " | ".join(cells) + " |", flush=True)


def chosen(np, f):
    """Where both are held against float64."""
    order = np.argsort(f)
    anywhere = np.random.default_rng(2).choice(len(f), 400, replace=False)
    return np.unique(np.concatenate([anywhere, order[:100], order[-100:]]))


def references(np, x, y, sigma):
    x, y = x.astype(np.float64), y.astype(np.float64)
    return np.array([np.exp(((row - y) ** 2).sum(1) * (-0.5 / sigma**2)).sum() for row in x])


def sigmascope(folder, sigma, repeat):
    """Seconds for new points, for a step, and f."""
    import numpy as np

    environment = dict(os.environ)
    environment.pop("SIGMASCOPE_SIMD", None)
    files = ["--targets", folder / "x.npy", "--sources", folder / "y.npy", "--sigma", str(sigma)]
    bench = [exact.PROGRAM, "bench", *files, "--engine", "fast", "--repeat", str(repeat), "--json"]
    done = subprocess.run(bench, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    row = json.loads(done.stdout)[0]
    reduce = [exact.PROGRAM, "reduce", *files, "--engine", "fast", "--out", folder / "f.npy", "--force"]
    done = subprocess.run(reduce, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return row["first_seconds"], row["step_seconds_median"], np.load(folder / "f.npy")


def finufft_sum(np, x, y, sigma, factor, repeat):
    """The same by two transforms."""
    import finufft

    both = np.concatenate([x, y]).astype(np.float64)
    low, high = both.min(0), both.max(0)
    period = (high - low) + KAPPA * sigma
    turn = 2.0 * np.pi / period
    x, y = (np.ascontiguousarray(((p - (low + high) / 2) * turn).T.astype(np.float32)) for p in (x, y))
    widths = sigma * turn
    modes = [2 * math.ceil(KAPPA / width) for width in widths]
    filters = []
    for count, width in zip(modes, widths):
        k = np.arange(count) - count // 2
        filters.append(width / math.sqrt(2.0 * np.pi) * np.exp(-0.5 * (width * k) ** 2))
    settings = {"eps": TOLERANCE, "dtype": "complex64", "nthreads": exact.cores(), "upsampfac": factor}
    there = finufft.Plan(1, tuple(modes), isign=-1, **settings)
    back = finufft.Plan(2, tuple(modes), isign=1, **settings)
    strengths = np.ones(y.shape[1], np.complex64)

    def multiplied(transform):
        kernel = (filters[0][:, None] * filters[1][None]).astype(np.float32)
        return back.execute(transform * kernel)

    def first():
        there.setpts(*y)
        back.setpts(*x)
        transform = there.execute(strengths)
        return transform, multiplied(transform)

    def median(run):
        run()
        seconds = []
        for _ in range(repeat):
            started = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - started)
        return statistics.median(seconds)

    seconds = median(first)
    transform, f = first()
    return seconds, median(lambda: multiplied(transform)), f.real.astype(np.float64)


if __name__ == "__main__":
    main()
