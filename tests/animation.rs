//! Animations: what the command line writes, frame by frame, and the window's dialog with its progress.

mod asking;
mod common;
mod harness;
mod program;

use std::{io::Cursor, path::Path, time::Duration};

use asking::{ask, params, scene, session, spec, until};
use common::{device_test, run_device_tests};
use eframe::egui::{self, Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::Queryable;
use harness::App;
use program::Folder;
use sigmascope::{
    figure::FrameRate,
    io::carrier::document_in_png,
    model::{Dim, Params, Projection, Sigma},
    session::{Animation, AnimationFormat, AnimationSpec, Job, Motion, NoticeKind, files::Replace},
};

/// A frame as a viewer shows it, RGBA, and how long in seconds.
type Shown = (Vec<u8>, f64);

/// The frames of an animated PNG file as a viewer puts them together.
fn apng(bytes: &[u8]) -> (Vec<Shown>, [u32; 2]) {
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().expect("a PNG file");
    let info = reader.info();
    let size = [info.width, info.height];
    let count = info.animation_control.expect("an animation").num_frames;
    assert_eq!(info.animation_control.expect("an animation").num_plays, 0, "for ever");
    let mut canvas = vec![0; 4 * size[0] as usize * size[1] as usize];
    let mut frames = Vec::new();
    for _ in 0..count {
        let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
        let frame = reader.next_frame(&mut pixels).expect("a frame");
        let control = *reader.info().frame_control().expect("what a frame says");
        assert_eq!((frame.width, frame.height), (control.width, control.height));
        let row = 4 * frame.width as usize;
        for (y, line) in pixels[..frame.buffer_size()].chunks_exact(row).enumerate() {
            let start = 4 * ((control.y_offset as usize + y) * size[0] as usize)
                + 4 * control.x_offset as usize;
            for (over, pixel) in
                canvas[start..start + row].chunks_exact_mut(4).zip(line.chunks_exact(4))
            {
                if pixel[3] > 0 || control.blend_op == png::BlendOp::Source {
                    over.copy_from_slice(pixel);
                }
            }
        }
        let seconds = f64::from(control.delay_num) / f64::from(control.delay_den);
        frames.push((canvas.clone(), seconds));
    }
    (frames, size)
}

/// The same of a GIF file.
fn gif(bytes: &[u8]) -> (Vec<Shown>, [u32; 2]) {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut reader = options.read_info(bytes).expect("a GIF file");
    let size = [u32::from(reader.width()), u32::from(reader.height())];
    let mut canvas = vec![0; 4 * size[0] as usize * size[1] as usize];
    let mut frames = Vec::new();
    while let Some(frame) = reader.read_next_frame().expect("a frame") {
        let row = 4 * usize::from(frame.width);
        for (y, line) in frame.buffer.chunks_exact(row).enumerate() {
            let start =
                4 * ((usize::from(frame.top) + y) * size[0] as usize + usize::from(frame.left));
            for (over, pixel) in
                canvas[start..start + row].chunks_exact_mut(4).zip(line.chunks_exact(4))
            {
                if pixel[3] > 0 {
                    over.copy_from_slice(pixel);
                }
            }
        }
        frames.push((canvas.clone(), f64::from(frame.delay) / 100.0));
    }
    (frames, size)
}

/// The pixels of a still as RGBA.
fn still(bytes: &[u8]) -> Vec<u8> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::ALPHA);
    let mut reader = decoder.read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut pixels).expect("pixels");
    pixels.truncate(frame.buffer_size());
    pixels
}

const POINTS: &str = "--n 700 --m 700 --size 360x300";

/// The σ of each frame and the range of all colours, as the report tells them.
fn told(json: &serde_json::Map<String, serde_json::Value>) -> (Vec<f64>, [f64; 2]) {
    let animation = &json["animation"];
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        let numbers = value.as_array().expect("numbers");
        numbers.iter().map(|number| number.as_f64().expect("a number")).collect()
    };
    let range = numbers(&animation["color_range"]);
    (numbers(&animation["sigmas"]), [range[0], range[1]])
}

/// Every frame is what `render` draws at its σ in the same colours.
fn frames_are_stills() {
    for look in
        ["", "--scaling log", "--raster", "--order dense", "--engine fast", "--normalise density"]
    {
        let folder = Folder::new();
        let ended = folder
            .run(&format!(
                "render {POINTS} {look} --sweep 0.05:1 --frames 4 --fps 10 --out a.apng --json"
            ))
            .succeeds();
        let json = ended.json();
        let (sigmas, [low, high]) = told(&json);
        assert_eq!(sigmas.len(), 4, "{json:?}");
        assert!((sigmas[0] - 0.05).abs() < 1e-9 && (sigmas[3] - 1.0).abs() < 1e-9, "{sigmas:?}");
        let bytes = folder.read("a.apng");
        assert_eq!(json["animation"]["bytes"], bytes.len());
        assert_eq!(json["animation"]["seconds"], 0.4);
        let (frames, size) = apng(&bytes);
        assert_eq!((frames.len(), size), (4, [360, 300]));
        for ((frame, seconds), sigma) in frames.iter().zip(&sigmas) {
            assert!((seconds - 0.1).abs() < 1e-9, "{seconds}");
            let line = format!(
                "render {POINTS} {look} --sigma {sigma} --range={low}:{high} --out s.png --force"
            );
            folder.run(&line).succeeds();
            assert!(still(&folder.read("s.png")) == *frame, "{look}: σ = {sigma}");
        }
        // It carries its session, as its first frame does.
        folder.run("render --from a.apng --out again.png").succeeds();
        assert!(still(&folder.read("again.png")) == frames[0].0, "{look}");
    }
}

fn a_turn_is_made_of_stills() {
    let folder = Folder::new();
    let points = "--n 500 --m 500 --dim 3 --sigma 0.4 --size 320x300";
    folder.run(&format!("render {points} --turn 360 --frames 4 --out a.apng")).succeeds();
    let (frames, _) = apng(&folder.read("a.apng"));
    assert_eq!(frames.len(), 4);
    for (frame, yaw) in frames.iter().zip([-35, 55, 145, 235]) {
        let line = format!("render {points} --camera={yaw},25 --out s.png --force");
        folder.run(&line).succeeds();
        assert!(still(&folder.read("s.png")) == frame.0, "yaw {yaw}");
    }
    folder
        .run("render --n 50 --m 50 --turn 90 --out b.apng")
        .refuses(&["three or more coordinates"]);
}

fn a_gif_lasts_as_long_and_shows_the_same() {
    let folder = Folder::new();
    let sweep = format!("render {POINTS} --sweep 0.05:1 --seconds 0.9 --fps 7");
    let ended = folder.run(&format!("{sweep} --out a.gif --json")).succeeds();
    ended.says(&["GIF carries no session"]);
    folder.run(&format!("{sweep} --out a.apng")).succeeds();
    let ((frames, size), (exact, _)) = (gif(&folder.read("a.gif")), apng(&folder.read("a.apng")));
    assert_eq!((frames.len(), exact.len(), size), (6, 6, [360, 300]));
    let total: f64 = frames.iter().map(|(_, seconds)| seconds).sum();
    assert!((total - 6.0 / 7.0).abs() < 0.006, "{total} s");
    for ((frame, _), (exact, _)) in frames.iter().zip(&exact) {
        let differences = frame.iter().zip(exact).map(|(a, b)| f64::from(a.abs_diff(*b)));
        let mean = differences.sum::<f64>() / frame.len() as f64;
        assert!(mean < 2.0, "colours are {mean} of 255 off");
        assert_eq!(frame[..3], exact[..3], "the background is what it is");
    }
}

fn a_folder_holds_stills_with_their_sessions() {
    let folder = Folder::new();
    let sweep = format!("render {POINTS} --sweep 1:0.1 --frames 5 --back-and-forth --out frames/");
    folder.run(&sweep).succeeds();
    assert_eq!(folder.files(), ["frames"]);
    let frame = |k: u32| folder.read(&format!("frames/frame-000{k}.png"));
    assert_eq!(std::fs::read_dir(folder.path("frames")).expect("a folder").count(), 5);
    // There and back.
    assert!(still(&frame(1)) == still(&frame(5)) && still(&frame(2)) == still(&frame(4)));
    assert!(still(&frame(2)) != still(&frame(3)));
    folder.run("render --from frames/frame-0003.png --out again.png").succeeds();
    assert!(still(&folder.read("again.png")) == still(&frame(3)));
    folder.run(&sweep).refuses(&["exists already", "--force"]);
    folder.run(&format!("{sweep} --force")).succeeds();
    std::fs::write(folder.path("frames/mine.txt"), "mine").expect("a file");
    folder.run(&format!("{sweep} --force")).refuses(&["no frames of an animation"]);
    assert!(folder.path("frames/mine.txt").exists());
}

fn what_is_transparent_stays_so() {
    let folder = Folder::new();
    let sweep = format!("render {POINTS} --background transparent --sweep 0.05:1 --frames 3");
    folder.run(&format!("{sweep} --out a.apng")).succeeds();
    folder.run(&format!("{sweep} --out a.gif")).succeeds();
    let (frames, _) = apng(&folder.read("a.apng"));
    let clear = |frame: &Vec<u8>| frame.chunks_exact(4).filter(|pixel| pixel[3] == 0).count();
    assert!(frames.iter().all(|(frame, _)| clear(frame) > 10_000));
    let line = format!("render {POINTS} --background transparent --sigma 1 --out s.png --own");
    assert_eq!(folder.run(&line).ends().code, Some(2));
    assert_eq!(gif(&folder.read("a.gif")).0.len(), 3);
}

fn every_frame_may_have_its_own_colours() {
    let folder = Folder::new();
    let line =
        format!("render {POINTS} --sweep 0.05:1 --frames 2 --own-ranges --out a.apng --json");
    let json = folder.run(&line).succeeds().json();
    assert!(json["animation"]["color_range"].is_null(), "{json:?}");
    let (frames, _) = apng(&folder.read("a.apng"));
    folder.run(&format!("render {POINTS} --sigma 1 --out s.png")).succeeds();
    assert!(still(&folder.read("s.png")) == frames[1].0);
}

fn what_makes_no_sense_is_refused() {
    let folder = Folder::new();
    for (flags, words) in [
        ("--out a.apng", ["needs --sweep", ".png"]),
        ("--out a.gif", ["needs --sweep", ".png"]),
        ("--out frames/", ["needs --sweep", ".png"]),
        ("--sweep 0.1:1 --out a.png", [".apng or .gif", "a still"]),
        ("--sweep 0.1:1 --out a", [".apng or .gif", "folder"]),
        ("--sweep 0.1 --out a.apng", ["--sweep", "expected two σ"]),
        ("--sweep 0.1:0.1 --out a.apng", ["--sweep", "the same"]),
        ("--sweep 0:1 --out a.apng", ["--sweep", "sigma is 0"]),
        ("--sweep 0.1:1 --sigma 1 --out a.apng", ["--sweep", "--sigma"]),
        ("--sweep 0.1:1 --turn 90 --out a.apng", ["--sweep", "--turn"]),
        ("--turn 0 --out a.apng", ["--turn", "degrees"]),
        ("--frames 10 --out a.png", ["--sweep", "--turn"]),
        ("--sweep 0.1:1 --frames 1 --out a.apng", ["--frames", "expected 2"]),
        ("--sweep 0.1:1 --frames 9 --seconds 1 --fps 9 --out a.apng", ["give two", "--fps"]),
        ("--sweep 0.1:1 --fps 61 --out a.apng", ["--fps", "60"]),
        ("--sweep 0.1:1 --fps 60 --out a.gif", ["GIF", "50"]),
        ("--sweep 0.1:1 --size 16000x16000 --out a.apng", ["pixels", "smaller"]),
        ("--sweep 0.1:1 --out no/such/a.apng", ["no folder", "no/such"]),
    ] {
        folder.run(&format!("render --n 50 --m 50 {flags}")).refuses(&words);
    }
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}

fn a_signal_leaves_nothing() {
    for out in ["a.apng", "a.gif", "frames/"] {
        let folder = Folder::new();
        let line = format!("render {POINTS} --sweep 0.05:1 --frames 9000 --out {out}");
        let mut child = folder.run(&line).command.spawn().expect("the program starts");
        while folder.files().is_empty() {
            assert!(child.try_wait().expect("it runs").is_none(), "it ended by itself");
            std::thread::sleep(Duration::from_millis(10));
        }
        let id = child.id().to_string();
        let killed = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(killed.expect("kill").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(128 + 15));
        assert!(folder.files().is_empty(), "{out}: {:?}", folder.files());
    }
}

/// A job that takes longer than any test.
fn long(scene: std::sync::Arc<sigmascope::session::Scene>, path: &Path, params: &Params) -> Job {
    let sigma = |sigma: f64| Sigma::new(sigma).expect("legal");
    Job::Animate(Box::new(Animation {
        scene,
        spec: spec([200, 150], params),
        animation: AnimationSpec {
            motion: Motion::Sweep([sigma(0.05), sigma(1.0)]),
            frames: 9000,
            rate: FrameRate::DEFAULT,
            back_and_forth: false,
            one_range: true,
        },
        document: None,
        path: path.to_owned(),
        format: AnimationFormat::of(path).expect("a kind"),
        replace: Replace::No,
    }))
}

fn a_session_ends_and_cancels() {
    for name in ["a.apng", "a.gif", "frames/"] {
        let folder = Folder::new();
        let mut session = session();
        let params = params(500, 500, 0.3);
        ask(&mut session, &params);
        let path = folder.path(name);
        let saves = |session: &sigmascope::session::Session| {
            session.jobs().add(long(scene(session), &path, &params));
            until(session, "a frame", |session| {
                session.jobs().animation().is_some_and(|progress| progress.frames > 1)
            });
            assert_eq!(folder.files().len(), 1, "a temporary one");
        };
        saves(&session);
        session.jobs().stop_animation();
        until(&session, "the end", sigmascope::session::Session::is_idle);
        assert!(folder.files().is_empty(), "{:?}", folder.files());
        let notices = session.take_notices();
        let [notice] = &notices[..] else { panic!("{notices:?}") };
        assert!(notice.kind == NoticeKind::Done && notice.text.contains("stopped"), "{notice:?}");
        // What is requested meanwhile comes first.
        saves(&session);
        ask_between(&mut session, &asking::params(500, 500, 0.7));
        assert!(session.jobs().animation().is_some(), "it goes on afterwards");
        let told = session.end();
        assert!(told.iter().any(|notice| notice.text.contains("not saved")), "{told:?}");
        drop(session);
        assert!(folder.files().is_empty(), "{:?}", folder.files());
    }
}

/// Asks for `params` while an animation is saved.
fn ask_between(session: &mut sigmascope::session::Session, params: &Params) {
    session.apply(params);
    let is_there = |session: &sigmascope::session::Session| {
        let scene = session.state().scene;
        scene.is_some_and(|scene| scene.is_complete() && scene.params.sigma == params.sigma)
    };
    until(session, "the sum in between", is_there);
}

/// Opens the dialog and types where to.
fn open(app: &mut App, path: &Path) {
    app.harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::ALT, Key::A);
    app.harness.run_steps(4);
    let fields = app.harness.get_all_by_role_and_label(Role::TextInput, "File");
    fields.last().expect("a field").click();
    app.harness.run_steps(2);
    app.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    app.harness.event(egui::Event::Text(path.to_str().expect("text").to_owned()));
    // What is said of GIF makes the dialog higher, and it is centred again.
    app.harness.run_steps(6);
}

/// Types a number into a field.
fn type_number(app: &mut App, label: &str, number: &str) {
    app.harness.get_by_role_and_label(Role::SpinButton, label).click();
    app.harness.run_steps(3);
    app.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    app.harness.event(egui::Event::Text(number.to_owned()));
    app.harness.key_press(Key::Enter);
    app.harness.run_steps(3);
}

fn the_dialog_saves_a_sweep() {
    let folder = Folder::new();
    let mut app = App::new();
    let path = folder.path("a.apng");
    open(&mut app, &path);
    for (field, number) in
        [("From σ", "0.1"), ("to σ", "2"), ("Seconds", "0.5"), ("frames a second", "8")]
    {
        type_number(&mut app, field, number);
    }
    app.harness.get_by_role_and_label(Role::CheckBox, "Back and forth").click();
    app.pick("Background", "White");
    assert!(app.sees("4 frames of 1280 × 1200 pixels"));
    let sigma = app.params().sigma;
    app.harness.get_by_role_and_label(Role::Button, "Save").click();
    app.harness.run_steps(3);
    app.settle();
    assert!(app.sees("Saved") && app.sees("4 frames"), "a message says so");
    assert_eq!(app.params().sigma, sigma, "what is on screen stays");
    let bytes = std::fs::read(&path).expect("the file");
    let (frames, size) = apng(&bytes);
    assert_eq!((frames.len(), size), (4, [1280, 1200]));
    assert!(frames[1].0 == frames[3].0 && frames[0].0 != frames[2].0);
    assert!(document_in_png(Cursor::new(&bytes[..])).is_ok(), "it carries its session");
    // Restored: σ of its first frame.
    app.drop_files(&[&path]);
    app.settle();
    assert!((app.sigma() - 0.1).abs() < 1e-12, "{}", app.sigma());
}

fn the_dialog_refuses_and_is_cancelled() {
    let folder = Folder::new().with("there.gif", "mine");
    let mut app = App::new();
    open(&mut app, &folder.path("there.gif"));
    assert!(app.sees("carries no session"));
    app.harness.get_by_role_and_label(Role::Button, "Save").click();
    app.harness.run_steps(4);
    assert!(app.sees("exists already"));
    app.harness.get_by_role_and_label(Role::Button, "Cancel").click();
    app.harness.run_steps(4);
    assert!(app.harness.query_by_label("Save animation").is_none());
    // A long one, ended by its button and by the keyboard.
    for ends in ["button", "key"] {
        open(&mut app, &folder.path("long.apng"));
        type_number(&mut app, "Seconds", "150");
        app.harness.get_by_role_and_label(Role::Button, "Save").click();
        app.harness.run_steps(2);
        let writes = |app: &App| {
            let progress = app.window().session().jobs().animation();
            progress.is_some_and(|progress| progress.frames > 0)
        };
        app.wait_for(writes);
        assert!(app.sees("Saving an animation:") && app.sees("of 3000 frames"));
        let deadline = std::time::Instant::now() + harness::PATIENCE;
        // The button moves a little while the numbers beside it change.
        while app.window().session().jobs().animation().is_some() {
            if ends == "key" {
                app.harness.key_press(Key::Escape);
            } else if let Some(button) = app.harness.query_by_role_and_label(Role::Button, "Cancel")
            {
                button.click();
            }
            app.harness.run_steps(3);
            assert!(std::time::Instant::now() < deadline, "{ends}: it goes on");
        }
        app.settle();
        assert!(app.sees("was not saved: it was stopped"), "{ends}");
        assert_eq!(folder.files(), ["there.gif"], "{ends}");
    }
}

fn the_window_turns_space() {
    let folder = Folder::new();
    let projection = Projection::default().turned(3);
    let dim = Some(Dim::new(3).expect("legal"));
    let mut app = App::with(Params { dim, projection, ..Params::default() });
    open(&mut app, &folder.path("turn.gif"));
    type_number(&mut app, "Degrees", "90");
    type_number(&mut app, "Seconds", "0.2");
    app.harness.get_by_role_and_label(Role::Button, "Save").click();
    app.harness.run_steps(3);
    app.settle();
    let (frames, _) = gif(&folder.read("turn.gif"));
    assert_eq!(frames.len(), 4);
    assert!(frames.windows(2).all(|pair| pair[0].0 != pair[1].0), "it turns");
}

fn main() {
    run_device_tests(vec![
        device_test("every frame is a still", frames_are_stills),
        device_test("a turn is made of stills", a_turn_is_made_of_stills),
        device_test(
            "a GIF lasts as long and shows the same",
            a_gif_lasts_as_long_and_shows_the_same,
        ),
        device_test("a folder holds stills", a_folder_holds_stills_with_their_sessions),
        device_test("what is transparent stays so", what_is_transparent_stays_so),
        device_test("every frame may have its own colours", every_frame_may_have_its_own_colours),
        device_test("what makes no sense is refused", what_makes_no_sense_is_refused),
        device_test("a signal leaves nothing", a_signal_leaves_nothing),
        device_test("a session ends and cancels", a_session_ends_and_cancels),
        device_test("the dialog saves a sweep", the_dialog_saves_a_sweep),
        device_test("the dialog refuses and is cancelled", the_dialog_refuses_and_is_cancelled),
        device_test("the window turns space", the_window_turns_space),
    ]);
}
