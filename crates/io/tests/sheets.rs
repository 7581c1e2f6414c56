//! Spreadsheets, FITS tables and `VOTable` files: what the field's own programs write, each value as it was, and
//! files that break the rules, each with a message.

#[path = "damage/memory.rs"]
mod memory;

use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sigmascope_core::engine::Unobserved;
use sigmascope_core::model::{Header, Reading};
use sigmascope_io::{Holds, LoadOptions, Loaded, OpenFile, Values, load};

const X: [f64; 6] = [0.5, -1.25, 3.0, 1e-3, 2.5e7, 7.125];
const COUNT: [i64; 6] = [3, -4, 5, 6, 7, 8];

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)
}

/// A sample that is kept packed, unpacked into a folder.
fn unpacked(folder: &tempfile::TempDir, name: &str) -> PathBuf {
    let packed = std::fs::read(sample(&format!("{name}.gz"))).expect("a sample");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).expect("gzip");
    written(folder, name, &bytes)
}

fn written(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

/// All values of a file, column by column, as it holds them.
fn table(path: &Path) -> Vec<(String, Holds, Values)> {
    let mut file = OpenFile::open(path, &LoadOptions::default(), &mut Unobserved)
        .unwrap_or_else(|err| panic!("{err}"));
    let columns: Vec<(String, Holds)> =
        file.columns().map(|(name, holds)| (name.to_owned(), holds)).collect();
    let cells: Vec<usize> = (0..columns.len()).collect();
    let mut values: Vec<Option<Values>> = vec![None; columns.len()];
    file.values(&[], &cells, &mut Unobserved, &mut |block| {
        for (all, more) in values.iter_mut().zip(block) {
            assert!(all.replace(more).is_none(), "one block");
        }
        ControlFlow::Continue(())
    })
    .unwrap_or_else(|err| panic!("{err}"));
    let values = values.into_iter().map(|values| values.expect("a block"));
    columns.into_iter().zip(values).map(|((name, holds), values)| (name, holds, values)).collect()
}

/// One column of a table.
fn column<'a>(table: &'a [(String, Holds, Values)], name: &str) -> &'a Values {
    let found = table.iter().find(|(other, ..)| other == name);
    &found.unwrap_or_else(|| panic!("no column {name}: {table:?}")).2
}

fn numbers(values: &Values) -> Vec<Option<f64>> {
    let Values::Numbers(values) = values else { panic!("{values:?}") };
    values.iter().map(|value| (!value.is_nan()).then_some(*value)).collect()
}

fn all<T: Copy>(values: &[T]) -> Vec<Option<T>> {
    values.iter().copied().map(Some).collect()
}

fn texts(values: &[&str]) -> Values {
    let text = |text: &&str| (!text.is_empty()).then(|| (*text).to_owned());
    Values::Texts(values.iter().map(text).collect())
}

fn loaded(path: &Path, columns: &[&str]) -> Loaded {
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    let options = LoadOptions { columns, ..LoadOptions::default() };
    load(path, &options, &mut Unobserved).unwrap_or_else(|err| panic!("{err}"))
}

fn message(path: &Path) -> String {
    match load(path, &LoadOptions::default(), &mut Unobserved) {
        Ok(loaded) => panic!("{}: loaded: {:?}", path.display(), loaded.report),
        Err(err) => err.to_string(),
    }
}

/// Whether a message has all of these words.
fn says(path: &Path, words: &[&str]) {
    let message = message(path);
    for word in words {
        assert!(message.contains(word), "no '{word}' in: {message}");
    }
}

/// 2024-05-01 12:30 and the days behind it.
fn days() -> Values {
    Values::Times((0..6).map(|k| Some((1_714_566_600 + 86_400 * k) * 1_000_000)).collect())
}

#[test]
fn spreadsheets_are_read_whatever_program_wrote_them() {
    let x = vec![Some(X[0]), Some(X[1]), None, None, Some(X[4]), Some(X[5])];
    let truths = Values::Booleans(all(&[true, false, true, false, true, true]));
    for (name, sheet) in [("openpyxl.xlsx", "points"), ("xlsxwriter.xlsx", "Tabelle 1")] {
        let found = table(&sample(name));
        let names: Vec<&str> = found.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["x", "count", "name", "truth", "day"], "{name}");
        assert_eq!(numbers(column(&found, "x")), x, "{name}");
        assert_eq!(*column(&found, "truth"), truths, "{name}");
        assert_eq!(*column(&found, "name"), texts(&["a", "b", "", "d", "é", "f"]), "{name}");
        assert_eq!(*column(&found, "day"), days(), "{name}");
        let report = loaded(&sample(name), &["x", "count"]).report;
        assert!(report.format.contains(sheet), "{}", report.format);
        assert_eq!((report.rows_read, report.rows_kept(), report.rows_dropped_missing), (6, 4, 2));
    }
    let found = table(&sample("openpyxl.xlsx"));
    assert_eq!(*column(&found, "count"), Values::Integers(all(&COUNT)));
    let notes = loaded(&sample("openpyxl.xlsx"), &[]).report.notes.join("; ");
    for words in
        ["sheet row 1 left out as titles", "sheet row 3 taken as names", "'empty', 'other'"]
    {
        assert!(notes.contains(words), "no '{words}' in: {notes}");
    }
    // This one keeps them as text.
    let found = table(&sample("xlsxwriter.xlsx"));
    assert_eq!(numbers(column(&found, "count")), all(&COUNT.map(|count| count as f64)));
    let notes = loaded(&sample("xlsxwriter.xlsx"), &[]).report.notes.join("; ");
    assert!(
        notes.contains("6 numbers that are kept as text were read as numbers: 'count'"),
        "{notes}"
    );

    let found = table(&sample("odfpy.ods"));
    let x = vec![Some(X[0]), Some(X[1]), None, Some(X[3]), Some(X[4]), Some(X[5])];
    assert_eq!(numbers(column(&found, "x")), x);
    assert_eq!(*column(&found, "count"), Values::Integers(all(&COUNT)));
    assert_eq!(*column(&found, "truth"), truths);
    assert_eq!(*column(&found, "day"), days());
}

#[test]
fn a_sheet_is_named_behind_a_colon() {
    let named = |part: &str| sample(&format!("openpyxl.xlsx:{part}"));
    assert_eq!(loaded(&named("Other"), &[]).cloud.coordinates(), [1.0, 2.0, 3.0, 4.0]);
    says(&named("nowhere"), &["no sheet 'nowhere'", "'empty', 'points', 'other'"]);
    says(&named("empty"), &["the sheet 'empty' is empty"]);
}

/// A workbook of one sheet, its cells and strings as XML.
fn workbook(rows: &str, strings: &str) -> Vec<u8> {
    workbook_of((rows, 1), (strings, 1))
}

/// The same of pieces, each so often.
fn workbook_of(rows: (&str, usize), strings: (&str, usize)) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let parts = [
        ("[Content_Types].xml", "<Types/>".to_owned()),
        (
            "_rels/.rels",
            format!(
                "<Relationships><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
                .to_owned(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships><Relationship Id=\"r1\" Type=\"{office}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
    ];
    for (name, content) in parts {
        zip.start_file(name, options).expect("a part");
        zip.write_all(content.as_bytes()).expect("written");
    }
    let repeated = [
        ("xl/sharedStrings.xml", "", strings, ""),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData>", rows, "</sheetData></worksheet>"),
    ];
    for (name, start, (piece, times), end) in repeated {
        zip.start_file(name, options).expect("a part");
        zip.write_all(start.as_bytes()).expect("written");
        for _ in 0..times {
            zip.write_all(piece.as_bytes()).expect("written");
        }
        zip.write_all(end.as_bytes()).expect("written");
    }
    zip.finish().expect("an archive").into_inner()
}

/// An ODS file of a piece of content, so often.
fn open_document(piece: &str, times: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("mimetype", options).expect("a part");
    zip.write_all(b"application/vnd.oasis.opendocument.spreadsheet").expect("written");
    zip.start_file("content.xml", options).expect("a part");
    for _ in 0..times {
        zip.write_all(piece.as_bytes()).expect("written");
    }
    zip.finish().expect("an archive").into_inner()
}

fn number(place: &str, value: f64) -> String {
    format!("<c r=\"{place}\"><v>{value}</v></c>")
}

#[test]
fn the_table_is_found_in_the_sheet() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = |place: &str, text: &str| {
        format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    };
    let row =
        |number: u32, cells: &[String]| format!("<row r=\"{number}\">{}</row>", cells.concat());
    // Units below the names.
    let rows = [
        row(2, &[text("B2", "x"), text("C2", "y")]),
        row(3, &[text("B3", "[mm]"), text("C3", "[mm]")]),
        row(4, &[number("B4", 1.5), number("C4", 2.0)]),
        row(6, &[number("B6", 3.5), number("C6", 4.0)]),
    ];
    let path = written(&folder, "units.xlsx", &workbook(&rows.concat(), "<sst/>"));
    let Loaded { cloud, report, rows, .. } = loaded(&path, &[]);
    assert_eq!(cloud.axes(), ["x", "y"]);
    assert_eq!(cloud.coordinates(), [1.5, 2.0, 3.5, 4.0]);
    // The empty row between them has a number, too.
    assert_eq!((report.rows_read, rows.row_of(1)), (3, Some(2)));
    assert!(report.notes.iter().any(|note| note == "sheet row 3 left out: it tells units"));

    // No names at all; a cell far away takes no memory.
    let rows = [
        row(1, &[number("A1", 1.5), number("B1", 2.5)]),
        row(2, &[number("A2", 3.5), number("B2", 4.25), text("XFD2", "a note")]),
        row(1_048_576, &[number("A1048576", 0.25), number("B1048576", -1.0)]),
    ];
    let path = written(&folder, "far.xlsx", &workbook(&rows.concat(), "<sst/>"));
    let Loaded { cloud, report, .. } = loaded(&path, &[]);
    assert_eq!(cloud.coordinates(), [1.5, 2.5, 3.5, 4.25, 0.25, -1.0]);
    assert_eq!(report.rows_read, 1_048_576);
    memory::check_memory("far.xlsx");

    // The first row as names, or as a point, if the user says so.
    let options = |header| LoadOptions {
        reading: Reading { header, ..Reading::default() },
        ..LoadOptions::default()
    };
    let points =
        |header| load(&path, &options(header), &mut Unobserved).expect("points").cloud.len();
    assert_eq!((points(Header::No), points(Header::Yes)), (3, 2));
}

#[test]
fn broken_spreadsheets_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = workbook(&number("A1", 1.0), "<sst/>");
    let far = workbook(&number("A9999999", 1.0), "<sst/>");
    let lie = workbook(&number("A1", 1.0), "<sst uniqueCount=\"99999999999999\"></sst>");
    let strings = workbook_of(("", 1), ("<si><t>a</t></si>", 2_000_000));
    let cut = workbook(&format!("<row>{}", number("A1", 1.0)), "<sst/>");
    let bomb = workbook_of(("<c><v>1</v></c>", 6_000_000), ("<sst/>", 1));
    let row = "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell \
               table:number-columns-repeated=\"16000\" office:value-type=\"float\" \
               office:value=\"1\"/></table:table-row>";
    let repeated = format!("<x><table:table table:name=\"s\">{row}</table:table></x>");
    let deep = "<a>".repeat(10_000);
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        ("cut.xlsx", good[..good.len() / 2].to_vec(), &["zip archive"]),
        ("far.xlsx", far, &["row 9999999", "at most 1048576 rows"]),
        ("lie.xlsx", lie, &["claims 99999999999999 strings"]),
        ("strings.xlsx", strings, &["sharedstrings.xml", "unpacks to more than"]),
        ("bomb.xlsx", bomb, &["sheet1.xml", "unpacks to more than"]),
        ("empty.xlsx", workbook("", "<sst/>"), &["its sheets are empty"]),
        ("open.xlsx", cut.replace_in("</sheetData></worksheet>"), &["cannot be read"]),
        ("repeated.ods", open_document(&repeated, 1), &["repeats cells", "1000000"]),
        (
            "cut.ods",
            open_document("<x><table:table table:name=\"s\">", 1),
            &["ends inside an element"],
        ),
        ("deep.ods", open_document(&deep, 1), &["more than 256 deep"]),
        ("bomb.ods", open_document("<!-- nothing -->", 7 << 20), &["unpacks to more than"]),
        ("empty.ods", open_document("<x/>", 1), &["its sheets are empty"]),
    ];
    for (name, bytes, words) in cases {
        says(&written(&folder, name, bytes), words);
    }
    memory::check_memory("spreadsheets");
}

/// Cutting a made workbook where its sheet would end.
trait Cut {
    fn replace_in(self, end: &str) -> Vec<u8>;
}

impl Cut for Vec<u8> {
    /// The sheet without its end: written again, for it lies packed.
    fn replace_in(self, end: &str) -> Vec<u8> {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(self)).expect("an archive");
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for k in 0..archive.len() {
            let mut part = archive.by_index(k).expect("a part");
            let mut content = String::new();
            part.read_to_string(&mut content).expect("text");
            zip.start_file(part.name().expect("a name").to_string(), options).expect("a part");
            zip.write_all(content.replace(end, "").as_bytes()).expect("written");
        }
        zip.finish().expect("an archive").into_inner()
    }
}

#[test]
fn fits_tables_are_read_with_all_their_types() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = unpacked(&folder, "binary.fits");
    let found = table(&path);
    assert_eq!(numbers(column(&found, "x")), all(&X));
    assert_eq!(numbers(column(&found, "single")), all(&X.map(|x| f64::from(x as f32))));
    let without = |left_out: i64| COUNT.map(|count| (count != left_out).then_some(count)).to_vec();
    let bytes = without(7).into_iter().map(|count| count.map(|count| count.rem_euclid(256)));
    assert_eq!(*column(&found, "byte"), Values::Integers(bytes.collect()));
    assert_eq!(*column(&found, "short"), Values::Integers(without(5)));
    let unsigned = COUNT.map(|count| count + (1 << 31));
    assert_eq!(*column(&found, "unsigned"), Values::Integers(all(&unsigned)));
    let long = without(-4).into_iter().map(|count| count.map(|count| count << 40)).collect();
    assert_eq!(*column(&found, "long"), Values::Integers(long));
    assert_eq!(
        numbers(column(&found, "scaled")),
        all(&COUNT.map(|count| count as f64 * 0.5 + 10.0))
    );
    for k in 1..=3_u8 {
        let vector = X.map(|x| f64::from((x * f64::from(k)) as f32));
        assert_eq!(numbers(column(&found, &format!("vector_{k}"))), all(&vector));
    }
    let truths = Values::Booleans(all(&[true, false, true, false, true, true]));
    assert_eq!(*column(&found, "truth"), truths);
    assert_eq!(*column(&found, "name"), texts(&["a", "b", "", "d", "e", "f"]));
    assert_eq!(numbers(column(&found, "wave_imag")), all(&COUNT.map(|count| count as f64)));

    let report = loaded(&path, &["x", "short"]).report;
    assert_eq!((report.rows_kept(), report.rows_dropped_missing), (5, 1));
    assert_eq!(report.format, "FITS, binary table 'EVENTS'");
    let notes = report.notes.join("; ");
    for words in ["'GTI'", "not read: 'list' (arrays of varying length)", "not read: 'bits' (bits)"]
    {
        assert!(notes.contains(words), "no '{words}' in: {notes}");
    }
    let named = |part: &str| PathBuf::from(format!("{}:{part}", path.display()));
    assert_eq!(loaded(&named("gti"), &[]).cloud.coordinates(), X);
    assert_eq!(loaded(&named("3"), &[]).cloud.axes(), ["u"]);
    says(&named("nowhere"), &["no table 'nowhere'", "'EVENTS', 'GTI'"]);
    says(&named("picture"), &["image in 'picture'", "'EVENTS', 'GTI'"]);

    let path = unpacked(&folder, "ascii.fits");
    let found = table(&path);
    assert_eq!(numbers(column(&found, "x")), all(&X));
    assert_eq!(*column(&found, "count"), Values::Integers(without(-4)));
    assert_eq!(numbers(column(&found, "single")), all(&[0.5, -1.25, 3.0, 0.001, 2.5e7, 7.125]));
    assert_eq!(*column(&found, "name"), texts(&["a", "b", "", "d", "e", "f"]));
}

#[test]
fn broken_fits_files_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = std::fs::read(unpacked(&folder, "binary.fits")).expect("read");
    says(&unpacked(&folder, "image.fits"), &["images and no table", "DAOStarFinder"]);
    let with = |from: &str, to: &str| {
        let at = good.windows(from.len()).rposition(|window| window == from.as_bytes());
        let at = at.unwrap_or_else(|| panic!("no {from}"));
        let mut bytes = good.clone();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        bytes
    };
    let first = |from: &str, to: &str| {
        let at = good.windows(from.len()).position(|window| window == from.as_bytes());
        let at = at.unwrap_or_else(|| panic!("no {from}"));
        let mut bytes = good.clone();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        bytes
    };
    let events = good.windows(8).position(|window| window == b"BINTABLE").expect("a table");
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        ("cut in its data", good[..events + 2 * 2880 + 100].to_vec(), &["6 rows of", "cut short"]),
        ("cut in its header", good[..events + 500].to_vec(), &["breaks off", "cut short"]),
        ("only the first block", good[..1000].to_vec(), &["breaks off"]),
        (
            "absurd rows",
            first("NAXIS2  =                    6", "NAXIS2  =           6000000000"),
            &["6000000000 rows"],
        ),
        (
            "negative",
            first("NAXIS2  =                    6", "NAXIS2  =                   -6"),
            &["gives no size"],
        ),
        ("overflow", first("NAXIS1  =", "NAXIS1  =  9223372036854775807"), &["no size"]),
        (
            "a type there is not",
            first("TFORM1  = 'D", "TFORM1  = 'Z"),
            &["column 1 ('x')", "TFORM"],
        ),
        (
            "a field too wide",
            first("TFORM1  = 'D       '", "TFORM1  = '999999D '"),
            &["ends at byte"],
        ),
        (
            "no fields",
            first("TFIELDS =                   13", "TFIELDS =                    0"),
            &["no column"],
        ),
        (
            "many fields",
            first("TFIELDS =                   13", "TFIELDS =           9999999999"),
            &["TFIELDS"],
        ),
    ];
    for (name, bytes, words) in cases {
        says(&written(&folder, &format!("{name}.fits"), bytes), words);
    }
    // What stands behind the first table is no matter.
    let path = written(&folder, "behind.fits", &with("TFIELDS =", "XFIELDS ="));
    assert_eq!(loaded(&path, &["x"]).cloud.len(), 6);
}

#[test]
fn votables_are_read_in_each_of_their_forms() {
    for form in ["tabledata", "binary", "binary2"] {
        let path = sample(&format!("{form}.vot"));
        let found = table(&path);
        assert_eq!(numbers(column(&found, "x")), all(&X), "{form}");
        // Text keeps the digits, whatever the size of a number.
        let single = X.map(|x| if form == "tabledata" { x } else { f64::from(x as f32) });
        assert_eq!(numbers(column(&found, "single")), all(&single), "{form}");
        let counts = COUNT.map(|count| (count != 5).then_some(count)).to_vec();
        assert_eq!(*column(&found, "count"), Values::Integers(counts), "{form}");
        assert_eq!(*column(&found, "short"), Values::Integers(all(&COUNT)), "{form}");
        assert_eq!(*column(&found, "byte"), Values::Integers(all(&COUNT.map(i64::abs))), "{form}");
        let long = Values::Integers(all(&COUNT.map(|count| count << 40)));
        assert_eq!(*column(&found, "long"), long, "{form}");
        for k in 1..=3_u8 {
            let vector = X.map(|x| x * f64::from(k));
            assert_eq!(numbers(column(&found, &format!("vector_{k}"))), all(&vector), "{form}");
        }
        let truths = Values::Booleans(all(&[true, false, true, false, true, true]));
        assert_eq!(*column(&found, "truth"), truths, "{form}");
        assert_eq!(*column(&found, "name"), texts(&["a", "b", "", "d", "é", "f"]), "{form}");
        let imag = COUNT.map(|count| count as f64);
        assert_eq!(numbers(column(&found, "wave_imag")), all(&imag), "{form}");
        let report = loaded(&path, &["x", "count"]).report;
        assert_eq!((report.rows_kept(), report.rows_dropped_missing), (5, 1), "{form}");
    }
}

const FIELDS: &str = "<FIELD name=\"x\" datatype=\"double\"/><FIELD name=\"y\" datatype=\"int\"/>";

fn document(table: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<VOTABLE><RESOURCE>{table}</RESOURCE></VOTABLE>\n")
}

fn rows(rows: &str) -> String {
    document(&format!(
        "<TABLE name=\"t\">{FIELDS}<DATA><TABLEDATA>{rows}</TABLEDATA></DATA></TABLE>"
    ))
}

#[test]
fn broken_votables_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = "<TR><TD>1.5</TD><TD>2</TD></TR>";
    let good = rows(&row.repeat(10));
    let path = written(&folder, "good.vot", good.as_bytes());
    assert_eq!(loaded(&path, &[]).cloud.len(), 10);
    let stream = |stream: &str| {
        document(&format!("<TABLE>{FIELDS}<DATA><BINARY>{stream}</BINARY></DATA></TABLE>"))
    };
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE VOTABLE [<!ENTITY a \"1\"><!ENTITY b \"&a;&a;\">]>\n{}",
        rows("<TR><TD>&b;</TD><TD>2</TD></TR>").replace("<?xml version=\"1.0\"?>\n", "")
    );
    let many = format!("<TABLE>{}</TABLE>", "<FIELD name=\"a\" datatype=\"int\"/>".repeat(100_001));
    let wide = "<TABLE><FIELD name=\"a\" datatype=\"int\" arraysize=\"9999999999\"/></TABLE>";
    let cases: &[(&str, String, &[&str])] = &[
        ("cut", good[..good.len() - 40].to_owned(), &["cannot be read", "cut short"]),
        ("cut at an end tag", good.replace("</VOTABLE>\n", ""), &["ends inside VOTABLE"]),
        ("crossed", good.replace("</TD></TR>", "</TR></TD>"), &["cannot be read"]),
        ("deep", document(&"<RESOURCE>".repeat(1000)), &["more than 256 deep"]),
        ("an entity bomb", bomb, &["names the entity 'b'"]),
        (
            "elsewhere",
            stream("<STREAM href=\"http://a\"/>"),
            &["another file (STREAM href)", "astropy"],
        ),
        ("packed", stream("<STREAM encoding=\"gzip\">AAAA</STREAM>"), &["other than base64"]),
        (
            "half a row",
            stream("<STREAM encoding=\"base64\">AAAA</STREAM>"),
            &["row 0 of the stream"],
        ),
        (
            "no base64",
            stream("<STREAM encoding=\"base64\">****</STREAM>"),
            &["row 0 of the stream"],
        ),
        ("no rows", rows(""), &["no table with rows"]),
        ("no tables", document(""), &["no table with rows"]),
        ("too many fields", document(&many), &["100001 columns"]),
        ("too wide a field", document(wide), &["9999999999 columns"]),
        (
            "short rows",
            rows(&format!("{row}<TR><TD>1</TD></TR>").repeat(9)),
            &["9 of 18 rows cannot be read"],
        ),
        (
            "text",
            rows(&format!("{row}<TR><TD>a</TD><TD>1</TD></TR>").repeat(9)),
            &["9 of 18 rows", "'x': 'a'"],
        ),
    ];
    for (name, content, words) in cases {
        says(&written(&folder, &format!("{name}.vot"), content.as_bytes()), words);
    }
    // The first table with rows; a number for missing values; a byte order mark.
    let two = format!(
        "\u{feff}{}",
        document(&format!(
            "<TABLE name=\"none\">{FIELDS}</TABLE><TABLE name=\"some\"><FIELD name=\"a\" \
             datatype=\"int\"><VALUES null=\"-1\"/></FIELD><DATA><TABLEDATA><TR><TD>0x10</TD></TR>\
             <TR><TD>-1</TD></TR><TR><TD/></TR></TABLEDATA></DATA></TABLE>"
        ))
    );
    let path = written(&folder, "two.vot", two.as_bytes());
    let report = loaded(&path, &[]).report;
    assert_eq!((report.rows_kept(), report.rows_dropped_missing), (1, 2));
    assert!(
        report.notes[0].contains("table 'some' read; there are others: 'none'"),
        "{:?}",
        report.notes
    );
    memory::check_memory("VOTables");
}

#[test]
fn the_missing_value_of_unsigned_numbers_is_known_however_it_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = unpacked(&folder, "masked_unsigned.fits");
    let loaded = load(&path, &LoadOptions::default(), &mut Unobserved).expect("points");
    assert_eq!((loaded.cloud.len(), loaded.report.rows_dropped_missing), (3, 1));
    assert!(!loaded.rows.is_kept(1));
}
