//! The device as an engine like any other: uploads, sums, reads back.
//!
//! Memory, the device's own counted too: C = 4·d·(N + M) bytes for the coordinates in f32, twice that
//! where f32 does not hold them, and 4·M for weights. First 2·C + 8·N + 4·M, while they are on their
//! way; then C + 24·N + 4·M, while the sums are read back.

use super::{Flow, GaussSum, Gpu, GpuError, PointBuffers, Precision, Sums};
use crate::engine::{Engine, EngineError, Pace, Problem};

/// The device as an [`Engine`]: uploads, sums, reads back.
pub struct GpuEngine<'a>(pub &'a Gpu);

impl GpuEngine<'_> {
    /// Largest |f − exact| / max(exact, 10⁻³·max exact).
    pub const TOLERANCE: f64 = 2e-6;
    /// Powers of two that bring exponents down to f64's last into f32's range, each overlapping the
    /// one before.
    const SHIFTS: [u16; 6] = [0, 200, 400, 600, 800, 1000];
    /// The least maximum of a field in f32, 2⁻⁹⁶, of which a thousandth still has all its digits.
    const LEAST: f64 = 1.262_177_448_353_619e-29;
    /// The largest sum that is repeated with them when it came out zero everywhere.
    const SHIFTED_PAIRS: u64 = 1 << 26;
}

impl Engine for GpuEngine<'_> {
    fn name(&self) -> &'static str {
        "gpu"
    }

    fn tolerance(&self) -> f64 {
        Self::TOLERANCE
    }

    fn bytes(&self, problem: &Problem<'_>) -> u64 {
        let points = problem.points;
        let (n, m, dim) = (points.n() as u64, points.m() as u64, points.dim() as u64);
        let parts = if points.is_single() { 1 } else { 2 };
        let weights = if points.sources().weights().is_some() { 4 * m } else { 0 };
        let coordinates = 4 * parts * dim * (n + m) + weights;
        let on_the_way = 2 * coordinates + 8 * n + 4 * m;
        on_the_way.max(coordinates + 24 * n + 4 * m)
    }

    fn sum(
        &self,
        problem: &Problem<'_>,
        keep_going: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Vec<f64>, EngineError> {
        let Problem { points, sigma, chunk } = *problem;
        let failed = |err: GpuError| match err {
            GpuError::TooLarge { .. } => EngineError::TooLarge(err.to_string()),
            err => EngineError::Failed(err.to_string()),
        };
        let order: Vec<u32> = (0..points.m() as u32).collect();
        let buffers = PointBuffers::new(self.0, points, &order).map_err(failed)?;
        let sums = Sums::new(self.0, points.n()).map_err(failed)?;
        let mut pace = self.0.first_pace(Pace::HEADLESS);
        let mut once = |precision: Precision| {
            let sum =
                GaussSum { gpu: self.0, points: &buffers, sums: &sums, sigma, chunk, precision };
            let flow = sum
                .run(&mut pace, |progress| {
                    Ok(if keep_going(progress.fraction) { Flow::Continue } else { Flow::Stop })
                })
                .map_err(failed)?;
            if flow == Flow::Stop {
                return Err(EngineError::Stopped);
            }
            let scale = f64::from(-precision.shift()).exp2() * buffers.weight_unit();
            self.0
                .read(&sums.0, 8 * points.n() as u64, |bytes| {
                    let pairs = bytes.chunks_exact(8).take(points.n());
                    pairs
                        .map(|pair| {
                            let [sum, error]: [f32; 2] = bytemuck::pod_read_unaligned(pair);
                            scale * (f64::from(sum) + f64::from(error))
                        })
                        .collect::<Vec<_>>()
                })
                .map_err(failed)
        };
        let field = once(Precision::Usual)?;
        // Far pairs alone are told by the field in units of the largest weight.
        let weight = buffers.largest_weight().unwrap_or(1.0);
        let max = field.iter().fold(0.0_f64, |max, f| max.max(f.abs()));
        if weight == 0.0 {
            return Ok(field);
        }
        let is_zero = max == 0.0;
        let pairs = points.n() as u64 * points.m() as u64;
        let mut field = field;
        if Precision::must_extend(max / weight) || is_zero && pairs <= Self::SHIFTED_PAIRS {
            // If every source is out of f32's reach from every target, f64's reach is further.
            for shift in Self::SHIFTS.into_iter().skip(usize::from(is_zero)) {
                field = once(Precision::Extended { shift })?;
                let max = field.iter().fold(0.0_f64, |max, f| max.max(f.abs()));
                let unit = buffers.weight_unit() * f64::from(shift).exp2().recip();
                if max >= unit * Self::LEAST {
                    break;
                }
            }
        }
        Ok(field)
    }
}
