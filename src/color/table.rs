//! Colour maps as tables of 256 opaque RGBA colours.
//!
//! The maps come from `colorous`, in sRGB, one byte a channel.
//! All but Greys are the published maps from end to end.
//! Greys uses the middle of its range only: white would vanish on a light background and black on a
//! dark one, and the same table serves both.

use std::sync::OnceLock;

use crate::model::ColorMap;

/// The part of white … black that Greys uses: light grey to dark grey, visible on both themes.
const GREYS: [f64; 2] = [0.31, 0.80];

/// The part of a diverging map that is used, from its end to its beginning: without the darkest colours.
const DIVERGING: [f64; 2] = [0.92, 0.08];

/// The most luminance (WCAG 2.1, 0 to 1) that the middle of a diverging map has: more would vanish on a
/// light background.
const MOST_LUMINANCE: f64 = 0.5;

/// The table of `map`: entry 0 colours the low end of the range, entry 255 the high end; the other way
/// round where it is `reversed`.
///
/// Each entry is opaque sRGB in the order red, green, blue, alpha. Tables are made once: the window asks for
/// some in every frame.
pub fn lut(map: ColorMap, reversed: bool) -> [[u8; 4]; 256] {
    static TABLES: [[OnceLock<[[u8; 4]; 256]>; 2]; ColorMap::ALL.len()] =
        [const { [const { OnceLock::new() }; 2] }; ColorMap::ALL.len()];
    *TABLES[map as usize][usize::from(reversed)].get_or_init(|| made(map, reversed))
}

/// [`lut`], made now.
fn made(map: ColorMap, reversed: bool) -> [[u8; 4]; 256] {
    let (gradient, [first, last]) = match map {
        ColorMap::Viridis => (colorous::VIRIDIS, [0.0, 1.0]),
        ColorMap::Magma => (colorous::MAGMA, [0.0, 1.0]),
        ColorMap::Inferno => (colorous::INFERNO, [0.0, 1.0]),
        ColorMap::Plasma => (colorous::PLASMA, [0.0, 1.0]),
        ColorMap::Cividis => (colorous::CIVIDIS, [0.0, 1.0]),
        ColorMap::Turbo => (colorous::TURBO, [0.0, 1.0]),
        ColorMap::Greys => (colorous::GREYS, GREYS),
        ColorMap::BlueRed => (colorous::RED_BLUE, DIVERGING),
        ColorMap::GreenPurple => (colorous::PURPLE_GREEN, DIVERGING),
    };
    std::array::from_fn(|i| {
        let t = if reversed { 255 - i } else { i } as f64 / 255.0;
        let rgb = gradient.eval_continuous(first + (last - first) * t).as_array();
        let [r, g, b] = if map.is_diverging() { darkened(rgb) } else { rgb };
        [r, g, b, u8::MAX]
    })
}

/// A colour with at most [`MOST_LUMINANCE`], of the same hue.
fn darkened(rgb: [u8; 3]) -> [u8; 3] {
    let scale = (MOST_LUMINANCE / luminance(rgb)).min(1.0);
    rgb.map(|c| (255.0 * encoded(scale * linear(c))).round() as u8)
}

/// An sRGB channel as linear light, 0 to 1.
fn linear(c: u8) -> f64 {
    let c = f64::from(c) / 255.0;
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

/// Linear light as an sRGB channel, both 0 to 1.
fn encoded(light: f64) -> f64 {
    if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// Relative luminance (WCAG 2.1), 0 to 1.
fn luminance([r, g, b]: [u8; 3]) -> f64 {
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

/// The most categories that have a colour of their own.
pub const CATEGORIES: usize = 20;

/// The colours of categories as a table for codes from 0 on: the ten of Tableau's palette, then the same
/// mixed with white, then grey for all that follow.
pub fn category_lut() -> [[u8; 4]; 256] {
    std::array::from_fn(|code| {
        let [r, g, b] = match (code, colorous::CATEGORY10.get(code % 10)) {
            (0..10, Some(color)) => color.as_array(),
            (10..CATEGORIES, Some(color)) => color.as_array().map(|c| c / 2 + 127),
            _ => [0x8c; 3],
        };
        [r, g, b, u8::MAX]
    })
}

/// The neutral colour of values below the range, such as those that underflowed to zero.
///
/// It is close to the background, so that points without a visible value do not draw attention.
pub fn below_range(theme_dark: bool) -> [u8; 4] {
    if theme_dark { [0x4a, 0x50, 0x5a, u8::MAX] } else { [0xc9, 0xcd, 0xd3, u8::MAX] }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKGROUNDS: [[u8; 4]; 2] = [[255, 255, 255, 255], [0x16, 0x18, 0x1d, 255]];

    fn contrast(a: [u8; 4], b: [u8; 4]) -> f64 {
        let [a, b] = [a, b].map(|[r, g, b, _]| luminance([r, g, b]) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn every_map_is_opaque_and_changes_smoothly() {
        for &map in ColorMap::ALL {
            let table = lut(map, false);
            assert!(table.iter().all(|color| color[3] == 255), "{map}");
            for pair in table.windows(2) {
                for (a, b) in pair[0].iter().zip(pair[1]) {
                    assert!(a.abs_diff(b) <= 16, "{map}: {pair:?}");
                }
            }
            let ends =
                if map.is_diverging() { [table[0], table[127]] } else { [table[0], table[255]] };
            assert!(contrast(ends[0], ends[1]) > 1.2, "{map}");
            let mut reversed = lut(map, true);
            reversed.reverse();
            assert_eq!(reversed, table, "{map}");
        }
    }

    #[test]
    fn maps_made_to_be_even_get_lighter_from_end_to_end() {
        use ColorMap::{Cividis, Inferno, Magma, Plasma, Viridis};
        for map in [Viridis, Magma, Inferno, Plasma, Cividis] {
            let table = lut(map, false);
            let light = |[r, g, b, _]: [u8; 4]| luminance([r, g, b]);
            for i in 0..240 {
                assert!(light(table[i]) < light(table[i + 15]), "{map} at {i}");
            }
        }
    }

    #[test]
    fn viridis_has_its_published_ends() {
        let table = lut(ColorMap::Viridis, false);
        assert_eq!(table[0], [0x44, 0x01, 0x54, 255]);
        assert_eq!(table[255], [0xfd, 0xe7, 0x25, 255]);
    }

    #[test]
    fn greys_and_the_colour_below_the_range_can_be_seen_on_both_themes() {
        for background in BACKGROUNDS {
            for map in [ColorMap::Greys, ColorMap::BlueRed, ColorMap::GreenPurple] {
                for color in lut(map, false) {
                    assert!(
                        contrast(color, background) > 1.5,
                        "{map}: {color:?} on {background:?}"
                    );
                }
            }
        }
        for (dark, background) in [(false, BACKGROUNDS[0]), (true, BACKGROUNDS[1])] {
            let seen = contrast(below_range(dark), background);
            assert!((1.4..3.0).contains(&seen), "{seen}");
        }
    }
}
