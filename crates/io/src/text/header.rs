//! Whether the first row of a text file names the columns, decided from all rows, and whether the second
//! one tells their units.

use super::survey::{Survey, value_of};
use crate::columns::Kind;
use crate::names;
use crate::number::{Cell, Marks, bare, classify};

/// What was decided of the first row, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Whether it holds names.
    pub(crate) names: bool,
    /// Why, as the end of a sentence.
    pub(crate) why: &'static str,
}

/// Decides whether the first row names the columns; `below` tells of the columns without that row, in the
/// row's own places.
///
/// Names are: text above numbers; an empty first cell above numbers of rows; the numbers of columns, 0, 1, 2,
/// …, and distinct years or round numbers, above columns of another kind. All other rows of numbers are
/// points.
pub(crate) fn decide(first: &csv::ByteRecord, below: &[Survey]) -> Decision {
    let no = |why| Decision { names: false, why };
    let yes = |why| Decision { names: true, why };
    let kinds: Vec<Cell> = first.iter().map(classify).collect();
    let has_text = kinds.contains(&Cell::Text);
    let above_numbers =
        |(cell, seen): (&Cell, &Survey)| *cell == Cell::Text && seen.is_mostly_numbers();
    if kinds.iter().zip(below).any(above_numbers) {
        return yes("text above numbers");
    }
    let numbers: Vec<usize> =
        (0..kinds.len()).filter(|&k| matches!(kinds[k], Cell::Number(_))).collect();
    let otherwise =
        if has_text { "its text stands above more text" } else { "its numbers fit their columns" };
    if numbers.is_empty() {
        return if has_text { yes("nothing but text") } else { no(otherwise) };
    }
    let is_unnamed = first.get(0).is_some_and(|cell| bare(cell).is_empty());
    let above_names_of_rows = below.first().is_some_and(|seen| seen.numbers + seen.texts > 0);
    let values: Vec<f64> =
        numbers.iter().filter_map(|&k| value_of(first.get(k).unwrap_or_default())).collect();
    let above_whole =
        numbers.iter().all(|&k| below[k].numbers > 0 && below[k].whole == below[k].numbers);
    let ascends = values.len() > 2 && values.windows(2).all(|pair| pair[0] < pair[1]);
    let has_fractions = values.iter().any(|value| value.fract() != 0.0);
    if is_unnamed && above_names_of_rows && above_whole && ascends && has_fractions {
        return yes("an empty cell and numbers that rise above columns of whole numbers");
    }
    if !may_be_numbers_as_names(&kinds) {
        return no(otherwise);
    }
    if is_unnamed && below.first().is_some_and(|seen| seen.counts_rows() || seen.texts > 0) {
        return yes("an empty cell above the numbers or names of rows");
    }
    let columns: Vec<&Survey> = numbers.iter().map(|&k| &below[k]).collect();
    let columns = columns.as_slice();
    // A column without a number says nothing: the last years of a table are often empty.
    let some = columns.iter().any(|seen| seen.numbers > 0);
    let is_empty = |seen: &Survey| some && seen.numbers == 0;
    let of_another_kind = columns.iter().all(|seen| is_empty(seen) || seen.whole < seen.numbers);
    let outside = values
        .iter()
        .zip(columns)
        .all(|(value, seen)| is_empty(seen) || is_outside(*value, seen.range));
    if counts_from_zero(&values) && of_another_kind && (values.len() > 1 || !rises(columns)) {
        return yes("0, 1, 2, … above columns of another kind");
    }
    if values.len() > 2
        && counts_from(&values, 1.0)
        && of_another_kind
        && !outside_none(&values, columns)
    {
        return yes("1, 2, 3, … above columns of another kind");
    }
    let is_distinct = {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.windows(2).all(|pair| pair[0] < pair[1])
    };
    let years = values.iter().all(|value| (1500.0..=2200.0).contains(value));
    let round = values.iter().all(|value| *value % 10.0 == 0.0 && *value != 0.0);
    let consecutive = counts_from(&values, values[0]);
    if values.len() > 1 && is_distinct {
        if years && (outside || (consecutive && of_another_kind)) {
            return yes("distinct years above columns of another kind");
        }
        if round && outside {
            return yes("distinct round numbers above columns of another kind");
        }
    }
    no(otherwise)
}

#[expect(clippy::float_cmp, reason = "whole numbers are exact")]
fn counts_from(values: &[f64], start: f64) -> bool {
    values.iter().enumerate().all(|(k, value)| *value == start + k as f64)
}

fn counts_from_zero(values: &[f64]) -> bool {
    counts_from(values, 0.0)
}

/// Whether each value lies among those below it.
fn outside_none(values: &[f64], columns: &[&Survey]) -> bool {
    values.iter().zip(columns).all(|(value, seen)| !is_outside(*value, seen.range))
}

/// Whether a lone column looks like one that starts at 0 and rises, as times do.
fn rises(columns: &[&Survey]) -> bool {
    columns.iter().any(|seen| seen.range.is_some_and(|[low, _]| low > 0.0))
}

/// Whether a value lies farther from the values below it than these from each other.
fn is_outside(value: f64, range: Option<[f64; 2]>) -> bool {
    let Some([low, high]) = range.filter(|[low, high]| low <= high) else { return false };
    // Of a few equal values the spread says nothing; their size does.
    let width = (high - low).max(0.1 * low.abs().max(high.abs()));
    value < low - width || value > high + width
}

/// Whether a row may be names although it holds numbers: whole ones alone.
fn may_be_numbers_as_names(kinds: &[Cell]) -> bool {
    kinds.iter().all(|kind| match kind {
        Cell::Number(marks) => marks.has(Marks::WHOLE),
        Cell::Missing | Cell::Text => true,
        Cell::Nan | Cell::Infinite => false,
    })
}

/// The first row beside the width of the others.
pub(super) struct Aligned {
    /// Cut to the width of the rows; `None` where it cannot stand above them.
    pub(super) record: Option<csv::ByteRecord>,
    cells: Vec<String>,
    /// Whether it has one field fewer.
    pub(super) is_short: bool,
    pub(super) has_text: bool,
    width: usize,
}

impl Aligned {
    pub(super) fn new(first: &csv::ByteRecord, width: usize) -> Self {
        let fits = first.len() == width;
        let is_longer =
            first.len() > width && first.iter().skip(width).all(|cell| bare(cell).is_empty());
        let record: Option<csv::ByteRecord> =
            (fits || is_longer).then(|| first.iter().take(width).collect());
        Self {
            cells: first.iter().map(names::shortened).collect(),
            is_short: first.len() + 1 == width,
            has_text: first.iter().any(|cell| classify(cell) == Cell::Text),
            record,
            width,
        }
    }

    /// The names above the columns, as many as these: a short row lacks the name above the first column,
    /// or above the last where that is empty.
    pub(super) fn names(&self, seen: &[Survey]) -> Vec<String> {
        let mut cells = self.cells.clone();
        if self.is_short {
            let is_last_empty = seen.last().is_some_and(|seen| seen.kind() == Kind::Nothing);
            cells.insert(if is_last_empty { cells.len() } else { 0 }, String::new());
        }
        cells.resize(self.width, String::new());
        cells
    }
}

/// Units as they stand alone in a cell, in lower case.
const UNITS: [&str; 62] = [
    "m", "cm", "mm", "km", "um", "µm", "μm", "nm", "pm", "å", "a", "angstrom", "in", "inch", "ft",
    "yd", "mi", "px", "pix", "pixel", "pixels", "s", "ms", "us", "µs", "μs", "ns", "min", "h", "d",
    "yr", "hz", "khz", "mhz", "ghz", "deg", "degree", "degrees", "°", "rad", "arcsec", "arcmin",
    "mas", "hms", "dms", "pc", "kpc", "mpc", "au", "ly", "k", "°c", "c", "f", "v", "mv", "g", "kg",
    "%", "mag", "a.u.", "1",
];

/// Types as they stand alone in a cell, in lower case.
const TYPES: [&str; 52] = [
    "double",
    "float",
    "real",
    "number",
    "numeric",
    "decimal",
    "int",
    "integer",
    "long",
    "short",
    "bigint",
    "smallint",
    "byte",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "f4",
    "f8",
    "f32",
    "f64",
    "i4",
    "i8",
    "i32",
    "i64",
    "dbl",
    "char",
    "character",
    "chr",
    "string",
    "str",
    "text",
    "varchar",
    "object",
    "category",
    "factor",
    "fct",
    "bool",
    "boolean",
    "logical",
    "lgl",
    "date",
    "datetime",
    "timestamp",
    "time",
];

/// Whether a row tells types: each cell is the name of one, also as `<dbl>`, or all are as in RDB tables,
/// where `8N` stands above numbers and `S` above text.
pub(crate) fn is_types(row: &csv::ByteRecord) -> bool {
    let words = || row.iter().map(|cell| String::from_utf8_lossy(bare(cell)).to_lowercase());
    let is_type = |text: String| {
        let word = text.strip_prefix('<').and_then(|word| word.strip_suffix('>'));
        TYPES.contains(&word.unwrap_or(&text))
    };
    let letter = |text: &str| text.trim_start_matches(|c: char| c.is_ascii_digit()).to_owned();
    let is_letter = |text: String| matches!(&*letter(&text), "n" | "s" | "m" | "d");
    words().all(is_type) || words().all(is_letter) && words().any(|text| letter(&text) == "n")
}

/// Whether a row tells units, text or nothing in every column of numbers, short or in brackets; or types.
pub(crate) fn is_units(row: &csv::ByteRecord, below: &[Survey]) -> bool {
    if is_types(row) && below.iter().any(Survey::is_mostly_numbers) {
        return true;
    }
    let mut units = 0;
    for (cell, seen) in row.iter().zip(below) {
        let cell = bare(cell);
        if !seen.is_mostly_numbers() || cell.is_empty() || matches!(cell, b"-" | b"--") {
            continue;
        }
        if !looks_like_a_unit(cell) {
            return false;
        }
        units += 1;
    }
    units > 0
}

fn looks_like_a_unit(cell: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(cell) else { return false };
    let bracketed = matches!(
        (text.chars().next(), text.chars().last()),
        (Some('['), Some(']')) | (Some('('), Some(')')) | (Some('{'), Some('}'))
    );
    let text = text.to_lowercase();
    // `m/s`, `km s-1`, `m^2`, `10^3 kg`.
    let is_compound = || {
        let mut parts = text.split(['/', ' ', '*', '·', '^']).filter(|part| !part.is_empty());
        let bare = |part: &str| {
            part.trim_matches(|c: char| c.is_ascii_digit() || "-−+²³⁻¹".contains(c)).to_owned()
        };
        let mut units = 0;
        let fits = parts.all(|part| {
            let unit = bare(part);
            units += usize::from(!unit.is_empty());
            unit.is_empty() || UNITS.contains(&unit.as_str())
        });
        fits && units > 0
    };
    bracketed || UNITS.contains(&text.as_str()) && text != "1" || is_compound()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The decision for the first line of a text, cut at commas.
    fn decided(text: &str) -> bool {
        let rows: Vec<csv::ByteRecord> =
            text.lines().map(|line| line.split(',').collect()).collect();
        let mut below = vec![Survey::default(); rows[0].len()];
        for (line, row) in rows.iter().enumerate().skip(1) {
            for (seen, cell) in below.iter_mut().zip(row) {
                seen.absorb(line as u64 + 1, cell, false);
            }
        }
        decide(&rows[0], &below).names
    }

    #[test]
    fn names_are_told_from_points() {
        let names = [
            "x,y\n1,2\n3,4",
            "name,x\na,1\nb,2",
            "0,1\n0.5,0.7\n1.5,0.2\n0.3,0.4",
            ",0,1\n0,0.5,0.7\n1,1.5,0.2",
            ",0,1\n0,5,7\n1,15,2\n2,3,4",
            ",a,b\n0,1,2\n1,3,4",
            "country,1960,1961\nA,4.8,4.6\nB,2.1,2.0",
            "country,1960,1961,1962\nA,4.8,4.6,\nB,2.1,2.0,",
            "1960,1961\n4.8,4.6\n2.1,2.0",
            "1960,1970\n480,460\n210,200",
            "100,200\n0.5,0.7\n1.5,0.2",
            ",100,200\na,5,7\nb,15,2",
            ",142.24,144.78,147.32\n9.4,0,0,1\n9.5,0,1,0",
            "0\n0.5\n-0.7\n0.3",
            "x,2\n1,2\n3,4",
        ];
        for text in names {
            assert!(decided(text), "{text:?}");
        }
        let points = [
            "1,2\n3,4",
            "0,1\n2,3\n5,4",
            "0,1\n0,2\n3,4",
            "1990,2000\n1991,2001\n1995,2007",
            "100,200\n101.5,203.2\n102.1,199",
            "1.5,2.5\n0.5,1",
            "Paris,1,2\nRome,3,4",
            "1,2\n1.5,2.5\n0.7,2.2",
            ",2.5\n1.0,2.0\n4.0,3.0",
            ",2.5,3,4.5\n1.0,2.0,5,2\n4.0,3.0,1,1",
            "0\n0.1\n0.2\n0.3",
        ];
        for text in points {
            assert!(!decided(text), "{text:?}");
        }
    }

    #[test]
    fn units_are_told_from_bad_cells() {
        for unit in ["[m]", "(nm)", "m", "µm", "m/s", "km s-1", "deg", "[a.u.]", "°", "m^2"] {
            assert!(looks_like_a_unit(unit.as_bytes()), "{unit}");
        }
        let is_types = |cells: &[&str]| is_types(&cells.to_vec().into());
        assert!(is_types(&["S", "10N", "N"]) && is_types(&["<chr>", "<dbl>"]));
        assert!(
            is_types(&["char", "double"]) && !is_types(&["m", "s"]) && !is_types(&["int", "x"])
        );
        for text in ["oops", "bad", "x", "1", "n/a here", "Paris", "12"] {
            assert!(!looks_like_a_unit(text.as_bytes()), "{text}");
        }
    }
}
