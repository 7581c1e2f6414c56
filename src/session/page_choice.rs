//! What was chosen last for a picture, as the window's dialog remembers it, and as flags of `render`.

use serde::{Deserialize, Serialize};

use super::{DENSITIES, Length, Page, PageSize, PageStyle, Paths, PictureFormat, Preset, Sheet};

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
    /// Nothing.
    Transparent,
}

/// What was chosen for a picture; lengths are as they were typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
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
    /// Whether it has a title.
    pub title: bool,
    /// Whether it has a colour bar.
    pub bar: bool,
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
            title: true,
            bar: true,
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
        let style = PageStyle {
            format,
            transparent: self.behind == Behind::Transparent,
            has_title: self.title,
            has_bar: self.bar,
            ..PageStyle::default()
        };
        let dark = self.behind == Behind::Dark || (self.behind == Behind::Screen && screen.dark);
        Ok(Page { dark, style, ..Page::default() }.on(&sheet))
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
        let dark = self.behind == Behind::Dark || (self.behind == Behind::Screen && screen.dark);
        match self.behind {
            Behind::Transparent => flag("--background", "transparent"),
            _ if dark => flag("--background", "dark"),
            _ => {}
        }
        let switches = [
            (!self.title, "--no-title"),
            (!self.bar, "--no-color-bar"),
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
