//! Which columns of a table become coordinates.
//!
//! The user's choice is taken by name (exactly, else whatever the case) or by number from 1.
//! Without one, columns win that belong together by their names (see [`super::families`]), then the
//! first two of numbers, or the only one. Columns that tell rows apart, hold times or truths, or are
//! empty in most rows, are never chosen as long as there is another; nor is one with a single value
//! as long as there are enough others.

use std::path::Path;

use serde::Serialize;

use super::LoadOptions;
use super::error::LoadError;
use super::families::family;
use super::moment;
use super::names;
use super::table::{MISSING, Values};
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

/// Why a column of numbers is left out of which less than half the rows have one.
pub(super) const MOSTLY_EMPTY: &str = "empty in most rows";
/// Why a column is left out of which all numbers are 0 or 1.
pub(super) const TRUTHS: &str = "nothing but 0 and 1";
/// In so many rows nothing but 0 and 1 is no chance.
pub(super) const ROWS_OF_TRUTHS: u64 = 20;

/// One column of a table.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the column")]
pub(super) struct Column {
    /// Its name; unique in the table.
    pub(super) name: String,
    /// Whether the file gives it no name of its own.
    pub(super) unnamed: bool,
    /// What it holds.
    pub(super) kind: Kind,
    /// Its first cell of text.
    pub(super) text: Option<TextCell>,
    /// Whether each number is the one before it plus one.
    pub(super) counts_rows: bool,
    /// Whether it has text in some cells.
    pub(super) has_text: bool,
    /// Why the loader does not choose it by itself although it holds numbers, where the format says so:
    /// times, truths; or what stands in it: nothing in most rows, nothing but 0 and 1, codes.
    pub(super) set_apart: Option<&'static str>,
    /// Whether it has more than one value.
    pub(super) varies: bool,
    /// What its values are in the file.
    pub(super) holds: Holds,
    /// Which list it is a place of, where the file has lists in place of numbers.
    pub(super) list: Option<usize>,
}

/// A cell of text, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct TextCell {
    /// In words: `line 17`.
    pub(super) place: String,
    /// Shortened for a message.
    pub(super) cell: String,
}

/// What the values of a column are in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// Numbers.
    #[serde(rename = "number")]
    Numbers,
    /// Whole numbers.
    #[serde(rename = "integer")]
    Integers,
    /// True or false.
    #[serde(rename = "boolean")]
    Booleans,
    /// Dates, or moments.
    #[serde(rename = "time")]
    Times,
    /// Text.
    #[serde(rename = "text")]
    Texts,
    /// No value at all.
    #[serde(rename = "nothing")]
    Nothing,
}

impl Holds {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Numbers => "number",
            Self::Integers => "integer",
            Self::Booleans => "boolean",
            Self::Times => "time",
            Self::Texts => "text",
            Self::Nothing => "nothing",
        }
    }
}

/// A column of a file, as `info` tells it. The fields' names are keys in the JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnSummary {
    /// Its name; unique in the file.
    pub name: String,
    /// What it holds.
    pub r#type: Holds,
    /// Lowest and highest number; `None` where there is none or it is not known.
    pub range: Option<[f64; 2]>,
    /// In how many rows it has no value; `None` where that is not known.
    pub missing: Option<u64>,
}

impl ColumnSummary {
    /// The lowest and the highest value as text: as `number` writes them, or moments as in ISO 8601.
    pub fn ends(&self, number: impl Fn(f64) -> String) -> Option<[String; 2]> {
        let moment = |seconds: f64| moment::iso((seconds * 1e6).round() as i64);
        let is_moment = self.r#type == Holds::Times;
        Some(self.range?.map(|end| if is_moment { moment(end) } else { number(end) }))
    }

    /// What is known of a column before its values are read.
    pub(super) fn of(column: &Column) -> Self {
        Self { name: column.name.clone(), r#type: column.holds, range: None, missing: Some(0) }
    }

    /// Takes in some of its values.
    pub(super) fn absorb(&mut self, values: &Values) {
        let absent = match values {
            Values::Numbers(values) => {
                for value in values.iter().filter(|value| value.is_finite()) {
                    let [low, high] = self.range.unwrap_or([*value; 2]);
                    self.range = Some([low.min(*value), high.max(*value)]);
                }
                values.iter().filter(|value| value.to_bits() == MISSING.to_bits()).count()
            }
            Values::Integers(values) | Values::Times(values) => {
                values.iter().filter(|value| value.is_none()).count()
            }
            Values::Booleans(values) => values.iter().filter(|value| value.is_none()).count(),
            Values::Texts(values) => values.iter().filter(|value| value.is_none()).count(),
        };
        self.missing = self.missing.map(|missing| missing + absent as u64);
    }
}

impl Column {
    /// A column of numbers of which nothing else is known.
    pub(super) fn of_numbers(name: String) -> Self {
        Self {
            name,
            unnamed: false,
            kind: Kind::Numbers,
            text: None,
            counts_rows: false,
            has_text: false,
            set_apart: None,
            varies: true,
            holds: Holds::Numbers,
            list: None,
        }
    }

    /// A column of something else than numbers.
    pub(super) fn of(name: String, holds: Holds) -> Self {
        let (kind, set_apart) = match holds {
            Holds::Numbers | Holds::Integers => (Kind::Numbers, None),
            Holds::Booleans => (Kind::Numbers, Some("true or false")),
            Holds::Times => (Kind::Numbers, Some("dates or times")),
            Holds::Texts => (Kind::Text, None),
            Holds::Nothing => (Kind::Nothing, None),
        };
        Self { kind, set_apart, holds, ..Self::of_numbers(name) }
    }

    /// Why the loader does not choose it by itself; `None` if it may.
    fn left_out_as(&self) -> Option<&'static str> {
        if self.unnamed {
            Some("without a name")
        } else if names::is_identifier(&self.name) {
            Some("a name for something that tells rows apart")
        } else if self.counts_rows {
            Some("each number is the one before it plus one")
        } else if names::is_part_of_a_date(&self.name, self.holds == Holds::Integers) {
            Some("a part of a date by its name")
        } else {
            self.set_apart
        }
    }
}

/// The positions of the columns to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Those that become coordinates, in their order.
    pub(super) coordinates: Vec<usize>,
    /// The one that holds the weights.
    pub(super) weights: Option<usize>,
    /// What the loader decided by itself, and what it left out, in sentences.
    pub(super) notes: Vec<String>,
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
    if !options.columns.is_empty() {
        let coordinates = choose_as_told(path, columns, options)?;
        return Ok(Chosen { coordinates, weights, notes: Vec::new() });
    }
    let (coordinates, why) = choose_by_ourselves(path, columns, options.dim, weights)?;
    let notes = notes_on(columns, &coordinates, weights, why);
    Ok(Chosen { coordinates, weights, notes })
}

/// What is told about a choice of the loader's own.
fn notes_on(
    columns: &[Column],
    coordinates: &[usize],
    weights: Option<usize>,
    why: &str,
) -> Vec<String> {
    let name = |k: &usize| columns[*k].name.as_str();
    let taken = listed(coordinates.iter().map(name));
    let many = if coordinates.len() == 1 { "" } else { "s" };
    let mut notes = vec![format!("coordinate{many} taken: {taken} ({why})")];
    let others = || {
        let is_other = |k: &usize| !coordinates.contains(k) && weights != Some(*k);
        (0..columns.len()).filter(is_other).filter(|k| columns[*k].kind == Kind::Numbers)
    };
    let mut reasons: Vec<(&str, Vec<usize>)> = Vec::new();
    for k in others() {
        let is_passed = || coordinates.iter().any(|&taken| taken > k);
        let only_value = || (!columns[k].varies && is_passed()).then_some("the same in every row");
        let Some(reason) = columns[k].left_out_as().or_else(only_value) else { continue };
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, found)) => found.push(k),
            None => reasons.push((reason, vec![k])),
        }
    }
    notes.extend(reasons.iter().map(|(reason, found)| {
        format!("not taken as coordinates: {} ({reason})", listed(found.iter().map(name)))
    }));
    notes
}

fn choose_as_told(
    path: &Path,
    columns: &[Column],
    options: &LoadOptions,
) -> Result<Vec<usize>, LoadError> {
    let wishes = &options.columns;
    let wanted = options.dim.unwrap_or(wishes.len());
    let wrong = |found| LoadError::WrongColumns { path: path.into(), found, wanted };
    if wishes.len() != wanted {
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
pub(super) fn find(
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

/// The columns that the loader takes by itself, and why these.
fn choose_by_ourselves(
    path: &Path,
    columns: &[Column],
    dim: Option<usize>,
    weights: Option<usize>,
) -> Result<(Vec<usize>, &'static str), LoadError> {
    let usable = |k: usize| {
        matches!(columns[k].kind, Kind::Numbers | Kind::MostlyNumbers)
            && weights != Some(k)
            && !columns[k].unnamed
    };
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let found = family(&names, dim, &usable, &|k| columns[k].varies);
    let first = found.as_ref().map(|family| family.columns[0]);
    if first.is_none_or(|first| columns[first].list.is_some()) {
        let is_place = |k: &usize| columns[*k].list.is_some() && usable(*k);
        let first = first.or_else(|| (0..columns.len()).find(is_place));
        let list = first.map(|first| columns[first].list);
        let places: Vec<usize> = (0..columns.len())
            .filter(|&k| list == Some(columns[k].list) && usable(k))
            .take(dim.unwrap_or(LoadOptions::MAX_DIM + 1))
            .collect();
        // Longer lists are more coordinates than a point may have.
        if (2..=LoadOptions::MAX_DIM).contains(&places.len())
            && dim.is_none_or(|d| d == places.len())
        {
            return Ok((places, "the places of one list"));
        }
    }
    if let Some(family) = found {
        return Ok((family.columns, family.why));
    }
    let of_kind = |kinds: &[Kind]| -> Vec<usize> {
        let is_one = |k: &usize| weights != Some(*k) && kinds.contains(&columns[*k].kind);
        (0..columns.len()).filter(is_one).collect()
    };
    let numbers = of_kind(&[Kind::Numbers]);
    let places: Vec<usize> =
        numbers.iter().copied().filter(|&k| columns[k].left_out_as().is_none()).collect();
    let whole: Vec<usize> = places.iter().copied().filter(|&k| !columns[k].has_text).collect();
    let varying: Vec<usize> = whole.iter().copied().filter(|&k| columns[k].varies).collect();
    let mostly = of_kind(&[Kind::Numbers, Kind::MostlyNumbers]);
    // Columns with bad cells are better than fewer: who reads them refuses too many.
    let spoilt: Vec<usize> =
        mostly.iter().copied().filter(|&k| columns[k].left_out_as().is_none()).collect();
    // Without a number of coordinates a lone column makes points on a line, unless it only counts rows.
    let candidates = [
        (varying, dim.unwrap_or(2), "the first columns of numbers"),
        (whole, dim.unwrap_or(2), "the first columns of numbers"),
        (spoilt, dim.unwrap_or(2), "the first columns of numbers"),
        (places, dim.unwrap_or(1), "the first columns of numbers"),
        (numbers, dim.unwrap_or(1), "there are no other columns of numbers"),
        (mostly, dim.unwrap_or(1), "there are no other columns of numbers"),
    ];
    let found = candidates.into_iter().find(|(found, least, _)| found.len() >= *least);
    let Some((mut found, _, why)) = found else {
        return Err(too_few(path, columns, dim.unwrap_or(1), weights));
    };
    found.truncate(dim.unwrap_or(2));
    let why =
        if found.len() == 1 && dim.is_none() { "the only column of numbers left" } else { why };
    Ok((found, why))
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
            if let Some(TextCell { place, cell }) =
                with_text.and_then(|column| column.text.as_ref())
            {
                found = format!("{found} (such as '{cell}' in {place})");
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
                let counts_rows = name.starts_with("run");
                Column { unnamed, kind, counts_rows, ..Column::of_numbers(name) }
            })
            .collect()
    }

    fn chosen(names: &[&str], wishes: &[&str], dim: usize) -> Result<Vec<usize>, String> {
        chosen_of(names, wishes, Some(dim))
    }

    fn chosen_of(
        names: &[&str],
        wishes: &[&str],
        dim: Option<usize>,
    ) -> Result<Vec<usize>, String> {
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
    fn the_number_of_coordinates_follows_from_the_columns() {
        let cases: &[(&[&str], &[usize])] = &[
            (&["a", "b", "c"], &[0, 1]),
            (&["a"], &[0]),
            (&["", "x"], &[1]),
            (&["index", "a"], &[1]),
            (&["run", "a"], &[1]),
            (&["run a", "run b"], &[0, 1]),
            (&["x", "y", "z"], &[0, 1, 2]),
            (&["frame", "x [nm]", "y [nm]"], &[1, 2]),
            (&["PC1", "PC2", "PC3"], &[0, 1]),
            (&["id"], &[0]),
            (&["text", "a"], &[1]),
        ];
        for (names, expected) in cases {
            assert_eq!(chosen_of(names, &[], None).as_deref(), Ok(*expected), "{names:?}");
        }
        assert!(chosen_of(&["text"], &[], None).is_err());
    }

    #[test]
    fn all_places_of_a_list_are_coordinates_unless_others_belong_together() {
        let chosen = |names: &[&str], dim| {
            let mut columns = columns(names);
            for column in &mut columns {
                column.list = column.name.starts_with("vec").then_some(1);
            }
            let options = LoadOptions { dim, ..LoadOptions::default() };
            choose(Path::new("t.parquet"), &columns, &options).expect("columns").coordinates
        };
        assert_eq!(chosen(&["id", "vec_1", "vec_2", "vec_3"], None), [1, 2, 3]);
        assert_eq!(chosen(&["id", "vec_1", "vec_2", "vec_3"], Some(2)), [1, 2]);
        assert_eq!(chosen(&["x", "y", "vec_1", "vec_2"], None), [0, 1]);
        let long: Vec<String> = (1..=65).map(|k| format!("vec_{k}")).collect();
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        assert_eq!(chosen(&long, None).len(), 2);
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
            let options =
                LoadOptions { columns: wishes, dim: Some(dim), weights, ..LoadOptions::default() };
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
