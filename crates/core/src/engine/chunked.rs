//! The engine `chunked`: the same arrays as in `broadcast`, for one block of sources at a time.
//!
//! ```text
//! for each block of `chunk` sources:
//!     squared (N, chunk)  =  Σ_k (x[:, k, None] − y[None, :, k])²
//!     f (N)              +=  exp(−squared / (2σ²)) · w
//! ```
//!
//! Memory: 8·N·chunk bytes, asked for before anything is computed; 24·N for f and its sums, 8·M for the
//! weights. Cost: that of the double loop,
//! on one thread, and the way of every number through memory three times. Tolerance: 10⁻¹².

use std::{ops::ControlFlow, sync::Arc};

use ndarray::{Array1, ArrayView1, ArrayView2, ArrayViewMut2, Axis, Slice, Zip};

use super::{
    Engine, EngineError, EngineId, Limits, Observer, Plan, Problem, Progress,
    compensated::Compensated,
    direct::{self, DirectSum, IN_DOUBLE, Summed},
};
use crate::{memory::spare_memory, model::Points};

/// N×M arrays, a block of sources at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chunked;

/// The bytes of the array that [`Chunked`] makes for `n` targets and `chunk` of `m` sources.
pub fn chunked_bytes(n: usize, m: usize, chunk: usize) -> u128 {
    n as u128 * chunk.min(m) as u128 * size_of::<f64>() as u128
}

impl Engine for Chunked {
    fn id(&self) -> EngineId {
        EngineId::Chunked
    }

    fn tolerance(&self) -> f64 {
        IN_DOUBLE
    }

    fn elementwise_tolerance(&self) -> f64 {
        1e-12
    }

    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        bytes_in_blocks(problem)
    }

    fn plan(
        &self,
        points: &Arc<Points>,
        limits: &Limits,
        _observer: &mut dyn Observer,
    ) -> Result<Box<dyn Plan>, EngineError> {
        Ok(direct::plan(*self, points, limits))
    }
}

impl DirectSum for Chunked {
    fn sum_directly(
        &self,
        problem: &Problem<'_>,
        memory: Option<u64>,
        observer: &mut dyn Observer,
    ) -> Result<Summed, EngineError> {
        let remedy = "raise --memory-limit, lower --chunk, or use --engine simd, which makes no \
                      such array";
        let [n, m] = [problem.points.n(), problem.points.m()];
        let needed = chunked_bytes(n, m, problem.chunk);
        check_memory(EngineId::Chunked, [n, problem.chunk.min(m)], needed, memory, remedy)?;
        Ok(Summed::in_double(sum_in_blocks(problem, observer)?))
    }
}

/// The bytes that [`sum_in_blocks`] takes: the array, a weight a source, and for each target its sum
/// with the rounding error and f.
pub(super) fn bytes_in_blocks(problem: &Problem<'_>) -> u64 {
    let [n, m] = [problem.points.n(), problem.points.m()];
    let array = u64::try_from(chunked_bytes(n, m, problem.chunk)).unwrap_or(u64::MAX);
    array.saturating_add(24 * n as u64 + 8 * m as u64)
}

/// Bytes that the arrays may take where the system does not say how many are free. More may fail on
/// a small machine, less refuses problems that would fit.
const UNKNOWN_MEMORY: u64 = 4 << 30;

/// Refuses an array of `needed` bytes above the limit.
pub(super) fn check_memory(
    engine: EngineId,
    shape: [usize; 2],
    needed: u128,
    limit: Option<u64>,
    remedy: &str,
) -> Result<(), EngineError> {
    let limit = limit.unwrap_or_else(|| spare_memory().unwrap_or(UNKNOWN_MEMORY) / 2);
    if needed <= u128::from(limit) {
        return Ok(());
    }
    let bytes = |count: u128| bytesize::ByteSize(u64::try_from(count).unwrap_or(u64::MAX));
    Err(EngineError::TooLarge(format!(
        "{engine} makes an array of {} × {} numbers, which takes {} ({needed} bytes): expected at \
         most {}; {remedy}",
        shape[0],
        shape[1],
        bytes(needed).display().si(),
        bytes(limit.into()).display().si(),
    )))
}

/// A weight from which on powers below the normal numbers may count.
const HEAVY: f64 = 1e10;

/// Elements computed between two checkpoints: a few milliseconds. More would delay cancelling,
/// fewer would slow the sum.
const NUMBERS_PER_CHECKPOINT: usize = 1 << 19;

/// The sum over arrays of shape (n, chunk), one after the other in the same memory.
pub(super) fn sum_in_blocks(
    problem: &Problem<'_>,
    observer: &mut dyn Observer,
) -> Result<Vec<f64>, EngineError> {
    let Problem { points, sigma, chunk } = *problem;
    let [n, m, dim] = [points.n(), points.m(), points.dim()];
    let chunk = chunk.min(m);
    let view = |coordinates, rows| {
        ArrayView2::from_shape((rows, dim), coordinates).expect("a cloud is rows of coordinates")
    };
    let targets = view(points.targets().coordinates(), n);
    let sources = view(points.sources().coordinates(), m);
    let weights =
        points.sources().weights().map_or(Array1::ones(m), |weights| weights.to_vec().into());
    let scale = -0.5 / sigma.get().powi(2);
    // Beside a heavy weight even a power counts that is too small for a normal number, but not its
    // root, which is then taken twice.
    let heavy = weights.iter().any(|w| w.abs() > HEAVY);
    let scale = if heavy { 0.5 * scale } else { scale };

    let mut memory = Vec::new();
    memory.try_reserve_exact(n * chunk).map_err(|_| {
        EngineError::Failed(format!("there is no memory for an array of {n} × {chunk} numbers"))
    })?;
    while memory.len() < n * chunk {
        // The system hands memory out page by page, at its first use.
        memory.resize((memory.len() + NUMBERS_PER_CHECKPOINT).min(n * chunk), 0.0);
        if observer.checkpoint(Progress { fraction: 0.0 }).is_break() {
            return Err(EngineError::Stopped);
        }
    }
    let mut sums = vec![Compensated::default(); n];
    let mut done = 0;
    for start in (0..m).step_by(chunk) {
        let end = m.min(start + chunk);
        let block = sources.slice_axis(Axis(0), Slice::from(start..end));
        let weights = weights.slice_axis(Axis(0), Slice::from(start..end));
        let array = &mut memory[..n * (end - start)];
        let mut array = ArrayViewMut2::from_shape((n, end - start), array)
            .expect("the memory is that of the widest block");
        // Whole operations on some rows after the other, with a checkpoint in between.
        let rows = (NUMBERS_PER_CHECKPOINT / (end - start)).max(1);
        let mut checkpoint = |rows: usize| {
            done += rows * (end - start);
            let passes = (dim + 2) as f64;
            let share = done as f64 / (passes * n as f64 * m as f64);
            match observer.checkpoint(Progress { fraction: share }) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(EngineError::Stopped),
            }
        };
        for axis in 0..dim {
            let y = block.column(axis);
            let x = targets.column(axis);
            let parts = array.axis_chunks_iter_mut(Axis(0), rows);
            for (mut part, x) in parts.zip(x.axis_chunks_iter(Axis(0), rows)) {
                add_squares(&mut part, &x, &y, axis == 0);
                checkpoint(part.nrows())?;
            }
        }
        for mut part in array.axis_chunks_iter_mut(Axis(0), rows) {
            part.mapv_inplace(|squared| (scale * squared).exp());
            checkpoint(part.nrows())?;
        }
        for (part, sums) in array.axis_chunks_iter(Axis(0), rows).zip(sums.chunks_mut(rows)) {
            for (row, sum) in part.rows().into_iter().zip(sums) {
                add_row(&row, &weights, heavy, sum);
            }
            checkpoint(part.nrows())?;
        }
    }
    Ok(sums.into_iter().map(Compensated::value).collect())
}

/// squared (rows, m) += (x[:, None] − y[None, :])², where `fresh` starts from zero.
fn add_squares(
    squared: &mut ArrayViewMut2<'_, f64>,
    x: &ArrayView1<'_, f64>,
    y: &ArrayView1<'_, f64>,
    fresh: bool,
) {
    let shape = squared.raw_dim();
    let x = x.view().insert_axis(Axis(1));
    let x = x.broadcast(shape).expect("a column fits every array of as many rows");
    let y = y.broadcast(shape).expect("a row fits every array of as many columns");
    Zip::from(squared).and(x).and(y).for_each(|squared, x, y| {
        let square = (x - y) * (x - y);
        *squared = if fresh { square } else { *squared + square };
    });
}

/// sum += row · weights, in pieces so short that their own rounding does not show; `heavy` where the
/// row holds the terms' roots.
fn add_row(
    row: &ArrayView1<'_, f64>,
    weights: &ArrayView1<'_, f64>,
    heavy: bool,
    sum: &mut Compensated,
) {
    /// Terms in a piece: with more, rounding within a piece shows; with fewer, compensated
    /// additions cost more.
    const PIECE: usize = 256;
    let pieces = row.axis_chunks_iter(Axis(0), PIECE);
    for (roots, weights) in pieces.zip(weights.axis_chunks_iter(Axis(0), PIECE)) {
        sum.add(if heavy {
            roots.iter().zip(weights).map(|(root, w)| w * root * root).sum()
        } else {
            roots.dot(&weights)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_memory_is_that_of_one_block() {
        assert_eq!(chunked_bytes(1000, 5000, 64), 8 * 1000 * 64);
        assert_eq!(chunked_bytes(1000, 50, 64), 8 * 1000 * 50);
        assert_eq!(chunked_bytes(100_000_000, 100_000_000, usize::MAX), 8 * 10_u128.pow(16));
    }

    #[test]
    fn an_array_above_the_limit_is_refused_with_its_size_and_the_limit() {
        assert!(check_memory(EngineId::Chunked, [10, 10], 800, Some(800), "").is_ok());
        let refused = check_memory(EngineId::Chunked, [10, 10], 800, Some(799), "sell it");
        let message = refused.expect_err("too much").to_string();
        for word in ["10 × 10", "800 bytes", "799 B", "sell it"] {
            assert!(message.contains(word), "{word} in {message}");
        }
    }
}
