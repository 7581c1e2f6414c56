//! Files as people have them, good and bad: what is loaded, and what the message says.

use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use sigmascope_core::{
    engine::{Progress, Unobserved, go_on_if},
    model::{Reading, Weights},
};
use sigmascope_io::{LoadError, LoadOptions, Loaded, load};

const AIRPORTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/airports.csv");

/// A folder with one file in it.
struct Sample {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn file(name: &str, content: impl AsRef<[u8]>) -> Sample {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a temporary file");
    Sample { _folder: folder, path }
}

fn options(columns: &[&str]) -> LoadOptions {
    LoadOptions { columns: columns.iter().map(|&c| c.to_owned()).collect(), ..Default::default() }
}

fn loaded(content: impl AsRef<[u8]>, columns: &[&str]) -> Result<Loaded, LoadError> {
    let sample = file("points.csv", content);
    load(&sample.path, &options(columns), &mut Unobserved)
}

fn points(content: impl AsRef<[u8]>) -> Vec<f64> {
    match loaded(&content, &[]) {
        Ok(loaded) => loaded.cloud.coordinates().to_vec(),
        Err(err) => panic!("{err}\n{}", String::from_utf8_lossy(content.as_ref())),
    }
}

/// The message without the folder.
fn message(content: impl AsRef<[u8]>, columns: &[&str]) -> String {
    let sample = file("points.csv", content);
    let err = load(&sample.path, &options(columns), &mut Unobserved).expect_err("a bad file");
    without_folder(&sample.path, &err)
}

fn without_folder(path: &Path, err: &LoadError) -> String {
    let folder = path.parent().expect("the file is in a folder");
    err.to_string().replace(&format!("{}/", folder.display()), "")
}

#[test]
fn airports_are_found_by_longitude_and_latitude() {
    let Loaded { cloud, report, .. } =
        load(Path::new(AIRPORTS), &LoadOptions::default(), &mut Unobserved)
            .expect("the example loads");
    assert_eq!((cloud.len(), cloud.dim()), (3376, 2));
    assert_eq!(cloud.axes(), ["longitude", "latitude"]);
    assert_eq!(cloud.point(0), [-89.234_504_72, 31.953_764_72]);
    assert_eq!(report.format, "CSV, separator ','");
    assert_eq!(report.rows_read, 3376);
    assert_eq!(report.rows_dropped(), 0);
    assert_eq!(report.columns_available, ["latitude", "longitude"]);
    assert_eq!(report.columns_skipped, ["iata", "name", "city", "state", "country"]);
    assert!(report.ranges[1][0] > 0.0 && report.ranges[1][1] < 72.0, "{:?}", report.ranges);
    assert!(report.summary().starts_with("airports.csv: 3376 points from 'longitude' ("));

    let named = load(Path::new(AIRPORTS), &options(&["6", "LONGITUDE"]), &mut Unobserved);
    assert_eq!(named.expect("numbers and case are fine").cloud.axes(), ["latitude", "longitude"]);
}

#[test]
fn separators_ends_and_marks_make_no_difference() {
    let utf16 = |text: &str, little: bool| -> Vec<u8> {
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
    };
    let cases: Vec<Vec<u8>> = [
        "x,y\n1.5,2.5\n3.5,-4.5\n",
        "x,y\r\n1.5,2.5\r\n3.5,-4.5\r\n",
        "x,y\r1.5,2.5\r3.5,-4.5\r",
        "x,y\n1.5,2.5\n3.5,-4.5",
        "\u{feff}x,y\n1.5,2.5\n3.5,-4.5\n",
        "\u{feff}\u{feff}x,y\n1.5,2.5\n3.5,-4.5\n",
        "\u{feff}1.5,2.5\n\u{feff}\"3.5\",-4.5\n\u{feff}\n",
        " \u{feff}1.5\t2.5\n\n \u{feff}3.5\t-4.5",
        "\n\nx,y\n\n1.5,2.5\n  \n3.5,-4.5\n\n",
        "1.5,2.5\n3.5,-4.5\n",
        "x;y\n1.5;2.5\n3.5;-4.5\n",
        "x;y\n1,5;2,5\n3,5;-4,5\n",
        "1,5;2,5\n3,5;-4,5",
        "\"1,5\",\"2,5\"\n\"3,5\",\"-4,5\"\n",
        "x\ty\n1.5\t2.5\n3.5\t-4.5\n",
        "x\ty\n1,5\t2,5\n3,5\t-4,5\n",
        "x|y\n1.5|2.5\n3.5|-4.5\n",
        "  x    y\n 1.5  2.5\n 3.5 -4.5\n",
        "1,5   2,5\n3,5  -4,5",
        "1.5 \t2.5\n3.5 \t-4.5 ",
        "# made by hand\n# x y\n1.5 2.5\n3.5 -4.5\n",
        "# one, \"two\n# x,y\nx,y\n1.5,2.5\n# between\n3.5,-4.5\n",
        "\"x\",\"y\"\n\"1.5\",\"2.5\"\n\"3.5\",\"-4.5\"\n",
        "x, y\n1.5, 2.5\n3.5, \"-4.5\"\n",
        "x,name,y\n1.5,\"a, \"\"b\"\"\nc\",2.5\n3.5,d,-4.5\n",
        ",x,y\n0,1.5,2.5\n1,3.5,-4.5\n",
        "id,x,y\n7,+1.5,25e-1\n8,3.5,-.45E1\n",
        "lat,lon\n2.5,1.5\n-4.5,3.5\n",
        "name,a,b\nParis,1.5,2.5\nRome,3.5,-4.5\n",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .chain([utf16("x,y\n1.5,2.5\r\n3.5,-4.5", true), utf16("é 😀;y\n1,5;2,5\n3,5;-4,5", false)])
    .chain([b"n\xe4me,x,y\nM\xfcller,1.5,2.5\nK\xf6hler,3.5,-4.5\n".to_vec()])
    .collect();
    for content in cases {
        let found = points(&content);
        assert_eq!(found, [1.5, 2.5, 3.5, -4.5], "{}", String::from_utf8_lossy(&content));
    }
}

#[test]
fn the_format_is_told_in_words() {
    let cases = [
        ("x;y\n1,5;2,5\n", "CSV, separator ';', decimal comma"),
        ("x\ty\n1\t2\n", "CSV, separator tab"),
        ("1 2\n3 4\n", "CSV, separated by spaces"),
        ("x;y\n1,234.5;2\n", "CSV, separator ';', thousands separators"),
    ];
    for (content, words) in cases {
        assert_eq!(loaded(content, &[]).expect(content).report.format, words);
    }
}

#[test]
fn names_come_from_the_header_the_comment_or_the_position() {
    let cases: &[(&str, &[&str])] = &[
        ("a,b\n1,2\n", &["a", "b"]),
        ("a,a\n1,2\n", &["a", "a_2"]),
        ("1,2\n3,4\n", &["x1", "x2"]),
        ("2019,2020\n1.5,2.5\n", &["2019", "2020"]),
        ("2019,2020\n2021,2022\n", &["x1", "x2"]),
        (",0,1\n0,0.5,0.7\n1,1.5,0.2\n", &["0", "1"]),
        ("\"x\" \"y\"\n\"1\" 0.5 0.7\n\"2\" 1.5 0.2\n", &["x", "y"]),
        ("# u v\n1 2\n3 4\n", &["u", "v"]),
        ("#u,v\n1,2\n3,4\n", &["u", "v"]),
        ("Paris,1,2\nRome,3,4\n", &["x2", "x3"]),
    ];
    for (content, names) in cases {
        assert_eq!(loaded(content, &[]).expect(content).cloud.axes(), *names, "{content:?}");
    }
}

#[test]
fn rows_with_gaps_are_dropped_and_counted_by_kind() {
    let content = "x,y\n1,2\n,2\nNA,nan\nn/a,3\nnull,3\nnan,1\n1,inf\n-Infinity,1\n1e999,2\n3,4\n";
    let Loaded { cloud, report, .. } = loaded(content, &[]).expect("two rows are left");
    assert_eq!(cloud.coordinates(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(report.rows_read, 10);
    assert_eq!(report.rows_dropped_missing, 4);
    assert_eq!(report.rows_dropped_nan, 1);
    assert_eq!(report.rows_dropped_infinite, 3);
    assert!(report.summary().contains(
        "dropped 8 of 10 rows: 4 with a missing value, 1 with NaN, 3 with an infinite value"
    ));
    assert_eq!(report.ranges, [[1.0, 3.0], [2.0, 4.0]]);
    let json = serde_json::to_value(&report).expect("a report is plain data");
    assert_eq!(json["rows_dropped_nan"], 1);
}

#[test]
fn coordinates_become_logarithms_where_they_are_asked_for() {
    let content = "mass,age\n10,1\n0,2\n-5,3\n,4\n1000,0.01\n";
    let sample = file("points.csv", content);
    let with = |log: &[&str]| {
        let log = log.iter().map(|name| (*name).to_owned()).collect();
        let reading = Reading { log, ..Reading::default() };
        load(&sample.path, &LoadOptions { reading, ..options(&[]) }, &mut Unobserved)
    };
    for names in [["mass"], ["MASS"], ["1"], ["x"]] {
        let Loaded { cloud, report, .. } = with(&names).expect("two rows are left");
        assert_eq!(cloud.coordinates(), [1.0, 1.0, 3.0, 0.01], "{names:?}");
        assert_eq!(cloud.logarithmic(), [true, false]);
        assert_eq!((report.rows_dropped_not_positive, report.rows_dropped_missing), (2, 1));
        let told = report.told().join("\n");
        assert!(told.contains("2 with a value that is not above 0"), "{told}");
        assert!(told.contains("summed in logarithms to base 10: 'mass'"), "{told}");
        let json = serde_json::to_value(&report).expect("plain data");
        assert_eq!(json["first_dropped"]["not_positive"], serde_json::json!([1, 2]));
    }
    let both = with(&["x", "age"]).expect("two rows are left").cloud;
    assert_eq!(both.coordinates(), [1.0, 0.0, 3.0, -2.0]);
    let refused = with(&["weight"]).expect_err("there is none").to_string();
    assert!(refused.contains("'weight'") && refused.contains("--log"), "{refused}");
}

fn weighted(
    content: impl AsRef<[u8]>,
    columns: &[&str],
    weights: Weights,
) -> Result<Loaded, LoadError> {
    let sample = file("points.csv", content);
    load(&sample.path, &LoadOptions { weights: Some(weights), ..options(columns) }, &mut Unobserved)
}

fn column(name: &str) -> Weights {
    Weights::Column(name.to_owned())
}

#[test]
fn weights_come_from_a_column_that_is_no_coordinate() {
    let cases: &[(&str, &[&str], &str)] = &[
        ("x,y,w\n1,2,0.5\n3,4,-1\n", &[], "w"),
        ("x,y,w\n1,2,0.5\n3,4,-1\n", &[], "3"),
        ("w,a,b\n0.5,1,2\n-1,3,4\n", &[], "W"),
        ("a;w;b\n1;0,5;2\n3;-1;4\n", &[], "2"),
        ("0.5 1 2\n-1 3 4\n", &[], "1"),
        ("a,w,b,c\n1,0.5,7,2\n3,-1,7,4\n", &["a", "c"], "w"),
    ];
    for (content, columns, name) in cases {
        let Loaded { cloud, report, .. } =
            weighted(content, columns, column(name)).expect("it has weights");
        assert_eq!(cloud.coordinates(), [1.0, 2.0, 3.0, 4.0], "{content}");
        assert_eq!(cloud.weights(), Some(&[0.5, -1.0][..]), "{content}");
        let used = report.weights.expect("a name");
        assert!(report.columns_available.contains(&used) && !report.columns_used.contains(&used));
    }
    assert_eq!(loaded("x,y,w\n1,2,0.5\n", &[]).expect("points").cloud.weights(), None);
}

#[test]
fn rows_without_a_weight_are_dropped_and_counted_by_kind() {
    let content = "x,y,w\n1,2,1\n1,2,\n1,2,NA\n1,2,nan\n1,2,inf\n1,2,1e999\n,2,1\n3,4,-0.0\n";
    let Loaded { cloud, report, .. } = weighted(content, &[], column("w")).expect("two are left");
    assert_eq!(cloud.coordinates(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(cloud.weights(), Some(&[1.0, 0.0][..]));
    assert_eq!((report.rows_read, report.rows_kept()), (8, 2));
    assert_eq!(report.rows_dropped_missing, 3);
    assert_eq!((report.rows_dropped_nan, report.rows_dropped_infinite), (1, 2));
    assert!(report.summary().contains("weighted by 'w'"), "{}", report.summary());
    assert!(!report.summary().contains("other columns"), "{}", report.summary());
}

#[test]
fn weights_come_from_arrays_too() {
    let doubles = |values: &[f64]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let rows = [9.0, 1.0, 2.0, f64::NAN, 1.0, 1.0, -1.0, 3.0, 4.0, 1.0, 1.0, f64::INFINITY];
    let columns = [9.0, f64::NAN, -1.0, 1.0, 1.0, 1.0, 3.0, 1.0, 2.0, 1.0, 4.0, f64::INFINITY];
    for (fortran, values) in [(false, &rows), (true, &columns)] {
        let array = npy("<f8", fortran, "(4, 3)", &doubles(values));
        let Loaded { cloud, report, .. } = weighted(array, &[], column("1")).expect("two are left");
        assert_eq!(cloud.coordinates(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(cloud.weights(), Some(&[9.0, -1.0][..]));
        assert_eq!((report.rows_dropped_nan, report.rows_dropped_infinite), (1, 1));
        assert_eq!(report.columns_used, ["x2", "x3"]);
    }

    // A file of their own has one for each row, those included that are dropped for another reason.
    let text = "x,y\n1,2\n,2\n5,6\n3,4\n".as_bytes().to_vec();
    let array = npy("<f4", false, "(4, 2)", &{
        let values = [1.0_f32, 2.0, f32::NAN, 2.0, 5.0, 6.0, 3.0, 4.0];
        values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()
    });
    for shape in ["(4,)", "(4, 1)"] {
        let own = file("w.npy", npy("<f8", false, shape, &doubles(&[0.5, 7.0, f64::NAN, -1.0])));
        for content in [&text, &array] {
            let weights = Weights::File(own.path.clone());
            let Loaded { cloud, report, .. } =
                weighted(content, &[], weights).expect("two are left");
            assert_eq!(cloud.coordinates(), [1.0, 2.0, 3.0, 4.0]);
            assert_eq!(cloud.weights(), Some(&[0.5, -1.0][..]));
            assert_eq!(report.rows_dropped(), 2);
            assert_eq!(report.weights.as_deref(), Some("w.npy"));
        }
    }
}

#[test]
fn thousands_are_read_when_there_is_one_way_to() {
    assert_eq!(points("x;y\n1,234;0.5\n1,234,567;2\n"), [1234.0, 0.5, 1_234_567.0, 2.0]);
    assert_eq!(points("x;y\n1.234;0,5\n1.234,5;2\n"), [1234.0, 0.5, 1234.5, 2.0]);
    assert_eq!(points("x,y\n\"1,234\",0.5\n\"12\",2\n"), [1234.0, 0.5, 12.0, 2.0]);
    assert_eq!(points("x;y\n1.234;0.500\n"), [1.234, 0.5]);
}

#[test]
fn bad_text_is_explained() {
    let cases: &[(&str, &[&str], &str)] = &[
        (
            "x,y\n1,2\n3,4,5\n",
            &[],
            "points.csv: 1 of 2 rows cannot be read: line 3 has 3 fields: expected at most a fifth \
             of such rows, which are left out; give every row 2 fields, or quote what holds separators",
        ),
        (
            "x,y\n\"1,2\n3,4\n",
            &[],
            "points.csv: line 2 has a quote that is not closed before the end of the file: expected \
             a second one behind the field; close it or remove it",
        ),
        (
            "x,y\r1,2\r3,4\r5,oops\r",
            &[],
            "points.csv: 1 of 3 rows cannot be read: line 4, column 'y': 'oops': expected at most a \
             fifth of such rows, which are left out; correct or empty the cells, or choose other \
             columns with --columns",
        ),
        (
            "n,x,y\n\"a\nb\",1,2\nc,3,4\nd,5,!\n",
            &["x", "y"],
            "points.csv: 1 of 3 rows cannot be read: line 5, column 'y': '!': expected at most a \
             fifth of such rows, which are left out; correct or empty the cells, or choose other \
             columns with --columns",
        ),
        (
            "city,x,y\nParis,1,2\nRome,3,4\n",
            &["x", "city"],
            "points.csv: line 2, column 'city': found 'Paris': expected a number; choose among the \
             columns of numbers with --columns: 'x', 'y'",
        ),
        (
            "x;y\n1,234;5,678\n",
            &[],
            "points.csv: line 2, column 'x': '1,234' could mean 1.234 or 1234: expected a number \
             that can be read one way only; write it without a thousands separator",
        ),
        (
            "x;y\n1;1.5\n2;2,5\n",
            &[],
            "points.csv: line 2 has '1.5' and line 3 has '2,5': expected one decimal mark, a point \
             or a comma, throughout; rewrite one of them",
        ),
        (
            "name,city\na,b\nc,d\n",
            &[],
            "points.csv: found no column of numbers, text: 'name', 'city' (such as 'a' in line 2): \
             expected at least 1 column of numbers; add the missing column, or name the columns to \
             use with --columns",
        ),
        (
            "x,y\n1,2\n",
            &["x", "lat"],
            "points.csv: there is no column 'lat': expected one of 'x', 'y', or a number from 1 \
             to 2; correct --columns",
        ),
        (
            "longitude,latitude\n1,2\n",
            &["longitude", "lattitude"],
            "points.csv: there is no column 'lattitude': expected one of 'longitude', 'latitude', \
             or a number from 1 to 2 (did you mean 'latitude'?); correct --columns",
        ),
        (
            "x,y\nNA,2\n1,inf\n",
            &[],
            "points.csv: all 2 rows were dropped (1 with a missing value, 1 with an infinite \
             value): expected at least one row of finite numbers in the columns 'x', 'y'; choose \
             other columns with --columns",
        ),
        (
            "",
            &[],
            "points.csv: the file is empty: expected rows of numbers; check that the right file \
             was named",
        ),
        (
            "\n \r\n",
            &[],
            "points.csv: the file is empty: expected rows of numbers; check that the right file \
             was named",
        ),
        (
            "x,y\n",
            &[],
            "points.csv: there is one row of names and nothing below it: expected rows of numbers; \
             check that the right file was named",
        ),
        (
            "# only\n# comments\n",
            &[],
            "points.csv: there is nothing but comments: expected rows of numbers; check that \
             the right file was named",
        ),
        (
            "x,y\n1,2\n3,\0\n",
            &[],
            "points.csv: this looks like a binary file (it has zero bytes): expected a file of \
             points; export the points as CSV or NPY",
        ),
        (
            "PK\x03\x04rest",
            &[],
            "points.csv: the zip file is broken: its directory cannot be read (invalid Zip archive: Could \
             not find EOCD): expected a whole zip archive; copy it again, or extract the file of points \
             in it",
        ),
    ];
    for (content, columns, expected) in cases {
        assert_eq!(message(content, columns), *expected, "{content:?}");
    }
}

#[test]
fn a_spoilt_column_that_nobody_needs_is_left_out() {
    let mut content = String::from("a,b,c\n");
    for i in 0..5000 {
        let b = if i == 4000 { "bad" } else { "1" };
        writeln!(content, "{i}.5,{b},{i}.25").expect("a string takes it");
    }
    let Loaded { cloud, report, .. } = loaded(&content, &[]).expect("a and c are numbers");
    assert_eq!(cloud.axes(), ["a", "c"]);
    assert_eq!(report.columns_available, ["a", "b", "c"]);
    assert_eq!(report.rows_dropped(), 0);

    // Where it is needed, the row is left out.
    let Loaded { cloud, report, .. } = loaded(&content, &["a", "b"]).expect("one row is spoilt");
    assert_eq!((cloud.len(), report.rows_read, report.rows_dropped_text), (4999, 5000, 1));
    assert_eq!(report.bad_rows, ["line 4002, column 'b': 'bad'"]);
}

#[test]
fn wide_tables_work_up_to_a_limit() {
    let row = |count: usize| (0..count).map(|k| k.to_string()).collect::<Vec<_>>().join(",");
    let Loaded { cloud, report, .. } =
        loaded(format!("{0}\n{0}\n", row(20_000)), &["20000", "1"]).expect("20,000 columns");
    assert_eq!(cloud.coordinates(), [19_999.0, 0.0, 19_999.0, 0.0]);
    assert!(report.summary().len() < 500, "{}", report.summary());
    assert_eq!(
        message(row(100_001), &[]),
        "points.csv: there are 100001 columns: expected at most 100000; if the table lies on its \
         side, transpose it"
    );
}

#[test]
fn a_row_without_an_end_is_refused() {
    let mut content = b"x,y\n1,2\n3,\"".to_vec();
    content.resize(18 << 20, b'7');
    assert_eq!(
        message(content, &[]),
        "points.csv: the row that starts after line 2 is longer than 16.0 MiB: expected a line end \
         before that; look for a quote that is not closed"
    );
}

#[test]
fn budgets_are_kept_and_named() {
    let with_budget = |content: &[u8], byte_budget| {
        let sample = file("points.csv", content);
        let options = LoadOptions { byte_budget, ..LoadOptions::default() };
        let result = load(&sample.path, &options, &mut Unobserved);
        result.map(|loaded| loaded.cloud.len()).map_err(|err| without_folder(&sample.path, &err))
    };
    let content = "1,2\n".repeat(1000);
    assert_eq!(with_budget(content.as_bytes(), 16_000), Ok(1000));
    assert_eq!(
        with_budget(content.as_bytes(), 15_999),
        Err("points.csv: its 1000 points need 15.6 KiB: expected at most 15.6 KiB; choose a \
             smaller file or raise the memory budget"
            .to_owned())
    );
    assert_eq!(
        with_budget(content.as_bytes(), 1024),
        Err(
            "points.csv: the file has 3.9 KiB: expected at most 1.0 KiB; choose a smaller file or \
             raise the memory budget"
                .to_owned()
        )
    );
    let array = npy("<f4", false, "(500, 2)", &[0; 4000]);
    assert_eq!(
        with_budget(&array, 5000),
        Err("points.csv: its 500 points need 7.8 KiB: expected at most 4.9 KiB; choose a smaller \
             file or raise the memory budget"
            .to_owned())
    );
}

#[test]
fn progress_rises_and_cancelling_stops() {
    let text = file("points.csv", "1.25,2.5\n".repeat(800_000));
    let array = |fortran| npy("<f8", fortran, "(200000, 2)", &vec![0; 3_200_000]);
    let (rows, columns) = (file("rows.npy", array(false)), file("columns.npy", array(true)));
    // In Fortran order the later column is read first when it is the first coordinate.
    let cases: &[(&Sample, &[&str], usize)] =
        &[(&text, &[], 10), (&rows, &[], 4), (&columns, &[], 4), (&columns, &["2", "1"], 4)];
    for (sample, names, at_least) in cases {
        let seen = RefCell::new(Vec::new());
        load(&sample.path, &options(names), &mut |Progress { fraction }: Progress| {
            seen.borrow_mut().push(fraction);
            go_on_if(true)
        })
        .expect("it loads");
        let seen = seen.into_inner();
        assert!(seen.len() >= *at_least && seen.is_sorted(), "{names:?}: {seen:?}");
        assert!(seen[0] >= 0.0 && seen.last().is_some_and(|&last| last <= 1.0 && last > 0.6));
    }
    for (sample, names, _) in cases {
        for stop_at in [0, 2] {
            let calls = Cell::new(0);
            let result = load(&sample.path, &options(names), &mut |_: Progress| {
                calls.set(calls.get() + 1);
                go_on_if(calls.get() <= stop_at)
            });
            assert!(matches!(result, Err(LoadError::Cancelled)), "{result:?}");
            assert_eq!(calls.get(), stop_at + 1);
        }
    }
}

#[test]
fn only_plain_files_are_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let refusal = |path: &Path| {
        let err = load(path, &options(&[]), &mut Unobserved).expect_err("not a plain file");
        without_folder(path, &err)
    };
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).expect("a folder");
    assert_eq!(
        refusal(&inner),
        "inner: this is a folder: expected a plain file; name a file of points"
    );
    let absent = refusal(&folder.path().join("absent.csv"));
    assert!(absent.starts_with("absent.csv: cannot open the file: "), "{absent}");
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo runs").success());
        assert!(refusal(&pipe).starts_with("pipe: this is a pipe: expected a plain file"));
        let link = folder.path().join("link.csv");
        std::os::unix::fs::symlink(&pipe, &link).expect("a link");
        assert!(refusal(&link).starts_with("link.csv: this is a pipe"));
        assert!(refusal(Path::new("/dev/zero")).contains("this is a device"));

        let target = folder.path().join("points.csv");
        std::fs::write(&target, "1,2\n").expect("a file");
        std::fs::remove_file(&link).expect("the link goes");
        std::os::unix::fs::symlink(&target, &link).expect("a link");
        assert_eq!(
            load(&link, &options(&[]), &mut Unobserved).expect("a link to a file").cloud.len(),
            1
        );
    }
}

/// An NPY file; the header is padded as `NumPy` does.
fn npy(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    let descr = if descr.starts_with('[') { descr.to_owned() } else { format!("'{descr}'") };
    raw_npy(
        [1, 0],
        &format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}"),
        data,
    )
}

fn raw_npy(version: [u8; 2], header: &str, data: &[u8]) -> Vec<u8> {
    let mut text = header.to_owned();
    while !(text.len() + 11).is_multiple_of(64) {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend(version);
    if version[0] == 1 {
        bytes.extend((text.len() as u16).to_le_bytes());
    } else {
        bytes.extend((text.len() as u32).to_le_bytes());
    }
    bytes.extend(text.bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn arrays_of_every_number_type_and_order_load() {
    // The points (1, 2), (3, 4), (5, 6), in C order.
    let values = [1_u8, 2, 3, 4, 5, 6];
    macro_rules! data {
        ($type:ty, $bytes:ident) => {
            values.iter().flat_map(|&v| (v as $type).$bytes()).collect::<Vec<u8>>()
        };
    }
    let halves = |big: bool| -> Vec<u8> {
        // 1 to 6 in half precision.
        let bits = [0x3c00_u16, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600];
        bits.iter().flat_map(|b| if big { b.to_be_bytes() } else { b.to_le_bytes() }).collect()
    };
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("|u1", "uint8", values.to_vec()),
        ("|i1", "int8", values.to_vec()),
        ("<u2", "uint16", data!(u16, to_le_bytes)),
        (">u2", "uint16, big-endian", data!(u16, to_be_bytes)),
        ("<i2", "int16", data!(i16, to_le_bytes)),
        (">i2", "int16, big-endian", data!(i16, to_be_bytes)),
        ("<u4", "uint32", data!(u32, to_le_bytes)),
        (">u4", "uint32, big-endian", data!(u32, to_be_bytes)),
        ("<i4", "int32", data!(i32, to_le_bytes)),
        (">i4", "int32, big-endian", data!(i32, to_be_bytes)),
        ("<u8", "uint64", data!(u64, to_le_bytes)),
        (">u8", "uint64, big-endian", data!(u64, to_be_bytes)),
        ("<i8", "int64", data!(i64, to_le_bytes)),
        (">i8", "int64, big-endian", data!(i64, to_be_bytes)),
        ("<f2", "float16", halves(false)),
        (">f2", "float16, big-endian", halves(true)),
        ("<f4", "float32", data!(f32, to_le_bytes)),
        (">f4", "float32, big-endian", data!(f32, to_be_bytes)),
        ("<f8", "float64", data!(f64, to_le_bytes)),
        (">f8", "float64, big-endian", data!(f64, to_be_bytes)),
    ];
    for (descr, words, data) in cases {
        let Loaded { cloud, report, .. } =
            loaded(npy(descr, false, "(3, 2)", &data), &[]).expect(descr);
        assert_eq!(cloud.coordinates(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "{descr}");
        assert_eq!(report.format, format!("NPY, {words}, C order"));
        assert_eq!(cloud.axes(), ["x1", "x2"]);
        let Loaded { cloud, report, .. } =
            loaded(npy(descr, true, "(3, 2)", &data), &[]).expect(descr);
        assert_eq!(cloud.coordinates(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0], "{descr}");
        assert_eq!(report.format, format!("NPY, {words}, Fortran order"));
        let picked = loaded(npy(descr, false, "(2, 3)", &data), &["3", "1"]).expect(descr);
        assert_eq!(picked.cloud.coordinates(), [3.0, 1.0, 6.0, 4.0], "{descr}");
    }
    let bools = loaded(npy("|b1", false, "(2, 2)", &[0, 1, 1, 0]), &[]).expect("0 and 1");
    assert_eq!(bools.cloud.coordinates(), [0.0, 1.0, 1.0, 0.0]);
    for version in [[2, 0], [3, 0]] {
        let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2), }";
        let array = loaded(raw_npy(version, header, &[7, 8]), &[]).expect("a later version");
        assert_eq!(array.cloud.coordinates(), [7.0, 8.0]);
    }
}

#[test]
fn a_flat_array_is_points_on_a_line() {
    let sample = file("points.npy", npy("|u1", false, "(3,)", &[3, 1, 2]));
    for dim in [None, Some(1)] {
        let options = LoadOptions { dim, ..LoadOptions::default() };
        let cloud = load(&sample.path, &options, &mut Unobserved).expect("three points").cloud;
        assert_eq!((cloud.dim(), cloud.coordinates()), (1, &[3.0, 1.0, 2.0][..]));
    }
    let options = LoadOptions { dim: Some(3), ..LoadOptions::default() };
    let err = load(&sample.path, &options, &mut Unobserved);
    let message = err.expect_err("too few").to_string();
    assert!(message.contains("shape (n, d) with d at least 3") && message.contains("--dim"));
}

#[test]
fn large_arrays_come_whole_in_both_orders() {
    let n = 200_001_usize;
    let c: Vec<u8> =
        (0..n).flat_map(|i| [i as f32, -(i as f32), 0.5]).flat_map(f32::to_le_bytes).collect();
    let fortran: Vec<u8> = (0..3 * n)
        .map(|k| match k / n {
            0 => k as f32,
            1 => -((k - n) as f32),
            _ => 0.5,
        })
        .flat_map(f32::to_le_bytes)
        .collect();
    let shape = format!("({n}, 3)");
    let rows = loaded(npy("<f4", false, &shape, &c), &[]).expect("C order").cloud;
    let columns = loaded(npy("<f4", true, &shape, &fortran), &[]).expect("Fortran order").cloud;
    assert_eq!(rows, columns);
    assert_eq!(rows.point(n - 1), [200_000.0, -200_000.0, 0.5]);
}

#[test]
fn gaps_in_arrays_are_dropped_and_counted() {
    let data: Vec<u8> = [1.0, 2.0, f64::NAN, 1.0, f64::INFINITY, f64::NAN, 3.0, -f64::INFINITY]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let Loaded { cloud, report, .. } =
        loaded(npy("<f8", false, "(4, 2)", &data), &[]).expect("one row is left");
    assert_eq!(cloud.coordinates(), [1.0, 2.0]);
    assert_eq!(report.rows_read, 4);
    assert_eq!((report.rows_dropped_nan, report.rows_dropped_infinite), (2, 1));
}

#[test]
fn bad_arrays_are_explained() {
    let header = "the NPY header is broken: ";
    let plain = "expected plain integers or floats; ";
    let cases: Vec<(Vec<u8>, &[&str], Vec<&str>)> = vec![
        (
            npy("<f8", false, "(3, 2)", &[0; 40]),
            &[],
            vec![
                "has 168 bytes: expected 176 for its header and a float64 array of shape (3, 2); it is cut short",
            ],
        ),
        (
            npy("<f8", false, "(2, 2)", &[0; 33]),
            &[],
            vec!["expected 160", "followed by other data"],
        ),
        (
            npy("<f8", false, "(1000000000000, 2)", &[]),
            &[],
            vec!["expected 16000000000128 for", "cut short"],
        ),
        (npy("<f8", false, "()", &[0; 8]), &[], vec!["a single number, shape ()"]),
        (npy("<f8", false, "(1, 2, 2)", &[0; 32]), &[], vec!["3 axes", "reshape"]),
        (npy("<f8", false, "(0, 2)", &[]), &[], vec!["the array is empty, shape (0, 2)"]),
        (
            npy("|b1", false, "(1, 2)", &[1, 2]),
            &[],
            vec!["something that is no bool (invalid value for bool: 2): expected what its header"],
        ),
        (npy("|O", false, "(1, 2)", &[0; 9]), &[], vec!["Python objects (a pickle)", plain]),
        (npy("<c16", false, "(1, 2)", &[0; 32]), &[], vec!["complex numbers", plain]),
        (npy("<U3", false, "(1, 2)", &[0; 24]), &[], vec!["text", plain]),
        (npy("|S3", false, "(1, 2)", &[0; 6]), &[], vec!["text", plain]),
        (npy("<M8[ns]", false, "(1, 2)", &[0; 16]), &[], vec!["dates or durations", plain]),
        (npy("<f16", false, "(1, 2)", &[0; 32]), &[], vec!["the type '<f16'", plain]),
        (npy("|V4", false, "(1, 2)", &[0; 8]), &[], vec!["raw bytes", plain]),
        (
            npy("[('x', '<U4'), ('y', '|S8')]", false, "(1,)", &[0; 24]),
            &[],
            vec!["found no column of numbers, text: 'x', 'y'"],
        ),
        (
            npy("[('x', '<f4'), ('y', '<f4')]", false, "(1, 2)", &[0; 16]),
            &[],
            vec!["2 axes of records: expected one axis, shape (n,)"],
        ),
        (npy("<f8", false, "(-1, 2)", &[]), &[], vec![header, "negative"]),
        (npy("<f8", false, "(4294967296, 4294967296)", &[]), &[], vec![header, "beyond 64 bits"]),
        (npy("<f8", false, "(9223372036854775807, 1)", &[]), &[], vec![header, "beyond 64 bits"]),
        (npy("<f8", false, "3", &[0; 24]), &[], vec![header, "shape"]),
        (npy("<q9", false, "(1, 2)", &[]), &[], vec![header]),
        (raw_npy([1, 0], "{'descr': '<f8'}", &[]), &[], vec![header, "fortran_order"]),
        (raw_npy([1, 0], "print('hello')", &[]), &[], vec![header]),
        (raw_npy([1, 0], &"(".repeat(60_000), &[]), &[], vec![header, "nested"]),
        (raw_npy([9, 1], "{}", &[]), &[], vec![header, "version is 9.1"]),
        (b"\x93NUMPY".to_vec(), &[], vec![header, "ends after 6 bytes"]),
        (b"\x93NUMPY\x01\x00".to_vec(), &[], vec![header, "ends after 8 bytes"]),
        (b"\x93NUMPY\x01\x00\xff\x00{".to_vec(), &[], vec![header, "ends after 11 bytes"]),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff{".to_vec(), &[], vec![header, "it claims 4.0 GiB"]),
        (
            npy("|u1", false, "(1, 2)", &[1, 2]),
            &["1", "3"],
            vec!["there is no column '3': expected one of 'x1', 'x2', or a number from 1 to 2"],
        ),
        (
            npy("|u1", false, "(1, 200000)", &vec![0; 200_000]),
            &[],
            vec!["there are 200000 columns: expected at most 100000", "transpose"],
        ),
        (
            npy("<f4", false, "(1, 2)", &[0, 0, 0xc0, 0x7f, 0, 0, 0, 0]),
            &[],
            vec!["all 1 rows were dropped (1 with NaN)"],
        ),
    ];
    for (content, columns, parts) in cases {
        let message = message(&content, columns);
        for part in parts {
            assert!(message.contains(part), "{part:?} is not in {message:?}");
        }
    }
}

#[test]
fn no_cut_and_no_flipped_byte_panics() {
    let array = npy("<f4", true, "(5, 3)", &[1; 60]);
    let text = b"# c\n\"a b\";x;y\n\"q\"\"r\";1,5;-2e3\ns;NA;1.234,5\n".to_vec();
    for content in [array, text] {
        for end in 0..content.len() {
            drop(loaded(&content[..end], &[]));
        }
        for place in 0..content.len() {
            for byte in [0, b'9', b'-', b'(', b'[', b'"', b'\r', b'\n', b' ', 0xff] {
                let mut changed = content.clone();
                changed[place] = byte;
                drop(loaded(&changed, &[]));
            }
        }
    }
}

#[test]
fn headers_as_long_as_allowed_are_refused_in_time() {
    let long = |piece: &str| piece.repeat((1_000_000) / piece.len());
    let tuple = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({})}}", long("1,"));
    let entries = format!("{{{}}}", long("'a': 1, "));
    let headers =
        [tuple, entries, long("'a' "), long("True"), long(" "), long("()"), long("\\'"), long("1")];
    for header in headers {
        let message = message(raw_npy([2, 0], &header, &[]), &[]);
        assert!(message.starts_with("points.csv: the "), "{message}");
        assert!(message.len() < 2000, "{} bytes of message", message.len());
    }
}
