//! The figure's fonts, and how wide a text is in them.
//!
//! Widths are measured by the library that also draws, so that a text found to fit does fit.
//! The font is Ubuntu Light, as in the window; the few characters it lacks come from Hack.

use std::sync::{Arc, OnceLock};

use resvg::usvg;

use super::layout::Label;
use crate::escape::escaped;

/// The font family in the SVG, with fallbacks for viewers that lack it.
pub(super) const FAMILY: &str = "Ubuntu, 'Ubuntu Light', 'Segoe UI', 'Helvetica Neue', sans-serif";
/// Size of an exponent, in sizes of the text it belongs to.
pub(super) const SUPERSCRIPT_SIZE: f64 = 0.72;
/// How far an exponent is raised, in sizes of the text it belongs to.
pub(super) const SUPERSCRIPT_RISE: f64 = 0.36;
/// Height of a line of text, in sizes of the text.
pub(super) const LINE: f64 = 1.25;
/// The middle of digits and capitals above the baseline, in sizes of the text.
pub(super) const MIDDLE: f64 = 0.35;

/// Longer texts are cut to this before they are measured; none fits on a line anyway.
const MAX_CHARS: usize = 400;

/// Options with which `usvg` reads a figure: the program's own fonts and no others.
pub fn font_options() -> usvg::Options<'static> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
        fonts.load_font_data(epaint_default_fonts::HACK_REGULAR.to_vec());
        fonts.set_serif_family("Ubuntu");
        fonts.set_sans_serif_family("Ubuntu");
        Arc::new(fonts)
    });
    usvg::Options {
        font_family: "Ubuntu".to_owned(),
        fontdb: Arc::clone(fonts),
        ..usvg::Options::default()
    }
}

/// The width of `text` at `size`, both in the same unit.
pub(super) fn width(text: &str, size: f64) -> f64 {
    // Measured at one large size, at which rounding inside the library does not matter.
    const MEASURED_AT: f64 = 100.0;
    if text.trim().is_empty() {
        return 0.0;
    }
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text font-family="{FAMILY}" font-weight="300" font-size="{MEASURED_AT}">{}</text></svg>"#,
        escape(text)
    );
    let measured = usvg::Tree::from_str(&svg, &font_options())
        .map_or(0.0, |tree| f64::from(tree.root().abs_bounding_box().width()));
    measured * size / MEASURED_AT
}

/// The width of a label with its exponent, in device pixels.
pub(super) fn label_width(label: &Label) -> f64 {
    let exponent = label.superscript.as_deref().unwrap_or_default();
    width(&label.text, label.size) + width(exponent, label.size * SUPERSCRIPT_SIZE)
}

/// `text`, or as much of its beginning as fits into `max_width`, with an ellipsis.
///
/// Empty when fewer than three letters fit.
pub(super) fn fit(text: &str, size: f64, max_width: f64) -> String {
    const FEWEST: usize = 3;
    let chars: Vec<char> = text.trim().chars().take(MAX_CHARS).collect();
    let whole: String = chars.iter().collect();
    if width(&whole, size) <= max_width {
        return whole;
    }
    let shortened = |count: usize| {
        let start: String = chars[..count].iter().collect();
        format!("{}…", start.trim_end())
    };
    // The largest count of letters that fits lies in low..high.
    let (mut low, mut high) = (0, chars.len());
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if width(&shortened(middle), size) <= max_width { low = middle } else { high = middle }
    }
    if low < FEWEST { String::new() } else { shortened(low) }
}

/// A number from [`crate::color`] as text and exponent: `1.5e−3` is 1.5×10 and −3.
pub(super) fn typeset(number: &str) -> (String, Option<String>) {
    match number.split_once('e') {
        Some((mantissa, power)) if mantissa.ends_with(|c: char| c.is_ascii_digit()) => {
            let base = match mantissa {
                "1" => "10".to_owned(),
                "\u{2212}1" => "\u{2212}10".to_owned(),
                _ => format!("{mantissa}×10"),
            };
            (base, Some(power.to_owned()))
        }
        _ => (number.to_owned(), None),
    }
}

/// `text` as XML character data, with nothing in it that XML cannot hold or that hides or turns text:
/// see [`crate::escape`].
pub(super) fn escape(text: &str) -> String {
    let text = escaped(text);
    let mut xml = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&#39;"),
            c => xml.push(c),
        }
    }
    xml
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may end here")]
mod tests {
    use super::*;

    /// The fonts that draw `text`, one entry a glyph, and whether each glyph exists.
    fn glyphs(text: &str) -> Vec<(String, bool)> {
        let svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text font-family="{FAMILY}" font-weight="300">{}</text></svg>"#,
            escape(text)
        );
        let tree = usvg::Tree::from_str(&svg, &font_options()).unwrap();
        let mut found = Vec::new();
        for node in tree.root().children() {
            let usvg::Node::Text(text) = node else { continue };
            for glyph in text.layouted().iter().flat_map(|span| &span.positioned_glyphs) {
                let face = tree.fontdb().face(glyph.font).unwrap();
                found.push((face.post_script_name.clone(), glyph.id.0 != 0));
            }
        }
        found
    }

    #[test]
    fn every_sign_the_program_writes_is_in_ubuntu_light() {
        let signs = "0123456789.,−×·±≤≥∞σΣµ²³°…–%()[]/=≈∑√πρ";
        let glyphs = glyphs(signs);
        assert_eq!(glyphs.len(), signs.chars().count());
        for (sign, (font, exists)) in signs.chars().zip(glyphs) {
            assert!(exists && font.contains("Ubuntu"), "{sign}: {font}");
        }
    }

    #[test]
    fn hack_lends_what_ubuntu_light_lacks() {
        for (font, exists) in glyphs("⁻‖") {
            assert!(exists && font.contains("Hack"), "{font}");
        }
    }

    #[test]
    fn a_text_is_cut_to_the_width_it_is_given() {
        let long = "a very long name of a file that somebody dropped on the window.csv";
        for max_width in [60.0, 100.0, 200.0] {
            let text = fit(long, 12.0, max_width);
            assert!(text.ends_with('…') && width(&text, 12.0) <= max_width, "{text}");
            assert!(width(&text, 12.0) > max_width * 0.7, "{text}");
        }
        assert_eq!(fit("  short ", 12.0, 200.0), "short");
        assert_eq!(fit(long, 12.0, 8.0), "");
        assert_eq!(fit("", 12.0, 8.0), "");
        assert!(fit(&"m".repeat(1_000_000), 12.0, 500.0).chars().count() < 100);
    }

    #[test]
    fn powers_of_ten_get_an_exponent() {
        let set = |number| typeset(number);
        assert_eq!(set("1.5e−3"), ("1.5×10".to_owned(), Some("−3".to_owned())));
        assert_eq!(set("1e8"), ("10".to_owned(), Some("8".to_owned())));
        assert_eq!(set("−1e8"), ("−10".to_owned(), Some("8".to_owned())));
        assert_eq!(set("0.25"), ("0.25".to_owned(), None));
    }

    #[test]
    fn any_text_makes_valid_xml() {
        let nasty = "a<b & \"c\" 'd' ]]> \0 \u{1b} \n \u{ffff} 漢字 \u{202e}";
        assert!(width(nasty, 12.0) > 0.0);
        assert!(escape(nasty).ends_with(r"\u{0} \u{1b} \n \u{ffff} 漢字 \u{202e}"));
    }
}
