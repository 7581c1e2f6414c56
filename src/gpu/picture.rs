//! Draws the dots into a picture in host memory, in tiles where it is larger than a texture may be.

use std::ops::Range;

use super::{
    ColorTable, Dots, Gpu, GpuError,
    faults::Fault,
    scatter::{ScatterDraw, ScatterView},
    scatter_space::{SpaceDraw, Target, depth_texture},
};

/// Longest side of a tile in pixels, unless the device's limit is lower. A tile takes four bytes a
/// pixel twice on the device, 128 MiB at this size; smaller ones draw all dots more often.
const MAX_TILE: u32 = 4096;

impl Gpu {
    /// The dots as premultiplied RGBA, shape (height, width, 4) with the size in `view`, top row
    /// first.
    ///
    /// # Errors
    /// When the device fails, or there is no memory for the picture.
    pub fn picture(
        &self,
        dots: &Dots,
        colors: &ColorTable,
        view: &ScatterView,
    ) -> Result<Vec<u8>, GpuError> {
        self.strips(dots, colors, view)?.rows(0..view.size[1] as u32)
    }

    /// The same picture, to be taken in parts where the whole is too large for memory.
    ///
    /// # Errors
    /// When the device fails.
    pub fn strips(
        &self,
        dots: &Dots,
        colors: &ColorTable,
        view: &ScatterView,
    ) -> Result<PictureStrips, GpuError> {
        let draw = ScatterDraw::for_picture(self, dots, colors)?;
        Ok(PictureStrips { gpu: self.clone(), draw, colors: colors.clone(), view: *view })
    }
}

/// The dots of a picture, row by row.
pub struct PictureStrips {
    gpu: Gpu,
    draw: ScatterDraw,
    colors: ColorTable,
    view: ScatterView,
}

impl PictureStrips {
    /// These rows of it as premultiplied RGBA, counted from the top.
    ///
    /// # Errors
    /// When the device fails, or there is no memory for them.
    pub fn rows(&self, rows: Range<u32>) -> Result<Vec<u8>, GpuError> {
        let Self { gpu, draw, colors, view } = self;
        if gpu.draws_on_processor(draw.dots(), view) {
            return gpu.rows_on_processor(draw.dots(), colors, view, rows);
        }
        let width = view.size[0] as u32;
        let bytes = 4 * u64::from(width) * u64::from(rows.end.saturating_sub(rows.start));
        let no_memory = |_| GpuError::NoMemory { what: "the picture", needed: bytes };
        let length = usize::try_from(bytes).unwrap_or(usize::MAX);
        let mut rgba = Vec::new();
        rgba.try_reserve_exact(length).map_err(no_memory)?;
        rgba.resize(length, 0);
        let most = gpu.device.limits().max_texture_dimension_2d.min(MAX_TILE);
        for top in rows.clone().step_by(most as usize) {
            for left in (0..width).step_by(most as usize) {
                let size = [most.min(width - left), most.min(rows.end - top)];
                gpu.tile(draw, view, [left, top], size, |row, pixels| {
                    let row = (top - rows.start) as usize + row;
                    let start = 4 * (row * width as usize + left as usize);
                    rgba[start..start + pixels.len()].copy_from_slice(pixels);
                })?;
            }
        }
        if draw.is_in_space() {
            // There the layer as a whole is transparent.
            let opacity = view.opacity;
            for value in &mut rgba {
                *value = (f32::from(*value) * opacity).round() as u8;
            }
        }
        Ok(rgba)
    }
}

impl Gpu {
    /// Draws the tile of `view` with `size` pixels whose first pixel is `corner`; calls `take_row`
    /// with each row's index and its pixels (RGBA).
    fn tile(
        &self,
        draw: &ScatterDraw,
        view: &ScatterView,
        corner: [u32; 2],
        size: [u32; 2],
        mut take_row: impl FnMut(usize, &[u8]),
    ) -> Result<(), GpuError> {
        let data_per_pixel = [0, 1].map(|k| view.span[k] / f64::from(view.size[k]));
        let middle = [0, 1].map(|k| f64::from(corner[k]) + 0.5 * f64::from(size[k]));
        let offset =
            [0, 1].map(|k| (middle[k] - 0.5 * f64::from(view.size[k])) * data_per_pixel[k]);
        draw.prepare(&ScatterView {
            // Pixels count downwards, data upwards.
            center: [view.center[0] + offset[0], view.center[1] - offset[1]],
            span: [0, 1].map(|k| f64::from(size[k]) * data_per_pixel[k]),
            size: size.map(|s| s as f32),
            space: view
                .space
                .map(|space| SpaceDraw { part: part_of(view.size, corner, size), ..space }),
            ..*view
        });

        let [width, height] = size;
        let extent = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
        if self.faults().strikes(Fault::NoMemoryForTexture) {
            let needed = 4 * u64::from(width) * u64::from(height);
            return Err(GpuError::NoMemory { what: "a picture", needed });
        }
        let texture = self.checked(|device| {
            device.create_texture(&wgpu::TextureDescriptor {
                label: Some("picture"),
                size: extent,
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba8Unorm,
                usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
                view_formats: &[],
            })
        })?;
        let depth = draw.is_in_space().then(|| depth_texture(self, size)).transpose()?;
        let bytes_per_row = (4 * width).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let staging_size = u64::from(bytes_per_row) * u64::from(height);
        let staging = self.buffer(
            "picture::staging",
            "a picture",
            staging_size,
            wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        )?;
        let index = self.checked(|device| {
            let target = texture.create_view(&wgpu::TextureViewDescriptor::default());
            let mut encoder = device
                .create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("picture") });
            draw.draw_alone(&mut encoder, Target { picture: &target, depth: depth.as_ref() });
            encoder.copy_texture_to_buffer(
                texture.as_image_copy(),
                wgpu::TexelCopyBufferInfo {
                    buffer: &staging,
                    layout: wgpu::TexelCopyBufferLayout {
                        offset: 0,
                        bytes_per_row: Some(bytes_per_row),
                        rows_per_image: None,
                    },
                },
                extent,
            );
            self.submit([encoder.finish()])
        })?;
        self.lose_at(Fault::LossInPicture);
        self.read_staging(&staging, staging_size, index, |bytes| {
            for (row, padded) in bytes.chunks_exact(bytes_per_row as usize).enumerate() {
                take_row(row, &padded[..4 * width as usize]);
            }
        })
    }
}

/// The part of a picture of `whole` pixels that a tile covers.
fn part_of(whole: [f32; 2], corner: [u32; 2], size: [u32; 2]) -> [f64; 4] {
    let part = |pixels: u32, axis: usize| f64::from(pixels) / f64::from(whole[axis]);
    let [left, top] = corner;
    [part(left, 0), part(top, 1), part(left + size[0], 0), part(top + size[1], 1)]
}
