//! Zip archives that are not read, by the names of what is in them.

use std::io::BufReader;

use super::super::format::Beginning;
use super::super::input::Input;

/// Entries looked at.
const MOST: usize = 10_000;

/// Whether the name of an entry tells what an archive is, then what that is, and what to do about it.
type Told = (fn(&str) -> bool, &'static str, &'static str);

/// What may be in a zip archive. The first that fits counts.
const CONTENTS: &[Told] = &[
    (
        |name| name.ends_with("data.pkl") || name.ends_with("/constants.pkl"),
        "a PyTorch file (.pt)",
        "write the tensor with numpy: numpy.save('points.npy', torch.load('FILE').numpy())",
    ),
    (
        |name| name.starts_with("word/"),
        "a Word document (.docx)",
        "copy the table into a spreadsheet and save that as CSV or XLSX",
    ),
    (
        |name| name.starts_with("ppt/"),
        "a PowerPoint file (.pptx)",
        "copy the table into a spreadsheet and save that as CSV or XLSX",
    ),
    (
        |name| name == "xl/workbook.bin",
        "a binary Excel workbook (.xlsb)",
        "in Excel, File → Save as → Excel workbook (.xlsx), or: \
         pandas.read_excel('FILE', engine='pyxlsb').to_csv('points.csv')",
    ),
    (
        |name| has_end(name, "kml"),
        "a KMZ file",
        "convert it: ogr2ogr -f CSV points.csv FILE -lco GEOMETRY=AS_XY",
    ),
    (
        |name| has_end(name, "shp"),
        "a zipped shapefile",
        "convert it: ogr2ogr -f CSV points.csv /vsizip/FILE -lco GEOMETRY=AS_XY",
    ),
    (
        |name| {
            name.ends_with(".zarray") || name.ends_with(".zgroup") || name.ends_with("zarr.json")
        },
        "a zipped Zarr store",
        "write the array with numpy: numpy.save('points.npy', zarr.open('FILE')['NAME'][:])",
    ),
    (
        |name| name == "Index/Document.iwa" || name.ends_with("/Document.iwa"),
        "a document of Numbers, Pages or Keynote",
        "in Numbers, File → Export to → CSV",
    ),
    (
        |name| name == "meta.json" || has_end(name, "keras"),
        "an archive of a model",
        "write the array with numpy: numpy.save('points.npy', array)",
    ),
    (
        |name| {
            ["csv", "txt", "tsv", "parquet", "npy", "fits", "ply"]
                .iter()
                .any(|end| has_end(name, end))
        },
        "a zip archive with files in it",
        "extract the one that holds the points and name that",
    ),
];

fn has_end(name: &str, end: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found.eq_ignore_ascii_case(end))
}

/// What a zip archive is, and what to do about it.
pub(super) fn zip(input: &Input, file: &Beginning<'_>) -> (&'static str, &'static str) {
    if file.bytes.starts_with(b"PK\x05\x06") {
        return ("an empty zip archive", "name a file of points");
    }
    let Ok(archive) = zip::ZipArchive::new(BufReader::new(input.reader())) else {
        return (
            "a zip archive (.npz, .xlsx) that is broken or cut short",
            "copy it again; else extract the file of points and name that, or export as CSV",
        );
    };
    let names: Vec<_> = archive.file_names().take(MOST).filter_map(Result::ok).collect();
    let fitting = CONTENTS.iter().find(|(is_it, ..)| names.iter().any(|name| is_it(name)));
    match fitting {
        Some(&(_, found, remedy)) => (found, remedy),
        None => (
            "a zip archive without a table of points",
            "extract the file of points and name that, or export as CSV",
        ),
    }
}
