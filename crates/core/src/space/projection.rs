//! Projects data of three coordinates to pixels and back as a camera sees them, and describes the same
//! projection to a vertex shader.

use super::camera::{Camera, half_height};
use super::unit_box::Space;
use super::vector::{along, dot};

/// A straight line between two points in pixels (x to the right, y down).
pub type Segment = [[f64; 2]; 2];

/// Room in depth left before and behind the box, in unit lengths.
pub(super) const DEPTH_MARGIN: f64 = 0.1;

/// A point in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projected {
    /// Pixels from the left.
    pub x: f64,
    /// Pixels from the top, downwards.
    pub y: f64,
    /// Distance from the camera along its line of sight in unit lengths; larger is farther.
    pub depth: f64,
}

/// How one camera sees one [`Space`] in a picture of one size; made by [`Camera::project_into`].
///
/// A vertex shader does the same in single precision in two steps. First, for a point `p` in unit
/// coordinates, `c = (dot(rows[0], (p, 1)), dot(rows[1], (p, 1)), dot(rows[2], (p, 1)))` is the point
/// in camera space: x right, y up, depth forward, in unit lengths from the camera. Then with `f` =
/// [`focal`](Self::focal), `a` = [`aspect`](Self::aspect), `n` = [`near`](Self::near) and `r` =
/// [`far`](Self::far) the position in clip space (depth range 0 to 1, as wgpu has it) is
///
/// - perspective: `(c.x * f / a, c.y * f, r * (c.z - n) / (r - n), c.z)`
/// - parallel: `(c.x * f / (a * d), c.y * f / d, (c.z - n) / (r - n), 1)` with `d` =
///   [`distance`](Self::distance)
///
/// which is what [`clip`](Self::clip) computes. All within the box of the space and a tenth of a unit
/// length around it lies between near and far, save that in perspective what is behind or very close to
/// the camera is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpaceProjection {
    space: Space,
    /// Right, up and forward of the camera, in unit coordinates.
    pub(super) axes: [[f64; 3]; 3],
    /// Where the camera is, in unit coordinates.
    pub(super) eye: [f64; 3],
    distance: f64,
    perspective: bool,
    size: [f64; 2],
    near: f64,
    far: f64,
    focal: f64,
}

impl SpaceProjection {
    /// Distance and size must be in range already.
    pub(super) fn new(space: Space, camera: &Camera, size: [f64; 2]) -> Self {
        let (axes, distance) = (camera.axes(), camera.distance);
        let eye = along(camera.target, -distance, axes[2]);
        let centre = -dot(axes[2], eye);
        let reach = dot(axes[2].map(f64::abs), space.half()) + DEPTH_MARGIN;
        let (mut near, mut far) = (centre - reach, centre + reach);
        if camera.perspective {
            near = near.max(0.01_f64.min(0.1 * distance));
            far = far.max(near + 1.0);
        }
        let (perspective, focal) = (camera.perspective, half_height().recip());
        Self { space, axes, eye, distance, perspective, size, near, far, focal }
    }

    /// Where a data point is seen; none before the near plane in perspective (so also none behind the
    /// viewer), or if a coordinate is not finite.
    #[must_use]
    pub fn project(&self, data: [f64; 3]) -> Option<Projected> {
        self.project_unit(self.space.to_unit(data))
    }

    /// As [`project`](Self::project), for a point in unit coordinates.
    #[must_use]
    pub fn project_unit(&self, unit: [f64; 3]) -> Option<Projected> {
        let camera = self.to_camera(unit);
        let [x, y] = self.pixel(camera);
        let seen = self.before_viewer(camera) && x.is_finite() && y.is_finite();
        seen.then_some(Projected { x, y, depth: camera[2] })
    }

    /// The data coordinates of what is seen at `pixel` (y down) at a depth in unit lengths: the inverse
    /// of [`project`](Self::project).
    #[must_use]
    pub fn unproject(&self, pixel: [f64; 2], depth: f64) -> [f64; 3] {
        let scale = self.scale_at(depth);
        let right = (pixel[0] - 0.5 * self.size[0]) / scale;
        let up = (0.5 * self.size[1] - pixel[1]) / scale;
        let [axis_right, axis_up, axis_forward] = self.axes;
        let unit =
            along(along(along(self.eye, right, axis_right), up, axis_up), depth, axis_forward);
        self.space.to_data(unit)
    }

    /// Pixels per unit length at a depth in unit lengths; in a parallel projection the same everywhere.
    #[must_use]
    pub fn scale_at(&self, depth: f64) -> f64 {
        let divisor = if self.perspective { depth } else { self.distance };
        0.5 * self.size[1] * self.focal / divisor
    }

    /// Camera space (x right, y up, depth forward, in unit lengths from the camera) of a point in unit
    /// coordinates.
    #[must_use]
    pub fn to_camera(&self, unit: [f64; 3]) -> [f64; 3] {
        self.axes.map(|axis| dot(axis, along(unit, -1.0, self.eye)))
    }

    /// The affine map from unit coordinates to camera space, one row for each of x, y and depth: three
    /// factors and a summand. See the description of [`SpaceProjection`].
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a shader computes in single precision")]
    pub fn rows(&self) -> [[f32; 4]; 3] {
        self.axes.map(|axis| [axis[0], axis[1], axis[2], -dot(axis, self.eye)].map(|v| v as f32))
    }

    /// Clip space (x, y, z, w) of a point in camera space, with z/w from 0 at near to 1 at far: the
    /// reference for a shader.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "a shader computes in single precision")]
    pub fn clip(&self, camera: [f64; 3]) -> [f32; 4] {
        let [x, y, depth] = camera;
        let (focal, aspect) = (self.focal, self.aspect());
        let share = (depth - self.near) / (self.far - self.near);
        let clip = if self.perspective {
            [x * focal / aspect, y * focal, self.far * share, depth]
        } else {
            [x * focal / (aspect * self.distance), y * focal / self.distance, share, 1.0]
        };
        clip.map(|value| value as f32)
    }

    /// One over the tangent of half the vertical angle of view.
    #[must_use]
    pub fn focal(&self) -> f64 {
        self.focal
    }

    /// Width of the picture divided by its height.
    #[must_use]
    pub fn aspect(&self) -> f64 {
        self.size[0] / self.size[1]
    }

    /// Distance from the camera to its target in unit lengths.
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.distance
    }

    /// Depth of the near plane in unit lengths; in a parallel projection it may be negative.
    #[must_use]
    pub fn near(&self) -> f64 {
        self.near
    }

    /// Depth of the far plane in unit lengths, more than that of the near plane.
    #[must_use]
    pub fn far(&self) -> f64 {
        self.far
    }

    /// True for perspective, false for a parallel projection.
    #[must_use]
    pub fn is_perspective(&self) -> bool {
        self.perspective
    }

    /// Width and height of the picture in pixels, each at least 1.
    #[must_use]
    pub fn size(&self) -> [f64; 2] {
        self.size
    }

    /// The space that is seen.
    #[must_use]
    pub fn space(&self) -> &Space {
        &self.space
    }

    /// The same with other depths of the near and the far plane.
    pub(super) fn with_depths(self, [near, far]: [f64; 2]) -> Self {
        Self { near, far, ..self }
    }

    /// False for what is cut before the near plane in perspective.
    pub(super) fn before_viewer(&self, camera: [f64; 3]) -> bool {
        !self.perspective || camera[2] >= self.near
    }

    /// The pixel of a point in camera space.
    pub(super) fn pixel(&self, camera: [f64; 3]) -> [f64; 2] {
        let scale = self.scale_at(camera[2]);
        [0.5 * self.size[0] + camera[0] * scale, 0.5 * self.size[1] - camera[1] * scale]
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation)]
mod tests {
    use super::super::{Camera, Side, Space, SpaceProjection};

    const SIZE: [f64; 2] = [900.0, 500.0];

    fn close(a: [f64; 2], b: [f64; 2], within: f64) -> bool {
        (a[0] - b[0]).abs() < within && (a[1] - b[1]).abs() < within
    }

    fn views() -> impl Iterator<Item = SpaceProjection> {
        (0..120).map(|i| {
            let make = if i % 3 == 0 { Space::cube } else { Space::equal };
            let space = make([-1.0, 2.0, 4e9], [1.0, 5.0, 4e9 + 1.0]);
            let mut camera = Camera::around(&space, SIZE[0] / SIZE[1]);
            camera.orbit(f64::from(i) * 31.0, f64::from(i % 13) * 20.0 - 145.0);
            camera.zoom_to(1.0 + f64::from(i % 5), [300.0, 200.0], SIZE);
            camera.perspective = i % 2 == 0;
            camera.project_into(&space, SIZE)
        })
    }

    fn points(space: &Space) -> Vec<[f64; 3]> {
        let (low, high) = (space.low(), space.high());
        let at = |i: usize, part: usize| low[i] + (high[i] - low[i]) * (part as f64 / 3.0);
        (0..64).map(|n| [at(0, n % 4), at(1, n / 4 % 4), at(2, n / 16)]).collect()
    }

    /// The viewport of a clip position, as the graphics card does it; the depth is last.
    fn viewport([x, y, z, w]: [f32; 4]) -> ([f64; 2], f32) {
        let ndc = [f64::from(x / w), f64::from(y / w)];
        ([(ndc[0] + 1.0) * 0.5 * SIZE[0], (1.0 - ndc[1]) * 0.5 * SIZE[1]], z / w)
    }

    #[test]
    fn pixels_agree_with_clip_space_and_with_the_rows_in_single_precision() {
        for view in views() {
            for data in points(view.space()) {
                let unit = view.space().to_unit(data);
                let camera = view.to_camera(unit);
                let Some(seen) = view.project(data) else {
                    assert!(view.is_perspective() && camera[2] < view.near());
                    continue;
                };
                let (at, z) = viewport(view.clip(camera));
                assert!(close(at, [seen.x, seen.y], 0.01), "{at:?} {seen:?}");
                assert!((0.0..=1.0).contains(&z), "{z} {seen:?}");
                let [x, y, depth] = view.rows().map(|row| {
                    let unit = unit.map(|v| v as f32);
                    f64::from(row[0] * unit[0] + row[1] * unit[1] + row[2] * unit[2] + row[3])
                });
                let (at, _) = viewport(view.clip([x, y, depth]));
                assert!(close(at, [seen.x, seen.y], 0.05), "{at:?} {seen:?}");
            }
        }
    }

    #[test]
    fn unproject_is_the_inverse() {
        for view in views() {
            for data in points(view.space()) {
                let Some(seen) = view.project(data) else { continue };
                let back = view.unproject([seen.x, seen.y], seen.depth);
                let off = (0..3).map(|i| (back[i] - data[i]).abs()).fold(0.0, f64::max);
                assert!(off < 2e-6, "{back:?} {data:?}");
            }
        }
    }

    #[test]
    fn from_the_front_x_is_right_z_is_up_and_y_is_far() {
        let space = Space::equal([0.0; 3], [1.0; 3]);
        let mut camera = Camera::around(&space, 1.0);
        camera.look_from(Side::Front);
        for perspective in [false, true] {
            camera.perspective = perspective;
            let view = camera.project_into(&space, [600.0, 600.0]);
            let seen = |data| view.project(data).expect("in front");
            let middle = seen([0.5; 3]);
            assert!(close([middle.x, middle.y], [300.0, 300.0], 1e-9));
            assert!((middle.depth - camera.distance).abs() < 1e-12);
            assert!(seen([0.5, 0.5, 1.0]).y < 250.0 && seen([0.5, 1.0, 0.5]).depth > middle.depth);
            let right = 300.0 + 0.5 * view.scale_at(camera.distance);
            assert!((seen([1.0, 0.5, 0.5]).x - right).abs() < 1e-9);
        }
    }

    #[test]
    fn nothing_behind_the_viewer_and_nothing_not_finite_is_seen() {
        let space = Space::equal([0.0; 3], [1.0; 3]);
        let mut camera = Camera::around(&space, 1.0);
        camera.look_from(Side::Front);
        camera.distance = 0.1;
        let view = camera.project_into(&space, SIZE);
        assert_eq!(view.project([0.5, 0.0, 0.5]), None);
        assert!(view.project([0.5, 1.0, 0.5]).is_some());
        assert_eq!(view.project([f64::NAN, 1.0, 0.5]), None);
        assert_eq!(view.project([f64::INFINITY, 1.0, 0.5]), None);
        camera.perspective = false;
        assert!(camera.project_into(&space, SIZE).project([0.5, 0.0, 0.5]).is_some());
    }
}
