//! The pipelines of the exact sum: one for each form of `shaders/gauss_sum.wgsl`, made when it is first
//! needed and then kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    AdapterSummary, Gpu, GpuError,
    device::scoped,
    pipelines::{compute_pipeline, shader, storage_entry, uniform_entry},
    tuning::Tuning,
    variant::Variant,
};

/// The kernel in all forms that have been needed so far.
pub(super) struct SumPipelines {
    module: wgpu::ShaderModule,
    pub(super) layout: wgpu::BindGroupLayout,
    made: Mutex<HashMap<Variant, wgpu::ComputePipeline>>,
    pub(super) combine: wgpu::ComputePipeline,
    pub(super) combine_layout: wgpu::BindGroupLayout,
    pub(super) tuning: Arc<Tuning>,
}

impl SumPipelines {
    pub(super) fn new(device: &wgpu::Device, adapter: &AdapterSummary, source: &str) -> Self {
        let module = shader(device, "gauss_sum::shader", source);
        let layout = |label, entries: &[_]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(label),
                entries,
            })
        };
        let uniform = uniform_entry(0, wgpu::ShaderStages::COMPUTE);
        let [read, written] = [storage_entry(1, true), storage_entry(3, false)];
        let combine_layout = layout("gauss_sum::combine_layout", &[uniform, read, written]);
        let layout = layout("gauss_sum::layout", &[uniform, read, storage_entry(2, true), written]);
        let combine = compute_pipeline(device, &module, &combine_layout, "combine", &[]);
        // Where the driver refuses the kernel, that is known at once.
        let tuning = Tuning::of(&adapter.title(), adapter.software);
        let first = Variant { shape: tuning.best(Variant::FIRST), ..Variant::FIRST };
        let pipeline = variant_pipeline(device, &module, &layout, first);
        let made = Mutex::new(HashMap::from([(first, pipeline)]));
        Self { module, layout, made, combine, combine_layout, tuning }
    }

    fn made(&self) -> MutexGuard<'_, HashMap<Variant, wgpu::ComputePipeline>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many forms of the kernel there are by now, beyond the first.
    pub(super) fn made_later(&self) -> usize {
        self.made().len() - 1
    }

    /// The kernel in the form of `variant`, made now if it never was.
    pub(super) fn get(
        &self,
        gpu: &Gpu,
        variant: Variant,
    ) -> Result<wgpu::ComputePipeline, GpuError> {
        if let Some(pipeline) = self.made().get(&variant) {
            return Ok(pipeline.clone());
        }
        let Self { module, layout, .. } = self;
        let pipeline =
            scoped(&gpu.device, |device| variant_pipeline(device, module, layout, variant))
                .map_err(|reason| match gpu.failure(reason) {
                    GpuError::Device(reason) => GpuError::Shader { what: "the sum", reason },
                    lost => lost,
                })?;
        self.made().insert(variant, pipeline.clone());
        Ok(pipeline)
    }
}

fn variant_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    layout: &wgpu::BindGroupLayout,
    variant: Variant,
) -> wgpu::ComputePipeline {
    compute_pipeline(device, module, layout, "gauss_sum", &variant.constants())
}
