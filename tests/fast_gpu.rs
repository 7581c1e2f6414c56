//! The fast engine on the device against the definition and against its twin on the processor, on clouds
//! of every shape; what is kept from one σ to the next; poorer devices; a lost one.
//!
//! Everything runs with `SIGMASCOPE_FAST=gpu`: on a software adapter the processor would be taken, which
//! does the same work without a detour.

mod asking;
mod common;
mod program;

use std::{ops::ControlFlow, sync::Arc};

use asking::{ask, error_of_scene, params, scene, session};
use common::{
    cases::Weights,
    clouds::{check, cloud, clouds, full, mixture, sigma},
    device_test, gpu, normal_in, run_device_tests, uniform,
};
use program::Folder;
use sigmascope::{
    engine::{
        Accuracy, DeviceLimits, DeviceMethod, Engine, EngineError, EngineId, FastPoints,
        ForcedPlace, Limits, Observer, Pace, Place, Plan, Progress, Report, Request, Unobserved,
    },
    gpu::{FastOnDevice, Gpu, GpuFast, ObjectCounts, Scaled},
    model::{Dim, EngineChoice, Normalisation, Params, Points, Sigma, Tolerance},
    scheduler::DeviceKind,
};

/// Points prepared for steps on the device.
struct Steps(Box<dyn Plan>);

impl Steps {
    fn new(gpu: &Gpu, points: &Points) -> Self {
        let engine = GpuFast { gpu, tolerance: Tolerance::DEFAULT };
        let limits = Limits { place: Some(Place::Device), ..Limits::default() };
        let plan = engine.plan(&Arc::new(points.clone()), &limits, &mut Unobserved);
        Self(plan.expect("few coordinates"))
    }

    fn step(
        &mut self,
        sigma: Sigma,
        accuracy: Accuracy,
        observer: &mut dyn Observer,
    ) -> Result<Stepped, EngineError> {
        let request = Request { accuracy, ..Request::new(sigma) };
        let field = self.0.execute(&request, observer)?;
        let Report { place, why, error_bound, .. } = field.report;
        Ok(Stepped { values: field.values.read()?, error_bound, place, how: why })
    }

    fn device_bytes(&self) -> u64 {
        self.0.kept_bytes().device
    }
}

/// A field in memory, with what is told of it.
struct Stepped {
    values: Vec<f64>,
    error_bound: f64,
    place: Place,
    how: Option<String>,
}

fn how(field: &Stepped) -> &str {
    field.how.as_deref().expect("it is told")
}

/// A field that has to come from the device.
fn step(steps: &mut Steps, s: f64, accuracy: Accuracy) -> Stepped {
    let field = steps.step(sigma(s), accuracy, &mut Unobserved).expect("a field");
    assert_eq!(field.place, Place::Device, "{}", how(&field));
    field
}

/// Steps in the way that is soonest done on a device of no known kind: the same on every adapter, grids
/// and cells.
struct SameEverywhere<'a> {
    gpu: &'a Gpu,
    points: FastPoints,
    on_device: FastOnDevice,
}

impl<'a> SameEverywhere<'a> {
    fn new(gpu: &'a Gpu, points: &Points) -> Self {
        let points = FastPoints::new(points).expect("few coordinates");
        Self { gpu, points, on_device: FastOnDevice::new(gpu, Pace::HEADLESS) }
    }

    /// The field, and whether it came from a grid.
    fn step(&mut self, s: f64, accuracy: Accuracy) -> (Stepped, bool) {
        let Self { gpu, points, on_device } = self;
        let (kind, memory) = (DeviceKind::Other, 384 << 20);
        let device = DeviceLimits { kind, memory, ..on_device.limits(gpu) };
        let (s, forced) = (sigma(s), Some(Place::Device));
        let choice = points.choose(s, accuracy, &device, forced);
        let plan = choice.device.unwrap_or_else(|| panic!("{}", choice.why));
        let scaled = Scaled { by: 1.0, signed: true };
        let field = on_device.step(gpu, points, s, &plan, scaled, &mut Unobserved);
        let field = field.expect("a device").expect("a field");
        let values = field.read(gpu).expect("values");
        let inverse = plan.weight_scale.recip();
        let values: Vec<f64> = values.iter().map(|f| f64::from(*f) * inverse).collect();
        let highest = values.iter().fold(0.0_f64, |highest, f| highest.max(f.abs()));
        let stepped = Stepped {
            values,
            error_bound: plan.error_bound(highest),
            how: Some(plan.name()),
            place: Place::Device,
        };
        (stepped, matches!(plan.method, DeviceMethod::Grid(_)))
    }
}

/// All clouds at some σ, each in units of their spread: against f64, and all targets against the twin.
fn check_clouds(dim: usize, n: usize, tolerance: f64, sigmas: &[f64]) {
    let gpu = gpu();
    let mut methods = [0, 0];
    for (k, (name, targets, sources, spread)) in clouds(dim, n).into_iter().enumerate() {
        let kinds = [Weights::None, Weights::Positive, Weights::Signed, Weights::Huge];
        for weights in [Weights::None, kinds[1 + k % 3]] {
            let sources = weights.of(sources.clone());
            let points = Points::new(targets.clone(), sources).expect("near points");
            let mut here = FastPoints::new(&points).expect("few coordinates");
            let mut there = SameEverywhere::new(&gpu, &points);
            // Every second with weights.
            let every = if weights == Weights::None { 1 } else { 2 };
            for &s in sigmas.iter().step_by(every) {
                let s = s * spread;
                let (field, of_grid) = there.step(s, full(tolerance));
                let what = format!("{name}, d {dim}, weights {weights:?}, {}", how(&field));
                check(&what, &points, s, tolerance, &field.values, field.error_bound);
                methods[usize::from(of_grid)] += 1;
                let twin = here.step(sigma(s), full(tolerance), &mut Unobserved).expect("a field");
                twins_agree(&what, &points, &field, &twin.values, twin.error_bound);
            }
        }
    }
    assert!(methods[0] > 0 && methods[1] > 0, "cells, grids: {methods:?}");
}

/// Every value within both bounds together, in parts of the larger of it and what both leave out; where
/// weights cancel, the bounds are of what cancels.
fn twins_agree(what: &str, points: &Points, field: &Stepped, twin: &[f64], bound: f64) {
    let weights = points.sources().weights().unwrap_or(&[1.0]);
    if weights.iter().any(|w| *w < 0.0) {
        return;
    }
    let weight = weights.iter().fold(0.0_f64, |largest, w| largest.max(*w));
    let peak = twin.iter().fold(0.0_f64, |peak, f| peak.max(*f));
    let floor = (0.01 * weight).min(1e-3 * peak).max(f64::MIN_POSITIVE);
    let bound = field.error_bound + bound;
    for (i, (a, b)) in field.values.iter().zip(twin).enumerate() {
        assert!((a - b).abs() <= bound * b.max(floor) * 1.001, "{what}: {a} at {i}, {b} there");
    }
}

const SIGMAS: [f64; 8] = [1e-3, 4.1e-3, 0.017, 0.07, 0.26, 0.81, 2.3, 10.0];

fn drafts_are_good_enough_to_look_at() {
    let points = Points::new(normal_in(2, 20_000, 1, 0.0), normal_in(2, 20_000, 2, 0.0));
    let points = points.expect("near points");
    let gpu = gpu();
    let mut steps = Steps::new(&gpu, &points);
    let draft = step(&mut steps, 0.3, Accuracy::Draft);
    let field = step(&mut steps, 0.3, full(1e-5));
    let highest = field.values.iter().copied().fold(0.0, f64::max);
    let off = draft.values.iter().zip(&field.values).map(|(a, b)| (a - b).abs() / highest);
    let most = off.fold(0.0, f64::max);
    assert!(most > 0.0 && most < 1e-3, "{most:e}: an 8-bit colour shows 4e-3");
    assert!(draft.error_bound >= most && draft.error_bound > field.error_bound);
}

fn what_a_device_cannot_do_is_done_and_told() {
    let points = Points::new(normal_in(2, 500, 1, 0.0), normal_in(2, 500, 2, 0.0));
    let points = points.expect("near points");
    let gpu = gpu();
    let mut steps = Steps::new(&gpu, &points);
    let field = steps.step(sigma(0.3), full(1e-9), &mut Unobserved).expect("a field");
    assert_eq!(field.place, Place::Processor);
    assert!(how(&field).contains("float64"), "{}", how(&field));
    check("in f64", &points, 0.3, 1e-9, &field.values, field.error_bound);
}

fn extremes_of_sigma_and_of_extent() {
    let gpu = gpu();
    let mut on_device = 0;
    for by in [1e4, 1e9, 1e17] {
        let far = |seed| {
            let mut coordinates = normal_in(2, 500, seed, 0.0).coordinates().to_vec();
            coordinates[7] = by;
            cloud(2, coordinates)
        };
        let points = Points::new(far(1), far(2)).expect("near points");
        let mut steps = Steps::new(&gpu, &points);
        for s in [1e-12, 1e-6, 1e-3, 1.0, 1e3, 1e12] {
            let field = steps.step(sigma(s), full(1e-5), &mut Unobserved).expect("a field");
            on_device += usize::from(field.place == Place::Device);
            let what = format!("an outlier at {by:e}, {}", how(&field));
            check(&what, &points, s, 1e-5, &field.values, field.error_bound);
        }
    }
    assert!(on_device >= 6, "{on_device} of 18");
}

fn many_sources_in_one_place() {
    // More leaves than one dispatch may walk, all of them near.
    let points = Points::new(cloud(2, vec![0.25; 200]), cloud(2, vec![0.25; 600_000]));
    let points = points.expect("near points");
    let gpu = gpu();
    let mut ready = FastPoints::new(&points).expect("few coordinates");
    let mut on_device = FastOnDevice::new(&gpu, 0.05);
    let forced = Some(Place::Device);
    let choice = ready.choose(sigma(1e-3), full(1e-5), &on_device.limits(&gpu), forced);
    let plan = choice.device.expect("a way").over_cells(sigma(1e-3), full(1e-5));
    let scaled = Scaled { by: 1.0, signed: false };
    let field = on_device.step(&gpu, &mut ready, sigma(1e-3), &plan, scaled, &mut Unobserved);
    let field = field.expect("a device").expect("a field");
    let values = field.read(&gpu).expect("values");
    assert_eq!(values.len(), 100);
    assert!(values.iter().all(|f| (f - 300_000.0).abs() <= 1.0), "{:?}", &values[..4]);
}

fn it_stops_when_told_and_goes_on_as_before() {
    let points = Points::new(normal_in(2, 100_000, 1, 0.0), normal_in(2, 100_000, 2, 0.0));
    let points = points.expect("near points");
    let gpu = gpu();
    let mut steps = Steps::new(&gpu, &points);
    for s in [1e-3, 0.3] {
        let stopped = steps.step(sigma(s), full(1e-5), &mut |_: Progress| ControlFlow::Break(()));
        assert!(matches!(stopped, Err(EngineError::Stopped)), "sigma {s}");
        let mut heard = Vec::new();
        let field = steps.step(sigma(s), full(1e-5), &mut |Progress { fraction }: Progress| {
            heard.push(fraction);
            ControlFlow::Continue(())
        });
        let field = field.expect("a field");
        assert_eq!(field.place, Place::Device);
        check("after a stop", &points, s, 1e-5, &field.values, field.error_bound);
        assert!(heard.iter().all(|f| (0.0..=1.0).contains(f)), "{heard:?}");
        assert!(heard.windows(2).all(|pair| pair[0] <= pair[1]), "{heard:?}");
    }
}

/// How often a long step asks whether to go on decides how long a window waits for it.
fn the_pace_cuts_a_long_step_into_submissions() {
    let points = Points::new(normal_in(2, 100_000, 1, 0.0), normal_in(2, 100_000, 2, 0.0));
    let points = points.expect("near points");
    let gpu = gpu();
    let mut ready = FastPoints::new(&points).expect("few coordinates");
    // The last of three steps, when the pace is known.
    let mut asked = |seconds| {
        let mut on_device = FastOnDevice::new(&gpu, seconds);
        let scaled = Scaled { by: 1.0, signed: false };
        let mut times = 0;
        for s in [0.01, 0.011, 0.012] {
            let (s, accuracy, forced) = (sigma(s), full(1e-5), Some(Place::Device));
            let choice = ready.choose(s, accuracy, &on_device.limits(&gpu), forced);
            let plan = choice.device.expect("a way").over_cells(s, accuracy);
            times = 0;
            let field = on_device.step(&gpu, &mut ready, s, &plan, scaled, &mut |_: Progress| {
                times += 1;
                ControlFlow::Continue(())
            });
            assert!(field.expect("a device").is_some());
        }
        times
    };
    // As short as they may be, and as long. How many that are depends on the speed of the device; of a made-up
    // one it is tested beside the plan, in src/gpu/fast_cells.rs.
    let (short, long) = (asked(1e-9), asked(1e9));
    assert!(long > 0 && short >= long, "{short} submissions, {long} at leisure");
}

fn the_same_bits_whatever_came_before() {
    let points = Points::new(mixture(2, 20_000, 1), mixture(2, 20_000, 2)).expect("near points");
    let gpu = gpu();
    let mut old = SameEverywhere::new(&gpu, &points);
    let (first, of_grid) = old.step(0.3, full(1e-5));
    for s in [0.31, 2.0, 0.05, 0.6] {
        old.step(s, full(1e-5));
    }
    let (again, of_grid_again) = old.step(0.3, full(1e-5));
    let (fresh, _) = SameEverywhere::new(&gpu, &points).step(0.3, full(1e-5));
    assert!(of_grid && first.values == fresh.values);
    assert!(!of_grid_again || first.values == again.values);
}

/// Counts the device's objects after σ went up and down, and again.
fn nothing_piles_up() {
    let points = Points::new(normal_in(2, 2000, 1, 0.0), normal_in(2, 2000, 2, 0.0));
    let points = points.expect("near points");
    let gpu = gpu();
    step(&mut Steps::new(&gpu, &points), 0.3, full(1e-5));
    // What was dropped is freed when the device is asked next.
    assert!(!gpu.ask_whether_lost());
    let before = gpu.counts();
    let mut steps = Steps::new(&gpu, &points);
    let round = |steps: &mut Steps| -> (ObjectCounts, u64) {
        let mut random = uniform(8);
        for k in 0..200 {
            let s = 10_f64.powf(4.0 * random() - 3.0);
            let accuracy = if k % 3 == 0 { Accuracy::Draft } else { full(1e-5) };
            step(steps, s, accuracy);
        }
        (gpu.counts(), steps.device_bytes())
    };
    let first = round(&mut steps);
    let second = round(&mut steps);
    assert_eq!(first, second);
    assert!(second.1 < 64 << 20, "{}", second.1);
    drop(steps);
    assert!(!gpu.ask_whether_lost());
    let after = gpu.counts();
    assert_eq!(after, before);
}

fn a_drag_moves_a_few_hundred_bytes() {
    let points = Points::new(normal_in(2, 50_000, 1, 0.0), normal_in(2, 50_000, 2, 0.0));
    let points = points.expect("near points");
    let gpu = gpu();
    let mut steps = SameEverywhere::new(&gpu, &points);
    steps.step(0.3, full(1e-5));
    let bytes = steps.on_device.bytes();
    for k in 1..20 {
        let (_, of_grid) = steps.step(0.3 + 0.001 * f64::from(k), full(1e-5));
        assert!(of_grid);
    }
    assert_eq!(steps.on_device.bytes(), bytes, "it made new buffers");
}

fn a_session_keeps_the_field_on_the_device() {
    let mut session = session();
    for (dim, s) in [(1, 0.3), (2, 0.3), (3, 0.5), (2, 1e-3)] {
        for (normalisation, tolerance) in
            [(Normalisation::Density, 1e-5), (Normalisation::Sum, 1e-3)]
        {
            let dim = Dim::new(dim).ok();
            let tolerance = Tolerance::new(tolerance).expect("legal");
            let base = Params { engine: EngineChoice::Fast, ..params(2000, 3000, s) };
            ask(&mut session, &Params { dim, tolerance, normalisation, ..base });
            let scene = scene(&session);
            let how = scene.stats.how.clone().expect("it is told");
            assert!(scene.stats.on_device && how.contains("On the device with "), "{how}");
            assert!(scene.stats.engine == EngineId::Fast && scene.is_complete());
            // Which of the two, the adapter decides.
            assert!(how.contains(" nodes: ") || how.contains("cells: "), "{how}");
            let error = error_of_scene(&session, &scene);
            // The values on screen are f32.
            assert!(error <= scene.stats.error_bound + 2e-7, "{how}: {error:e}");
        }
    }
    // Drafts while something is dragged, and what the exact field says of the last.
    let fast = Params { engine: EngineChoice::Fast, ..params(20_000, 20_000, 0.3) };
    session.pacing().set_drafts(true);
    ask(&mut session, &fast);
    let draft = scene(&session);
    assert!(draft.stats.draft && draft.stats.on_device && draft.stats.error_bound > 1e-5);
    assert!(draft.field.values().is_none(), "it was brought to memory");
    session.pacing().set_drafts(false);
    assert!(session.wait(asking::PATIENCE));
    let full = scene(&session);
    assert!(!full.stats.draft && full.stats.on_device && full.stats.error_bound <= 1e-5);
    ask(&mut session, &Params { engine: EngineChoice::Simd, ..fast });
    assert!(!scene(&session).stats.on_device);
    let told = session.take_notices();
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("promised were"), "{}", told[0].text);
}

fn the_command_line_runs_it_on_the_device() {
    let folder = Folder::new();
    let points = "--n 3000 --m 4000 --engine fast --json --force --out f.npy";
    for s in [0.3, 1e-3] {
        let report = folder.run(&format!("reduce {points} --sigma {s}")).succeeds().json();
        assert!(report["adapter"].is_string() && report["engine"] == "fast");
        let how = report["how"].as_str().expect("it is told");
        let way = how.strip_prefix("on the device with ").unwrap_or_else(|| panic!("{how}"));
        // Which of the two, the adapter decides.
        assert!(way.starts_with("a grid of ") || way.starts_with("cells: "), "{how}");
    }
    // With one smaller still f is too low for a device.
    let low = folder.run(&format!("reduce {points} --sigma 1e-4")).succeeds().json();
    let how = low["how"].as_str().expect("it is told");
    assert!(low["adapter"].is_null() && how.contains("too low for single precision"), "{how}");
    let bench = "bench --engine fast --n 2000 --sigma 0.3 --repeat 2 --json";
    let ended = folder.run(bench).succeeds();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ended.stdout).expect("an array");
    for key in ["first_seconds", "step_seconds_median"] {
        assert!(rows[0][key].as_f64().is_some_and(|seconds| seconds > 0.0), "{rows:?}");
    }
    assert!(rows[0]["adapter"].is_string() && rows[0]["threads"].is_null());
    assert!(rows[0]["max_error"].as_f64().expect("a number") <= 1e-5, "{rows:?}");
}

/// A poorer device computes the same, as far as it can hold the points.
#[cfg(feature = "faults")]
fn limits_change_nothing(limits: &'static str) {
    let folder = Folder::new();
    for s in [0.3, 0.002] {
        let points = format!("--n 40000 --m 40000 --engine fast --sigma {s} --json");
        let plain = folder.run(&format!("reduce {points} --out a.npy --force")).succeeds();
        let poor = folder.run(&format!("reduce {points} --out b.npy --force"));
        let poor = poor.with_env("SIGMASCOPE_LIMITS", limits).succeeds();
        for report in [plain.json(), poor.json()] {
            assert!(report["adapter"].is_string(), "{}", report["how"]);
        }
        let error = common::error_of(&folder.numbers("b.npy"), &folder.numbers("a.npy"));
        // Another grid may have been taken.
        assert!(error < 1e-5, "{error:e}");
    }
}

#[cfg(feature = "faults")]
fn what_does_not_fit_is_done_on_the_processor() {
    let folder = Folder::new();
    let points = "--n 100000 --m 100000 --engine fast --sigma 0.3 --json";
    let ended = folder.run(&format!("reduce {points} --out a.npy"));
    let report = ended.with_env("SIGMASCOPE_LIMITS", "binding=1048576").succeeds().json();
    let how = report["how"].as_str().expect("it is told");
    assert!(report["adapter"].is_null() && how.contains("one buffer of the device holds"), "{how}");
    assert_eq!(folder.numbers("a.npy").len(), 100_000);
    // In a session, memory that is not there is no reason to fail.
    let mut session = session();
    let fast = |s: f64| Params {
        engine: EngineChoice::Fast,
        sigma: Some(Sigma::new(s).expect("legal")),
        ..params(3000, 3000, 0.3)
    };
    ask(&mut session, &fast(0.3));
    assert!(scene(&session).stats.on_device);
    session.gpu().faults().arm(sigmascope::gpu::Fault::NoMemoryForBuffer);
    ask(&mut session, &fast(0.31));
    let scene = scene(&session);
    let how = scene.stats.how.clone().expect("it is told");
    assert!(!scene.stats.on_device && how.contains("there is no memory for"), "{how}");
    assert!(scene.is_complete() && session.take_notices().is_empty());
    assert!(error_of_scene(&session, &scene) <= scene.stats.error_bound + 2e-7);
}

/// The device is lost in the middle of a step; a session on a fresh one goes on.
#[cfg(feature = "faults")]
fn a_lost_device_is_told_and_a_fresh_one_goes_on() {
    use sigmascope::{gpu::Fault, session::NoticeKind, session::Session};
    let mut session = session();
    for s in [0.3, 1e-3] {
        let fast = Params { engine: EngineChoice::Fast, ..params(5000, 5000, s) };
        let sigma = Sigma::new(1.01 * s).ok();
        ask(&mut session, &fast);
        assert!(scene(&session).stats.on_device);
        session.gpu().faults().arm(Fault::LossInSum);
        session.apply(&Params { sigma, ..fast.clone() });
        asking::until(&session, "the loss", |session| session.gpu().ask_whether_lost());
        let source = session.source();
        let told = session.end();
        let fits = |kind| matches!(kind, NoticeKind::Failed | NoticeKind::Lost);
        assert!(told.len() <= 1 && told.iter().all(|notice| fits(notice.kind)), "{told:?}");
        drop(session);
        session = Session::new(gpu(), source, 0.008, || ()).expect("a worker thread");
        ask(&mut session, &Params { sigma, ..fast });
        assert!(session.take_notices().is_empty());
        let shown = scene(&session);
        assert!(shown.stats.on_device && shown.is_complete());
        assert!(error_of_scene(&session, &shown) <= shown.stats.error_bound + 2e-7);
    }
}

/// Runs this program again with the device forced, unless it is.
fn force_the_device() {
    if std::env::var_os(ForcedPlace::VARIABLE).is_some_and(|place| place == "gpu") {
        return;
    }
    let program = std::env::current_exe().expect("this program");
    let mut again = std::process::Command::new(program);
    again.args(std::env::args_os().skip(1)).env(ForcedPlace::VARIABLE, "gpu");
    let ended = again.status().expect("this program");
    std::process::exit(ended.code().unwrap_or(1));
}

fn main() {
    force_the_device();
    let mut tests = vec![
        device_test("a session keeps the field on the device", || {
            a_session_keeps_the_field_on_the_device();
        }),
        device_test("the command line runs it on the device", || {
            the_command_line_runs_it_on_the_device();
        }),
        device_test("the default tolerance in one dimension", || {
            check_clouds(1, 6000, 1e-5, &SIGMAS);
        }),
        device_test("the default tolerance in two dimensions", || {
            check_clouds(2, 6000, 1e-5, &SIGMAS);
        }),
        device_test("the default tolerance in three dimensions", || {
            check_clouds(3, 4000, 1e-5, &[1e-3, 0.03, 0.31, 0.81, 2.3, 10.0]);
        }),
        device_test("drafts are good enough to look at", drafts_are_good_enough_to_look_at),
        device_test("what a device cannot do is done on the processor", || {
            what_a_device_cannot_do_is_done_and_told();
        }),
        device_test("extremes of sigma and of extent", extremes_of_sigma_and_of_extent),
        device_test("many sources in one place", many_sources_in_one_place),
        device_test("it stops when told and goes on as before", || {
            it_stops_when_told_and_goes_on_as_before();
        }),
        device_test("the pace cuts a long step into submissions", || {
            the_pace_cuts_a_long_step_into_submissions();
        }),
        device_test("the same bits whatever came before", the_same_bits_whatever_came_before),
        device_test("nothing piles up", nothing_piles_up),
        device_test("a drag moves a few hundred bytes", a_drag_moves_a_few_hundred_bytes),
    ];
    for dim in [1, 2, 3] {
        tests.push(device_test(format!("the loosest tolerance, d {dim}"), move || {
            check_clouds(dim, 3000, 1e-3, &[4.1e-3, 0.26, 0.81, 10.0]);
        }));
    }
    #[cfg(feature = "faults")]
    {
        for (name, limits) in [
            ("the limits of any device", "downlevel"),
            ("a binding of one MiB", "binding=1048576"),
            ("64 workgroups in a dispatch", "groups=64"),
        ] {
            tests.push(device_test(name, move || limits_change_nothing(limits)));
        }
        tests.push(device_test("what does not fit is done on the processor", || {
            what_does_not_fit_is_done_on_the_processor();
        }));
        tests.push(device_test("a lost device is told and a fresh one goes on", || {
            a_lost_device_is_told_and_a_fresh_one_goes_on();
        }));
    }
    run_device_tests(tests);
}
