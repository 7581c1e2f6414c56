//! Folds the columns of row-by-row numbers: a few whole rows side by side, so that the loop needs no
//! remainders and compiles to vector instructions whatever the number of columns.
//!
//! ```text
//! rows      x₁ y₁ x₂ y₂ x₃ y₃ x₄ y₄ …
//! lanes     x  y  x  y  x  y  x  y        each takes in what stands above it
//! columns   x  y                          lanes of one column, merged
//! ```

use rayon::prelude::*;

/// Lanes, or one row where that is longer. With fewer, a lane waits for its last step; with more, merging
/// them shows.
const LANES: usize = 64;
/// Numbers that are folded on one thread before the result is merged with the others: 64 KiB.
const PIECE: usize = 8192;

/// Folds each column of `rows`, shape (n, dim), from its entry in `start`, shape (dim,): `step` takes a
/// number and the column's entry in `constants` into what there is, and `merge` makes one of two. On all
/// cores, and the same whatever their number.
pub(crate) fn fold_columns(
    rows: &[f64],
    start: &[f64],
    constants: &[f64],
    step: impl Fn(f64, f64, f64) -> f64 + Sync,
    merge: impl Fn(f64, f64) -> f64 + Sync,
) -> Vec<f64> {
    let dim = start.len();
    let side_by_side = (LANES / dim).max(1);
    let width = side_by_side * dim;
    let constants = constants.repeat(side_by_side);
    let of_piece = |piece: &[f64]| {
        let mut lanes = start.repeat(side_by_side);
        for block in piece.chunks(width) {
            for ((lane, value), constant) in lanes.iter_mut().zip(block).zip(&constants) {
                *lane = step(*lane, *value, *constant);
            }
        }
        lanes
    };
    let pieces: Vec<Vec<f64>> =
        rows.par_chunks((PIECE / width).max(1) * width).map(of_piece).collect();
    let mut columns = start.to_vec();
    for lanes in pieces {
        for (k, lane) in lanes.into_iter().enumerate() {
            columns[k % dim] = merge(columns[k % dim], lane);
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_folded_whatever_their_number() {
        for dim in [1, 2, 3, 7, 64, 100] {
            for count in [0, 1, 2, 31, 32, 33, 500, 20_000] {
                let rows: Vec<f64> =
                    (0..count * dim).map(|k| f64::from((k % 1013) as u32) - 500.0).collect();
                let constants: Vec<f64> = (0..dim).map(|axis| axis as f64).collect();
                let zeros = vec![0.0; dim];
                let found =
                    fold_columns(&rows, &zeros, &constants, |s, x, c| s + c * x, |a, b| a + b);
                let sum = |axis: usize| -> f64 {
                    rows.chunks_exact(dim).map(|row| axis as f64 * row[axis]).sum()
                };
                let expected: Vec<f64> = (0..dim).map(|axis| 0.0 + sum(axis)).collect();
                assert_eq!(found, expected, "{count} rows of {dim}");
            }
        }
    }
}
