//! A set of rows, a bit for each.

/// A set of rows of a file, or of generated points, numbered from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowBits {
    words: Vec<u64>,
    count: u64,
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
}
