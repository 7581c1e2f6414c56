//! The side panel: what is always in view, what folds, and the rail of a narrow window.

mod common;
mod harness;

use common::{device_test, run_device_tests};
use eframe::egui::{Key, Modifiers, Rect, accesskit::Role, pos2, vec2};
use egui_kittest::{
    HarnessBuilder,
    kittest::{NodeT, Queryable},
};
use harness::{App, window_unfolded};
use sigmascope::{
    app::Startup,
    model::{Dim, Input, Params, Projection, Weights},
    session::{OwnFiles, Section, Settings},
};

/// The sections that are there in every window.
const SECTIONS: [&str; 5] = ["Data", "Bandwidth", "Appearance", "Computation", "Export"];

impl App {
    /// The window as it is at first, of this size in logical pixels.
    fn sized(startup: Startup, size: [f32; 2]) -> Self {
        let how = |builder: HarnessBuilder<_>| builder.with_size(size);
        let (harness, chosen) = window_unfolded(startup, false, how);
        let mut app = Self { harness, chosen };
        app.settle();
        app
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(8);
    }

    fn click(&mut self, role: Role, label: &str) {
        self.harness.get_by_role_and_label(role, label).click();
        self.harness.run_steps(8);
        self.settle();
    }

    /// Whether a section is unfolded, as a screen reader tells it.
    fn is_unfolded(&self, section: &str) -> bool {
        let title = self.harness.get_by_role_and_label(Role::DisclosureTriangle, section);
        title.accesskit_node().data().is_expanded().expect("it folds")
    }

    fn plot(&self) -> Rect {
        self.harness.get_by_label_contains("Scatter plot").rect()
    }

    /// The labels of controls that do not lie in the window as a whole.
    fn out_of_view(&self) -> Vec<String> {
        let window = self.harness.ctx.content_rect().expand(1.0);
        let controls = [
            Role::Button,
            Role::CheckBox,
            Role::ComboBox,
            Role::DisclosureTriangle,
            Role::Label,
            Role::Slider,
            Role::SpinButton,
            Role::TextInput,
        ];
        let all = controls.into_iter().flat_map(|role| self.harness.query_all_by_role(role));
        let out = all.filter(|node| !window.contains_rect(node.rect()));
        let name = |node: egui_kittest::Node<'_>| {
            let node = node.accesskit_node();
            node.label().or_else(|| node.value()).unwrap_or_default()
        };
        out.map(name).collect()
    }

    /// What can be used and has no label for a screen reader.
    fn unlabelled(&self) -> Vec<Rect> {
        let controls =
            [Role::Button, Role::CheckBox, Role::ComboBox, Role::Slider, Role::SpinButton];
        let all = controls.into_iter().flat_map(|role| self.harness.query_all_by_role(role));
        let nameless = all.filter(|node| {
            node.accesskit_node().label().is_none_or(|label| label.trim().is_empty())
        });
        nameless.map(|node| node.rect()).collect()
    }
}

fn start() -> Startup {
    Startup::new(Params::default())
}

fn all_is_in_view() {
    let mut app = App::sized(start(), [1280.0, 800.0]);
    assert!(SECTIONS.iter().all(|section| !app.is_unfolded(section)));
    assert_eq!(app.out_of_view(), Vec::<String>::new());
    assert_eq!(app.unlabelled(), []);
    assert!(app.sees("Standard normal") && app.sees("3000 × 2"), "what the points are");
    for (role, label) in [
        (Role::Button, "Open…"),
        (Role::ComboBox, "Colour scale"),
        (Role::Slider, "Bandwidth σ"),
        (Role::SpinButton, "Bandwidth σ"),
        (Role::Button, "Play"),
        (Role::Button, "Compare"),
        (Role::Slider, "Evaluation points (targets) N"),
        (Role::Slider, "Data points (sources) M"),
        (Role::Button, "Colours…"),
    ] {
        app.harness.get_by_role_and_label(role, label);
    }
    for label in ["x axis", "y axis", "Criteria against σ"] {
        assert!(app.sees(label), "{label}");
    }
    // Points of more coordinates and of a file have a few rows more.
    let dim = Dim::new(5).ok();
    app.harness.state_mut().params_mut().dim = dim;
    app.settle();
    assert_eq!(app.out_of_view(), Vec::<String>::new());
    app.harness.get_by_role_and_label(Role::ComboBox, "x axis");
    app.click(Role::CheckBox, "Principal components");
    assert_eq!(app.params().projection, Projection::Principal);
    assert_eq!(app.out_of_view(), Vec::<String>::new());
}

fn sections_fold_and_remember() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = OwnFiles::in_folder(folder.path());
    let begin = |params: Params| {
        let (settings, told) = Settings::load(&files);
        assert!(told.is_none(), "{told:?}");
        Startup { settings, files: Some(files.clone()), ..Startup::new(params) }
    };
    // So high that all of them are in view.
    let mut app = App::sized(begin(Params::default()), [1280.0, 1200.0]);
    assert!(app.harness.query_by_label("Seed").is_none());
    for section in SECTIONS {
        app.click(Role::DisclosureTriangle, section);
        assert!(app.is_unfolded(section), "{section}");
    }
    app.harness.get_by_role_and_label(Role::SpinButton, "Seed");
    app.click(Role::DisclosureTriangle, "Bandwidth");
    assert!(!app.is_unfolded("Bandwidth"));
    // By the keyboard.
    app.harness.get_by_role_and_label(Role::DisclosureTriangle, "Export").focus();
    app.harness.run_steps(2);
    app.key(Modifiers::NONE, Key::Enter);
    assert!(!app.is_unfolded("Export"));
    drop(app);

    let app = App::sized(begin(Params::default()), [1280.0, 1200.0]);
    let unfolded = SECTIONS.map(|section| app.is_unfolded(section));
    assert_eq!(unfolded, [true, false, true, true, false], "after a restart");
    app.harness.get_by_role_and_label(Role::SpinButton, "Seed");
    drop(app);
    let (settings, _) = Settings::load(&files);
    assert_eq!(settings.unfolded, [Section::Data, Section::Appearance, Section::Computation]);
}

fn cautions_are_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("points.csv");
    let rows = (0..400).map(|k| format!("{},{}\n", 1000 * (k % 20), 0.001 * f64::from(k / 40)));
    std::fs::write(&path, format!("x,y\n{}a,b\n", rows.collect::<String>())).expect("a file");
    let input = Input::Files { targets: path, sources: None, columns: Vec::new() };
    let mut app = App::sized(Startup::new(Params { input, ..Params::default() }), [1280.0, 800.0]);
    assert!(app.sees("points.csv") && app.sees("400 × 2"));
    let titles = app.harness.query_all_by_role(Role::DisclosureTriangle);
    let titles = titles.filter_map(|title| title.accesskit_node().label());
    let title = titles.into_iter().find(|title| title.contains("caution")).expect("cautions");
    let count: usize = title
        .trim_start_matches("⚠ ")
        .split(' ')
        .next()
        .and_then(|n| n.parse().ok())
        .expect("a count");
    assert!(count >= 3, "{title}");
    assert_eq!(app.out_of_view(), Vec::<String>::new(), "with {title}");
    assert!(!app.sees("coincide") && !app.sees("rows left out"));
    app.click(Role::DisclosureTriangle, &title);
    assert!(app.sees("coincide") && app.sees("1 of 401 rows left out"));
    assert!(app.sees("Standardise axes"));
}

fn weights_of_both_signs_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("points.csv");
    let rows = (0..60).map(|k| format!("{},{},{}\n", k % 8, k / 8, f64::from(k % 3) - 0.5));
    std::fs::write(&path, format!("x,y,charge\n{}", rows.collect::<String>())).expect("a file");
    let columns = ["x", "y"].map(ToOwned::to_owned).to_vec();
    let input = Input::Files { targets: path, sources: None, columns };
    let weights = Some(Weights::Column("charge".to_owned()));
    let params = Params { input, weights, ..Params::default() };
    let mut app = App::sized(Startup::new(params), [1280.0, 800.0]);
    // No criterion takes them; what is known of the points is told all the same.
    app.click(Role::DisclosureTriangle, "⚠ 1 caution");
    assert!(app.sees("20 of 60 weights are below 0"));
}

fn a_narrow_window_has_a_rail() {
    let mut app = App::sized(start(), [800.0, 600.0]);
    assert!(app.plot().width() >= 2.0 / 3.0 * 800.0, "the plot: {:?}", app.plot());
    assert_eq!(app.out_of_view(), Vec::<String>::new());
    assert_eq!(app.unlabelled(), []);
    // What is on the rail works.
    let slider = app.harness.get_by_role_and_label(Role::Slider, "Bandwidth σ").rect();
    assert!(slider.height() > 200.0 && slider.right() < 44.0, "{slider:?}");
    let before = app.scene().sigma();
    app.harness.drag_at(slider.center());
    app.harness.step();
    app.harness.hover_at(pos2(slider.center().x, slider.top() + 20.0));
    app.harness.step();
    app.harness.drop_at(pos2(slider.center().x, slider.top() + 20.0));
    app.settle();
    assert!(app.scene().sigma() > before, "up is wider");
    app.click(Role::Button, "Compare");
    assert!(app.sees("A") && app.sees("B"));
    app.click(Role::Button, "Compare");

    let most = app.plot();
    app.click(Role::Button, "Unfold the side panel");
    app.harness.get_by_role_and_label(Role::ComboBox, "Colour scale");
    assert!(app.plot().width() < most.width() - 200.0, "{:?}", app.plot());
    app.click(Role::Button, "Fold the side panel");
    assert_eq!(app.plot(), most);
    app.key(Modifiers::COMMAND, Key::B);
    assert!(app.harness.query_by_role_and_label(Role::ComboBox, "Colour scale").is_some());
    app.key(Modifiers::COMMAND, Key::B);
    assert!(app.harness.query_by_role_and_label(Role::ComboBox, "Colour scale").is_none());

    // A wide window has a choice of its own.
    app.harness.set_size(vec2(1280.0, 800.0));
    app.settle();
    app.harness.get_by_role_and_label(Role::ComboBox, "Colour scale");
    app.click(Role::Button, "Fold the side panel");
    assert!(app.plot().width() > 1280.0 - 40.0 - 136.0 - 80.0, "{:?}", app.plot());
}

fn the_rail_is_remembered() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = OwnFiles::in_folder(folder.path());
    let begin = || {
        let (settings, _) = Settings::load(&files);
        Startup { settings, files: Some(files.clone()), ..start() }
    };
    let mut app = App::sized(begin(), [1280.0, 800.0]);
    app.click(Role::Button, "Fold the side panel");
    drop(app);
    let mut app = App::sized(begin(), [1280.0, 800.0]);
    app.click(Role::Button, "Unfold the side panel");
    drop(app);
    assert_eq!(Settings::load(&files).0.panel, Some(true));
    assert_eq!(Settings::load(&files).0.narrow_panel, None);
}

fn colors_open_at_the_bar() {
    let mut app = App::sized(start(), [1280.0, 800.0]);
    assert!(app.harness.query_by_label("Colour map").is_none());
    app.click(Role::Button, "Colours…");
    let list = app.harness.get_by_role_and_label(Role::ComboBox, "Colour map").rect();
    assert!(list.left() > 800.0, "not at the bar: {list:?}");
    assert_eq!((app.out_of_view(), app.unlabelled()), (Vec::new(), Vec::new()));
    app.pick("Colour map", "Magma");
    app.click(Role::CheckBox, "Fix limits");
    assert!(app.params().view.clip.is_some() && app.sees("fixed"));
    app.key(Modifiers::NONE, Key::Escape);
    app.key(Modifiers::NONE, Key::Escape);
    assert!(app.harness.query_by_label("Colour map").is_none(), "Escape does not close it");
    app.key(Modifiers::NONE, Key::L);
    assert!(app.params().view.clip.is_none());
}

fn main() {
    run_device_tests(vec![
        device_test("at 1280 × 800 all controls are in view", all_is_in_view),
        device_test("sections fold, and remember it", sections_fold_and_remember),
        device_test("cautions are one line with a count", cautions_are_one_line),
        device_test("weights of both signs are told", weights_of_both_signs_are_told),
        device_test("a narrow window has a rail", a_narrow_window_has_a_rail),
        device_test("the rail is remembered", the_rail_is_remembered),
        device_test("colours open at the colour bar", colors_open_at_the_bar),
    ]);
}
