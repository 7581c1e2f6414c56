//! The exact sum where sources out of reach are left out: sorted points on the device, and for one σ the
//! blocks of sources that each block of targets looks at.
//!
//! Memory: the points once more, and 4 bytes for each block of sources in a list. Cost: the pairs that are
//! listed. What is left out is less than 10⁻⁸ of each value, or a term that f32 does not hold: see
//! [`crate::engine::SortedPoints`].

use std::{collections::VecDeque, ops::ControlFlow, time::Instant};

use super::{
    GaussSum, Gpu, GpuError, PointBuffers,
    device_times::Stamps,
    faults::Fault,
    gauss_sum::{Recorded, gpu_data},
    sum_pipelines::SumPipelines,
    variant::{GROUP, Variant},
};
use crate::{
    engine::{
        Item, Lists, Observer, Pace, Progress, SOURCES_IN_BLOCK, Slice, SortedPoints,
        targets_in_block,
    },
    model::{Points, Sigma},
};

/// Points in orders in which neighbours are together, in memory and on the device.
pub(super) struct Sorted {
    sorted: SortedPoints,
    buffers: PointBuffers,
}

/// The lists of one σ, on the device.
pub struct ListedSum<'a> {
    sorted: &'a Sorted,
    lists: Lists,
    buffer: wgpu::Buffer,
    variant: Variant,
}

/// Workgroups that a slice should have on a graphics card, and on a software adapter for each thread, so
/// that none waits long for the last.
const WANTED: [usize; 2] = [4000, 16];
/// The most workgroups in a slice, within what every device dispatches.
const MOST_ITEMS: usize = 8192;

impl Sorted {
    /// Whether sources can be listed for these points: not where workgroup memory does not hold a block.
    pub(super) fn is_possible(gpu: &Gpu, points: &PointBuffers, sigma: Sigma) -> bool {
        variant(gpu, points, sigma).can_list()
    }

    /// Sorts and uploads the points.
    ///
    /// # Errors
    /// When they do not fit.
    pub(super) fn new(gpu: &Gpu, points: &Points) -> Result<Self, GpuError> {
        let sorted = SortedPoints::new(points);
        let order = Some(sorted.target_order());
        let buffers = PointBuffers::in_order(gpu, points, order, sorted.source_order())?;
        Ok(Self { sorted, buffers })
    }

    /// Bytes in memory and on the device.
    pub(super) fn bytes(&self) -> [u64; 2] {
        [self.sorted.bytes(), self.buffers.bytes()]
    }

    /// What each block of targets looks at, for a sum at this σ; `None` where that would leave out little.
    ///
    /// # Errors
    /// When it does not fit.
    pub(super) fn listed(
        &self,
        gpu: &Gpu,
        sigma: Sigma,
        chunk: usize,
    ) -> Result<Option<ListedSum<'_>>, GpuError> {
        let Self { sorted, buffers } = self;
        let variant = variant(gpu, buffers, sigma);
        let tile = GROUP * variant.tile_groups();
        // A sum is updated after each tile, which must not hold more than a chunk.
        if !variant.can_list() || chunk < tile.min(buffers.m()) {
            return Ok(None);
        }
        let plans = gpu.plans();
        let wanted = if plans.is_hardware() { WANTED[0] } else { WANTED[1] * plans.threads };
        let Some(lists) = sorted.lists(sigma, variant.longest_list(), wanted) else {
            return Ok(None);
        };
        let Lists { blocks, items, first_items } = &lists;
        let first = 4 * items.len() as u32;
        let of_item = |item: &Item| {
            [item.targets, first + item.start, first + item.near_end, first + item.end]
        };
        let numbers: Vec<u32> = items.iter().flat_map(of_item).collect();
        let parts = [&numbers, blocks, first_items, sorted.target_order()];
        let parts = parts.map(bytemuck::cast_slice::<u32, f32>);
        let buffer =
            gpu.filled("lists", "the lists of sources", &parts, wgpu::BufferUsages::STORAGE);
        match buffer {
            Ok(buffer) => Ok(Some(ListedSum { sorted: self, lists, buffer, variant })),
            Err(GpuError::Lost(reason)) => Err(GpuError::Lost(reason)),
            // It goes without.
            Err(_) => Ok(None),
        }
    }
}

/// The kernel for listed sources at this σ.
fn variant(gpu: &Gpu, points: &PointBuffers, sigma: Sigma) -> Variant {
    Variant {
        dim: points.dim(),
        exactness: points.exactness_at(sigma),
        weighted: points.largest_weight().is_some(),
        shape: gpu.plans().listed_shape(points.dim()),
        listed: true,
    }
}

/// Some blocks of targets that are summed in one submission.
struct ListedSlice {
    blocks: std::ops::Range<usize>,
    /// Pairs of targets with near sources.
    pairs: u64,
}

impl ListedSum<'_> {
    /// The pairs of a block of targets with near sources.
    fn pairs(&self, block: usize) -> u64 {
        let Lists { items, first_items, .. } = &self.lists;
        let items = &items[first_items[block] as usize..first_items[block + 1] as usize];
        let near: u64 = items.iter().map(|item| u64::from(item.near_end - item.start)).sum();
        let targets = targets_in_block(self.sorted.buffers.dim()) as u64;
        // A workgroup costs something even where nothing is near.
        (near.max(1) * SOURCES_IN_BLOCK as u64) * targets
    }

    /// The next slice from `block` on, of about `pairs` pairs.
    fn next(&self, block: usize, pairs: u64, most_items: usize) -> Option<ListedSlice> {
        let first_items = &self.lists.first_items;
        let last = first_items.len() - 1;
        if block >= last {
            return None;
        }
        let mut slice = ListedSlice { blocks: block..block, pairs: 0 };
        while slice.blocks.end < last {
            let end = slice.blocks.end;
            let items = (first_items[end + 1] - first_items[block]) as usize;
            let of_block = self.pairs(end);
            if end > block && (slice.pairs + of_block > pairs || items > most_items) {
                break;
            }
            slice.pairs += of_block;
            slice.blocks.end += 1;
        }
        Some(slice)
    }
}

impl GaussSum<'_> {
    /// Carries out the sum with what is listed, in slices whose size `pace` sets and learns from. There are
    /// no previews: each target is done with the first slice that it is in.
    pub(super) fn run_listed(
        &self,
        pipelines: &SumPipelines,
        listed: &ListedSum<'_>,
        pace: &mut Pace,
        observer: &mut dyn Observer,
    ) -> Result<ControlFlow<()>, GpuError> {
        let blocks = listed.lists.first_items.len() - 1;
        let total: u64 = (0..blocks).map(|block| listed.pairs(block)).sum();
        // `combine_listed` has up to four workgroups for each block of targets.
        let most_items = (self.gpu.max_groups() / 4).clamp(1, MOST_ITEMS);
        let cost = listed.variant.cost();
        let mut partial = None;
        let mut previous_end = Instant::now();
        let mut in_flight = VecDeque::new();
        let (mut next, mut done) = (0, 0);
        loop {
            while in_flight.len() < Self::IN_FLIGHT {
                let pairs = (pace.pairs() as f64 / cost) as u64;
                let Some(slice) = listed.next(next, pairs, most_items) else { break };
                next = slice.blocks.end;
                let stamps = self.times.stamps();
                let index = self.submit_listed(pipelines, listed, &slice, stamps, &mut partial)?;
                in_flight.push_back((index, stamps, Instant::now(), slice.pairs));
            }
            let Some((index, stamps, submitted, pairs)) = in_flight.pop_front() else {
                return Ok(ControlFlow::Continue(()));
            };
            self.gpu.lose_at(Fault::LossInSum);
            self.gpu.wait(index)?;
            let now = Instant::now();
            let seconds = (now - previous_end.max(submitted)).as_secs_f64();
            previous_end = now;
            pace.learn((pairs as f64 * cost) as u64, seconds);
            self.times.add(self.gpu, stamps)?;
            done += pairs;
            let fraction = done as f64 / total as f64;
            if observer.checkpoint(Progress { fraction }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }

    fn submit_listed(
        &self,
        pipelines: &SumPipelines,
        listed: &ListedSum<'_>,
        slice: &ListedSlice,
        stamps: Option<Stamps<'_>>,
        partial: &mut Option<wgpu::Buffer>,
    ) -> Result<wgpu::SubmissionIndex, GpuError> {
        let ListedSum { sorted, lists, buffer, variant } = listed;
        let points = &sorted.buffers;
        let block = targets_in_block(points.dim());
        let targets = slice.blocks.start * block..points.n().min(slice.blocks.end * block);
        let first_item = lists.first_items[slice.blocks.start];
        let items = (lists.first_items[slice.blocks.end] - first_item) as usize;
        self.make_room(partial, items * block)?;
        let items_at = 4 * lists.items.len() + lists.blocks.len();
        let largest = points.largest_weight().map_or(1.0, |w| w / points.weight_unit());
        let slice = Slice { targets, sources: 0..points.m(), fresh: true, ends_sweep: true };
        let uniform = gpu_data::Slice {
            out_stride: block as u32,
            first_item,
            items_at: items_at as u32,
            order_at: (items_at + lists.first_items.len()) as u32,
            enough: (sorted.sorted.enough() * largest) as f32,
            ..self.uniform(&slice, *variant)
        };
        self.record(
            pipelines,
            &Recorded {
                stamps,
                variant: *variant,
                uniform,
                points,
                lists: buffer,
                groups: [items, 1],
                partial: partial.as_ref(),
                targets: slice.targets.len(),
            },
        )
    }
}
