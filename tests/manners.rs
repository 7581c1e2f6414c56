//! How the window behaves towards who uses it: keys alone are enough, what is open closes, nothing is
//! lost when a file cannot be opened, and no message is in the way.

mod common;
mod harness;

use std::time::{Duration, Instant};

use common::{device_test, run_device_tests};
use eframe::egui::{self, Key, Modifiers, Rect, accesskit::Role};
use egui_kittest::{HarnessBuilder, kittest::Queryable};
use harness::{App, PATIENCE, settle, window, window_from};
use sigmascope::{
    app::{Picked, Startup},
    escape::is_escaped,
    model::{Count, Distribution, Input, Params, Scaling, Sigma},
    session::{Saved, Viewport},
};

/// How wide the panel of controls is at most, and where it begins.
const PANEL: f32 = 320.0;
const TOP: f32 = 28.0;

impl App {
    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(2);
    }

    /// Where the control is that has the keyboard's focus.
    fn focused(&self) -> Option<Rect> {
        let ctx = &self.harness.ctx;
        let focused = ctx.memory(egui::Memory::focused)?;
        ctx.read_response(focused).map(|control| control.rect)
    }

    /// Where the controls of the panel are that Tab goes to, in that order, once around.
    fn stops(&mut self) -> Vec<Rect> {
        let mut stops: Vec<Rect> = Vec::new();
        for _ in 0..300 {
            self.key(Modifiers::NONE, Key::Tab);
            let Some(rect) = self.focused() else { continue };
            if rect.center().x > PANEL || rect.center().y < TOP {
                if stops.len() > 10 {
                    break;
                }
                continue;
            }
            stops.push(rect);
        }
        stops
    }

    fn load(&mut self, path: std::path::PathBuf) {
        self.chosen.0.lock().expect("no panic").push(Picked::Points(path));
        self.settle();
    }

    fn list_is_open(&self) -> bool {
        egui::Popup::is_any_open(&self.harness.ctx)
    }
}

/// Names what stands on two rectangles that are not in the order of reading.
fn out_of_order(stops: &[Rect]) -> Vec<[Rect; 2]> {
    let follows = |[a, b]: &[Rect; 2]| {
        let together = a.y_range().intersection(b.y_range()).span();
        let one_row = together > 0.5 * a.height().min(b.height());
        if one_row { b.left() > a.left() } else { b.center().y > a.center().y }
    };
    let pairs = stops.windows(2).map(|pair| [pair[0], pair[1]]);
    pairs.filter(|pair| !follows(pair)).collect()
}

fn tab_goes_in_the_order_of_reading() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("points.csv");
    let rows = (0..60).map(|k| format!("{},{},{},{}\n", k % 7, k % 11, k % 5, 1 + k % 3));
    std::fs::write(&path, format!("a,b,c,w\n{}", rows.collect::<String>())).expect("a file");
    let mut app = App::new();
    // So high that the panel need not scroll: places can be compared.
    app.harness.set_size(egui::vec2(1280.0, 3000.0));
    let stops = app.stops();
    assert!(stops.len() > 20, "only {} stops", stops.len());
    assert!(out_of_order(&stops).is_empty(), "{:?}", out_of_order(&stops));
    // With more of everything.
    app.harness.get_by_label("σ in other programs").click();
    app.load(path);
    let stops = app.stops();
    assert!(stops.len() > 30, "only {} stops", stops.len());
    assert!(out_of_order(&stops).is_empty(), "{:?}", out_of_order(&stops));
}

fn the_panel_follows_the_focus() {
    let (harness, chosen) =
        window(Params::default(), |builder: HarnessBuilder<_>| builder.with_size([1280.0, 560.0]));
    let mut app = App { harness, chosen };
    app.settle();
    let mut lowest: f32 = 0.0;
    for _ in 0..120 {
        app.key(Modifiers::NONE, Key::Tab);
        // It scrolls within a few frames.
        app.harness.run_steps(24);
        let Some(rect) = app.focused().filter(|rect| rect.center().x < PANEL) else { continue };
        if rect.center().y < TOP {
            continue;
        }
        lowest = lowest.max(rect.bottom());
        let seen = Rect::from_min_max(egui::pos2(0.0, TOP), egui::pos2(PANEL, 560.0 - 24.0));
        assert!(seen.contains_rect(rect.shrink(2.0)), "the focus is out of sight at {rect:?}");
    }
    assert!(lowest > 400.0, "it never came to the lower end");
}

fn a_list_is_used_by_keys_alone() {
    let mut app = App::new();
    let open = |app: &mut App| {
        app.harness.get_by_role_and_label(Role::ComboBox, "Colour scale").focus();
        app.harness.run_steps(2);
        app.key(Modifiers::NONE, Key::Enter);
        assert!(app.list_is_open(), "Enter does not open the list");
    };
    let is_back = |app: &App| {
        let list = app.harness.get_by_role_and_label(Role::ComboBox, "Colour scale");
        list.is_focused()
    };
    open(&mut app);
    app.key(Modifiers::NONE, Key::Escape);
    assert!(!app.list_is_open(), "Escape does not close it");
    assert!(is_back(&app), "the focus is lost after Escape");
    assert_eq!(app.params().view.scaling, Scaling::Linear);

    open(&mut app);
    app.key(Modifiers::NONE, Key::Tab);
    app.key(Modifiers::NONE, Key::Tab);
    app.key(Modifiers::NONE, Key::Enter);
    assert!(!app.list_is_open(), "Enter does not close it");
    assert_eq!(app.params().view.scaling, Scaling::Log, "Enter does not take");
    assert!(is_back(&app), "the focus is lost after Enter");
}

fn windows_close_by_escape() {
    let mut app = App::new();
    app.key(Modifiers::COMMAND, Key::E);
    app.settle();
    assert!(app.sees("The N×M matrix"));
    app.key(Modifiers::NONE, Key::Escape);
    assert!(!app.sees("The N×M matrix"), "the comparison stays open");

    app.key(Modifiers::COMMAND, Key::S);
    app.settle();
    assert!(app.sees("Browse…"));
    app.key(Modifiers::NONE, Key::Escape);
    app.key(Modifiers::NONE, Key::Escape);
    assert!(!app.sees("Browse…"), "the dialog stays open");

    for key in [Key::Escape, Key::Enter] {
        app.key(Modifiers::NONE, Key::Questionmark);
        app.settle();
        assert!(app.sees("Re-roll the seed"));
        app.key(Modifiers::NONE, key);
        assert!(!app.sees("Re-roll the seed"), "the sheet stays open after {key:?}");
    }
}

fn questions_are_answered_by_keys() {
    let seed = Params { seed: 9, ..Params::default() };
    let left = Saved { params: seed, viewport: Viewport::Home, ..Saved::default() };
    let offers = || Startup { recovered: Some(left.clone()), ..Startup::new(Params::default()) };
    for (key, seed) in [(Key::Enter, 9), (Key::Escape, 1)] {
        let mut app = App::starting(offers());
        assert!(app.sees("ended in an internal error"));
        app.key(Modifiers::NONE, key);
        app.settle();
        assert!(!app.sees("ended in an internal error"), "{key:?}");
        assert_eq!(app.params().seed, seed, "{key:?}");
    }
    let mut app = App::starting(Startup { held: true, ..Startup::new(Params::default()) });
    app.key(Modifiers::NONE, Key::Escape);
    app.settle();
    assert!(!app.sees("keeps failing"), "Escape does not close it");
    assert!(app.window().session().state().scene.is_none(), "it computed unasked");
    app.key(Modifiers::NONE, Key::F5);
    app.settle();
    assert!(app.sees("keeps failing"), "it is not asked again");
    app.key(Modifiers::NONE, Key::Enter);
    app.settle();
    assert!(app.scene().is_complete());
}

/// Points that fill the plane, so that some are under every message.
fn even() -> Params {
    let count = |count| Count::new(count).ok();
    let distribution = Distribution::Uniform;
    Params { distribution, n: count(20_000), m: count(200), ..Params::default() }
}

fn a_failed_open_keeps_everything() {
    let mut app = App::with(even());
    let params = Params { sigma: Sigma::new(0.123).ok(), ..app.params().clone() };
    *app.harness.state_mut().params_mut() = params;
    app.settle();
    app.fix_limits();
    // A view of its own.
    let plot = app.harness.get_by_label_contains("Scatter plot").rect();
    let from = plot.center();
    app.harness.drag_at(from);
    app.harness.step();
    app.harness.hover_at(from + egui::vec2(150.0, 60.0));
    app.harness.step();
    app.harness.drop_at(from + egui::vec2(150.0, 60.0));
    app.harness.hover_at(egui::pos2(5.0, 1190.0));
    app.settle();
    let params = app.params().clone();
    let picture = app.harness.render().expect("an image");
    let folder = tempfile::tempdir().expect("a folder");
    let bad = folder.path().join("bad.csv");
    std::fs::write(&bad, "x,y\nno,numbers\nat,all\n").expect("a file");
    for path in [bad.clone(), folder.path().join("missing.csv"), folder.path().to_owned()] {
        app.load(path.clone());
        assert!(app.sees("Close message"), "no message about {}", path.display());
        assert_eq!(*app.params(), params, "after {}", path.display());
        while app.sees("Close message") {
            let close = app.harness.query_all_by_label("Close message").next();
            close.expect("it is there").click();
            app.harness.run_steps(3);
        }
        app.harness.hover_at(egui::pos2(5.0, 1190.0));
        app.settle();
        app.harness.run_steps(4);
        let again = app.harness.render().expect("an image");
        let inside = |x: u32, y: u32| plot.contains(egui::pos2(x as f32, y as f32));
        let differ = picture.enumerate_pixels().zip(again.pixels());
        let differ = differ.filter(|((x, y, a), b)| inside(*x, *y) && a != b).count();
        assert!(differ < 200, "{differ} pixels of the plot differ after {}", path.display());
    }
    // Points that can be opened are shown whole, and undo goes back in one step.
    let good = folder.path().join("good.csv");
    std::fs::write(&good, "x,y\n0,0\n5,0\n0,5\n7,8\n").expect("a file");
    app.load(good.clone());
    assert!(matches!(&app.params().input, Input::Files { targets, .. } if *targets == good));
    assert_eq!(app.params().view.clip, None);
    app.key(Modifiers::COMMAND, Key::Z);
    app.settle();
    assert_eq!(*app.params(), params);
}

fn messages_are_not_in_the_way() {
    let mut app = App::with(even());
    app.load("no such file.csv".into());
    let message = app.harness.get_by_label_contains("no such file.csv").rect();
    let plot = app.harness.get_by_label_contains("Scatter plot").rect();
    assert!(plot.contains_rect(message), "{message:?} is not over the plot {plot:?}");
    let scene = app.scene();
    let deadline = Instant::now() + PATIENCE;
    while scene.hover.get().is_none() {
        std::thread::sleep(Duration::from_millis(10));
        assert!(Instant::now() < deadline, "the index is never built");
    }
    let away = app.harness.render().expect("an image");
    let at = message.center();
    app.harness.hover_at(at);
    app.settle();
    let layer = app.harness.ctx.layer_id_at(at).expect("a layer");
    let what = "what is behind the message cannot be hovered";
    assert_eq!(layer.order, egui::Order::Background, "{what}");
    // It is nearly gone while the pointer is there, and back afterwards.
    let area = message.shrink(2.0);
    let covered = |image: &image::RgbaImage, other: &image::RgbaImage| {
        let inside = |x: u32, y: u32| area.contains(egui::pos2(x as f32, y as f32));
        let pairs = image.enumerate_pixels().zip(other.pixels());
        pairs.filter(|((x, y, a), b)| inside(*x, *y) && a != b).count()
    };
    let near = app.harness.render().expect("an image");
    assert!(covered(&away, &near) as f32 > 0.2 * area.area(), "the message stays in the way");
    app.harness.hover_at(egui::pos2(5.0, 1190.0));
    app.settle();
    app.harness.run_steps(3);
    let back = app.harness.render().expect("an image");
    assert_eq!(covered(&away, &back), 0, "the message has not come back");
    // Its buttons can be reached all the while.
    app.harness.get_by_label("Close message").click();
    app.settle();
    assert!(!app.sees("no such file.csv"));
}

fn messages_name_no_flags_and_hide_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    };
    let (harness, chosen) =
        window_from(Startup::new(Params::default()), HarnessBuilder::allow_missing_glyphs);
    let mut app = App { harness, chosen };
    app.settle();
    for path in [
        put("one.csv", "a\n1\n2\n"),
        put("words.csv", "a,b\nx,y\nz,w\n"),
        put("nothing.csv", "a,b\n,\n,\n"),
        put("wild\u{1b}[2J\u{202e}.csv", "\"a\u{1b}\",\"b\u{202e}\"\n1,2\n3,oops\n"),
        put("good\u{1b}\u{202e}.csv", "\"a\u{1b}\",\"b\u{202e}\",c\n1,2,3\n3,4,4\n5,1,7\n"),
    ] {
        app.load(path);
        let hidden = app.harness.query_all_by(|node| {
            let texts = [node.label(), node.value()];
            texts.into_iter().flatten().any(|text| text.contains(|c| c != '\n' && is_escaped(c)))
        });
        let hidden: Vec<_> = hidden.map(|node| node.rect()).collect();
        assert!(hidden.is_empty(), "something is hidden at {hidden:?}");
        assert!(!app.sees(" --"), "a message names a flag");
    }
    assert!(app.sees(r"good\u{1b}\u{202e}.csv"), "the name is not told");
    let told = |text: &str| {
        let values =
            app.harness.query_all_by(|node| node.value().is_some_and(|v| v.contains(text)));
        values.count() > 0
    };
    assert!(told(r"b\u{202e}"), "the column is not told");
    settle(&mut app.harness, 2);
}

fn main() {
    run_device_tests(vec![
        device_test("Tab goes in the order of reading", tab_goes_in_the_order_of_reading),
        device_test("the panel follows the keyboard's focus", the_panel_follows_the_focus),
        device_test("a list is used by keys alone", a_list_is_used_by_keys_alone),
        device_test("Escape closes every window", windows_close_by_escape),
        device_test("questions are answered by keys", questions_are_answered_by_keys),
        device_test("a failed open keeps view and settings", a_failed_open_keeps_everything),
        device_test("messages are not in the way", messages_are_not_in_the_way),
        device_test(
            "messages name no flags and hide nothing",
            messages_name_no_flags_and_hide_nothing,
        ),
    ]);
}
