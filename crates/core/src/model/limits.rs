//! Number types that hold legal values only: σ, numbers of points, chunks, tolerances.
//!
//! Limits live here and nowhere else: a slider, a flag and a file all go through [`Sigma::new`],
//! [`Count::new`], [`Dim::new`] and [`Chunk::of`].

use serde::{Deserialize, Serialize};

/// A value outside the range that makes sense.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{what} is {found}: expected {expected}")]
pub struct OutOfRange {
    /// The parameter's name.
    pub what: &'static str,
    /// What was given.
    pub found: String,
    /// The legal range in words.
    pub expected: String,
}

/// σ: the standard deviation of the kernel, in the units of the data.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Sigma(f64);

impl Sigma {
    /// The smallest σ: its square and its inverse square still fit in single precision.
    pub const MIN: f64 = 1e-12;
    /// The largest σ: the inverse of the smallest.
    pub const MAX: f64 = 1e12;
    /// σ of generated points unless the user says otherwise.
    pub const DEFAULT: Self = Self(0.3);

    /// Takes a σ in [`Self::MIN`] … [`Self::MAX`].
    ///
    /// # Errors
    /// When the value is not a number or outside that range.
    pub fn new(value: f64) -> Result<Self, OutOfRange> {
        if (Self::MIN..=Self::MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(OutOfRange {
                what: "sigma",
                found: value.to_string(),
                expected: format!("a number from {:e} to {:e}", Self::MIN, Self::MAX),
            })
        }
    }

    /// The value, in the units of the data.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Sigma {
    type Error = OutOfRange;

    fn try_from(value: f64) -> Result<Self, OutOfRange> {
        Self::new(value)
    }
}

impl From<Sigma> for f64 {
    fn from(sigma: Sigma) -> Self {
        sigma.0
    }
}

/// The error that a fast sum may have: of each value of at least 0.01 weights, relative to it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Tolerance(f64);

impl Tolerance {
    /// The tightest that double precision keeps.
    pub const MIN: f64 = 1e-9;
    /// The loosest: beyond it pictures show the difference.
    pub const MAX: f64 = 1e-3;
    /// What holds unless the user says otherwise.
    pub const DEFAULT: Self = Self(1e-5);

    /// Takes a tolerance in [`Self::MIN`] … [`Self::MAX`].
    ///
    /// # Errors
    /// When the value is not a number or outside that range.
    pub fn new(value: f64) -> Result<Self, OutOfRange> {
        if (Self::MIN..=Self::MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(OutOfRange {
                what: "tolerance",
                found: value.to_string(),
                expected: format!("a number from {:e} to {:e}", Self::MIN, Self::MAX),
            })
        }
    }

    /// The value.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<f64> for Tolerance {
    type Error = OutOfRange;

    fn try_from(value: f64) -> Result<Self, OutOfRange> {
        Self::new(value)
    }
}

impl From<Tolerance> for f64 {
    fn from(tolerance: Tolerance) -> Self {
        tolerance.0
    }
}

/// A number of points, N or M.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct Count(usize);

impl Count {
    /// The most points a cloud may have; their indices are stored in 32 bits.
    pub const MAX: usize = 100_000_000;

    /// Takes a count from 1 to [`Self::MAX`].
    ///
    /// # Errors
    /// When the count is outside that range.
    pub fn new(value: usize) -> Result<Self, OutOfRange> {
        if (1..=Self::MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(OutOfRange {
                what: "number of points",
                found: value.to_string(),
                expected: format!("a whole number from 1 to {}", Self::MAX),
            })
        }
    }

    /// The count.
    pub fn get(self) -> usize {
        self.0
    }
}

impl TryFrom<usize> for Count {
    type Error = OutOfRange;

    fn try_from(value: usize) -> Result<Self, OutOfRange> {
        Self::new(value)
    }
}

impl From<Count> for usize {
    fn from(count: Count) -> Self {
        count.0
    }
}

/// d: the number of coordinates of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "usize", into = "usize")]
pub struct Dim(usize);

impl Dim {
    /// The most coordinates a point may have.
    pub const MAX: usize = 64;
    /// The plane: what is drawn, and what the points are in unless the user says otherwise.
    pub const PLANE: Self = Self(2);

    /// Takes a number of coordinates from 1 to [`Self::MAX`].
    ///
    /// # Errors
    /// When the number is outside that range.
    pub fn new(value: usize) -> Result<Self, OutOfRange> {
        if (1..=Self::MAX).contains(&value) {
            Ok(Self(value))
        } else {
            Err(OutOfRange {
                what: "dim",
                found: value.to_string(),
                expected: format!("a whole number from 1 to {}", Self::MAX),
            })
        }
    }

    /// The number of coordinates.
    pub const fn get(self) -> usize {
        self.0
    }
}

impl TryFrom<usize> for Dim {
    type Error = OutOfRange;

    fn try_from(value: usize) -> Result<Self, OutOfRange> {
        Self::new(value)
    }
}

impl From<Dim> for usize {
    fn from(dim: Dim) -> Self {
        dim.0
    }
}

/// How many sources are processed before f is updated once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Option<usize>", into = "Option<usize>")]
pub enum Chunk {
    /// The program picks.
    #[default]
    Auto,
    /// This many; more than there are sources means all of them.
    Of(usize),
}

impl Chunk {
    /// The chunk, in sources, that `auto` stands for: long enough that updating f costs nothing
    /// beside the sum. Shorter ones cost updates; longer ones take more memory in the engine
    /// `chunked`.
    pub const AUTO: usize = 8192;

    /// Takes a chunk of at least one source.
    ///
    /// # Errors
    /// When `sources` is zero.
    pub fn of(sources: usize) -> Result<Self, OutOfRange> {
        if sources == 0 {
            return Err(OutOfRange {
                what: "chunk",
                found: "0".to_owned(),
                expected: "a whole number from 1, or 'auto'".to_owned(),
            });
        }
        Ok(Self::Of(sources))
    }

    /// The number of sources a chunk has when there are `m`.
    pub fn resolve(self, m: usize) -> usize {
        let wanted = match self {
            Self::Auto => Self::AUTO,
            Self::Of(sources) => sources,
        };
        wanted.clamp(1, m.max(1))
    }
}

impl TryFrom<Option<usize>> for Chunk {
    type Error = OutOfRange;

    fn try_from(value: Option<usize>) -> Result<Self, OutOfRange> {
        value.map_or(Ok(Self::Auto), Self::of)
    }
}

impl From<Chunk> for Option<usize> {
    fn from(chunk: Chunk) -> Self {
        match chunk {
            Chunk::Auto => None,
            Chunk::Of(sources) => Some(sources),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_lies_between_what_is_kept_and_what_is_seen() {
        for legal in [1e-9, 1e-5, 1e-3] {
            assert!(Tolerance::new(legal).is_ok_and(|t| t.get().to_bits() == f64::to_bits(legal)));
        }
        for bad in [0.0, -1e-5, 9e-10, 2e-3, f64::NAN, f64::INFINITY] {
            let message = Tolerance::new(bad).expect_err("out of range").to_string();
            assert!(message.contains("1e-9 to 1e-3"), "{message}");
        }
        assert!(serde_json::from_str::<Tolerance>("1").is_err());
    }

    #[test]
    fn a_point_has_1_to_64_coordinates() {
        for legal in [1, 2, 3, 63, 64] {
            assert_eq!(Dim::new(legal).map(Dim::get), Ok(legal));
        }
        for (bad, found) in [(0, "0"), (65, "65"), (usize::MAX, &usize::MAX.to_string())] {
            let message = Dim::new(bad).expect_err("out of range").to_string();
            assert_eq!(message, format!("dim is {found}: expected a whole number from 1 to 64"));
        }
        assert!(serde_json::from_str::<Dim>("65").is_err());
        assert_eq!(serde_json::from_str::<Dim>("64").expect("legal").get(), 64);
        assert_eq!(serde_json::to_string(&Dim::PLANE).expect("JSON"), "2");
    }
}
