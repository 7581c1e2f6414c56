//! Finds the sources near one point, by the k-d tree.
//!
//! ```text
//!   nearest other source ──▶ how far to look, from its distance ──▶ all sources within
//! ```
//!
//! What a sum over few sources needs that no field can give: one that loses nothing beside a point's
//! own term, and does not vanish where the nearest source is many σ away.

use super::kd_tree::{KdTree, LEAF, Node};

/// Finds sources near a point; none of it depends on σ.
#[derive(Clone, Copy, Debug)]
pub struct Neighbours<'a>(InDimensions<'a>);

#[derive(Clone, Copy, Debug)]
pub(super) enum InDimensions<'a> {
    One(&'a KdTree<1>),
    Two(&'a KdTree<2>),
    Three(&'a KdTree<3>),
}

/// Sources that were found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// `‖x − y_j‖²` of each.
    pub squared: Vec<f64>,
    /// Their weights; empty where all are 1.
    pub weights: Vec<f64>,
}

impl<'a> Neighbours<'a> {
    pub(super) fn new(cells: InDimensions<'a>) -> Self {
        Self(cells)
    }

    /// Finds the sources around `x` and says whether they are no more than `most`, which else is all
    /// that it finds.
    ///
    /// `own` is the weight of the source that `x` is and that does not count. `reach` is given the
    /// squared distance and the weight of the nearest that does, and says within which squared
    /// distance to look.
    ///
    /// # Panics
    /// When `x` has another number of coordinates than the sources.
    pub fn find(
        &self,
        x: &[f64],
        own: Option<f64>,
        most: usize,
        reach: &dyn Fn(f64, f64) -> f64,
        found: &mut Found,
    ) -> bool {
        fn point<const D: usize>(x: &[f64]) -> &[f64; D] {
            x.try_into().expect("as many coordinates as the sources have")
        }
        match self.0 {
            InDimensions::One(cells) => cells.find(point(x), own, most, reach, found),
            InDimensions::Two(cells) => cells.find(point(x), own, most, reach, found),
            InDimensions::Three(cells) => cells.find(point(x), own, most, reach, found),
        }
    }
}

/// What is left of a point's own source to be met: sources in the same place with the same weight are
/// as good as it.
struct Own(Option<f64>);

impl Own {
    fn is_met(&mut self, squared: f64, weight: f64) -> bool {
        let is_own = squared == 0.0 && self.0.is_some_and(|own| own.to_bits() == weight.to_bits());
        if is_own {
            self.0 = None;
        }
        is_own
    }
}

impl<const D: usize> KdTree<D> {
    fn find(
        &self,
        x: &[f64; D],
        own: Option<f64>,
        most: usize,
        reach: &dyn Fn(f64, f64) -> f64,
        found: &mut Found,
    ) -> bool {
        let Found { squared, weights } = found;
        squared.clear();
        weights.clear();
        let Some([distance, weight]) = self.nearest(x, own) else { return true };
        let reach = reach(distance, weight);
        let has_weights = self.sources.weights().is_some();
        let mut own = Own(own);
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let next = node.next as usize;
            if node.squared_distance(x) > reach {
                at = next;
                continue;
            }
            at += 1;
            if at == next {
                self.each_in(node, x, |distance, weight| {
                    if distance <= reach && !own.is_met(distance, weight) {
                        squared.push(distance);
                        if has_weights {
                            weights.push(weight);
                        }
                    }
                });
                if squared.len() > most {
                    return false;
                }
            }
        }
        true
    }

    /// The squared distance and the weight of the nearest source that is not the point's own.
    fn nearest(&self, x: &[f64; D], own: Option<f64>) -> Option<[f64; 2]> {
        let mut best: Option<[f64; 2]> = None;
        let mut own = Own(own);
        let mut waiting = vec![(0.0, 0_usize)];
        while let Some((distance, at)) = waiting.pop() {
            if best.is_some_and(|[nearest, _]| distance > nearest) {
                continue;
            }
            let Some(node) = self.nodes.get(at) else { continue };
            if node.next as usize == at + 1 {
                self.each_in(node, x, |distance, weight| {
                    let is_nearer = best.is_none_or(|[nearest, _]| distance < nearest);
                    if is_nearer && !own.is_met(distance, weight) {
                        best = Some([distance, weight]);
                    }
                });
                continue;
            }
            let left = at + 1;
            let right = self.nodes[left].next as usize;
            let [a, b] = [left, right].map(|k| (self.nodes[k].squared_distance(x), k));
            // The nearer half is looked at first.
            waiting.extend(if a.0 < b.0 { [b, a] } else { [a, b] });
        }
        best
    }

    /// Calls `hear` with the squared distance and the weight of each source of a leaf.
    fn each_in(&self, leaf: &Node<D>, x: &[f64; D], mut hear: impl FnMut(f64, f64)) {
        let (start, end) = (leaf.sources.start as usize, leaf.sources.end as usize);
        let points = &self.sources.coordinates().as_chunks::<D>().0[start..end];
        let mut distances = [0.0; LEAF];
        for (distance, y) in distances.iter_mut().zip(points) {
            *distance = (0..D).map(|k| (x[k] - y[k]) * (x[k] - y[k])).sum();
        }
        for (k, &distance) in distances[..points.len()].iter().enumerate() {
            hear(distance, self.sources.weights().map_or(1.0, |weights| weights[start + k]));
        }
    }
}

impl<const D: usize> Node<D> {
    /// The squared distance from a point to the node's box.
    fn squared_distance(&self, x: &[f64; D]) -> f64 {
        let [low, high] = &self.corners;
        (0..D).map(|k| (low[k] - x[k]).max(x[k] - high[k]).max(0.0).powi(2)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cloud;

    #[test]
    fn those_found_are_those_of_a_look_at_all() {
        let place = |k: usize| ((k * 7919) % 10_007) as f64 / 10_007.0;
        let count = 3000;
        // The last ones stand where the first do.
        let coordinates = |k: usize| place(k % (3 * (count - 10)));
        let cloud =
            Cloud::new(3, (0..3 * count).map(coordinates).collect(), Cloud::default_axes(3));
        let weights: Vec<f64> = (0..count).map(|j| 1.0 + (j % 3) as f64).collect();
        let of = |j: usize| -> [f64; 3] { cloud.point(j).try_into().expect("three") };
        let apart = |a: [f64; 3], b: [f64; 3]| -> f64 {
            (0..3).map(|k| (a[k] - b[k]) * (a[k] - b[k])).sum()
        };
        for sources in [cloud.clone(), cloud.clone().with_weights(weights)] {
            let cells = KdTree::<3>::new(&sources, &sources);
            let neighbours = Neighbours::new(InDimensions::Three(&cells));
            let weight = |j: usize| sources.weights().map_or(1.0, |weights| weights[j]);
            let mut found = Found::default();
            for i in [0, 1, 5, 9, 77, 1500, 2995, 2999] {
                for is_own in [true, false] {
                    let x = of(i);
                    let others = || (0..count).filter(|&j| !is_own || j != i);
                    let nearest = others().map(|j| apart(x, of(j))).fold(f64::INFINITY, f64::min);
                    let reach = |squared: f64, weight: f64| {
                        assert!(
                            squared.to_bits() == nearest.to_bits() && weight >= 1.0,
                            "{squared} {nearest}"
                        );
                        squared + 0.01
                    };
                    let own = is_own.then(|| weight(i));
                    assert!(neighbours.find(&x, own, count, &reach, &mut found));
                    let wanted = others().filter(|&j| apart(x, of(j)) <= nearest + 0.01);
                    let mut wanted: Vec<[f64; 2]> =
                        wanted.map(|j| [apart(x, of(j)), weight(j)]).collect();
                    let weights = found.weights.iter().copied().chain(std::iter::repeat(1.0));
                    let mut got: Vec<[f64; 2]> =
                        found.squared.iter().zip(weights).map(|(s, w)| [*s, w]).collect();
                    for list in [&mut wanted, &mut got] {
                        list.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
                    }
                    assert_eq!(got, wanted);
                    assert!(!wanted.is_empty() && wanted.len() < 600, "{}", wanted.len());
                    assert!(!neighbours.find(&x, own, 0, &reach, &mut found));
                }
            }
        }
    }

    #[test]
    fn a_source_alone_has_no_neighbour() {
        let one = Cloud::new(1, vec![3.0], Cloud::default_axes(1));
        let cells = KdTree::<1>::new(&one, &one);
        let neighbours = Neighbours::new(InDimensions::One(&cells));
        let mut found = Found::default();
        assert!(neighbours.find(&[3.0], Some(1.0), 5, &|_, _| 0.0, &mut found));
        assert!(found.squared.is_empty());
        assert!(neighbours.find(&[1.0], None, 5, &|squared, _| squared, &mut found));
        assert_eq!(found.squared, [4.0]);
    }
}
