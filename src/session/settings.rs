//! The settings file: what the program remembers from one start to the next.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{OwnFiles, PageChoice, files::WriteError, own_files::Unreadable};
use crate::model::{ColorMap, Theme};

/// A part of the side panel that folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// What may mislead.
    Cautions,
    /// Where the points come from.
    Data,
    /// Which rows are selected.
    Selection,
    /// What σ means.
    Bandwidth,
    /// Its rules for single axes.
    AxisRules,
    /// σ in other programs.
    OtherPrograms,
    /// How dots are drawn.
    Appearance,
    /// How f is computed.
    Computation,
    /// What can be saved.
    Export,
}

impl Section {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Cautions,
        Self::Data,
        Self::Selection,
        Self::Bandwidth,
        Self::AxisRules,
        Self::OtherPrograms,
        Self::Appearance,
        Self::Computation,
        Self::Export,
    ];
}

/// What the user chose last; `None` is the program's own choice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Dark or light.
    pub theme: Option<Theme>,
    /// Which colours values turn into.
    pub color_map: Option<ColorMap>,
    /// Where a file was opened or saved last.
    pub folder: Option<PathBuf>,
    /// The files and sessions that were opened last, newest first.
    pub recent: Vec<PathBuf>,
    /// Width and height of the window, in logical pixels.
    pub window: Option<[f32; 2]>,
    /// Whether a ring of radius σ follows the pointer.
    pub ring: Option<bool>,
    /// Whether small pictures of other σ are shown.
    pub filmstrip: Option<bool>,
    /// Whether the table of rows is shown.
    pub table: Option<bool>,
    /// The sections of the side panel that are unfolded.
    pub unfolded: Vec<Section>,
    /// Whether the side panel is unfolded.
    pub panel: Option<bool>,
    /// The same in a narrow window.
    pub narrow_panel: Option<bool>,
    /// How a picture was saved last.
    pub page: Option<PageChoice>,
}

impl Settings {
    const FILE: &'static str = "settings.json";
    /// Sides of a window, in logical pixels, that are restored: smaller or larger ones were hardly
    /// made on purpose.
    const SIDES: std::ops::RangeInclusive<f32> = 200.0..=20_000.0;

    /// What was remembered, and what to tell of a file that made no sense.
    pub fn load(files: &OwnFiles) -> (Self, Option<Unreadable>) {
        match files.read::<Self>(Self::FILE) {
            Ok(settings) => (settings.unwrap_or_default().sensible(), None),
            Err(err) => (Self::default(), Some(err)),
        }
    }

    fn sensible(self) -> Self {
        let window = self.window.filter(|size| size.iter().all(|side| Self::SIDES.contains(side)));
        Self { window, ..self }
    }

    /// Remembers them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, files: &OwnFiles) -> Result<(), WriteError> {
        // JSON has no way to write a path that is not text.
        let folder = self.folder.clone().filter(|folder| folder.to_str().is_some());
        files.write(Self::FILE, &Self { folder, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_and_nonsense_among_them_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = OwnFiles::in_folder(folder.path());
        assert_eq!(Settings::load(&files).0, Settings::default());
        let settings = Settings {
            theme: Some(Theme::Light),
            color_map: Some(ColorMap::Magma),
            folder: Some("data".into()),
            recent: vec!["data/a.csv".into()],
            window: Some([1000.0, 700.0]),
            ring: Some(false),
            filmstrip: Some(true),
            table: Some(true),
            unfolded: vec![Section::Data, Section::OtherPrograms],
            panel: Some(false),
            narrow_panel: Some(true),
            page: Some(PageChoice { title: false, ..PageChoice::default() }),
        };
        settings.save(&files).expect("saved");
        assert_eq!(Settings::load(&files).0, settings);
        for window in [[0.0, 700.0], [1e9, 700.0], [700.0, -1.0]] {
            Settings { window: Some(window), ..settings.clone() }.save(&files).expect("saved");
            let (loaded, told) = Settings::load(&files);
            assert!(told.is_none());
            assert_eq!(loaded, Settings { window: None, ..settings.clone() });
        }
        std::fs::write(files.path("settings.json"), r#"{"theme": "purple"}"#).expect("a file");
        let (loaded, told) = Settings::load(&files);
        assert_eq!(loaded, Settings::default());
        assert!(told.expect("a message").to_string().contains("purple"));
    }
}
