//! NPZ files: which array is taken, flat arrays as columns, and what is refused.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use sigmascope_core::engine::Unobserved;
use sigmascope_core::model::Weights;
use sigmascope_io::{LoadError, LoadOptions, Loaded, OpenFile, Values, load};
use zip::CompressionMethod::{Deflated, Stored};
use zip::write::SimpleFileOptions;

/// A file in an archive.
type Named<'a> = (&'a str, Vec<u8>);

/// An NPY file of float64 numbers.
fn npy(shape: &str, values: &[f64]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    npy_of("<f8", shape, &bytes)
}

fn npy_of(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(format!("{header:<117}\n").into_bytes());
    bytes.extend(data);
    bytes
}

fn packed(entries: &[(&str, Vec<u8>)], method: zip::CompressionMethod, large: bool) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method).large_file(large);
    for (name, content) in entries {
        archive.start_file(*name, options).expect("sound");
        archive.write_all(content).expect("sound");
    }
    archive.finish().expect("sound").into_inner()
}

/// Loads an archive of these arrays, of which `part` is named.
fn read(bytes: &[u8], part: &str, options: &LoadOptions) -> Result<Loaded, LoadError> {
    let folder = tempfile::tempdir().expect("sound");
    let path = folder.path().join("points.npz");
    std::fs::write(&path, bytes).expect("sound");
    let named =
        if part.is_empty() { path } else { folder.path().join(format!("points.npz:{part}")) };
    load(&named, options, &mut Unobserved)
}

fn taken(entries: &[(&str, Vec<u8>)], part: &str) -> Loaded {
    read(&packed(entries, Deflated, false), part, &LoadOptions::default()).expect("sound")
}

fn refused(bytes: &[u8], part: &str) -> String {
    let loaded = read(bytes, part, &LoadOptions::default()).map(|loaded| loaded.report);
    loaded.expect_err("a refusal").to_string()
}

fn pair() -> Vec<u8> {
    npy("(2, 2)", &[1.0, 2.0, 3.0, 4.5])
}

#[test]
fn every_way_to_pack_gives_the_same_points() {
    let entries = [("x.npy", pair()), ("labels.npy", npy_of("<i8", "(2,)", &[0; 16]))];
    for method in [Stored, Deflated] {
        for large in [false, true] {
            let bytes = packed(&entries, method, large);
            let loaded = read(&bytes, "", &LoadOptions::default()).expect("sound");
            assert_eq!(loaded.cloud.coordinates(), [1.0, 2.0, 3.0, 4.5]);
            assert!(loaded.report.format.starts_with("NPZ, array 'x', float64"));
            let told = loaded.report.notes.join("; ");
            assert!(told.contains("array taken: 'x'") && told.contains("'labels'"), "{told}");
        }
    }
}

#[test]
fn the_likeliest_array_is_taken_and_any_can_be_named() {
    let other = npy("(1, 3)", &[7.0, 8.0, 9.0]);
    let deep = npy("(1, 1, 1)", &[0.0]);
    let text = npy_of("<U1", "(1,)", &[65, 0, 0, 0]);
    let cases: [(&[Named<'_>], &str); 6] = [
        (&[("a.npy", other.clone()), ("X.npy", pair())], "X"),
        (
            &[("a.npy", other.clone()), ("b.npy", other.clone()), ("embedding.npy", pair())],
            "embedding",
        ),
        (&[("arr_1.npy", other.clone()), ("arr_0.npy", pair())], "arr_0"),
        (&[("deep.npy", deep), ("text.npy", text), ("anything.npy", pair())], "anything"),
        (&[("y.npy", npy("(2,)", &[0.0, 1.0])), ("x.npy", pair())], "x"),
        (&[("folder/a.npy", pair())], "folder/a"),
    ];
    for (entries, name) in cases {
        let loaded = taken(entries, "");
        assert_eq!(loaded.cloud.coordinates(), [1.0, 2.0, 3.0, 4.5], "{name}");
        assert!(loaded.report.format.contains(&format!("array '{name}'")), "{name}");
    }
    let two = [("train.npy", pair()), ("test.npy", other)];
    let message = refused(&packed(&two, Stored, false), "");
    assert!(message.contains("'train', 'test'") && message.contains("file.npz:x"), "{message}");
    assert_eq!(taken(&two, "test").cloud.dim(), 3);
    assert_eq!(taken(&two, "TRAIN.npy").cloud.dim(), 2);
    let message = refused(&packed(&two, Stored, false), "valid");
    assert!(message.contains("no array 'valid'") && message.contains("'test'"), "{message}");
}

#[test]
fn flat_arrays_of_one_length_are_a_table() {
    let flat = |values: &[f64]| npy(&format!("({},)", values.len()), values);
    let entries = [
        ("w.npy", flat(&[1.0, 1.0, 2.0])),
        ("y.npy", flat(&[4.0, 5.0, f64::NAN])),
        ("x.npy", npy_of("<i4", "(3,)", &[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0])),
        ("ok.npy", npy_of("|b1", "(3,)", &[1, 0, 1])),
        ("edges.npy", flat(&[0.0, 1.0])),
    ];
    let loaded = taken(&entries, "");
    assert_eq!(loaded.report.columns_used, ["x", "y"]);
    assert_eq!(loaded.cloud.coordinates(), [1.0, 4.0, 2.0, 5.0]);
    assert_eq!(loaded.report.rows_dropped_nan, 1);
    assert!(loaded.report.notes.iter().any(|note| note.contains("'edges'")));
    let options =
        LoadOptions { weights: Some(Weights::Column("w".to_owned())), ..LoadOptions::default() };
    let bytes = packed(&entries, Deflated, false);
    assert_eq!(read(&bytes, "", &options).expect("sound").cloud.weights(), Some(&[1.0, 1.0][..]));

    let folder = tempfile::tempdir().expect("sound");
    let path = folder.path().join("points.npz");
    std::fs::write(&path, &bytes).expect("sound");
    let mut file = OpenFile::open(&path, &LoadOptions::default(), &mut Unobserved).expect("sound");
    let names: Vec<&str> = file.columns().map(|(name, _)| name).collect();
    assert_eq!(names, ["w", "y", "x", "ok"]);
    let mut seen = Vec::new();
    let mut take = |values| {
        seen = values;
        ControlFlow::Continue(())
    };
    file.values(&[], &[3, 2], &mut Unobserved, &mut take).expect("sound");
    let some = |values: &[i64]| Values::Integers(values.iter().copied().map(Some).collect());
    let truths = Values::Booleans(vec![Some(true), Some(false), Some(true)]);
    assert_eq!(seen, [truths, some(&[1, 2, 3])]);

    // A third coordinate, names of other pairs, and lengths that say nothing.
    let with_z =
        [("x.npy", flat(&[1.0, 3.0])), ("y.npy", flat(&[2.0, 4.0])), ("z.npy", flat(&[0.0, 9.0]))];
    assert_eq!(taken(&with_z, "").cloud.dim(), 3);
    let degrees =
        [("lat.npy", flat(&[1.0, 3.0])), ("lon.npy", flat(&[2.0, 4.0])), ("n.npy", flat(&[0.0]))];
    assert_eq!(taken(&degrees, "").report.columns_used, ["lon", "lat"]);
    assert_eq!(taken(&with_z, "z").cloud.coordinates(), [0.0, 9.0]);
    let unlike = [("a.npy", flat(&[1.0])), ("b.npy", flat(&[1.0, 2.0]))];
    assert!(refused(&packed(&unlike, Stored, false), "").contains("'a', 'b'"));
}

#[test]
fn what_numpy_writes_is_read() {
    let points: [(&str, &[u8]); 2] = [
        ("savez", include_bytes!("samples/savez.npz")),
        ("savez_compressed", include_bytes!("samples/savez_compressed.npz")),
    ];
    for (name, bytes) in points {
        let loaded = read(bytes, "", &LoadOptions::default()).expect(name);
        assert_eq!(loaded.report.columns_used, ["x", "y"], "{name}");
        assert_eq!(loaded.cloud.coordinates()[..4], [0.0, 0.0, 0.5, -1.0], "{name}");
        assert_eq!((loaded.cloud.len(), loaded.report.rows_dropped_nan), (19, 1));
        assert_eq!(read(bytes, "m", &LoadOptions::default()).expect(name).cloud.dim(), 3);
    }
}

#[test]
fn broken_archives_are_told() {
    let bytes = packed(&[("x.npy", npy("(500,)", &[1.5; 500]))], Stored, false);
    for length in [30, bytes.len() / 2, bytes.len() - 1] {
        let message = refused(&bytes[..length], "");
        assert!(message.contains("the zip file is broken"), "{length}: {message}");
    }
    let mut changed = bytes.clone();
    changed[2000] ^= 1;
    let message = refused(&changed, "");
    assert!(message.contains("x cannot be read") && message.contains("hecksum"), "{message}");
    let mut locked = bytes.clone();
    locked[6] |= 1;
    let directory = locked.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("sound");
    locked[directory + 8] |= 1;
    assert!(refused(&locked, "").contains("encrypted"));
    let no_points = packed(&[("a.npy", npy("(1, 1, 1)", &[0.0]))], Stored, false);
    assert!(refused(&no_points, "").contains("'a'"));
    assert!(refused(&no_points, "a").contains("3 axes"));
    let no_arrays = packed(&[("a.txt", b"1 2".to_vec())], Stored, false);
    assert!(refused(&no_arrays, "").contains("a zip archive"));
    let cut = npy("(500,)", &[1.5; 400]);
    assert!(refused(&packed(&[("x.npy", cut)], Stored, false), "x").contains("cut short"));
    assert!(refused(b"PK\x05\x06rest of it", "").contains("empty zip archive"));
}

#[test]
fn bombs_and_crowds_are_refused_or_read_in_little_memory() {
    let zeros = npy("(1000000,)", &vec![0.0; 1_000_000]);
    let bomb = packed(&[("x.npy", zeros.clone()), ("y.npy", zeros)], Deflated, false);
    let options = LoadOptions { byte_budget: 1 << 20, ..LoadOptions::default() };
    let message =
        read(&bomb, "", &options).map(|loaded| loaded.report).expect_err("a refusal").to_string();
    assert!(message.contains("7.6 MiB") && message.contains("at most 1.0 MiB"), "{message}");
    let names: Vec<String> = (0..5000).map(|k| format!("a{k}.npy")).collect();
    let crowd: Vec<(&str, Vec<u8>)> =
        names.iter().map(|name| (name.as_str(), npy("(1,)", &[1.0]))).collect();
    assert_eq!(
        read(&packed(&crowd, Stored, false), "", &LoadOptions::default())
            .expect("sound")
            .cloud
            .dim(),
        2
    );
}
