//! Which rows of the targets a user asked for: by an expression, or those where f is highest or lowest.

use std::{fmt, ops::ControlFlow};

use super::{Prepared, TableError};
use crate::{
    engine::Observer,
    escape::escaped,
    io::{Holds, OpenFile, Values},
    selection::{Cell, Expression, RowBits, Share},
};

/// A choice of rows among those that are targets.
#[derive(Clone, Debug, PartialEq)]
pub enum RowChoice {
    /// Those for which an expression of f, the row and columns holds.
    Where(Expression),
    /// Those with the highest f.
    Top(Share),
    /// Those with the lowest f.
    Bottom(Share),
}

impl fmt::Display for RowChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (share, end) = match self {
            Self::Where(expression) => {
                return write!(f, "rows where {}", escaped(&expression.to_string()));
            }
            Self::Top(share) => (share, "highest"),
            Self::Bottom(share) => (share, "lowest"),
        };
        let of = if matches!(share, Share::Percent(_)) { " of the" } else { "" };
        write!(f, "the {share}{of} rows with the {end} f")
    }
}

/// The names that are no column of a file: see [`Named`].
const OWN: [&str; 2] = ["f", "row"];

/// What a name of an expression stands for.
enum Named {
    Field,
    Row,
    /// A coordinate of generated targets.
    Axis(usize),
    /// A column among those that are read.
    Column(usize),
}

impl RowChoice {
    /// Refuses names that are no column; looks at the targets' file only where some are named.
    ///
    /// # Errors
    /// When a column is not there, or the file cannot be read again.
    pub fn check(
        &self,
        prepared: &Prepared,
        observer: &mut dyn Observer,
    ) -> Result<(), TableError> {
        let is_own = |name: &String| OWN.contains(&name.as_str());
        if let Self::Where(expression) = self
            && !expression.names().iter().all(is_own)
        {
            let file = prepared.target_rows.as_ref().map(|rows| rows.open(observer)).transpose()?;
            Names::of(expression, prepared, file.as_ref())?;
        }
        Ok(())
    }

    /// The rows, numbered as in the targets' file, that `field`, f of each of the `prepared` targets, and the
    /// file's columns choose.
    ///
    /// # Errors
    /// When a column is not there, or the file cannot be read again.
    pub fn rows(
        &self,
        prepared: &Prepared,
        field: &[f64],
        observer: &mut dyn Observer,
    ) -> Result<RowBits, TableError> {
        let extreme = |share: &Share, highest: bool| {
            let targets = share.extreme(field, highest);
            RowBits::of(targets.into_iter().filter_map(|target| prepared.row_of(target)))
        };
        match self {
            Self::Top(share) => Ok(extreme(share, true)),
            Self::Bottom(share) => Ok(extreme(share, false)),
            Self::Where(expression) => where_it_holds(expression, prepared, field, observer),
        }
    }
}

/// What the names of an expression stand for, and the columns of the file to be read for it.
struct Names {
    named: Vec<Named>,
    columns: Vec<usize>,
}

impl Names {
    /// Those of `expression` among the columns of the targets' `file`, or the coordinates of generated ones.
    fn of(
        expression: &Expression,
        prepared: &Prepared,
        file: Option<&OpenFile>,
    ) -> Result<Self, TableError> {
        let axes = prepared.drawn.targets().axes();
        let mut columns: Vec<usize> = Vec::new();
        let mut find = |name: &String| match (name.as_str(), file) {
            ("f", _) => Ok(Named::Field),
            ("row", _) => Ok(Named::Row),
            (_, Some(file)) => {
                // As in a table, where a column of the file that is called f or row stands as f_2 or row_2.
                let has = |name: &str| file.columns().any(|(known, _)| known == name);
                let plain = name.strip_suffix("_2").filter(|plain| OWN.contains(plain));
                let plain = plain.filter(|plain| has(plain) && !has(name));
                let column = file.find(plain.unwrap_or(name), "--select")?;
                let known = columns.iter().position(|known| *known == column);
                Ok(Named::Column(known.unwrap_or_else(|| {
                    columns.push(column);
                    columns.len() - 1
                })))
            }
            (_, None) => match axes.iter().position(|axis| axis == name) {
                Some(axis) => Ok(Named::Axis(axis)),
                None => Err(TableError::NoColumn {
                    name: escaped(name),
                    available: escaped(&axes.join(", ")),
                }),
            },
        };
        let named = expression.names().iter().map(&mut find).collect::<Result<_, _>>()?;
        Ok(Self { named, columns })
    }
}

fn where_it_holds(
    expression: &Expression,
    prepared: &Prepared,
    field: &[f64],
    observer: &mut dyn Observer,
) -> Result<RowBits, TableError> {
    let mut bits = RowBits::default();
    let Some(rows) = &prepared.target_rows else {
        let Names { named, .. } = Names::of(expression, prepared, None)?;
        let targets = prepared.drawn.targets();
        for (target, f) in field.iter().enumerate() {
            let row = prepared.row_of(target).unwrap_or_default();
            let mut cell = |name: usize| match &named[name] {
                Named::Axis(axis) => Cell::Number(targets.point(target)[*axis]),
                Named::Row => Cell::Number(row as f64),
                Named::Field | Named::Column(_) => Cell::Number(*f),
            };
            if expression.holds(&mut cell) {
                bits.set(row, true);
            }
        }
        return Ok(bits);
    };
    let mut file = rows.open(observer)?;
    let Names { named, columns } = Names::of(expression, prepared, Some(&file))?;
    // Without any column there is still a block for each row.
    let first = if columns.is_empty() { &[0][..] } else { &[] };
    let mut targets = rows.targets();
    let mut row = 0_u64;
    file.values(first, &columns, observer, &mut |blocks| {
        let count = blocks.first().map_or(0, Values::len);
        let blocks: Vec<Values> = blocks.into_iter().skip(first.len()).map(comparable).collect();
        for (k, target) in targets.by_ref().take(count).enumerate() {
            if let Some(f) = target.and_then(|target| field.get(target)) {
                let mut cell = |name: usize| match &named[name] {
                    Named::Row => Cell::Number(row as f64),
                    Named::Column(column) => cell_of(&blocks[*column], k),
                    Named::Field | Named::Axis(_) => Cell::Number(*f),
                };
                if expression.holds(&mut cell) {
                    bits.set(row, true);
                }
            }
            row += 1;
        }
        ControlFlow::Continue(())
    })?;
    rows.check_count(row)?;
    Ok(bits)
}

/// The values as numbers or texts.
fn comparable(values: Values) -> Values {
    match values {
        Values::Numbers(_) | Values::Texts(_) => values,
        Values::Integers(_) => values.held_as(Holds::Numbers),
        Values::Booleans(_) | Values::Times(_) => values.held_as(Holds::Texts),
    }
}

fn cell_of(values: &Values, row: usize) -> Cell<'_> {
    match values {
        Values::Numbers(numbers) => Cell::Number(numbers[row]),
        Values::Texts(texts) => texts[row].as_deref().map_or(Cell::Missing, Cell::Text),
        _ => Cell::Missing,
    }
}
