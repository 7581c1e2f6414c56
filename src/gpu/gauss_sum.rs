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
    faults::Fault,
    pipelines::whole,
    sum_pipelines::SumPipelines,
    variant::{Exactness, GROUP, Shape, Variant},
};
use crate::{
    engine::{Observer, Pace, Progress, Slice, SlicePlan},
    model::Sigma,
};

/// Invocations in a workgroup of every compute kernel but the exact sum and the sum over near
/// pairs, which have sizes of their own.
pub const WORKGROUP: usize = 64;

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
        pub far: f32,
        pub target_quads: u32,
        pub targets_low: u32,
        pub sources_low: u32,
        pub weights: u32,
        pub part_length: u32,
        pub parts: u32,
        pub out_first: u32,
        pub out_stride: u32,
    }
}

/// Called where a preview is due, with the number of sources that the sums of all targets contain
/// by then; breaks off to end the sum.
pub(super) type Preview<'a> =
    &'a mut dyn FnMut(usize, &mut dyn Observer) -> Result<ControlFlow<()>, GpuError>;

/// A slice that was submitted and has not been waited for yet.
struct InFlight {
    index: wgpu::SubmissionIndex,
    submitted: Instant,
    slice: Slice,
    variant: Variant,
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
}

impl GaussSum<'_> {
    /// Workgroups that a slice should have on a graphics card: where there are fewer, its sources
    /// are split into parts. With fewer, multiprocessors idle; with more, the sums of more parts
    /// have to be combined. On an NVIDIA H200 (d = 2) 4096 are faster at 10⁵ points (3.0·10¹² pairs
    /// a second against 2.0·10¹²) and at 10⁶ (3.0 against 2.8), and equal at 3000.
    const BUSY: usize = 512;
    /// Submissions in flight at once: one runs while the next is recorded. With one, the device
    /// idles in between; with more, a cancelled sum and the window's frames wait longer.
    const IN_FLIGHT: usize = 2;

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
        let tuning = &pipelines.tuning;
        let variant = self.variant();
        let shape = tuning.best(variant).fitted(n);
        // A smaller shape that is timed on the same slice needs more workgroups.
        let most = self.gpu.max_groups() * Shape::MIN_TARGETS / shape.targets();
        let limits = Variant { shape, ..variant }.limits(most.max(1));
        let mut plan = SlicePlan::new(n, m, self.chunk, limits);
        let mut partial = None;
        let total = n as f64 * m as f64;
        let mut done = 0.0;
        let mut previous_end = Instant::now();
        let mut in_flight = VecDeque::new();
        // No slice of the next sweep is submitted before the preview of this one has read the sums.
        let mut sweep_ends = false;
        loop {
            while in_flight.len() < Self::IN_FLIGHT && !sweep_ends {
                let Some(slice) = plan.next(pace.pairs()) else { break };
                sweep_ends = slice.ends_sweep;
                let targets = slice.targets.len();
                let shape = tuning.next(variant, targets).fitted(targets);
                let variant = Variant { shape, ..variant };
                in_flight.push_back(self.submit(pipelines, slice, variant, &mut partial)?);
            }
            let Some(InFlight { index, submitted, slice, variant }) = in_flight.pop_front() else {
                break;
            };
            self.gpu.lose_at(Fault::LossInSum);
            self.gpu.wait(index)?;
            let now = Instant::now();
            let seconds = (now - previous_end.max(submitted)).as_secs_f64();
            // The time of a shape under trial does not predict that of the next slice.
            if tuning.learn(variant, slice.targets.len(), slice.pairs(), seconds) {
                pace.learn(slice.pairs(), seconds);
            }
            previous_end = now;
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

    /// The variant of the kernel for this sum, with a shape that is still to be chosen.
    fn variant(&self) -> Variant {
        let Self { points, sigma, precision, .. } = self;
        let exactness = match precision {
            Precision::Extended { .. } => Exactness::Extended,
            Precision::Usual if points.has_low && points.needs_split(*sigma) => Exactness::Split,
            Precision::Usual => Exactness::Usual,
        };
        let weighted = points.largest_weight().is_some();
        Variant { dim: points.dim(), exactness, weighted, ..Variant::FIRST }
    }

    /// How many parts the sources of a slice are split into, so that its `groups` workgroups of
    /// `targets` targets become enough to fill the device.
    fn parts(&self, groups: usize, targets: usize, sources: usize) -> usize {
        let most = self.gpu.max_groups();
        if targets.div_ceil(WORKGROUP) > most {
            return 1;
        }
        // The least number of sources in a part: each part reads the targets and stores sums.
        let (wanted, shortest) = if self.gpu.adapter().software {
            (2 * std::thread::available_parallelism().map_or(1, usize::from), 1024)
        } else {
            (Self::BUSY, 64)
        };
        (wanted / groups).min(sources / shortest).clamp(1, most)
    }

    fn submit(
        &self,
        pipelines: &SumPipelines,
        slice: Slice,
        variant: Variant,
        partial: &mut Option<wgpu::Buffer>,
    ) -> Result<InFlight, GpuError> {
        let Self { gpu, points, sums, .. } = self;
        let targets = slice.targets.len();
        let groups = targets.div_ceil(variant.shape.targets());
        let parts = self.parts(groups, targets, slice.sources.len());
        let part_length = slice.sources.len().div_ceil(parts).next_multiple_of(GROUP);
        let parts = slice.sources.len().div_ceil(part_length);
        let uniform = gpu_data::Slice {
            part_length: part_length as u32,
            parts: parts as u32,
            out_first: if parts > 1 { slice.targets.start as u32 } else { 0 },
            out_stride: if parts > 1 { targets as u32 } else { 0 },
            ..self.uniform(&slice, variant)
        };
        // One buffer for each slice: slices in flight at the same time must not share one.
        let uniforms = gpu.uniform("gauss_sum::slice", &uniform)?;
        let out = if parts > 1 {
            let size = 8 * (parts * targets) as u64;
            match partial {
                Some(buffer) if buffer.size() >= size => {}
                _ => {
                    let usage = wgpu::BufferUsages::STORAGE;
                    *partial = Some(gpu.buffer("partial sums", "the partial sums", size, usage)?);
                }
            }
            partial.as_ref().expect("it was made just now")
        } else {
            &sums.0
        };
        let pipeline = pipelines.get(gpu, variant)?;
        let index = gpu.checked(|device| {
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
            let mut dispatch = |pipeline, bind_group: &wgpu::BindGroup, x: usize, y: usize| {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
                    label: Some("gauss_sum"),
                    timestamp_writes: None,
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
                    whole(3, out),
                ],
            );
            dispatch(&pipeline, &summed, groups, parts);
            if parts > 1 {
                let combined = bind_group(
                    &pipelines.combine_layout,
                    &[whole(0, &uniforms), whole(1, out), whole(3, &sums.0)],
                );
                dispatch(&pipelines.combine, &combined, targets.div_ceil(WORKGROUP), 1);
            }
            gpu.submit([encoder.finish()])
        })?;
        Ok(InFlight { index, submitted: Instant::now(), slice, variant })
    }

    /// The uniform of a slice that is not split into parts.
    fn uniform(&self, slice: &Slice, variant: Variant) -> gpu_data::Slice {
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
            chunk: (*chunk).min(points.m()) as u32,
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
        }
    }
}
