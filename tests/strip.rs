//! The strip under the slider of σ: in the window through the labels that a screen reader reads, and
//! what a session finds out for it.

mod asking;
mod common;
mod harness;

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use asking::{PATIENCE, params, until};
use common::{device_test, normal, run_device_tests};
use eframe::egui::{self, Pos2, Rect, accesskit::Role};
use egui_kittest::kittest::{NodeT, Queryable};
use harness::App;
use sigmascope::{
    criteria::{Criterion, Curve, WarningKind},
    model::{
        AxisScaling, Cloud, Count, Distribution, EngineChoice, Input, Normalisation, Params,
        Points, Sigma,
    },
    numbers::format_number,
    session::{Advice, Session},
};

impl App {
    fn shown_sigma(&self) -> Sigma {
        self.scene().prepared.sigma(self.params())
    }

    fn advice(&self) -> Arc<Advice> {
        Arc::clone(self.harness.state().session().state().advice().expect("advice"))
    }

    fn values(&self) -> Vec<f64> {
        let scene = self.scene();
        let values = scene.field.read(self.harness.state().session().gpu()).expect("values");
        values.iter().map(|&f| f64::from(f)).collect()
    }

    fn change(&mut self, change: impl FnOnce(&mut Params)) {
        change(self.harness.state_mut().params_mut());
        self.harness.step();
        self.settle();
    }

    /// The error of the field on screen against float64, once it is known.
    fn error(&self) -> f64 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(checked) = self.harness.state().session().state().checked() {
                return checked.error;
            }
            std::thread::sleep(Duration::from_millis(5));
            assert!(Instant::now() < deadline, "it is never checked");
        }
    }

    fn click(&mut self, label: &str) {
        self.harness.get_by_role_and_label(Role::Button, label).click();
        self.settle();
    }

    fn strip(&self) -> Rect {
        self.harness.get_by_label_contains("Criteria against σ").rect()
    }

    /// Presses the button at one place and lets it go at another.
    fn drag(&mut self, from: Pos2, to: Pos2) {
        self.harness.drag_at(from);
        self.harness.step();
        self.harness.hover_at(to);
        self.harness.run_steps(2);
        self.harness.drop_at(to);
        self.settle();
    }

    fn type_into(&mut self, field: &str, text: &str) {
        self.harness.get_by_role_and_label(Role::SpinButton, field).click();
        self.harness.run_steps(2);
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.step();
        self.harness.key_press(egui::Key::Enter);
        self.settle();
    }
}

fn curve(advice: &Advice, criterion: Criterion) -> Curve {
    let found = advice.curves.iter().find(|curve| curve.criterion == criterion);
    found.unwrap_or_else(|| panic!("no curve of {criterion}")).clone()
}

fn optimum(advice: &Advice, criterion: Criterion) -> f64 {
    curve(advice, criterion).optimum.expect("an optimum").sigma
}

fn main() {
    run_device_tests(vec![
        device_test("the curves are there, and then nothing goes on", the_curves_are_there),
        device_test("a click takes each rule's σ and each curve's best", each_tick_is_taken),
        device_test("dragging in the strip sets σ as the slider does", dragging_sets_sigma),
        device_test("duplicates are told, and merging keeps f", duplicates_are_merged),
        device_test("unequal axes are scaled and drawn as they are", unequal_axes_are_scaled),
        device_test("σ can be typed and copied as other programs name it", other_programs),
        device_test("each of very many axes has its rules", many_axes),
        device_test("a cloud without spread has no curve", no_spread),
        device_test("another σ leaves the curves, other points end them", other_points_end_it),
        device_test("the best σ is that of a fine search", the_best_is_that_of_a_fine_search),
        device_test("a drag comes before the curves", a_drag_comes_first),
    ]);
}

fn the_curves_are_there() {
    let mut app = App::with(Params::default());
    let advice = app.advice();
    let criteria: Vec<Criterion> = advice.curves.iter().map(|curve| curve.criterion).collect();
    assert_eq!(
        criteria,
        [Criterion::HeldOut, Criterion::LeaveOneOut, Criterion::LeastSquares],
        "targets and sources are different points"
    );
    for curve in &advice.curves {
        assert_eq!((curve.points.len(), curve.points_used), (64, 3000), "{}", curve.criterion);
    }
    assert!(app.sees("best by held-out log-likelihood"));
    for legend in ["held-out 3000", "LOO 3000", "LSCV 3000"] {
        assert!(app.sees(legend), "{legend}");
    }
    // Dots are drawn with the picture; this fails where frames go on and on after that.
    app.harness.render().expect("an image");
    app.harness.run();

    let app = App::with(Params { input: file(&airports()), ..Params::default() });
    let advice = app.advice();
    assert_eq!(advice.curves.first().map(|curve| curve.criterion), Some(Criterion::LeaveOneOut));
    assert_eq!(advice.curves.len(), 2, "nothing is held out where targets are the sources");
}

fn each_tick_is_taken() {
    let mut app = App::with(Params::default());
    let advice = app.advice();
    let rule = |criterion, axis: Option<&str>| {
        let is_it = |rule: &&sigmascope::session::Rule| {
            rule.criterion == criterion && rule.axis.as_deref() == axis
        };
        advice.rules.iter().find(is_it).expect("the rule").sigma.get()
    };
    let wanted = [
        ("Scott's rule", rule(Criterion::Scott, None)),
        ("Silverman's rule", rule(Criterion::Silverman, None)),
        ("the median heuristic", rule(Criterion::Median, None)),
        ("the kNN distance", rule(Criterion::Neighbour, None)),
        ("the Sheather–Jones rule along x1", rule(Criterion::SheatherJones, Some("x1"))),
        ("the Sheather–Jones rule along x2", rule(Criterion::SheatherJones, Some("x2"))),
        (
            "the improved Sheather–Jones rule along x1",
            rule(Criterion::ImprovedSheatherJones, Some("x1")),
        ),
        (
            "the improved Sheather–Jones rule along x2",
            rule(Criterion::ImprovedSheatherJones, Some("x2")),
        ),
        ("the held-out log-likelihood", optimum(&advice, Criterion::HeldOut)),
        ("Cross-validated (LOO)", optimum(&advice, Criterion::LeaveOneOut)),
        ("LSCV", optimum(&advice, Criterion::LeastSquares)),
    ];
    for (name, sigma) in wanted {
        let label = format!("Take σ of {name}");
        app.harness.get_by_label_contains(&label).hover();
        app.harness.run_steps(50);
        let told = format!("σ = {}", format_number(sigma, 5));
        assert!(app.sees(&told), "resting on {name} tells {told}");
        app.harness.get_by_label_contains(&label).click();
        app.settle();
        assert_eq!(app.shown_sigma().get().to_bits(), sigma.to_bits(), "{name}");
        let shown = app.scene().sigma().get();
        assert_eq!(shown.to_bits(), sigma.to_bits(), "the picture follows {name}");
    }
    app.click("Best");
    let best = optimum(&advice, Criterion::HeldOut);
    assert_eq!(app.shown_sigma().get().to_bits(), best.to_bits());
}

fn dragging_sets_sigma() {
    let mut app = App::with(Params::default());
    let strip = app.strip();
    let at = |part: f32| egui::pos2(strip.left() + part * strip.width(), strip.center().y);
    let mut last = 0.0;
    for part in [0.15, 0.4, 0.85] {
        app.drag(at(0.5), at(part));
        let dragged = app.shown_sigma().get();
        assert!(dragged > last, "{dragged} after {last}");
        last = dragged;
        // The slider's handle is there too: taking it there and letting go changes little.
        let slider = app.harness.get_by_role_and_label(Role::Slider, "Bandwidth σ").rect();
        let handle = egui::pos2(at(part).x, slider.center().y);
        app.drag(handle, handle);
        let ratio = app.shown_sigma().get() / dragged;
        assert!((0.95..1.05).contains(&ratio), "{ratio} at {part}");
    }
    // While the button is down the picture follows already.
    app.harness.drag_at(at(0.3));
    app.harness.step();
    app.harness.hover_at(at(0.6));
    app.harness.run_steps(3);
    let deadline = Instant::now() + PATIENCE;
    while app.scene().sigma() != app.shown_sigma() {
        app.harness.step();
        assert!(Instant::now() < deadline, "the picture stays behind");
    }
    let held = app.shown_sigma().get();
    assert!(held > 0.05 && held < last, "{held}");
    app.harness.drop_at(at(0.6));
    app.settle();
    // A click takes the place that was clicked.
    app.drag(at(0.2), at(0.2));
    assert!(app.shown_sigma().get() < held);
}

fn airports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/airports.csv")
}

fn file(path: &Path) -> Input {
    Input::Files { targets: path.into(), sources: None, columns: Vec::new() }
}

/// Writes points of the plane as a file with the axes `x` and `y`.
fn written(folder: &tempfile::TempDir, points: impl Iterator<Item = [f64; 2]>) -> PathBuf {
    let path = folder.path().join("points.csv");
    let mut text = "x,y\n".to_owned();
    for [x, y] in points {
        writeln!(text, "{x},{y}").expect("memory");
    }
    std::fs::write(&path, text).expect("a file");
    path
}

fn pairs(cloud: &Cloud) -> Vec<[f64; 2]> {
    cloud.coordinates().as_chunks::<2>().0.to_vec()
}

fn duplicates_are_merged() {
    let folder = tempfile::tempdir().expect("a folder");
    let distinct = pairs(&normal(400, 5, 0.0));
    // Half of all points coincide with another.
    let path =
        written(&folder, distinct.iter().chain(&distinct[..200]).chain(&distinct[..200]).copied());
    let sigma = Sigma::new(0.4).ok();
    let mut app = App::with(Params { input: file(&path), sigma, ..Params::default() });
    assert!(app.sees("400 points of 800 coincide"));
    let misled = optimum(&app.advice(), Criterion::LeaveOneOut);
    let before = app.values();
    app.click("Merge into weights");
    let points = Arc::clone(&app.scene().prepared.points);
    assert_eq!((points.n(), points.m(), app.scene().prepared.merged), (800, 400, 400));
    for (a, b) in before.iter().zip(app.values()) {
        assert!((a - b).abs() <= 2e-6 * a, "{a} became {b}");
    }
    assert!(!app.sees("400 points of 800 coincide") && app.sees("400 merged"));
    let sensible = optimum(&app.advice(), Criterion::LeaveOneOut);
    assert!((0.2..0.8).contains(&sensible), "{sensible}");
    assert!(misled < 0.4 * sensible, "points that coincide draw {sensible} towards 0: {misled}");
    // And back.
    app.harness.get_by_label_contains("Merge duplicates").click();
    app.settle();
    assert!(app.sees("400 points of 800 coincide") && app.scene().prepared.points.m() == 800);
}

/// The mean of the normal densities with these deviations around all points, at each of the first targets.
fn densities(points: &[[f64; 2]], deviations: [f64; 2], count: usize) -> Vec<f64> {
    let one = |x: &[f64; 2]| {
        let terms = points.iter().map(|y| {
            let r: f64 = (0..2).map(|a| ((x[a] - y[a]) / deviations[a]).powi(2)).sum();
            (-0.5 * r).exp()
        });
        let volume = std::f64::consts::TAU * deviations[0] * deviations[1];
        terms.sum::<f64>() / (points.len() as f64 * volume)
    };
    points.iter().take(count).map(one).collect()
}

fn unequal_axes_are_scaled() {
    let folder = tempfile::tempdir().expect("a folder");
    let points: Vec<[f64; 2]> =
        pairs(&normal(500, 6, 0.0)).iter().map(|[x, y]| [1000.0 + 100.0 * x, 0.5 * y]).collect();
    let path = written(&folder, points.iter().copied());
    let normalisation = Normalisation::Density;
    let mut app = App::with(Params { input: file(&path), normalisation, ..Params::default() });
    assert!(app.sees("no one σ suits both"));
    app.change(|params| params.sigma = Sigma::new(2.0).ok());
    app.click("Standardise axes");
    assert!(!app.sees("no one σ suits both"));
    assert_eq!((app.params().axis_scaling, app.params().sigma), (AxisScaling::Axes, None));
    let scene = app.scene();
    let units = scene.prepared.in_units_of_axes(scene.sigma()).expect("scaled");
    assert!((0.1..0.6).contains(&scene.sigma().get()), "in standard deviations");
    assert!((units[0] / (100.0 * scene.sigma().get()) - 1.0).abs() < 0.1, "{units:?}");
    assert!(app.sees("standard deviations") && app.sees("in x, "));
    // The picture is in the units of the data, and so is the density.
    let drawn: Vec<[f64; 2]> = (0..500).map(|i| scene.shown.place(i)).collect();
    assert_eq!(drawn, points);
    let view = scene.most();
    assert!(view.x[0] > 300.0 && view.x[1] < 1700.0 && view.y[1] < 5.0, "{view:?}");
    let wanted = densities(&points, [units[0], units[1]], 50);
    for (f, wanted) in app.values().iter().zip(wanted) {
        assert!((f - wanted).abs() < 2e-5 * wanted, "{f} {wanted}");
    }
    assert!(app.error() < 2e-6, "{}", app.error());
    app.pick("Coordinates", "Units of the data");
    assert!(app.sees("no one σ suits both"));
    app.click("Whiten");
    assert_eq!(app.params().axis_scaling, AxisScaling::Full);
    assert!(!app.sees("no one σ suits both"));
    let drawn: Vec<[f64; 2]> = (0..500).map(|i| app.scene().shown.place(i)).collect();
    assert_eq!(drawn, points);
}

fn other_programs() {
    let mut app = App::with(Params::default());
    app.harness.get_by_label("σ in other programs").click();
    app.settle();
    let spread = app.advice().conversions.expect("a spread").spread;
    for (field, typed, sigma) in [
        ("Standard deviation σ", 0.25, 0.25),
        ("SciPy bw_method", 0.5, 0.5 * spread),
        ("scikit-learn bandwidth", 0.125, 0.125),
        ("KeOps γ", 8.0, 0.25),
        ("R bw", 0.75, 0.75),
        ("R h", 0.375, 0.375),
    ] {
        app.type_into(field, &f64::to_string(&typed));
        let found = app.shown_sigma().get();
        assert!((found / sigma - 1.0).abs() < 1e-12, "{field}: {found} for {sigma}");
        let value =
            app.harness.get_by_role_and_label(Role::SpinButton, field).accesskit_node().value();
        assert_eq!(value.expect("a value").parse::<f64>(), Ok(typed), "{field}");
    }
    app.type_into("KeOps γ", "-1");
    assert!((app.shown_sigma().get() - 0.375).abs() < 1e-15 && app.sees("KeOps γ: "));
    app.harness.get_by_role_and_label(Role::Button, "Copy KeOps γ").click();
    app.harness.step();
    let copied =
        app.harness.output().platform_output.commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => text.parse::<f64>().ok(),
            _ => None,
        });
    assert_eq!(copied, Some(0.5 / (0.375 * 0.375)));
}

fn many_axes() {
    let count = Count::new(300).ok();
    let dim = sigmascope::model::Dim::new(5).ok();
    let mut app = App::with(Params { dim, n: count, m: count, ..Params::default() });
    assert!(!app.sees("Take σ of the Sheather–Jones rule along x4"), "no ticks for so many");
    app.harness.get_by_label("Rules for single axes").click();
    app.settle();
    app.harness.get_by_label_contains("Take σ of the Sheather–Jones rule along x4").click();
    app.settle();
    let is_it = |rule: &&sigmascope::session::Rule| {
        rule.criterion == Criterion::SheatherJones && rule.axis.as_deref() == Some("x4")
    };
    let advice = app.advice();
    assert_eq!(app.shown_sigma(), advice.rules.iter().find(is_it).expect("the rule").sigma);
}

fn no_spread() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(&folder, std::iter::repeat_n([1.0, 2.0], 20));
    let mut app = App::with(Params { input: file(&path), ..Params::default() });
    let advice = app.advice();
    assert!(advice.curves.is_empty() && advice.is_complete);
    assert!(advice.failed.as_ref().is_some_and(|why| why.contains("coincide")), "{advice:?}");
    // The strip still sets σ.
    let strip = app.strip();
    let before = app.shown_sigma();
    app.drag(strip.center(), strip.center() + egui::vec2(60.0, 0.0));
    assert_ne!(app.shown_sigma(), before);
    // Axes that cannot be scaled leave the picture, and it is said why.
    app.pick("Coordinates", "Standardised axes");
    assert!(app.sees("axes cannot be scaled") && app.sees("all values of x coincide"));
    assert_eq!(app.params().axis_scaling, AxisScaling::None);
}

/// So many points that their curves take seconds, and their picture does not.
fn many(n: usize) -> Params {
    Params { engine: EngineChoice::Fast, ..params(n, n, 0.3) }
}

fn advised() -> Session {
    let session = asking::session();
    session.advice().start();
    session
}

/// Threads of this process that look at points, or were begun by one that does.
fn choosing_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).ok();
    // The system keeps 15 letters of a name.
    tasks.filter_map(name).filter(|name| name.trim() == "sigmascope-choo").count()
}

fn other_points_end_it() {
    let mut session = advised();
    let first = params(3000, 3000, 0.3);
    session.apply(&first);
    assert!(session.advice().wait(PATIENCE));
    let before = Arc::clone(session.state().advice().expect("advice"));
    session.apply(&Params { sigma: Sigma::new(0.5).ok(), ..first.clone() });
    assert!(session.wait(PATIENCE) && session.advice().wait(PATIENCE));
    let after = Arc::clone(session.state().advice().expect("advice"));
    assert!(Arc::ptr_eq(&before, &after), "σ is nothing to the curves");
    std::thread::sleep(Duration::from_millis(200));
    let rest = choosing_threads();

    session.apply(&many(200_000));
    until(&session, "the first curves", |session| {
        let state = session.state();
        let advice = state.advice();
        advice.is_some_and(|advice| !advice.is_complete && !advice.curves.is_empty())
    });
    let shown = Arc::clone(&session.state().scene.expect("a scene").prepared.points);
    session.apply(&Params { seed: 2, ..first.clone() });
    until(&session, "the new points", |session| {
        let scene = session.state().scene.expect("a scene");
        !Arc::ptr_eq(&scene.prepared.points, &shown)
    });
    assert!(
        session.state().advice().is_none_or(|advice| advice.curves.is_empty()),
        "of old points"
    );
    let began = Instant::now();
    while choosing_threads() > rest + 1 {
        std::thread::sleep(Duration::from_millis(1));
        assert!(began.elapsed() < PATIENCE, "the old curves go on");
    }
    assert!(session.advice().wait(PATIENCE));
    let state = session.state();
    assert_eq!(state.advice().expect("advice").curves[0].points_total, 3000);
    // Nothing of a session goes on after its end.
    session.apply(&many(200_000));
    until(&session, "a beginning", |session| session.state().advice().is_some());
    drop(session);
    assert!(choosing_threads() <= rest, "a thread was left");
}

/// The mean over the targets of log f/(m·2πσ²), by a double loop.
fn held_out(points: &Points, sigma: f64) -> f64 {
    let [x, y] = [pairs(points.targets()), pairs(points.sources())];
    let scale = 0.5 / (sigma * sigma);
    let volume = y.len() as f64 * std::f64::consts::TAU * sigma * sigma;
    let log_density = |x: &[f64; 2]| {
        let r = |y: &[f64; 2]| (x[0] - y[0]).powi(2) + (x[1] - y[1]).powi(2);
        let nearest = y.iter().map(r).fold(f64::INFINITY, f64::min);
        let sum: f64 = y.iter().map(|y| (-(r(y) - nearest) * scale).exp()).sum();
        sum.ln() - nearest * scale - volume.ln()
    };
    x.iter().map(log_density).sum::<f64>() / x.len() as f64
}

fn the_best_is_that_of_a_fine_search() {
    let count = Count::new(1500).ok();
    let distribution = Distribution::Mixture;
    let app = App::with(Params { distribution, n: count, m: count, ..Params::default() });
    let found = optimum(&app.advice(), Criterion::HeldOut);
    let points = Arc::clone(&app.scene().prepared.points);
    // Half a percent from one to the next, a factor of 1.5 to either side.
    let sigmas: Vec<f64> = (-80..=80).map(|k| found * 1.005_f64.powi(k)).collect();
    let values: Vec<f64> = sigmas.iter().map(|&sigma| held_out(&points, sigma)).collect();
    let best = (0..sigmas.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).expect("some");
    assert!((sigmas[best] / found - 1.0).abs() < 0.02, "{found}, but {} is best", sigmas[best]);
    // Nor is there a better one farther away.
    for k in -30..=30 {
        let sigma = found * 1.2_f64.powi(k);
        assert!(held_out(&points, sigma) <= values[best] + 1e-9, "{sigma} is better than {found}");
    }
}

fn a_drag_comes_first() {
    let mut session = advised();
    session.apply(&many(100_000));
    until(&session, "the first curves", |session| {
        session.state().advice().is_some_and(|advice| !advice.curves.is_empty())
    });
    let used = |session: &Session| {
        let state = session.state();
        let advice = state.advice().expect("advice");
        (advice.curves.first().map(|curve| curve.points_used), advice.is_complete)
    };
    session.pacing().set_drafts(true);
    std::thread::sleep(Duration::from_millis(300));
    let held = used(&session);
    assert!(!held.1, "there is something left to wait");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(used(&session), held, "it went on");
    session.pacing().set_drafts(false);
    assert!(session.advice().wait(PATIENCE));
    let advice = Arc::clone(session.state().advice().expect("advice"));
    assert!(advice.curves.iter().all(|curve| curve.points_used == curve.points_total));
    let band = |curve: &Curve| curve.points.iter().any(|point| point.standard_error > 0.0);
    assert!(!advice.curves.iter().any(band), "all points leave no error");
    assert!(advice.warning(WarningKind::Duplicates).is_none());
}
