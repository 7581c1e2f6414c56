//! What is on the screen, and what can be told from it.

use std::{ops::Range, path::PathBuf};

use sigmascope::{color::lut, figure::Palette, model::ColorMap, session::picture::encode};

use super::SIZE;

/// The inside of the plot, without its frame and the numbers around it.
pub const PLOT: Area = Area { x: 380..1125, y: 90..700 };
/// The middle of the plot; the default cloud is around it.
pub const MIDDLE: [usize; 2] = [748, 379];
/// The panel on the left, below the menu.
pub const CONTROLS: Area = Area { x: 0..305, y: 30..760 };
/// Where the pointer rests: over nothing that would react.
pub const REST: [usize; 2] = [3, 520];

/// The face of a button, in the dark.
const BUTTON: [u8; 3] = [50, 50, 50];

/// A part of the screen.
pub struct Area {
    pub x: Range<usize>,
    pub y: Range<usize>,
}

impl Area {
    pub fn pixels(&self) -> impl Iterator<Item = [usize; 2]> {
        let Self { x, y } = self;
        y.clone().flat_map(|y| x.clone().map(move |x| [x, y]))
    }
}

/// What was on the screen, as RGBA.
pub struct Shot(pub Vec<u8>);

impl Shot {
    pub fn at(&self, [x, y]: [usize; 2]) -> [u8; 3] {
        let start = 4 * (y * SIZE[0] + x);
        [self.0[start], self.0[start + 1], self.0[start + 2]]
    }

    pub fn places(&self, area: &Area, is: impl Fn([u8; 3]) -> bool) -> Vec<[usize; 2]> {
        area.pixels().filter(|place| is(self.at(*place))).collect()
    }

    pub fn count(&self, area: &Area, is: impl Fn([u8; 3]) -> bool) -> usize {
        area.pixels().filter(|place| is(self.at(*place))).count()
    }

    /// How many pixels look different.
    pub fn changed(&self, other: &Self, area: &Area) -> usize {
        area.pixels().filter(|place| !are_near(self.at(*place), other.at(*place))).count()
    }

    /// The mean distance of the dots from a place.
    pub fn spread(&self, from: [usize; 2]) -> f64 {
        let dots = self.places(&PLOT, is_colored);
        dots.iter().map(|dot| distance(*dot, from)).sum::<f64>() / dots.len() as f64
    }

    /// The middles of the handles of the sliders that are as wide as the panel, from top to bottom: those
    /// of σ, N and M.
    pub fn sliders(&self) -> Vec<[usize; 2]> {
        let start = 52;
        // Curves and their legend may be of that colour too, but are nowhere level for so long.
        let is_rail = |y: usize| (start - 40..start).all(|x| is_accent(self.at([x, y])));
        let edge = |y: &usize| is_rail(*y) && !is_rail(*y - 1);
        let rails = CONTROLS.y.clone().filter(edge);
        rails
            .map(|top| {
                let y = top + 2;
                let end = CONTROLS.x.clone().skip(start).find(|x| !is_accent(self.at([*x, y])));
                // The coloured part of the rail ends at the handle's rim.
                [end.expect("an end") + 9, y]
            })
            .collect()
    }

    /// The middle of the field for a path, where it is unfolded: the lowest long dark one among the
    /// controls.
    pub fn file_field(&self) -> Option<[usize; 2]> {
        const LONG: usize = 90;
        let is_long = |y: &usize| {
            let row = Area { y: *y..*y + 1, ..CONTROLS };
            self.count(&row, |p| p == Palette::DARK.background) > LONG
        };
        let last = CONTROLS.y.clone().rev().find(is_long)?;
        let first = (CONTROLS.y.start..=last).rev().take_while(is_long).last()?;
        let y = usize::midpoint(first, last);
        let row = Area { y: last..last + 1, ..CONTROLS };
        let dark = self.places(&row, |p| p == Palette::DARK.background);
        let ends = || dark.iter().map(|place| place[0]);
        Some([usize::midpoint(ends().min()?, ends().max()?), y])
    }

    /// Whether there is a bar within `area`, over most of its height, that shows all of viridis
    /// with the last colour on top.
    pub fn has_color_bar(&self, area: &Area) -> bool {
        let colors = lut(ColorMap::Viridis, false).map(|[r, g, b, _]| [r, g, b]);
        area.x.clone().any(|x| {
            let like = |k: usize| move |y: &usize| are_near(self.at([x, *y]), colors[k]);
            let (top, bottom) =
                (area.y.clone().find(like(255)), area.y.clone().rev().find(like(0)));
            let (Some(top), Some(bottom)) = (top, bottom) else { return false };
            10 * bottom.saturating_sub(top) > 8 * area.y.len()
                && (1..16).all(|k| like(255 - 16 * k)(&(top + (bottom - top) * k * 16 / 255)))
        })
    }

    /// Whether the status line shows a bar that grows.
    pub fn has_progress(&self) -> bool {
        self.count(&Area { x: 900..SIZE[0], y: 765..SIZE[1] }, is_accent) > 20
    }

    /// Whether a message tells of bad input or a failure.
    pub fn has_warning(&self) -> bool {
        let all = Area { x: 0..SIZE[0], y: 0..SIZE[1] };
        self.count(&all, is_warning) > 10
    }

    /// The middle of the first button of a question in the middle of the window.
    pub fn first_button(&self) -> Option<[usize; 2]> {
        let middle = Area { x: 400..880, y: 300..500 };
        let fill = |pixel: [u8; 3]| pixel == BUTTON;
        let [left, top] = self.places(&middle, fill).into_iter().next()?;
        Some([left + 20, top + 8])
    }

    /// Leaves the picture where cargo keeps what tests write.
    pub fn keep(&self) -> String {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("window-{}.png", std::process::id()));
        let png = encode(&self.0, SIZE.map(|side| side as u32)).expect("a picture");
        std::fs::write(&path, png).expect("a file");
        path.display().to_string()
    }
}

pub fn distance(a: [usize; 2], b: [usize; 2]) -> f64 {
    (a[0] as f64 - b[0] as f64).hypot(a[1] as f64 - b[1] as f64)
}

pub fn are_near(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 8)
}

/// A dot, and not the grid or text.
pub fn is_colored([r, g, b]: [u8; 3]) -> bool {
    r.max(g).max(b) - r.min(g).min(b) > 40
}

pub fn is_yellow([r, g, b]: [u8; 3]) -> bool {
    r > 170 && g > 180 && b < 90
}

/// Dark blue or purple: the lower part of viridis.
pub fn is_low([r, g, b]: [u8; 3]) -> bool {
    b > r && b > g && g < 140
}

/// The colour of sliders and progress.
pub fn is_accent([r, g, b]: [u8; 3]) -> bool {
    g > r.saturating_add(30) && b > r.saturating_add(30) && g.abs_diff(b) < 20
}

/// The mark of a message about a mistake or a failure; no dot is orange or red.
pub fn is_warning([r, g, b]: [u8; 3]) -> bool {
    r > 200 && g < 170 && b < 70
}
