#!/usr/bin/env python3
"""How fast files are read: `sigmascope info FILE`, and each format's own reader in Python, side by side.

    cargo build --release && benches/peers/files.py [--formats csv,parquet,laz,npz,xlsx] [--scale 0.1]

Installs what `requirements-files.txt` names into `target/peers-files` on first use. The files are made in a
temporary folder by the peers themselves, 2.0 GB in all, and are read once before they are timed.
Prints a table in Markdown. All are whole processes, in turn, and medians:

- sigmascope: `sigmascope info FILE`, which also works out σ and what can mislead
- start: Python and the imports that the peer needs
- reading: the peer's whole process without its start
- ratio: sigmascope to reading
- memory: the most that the process held, above the same on a file of ten rows, in MiB; beside it the two
  columns of numbers (three of LAZ) that are kept
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import exact

exact.HOME = exact.TARGET / "peers-files"
exact.REQUIREMENTS = Path(__file__).resolve().parent / "requirements-files.txt"

MIB = 1 << 20
FEW = 10

# Name: rows, columns in the file, columns that are kept, the peer, what it imports, what it does.
FORMATS = {
    "csv": (1_000_000, 2, 2, "polars.read_csv", "import polars", "polars.read_csv(PATH)"),
    "parquet": (
        10_000_000,
        20,
        2,
        "polars.read_parquet",
        "import polars",
        "polars.read_parquet(PATH, columns=['x', 'y'])",
    ),
    "laz": (1_000_000, 3, 3, "laspy.read", "import laspy", "laspy.read(PATH)"),
    "npz": (1_000_000, 2, 2, "numpy.load", "import numpy", "numpy.load(PATH)['x']"),
    "xlsx": (
        100_000,
        2,
        2,
        "openpyxl",
        "import openpyxl",
        "book = openpyxl.load_workbook(PATH, read_only=True)\n"
        "for row in book.active.iter_rows(values_only=True): pass",
    ),
}


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--formats", default=",".join(FORMATS), help="separated by commas")
    options.add_argument("--scale", type=float, default=1.0, help="of the numbers of rows")
    options.add_argument("--repeat", type=int, default=5, help="timed runs of each")
    options.add_argument("--make", nargs=3, metavar=("FORMAT", "ROWS", "FILE"), help=argparse.SUPPRESS)
    options = options.parse_args()
    if Path(sys.prefix).resolve() != exact.HOME.resolve():
        # That environment has the peers; what it starts anew is this script.
        exact.__file__ = __file__
        exact.go_on_in_environment()
    if options.make:
        name, rows, path = options.make
        make(name, int(rows), path)
        return
    print(f"{exact.machine()}; load {exact.load()}\n")
    print(
        "| file | sigmascope | peer | start | reading | ratio | memory: sigmascope | peer | kept |"
    )
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in options.formats.split(","):
            compare(name, Path(folder), options)


def compare(name, folder, options):
    rows, width, kept, peer, imports, reading = FORMATS[name]
    rows = max(FEW, int(rows * options.scale))
    path, few = folder / f"points.{name}", folder / f"few.{name}"
    for count, file in ((rows, path), (FEW, few)):
        subprocess.run([sys.executable, __file__, "--make", name, str(count), file], check=True)
    own = [exact.PROGRAM, "info", path]
    code = f"PATH = {str(path)!r}\n{imports}\n"
    python = [sys.executable, "-c"]
    runs = {"own": own, "start": [*python, code], "whole": [*python, code + reading]}
    size = f"{name.upper()}, {rows:,} × {width}, {path.stat().st_size / MIB:.0f} MiB"
    refusal = subprocess.run(own, capture_output=True, text=True)
    times = {run: [] for run in runs}
    peaks = {}
    # The first round is not counted.
    for turn in range(options.repeat + 1):
        for run, command in runs.items():
            if run == "own" and refusal.returncode != 0:
                continue
            seconds, peaks[run] = measured(command)
            if turn > 0:
                times[run].append(seconds)
    start = statistics.median(times["start"])
    reading_alone = statistics.median(times["whole"]) - start
    few_code = code.replace(str(path), str(few)) + reading
    peer_memory = peaks["whole"] - measured([*python, few_code])[1]
    cells = [size, "refused yet", f"{peer} {version(imports)}", f"{start:.2f} s", f"{reading_alone:.3f} s"]
    cells += ["", "", f"{peer_memory / MIB:.0f}", f"{rows * kept * 8 / MIB:.0f}"]
    if refusal.returncode == 0:
        seconds = statistics.median(times["own"])
        memory = peaks["own"] - measured([exact.PROGRAM, "info", few])[1]
        cells[1], cells[5] = f"{seconds:.3f} s", f"{seconds / max(reading_alone, 1e-9):.2f}"
        cells[6] = f"{memory / MIB:.0f}"
    print("| " + " | ".join(cells) + " |", flush=True)
    path.unlink()


def measured(command):
    """Seconds, and the most bytes held. This process stays small: a child begins with its peak."""
    with open(os.devnull, "wb") as nowhere:
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdout=nowhere, stderr=nowhere)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {child.returncode}")
    # In bytes on macOS, in KiB elsewhere.
    return seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def version(imports):
    from importlib.metadata import version

    return version(imports.removeprefix("import "))


def make(name, rows, path):
    """Writes a file of normal points."""
    import numpy as np

    random = np.random.default_rng(1)
    if name == "csv":
        import polars

        x, y = random.standard_normal((2, rows))
        polars.DataFrame({"x": x, "y": y}).write_csv(path)
    elif name == "parquet":
        import pyarrow
        import pyarrow.parquet

        names = ["x", "y", *(f"c{k}" for k in range(18))]
        schema = pyarrow.schema([(name, pyarrow.float64()) for name in names])
        with pyarrow.parquet.ParquetWriter(path, schema, use_dictionary=False) as writer:
            for start in range(0, rows, 1_000_000):
                count = min(1_000_000, rows - start)
                columns = [random.standard_normal(count) for _ in names]
                writer.write_table(pyarrow.table(columns, schema=schema))
    elif name == "laz":
        import laspy

        header = laspy.LasHeader(point_format=3, version="1.2")
        header.scales = np.full(3, 0.001)
        points = laspy.LasData(header)
        points.x, points.y, points.z = 100.0 * random.standard_normal((3, rows))
        points.write(path)
    elif name == "npz":
        np.savez(path, x=random.standard_normal((rows, 2)))
    elif name == "xlsx":
        import openpyxl

        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.append(["x", "y"])
        for row in random.standard_normal((rows, 2)):
            sheet.append([float(value) for value in row])
        book.save(path)
    else:
        sys.exit(f"{name} is none of {', '.join(FORMATS)}")


if __name__ == "__main__":
    main()
