//! Parts of an estimate's whole mass: what a contour encloses.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::OutOfRange;

/// A part of the estimate's whole mass: above 0 and below 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Mass(f64);

impl Mass {
    /// Takes a part.
    ///
    /// # Errors
    /// When it is not above 0 and below 1.
    pub fn new(part: f64) -> Result<Self, OutOfRange> {
        if part > 0.0 && part < 1.0 {
            return Ok(Self(part));
        }
        Err(OutOfRange {
            what: "part of the mass",
            found: part.to_string(),
            expected: "a number above 0 and below 1, as 0.5 for half of it".to_owned(),
        })
    }

    /// The part.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A few parts of the mass, each of which has a contour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct Masses {
    parts: [f64; Self::MOST],
    count: usize,
}

impl Masses {
    /// The most of them: more lines would not be told apart.
    pub const MOST: usize = 8;

    /// Takes parts, in increasing order and each once.
    ///
    /// # Errors
    /// When there is none, there are too many, or one is not above 0 and below 1.
    pub fn new(parts: &[f64]) -> Result<Self, OutOfRange> {
        let mut sorted =
            parts.iter().map(|&part| Mass::new(part)).collect::<Result<Vec<_>, _>>()?;
        sorted.sort_by(|a, b| a.get().total_cmp(&b.get()));
        sorted.dedup();
        if sorted.is_empty() || sorted.len() > Self::MOST {
            return Err(OutOfRange {
                what: "number of contours",
                found: sorted.len().to_string(),
                expected: format!("1 to {}", Self::MOST),
            });
        }
        let mut masses = Self { parts: [0.0; Self::MOST], count: sorted.len() };
        for (place, mass) in masses.parts.iter_mut().zip(&sorted) {
            *place = mass.get();
        }
        Ok(masses)
    }

    /// The parts, in increasing order.
    pub fn to_vec(self) -> Vec<Mass> {
        self.parts[..self.count].iter().map(|&part| Mass(part)).collect()
    }
}

impl Default for Masses {
    fn default() -> Self {
        let mut parts = [0.0; Self::MOST];
        parts[..5].copy_from_slice(&[0.25, 0.5, 0.75, 0.9, 0.95]);
        Self { parts, count: 5 }
    }
}

impl TryFrom<Vec<f64>> for Masses {
    type Error = OutOfRange;

    fn try_from(parts: Vec<f64>) -> Result<Self, OutOfRange> {
        Self::new(&parts)
    }
}

impl From<Masses> for Vec<f64> {
    fn from(masses: Masses) -> Self {
        masses.parts[..masses.count].to_vec()
    }
}

impl FromStr for Masses {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        let parts = parts.map_err(|_| "expected numbers above 0 and below 1, as 0.5,0.9")?;
        Self::new(&parts).map_err(|err| err.to_string())
    }
}

impl fmt::Display for Masses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, part) in self.parts[..self.count].iter().enumerate() {
            write!(f, "{}{part}", if k > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_mass_is_above_0_and_below_1() {
        for bad in [0.0, 1.0, -0.5, 50.0, f64::NAN] {
            assert!(Mass::new(bad).is_err());
        }
    }

    #[test]
    fn masses_are_read_sorted_and_written() {
        let masses: Masses = "0.9, 0.5,0.9".parse().expect("two parts");
        assert_eq!(masses.to_string(), "0.5,0.9");
        let json = serde_json::to_string(&masses).expect("JSON");
        assert_eq!(json, "[0.5,0.9]");
        assert_eq!(serde_json::from_str::<Masses>(&json).expect("the same"), masses);
        for bad in ["", "0.5,", "1", "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9"] {
            assert!(bad.parse::<Masses>().is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<Masses>("[2.0]").is_err());
        assert_eq!(Masses::default().to_vec().len(), 5);
    }
}
