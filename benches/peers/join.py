#!/usr/bin/env python3
"""Whether f finds its row again: what `sigmascope reduce --out` writes, joined to its input by `row`.

    cargo build --release && benches/peers/join.py [--files 200] [--first K]

Installs what `requirements-formats.txt` names into `target/peers-formats` on first use.
Makes files of 1 to 3,000 rows, CSV, Parquet and Arrow by turns, with missing and infinite coordinates, text
in place of numbers, line ends within quotes, empty lines, columns that are called `row` and `f`, a cloud in
several files, and rows picked by `--n`. Reads each with pandas or polars, and what sigmascope writes of it (`.csv`
by pandas, `.parquet` by polars; with the coordinates, with all columns, with some, with f alone), joins both by
`row`, and compares every column and f, which is summed by NumPy. Prints what differs; fails if anything does.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import exact

exact.HOME = exact.TARGET / "peers-formats"
exact.REQUIREMENTS = Path(__file__).resolve().parent / "requirements-formats.txt"

TOLERANCE = 2e-6
LABELS = ("oak", "ash, young", 'a "tall" elm', "Föhre\nam Hang", "  beech ", "", "NA", "1e5", "0012", "tree; 7", "'", "#9")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--files", type=int, default=200, help="how many are made")
    options.add_argument("--first", type=int, default=0, help="number of the first")
    options.add_argument("--keep", type=Path, help="folder to keep files in whose rows are misaligned")
    options.add_argument("--program", type=Path, default=exact.PROGRAM, help="the sigmascope to look at")
    options = options.parse_args()
    if Path(sys.prefix).resolve() != exact.HOME.resolve():
        # That environment has the peers; what it starts anew is this script.
        exact.__file__ = __file__
        exact.go_on_in_environment()
    warnings.simplefilter("ignore")
    wrong = changed = joins = rows = dropped = 0
    for number in range(options.first, options.first + options.files):
        with tempfile.TemporaryDirectory() as folder:
            try:
                cloud = Cloud(number, Path(folder))
                for out, columns in cloud.outputs():
                    joins, rows = joins + 1, rows + len(cloud.frame)
                    dropped += cloud.joined(options.program, out, columns)
                if cloud.changed:
                    changed += 1
                    print(f"file {number} ({cloud.kind}), rows in their places: {cloud.changed[0]}", flush=True)
            except Misaligned as misaligned:
                wrong += 1
                print(f"file {number} ({cloud.kind}): {misaligned}", flush=True)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    for path in cloud.paths:
                        (options.keep / f"{number}-{path.name}").write_bytes(path.read_bytes())
    print(f"{options.files} files, {joins} joins, {rows:,} rows of which {dropped:,} dropped: {wrong} files with "
          f"misaligned rows, {changed} with changed cells")
    sys.exit(wrong + changed > 0)


class Misaligned(Exception):
    pass


class Cloud:
    """One made cloud: its files, and what they hold."""

    def __init__(self, number, folder):
        import numpy as np

        self.random = random = np.random.default_rng(number)
        self.number, self.folder = number, folder
        # Cells that are in their row, and not quite what they were.
        self.changed = []
        self.kind = ("csv", "parquet", "arrow")[number % 3]
        n = int(random.choice([1, 2, 7, 60, 500, 3000], p=[0.03, 0.07, 0.2, 0.3, 0.3, 0.1]))
        self.frame = self.made(n)
        pieces = 1 if n < 7 or number % 5 else int(random.integers(2, 5))
        self.paths = [folder / f"part{k}.{self.kind}" for k in range(pieces)]
        self.starts = np.linspace(0, n, pieces + 1).astype(int)
        for path, begin, end in zip(self.paths, self.starts, self.starts[1:]):
            self.write(self.frame.iloc[begin:end], path)
        self.picked = int(random.integers(1, n + 1)) if number % 7 == 3 else None

    def made(self, n):
        """A frame; what cannot be a number in x or y stands there only in text files."""
        import numpy as np
        import pandas

        random = self.random
        frame = pandas.DataFrame({"key": random.permutation(n) * 3 + 1000})
        frame["label"] = [LABELS[k] for k in random.integers(0, len(LABELS), n)]
        x, y = random.standard_normal((2, n)) * [[1.0], [3.0]]
        for axis in (x, y):
            hidden = random.random(n) < random.choice([0.0, 0.05, 0.4])
            hidden[: min(n, 1)] = False
            axis[hidden] = random.choice([np.nan, np.inf, -np.inf], hidden.sum(), p=[0.8, 0.1, 0.1])
        frame["x"], frame["y"] = x, y
        frame["when"] = pandas.Timestamp("2021-05-06T07:08:09.123456") + pandas.to_timedelta(random.integers(0, 10**9, n), "s")
        frame["some"] = random.random(n) < 0.5
        frame["count"] = pandas.array(random.integers(-(10**12), 10**12, n), "Int64")
        frame.loc[random.random(n) < 0.2, "count"] = pandas.NA
        if self.number % 4 == 1:
            frame["row"] = random.integers(0, 50, n)
            frame["f"] = random.random(n)
        order = random.permutation(len(frame.columns))
        frame = frame[[frame.columns[k] for k in order]]
        if self.kind == "csv" and self.number % 2 == 0 and n >= 60:
            frame = frame.astype({"x": object})
            where = np.flatnonzero(random.random(n) < 0.03)
            frame.loc[where[where > 5], "x"] = "broken"
        return frame

    def write(self, frame, path):
        import polars
        import csv

        if self.kind == "csv":
            ends = "\r\n" if self.number % 4 == 0 else "\n"
            separator = ",;\t"[self.number % 9 // 3]
            text = frame.to_csv(index=False, sep=separator, lineterminator=ends, quoting=csv.QUOTE_NONNUMERIC,
                                date_format="%Y-%m-%dT%H:%M:%S.%f")
            # A line end within quotes is no end of a row: empty lines go behind those that are.
            if self.number % 2 == 1:
                text = text.replace(ends, ends + ends, 1) + ends
            path.write_bytes(text.encode())
            return
        made = polars.from_pandas(frame.reset_index(drop=True), nan_to_null=bool(self.number % 2))
        if self.kind == "parquet":
            made.write_parquet(path, row_group_size=100)
        else:
            made.write_ipc(path, compression="lz4", record_batch_size=64)

    def outputs(self):
        """What is written: kind of file, and what a table holds."""
        some = "label,key"
        return [("csv", "all"), ("parquet", "all"), ("csv", None), ("parquet", some), ("csv", "none"), ("npy", None)]

    def input(self):
        """The rows of the input as its own reader gives them, all files in turn."""
        import pandas
        import polars

        if self.kind == "csv":
            read = [pandas.read_csv(p, sep=",;\t"[self.number % 9 // 3], keep_default_na=False, dtype=str) for p in self.paths]
            return pandas.concat(read, ignore_index=True)
        read = polars.read_parquet if self.kind == "parquet" else polars.read_ipc
        return pandas.concat([read(path).to_pandas() for path in self.paths], ignore_index=True)

    def joined(self, program, out, columns):
        """Writes a table, joins it to the input, compares; gives how many rows were dropped."""
        import numpy as np
        import pandas
        import polars

        path = self.folder / f"out.{out}"
        command = [program, "reduce", *self.paths, "--engine", "naive", "--sigma", "0.5", "--out", path, "--force", "--json"]
        command += ["--with", columns] if columns else []
        command += ["--n", str(self.picked), "--m", str(len(self.frame))] if self.picked else []
        # With three rows or fewer the coordinates cannot be told by what they hold.
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        usable = np.isfinite(self.points()).all(1)
        if done.returncode != 0:
            raise Misaligned(f"{out}, --with {columns}: {done.stderr.strip()[:400]}")
        told, n = json.loads(done.stdout), len(self.frame)
        if told["coordinates"] != [name for name in self.frame.columns if name in ("x", "y")] and set(told["coordinates"]) != {"x", "y"}:
            raise Misaligned(f"coordinates {told['coordinates']}")
        right = self.field(usable)
        if out == "npy" or columns == "none":
            got = np.load(path) if out == "npy" else pandas.read_csv(path, skip_blank_lines=False)["f"].to_numpy()
            self.same_f(got, right, usable, f"{out}, --with {columns}")
            return int(np.isnan(got).sum())
        if out == "csv":
            table = pandas.read_csv(path, keep_default_na=False, dtype=str)
            table["row"] = table["row"].astype(int)
            table["f"] = pandas.to_numeric(table["f"])
        else:
            table = polars.read_parquet(path).to_pandas()
        if told["rows_read"] != n or len(table) != n:
            raise Misaligned(f"{out}, --with {columns}: {told['rows_read']} rows read, {len(table)} written, of {n}")
        both = self.input().rename(columns={"row": "row_2", "f": "f_2"})
        both.insert(0, "row", np.arange(n))
        both = both.merge(table, on="row", how="outer", suffixes=("", " of the output"), validate="one_to_one")
        if len(both) != n:
            raise Misaligned(f"{out}, --with {columns}: {len(both)} rows once joined, of {n}")
        for name in [name for name in both.columns if f"{name} of the output" in both]:
            self.same(both[name], both[f"{name} of the output"], f"{out}, --with {columns}, column {name}")
        wanted = {None: {"x", "y"}, "all": {*self.frame.columns} - {"row", "f"}}.get(columns, {"label", "key"})
        if self.number % 4 == 1 and columns == "all":
            wanted |= {"row_2", "f_2"}
        if wanted - set(table.columns):
            raise Misaligned(f"{out}, --with {columns}: no columns {sorted(wanted - set(table.columns))}")
        self.same_f(both["f"].to_numpy(dtype=float, na_value=np.nan), right, usable, f"{out}, --with {columns}")
        return int(both["f"].isna().sum())

    def points(self):
        import pandas
        import numpy as np

        return np.column_stack([pandas.to_numeric(self.frame[name], errors="coerce") for name in ("x", "y")]).astype(float)

    def field(self, usable):
        import numpy as np

        kept = self.points()[usable]
        f = np.full(len(self.frame), np.nan)
        f[usable] = np.exp(-2.0 * sum(np.square(axis[:, None] - axis[None, :]) for axis in kept.T)).sum(1)
        return f

    def same_f(self, got, right, usable, what):
        """Rows that were dropped have no f; of those picked by --n as many have one as were wanted."""
        import numpy as np

        if len(got) != len(right):
            raise Misaligned(f"{what}: {len(got)} values of f for {len(right)} rows")
        there = ~np.isnan(got)
        count = min(self.picked or len(right), int(usable.sum()))
        if (there & ~usable).any() or there.sum() != count:
            raise Misaligned(f"{what}: f in {there.sum()} rows instead of {count}")
        error = np.abs(got[there] / right[there] - 1.0).max(initial=0.0)
        if error > TOLERANCE:
            raise Misaligned(f"{what}: f is off by {error:.1e}")

    def same(self, one, other, what):
        """Whether two columns hold the same, numbers as numbers and moments as moments."""
        import numpy as np
        import pandas

        def plain(column):
            numbers = pandas.to_numeric(column, errors="coerce") if column.dtype != bool else column
            name = what.rpartition(" ")[2]
            if name in ("x", "y", "key", "count", "row_2", "f_2"):
                numbers = np.asarray(numbers, dtype=float)
                # A word in place of a number stands for none.
                return np.where(np.isnan(numbers), "", np.char.mod("%.15g", numbers))
            if name == "when":
                return pandas.to_datetime(column).dt.strftime("%Y-%m-%d %H:%M:%S.%f").to_numpy()
            if name == "some":
                return np.array([str(cell).lower() for cell in column])
            # NA is a word for a missing value to both in text files.
            missing = ("", "NA") if self.kind == "csv" else ("",)
            return np.array(["" if cell is None or cell != cell or cell in missing else str(cell) for cell in column])

        one_plain, other_plain = plain(one), plain(other)
        differ = np.flatnonzero(one_plain != other_plain)
        if len(differ) > 0 and (strip(one_plain) == strip(other_plain)).all():
            row = differ[0]
            self.changed.append(f"{what}: row {row} is {other.iloc[row]!r} instead of {one.iloc[row]!r}")
            return
        if len(differ) > 0:
            row = differ[0]
            raise Misaligned(f"{what}: {len(differ)} rows differ; row {row} is {other.iloc[row]!r} instead of {one.iloc[row]!r}")


def strip(cells):
    """Without blanks at either end, and infinities without their sign."""
    import numpy as np

    return np.array([{"-inf": "inf"}.get(cell.strip(), cell.strip()) for cell in map(str, cells)])


if __name__ == "__main__":
    main()
