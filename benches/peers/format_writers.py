"""The same points, written by the programs of the field in every format and option they have.

Each function below is one program: it yields the files it writes as `File`s. `formats.py` makes them one after
another and has them read. A program that is not installed raises ImportError when its function begins.
"""

import csv
import functools
from dataclasses import dataclass, field
from typing import Callable

ROWS = 2000
COLUMNS = ("x", "y")


@dataclass
class File:
    """One file: who writes it and how, and what is to be read from it."""

    writer: str
    format: str
    option: str
    # How its name ends.
    suffix: str
    # Writes it to a path.
    write: Callable
    # The points as they stand in the file, NaN where one is missing; None: the file is to be refused, in words.
    points: object = None
    # What the coordinates are called; None: whatever they are called.
    names: tuple | None = COLUMNS
    # The weights in its column `weight`; None: it has none.
    weights: object = None
    sigma: float = 0.5
    # Words that stand behind the name of the file on the command line.
    part: str = ""
    # Text in the refusal of a file that cannot be read.
    refusal: str = field(default="")


@functools.cache
def data():
    """Columns: text first, coordinates of which some are missing, weights, classes and times."""
    import numpy as np

    random = np.random.default_rng(14)
    x, y, z = random.standard_normal((3, ROWS))
    full = np.column_stack([x, y, z])
    x, y = x.copy(), y.copy()
    x[7::97] = np.nan
    y[11::89] = np.nan
    x[-1] = np.nan
    words = ["oak", "ash, young", 'so-called "elm"', "Birke über Föhre", "", "it's 3; 4"]
    return {
        "label": [f"{words[k % 6]} {k}" if k % 6 != 4 else "none" for k in range(ROWS)],
        "x": x,
        "y": y,
        "weight": random.uniform(0.5, 1.5, ROWS),
        "class": random.integers(0, 9, ROWS),
        "when": np.datetime64("2024-01-01T00:00:00", "us") + np.arange(ROWS) * np.timedelta64(3600, "s"),
        "full": full,
    }


def points(dtype="f8"):
    """x and y, as numbers of a type hold them."""
    import numpy as np

    return np.column_stack([data()["x"], data()["y"]]).astype(dtype).astype("f8")


def table(dtype="f8", plain=False):
    """A frame of pandas. Plain: with labels that no quotes are needed for."""
    import pandas

    columns = {name: column for name, column in data().items() if name != "full"}
    columns["x"], columns["y"] = columns["x"].astype(dtype), columns["y"].astype(dtype)
    if plain:
        columns["label"] = [f"tree{k}" for k in range(ROWS)]
    return pandas.DataFrame(columns)


def rounded(decimals):
    import numpy as np

    return np.round(points(), decimals)


def by_pandas():
    import pandas

    by = f"pandas {pandas.__version__}"
    frame, plain = table(), table(plain=True)
    exact = {"points": points(), "weights": data()["weight"]}

    def text(option, suffix=".csv", of=frame, **kinds):
        taken = {**exact, **{k: kinds.pop(k) for k in ("points", "weights", "names") if k in kinds}}
        kinds.setdefault("index", False)
        return File(by, "CSV", option, suffix, lambda path: of.to_csv(path, **kinds), **taken)

    yield text("default, with index", index=True)
    yield text("index=False")
    for name, separator in (("semicolon", ";"), ("tab", "\t"), ("bar", "|"), ("space", " ")):
        yield text(f"sep {name}", sep=separator)
    yield text("semicolon, decimal comma", sep=";", decimal=",")
    yield text("tab, decimal comma", suffix=".tsv", sep="\t", decimal=",")
    yield text("comma, decimal comma, quoted", decimal=",")
    for name, end in (("gzip", ".gz"), ("bz2", ".bz2"), ("zstd", ".zst"), ("xz", ".xz")):
        yield text(f"compression {name}", suffix=f".csv{end}", compression=name)
        yield text(f"compression {name}, name tells nothing", suffix=".csv", compression=name)
    for name in ("utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"):
        yield text(f"encoding {name}", encoding=name)
    for name, kind in (("all", csv.QUOTE_ALL), ("non-numeric", csv.QUOTE_NONNUMERIC)):
        yield text(f"quoting {name}", quoting=kind)
    yield text("quoting none, escaped", of=plain, quoting=csv.QUOTE_NONE, escapechar="\\")
    yield text("apostrophes as quotes", quotechar="'")
    yield text("backslashes escape quotes", doublequote=False, escapechar="\\")
    yield text("CRLF", lineterminator="\r\n")
    yield text("CR", of=plain, lineterminator="\r")
    for word in ("NA", "NaN", "NULL", "-", "n/a", "<NA>"):
        yield text(f"na_rep {word}", na_rep=word)
    yield text("float_format %.6f", float_format="%.6f", points=rounded(6), weights=None)
    yield text("float_format %.17g", float_format="%.17g")
    yield text("float_format %+.16e", float_format="%+.16e")
    yield text("no header", header=False, names=None, weights=None)
    yield text("no header, with index", header=False, index=True, names=None, weights=None)
    yield text("float32", of=table("f4"), points=points("f4"))
    yield File(by, "CSV", "x and y alone", ".txt", lambda p: frame[["x", "y"]].to_csv(p, index=False), points())
    nullable = frame.convert_dtypes()
    yield text("nullable types", of=nullable)
    yield File(
        by, "text", "to_string", ".txt", lambda p: plain.drop(columns="when").to_string(p, float_format="%.17g"), **exact
    )

    for orient in ("records", "split", "index", "columns", "values", "table"):
        bare = {"names": None} if orient == "values" else {"weights": data()["weight"]}
        yield File(by, "JSON", f"orient {orient}", ".json",
                   lambda p, o=orient: frame.to_json(p, orient=o, double_precision=15), points(), **bare)
    yield File(by, "JSON lines", "default", ".jsonl",
               lambda p: frame.to_json(p, orient="records", lines=True), rounded(10))
    for name, end in (("gzip", ".gz"), ("bz2", ".bz2"), ("zstd", ".zst"), ("xz", ".xz")):
        yield File(by, "JSON lines", name, f".jsonl{end}",
                   lambda p, c=name: frame.to_json(p, orient="records", lines=True, double_precision=15, compression=c),
                   **exact)
    yield File(by, "JSON", "force_ascii=False, indent=2, ISO dates", ".json",
               lambda p: frame.to_json(p, orient="records", force_ascii=False, indent=2, date_format="iso",
                                       double_precision=15), **exact)
    for engine in ("pyarrow", "fastparquet"):
        for codec in (None, "snappy", "gzip", "brotli", "lz4", "zstd"):
            yield File(by, "Parquet", f"{engine}, {codec}", ".parquet",
                       lambda p, e=engine, c=codec: frame.to_parquet(p, engine=e, compression=c), **exact)
    yield File(by, "Parquet", "index, nullable types", ".parquet", lambda p: nullable.to_parquet(p, index=True), **exact)
    categories = frame.assign(label=frame["label"].astype("category"))
    yield File(by, "Parquet", "categories", ".parquet", lambda p: categories.to_parquet(p), **exact)
    yield File(by, "Parquet", "float32", ".parquet", lambda p: table("f4").to_parquet(p), points("f4"),
               weights=data()["weight"])
    for codec in ("lz4", "zstd", "uncompressed"):
        yield File(by, "Feather", codec, ".feather", lambda p, c=codec: frame.to_feather(p, compression=c), **exact)
    for engine in ("openpyxl", "xlsxwriter"):
        yield File(by, "XLSX", f"{engine}, with index", ".xlsx", lambda p, e=engine: frame.to_excel(p, engine=e), **exact)
        yield File(by, "XLSX", f"{engine}, index=False", ".xlsx",
                   lambda p, e=engine: frame.to_excel(p, engine=e, index=False, startrow=3, startcol=2), **exact)
    yield File(by, "ODS", "odf", ".ods", lambda p: frame.to_excel(p, engine="odf"), **exact)
    yield File(by, "ODS", "odf, index=False, na_rep NA", ".ods",
               lambda p: frame.to_excel(p, engine="odf", index=False, na_rep="NA"), **exact)
    for name, end, word in (("pickle", ".pkl", "pickle"), ("stata", ".dta", "Stata"), ("orc", ".orc", "ORC"),
                            ("html", ".html", "HTML")):
        yield File(by, name, "is told as not read", end,
                   lambda p, n=name: getattr(plain, f"to_{n}")(p), refusal=word)
    yield File(by, "ZIP", "is told as not read", ".csv.zip", lambda p: frame.to_csv(p), refusal="zip archive")
    yield File(by, "TAR", "is told as not read", ".csv.tar", lambda p: frame.to_csv(p), refusal="tar archive")


def by_polars():
    import numpy as np
    import polars

    by = f"polars {polars.__version__}"
    frame = polars.from_pandas(table(), nan_to_null=True)
    with_nan = polars.from_pandas(table(), nan_to_null=False)
    exact = {"points": points(), "weights": data()["weight"]}

    def text(option, suffix=".csv", of=frame, **kinds):
        taken = {**exact, **{k: kinds.pop(k) for k in ("points", "weights", "names") if k in kinds}}
        return File(by, "CSV", option, suffix, lambda path: of.write_csv(path, **kinds), **taken)

    yield text("default")
    yield text("NaN instead of null", of=with_nan)
    for name, separator in (("semicolon", ";"), ("tab", "\t"), ("bar", "|"), ("space", " ")):
        yield text(f"separator {name}", separator=separator)
    yield text("decimal comma, semicolon", separator=";", decimal_comma=True)
    for style in ("always", "non_numeric"):
        yield text(f"quote_style {style}", quote_style=style)
    yield text("null_value NA", null_value="NA")
    yield text("with a byte order mark", include_bom=True)
    yield text("CRLF", line_terminator="\r\n")
    yield text("no header", include_header=False, names=None, weights=None)
    yield text("float_precision 6", float_precision=6, points=rounded(6), weights=None)
    yield text("float_scientific", float_scientific=True)
    yield text("float32", of=frame.with_columns(polars.col("x", "y").cast(polars.Float32)), points=points("f4"))
    for name, end in (("gzip", ".gz"), ("zstd", ".zst")):
        yield text(f"compression {name}", suffix=f".csv{end}", compression=name)
    yield File(by, "JSON", "default", ".json", lambda p: frame.write_json(p), **exact)
    yield File(by, "JSON lines", "default", ".ndjson", lambda p: frame.write_ndjson(p), **exact)
    for codec in ("uncompressed", "snappy", "gzip", "brotli", "lz4", "zstd"):
        yield File(by, "Parquet", codec, ".parquet", lambda p, c=codec: frame.write_parquet(p, compression=c), **exact)
    yield File(by, "Parquet", "NaN, no statistics", ".parquet",
               lambda p: with_nan.write_parquet(p, statistics=False, row_group_size=300), **exact)
    yield File(by, "Parquet", "pyarrow", ".parquet", lambda p: frame.write_parquet(p, use_pyarrow=True), **exact)
    for codec in ("uncompressed", "lz4", "zstd"):
        yield File(by, "Arrow", f"file, {codec}", ".arrow", lambda p, c=codec: frame.write_ipc(p, compression=c), **exact)
        yield File(by, "Arrow", f"stream, {codec}", ".arrows",
                   lambda p, c=codec: frame.write_ipc_stream(p, compression=c), **exact)
    yield File(by, "Arrow", "file, oldest types", ".arrow",
               lambda p: frame.write_ipc(p, compat_level=polars.CompatLevel.oldest()), **exact)
    rich = frame.with_columns(
        polars.col("label").cast(polars.Categorical), polars.col("weight").cast(polars.Float32),
        polars.col("class").cast(polars.Int8), day=polars.col("when").dt.date(), hour=polars.col("when").dt.time(),
        some=polars.col("class") > 4, nothing=polars.lit(None), pair=polars.concat_list("class", "class"))
    weights = data()["weight"].astype("f4").astype("f8")
    yield File(by, "Parquet", "all kinds of columns", ".parquet", lambda p: rich.write_parquet(p), points(), weights=weights)
    yield File(by, "Arrow", "all kinds of columns", ".arrow", lambda p: rich.write_ipc(p), points(), weights=weights)
    for kind in ("Decimal(20, 6)", "Float32", "Float16", "Int32", "Int16", "Int64", "UInt32", "UInt8"):
        whole = "Int" in kind
        values = np.round(points() * 20 + 128) if whole else rounded(6)
        if kind == "Float32":
            values = values.astype("f4").astype("f8")
        elif kind == "Float16":
            values = values.astype("f2").astype("f8")
        dtype = polars.Decimal(20, 6) if kind.startswith("Dec") else getattr(polars, kind)
        made = polars.DataFrame({"label": data()["label"], "x": values[:, 0], "y": values[:, 1]}, nan_to_null=True)
        made = made.with_columns(polars.col("x", "y").round(6).cast(dtype))
        sigma = 10.0 if whole else 0.5
        yield File(by, "Parquet", kind, ".parquet", lambda p, t=made: t.write_parquet(p), values, sigma=sigma)
        yield File(by, "Arrow", kind, ".arrow", lambda p, t=made: t.write_ipc(p), values, sigma=sigma)
    yield File(by, "XLSX", "write_excel", ".xlsx", lambda p: frame.write_excel(p), **exact)
    yield File(by, "Avro", "is told as not read", ".avro", lambda p: frame.write_avro(p), refusal="Avro")


def by_pyarrow():
    import numpy as np
    import pyarrow
    import pyarrow.csv
    import pyarrow.feather
    import pyarrow.ipc
    import pyarrow.parquet

    by = f"pyarrow {pyarrow.__version__}"
    whole = pyarrow.Table.from_pandas(table(), preserve_index=False)
    exact = {"points": points(), "weights": data()["weight"]}
    for style in ("needed", "all_valid", "none"):
        made = pyarrow.Table.from_pandas(table(plain=True), preserve_index=False) if style == "none" else whole
        kinds = pyarrow.csv.WriteOptions(quoting_style=style, delimiter=";" if style == "none" else ",")
        yield File(by, "CSV", f"quoting_style {style}", ".csv",
                   lambda p, t=made, k=kinds: pyarrow.csv.write_csv(t, p, k), **exact)

    def parquet(option, of=whole, **kinds):
        taken = {**exact, **{k: kinds.pop(k) for k in ("points", "weights", "names", "sigma") if k in kinds}}
        return File(by, "Parquet", option, ".parquet", lambda p: pyarrow.parquet.write_table(of, p, **kinds), **taken)

    for version in ("1.0", "2.4", "2.6"):
        for page in ("1.0", "2.0"):
            for codec in ("none", "snappy", "gzip", "brotli", "lz4", "zstd"):
                yield parquet(f"version {version}, pages {page}, {codec}", version=version, data_page_version=page,
                              compression=codec)
    yield parquet("no dictionaries", use_dictionary=False)
    yield parquet("BYTE_STREAM_SPLIT", use_dictionary=False, use_byte_stream_split=["x", "y"])
    yield parquet("DELTA_BINARY_PACKED, DELTA_BYTE_ARRAY", use_dictionary=False,
                  column_encoding={"class": "DELTA_BINARY_PACKED", "label": "DELTA_BYTE_ARRAY"})
    yield parquet("small pages and row groups, indices, checksums", row_group_size=99, data_page_size=256,
                  write_page_index=True, write_page_checksum=True)
    yield parquet("INT96, no statistics", use_deprecated_int96_timestamps=True, write_statistics=False)
    yield parquet("no schema of Arrow", store_schema=False)

    def stored(path, made, options=None, stream=False):
        new = pyarrow.ipc.new_stream if stream else pyarrow.ipc.new_file
        with new(str(path), made.schema, options=options) as out:
            out.write_table(made, max_chunksize=300)

    for codec in (None, "lz4", "zstd"):
        kinds = pyarrow.ipc.IpcWriteOptions(compression=codec)
        yield File(by, "Arrow", f"file, {codec}", ".arrow", lambda p, k=kinds: stored(p, whole, k), **exact)
        yield File(by, "Arrow", f"stream, {codec}", ".arrows", lambda p, k=kinds: stored(p, whole, k, True), **exact)
        yield File(by, "Feather", f"version 2, {codec or 'uncompressed'}", ".feather",
                   lambda p, c=codec or "uncompressed": pyarrow.feather.write_feather(whole, str(p), compression=c), **exact)
    yield File(by, "Feather", "version 1, is told as not read", ".feather",
               lambda p: pyarrow.feather.write_feather(whole, str(p), version=1), refusal="Feather")

    x, y = points().T
    for name in ("float16", "float32", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"):
        kind = getattr(pyarrow, name)()
        held = np.dtype(name)
        values = points(name) if "float" in name else np.round(points() * 20 + (128 if name[0] == "u" else 0))
        arrays = [pyarrow.array(np.nan_to_num(v).astype(held), mask=np.isnan(v)) for v in values.T]
        made = pyarrow.table({"label": data()["label"], "x": arrays[0].cast(kind), "y": arrays[1].cast(kind)})
        sigma = 0.5 if "float" in name else 10.0
        yield parquet(name, of=made, points=values, weights=None, sigma=sigma)
        yield File(by, "Arrow", name, ".arrow", lambda p, t=made: stored(p, t), values, sigma=sigma)
    six = rounded(6)
    for option, kind in (("decimal128", pyarrow.decimal128(20, 6)), ("decimal256", pyarrow.decimal256(50, 6)),
                         ("dictionaries", None), ("lists", "list"), ("fixed lists", "fixed"), ("structures", "structure")):
        labels, names = pyarrow.array(data()["label"]), COLUMNS
        made = pyarrow.Table.from_pandas(table()[["label", "x", "y"]], preserve_index=False)
        values = points()
        if option.startswith("decimal"):
            from decimal import Decimal

            columns = [[None if v != v else Decimal(f"{v:.6f}") for v in axis] for axis in six.T]
            made = pyarrow.table({"label": labels, **{n: pyarrow.array(c, kind) for n, c in zip(COLUMNS, columns)}})
            values = six
        elif kind is None:
            made = pyarrow.table({n: made[n].dictionary_encode() for n in made.column_names})
        elif kind == "structure":
            both = pyarrow.StructArray.from_arrays([made["x"].combine_chunks(), made["y"].combine_chunks()], ["x", "y"])
            made, names = pyarrow.table({"label": labels, "position": both}), ("position.x", "position.y")
        else:
            kind = pyarrow.list_(pyarrow.float64(), 3 if kind == "fixed" else -1)
            values, names = data()["full"], None
            made = pyarrow.table({"label": labels, "embedding": pyarrow.array(values.tolist(), kind)})
        yield parquet(option, of=made, points=values, weights=None, names=names)
        yield File(by, "Arrow", option, ".arrow", lambda p, t=made: stored(p, t), values, names)
    for name in ("large_string", "string_view", "binary"):
        made = whole.set_column(0, "label", whole["label"].cast(getattr(pyarrow, name)()))
        yield File(by, "Arrow", f"label {name}", ".arrow", lambda p, t=made: stored(p, t), **exact)
        yield parquet(f"label {name}", of=made)


def by_duckdb():
    import duckdb

    by = f"DuckDB {duckdb.__version__}"
    exact = {"points": points(), "weights": data()["weight"]}
    connection = duckdb.connect()
    connection.register("frame", table())
    query = 'SELECT label, nullif(x, \'nan\'::DOUBLE) AS x, nullif(y, \'nan\'::DOUBLE) AS y, weight, "class", "when" FROM frame'

    def copy(format, option, suffix, kinds, query=query, **taken):
        return File(by, format, option, suffix,
                    lambda p: connection.execute(f"COPY ({query}) TO '{p}' ({kinds})"), **{**exact, **taken})

    yield copy("CSV", "default", ".csv", "FORMAT csv")
    yield copy("CSV", "NaN instead of null", ".csv", "FORMAT csv", query="SELECT * FROM frame")
    for name, separator in (("semicolon", ";"), ("tab", "\t"), ("bar", "|")):
        yield copy("CSV", f"delimiter {name}", ".csv", f"FORMAT csv, DELIMITER '{separator}'")
    yield copy("CSV", "no header", ".csv", "FORMAT csv, HEADER false", names=None, weights=None)
    yield copy("CSV", "force_quote, nullstr", ".csv", "FORMAT csv, FORCE_QUOTE *, NULLSTR 'NULL'")
    yield copy("CSV", "gzip", ".csv.gz", "FORMAT csv, COMPRESSION gzip")
    yield copy("CSV", "zstd", ".csv.zst", "FORMAT csv, COMPRESSION zstd")
    for codec in ("uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4", "lz4_raw"):
        for version in ("V1", "V2"):
            yield copy("Parquet", f"{codec}, {version}", ".parquet",
                       f"FORMAT parquet, COMPRESSION {codec}, PARQUET_VERSION {version}")
    typed = ("SELECT label::ENUM_LABEL AS label, x::DECIMAL(18,6) AS x, y::DECIMAL(18,6) AS y, weight FROM frame"
             .replace("::ENUM_LABEL", "").replace("x::", "nullif(x, 'nan'::DOUBLE)::").replace(" y::", " nullif(y, 'nan'::DOUBLE)::"))
    yield copy("Parquet", "decimals", ".parquet", "FORMAT parquet", query=typed, points=rounded(6))
    yield copy("Parquet", "float32", ".parquet", "FORMAT parquet", points=points("f4"),
               query=query.replace("DOUBLE) AS", "DOUBLE)::FLOAT AS"))
    yield copy("JSON lines", "default", ".json", "FORMAT json")
    yield copy("JSON", "array", ".json", "FORMAT json, ARRAY true")
    yield copy("JSON lines", "gzip", ".json.gz", "FORMAT json, COMPRESSION gzip")
    yield copy("JSON lines", "zstd", ".json.zst", "FORMAT json, COMPRESSION zstd")
