//! Clouds, seeded random numbers and reference sums that the tests of every engine share.

#![expect(missing_docs, reason = "the names of test data say what they are")]
#![expect(clippy::missing_panics_doc, reason = "a helper of tests panics where a test fails")]

pub mod adversary;
pub mod cases;
pub mod clouds;

use sigmascope_core::model::Cloud;

/// A fixed sequence of numbers that look uniform in [0, 1), the same on every machine.
pub fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    move || {
        // Multiplying and folding, as in SplitMix64 (Steele, Lea & Flood 2014).
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// `n` standard normal points in the plane around `center`, in full f64.
pub fn normal(n: usize, seed: u64, center: f64) -> Cloud {
    normal_in(2, n, seed, center)
}

/// The same in any number of dimensions.
pub fn normal_in(dim: usize, n: usize, seed: u64, center: f64) -> Cloud {
    let mut random = uniform(seed);
    let mut coordinates: Vec<f64> = (0..(n * dim).div_ceil(2))
        .flat_map(|_| {
            // Box & Muller 1958.
            let radius = (-2.0 * (1.0 - random()).ln()).sqrt();
            let (sin, cos) = (std::f64::consts::TAU * random()).sin_cos();
            [center + radius * cos, center + radius * sin]
        })
        .collect();
    coordinates.truncate(n * dim);
    Cloud::new(dim, coordinates, Cloud::default_axes(dim))
}

/// The same cloud with each coordinate rounded to f32.
pub fn rounded(cloud: &Cloud) -> Cloud {
    let coordinates = cloud.coordinates().iter().map(|&c| f64::from(c as f32)).collect();
    Cloud::new(cloud.dim(), coordinates, cloud.axes().to_vec())
}

/// The largest |f − reference| / max(reference, 10⁻³·max reference).
pub fn error_of(field: &[f64], reference: &[f64]) -> f64 {
    assert_eq!(field.len(), reference.len());
    let floor = 1e-3 * reference.iter().copied().fold(0.0, f64::max);
    field
        .iter()
        .zip(reference)
        .map(|(f, r)| {
            assert!(f.is_finite(), "{f} where {r} is right");
            (f - r).abs() / r.max(floor).max(f64::MIN_POSITIVE)
        })
        .fold(0.0, f64::max)
}
