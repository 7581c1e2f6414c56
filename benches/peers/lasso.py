#!/usr/bin/env python3
"""The dots inside a lasso beside shapely's, and how long 10⁶ of them take.

    cargo build --release --workspace --examples && benches/peers/lasso.py [POLYGONS]

Installs NumPy and shapely, in the versions of `requirements-lasso.txt`, into `target/peers-lasso` on first
use; nothing else is touched. POLYGONS random ones (100) of 3 to 400 corners, simple and crossing themselves,
a third of the corners on dots, some on a lattice, some far from the origin, over 100,000 dots each, dots on
edges and a step of the last digit beside them among them. Which dots are inside is what shapely's prepared
polygon covers, and exact fractions where the two differ; one that crosses itself is compared with the
even-odd rule in exact fractions, at 300 dots, as shapely refuses those. Prints the number of dots that are
wrong, and fails if there is one. Then 10⁶ dots in outlines of 50, 200 and 1000 corners: the median of 9 runs.
"""

import statistics
import subprocess
import sys
import tempfile
import venv
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target/release/examples/inside"
ENVIRONMENT = ROOT / "target/peers-lasso"


def again_with_packages():
    """Runs this file again where NumPy and shapely are."""
    python = ENVIRONMENT / "bin/python"
    if Path(sys.prefix) == ENVIRONMENT:
        return
    wanted = Path(__file__).with_name("requirements-lasso.txt")
    done = ENVIRONMENT / "done"
    if not done.exists() or done.read_text() != wanted.read_text():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", wanted], check=True)
        done.write_text(wanted.read_text())
    sys.exit(subprocess.run([python, __file__, *sys.argv[1:]]).returncode)


again_with_packages()

import numpy as np  # noqa: E402
import shapely  # noqa: E402


def ours(points, corners, folder):
    """Which points the program says are inside, and its seconds."""
    files = [folder / name for name in ("points", "corners", "out")]
    points.astype("<f8").tofile(files[0])
    corners.astype("<f8").tofile(files[1])
    done = subprocess.run([PROGRAM, *files], check=True, capture_output=True, text=True)
    return np.fromfile(files[2], dtype=np.uint8).astype(bool), float(done.stdout)


def exactly(points, corners):
    """The even-odd rule in exact fractions, dots on the outline inside."""
    ring = [tuple(map(Fraction, corner)) for corner in corners.tolist()]
    inside = []
    for x, y in ([Fraction(v) for v in point] for point in points.tolist()):
        odd = on = False
        for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1]):
            side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            within = min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)
            on |= side == 0 and within
            if (ay > y) != (by > y) and (side > 0) == (by > y):
                odd = not odd
        inside.append(odd or on)
    return np.array(inside)


def cloud(random, kind, count):
    points = random.normal(size=(count, 2))
    if kind % 4 == 1:
        points = np.floor(8 * points)
    if kind % 4 == 2:
        points = points * 1e-3 + 1e6
    return points


def outline(random, points, count, crosses):
    """Corners around the cloud, every third of them a dot."""
    middle, spread = points.mean(axis=0), points.std(axis=0)
    if crosses:
        corners = middle + spread * random.uniform(-2, 2, (count, 2))
        corners[::3] = points[random.integers(len(points), size=len(corners[::3]))]
        return corners
    # By rising angle around the middle it does not cross itself.
    angles = np.sort(random.uniform(0, 2 * np.pi, count))
    radii = random.uniform(0.5, 2, count)
    corners = middle + spread * (radii * np.array([np.cos(angles), np.sin(angles)])).T
    corners[::3] = points[random.integers(len(points), size=len(corners[::3]))]
    around = np.argsort(np.arctan2(*((corners - middle) / spread).T[::-1]), kind="stable")
    return corners[around]


def with_edge_cases(random, points, corners):
    """The same dots, with some on corners and edges and beside them by a step of the last digit."""
    following = np.roll(corners, -1, axis=0)
    parts = random.uniform(size=(len(corners), 1))
    on = [corners, corners + parts * (following - corners), 0.5 * corners + 0.5 * following]
    beside = [np.nextafter(part, direction) for part in on for direction in (-np.inf, np.inf)]
    return np.concatenate([points, *on, *beside])


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    random = np.random.default_rng(7)
    wrong = peers = checked = simple = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for round in range(count):
            points = cloud(random, round, 100_000)
            corners = outline(random, points, int(random.choice([3, 5, 12, 50, 400])), round % 3 == 2)
            points = with_edge_cases(random, points, corners)
            polygon = shapely.Polygon(corners)
            if polygon.is_valid:
                simple += 1
                shapely.prepare(polygon)
                expected = shapely.intersects_xy(polygon, points)
            else:
                points = np.concatenate([points[:100], points[-200:]])
                expected = exactly(points, corners)
            found, _ = ours(points, corners, folder)
            other = found != expected
            if other.any():
                # Exact fractions decide which of the two is right.
                settled = exactly(points[other], corners)
                wrong += int((found[other] != settled).sum())
                peers += int((expected[other] != settled).sum())
            checked += len(points)
        print(
            f"{count} polygons, {simple} of them simple: {checked:,} dots; by exact fractions {wrong} wrong, "
            f"of shapely {peers}"
        )
        points = random.normal(size=(1_000_000, 2))
        for corners in (50, 200, 1000):
            ring = outline(random, points, corners, False)
            seconds = [ours(points, ring, folder)[1] for _ in range(9)]
            print(f"10⁶ dots, {corners} corners: {1e3 * statistics.median(seconds):.0f} ms")
    sys.exit(wrong > 0)


main()
