//! Which shape of the kernel is fastest on this device: learned from the work itself, and remembered
//! as long as the device is open.
//!
//! A trial costs little: the slice that it computes has to be computed anyway. But a new shape has to
//! be compiled, so the next one is tried only when the sums so far have taken long enough for that
//! not to matter, and what short sums take is what is known to be good everywhere.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::variant::{Exactness, Shape, Variant};

/// What the fastest shape depends on: kernels of more than four coordinates are one and the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kind {
    dim: usize,
    exactness: Exactness,
    weighted: bool,
}

impl Kind {
    fn of(variant: Variant) -> Self {
        let Variant { dim, exactness, weighted, .. } = variant;
        Self { dim: dim.min(5), exactness, weighted }
    }
}

/// What is known of one kind of kernel.
#[derive(Clone, Debug, Default)]
struct Known {
    /// Seconds of summing so far.
    spent: f64,
    /// For each of [`Shape::ALL`]: slices timed, and the most pairs a second.
    trials: [(usize, f64); Shape::ALL.len()],
}

impl Known {
    /// Slices of each shape that are timed, after a first one that may have to be compiled.
    const SLICES: usize = 3;
    /// Seconds of summing between the trials of two shapes.
    const SECONDS: f64 = 0.4;
    /// How much faster than the first shape another must be to be worth it.
    const GAIN: f64 = 1.05;

    /// The shape that comes next, as its place in [`Shape::ALL`]; `None` when all have been tried or
    /// it is too early.
    fn next(&self) -> Option<usize> {
        let k = self.trials.iter().position(|(slices, _)| *slices <= Self::SLICES)?;
        (self.spent >= k as f64 * Self::SECONDS).then_some(k)
    }

    fn best(&self) -> Shape {
        let usual = Self::GAIN * self.trials[0].1;
        // One that has not been timed often enough may owe its speed to chance.
        let tried = |k: usize| self.trials[k].0 > Self::SLICES && self.trials[k].1 > usual;
        let fast = (1..Shape::ALL.len()).filter(|&k| tried(k));
        let best = fast.max_by(|&a, &b| self.trials[a].1.total_cmp(&self.trials[b].1));
        Shape::ALL[best.unwrap_or(0)]
    }
}

/// The fastest shape of each kind of kernel, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Tuning(Mutex<HashMap<Kind, Known>>);

impl Tuning {
    /// Shorter slices are mostly overhead and tell nothing of a shape.
    const SHORTEST: f64 = 1e-3;
    /// Fewer workgroups than this leave some of the device idle, whatever their shape.
    const FEWEST_GROUPS: usize = 8;

    fn lock(&self) -> MutexGuard<'_, HashMap<Kind, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fastest shape known for kernels like `variant`.
    pub(super) fn best(&self, variant: Variant) -> Shape {
        self.lock().get(&Kind::of(variant)).map_or(Shape::ALL[0], Known::best)
    }

    /// The shape to compute the next `targets` targets with: one that is to be tried, or the best.
    pub(super) fn next(&self, variant: Variant, targets: usize) -> Shape {
        let known = self.lock();
        let Some(known) = known.get(&Kind::of(variant)) else { return Shape::ALL[0] };
        let tried = known.next().map(|k| Shape::ALL[k]);
        let is_large = |shape: &Shape| targets >= Self::FEWEST_GROUPS * shape.targets();
        tried.filter(is_large).unwrap_or_else(|| known.best())
    }

    /// Takes in how long a slice took; says whether it was like others of its kind, and no trial.
    pub(super) fn learn(&self, variant: Variant, targets: usize, pairs: u64, seconds: f64) -> bool {
        let mut known = self.lock();
        let known = known.entry(Kind::of(variant)).or_default();
        let next = known.next();
        let usual = variant.shape == known.best();
        known.spent += seconds;
        let Some(k) = next.filter(|&k| Shape::ALL[k] == variant.shape) else { return usual };
        if targets < Self::FEWEST_GROUPS * variant.shape.targets() || seconds < Self::SHORTEST {
            return usual;
        }
        let (slices, rate) = &mut known.trials[k];
        if *slices > 0 {
            *rate = rate.max(pairs as f64 / seconds);
        }
        *slices += 1;
        usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = 100_000;

    /// Sums slice by slice on a device on which `rate` says how many pairs a second a shape computes.
    fn sum(tuning: &Tuning, slices: usize, rate: impl Fn(Shape) -> f64) -> Vec<Shape> {
        let pairs = 10_000_000;
        let mut taken = Vec::new();
        for _ in 0..slices {
            let shape = tuning.next(Variant::FIRST, MANY);
            let variant = Variant { shape, ..Variant::FIRST };
            // The first of a shape is compiled.
            let compiled = if taken.contains(&shape) { 0.0 } else { 0.1 };
            tuning.learn(variant, MANY, pairs, compiled + pairs as f64 / rate(shape));
            taken.push(shape);
        }
        taken
    }

    #[test]
    fn the_fastest_shape_is_found_and_kept() {
        for fastest in Shape::ALL {
            let tuning = Tuning::default();
            let rate = |shape| if shape == fastest { 4e8 } else { 2e8 };
            sum(&tuning, 200, rate);
            assert_eq!(tuning.best(Variant::FIRST), fastest);
            assert!(sum(&tuning, 50, rate).iter().all(|&shape| shape == fastest));
        }
    }

    #[test]
    fn trials_are_a_small_part_of_the_work() {
        let tuning = Tuning::default();
        let usual = Shape::ALL[0];
        assert!(sum(&tuning, 8, |_| 2e8).iter().all(|&shape| shape == usual), "a short sum");
        let taken = sum(&tuning, 200, |_| 2e8);
        let tried = taken.iter().filter(|&&shape| shape != usual).count();
        assert_eq!(tried, (Shape::ALL.len() - 1) * (Known::SLICES + 1));
    }

    #[test]
    fn few_targets_try_nothing() {
        let tuning = Tuning::default();
        for _ in 0..100 {
            assert_eq!(tuning.next(Variant::FIRST, 500), Shape::ALL[0]);
            assert!(tuning.learn(Variant::FIRST, 500, 1_000_000, 0.1));
        }
    }

    #[test]
    fn kernels_of_other_kinds_are_learned_apart() {
        let tuning = Tuning::default();
        sum(&tuning, 200, |shape| if shape == Shape::ALL[1] { 4e8 } else { 2e8 });
        assert_eq!(tuning.best(Variant::FIRST), Shape::ALL[1]);
        let other = Variant { dim: 3, ..Variant::FIRST };
        assert_eq!(tuning.best(other), Shape::ALL[0]);
    }
}
