#!/usr/bin/env python3
"""The errors of the engine fast: clouds of every shape against float64 in NumPy.

    cargo build --release && python3 benches/accuracy_fast.py [--count 20000] [--codes postal.csv]

Each cloud at nine σ from 10⁻³ to 10 times its spread, in one to three dimensions, without and with
weights: the worst over all of them, on 2,000 targets anywhere, the 200 of the smallest f and the 200 of
the largest. --codes adds the columns longitude and latitude of a file, with as many duplicates as it
has. Fails where a value is negative, where the error exceeds the tolerance wherever f is 0.01 weights or
more, or a fifth of the tolerance of max f, and where the program's own `error_bound` is below what is
seen. SIGMASCOPE_FAST=cpu|gpu chooses where it runs. Needs NumPy and a release build.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "sigmascope"
SIGMAS = [1e-3, 3.7e-3, 0.011, 0.037, 0.12, 0.31, 0.83, 2.7, 10.0]
COUNTED = 0.01


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", type=int, default=20_000, help="points of a cloud")
    options.add_argument("--tolerances", default="1e-3,1e-5,1e-9", help="separated by commas")
    options.add_argument("--dims", default="1,2,3", help="dimensions, separated by commas")
    options.add_argument("--codes", type=Path, help="a file with columns longitude and latitude")
    options = options.parse_args()
    failed = []
    print("| tolerance | d | points | relative error, f ≥ 0.01 | error ÷ max f | error ÷ bound |")
    print("|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for tolerance in options.tolerances.split(","):
            for d in map(int, options.dims.split(",")):
                for name, x, y, spread in clouds(d, options.count, options.codes):
                    worst = np.zeros(3)
                    for k, sigma in enumerate(SIGMAS):
                        weighted = [None, np.random.default_rng(k).uniform(0.1, 3.0, len(y))]
                        # Without weights and with them by turns, but at the ends both.
                        for w in weighted if k in (0, 8) else weighted[k % 2 :][:1]:
                            worst = np.maximum(worst, one(folder, x, y, w, sigma * spread, tolerance))
                    cells = [tolerance, str(d), name, *(f"{error:.1e}" for error in worst[:2])]
                    print("| " + " | ".join([*cells, f"{worst[2]:.2f}"]) + " |", flush=True)
                    limit = float(tolerance)
                    if worst[0] > limit or worst[1] > 0.2 * limit or worst[2] > 1.0:
                        failed.append(f"{name}, d = {d}, tolerance {tolerance}")
    if failed:
        sys.exit("beyond what is promised: " + "; ".join(failed))


def clouds(d, n, codes):
    """Names, targets, sources and spreads."""
    random = np.random.default_rng(d)

    def normal():
        return random.standard_normal((n, d))

    centers = random.standard_normal((50, d))
    scales = 10.0 ** np.linspace(-2.5, -0.3, 50)

    def mixture():
        k = np.arange(n) % 50
        return centers[k] + scales[k, None] * random.standard_normal((n, d))

    yield "normal", normal(), normal(), 1.0
    yield "mixture", mixture(), mixture(), 1.0
    yield "uniform", random.random((n, d)), random.random((n, d)), 0.3
    line = np.repeat(3.0 * random.random((n, 1)), d, 1)
    yield "a line", line, line, 1.0
    same = np.full((n, d), 0.3)
    yield "all equal", same, same, 1.0
    far = normal()
    far[0] = 1e4
    yield "one outlier", far, far, 1.0
    if codes and d <= 2:
        with open(codes, newline="", encoding="utf-8") as file:
            rows = [[row["longitude"], row["latitude"]] for row in csv.DictReader(file)]
        places = np.array([[float(v) for v in row] for row in rows if all(row)])[:, :d]
        yield codes.stem, places, places, float(places.std())


def one(folder, x, y, w, sigma, tolerance):
    """Relative error where f counts, error ÷ max f, error ÷ what the program says."""
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    command = [PROGRAM, "reduce", "--targets", folder / "x.npy", "--sources", folder / "y.npy"]
    command += ["--sigma", repr(sigma), "--engine", "fast", "--tolerance", tolerance, "--json"]
    command += ["--dim", str(x.shape[1]), "--out", folder / "f.npy", "--force"]
    weight = 1.0
    if w is not None:
        np.save(folder / "w.npy", w)
        command += ["--weights", folder / "w.npy"]
        weight = w.max()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    f = np.load(folder / "f.npy")
    if f.min() < 0.0:
        sys.exit(f"a negative value at sigma {sigma}")
    order = np.argsort(f)
    anywhere = np.random.default_rng(7).choice(len(f), min(2000, len(f)), replace=False)
    sample = np.unique(np.concatenate([anywhere, order[:200], order[-200:]]))
    reference = exact(x[sample], y, w, sigma)
    off = np.abs(f[sample] - reference)
    top = max(reference.max(), f.max())
    relative = off / np.maximum(reference, 1e-300)
    relative = relative[reference >= COUNTED * weight].max(initial=0.0)
    floor = min(COUNTED * weight, 1e-3 * top)
    seen = (off / np.maximum(reference, floor)).max()
    # Where all is below what counts, the highest value need not be exact.
    against_top = off.max() / top if top >= COUNTED * weight else 0.0
    return np.array([relative, against_top, seen / json.loads(done.stdout)["error_bound"]])


def exact(x, y, w, sigma):
    """The definition in float64, some targets at a time."""
    w = np.ones(len(y)) if w is None else w
    sums = []
    for block in np.array_split(x, max(1, len(x) * len(y) // (1 << 22))):
        squares = np.zeros((len(block), len(y)))
        for k in range(x.shape[1]):
            squares += (block[:, k, None] - y[None, :, k]) ** 2
        sums.append(np.exp(squares * (-0.5 / sigma**2)) @ w)
    return np.concatenate(sums)


if __name__ == "__main__":
    main()
