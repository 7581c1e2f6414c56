//! The exact sum on the device, carried out as a sequence of submissions (slices) of
//! `shaders/gauss_sum.wgsl`.
//!
//! Memory: 4·d bytes a point (8·d where f32 does not hold the data; above four coordinates, d is
//! rounded up to a multiple of four), 4 bytes a weight, 8 bytes a target for the sum and its
//! rounding error. Cost: n·m pairs. Error: at most 2·10⁻⁶ of the larger of f and a thousandth of
//! its maximum.

use std::{
    collections::VecDeque,
    ops::ControlFlow,
    time::{Duration, Instant},
};

use bytemuck::{Pod, Zeroable};

use super::{
    Gpu, GpuError, PointBuffers, Sums,
    device_times::{DeviceTimes, Stamps},
    faults::Fault,
    pipelines::whole,
    sum_lists::ListedSum,
    sum_pipelines::SumPipelines,
    sum_plan::SumSize,
    variant::{Exactness, GROUP, Terms, Variant},
};
use crate::{
    engine::{Observer, Pace, Progress, Slice, SlicePlan},
    model::Sigma,
};

/// Invocations in a workgroup of every compute kernel but the exact sum and the sum over near
/// pairs, which have sizes of their own.
pub const WORKGROUP: usize = 64;

/// A file in the folder of shaders, behind what it is compiled with.
macro_rules! with_slice {
    ($($file:literal),+) => {
        concat!(
            include_str!("../../shaders/gauss_slice.wgsl"),
            $("\n", include_str!(concat!("../../shaders/", $file))),+
        )
    };
}

/// Source of the shader that adds up what the kernel's workgroups wrote.
pub const COMBINE_SHADER: &str = with_slice!("gauss_combine.wgsl");

/// Source of the kernel for some kind of terms.
pub const fn kernel(terms: Terms) -> &'static str {
    match terms {
        Terms::Looped => {
            with_slice!("gauss_sum.wgsl", "gauss_sum_few.wgsl", "gauss_sum_looped.wgsl")
        }
        Terms::Unrolled => {
            with_slice!("gauss_sum.wgsl", "gauss_sum_few.wgsl", "gauss_sum_unrolled.wgsl")
        }
        Terms::Blocks => {
            with_slice!("gauss_sum.wgsl", "gauss_sum_looped.wgsl", "gauss_sum_blocks.wgsl")
        }
        Terms::Wide => {
            with_slice!("gauss_sum.wgsl", "gauss_sum_looped.wgsl", "gauss_sum_wide.wgsl")
        }
        Terms::Extended => {
            with_slice!("gauss_sum.wgsl", "gauss_sum_looped.wgsl", "gauss_sum_extended.wgsl")
        }
    }
}

/// Mirrors of the shader's structures.
pub mod gpu_data {
    use super::{Pod, Zeroable};

    /// `Slice` in `gauss_slice.wgsl`.
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
        pub far: f32,
        pub target_quads: u32,
        pub targets_low: u32,
        pub sources_low: u32,
        pub weights: u32,
        pub part_length: u32,
        pub parts: u32,
        pub out_first: u32,
        pub out_stride: u32,
        pub first_item: u32,
        pub items_at: u32,
        pub order_at: u32,
        pub enough: f32,
    }
}

/// Called where a preview is due, with the number of sources that the sums of all targets contain
/// by then; breaks off to end the sum.
pub(super) type Preview<'a> =
    &'a mut dyn FnMut(usize, &mut dyn Observer) -> Result<ControlFlow<()>, GpuError>;

/// A slice that was submitted and has not been waited for yet.
struct InFlight<'a> {
    index: wgpu::SubmissionIndex,
    stamps: Option<Stamps<'a>>,
    submitted: Instant,
    slice: Slice,
}

/// What a submission dispatches: the kernel, and where the sums of parts or items are added up.
pub(super) struct Recorded<'a> {
    pub(super) stamps: Option<Stamps<'a>>,
    pub(super) variant: Variant,
    pub(super) uniform: gpu_data::Slice,
    pub(super) points: &'a PointBuffers,
    /// What is listed; any buffer where nothing is.
    pub(super) lists: &'a wgpu::Buffer,
    pub(super) groups: [usize; 2],
    /// Where the sums go; they are added up if that is not where all sums are.
    pub(super) partial: Option<&'a wgpu::Buffer>,
    /// Targets of the slice.
    pub(super) targets: usize,
}

/// The precision in which the terms of a sum are computed.
///
/// A term's relative error grows with its exponent. Where a target has a near source, that source's
/// term, which is precise, dominates the sum; where all sources are far, the error shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Precision {
    /// Single precision; coordinates are split into a high and a low f32 where rounding them would
    /// show.
    Usual,
    /// Exponents as pairs of f32, about a quarter as fast. Terms are multiplied by 2 to the power
    /// of `shift`, so that sums far below the range of f32 do not underflow.
    Extended {
        /// Exponent of the power of two that terms are multiplied by.
        shift: u16,
    },
}

impl Precision {
    /// Whether a field of [`Self::Usual`] precision with the highest value `max`, in units of the
    /// largest weight, has to be computed again with [`Self::Extended`].
    pub fn must_extend(max: f64) -> bool {
        max > 0.0 && max < 0.05
    }

    /// The exponent of the power of two that terms are multiplied by, as the shader takes it.
    pub(super) fn shift(self) -> f32 {
        match self {
            Self::Usual => 0.0,
            Self::Extended { shift } => f32::from(shift),
        }
    }
}

/// The parameters of one exact sum on the device.
pub struct GaussSum<'a> {
    /// The device.
    pub gpu: &'a Gpu,
    /// Targets and sources.
    pub points: &'a PointBuffers,
    /// The running sums, which are overwritten.
    pub sums: &'a Sums,
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// Number of sources between two updates of a sum.
    pub chunk: usize,
    /// The precision of the terms.
    pub precision: Precision,
    /// The blocks of sources that each block of targets looks at, where not at all.
    pub listed: Option<&'a ListedSum<'a>>,
    /// What the device takes is added to it.
    pub(super) times: &'a DeviceTimes,
}

impl GaussSum<'_> {
    /// Submissions in flight at once: one runs while the next is recorded. With one, the device
    /// idles in between; with more, a cancelled sum and the window's frames wait longer.
    pub(super) const IN_FLIGHT: usize = 2;

    /// Carries out the sum in slices whose size `pace` sets and learns from. `preview` is called
    /// after a sweep (all targets over a window of sources) where the observer has a preview due.
    ///
    /// Returns [`ControlFlow::Break`] if the observer or `preview` ended the sum.
    ///
    /// # Errors
    /// When the device fails.
    pub fn run(
        &self,
        pace: &mut Pace,
        observer: &mut dyn Observer,
        preview: Preview<'_>,
    ) -> Result<ControlFlow<()>, GpuError> {
        let (n, m) = (self.points.n(), self.points.m());
        let pipelines = self.gpu.pipelines.gauss_sum.as_ref().map_err(Clone::clone)?;
        if let Some(listed) = self.listed {
            return self.run_listed(pipelines, listed, pace, observer);
        }
        let variant = self.variant();
        let limits = variant.limits(self.gpu.max_groups());
        let mut plan = SlicePlan::new(n, m, variant.chunk(self.chunk, m), limits);
        let mut partial = None;
        let total = n as f64 * m as f64;
        let mut done = 0.0;
        let mut previous_end = Instant::now();
        let mut in_flight = VecDeque::new();
        // No slice of the next sweep is submitted before the preview of this one has read the sums.
        let mut sweep_ends = false;
        loop {
            while in_flight.len() < Self::IN_FLIGHT && !sweep_ends {
                let pairs = (pace.pairs() as f64 / variant.cost()) as u64;
                let Some(slice) = plan.next(pairs.max(1)) else { break };
                sweep_ends = slice.ends_sweep;
                in_flight.push_back(self.submit(pipelines, slice, variant, &mut partial)?);
            }
            let Some(InFlight { index, stamps, submitted, slice }) = in_flight.pop_front() else {
                break;
            };
            self.gpu.lose_at(Fault::LossInSum);
            self.gpu.wait(index)?;
            let now = Instant::now();
            let seconds = (now - previous_end.max(submitted)).as_secs_f64();
            pace.learn((slice.pairs() as f64 * variant.cost()) as u64, seconds);
            previous_end = now;
            self.times.add(self.gpu, stamps)?;
            done += slice.pairs() as f64;
            let mut swept = None;
            if slice.ends_sweep {
                sweep_ends = false;
                swept = Some(slice.sources.end);
            }
            if observer.checkpoint(Progress { fraction: done / total }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if let Some(done) = swept.filter(|done| *done < m)
                && observer.preview_due() == Some(Duration::ZERO)
                && preview(done, observer)?.is_break()
            {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The precision in which terms are computed at this σ.
    pub(super) fn exactness(&self) -> Exactness {
        match self.precision {
            Precision::Extended { .. } => Exactness::Extended,
            Precision::Usual => self.points.exactness_at(self.sigma),
        }
    }

    /// The variant of the kernel for this sum.
    fn variant(&self) -> Variant {
        let Self { points, chunk, .. } = self;
        let size = SumSize { n: points.n(), m: points.m(), dim: points.dim(), chunk: *chunk };
        let exactness = self.exactness();
        let weighted = points.largest_weight().is_some();
        let shape = self.gpu.plans().shape(size, exactness);
        Variant { dim: points.dim(), exactness, weighted, shape, listed: false }
    }

    fn submit(
        &self,
        pipelines: &SumPipelines,
        slice: Slice,
        variant: Variant,
        partial: &mut Option<wgpu::Buffer>,
    ) -> Result<InFlight<'_>, GpuError> {
        let Self { gpu, points, .. } = self;
        let (targets, sources) = (slice.targets.len(), slice.sources.len());
        let groups = targets.div_ceil(variant.shape.targets());
        let tile = GROUP * variant.tile_groups();
        let part_length = if targets.div_ceil(WORKGROUP) > gpu.max_groups() {
            // More targets than `combine` can be dispatched for.
            sources
        } else {
            gpu.plans().part_length(groups, targets, sources, tile)
        };
        let parts = sources.div_ceil(part_length);
        let uniform = gpu_data::Slice {
            part_length: part_length as u32,
            parts: parts as u32,
            out_first: if parts > 1 { slice.targets.start as u32 } else { 0 },
            out_stride: if parts > 1 { targets as u32 } else { 0 },
            ..self.uniform(&slice, variant)
        };
        if parts > 1 {
            self.make_room(partial, parts * targets)?;
        }
        let stamps = self.times.stamps();
        let index = self.record(
            pipelines,
            &Recorded {
                stamps,
                variant,
                uniform,
                points,
                lists: &points.sources,
                groups: [groups, parts],
                partial: partial.as_ref().filter(|_| parts > 1),
                targets,
            },
        )?;
        Ok(InFlight { index, stamps, submitted: Instant::now(), slice })
    }

    /// Makes room in `partial` for so many sums.
    pub(super) fn make_room(
        &self,
        partial: &mut Option<wgpu::Buffer>,
        sums: usize,
    ) -> Result<(), GpuError> {
        let size = 8 * sums as u64;
        if partial.as_ref().is_none_or(|buffer| buffer.size() < size) {
            let usage = wgpu::BufferUsages::STORAGE;
            *partial = Some(self.gpu.buffer("partial sums", "the partial sums", size, usage)?);
        }
        Ok(())
    }

    /// Submits one dispatch of the kernel and, where its sums are partial, one that adds them up.
    pub(super) fn record(
        &self,
        pipelines: &SumPipelines,
        recorded: &Recorded<'_>,
    ) -> Result<wgpu::SubmissionIndex, GpuError> {
        let Self { gpu, sums, .. } = self;
        let Recorded { variant, points, lists, groups: [x, y], partial, targets, .. } = *recorded;
        // One buffer for each slice: slices in flight at the same time must not share one.
        let uniforms = gpu.uniform("gauss_sum::slice", &recorded.uniform)?;
        let pipeline = pipelines.get(gpu, variant)?;
        gpu.checked(|device| {
            let bind_group = |layout, entries: &[_]| {
                device.create_bind_group(&wgpu::BindGroupDescriptor {
                    label: Some("gauss_sum::bind_group"),
                    layout,
                    entries,
                })
            };
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor {
                label: Some("gauss_sum"),
            });
            let mut dispatch =
                |pipeline, bind_group: &wgpu::BindGroup, [x, y]: [usize; 2], ends| {
                    let [is_first, is_last] = ends;
                    let stamps = recorded.stamps.as_ref();
                    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                        label: Some("gauss_sum"),
                        timestamp_writes: stamps
                            .and_then(|stamps| stamps.writes(is_first, is_last)),
                    });
                    pass.set_pipeline(pipeline);
                    pass.set_bind_group(0, bind_group, &[]);
                    pass.dispatch_workgroups(x as u32, y as u32, 1);
                };
            let summed = bind_group(
                &pipelines.layout,
                &[
                    whole(0, &uniforms),
                    whole(1, &points.targets),
                    whole(2, &points.sources),
                    whole(3, partial.unwrap_or(&sums.0)),
                    whole(4, lists),
                ],
            );
            dispatch(&pipeline, &summed, [x, y], [true, partial.is_none()]);
            if let Some(partial) = partial {
                let combined = bind_group(
                    &pipelines.combine_layout,
                    &[whole(0, &uniforms), whole(1, partial), whole(3, &sums.0), whole(4, lists)],
                );
                let combine =
                    if variant.listed { &pipelines.combine_listed } else { &pipelines.combine };
                dispatch(combine, &combined, [targets.div_ceil(WORKGROUP), 1], [false, true]);
            }
            if let Some(stamps) = recorded.stamps {
                stamps.resolve(&mut encoder);
            }
            gpu.submit([encoder.finish()])
        })
    }

    /// The uniform of a slice that is not split into parts.
    pub(super) fn uniform(&self, slice: &Slice, variant: Variant) -> gpu_data::Slice {
        let Self { points, sigma, chunk, precision, .. } = self;
        let c = -std::f64::consts::LOG2_E / (2.0 * sigma.get().powi(2));
        let c_head = f32::from_bits((c as f32).to_bits() & 0xffff_f000);
        let low = points.has_low && variant.exactness != Exactness::Usual;
        let low_at = |start: usize| if low { start as u32 } else { 0 };
        gpu_data::Slice {
            first_target: slice.targets.start as u32,
            end_target: slice.targets.end as u32,
            first_source: slice.sources.start as u32,
            end_source: slice.sources.end as u32,
            chunk: variant.chunk(*chunk, points.m()) as u32,
            fresh: u32::from(slice.fresh),
            zero: 0,
            c: c as f32,
            c_head,
            c_tail: (c - f64::from(c_head)) as f32,
            low_scale: if low { 1.0 } else { 0.0 },
            shift: precision.shift(),
            far: points.far(*sigma),
            target_quads: points.target_quads() as u32,
            targets_low: low_at(points.targets_low()),
            sources_low: low_at(points.sources_low()),
            weights: points.weights_at() as u32,
            part_length: 0,
            parts: 1,
            out_first: 0,
            out_stride: 0,
            first_item: 0,
            items_at: 0,
            order_at: 0,
            enough: 0.0,
        }
    }
}
