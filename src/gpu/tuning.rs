//! Finds the fastest shape of the exact sum's kernel on an adapter, by timing slices of the sums
//! themselves; remembered until the program ends, also across a lost device.
//!
//! A trial costs little, as its slice has to be computed anyway. But a new shape has to be
//! compiled, so the next one is tried only when the sums so far have taken long enough for that not
//! to matter; short sums use [`Shape::usual`].

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use super::variant::{Exactness, Shape, Variant};

/// The properties of a variant on which its fastest shape depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kind {
    /// The number of coordinates up to four; beyond, four times the number of blocks, at most 20:
    /// from five blocks on, none stay in registers and the kernels are alike.
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

/// The trials of one kind of kernel.
#[derive(Clone, Debug)]
struct Known {
    /// The shapes to time, [`Shape::usual`] first.
    shapes: Vec<Shape>,
    /// Seconds of summing so far.
    spent: f64,
    /// For each shape: number of slices, and the most pairs a second among those timed.
    trials: Vec<(usize, f64)>,
}

impl Known {
    /// Slices of each shape that are timed, after a first one whose time may include compiling.
    /// With fewer, chance delays decide; with more, slow shapes are used longer.
    const SLICES: usize = 3;
    /// Seconds of summing between the trials of two shapes. Compiling a shape leaves the device
    /// idle, on an NVIDIA H200 for 0.26 s: with less, short sums are delayed noticeably; with more,
    /// the fastest shape is found later.
    const SECONDS: f64 = 1.0;
    /// Factor in speed over the first shape from which on another is used instead: less would
    /// follow the noise of the timings, more would miss gains.
    const GAIN: f64 = 1.05;
    /// A shape whose first timed slice has less than this share of the first shape's speed is not
    /// timed again. Closer to 1, a chance delay discards a good shape; lower, slow shapes are used
    /// longer.
    const HOPELESS: f64 = 0.8;

    fn new(usual: Shape) -> Self {
        let others = Shape::ALL.into_iter().filter(|&shape| shape != usual);
        let shapes: Vec<Shape> = std::iter::once(usual).chain(others).collect();
        Self { spent: 0.0, trials: vec![(0, 0.0); shapes.len()], shapes }
    }

    /// Index of the shape to time next; `None` when all have been timed, or it is too early.
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
        // Shapes that have been timed less often are left out: their best time may be chance.
        let is_fast =
            |&(_, &(slices, rate)): &(&Shape, &(usize, f64))| slices > Self::SLICES && rate > usual;
        let tried = self.shapes.iter().zip(&self.trials).skip(1).filter(is_fast);
        let best = tried.max_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
        best.map_or(self.shapes[0], |(shape, _)| *shape)
    }
}

/// What the trials on one adapter have shown, by kind of kernel.
#[derive(Debug)]
pub(super) struct Tuning {
    /// Whether it is a software adapter.
    software: bool,
    known: Mutex<HashMap<Kind, Known>>,
}

impl Tuning {
    /// Seconds below which a slice is not a trial, as it is mostly overhead.
    const SHORTEST: f64 = 1e-3;
    /// Workgroups of targets below which a slice is not a trial: few of them leave part of the
    /// device idle whatever their shape.
    const FEWEST_GROUPS: usize = 8;

    /// The trials on the adapter with the title `adapter`, shared by all devices opened on it.
    pub(super) fn of(adapter: &str, software: bool) -> Arc<Self> {
        static ADAPTERS: Mutex<BTreeMap<String, Arc<Tuning>>> = Mutex::new(BTreeMap::new());
        let mut adapters = ADAPTERS.lock().unwrap_or_else(PoisonError::into_inner);
        let known = adapters.entry(adapter.to_owned());
        Arc::clone(known.or_insert_with(|| Arc::new(Self::new(software))))
    }

    /// No trials yet.
    fn new(software: bool) -> Self {
        Self { software, known: Mutex::default() }
    }

    /// Calls `look` with the trials of kernels of `variant`'s kind.
    fn with<T>(&self, variant: Variant, look: impl FnOnce(&mut Known) -> T) -> T {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let usual = || Known::new(Shape::usual(variant.blocks(), self.software));
        look(known.entry(Kind::of(variant)).or_insert_with(usual))
    }

    /// The fastest shape known for kernels of `variant`'s kind.
    pub(super) fn best(&self, variant: Variant) -> Shape {
        self.with(variant, |known| known.best())
    }

    /// The shape for a slice of `targets` targets: the next to be timed, or the fastest known.
    pub(super) fn next(&self, variant: Variant, targets: usize) -> Shape {
        self.with(variant, |known| {
            let timed = known.next().map(|k| known.shapes[k]);
            let is_busy = |shape: &Shape| targets >= Self::FEWEST_GROUPS * shape.targets();
            timed.filter(is_busy).unwrap_or_else(|| known.best())
        })
    }

    /// Records the time of a slice; returns whether it had the fastest known shape, not one under
    /// trial.
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
                // The time of the first slice may include compiling.
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

    /// Simulates `slices` slices on a device where `rate` gives a shape's pairs a second; returns
    /// the shapes that were used.
    fn sum(tuning: &Tuning, slices: usize, rate: impl Fn(Shape) -> f64) -> Vec<Shape> {
        let pairs = 10_000_000;
        let mut taken = Vec::new();
        for _ in 0..slices {
            let shape = tuning.next(Variant::FIRST, MANY);
            let variant = Variant { shape, ..Variant::FIRST };
            // The first slice of a shape includes compiling.
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
