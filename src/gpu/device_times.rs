//! What the device itself takes for its submissions: by timestamps at the beginning of the first pass and
//! the end of the last one, where the adapter has them. Waiting, uploads and reading back do not count.

use std::{cell::Cell, time::Duration};

use super::{Gpu, GpuError};

/// Submissions whose timestamps have not been read yet: more than are ever in flight.
const SLOTS: u32 = 4;
/// Bytes of the two timestamps of a submission.
const BYTES: u64 = 16;

/// Adds up what the submissions of a sum take; what is kept for that is made once.
#[derive(Default)]
pub(super) struct DeviceTimes {
    clock: Option<Clock>,
    seconds: Cell<f64>,
    next: Cell<u32>,
}

/// The adapter's clock, and where its timestamps go.
struct Clock {
    queries: wgpu::QuerySet,
    /// Each slot has two timestamps, as far from the next slot's as resolving demands.
    resolved: wgpu::Buffer,
    /// For reading them, one for each slot.
    readable: Vec<wgpu::Buffer>,
    /// Seconds of a tick.
    tick: f64,
}

/// The timestamps of one submission.
#[derive(Clone, Copy)]
pub(super) struct Stamps<'a> {
    clock: &'a Clock,
    slot: u32,
}

impl DeviceTimes {
    /// Starts from zero.
    ///
    /// # Errors
    /// When the device fails.
    pub(super) fn start(&mut self, gpu: &Gpu) -> Result<(), GpuError> {
        if gpu.has_clock() && self.clock.is_none() {
            self.clock = Some(Clock::new(gpu)?);
        }
        self.seconds.set(0.0);
        Ok(())
    }

    /// What all submissions since [`Self::start`] took in seconds; `None` where the adapter has no clock.
    pub(super) fn seconds(&self) -> Option<f64> {
        self.clock.as_ref()?;
        // Some drivers offer a clock that stands still.
        Some(self.seconds.get()).filter(|seconds| *seconds > 0.0)
    }

    /// Timestamps for the next submission.
    pub(super) fn stamps(&self) -> Option<Stamps<'_>> {
        let clock = self.clock.as_ref()?;
        let slot = self.next.get();
        self.next.set((slot + 1) % SLOTS);
        Some(Stamps { clock, slot })
    }

    /// Adds what a submission took that has been waited for.
    pub(super) fn add(&self, gpu: &Gpu, stamps: Option<Stamps<'_>>) -> Result<(), GpuError> {
        let Some(Stamps { clock, slot }) = stamps else { return Ok(()) };
        let wait = || {
            // It is done: this only tells wgpu so.
            gpu.ask_whether_lost();
            Ok(())
        };
        let ends: [u64; 2] =
            gpu.read_mapped(&clock.readable[slot as usize], BYTES, wait, |bytes| {
                bytemuck::pod_read_unaligned(&bytes[..BYTES as usize])
            })?;
        let seconds = ends[1].saturating_sub(ends[0]) as f64 * clock.tick;
        // A clock that jumps, as some do where a card changes its power state, tells nothing.
        if seconds < Duration::from_hours(1).as_secs_f64() {
            self.seconds.set(self.seconds.get() + seconds);
        }
        Ok(())
    }
}

impl Clock {
    fn new(gpu: &Gpu) -> Result<Self, GpuError> {
        let queries = gpu.checked(|device| {
            device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("device_times"),
                ty: wgpu::QueryType::Timestamp,
                count: 2 * SLOTS,
            })
        })?;
        let usage = wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC;
        let size = u64::from(SLOTS) * wgpu::QUERY_RESOLVE_BUFFER_ALIGNMENT;
        let resolved = gpu.buffer("device_times::resolved", "timestamps", size, usage)?;
        let usage = wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ;
        let readable =
            (0..SLOTS).map(|_| gpu.buffer("device_times::readable", "timestamps", BYTES, usage));
        let readable = readable.collect::<Result<_, _>>()?;
        let tick = 1e-9 * f64::from(gpu.queue.get_timestamp_period());
        Ok(Self { queries, resolved, readable, tick })
    }
}

impl Stamps<'_> {
    /// What a pass writes that is the first of its submission, the last, or both.
    pub(super) fn writes(
        &self,
        is_first: bool,
        is_last: bool,
    ) -> Option<wgpu::ComputePassTimestampWrites<'_>> {
        (is_first || is_last).then_some(wgpu::ComputePassTimestampWrites {
            query_set: &self.clock.queries,
            beginning_of_pass_write_index: is_first.then_some(2 * self.slot),
            end_of_pass_write_index: is_last.then_some(2 * self.slot + 1),
        })
    }

    /// Records that they can be read, behind the passes of the submission.
    pub(super) fn resolve(&self, encoder: &mut wgpu::CommandEncoder) {
        let Self { clock, slot } = self;
        let at = u64::from(*slot) * wgpu::QUERY_RESOLVE_BUFFER_ALIGNMENT;
        encoder.resolve_query_set(&clock.queries, 2 * slot..2 * slot + 2, &clock.resolved, at);
        let readable = &clock.readable[*slot as usize];
        encoder.copy_buffer_to_buffer(&clock.resolved, at, readable, 0, BYTES);
    }
}
