//! Finds the point under the pointer among the points of a three-dimensional scatter plot.

use super::projection::{Projected, SpaceProjection};

/// Points at most this many pixels from the pointer count as hit: among them the nearest to the viewer
/// is meant, as its dot covers the others.
pub const HIT_RADIUS_PX: f64 = 4.0;

/// The point meant by a pointer at `pointer` (pixels, y down), with its index: of those within
/// [`HIT_RADIUS_PX`] the one nearest to the viewer, else the one nearest to the pointer in the picture
/// within `radius_px` pixels. Nothing beyond `radius_px` is found, even if that is the smaller radius.
///
/// `points` gives an index and data coordinates for each point shown; of equals the first is taken. One
/// pass, without allocation.
pub fn nearest(
    points: impl Iterator<Item = (usize, [f64; 3])>,
    projection: &SpaceProjection,
    pointer: [f64; 2],
    radius_px: f64,
) -> Option<(usize, Projected)> {
    let radius = radius_px.max(0.0); // 0 for NaN too
    let (hit, reach) = (radius.min(HIT_RADIUS_PX).powi(2), radius.powi(2));
    // The rank is the depth of a hit point; that of a point that is merely near is its distance.
    let mut best: Option<(bool, f64, usize, Projected)> = None;
    for (index, data) in points {
        let Some(seen) = projection.project(data) else { continue };
        let squared = (seen.x - pointer[0]).powi(2) + (seen.y - pointer[1]).powi(2);
        if squared.is_nan() || squared > reach {
            continue;
        }
        let is_hit = squared <= hit;
        let rank = if is_hit { seen.depth } else { squared };
        let better = best.is_none_or(
            |(best_hit, best_rank, ..)| {
                if is_hit == best_hit { rank < best_rank } else { is_hit }
            },
        );
        if better {
            best = Some((is_hit, rank, index, seen));
        }
    }
    best.map(|(_, _, index, seen)| (index, seen))
}

#[cfg(test)]
mod tests {
    use super::super::{Camera, Side, Space, SpaceProjection};
    use super::nearest;

    const SIZE: [f64; 2] = [600.0, 600.0];
    const MIDDLE: [f64; 2] = [300.0, 300.0];

    fn front(perspective: bool) -> SpaceProjection {
        let space = Space::equal([0.0; 3], [1.0; 3]);
        let mut camera = Camera { perspective, ..Camera::around(&space, 1.0) };
        camera.look_from(Side::Front);
        camera.project_into(&space, SIZE)
    }

    fn found(
        view: &SpaceProjection,
        points: &[[f64; 3]],
        pointer: [f64; 2],
        radius: f64,
    ) -> Option<usize> {
        nearest(points.iter().copied().enumerate(), view, pointer, radius).map(|(index, _)| index)
    }

    #[test]
    fn the_dot_in_front_is_hit_though_one_behind_is_closer_to_the_pointer() {
        for perspective in [false, true] {
            let view = front(perspective);
            let nudge = 2.0 / view.scale_at(view.distance());
            let points = [[0.5, 0.9, 0.5], [0.5 + nudge, 0.1, 0.5], [f64::NAN; 3], [0.5, 1.0, 0.5]];
            assert_eq!(found(&view, &points, MIDDLE, 20.0), Some(1));
            assert_eq!(found(&view, &points, MIDDLE, 1.0), Some(0));
        }
    }

    #[test]
    fn without_a_hit_the_nearest_in_the_picture_is_found_within_the_radius() {
        let view = front(false);
        let pixel = 1.0 / view.scale_at(1.0);
        let points = [[0.5 + 15.0 * pixel, 0.0, 0.5], [0.5, 1.0, 0.5 + 10.0 * pixel]];
        assert_eq!(found(&view, &points, MIDDLE, 20.0), Some(1));
        assert_eq!(found(&view, &points, MIDDLE, 9.0), None);
        assert_eq!(found(&view, &points, [314.0, 300.0], 9.0), Some(0));
        assert_eq!(found(&view, &points, MIDDLE, f64::NAN), None);
        assert_eq!(found(&view, &[], MIDDLE, 9.0), None);
    }
}
