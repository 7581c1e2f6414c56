//! Faults of the device, of memory and of the program itself, injected into a session: it stays
//! alive, tells once what happened, keeps the last good picture, and goes on.

#![expect(clippy::float_cmp, reason = "what is only passed on stays the same to the last bit")]

mod asking;
mod common;
mod program;

use std::sync::Arc;

use asking::{
    PATIENCE, ask, error_of_scene, file_params, params, scene, session, spec, starts_long_work,
    until,
};
use common::{device_test, error_of, gpu, run_device_tests};
use program::Folder;
use sigmascope::{
    gpu::Fault,
    model::{Params, Sigma},
    session::{Activity, Job, NoticeKind, OwnFiles, Session, Settings, files::Replace},
};

/// Each fault strikes as often.
const TIMES: usize = 10;

/// Other parameters each time, so that there is always something to do.
fn request(k: usize) -> Params {
    params(300 + k, 300, 0.3 + 0.01 * k as f64)
}

/// What fails is told once, the old picture stays, and the next request is carried out.
fn fails_and_goes_on(fault: Fault, words: &'static str) {
    let mut session = session();
    ask(&mut session, &request(0));
    for k in 1..=TIMES {
        let old = scene(&session);
        session.gpu().faults().arm(fault);
        ask(&mut session, &request(k));
        let notices = session.take_notices();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].text.contains(words), "{}", notices[0].text);
        let state = session.state();
        assert!(state.rejected && state.activity == Activity::Idle);
        assert!(Arc::ptr_eq(&old, &scene(&session)), "the last good picture is gone");
        session.revert(&old.params);
        assert!(session.wait(PATIENCE));
        ask(&mut session, &request(k));
        assert!(session.take_notices().is_empty());
        let new = scene(&session);
        assert_eq!(new.params, request(k));
        assert!(new.is_complete() && error_of_scene(&session, &new) < 2e-6);
    }
}

/// The device is lost in the middle of something; a session on a fresh one goes on.
fn is_lost_and_goes_on(fault: Fault, bring_about: impl Fn(&mut Session, &Params)) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.csv");
    let rows: Vec<String> = (0..500).map(|i| format!("{},{}", i % 23, i % 7)).collect();
    std::fs::write(&path, rows.join("\n")).expect("a file");
    let first = file_params(&path);
    let mut session = session();
    ask(&mut session, &first);
    // What was read is handed on: the file may be gone by the time the device is.
    std::fs::remove_file(&path).expect("the file");
    for k in 1..=TIMES {
        let sigma = Some(Sigma::new(0.2 + 0.01 * k as f64).expect("legal"));
        let wanted = Params { sigma, seed: k as u64, ..first.clone() };
        session.gpu().faults().arm(fault);
        bring_about(&mut session, &wanted);
        until(&session, "the loss", |session| session.gpu().ask_whether_lost());
        let source = session.source();
        let told = session.end();
        let fits = |kind| matches!(kind, NoticeKind::Failed | NoticeKind::Lost);
        assert!(told.len() <= 1 && told.iter().all(|notice| fits(notice.kind)), "{told:?}");
        drop(session);
        session = Session::new(gpu(), source, 0.008, || ()).expect("a worker thread");
        ask(&mut session, &wanted);
        assert!(session.take_notices().is_empty());
        let shown = scene(&session);
        assert_eq!(shown.params, wanted);
        assert!(error_of_scene(&session, &shown) < 2e-6);
    }
}

fn picture_of(session: &Session, path: &std::path::Path) -> Job {
    let scene = scene(session);
    let spec = spec([320, 240], &scene.params);
    Job::SavePicture { scene, spec, document: None, path: path.to_owned(), replace: Replace::Yes }
}

/// An export that fails says so by name, leaves nothing behind, and works the next time.
fn export_fails(fault: Fault, words: &'static str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.png");
    let mut session = session();
    ask(&mut session, &request(0));
    for _ in 0..TIMES {
        session.gpu().faults().arm(fault);
        session.jobs().add(picture_of(&session, &path));
        assert!(session.wait(PATIENCE));
        let notices = session.take_notices();
        assert_eq!(notices.len(), 1, "{notices:?}");
        let text = &notices[0].text;
        assert!(text.contains("a.png was not saved") && text.contains(words), "{text}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
        session.jobs().add(picture_of(&session, &path));
        assert!(session.wait(PATIENCE));
        assert_eq!(session.take_notices()[0].kind, NoticeKind::Done);
        std::fs::remove_file(&path).expect("the picture");
    }
}

fn hold_while_paused() {
    let mut session = session();
    starts_long_work(&mut session, 0.3);
    session.pacing().pause(true);
    let fraction = |session: &Session| match session.state().activity {
        Activity::Summing(fraction) => fraction,
        other => panic!("it is {other:?}"),
    };
    std::thread::sleep(std::time::Duration::from_millis(300));
    let held = fraction(&session);
    std::thread::sleep(std::time::Duration::from_millis(700));
    assert_eq!(fraction(&session), held, "it went on");
    // Files are read, pictures saved, and requests changed all the same.
    let small = params(100, 100, 0.5);
    session.apply(&small);
    session.pacing().pause(false);
    assert!(session.wait(PATIENCE));
    assert_eq!(scene(&session).params, small);
}

fn settings_that_cannot_be_saved_are_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    // A file stands where the folder should be: not even root can write there.
    let place = folder.path().join("settings");
    std::fs::write(&place, "").expect("a file");
    let files = OwnFiles::in_folder(&place);
    let session = session();
    for _ in 0..TIMES {
        let settings = Settings::default();
        session.jobs().add(Job::SaveSettings { files: files.clone(), settings });
        assert!(session.wait(PATIENCE));
    }
    let notices = session.take_notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].text.contains("settings"), "{}", notices[0].text);
}

/// A poorer device computes the same and draws it, as far as it can hold the points.
fn limits_change_nothing(limits: &'static str) {
    let folder = Folder::new();
    let points = "--n 60000 --m 3000 --sigma 0.1";
    let sum = |out: &str, limits: Option<&str>| {
        let run = folder.run(&format!("reduce {points} --engine gpu --out {out}"));
        match limits {
            None => run.succeeds(),
            Some(limits) => run.with_env("SIGMASCOPE_LIMITS", limits).succeeds(),
        };
        folder.numbers(out)
    };
    let error = error_of(&sum("b.npy", Some(limits)), &sum("a.npy", None));
    assert!(error < 1e-6, "{error}");
    let draw = folder.run(&format!("render {points} --out a.png --scale 4"));
    draw.with_env("SIGMASCOPE_LIMITS", limits).succeeds();
}

fn too_many_for_a_small_binding() {
    let folder = Folder::new();
    let sum = folder.run("reduce --n 200000 --m 10 --engine gpu --out f.npy");
    let sum = sum.with_env("SIGMASCOPE_LIMITS", "binding=1048576");
    sum.refuses(&["1600000 bytes", "at most 1048576 bytes", "use at most 131072 points"]);
    assert!(folder.files().is_empty());
}

fn main() {
    run_device_tests(vec![
        device_test("no memory for a buffer", || {
            fails_and_goes_on(Fault::NoMemoryForBuffer, "there is no memory for");
        }),
        device_test("the device does not answer", || {
            fails_and_goes_on(Fault::PollTimeout, "did not finish");
        }),
        device_test("a buffer cannot be mapped", || {
            fails_and_goes_on(Fault::MapFails, "could not be mapped");
        }),
        device_test("the worker panics", || {
            fails_and_goes_on(Fault::WorkerPanic, "internal error");
        }),
        device_test("a loader panics", || {
            fails_and_goes_on(Fault::LoaderPanic, "internal error stopped sampling");
        }),
        device_test("no memory for a texture", || {
            export_fails(Fault::NoMemoryForTexture, "there is no memory for");
        }),
        device_test("an export cannot be mapped", || {
            export_fails(Fault::MapFails, "could not be mapped");
        }),
        device_test("the device is lost when idle", || {
            is_lost_and_goes_on(Fault::LossWhenIdle, |_, _| ());
        }),
        device_test("the device is lost in the middle of a sum", || {
            is_lost_and_goes_on(Fault::LossInSum, |session, wanted| {
                session.apply(wanted);
            });
        }),
        device_test("the device is lost while points are prepared", || {
            is_lost_and_goes_on(Fault::LossInLoad, |session, _| {
                session.apply(&params(20_000, 20_000, 0.3));
            });
        }),
        device_test("the device is lost during an export", || {
            let folder = tempfile::tempdir().expect("a folder");
            is_lost_and_goes_on(Fault::LossInPicture, |session, _| {
                session.jobs().add(picture_of(session, &folder.path().join("a.png")));
            });
            assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
        }),
        device_test("the limits of any device", || limits_change_nothing("downlevel")),
        device_test("a binding of one MiB", || limits_change_nothing("binding=1048576")),
        device_test("64 workgroups in a dispatch", || limits_change_nothing("groups=64")),
        device_test("too many points for a small binding", too_many_for_a_small_binding),
        device_test("nothing is computed while it is held", hold_while_paused),
        device_test("settings that cannot be saved are told once", || {
            settings_that_cannot_be_saved_are_told_once();
        }),
    ]);
}
