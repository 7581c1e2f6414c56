//! What sums took on this machine, and what others should take by that: pure functions, as the models of
//! [`super::exact`] that they correct.
//!
//! ```text
//!   seconds(n, m, d) = model(n, m, d) · exp(mean of ln(measured / model) of the sums known, the nearest first)
//! ```
//!
//! Near is what has about as many targets, sources and coordinates: the weight of a known sum falls with the
//! fourth power of its distance in the logarithms of these. Where nothing is known, the model stands.

use serde::{Deserialize, Serialize};

use super::{
    Machine,
    exact::{OPENING, gpu_seconds, simd_seconds},
};
use crate::engine::EngineId;

/// Sums of one engine whose times are known, one for each factor of two in the numbers of targets and sources
/// and each number of coordinates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KnownSums(Vec<KnownSum>);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct KnownSum {
    n: usize,
    m: usize,
    dim: usize,
    seconds: f64,
}

/// How much of the distance from a known time to a new one is followed, where that is shorter and where it is
/// longer. Other work on the machine only ever makes sums longer: an equal share would follow every such
/// disturbance, none at all would keep a time that was measured before a card grew warm.
const FOLLOWED: [f64; 2] = [0.7, 0.3];
/// Squared distance, in the logarithms of the sizes, within which known sums count alike.
const ALIKE: f64 = 1e-2;

impl KnownSums {
    /// The most that are kept: older ones go first. The table of `bench --calibrate` has 100.
    const MOST: usize = 512;

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in that a sum of [n, m, d] took so many seconds, where `model` gives those of any size.
    fn learn(&mut self, size: [usize; 3], seconds: f64, model: impl Fn([usize; 3]) -> f64) {
        if !(seconds.is_finite() && seconds > 0.0) || size.contains(&0) {
            return;
        }
        let [n, m, dim] = size;
        let class = |[n, m, dim]: [usize; 3]| (n.ilog2(), m.ilog2(), dim);
        let is_like = |known: &KnownSum| class([known.n, known.m, known.dim]) == class(size);
        let mut seconds = seconds;
        if let Some(at) = self.0.iter().position(is_like) {
            let known = self.0.remove(at);
            // Of this size, what the known one suggests.
            let before = known.seconds * model(size) / model([known.n, known.m, known.dim]);
            let followed = FOLLOWED[usize::from(seconds > before)];
            seconds = before * (seconds / before).powf(followed);
        } else if self.0.len() >= Self::MOST {
            self.0.remove(0);
        }
        self.0.push(KnownSum { n, m, dim, seconds });
    }

    /// What `model` says of a size has to be multiplied by.
    fn correction(&self, size: [usize; 3], model: impl Fn([usize; 3]) -> f64) -> f64 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for &KnownSum { n, m, dim, seconds } in &self.0 {
            let ratio = seconds / model([n, m, dim]);
            if !(ratio.is_finite() && ratio > 0.0) {
                // A file that somebody edited.
                continue;
            }
            let apart = |a: usize, b: usize| (a.max(1) as f64 / b.max(1) as f64).ln();
            // Another number of coordinates is another kernel.
            let squared = apart(size[0], n).powi(2)
                + apart(size[1], m).powi(2)
                + 16.0 * apart(size[2] + 4, dim + 4).powi(2);
            let weight = (squared + ALIKE).powi(-2);
            sum += weight * ratio.ln();
            weights += weight;
        }
        if weights > 0.0 { (sum / weights).exp() } else { 1.0 }
    }
}

/// What sums took on one processor and one adapter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnedRates {
    /// Those of `simd`.
    pub simd: KnownSums,
    /// Those of `gpu`, on a device that was open.
    pub gpu: KnownSums,
}

impl LearnedRates {
    /// Nothing known.
    pub const NONE: Self = Self { simd: KnownSums(Vec::new()), gpu: KnownSums(Vec::new()) };

    /// Takes in that `engine` took so many seconds for `size`, from points to field.
    pub fn learn(&mut self, engine: EngineId, size: [usize; 3], seconds: f64, machine: &Machine) {
        match engine {
            EngineId::Simd => self.simd.learn(size, seconds, |size| simd_seconds(size, machine)),
            EngineId::Gpu if machine.device.is_some() => {
                self.gpu.learn(size, seconds, |size| opened(size, machine));
            }
            _ => {}
        }
    }

    /// Seconds that `simd` should take for `size`: `n` targets, `m` sources and `dim` coordinates.
    pub fn simd_seconds(&self, size: [usize; 3], machine: &Machine) -> f64 {
        let model = |size| simd_seconds(size, machine);
        model(size) * self.simd.correction(size, model)
    }

    /// Seconds that `gpu` should take; `None` where there is no adapter for it.
    pub fn gpu_seconds(&self, size: [usize; 3], machine: &Machine) -> Option<f64> {
        machine.device?;
        let model = |size| opened(size, machine);
        let opening = if machine.must_open { OPENING } else { 0.0 };
        Some(opening + model(size) * self.gpu.correction(size, model))
    }
}

/// What the model says of `gpu` on a device that is open.
fn opened(size: [usize; 3], machine: &Machine) -> f64 {
    gpu_seconds(size, &Machine { must_open: false, ..*machine }).unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::Instructions,
        scheduler::{DeviceKind, choose_with},
    };

    const SIZES: [usize; 5] = [100, 1000, 3000, 30_000, 100_000];

    fn machine() -> Machine {
        Machine {
            threads: 8,
            instructions: Instructions::Avx2,
            device: Some(DeviceKind::Discrete),
            must_open: false,
        }
    }

    fn table() -> impl Iterator<Item = [usize; 3]> {
        let pairs = SIZES.into_iter().flat_map(|n| SIZES.map(|m| [n, m]));
        pairs.flat_map(|[n, m]| [1, 2, 3, 8].map(|dim| [n, m, dim]))
    }

    /// A made-up machine that no kind describes: a slow card behind a fast bus, a processor that is slow for many
    /// coordinates.
    fn truth(engine: EngineId, [n, m, dim]: [usize; 3]) -> f64 {
        let pairs = n as f64 * m as f64;
        match engine {
            EngineId::Gpu => 9e-5 + 2e-10 * (n + m) as f64 + pairs * dim as f64 / 4e11,
            _ => 1e-6 + pairs * (dim as f64).powf(1.5) / 2e10,
        }
    }

    #[test]
    fn from_the_second_run_on_the_choice_is_never_much_slower_than_the_best() {
        let machine = machine();
        let mut rates = LearnedRates::default();
        let worst = |rates: &LearnedRates| {
            let slowness = table().map(|size| {
                let taken = truth(choose_with(size, &machine, rates).engine, size);
                let best = truth(EngineId::Gpu, size).min(truth(EngineId::Simd, size));
                if taken < best + 1e-3 { 1.0 } else { taken / best }
            });
            slowness.fold(1.0, f64::max)
        };
        assert!(worst(&rates) > 1.3, "the guess is good on this machine: make up another");
        for size in table() {
            for engine in [EngineId::Gpu, EngineId::Simd] {
                rates.learn(engine, size, truth(engine, size), &machine);
            }
        }
        assert!(worst(&rates) <= 1.0, "{}", worst(&rates));
        // Between the sizes of the table, too.
        for size in [[700, 2000, 2], [5000, 50_000, 3], [12_000, 12_000, 5]] {
            for engine in [EngineId::Gpu, EngineId::Simd] {
                let told = match engine {
                    EngineId::Gpu => rates.gpu_seconds(size, &machine).expect("a device"),
                    _ => rates.simd_seconds(size, &machine),
                };
                let off = (told / truth(engine, size)).ln().abs();
                assert!(off < 0.9, "{engine} {size:?}: {told} of {}", truth(engine, size));
            }
        }
    }

    #[test]
    fn a_disturbance_is_forgotten_and_a_change_is_followed() {
        let machine = machine();
        let size = [3000, 3000, 2];
        let mut rates = LearnedRates::default();
        let mut told = |seconds: f64, times: usize| {
            for _ in 0..times {
                rates.learn(EngineId::Simd, size, seconds, &machine);
            }
            rates.simd_seconds(size, &machine)
        };
        assert!((told(1e-3, 3) - 1e-3).abs() < 1e-6);
        assert!(told(20e-3, 1) < 4e-3, "one run that was held up");
        assert!(told(1e-3, 3) < 1.1e-3);
        assert!((told(5e-3, 20) / 5e-3 - 1.0).abs() < 0.01);
    }

    #[test]
    fn what_makes_no_sense_is_not_learned_and_no_more_than_a_few_hundred_are_kept() {
        let machine = machine();
        let mut rates = LearnedRates::default();
        for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            rates.learn(EngineId::Simd, [10, 10, 2], seconds, &machine);
            rates.learn(EngineId::Gpu, [10, 10, 2], seconds, &machine);
        }
        rates.learn(EngineId::Gpu, [0, 10, 2], 1.0, &machine);
        rates.learn(EngineId::Gpu, [10, 10, 2], 1.0, &Machine { device: None, ..machine });
        rates.learn(EngineId::Naive, [10, 10, 2], 1.0, &machine);
        assert_eq!(rates, LearnedRates::NONE);
        for dim in 1..=64 {
            for n in 0..20 {
                rates.learn(EngineId::Simd, [1 << n, 100, dim], 1.0, &machine);
            }
        }
        assert_eq!(rates.simd.0.len(), KnownSums::MOST);
        // As in a file that somebody edited.
        let edited =
            r#"[{"n":0,"m":3,"dim":0,"seconds":-1.0},{"n":1,"m":1,"dim":1,"seconds":1e300}]"#;
        let simd: KnownSums = serde_json::from_str(edited).expect("a list");
        let rates = LearnedRates { simd, ..LearnedRates::default() };
        assert!(!rates.simd_seconds([100, 100, 2], &machine).is_nan());
    }

    #[test]
    fn opening_a_device_is_not_part_of_what_is_learned() {
        let machine = machine();
        let mut rates = LearnedRates::default();
        rates.learn(EngineId::Gpu, [100, 100, 2], 1e-4, &machine);
        let closed = Machine { must_open: true, ..machine };
        let seconds = rates.gpu_seconds([100, 100, 2], &closed).expect("a device");
        assert!((seconds - OPENING - 1e-4).abs() < 1e-6, "{seconds}");
    }
}
