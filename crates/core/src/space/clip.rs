//! The whole way of a point from a box of unit coordinates to clip space as one matrix, for a vertex
//! shader.

use super::projection::{DEPTH_MARGIN, SpaceProjection};
use super::unit_box::Space;
use super::vector::{along, dot};

impl SpaceProjection {
    /// The same with near and far so far apart that nothing between `low` and `high` (data coordinates)
    /// is cut, save behind the viewer.
    #[must_use]
    pub fn reaching(self, low: [f64; 3], high: [f64; 3]) -> Self {
        let ends = [low, high].map(|end| self.space().to_unit(end));
        let (mut near, mut far) = (self.near(), self.far());
        for corner in 0..8_usize {
            let unit = std::array::from_fn(|axis| ends[corner >> axis & 1][axis]);
            let depth = self.to_camera(unit)[2];
            if depth.is_finite() {
                far = far.max(depth + DEPTH_MARGIN);
                near = if self.is_perspective() { near } else { near.min(depth - DEPTH_MARGIN) };
            }
        }
        self.with_depths([near, far])
    }

    /// The rows that give x, y, z and w in clip space (depth range 0 to 1) of a point `p` in the unit
    /// coordinates of `base`, which need not be those of this projection: each the scalar product with
    /// `(p, 1)`. What [`clip`](Self::clip) computes, before it is rounded.
    #[must_use]
    pub fn clip_rows(&self, base: &Space) -> [[f64; 4]; 4] {
        let [scale, shift] = base.seen_in(self.space());
        let from_eye = along(shift, -1.0, self.eye);
        let [x, y, depth] = self.axes.map(|axis| {
            let factors: [f64; 3] = std::array::from_fn(|k| axis[k] * scale[k]);
            [factors[0], factors[1], factors[2], dot(axis, from_eye)]
        });
        let times = |row: [f64; 4], factor: f64| row.map(|value| value * factor);
        let plus = |row: [f64; 4], value: f64| [row[0], row[1], row[2], row[3] + value];
        let (near, far, focal) = (self.near(), self.far(), self.focal());
        let per_depth = (far - near).recip();
        let share = times(plus(depth, -near), per_depth);
        if self.is_perspective() {
            [times(x, focal / self.aspect()), times(y, focal), times(share, far), depth]
        } else {
            let focal = focal / self.distance();
            [times(x, focal / self.aspect()), times(y, focal), share, [0.0, 0.0, 0.0, 1.0]]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Camera, Space};

    #[test]
    fn the_rows_of_another_box_give_the_same_clip_space() {
        let base = Space::cube([0.0, -5.0, 1e6], [2.0, 5.0, 1e6 + 1.0]);
        let seen = Space::equal([-10.0, -5.0, 1e6 - 3.0], [2.0, 7.0, 1e6 + 1.0]);
        for perspective in [false, true] {
            let camera = Camera { perspective, ..Camera::around(&seen, 1.5) };
            let view = camera.project_into(&seen, [600.0, 400.0]);
            let view = view.reaching([-90.0, -5.0, 1e6], [90.0, 5.0, 1e6]);
            for data in [[0.0, 0.0, 1e6], [2.0, -5.0, 1e6 + 0.5], [90.0, 5.0, 1e6]] {
                let unit = base.to_unit(data);
                let expected = view.clip(view.to_camera(seen.to_unit(data)));
                for (row, expected) in view.clip_rows(&base).iter().zip(expected) {
                    let found = row[0] * unit[0] + row[1] * unit[1] + row[2] * unit[2] + row[3];
                    assert!((found - f64::from(expected)).abs() < 1e-4, "{found} {expected}");
                }
                let depth = view.to_camera(seen.to_unit(data))[2];
                assert!(depth < view.far() && (perspective || depth > view.near()));
            }
        }
    }
}
