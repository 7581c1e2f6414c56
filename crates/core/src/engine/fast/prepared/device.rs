//! Makes the [`DevicePlan`] for one σ: compares the cost of grid and cells on the device with the
//! processor's, and provides the data that the device needs.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::{PreparedPoints, Weights, third};
use crate::{
    engine::{
        EngineError, Observer, Place,
        fast::{
            Accuracy,
            axis::Axis,
            device_plan::{
                CellsDevicePlan, CellsParts, DeviceLimits, DeviceMethod, DevicePlan, FastWindow,
                FixedPoint, GridAxis, GridDevicePlan, GridKey, Near, PlaceChoice, prefer,
            },
            kd_tree::{self, KdTree},
            scheme::{FLOOR, Spacing},
            spreads::{Grid, Key},
        },
    },
    model::Sigma,
    numbers::format_si,
    scheduler::{DeviceRates, sorting_seconds, spread_seconds},
};

/// A grid, or cells, and what that should take on a device.
struct Candidate {
    seconds: f64,
    grid: Option<(Spacing, Key)>,
}

/// Range of (κσ)² and of 1/σ² in which a device sums near pairs: f32 holds squares of distances
/// there.
const SQUARES: std::ops::Range<f64> = 1e-30..1e36;
/// Largest extent of the points, in σ, for coordinates that are sums of two f32: their rounding
/// error, 2⁻⁴⁹ of the extent, is then below 10⁻⁷ σ.
const SPLIT: f64 = 4e7;

impl<const D: usize> PreparedPoints<D> {
    /// What `device` should do for one σ, if anything.
    pub(in crate::engine::fast) fn choose(
        &mut self,
        sigma: Sigma,
        accuracy: Accuracy,
        device: &DeviceLimits,
        forced: Option<Place>,
    ) -> PlaceChoice {
        match self.device_plan(sigma, accuracy, device, forced) {
            Ok((device, why)) => PlaceChoice { device, why },
            Err(hindrance) => {
                PlaceChoice { device: None, why: format!("not on the device, since {hindrance}") }
            }
        }
    }

    /// The device plan for one σ, or the reason why the device cannot do it.
    fn device_plan(
        &mut self,
        sigma: Sigma,
        accuracy: Accuracy,
        device: &DeviceLimits,
        forced: Option<Place>,
    ) -> Result<(Option<DevicePlan>, String), String> {
        let Weights { mass, largest, scale } = self.weights;
        if mass == 0.0 {
            return Err("all weights are zero".to_owned());
        }
        if accuracy.is_double() {
            return Err("that tolerance takes float64, which the device has not".to_owned());
        }
        let sigma = sigma.get();
        let cut = accuracy.cut(mass, largest);
        let again = if self.tried { 8.0 } else { 1.0 };
        let ways = self.ways(sigma, cut, accuracy);
        let rates = DeviceRates::of(device.kind, self.machine.threads);
        // The processor's field has to be brought to the device.
        let brought = 4.0 * self.size()[0] as f64 / rates.bytes;
        let processor = ways.iter().map(|way| way.seconds).fold(f64::INFINITY, f64::min) + brought;
        let mut hindrance = "no way on it keeps the tolerance".to_owned();
        let mut candidates = Vec::new();
        for grid in ways.into_iter().map(|way| way.grid) {
            let seconds = match &grid {
                None => self.device_cells_seconds(sigma, cut, device, &rates, again),
                Some((spacing, key)) => {
                    self.device_grid_seconds(spacing, *key, device, &rates, again)
                }
            };
            match seconds {
                Ok(seconds) => candidates.push(Candidate { seconds, grid }),
                Err(why) => hindrance = why,
            }
        }
        candidates.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
        for Candidate { seconds, grid } in candidates {
            let (device, why) = prefer(seconds, processor, forced);
            if !device {
                return Ok((None, why));
            }
            let method = match grid {
                None => DeviceMethod::Cells(CellsDevicePlan { reach: cut * sigma, cut }),
                Some((spacing, key)) => match self.grid_plan(&spacing, key) {
                    Some(grid) => DeviceMethod::Grid(Box::new(grid)),
                    None => continue,
                },
            };
            let plan = DevicePlan { method, seconds, weight_scale: scale, mass, largest, dim: D };
            let error = plan.error(FLOOR * largest);
            if accuracy == Accuracy::Draft || error <= accuracy.tolerance() {
                self.tried = true;
                return Ok((Some(plan), why));
            }
        }
        Err(hindrance)
    }

    fn device_grid_seconds(
        &mut self,
        spacing: &Spacing,
        key: Key,
        device: &DeviceLimits,
        rates: &DeviceRates,
        again: f64,
    ) -> Result<f64, String> {
        let [n, m] = self.size();
        let Some(layout) = self.spreads.layout(key, || None) else {
            return Err("there is no grid".to_owned());
        };
        let bytes = 4 * layout.total as u64;
        let places = 4 * (2 * D as u64 + 1) * n as u64;
        let most = device.largest_buffer;
        if bytes.max(places) > most {
            return Err(format!(
                "one buffer of the device holds {}, and the grid takes {}, the targets {}",
                format_si(most as f64, "B"),
                format_si(bytes as f64, "B"),
                format_si(places as f64, "B")
            ));
        }
        // What is kept, and two to work on.
        if 3 * bytes > device.memory {
            return Err(format!("three grids of {} are too much", format_si(bytes as f64, "B")));
        }
        if FixedPoint::new(&self.bounds).shift(spacing.level).is_none() {
            return Err("the grid has more cells than the device can count".to_owned());
        }
        let taps = 2 * spacing.reach + 1;
        let mut seconds = rates.grid_seconds(n, D, spacing.width, layout.total, taps);
        if !device.grids.contains(&GridKey(key)) {
            let mut once = bytes as f64 / rates.bytes;
            if !self.spreads.has(key) {
                let machine = &self.machine;
                once += spread_seconds(m, D, spacing.width, layout.total, machine);
            }
            seconds += once / again;
        }
        Ok(seconds)
    }

    fn device_cells_seconds(
        &self,
        sigma: f64,
        cut: f64,
        device: &DeviceLimits,
        rates: &DeviceRates,
        again: f64,
    ) -> Result<f64, String> {
        let [n, m] = self.size();
        let point = 4 * (2 * D as u64 + 1);
        let bytes = (point * n as u64).max(point * m as u64 + 64).max(8 * n as u64);
        let tree = 2 * m as u64 + n as u64 / 2 + 128;
        if bytes.max(tree) > device.largest_buffer {
            return Err(format!(
                "one buffer of the device holds {}, and the points take {}",
                format_si(device.largest_buffer as f64, "B"),
                format_si(bytes.max(tree) as f64, "B")
            ));
        }
        if !SQUARES.contains(&(cut * sigma).powi(2)) || !SQUARES.contains(&sigma.powi(-2)) {
            return Err("single precision does not hold the squares of such a σ".to_owned());
        }
        if self.bounds.extent() > SPLIT * sigma {
            return Err("two numbers in single precision do not hold such far points".to_owned());
        }
        let pairs = self.pair_distances.pairs([n, m], kd_tree::BLOCK, cut * sigma);
        let mut seconds = rates.cells_seconds(n, pairs, D);
        if self.cells.is_none() {
            seconds += sorting_seconds(n, m, &self.machine) / again;
        }
        Ok(seconds)
    }

    fn grid_plan(&mut self, spacing: &Spacing, key: Key) -> Option<GridDevicePlan> {
        let layout = self.spreads.layout(key, || None)?;
        let axes: Option<Vec<GridAxis>> = layout
            .axes
            .iter()
            .zip(layout.nodes)
            .map(|(axis, nodes)| grid_axis(axis, nodes))
            .collect();
        let (taps, profile) = spacing.taps();
        Some(GridDevicePlan {
            key: GridKey(key),
            axes: axes?,
            level: spacing.level,
            window: FastWindow::of(spacing.width)?,
            taps,
            profile,
        })
    }

    /// The spread sources of a grid that a device plan named, row by row.
    pub(in crate::engine::fast) fn spread_numbers(
        &mut self,
        GridKey(key): GridKey,
        observer: &mut dyn Observer,
    ) -> Result<&[f32], EngineError> {
        let gone = || EngineError::Failed("the grid is gone".to_owned());
        let layout = self.spreads.layout(key, || None).ok_or_else(gone)?;
        let [_, m] = self.size();
        let machine = &self.machine;
        let share = self.share(spread_seconds(m, D, key.0, layout.total, machine));
        self.spread_on(key, &layout, share, &mut third(0, observer))?;
        match self.spreads.take(key) {
            Some(Grid::Single(numbers)) => Ok(numbers),
            _ => Err(gone()),
        }
    }

    /// The targets, row by row, in an order in which neighbours stand together, and their numbers.
    pub(in crate::engine::fast) fn targets(&self) -> (&[f64], &[u32]) {
        (self.targets.cloud.coordinates(), &self.targets.original)
    }

    pub(in crate::engine::fast) fn fixed_point(&self) -> FixedPoint {
        FixedPoint::new(&self.bounds)
    }

    /// Targets and sources in cells, sorted now if they never were.
    pub(in crate::engine::fast) fn cells(&mut self) -> &KdTree<D> {
        let Self { targets, sources, cells, .. } = self;
        let sources = sources.as_ref().unwrap_or(targets);
        cells.get_or_insert_with(|| KdTree::new(&targets.cloud, &sources.cloud))
    }

    pub(in crate::engine::fast) fn cells_parts(&mut self) -> CellsParts<'_> {
        self.cells();
        let Self { targets, cells, .. } = &*self;
        let cells = cells.as_ref().expect("they were made just now");
        cells.parts(targets)
    }

    /// What the blocks of each group find within `reach`, at most.
    pub(in crate::engine::fast) fn near(&mut self, reach: f64) -> Vec<Near> {
        let reach = 1.001 * reach + 1e-6 * self.bounds.extent();
        let cells = self.cells();
        (0..cells.groups()).into_par_iter().map(|group| cells.near_group(group, reach)).collect()
    }
}

fn grid_axis(axis: &Axis, nodes: usize) -> Option<GridAxis> {
    let moved: Result<Vec<i32>, _> = axis.moved.iter().map(|by| i32::try_from(*by)).collect();
    // Whole numbers, so that nothing is cut off.
    let first = axis.first as i64;
    Some(GridAxis {
        nodes,
        first: i32::try_from(first).ok()?,
        moved: moved.ok()?,
        block_bits: axis.block_bits,
    })
}
