//! The plan of a step on a device ([`DevicePlan`]): all it needs for the part that depends on σ;
//! and [`prefer`], which decides between device and processor.
//!
//! The points' order, the spread sources of an octave and the taps come from here; the passes, the
//! gathering and the sums over cells are the device's: its twins of [`super::passes`],
//! [`super::interpolate`] and [`super::kd_tree`] are in `src/gpu/fast_*.rs`.

use super::{
    Accuracy, kd_tree,
    profile::Profile,
    scheme::{FLOOR, left_out},
    spreads::Key,
    window::{EIGHT, FOUR, TWELVE, Width},
};
use crate::{
    engine::{EngineError, Place},
    model::{Bounds, Sigma},
    numbers::{format_number, format_si},
    scheduler::DeviceKind,
};

/// What a device can do, and what it holds already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceLimits {
    /// Its kind.
    pub kind: DeviceKind,
    /// The most bytes of one buffer.
    pub largest_buffer: u64,
    /// The most bytes of all grids together.
    pub memory: u64,
    /// The spread sources that it keeps.
    pub grids: Vec<GridKey>,
}

/// Identifies a grid of spread sources by window width and spacing; all σ of an octave share a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GridKey(pub(super) Key);

/// The function that spreads and gathers, as polynomials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FastWindow {
    /// Nodes across: 4, 8 or 12.
    pub nodes: usize,
    /// Coefficients, shape (terms, `row`): of t^p for each node, and zeros.
    pub coefficients: &'static [f32],
    /// Numbers of a row.
    pub row: usize,
}

/// One axis of a grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridAxis {
    /// Nodes.
    pub nodes: usize,
    /// The number of the first cell, counted from the origin.
    pub first: i32,
    /// How far the cells of each block are moved; empty where none are.
    pub moved: Vec<i32>,
    /// Cells in a block, as a power of two.
    pub block_bits: u32,
}

/// A grid, and what a device is to do on it.
#[derive(Clone, Debug)]
pub struct GridDevicePlan {
    /// Its spread sources.
    pub key: GridKey,
    /// Its axes; nodes of the first lie next to each other, in rows of whole sixteens.
    pub axes: Vec<GridAxis>,
    /// Its spacing is two to the power of this.
    pub level: i32,
    /// The window.
    pub window: FastWindow,
    /// c₀, c₁, … c(T).
    pub taps: Vec<f64>,
    pub(super) profile: Profile,
}

/// Sums over near sources, on a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellsDevicePlan {
    /// The distance beyond which sources count no more.
    pub reach: f64,
    /// `reach` in units of σ.
    pub(super) cut: f64,
}

/// How a device is to do a step.
#[derive(Clone, Debug)]
pub enum DeviceMethod {
    /// Passes over a grid, and gathering.
    Grid(Box<GridDevicePlan>),
    /// Sums over cells.
    Cells(CellsDevicePlan),
}

/// All that a device needs for the part of a step that depends on σ.
#[derive(Clone, Debug)]
pub struct DevicePlan {
    /// What to do.
    pub method: DeviceMethod,
    /// Expected duration of the step, in seconds.
    pub seconds: f64,
    /// Brings weights near 1.
    pub weight_scale: f64,
    /// Σ|w| and max |w|, scaled.
    pub(super) mass: f64,
    pub(super) largest: f64,
    pub(super) dim: usize,
}

/// Where to do a step.
#[derive(Clone, Debug)]
pub struct PlaceChoice {
    /// What the device should do; `None` where the processor should do all of it.
    pub device: Option<DevicePlan>,
    /// Why, in one sentence.
    pub why: String,
}

/// What the targets of a block of cells find near them, at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Near {
    /// Sources.
    pub sources: u64,
    /// Nodes of the tree that are looked at on the way.
    pub visits: u64,
}

/// A node of the tree of sources, before all that is below it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellNode {
    /// The lowest and the highest corner of its sources, zero beyond the last coordinate.
    pub corners: [[f64; 3]; 2],
    /// Its first source.
    pub first: u32,
    /// Index to jump to when the part of the tree below it is left out (the nodes stand in preorder).
    pub next: u32,
}

/// Targets and sources in their cells.
#[derive(Clone, Debug)]
pub struct CellsParts<'a> {
    /// The targets, row by row, block by block.
    pub targets: Vec<f64>,
    /// Their numbers.
    pub numbers: Vec<u32>,
    /// The box of each block.
    pub boxes: Vec<[[f64; 3]; 2]>,
    /// The tree; a node that its next follows at once is a leaf.
    pub nodes: Vec<CellNode>,
    /// The sources, row by row, leaf by leaf.
    pub sources: &'a [f64],
    /// Their weights.
    pub weights: Option<&'a [f64]>,
}

impl CellsParts<'_> {
    /// Targets of a block.
    pub const BLOCK: usize = kd_tree::BLOCK;
    /// Sources of a leaf.
    pub const LEAF: usize = kd_tree::LEAF;
    /// Blocks of a group, which [`super::FastPoints::near`] counts together.
    pub const GROUP: usize = kd_tree::BLOCKS;
}

/// Bound on what rounding on a device adds to the error of a grid, in units of `max(F_i, floor)`.
/// Devices need not have a fused multiply-add, but their sums are shorter than the processor's.
const GRID_ROUNDING: f64 = 1.5e-6;
/// Bound on what rounding on a device adds to the error of a sum over near pairs, in units of
/// `max(F_i, floor)`; `exp2` of some devices is off by several units in the last place.
const CELLS_ROUNDING: f64 = 6e-6;
/// Bits, without the sign, of the fixed-point numbers that hold a place on an axis: one fewer than
/// 64 bits have.
const PLACE_BITS: i32 = 62;
/// Bits of the fixed-point numbers that hold the place within a cell.
const FRACTION_BITS: i32 = 32;

/// The place of the engine `fast` that the environment asks for.
#[derive(Clone, Copy, Debug)]
pub struct ForcedPlace;

impl ForcedPlace {
    /// The variable that forces one.
    pub const VARIABLE: &'static str = "SIGMASCOPE_FAST";

    /// The one that the variable names: `cpu` or `gpu`.
    ///
    /// # Errors
    /// When it names neither.
    pub fn read() -> Result<Option<Place>, EngineError> {
        match std::env::var_os(Self::VARIABLE) {
            None => Ok(None),
            Some(name) => Self::named(&name.to_string_lossy()).map(Some),
        }
    }

    /// Why it is the processor, where the variable says so.
    pub fn asked_for() -> String {
        format!("{} asks for the processor", Self::VARIABLE)
    }

    fn named(name: &str) -> Result<Place, EngineError> {
        match name {
            "cpu" => Ok(Place::Processor),
            "gpu" => Ok(Place::Device),
            _ => Err(EngineError::Failed(format!(
                "{} is '{name}': expected cpu or gpu",
                Self::VARIABLE
            ))),
        }
    }
}

impl FastWindow {
    /// The window of a width in f32.
    pub(super) fn of(width: Width) -> Option<Self> {
        let (row, coefficients) = match width {
            Width::Four => (4, FOUR.as_flattened()),
            Width::Eight => (8, EIGHT.as_flattened()),
            Width::Twelve => (16, TWELVE.as_flattened()),
            Width::Sixteen => return None,
        };
        Some(Self { nodes: width.nodes(), coefficients, row })
    }

    /// Terms of its polynomials.
    pub fn terms(&self) -> usize {
        self.coefficients.len() / self.row
    }
}

impl GridDevicePlan {
    /// All numbers of the grid.
    pub fn total(&self) -> usize {
        self.axes.iter().map(|axis| axis.nodes).product()
    }

    /// `128 × 112`.
    pub fn nodes(&self) -> String {
        let nodes = self.axes.iter().map(|axis| format_number(axis.nodes as f64, 12));
        nodes.collect::<Vec<_>>().join(" × ")
    }
}

impl DevicePlan {
    /// The largest |f − ref| / max(F, floor), as the module `fast` says, where the highest |f| is `highest` in
    /// units of the scaled weights.
    pub fn error_bound(&self, highest: f64) -> f64 {
        let floor = (FLOOR * self.largest).min(1e-3 * highest).max(f64::MIN_POSITIVE);
        self.error(floor)
    }

    /// [`Self::error_bound`] for a given floor, which is in units of the scaled weights.
    pub(super) fn error(&self, floor: f64) -> f64 {
        match &self.method {
            DeviceMethod::Grid(grid) => {
                GRID_ROUNDING + grid.profile.bound(self.dim, self.mass, floor)
            }
            DeviceMethod::Cells(CellsDevicePlan { cut, .. }) => {
                CELLS_ROUNDING + left_out(*cut, self.mass, floor)
            }
        }
    }

    /// The same points in cells at σ, however long that takes.
    #[must_use]
    pub fn over_cells(self, sigma: Sigma, accuracy: Accuracy) -> Self {
        let cut = accuracy.cut(self.mass, self.largest);
        Self {
            method: DeviceMethod::Cells(CellsDevicePlan { reach: cut * sigma.get(), cut }),
            ..self
        }
    }

    /// `a grid of 128 × 112 nodes`, or `cells`.
    pub fn name(&self) -> String {
        match &self.method {
            DeviceMethod::Grid(grid) => format!("a grid of {} nodes", grid.nodes()),
            DeviceMethod::Cells(_) => "cells".to_owned(),
        }
    }
}

/// Places on the axes as whole numbers, for points within some bounds: x · 2^bits, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedPoint {
    bits: i32,
}

impl FixedPoint {
    /// The finest that holds all points.
    pub fn new(bounds: &Bounds) -> Self {
        let sides = bounds.min.iter().chain(&bounds.max);
        let farthest = sides.fold(f64::MIN_POSITIVE, |farthest, side| farthest.max(side.abs()));
        // Of less than the smallest normal numbers f64 itself holds only a part.
        let bits = PLACE_BITS - 1 - farthest.log2().floor() as i32;
        Self { bits: bits.min(1000) }
    }

    /// A coordinate.
    pub fn place(self, x: f64) -> i64 {
        // A power of two: nothing is rounded but at the end.
        (x * f64::from(self.bits).exp2()).floor() as i64
    }

    /// By how much the upper half of a place must be shifted to the right to leave the number of a
    /// cell of 2^level; `None` where that would not leave 32 bits below it.
    pub fn shift(self, level: i32) -> Option<u32> {
        u32::try_from(level + self.bits - FRACTION_BITS).ok()
    }
}

/// Whether a device that takes so many seconds should do a step that the processor does in others, and
/// why.
pub(super) fn prefer(device: f64, processor: f64, forced: Option<Place>) -> (bool, String) {
    let there = format!("about {} on the device", format_si(device, "s"));
    let here = format!("about {} on the processor", format_si(processor, "s"));
    match forced {
        Some(Place::Processor) => (false, ForcedPlace::asked_for()),
        None if device >= processor => (false, format!("a step should take {here}, {there}")),
        _ => (true, format!("a step should take {there}, {here}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_places_in_them_are_those_of_the_coordinates() {
        for (min, max) in [(-3.0, 5.0), (0.1, 0.9), (1e6, 1e6 + 3.0), (-1e-9, 2e-9), (0.0, 0.0)] {
            let bounds = Bounds { min: vec![min], max: vec![max] };
            let fixed = FixedPoint::new(&bounds);
            for level in [-44, -20, -3, 0, 9, 40, 200] {
                let Some(shift) = fixed.shift(level) else {
                    assert!(f64::from(level).exp2() < f64::max(max.abs(), min.abs()) * 2e-9);
                    continue;
                };
                for x in [min, max, 0.3 * min + 0.7 * max] {
                    let place = fixed.place(x);
                    let cells = x * f64::from(-level).exp2();
                    let upper = (place >> 32) as i32;
                    assert_eq!(i64::from(upper >> shift.min(31)), cells.floor() as i64);
                    // As the shader does it.
                    let bits = match shift {
                        0 => place as u32,
                        1..32 => (upper as u32) << (32 - shift) | place as u32 >> shift,
                        _ => (upper >> (shift - 32).min(31)) as u32,
                    };
                    let fraction = f64::from(bits) * (-32_f64).exp2();
                    let off = (fraction - (cells - cells.floor())).abs();
                    assert!(off < 1e-9, "{x} {level}: {fraction} {off:e}");
                }
            }
        }
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_those_that_are() {
        assert_eq!(ForcedPlace::named("cpu").expect("a place"), Place::Processor);
        assert_eq!(ForcedPlace::named("gpu").expect("a place"), Place::Device);
        let message = ForcedPlace::named("tpu").expect_err("no place").to_string();
        assert!(message.contains("SIGMASCOPE_FAST is 'tpu': expected cpu or gpu"), "{message}");
    }

    #[test]
    fn the_place_is_the_one_that_is_done_first_unless_it_is_forced() {
        let (device, why) = prefer(1e-3, 0.01, None);
        assert!(device && why.starts_with("a step should take about 1"), "{why}");
        assert!(why.find("on the device") < why.find("on the processor"), "{why}");
        let (device, why) = prefer(1e-3, 1e-4, None);
        assert!(!device && why.find("on the device") > why.find("on the processor"), "{why}");
        assert!(prefer(1e-3, 1e-4, Some(Place::Device)).0);
        let (device, why) = prefer(1e-3, 0.01, Some(Place::Processor));
        assert!(!device && why == "SIGMASCOPE_FAST asks for the processor", "{why}");
    }
}
