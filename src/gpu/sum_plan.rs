//! How an exact sum is laid out on an adapter: the kernel's shape and the parts of the sources, as
//! pure functions of the adapter's kind and the sizes.
//!
//! Figures for cards were measured on an NVIDIA H200 (d = 2, σ = 0.3), those for software adapters
//! on Mesa's llvmpipe on two cores.

use super::variant::{Exactness, RUN, Shape};
use crate::scheduler::DeviceKind;

/// What an adapter is, as far as the layout of a sum depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SumDevice {
    /// Its kind.
    pub kind: DeviceKind,
    /// The processor's threads, which a software adapter uses.
    pub threads: usize,
    /// The most workgroups in each direction of a dispatch.
    pub max_groups: usize,
}

/// The size of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SumSize {
    /// Number of targets.
    pub n: usize,
    /// Number of sources.
    pub m: usize,
    /// Number of coordinates.
    pub dim: usize,
    /// Number of sources between two updates of a sum.
    pub chunk: usize,
}

/// Targets up to which an invocation of a card has one target. At 3000 that takes 18 µs instead of 26
/// with four; at 3·10⁴ four are faster (3.0·10¹² pairs a second against 2.7·10¹²).
const SINGLE: usize = 8192;
/// Targets from which on an invocation of a card has eight targets. At 3·10⁴ four are faster (3.04·10¹²
/// pairs a second against 2.90·10¹²), at 10⁵ (3.31 against 3.34) and 10⁶ (3.34 against 3.38) eight.
const EIGHT: usize = 80_000;
/// Sources up to which a card's tile is small: a full tile would mostly be padding.
const FEW_SOURCES: usize = 4096;
/// Workgroups that a dispatch on a card should have. With 512, a quarter of the speed is lost at 10⁵
/// points; from 4000 to 8000 it changes little.
const BUSY: usize = 4000;
/// The same for other graphics adapters, which have fewer multiprocessors. Not measured.
const BUSY_SMALL: usize = 512;
/// The most parts where there are few targets ([`SINGLE`]): adding up 46 of them takes 15 µs of the 28
/// that 3000 points take.
const MOST_PARTS: usize = 12;
/// The most parts otherwise; more than 4000 workgroups need at 3·10⁴ targets.
const MOST_PARTS_OF_MANY: usize = 128;
/// The fewest sources in a part on a software adapter: each part reads the targets and stores sums.
const SHORTEST_ON_SOFTWARE: usize = 1024;

impl SumDevice {
    /// Whether shaders run on a graphics processor.
    pub fn is_hardware(self) -> bool {
        self.kind != DeviceKind::Software
    }

    /// The shape for a sum of that size.
    pub fn shape(self, size: SumSize, exactness: Exactness) -> Shape {
        let shape = if self.is_hardware() {
            Self::hardware_shape(size, exactness)
        } else {
            software_shape(size.dim, exactness)
        };
        // The workgroup is never larger than the dispatch can serve all targets with.
        shape.fitted(size.n)
    }

    fn hardware_shape(SumSize { n, m, dim, chunk }: SumSize, exactness: Exactness) -> Shape {
        let tile_groups = if m <= FEW_SOURCES { 32 } else { 128 };
        // A tile that ends with the chunk has no constant length.
        let unrolled = chunk.min(m) >= 4 * tile_groups || chunk >= m;
        let usual = exactness == Exactness::Usual && dim <= 4;
        let (workgroup, quads) = match n {
            ..=SINGLE if usual => (128, 0),
            EIGHT.. if usual => (64, 2),
            _ => (64, 1),
        };
        Shape { workgroup, quads, tile_groups, unrolled, by_blocks: false }
    }

    /// The shape where a workgroup of [`crate::engine::targets_in_block`] targets takes listed blocks of
    /// sources.
    pub fn listed_shape(self, dim: usize) -> Shape {
        let unrolled = self.is_hardware();
        let quads = if dim > 4 { 1 } else { 2 };
        let workgroup = crate::engine::targets_in_block(dim) / 4 / quads;
        Shape { workgroup, quads, tile_groups: 64, unrolled, by_blocks: !unrolled }
    }

    /// Sources in each part of a slice of `groups` workgroups and `sources` sources, in tiles of `tile`
    /// sources: so few that there are enough workgroups to fill the device.
    pub fn part_length(self, groups: usize, n: usize, sources: usize, tile: usize) -> usize {
        if !self.is_hardware() {
            let wanted = (2 * self.threads / groups).min(sources / SHORTEST_ON_SOFTWARE);
            let parts = wanted.clamp(1, self.max_groups);
            return sources.div_ceil(parts).next_multiple_of(4);
        }
        let busy = if self.kind == DeviceKind::Discrete { BUSY } else { BUSY_SMALL };
        let most = if n <= SINGLE { MOST_PARTS } else { MOST_PARTS_OF_MANY }.min(self.max_groups);
        let tiles = sources.div_ceil(tile);
        // As many tiles in a part as leave enough workgroups, then the same in each.
        let in_part = (tiles * groups / busy).max(tiles.div_ceil(most)).max(1);
        let parts = tiles.div_ceil(in_part);
        tiles.div_ceil(parts) * tile
    }
}

/// The shape on a software adapter. Sixteen targets an invocation are the fastest up to four coordinates.
/// Beyond, four coordinates at once are faster than one coordinate for eight sources: 1.8 times at d = 16, 1.1
/// times at d = 64; and eight targets are faster than four where registers hold their coordinates, or none.
fn software_shape(dim: usize, exactness: Exactness) -> Shape {
    let quads = match dim {
        ..=4 => 4,
        5..=8 | 17.. if exactness != Exactness::Extended => 2,
        _ => 1,
    };
    Shape { workgroup: 32, quads, tile_groups: 64, unrolled: false, by_blocks: true }
}

/// Every shape that may be asked for in that dimension: for tests.
pub fn all_shapes(dim: usize, exactness: Exactness) -> Vec<Shape> {
    let mut shapes = Vec::new();
    for kind in [DeviceKind::Discrete, DeviceKind::Integrated, DeviceKind::Software] {
        let device = SumDevice { kind, threads: 2, max_groups: 65_535 };
        for n in [1, 40, 100, 200, 400, 3000, 30_000, 1_000_000] {
            for m in [100, 1_000_000] {
                for chunk in [1, 8192] {
                    shapes.push(device.shape(SumSize { n, m, dim, chunk }, exactness));
                }
            }
        }
        shapes.push(device.listed_shape(dim));
    }
    let mut different = Vec::new();
    for shape in shapes {
        if !different.contains(&shape) {
            different.push(shape);
        }
    }
    different
}

const _: () = assert!(RUN == 8);

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: SumDevice =
        SumDevice { kind: DeviceKind::Discrete, threads: 16, max_groups: 65_535 };
    const DOWNLEVEL: SumDevice =
        SumDevice { kind: DeviceKind::Integrated, threads: 4, max_groups: 256 };
    const SOFTWARE: SumDevice =
        SumDevice { kind: DeviceKind::Software, threads: 2, max_groups: 65_535 };

    /// Workgroups and parts of a sum in one slice.
    fn layout(device: SumDevice, n: usize, m: usize) -> (Shape, usize, usize) {
        let size = SumSize { n, m, dim: 2, chunk: m };
        let shape = device.shape(size, Exactness::Usual);
        let groups = n.div_ceil(shape.targets());
        let length = device.part_length(groups, n, m, 4 * shape.tile_groups);
        (shape, groups, m.div_ceil(length))
    }

    #[test]
    fn a_card_is_busy_at_every_size() {
        let (shape, groups, parts) = layout(CARD, 3000, 3000);
        assert_eq!((shape.targets(), groups, parts), (128, 24, 12));
        for (n, targets) in [(30_000, 256), (100_000, 512), (1_000_000, 512)] {
            let (shape, groups, parts) = layout(CARD, n, n);
            assert_eq!(shape.targets(), targets, "{n}");
            assert!((4000..=8000).contains(&(groups * parts)), "{n}: {groups} × {parts}");
        }
        let (_, groups, parts) = layout(CARD, 10_000_000, 10_000_000);
        assert_eq!(parts, 1, "{groups} are enough");
    }

    #[test]
    fn parts_cover_all_sources_within_the_limits_of_a_dispatch() {
        for device in [CARD, DOWNLEVEL, SOFTWARE] {
            for n in [1, 100, 3000, 8192, 8193, 100_000, 10_000_000] {
                for m in [1, 63, 500, 4096, 65_537, 10_000_000] {
                    let size = SumSize { n, m, dim: 2, chunk: m };
                    let shape = device.shape(size, Exactness::Usual);
                    let groups = n.div_ceil(shape.targets()).min(device.max_groups);
                    let tile = 4 * shape.tile_groups;
                    let length = device.part_length(groups, n, m, tile);
                    let parts = m.div_ceil(length);
                    assert!(length > 0 && length.is_multiple_of(4));
                    assert!(parts <= device.max_groups, "{device:?} {n} {m}");
                    if device.is_hardware() {
                        assert!(length.is_multiple_of(tile), "no part ends within a tile");
                    }
                }
            }
        }
    }

    #[test]
    fn workgroups_are_no_larger_than_every_device_allows() {
        for dim in [1, 2, 3, 4, 5, 16, 64] {
            for exactness in Exactness::ALL {
                for shape in all_shapes(dim, exactness) {
                    assert!((32..=128).contains(&shape.workgroup), "{shape:?}");
                    assert!(shape.quads == 1 || dim <= 4 || shape.by_blocks, "{shape:?}");
                    assert!(shape.quads > 0 || exactness == Exactness::Usual, "{shape:?}");
                }
            }
        }
    }

    #[test]
    fn a_small_chunk_ends_tiles() {
        let shape = |chunk| {
            let size = SumSize { n: 30_000, m: 30_000, dim: 2, chunk };
            CARD.shape(size, Exactness::Usual)
        };
        assert!(shape(512).unrolled && shape(30_000).unrolled);
        assert!(!shape(511).unrolled && !shape(1).unrolled);
    }
}
