//! What the selected targets have in common: how many they are, their part of the mass, and the spread of f,
//! of each coordinate and of the other columns of numbers.

use std::sync::Arc;

use super::{RowNumbers, TargetMarks};
use crate::{
    selection::RowBits,
    session::{RowColumns, Scene},
};

/// Mean and range of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
}

impl Spread {
    /// That of the numbers that are finite; `None` without any.
    pub fn of(numbers: impl Iterator<Item = f64>) -> Option<Self> {
        let mut count = 0_u64;
        let (mut mean, mut low, mut high) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
        for number in numbers.filter(|number| number.is_finite()) {
            count += 1;
            // Without the sum, which may overflow.
            mean += (number - mean) / count as f64;
            (low, high) = (f64::min(low, number), f64::max(high, number));
        }
        (count > 0).then_some(Self { mean, low, high })
    }
}

/// What selected targets have in common.
#[derive(Debug)]
pub struct SelectionFacts {
    /// The version of the scene that they are of, and the rows.
    of: (u64, Arc<RowBits>),
    /// The other columns that were known.
    known: Option<Arc<RowColumns>>,
    /// How many targets are selected.
    pub selected: usize,
    /// Of how many.
    pub targets: usize,
    /// Their part of the sum of f over all targets, 0 to 1; `None` where f has both signs or is 0.
    pub mass: Option<f64>,
    /// f.
    pub field: Option<Spread>,
    /// Each coordinate, in the units of the data, with its name; then the other columns of numbers that are in
    /// memory.
    pub columns: Vec<(String, Option<Spread>)>,
}

impl SelectionFacts {
    /// Those of the marked targets of `scene`, whose f is in host memory.
    pub(in crate::session) fn new(
        scene: &Scene,
        rows: &Arc<RowBits>,
        marks: &TargetMarks,
        numbers: &RowNumbers,
        known: Option<Arc<RowColumns>>,
    ) -> Self {
        let f = scene.field.values().map_or(&[][..], |values| &values[..]);
        let value = |i: usize| f.get(i).map_or(f64::NAN, |f| f64::from(*f));
        let part: f64 = marks.targets().map(value).filter(|f| f.is_finite()).sum();
        let whole: f64 = f.iter().map(|f| f64::from(*f)).filter(|f| f.is_finite()).sum();
        let is_mass = whole > 0.0 && scene.field.range().min >= 0.0;
        let points = scene.prepared.drawn.targets();
        let spread = |axis: usize| {
            let is_log = points.logarithmic()[axis];
            let number = |i: usize| {
                let number = points.point(i)[axis];
                if is_log { 10_f64.powf(number) } else { number }
            };
            Spread::of(marks.targets().map(number))
        };
        let axes = points.axes().iter().enumerate();
        let mut columns: Vec<_> = axes.map(|(axis, name)| (name.clone(), spread(axis))).collect();
        let others = known.iter().flat_map(|known| &known.columns);
        for column in others.filter(|column| column.is_number()) {
            let cells = marks.targets().map(|target| column.number(numbers.row_of(target as u32)));
            columns.push((column.name.clone(), Spread::of(cells)));
        }
        Self {
            of: (scene.version, Arc::clone(rows)),
            selected: marks.count,
            targets: scene.prepared.drawn.n(),
            mass: is_mass.then(|| part / whole),
            field: Spread::of(marks.targets().map(value)),
            columns,
            known,
        }
    }

    /// Whether they are those of these rows of `scene`, of whose other columns these are `known`.
    pub(in crate::session) fn are_current(
        &self,
        scene: &Scene,
        rows: &Arc<RowBits>,
        known: Option<&Arc<RowColumns>>,
    ) -> bool {
        let same_columns = self.known.as_ref().map(Arc::as_ptr) == known.map(Arc::as_ptr);
        self.of.0 == scene.version && Arc::ptr_eq(&self.of.1, rows) && same_columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_leaves_out_what_is_no_number() {
        let spread = Spread::of([3.0, f64::NAN, 1.0, 5.0, f64::INFINITY].into_iter());
        assert_eq!(spread, Some(Spread { mean: 3.0, low: 1.0, high: 5.0 }));
        assert_eq!(Spread::of([f64::NAN].into_iter()), None);
    }
}
