//! What grid and cells take, as pure functions: a model, measured on one core of a Zen 5 server.
//!
//! ```text
//!   grid    M·spread + nodes·d·(2T + 1)/rate + N·gather, spread and gather by width and d
//!   cells   pairs/rate + (N + M)·log₂/rate where there are none yet
//! ```
//!
//! All is divided by the number of threads. Only ratios matter much: they decide between the two, and
//! [`choose_or_fast`](super::choose_or_fast) between both and the exact engines.

use super::{DeviceKind, Machine, simd_seconds};
use crate::engine::{GridWidth as Width, Instructions};

/// Seconds that waking the threads takes in a step, several times together. Too low a value keeps
/// short steps on the processor where a device finishes them sooner; too high a value does the
/// opposite.
const FIXED: f64 = 1e-4;

/// How much slower plain loops are than with AVX-512.
fn slowness(instructions: Instructions) -> f64 {
    match instructions {
        Instructions::Avx512 => 1.0,
        Instructions::Avx2 => 1.4,
        Instructions::Neon => 2.5,
        Instructions::Portable => 5.0,
    }
}

/// Vectors of 64 bytes that a window in `dim` dimensions loads.
fn vectors(width: Width, dim: usize) -> f64 {
    let w = width.nodes();
    let row = (w.next_power_of_two() * width.number_bytes()) as f64 / 64.0;
    (w as f64).powi(dim as i32 - 1) * row
}

/// What the grid takes for a new σ, in seconds: passes of `taps` taps over `nodes` nodes, and `n`
/// targets.
pub(crate) fn step_seconds(
    n: usize,
    dim: usize,
    width: Width,
    nodes: usize,
    taps: usize,
    machine: &Machine,
) -> f64 {
    let passes =
        nodes as f64 * dim as f64 * (taps as f64 + 8.0) * width.number_bytes() as f64 / 4.0;
    let gather = n as f64 * (6e-9 + 0.8e-9 * vectors(width, dim));
    FIXED + share(passes * 3.2e-11 + gather, machine)
}

/// Seconds that spreading `m` sources on the grid takes, in addition to [`step_seconds`].
pub(crate) fn spread_seconds(
    m: usize,
    dim: usize,
    width: Width,
    nodes: usize,
    machine: &Machine,
) -> f64 {
    // In f64 whatever the grid holds.
    let row = 8.0 / width.number_bytes() as f64;
    let each = 8e-9 + 0.8e-9 * row * vectors(width, dim);
    share(m as f64 * each + nodes as f64 * 6e-9, machine)
}

/// Seconds that the cells take for a new σ, for `n` targets and `pairs` pairs.
pub(crate) fn cells_seconds(
    n: usize,
    pairs: f64,
    dim: usize,
    double: bool,
    machine: &Machine,
) -> f64 {
    // Finding the leaves, and starting the kernel on each block.
    let each = n as f64 * 1.5e-8 * 4_f64.powi(dim.max(2) as i32 - 1);
    // A pair at a time, so that the number may be larger than any of them.
    let pair = simd_seconds([1 << 20, 1 << 10, dim], machine) / f64::from(1 << 30);
    FIXED + each / machine.threads as f64 + pairs * pair * if double { 2.5 } else { 1.2 }
}

/// Seconds that sorting `n` targets and `m` sources into cells takes.
pub(crate) fn sorting_seconds(n: usize, m: usize, machine: &Machine) -> f64 {
    let total = (n + m) as f64;
    total * total.max(2.0).log2() * 6e-9 / (machine.threads.min(4)) as f64
}

/// How fast a device does the part of a step that depends on σ.
///
/// Those of software adapters were measured on Mesa's llvmpipe, those of cards on an NVIDIA H200 (10⁶
/// and 10⁷ points, d = 2 and 3, σ = 0.3 and 0.03: 0.7 to 1 ms a step of 10⁶ in the plane, nearly all of it
/// the host's); those of integrated graphics are guessed from published memory rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DeviceRates {
    /// Seconds of a step however small it is: submissions, waiting, the range read back.
    fixed: f64,
    /// Multiplications and additions of the passes, a second.
    multiply_adds: f64,
    /// Numbers gathered, a second.
    gathered: f64,
    /// Pairs of the cells, a second, at d = 2.
    pairs: f64,
    /// Bytes brought to it, a second.
    pub bytes: f64,
}

impl DeviceRates {
    /// Those of a kind of device; `threads` are the processor's, where it is the device.
    pub(crate) fn of(device: DeviceKind, threads: usize) -> Self {
        let threads = threads as f64;
        match device {
            DeviceKind::Discrete => {
                Self { fixed: 7e-4, multiply_adds: 2e12, gathered: 1e12, pairs: 1e11, bytes: 4e9 }
            }
            DeviceKind::Integrated => {
                Self { fixed: 5e-4, multiply_adds: 5e10, gathered: 5e9, pairs: 1e10, bytes: 4e9 }
            }
            DeviceKind::Virtual | DeviceKind::Other => {
                Self { fixed: 1e-3, multiply_adds: 1e10, gathered: 1e9, pairs: 2e9, bytes: 1e9 }
            }
            DeviceKind::Software => Self {
                fixed: 1e-3,
                multiply_adds: 2e9 * threads,
                gathered: 4e8 * threads,
                pairs: 1e8 * threads,
                bytes: 1e9,
            },
        }
    }

    /// Seconds of a step on a grid that the device already holds.
    pub(crate) fn grid_seconds(
        &self,
        n: usize,
        dim: usize,
        width: Width,
        nodes: usize,
        taps: usize,
    ) -> f64 {
        let passes = nodes as f64 * dim as f64 * (taps as f64 + 8.0);
        let w = width.nodes() as f64;
        // The window's polynomials count as well.
        let gathered = n as f64 * (w.powi(dim as i32) + 4.0 * w * dim as f64);
        self.fixed + passes / self.multiply_adds + gathered / self.gathered
    }

    /// Seconds of a step over cells that the device already holds.
    pub(crate) fn cells_seconds(&self, n: usize, pairs: f64, dim: usize) -> f64 {
        // Each target walks the tree.
        let walking = n as f64 * 200.0;
        self.fixed + (pairs * (dim as f64 + 4.0) / 6.0 + walking) / self.pairs
    }
}

fn share(seconds: f64, machine: &Machine) -> f64 {
    seconds * slowness(machine.instructions) / machine.threads as f64
}

/// What a sum takes from points to field, in seconds, for a cloud that fills a box of `extent` evenly;
/// `None` in more than three dimensions.
pub fn fast_seconds(
    [n, m, dim]: [usize; 3],
    sigma: f64,
    extent: f64,
    machine: &Machine,
) -> Option<f64> {
    if dim > 3 {
        return None;
    }
    let sorting = share((n + m) as f64 * 1.5e-8, machine);
    let (width, least) = (Width::Twelve, 2.5);
    // The mean of s over an octave.
    let s = 1.4 * least;
    let axis = extent / sigma * s + 24.0;
    let nodes = axis.powi(dim as i32);
    let grid = if nodes < 3e7 {
        let (nodes, taps) = (nodes as usize, (16.0 * s) as usize);
        step_seconds(n, dim, width, nodes, taps, machine)
            + spread_seconds(m, dim, width, nodes, machine)
    } else {
        f64::INFINITY
    };
    let share = (2.0 * 9.0 * sigma / extent).min(1.0).powi(dim as i32);
    // Real clouds are denser in places: four times as many pairs.
    let pairs = n as f64 * (4.0 * m as f64 * share + 256.0).min(m as f64);
    let cells = cells_seconds(n, pairs, dim, false, machine) + sorting_seconds(n, m, machine);
    Some(sorting + grid.min(cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        Machine { threads: 2, instructions: Instructions::Avx512, device: None, must_open: false }
    }

    #[test]
    fn the_cost_grows_with_the_points_and_not_with_their_product() {
        let seconds = |n| fast_seconds([n, n, 2], 0.3, 10.0, &machine()).expect("a plane");
        let (some, many) = (seconds(1_000_000), seconds(10_000_000));
        assert!(many > 5.0 * some && many < 12.0 * some, "{some} {many}");
        assert_eq!(fast_seconds([10, 10, 4], 0.3, 10.0, &machine()), None);
    }

    #[test]
    fn a_large_grid_costs_more_and_wide_windows_too() {
        let step = |width, nodes, taps| step_seconds(100_000, 2, width, nodes, taps, &machine());
        assert!(step(Width::Eight, 1 << 24, 50) > 10.0 * step(Width::Eight, 1 << 16, 50));
        assert!(step(Width::Eight, 1 << 24, 50) > step(Width::Eight, 1 << 24, 25));
        let all = [Width::Four, Width::Eight, Width::Twelve, Width::Sixteen];
        let costs = all.map(|width| step(width, 1 << 16, 50));
        assert!(costs.windows(2).all(|pair| pair[0] < pair[1]), "{costs:?}");
    }

    #[test]
    fn a_tiny_sigma_needs_no_grid() {
        let seconds = |sigma| fast_seconds([1_000_000, 1_000_000, 2], sigma, 10.0, &machine());
        for sigma in [1e-9, 1e-6, 1e-3, 0.1, 10.0] {
            let seconds = seconds(sigma).expect("a plane");
            assert!(seconds < 1.0, "{sigma}: {seconds}");
        }
    }
}
