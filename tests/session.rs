//! The session as its owner sees it: the newest request wins, nothing blocks, what fails is told.

#![expect(clippy::float_cmp, reason = "what is only passed on stays the same to the last bit")]

mod asking;
mod common;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use asking::{
    PATIENCE, ask, error_of_scene, file_params, is_summing, long_work, params, scene, session,
    spec, starts_long_work, until, values,
};
use common::{device_test, gpu, run_device_tests};
use sigmascope::{
    engine::{EngineId, Pace, exact_at, largest_error, magnitudes_at},
    figure::ViewBox,
    model::{
        ColorMap, Count, Dim, Distribution, EngineChoice, Input, Masses, Params, Scaling, Sigma,
        Stage, Tolerance, Weights,
    },
    session::{
        Activity, Density, DensityWish, Job, NoticeKind, Outcome, Raster, Repeat, Scene, Session,
        Source, exact_engine, files::Replace,
    },
};

/// Sums `n` × `n` pairs and checks the previews, or says that it was over too soon to see any.
fn shows_honest_previews(n: usize) -> bool {
    let mut session = session();
    session.apply(&params(n, n, 0.3));
    let mut previews: Vec<Arc<Scene>> = Vec::new();
    let mut fractions = Vec::new();
    until(&session, "the end", |session| {
        let state = session.state();
        if let Activity::Summing(done) = state.activity {
            fractions.push(done);
        }
        let is_new = |scene: &Arc<Scene>| {
            !scene.is_complete() && previews.last().is_none_or(|old| old.version != scene.version)
        };
        previews.extend(state.scene.filter(is_new));
        session.is_idle()
    });
    let last = scene(&session);
    assert!(last.is_complete());
    if last.stats.seconds < 1.0 {
        return false;
    }
    assert!(!previews.is_empty(), "{} s without a preview", last.stats.seconds);
    assert!(previews.is_sorted_by(|a, b| a.completeness < b.completeness));
    assert!(fractions.is_sorted() && fractions.iter().all(|f| (0.0..=1.0).contains(f)));
    let mean = |scene: &Scene| values(&session, scene).iter().sum::<f64>() / n as f64;
    let exact = mean(&last);
    for preview in &previews {
        assert!(preview.completeness > 0.0);
        let ratio = mean(preview) / exact;
        assert!((0.8..1.2).contains(&ratio), "{ratio} of f at {}", preview.completeness);
    }
    true
}

/// The system's allocator, which counts the bytes that are in use. What a driver allocates is not among them;
/// the objects that it does so for are counted by [`sigmascope::gpu::Gpu::counts`].
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(unsafe_code, reason = "an allocator is unsafe to write")]
// SAFETY: all is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        IN_USE.fetch_add(size, Ordering::Relaxed);
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

fn a_thousand_sigmas_take_no_more_memory_than_a_hundred() {
    let mut session = session();
    let mut random = common::uniform(11);
    let mut request = Params { engine: EngineChoice::Fast, ..params(20_000, 20_000, 0.3) };
    let mut early = (0, 0);
    for k in 0..1000 {
        // Octaves up and down; other points now and then, drafts as while a slider moves.
        request.sigma = Sigma::new(10_f64.powf(4.0 * random() - 3.0)).ok();
        if k % 50 == 49 {
            request.seed += 1;
        }
        session.pacing().set_drafts(k % 3 == 0);
        ask(&mut session, &request);
        let bytes = IN_USE.load(Ordering::Relaxed);
        if k < 100 {
            early = (bytes.max(early.0), session.gpu().counts().buffers.max(early.1));
        } else {
            let allowed = early.0 + early.0 / 10 + (4 << 20);
            assert!(bytes <= allowed, "{bytes} bytes after {k}, {} before", early.0);
            // What is given up goes with a later submission.
            let buffers = session.gpu().counts().buffers;
            assert!(buffers <= early.1 + 8, "{buffers} buffers after {k}, {} before", early.1);
        }
    }
}

fn main() {
    let tests = vec![
        device_test(
            "a thousand sigmas take no more memory than a hundred",
            a_thousand_sigmas_take_no_more_memory_than_a_hundred,
        ),
        device_test("the first field is that of the double loop", || {
            let mut session = session();
            ask(&mut session, &params(700, 900, 0.3));
            let scene = scene(&session);
            assert!(scene.is_complete());
            assert_eq!((scene.field.n(), scene.stats.engine), (700, EngineId::Gpu));
            assert!(error_of_scene(&session, &scene) < 2e-6);
            let range = scene.field.range();
            let values = values(&session, &scene);
            assert_eq!(f64::from(range.max), values.iter().copied().fold(0.0, f64::max));
            assert_eq!(f64::from(range.min), values.iter().copied().fold(f64::MAX, f64::min));
            let (_, histogram) = scene.histogram.as_ref().expect("a histogram");
            assert_eq!(histogram.bins.iter().sum::<u32>(), 700);
            assert!(session.take_notices().is_empty());
            let state = session.state();
            assert!(state.activity == Activity::Idle && !state.stopped && !state.rejected);
        }),
        device_test("every engine and normalisation fills a scene", || {
            let mut session = session();
            for engine in EngineChoice::ALL {
                for normalisation in sigmascope::model::Normalisation::ALL {
                    let base = params(200, 300, 0.2);
                    let request = Params { engine: *engine, normalisation: *normalisation, ..base };
                    ask(&mut session, &request);
                    let scene = scene(&session);
                    assert_eq!(scene.params, request);
                    let error = error_of_scene(&session, &scene);
                    assert!(error < 2e-6, "{engine} {normalisation}: {error:e}");
                }
            }
        }),
        device_test("the fast engine keeps its tolerance, and says where it cannot sum", || {
            let mut session = session();
            for dim in 1..=3 {
                for tolerance in [1e-3, 1e-5, 1e-9] {
                    let tolerance = Tolerance::new(tolerance).expect("legal");
                    let dim = Dim::new(dim).ok();
                    let base = Params { engine: EngineChoice::Fast, ..params(2000, 3000, 0.3) };
                    ask(&mut session, &Params { dim, tolerance, ..base });
                    let scene = scene(&session);
                    assert!(scene.is_complete() && scene.stats.engine == EngineId::Fast);
                    let (error, bound) =
                        (error_of_scene(&session, &scene), scene.stats.error_bound);
                    // The values on screen are f32.
                    assert!(error <= bound + 2e-7, "{dim:?} {tolerance:?}: {error:e} {bound:e}");
                    assert!(bound <= 10.0 * tolerance.get().max(2e-7), "{tolerance:?}: {bound:e}");
                }
            }
            let kept = scene(&session).version;
            let dim = Dim::new(4).ok();
            session.apply(&Params { dim, engine: EngineChoice::Fast, ..params(50, 60, 0.3) });
            assert!(session.wait(PATIENCE));
            let notices = session.take_notices();
            assert_eq!(notices.len(), 1);
            assert!(notices[0].text.contains("1 to 3 coordinates, found 4"), "{notices:?}");
            assert!(session.state().scene.is_none_or(|scene| scene.version == kept));
            // So many that the sum in pairs would take minutes.
            let many = Params { engine: EngineChoice::Fast, ..params(1_000_000, 1_000_000, 0.3) };
            ask(&mut session, &many);
            assert_eq!(scene(&session).field.n(), 1_000_000);
        }),
        device_test("every field is held against f64", || {
            let mut session = session();
            for (engine, n) in [(EngineChoice::Gpu, 5000), (EngineChoice::Simd, 40)] {
                ask(&mut session, &Params { engine, ..params(n, 3000, 0.2) });
                until(&session, "the check", |session| session.state().checked().is_some());
                let checked = session.state().checked().expect("a check");
                assert_eq!(checked.targets, n.min(64), "of {n} targets");
                assert!(checked.error < 2e-6 && checked.error > 0.0, "{:e}", checked.error);
            }
            // Of many sources few targets can be afforded.
            ask(&mut session, &Params { engine: EngineChoice::Simd, ..params(10, 1_500_000, 0.2) });
            until(&session, "the check", |session| session.state().checked().is_some());
            assert_eq!(session.state().checked().expect("a check").targets, 2);
        }),
        device_test(
            "a fast field is a draft while something is dragged, and told from exact",
            || {
                let mut session = session();
                let fast = Params { engine: EngineChoice::Fast, ..params(20_000, 20_000, 0.3) };
                session.pacing().set_drafts(true);
                ask(&mut session, &fast);
                let draft = scene(&session);
                assert_eq!((draft.stats.engine, draft.stats.draft), (EngineId::Fast, true));
                assert!(draft.is_complete() && draft.stats.error_bound > 1e-5);
                session.pacing().set_drafts(false);
                assert!(session.wait(PATIENCE));
                let full = scene(&session);
                assert!(!full.stats.draft && full.stats.error_bound <= 1e-5);
                assert!(full.version > draft.version);
                let until_checked = |session: &Session| session.state().checked().is_some();
                until(&session, "the check", until_checked);
                let checked = session.state().checked().expect("a check");
                assert!(checked.error <= full.stats.error_bound, "{:e}", checked.error);
                // What is no draft is not computed again.
                session.pacing().set_drafts(true);
                session.pacing().set_drafts(false);
                assert!(session.wait(PATIENCE));
                assert_eq!(scene(&session).version, full.version);

                let engine = exact_engine(session.gpu(), &full.prepared.points);
                ask(&mut session, &Params { engine, ..fast });
                let told = session.take_notices();
                assert_eq!(told.len(), 1);
                assert!(told[0].text.contains("promised were"), "{}", told[0].text);
            },
        ),
        device_test("points of any dimension and weight are summed", || {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("p.csv");
            let row = |t: f64| format!("{},{},{},{}", t.sin(), (2.0 * t).cos(), t * 0.1, t - 9.0);
            let rows: Vec<String> = (0..300).map(|k| row(f64::from(k) * 0.1)).collect();
            std::fs::write(&path, format!("a,b,c,w\n{}\n", rows.join("\n"))).expect("a file");
            let mut session = session();
            for engine in [EngineChoice::Gpu, EngineChoice::Simd] {
                for columns in [&["a"][..], &["a", "b"], &["a", "b", "c"]] {
                    let columns = columns.iter().map(|&name| name.to_owned()).collect();
                    let input = Input::Files { targets: path.clone(), sources: None, columns };
                    let sigma = Sigma::new(0.7).ok();
                    for weights in [None, Some(Weights::Column("w".to_owned()))] {
                        let request = Params { sigma, weights, engine, ..file_params(&path) };
                        ask(&mut session, &Params { input: input.clone(), ..request });
                        let scene = scene(&session);
                        let points = &scene.prepared.points;
                        let all: Vec<usize> = (0..points.n()).collect();
                        let exact = exact_at(points, scene.sigma(), &all);
                        let size = magnitudes_at(points, scene.sigma(), &all);
                        let error = largest_error(&values(&session, &scene), &exact, &size);
                        assert!(error < 2e-6, "{engine}, d = {}: {error:e}", points.dim());
                    }
                }
            }
        }),
        device_test("engines on the processor show previews of long sums", || {
            let mut session = session();
            let request = Params { engine: EngineChoice::Naive, ..params(3000, 300_000, 0.2) };
            session.apply(&request);
            let partial =
                |session: &Session| session.state().scene.filter(|scene| !scene.is_complete());
            until(&session, "a preview", |session| partial(session).is_some());
            let preview = partial(&session).expect("a preview");
            let points = &preview.prepared.points;
            let all: Vec<usize> = (0..points.n()).collect();
            let exact: f64 = exact_at(points, preview.sigma(), &all).iter().sum();
            let ratio = values(&session, &preview).iter().sum::<f64>() / exact;
            assert!((0.7..1.4).contains(&ratio), "scaled up to {ratio} of the whole");
            assert!(preview.completeness > 0.0 && is_summing(&session));
            // A newer request does not wait for the end of this one.
            ask(&mut session, &params(100, 100, 0.2));
            assert_eq!(scene(&session).field.n(), 100);
        }),
        device_test("the newest of many requests wins", || {
            let mut session = session();
            for k in 1..=20 {
                session.apply(&params(2000, 2000, 0.1 * f64::from(k)));
            }
            assert!(session.wait(PATIENCE));
            let scene = scene(&session);
            assert_eq!(scene.sigma().get(), 0.1 * 20.0);
            assert!(scene.is_complete());
            assert!(error_of_scene(&session, &scene) < 2e-6);
        }),
        device_test("a new sigma keeps the points, a new seed does not", || {
            let mut session = session();
            let first = params(300, 300, 0.3);
            ask(&mut session, &first);
            let old = scene(&session);
            let sigma = Sigma::new(0.5).expect("legal");
            let second = Params { sigma: Some(sigma), ..first.clone() };
            assert_eq!(session.apply(&second), Stage::Field);
            assert!(session.wait(PATIENCE));
            let new = scene(&session);
            assert!(Arc::ptr_eq(&old.prepared.points, &new.prepared.points));
            assert!(new.version > old.version);
            assert_eq!(session.apply(&Params { seed: 2, ..second }), Stage::Points);
            assert!(session.wait(PATIENCE));
            assert!(!Arc::ptr_eq(&new.prepared.points, &scene(&session).prepared.points));
            // A published scene never changes.
            assert!(error_of_scene(&session, &old) < 2e-6);
        }),
        device_test("colours ask for nothing, another scaling only for a count", || {
            let mut session = session();
            let first = params(300, 300, 0.3);
            ask(&mut session, &first);
            let old = scene(&session);
            let mut second = first.clone();
            second.view.color_map = ColorMap::Turbo;
            assert_eq!(session.apply(&second), Stage::View);
            assert!(session.is_idle() && Arc::ptr_eq(&old, &scene(&session)));
            second.view.scaling = Scaling::Log;
            assert_eq!(session.apply(&second), Stage::Range);
            assert!(session.wait(PATIENCE));
            let new = scene(&session);
            assert_eq!(new.version, old.version, "the field is the same");
            let (scale, histogram) = new.histogram.as_ref().expect("a histogram");
            assert_eq!(scale.scaling, Scaling::Log);
            assert!(histogram.bins.iter().sum::<u32>() + histogram.below <= 300);
            assert_eq!(session.apply(&second), Stage::Nothing);
        }),
        device_test("another colour scale does not start a sum again", || {
            let mut session = session();
            let mut wanted = params(30_000, 30_000, 0.3);
            session.apply(&wanted);
            until(&session, "a sum", |session| match session.state().activity {
                Activity::Summing(fraction) => fraction > 0.1,
                _ => session.is_idle(),
            });
            wanted.view.scaling = Scaling::Log;
            assert_eq!(session.apply(&wanted), Stage::Range);
            let mut last = 0.0;
            until(&session, "the end", |session| {
                if let Activity::Summing(fraction) = session.state().activity {
                    assert!(fraction >= last, "it fell from {last} to {fraction}");
                    last = fraction;
                }
                session.is_idle()
            });
            let scene = scene(&session);
            let (scale, _) = scene.histogram.as_ref().expect("a histogram");
            assert_eq!(scale.scaling, Scaling::Log);
            assert_eq!(scene.params, wanted);
        }),
        device_test("another colour scale leaves a stopped sum stopped", || {
            let mut session = session();
            let mut wanted = params(60_000, 60_000, 0.3);
            session.apply(&wanted);
            until(&session, "a preview", |session| {
                session.state().scene.is_some_and(|scene| !scene.is_complete())
            });
            session.stop();
            assert!(session.wait(PATIENCE));
            wanted.view.scaling = Scaling::Log;
            ask(&mut session, &wanted);
            let stopped = scene(&session);
            assert!(!stopped.is_complete(), "it was summed again");
            let (scale, _) = stopped.histogram.as_ref().expect("a histogram");
            assert_eq!(scale.scaling, Scaling::Log);
            session.repeat(Repeat::Unfinished);
            assert!(session.wait(PATIENCE));
            assert!(scene(&session).is_complete());
        }),
        device_test("a request that comes back is shown, whatever came between", || {
            let mut session = session();
            let (first, second) = (params(8000, 8000, 0.3), params(8000, 8000, 0.5));
            for pause in 0..40 {
                session.apply(&first);
                sleep(Duration::from_millis(pause));
                session.apply(&second);
                ask(&mut session, &first);
                let shown = scene(&session);
                assert_eq!(shown.params, first);
                assert!(shown.is_complete());
                if pause % 20 == 19 {
                    assert!(error_of_scene(&session, &shown) < 2e-6, "after {pause} ms");
                }
            }
        }),
        device_test("what has just failed is not tried again by itself", || {
            let mut session = session();
            let bad = file_params(Path::new("/no/such/file.csv"));
            ask(&mut session, &bad);
            assert!(session.state().rejected);
            assert_eq!(session.take_notices().len(), 1);
            session.revert(&bad);
            assert!(session.is_idle(), "it was asked for again");
            session.revert(&params(100, 100, 0.3));
            assert!(session.wait(PATIENCE));
            assert!(scene(&session).is_complete());
        }),
        device_test("a bad file does not end the sum that it interrupts", || {
            let mut session = session();
            let good = params(60_000, 60_000, 0.3);
            session.apply(&good);
            until(&session, "a preview", |session| session.state().scene.is_some());
            ask(&mut session, &file_params(Path::new("/no/such/file.csv")));
            assert!(session.state().rejected);
            session.revert(&good);
            assert!(session.wait(PATIENCE));
            let state = session.state();
            assert!(!state.rejected);
            let scene = state.scene.expect("a scene");
            assert!(scene.is_complete());
            assert_eq!(scene.params, good);
        }),
        device_test("a long sum shows honest previews that grow", || {
            // A fast device needs more to do before anyone has to wait for it.
            let sizes = [60_000, 600_000, 3_000_000];
            assert!(sizes.into_iter().any(shows_honest_previews), "no sum took a second");
        }),
        device_test("stopping keeps what there is and says so", || {
            let mut session = session();
            ask(&mut session, &params(100, 100, 0.3));
            let old = scene(&session);
            starts_long_work(&mut session, 0.3);
            session.stop();
            assert!(session.wait(PATIENCE), "it does not stop");
            let state = session.state();
            assert!(state.stopped && state.activity == Activity::Idle);
            let shown = state.scene.expect("a scene");
            assert!(shown.version == old.version || !shown.is_complete());
            // It stays stopped, and goes on with the next request.
            sleep(Duration::from_millis(300));
            assert!(session.state().activity == Activity::Idle);
            ask(&mut session, &params(100, 100, 0.4));
            let state = session.state();
            assert!(!state.stopped);
            assert_eq!(state.scene.expect("a scene").sigma().get(), 0.4);
        }),
        device_test("stopping works from the first moment", || {
            let mut session = session();
            session.apply(&long_work(0.3));
            session.stop();
            assert!(session.wait(PATIENCE), "it does not stop");
            sleep(Duration::from_millis(50));
            session.apply(&long_work(0.4));
            sleep(Duration::from_millis(50));
            session.stop();
            assert!(session.wait(PATIENCE), "it does not stop");
            let state = session.state();
            assert!(state.stopped && state.scene.is_none_or(|scene| !scene.is_complete()));
        }),
        device_test("a new sigma stops the long sum of the old one at once", || {
            let mut session = session();
            starts_long_work(&mut session, 0.3);
            // Fewer points, so that what follows is short. It would not be met before the long one ends.
            ask(&mut session, &params(100, 100, 0.7));
            assert_eq!(scene(&session).sigma().get(), 0.7);
        }),
        device_test("the double loop on the processor can be stopped too", || {
            let mut session = session();
            let work = Params { engine: EngineChoice::Naive, ..params(100_000, 1_000_000, 0.3) };
            session.apply(&work);
            until(&session, "the sum", is_summing);
            ask(&mut session, &params(100, 100, 0.7));
            assert_eq!(scene(&session).sigma().get(), 0.7);
        }),
        device_test("a bad file is told and the old scene stays", || {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("p.csv");
            std::fs::write(&path, "a,b\n1,2\n3,oops\n").expect("a file");
            let mut session = session();
            ask(&mut session, &params(100, 100, 0.3));
            let old = scene(&session);
            ask(&mut session, &file_params(&path));
            let notices = session.take_notices();
            assert_eq!(notices.len(), 1, "{notices:?}");
            assert_eq!(notices[0].kind, NoticeKind::BadInput);
            assert!(notices[0].text.contains("p.csv"), "{}", notices[0].text);
            assert!(session.state().rejected);
            assert!(Arc::ptr_eq(&old, &scene(&session)));

            // The same again says the same again; mended, it is taken.
            session.repeat(Repeat::Everything);
            assert!(session.wait(PATIENCE) && session.state().rejected);
            assert_eq!(session.take_notices().len(), 1);
            std::fs::write(&path, "a,b\n1,2\n3,4\n").expect("a file");
            session.repeat(Repeat::Everything);
            assert!(session.wait(PATIENCE));
            assert!(session.take_notices().is_empty() && !session.state().rejected);
            let new = scene(&session);
            assert_eq!(new.prepared.points.targets().coordinates(), [1.0, 2.0, 3.0, 4.0]);
            assert_eq!(new.prepared.reports.len(), 1);
            assert!(error_of_scene(&session, &new) < 2e-6);

            // Back to what was there before the bad file.
            ask(&mut session, &params(100, 100, 0.3));
            assert!(!session.state().rejected && scene(&session).field.n() == 100);
        }),
        device_test("another number of points of a file reads it once", || {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("p.csv");
            let rows: Vec<String> = (0..500).map(|i| format!("{i},{}", i % 7)).collect();
            std::fs::write(&path, rows.join("\n")).expect("a file");
            let mut session = session();
            ask(&mut session, &file_params(&path));
            assert_eq!(scene(&session).prepared.available, Some([500, 500]));
            std::fs::remove_file(&path).expect("the file");
            let fewer = Params { n: Count::new(20).ok(), ..file_params(&path) };
            ask(&mut session, &fewer);
            assert!(session.take_notices().is_empty());
            assert_eq!(scene(&session).field.n(), 20);
            assert_eq!(scene(&session).prepared.points.m(), 500);
        }),
        device_test("pictures are saved and copied, also while a sum is under way", || {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("a.png");
            let mut session = session();
            let request = Params { distribution: Distribution::Ring, ..params(500, 500, 0.3) };
            ask(&mut session, &request);
            let shown = scene(&session);
            starts_long_work(&mut session, 0.3);
            let save = |replace| Job::SavePicture {
                scene: Arc::clone(&shown),
                spec: spec([320, 240], &request),
                document: None,
                path: path.clone(),
                replace,
            };
            session.jobs().add(save(Replace::No));
            session.jobs().add(save(Replace::No));
            session.jobs().add(save(Replace::Yes));
            let copy = spec([320, 240], &request);
            session.jobs().add(Job::CopyPicture { scene: Arc::clone(&shown), spec: copy });
            session.jobs().add(Job::ReadValues { scene: Arc::clone(&shown) });
            let mut notices = Vec::new();
            let mut outcomes = Vec::new();
            until(&session, "the pictures", |session| {
                notices.extend(session.take_notices());
                outcomes.extend(session.jobs().take_outcomes());
                notices.len() == 4 && outcomes.len() == 1 && shown.field.values().is_some()
            });
            assert!(is_summing(&session), "the sum goes on");
            let kinds: Vec<NoticeKind> = notices.iter().map(|notice| notice.kind).collect();
            let (done, bad) = (NoticeKind::Done, NoticeKind::BadInput);
            assert_eq!(kinds, [done, bad, done, done], "{notices:?}");
            assert!(notices[1].text.contains("a.png exists"), "{}", notices[1].text);
            let saved = std::fs::read(&path).expect("a picture");
            let Outcome::Picture { rgba, size } = &outcomes[0] else { panic!("a picture") };
            let mut reader =
                png::Decoder::new(std::io::Cursor::new(&saved)).read_info().expect("a PNG file");
            let mut pixels = vec![0; reader.output_buffer_size().expect("a picture that fits")];
            let frame = reader.next_frame(&mut pixels).expect("pixels");
            assert_eq!([frame.width, frame.height], [320, 240]);
            assert_eq!(*size, [320, 240]);
            let samples = frame.color_type.samples();
            let alike = pixels.chunks_exact(samples).zip(rgba.chunks_exact(4));
            assert!(alike.clone().count() == 320 * 240);
            assert!({ alike }.all(|(a, b)| a[..3] == b[..3]), "the same scene, the same picture");
            let files = std::fs::read_dir(folder.path()).expect("the folder").count();
            assert_eq!(files, 1, "no temporary file is left");
        }),
        device_test("the owner is woken for every change", || {
            let woken = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&woken);
            let wake = move || {
                count.fetch_add(1, Ordering::Relaxed);
            };
            let mut session = Session::new(gpu(), Source::default(), Pace::WITH_WINDOW, wake)
                .expect("a worker thread");
            ask(&mut session, &params(100, 100, 0.3));
            // The last call comes just after the end that was waited for.
            let settled = || {
                sleep(Duration::from_millis(200));
                woken.load(Ordering::Relaxed)
            };
            let after_first = settled();
            assert!(after_first > 0);
            ask(&mut session, &params(100, 100, 0.4));
            let after_second = settled();
            assert!(after_second > after_first);
            // With nothing to do nobody is woken.
            assert_eq!(settled(), after_second);
        }),
        device_test("contours follow σ and the points, and end when nobody wants them", || {
            let mut session = session();
            let masses = Masses::new(&[0.5, 0.9]).expect("two parts");
            ask(&mut session, &params(500, 500, 0.3));
            assert!(session.state().contours().is_none());
            session.contours().want(Some(masses));
            let levels_at = |session: &Session, sigma: f64| {
                let mut levels = Vec::new();
                until(session, "contours", |session| {
                    let state = session.state();
                    let shown = state.contours().filter(|shown| shown.sigma.get() == sigma);
                    let found = shown.and_then(|shown| shown.found.as_ref().ok());
                    let found = found.map(|found| found.contours.iter().map(|c| c.level.level));
                    levels = found.map_or_else(Vec::new, Iterator::collect);
                    !levels.is_empty()
                });
                levels
            };
            let first = levels_at(&session, 0.3);
            assert!(first.len() == 2 && first[0] > first[1]);
            ask(&mut session, &params(500, 500, 0.6));
            let wider = levels_at(&session, 0.6);
            assert!(wider[0] > first[0], "a wider kernel adds up more: {first:?}, {wider:?}");
            // Points of one coordinate have none.
            ask(&mut session, &Params { dim: Dim::new(1).ok(), ..params(100, 100, 0.3) });
            sleep(Duration::from_millis(200));
            assert!(session.state().contours().is_none());
            session.contours().want(None);
        }),
        device_test(
            "the raster follows σ, view and points, and ends when nobody wants it",
            || {
                let mut session = session();
                ask(&mut session, &params(500, 500, 0.3));
                let view = |width: f64| {
                    let side = [-width, width];
                    let view = ViewBox { x: side, y: side };
                    DensityWish { view, size: [80, 60], raster: true, marginals: true }
                };
                let raster_at = |session: &Session, sigma: f64, width: f64| {
                    session.density().want(Some(view(width)));
                    let mut found = None;
                    until(session, "a raster", |session| {
                        let state = session.state();
                        let is_it = |density: &&Arc<Density>| {
                            density.sigma.get() == sigma
                                && density.wish == view(width)
                                && !density.draft
                        };
                        let density = state.density().filter(is_it);
                        found = density.and_then(|density| {
                            let marginals = density.marginals.as_ref()?;
                            assert!(marginals.iter().all(Result::is_ok));
                            density.raster.clone()?.ok()
                        });
                        found.is_some()
                    });
                    found.expect("a raster")
                };
                let first = raster_at(&session, 0.3, 3.0);
                assert!(first.values.len() == 4800 && !first.mean);
                let highest = |raster: &Raster| f64::from(raster.range[2]);
                ask(&mut session, &params(500, 500, 0.6));
                let wider = raster_at(&session, 0.6, 3.0);
                assert!(highest(&wider) > highest(&first));
                // f where the target is that has the highest.
                let max = f64::from(session.state().scene.expect("a scene").field.range().max);
                let ratio = highest(&wider) / max;
                assert!((0.97..1.1).contains(&ratio), "{ratio}");
                let far = raster_at(&session, 0.6, 3000.0);
                assert!(far.mean && highest(&far) > 0.0);
                // Points of one coordinate have a curve.
                ask(&mut session, &Params { dim: Dim::new(1).ok(), ..params(100, 100, 0.3) });
                until(&session, "a curve", |session| {
                    let state = session.state();
                    state.density().is_some_and(|density| matches!(density.curve, Some(Ok(_))))
                });
                session.density().want(None);
                assert!(session.state().density().is_none());
            },
        ),
        device_test("dropping it in the middle of a sum does not hang", || {
            let mut session = session();
            starts_long_work(&mut session, 0.3);
            let started = Instant::now();
            drop(session);
            let took = started.elapsed();
            assert!(took < PATIENCE, "{took:?}");
        }),
        device_test("the nearest target is found once the index is there", || {
            let mut session = session();
            ask(&mut session, &params(1000, 10, 0.3));
            let scene = scene(&session);
            until(&session, "the index", |_| scene.hover.get().is_some());
            let hover = scene.hover.get().expect("the index");
            let point = scene.prepared.points.targets().point(17);
            assert_eq!(hover.nearest([point[0], point[1]], [1e9, 1e9], 1.0), Some(17));
        }),
    ];
    run_device_tests(tests);
}
