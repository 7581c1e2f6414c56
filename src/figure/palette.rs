//! The colours of a figure's background, text, frame and grid, for the light and the dark theme.

use super::FigureSpec;

/// What a piece of text is for, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextRole {
    /// The title.
    Title,
    /// The names of axes and values.
    Name,
    /// Numbers at ticks, and the subtitle.
    Note,
}

/// Colours as opaque sRGB; the grid is lighter or darker than the background, not transparent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub background: [u8; 3],
    /// The title.
    pub title: [u8; 3],
    /// The names of axes and values.
    pub name: [u8; 3],
    /// Numbers at ticks, and the subtitle.
    pub note: [u8; 3],
    /// Frame and tick marks.
    pub frame: [u8; 3],
    /// Grid lines.
    pub grid: [u8; 3],
}

impl Palette {
    /// Near-black on white.
    pub const LIGHT: Self = Self {
        background: [0xff, 0xff, 0xff],
        title: [0x11, 0x14, 0x19],
        name: [0x22, 0x26, 0x2c],
        note: [0x40, 0x46, 0x50],
        frame: [0x8a, 0x91, 0x9c],
        grid: [0xe9, 0xeb, 0xee],
    };

    /// Near-white on near-black.
    pub const DARK: Self = Self {
        background: [0x16, 0x18, 0x1d],
        title: [0xf6, 0xf7, 0xf9],
        name: [0xe2, 0xe5, 0xea],
        note: [0xbc, 0xc2, 0xcc],
        frame: [0x6a, 0x71, 0x7d],
        grid: [0x26, 0x2a, 0x31],
    };

    /// The colours of a theme.
    pub fn of(dark: bool) -> Self {
        if dark { Self::DARK } else { Self::LIGHT }
    }

    /// The colours of a figure.
    pub(super) fn of_figure(spec: &FigureSpec) -> Self {
        let colors = Self::of(spec.dark);
        if !spec.style.plain {
            return colors;
        }
        let ink = if spec.dark { [0xff; 3] } else { [0; 3] };
        // A grey of no colour, too.
        let grid = if spec.dark { [0x2c; 3] } else { [0xe4; 3] };
        let background = if spec.dark { colors.background } else { [0xff; 3] };
        Self { background, title: ink, name: ink, note: ink, frame: ink, grid }
    }

    /// The colour of text.
    pub fn text(&self, role: TextRole) -> [u8; 3] {
        match role {
            TextRole::Title => self.title,
            TextRole::Name => self.name,
            TextRole::Note => self.note,
        }
    }
}
