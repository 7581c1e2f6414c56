//! Places the labels of ticks so that no label covers another one, and as few lines of other ticks
//! as possible.
//!
//! ```text
//!        │   ││ │
//!   loo ─┘   ││ └─ median          a label hangs at its tick like a flag, to one side,
//!      Scott ─┘└─ k-NN             in the first row in which it hides no other and
//!   Silverman ┘                    no other's line
//! ```

/// A label to be placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct TickLabel {
    /// Where its tick is.
    pub(super) x: f32,
    /// How wide it is.
    pub(super) width: f32,
}

/// The place of a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PlacedLabel {
    /// Its row, from 0.
    pub(super) row: usize,
    /// Its left end.
    pub(super) left: f32,
}

/// Room between two labels in a row, in logical pixels; half of it on either side of a tick at
/// which both hang.
const GAP: f32 = 1.0;

/// Places labels, in rising order of their ticks, between `left` and `right`.
///
/// The first few hang to the left of their ticks and the others to the right, as far as there is
/// room: as many as make for the fewest hidden lines and rows.
pub(super) fn place(wanted: &[TickLabel], left: f32, right: f32) -> Vec<PlacedLabel> {
    let split = |first_right: usize| {
        let mut flags =
            LabelPlacement { wanted, ends: [left, right], placed: vec![None; wanted.len()] };
        let hangs_left = |i: usize, TickLabel { x, width }: &TickLabel| {
            let fits_left = x - width - GAP >= left;
            let fits_right = x + width + GAP <= right;
            if fits_left && fits_right { i < first_right } else { fits_left }
        };
        // From the outside in, so that lines run past the labels that are there.
        let mut hidden = 0;
        for (i, flag) in wanted.iter().enumerate().filter(|(i, flag)| hangs_left(*i, flag)) {
            hidden += flags.hang(i, flag.x - flag.width - 0.5 * GAP);
        }
        for (i, flag) in wanted.iter().enumerate().rev().filter(|(i, flag)| !hangs_left(*i, flag)) {
            hidden += flags.hang(i, flag.x + 0.5 * GAP);
        }
        let placed: Vec<PlacedLabel> = flags.placed.into_iter().flatten().collect();
        let rows = placed.iter().map(|placed| placed.row + 1).max().unwrap_or(0);
        (hidden, rows, placed)
    };
    let all = (0..=wanted.len()).map(split);
    all.min_by_key(|(hidden, rows, _)| (*hidden, *rows))
        .map(|(.., placed)| placed)
        .unwrap_or_default()
}

struct LabelPlacement<'a> {
    wanted: &'a [TickLabel],
    ends: [f32; 2],
    placed: Vec<Option<PlacedLabel>>,
}

impl LabelPlacement<'_> {
    /// Places label `i` with its left end near `at`; tells how many lines and labels cross.
    fn hang(&mut self, i: usize, at: f32) -> usize {
        let [left, right] = self.ends;
        let TickLabel { x, width } = self.wanted[i];
        let at = at.min(right - width).max(left);
        let others = || {
            self.wanted.iter().zip(&self.placed).filter_map(|(wanted, placed)| {
                let placed = (*placed)?;
                Some((wanted.x, [placed.left, placed.left + wanted.width], placed.row))
            })
        };
        let is_within = |x: f32, [from, to]: [f32; 2]| x > from + 1.0 && x < to - 1.0;
        let crossings = |row: usize| {
            let crosses = |&(other, ends, other_row): &(f32, [f32; 2], usize)| {
                (other_row > row && is_within(other, [at, at + width]))
                    || (other_row < row && is_within(x, ends))
            };
            others().filter(crosses).count()
        };
        let is_free = |row: usize| {
            others().all(|(_, [from, to], other_row)| {
                other_row != row || at + width + GAP <= from || to + GAP <= at
            })
        };
        let rows = others().map(|(.., row)| row + 1).max().unwrap_or(0);
        let best = (0..=rows).filter(|row| is_free(*row)).min_by_key(|row| (crossings(*row), *row));
        let row = best.unwrap_or(rows);
        let hidden = crossings(row);
        self.placed[i] = Some(PlacedLabel { row, left: at });
        hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether no label hides another or another's line, and all are inside.
    fn is_legible(wanted: &[TickLabel], placed: &[PlacedLabel], [left, right]: [f32; 2]) -> bool {
        let ends = |k: usize| [placed[k].left, placed[k].left + wanted[k].width];
        (0..wanted.len()).all(|i| {
            let [from, to] = ends(i);
            let touches = wanted[i].x >= from - GAP && wanted[i].x <= to + GAP;
            let clear = (0..i).all(|j| {
                let [other_from, other_to] = ends(j);
                let apart = placed[i].row != placed[j].row || to <= other_from || other_to <= from;
                let line = |x: f32, row: usize, [from, to]: [f32; 2], other: usize| {
                    other >= row || x <= from + 1.01 || x >= to - 1.01
                };
                apart
                    && line(wanted[i].x, placed[i].row, ends(j), placed[j].row)
                    && line(wanted[j].x, placed[j].row, ends(i), placed[i].row)
            });
            touches && clear && from >= left - 0.01 && to <= right + 0.01
        })
    }

    #[test]
    fn labels_of_a_crowd_are_all_legible_and_near() {
        for (crowd, most_rows) in [
            (vec![100.0, 101.0, 103.0, 104.0, 110.0, 111.0, 118.0, 140.0, 200.0], 6),
            (vec![150.0; 8], 4),
            (vec![10.0, 140.0, 270.0], 1),
            (vec![0.0, 2.0, 278.0, 280.0], 2),
            (vec![], 0),
        ] {
            let wanted: Vec<TickLabel> = crowd
                .iter()
                .enumerate()
                .map(|(k, &x)| TickLabel { x, width: 38.0 + 4.0 * (k % 3) as f32 })
                .collect();
            let placed = place(&wanted, 0.0, 280.0);
            assert!(is_legible(&wanted, &placed, [0.0, 280.0]), "{wanted:?} {placed:?}");
            let rows = placed.iter().map(|placed| placed.row + 1).max().unwrap_or(0);
            assert!(rows <= most_rows, "{rows} rows for {crowd:?}");
        }
    }
}
