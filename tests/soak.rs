//! A long day in a minute, or in as many as `SIGMASCOPE_SOAK_MINUTES` says: other points and σ, loads,
//! exports, resizes and lost devices at random, and again and again back to where it began, where
//! memory and the objects on the device have to be what they were. It says its seed, and takes one from
//! `SIGMASCOPE_SOAK_SEED`.

#![expect(clippy::float_cmp, reason = "the log repeats what was set")]

mod common;
mod desk;

use std::{
    fmt::Write,
    thread::sleep,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use common::{device_test, run_device_tests_with, uniform};
use desk::{Desk, FRAME, MIDDLE, PATIENCE, PROGRAMS, REST, SIZE, Start, unfold_data};

/// Time between two looks at memory.
const ROUND: Duration = Duration::from_secs(6);
/// How many different things [`Soak::act`] does.
const ACTIONS: usize = 11;
/// Rounds after which memory has grown to its usual size.
const WARM_UP: usize = 2;
/// Losses are counted one by one: the program never asks whether to go on.
const NEVER: &[(&str, &str)] = &[("SIGMASCOPE_LOSSES_WITHIN", "0")];

/// What there is at one moment.
#[derive(Clone, Copy, Debug)]
struct Held {
    resident: u64,
    /// Buffers, views, bind groups, pipelines. Not textures: wgpu counts those of the window's surface
    /// when they go, and not when they come.
    objects: [i64; 4],
}

struct Soak {
    desk: Desk,
    random: Box<dyn FnMut() -> f64>,
    done: String,
    losses: usize,
}

impl Soak {
    fn below(&mut self, end: usize) -> usize {
        ((self.random)() * end as f64) as usize
    }

    /// One of the things that a user, a system or a driver may do.
    fn act(&mut self, action: usize) {
        let _ = write!(self.done, "{action} ");
        match action {
            0 | 1 => self.slide(0),
            2 => {
                let slider = 1 + self.below(2);
                self.slide(slider);
            }
            3 => self.desk.key("r"),
            4 => {
                let button = 4 + self.below(2);
                let [x, y] = MIDDLE;
                self.desk.xdotool(&format!("mousemove {x} {y} click --repeat 2 {button}"));
            }
            5 => {
                let name = ["map.csv", "ragged.csv", "missing.csv"][self.below(3)];
                self.type_path(name);
            }
            6 => self.desk.key("F12"),
            7 => {
                self.desk.key("ctrl+s");
                sleep(2 * FRAME);
                self.desk.key("Return");
                sleep(2 * FRAME);
                self.desk.key("Escape");
            }
            8 => {
                let (width, height) = (800 + self.below(480), 600 + self.below(200));
                let window = self.desk.window.clone();
                self.desk.xdotool(&format!("windowsize {window} {width} {height}"));
            }
            9 => {
                let faults = ["loss-in-sum", "loss-when-idle", "loss-before-paint"];
                let fault = faults[self.below(faults.len())];
                self.desk.inject(fault);
                let desk = &self.desk;
                desk.until_struck(fault, || {
                    desk.xdotool("mousemove_relative 1 0 key F5 mousemove_relative -- -1 0");
                });
                self.losses += 1;
                sleep(Duration::from_secs(2));
                self.desk.point_at(MIDDLE);
                self.desk.find_window();
            }
            _ => self.desk.key("f"),
        }
        sleep(FRAME);
        assert!(self.desk.is_alive(), "it ended after {}\n{}", self.done, self.desk.said());
    }

    /// Takes the handle of a slider somewhere else; there may be none where a file says how many.
    fn slide(&mut self, slider: usize) {
        let Some([x, y]) = self.desk.shot().sliders().get(slider).copied() else { return };
        // Not so many points that a software device takes minutes.
        let to = 100 + self.below(60);
        self.desk.xdotool(&format!("mousemove {x} {y} mousedown 1 mousemove {to} {y} mouseup 1"));
    }

    fn type_path(&mut self, name: &str) {
        // In a narrow window there is a rail.
        let Some(field) = self.desk.shot().file_field() else { return };
        self.desk.point_at(field);
        sleep(FRAME);
        self.desk.xdotool("click 1");
        sleep(FRAME);
        self.desk.xdotool(&format!("key ctrl+a type {name}"));
        self.desk.key("Return");
        self.desk.key("Escape");
    }

    /// Back to the first window, and what there is then; `most` are the objects that may be left.
    fn look(&mut self, most: Option<[i64; 4]>) -> Held {
        let [width, height] = SIZE;
        let window = self.desk.window.clone();
        self.desk.xdotool(&format!("windowsize {window} {width} {height}"));
        sleep(2 * FRAME);
        let deadline = Instant::now() + PATIENCE;
        loop {
            // File, Generate points; Edit, Reset all: where they are in the menus.
            for clicks in [[[20, 13], [60, 129]], [[55, 13], [80, 213]]] {
                self.desk.key("Escape");
                for place in clicks {
                    self.desk.point_at(place);
                    sleep(FRAME);
                    self.desk.xdotool("click 1");
                    sleep(FRAME);
                }
            }
            self.desk.key("f");
            self.desk.point_at(REST);
            self.desk.settled();
            let frame = self.last_frame();
            if frame["n"] == 3000.0 && frame["sigma"] == 0.3 && frame["current"] == 1.0 {
                break;
            }
            let late = Instant::now() > deadline;
            assert!(!late, "no way back after {}; see {}", self.done, self.desk.shot().keep());
        }
        // A window takes its first screenshot with a pipeline that it keeps.
        self.desk.key("F12");
        self.desk.settled();
        // What was given up is taken apart with the next frames, however late they come. What is
        // left over stays.
        let deadline = Instant::now() + PATIENCE;
        let mut frames = 0;
        let objects = loop {
            self.desk.xdotool("mousemove_relative 1 0 sleep 0.1 mousemove_relative -- -1 0");
            sleep(FRAME);
            frames += 1;
            if frames < 3 {
                continue;
            }
            self.desk.settled();
            let frame = self.last_frame();
            let names = ["buffers", "texture_views", "bind_groups", "pipelines"];
            let objects = names.map(|name| frame[name] as i64);
            if most.is_none_or(|most| is_within(objects, most)) || Instant::now() > deadline {
                break objects;
            }
        };
        for entry in std::fs::read_dir(self.desk.folder.path()).expect("the folder") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "png") {
                std::fs::remove_file(path).expect("a picture");
            }
        }
        Held { resident: self.desk.resident(), objects }
    }

    /// The last line of the frame log, by column.
    fn last_frame(&self) -> std::collections::HashMap<String, f64> {
        let text = std::fs::read_to_string(self.desk.folder.path().join("frames.csv"));
        let text = text.expect("a frame log");
        let number = |word: &str| match word {
            "true" => 1.0,
            "false" => 0.0,
            word => word.parse().expect("a number"),
        };
        let names = text.lines().next().expect("a header").split(',').map(str::to_owned);
        // The last line may be half written.
        let whole = &text[..=text.rfind('\n').expect("lines")];
        let values = whole.lines().next_back().expect("a frame").split(',').map(number);
        names.zip(values).collect()
    }
}

/// Whether there are no more of any kind.
fn is_within(objects: [i64; 4], most: [i64; 4]) -> bool {
    objects.iter().zip(most).all(|(objects, most)| *objects <= most)
}

fn soak() {
    let minutes = std::env::var("SIGMASCOPE_SOAK_MINUTES").ok();
    let minutes: f64 = minutes.map_or(1.0, |text| text.parse().expect("a number of minutes"));
    let started = Instant::now();
    let seed = std::env::var("SIGMASCOPE_SOAK_SEED").ok();
    let seed: u64 = seed.map_or_else(
        || SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs(),
        |text| text.parse().expect("a whole number as seed"),
    );
    println!("the same again: SIGMASCOPE_SOAK_SEED={seed}");
    let start = Start {
        arguments: "--engine gpu --frame-log frames.csv",
        environment: NEVER,
        ..Start::default()
    };
    let mut desk = Desk::begin_with(start, unfold_data);
    desk.shown();
    let folder = desk.folder.path();
    let rows: Vec<String> = (0..2000).map(|i| format!("{},{}", i % 97, i % 89)).collect();
    std::fs::write(folder.join("map.csv"), rows.join("\n")).expect("a file");
    std::fs::write(folder.join("ragged.csv"), "x,y\n1,2\n3\n").expect("a file");
    let random = Box::new(uniform(seed));
    let mut soak = Soak { desk, random, done: String::new(), losses: 0 };
    let mut held: Vec<Held> = Vec::new();
    // Whatever is only made once is made, and memory has seen its largest pictures.
    for _ in 0..WARM_UP {
        (0..ACTIONS).for_each(|action| soak.act(action));
    }
    // Some objects are made when they are first needed, and not again after a loss: what is left may
    // be less than at another time, and never more than the most of the beginning.
    let most = |held: &[Held]| {
        let most = |of: [i64; 4], held: &Held| std::array::from_fn(|i| held.objects[i].max(of[i]));
        let beginning = held.get(..WARM_UP)?;
        Some(beginning.iter().fold([0; 4], most))
    };
    while held.len() < WARM_UP + 3 || started.elapsed().as_secs_f64() < 60.0 * minutes {
        let round = Instant::now();
        while round.elapsed() < ROUND {
            let action = soak.below(ACTIONS);
            soak.act(action);
        }
        let now = soak.look(most(&held));
        println!("{:4.0} s, {:2} losses: {now:?}", started.elapsed().as_secs_f64(), soak.losses);
        held.push(now);
    }
    // Memory is fragmented differently every time: the usual of the end against the most of the
    // beginning.
    let (warm, later) = held.split_at(WARM_UP.max(held.len() / 3));
    let before = warm.iter().map(|held| held.resident).max().expect("a warm-up");
    let end = later.len() - (later.len() / 2).max(3).min(later.len());
    let mut last: Vec<u64> = later[end..].iter().map(|held| held.resident).collect();
    last.sort_unstable();
    let after = last[last.len() / 2];
    let allowed = before + (16 << 20).max(3 * before / 100);
    assert!(after <= allowed, "it grew from {before} to {after} bytes");
    let most = most(&held).expect("a warm-up");
    for Held { objects, .. } in later {
        assert!(is_within(*objects, most), "objects are left over: {objects:?} and not {most:?}");
    }
    soak.desk.key("ctrl+q");
    assert_eq!(soak.desk.ends().code(), Some(0), "{}", soak.desk.said());
}

fn main() {
    if !cfg!(target_os = "linux") {
        // A window on an X server is not what users of other systems have.
        return run_device_tests_with(&[], Vec::new());
    }
    run_device_tests_with(&PROGRAMS, vec![device_test("a long day", soak)]);
}
