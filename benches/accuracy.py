#!/usr/bin/env python3
"""Prints the table of errors of docs/accuracy.md: the program against a float64 double loop in NumPy.

Needs NumPy and a release build:
    cargo build --release && python3 benches/accuracy.py
WGPU_BACKEND chooses the interface, as always.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "sigmascope"
SIZES = [(3000, 3000), (257, 65_537), (256, 1_000_000)]
SIGMAS = [0.01, 0.3, 10]


def exact(x, y, sigma):
    """The definition, row by row, in float64."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    return np.array([np.exp(-((row - y) ** 2).sum(1) / (2 * sigma**2)).sum() for row in x])


def error(f, reference):
    """Largest |f - reference| / max(reference, 1e-3 max reference)."""
    return np.max(np.abs(f - reference) / np.maximum(reference, 1e-3 * reference.max()))


def field(folder, x, y, sigma, chunk):
    """What the program computes, and the adapter it does it on."""
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    command = [PROGRAM, "reduce", "--targets", folder / "x.npy", "--sources", folder / "y.npy"]
    command += ["--sigma", str(sigma), "--chunk", str(chunk), "--engine", "gpu", "--json"]
    command += ["--out", folder / "f.npy", "--force"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return np.load(folder / "f.npy"), json.loads(done.stdout)["adapter"]


def main():
    random = np.random.default_rng(5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("| N × M | " + " | ".join(f"σ = {sigma}" for sigma in SIGMAS) + " |")
        print("|---" * (1 + len(SIGMAS)) + "|")
        for n, m in SIZES:
            x, y = random.standard_normal((n, 2)), random.standard_normal((m, 2))
            cells = []
            for sigma in SIGMAS:
                worst = 0.0
                for kind in (np.float32, np.float64):
                    a, b = x.astype(kind), y.astype(kind)
                    reference = exact(a, b, sigma)
                    for chunk in (1, 7, 256, 1000, m, 10 * m):
                        f, adapter = field(folder, a, b, sigma, chunk)
                        worst = max(worst, error(f, reference))
                cells.append(f"{worst:.1e}")
            print(f"| {n:,} × {m:,} | " + " | ".join(cells) + " |", flush=True)
        x, y = (random.standard_normal((3000, 2)) + 1e6 for _ in range(2))
        f, adapter = field(folder, x, y, 0.1, "auto")
        print(f"\nA float64 cloud at offset 10⁶ with σ = 0.1: {error(f, exact(x, y, 0.1)):.1e}.")
        print(f"On {adapter}.")


if __name__ == "__main__":
    main()
