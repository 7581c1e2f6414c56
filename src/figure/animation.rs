//! Animated PNG files: frames of one size, written as they come.
//!
//! Where pictures are opaque, only the box of pixels that changed is written, and within it pixels that did not
//! change are clear: they compress to nearly nothing. What is transparent cannot be made so by drawing over it: such
//! frames are written whole.

use std::io::Write;

use super::{FigureError, Layout, dots::straight, raster};

/// Frames in a second, from [`Self::LEAST`] to [`Self::MOST`].
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct FrameRate(f64);

impl FrameRate {
    /// A frame in ten seconds.
    pub const LEAST: f64 = 0.1;
    /// As often as most screens show something new.
    pub const MOST: f64 = 60.0;
    /// What looks like a movement, and is not a large file.
    pub const DEFAULT: Self = Self(20.0);

    /// So many frames in a second; `None` outside of the limits.
    pub fn new(per_second: f64) -> Option<Self> {
        (Self::LEAST..=Self::MOST).contains(&per_second).then_some(Self(per_second))
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The time of a frame as a fraction of a second, as APNG has it.
    fn delay(self) -> [u16; 2] {
        let Self(per_second) = self;
        if per_second.fract() == 0.0 {
            [1, per_second as u16]
        } else {
            // At most 60,000.
            [1000, (1000.0 * per_second).round() as u16]
        }
    }

    /// How long frame `k` is shown in hundredths of a second, as GIF has it: rounded so that the whole lasts as long
    /// as it should.
    pub(super) fn hundredths(self, k: usize) -> u16 {
        let end = |k: usize| (100.0 * k as f64 / self.0).round();
        (end(k + 1) - end(k)) as u16
    }
}

/// The box around the pixels that differ: left, top, width and height; `None` where all are the same.
pub(super) fn changed(before: &[u8], now: &[u8], width: usize) -> Option<[usize; 4]> {
    let row = 4 * width;
    let rows = before.chunks_exact(row).zip(now.chunks_exact(row)).enumerate();
    let differs = |(a, b): (&[u8], &[u8])| a != b;
    let mut found: Option<[usize; 4]> = None;
    for (y, (before, now)) in rows {
        if before == now {
            continue;
        }
        let mut pixels = before.chunks_exact(4).zip(now.chunks_exact(4));
        let first = pixels.position(differs).unwrap_or(0);
        let pixels = before.chunks_exact(4).zip(now.chunks_exact(4));
        let last = pixels.rev().position(differs).map_or(first, |k| width - 1 - k);
        let [left, top, right, _] = found.unwrap_or([first, y, last, y]);
        found = Some([left.min(first), top, right.max(last), y]);
    }
    found.map(|[left, top, right, bottom]| [left, top, right - left + 1, bottom - top + 1])
}

/// Writes an animated PNG file that plays for ever.
pub struct ApngWriter<W: Write> {
    writer: png::Writer<W>,
    width: usize,
    transparent: bool,
    /// The frame before; empty before the first.
    before: Vec<u8>,
    frame: Vec<u8>,
}

impl<W: Write> ApngWriter<W> {
    /// Begins a file of so many frames of the size in `layout`; `metadata` as for [`super::png`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new(
        file: W,
        layout: &Layout,
        transparent: bool,
        metadata: &[(&str, String)],
        frames: u32,
        rate: FrameRate,
    ) -> Result<Self, FigureError> {
        let mut encoder = raster::encoder(file, layout, transparent, metadata)?;
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_animated(frames, 0)?;
        let [numerator, denominator] = rate.delay();
        encoder.set_frame_delay(numerator, denominator)?;
        let blend = if transparent { png::BlendOp::Source } else { png::BlendOp::Over };
        encoder.set_blend_op(blend)?;
        encoder.validate_sequence(true);
        let writer = encoder.write_header()?;
        let width = layout.size[0] as usize;
        Ok(Self { writer, width, transparent, before: Vec::new(), frame: Vec::new() })
    }

    /// Writes the next frame, premultiplied RGBA.
    ///
    /// # Errors
    /// When it cannot be written, or there are more than announced.
    pub fn write(&mut self, pixels: Vec<u8>) -> Result<(), FigureError> {
        if self.transparent {
            return Ok(self.writer.write_image_data(&straight(&pixels))?);
        }
        if self.before.is_empty() {
            self.writer.write_image_data(&pixels)?;
            self.before = pixels;
            return Ok(());
        }
        // A frame has at least one pixel.
        let found = changed(&self.before, &pixels, self.width);
        let [left, top, width, height] = found.unwrap_or([0, 0, 1, 1]);
        self.frame.clear();
        for y in top..top + height {
            let start = 4 * (y * self.width + left);
            let row = start..start + 4 * width;
            let pairs = self.before[row.clone()].chunks_exact(4).zip(pixels[row].chunks_exact(4));
            for (before, now) in pairs {
                let clear: &[u8] = &[0; 4];
                self.frame.extend_from_slice(if before == now { clear } else { now });
            }
        }
        self.writer.reset_frame_position()?;
        self.writer.set_frame_dimension(width as u32, height as u32)?;
        self.writer.set_frame_position(left as u32, top as u32)?;
        self.writer.write_image_data(&self.frame)?;
        self.before = pixels;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written, or frames are missing.
    pub fn finish(self) -> Result<(), FigureError> {
        Ok(self.writer.finish()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_of_changes_is_as_small_as_can_be() {
        let before = vec![9; 4 * 5 * 4];
        assert_eq!(changed(&before, &before, 5), None);
        let with = |pixels: &[[usize; 2]]| {
            let mut now = before.clone();
            for [x, y] in pixels {
                now[4 * (y * 5 + x) + 1] = 0;
            }
            changed(&before, &now, 5)
        };
        assert_eq!(with(&[[0, 0]]), Some([0, 0, 1, 1]));
        assert_eq!(with(&[[4, 3]]), Some([4, 3, 1, 1]));
        assert_eq!(with(&[[3, 1], [1, 2]]), Some([1, 1, 3, 2]));
    }

    #[test]
    fn the_times_of_frames_add_up() {
        for per_second in [0.1, 7.0, 12.5, 24.0, 30.0, 50.0, 60.0] {
            let rate = FrameRate::new(per_second).expect("within the limits");
            let total: u32 = (0..60).map(|k| u32::from(rate.hundredths(k))).sum();
            assert_eq!(total, (6000.0 / per_second).round() as u32);
            let [numerator, denominator] = rate.delay().map(f64::from);
            assert!((denominator / numerator - per_second).abs() < 1e-9);
        }
        assert!([0.0, 0.05, 61.0, f64::NAN].into_iter().all(|rate| FrameRate::new(rate).is_none()));
    }
}
