//! Animated GIF files: frames of one size in one palette, written as they come.
//!
//! The palette is made by `NeuQuant` (Dekker 1994) from pixels of some frames, and has the colour of the background as
//! it is. Pixels that did not change are clear, as in an animated PNG.

use std::{collections::HashMap, io::Write};

use super::{
    FigureError, FigureSpec, FrameRate, Layout, animation::changed, dots::straight,
    palette::Palette,
};

/// Colours that `NeuQuant` chooses: what the background and the clear pixels leave of 256.
const CHOSEN: usize = 254;
/// Where the colour of the background is, and what stands for clear pixels.
const BACKGROUND: u8 = 254;
const CLEAR: u8 = 255;
/// The most pixels that a palette is made from: more take longer and change little.
const MOST_PIXELS: usize = 300_000;
/// One in so many pixels of the sample is of the colour bar: with fewer, the bar has steps.
const SHARE_OF_BAR: usize = 4;
/// Every which of these pixels `NeuQuant` looks at: from 1, the best, to 30.
const SAMPLING: i32 = 3;
/// From this opacity on a pixel is not clear.
const OPAQUE: u8 = 128;

/// The colours of all frames.
struct GifPalette {
    /// RGB, one after the other.
    colors: Vec<u8>,
    /// What was looked up before.
    known: HashMap<[u8; 3], u8>,
}

impl GifPalette {
    /// The colours that suit these frames of premultiplied RGBA on this background, with those of a colour bar.
    fn of(frames: &[Vec<u8>], bar: &[[u8; 4]], background: [u8; 3]) -> Self {
        let pixels: usize = frames.iter().map(|frame| frame.len() / 4).sum();
        let step = pixels.div_ceil(MOST_PIXELS).max(1);
        // What stands there in large areas would take colours from what differs: each colour counts once in a row.
        let mut sample = Vec::new();
        let mut last = [0; 4];
        for frame in frames {
            for pixel in frame.chunks_exact(4).step_by(step) {
                if pixel[3] == u8::MAX && pixel != last {
                    sample.extend_from_slice(pixel);
                }
                last.copy_from_slice(pixel);
            }
        }
        // High values are rare in a picture, and have colours of their own on the bar.
        let share = (sample.len() / 4 / SHARE_OF_BAR / bar.len().max(1)).max(1);
        for _ in 0..share {
            for color in bar {
                sample.extend_from_slice(color);
            }
        }
        if sample.is_empty() {
            sample = vec![u8::MAX; 4];
        }
        // Of few pixels all are looked at: `NeuQuant` strides over them in steps of about 500.
        while sample.len() < 4 * 1024 {
            sample.extend_from_within(..);
        }
        let quantised = color_quant::NeuQuant::new(SAMPLING, CHOSEN, &sample);
        let mut colors = quantised.color_map_rgb();
        colors.resize(3 * CHOSEN, 0);
        colors.extend_from_slice(&background);
        colors.extend_from_slice(&[0; 3]);
        Self { colors, known: HashMap::from([(background, BACKGROUND)]) }
    }

    /// The nearest colour of the palette.
    fn index(&mut self, color: [u8; 3]) -> u8 {
        let colors = &self.colors[..3 * usize::from(CLEAR)];
        *self.known.entry(color).or_insert_with(|| {
            let distance = |(_, entry): &(usize, &[u8])| -> u32 {
                let part = |k: usize| u32::from(entry[k].abs_diff(color[k])).pow(2);
                part(0) + part(1) + part(2)
            };
            let nearest = colors.chunks_exact(3).enumerate().min_by_key(distance);
            nearest.map_or(BACKGROUND, |(k, _)| k as u8)
        })
    }
}

/// Writes an animated GIF file that plays for ever.
pub struct GifWriter<W: Write> {
    encoder: gif::Encoder<W>,
    palette: GifPalette,
    rate: FrameRate,
    size: [usize; 2],
    transparent: bool,
    /// Frames so far, and the newest.
    written: usize,
    before: Vec<u8>,
}

fn failed(err: gif::EncodingError) -> FigureError {
    match err {
        gif::EncodingError::Io(err) => FigureError::Encode(err.into()),
        err => FigureError::Gif(err.to_string()),
    }
}

impl<W: Write> GifWriter<W> {
    /// The longest side: GIF has two bytes for it.
    pub const MAX_SIDE: u32 = u16::MAX as u32;
    /// Frames in a second: programs that show GIF take a shorter time for none at all.
    pub const MOST_FRAMES: f64 = 50.0;

    /// Begins a file of frames of the size in `layout`, in colours that suit `examples`.
    ///
    /// # Errors
    /// When a side is too long, or the file cannot be written.
    pub fn new(
        file: W,
        spec: &FigureSpec,
        layout: &Layout,
        examples: &[Vec<u8>],
        rate: FrameRate,
    ) -> Result<Self, FigureError> {
        let [width, height] = layout.size;
        let side = |side: u32| u16::try_from(side);
        let (Ok(across), Ok(down)) = (side(width), side(height)) else {
            return Err(FigureError::TooLong { width, height });
        };
        let palette = GifPalette::of(examples, &spec.lut, Palette::of_figure(spec).background);
        let mut encoder = gif::Encoder::new(file, across, down, &palette.colors).map_err(failed)?;
        encoder.set_repeat(gif::Repeat::Infinite).map_err(failed)?;
        let size = layout.size.map(|side| side as usize);
        let transparent = spec.transparent;
        Ok(Self { encoder, palette, rate, size, transparent, written: 0, before: Vec::new() })
    }

    /// Writes the next frame, premultiplied RGBA.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, pixels: Vec<u8>) -> Result<(), FigureError> {
        let [across, down] = self.size;
        let is_whole = self.transparent || self.before.is_empty();
        let [left, top, width, height] = if is_whole {
            [0, 0, across, down]
        } else {
            // A frame has at least one pixel.
            changed(&self.before, &pixels, across).unwrap_or([0, 0, 1, 1])
        };
        let mut indices = Vec::with_capacity(width * height);
        let mut last = ([0; 3], self.palette.index([0; 3]));
        for y in top..top + height {
            let start = 4 * (y * across + left);
            let row = start..start + 4 * width;
            let straightened = self.transparent.then(|| straight(&pixels[row.clone()]));
            let now = straightened.as_deref().unwrap_or(&pixels[row.clone()]);
            for (k, pixel) in now.chunks_exact(4).enumerate() {
                let place = start + 4 * k;
                let is_clear = if self.transparent {
                    pixel[3] < OPAQUE
                } else {
                    !is_whole && self.before[place..place + 4] == *pixel
                };
                let color = [pixel[0], pixel[1], pixel[2]];
                indices.push(if is_clear {
                    CLEAR
                } else {
                    if last.0 != color {
                        last = (color, self.palette.index(color));
                    }
                    last.1
                });
            }
        }
        let dispose = if self.transparent {
            gif::DisposalMethod::Background
        } else {
            gif::DisposalMethod::Keep
        };
        let frame = gif::Frame {
            delay: self.rate.hundredths(self.written),
            dispose,
            transparent: Some(CLEAR),
            needs_user_input: false,
            left: left as u16,
            top: top as u16,
            width: width as u16,
            height: height as u16,
            interlaced: false,
            palette: None,
            buffer: indices.into(),
        };
        self.encoder.write_frame(&frame).map_err(failed)?;
        self.written += 1;
        self.before = pixels;
        Ok(())
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<(), FigureError> {
        let mut file = self.encoder.into_inner().map_err(failed)?;
        file.flush().map_err(|err| FigureError::Encode(err.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_background_keeps_its_colour_and_others_the_nearest() {
        let frame: Vec<u8> = (0..2000_u32)
            .flat_map(|k| if k % 2 == 0 { [251, 252, 253, 255] } else { [k as u8, 0, 90, 255] })
            .collect();
        let mut palette = GifPalette::of(&[frame], &[], [251, 252, 253]);
        assert_eq!(palette.colors.len(), 3 * 256);
        assert_eq!(palette.index([251, 252, 253]), BACKGROUND);
        for red in [0, 60, 130, 255_u8] {
            let k = 3 * usize::from(palette.index([red, 0, 90]));
            assert!(palette.colors[k].abs_diff(red) < 12, "{red}: {:?}", &palette.colors[k..k + 3]);
        }
    }
}
