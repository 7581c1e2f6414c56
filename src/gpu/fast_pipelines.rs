//! The pipelines of the fast engine: convolution passes, gathering, and sums over near pairs. Each
//! is specialised by dimension and window width when it is first needed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    Gpu, GpuError,
    device::scoped,
    fast_cells, fast_convolve, fast_gather,
    pipelines::{compute_pipeline, shader, storage_entry, uniform_entry},
};

/// Identifies a pipeline of the fast engine: its entry point and overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FastForm {
    /// The convolution along any axis but the first.
    Across,
    /// The convolution along the first axis, along which nodes are contiguous.
    Along,
    /// Gathering in `dim` dimensions with a window of `width` nodes an axis, evaluated by
    /// polynomials of `terms` terms.
    Gather {
        /// Number of coordinates.
        dim: usize,
        /// Nodes of the window on each axis: 4, 8 or 12.
        width: usize,
        /// Terms of the window's polynomials.
        terms: usize,
    },
    /// Sums over near pairs, found by a k-d tree, in `dim` dimensions.
    Cells {
        /// Number of coordinates.
        dim: usize,
    },
}

/// The shader modules, and the pipelines used last.
pub(super) struct FastPipelines {
    convolve: wgpu::ShaderModule,
    gather: wgpu::ShaderModule,
    cells: wgpu::ShaderModule,
    pub(super) convolve_layout: wgpu::BindGroupLayout,
    pub(super) gather_layout: wgpu::BindGroupLayout,
    pub(super) cells_layout: wgpu::BindGroupLayout,
    made: Mutex<Vec<(FastForm, wgpu::ComputePipeline)>>,
}

impl FastForm {
    /// The name of the entry point.
    pub fn entry(self) -> &'static str {
        match self {
            Self::Across => "across",
            Self::Along => "along",
            Self::Gather { .. } => "gather",
            Self::Cells { .. } => "cells",
        }
    }

    /// Names and values of the shader's overrides.
    pub fn constants(self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Across | Self::Along => Vec::new(),
            Self::Gather { dim, width, terms } => {
                vec![("dim", dim as f64), ("width", width as f64), ("terms", terms as f64)]
            }
            Self::Cells { dim } => vec![("dim", dim as f64)],
        }
    }
}

impl FastPipelines {
    /// How many pipelines are kept: two passes, and gathering and near pairs for a draft and for a
    /// full field. With fewer, dragging σ compiles pipelines again; with more, a software adapter
    /// keeps code that is not used.
    const MOST: usize = 6;

    pub(super) fn new(device: &wgpu::Device) -> Self {
        let layout = |label, uniforms: u32, read: u32| {
            let stage = wgpu::ShaderStages::COMPUTE;
            let mut entries: Vec<_> = (0..uniforms).map(|k| uniform_entry(k, stage)).collect();
            entries.extend((uniforms..uniforms + read).map(|k| storage_entry(k, true)));
            entries.push(storage_entry(uniforms + read, false));
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(label),
                entries: &entries,
            })
        };
        Self {
            convolve: shader(device, "fast_convolve::shader", fast_convolve::SHADER),
            gather: shader(device, "fast_gather::shader", fast_gather::SHADER),
            cells: shader(device, "fast_cells::shader", fast_cells::SHADER),
            convolve_layout: layout("fast_convolve::layout", 1, 2),
            gather_layout: layout("fast_gather::layout", 2, 3),
            cells_layout: layout("fast_cells::layout", 1, 3),
            made: Mutex::default(),
        }
    }

    fn made(&self) -> MutexGuard<'_, Vec<(FastForm, wgpu::ComputePipeline)>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of pipelines that are cached now.
    pub(super) fn made_later(&self) -> usize {
        self.made().len()
    }

    /// The pipeline of `form`, compiled if it is not cached.
    pub(super) fn get(&self, gpu: &Gpu, form: FastForm) -> Result<wgpu::ComputePipeline, GpuError> {
        {
            let mut made = self.made();
            if let Some(k) = made.iter().position(|(known, _)| *known == form) {
                made[..=k].rotate_right(1);
                return Ok(made[0].1.clone());
            }
        }
        let (module, layout) = match form {
            FastForm::Across | FastForm::Along => (&self.convolve, &self.convolve_layout),
            FastForm::Gather { .. } => (&self.gather, &self.gather_layout),
            FastForm::Cells { .. } => (&self.cells, &self.cells_layout),
        };
        let constants = form.constants();
        let pipeline = scoped(&gpu.device, |device| {
            compute_pipeline(device, module, layout, form.entry(), &constants)
        });
        let pipeline = pipeline.map_err(|reason| match gpu.failure(reason) {
            GpuError::Device(reason) => GpuError::Shader { what: "the fast sum", reason },
            lost => lost,
        })?;
        let mut made = self.made();
        made.insert(0, (form, pipeline.clone()));
        made.truncate(Self::MOST);
        Ok(pipeline)
    }
}
