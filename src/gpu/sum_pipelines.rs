//! The pipelines of the exact sum, one for each variant of `shaders/gauss_sum.wgsl`, compiled on
//! demand. Only those used last are kept: on a software adapter each takes some megabytes of code.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    Gpu, GpuError,
    device::scoped,
    pipelines::{compute_pipeline, shader, storage_entry, uniform_entry},
    sum_plan::{SumDevice, SumSize},
    variant::{Exactness, Variant},
};

/// The shader module, and the pipelines used last.
pub(super) struct SumPipelines {
    module: wgpu::ShaderModule,
    pub(super) layout: wgpu::BindGroupLayout,
    /// In order of use, the most recently used first.
    made: Mutex<Vec<(Variant, wgpu::ComputePipeline)>>,
    pub(super) combine: wgpu::ComputePipeline,
    pub(super) combine_listed: wgpu::ComputePipeline,
    pub(super) combine_layout: wgpu::BindGroupLayout,
}

impl SumPipelines {
    /// How many variants are kept: usual and extended precision of one sum, the one for listed
    /// sources, and that of another size. With fewer, each sum would compile again; with more,
    /// software adapters keep more code.
    const MOST: usize = 4;

    pub(super) fn new(device: &wgpu::Device, plans: SumDevice, source: &str) -> Self {
        let module = shader(device, "gauss_sum::shader", source);
        let layout = |label, entries: &[_]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
                label: Some(label),
                entries,
            })
        };
        let uniform = uniform_entry(0, wgpu::ShaderStages::COMPUTE);
        let [read, written] = [storage_entry(1, true), storage_entry(3, false)];
        let lists = storage_entry(4, true);
        let combine_layout = layout("gauss_sum::combine_layout", &[uniform, read, written, lists]);
        let layout =
            layout("gauss_sum::layout", &[uniform, read, storage_entry(2, true), written, lists]);
        let [combine, combine_listed] = ["combine", "combine_listed"]
            .map(|entry| compute_pipeline(device, &module, &combine_layout, entry, &[]));
        // Compiled now, so that a driver that refuses the kernel is known from the start.
        let first = first_variant(plans);
        let pipeline = variant_pipeline(device, &module, &layout, first);
        let made = Mutex::new(vec![(first, pipeline)]);
        Self { module, layout, made, combine, combine_listed, combine_layout }
    }

    fn made(&self) -> MutexGuard<'_, Vec<(Variant, wgpu::ComputePipeline)>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of variants that are cached now, beyond the first.
    pub(super) fn made_later(&self) -> usize {
        self.made().len() - 1
    }

    /// The pipeline of `variant`, compiled if it is not cached.
    pub(super) fn get(
        &self,
        gpu: &Gpu,
        variant: Variant,
    ) -> Result<wgpu::ComputePipeline, GpuError> {
        {
            let mut made = self.made();
            if let Some(k) = made.iter().position(|(form, _)| *form == variant) {
                made[..=k].rotate_right(1);
                return Ok(made[0].1.clone());
            }
        }
        let Self { module, layout, .. } = self;
        let pipeline =
            scoped(&gpu.device, |device| variant_pipeline(device, module, layout, variant))
                .map_err(|reason| match gpu.failure(reason) {
                    GpuError::Device(reason) => GpuError::Shader { what: "the sum", reason },
                    lost => lost,
                })?;
        let mut made = self.made();
        made.insert(0, (variant, pipeline.clone()));
        made.truncate(Self::MOST);
        Ok(pipeline)
    }
}

/// The most common variant: the plane, without weights, as many points as the program begins with.
fn first_variant(plans: SumDevice) -> Variant {
    const FIRST: SumSize = SumSize { n: 3000, m: 3000, dim: 2, chunk: 3000 };
    let exactness = Exactness::Usual;
    let shape = plans.shape(FIRST, exactness);
    Variant { dim: FIRST.dim, exactness, weighted: false, shape, listed: false }
}

fn variant_pipeline(
    device: &wgpu::Device,
    module: &wgpu::ShaderModule,
    layout: &wgpu::BindGroupLayout,
    variant: Variant,
) -> wgpu::ComputePipeline {
    compute_pipeline(device, module, layout, "gauss_sum", &variant.constants())
}
