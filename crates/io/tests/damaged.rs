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

/// A sound file that the field's own programs wrote.
fn sample(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    std::fs::read(folder.join(name)).expect("a sample")
}

#[test]
fn parquet() {
    damage::survives("points.parquet", &sample("types.parquet"), 500);
    damage::survives("points.parquet", &sample("points_v2.parquet"), 500);
    damage::survives("points.parquet", &sample("points_lz4.parquet"), 500);
}

#[test]
fn arrow() {
    damage::survives("points.arrow", &sample("numbers_lz4.feather"), 500);
    damage::survives("points.arrow", &sample("others_zstd.feather"), 500);
    damage::survives("points.arrows", &sample("points_stream.arrows"), 500);
}
