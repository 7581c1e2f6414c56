//! The window through the labels that a screen reader reads, drawn by a real device.

mod common;
mod harness;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use common::{device_test, run_device_tests};
use eframe::egui::{self, accesskit::Role};
use egui_kittest::kittest::Queryable;
use harness::{App, PATIENCE};
use sigmascope::{
    app::{Picked, Startup},
    engine::EngineId,
    figure::ViewBox,
    model::{
        Chunk, ColorMap, Count, Dim, Distribution, EngineChoice, Input, Params, Scaling, Sigma,
    },
    session::{Activity, Saved, Viewport},
};

impl App {
    fn max(&self) -> f32 {
        self.scene().field.range().max
    }

    /// Drags the handle of the slider of this name to a part of its width.
    fn drag(&mut self, name: &str, to: f32) {
        let rect = self.harness.get_by_role_and_label(Role::Slider, name).rect();
        let end = egui::pos2(rect.left() + to * rect.width(), rect.center().y);
        self.harness.drag_at(rect.center());
        self.harness.step();
        self.harness.hover_at(end);
        self.harness.step();
        self.harness.drop_at(end);
        self.settle();
    }

    /// Changes what is wanted as the command line would.
    fn params_mut(&mut self, change: impl FnOnce(&mut Params)) {
        change(self.harness.state_mut().params_mut());
        self.harness.step();
    }

    fn type_into(&mut self, role: Role, field: &str, text: &str) {
        let node = self.harness.get_by_role_and_label(role, field);
        node.click();
        self.harness.run_steps(2);
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.step();
        self.harness.key_press(egui::Key::Enter);
        self.settle();
    }
}

/// A window that came back after the device was lost again and again computes nothing unasked.
fn held_until_told_how() {
    for (button, engine) in [
        ("Smaller slices", EngineChoice::Auto),
        ("On the processor", EngineChoice::Simd),
        ("As before", EngineChoice::Auto),
    ] {
        let held = Startup { held: true, ..Startup::new(Params::default()) };
        let mut app = App::starting(held);
        assert!(app.window().session().state().scene.is_none(), "it computed");
        assert!(app.sees("keeps failing"));
        app.harness.get_by_role_and_label(Role::Button, button).click();
        app.settle();
        assert!(!app.sees("keeps failing"));
        assert_eq!(app.params().engine, engine);
        assert!(app.scene().is_complete());
    }
}

fn what_a_crash_left_is_offered() {
    let sigma = Some(Sigma::new(0.77).expect("legal"));
    let view = ViewBox { x: [-0.5, 0.5], y: [-0.25, 0.25] };
    let params = Params { sigma, seed: 9, ..Params::default() };
    let left = Saved { params, viewport: Viewport::Free(view), ..Saved::default() };
    for (button, taken) in [("Restore it", true), ("Discard it", false)] {
        let startup = Startup { recovered: Some(left.clone()), ..Startup::new(Params::default()) };
        let mut app = App::starting(startup);
        assert!(app.sees("ended in an internal error"));
        app.harness.get_by_role_and_label(Role::Button, button).click();
        app.settle();
        assert!(!app.sees("ended in an internal error"));
        assert_eq!(*app.params() == left.params, taken);
    }
}

fn nothing_is_computed_while_minimised() {
    let mut app = App::new();
    let count = |count| Count::new(count).ok();
    app.params_mut(|params| {
        (params.n, params.m) = (count(200_000), count(200_000));
        params.engine = EngineChoice::Gpu;
    });
    let fraction = |app: &App| match app.window().session().state().activity {
        Activity::Summing(fraction) => Some(fraction),
        _ => None,
    };
    let deadline = Instant::now() + PATIENCE;
    while fraction(&app).is_none() {
        app.harness.step();
        assert!(Instant::now() < deadline, "the sum never began");
    }
    let minimise = |app: &mut App, minimised| {
        let viewports = &mut app.harness.input_mut().viewports;
        viewports.get_mut(&egui::ViewportId::ROOT).expect("the window").minimized = Some(minimised);
        app.harness.step();
    };
    minimise(&mut app, true);
    std::thread::sleep(Duration::from_millis(300));
    let held = fraction(&app);
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(fraction(&app), held, "it went on");
    minimise(&mut app, false);
    while fraction(&app) == held {
        app.harness.step();
        assert!(Instant::now() < deadline, "it never went on");
    }
}

fn a_part_is_drawn_first() {
    let count = |count| Count::new(count).ok();
    let mut app = App::new();
    let software = app.window().session().gpu().adapter().software;
    // More than either kind draws in the time of a frame.
    let (n, part) = if software {
        (150_000, "37,504 of 150,000 targets drawn")
    } else {
        (4_000_000, " of 4,000,000 targets drawn")
    };
    app.params_mut(|params| (params.n, params.m) = (count(n), count(10)));
    app.settle();
    let deadline = Instant::now() + PATIENCE;
    let draw_all = |app: &mut App| {
        while app.sees("targets drawn") {
            app.harness.render().expect("an image");
            app.harness.step();
            assert!(Instant::now() < deadline, "they are never all drawn");
        }
        app.harness.render().expect("an image")
    };
    let all = draw_all(&mut app);
    // While the button is down only a part is drawn anew, and that is said.
    let middle = egui::pos2(700.0, 400.0);
    app.harness.drag_at(middle);
    app.harness.step();
    app.harness.hover_at(middle + egui::vec2(30.0, 0.0));
    app.harness.run_steps(4);
    assert!(app.sees(part));
    app.harness.hover_at(middle);
    app.harness.step();
    app.harness.drop_at(middle);
    app.settle();
    let again = draw_all(&mut app);
    let changed = all.pixels().zip(again.pixels()).filter(|(a, b)| a != b).count();
    assert!(changed < 2000, "{changed} pixels are not as they were");
}

fn any_size_will_do() {
    let mut app = App::new();
    for [width, height] in [[0.0, 0.0], [1.0, 1.0], [0.0, 900.0], [9000.0, 20.0], [20.0, 9000.0]] {
        app.harness.set_size(egui::vec2(width, height));
        app.harness.run_steps(2);
    }
    app.harness.set_size(egui::vec2(1280.0, 1200.0));
    app.settle();
    assert!(!app.sees("graphics device reported"));
    assert!(app.scene().is_complete());
}

fn airports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/airports.csv")
}

fn file(path: PathBuf) -> Input {
    Input::Files { targets: path, sources: None, columns: Vec::new() }
}

fn main() {
    run_device_tests(vec![
        device_test("it starts with 3000 points, coloured", starts_with_points),
        device_test("every slider moves what it names", every_slider_moves),
        device_test("numbers can be typed, and illegal ones change nothing", numbers_can_be_typed),
        device_test("a reset brings the default back", reset_brings_the_default_back),
        device_test("the colour map changes the picture", color_map_changes_the_picture),
        device_test("engine, scaling and cloud can be chosen", lists_can_be_chosen),
        device_test("points of any dimension are drawn", points_of_any_dimension),
        device_test("columns and weights of a file can be chosen", columns_and_weights),
        device_test("re-roll draws other points", reroll_draws_other_points),
        device_test("a file is loaded by path, by dialog and by dropping", a_file_is_loaded),
        device_test("a bad file leaves the last good data", a_bad_file_leaves_the_last_good_data),
        device_test("a picture is saved", a_picture_is_saved),
        device_test("the sheet of shortcuts opens and closes", the_sheet_opens_and_closes),
        device_test("hovering tells coordinates and f", hovering_tells_coordinates),
        device_test("panning and fitting move the view", panning_and_fitting),
        device_test("a long sum can be stopped and resumed", stopping_and_resuming),
        device_test("the range can be set and freed", range_can_be_set),
        device_test("a device that keeps failing is not used unasked", held_until_told_how),
        device_test("what a crash left is offered", what_a_crash_left_is_offered),
        device_test("nothing is computed while minimised", nothing_is_computed_while_minimised),
        device_test("of many targets a part is drawn first", a_part_is_drawn_first),
        device_test("contours are drawn over the dots and told", contours_are_drawn),
        device_test("layers are chosen in a menu at the plot's corner", layers_are_chosen),
        device_test("a raster of f takes the place of the dots", a_raster_is_drawn),
        device_test("marginals and curves follow the points", marginals_are_drawn),
        device_test("a window of any size", any_size_will_do),
    ]);
}

fn starts_with_points() {
    let mut app = App::new();
    assert!(app.sees("3000 × 3000"), "the status line tells the sizes");
    assert!(app.sees("Ready"));
    let image = app.harness.render().expect("an image");
    // Viridis' last colour is in the middle of a normal cloud.
    let yellow = image.pixels().filter(|p| p[0] > 220 && p[1] > 200 && p[2] < 80).count();
    assert!(yellow > 300, "only {yellow} yellow pixels");
}

fn every_slider_moves() {
    let mut app = App::new();
    let before = app.max();
    app.drag("Bandwidth σ", 0.8);
    assert!(app.sigma() > 0.4, "{:?}", app.sigma());
    assert!(app.max() > before, "a wider kernel reaches more sources");
    app.drag("Evaluation points (targets) N", 0.65);
    let n = app.params().n.expect("a number of targets").get();
    assert!(n > 3000, "{n}");
    app.drag("Data points (sources) M", 0.4);
    let m = app.params().m.expect("a number of sources").get();
    assert!(m < 3000, "{m}");
    let scene = app.scene();
    assert_eq!((scene.prepared.points.n(), scene.prepared.points.m()), (n, m));
    app.drag("Chunk", 0.4);
    assert!(
        matches!(app.params().chunk, Chunk::Of(chunk) if chunk < m),
        "{:?}",
        app.params().chunk
    );
    app.drag("Size", 0.8);
    assert!(app.params().view.point_size > 5.0);
    app.drag("Opacity", 0.5);
    assert!(app.params().view.opacity < 0.8);
}

fn numbers_can_be_typed() {
    let mut app = App::new();
    app.type_into(Role::SpinButton, "Bandwidth σ", "0,5");
    assert!((app.sigma() - 0.5).abs() < 1e-12);
    for nonsense in ["0", "-1", "nan", "inf", "", "1e-30", "many"] {
        app.type_into(Role::SpinButton, "Bandwidth σ", nonsense);
        assert!((app.sigma() - 0.5).abs() < 1e-12, "after '{nonsense}'");
    }
    assert!(app.sees("sigma is 0.0") || app.sees("sigma is 1e-30"), "it says what is wrong");
    assert!(app.sees("'many' is not a number"));
    // Beyond the slider's end, and with more digits than are shown.
    for legal in [12_345.0, 0.123_456_789, 1e-6] {
        app.type_into(Role::SpinButton, "Bandwidth σ", &legal.to_string());
        assert!((app.sigma() / legal - 1.0).abs() < 1e-12, "{} for {legal}", app.sigma());
        // Looking at a number does not change it.
        app.harness.get_by_role_and_label(Role::SpinButton, "Bandwidth σ").click();
        app.harness.run_steps(2);
        app.harness.key_press(egui::Key::Enter);
        app.settle();
        assert!((app.sigma() / legal - 1.0).abs() < 1e-12, "{} after a look", app.sigma());
    }
    app.type_into(Role::SpinButton, "Size", "35");
    assert!((app.params().view.point_size - 35.0).abs() < 1e-3);
    app.type_into(Role::SpinButton, "Evaluation points (targets) N", "1234");
    assert_eq!(app.params().n.expect("a number").get(), 1234);
    for nonsense in ["0", "1e12", "-5"] {
        app.type_into(Role::SpinButton, "Evaluation points (targets) N", nonsense);
        assert_eq!(app.params().n.expect("a number").get(), 1234, "after '{nonsense}'");
    }
}

fn reset_brings_the_default_back() {
    let mut app = App::new();
    app.drag("Bandwidth σ", 0.8);
    app.harness.get_by_label("Reset bandwidth σ").click();
    app.settle();
    assert!((app.sigma() - Sigma::DEFAULT.get()).abs() < 1e-12);
}

fn color_map_changes_the_picture() {
    let mut app = App::new();
    let viridis = app.harness.render().expect("an image");
    app.open_colors();
    app.pick("Colour map", "Inferno");
    assert_eq!(app.params().view.color_map, ColorMap::Inferno);
    let inferno = app.harness.render().expect("an image");
    let changed = viridis.pixels().zip(inferno.pixels()).filter(|(a, b)| a != b).count();
    assert!(changed > 5000, "only {changed} pixels changed");
}

fn lists_can_be_chosen() {
    let mut app = App::new();
    app.pick("Cloud", "Two moons");
    assert_eq!(app.params().distribution, Distribution::Moons);
    app.pick("Colour scale", "Logarithmic");
    assert_eq!(app.params().view.scaling, Scaling::Log);
    app.pick("Engine", "Naive (float64 loops)");
    assert_eq!(app.params().engine, EngineChoice::Naive);
    let scene = app.scene();
    assert_eq!(scene.stats.engine, EngineId::Naive);
    app.pick("Normalisation", "Density");
    let scene = app.scene();
    assert!(scene.field.range().max < 2.0, "a density of this cloud stays below 2");
}

fn points_of_any_dimension() {
    let mut app = App::new();
    let labels = |app: &App| app.scene().labels();
    app.type_into(Role::SpinButton, "Dim. d", "1");
    assert_eq!(labels(&app), ["x1", "f (sum)"]);
    app.type_into(Role::SpinButton, "Dim. d", "5");
    assert_eq!(labels(&app), ["x1", "x2"]);
    let max = app.max();
    app.pick("x axis", "x4");
    assert_eq!(labels(&app), ["x4", "x2"]);
    // The axis that was up is across now, and the other way round.
    app.pick("y axis", "x4");
    assert_eq!(labels(&app), ["x2", "x4"]);
    app.harness.get_by_label("Principal components").click();
    app.settle();
    assert!(labels(&app)[0].starts_with("1st principal component"), "{:?}", labels(&app));
    assert_eq!(
        app.max().to_bits(),
        max.to_bits(),
        "f is that of all coordinates, wherever they are drawn"
    );
    app.type_into(Role::SpinButton, "Dim. d", "65");
    assert_eq!(app.params().dim().map(Dim::get), Some(5));
    assert!(app.sees("from 1 to 64"));
    app.type_into(Role::SpinButton, "Dim. d", "64");
    assert_eq!(app.params().dim().map(Dim::get), Some(64));
    app.harness.get_by_label("Reset dim. d").click();
    app.settle();
    assert_eq!(labels(&app), ["x1", "x2"]);
}

fn columns_and_weights() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.csv");
    std::fs::write(&path, "a,b,c,mass\n0,0,0,1\n0,0,0,2\n9,9,9,-5\n").expect("a file");
    let mut app = App::new();
    app.type_into(Role::TextInput, "File", &path.display().to_string());
    app.params_mut(|params| params.sigma = Sigma::new(0.1).ok());
    app.settle();
    let range = |app: &App| app.scene().field.range();
    assert!((range(&app).max - 2.0).abs() < 1e-5, "two points at one place");
    app.pick("Weights", "mass");
    assert!((range(&app).max - 3.0).abs() < 1e-5, "{:?}", range(&app));
    assert!((range(&app).min + 5.0).abs() < 1e-5, "{:?}", range(&app));
    app.pick("Normalisation", "Mean");
    assert!((range(&app).min + 1.5).abs() < 1e-5, "−2 in all: {:?}", range(&app));
    app.pick("y axis", "c");
    let scene = app.scene();
    assert_eq!(scene.labels(), ["a", "c"]);
    app.type_into(Role::SpinButton, "Dim. d", "3");
    let scene = app.scene();
    assert_eq!(scene.prepared.points.targets().axes(), ["a", "c", "b"]);
    app.pick("Weights", "Unweighted");
    assert!((range(&app).max - 2.0 / 3.0).abs() < 1e-5, "{:?}", range(&app));
}

fn reroll_draws_other_points() {
    let mut app = App::new();
    let seed = app.params().seed;
    let before = app.max();
    app.harness.get_by_label("Re-roll").click();
    app.settle();
    assert_ne!(app.params().seed, seed);
    assert!((app.max() - before).abs() > 1e-6);
}

fn a_file_is_loaded() {
    let mut app = App::new();
    app.type_into(Role::TextInput, "File", &airports().display().to_string());
    assert!(app.sees("airports.csv"));
    assert!(app.sees("3376 × 3376"), "targets are the sources");
    app.harness.get_by_label("Close file").click();
    app.settle();
    assert_eq!(app.params().input, Input::Generated);
    assert!(app.sees("3000 × 3000"));

    app.chosen.0.lock().expect("no panic").push(Picked::Points(airports()));
    app.settle();
    assert_eq!(app.params().input, file(airports()));
    assert!(app.sees("3376 × 3376"));

    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other.csv");
    std::fs::write(&other, "longitude,latitude\n-100,40\n-90,35\n").expect("a file");
    app.chosen.0.lock().expect("no panic").push(Picked::Sources(other.clone()));
    app.settle();
    assert!(app.sees("3376 × 2 "), "the sources have a file of their own");
    assert_eq!(app.scene().prepared.points.m(), 2);
    app.harness.get_by_label("Close sources").click();
    app.settle();
    assert!(app.sees("3376 × 3376"));

    let mut app = App::new();
    app.drop_files(&[&airports()]);
    app.settle();
    assert_eq!(app.params().input, file(airports()));
}

fn a_bad_file_leaves_the_last_good_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ragged.csv");
    std::fs::write(&path, "x,y\n1,2\n3\n").expect("a file");
    let mut app = App::new();
    let before = app.max();
    app.type_into(Role::TextInput, "File", &path.display().to_string());
    assert!(app.sees("ragged.csv"), "the message names the file");
    assert!(app.sees("line 3"), "and the place");
    assert_eq!(app.params().input, Input::Generated);
    assert!((app.max() - before).abs() < 1e-6);
    assert!(app.sees("3000 × 3000"));
    app.harness.get_by_label("Close message").click();
    app.settle();
    assert!(!app.sees("ragged.csv"));
    // The controls still work.
    app.drag("Bandwidth σ", 0.8);
    assert!(app.max() > before);
}

fn a_picture_is_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cloud.png");
    let mut app = App::new();
    app.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::S);
    app.settle();
    app.harness.get_by_label("4×").click();
    app.harness.run_steps(2);
    let field = app.harness.get_all_by_role_and_label(Role::TextInput, "File").last();
    field.expect("the dialog's field").click();
    app.harness.run_steps(2);
    app.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    app.harness.event(egui::Event::Text(path.display().to_string()));
    app.harness.run_steps(2);
    app.harness.get_by_role_and_label(Role::Button, "Save").click();
    app.settle();
    assert!(app.sees("Saved"), "it says so");
    let bytes = std::fs::read(&path).expect("the picture");
    let (rgba, size) = sigmascope::session::picture::decode(&bytes).expect("a PNG");
    assert_eq!(size, [4 * 1280, 4 * 1200]);
    let yellow = rgba.chunks_exact(4).filter(|p| p[0] > 220 && p[1] > 200 && p[2] < 80).count();
    assert!(yellow > 10_000, "only {yellow} yellow pixels");
}

fn the_sheet_opens_and_closes() {
    let mut app = App::new();
    app.harness.key_press(egui::Key::Questionmark);
    app.settle();
    assert!(app.sees("Re-roll the seed"));
    app.harness.key_press(egui::Key::Escape);
    app.settle();
    assert!(!app.sees("Re-roll the seed"));
}

fn hovering_tells_coordinates() {
    let mut app = App::new();
    let plot = app.harness.get_by_label_contains("Scatter plot of 3000 targets").rect();
    let scene = app.scene();
    let deadline = Instant::now() + PATIENCE;
    while scene.hover.get().is_none() {
        std::thread::sleep(Duration::from_millis(10));
        assert!(Instant::now() < deadline, "the index is never built");
    }
    app.harness.hover_at(plot.center());
    app.settle();
    assert!(scene.field.values().is_some(), "hovering brought the values to memory");
}

fn panning_and_fitting() {
    let mut app = App::new();
    let plot = app.harness.get_by_label_contains("Scatter plot").rect();
    let home = app.harness.render().expect("an image");
    app.harness.drag_at(plot.center());
    app.harness.step();
    app.harness.hover_at(plot.center() + egui::vec2(200.0, 0.0));
    app.harness.step();
    app.harness.drop_at(plot.center() + egui::vec2(200.0, 0.0));
    app.harness.hover_at(egui::pos2(5.0, 1190.0));
    app.settle();
    let moved = app.harness.render().expect("an image");
    let differ = |a: &image::RgbaImage, b: &image::RgbaImage| {
        a.pixels().zip(b.pixels()).filter(|(a, b)| a != b).count()
    };
    assert!(differ(&home, &moved) > 5000);
    app.harness.key_press(egui::Key::F);
    app.settle();
    app.harness.run_steps(4);
    let back = app.harness.render().expect("an image");
    assert!(differ(&home, &back) < 2000, "{} pixels differ", differ(&home, &back));
}

fn stopping_and_resuming() {
    let count = Some(Count::new(40_000).expect("legal"));
    let mut app = App::new();
    let deadline = Instant::now() + PATIENCE;
    // A sum may end between the look at the button and the click on it: then another one is begun.
    let mut sigma = 0.3;
    while !app.sees("Stopped") {
        assert!(Instant::now() < deadline, "no sum could be stopped");
        sigma += 0.01;
        let sigma = Some(Sigma::new(sigma).expect("legal"));
        app.params_mut(|params| {
            *params = Params { n: count, m: count, sigma, ..params.clone() };
        });
        app.harness.step();
        while app.harness.query_by_label("Stop").is_none()
            && !(app.sees("40,000 × 40,000") && app.sees("Ready"))
        {
            app.harness.step();
            assert!(Instant::now() < deadline, "no stop was offered");
        }
        if let Some(stop) = app.harness.query_by_label("Stop") {
            stop.click();
        }
        app.settle();
    }
    app.harness.get_by_label("Resume").click();
    app.settle();
    assert!(app.sees("Ready") && app.sees("40,000 × 40,000"));
    let scene = app.scene();
    assert!(scene.is_complete());
}

fn range_can_be_set() {
    let mut app = App::new();
    app.fix_limits();
    let [low, high] = app.params().view.clip.expect("a range of its own");
    assert!(low < high);
    app.fix_limits();
    assert_eq!(app.params().view.clip, None);
}

/// Runs until `text` is on screen.
fn wait_for(app: &mut App, text: &str) {
    let deadline = Instant::now() + PATIENCE;
    while !app.sees(text) {
        app.settle();
        assert!(Instant::now() < deadline, "'{text}' never came");
    }
}

fn layers_are_chosen() {
    let mut app = App::new();
    let layers = |app: &App| {
        let view = &app.params().view;
        [view.dots, view.raster, view.contours.is_some(), view.marginals]
    };
    assert_eq!(layers(&app), [true, false, false, false]);
    app.harness.get_by_label("Layers").click();
    app.settle();
    for name in ["Contours", "Marginals", "Dots"] {
        app.harness.get_by_role_and_label(Role::CheckBox, name).click();
        app.settle();
    }
    assert_eq!(layers(&app), [false, false, true, true]);
    // Raster and dots take turns, unless both are asked for.
    for wanted in [[false, true, true, true], [true, false, true, true]] {
        app.harness.get_by_role_and_label(Role::CheckBox, "Raster of f").click();
        app.settle();
        assert_eq!(layers(&app), wanted);
    }
    app.harness.key_press(egui::Key::Escape);
    app.settle();
    for (key, wanted) in [
        (egui::Key::G, [false, true, true, true]),
        (egui::Key::D, [true, true, true, true]),
        (egui::Key::M, [true, true, true, false]),
        (egui::Key::C, [true, true, false, false]),
        (egui::Key::D, [false, true, false, false]),
        (egui::Key::G, [true, false, false, false]),
    ] {
        app.harness.key_press(key);
        app.settle();
        assert_eq!(layers(&app), wanted, "{key:?}");
    }
}

fn a_raster_is_drawn() {
    let mut app = App::new();
    app.harness.hover_at(egui::pos2(5.0, 1190.0));
    app.settle();
    let colors = |app: &mut App| {
        let image = app.harness.render().expect("an image");
        let middle = image.width() / 2..image.width() * 3 / 5;
        let rows = image.height() / 3..image.height() / 2;
        let place = |x: u32| rows.clone().map(move |y| (x, y));
        middle.flat_map(place).filter(|(x, y)| image.get_pixel(*x, *y).0[1] > 40).count()
    };
    let dots = colors(&mut app);
    app.harness.key_press(egui::Key::G);
    wait_for(&mut app, "Raster of f");
    assert!(!app.sees("coarse") || app.params().view.raster);
    let end = std::time::Instant::now() + PATIENCE;
    while colors(&mut app) < dots {
        assert!(std::time::Instant::now() < end, "every pixel has a colour");
        app.harness.step();
    }
    app.type_into(Role::SpinButton, "Bandwidth σ", "0.0005");
    wait_for(&mut app, "means over pixels, σ is below one");
    // Another projection of more coordinates has another function.
    app.type_into(Role::SpinButton, "Bandwidth σ", "0.3");
    app.type_into(Role::SpinButton, "Dim. d", "3");
    wait_for(&mut app, "Raster of the marginal on these axes, on a scale of its own");
}

fn marginals_are_drawn() {
    let mut app = App::new();
    app.harness.key_press(egui::Key::M);
    wait_for(&mut app, "Density along x1: highest at");
    wait_for(&mut app, "Density along x2: highest at");
    app.type_into(Role::SpinButton, "Dim. d", "1");
    wait_for(&mut app, "No marginals: they need two coordinates");
    app.harness.key_press(egui::Key::G);
    wait_for(&mut app, "Curve of f");
    assert!(app.params().view.dots, "dots lie on the curve");
}

fn contours_are_drawn() {
    let mut app = App::new();
    app.harness.hover_at(egui::pos2(5.0, 1190.0));
    app.settle();
    let before = app.harness.render().expect("an image");
    assert!(!app.sees("Contours around"));
    app.harness.key_press(egui::Key::C);
    let deadline = Instant::now() + PATIENCE;
    while !app.sees("Contours around 25, 50, 75, 90, 95 % of the mass") {
        app.settle();
        assert!(Instant::now() < deadline, "no contours");
    }
    let with = app.harness.render().expect("an image");
    let differ = before.pixels().zip(with.pixels()).filter(|(a, b)| a != b).count();
    assert!(differ > 2000, "{differ} pixels differ");
    // A step of its own, as all parameters.
    app.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    app.settle();
    assert!(app.params().view.contours.is_none() && !app.sees("Contours around"));
}
