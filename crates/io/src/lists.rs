//! Lists that become columns: each list of a column has the same length, or the column is no column of
//! numbers.

use std::path::Path;

use super::error::LoadError;
use super::wording::shortened;

/// The longest lists that become columns.
const LONGEST: usize = 1 << 14;
/// Rows that are looked at for the length of their lists.
const ROWS: u64 = 10_000;
/// Values of lists after which no more rows are looked at.
const ITEMS: usize = 1 << 20;

/// What is known of the lists of a column so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lists {
    /// The length of the first.
    length: Option<usize>,
    rows: u64,
    items: usize,
    /// The first row whose list is no part of a row of numbers, from 0, and what it is.
    wrong: Option<(u64, String)>,
}

impl Lists {
    /// Takes in the lengths of the lists of the next rows; `None` where a row has none.
    pub(super) fn absorb(&mut self, lengths: impl IntoIterator<Item = Option<usize>>) {
        for found in lengths {
            if let (Some(found), None) = (found, &self.wrong) {
                let first = *self.length.get_or_insert(found);
                self.items += found;
                let wrong = match found {
                    _ if found != first => {
                        Some(format!("a list of length {found} below one of {first}"))
                    }
                    0 => Some("a list without values".to_owned()),
                    _ if found > LONGEST => Some(format!("a list of {found} values")),
                    _ => None,
                };
                self.wrong = wrong.map(|what| (self.rows, what));
            }
            self.rows += 1;
        }
    }

    /// How many rows more are to be looked at.
    pub(super) fn left(&self) -> u64 {
        let enough = self.items >= ITEMS || self.wrong.is_some();
        if enough { 0 } else { ROWS.saturating_sub(self.rows) }
    }

    /// The length of all lists, 0 if there is none.
    ///
    /// # Errors
    /// The first row whose list has another length or none that serves, from 0, and what it is.
    pub(super) fn length(self) -> Result<usize, (u64, String)> {
        match self.wrong {
            Some(wrong) => Err(wrong),
            None => Ok(self.length.unwrap_or(0)),
        }
    }
}

/// That a list in a row, from 0, has another length than those before it.
pub(super) fn unequal(
    path: &Path,
    column: &str,
    row: u64,
    found: usize,
    length: usize,
) -> LoadError {
    LoadError::Content {
        path: path.into(),
        found: format!(
            "a list of length {found} in row {row} of the column '{}'",
            shortened(column.as_bytes())
        ),
        expected: format!("lists of one length, {length} as in the rows before"),
        remedy: "make the lists equally long, or choose other columns with --columns".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_one_length_or_are_told() {
        let length = |lengths: &[Option<usize>]| {
            let mut lists = Lists::default();
            lists.absorb(lengths.iter().copied());
            lists.length()
        };
        assert_eq!(length(&[None, Some(3), Some(3), None]), Ok(3));
        assert_eq!(length(&[None]), Ok(0));
        let told = |row, what: &str| Err((row, what.to_owned()));
        assert_eq!(length(&[Some(2), None, Some(1)]), told(2, "a list of length 1 below one of 2"));
        assert_eq!(length(&[None, Some(0)]), told(1, "a list without values"));
        assert_eq!(length(&[Some(1 << 20)]), told(0, "a list of 1048576 values"));
    }
}
