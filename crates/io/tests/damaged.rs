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
