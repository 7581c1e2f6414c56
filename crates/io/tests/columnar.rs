//! Parquet and Arrow files of the field's own programs, and of ours: every value is what was written.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sigmascope_core::engine::Unobserved;
use sigmascope_io::{
    Holds, LoadOptions, Loaded, MISSING, OpenFile, Output, TableWriter, Values, arrow_writer,
    csv_writer, load, parquet_writer,
};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(name)
}

fn options(columns: &[&str]) -> LoadOptions {
    LoadOptions { columns: columns.iter().map(|&c| c.to_owned()).collect(), ..Default::default() }
}

fn open(path: &Path) -> OpenFile {
    OpenFile::open(path, &LoadOptions::default(), &mut Unobserved).expect("it opens")
}

fn points(path: &Path, columns: &[&str]) -> Loaded {
    match load(path, &options(columns), &mut Unobserved) {
        Ok(loaded) => loaded,
        Err(err) => panic!("{err}"),
    }
}

/// The message without the folder.
fn message(path: &Path, columns: &[&str]) -> String {
    let err = load(path, &options(columns), &mut Unobserved).expect_err("a bad file").to_string();
    let folder = path.parent().expect("the file is in a folder");
    err.replace(&format!("{}/", folder.display()), "")
}

/// Each value as text; `-` for one that is missing.
fn shown(values: &Values) -> Vec<String> {
    fn each<T: std::fmt::Debug>(values: &[Option<T>]) -> Vec<String> {
        values
            .iter()
            .map(|value| value.as_ref().map_or("-".to_owned(), |value| format!("{value:?}")))
            .collect()
    }
    match values {
        Values::Numbers(values) => {
            let some = |value: &f64| Some(*value).filter(|v| v.to_bits() != MISSING.to_bits());
            each(&values.iter().map(some).collect::<Vec<_>>())
        }
        Values::Integers(values) | Values::Times(values) => each(values),
        Values::Booleans(values) => each(values),
        Values::Texts(values) => each(values),
    }
}

/// All values of a column, in its own type.
fn column(file: &mut OpenFile, name: &str) -> Vec<String> {
    let place = file.names().iter().position(|found| *found == name);
    let place = place.unwrap_or_else(|| panic!("no '{name}' in {:?}", file.names()));
    let mut found = Vec::new();
    file.values(&[], &[place], &mut Unobserved, &mut |block| {
        found.extend(shown(&block[0]));
        ControlFlow::Continue(())
    })
    .unwrap_or_else(|err| panic!("{name}: {err}"));
    found
}

#[test]
fn every_codec_and_program_gives_the_same_points() {
    let files = [
        ("points_none.parquet", "Parquet, not packed"),
        ("points_snappy.parquet", "Parquet, snappy"),
        ("points_gzip.parquet", "Parquet, gzip"),
        ("points_brotli.parquet", "Parquet, brotli"),
        ("points_lz4.parquet", "Parquet, LZ4"),
        ("points_zstd.parquet", "Parquet, zstd"),
        ("points_v2.parquet", "Parquet, zstd"),
        ("points_groups.parquet", "Parquet, snappy"),
        ("polars.parquet", "Parquet, zstd"),
        ("duckdb.parquet", "Parquet, snappy"),
        ("points_stream.arrows", "Arrow stream, not packed"),
        ("points_old_stream.arrows", "Arrow stream, not packed"),
        ("polars.arrow", "Arrow file, zstd"),
        ("polars.arrows", "Arrow stream, LZ4"),
    ];
    for (name, format) in files {
        let Loaded { cloud, rows, report } = points(&sample(name), &[]);
        assert_eq!(cloud.axes(), ["x", "y"], "{name}");
        assert_eq!(cloud.coordinates(), [0.5, 10.0, 2.5, 30.0, -4.0, 50.0], "{name}");
        assert_eq!(rows.iter().collect::<Vec<_>>(), [0, 2, 4], "{name}");
        assert_eq!(report.format, format, "{name}");
        assert_eq!((report.rows_dropped_missing, report.rows_dropped_nan), (1, 1), "{name}");
        assert_eq!(report.columns_available, ["id", "x", "y"], "{name}");
        assert_eq!(report.columns_skipped, ["name"], "{name}");
        let mut file = open(&sample(name));
        assert_eq!(column(&mut file, "id"), ["0", "1", "2", "3", "4"], "{name}");
        assert_eq!(column(&mut file, "name"), ["\"a\"", "\"b\"", "-", "\"d\"", "\"e\""], "{name}");
    }
}

/// Columns of every type, as they are in Parquet and in Arrow.
const TYPES: &[(&str, [&str; 5])] = &[
    ("x", ["0.5", "-", "2.5", "NaN", "-4.0"]),
    ("single", ["0.5", "-", "2.5", "3.5", "-4.0"]),
    ("half", ["0.5", "1.5", "2.5", "3.5", "-4.0"]),
    ("int8", ["1", "-", "3", "4", "100"]),
    ("int16", ["1", "-", "3", "4", "100"]),
    ("int32", ["1", "-", "3", "4", "100"]),
    ("int64", ["1", "-", "3", "4", "100"]),
    ("uint8", ["1", "-", "3", "4", "100"]),
    ("uint16", ["1", "-", "3", "4", "100"]),
    ("uint32", ["1", "-", "3", "4", "4294967295"]),
    ("uint64", ["1.0", "-", "3.0", "4.0", "1.844674407370955e19"]),
    ("dec9", ["1.25", "-", "-3.5", "0.0", "9999999.99"]),
    ("dec30", ["0.1", "-", "-0.3", "0.0", "1.2345678901234567e19"]),
    ("dec60", ["0.1", "-", "-0.3", "0.0", "1e40"]),
    ("truth", ["true", "-", "false", "true", "true"]),
    ("day", ["1709164800000000", "-", "-86400000000", "0", "946684800000000"]),
    ("seconds", ["1709209800000000", "-", "-1000000", "0", "946684800250000"]),
    ("micros", ["1709209800000000", "-", "-1000000", "0", "946684800250000"]),
    ("nanos", ["1709209800000000", "-", "-1000000", "0", "946684800250000"]),
    ("clock", ["3723000000", "-", "0", "43200000000", "86399999999"]),
    ("name", ["\"a\"", "-", "\"\"", "\"ü\"", "\"a\""]),
    ("kind", ["\"red\"", "-", "\"blue\"", "\"red\"", "\"red\""]),
    ("code", ["7", "-", "9", "7", "7"]),
    ("nothing", ["-"; 5]),
    ("pos.x", ["1.0", "-", "-", "5.0", "7.0"]),
    ("pos.y", ["2", "-", "4", "6", "8"]),
    ("embedding_1", ["1.0", "-", "4.0", "7.0", "10.0"]),
    ("embedding_2", ["2.0", "-", "-", "8.0", "11.0"]),
    ("embedding_3", ["3.0", "-", "6.0", "9.0", "12.0"]),
    ("fixed_1", ["1", "3", "-", "5", "7"]),
    ("fixed_2", ["2", "4", "-", "6", "8"]),
    ("uneven", ["-"; 5]),
    ("words", ["-"; 5]),
    ("deep", ["-"; 5]),
];

#[test]
fn every_type_is_read_as_it_was_written() {
    let mut parquet = open(&sample("types.parquet"));
    for (name, expected) in TYPES {
        assert_eq!(column(&mut parquet, name), expected, "{name}");
    }
    for codec in ["uncompressed", "lz4", "zstd"] {
        let mut numbers = open(&sample(&format!("numbers_{codec}.feather")));
        let mut others = open(&sample(&format!("others_{codec}.feather")));
        for (name, expected) in TYPES {
            let file = if numbers.names().contains(name) { &mut numbers } else { &mut others };
            assert_eq!(column(file, name), expected, "{codec}, {name}");
        }
        let long = "\"a longer text than fits into a view\"";
        assert_eq!(column(&mut others, "view"), ["\"a\"", "-", "\"\"", "\"ü\"", long]);
        assert_eq!(column(&mut others, "large"), ["\"a\"", "-", "\"\"", "\"ü\"", "\"a\""]);
        assert_eq!(column(&mut others, "took"), ["1", "-", "3", "4", "5"]);
        assert_eq!(column(&mut others, "small"), ["1.5", "-", "-2.5", "0.0", "3.0"]);
        assert_eq!(column(&mut others, "bytes"), ["\"00ff\"", "-", "\"\"", "\"61\"", "\"62\""]);
    }
    let mut old = open(&sample("int96.parquet"));
    assert_eq!(
        column(&mut old, "t"),
        ["1709209800000000", "-", "-1000000", "0", "946684800250000"]
    );
    let mut decimals = open(&sample("decimal_integers.parquet"));
    assert_eq!(column(&mut decimals, "d"), ["1.25", "-", "-3.5", "0.0", "9999999.99"]);
    let mut growing = open(&sample("dictionaries.arrows"));
    assert_eq!(column(&mut growing, "y"), ["5", "6", "6", "7"]);
}

#[test]
fn lists_and_structures_become_coordinates() {
    for name in ["types.parquet", "others_lz4.feather"] {
        let path = sample(name);
        let loaded = points(&path, &["embedding_1", "embedding_3"]);
        assert_eq!(
            loaded.cloud.coordinates(),
            [1.0, 3.0, 4.0, 6.0, 7.0, 9.0, 10.0, 12.0],
            "{name}"
        );
        assert_eq!(points(&path, &["pos.x", "pos.y"]).cloud.len(), 3, "{name}");
        assert_eq!(points(&path, &["micros"]).cloud.point(0), [1_709_209_800.0], "{name}");
        let uneven = message(&path, &["uneven"]);
        assert!(
            uneven.contains("row 1, column 'uneven': found 'a list of length 2 below one of 1'"),
            "{uneven}"
        );
        let text = message(&path, &["name", "pos.x"]);
        assert!(text.contains("column 'name' holds no numbers"), "{text}");
    }
}

#[test]
fn ranges_come_from_statistics_or_from_the_values() {
    let mut told = Vec::new();
    for name in ["types.parquet", "numbers_zstd.feather"] {
        let summaries = open(&sample(name)).describe(&mut Unobserved).expect("described");
        let of = |wanted: &str| {
            let found = summaries.iter().find(|summary| summary.name == wanted).expect(wanted);
            (found.r#type, found.range, found.missing)
        };
        assert_eq!(of("x"), (Holds::Numbers, Some([-4.0, 2.5]), Some(1)), "{name}");
        assert_eq!(of("uint32"), (Holds::Integers, Some([1.0, 4_294_967_295.0]), Some(1)));
        assert_eq!(of("dec9"), (Holds::Numbers, Some([-3.5, 9_999_999.99]), Some(1)));
        assert_eq!(of("truth"), (Holds::Booleans, Some([0.0, 1.0]), Some(1)), "{name}");
        told.push(summaries);
    }
    let find = |name: &str| told[0].iter().find(|summary| summary.name == name).expect("a column");
    assert_eq!(find("micros").range, Some([-1.0, 1_709_209_800.0]));
    assert_eq!(find("embedding_2").range, Some([2.0, 11.0]));
    assert_eq!(find("embedding_2").missing, Some(2));
    assert_eq!(find("nothing").missing, Some(5));
    assert_eq!(find("name").missing, Some(1));
}

/// A table with all that a column may hold, and values of each type.
fn table() -> (Vec<(String, Holds)>, Vec<Values>) {
    let columns = [
        ("x", Holds::Numbers),
        ("n, of", Holds::Integers),
        ("truth", Holds::Booleans),
        ("t", Holds::Times),
        ("name", Holds::Texts),
        ("none", Holds::Nothing),
    ];
    let values = vec![
        Values::Numbers(vec![0.1, MISSING, f64::NAN, 1e300, -0.0]),
        Values::Integers(vec![Some(i64::MAX), None, Some(-1), Some(0), Some(1)]),
        Values::Booleans(vec![Some(true), None, Some(false), Some(true), Some(true)]),
        Values::Times(vec![Some(0), None, Some(-1), Some(1_709_209_800_000_000), Some(1)]),
        Values::Texts(
            ["a", "-", "say \"x\",\ny", "ü", ""]
                .map(|text| Some(text.to_owned()).filter(|text| text != "-"))
                .into(),
        ),
        Values::Texts(vec![None; 5]),
    ];
    (columns.map(|(name, holds)| (name.to_owned(), holds)).into(), values)
}

type Make = fn(Output, &[(String, Holds)]) -> std::io::Result<Box<dyn TableWriter>>;

fn written(path: &Path, make: Make, columns: &[(String, Holds)], blocks: &[Vec<Values>]) {
    let file = fs::File::create(path).expect("a file");
    let mut writer = make(Box::new(file), columns).expect("a writer");
    for block in blocks {
        writer.write(block).expect("written");
    }
    writer.finish().expect("finished");
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (columns, values) = table();
    let many = 50_000;
    for (name, make) in [("t.parquet", parquet_writer as Make), ("t.arrow", arrow_writer)] {
        let path = folder.path().join(name);
        written(&path, make, &columns, &vec![values.clone(); many]);
        let mut file = open(&path);
        for ((column, holds), expected) in columns.iter().zip(&values) {
            let found = self::column(&mut file, column);
            let shown =
                if *holds == Holds::Nothing { vec!["-".to_owned(); 5] } else { shown(expected) };
            assert_eq!(found.len(), 5 * many, "{name}, {column}");
            assert!(found.chunks(5).all(|rows| rows == shown), "{name}, {column}");
        }
        let empty = folder.path().join(format!("empty_{name}"));
        written(&empty, make, &columns, &[]);
        assert_eq!(open(&empty).names(), ["x", "n, of", "truth", "t", "name", "none"]);
    }
    let path = folder.path().join("t.csv");
    written(&path, csv_writer, &columns, &[values]);
    let text = fs::read_to_string(&path).expect("text");
    assert_eq!(
        text,
        "x,\"n, of\",truth,t,name,none\n\
         0.1,9223372036854775807,true,1970-01-01T00:00:00Z,a,\n\
         ,,,,,\n\
         NaN,-1,false,1969-12-31T23:59:59.999999Z,\"say \"\"x\"\",\ny\",\n\
         1e300,0,true,2024-02-29T12:30:00Z,ü,\n\
         -0,1,true,1970-01-01T00:00:00.000001Z,,\n"
    );
}

#[test]
fn bad_files_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let parquet = fs::read(sample("points_none.parquet")).expect("a sample");
    let arrow = fs::read(sample("polars.arrow")).expect("a sample");
    let stream = fs::read(sample("points_stream.arrows")).expect("a sample");
    let lie = |bytes: &[u8], from_end: usize, value: u32| {
        let mut bytes = bytes.to_vec();
        let place = bytes.len() - from_end;
        bytes[place..place + 4].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    let encrypted = [&parquet[..parquet.len() - 4], b"PARE"].concat();
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("a.parquet", parquet[..parquet.len() / 2].to_vec(), "does not end with PAR1"),
        ("a.parquet", b"PAR1".to_vec(), "does not end with PAR1"),
        ("a.parquet", lie(&parquet, 8, u32::MAX), "its footer claims 4294967295 bytes"),
        ("a.parquet", lie(&parquet, 8, 4), "its footer"),
        ("a.parquet", encrypted, "an encrypted table"),
        ("a.arrow", arrow[..arrow.len() - 7].to_vec(), "does not end with ARROW1"),
        ("a.arrow", b"ARROW1\0\0".to_vec(), "does not end with ARROW1"),
        ("a.arrow", lie(&arrow, 10, i32::MAX as u32), "its footer claims 2147483647 bytes"),
        ("a.arrows", stream[..stream.len() - 100].to_vec(), "cut short"),
        ("a.feather", b"FEA1 and so on".to_vec(), "a Feather file of version 1"),
    ];
    for (name, bytes, expected) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("written");
        let message = message(&path, &[]);
        assert!(message.contains(expected), "{expected}: {message}");
        assert!(message.starts_with(name), "{message}");
    }
}

#[test]
fn a_name_that_says_something_else_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for (from, to, format) in
        [("points_zstd.parquet", "a.csv", "Parquet"), ("polars.arrow", "a.parquet", "Arrow")]
    {
        let path = folder.path().join(to);
        fs::copy(sample(from), &path).expect("copied");
        let report = points(&path, &[]).report;
        let told = format!("but the file is {format}");
        assert!(report.notes.iter().any(|note| note.ends_with(&told)), "{:?}", report.notes);
    }
}

#[test]
fn wide_tables_are_read_and_too_wide_ones_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let columns: Vec<(String, Holds)> =
        (0..10_000).map(|k| (format!("c{k}"), Holds::Numbers)).collect();
    let values: Vec<Values> =
        (0..10_000).map(|k| Values::Numbers(vec![f64::from(k), 0.5])).collect();
    for (name, make) in [("w.parquet", parquet_writer as Make), ("w.arrow", arrow_writer)] {
        let path = folder.path().join(name);
        written(&path, make, &columns, std::slice::from_ref(&values));
        let loaded = points(&path, &["c9999", "c1"]);
        assert_eq!(loaded.cloud.coordinates(), [9999.0, 1.0, 0.5, 0.5]);
        assert_eq!(points(&path, &[]).cloud.dim(), 2);
    }
}
