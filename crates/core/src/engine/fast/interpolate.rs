//! Gathers f at each target from the grid nodes around it, with the window that spread the sources.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{
    axis::Layout,
    batch::{BATCH, Batch},
    lanes::{self, Loop, Real},
};
use crate::engine::{Instructions, Observer, simd::tasks};

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

/// Targets in one task: with fewer, the overhead of tasks shows; with more, threads wait for the
/// last.
const PIECE: usize = 8192;

impl<R: Real, const D: usize, const L: usize, const P: usize> Interpolation<'_, R, D, L, P> {
    /// Writes the bits of each f64 to its place, with a window of `W` nodes; `None`
    /// when stopped at a checkpoint.
    pub(super) fn run<const W: usize>(
        &self,
        field: &[AtomicU64],
        share: bool,
        observer: &mut dyn Observer,
    ) -> Option<()> {
        let count = self.points.len();
        tasks::run(count.div_ceil(PIECE), count as u64, share, observer, |k, checkpoint| {
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
            checkpoint(done).then_some(())
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
        let strides = layout.strides;
        let mut batch = Batch::<R, D, L>::new();
        // No sums that are only in registers, and no closures: the compiler makes whole vectors of
        // what is stored in a row, and compiles for the instructions what is inlined.
        let mut sums = [[R::default(); L]; BATCH];
        for (points, original) in points.chunks(BATCH).zip(original.chunks(BATCH)) {
            batch.place::<FUSED, P>(points, layout, polynomials);
            for ((node, windows), sums) in batch.nodes.iter().zip(&batch.windows).zip(&mut sums) {
                let grid = &grid[*node..];
                let mut sum = [R::default(); L];
                if D == 1 {
                    add_row::<FUSED, R, L>(&mut sum, grid, R::of(1.0));
                } else if D == 2 {
                    for k in 0..W {
                        add_row::<FUSED, R, L>(
                            &mut sum,
                            &grid[k * strides[D - 1]..],
                            windows[D - 1][k],
                        );
                    }
                } else {
                    for k in 0..W {
                        let mut slab = [R::default(); L];
                        let rows = &grid[k * strides[D - 1]..];
                        for l in 0..W {
                            let row = &rows[l * strides[1.min(D - 1)]..];
                            add_row::<FUSED, R, L>(&mut slab, row, windows[1.min(D - 1)][l]);
                        }
                        for l in 0..L {
                            sum[l] = R::fma::<FUSED>(slab[l], windows[D - 1][k], sum[l]);
                        }
                    }
                }
                for l in 0..L {
                    sums[l] = R::fma::<FUSED>(sum[l], windows[0][l], R::default());
                }
            }
            for (sums, i) in sums.iter().zip(original) {
                field[*i as usize].store(total(sums).wide().to_bits(), Ordering::Relaxed);
            }
        }
    }
}

/// The sum of positive numbers, in four parts at once: their order costs no digits.
#[inline(always)]
fn total<R: Real, const L: usize>(numbers: &[R; L]) -> R {
    let mut parts = [R::default(); 4];
    for four in numbers.as_chunks::<4>().0 {
        for l in 0..4 {
            parts[l] = R::fma::<false>(four[l], R::of(1.0), parts[l]);
        }
    }
    let pair = [0, 1].map(|l| R::fma::<false>(parts[l], R::of(1.0), parts[l + 2]));
    R::fma::<false>(pair[0], R::of(1.0), pair[1])
}

#[inline(always)]
fn add_row<const FUSED: bool, R: Real, const L: usize>(sums: &mut [R; L], row: &[R], weight: R) {
    if let Some(row) = row.first_chunk::<L>() {
        for l in 0..L {
            sums[l] = R::fma::<FUSED>(row[l], weight, sums[l]);
        }
    }
}
