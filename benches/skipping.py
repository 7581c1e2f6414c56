#!/usr/bin/env python3
"""What an exact engine saves where pairs are the same twice, or too far apart to count.

    cargo build --release && python3 benches/skipping.py [OTHER] [--engine gpu] [--rounds 5]

Runs the release build with the engine simd, or gpu, and, where one is given, another program on the same files by turns. Prints for each
the shortest time that the sum took, their ratio, and the largest error of the release build against
float64 in NumPy, at the 200 targets of the smallest f, the 200 of the largest and 600 anywhere: as a share
of max(f, 10⁻³·max f), for which 2·10⁻⁶ is promised, and of f itself where that is above 10⁻²⁰. Fails where
that promise or the program's own `error_bound` does not hold. Needs NumPy.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "sigmascope"
COUNT = 30_000


def cases():
    """What it is, targets, sources, weights or None, and σ."""
    random = np.random.default_rng(1)

    def normal(d, n=COUNT):
        return random.standard_normal((n, d))

    def clusters(d, spread=1.0):
        k = random.integers(0, 50, COUNT)
        return 100.0 * random.standard_normal((50, d))[k] + spread * normal(d)

    weights = random.uniform(0.1, 3.0, COUNT)
    uneven = 10.0 ** random.uniform(-8.0, 0.0, COUNT)
    signed = random.standard_normal(COUNT)
    for d in (1, 2, 3, 4, 5):
        x = normal(d)
        yield f"the sources, d = {d}", x, x, None, 1.0
    x = normal(2)
    yield "the sources, weights", x, x, weights, 1.0
    yield "the sources, weights of both signs", x, x, signed, 1.0
    yield "the sources, weights from 1e-8 on", x, x, uneven, 0.3
    yield "the sources, σ = 0.03", x, x, None, 0.03
    x = normal(16, 8000)
    yield "8000 sources, d = 16", x, x, None, 1.0
    for sigma in (1.0, 0.3, 0.1, 0.03, 0.003):
        yield f"others, σ = {sigma}", normal(2), normal(2), None, sigma
    yield "others, weights, σ = 0.03", normal(2), normal(2), weights, 0.03
    yield "others, weights of both signs, σ = 0.03", normal(2), normal(2), signed, 0.03
    yield "others, weights from 1e-8 on, σ = 0.03", normal(2), normal(2), uneven, 0.03
    yield "others, all far, σ = 0.3", normal(2) + 10.0, normal(2), None, 0.3
    x = clusters(5)
    yield "clusters, d = 5", x, x, None, 1.0
    state = random.bit_generator.state
    x = clusters(5)
    random.bit_generator.state = state
    yield "others in the same clusters, d = 5", x, clusters(5, 1.1), None, 1.0


def exact(x, y, w, sigma):
    """f and the sum of all |terms|, in float64."""
    sums = []
    for block in np.array_split(x, max(1, len(x) * len(y) // (1 << 22))):
        squares = np.zeros((len(block), len(y)))
        for k in range(x.shape[1]):
            squares += (block[:, k, None] - y[None, :, k]) ** 2
        terms = np.exp(squares * (-0.5 / sigma**2))
        sums.append([terms.sum(1), terms.sum(1)] if w is None else [terms @ w, terms @ abs(w)])
    return np.concatenate(sums, axis=1)


def run(program, engine, folder, x, w, sigma):
    """Seconds of the sum, f and what the program says of its error."""
    command = [program, "reduce", "--targets", folder / "x.npy", "--sources", folder / "y.npy"]
    command += ["--sigma", repr(sigma), "--engine", engine, "--json", "--dim", str(x.shape[1])]
    command += ["--out", folder / "f.npy", "--force"]
    command += [] if w is None else ["--weights", folder / "w.npy"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    told = json.loads(done.stdout)
    return told["seconds"], np.load(folder / "f.npy").ravel(), told["error_bound"]


def errors(f, x, y, w, sigma):
    """The largest error as a share of what counts, and of f itself."""
    order = np.argsort(abs(f))
    anywhere = np.random.default_rng(7).choice(len(f), min(600, len(f)), replace=False)
    sample = np.unique(np.concatenate([anywhere, order[:200], order[-200:]]))
    reference, magnitude = exact(x[sample], y, w, sigma)
    off = abs(f[sample] - reference)
    counted = (off / np.maximum(magnitude, 1e-3 * magnitude.max())).max()
    itself = (off / np.maximum(magnitude, 1e-300))[magnitude >= 1e-20]
    return counted, itself.max(initial=0.0)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("other", nargs="?", type=Path, help="the program to compare with")
    options.add_argument("--engine", default="simd", choices=("simd", "gpu"))
    options.add_argument("--rounds", type=int, default=5, help="runs of each, by turns")
    options.add_argument("--only", default="", help="only the cases whose name has this")
    options = options.parse_args()
    programs = [PROGRAM] + ([options.other] if options.other else [])
    failed = []
    print("| targets, σ | ms | ms, other | times as fast | error | of f itself |")
    print("|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for name, x, y, w, sigma in cases():
            if options.only not in name:
                continue
            np.save(folder / "x.npy", x)
            np.save(folder / "y.npy", y)
            if w is not None:
                np.save(folder / "w.npy", w)
            seconds = np.full((options.rounds, len(programs)), np.inf)
            for turn in seconds:
                for k, program in enumerate(programs):
                    turn[k], field, told = run(program, options.engine, folder, x, w, sigma)
                    if k == 0:
                        f, bound = field, told
            fastest = 1e3 * seconds.min(axis=0)
            counted, itself = errors(f, x, y, w, sigma)
            cells = [name, f"{fastest[0]:.2f}"]
            cells += [f"{fastest[1]:.2f}", f"{fastest[1] / fastest[0]:.2f}"] if options.other else ["", ""]
            print("| " + " | ".join([*cells, f"{counted:.1e}", f"{itself:.1e}"]) + " |", flush=True)
            if counted > min(2e-6, bound):
                failed.append(name)
    if failed:
        sys.exit("beyond what is promised: " + "; ".join(failed))


if __name__ == "__main__":
    main()
