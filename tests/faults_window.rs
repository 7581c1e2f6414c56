//! Faults in the real window on a display of its own: it stays, or comes back with everything in it.

mod common;
mod desk;

use std::{
    fmt::Write,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use common::{device_test, run_device_tests_with};
use desk::{Area, Desk, MIDDLE, PLOT, PROGRAMS, REST, SIZE, Shot, Start, is_colored, is_yellow};

/// Each fault strikes as often.
const TIMES: usize = 10;
/// In how many seconds the program gives up computing after three losses.
const LOSSES_WITHIN: &str = "SIGMASCOPE_LOSSES_WITHIN";
/// Losses are counted one by one: it never gives up.
const NEVER: &[(&str, &str)] = &[(LOSSES_WITHIN, "0")];
/// Longer than three losses take on any machine.
const LONG: &[(&str, &str)] = &[(LOSSES_WITHIN, "3600")];

/// The dots, without what messages cover and without the hints of the panel.
const DOTS: Area = Area { x: 480..1020, y: 90..540 };

/// A window that is not as it is at first: other points, another σ, another view, and selected dots.
fn unusual(environment: &[(&str, &str)]) -> (Desk, Shot) {
    let mut desk = Desk::begin(Start {
        arguments: "--engine gpu --n 2500 --m 2000 --sigma 0.2 --seed 5",
        environment,
        ..Start::default()
    });
    desk.shown();
    desk.point_at(MIDDLE);
    desk.xdotool("click --repeat 2 --delay 60 4");
    desk.settled();
    desk.key("b");
    let [x, y] = MIDDLE;
    let right = Area { x: x + 100..x + 250, y: y - 150..y + 150 };
    assert!(desk.settled().count(&right, is_colored) > 500, "nothing could be dimmed");
    desk.drag([x - 90, y - 90], [x + 90, y + 90], "a rectangle", |_| true);
    let shot = desk.until("dimmed dots", |shot| shot.count(&right, is_colored) == 0);
    drop(shot);
    desk.key("v");
    let shot = desk.settled();
    (desk, shot)
}

/// Loses the device ten times, each time in the middle of what `bring_about` does.
fn comes_back_after(fault: &str, bring_about: impl Fn(&Desk)) {
    let (mut desk, before) = unusual(NEVER);
    for _ in 0..TIMES {
        desk.inject(fault);
        desk.until_struck(fault, || bring_about(&desk));
        // An idle window learns of its loss when it next has something to draw.
        let moves = std::cell::Cell::new(0);
        let back = |shot: &Shot| {
            moves.set(moves.get() + 1);
            desk.xdotool(&format!("mousemove {} {}", REST[0] + moves.get() % 2, REST[1]));
            let anew = desk.focused().is_some_and(|window| window != desk.window);
            anew && shot.has_warning() && shot.changed(&before, &DOTS) < 20 && !shot.has_progress()
        };
        desk.until("the same picture, and a message", back);
        assert!(desk.is_alive());
        desk.find_window();
    }
    let said = desk.said();
    assert!(!said.contains("panicked"), "{said}");
    desk.key("ctrl+q");
    assert_eq!(desk.ends().code(), Some(0), "{}", desk.said());
}

fn lost_three_times_at_once() {
    let (mut desk, _) = unusual(LONG);
    for _ in 0..3 {
        desk.inject("loss-before-paint");
        desk.until_struck("loss-before-paint", || {
            desk.xdotool("mousemove_relative --sync 1 0");
            desk.xdotool("mousemove_relative --sync -- -1 0");
        });
        sleep(Duration::from_millis(1200));
    }
    // Nothing is computed, and it asks how to go on.
    desk.until("an empty plot", |shot| shot.count(&PLOT, is_colored) == 0);
    desk.find_window();
    let asked = desk.settled();
    assert_eq!(asked.count(&PLOT, is_colored), 0, "it went on; see {}", asked.keep());
    assert!(desk.is_alive());
    assert!(asked.first_button().is_some(), "no button; see {}", asked.keep());
    desk.answer("dots", |shot| shot.count(&PLOT, is_colored) > 1000);
    desk.key("ctrl+q");
    assert_eq!(desk.ends().code(), Some(0), "{}", desk.said());
}

fn right_soon_after_a_loss_in_a_long_sum() {
    let mut desk =
        Desk::begin(Start { arguments: "--engine gpu --n 20000 --m 20000", ..Start::default() });
    desk.shown();
    let before = desk.settled();
    desk.inject("loss-in-sum");
    // Another seed: other points, whose sum is lost halfway.
    desk.key("r");
    desk.until_struck("loss-in-sum", || ());
    let lost = Instant::now();
    desk.until("a message", |shot| shot.has_warning() && shot.count(&PLOT, is_colored) > 1000);
    let took = lost.elapsed();
    println!("the picture was back after {took:?}");
    desk.find_window();
    let after = desk.settled();
    assert!(after.changed(&before, &DOTS) > 1000, "the wish was forgotten; see {}", after.keep());
    assert!(desk.is_alive());
}

fn broken_shader() {
    let mut desk = Desk::begin_with(Start::default(), |private| {
        std::fs::create_dir_all(private.join("faults")).expect("a folder");
        std::fs::write(private.join("faults").join("broken-shader"), "").expect("a file");
    });
    let shot = desk.until("dots and a message", |shot| {
        shot.count(&PLOT, is_colored) > 1000 && shot.has_warning()
    });
    assert!(shot.count(&PLOT, is_yellow) > 200, "the dots have no colours; see {}", shot.keep());
    assert!(desk.is_alive());
}

fn crash_of_the_window() {
    let (mut desk, before) = unusual(&[]);
    desk.inject("window-panic");
    desk.until_struck("window-panic", || desk.point_at(MIDDLE));
    let status = desk.ends();
    assert_eq!(status.code(), Some(1), "{status}");
    let said = desk.said();
    assert!(said.contains("an internal error ended the window"), "{said}");
    assert!(said.contains("recovered-session.json"), "{said}");
    let kept = desk.private.path().join(".config/sigmascope/recovered-session.json");
    assert!(kept.exists(), "nothing was kept");

    // The next start offers it; it is taken.
    desk.point_at(REST);
    desk.begin_again(Start::default());
    desk.until("dots", |shot| shot.count(&PLOT, is_colored) > 1000);
    desk.find_window();
    let asked = desk.settled();
    assert!(asked.first_button().is_some(), "no button; see {}", asked.keep());
    desk.answer("the old picture", |shot| shot.changed(&before, &DOTS) < 20);
    assert!(!kept.exists(), "it would be offered again");
    desk.key("ctrl+q");
    assert_eq!(desk.ends().code(), Some(0), "{}", desk.said());
}

fn settings_come_back() {
    let mut desk = Desk::start("--theme light");
    let own = desk.private.path().join(".config/sigmascope/settings.json");
    desk.xdotool(&format!("windowsize {} 1100 700", desk.window));
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    desk.until("settings", |_| read(&own).contains("1100"));
    assert!(read(&own).contains("light"), "{}", read(&own));
    desk.key("ctrl+q");
    assert_eq!(desk.ends().code(), Some(0));
    desk.begin_again(Start::default());
    desk.shown();
    let size = desk.xdotool(&format!("getwindowgeometry {}", desk.window));
    assert!(size.contains("1100x700"), "{size}");
    let [r, g, b] = desk.settled().at([20, 690]);
    assert!(r > 200 && g > 200 && b > 200, "it is dark");

    // Nonsense neither stops the start nor is lost.
    desk.key("ctrl+q");
    desk.ends();
    std::fs::write(&own, "{\"theme\": 7").expect("a file");
    desk.begin_again(Start::default());
    desk.shown();
    desk.until("a message", Shot::has_warning);
    assert!(own.with_extension("unreadable").exists());
}

fn settings_folder_that_cannot_be_written() {
    let mut desk = Desk::begin_with(Start::default(), |private| {
        // Not even root can make a folder where a file is.
        std::fs::write(private.join(".config"), "").expect("a file");
    });
    desk.shown();
    for k in 0..TIMES {
        desk.xdotool(&format!("windowsize {} {} 700", desk.window, 1000 + 10 * k));
        sleep(Duration::from_millis(600));
    }
    let shot = desk.until("a message", Shot::has_warning);
    assert!(shot.count(&DOTS, is_colored) > 1000, "see {}", shot.keep());
    desk.key("ctrl+q");
    assert_eq!(desk.ends().code(), Some(0), "{}", desk.said());
}

fn full_disk() {
    // Files may have no more than 8 blocks: what a full disk does to whoever writes.
    let prelude = "trap '' XFSZ; ulimit -f 8";
    let mut desk = Desk::begin(Start { prelude, ..Start::default() });
    desk.shown();
    let before = desk.settled();
    for _ in 0..TIMES {
        desk.key("F12");
        desk.until("a message", Shot::has_warning);
        // The message of the time before may still be there: wait until this attempt has ended, too.
        let deadline = std::time::Instant::now() + Duration::from_mins(1);
        loop {
            sleep(Duration::from_millis(200));
            let files = std::fs::read_dir(desk.folder.path()).expect("the folder");
            let files: Vec<_> = files.collect();
            if files.is_empty() {
                break;
            }
            assert!(std::time::Instant::now() < deadline, "{files:?}");
        }
    }
    let after = desk.settled();
    assert_eq!(after.changed(&before, &DOTS), 0, "see {}", after.keep());
    assert!(desk.is_alive());
}

fn stopped_and_continued() {
    let mut desk = Desk::start("--engine gpu --n 60000 --m 60000");
    desk.key("r");
    sleep(Duration::from_millis(300));
    desk.signal("STOP");
    sleep(Duration::from_secs(10));
    desk.signal("CONT");
    desk.until("the whole picture", |shot| {
        !shot.has_progress() && shot.count(&PLOT, is_yellow) > 200
    });
    let shot = desk.settled();
    assert!(!shot.has_warning(), "see {}", shot.keep());
    assert!(desk.is_alive());
    assert_eq!(desk.said(), "");
}

fn terminated_in_the_middle() {
    for k in 0..TIMES as u64 {
        let mut desk = Desk::start("--engine gpu --n 60000 --m 60000");
        desk.key("r");
        desk.key("F12");
        sleep(Duration::from_millis(40 * k));
        desk.signal("TERM");
        let started = Instant::now();
        desk.ends();
        println!("it ended after {:?}", started.elapsed());
        for entry in std::fs::read_dir(desk.folder.path()).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "png") {
                let bytes = std::fs::read(&path).expect("a file");
                sigmascope::session::picture::decode(&bytes).expect("a whole picture");
            }
        }
    }
}

fn resized_a_thousand_times() {
    let mut desk = Desk::start("");
    let mut random = common::uniform(11);
    for _ in 0..50 {
        let mut words = String::new();
        for _ in 0..20 {
            let mut side = || (1.0 + 1399.0 * random()) as u32;
            let _ = write!(words, "windowsize {} {} {} ", desk.window, side(), side());
        }
        desk.xdotool(&words);
    }
    for size in ["1 1", "9000 600", "1 900", "600 9000", "9000 9000", "1280 800"] {
        desk.xdotool(&format!("windowsize {} {size}", desk.window));
        sleep(Duration::from_millis(400));
        assert!(desk.is_alive(), "{size}: {}", desk.said());
    }
    let all = Area { x: 0..SIZE[0], y: 0..SIZE[1] };
    // Frames of the large windows take their time.
    let has_holes = |shot: &Shot| shot.count(&all, |pixel| pixel == [0; 3]) >= 5000;
    desk.until("a picture without holes", |shot| {
        shot.count(&PLOT, is_colored) > 1000 && !has_holes(shot)
    });
    let shot = desk.settled();
    assert!(shot.count(&PLOT, is_colored) > 1000, "no picture; see {}", shot.keep());
    assert!(!has_holes(&shot), "holes; see {}", shot.keep());
    assert!(!shot.has_warning(), "a message; see {}", shot.keep());
}

fn main() {
    if !cfg!(target_os = "linux") {
        // A window on an X server is not what users of other systems have.
        return run_device_tests_with(&[], Vec::new());
    }
    let rests = |_: &Desk| ();
    let moves = |desk: &Desk| {
        desk.xdotool("mousemove_relative --sync 1 0");
        desk.xdotool("mousemove_relative --sync -- -1 0");
    };
    let sums = |desk: &Desk| desk.key("F5");
    let saves = |desk: &Desk| {
        let _ = std::fs::remove_file(desk.folder.path().join("sigmascope.png"));
        desk.key("ctrl+s");
        sleep(Duration::from_millis(300));
        desk.key("Return");
        sleep(Duration::from_millis(300));
    };
    run_device_tests_with(
        &PROGRAMS,
        vec![
            device_test("the device is lost when idle", move || {
                comes_back_after("loss-when-idle", rests);
            }),
            device_test("the device is lost in the middle of a sum", move || {
                comes_back_after("loss-in-sum", sums);
            }),
            device_test("the device is lost before a frame is painted", move || {
                comes_back_after("loss-before-paint", moves);
            }),
            device_test("the device is lost during an export", move || {
                comes_back_after("loss-in-picture", saves);
            }),
            device_test("the device is lost while points are prepared", move || {
                comes_back_after("loss-in-load", sums);
            }),
            device_test("the device is lost three times at once", lost_three_times_at_once),
            device_test("a loss in a long sum", right_soon_after_a_loss_in_a_long_sum),
            device_test("a driver that does not take the shader", broken_shader),
            device_test("a crash of the window is offered back", crash_of_the_window),
            device_test("settings come back, nonsense is set aside", settings_come_back),
            device_test(
                "a folder for settings that cannot be written",
                settings_folder_that_cannot_be_written,
            ),
            device_test("a full disk", full_disk),
            device_test("stopped for ten seconds", stopped_and_continued),
            device_test("terminated in the middle", terminated_in_the_middle),
            device_test("resized a thousand times", resized_a_thousand_times),
        ],
    );
}
