//! Buffers: made within the device's limits, filled without piling up memory, read back on a worker.

use std::{
    num::NonZeroU64,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use super::{Gpu, GpuError};

impl Gpu {
    /// How long a submission may take before the device counts as hung.
    const TIMEOUT: Duration = Duration::from_mins(1);
    /// The most bytes uploaded in one submission.
    const UPLOAD_BLOCK: usize = 16 << 20;

    /// A buffer of `size` bytes for `what`.
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
            });
        }
        self.checked(|device| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                // A binding is never empty.
                size: size.max(16).next_multiple_of(16),
                usage,
                mapped_at_creation: false,
            })
        })
    }

    /// Runs `make` and returns what the device says of it, instead of reporting it elsewhere.
    pub(super) fn checked<T>(&self, make: impl FnOnce(&wgpu::Device) -> T) -> Result<T, GpuError> {
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = make(&self.device);
        let errors = [pollster::block_on(validation.pop()), pollster::block_on(memory.pop())];
        match errors.into_iter().flatten().next() {
            None => Ok(made),
            Some(error) => Err(GpuError::Device(error.to_string())),
        }
    }

    /// A buffer for `what` that holds `data`.
    ///
    /// # Errors
    /// As [`Self::buffer`].
    pub(super) fn filled(
        &self,
        label: &str,
        what: &'static str,
        data: &[f32],
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer, GpuError> {
        let usage = usage | wgpu::BufferUsages::COPY_DST;
        let buffer = self.buffer(label, what, size_of_val(data) as u64, usage)?;
        self.upload(&buffer, data)?;
        Ok(buffer)
    }

    /// Writes `data` to the start of `buffer`, block by block, so that staging memory stays small.
    pub(super) fn upload(&self, buffer: &wgpu::Buffer, data: &[f32]) -> Result<(), GpuError> {
        let bytes: &[u8] = bytemuck::cast_slice(data);
        for (k, block) in bytes.chunks(Self::UPLOAD_BLOCK).enumerate() {
            self.queue.write_buffer(buffer, (k * Self::UPLOAD_BLOCK) as u64, block);
            let index = self.submit(None);
            self.wait(index)?;
        }
        Ok(())
    }

    /// Waits until the submission `index` is done. Only workers call this.
    pub(super) fn wait(&self, index: wgpu::SubmissionIndex) -> Result<(), GpuError> {
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
            Ok(Err(err)) => Err(GpuError::Device(err.to_string())),
            Err(_) => Err(GpuError::Lost("it failed while being waited for".to_owned())),
        }
    }

    /// Copies `size` bytes from the start of `buffer` to memory and hands them to `take`.
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

    /// Hands the first `size` bytes of a mappable buffer to `take`, once `index` is done.
    pub(super) fn read_staging<T>(
        &self,
        staging: &wgpu::Buffer,
        size: u64,
        index: wgpu::SubmissionIndex,
        take: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, GpuError> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let slice = staging.slice(0..size);
        slice.map_async(wgpu::MapMode::Read, move |result| {
            // The receiver is gone only when waiting failed, which is reported already.
            let _ = sender.send(result);
        });
        self.wait(index)?;
        match receiver.recv_timeout(Self::TIMEOUT) {
            Ok(Ok(())) => {}
            Ok(Err(err)) => return Err(GpuError::Device(err.to_string())),
            Err(_) => return Err(GpuError::Timeout(Self::TIMEOUT.as_secs())),
        }
        let taken = match slice.get_mapped_range() {
            Ok(view) => take(&view),
            Err(err) => return Err(GpuError::Device(err.to_string())),
        };
        staging.unmap();
        Ok(taken)
    }
}
