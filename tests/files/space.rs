//! Files of places in space.

use super::{File, replaced, sample};

/// The places in the samples, each with what `weight` gives it behind.
fn places<const N: usize>(beside: impl Fn(f64) -> [f64; N]) -> Vec<f64> {
    let place = |k: f64| [k * 0.25 - 1.0, k * k * 0.5, 3.0 - k];
    (0..12).map(f64::from).flat_map(|k| [&place(k)[..], &beside(k)].concat()).collect()
}

pub(super) fn files() -> Vec<File> {
    let mut all = vec![las(), laz(), ply(), pcd(), obj()];
    all.extend(point_lists());
    all
}

/// A LAS file, version 1.2, of points with intensities; coordinates in quarters.
fn las() -> File {
    let rows = [[0.25, 1.0, -2.0, 7.0], [3.5, -4.75, 5.0, 0.0], [6.0, 7.25, 8.0, 900.0]];
    let bytes = |rows: &[[f64; 4]]| {
        let mut bytes = vec![0; 227];
        let mut put = |at: usize, part: &[u8]| bytes[at..at + part.len()].copy_from_slice(part);
        put(0, b"LASF");
        put(24, &[1, 2]);
        put(94, &227_u16.to_le_bytes());
        put(96, &227_u32.to_le_bytes());
        put(105, &20_u16.to_le_bytes());
        put(107, &(rows.len() as u32).to_le_bytes());
        for k in 0..3 {
            put(131 + 8 * k, &0.25_f64.to_le_bytes());
        }
        for row in rows {
            let whole = row[..3].iter().map(|x| (x * 4.0) as i32);
            bytes.extend(whole.flat_map(i32::to_le_bytes));
            bytes.extend((row[3] as u16).to_le_bytes());
            bytes.extend([0; 6]);
        }
        bytes
    };
    File::new("LAS", "scan.las", [bytes(&rows[..2]), bytes(&rows)])
        .of_columns(&["x", "y", "z", "intensity"])
        .with_points([0.25, 1.0, -2.0, 3.5, -4.75, 5.0])
        .picked("intensity: not used", "weights", rows[..2].concat(), rows.concat())
}

fn laz() -> File {
    let first = sample("format_0.laz");
    // What is added to every x.
    let mut second = first.clone();
    second[155..163].copy_from_slice(&99.0_f64.to_le_bytes());
    let weighted = places(|k| [k * 1000.0]);
    let mut again = weighted.clone();
    again.iter_mut().step_by(4).for_each(|x| *x += 100.0);
    File::new("LAS", "scan.laz", [first, second])
        .of_columns(&["x", "y", "z", "intensity"])
        .with_points(places(|_| []))
        .picked("intensity: not used", "weights", weighted, again)
}

fn ply() -> File {
    let second = "ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\n\
                  property float z\nproperty uchar a\nend_header\n1 2 3 4\n5 6 7.5 8\n";
    File::new("PLY", "model.ply", [sample("plyfile_little.ply"), second.into()])
        .of_columns(&["x", "y", "z", "a"])
        .with_points(places(|_| []))
        .picked("a: not used", "weights", places(|k| [k]), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0])
}

fn pcd() -> File {
    let second = "VERSION 0.7\nFIELDS x y z normal_x\nSIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\n\
                  WIDTH 2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n1 2 3 4\n5 6 7.5 8\n";
    let turned = places(|_| []).chunks(3).flat_map(|p| [p[2], p[1], p[0]]).collect::<Vec<_>>();
    File::new("PCD", "cloud.pcd", [sample("open3d_compressed.pcd"), second.into()])
        .of_columns(&["x", "y", "z", "normal_x"])
        .with_points(places(|_| []))
        .picked("z: coordinate 3", "coordinate 1", turned, [3.0, 2.0, 1.0, 7.5, 6.0, 5.0])
}

fn obj() -> File {
    let flat = places(|_| []).chunks(3).flat_map(|p| [p[0], p[1]]).collect::<Vec<_>>();
    let file = File::new(
        "OBJ",
        "model.obj",
        [sample("trimesh.obj"), b"# two\nv 1 2 3\nv 4 5 6\nf 1 2 1\n".to_vec()],
    );
    File { broken: b"v 1 2\nv 1 two\n".to_vec(), ..file }
        .of_columns(&["x", "y", "z"])
        .with_points(places(|_| []))
        .picked("z: coordinate 3", "not used", flat, [1.0, 2.0, 4.0, 5.0])
}

/// The same points by three programs: behind their number and a comment, behind their number, or alone.
fn point_lists() -> Vec<File> {
    let list = |name, lines: &str| {
        let second = replaced(lines.as_bytes(), b"8.5", b"9.5");
        File::new("XYZ", name, [lines.as_bytes().to_vec(), second])
            .of_columns(&["x", "y", "z"])
            .with_points([0.5, 1.0, 2.0, 3.0, 4.5, 5.0, 6.0, 7.0, 8.5])
    };
    let turned = [2.0, 1.0, 0.5, 5.0, 4.5, 3.0, 8.5, 7.0, 6.0];
    let again = [2.0, 1.0, 0.5, 5.0, 4.5, 3.0, 9.5, 7.0, 6.0];
    let weighted = |z: f64| [0.5, 1.0, 2.0, 10.0, 3.0, 4.5, 5.0, 11.0, 6.0, 7.0, z, 12.0].to_vec();
    let [by_intensity, changed] = [weighted(8.5), weighted(9.5)];
    let intensity = ["intensity: not used", "weights"];
    vec![
        list("water.xyz", "3\nwater\nO 0.5 1 2\nH 3 4.5 5\nH 6 7 8.5\n").picked(
            "z: coordinate 3",
            "coordinate 1",
            turned,
            again,
        ),
        list("scan.pts", "3\n0.5 1 2 10 20 30 40\n3 4.5 5 11 21 31 41\n6 7 8.5 12 22 32 42\n")
            .picked(intensity[0], intensity[1], by_intensity.clone(), changed.clone()),
        list("scan.asc", "0.5 1 2 10\n3 4.5 5 11\n6 7 8.5 12\n").picked(
            intensity[0],
            intensity[1],
            by_intensity,
            changed,
        ),
    ]
}
