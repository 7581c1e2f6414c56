//! Contours of the estimate at the levels that enclose given parts of its mass.

use super::{
    Level, LevelError, Line, PlaneSources,
    levels::{Draws, draws, levels_of},
    lines::lines,
    tiles::Tiles,
};
use crate::{
    engine::{Engine, Limits, Observer, Problem},
    model::{Mass, Sigma},
};

/// Which contours are wanted, and how exactly.
#[derive(Clone, Copy, Debug)]
pub struct ContourSpec<'a> {
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// The parts of the mass that they enclose.
    pub masses: &'a [Mass],
    /// Draws from the estimate, by which the levels are found: at least 1, see [`super::mass_levels`].
    pub draws: usize,
    /// The most nodes at which f is computed. With fewer, lines of wide clouds are coarser.
    pub nodes: usize,
}

/// Lines around one part of the mass.
#[derive(Clone, Debug, PartialEq)]
pub struct Contour {
    /// The level, and the mass that it encloses.
    pub level: Level,
    /// The lines, in the units of the plane, f above the level on their left: outer ones run
    /// counterclockwise, those around holes clockwise.
    pub lines: Vec<Line>,
}

/// Contours, and how fine they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Contours {
    /// One for each mass, in the order in which they were asked for.
    pub contours: Vec<Contour>,
    /// Distance of the nodes between which lines are straight, in σ: 0.2 where there are nodes enough.
    pub step: f64,
}

impl Contours {
    /// What a user should know of them, if anything.
    pub fn note(&self) -> Option<String> {
        /// From here on a single source may have an island that no node falls on.
        const COARSE: f64 = 1.5;
        (self.step > COARSE).then(|| {
            format!(
                "the points are spread over so many σ that contours are drawn on cells of {:.3} σ: islands \
                 smaller than a cell may be missing",
                self.step
            )
        })
    }
}

/// Distance of nodes in σ: straight lines between them are off by less than 0.005 σ around a
/// single source, and less around more.
const STEP: f64 = 0.2;

/// The contours of the estimate. `engine` sums; it has to serve two coordinates.
///
/// # Errors
/// When weights are negative or all zero, or f cannot be computed.
///
/// # Panics
/// When no mass or no draw is asked for.
pub fn contours(
    sources: &PlaneSources,
    spec: &ContourSpec<'_>,
    engine: &dyn Engine,
    observer: &mut dyn Observer,
) -> Result<Contours, LevelError> {
    let ContourSpec { sigma, masses, nodes, .. } = *spec;
    let Draws { places, values } = draws(sources, sigma, spec.draws, engine, observer)?;
    let mut sorted = values.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let levels = levels_of(&sorted, masses);
    let lowest = levels.iter().map(|level| level.level).fold(f64::INFINITY, f64::min);
    let within = places.chunks_exact(2).zip(&values).filter(|(_, f)| **f >= lowest);
    let within = within.map(|(place, _)| [place[0], place[1]]);
    let mut tiles = Tiles::around(&within, STEP * sigma.get(), nodes);
    let points = sources.round_points(tiles.places())?;
    let problem = Problem { points: &points, sigma, chunk: usize::MAX };
    tiles.fill(engine.field(&problem, &Limits::default(), observer)?.values.read()?);
    let contours = levels.into_iter().map(|level| {
        let mut lines = lines(&tiles, level.level);
        for line in &mut lines {
            for point in &mut line.points {
                *point = sources.back(*point);
            }
        }
        Contour { level, lines }
    });
    Ok(Contours { contours: contours.collect(), step: tiles.step / sigma.get() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{Fast, Unobserved},
        model::Cloud,
    };

    fn spec(masses: &[Mass]) -> ContourSpec<'_> {
        let sigma = Sigma::new(0.5).expect("legal");
        ContourSpec { sigma, masses, draws: 100_000, nodes: 1 << 20 }
    }

    #[test]
    fn the_contours_of_a_slanted_kernel_are_ellipses_that_enclose_their_mass()
    -> Result<(), Box<dyn std::error::Error>> {
        let half_axes = [[3.0, 1.0], [0.0, 2.0]];
        let cloud = Cloud::new(2, vec![1e3, -40.0], Cloud::default_axes(2));
        let sources = PlaneSources::new(cloud, half_axes)?;
        let masses = [Mass::new(0.5)?, Mass::new(0.95)?];
        let found = contours(&sources, &spec(&masses), &Fast::default(), &mut Unobserved)?;
        assert!((found.step - 0.2).abs() < 1e-12 && found.note().is_none());
        for (contour, mass) in found.contours.iter().zip(masses) {
            let [line] = contour.lines.as_slice() else { panic!("one line") };
            // Where u = L⁻¹·(p − y) has the length σ·√(−2·ln(1 − mass)).
            let radius = 0.5 * (-2.0 * (1.0 - mass.get()).ln()).sqrt();
            for [x, y] in &line.points {
                let u = (x - 1e3) / 3.0;
                let v = (y + 40.0 - u) / 2.0;
                assert!((u.hypot(v) - radius).abs() < 0.01 * 0.5, "{x}, {y}");
            }
        }
        Ok(())
    }

    #[test]
    fn far_islands_are_found_and_coarse_cells_told() -> Result<(), Box<dyn std::error::Error>> {
        let islands = (0..200).flat_map(|k| [f64::from(k) * 1e5, f64::from(k * k % 7) * 1e4]);
        let cloud = Cloud::new(2, islands.collect(), Cloud::default_axes(2));
        let sources = PlaneSources::new(cloud, [[1.0, 0.0], [0.0, 1.0]])?;
        let masses = [Mass::new(0.9)?];
        let found = contours(&sources, &spec(&masses), &Fast::default(), &mut Unobserved)?;
        assert_eq!(found.contours[0].lines.len(), 200);
        let coarse = ContourSpec { nodes: 10_000, ..spec(&masses) };
        let found = contours(&sources, &coarse, &Fast::default(), &mut Unobserved)?;
        assert!(found.note().is_some_and(|note| note.contains("islands")), "{}", found.step);
        Ok(())
    }
}
