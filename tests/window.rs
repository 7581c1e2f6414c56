//! The program itself on a display of its own: mouse and keys go in, pixels come out.

mod common;
mod desk;

use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use common::{device_test, run_device_tests_with};
use desk::{
    Area, CONTROLS, Desk, FRAME, MIDDLE, PATIENCE, PLOT, PROGRAMS, REST, SIZE, Shot, Start,
    are_near, distance, is_colored, is_low, is_yellow, unfold_data,
};

fn the_first_window() {
    let desk = Desk::open();
    let shot = desk.settled();
    let far = |place: &[usize; 2]| distance(*place, MIDDLE) > 250.0;
    let yellow = shot.places(&PLOT, is_yellow);
    assert!(yellow.len() > 500, "{} yellow pixels", yellow.len());
    assert!(!yellow.iter().any(far), "yellow dots outside");
    let outer: Vec<_> = shot.places(&PLOT, is_colored).into_iter().filter(far).collect();
    assert!(outer.len() > 100, "{} pixels of outer dots", outer.len());
    let low = outer.iter().filter(|place| is_low(shot.at(**place))).count();
    assert!(100 * low > 95 * outer.len(), "{low} of {} outer pixels are dark", outer.len());
    assert!(shot.has_color_bar(&Area { x: 1145..1280, y: 40..760 }), "no colour bar");
    assert_eq!(shot.sliders().len(), 3, "sliders for sigma, N, M");
    assert!(!shot.has_warning(), "a message in the first window");
    // The controls fold to a rail, and are back as they were.
    desk.key("ctrl+b");
    desk.until("a rail", |rail| shot.changed(rail, &CONTROLS) > 5000);
    desk.key("ctrl+b");
    desk.until("the controls", |back| shot.changed(back, &CONTROLS) == 0);
    assert_eq!(desk.said(), "");
}

fn sigma_by_mouse() {
    let desk = Desk::open();
    let first = desk.settled();
    let [x, y] = first.sliders()[0];
    // Away from the panel, whose hints reach into the plot.
    let dots = Area { x: 480..1020, y: 90..700 };
    let other = |before: &Shot, shot: &Shot| before.changed(shot, &dots) > 2000;
    desk.drag([x, y], [x + 24, y], "other colours", |shot| other(&first, shot));
    let wide = desk.settled();
    let moved = wide.sliders()[0];
    assert!(moved[0].abs_diff(x + 24) <= 2, "the handle went from {x} to {}", moved[0]);
    let change = first.changed(&wide, &dots);
    assert!(change > 2000, "{change} pixels changed");

    desk.drag(moved, [x, y], "the old colours", |shot| other(&wide, shot));
    let back = desk.settled();
    let rest = first.changed(&back, &dots);
    assert!(10 * rest < change, "{rest} pixels differ from the beginning, {change} did before");
}

fn zoom_and_pan() {
    let desk = Desk::open();
    let first = desk.settled();
    desk.point_at(MIDDLE);
    desk.xdotool("click --repeat 3 --delay 60 4");
    desk.until("wider dots", |shot| shot.spread(MIDDLE) > 1.15 * first.spread(MIDDLE));
    desk.point_at(REST);
    let near = desk.settled();
    assert!(near.spread(MIDDLE) > 1.15 * first.spread(MIDDLE));

    let (right, down) = (120, 60);
    let to = [MIDDLE[0] + right, MIDDLE[1] + down];
    let kept = Area { x: PLOT.x.start..PLOT.x.end - right, y: PLOT.y.start..PLOT.y.end - down };
    let has_moved = |shot: &Shot| {
        let strays =
            |[x, y]: &[usize; 2]| !are_near(near.at([*x, *y]), shot.at([x + right, y + down]));
        kept.pixels().filter(strays).count() < 500
    };
    desk.drag(MIDDLE, to, "dots that moved with the pointer", has_moved);
    let panned = desk.settled();
    assert!(has_moved(&panned), "they moved on; see {}", panned.keep());

    // A machine may be too busy to see two clicks as one.
    let deadline = Instant::now() + PATIENCE;
    while desk.settled().changed(&first, &PLOT) > 0 {
        assert!(Instant::now() < deadline, "no way back; see {}", desk.shot().keep());
        desk.point_at(MIDDLE);
        sleep(FRAME);
        desk.xdotool("click --repeat 2 --delay 0 1");
        sleep(FRAME);
        desk.point_at(REST);
    }
}

fn a_lasso() {
    let desk = Desk::open();
    let first = desk.settled();
    desk.key("o");
    let [x, y] = MIDDLE;
    let corners = [[x - 60, y - 60], [x + 60, y - 60], [x + 60, y + 60], [x - 60, y + 60]];
    // Each step waits for the last to be drawn: a corner between two frames would be missed.
    desk.point_at(corners[0]);
    desk.settled();
    desk.xdotool("mousedown 1");
    desk.settled();
    for corner in [corners[1], corners[2], corners[3], [x - 60, y - 56]] {
        desk.point_at(corner);
        desk.settled();
    }
    desk.xdotool("mouseup 1");
    desk.settled();
    let inside = Area { x: x - 55..x + 55, y: y - 55..y + 55 };
    let around = Area { x: x - 180..x + 180, y: y + 68..y + 180 };
    let is_selected =
        |shot: &Shot| shot.changed(&first, &inside) == 0 && shot.count(&around, is_colored) == 0;
    assert!(first.count(&around, is_colored) > 500, "nothing could be dimmed");
    desk.point_at(REST);
    desk.until("dots that are dimmed, and such inside that are not", is_selected);
    desk.key("Escape");
    desk.key("v");
    desk.until("all dots as they were", |shot| shot.changed(&first, &PLOT) == 0);
}

fn turning_in_space() {
    let mut desk = Desk::start("--dim 3 --axes 1,2,3");
    desk.shown();
    let first = desk.settled();
    let [x, y] = MIDDLE;
    let turned = |shot: &Shot| shot.changed(&first, &PLOT) > 5000;
    desk.drag([x, y], [x + 80, y], "dots that turned", turned);
    let rests = desk.settled();
    assert!(turned(&rests), "they turned back; see {}", rests.keep());
    // From above and beside, as at first.
    desk.key("7");
    desk.until("the dots as they were", |shot| shot.changed(&first, &PLOT) == 0);
}

fn files_by_path() {
    let mut desk = Desk::begin_with(Start::default(), unfold_data);
    desk.shown();
    let first = desk.settled();
    let airports = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/airports.csv");
    std::fs::copy(airports, desk.folder.path().join("airports.csv")).expect("a copy");
    desk.enter_file("airports.csv");
    let states = Area { x: 735..1075, y: 320..460 };
    let pacific = Area { x: 400..700, y: 330..470 };
    let atlantic = Area { x: 1060..1125, y: 400..490 };
    desk.until("a map", |shot| {
        shot.count(&states, is_colored) > 8000
            && shot.count(&pacific, is_colored) == 0
            && shot.count(&atlantic, is_colored) == 0
    });
    let map = desk.settled();
    assert!(map.changed(&first, &PLOT) > 8000);
    assert!(!map.has_warning(), "a message about a good file; see {}", map.keep());

    std::fs::write(desk.folder.path().join("ragged.csv"), "x,y\n1,2\n3\n4,5\n").expect("a file");
    desk.enter_file("ragged.csv");
    desk.until("a message", Shot::has_warning);
    let told = desk.settled();
    assert!(told.has_warning());
    // The message lies over the plot's lower edge; the name stays in its field to be mended.
    let dots = Area { y: PLOT.y.start..640, ..PLOT };
    let [_, field] = map.file_field().expect("a field");
    let values = Area { y: CONTROLS.y.start..field - 20, ..CONTROLS };
    assert_eq!(told.changed(&map, &dots), 0, "the dots changed; see {}", told.keep());
    assert_eq!(told.changed(&map, &values), 0, "the controls changed; see {}", told.keep());
}

fn keys() {
    let desk = Desk::open();
    let first = desk.settled();
    let middle = Area { x: 500..780, y: 200..600 };
    desk.key("question");
    desk.until("the sheet", |shot| shot.count(&middle, is_colored) == 0);
    desk.key("Escape");
    desk.until("no sheet", |shot| shot.changed(&first, &PLOT) == 0);

    desk.key("F12");
    let (rgba, size) = desk.picture("sigmascope-window-1.png");
    assert_eq!(size, SIZE.map(|side| side as u32));
    let differ = Shot(rgba).changed(&first, &Area { x: 0..SIZE[0], y: 0..SIZE[1] });
    assert!(differ < 100, "{differ} pixels differ from the window");

    desk.key("ctrl+s");
    let dialog = Area { x: 440..840, y: 330..470 };
    desk.until("the dialog", |shot| shot.count(&dialog, is_colored) < 50);
    desk.key("Return");
    let (rgba, size) = desk.picture("sigmascope.png");
    assert_eq!(size, SIZE.map(|side| 2 * side as u32));
    let yellow = rgba.chunks_exact(4).filter(|p| is_yellow([p[0], p[1], p[2]])).count();
    assert!(yellow > 2000, "{yellow} yellow pixels in the picture");
    assert!(!desk.settled().has_warning());
    let files = std::fs::read_dir(desk.folder.path()).expect("the folder").count();
    assert_eq!(files, 2, "files beside the two pictures");
}

/// The plot without its tools and notes.
fn inside() -> Area {
    Area { x: PLOT.x.start + 150..PLOT.x.end - 60, y: PLOT.y.start + 60..640 }
}

/// Whether every pixel there has a colour, also those between the dots.
fn is_full(shot: &Shot) -> bool {
    let inside = inside();
    shot.count(&inside, is_colored) * 100 > 97 * inside.x.len() * inside.y.len()
}

/// A picture that is dropped on the window brings back what it shows.
#[cfg(target_os = "linux")]
fn a_dropped_picture() {
    let desk = Desk::open();
    let dots = desk.settled();
    assert!(!is_full(&dots));
    let picture = desk.folder.path().join("raster.pdf");
    let drawn = std::process::Command::new(env!("CARGO_BIN_EXE_sigmascope"))
        .args([
            "render",
            "--raster",
            "--no-dots",
            "--sigma",
            "0.8",
            "--background",
            "dark",
            "--out",
        ])
        .arg(&picture)
        .status();
    assert!(drawn.expect("the program").success());
    desk.drop_file(&picture);
    desk.until("the raster of the picture", is_full);
    // Undone, the dots are back.
    desk.key("ctrl+z");
    desk.until("dots", |shot| !is_full(shot));
}

fn raster_and_contours() {
    let desk = Desk::open();
    let dots = desk.settled();
    let inside = inside();
    let all = inside.x.len() * inside.y.len();
    assert!(!is_full(&dots));
    desk.key("g");
    desk.until("a raster", is_full);
    let raster = desk.settled();
    desk.key("c");
    let has_lines = |shot: &Shot| shot.changed(&raster, &inside) > 300;
    desk.until("contours", has_lines);
    desk.key("c");
    desk.until("no contours", |shot| shot.changed(&raster, &inside) == 0);
    // It covers the plot at every zoom.
    desk.point_at(MIDDLE);
    desk.xdotool("click --repeat 4 --delay 60 5");
    desk.until("another view", |shot| shot.changed(&raster, &inside) > all / 10);
    desk.point_at(REST);
    desk.until("a raster of it", is_full);
    desk.settled();
    desk.key("g");
    desk.until("dots", |shot| !is_full(shot));
}

fn quits() {
    let mut desk = Desk::open();
    desk.key("ctrl+q");
    let status = desk.ends();
    assert_eq!(status.code(), Some(0), "{status}\n{}", desk.said());
    assert_eq!(desk.said(), "");
}

fn terminates() {
    let mut desk = Desk::open();
    desk.signal("TERM");
    desk.ends();
    assert!(!desk.said().contains("panicked"), "{}", desk.said());
}

fn idles() {
    let desk = Desk::open();
    let before = desk.worked();
    assert!(before > 0.0, "no work at all so far");
    sleep(Duration::from_secs(3));
    let worked = desk.worked() - before;
    assert!(worked < 0.3, "{worked} s of work in 3 s of rest");
}

fn resized_while_summing() {
    let desk = Desk::start("--engine gpu --n 60000 --m 60000");
    let sizes = ["900 600", "1200 700", "700 500", "1280 800", "1000 640", "1100 700"];
    for (k, size) in sizes.iter().enumerate() {
        if k % 2 == 1 {
            // Other points, and so another sum, also where the last one has ended by now.
            desk.key("r");
        }
        desk.xdotool(&format!("windowsize {} {size}", desk.window));
        sleep(Duration::from_millis(200));
    }
    let bar = Area { x: 965..1100, y: 40..660 };
    let shot = desk.until("the last size", |shot| {
        let corners = [[4, 690], [1096, 690], [4, 4], [1096, 4]].map(|place| shot.at(place));
        let dots = Area { x: 380..950, y: 90..600 };
        corners[0] != [0; 3]
            && corners.iter().all(|corner| *corner == corners[0])
            && shot.has_color_bar(&bar)
            && shot.count(&dots, is_yellow) > 1000
    });
    assert!(!shot.has_warning(), "a message; see {}", shot.keep());
    sleep(Duration::from_millis(500));
    let shot = desk.shot();
    assert!(!shot.has_warning(), "a message; see {}", shot.keep());
    assert_eq!(desk.said(), "");
}

fn main() {
    if !cfg!(target_os = "linux") {
        // A window on an X server is not what users of other systems have.
        return run_device_tests_with(&[], Vec::new());
    }
    run_device_tests_with(
        &PROGRAMS,
        vec![
            device_test("the first window shows a coloured cloud and then rests", the_first_window),
            device_test("dragging sigma recolours the dots, and back", sigma_by_mouse),
            device_test("wheel and drag move the view, a double click goes back", zoom_and_pan),
            device_test("a lasso selects dots", a_lasso),
            device_test("a drag turns dots in space", turning_in_space),
            device_test(
                "a path that is typed is loaded, a bad file leaves the dots",
                files_by_path,
            ),
            #[cfg(target_os = "linux")]
            device_test("a picture that is dropped comes back", a_dropped_picture),
            device_test("keys open the sheet and save pictures", keys),
            device_test("a raster fills the plot, contours lie on it", raster_and_contours),
            device_test("Ctrl+Q ends the program", quits),
            device_test("a signal ends the program", terminates),
            device_test("an idle window does nothing", idles),
            device_test("resizing while it sums draws the last size", resized_while_summing),
        ],
    );
}
