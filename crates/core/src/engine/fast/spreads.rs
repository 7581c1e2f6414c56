//! A cache of grids with spread sources, one for each window width and factor of 2 in σ; the least
//! recently used go first when it exceeds its bytes.

use std::sync::Arc;

use super::{axis::Layout, window::Width};

/// The numbers on a grid.
#[derive(Clone, Debug)]
pub(super) enum Grid {
    Single(Vec<f32>),
    Double(Vec<f64>),
}

/// Which window and which octave.
pub(super) type Key = (Width, i32);

/// What is kept, the last used last.
#[derive(Clone, Debug)]
pub(super) struct Spreads<const D: usize> {
    layouts: Vec<(Key, Option<Arc<Layout<D>>>)>,
    grids: Vec<(Key, Grid)>,
}

/// The most layouts (sizes and gaps of grids) that are kept. With fewer, dragging σ computes them
/// again; each takes a table of moved blocks an axis.
const LAYOUTS: usize = 12;
/// The most spread grids that are kept, besides the limit on their bytes. With fewer, dragging σ
/// spreads sources again; with more, grids are kept that are hardly used again.
const GRIDS: usize = 16;

impl Grid {
    fn bytes(&self) -> usize {
        match self {
            Self::Single(numbers) => size_of_val(&numbers[..]),
            Self::Double(numbers) => size_of_val(&numbers[..]),
        }
    }
}

impl<const D: usize> Spreads<D> {
    pub(super) fn new() -> Self {
        Self { layouts: Vec::new(), grids: Vec::new() }
    }

    /// The grid's layout, worked out if it is not known; `None` where there can be none.
    pub(super) fn layout(
        &mut self,
        key: Key,
        make: impl FnOnce() -> Option<Layout<D>>,
    ) -> Option<Arc<Layout<D>>> {
        let found = self.layouts.iter().position(|(known, _)| *known == key);
        let entry = match found {
            Some(found) => self.layouts.remove(found),
            None => (key, make().map(Arc::new)),
        };
        let layout = entry.1.clone();
        self.layouts.push(entry);
        if self.layouts.len() > LAYOUTS {
            self.layouts.remove(0);
        }
        layout
    }

    /// Whether a spread is kept.
    pub(super) fn has(&self, key: Key) -> bool {
        self.grids.iter().any(|(known, _)| *known == key)
    }

    /// A spread that is kept, which becomes the last used.
    pub(super) fn take(&mut self, key: Key) -> Option<&Grid> {
        let found = self.grids.iter().position(|(known, _)| *known == key)?;
        let entry = self.grids.remove(found);
        self.grids.push(entry);
        self.grids.last().map(|(_, grid)| grid)
    }

    /// Keeps a spread.
    pub(super) fn put(&mut self, key: Key, grid: Grid) {
        self.grids.push((key, grid));
        if self.grids.len() > GRIDS {
            self.grids.remove(0);
        }
    }

    /// Forgets those not used for longest until the others take no more than `bytes`.
    pub(super) fn shrink(&mut self, bytes: usize) {
        while self.bytes() > bytes {
            self.grids.remove(0);
        }
    }

    /// Bytes of all spreads.
    pub(super) fn bytes(&self) -> usize {
        self.grids.iter().map(|(_, grid)| grid.bytes()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_used_stay_within_the_bytes() {
        let mut spreads = Spreads::<2>::new();
        for level in 0..4 {
            spreads.put((Width::Eight, level), Grid::Single(vec![0.0; 25]));
        }
        assert_eq!(spreads.bytes(), 400);
        assert!(spreads.take((Width::Eight, 0)).is_some());
        assert!(spreads.take((Width::Twelve, 0)).is_none());
        spreads.shrink(250);
        let kept = |level| spreads.has((Width::Eight, level));
        assert!(kept(0) && kept(3) && !kept(1) && !kept(2));
        for level in 0..1000 {
            spreads.put((Width::Four, level), Grid::Double(vec![0.0]));
            assert!(spreads.layout((Width::Four, level), || None).is_none());
        }
        assert!(spreads.bytes() <= 16 * 100 && spreads.layouts.len() <= LAYOUTS);
    }
}
