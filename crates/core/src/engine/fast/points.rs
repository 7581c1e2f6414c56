//! [`FastPoints`]: targets and sources prepared once for sums at any number of σ, in one, two or
//! three dimensions.

use super::{
    Accuracy, FastField, Neighbours,
    device_plan::{CellsParts, DeviceLimits, FixedPoint, GridKey, Near, PlaceChoice},
    neighbours,
    prepared::PreparedPoints,
};
use crate::{
    engine::{EngineError, Instructions, Observer, Place},
    memory::spare_memory,
    model::{Points, Sigma},
    scheduler::Machine,
};

/// Points prepared once, whatever σ will be; each σ after the first costs only what depends on it.
///
/// Spread sources of the octaves of σ used last are kept, within a number of bytes.
#[derive(Debug)]
pub struct FastPoints {
    ready: InDimensions,
}

#[derive(Debug)]
enum InDimensions {
    One(Box<PreparedPoints<1>>),
    Two(Box<PreparedPoints<2>>),
    Three(Box<PreparedPoints<3>>),
}

/// What a [`FastPoints`] may use.
#[derive(Clone, Copy, Debug, Default)]
pub struct FastLimits {
    /// The instructions; `None` is what `SIGMASCOPE_SIMD` names, or the best.
    pub instructions: Option<Instructions>,
    /// The most bytes that grids may take; `None` is 384 MiB and 112 bytes a point, or half of the free
    /// memory if that is less.
    pub memory: Option<u64>,
}

/// Bytes for grids unless the caller sets a limit: this many, and this many for each point. With
/// less, grids of many points give way to sums over near pairs, which are slower; with more, the
/// program takes memory from others.
const MEMORY: [u64; 2] = [384 << 20, 112];

impl FastLimits {
    /// Bytes that grids for these points may take.
    pub(super) fn memory_for(&self, points: &Points) -> usize {
        self.memory_of(points.n() + points.m())
    }

    /// The same for so many points.
    pub(super) fn memory_of(&self, count: usize) -> usize {
        let memory = self.memory.unwrap_or_else(|| {
            let wanted = MEMORY[0] + MEMORY[1] * count as u64;
            spare_memory().map_or(wanted, |spare| wanted.min(spare / 2))
        });
        usize::try_from(memory).unwrap_or(usize::MAX)
    }
}

macro_rules! in_dimensions {
    ($ready:expr, $points:ident => $work:expr) => {
        match $ready {
            InDimensions::One($points) => $work,
            InDimensions::Two($points) => $work,
            InDimensions::Three($points) => $work,
        }
    };
}

impl FastPoints {
    /// The most coordinates a point may have.
    pub const MAX_DIM: usize = 3;

    /// Prepares points of 1 to 3 coordinates.
    ///
    /// # Errors
    /// When they have more coordinates, or `SIGMASCOPE_SIMD` names no instructions of this processor.
    pub fn new(points: &Points) -> Result<Self, EngineError> {
        Self::within(points, FastLimits::default())
    }

    /// Prepares points with the instructions and memory that `limits` gives.
    ///
    /// # Errors
    /// Those of [`Self::new`].
    pub fn within(points: &Points, limits: FastLimits) -> Result<Self, EngineError> {
        let instructions = limits.instructions.map_or_else(Instructions::chosen, Ok)?;
        let machine = Machine { instructions, ..Machine::here(None) };
        let memory = limits.memory_for(points);
        let ready = match points.dim() {
            1 => InDimensions::One(Box::new(PreparedPoints::new(points, machine, memory))),
            2 => InDimensions::Two(Box::new(PreparedPoints::new(points, machine, memory))),
            3 => InDimensions::Three(Box::new(PreparedPoints::new(points, machine, memory))),
            dim => {
                return Err(EngineError::Failed(format!(
                    "the fast engine sums points of 1 to {} coordinates, found {dim}; take simd",
                    Self::MAX_DIM
                )));
            }
        };
        Ok(Self { ready })
    }

    /// The field at one σ. `observer` gets the fraction done, often; when it breaks, this stops,
    /// and keeps what it had.
    ///
    /// # Errors
    /// When it was stopped.
    pub fn step(
        &mut self,
        sigma: Sigma,
        accuracy: Accuracy,
        observer: &mut dyn Observer,
    ) -> Result<FastField, EngineError> {
        in_dimensions!(&mut self.ready, ready => ready.step(sigma, accuracy, observer))
    }

    /// What `device` should do of a step at σ, if anything: where it should finish before the processor,
    /// or `forced`.
    pub fn choose(
        &mut self,
        sigma: Sigma,
        accuracy: Accuracy,
        device: &DeviceLimits,
        forced: Option<Place>,
    ) -> PlaceChoice {
        let ready = &mut self.ready;
        in_dimensions!(ready, ready => ready.choose(sigma, accuracy, device, forced))
    }

    /// The spread sources of a grid that a device plan named, row by row. `observer` is
    /// told of it as the first third of a step.
    ///
    /// # Errors
    /// When it was stopped.
    pub fn spread(
        &mut self,
        key: GridKey,
        observer: &mut dyn Observer,
    ) -> Result<&[f32], EngineError> {
        in_dimensions!(&mut self.ready, ready => ready.spread_numbers(key, observer))
    }

    /// The targets, row by row, in an order in which neighbours stand together, and their numbers.
    pub fn targets(&self) -> (&[f64], &[u32]) {
        in_dimensions!(&self.ready, ready => ready.targets())
    }

    /// What holds places on the axes.
    pub fn fixed_point(&self) -> FixedPoint {
        in_dimensions!(&self.ready, ready => ready.fixed_point())
    }

    /// Targets and sources in cells, sorted now if they never were.
    pub fn cells(&mut self) -> CellsParts<'_> {
        in_dimensions!(&mut self.ready, ready => ready.cells_parts())
    }

    /// What the blocks of each group of 16 find within `reach` in the cells, at most, boxes that are
    /// rounded to single precision counted in.
    pub fn near(&mut self, reach: f64) -> Vec<Near> {
        in_dimensions!(&mut self.ready, ready => ready.near(reach))
    }

    /// What finds sources near a point, sorted into cells now if they never were.
    pub fn neighbours(&mut self) -> Neighbours<'_> {
        Neighbours::new(match &mut self.ready {
            InDimensions::One(ready) => neighbours::InDimensions::One(ready.cells()),
            InDimensions::Two(ready) => neighbours::InDimensions::Two(ready.cells()),
            InDimensions::Three(ready) => neighbours::InDimensions::Three(ready.cells()),
        })
    }

    /// The seconds that a step at σ should take the processor, one of many for these points.
    pub fn seconds(&mut self, sigma: Sigma, accuracy: Accuracy) -> f64 {
        in_dimensions!(&mut self.ready, ready => ready.seconds(sigma, accuracy))
    }

    /// Bytes that the points and what is kept for them take.
    pub fn bytes(&self) -> usize {
        in_dimensions!(&self.ready, ready => ready.bytes())
    }

    /// The instructions in use.
    pub fn instructions(&self) -> Instructions {
        in_dimensions!(&self.ready, ready => ready.instructions())
    }
}
