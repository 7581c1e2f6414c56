//! Dots as places and colours, for the formats that keep shapes.

use crate::gpu::PlacedDot;

/// Dots in the order in which they are drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DotList {
    /// The dots, in device pixels of the plot.
    pub dots: Vec<PlacedDot>,
    /// How much white is mixed into the edge of a dot, 0 to 1.
    pub rim: f32,
    /// How opaque all of them together are: 1 unless they hide each other first.
    pub opacity: f32,
    /// Between which columns of the plot they are seen.
    pub across: [f32; 2],
}

/// Width of the edge into which white is mixed, in device pixels.
pub(super) const EDGE: f32 = 0.75;

/// What fills the plot of a figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlotContent {
    /// An image as wide and high as the plot: RGBA, 8 bits a channel, sRGB with premultiplied alpha, rows
    /// from the top.
    pub image: Option<Vec<u8>>,
    /// Dots above it, those of each part of the plot.
    pub dots: Vec<DotList>,
    /// What fills the panels of the figure.
    pub panels: Vec<Self>,
}

impl DotList {
    /// The colour of the edge of a dot.
    pub(super) fn edge(&self, color: [u8; 4]) -> [u8; 3] {
        let [r, g, b, _] = color;
        [r, g, b].map(|part| {
            let part = f32::from(part);
            (part + self.rim * (255.0 - part)).round() as u8
        })
    }
}

/// The colours of an image and how opaque they are, one after the other, not premultiplied; rows as they come.
pub(super) fn straight(premultiplied: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(premultiplied.len());
    for pixel in premultiplied.chunks_exact(4) {
        let alpha = u32::from(pixel[3]);
        let part = |value: u8| match alpha {
            0 => 0,
            _ => ((u32::from(value) * 255 + alpha / 2) / alpha).min(255) as u8,
        };
        out.extend([part(pixel[0]), part(pixel[1]), part(pixel[2]), pixel[3]]);
    }
    out
}

/// An image on a background, RGB.
pub(super) fn flattened(premultiplied: &[u8], background: [u8; 3]) -> Vec<u8> {
    let mut out = Vec::with_capacity(premultiplied.len() / 4 * 3);
    for pixel in premultiplied.chunks_exact(4) {
        let left = 255 - u32::from(pixel[3]);
        let part = |k: usize| {
            let under = (u32::from(background[k]) * left + 127) / 255;
            (u32::from(pixel[k]) + under).min(255) as u8
        };
        out.extend([part(0), part(1), part(2)]);
    }
    out
}
