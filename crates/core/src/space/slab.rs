//! A slab: the range of one axis outside of which points of three coordinates are hidden, written by
//! users as `z=0:1`.

use super::number::{finite, shortest};
use crate::escape::escaped;
use serde::{Deserialize, Serialize};
use std::fmt;

const LETTERS: [&str; 3] = ["x", "y", "z"];

/// Shows only what lies within `low..=high` along one axis, in data coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Ends", into = "Ends")]
pub struct Slab {
    /// The axis: 0, 1 or 2.
    pub axis: usize,
    /// The lowest value shown; minus infinity if that end is open.
    pub low: f64,
    /// The highest value shown; infinity if that end is open.
    pub high: f64,
}

impl Slab {
    /// Reads `NAME=LOW:HIGH`, either end of which may be left out. The name is one of the columns on
    /// the three axes, given in `names` in that order, or else x, y or z.
    ///
    /// # Errors
    /// Says what was found and what was expected.
    pub fn parse(text: &str, names: &[&str]) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("\"{}\": {why}; expected AXIS=LOW:HIGH, such as z=0:1 or z=0:", escaped(text))
        };
        let (name, range) = text.rsplit_once('=').ok_or_else(|| wrong("no \"=\" found"))?;
        let axis = find_axis(name, names)?;
        let (low, high) =
            range.split_once(':').ok_or_else(|| wrong("no \":\" found after the \"=\""))?;
        let low = end(low, "low end", f64::NEG_INFINITY)?;
        let high = end(high, "high end", f64::INFINITY)?;
        if low > high {
            return Err(wrong("the low end is above the high end"));
        }
        Ok(Self { axis, low, high })
    }

    /// Whether a point (data coordinates) is shown; NaN along the axis is not.
    #[must_use]
    pub fn contains(&self, data: [f64; 3]) -> bool {
        data.get(self.axis).is_some_and(|value| (self.low..=self.high).contains(value))
    }

    /// The text that [`Slab::parse`] with the same `names` reads as this slab, with the column's name.
    #[must_use]
    pub fn to_text(&self, names: &[&str]) -> String {
        let column = names.get(self.axis).filter(|name| find_axis(name, names) == Ok(self.axis));
        self.written(column.map_or(self.letter(), |name| name.trim()))
    }

    fn letter(&self) -> &'static str {
        LETTERS.get(self.axis).unwrap_or(&"?")
    }

    fn written(&self, name: &str) -> String {
        let end = |value: f64| if value.is_finite() { shortest(value) } else { String::new() };
        format!("{name}={}:{}", end(self.low), end(self.high))
    }
}

/// Writes the slab with x, y or z, as [`Slab::parse`] reads it where no column has that letter as its
/// name; see [`Slab::to_text`].
impl fmt::Display for Slab {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written(self.letter()))
    }
}

/// A slab as it is saved: JSON has no infinity, so that an open end is left out.
#[derive(Serialize, Deserialize)]
struct Ends {
    axis: usize,
    low: Option<f64>,
    high: Option<f64>,
}

impl From<Slab> for Ends {
    fn from(Slab { axis, low, high }: Slab) -> Self {
        let end = |value: f64| value.is_finite().then_some(value);
        Self { axis, low: end(low), high: end(high) }
    }
}

impl From<Ends> for Slab {
    fn from(Ends { axis, low, high }: Ends) -> Self {
        let (low, high) = (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY));
        Self { axis: axis.min(2), low, high }
    }
}

/// One end of the range, `open` if left out.
fn end(text: &str, what: &str, open: f64) -> Result<f64, String> {
    if text.trim().is_empty() { Ok(open) } else { finite(text, what) }
}

/// The axis of a column's name, or else of x, y or z.
fn find_axis(name: &str, names: &[&str]) -> Result<usize, String> {
    let columns = &names[..names.len().min(3)];
    let is_named = |known: &&str| known.trim() == name.trim();
    columns.iter().position(is_named).or_else(|| LETTERS.iter().position(is_named)).ok_or_else(
        || {
            let known =
                columns.iter().chain(&LETTERS).map(|known| format!("\"{}\"", escaped(known)));
            let known = known.collect::<Vec<_>>().join(", ");
            format!("unknown axis \"{}\"; expected one of {known}", escaped(name.trim()))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::Slab;

    const OPEN: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    #[test]
    fn reads_columns_letters_and_open_ends() {
        let names = ["a=b:c", "height", "x"];
        let slab = |axis, low, high| Ok(Slab { axis, low, high });
        assert_eq!(Slab::parse("z=0:1", &[]), slab(2, 0.0, 1.0));
        assert_eq!(Slab::parse(" height = -1e3 : ", &names), slab(1, -1000.0, OPEN.1));
        assert_eq!(Slab::parse("a=b:c=:4", &names), slab(0, OPEN.0, 4.0));
        assert_eq!(Slab::parse("x=2:2", &names), slab(2, 2.0, 2.0));
        assert_eq!(Slab::parse("y=:", &names), slab(1, OPEN.0, OPEN.1));
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let names = ["a=b:c", "height", "x"];
        for axis in 0..3 {
            for (low, high) in
                [(0.1, 1.0 / 3.0), (-1e300, 5e-324), (OPEN.0, 4e9), (-0.5, OPEN.1), OPEN]
            {
                let slab = Slab { axis, low, high };
                assert_eq!(Slab::parse(&slab.to_string(), &[]), Ok(slab));
                assert_eq!(Slab::parse(&slab.to_text(&names), &names), Ok(slab));
                let saved = serde_json::to_string(&slab).expect("JSON");
                assert_eq!(serde_json::from_str::<Slab>(&saved).expect("a slab"), slab);
            }
        }
        assert_eq!(Slab { axis: 1, low: 0.0, high: OPEN.1 }.to_text(&names), "height=0:");
    }

    #[test]
    fn errors_say_what_was_found_and_expected() {
        let error = |text| Slab::parse(text, &["height"]).expect_err(text);
        assert_eq!(
            error("w\n=0:1"),
            "unknown axis \"w\"; expected one of \"height\", \"x\", \"y\", \"z\""
        );
        assert!(error("q\u{1b}[0m=0:1").contains("\"q\\u{1b}[0m\""));
        assert!(error("z").contains("no \"=\" found; expected AXIS=LOW:HIGH"));
        assert!(error("z=3").contains("no \":\" found"));
        assert!(error("z=2:1").contains("\"z=2:1\": the low end is above the high end"));
        assert_eq!(error("z=nan:1"), "low end: expected a finite number, found \"nan\"");
        assert_eq!(error("z=0:1:2"), "high end: expected a finite number, found \"1:2\"");
    }

    #[test]
    fn contains_both_ends_and_never_nan() {
        let slab = Slab { axis: 2, low: 0.0, high: 1.0 };
        let shown = |z| slab.contains([9.0, f64::NAN, z]);
        assert!(shown(0.0) && shown(1.0) && !shown(-1e-9) && !shown(1.1) && !shown(f64::NAN));
        assert!(!Slab { axis: 0, low: OPEN.0, high: OPEN.1 }.contains([f64::NAN, 0.0, 0.0]));
    }
}
