//! The window: the spreading kernel (Kaiser–Bessel) that takes sources to grid nodes and nodes to
//! targets, and the taps that convolve with the Gaussian and undo both.
//!
//! ```text
//!   φ(u) = I₀(β √(1 − (2u/w)²)) / I₀(β)   for |u| ≤ w/2, else 0      u in spacings of the grid
//!   φ̂(k) = w/I₀(β) · sinh(r)/r,  r = √(β² − (wk/2)²)
//! ```
//!
//! It is the Kaiser–Bessel function (Kaiser & Kuo 1966; as a spreading function: Fessler & Sutton
//! 2003). The exponential of a semicircle (Barnett, Magland & af Klinteberg 2019) errs as little, but
//! this one is entire between its ends, so that a polynomial of degree 8 to 13 for each node gives
//! it, and its transform is known in closed form, for complex k too.
//!
//! Between spreading and gathering the grid is convolved with
//!
//! ```text
//!   c_n = 1/2π ∫ √(2π) s e^{−s²k²/2} / φ̂(k)² · e^{ikn} dk,    s = σ/h
//!       = s/√(2π) e^{−n²/2s²} ∫ e^{−s²k²/2} / φ̂(k + in/s²)² dk
//! ```
//!
//! The second line moves the path of the integral through the saddle point: its integrand does not
//! oscillate, and cₙ is right to all digits however small it is.

use std::sync::LazyLock;

use super::lanes::Real;

/// A width with its polynomials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Width {
    /// 4 nodes in f32: for a draft.
    Four,
    /// 8 nodes in f32.
    Eight,
    /// 12 nodes in f32.
    Twelve,
    /// 16 nodes in f64.
    Sixteen,
}

// Terms of the polynomials of each width: enough that they are off by at most 2·10⁻⁵, 2·10⁻⁸,
// 2·10⁻¹¹ and 10⁻¹⁴ where the window's peak is 1. Fewer would show in the field, more cost time.
const FOUR_TERMS: usize = 7;
const EIGHT_TERMS: usize = 9;
const TWELVE_TERMS: usize = 11;
const SIXTEEN_TERMS: usize = 14;

pub(super) static FOUR: LazyLock<[[f32; 4]; FOUR_TERMS]> =
    LazyLock::new(|| Width::Four.polynomials());
pub(super) static EIGHT: LazyLock<[[f32; 8]; EIGHT_TERMS]> =
    LazyLock::new(|| Width::Eight.polynomials());
pub(super) static TWELVE: LazyLock<[[f32; 16]; TWELVE_TERMS]> =
    LazyLock::new(|| Width::Twelve.polynomials());
pub(super) static SIXTEEN: LazyLock<[[f64; 16]; SIXTEEN_TERMS]> =
    LazyLock::new(|| Width::Sixteen.polynomials());

/// In f64: of each width, of each node the coefficients.
static DOUBLE: LazyLock<[Vec<Vec<f64>>; 4]> = LazyLock::new(|| {
    fn of<const P: usize>(width: Width) -> Vec<Vec<f64>> {
        let rows = width.polynomials::<f64, 16, P>();
        (0..width.nodes()).map(|k| rows.iter().map(|row| row[k]).collect()).collect()
    }
    [
        of::<FOUR_TERMS>(Width::Four),
        of::<EIGHT_TERMS>(Width::Eight),
        of::<TWELVE_TERMS>(Width::Twelve),
        of::<SIXTEEN_TERMS>(Width::Sixteen),
    ]
});

impl Width {
    /// Nodes across, in each dimension.
    pub(crate) fn nodes(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
            Self::Twelve => 12,
            Self::Sixteen => 16,
        }
    }

    /// Bytes of a number on its grid.
    pub(crate) fn number_bytes(self) -> usize {
        if self == Self::Sixteen { size_of::<f64>() } else { size_of::<f32>() }
    }

    /// β.
    fn beta(self) -> f64 {
        // The least error out to 6σ, for σ/h from 2.5 to 10, is within a hair of this for each w.
        2.7 * self.nodes() as f64
    }

    /// φ at `u` spacings from its middle.
    pub(super) fn at(self, u: f64) -> f64 {
        let z = 2.0 * u / self.nodes() as f64;
        let beta = self.beta();
        if z.abs() > 1.0 { 0.0 } else { bessel_i0(beta * (1.0 - z * z).sqrt()) / bessel_i0(beta) }
    }

    /// The weights of a point at `fraction` of its cell, 0 … 1, as the polynomials give them, but in
    /// f64. The first is that of the node 1 − w/2 from the cell's lower end.
    pub(super) fn weights(self, fraction: f64) -> Vec<f64> {
        let t = fraction - 0.5;
        let weight = |row: &Vec<f64>| row.iter().rev().fold(0.0, |sum, c| sum * t + c);
        DOUBLE[self as usize].iter().map(weight).collect()
    }

    /// 1/φ̂ at the complex frequency k, as its real and its imaginary part.
    fn inverse_transform(self, k: [f64; 2]) -> [f64; 2] {
        let (w, beta) = (self.nodes() as f64, self.beta());
        let half = [0.5 * w * k[0], 0.5 * w * k[1]];
        // r = √(β² − half²)
        let square =
            [beta * beta - half[0] * half[0] + half[1] * half[1], -2.0 * half[0] * half[1]];
        let size = square[0].hypot(square[1]);
        let re = (0.5 * (size + square[0])).max(0.0).sqrt();
        let im = (0.5 * (size - square[0])).max(0.0).sqrt().copysign(square[1]);
        // r / sinh r
        let (sin, cos) = im.sin_cos();
        let sinh = [re.sinh() * cos, re.cosh() * sin];
        let scale = bessel_i0(beta) / (w * (sinh[0] * sinh[0] + sinh[1] * sinh[1]));
        [scale * (re * sinh[0] + im * sinh[1]), scale * (im * sinh[0] - re * sinh[1])]
    }

    /// c₀, c₁, … c(T) for s = σ/h.
    pub(super) fn taps(self, s: f64, reach: usize) -> Vec<f64> {
        let step = 0.6 / s;
        // At most to where the transform's zeros may be near; the Gaussian has ended before.
        let count = (8.5_f64.min(s * std::f64::consts::PI) / 0.6) as usize;
        let tap = |n: usize| {
            let shift = n as f64 / (s * s);
            let mut integral = 0.0;
            for k in 0..=count {
                let k = k as f64 * step;
                let [re, im] = self.inverse_transform([k, shift]);
                let half = if k == 0.0 { 0.5 } else { 1.0 };
                integral += half * (-0.5 * (s * k).powi(2)).exp() * (re * re - im * im);
            }
            let gauss = (-0.5 * n as f64 * shift).exp();
            2.0 * step * integral * gauss * s / std::f64::consts::TAU.sqrt()
        };
        (0..=reach).map(tap).collect()
    }

    /// The polynomials: row p holds the coefficients of t^p for each of `L ≥ w` nodes, zero beyond w.
    ///
    /// A point at the fraction t + ½ of its cell, −½ ≤ t ≤ ½, has the weights
    /// φ(k − (w − 1)/2 − t) on the nodes k = 0, 1, … w − 1.
    pub(super) fn polynomials<R: Real, const L: usize, const P: usize>(self) -> [[R; L]; P] {
        let w = self.nodes();
        let mut rows = [[R::default(); L]; P];
        for k in 0..w {
            let value = |t: f64| self.at(k as f64 - (w as f64 - 1.0) / 2.0 - t);
            for (row, c) in rows.iter_mut().zip(chebyshev_fit::<P>(value)) {
                row[k] = R::of(c);
            }
        }
        rows
    }
}

/// Coefficients of the powers of t of the polynomial that meets `value` in the `P` Chebyshev points
/// of −½ … ½.
fn chebyshev_fit<const P: usize>(value: impl Fn(f64) -> f64) -> [f64; P] {
    let angle = |j: usize| std::f64::consts::PI * (j as f64 + 0.5) / P as f64;
    let values: [f64; P] = std::array::from_fn(|j| value(0.5 * angle(j).cos()));
    let mut powers = [0.0; P];
    // T₀ and T₁ of 2t, as powers of t.
    let (mut before, mut now) = ([0.0; P], [0.0; P]);
    before[0] = 1.0;
    if P > 1 {
        now[1] = 2.0;
    }
    for degree in 0..P {
        let sum: f64 =
            values.iter().enumerate().map(|(j, v)| v * (degree as f64 * angle(j)).cos()).sum();
        let factor = if degree == 0 { 1.0 } else { 2.0 } / P as f64 * sum;
        for (power, c) in powers.iter_mut().zip(before) {
            *power += factor * c;
        }
        // T_{n+1} = 4t·T_n − T_{n−1}
        let mut next = [0.0; P];
        for k in 0..P {
            next[k] = 4.0 * if k > 0 { now[k - 1] } else { 0.0 } - before[k];
        }
        (before, now) = (now, next);
    }
    powers
}

/// I₀, the modified Bessel function: Σ (x²/4)^k / k!² (Abramowitz & Stegun 9.6.12), all terms
/// positive.
fn bessel_i0(x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > 1e-17 * sum {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Width; 4] = [Width::Four, Width::Eight, Width::Twelve, Width::Sixteen];

    #[test]
    fn the_bessel_function_is_right() {
        // Abramowitz & Stegun, table 9.8 and 9.11.
        for (x, right) in [(0.0, 1.0), (1.0, 1.266_065_877_752_008), (10.0, 2_815.716_628_466_254)]
        {
            assert!((bessel_i0(x) / right - 1.0).abs() < 1e-14, "{x}");
        }
    }

    #[test]
    fn the_transform_is_that_of_the_function() {
        for width in ALL {
            let w = width.nodes() as f64;
            for (k, shift) in [(0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (0.3, 0.8), (0.0, 2.0)] {
                // Simpson's rule on 2000 pieces; the function is smooth but for its ends.
                let pieces = 2000;
                let (mut re, mut im) = (0.0, 0.0);
                for j in 0..=pieces {
                    let u = w * (f64::from(j) / f64::from(pieces) - 0.5);
                    let simpson = match j {
                        0 => 1.0,
                        _ if j == pieces => 1.0,
                        _ => 2.0 + 2.0 * f64::from(j % 2),
                    };
                    let value = simpson * width.at(u) * (shift * u).exp();
                    re += value * (k * u).cos();
                    im -= value * (k * u).sin();
                }
                let scale = w / f64::from(pieces) / 3.0;
                let [a, b] = width.inverse_transform([k, shift]);
                let [re, im] = [scale * re, scale * im];
                let product = [a * re - b * im, a * im + b * re];
                let off = (product[0] - 1.0).hypot(product[1]);
                assert!(off < 1e-8, "{width:?} at {k} + {shift}i: {product:?}");
            }
        }
    }

    #[test]
    fn the_polynomials_are_the_function_and_above_zero() {
        // What a draft's are off is far below its tolerance; the others' is below a rounding.
        for (width, tolerance) in [
            (Width::Four, 2e-5),
            (Width::Eight, 2e-8),
            (Width::Twelve, 2e-11),
            (Width::Sixteen, 1e-14),
        ] {
            for step in 0..=50 {
                let fraction = f64::from(step) / 50.0;
                for (k, value) in width.weights(fraction).into_iter().enumerate() {
                    let right = width.at(k as f64 + 1.0 - width.nodes() as f64 / 2.0 - fraction);
                    assert!((value - right).abs() < tolerance, "{width:?}, {k} at {fraction}");
                    assert!(value > 0.0, "{width:?}, {k} at {fraction}: {value:e}");
                }
            }
        }
    }

    #[test]
    fn all_taps_are_positive_and_fall_as_the_gaussian_does() {
        for width in ALL {
            for s in [2.5, 3.7, 5.0, 9.9] {
                let taps = width.taps(s, (9.0 * s) as usize);
                assert!(taps.iter().all(|c| *c > 0.0), "{width:?} {s}");
                assert!(taps.windows(2).all(|pair| pair[1] < pair[0]), "{width:?} {s}");
            }
        }
    }
}
