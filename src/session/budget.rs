//! Estimates the memory that points will take, and refuses those that do not fit, before anything
//! is allocated.
//!
//! ```text
//!   a target  its coordinates in f64, as two f32 on the way to the device and again on it,
//!             its place in the picture, the index for hovering (in a window), the sum with its error, two fields
//!   a source  its coordinates and its weight three times over as well, and its place in the random
//!             order
//! ```
//!
//! On a graphics card a part of this is the card's own memory; it is counted all the same, because
//! a software device has none of its own.

use crate::memory::spare_memory;

/// More than there is to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Bytes that the points need.
    pub needed: u64,
    /// Bytes that there are.
    pub spare: u64,
    /// Numbers of targets and sources, in the same proportion, that would fit.
    pub fitting: [usize; 2],
}

/// Whether `n` targets and `m` sources of `dim` coordinates fit into the memory of the machine.
///
/// # Errors
/// When they do not, with what would.
pub fn check(n: usize, m: usize, dim: usize) -> Result<(), Shortage> {
    spare_memory().map_or(Ok(()), |spare| check_against(spare, n, m, dim))
}

/// Bytes that `n` targets and `m` sources of `dim` coordinates take at their peak.
fn needed(n: usize, m: usize, dim: usize) -> u64 {
    let coordinates = 24 * dim as u64;
    let (index, home, place, sum, fields) = (64, 8, 16, 8, 12);
    let target = coordinates + index + home + place + sum + fields;
    let source = coordinates + 24 + 4;
    (n as u64).saturating_mul(target).saturating_add((m as u64).saturating_mul(source))
}

fn check_against(spare: u64, n: usize, m: usize, dim: usize) -> Result<(), Shortage> {
    let needed = needed(n, m, dim);
    if needed <= spare {
        return Ok(());
    }
    // A tenth is left for all else.
    let part = 0.9 * spare as f64 / needed as f64;
    let fitting = [n, m].map(|count| rounded_down(part * count as f64));
    Err(Shortage { needed, spare, fitting })
}

/// The largest number of two digits and zeros that is not above `count`, and at least 1.
fn rounded_down(count: f64) -> usize {
    let step = 10_f64.powf((count.max(1.0).log10().floor() - 1.0).max(0.0));
    ((count / step).floor() * step).max(1.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_instead_fits_and_keeps_the_proportion() {
        for (n, m) in [(100_000_000, 100_000_000), (5_000_000, 100_000_000), (70_000_000, 1)] {
            let shortage = check_against(1 << 30, n, m, 2).expect_err("too many");
            assert_eq!(shortage.needed, needed(n, m, 2));
            let [fewer, sources] = shortage.fitting;
            assert!(check_against(1 << 30, fewer, sources, 2).is_ok(), "{shortage:?}");
            assert!(check_against(1 << 30, 2 * fewer, 2 * sources, 2).is_err(), "{shortage:?}");
            assert!(fewer <= n && sources <= m && fewer >= 1 && sources >= 1);
        }
        assert_eq!(check_against(1 << 30, 1_000_000, 1_000_000, 2), Ok(()));
    }

    #[test]
    fn round_numbers_are_offered() {
        for (count, round) in [(123_456.0, 120_000), (99.9, 99), (7.5, 7), (0.2, 1)] {
            assert_eq!(rounded_down(count), round);
        }
    }
}
