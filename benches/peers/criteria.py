#!/usr/bin/env python3
"""σ as others choose it, and as sigmascope does, on the same arrays in one run.

    apt-get install r-base-core r-cran-ks
    cargo build --release && benches/peers/criteria.py [COUNT]

Installs the few Python packages that it needs, in the versions of `requirements.txt`, into
`target/peers-criteria` on first use; nothing else is touched. Compares, on a standard normal, a mixture
and the airports:

- loo and heldout with scikit-learn's KernelDensity, and heldout with weights, 20 values of σ, d = 1, 2,
  3: 1e-5. Exact settings are rtol = atol = 0 and one leaf: with more, version 1.9.1 still is up to 30 %
  off where σ is small
- heldout with R's ks::kde and H = σ²·I, without binning, with and without weights, at every fourth of
  these σ at which no density is 0 in R: 1e-5
- scott and silverman with SciPy's factors times s, the root of the mean variance of the axes, with and
  without weights: 1e-6
- the σ that `reduce` takes by itself with that of `--sigma scott`, plain and with sources merged: equal
  to the last bit
- lscv and sj with R's bw.ucv and bw.SJ, d = 1, and lscv with R's ks::hlscv on the first 500 points: 1 %
  in σ
- isj with KDEpy's improved_sheather_jones, d = 1: 1 % in σ. Version 1.1.12 scales its result by the
  range of the values where it should by that of its grid, two to three times as wide (KDEpy's issue
  199), and 1024 points are few for some of these; so the bound is for KDEpy's own equation and root
  finder on 16,384 points, scaled by the grid. What KDEpy gives as it is stands beside it, unbounded

Prints the differences as a table in Markdown, and fails where one exceeds its bound. Without Rscript
R's rows are told as missing; the formulas that bw.ucv minimises and bw.SJ solves, written out here over all
pairs, take the place of these two.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import exact

DATA = exact.ROOT / "assets" / "airports.csv"
# Leave-one-out needs a fit for each point: enough points to tell, few enough to wait for. From 1001 on
# the fast engine is at work.
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 400
VALUES = 20
NEEDED = ("cloudpickle", "joblib", "KDEpy", "narwhals", "numpy", "scikit-learn", "scipy", "threadpoolctl")

HAS_R = shutil.which("Rscript") is not None

failed = []


def main():
    # Of the peers only these, without the gigabytes of torch; what is started anew is this script.
    exact.HOME, exact.__file__ = exact.TARGET / "peers-criteria", __file__
    if Path(sys.prefix).resolve() != exact.HOME.resolve():
        all_peers = exact.REQUIREMENTS.read_text().splitlines()
        needed = [peer for peer in all_peers if peer.split("==")[0] in NEEDED]
        exact.REQUIREMENTS = exact.TARGET / "peers-criteria.txt"
        exact.REQUIREMENTS.write_text("\n".join(needed) + "\n")
        exact.go_on_in_environment()
    import numpy as np

    print(exact.machine(), flush=True)
    print(versions(), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        print("\n| points | d | what | with | differ by | bound |\n|---|---|---|---|---|---|")
        for d in (1, 2, 3):
            for name, x, y in clouds(np, d):
                densities(np, folder, name, x, y)
                rules(np, folder, name, y)
        for name, y in lines(np):
            one_axis(np, folder, name, y)
    if failed:
        sys.exit(f"beyond their bound: {', '.join(failed)}")
    print("\nall within their bounds")


def versions():
    import importlib.metadata as metadata

    names = ("scikit-learn", "scipy", "KDEpy", "numpy")
    found = [f"{name} {metadata.version(name)}" for name in names]
    if HAS_R:
        found.append(r("cat(as.character(getRversion()))", "R "))
        found.append(r("cat(as.character(packageVersion('ks')))", "its ks "))
    else:
        found.append("R is missing: its formulas are written out here")
    return ", ".join(found)


# The points: targets x and sources y.


def clouds(np, d):
    random = np.random.default_rng(7)
    normal = random.standard_normal((2 * COUNT, d))
    yield "normal", normal[:COUNT], normal[COUNT:]
    yield "mixture", *np.split(mixture(np, random, 2 * COUNT, d), 2)
    places = airports(np)
    # A point on the sphere has three coordinates, a place on the map two, a latitude one.
    if d == 1:
        points = places[:, 1:]
    elif d == 2:
        points = places
    else:
        lon, lat = np.radians(places).T
        points = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 1)
    points = random.permutation(points)[: 2 * COUNT]
    yield "airports", points[:COUNT], points[COUNT:]


def mixture(np, random, n, d):
    centers = np.array([-2.0, 0.5, 3.0])
    spreads = np.array([0.3, 1.0, 0.1])
    which = random.choice(3, n, p=[0.4, 0.4, 0.2])
    return centers[which, None] + spreads[which, None] * random.standard_normal((n, d))


def airports(np):
    import csv

    with open(DATA, newline="") as file:
        rows = [(float(row["longitude"]), float(row["latitude"])) for row in csv.DictReader(file)]
    return np.array(rows)


def lines(np):
    random = np.random.default_rng(3)
    yield "normal", random.standard_normal(2000)
    yield "mixture", mixture(np, random, 2000, 1)[:, 0]
    yield "airports' longitude", airports(np)[:, 0]
    yield "airports' latitude", airports(np)[:, 1]


# sigmascope


def run(command, folder, y, flags, x=None, weights=None):
    import numpy as np

    np.save(folder / "y.npy", y.reshape(len(y), -1))
    words = [exact.PROGRAM, command, "--json", "--sources", folder / "y.npy"]
    words += ["--dim", str(1 if y.ndim == 1 else y.shape[1])]
    if x is not None:
        np.save(folder / "x.npy", x.reshape(len(x), -1))
        words += ["--targets", folder / "x.npy"]
    if weights is not None:
        np.save(folder / "w.npy", weights)
        words += ["--weights", folder / "w.npy"]
    done = subprocess.run([*words, *flags], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"sigmascope failed: {done.stderr}")
    return json.loads(done.stdout)


def select(*arguments, **more):
    return {entry["criterion"]: entry for entry in run("select", *arguments, **more)}


# The comparisons


def report(name, d, what, peer, difference, bound):
    if bound is not None and not difference <= bound:
        failed.append(f"{what} on {name}, d = {d}")
    limit = "–" if bound is None else f"{bound:.0e}"
    print(f"| {name} | {d} | {what} | {peer} | {difference:.1e} | {limit} |", flush=True)


def densities(np, folder, name, x, y):
    from sklearn.neighbors import KernelDensity

    d = y.shape[1]
    center = y.std(0, ddof=1).mean() * len(y) ** (-1 / (d + 4))
    sigmas = center * np.geomspace(0.05, 5, VALUES)
    at = ",".join(repr(float(sigma)) for sigma in sigmas)
    found = select(folder, y, ["--criterion", "loo,heldout", "--at", at], x)

    def density(points, sigma, weights=None):
        exact_settings = {"rtol": 0, "atol": 0, "leaf_size": len(points)}
        kernel = KernelDensity(kernel="gaussian", bandwidth=sigma, **exact_settings)
        return kernel.fit(points, sample_weight=weights)

    held_out = [density(y, sigma).score(x) / len(x) for sigma in sigmas]
    leave_one_out = []
    for sigma in sigmas:
        others = (np.delete(y, i, 0) for i in range(len(y)))
        scores = [density(rest, sigma).score(y[i : i + 1]) for i, rest in enumerate(others)]
        leave_one_out.append(np.mean(scores))
    for what, wanted in (("heldout", held_out), ("loo", leave_one_out)):
        curve = np.array(found[what]["curve"])
        assert np.allclose(curve[:, 0], sigmas, rtol=1e-12), "the curve is for other σ"
        difference = np.abs(curve[:, 1] / np.array(wanted) - 1).max()
        report(name, d, what, "scikit-learn", difference, 1e-5)
    weights = 1.0 + np.arange(len(y)) % 4
    weighed = select(folder, y, ["--criterion", "heldout", "--at", at], x, weights)
    curve = np.array(weighed["heldout"]["curve"])[:, 1]
    wanted = [density(y, sigma, weights).score(x) / len(x) for sigma in sigmas]
    difference = np.abs(curve / np.array(wanted) - 1).max()
    report(name, d, "heldout, weighted", "scikit-learn", difference, 1e-5)
    if not HAS_R:
        return
    some = slice(0, VALUES, 4)
    plain = np.array(found["heldout"]["curve"])[some, 1]
    by_ks = held_out_by_ks(np, folder, x, y, sigmas[some], weights)
    for what, values, wanted in zip(("heldout", "heldout, weighted"), (plain, curve[some]), by_ks):
        # Where a density is below what a float64 holds, R has no logarithm of it.
        held = np.isfinite(wanted)
        difference = np.abs(values[held] / wanted[held] - 1).max()
        report(name, d, f"{what}, {held.sum()} σ", "R's ks::kde", difference, 1e-5)


def held_out_by_ks(np, folder, x, y, sigmas, weights):
    """The mean log-density that y gives x, for each σ, without and with weights."""
    for file, values in (("x", x), ("y", y), ("w", weights)):
        np.savetxt(folder / f"{file}.txt", values, fmt="%.17g")
    d = y.shape[1]
    read = lambda file: f"as.matrix(read.table('{folder / file}.txt'))"
    program = f"""
        suppressMessages(library(ks))
        x <- {read("x")}; y <- {read("y")}; w <- {read("w")}[, 1]
        for (w in list(rep(1, nrow(y)), w * nrow(y) / sum(w)))
        for (s in c({", ".join(repr(float(sigma)) for sigma in sigmas)})) {{
          f <- if (ncol(y) == 1) kde(y[, 1], h = s, eval.points = x[, 1], binned = FALSE, w = w)$estimate
               else kde(y, H = diag(s^2, {d}), eval.points = x, binned = FALSE, w = w)$estimate
          cat(sprintf("%.17g\n", mean(log(f))))
        }}"""
    return np.array([float(line) for line in r(program).split()]).reshape(2, -1)


def rules(np, folder, name, y):
    from scipy.stats import gaussian_kde

    kde = gaussian_kde(y.T)
    s = math.sqrt(np.trace(np.atleast_2d(np.cov(y.T, ddof=1))) / y.shape[1])
    found = select(folder, y, ["--criterion", "scott,silverman"])
    for what, factor in (("scott", kde.scotts_factor()), ("silverman", kde.silverman_factor())):
        difference = abs(found[what]["sigma"] / (factor * s) - 1)
        report(name, y.shape[1], what, "SciPy", difference, 1e-6)
    weights = 1.0 + np.arange(len(y)) % 4
    kde = gaussian_kde(y.T, weights=weights)
    s = math.sqrt(np.trace(np.atleast_2d(np.cov(y.T, aweights=weights))) / y.shape[1])
    weighed = select(folder, y, ["--criterion", "scott,silverman"], weights=weights)
    for what, factor in (("scott", kde.scotts_factor()), ("silverman", kde.silverman_factor())):
        difference = abs(weighed[what]["sigma"] / (factor * s) - 1)
        report(name, y.shape[1], f"{what}, weighted", "SciPy", difference, 1e-6)
    for what, points, flags in (("", y, []), (", merged", np.concatenate([y, y[::2]]), ["--merge-duplicates"])):
        flags = [*flags, "--engine", "naive"]
        by_itself = run("reduce", folder, points, flags)["sigma"]
        by_name = run("reduce", folder, points, [*flags, "--sigma", "scott"])["sigma"]
        report(name, y.shape[1], f"default{what}", "--sigma scott", abs(by_itself / by_name - 1), 0)


def one_axis(np, folder, name, y):
    from KDEpy.bw_selection import improved_sheather_jones

    np.savetxt(folder / "y.txt", y, fmt="%.17g")
    as_it_is, isj = improved_sheather_jones(y.reshape(-1, 1)), improved(np, y)
    if HAS_R:
        read = f"y <- scan('{folder / 'y.txt'}', quiet = TRUE);"
        # As many bins and as fine a search as make R's own answer exact to well below 1 %.
        ucv = "r <- 1.144 * sd(y) * length(y)^(-1/5);"
        ucv += "suppressWarnings(cat(bw.ucv(y, nb = 20000, lower = 0.003 * r, upper = r, tol = 1e-5 * r)))"
        peer, ucv = "R's bw.ucv, bw.SJ", float(r(read + ucv))
        sj = float(r(read + "s <- bw.SJ(y, nb = 20000); cat(bw.SJ(y, nb = 20000, tol = 1e-5 * s))"))
        some = y[:500]
        hlscv = float(r(f"suppressMessages(library(ks)); {read} cat(hlscv(y[1:500], binned = FALSE))"))
        found = select(folder, some, ["--criterion", "lscv"])
        report(f"{name}, first 500", 1, "lscv", "R's ks::hlscv", abs(found["lscv"]["sigma"] / hlscv - 1), 1e-2)
    else:
        peer, ucv, sj = "the formula", least_squares(np, y), sheather_jones(np, y)
    found = select(folder, y, ["--criterion", "lscv,sj,isj"])
    compared = [("lscv", peer, ucv, 1e-2), ("sj", peer, sj, 1e-2), ("isj", "KDEpy, scaled by its grid", isj, 1e-2)]
    for what, peer, wanted, bound in [*compared, ("isj", "KDEpy as it is", as_it_is, None)]:
        report(name, 1, what, peer, abs(found[what]["sigma"] / wanted - 1), bound)


def improved(np, y):
    from KDEpy import bw_selection
    from KDEpy.binning import linear_binning
    from scipy.fft import dct

    points = 1 << 14
    margin = max(6, 0.5 * np.ptp(y))
    grid = np.linspace(y.min() - margin, y.max() + margin, points)
    waves = dct(linear_binning(y.reshape(-1, 1), grid))[1:]
    squares = np.arange(1, points, dtype=float) ** 2
    count = len(np.unique(y))
    t = bw_selection._root(bw_selection._fixed_point, count, args=(count, squares, waves**2))
    return math.sqrt(t) * (grid[-1] - grid[0])


def r(program, before=""):
    done = subprocess.run(["Rscript", "-e", program], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"R failed: {done.stderr}")
    return before + done.stdout


# What R minimises and solves, over all pairs


def least_squares(np, y):
    from scipy.optimize import minimize_scalar

    squared = np.subtract.outer(y, y)[np.triu_indices(len(y), 1)] ** 2
    n = len(y)

    def criterion(h):
        delta = squared / h**2
        total = np.sum(np.exp(-delta / 4) - math.sqrt(8) * np.exp(-delta / 2))
        return (0.5 + total / n) / (n * h * math.sqrt(math.pi))

    grid = 1.144 * y.std(ddof=1) * n**-0.2 * np.geomspace(0.003, 1, 80)
    best = int(np.argmin([criterion(h) for h in grid]))
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, 79)])
    return minimize_scalar(criterion, bounds=bounds, method="bounded", options={"xatol": 1e-6 * bounds[0]}).x


def sheather_jones(np, y):
    from scipy.optimize import brentq

    differences = np.subtract.outer(y, y)
    n = len(y)
    scale = min(y.std(ddof=1), np.subtract(*np.percentile(y, [75, 25])) / 1.349)
    phi = lambda u: np.exp(-0.5 * u**2) / math.sqrt(2 * math.pi)
    fourth = lambda u: (u**4 - 6 * u**2 + 3) * phi(u)
    sixth = lambda u: (u**6 - 15 * u**4 + 45 * u**2 - 15) * phi(u)
    s = lambda a: np.sum(fourth(differences / a)) / (n * (n - 1) * a**5)
    t = lambda b: -np.sum(sixth(differences / b)) / (n * (n - 1) * b**7)
    ratio = 1.357 * (s(1.24 * scale * n ** (-1 / 7)) / t(1.23 * scale * n ** (-1 / 9))) ** (1 / 7)
    excess = lambda h: (1 / (2 * math.sqrt(math.pi) * n * s(ratio * h ** (5 / 7)))) ** 0.2 - h
    most = 1.144 * scale * n**-0.2
    return brentq(excess, 0.1 * most, most)


if __name__ == "__main__":
    main()
