//! A running median of five steps, as predictions of coordinates in LAZ take it.

/// Five of the last steps in order of size: each new one takes the place of the largest or of the smallest
/// one, by turns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Median {
    steps: [i32; 5],
    /// Whether the largest one goes next, not the smallest.
    drops_largest: bool,
}

impl Default for Median {
    fn default() -> Self {
        Self { steps: [0; 5], drops_largest: true }
    }
}

impl Median {
    pub(super) fn value(&self) -> i32 {
        self.steps[2]
    }

    /// Takes a step in. The turn changes when the step does not pull the median the way that the dropping
    /// does.
    pub(super) fn add(&mut self, step: i32) {
        let steps = &mut self.steps;
        let middle = steps[2];
        if self.drops_largest {
            let mut place = 4;
            while place > 0 && step < steps[place - 1] {
                steps[place] = steps[place - 1];
                place -= 1;
            }
            steps[place] = step;
            self.drops_largest = step < middle;
        } else {
            let mut place = 0;
            while place < 4 && steps[place + 1] < step {
                steps[place] = steps[place + 1];
                place += 1;
            }
            steps[place] = step;
            self.drops_largest = step <= middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_in_order_and_turns_change() {
        let mut median = Median::default();
        let mut medians = Vec::new();
        for step in [5, 7, -3, 9, 9, 9, 2, 1, 1, 1] {
            median.add(step);
            assert!(median.steps.is_sorted(), "{median:?}");
            medians.push(median.value());
        }
        assert_eq!(medians, [0, 0, 0, 0, 5, 9, 9, 5, 2, 1]);
    }
}
