//! Peak memory of one sum by `fast`, in bytes, beyond the points.
//!
//! ```text
//!   field     16·N                              bits for all threads, values
//!   order     (8d + 4)·N, and (8d + 12)·M where the sources are other points or have weights
//!   sorting   (8d + 8)·max(N, M)                on their way
//!   grid      2b·nodes + 8·(nodes + 32·w·slab)
//!             b = 4 or 8 the bytes of a number. 2b: what is kept and what is worked on. Parts in f64
//!             while sources are spread, each of up to 32 runs of them with the w slabs at its end
//!   cells     16d·N/64 + 4·N + (8d + 12)·M + (16d + 16)·M/8
//! ```
//!
//! A sum takes a grid or cells: the larger of the two counts. Nodes are those of a grid over the
//! whole box of the points with the finest spacing that the tolerance may ask for; where that is more
//! than the grids may take, as many as they may.

use super::{Accuracy, kd_tree::BLOCK, scheme::Scheme, spread::RUNS};
use crate::model::{Points, Sigma};

/// The formula.
pub(super) fn bytes(points: &Points, sigma: Sigma, accuracy: Accuracy, limit: usize) -> u64 {
    let [n, m, dim] = [points.n() as f64, points.m() as f64, points.dim() as f64];
    let [x, y] = [points.targets(), points.sources()];
    let apart = y.weights().is_some() || x.coordinates() != y.coordinates();
    let sources = if apart { (8.0 * dim + 12.0) * m } else { 0.0 };
    let order = (8.0 * dim + 4.0) * n + sources;
    let sorting = (8.0 * dim + 8.0) * n.max(m);
    let grid = accuracy.schemes().iter().map(|scheme| grid_bytes(points, sigma, *scheme));
    let grid = grid.fold(0.0, f64::max).min(limit as f64);
    let cells = 16.0 * dim * (n / BLOCK as f64).ceil()
        + 4.0 * n
        + (8.0 * dim + 12.0) * m
        + (16.0 * dim + 16.0) * (m / 8.0).ceil();
    (16.0 * n + order + sorting + grid.max(cells)) as u64
}

/// Those of a grid over the box of the points.
fn grid_bytes(points: &Points, sigma: Sigma, Scheme { width, least }: Scheme) -> f64 {
    // Up to an octave finer than the least; a window at each end, and rows filled up.
    let per_unit = 2.0 * least / sigma.get();
    let bounds = points.bounds();
    let axes = bounds.min.iter().zip(&bounds.max);
    let axes: Vec<f64> = axes.map(|(min, max)| (max - min) * per_unit + 40.0).collect();
    let nodes: f64 = axes.iter().product();
    let last = axes.last().copied().unwrap_or(1.0);
    let ends = (RUNS * width.nodes()) as f64 * nodes / last;
    2.0 * width.number_bytes() as f64 * nodes + 8.0 * (nodes + ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{Engine, Fast, FastPoints, Problem},
        model::{Cloud, Tolerance},
    };

    fn points(n: usize, dim: usize) -> Points {
        // The golden ratio and its like fill a cube evenly (Roberts 2018).
        let by = [0.819_172_513_4, 0.671_043_606_7, 0.549_700_477_9];
        let place = |k: usize| by.map(|by| (0.5 + k as f64 * by).fract());
        let all: Vec<f64> = (0..n).flat_map(|k| place(k)[..dim].to_vec()).collect();
        let cloud = Cloud::new(dim, all, Cloud::default_axes(dim));
        Points::new(cloud.clone(), cloud).expect("points")
    }

    #[test]
    fn what_is_kept_is_less_than_what_is_told() {
        for (dim, sigma) in [(1, 0.1), (1, 1e-6), (2, 0.1), (2, 1e-4), (3, 0.2), (3, 1e-3)] {
            for tolerance in [1e-3, 1e-5, 1e-9] {
                let points = points(5000, dim);
                let sigma = Sigma::new(sigma).expect("legal");
                let tolerance = Tolerance::new(tolerance).expect("legal");
                let engine = Fast { tolerance, ..Fast::default() };
                let told = engine.bytes(&Problem { points: &points, sigma, chunk: 1 });
                let mut kept = FastPoints::new(&points).expect("few coordinates");
                kept.step(sigma, Accuracy::Full(tolerance), &mut crate::engine::Unobserved)
                    .expect("a field");
                // The field that was handed out.
                let used = (kept.bytes() + 8 * points.n()) as u64;
                assert!(used <= told, "{dim} {sigma:?} {tolerance:?}: {used} {told}");
            }
        }
    }

    #[test]
    fn more_coordinates_than_it_sums_take_nothing() {
        let cloud = Cloud::new(4, vec![0.0; 8], Cloud::default_axes(4));
        let points = Points::new(cloud.clone(), cloud).expect("points");
        let problem = Problem { points: &points, sigma: Sigma::DEFAULT, chunk: 1 };
        assert_eq!(Fast::default().bytes(&problem), 0);
    }
}
