//! Which shape of the kernel is fastest on an adapter: learned from the work itself, and remembered as
//! long as the program runs, also for the device that takes the place of a lost one.
//!
//! A trial costs little: the slice that it computes has to be computed anyway. But a new shape has to
//! be compiled, so the next one is tried only when the sums so far have taken long enough for that
//! not to matter, and what short sums take is what is known to be good everywhere.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use super::variant::{Exactness, Shape, Variant};

/// What the fastest shape depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kind {
    /// The number of coordinates up to four; beyond, what differs is the number of blocks, up to the
    /// most that registers hold.
    dim: usize,
    exactness: Exactness,
    weighted: bool,
}

impl Kind {
    fn of(variant: Variant) -> Self {
        let Variant { dim, exactness, weighted, .. } = variant;
        let dim = if dim <= 4 { dim } else { 4 * variant.blocks().min(5) };
        Self { dim, exactness, weighted }
    }
}

/// What is known of one kind of kernel.
#[derive(Clone, Debug)]
struct Known {
    /// What to try: first what is taken until something else has been measured.
    shapes: Vec<Shape>,
    /// Seconds of summing so far.
    spent: f64,
    /// For each: slices timed, and the most pairs a second.
    trials: Vec<(usize, f64)>,
}

impl Known {
    /// Slices of each shape that are timed, after a first one that may have to be compiled.
    const SLICES: usize = 3;
    /// Seconds of summing between the trials of two shapes.
    const SECONDS: f64 = 1.0;
    /// How much faster than the first shape another must be to be worth it.
    const GAIN: f64 = 1.05;
    /// A shape so much slower than the first is given up at once.
    const HOPELESS: f64 = 0.8;

    fn new(usual: Shape) -> Self {
        let others = Shape::ALL.into_iter().filter(|&shape| shape != usual);
        let shapes: Vec<Shape> = std::iter::once(usual).chain(others).collect();
        Self { spent: 0.0, trials: vec![(0, 0.0); shapes.len()], shapes }
    }

    /// The place of the shape that is to be timed next; `None` when all have been, or it is too
    /// early.
    fn next(&self) -> Option<usize> {
        let hopeless = Self::HOPELESS * self.trials[0].1;
        let is_open = |&(slices, rate): &(usize, f64)| match slices {
            0 | 1 => true,
            _ => slices <= Self::SLICES && rate >= hopeless,
        };
        let k = self.trials.iter().position(is_open)?;
        (self.spent >= k as f64 * Self::SECONDS).then_some(k)
    }

    fn best(&self) -> Shape {
        let usual = Self::GAIN * self.trials[0].1;
        // One that has not been timed often enough may owe its speed to chance.
        let is_fast =
            |&(_, &(slices, rate)): &(&Shape, &(usize, f64))| slices > Self::SLICES && rate > usual;
        let tried = self.shapes.iter().zip(&self.trials).skip(1).filter(is_fast);
        let best = tried.max_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
        best.map_or(self.shapes[0], |(shape, _)| *shape)
    }
}

/// The fastest shape of each kind of kernel, as far as it is known.
#[derive(Debug)]
pub(super) struct Tuning {
    /// Whether the device is the processor, pretending.
    software: bool,
    known: Mutex<HashMap<Kind, Known>>,
}

impl Tuning {
    /// Shorter slices are mostly overhead and tell nothing of a shape.
    const SHORTEST: f64 = 1e-3;
    /// Fewer workgroups than this leave some of the device idle, whatever their shape.
    const FEWEST_GROUPS: usize = 8;

    /// What is known of the adapter of this title, by every device of it.
    pub(super) fn of(adapter: &str, software: bool) -> Arc<Self> {
        static ADAPTERS: Mutex<BTreeMap<String, Arc<Tuning>>> = Mutex::new(BTreeMap::new());
        let mut adapters = ADAPTERS.lock().unwrap_or_else(PoisonError::into_inner);
        let known = adapters.entry(adapter.to_owned());
        Arc::clone(known.or_insert_with(|| Arc::new(Self::new(software))))
    }

    /// Nothing is known yet.
    fn new(software: bool) -> Self {
        Self { software, known: Mutex::default() }
    }

    /// Lets `look` see what is known of kernels like `variant`.
    fn with<T>(&self, variant: Variant, look: impl FnOnce(&mut Known) -> T) -> T {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let usual = || Known::new(Shape::usual(variant.blocks(), self.software));
        look(known.entry(Kind::of(variant)).or_insert_with(usual))
    }

    /// The fastest shape known for kernels like `variant`.
    pub(super) fn best(&self, variant: Variant) -> Shape {
        self.with(variant, |known| known.best())
    }

    /// The shape to compute the next `targets` targets with: one that is to be timed, or the best.
    pub(super) fn next(&self, variant: Variant, targets: usize) -> Shape {
        self.with(variant, |known| {
            let timed = known.next().map(|k| known.shapes[k]);
            let is_busy = |shape: &Shape| targets >= Self::FEWEST_GROUPS * shape.targets();
            timed.filter(is_busy).unwrap_or_else(|| known.best())
        })
    }

    /// Takes in how long a slice took; says whether it was like others of its kind, and no trial.
    pub(super) fn learn(&self, variant: Variant, targets: usize, pairs: u64, seconds: f64) -> bool {
        self.with(variant, |known| {
            let next = known.next();
            let usual = variant.shape == known.best().fitted(targets);
            known.spent += seconds;
            let is_next = next.filter(|&k| known.shapes[k] == variant.shape);
            let tells = targets >= Self::FEWEST_GROUPS * variant.shape.targets()
                && seconds >= Self::SHORTEST;
            if let Some(k) = is_next.filter(|_| tells) {
                let (slices, rate) = &mut known.trials[k];
                // The first one may have had to be compiled.
                if *slices > 0 {
                    *rate = rate.max(pairs as f64 / seconds);
                }
                *slices += 1;
            }
            usual
        })
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
            let tuning = Tuning::new(false);
            let rate = |shape| if shape == fastest { 4e8 } else { 2e8 };
            sum(&tuning, 500, rate);
            assert_eq!(tuning.best(Variant::FIRST), fastest);
            assert!(sum(&tuning, 50, rate).iter().all(|&shape| shape == fastest));
        }
    }

    #[test]
    fn trials_are_a_small_part_of_the_work() {
        let tuning = Tuning::new(false);
        let usual = Variant::FIRST.shape;
        assert!(sum(&tuning, 10, |_| 2e8).iter().all(|&shape| shape == usual), "a short sum");
        let taken = sum(&tuning, 500, |_| 2e8);
        let tried = taken.iter().filter(|&&shape| shape != usual).count();
        assert_eq!(tried, (Shape::ALL.len() - 1) * (Known::SLICES + 1));
    }

    #[test]
    fn a_slow_shape_is_given_up_at_once() {
        let tuning = Tuning::new(false);
        let usual = Variant::FIRST.shape;
        let taken = sum(&tuning, 300, |shape| if shape == usual { 2e8 } else { 1e8 });
        let tried = taken.iter().filter(|&&shape| shape != usual).count();
        assert_eq!(tried, 2 * (Shape::ALL.len() - 1));
    }

    #[test]
    fn few_targets_try_nothing() {
        let tuning = Tuning::new(false);
        for _ in 0..100 {
            assert_eq!(tuning.next(Variant::FIRST, 500), Variant::FIRST.shape);
            assert!(tuning.learn(Variant::FIRST, 500, 1_000_000, 0.1));
        }
    }

    #[test]
    fn kernels_of_other_kinds_are_learned_apart() {
        let tuning = Tuning::new(false);
        sum(&tuning, 500, |shape| if shape == Shape::ALL[1] { 4e8 } else { 2e8 });
        assert_eq!(tuning.best(Variant::FIRST), Shape::ALL[1]);
        let other = Variant { dim: 3, ..Variant::FIRST };
        assert_eq!(tuning.best(other), Variant::FIRST.shape);
    }
}
