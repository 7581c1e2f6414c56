//! Vectors in plain Rust: loops over short arrays, which the compiler turns into what every
//! processor of the architecture has (SSE2 on x86-64, NEON on ARM).

use super::vectors::{Exponent, Job, POWER_F32, POWER_F64, Vectors};

/// Vectors of `f32`. `FUSED` multiplies and adds in one instruction, where the architecture always
/// has one; elsewhere that would be a call of a function.
#[derive(Clone, Copy)]
pub(super) struct PortableF32<const FUSED: bool>;

/// Vectors of `f64`.
#[derive(Clone, Copy)]
pub(super) struct PortableF64<const FUSED: bool>;

macro_rules! portable {
    ($type:ident, $number:ident, $lanes:literal, $power:ident, $raw:literal) => {
        impl<const FUSED: bool> Vectors for $type<FUSED> {
            type Number = $number;
            type Vector = [$number; $lanes];
            const LANES: usize = $lanes;
            const RAW: bool = $raw;

            #[inline(always)]
            fn compute<J: Job>(self, job: J) -> J::Output {
                job.run()
            }

            #[inline(always)]
            fn splat(self, number: $number) -> Self::Vector {
                [number; $lanes]
            }

            #[inline(always)]
            fn load(self, numbers: &[$number]) -> Self::Vector {
                *numbers.first_chunk().expect("as many numbers as lanes")
            }

            #[inline(always)]
            fn each(self, vector: Self::Vector, take: impl FnMut($number)) {
                vector.into_iter().for_each(take);
            }

            #[inline(always)]
            fn add(self, mut a: Self::Vector, b: Self::Vector) -> Self::Vector {
                for lane in 0..$lanes {
                    a[lane] += b[lane];
                }
                a
            }

            #[inline(always)]
            fn sub(self, mut a: Self::Vector, b: Self::Vector) -> Self::Vector {
                for lane in 0..$lanes {
                    a[lane] -= b[lane];
                }
                a
            }

            #[inline(always)]
            fn mul(self, mut a: Self::Vector, b: Self::Vector) -> Self::Vector {
                for lane in 0..$lanes {
                    a[lane] *= b[lane];
                }
                a
            }

            #[inline(always)]
            fn mul_add(
                self,
                mut a: Self::Vector,
                b: Self::Vector,
                c: Self::Vector,
            ) -> Self::Vector {
                for lane in 0..$lanes {
                    a[lane] = if FUSED {
                        a[lane].mul_add(b[lane], c[lane])
                    } else {
                        a[lane] * b[lane] + c[lane]
                    };
                }
                a
            }

            #[inline(always)]
            fn power(
                self,
                t: Self::Vector,
                exponent: &Exponent<Self::Vector>,
            ) -> [Self::Vector; 2] {
                const MANTISSA: u32 = $number::MANTISSA_DIGITS - 1;
                const BIAS: $number = ($number::MAX_EXP - 1) as $number;
                // Adding it rounds to whole numbers and leaves them in the lowest bits.
                const MAGIC: $number = 1.5 * (1_u64 << MANTISSA) as $number + BIAS;
                let mut rest = t;
                let mut scale = t;
                for lane in 0..$lanes {
                    let most = if $raw { exponent.most[lane] } else { BIAS };
                    let t = if t[lane] < most { t[lane] } else { most };
                    let t = if $raw { t * exponent.unit[lane] } else { t };
                    let magic = if $raw { exponent.magic[lane] } else { MAGIC };
                    let rounded = magic - t;
                    rest[lane] = t + (rounded - magic);
                    scale[lane] = $number::from_bits(rounded.to_bits() << MANTISSA);
                }
                let mut sum = self.splat($power[$power.len() - 1]);
                for k in (0..$power.len() - 1).rev() {
                    sum = self.mul_add(sum, rest, self.splat($power[k]));
                }
                [self.mul_add(sum, rest, self.splat(1.0)), scale]
            }
        }
    };
}

portable!(PortableF32, f32, 16, POWER_F32, false);
portable!(PortableF64, f64, 8, POWER_F64, true);
