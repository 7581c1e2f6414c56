//! The field from a convolved grid, on the device: `shaders/fast_gather.wgsl`.
//!
//! Memory: 8·d + 4 bytes a target, once for all σ. Cost: w^d numbers a target.

use bytemuck::{Pod, Zeroable};

use super::{Gpu, GpuError, fast_pieces::Phase, fast_pipelines::FastForm, field::Scaled};
use crate::engine::{FastPoints, FastWindow, FixedPoint, GridAxis, GridDevicePlan};

/// Invocations in a workgroup.
pub const WORKGROUP: usize = 64;
/// The most fours of coefficients of a window.
pub const POLYNOMIALS: usize = 36;
/// Stands for an axis without a table.
const UNMOVED: u32 = u32::MAX;

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/fast_gather.wgsl");

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{POLYNOMIALS, Pod, Zeroable};

    /// `Gather` in `fast_gather.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Gather {
        pub first_cell: [i32; 4],
        pub block_bits: [u32; 4],
        pub moved_at: [u32; 4],
        pub first: u32,
        pub end: u32,
        pub stride_1: u32,
        pub stride_2: u32,
        pub shift: u32,
        pub scale: f32,
        pub floor: f32,
        pub padding: u32,
    }

    /// `Window` in `fast_gather.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Window {
        pub polynomials: [[f32; 4]; POLYNOMIALS],
    }
}

/// Where targets are, whatever the grid: of each, its place on each axis and its number.
pub(super) fn upload_places(gpu: &Gpu, points: &FastPoints) -> Result<wgpu::Buffer, GpuError> {
    let (coordinates, numbers) = points.targets();
    let dim = coordinates.len() / numbers.len();
    let words = words_of(points.fixed_point(), coordinates, numbers, dim);
    let storage = wgpu::BufferUsages::STORAGE;
    gpu.filled("fast_gather::places", "the targets", &[bytemuck::cast_slice(&words)], storage)
}

fn words_of(fixed: FixedPoint, coordinates: &[f64], numbers: &[u32], dim: usize) -> Vec<u32> {
    let mut words = Vec::with_capacity(numbers.len() * (2 * dim + 1));
    for (point, number) in coordinates.chunks_exact(dim).zip(numbers) {
        for x in point {
            let place = fixed.place(*x);
            words.extend([(place >> 32) as u32, place as u32]);
        }
        words.push(*number);
    }
    words
}

/// How far the cells of each block of each axis are moved, all axes one behind the other.
pub(super) fn upload_moved(gpu: &Gpu, axes: &[GridAxis]) -> Result<wgpu::Buffer, GpuError> {
    let moved: Vec<i32> = axes.iter().flat_map(|axis| axis.moved.iter().copied()).collect();
    let storage = wgpu::BufferUsages::STORAGE;
    gpu.filled("fast_gather::moved", "the gaps", &[bytemuck::cast_slice(&moved)], storage)
}

/// The window as the shader reads it.
pub(super) fn upload_window(gpu: &Gpu, window: &FastWindow) -> Result<wgpu::Buffer, GpuError> {
    gpu.uniform("fast_gather::window", &window_data(window))
}

fn window_data(window: &FastWindow) -> gpu_data::Window {
    let mut polynomials = [[0.0; 4]; POLYNOMIALS];
    let fours = window.coefficients.chunks_exact(window.row).flat_map(|row| {
        let (fours, _) = row[..window.nodes].as_chunks::<4>();
        fours
    });
    for (to, from) in polynomials.iter_mut().zip(fours) {
        *to = *from;
    }
    gpu_data::Window { polynomials }
}

/// The pipeline for a window in so many dimensions.
pub(super) fn form(window: &FastWindow, dim: usize) -> FastForm {
    FastForm::Gather { dim, width: window.nodes, terms: window.terms() }
}

/// What there is to do for `n` targets, in multiplications and additions.
pub(super) fn phase(window: &FastWindow, dim: usize, n: usize) -> Phase {
    let (w, terms) = (window.nodes as u64, window.terms() as u64);
    // A number that is gathered costs as much as several that come one after the other.
    Phase { items: n, cost: 4 * w.pow(dim as u32) + dim as u64 * w * terms }
}

/// The uniform of all dispatches but for their targets.
pub(super) fn uniform(grid: &GridDevicePlan, shift: u32, scaled: Scaled) -> gpu_data::Gather {
    let mut data = gpu_data::Gather {
        first_cell: [0; 4],
        block_bits: [0; 4],
        moved_at: [UNMOVED; 4],
        first: 0,
        end: 0,
        stride_1: 0,
        stride_2: 0,
        // Beyond that nothing changes.
        shift: shift.min(63),
        scale: scaled.by,
        floor: scaled.floor(),
        padding: 0,
    };
    let mut at = 0;
    for (k, axis) in grid.axes.iter().enumerate() {
        data.first_cell[k] = axis.first;
        data.block_bits[k] = axis.block_bits;
        if !axis.moved.is_empty() {
            data.moved_at[k] = at;
        }
        at += axis.moved.len() as u32;
    }
    data.stride_1 = grid.axes[0].nodes as u32;
    data.stride_2 = grid.axes.iter().take(2).map(|axis| axis.nodes as u32).product();
    data
}
