#!/usr/bin/env python3
"""Searches for a field that is further from the exact sum than the bound that the program gives with it.

Clouds of many scales, far points, points that coincide, weights from 1e-300 to 1e300 and of both signs, σ
from 1e-12 to 1e6 of the spread, 1 to 64 coordinates, every engine and every set of vector instructions; the
reference is the definition in NumPy, in extended precision where float64 itself would show.

Needs NumPy and a release build:
    cargo build --release && python3 benches/adversary.py --minutes 60 --seed 1
Prints what was run, the worst error of each engine as a share of its bound and, on clouds of less than a
million σ from end to end, as a share of f; each with the seed and number that `--only` runs again. Fails
where a bound does not hold.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "sigmascope"
SETS = ["avx512", "avx2", "neon", "portable"]
KINDS = ["normal", "one distance", "few places", "equal coordinates", "many scales", "a far point",
         "far clusters", "far from the origin", "a lattice"]
WEIGHTS = ["none", "none", "none", "positive", "of both signs", "any", "scaled", "a heavy one"]
# What exact engines may be off by on ordinary clouds.
MOST = 1.5e-6
# The largest sum of several terms that is no overflow of float64.
HUGE = 1e306


def power(random, low, high):
    """Evenly over the powers of ten."""
    return 10.0 ** random.uniform(low, high)


def draw(random, pairs):
    """A problem: its words, targets, sources, weights or None, and σ."""
    dim = int(random.choice([1, 1, 2, 2, 2, 3, 3, 4, 5, 7, 16, 32, 64]))
    most = max(pairs / dim, 4)
    n = int(power(random, 0, min(3.5, math.log10(most))))
    m = int(power(random, 0, min(5, math.log10(most / n))))
    x, y = random.standard_normal((n, dim)), random.standard_normal((m, dim))
    sigma = random.choice([1.0, 1.0, 0.3, 3.0]) * power(random, -0.5, 0.5)
    kind = random.choice(KINDS)
    if kind in ("one distance", "few places"):
        places = 1 if kind == "one distance" else random.integers(2, 6)
        distance = random.uniform(0, 5.5) * sigma / math.sqrt(dim)
        place = distance * random.uniform(-1.5, 1.5, (places, dim))
        if random.random() < 0.3:
            place[:] = place[:, :1]
        y = place[random.integers(0, places, m)]
        x = x * power(random, -6, 0.3)
    elif kind == "equal coordinates":
        x, y = (np.repeat(np.round(8 * z[:, :1]) / 8, dim, axis=1) for z in (x, y))
        sigma *= math.sqrt(dim) * power(random, -0.5, 0.5)
    elif kind == "many scales":
        reach = random.uniform(1, 9)
        x = x * 10 ** random.uniform(-reach, reach, (n, 1))
        y = y * 10 ** random.uniform(-reach, reach, (m, 1))
        sigma *= power(random, -reach, reach)
    elif kind == "a far point":
        far = power(random, 3, 17.5)
        for z in (x, y):
            z[random.integers(0, len(z), random.integers(1, 3)), 0] = far
    elif kind == "far clusters":
        far, middle = power(random, 0.5, 15), power(random, -2, 8)
        for z in (x, y):
            z[:, 0] += random.choice([-far, far, far + middle], len(z))
        sigma *= power(random, -2, 1)
    elif kind == "far from the origin":
        far = power(random, 0, 12)
        x, y = x + far, y + far
        sigma *= power(random, -3, 1)
    elif kind == "a lattice":
        step = random.choice([0.5, 0.25, 0.1])
        x, y = np.round(x / step) * step, np.round(y / step) * step
    if random.random() < 0.25:
        sigma *= power(random, -12, 6)
    units = random.choice([1, 1, 1, 1e-6, 1e3])
    x, y = x * units, y * units
    sigma = min(max(sigma * units, 1e-12), 1e12)
    if random.random() < 0.25:
        x = y[:n].copy()
        n = len(x)
    what = random.choice(WEIGHTS)
    w = {
        "none": lambda: None,
        "positive": lambda: random.random(m),
        "of both signs": lambda: random.uniform(-1, 1, m),
        "any": lambda: 10 ** random.uniform(-300, 300, m),
        "scaled": lambda: power(random, -295, 295) * random.uniform(0.5, 1.5, m),
        "a heavy one": lambda: np.where(np.arange(m) == random.integers(m), power(random, 3, 295), 1.0),
    }[what]()
    if w is not None and random.random() < 0.1:
        w = w * random.choice([-1, 1], m)
    words = f"{kind}, d {dim}, n {n}, m {m}, sigma {sigma:.3g}, weights: {what}"
    return words, x, y, w, float(sigma)


def exact(x, y, w, sigma):
    """Σ w k and Σ |w| k for each target, and how far these may be off, as shares; the exponents, the
    products and the sums in extended precision, for float64 loses digits of large ones."""
    wide = np.longdouble
    w = np.ones(len(y)) if w is None else w
    field, magnitude, lost = [], [], []
    for row in x:
        # A difference of two float64 is exact enough: it is rounded by a part of itself.
        difference = row.astype(wide) - y.astype(wide)
        exponent = (difference**2).sum(1) / (2 * wide(sigma) ** 2)
        term = w.astype(wide) * np.exp(-exponent)
        field.append(term.sum())
        magnitude.append(np.abs(term).sum())
        lost.append((np.abs(term) * (exponent + len(y))).sum() * np.finfo(wide).eps)
    return np.array(field, wide), np.array(magnitude, wide), np.array(lost, wide)


def compare(found, field, magnitude, lost):
    """The largest |f - exact| / max(magnitude, 1e-3 max magnitude), and what of it may be the reference's."""
    floor = max(1e-3 * magnitude.max(), np.longdouble(np.finfo(np.float64).tiny))
    scale = np.maximum(magnitude, floor)
    off = np.abs(found.astype(np.longdouble) - field) / scale
    return float(off.max()) if np.isfinite(found).all() else math.inf, float((lost / scale).max())


def reduce(folder, engine, instructions, dim, sigma, weighted):
    """What the program computes, or what it says instead."""
    command = [PROGRAM, "reduce", "--targets", folder / "x.npy", "--sources", folder / "y.npy"]
    command += ["--dim", str(dim)]
    command += ["--sigma", repr(sigma), "--engine", engine, "--json", "--out", folder / "f.npy", "--force"]
    command += ["--weights", folder / "w.npy"] if weighted else []
    env = dict(os.environ, **({"SIGMASCOPE_SIMD": instructions} if instructions else {}))
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    if done.returncode != 0:
        return None, done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
    return np.load(folder / "f.npy"), json.loads(done.stdout)


def available():
    """Every engine with every set of instructions that works here: (engine, instructions or None)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "x.npy", np.zeros((3, 2)))
        np.save(folder / "y.npy", np.zeros((3, 2)))
        ways = [("naive", None), ("broadcast", None), ("chunked", None), ("gpu", None), ("auto", None)]
        ways += [(engine, one) for engine in ("simd", "fast") for one in SETS]
        return [way for way in ways if reduce(folder, *way, 2, 1.0, False)[0] is not None]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="run this one number of the seed")
    parser.add_argument("--pairs", type=float, default=3e5, help="most pairs times coordinates of a problem")
    options = parser.parse_args()
    ways = available()
    label = lambda way: way[0] + (f", {way[1]}" if way[1] else "")
    print("seed", options.seed, "with", "; ".join(map(label, ways)), flush=True)
    worst = {way: [0.0, "", 0.0, ""] for way in ways}
    kinds, refused, broken, count = {}, {}, 0, 0
    began, number = time.monotonic(), options.only or 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while time.monotonic() - began < 60 * options.minutes:
            random = np.random.default_rng([options.seed, number])
            words, x, y, w, sigma = draw(random, options.pairs)
            words = f"{words} (--seed {options.seed} --only {number})"
            np.save(folder / "x.npy", x)
            np.save(folder / "y.npy", y)
            if w is not None:
                np.save(folder / "w.npy", w)
            field, magnitude, lost = exact(x, y, w, sigma)
            extent = max(np.ptp(np.vstack([x, y]), axis=0))
            if magnitude.sum() < HUGE and extent < 1e18:
                count += 1
                kind = words.split(",")[0]
                kinds[kind] = kinds.get(kind, 0) + 1
                for way in ways:
                    if way[0] == "fast" and x.shape[1] > 3:
                        continue
                    found, report = reduce(folder, *way, x.shape[1], sigma, w is not None)
                    if found is None:
                        refused.setdefault(report[0][:150], words)
                        continue
                    error, slack = compare(found, field, magnitude, lost)
                    bound = report["error_bound"]
                    bound = math.inf if bound is None else bound
                    share = error / (bound + slack)
                    if share > worst[way][0]:
                        worst[way][:2] = share, words
                    ordinary = extent < 1e6 * sigma and way[0] not in ("fast", "auto")
                    if ordinary and error > worst[way][2]:
                        worst[way][2:] = error, words
                    if share > 1 or not bound <= 1 or (ordinary and error > MOST + slack):
                        broken += 1
                        print(f"{label(way)}: {error:.2e}, bound {bound:.2e}: {words}", flush=True)
            if options.only is not None:
                break
            number += 1
    print(f"{count} problems in {(time.monotonic() - began) / 60:.1f} minutes:",
          ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    for text, words in refused.items():
        print(f"refused: {text}: {words}")
    for way, (share, one, error, other) in worst.items():
        print(f"{label(way):16} {share:8.1e} of its bound  {one}")
        if error:
            print(f"{'':16} {error:8.1e} of f          {other}")
    sys.exit(f"{broken} fields break their bound" if broken else 0)


if __name__ == "__main__":
    main()
