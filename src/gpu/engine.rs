//! The engine `gpu`: the exact sum on the device. A plan uploads the points once and sums for each
//! σ.
//!
//! Memory, on the host and on the device together: C = 4·d·(N + M) bytes for the coordinates in
//! f32, twice that where f32 does not hold them, and 4·M for weights. 2·C + 8·N + 4·M during the
//! upload, then C + 24·N + 4·M while the sums are read back.

use std::sync::Arc;

use super::{
    Field, GaussSum, Gpu, GpuError, PointBuffers, Precision, Scaled, Sums, values::OnDevice,
};
use crate::{
    engine::{
        self, Destination, Engine, EngineError, EngineId, KeptBytes, Limits, Observer, Partial,
        Place, Plan, Problem, Report, Request, SliceSeconds, Values, multiply,
    },
    model::Points,
};

/// The exact sum on a device, as an engine.
pub struct GpuEngine<'a>(pub &'a Gpu);

impl GpuEngine<'_> {
    /// Largest `max_i |f_i − ref_i| / max(ref_i, 10⁻³·max ref)`, where ref is the sum in f64.
    pub const TOLERANCE: f64 = 2e-6;
}

impl Engine for GpuEngine<'_> {
    fn id(&self) -> EngineId {
        EngineId::Gpu
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

    fn plan(
        &self,
        points: &Arc<Points>,
        limits: &Limits,
        _observer: &mut dyn Observer,
    ) -> Result<Box<dyn Plan>, EngineError> {
        let gpu = self.0.clone();
        gpu.can_sum()?;
        let in_order = || (0..points.m() as u32).collect();
        let order: Arc<[u32]> = limits.order.clone().unwrap_or_else(in_order);
        let buffers = PointBuffers::new(&gpu, points, &order)?;
        let sums = Sums::new(&gpu, points.n())?;
        let signed = points.sources().has_negative_weights();
        Ok(Box::new(GpuPlan { gpu, buffers, sums, signed, slice: limits.slice }))
    }
}

/// Points on the device, ready for sums at any σ.
struct GpuPlan {
    gpu: Gpu,
    buffers: PointBuffers,
    sums: Sums,
    /// Whether some weight is negative, so that f may be.
    signed: bool,
    slice: SliceSeconds,
}

/// Exponents of the powers of two that terms are multiplied by in turn, until the field's maximum
/// is large enough for f32. They reach down to the smallest f64, 2⁻¹⁰⁷⁴; steps of 200 are less than
/// the 252 binades of f32, so that the ranges overlap.
const SHIFTS: [u16; 6] = [0, 200, 400, 600, 800, 1000];
/// The least maximum of a field in f32, 2⁻⁹⁶, at which a thousandth of it still has full precision.
const LEAST: f64 = 1.262_177_448_353_619e-29;
/// The largest sum, in pairs, that is repeated with shifts when every value came out zero. Larger
/// sums would take several times as long to show a field that is zero to most users; with a lower
/// limit, small problems with a tiny σ would have zeros where f64 has none.
const SHIFTED_PAIRS: u64 = 1 << 26;

impl GpuPlan {
    /// One sum with this precision: f times the request's factor, and the highest |f| without that
    /// factor.
    fn sum(
        &self,
        request: &Request,
        precision: Precision,
        observer: &mut dyn Observer,
    ) -> Result<(Values, f64), EngineError> {
        let Self { gpu, buffers, sums, .. } = self;
        let m = buffers.m();
        let unit = buffers.weight_unit() * f64::from(-precision.shift()).exp2();
        let sum = GaussSum {
            gpu,
            points: buffers,
            sums,
            sigma: request.sigma,
            chunk: request.chunk.min(m),
            precision,
        };
        let scaled = |done: usize| Scaled {
            by: (request.factor * unit * m as f64 / done as f64) as f32,
            signed: self.signed,
        };
        let mut preview = |done: usize, observer: &mut dyn Observer| {
            let field = Field::from_sums(gpu, buffers, sums, scaled(done))?;
            let values = Values::Device(Box::new(OnDevice { gpu: gpu.clone(), field }));
            Ok(observer.preview(Partial { values, fraction: done as f64 / m as f64 }))
        };
        let mut pace = gpu.pace();
        pace.aim(self.slice.0);
        let flow = sum.run(&mut pace, observer, &mut preview)?;
        gpu.remember_pace(pace);
        if flow.is_break() {
            return Err(EngineError::Stopped);
        }
        if request.destination == Destination::Anywhere {
            let field = Field::from_sums(gpu, buffers, sums, scaled(m))?;
            let max = field.range().highest();
            let values = Values::Device(Box::new(OnDevice { gpu: gpu.clone(), field }));
            return Ok((values, max / request.factor.abs()));
        }
        let (mut values, n) = (Vec::new(), buffers.n());
        gpu.read(&sums.0, 8 * n as u64, |bytes| {
            let pairs = bytes.chunks_exact(8).take(n).map(|pair| {
                let [sum, error]: [f32; 2] = bytemuck::pod_read_unaligned(pair);
                unit * (f64::from(sum) + f64::from(error))
            });
            values.extend(pairs);
        })?;
        let max = values.iter().fold(0.0_f64, |max, f| max.max(f.abs()));
        multiply(&mut values, request.factor);
        Ok((Values::Memory(values), max))
    }

    /// The sum, repeated in extended precision if its highest value shows that it consists of far
    /// pairs alone.
    fn sum_exactly(
        &self,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Values, EngineError> {
        let (mut values, mut max) = self.sum(request, Precision::Usual, observer)?;
        // Without near pairs, the field's maximum is small in units of the largest weight.
        let weight = self.buffers.largest_weight().unwrap_or(1.0);
        if weight == 0.0 {
            return Ok(values);
        }
        let is_zero = max == 0.0;
        let pairs = self.buffers.n() as u64 * self.buffers.m() as u64;
        if !(Precision::must_extend(max / weight) || is_zero && pairs <= SHIFTED_PAIRS) {
            return Ok(values);
        }
        // Terms that underflow in f32 need not underflow in f64, so shifts follow.
        for shift in SHIFTS.into_iter().skip(usize::from(is_zero)) {
            let unit = self.buffers.weight_unit() * f64::from(-f32::from(shift)).exp2();
            if !self.would_show(request, unit) {
                break;
            }
            (values, max) = self.sum(request, Precision::Extended { shift }, observer)?;
            if max >= unit * LEAST {
                break;
            }
        }
        Ok(values)
    }

    /// Whether sums in units of `unit` can differ from zero in the number format of the
    /// destination.
    fn would_show(&self, request: &Request, unit: f64) -> bool {
        let highest = unit * self.buffers.m() as f64 * request.factor.abs();
        request.destination == Destination::Memory || highest >= f64::from(f32::MIN_POSITIVE)
    }
}

impl Plan for GpuPlan {
    fn execute(
        &mut self,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<engine::Field, EngineError> {
        self.slice = request.slice.unwrap_or(self.slice);
        let values = self.sum_exactly(request, observer)?;
        let report = Report {
            engine: EngineId::Gpu,
            place: Place::Device,
            why: None,
            error_bound: GpuEngine::TOLERANCE,
        };
        Ok(engine::Field { values, report })
    }

    fn kept_bytes(&self) -> KeptBytes {
        KeptBytes { memory: 0, device: self.buffers.bytes() + self.sums.0.size() }
    }
}

impl From<GpuError> for EngineError {
    fn from(err: GpuError) -> Self {
        let text = err.to_string();
        match err {
            GpuError::TooLarge { .. } => Self::TooLarge(text),
            GpuError::NoMemory { .. } | GpuError::Shader { .. } => Self::DeviceUnable(text),
            GpuError::Lost(_) => Self::DeviceLost(text),
            _ => Self::Failed(text),
        }
    }
}
