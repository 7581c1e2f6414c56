#!/usr/bin/env python3
"""The mass that contours enclose, their levels beside R's, and rasters beside NumPy, in one run.

    apt-get install r-base-core r-cran-ks
    cargo build --release && benches/peers/contours.py [COUNT]

Installs NumPy, in the version of `requirements.txt`, into `target/peers-contours` on first use; nothing
else is touched. Six clouds of COUNT points and more (3000), some at an offset of 1e6: normal, mixture,
ring, heavy-tailed, correlated with scales 1 : 1000, log-normal. Five σ from 0.02 to 1 of the spread,
three of them with weights from 0.1 to 10 as well, masses 25, 50, 75, 90 and 95 %:

- the mass where f is above the level that `contours` tells, and inside the lines that it writes
  (even-odd): f in float64 on tiles of a fine grid around all sources, cells at most σ/4 wide; 1 % of
  the whole beside the stated mass. Every line is closed
- the level with a Riemann sum over the grid of R's ks::kde, H = σ²·I, 5σ beyond the points, where that
  is at most 70σ wide, and for one narrow σ: 2 %. Bins are σ/8 wide, which adds less than 0.3 % to σ², and
  at most σ/4 for the narrow one; without binning ks takes minutes. ks::contourLevels takes quantiles of f at the sources; what its
  region encloses stands beside it, unbounded
- `raster` with NumPy in float64 at the same centres, and with `reduce` there: `error_bound`. Where an
  axis is whitened, where weights have both signs, d = 1, and the marginal of d = 3 too
- the integral of `raster --normalise density`: 1e-4

Prints the worst differences as tables in Markdown, and fails where one exceeds its bound. Without
Rscript R's rows are told as missing.
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import criteria
import exact

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
MASSES = (0.25, 0.5, 0.75, 0.9, 0.95)
# σ as parts of the spread.
PARTS = (0.02, 0.05, 0.15, 0.4, 1.0)
# Where a kernel ends: e^−32 is nothing beside what one source adds.
REACH = 8.0
# Cells of a tile's side, and the most cells of all tiles unless they have the fewest.
SIDES, CELLS = (128, 64, 32), 2_000_000
# Columns and rows of a raster.
SIZE = (150, 110)

failed = []


def main():
    exact.HOME, exact.__file__ = exact.TARGET / "peers-contours", __file__
    if Path(sys.prefix).resolve() != exact.HOME.resolve():
        all_peers = exact.REQUIREMENTS.read_text().splitlines()
        exact.REQUIREMENTS = exact.TARGET / "peers-contours.txt"
        exact.REQUIREMENTS.write_text("\n".join(peer for peer in all_peers if peer.startswith("numpy==")) + "\n")
        exact.go_on_in_environment()
    import numpy as np

    print(exact.machine(), flush=True)
    print(versions(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        by_r = masses(np, folder)
        levels(np, folder, by_r)
        rasters(np, folder)
    if failed:
        sys.exit(f"beyond their bound: {'; '.join(failed)}")
    print("\nall within their bounds")


def versions():
    import importlib.metadata as metadata

    found = [f"numpy {metadata.version('numpy')}"]
    if criteria.HAS_R:
        found.append(criteria.r("cat(as.character(getRversion()))", "R "))
        found.append(criteria.r("cat(as.character(packageVersion('ks')))", "its ks "))
    else:
        found.append("R is missing: levels are not compared with its")
    return ", ".join(found)


def check(what, difference, bound):
    """The difference as text, with its bound where it is beyond that on either side."""
    if abs(difference) <= bound:
        return f"{difference:.1e}"
    failed.append(f"{what}: {difference:.2e}, bound {bound:.0e}")
    return f"**{difference:.1e}, bound {bound:.0e}**"


# The points


class Cloud:
    """Sources in the plane, and what the program is told of them."""

    def __init__(self, np, name, points, weights=None, flags=(), text=False):
        self.name, self.points, self.weights, self.text = name, points, weights, text
        self.flags, self.plain = list(flags), weights is None
        self.shape = np.eye(2)
        if self.flags:
            self.shape = half_axes(np, points, weights, self.flags[1])
        self.center = points.mean(0)
        # Where the kernel is round.
        self.round = np.linalg.solve(self.shape, (points - self.center).T).T
        self.w = np.ones(len(points)) if weights is None else weights
        # As far as half of the points reach: a heavy tail has no standard deviation.
        low, high = np.percentile(self.round, [25, 75], axis=0)
        self.spread = float(((high - low) / 1.349).max())

    def rounded(self, np, lines):
        """Lines where the kernel is round, those that are open closed."""
        for line in lines:
            # A closed line without its last corner, which rounding could part from the first.
            corners = line[:-1] if np.array_equal(line[0], line[-1]) else line
            corners = np.linalg.solve(self.shape, (corners - self.center).T).T
            yield np.vstack([corners, corners[:1]])

    def sigma(self, part):
        return float(f"{part * self.spread:.6g}")

    def write(self, np, folder):
        """The points and the weights as files; returns the arguments that name them."""
        if self.text:
            columns = [self.points, self.w[:, None]]
            file = folder / "points.csv"
            np.savetxt(file, np.hstack(columns), fmt="%.17g", delimiter=",", header="x,y,w", comments="")
            return [file, "--columns", "x,y", *(["--weights", "w"] if self.weights is not None else []), *self.flags]
        np.save(folder / "points.npy", self.points)
        if self.weights is None:
            return [folder / "points.npy", *self.flags]
        np.save(folder / "weights.npy", self.weights)
        return [folder / "points.npy", "--weights", folder / "weights.npy", *self.flags]


def half_axes(np, points, weights, how):
    """L of the kernel's shape L·Lᵀ: the covariance of the sources, or its diagonal, with n − 1."""
    covariance = np.cov(points.T, aweights=weights)
    if how == "axes":
        covariance = np.diag(np.diag(covariance))
    return np.linalg.cholesky(covariance)


def clouds(np):
    random = np.random.default_rng(15)

    def normal(n):
        return random.standard_normal((n, 2))

    n = COUNT
    mixture = criteria.mixture(np, random, 2 * n, 2)
    angle = random.uniform(0, 2 * math.pi, n)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1) * (3 + 0.2 * random.standard_normal((n, 1)))
    heavy = normal(n) / np.sqrt(random.chisquare(2, (n, 1)) / 2)
    slanted = normal(6 * n) @ np.array([[1.0, 800.0], [0.0, 600.0]])
    skewed = np.exp(normal(n) * [1.0, 0.7])
    full = ("--whiten", "full")
    for name, points, flags, text in (
        ("normal, offset 1e6", 1e6 + normal(n), (), False),
        ("mixture", mixture, (), False),
        ("ring, offset −1e6", ring - 1e6, (), True),
        ("heavy-tailed (t, 2)", heavy, (), False),
        ("correlated, 1 : 1000, whitened", slanted, full, False),
        ("log-normal", skewed, (), True),
    ):
        yield Cloud(np, name, points, None, flags, text)
        # From 0.1 to 10, the heavier ones to the right.
        tilt = np.argsort(np.argsort(points[:, 0])) / len(points)
        exponent = 2 * np.clip(0.5 * tilt + 0.5 * random.uniform(size=len(points)), 0, 1) - 1
        yield Cloud(np, f"{name}, weighted", points, 10**exponent, flags, text)
    yield Cloud(np, "correlated, 1 : 1000, as it is", slanted[:n])
    yield Cloud(np, "correlated, 1 : 1000, each axis whitened", slanted[:n], None, ("--whiten", "axes"))


# sigmascope


def run(command, arguments):
    done = subprocess.run([exact.PROGRAM, command, "--json", *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"sigmascope {command} failed: {done.stderr}")
    return json.loads(done.stdout)


def contours(np, folder, files, sigma):
    """The levels, and for each mass its lines as arrays of corners in the plane."""
    out = folder / "lines.csv"
    wanted = ",".join(map(str, MASSES))
    told = run("contours", [*files, "--sigma", repr(sigma), "--mass", wanted, "--out", out, "--force"])
    corners = np.loadtxt(out, delimiter=",", skiprows=1, ndmin=2)
    levels, lines = [], []
    for mass, entry in zip(MASSES, told["contours"]):
        assert entry["mass"] == mass, "another order of masses"
        levels.append(entry["level"])
        of_mass = corners[corners[:, 0] == mass]
        starts = np.flatnonzero(np.diff(of_mass[:, 2], prepend=-1))
        lines.append([part[:, 3:] for part in np.split(of_mass, starts[1:]) if len(part)])
        assert len(lines[-1]) == entry["lines"], "lines are missing"
    return levels, lines, told["step_sigmas"]


# The integral


class Integral:
    """f in float64 at the centres of cells, in tiles wherever a source is within 5σ, kernels round."""

    def __init__(self, np, points, weights, sigma):
        self.np, width = np, REACH * sigma
        self.low = points.min(0) - 5.5 * sigma
        corners = [points - self.low + 5 * sigma * np.array(to) for to in ((-1, -1), (-1, 1), (1, -1), (1, 1))]
        tiles = np.unique(np.floor(np.concatenate(corners) / width).astype(np.int64), axis=0)
        # A box of 10σ can span three tiles: the middle one too.
        middle = np.floor((points - self.low) / width).astype(np.int64)
        tiles = np.unique(np.concatenate([tiles, middle, *self.edges(points, sigma, width)]), axis=0)
        side = next((side for side in SIDES if len(tiles) * side**2 <= CELLS), SIDES[-1])
        self.side, self.cell, self.tiles = side, width / side, tiles
        self.f = np.empty((len(tiles), side, side))
        order = np.argsort(points[:, 0])
        points, weights = points[order] - self.low, weights[order]
        within = (np.arange(side) + 0.5) * self.cell
        scale = -0.5 / sigma**2
        for k, tile in enumerate(tiles):
            corner = tile * width
            first, end = np.searchsorted(points[:, 0], [corner[0] - width, corner[0] + 2 * width])
            near = points[first:end]
            hit = (near[:, 1] > corner[1] - width) & (near[:, 1] < corner[1] + 2 * width)
            x, y = (near[hit] - corner).T
            across = np.exp(scale * (within - x[:, None]) ** 2)
            along = np.exp(scale * (within - y[:, None]) ** 2) * weights[first:end][hit][:, None]
            self.f[k] = along.T @ across
        self.whole = self.cell**2 * self.f.sum()
        true = 2 * math.pi * sigma**2 * weights.sum()
        assert abs(self.whole / true - 1) < 1e-4, f"the grid holds {self.whole / true} of the mass"

    def edges(self, points, sigma, width):
        np = self.np
        for to in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            yield np.floor((points - self.low + 5 * sigma * np.array(to)) / width).astype(np.int64)

    def above(self, level):
        """The part of the mass where f is above the level."""
        return self.cell**2 * self.f[self.f > level].sum() / self.whole

    def inside(self, lines):
        """The part of the mass inside the lines, even-odd."""
        np = self.np
        keys = np.sort(np.concatenate([np.empty(0, np.int64), *map(self.crossings, lines)]))
        # Cells in each row of the whole grid, and one more.
        stride = np.int64(self.stride)
        steps = np.arange(self.side)
        total = 0.0
        for (a, b), f in zip(self.tiles, self.f):
            left = (b * self.side + steps) * stride + a * self.side
            # Each row has an even number of crossings, so that those of the rows before do not count.
            first, last = (np.searchsorted(keys, at, side="right") for at in (left, left + self.side - 1))
            crossed = first != last
            total += float(f[~crossed].sum(1) @ (first[~crossed] & 1))
            if crossed.any():
                at = left[crossed][:, None] + steps
                total += float((f[crossed] * (np.searchsorted(keys, at, side="right") & 1)).sum())
        return self.cell**2 * total / self.whole

    @property
    def stride(self):
        return (int(self.tiles[:, 0].max()) + 2) * self.side

    def crossings(self, line):
        """Where a closed line crosses rows of centres: row · stride + the first column beyond."""
        np = self.np
        # In cells, centres at whole numbers.
        x, y = ((line - self.low) / self.cell - 0.5).T
        rows = np.ceil(y).astype(np.int64)
        from_row, to_row = np.minimum(rows[:-1], rows[1:]), np.maximum(rows[:-1], rows[1:])
        counts = to_row - from_row
        which = np.repeat(np.arange(len(counts)), counts)
        row = from_row[which] + np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        t = (row - y[which]) / (y[which + 1] - y[which])
        column = np.ceil(x[which] + t * (x[which + 1] - x[which])).astype(np.int64)
        return row * self.stride + np.clip(column, 0, self.stride - 1)


def masses(np, folder):
    """Prints the enclosed masses; returns the cases that are to be compared with R."""
    print("\n| cloud, N | σ ÷ spread | cells, ÷ σ | nodes, ÷ σ | above the level, off by | inside the lines, off by | open lines |")
    print("|---|---|---|---|---|---|---|")
    by_r = []
    for cloud in clouds(np):
        files = cloud.write(np, folder)
        for part in PARTS if cloud.plain else PARTS[::2]:
            sigma = cloud.sigma(part)
            name = f"{cloud.name}, {part:g}"
            found, lines, step = contours(np, folder, files, sigma)
            integral = Integral(np, cloud.round, cloud.w, sigma)
            above = max((integral.above(level) - mass for level, mass in zip(found, MASSES)), key=abs)
            inside = max((integral.inside(cloud.rounded(np, of)) - mass for of, mass in zip(lines, MASSES)), key=abs)
            texts = check(f"mass above, {name}", above, 1e-2), check(f"mass inside, {name}", inside, 1e-2)
            parted = sum(not np.array_equal(line[0], line[-1]) for of_mass in lines for line in of_mass)
            parted = str(parted) if check(f"open lines, {name}", parted, 0) == "0.0e+00" else f"**{parted}**"
            print(f"| {cloud.name}, {len(cloud.points)} | {part:g} | {integral.cell / sigma:.3g} | {step:.3g} "
                  f"| {texts[0]} | {texts[1]} | {parted} of {sum(map(len, lines))} |", flush=True)
            # One narrow kernel too, where the grid is large.
            if max(np.ptp(cloud.round, axis=0)) / sigma + 10 <= 70 or not by_r:
                by_r.append((name, cloud, sigma, found))
    return by_r


# R


def levels(np, folder, cases):
    if not criteria.HAS_R:
        return
    print("\n| cloud, σ ÷ spread | cells of ks::kde, ÷ σ | level, off by | ks::contourLevels encloses, of 25, 50, 75, 90, 95 % |")
    print("|---|---|---|---|")
    program = ["suppressMessages(library(ks))", f"p <- c({', '.join(map(str, MASSES))})"]
    cells = []
    for k, (_, cloud, sigma, _) in enumerate(cases):
        np.savetxt(folder / f"{k}.txt", np.column_stack([cloud.round, cloud.w]), fmt="%.17g")
        widths = np.ptp(cloud.round, axis=0) + 10 * sigma
        count = min(max(200, math.ceil(8 * widths.max() / sigma) + 1), 1500)
        cells.append(float(widths.max() / (count - 1) / sigma))
        program.append(f"""
            t <- as.matrix(read.table('{folder / f"{k}.txt"}')); x <- t[, 1:2]; w <- t[, 3] * nrow(t) / sum(t[, 3])
            low <- apply(x, 2, min) - 5 * {sigma!r}; high <- apply(x, 2, max) + 5 * {sigma!r}
            k <- kde(x, H = diag({sigma!r}^2, 2), w = w, xmin = low, xmax = high, bgridsize = rep({count}, 2),
                     binned = TRUE, supp = 5)
            z <- sort(as.vector(k$estimate), decreasing = TRUE); part <- cumsum(z) / sum(z)
            cat(sprintf('%.17g', z[sapply(p, function(p) which(part >= p)[1])]), '')
            own <- contourLevels(k, cont = 100 * p)
            cat(sprintf('%.17g', sapply(own, function(l) sum(z[z > l]) / sum(z))), '\\n')""")
    (folder / "levels.R").write_text("\n".join(program))
    done = subprocess.run(["Rscript", folder / "levels.R"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"R failed: {done.stderr}")
    for line, (name, cloud, sigma, found), cell in zip(done.stdout.splitlines(), cases, cells, strict=True):
        numbers = [float(number) for number in line.split()]
        # A density to a sum: what one kernel integrates to, times the whole weight.
        wanted = np.array(numbers[: len(MASSES)]) * 2 * math.pi * sigma**2 * cloud.w.sum()
        off = float(np.abs(np.array(found) / wanted - 1).max())
        encloses = ", ".join(f"{100 * part:.0f}" for part in numbers[len(MASSES) :])
        print(f"| {name} | {cell:.3g} | {check(f'level, {name}', off, 2e-2)} | {encloses} |", flush=True)


# Rasters


def centers(np, low, high, count):
    t = (np.arange(count) + 0.5) / count
    return low * (1 - t) + high * t


def by_numpy(np, places, sources, weights, sigma):
    """The sum and that of its magnitudes at any places, in float64."""
    sums = np.zeros((2, len(places)))
    both = np.stack([weights, np.abs(weights)])
    for start in range(0, len(sources), 256):
        some = slice(start, start + 256)
        squared = sum(np.subtract.outer(sources[some, axis], places[:, axis]) ** 2 for axis in range(places.shape[1]))
        sums += both[:, some] @ np.exp((-0.5 / sigma**2) * squared)
    return sums


def bounded(np, told, found, wanted, magnitude, most):
    """The largest share of the promised error that is seen."""
    bound = told["error_bound"]
    reference = magnitude if told["error_bound_of"] == "magnitude" else np.abs(wanted)
    if told["engine"] == "fast":
        floor = min(0.01 * most, 1e-3 * reference.max())
    else:
        floor = 1e-3 * reference.max()
    return float((np.abs(found - wanted) / (bound * np.maximum(reference, floor))).max())


def rasters(np, folder):
    print("\n| raster of | engine | bound | NumPy, ÷ bound | reduce, ÷ both bounds | integral of density, − 1 |")
    print("|---|---|---|---|---|---|")
    out, files_of = folder / "raster.npy", clouds(np)
    for cloud in files_of:
        files = cloud.write(np, folder)
        for part in (0.05, 0.4):
            for engine in ("fast", "simd"):
                raster(np, folder, cloud, files, cloud.sigma(part), part, engine, out)
    random = np.random.default_rng(3)
    points = random.standard_normal((COUNT, 2)) + 50
    signs = Cloud(np, "normal, weights of both signs", points, random.standard_normal(COUNT))
    for engine in ("fast", "simd"):
        raster(np, folder, signs, signs.write(np, folder), 0.2, 0.2, engine, out)
    for d in (1, 3):
        for engine in ("fast", "simd"):
            other_dimension(np, folder, 1e6 + random.standard_normal((COUNT, d)), 0.2, engine, out)


def raster(np, folder, cloud, files, sigma, part, engine, out):
    # A part of the plane in which half of the points and more lie, and some of its outside.
    low, high = np.percentile(cloud.points, [5, 95], axis=0)
    low, high = low - 0.2 * (high - low), high + 0.2 * (high - low)
    bounds = [low[0], high[0], low[1], high[1]]
    told = write_raster(files, sigma, engine, out, bounds)
    found = np.load(out)
    assert found.shape == SIZE[::-1], "another shape"
    x, y = (centers(np, low[axis], high[axis], SIZE[axis]) for axis in (0, 1))
    places = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    if cloud.shape[1, 0] == 0 and engine == "simd" and cloud.weights is None:
        # Separable: exact in one product of matrices.
        a, b = ((places_ - cloud.center[axis]) / cloud.shape[axis, axis] for axis, places_ in ((0, x), (1, y)))
        e = [np.exp(-0.5 * ((at - cloud.round[:, axis, None]) / sigma) ** 2) for axis, at in ((0, a), (1, b))]
        wanted = magnitude = (e[1].T @ e[0]).ravel()
        chosen = slice(None)
    else:
        chosen = np.random.default_rng(1).choice(len(places), 2000, replace=False)
        at = np.linalg.solve(cloud.shape, (places[chosen] - cloud.center).T).T
        wanted, magnitude = by_numpy(np, at, cloud.round, cloud.w, sigma)
    most = float(np.abs(cloud.w).max())
    name = f"{cloud.name}, {part:g}"
    share = bounded(np, told, found.ravel()[chosen], wanted, magnitude, most)
    # Columns by the names that the sources have.
    targets = folder / ("centers.csv" if cloud.text else "centers.npy")
    if cloud.text:
        np.savetxt(targets, places, fmt="%.17g", delimiter=",", header="x,y", comments="")
    else:
        np.save(targets, places)
    reduced = run("reduce", ["--sources", *files, "--targets", targets, "--sigma", repr(sigma),
                             "--engine", engine, "--out", folder / "f.npy", "--force"])
    both = {**told, "error_bound": told["error_bound"] + reduced["error_bound"]}
    again = np.load(folder / "f.npy").ravel()
    beside = bounded(np, both, found.ravel()[chosen], again[chosen], magnitude, most)
    texts = [check(f"raster, {name}, {engine}, NumPy", share, 1), check(f"raster, {name}, {engine}, reduce", beside, 1)]
    whole = "–"
    if engine == "fast" and part == 0.4 and cloud.weights is None:
        # The whole of the cloud and 6σ more; cells of at most 0.7σ integrate a normal as well as any.
        margin = 6 * sigma * np.linalg.norm(cloud.shape, axis=1)
        low, high = cloud.points.min(0) - margin, cloud.points.max(0) + margin
        size = [math.ceil(10.0 * (b - a) / m) for a, b, m in zip(low, high, margin)]
        if max(size) <= 4000:
            write_raster([*files, "--normalise", "density"], sigma, engine, out, [low[0], high[0], low[1], high[1]], size)
            cells = np.prod((high - low) / size)
            whole = check(f"integral, {name}", abs(float(np.load(out).sum() * cells) - 1), 1e-4)
    print(f"| {name} | {engine} | {told['error_bound']:.1e} | {texts[0]} | {texts[1]} | {whole} |", flush=True)


def write_raster(files, sigma, engine, out, bounds, size=SIZE):
    flags = ["--sigma", repr(sigma), "--engine", engine, "--out", out, "--force", f"--size={size[0]}x{size[1]}"]
    flags.append("--bounds=" + ",".join(repr(float(bound)) for bound in bounds))
    return run("raster", [*files, *flags])


def other_dimension(np, folder, points, sigma, engine, out):
    """The curve of one coordinate, and the marginal of three: the sum over the projected sources."""
    d = points.shape[1]
    np.save(folder / "points.npy", points)
    plane = points[:, [2, 0]] if d == 3 else points
    files = [folder / "points.npy", *(["--axes", "3,1"] if d == 3 else [])]
    center = points.mean()
    low, high = center - 3.0, center + 3.5
    x, y = centers(np, low, high, SIZE[0]), centers(np, low, high, SIZE[1])
    told = write_raster(files, sigma, engine, out, [low, high, low, high])
    found = np.load(out)
    assert found.shape == (SIZE[::-1] if d == 3 else SIZE[:1]), "another shape"
    e = [np.exp(-0.5 * ((at - plane[:, axis, None]) / sigma) ** 2) for axis, at in ((0, x), (-1, y))]
    wanted = (e[1].T @ e[0]).ravel() if d == 3 else e[0].sum(0)
    share = bounded(np, told, found.ravel(), wanted, wanted, 1.0)
    # What reduce gives for the projected sources.
    places = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2) if d == 3 else x[:, None]
    np.save(folder / "centers.npy", places)
    np.save(folder / "plane.npy", plane)
    reduced = run("reduce", ["--sources", folder / "plane.npy", "--targets", folder / "centers.npy", "--sigma",
                             repr(sigma), "--engine", engine, "--out", folder / "f.npy", "--force"])
    both = {**told, "error_bound": told["error_bound"] + reduced["error_bound"]}
    beside = bounded(np, both, found.ravel(), np.load(folder / "f.npy").ravel(), wanted, 1.0)
    name = "one coordinate, offset 1e6" if d == 1 else "the marginal of three coordinates, offset 1e6"
    texts = [check(f"raster, {name}, {engine}, NumPy", share, 1), check(f"raster, {name}, {engine}, reduce", beside, 1)]
    bounds = [center - 7.0, center + 7.0] * 2
    write_raster([*files, "--normalise", "density"], sigma, engine, out, bounds)
    cells = 14 / SIZE[0] * (14 / SIZE[1] if d == 3 else 1)
    whole = check(f"integral, {name}", abs(float(np.load(out).sum() * cells) - 1), 1e-4)
    print(f"| {name} | {engine} | {told['error_bound']:.1e} | {texts[0]} | {texts[1]} | {whole} |", flush=True)


if __name__ == "__main__":
    main()
