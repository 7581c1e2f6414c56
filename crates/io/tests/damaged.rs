//! Damaged files of each format: points or an error, never an end of the program.

mod damage;

use std::io::{Cursor, Write};

use sigmascope_core::engine::Unobserved;
use sigmascope_io::{LoadOptions, load};
use zip::CompressionMethod::{Deflated, Stored};
use zip::write::SimpleFileOptions;

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
    let rows: Vec<String> = (0..50).map(|k| format!("{k},{}.5,n{k}\n", k * k)).collect();
    damage::survives("points.csv", format!("a,b,c\n{}", rows.concat()).as_bytes(), 3000);
}

/// An archive of two arrays, one of them packed.
fn archive() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (20,), }";
    for (name, method) in [("x.npy", Stored), ("y.npy", Deflated)] {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(name, options).expect("an entry");
        let mut array = format!("\u{93}NUMPY\u{1}\u{0}\u{76}\u{0}{header:<117}\n").into_bytes();
        // The magic is no UTF-8.
        array.remove(0);
        array.extend((0..20).flat_map(|k| f64::from(k * k).to_le_bytes()));
        archive.write_all(&array).expect("written");
    }
    archive.finish().expect("whole").into_inner()
}

#[test]
fn archives() {
    damage::survives("points.npz", &archive(), 1500);
}

#[test]
fn packed_files() {
    let rows: Vec<String> = (0..50).map(|k| format!("{k},{}.5\n", k * k)).collect();
    let rows = rows.concat();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    gzip.write_all(rows.as_bytes()).expect("packed");
    damage::survives("points.csv.gz", &gzip.finish().expect("packed"), 400);
    let zstd = zstd::encode_all(rows.as_bytes(), 3).expect("packed");
    damage::survives("points.csv.zst", &zstd, 400);
    let mut bzip2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    bzip2.write_all(rows.as_bytes()).expect("packed");
    damage::survives("points.csv.bz2", &bzip2.finish().expect("packed"), 400);
    damage::survives("points.csv.xz", include_bytes!("samples/points.csv.xz"), 400);
}

#[test]
fn json() {
    let rows: Vec<String> = (0..30)
        .map(|k| format!("{{\"x\": {k}, \"y\": {}.5, \"n\": [\"a\", true]}}\n", k * k))
        .collect();
    damage::survives("points.jsonl", rows.concat().as_bytes(), 1500);
    let columns =
        "{\"x\": [1, 2.5, null, NaN, 5], \"y\": [-1e3, 2, 3, 4, 5], \"t\": [\"a\\n\", 1, 2, 3, 4]}";
    damage::survives("points.json", columns.as_bytes(), 1500);
    damage::survives("points.json", format!("[{}]", rows.join(",")).as_bytes(), 500);
}

#[test]
fn geojson() {
    let features: Vec<String> = (0..20)
        .map(|k| {
            format!(
                "{{\"type\": \"Feature\", \"properties\": {{\"n\": {k}}}, \
                 \"geometry\": {{\"type\": \"Point\", \"coordinates\": [{k}, {}.5]}}}}",
                k % 7
            )
        })
        .collect();
    let features = features.join(",\n");
    let collection = format!("{{\"type\": \"FeatureCollection\", \"features\": [{features}]}}");
    damage::survives("points.geojson", collection.as_bytes(), 1500);
}

#[test]
fn point_lists() {
    let rows: Vec<String> = (0..50).map(|k| format!("C {k} {}.5 {}\n", k * k, k % 7)).collect();
    damage::survives("points.xyz", format!("50\nwater\n{}", rows.concat()).as_bytes(), 1500);
}

/// A sample that a program of the field wrote.
fn sample(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    std::fs::read(folder.join(name)).expect("a sample")
}

/// The same with its packing undone.
fn unpacked(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let packed = sample(name);
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed.as_slice()), &mut bytes)
        .expect("gzip");
    bytes
}

#[test]
fn spreadsheets() {
    damage::survives("points.xlsx", &sample("openpyxl.xlsx"), 500);
    damage::survives("points.xlsx", &stored(&sample("xlsxwriter.xlsx")), 500);
    damage::survives("points.ods", &stored(&sample("odfpy.ods")), 500);
}

/// A zip archive whose parts are not packed, so that damage gets at what is in them.
fn stored(packed: &[u8]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut archive = zip::ZipArchive::new(Cursor::new(packed)).expect("an archive");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for k in 0..archive.len() {
        let mut part = archive.by_index(k).expect("a part");
        let name = part.name().expect("a name").to_string();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut content).expect("content");
        zip.start_file(name, options).expect("a part");
        zip.write_all(&content).expect("written");
    }
    zip.finish().expect("an archive").into_inner()
}

#[test]
fn fits() {
    damage::survives("points.fits", &unpacked("binary.fits.gz"), 800);
    damage::survives("points.fits", &unpacked("ascii.fits.gz"), 800);
}

#[test]
fn votables() {
    for form in ["tabledata.vot", "binary.vot", "binary2.vot"] {
        damage::survives("points.vot", &sample(form), 500);
    }
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

/// Damages a sample under its own name.
fn survives(name: &str, times: u64) {
    damage::survives(name, &sample(name), times);
}

#[test]
fn las() {
    for name in ["format_0.laz", "format_5.laz", "format_10.laz", "chunks_3.laz", "chunks_6.laz"] {
        survives(name, 300);
    }
}

/// A LAZ file whose points, from the second on, have times that change to another sequence without end.
fn restless_times(name: &str) -> Vec<u8> {
    use laz::{
        encoders::ArithmeticEncoder, las::v2, models::ArithmeticModelBuilder,
        record::FieldCompressor,
    };
    /// Changes; each would take some hundred bytes of the stack if it was a call.
    const CHANGES: usize = 1_000_000;
    let good = sample(name);
    let word = |place: usize| {
        u32::from_le_bytes(good[place..place + 4].try_into().expect("four bytes")) as usize
    };
    let (start, size) = (word(96) + 8, usize::from(good[105]));
    let mut bytes = good[..start].to_vec();
    // There is no table.
    bytes[start - 8..].fill(0xff);
    let is_layered = good[104] & 0x3f >= 6;
    let mut encoder = ArithmeticEncoder::new(Vec::new());
    if !is_layered {
        let mut places = v2::LasPoint0Compressor::default();
        places.compress_first(encoder.get_mut(), &good[start..start + 20]).expect("written");
        encoder.get_mut().extend(&good[start + 20..start + size]);
        places.compress_with(&mut encoder, &good[start..start + 20]).expect("written");
    }
    // The symbols for another sequence while no difference is known.
    let (symbols, another) = if is_layered { (5, 2) } else { (6, 3) };
    let mut model = ArithmeticModelBuilder::new(symbols).with_compression(true).build();
    for _ in 0..CHANGES {
        encoder.encode_symbol(&mut model, another).expect("written");
    }
    encoder.done().expect("written");
    let times = encoder.into_inner();
    if is_layered {
        // The layer of times is the last of nine.
        let head = start + size + 4;
        let layers: usize = (0..8).map(|k| word(head + 4 * k)).sum();
        bytes.extend(&good[start..head + 32]);
        bytes.extend((times.len() as u32).to_le_bytes());
        bytes.extend(&good[head + 36..head + 36 + layers]);
    }
    bytes.extend(&times);
    bytes.extend([0xff; 8]);
    bytes
}

#[test]
fn times_of_laz_that_never_come_to_rest_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("restless.laz");
    for name in ["format_1.laz", "format_6.laz"] {
        std::fs::write(&path, restless_times(name)).expect("written");
        let with_times =
            LoadOptions { columns: vec!["gps_time".to_owned()], ..LoadOptions::default() };
        let refused = load(&path, &with_times, &mut Unobserved).expect_err("a broken file");
        let message = refused.to_string();
        assert!(message.contains("times change their sequence on and on"), "{name}: {message}");
        // Where nobody wants the times, their layer is not looked at.
        let places = load(&path, &LoadOptions::default(), &mut Unobserved);
        assert_eq!(places.is_ok(), name == "format_6.laz", "{name}: {places:?}");
    }
    damage::check_memory("restless.laz");
}

#[test]
fn ply() {
    for name in ["plyfile_text.ply", "plyfile_little.ply", "plyfile_big.ply"] {
        survives(name, 500);
    }
}

#[test]
fn pcd() {
    for name in ["open3d_text.pcd", "open3d_binary.pcd", "open3d_compressed.pcd"] {
        survives(name, 500);
    }
}

#[test]
fn obj() {
    survives("trimesh.obj", 1500);
}
