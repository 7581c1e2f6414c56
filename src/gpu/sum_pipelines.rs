//! The pipelines of the exact sum, one for each variant of `shaders/gauss_sum.wgsl`, compiled on
//! demand. Only those used last are kept: on a software adapter each takes some megabytes of code.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::{
    Gpu, GpuError,
    device::scoped,
    gauss_sum::COMBINE_SHADER,
    pipelines::{compute_pipeline, shader, storage_entry, uniform_entry},
    sum_plan::{SumDevice, SumSize},
    variant::{Exactness, Terms, Variant},
};

/// Source of the kernel for some kind of terms.
pub(super) type KernelSource = fn(Terms) -> &'static str;

/// The shader modules, and the pipelines used last.
pub(super) struct SumPipelines {
    source: KernelSource,
    /// The modules of [`Terms::ALL`], read when they are needed first.
    modules: [OnceLock<wgpu::ShaderModule>; Terms::ALL.len()],
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

    pub(super) fn new(device: &wgpu::Device, plans: SumDevice, source: KernelSource) -> Self {
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
        let combine = shader(device, "gauss_sum::combine_shader", COMBINE_SHADER);
        let [combine, combine_listed] = ["combine", "combine_listed"]
            .map(|entry| compute_pipeline(device, &combine, &combine_layout, entry, &[]));
        // Compiled now, so that a driver that refuses the kernel is known from the start.
        let first = first_variant(plans);
        let made = Mutex::default();
        let modules = [const { OnceLock::new() }; Terms::ALL.len()];
        let pipelines =
            Self { source, modules, layout, made, combine, combine_listed, combine_layout };
        let pipeline = pipelines.compile(device, first);
        pipelines.made().push((first, pipeline));
        pipelines
    }

    fn compile(&self, device: &wgpu::Device, variant: Variant) -> wgpu::ComputePipeline {
        let terms = variant.terms();
        let read = || shader(device, "gauss_sum::shader", (self.source)(terms));
        let module = self.modules[terms as usize].get_or_init(read);
        compute_pipeline(device, module, &self.layout, "gauss_sum", &variant.constants())
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
        let pipeline = scoped(&gpu.device, |device| self.compile(device, variant)).map_err(
            |reason| match gpu.failure(reason) {
                GpuError::Device(reason) => GpuError::Shader { what: "the sum", reason },
                lost => lost,
            },
        )?;
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
