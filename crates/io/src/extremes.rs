//! The lowest and the highest coordinates of points as they are read, and where in the file they are.

use std::cmp::Ordering;

/// The lowest and the highest value of each coordinate, and the rows in which they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Extremes {
    /// Lowest and highest; nothing before the first point.
    pub(super) axes: Vec<[Extreme; 2]>,
}

/// A value, and the row of the point that has it, from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extreme {
    pub(super) value: f64,
    pub(super) row: u64,
}

impl Extremes {
    /// Takes in the same coordinates of points in rows one behind the other, the first of them in `row`,
    /// from 0: a column for each axis, without a NaN.
    pub(super) fn absorb_columns(&mut self, columns: &[&[f64]], row: u64) {
        let first =
            columns.iter().map(|column| column.first().copied()).collect::<Option<Vec<_>>>();
        let Some(first) = first else { return };
        self.absorb(&first, row);
        for ([low, high], column) in self.axes.iter_mut().zip(columns) {
            let [lowest, highest] = ends(column);
            let at = |value: f64| {
                let place = column
                    .iter()
                    .position(|other| other.partial_cmp(&value) == Some(Ordering::Equal));
                place.map(|place| Extreme { value: column[place], row: row + place as u64 })
            };
            if lowest < low.value {
                *low = at(lowest).unwrap_or(*low);
            }
            if highest > high.value {
                *high = at(highest).unwrap_or(*high);
            }
        }
    }

    /// Takes in a point and its row, from 0.
    pub(super) fn absorb(&mut self, point: &[f64], row: u64) {
        if self.axes.is_empty() {
            self.axes = point.iter().map(|&value| [Extreme { value, row }; 2]).collect();
        }
        for ([low, high], &value) in self.axes.iter_mut().zip(point) {
            if value < low.value {
                *low = Extreme { value, row };
            } else if value > high.value {
                *high = Extreme { value, row };
            }
        }
    }
}

/// The lowest and the highest of some numbers without a NaN; infinities of the wrong sign if there are none.
fn ends(values: &[f64]) -> [f64; 2] {
    /// As many comparisons as the processor does at once, and some more.
    const LANES: usize = 16;
    let lower = |low: f64, value: f64| if value < low { value } else { low };
    let higher = |high: f64, value: f64| if value > high { value } else { high };
    let (mut lows, mut highs) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let (pieces, rest) = values.as_chunks::<LANES>();
    for piece in pieces {
        for lane in 0..LANES {
            lows[lane] = lower(lows[lane], piece[lane]);
            highs[lane] = higher(highs[lane], piece[lane]);
        }
    }
    [
        lows.iter().chain(rest).copied().fold(f64::INFINITY, lower),
        highs.iter().chain(rest).copied().fold(f64::NEG_INFINITY, higher),
    ]
}
