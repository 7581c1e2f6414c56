//! The columns of a file in the window: its first rows, what each column is used for, tables that are saved,
//! files that are dropped together; and a file of each format, dropped, picked from and read again.

mod common;
mod files;
mod harness;

use std::path::{Path, PathBuf};

use common::{device_test, run_device_tests};
use eframe::egui::{self, Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::{NodeT, Queryable};
use files::{File, files};
use harness::App;
use sigmascope::{
    io::FORMATS,
    model::{Input, Params, Sigma, Weights},
};

/// A file of six rows, five of which are points.
const FILE: &str = "name,x,y,mass,depth\nAda,1,2,0.5,7.5\nBen,2,1,1.5,8\nCy,,1,1,9\nDi,4,2,1,1\n\
                    Eve,5,5,2,2\nFay,6,1,1,3\n";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn with(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).expect("written");
        path
    }
}

fn opened(path: &Path) -> App {
    let input = Input::Files { targets: path.to_owned(), sources: None, columns: Vec::new() };
    let mut app = App::with(Params { input, ..Params::default() });
    app.settle();
    app
}

fn columns_of(app: &App) -> Vec<String> {
    match &app.params().input {
        Input::Files { columns, .. } => columns.clone(),
        Input::Generated => Vec::new(),
    }
}

fn every_column_is_shown_and_can_be_used() {
    let folder = Folder::new();
    let mut app = opened(&folder.with("people.csv", FILE));
    app.harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    app.wait_for(|app| app.sees("Ada"));
    assert!(app.sees("6 rows, 5 columns") && app.sees("1 missing"));
    assert!(app.harness.query_by_label("row").is_some() && app.sees("0.5 to 2"));

    app.pick("mass: not used", "weights");
    assert_eq!(app.params().weights, Some(Weights::Column("mass".to_owned())));
    assert_eq!(
        app.scene().prepared.points.sources().weights(),
        Some(&[0.5, 1.5, 1.0, 2.0, 1.0][..])
    );

    app.pick("depth: not used", "y axis");
    assert_eq!(columns_of(&app), ["x", "depth"]);
    assert_eq!(app.scene().prepared.drawn.targets().axes(), ["x", "depth"]);

    app.pick("y: not used", "coordinate 3");
    assert_eq!(columns_of(&app), ["x", "depth", "y"]);
    assert_eq!(app.scene().prepared.points.dim(), 3);

    // Read again, the rows and the picks stay.
    app.harness.key_press(Key::F5);
    app.settle();
    app.wait_for(|app| app.sees("Ada"));
    assert_eq!(columns_of(&app), ["x", "depth", "y"]);

    app.harness.key_press(Key::Escape);
    app.settle();
    assert!(!app.sees("Ada"), "Escape closes the panel");
}

fn of_many_columns_some_are_shown_and_the_others_found() {
    let folder = Folder::new();
    let row = |text: fn(usize) -> String| (0..1000).map(text).collect::<Vec<_>>().join(",");
    let rows = [row(|k| format!("Gene{k}")), row(|k| format!("{k}.5")), row(|k| format!("{k}.25"))];
    let mut app = opened(&folder.with("wide.csv", rows.join("\n")));
    app.harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    app.wait_for(|app| app.sees("2 rows, 1000 columns; 200 of 1000 shown"));
    assert!(!lists_of(&app).iter().any(|list| list.starts_with("Gene777: ")));
    app.harness.get_by_role_and_label(Role::TextInput, "Find").click();
    app.harness.run_steps(2);
    app.harness.event(egui::Event::Text("gene777".to_owned()));
    app.harness.run_steps(3);
    assert!(app.sees("1 of 1 shown"));
    app.pick("Gene777: not used", "x axis");
    assert_eq!(columns_of(&app)[0], "Gene777");
}

fn a_table_is_saved_with_all_columns() {
    let folder = Folder::new();
    let mut app = opened(&folder.with("people.csv", FILE));
    let out = folder.0.path().join("f.csv");
    app.harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    app.harness.run_steps(3);
    app.harness.get_by_label("All columns of the file, and f").click();
    app.harness.run_steps(2);
    app.chosen.0.lock().expect("no panic").push(sigmascope::app::Picked::Table(out.clone()));
    app.harness.run_steps(3);
    app.harness.get_by_role_and_label(Role::Button, "Save").click();
    app.wait_for(|_| out.exists());
    let text = std::fs::read_to_string(&out).expect("the table");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines.len()), ("row,x,y,f,name,mass,depth", 7));
    assert!(lines[3].starts_with("2,,1,,Cy,1"), "{}", lines[3]);
    let f: f64 = lines[1].split(',').nth(3).and_then(|f| f.parse().ok()).expect("f");
    let shown = app.scene().field.read(app.window().session().gpu()).expect("values")[0];
    assert!((f / f64::from(shown) - 1.0).abs() < 1e-6, "{f} {shown}");
}

fn two_files_are_targets_and_sources_or_one_cloud() {
    let folder = Folder::new();
    let files =
        [folder.with("a.csv", "x,y\n1,2\n2,1\n"), folder.with("b.csv", "x,y\n3,2\n5,1\n4,4\n")];
    let files = [&*files[0], &*files[1]];
    for (answer, counts) in [("Targets and sources", "2 × 3"), ("One cloud", "5 × 5")] {
        let mut app = App::new();
        app.drop_files(&files);
        app.harness.get_by_role_and_label(Role::Button, answer).click();
        app.settle();
        app.wait_for(|app| app.sees(counts));
    }
    let mut app = App::new();
    app.drop_files(&files);
    app.harness.key_press(Key::Escape);
    app.settle();
    assert_eq!(app.params().input, Input::Generated, "Escape drops the question");
}

/// The lists in which it is picked what each column is used for, as a screen reader reads them.
fn lists_of(app: &App) -> Vec<String> {
    let lists = app.harness.query_all_by_role(Role::ComboBox);
    let names = lists.filter_map(|list| list.accesskit_node().label());
    names.filter(|name| name.contains(": ")).collect()
}

/// The coordinates of the points on screen, each with its weight behind where they have weights.
fn shown(app: &App) -> Vec<f64> {
    let scene = app.scene();
    let points = &scene.prepared.drawn;
    assert_eq!(points.targets().coordinates(), points.sources().coordinates());
    let sources = points.sources();
    let numbers = |j: usize| {
        let weight = sources.weights().map(|weights| weights[j]);
        sources.point(j).iter().copied().chain(weight)
    };
    (0..sources.len()).flat_map(numbers).collect()
}

/// Fails unless these numbers are on screen, up to what a float holds, with a finite f for each point.
fn check_shown(app: &App, file: &File, expected: &[f64], when: &str) {
    let found = shown(app);
    let is_so = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-6 * b.abs();
    let name = file.name;
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(is_so),
        "{name} {when}: {found:?} instead of {expected:?}"
    );
    let scene = app.scene();
    let f = scene.field.read(app.window().session().gpu()).expect("values");
    assert_eq!(f.len(), scene.prepared.points.n(), "{name} {when}");
    assert!(f.iter().all(|f| f.is_finite()), "{name} {when}: {f:?}");
}

/// Puts `content` in the place of a file and reads it again.
fn reload(app: &mut App, path: &Path, content: &[u8]) {
    std::fs::write(path, content).expect("written");
    app.harness.key_press(Key::F5);
    app.settle();
}

/// Drops a file on the window, picks a column, puts another file in its place, and a broken one.
fn through_the_window(app: &mut App, file: &File, folder: &Folder) {
    let name = file.name;
    let path = folder.with(name, &file.first);
    app.drop_files(&[&path]);
    app.settle();
    assert!(!app.sees("Close message"), "{name} is refused");
    check_shown(app, file, &file.points, "as it is dropped");

    let is_of_file = |app: &App| {
        let lists = lists_of(app);
        let mut names = lists.iter().filter_map(|list| list.split_once(": ").map(|(name, _)| name));
        file.columns.iter().all(|column| names.any(|name| name == *column))
    };
    app.wait_for(is_of_file);
    let [list, choice] = file.pick;
    assert!(lists_of(app).iter().any(|name| name == list), "{name}: {:?}", lists_of(app));
    app.pick(list, choice);
    check_shown(app, file, &file.then, "with another column");

    reload(app, &path, &file.second);
    assert!(!app.sees("Close message"), "{name} is refused when it is read again");
    check_shown(app, file, &file.again, "read again");
    app.wait_for(is_of_file);

    let params = app.params().clone();
    reload(app, &path, &file.broken);
    let refused = app.harness.query_all_by_label_contains("expected").count();
    assert!(refused > 0 && app.sees("Close message"), "{name}: nothing tells that it is broken");
    check_shown(app, file, &file.again, "after a broken file");
    assert_eq!(*app.params(), params, "{name}");
    app.harness.get_by_label("Close message").click();
    app.settle();
    assert!(!app.sees("Close message"), "{name}: more than one message");

    // What is on screen can still be computed.
    let sigma = 1.5 * app.sigma();
    app.harness.state_mut().params_mut().sigma = Sigma::new(sigma).ok();
    app.harness.step();
    app.settle();
    assert!((app.scene().sigma().get() / sigma - 1.0).abs() < 1e-9, "{name}");
    check_shown(app, file, &file.again, "with another sigma");
    reload(app, &path, &file.second);
    check_shown(app, file, &file.again, "once it is whole again");
}

fn each_format_is_dropped_picked_from_and_read_again() {
    let files = files();
    for format in FORMATS {
        let is_there = files.iter().any(|file| file.format == format.name);
        assert!(is_there, "there is no file of the format {} in tests/files", format.name);
    }
    let folder = Folder::new();
    let mut app = opened(&folder.with("before.csv", "u,v\n1,2\n3,5\n"));
    // The panel stays open over all that comes.
    app.harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    for file in &files {
        through_the_window(&mut app, file, &folder);
        let format = app.scene().prepared.reports[0].format.clone();
        let end = file.name.rsplit('.').next().unwrap_or_default().to_uppercase();
        assert!(format.starts_with(file.format) || format.starts_with(&end), "{format}: {end}");
    }
}

fn main() {
    run_device_tests(vec![
        device_test("every column is shown and can be used", every_column_is_shown_and_can_be_used),
        device_test(
            "of many columns some are shown and the others found",
            of_many_columns_some_are_shown_and_the_others_found,
        ),
        device_test("a table is saved with all columns", a_table_is_saved_with_all_columns),
        device_test(
            "two files are targets and sources or one cloud",
            two_files_are_targets_and_sources_or_one_cloud,
        ),
        device_test(
            "a file of each format is dropped, picked from and read again",
            each_format_is_dropped_picked_from_and_read_again,
        ),
    ]);
}
