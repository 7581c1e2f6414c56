//! Points in `D` dimensions, sorted once for any σ: chooses between grid and cells for a σ, and
//! computes f by either on the processor.

mod device;
mod far;

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::{
    Accuracy, FastField, Method,
    axis::Layout,
    interpolate::Interpolation,
    kd_tree::{self, KdTree},
    order::Sorted,
    pair_distances::PairDistanceHistogram,
    passes::convolve,
    scheme::{FLOOR, Spacing},
    spread::Spread,
    spreads::{Grid, Key, Spreads},
    window::{EIGHT, FOUR, SIXTEEN, TWELVE, Width},
};
use crate::{
    engine::{
        EngineError, Instructions, Observer, Progress, Stretch,
        simd::{tasks, weight_scales},
    },
    model::{Bounds, Cloud, Points, Sigma},
    numbers::{format_number, format_si},
    scheduler::{self as cost, Machine},
};
pub(super) use far::TELLING;

/// What is worked out once for all σ, and what of each σ is kept.
#[derive(Debug)]
pub(super) struct PreparedPoints<const D: usize> {
    targets: Sorted<D>,
    /// `None` where they are the targets, without weights.
    sources: Option<Sorted<D>>,
    bounds: Bounds,
    pair_distances: PairDistanceHistogram,
    weights: Weights,
    machine: Machine,
    memory: usize,
    spreads: Spreads<D>,
    cells: Option<KdTree<D>>,
    work: Vec<f32>,
    wide_work: Vec<f64>,
    field: Vec<AtomicU64>,
    /// Whether there was a σ before.
    tried: bool,
}

/// The sources' weights, seen as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weights {
    /// A power of two that brings the largest near 1.
    pub scale: f64,
    /// Σ|w|, scaled.
    pub mass: f64,
    /// max |w|, scaled.
    pub largest: f64,
}

/// A way to compute one σ.
struct Way {
    seconds: f64,
    grid: Option<(Spacing, Key)>,
}

/// Bytes a node at the peak of a spread, besides the pass's result: 4 for the grid that is kept, 8
/// for the sums in f64.
const PEAK: usize = 12;
/// Grid size up to which gaps are not compressed: this many nodes, and this many for each point. A
/// larger limit leaves more empty nodes to convolve; a smaller one looks for gaps, a pass over all
/// points, where little can be saved.
const PLENTY: [f64; 2] = [(1 << 18) as f64, 4.0];
/// Seconds of work on one thread above which it is shared with others: with less, waking them costs
/// more than it saves.
const WORTH_SHARING: f64 = 2e-4;

/// Each of three phases as a third of the way, whatever it takes.
fn third(phase: u8, observer: &mut dyn Observer) -> Stretch<'_> {
    Stretch { observer, start: f64::from(phase) / 3.0, length: 1.0 / 3.0 }
}

impl Weights {
    pub(super) fn of(sources: &Cloud) -> Self {
        let Some(weights) = sources.weights() else {
            return Self { scale: 1.0, mass: sources.len() as f64, largest: 1.0 };
        };
        let largest = weights.iter().fold(0.0_f64, |largest, w| largest.max(w.abs()));
        let [scale, _] = weight_scales(largest);
        let mass = weights.iter().map(|w| w.abs() * scale).sum();
        Self { scale, mass, largest: largest * scale }
    }
}

impl<const D: usize> PreparedPoints<D> {
    pub(super) fn new(points: &Points, machine: Machine, memory: usize) -> Self {
        let [x, y] = [points.targets(), points.sources()];
        let same = x.coordinates() == y.coordinates();
        let targets = Sorted::new(x);
        let sources = match (same, y.weights()) {
            (true, None) => None,
            (true, Some(_)) => Some(targets.clone().weighed_as(y)),
            (false, _) => Some(Sorted::new(y)),
        };
        Self {
            pair_distances: PairDistanceHistogram::new(x, y),
            bounds: points.bounds().clone(),
            weights: Weights::of(y),
            machine,
            memory,
            spreads: Spreads::new(),
            cells: None,
            work: Vec::new(),
            wide_work: Vec::new(),
            field: (0..x.len()).map(|_| AtomicU64::new(0)).collect(),
            targets,
            sources,
            tried: false,
        }
    }

    fn sources(&self) -> &Sorted<D> {
        self.sources.as_ref().unwrap_or(&self.targets)
    }

    fn size(&self) -> [usize; 2] {
        [self.targets.original.len(), self.sources().original.len()]
    }

    pub(super) fn step(
        &mut self,
        sigma: Sigma,
        accuracy: Accuracy,
        observer: &mut dyn Observer,
    ) -> Result<FastField, EngineError> {
        let field = self.near_step(sigma, accuracy, observer)?;
        if accuracy == Accuracy::Draft || field.error_bound <= TELLING.max(accuracy.tolerance()) {
            return Ok(field);
        }
        let again =
            self.looked_farther(sigma.get(), &mut Stretch { observer, start: 1.0, length: 0.0 });
        Ok(again?.filter(|again| again.error_bound < field.error_bound).unwrap_or(field))
    }

    /// The field by sources that are near enough to count beside 0.01 weights.
    fn near_step(
        &mut self,
        sigma: Sigma,
        accuracy: Accuracy,
        observer: &mut dyn Observer,
    ) -> Result<FastField, EngineError> {
        let Weights { mass, largest, .. } = self.weights;
        if mass == 0.0 {
            let values = vec![0.0; self.size()[0]];
            let why = "all weights are zero".to_owned();
            return Ok(FastField { values, error_bound: 0.0, method: Method::Grid, why });
        }
        let cut = accuracy.cut(mass, largest);
        let mut ways = self.ways(sigma.get(), cut, accuracy);
        self.tried = true;
        ways.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        let cells = ways.iter().find(|way| way.grid.is_none()).map_or(0.0, |way| way.seconds);
        for way in ways {
            let Some((spacing, key)) = way.grid else {
                let error = |floor| accuracy.cells_bound(cut, mass, floor);
                self.sum_cells(sigma.get(), cut, accuracy.is_double(), way.seconds, observer)?;
                let why = format!("cells should take about {}", format_si(way.seconds, "s"));
                return Ok(self.finished(Method::Cells, error, why));
            };
            let (taps, profile) = spacing.taps();
            let error = |floor| spacing.rounding() + profile.bound(D, mass, floor);
            if accuracy != Accuracy::Draft && error(FLOOR * largest) > accuracy.tolerance() {
                continue;
            }
            let nodes = self.sum_grid(&spacing, key, &taps, way.seconds, observer)?;
            let nodes: Vec<String> = nodes.iter().map(|n| format_number(*n as f64, 12)).collect();
            let why = format!(
                "a grid of {} nodes should take about {}, cells about {}",
                nodes.join(" × "),
                format_si(way.seconds, "s"),
                format_si(cells, "s")
            );
            return Ok(self.finished(Method::Grid, error, why));
        }
        Err(EngineError::Failed("no grid and no cells keep the tolerance".to_owned()))
    }

    pub(super) fn seconds(&mut self, sigma: Sigma, accuracy: Accuracy) -> f64 {
        self.tried = true;
        let Weights { mass, largest, .. } = self.weights;
        let ways = self.ways(sigma.get(), accuracy.cut(mass, largest), accuracy);
        ways.iter().map(|way| way.seconds).fold(f64::INFINITY, f64::min)
    }

    /// All ways to compute one σ that fit into memory, with what they should take.
    fn ways(&mut self, sigma: f64, cut: f64, accuracy: Accuracy) -> Vec<Way> {
        let [n, m] = self.size();
        // Who tries a second σ will try more: what is prepared now will serve them too.
        let again = if self.tried { 8.0 } else { 1.0 };
        let pairs = self.pair_distances.pairs([n, m], kd_tree::BLOCK, cut * sigma);
        let mut seconds = cost::cells_seconds(n, pairs, D, accuracy.is_double(), &self.machine);
        if self.cells.is_none() {
            seconds += cost::sorting_seconds(n, m, &self.machine) / again;
        }
        let mut ways = vec![Way { seconds, grid: None }];
        for scheme in accuracy.schemes() {
            let spacing = scheme.at(sigma, cut);
            let key = (spacing.width, spacing.level);
            let Self { targets, sources, bounds, spreads, .. } = self;
            let clouds = [&targets.cloud, &sources.as_ref().unwrap_or(targets).cloud];
            let plenty = PLENTY[0] + PLENTY[1] * n.max(m) as f64;
            let layout = spreads
                .layout(key, || Layout::new(spacing.width, spacing.h(), bounds, clouds, plenty));
            let Some(layout) = layout else { continue };
            let bytes = layout.total.saturating_mul(PEAK + spacing.width.number_bytes());
            if bytes > self.memory {
                continue;
            }
            let taps = 2 * spacing.reach + 1;
            let mut seconds =
                cost::step_seconds(n, D, spacing.width, layout.total, taps, &self.machine);
            if !self.spreads.has(key) {
                let once = cost::spread_seconds(m, D, spacing.width, layout.total, &self.machine);
                seconds += once / again;
            }
            ways.push(Way { seconds, grid: Some((spacing, key)) });
        }
        ways
    }

    fn share(&self, seconds: f64) -> bool {
        seconds * self.machine.threads as f64 > WORTH_SHARING && tasks::may_share()
    }

    fn sum_cells(
        &mut self,
        sigma: f64,
        cut: f64,
        double: bool,
        seconds: f64,
        observer: &mut dyn Observer,
    ) -> Result<(), EngineError> {
        let scale = self.weights.scale;
        self.sum_cells_with(sigma, [cut, scale], [double, false], seconds, observer)
    }

    /// Sums over cells within `cut`·σ, with weights times `weight_scale`; in f64 where `double`, and
    /// `shifted` there.
    fn sum_cells_with(
        &mut self,
        sigma: f64,
        [cut, weight_scale]: [f64; 2],
        [double, shifted]: [bool; 2],
        seconds: f64,
        observer: &mut dyn Observer,
    ) -> Result<(), EngineError> {
        if self.cells.is_none() {
            if observer.checkpoint(Progress { fraction: 0.0 }).is_break() {
                return Err(EngineError::Stopped);
            }
            self.cells = Some(KdTree::new(&self.targets.cloud, &self.sources().cloud));
        }
        let Some(cells) = &self.cells else { return Err(EngineError::Stopped) };
        let kernel = self.machine.instructions.kernel().ok_or_else(|| {
            EngineError::Failed(format!(
                "this processor has no {}",
                self.machine.instructions.name()
            ))
        })?;
        let sum = kd_tree::Sum { sigma, cut, double, shifted, weight_scale, kernel };
        let share = self.share(seconds);
        let done = cells.sum(&self.targets, &sum, &self.field, share, observer);
        done.ok_or(EngineError::Stopped)
    }

    fn sum_grid(
        &mut self,
        spacing: &Spacing,
        key: Key,
        taps: &[f64],
        seconds: f64,
        observer: &mut dyn Observer,
    ) -> Result<[usize; D], EngineError> {
        let layout = self.spreads.layout(key, || None);
        let layout = layout.ok_or_else(|| EngineError::Failed("there is no grid".to_owned()))?;
        let share = self.share(seconds);
        let instructions = self.machine.instructions;
        self.spread_on(key, &layout, share, &mut third(0, observer))?;
        macro_rules! with_window {
            ($w:literal, $polynomials:expr, $grid:ident, $work:expr) => {{
                let polynomials = &*$polynomials;
                let Some(Grid::$grid(kept)) = self.spreads.take(key) else {
                    return Err(EngineError::Failed("the grid is gone".to_owned()));
                };
                let work = $work;
                convolve(kept, work, &layout, taps, instructions, share, &mut third(1, observer))
                    .ok_or(EngineError::Stopped)?;
                let interpolation = Interpolation {
                    points: self.targets.points(),
                    original: &self.targets.original,
                    grid: work,
                    layout: &layout,
                    polynomials,
                    instructions,
                };
                interpolation
                    .run::<$w>(&self.field, share, &mut third(2, observer))
                    .ok_or(EngineError::Stopped)?;
            }};
        }
        match spacing.width {
            Width::Four => with_window!(4, FOUR, Single, &mut self.work),
            Width::Eight => with_window!(8, EIGHT, Single, &mut self.work),
            Width::Twelve => with_window!(12, TWELVE, Single, &mut self.work),
            Width::Sixteen => with_window!(16, SIXTEEN, Double, &mut self.wide_work),
        }
        Ok(layout.nodes)
    }

    /// Spreads the sources on a grid, unless that is kept.
    fn spread_on(
        &mut self,
        key: Key,
        layout: &Layout<D>,
        share: bool,
        observer: &mut dyn Observer,
    ) -> Result<(), EngineError> {
        if self.spreads.has(key) {
            return Ok(());
        }
        let peak = layout.total * (PEAK + key.0.number_bytes());
        self.spreads.shrink(self.memory.saturating_sub(peak));
        let sources = self.sources.as_ref().unwrap_or(&self.targets);
        macro_rules! with_window {
            ($w:literal, $polynomials:expr, $grid:ident) => {{
                let spread = Spread {
                    points: sources.points(),
                    weights: sources.cloud.weights(),
                    weight_scale: self.weights.scale,
                    layout,
                    polynomials: &*$polynomials,
                    instructions: self.machine.instructions,
                };
                spread.run::<$w>(share, observer).map(Grid::$grid)
            }};
        }
        let grid = match key.0 {
            Width::Four => with_window!(4, FOUR, Single),
            Width::Eight => with_window!(8, EIGHT, Single),
            Width::Twelve => with_window!(12, TWELVE, Single),
            Width::Sixteen => with_window!(16, SIXTEEN, Double),
        };
        self.spreads.put(key, grid.ok_or(EngineError::Stopped)?);
        Ok(())
    }

    /// The values, and what `error` makes of the smallest that count.
    fn finished(&self, method: Method, error: impl Fn(f64) -> f64, why: String) -> FastField {
        let Weights { scale, largest, .. } = self.weights;
        let inverse = scale.recip();
        let value = |bits: &AtomicU64| f64::from_bits(bits.load(Ordering::Relaxed));
        let values: Vec<f64> =
            self.field.par_iter().with_min_len(1 << 16).map(|bits| value(bits) * inverse).collect();
        let highest = self
            .field
            .par_iter()
            .with_min_len(1 << 16)
            .map(|bits| value(bits).abs())
            .reduce(|| 0.0, f64::max);
        // What other engines promise counts from a thousandth of the highest value.
        let floor = (FLOOR * largest).min(1e-3 * highest).max(f64::MIN_POSITIVE);
        FastField { values, error_bound: error(floor), method, why }
    }

    /// Bytes that are kept for all σ so far.
    pub(super) fn bytes(&self) -> usize {
        let clouds = [Some(&self.targets), self.sources.as_ref()].into_iter().flatten();
        let clouds: usize = clouds.map(|s| s.original.len() * (4 + 8 * D)).sum();
        clouds
            + self.spreads.bytes()
            + self.cells.as_ref().map_or(0, KdTree::bytes)
            + self.work.capacity() * size_of::<f32>()
            + self.wide_work.capacity() * size_of::<f64>()
            + self.field.len() * size_of::<AtomicU64>()
    }

    /// The instructions in use.
    pub(super) fn instructions(&self) -> Instructions {
        self.machine.instructions
    }
}
