//! The program itself on a display of its own: mouse and keys go in, pixels come out.
//!
//! Each test starts a virtual X server and the program on it, so that tests may run side by side.
//! When one gives up waiting, the last screenshot is left in cargo's folder for tests.

mod common;

use std::{
    io::{BufRead, BufReader},
    ops::Range,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use common::{device_test, run_device_tests_with};
use sigmascope::{
    color::lut,
    figure::Palette,
    model::ColorMap,
    session::picture::{decode, encode},
};

const PROGRAMS: [(&str, &str); 3] =
    [("Xvfb", "xvfb"), ("xdotool", "xdotool"), ("import", "imagemagick")];

/// The display is as large as the program's first window.
const SIZE: [usize; 2] = [1280, 800];
/// Nothing takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);
/// Time for a frame, where the program shows no sign that it took something in.
const FRAME: Duration = Duration::from_millis(150);

/// The inside of the plot, without its frame and the numbers around it.
const PLOT: Area = Area { x: 380..1125, y: 90..700 };
/// The middle of the plot; the default cloud is around it.
const MIDDLE: [usize; 2] = [748, 379];
/// The panel on the left, below the menu.
const CONTROLS: Area = Area { x: 0..305, y: 30..760 };
/// Where the pointer rests: over nothing that would react.
const REST: [usize; 2] = [150, 720];

/// Ends with whoever holds it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program on a display of its own, in a folder of its own.
struct Desk {
    // In this order: the program ends before the display that it is on.
    program: Running,
    _display: Running,
    name: String,
    window: String,
    folder: tempfile::TempDir,
    /// For what belongs to the machine and not to the test.
    private: tempfile::TempDir,
}

impl Desk {
    /// Starts the program and waits until it has drawn its dots and rests.
    fn open() -> Self {
        let desk = Self::start("");
        desk.settled();
        desk
    }

    /// Starts the program and waits until it has drawn dots.
    fn start(arguments: &str) -> Self {
        let mut display = Command::new("Xvfb")
            .args(["-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen", "0"])
            .arg(format!("{}x{}x24", SIZE[0], SIZE[1]))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Running)
            .expect("Xvfb starts");
        let mut number = String::new();
        let out = display.0.stdout.take().expect("a pipe");
        BufReader::new(out).read_line(&mut number).expect("the number of the display");
        let name = format!(":{}", number.trim());
        assert!(name.len() > 1, "Xvfb found no display to open");
        run_on(&name, "xdotool", &["mousemove", &REST[0].to_string(), &REST[1].to_string()]);

        let (folder, private) = (temporary(), temporary());
        let log = std::fs::File::create(private.path().join("log")).expect("a file");
        let program = Command::new(env!("CARGO_BIN_EXE_sigmascope"))
            .args(arguments.split_whitespace())
            .current_dir(folder.path())
            .env("DISPLAY", &name)
            .env("HOME", private.path())
            .env("XDG_RUNTIME_DIR", private.path())
            .env("RUST_LOG", "error")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map(Running)
            .expect("the program starts");
        let window = String::new();
        let mut desk = Self { program, _display: display, name, window, folder, private };
        desk.until("dots in the window", |shot| shot.count(&PLOT, is_colored) > 1000);
        let found = desk.xdotool("search --onlyvisible --name sigmascope");
        found.lines().next().expect("a window").clone_into(&mut desk.window);
        // There is no window manager to do it.
        desk.xdotool(&format!("windowfocus {}", desk.window));
        desk
    }

    fn xdotool(&self, words: &str) -> String {
        let words: Vec<&str> = words.split_whitespace().collect();
        String::from_utf8(run_on(&self.name, "xdotool", &words)).expect("text")
    }

    fn key(&self, key: &str) {
        self.xdotool(&format!("key {key}"));
    }

    fn point_at(&self, [x, y]: [usize; 2]) {
        self.xdotool(&format!("mousemove {x} {y}"));
    }

    /// Drags with the left button, until `done`, and takes the pointer away.
    ///
    /// Each step waits for the last to be drawn: what happens within one frame, egui may mix up.
    fn drag(&self, from: [usize; 2], to: [usize; 2], what: &str, done: impl Fn(&Shot) -> bool) {
        self.point_at(from);
        self.settled();
        self.xdotool("mousedown 1");
        self.settled();
        self.point_at(to);
        self.until(what, done);
        self.xdotool("mouseup 1");
        self.settled();
        self.point_at(REST);
    }

    /// Types a path into the field for it.
    fn enter_file(&self, path: &str) {
        let field = self.shot().file_field();
        self.point_at(field);
        let hovered = self.settled();
        self.xdotool("click 1");
        // Keys that come before the field has the focus would go elsewhere.
        self.until("the field's frame", |shot| shot.changed(&hovered, &CONTROLS) > 100);
        self.xdotool(&format!("type {path}"));
        self.key("Return");
        self.point_at(REST);
    }

    fn shot(&self) -> Shot {
        let taken = ["-silent", "-window", "root", "-depth", "8", "rgba:-"];
        let rgba = run_on(&self.name, "import", &taken);
        assert_eq!(rgba.len(), SIZE[0] * SIZE[1] * 4, "not a screenshot");
        Shot(rgba)
    }

    /// Waits for a screenshot that is as expected.
    fn until(&self, what: &str, good: impl Fn(&Shot) -> bool) -> Shot {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shot = self.shot();
            if good(&shot) {
                return shot;
            }
            let late = Instant::now() > deadline;
            assert!(!late, "waited in vain for {what}; see {}\n{}", shot.keep(), self.said());
            sleep(Duration::from_millis(50));
        }
    }

    /// Waits until nothing is under way and the screen stays as it is.
    fn settled(&self) -> Shot {
        let deadline = Instant::now() + PATIENCE;
        let (mut last, mut same) = (self.shot(), 0);
        while same < 5 {
            sleep(Duration::from_millis(60));
            let shot = self.shot();
            same = if shot.0 == last.0 && !shot.has_progress() { same + 1 } else { 0 };
            last = shot;
            let late = Instant::now() > deadline;
            assert!(!late, "the screen never came to rest; see {}\n{}", last.keep(), self.said());
        }
        last
    }

    /// Waits until a file is there, and reads it as a picture.
    fn picture(&self, name: &str) -> (Vec<u8>, [u32; 2]) {
        let path = self.folder.path().join(name);
        self.until(name, |_| path.exists());
        decode(&std::fs::read(path).expect("a file")).expect("a PNG file")
    }

    /// What the program wrote for those who look for errors.
    fn said(&self) -> String {
        std::fs::read_to_string(self.private.path().join("log")).expect("a log")
    }

    /// Waits until the program has ended, but no longer than a user would.
    fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            if let Some(status) = self.program.0.try_wait().expect("a process") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            sleep(Duration::from_millis(20));
        }
    }

    /// Seconds of work that the program has done so far, on all its threads.
    fn worked(&self) -> f64 {
        let path = format!("/proc/{}/stat", self.program.0.id());
        let stat = std::fs::read_to_string(path).expect("a process");
        // The name in parentheses is the second field; utime and stime are 14 and 15.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let ticks = |k: usize| fields.split_whitespace().nth(k - 3)?.parse::<f64>().ok();
        // The unit is fixed at 100 a second for programs, whatever the kernel uses itself.
        (ticks(14).expect("utime") + ticks(15).expect("stime")) / 100.0
    }
}

fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn run_on(display: &str, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).env("DISPLAY", display).output();
    let output = output.unwrap_or_else(|err| panic!("{program}: {err}"));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {message}");
    output.stdout
}

/// A part of the screen.
struct Area {
    x: Range<usize>,
    y: Range<usize>,
}

impl Area {
    fn pixels(&self) -> impl Iterator<Item = [usize; 2]> {
        let Self { x, y } = self;
        y.clone().flat_map(|y| x.clone().map(move |x| [x, y]))
    }
}

/// What was on the screen, as RGBA.
struct Shot(Vec<u8>);

impl Shot {
    fn at(&self, [x, y]: [usize; 2]) -> [u8; 3] {
        let start = 4 * (y * SIZE[0] + x);
        [self.0[start], self.0[start + 1], self.0[start + 2]]
    }

    fn places(&self, area: &Area, is: impl Fn([u8; 3]) -> bool) -> Vec<[usize; 2]> {
        area.pixels().filter(|place| is(self.at(*place))).collect()
    }

    fn count(&self, area: &Area, is: impl Fn([u8; 3]) -> bool) -> usize {
        area.pixels().filter(|place| is(self.at(*place))).count()
    }

    /// How many pixels look different.
    fn changed(&self, other: &Self, area: &Area) -> usize {
        area.pixels().filter(|place| !are_near(self.at(*place), other.at(*place))).count()
    }

    /// The mean distance of the dots from a place.
    fn spread(&self, from: [usize; 2]) -> f64 {
        let dots = self.places(&PLOT, is_colored);
        dots.iter().map(|dot| distance(*dot, from)).sum::<f64>() / dots.len() as f64
    }

    /// The middles of the sliders' handles, from top to bottom.
    fn sliders(&self) -> Vec<[usize; 2]> {
        let start = 96;
        let is_rail = |y: usize| is_accent(self.at([start, y]));
        let edge = |y: &usize| is_rail(*y) && !is_rail(*y - 1);
        let rails = CONTROLS.y.clone().filter(edge);
        rails
            .map(|top| {
                let y = top + 2;
                let end = CONTROLS.x.clone().skip(start).find(|x| !is_accent(self.at([*x, y])));
                // The coloured part of the rail ends at the handle's rim.
                [end.expect("an end") + 9, y]
            })
            .collect()
    }

    /// The middle of the field for a path: the only dark one among the controls.
    fn file_field(&self) -> [usize; 2] {
        let dark = self.places(&CONTROLS, |p| p == Palette::DARK.background);
        let ends = |axis: usize| {
            let along = dark.iter().map(move |place| place[axis]);
            (along.clone().min().expect("a field"), along.max().expect("a field"))
        };
        [0, 1].map(|axis| usize::midpoint(ends(axis).0, ends(axis).1))
    }

    /// Whether there is a bar within `area`, over most of its height, that shows all of viridis
    /// with the last colour on top.
    fn has_color_bar(&self, area: &Area) -> bool {
        let colors = lut(ColorMap::Viridis).map(|[r, g, b, _]| [r, g, b]);
        area.x.clone().any(|x| {
            let like = |k: usize| move |y: &usize| are_near(self.at([x, *y]), colors[k]);
            let (top, bottom) =
                (area.y.clone().find(like(255)), area.y.clone().rev().find(like(0)));
            let (Some(top), Some(bottom)) = (top, bottom) else { return false };
            10 * bottom.saturating_sub(top) > 8 * area.y.len()
                && (1..16).all(|k| like(255 - 16 * k)(&(top + (bottom - top) * k * 16 / 255)))
        })
    }

    /// Whether the status line shows a bar that grows.
    fn has_progress(&self) -> bool {
        self.count(&Area { x: 900..SIZE[0], y: 765..SIZE[1] }, is_accent) > 20
    }

    /// Whether a message tells of bad input or a failure.
    fn has_warning(&self) -> bool {
        let all = Area { x: 0..SIZE[0], y: 0..SIZE[1] };
        self.count(&all, is_warning) > 10
    }

    /// Leaves the picture where cargo keeps what tests write.
    fn keep(&self) -> String {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("window-{}.png", std::process::id()));
        let png = encode(&self.0, SIZE.map(|side| side as u32)).expect("a picture");
        std::fs::write(&path, png).expect("a file");
        path.display().to_string()
    }
}

fn distance(a: [usize; 2], b: [usize; 2]) -> f64 {
    (a[0] as f64 - b[0] as f64).hypot(a[1] as f64 - b[1] as f64)
}

fn are_near(a: [u8; 3], b: [u8; 3]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 8)
}

/// A dot, and not the grid or text.
fn is_colored([r, g, b]: [u8; 3]) -> bool {
    r.max(g).max(b) - r.min(g).min(b) > 40
}

fn is_yellow([r, g, b]: [u8; 3]) -> bool {
    r > 170 && g > 180 && b < 90
}

/// Dark blue or purple: the lower part of viridis.
fn is_low([r, g, b]: [u8; 3]) -> bool {
    b > r && b > g && g < 140
}

/// The colour of sliders and progress.
fn is_accent([r, g, b]: [u8; 3]) -> bool {
    g > r.saturating_add(30) && b > r.saturating_add(30) && g.abs_diff(b) < 20
}

/// The mark of a message about a mistake or a failure; no dot is orange or red.
fn is_warning([r, g, b]: [u8; 3]) -> bool {
    r > 200 && g < 170 && b < 70
}

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
    assert_eq!(shot.sliders().len(), 6, "sliders for N, M, sigma, chunk, size, opacity");
    assert!(!shot.has_warning(), "a message in the first window");
    assert_eq!(desk.said(), "");
}

fn sigma_by_mouse() {
    let desk = Desk::open();
    let first = desk.settled();
    let [x, y] = first.sliders()[2];
    // Away from the panel, whose hints reach into the plot.
    let dots = Area { x: 480..1020, y: 90..700 };
    let other = |before: &Shot, shot: &Shot| before.changed(shot, &dots) > 2000;
    desk.drag([x, y], [x + 24, y], "other colours", |shot| other(&first, shot));
    let wide = desk.settled();
    let moved = wide.sliders()[2];
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

fn files_by_path() {
    let desk = Desk::open();
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
    let values = Area { y: 145..CONTROLS.y.end, ..CONTROLS };
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

fn quits() {
    let mut desk = Desk::open();
    desk.key("ctrl+q");
    let status = desk.ends();
    assert_eq!(status.code(), Some(0), "{status}\n{}", desk.said());
    assert_eq!(desk.said(), "");
}

fn terminates() {
    let mut desk = Desk::open();
    let kill = format!("kill -TERM {}", desk.program.0.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
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
    let desk = Desk::start("--n 60000 --m 60000");
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
            device_test(
                "a path that is typed is loaded, a bad file leaves the dots",
                files_by_path,
            ),
            device_test("keys open the sheet and save pictures", keys),
            device_test("Ctrl+Q ends the program", quits),
            device_test("a signal ends the program", terminates),
            device_test("an idle window does nothing", idles),
            device_test("resizing while it sums draws the last size", resized_while_summing),
        ],
    );
}
