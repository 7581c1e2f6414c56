//! The plot in space: the camera, the slab, what is under the pointer, distances, and pictures of it.

mod asking;
mod common;
mod harness;

use std::{fmt::Write as _, path::Path, process::Command};

use asking::{ask, scene, session};
use common::{device_test, gpu, run_device_tests};
use eframe::egui::{Key, Modifiers, Pos2, Rect, accesskit::Role, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable};
use harness::App;
use sigmascope::{
    app::Startup,
    color::Scale,
    gpu::{ColorTable, Curve, Dots, Field, Gpu, Places, ScatterView, SpaceDraw},
    model::{Count, Dim, Input, Params, Projection, Scaling},
    selection::RowBits,
    session::{Region, Saved, SelectionChange, Session, SpaceView, SpaceViewport},
    space::{Camera, Side, Slab, Space},
};

/// The rows of a file with three columns: the corners of a box of 3 × 4 × 12, and some between.
fn corners(folder: &Path) -> std::path::PathBuf {
    let mut text = "x,y,z\n".to_owned();
    for k in 0..8_u32 {
        let [x, y, z] = [k & 1, k >> 1 & 1, k >> 2].map(f64::from);
        writeln!(text, "{},{},{}", 3.0 * x, 4.0 * y, 12.0 * z).expect("a string grows");
    }
    text.push_str("1.5,2,6\n1.2,1.7,5\n");
    let path = folder.join("corners.csv");
    std::fs::write(&path, text).expect("a file");
    path
}

fn params(n: usize) -> Params {
    let count = Some(Count::new(n).expect("legal"));
    let projection = Projection::Space([0, 1, 2]);
    Params { n: count, m: count, dim: Dim::new(3).ok(), projection, ..Params::default() }
}

fn file_params(path: &Path) -> Params {
    let input = Input::Files { targets: path.to_owned(), sources: None, columns: Vec::new() };
    Params { projection: Projection::opening(&input), input, ..Params::default() }
}

impl App {
    /// What a screen reader says of the plot.
    fn told(&self) -> String {
        let plot = self.harness.get_by_label_contains("Space view of");
        plot.accesskit_node().label().unwrap_or_default()
    }

    fn plot(&self) -> Rect {
        self.harness.get_by_label_contains("Space view of").rect()
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(4);
    }

    fn drag(&mut self, from: Pos2, to: Pos2) {
        self.harness.drag_at(from);
        self.harness.step();
        self.harness.hover_at(to);
        self.harness.step();
        self.harness.drop_at(to);
        self.settle();
    }

    /// Where target `i` is seen, as long as the camera has not moved.
    fn seen_at(&self, i: usize, viewport: SpaceViewport) -> Pos2 {
        let plot = self.plot();
        let size = [plot.width(), plot.height()].map(f64::from);
        let scene = self.scene();
        let view = viewport.view(&scene.shown, size, true).expect("a space");
        let [x, y] = view.pixel(&scene.shown, i);
        plot.min + vec2(x as f32, y as f32)
    }

    fn click_at(&mut self, at: Pos2) {
        self.harness.hover_at(at);
        self.harness.run_steps(2);
        self.harness.drag_at(at);
        self.harness.step();
        self.harness.drop_at(at);
        self.harness.run_steps(2);
        // So long that the next click is not the second of a double one.
        self.harness.run_steps(40);
        self.settle();
    }

    fn note(&self, beginning: &str) -> Option<String> {
        let notes = self.harness.query_all_by_label_contains(beginning);
        // The text of a label is its value.
        let text = |note: egui_kittest::Node<'_>| {
            let node = note.accesskit_node();
            node.label().or_else(|| node.value())
        };
        notes.filter_map(text).find(|text| text.starts_with(beginning))
    }
}

fn three_columns_open_in_space() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = corners(folder.path());
    let mut app = App::new();
    assert!(!app.sees("Space view"));
    app.drop_files(&[&path]);
    app.settle();
    assert!(app.told().starts_with("Space view of 10 targets coloured by f, seen from yaw −35°"));
    assert_eq!(app.scene().shown.labels3(), ["x", "y", "z"]);
    assert!(app.note("Points of three coordinates open in space").is_some());
    // And back to the plane, and into space by its check box.
    app.key(Modifiers::NONE, Key::S);
    app.settle();
    assert!(app.sees("Scatter plot of 10 targets"));
    app.harness.get_by_role_and_label(Role::CheckBox, "Space").click();
    app.settle();
    assert!(app.sees("Space view of 10 targets"));
    assert_eq!(app.params().projection, Projection::Space([0, 1, 2]));
    app.pick("x axis", "z");
    assert_eq!(app.params().projection, Projection::Space([2, 1, 0]));
    app.harness.get_by_role_and_label(Role::CheckBox, "Principal components").click();
    app.settle();
    assert!(app.sees("Space view of 10 targets"));
    assert_eq!(app.params().projection, Projection::SpacePrincipal);
}

fn a_plane_has_no_space() {
    let mut app = App::new();
    app.key(Modifiers::NONE, Key::S);
    app.settle();
    assert!(app.sees("Scatter plot of 3000 targets"));
    app.harness.get_by_label("View").click();
    app.harness.run_steps(3);
    assert!(app.sees("Space: it needs points of three or more coordinates"));
}

fn the_camera_turns() {
    let mut app = App::with(params(500));
    let middle = app.plot().center();
    assert!(app.told().contains("yaw −35°, pitch 25°"), "{}", app.told());
    app.drag(middle, middle + vec2(100.0, 50.0));
    assert!(app.told().contains("yaw −75°, pitch 45°"), "{}", app.told());
    for (key, told) in [
        (Key::ArrowLeft, "yaw −80°, pitch 45°"),
        (Key::ArrowRight, "yaw −75°, pitch 45°"),
        (Key::ArrowUp, "yaw −75°, pitch 50°"),
        (Key::ArrowDown, "yaw −75°, pitch 45°"),
    ] {
        app.key(Modifiers::COMMAND, key);
        assert!(app.told().contains(told), "{key:?}: {}", app.told());
    }
    let sigma = app.sigma();
    app.key(Modifiers::NONE, Key::ArrowRight);
    assert!(app.sigma() > sigma && app.told().contains("yaw −75°"), "arrows alone move sigma");
    // Straight above is where it ends.
    for _ in 0..12 {
        app.key(Modifiers::COMMAND, Key::ArrowUp);
    }
    assert!(app.told().contains("pitch 90°"), "{}", app.told());
}

fn six_sides_and_perspective() {
    let mut app = App::with(params(500));
    for (key, label, told) in [
        (Key::Num1, "Look from the front (1)", "yaw 0°, pitch 0°"),
        (Key::Num2, "Look from the back (2)", "yaw 180°, pitch 0°"),
        (Key::Num3, "Look from the left (3)", "yaw −90°, pitch 0°"),
        (Key::Num4, "Look from the right (4)", "yaw 90°, pitch 0°"),
        (Key::Num5, "Look from the top (5)", "yaw 0°, pitch 90°"),
        (Key::Num6, "Look from the bottom (6)", "yaw 0°, pitch −90°"),
        (Key::Num7, "Look from above and beside (7)", "yaw −35°, pitch 25°"),
    ] {
        app.key(Modifiers::NONE, key);
        assert!(app.told().contains(told), "{key:?}: {}", app.told());
        app.key(Modifiers::COMMAND, Key::ArrowLeft);
        app.harness.get_by_role_and_label(Role::Button, label).click();
        app.harness.run_steps(4);
        assert!(app.told().contains(told), "{label}: {}", app.told());
        // Arrow keys are for the plot again.
        app.harness.get_by_label_contains("Space view of").click();
        app.harness.run_steps(30);
        app.harness.ctx.memory_mut(eframe::egui::Memory::stop_text_input);
    }
    assert!(app.told().contains("in perspective"));
    app.key(Modifiers::NONE, Key::P);
    assert!(app.told().contains("in parallel projection"));
    app.harness.get_by_role_and_label(Role::CheckBox, "Perspective").click();
    app.harness.run_steps(4);
    assert!(app.told().contains("in perspective"));
}

fn a_wheel_zooms_and_a_key_shows_all() {
    let mut app = App::with(params(500));
    let before = app.told();
    let at = app.plot().center() + vec2(-100.0, -60.0);
    app.harness.hover_at(at);
    app.harness.step();
    for _ in 0..5 {
        app.harness.event(eframe::egui::Event::MouseWheel {
            unit: eframe::egui::MouseWheelUnit::Point,
            delta: vec2(0.0, 50.0),
            phase: eframe::egui::TouchPhase::Move,
            source: eframe::egui::MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        app.harness.run_steps(10);
    }
    app.harness.run_steps(60);
    assert_ne!(app.told(), before);
    app.key(Modifiers::NONE, Key::F);
    assert_eq!(app.told(), before);
}

fn a_slab_hides() {
    let mut app = App::with(params(2000));
    let whole = app.harness.render().expect("an image");
    app.pick("Axis of the slab", "x3");
    assert!(app.note("Slab: x3 from").is_some());
    let field = app.harness.get_by_role_and_label(Role::SpinButton, "High end of the slab");
    field.focus();
    app.harness.run_steps(2);
    app.key(Modifiers::COMMAND, Key::A);
    let field = app.harness.get_by_role_and_label(Role::SpinButton, "High end of the slab");
    field.type_text("-0.5");
    app.harness.run_steps(2);
    app.key(Modifiers::NONE, Key::Enter);
    app.settle();
    let note = app.note("Slab: x3 from").expect("a note");
    assert!(note.contains("to −0.5 only"), "{note}");
    let slab = app.harness.render().expect("an image");
    let changed = whole.pixels().zip(slab.pixels()).filter(|(a, b)| a != b).count();
    assert!(changed > 5000, "{changed} pixels");
    // What is hidden cannot be clicked.
    let scene = app.scene();
    let highest = (0..scene.shown.n())
        .max_by(|a, b| scene.shown.place3(*a)[2].total_cmp(&scene.shown.place3(*b)[2]))
        .expect("targets");
    let at = app.seen_at(highest, SpaceViewport::default());
    app.click_at(at);
    assert_eq!(app.note("A is"), None);
}

fn targets_are_picked_and_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = App::with(file_params(&corners(folder.path())));
    let [first, last] = [0, 7].map(|i| app.seen_at(i, SpaceViewport::default()));
    app.harness.hover_at(first);
    app.settle();
    assert!(app.scene().field.values().is_some(), "hovering brought the values to memory");
    app.click_at(first);
    assert!(app.note("A is row").is_some());
    app.click_at(last);
    let note = app.note("A–B").expect("a distance");
    assert!(note.contains("A–B: 13 (Δx 3, Δy 4, Δz 12)"), "{note}");
    // Turning changes nothing of it, a third click begins anew, Esc ends it.
    app.key(Modifiers::COMMAND, Key::ArrowLeft);
    assert!(app.note("A–B: 13").is_some());
    app.key(Modifiers::COMMAND, Key::ArrowRight);
    app.click_at(first);
    assert!(app.note("A–B").is_none() && app.note("A is row").is_some());
    app.key(Modifiers::NONE, Key::Escape);
    assert_eq!(app.note("A is"), None);
}

fn rows_of_the_table_are_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = App::with(file_params(&corners(folder.path())));
    app.key(Modifiers::COMMAND, Key::M);
    assert!(app.sees("Distances are measured in space, between rows that are pinned"));
    app.key(Modifiers::SHIFT, Key::T);
    for (row, told) in [("row 0: ", "A is row 0"), ("row 7: ", "A–B: 13 (Δx 3, Δy 4, Δz 12)")]
    {
        app.wait_for(|app| app.sees(row));
        app.harness.get_by_label_contains(row).click();
        app.harness.run_steps(4);
        app.key(Modifiers::COMMAND, Key::M);
        app.wait_for(|app| app.note(told).is_some());
    }
}

fn a_rectangle_selects_what_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = App::with(file_params(&corners(folder.path())));
    let before = app.told();
    app.key(Modifiers::NONE, Key::B);
    let plot = app.plot();
    app.drag(plot.min + vec2(4.0, 60.0), plot.max - vec2(4.0, 4.0) - vec2(240.0, 0.0));
    let selected = |app: &App| app.window().session().state().selection.rows.count();
    app.wait_for(|app| app.window().session().selection().is_settled(app.params()));
    assert_eq!(selected(&app), 10, "the whole box is seen in it");
    assert_eq!(app.told(), before, "the camera stays");
    // A small one around the middle of the box, where one target is.
    let at = app.seen_at(8, SpaceViewport::default());
    app.drag(at - vec2(5.0, 5.0), at + vec2(5.0, 5.0));
    app.wait_for(|app| app.window().session().selection().is_settled(app.params()));
    assert_eq!(selected(&app), 1);
    // With the tool that moves, a drag turns again.
    app.key(Modifiers::NONE, Key::V);
    app.drag(at, at + vec2(50.0, 0.0));
    assert_ne!(app.told(), before);
}

fn the_camera_survives() {
    let space = Space::cube([0.0; 3], [1.0; 3]);
    let mut camera = Camera::around(&space, 1.0);
    camera.look_from(Side::Top);
    camera.perspective = false;
    let slab = Some(Slab { axis: 1, low: -0.25, high: f64::INFINITY });
    let viewport = SpaceViewport { camera: Some(camera), slab, all: true };
    let saved = Saved { params: params(200), space: viewport, ..Saved::default() };
    let text = serde_json::to_string(&saved).expect("JSON");
    assert_eq!(serde_json::from_str::<Saved>(&text).expect("the same"), saved);
    let app = App::starting(Startup { saved, ..Startup::new(Params::default()) });
    assert!(app.told().contains("yaw 0°, pitch 90°"), "{}", app.told());
    assert!(app.told().contains("in parallel projection"));
    assert!(app.note("Slab: x2 from −0.25 to ∞ only").is_some());
}

fn what_is_seen_in_an_outline_is_selected() {
    let mut session = session();
    ask(&mut session, &params(300));
    let scene = scene(&session);
    let slab = Some(Slab { axis: 0, low: 0.0, high: f64::INFINITY });
    let viewport = SpaceViewport { slab, ..SpaceViewport::default() };
    let view = viewport.view(&scene.shown, [800.0, 600.0], true).expect("a space");
    let corners = vec![[300.0, 200.0], [500.0, 200.0], [500.0, 400.0], [300.0, 400.0]];
    let expected = (0..300).filter(|&i| {
        let [x, y] = view.pixel(&scene.shown, i);
        scene.shown.place3(i)[0] >= 0.0
            && (300.0..=500.0).contains(&x)
            && (200.0..=400.0).contains(&y)
    });
    let expected: Vec<usize> = expected.collect();
    assert!(expected.len() > 10);
    select(&session, Region::InSpace { view: Box::new(view), corners });
    let rows: &RowBits = &session.state().selection.rows;
    let found: Vec<usize> = (0..300).filter(|&i| rows.contains(i as u64)).collect();
    assert_eq!(found, expected);
}

fn select(session: &Session, region: Region) {
    session.selection().change(SelectionChange::to(region));
    let params = scene(session).params.clone();
    asking::until(session, "the selection", |session| session.selection().is_settled(&params));
}

/// The middle pixel of dots that lie behind each other, drawn in this order: their numbers from near to far.
fn middle_of(gpu: &Gpu, order: &[u32]) -> [u8; 4] {
    let space = Space::cube([0.0; 3], [1.0; 3]);
    let mut camera = Camera::around(&space, 1.0);
    camera.look_from(Side::Front);
    let projection = camera.project_into(&space, [101.0, 101.0]);
    // Number k is the k-th nearest.
    let near = |k: u32| [0.0, -0.45 + 0.1 * k as f32, 0.0];
    let places: Vec<[f32; 3]> = order.iter().map(|&k| near(k)).collect();
    let values: Vec<f32> = order.iter().map(|&k| k as f32).collect();
    let lut = std::array::from_fn(|k| [k as u8, 0, 255, 255]);
    let places = Places::in_space(gpu, &places, None).expect("places");
    let field = Field::from_values(gpu, &values.into()).expect("values");
    let dots = Dots::new(gpu, &places, &field, &field).expect("dots");
    let colors = ColorTable::new(gpu, &lut, None).expect("colours");
    let scale = Scale::new(Scaling::Linear, 0.0, 255.0);
    let view = ScatterView {
        center: [0.0; 2],
        span: [1.0; 2],
        size: [101.0; 2],
        radius: 6.0,
        opacity: 1.0,
        curve: Curve::of(&scale),
        low: 0.0,
        high: 255.0,
        below: [0; 4],
        dark: false,
        rimmed: false,
        hides_rest: false,
        space: Some(SpaceDraw { projection, base: space, slab: None, part: SpaceDraw::WHOLE }),
    };
    let pixels = gpu.picture(&dots, &colors, &view).expect("a picture");
    let start = 4 * (101 * 50 + 50);
    pixels[start..start + 4].try_into().expect("a pixel")
}

fn the_nearest_dot_is_seen_in_any_order() {
    let gpu = gpu();
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [3, 4, 1, 2, 0]] {
        assert_eq!(middle_of(&gpu, &order), [0, 0, 255, 255], "{order:?}");
        let behind: Vec<u32> = order.into_iter().filter(|k| *k > 1).collect();
        assert_eq!(middle_of(&gpu, &behind), [2, 0, 255, 255], "{behind:?}");
    }
}

fn render(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let program = env!("CARGO_BIN_EXE_sigmascope");
    let out = folder.join("space.png");
    Command::new(program)
        .args(["render", "--out"])
        .arg(&out)
        .args(["--force", "--json", "--size", "640x480"])
        .args(arguments)
        .output()
        .expect("it runs")
}

fn pictures_are_rendered() {
    let folder = tempfile::tempdir().expect("a folder");
    let cloud = ["--dim", "3", "--n", "500", "--m", "500"];
    let run = |more: &[&str]| render(folder.path(), &[&cloud[..], more].concat());
    let mut seen = Vec::new();
    for more in [
        &["--camera", "-35,25"][..],
        &["--camera", "0,90,0.5"],
        &["--slab", "z=0:1"],
        &["--axes", "3,1,2", "--camera", "10,20"],
        &["--camera", "-35,25", "--raster"],
    ] {
        let output = run(more);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{more:?}: {output:?}");
        assert!(text.contains("lie in space, seen from"), "{more:?}: {text}");
        seen.push(std::fs::read(folder.path().join("space.png")).expect("a picture"));
    }
    seen.dedup();
    assert_eq!(seen.len(), 5, "each is another picture");
    for (arguments, why) in [
        (&["--dim", "2", "--camera", "0,0"][..], "--camera: expected points of three or more"),
        (&["--dim", "2", "--slab", "x=0:1"], "--slab: expected points of three or more"),
        (&["--dim", "3", "--camera", "0,91"], "pitch: expected degrees from -90 to 90"),
        (&["--dim", "3", "--slab", "w=0:1"], "unknown axis"),
    ] {
        let output = render(folder.path(), arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(why), "{text}");
    }
}

fn what_is_seen_is_where_it_is_drawn() {
    // A view of one size and one twice as large agree.
    let mut session = session();
    ask(&mut session, &params(100));
    let scene = scene(&session);
    let viewport = SpaceViewport::default();
    let view = |scale: f64| -> SpaceView {
        viewport.view(&scene.shown, [400.0 * scale, 300.0 * scale], true).expect("a space")
    };
    for i in 0..100 {
        let [a, b] = [1.0, 2.0].map(|scale| view(scale).pixel(&scene.shown, i));
        assert!((2.0 * a[0] - b[0]).abs() < 1e-6 && (2.0 * a[1] - b[1]).abs() < 1e-6);
    }
}

fn main() {
    run_device_tests(vec![
        device_test("three columns open in space", three_columns_open_in_space),
        device_test("a plane has no space, and that is said", a_plane_has_no_space),
        device_test("the camera turns", the_camera_turns),
        device_test("there are six sides, and two projections", six_sides_and_perspective),
        device_test("a wheel zooms, and F shows all", a_wheel_zooms_and_a_key_shows_all),
        device_test("a slab hides what is outside", a_slab_hides),
        device_test("targets are picked and measured", targets_are_picked_and_measured),
        device_test("rows of the table are measured", rows_of_the_table_are_measured),
        device_test("a rectangle selects what is seen", a_rectangle_selects_what_is_seen),
        device_test("the camera survives a lost window", the_camera_survives),
        device_test("an outline selects what is seen", what_is_seen_in_an_outline_is_selected),
        device_test("the nearest dot is seen in any order", the_nearest_dot_is_seen_in_any_order),
        device_test("pictures are rendered", pictures_are_rendered),
        device_test("what is seen scales", what_is_seen_is_where_it_is_drawn),
    ]);
}
