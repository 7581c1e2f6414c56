//! Takes a convolved grid to pixels, axis by axis, with the window that spread the sources or with its mean
//! over each pixel.
//!
//! ```text
//!   pixel (i, j) = Σ_q φ(v_j − q) Σ_p φ(u_i − p) grid(p, q)
//! ```
//!
//! Where rows of pixels are sheared, v depends on the column too: the sums over p are then made first, for
//! all rows of nodes.

use rayon::{
    iter::{IndexedParallelIterator, ParallelIterator},
    slice::ParallelSliceMut,
};

use super::{
    axis::{Axis, Layout},
    batch::window,
    lanes::{self, Loop, Real},
    pixels::Pixels,
    window::{EIGHT, FOUR, TWELVE, Width},
};
use crate::engine::Instructions;

/// A convolved grid.
pub(super) struct Resampled<'a, const D: usize> {
    pub grid: &'a [f32],
    pub layout: &'a Layout<D>,
    pub width: Width,
    pub instructions: Instructions,
    /// What the numbers of the grid are multiplied by.
    pub factor: f64,
}

/// Weights of nodes for each pixel of an axis: as many for each as the widest needs.
struct Taps {
    starts: Vec<usize>,
    weights: Vec<f32>,
    length: usize,
}

/// Weights loaded at once along a row.
const LANES: usize = 8;
/// Rows of pixels in one task.
const ROWS: usize = 16;

impl Taps {
    /// Those of pixel `k` of `count`, which begins at `from + k·step`, on an axis of `nodes` nodes. Pixels
    /// apart from the grid have none.
    fn new(
        axis: &Axis,
        nodes: usize,
        width: Width,
        [from, step]: [f64; 2],
        count: usize,
        mean: bool,
    ) -> Self {
        let w = width.nodes();
        let [low, high] = axis.ends();
        let integral = mean.then(|| Integral::new(width));
        let mut found: Vec<(usize, Vec<f32>)> = Vec::with_capacity(count);
        for k in 0..count {
            let [start, end] = [k as f64, k as f64 + 1.0].map(|k| from + k * step);
            let middle = f64::midpoint(start, end);
            found.push(match &integral {
                None if middle >= low && middle < high => {
                    let cells = axis.in_cells(middle);
                    let weights = width.weights(cells - cells.floor());
                    (cells as usize, weights.into_iter().map(|weight| weight as f32).collect())
                }
                Some(integral) if end > low && start < high => {
                    integral.over([axis.in_cells(start), axis.in_cells(end)], nodes)
                }
                _ => (0, Vec::new()),
            });
        }
        let widest = found.iter().map(|(_, weights)| weights.len()).fold(w, usize::max);
        let length = widest.next_multiple_of(LANES).min(nodes);
        let mut taps =
            Self { starts: Vec::with_capacity(count), weights: vec![0.0; count * length], length };
        for ((start, found), weights) in found.into_iter().zip(taps.weights.chunks_mut(length)) {
            // The last ones are loaded from further down.
            let first = start.min(nodes - length);
            for (k, weight) in found.into_iter().enumerate() {
                if let Some(slot) = weights.get_mut(start - first + k) {
                    *slot = weight;
                }
            }
            taps.starts.push(first);
        }
        taps
    }

    /// The weights of pixel `k`.
    #[inline(always)]
    fn of(&self, k: usize) -> &[f32] {
        &self.weights[k * self.length..(k + 1) * self.length]
    }

    /// From the first node that any pixel needs to the last.
    fn range(&self) -> [usize; 2] {
        let first = self.starts.iter().copied().min().unwrap_or(0);
        let last = self.starts.iter().copied().max().unwrap_or(0) + self.length;
        [first, last]
    }
}

/// ∫ φ from −w/2 on.
struct Integral {
    /// At each step of 1/[`PARTS`] the integral and φ.
    table: Vec<[f64; 2]>,
    half: f64,
}

/// Steps of the table of [`Integral`] between two nodes: a cubic between them errs by less than 10⁻⁹.
const PARTS: usize = 64;

impl Integral {
    fn new(width: Width) -> Self {
        let half = 0.5 * width.nodes() as f64;
        let step = 1.0 / PARTS as f64;
        let at = |k: f64| width.at((-half + k * step).clamp(-half, half));
        let mut sum = 0.0;
        let table = (0..=width.nodes() * PARTS).map(|k| {
            let k = k as f64;
            let entry = [sum, at(k)];
            // Simpson's rule.
            sum += step / 6.0 * (at(k) + 4.0 * at(k + 0.5) + at(k + 1.0));
            entry
        });
        Self { table: table.collect(), half }
    }

    fn at(&self, u: f64) -> f64 {
        let place = (u + self.half).clamp(0.0, 2.0 * self.half) * PARTS as f64;
        let k = (place as usize).min(self.table.len() - 2);
        let ([a, slope_a], [b, slope_b]) = (self.table[k], self.table[k + 1]);
        hermite([a, b], [slope_a, slope_b].map(|slope| slope / PARTS as f64), place - k as f64)
    }

    /// The first node and the weights of the mean over `from` … `to`, in cells.
    fn over(&self, [from, to]: [f64; 2], nodes: usize) -> (usize, Vec<f32>) {
        // Node n stands at the place n + 1 − w/2.
        let first = (from - 1.0).ceil().max(0.0) as usize;
        let last = ((to + 2.0 * self.half - 1.0).floor().max(0.0) as usize).min(nodes - 1);
        let weight = |n: usize| {
            let place = n as f64 + 1.0 - self.half;
            ((self.at(place - from) - self.at(place - to)) / (to - from)) as f32
        };
        (first.min(nodes - 1), (first..=last).map(weight).collect())
    }
}

/// The cubic with these values and slopes at both ends of 0 … 1.
pub(super) fn hermite([a, b]: [f64; 2], [da, db]: [f64; 2], t: f64) -> f64 {
    let rest = 1.0 - t;
    rest * rest * ((1.0 + 2.0 * t) * a + t * da) + t * t * ((3.0 - 2.0 * t) * b - rest * db)
}

/// The numbers of `from` at the pixels, or their means.
pub(super) fn resample<const D: usize>(
    from: &Resampled<'_, D>,
    pixels: &Pixels<D>,
    mean: bool,
    share: bool,
) -> Vec<f32> {
    let taps = |a: usize| {
        let place = [pixels.from[a], pixels.step[a]];
        let nodes = from.layout.nodes[a];
        Taps::new(&from.layout.axes[a], nodes, from.width, place, pixels.count[a], mean)
    };
    let along = taps(0);
    let columns = pixels.count[0];
    let mut out = vec![0.0; pixels.count.iter().product()];
    let each = |k: usize, rows: &mut [f32], work: &(dyn Fn(usize, &mut [f32]) + Sync)| {
        work(k * ROWS, rows);
    };
    let run = |out: &mut Vec<f32>, work: &(dyn Fn(usize, &mut [f32]) + Sync)| {
        let length = ROWS * columns;
        if share {
            out.par_chunks_mut(length).enumerate().for_each(|(k, rows)| each(k, rows, work));
        } else {
            out.chunks_mut(length).enumerate().for_each(|(k, rows)| each(k, rows, work));
        }
    };
    let factor = from.factor;
    if D == 1 {
        let line =
            Rows { along: &along, across: None, grid: from.grid, stride: 0, columns, factor };
        lanes::compute(from.instructions, RowsOf { rows: &line, first: 0, out: &mut out });
        return out;
    }
    let stride = from.layout.strides[D - 1];
    if pixels.shear == 0.0 {
        let across = taps(D - 1);
        let rows =
            Rows { along: &along, across: Some(&across), grid: from.grid, stride, columns, factor };
        run(&mut out, &|first, out| {
            lanes::compute(from.instructions, RowsOf { rows: &rows, first, out });
        });
        return out;
    }
    // All rows of nodes at the columns of the pixels.
    let nodes = from.layout.nodes[D - 1];
    let mut rows_of_nodes = vec![0.0; nodes * columns];
    run(&mut rows_of_nodes, &|first, out| {
        let grid = &from.grid[first * stride..];
        let rows = Rows { along: &along, across: None, grid, stride, columns, factor: 1.0 };
        lanes::compute(from.instructions, RowsOf { rows: &rows, first: 0, out });
    });
    run(&mut out, &|first, out| {
        macro_rules! with_window {
            ($w:literal, $polynomials:expr) => {{
                let sheared = Sheared::<_, _, $w> {
                    nodes: &rows_of_nodes,
                    axis: &from.layout.axes[D - 1],
                    across: [pixels.from[D - 1], pixels.step[D - 1]],
                    moved: pixels.shear * pixels.step[0],
                    polynomials: &*$polynomials,
                    columns,
                    factor,
                    first,
                    out,
                };
                lanes::compute(from.instructions, sheared)
            }};
        }
        match from.width {
            Width::Four => with_window!(4, FOUR),
            Width::Eight => with_window!(8, EIGHT),
            Width::Twelve | Width::Sixteen => with_window!(12, TWELVE),
        }
    });
    out
}

/// Rows of pixels, and what they are made of.
struct Rows<'a> {
    along: &'a Taps,
    /// `None` takes the rows of nodes as they are.
    across: Option<&'a Taps>,
    grid: &'a [f32],
    /// Nodes from one row of the grid to the next.
    stride: usize,
    columns: usize,
    factor: f64,
}

/// Some of them, from row `first` on.
struct RowsOf<'a> {
    rows: &'a Rows<'a>,
    first: usize,
    out: &'a mut [f32],
}

impl Loop for RowsOf<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { rows, first, out } = self;
        let Rows { along, across, grid, stride, columns, factor } = *rows;
        let [left, right] = along.range();
        let mut sums = vec![0.0_f32; right - left];
        for (k, out) in out.chunks_exact_mut(columns).enumerate() {
            let row: &[f32] = match across {
                None => &grid[k * stride + left..k * stride + right],
                Some(across) => {
                    let row = first + k;
                    sums.fill(0.0);
                    for (n, weight) in across.of(row).iter().enumerate() {
                        if *weight == 0.0 {
                            continue;
                        }
                        let start = (across.starts[row] + n) * stride;
                        let nodes = &grid[start + left..start + right];
                        for (sum, node) in sums.iter_mut().zip(nodes) {
                            *sum = f32::fma::<FUSED>(*node, *weight, *sum);
                        }
                    }
                    &sums
                }
            };
            for (i, out) in out.iter_mut().enumerate() {
                let nodes = &row[along.starts[i] - left..][..along.length];
                let value = dot::<FUSED>(nodes, along.of(i));
                *out = (f64::from(value) * factor) as f32;
            }
        }
    }
}

/// Σ a·b.
#[inline(always)]
fn dot<const FUSED: bool>(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (a, rest_a) = a.as_chunks::<LANES>();
    let (b, rest_b) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for l in 0..LANES {
            lanes[l] = f32::fma::<FUSED>(a[l], b[l], lanes[l]);
        }
    }
    let mut sum = 0.0;
    for (a, b) in rest_a.iter().zip(rest_b) {
        sum = f32::fma::<FUSED>(*a, *b, sum);
    }
    let mut half = [0.0_f32; LANES / 2];
    for l in 0..LANES / 2 {
        half[l] = lanes[l] + lanes[l + LANES / 2];
    }
    sum + (half[0] + half[2]) + (half[1] + half[3])
}

/// Rows of sheared pixels, from rows of nodes at their columns.
struct Sheared<'a, const L: usize, const P: usize, const W: usize> {
    nodes: &'a [f32],
    axis: &'a Axis,
    /// Where the first row of pixels begins, and how high rows are.
    across: [f64; 2],
    /// How far each column lies above the one before.
    moved: f64,
    polynomials: &'a [[f32; L]; P],
    columns: usize,
    factor: f64,
    first: usize,
    out: &'a mut [f32],
}

impl<const L: usize, const P: usize, const W: usize> Loop for Sheared<'_, L, P, W> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        let Self { nodes, axis, across, moved, polynomials, columns, factor, first, out } = self;
        let [low, high] = axis.ends();
        let [from, step] = across;
        for (k, out) in out.chunks_exact_mut(columns).enumerate() {
            let middle = from + ((first + k) as f64 + 0.5) * step;
            for (i, out) in out.iter_mut().enumerate() {
                let place = middle + moved * (i as f64 + 0.5);
                if place < low || place >= high {
                    continue;
                }
                let cells = axis.in_cells(place);
                let start = cells as usize;
                let t = (cells - start as f64 - 0.5) as f32;
                let weights = window::<FUSED, f32, L, P>(polynomials, t);
                let mut sum = 0.0;
                for (n, weight) in weights.iter().take(W).enumerate() {
                    sum = f32::fma::<FUSED>(nodes[(start + n) * columns + i], *weight, sum);
                }
                *out = (f64::from(sum) * factor) as f32;
            }
        }
    }
}
