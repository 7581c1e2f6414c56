"""Writes the small Parquet and Arrow files that tests/columnar.rs reads.

    pip install pyarrow polars duckdb numpy
    python write_columnar.py
"""

import datetime as dt
import decimal
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

HERE = Path(__file__).parent
N = 5
X = [0.5, None, 2.5, float("nan"), -4.0]
MOMENTS = [dt.datetime(2024, 2, 29, 12, 30), None, dt.datetime(1969, 12, 31, 23, 59, 59), dt.datetime(1970, 1, 1), dt.datetime(2000, 1, 1, 0, 0, 0, 250000)]


def every_type(of_arrow: bool) -> pa.Table:
    whole = [1, None, 3, 4, 100]
    columns = {
        "x": pa.array(X, pa.float64()),
        "single": pa.array([0.5, None, 2.5, 3.5, -4.0], pa.float32()),
        "half": pa.array(np.array([0.5, 1.5, 2.5, 3.5, -4.0], np.float16)),
        **{str(of): pa.array(whole, of) for of in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16())},
        "uint32": pa.array([1, None, 3, 4, 2**32 - 1], pa.uint32()),
        "uint64": pa.array([1, None, 3, 4, 2**64 - 2048], pa.uint64()),
        "dec9": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-3.50"), decimal.Decimal("0"), decimal.Decimal("9999999.99")], pa.decimal128(9, 2)),
        "dec30": pa.array([decimal.Decimal("0.1"), None, decimal.Decimal("-0.3"), decimal.Decimal("0"), decimal.Decimal("12345678901234567890.1")], pa.decimal128(30, 10)),
        "dec60": pa.array([decimal.Decimal("0.1"), None, decimal.Decimal("-0.3"), decimal.Decimal("0"), decimal.Decimal("1e40")], pa.decimal256(60, 10)),
        "truth": pa.array([True, None, False, True, True]),
        "day": pa.array([m and m.date() for m in MOMENTS], pa.date32()),
        "seconds": pa.array(MOMENTS, pa.timestamp("ms")),
        "micros": pa.array(MOMENTS, pa.timestamp("us", tz="UTC")),
        "nanos": pa.array(MOMENTS, pa.timestamp("ns")),
        "clock": pa.array([dt.time(1, 2, 3), None, dt.time(0), dt.time(12), dt.time(23, 59, 59, 999999)], pa.time64("us")),
        "name": pa.array(["a", None, "", "ü", "a"]),
        "kind": pa.array(["red", None, "blue", "red", "red"]).dictionary_encode(),
        "code": pa.array([7, None, 9, 7, 7], pa.int32()).dictionary_encode(),
        "bytes": pa.array([b"\x00\xff", None, b"", b"a", b"b"], pa.binary()),
        "nothing": pa.nulls(N),
        "pos": pa.array([{"x": 1.0, "y": 2}, None, {"x": None, "y": 4}, {"x": 5.0, "y": 6}, {"x": 7.0, "y": 8}], pa.struct([("x", pa.float64()), ("y", pa.int32())])),
        "embedding": pa.array([[1.0, 2.0, 3.0], None, [4.0, None, 6.0], [7.0, 8.0, 9.0], [10.0, 11.0, 12.0]], pa.list_(pa.float32())),
        "fixed": pa.array([[1, 2], [3, 4], None, [5, 6], [7, 8]], pa.list_(pa.int16(), 2)),
        "uneven": pa.array([[1], [2, 3], None, [], [4]], pa.list_(pa.int64())),
        "words": pa.array([["a"], ["b"], None, ["c"], ["d"]]),
        "deep": pa.array([[[1.0]], [[2.0]], None, [[3.0]], [[4.0]]]),
    }
    if of_arrow:
        columns |= {
            "large": pa.array(["a", None, "", "ü", "a"], pa.large_string()),
            "view": pa.array(["a", None, "", "ü", "a longer text than fits into a view"], pa.string_view()),
            "took": pa.array([1, None, 3, 4, 5], pa.duration("s")),
            "small": pa.array([decimal.Decimal("1.5"), None, decimal.Decimal("-2.5"), decimal.Decimal("0"), decimal.Decimal("3")], pa.decimal32(5, 1)),
        }
    return pa.table(columns)


def main() -> None:
    points = pa.table({"id": list(range(N)), "x": pa.array(X, pa.float64()), "y": [10.0, 20.0, 30.0, 40.0, 50.0], "name": ["a", "b", None, "d", "e"]})
    for codec in ("none", "snappy", "gzip", "brotli", "lz4", "zstd"):
        pq.write_table(points, HERE / f"points_{codec}.parquet", compression=codec)
    pq.write_table(points, HERE / "points_v2.parquet", version="2.6", data_page_version="2.0", compression="zstd", use_dictionary=False, column_encoding={"x": "BYTE_STREAM_SPLIT", "y": "PLAIN", "id": "DELTA_BINARY_PACKED", "name": "DELTA_BYTE_ARRAY"})
    pq.write_table(points, HERE / "points_groups.parquet", row_group_size=2, write_statistics=False)
    pq.write_table(every_type(False), HERE / "types.parquet", compression="zstd", store_schema=False, write_statistics=["x", "uint32", "dec9", "micros", "name"])
    pq.write_table(pa.table({"t": pa.array(MOMENTS, pa.timestamp("ns")), "x": X}), HERE / "int96.parquet", use_deprecated_int96_timestamps=True, store_schema=False)
    pq.write_table(pa.table({"d": every_type(False)["dec9"], "x": X}), HERE / "decimal_integers.parquet", store_decimal_as_integer=True, store_schema=False)
    pl.from_arrow(points).write_parquet(HERE / "polars.parquet")
    con = duckdb.connect()
    con.register("points", points)
    con.execute(f"COPY points TO '{HERE / 'duckdb.parquet'}' (FORMAT parquet)")

    table = every_type(True)
    # Each file stays below 8 KiB.
    parts = {"numbers": table.column_names[:15], "others": table.column_names[15:]}
    for part, names in parts.items():
        for codec in ("uncompressed", "lz4", "zstd"):
            feather.write_feather(table.select(names), HERE / f"{part}_{codec}.feather", compression=codec)
    with pa.OSFile(str(HERE / "points_stream.arrows"), "wb") as out, pa.ipc.new_stream(out, points.schema) as writer:
        writer.write_table(points, max_chunksize=2)
    with pa.OSFile(str(HERE / "points_old_stream.arrows"), "wb") as out:
        options = pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V4, use_legacy_format=True)
        with pa.ipc.new_stream(out, points.schema, options=options) as writer:
            writer.write_table(points)
    # Dictionaries that grow from batch to batch.
    growing = [pa.record_batch({"x": pa.array([1.0, 2.0]), "y": pa.array(values).dictionary_encode()}) for values in ([5, 6], [6, 7])]
    with pa.OSFile(str(HERE / "dictionaries.arrows"), "wb") as out, pa.ipc.new_stream(out, growing[0].schema) as writer:
        for batch in growing:
            writer.write_batch(batch)
    pl.from_arrow(points).write_ipc(HERE / "polars.arrow", compression="zstd")
    pl.from_arrow(points).write_ipc_stream(HERE / "polars.arrows", compression="lz4")


main()
