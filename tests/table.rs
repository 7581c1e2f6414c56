//! The table of rows: sorted by f and by columns, its rows pinned in the plot and the other way round, copied,
//! and what of them is shown with a target.

mod asking;
mod common;
mod harness;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use asking::{ask, scene, session, until, values};
use common::{device_test, run_device_tests};
use eframe::egui::{self, Key, Modifiers, Pos2, Rect, accesskit::Role, pos2};
use egui_kittest::{
    HarnessBuilder,
    kittest::{NodeT, Queryable},
};
use harness::{App, window_from};
use sigmascope::{
    app::Startup,
    figure::ViewBox,
    model::{Input, Params, Sigma},
    selection::RowBits,
    session::{
        OwnFiles, Region, Saved, SelectionChange, Session, Settings, SortBy, Sorting, TableWish,
        Viewport,
    },
};

/// Rows of the file; the second one is no point.
const ROWS: usize = 40;

impl App {
    /// A window of this size in logical pixels.
    fn sized(startup: Startup, size: [f32; 2]) -> Self {
        let (harness, chosen) =
            window_from(startup, |builder: HarnessBuilder<_>| builder.with_size(size));
        let mut app = Self { harness, chosen };
        app.settle();
        app
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(4);
    }

    fn click(&mut self, role: Role, label: &str) {
        self.harness.get_by_role_and_label(role, label).click();
        self.harness.run_steps(4);
    }

    /// Shows the table.
    fn open_table(&mut self) {
        self.key(Modifiers::SHIFT, Key::T);
        self.wait_for(|app| app.sees(", sorted by row, rising"));
        self.harness.run_steps(4);
        self.wait_for(|app| !app.sees("reading the columns"));
    }

    /// The rows in view from top to bottom, as a screen reader tells them.
    fn rows(&self) -> Vec<String> {
        let rows = self.harness.query_all_by_role(Role::Row);
        let mut rows: Vec<(f32, String)> = rows
            .map(|row| (row.rect().top(), row.accesskit_node().label().unwrap_or_default()))
            .collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.into_iter().map(|(_, label)| label).collect()
    }

    /// The rows that are marked.
    fn marked(&self) -> Vec<String> {
        let rows = self.harness.query_all_by_role(Role::Row);
        let marked = rows.filter(|row| row.accesskit_node().data().is_selected() == Some(true));
        marked.filter_map(|row| row.accesskit_node().label()).collect()
    }

    fn click_row(&mut self, row: usize, modifiers: Modifiers) {
        let name = format!("row {row}");
        let is_it = |label: &str| label.split([':', ',']).next() == Some(&*name);
        let rows = self.harness.query_all_by_role(Role::Row);
        let found =
            rows.into_iter().find(|row| row.accesskit_node().label().is_some_and(|l| is_it(&l)));
        found.expect("the row is in view").click_modifiers(modifiers);
        self.harness.run_steps(4);
    }

    fn plot(&self) -> Rect {
        self.harness.get_by_label_contains("Scatter plot").rect()
    }

    /// Where a target is on screen.
    fn dot(&self, target: usize) -> Pos2 {
        let [x, y] = self.scene().shown.place(target);
        let (frame, view) = (self.plot(), self.window().view());
        let part = |at: f64, [low, high]: [f64; 2]| ((at - low) / (high - low)) as f32;
        pos2(
            frame.left() + part(x, view.x) * frame.width(),
            frame.bottom() - part(y, view.y) * frame.height(),
        )
    }

    /// What is pinned in the plot, as a screen reader tells it.
    fn pinned(&self) -> Option<String> {
        let pinned = self.harness.query_all_by_label_contains("Pinned: ").next()?;
        let node = pinned.accesskit_node();
        node.label().or_else(|| node.value())
    }
}

fn mass(row: usize) -> usize {
    row * 7 % ROWS
}

fn file(folder: &Path) -> PathBuf {
    let path = folder.join("people.csv");
    let line = |row: usize| {
        let x = if row == 1 { String::new() } else { (row % 8).to_string() };
        // Each row is denser than the one below.
        format!("{x},{},{},person {:02}\n", row / 8 * row / 8, mass(row), (row * 11) % ROWS)
    };
    let rows: String = (0..ROWS).map(line).collect();
    std::fs::write(&path, format!("x,y,mass,name\n{rows}")).expect("written");
    path
}

fn params(folder: &Path) -> Params {
    let input = Input::Files {
        targets: file(folder),
        sources: None,
        columns: vec!["x".into(), "y".into()],
    };
    Params { input, sigma: Sigma::new(1.0).ok(), ..Params::default() }
}

/// The row with the lowest or the highest f.
fn extreme(app: &App, highest: bool) -> u64 {
    let scene = app.scene();
    let f = scene.field.read(app.window().session().gpu()).expect("values");
    let targets = 0..f.len();
    let best = if highest {
        targets.rev().max_by(|&a, &b| f[a].total_cmp(&f[b]))
    } else {
        targets.min_by(|&a, &b| f[a].total_cmp(&f[b]))
    };
    scene.prepared.row_of(best.expect("a target")).expect("a row")
}

fn rows_are_sorted_by_f_and_by_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = App::with(params(folder.path()));
    app.open_table();
    assert!(app.sees("39 rows, sorted by row, rising"));
    let first = &app.rows()[..2];
    assert!(
        first[0].starts_with("row 0: f = ") && first[1].starts_with("row 2: f = "),
        "{first:?}"
    );
    assert!(first[0].ends_with("x = 0, y = 0, mass = 0, name = person 00"), "{first:?}");
    let only = app.harness.get_by_role_and_label(Role::CheckBox, "Only selected");
    assert!(only.accesskit_node().is_disabled(), "no rows are selected");

    app.click(Role::ColumnHeader, "Sort by f");
    app.wait_for(|app| app.sees("sorted by f, rising"));
    let begins = |app: &App, row: u64| app.rows()[0].starts_with(&format!("row {row}: "));
    assert!(begins(&app, extreme(&app, false)), "{:?}", app.rows());
    app.click(Role::ColumnHeader, "Sort by f, now rising");
    app.wait_for(|app| app.sees("sorted by f, falling"));
    assert!(begins(&app, extreme(&app, true)), "{:?}", app.rows());

    // Another f is another order.
    let before = app.rows();
    app.harness.state_mut().params_mut().sigma = Sigma::new(0.2).ok();
    app.settle();
    app.wait_for(|app| app.rows() != before && app.sees("sorted by f, falling"));
    assert!(begins(&app, extreme(&app, true)), "{:?}", app.rows());

    // By the keyboard.
    app.harness.get_by_role_and_label(Role::ColumnHeader, "Sort by mass").focus();
    app.harness.run_steps(2);
    app.key(Modifiers::NONE, Key::Enter);
    app.wait_for(|app| app.sees("sorted by mass, rising"));
    let rows = app.rows();
    let masses = (0..ROWS).filter(|row| *row != 1).map(|row| (mass(row), row));
    let mut masses: Vec<(usize, usize)> = masses.collect();
    masses.sort_unstable();
    for (label, (mass, row)) in rows.iter().zip(&masses) {
        assert!(label.starts_with(&format!("row {row}: ")), "{label}");
        assert!(label.contains(&format!("mass = {mass}, ")), "{label}");
    }
    app.click(Role::ColumnHeader, "Sort by name");
    app.wait_for(|app| app.sees("sorted by name, rising"));
    assert!(app.rows()[0].ends_with("name = person 00"), "{:?}", app.rows());
}

fn rows_and_dots_are_pinned() {
    let folder = tempfile::tempdir().expect("a folder");
    let params = params(folder.path());
    // A view beside the points.
    let aside = ViewBox { x: [100.0, 102.0], y: [100.0, 102.0] };
    let saved =
        Saved { params: params.clone(), viewport: Viewport::Free(aside), ..Saved::default() };
    let mut app = App::starting(Startup { saved, ..Startup::new(params) });
    app.open_table();
    let before = app.window().view();
    app.click_row(5, Modifiers::NONE);
    app.settle();
    let view = app.window().view();
    let span = |[low, high]: [f64; 2]| high - low;
    assert!((span(view.x) / span(before.x) - 1.0).abs() < 1e-6, "{view:?} after {before:?}");
    assert!((view.x[0] + view.x[1] - 10.0).abs() < 1e-6, "{view:?}");
    let pinned = app.pinned().expect("a pinned row");
    assert!(
        pinned.contains("row 5") && pinned.contains("x = 5") && pinned.contains("f = "),
        "{pinned}"
    );

    // It stays where σ is another one.
    app.harness.state_mut().params_mut().sigma = Sigma::new(0.5).ok();
    app.settle();
    assert!(app.pinned().is_some_and(|now| now.contains("row 5") && now != pinned));

    // A dot: the table scrolls to its row.
    app.key(Modifiers::NONE, Key::F);
    app.settle();
    app.wait_for(|app| app.scene().hover.get().is_some());
    let (target, row) = (37, 38);
    assert_eq!(app.scene().prepared.row_of(target), Some(row));
    let at = app.dot(target);
    app.harness.hover_at(at);
    app.harness.run_steps(2);
    app.harness.drag_at(at);
    app.harness.drop_at(at);
    app.harness.run_steps(4);
    assert!(app.pinned().is_some_and(|pinned| pinned.contains("row 38,")), "{:?}", app.pinned());
    let marked = app.marked();
    assert!(marked.len() == 1 && marked[0].starts_with("row 38, pinned: "), "{marked:?}");

    // Its numbers are copied, with all their digits.
    let copied = app.copied_by(Modifiers::NONE, Key::Y);
    let lines: Vec<&str> = copied.lines().collect();
    assert_eq!((lines[0], lines.len()), ("row\tf\tx\ty\tmass\tname", 2));
    let f = app.scene().field.read(app.window().session().gpu()).expect("values")[target];
    assert!(lines[1].starts_with(&format!("38\t{f}\t")), "{copied}");
    app.wait_for(|app| app.sees("Copied the numbers of row 38"));

    app.key(Modifiers::NONE, Key::Escape);
    assert_eq!(app.pinned(), None);
}

fn marked_rows_are_copied() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = App::with(params(folder.path()));
    app.open_table();
    app.click_row(2, Modifiers::NONE);
    app.click_row(4, Modifiers::SHIFT);
    assert_eq!(app.marked().len(), 3);
    app.harness.event(egui::Event::Copy);
    let copied = app.copied();
    app.wait_for(|app| app.sees("Copied 3 rows"));
    let lines: Vec<&str> = copied.lines().collect();
    assert_eq!((lines[0], lines.len()), ("row\tf\tx\ty\tmass\tname", 4));
    let cells: Vec<&str> = lines[1].split('\t').collect();
    assert_eq!([cells[0], cells[2], cells[4], cells[5]], ["2", "2", "14", "person 22"]);
    let f = app.scene().field.read(app.window().session().gpu()).expect("values")[1];
    assert_eq!(cells[1].parse(), Ok(f), "all digits");

    // By the keys: from the last row up to the one before.
    app.key(Modifiers::NONE, Key::End);
    app.key(Modifiers::SHIFT, Key::ArrowUp);
    let mut marked = app.marked();
    marked.sort();
    assert!(marked.len() == 2 && marked[1].starts_with("row 39: "), "{marked:?}");
    app.key(Modifiers::NONE, Key::Home);
    app.key(Modifiers::NONE, Key::Enter);
    assert!(app.pinned().is_some_and(|pinned| pinned.contains("row 0,")));
}

fn columns_are_shown_with_a_target() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = App::with(params(folder.path()));
    app.open_table();
    app.click_row(3, Modifiers::NONE);
    assert!(app.pinned().is_some_and(|pinned| !pinned.contains("name")));
    app.click(Role::Button, "Columns on hover…");
    app.click(Role::CheckBox, "name");
    assert!(app.pinned().is_some_and(|pinned| pinned.contains("name = person 33")));
    app.key(Modifiers::NONE, Key::Escape);
    // Without the table, too, and where the same file is read again.
    app.key(Modifiers::SHIFT, Key::T);
    assert!(app.rows().is_empty());
    app.key(Modifiers::NONE, Key::F5);
    app.settle();
    app.wait_for(|app| app.pinned().is_some_and(|pinned| pinned.contains("name = person 33")));
}

fn the_table_leaves_room_and_is_remembered() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = OwnFiles::in_folder(folder.path());
    let begin = || {
        let (settings, told) = Settings::load(&files);
        assert!(told.is_none(), "{told:?}");
        Startup { settings, files: Some(files.clone()), ..Startup::new(Params::default()) }
    };
    let mut app = App::sized(begin(), [800.0, 600.0]);
    app.open_table();
    assert!(app.sees("3000 rows, sorted by row, rising"));
    let plot = app.plot();
    assert!(plot.height() >= 180.0, "the plot: {plot:?}");
    let count = app.rows().len();
    assert!((4..20).contains(&count), "{count} rows are laid out");
    app.click_row(1, Modifiers::NONE);
    app.key(Modifiers::NONE, Key::End);
    assert!(app.rows().last().is_some_and(|row| row.starts_with("row 2999: ")), "{:?}", app.rows());
    app.key(Modifiers::NONE, Key::PageUp);
    let marked = app.marked();
    assert!(marked.len() == 1 && !marked[0].starts_with("row 2999"), "{marked:?}");
    drop(app);

    let app = App::sized(begin(), [800.0, 600.0]);
    assert!(app.sees("3000 rows, sorted by row, rising"), "after a restart");
}

fn only_selected_rows_are_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = App::with(params(folder.path()));
    app.open_table();
    let select = |app: &mut App, rows: &[u64]| {
        let region = Region::Rows(Arc::new(RowBits::of(rows.iter().copied())));
        app.window().session().selection().change(SelectionChange::to(region));
        app.wait_for(|app| {
            let selection = app.window().session().state().selection;
            selection.rows.rows().eq(rows.iter().copied())
        });
        app.harness.run_steps(4);
    };
    select(&mut app, &[4, 9, 30]);
    assert!(app.sees("39 rows, sorted by row, rising"), "all until asked otherwise");
    app.click(Role::CheckBox, "Only selected");
    app.wait_for(|app| app.sees("3 selected of 39 rows, sorted by row, rising"));
    let numbers: Vec<String> =
        app.rows().iter().filter_map(|row| Some(row.split_once(':')?.0.to_owned())).collect();
    assert_eq!(numbers, ["row 4", "row 9", "row 30"]);
    select(&mut app, &[30]);
    app.wait_for(|app| app.sees("1 selected of 39 rows"));
    select(&mut app, &[]);
    app.wait_for(|app| app.sees("39 rows, sorted by row, rising"));
}

fn only_selected_rows_are_in_the_order_of_f() {
    let mut session = session();
    ask(&mut session, &asking::params(2000, 500, 0.3));
    let only = Arc::new(RowBits::of((0..2000).filter(|row| row % 5 == 0)));
    let sort = Sorting { by: SortBy::Field, falling: true };
    let wish = TableWish { sort, only: Some(only) };
    // f is read from the device for it.
    session.row_order().want(Some(wish.clone()));
    let check = |session: &Session| {
        until(session, "the order", |session| {
            let (state, scene) = (session.state(), scene(session));
            state.row_order().is_some_and(|order| order.is_current(&scene, &wish, None))
        });
        let order = session.state().row_order.expect("an order");
        let f = values(session, &scene(session));
        assert_eq!(order.targets.len(), 400);
        assert!(order.targets.iter().all(|target| target % 5 == 0));
        assert!(order.targets.is_sorted_by(|&a, &b| f[a as usize] >= f[b as usize]));
        order
    };
    let first = check(&session);
    ask(&mut session, &asking::params(2000, 500, 3.0));
    assert_ne!(check(&session).targets, first.targets, "another f is another order");
    session.row_order().want(None);
    assert!(session.state().row_order.is_none());
}

fn main() {
    run_device_tests(vec![
        device_test("rows are sorted by f and by columns", rows_are_sorted_by_f_and_by_columns),
        device_test("rows and dots are pinned", rows_and_dots_are_pinned),
        device_test("marked rows are copied", marked_rows_are_copied),
        device_test("only selected rows are shown", only_selected_rows_are_shown),
        device_test(
            "only selected rows are in the order of f",
            only_selected_rows_are_in_the_order_of_f,
        ),
        device_test("columns are shown with a target", columns_are_shown_with_a_target),
        device_test(
            "the table leaves room and is remembered",
            the_table_leaves_room_and_is_remembered,
        ),
    ]);
}
