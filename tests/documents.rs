//! Pictures and sessions that come back: saved, dropped on the window or named on the command line, and what
//! happens when their files are gone, have changed, or are hostile.

mod common;
mod harness;
mod program;

use std::{io::Cursor, path::Path};

use common::{device_test, run_device_tests};
use eframe::egui::{self, Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::{NodeT, Queryable};
use harness::App;
use program::Folder;
use sigmascope::{
    app::{Picked, Startup},
    figure::ViewBox,
    io::carrier::{document_in_pdf, document_in_png, document_in_svg},
    model::{
        ColorBy, ColorMap, Count, Dim, Distribution, DrawOrder, EngineChoice, Input, Masses,
        Normalisation, Params, Projection, Scaling, Sigma, ViewParams,
    },
    selection::{RowBits, SharedRows},
    session::{Document, Saved, SpaceViewport, Viewport, found_in},
    space::{Camera, Slab},
};

/// Rows around two places, as CSV.
fn csv(rows: u32) -> String {
    let row = |k: u32| {
        let angle = f64::from(k) * 2.399_963;
        let radius = f64::from(k % 97) / 40.0;
        let (x, y) = (radius * angle.cos() + f64::from(k % 2) * 3.0, radius * angle.sin());
        format!("{x},{y},{k}\n")
    };
    format!("x,y,id\n{}", (0..rows).map(row).collect::<String>())
}

fn pixels(png: &[u8]) -> (Vec<u8>, [u32; 2]) {
    let mut reader = png::Decoder::new(Cursor::new(png)).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture that fits")];
    let frame = reader.next_frame(&mut pixels).expect("pixels");
    pixels.truncate(frame.buffer_size());
    (pixels, [frame.width, frame.height])
}

fn document_of(png: &[u8]) -> (String, Document) {
    let json = document_in_png(Cursor::new(png)).expect("a document");
    let document = Document::read(&json).expect("legal");
    (String::from_utf8(json).expect("text"), document)
}

/// Saves what is on screen by the window's dialog.
fn save(app: &mut App, key: Modifiers, path: &Path) {
    app.harness.key_press_modifiers(key, Key::S);
    app.harness.run_steps(4);
    // The panel has a field of the same name.
    let fields = app.harness.get_all_by_role_and_label(Role::TextInput, "File");
    fields.last().expect("a field").click();
    app.harness.run_steps(2);
    app.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    let name = path.to_str().expect("text").to_owned();
    app.harness.event(egui::Event::Text(name));
    app.harness.run_steps(2);
    app.harness.get_by_role_and_label(Role::Button, "Save").click();
    app.harness.run_steps(4);
    app.settle();
    let told: Vec<String> = app
        .harness
        .query_all_by_label_contains(" ")
        .filter_map(|node| node.accesskit_node().label())
        .collect();
    assert!(path.is_file(), "{} was not saved: {told:?}", path.display());
}

fn redrawn(folder: &Folder, from: &str, more: &str) -> Vec<u8> {
    folder.run(&format!("render --from {from} --out again.png --force {more}")).succeeds();
    folder.read("again.png")
}

/// A picture, drawn again from each of the four kinds of file, is the same to the pixel.
fn comes_back(flags: &str) {
    let folder = Folder::new().with("points.csv", csv(900));
    folder.run(&format!("render {flags} --size 500x400 --out a.png")).succeeds();
    let png = folder.read("a.png");
    let (json, document) = document_of(&png);
    assert!(!json.contains(folder.path("").to_str().expect("text")), "{json}");
    assert!(document.computed.is_some_and(|computed| computed.sigma.is_some()));
    for other in ["c.svg", "d.pdf"] {
        folder.run(&format!("render {flags} --size 500x400 --out {other}")).succeeds();
    }
    let folder = folder.with("b.sigmascope", &json);
    for from in ["a.png", "b.sigmascope", "c.svg", "d.pdf"] {
        assert!(pixels(&redrawn(&folder, from, "")) == pixels(&png), "{flags}: from {from}");
    }
}

fn changes_count_where_they_are_given() {
    let folder = Folder::new().with("points.csv", csv(300));
    folder
        .run("render points.csv --sigma 0.4 --color-map magma --raster --theme dark --out a.png")
        .succeeds();
    let changed = folder
        .run("render --from a.png --sigma 0.2 --point-size 9 --size 300x200 --out b.png --json")
        .succeeds();
    let report = changed.json();
    assert_eq!(report["restored"]["files"].as_array().map(Vec::len), Some(1), "{changed}");
    assert_eq!(report["width"], 300);
    folder
        .run(
            "render points.csv --sigma 0.2 --color-map magma --raster --theme dark --point-size 9 \
             --size 300x200 --out c.png",
        )
        .succeeds();
    assert!(pixels(&folder.read("b.png")) == pixels(&folder.read("c.png")));
    folder.run("render --from a.png --distribution ring --out d.png").refuses(&["--distribution"]);
    folder.run("render --from points.csv --out d.png").refuses(&["points.csv", "session"]);
}

fn files_are_looked_for() {
    let folder = Folder::new().with("points.csv", csv(300));
    std::fs::create_dir(folder.path("deep")).expect("a folder");
    folder.run("render points.csv --sigma 0.4 --out a.png").succeeds();
    folder.run("render points.csv --sigma 0.4 --embed-paths --out b.png").succeeds();
    let png = folder.read("a.png");
    for name in ["a.png", "b.png"] {
        std::fs::copy(folder.path(name), folder.path("deep").join(name)).expect("copied");
    }
    // Missing beside the picture, but found where the other one says.
    folder.run("render --from deep/a.png --out c.png").refuses(&[
        "points.csv",
        "beside",
        "--targets",
    ]);
    assert!(pixels(&redrawn(&folder, "deep/b.png", "")) == pixels(&png));
    assert!(pixels(&redrawn(&folder, "deep/a.png", "points.csv")) == pixels(&png));
    assert!(pixels(&redrawn(&folder, "deep/a.png", "--targets points.csv")) == pixels(&png));
    // Changed: it is told, and drawn all the same.
    let folder = folder.with("points.csv", csv(301));
    let ended = folder.run("render --from a.png --out d.png --json").succeeds();
    ended.says(&["points.csv has changed"]);
    let folder = folder.with("points.csv", csv(300).replace("299\n", "298\n"));
    folder.run("render --from a.png --out e.png").succeeds().says(&["as many bytes, but others"]);
}

fn what_is_hostile_is_refused() {
    let folder = Folder::new();
    folder.run("render --n 50 --m 50 --size 200x150 --out a.png").succeeds();
    let png = folder.read("a.png");
    let with_chunk = |json: Option<&str>| {
        let (rgb, size) = pixels(&png);
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size[0], size[1]);
        encoder.set_color(png::ColorType::Rgb);
        if let Some(json) = json {
            encoder.add_itxt_chunk("sigmascope".to_owned(), json.to_owned()).expect("a chunk");
        }
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&rgb).expect("pixels");
        writer.finish().expect("a file");
        bytes
    };
    let json = document_of(&png).0;
    let chunk = png.windows(15).position(|name| name == b"iTXtsigmascope\0").expect("a chunk");
    let mut damaged = png.clone();
    damaged[chunk + 40] ^= 1;
    let plain = with_chunk(None);
    let with = |json: &str| with_chunk(Some(json));
    let params =
        |params: &str| with(&format!(r#"{{"format":"sigmascope","version":1,"params":{params}}}"#));
    let cases: [(&str, Vec<u8>, &[&str]); 9] = [
        ("none", plain.clone(), &["carries no session"]),
        ("damaged", damaged, &["damaged"]),
        ("cut", png[..chunk + 60].to_vec(), &["ends in its middle"]),
        ("later", with(&json.replacen("\"version\": 1", "\"version\": 2", 1)), &["version 2"]),
        ("deep", with(&"[".repeat(200_000)), &["cannot be read"]),
        ("huge", with(&" ".repeat(17 << 20)), &["16777216"]),
        ("many", params(r#"{"n": 1000000000}"#), &["100000000"]),
        ("rows", params(r#"{"only": {"rows": [1, 1000000000]}}"#), &["rows"]),
        (
            "path",
            params(
                r#"{"input": {"Files": {"targets": "/etc/passwd", "sources": null, "columns": []}}}"#,
            ),
            &["name of a file"],
        ),
    ];
    let mut folder = folder;
    for (name, bytes, _) in &cases {
        folder = folder.with(&format!("{name}.png"), bytes);
    }
    let mut app = App::new();
    let before = (app.params().clone(), app.scene().version);
    for (name, _, words) in cases {
        folder.run(&format!("render --from {name}.png --out b.png")).refuses(words);
        folder.run(&format!("{name}.png")).refuses(words);
        app.drop_files(&[&folder.path(&format!("{name}.png"))]);
        app.settle();
        assert!(words.iter().all(|word| app.sees(word)), "{name}: {words:?} is not told");
        assert_eq!((app.params().clone(), app.scene().version), before, "{name}");
    }
    assert!(!folder.path("b.png").exists());
}

/// Bytes changed, cut and repeated at random never do more than be refused.
fn what_is_made_up_is_refused() {
    let folder = Folder::new();
    folder.run("render --n 20 --m 20 --size 64x64 --out a.png").succeeds();
    let png = folder.read("a.png");
    let json = document_of(&png).0;
    for other in ["b.svg", "c.pdf"] {
        folder.run(&format!("render --n 20 --m 20 --size 64x64 --out {other}")).succeeds();
    }
    let (svg, pdf) = (folder.read("b.svg"), folder.read("c.pdf"));
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for round in 0..6000 {
        let mut bytes = match round % 4 {
            0 => png.clone(),
            1 => svg.clone(),
            2 => pdf.clone(),
            _ => json.clone().into_bytes(),
        };
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] = random(256) as u8,
                1 => bytes[at] ^= 1 << random(8),
                2 => bytes.truncate(at.max(1)),
                _ => {
                    let part = bytes[at..(at + random(64)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, part);
                }
            }
        }
        let found = match round % 4 {
            0 => document_in_png(Cursor::new(&bytes)),
            1 => document_in_svg(&String::from_utf8_lossy(&bytes)),
            2 => document_in_pdf(&bytes),
            _ => Ok(bytes),
        };
        if let Ok(Ok(document)) = found.map(|json| Document::read(&json)) {
            document.json().expect("what is read can be written");
        }
    }
}

/// A window with all that a document holds.
fn rich(input: Input) -> App {
    let params = Params {
        input,
        sigma: Some(Sigma::new(0.37).expect("legal")),
        seed: 5,
        ..Params::default()
    };
    let view = sigmascope::model::ViewParams {
        raster: true,
        contours: Some(Masses::default()),
        point_size: 7.0,
        ..params.view
    };
    let viewport = Viewport::Free(ViewBox { x: [-1.0, 2.5], y: [-1.5, 1.0] });
    let selection = RowBits::of((0..200).step_by(3)).into();
    let saved = Saved {
        params: Params { view, ..params },
        viewport,
        selection,
        space: SpaceViewport::default(),
    };
    App::starting(Startup { saved, ..Startup::new(Params::default()) })
}

fn same(app: &App, params: &Params, rows: &RowBits, view: ViewBox) {
    assert_eq!(app.params(), params);
    assert_eq!(*app.window().session().state().selection.rows, *rows);
    let now = app.window().view();
    for (now, then) in [(now.x, view.x), (now.y, view.y)] {
        let most = 1e-9 * (then[1] - then[0]);
        assert!((0..2).all(|end| (now[end] - then[end]).abs() < most), "{now:?} {then:?}");
    }
}

fn a_window_is_restored() {
    let folder = Folder::new().with("points.csv", csv(700));
    let targets = folder.path("points.csv");
    for input in [
        Input::Generated,
        Input::Files { targets, sources: None, columns: vec!["x".to_owned(), "y".to_owned()] },
    ] {
        let mut app = rich(input);
        let (params, view) = (app.params().clone(), app.window().view());
        let rows = app.window().session().state().selection.rows;
        save(&mut app, Modifiers::COMMAND, &folder.path("a.png"));
        save(&mut app, Modifiers::COMMAND | Modifiers::ALT, &folder.path("b.sigmascope"));
        drop(app);
        for name in ["a.png", "b.sigmascope"] {
            let mut app = App::new();
            app.drop_files(&[&folder.path(name)]);
            app.wait_for(|app| app.sees(&format!("Restored what {name} shows")));
            app.settle();
            same(&app, &params, &rows, view);
        }
        // As the command line starts it.
        let opens = Some(folder.path("a.png"));
        let mut app = App::starting(Startup { opens, ..Startup::new(Params::default()) });
        app.settle();
        same(&app, &params, &rows, view);
        drop(app);
        let png = folder.read("a.png");
        assert!(pixels(&redrawn(&folder, "a.png", "")) == pixels(&png), "the window's picture");
        std::fs::remove_file(folder.path("a.png")).expect("gone");
        std::fs::remove_file(folder.path("b.sigmascope")).expect("gone");
    }
}

fn space_and_a_comparison_are_restored() {
    let folder = Folder::new();
    let dim = Dim::new(3).ok();
    let params = Params { dim, projection: Projection::Space([0, 1, 2]), ..Params::default() };
    let camera = sigmascope::space::Camera {
        yaw: 30.0,
        pitch: 40.0,
        distance: 2.5,
        target: [0.1, 0.0, -0.2],
        perspective: false,
    };
    let space = SpaceViewport { camera: Some(camera), slab: None, all: true };
    let saved = Saved { params, space, ..Saved::default() };
    let mut app = App::starting(Startup { saved, ..Startup::new(Params::default()) });
    save(&mut app, Modifiers::COMMAND, &folder.path("space.png"));
    let png = folder.read("space.png");
    assert_eq!(document_of(&png).1.space, space);
    assert!(pixels(&redrawn(&folder, "space.png", "")) == pixels(&png));
    let mut app = App::new();
    app.drop_files(&[&folder.path("space.png")]);
    app.settle();
    save(&mut app, Modifiers::COMMAND | Modifiers::ALT, &folder.path("again.sigmascope"));
    assert_eq!(found_in(&folder.path("again.sigmascope")).expect("a session").space, space);
    drop(app);

    let mut app = App::new();
    app.harness.key_press(Key::H);
    app.settle();
    app.harness.state_mut().params_mut().sigma = Sigma::new(0.8).ok();
    app.settle();
    save(&mut app, Modifiers::COMMAND | Modifiers::ALT, &folder.path("two.sigmascope"));
    let document = found_in(&folder.path("two.sigmascope")).expect("a session");
    assert_eq!(document.compared_sigma, Some(Sigma::DEFAULT));
    let mut app = App::new();
    app.drop_files(&[&folder.path("two.sigmascope")]);
    app.settle();
    assert!((app.sigma() - 0.8).abs() < 1e-12);
    save(&mut app, Modifiers::COMMAND | Modifiers::ALT, &folder.path("three.sigmascope"));
    let document = found_in(&folder.path("three.sigmascope")).expect("a session");
    assert_eq!(document.compared_sigma, Some(Sigma::DEFAULT));
}

fn a_missing_file_is_asked_for() {
    let folder = Folder::new().with("points.csv", csv(400));
    folder.run("render points.csv --sigma 0.4 --out a.png").succeeds();
    std::fs::create_dir(folder.path("deep")).expect("a folder");
    let moved = folder.path("deep").join("moved.csv");
    std::fs::rename(folder.path("points.csv"), &moved).expect("moved");
    let mut app = App::new();
    let before = (app.params().clone(), app.scene().version);
    app.drop_files(&[&folder.path("a.png")]);
    app.settle();
    assert!(app.sees("Where is points.csv?") && app.sees("a.png was drawn from it"));
    assert_eq!((app.params().clone(), app.scene().version), before);
    app.harness.get_by_role_and_label(Role::Button, "Do not open it").click();
    app.settle();
    assert!(!app.sees("Where is points.csv?"));
    assert_eq!((app.params().clone(), app.scene().version), before);

    app.drop_files(&[&folder.path("a.png")]);
    app.settle();
    app.harness.get_by_role_and_label(Role::Button, "Browse…").click();
    app.chosen.0.lock().expect("no panic").push(Picked::Points(moved.clone()));
    app.settle();
    assert!(!app.sees("Where is points.csv?") && !app.sees("has changed"));
    assert!((app.sigma() - 0.4).abs() < 1e-12);
    assert_eq!(app.scene().prepared.points.n(), 400);

    // Another file in its place is told.
    std::fs::write(folder.path("points.csv"), csv(410)).expect("a file");
    app.drop_files(&[&folder.path("a.png")]);
    app.settle();
    assert!(app.sees("points.csv has changed since the picture was made"));
    assert_eq!(app.scene().prepared.points.n(), 410);
    // One that is none leaves what is there.
    std::fs::write(folder.path("points.csv"), "nothing").expect("a file");
    app.drop_files(&[&folder.path("a.png")]);
    app.settle();
    assert_eq!(app.scene().prepared.points.n(), 410);
}

/// The command that draws what is on screen.
fn copied(app: &mut App) -> String {
    app.copied_by(Modifiers::COMMAND | Modifiers::ALT, Key::C)
}

/// The command that is copied draws what the window saves.
fn the_command_is_copied() {
    let folder = Folder::new().with("points.csv", csv(400));
    let draw = |folder: &Folder, command: &str| {
        let words = shlex::split(command).expect("quoted");
        assert_eq!(words[..2], ["sigmascope", "render"]);
        let run = words[1..].iter().fold(folder.run(""), program::Run::and);
        run.and("--force").and("--json").succeeds();
        folder.read("sigmascope.png")
    };
    let targets = folder.path("points.csv");
    let input = Input::Files { targets, sources: None, columns: vec!["x".into(), "y".into()] };
    for input in [Input::Generated, input] {
        let mut app = rich(input);
        app.harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::A);
        app.settle();
        let command = copied(&mut app);
        assert!(!command.contains("--from"), "{command}");
        app.settle();
        save_small(&mut app, &folder.path("a.png"));
        let png = pixels(&folder.read("a.png"));
        assert!(pixels(&draw(&folder, &command)) == png, "{command}");
        std::fs::remove_file(folder.path("a.png")).expect("gone");
    }
}

/// Numbers that are the same at each run.
struct Random(u64);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn is(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }

    fn from(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.below(10_000) as f64 / 10_000.0
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// A session with layers, selection, view, camera and colours as chance has it.
fn any_session(random: &mut Random, folder: &Folder) -> Saved {
    let is_file = random.is(3);
    let dim = random.of(&[1, 2, 2, 3, 3, 5]);
    let input = if is_file {
        let targets = folder.path("points.csv");
        Input::Files { targets, sources: None, columns: vec!["x".into(), "y".into()] }
    } else {
        Input::Generated
    };
    let dim = if is_file { 2 } else { dim };
    let in_space = dim >= 3 && random.is(2);
    let scaling = random.of(Scaling::ALL);
    let view = ViewParams {
        color_map: random.of(ColorMap::ALL),
        reversed: random.is(3),
        scaling,
        point_size: random.from(2.0, 9.0) as f32,
        opacity: random.of(&[1.0, 1.0, 0.6]),
        clip: random.is(4).then(|| [random.from(0.1, 1.0) as f32, random.from(2.0, 90.0) as f32]),
        percentile: random.is(4).then_some([1.0, 99.0]),
        order: random.of(DrawOrder::ALL),
        equal_aspect: !random.is(3),
        contours: (dim >= 2 && random.is(2)).then(Masses::default),
        dots: !random.is(4),
        raster: random.is(2),
        raster_opacity: random.of(&[1.0, 0.7]),
        marginals: dim >= 2 && random.is(3),
        hides_rest: random.is(2),
        ..ViewParams::default()
    };
    let projection = match (dim, in_space) {
        (3.., true) => Projection::Space([0, 1, 2]),
        (3.., false) if random.is(2) => Projection::Principal,
        (5, false) => Projection::Axes([3, 1]),
        _ => Projection::Automatic.within(2),
    };
    let params = Params {
        input,
        dim: (!is_file).then(|| Dim::new(dim).expect("a dimension")),
        n: (!is_file).then(|| Count::new(200 + random.below(2000)).expect("a number")),
        seed: random.below(1000) as u64,
        distribution: random.of(Distribution::ALL),
        sigma: random.is(2).then(|| Sigma::new(random.from(0.05, 1.5)).expect("legal")),
        normalisation: random.of(Normalisation::ALL),
        // The fast engine has three coordinates at most.
        engine: match random.below(3) {
            0 => EngineChoice::Simd,
            1 if dim <= 3 => EngineChoice::Fast,
            _ => EngineChoice::Auto,
        },
        color_by: match (is_file, random.below(4)) {
            (true, 0) => ColorBy::Column("id".to_owned()),
            (_, 1) => ColorBy::Rank,
            _ => ColorBy::Field,
        },
        projection,
        view,
        ..Params::default()
    };
    let viewport = match random.below(3) {
        0 => Viewport::Home,
        1 => Viewport::All,
        _ => {
            let [x, y] = [random.from(-2.0, 0.0), random.from(-2.0, 0.0)];
            let [across, down] = [random.from(0.5, 4.0), random.from(0.5, 4.0)];
            Viewport::Free(ViewBox { x: [x, x + across], y: [y, y + down] })
        }
    };
    let camera = Camera {
        yaw: random.from(-180.0, 180.0),
        pitch: random.from(-90.0, 90.0),
        distance: random.from(1.5, 4.0),
        target: [random.from(-0.3, 0.3), random.from(-0.3, 0.3), random.from(-0.3, 0.3)],
        perspective: random.is(2),
    };
    let slab = random.is(3).then(|| Slab { axis: random.below(3), low: -0.5, high: 1.25 });
    let space = SpaceViewport {
        camera: (in_space && !random.is(3)).then_some(camera),
        slab: slab.filter(|_| in_space),
        all: in_space && random.is(3),
    };
    let selection = if random.is(3) {
        RowBits::of((0..200).filter(|row| (row / 7) % 3 == 0)).into()
    } else {
        SharedRows::default()
    };
    Saved { params, viewport, selection, space }
}

/// A session, saved as three pictures and by itself, and as a copied command, is drawn again to the pixel, by the
/// command line and by a window in which it is opened.
fn a_session_comes_back_however_it_is_saved(seed: u64) {
    let folder = Folder::new().with("points.csv", csv(900));
    // Where the session goes that a copied command needs.
    std::env::set_current_dir(folder.path("")).expect("the folder");
    let mut random = Random(seed);
    for _ in 0..20 {
        random.below(2);
    }
    let saved = any_session(&mut random, &folder);
    let mut app =
        App::starting(Startup { saved: saved.clone(), ..Startup::new(Params::default()) });
    if random.is(5) {
        app.harness.key_press(Key::H);
        app.settle();
        app.harness.state_mut().params_mut().sigma = Sigma::new(0.8).ok();
        app.settle();
    }
    let about = format!("session {seed}: {saved:?}");
    eprintln!("{about}");
    save_small(&mut app, &folder.path("a.png"));
    let png = pixels(&folder.read("a.png"));
    for name in ["b.svg", "c.pdf"] {
        save(&mut app, Modifiers::COMMAND, &folder.path(name));
    }
    save(&mut app, Modifiers::COMMAND | Modifiers::ALT, &folder.path("d.sigmascope"));
    let command = copied(&mut app);
    app.settle();
    let sigma = app.scene().sigma();
    drop(app);
    let [width, height] = png.1;
    let page = format!("--size {width}x{height} --background dark");
    for (from, more) in [("a.png", ""), ("b.svg", ""), ("c.pdf", ""), ("d.sigmascope", &*page)] {
        assert!(pixels(&redrawn(&folder, from, more)) == png, "from {from}; {about}");
    }
    let words = shlex::split(&command).expect("quoted");
    let run = words[1..].iter().fold(folder.run(""), program::Run::and);
    run.and("--force").succeeds();
    assert!(pixels(&folder.read("sigmascope.png")) == png, "{command}; {about}");
    let mut app = App::new();
    app.drop_files(&[&folder.path("a.png")]);
    app.wait_for(|app| app.sees("Restored what a.png shows"));
    // Of two fields that are compared the second one comes later.
    app.wait_for(|app| app.scene().sigma() == sigma && app.scene().is_complete());
    app.settle();
    std::fs::remove_file(folder.path("a.png")).expect("gone");
    save_small(&mut app, &folder.path("a.png"));
    assert!(pixels(&folder.read("a.png")) == png, "by the window; {about}");
}

fn recent_files_are_listed() {
    let folder = Folder::new().with("points.csv", csv(200)).with("gone.csv", csv(210));
    folder.run("render points.csv --out a.png").succeeds();
    let mut app = App::new();
    for name in ["gone.csv", "a.png"] {
        app.drop_files(&[&folder.path(name)]);
        app.settle();
    }
    std::fs::remove_file(folder.path("gone.csv")).expect("gone");
    let open = |app: &mut App| {
        app.harness.get_by_role_and_label(Role::Button, "File").click();
        app.harness.run_steps(4);
        app.settle();
        app.harness.get_by_label_contains("Recent").click();
        app.harness.run_steps(4);
    };
    open(&mut app);
    assert!(app.sees("gone.csv (not found)") && app.sees("a.png"));
    let recent = app.harness.get_by_role_and_label(Role::Button, "gone.csv (not found)");
    assert!(recent.accesskit_node().is_disabled());
    app.harness.get_by_role_and_label(Role::Button, "a.png").click();
    app.settle();
    assert_eq!(app.scene().prepared.points.n(), 200);
}

fn save_small(app: &mut App, path: &Path) {
    app.harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    app.harness.run_steps(4);
    app.harness.get_by_role_and_label(Role::RadioButton, "1×").click();
    app.harness.run_steps(2);
    app.harness.key_press(Key::Escape);
    app.harness.run_steps(2);
    save(app, Modifiers::COMMAND, path);
}

fn main() {
    let mut tests = Vec::new();
    for flags in [
        "",
        "--n 700 --m 500 --distribution moons --sigma 0.2 --color-map inferno --theme dark",
        "--raster --contours 0.5,0.9 --marginals --scaling log",
        "--dim 3 --camera 20,35,0.8 --slab z=-0.5:1",
        "--dim 5 --axes principal --engine simd --scale 2",
        "--bounds -1,1,-0.5,2 --no-dots --raster --percentile 2:98",
        "points.csv --color-by id --reversed --all",
        "points.csv --columns x --raster",
        "points.csv --weights id --merge-duplicates --normalise density --sigma loo",
    ] {
        tests
            .push(device_test(format!("a picture comes back: {flags}"), move || comes_back(flags)));
    }
    tests.extend([
        device_test("flags count where they are given", changes_count_where_they_are_given),
        device_test("files are looked for, and changes of them told", files_are_looked_for),
        device_test("what is hostile is refused", what_is_hostile_is_refused),
        device_test("what is made up is refused", what_is_made_up_is_refused),
        device_test("a window is restored", a_window_is_restored),
        device_test("space and a comparison are restored", space_and_a_comparison_are_restored),
        device_test("recent files are listed", recent_files_are_listed),
        device_test("the command is copied", the_command_is_copied),
        device_test("a missing file is asked for", a_missing_file_is_asked_for),
    ]);
    // More of them: SIGMASCOPE_SESSIONS=1000:1100 takes the seeds from 1000 on, and nothing else.
    let seeds = std::env::var("SIGMASCOPE_SESSIONS").ok().map(|seeds| {
        let (low, high) = seeds.split_once(':').expect("SIGMASCOPE_SESSIONS=LOW:HIGH");
        tests.clear();
        low.parse::<u64>().expect("a seed")..high.parse::<u64>().expect("a seed")
    });
    for seed in seeds.unwrap_or(1..4) {
        tests.push(device_test(format!("session {seed} comes back"), move || {
            a_session_comes_back_however_it_is_saved(seed);
        }));
    }
    run_device_tests(tests);
}
