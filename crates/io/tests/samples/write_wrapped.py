"""Writes zeros.xz, 8 MiB of zeros as Python packs them, and two archives as NumPy writes them. Needs NumPy."""
import lzma
import pathlib

import numpy as np

here = pathlib.Path(__file__).resolve().parent
(here / "zeros.xz").write_bytes(lzma.compress(bytes(1 << 23)))
x = np.arange(20) / 2
y = -np.arange(20, dtype=np.float32)
y[7] = np.nan
names = np.array([f"n{k}" for k in range(20)])
arrays = {"x": x, "y": y, "names": names, "m": np.ones((4, 3), order="F")}
np.savez(here / "savez.npz", **arrays)
np.savez_compressed(here / "savez_compressed.npz", **arrays)
