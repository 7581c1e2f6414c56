//! Vectors of AVX-512 and of AVX2 with FMA, through `pulp`, whose tokens prove that the processor has
//! the instructions.

use pulp::{
    NullaryFnOnce, Simd as _, cast, f32x8, f32x16, f64x4, f64x8,
    x86::{V3, V4},
};

use super::vectors::{Exponent, Job, POWER_F32, POWER_F64, Vectors};

/// Sixteen `f32` with AVX-512.
#[derive(Clone, Copy)]
pub(super) struct Avx512F32(pub(super) V4);

/// Eight `f64` with AVX-512.
#[derive(Clone, Copy)]
pub(super) struct Avx512F64(pub(super) V4);

/// Eight `f32` with AVX2.
#[derive(Clone, Copy)]
pub(super) struct Avx2F32(pub(super) V3);

/// Four `f64` with AVX2.
#[derive(Clone, Copy)]
pub(super) struct Avx2F64(pub(super) V3);

/// Hands a job to `pulp`.
struct Handed<J>(J);

impl<J: Job> NullaryFnOnce for Handed<J> {
    type Output = J::Output;

    #[inline(always)]
    fn call(self) -> J::Output {
        self.0.run()
    }
}

macro_rules! arithmetic {
    ($number:ty, $vector:ty, $lanes:literal,
     $splat:ident, $add:ident, $sub:ident, $mul:ident, $mul_add:ident) => {
        type Number = $number;
        type Vector = $vector;
        const LANES: usize = $lanes;

        #[inline(always)]
        fn compute<J: Job>(self, job: J) -> J::Output {
            self.0.vectorize(Handed(job))
        }

        #[inline(always)]
        fn splat(self, number: $number) -> $vector {
            self.0.$splat(number)
        }

        #[inline(always)]
        fn load(self, numbers: &[$number]) -> $vector {
            let numbers: [$number; $lanes] = *numbers.first_chunk().expect("as many as lanes");
            cast(numbers)
        }

        #[inline(always)]
        fn each(self, vector: $vector, take: impl FnMut($number)) {
            let numbers: [$number; $lanes] = cast(vector);
            numbers.into_iter().for_each(take);
        }

        #[inline(always)]
        fn add(self, a: $vector, b: $vector) -> $vector {
            self.0.$add(a, b)
        }

        #[inline(always)]
        fn sub(self, a: $vector, b: $vector) -> $vector {
            self.0.$sub(a, b)
        }

        #[inline(always)]
        fn mul(self, a: $vector, b: $vector) -> $vector {
            self.0.$mul(a, b)
        }

        #[inline(always)]
        fn mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
            self.0.$mul_add(a, b, c)
        }
    };
}

/// 1 + r·(P₁ + r·(P₂ + …)).
macro_rules! polynomial {
    ($self:expr, $coefficients:expr, $rest:expr) => {{
        let mut sum = $self.splat($coefficients[$coefficients.len() - 1]);
        for k in (0..$coefficients.len() - 1).rev() {
            sum = $self.mul_add(sum, $rest, $self.splat($coefficients[k]));
        }
        $self.mul_add(sum, $rest, $self.splat(1.0))
    }};
}

/// 2^(−t) by the whole number next to t, whose bits become the exponent, and a polynomial of the
/// rest. Adding `MAGIC` rounds to whole numbers and leaves them, biased, in the lowest bits.
macro_rules! power_by_bits {
    ($self:ident, $t:ident, $min:expr, $shift:expr) => {{
        const BIAS: f32 = (f32::MAX_EXP - 1) as f32;
        const MAGIC: f32 = 1.5 * (1_u64 << (f32::MANTISSA_DIGITS - 1)) as f32 + BIAS;
        // From here on the exponent's bits are zero, and with them the power.
        let t = $min($t, $self.splat(BIAS));
        let rounded = $self.sub($self.splat(MAGIC), t);
        let rest = $self.add(t, $self.sub(rounded, $self.splat(MAGIC)));
        [polynomial!($self, POWER_F32, rest), $shift(rounded)]
    }};
}

/// The same in f64 of a square that is no exponent yet: what makes it one is multiplied where the
/// exponent is rounded, and costs nothing.
macro_rules! raw_power_by_bits {
    ($self:ident, $t:ident, $exponent:ident, $min:expr, $shift:expr) => {{
        let Exponent { unit, minus_unit, most, magic } = *$exponent;
        let t = $min($t, most);
        let rounded = $self.mul_add(t, minus_unit, magic);
        let rest = $self.mul_add(t, unit, $self.sub(rounded, magic));
        [polynomial!($self, POWER_F64, rest), $shift(rounded)]
    }};
}

/// 2^(k/32) for the lowest five bits of the whole number next to −32·t: two registers.
const THIRTY_SECONDS: [[f32; 16]; 2] = [
    [
        1.0,
        1.021_897_2,
        1.044_273_7,
        1.067_140_5,
        1.090_507_7,
        1.114_386_8,
        1.138_788_6,
        1.163_724_9,
        1.189_207_1,
        1.215_247_4,
        1.241_857_8,
        1.269_051,
        1.296_839_6,
        1.325_236_7,
        1.354_255_6,
        1.383_91,
    ],
    [
        std::f32::consts::SQRT_2,
        1.445_180_8,
        1.476_826_2,
        1.509_164_5,
        1.542_210_8,
        1.575_980_9,
        1.610_490_3,
        1.645_755_5,
        1.681_792_9,
        1.718_619_3,
        1.756_252_2,
        1.794_709_1,
        1.834_008_1,
        1.874_167_7,
        1.915_206_6,
        1.957_144_1,
    ],
];

/// 2^(−r) = 1 + r·(P₁ + r·P₂) for |r| ≤ 1/64: minimax, relative error 5.3·10⁻⁸.
const POWER_THIRTY_SECOND: [f32; 2] = [-0.693_157_4, 0.240_228_43];

impl Vectors for Avx512F32 {
    arithmetic!(f32, f32x16, 16, splat_f32s, add_f32s, sub_f32s, mul_f32s, mul_add_e_f32s);

    const RAW: bool = false;

    #[inline(always)]
    fn total(self, vector: f32x16) -> f64 {
        let [low, high]: [f32x8; 2] = cast(vector);
        let avx512 = self.0.avx512f;
        let [low, high] = [low, high].map(|half| avx512._mm512_cvtps_pd(cast(half)));
        avx512._mm512_reduce_add_pd(avx512._mm512_add_pd(low, high))
    }

    /// 2^(−t) by the thirty-second next to t: its fraction picks from a table of two registers, its
    /// whole part scales, and what is left is so small that a polynomial of degree 2 will do. Three
    /// multiplications fewer than the usual way, for one permutation.
    #[inline(always)]
    fn power(self, t: f32x16, _: &Exponent<f32x16>) -> [f32x16; 2] {
        // Adding it rounds to thirty-seconds and leaves them in the lowest bits.
        const MAGIC: f32 = 1.5 * (1 << 18) as f32;
        let avx512 = self.0.avx512f;
        let bits = self.sub(self.splat(MAGIC), t);
        let rounded = self.sub(bits, self.splat(MAGIC));
        let rest = self.add(t, rounded);
        let [low, high] = THIRTY_SECONDS;
        let fraction = avx512._mm512_permutex2var_ps(cast(low), cast(bits), cast(high));
        // Numbers below the normal ones would be slow on some processors.
        let least = self.splat(126.0);
        let normal = avx512._mm512_cmp_ps_mask::<LESS>(cast(t), cast(least));
        let scale = avx512._mm512_maskz_scalef_ps(normal, fraction, cast(rounded));
        [polynomial!(self, POWER_THIRTY_SECOND, rest), cast(scale)]
    }
}

/// The predicate "less than, false for what is no number" of a comparison.
const LESS: i32 = 1;

impl Vectors for Avx512F64 {
    arithmetic!(f64, f64x8, 8, splat_f64s, add_f64s, sub_f64s, mul_f64s, mul_add_e_f64s);

    const RAW: bool = true;

    #[inline(always)]
    fn power(self, t: f64x8, exponent: &Exponent<f64x8>) -> [f64x8; 2] {
        let avx512 = self.0.avx512f;
        raw_power_by_bits!(
            self,
            t,
            exponent,
            |a: f64x8, b: f64x8| cast::<_, f64x8>(avx512._mm512_min_pd(cast(a), cast(b))),
            |bits: f64x8| cast::<_, f64x8>(avx512._mm512_slli_epi64::<52>(cast(bits)))
        )
    }
}

impl Vectors for Avx2F32 {
    arithmetic!(f32, f32x8, 8, splat_f32s, add_f32s, sub_f32s, mul_f32s, mul_add_e_f32s);

    const RAW: bool = false;

    #[inline(always)]
    fn power(self, t: f32x8, _: &Exponent<f32x8>) -> [f32x8; 2] {
        let avx2 = self.0.avx2;
        power_by_bits!(self, t, |a, b| self.0.min_f32x8(a, b), |bits: f32x8| cast::<_, f32x8>(
            avx2._mm256_slli_epi32::<23>(cast(bits))
        ))
    }
}

impl Vectors for Avx2F64 {
    arithmetic!(f64, f64x4, 4, splat_f64s, add_f64s, sub_f64s, mul_f64s, mul_add_e_f64s);

    const RAW: bool = true;

    #[inline(always)]
    fn power(self, t: f64x4, exponent: &Exponent<f64x4>) -> [f64x4; 2] {
        let avx2 = self.0.avx2;
        raw_power_by_bits!(self, t, exponent, |a, b| self.0.min_f64x4(a, b), |bits: f64x4| cast::<
            _,
            f64x4,
        >(
            avx2._mm256_slli_epi64::<52>(cast(bits))
        ))
    }
}
