//! `GeoJSON` (RFC 7946): points and multi-points with their properties, in collections of features or line by
//! line.
//!
//! ```text
//!   {"type": "FeatureCollection", "features": [
//!     {"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat, height]},
//!      "properties": {"name": "a"}}, …]}
//! ```
//!
//! Members stand in any order. Each place of a multi-point is a row of its own. A feature without geometry is
//! a row without coordinates; lines and areas are no rows, and are told.

use std::collections::BTreeMap;

use super::cells::{Cell, Columns, Rows, Sink, Survey, object};
use super::layout::BUFFER;
use super::tokens::{Event, Tokens};
use crate::columns::Column;
use crate::error::LoadError;
use crate::input::Input;
use crate::table::{Facts, Table, Take, Wanted};
use crate::wording::shortened;
use sigmascope_core::engine::{Observer, Progress, Stretch};

/// How names of such files end.
pub(super) const EXTENSIONS: &[&str] = &["geojson", "geojsonl", "geojsons"];
/// Names of the coordinates.
const AXES: [&str; 3] = ["longitude", "latitude", "height"];
/// The share of the work of loading that the first pass is.
const OPENED: f64 = 0.5;
/// Types of geometries.
const GEOMETRIES: [&str; 7] = [
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
];

/// Those that are read.
const POINTS: [&str; 2] = ["Point", "MultiPoint"];

/// Whether a file that begins so holds features or geometries: its first object says so.
pub(crate) fn is_geojson(text: &[u8], extension: &str) -> bool {
    if EXTENSIONS.contains(&extension) {
        return matches!(text.first(), Some(b'{' | 0x1e));
    }
    // What stands in front of the first bracket that is closed again, or of what is nested, will do.
    let squeezed: Vec<u8> =
        text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let text = squeezed.strip_prefix(b"\x1e").unwrap_or(&squeezed);
    let Some(text) = text.strip_prefix(b"{") else { return false };
    let types = ["FeatureCollection", "Feature"].into_iter().chain(GEOMETRIES);
    let mut starts = types.map(|name| format!("\"type\":\"{name}\""));
    if starts.any(|start| text.starts_with(start.as_bytes())) {
        return true;
    }
    let has = |what: &[u8]| memchr::memmem::find(text, what).is_some();
    has(b"\"type\":\"FeatureCollection\"") || has(b"\"type\":\"Feature\"") && has(b"\"geometry\":")
}

/// A table of a `GeoJSON` file.
pub(crate) struct Features {
    input: Input,
    columns: Columns,
    /// Names of the coordinates in the survey, which no property has.
    axes: Vec<String>,
    rows: u64,
    notes: Vec<String>,
}

/// What features hold besides rows.
#[derive(Debug, Default)]
struct Others {
    /// Number of geometries that are no points, by type.
    geometries: BTreeMap<String, u64>,
    has_height: bool,
}

impl Features {
    /// Finds out what the properties hold.
    ///
    /// # Errors
    /// When the file is no `GeoJSON`, or holds no points; or the observer ended the work.
    pub(crate) fn open(input: &Input, observer: &mut dyn Observer) -> Result<Self, LoadError> {
        // A property may have the name of a coordinate: its own begins with a space here.
        let axes: Vec<String> = AXES.iter().map(|name| format!(" {name}")).collect();
        let mut survey = Survey::default();
        for name in &axes {
            survey.add(input, name)?;
        }
        let mut rows = 0;
        let mut others = Others::default();
        let mut part = Stretch { observer, start: 0.0, length: OPENED };
        let mut walk = Walk::new(input);
        while let Some(feature) = walk.next(&mut part, &mut others, &mut |name, cell| {
            survey.absorb(input, rows, name, cell)
        })? {
            for place in &feature {
                for (name, cell) in axes.iter().zip(place) {
                    if let Some(cell) = cell {
                        survey.absorb(input, rows, name, *cell)?;
                    }
                }
                rows += 1;
            }
        }
        let told: Vec<String> = others
            .geometries
            .iter()
            .map(|(name, count)| format!("{count} of the type {name}"))
            .collect();
        if rows == 0 {
            return Err(LoadError::Content {
                path: input.path().into(),
                found: if told.is_empty() {
                    "no features".to_owned()
                } else {
                    format!("no points, but {}", told.join(", "))
                },
                expected: "features with a Point or MultiPoint".to_owned(),
                remedy: "save a point of each, such as frame.representative_point() of geopandas"
                    .to_owned(),
            });
        }
        let count = if others.has_height { 3 } else { 2 };
        if !others.has_height {
            survey.remove(2);
        }
        let mut columns = survey.finish();
        for (column, name) in columns.all.iter_mut().zip(AXES).take(count) {
            // Numbers, even where every one of them is missing or whole.
            let numbers = Column::of_numbers(name.to_owned());
            *column = Column { varies: column.varies, ..numbers };
        }
        let mut notes = columns.notes.clone();
        if !told.is_empty() {
            notes.push(format!(
                "geometries left out, because they are no points: {}",
                told.join(", ")
            ));
        }
        Ok(Self { input: input.clone(), columns, axes, rows, notes })
    }
}

impl Table for Features {
    fn columns(&self) -> &[Column] {
        &self.columns.all
    }

    fn facts(&self) -> Facts {
        Facts {
            format: "GeoJSON".to_owned(),
            kind: "a GeoJSON file",
            rows: Some(self.rows),
            named_columns: true,
            header: true,
            is_surveyed: true,
            done: OPENED,
            notes: self.notes.clone(),
            ..Facts::default()
        }
    }

    fn read(
        &mut self,
        wanted: &[Wanted],
        observer: &mut dyn Observer,
        take: &mut Take<'_>,
    ) -> Result<(), LoadError> {
        let mut rows = Rows::new(&self.columns, wanted);
        let axes: Vec<Option<usize>> = self.axes.iter().map(|name| rows.column(name)).collect();
        let mut others = Others::default();
        let mut walk = Walk::new(&self.input);
        // The cells of the feature that is being read: its rows follow when all of it is known.
        let mut properties: Vec<(usize, Owned)> = Vec::new();
        loop {
            properties.clear();
            let feature = walk.next(observer, &mut others, &mut |name, cell| {
                if let Some(column) = rows.column(name) {
                    properties.push((column, Owned::of(cell)));
                }
                Ok(())
            })?;
            let Some(feature) = feature else { break };
            for place in &feature {
                for (axis, cell) in axes.iter().zip(place) {
                    if let (Some(column), Some(cell)) = (axis, cell) {
                        rows.set(*column, *cell);
                    }
                }
                for (column, cell) in &properties {
                    rows.set(*column, cell.cell());
                }
                if let Some(block) = rows.end_row()
                    && take(block)?.is_break()
                {
                    return Ok(());
                }
            }
        }
        if rows.has_rows() {
            let _ = take(rows.block())?;
        }
        Ok(())
    }
}

/// A cell that is kept.
enum Owned {
    Plain(Cell<'static>),
    Text(String),
}

impl Owned {
    fn of(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Text(text) => Self::Text(text.to_owned()),
            Cell::Null => Self::Plain(Cell::Null),
            Cell::Bool(value) => Self::Plain(Cell::Bool(value)),
            Cell::Integer(value) => Self::Plain(Cell::Integer(value)),
            Cell::Number(value) => Self::Plain(Cell::Number(value)),
            Cell::Deep => Self::Plain(Cell::Deep),
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Plain(cell) => *cell,
            Self::Text(text) => Cell::Text(text),
        }
    }
}

/// Longitude, latitude and height of a place, as far as it has them.
type Place = [Option<Cell<'static>>; 3];

/// Goes through the features of a file.
struct Walk {
    tokens: Tokens,
    is_in_features: bool,
    count: u64,
    size: u64,
}

/// What an object was found to be.
#[derive(Default)]
struct Found {
    /// The type of the object itself.
    kind: String,
    /// That of the geometry in it.
    geometry: String,
    places: Vec<Place>,
    /// Whether it has a member `geometry`, and whether that is an object.
    is_feature: bool,
    has_geometry: bool,
}

impl Walk {
    fn new(input: &Input) -> Self {
        let tokens = Tokens::new(input, 0, BUFFER);
        Self { tokens, is_in_features: false, count: 0, size: input.size() }
    }

    /// The places of the next feature, none where it is no point; its properties go to `sink`.
    fn next(
        &mut self,
        observer: &mut dyn Observer,
        others: &mut Others,
        sink: &mut Sink<'_>,
    ) -> Result<Option<Vec<Place>>, LoadError> {
        if self.count.is_multiple_of(4096) {
            let fraction = self.tokens.place() as f64 / self.size.max(1) as f64;
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Err(LoadError::Cancelled);
            }
        }
        self.count += 1;
        loop {
            let event = self.tokens.next()?;
            match event {
                Event::End => return Ok(None),
                Event::ArrayEnd if self.is_in_features => {
                    self.is_in_features = false;
                    // Back in the collection, whose other members do not matter but for more features.
                    self.collection()?;
                }
                Event::ObjectStart => {
                    let mut found = Found::default();
                    if self.object(&mut found, sink)? {
                        self.is_in_features = true;
                        continue;
                    }
                    return Ok(Some(places(found, others)));
                }
                event => self.tokens.skip(event)?,
            }
        }
    }

    /// Goes on in a collection, to its end or to more features.
    fn collection(&mut self) -> Result<(), LoadError> {
        while self.tokens.next()? == Event::Key {
            let is_features = self.tokens.text() == "features";
            let event = self.tokens.next()?;
            if is_features && event == Event::ArrayStart {
                self.is_in_features = true;
                break;
            }
            self.tokens.skip(event)?;
        }
        Ok(())
    }

    /// Reads an object whose beginning was read: a feature, a geometry, or a collection up to its features,
    /// of which it is told whether they begin.
    fn object(&mut self, found: &mut Found, sink: &mut Sink<'_>) -> Result<bool, LoadError> {
        while self.tokens.next()? == Event::Key {
            let name = self.tokens.text().to_owned();
            let event = self.tokens.next()?;
            match (name.as_str(), event) {
                ("features", Event::ArrayStart) if !self.is_in_features => return Ok(true),
                ("type", Event::Text) => {
                    self.tokens.text().clone_into(&mut found.kind);
                    found.is_feature |= found.kind == "Feature";
                }
                ("geometry", event) => {
                    found.is_feature = true;
                    found.has_geometry = event == Event::ObjectStart;
                    if found.has_geometry {
                        self.geometry(found)?;
                    } else {
                        self.tokens.skip(event)?;
                    }
                }
                ("properties", Event::ObjectStart) => object(&mut self.tokens, sink)?,
                ("id", event) if !event.is_start() => {
                    sink("id", Cell::read(event, &mut self.tokens)?)?;
                }
                ("coordinates", Event::ArrayStart) => {
                    let places = self.coordinates(&found.kind)?;
                    found.places = places;
                }
                (_, event) => self.tokens.skip(event)?,
            }
        }
        Ok(false)
    }

    /// Reads a geometry whose beginning was read.
    fn geometry(&mut self, found: &mut Found) -> Result<(), LoadError> {
        while self.tokens.next()? == Event::Key {
            let name = self.tokens.text().to_owned();
            let event = self.tokens.next()?;
            match (name.as_str(), event) {
                ("type", Event::Text) => self.tokens.text().clone_into(&mut found.geometry),
                ("coordinates", Event::ArrayStart) => {
                    let places = self.coordinates(&found.geometry)?;
                    found.places = places;
                }
                (_, event) => self.tokens.skip(event)?,
            }
        }
        Ok(())
    }

    /// Reads the coordinates of a geometry of a type, if that is known yet, whose beginning was read; those of
    /// lines and areas are passed over as soon as it is known that they are such.
    fn coordinates(&mut self, kind: &str) -> Result<Vec<Place>, LoadError> {
        let outer = self.tokens.depth();
        let mut places = Vec::new();
        if GEOMETRIES.contains(&kind) && !POINTS.contains(&kind) {
            self.tokens.skip(Event::ArrayStart)?;
            return Ok(places);
        }
        let mut place: Place = [None; 3];
        let mut axis = 0;
        loop {
            let event = self.tokens.next()?;
            match event {
                Event::ArrayStart => {
                    if self.tokens.depth() > outer + 1 {
                        // An area, or lines: no more is needed.
                        self.tokens.skip(event)?;
                        places.clear();
                    }
                    (place, axis) = ([None; 3], 0);
                }
                Event::ArrayEnd => {
                    if axis > 0 {
                        places.push(place);
                        (place, axis) = ([None; 3], 0);
                    }
                    if self.tokens.depth() < outer {
                        return Ok(places);
                    }
                }
                Event::ObjectStart => self.tokens.skip(event)?,
                event => {
                    if let Some(slot) = place.get_mut(axis) {
                        *slot = Some(match event {
                            Event::Integer(value) => Cell::Number(value as f64),
                            Event::Number(value) => Cell::Number(value),
                            Event::Text => Cell::Text("text in place of a coordinate"),
                            _ => Cell::Null,
                        });
                    }
                    axis += 1;
                }
            }
        }
    }
}

/// The places of what was found; counts what is none.
fn places(found: Found, others: &mut Others) -> Vec<Place> {
    let Found { kind, geometry, places, is_feature, has_geometry } = found;
    if is_feature && !has_geometry {
        return vec![[None; 3]];
    }
    let kind = if is_feature { geometry } else { kind };
    if POINTS.contains(&kind.as_str()) {
        others.has_height |= places.iter().any(|place| place[2].is_some());
        // An empty point is how some programs write a missing one.
        let is_missing = places.is_empty() && kind == "Point";
        return if is_missing { vec![[None; 3]] } else { places };
    }
    let kind = if kind.is_empty() { "no type" } else { kind.as_str() };
    // A file may name as many types as it likes.
    if others.geometries.len() < 100 {
        *others.geometries.entry(shortened(kind.as_bytes())).or_default() += 1;
    }
    Vec::new()
}
