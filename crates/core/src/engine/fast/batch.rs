//! Batches of up to 32 points with their window weights, which spreading and gathering work on, so
//! that each loop does one thing.

use super::{axis::Layout, lanes::Real};

/// Points in a batch: few enough that their windows stay in the first cache, and enough that the
/// overhead of a batch does not show.
pub(super) const BATCH: usize = 32;

/// Where some points fall on the grid.
pub(super) struct Batch<R, const D: usize, const L: usize> {
    /// The first node of each window.
    pub nodes: [usize; BATCH],
    /// The weights on the nodes of each axis.
    pub windows: [[[R; L]; D]; BATCH],
    /// Where the points are in their cells.
    places: [[R; D]; BATCH],
}

impl<R: Real, const D: usize, const L: usize> Batch<R, D, L> {
    /// Of no points yet.
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self {
            nodes: [0; BATCH],
            windows: [[[R::default(); L]; D]; BATCH],
            places: [[R::default(); D]; BATCH],
        }
    }

    /// Of at most [`BATCH`] points; what comes after them stays as it was.
    #[inline(always)]
    pub(super) fn place<const FUSED: bool, const P: usize>(
        &mut self,
        points: &[[f64; D]],
        layout: &Layout<D>,
        polynomials: &[[R; L]; P],
    ) {
        for ((point, node), places) in points.iter().zip(&mut self.nodes).zip(&mut self.places) {
            let (start, place) = layout.place(point);
            *node = start;
            for a in 0..D {
                places[a] = R::of(place[a]);
            }
        }
        for (windows, places) in self.windows.iter_mut().zip(&self.places).take(points.len()) {
            for a in 0..D {
                windows[a] = window::<FUSED, R, L, P>(polynomials, places[a]);
            }
        }
    }
}

/// The weights of a point on the nodes of one axis, at `t` from −½ to ½ in its cell.
#[inline(always)]
pub(super) fn window<const FUSED: bool, R: Real, const L: usize, const P: usize>(
    polynomials: &[[R; L]; P],
    t: R,
) -> [R; L] {
    let mut sum = polynomials[P - 1];
    for row in polynomials[..P - 1].iter().rev() {
        for l in 0..L {
            sum[l] = R::fma::<FUSED>(sum[l], t, row[l]);
        }
    }
    // Rounding may leave a little less than nothing at the ends.
    for weight in &mut sum {
        *weight = weight.at_least_zero();
    }
    sum
}
