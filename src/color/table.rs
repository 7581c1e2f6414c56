//! Colour maps as tables of 256 opaque RGBA colours.
//!
//! The maps come from `colorous`, in sRGB, one byte a channel.
//! All but Greys are the published maps from end to end.
//! Greys uses the middle of its range only: white would vanish on a light background and black on a
//! dark one, and the same table serves both.

use crate::model::ColorMap;

/// The part of white … black that Greys uses: light grey to dark grey, visible on both themes.
const GREYS: [f64; 2] = [0.31, 0.80];

/// The table of `map`: entry 0 colours the low end of the range, entry 255 the high end.
///
/// Each entry is opaque sRGB in the order red, green, blue, alpha.
pub fn lut(map: ColorMap) -> [[u8; 4]; 256] {
    let (gradient, [first, last]) = match map {
        ColorMap::Viridis => (colorous::VIRIDIS, [0.0, 1.0]),
        ColorMap::Magma => (colorous::MAGMA, [0.0, 1.0]),
        ColorMap::Inferno => (colorous::INFERNO, [0.0, 1.0]),
        ColorMap::Plasma => (colorous::PLASMA, [0.0, 1.0]),
        ColorMap::Cividis => (colorous::CIVIDIS, [0.0, 1.0]),
        ColorMap::Turbo => (colorous::TURBO, [0.0, 1.0]),
        ColorMap::Greys => (colorous::GREYS, GREYS),
    };
    std::array::from_fn(|i| {
        let t = i as f64 / 255.0;
        let [r, g, b] = gradient.eval_continuous(first + (last - first) * t).as_array();
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

    /// Relative luminance (WCAG 2.1), 0 to 1.
    fn luminance([r, g, b, _]: [u8; 4]) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }

    fn contrast(a: [u8; 4], b: [u8; 4]) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        a.max(b) / a.min(b)
    }

    #[test]
    fn every_map_is_opaque_and_changes_smoothly() {
        for &map in ColorMap::ALL {
            let table = lut(map);
            assert!(table.iter().all(|color| color[3] == 255), "{map}");
            for pair in table.windows(2) {
                for (a, b) in pair[0].iter().zip(pair[1]) {
                    assert!(a.abs_diff(b) <= 16, "{map}: {pair:?}");
                }
            }
            assert!(contrast(table[0], table[255]) > 1.2, "{map}");
        }
    }

    #[test]
    fn maps_made_to_be_even_get_lighter_from_end_to_end() {
        use ColorMap::{Cividis, Inferno, Magma, Plasma, Viridis};
        for map in [Viridis, Magma, Inferno, Plasma, Cividis] {
            let table = lut(map);
            for i in 0..240 {
                assert!(luminance(table[i]) < luminance(table[i + 15]), "{map} at {i}");
            }
        }
    }

    #[test]
    fn viridis_has_its_published_ends() {
        let table = lut(ColorMap::Viridis);
        assert_eq!(table[0], [0x44, 0x01, 0x54, 255]);
        assert_eq!(table[255], [0xfd, 0xe7, 0x25, 255]);
    }

    #[test]
    fn greys_and_the_colour_below_the_range_can_be_seen_on_both_themes() {
        for background in BACKGROUNDS {
            for color in lut(ColorMap::Greys) {
                assert!(contrast(color, background) > 1.5, "{color:?} on {background:?}");
            }
        }
        for (dark, background) in [(false, BACKGROUNDS[0]), (true, BACKGROUNDS[1])] {
            let seen = contrast(below_range(dark), background);
            assert!((1.4..3.0).contains(&seen), "{seen}");
        }
    }
}
