//! The page of a picture: how large it is on paper or in pixels, which kind of file, and what stands beside the
//! plot.

use std::{path::Path, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    figure::{FigureError, MAX_SIDE, POINT, Style, check_size},
    model::ViewParams,
    numbers::format_number,
};

/// Logical pixels in an inch.
const PER_INCH: f64 = 96.0;
/// The fewest and the most pixels of a side.
pub const SIDES: [f64; 2] = [64.0, 32_768.0];
/// The fewest and the most pixels in an inch.
pub const DENSITIES: [f64; 2] = [36.0, 1536.0];
/// The smallest and the largest names of axes, in points.
pub const FONTS: [f64; 2] = [4.0, 40.0];
/// Pixels in an inch of print, unless others are asked for.
const PRINT_DENSITY: f64 = 600.0;

/// The kind of a picture's file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureFormat {
    /// Pixels.
    #[default]
    Png,
    /// Shapes, for browsers and drawing programs.
    Svg,
    /// Shapes, for print.
    Pdf,
}

impl PictureFormat {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Png, Self::Svg, Self::Pdf];

    /// The kind that a file of this name is, if its ending is one of theirs.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        Self::ALL.into_iter().find(|format| format.ending() == ending)
    }

    /// The ending of its files, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Pdf => "pdf",
        }
    }

    /// Whether a picture of so many pixels can be made.
    ///
    /// # Errors
    /// When it cannot: PNG files are drawn in parts, what the others hold as an image is drawn at once.
    pub fn check(self, [width, height]: [u32; 2]) -> Result<(), FigureError> {
        match self {
            Self::Png if width.max(height) > MAX_SIDE => {
                Err(FigureError::TooLong { width, height })
            }
            Self::Png => Ok(()),
            Self::Svg | Self::Pdf => check_size([width, height]),
        }
    }

    /// Whether shapes are kept.
    pub fn has_shapes(self) -> bool {
        self != Self::Png
    }
}

/// The page that a picture is drawn on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    /// Width and height in logical pixels.
    pub size: [f64; 2],
    /// Device pixels per logical pixel.
    pub scale: f32,
    /// Light on dark, or dark on light.
    pub dark: bool,
    /// How it is set.
    #[serde(flatten)]
    pub style: PageStyle,
}

impl Default for Page {
    fn default() -> Self {
        let style = PageStyle::default();
        Self { size: [1200.0, 900.0], scale: 1.0, dark: false, style }
    }
}

impl Page {
    /// Width and height in pixels.
    pub fn pixels(&self) -> [u32; 2] {
        pixels(self.size, self.scale)
    }

    /// Whether a picture can be this large and is set as figures can be: a page may come from a file.
    pub fn is_legal(&self) -> bool {
        let Self { size, scale, style, .. } = self;
        let sides = size.map(|side| side * f64::from(*scale));
        (DENSITIES[0]..=DENSITIES[1]).contains(&(PER_INCH * f64::from(*scale)))
            && sides.iter().all(|side| (SIDES[0]..=SIDES[1]).contains(&side.round()))
            && style.font.is_none_or(|points| (FONTS[0]..=FONTS[1]).contains(&points))
    }

    /// As large as `sheet`, which also says whether it is set for print, and how large texts are.
    #[must_use]
    pub fn on(self, sheet: &Sheet) -> Self {
        let Sheet { size, scale, print, font } = *sheet;
        Self { size, scale, style: PageStyle { print, font, ..self.style }, ..self }
    }
}

fn pixels(size: [f64; 2], scale: f32) -> [u32; 2] {
    size.map(|side| (side * f64::from(scale)).round() as u32)
}

/// How a page is set: what a picture is beside its plot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is there or not by itself")]
pub struct PageStyle {
    /// The kind of file.
    pub format: PictureFormat,
    /// Whether it is set for print, else for screens.
    pub print: bool,
    /// Size of the names of axes in points, if it is not the usual one.
    pub font: Option<f64>,
    /// Whether there is no background.
    pub transparent: bool,
    /// Whether nothing but the data has colours.
    pub paper: bool,
    /// Whether there is a title; without one there is nothing below it either.
    pub has_title: bool,
    /// Whether lines below the title say what was computed; if not said, on screens alone.
    pub subtitle: Option<bool>,
    /// Whether there is a colour bar, or a legend.
    pub has_bar: bool,
    /// Whether there is a legend where colours are categories.
    pub has_legend: bool,
    /// Whether there is a grid; if not said, on screens alone.
    pub grid: Option<bool>,
    /// Whether there is a line around the plot.
    pub has_frame: bool,
    /// A title instead of the usual one, with the markup of [`TextLine`](crate::figure::TextLine).
    pub title: Option<String>,
    /// A name of the horizontal axis instead of its own, likewise.
    pub x_label: Option<String>,
    /// A name of the vertical axis instead of its own, likewise.
    pub y_label: Option<String>,
}

impl Default for PageStyle {
    fn default() -> Self {
        Self {
            format: PictureFormat::Png,
            print: false,
            font: None,
            transparent: false,
            paper: false,
            has_title: true,
            subtitle: None,
            has_bar: true,
            has_legend: true,
            grid: None,
            has_frame: true,
            title: None,
            x_label: None,
            y_label: None,
        }
    }
}

impl PageStyle {
    /// Makes dots of the usual size as small as print wants them; says whether it did.
    pub fn shrink_dots(&self, look: &mut ViewParams) -> bool {
        #[expect(clippy::float_cmp, reason = "the very number that holds unless another is chosen")]
        let is_usual = look.point_size == ViewParams::default().point_size;
        let shrinks = self.print && look.dots && is_usual;
        if shrinks {
            look.point_size = (Style::PRINT_DOT * POINT) as f32;
        }
        shrinks
    }

    /// How large its parts are.
    pub fn of_figure(&self) -> Style {
        let usual = if self.print { Style::PRINT } else { Style::SCREEN };
        let style = Style {
            grid: self.grid.unwrap_or(usual.grid),
            frame: self.has_frame,
            plain: usual.plain || self.paper,
            ..usual
        };
        self.font.map_or(style, |points| style.with_font(points))
    }

    /// Whether lines below the title say what was computed; in print that stands in the caption.
    pub fn has_subtitle(&self) -> bool {
        self.has_title && self.subtitle.unwrap_or(!self.print)
    }
}

/// A unit of length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LengthUnit {
    /// Pixels of the file.
    Pixels,
    /// Centimetres.
    Centimetres,
    /// Millimetres.
    Millimetres,
    /// Inches.
    Inches,
    /// Points, 72 to the inch.
    Points,
}

impl LengthUnit {
    /// All units.
    pub const ALL: [Self; 5] =
        [Self::Centimetres, Self::Millimetres, Self::Inches, Self::Points, Self::Pixels];

    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Pixels => "px",
            Self::Centimetres => "cm",
            Self::Millimetres => "mm",
            Self::Inches => "in",
            Self::Points => "pt",
        }
    }

    /// Logical pixels in it, where the file has `dpi` pixels in an inch.
    pub fn logical(self, dpi: f64) -> f64 {
        match self {
            Self::Pixels => PER_INCH / dpi,
            Self::Centimetres => PER_INCH / 2.54,
            Self::Millimetres => PER_INCH / 25.4,
            Self::Inches => PER_INCH,
            Self::Points => POINT,
        }
    }
}

/// A length, such as 8.6cm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Length {
    /// How many.
    pub value: f64,
    /// Of what.
    pub unit: LengthUnit,
}

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_lowercase();
        let found = LengthUnit::ALL.into_iter().find_map(|unit| {
            let value = text.strip_suffix(unit.sign())?.trim().parse::<f64>().ok()?;
            (value.is_finite() && value > 0.0).then_some(Self { value, unit })
        });
        found.ok_or_else(|| {
            "expected a length with its unit, such as 8.6cm, 86mm, 3.4in, 240pt or 1200px"
                .to_owned()
        })
    }
}

impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.value, self.unit.sign())
    }
}

/// A usual size of pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preset {
    /// A column of a journal.
    Column,
    /// The width of a journal's page.
    TwoColumns,
    /// A slide, 16:9.
    Slide,
    /// 3840 × 2160 pixels.
    FourK,
    /// 7680 × 4320 pixels.
    EightK,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Column, Self::TwoColumns, Self::Slide, Self::FourK, Self::EightK];

    /// Its name as a flag's value.
    pub fn name(self) -> &'static str {
        match self {
            Self::Column => "column",
            Self::TwoColumns => "two-columns",
            Self::Slide => "slide",
            Self::FourK => "4k",
            Self::EightK => "8k",
        }
    }

    /// Whether it is set for print.
    pub fn is_print(self) -> bool {
        matches!(self, Self::Column | Self::TwoColumns)
    }

    /// Width and height in logical pixels, pixels in an inch, and size of names in points.
    fn sheet(self) -> ([f64; 2], f64, Option<f64>) {
        let centimetre = LengthUnit::Centimetres.logical(PER_INCH);
        match self {
            Self::Column => ([8.6 * centimetre, 6.45 * centimetre], PRINT_DENSITY, None),
            Self::TwoColumns => ([17.8 * centimetre, 11.0 * centimetre], PRINT_DENSITY, None),
            // A slide is read from afar.
            Self::Slide => ([1280.0, 720.0], 144.0, Some(14.0)),
            Self::FourK => ([1280.0, 720.0], 288.0, None),
            Self::EightK => ([1280.0, 720.0], 576.0, None),
        }
    }
}

/// How large a picture is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PageSize {
    /// A usual size.
    pub preset: Option<Preset>,
    /// A width instead of that one's.
    pub width: Option<Length>,
    /// A height instead of that one's.
    pub height: Option<Length>,
    /// Pixels in an inch.
    pub dpi: Option<f64>,
}

/// A size as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    /// Width and height in logical pixels.
    pub size: [f64; 2],
    /// Device pixels per logical pixel.
    pub scale: f32,
    /// Whether it is set for print.
    pub print: bool,
    /// Size of names in points, where a size brings its own.
    pub font: Option<f64>,
}

impl Sheet {
    /// Width and height in pixels.
    pub fn pixels(&self) -> [u32; 2] {
        pixels(self.size, self.scale)
    }
}

impl PageSize {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The size as it is drawn; what is not asked for is as on `usual`.
    ///
    /// # Errors
    /// When a side has too few or too many pixels; the message says which and how many.
    pub fn sheet(&self, usual: Option<&Page>) -> Result<Sheet, String> {
        let Self { preset, width, height, dpi } = *self;
        let lengths = [width, height];
        let is_real = |length: &Length| length.unit != LengthUnit::Pixels;
        let in_real_units = lengths.iter().flatten().any(is_real);
        let is_in_pixels = lengths.iter().any(Option::is_some) && !in_real_units;
        let print = match (preset, usual) {
            (Some(preset), _) => preset.is_print(),
            (None, Some(usual)) => in_real_units || (usual.style.print && !is_in_pixels),
            (None, None) => in_real_units,
        };
        let (usual, density, font) = match (preset, usual) {
            (Some(preset), _) => preset.sheet(),
            (None, Some(page)) if page.style.print == print => {
                (page.size, PER_INCH * f64::from(page.scale), page.style.font)
            }
            (None, Some(page)) => (page.size, if print { PRINT_DENSITY } else { PER_INCH }, None),
            (None, None) => {
                (Page::default().size, if print { PRINT_DENSITY } else { PER_INCH }, None)
            }
        };
        let dpi = dpi.unwrap_or(density);
        let [across, down] =
            lengths.map(|length| length.map(|Length { value, unit }| value * unit.logical(dpi)));
        let shape = usual[1] / usual[0];
        let size = match (across, down) {
            (Some(across), Some(down)) => [across, down],
            (Some(across), None) => [across, across * shape],
            (None, Some(down)) if preset.is_some() => [usual[0], down],
            (None, Some(down)) => [down / shape, down],
            (None, None) => usual,
        };
        let sheet = Sheet { size, scale: (dpi / PER_INCH) as f32, print, font };
        for (name, side) in ["width", "height"].into_iter().zip(size) {
            let pixels = (side * f64::from(sheet.scale)).round();
            if !(SIDES[0]..=SIDES[1]).contains(&pixels) {
                return Err(format!(
                    "the {name} would be {} pixels at {} dpi: expected {} to {}",
                    format_number(pixels, 6),
                    format_number(dpi, 6),
                    SIDES[0],
                    SIDES[1]
                ));
            }
        }
        Ok(sheet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(text: &str) -> Length {
        text.parse().expect("a length")
    }

    #[test]
    fn lengths_have_units() {
        assert_eq!(length("8.6cm"), Length { value: 8.6, unit: LengthUnit::Centimetres });
        assert_eq!(length(" 3.4 in"), Length { value: 3.4, unit: LengthUnit::Inches });
        assert_eq!(length("1200PX").to_string(), "1200px");
        for bad in ["", "8.6", "cm", "-1cm", "0px", "nancm", "infin", "1e400in", "3 m", "3ft"] {
            assert!(bad.parse::<Length>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_column_is_a_column() {
        let column = PageSize { preset: Some(Preset::Column), ..PageSize::default() };
        let sheet = column.sheet(None).expect("a size");
        assert_eq!(sheet.pixels(), [2031, 1524]);
        assert!(sheet.print);
        let wide = PageSize { width: Some(length("8.6cm")), ..PageSize::default() };
        let wide = wide.sheet(None).expect("a size");
        assert_eq!((wide.size[0], wide.print), (sheet.size[0], true));
        let pixels = PageSize {
            width: Some(length("1201px")),
            height: Some(length("707px")),
            dpi: Some(100.0),
            preset: None,
        };
        let pixels = pixels.sheet(None).expect("a size");
        assert_eq!((pixels.pixels(), pixels.print), ([1201, 707], false));
        let slide = PageSize { preset: Some(Preset::Slide), ..PageSize::default() };
        assert_eq!(slide.sheet(None).expect("a size").pixels(), [1920, 1080]);
        for (preset, pixels) in [(Preset::FourK, [3840, 2160]), (Preset::EightK, [7680, 4320])] {
            let size = PageSize { preset: Some(preset), ..PageSize::default() };
            assert_eq!(size.sheet(None).expect("a size").pixels(), pixels);
        }
    }

    #[test]
    fn what_has_too_many_pixels_is_refused() {
        let huge = PageSize { width: Some(length("4in")), dpi: Some(1e9), ..PageSize::default() };
        assert!(huge.sheet(None).expect_err("too large").contains("width"));
        let flat = PageSize { height: Some(length("1px")), ..PageSize::default() };
        assert!(flat.sheet(None).is_err());
    }

    #[test]
    fn the_name_tells_the_kind() {
        let of = |name: &str| PictureFormat::of(Path::new(name));
        assert_eq!(of("a.PDF"), Some(PictureFormat::Pdf));
        assert_eq!(of("a.b.svg"), Some(PictureFormat::Svg));
        assert_eq!((of("png"), of("a.jpg")), (None, None));
    }
}
