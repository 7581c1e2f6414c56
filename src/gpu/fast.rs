//! The steps of the fast engine on the device: all that depends on σ, on buffers that are kept from
//! one σ to the next.
//!
//! ```text
//!   once          places of the targets ──────────────────────────────────────┐
//!   an octave     spread sources ──┐                                          ▼
//!   each σ        taps ────────────┴──▶ pass ──▶ pass ──▶ (pass) ──▶ gather ──▶ field
//! ```
//!
//! For a new σ on the same grid, only taps and uniforms are uploaded: a few hundred bytes. For a σ
//! so small that near pairs are summed over a k-d tree instead, only uniforms.
//!
//! The twin on the processor is [`crate::engine::FastPoints`], which also plans what the device
//! should do and states the error of that.

use super::{
    Field, Gpu, GpuError, Scaled, Sums,
    device_times::DeviceTimes,
    fast_cells::{CellsOnDevice, most_iterations},
    fast_convolve::{AxisPass, padded_taps},
    fast_gather,
    fast_pieces::{Piece, PiecePlan, groups_of, most_groups},
    fast_pipelines::{FastForm, FastPipelines},
    gauss_sum::WORKGROUP,
    pipelines::whole,
    slices::{self, Dispatch, Submission},
    values::OnDevice,
};
use crate::{
    engine::{
        CellsDevicePlan, DeviceLimits, DeviceMethod, DevicePlan, DeviceValues, EngineError,
        FastPoints, GridDevicePlan, GridKey, Observer, Pace, Progress, SliceSeconds, StepDevice,
    },
    model::Sigma,
    scheduler::DeviceKind,
};
use std::ops::ControlFlow;

/// The buffers of the fast engine for one set of points, kept from one σ to the next.
pub struct FastOnDevice {
    places: Option<wgpu::Buffer>,
    /// In order of use, the most recently used last.
    grids: Vec<KeptGrid>,
    /// Convolved grids; each pass reads one and writes the other.
    work: Vec<wgpu::Buffer>,
    cells: Option<CellsOnDevice>,
    sums: Option<Sums>,
    grid_pace: Pace,
    cells_pace: Pace,
    times: DeviceTimes,
}

/// The grid of spread sources for one octave of σ.
struct KeptGrid {
    key: GridKey,
    numbers: wgpu::Buffer,
    /// By how many nodes the cells of each block are moved where gaps are compressed.
    moved: wgpu::Buffer,
    window: wgpu::Buffer,
}

/// Bytes of memory for all grids of one set of points, the two that passes write included, where the device
/// has none of its own, or none that is known; and the most on a card. With less, fewer octaves of σ are kept and
/// large grids give way to sums over near pairs: on an NVIDIA H200 three grids of 137 MB (10⁶ points, d = 3,
/// σ = 0.1) take 4 ms a step, near pairs 136 ms or more. With more, the window and other programs have less.
const MEMORY: [u64; 2] = [384 << 20, 2 << 30];

/// Bytes of memory for all grids on a device of this kind, one buffer of which may have `largest` bytes: wgpu tells
/// no more of a card's memory.
fn grid_memory(kind: DeviceKind, largest: u64) -> u64 {
    let [least, most] = MEMORY;
    if kind == DeviceKind::Discrete { largest.clamp(least, most) } else { least }
}
/// The most grids that are kept. Each serves an octave of σ at one window width: fewer are spread
/// and uploaded again while σ is dragged over a wide range; more hold buffers that are hardly used
/// again.
const GRIDS: usize = 16;
/// A work buffer is kept if it has at most `LARGER[0]` times the bytes needed, plus `LARGER[1]`.
/// With less slack it is allocated anew more often as σ changes; with more it keeps memory that is
/// not used.
const LARGER: [u64; 2] = [4, 1 << 20];

impl Gpu {
    /// Whether the device can do steps of the fast engine, or why not.
    ///
    /// # Errors
    /// When a shader of the fast engine could not be compiled.
    pub fn can_step(&self) -> Result<(), GpuError> {
        self.pipelines.fast.as_ref().map(|_| ()).map_err(Clone::clone)
    }
}

/// Does steps of the engine `fast` on the device.
pub(super) struct DeviceSteps {
    pub(super) gpu: Gpu,
    pub(super) on_device: FastOnDevice,
}

impl StepDevice for DeviceSteps {
    fn limits(&self) -> DeviceLimits {
        self.on_device.limits(&self.gpu)
    }

    fn aim(&mut self, SliceSeconds(seconds): SliceSeconds) {
        self.on_device.aim(seconds);
    }

    fn step(
        &mut self,
        points: &mut FastPoints,
        sigma: Sigma,
        plan: &DevicePlan,
        factor: f64,
        signed: bool,
        observer: &mut dyn Observer,
    ) -> Result<Box<dyn DeviceValues>, EngineError> {
        let Self { gpu, on_device } = self;
        let scaled = Scaled { by: factor as f32, signed };
        let field = on_device.step(gpu, points, sigma, plan, scaled, observer)?;
        let field = field.ok_or(EngineError::Stopped)?;
        Ok(Box::new(OnDevice { gpu: gpu.clone(), field }))
    }

    fn seconds(&self) -> Option<f64> {
        self.on_device.times.seconds()
    }

    fn bytes(&self) -> u64 {
        self.on_device.bytes()
    }
}

impl FastOnDevice {
    /// The device's limits, and the grids that it keeps.
    pub fn limits(&self, gpu: &Gpu) -> DeviceLimits {
        let limits = gpu.device.limits();
        DeviceLimits {
            kind: gpu.adapter().kind,
            largest_buffer: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size),
            memory: grid_memory(gpu.adapter().kind, limits.max_buffer_size),
            grids: self.grids.iter().map(|grid| grid.key).collect(),
        }
    }

    /// Empty: buffers are made by the first steps. Submissions should last `slice_seconds`.
    pub fn new(gpu: &Gpu, slice_seconds: f64) -> Self {
        let first = if gpu.adapter().software { 3e8 } else { 1e10 };
        Self {
            places: None,
            grids: Vec::new(),
            work: Vec::new(),
            cells: None,
            sums: None,
            grid_pace: Pace::new(slice_seconds, first),
            cells_pace: Pace::new(slice_seconds, first / 3.0),
            times: DeviceTimes::default(),
        }
    }

    /// Sets how long submissions should last from now on, in seconds.
    pub fn aim(&mut self, slice_seconds: f64) {
        self.grid_pace.aim(slice_seconds);
        self.cells_pace.aim(slice_seconds);
    }

    /// Bytes of all buffers on the device.
    pub fn bytes(&self) -> u64 {
        let grids = self.grids.iter().flat_map(|grid| [&grid.numbers, &grid.moved]);
        let cells =
            self.cells.iter().flat_map(|cells| [&cells.tree, &cells.targets, &cells.sources]);
        let sums = self.sums.iter().map(|sums| &sums.0);
        let all = grids.chain(cells).chain(sums).chain(&self.work).chain(&self.places);
        all.map(wgpu::Buffer::size).sum()
    }

    /// Computes the field at `sigma` as `plan` says; `None` if the observer ended the work.
    ///
    /// `points` must be the same in every call, and `plan` made for them. `scaled` holds the factor
    /// of the sums, whose weights are multiplied by `plan.weight_scale`.
    ///
    /// # Errors
    /// When the device fails, or has no memory for it.
    pub fn step(
        &mut self,
        gpu: &Gpu,
        points: &mut FastPoints,
        sigma: Sigma,
        plan: &DevicePlan,
        scaled: Scaled,
        observer: &mut dyn Observer,
    ) -> Result<Option<Field>, GpuError> {
        self.times.start(gpu)?;
        match &plan.method {
            DeviceMethod::Grid(grid) => self.step_on_grid(gpu, points, grid, scaled, observer),
            DeviceMethod::Cells(cells) => {
                if observer.checkpoint(Progress { fraction: 0.0 }).is_break() {
                    return Ok(None);
                }
                let weight_scale = plan.weight_scale;
                self.step_over_cells(gpu, points, sigma, *cells, weight_scale, scaled, observer)
            }
        }
    }

    fn step_on_grid(
        &mut self,
        gpu: &Gpu,
        points: &mut FastPoints,
        grid: &GridDevicePlan,
        scaled: Scaled,
        observer: &mut dyn Observer,
    ) -> Result<Option<Field>, GpuError> {
        let pipelines = gpu.pipelines.fast.as_ref().map_err(Clone::clone)?;
        let n = points.targets().1.len();
        let places = match &self.places {
            Some(places) => places.clone(),
            None => self.places.insert(fast_gather::upload_places(gpu, points)?).clone(),
        };
        if !self.bring_grid(gpu, points, grid, observer)? {
            return Ok(None);
        }
        self.make_work(gpu, grid)?;
        let Some(kept) = self.grids.last() else { return Ok(None) };
        let taps = padded_taps(&grid.taps);
        let storage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let size = size_of_val(&taps[..]) as u64;
        let taps_buffer = gpu.buffer("fast_convolve::taps", "the taps", size, storage)?;
        gpu.queue.write_buffer(&taps_buffer, 0, bytemuck::cast_slice(&taps));
        let values = Field::room(gpu, n)?;

        let dim = grid.axes.len();
        let fixed = points.fixed_point();
        let shift = fixed.shift(grid.level).ok_or_else(|| {
            GpuError::Device("the grid has more cells than can be counted".to_owned())
        })?;
        let gather = fast_gather::uniform(grid, shift, scaled);
        let passes = AxisPass::all(grid);
        let mut phases: Vec<_> = passes.iter().map(AxisPass::phase).collect();
        phases.push(fast_gather::phase(&grid.window, dim, n));
        let mut plan = PiecePlan::new(phases, WORKGROUP * most_groups(gpu.max_groups()));
        let whole_cost = plan.cost() as f64;
        let work = &self.work;
        let dispatch = |piece: &Piece| -> Result<Dispatch, GpuError> {
            let (form, layout, uniform, buffers);
            let from = match piece.phase {
                0 => &kept.numbers,
                phase => &work[(phase - 1) % work.len()],
            };
            let mut bound = Vec::new();
            if let Some(pass) = passes.get(piece.phase) {
                form = if pass.axis == 0 { FastForm::Along } else { FastForm::Across };
                layout = &pipelines.convolve_layout;
                uniform = gpu.uniform("fast_convolve::pass", &pass.uniform(&piece.items))?;
                buffers = vec![&taps_buffer, from, &work[piece.phase % work.len()]];
            } else {
                form = fast_gather::form(&grid.window, dim);
                layout = &pipelines.gather_layout;
                let (first, end) = (piece.items.start as u32, piece.items.end as u32);
                let data = fast_gather::gpu_data::Gather { first, end, ..gather };
                uniform = gpu.uniform("fast_gather::gather", &data)?;
                buffers = vec![&kept.window, &places, &kept.moved, from, &values];
            }
            bound.push(&uniform);
            bound.extend(buffers);
            Dispatch::new(
                gpu,
                pipelines,
                form,
                layout,
                &bound,
                piece.items.len().div_ceil(WORKGROUP),
            )
        };
        let next = |budget| {
            let pieces = plan.next(budget);
            let cost = pieces.iter().map(|piece| piece.cost).sum();
            let dispatches: Result<Vec<_>, _> = pieces.iter().map(dispatch).collect();
            Ok(Some(Submission { dispatches: dispatches?, cost }).filter(|_| cost > 0))
        };
        let control = |done: u64| {
            let fraction = (1.0 + 2.0 * done as f64 / whole_cost) / 3.0;
            observer.checkpoint(Progress { fraction })
        };
        match slices::run(gpu, "fast", &mut self.grid_pace, &self.times, next, control)? {
            ControlFlow::Continue(()) => Field::of_values(gpu, n, values).map(Some),
            ControlFlow::Break(()) => Ok(None),
        }
    }

    /// Makes `grid` the last of the kept grids, spreading and uploading it if it is not among them;
    /// false if the observer ended the work.
    fn bring_grid(
        &mut self,
        gpu: &Gpu,
        points: &mut FastPoints,
        grid: &GridDevicePlan,
        observer: &mut dyn Observer,
    ) -> Result<bool, GpuError> {
        if let Some(found) = self.grids.iter().position(|kept| kept.key == grid.key) {
            let kept = self.grids.remove(found);
            self.grids.push(kept);
            return Ok(true);
        }
        let numbers = match points.spread(grid.key, observer) {
            Ok(numbers) => numbers,
            Err(EngineError::Stopped) => return Ok(false),
            Err(err) => return Err(GpuError::Device(err.to_string())),
        };
        let bytes = size_of_val(numbers) as u64;
        let memory = grid_memory(gpu.adapter().kind, gpu.device.limits().max_buffer_size);
        let kept = |grids: &[KeptGrid]| grids.iter().map(|grid| grid.numbers.size()).sum::<u64>();
        while self.grids.len() >= GRIDS
            || !self.grids.is_empty() && kept(&self.grids) + 3 * bytes > memory
        {
            self.grids.remove(0);
        }
        let storage = wgpu::BufferUsages::STORAGE;
        let numbers = gpu.filled("fast::grid", "the grid", &[numbers], storage)?;
        let moved = fast_gather::upload_moved(gpu, &grid.axes)?;
        let window = fast_gather::upload_window(gpu, &grid.window)?;
        self.grids.push(KeptGrid { key: grid.key, numbers, moved, window });
        Ok(true)
    }

    /// Makes sure that there are work buffers for what the passes write: two of the grid's size, or
    /// one in one dimension.
    fn make_work(&mut self, gpu: &Gpu, grid: &GridDevicePlan) -> Result<(), GpuError> {
        let count = grid.axes.len().min(2);
        let bytes = 4 * grid.total() as u64;
        let fits = bytes..=LARGER[0] * bytes + LARGER[1];
        if self.work.len() == count && self.work.iter().all(|work| fits.contains(&work.size())) {
            return Ok(());
        }
        self.work.clear();
        for _ in 0..count {
            let usage = wgpu::BufferUsages::STORAGE;
            self.work.push(gpu.buffer("fast::work", "the convolved grid", bytes, usage)?);
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "all that a step needs")]
    fn step_over_cells(
        &mut self,
        gpu: &Gpu,
        points: &mut FastPoints,
        sigma: Sigma,
        CellsDevicePlan { reach, .. }: CellsDevicePlan,
        weight_scale: f64,
        scaled: Scaled,
        observer: &mut dyn Observer,
    ) -> Result<Option<Field>, GpuError> {
        let pipelines = gpu.pipelines.fast.as_ref().map_err(Clone::clone)?;
        let n = points.targets().1.len();
        let near = points.near(reach);
        let cells = match &mut self.cells {
            Some(cells) => cells,
            none => none.insert(CellsOnDevice::new(gpu, &points.cells(), weight_scale)?),
        };
        let sums = match &self.sums {
            Some(sums) => sums.clone(),
            None => self.sums.insert(Sums::new(gpu, n)?).clone(),
        };
        let iterations = most_iterations(gpu.adapter().software);
        let mut plan = cells.plan(near, most_groups(gpu.max_groups()), iterations);
        let whole_cost = plan.cost() as f64;
        let form = FastForm::Cells { dim: cells.dim };
        let next = |budget| {
            let pieces = plan.next(budget);
            let cost = pieces.iter().map(|piece| piece.cost).sum();
            let mut dispatches = Vec::new();
            for piece in &pieces {
                let uniform =
                    gpu.uniform("fast_cells::walk", &cells.uniform(piece, sigma, reach))?;
                let bound = [&uniform, &cells.tree, &cells.targets, &cells.sources, &sums.0];
                let (layout, groups) = (&pipelines.cells_layout, piece.blocks.len());
                dispatches.push(Dispatch::new(gpu, pipelines, form, layout, &bound, groups)?);
            }
            Ok(Some(Submission { dispatches, cost }).filter(|_| !pieces.is_empty()))
        };
        let control =
            |done: u64| observer.checkpoint(Progress { fraction: done as f64 / whole_cost });
        match slices::run(gpu, "fast", &mut self.cells_pace, &self.times, next, control)? {
            ControlFlow::Continue(()) => Field::of_sums(gpu, n, &sums, scaled).map(Some),
            ControlFlow::Break(()) => Ok(None),
        }
    }
}

impl Dispatch {
    /// A dispatch of at least `groups` workgroups of `form`, with `buffers` in the order of their
    /// bindings.
    fn new(
        gpu: &Gpu,
        pipelines: &FastPipelines,
        form: FastForm,
        layout: &wgpu::BindGroupLayout,
        buffers: &[&wgpu::Buffer],
        groups: usize,
    ) -> Result<Self, GpuError> {
        let pipeline = pipelines.get(gpu, form)?;
        let entries: Vec<_> =
            buffers.iter().enumerate().map(|(k, buffer)| whole(k as u32, buffer)).collect();
        let bind_group = gpu.checked(|device| {
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(form.entry()),
                layout,
                entries: &entries,
            })
        })?;
        let groups = groups_of(groups, gpu.max_groups()).ok_or_else(|| {
            GpuError::Device(format!("{groups} workgroups are too many for a dispatch"))
        })?;
        Ok(Self { pipeline, bind_group, groups })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_take_what_a_card_has_and_no_more_elsewhere() {
        // Three grids of 10⁶ points in space at σ = 0.1, on a card with buffers of 2 GiB and of 256 MiB.
        assert!(grid_memory(DeviceKind::Discrete, 2 << 30) > 3 * 137_000_000);
        assert_eq!(grid_memory(DeviceKind::Discrete, 256 << 20), 384 << 20);
        assert_eq!(grid_memory(DeviceKind::Discrete, u64::MAX), 2 << 30);
        for kind in [DeviceKind::Software, DeviceKind::Integrated, DeviceKind::Other] {
            assert_eq!(grid_memory(kind, u64::MAX), 384 << 20);
        }
    }
}
