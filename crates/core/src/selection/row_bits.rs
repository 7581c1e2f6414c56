//! A set of rows, a bit for each.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A set of rows of a file, or of generated points, numbered from 0.
///
/// It is written as the lengths of runs, in turn of rows that are not in it and of rows that are.
#[derive(Clone, Debug, Default, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u64>", into = "Vec<u64>")]
pub struct RowBits {
    words: Vec<u64>,
    count: u64,
}

impl PartialEq for RowBits {
    fn eq(&self, other: &Self) -> bool {
        // One may have zeros behind its last row.
        let common = self.words.len().min(other.words.len());
        self.count == other.count && self.words[..common] == other.words[..common]
    }
}

/// A set of rows that is shared: what is kept in parameters is cheap to copy and to compare.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "RowBits", into = "RowBits")]
pub struct SharedRows(pub Arc<RowBits>);

impl From<RowBits> for SharedRows {
    fn from(rows: RowBits) -> Self {
        Self(Arc::new(rows))
    }
}

impl From<SharedRows> for RowBits {
    fn from(rows: SharedRows) -> Self {
        Arc::unwrap_or_clone(rows.0)
    }
}

impl From<Vec<u64>> for RowBits {
    fn from(runs: Vec<u64>) -> Self {
        /// The most rows that a set from outside may have: more would take too much memory.
        const MOST: u64 = 1 << 33;
        let mut bits = Self::default();
        let mut row = 0_u64;
        for (k, length) in runs.into_iter().enumerate() {
            let end = row.saturating_add(length).min(MOST);
            if k % 2 == 1 {
                (row..end).for_each(|row| bits.set(row, true));
            }
            row = end;
        }
        bits
    }
}

impl From<RowBits> for Vec<u64> {
    fn from(bits: RowBits) -> Self {
        let mut runs = Vec::new();
        let (mut end, mut length) = (0, 0);
        for row in bits.rows() {
            if row != end || length == 0 {
                if length > 0 {
                    runs.push(length);
                }
                runs.push(row - end);
                (end, length) = (row, 0);
            }
            (end, length) = (end + 1, length + 1);
        }
        if length > 0 {
            runs.push(length);
        }
        runs
    }
}

impl RowBits {
    /// The set of these rows.
    pub fn of(rows: impl IntoIterator<Item = u64>) -> Self {
        let mut bits = Self::default();
        for row in rows {
            bits.set(row, true);
        }
        bits
    }

    /// The set of the rows whose bits are set: row r is bit r % 64 of word r / 64.
    pub fn from_words(words: Vec<u64>) -> Self {
        let count = words.iter().map(|word| u64::from(word.count_ones())).sum();
        Self { words, count }
    }

    /// The bits of the rows: see [`Self::from_words`]; rows behind the last word are not in the set.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Adds the rows of another set.
    pub fn add(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
        *self = Self::from_words(std::mem::take(&mut self.words));
    }

    /// Removes the rows of another set.
    pub fn remove(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
        *self = Self::from_words(std::mem::take(&mut self.words));
    }

    /// Whether no row is in the set.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds or removes a row.
    pub fn set(&mut self, row: u64, is_in: bool) {
        let (word, bit) = ((row / 64) as usize, 1 << (row % 64));
        if word >= self.words.len() {
            if !is_in {
                return;
            }
            self.words.resize(word + 1, 0);
        }
        let was_in = self.words[word] & bit != 0;
        if was_in != is_in {
            self.words[word] ^= bit;
            self.count = if is_in { self.count + 1 } else { self.count - 1 };
        }
    }

    /// Whether a row is in the set.
    pub fn contains(&self, row: u64) -> bool {
        self.words.get((row / 64) as usize).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// How many rows are in the set.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The rows, rising.
    pub fn rows(&self) -> impl Iterator<Item = u64> + '_ {
        let of_word = |(k, word): (usize, &u64)| {
            let word = *word;
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| 64 * k as u64 + bit)
        };
        self.words.iter().enumerate().filter(|(_, word)| **word != 0).flat_map(of_word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_in_and_out() {
        let mut bits = RowBits::of([3, 64, 3, 1000]);
        assert_eq!((bits.count(), bits.rows().collect::<Vec<_>>()), (3, vec![3, 64, 1000]));
        bits.set(64, false);
        bits.set(5000, false);
        bits.set(0, true);
        assert_eq!((bits.count(), bits.rows().collect::<Vec<_>>()), (3, vec![0, 3, 1000]));
        assert!(bits.contains(1000) && !bits.contains(64) && !bits.contains(1 << 40));
    }

    #[test]
    fn sets_are_added_and_removed_row_by_row() {
        let of = |step: usize| RowBits::of((0..300).step_by(step));
        let mut bits = of(2);
        bits.add(&of(3));
        let is_in = |row: &u64| row.is_multiple_of(2) || row.is_multiple_of(3);
        assert!(bits.rows().eq((0..300).filter(is_in)));
        bits.remove(&of(5));
        let left = |row: &u64| is_in(row) && !row.is_multiple_of(5);
        assert!(bits.rows().eq((0..300).filter(left)));
        assert_eq!(bits.count(), (0..300).filter(left).count() as u64);
        bits.remove(&RowBits::of(0..1000));
        assert!(bits.is_empty() && bits == RowBits::default());
    }

    #[test]
    fn a_set_is_written_as_runs_and_read_back() {
        for rows in [vec![], vec![0], vec![5], vec![0, 1, 2, 64, 65, 1000], vec![63, 64]] {
            let bits = RowBits::of(rows);
            let runs: Vec<u64> = bits.clone().into();
            assert_eq!(RowBits::from(runs.clone()), bits, "{runs:?}");
        }
        assert_eq!(Vec::from(RowBits::of([0, 1, 2, 64, 65])), [0, 3, 61, 2]);
        // Nonsense takes no memory.
        assert!(RowBits::from(vec![u64::MAX, u64::MAX, 7]).is_empty());
    }
}
