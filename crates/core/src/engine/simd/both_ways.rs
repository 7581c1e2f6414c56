//! The sum where the targets are the very sources: each pair's term is worked out once and added at both
//! of its ends.
//!
//! ```text
//!           q ──▶                blocks of targets in up to 16 groups
//!        p ┌─────────┐
//!        │ │ ◥ ■ ■ ■ │           a task: two groups, or one with itself
//!        ▼ │   ◥ ■ ■ │           its sums: of the targets of p, and of those of q
//!          │     ◥ ■ │
//!          │       ◥ │           all tasks' sums, in their order, in f64 ──▶ f
//!          └─────────┘
//! ```
//!
//! Memory: 8 bytes a target for each of up to 17 groups. The order of the additions depends neither
//! on how many threads there are nor on which ends first.

use std::ops::Range;

use super::{BLOCK, Block, Precision, Shell, Split, Sum, Task, corners, kernel::Checkpoint, tasks};
use crate::{
    engine::{EngineError, Observer},
    model::{Cloud, Points},
};

/// The most groups of blocks. With fewer, threads wait for the last task; with more, partial sums take
/// more memory and each block meets fewer sources at once.
const GROUPS: usize = 16;
/// Sums for each target that are held at once, at most: one of each group, and f.
pub(super) const SUMS: u64 = GROUPS as u64 + 1;
/// The fewest blocks for which it pays.
const LEAST_BLOCKS: usize = 4;

/// Whether the targets are the sources, in the same order.
pub(super) fn are_the_sources(points: &Points) -> bool {
    let [targets, sources] = [points.targets(), points.sources()].map(Cloud::coordinates);
    targets == sources
}

impl Sum<'_> {
    /// Whether the blocks, all there are, can be summed so.
    pub(super) fn may_sum_both_ways(&self, blocks: &[Block<'_>]) -> bool {
        let targets: usize = blocks.iter().map(|block| block.targets.len()).sum();
        self.both_ways
            && blocks.len() >= LEAST_BLOCKS
            && targets == self.points.n()
            && blocks.iter().all(|block| block.precision != Precision::Double)
    }

    /// f at the targets of each block.
    ///
    /// A target of enough weight is a source near enough for all that count; with others what is near would
    /// not do, and which pairs are far depends on the end from which one looks.
    pub(super) fn sums_both_ways(
        &self,
        blocks: &[Block<'_>],
        observer: &mut dyn Observer,
    ) -> Result<Vec<Vec<f64>>, EngineError> {
        let n = self.points.n();
        let Split { share, .. } = Split::of(self.points, blocks.len(), n);
        let length = blocks.len().div_ceil(GROUPS);
        let groups: Vec<&[Block<'_>]> = blocks.chunks(length).collect();
        let rows = |p: usize| p * length * BLOCK..n.min((p + 1) * length * BLOCK);
        let couples: Vec<[usize; 2]> =
            (0..groups.len()).flat_map(|p| (p..groups.len()).map(move |q| [p, q])).collect();
        let pairs =
            blocks.iter().map(|block| block.targets.len() as u64).scan(n as u64, |left, k| {
                let pairs = *left * k;
                *left -= k;
                Some(pairs)
            });
        let partial = tasks::run(couples.len(), pairs.sum(), share, observer, |k, checkpoint| {
            let [p, q] = couples[k];
            self.sum_of_groups(groups[p], [rows(p), rows(q)], checkpoint)
        });
        let mut totals = vec![0.0; n];
        for (&[p, q], sums) in couples.iter().zip(partial.ok_or(EngineError::Stopped)?) {
            for (range, sums) in [rows(p), rows(q)].into_iter().zip(sums) {
                totals[range].iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
            }
        }
        let weight = self.weight_scale.recip();
        for total in &mut totals {
            *total *= weight;
        }
        Ok(totals.chunks(BLOCK).map(<[f64]>::to_vec).collect())
    }

    /// The sums of the blocks of a group, which are sources in `rows`, with those in `columns`, and of those
    /// with the blocks; of a group with itself all in the first.
    fn sum_of_groups(
        &self,
        blocks: &[Block<'_>],
        [rows, columns]: [Range<usize>; 2],
        checkpoint: Checkpoint<'_>,
    ) -> Option<[Vec<f64>; 2]> {
        let is_one = rows == columns;
        let mut of_rows = vec![0.0; rows.len()];
        let mut of_columns = vec![0.0; if is_one { 0 } else { columns.len() }];
        for (block, start) in blocks.iter().zip(rows.clone().step_by(BLOCK)) {
            let own = start..start + block.targets.len();
            let here = own.start - rows.start..own.end - rows.start;
            let task = |ranges, back| Task {
                targets: self.points.targets(),
                sources: &self.sources.cloud,
                back,
                block,
                ranges,
                scale: self.scale,
                weight_scale: self.weight_scale,
                shifted: false,
            };
            let mut others = columns.clone();
            if is_one {
                let sums = (self.kernel)(&task(std::slice::from_ref(&own), None), checkpoint)?;
                add(&mut of_rows[here.clone()], &sums);
                others.start = own.end;
            }
            let around = corners(self.points.targets(), block.targets);
            let shell = if self.reaches.is_even { Shell::Near } else { Shell::All };
            let reach = self.reaches.of_shell(block.precision, false, shell);
            let near = self.sources.near(&around, self.scale, reach, others.clone());
            let seen: usize = near.iter().map(ExactSizeIterator::len).sum();
            if !checkpoint((others.len() - seen) as u64 * own.len() as u64) {
                return None;
            }
            if near.is_empty() {
                continue;
            }
            let back = Some(self.points.sources());
            let sums = (self.kernel)(&task(&near, back), checkpoint)?;
            let (sums, mut back) = sums.split_at(own.len());
            add(&mut of_rows[here], sums);
            let of_others = if is_one { &mut of_rows } else { &mut of_columns };
            for range in near {
                let (sums, rest) = back.split_at(range.len());
                let range = range.start - columns.start..range.end - columns.start;
                add(&mut of_others[range], sums);
                back = rest;
            }
        }
        Some([of_rows, of_columns])
    }
}

fn add(totals: &mut [f64], sums: &[f64]) {
    totals.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
}
