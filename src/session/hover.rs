//! Finds the target nearest to a place in the plane: an R*-tree over the targets, built off the
//! window's thread.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use rstar::{PointDistance, RTree, primitives::GeomWithData};

use super::Shown;

/// The index of all targets by place.
pub struct Hover(RTree<GeomWithData<[f64; 2], u32>>);

impl Hover {
    /// The most targets that are compared where x and y have different scales. More delay a frame;
    /// where so many are near the pointer, any of those compared is near enough.
    const MAX_LOOKED_AT: usize = 20_000;

    /// How long points must stay the same before they are indexed. With less, points that a slider
    /// replaces every frame are indexed in vain; with more, hovering responds later.
    const DELAY: Duration = Duration::from_millis(100);

    /// Indexes the targets on a thread of its own, unless its place was dropped by then.
    pub(super) fn build_later(shown: &Arc<Shown>) -> Arc<OnceLock<Self>> {
        let place = Arc::new(OnceLock::new());
        let (filled, shown) = (Arc::clone(&place), Arc::clone(shown));
        let thread = std::thread::Builder::new().name("sigmascope-hover".to_owned());
        // Without a thread to spare there is no hover, and all else works.
        let _ = thread.spawn(move || {
            std::thread::sleep(Self::DELAY);
            if Arc::strong_count(&filled) > 1 {
                let _ = filled.set(Self::new(shown.n(), &|i| shown.place(i)));
            }
        });
        place
    }

    /// Indexes the places of `n` targets.
    pub fn new(n: usize, place: &dyn Fn(usize) -> [f64; 2]) -> Self {
        let places = (0..n).map(|i| (place(i), i as u32));
        // Targets without a logarithm have no place on a logarithmic axis.
        let places = places.filter(|(place, _)| place.iter().all(|value| value.is_finite()));
        let points = places.map(|(place, i)| GeomWithData::new(place, i)).collect();
        Self(RTree::bulk_load(points))
    }

    /// The target nearest to `place` with both axes stretched by `scale` (pixels per unit), if it
    /// is within `reach` pixels.
    pub fn nearest(&self, place: [f64; 2], scale: [f64; 2], reach: f64) -> Option<usize> {
        // Equal scales are the usual case and what the tree is good at; otherwise look through
        // the box that the reach spans.
        if (scale[0] / scale[1] - 1.0).abs() < 1e-6 {
            let found = self.0.nearest_neighbor(place)?;
            let pixels = found.distance_2(&place).sqrt() * scale[0];
            return (pixels <= reach).then_some(found.data as usize);
        }
        let corner = |sign: f64| [0, 1].map(|k| place[k] + sign * reach / scale[k]);
        let pixels_squared = |point: &[f64; 2]| {
            (0..2).map(|k| ((point[k] - place[k]) * scale[k]).powi(2)).sum::<f64>()
        };
        self.0
            .locate_in_envelope(rstar::AABB::from_corners(corner(-1.0), corner(1.0)))
            .take(Self::MAX_LOOKED_AT)
            .map(|found| (pixels_squared(found.geom()), found.data as usize))
            .filter(|(squared, _)| *squared <= reach * reach)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, i)| i)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_within_reach_is_found_on_the_screens_terms() {
        let places = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
        let hover = Hover::new(3, &|i| places[i]);
        assert_eq!(hover.nearest([0.9, 0.1], [100.0, 100.0], 20.0), Some(1));
        assert_eq!(hover.nearest([0.5, 0.5], [100.0, 100.0], 20.0), None);
        // Stretched tenfold along y, the point below is nearer than the one beside.
        assert_eq!(hover.nearest([0.45, 0.02], [10.0, 100.0], 20.0), Some(0));
        assert_eq!(hover.nearest([0.0, 0.8], [10.0, 100.0], 30.0), Some(2));
    }
}
