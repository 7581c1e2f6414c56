//! Maps data values of three axes, however large or small, to a box around 0 with sides of at most 1,
//! in which a camera can work without caring about the scale of the data.

/// The box of the data and how it is mapped to unit coordinates.
///
/// The centre of the data box becomes 0. An axis of zero extent becomes the single value 0 there: all
/// that lies along it is flattened into the plane of the box. No finite ends make a NaN, and the extent
/// may even exceed the largest `f64`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space {
    low: [f64; 3],
    high: [f64; 3],
    centre: [f64; 3],
    /// The length in data coordinates that becomes half a unit; 0 for an axis of zero extent.
    reach: [f64; 3],
    half: [f64; 3],
}

impl Space {
    /// The box from `low` to `high` (data coordinates) with one scale for all axes, so that shapes stay
    /// true; its longest side becomes 1. The usual choice.
    ///
    /// Ends in the wrong order are swapped; an end that is not finite is replaced by the other one, or
    /// both by 0.
    #[must_use]
    pub fn equal(low: [f64; 3], high: [f64; 3]) -> Self {
        Self::new(low, high, |halves| [halves.into_iter().fold(0.0, f64::max); 3])
    }

    /// The box from `low` to `high` (data coordinates) with each axis stretched to length 1. Ends are
    /// treated as in [`Space::equal`].
    #[must_use]
    pub fn cube(low: [f64; 3], high: [f64; 3]) -> Self {
        Self::new(low, high, |halves| halves)
    }

    fn new(low: [f64; 3], high: [f64; 3], scale: impl Fn([f64; 3]) -> [f64; 3]) -> Self {
        let ends: [(f64, f64); 3] = std::array::from_fn(|i| usable_ends(low[i], high[i]));
        let halves = ends.map(|(low, high)| high * 0.5 - low * 0.5);
        let scales = scale(halves);
        let reach: [f64; 3] =
            std::array::from_fn(|i| if halves[i] > 0.0 { scales[i] } else { 0.0 });
        Self {
            low: ends.map(|end| end.0),
            high: ends.map(|end| end.1),
            centre: ends.map(|(low, high)| low * 0.5 + high * 0.5),
            reach,
            half: std::array::from_fn(|i| {
                if reach[i] > 0.0 { 0.5 * (halves[i] / reach[i]) } else { 0.0 }
            }),
        }
    }

    /// Data coordinates to unit coordinates. Values outside the box are mapped too, on to beyond its
    /// sides; a NaN stays one.
    #[must_use]
    pub fn to_unit(&self, data: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|axis| self.axis_to_unit(axis, data[axis]))
    }

    /// Unit coordinates to data coordinates, the inverse of [`Space::to_unit`]; an axis of zero extent
    /// gives its one value.
    #[must_use]
    pub fn to_data(&self, unit: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|i| self.centre[i] + 2.0 * unit[i] * self.reach[i])
    }

    /// The low ends of the axes, in data coordinates.
    #[must_use]
    pub fn low(&self) -> [f64; 3] {
        self.low
    }

    /// The high ends of the axes, in data coordinates.
    #[must_use]
    pub fn high(&self) -> [f64; 3] {
        self.high
    }

    /// Half the sides of the box in unit coordinates, each from 0 to 0.5: the box reaches from
    /// `-half` to `half`.
    #[must_use]
    pub fn half(&self) -> [f64; 3] {
        self.half
    }

    /// Radius of the sphere around the box in unit lengths, at most √3/2; 0 if the box is one point.
    #[must_use]
    pub fn radius(&self) -> f64 {
        self.half.iter().map(|half| half * half).sum::<f64>().sqrt()
    }

    /// The factors and summands that turn unit coordinates of this box into those of `other`.
    pub(super) fn seen_in(&self, other: &Self) -> [[f64; 3]; 2] {
        let over = |axis: usize, value: f64| {
            if other.reach[axis] > 0.0 { value / other.reach[axis] } else { 0.0 }
        };
        [
            std::array::from_fn(|axis| over(axis, self.reach[axis])),
            std::array::from_fn(|axis| over(axis, self.centre[axis] - other.centre[axis]) * 0.5),
        ]
    }

    /// One data value of one axis in unit coordinates.
    pub(super) fn axis_to_unit(&self, axis: usize, value: f64) -> f64 {
        let offset = value - self.centre[axis];
        let reach = self.reach[axis];
        if reach > 0.0 {
            offset / reach * 0.5
        } else if value.is_finite() {
            0.0
        } else {
            f64::NAN
        }
    }

    /// One data value of one axis in unit coordinates if it lies in the box, a rounding error allowed.
    pub(super) fn axis_inside(&self, axis: usize, value: f64) -> Option<f64> {
        let (low, high) = (self.low[axis], self.high[axis]);
        let slack = 1e-9 * (high * 0.5 - low * 0.5);
        let inside = value >= low - slack && value <= high + slack;
        inside.then(|| self.axis_to_unit(axis, value).clamp(-self.half[axis], self.half[axis]))
    }
}

/// The two ends in order and finite.
fn usable_ends(low: f64, high: f64) -> (f64, f64) {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => (low.min(high), low.max(high)),
        (true, false) => (low, low),
        (false, true) => (high, high),
        (false, false) => (0.0, 0.0),
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::Space;

    #[test]
    fn equal_keeps_shapes_and_makes_the_longest_side_one() {
        let space = Space::equal([0.0, 0.0, 10.0], [4.0, 2.0, 11.0]);
        assert_eq!(space.half(), [0.5, 0.25, 0.125]);
        assert_eq!(space.to_unit([0.0, 0.0, 10.0]), [-0.5, -0.25, -0.125]);
        assert_eq!(space.to_unit([2.0, 1.0, 10.5]), [0.0; 3]);
        assert_eq!(space.to_data([0.5, 0.25, 0.125]), [4.0, 2.0, 11.0]);
    }

    #[test]
    fn cube_stretches_each_axis() {
        let space = Space::cube([0.0, -1e-12, 4e9], [4.0, 1e-12, 4e9 + 1.0]);
        assert_eq!(space.half(), [0.5; 3]);
        assert_eq!(space.to_unit([4.0, 1e-12, 4e9]), [0.5, 0.5, -0.5]);
        assert_eq!(space.to_data([0.0, 0.0, 0.25]), [2.0, 0.0, 4e9 + 0.75]);
    }

    #[test]
    fn an_axis_without_extent_is_flat_and_nothing_is_nan() {
        for make in [Space::equal, Space::cube] {
            let space = make([1.0, 5.0, 0.0], [3.0, 5.0, 2.0]);
            assert_eq!(space.half(), [0.5, 0.0, 0.5]);
            assert_eq!(space.to_unit([1.0, 7.0, 2.0]), [-0.5, 0.0, 0.5]);
            assert_eq!(space.to_data([0.0, 0.3, 0.0]), [2.0, 5.0, 1.0]);
            let point = make([4e9; 3], [4e9; 3]);
            assert_eq!((point.half(), point.radius()), ([0.0; 3], 0.0));
            assert_eq!(point.to_unit([4e9; 3]), [0.0; 3]);
            assert_eq!(point.to_data([0.0; 3]), [4e9; 3]);
            assert!(point.to_unit([f64::NAN; 3])[0].is_nan());
        }
    }

    #[test]
    fn the_largest_and_the_smallest_numbers_work() {
        for size in [1e308, f64::MAX, 1e-300, 1e-310] {
            for make in [Space::equal, Space::cube] {
                let space = make([-size; 3], [size; 3]);
                assert_eq!(space.half(), [0.5; 3], "{size}");
                let unit = space.to_unit([size, 0.0, -size]);
                assert!((unit[0] - 0.5).abs() < 1e-12 && unit[1] == 0.0, "{size:e} {unit:?}");
                let data = space.to_data([0.5, 0.0, -0.5]);
                assert!(
                    (data[2] / size + 1.0).abs() < 1e-12 && data[1] == 0.0,
                    "{size:e} {data:?}"
                );
            }
        }
    }

    #[test]
    fn bad_ends_are_mended() {
        let space = Space::equal([2.0, f64::NAN, f64::NEG_INFINITY], [0.0, 7.0, f64::INFINITY]);
        assert_eq!((space.low(), space.high()), ([0.0, 7.0, 0.0], [2.0, 7.0, 0.0]));
        assert_eq!(space.half(), [0.5, 0.0, 0.0]);
    }
}
