//! The document of a picture: all that is needed to draw it again, as JSON that a picture carries or that
//! stands in a file of its own.
//!
//! ```text
//!   what is on screen ─▶ Document ─▶ JSON ─▶ PNG, SVG, PDF or .sigmascope
//!   a file ─▶ found_in (io::carrier) ─▶ Document::read ─▶ restored (files) ─▶ Restored
//! ```
//!
//! What is read may come from anyone: its size, its depth and every number are checked before they are
//! used. docs/documents.md describes the format.

mod error;
mod files;
mod restored;
mod saving;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

pub use error::DocumentError;
pub(super) use files::container_of;
pub use files::{FileRecord, Paths};
pub use restored::{Given, Missing, Restored, found_in, is_document};
pub use saving::{OnScreen, SavedWith, SplitPlace};

use super::{MOST_PANELS, Page, Scene, SpaceViewport, Viewport};
use crate::{
    figure::ViewBox,
    io::carrier::{CarrierError, DOCUMENT, MAX_BYTES},
    model::{Count, EngineChoice, Params, Sigma, ViewParams},
    selection::SharedRows,
    space::ViewDirection,
};

/// What the format is called in JSON, and where a picture holds it.
pub const FORMAT: &str = DOCUMENT;
/// The newest version of the format that this program knows.
pub const VERSION: u64 = 1;

/// All that is needed to draw a picture again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// `sigmascope`: what the format is called.
    pub format: String,
    /// The version of the format, from 1.
    pub version: u64,
    /// The version of the program that wrote it.
    pub program: String,
    /// What is computed, from what, and how it is shown. Files are named as in [`Self::files`].
    pub params: Params,
    /// What part of the plane is shown.
    pub viewport: Viewport,
    /// From where targets in space are looked at.
    pub space: SpaceViewport,
    /// From where the whole box in space is looked at instead: yaw, pitch, and a factor of the distance.
    pub direction: Option<(f64, f64, Option<f64>)>,
    /// The rows that are selected.
    pub selection: SharedRows,
    /// The bandwidth of the field that is compared with the shown one.
    pub compared_sigma: Option<Sigma>,
    /// How both are shown.
    pub compared_place: SplitPlace,
    /// The bandwidths of the strip of small pictures, where it is shown.
    pub strip: Vec<Sigma>,
    /// The columns of the file that are shown with a target.
    pub hover: Vec<String>,
    /// The page that the picture is drawn on.
    pub page: Option<Page>,
    /// The files of the input.
    pub files: Vec<FileRecord>,
    /// How it was computed.
    pub computed: Option<Computed>,
}

/// How the field of a picture was computed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Computed {
    /// By which engine.
    pub engine: String,
    /// Whether the device summed, or the processor.
    pub on_device: bool,
    /// The adapter that drew it.
    pub adapter: String,
    /// The bandwidth, also where the program chose it.
    pub sigma: Option<f64>,
    /// The largest relative error that the engine may show.
    pub error_bound: Option<f64>,
    /// That found at some targets, if it was measured.
    pub error_measured: Option<f64>,
}

/// What is looked at before the rest is read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    format: String,
    version: u64,
    program: String,
    selection: Vec<u64>,
    params: HeadParams,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HeadParams {
    only: Option<HeadRows>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HeadRows {
    rows: Vec<u64>,
}

impl Document {
    /// A document of these parameters.
    pub fn new(params: Params) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            params,
            ..Self::default()
        }
    }

    /// Reads a document.
    ///
    /// # Errors
    /// When it is too long, is none, is of a later version, or asks for what the program does not allow.
    pub fn read(json: &[u8]) -> Result<Self, DocumentError> {
        if json.len() > MAX_BYTES {
            return Err(CarrierError::TooLong { bytes: json.len() as u64 }.into());
        }
        let broken = |err: serde_json::Error| DocumentError::Broken(err.to_string());
        let head: Head = serde_json::from_slice(json).map_err(broken)?;
        if head.format != FORMAT {
            return Err(DocumentError::NotOurs);
        }
        if head.version > VERSION {
            let Head { version, program, .. } = head;
            return Err(DocumentError::Later { version, program });
        }
        // A set of rows takes a bit for each row up to its last: look before it is made.
        let only = head.params.only.map(|only| only.rows).unwrap_or_default();
        check_rows(&head.selection)?;
        check_rows(&only)?;
        let document: Self = serde_json::from_slice(json).map_err(broken)?;
        document.check()?;
        Ok(document)
    }

    /// The document as text: JSON without `<`, `>` and `&`, so that it can stand in XML as it is.
    ///
    /// # Errors
    /// When it would be too long to be read again.
    pub fn json(&self) -> Result<String, DocumentError> {
        let json = serde_json::to_string_pretty(self)
            .map_err(|err| DocumentError::Broken(err.to_string()))?;
        let json = for_xml(&json);
        if json.len() > MAX_BYTES {
            return Err(CarrierError::TooLong { bytes: json.len() as u64 }.into());
        }
        let only = self.params.only.as_ref().map(|only| &only.rows);
        for rows in std::iter::once(&self.selection).chain(only) {
            check_rows(&Vec::from((*rows.0).clone()))?;
        }
        Ok(json)
    }

    /// Refuses numbers that no picture has.
    fn check(&self) -> Result<(), DocumentError> {
        let is_range = |[low, high]: [f64; 2]| low < high && (high - low).is_finite();
        if let Viewport::Free(ViewBox { x, y }) = self.viewport
            && !(is_range(x) && is_range(y))
        {
            return Err(DocumentError::Illegal("the part of the plane"));
        }
        let view = &self.params.view;
        let within = |value: f32, [low, high]: [f32; 2]| (low..=high).contains(&value);
        if !within(view.point_size, ViewParams::POINT_SIZES)
            || !within(view.opacity, ViewParams::OPACITIES)
            || !within(view.raster_opacity, [0.0, 1.0])
        {
            return Err(DocumentError::Illegal("the size or the opacity of dots"));
        }
        let is_percentile = |[low, high]: [f32; 2]| low < high && low >= 0.0 && high <= 100.0;
        let is_finite = |ends: [f32; 2]| ends.iter().all(|end| end.is_finite());
        if !view.clip_is_legal()
            || !view.clip.is_none_or(is_finite)
            || !view.percentile.is_none_or(is_percentile)
        {
            return Err(DocumentError::Illegal("the range of the colours"));
        }
        let direction = self.direction.is_none_or(|(yaw, pitch, distance)| {
            let is_finite = yaw.is_finite() && (-90.0..=90.0).contains(&pitch);
            is_finite && distance.is_none_or(|factor| factor > 0.0 && factor.is_finite())
        });
        if !direction || self.space.slab.is_some_and(|slab| slab.axis > 2 || slab.low > slab.high) {
            return Err(DocumentError::Illegal("the camera or the slab"));
        }
        if !(0.0..=1.0).contains(&self.compared_place.at) || self.strip.len() > MOST_PANELS {
            return Err(DocumentError::Illegal("the comparison or the strip"));
        }
        if self.page.as_ref().is_some_and(|page| !page.is_legal()) {
            return Err(DocumentError::Illegal("the size of the picture"));
        }
        files::check(self)
    }

    /// From where the whole box in space is looked at, where a picture says it so.
    pub fn view_direction(&self) -> Option<ViewDirection> {
        let (yaw, pitch, distance) = self.direction?;
        Some(ViewDirection { yaw, pitch, distance })
    }

    /// The part of the plane of a picture of `scene`; `None` is the bulk of the targets.
    pub fn view(&self, scene: &Scene) -> Option<ViewBox> {
        match self.viewport {
            Viewport::Home => None,
            Viewport::All => Some(scene.all()),
            Viewport::Free(view) => Some(view),
        }
    }

    /// The parameters with the engine that computed the picture, where they leave it to the program.
    pub fn pinned_params(&self) -> Params {
        let computed = self.computed.as_ref().map(|computed| computed.engine.as_str());
        let pinned = computed.and_then(|name| name.parse::<EngineChoice>().ok());
        let engine = match self.params.engine {
            EngineChoice::Auto => pinned.unwrap_or_default(),
            engine => engine,
        };
        Params { engine, ..self.params.clone() }
    }
}

/// Refuses runs of rows that reach beyond the points that a cloud may have.
fn check_rows(runs: &[u64]) -> Result<(), DocumentError> {
    let rows = runs.iter().fold(0_u64, |rows, run| rows.saturating_add(*run));
    if rows > Count::MAX as u64 { Err(DocumentError::Rows { rows }) } else { Ok(()) }
}

/// JSON whose texts hold none of the characters that mean something in XML, or that XML forbids.
fn for_xml(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(safe, "\\u{:04x}", c as u32);
            }
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Input, selection::RowBits, space::Slab};

    pub(super) fn example() -> Document {
        let mut document = Document::new(Params {
            sigma: Some(Sigma::new(0.123).expect("legal")),
            seed: 7,
            ..Params::default()
        });
        document.viewport = Viewport::Free(ViewBox { x: [-0.1, 0.2], y: [1e-9, 3.0] });
        document.selection = RowBits::of([3, 4, 70]).into();
        document.space.slab = Some(Slab { axis: 2, low: f64::NEG_INFINITY, high: 1.0 });
        document.compared_place = SplitPlace { at: 0.3, swapped: true, difference: false };
        document.strip = vec![Sigma::new(0.25).expect("legal")];
        document.hover = vec!["a <b> & ]]> \u{1}".to_owned()];
        document.page =
            Some(Page { size: [800.0, 600.5], scale: 1.5, dark: true, ..Page::default() });
        document.computed = Some(Computed { engine: "simd".to_owned(), ..Computed::default() });
        document
    }

    #[test]
    fn a_document_comes_back_as_it_was() {
        let document = example();
        let json = document.json().expect("short");
        assert!(!json.contains(['<', '>', '&']), "{json}");
        assert_eq!(Document::read(json.as_bytes()).expect("legal"), document);
        assert_eq!(document.pinned_params().engine, EngineChoice::Simd);
        // What a later program of the same version adds is no reason to refuse it.
        let more = json.replacen('{', "{\"novel\": {\"a\": [1, 2]},", 1);
        assert_eq!(Document::read(more.as_bytes()).expect("legal"), document);
    }

    #[test]
    fn what_is_no_document_is_refused_with_the_reason() {
        let read = |json: &str| Document::read(json.as_bytes()).expect_err("bad").to_string();
        assert!(read("{}").contains("no session"));
        assert!(read("[1, 2").contains("line 1"));
        let later = r#"{"format":"sigmascope","version":9,"program":"7.0\u001b","params":{"x":1}}"#;
        let told = read(later);
        assert!(told.contains("version 9") && told.contains(r"7.0\u{1b}"), "{told}");
        let with =
            |params: &str| format!(r#"{{"format":"sigmascope","version":1,"params":{params}}}"#);
        assert!(read(&with(r#"{"n": 1000000000}"#)).contains("100000000"));
        assert!(read(&with(r#"{"only": {"rows": [0, 1000000000]}}"#)).contains("rows"));
        assert!(read(&with(r#"{"view": {"point_size": 1e9}}"#)).contains("dots"));
        assert!(read(&with(r#"{"view": {"clip": [1.0, 1.0]}}"#)).contains("colours"));
        let with = |more: &str| format!(r#"{{"format":"sigmascope","version":1,{more}}}"#);
        assert!(read(&with(r#""compared_place": {"at": 7}"#)).contains("comparison"));
        assert!(read(&with(&format!("\"strip\": [{}0.5]", "0.5,".repeat(99)))).contains("strip"));
        let rows = r#"{"format":"sigmascope","version":1,"selection":[5,18446744073709551615]}"#;
        assert!(read(rows).contains("rows"));
    }

    #[test]
    fn deep_and_huge_json_is_refused() {
        let deep = |inner: &str| format!(r#"{{"format":"sigmascope","version":1,{inner}}}"#);
        let nest = |open: &str, n: usize| open.repeat(n);
        assert!(
            Document::read(deep(&format!("\"params\":{}", nest("[", 100_000))).as_bytes()).is_err()
        );
        assert!(Document::read(nest("{\"a\":", 1_000_000).as_bytes()).is_err());
        let huge = vec![b' '; MAX_BYTES + 1];
        let err = Document::read(&huge).expect_err("too long");
        assert!(matches!(err, DocumentError::Carrier(CarrierError::TooLong { .. })), "{err}");
    }

    #[test]
    fn a_path_in_place_of_a_name_is_refused() {
        let record = |name: &str| FileRecord {
            used_as: "x.csv".to_owned(),
            name: name.to_owned(),
            ..FileRecord::default()
        };
        let mut document = example();
        let targets = "x.csv".into();
        document.params.input = Input::Files { targets, sources: None, columns: Vec::new() };
        for (name, is_legal) in [("x.csv", true), ("../x.csv", false), ("/x", false), ("", false)] {
            document.files = vec![record(name)];
            let json = document.json().expect("short");
            assert_eq!(Document::read(json.as_bytes()).is_ok(), is_legal, "{name}");
        }
    }
}
