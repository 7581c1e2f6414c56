//! Which targets are selected: a bit for each, as the device takes them.

use std::sync::{Arc, Weak};

use super::RowNumbers;
use crate::{
    model::Points,
    selection::RowBits,
    session::{Prepared, Scene},
};

/// The selected ones among the targets of some points.
#[derive(Debug)]
pub struct TargetMarks {
    /// The points: told apart, not kept.
    points: Weak<Points>,
    rows: Arc<RowBits>,
    /// A bit for each target: that of target i is bit i % 32 of number i / 32.
    pub bits: Arc<[u32]>,
    /// How many targets are selected.
    pub count: usize,
}

impl TargetMarks {
    /// Those of the targets of `prepared` whose rows are among `rows`.
    pub(in crate::session) fn new(
        prepared: &Prepared,
        numbers: &RowNumbers,
        rows: &Arc<RowBits>,
    ) -> Self {
        let bits: Arc<[u32]> = numbers.marks_of(rows, prepared.drawn.n()).into();
        let count = bits.iter().map(|word| word.count_ones() as usize).sum();
        Self { points: Arc::downgrade(&prepared.drawn), rows: Arc::clone(rows), bits, count }
    }

    /// Whether they are of these points.
    pub(super) fn are_of(&self, points: &Arc<Points>) -> bool {
        self.points.ptr_eq(&Arc::downgrade(points))
    }

    /// Whether they mark these rows of the points of `scene`.
    pub(in crate::session) fn are_current(&self, scene: &Scene, rows: &Arc<RowBits>) -> bool {
        self.are_of(&scene.prepared.drawn) && Arc::ptr_eq(&self.rows, rows)
    }

    /// Whether a target is selected.
    pub fn contains(&self, target: usize) -> bool {
        self.bits.get(target / 32).is_some_and(|word| word >> (target % 32) & 1 == 1)
    }

    /// The selected targets, rising.
    pub fn targets(&self) -> impl Iterator<Item = usize> + '_ {
        let of_word = |(k, word): (usize, &u32)| {
            let word = *word;
            (0..32).filter(move |bit| word >> bit & 1 == 1).map(move |bit| 32 * k + bit)
        };
        self.bits.iter().enumerate().filter(|(_, word)| **word != 0).flat_map(of_word)
    }
}
