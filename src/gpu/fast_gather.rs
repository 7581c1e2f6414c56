//! Gathers the field from a convolved grid on the device: `shaders/fast_gather.wgsl`.
//!
//! Memory: 8·d + 4 bytes a target, once for all σ. Cost: w^d grid nodes a target, where w is the
//! width of the window.

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;

use super::{Gpu, GpuError, fast_pieces::Phase, fast_pipelines::FastForm, field::Scaled};
use crate::engine::{FastPoints, FastWindow, FixedPoint, GridAxis, GridDevicePlan};

/// Invocations in a workgroup.
pub const WORKGROUP: usize = 64;
/// The most vec4s of polynomial coefficients of a window.
pub const POLYNOMIALS: usize = 36;
/// Marks an axis whose cells are not moved, in place of an index into the table.
const UNMOVED: u32 = u32::MAX;

/// Targets that a thread places at once: fewer take less time than waking it.
const AT_ONCE: usize = 4096;

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

/// Uploads the targets' places in fixed point, which serve every grid: for each target its place on
/// each axis (64 bits), then its index.
pub(super) fn upload_places(gpu: &Gpu, points: &FastPoints) -> Result<wgpu::Buffer, GpuError> {
    let (coordinates, numbers) = points.targets();
    let dim = coordinates.len() / numbers.len();
    let words = words_of(points.fixed_point(), coordinates, numbers, dim);
    let storage = wgpu::BufferUsages::STORAGE;
    gpu.filled("fast_gather::places", "the targets", &[bytemuck::cast_slice(&words)], storage)
}

fn words_of(fixed: FixedPoint, coordinates: &[f64], numbers: &[u32], dim: usize) -> Vec<u32> {
    let row = 2 * dim + 1;
    let mut words = vec![0; numbers.len() * row];
    let rows = words.par_chunks_exact_mut(row).with_min_len(AT_ONCE);
    let points = coordinates.par_chunks_exact(dim).zip(numbers).with_min_len(AT_ONCE);
    rows.zip(points).for_each(|(words, (point, number))| {
        for (words, x) in words.chunks_exact_mut(2).zip(point) {
            let place = fixed.place(*x);
            words.copy_from_slice(&[(place >> 32) as u32, place as u32]);
        }
        words[row - 1] = *number;
    });
    words
}

/// Uploads by how many cells each block of each axis is moved, one axis after the other.
pub(super) fn upload_moved(gpu: &Gpu, axes: &[GridAxis]) -> Result<wgpu::Buffer, GpuError> {
    let moved: Vec<i32> = axes.iter().flat_map(|axis| axis.moved.iter().copied()).collect();
    let storage = wgpu::BufferUsages::STORAGE;
    gpu.filled("fast_gather::moved", "the gaps", &[bytemuck::cast_slice(&moved)], storage)
}

/// Uploads the polynomials of the window.
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

/// The pipeline for `window` in `dim` dimensions.
pub(super) fn form(window: &FastWindow, dim: usize) -> FastForm {
    FastForm::Gather { dim, width: window.nodes, terms: window.terms() }
}

/// The work of gathering for `n` targets: one item a target, its cost in multiply-adds.
pub(super) fn phase(window: &FastWindow, dim: usize, n: usize) -> Phase {
    let (w, terms) = (window.nodes as u64, window.terms() as u64);
    // Gathered nodes are scattered in memory: one costs about as much as four contiguous ones.
    Phase { items: n, cost: 4 * w.pow(dim as u32) + dim as u64 * w * terms }
}

/// The uniform that all dispatches share, with an empty range of targets.
pub(super) fn uniform(grid: &GridDevicePlan, shift: u32, scaled: Scaled) -> gpu_data::Gather {
    let mut data = gpu_data::Gather {
        first_cell: [0; 4],
        block_bits: [0; 4],
        moved_at: [UNMOVED; 4],
        first: 0,
        end: 0,
        stride_1: 0,
        stride_2: 0,
        // Larger shifts of the 64 bits give the same result.
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
