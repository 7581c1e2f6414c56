//! Separable convolution of the grid with the taps (1-D coefficients), one axis after the other;
//! outside the grid everything is zero.
//!
//! ```text
//!   out(n) = Σ_{|t| ≤ T} c_|t| · in(n + t)
//! ```
//!
//! The pass along the last axis goes from the spread sources, which are kept, to a second grid; the
//! others work there in place, on a slab that has just been written and is still in the cache.

use std::sync::Mutex;

use super::{
    axis::{Layout, ROW},
    lanes::{self, Loop, Real},
};
use crate::engine::{Instructions, Observer, simd::tasks};

/// Rows computed at once: as many accumulators of [`ROW`] nodes as every instruction set has
/// registers for. With fewer, rows are read more often.
const TOGETHER: usize = 4;
/// Columns in a block: as many as stay in the first cache for all rows that a block reads. With
/// fewer, memory is read in shorter pieces.
const COLUMNS: usize = 64;
/// The fewest nodes in a band of slabs, which is one task: with fewer, bands read more of their
/// neighbours' slabs; with more, threads idle.
const BAND: usize = 1 << 14;

/// The taps with zeros on both sides, so that rows worked out together read the same.
struct Taps<R> {
    padded: Vec<R>,
    reach: usize,
}

impl<R: Real> Taps<R> {
    fn new(taps: &[f64]) -> Self {
        let reach = taps.len() - 1;
        let mut padded = vec![R::default(); 2 * (reach + TOGETHER) + 1];
        for (n, c) in taps.iter().enumerate() {
            padded[reach + TOGETHER - n] = R::of(*c);
            padded[reach + TOGETHER + n] = R::of(*c);
        }
        Self { padded, reach }
    }

    /// From −T to T.
    fn all(&self) -> &[R] {
        &self.padded[TOGETHER..self.padded.len() - TOGETHER]
    }
}

/// Convolves `kept` on every axis, into `work`; `None` when stopped at a checkpoint.
pub(super) fn convolve<R: Real, const D: usize>(
    kept: &[R],
    work: &mut Vec<R>,
    layout: &Layout<D>,
    taps: &[f64],
    instructions: Instructions,
    share: bool,
    observer: &mut dyn Observer,
) -> Option<()> {
    work.truncate(kept.len());
    work.resize(kept.len(), R::default());
    let taps = Taps::new(taps);
    let slab = layout.slab();
    let slabs = layout.nodes[D - 1];
    let per_band = if D == 1 {
        (4 * taps.reach).next_multiple_of(ROW).max(BAND)
    } else {
        BAND.div_ceil(slab).max(taps.reach / 2).next_multiple_of(TOGETHER)
    };
    // Few slabs are still shared by all threads.
    let per_band = if share && D > 1 {
        let even = slabs.div_ceil(2 * rayon::current_num_threads());
        per_band.min(even.next_multiple_of(TOGETHER))
    } else {
        per_band
    };
    let bands: Vec<Mutex<&mut [R]>> = work.chunks_mut(per_band * slab).map(Mutex::new).collect();
    tasks::run(bands.len(), kept.len() as u64, share, observer, |k, checkpoint| {
        let mut band = bands[k].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let first = k * per_band;
        let done = band.len() as u64;
        let pass = Band { kept, out: &mut band, first, layout, taps: &taps };
        lanes::compute(instructions, pass);
        checkpoint(done).then_some(())
    })?;
    Some(())
}

/// Some slabs of the result.
struct Band<'a, R, const D: usize> {
    kept: &'a [R],
    out: &'a mut [R],
    /// The first slab.
    first: usize,
    layout: &'a Layout<D>,
    taps: &'a Taps<R>,
}

impl<R: Real, const D: usize> Loop for Band<'_, R, D> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { kept, out, first, layout, taps } = self;
        let mut row = Vec::new();
        if D == 1 {
            // One long row: its part with what lies around it.
            let (from, to) = (first.saturating_sub(taps.reach), first + out.len() + taps.reach);
            row.resize(taps.reach.saturating_sub(first), R::default());
            row.extend_from_slice(&kept[from..to.min(kept.len())]);
            row.resize(out.len() + 2 * taps.reach, R::default());
            along::<FUSED, R>(&row, out, taps.all());
            return;
        }
        let slab = layout.slab();
        across::<FUSED, R>(kept, out, slab, first, taps);
        let nodes = layout.nodes[0];
        let mut copy = Vec::new();
        for slab in out.chunks_exact_mut(slab) {
            if D == 3 {
                copy.clear();
                copy.extend_from_slice(slab);
                across::<FUSED, R>(&copy, slab, nodes, 0, taps);
            }
            row.clear();
            row.resize(nodes + 2 * taps.reach, R::default());
            for out in slab.chunks_exact_mut(nodes) {
                row[taps.reach..taps.reach + nodes].copy_from_slice(out);
                along::<FUSED, R>(&row, out, taps.all());
            }
        }
    }
}

/// The pass across rows of `length` numbers: `out` begins with row `first` of the result.
#[inline(always)]
fn across<const FUSED: bool, R: Real>(
    rows: &[R],
    out: &mut [R],
    length: usize,
    first: usize,
    taps: &Taps<R>,
) {
    let count = rows.len() / length;
    let reach = taps.reach;
    for left in (0..length).step_by(COLUMNS) {
        let right = length.min(left + COLUMNS);
        for (group, out) in out.chunks_mut(TOGETHER * length).enumerate() {
            let top = first + group * TOGETHER;
            let from = top.saturating_sub(reach);
            let to = count.min(top + TOGETHER + reach);
            // The tap of row `from` for the first of the rows.
            let offset = from + reach + TOGETHER - top;
            for column in (left..right).step_by(ROW) {
                let mut sums = [[R::default(); ROW]; TOGETHER];
                for (n, row) in (from..to).enumerate() {
                    let Some(numbers) = rows[row * length + column..].first_chunk::<ROW>() else {
                        continue;
                    };
                    let taps = &taps.padded[offset + n - TOGETHER + 1..][..TOGETHER];
                    for q in 0..TOGETHER {
                        let c = taps[TOGETHER - 1 - q];
                        for l in 0..ROW {
                            sums[q][l] = R::fma::<FUSED>(numbers[l], c, sums[q][l]);
                        }
                    }
                }
                for (out, sums) in out.chunks_exact_mut(length).zip(sums) {
                    out[column..column + ROW].copy_from_slice(&sums);
                }
            }
        }
    }
}

/// The pass along one row, which comes with T numbers more on either side.
#[inline(always)]
fn along<const FUSED: bool, R: Real>(row: &[R], out: &mut [R], taps: &[R]) {
    /// Nodes computed at once: as many accumulators as [`TOGETHER`] rows have.
    const WIDE: usize = 4 * ROW;
    let mut start = 0;
    while start + WIDE <= out.len() {
        let sums = convolved::<FUSED, R, WIDE>(&row[start..], taps);
        out[start..start + WIDE].copy_from_slice(&sums);
        start += WIDE;
    }
    while start < out.len() {
        let sums = convolved::<FUSED, R, ROW>(&row[start..], taps);
        out[start..start + ROW].copy_from_slice(&sums);
        start += ROW;
    }
}

#[inline(always)]
fn convolved<const FUSED: bool, R: Real, const C: usize>(row: &[R], taps: &[R]) -> [R; C] {
    let mut sums = [R::default(); C];
    for (numbers, c) in row.windows(C).zip(taps) {
        let Some(numbers) = numbers.first_chunk::<C>() else { continue };
        for l in 0..C {
            sums[l] = R::fma::<FUSED>(numbers[l], *c, sums[l]);
        }
    }
    sums
}
