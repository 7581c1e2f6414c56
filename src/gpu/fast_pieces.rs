//! Divides a step of the fast engine into submissions: a pure function of sizes, limits and pace.
//!
//! ```text
//!   phases   pass │ pass │ gather          each needs all of the one before
//!   pieces   ▓▓▓▓ │ ▓▓▓▓ │ ▓▓▓▓ ▓▓▓▓ ▓     a dispatch: some items of one phase
//!   slices   ╰─────────╯   ╰──╯ ╰────╯     a submission: some pieces, of about the wanted cost
//! ```
//!
//! Costs are counted in multiply-adds.

use std::ops::Range;

/// The items of a phase that one dispatch processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Index of the phase.
    pub phase: usize,
    /// The items: nodes, or targets.
    pub items: Range<usize>,
    /// Their cost, in multiply-adds.
    pub cost: u64,
}

/// A part of a step that needs all of the part before: items of equal cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Number of items.
    pub items: usize,
    /// Cost of one item, in multiply-adds.
    pub cost: u64,
}

/// Divides one step into pieces, in order.
#[derive(Clone, Debug)]
pub struct PiecePlan {
    phases: Vec<Phase>,
    most_items: usize,
    phase: usize,
    item: usize,
}

impl PiecePlan {
    /// A plan for phases one after the other, in dispatches of at most `most_items` ≥ 1.
    pub fn new(phases: Vec<Phase>, most_items: usize) -> Self {
        Self { phases, most_items, phase: 0, item: 0 }
    }

    /// Cost of the whole step, in multiply-adds.
    pub fn cost(&self) -> u64 {
        self.phases.iter().map(|phase| phase.items as u64 * phase.cost).sum()
    }

    /// The pieces of the next submission, with a total cost of about `budget`; none when all is
    /// done.
    pub fn next(&mut self, budget: u64) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut left = budget;
        while let Some(Phase { items, cost }) = self.phases.get(self.phase).copied() {
            if self.item >= items {
                (self.phase, self.item) = (self.phase + 1, 0);
                continue;
            }
            let rest = items - self.item;
            let affordable = usize::try_from(left / cost.max(1)).unwrap_or(usize::MAX);
            let count = if pieces.is_empty() { affordable.max(1) } else { affordable };
            let count = count.min(rest).min(self.most_items);
            // Part of a dispatch is left to the next submission unless it is the first piece of
            // this one.
            if count == 0 || count < rest.min(self.most_items) && !pieces.is_empty() {
                break;
            }
            let cost = count as u64 * cost;
            pieces.push(Piece { phase: self.phase, items: self.item..self.item + count, cost });
            self.item += count;
            left = left.saturating_sub(cost);
        }
        pieces
    }
}

/// Numbers of workgroups in x, y and z whose product is at least `count`, each at most `most`;
/// `None` if there are none.
pub fn groups_of(count: usize, most: usize) -> Option<[u32; 3]> {
    let x = count.clamp(1, most);
    let z = count.div_ceil(x * most).max(1);
    let y = count.div_ceil(x * z).max(1);
    (z <= most).then_some([x as u32, y as u32, z as u32])
}

/// The most workgroups in a dispatch with at most `most` in each direction; invocations can then be
/// numbered in u32.
pub fn most_groups(most: usize) -> usize {
    most.saturating_pow(3).min(1 << 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_in_order() {
        let phases = vec![
            Phase { items: 1000, cost: 50 },
            Phase { items: 0, cost: 7 },
            Phase { items: 1, cost: 1 },
            Phase { items: 777, cost: 300 },
        ];
        for (budget, most_items) in [(1, 100), (400, 64), (5000, 1 << 20), (u64::MAX, 1 << 20)] {
            let mut plan = PiecePlan::new(phases.clone(), most_items);
            let (mut done, mut spent, mut last) = ([0; 4], 0, 0);
            loop {
                let pieces = plan.next(budget);
                if pieces.is_empty() {
                    break;
                }
                let cost: u64 = pieces.iter().map(|piece| piece.cost).sum();
                assert!(cost <= budget || pieces.len() == 1 && pieces[0].items.len() == 1);
                for Piece { phase, items, cost } in pieces {
                    assert!(phase >= last && items.start == done[phase]);
                    assert!(!items.is_empty() && items.len() <= most_items);
                    (last, done[phase]) = (phase, items.end);
                    spent += cost;
                }
            }
            assert_eq!(done, [1000, 0, 1, 777]);
            assert_eq!(spent, plan.cost());
        }
    }

    #[test]
    fn a_small_step_is_one_submission() {
        let phase = Phase { items: 1000, cost: 10 };
        let mut plan = PiecePlan::new(vec![phase; 3], 1 << 20);
        assert_eq!(plan.next(100_000).len(), 3);
        assert!(plan.next(100_000).is_empty());
    }

    #[test]
    fn workgroups_are_enough_and_no_more_than_allowed() {
        for most in [2, 64, 65_535] {
            for count in [0, 1, 2, 5, 8, 63, 64, 65, 4097, 65_536, 200_000] {
                let Some(groups) = groups_of(count, most) else {
                    assert!(count > most_groups(most), "{count} {most}");
                    continue;
                };
                let all: usize = groups.iter().map(|side| *side as usize).product();
                assert!(all >= count && groups.iter().all(|side| *side as usize <= most));
                // Few are idle.
                assert!(all < count + 2 * most.max(count / most), "{groups:?} for {count}");
            }
        }
    }
}
