//! Selecting rows: in the window through the labels that a screen reader reads, with the mouse and by keyboard
//! alone; and what keeps a selection.

mod common;
mod harness;

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use common::{device_test, run_device_tests};
use eframe::egui::{
    self, Key, Modifiers, Pos2, Rect,
    accesskit::{Role, Toggled},
};
use egui_kittest::kittest::{NodeT, Queryable};
use harness::App;
use sigmascope::{
    app::Startup,
    figure::ViewBox,
    model::{ColorBy, Count, Dim, Distribution, Input, Params, Projection, Sigma},
    selection::RowBits,
    session::{Saved, Section, Settings},
};

impl App {
    /// A window with the section "Selection" unfolded.
    fn selecting(params: Params) -> Self {
        let unfolded = vec![Section::Selection];
        let settings = Settings { unfolded, ..Settings::default() };
        Self::starting(Startup { settings, ..Startup::new(params) })
    }

    /// The rows that are selected.
    fn rows(&self) -> Vec<u64> {
        self.window().session().state().selection.rows.rows().collect()
    }

    /// The numbers of the targets for which this is so, of their places in the plot.
    fn targets(&self, is_such: impl Fn([f64; 2]) -> bool) -> Vec<u64> {
        let scene = self.scene();
        let n = scene.prepared.drawn.n();
        (0..n as u64).filter(|i| is_such(scene.shown.place(*i as usize))).collect()
    }

    fn f(&self) -> Vec<f32> {
        let scene = self.scene();
        scene.field.read(self.window().session().gpu()).expect("values").to_vec()
    }

    fn plot(&self) -> Rect {
        self.harness.get_by_label_contains("Scatter plot of").rect()
    }

    /// Where a place of the plane is on screen.
    fn at(&self, [x, y]: [f64; 2]) -> Pos2 {
        let (view, plot) = (self.window().view(), self.plot());
        let part = |[low, high]: [f64; 2], value: f64| ((value - low) / (high - low)) as f32;
        egui::pos2(
            plot.left() + plot.width() * part(view.x, x),
            plot.bottom() - plot.height() * part(view.y, y),
        )
    }

    /// Drags the pointer along these places of the plane.
    fn drag_along(&mut self, places: &[[f64; 2]], modifiers: Modifiers) {
        let path: Vec<Pos2> = places.iter().map(|place| self.at(*place)).collect();
        self.drag_through(&path, modifiers);
    }

    fn drag_through(&mut self, path: &[Pos2], modifiers: Modifiers) {
        self.harness.event(egui::Event::ModifiersChanged(modifiers));
        self.harness.event(egui::Event::PointerMoved(path[0]));
        self.harness.step();
        let button = |pos, pressed| egui::Event::PointerButton {
            pos,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers,
        };
        self.harness.event(button(path[0], true));
        self.harness.step();
        for pos in &path[1..] {
            self.harness.event(egui::Event::PointerMoved(*pos));
            self.harness.step();
        }
        let last = path[path.len() - 1];
        self.harness.event(button(last, false));
        self.harness.step();
        self.harness.event(egui::Event::ModifiersChanged(Modifiers::NONE));
        self.settle();
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(2);
        self.settle();
    }

    fn click(&mut self, label: &str) {
        self.harness.get_by_role_and_label(Role::Button, label).click();
        self.harness.run_steps(2);
        self.settle();
    }

    /// Types into a field of text and presses Enter.
    fn enter(&mut self, field: &str, text: &str) {
        self.harness.get_by_role_and_label(Role::TextInput, field).click();
        self.harness.run_steps(2);
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.harness.event(egui::Event::Text(text.to_owned()));
        self.harness.step();
        self.key(Modifiers::NONE, Key::Enter);
    }

    fn change(&mut self, change: impl FnOnce(&mut Params)) {
        change(self.harness.state_mut().params_mut());
        self.harness.step();
        self.settle();
    }
}

fn mixture() -> Params {
    Params { distribution: Distribution::Mixture, ..Params::default() }
}

fn is_between([x, y]: [f64; 2], low: [f64; 2], high: [f64; 2]) -> bool {
    low[0] <= x && x <= high[0] && low[1] <= y && y <= high[1]
}

/// Whether `found` are the rows inside, but for those near an edge, where a pixel decides.
#[track_caller]
fn check(app: &App, found: &[u64], is_inside: impl Fn([f64; 2], f64) -> bool) {
    let surely = app.targets(|place| is_inside(place, -0.02));
    let perhaps = app.targets(|place| is_inside(place, 0.02));
    assert!(!surely.is_empty(), "nothing could be selected");
    assert!(surely.iter().all(|row| found.contains(row)), "some are missing");
    assert!(found.iter().all(|row| perhaps.contains(row)), "some are too many");
}

fn a_rectangle_selects_adds_and_removes() {
    let mut app = App::new();
    app.key(Modifiers::NONE, Key::B);
    let tool = app.harness.get_by_role_and_label(Role::RadioButton, "Tool: Rectangle");
    assert_eq!(tool.accesskit_node().toggled(), Some(Toggled::True), "the tool is not told");
    let view = app.window().view();
    app.drag_along(&[[-1.0, -0.5], [0.0, 0.2], [0.5, 0.5]], Modifiers::NONE);
    let inside = |place, by| is_between(place, [-1.0 - by, -0.5 - by], [0.5 + by, 0.5 + by]);
    let first = app.rows();
    check(&app, &first, inside);
    assert_eq!(app.window().view(), view, "the view moved");
    let count = format!("{} of 3000 selected", first.len());
    assert!(app.sees(&count), "{count} is not told");

    app.drag_along(&[[1.0, -0.5], [1.5, 0.5]], Modifiers::SHIFT);
    let right = |place, by| is_between(place, [1.0 - by, -0.5 - by], [1.5 + by, 0.5 + by]);
    let both = app.rows();
    check(&app, &both, |place, by| inside(place, by) || right(place, by));

    for removes in [Modifiers::ALT, Modifiers::CTRL] {
        app.drag_along(&[[-2.0, -2.0], [0.0, 2.0]], removes);
        let left = |place, by| (inside(place, by) || right(place, by)) && place[0] > -by;
        check(&app, &app.rows(), left);
        app.key(Modifiers::COMMAND, Key::Z);
        assert_eq!(app.rows(), both, "a step of undo is more or less than a change");
    }

    app.click("Invert");
    let rest: Vec<u64> = (0..3000).filter(|row| !both.contains(row)).collect();
    assert_eq!(app.rows(), rest);
    app.key(Modifiers::COMMAND, Key::A);
    assert_eq!(app.rows().len(), 3000);
    app.click("Deselect");
    assert!(app.rows().is_empty() && !app.sees("selected ("));
    for expected in [3000, rest.len(), both.len(), first.len(), 0] {
        app.key(Modifiers::COMMAND, Key::Z);
        assert_eq!(app.rows().len(), expected);
    }
    app.key(Modifiers::COMMAND, Key::Y);
    assert_eq!(app.rows(), first, "it is not done again");
    // Moving the view again.
    app.key(Modifiers::NONE, Key::V);
    app.drag_along(&[[0.0, 0.0], [0.5, 0.5]], Modifiers::NONE);
    assert!(app.window().view() != view && app.rows() == first);
    app.key(Modifiers::NONE, Key::Escape);
    assert!(app.rows().is_empty(), "Escape selects nothing");
}

fn a_lasso_selects_what_it_holds() {
    let mut app = App::new();
    app.key(Modifiers::NONE, Key::O);
    // A triangle, drawn in small steps.
    let corners = [[-1.0, -1.0], [1.5, -0.5], [0.0, 1.5], [-1.0, -1.0]];
    let path: Vec<[f64; 2]> = corners
        .windows(2)
        .flat_map(|ends| {
            (0..12)
                .map(|k| f64::from(k) / 12.0)
                .map(|t| [0, 1].map(|k| ends[0][k] * (1.0 - t) + ends[1][k] * t))
        })
        .collect();
    app.drag_along(&path, Modifiers::NONE);
    let side = |[x, y]: [f64; 2], k: usize| {
        let ([ax, ay], [bx, by]) = (corners[k], corners[k + 1]);
        ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / (bx - ax).hypot(by - ay)
    };
    check(&app, &app.rows(), |place, by| (0..3).all(|k| side(place, k) > -by));

    // An outline that is given up selects nothing.
    let before = app.rows();
    let [from, to] = [[-1.0, 0.0], [1.0, 1.0]].map(|place| app.at(place));
    app.harness.drag_at(from);
    app.harness.step();
    app.harness.hover_at(to);
    app.harness.run_steps(2);
    app.harness.key_press(Key::Escape);
    app.harness.run_steps(2);
    app.harness.drop_at(to);
    app.settle();
    assert_eq!(app.rows(), before);
}

fn a_click_selects_inside_a_contour() {
    let mut app = App::new();
    app.key(Modifiers::NONE, Key::C);
    app.wait_for(|app| app.window().session().state().contours().is_some_and(|found| !found.draft));
    app.key(Modifiers::NONE, Key::I);
    let middle = app.at([0.0, 0.0]);
    app.drag_through(&[middle, middle], Modifiers::NONE);
    // The innermost contour holds a quarter of the mass of a normal cloud, its densest part.
    let rows = app.rows();
    assert!((600..900).contains(&rows.len()), "{} rows", rows.len());
    let far = |row: &u64| {
        let [x, y] = app.scene().shown.place(*row as usize);
        x.hypot(y)
    };
    assert!(rows.iter().all(|row| far(row) < 1.0), "something far outside is selected");
}

fn values_are_selected_in_the_colour_bar() {
    let mut app = App::new();
    let bar = app.harness.get_by_label("Select values by dragging").rect();
    let at = |part: f32| egui::pos2(bar.center().x, bar.bottom() - part * bar.height());
    app.drag_through(&[at(0.5), at(0.6), at(0.75)], Modifiers::NONE);
    let f = app.f();
    let range = app.scene().field.range();
    let part = |f: f32| (f - range.min) / (range.max - range.min);
    let rows = app.rows();
    assert!(rows.len() > 100, "{} rows", rows.len());
    let parts: Vec<f32> = rows.iter().map(|row| part(f[*row as usize])).collect();
    let (low, high) = parts.iter().fold((1.0_f32, 0.0_f32), |(l, h), p| (l.min(*p), h.max(*p)));
    assert!((low - 0.5).abs() < 0.02 && (high - 0.75).abs() < 0.02, "from {low} to {high}");
    let within = f.iter().filter(|f| (0.505..0.745).contains(&part(**f))).count();
    assert!(rows.len() >= within);
    // To the end, and beyond: what lies below the colours has the lowest.
    app.drag_through(&[at(0.2), at(0.1), at(-0.1)], Modifiers::SHIFT);
    let sparse = f.iter().filter(|f| part(**f) < 0.195).count();
    assert!(app.rows().len() >= rows.len() + sparse);
}

/// A file of three kinds of rows, one of which is no point.
fn kinds(folder: &Path, count: usize) -> PathBuf {
    let path = folder.join("kinds.csv");
    let mut text = "id,x,y,kind\n".to_owned();
    for row in 0..count {
        let kind = ["oak", "ash", "elm"][row % 3];
        let x = if row == 5 { String::new() } else { format!("{}", (row * 7) % 100) };
        writeln!(text, "{},{x},{},{kind}", 1000 + row, (row * 13) % 97).expect("text");
    }
    std::fs::write(&path, text).expect("written");
    path
}

fn of_file(path: &Path) -> Params {
    let input = Input::Files { targets: path.to_owned(), sources: None, columns: Vec::new() };
    Params { input, ..Params::default() }
}

fn a_category_is_selected_in_the_legend() {
    let folder = tempfile::tempdir().expect("a folder");
    let color_by = ColorBy::Column("kind".to_owned());
    let mut app = App::with(Params { color_by, ..of_file(&kinds(folder.path(), 300)) });
    app.click("ash: 100 targets");
    let ash: Vec<u64> = (0..300).filter(|row| row % 3 == 1).collect();
    assert_eq!(app.rows(), ash, "rows are those of the file, whatever was dropped");
    // Row 5, an elm, is no point.
    assert!(app.sees("100 of 299 selected"));
}

fn a_threshold_selects_an_end_of_f() {
    let mut app = App::selecting(mixture());
    app.enter("Share or rows", "30");
    let f = app.f();
    let mut order: Vec<u64> = (0..3000).collect();
    order.sort_by(|a, b| f[*a as usize].total_cmp(&f[*b as usize]));
    let mut sparsest: Vec<u64> = order[..30].to_vec();
    sparsest.sort_unstable();
    assert_eq!(app.rows(), sparsest);
    app.wait_for(|app| app.sees("of the sum of f over all targets"));

    app.pick("By f", "Densest: highest f");
    app.enter("Share or rows", "10 %");
    let mut densest: Vec<u64> = order[2700..].to_vec();
    densest.sort_unstable();
    assert_eq!(app.rows(), densest);
    let before = app.rows();

    // The slider is live, and one step of undo.
    let slider = app.harness.get_by_role_and_label(Role::Slider, "Threshold, %").rect();
    let at = |part: f32| egui::pos2(slider.left() + part * slider.width(), slider.center().y);
    app.drag_through(&[at(0.7), at(0.6), at(0.5), at(0.4)], Modifiers::NONE);
    let few = app.rows();
    assert!(!few.is_empty() && few.len() < 60, "{} rows", few.len());
    app.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(app.rows(), before);

    app.enter("Share or rows", "many");
    assert!(app.sees("expected a number of rows") && app.rows() == before);
    app.enter("Rows where", "f > 50 and not x1 < 0");
    let expected: Vec<u64> = (0..3000)
        .filter(|row| f[*row as usize] > 50.0 && app.scene().shown.place(*row as usize)[0] >= 0.0)
        .collect();
    assert!(!expected.is_empty());
    assert_eq!(app.rows(), expected);
    app.enter("Rows where", "x9 > 1");
    assert!(app.sees("there is no column 'x9'") && app.rows() == expected);
}

fn rows_are_selected_by_keyboard_alone() {
    let mut app = App::new();
    app.key(Modifiers::COMMAND, Key::F);
    app.harness.run_steps(12);
    app.harness.event(egui::Event::Text("30".to_owned()));
    app.key(Modifiers::NONE, Key::Enter);
    assert_eq!(app.rows().len(), 30);
    // The expression is a few places further.
    let is_there =
        |app: &App| app.harness.get_by_role_and_label(Role::TextInput, "Rows where").is_focused();
    for _ in 0..6 {
        if !is_there(&app) {
            app.harness.key_press(Key::Tab);
            app.harness.run_steps(2);
        }
    }
    assert!(is_there(&app), "Tab does not lead to the expression");
    app.harness.event(egui::Event::Text("x1 > 1".to_owned()));
    app.key(Modifiers::NONE, Key::Enter);
    assert_eq!(app.rows(), app.targets(|[x, _]| x > 1.0));
}

fn only_these_are_targets_sources_or_both() {
    let mut app = App::selecting(mixture());
    app.enter("Rows where", "x1 > 1");
    let rows = app.rows();
    let count = rows.len();
    assert!((100..2000).contains(&count), "{count} rows");
    for (button, targets, sources) in
        [("As targets", true, false), ("As sources", false, true), ("As both", true, true)]
    {
        app.click(button);
        let points = Arc::clone(&app.scene().prepared.points);
        assert_eq!(points.n(), if targets { count } else { 3000 }, "{button}");
        assert_eq!(points.m(), if sources { count } else { 3000 }, "{button}");
        let cloud = if sources { points.sources() } else { points.targets() };
        assert!((0..count).all(|i| cloud.point(i)[0] > 1.0), "{button}: not those");
        assert_eq!(app.rows(), rows, "{button}: the selection is lost");
        if targets {
            assert!(app.sees(&format!("{count} of {count} selected (100 %)")));
            assert_eq!(app.scene().prepared.row_of(1), Some(rows[1]));
        }
        assert!(app.sees(&format!("Only {count} rows are ")), "{button} is not told");
        app.harness.get_all_by_label("Take all").next().expect("a way back").click();
        app.harness.run_steps(2);
        app.settle();
        assert_eq!(app.scene().prepared.points.n(), 3000, "{button}");
        app.key(Modifiers::COMMAND, Key::Z);
        assert!(app.params().only.is_some(), "{button} is no step of undo");
        app.key(Modifiers::COMMAND, Key::Z);
        assert!(app.params().only.is_none());
    }
}

fn rows_are_copied_and_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut app = App::selecting(of_file(&kinds(folder.path(), 40)));
    app.enter("Rows where", "kind == 'elm' and id < 1012");
    // Row 5 is no point.
    assert_eq!(app.rows(), [2, 8, 11]);
    // What they have in common, the other columns of numbers included.
    app.wait_for(|app| app.sees("1002 … 1011") && app.sees("14 … 77"));
    app.harness.get_by_role_and_label(Role::Button, "Copy rows").click();
    let copied = app.copied();
    assert_eq!(copied, "2\n8\n11\n");
    app.settle();
    app.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    let out = folder.path().join("elms.csv");
    app.harness.run_steps(2);
    let only = app.harness.query_by_role_and_label(Role::CheckBox, "Only the selected rows");
    assert!(only.is_some(), "the dialog does not tell");
    app.harness.get_by_role_and_label(Role::RadioButton, "All columns of the file, and f").click();
    app.harness.run_steps(2);
    app.enter("File", &out.to_string_lossy());
    let is_open = |app: &App| app.harness.query_by_role_and_label(Role::Button, "Save").is_some();
    if is_open(&app) {
        app.click("Save");
    }
    let text = std::fs::read_to_string(&out).expect("a table");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(
        lines[0].starts_with("row,x,y,f") && lines[0].contains("id") && lines[0].contains("kind")
    );
    assert!(
        lines[3].starts_with("11,77,46,") && lines[3].contains("1011") && lines[3].ends_with("elm"),
        "{text}"
    );
}

fn a_selection_stays_whatever_is_shown_and_computed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = kinds(folder.path(), 300);
    let mut app = App::selecting(of_file(&path));
    app.enter("Rows where", "kind == 'ash'");
    let ash = app.rows();
    app.change(|params| params.sigma = Sigma::new(3.0).ok());
    assert_eq!(app.rows(), ash);
    app.change(|params| params.n = Count::new(120).ok());
    assert!(app.rows() == ash && app.sees("more rows are no targets"));
    app.change(|params| params.n = None);
    app.change(|params| params.view.reversed = true);
    app.key(Modifiers::NONE, Key::A);
    assert!(app.rows() == ash && app.sees("100 of 299 selected"));

    // Read again: the same with more rows, then with another row among them.
    kinds(folder.path(), 360);
    app.key(Modifiers::NONE, Key::F5);
    app.wait_for(|app| app.scene().prepared.drawn.n() == 359 && app.sees("100 of 359 selected"));
    assert_eq!(app.rows(), ash);
    let text = std::fs::read_to_string(&path).expect("the file");
    std::fs::write(&path, text.replace("\n1017,19,", "\n1017,20,")).expect("written");
    app.key(Modifiers::NONE, Key::F5);
    app.wait_for(|app| app.rows().is_empty());
    app.wait_for(|app| app.sees("The selection of 100 rows was dropped: row 17 is another one"));

    // Other points.
    app.enter("Rows where", "kind == 'ash'");
    assert_eq!(app.rows().len(), 120);
    app.change(|params| params.input = Input::Generated);
    app.wait_for(|app| app.sees("The selection of 120 rows was dropped: these are other points"));
    // Undo brings both back.
    app.key(Modifiers::COMMAND, Key::Z);
    app.wait_for(|app| app.sees("120 of 359 selected"));
}

/// Writes the file again until the window notices, however late it began to watch.
fn written_until(app: &mut App, write: &dyn Fn(), notices: &dyn Fn(&App) -> bool) {
    for _ in 0..60 {
        write();
        for _ in 0..150 {
            app.harness.step();
            if notices(app) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }
    panic!("it was not noticed");
}

fn a_file_that_changes_is_offered_and_then_read_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = kinds(folder.path(), 300);
    let mut app = App::selecting(of_file(&path));
    app.enter("Rows where", "kind == 'ash'");
    let (ash, sigma, view) = (app.rows(), app.scene().sigma(), app.window().view());
    let is_offered = |app: &App| app.sees("changed on disk");
    let count = |app: &App| app.scene().prepared.drawn.n();
    written_until(&mut app, &|| drop(kinds(folder.path(), 330)), &is_offered);
    app.click("Not now");
    assert!(!is_offered(&app) && count(&app) == 299);
    written_until(&mut app, &|| drop(kinds(folder.path(), 360)), &is_offered);
    assert_eq!(count(&app), 299, "it is only offered");
    app.harness.get_by_role_and_label(Role::Button, "Read again").click();
    app.wait_for(|app| count(app) == 359 && app.sees("100 of 359 selected"));
    let same = |app: &App| {
        assert_eq!(app.rows(), ash);
        assert_eq!(app.scene().sigma(), sigma);
        let ends = |view: ViewBox| [view.x, view.y].concat();
        for (now, before) in ends(app.window().view()).into_iter().zip(ends(view)) {
            assert!((now - before).abs() < 1e-9 * (1.0 + before.abs()), "{now} and not {before}");
        }
    };
    app.settle();
    same(&app);
    written_until(&mut app, &|| drop(kinds(folder.path(), 390)), &is_offered);
    app.harness.get_by_role_and_label(Role::Button, "Always").click();
    app.wait_for(|app| count(app) == 389);
    written_until(&mut app, &|| drop(kinds(folder.path(), 420)), &|app| count(app) == 419);
    app.settle();
    same(&app);
    // What cannot be read leaves what is there, and is read again once it can be.
    let broken = || std::fs::write(&path, "id,x,y,kind\n\u{0}").expect("written");
    written_until(&mut app, &broken, &|app| app.sees("kinds.csv"));
    assert_eq!(count(&app), 419);
    written_until(&mut app, &|| drop(kinds(folder.path(), 450)), &|app| count(app) == 449);
    app.settle();
    same(&app);
}

fn a_selection_is_restored_after_a_crash() {
    let selection = RowBits::of([3, 5, 100]).into();
    let saved = Saved { params: mixture(), selection, ..Saved::default() };
    let startup = Startup { recovered: Some(saved.clone()), ..Startup::new(Params::default()) };
    let mut app = App::starting(startup);
    app.click("Restore it");
    app.wait_for(|app| app.sees("3 of 3000 selected"));
    assert_eq!(app.rows(), [3, 5, 100]);
    // As a window begins that follows a lost device.
    let mut app = App::starting(Startup { saved, ..Startup::new(Params::default()) });
    app.wait_for(|app| app.sees("3 of 3000 selected"));
    assert_eq!(app.rows(), [3, 5, 100]);
}

fn dots_in_space_are_selected_as_they_are_seen() {
    let projection = Projection::Space([0, 1, 2]);
    let mut app = App::with(Params { dim: Dim::new(3).ok(), projection, ..Params::default() });
    let plot = app.harness.get_by_label_contains("Space view of").rect().shrink(2.0);
    app.key(Modifiers::NONE, Key::B);
    app.drag_through(&[plot.min, plot.center(), plot.max], Modifiers::NONE);
    let all = app.rows();
    assert!(all.len() > 2900, "{} rows", all.len());
    app.key(Modifiers::NONE, Key::O);
    // All but the right half.
    let [top, bottom] = [plot.center_top(), plot.center_bottom()];
    let path = [top, plot.right_top(), plot.right_bottom(), bottom, top + egui::vec2(0.0, 4.0)];
    app.drag_through(&path, Modifiers::ALT);
    let left = app.rows();
    assert!((1000..2000).contains(&left.len()), "{} rows", left.len());
    // From the other side they are the right half.
    app.key(Modifiers::NONE, Key::Num1);
    app.key(Modifiers::NONE, Key::Num2);
    assert_eq!(app.rows(), left, "turning selects");
    app.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(app.rows(), all);
}

fn the_rest_is_dimmed_or_hidden() {
    let mut app = App::selecting(Params::default());
    let plot = app.plot();
    let count = |app: &mut App, is_such: fn([u8; 3]) -> bool| {
        let image = app.harness.render().expect("an image");
        let inside = |x: u32, y: u32| plot.shrink(4.0).contains(egui::pos2(x as f32, y as f32));
        let pixels = image.enumerate_pixels().filter(|(x, y, _)| inside(*x, *y) && *y > 140);
        pixels.filter(|(.., p)| is_such([p[0], p[1], p[2]])).count()
    };
    let is_colored = |[r, g, b]: [u8; 3]| r.abs_diff(g).max(g.abs_diff(b)) > 40;
    let is_grey = |[r, g, b]: [u8; 3]| r.abs_diff(b) < 24 && r.abs_diff(g) < 24 && r > 50;
    let all = count(&mut app, is_colored);
    app.enter("Rows where", "x1 > 1");
    let [some, dim] = [count(&mut app, is_colored), count(&mut app, is_grey)];
    assert!(2 * some < all && some > 100, "{some} of {all} pixels have colours");
    app.key(Modifiers::NONE, Key::N);
    let [hidden, left] = [count(&mut app, is_colored), count(&mut app, is_grey)];
    assert!(hidden.abs_diff(some) < some / 4, "{hidden} and not {some}");
    assert!(2 * left < dim, "{left} and not {dim} grey pixels");
}

fn main() {
    run_device_tests(vec![
        device_test("rows are selected by keyboard alone", rows_are_selected_by_keyboard_alone),
        device_test("a rectangle selects, adds and removes", a_rectangle_selects_adds_and_removes),
        device_test("a lasso selects what it holds", a_lasso_selects_what_it_holds),
        device_test("a click selects inside a contour", a_click_selects_inside_a_contour),
        device_test("values are selected in the colour bar", values_are_selected_in_the_colour_bar),
        device_test("a category is selected in the legend", a_category_is_selected_in_the_legend),
        device_test("a threshold selects an end of f", a_threshold_selects_an_end_of_f),
        device_test(
            "only these are targets, sources, or both",
            only_these_are_targets_sources_or_both,
        ),
        device_test("rows are copied and saved", rows_are_copied_and_saved),
        device_test("a selection stays", a_selection_stays_whatever_is_shown_and_computed),
        device_test(
            "a file that changes is read again",
            a_file_that_changes_is_offered_and_then_read_by_itself,
        ),
        device_test("a selection is restored after a crash", a_selection_is_restored_after_a_crash),
        device_test("dots in space are selected", dots_in_space_are_selected_as_they_are_seen),
        device_test("the rest is dimmed or hidden", the_rest_is_dimmed_or_hidden),
    ]);
}
