"""Writes the samples of formats of places in space that tests/space.rs reads.

    pip install "laspy[lazrs]" plyfile trimesh open3d
    python write_space.py

Each holds the same few points, which the tests know.
"""

import struct
from pathlib import Path

import laspy
import lazrs
import numpy as np
import open3d
import plyfile
import trimesh

HERE = Path(__file__).parent
COUNT = 12
K = np.arange(COUNT)
# The same numbers as in tests/space.rs.
XYZ = np.stack([K * 0.25 - 1, K * K * 0.5, 3.0 - K], axis=1)


def las(point_format, version="1.4", extra=False):
    header = laspy.LasHeader(point_format=point_format, version=version)
    header.scales = [0.25, 0.5, 0.001]
    header.offsets = [-1, 0, 100]
    if extra:
        header.add_extra_dim(laspy.ExtraBytesParams(name="height", type=np.float32))
    file = laspy.LasData(header)
    file.x, file.y, file.z = XYZ.T
    file.intensity = K * 1000
    file.classification = K % 7
    file.return_number = K % 3 + 1
    file.number_of_returns = np.full(COUNT, 3)
    if point_format < 6:
        file.scan_angle_rank = K - 5
    else:
        file.scan_angle = (K - 5) * 1000
    file.user_data = K + 200
    file.point_source_id = K + 40000
    names = list(file.point_format.dimension_names)
    if "gps_time" in names:
        file.gps_time = K / 8
    if "red" in names:
        file.red, file.green, file.blue = K * 5000, K * 2, 65535 - K
    if "nir" in names:
        file.nir = K * 7
    if extra:
        file.height = K / 2
    return file


for point_format in range(11):
    las(point_format).write(str(HERE / f"format_{point_format}.laz"))
las(3, "1.2", extra=True).write(str(HERE / "extra_3.laz"))
las(7, extra=True).write(str(HERE / "extra_7.laz"))


def in_chunks(point_format, sizes, name):
    """A LAZ file of chunks of several sizes, as COPC files have them."""
    file = las(point_format)
    vlr = lazrs.LazVlr.new_for_compression(point_format, 0, True)
    whole = HERE / "whole.laz"
    file.write(str(whole))
    start = struct.unpack_from("<I", whole.read_bytes(), 96)[0]
    front = bytearray(whole.read_bytes()[:start])
    whole.unlink()
    record = bytes(vlr.record_data())
    at = front.index(b"laszip encoded") + 52
    front[at : at + len(record)] = record
    with open(HERE / name, "wb") as out:
        out.write(front)
        compressor = lazrs.LasZipCompressor(out, vlr)
        compressor.reserve_offset_to_chunk_table()
        records = file.points.array
        first = 0
        for size in sizes:
            compressor.compress_many(np.frombuffer(records[first : first + size].tobytes(), np.uint8))
            compressor.finish_current_chunk()
            first += size
        compressor.done()


in_chunks(6, [5, 4, 3], "chunks_6.laz")
in_chunks(3, [5, 4, 3], "chunks_3.laz")

# More points than a chunk of the default size holds.
for point_format in (0, 6):
    header = laspy.LasHeader(point_format=point_format, version="1.4")
    header.scales, header.offsets = [0.5] * 3, [0] * 3
    many = laspy.LasData(header)
    many.x = np.arange(120_000) * 0.5
    many.y = np.zeros(120_000)
    many.z = np.full(120_000, 7.0)
    many.write(str(HERE / f"many_{point_format}.laz"))

vertex = np.array(
    [(*XYZ[k], k, -k, k + 60000) for k in range(COUNT)],
    dtype=[("x", "f4"), ("y", "f8"), ("z", "f4"), ("a", "u1"), ("b", "i2"), ("c", "u4")],
)
face = np.array([([0, 1, 2], 7), ([1, 2, 3], 8)], dtype=[("vertex_indices", "i4", (3,)), ("m", "u1")])
elements = [plyfile.PlyElement.describe(face, "face"), plyfile.PlyElement.describe(vertex, "vertex")]
for name, options in {
    "text": dict(text=True),
    "little": dict(byte_order="<"),
    "big": dict(byte_order=">"),
}.items():
    plyfile.PlyData(elements, comments=["a comment"], obj_info=["more"], **options).write(
        str(HERE / f"plyfile_{name}.ply")
    )

mesh = trimesh.Trimesh(XYZ, [[0, 1, 2], [3, 4, 5]], process=False)
mesh.export(HERE / "trimesh.ply")
mesh.export(HERE / "trimesh_text.ply", encoding="ascii")
mesh.export(HERE / "trimesh.obj")

cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(XYZ))
cloud.colors = open3d.utility.Vector3dVector(np.abs(XYZ) / 100)
cloud.normals = open3d.utility.Vector3dVector(np.ones((COUNT, 3)))
for name, options in {
    "text": dict(write_ascii=True),
    "binary": dict(),
    "compressed": dict(compressed=True),
}.items():
    open3d.io.write_point_cloud(str(HERE / f"open3d_{name}.pcd"), cloud, **options)
open3d.io.write_point_cloud(str(HERE / "open3d.ply"), cloud)
# So many that a copy in the compressed data goes far back.
long = np.stack([np.arange(900) % 300, np.arange(900) // 300, np.zeros(900)], axis=1)
cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(long))
open3d.io.write_point_cloud(str(HERE / "open3d_long.pcd"), cloud, compressed=True)
