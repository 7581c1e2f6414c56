#!/usr/bin/env python3
"""More rows than one machine holds: 10⁸ of them made, brought to cells, and summed, end to end.

    cargo build --release && benches/large.py [--rows 100000000] [--over 10] [--folder DIR]
    benches/large.py --errors
    benches/large.py --try-doc

Installs what `large-requirements.txt` names into `target/large` on first use; nothing else is touched.
Each way prints a table in Markdown:

- without a flag: DuckDB makes the rows (Parquet, float32, 8 bytes a row: 0.8 GB, deleted afterwards; with
  --over 10 the cells are made of each file read ten times, as of 10⁹ rows),
  DuckDB and Polars each bring them to weighted cells, the program sums the cells, and it sums the rows
  part by part. All are held against float64 sums over every row, which DuckDB computes for a few targets
- --errors: what cells cost, for cells of several sizes, in 1, 2 and 3 coordinates. It fails where an
  error is above the bound in `docs/large.md`
- --try-doc: runs every block of `docs/large.md` in a folder of small data, Dask and Spark included, and
  fails where one of their fields is not that of a single run over all rows
"""

import argparse
import contextlib
import json
import math
import multiprocessing
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "peers"))
import exact

DOC = HERE.parent / "docs" / "large.md"
# Fields of the same sum differ by no more than both promises of the engine `fast` together.
SAME = 2e-5
HUMPS = 20
# Sides of cells ÷ σ.
RATIOS = (1, 1 / 2, 1 / 4, 1 / 8, 1 / 16)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=10**8, help="rows to make")
    options.add_argument("--over", type=int, default=1, help="times that the cells are made of the same rows")
    options.add_argument("--parts", type=int, default=10, help="Parquet files to make them in")
    options.add_argument("--targets", type=int, default=100_000, help="targets")
    options.add_argument("--cells", type=float, default=1 / 8, help="side of a cell ÷ σ")
    options.add_argument("--held", type=int, default=16, help="targets held against float64")
    options.add_argument("--folder", help="where the rows are put for a while [default: temporary]")
    options.add_argument("--program", type=Path, default=exact.PROGRAM, help="sigmascope itself")
    options.add_argument("--errors", action="store_true", help="measure what cells cost")
    options.add_argument("--try-doc", action="store_true", help="run the blocks of docs/large.md")
    parser, options = options, options.parse_args()
    if min(options.rows, options.parts, options.over, options.targets, options.held, options.cells) <= 0:
        parser.error("numbers are above 0")
    exact.HOME, exact.REQUIREMENTS = exact.TARGET / "large", HERE / "large-requirements.txt"
    if Path(sys.prefix).resolve() != exact.HOME.resolve():
        # That environment has the engines; what it starts anew is this script.
        exact.__file__ = __file__
        exact.go_on_in_environment()
    import duckdb
    import numpy
    import polars

    versions = f"DuckDB {duckdb.__version__}, Polars {polars.__version__}, NumPy {numpy.__version__}"
    print(f"{exact.machine()}; {versions}; load {exact.load()}\n", flush=True)
    if options.errors:
        return errors()
    if not options.program.exists():
        sys.exit(f"{options.program} is not there: build it (cargo build --release) or name it (--program)")
    options.program = options.program.resolve()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        if options.try_doc:
            try_doc(Path(folder), options.program)
        else:
            end_to_end(Path(folder), options)


# End to end


def end_to_end(folder, options):
    import numpy as np

    needed = 12 * options.rows + 10**9
    free = shutil.disk_usage(folder).free
    if free < needed:
        sys.exit(f"{folder} has {free / 1e9:.1f} GB free and {needed / 1e9:.1f} GB are needed: --folder, --rows")
    print("| step | result | time | most memory |")
    print("|---|---|---|---|", flush=True)
    size, kept = step("rows as Parquet, by DuckDB", make_rows, folder, options.rows, options.parts)
    sigma, _ = step("Scott's σ of the rows, by DuckDB", scott, folder)
    step("targets", make_targets, folder, options.targets)
    h = sigma * options.cells
    size_told = f"cells of side σ·{options.cells:g}" + f", each file read {options.over} times" * (options.over > 1)
    step(f"{size_told}, by DuckDB", cells_duckdb, folder, h, options.over)
    step(f"{size_told}, by Polars", cells_polars, folder, h, options.over)
    fields = {}
    for engine in ("duckdb", "polars"):
        files = [f"cells-{engine}.csv", "--weights", "n"]
        name = f"cells of {engine.replace('duckdb', 'DuckDB').replace('polars', 'Polars')}"
        f, _ = step(f"`reduce` of the {name}", reduce, options.program, folder, files, sigma)
        fields[name] = f / options.over
    fields["rows, part by part"], _ = step("`reduce` of each part, added up", parts, options.program, folder, sigma)
    f = fields["rows, part by part"]
    order = np.argsort(f)
    held = order[np.unique(np.linspace(0, len(f) - 1, options.held).astype(int))]
    reference, _ = step(f"float64 over all rows at {len(held)} targets, by DuckDB", float64, folder, held, sigma)
    print(f"\n{kept:,} of {options.rows:,} rows are finite, {size / 1e9:.2f} GB; σ = {sigma:.6g}, side {h:.6g}.\n")
    print("| field | error ÷ max f | relative error, f ≥ 10⁻³ max f |")
    print("|---|---|---|")
    seen = reference >= 1e-3 * f.max()
    for name, field in fields.items():
        off = np.abs(field[held] - reference)
        print(f"| {name} | {off.max() / f.max():.1e} | {(off / reference)[seen].max():.1e} |")
    apart = np.abs(fields["cells of DuckDB"] - fields["cells of Polars"]).max() / f.max()
    print(f"\nThe two engines' cells differ by {apart:.1e} of max f.")


def step(name, run, *arguments):
    """What `run` returns; prints its own words for that, its time, and its memory, a process of its own."""
    # A fresh process, so that its peak of memory is that of this step.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        result, words, seconds, memory = pool.apply(measured, (run, arguments))
    print(f"| {name} | {words} | {seconds:.1f} s | {memory / 1e9:.2f} GB |", flush=True)
    return result if isinstance(result, tuple) else (result, None)


def measured(run, arguments):
    started = time.perf_counter()
    result, words = run(*arguments)
    seconds = time.perf_counter() - started
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return result, words, seconds, peak * (1 if sys.platform == "darwin" else 1024)


def make_rows(folder, rows, parts):
    """HUMPS normal humps in the plane, float32; a row in about a million has no x."""
    import duckdb

    (folder / "rows").mkdir()
    # Numbers between 0 and 1 from the row's own, so that they are the same on any number of threads.
    share = lambda i, key: f"((hash(8 * ({i}) + {key}) >> 11)::double + 0.5e0) * {2.0**-53!r}"
    number, hump = (lambda key: share("i", key)), (lambda key: share(f"i % {HUMPS}", key))
    for part in range(parts):
        first, last = rows * part // parts, rows * (part + 1) // parts
        duckdb.execute(f"""
            copy (
              select case when i % 1000003 = 5 then null else (4 * a - 2 + w * r * cos(t))::float end as x,
                (4 * b - 2 + w * r * sin(t))::float as y
              from (
                select i, {hump(1)} as a, {hump(2)} as b, 0.1 + 0.6 * {hump(3)} as w,
                  sqrt(-2 * ln({number(4)})) as r, 2 * pi() * {number(5)} as t
                from range({first}, {last}) as made(i)
              )
            ) to '{folder}/rows/part-{part:04}.parquet' (format parquet)""")
    size = sum(file.stat().st_size for file in (folder / "rows").iterdir())
    kept = duckdb.execute(f"select count(*) from '{folder}/rows/*.parquet' where isfinite(x) and isfinite(y)")
    return (size, kept.fetchone()[0]), f"{rows:,} rows, {size / 1e9:.2f} GB"


def make_targets(folder, count):
    """Targets anywhere, from where many rows are to where there are none."""
    import numpy as np

    x = np.random.default_rng(1).uniform(-3, 3, (count, 2))
    np.savetxt(folder / "targets.csv", x, delimiter=",", header="x,y", comments="")
    return None, f"{count:,}"


def scott(folder):
    import duckdb

    sigma = duckdb.execute(f"""
        select sqrt((var_samp(x) + var_samp(y)) / 2) * count(*) ** (-1 / 6)
        from '{folder}/rows/*.parquet' where isfinite(x) and isfinite(y)""").fetchone()[0]
    return sigma, f"{sigma:.6g}"


def cells_duckdb(folder, h, over):
    import duckdb

    files = [str(file) for file in sorted((folder / "rows").iterdir())] * over
    duckdb.execute(f"""
        copy (
          select avg(x::double) as x, avg(y::double) as y, count(*) as n
          from read_parquet({files}) where isfinite(x) and isfinite(y)
          group by floor(x::double / {h}), floor(y::double / {h})
        ) to '{folder}/cells-duckdb.csv'""")
    return None, told(folder / "cells-duckdb.csv")


def cells_polars(folder, h, over):
    import polars as pl

    cells, x, y = None, pl.col("x"), pl.col("y")
    # One group_by over all files would keep all that each of them adds to a cell until the end.
    for file in sorted((folder / "rows").iterdir()) * over:
        rows = pl.scan_parquet(file).select(pl.col("x", "y").cast(pl.Float64))
        rows = rows.filter(x.is_finite() & y.is_finite())
        groups = rows.group_by((x / h).floor().alias("i"), (y / h).floor().alias("j"))
        part = groups.agg(pl.col("x", "y").sum(), n=pl.len().cast(pl.Int64)).collect()
        cells = part if cells is None else pl.concat([cells, part]).group_by("i", "j").sum()
    cells.select(x / pl.col("n"), y / pl.col("n"), "n").write_csv(folder / "cells-polars.csv")
    return None, told(folder / "cells-polars.csv")


def told(file):
    with open(file, "rb") as text:
        cells = sum(block.count(b"\n") for block in iter(lambda: text.read(1 << 20), b"")) - 1
    return f"{cells:,} cells, {file.stat().st_size / 1e6:.0f} MB"


def reduce(program, folder, sources, sigma):
    import numpy as np

    command = [program, "reduce", "targets.csv", "--sources", *sources, "--sigma", repr(sigma)]
    command += ["--out", "f.npy", "--force", "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    report = json.loads(done.stdout)
    words = f"{report['n']:,} × {report['m']:,} with {report['engine']}"
    return np.load(folder / "f.npy"), words


def parts(program, folder, sigma):
    """f of each part's rows, one run a part, added up."""
    import duckdb
    import numpy as np

    total, files = 0.0, sorted((folder / "rows").glob("*.parquet"))
    for file in files:
        rows = duckdb.execute(f"select x, y from '{file}' where isfinite(x) and isfinite(y)").fetchnumpy()
        np.save(folder / "part.npy", np.stack([rows["x"], rows["y"]], axis=1))
        f, words = reduce(program, folder, ["part.npy"], sigma)
        total = total + f
    (folder / "part.npy").unlink()
    return total, f"{len(files)} runs, the last {words}"


def float64(folder, held, sigma):
    import duckdb
    import numpy as np

    points = np.loadtxt(folder / "targets.csv", delimiter=",", skiprows=1)[held]
    kernel = "sum(exp(((x - {a!r}) * (x - {a!r}) + (y - {b!r}) * (y - {b!r})) * {c!r}))"
    sums = [kernel.format(a=float(a), b=float(b), c=-0.5 / sigma**2) for a, b in points]
    rows = f"(select x::double as x, y::double as y from '{folder}/rows/*.parquet')"
    f = duckdb.execute(f"select {', '.join(sums)} from {rows} where isfinite(x) and isfinite(y)").fetchone()
    return np.array(f), f"{len(held)} sums"


# What cells cost


def errors(count=1_000_000, sigma=0.3, targets=200):
    """Errors of cells for a smooth cloud and for tight clumps, a worse one, against NumPy's float64."""
    import numpy as np

    print(f"{count:,} rows, σ = {sigma}, {targets} targets; in each field d = 1 / 2 / 3.")
    print("÷ max: largest error ÷ max f. ÷ f: largest error ÷ f, where f ≥ 10⁻³ max f.\n")
    ways = [f"{way} ÷ {of}" for way in ("centres", "means", "widened") for of in ("max", "f")]
    print("| cloud | h ÷ σ | " + " | ".join(ways) + " |")
    print("|" + "---|" * 8)
    for cloud in ("normal", "200 clumps"):
        clouds = [made(np, cloud, count, d, sigma, targets) for d in (1, 2, 3)]
        for ratio in RATIOS:
            label = f"1/{round(1 / ratio)}" if ratio < 1 else "1"
            found = [costs(np, *points, sigma, ratio) for points in clouds]
            fields = [[one[way][side] for one in found] for way in (0, 1, 2) for side in (0, 1)]
            texts = [" / ".join(short(number) for number in field) for field in fields]
            print(f"| {cloud} | {label} | " + " | ".join(texts) + " |", flush=True)
            for d, (_, (error, _), _) in zip((1, 2, 3), found):
                if error > bound(d, ratio):
                    sys.exit(f"d = {d}: the error {error:.1e} is above the bound {bound(d, ratio):.1e}")


def short(number):
    return f"{number:.0e}".replace("e-0", "e-").replace("e+00", "").replace("e+0", "e")


def bound(d, ratio):
    """The most that means cost, as a share of max f: derived in docs/large.md."""
    return 1.63 * 2 ** (d / 2) * math.exp(1.25 * d * ratio**2) * d * ratio**2 / 8


def made(np, cloud, count, d, sigma, targets):
    """Rows, targets, and f there."""
    random = np.random.default_rng(d)
    y = random.standard_normal((count, d))
    if cloud != "normal":
        y = 1e-3 * y + random.standard_normal((200, d))[random.integers(0, 200, count)]
    x = np.concatenate([y[random.choice(count, targets // 2)], random.uniform(-3, 3, (targets // 2, d))])
    return y, x, summed(np, x, y, np.ones(count), sigma)


def summed(np, x, y, w, sigma):
    f = np.zeros(len(x))
    for i, point in enumerate(x):
        f[i] = w @ np.exp(((y - point) ** 2).sum(1) * (-0.5 / sigma**2))
    return f


def costs(np, y, x, f, sigma, ratio):
    """The two errors of centres, of means, and of means with σ widened."""
    import duckdb

    h, d = ratio * sigma, y.shape[1]
    rows = {f"x{k}": np.ascontiguousarray(y[:, k]) for k in range(d)}
    picked = [f"floor(x{k} / {h}), avg(x{k}), var_pop(x{k})" for k in range(d)]
    cell = ", ".join(f"floor(x{k} / {h})" for k in range(d))
    query = f"select count(*), {', '.join(picked)} from rows group by {cell}"
    n, *columns = duckdb.execute(query).fetchnumpy().values()
    n = np.asarray(n, float)
    centres, means, variances = (np.stack([np.asarray(c) for c in columns[part::3]], axis=1) for part in range(3))
    # The mean variance within a cell along an axis.
    widened = math.sqrt(sigma**2 + (n @ variances).sum() / (d * n.sum()))
    fields = [
        summed(np, x, (centres + 0.5) * h, n, sigma),
        summed(np, x, means, n, sigma),
        summed(np, x, means, n, widened) * (sigma / widened) ** d,
    ]
    seen = f >= 1e-3 * f.max()
    off = [np.abs(field - f) for field in fields]
    return [(e.max() / f.max(), (e / f)[seen].max()) for e in off]


# The doc's blocks


def try_doc(folder, program):
    """Runs the blocks of docs/large.md one after another, where small data of its names lie."""
    import numpy as np
    import polars as pl

    # The first line of a block is a comment with the name of its file.
    blocks = re.findall(r"^```\w+\n\W+(\S+)\n(.*?)^```", DOC.read_text(), re.M | re.S)
    make_rows(folder, 200_000, 4)
    make_targets(folder, 1000)
    (folder / "bin").mkdir()
    (folder / "bin" / "sigmascope").symlink_to(program)
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYSPARK_PYTHON": sys.executable}
    run = lambda command: subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    rows = pl.read_parquet(folder / "rows" / "*.parquet").drop_nulls()
    np.save(folder / "all.npy", rows.to_numpy())
    whole = f_of(run, folder)
    print("| block | result | difference ÷ max f |")
    print("|---|---|---|", flush=True)
    wrong = []
    for name, block in blocks:
        before = {file: file.stat().st_mtime_ns for file in folder.glob("f-*.npy")}
        (folder / name).write_text(block)
        if "pyspark" in block and not shutil.which("java"):
            print(f"| {name} | left out: no java | |")
            continue
        query = f"import duckdb; print(duckdb.execute(open({name!r}).read()).fetchall())"
        ways = {".sql": [sys.executable, "-c", query], ".sh": ["bash", "-eu", name], ".py": [sys.executable, name]}
        done = run(ways[Path(name).suffix])
        if done.returncode != 0:
            wrong.append(name)
            print(f"| {name} | failed | |\n\n{done.stdout}\n{done.stderr}")
            continue
        new = [file for file in sorted(folder.glob("f-*.npy")) if file.stat().st_mtime_ns != before.get(file)]
        for file in new:
            apart = np.abs(np.load(file) - whole).max() / whole.max()
            print(f"| {name} | {file.name} | {apart:.1e} |", flush=True)
            if not apart <= (bound(2, 1 / 8) if "cells" in block else SAME):
                wrong.append(name)
        if not new:
            print(f"| {name} | {done.stdout.strip() or 'ran'} | |", flush=True)
    if wrong:
        sys.exit(f"not as the doc says: {', '.join(wrong)}")


def f_of(run, folder):
    import numpy as np

    command = ["sigmascope", "reduce", "targets.csv", "--sources", "all.npy", "--sigma", "0.08"]
    done = run([*command, "--engine", "simd", "--out", "whole.npy"])
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return np.load(folder / "whole.npy")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
