//! Every input of `tests/inputs` through one window: a bad one gets a notice with its name and
//! leaves the last good data on screen, a good one is shown.

mod common;
mod harness;
mod inputs;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use common::{device_test, run_device_tests};
use egui_kittest::{Harness, HarnessBuilder, kittest::Queryable};
use harness::{Chosen, settle, window};
use inputs::{Expected, inputs};
use sigmascope::{
    app::{Picked, Window},
    io::LoadReport,
    model::Params,
    session::Scene,
};

/// The longest that any input may take, drawing by software included.
const IN_TIME: Duration = Duration::from_mins(2);

struct App {
    harness: Harness<'static, Window>,
    chosen: Chosen,
}

impl App {
    fn new() -> Self {
        // As in the program: what no font has is drawn as a box.
        let (harness, chosen) = window(Params::default(), HarnessBuilder::allow_missing_glyphs);
        let mut app = Self { harness, chosen };
        app.settle();
        app
    }

    /// Lets the session finish what was asked for, and the window show it.
    fn settle(&mut self) {
        settle(&mut self.harness, 4);
    }

    /// Answers the dialog for a file.
    fn pick(&mut self, picked: Picked) {
        self.chosen.0.lock().expect("no panic").push(picked);
        self.settle();
    }

    fn scene(&self) -> Arc<Scene> {
        self.harness.state().session().state().scene.expect("a scene")
    }

    fn params(&self) -> Params {
        self.harness.state().params().clone()
    }

    fn sees(&self, text: &str) -> bool {
        self.harness.query_all_by_label_contains(text).next().is_some()
    }

    /// Closes all messages.
    fn close_messages(&mut self) {
        // Each click closes one, and no more than a few are shown at once.
        for _ in 0..8 {
            if let Some(close) = self.harness.query_all_by_label("Close message").next() {
                close.click();
            }
            self.harness.run_steps(2);
        }
        assert!(!self.sees("Close message"), "a message stays");
    }

    /// What is wrong after the file at `path` was chosen.
    fn faults(&mut self, path: PathBuf, shown: &str, expected: &Expected) -> Vec<String> {
        let (scene, params) = (self.scene(), self.params());
        let started = Instant::now();
        self.pick(Picked::Points(path));
        let mut faults = Vec::new();
        if started.elapsed() > IN_TIME {
            faults.push(format!("it took {:?}", started.elapsed()));
        }
        let now = self.scene();
        match expected {
            Expected::Refused(words) => {
                for word in [shown].iter().chain(*words) {
                    if !self.sees(word) {
                        faults.push(format!("the message lacks {word:?}"));
                    }
                }
                if self.sees(" --") {
                    faults.push("the message names a flag".to_owned());
                }
                if now.version != scene.version || now.params != scene.params {
                    faults.push("the scene is another".to_owned());
                }
                if self.params() != params {
                    faults.push(format!("what is wanted changed to {:?}", self.params()));
                }
            }
            Expected::Loads { points, dropped } => {
                let sizes = (now.prepared.points.n(), now.prepared.points.m());
                if sizes != (*points, *points) || !now.is_complete() {
                    faults.push(format!("{sizes:?} points instead of {points}"));
                }
                let reported = now.prepared.reports.first().map(LoadReport::rows_dropped);
                if reported != Some(*dropped as u64) {
                    faults.push(format!("{reported:?} rows dropped instead of {dropped}"));
                }
                if !self.sees(shown) {
                    faults.push("its name is nowhere".to_owned());
                }
            }
        }
        self.close_messages();
        faults
    }
}

fn main() {
    run_device_tests(vec![
        device_test("a bad file leaves the last good data, a good one is shown", every_input),
        device_test("sources that do not go with the targets are refused", unlike_sources),
    ]);
}

fn every_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (folder.path().join("good.csv"), folder.path().join("other.csv"));
    std::fs::write(&one, "x,y\n0,0\n1,0\n0,1\n1,1\n").expect("a file");
    std::fs::write(&other, "x,y\n0,0\n1,0\n0,1\n1,1\n2,2\n").expect("a file");
    let mut app = App::new();
    app.pick(Picked::Points(one.clone()));
    let mut failed = Vec::new();
    for (k, input) in inputs().into_iter().enumerate() {
        let inside = tempfile::tempdir().expect("a folder");
        let path = input.put(inside.path());
        let mut faults = app.faults(path, &input.shown(), &input.expected);
        // In turns, so that each is a change.
        let (path, points) = if k % 2 == 0 { (&other, 5) } else { (&one, 4) };
        let name = if k % 2 == 0 { "other.csv" } else { "good.csv" };
        let again = app.faults(path.clone(), name, &Expected::Loads { points, dropped: 0 });
        faults.extend(again.into_iter().map(|fault| format!("then, with {name}: {fault}")));
        failed.extend(faults.into_iter().map(|fault| format!("{}: {fault}", input.name)));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn unlike_sources() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    };
    let x = put("x.csv", "a,b\n1,2\n3,4\n");
    let y = put("y.csv", "c,d,e\n1,2,3\n4,5,6\n");
    let bad = put("bad.csv", "a,b\n1,2\n3\n");
    let good = put("good.csv", "a,b\n1,2\n3,4\n5,6\n");
    let mut app = App::new();
    app.pick(Picked::Points(x));
    let (scene, params) = (app.scene(), app.params());
    let mut refuse = |path: &Path, words: &[&str]| {
        app.pick(Picked::Sources(path.to_owned()));
        for word in words {
            assert!(app.sees(word), "the message lacks {word:?}");
        }
        assert_eq!(app.scene().version, scene.version);
        assert_eq!(app.params(), params);
        app.close_messages();
    };
    refuse(&y, &["x.csv", "y.csv", "has 2 columns", "has 3"]);
    refuse(&bad, &["bad.csv", "line 3"]);
    refuse(&folder.path().join("missing.csv"), &["missing.csv", "cannot open"]);
    app.pick(Picked::Sources(good));
    assert_eq!(app.scene().prepared.points.m(), 3);
}
