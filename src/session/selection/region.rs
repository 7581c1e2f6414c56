//! What a user selects: a part of the plot, a range of values, an extreme of f, an expression; and which
//! targets that are.

use std::sync::Arc;

use crate::{
    color::CATEGORIES,
    engine::Observer,
    selection::{Expression, Polygon, RowBits, Share},
    session::{Prepared, RowChoice, Scene, SpaceView, TableError},
};

use super::RowNumbers;

/// How rows are combined with those that are selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combine {
    /// They take their place.
    #[default]
    Replace,
    /// They are added.
    Add,
    /// They are removed.
    Remove,
}

/// A part of the targets.
#[derive(Clone, Debug, PartialEq)]
pub enum Region {
    /// All targets.
    All,
    /// All targets that are not selected.
    Rest,
    /// These rows, whatever targets they are.
    Rows(Arc<RowBits>),
    /// Targets drawn inside an outline or on it, but for those inside one of the `holes`.
    Outline {
        /// Corners in the units of the plot's axes, in turn.
        corners: Vec<[f64; 2]>,
        /// Outlines inside it, likewise.
        holes: Vec<Vec<[f64; 2]>>,
    },
    /// Targets drawn in a rectangle, its edges included.
    Rectangle {
        /// The corner with the lowest places.
        low: [f64; 2],
        /// The one with the highest.
        high: [f64; 2],
    },
    /// Targets in space that are seen inside an outline.
    InSpace {
        /// How they are seen.
        view: Box<SpaceView>,
        /// Corners in the pixels of that view, in turn.
        corners: Vec<[f64; 2]>,
    },
    /// Targets whose colours show a value from the lowest to the highest of these, both included.
    Values([f32; 2]),
    /// The same of f, whatever colours show.
    Field([f32; 2]),
    /// Targets whose colours show the category with this place in the legend; behind the last one of its own
    /// colour those of the rest, and `None` is those without a value.
    Category(Option<usize>),
    /// The targets with the highest f, or with the lowest.
    Extreme {
        /// How many.
        share: Share,
        /// Whether f is highest.
        highest: bool,
    },
    /// Targets for which an expression of f, the row and columns holds.
    Where(Expression),
}

/// A change of the selection.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectionChange {
    /// Which rows.
    pub region: Region,
    /// What becomes of them.
    pub combine: Combine,
}

impl SelectionChange {
    /// That these rows and no others are selected.
    pub fn to(region: Region) -> Self {
        Self { region, combine: Combine::Replace }
    }

    /// That nothing is selected.
    pub fn to_nothing() -> Self {
        Self::to(Region::Rows(Arc::default()))
    }

    /// Whether what is selected before does not matter.
    pub(in crate::session) fn is_absolute(&self) -> bool {
        self.combine == Combine::Replace && self.region != Region::Rest
    }
}

impl Region {
    /// Whether values of f, or those that colours show, have to be in host memory for it.
    pub(in crate::session) fn needs_values(&self, scene: &Scene) -> bool {
        match self {
            Self::All | Self::Rest | Self::Rows(_) | Self::InSpace { .. } => false,
            Self::Outline { .. } | Self::Rectangle { .. } => scene.shown.is_line(),
            Self::Values(_)
            | Self::Field(_)
            | Self::Category(_)
            | Self::Extreme { .. }
            | Self::Where(_) => true,
        }
    }

    /// The rows of `scene` that are in it; `selected` are those that are selected. Without values of f that it
    /// needs there are none.
    ///
    /// # Errors
    /// When an expression names no column, or the file cannot be read again.
    pub(in crate::session) fn rows(
        &self,
        scene: &Scene,
        numbers: &RowNumbers,
        selected: &RowBits,
        observer: &mut dyn Observer,
    ) -> Result<RowBits, TableError> {
        let n = scene.prepared.drawn.n();
        let f = scene.field.values().map_or(&[][..], |values| &values[..]);
        let shown = scene.colored.values.values().map_or(&[][..], |values| &values[..]);
        let place = |i: usize| {
            let place = scene.shown.place(i);
            if scene.shown.is_line() { [place[0], height(f, i)] } else { place }
        };
        let inside = |corners: &[[f64; 2]]| {
            let polygon = Polygon::new(corners);
            polygon.map_or_else(Vec::new, |polygon| polygon.contained(n, &place))
        };
        let words = match self {
            Self::Rows(rows) => return Ok(RowBits::clone(rows)),
            Self::All => where_true(n, |_| true),
            Self::Rest => {
                let mut rest = numbers.rows_of(where_true(n, |_| true));
                rest.remove(selected);
                return Ok(rest);
            }
            Self::Outline { corners, holes } => {
                let mut words = inside(corners);
                for hole in holes {
                    words.iter_mut().zip(inside(hole)).for_each(|(word, hole)| *word &= !hole);
                }
                words
            }
            Self::InSpace { view, corners } => {
                let polygon = Polygon::new(corners);
                let pixel = |i: usize| view.pixel(&scene.shown, i);
                polygon.map_or_else(Vec::new, |polygon| polygon.contained(n, &pixel))
            }
            Self::Rectangle { low, high } => where_true(n, |i| {
                let place = place(i);
                (0..2).all(|k| low[k] <= place[k] && place[k] <= high[k])
            }),
            Self::Values(range) => where_within(shown, *range),
            Self::Field(range) => where_within(f, *range),
            Self::Category(place) => where_true(shown.len(), |i| match place {
                None => shown[i].is_nan(),
                // Codes are whole numbers.
                Some(place) => !shown[i].is_nan() && shown[i] as usize == (*place).min(CATEGORIES),
            }),
            Self::Extreme { share, highest } => {
                let mut words = vec![0; n.div_ceil(64)];
                for i in share.extreme(f, *highest) {
                    words[i / 64] |= 1 << (i % 64);
                }
                words
            }
            Self::Where(expression) => {
                return rows_where(expression, &scene.prepared, f, observer);
            }
        };
        Ok(numbers.rows_of(words))
    }
}

fn height(f: &[f32], i: usize) -> f64 {
    f.get(i).map_or(f64::NAN, |f| f64::from(*f))
}

fn rows_where(
    expression: &Expression,
    prepared: &Prepared,
    f: &[f32],
    observer: &mut dyn Observer,
) -> Result<RowBits, TableError> {
    let field: Vec<f64> = f.iter().map(|f| f64::from(*f)).collect();
    RowChoice::Where(expression.clone()).rows(prepared, &field, observer)
}

/// A bit for each of these values: whether it is in a range, whose ends belong to it.
fn where_within(values: &[f32], [low, high]: [f32; 2]) -> Vec<u64> {
    where_true(values.len(), |i| low <= values[i] && values[i] <= high)
}

/// A bit for each of `n` targets, in words of 64: whether it is such a one.
fn where_true(n: usize, is_such: impl Fn(usize) -> bool) -> Vec<u64> {
    let word = |first: usize| {
        let bit = |i: usize| u64::from(is_such(i)) << (i - first);
        (first..(first + 64).min(n)).fold(0, |word, i| word | bit(i))
    };
    (0..n).step_by(64).map(word).collect()
}
