//! Points that coincide: how many, and one cloud with each place once.
//!
//! Points are sorted by place, which takes four bytes for each however many coordinates it has. To
//! count, those that may coincide are found first.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::moments::weight;
use crate::model::{Cloud, Points};

/// Compares places coordinate by coordinate, with one zero.
fn compare(a: &[f64], b: &[f64]) -> Ordering {
    let one = |(a, b): (&f64, &f64)| (a + 0.0).total_cmp(&(b + 0.0));
    a.iter().zip(b).map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The points in the order of their places, and of their numbers within a place.
fn by_place(cloud: &Cloud) -> Vec<u32> {
    sorted_by_place(cloud, (0..cloud.len() as u32).collect())
}

/// The same of some points.
fn sorted_by_place(cloud: &Cloud, mut order: Vec<u32>) -> Vec<u32> {
    order.par_sort_unstable_by(|&i, &j| {
        compare(cloud.point(i as usize), cloud.point(j as usize)).then(i.cmp(&j))
    });
    order
}

fn coincide(cloud: &Cloud, i: u32, j: u32) -> bool {
    compare(cloud.point(i as usize), cloud.point(j as usize)).is_eq()
}

/// The same cloud with each place once, in the order of first appearance, weighing what all points
/// there weigh together; and how many points were merged into an earlier one.
///
/// A kernel sum over the merged cloud is that over the cloud itself. Where no two points coincide the
/// cloud comes back as it was, without weights if it had none.
pub fn merge_duplicates(cloud: &Cloud) -> (Cloud, usize) {
    let order = by_place(cloud);
    let of_place = |place: &[u32]| {
        let weights = place.iter().map(|&i| weight(cloud, i as usize));
        (place[0] as usize, weights.sum::<f64>())
    };
    let mut kept: Vec<(usize, f64)> =
        order.chunk_by(|&i, &j| coincide(cloud, i, j)).map(of_place).collect();
    let merged = cloud.len() - kept.len();
    if merged == 0 {
        return (cloud.clone(), 0);
    }
    kept.sort_unstable_by_key(|&(first, _)| first);
    let weights = kept.iter().map(|&(_, weight)| weight).collect();
    (cloud.select(kept.iter().map(|&(first, _)| first)).with_weights(weights), merged)
}

/// How many points coincide with an earlier one.
///
/// Those that may are found first, by their slots in tables; only these, few unless there are many
/// duplicates, are sorted.
pub fn count_duplicates(cloud: &Cloud) -> usize {
    let mut candidates: Vec<u32> = (0..cloud.len() as u32).collect();
    if cloud.dim() > MANY_COORDINATES {
        // Some coordinates tell most points apart.
        let step = cloud.dim() / SOME_COORDINATES;
        candidates = may_coincide(cloud, &candidates, step, 2 * ROUNDS);
    }
    // Points that share a slot by chance have other slots the next time.
    for round in 0..ROUNDS {
        let before = candidates.len();
        candidates = may_coincide(cloud, &candidates, 1, 2 * round);
        if candidates.len() > before / 2 {
            break;
        }
    }
    let order = sorted_by_place(cloud, candidates);
    order.windows(2).filter(|pair| coincide(cloud, pair[0], pair[1])).count()
}

/// How often points are looked up, at most; each time about one in eight of those that coincide with none
/// is left.
const ROUNDS: u64 = 6;
/// Of more coordinates than `MANY_COORDINATES`, about `SOME_COORDINATES` are looked at first: with more, that
/// takes as long as looking at all; with fewer, more points of data with few different values go on.
const MANY_COORDINATES: usize = 8;
const SOME_COORDINATES: usize = 4;

/// Those of some points that may coincide with another one of them, in their order, by every `step`-th
/// coordinate.
fn may_coincide(cloud: &Cloud, points: &[u32], step: usize, round: u64) -> Vec<u32> {
    let mut slots = Slots::new(cloud, points.len(), step, round);
    let later = slots.take_all(points);
    if later.is_empty() {
        return later;
    }
    let mut of_later = Slots::new(cloud, 2 * later.len(), step, round + 1);
    of_later.take_all(&later);
    points
        .par_chunks(PIECE)
        .flat_map_iter(|piece| filtered(piece, |i| of_later.is_taken(i)))
        .collect()
}

/// Points that make it worth while to share a table among threads: fewer fit with their table into the
/// processor's caches.
const SHARED: usize = 1 << 16;
/// Parts of a table at most: each is filled by a thread that looks at all points.
const MOST_PARTS: usize = 8;

/// Points that are looked up on one thread.
const PIECE: usize = 1 << 15;

/// Those of some points of which `is_wanted` is true.
///
/// No branch depends on that, which nobody could foretell: the processor goes on to the next points while
/// it waits for the table.
fn filtered(points: &[u32], mut is_wanted: impl FnMut(u32) -> bool) -> Vec<u32> {
    let mut wanted = Vec::new();
    let mut found = [0; 256];
    for some in points.chunks(found.len()) {
        let mut count = 0;
        for &i in some {
            found[count] = i;
            count += usize::from(is_wanted(i));
        }
        wanted.extend_from_slice(&found[..count]);
    }
    wanted
}

/// A table with a slot for each place, drawn from its coordinates: points of one place share theirs.
struct Slots<'a> {
    cloud: &'a Cloud,
    /// A bit for each slot: whether a point has taken it.
    words: Vec<u64>,
    drawn: Drawn,
}

/// What slots are drawn from besides a place: they differ from round to round, and depend on every `step`-th
/// coordinate.
#[derive(Clone, Copy)]
struct Drawn {
    step: usize,
    round: u64,
}

impl<'a> Slots<'a> {
    /// Slots for a point: with more, fewer points share one by chance, and a table leaves the processor's
    /// caches.
    const PER_POINT: usize = 8;

    /// Slots for so many points.
    fn new(cloud: &'a Cloud, points: usize, step: usize, round: u64) -> Self {
        let words = (points * Self::PER_POINT).div_ceil(64).next_power_of_two();
        Self { cloud, words: vec![0; words], drawn: Drawn { step, round } }
    }

    /// Takes the slots of some points; returns those, in any order, whose slot was taken before.
    ///
    /// What takes the time is waiting for the table's memory: each thread has a part of it to itself.
    fn take_all(&mut self, points: &[u32]) -> Vec<u32> {
        let many = points.len() >= SHARED;
        let parts = if many { rayon::current_num_threads().clamp(1, MOST_PARTS) } else { 1 };
        let (cloud, drawn, words) = (self.cloud, self.drawn, self.words.len());
        let length = words.div_ceil(parts);
        let take_part = |(k, part): (usize, &mut [u64])| {
            let start = k * length;
            let mut later = Vec::new();
            let mut mine = [(0, 0, 0); 256];
            for some in points.chunks(mine.len()) {
                let mut count = 0;
                for &i in some {
                    let (word, bit) = Self::slot_of(cloud, drawn, words, i);
                    mine[count] = (word.wrapping_sub(start), bit, i);
                    count += usize::from(word.wrapping_sub(start) < part.len());
                }
                let mut found = [0; 256];
                let mut taken = 0;
                for &(word, bit, i) in &mine[..count] {
                    found[taken] = i;
                    taken += usize::from(part[word] & bit != 0);
                    part[word] |= bit;
                }
                later.extend_from_slice(&found[..taken]);
            }
            later
        };
        self.words.par_chunks_mut(length).enumerate().flat_map_iter(take_part).collect()
    }

    /// The word with a point's slot, and the slot's bit.
    fn slot(&self, i: u32) -> (usize, u64) {
        Self::slot_of(self.cloud, self.drawn, self.words.len(), i)
    }

    /// [`Self::slot`] in a table of so many words, a power of two.
    fn slot_of(cloud: &Cloud, drawn: Drawn, words: usize, i: u32) -> (usize, u64) {
        /// Odd, its bits without a pattern: 2⁶⁴ divided by the golden ratio.
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mix = |hash: u64, value: &f64| {
            // With one zero.
            let mixed = (hash ^ (value + 0.0).to_bits()).wrapping_mul(SPREAD);
            mixed ^ (mixed >> 32)
        };
        let start = drawn.round.wrapping_mul(SPREAD);
        let place = cloud.point(i as usize).iter().step_by(drawn.step);
        let hash = place.fold(start, mix).wrapping_mul(SPREAD);
        ((hash >> 22) as usize & (words - 1), 1 << (hash >> 58))
    }

    fn is_taken(&self, i: u32) -> bool {
        let (word, bit) = self.slot(i);
        self.words[word] & bit != 0
    }
}

/// How many targets coincide with a source.
pub fn count_shared(points: &Points) -> usize {
    let (targets, sources) = (points.targets(), points.sources());
    if targets.coordinates() == sources.coordinates() {
        return targets.len();
    }
    let order = by_place(sources);
    let is_shared = |i: &usize| {
        let place = |j: &u32| compare(sources.point(*j as usize), targets.point(*i));
        order.binary_search_by(place).is_ok()
    };
    (0..targets.len()).into_par_iter().filter(is_shared).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_one_place_add_up() {
        let coordinates = vec![1.0, 0.0, 2.0, 2.0, 1.0, -0.0, 1.0, 0.0];
        let cloud = Cloud::new(2, coordinates, Cloud::default_axes(2));
        assert_eq!(count_duplicates(&cloud), 2);
        let (merged, count) = merge_duplicates(&cloud);
        assert_eq!((merged.len(), count, merged.weights()), (2, 2, Some(&[3.0, 1.0][..])));
        assert_eq!(merged.coordinates(), [1.0, 0.0, 2.0, 2.0]);
        assert_eq!(merge_duplicates(&merged), (merged.clone(), 0));
        let (again, _) = merge_duplicates(&cloud.with_weights(vec![0.5, 1.0, 0.25, 0.0]));
        assert_eq!(again.weights(), Some(&[0.75, 1.0][..]));
    }

    #[test]
    fn counting_agrees_with_merging() {
        for (count, places) in
            [(1, 1), (7, 7), (1000, 1), (5000, 4999), (20_000, 300), (100_000, 99_990)]
        {
            for dim in [1, 2, 3, 7] {
                let values = (0..count).flat_map(|i| {
                    let place = (i * 7919) % places;
                    (0..dim).map(move |axis| f64::from((place + axis) as u32) * 0.1 - 3.0)
                });
                let cloud = Cloud::new(dim, values.collect(), Cloud::default_axes(dim));
                assert_eq!(
                    count_duplicates(&cloud),
                    merge_duplicates(&cloud).1,
                    "{count}, {places}"
                );
                assert_eq!(count_duplicates(&cloud), count - places.min(count));
            }
        }
    }

    #[test]
    fn places_of_both_clouds_are_found() {
        let cloud = |values: &[f64]| Cloud::new(1, values.to_vec(), Cloud::default_axes(1));
        let shared = |x: &[f64], y: &[f64]| {
            count_shared(&Points::new(cloud(x), cloud(y)).expect("near points"))
        };
        assert_eq!(shared(&[3.0, -0.0, 9.0], &[0.0, 3.0, 3.0]), 2);
        assert_eq!(shared(&[1.0, 2.0], &[1.0, 2.0]), 2);
        assert_eq!(shared(&[1.0, 2.0], &[1.5]), 0);
    }
}
