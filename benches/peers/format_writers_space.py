"""The same points as `format_writers.py` has them, written by programs of arrays, space, sky, maps and sheets."""

import os
import shutil
import subprocess

from format_writers import COLUMNS, ROWS, File, data, points, table

SPACE = ("x", "y", "z")


def whole(offset=0):
    """The points in whole numbers, where none is missing."""
    import numpy as np

    return np.round(data()["full"] * 20 + offset)


def by_numpy():
    import numpy as np

    by = f"NumPy {np.__version__}"
    full, flat = data()["full"], points()
    for dtype in ("<f2", "<f4", "<f8", ">f2", ">f4", ">f8"):
        for order in "CF":
            array = np.array(flat, dtype, order=order)
            yield File(by, "NPY", f"{dtype}, {order}", ".npy", lambda p, a=array: np.save(p, a), points(dtype), None)
    for letter in "iu":
        for size in (1, 2, 4, 8):
            for end in "<>" if size > 1 else "|":
                array = whole(0 if letter == "i" else 128).astype(f"{end}{letter}{size}")
                yield File(by, "NPY", array.dtype.str, ".npy", lambda p, a=array: np.save(p, a),
                           array.astype("f8"), None, sigma=10.0)
    for version in ((1, 0), (2, 0), (3, 0)):
        def write(path, version=version):
            with open(path, "wb") as out:
                np.lib.format.write_array(out, flat, version=version)
        yield File(by, "NPY", f"version {version[0]}.{version[1]}", ".npy", write, flat, None)
    for ends in "<>":
        kinds = [("label", f"{ends}U24"), ("name", "S24"), ("x", f"{ends}f8"), ("y", f"{ends}f4"),
                 ("weight", f"{ends}f8"), ("class", f"{ends}i2"), ("some", "?"), ("when", f"{ends}M8[us]")]
        for align in (False, True):
            array = np.zeros(ROWS, np.dtype(kinds, align=align))
            for name in ("label", "x", "y", "weight", "class", "when"):
                array[name] = data()[name]
            values = np.column_stack([array["x"], array["y"]]).astype("f8")
            yield File(by, "NPY", f"structured {ends}, align={align}", ".npy", lambda p, a=array: np.save(p, a),
                       values, weights=data()["weight"])
    for dtype, word in (("c16", "complex"), ("O", "")):
        yield File(by, "NPY", f"{dtype}, is told as not read", ".npy",
                   lambda p, d=dtype: np.save(p, flat.astype(d), allow_pickle=True), refusal=word)
    columns = {name: data()[name] for name in ("label", "x", "y", "weight", "class", "when")}
    for save in (np.savez, np.savez_compressed):
        name = save.__name__
        yield File(by, "NPZ", f"{name}, x, y and others", ".npz", lambda p, s=save: s(p, **columns), flat,
                   weights=data()["weight"])
        yield File(by, "NPZ", f"{name}, one array without a name", ".npz", lambda p, s=save: s(p, flat), flat, None)
        yield File(by, "NPZ", f"{name}, X and labels", ".npz",
                   lambda p, s=save: s(p, X=full, y=columns["class"]), full, None)
        yield File(by, "NPZ", f"{name}, the one named", ".npz",
                   lambda p, s=save: s(p, images=np.zeros((3, 4, 5)), other=full, mine=flat), flat, None, part=":mine")
    for option, kinds in (("default", {}), ("fmt %.17g, commas", {"fmt": "%.17g", "delimiter": ","}),
                          ("header", {"header": "x y"}), ("header, comments=''", {"header": "x y", "comments": ""}),
                          ("footer, encoding", {"footer": "the end", "encoding": "utf-8"}),
                          ("newline CRLF, tabs", {"newline": "\r\n", "delimiter": "\t"})):
        yield File(by, "CSV", f"savetxt, {option}", ".txt", lambda p, k=kinds: np.savetxt(p, flat, **k), flat,
                   COLUMNS if "header" in option else None)
    yield File(by, "CSV", "savetxt, gzip by name", ".txt.gz", lambda p: np.savetxt(p, flat), flat, None)
    yield File(by, "CSV", "savetxt, float32", ".txt", lambda p: np.savetxt(p, flat.astype("f4")), points("f4"), None)


def by_laspy():
    import laspy
    import numpy as np

    by = f"laspy {laspy.__version__}"
    full = data()["full"]
    kept = np.round(full / 0.001) * 0.001
    for version, formats in (("1.1", (0, 1)), ("1.2", (0, 1, 2, 3)), ("1.3", (0, 1, 2, 3, 4, 5)), ("1.4", range(11))):
        for point_format in formats:
            for suffix in (".las", ".laz"):
                def write(path, version=version, point_format=point_format, suffix=suffix):
                    header = laspy.LasHeader(version=version, point_format=point_format)
                    header.scales, header.offsets = np.full(3, 0.001), np.array([-1.0, 2.0, 30.0])
                    made = laspy.LasData(header)
                    made.x, made.y, made.z = full.T
                    made.intensity = np.arange(ROWS) % 1000
                    if version == "1.4":
                        made.add_extra_dim(laspy.ExtraBytesParams("weight", "f8"))
                        made.weight = data()["weight"]
                    made.write(path, do_compress=suffix == ".laz")
                yield File(by, suffix[1:].upper(), f"{version}, point format {point_format}", suffix, write, kept, SPACE)


def by_trimesh():
    import numpy as np
    import trimesh

    by = f"trimesh {trimesh.__version__}"
    full = data()["full"]
    kept = full.astype("f4").astype("f8")
    cloud = trimesh.PointCloud(full, colors=np.full((ROWS, 4), 200, np.uint8))
    mesh = trimesh.Trimesh(full, np.arange(ROWS - 2).reshape(-1, 3), process=False)
    for encoding in ("binary", "ascii"):
        yield File(by, "PLY", f"mesh, {encoding}", ".ply",
                   lambda p, e=encoding: mesh.export(p, encoding=e), kept if encoding == "binary" else full, SPACE)
    yield File(by, "PLY", "cloud", ".ply", lambda p: cloud.export(p), kept, SPACE)
    yield File(by, "XYZ", "cloud", ".xyz", lambda p: cloud.export(p), np.round(full, 8), None)
    yield File(by, "OBJ", "mesh", ".obj", lambda p: mesh.export(p), np.round(full, 8), SPACE)
    for end, word in ((".stl", "STL"), (".glb", ""), (".off", "OFF")):
        yield File(by, end[1:].upper(), "is told as not read", end, lambda p: mesh.export(p), refusal=word)


def by_plyfile():
    import numpy as np
    import plyfile

    by = "plyfile"
    for dtype in ("f8", "f4", "i4", "i2", "u1"):
        values = points(dtype) if dtype[0] == "f" else whole(128 if dtype == "u1" else 0)[:, :2]
        for text, order in ((True, "="), (False, "<"), (False, ">")):
            array = np.zeros(ROWS, [("weight", "f4"), ("y", dtype), ("x", dtype), ("z", dtype), ("class", "u1")])
            array["x"], array["y"] = values.T.astype(dtype)
            array["z"] = data()["full"][:, 2] if dtype[0] == "f" else 5
            array["weight"] = data()["weight"]
            space = np.column_stack([array["x"], array["y"], array["z"]]).astype("f8")
            element = plyfile.PlyElement.describe(array, "vertex")
            yield File(by, "PLY", f"{dtype}, {'ascii' if text else 'binary ' + order}", ".ply",
                       lambda p, e=element, t=text, o=order: plyfile.PlyData([e], t, o, ["made"]).write(p), space, SPACE,
                       weights=array["weight"].astype("f8"), sigma=0.5 if dtype[0] == "f" else 10.0)


def six_digits(numbers):
    """As most programs in C++ print numbers unless they are told otherwise."""
    import numpy as np

    return np.char.mod("%g", numbers).astype("f8")


def by_open3d():
    import numpy as np
    import open3d

    by = f"open3d {open3d.__version__}"
    full = data()["full"]
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(full))
    rich = open3d.geometry.PointCloud(cloud)
    rich.colors = open3d.utility.Vector3dVector(np.clip(np.abs(full) / 3, 0, 1))
    rich.normals = open3d.utility.Vector3dVector(full / np.linalg.norm(full, axis=1)[:, None])
    for what, made in (("points", cloud), ("with colours and normals", rich)):
        for text, packed in ((True, False), (False, False), (False, True)):
            option = f"{what}, {'ascii' if text else 'compressed' if packed else 'binary'}"
            for suffix in (".pcd", ".ply", ".xyz", ".xyzn", ".xyzrgb", ".pts"):
                if packed and suffix != ".pcd" or not text and suffix.startswith(".xyz"):
                    continue
                if made is cloud and suffix in (".xyzn", ".xyzrgb"):
                    continue
                kept = full.astype("f4").astype("f8") if suffix == ".pcd" else full
                if text and suffix == ".ply":
                    kept = six_digits(full)
                yield File(by, suffix[1:].upper(), option, suffix,
                           lambda p, m=made, t=text, c=packed: open3d.io.write_point_cloud(p, m, write_ascii=t, compressed=c), kept,
                           SPACE if suffix in (".pcd", ".ply") else None)


def by_astropy():
    import astropy
    import numpy as np
    from astropy.table import MaskedColumn, Table

    by = f"astropy {astropy.__version__}"
    x, y = points().T
    exact = {"points": points(), "weights": data()["weight"]}

    def made(kind="<f8", labels=None, missing=True):
        mask = np.isnan(points()).T
        columns = Table()
        columns["label"] = labels or [text.encode("ascii", "replace").decode() for text in data()["label"]]
        values = points(kind) if kind[-2] == "f" else np.round(points() * 20 + (128 if kind[-2] == "u" else 0))
        if kind[-2] != "f" and not missing:
            values = np.nan_to_num(values)
        for name, axis, hidden in zip(COLUMNS, values.T, mask):
            if kind[-2] == "f":
                columns[name] = axis.astype(kind)
            else:
                columns[name] = MaskedColumn(np.nan_to_num(axis).astype(kind), mask=hidden & missing, fill_value=250 if kind[-2] == "u" else 99)
        columns["weight"] = data()["weight"]
        columns["class"] = data()["class"].astype("i2")
        return columns, values

    for kind in ("f4", "f8", ">f8", "i2", "i4", "i8", "u1", "u2", "u4"):
        columns, values = made(kind if kind[0] == ">" else "<" + kind)
        taken = {"points": values, "weights": data()["weight"], "sigma": 0.5 if "f" in kind else 10.0}
        yield File(by, "FITS", kind, ".fits", lambda p, c=columns: c.write(p, format="fits"), **taken)
        for how in ("tabledata", "binary", "binary2") if kind not in ("u2", "u4") else ():
            if how == "binary" and "f" not in kind:
                # This form holds no missing whole numbers unless a number stands for them.
                columns, taken["points"] = made("<" + kind, missing=False)
            yield File(by, "VOTable", f"{how}, {kind}", ".vot",
                       lambda p, c=columns, h=how: c.write(p, format="votable", tabledata_format=h), **dict(taken))
            columns, taken["points"] = made(kind if kind[0] == ">" else "<" + kind)
    masked, _ = made()
    masked = Table(masked, masked=True)
    for name in COLUMNS:
        masked[name].mask = np.isnan(masked[name].filled(np.nan) if hasattr(masked[name], "filled") else masked[name])
    yield File(by, "FITS", "masked f8", ".fits", lambda p: masked.write(p, format="fits"), **exact)
    yield File(by, "FITS", "gzip", ".fits.gz", lambda p: made()[0].write(p, format="fits"), **exact)
    for how in ("tabledata", "binary", "binary2"):
        yield File(by, "VOTable", f"{how}, masked f8", ".xml",
                   lambda p, h=how: masked.write(p, format="votable", tabledata_format=h), **exact)
    # Fixed widths without quotes cannot hold blanks.
    plain, _ = made(labels=[f"tree{k}" for k in range(ROWS)])
    for name in ("csv", "ecsv", "basic", "commented_header", "fixed_width", "fixed_width_two_line", "tab", "rdb", "ipac",
                 "no_header", "fixed_width_no_header", "rst"):
        of = plain if "fixed" in name or name in ("rst", "ipac") else masked if name in ("csv", "ecsv") else made()[0]
        bare = "no_header" in name
        # What IPAC writes above its columns is no line of names to others.
        bare = bare or name == "ipac"
        taken = {**exact, "names": None if bare else COLUMNS, "weights": None if bare else data()["weight"]}
        yield File(by, "text", f"ascii.{name}", ".dat",
                   lambda p, n=name, o=of: o.write(p, format=f"ascii.{n}", overwrite=True), **taken)
    yield File(by, "html", "is told as not read", ".html", lambda p: plain.write(p, format="ascii.html"), refusal="HTML")


def by_geopandas():
    import geopandas
    import numpy as np

    by = f"geopandas {geopandas.__version__}"
    full = data()["full"]
    spots = full[:, :2] * [50.0, 25.0]
    spots = np.clip(spots, [-179.0, -89.0], [179.0, 89.0])
    frame = table()[["label", "weight", "class", "when"]]
    places = geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy(*spots.T), crs=4326)
    high = geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy(*spots.T, full[:, 2]), crs=4326)
    holes = places.copy()
    holes.loc[5::91, "geometry"] = None
    seen = spots.copy()
    seen[5::91] = np.nan
    weights = data()["weight"]
    near = {"sigma": 5.0, "names": None}
    yield File(by, "GeoJSON", "default", ".geojson", lambda p: places.to_file(p, driver="GeoJSON"), spots,
               weights=weights, **near)
    yield File(by, "GeoJSON", "COORDINATE_PRECISION 15, RFC7946, bbox", ".geojson",
               lambda p: places.to_file(p, driver="GeoJSON", COORDINATE_PRECISION=15, RFC7946="YES", WRITE_BBOX="YES"),
               spots, weights=weights, **near)
    yield File(by, "GeoJSON", "to_json", ".json", lambda p: p.write_text(places.drop(columns="when").to_json(show_bbox=True)), spots,
               weights=weights, **near)
    yield File(by, "GeoJSON", "without some places", ".geojson", lambda p: holes.to_file(p, driver="GeoJSON"), seen,
               weights=weights, **near)
    yield File(by, "GeoJSON", "with heights", ".geojson", lambda p: high.to_file(p, driver="GeoJSON"), spots,
               weights=weights, **near)
    yield File(by, "GeoJSON", "a feature a line", ".geojsonl", lambda p: places.to_file(p, driver="GeoJSONSeq"), spots,
               weights=weights, **near)
    yield File(by, "GeoJSON", "a feature a line, RS", ".geojsons",
               lambda p: places.to_file(p, driver="GeoJSONSeq", RS="YES"), spots, weights=weights, **near)
    yield File(by, "Parquet", "points as structures (geoarrow)", ".parquet",
               lambda p: places.to_parquet(p, geometry_encoding="geoarrow"), spots, weights=weights, **near)
    for format, end, word in (("GPKG", ".gpkg", "GeoPackage"), ("FlatGeobuf", ".fgb", "FlatGeobuf"),
                              ("ESRI Shapefile", ".shp", "hapefile"), ("KML", ".kml", "KML"), ("GML", ".gml", "GML")):
        yield File(by, format, "is told as not read", end,
                   lambda p, f=format: places[["label", "geometry"]].to_file(p, driver=f), refusal=word)
    yield File(by, "Parquet", "points as WKB, is told as not read", ".parquet",
               lambda p: places[["label", "geometry"]].to_parquet(p), refusal="")


def by_openpyxl():
    import openpyxl

    by = f"openpyxl {openpyxl.__version__}"
    names = ["label", "x", "y", "weight", "class", "when"]
    rows = list(table()[names].itertuples(index=False, name=None))
    rows = [tuple(None if cell != cell else cell for cell in row) for row in rows]

    def write(path, write_only=False, as_text=False, other=False):
        book = openpyxl.Workbook(write_only=write_only)
        sheet = book.create_sheet() if write_only else book.active
        if other:
            sheet.append(["notes"])
            sheet = book.create_sheet("points")
        sheet.append(names)
        for row in rows:
            sheet.append([str(c) if as_text and isinstance(c, float) else c for c in row])
        book.save(path)

    exact = {"points": points(), "weights": data()["weight"]}
    yield File(by, "XLSX", "default", ".xlsx", write, **exact)
    yield File(by, "XLSX", "write_only", ".xlsx", lambda p: write(p, True), **exact)
    yield File(by, "XLSX", "numbers kept as text", ".xlsx", lambda p: write(p, as_text=True), **exact)
    yield File(by, "XLSX", "the sheet named", ".xlsx", lambda p: write(p, other=True), **exact, part=":points")


def by_xlsxwriter():
    import xlsxwriter

    by = f"xlsxwriter {xlsxwriter.__version__}"
    names = ["label", "x", "y", "weight", "class", "when"]

    def write(path, filtered=False, **options):
        options = {"default_date_format": "yyyy-mm-dd hh:mm", **options}
        book = xlsxwriter.Workbook(str(path), options)
        sheet = book.add_worksheet("data")
        for row, cells in enumerate([names, *table()[names].itertuples(index=False, name=None)]):
            for column, cell in enumerate(cells):
                if cell == cell or options.get("nan_inf_to_errors"):
                    sheet.write(row, column, cell.to_pydatetime() if hasattr(cell, "to_pydatetime") else cell)
        if filtered:
            sheet.add_table(0, 0, ROWS, len(names) - 1, {"columns": [{"header": name} for name in names]})
        book.close()

    exact = {"points": points(), "weights": data()["weight"]}
    for option, kinds in (("default", {}), ("constant_memory", {"constant_memory": True}), ("a table", {"filtered": True}),
                          ("errors for NaN", {"nan_inf_to_errors": True}), ("dates from 1904", {"date_1904": True}),
                          ("zip64", {"use_zip64": True})):
        yield File(by, "XLSX", option, ".xlsx", lambda p, k=kinds: write(p, **k), **exact)


def by_odfpy():
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    def write(path):
        book = OpenDocumentSpreadsheet()
        sheet = Table(name="points")
        rows = table()[["label", "x", "y", "weight"]].itertuples(index=False, name=None)
        for cells in [("label", "x", "y", "weight"), *rows]:
            row = TableRow()
            for cell in cells:
                if isinstance(cell, str):
                    made = TableCell(valuetype="string")
                    made.addElement(P(text=cell))
                elif cell != cell:
                    made = TableCell()
                else:
                    made = TableCell(valuetype="float", value=repr(float(cell)))
                    made.addElement(P(text=f"{cell:.2f}"))
                row.addElement(made)
            sheet.addElement(row)
        book.spreadsheet.addElement(sheet)
        book.save(str(path))

    yield File("odfpy", "ODS", "default", ".ods", write, points(), weights=data()["weight"])


def by_stilts():
    if shutil.which("stilts") is None:
        raise ImportError("stilts (Debian's package) is not installed")
    exact = {"points": points(), "weights": data()["weight"]}
    for format, suffix in (("fits-basic", ".fits"), ("fits-plus", ".fits"), ("votable", ".vot"), ("votable-binary-inline", ".vot"),
                           ("votable-binary2-inline", ".vot"), ("votable-tabledata", ".vot"), ("csv", ".csv"),
                           ("ascii", ".txt"), ("tst", ".tst"), ("ipac", ".tbl"), ("text", ".txt")):
        def write(path, format=format):
            given = path.with_suffix(".given.csv")
            table(plain=True).to_csv(given, index=False)
            stilts("tcopy", f"in={given}", "ifmt=csv", f"out={path}", f"ofmt={format}")
        taken = {**exact, "names": None, "weights": None} if format == "ipac" else exact
        yield File("STILTS", format.partition("-")[0], format, suffix, write, **taken)


def stilts(*words):
    done = subprocess.run(["stilts", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or done.stdout.strip())
    return done.stdout


def by_cloudcompare():
    import numpy as np

    if shutil.which("CloudCompare") is None:
        raise ImportError("CloudCompare (Debian's package) is not installed")
    full = data()["full"]
    # Single precision inside. The one of Debian has neither LAS nor PCD.
    kept = full.astype("f4").astype("f8")
    for format, suffix, more in (("ASC", ".xyz", ["-PREC", "12"]), ("ASC", ".asc", ["-PREC", "12", "-SEP", "SEMICOLON"]),
                                 ("ASC", ".txt", ["-PREC", "12", "-SEP", "TAB", "-ADD_HEADER", "-ADD_PTS_COUNT"]),
                                 ("ASC", ".pts", ["-PREC", "12", "-ADD_PTS_COUNT"]),
                                 ("PLY", ".ply", ["-PLY_EXPORT_FMT", "ASCII"]),
                                 ("PLY", ".ply", ["-PLY_EXPORT_FMT", "BINARY_LE"]),
                                 ("PLY", ".ply", ["-PLY_EXPORT_FMT", "BINARY_BE"])):
        def write(path, format=format, suffix=suffix, more=tuple(more)):
            given = path.with_suffix(".given.txt")
            np.savetxt(given, full, "%.9g")
            cloudcompare("-O", given, "-C_EXPORT_FMT", format, "-EXT", suffix[1:], *more, "-SAVE_CLOUDS", "FILE", path)
        values = six_digits(kept) if "ASCII" in more else kept
        yield File("CloudCompare", format, f"{suffix} {' '.join(more)}", suffix, write, values, None)


def cloudcompare(*words):
    # It wants a display even in silence.
    before = ["xvfb-run", "-a"] if shutil.which("xvfb-run") and not os.environ.get("DISPLAY") else []
    command = [*before, "CloudCompare", "-SILENT", "-AUTO_SAVE", "OFF", "-NO_TIMESTAMP", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0 or "ERROR" in done.stdout:
        raise RuntimeError((done.stdout + done.stderr).strip()[-400:])
    return done.stdout
