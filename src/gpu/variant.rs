//! Variants of the exact sum's kernel: the values of the overrides in `shaders/gauss_sum.wgsl`,
//! which are fixed when a pipeline is made, and the limits that follow from them. Pure functions of
//! sizes.

use crate::engine::SliceLimits;

/// Sources in a group, which the kernel reads together: one `vec4` a coordinate.
pub const GROUP: usize = 4;
/// Groups whose terms (32 a target) are added up before that sum is added to the tile's. With more,
/// the roundings of equal terms, which all have one sign, add up; with fewer, there are more
/// additions.
pub const RUN: usize = 8;
/// Groups in a block of sources, where those that a workgroup takes are listed.
pub const BLOCK: usize = crate::engine::SOURCES_IN_BLOCK / GROUP;
/// Bytes of workgroup memory that every device has: the limit in wgpu's `downlevel_defaults`.
pub const WORKGROUP_MEMORY: usize = 16_352;
/// Bytes of it that a tile may take: the rest is for a flag.
const TILE_MEMORY: usize = WORKGROUP_MEMORY - 16;

/// The precision of a term: the shader's `exactness`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exactness {
    /// Single precision.
    Usual,
    /// Coordinates as sums of two f32, high + low.
    Split,
    /// As `Split`, with the exponent as a pair of f32, too.
    Extended,
}

impl Exactness {
    /// All precisions, in the order of their numbers in the shader.
    pub const ALL: [Self; 3] = [Self::Usual, Self::Split, Self::Extended];
}

/// The kinds of terms, each in a file of its own: see `shaders/gauss_sum.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Terms {
    /// Up to four coordinates, with a loop over the groups of a run.
    Looped,
    /// Up to four coordinates, eight groups one after the other.
    Unrolled,
    /// More coordinates, four at once.
    Blocks,
    /// More coordinates, one at a time for eight sources.
    Wide,
    /// Extended precision.
    Extended,
}

impl Terms {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Looped, Self::Unrolled, Self::Blocks, Self::Wide, Self::Extended];
}

/// How the work is divided among invocations; affects speed only, and roundings. Chosen by
/// [`super::sum_plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Invocations in a workgroup: 32, 64 or 128.
    pub workgroup: usize,
    /// Quads (groups of four targets) in an invocation: 1, 2 or 4, or 0 where it has one target.
    pub quads: usize,
    /// The most groups of sources in a tile, staged in workgroup memory at once.
    pub tile_groups: usize,
    /// Whether tiles are always full and eight groups are summed without a loop.
    pub unrolled: bool,
    /// Whether more than four coordinates are summed four at once, for one or two quads.
    pub by_blocks: bool,
}

impl Shape {
    /// The smallest workgroup.
    pub const MIN_WORKGROUP: usize = 32;

    /// Targets that one workgroup serves.
    pub const fn targets(self) -> usize {
        if self.quads == 0 { self.workgroup } else { 4 * self.quads * self.workgroup }
    }

    /// This shape, or a smaller one where `n` targets would leave half of a workgroup idle.
    #[must_use]
    pub fn fitted(mut self, n: usize) -> Self {
        while self.quads > 1 && n <= self.targets() / 2 {
            self.quads /= 2;
        }
        while self.workgroup > Self::MIN_WORKGROUP && n <= self.targets() / 2 {
            self.workgroup /= 2;
        }
        self
    }
}

/// One compiled form of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    /// Number of coordinates.
    pub dim: usize,
    /// The precision of a term.
    pub exactness: Exactness,
    /// Whether sources have weights.
    pub weighted: bool,
    /// How the work is divided.
    pub shape: Shape,
    /// Whether a workgroup takes the blocks of sources that are listed for it.
    pub listed: bool,
}

impl Variant {
    /// Number of coordinates that are stored: `dim` up to four, else the next multiple of four.
    pub const fn coordinates(self) -> usize {
        stored_coordinates(self.dim)
    }

    /// `vec4`s that a group takes in the tile.
    const fn group_size(self) -> usize {
        let parts = if matches!(self.exactness, Exactness::Usual) { 1 } else { 2 };
        parts * self.coordinates() + self.weighted as usize
    }

    /// Groups of sources that are staged at once: as many as the shape says and workgroup memory
    /// holds, in whole runs or, where listed, blocks.
    pub const fn tile_groups(self) -> usize {
        let most = TILE_MEMORY / 16 / self.group_size();
        let most = if most < self.shape.tile_groups { most } else { self.shape.tile_groups };
        let unit = if self.listed { BLOCK } else { RUN };
        if most < unit { most } else { most / unit * unit }
    }

    /// Whether workgroup memory holds a whole block of sources, as lists need.
    pub const fn can_list(self) -> bool {
        TILE_MEMORY / 16 / self.group_size() >= BLOCK
    }

    /// Whether tiles are always full: not where workgroup memory does not hold a run.
    const fn is_unrolled(self) -> bool {
        self.shape.unrolled && self.tile_groups() >= RUN
    }

    /// Its kind of terms.
    pub fn terms(self) -> Terms {
        match self.exactness {
            Exactness::Extended => Terms::Extended,
            _ if self.dim > 4 && self.shape.by_blocks => Terms::Blocks,
            _ if self.dim > 4 => Terms::Wide,
            _ if self.is_unrolled() => Terms::Unrolled,
            _ => Terms::Looped,
        }
    }

    /// The shader's overrides: names and values.
    pub fn constants(self) -> [(&'static str, f64); 11] {
        [
            ("dim", self.dim),
            ("coordinates", self.coordinates()),
            ("exactness", self.exactness as usize),
            ("weighted", usize::from(self.weighted)),
            ("lanes", self.shape.workgroup),
            ("quads", self.shape.quads),
            ("by_blocks", usize::from(self.shape.by_blocks)),
            ("unrolled", usize::from(self.is_unrolled())),
            ("listed", usize::from(self.listed)),
            ("tile_groups", self.tile_groups()),
            ("tile_size", self.tile_groups() * self.group_size()),
        ]
        .map(|(name, value)| (name, value as f64))
    }

    /// The chunk that bounds its tiles: none where a tile, after each of which the sum is updated,
    /// is no longer.
    pub(super) fn chunk(self, chunk: usize, m: usize) -> usize {
        if self.is_unrolled() || chunk >= m { m } else { chunk }
    }

    /// What a pair costs, in pairs of the plane in single precision: operations.
    pub(super) fn cost(self) -> f64 {
        let of_coordinate = match self.exactness {
            Exactness::Usual => 2.0,
            Exactness::Split => 5.0,
            Exactness::Extended => 30.0,
        };
        (of_coordinate * self.coordinates() as f64 + 4.0) / 8.0
    }

    /// The limits of a slice whose dispatch has at most `max_groups` workgroups.
    ///
    /// A loop that runs k times is counted as k + 1 iterations.
    pub fn limits(self, max_groups: usize) -> SliceLimits {
        let tile_groups = self.tile_groups();
        let lane = |count: usize| count.div_ceil(self.shape.workgroup) + 1;
        let iterations_per_group = match self.exactness {
            // Loops over blocks of four coordinates, and over coordinates for two groups.
            Exactness::Extended if self.dim > 4 => 2 + self.coordinates().div_ceil(4),
            // A loop over blocks of four coordinates, unless they stay in registers.
            _ if self.dim > 4 && self.shape.by_blocks => 2 + self.coordinates().div_ceil(4),
            _ if self.dim > 4 => 2 + self.coordinates(),
            // A loop over the sources.
            Exactness::Extended => 2 + GROUP,
            _ => 1,
        };
        SliceLimits {
            targets_per_group: self.shape.targets(),
            max_groups,
            tile: GROUP * tile_groups,
            group: GROUP,
            iterations_per_group,
            // The loop over tiles; staging points and weights; the loop over runs, with the end of
            // the loop over the groups of each.
            iterations_per_tile: 2
                + lane(tile_groups * self.coordinates())
                + lane(tile_groups)
                + 2 * tile_groups.div_ceil(RUN)
                + 1,
        }
    }

    /// The most blocks of sources that are listed for one workgroup.
    pub(super) fn longest_list(self) -> usize {
        let limits = self.limits(1);
        let tile = self.tile_groups() * limits.iterations_per_group + limits.iterations_per_tile;
        // Less three tiles: the end of the near ones and that of all others, and the question
        // between them.
        let tiles = (crate::engine::SlicePlan::MAX_ITERATIONS / tile).saturating_sub(3).max(1);
        tiles * (self.tile_groups() / BLOCK)
    }
}

/// Number of coordinates that are stored of a point with `dim` coordinates.
pub(super) const fn stored_coordinates(dim: usize) -> usize {
    if dim <= 4 { dim } else { dim.next_multiple_of(4) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::SlicePlan, gpu::sum_plan::all_shapes};

    fn variants() -> impl Iterator<Item = Variant> {
        (1..=64).flat_map(|dim| {
            Exactness::ALL.into_iter().flat_map(move |exactness| {
                [false, true].into_iter().flat_map(move |weighted| {
                    let of = move |shape| {
                        [false, true].map(|listed| Variant {
                            dim,
                            exactness,
                            weighted,
                            shape,
                            listed,
                        })
                    };
                    all_shapes(dim, exactness).into_iter().flat_map(of)
                })
            })
        })
    }

    #[test]
    fn every_tile_fits_into_the_memory_that_all_devices_have() {
        for variant in variants() {
            let bytes = 16 * variant.tile_groups() * variant.group_size();
            assert!(bytes <= TILE_MEMORY && variant.tile_groups() > 0, "{variant:?}: {bytes}");
            let unit = if variant.listed { BLOCK } else { RUN };
            let whole = variant.tile_groups().is_multiple_of(unit);
            assert!(whole || !variant.is_unrolled() || variant.listed, "{variant:?}");
            assert!(whole || !variant.listed || !variant.can_list(), "{variant:?}");
        }
    }

    #[test]
    fn a_dispatch_holds_a_good_many_sources_in_every_dimension() {
        for variant in variants() {
            let mut plan = SlicePlan::new(1000, 100_000, 100_000, variant.limits(65_535));
            let slice = plan.next(u64::MAX / 16).expect("a slice");
            assert!(slice.sources.len() > 1000, "{variant:?}: {slice:?}");
        }
    }

    #[test]
    fn few_targets_get_small_workgroups() {
        let large =
            Shape { workgroup: 64, quads: 4, tile_groups: 64, unrolled: false, by_blocks: false };
        let fitted = |n| {
            let Shape { workgroup, quads, .. } = large.fitted(n);
            (workgroup, quads)
        };
        assert_eq!(fitted(1_000_000), (64, 4));
        assert_eq!(fitted(512), (64, 2));
        assert_eq!(fitted(200), (64, 1));
        assert_eq!(fitted(100), (32, 1));
        assert_eq!(fitted(1), (32, 1));
    }
}
