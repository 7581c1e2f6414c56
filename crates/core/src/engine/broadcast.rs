//! The engine `broadcast`: builds the whole N×M matrix, as broadcasting in `NumPy` does in a
//! notebook.
//!
//! ```text
//! squared (N, M)  =  Σ_k (x[:, k, None] − y[None, :, k])²
//! f (N)           =  exp(−squared / (2σ²)) · w
//! ```
//!
//! Memory: 8·N·M bytes, and 24·N + 8·M besides; the squares of the axes are added up in place, and the exponentials replace
//! them. Above a memory limit it refuses, and its message says how many bytes it needs:
//! 200,000 points need 320 GB. Cost:
//! that of the double loop, on one thread. Tolerance: 10⁻¹². It is [`Chunked`](super::Chunked) with
//! one block.

use std::sync::Arc;

use super::{
    Engine, EngineError, EngineId, Limits, Observer, Plan, Problem, chunked,
    direct::{self, DirectSum, IN_DOUBLE, Summed},
};
use crate::model::Points;

/// The whole N×M matrix at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Broadcast;

/// The bytes of the array that [`Broadcast`] makes for `n` targets and `m` sources.
pub fn broadcast_bytes(n: usize, m: usize) -> u128 {
    chunked::chunked_bytes(n, m, m)
}

impl Engine for Broadcast {
    fn id(&self) -> EngineId {
        EngineId::Broadcast
    }

    fn tolerance(&self) -> f64 {
        IN_DOUBLE
    }

    fn elementwise_tolerance(&self) -> f64 {
        1e-12
    }

    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        chunked::bytes_in_blocks(&Problem { chunk: problem.points.m(), ..*problem })
    }

    fn plan(
        &self,
        points: &Arc<Points>,
        limits: &Limits,
        _observer: &mut dyn Observer,
    ) -> Result<Box<dyn Plan>, EngineError> {
        Ok(direct::plan(*self, points, limits))
    }
}

impl DirectSum for Broadcast {
    fn sum_directly(
        &self,
        problem: &Problem<'_>,
        memory: Option<u64>,
        observer: &mut dyn Observer,
    ) -> Result<Summed, EngineError> {
        let remedy = "raise --memory-limit, take fewer points, or use --engine chunked or simd, \
                      which make no such array";
        let [n, m] = [problem.points.n(), problem.points.m()];
        let needed = broadcast_bytes(n, m);
        chunked::check_memory(EngineId::Broadcast, [n, m], needed, memory, remedy)?;
        let values = chunked::sum_in_blocks(&Problem { chunk: m, ..*problem }, observer)?;
        Ok(Summed::in_double(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_memory_is_that_of_the_matrix() {
        assert_eq!(broadcast_bytes(200_000, 200_000), 320_000_000_000);
    }
}
