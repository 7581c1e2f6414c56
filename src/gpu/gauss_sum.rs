//! The exact sum on the device: `shaders/gauss_sum.wgsl`, slice by slice.
//!
//! Memory: 8 bytes a point (16 where f32 does not hold the data), 8 bytes a target for the sum and
//! its rounding error. Cost: n·m pairs. Tolerance: 2·10⁻⁶ of the larger of
//! f and a thousandth of its maximum.

use std::{collections::VecDeque, time::Instant};

use bytemuck::{Pod, Zeroable};

use super::{
    Gpu, GpuError, PointBuffers, Sums,
    faults::Fault,
    pipelines::{compute_pipeline, shader, storage_entry, uniform_entry, whole},
};
use crate::{
    engine::{Pace, Plan, PlanLimits, Slice},
    model::Sigma,
};

/// Invocations in a workgroup.
pub const WORKGROUP: usize = 64;
/// Targets of one invocation.
pub const TARGETS: usize = 8;
/// Sources staged at once.
pub const TILE: usize = 256;

/// Source of the shader.
pub const SHADER: &str = include_str!("../../shaders/gauss_sum.wgsl");

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{Pod, Zeroable};

    /// `Slice` in `gauss_sum.wgsl`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, Pod, Zeroable)]
    #[expect(missing_docs, reason = "documented in the shader")]
    pub struct Slice {
        pub first_target: u32,
        pub end_target: u32,
        pub first_source: u32,
        pub end_source: u32,
        pub chunk: u32,
        pub fresh: u32,
        pub zero: u32,
        pub c: f32,
        pub c_head: f32,
        pub c_tail: f32,
        pub low_scale: f32,
        pub shift: f32,
        pub targets_low: u32,
        pub sources_low: u32,
    }
}

/// One pipeline for each way to compute a term: the shader's `exactness`.
pub(super) struct GaussSumPipelines {
    usual: wgpu::ComputePipeline,
    split: wgpu::ComputePipeline,
    extended: wgpu::ComputePipeline,
    layout: wgpu::BindGroupLayout,
}

impl GaussSumPipelines {
    pub(super) fn new(device: &wgpu::Device, source: &str) -> Self {
        let module = shader(device, "gauss_sum::shader", source);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("gauss_sum::layout"),
            entries: &[
                uniform_entry(0, wgpu::ShaderStages::COMPUTE),
                storage_entry(1, true),
                storage_entry(2, true),
                storage_entry(3, false),
            ],
        });
        let pipeline = |exactness: f64| {
            compute_pipeline(device, &module, &layout, "gauss_sum", &[("exactness", exactness)])
        };
        Self { usual: pipeline(0.0), split: pipeline(1.0), extended: pipeline(2.0), layout }
    }
}

/// What a caller hears while a sum is under way.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Fraction of all pairs that is done.
    pub fraction: f64,
    /// Sources that every target has seen, when a sweep has just ended.
    pub swept: Option<usize>,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Stop: the result is not wanted any more.
    Stop,
}

/// A slice that was submitted and not yet waited for.
struct InFlight {
    index: wgpu::SubmissionIndex,
    submitted: Instant,
    slice: Slice,
}

/// How exactly the terms of a sum are computed.
///
/// A term's relative error grows with its exponent. That hides where some near pair dwarfs the far
/// ones; a field of far pairs alone has nothing to hide behind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// In single precision, with what it drops of the coordinates where that would show.
    Usual,
    /// Every exponent in twice the digits, about a quarter as fast. Terms are multiplied by 2 to
    /// the power of `shift`, so that sums far below what f32 holds are not lost.
    Extended {
        /// The power of two.
        shift: u16,
    },
}

impl Precision {
    /// [`Self::Extended`] without a shift.
    pub const EXTENDED: Self = Self::Extended { shift: 0 };

    /// Whether a field of [`Self::Usual`] precision whose highest value is `max` has to be computed
    /// again with [`Self::EXTENDED`].
    pub fn must_extend(max: f64) -> bool {
        max > 0.0 && max < 0.05
    }

    /// The power of two as a number.
    pub(super) fn shift(self) -> f32 {
        match self {
            Self::Usual => 0.0,
            Self::Extended { shift } => f32::from(shift),
        }
    }
}

/// One exact sum on the device.
pub struct GaussSum<'a> {
    /// The device.
    pub gpu: &'a Gpu,
    /// Both clouds.
    pub points: &'a PointBuffers,
    /// Where the sums go.
    pub sums: &'a Sums,
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// Number of sources between two updates of a sum.
    pub chunk: usize,
    /// How exactly every term is computed.
    pub precision: Precision,
}

impl GaussSum<'_> {
    /// Submissions under way at once: one runs while the next is prepared.
    const IN_FLIGHT: usize = 2;

    /// Carries out the sum in slices sized by `pace`, which learns from each.
    ///
    /// Returns whether it ran to its end.
    ///
    /// # Errors
    /// When the device fails.
    pub fn run(
        &self,
        pace: &mut Pace,
        mut control: impl FnMut(Progress) -> Result<Flow, GpuError>,
    ) -> Result<Flow, GpuError> {
        let (n, m) = (self.points.n(), self.points.m());
        let mut plan = Plan::new(n, m, self.chunk, self.limits());
        let total = n as f64 * m as f64;
        let mut done = 0.0;
        let mut previous_end = Instant::now();
        let mut in_flight = VecDeque::new();
        // A sweep is shown before the next one adds to it.
        let mut sweep_ends = false;
        loop {
            while in_flight.len() < Self::IN_FLIGHT && !sweep_ends {
                let Some(slice) = plan.next(pace.pairs()) else { break };
                sweep_ends = slice.ends_sweep;
                in_flight.push_back(self.submit(slice)?);
            }
            let Some(InFlight { index, submitted, slice }) = in_flight.pop_front() else { break };
            self.gpu.lose_at(Fault::LossInSum);
            self.gpu.wait(index)?;
            let now = Instant::now();
            pace.learn(slice.pairs(), (now - previous_end.max(submitted)).as_secs_f64());
            previous_end = now;
            done += slice.pairs() as f64;
            let mut swept = None;
            if slice.ends_sweep {
                sweep_ends = false;
                swept = Some(slice.sources.end);
            }
            if control(Progress { fraction: done / total, swept })? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
        Ok(Flow::Continue)
    }

    fn limits(&self) -> PlanLimits {
        PlanLimits {
            targets_per_group: WORKGROUP * TARGETS,
            max_groups: self.gpu.device.limits().max_compute_workgroups_per_dimension as usize,
            tile: TILE,
            // The loop over tiles, and each lane's share of loading one.
            iterations_per_tile: 1 + TILE / WORKGROUP,
        }
    }

    fn submit(&self, slice: Slice) -> Result<InFlight, GpuError> {
        let Self { gpu, points, sums, sigma, chunk, precision } = self;
        let extended = *precision != Precision::Usual;
        let c = -std::f64::consts::LOG2_E / (2.0 * sigma.get().powi(2));
        let c_head = f32::from_bits((c as f32).to_bits() & 0xffff_f000);
        let low = points.has_low && (extended || points.needs_split(*sigma));
        let low_at = |count: usize| if low { count as u32 } else { 0 };
        let uniform = gpu_data::Slice {
            first_target: slice.targets.start as u32,
            end_target: slice.targets.end as u32,
            first_source: slice.sources.start as u32,
            end_source: slice.sources.end as u32,
            chunk: (*chunk).min(points.m()) as u32,
            fresh: u32::from(slice.fresh),
            zero: 0,
            c: c as f32,
            c_head,
            c_tail: (c - f64::from(c_head)) as f32,
            low_scale: if low { 1.0 } else { 0.0 },
            shift: precision.shift(),
            targets_low: low_at(points.n()),
            sources_low: low_at(points.m()),
        };
        // A buffer a slice: two slices in flight must not share one.
        let uniforms = gpu.buffer(
            "gauss_sum::slice",
            "a slice",
            size_of_val(&uniform) as u64,
            wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        )?;
        gpu.queue.write_buffer(&uniforms, 0, bytemuck::bytes_of(&uniform));

        let GaussSumPipelines { usual, split, extended: precise, layout } =
            gpu.pipelines.gauss_sum.as_ref().map_err(Clone::clone)?;
        let pipeline = match (low, extended) {
            (false, false) => usual,
            (true, false) => split,
            (_, true) => precise,
        };
        let groups = slice.targets.len().div_ceil(WORKGROUP * TARGETS) as u32;
        let index = gpu.checked(|device| {
            let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("gauss_sum::bind_group"),
                layout,
                entries: &[
                    whole(0, &uniforms),
                    whole(1, &points.targets),
                    whole(2, &points.sources),
                    whole(3, &sums.0),
                ],
            });
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("gauss_sum"),
            });
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                    label: Some("gauss_sum"),
                    timestamp_writes: None,
                });
                pass.set_pipeline(pipeline);
                pass.set_bind_group(0, &bind_group, &[]);
                pass.dispatch_workgroups(groups, 1, 1);
            }
            gpu.submit([encoder.finish()])
        })?;
        Ok(InFlight { index, submitted: Instant::now(), slice })
    }
}

impl Gpu {
    /// A cautious guess of the device's speed in pairs per second, before anything was measured.
    pub fn first_pace(&self, target_seconds: f64) -> Pace {
        let pairs_per_second = if self.adapter().software { 1e8 } else { 1e10 };
        Pace::new(target_seconds, pairs_per_second)
    }
}
