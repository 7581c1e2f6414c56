//! Runs a sequence of submissions of a wanted length: while one runs, the next is prepared.

use std::{collections::VecDeque, ops::ControlFlow, time::Instant};

use bytemuck::Pod;

use super::{
    Gpu, GpuError,
    device_times::{DeviceTimes, Stamps},
    faults::Fault,
};
use crate::engine::Pace;

/// A compute dispatch, ready to be recorded.
pub(super) struct Dispatch {
    pub(super) pipeline: wgpu::ComputePipeline,
    pub(super) bind_group: wgpu::BindGroup,
    pub(super) groups: [u32; 3],
}

/// The dispatches of one submission, run in order, and their cost in the unit of the [`Pace`].
pub(super) struct Submission {
    pub(super) dispatches: Vec<Dispatch>,
    pub(super) cost: u64,
}

/// Submissions in flight at once. With one, the device idles while the next is recorded; with more,
/// a cancelled sum and the window's frames wait longer.
const IN_FLIGHT: usize = 2;

/// Submits what `next` returns, until that is `None` or `control` breaks off.
///
/// `next` gets the wanted cost of a submission, which `pace` learns from how long each takes.
/// `control` is called after each submission with the cost done so far. What the device takes is added to
/// `times`.
pub(super) fn run(
    gpu: &Gpu,
    label: &'static str,
    pace: &mut Pace,
    times: &DeviceTimes,
    mut next: impl FnMut(u64) -> Result<Option<Submission>, GpuError>,
    mut control: impl FnMut(u64) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, GpuError> {
    let mut previous_end = Instant::now();
    let mut in_flight = VecDeque::new();
    let mut done = 0;
    loop {
        while in_flight.len() < IN_FLIGHT {
            let Some(Submission { dispatches, cost }) = next(pace.pairs())? else { break };
            let stamps = times.stamps();
            let index = submit(gpu, label, &dispatches, stamps)?;
            in_flight.push_back((index, stamps, Instant::now(), cost));
        }
        let Some((index, stamps, submitted, cost)) = in_flight.pop_front() else {
            return Ok(ControlFlow::Continue(()));
        };
        gpu.lose_at(Fault::LossInSum);
        gpu.wait(index)?;
        let now = Instant::now();
        pace.learn(cost, (now - previous_end.max(submitted)).as_secs_f64());
        previous_end = now;
        times.add(gpu, stamps)?;
        done += cost;
        if control(done).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
}

fn submit(
    gpu: &Gpu,
    label: &'static str,
    dispatches: &[Dispatch],
    stamps: Option<Stamps<'_>>,
) -> Result<wgpu::SubmissionIndex, GpuError> {
    gpu.checked(|device| {
        let description = wgpu::CommandEncoderDescriptor { label: Some(label) };
        let mut encoder = device.create_command_encoder(&description);
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some(label),
            timestamp_writes: stamps.as_ref().and_then(|stamps| stamps.writes(true, true)),
        });
        for Dispatch { pipeline, bind_group, groups: [x, y, z] } in dispatches {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bind_group, &[]);
            pass.dispatch_workgroups(*x, *y, *z);
        }
        drop(pass);
        if let Some(stamps) = stamps {
            stamps.resolve(&mut encoder);
        }
        gpu.submit([encoder.finish()])
    })
}

impl Gpu {
    /// A uniform buffer that holds `value` from the next submission on.
    pub(super) fn uniform<T: Pod>(
        &self,
        label: &'static str,
        value: &T,
    ) -> Result<wgpu::Buffer, GpuError> {
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let size = size_of_val(value) as u64;
        let buffer = self.buffer(label, "a shader's parameters", size, usage)?;
        self.queue.write_buffer(&buffer, 0, bytemuck::bytes_of(value));
        Ok(buffer)
    }

    /// The most workgroups in each direction of a dispatch.
    pub(super) fn max_groups(&self) -> usize {
        self.device.limits().max_compute_workgroups_per_dimension as usize
    }
}
