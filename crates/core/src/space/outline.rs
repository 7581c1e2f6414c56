//! Lines and polygons in three dimensions as flat ones in the picture, cut where they pass the viewer.

use super::projection::{Segment, SpaceProjection};
use super::vector::{between, dot};

impl SpaceProjection {
    /// The picture of a closed polygon in unit coordinates, cut at the near plane in perspective; empty
    /// if all of it is cut.
    pub(super) fn polygon(&self, corners: &[[f64; 3]]) -> Vec<[f64; 2]> {
        let mut points = Vec::with_capacity(corners.len() + 1);
        for (index, &from) in corners.iter().enumerate() {
            let to = corners[(index + 1) % corners.len()];
            let Some([start, end]) = self.visible_part([from, to]) else { continue };
            points.push(self.pixel(self.to_camera(start)));
            if !self.before_viewer(self.to_camera(to)) {
                points.push(self.pixel(self.to_camera(end)));
            }
        }
        points
    }

    /// The picture of a line in unit coordinates, cut at the near plane in perspective.
    pub(super) fn segment(&self, line: [[f64; 3]; 2]) -> Option<Segment> {
        self.visible_part(line).map(|part| part.map(|end| self.pixel(self.to_camera(end))))
    }

    /// The part of a line in unit coordinates that is not cut at the near plane, in unit coordinates.
    pub(super) fn visible_part(&self, line: [[f64; 3]; 2]) -> Option<[[f64; 3]; 2]> {
        let [from, to] = line.map(|end| self.to_camera(end));
        let cut = || between(line[0], line[1], (self.near() - from[2]) / (to[2] - from[2]));
        match (self.before_viewer(from), self.before_viewer(to)) {
            (true, true) => Some(line),
            (true, false) => Some([line[0], cut()]),
            (false, true) => Some([cut(), line[1]]),
            (false, false) => None,
        }
    }

    /// From the centre of the box towards the viewer, in unit coordinates: to where the viewer stands
    /// in perspective, of length 1 in a parallel projection.
    pub(super) fn towards_viewer(&self) -> [f64; 3] {
        if self.is_perspective() { self.eye } else { self.axes[2].map(|value| -value) }
    }

    /// How many pixels (right, down) the picture of a point in unit coordinates moves as the point
    /// moves in a direction, per unit length.
    pub(super) fn drift(&self, unit: [f64; 3], direction: [f64; 3]) -> [f64; 2] {
        let [x, y, depth] = self.to_camera(unit);
        let [right, up, forward] = self.axes.map(|axis| dot(axis, direction));
        let nearing = if self.is_perspective() { forward / depth } else { 0.0 };
        let scale = self.scale_at(depth);
        [scale * (right - x * nearing), -scale * (up - y * nearing)]
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::{Camera, Side, Space};

    #[test]
    fn what_passes_the_viewer_is_cut_and_the_rest_stays_in_place() {
        let space = Space::equal([0.0; 3], [1.0; 3]);
        let mut camera = Camera::around(&space, 1.0);
        camera.look_from(Side::Front);
        camera.distance = 0.1;
        let view = camera.project_into(&space, [400.0, 400.0]);
        let (near, far) = ([-0.1, -0.5, -0.1], [-0.1, 0.5, -0.1]);
        let [start, end] = view.visible_part([near, far]).expect("partly seen");
        assert!((view.to_camera(start)[2] - view.near()).abs() < 1e-12 && end == far);
        assert_eq!(view.visible_part([near, [0.1, -0.5, -0.1]]), None);
        let floor = [near, [0.1, -0.5, -0.1], [0.1, 0.5, -0.1], far];
        assert_eq!(view.polygon(&floor).len(), 4);
        assert_eq!(view.polygon(&[near, [0.1, -0.5, -0.1], far]).len(), 3);
        camera.perspective = false;
        let flat = camera.project_into(&space, [400.0, 400.0]);
        assert_eq!(flat.visible_part([near, far]), Some([near, far]));
    }

    #[test]
    fn drift_is_the_change_of_the_projection() {
        let space = Space::equal([0.0; 3], [1.0; 3]);
        for perspective in [false, true] {
            let camera = Camera { perspective, ..Camera::around(&space, 1.0) };
            let view = camera.project_into(&space, [400.0, 300.0]);
            let at = |step: f64| {
                let seen =
                    view.project_unit([0.3 + 0.2 * step, -0.4, 0.1 - 0.5 * step]).expect("seen");
                [seen.x, seen.y]
            };
            let drift = view.drift([0.3, -0.4, 0.1], [0.2, 0.0, -0.5]);
            for (i, expected) in drift.iter().enumerate() {
                assert!(((at(1e-6)[i] - at(-1e-6)[i]) / 2e-6 - expected).abs() < 1e-4);
            }
        }
    }
}
