//! Running mean and standard error of a criterion's terms, one pair for each σ.

/// Sums of the terms and of their squares, for each σ.
pub(super) struct Tally {
    columns: Vec<Column>,
}

/// The terms at one σ.
#[derive(Clone, Copy)]
struct Column {
    count: usize,
    /// The first point's term: differences from it are added up, so that the squares do not cancel.
    first: f64,
    sums: [f64; 2],
    /// The lowest term and whose it is.
    lowest: (f64, usize),
}

/// Mean and lowest of a criterion's terms over all points at one σ, by the fast engine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settled {
    pub mean: f64,
    /// The lowest term and whose it is.
    pub lowest: (f64, usize),
}

impl Tally {
    /// The tally of `terms`, shape (points, `sigmas`).
    pub(super) fn of(terms: &[f64], sigmas: usize) -> Self {
        let column = |k: usize| Column {
            count: 0,
            first: terms.get(k).copied().unwrap_or(0.0),
            sums: [0.0; 2],
            lowest: (f64::INFINITY, 0),
        };
        let mut tally = Self { columns: (0..sigmas).map(column).collect() };
        tally.add(terms);
        tally
    }

    /// Takes in the terms of more points, each with one for every σ.
    pub(super) fn add(&mut self, terms: &[f64]) {
        for row in terms.chunks_exact(self.columns.len().max(1)) {
            for (column, &term) in self.columns.iter_mut().zip(row) {
                let moved = term - column.first;
                column.sums[0] += moved;
                column.sums[1] += moved * moved;
                if term < column.lowest.0 {
                    column.lowest = (term, column.count);
                }
                column.count += 1;
            }
        }
    }

    /// Replaces the terms for σ number `k` by the result over `count` points; the variance stays that
    /// of the terms so far.
    pub(super) fn settle(&mut self, k: usize, count: usize, settled: Settled) {
        let column = &mut self.columns[k];
        let squares = column.variance() * (count as f64 - 1.0);
        let Settled { mean, lowest } = settled;
        *column = Column { count, first: mean, sums: [0.0, squares], lowest };
    }

    /// How many points every σ has terms of.
    pub(super) fn count(&self) -> usize {
        self.columns.iter().map(|column| column.count).min().unwrap_or(0)
    }

    /// The mean term for σ number `k`, and its standard error as an estimate of that of `total`
    /// points, of which these were drawn without replacement.
    pub(super) fn mean(&self, k: usize, total: usize) -> [f64; 2] {
        let column = &self.columns[k];
        let count = column.count as f64;
        let left = 1.0 - count / total as f64;
        let mean = column.first + column.sums[0] / count;
        [mean, (column.variance() / count * left.max(0.0)).sqrt()]
    }

    /// The row of the lowest term for σ number `k`.
    pub(super) fn lowest(&self, k: usize) -> usize {
        self.columns[k].lowest.1
    }

    /// The mean for σ number `k` without one term, given by its value.
    pub(super) fn mean_without(&self, k: usize, term: f64) -> f64 {
        let Column { count, first, sums, .. } = self.columns[k];
        first + (sums[0] - (term - first)) / (count as f64 - 1.0)
    }
}

impl Column {
    fn variance(&self) -> f64 {
        let count = self.count as f64;
        let [sum, squares] = self.sums;
        (squares - sum * sum / count).max(0.0) / (count - 1.0).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settled_terms_keep_their_spread_and_lose_the_error_of_what_was_not_evaluated() {
        let mut tally = Tally::of(&[1.0, 10.0, 3.0, 30.0], 2);
        tally.add(&[5.0, 50.0]);
        assert_eq!((tally.count(), tally.lowest(0)), (3, 0));
        let [mean, error] = tally.mean(0, 12);
        assert!(
            (mean - 3.0).abs() < 1e-15 && (error - (4.0 / 3.0 * 0.75_f64).sqrt()).abs() < 1e-15
        );
        assert!((tally.mean_without(0, 5.0) - 2.0).abs() < 1e-15);
        tally.settle(0, 12, Settled { mean: 2.0, lowest: (-7.0, 11) });
        assert_eq!((tally.count(), tally.lowest(0)), (3, 11));
        assert!(
            tally.mean(0, 12)[1] == 0.0
                && (tally.mean(0, 16)[1] - (4.0 / 48.0_f64).sqrt()).abs() < 1e-15
        );
        assert!((tally.mean_without(0, -7.0) - 31.0 / 11.0).abs() < 1e-15);
    }
}
