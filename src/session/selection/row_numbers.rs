//! Which rows the targets are, as a list; and whether the rows of a file that was read again are what they
//! were.

use std::sync::Arc;

use crate::{
    numbers::format_number,
    selection::RowBits,
    session::{Prepared, TargetRows},
};

/// The row of each target, rising.
#[derive(Clone, Debug)]
pub(in crate::session) enum RowNumbers {
    /// Target i is row i.
    Same,
    /// Target i is row number i of these.
    Listed(Arc<[u64]>),
}

impl RowNumbers {
    /// Those of the targets of `prepared`.
    pub(in crate::session) fn of(prepared: &Prepared) -> Self {
        match (&prepared.target_rows, &prepared.picked) {
            (Some(rows), _) if rows.is_every_row() => Self::Same,
            (Some(rows), _) => {
                let targets = (0..).zip(rows.targets());
                Self::Listed(targets.filter_map(|(row, target)| target.map(|_| row)).collect())
            }
            (None, None) => Self::Same,
            (None, Some(picked)) => {
                Self::Listed(picked.iter().map(|row| u64::from(*row)).collect())
            }
        }
    }

    /// The row of a target.
    pub(in crate::session) fn row_of(&self, target: u32) -> u64 {
        match self {
            Self::Same => u64::from(target),
            Self::Listed(rows) => rows[target as usize],
        }
    }

    /// The rows of the targets whose bits are set in `words`: that of target i is bit i % 64 of word i / 64.
    pub(in crate::session) fn rows_of(&self, words: Vec<u64>) -> RowBits {
        match self {
            Self::Same => RowBits::from_words(words),
            Self::Listed(rows) => {
                let targets = RowBits::from_words(words);
                let row = |target: u64| rows.get(usize::try_from(target).ok()?).copied();
                RowBits::of(targets.rows().filter_map(row))
            }
        }
    }

    /// The bits of the first `n` targets, in words of 32: whether their row is in `rows`.
    pub(in crate::session) fn marks_of(&self, rows: &RowBits, n: usize) -> Vec<u32> {
        let mut words = vec![0_u32; n.div_ceil(32)];
        match self {
            Self::Same => {
                for (two, word) in words.chunks_mut(2).zip(rows.words()) {
                    let halves = [*word as u32, (*word >> 32) as u32];
                    two.copy_from_slice(&halves[..two.len()]);
                }
                if let Some(last) = words.last_mut()
                    && !n.is_multiple_of(32)
                {
                    *last &= (1 << (n % 32)) - 1;
                }
            }
            Self::Listed(listed) => {
                let marked =
                    listed.iter().take(n).enumerate().filter(|(_, row)| rows.contains(**row));
                for (target, _) in marked {
                    words[target / 32] |= 1 << (target % 32);
                }
            }
        }
        words
    }
}

/// Why the rows of `new`, read from the same files as `old` at another time, are not those of `old`, with more
/// behind them or not; `None` where they are, as far as both know.
pub(in crate::session) fn why_rows_differ(old: &Prepared, new: &Prepared) -> Option<String> {
    let (old_rows, new_rows) = (old.target_rows.as_ref()?, new.target_rows.as_ref()?);
    let [before, now] = [old_rows, new_rows].map(TargetRows::rows);
    let count = |rows: u64| format_number(rows as f64, 12);
    if now < before {
        return Some(format!("the file has {} rows, and had {}", count(now), count(before)));
    }
    let [of_old, of_new] = [old, new].map(|prepared| prepared.drawn.targets());
    if of_old.axes() != of_new.axes() || of_old.logarithmic() != of_new.logarithmic() {
        // Other columns of the same rows cannot be compared.
        let grown = || format!("the file has {} rows, and had {}", count(now), count(before));
        return (now != before).then(grown);
    }
    let is_every = new_rows.has_all_points();
    let mut both = (0..).zip(old_rows.targets().zip(new_rows.targets()));
    let is_other = |(_, (old, new)): &(u64, (Option<usize>, Option<usize>))| match (old, new) {
        (Some(old), Some(new)) => {
            let [old, new] = [of_old.point(*old), of_new.point(*new)];
            !old.iter().zip(new).all(|(a, b)| a.to_bits() == b.to_bits())
        }
        (Some(_), None) => is_every,
        (None, _) => false,
    };
    let (row, _) = both.find(is_other)?;
    Some(format!("row {} is another one", count(row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_marks_are_those_of_the_targets() {
        let listed = RowNumbers::Listed((0..100).map(|i| 3 * i + 1).collect());
        for numbers in [RowNumbers::Same, listed] {
            let mut words = vec![0_u64; 2];
            for target in [0, 5, 31, 32, 63, 64, 99] {
                words[target / 64] |= 1 << (target % 64);
            }
            let rows = numbers.rows_of(words);
            let last = if matches!(numbers, RowNumbers::Same) { 99 } else { 298 };
            assert_eq!((rows.count(), rows.rows().last()), (7, Some(last)));
            let marks = numbers.marks_of(&rows, 100);
            let is_marked = |i: &usize| marks[i / 32] >> (i % 32) & 1 == 1;
            let marked: Vec<usize> = (0..128).filter(is_marked).collect();
            assert_eq!(marked, [0, 5, 31, 32, 63, 64, 99]);
            // Fewer targets than rows.
            assert_eq!(numbers.marks_of(&rows, 40), [marks[0], 1]);
        }
    }
}
