//! Which rows of a file became points: a bit for each row.

/// The rows of a file, in order, each kept or dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSet {
    /// Bit r % 64 of word r / 64 is set where row r was kept.
    words: Vec<u64>,
    rows: u64,
    kept: u64,
    /// How many rows were kept in front of each group of [`Self::GROUP`] words.
    before: Vec<u64>,
}

impl RowSet {
    /// Words in a group: what is looked through to find a point's row.
    const GROUP: usize = 64;

    /// `rows` rows, all kept.
    pub fn all(rows: u64) -> Self {
        let mut set = Self::default();
        set.push_kept(rows);
        set
    }

    /// Adds the next `rows` rows, all kept.
    pub fn push_kept(&mut self, rows: u64) {
        let mut left = rows;
        while left > 0 {
            // All bits of a word at once, where it is not begun.
            if left >= 64 && self.rows.is_multiple_of(64) {
                self.push(true);
                if let Some(word) = self.words.last_mut() {
                    *word = u64::MAX;
                }
                self.kept += 63;
                self.rows += 63;
                left -= 64;
            } else {
                self.push(true);
                left -= 1;
            }
        }
    }

    /// Adds the next row.
    pub fn push(&mut self, is_kept: bool) {
        if self.rows.is_multiple_of(64) {
            if self.words.len().is_multiple_of(Self::GROUP) {
                self.before.push(self.kept);
            }
            self.words.push(0);
        }
        if is_kept && let Some(word) = self.words.last_mut() {
            *word |= 1 << (self.rows % 64);
            self.kept += 1;
        }
        self.rows += 1;
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Number of rows that were kept: of points.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// Whether a row, from 0, was kept; false behind the last one.
    pub fn is_kept(&self, row: u64) -> bool {
        let word = usize::try_from(row / 64).ok().and_then(|word| self.words.get(word));
        word.is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// The row, from 0, of a point, from 0; `None` behind the last point.
    pub fn row_of(&self, point: u64) -> Option<u64> {
        if point >= self.kept {
            return None;
        }
        let group = self.before.partition_point(|before| *before <= point) - 1;
        let mut left = point - self.before[group];
        for (k, word) in self.words.iter().enumerate().skip(group * Self::GROUP) {
            let here = u64::from(word.count_ones());
            if left >= here {
                left -= here;
                continue;
            }
            let mut word = *word;
            for _ in 0..left {
                word &= word - 1;
            }
            return Some(k as u64 * 64 + u64::from(word.trailing_zeros()));
        }
        None
    }

    /// The rows, from 0, of all points, in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.rows).filter(|row| self.is_kept(*row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_knows_its_row() {
        let mut set = RowSet::default();
        let is_kept = |row: u64| row % 3 != 1 && !(5000..9000).contains(&row);
        (0..20_000).for_each(|row| set.push(is_kept(row)));
        let wanted: Vec<u64> = (0..20_000).filter(|row| is_kept(*row)).collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), wanted);
        assert_eq!((set.rows(), set.kept()), (20_000, wanted.len() as u64));
        for (point, row) in wanted.iter().enumerate() {
            assert_eq!(set.row_of(point as u64), Some(*row));
        }
        assert_eq!(set.row_of(wanted.len() as u64), None);
        assert!(!set.is_kept(20_000) && RowSet::all(130).iter().eq(0..130));
        assert_eq!(RowSet::default().row_of(0), None);
    }
}
