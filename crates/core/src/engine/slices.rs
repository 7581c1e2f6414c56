//! Splits an exact sum into slices, one for each submission to a device: a pure function of sizes
//! and limits.
//!
//! ```text
//! sources ──────────────▶
//! ┌───────────┬──────────┬───
//! │ slice 1   │ slice 4  │       a sweep: one window of sources,
//! │ slice 2   │ slice 5  │       against all targets, slice by slice
//! │ slice 3   │ slice 6  │
//! └───────────┴──────────┴───
//!   sweep 1     sweep 2
//! ```
//!
//! After a whole sweep every target has seen the same sources, so the sums so far, scaled by
//! M/done, are an honest preview.
//!
//! The order matters to no result. What bounds a slice: the time it may take, the number of
//! workgroups in a dispatch, and the number of loop iterations in an invocation (Mesa's software
//! rasteriser silently ends loops after 65,535 of them, summed over a dispatch).

use std::ops::Range;

/// What a device and its kernel allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceLimits {
    /// Targets that one workgroup serves.
    pub targets_per_group: usize,
    /// Workgroups in one dispatch.
    pub max_groups: usize,
    /// Sources that are staged at once.
    pub tile: usize,
    /// Sources that are read together; groups are counted from source 0, and a tile is a number of
    /// them.
    pub group: usize,
    /// Loop iterations that one group costs an invocation.
    pub iterations_per_group: usize,
    /// Loop iterations that a tile costs it besides: staging, and loops over the groups.
    pub iterations_per_tile: usize,
}

impl SliceLimits {
    /// The most iterations that `sources` of one chunk cost an invocation, wherever they begin.
    fn iterations(&self, sources: usize) -> usize {
        // Both ends may lie within a group.
        let groups = sources.saturating_add(2 * (self.group - 1)) / self.group;
        let tiles = groups.div_ceil(self.tile / self.group);
        1_usize
            .saturating_add(groups.saturating_mul(self.iterations_per_group))
            .saturating_add(tiles.saturating_mul(self.iterations_per_tile))
    }

    /// The most sources of one chunk that cost no more than `iterations`: whole groups.
    fn sources(&self, iterations: usize) -> usize {
        let per_tile =
            self.tile / self.group * self.iterations_per_group + self.iterations_per_tile;
        let tiles = ((iterations - 1) / per_tile).max(1);
        // One group less, since both ends may lie within one.
        (tiles * self.tile - self.group).max(self.group)
    }
}

/// One submission: every pair of `targets` × `sources`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The window of targets.
    pub targets: Range<usize>,
    /// The window of sources.
    pub sources: Range<usize>,
    /// Whether these targets have seen no source yet.
    pub fresh: bool,
    /// Whether all targets have seen all sources up to `sources.end` afterwards.
    pub ends_sweep: bool,
}

impl Slice {
    /// Number of pairs.
    pub fn pairs(&self) -> u64 {
        self.targets.len() as u64 * self.sources.len() as u64
    }
}

/// Hands out the slices of one sum.
#[derive(Clone, Debug)]
pub struct SlicePlan {
    n: usize,
    m: usize,
    chunk: usize,
    limits: SliceLimits,
    sweep: Range<usize>,
    next_target: usize,
}

impl SlicePlan {
    /// The most loop iterations of an invocation in one dispatch: half of the 65,535 after which
    /// Mesa's software rasteriser silently ends loops.
    pub const MAX_ITERATIONS: usize = 32_768;
    /// Number of submissions in a sweep, about. With more, previews come too late while a slider
    /// moves, which leaves time for one or two before the next σ is requested; with fewer, a sweep
    /// covers fewer sources, and targets are read more often.
    const SLICES_PER_SWEEP: u64 = 3;

    /// A plan for `n` targets and `m` sources in chunks of `chunk` ≥ 1.
    pub fn new(n: usize, m: usize, chunk: usize, limits: SliceLimits) -> Self {
        Self { n, m, chunk: chunk.max(1), limits, sweep: 0..0, next_target: n }
    }

    /// The next slice, of about `pairs` pairs; `None` when all is done.
    pub fn next(&mut self, pairs: u64) -> Option<Slice> {
        if self.next_target >= self.n {
            let start = self.sweep.end;
            if start >= self.m || self.n == 0 {
                return None;
            }
            self.sweep = start..self.sweep_end(start, pairs);
            self.next_target = 0;
        }
        let Self { n, limits, .. } = *self;
        let per_group = limits.targets_per_group;
        let groups = (pairs / (self.sweep.len() * per_group) as u64).max(1);
        let most = per_group * groups.min(limits.max_groups as u64) as usize;
        let end = n.min(self.next_target + most);
        let slice = Slice {
            targets: self.next_target..end,
            sources: self.sweep.clone(),
            fresh: self.sweep.start == 0,
            ends_sweep: end == n,
        };
        self.next_target = end;
        Some(slice)
    }

    /// Where a sweep that begins at `start` ends.
    fn sweep_end(&self, start: usize, pairs: u64) -> usize {
        let Self { n, m, chunk, limits, .. } = *self;
        let wanted = (pairs * Self::SLICES_PER_SWEEP / n as u64) as usize;
        let wanted = wanted.max(2 * limits.tile).min(self.max_sources());
        if chunk <= wanted {
            // Whole chunks.
            m.min(start + wanted / chunk * chunk)
        } else {
            // A part of one, up to its end; the next begins with a whole group.
            let whole = (wanted / limits.group * limits.group).max(1);
            m.min(start + whole).min((start / chunk + 1) * chunk)
        }
    }

    /// The most sources that one dispatch may loop over.
    fn max_sources(&self) -> usize {
        let Self { m, chunk, limits, .. } = *self;
        let per_chunk = limits.iterations(chunk.min(m));
        if per_chunk <= Self::MAX_ITERATIONS {
            (Self::MAX_ITERATIONS / per_chunk).saturating_mul(chunk)
        } else {
            limits.sources(Self::MAX_ITERATIONS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: SliceLimits = SliceLimits {
        targets_per_group: 512,
        max_groups: 65_535,
        tile: 256,
        group: 4,
        iterations_per_group: 1,
        iterations_per_tile: 20,
    };

    fn slices(n: usize, m: usize, chunk: usize, limits: SliceLimits, pairs: u64) -> Vec<Slice> {
        let mut plan = SlicePlan::new(n, m, chunk, limits);
        std::iter::from_fn(|| plan.next(pairs)).collect()
    }

    /// Iterations of one invocation, as the kernel's loops are written.
    fn iterations(slice: &Slice, chunk: usize, limits: SliceLimits) -> usize {
        let (mut total, mut start) = (0, slice.sources.start);
        while start < slice.sources.end {
            let end = slice.sources.end.min((start / chunk + 1) * chunk);
            total += 1;
            while start < end {
                let first = start / limits.group;
                let tile_end = end.min(first * limits.group + limits.tile);
                let groups = tile_end.div_ceil(limits.group) - first;
                total += groups * limits.iterations_per_group + limits.iterations_per_tile;
                start = tile_end;
            }
        }
        total
    }

    #[test]
    fn every_pair_is_covered_once_within_the_limits() {
        let narrow = SliceLimits { max_groups: 64, ..USUAL };
        let tiny = SliceLimits { targets_per_group: 64, max_groups: 1, tile: 64, ..USUAL };
        let costly =
            SliceLimits { tile: 28, iterations_per_group: 69, iterations_per_tile: 25, ..USUAL };
        for limits in [USUAL, narrow, tiny, costly] {
            for (n, m) in [(1, 1), (3000, 3000), (257, 65_537), (100_000, 1000), (5, 1_000_000)] {
                for chunk in [1, 7, 256, 257, 1000, 8192, m, 10 * m] {
                    for pairs in [1, 1 << 16, 3_000_000, u64::MAX / 16] {
                        let slices = slices(n, m, chunk, limits, pairs);
                        let mut done = 0;
                        let mut target = 0;
                        let mut sweep = 0..0;
                        for slice in &slices {
                            if target == 0 {
                                assert_eq!(slice.sources.start, sweep.end, "sweeps follow on");
                                sweep = slice.sources.clone();
                            }
                            assert_eq!(slice.sources, sweep);
                            assert_eq!(slice.targets.start, target, "windows follow on");
                            assert_eq!(slice.fresh, sweep.start == 0);
                            assert!(!slice.targets.is_empty() && !slice.sources.is_empty());
                            let groups = slice.targets.len().div_ceil(limits.targets_per_group);
                            assert!(groups <= limits.max_groups);
                            let loops = iterations(slice, chunk, limits);
                            assert!(loops <= SlicePlan::MAX_ITERATIONS, "{loops} iterations");
                            target = if slice.ends_sweep { 0 } else { slice.targets.end };
                            assert_eq!(slice.ends_sweep, slice.targets.end == n);
                            done += slice.pairs();
                        }
                        assert_eq!(done, (n * m) as u64, "n {n} m {m} chunk {chunk}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_small_budget_gives_small_slices() {
        for slice in slices(100_000, 100_000, 8192, USUAL, 1_000_000) {
            assert!(slice.pairs() <= 1_000_000, "{slice:?}");
        }
    }

    #[test]
    fn nothing_to_do_gives_no_slice() {
        assert!(slices(0, 10, 1, USUAL, 1).is_empty());
        assert!(slices(10, 0, 1, USUAL, 1).is_empty());
    }
}
