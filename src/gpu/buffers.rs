//! Creates, fills and reads back buffers: within the device's limits, with bounded staging memory.

use std::{
    num::NonZeroU64,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use super::{Gpu, GpuError, faults::Fault, gauss_sum::WORKGROUP};

impl Gpu {
    /// How long a submission may take before the device counts as hung. Submissions should last 50
    /// ms at most; shorter would give up on a device that is only busy, longer would leave the
    /// worker waiting.
    const TIMEOUT: Duration = Duration::from_mins(1);
    /// The most bytes uploaded in one submission: larger blocks take more staging memory, smaller
    /// ones more submissions, each of which is waited for.
    const UPLOAD_BLOCK: usize = 16 << 20;

    /// A buffer of `size` bytes; error messages name its contents `what`.
    ///
    /// # Errors
    /// When it is over the device's limits, or the device is out of memory.
    pub(super) fn buffer(
        &self,
        label: &str,
        what: &'static str,
        size: u64,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer, GpuError> {
        let limits = self.device.limits();
        let limit = if usage.contains(wgpu::BufferUsages::STORAGE) {
            limits.max_buffer_size.min(limits.max_storage_buffer_binding_size)
        } else {
            limits.max_buffer_size
        };
        if size > limit {
            return Err(GpuError::TooLarge {
                what,
                needed: size,
                limit,
                adapter: self.adapter().name.clone(),
                most_points: None,
            });
        }
        if self.faults().strikes(Fault::NoMemoryForBuffer) {
            return Err(GpuError::NoMemory { what, needed: size });
        }
        self.checked(|device| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                // A binding must not be empty.
                size: size.max(16).next_multiple_of(16),
                usage,
                mapped_at_creation: false,
            })
        })
    }

    /// Workgroups of [`WORKGROUP`] invocations for `n` values, at least one. Where they have fewer
    /// invocations than there are values, each takes several, a grid's stride apart.
    pub(super) fn workgroups(&self, n: usize) -> u32 {
        let most = self.device.limits().max_compute_workgroups_per_dimension.min(4096);
        (n.div_ceil(WORKGROUP) as u32).clamp(1, most)
    }

    /// A buffer that holds `parts`, one after the other; error messages name its contents `what`.
    ///
    /// # Errors
    /// As [`Self::buffer`].
    pub(super) fn filled(
        &self,
        label: &str,
        what: &'static str,
        parts: &[&[f32]],
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer, GpuError> {
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        let size = parts.iter().map(|part| size_of_val(*part) as u64).sum();
        let buffer = self.buffer(label, what, size, usage)?;
        let mut start = 0;
        for part in parts {
            self.upload(&buffer, start, part)?;
            start += size_of_val(*part) as u64;
        }
        Ok(buffer)
    }

    /// Writes `data` to `buffer` from the byte `start` on, in blocks, so that staging memory stays
    /// small.
    pub(super) fn upload(
        &self,
        buffer: &wgpu::Buffer,
        start: u64,
        data: &[f32],
    ) -> Result<(), GpuError> {
        let bytes: &[u8] = bytemuck::cast_slice(data);
        let mut before = None;
        for (k, block) in bytes.chunks(Self::UPLOAD_BLOCK).enumerate() {
            // The last block is not waited for: later submissions run after it anyway.
            before.map_or(Ok(()), |index| self.wait(index))?;
            self.queue.write_buffer(buffer, start + (k * Self::UPLOAD_BLOCK) as u64, block);
            before = Some(self.submit(None));
        }
        Ok(())
    }

    /// Waits until the submission `index` is done. Must not be called on the window's thread.
    pub(super) fn wait(&self, index: wgpu::SubmissionIndex) -> Result<(), GpuError> {
        if self.faults().strikes(Fault::PollTimeout) {
            return Err(GpuError::Timeout(0));
        }
        // A lost device may never answer.
        if self.is_lost() {
            return Err(GpuError::Lost("the driver gave no reason".to_owned()));
        }
        let poll =
            wgpu::PollType::Wait { submission_index: Some(index), timeout: Some(Self::TIMEOUT) };
        // Polling a device that is being lost may panic inside the driver's layer.
        let polled = catch_unwind(AssertUnwindSafe(|| self.device.poll(poll)));
        if self.is_lost() {
            return Err(GpuError::Lost("the driver gave no reason".to_owned()));
        }
        match polled {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(wgpu::PollError::Timeout)) => Err(GpuError::Timeout(Self::TIMEOUT.as_secs())),
            Ok(Err(err)) => Err(self.failure(err.to_string())),
            Err(_) => Err(GpuError::Lost("it failed while being waited for".to_owned())),
        }
    }

    /// Copies `size` bytes from the start of `buffer` to host memory and calls `take` with them,
    /// rounded up to a multiple of four.
    ///
    /// # Errors
    /// When the device fails to copy or to map.
    pub(super) fn read<T>(
        &self,
        buffer: &wgpu::Buffer,
        size: u64,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, GpuError> {
        let size = size.next_multiple_of(wgpu::COPY_BUFFER_ALIGNMENT);
        let staging = self.buffer(
            "staging",
            "reading back",
            size,
            wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        )?;
        let mut encoder = self
            .device
            .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("read back") });
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, NonZeroU64::new(size).map(u64::from));
        let index = self.submit([encoder.finish()]);
        self.read_staging(&staging, size, index, take)
    }

    /// Calls `take` with the first `size` bytes of a mappable buffer, once the submission `index`
    /// is done.
    pub(super) fn read_staging<T>(
        &self,
        staging: &wgpu::Buffer,
        size: u64,
        index: wgpu::SubmissionIndex,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, GpuError> {
        self.read_mapped(staging, size, || self.wait(index), take)
    }

    /// Calls `take` with the first `size` bytes of a mappable buffer; `wait` waits until they are there,
    /// if they are not.
    pub(super) fn read_mapped<T>(
        &self,
        staging: &wgpu::Buffer,
        size: u64,
        wait: impl FnOnce() -> Result<(), GpuError>,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, GpuError> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let slice = staging.slice(0..size);
        slice.map_async(wgpu::MapMode::Read, move |result| {
            // The receiver is gone only when waiting failed, which is reported already.
            let _ = sender.send(result);
        });
        wait()?;
        if self.faults().strikes(Fault::MapFails) {
            return Err(self.failure("a buffer could not be mapped".to_owned()));
        }
        match receiver.recv_timeout(Self::TIMEOUT) {
            Ok(Ok(())) => {}
            Ok(Err(err)) => return Err(self.failure(err.to_string())),
            Err(_) => return Err(GpuError::Timeout(Self::TIMEOUT.as_secs())),
        }
        let taken = match slice.get_mapped_range() {
            Ok(view) => take(&view),
            Err(err) => return Err(self.failure(err.to_string())),
        };
        staging.unmap();
        Ok(taken)
    }
}
