"""Writes the spreadsheets, FITS files and VOTables among the samples.

    pip install numpy astropy openpyxl xlsxwriter odfpy pandas
    python write_sheets.py
"""

import datetime
import gzip
import io
from pathlib import Path

import numpy as np
import openpyxl
import pandas
import xlsxwriter
from astropy.io import fits, votable
from astropy.table import MaskedColumn, Table

HERE = Path(__file__).parent
N = 6
X = np.array([0.5, -1.25, 3.0, 1e-3, 2.5e7, 7.125])
COUNT = np.array([3, -4, 5, 6, 7, 8])
NAMES = ["a", "b", "", "d", "é", "f"]
TRUTHS = [True, False, True, False, True, True]
DAYS = [datetime.datetime(2024, 5, 1 + k, 12, 30) for k in range(N)]


def rows():
    yield "x", "count", "name", "truth", "day"
    for k in range(N):
        # In the third row a coordinate is missing, in the fourth it is an error.
        x = {2: None, 3: "=1/0"}.get(k, X[k].item())
        yield x, COUNT[k].item(), NAMES[k], TRUTHS[k], DAYS[k]


def with_openpyxl():
    book = openpyxl.Workbook()
    book.active.title = "empty"
    sheet = book.create_sheet("points")
    # A title, an empty row, and an empty column in front.
    sheet["B1"] = "Points of the second run"
    for r, row in enumerate(rows()):
        for c, value in enumerate(row):
            cell = sheet.cell(3 + r, 2 + c)
            cell.value = value
            if value == "=1/0":
                cell.value = "#DIV/0!"
                cell.data_type = "e"
    sheet.merge_cells("B1:F1")
    other = book.create_sheet("other")
    for row in [("u", "v"), (1, 2), (3, 4)]:
        other.append(row)
    book.save(HERE / "openpyxl.xlsx")


def with_xlsxwriter():
    with xlsxwriter.Workbook(HERE / "xlsxwriter.xlsx") as book:
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet = book.add_worksheet("Tabelle 1")
        for r, row in enumerate(rows()):
            for c, value in enumerate(row):
                if isinstance(value, datetime.datetime):
                    sheet.write_datetime(r, c, value, day)
                elif value == "=1/0":
                    sheet.write_formula(r, c, value, None, "#DIV/0!")
                elif c == 1 and r > 0:
                    sheet.write_string(r, c, str(value))
                elif value not in (None, ""):
                    sheet.write(r, c, value)


def with_odfpy():
    table = pandas.DataFrame(
        {"x": X, "count": COUNT, "name": NAMES, "truth": TRUTHS, "day": DAYS}
    )
    table.loc[2, "x"] = np.nan
    with pandas.ExcelWriter(HERE / "odfpy.ods", engine="odf") as writer:
        table.to_excel(writer, sheet_name="points", index=False)


def packed(units, name):
    file = io.BytesIO()
    units.writeto(file)
    (HERE / name).write_bytes(gzip.compress(file.getvalue(), mtime=0))


def with_astropy():
    columns = [
        fits.Column("x", "D", array=X),
        fits.Column("single", "E", array=X),
        fits.Column("byte", "B", array=COUNT % 256, null=7),
        fits.Column("short", "I", array=COUNT, null=5),
        fits.Column("unsigned", "J", bzero=2**31, array=(COUNT + 2**31).astype("uint32")),
        fits.Column("long", "K", array=COUNT * 2**40, null=-4 * 2**40),
        fits.Column("scaled", "I", array=COUNT),
        fits.Column("vector", "3E", array=np.outer(X, [1, 2, 3])),
        fits.Column("truth", "L", array=TRUTHS),
        fits.Column("name", "4A", array=[name.replace("é", "e") for name in NAMES]),
        fits.Column("bits", "3X", array=np.zeros((N, 3), bool)),
        fits.Column("wave", "C", array=X + 1j * COUNT),
        fits.Column("list", "PJ()", array=np.array([[k] * k for k in range(N)], object)),
    ]
    image = fits.ImageHDU(np.zeros((2, 3), "float32"), name="picture")
    table = fits.BinTableHDU.from_columns(columns, name="events")
    # Half of what is written, plus 10.
    table.header["TSCAL7"], table.header["TZERO7"] = 0.5, 10.0
    other = fits.BinTableHDU.from_columns([fits.Column("u", "D", array=X)], name="gti")
    packed(fits.HDUList([fits.PrimaryHDU(), image, table, other]), "binary.fits.gz")
    packed(fits.HDUList([fits.PrimaryHDU(), image]), "image.fits.gz")
    columns = [
        fits.Column("x", "D25.17", array=X, ascii=True),
        fits.Column("count", "I6", array=COUNT, null="-4", ascii=True),
        fits.Column("single", "F12.3", array=X, ascii=True),
        fits.Column("name", "A4", array=[name.replace("é", "e") for name in NAMES], ascii=True),
    ]
    table = fits.TableHDU.from_columns(columns, name="list")
    packed(fits.HDUList([fits.PrimaryHDU(), table]), "ascii.fits.gz")


def as_votable():
    table = Table(
        {
            "x": X,
            "single": X.astype("f4"),
            "count": MaskedColumn(COUNT.astype("i4"), mask=COUNT == 5),
            "short": COUNT.astype("i2"),
            "byte": np.abs(COUNT).astype("u1"),
            "long": COUNT.astype("i8") * 2**40,
            "vector": np.outer(X, [1, 2, 3]),
            "truth": TRUTHS,
            "name": NAMES,
            "wave": X + 1j * COUNT,
        }
    )
    for form in ["tabledata", "binary", "binary2"]:
        document = votable.from_table(table)
        count = document.get_first_table().get_field_by_id("count")
        # BINARY2 has a mask for missing values, the others a number that stands for them.
        if form != "binary2":
            count.values.null = -999
        document.to_xml(str(HERE / f"{form}.vot"), tabledata_format=form)


with_openpyxl()
with_xlsxwriter()
with_odfpy()
with_astropy()
as_votable()
