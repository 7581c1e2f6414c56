//! The dialog that saves pictures: sizes, parts, own texts, the preview, whole paths; that it fits a small window, and
//! that the command it names draws what it saves.

mod common;
mod harness;
mod program;

use std::path::Path;

use common::{device_test, run_device_tests};
use eframe::egui::{self, Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::Queryable;
use harness::{App, window_from};
use program::Folder;
use sigmascope::{
    app::Startup,
    model::{Dim, Input, Params, Projection, Sigma, Theme},
    session::{Document, PageStyle, Saved, Settings, SpaceViewport, found_in},
    space::Camera,
};

fn open(app: &mut App) {
    app.harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    app.harness.run_steps(4);
    app.settle();
}

fn click(app: &mut App, role: Role, label: &str) {
    let nodes = app.harness.get_all_by_role_and_label(role, label);
    // The panel may have one of the same name: the dialog is drawn last.
    nodes.last().expect("it is there").click();
    app.harness.run_steps(3);
    app.settle();
}

/// Types into a field of the dialog.
fn write(app: &mut App, field: &str, text: &str) {
    click(app, Role::TextInput, field);
    app.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    app.harness.event(egui::Event::Text(text.to_owned()));
    app.harness.run_steps(3);
    app.settle();
}

fn save_as(app: &mut App, path: &Path) {
    write(app, "File", path.to_str().expect("text"));
    click(app, Role::Button, "Save");
    assert!(path.is_file(), "{} was not saved", path.display());
}

fn style_of(document: &Document) -> PageStyle {
    document.page.as_ref().expect("a page").style.clone()
}

fn what_is_chosen_is_previewed_saved_and_remembered() {
    let folder = Folder::new().with("points.csv", "x,y\n0,0\n1,0.5\n0.3,1\n0.2,0.1\n");
    let targets = folder.path("points.csv");
    let input = Input::Files { targets, sources: None, columns: vec!["x".into(), "y".into()] };
    let sigma = Sigma::new(0.3).ok();
    let mut app = App::with(Params { input, sigma, ..Params::default() });
    open(&mut app);
    app.wait_for(|app| app.sees("Preview"));
    app.pick("Size", "One column, 8.6 cm");
    assert!(app.sees("2031 × 1524 pixels, set for print"));
    for (field, text) in [("Own title", "p_{max}"), ("x axis", "d in m^2"), ("Font size", "9")] {
        write(&mut app, field, text);
    }
    app.pick("Background", "Paper: only data in colour");
    for part in ["Grid", "Frame", "Colour bar", "Tell the whole paths of its files"] {
        click(&mut app, Role::CheckBox, part);
    }
    let expected = "--preset column --background paper --font-size 9pt --title 'p_{max}' \
                 --x-label 'd in m^2' --no-color-bar --grid --no-frame --embed-paths";
    let expected = shlex::split(expected).expect("words");
    let says = |app: &App| {
        let words = shlex::split(&command(app)).expect("words");
        words.windows(expected.len()).any(|words| words == expected)
    };
    assert!(says(&app), "{}", command(&app));
    app.wait_for(|app| app.sees("Preview"));
    save_as(&mut app, &folder.path("a.pdf"));
    let document = found_in(&folder.path("a.pdf")).expect("a document");
    let style = style_of(&document);
    assert!(style.paper && style.print && !style.has_bar && !style.has_frame);
    assert_eq!((style.grid, style.font), (Some(true), Some(9.0)));
    assert_eq!((style.title.as_deref(), style.y_label), (Some("p_{max}"), None));
    assert!(document.files.iter().all(|file| file.path.is_some()));

    open(&mut app);
    assert!(app.sees("2031 × 1524 pixels") && says(&app), "it is remembered");
    write(&mut app, "Font size", "huge");
    assert!(app.sees("Font: expected a size"));
    // Out of the field, and then out of the dialog.
    for _ in 0..2 {
        app.harness.key_press(Key::Escape);
        app.harness.run_steps(3);
    }
    assert!(app.harness.query_by_role_and_label(Role::Button, "Copy command").is_none());
}

/// Where something is, from its left top to its right bottom.
fn place(app: &App, role: Role, label: &str) -> egui::Rect {
    let nodes = app.harness.get_all_by_role_and_label(role, label);
    nodes.last().expect("it is there").rect()
}

fn it_fits_a_small_window() {
    for theme in [Theme::Dark, Theme::Light] {
        let settings = Settings { theme: Some(theme), ..Settings::default() };
        let startup = Startup { settings, ..Startup::new(Params::default()) };
        let (harness, chosen) = window_from(startup, |builder| builder.with_size([800.0, 600.0]));
        let mut app = App { harness, chosen };
        app.settle();
        open(&mut app);
        for size in ["As on screen", "One column, 8.6 cm", "As typed below"] {
            app.pick("Size", size);
            app.wait_for(|app| app.sees("Preview"));
            app.settle();
            let whole = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(800.0, 600.0));
            for (role, label) in [
                (Role::Button, "Save"),
                (Role::Button, "Cancel"),
                (Role::Button, "Browse…"),
                (Role::Button, "Copy command"),
                (Role::CheckBox, "Frame"),
                (Role::CheckBox, "Title"),
                (Role::TextInput, "x axis"),
                (Role::TextInput, "y axis"),
                (Role::ComboBox, "Size"),
            ] {
                let found = place(&app, role, label);
                assert!(whole.contains_rect(found), "{theme:?}, {size}: {label} is at {found:?}");
            }
            let [left, right] = ["x axis", "y axis"].map(|name| place(&app, Role::TextInput, name));
            assert!(left.right() < right.left() && left.width() > 60.0, "{left:?} {right:?}");
        }
    }
}

fn pixels(png: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture that fits")];
    reader.next_frame(&mut pixels).expect("pixels");
    pixels
}

/// The command that the open dialog shows.
fn command(app: &App) -> String {
    let found = app.harness.query_all_by_label_contains("sigmascope render ").next();
    let node = found.expect("flags say it");
    egui_kittest::kittest::NodeT::accesskit_node(&node)
        .value()
        .or_else(|| egui_kittest::kittest::NodeT::accesskit_node(&node).label())
        .expect("a text")
}

/// What the window saves is what its command draws, and what its document draws again.
fn draws_the_same(app: &mut App, expected: &[&str]) {
    let folder = Folder::new();
    open(app);
    click(app, Role::RadioButton, "1×");
    let path = folder.path("a.png");
    write(app, "File", path.to_str().expect("text"));
    let line = command(app);
    for flag in expected {
        assert!(line.contains(flag), "{flag} in {line}");
    }
    click(app, Role::Button, "Save");
    let saved = pixels(&folder.read("a.png"));
    folder.run("render --from a.png --out b.png").succeeds();
    assert!(pixels(&folder.read("b.png")) == saved, "from the document");
    let words = shlex::split(&line).expect("quoted");
    let run = words[1..].iter().fold(folder.run(""), program::Run::and);
    run.and("--force").succeeds();
    assert!(pixels(&folder.read("a.png")) == saved, "{line}");
}

fn two_sigmas_are_saved_as_they_are_shown() {
    let mut app = App::with(Params { seed: 3, ..Params::default() });
    app.harness.key_press(Key::H);
    app.settle();
    app.harness.state_mut().params_mut().sigma = Sigma::new(0.8).ok();
    app.settle();
    draws_the_same(&mut app, &["--compare 0.3"]);
    app.harness.key_press_modifiers(Modifiers::SHIFT, Key::H);
    app.harness.key_press_modifiers(Modifiers::SHIFT, Key::H);
    app.settle();
    draws_the_same(&mut app, &["--compare 0.3", "--difference"]);
}

fn the_strip_is_saved_as_it_is_shown() {
    let mut app = App::with(Params { seed: 3, ..Params::default() });
    app.harness.key_press(Key::T);
    app.settle();
    draws_the_same(&mut app, &["--strip=0.075,0.15,0.3,0.6,1.2"]);
}

fn any_camera_is_saved_as_it_is_shown() {
    let params = Params {
        dim: Dim::new(3).ok(),
        projection: Projection::Space([0, 1, 2]),
        ..Params::default()
    };
    let camera = Camera {
        yaw: 12.3,
        pitch: -21.0,
        distance: 2.1,
        target: [0.1, 0.0, -1.0 / 3.0],
        perspective: false,
    };
    let space = SpaceViewport { camera: Some(camera), ..SpaceViewport::default() };
    let saved = Saved { params, space, ..Saved::default() };
    let mut app = App::starting(Startup { saved, ..Startup::new(Params::default()) });
    draws_the_same(&mut app, &["--camera=12.3,-21", "--look-at=0.1,0,-0.333", "--parallel"]);
}

fn main() {
    run_device_tests(vec![
        device_test(
            "what is chosen is previewed, saved and remembered",
            what_is_chosen_is_previewed_saved_and_remembered,
        ),
        device_test("it fits a small window", it_fits_a_small_window),
        device_test(
            "two sigmas are saved as they are shown",
            two_sigmas_are_saved_as_they_are_shown,
        ),
        device_test("the strip is saved as it is shown", the_strip_is_saved_as_it_is_shown),
        device_test("any camera is saved as it is shown", any_camera_is_saved_as_it_is_shown),
    ]);
}
