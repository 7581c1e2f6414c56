//! Names of columns: makes them unique, and knows those of row numbers, keys and parts of a date.

use std::collections::HashMap;

use super::families::plain;
use super::number::bare;

/// Names of columns that say which row it is, not where.
const IDENTIFIERS: [&str; 45] = [
    "id",
    "index",
    "idx",
    "row",
    "rowid",
    "rownum",
    "no",
    "nr",
    "number",
    "fid",
    "gid",
    "oid",
    "objectid",
    "pk",
    "key",
    "code",
    "zip",
    "zipcode",
    "postcode",
    "postalcode",
    "plz",
    "fips",
    "frame",
    "frames",
    "framenumber",
    "frameno",
    "track",
    "trackid",
    "spotid",
    "particle",
    "label",
    "labels",
    "unnamed0",
    "identifier",
    "uid",
    "pid",
    "expt",
    "uuid",
    "individual",
    "subject",
    "patient",
    "obs",
    "observation",
    "event",
    "run",
];

/// Names of columns that say when, in whole years, months, days or hours.
const PARTS_OF_A_DATE: [&str; 16] = [
    "year",
    "years",
    "yr",
    "yyyy",
    "quarter",
    "qtr",
    "month",
    "week",
    "weekday",
    "date",
    "datetime",
    "day",
    "dayofweek",
    "dayofyear",
    "doy",
    "hour",
];

/// A cell as a column's name: on one line, and short enough for an axis.
pub(super) fn shortened(cell: &[u8]) -> String {
    const LONGEST: usize = 200;
    let cell = bare(cell);
    // Cut before decoding: a cell may be megabytes long.
    let head = String::from_utf8_lossy(&cell[..cell.len().min(4 * LONGEST + 4)]);
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut name: String = head.trim().chars().take(LONGEST).map(plain).collect();
    if head.trim().chars().nth(LONGEST).is_some() {
        name.push('…');
    }
    name
}

/// The same names, each once: `x_2` for the second `x`.
pub fn unique_names(names: impl Iterator<Item = String>) -> Vec<String> {
    unique(names).into_iter().map(|(name, _)| name).collect()
}

/// Gives each column a unique name: `column_3` without one, `x_2` for the second `x`.
pub(super) fn unique(cells: impl Iterator<Item = String>) -> Vec<(String, bool)> {
    let mut taken = HashMap::<String, usize>::new();
    let mut names = Vec::new();
    for (k, cell) in cells.enumerate() {
        let unnamed = cell.is_empty();
        let base = if unnamed { format!("column_{}", k + 1) } else { cell };
        let mut name = base.clone();
        while taken.contains_key(&name) {
            let count = taken.entry(base.clone()).or_insert(1);
            *count += 1;
            name = format!("{base}_{count}");
        }
        taken.insert(name.clone(), 1);
        names.push((name, unnamed));
    }
    names
}

/// Whether a column of this name says which row it is, not where.
pub(super) fn is_identifier(name: &str) -> bool {
    IDENTIFIERS.contains(&plain(name).as_str())
        || ["_id", " id", ".id"].iter().any(|end| name.to_lowercase().ends_with(end))
        || ends_in_id(name)
        || name.starts_with("Unnamed: ")
}

/// Whether the last word of a name in capitals and small letters is an id: `stationID`, `LocId`.
fn ends_in_id(name: &str) -> bool {
    let stem = name.strip_suffix("ID").or_else(|| name.strip_suffix("Id"));
    stem.is_some_and(|stem| stem.ends_with(char::is_lowercase))
}

/// Whether a column of this name tells a part of a date: `Year`, `month`, and of `whole` numbers
/// `model_year` and `year discovered`.
pub(super) fn is_part_of_a_date(name: &str, whole: bool) -> bool {
    if PARTS_OF_A_DATE.contains(&plain(name).as_str()) {
        return true;
    }
    let lower = name.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let at_an_end = words.first() == Some(&"year") || words.last() == Some(&"year");
    whole && at_an_end && !words.contains(&"per")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_known_by_name() {
        for name in [
            "id",
            "ZIP code",
            "station_id",
            "Unnamed: 0",
            "index",
            "TRACK_ID",
            "Frame",
            "stationID",
        ] {
            assert!(is_identifier(name), "{name}");
        }
        for name in ["x", "width", "valid", "idle", "height", "GRID", "HYBRID", "Id3"] {
            assert!(!is_identifier(name), "{name}");
        }
    }

    #[test]
    fn parts_of_a_date_are_known_by_name() {
        for name in ["Year", "YEAR", "month", "date", "model_year", "year discovered"] {
            assert!(is_part_of_a_date(name, true), "{name}");
        }
        for name in ["yearly income", "income per year", "daylight", "yrs_married", "time", "today"]
        {
            assert!(!is_part_of_a_date(name, true), "{name}");
        }
        assert!(!is_part_of_a_date("rain, this year", false));
    }

    #[test]
    fn names_become_unique() {
        let names = ["x", "x", "", "x_2", "x", "column_3"];
        let unique: Vec<String> = unique(names.iter().map(|&name| name.to_owned()))
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(unique, ["x", "x_2", "column_3", "x_2_2", "x_3", "column_3_2"]);
    }
}
