//! A camera that orbits a target in a unit box, as users of 3D viewers know it: turn, lift, pan, zoom
//! to the pointer, and look straight from one of the six sides.

use super::projection::SpaceProjection;
use super::unit_box::Space;
use super::vector::{along, sin_cos_degrees};
use serde::{Deserialize, Serialize};

/// The full vertical angle of view in degrees, fixed.
pub const FIELD_OF_VIEW_DEGREES: f64 = 30.0;

/// The shortest distance from the target in unit lengths; nearer, the single precision of a shader
/// shows.
pub const MIN_DISTANCE: f64 = 1e-3;

/// The longest distance from the target in unit lengths.
pub const MAX_DISTANCE: f64 = 1e4;

/// Where the viewer stands and looks, in unit coordinates of a [`Space`].
///
/// At yaw 0 and pitch 0 it looks along +y from the front, with x to the right and z up. The methods
/// keep the angles and the distance in range; values put into the fields directly are brought into
/// range where they are used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// Turn around z in degrees, in (−180, 180]; positive moves the camera counter-clockwise seen from
    /// +z.
    pub yaw: f64,
    /// Height above the x-y plane in degrees, from −90 to 90; positive lifts the camera.
    pub pitch: f64,
    /// Distance from the target in unit lengths. In both projections the height seen at the depth of
    /// the target is `2 * distance * tan(FIELD_OF_VIEW_DEGREES / 2)`.
    pub distance: f64,
    /// The point looked at, in unit coordinates.
    pub target: [f64; 3],
    /// True for perspective, false for a parallel (orthographic) projection.
    pub perspective: bool,
}

/// One of the six sides from which the box can be looked at straight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// From −y, with x to the right and z up.
    Front,
    /// From +y, with x to the left and z up.
    Back,
    /// From −x, with y to the left and z up.
    Left,
    /// From +x, with y to the right and z up.
    Right,
    /// From +z, with x to the right and y up.
    Top,
    /// From −z, with x to the right and y down.
    Bottom,
}

impl Side {
    /// All six sides, for a menu.
    pub const ALL: [Self; 6] =
        [Self::Front, Self::Back, Self::Left, Self::Right, Self::Top, Self::Bottom];

    /// The name of the side in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Front => "front",
            Self::Back => "back",
            Self::Left => "left",
            Self::Right => "right",
            Self::Top => "top",
            Self::Bottom => "bottom",
        }
    }

    /// Yaw and pitch in degrees of the camera on this side.
    #[must_use]
    pub fn angles(self) -> (f64, f64) {
        match self {
            Self::Front => (0.0, 0.0),
            Self::Back => (180.0, 0.0),
            Self::Left => (-90.0, 0.0),
            Self::Right => (90.0, 0.0),
            Self::Top => (0.0, 90.0),
            Self::Bottom => (0.0, -90.0),
        }
    }
}

impl Camera {
    /// The usual three-quarter view, in perspective, of the whole box of `space`: from every direction
    /// and in both projections its bounding sphere fits into a picture of the given `aspect`
    /// (width/height).
    #[must_use]
    pub fn around(space: &Space, aspect: f64) -> Self {
        let narrow = if aspect.is_finite() && aspect > 0.0 { aspect.min(1.0) } else { 1.0 };
        let radius = if space.radius() > 0.0 { space.radius() } else { 0.5 };
        let distance = radius / (half_height() * narrow).atan().sin();
        Self {
            yaw: -35.0,
            pitch: 25.0,
            distance: usable_distance(distance),
            target: [0.0; 3],
            perspective: true,
        }
    }

    /// Turns the camera around the target by degrees; the pitch stops straight above and below.
    pub fn orbit(&mut self, delta_yaw: f64, delta_pitch: f64) {
        self.yaw = usable_yaw(self.yaw + delta_yaw);
        self.pitch = usable_pitch(self.pitch + delta_pitch);
    }

    /// Moves the target in the plane of view so that what lies at its depth follows a pointer that
    /// moved by `delta_pixels` (y down) in a picture of `size` pixels.
    pub fn pan(&mut self, delta_pixels: [f64; 2], size: [f64; 2]) {
        let unit_per_pixel = self.height_seen() / usable_size(size)[1];
        self.move_target(delta_pixels.map(|pixels| -pixels * unit_per_pixel));
    }

    /// Comes nearer by `factor` (2 shows all twice as large, 0.5 half as large) so that the point at
    /// the depth of the target under `pointer` (pixels, y down) stays there; a factor that is not
    /// positive and finite changes nothing.
    pub fn zoom_to(&mut self, factor: f64, pointer: [f64; 2], size: [f64; 2]) {
        if !(factor.is_finite() && factor > 0.0) {
            return;
        }
        let size = usable_size(size);
        let before = self.height_seen();
        self.distance = usable_distance(self.distance / factor);
        let gained = (before - self.height_seen()) / size[1];
        self.move_target(std::array::from_fn(|i| (pointer[i] - 0.5 * size[i]) * gained));
    }

    /// Looks from one of the six sides; target and distance stay.
    pub fn look_from(&mut self, side: Side) {
        (self.yaw, self.pitch) = side.angles();
    }

    /// The directions right, up and forward of the camera: three orthogonal unit vectors in unit
    /// coordinates.
    #[must_use]
    pub fn axes(&self) -> [[f64; 3]; 3] {
        let (sin_yaw, cos_yaw) = sin_cos_degrees(usable_yaw(self.yaw));
        let (sin_pitch, cos_pitch) = sin_cos_degrees(usable_pitch(self.pitch));
        [
            [cos_yaw, sin_yaw, 0.0],
            [-sin_yaw * sin_pitch, cos_yaw * sin_pitch, cos_pitch],
            [-sin_yaw * cos_pitch, cos_yaw * cos_pitch, -sin_pitch],
        ]
    }

    /// The projection of data in `space` by this camera into a picture of `size` pixels (width,
    /// height).
    #[must_use]
    pub fn project_into(&self, space: &Space, size: [f64; 2]) -> SpaceProjection {
        let camera = Self { distance: usable_distance(self.distance), ..*self };
        SpaceProjection::new(*space, &camera, usable_size(size))
    }

    /// The height in unit lengths that the picture shows at the depth of the target.
    fn height_seen(&self) -> f64 {
        2.0 * usable_distance(self.distance) * half_height()
    }

    /// Moves the target by unit lengths to the right and down in the plane of view.
    fn move_target(&mut self, [right, down]: [f64; 2]) {
        let [axis_right, axis_up, _] = self.axes();
        let moved = along(along(self.target, right, axis_right), -down, axis_up);
        if moved.iter().all(|value| value.is_finite()) {
            self.target = moved;
        }
    }
}

/// Half the height seen at distance 1: the tangent of half the angle of view.
pub(super) fn half_height() -> f64 {
    (0.5 * FIELD_OF_VIEW_DEGREES).to_radians().tan()
}

/// The distance in range; the shortest for NaN.
pub(super) fn usable_distance(distance: f64) -> f64 {
    if distance.is_nan() { MIN_DISTANCE } else { distance.clamp(MIN_DISTANCE, MAX_DISTANCE) }
}

/// The angle wrapped to (−180, 180]; 0 if not finite.
pub(super) fn usable_yaw(yaw: f64) -> f64 {
    if !yaw.is_finite() {
        0.0
    } else if yaw > -180.0 && yaw <= 180.0 {
        yaw
    } else {
        let turned = yaw.rem_euclid(360.0);
        if turned > 180.0 { turned - 360.0 } else { turned }
    }
}

/// The pitch held within ±90; 0 for NaN.
pub(super) fn usable_pitch(pitch: f64) -> f64 {
    if pitch.is_nan() { 0.0 } else { pitch.clamp(-90.0, 90.0) }
}

/// A size of at least one pixel each way.
fn usable_size(size: [f64; 2]) -> [f64; 2] {
    size.map(|side| if side.is_finite() { side.max(1.0) } else { 1.0 })
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::super::Space;
    use super::{Camera, Side};

    const SIZE: [f64; 2] = [800.0, 600.0];

    fn cameras() -> impl Iterator<Item = (Space, Camera)> {
        let space = Space::equal([1.0, -3.0, 4e9], [3.0, 1.0, 4e9 + 1.0]);
        (0..200).map(move |i| {
            let mut camera = Camera::around(&space, 4.0 / 3.0);
            camera.orbit(f64::from(i) * 37.0, f64::from(i % 19) * 10.0 - 115.0);
            camera.perspective = i % 2 == 0;
            (space, camera)
        })
    }

    #[test]
    fn the_whole_box_fits_from_everywhere() {
        for (space, camera) in cameras() {
            for size in [[800.0, 600.0], [300.0, 900.0], [500.0, 500.0]] {
                let fitted = Camera {
                    distance: Camera::around(&space, size[0] / size[1]).distance,
                    ..camera
                };
                let view = fitted.project_into(&space, size);
                for corner in 0..8 {
                    let high = |i: usize| corner >> i & 1 == 1;
                    let ends = (space.low(), space.high());
                    let data = std::array::from_fn(|i| if high(i) { ends.1[i] } else { ends.0[i] });
                    let at = view.project(data).expect("in front");
                    assert!(
                        at.x >= 0.0 && at.x <= size[0] && at.y >= 0.0 && at.y <= size[1],
                        "{at:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn panning_and_zooming_keep_the_point_under_the_pointer() {
        for (space, mut camera) in cameras() {
            let space =
                Space::equal(space.low().map(|v| v % 7.0), space.high().map(|v| v % 7.0 + 1.0));
            let pointer = [123.0, 456.0];
            let held = camera.project_into(&space, SIZE).unproject(pointer, camera.distance);
            camera.pan([50.0, -20.0], SIZE);
            let panned = camera.project_into(&space, SIZE).project(held).expect("in front");
            assert!(
                (panned.x - 173.0).abs() < 1e-6 && (panned.y - 436.0).abs() < 1e-6,
                "{panned:?}"
            );
            for factor in [1.7, 0.3] {
                camera.zoom_to(factor, [173.0, 436.0], SIZE);
                let zoomed = camera.project_into(&space, SIZE).project(held).expect("in front");
                assert!((zoomed.x - 173.0).abs() < 1e-6 && (zoomed.y - 436.0).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn angles_stay_in_range() {
        let mut camera = Camera::around(&Space::equal([0.0; 3], [1.0; 3]), 1.0);
        camera.orbit(-145.0, 500.0);
        assert_eq!((camera.yaw, camera.pitch), (180.0, 90.0));
        camera.orbit(1.0, -1000.0);
        assert_eq!((camera.yaw, camera.pitch), (-179.0, -90.0));
        camera.orbit(f64::NAN, f64::NAN);
        camera.zoom_to(0.0, [0.0; 2], SIZE);
        camera.zoom_to(1e300, [0.0; 2], [0.0; 2]);
        camera.pan([f64::NAN, 0.0], SIZE);
        assert!(camera.target.iter().all(|value| value.is_finite()));
        assert_eq!((camera.yaw, camera.pitch, camera.distance), (0.0, 0.0, super::MIN_DISTANCE));
    }

    #[test]
    fn the_six_sides_show_the_axes_as_documented() {
        let expected = [
            (Side::Front, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
            (Side::Back, [[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
            (Side::Left, [[0.0, -1.0, 0.0], [0.0, 0.0, 1.0]]),
            (Side::Right, [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
            (Side::Top, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
            (Side::Bottom, [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]),
        ];
        let mut camera = Camera::around(&Space::equal([0.0; 3], [1.0; 3]), 1.0);
        for (side, [right, up]) in expected {
            camera.look_from(side);
            assert_eq!(camera.axes()[..2], [right, up], "{}", side.name());
        }
    }
}
