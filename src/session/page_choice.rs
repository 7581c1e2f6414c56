//! What was chosen last for a picture, as the window's dialog remembers it, and as flags of `render`.

use serde::{Deserialize, Serialize};

use super::{
    DENSITIES, FONTS, Length, Page, PageSize, PageStyle, Paths, PictureFormat, Preset, Sheet,
};

/// How large a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SizeChoice {
    /// As the window, times this.
    Screen(u32),
    /// A usual size.
    Usual(Preset),
    /// As typed.
    Own,
}

/// What lies behind a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Behind {
    /// The same as on screen.
    Screen,
    /// White.
    White,
    /// Near black.
    Dark,
    /// White, and nothing but the data has colours.
    Paper,
    /// Nothing.
    Transparent,
}

/// What was chosen for a picture; lengths are as they were typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is there or not by itself")]
pub struct PageChoice {
    /// How large it is.
    pub size: SizeChoice,
    /// A width, if it is not the usual one.
    pub width: String,
    /// A height, likewise.
    pub height: String,
    /// Pixels in an inch, likewise.
    pub dpi: String,
    /// What lies behind it.
    pub behind: Behind,
    /// Size of the names of axes in points, if it is not the usual one.
    pub font: String,
    /// Whether it has a title.
    pub title: bool,
    /// Whether it says below the title what was computed; if not said, unless it is set for print.
    pub subtitle: Option<bool>,
    /// Whether it has a colour bar, or a legend.
    pub bar: bool,
    /// Whether it has a legend of categories.
    pub legend: bool,
    /// Whether it has a grid; if not said, unless it is set for print.
    pub grid: Option<bool>,
    /// Whether it has a frame.
    pub frame: bool,
    /// A title instead of the usual one, if there is any text.
    pub own_title: String,
    /// A name of the x axis, likewise; a space for none.
    pub x_label: String,
    /// A name of the y axis, likewise.
    pub y_label: String,
    /// Whether it tells the whole paths of its files, rather than their names.
    pub embeds_paths: bool,
}

impl Default for PageChoice {
    fn default() -> Self {
        Self {
            size: SizeChoice::Screen(2),
            width: String::new(),
            height: String::new(),
            dpi: String::new(),
            behind: Behind::Screen,
            font: String::new(),
            title: true,
            subtitle: None,
            bar: true,
            legend: true,
            grid: None,
            frame: true,
            own_title: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            embeds_paths: false,
        }
    }
}

/// The window that a picture is of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Screen {
    /// Width and height in logical pixels.
    pub size: [f64; 2],
    /// Device pixels per logical pixel.
    pub scale: f32,
    /// Whether it is light on dark.
    pub dark: bool,
}

impl PageChoice {
    /// The typed lengths as sizes.
    ///
    /// # Errors
    /// When one of them is none; the message says which.
    pub fn page_size(&self) -> Result<PageSize, String> {
        let length = |name: &str, text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse::<Length>().map(Some).map_err(|err| format!("{name}: {err}")),
        };
        let dpi = match self.dpi.trim() {
            "" => None,
            text => {
                let [least, most] = DENSITIES;
                let found = text.parse::<f64>().ok().filter(|dpi| (least..=most).contains(dpi));
                let expected =
                    || format!("Dots per inch: expected a number from {least} to {most}");
                Some(found.ok_or_else(expected)?)
            }
        };
        let preset = match self.size {
            SizeChoice::Usual(preset) => Some(preset),
            SizeChoice::Screen(_) | SizeChoice::Own => None,
        };
        let (width, height) = (length("Width", &self.width)?, length("Height", &self.height)?);
        Ok(PageSize { preset, width, height, dpi })
    }

    /// The picture that is asked for, as a file of this kind.
    ///
    /// # Errors
    /// When a length is none, or the picture would be too small or too large.
    pub fn page(&self, screen: Screen, format: PictureFormat) -> Result<Page, String> {
        let sheet = match self.size {
            SizeChoice::Screen(factor) => {
                let scale = factor as f32 * screen.scale;
                Sheet { size: screen.size, scale, print: false, font: None }
            }
            SizeChoice::Usual(_) | SizeChoice::Own => self.page_size()?.sheet(None)?,
        };
        format.check(sheet.pixels()).map_err(|err| err.to_string())?;
        let own = |text: &String| (!text.is_empty()).then(|| text.clone());
        let style = PageStyle {
            format,
            transparent: self.behind == Behind::Transparent,
            paper: self.behind == Behind::Paper,
            has_title: self.title,
            subtitle: self.subtitle,
            has_bar: self.bar,
            has_legend: self.legend,
            grid: self.grid,
            has_frame: self.frame,
            title: own(&self.own_title).filter(|_| self.title),
            x_label: own(&self.x_label),
            y_label: own(&self.y_label),
            ..PageStyle::default()
        };
        let mut page = Page { dark: self.is_dark(screen), style, ..Page::default() }.on(&sheet);
        page.style.font = self.font_size()?.or(page.style.font);
        Ok(page)
    }

    fn is_dark(&self, screen: Screen) -> bool {
        self.behind == Behind::Dark || (self.behind == Behind::Screen && screen.dark)
    }

    /// The typed size of names in points.
    fn font_size(&self) -> Result<Option<f64>, String> {
        let text = self.font.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let [least, most] = FONTS;
        let number = text.strip_suffix("pt").unwrap_or(text).trim().parse::<f64>().ok();
        let found = number.filter(|size| (least..=most).contains(size));
        found
            .map(Some)
            .ok_or_else(|| format!("Font: expected a size from {least} to {most} points"))
    }

    /// How its document names files.
    pub fn paths(&self) -> Paths {
        if self.embeds_paths { Paths::Embedded } else { Paths::Names }
    }

    /// The flags of `render` that ask for the same.
    pub fn flags(&self, screen: Screen) -> Vec<String> {
        let mut flags = Vec::new();
        let mut flag = |name: &str, value: &str| flags.extend([name.to_owned(), value.to_owned()]);
        match self.size {
            SizeChoice::Screen(factor) => {
                let scale = f64::from(factor as f32 * screen.scale);
                let [width, height] = screen.size;
                if scale.fract() == 0.0 && (1.0..=8.0).contains(&scale) {
                    flag("--size", &format!("{width}x{height}"));
                    flag("--scale", &scale.to_string());
                } else {
                    flag("--width", &format!("{}px", (width * scale).round()));
                    flag("--height", &format!("{}px", (height * scale).round()));
                    flag("--dpi", &(96.0 * scale).to_string());
                }
            }
            SizeChoice::Usual(preset) => flag("--preset", preset.name()),
            SizeChoice::Own => {}
        }
        if !matches!(self.size, SizeChoice::Screen(_)) {
            let typed =
                [("--width", &self.width), ("--height", &self.height), ("--dpi", &self.dpi)];
            for (name, text) in typed {
                let text: String = text.split_whitespace().collect();
                if !text.is_empty() {
                    flag(name, &text);
                }
            }
        }
        match self.behind {
            Behind::Transparent => flag("--background", "transparent"),
            Behind::Paper => flag("--background", "paper"),
            _ if self.is_dark(screen) => flag("--background", "dark"),
            _ => {}
        }
        if let Ok(Some(points)) = self.font_size() {
            flag("--font-size", &format!("{points}pt"));
        }
        let own = [("--x-label", &self.x_label), ("--y-label", &self.y_label)];
        let title = Some(("--title", &self.own_title)).filter(|_| self.title);
        for (name, text) in title.into_iter().chain(own).filter(|(_, text)| !text.is_empty()) {
            // In one word where it would look like a flag itself.
            if text.starts_with('-') {
                flags.push(format!("{name}={text}"));
            } else {
                flags.extend([name.to_owned(), text.clone()]);
            }
        }
        let switches = [
            (!self.title, "--no-title"),
            (self.subtitle == Some(true), "--subtitle"),
            (self.subtitle == Some(false), "--no-subtitle"),
            (!self.bar, "--no-color-bar"),
            (!self.legend, "--no-legend"),
            (self.grid == Some(true), "--grid"),
            (self.grid == Some(false), "--no-grid"),
            (!self.frame, "--no-frame"),
            (self.embeds_paths, "--embed-paths"),
        ];
        flags.extend(switches.iter().filter(|(is, _)| *is).map(|(_, name)| (*name).to_owned()));
        flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Screen = Screen { size: [800.0, 600.0], scale: 1.0, dark: true };

    #[test]
    fn what_is_chosen_is_drawn_and_said_in_flags() {
        let choice = PageChoice::default();
        let page = choice.page(SCREEN, PictureFormat::Png).expect("a page");
        assert_eq!((page.pixels(), page.dark), ([1600, 1200], true));
        let flags = choice.flags(SCREEN).join(" ");
        assert_eq!(flags, "--size 800x600 --scale 2 --background dark");
        let column = PageChoice {
            size: SizeChoice::Usual(Preset::Column),
            height: "5 cm".to_owned(),
            dpi: "300".to_owned(),
            behind: Behind::White,
            bar: false,
            ..PageChoice::default()
        };
        let page = column.page(SCREEN, PictureFormat::Pdf).expect("a page");
        assert!(page.style.print && !page.style.has_bar && !page.dark);
        assert_eq!(page.pixels(), [1016, 591]);
        let flags = column.flags(SCREEN).join(" ");
        assert_eq!(flags, "--preset column --height 5cm --dpi 300 --no-color-bar");
    }

    #[test]
    fn parts_and_texts_are_said_in_flags() {
        let choice = PageChoice {
            size: SizeChoice::Usual(Preset::Column),
            behind: Behind::Paper,
            font: "9".to_owned(),
            subtitle: Some(true),
            legend: false,
            grid: Some(true),
            frame: false,
            own_title: "-m^2".to_owned(),
            y_label: " ".to_owned(),
            ..PageChoice::default()
        };
        let page = choice.page(SCREEN, PictureFormat::Pdf).expect("a page");
        let style = &page.style;
        assert!(style.paper && style.has_subtitle() && !style.has_legend && !page.dark);
        assert_eq!((style.font, style.title.as_deref()), (Some(9.0), Some("-m^2")));
        let drawn = style.of_figure();
        assert!(drawn.grid && !drawn.frame && drawn.plain);
        let flags = choice.flags(SCREEN).join(" ");
        let expected = "--preset column --background paper --font-size 9pt --title=-m^2 --y-label   \
                        --subtitle --no-legend --grid --no-frame";
        assert_eq!(flags, expected);
        let wrong = PageChoice { font: "tiny".to_owned(), ..choice };
        assert!(wrong.page(SCREEN, PictureFormat::Png).expect_err("nonsense").contains("Font"));
    }

    #[test]
    fn what_makes_no_sense_is_told_by_name() {
        for (width, dpi, name) in [("wide", "", "Width"), ("", "1", "inch"), ("9m", "96", "Width")]
        {
            let (width, dpi) = (width.to_owned(), dpi.to_owned());
            let choice = PageChoice { size: SizeChoice::Own, width, dpi, ..PageChoice::default() };
            let err = choice.page(SCREEN, PictureFormat::Png).expect_err("nonsense");
            assert!(err.contains(name), "{err}");
        }
    }
}
