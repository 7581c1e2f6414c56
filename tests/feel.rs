//! Choosing σ by feel: undo and redo, keys, play, the filmstrip, one σ against another.

mod asking;
mod common;
mod harness;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use asking::{PATIENCE, ask, scene, session, until};
use common::{device_test, run_device_tests};
use eframe::egui::{self, Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::{NodeT, Queryable};
use harness::App;
use sigmascope::{
    app::{History, Startup},
    color::{below_range, lut},
    gpu::{ColorTable, Curve, ScatterView},
    model::{ColorMap, Count, Distribution, EngineChoice, Input, Normalisation, Params, Sigma},
    session::{FilmSpec, Job, Scene, SpaceViewport},
};

impl App {
    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    fn undo(&mut self) {
        self.key(Modifiers::COMMAND, Key::Z);
    }

    fn redo(&mut self) {
        self.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    }

    fn click(&mut self, role: Role, label: &str) {
        self.harness.get_by_role_and_label(role, label).click();
        self.settle();
    }

    /// Whether an item of the Edit menu can be chosen.
    fn can(&mut self, item: &str) -> bool {
        self.harness.get_by_label("Edit").click();
        self.harness.run_steps(3);
        let node = self.harness.get_by_label_contains(item);
        let can = !node.accesskit_node().is_disabled();
        self.harness.get_by_label("Edit").click();
        self.settle();
        assert!(self.harness.query_by_label_contains("Reset all").is_none(), "it is closed");
        can
    }

    /// Drags the slider of this name through these parts of its width, without ever letting go between.
    fn drag(&mut self, name: &str, through: &[f32]) {
        let rect = self.harness.get_by_role_and_label(Role::Slider, name).rect();
        let at = |part: f32| egui::pos2(rect.left() + part * rect.width(), rect.center().y);
        self.harness.drag_at(rect.center());
        self.harness.step();
        for part in through {
            self.harness.hover_at(at(*part));
            self.harness.run_steps(3);
        }
        self.harness.drop_at(at(*through.last().expect("a place to go to")));
        self.settle();
    }

    fn plot(&self) -> egui::Rect {
        self.harness.get_by_label_contains("Scatter plot").rect()
    }

    /// The picture with the pointer somewhere else.
    fn image(&mut self) -> image::RgbaImage {
        self.harness.hover_at(egui::pos2(5.0, 790.0));
        self.settle();
        self.harness.render().expect("an image")
    }

    /// Frame by frame, until `enough` says so.
    fn until(&mut self, what: &str, mut enough: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !enough(self) {
            self.harness.step();
            std::thread::sleep(Duration::from_millis(2));
            assert!(Instant::now() < deadline, "{what} never came");
        }
    }
}

/// Where two pictures differ.
fn differences(a: &image::RgbaImage, b: &image::RgbaImage) -> Vec<egui::Pos2> {
    let pixels = a.enumerate_pixels().zip(b.pixels());
    pixels
        .filter(|((_, _, a), b)| a != b)
        .map(|((x, y, _), _)| egui::pos2(x as f32, y as f32))
        .collect()
}

fn near(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < 1e-9
}

fn main() {
    run_device_tests(vec![
        device_test("a drag is undone and redone as one step", a_drag_is_one_step),
        device_test("a hundred steps can be undone", a_hundred_steps),
        device_test("changes of every kind are undone", changes_of_every_kind),
        device_test("what is refused leaves no step", what_is_refused_leaves_no_step),
        device_test("steps are known after a lost device", steps_survive),
        device_test("text fields have their own undo", text_fields_have_their_own),
        device_test("arrow keys nudge sigma", arrow_keys_nudge),
        device_test("with a locked range sigma changes the colours", locked_colours),
        device_test("a ring of radius sigma follows the pointer", a_ring_follows),
        device_test("along a line the ring is an interval", an_interval_along_a_line),
        device_test("sigma plays until it is stopped", plays_until_stopped),
        device_test("play is one step, and ends where sigma is taken", play_is_one_step),
        device_test("the filmstrip shows five sigmas, and a click takes one", the_filmstrip),
        device_test("the filmstrip costs nothing when nothing changes", filmstrip_at_rest),
        device_test("the pictures of a filmstrip are right", pictures_are_right),
        device_test("a newer wish ends a filmstrip", a_wish_ends_the_filmstrip),
        device_test("A is held against B, split by a line", a_against_b),
        device_test("along a line A and B are seen whole", both_are_seen_whole_along_a_line),
        device_test("A is let go when it cannot be held against B", a_is_let_go),
        device_test("an idle window with all of it costs nothing", idle_with_all_of_it),
    ]);
}

fn a_drag_is_one_step() {
    let mut app = App::new();
    assert!(!app.can("Undo") && !app.can("Redo"));
    app.drag("Bandwidth σ", &[0.55, 0.6, 0.7, 0.8]);
    let dragged = app.sigma();
    assert!(dragged > 0.4);
    assert!(app.can("Undo") && !app.can("Redo"));
    app.undo();
    assert!(near(app.sigma(), 0.3), "{}", app.sigma());
    assert!(near(app.scene().sigma().get(), 0.3), "the picture followed");
    assert!(!app.can("Undo") && app.can("Redo"));
    app.redo();
    assert!(near(app.sigma(), dragged));
    // The menu does the same.
    app.harness.get_by_label("Edit").click();
    app.harness.run_steps(3);
    app.harness.get_by_label_contains("Undo").click();
    app.settle();
    assert!(near(app.sigma(), 0.3));
    app.key(Modifiers::COMMAND, Key::Y);
    assert!(near(app.sigma(), dragged));
    // Another drag puts an end to what was undone.
    app.undo();
    app.drag("Opacity", &[0.5]);
    assert!(!app.can("Redo"));
}

fn a_hundred_steps() {
    let mut app = App::new();
    for k in 1..=105 {
        let sigma = Sigma::new(0.3 + 0.01 * f64::from(k)).ok();
        app.harness.state_mut().params_mut().sigma = sigma;
        app.harness.run_steps(2);
    }
    for _ in 0..100 {
        app.harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        app.harness.run_steps(2);
    }
    app.settle();
    assert!(near(app.sigma(), 0.35), "{}", app.sigma());
    assert!(!app.can("Undo"));
    for _ in 0..100 {
        app.harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
        app.harness.run_steps(2);
    }
    app.settle();
    assert!(near(app.sigma(), 1.35));
    assert!(near(app.scene().sigma().get(), 1.35));
}

fn changes_of_every_kind() {
    let mut app = App::new();
    let mut steps = vec![app.params().clone()];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("three.csv");
    std::fs::write(&path, "x,y\n0,0\n1,0\n0,1\n").expect("a file");
    let changes: [&dyn Fn(&mut Params); 6] = [
        &|params| params.view.color_map = ColorMap::Inferno,
        &|params| params.seed = 7,
        &|params| params.n = Count::new(50).ok(),
        &|params| params.distribution = Distribution::Moons,
        &|params| params.normalisation = Normalisation::Density,
        &|params| params.engine = EngineChoice::Naive,
    ];
    for change in changes {
        change(app.harness.state_mut().params_mut());
        app.settle();
        steps.push(app.params().clone());
    }
    // Loading a file is one, too, whatever else it changes.
    app.chosen.0.lock().expect("no panic").push(sigmascope::app::Picked::Points(path));
    app.settle();
    assert!(matches!(app.params().input, Input::Files { .. }));
    assert_eq!(app.scene().prepared.points.n(), 3);
    steps.push(app.params().clone());
    app.key(Modifiers::NONE, Key::L);
    app.undo();
    for step in steps.iter().rev().skip(1) {
        app.undo();
        assert_eq!(app.params(), step);
        assert_eq!(app.scene().params.n, step.n, "the picture followed");
    }
    assert!(!app.can("Undo"));
    for step in &steps[1..] {
        app.redo();
        assert_eq!(app.params(), step);
    }
    assert_eq!(app.scene().prepared.points.n(), 3, "the file is there again");
}

fn what_is_refused_leaves_no_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ragged.csv");
    std::fs::write(&path, "x,y\n1,2\n3\n").expect("a file");
    let mut app = App::new();
    app.drag("Bandwidth σ", &[0.8]);
    let dragged = app.sigma();
    app.chosen.0.lock().expect("no panic").push(sigmascope::app::Picked::Points(path));
    app.settle();
    assert!(app.sees("ragged.csv"), "it says so");
    assert!(near(app.sigma(), dragged));
    app.undo();
    assert!(near(app.sigma(), 0.3), "the step before is that of the drag");
    assert!(!app.can("Undo"));
    app.redo();
    assert!(near(app.sigma(), dragged));
}

fn steps_survive() {
    // What a window that lost its device leaves to the next one.
    let sigma = |sigma| Params { sigma: Sigma::new(sigma).ok(), ..Params::default() };
    let mut history = History::new(&sigma(0.2), &Arc::default());
    history.record(&sigma(0.4), &Arc::default(), false, Instant::now());
    let startup = Startup { history: Some(history), ..Startup::new(sigma(0.4)) };
    let mut app = App::starting(startup);
    app.undo();
    assert!(near(app.sigma(), 0.2));
    assert!(!app.can("Undo") && app.can("Redo"));
}

fn text_fields_have_their_own() {
    let mut app = App::new();
    app.drag("Bandwidth σ", &[0.8]);
    let dragged = app.sigma();
    app.harness.get_by_role_and_label(Role::TextInput, "File").click();
    app.harness.run_steps(2);
    app.harness.event(egui::Event::Text("abc".to_owned()));
    app.harness.run_steps(2);
    app.undo();
    assert!(near(app.sigma(), dragged), "typing is not a matter of σ");
    app.key(Modifiers::NONE, Key::ArrowRight);
    app.key(Modifiers::NONE, Key::H);
    assert!(near(app.sigma(), dragged) && !app.sees("A: σ"));
}

fn arrow_keys_nudge() {
    let mut app = App::new();
    app.key(Modifiers::NONE, Key::ArrowRight);
    assert!(near(app.sigma(), 0.303), "{}", app.sigma());
    app.key(Modifiers::NONE, Key::ArrowDown);
    assert!(near(app.sigma(), 0.3), "{}", app.sigma());
    app.key(Modifiers::SHIFT, Key::ArrowUp);
    assert!(near(app.sigma(), 0.33), "{}", app.sigma());
    app.key(Modifiers::SHIFT, Key::ArrowLeft);
    assert!(near(app.sigma(), 0.3), "{}", app.sigma());
    assert!(near(app.scene().sigma().get(), 0.3));
    // Held, it is one step.
    let mut app = App::new();
    for _ in 0..12 {
        app.harness.key_down(Key::ArrowRight);
        app.harness.run_steps(2);
    }
    app.harness.key_up(Key::ArrowRight);
    app.settle();
    assert!((app.sigma() / (0.3 * 1.01_f64.powi(12)) - 1.0).abs() < 1e-4, "{}", app.sigma());
    app.undo();
    assert!(near(app.sigma(), 0.3));
    assert!(!app.can("Undo"));
    // A slider with the focus has the keys to itself.
    app.harness.get_by_role_and_label(Role::Slider, "Opacity").focus();
    app.harness.run_steps(2);
    let opacity = app.params().view.opacity;
    app.key(Modifiers::NONE, Key::ArrowLeft);
    assert!(near(app.sigma(), 0.3));
    assert!(app.params().view.opacity < opacity);
}

fn locked_colours() {
    let mut app = App::new();
    let range = |app: &App| app.scene().scale(&app.params().view);
    let before = range(&app);
    app.drag("Bandwidth σ", &[0.4]);
    assert_ne!(range(&app), before, "free, it follows f");
    app.undo();
    let picture = app.image();
    app.fix_limits();
    assert_eq!(app.params().view.clip, Some([before.low, before.high]));
    app.drag("Bandwidth σ", &[0.4]);
    assert_eq!(range(&app), before);
    let darker = app.image();
    let yellow = |image: &image::RgbaImage| {
        image.pixels().filter(|p| p[0] > 220 && p[1] > 200 && p[2] < 80).count()
    };
    assert!(yellow(&picture) > 300, "{} yellow pixels", yellow(&picture));
    assert!(yellow(&darker) < yellow(&picture) / 2, "a smaller σ is darker: {}", yellow(&darker));
    // The key does the same, and it is a step like any other.
    app.key(Modifiers::NONE, Key::L);
    assert_eq!(app.params().view.clip, None);
    app.undo();
    assert!(app.params().view.clip.is_some());
}

/// The middle of the plot's inside, and logical pixels per unit of the data.
fn scale_of(app: &App) -> f64 {
    let scene = app.scene();
    let view = scene.most();
    let plot = app.plot();
    // The view fills the plot's inside one way, which the axis' numbers make a little smaller than the
    // plot itself.
    let across = f64::from(plot.width()) / (view.x[1] - view.x[0]);
    across.min(f64::from(plot.height()) / (view.y[1] - view.y[0]))
}

fn a_ring_follows() {
    let mut app = App::new();
    let pointer = app.plot().center() + egui::vec2(60.0, -40.0);
    let hovering = |app: &mut App| {
        app.harness.hover_at(pointer);
        app.settle();
        app.until("the numbers of a target", |app| app.scene().hover.get().is_some());
        app.settle();
        app.harness.render().expect("an image")
    };
    let radius_of = |app: &mut App| {
        let with = hovering(app);
        app.key(Modifiers::NONE, Key::K);
        let without = hovering(app);
        app.key(Modifiers::NONE, Key::K);
        let ring = differences(&with, &without);
        assert!(ring.len() > 200, "{} pixels", ring.len());
        // To the right of the pointer it crosses at σ and at 2σ.
        let right: Vec<f32> = ring
            .iter()
            .filter(|at| (at.y - pointer.y).abs() <= 1.0 && at.x > pointer.x)
            .map(|at| at.x - pointer.x)
            .collect();
        // A line is three pixels wide.
        let far = right.iter().copied().fold(0.0, f32::max) - 1.0;
        let close = right.iter().copied().fold(f32::MAX, f32::min) + 1.0;
        (close, far, ring)
    };
    let (close, far, ring) = radius_of(&mut app);
    assert!((far / close - 2.0).abs() < 0.15, "{close} and {far}");
    let expected = (0.3 * scale_of(&app)) as f32;
    assert!((close / expected - 1.0).abs() < 0.12, "{close} pixels for {expected}");
    for at in &ring {
        let radius = (*at - pointer).length();
        let is_ring = [close, far].iter().any(|r| (radius - r).abs() < 4.0);
        let is_name = (at.x - pointer.x).abs() < 16.0;
        assert!(is_ring || is_name, "{at} is {radius} pixels from the pointer");
    }
    // Half σ, half the ring.
    app.harness.state_mut().params_mut().sigma = Sigma::new(0.15).ok();
    app.settle();
    let (half, ..) = radius_of(&mut app);
    assert!((close / half - 2.0).abs() < 0.15, "{close} and {half}");
    // Not while something is dragged.
    let down = |app: &mut App| {
        app.harness.hover_at(pointer);
        app.settle();
        app.harness.drag_at(pointer);
        app.harness.run_steps(2);
        let image = app.harness.render().expect("an image");
        app.harness.drop_at(pointer);
        app.settle();
        // That was a click, which pins the dot.
        app.key(Modifiers::NONE, Key::Escape);
        image
    };
    let with = down(&mut app);
    app.key(Modifiers::NONE, Key::K);
    let without = down(&mut app);
    assert!(differences(&with, &without).len() < 50);
}

fn an_interval_along_a_line() {
    let dim = sigmascope::model::Dim::new(1).ok();
    let mut app = App::with(Params { dim, ..Params::default() });
    let pointer = app.plot().center() + egui::vec2(0.0, -100.0);
    app.harness.hover_at(pointer);
    app.settle();
    let with = app.harness.render().expect("an image");
    app.key(Modifiers::NONE, Key::K);
    let without = app.harness.render().expect("an image");
    let lines = differences(&with, &without);
    let low = app.plot().center().y + 60.0;
    let crossed: Vec<f32> =
        lines.iter().filter(|at| (at.y - low).abs() < 1.0).map(|at| at.x - pointer.x).collect();
    let right = crossed.iter().filter(|x| **x > 0.0).count();
    assert!(right > 0 && crossed.len() > right, "lines on both sides: {crossed:?}");
}

fn plays_until_stopped() {
    let mut app = App::new();
    app.click_and_step("Play");
    let mut seen = std::collections::BTreeSet::new();
    app.until("a few σ on screen", |app| {
        // Whatever is shown was asked for before the next is.
        seen.insert(app.scene().sigma().get().to_bits());
        seen.len() > 5
    });
    let sigmas: Vec<f64> = seen.iter().map(|bits| f64::from_bits(*bits)).collect();
    assert!(sigmas.iter().all(|sigma| (0.09..=0.96).contains(sigma)), "{sigmas:?}");
    assert!(app.harness.query_by_label("Play").is_none(), "it is a way to stop now");
    app.click(Role::Button, "Stop playing");
    let stopped = app.sigma();
    app.settle();
    assert!(near(app.sigma(), stopped));
    assert!(near(app.scene().sigma().get(), stopped), "what was asked for last is on screen");
    // Each of the keys stops it.
    for key in [Key::Escape, Key::Space] {
        app.harness.key_press(Key::Space);
        app.harness.run_steps(2);
        assert!(app.harness.query_by_label("Stop playing").is_some(), "Space starts it");
        let before = app.sigma();
        app.until("another σ", |app| !near(app.sigma(), before));
        app.key(Modifiers::NONE, key);
        assert!(app.harness.query_by_label("Play").is_some(), "{key:?} stops it");
    }
    // A range of one's own, swept from end to end.
    app.type_into("Animate from", "0.5");
    app.type_into("to", "2");
    app.type_into("in", "0.5");
    app.click_and_step("Play");
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    app.until("both ends", |app| {
        let sigma = app.scene().sigma().get();
        // It comes from where it was.
        if sigma >= 0.5 {
            (low, high) = (low.min(sigma), high.max(sigma));
        }
        low < 0.6 && high > 1.7
    });
    assert!(high <= 2.0);
    app.click(Role::Button, "Stop playing");
}

impl App {
    fn click_and_step(&mut self, button: &str) {
        self.harness.get_by_role_and_label(Role::Button, button).click();
        self.harness.run_steps(2);
    }

    fn type_into(&mut self, field: &str, text: &str) {
        self.harness.get_by_role_and_label(Role::SpinButton, field).click();
        self.harness.run_steps(2);
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.step();
        self.harness.key_press(Key::Enter);
        self.settle();
    }
}

fn play_is_one_step() {
    let mut app = App::new();
    app.harness.key_press(Key::Space);
    let mut seen = std::collections::BTreeSet::new();
    app.until("a few σ", |app| {
        seen.insert(app.sigma().to_bits());
        seen.len() > 4
    });
    app.key(Modifiers::NONE, Key::Space);
    app.undo();
    assert!(near(app.sigma(), 0.3), "{}", app.sigma());
    assert!(!app.can("Undo"));
    // Who takes σ ends it.
    app.harness.key_press(Key::Space);
    let before = app.sigma();
    app.until("another σ", |app| !near(app.sigma(), before));
    app.drag("Bandwidth σ", &[0.2]);
    assert!(app.harness.query_by_label("Play").is_some());
    let dragged = app.sigma();
    app.settle();
    assert!(near(app.sigma(), dragged));
    // However long a sum takes, no σ is asked for before the one before it is on screen.
    let count = Count::new(60_000).ok();
    let mut app =
        App::with(Params { engine: EngineChoice::Simd, n: count, m: count, ..Params::default() });
    app.harness.key_press(Key::Space);
    let mut asked = app.sigma();
    let mut steps = 0;
    app.until("a few steps", |app| {
        if !near(app.sigma(), asked) {
            let (shown, next) = (app.scene().sigma().get(), app.sigma());
            assert!(near(shown, asked) || near(shown, next), "{shown} for {asked}, then {next}");
            asked = next;
            steps += 1;
        }
        steps > 3
    });
    app.harness.key_press(Key::Escape);
    app.settle();
}

/// How many pictures the strip has.
fn stills(app: &App) -> usize {
    app.harness.state().session().state().filmstrip.map_or(0, |strip| strip.stills.len())
}

impl App {
    fn open_filmstrip(&mut self) {
        self.key(Modifiers::NONE, Key::T);
        self.until("the pictures", |app| stills(app) == 5);
        self.settle();
    }
}

fn the_filmstrip() {
    let mut app = App::new();
    assert!(!app.sees("Take σ = "));
    app.open_filmstrip();
    for sigma in ["0.075", "0.15", "0.3", "0.6", "1.2"] {
        assert!(app.harness.query_by_label(&format!("Take σ = {sigma}")).is_some(), "{sigma}");
    }
    // A larger σ reaches more sources: in the same colours each picture is lighter than the one before.
    let strip = app.harness.state().session().state().filmstrip.expect("pictures");
    let light = |rgba: &[u8]| {
        let dots = rgba.chunks_exact(4).filter(|p| p[3] > 200);
        let (count, sum) = dots.fold((0, 0), |(n, sum), p| (n + 1, sum + u64::from(p[1])));
        sum as f64 / f64::from(count)
    };
    let lights: Vec<f64> = strip.stills.iter().map(|still| light(&still.rgba)).collect();
    assert!(lights.is_sorted() && lights[4] > lights[0] + 50.0, "{lights:?}");
    assert!(strip.stills.iter().all(|still| still.sources == [3000, 3000]));
    // They are on screen.
    let rect = app.harness.get_by_label("Take σ = 0.6").rect();
    let image = app.image();
    let colourful = |at: egui::Rect| {
        image
            .enumerate_pixels()
            .filter(|(x, y, _)| at.contains(egui::pos2(*x as f32, *y as f32)))
            .filter(|(_, _, p)| p[0].abs_diff(p[2]) > 60)
            .count()
    };
    assert!(colourful(rect) > 300, "{} pixels", colourful(rect));

    app.click(Role::Button, "Take σ = 0.6");
    assert!(near(app.sigma(), 0.6));
    assert!(near(app.scene().sigma().get(), 0.6));
    // The others stay, so that one can go back.
    assert!(app.harness.query_by_label("Take σ = 0.075").is_some());
    app.click(Role::Button, "Take σ = 0.3");
    assert!(near(app.sigma(), 0.3));
    app.undo();
    assert!(near(app.sigma(), 0.6));
    // Another σ, another ladder.
    app.harness.state_mut().params_mut().sigma = Sigma::new(1.0).ok();
    app.settle();
    app.until("other pictures", |app| {
        let strip = app.harness.state().session().state().filmstrip.expect("pictures");
        strip.stills.len() == 5 && near(strip.stills[0].sigma.get(), 0.25)
    });
    assert!(app.harness.query_by_label("Take σ = 4").is_some());
    app.key(Modifiers::NONE, Key::T);
    assert!(!app.sees("Take σ = "));
}

fn filmstrip_at_rest() {
    let mut app = App::new();
    app.open_filmstrip();
    let number = |app: &App| app.harness.state().session().state().filmstrip.expect("one").number;
    let before = number(&app);
    app.image();
    std::thread::sleep(Duration::from_millis(400));
    app.settle();
    assert_eq!(number(&app), before, "the same pictures are not made again");
    // A wish goes first, and the pictures follow it.
    let count = Count::new(20_000).ok();
    (app.harness.state_mut().params_mut().n, app.harness.state_mut().params_mut().m) =
        (count, count);
    app.settle();
    app.until("pictures of the other points", |app| {
        let strip = app.harness.state().session().state().filmstrip.expect("one");
        strip.stills.len() == 5 && strip.stills[0].sources[1] == 20_000
    });
    let strip = app.harness.state().session().state().filmstrip.expect("one");
    let [taken, seen] = strip.stills[0].targets;
    assert!((3000..=6000).contains(&taken) && seen > 15_000, "{taken} of {seen} targets");
    let label = format!("Take σ = {}", 0.3);
    app.harness.get_by_label(&label).hover();
    app.harness.run_steps(60);
    assert!(app.sees("targets in view"), "it says what it was computed on");
}

/// Pictures of `scene` at these σ, in the colours that it has itself.
fn film(scene: &Arc<Scene>, sigmas: &[f64]) -> FilmSpec {
    let look = scene.params.view;
    FilmSpec {
        number: 1,
        scene: Arc::clone(scene),
        sigmas: sigmas.iter().map(|sigma| Sigma::new(*sigma).expect("legal")).collect(),
        view: scene.all(),
        space: SpaceViewport::default(),
        size: [160, 120],
        radius: 1.5,
        dark: true,
        look,
        scale: scene.scale(&look),
    }
}

fn pictures_are_right() {
    for dim in [1, 2, 3] {
        let mut session = session();
        let dim = sigmascope::model::Dim::new(dim).ok();
        ask(&mut session, &Params { dim, ..asking::params(2000, 1500, 0.5) });
        let half = scene(&session);
        let spec = film(&half, &[0.25, 0.5]);
        let (x, mut y) = (spec.view.x, spec.view.y);
        if half.shown.is_line() {
            // As high as the colours reach.
            let high = f64::from(spec.scale.high);
            y = [-0.04 * high, 1.04 * high];
        }
        session.jobs().add(Job::Film(spec.clone()));
        assert!(session.wait(PATIENCE));
        let strip = session.state().filmstrip.expect("pictures");
        assert!(strip.stills.len() == 2 && !strip.stopped);
        for still in &strip.stills {
            assert_eq!((still.targets, still.sources), ([2000; 2], [1500; 2]));
            // The same picture of the field that the session computes at this σ.
            let params = Params { sigma: Some(still.sigma), ..half.params.clone() };
            ask(&mut session, &params);
            let exact = scene(&session);
            let center = exact.shown.center();
            let expected = session.gpu().picture(
                &exact.dots(session.gpu()).expect("dots"),
                &ColorTable::new(session.gpu(), &lut(spec.look.color_map, false), None)
                    .expect("a table"),
                &ScatterView {
                    center: [
                        f64::midpoint(x[0], x[1]) - center[0],
                        f64::midpoint(y[0], y[1]) - center[1],
                    ],
                    span: [x[1] - x[0], y[1] - y[0]],
                    size: [160.0, 120.0],
                    radius: 1.5,
                    opacity: spec.look.opacity,
                    curve: Curve::Linear,
                    low: f64::from(spec.scale.low),
                    high: f64::from(spec.scale.high),
                    below: below_range(true),
                    dark: true,
                    rimmed: false,
                    hides_rest: false,
                    space: None,
                },
            );
            let expected = expected.expect("a picture");
            let off = expected.iter().zip(&*still.rgba).map(|(a, b)| a.abs_diff(*b));
            let worst = off.clone().max().expect("pixels");
            let wrong = off.filter(|off| *off > 2).count();
            // A value beside the border of two colours, or a dot beside that of two pixels.
            assert!(wrong < 200, "{dim:?}: {wrong} of {} off, by {worst}", expected.len());
            let coloured = expected.chunks_exact(4).filter(|pixel| pixel[3] > 0).count();
            assert!(coloured > 500, "{coloured} pixels");
        }
    }
}

fn a_wish_ends_the_filmstrip() {
    let mut session = session();
    let dim = sigmascope::model::Dim::new(64).ok();
    let params = Params { dim, engine: EngineChoice::Simd, ..asking::params(6000, 200_000, 5.0) };
    ask(&mut session, &params);
    let scene = scene(&session);
    session.jobs().add(Job::Film(film(&scene, &[4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5])));
    until(&session, "the first picture", |session| {
        session.state().filmstrip.is_some_and(|strip| !strip.stills.is_empty())
    });
    let before = session.state().filmstrip.expect("pictures");
    assert!(before.stills[0].sources[0] < 200_000, "{:?}", before.stills[0].sources);
    let other = Params { sigma: Sigma::new(6.0).ok(), ..params };
    session.apply(&other);
    until(&session, "the other field", asking::is_summing);
    assert!(session.wait(PATIENCE));
    let strip = session.state().filmstrip.expect("pictures");
    assert!(strip.stopped && strip.stills.len() < 8, "{} pictures", strip.stills.len());
}

fn a_against_b() {
    let mut app = App::new();
    app.click(Role::Button, "Compare");
    assert!(app.sees("A: σ = 0.3") && app.sees("B: σ = 0.3"));
    let before = app.image();
    app.drag("Bandwidth σ", &[0.85]);
    let b = format!("B: σ = {}", (app.sigma() * 1e4).round() / 1e4);
    assert!(app.sees("A: σ = 0.3"), "A stays");
    assert!(app.sees(&b[..9]), "B follows: {b}");
    // One range of colours for both: that of the larger values.
    let range = app.scene().field.range();
    let [low, high] = common_range(&app);
    assert!(low <= f64::from(range.min) && (high / f64::from(range.max) - 1.0).abs() < 1e-3);

    // Both sides differ from what was there, the left by its colours alone.
    let line = |app: &App| app.harness.get_by_label("Line between A and B").rect();
    let middle = line(&app).center();
    let both = app.image();
    assert!(differences(&before, &both).len() > 3000);
    // Lock the range: then a further change of σ changes the right side only.
    app.fix_limits();
    let locked = app.image();
    app.drag("Bandwidth σ", &[0.9]);
    let after = app.image();
    let plot = app.plot();
    let inside = |at: &&egui::Pos2| plot.contains(**at) && (at.x - middle.x).abs() > 80.0;
    let changed = differences(&locked, &after);
    let left = changed.iter().filter(inside).filter(|at| at.x < middle.x).count();
    let right = changed.iter().filter(inside).filter(|at| at.x > middle.x).count();
    assert!(left < 20, "{left} pixels of A changed");
    assert!(right > 1000, "{right} pixels of B changed");

    // The line can be dragged.
    app.harness.drag_at(middle);
    app.harness.step();
    let to = middle - egui::vec2(150.0, 0.0);
    app.harness.hover_at(to);
    app.harness.run_steps(2);
    app.harness.drop_at(to);
    app.settle();
    assert!((line(&app).center().x - to.x).abs() < 2.0);
    let dragged = app.image();
    let between =
        |at: &&egui::Pos2| at.x > to.x + 10.0 && at.x < middle.x - 10.0 && at.y > plot.top() + 60.0;
    let changed = differences(&after, &dragged);
    assert!(changed.iter().filter(between).count() > 100, "between the lines there is B now");

    // A click swaps the sides, another one swaps them back.
    let side = |app: &App, text: &str| app.harness.get_by_label_contains(text).rect().center().x;
    assert!(side(&app, "A: σ") < side(&app, "B: σ"));
    let aside = plot.center() + egui::vec2(200.0, 200.0);
    app.harness.hover_at(aside);
    app.harness.step();
    app.harness.drag_at(aside);
    app.harness.step();
    app.harness.drop_at(aside);
    app.settle();
    assert!(side(&app, "A: σ") > side(&app, "B: σ"));
    let swapped = app.image();
    assert!(differences(&dragged, &swapped).len() > 3000);

    // Escape lets go.
    app.key(Modifiers::NONE, Key::Escape);
    assert!(!app.sees("A: σ") && !app.sees("B: σ"));
}

/// The ends that the colour bar tells.
fn common_range(app: &App) -> [f64; 2] {
    let bar = app.harness.get_by_label_contains("Colour bar from");
    let label = bar.accesskit_node().label().expect("a label");
    let numbers = label.trim_start_matches("Colour bar from ");
    let numbers: Vec<f64> = numbers
        .split(" to ")
        .map(|text| text.replace(['\u{2212}'], "-").replace([',', '\u{202f}'], ""))
        .map(|text| text.parse().expect("a number"))
        .collect();
    [numbers[0], numbers[1]]
}

fn both_are_seen_whole_along_a_line() {
    let dim = sigmascope::model::Dim::new(1).ok();
    let mut app = App::with(Params { dim, ..Params::default() });
    app.key(Modifiers::NONE, Key::H);
    app.harness.state_mut().params_mut().sigma = Sigma::new(0.05).ok();
    app.settle();
    app.harness.run_steps(4);
    // The top of A's curve, coloured like the top of the bar, is in the plot.
    let plot = app.plot();
    let image = app.image();
    let inside = |x: u32, y: u32| plot.contains(egui::pos2(x as f32, y as f32));
    let yellow = image
        .enumerate_pixels()
        .filter(|(x, y, p)| inside(*x, *y) && p[0] > 200 && p[1] > 200 && p[2] < 90)
        .count();
    assert!(yellow > 20, "{yellow} yellow pixels");
}

fn a_is_let_go() {
    let mut app = App::new();
    for change in [(|params: &mut Params| params.seed += 1) as fn(&mut Params), |params| {
        params.normalisation = Normalisation::Mean;
    }] {
        app.key(Modifiers::NONE, Key::H);
        assert!(app.sees("A: σ = 0.3"));
        change(app.harness.state_mut().params_mut());
        app.settle();
        assert!(!app.sees("A: σ"));
    }
    app.key(Modifiers::NONE, Key::H);
    app.key(Modifiers::NONE, Key::H);
    assert!(!app.sees("A: σ"));
}

fn idle_with_all_of_it() {
    let mut app = App::new();
    app.open_filmstrip();
    app.key(Modifiers::NONE, Key::H);
    app.key(Modifiers::NONE, Key::ArrowRight);
    app.until("the pictures", |app| stills(app) == 5);
    app.harness.hover_at(app.plot().center());
    app.settle();
    // What was still to be drawn is drawn; then no frame is asked for.
    app.harness.render().expect("an image");
    std::thread::sleep(Duration::from_millis(700));
    app.harness.run_steps(30);
    app.harness.run_ok().expect("it rests");
    let viewports = &app.harness.output().viewport_output;
    let delay = viewports[&egui::ViewportId::ROOT].repaint_delay;
    assert!(delay > Duration::from_hours(1), "another frame in {delay:?}");
}
