//! The columns of a file in the window: its first rows, what each column is used for, tables that are saved,
//! and files that are dropped together.

mod common;
mod harness;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use common::{device_test, run_device_tests};
use eframe::egui::{self, Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::Queryable;
use harness::{App, PATIENCE};
use sigmascope::model::{Input, Params, Weights};

/// A file of six rows, five of which are points.
const FILE: &str = "name,x,y,mass,depth\nAda,1,2,0.5,7.5\nBen,2,1,1.5,8\nCy,,1,1,9\nDi,4,2,1,1\n\
                    Eve,5,5,2,2\nFay,6,1,1,3\n";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn with(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).expect("written");
        path
    }
}

impl App {
    /// Draws frames until something is so.
    fn wait_for(&mut self, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            self.harness.step();
            assert!(Instant::now() < deadline, "it never came");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn opened(path: &Path) -> App {
    let input = Input::Files { targets: path.to_owned(), sources: None, columns: Vec::new() };
    let mut app = App::with(Params { input, ..Params::default() });
    app.settle();
    app
}

/// Picks what a column is used for.
fn pick(app: &mut App, list: &str, choice: &str) {
    app.harness.get_by_role_and_label(Role::ComboBox, list).click();
    app.harness.run_steps(3);
    let choices: Vec<_> = app.harness.get_all_by_label(choice).collect();
    choices.last().expect("the choice is in the list").click();
    app.settle();
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

    pick(&mut app, "mass: not used", "weights");
    assert_eq!(app.params().weights, Some(Weights::Column("mass".to_owned())));
    assert_eq!(
        app.scene().prepared.points.sources().weights(),
        Some(&[0.5, 1.5, 1.0, 2.0, 1.0][..])
    );

    pick(&mut app, "depth: not used", "y axis");
    assert_eq!(columns_of(&app), ["x", "depth"]);
    assert_eq!(app.scene().prepared.drawn.targets().axes(), ["x", "depth"]);

    pick(&mut app, "y: not used", "coordinate 3");
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

/// A file dropped on the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|err| err.to_string())
    }
}

fn two_files_are_targets_and_sources_or_one_cloud() {
    let folder = Folder::new();
    let files =
        [folder.with("a.csv", "x,y\n1,2\n2,1\n"), folder.with("b.csv", "x,y\n3,2\n5,1\n4,4\n")];
    for (answer, counts) in [("Targets and sources", "2 × 3"), ("One cloud", "5 × 5")] {
        let mut app = App::new();
        for file in &files {
            app.harness.input_mut().dropped_files.push(Arc::new(Dropped(file.clone())));
        }
        app.harness.run_steps(3);
        app.harness.get_by_role_and_label(Role::Button, answer).click();
        app.settle();
        app.wait_for(|app| app.sees(counts));
    }
    let mut app = App::new();
    for file in &files {
        app.harness.input_mut().dropped_files.push(Arc::new(Dropped(file.clone())));
    }
    app.harness.run_steps(3);
    app.harness.key_press(Key::Escape);
    app.settle();
    assert_eq!(app.params().input, Input::Generated, "Escape drops the question");
}

fn main() {
    run_device_tests(vec![
        device_test("every column is shown and can be used", every_column_is_shown_and_can_be_used),
        device_test("a table is saved with all columns", a_table_is_saved_with_all_columns),
        device_test(
            "two files are targets and sources or one cloud",
            two_files_are_targets_and_sources_or_one_cloud,
        ),
    ]);
}
