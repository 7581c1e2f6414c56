#!/usr/bin/env python3
"""Whether files open that other programs write: each in every format, codec, byte order and type it offers.

    cargo build --release && benches/peers/formats.py [--only pandas,astropy] [--keep FOLDER] [--all]

Installs what `requirements-formats.txt` names into `target/peers-formats` on first use. STILTS, CloudCompare
(Debian's packages `stilts` and `cloudcompare`, this with `xvfb`) and open3d take part where they are installed.

Each program writes the same 2,000 points, with missing values, text and weights (`format_writers.py`,
`format_writers_space.py`). `sigmascope reduce FILE --engine naive --sigma S --out f.npy --json` reads them, without
a word about columns, and once more with `--weights weight` where there are weights. f is to be that of NumPy in
float64 to 2·10⁻⁶, and NaN in the rows where a coordinate is missing, and no others; formats that are not read are
to be refused by their names. Then sigmascope writes tables, and STILTS and CloudCompare open those.
Prints a table in Markdown of what is wrong (--all: of everything), then the numbers; fails if anything is wrong.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import exact

exact.HOME = exact.TARGET / "peers-formats"
exact.REQUIREMENTS = Path(__file__).resolve().parent / "requirements-formats.txt"

TOLERANCE = 2e-6
# What sigmascope writes and others open. The STILTS of Debian reads no Parquet.
OPENS = {
    "STILTS": (".csv",),
    "CloudCompare": (".csv",),
}


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--only", default="", help="writers, by the start of their names, separated by commas")
    options.add_argument("--format", default="", help="formats, separated by commas")
    options.add_argument("--all", action="store_true", help="print every file, not only what is wrong")
    options.add_argument("--keep", type=Path, help="folder to keep files in that were read wrongly")
    options.add_argument("--program", type=Path, default=exact.PROGRAM, help="the sigmascope to look at")
    options = options.parse_args()
    if Path(sys.prefix).resolve() != exact.HOME.resolve():
        # That environment has the peers; what it starts anew is this script.
        exact.__file__ = __file__
        exact.go_on_in_environment()
    warnings.simplefilter("ignore")
    print(f"{exact.machine()}; {version(options.program)}\n\n| writer | format | option | read |\n|---|---|---|---|")
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    counts = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number, file in enumerate(files(options)):
            path = Path(folder) / f"points{number}{file.suffix}"
            said = looked_at(file, path, Path(folder), options.program)
            tell(file, said, counts, options)
            if said != "ok" and options.keep and path.exists():
                name = re.sub(r"[^\w.]+", "-", f"{file.writer}-{file.format}-{file.option}")
                shutil.copy(path, options.keep / f"{name}{file.suffix}")
            for made in Path(folder).iterdir():
                made.unlink()
        for opener in by_name(OPENS, options):
            opens(opener, Path(folder), counts, options)
    print(f"\n{counts['ok']} as they should be, {counts['wrong']} wrong, {counts['missing']} programs not there")
    sys.exit(counts["wrong"] > 0)


def version(program):
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()


def by_name(names, options):
    starts = [start.lower() for start in options.only.split(",")]
    return [name for name in names if any(name.lower().startswith(start) for start in starts)]


def files(options):
    """What all writers write, in turn."""
    import format_writers
    import format_writers_space as space

    writers = {**vars(format_writers), **vars(space)}
    writers = {name[3:]: make for name, make in writers.items() if name.startswith("by_")}
    formats = {name.lower() for name in options.format.split(",")} - {""}
    for name in by_name(writers, options):
        try:
            for file in writers[name]():
                if not formats or file.format.lower() in formats:
                    yield file
        except (ImportError, OSError) as error:
            yield space.File(name, "", "", "", None, refusal=f"{error}".splitlines()[0])


def tell(file, said, counts, options):
    counts["ok" if said == "ok" else "missing" if said.startswith("not there") else "wrong"] += 1
    if said != "ok" or options.all:
        cells = (file.writer, file.format, file.option, said)
        print("| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |", flush=True)


def looked_at(file, path, folder, program):
    """`ok`, or what is wrong."""
    if file.write is None:
        return f"not there: {file.refusal}"
    try:
        file.write(path)
    except Exception as error:  # Whatever another program may fail with.
        return f"not written: {type(error).__name__}: {str(error)[:300]}"
    wanted = [(None, [])] if file.weights is None else [(None, []), (file.weights, ["--weights", "weight"])]
    if file.points is None:
        wanted = [(None, [])]
    for weights, more in wanted:
        said = reduced(file, path, folder, program, weights, more)
        if said != "ok":
            return f"{' '.join(more)}{': ' if more else ''}{said}"
    return "ok"


def reduced(file, path, folder, program, weights, more):
    import numpy as np

    out = folder / "f.npy"
    command = [program, "reduce", f"{path}{file.part}", "--engine", "naive", "--sigma", str(file.sigma)]
    done = subprocess.run([*map(str, command), *more, "--out", str(out), "--force", "--json"], capture_output=True, text=True)
    said = done.stderr.strip().replace(str(folder) + "/", "")
    if done.returncode not in (0, 1, 2) or "panicked" in said:
        return f"exit code {done.returncode}: {said[:500]}"
    if file.points is None:
        if done.returncode == 0:
            return f"taken, from {json.loads(done.stdout)['coordinates']}, and should be refused"
        return "ok" if file.refusal in said else f"refused without the word {file.refusal}: {said[:500]}"
    if done.returncode != 0:
        return f"refused: {said[:500]}"
    told = json.loads(done.stdout)
    if file.names is not None and tuple(told["coordinates"]) != tuple(file.names):
        return f"coordinates {told['coordinates']} instead of {list(file.names)}"
    if told["dim"] != file.points.shape[1]:
        return f"{told['dim']} coordinates, {told['coordinates']}, instead of {file.points.shape[1]}"
    if told["rows_read"] != len(file.points):
        return f"{told['rows_read']} rows instead of {len(file.points)}"
    f, right = np.load(out), field(file.points, file.sigma, weights)
    if f.shape != right.shape:
        return f"f has the shape {f.shape} instead of {right.shape}"
    wrong = np.flatnonzero(np.isnan(f) != np.isnan(right))
    if len(wrong) > 0:
        return f"{len(wrong)} rows dropped that should not be, or the reverse; the first is {wrong[0]}"
    error = np.nanmax(np.abs(f / right - 1.0))
    return "ok" if error <= TOLERANCE else f"f is off by {error:.1e}; coordinates {told['coordinates']}"


def field(points, sigma, weights=None):
    """f in float64, NaN where a coordinate is missing."""
    import numpy as np

    there = np.isfinite(points).all(1)
    kept = points[there]
    weights = np.ones(len(kept)) if weights is None else weights[there]
    f = np.full(len(points), np.nan)
    squares = sum(np.square(axis[:, None] - axis[None, :]) for axis in kept.T)
    f[there] = np.exp(squares * (-0.5 / sigma**2)) @ weights
    return f


# The other way: programs that open what sigmascope writes.


def opens(opener, folder, counts, options):
    import format_writers_space as space

    command = {"STILTS": "stilts"}.get(opener, opener)
    for suffix in OPENS[opener]:
        entry = space.File(opener, f"sigmascope's {suffix}", "opens it", suffix, None)
        if shutil.which(command) is None:
            tell(entry, f"not there: {command}", counts, options)
            continue
        try:
            said = opened(opener, suffix, folder, options.program)
        except (RuntimeError, subprocess.SubprocessError, OSError, ValueError, KeyError) as error:
            said = f"{type(error).__name__}: {str(error)[:300]}"
        tell(entry, said, counts, options)


def opened(opener, suffix, folder, program):
    """Has a table written, opened by the other program and given back by it as text; compares all three columns."""
    import format_writers_space as space
    import numpy as np
    import pandas

    given, ours, back = folder / "given.csv", folder / f"ours{suffix}", folder / "back.csv"
    plain = space.table(plain=True)
    if opener == "CloudCompare":
        # It has no missing numbers.
        plain = pandas.DataFrame(space.data()["full"], columns=["x", "y", "z"])
    plain.to_csv(given, index=False)
    command = [program, "reduce", given, "--engine", "naive", "--sigma", "0.5", "--with", "all", "--force", "--out", ours]
    subprocess.run(command, check=True, capture_output=True)
    if opener == "STILTS":
        space.stilts("tcopy", f"in={ours}", f"ifmt={suffix[1:]}", f"out={back}", "ofmt=csv")
        got = pandas.read_csv(back)
    else:
        space.cloudcompare("-O", ours, "-C_EXPORT_FMT", "ASC", "-EXT", "csv", "-PREC", "12", "-SAVE_CLOUDS", "FILE", back)
        got = pandas.read_csv(back, sep=r"\s+", header=None)
        # The first three numbers of a row are its coordinates to CloudCompare, whatever they are called.
        return "ok" if len(got) == len(plain) else f"{len(got)} points instead of {len(plain)}"
    axes = [name for name in ("x", "y", "z") if name in plain]
    right = field(plain[axes].to_numpy(), 0.5)
    if list(got["row"]) != list(range(len(plain))):
        return "rows are not as they were"
    for name, wanted in [*((axis, plain[axis]) for axis in axes), ("f", right)]:
        if not np.allclose(got[name], wanted, rtol=TOLERANCE, atol=0, equal_nan=True):
            return f"column {name} is not as it was"
    return "ok" if list(got["label"]) == list(plain["label"]) else "labels are not as they were"


if __name__ == "__main__":
    main()
