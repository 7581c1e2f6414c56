//! Vectors of numbers and what the kernel does with them, whatever the instruction set.

/// What a vector holds: f32 or f64.
pub(super) trait Number: Copy + Default {
    /// The nearest number.
    fn of(value: f64) -> Self;

    /// The same number in f64.
    fn wide(self) -> f64;
}

impl Number for f32 {
    #[inline(always)]
    fn of(value: f64) -> Self {
        value as f32
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }
}

impl Number for f64 {
    #[inline(always)]
    fn of(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }
}

/// Something to compute with the instructions of one set.
pub(in crate::engine) trait Job {
    /// What comes of it.
    type Output;

    /// Computes it. Always inlined, so that it is compiled for the caller's instructions.
    fn run(self) -> Self::Output;
}

/// An instruction set that is there, working on vectors of one kind of number.
///
/// Every method is inlined into a [`Job`], which [`Self::compute`] compiles for the set.
pub(super) trait Vectors: Copy {
    /// What a vector holds.
    type Number: Number;
    /// [`Self::LANES`] numbers.
    type Vector: Copy;
    /// Numbers in a vector.
    const LANES: usize;

    /// Runs a job with these instructions.
    fn compute<J: Job>(self, job: J) -> J::Output;

    /// The same number in every lane.
    fn splat(self, number: Self::Number) -> Self::Vector;

    /// The first numbers of a slice, which has at least [`Self::LANES`].
    fn load(self, numbers: &[Self::Number]) -> Self::Vector;

    /// Hands each lane's number over in order.
    fn each(self, vector: Self::Vector, take: impl FnMut(Self::Number));

    /// The sum of all lanes, in f64: halves are added, so that many are at once.
    #[inline(always)]
    fn total(self, vector: Self::Vector) -> f64 {
        let mut lanes = [0.0; 16];
        let mut lane = lanes.iter_mut();
        self.each(vector, |number| {
            if let Some(lane) = lane.next() {
                *lane = number.wide();
            }
        });
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                lanes[lane] += lanes[lane + half];
            }
        }
        lanes[0]
    }

    /// a + b
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// a − b
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// a·b
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// a·b + c, rounded once or twice.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;

    /// Whether differences of coordinates come as they are, to be scaled with their squares: f64 holds
    /// those of any points, and what centres or scales coordinates first would round them.
    const RAW: bool;

    /// Two factors of 2^(−t) for t ≥ 0; the second is zero where the power is not a normal number.
    /// Where [`Self::RAW`], of 2^(shift − unit·t) instead, as `exponent` has it.
    ///
    /// For t = 0 (and no shift) both are exactly 1.
    fn power(self, t: Self::Vector, exponent: &Exponent<Self::Vector>) -> [Self::Vector; 2];
}

/// What makes an exponent of a squared difference, where that is not one already.
#[derive(Clone, Copy)]
pub(super) struct Exponent<V> {
    /// Turns a square into an exponent of 2, and its negative.
    pub unit: V,
    pub minus_unit: V,
    /// The square from which on the power is zero.
    pub most: V,
    /// Added to the negative exponent it leaves a whole number, biased and shifted, in the lowest bits.
    pub magic: V,
}

/// The bias of an f64's exponent.
pub(super) const BIAS: f64 = (f64::MAX_EXP - 1) as f64;
/// The most that f64 exponents may be shifted by: terms of 2^SHIFT add up to a number still.
pub(super) const SHIFT: u16 = 960;

impl<V> Exponent<V> {
    /// 2^(shift − unit·t), for `shift` a whole number up to [`SHIFT`].
    #[inline(always)]
    pub(super) fn new<U: Vectors<Vector = V>>(vectors: U, unit: f64, shift: u16) -> Self {
        let biased = BIAS + f64::from(shift);
        let magic = 1.5 * (1_u64 << (f64::MANTISSA_DIGITS - 1)) as f64 + biased;
        let splat = |number| vectors.splat(U::Number::of(number));
        Self {
            unit: splat(unit),
            minus_unit: splat(-unit),
            most: splat(biased / unit),
            magic: splat(magic),
        }
    }
}

/// 2^(−r) = 1 + r·(P₁ + r·(P₂ + …)) for |r| ≤ 1/2, f32: minimax of degree 5, relative error 9.2·10⁻⁸.
///
/// Made by an exchange algorithm (Remez) on the relative error, with the constant held at 1, so that
/// coincident points add up exactly.
#[expect(clippy::approx_constant, reason = "near ln 2, but another number")]
pub(super) const POWER_F32: [f32; 5] =
    [-0.693_147, 0.240_222_42, -0.055_507_336, 0.009_671_513, -0.001_326_472_7];

/// The polynomial for 2^(−r) in f64: degree 9, relative error 3.7·10⁻¹⁴, from interpolation
/// in the Chebyshev points: the fast
/// engine's tightest tolerance needs it, and the range of f64 those whose every term is small.
#[expect(clippy::approx_constant, reason = "near ln 2, but another number")]
pub(super) const POWER_F64: [f64; 9] = [
    -0.693_147_180_559_945_3,
    0.240_226_506_958_129_9,
    -0.055_504_108_664_760_424,
    0.009_618_129_159_402_558,
    -0.001_333_355_817_904_311_2,
    0.000_154_034_558_524_538_38,
    -0.000_015_252_686_846_267_72,
    0.000_001_325_522_487_866_881_7,
    -0.000_000_102_031_210_633_917_29,
];
