//! Contours for a σ that moves: of the estimate on one grid over all sources, prepared once.
//!
//! ```text
//!   sources ──once──▶ sorted ──each σ──▶ f at the nodes ─┬─ sorted ─▶ levels
//!                                                        └───────────▶ lines
//! ```
//!
//! Unlike [`contours`](super::contours) it looks at nowhere but the nodes of this grid, and so serves clouds
//! that are not too wide for it.

use super::{
    ContourSpec, Contours, LevelError, Line, PlaneSources,
    contours::Contour,
    levels::{largest_weight, levels_of_nodes},
    lines::lines,
    sources::Metric,
    tiles::Tiles,
};
use crate::{
    engine::{Observer, PixelSpec, PixelSums, Pixels},
    model::Bounds,
};

/// Sources of a plane, prepared once for the contours of any σ.
#[derive(Debug)]
pub struct LiveContours {
    sums: PixelSums<2>,
    metric: Metric,
    bounds: Bounds,
    /// The largest weight.
    largest: f64,
}

/// How far the grid goes beyond the sources, in σ: a single source's f is there below 4·10⁻⁶ of its weight.
const BEYOND: f64 = 5.0;

impl LiveContours {
    /// Prepares sources.
    ///
    /// # Errors
    /// When weights are negative or all zero, or sources cannot be summed.
    pub fn new(sources: &PlaneSources) -> Result<Self, LevelError> {
        let (largest, cloud) = (largest_weight(sources)?, sources.round());
        let sums = PixelSums::new(cloud)?;
        let Some(bounds) = Bounds::of([cloud]) else { return Err(LevelError::NoMass) };
        Ok(Self { sums, metric: sources.metric, bounds, largest })
    }

    /// The contours, from nodes at least `spec.step` σ apart and at most 1 σ; `None` where those would be
    /// more than `spec.nodes`. Draws are not needed.
    ///
    /// # Errors
    /// When `observer` stopped it, or f cannot be computed.
    pub fn contours(
        &mut self,
        spec: &ContourSpec<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Option<Contours>, LevelError> {
        let sigma = spec.sigma.get();
        let low = [0, 1].map(|a| self.bounds.min[a] - BEYOND * sigma);
        let sides = [0, 1].map(|a| self.bounds.max[a] + BEYOND * sigma - low[a]);
        let h = (sides[0] / spec.nodes as f64 * sides[1]).sqrt().max(spec.step * sigma);
        if h.is_nan() || h > sigma {
            return Ok(None);
        }
        let count = sides.map(|side| (side / h).ceil() as usize + 1);
        // Nodes are in the middle of pixels.
        let from = low.map(|low| low - 0.5 * h);
        let pixels = Pixels { from, step: [h; 2], count, shear: 0.0 };
        // Sums of weights up to 1 stay in the range of f32.
        let factor = 1.0 / self.largest;
        let wanted = PixelSpec { sigma: spec.sigma, mean: false, draft: false, factor };
        let values = self.sums.sum(&pixels, &wanted, observer)?;
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f32::total_cmp);
        let levels = levels_of_nodes(&sorted, spec.masses);
        let tiles = Tiles::over(low, h, count, &values);
        let contours = levels.into_iter().map(|mut level| {
            let mut lines: Vec<Line> = lines(&tiles, level.level);
            for point in lines.iter_mut().flat_map(|line| &mut line.points) {
                *point = self.metric.back(*point);
            }
            level.level *= self.largest;
            Contour { level, lines }
        });
        Ok(Some(Contours { contours: contours.collect(), step: h / sigma }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{Fast, Unobserved},
        model::{Cloud, Mass, Sigma},
        plane::contours,
    };

    fn sources(weighted: bool, shape: [[f64; 2]; 2]) -> PlaneSources {
        let places = (0..500).flat_map(|k| {
            let t = f64::from(k) * 0.618_034 % 1.0;
            [10.0 * t, (7.0 * t).sin() * 3.0 + f64::from(k % 7)]
        });
        let cloud = Cloud::new(2, places.collect(), Cloud::default_axes(2));
        let weights = || (0..500).map(|k| 1e200 * f64::from(1 + k % 5)).collect();
        let cloud = if weighted { cloud.with_weights(weights()) } else { cloud };
        PlaneSources::new(cloud, shape).expect("sources")
    }

    fn spec(sigma: f64, masses: &[Mass]) -> ContourSpec<'_> {
        let sigma = Sigma::new(sigma).expect("legal");
        ContourSpec { sigma, masses, draws: 400_000, step: 0.25, nodes: 200_000 }
    }

    #[test]
    fn levels_and_lines_are_those_of_the_contours_at_rest() -> Result<(), Box<dyn std::error::Error>>
    {
        let masses = [0.25, 0.5, 0.9, 0.95].map(|mass| Mass::new(mass).expect("a part"));
        for (weighted, shape) in
            [(false, [[1.0, 0.0], [0.0, 1.0]]), (true, [[2.0, 0.7], [0.0, 0.5]])]
        {
            let sources = sources(weighted, shape);
            let mut live = LiveContours::new(&sources)?;
            for sigma in [1.0, 0.3, 0.08] {
                let spec = spec(sigma, &masses);
                let found = live.contours(&spec, &mut Unobserved)?.expect("not too wide");
                let expected = contours(&sources, &spec, &Fast::default(), &mut Unobserved)?;
                for (a, b) in found.contours.iter().zip(&expected.contours) {
                    let off = a.level.level / b.level.level - 1.0;
                    assert!(off.abs() < 0.01, "σ = {sigma}: {:?}, {:?}", a.level, b.level);
                    assert!(a.lines.iter().all(|line| line.closed));
                    let length = |contour: &Contour| -> f64 {
                        let steps = contour.lines.iter().flat_map(|line| line.points.windows(2));
                        steps.map(|p| (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1])).sum()
                    };
                    let part = length(a) / length(b);
                    // Islands of a narrow kernel come and go with the last percent of the level.
                    assert!((part - 1.0).abs() < 0.05, "σ = {sigma}: {part}");
                }
            }
        }
        Ok(())
    }

    #[test]
    fn a_cloud_too_wide_for_the_grid_has_none() -> Result<(), Box<dyn std::error::Error>> {
        let sources = sources(false, [[1.0, 0.0], [0.0, 1.0]]);
        let masses = [Mass::new(0.5)?];
        let mut live = LiveContours::new(&sources)?;
        assert!(live.contours(&spec(1e-3, &masses), &mut Unobserved)?.is_none());
        Ok(())
    }
}
