//! The field on the device: scales sums to values and finds their range and histogram
//! (`shaders/field.wgsl`).
//!
//! The values of a [`Field`] never change once it exists, so a picture is always drawn with the
//! range that belongs to its values.

use std::sync::{Arc, OnceLock};

use bytemuck::{Pod, Zeroable};

use super::{
    Curve, Gpu, GpuError, PointBuffers, Sums, pack,
    pipelines::{compute_pipeline, shader, storage_entry, uniform_entry, whole},
    range::{BINS, FieldRange, Histogram},
};
use crate::color::Scale;

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/field.wgsl");

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{BINS, Pod, Zeroable};

    /// `Work` in `field.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Work {
        pub n: u32,
        pub curve: u32,
        pub low: f32,
        pub high: f32,
        pub scale: f32,
        pub floor: f32,
        pub sharpness: f32,
        pub padding: u32,
    }

    /// `Range` in `field.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Range {
        pub max_key: u32,
        pub inverted_min_key: u32,
        pub inverted_min_positive_key: u32,
        pub zeros: u32,
        pub below: u32,
        pub above: u32,
        pub padding: [u32; 2],
        pub bins: [u32; BINS],
    }
}

pub(super) struct FieldPipelines {
    scale_sums: wgpu::ComputePipeline,
    find_range: wgpu::ComputePipeline,
    count: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

impl FieldPipelines {
    pub(super) fn new(device: &wgpu::Device) -> Self {
        let module = shader(device, "field::shader", SHADER);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("field::layout"),
            entries: &[
                uniform_entry(0, wgpu::ShaderStages::COMPUTE),
                storage_entry(1, true),
                storage_entry(2, false),
                storage_entry(3, false),
            ],
        });
        Self {
            scale_sums: compute_pipeline(device, &module, &layout, "scale_sums", &[]),
            find_range: compute_pipeline(device, &module, &layout, "find_range", &[]),
            count: compute_pipeline(device, &module, &layout, "count", &[]),
            layout,
        }
    }
}

/// How sums are scaled to the values of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled {
    /// The factor of every sum.
    pub by: f32,
    /// Whether some weight is negative, so that f may be.
    pub signed: bool,
}

impl Scaled {
    /// Lower bound of all values: 0 where no weight is negative, which removes what rounding leaves
    /// below 0.
    pub(super) fn floor(self) -> f32 {
        if self.signed { f32::MIN } else { 0.0 }
    }
}

/// A field on the device, shape (n,): one f32 a target, in the order of the targets. Clones share
/// it.
#[derive(Clone)]
pub struct Field {
    n: usize,
    pub(super) values: wgpu::Buffer,
    range: FieldRange,
    read: Arc<OnceLock<Arc<[f32]>>>,
}

impl Field {
    /// Number of values.
    pub fn n(&self) -> usize {
        self.n
    }

    /// The lowest and the highest of its values.
    pub fn range(&self) -> FieldRange {
        self.range
    }

    /// The values, shape (n,), if they are in host memory: after [`Self::read`] or
    /// [`Self::from_values`].
    pub fn values(&self) -> Option<&Arc<[f32]>> {
        self.read.get()
    }

    /// Copies the values, shape (n,), to host memory; later calls return the same copy.
    ///
    /// # Errors
    /// When the device fails.
    pub fn read(&self, gpu: &Gpu) -> Result<Arc<[f32]>, GpuError> {
        if let Some(values) = self.read.get() {
            return Ok(Arc::clone(values));
        }
        let values: Arc<[f32]> = gpu.read(&self.values, 4 * self.n as u64, |bytes| {
            // One pass: what is mapped is aligned as any number.
            gpu.kept_memory.copy_of(bytemuck::cast_slice(&bytes[..4 * self.n]))
        })?;
        Ok(Arc::clone(self.read.get_or_init(|| values)))
    }

    /// The values at some targets, in the order of `targets`; from host memory if they are there,
    /// else read from the device.
    ///
    /// # Errors
    /// When the device fails.
    ///
    /// # Panics
    /// When an index in `targets` is not below [`Self::n`].
    pub fn values_at(&self, gpu: &Gpu, targets: &[usize]) -> Result<Vec<f32>, GpuError> {
        assert!(targets.iter().all(|&i| i < self.n), "a target beyond the last");
        if let Some(values) = self.values() {
            return Ok(targets.iter().map(|&i| values[i]).collect());
        }
        let size = 4 * targets.len().max(1) as u64;
        let staging = gpu.buffer(
            "field::sample",
            "a sample of the field",
            size,
            wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        )?;
        let index = gpu.checked(|device| {
            let label = wgpu::CommandEncoderDescriptor { label: Some("field::sample") };
            let mut encoder = device.create_command_encoder(&label);
            for (k, &i) in targets.iter().enumerate() {
                let (from, to) = (4 * i as u64, 4 * k as u64);
                encoder.copy_buffer_to_buffer(&self.values, from, &staging, to, Some(4));
            }
            gpu.submit([encoder.finish()])
        })?;
        gpu.read_staging(&staging, size, index, |bytes| {
            bytemuck::pod_collect_to_vec::<u8, f32>(&bytes[..4 * targets.len()])
        })
    }

    /// The field of the sums over `points`, scaled by `scaled`.
    ///
    /// # Errors
    /// When it does not fit or the device fails.
    pub fn from_sums(
        gpu: &Gpu,
        points: &PointBuffers,
        sums: &Sums,
        scaled: Scaled,
    ) -> Result<Self, GpuError> {
        Self::of_sums(gpu, points.n(), sums, scaled)
    }

    /// [`Self::from_sums`] for the first `n` sums.
    pub(super) fn of_sums(
        gpu: &Gpu,
        n: usize,
        sums: &Sums,
        scaled: Scaled,
    ) -> Result<Self, GpuError> {
        let values = Self::room(gpu, n)?;
        let range = with_range(gpu, n, Some((sums, scaled)), &values, None)?;
        Ok(Self::new(n, values, &range))
    }

    /// A buffer for the values of a field of `n` targets.
    pub(super) fn room(gpu: &Gpu, n: usize) -> Result<wgpu::Buffer, GpuError> {
        let usage = wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::VERTEX
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST;
        let size = 4 * pack::room_for(n) as u64;
        gpu.buffer("field", "the field", size, usage).map_err(|err| err.with_most_of(n))
    }

    /// The field of values that are already in a buffer on the device.
    pub(super) fn of_values(gpu: &Gpu, n: usize, values: wgpu::Buffer) -> Result<Self, GpuError> {
        let range = with_range(gpu, n, None, &values, None)?;
        Ok(Self::new(n, values, &range))
    }

    /// Uploads a field that an engine of the processor computed, shape (n,).
    ///
    /// # Errors
    /// As [`Self::from_sums`].
    pub fn from_values(gpu: &Gpu, field: &Arc<[f32]>) -> Result<Self, GpuError> {
        let values = Self::room(gpu, field.len())?;
        gpu.upload(&values, 0, field)?;
        // Found on the processor: the values are in memory, and the device may be busy with frames.
        let range = FieldRange::of(field);
        let read = Arc::new(OnceLock::from(Arc::clone(field)));
        Ok(Self { n: field.len(), values, range, read })
    }

    fn new(n: usize, values: wgpu::Buffer, range: &gpu_data::Range) -> Self {
        let min_positive = of_key(!range.inverted_min_positive_key);
        let range = FieldRange {
            min: of_key(!range.inverted_min_key),
            // Still the key of NaN when no value is above zero.
            min_positive: if min_positive.is_nan() { 0.0 } else { min_positive },
            max: of_key(range.max_key),
            zeros: range.zeros,
        };
        Self { n, values, range, read: Arc::default() }
    }

    /// The histogram of the values along the colour scale `scale`.
    ///
    /// # Errors
    /// When the device fails.
    pub fn histogram(&self, gpu: &Gpu, scale: &Scale) -> Result<Histogram, GpuError> {
        if let Some(values) = self.values() {
            return Ok(Histogram::of(values, scale));
        }
        if Curve::of(scale) == Curve::Quantiles {
            return Ok(Histogram::of(&self.read(gpu)?, scale));
        }
        let counted = with_range(gpu, self.n, None, &self.values, Some(scale))?;
        Ok(Histogram { bins: counted.bins.to_vec(), below: counted.below, above: counted.above })
    }
}

/// The f32 whose key in the shader (`key` in `field.wgsl`) is `key`.
fn of_key(key: u32) -> f32 {
    f32::from_bits(if key & 0x8000_0000 == 0 { !key } else { key ^ 0x8000_0000 })
}

/// Scales `sums` into `values` if they are given, then finds the range of the values, or their
/// histogram along `count` if that is given.
fn with_range(
    gpu: &Gpu,
    n: usize,
    sums: Option<(&Sums, Scaled)>,
    values: &wgpu::Buffer,
    count: Option<&Scale>,
) -> Result<gpu_data::Range, GpuError> {
    let FieldPipelines { scale_sums, find_range, count: count_values, layout } =
        &gpu.pipelines.field;
    let curve = count.map_or(Curve::Linear, Curve::of);
    let [low, high] = count.map_or([0.0, 1.0], |scale| [scale.low, scale.high]);
    let scaled = sums.map_or(Scaled { by: 1.0, signed: true }, |(_, scaled)| scaled);
    let work = gpu_data::Work {
        n: n as u32,
        curve: curve.number(),
        low,
        high,
        scale: scaled.by,
        floor: scaled.floor(),
        sharpness: curve.sharpness(),
        padding: 0,
    };
    let uniforms = gpu.uniform("field::work", &work)?;
    let range_size = size_of::<gpu_data::Range>() as u64;
    // A new buffer is all zeros, which is where the range starts.
    let range = gpu.buffer(
        "field::range",
        "a field's range",
        range_size,
        wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
    )?;
    // The bind group layout has sums, whether or not the entry point reads them.
    let no_sums;
    let sums_buffer = if let Some((sums, _)) = sums {
        &sums.0
    } else {
        no_sums = gpu.buffer("no sums", "nothing", 16, wgpu::BufferUsages::STORAGE)?;
        &no_sums
    };
    let groups = gpu.workgroups(n);
    let index = gpu.checked(|device| {
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("field::bind_group"),
            layout,
            entries: &[
                whole(0, &uniforms),
                whole(1, sums_buffer),
                whole(2, values),
                whole(3, &range),
            ],
        });
        let mut encoder =
            device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("field") });
        let mut dispatch = |pipeline| {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                label: Some("field"),
                timestamp_writes: None,
            });
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &bind_group, &[]);
            pass.dispatch_workgroups(groups, 1, 1);
        };
        if sums.is_some() {
            dispatch(scale_sums);
        }
        dispatch(if count.is_some() { count_values } else { find_range });
        gpu.submit([encoder.finish()])
    })?;
    gpu.wait(index)?;
    gpu.read(&range, range_size, |bytes| {
        bytemuck::pod_read_unaligned(&bytes[..range_size as usize])
    })
}
