//! Groups targets into packs for drawing: a pack of eight dots is one instance.
//!
//! With one dot an instance, its three vertices would leave most lanes of a device idle.

use std::ops::Range;

/// Targets in a pack: the size of `Pack` in `scatter.wgsl`.
pub(super) const DOTS: u32 = 8;

/// Number of targets that buffers of places and values are allocated for, so that the last pack is
/// complete.
pub(super) fn room_for(n: usize) -> usize {
    n.next_multiple_of(DOTS as usize)
}

/// An evenly spaced subset of all targets: the first few dots of every 2^k-th pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    stride: usize,
    dots: u32,
}

impl Part {
    /// Number of strides 2^k, k = 0 … 5: wider ones would exceed 2048 bytes, the largest vertex
    /// buffer stride that every device takes.
    pub(super) const STRIDES: usize = 6;
    /// All targets.
    pub(super) const ALL: Self = Self { stride: 0, dots: DOTS };

    /// The largest subset with at most `most` of `n` targets, or the smallest there is.
    pub(super) fn that_leaves(most: u32, n: u32) -> Self {
        let strides = (0..Self::STRIDES).map(|stride| Self { stride, dots: DOTS });
        let fewer = [DOTS / 2, DOTS / 4, DOTS / 8];
        let fewer = fewer.map(|dots| Self { stride: Self::STRIDES - 1, dots });
        let mut parts = strides.chain(fewer);
        parts.find(|part| part.targets(n) <= most).unwrap_or(fewer[2])
    }

    /// Number of targets in this subset of `n`.
    pub(super) fn targets(self, n: u32) -> u32 {
        let counted = |draw: (Range<u32>, Range<u32>)| draw.0.len() * draw.1.len() / 3;
        self.draws(n, 0..self.packs(n)).map(counted).sum::<usize>() as u32
    }

    /// k, where every 2^k-th pack is drawn.
    pub(super) fn stride(self) -> usize {
        self.stride
    }

    /// Number of packs in this subset of `n` targets.
    pub(super) fn packs(self, n: u32) -> u32 {
        n.div_ceil(DOTS).div_ceil(1 << self.stride)
    }

    /// Ranges of vertices and of instances of the draw calls for `packs` of this subset: one call,
    /// or two if the last pack is not full.
    pub(super) fn draws(
        self,
        n: u32,
        packs: Range<u32>,
    ) -> impl Iterator<Item = (Range<u32>, Range<u32>)> {
        let Self { stride, dots } = self;
        let Range { start, end } = packs;
        let is_last = end > start && ((end - 1) << stride) + 1 == n.div_ceil(DOTS);
        let full = end - u32::from(is_last);
        let left = if is_last { n - ((end - 1) << stride) * DOTS } else { 0 };
        let draws = [(dots, start..full), (dots.min(left), full..end)];
        let draws = draws.map(|(dots, packs)| (0..3 * dots, packs));
        draws.into_iter().filter(|(vertices, packs)| !vertices.is_empty() && !packs.is_empty())
    }
}

/// The vertex buffer of every 2^k-th pack, with so many numbers for each dot.
pub(super) fn packs(
    k: usize,
    attributes: &[wgpu::VertexAttribute],
    numbers: u32,
) -> wgpu::VertexBufferLayout<'_> {
    wgpu::VertexBufferLayout {
        array_stride: u64::from(4 * numbers * DOTS) << k,
        step_mode: wgpu::VertexStepMode::Instance,
        attributes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_leaves_as_many_as_may_be_drawn() {
        let left = |most, n| Part::that_leaves(most, n).targets(n);
        for (most, n, expected) in
            [(10, 10, 10), (10, 16, 8), (10, 17, 9), (10, 24, 8), (1000, 64_000, 1000), (0, 1, 1)]
        {
            assert_eq!(left(most, n), expected, "{most} of {n}");
        }
        assert_eq!(left(60_000, 1_000_000), 31_256);
        assert_eq!(left(60_000, 10_000_000), 39_063);
        assert_eq!(left(10, 256_000), 1000);
    }

    #[test]
    fn all_targets_are_drawn_once_however_the_packs_are_split() {
        for n in [1, 7, 8, 9, 16, 100] {
            let packs = Part::ALL.packs(n);
            for split in 0..=packs {
                let draws = Part::ALL.draws(n, 0..split).chain(Part::ALL.draws(n, split..packs));
                let mut drawn: Vec<u32> = draws
                    .flat_map(|(vertices, packs)| {
                        let dots = vertices.end / 3;
                        packs.flat_map(move |pack| (0..dots).map(move |dot| DOTS * pack + dot))
                    })
                    .collect();
                drawn.sort_unstable();
                assert!(drawn.into_iter().eq(0..n), "{n} split at {split}");
            }
        }
    }
}
