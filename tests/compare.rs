//! Engines side by side: as a session's owner sees it, and in the window.

mod asking;
mod common;
mod harness;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use asking::{PATIENCE, ask, params, scene, session, starts_long_work, until};
use common::{device_test, run_device_tests};
use eframe::egui::{self, accesskit::Role};
use egui_kittest::{
    Harness,
    kittest::{NodeT, Queryable},
};
use harness::{settle, window};
use sigmascope::{
    app::Window,
    engine::EngineId,
    model::{Dim, Params, Scaling, Sigma},
    session::{
        Comparison, Job, Session,
        comparison::{End, Progress, Row, comparable},
    },
};

fn comparison(session: &Session) -> Arc<Comparison> {
    session.state().comparison.expect("a comparison")
}

fn all() -> Vec<EngineId> {
    comparable().collect()
}

fn row(comparison: &Comparison, engine: EngineId) -> Row {
    let row = comparison.rows.iter().find(|row| row.engine == engine);
    row.expect("a chosen engine").clone()
}

/// Begins a comparison that no test waits for, and waits until an engine runs.
fn starts_long_comparison(session: &mut Session) -> Params {
    let first = params(100_000, 100_000, 0.3);
    ask(session, &first);
    session.jobs().compare(vec![EngineId::Naive, EngineId::Chunked]);
    let has_begun = |comparison: &Comparison| {
        let mut rows = comparison.rows.iter();
        rows.any(|row| matches!(row.progress, Progress::Running(done) if done > 0.0))
    };
    until(session, "an engine", |session| {
        let comparison = session.state().comparison;
        comparison.is_some_and(|found| found.n == 100_000 && has_begun(&found))
    });
    first
}

fn every_engine_is_measured() {
    let mut session = session();
    ask(&mut session, &params(700, 900, 0.3));
    let began = Instant::now();
    session.jobs().compare(all());
    assert!(session.wait(PATIENCE));
    let took = began.elapsed().as_secs_f64();
    let found = comparison(&session);
    assert_eq!(found.end, Some(End::Done));
    assert_eq!((found.n, found.m, found.dim, found.sample), (700, 900, 2, 64));
    assert_eq!(found.matrix_bytes(), 8 * 700 * 900);
    assert!(found.is_of(&scene(&session)));
    let engines: Vec<EngineId> = found.rows.iter().map(|row| row.engine).collect();
    assert_eq!(engines, all());
    for row in &found.rows {
        let Progress::Timed(timing) = row.progress else { panic!("{row:?}") };
        assert!(timing.seconds > 0.0 && timing.runs >= 1, "{row:?}");
        // None of its runs was shorter, and all of them were within this time.
        assert!(timing.runs as f64 * timing.shortest <= took, "{row:?} in {took} s");
        let within = timing.shortest..=timing.longest;
        assert!(within.contains(&timing.seconds) && timing.spread() >= 0.0, "{row:?}");
        let rate = 700.0 * 900.0 / timing.seconds;
        assert!((timing.pairs_per_second / rate - 1.0).abs() < 1e-9, "{row:?}");
        assert!(row.bytes >= 8 * 700 && !row.place.is_empty(), "{row:?}");
        // What ARCHITECTURE.md promises of each.
        let most = match row.engine {
            EngineId::Naive | EngineId::Broadcast | EngineId::Chunked => 1e-13,
            EngineId::Fast => Params::default().tolerance.get(),
            _ => 2e-6,
        };
        assert!(timing.error <= most, "{row:?}");
    }
    assert!(row(&found, EngineId::Simd).bytes < 1_000_000);
    assert!(row(&found, EngineId::Broadcast).bytes >= 8 * 700 * 900);
    assert!(session.take_notices().is_empty());
}

fn only_what_was_chosen_runs() {
    let mut session = session();
    session.jobs().compare(all());
    assert!(session.wait(PATIENCE), "without a scene there is nothing to compare");
    assert!(session.state().comparison.is_none());
    ask(&mut session, &params(100, 100, 0.3));
    session.jobs().compare(vec![EngineId::Simd]);
    assert!(session.wait(PATIENCE));
    assert_eq!(comparison(&session).rows.len(), 1);
    // The newest comparison takes the place of one that waits or runs.
    starts_long_comparison(&mut session);
    session.jobs().compare(all());
    session.jobs().compare(vec![EngineId::Simd]);
    assert!(session.wait(PATIENCE));
    let found = comparison(&session);
    assert_eq!((found.rows.len(), found.n, found.end), (1, 100_000, Some(End::Done)));
}

fn what_cannot_be_done_is_a_row() {
    let mut session = session();
    starts_long_work(&mut session, 0.01);
    until(&session, "a preview", |session| session.state().scene.is_some());
    session.stop();
    session.jobs().compare(vec![EngineId::Broadcast]);
    assert!(session.wait(PATIENCE));
    let found = comparison(&session);
    let row = row(&found, EngineId::Broadcast);
    let Progress::Refused(why) = &row.progress else { panic!("{row:?}") };
    assert!(why.contains("32 TB") || why.contains("32.0 TB"), "{why}");
    assert!(row.bytes >= 32_000_000_000_000);
    assert_eq!(found.end, Some(End::Done));
}

fn what_has_too_many_coordinates_for_an_engine_is_a_row() {
    let mut session = session();
    ask(&mut session, &Params { dim: Dim::new(4).ok(), ..params(300, 200, 0.3) });
    session.jobs().compare(vec![EngineId::Simd, EngineId::Fast]);
    assert!(session.wait(PATIENCE));
    let found = comparison(&session);
    assert!(matches!(row(&found, EngineId::Simd).progress, Progress::Timed(_)), "{found:?}");
    let row = row(&found, EngineId::Fast);
    let Progress::Refused(why) = &row.progress else { panic!("{row:?}") };
    assert!(why.contains("1 to 3 coordinates, found 4"), "{why}");
    assert_eq!((row.bytes, found.end), (0, Some(End::Done)));
}

fn it_can_be_stopped() {
    let mut session = session();
    starts_long_comparison(&mut session);
    session.jobs().stop_comparison();
    assert!(session.wait(PATIENCE), "it goes on");
    let found = comparison(&session);
    assert_eq!(found.end, Some(End::Stopped));
    assert!(found.rows.iter().all(|row| row.progress == Progress::NotRun), "{:?}", found.rows);
    session.jobs().stop_comparison();
    session.jobs().compare(vec![EngineId::Simd]);
    assert!(session.wait(PATIENCE));
    assert_eq!(comparison(&session).end, Some(End::Done));
}

fn another_sigma_ends_it() {
    let mut session = session();
    let first = starts_long_comparison(&mut session);
    let sigma = Sigma::new(0.4).ok();
    ask(&mut session, &Params { sigma, ..first.clone() });
    let found = comparison(&session);
    assert_eq!(found.end, Some(End::Superseded));
    assert_eq!(Some(found.sigma), first.sigma);
    let shown = scene(&session);
    assert!(!found.is_of(&shown) && shown.is_complete());
    assert_eq!(Some(shown.sigma()), sigma);
}

fn another_look_does_not_end_it() {
    let mut session = session();
    let first = starts_long_comparison(&mut session);
    let mut second = first.clone();
    second.view.scaling = Scaling::Log;
    session.apply(&second);
    until(&session, "the count", |session| {
        let scene = scene(session);
        scene.histogram.as_ref().is_some_and(|(scale, _)| scale.scaling == Scaling::Log)
    });
    session.jobs().add(Job::ReadValues { scene: scene(&session) });
    until(&session, "the values", |session| scene(session).field.values().is_some());
    assert_eq!(comparison(&session).end, None, "it was ended");
    session.jobs().stop_comparison();
    assert!(session.wait(PATIENCE));
    assert!(comparison(&session).is_of(&scene(&session)));
}

fn it_waits_for_the_sum() {
    let mut session = session();
    ask(&mut session, &params(100, 100, 0.3));
    starts_long_work(&mut session, 0.3);
    session.jobs().compare(vec![EngineId::Simd]);
    std::thread::sleep(Duration::from_millis(200));
    assert!(session.jobs().comparison_waits() && session.state().comparison.is_none());
    ask(&mut session, &params(200, 200, 0.3));
    assert!(session.wait(PATIENCE) && !session.jobs().comparison_waits());
    assert_eq!(comparison(&session).n, 200);
}

fn ending_in_the_middle_does_not_hang() {
    let mut session = session();
    starts_long_comparison(&mut session);
    let started = Instant::now();
    assert!(session.end().is_empty());
    assert!(started.elapsed() < PATIENCE, "it goes on");
}

fn sees(harness: &Harness<'static, Window>, text: &str) -> bool {
    harness.query_all_by_label_contains(text).next().is_some()
}

fn the_panel_compares() {
    let (mut harness, _) = window(Params::default(), |builder| builder);
    settle(&mut harness, 6);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::E);
    harness.run_steps(4);
    assert!(sees(&harness, "3000 × 3000 points in 2 dimensions, σ = 0.3"));
    assert!(sees(&harness, "3000 × 3000 numbers of 8 bytes: 72 MB"));
    let double_loop = EngineId::Naive.label();
    harness.get_by_role_and_label(Role::CheckBox, double_loop).click();
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::Button, "Run").click();
    harness.run_steps(2);
    settle(&mut harness, 6);
    let found = comparison(harness.state().session());
    assert_eq!(found.rows.len(), all().len() - 1);
    assert!(sees(&harness, "Measured for 3000 × 3000 points in 2 dimensions, σ = 0.3"));
    for row in &found.rows {
        let Progress::Timed(timing) = row.progress else { panic!("{row:?}") };
        assert!(sees(&harness, &sigmascope::numbers::format_si(timing.seconds, "s")), "{row:?}");
    }
    let chart = harness.query_all_by_label_contains("Bar chart of the time").next();
    assert!(
        chart
            .expect("a chart")
            .accesskit_node()
            .label()
            .is_some_and(|text| text.contains("CPU, SIMD"))
    );

    // What it was measured with is told: a chunk that is not all sources, repeats, how they spread.
    assert!(found.chunk < found.m, "{}", found.chunk);
    assert!(sees(&harness, &format!("a chunk of {} columns at a time, 9 MB", found.chunk)));
    assert!(sees(&harness, "±") && sees(&harness, "Repeats") && sees(&harness, "Median"));
    let chunked = row(&found, EngineId::Chunked).bytes;
    let whole = row(&found, EngineId::Broadcast).bytes;
    assert!(4 * chunked < whole, "{chunked} beside {whole}");

    // Other points: what was measured says what it was for.
    harness.get_by_label("Re-roll").click();
    settle(&mut harness, 6);
    assert!(sees(&harness, "Measured before, for 3000 × 3000"));
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::E);
    harness.run_steps(4);
    assert!(!sees(&harness, "Measured before"));
}

/// The table of the newest comparison, read back.
fn records(table: &str, delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).delimiter(delimiter).from_reader(table.as_bytes());
    let records = reader.records().map(|record| record.expect("a row"));
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

fn copied(harness: &Harness<'static, Window>) -> Option<String> {
    let commands = &harness.output().platform_output.commands;
    commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

fn check_table(records: &[Vec<String>], found: &Comparison) {
    let column = |name: &str| records[0].iter().position(|title| title == name).expect(name);
    assert_eq!(records.len(), found.rows.len() + 1);
    for (record, row) in records[1..].iter().zip(&found.rows) {
        let Progress::Timed(timing) = row.progress else { panic!("{row:?}") };
        assert_eq!(record[column("engine")], row.engine.name());
        assert_eq!(record[column("name")], row.engine.label());
        assert_eq!(record[column("repeats")], timing.runs.to_string());
        let chunk = if row.engine == EngineId::Chunked { "375" } else { "" };
        assert_eq!(record[column("chunk")], chunk);
        for (name, number) in [
            ("targets", 3000.0),
            ("sources", 3000.0),
            ("sigma", 0.3),
            ("median_s", timing.seconds),
            ("shortest_s", timing.shortest),
            ("longest_s", timing.longest),
            ("largest_error", timing.error),
            ("memory_bytes", row.bytes as f64),
        ] {
            let told: f64 = record[column(name)].parse().expect(name);
            assert_eq!(told.to_bits(), number.to_bits(), "{name} of {}", row.engine);
        }
    }
}

fn its_table_is_copied_and_saved() {
    let (harness, chosen) = window(Params::default(), |builder| builder);
    let mut app = harness::App { harness, chosen };
    app.settle();
    let copy = |app: &mut harness::App| {
        app.harness.event(egui::Event::Copy);
        app.harness.step();
        copied(&app.harness)
    };
    assert_eq!(copy(&mut app), None, "without the panel it is the picture");
    app.settle();
    app.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::E);
    app.harness.run_steps(4);
    app.harness.get_by_role_and_label(Role::Button, "Run").click();
    app.harness.run_steps(2);
    app.settle();
    let found = comparison(app.window().session());
    let table = copy(&mut app).expect("the table with the panel in front");
    check_table(&records(&table, b'\t'), &found);
    app.harness.get_by_role_and_label(Role::Button, "Copy table").click();
    app.harness.step();
    assert_eq!(copied(&app.harness), Some(table), "by its button");

    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("engines.csv");
    app.harness.get_by_role_and_label(Role::Button, "Save as CSV…").click();
    app.harness.run_steps(3);
    app.chosen.0.lock().expect("no panic").push(sigmascope::app::Picked::Table(out.clone()));
    app.harness.run_steps(3);
    app.harness.get_by_role_and_label(Role::Button, "Save").click();
    app.wait_for(|_| out.exists());
    let saved = std::fs::read_to_string(&out).expect("the table");
    check_table(&records(&saved, b','), &found);
    app.wait_for(|app| app.sees("Saved"));

    app.harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::E);
    app.settle();
    assert_eq!(copy(&mut app), None, "with the panel closed it is the picture");
    app.settle();
}

fn the_panel_stops() {
    let (mut harness, _) = window(params(100_000, 100_000, 0.3), |builder| builder);
    settle(&mut harness, 6);
    harness.get_by_label("View").click();
    harness.run_steps(3);
    // The side panel has a button of that name, too.
    let item = harness.query_all_by_label_contains("Time engines…").last();
    item.expect("the menu's item").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Run").click();
    let deadline = Instant::now() + PATIENCE;
    while !sees(&harness, "Naive (float64 loops): 1 %") {
        harness.step();
        std::thread::sleep(Duration::from_millis(10));
        assert!(Instant::now() < deadline, "the double loop never ran");
    }
    harness.get_by_role_and_label(Role::Button, "Stop comparing").click();
    harness.run_steps(2);
    settle(&mut harness, 6);
    assert!(sees(&harness, "Stopped") && sees(&harness, "not run"));
    let found = comparison(harness.state().session());
    let simd = row(&found, EngineId::Simd);
    assert!(matches!(simd.progress, Progress::Timed(_)), "the quick ones come first: {simd:?}");
}

fn main() {
    run_device_tests(vec![
        device_test("every engine is measured", every_engine_is_measured),
        device_test("only what was chosen runs, and the newest", only_what_was_chosen_runs),
        device_test("what cannot be done is a row", what_cannot_be_done_is_a_row),
        device_test(
            "what has too many coordinates for an engine is a row",
            what_has_too_many_coordinates_for_an_engine_is_a_row,
        ),
        device_test("it can be stopped", it_can_be_stopped),
        device_test("another sigma ends it", another_sigma_ends_it),
        device_test("another look does not end it, nor other jobs", another_look_does_not_end_it),
        device_test("it waits for the sum under way", it_waits_for_the_sum),
        device_test("ending in the middle does not hang", ending_in_the_middle_does_not_hang),
        device_test("the panel compares and says what for", the_panel_compares),
        device_test("its table is copied and saved", its_table_is_copied_and_saved),
        device_test("the panel stops what takes too long", the_panel_stops),
    ]);
}
