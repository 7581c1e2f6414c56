//! The engine `gpu`: the exact sum on the device. A plan uploads the points once and sums for each
//! σ.
//!
//! Memory, on the host and on the device together: C = 4·d·(N + M) bytes for the coordinates in
//! f32, twice that where f32 does not hold them, and 4·M for weights. Where sources out of reach are
//! left out, the points are there a second time, sorted. 3·C + 8·N + 4·M during that upload, then
//! 2·C + 24·N + 4·M while the sums are read back, and 12·(N + M) for orders and lists.

use std::sync::Arc;

use super::{
    Field, GaussSum, Gpu, GpuError, PointBuffers, Precision, Scaled, Sums,
    device_times::DeviceTimes,
    sum_lists::{ListedSum, Sorted},
    values::OnDevice,
};
use crate::{
    engine::{
        self, Destination, Engine, EngineError, EngineId, KeptBytes, Limits, Observer, Partial,
        Place, Plan, Problem, Report, Request, Simd, SliceSeconds, Values, draw_targets, exact_at,
        is_worth_sorting, largest_error, magnitudes_at, multiply,
    },
    model::{Points, Sigma},
    numbers::format_number,
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
        // The points as they come, the sorted ones on their way, and lists.
        let on_the_way = 3 * coordinates + 8 * n + 4 * m;
        let sorted = 12 * (n + m);
        sorted + on_the_way.max(2 * coordinates + 24 * n + 4 * m)
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
        let points = Arc::clone(points);
        let limits = limits.clone();
        let slice = limits.slice;
        let sorted = Sorting::default();
        let times = DeviceTimes::default();
        Ok(Box::new(GpuPlan { gpu, points, limits, buffers, sums, sorted, signed, slice, times }))
    }
}

/// Points on the device, ready for sums at any σ.
struct GpuPlan {
    gpu: Gpu,
    /// The same in memory: what single precision cannot hold is summed there.
    points: Arc<Points>,
    limits: Limits,
    buffers: PointBuffers,
    sums: Sums,
    sorted: Sorting,
    /// Whether some weight is negative, so that f may be.
    signed: bool,
    slice: SliceSeconds,
    times: DeviceTimes,
}

/// The points sorted for sums that leave out what is out of reach, as far as that was needed.
#[derive(Default)]
enum Sorting {
    /// No σ so far was small enough.
    #[default]
    NotYet,
    /// There was no memory for it.
    NoMemory,
    /// Ready.
    Done(Box<Sorted>),
}

/// Seconds that the kernel for listed sources takes to be compiled, about: 0.26 s on an NVIDIA H200, 0.3 s
/// of a core on llvmpipe. A sum that gains less takes all pairs.
const COMPILING: f64 = 0.3;
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
/// The share of the largest weight below which single precision drops terms of small weights that are a
/// thousandth of the highest value.
const FAINT: f64 = 1e-20;
/// Pairs that are summed in f64 to see how exact a field is: a fraction of a millisecond.
const SAMPLE_PAIRS: usize = 200_000;
/// The fewest targets of such a sample.
const LEAST_SAMPLED: usize = 8;
/// The error of a sampled target from which on the sum is repeated in extended precision. With a larger one
/// errors near the tolerance pass; a smaller one would repeat fields of single far pairs.
const SUSPECT: f64 = 1.2e-6;
/// The error of a sampled target with which a field is not returned.
const REFUSED: f64 = 1.5e-6;

/// Why a field has to be summed on the processor: the end of a sentence.
struct BeyondDevice(String);

impl GpuPlan {
    /// One sum with this precision: f times the request's factor, and the highest |f| without that
    /// factor.
    fn sum(
        &self,
        request: &Request,
        precision: Precision,
        listed: Option<&ListedSum<'_>>,
        observer: &mut dyn Observer,
    ) -> Result<(Values, f64), EngineError> {
        let Self { gpu, buffers, sums, times, .. } = self;
        let m = buffers.m();
        let unit = buffers.weight_unit() * f64::from(-precision.shift()).exp2();
        let sum = GaussSum {
            gpu,
            points: buffers,
            sums,
            sigma: request.sigma,
            chunk: request.chunk.min(m),
            precision,
            listed,
            times,
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

    /// Sorts the points if a sum at this σ gains more by that than it takes.
    fn sort(&mut self, sigma: Sigma) -> Result<(), EngineError> {
        let Self { gpu, points, buffers, .. } = self;
        if !matches!(self.sorted, Sorting::NotYet) {
            return Ok(());
        }
        // In pairs of the plane: see `Variant::cost`.
        let cost = (2.0 * points.dim() as f64 + 4.0) / 8.0;
        let pairs = points.n() as f64 * points.m() as f64 * cost;
        let seconds = pairs / gpu.pace().pairs_per_second();
        let pays = gpu.always_sorts() || is_worth_sorting(points, sigma, seconds, COMPILING);
        if !pays || !Sorted::is_possible(gpu, buffers, sigma) {
            return Ok(());
        }
        self.sorted = match Sorted::new(gpu, points) {
            Ok(sorted) => Sorting::Done(Box::new(sorted)),
            Err(GpuError::Lost(reason)) => return Err(GpuError::Lost(reason).into()),
            // It goes without.
            Err(_) => Sorting::NoMemory,
        };
        Ok(())
    }

    /// The sum with its error bound, repeated in extended precision if its highest value shows that it
    /// consists of far pairs alone, or a sample that its errors do not cancel.
    fn sum_exactly(
        &self,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Result<(Values, f64), BeyondDevice>, EngineError> {
        let tolerance = GpuEngine::TOLERANCE;
        if let Some(apart) = self.buffers.beyond_split(request.sigma) {
            let apart = format_number(apart, 2);
            return Ok(Err(BeyondDevice(format!(
                "points {apart} σ apart are more than two numbers of single precision tell apart"
            ))));
        }
        let listed = match &self.sorted {
            Sorting::Done(sorted) => sorted.listed(&self.gpu, request.sigma, request.chunk)?,
            _ => None,
        };
        let (mut values, mut max) =
            self.sum(request, Precision::Usual, listed.as_ref(), observer)?;
        drop(listed);
        // Without near pairs, the field's maximum is small in units of the largest weight.
        let weight = self.buffers.largest_weight().unwrap_or(1.0);
        if weight == 0.0 {
            return Ok(Ok((values, 0.0)));
        }
        if let Some([least, most]) = self.buffers.weights_apart()
            && (max.is_nan() || max / weight < FAINT)
        {
            let [least, most] = [least, most].map(|w| format_number(w, 2));
            return Ok(Err(BeyondDevice(format!(
                "weights from {least} to {most} are more than single precision holds side by side"
            ))));
        }
        let is_zero = max == 0.0;
        let pairs = self.buffers.n() as u64 * self.buffers.m() as u64;
        let is_small = is_zero && pairs <= SHIFTED_PAIRS;
        if Precision::must_extend(max / weight) || is_small {
            // Terms that underflow in f32 need not underflow in f64, so shifts follow.
            for shift in SHIFTS.into_iter().skip(usize::from(is_zero)) {
                let unit = self.buffers.weight_unit() * f64::from(-f32::from(shift)).exp2();
                if !self.would_show(request, unit) {
                    break;
                }
                (values, max) = self.sum(request, Precision::Extended { shift }, None, observer)?;
                if max >= unit * LEAST {
                    break;
                }
            }
        } else if is_zero {
            // All that is known of it: f is less than it shows.
            return Ok(Ok((values, 1.0)));
        } else if self.sampled_error(request, &values, max) > SUSPECT {
            (values, max) = self.sum(request, Precision::Extended { shift: 0 }, None, observer)?;
        }
        let error = self.sampled_error(request, &values, max);
        if error > REFUSED {
            let error = format_number(error, 2);
            return Ok(Err(BeyondDevice(format!(
                "one of the targets looked at was off by {error} there"
            ))));
        }
        Ok(Ok((values, tolerance)))
    }

    /// The largest error at some targets, against f64; of values in memory alone.
    fn sampled_error(&self, request: &Request, values: &Values, max: f64) -> f64 {
        let Values::Memory(values) = values else { return 0.0 };
        if values.iter().any(|f| !f.is_finite()) {
            return f64::INFINITY;
        }
        let Self { points, .. } = self;
        // Few sources are looked at from many targets: the errors of few terms do not average out.
        let wanted = (SAMPLE_PAIRS / points.m()).max(LEAST_SAMPLED);
        let targets = draw_targets(points.n(), wanted, 1);
        let scaled = |sums: Vec<f64>| sums.into_iter().map(|f| f * request.factor);
        let exact = exact_at(points, request.sigma, &targets);
        let magnitudes = if self.signed {
            magnitudes_at(points, request.sigma, &targets)
        } else {
            exact.clone()
        };
        let mut found: Vec<f64> = targets.iter().map(|&i| values[i]).collect();
        let mut exact: Vec<f64> = scaled(exact).collect();
        let mut magnitudes: Vec<f64> = scaled(magnitudes).map(f64::abs).collect();
        let max = (max * request.factor).abs();
        found.push(max);
        exact.push(max);
        magnitudes.push(max);
        largest_error(&found, &exact, &magnitudes)
    }

    /// The field by the processor's vectors, and why there.
    fn on_processor(
        &self,
        request: &Request,
        BeyondDevice(why): &BeyondDevice,
        observer: &mut dyn Observer,
    ) -> Result<engine::Field, EngineError> {
        let mut plan = Simd::default().plan(&self.points, &self.limits, observer)?;
        let mut field = plan.execute(request, observer)?;
        let why = Some(format!("on the processor, since {why}"));
        field.report = Report { engine: EngineId::Gpu, why, ..field.report };
        Ok(field)
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
        self.times.start(&self.gpu)?;
        self.sort(request.sigma)?;
        let (values, error_bound) = match self.sum_exactly(request, observer)? {
            Ok(done) => done,
            Err(beyond) => return self.on_processor(request, &beyond, observer),
        };
        let report = Report {
            engine: EngineId::Gpu,
            place: Place::Device,
            why: None,
            error_bound,
            device_seconds: self.times.seconds(),
        };
        Ok(engine::Field { values, report })
    }

    fn kept_bytes(&self) -> KeptBytes {
        let [memory, device] = match &self.sorted {
            Sorting::Done(sorted) => sorted.bytes(),
            _ => [0; 2],
        };
        KeptBytes { memory, device: self.buffers.bytes() + self.sums.0.size() + device }
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
