//! Damaged files of each format: points or an error, never an end of the program.

mod damage;

#[test]
fn arrays() {
    let mut good =
        b"\x93NUMPY\x01\x00\x46\x00{'descr': '<f8', 'fortran_order': False, 'shape': (20, 2), }"
            .to_vec();
    good.resize(79, b' ');
    good.push(b'\n');
    good.extend((0..40).flat_map(|k| f64::from(k).to_le_bytes()));
    damage::survives("points.npy", &good, 3000);
}

#[test]
fn text() {
    let rows: String = (0..50).map(|k| format!("{k},{}.5,n{k}\n", k * k)).collect();
    damage::survives("points.csv", format!("a,b,c\n{rows}").as_bytes(), 3000);
}

/// Damages a sample that `samples/write_space.py` wrote.
fn sample(name: &str, times: u64) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    damage::survives(name, &std::fs::read(folder.join(name)).expect("a sample"), times);
}

#[test]
fn las() {
    for name in ["format_0.laz", "format_5.laz", "format_10.laz", "chunks_3.laz", "chunks_6.laz"] {
        sample(name, 300);
    }
}

#[test]
fn ply() {
    for name in ["plyfile_text.ply", "plyfile_little.ply", "plyfile_big.ply"] {
        sample(name, 500);
    }
}

#[test]
fn pcd() {
    for name in ["open3d_text.pcd", "open3d_binary.pcd", "open3d_compressed.pcd"] {
        sample(name, 500);
    }
}

#[test]
fn obj() {
    sample("trimesh.obj", 1500);
}
