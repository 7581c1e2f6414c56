//! Sums and products of vectors of three `f64`, and sines of whole quarter turns without rounding
//! error.

/// The scalar product of two vectors.
pub(super) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// `start + factor * direction`.
pub(super) fn along(start: [f64; 3], factor: f64, direction: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| start[i] + factor * direction[i])
}

/// `a + t * (b - a)`: the point at the share `t` of the way from `a` to `b`.
pub(super) fn between(a: [f64; 3], b: [f64; 3], t: f64) -> [f64; 3] {
    std::array::from_fn(|i| a[i] + t * (b[i] - a[i]))
}

/// Sine and cosine of an angle in degrees within ±360; exact at whole quarter turns, so that a view
/// straight from one side has no rounding left in it.
pub(super) fn sin_cos_degrees(degrees: f64) -> (f64, f64) {
    let quarters = (degrees / 90.0).round();
    let (sin, cos) = (degrees - 90.0 * quarters).to_radians().sin_cos();
    match quarters.rem_euclid(4.0) {
        q if q < 0.5 => (sin, cos),
        q if q < 1.5 => (cos, -sin),
        q if q < 2.5 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)]
mod tests {
    use super::sin_cos_degrees;

    #[test]
    fn quarter_turns_are_exact_and_the_rest_agrees_with_radians() {
        for (degrees, sin, cos) in
            [(0.0, 0.0, 1.0), (90.0, 1.0, 0.0), (-90.0, -1.0, 0.0), (180.0, 0.0, -1.0)]
        {
            assert_eq!(sin_cos_degrees(degrees), (sin, cos), "{degrees}");
        }
        for step in -72..=72 {
            let degrees = f64::from(step) * 5.0 + 0.3;
            let (sin, cos) = sin_cos_degrees(degrees);
            assert!((sin - degrees.to_radians().sin()).abs() < 1e-14);
            assert!((cos - degrees.to_radians().cos()).abs() < 1e-14);
        }
    }
}
