//! The flags that say how large a picture is, which kind of file, and what stands beside its plot.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::Failure;
use crate::{
    escape::{escaped, escaped_path},
    figure::Style,
    numbers::format_number,
    session::{DENSITIES, FONTS, Length, Page, PageSize, PictureFormat, Preset, Sheet},
};

/// What lies behind a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Background {
    /// White.
    #[default]
    #[value(alias = "light")]
    White,
    /// Near black.
    Dark,
    /// White, with black texts and lines: nothing but the data has colours.
    Paper,
    /// Nothing: what the picture is laid on shines through.
    Transparent,
}

/// How a picture is laid out.
#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct PageOptions {
    /// Width and height of the picture in logical pixels, each 64 to 16384
    #[arg(long, value_name = "WxH", value_parser = parse_size, default_value = "1200x900",
          conflicts_with_all = ["width", "height", "dpi", "preset"], help_heading = "Output")]
    size: Size,
    /// Pixels of the file for each logical pixel, 1 to 8: 2 or 4 for print
    #[arg(long, value_name = "K", value_parser = parse_scale, default_value = "1",
          conflicts_with_all = ["width", "height", "dpi", "preset"],
          allow_hyphen_values = true, help_heading = "Output")]
    scale: u32,
    /// A usual size: a column of a journal (column, 8.6 cm at 600 dpi), the width of its page (two-columns,
    /// 17.8 cm), a 16:9 slide (slide), or 4k and 8k pixels; columns are set for print: small black texts,
    /// ticks inward, no grid, 1.75 pt dots
    #[arg(long, value_name = "NAME", value_parser = parse_preset, help_heading = "Output")]
    preset: Option<Preset>,
    /// Width of the picture: 8.6cm, 86mm, 3.4in, 240pt (set for print) or 1200px; instead of the preset's
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true, help_heading = "Output")]
    width: Option<Length>,
    /// Height of the picture, likewise [default: 3/4 of the width, or the preset's]
    #[arg(long, value_name = "LENGTH", allow_hyphen_values = true, help_heading = "Output")]
    height: Option<Length>,
    /// Pixels in an inch, 36 to 1536 [default: 600 in print, else 96 or the preset's]
    #[arg(long, value_name = "N", value_parser = parse_dpi, allow_hyphen_values = true,
          help_heading = "Output")]
    dpi: Option<f64>,
    /// Size of the names of axes in points, 4 to 40, as 8pt; other texts keep their proportion to it
    /// [default: 8pt in print]
    #[arg(long, value_name = "SIZE", value_parser = parse_font, allow_hyphen_values = true,
          help_heading = "Look")]
    font_size: Option<f64>,
    /// What lies behind the picture: white, dark, nothing (transparent), or white with black texts and lines, so
    /// that nothing but the data has colours (paper)
    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        default_value_t,
        alias = "theme",
        hide_possible_values = true,
        help_heading = "Look"
    )]
    background: Background,
    #[expect(clippy::doc_markdown, reason = "it is printed as it is")]
    /// The title, instead of what was computed; here and in the names of axes ^ raises and _ lowers the letter
    /// behind it or what stands in braces, as in m^2, x_1, 10^{-3}, σ_{opt}; \^ and \_ are the characters
    #[arg(long, value_name = "TEXT", help_heading = "Look")]
    title: Option<String>,
    /// Leave out the title and the lines below it
    #[arg(long, conflicts_with = "title", help_heading = "Look")]
    no_title: bool,
    /// Say below the title what was computed, also in print
    #[arg(long, conflicts_with_all = ["no_subtitle", "no_title"], help_heading = "Look")]
    subtitle: bool,
    /// Leave out the lines below the title
    #[arg(long, help_heading = "Look")]
    no_subtitle: bool,
    /// The name of the horizontal axis; '' for none
    #[arg(long, value_name = "TEXT", help_heading = "Look")]
    x_label: Option<String>,
    /// The name of the vertical axis; '' for none
    #[arg(long, value_name = "TEXT", help_heading = "Look")]
    y_label: Option<String>,
    /// Leave out the colour bar, or the legend
    #[arg(long, alias = "no-colour-bar", help_heading = "Look")]
    no_color_bar: bool,
    /// Leave out the legend of categories
    #[arg(long, help_heading = "Look")]
    no_legend: bool,
    /// Draw a grid, also in print
    #[arg(long, conflicts_with = "no_grid", help_heading = "Look")]
    grid: bool,
    /// Leave out the grid
    #[arg(long, help_heading = "Look")]
    no_grid: bool,
    /// Leave out the line around the plot
    #[arg(long, help_heading = "Look")]
    no_frame: bool,
}

/// Width and height as a flag's value.
#[derive(Clone, Copy, Debug, Default)]
struct Size([u32; 2]);

impl PageOptions {
    /// The page that the flags ask for, for a file at `out`; `restored` is that of a document, of which flags
    /// change what they say where they were `given`.
    ///
    /// # Errors
    /// When the name is that of no picture, or the picture would be too large or too small.
    pub(super) fn choose(
        &self,
        out: &Path,
        restored: Option<&Page>,
        given: impl Fn(&str) -> bool,
    ) -> Result<Page, Failure> {
        let format = PictureFormat::of(out).ok_or_else(|| {
            Failure::bad_input(format!(
                "--out {}: expected a name that ends in .png, .svg or .pdf",
                escaped_path(out)
            ))
        })?;
        let mut page = restored.cloned().unwrap_or_default();
        page.style.format = format;
        let is_new = restored.is_none();
        let Self { preset, width, height, dpi, .. } = *self;
        let asked = PageSize { preset, width, height, dpi };
        if !asked.is_empty() {
            page = page.clone().on(&asked.sheet(restored).map_err(Failure::bad_input)?);
        } else if is_new || given("size") || given("scale") {
            let size = if is_new || given("size") { self.size.0.map(f64::from) } else { page.size };
            let scale = if is_new || given("scale") { self.scale as f32 } else { page.scale };
            page = page.on(&Sheet { size, scale, print: false, font: None });
        }
        format.check(page.pixels()).map_err(|err| {
            let [across, down] = self.size.0;
            let flags = format!("--size {across}x{down} --scale {}: ", self.scale);
            let flags = if asked.is_empty() && is_new { flags } else { String::new() };
            Failure::bad_input(format!("{flags}{err}"))
        })?;
        let style = &mut page.style;
        style.font = self.font_size.or(style.font);
        if is_new || given("background") {
            style.transparent = self.background == Background::Transparent;
            style.paper = self.background == Background::Paper;
            page.dark = self.background == Background::Dark;
        }
        if self.title.is_some() {
            (style.title, style.has_title) = (self.title.clone(), true);
        }
        style.has_title &= !self.no_title;
        style.has_bar &= !self.no_color_bar;
        style.has_legend &= !self.no_legend;
        style.has_frame &= !self.no_frame;
        let switch = |on: bool, off: bool| (on || off).then_some(on);
        style.subtitle = switch(self.subtitle, self.no_subtitle).or(style.subtitle);
        style.grid = switch(self.grid, self.no_grid).or(style.grid);
        for (own, place) in
            [(&self.x_label, &mut style.x_label), (&self.y_label, &mut style.y_label)]
        {
            if own.is_some() {
                place.clone_from(own);
            }
        }
        Ok(page)
    }
}

/// What is told where dots were made smaller for print.
pub(super) fn dots_told() -> String {
    let points = format_number(Style::PRINT_DOT, 4);
    format!("dots are {points} pt wide, as is usual in print; --point-size sets another diameter")
}

fn parse_size(text: &str) -> Result<Size, String> {
    let side = |part: &str| part.trim().parse::<u32>().ok().filter(|s| (64..=16_384).contains(s));
    match text.split_once(['x', '×']).map(|(w, h)| (side(w), side(h))) {
        Some((Some(w), Some(h))) => Ok(Size([w, h])),
        _ => Err("expected WIDTHxHEIGHT, each from 64 to 16384".to_owned()),
    }
}

fn parse_scale(text: &str) -> Result<u32, String> {
    let scale = text.parse::<u32>().ok().filter(|scale| (1..=8).contains(scale));
    scale.ok_or_else(|| "expected a whole number from 1 to 8".to_owned())
}

fn parse_preset(text: &str) -> Result<Preset, String> {
    Preset::ALL.into_iter().find(|preset| preset.name() == text).ok_or_else(|| {
        let names: Vec<&str> = Preset::ALL.into_iter().map(Preset::name).collect();
        format!("found {}, expected {}", escaped(text), names.join(", "))
    })
}

fn parse_dpi(text: &str) -> Result<f64, String> {
    let [least, most] = DENSITIES;
    let number = text.strip_suffix("dpi").unwrap_or(text).trim().parse::<f64>().ok();
    let found = number.filter(|dpi| (least..=most).contains(dpi));
    found.ok_or_else(|| format!("expected a number from {least} to {most}"))
}

fn parse_font(text: &str) -> Result<f64, String> {
    let [least, most] = FONTS;
    let number = text.strip_suffix("pt").unwrap_or(text).trim().parse::<f64>().ok();
    let found = number.filter(|size| (least..=most).contains(size));
    found.ok_or_else(|| format!("expected a size in points from {least} to {most}, as 8pt"))
}
