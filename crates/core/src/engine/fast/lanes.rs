//! Loops over short arrays, compiled for each set of vector instructions that there may be.
//!
//! The compiler turns such loops into the vectors of the set; all that is left to say is which set,
//! and whether it multiplies and adds in one instruction.

use crate::engine::Instructions;

/// f32 or f64.
pub(super) trait Real: Copy + Default + Send + Sync + PartialOrd + 'static {
    /// The nearest number.
    fn of(value: f64) -> Self;

    /// The same number in f64.
    fn wide(self) -> f64;

    /// a·b + c, rounded once where `FUSED`, else twice.
    fn fma<const FUSED: bool>(a: Self, b: Self, c: Self) -> Self;

    /// The number, or zero where it is less.
    fn at_least_zero(self) -> Self;
}

macro_rules! real {
    ($number:ty) => {
        impl Real for $number {
            #[inline(always)]
            fn of(value: f64) -> Self {
                value as $number
            }

            #[inline(always)]
            fn wide(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn fma<const FUSED: bool>(a: Self, b: Self, c: Self) -> Self {
                if FUSED { a.mul_add(b, c) } else { a * b + c }
            }

            #[inline(always)]
            fn at_least_zero(self) -> Self {
                if self > 0.0 { self } else { 0.0 }
            }
        }
    };
}

real!(f32);
real!(f64);

/// Something to compute with the instructions of one set.
pub(super) trait Loop {
    /// What comes of it.
    type Output;

    /// Computes it. Always inlined, so that it is compiled for the caller's instructions.
    fn run<const FUSED: bool>(self) -> Self::Output;
}

/// Hands a loop to `pulp`.
#[cfg(target_arch = "x86_64")]
struct Handed<L>(L);

#[cfg(target_arch = "x86_64")]
impl<L: Loop> pulp::NullaryFnOnce for Handed<L> {
    type Output = L::Output;

    #[inline(always)]
    fn call(self) -> L::Output {
        self.0.run::<true>()
    }
}

/// Runs a loop with these instructions, or with what every processor has where it lacks them.
pub(super) fn compute<L: Loop>(instructions: Instructions, work: L) -> L::Output {
    #[cfg(target_arch = "x86_64")]
    {
        use pulp::x86::{V3, V4};

        match instructions {
            Instructions::Avx512 => {
                if let Some(v4) = V4::try_new() {
                    return v4.vectorize(Handed(work));
                }
            }
            Instructions::Avx2 => {
                if let Some(v3) = V3::try_new() {
                    return v3.vectorize(Handed(work));
                }
            }
            Instructions::Neon | Instructions::Portable => {}
        }
    }
    // Only where the architecture always has the instruction: elsewhere it is a call of a function.
    if cfg!(target_arch = "aarch64") && instructions == Instructions::Neon {
        work.run::<true>()
    } else {
        work.run::<false>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Dot<'a>(&'a [f32], &'a [f32]);

    impl Loop for Dot<'_> {
        type Output = f32;

        #[inline(always)]
        fn run<const FUSED: bool>(self) -> f32 {
            self.0.iter().zip(self.1).fold(0.0, |sum, (a, b)| f32::fma::<FUSED>(*a, *b, sum))
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "small whole numbers are exact")]
    fn every_set_computes_the_same() {
        let numbers: Vec<f32> = (0..100_u8).map(f32::from).collect();
        for set in Instructions::ALL {
            assert_eq!(compute(set, Dot(&numbers, &numbers)), 328_350.0);
        }
        assert_eq!((-1.5_f32).at_least_zero(), 0.0);
    }
}
