//! A running sum that keeps its own rounding error, so that a million terms cost no digits.

/// A sum in f64 with what rounding took from it (Neumaier 1974).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Compensated {
    sum: f64,
    error: f64,
}

impl Compensated {
    /// Adds one term.
    pub(super) fn add(&mut self, term: f64) {
        let total = self.sum + term;
        // The rounding error of that addition, exactly (Knuth).
        let seen = total - self.sum;
        self.error += (self.sum - (total - seen)) + (term - seen);
        self.sum = total;
    }

    /// Adds all terms of another sum.
    pub(super) fn add_all(&mut self, other: Self) {
        self.add(other.sum);
        self.error += other.error;
    }

    /// The sum of all terms.
    pub(super) fn value(self) -> f64 {
        self.sum + self.error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the sum is exact")]
    fn what_rounding_takes_comes_back() {
        let mut sum = Compensated::default();
        sum.add(1.0);
        for _ in 0..1 << 20 {
            sum.add(f64::EPSILON / 8.0);
        }
        sum.add(-1.0);
        assert_eq!(sum.value(), f64::EPSILON * f64::from(1 << 17));
    }
}
