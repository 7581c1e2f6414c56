//! Variants of the exact sum's kernel: the values of the overrides in `shaders/gauss_sum.wgsl`,
//! which are fixed when a pipeline is made, and the limits that follow from them. Pure functions of
//! sizes.

use crate::{engine::SliceLimits, model::Dim};

/// Sources in a group, which the kernel reads together: one `vec4` a coordinate.
pub const GROUP: usize = 4;
/// Groups whose terms (32 a target) are added up before that sum is added to the tile's. With more,
/// the roundings of equal terms, which all have one sign, add up; with fewer, there are more
/// additions.
pub const RUN: usize = 8;
/// The most groups in a tile, staged in workgroup memory at once. With fewer, barriers and
/// compensated additions, one of each a tile, cost more; with more, the memory lets fewer
/// workgroups run on a multiprocessor.
const TILE_GROUPS: usize = 64;
/// Bytes of workgroup memory that every device has: the limit in wgpu's `downlevel_defaults`.
pub const WORKGROUP_MEMORY: usize = 16_352;

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

/// Size of a workgroup and targets of an invocation; affects speed only, no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Invocations in a workgroup: 32, 64 or 128.
    pub workgroup: usize,
    /// Quads (groups of four targets) in an invocation: 1, 2 or 4.
    pub quads: usize,
}

impl Shape {
    /// The smallest workgroup.
    pub const MIN_WORKGROUP: usize = 32;
    /// The fewest targets that a workgroup serves.
    pub const MIN_TARGETS: usize = 4 * Self::MIN_WORKGROUP;
    /// All shapes that are timed. Larger ones read each source from the tile for more targets;
    /// smaller ones make more workgroups and take fewer registers.
    pub const ALL: [Self; 8] = [
        Self { workgroup: 64, quads: 2 },
        Self { workgroup: 64, quads: 4 },
        Self { workgroup: 64, quads: 1 },
        Self { workgroup: 128, quads: 2 },
        Self { workgroup: 128, quads: 1 },
        Self { workgroup: 32, quads: 4 },
        Self { workgroup: 32, quads: 2 },
        Self { workgroup: 32, quads: 1 },
    ];

    /// The shape until others have been timed, for points with this many blocks of four
    /// coordinates.
    ///
    /// For software adapters it is the fastest on two cores of a Zen 4 server. For cards at d = 2,
    /// one and two quads are equally fast on an NVIDIA H200 at 10⁵ and 10⁶ points.
    pub(super) const fn usual(blocks: usize, software: bool) -> Self {
        let quads = match blocks {
            1 if software => 4,
            // The most quads whose coordinates stay in registers.
            3 | 4 => 1,
            _ => 2,
        };
        Self { workgroup: if software { 32 } else { 64 }, quads }
    }

    /// Targets that one workgroup serves.
    pub const fn targets(self) -> usize {
        4 * self.quads * self.workgroup
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
    /// Size of a workgroup and targets of an invocation.
    pub shape: Shape,
}

impl Variant {
    /// The most common variant, compiled when the device is opened.
    pub const FIRST: Self = Self {
        dim: Dim::PLANE.get(),
        exactness: Exactness::Usual,
        weighted: false,
        shape: Shape::usual(1, false),
    };

    /// Number of coordinates that are stored: `dim` up to four, else the next multiple of four.
    pub const fn coordinates(self) -> usize {
        stored_coordinates(self.dim)
    }

    /// Number of blocks of up to four coordinates.
    pub(super) const fn blocks(self) -> usize {
        self.coordinates().div_ceil(4)
    }

    /// Whether the coordinates of an invocation's targets stay in registers.
    const fn is_held(self) -> bool {
        self.shape.quads * self.blocks() <= 4
    }

    /// `vec4`s that a group takes in the tile.
    const fn group_size(self) -> usize {
        let parts = if matches!(self.exactness, Exactness::Usual) { 1 } else { 2 };
        parts * self.coordinates() + self.weighted as usize
    }

    /// Groups of sources that are staged at once.
    pub const fn tile_groups(self) -> usize {
        let most = WORKGROUP_MEMORY / 16 / self.group_size();
        if most < TILE_GROUPS { most } else { TILE_GROUPS }
    }

    /// The shader's overrides: names and values.
    pub fn constants(self) -> [(&'static str, f64); 10] {
        [
            ("dim", self.dim),
            ("coordinates", self.coordinates()),
            ("exactness", self.exactness as usize),
            ("weighted", usize::from(self.weighted)),
            ("lanes", self.shape.workgroup),
            ("quads", self.shape.quads),
            ("blocks", self.blocks()),
            ("held", usize::from(self.is_held())),
            ("tile_groups", self.tile_groups()),
            ("tile_size", self.tile_groups() * self.group_size()),
        ]
        .map(|(name, value)| (name, value as f64))
    }

    /// The limits of a slice whose dispatch has at most `max_groups` workgroups.
    ///
    /// A loop that runs k times is counted as k + 1 iterations, and staging with the smallest
    /// workgroup, so that one plan serves every shape of no more targets.
    pub fn limits(self, max_groups: usize) -> SliceLimits {
        let blocks = self.blocks();
        let tile_groups = self.tile_groups();
        let lane = |count: usize| count.div_ceil(Shape::MIN_WORKGROUP) + 1;
        let iterations_per_group = match self.exactness {
            // A loop over the coordinates.
            _ if self.dim > 4 => 2 + blocks,
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
}

/// Number of coordinates that are stored of a point with `dim` coordinates.
pub(super) const fn stored_coordinates(dim: usize) -> usize {
    if dim <= 4 { dim } else { dim.next_multiple_of(4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variants() -> impl Iterator<Item = Variant> {
        (1..=64).flat_map(|dim| {
            Exactness::ALL.into_iter().flat_map(move |exactness| {
                [false, true].into_iter().flat_map(move |weighted| {
                    Shape::ALL.map(|shape| Variant { dim, exactness, weighted, shape })
                })
            })
        })
    }

    #[test]
    fn every_tile_fits_into_the_memory_that_all_devices_have() {
        for variant in variants() {
            let bytes = 16 * variant.tile_groups() * variant.group_size();
            assert!(bytes <= WORKGROUP_MEMORY && variant.tile_groups() > 0, "{variant:?}: {bytes}");
        }
    }

    #[test]
    fn a_dispatch_holds_a_good_many_sources_in_every_dimension() {
        for variant in variants() {
            let mut plan =
                crate::engine::SlicePlan::new(1000, 100_000, 100_000, variant.limits(65_535));
            let slice = plan.next(u64::MAX / 16).expect("a slice");
            assert!(slice.sources.len() > 1000, "{variant:?}: {slice:?}");
        }
    }

    #[test]
    fn few_targets_get_small_workgroups() {
        let large = Shape { workgroup: 64, quads: 4 };
        let fitted = |n| {
            let Shape { workgroup, quads } = large.fitted(n);
            (workgroup, quads)
        };
        assert_eq!(fitted(1_000_000), (64, 4));
        assert_eq!(fitted(512), (64, 2));
        assert_eq!(fitted(200), (64, 1));
        assert_eq!(fitted(100), (32, 1));
        assert_eq!(fitted(1), (32, 1));
    }
}
