//! A file of contours: `GeoJSON`, a table of corners, or a figure.

use std::{
    io::{self, Write},
    path::Path,
};

use serde::Serialize;

use crate::plane::{Contour, Contours};

/// The format of a file of contours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContourFormat {
    /// A feature of lines for each mass.
    GeoJson,
    /// A row for each corner.
    Csv,
    /// A figure with axes.
    Svg,
}

impl ContourFormat {
    /// Each format with the ends of names that ask for it.
    pub const ENDS: [(&'static str, Self); 4] = [
        ("geojson", Self::GeoJson),
        ("json", Self::GeoJson),
        ("csv", Self::Csv),
        ("svg", Self::Svg),
    ];

    /// The format that a file's name asks for by its end, in any case.
    pub fn of(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_string_lossy().to_lowercase();
        Self::ENDS.into_iter().find(|(known, _)| *known == end).map(|(_, format)| format)
    }
}

/// Contours and what is told beside them.
#[derive(Clone, Copy, Debug)]
pub struct ContourFile<'a> {
    /// The lines, whose levels are plain sums.
    pub contours: &'a Contours,
    /// What levels are multiplied by: that of the normalisation.
    pub factor: f64,
    /// The kernel's standard deviation.
    pub sigma: f64,
}

#[derive(Serialize)]
struct Collection {
    r#type: &'static str,
    features: Vec<Feature>,
}

#[derive(Serialize)]
struct Feature {
    r#type: &'static str,
    properties: Properties,
    geometry: Geometry,
}

#[derive(Serialize)]
struct Properties {
    /// The part of the whole that the lines enclose.
    mass: f64,
    /// f along them.
    level: f64,
    /// The kernel's standard deviation.
    sigma: f64,
}

#[derive(Serialize)]
struct Geometry {
    r#type: &'static str,
    coordinates: Vec<Vec<[f64; 2]>>,
}

impl ContourFile<'_> {
    /// Writes `GeoJSON`: for each mass a feature of lines with `mass`, `level` and `sigma`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_geojson(&self, mut out: impl Write) -> io::Result<()> {
        let feature = |contour: &Contour| Feature {
            r#type: "Feature",
            properties: Properties {
                mass: contour.level.mass.get(),
                level: contour.level.level * self.factor,
                sigma: self.sigma,
            },
            geometry: Geometry {
                r#type: "MultiLineString",
                coordinates: contour.lines.iter().map(|line| line.points.clone()).collect(),
            },
        };
        let features = self.contours.contours.iter().map(feature).collect();
        let collection = Collection { r#type: "FeatureCollection", features };
        serde_json::to_writer(&mut out, &collection)?;
        out.write_all(b"\n")?;
        out.flush()
    }

    /// Writes a table: mass, level, number of the line from 0, x and y of each corner in turn.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_csv(&self, mut out: impl Write) -> io::Result<()> {
        writeln!(out, "mass,level,line,x,y")?;
        for contour in &self.contours.contours {
            let (mass, level) = (contour.level.mass.get(), contour.level.level * self.factor);
            for (number, line) in contour.lines.iter().enumerate() {
                for [x, y] in &line.points {
                    writeln!(out, "{mass},{level:?},{number},{x:?},{y:?}")?;
                }
            }
        }
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Mass,
        plane::{Level, Line},
    };

    #[test]
    fn both_formats_hold_mass_level_and_corners() -> Result<(), Box<dyn std::error::Error>> {
        let points = vec![[0.5, 1e-9], [2.0, 3.0], [0.5, 1e-9]];
        let level = Level { mass: Mass::new(0.5)?, level: 4.0 };
        let lines = vec![Line { points, closed: true }];
        let contours = Contours { contours: vec![Contour { level, lines }], step: 0.2 };
        let file = ContourFile { contours: &contours, factor: 0.25, sigma: 0.3 };
        let mut table = Vec::new();
        file.write_csv(&mut table)?;
        let table = String::from_utf8(table)?;
        assert_eq!(table.lines().nth(1), Some("0.5,1.0,0,0.5,1e-9"));
        assert_eq!(table.lines().count(), 4);
        let mut json = Vec::new();
        file.write_geojson(&mut json)?;
        let json: serde_json::Value = serde_json::from_slice(&json)?;
        let feature = &json["features"][0];
        assert_eq!(feature["properties"]["level"], 1.0);
        assert_eq!(feature["geometry"]["coordinates"][0][1][1], 3.0);
        Ok(())
    }
}
