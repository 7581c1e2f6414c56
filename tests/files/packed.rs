//! Files of text, plain and packed, and those that are archives of others.

use std::io::{Cursor, Read as _, Write as _};

use super::{File, joined, replaced, sample};

/// People, of whom one has no x.
const PEOPLE: &str = "name,x,y,mass\nAda,1,2,0.5\nBen,2,1,1.5\nCy,,1,1\nDi,4,2,3\n";
/// One more.
const EVE: &str = "Eve,5,7,2\n";

/// A file of people; their mass is picked as x.
pub(super) fn people(format: &'static str, name: &'static str, both: [Vec<u8>; 2]) -> File {
    let by_mass = [0.5, 2.0, 1.5, 1.0, 1.0, 1.0, 3.0, 2.0];
    File::new(format, name, both)
        .of_columns(&["name", "x", "y", "mass"])
        .with_points([1.0, 2.0, 2.0, 1.0, 4.0, 2.0])
        .picked("mass: not used", "x axis", by_mass, joined(&by_mass, [2.0, 7.0]))
}

/// Text in columns, as it is and packed.
pub(super) fn texts() -> Vec<File> {
    let both = || [PEOPLE.to_owned(), PEOPLE.to_owned() + EVE].map(String::into_bytes);
    let plain = File {
        // Half of a text is a text; a row of three fields among one of four is too many.
        broken: b"name,x,y,mass\nEve,5,7,2\nFay,1,2\n".to_vec(),
        ..people("CSV", "people.csv", both())
    };
    let packed = |name, pack: fn(Vec<u8>) -> Vec<u8>| people("CSV", name, both().map(pack));
    vec![
        plain,
        packed("people.csv.gz", |text| gzip(&text)),
        packed("people.csv.zst", |text| zstd::encode_all(&text[..], 3).expect("packed")),
        packed("people.csv.bz2", |text| {
            let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            packer.write_all(&text).expect("packed");
            packer.finish().expect("packed")
        }),
        people("CSV", "people.csv.xz", [sample("people.csv.xz"), sample("people_more.csv.xz")]),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

/// An archive whose files have `new` wherever one of them has `old`.
fn archive_with(archive: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut from = zip::ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for k in 0..from.len() {
        let mut entry = from.by_index(k).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its content");
        if bytes.windows(old.len()).any(|part| part == old) {
            bytes = replaced(&bytes, old, new);
        }
        let options = zip::write::SimpleFileOptions::default();
        let name = entry.name().expect("its name").into_owned();
        to.start_file(name, options).expect("an entry");
        to.write_all(&bytes).expect("its content");
    }
    let changed = to.finish().expect("an archive").into_inner();
    assert_ne!(changed, archive);
    changed
}

/// Arrays `x` and `y` of 20 values, one of them NaN, and others that are left out.
pub(super) fn npz() -> File {
    let first = sample("savez.npz");
    let second = archive_with(&first, &9.5_f64.to_le_bytes(), &99.5_f64.to_le_bytes());
    let there = || (0..20).filter(|k| *k != 7).map(f64::from);
    let turned: Vec<f64> = there().flat_map(|k| [-k, k / 2.0]).collect();
    let mut again = turned.clone();
    *again.last_mut().expect("a point") = 99.5;
    File::new("NPZ", "arrays.npz", [first, second])
        .of_columns(&["x", "y"])
        .with_points(there().flat_map(|k| [k / 2.0, -k]).collect::<Vec<_>>())
        .picked("y: y axis", "x axis", turned, again)
}

/// A sheet of six rows, of which the third has no x, and in the XLSX file the fourth neither.
fn sheet(format: &'static str, name: &'static str, file: &str, rows: &[[f64; 3]]) -> File {
    let first = sample(file);
    let second = archive_with(&first, b"7.125", b"8.125");
    let weighted = rows.concat();
    let mut again = weighted.clone();
    let last = again.len() - 3;
    again[last] = 8.125;
    File::new(format, name, [first, second])
        .of_columns(&["x", "count", "name", "truth", "day"])
        .with_points(rows.iter().flat_map(|row| [row[0], row[1]]).collect::<Vec<_>>())
        .picked("truth: not used", "weights", weighted, again)
}

pub(super) fn xlsx() -> File {
    let rows = [[0.5, 3.0, 1.0], [-1.25, -4.0, 0.0], [2.5e7, 7.0, 1.0], [7.125, 8.0, 1.0]];
    sheet("XLSX", "book.xlsx", "xlsxwriter.xlsx", &rows)
}

pub(super) fn ods() -> File {
    let rows = [
        [0.5, 3.0, 1.0],
        [-1.25, -4.0, 0.0],
        [1e-3, 6.0, 0.0],
        [2.5e7, 7.0, 1.0],
        [7.125, 8.0, 1.0],
    ];
    sheet("ODS", "book.ods", "odfpy.ods", &rows)
}

/// A table of events, in which a byte is missing.
pub(super) fn fits() -> File {
    let packed = sample("binary.fits.gz");
    let mut first = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut first).expect("unpacked");
    let second = replaced(&first, &7.125_f64.to_be_bytes(), &8.125_f64.to_be_bytes());
    let x = [0.5, -1.25, 3.0, 1e-3, 2.5e7, 7.125];
    let weighted = |last: f64| {
        [
            [0.5, 0.5, 3.0],
            [-1.25, -1.25, 252.0],
            [3.0, 3.0, 5.0],
            [1e-3, 1e-3, 6.0],
            [last, 7.125, 8.0],
        ]
        .concat()
    };
    File::new("FITS", "events.fits", [first, second])
        .of_columns(&["x", "single", "byte"])
        .with_points(x.into_iter().flat_map(|x| [x, x]).collect::<Vec<_>>())
        .picked("byte: not used", "weights", weighted(7.125), weighted(8.125))
}
