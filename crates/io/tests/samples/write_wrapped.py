"""Writes files that Python packs, and what NumPy and pandas write. Needs NumPy and pandas."""
import json
import lzma
import pathlib

import numpy as np
import pandas as pd

here = pathlib.Path(__file__).resolve().parent
(here / "zeros.xz").write_bytes(lzma.compress(bytes(1 << 23)))
rows = "".join(f"{k},{k * k}.5\n" for k in range(50))
(here / "points.csv.xz").write_bytes(lzma.compress(rows.encode()))
x = np.arange(20) / 2
y = -np.arange(20, dtype=np.float32)
y[7] = np.nan
names = np.array([f"n{k}" for k in range(20)])
arrays = {"x": x, "y": y, "names": names, "m": np.ones((4, 3), order="F")}
np.savez(here / "savez.npz", **arrays)
np.savez_compressed(here / "savez_compressed.npz", **arrays)

# JSON as pandas writes it, one file in all its forms: a line for each, behind its name.
frame = pd.DataFrame({
    "x": [0.1, 2.5, None, 4.0], "y": [1e-7, -2.0, 3.25, 0.30000000000000004], "n": [1, 2, 3, 4],
    "name": ["a", "é\"", None, "d"], "ok": [True, False, True, True],
})
forms = {orient: frame.to_json(orient=orient) for orient in
         ("columns", "records", "split", "index", "table")}
forms["values"] = frame[["x", "y"]].to_json(orient="values")
forms["lines"] = frame.to_json(orient="records", lines=True)
forms["python"] = json.dumps(frame.to_dict(orient="list"))
forms["python, indented"] = json.dumps(frame.to_dict(orient="records"), indent=2)
(here / "pandas.txt").write_text("".join(f"{name}\n{text}\n\n\n" for name, text in forms.items()))

# What the window's tests drop, and what takes its place: the text of `people` in tests/files/mod.rs.
people = "name,x,y,mass\nAda,1,2,0.5\nBen,2,1,1.5\nCy,,1,1\nDi,4,2,3\n"
(here / "people.csv.xz").write_bytes(lzma.compress(people.encode()))
(here / "people_more.csv.xz").write_bytes(lzma.compress((people + "Eve,5,7,2\n").encode()))
