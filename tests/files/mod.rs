//! A small file of each format that is read, with what the window has to make of it: one table.
//!
//! ```text
//!   first ─dropped─▶ points ─a column picked─▶ then      second, in its place ─F5─▶ again      broken ─F5─▶ again
//! ```

mod packed;
mod space;

use sigmascope::io::{Holds, Output, TableWriter, Values, arrow_writer, parquet_writer};

/// A file of a format.
pub struct File {
    /// The name of its format in the program's list.
    pub format: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What it holds at first.
    pub first: Vec<u8>,
    /// Its columns, in order; perhaps not all.
    pub columns: &'static [&'static str],
    /// The coordinates of its points, as they are found without being told.
    pub points: Vec<f64>,
    /// The list of a column, `name: what it is used for`, and what is picked in it.
    pub pick: [&'static str; 2],
    /// The coordinates after that, and the weight of each point behind them where weights were picked.
    pub then: Vec<f64>,
    /// What takes its place, with the same columns.
    pub second: Vec<u8>,
    /// The same of that.
    pub again: Vec<f64>,
    /// What nobody can read.
    pub broken: Vec<u8>,
}

impl File {
    /// One that is broken when it is cut in half.
    fn new(format: &'static str, name: &'static str, [first, second]: [Vec<u8>; 2]) -> Self {
        let broken = second[..second.len() / 2].to_vec();
        Self {
            format,
            name,
            first,
            second,
            broken,
            columns: &[],
            points: Vec::new(),
            pick: [""; 2],
            then: Vec::new(),
            again: Vec::new(),
        }
    }

    fn of_columns(self, columns: &'static [&'static str]) -> Self {
        Self { columns, ..self }
    }

    fn with_points(self, points: impl Into<Vec<f64>>) -> Self {
        Self { points: points.into(), ..self }
    }

    /// That `choice` is picked in `list`, and what the points are then, at first and later.
    fn picked(
        self,
        list: &'static str,
        choice: &'static str,
        then: impl Into<Vec<f64>>,
        again: impl Into<Vec<f64>>,
    ) -> Self {
        Self { pick: [list, choice], then: then.into(), again: again.into(), ..self }
    }
}

/// A sample that another program wrote.
fn sample(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/io/tests/samples/");
    std::fs::read(format!("{folder}{name}")).expect("a sample")
}

/// The bytes with `new` wherever `old` is, which must be somewhere.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(old.len()).position(|part| part == old) {
        out.extend(&rest[..at]);
        out.extend(new);
        rest = &rest[at + old.len()..];
    }
    assert!(rest.len() < bytes.len(), "it is nowhere");
    out.extend(rest);
    out
}

/// Rows of numbers: `rows` with `more` behind them.
fn joined<const N: usize>(rows: &[f64], more: [f64; N]) -> Vec<f64> {
    [rows, &more].concat()
}

/// All of them.
pub fn files() -> Vec<File> {
    let mut all = packed::texts();
    all.extend([parquet(), arrow(), arrow_stream(), npy(), packed::npz()]);
    all.extend([packed::xlsx(), packed::ods(), packed::fits(), votable()]);
    all.extend([geojson(), json_lines(), json_records()]);
    all.extend(space::files());
    all
}

/// Five rows, of which three are points: x is missing in one and NaN in another.
const TABLE: [f64; 6] = [0.5, 10.0, 2.5, 30.0, -4.0, 50.0];

/// A file of the columns of that table, without what `first` holds.
fn table_of(
    format: &'static str,
    name: &'static str,
    [first, second]: [Vec<u8>; 2],
    again: &[f64],
) -> File {
    File::new(format, name, [first, second])
        .of_columns(&["id", "x", "y", "name"])
        .with_points(TABLE)
        .picked("id: not used", "weights", [0.5, 10.0, 0.0, 2.5, 30.0, 2.0, -4.0, 50.0, 4.0], again)
}

/// What makes a writer of tables.
type Create = fn(Output, &[(String, Holds)]) -> std::io::Result<Box<dyn TableWriter>>;

/// Two rows of the same columns, and their points with `id` as weights.
fn two_rows(create: Create) -> Vec<u8> {
    let columns = [
        ("id", Holds::Integers),
        ("x", Holds::Numbers),
        ("y", Holds::Numbers),
        ("name", Holds::Texts),
    ];
    let columns = columns.map(|(name, holds)| (name.to_owned(), holds));
    let values = [
        Values::Integers(vec![Some(7), Some(9)]),
        Values::Numbers(vec![1.5, 2.0]),
        Values::Numbers(vec![-3.0, 4.25]),
        Values::Texts(vec![Some("v".to_owned()), None]),
    ];
    let file = tempfile::NamedTempFile::new().expect("a file");
    let out = Box::new(file.reopen().expect("the same"));
    let mut writer = create(out, &columns).expect("a writer");
    writer.write(&values).expect("written");
    writer.finish().expect("finished");
    std::fs::read(file.path()).expect("a table")
}

const TWO_ROWS: [f64; 6] = [1.5, -3.0, 7.0, 2.0, 4.25, 9.0];

fn parquet() -> File {
    let both = [sample("polars.parquet"), two_rows(parquet_writer)];
    table_of("Parquet", "table.parquet", both, &TWO_ROWS)
}

fn arrow() -> File {
    let both = [sample("polars.arrow"), two_rows(arrow_writer)];
    table_of("Arrow", "table.arrow", both, &TWO_ROWS)
}

fn arrow_stream() -> File {
    let first = sample("points_stream.arrows");
    let second = replaced(&first, &2.5_f64.to_le_bytes(), &99.5_f64.to_le_bytes());
    let again = [0.5, 10.0, 0.0, 99.5, 30.0, 2.0, -4.0, 50.0, 4.0];
    table_of("Arrow", "table.arrows", [first, second], &again)
}

/// An array of rows of three.
fn npy() -> File {
    let array = |values: &[f64]| {
        let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        let rows = values.len() / 3;
        let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, 3), }}");
        bytes.extend(format!("{header:<117}\n").bytes());
        bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    };
    let rows = [0.5, 1.0, 2.0, 3.0, 4.5, 5.0];
    let turned = [2.0, 1.0, 0.5, 5.0, 4.5, 3.0];
    let both = [array(&rows), array(&joined(&rows, [6.0, 7.0, 8.5]))];
    File::new("NPY", "array.npy", both).of_columns(&["x1", "x2", "x3"]).with_points(rows).picked(
        "x3: coordinate 3",
        "coordinate 1",
        turned,
        joined(&turned, [8.5, 7.0, 6.0]),
    )
}

fn votable() -> File {
    let first = sample("tabledata.vot");
    let second = replaced(&first, b"7.125", b"8.125");
    let weighted = |last: f64| {
        let x = [0.5, -1.25, 1e-3, 2.5e7, last];
        let counts = [3.0, -4.0, 6.0, 7.0, 8.0];
        x.into_iter().zip(counts).flat_map(|(x, count)| [x, x, count]).collect::<Vec<_>>()
    };
    let x = [0.5, -1.25, 3.0, 1e-3, 2.5e7, 7.125];
    File::new("VOTable", "table.vot", [first, second])
        .of_columns(&["x", "single", "count"])
        .with_points(x.into_iter().flat_map(|x| [x, x]).collect::<Vec<_>>())
        .picked("count: not used", "weights", weighted(7.125), weighted(8.125))
}

fn geojson() -> File {
    let point = |place: &str, mass: f64| {
        format!(
            "{{\"type\":\"Feature\",\"geometry\":{{\"type\":{place}}},\
             \"properties\":{{\"name\":\"a\",\"mass\":{mass}}}}}"
        )
    };
    let collection = |features: &[String]| {
        let features = features.join(",\n");
        format!("{{\"type\":\"FeatureCollection\",\"features\":[{features}]}}\n").into_bytes()
    };
    let one = point("\"Point\",\"coordinates\":[1,2]", 0.5);
    let many = point("\"MultiPoint\",\"coordinates\":[[3,4],[5,6.5]]", 1.5);
    let more = point("\"Point\",\"coordinates\":[-7,8,100]", 2.0);
    let both = [collection(&[one.clone(), many.clone()]), collection(&[one, many, more])];
    let then = [1.0, 2.0, 0.5, 3.0, 4.0, 1.5, 5.0, 6.5, 1.5];
    File::new("GeoJSON", "places.geojson", both)
        .of_columns(&["longitude", "latitude", "name", "mass"])
        .with_points([1.0, 2.0, 3.0, 4.0, 5.0, 6.5])
        .picked("mass: not used", "weights", then, joined(&then, [-7.0, 8.0, 2.0]))
}

/// Records of people, as `people` has them; a line is joined to the next by `between`.
fn records(start: &str, between: &str, end: &str) -> [Vec<u8>; 2] {
    let mut records = vec![
        r#"{"name":"Ada","x":1,"y":2,"mass":0.5}"#,
        r#"{"name":"Ben","x":2,"y":1,"mass":1.5}"#,
        r#"{"name":"Cy","x":null,"y":1,"mass":1}"#,
        r#"{"name":"Di","x":4,"y":2,"mass":3}"#,
    ];
    let text = |records: &[&str]| format!("{start}{}{end}", records.join(between)).into_bytes();
    let first = text(&records);
    records.push(r#"{"name":"Eve","x":5,"y":7,"mass":2}"#);
    [first, text(&records)]
}

fn json_lines() -> File {
    packed::people("JSON", "people.jsonl", records("", "\n", "\n"))
}

fn json_records() -> File {
    packed::people("JSON", "people.json", records("[", ",\n", "]"))
}
