//! Contours of the estimate at the levels that enclose given parts of its mass.

use super::{
    Level, LevelError, Line, PlaneSources,
    levels::{Draws, draws, levels_of, sum_at},
    lines::lines,
    tiles::Tiles,
};
use crate::{
    engine::{Engine, Observer},
    model::{Mass, Sigma},
    numbers::format_number,
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
    /// Distance of the nodes between which lines are straight, in σ, where there are not too many: with
    /// 0.2 lines lie up to 0.005 σ inside the contour of a single source, with 0.1 up to 0.00125 σ.
    pub step: f64,
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
    /// Distance of the nodes between which lines are straight, in σ: that asked for, or 2, 4, … times it.
    pub step: f64,
}

impl Contours {
    /// What a user should know of them, if anything.
    pub fn note(&self) -> Option<String> {
        /// From here on a single source may have an island that no node falls on.
        const COARSE: f64 = 1.5;
        let coarse = (self.step > COARSE).then(|| {
            format!(
                "the points are spread over so many σ that contours are drawn on cells of {:.3} σ: islands \
                 smaller than a cell may be missing",
                self.step
            )
        });
        let thin: Vec<String> = self
            .contours
            .iter()
            .filter(|contour| contour.lines.is_empty())
            .map(|contour| format_number(100.0 * contour.level.mass.get(), 4))
            .collect();
        let thin = (!thin.is_empty()).then(|| {
            let masses = thin.join(", ");
            format!("the region of {masses} % of the mass is smaller than a cell: it has no line")
        });
        match (coarse, thin) {
            (Some(coarse), Some(thin)) => Some(format!("{coarse}; {thin}")),
            (coarse, thin) => coarse.or(thin),
        }
    }
}

/// How often tiles are added where lines leave them, each time a tile around.
const GROWTHS: usize = 4;

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
    let ContourSpec { sigma, masses, step, nodes, .. } = *spec;
    let Draws { places, values } = draws(sources, sigma, spec.draws, engine, observer)?;
    let mut sorted = values.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let levels = levels_of(&sorted, masses);
    let lowest = levels.iter().map(|level| level.level).fold(f64::INFINITY, f64::min);
    let high = places.chunks_exact(2).zip(&values).filter(|(_, f)| **f >= lowest);
    let mut high: Vec<[f64; 2]> = high.map(|(place, _)| [place[0], place[1]]).collect();
    // A source by itself may have an island that no draw fell on.
    high.extend(high_sources(sources, sigma, lowest, spec.draws, engine, observer)?);
    let mut growths = 0;
    let (tiles, found) = loop {
        let mut tiles = Tiles::around(&high.iter().copied(), step * sigma.get(), nodes);
        tiles.fill(sum_at(sources, tiles.places(), sigma, engine, observer)?);
        let found: Vec<Vec<Line>> = levels.iter().map(|level| lines(&tiles, level.level)).collect();
        let open = found.iter().flatten().filter(|line| !line.closed);
        let ends: Vec<[f64; 2]> = open
            .flat_map(|line| [line.points.first(), line.points.last()])
            .flatten()
            .copied()
            .collect();
        if ends.is_empty() || growths == GROWTHS {
            break (tiles, found);
        }
        growths += 1;
        high.extend(ends);
    };
    let contours = levels.into_iter().zip(found).map(|(level, mut lines)| {
        for point in lines.iter_mut().flat_map(|line| &mut line.points) {
            *point = sources.back(*point);
        }
        Contour { level, lines }
    });
    Ok(Contours { contours: contours.collect(), step: tiles.step / sigma.get() })
}

/// The sources at which f is `lowest` or higher, where the kernel is round: all, or of more than `most`
/// those whose own weight is so high.
fn high_sources(
    sources: &PlaneSources,
    sigma: Sigma,
    lowest: f64,
    most: usize,
    engine: &dyn Engine,
    observer: &mut dyn Observer,
) -> Result<Vec<[f64; 2]>, LevelError> {
    let cloud = sources.round();
    let values = if cloud.len() <= most {
        sum_at(sources, cloud.coordinates().to_vec(), sigma, engine, observer)?
    } else {
        cloud.weights().map_or_else(|| vec![1.0; cloud.len()], <[f64]>::to_vec)
    };
    let places = cloud.coordinates().chunks_exact(2).zip(values);
    Ok(places.filter(|(_, f)| *f >= lowest).map(|(place, _)| [place[0], place[1]]).collect())
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
        ContourSpec { sigma, masses, draws: 100_000, step: 0.2, nodes: 1 << 20 }
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

    #[test]
    fn no_line_is_open_and_no_lone_source_is_missed() -> Result<(), Box<dyn std::error::Error>> {
        // Far fewer draws than sources: most islands are hit by none.
        let places = (0..4_000).flat_map(|k| [f64::from(k % 80) * 7.3, f64::from(k / 80) * 5.9]);
        let weights = (0..4_000).map(|k| 1.0 + f64::from(k % 13) / 20.0).collect();
        let cloud = Cloud::new(2, places.collect(), Cloud::default_axes(2)).with_weights(weights);
        let sources = PlaneSources::new(cloud, [[1.0, 0.0], [0.0, 1.0]])?;
        let masses = [Mass::new(0.2)?];
        for draws in [500, 100_000] {
            let spec = ContourSpec { draws, nodes: 1 << 23, ..spec(&masses) };
            let found = contours(&sources, &spec, &Fast::default(), &mut Unobserved)?;
            let contour = &found.contours[0];
            assert!(contour.lines.iter().all(|line| line.closed));
            // Each source is so far from others that f at it is its own weight. An island of one
            // that is hardly above the level is smaller than a cell.
            let above = |by: f64| {
                let weight = |k: i32| 1.0 + f64::from(k % 13) / 20.0;
                (0..4_000).filter(|k| weight(*k) > by * contour.level.level).count()
            };
            let islands = above(1.03)..=above(1.0);
            assert!(islands.contains(&contour.lines.len()), "{draws} draws: {:?}", contour.level);
        }
        Ok(())
    }

    #[test]
    fn a_region_without_a_node_is_told() -> Result<(), Box<dyn std::error::Error>> {
        let cloud = Cloud::new(2, vec![0.0, 0.0], Cloud::default_axes(2));
        let sources = PlaneSources::new(cloud, [[1.0, 0.0], [0.0, 1.0]])?;
        let masses = [Mass::new(1e-5)?];
        let found = contours(&sources, &spec(&masses), &Fast::default(), &mut Unobserved)?;
        assert!(found.contours[0].lines.is_empty() || found.contours[0].lines[0].points.len() > 3);
        if found.contours[0].lines.is_empty() {
            assert!(found.note().is_some_and(|note| note.contains("no line")));
        }
        Ok(())
    }
}
