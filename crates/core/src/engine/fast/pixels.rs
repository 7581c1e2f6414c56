//! f at the pixels of a picture, or its mean over each: sources prepared once for any σ and any part of the
//! line or the plane.
//!
//! ```text
//!   grid    sources ──spread──▶ ░░░░ ──taps of σ──▶ ▓▓▓▓ ──resample, axis by axis──▶ pixels
//!             once an octave and a part       each σ          each view
//!   splat   each source ──▶ the pixels within κσ
//! ```
//!
//! Pixels are a product of two axes, and so is the window that gathers: on each axis every pixel has a few
//! weights, and no pixel is looked at by itself. Unlike the grids of scattered targets this one has no
//! gaps, for a pixel may lie in any of them. Where σ is small against a pixel a grid would have far more
//! nodes than there are pixels; then each source adds to the few pixels that it reaches.

use super::{
    Accuracy,
    axis::Layout,
    order::Sorted,
    passes::convolve,
    prepared::Weights,
    resample::{Resampled, resample},
    scheme::{FLOOR, Spacing},
    splat::{Splat, splat},
    spread::Spread,
    spreads::Key,
    window::{EIGHT, FOUR, TWELVE, Width},
};
use crate::{
    engine::{EngineError, FastLimits, Instructions, Observer, Stretch, simd::tasks},
    model::{Bounds, Cloud, Points, Sigma, Tolerance},
    scheduler::{self as cost, Machine},
};

/// Equal pixels over a part of the line or the plane, in the units in which the kernel is round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pixels<const D: usize> {
    /// The lower end of the first pixel on each axis.
    pub from: [f64; D],
    /// The length of a pixel on each axis, above 0.
    pub step: [f64; D],
    /// Number of pixels on each axis, at least 1.
    pub count: [usize; D],
    /// How far pixels move on the last axis for each unit along the first, counted from `from`.
    pub shear: f64,
}

/// What is wanted at pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelSpec {
    /// The kernel's standard deviation.
    pub sigma: Sigma,
    /// The mean over each pixel instead of f at its centre.
    pub mean: bool,
    /// As good as colours show, while something moves, instead of within the default tolerance.
    pub draft: bool,
    /// What the plain sum is multiplied by.
    pub factor: f64,
}

/// Sources prepared once for f at the pixels of any picture: `D` is 1 or 2.
#[derive(Debug)]
pub struct PixelSums<const D: usize> {
    sources: Sorted<D>,
    bounds: Bounds,
    weights: Weights,
    machine: Machine,
    memory: usize,
    tile: Option<Tile<D>>,
    work: Vec<f32>,
    /// The σ for which `work` was computed.
    convolved: Option<Sigma>,
}

/// Spread sources over a part of the plane.
#[derive(Debug)]
struct Tile<const D: usize> {
    key: Key,
    /// Where pixels may lie.
    inside: [[f64; 2]; D],
    /// The largest σ whose reach it holds.
    most: f64,
    layout: Layout<D>,
    kept: Vec<f32>,
}

/// A way to compute f for one picture, and what it should take.
struct Way {
    seconds: f64,
    /// `None` is a splat.
    spacing: Option<Spacing>,
}

/// Bytes a node at the peak: the sums in f64, the grid that is kept, and that of the passes.
const PEAK: usize = 20;
/// How far a grid goes beyond the picture, as a part of it on each side, so that small pans keep it.
const BEYOND: f64 = 0.125;
/// How many times the nodes that a picture needs a kept grid may have.
const LARGER: usize = 5;
/// The reach of a draft in σ: what is left out is below 10⁻⁵ of each source.
const DRAFT_CUT: f64 = 5.0;
/// Seconds that one thread takes for a splat: a source, a row of it, and a pixel of it.
const SPLAT: [f64; 3] = [5e-8, 4e-9, 2.5e-10];
/// Seconds that one thread takes to resample a pixel.
const RESAMPLE: f64 = 4e-9;
/// A splat that would take longer than this, in seconds, is refused.
const LONGEST: f64 = 120.0;

impl<const D: usize> PixelSums<D> {
    /// Prepares sources of `D` coordinates.
    ///
    /// # Errors
    /// When there is none, or `SIGMASCOPE_SIMD` names no instructions of this processor.
    pub fn new(sources: &Cloud) -> Result<Self, EngineError> {
        let Some(bounds) = Bounds::of([sources]).filter(|_| sources.dim() == D) else {
            return Err(EngineError::Failed(format!("there are no sources of {D} coordinates")));
        };
        if bounds.extent().is_nan() || bounds.extent() > Points::MAX_EXTENT {
            return Err(EngineError::Failed(format!(
                "the sources span {:e}, more than {:e}: they cannot be summed",
                bounds.extent(),
                Points::MAX_EXTENT
            )));
        }
        let machine = Machine { instructions: Instructions::chosen()?, ..Machine::here(None) };
        Ok(Self {
            memory: FastLimits::default().memory_of(sources.len()),
            sources: Sorted::new(sources),
            bounds,
            weights: Weights::of(sources),
            machine,
            tile: None,
            work: Vec::new(),
            convolved: None,
        })
    }

    /// f at the pixels or its means, those along the first axis next to each other: as many as there are
    /// pixels. `observer` is asked often whether to go on.
    ///
    /// # Errors
    /// When it was stopped, or would take too much time or memory.
    pub fn sum(
        &mut self,
        pixels: &Pixels<D>,
        spec: &PixelSpec,
        observer: &mut dyn Observer,
    ) -> Result<Vec<f32>, EngineError> {
        let total = pixels.count.iter().product();
        if self.weights.mass == 0.0 {
            return Ok(vec![0.0; total]);
        }
        let mut ways = self.ways(pixels, spec);
        ways.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        for way in ways {
            let Some(spacing) = way.spacing else {
                if way.seconds > LONGEST {
                    break;
                }
                let splatted = Splat {
                    points: self.sources.points(),
                    weights: self.sources.cloud.weights(),
                    pixels,
                    sigma: spec.sigma.get(),
                    mean: spec.mean,
                    cut: self.cut(spec),
                    factor: spec.factor,
                };
                let share = self.share(way.seconds);
                return splat(&splatted, share, observer).ok_or(EngineError::Stopped);
            };
            let (taps, profile) = spacing.taps();
            let Weights { mass, largest, .. } = self.weights;
            let error = spacing.rounding() + profile.bound(D, mass, FLOOR * largest);
            if !spec.draft && error > Tolerance::DEFAULT.get() {
                continue;
            }
            return self.by_grid(pixels, spec, &spacing, &taps, way.seconds, observer);
        }
        Err(EngineError::TooLarge(
            "a picture of so small a σ with so many sources and pixels would take minutes; take a larger σ, \
             or fewer sources"
                .to_owned(),
        ))
    }

    /// The seconds that [`Self::sum`] should take.
    pub fn seconds(&self, pixels: &Pixels<D>, spec: &PixelSpec) -> f64 {
        let ways = self.ways(pixels, spec);
        ways.iter().map(|way| way.seconds).fold(f64::INFINITY, f64::min)
    }

    /// Bytes that the sources and what is kept for them take.
    pub fn bytes(&self) -> usize {
        let kept = self.tile.as_ref().map_or(0, |tile| tile.kept.capacity());
        self.sources.original.len() * (4 + 8 * D) + (kept + self.work.capacity()) * size_of::<f32>()
    }

    /// How far sources reach, in σ.
    fn cut(&self, spec: &PixelSpec) -> f64 {
        let Weights { mass, largest, .. } = self.weights;
        if spec.draft { DRAFT_CUT } else { Accuracy::default().cut(mass, largest) }
    }

    fn share(&self, seconds: f64) -> bool {
        seconds * self.machine.threads as f64 > 2e-4 && tasks::may_share()
    }

    fn ways(&self, pixels: &Pixels<D>, spec: &PixelSpec) -> Vec<Way> {
        let (cut, sigma) = (self.cut(spec), spec.sigma.get());
        let m = self.sources.original.len();
        let [count, total] = [m as f64, pixels.count.iter().product::<usize>() as f64];
        let threads = self.machine.threads as f64;
        let across = |a: usize| {
            let reach = 2.0 * cut * sigma / pixels.step[a] + 2.0;
            reach.min(pixels.count[a] as f64)
        };
        let rows = if D == 1 { 1.0 } else { across(D - 1) };
        // Columns are looked at one by one where the picture is sheared.
        let slow = if pixels.shear == 0.0 { 1.0 } else { 12.0 };
        let each = SPLAT[0] + rows * (SPLAT[1] + SPLAT[2] * across(0) * slow);
        let seconds = count * each / threads + total * 1e-9;
        let mut ways = vec![Way { seconds, spacing: None }];
        // A mean over sheared pixels is no product of two axes.
        if spec.mean && pixels.shear != 0.0 {
            return ways;
        }
        let accuracy = if spec.draft { Accuracy::Draft } else { Accuracy::default() };
        for scheme in accuracy.schemes() {
            let spacing = scheme.at(sigma, cut);
            let key = (spacing.width, spacing.level);
            let taps = 2 * spacing.reach + 1;
            let kept = self.tile.as_ref().filter(|tile| tile.serves(key, sigma, pixels));
            let fresh = self.lay_out(&spacing, cut, pixels);
            let Some((layout, _)) = fresh else { continue };
            let kept = kept.filter(|tile| tile.layout.total <= LARGER * layout.total);
            let nodes = kept.map_or(layout.total, |tile| tile.layout.total);
            if nodes.saturating_mul(PEAK) > self.memory {
                continue;
            }
            let mut seconds = total * RESAMPLE / threads;
            seconds += cost::step_seconds(0, D, spacing.width, nodes, taps, &self.machine);
            if kept.is_none() {
                seconds += cost::spread_seconds(m, D, spacing.width, nodes, &self.machine);
            }
            ways.push(Way { seconds, spacing: Some(spacing) });
        }
        ways
    }

    /// The grid for a picture, and where pixels may lie on it; `None` where it would be too large to count.
    fn lay_out(
        &self,
        spacing: &Spacing,
        cut: f64,
        pixels: &Pixels<D>,
    ) -> Option<(Layout<D>, [[f64; 2]; D])> {
        let h = spacing.h();
        let w = spacing.width.nodes() as f64;
        // For every σ of the octave.
        let reach = (cut * 2.0 * least_of(spacing) + w) * h;
        let inside = pixels.extent().map(|[low, high]| {
            let beyond = BEYOND * (high - low);
            [low - beyond, high + beyond]
        });
        let mut bounds = self.bounds.clone();
        for (a, [low, high]) in inside.into_iter().enumerate() {
            let [first, last] = [self.bounds.min[a], self.bounds.max[a]];
            // Where the picture lies apart from the sources, a grid at their edge.
            let near = |x: f64| x.clamp(first, last);
            bounds.min[a] = near(low) - reach;
            bounds.max[a] = near(high) + reach;
        }
        let clouds = [&self.sources.cloud; 2];
        Some((Layout::new(spacing.width, h, &bounds, clouds, f64::INFINITY)?, inside))
    }

    fn by_grid(
        &mut self,
        pixels: &Pixels<D>,
        spec: &PixelSpec,
        spacing: &Spacing,
        taps: &[f64],
        seconds: f64,
        observer: &mut dyn Observer,
    ) -> Result<Vec<f32>, EngineError> {
        let key = (spacing.width, spacing.level);
        let share = self.share(seconds);
        let no_grid = || EngineError::Failed("there is no grid".to_owned());
        let (layout, inside) = self.lay_out(spacing, self.cut(spec), pixels).ok_or_else(no_grid)?;
        let fits = self.tile.as_ref().is_some_and(|tile| {
            tile.serves(key, spec.sigma.get(), pixels) && tile.layout.total <= LARGER * layout.total
        });
        if !fits {
            self.tile = None;
            self.convolved = None;
            let mut half = Stretch { observer, start: 0.0, length: 0.5 };
            let kept = self.spread(&layout, key.0, share, &mut half)?;
            let most = 2.0 * least_of(spacing) * spacing.h();
            self.tile = Some(Tile { key, inside, most, layout, kept });
        }
        let Some(tile) = &self.tile else { return Err(no_grid()) };
        let instructions = self.machine.instructions;
        if self.convolved != Some(spec.sigma) {
            self.convolved = None;
            let mut half = Stretch { observer, start: 0.5, length: 0.5 };
            let (kept, layout) = (&tile.kept, &tile.layout);
            convolve(kept, &mut self.work, layout, taps, instructions, share, &mut half)
                .ok_or(EngineError::Stopped)?;
            self.convolved = Some(spec.sigma);
        }
        let factor = spec.factor / self.weights.scale;
        let grid = Resampled {
            grid: &self.work,
            layout: &tile.layout,
            width: spacing.width,
            instructions,
            factor,
        };
        Ok(resample(&grid, pixels, spec.mean, share))
    }

    /// The sources on a grid.
    fn spread(
        &self,
        layout: &Layout<D>,
        width: Width,
        share: bool,
        observer: &mut dyn Observer,
    ) -> Result<Vec<f32>, EngineError> {
        let ends: [[f64; 2]; D] = std::array::from_fn(|a| layout.axes[a].ends());
        let is_inside =
            |point: &[f64; D]| point.iter().zip(&ends).all(|(x, [low, high])| low <= x && x < high);
        let (all, weights) = (self.sources.points(), self.sources.cloud.weights());
        let (mut near, mut near_weights) = (Vec::new(), Vec::new());
        let whole = all.iter().all(is_inside);
        if !whole {
            for (j, point) in all.iter().enumerate() {
                if is_inside(point) {
                    near.push(*point);
                    near_weights.extend(weights.map(|weights| weights[j]));
                }
            }
            if near.is_empty() {
                return Ok(vec![0.0; layout.total]);
            }
        }
        macro_rules! with_window {
            ($w:literal, $polynomials:expr) => {{
                let spread = Spread {
                    points: if whole { all } else { &near },
                    weights: if whole { weights } else { weights.map(|_| &near_weights[..]) },
                    weight_scale: self.weights.scale,
                    layout,
                    polynomials: &*$polynomials,
                    instructions: self.machine.instructions,
                };
                spread.run::<$w>(share, observer).ok_or(EngineError::Stopped)
            }};
        }
        match width {
            Width::Four => with_window!(4, FOUR),
            Width::Eight => with_window!(8, EIGHT),
            Width::Twelve => with_window!(12, TWELVE),
            Width::Sixteen => Err(EngineError::Failed("no picture needs f64".to_owned())),
        }
    }
}

/// The least σ/h of a spacing's octave.
fn least_of(spacing: &Spacing) -> f64 {
    // Octaves begin at 2.5 or 5.
    if spacing.s < 5.0 { 2.5 } else { 5.0 }
}

impl<const D: usize> Tile<D> {
    /// Whether it serves pixels at this spacing.
    fn serves(&self, key: Key, sigma: f64, pixels: &Pixels<D>) -> bool {
        let fits = |([low, high], [from, to]): ([f64; 2], [f64; 2])| from <= low && high <= to;
        self.key == key
            && sigma <= self.most
            && pixels.extent().into_iter().zip(self.inside).all(fits)
    }
}

impl<const D: usize> Pixels<D> {
    /// From the lowest to the highest place in any pixel, on each axis.
    fn extent(&self) -> [[f64; 2]; D] {
        let length = |a: usize| self.step[a] * self.count[a] as f64;
        let moved = if D > 1 { self.shear * length(0) } else { 0.0 };
        std::array::from_fn(|a| {
            let moved = if a > 0 { moved } else { 0.0 };
            [self.from[a] + moved.min(0.0), self.from[a] + length(a) + moved.max(0.0)]
        })
    }
}
