//! Which columns of a table become coordinates.
//!
//! The user's choice is taken by name (exactly, else whatever the case) or by number from 1.
//! Without one, a well-known pair of names wins (`lon` and `lat`, `x` and `y`, …), then the first
//! columns of numbers, leaving out identifiers as long as enough others remain.

use std::path::Path;

use super::LoadOptions;
use super::error::LoadError;
use super::names;
use super::wording::{listed, shortened};
use sigmascope_core::model::Weights;

/// The most columns a table may have.
pub(super) const MAX_COLUMNS: usize = 100_000;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers, and cells without a value.
    Numbers,
    /// Numbers in at least half of the cells that hold something.
    MostlyNumbers,
    /// Text.
    Text,
    /// No value at all.
    Nothing,
}

/// One column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Its name; unique in the table.
    pub(super) name: String,
    /// Whether the file gives it no name of its own.
    pub(super) unnamed: bool,
    /// What it holds.
    pub(super) kind: Kind,
    /// Its first cell of text with its line, in words.
    pub(super) text: Option<String>,
}

impl Column {
    fn is_identifier(&self) -> bool {
        self.unnamed || names::is_identifier(&self.name)
    }
}

/// The positions of the columns to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Those that become coordinates, in their order.
    pub(super) coordinates: Vec<usize>,
    /// The one that holds the weights.
    pub(super) weights: Option<usize>,
}

impl Chosen {
    /// All of them, the weights last.
    pub(super) fn all(&self) -> Vec<usize> {
        self.coordinates.iter().copied().chain(self.weights).collect()
    }
}

/// The columns that become coordinates and weights.
///
/// A chosen column may be [`Kind::MostlyNumbers`] or, if the user named it, [`Kind::Text`]: the
/// caller knows which cell is at fault and says so.
pub(super) fn choose(
    path: &Path,
    columns: &[Column],
    options: &LoadOptions,
) -> Result<Chosen, LoadError> {
    let weights = match &options.weights {
        Some(Weights::Column(wish)) => Some(find(path, columns, wish, "--weights")?),
        _ => None,
    };
    let coordinates = if options.columns.is_empty() {
        choose_by_ourselves(path, columns, options.dim, weights)
    } else {
        choose_as_told(path, columns, options)
    };
    Ok(Chosen { coordinates: coordinates?, weights })
}

fn choose_as_told(
    path: &Path,
    columns: &[Column],
    options: &LoadOptions,
) -> Result<Vec<usize>, LoadError> {
    let wrong = |found| LoadError::WrongColumns { path: path.into(), found, wanted: options.dim };
    let wishes = &options.columns;
    if wishes.len() != options.dim {
        let names = listed(wishes.iter().map(String::as_str));
        return Err(wrong(format!("{} ({names})", wishes.len())));
    }
    let mut chosen: Vec<usize> = Vec::new();
    for wish in wishes {
        let k = find(path, columns, wish, "--columns")?;
        if chosen.contains(&k) {
            return Err(wrong(format!("'{}' twice", shortened(columns[k].name.as_bytes()))));
        }
        chosen.push(k);
    }
    Ok(chosen)
}

/// The column that `flag` asks for.
fn find(
    path: &Path,
    columns: &[Column],
    wish: &str,
    flag: &'static str,
) -> Result<usize, LoadError> {
    position(columns, wish.trim()).ok_or_else(|| LoadError::UnknownColumn {
        path: path.into(),
        column: shortened(wish.as_bytes()),
        available: available(columns, wish),
        flag,
    })
}

fn position(columns: &[Column], wish: &str) -> Option<usize> {
    let lower = wish.to_lowercase();
    columns
        .iter()
        .position(|column| column.name == wish)
        .or_else(|| columns.iter().position(|column| column.name.to_lowercase() == lower))
        .or_else(|| {
            let number: usize = wish.parse().ok()?;
            (1..=columns.len()).contains(&number).then(|| number - 1)
        })
}

/// The columns there are, the likeliest first if one is close to what was asked for.
fn available(columns: &[Column], wish: &str) -> String {
    let names = listed(columns.iter().map(|column| column.name.as_str()));
    let listing = format!("one of {names}, or a number from 1 to {}", columns.len());
    let wish = wish.to_lowercase();
    if wish.len() > 100 {
        return listing;
    }
    let closest = columns
        .iter()
        .take(1000)
        .filter(|column| column.name.len() <= 100)
        .map(|column| (distance(&wish, &column.name.to_lowercase()), column))
        .min_by_key(|(edits, _)| *edits);
    match closest {
        Some((edits, column)) if edits <= (wish.chars().count() / 3).max(1) => {
            format!("{listing} (did you mean '{}'?)", column.name)
        }
        _ => listing,
    }
}

/// Number of letters to add, drop or change to turn one word into another (Levenshtein, 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn choose_by_ourselves(
    path: &Path,
    columns: &[Column],
    dim: usize,
    weights: Option<usize>,
) -> Result<Vec<usize>, LoadError> {
    let usable = |k: usize| {
        matches!(columns[k].kind, Kind::Numbers | Kind::MostlyNumbers) && weights != Some(k)
    };
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    if let Some(known) = names::known(&names, dim, &usable) {
        return Ok(known);
    }
    let of_kind = |kinds: &[Kind]| -> Vec<usize> {
        (0..columns.len()).filter(|&k| usable(k) && kinds.contains(&columns[k].kind)).collect()
    };
    let numbers = of_kind(&[Kind::Numbers]);
    let places: Vec<usize> =
        numbers.iter().copied().filter(|&k| !columns[k].is_identifier()).collect();
    // A column with a bad cell is better than none: the caller then names the cell.
    let candidates = [places, numbers, of_kind(&[Kind::Numbers, Kind::MostlyNumbers])];
    candidates
        .into_iter()
        .find(|found| found.len() >= dim)
        .map(|mut found| {
            found.truncate(dim);
            found
        })
        .ok_or_else(|| too_few(path, columns, dim, weights))
}

fn too_few(path: &Path, columns: &[Column], wanted: usize, weights: Option<usize>) -> LoadError {
    let of_kind = |kind| {
        let others = columns.iter().enumerate().filter(move |(k, _)| weights != Some(*k));
        others.map(|(_, column)| column).filter(move |column| column.kind == kind)
    };
    let names = |kind| of_kind(kind).map(|column| column.name.as_str());
    let count = |kind| of_kind(kind).count();
    let mut found = match count(Kind::Numbers) {
        0 => "no column of numbers".to_owned(),
        1 => format!("only one column of numbers ({})", listed(names(Kind::Numbers))),
        n => format!("only {n} columns of numbers ({})", listed(names(Kind::Numbers))),
    };
    if let Some(k) = weights {
        found = format!("{found} besides the weights {}", listed([columns[k].name.as_str()]));
    }
    for (kind, what) in [
        (Kind::MostlyNumbers, "partly text"),
        (Kind::Text, "text"),
        (Kind::Nothing, "without any value"),
    ] {
        if count(kind) > 0 {
            found = format!("{found}, {what}: {}", listed(names(kind)));
            let with_text = of_kind(kind).next();
            if let Some(text) = with_text.and_then(|column| column.text.as_ref()) {
                found = format!("{found} (such as {text})");
            }
        }
    }
    let remedy = if columns.len() == 1 {
        "check that the file has one point per row and a separator between its coordinates"
    } else {
        "add the missing column, or name the columns to use with --columns"
    };
    LoadError::TooFewColumns { path: path.into(), found, wanted, remedy: remedy.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<Column> {
        names::unique(names.iter().map(|&name| name.to_owned()))
            .into_iter()
            .map(|(name, unnamed)| {
                let kind = if name.starts_with("text") { Kind::Text } else { Kind::Numbers };
                Column { name, unnamed, kind, text: None }
            })
            .collect()
    }

    fn chosen(names: &[&str], wishes: &[&str], dim: usize) -> Result<Vec<usize>, String> {
        let wishes = wishes.iter().map(|&wish| wish.to_owned()).collect();
        let options = LoadOptions { columns: wishes, dim, ..LoadOptions::default() };
        choose(Path::new("t.csv"), &columns(names), &options)
            .map(|chosen| chosen.coordinates)
            .map_err(|err| err.to_string())
    }

    #[test]
    fn without_a_choice_known_names_win_then_the_first_that_are_no_identifiers() {
        let cases: &[(&[&str], usize, &[usize])] = &[
            (&["a", "b", "c"], 2, &[0, 1]),
            (&["latitude", "longitude"], 2, &[1, 0]),
            (&["lat", "alt", "lng"], 2, &[2, 0]),
            (&["decimalLatitude", "decimalLongitude"], 2, &[1, 0]),
            (&["stop_lat", "stop_lon", "x"], 2, &[1, 0]),
            (&["mass", "y", "X"], 2, &[2, 1]),
            (&["RA", "mag", "Dec"], 2, &[0, 2]),
            (&["a", "UMAP_1", "UMAP_2"], 2, &[1, 2]),
            (&["a", "tSNE-1", "tSNE-2"], 2, &[1, 2]),
            (&["northing", "easting"], 2, &[1, 0]),
            (&["PC 2", "PC 1"], 2, &[1, 0]),
            (&["", "a", "b"], 2, &[1, 2]),
            (&["zip_code", "a", "customer_id", "b"], 2, &[1, 3]),
            (&["id", "a"], 2, &[0, 1]),
            (&["text", "a", "b"], 2, &[1, 2]),
            (&["a", "z", "y", "x"], 3, &[3, 2, 1]),
            (&["a"], 1, &[0]),
        ];
        for (names, dim, expected) in cases {
            assert_eq!(chosen(names, &[], *dim).as_deref(), Ok(*expected), "{names:?}");
        }
    }

    #[test]
    fn the_users_choice_is_taken_by_name_case_or_number() {
        let names = ["x", "X", "Total", "1"];
        let cases: &[(&[&str], &[usize])] = &[
            (&["X", "x"], &[1, 0]),
            (&["total", " x "], &[2, 0]),
            (&["4", "3"], &[3, 2]),
            // A column that is called 1 is meant by 1.
            (&["1", "2"], &[3, 1]),
        ];
        for (wishes, expected) in cases {
            assert_eq!(chosen(&names, wishes, 2).as_deref(), Ok(*expected), "{wishes:?}");
        }
    }

    #[test]
    fn weights_are_no_coordinates_unless_the_user_says_so() {
        let chosen = |names: &[&str], wishes: &[&str], weights: &str, dim| {
            let wishes = wishes.iter().map(|&wish| wish.to_owned()).collect();
            let weights = Some(Weights::Column(weights.to_owned()));
            let options = LoadOptions { columns: wishes, dim, weights, ..LoadOptions::default() };
            choose(Path::new("t.csv"), &columns(names), &options)
                .map(|chosen| chosen.all())
                .map_err(|err| err.to_string())
        };
        assert_eq!(chosen(&["w", "a", "b"], &[], "w", 2), Ok(vec![1, 2, 0]));
        assert_eq!(chosen(&["a", "b", "c"], &[], "2", 2), Ok(vec![0, 2, 1]));
        // Known names win only as far as they are no weights.
        assert_eq!(chosen(&["a", "b", "x", "y"], &[], " Y ", 2), Ok(vec![0, 1, 3]));
        assert_eq!(chosen(&["x", "y"], &["x", "y"], "y", 2), Ok(vec![0, 1, 1]));
        assert_eq!(
            chosen(&["x", "mass"], &[], "mas", 1),
            Err(
                "t.csv: there is no column 'mas': expected one of 'x', 'mass', or a number from 1 \
                 to 2 (did you mean 'mass'?); correct --weights"
                    .to_owned()
            )
        );
        assert_eq!(
            chosen(&["x", "mass"], &[], "mass", 2),
            Err("t.csv: found only one column of numbers ('x') besides the weights 'mass': \
                 expected at least 2 columns of numbers; add the missing column, or name the \
                 columns to use with --columns"
                .to_owned())
        );
    }

    #[test]
    fn a_wrong_choice_is_explained() {
        let names = ["height", "width", "text"];
        let cases: &[(&[&str], &[&str], &str)] = &[
            (
                &names,
                &["hieght", "width"],
                "t.csv: there is no column 'hieght': expected one of 'height', 'width', 'text', or \
                 a number from 1 to 3 (did you mean 'height'?); correct --columns",
            ),
            (
                &names,
                &["0", "width"],
                "t.csv: there is no column '0': expected one of 'height', 'width', 'text', or a \
                 number from 1 to 3; correct --columns",
            ),
            (
                &names,
                &["height"],
                "t.csv: --columns names 1 ('height'): expected 2 different columns, one per \
                 coordinate",
            ),
            (
                &names,
                &["height", "1"],
                "t.csv: --columns names 'height' twice: expected 2 different columns, one per \
                 coordinate",
            ),
            (
                &["a", "text"],
                &[],
                "t.csv: found only one column of numbers ('a'), text: 'text': expected at least 2 \
                 columns of numbers; add the missing column, or name the columns to use with \
                 --columns",
            ),
        ];
        for (names, wishes, message) in cases {
            assert_eq!(chosen(names, wishes, 2), Err((*message).to_owned()));
        }
    }
}
