//! The convolution passes of the fast engine on the device, one along each axis of the grid:
//! `shaders/fast_convolve.wgsl`.
//!
//! Memory: the kept grid and two more, 4 bytes a node each. Cost: d·(2T + 1) multiply-adds a node,
//! for taps c₀ … c(T).

use bytemuck::{Pod, Zeroable};

use super::fast_pieces::Phase;
use crate::engine::GridDevicePlan;

/// Invocations in a workgroup.
pub const WORKGROUP: usize = 64;

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/fast_convolve.wgsl");

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{Pod, Zeroable};

    /// `Pass` in `fast_convolve.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Pass {
        pub first: u32,
        pub end: u32,
        pub stride: u32,
        pub count: u32,
        pub reach: u32,
        pub padding: [u32; 3],
    }
}

/// Consecutive nodes that an invocation reads and writes together along the axis.
const FOUR: usize = 4;

/// The pass along one axis of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisPass {
    /// Index of the axis; along axis 0 nodes are contiguous in memory.
    pub axis: usize,
    /// vec4s from one node to the next along the axis; for axis 0, vec4s in a row.
    stride: usize,
    /// Number of nodes along the axis.
    count: usize,
    /// Quads (groups of four nodes) that are read on either side.
    reach: usize,
    items: usize,
}

impl AxisPass {
    /// All passes over a grid, in the order in which they run: the last axis first.
    pub fn all(grid: &GridDevicePlan) -> Vec<Self> {
        let reach = reach_of(&grid.taps);
        let total = grid.total();
        let pass = |axis: usize| {
            let numbers: usize = grid.axes[..axis].iter().map(|axis| axis.nodes).product();
            let count = grid.axes[axis].nodes;
            let (stride, items) = if axis == 0 {
                (count / FOUR, total / FOUR)
            } else {
                (numbers / FOUR, total / (count * FOUR) * count.div_ceil(FOUR))
            };
            Self { axis, stride, count, reach, items }
        };
        (0..grid.axes.len()).rev().map(pass).collect()
    }

    /// The work of the pass: its items (invocations) and the cost of each.
    pub fn phase(&self) -> Phase {
        let taps = 2 * self.reach + 1;
        let outputs = if self.axis == 0 { FOUR } else { FOUR * FOUR };
        Phase { items: self.items, cost: (outputs * taps * FOUR) as u64 }
    }

    /// The uniform of a dispatch over `items`.
    pub fn uniform(&self, items: &std::ops::Range<usize>) -> gpu_data::Pass {
        gpu_data::Pass {
            first: items.start as u32,
            end: items.end as u32,
            stride: self.stride as u32,
            count: self.count as u32,
            reach: self.reach as u32,
            padding: [0; 3],
        }
    }
}

/// How many quads of nodes on either side the taps c₀ … c(T) reach from any node of a quad.
fn reach_of(taps: &[f64]) -> usize {
    (taps.len() - 1).div_ceil(FOUR)
}

/// The taps as the shader reads them: c(|n|) for n from −4(reach + 1) to 4(reach + 1) − 1, zero for
/// |n| > T.
pub fn padded_taps(taps: &[f64]) -> Vec<f32> {
    let reach = reach_of(taps);
    let middle = FOUR * (reach + 1);
    let tap = |k: usize| taps.get(k.abs_diff(middle)).map_or(0.0, |c| *c as f32);
    (0..2 * middle).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "nothing is computed")]
    fn taps_are_where_the_shader_looks_for_them() {
        for reach in [0, 1, 2, 3, 4, 5, 8, 29] {
            let taps: Vec<f64> = (0..=reach).map(|n| 1.0 / (1.0 + n as f64)).collect();
            let padded = padded_taps(&taps);
            let fours = reach_of(&taps);
            let middle = 4 * (fours + 1);
            assert_eq!(padded.len(), 2 * middle);
            for (n, c) in taps.iter().enumerate() {
                assert_eq!([padded[middle + n], padded[middle - n]], [*c as f32; 2], "{reach}");
            }
            assert_eq!(padded.iter().filter(|c| **c != 0.0).count(), 2 * reach + 1);
            // All nodes within reach are read, and no quad that is out of reach of all.
            assert!(4 * (fours + 1) - 3 > reach && 4 * fours < reach + 4);
        }
    }
}
