//! The field at the targets: each gathers the nodes around it, with the window that spread the
//! sources.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{axis::Layout, lanes::{self, Loop, Real}, spread::window};
use crate::engine::{Instructions, simd::tasks};

/// Targets and the convolved grid.
pub(super) struct Interpolation<'a, R, const D: usize, const L: usize, const P: usize> {
    /// The targets, in an order in which neighbours stand together.
    pub points: &'a [[f64; D]],
    /// Their places in the result.
    pub original: &'a [u32],
    /// The numbers on the grid.
    pub grid: &'a [R],
    /// The grid.
    pub layout: &'a Layout<D>,
    /// The window.
    pub polynomials: &'a [[R; L]; P],
    /// What to compute with.
    pub instructions: Instructions,
}

/// Targets of one task.
const PIECE: usize = 8192;

impl<R: Real, const D: usize, const L: usize, const P: usize> Interpolation<'_, R, D, L, P> {
    /// Writes the bits of each f64 to its place, with a window of `W` nodes; `None` when told to stop.
    pub(super) fn run<const W: usize>(
        &self,
        field: &[AtomicU64],
        share: bool,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Option<()> {
        let count = self.points.len();
        tasks::run(count.div_ceil(PIECE), count as u64, share, keep_going, |k, breathe| {
            let range = k * PIECE..count.min((k + 1) * PIECE);
            let done = range.len() as u64;
            let gather = Gather::<R, D, W, L, P> {
                points: &self.points[range.clone()],
                original: &self.original[range],
                grid: self.grid,
                layout: self.layout,
                polynomials: self.polynomials,
                field,
            };
            lanes::compute(self.instructions, gather);
            breathe(done).then_some(())
        })?;
        Some(())
    }
}

/// The inner loop.
struct Gather<'a, R, const D: usize, const W: usize, const L: usize, const P: usize> {
    points: &'a [[f64; D]],
    original: &'a [u32],
    grid: &'a [R],
    layout: &'a Layout<D>,
    polynomials: &'a [[R; L]; P],
    field: &'a [AtomicU64],
}

impl<R: Real, const D: usize, const W: usize, const L: usize, const P: usize> Loop
    for Gather<'_, R, D, W, L, P>
{
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { points, original, grid, layout, polynomials, field } = self;
        for (point, i) in points.iter().zip(original) {
            let (node, places) = layout.place(point);
            // No closure: one that is not inlined is not compiled for the instructions.
            let mut windows = [[R::default(); L]; D];
            for a in 0..D {
                windows[a] = window::<FUSED, R, L, P>(polynomials, R::of(places[a]));
            }
            let mut sums = [R::default(); L];
            if D == 1 {
                add_row::<FUSED, R, L>(&mut sums, &grid[node..], R::of(1.0));
            } else if D == 2 {
                add_rows::<FUSED, R, W, L>(
                    &mut sums,
                    &grid[node..],
                    layout.strides[D - 1],
                    &windows[D - 1],
                );
            } else {
                for k in 0..W {
                    let mut slab = [R::default(); L];
                    add_rows::<FUSED, R, W, L>(
                        &mut slab,
                        &grid[node + k * layout.strides[D - 1]..],
                        layout.strides[1.min(D - 1)],
                        &windows[1.min(D - 1)],
                    );
                    for l in 0..L {
                        sums[l] = R::fma::<FUSED>(slab[l], windows[D - 1][k], sums[l]);
                    }
                }
            }
            for l in 0..L {
                sums[l] = R::fma::<FUSED>(sums[l], windows[0][l], R::default());
            }
            // In halves, as vectors add up best; the order of few positive terms costs no digits.
            let mut half = L / 2;
            while half > 0 {
                for l in 0..half {
                    sums[l] = R::fma::<FUSED>(sums[l + half], R::of(1.0), sums[l]);
                }
                half /= 2;
            }
            field[*i as usize].store(sums[0].wide().to_bits(), Ordering::Relaxed);
        }
    }
}

#[inline(always)]
fn add_rows<const FUSED: bool, R: Real, const W: usize, const L: usize>(
    sums: &mut [R; L],
    grid: &[R],
    stride: usize,
    weights: &[R; L],
) {
    for k in 0..W {
        add_row::<FUSED, R, L>(sums, &grid[k * stride..], weights[k]);
    }
}

#[inline(always)]
fn add_row<const FUSED: bool, R: Real, const L: usize>(sums: &mut [R; L], row: &[R], weight: R) {
    if let Some(row) = row.first_chunk::<L>() {
        for l in 0..L {
            sums[l] = R::fma::<FUSED>(row[l], weight, sums[l]);
        }
    }
}
