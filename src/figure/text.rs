//! How wide a text is in the figure's fonts, how it is cut, and how numbers are set.
//!
//! Widths are measured by the library that also draws, so that a text found to fit does fit.
//! The font is Ubuntu Light, as in the window; [`fonts`] says where other characters come from.

use resvg::usvg;

use super::{
    fonts::{self, FAMILY},
    layout::Label,
    text_line::{Place, TextLine},
};
use crate::escape::escaped;

/// Size of a raised or lowered part, in sizes of the text it belongs to.
pub(super) const SUPERSCRIPT_SIZE: f64 = 0.72;
/// How far an exponent is raised, in sizes of the text it belongs to.
pub(super) const SUPERSCRIPT_RISE: f64 = 0.36;
/// How far an index is lowered, in sizes of the text it belongs to.
const SUBSCRIPT_DROP: f64 = 0.18;
/// Height of a line of text, in sizes of the text.
pub(super) const LINE: f64 = 1.25;
/// The middle of digits and capitals above the baseline, in sizes of the text.
pub(super) const MIDDLE: f64 = 0.35;

/// Longer texts are cut to this before they are measured; none fits on a line anyway.
const MAX_CHARS: usize = 400;

impl Place {
    /// Size of such a part, and how far it is raised, in sizes of the text.
    pub(super) fn size_and_rise(self) -> [f64; 2] {
        match self {
            Self::Line => [1.0, 0.0],
            Self::Raised => [SUPERSCRIPT_SIZE, SUPERSCRIPT_RISE],
            Self::Lowered => [SUPERSCRIPT_SIZE, -SUBSCRIPT_DROP],
        }
    }
}

/// The width of `text` at `size`, both in the same unit.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let text = text.trim();
    match &fonts::runs(text)[..] {
        [one] if one.font == 0 => measured(text, FAMILY, size),
        runs => runs.iter().map(|run| run_width(run, size)).sum(),
    }
}

/// The width of a part of a text, with the spaces at its ends.
pub(super) fn run_width(run: &fonts::Run, size: f64) -> f64 {
    let fonts::Run { text, font } = run;
    let inner = text.trim();
    let spaces = text.chars().count() - inner.chars().count();
    let space =
        if spaces > 0 { measured("n n", FAMILY, size) - measured("nn", FAMILY, size) } else { 0.0 };
    measured(inner, &fonts::family(*font), size) + spaces as f64 * space
}

/// The width of a line with its raised and lowered parts.
pub(super) fn line_width(line: &TextLine, size: f64) -> f64 {
    match line.pieces() {
        [one] => width(&one.text, size * one.place.size_and_rise()[0]),
        pieces => {
            let of_piece = |piece: &super::text_line::Piece| -> f64 {
                let size = size * piece.place.size_and_rise()[0];
                fonts::runs(&piece.text).iter().map(|run| run_width(run, size)).sum()
            };
            pieces.iter().map(of_piece).sum()
        }
    }
}

fn measured(text: &str, family: &str, size: f64) -> f64 {
    // Measured at one large size, at which rounding inside the library does not matter.
    const MEASURED_AT: f64 = 100.0;
    if text.trim().is_empty() {
        return 0.0;
    }
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text font-family="{family}" font-weight="300" font-size="{MEASURED_AT}">{}</text></svg>"#,
        escape(text)
    );
    let measured = usvg::Tree::from_str(&svg, &fonts::font_options())
        .map_or(0.0, |tree| f64::from(tree.root().abs_bounding_box().width()));
    measured * size / MEASURED_AT
}

/// The width of a label, in device pixels.
pub(super) fn label_width(label: &Label) -> f64 {
    line_width(&label.text, label.size)
}

/// `text`, or as much of its beginning as fits into `max_width`, with an ellipsis.
///
/// Empty when fewer than three letters fit.
pub(super) fn fit(text: &str, size: f64, max_width: f64) -> String {
    fit_line(&text.into(), size, max_width).plain()
}

/// The same of a line with raised and lowered parts.
pub(super) fn fit_line(line: &TextLine, size: f64, max_width: f64) -> TextLine {
    const FEWEST: usize = 3;
    let whole = line.trimmed().start(MAX_CHARS);
    if line_width(&whole, size) <= max_width {
        return whole;
    }
    let shortened = |count: usize| {
        let mut start = whole.start(count).trimmed();
        start.push("…", Place::Line);
        start
    };
    // The largest count of letters that fits lies in low..high.
    let (mut low, mut high) = (0, whole.len());
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if line_width(&shortened(middle), size) <= max_width { low = middle } else { high = middle }
    }
    if low < FEWEST { TextLine::default() } else { shortened(low) }
}

/// A number from [`crate::color`] with a raised exponent: `1.5e−3` is 1.5×10 and −3.
pub(super) fn typeset(number: &str) -> TextLine {
    match number.split_once('e') {
        Some((mantissa, power)) if mantissa.ends_with(|c: char| c.is_ascii_digit()) => {
            let mut line: TextLine = match mantissa {
                "1" => "10".into(),
                "\u{2212}1" => "\u{2212}10".into(),
                _ => format!("{mantissa}×10").into(),
            };
            line.push(power, Place::Raised);
            line
        }
        _ => number.into(),
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
        let tree = usvg::Tree::from_str(&svg, &fonts::font_options()).unwrap();
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
        let set = |number| {
            let line = typeset(number);
            line.pieces().iter().map(|piece| piece.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(set("1.5e−3"), ["1.5×10", "−3"]);
        assert_eq!(set("1e8"), ["10", "8"]);
        assert_eq!(set("−1e8"), ["−10", "8"]);
        assert_eq!(set("0.25"), ["0.25"]);
    }

    #[test]
    fn any_text_makes_valid_xml() {
        let nasty = "a<b & \"c\" 'd' ]]> \0 \u{1b} \n \u{ffff} 漢字 \u{202e}";
        assert!(width(nasty, 12.0) > 0.0);
        assert!(escape(nasty).ends_with(r"\u{0} \u{1b} \n \u{ffff} 漢字 \u{202e}"));
    }
}
