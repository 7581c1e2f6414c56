//! The program on a display of its own: mouse and keys go in, pixels come out.
//!
//! Each desk has a virtual X server to itself. When one gives up waiting, the last screenshot is left in cargo's folder for tests.

#![allow(dead_code, reason = "each test file uses its own part")]

#[cfg(target_os = "linux")]
mod dropping;
mod shot;

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use sigmascope::session::picture::decode;

pub use shot::*;

pub const PROGRAMS: [(&str, &str); 3] =
    [("Xvfb", "xvfb"), ("xdotool", "xdotool"), ("import", "imagemagick")];

/// The display is as large as the program's first window.
pub const SIZE: [usize; 2] = [1280, 800];
/// Nothing takes longer, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_mins(3);
/// Time for a frame, where the program shows no sign that it took something in.
pub const FRAME: Duration = Duration::from_millis(150);

/// Ends with whoever holds it.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program on a display of its own, in a folder of its own.
pub struct Desk {
    // In this order: the program ends before the display that it is on.
    pub program: Running,
    _display: Running,
    name: String,
    pub window: String,
    pub folder: tempfile::TempDir,
    /// For what belongs to the machine and not to the test.
    pub private: tempfile::TempDir,
}

/// How the program is started.
#[derive(Clone, Copy, Default)]
pub struct Start<'a> {
    /// Separated by spaces.
    pub arguments: &'a str,
    pub environment: &'a [(&'a str, &'a str)],
    /// What a shell does before it turns into the program.
    pub prelude: &'a str,
}

impl Start<'_> {
    fn spawn(&self, display: &str, folder: &Path, private: &Path) -> Running {
        let log = std::fs::File::create(private.join("log")).expect("a file");
        let faults = private.join("faults");
        std::fs::create_dir_all(&faults).expect("a folder");
        let program = env!("CARGO_BIN_EXE_sigmascope");
        let mut command = if self.prelude.is_empty() {
            Command::new(program)
        } else {
            let mut shell = Command::new("bash");
            shell.args(["-c", &format!("{}; exec \"$0\" \"$@\"", self.prelude), program]);
            shell
        };
        command
            .args(self.arguments.split_whitespace())
            .current_dir(folder)
            .env("DISPLAY", display)
            .env("HOME", private)
            .env("XDG_RUNTIME_DIR", private)
            .env("RUST_LOG", "error")
            .env("SIGMASCOPE_NO_RATES", "1")
            .env("SIGMASCOPE_FAULTS", faults)
            .env_remove("SIGMASCOPE_SETTINGS")
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .envs(self.environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map(Running)
            .expect("the program starts")
    }
}

impl Desk {
    /// Drops a file on the middle of the window.
    #[cfg(target_os = "linux")]
    pub fn drop_file(&self, path: &Path) {
        let window = self.window.trim().parse().expect("the number of a window");
        let middle = SIZE.map(|side| side as u32 / 2);
        dropping::drop_file(&self.name, window, middle, path);
    }

    /// Starts the program and waits until it has drawn its dots and rests.
    pub fn open() -> Self {
        let desk = Self::start("");
        desk.settled();
        desk
    }

    /// Starts the program and waits until it has drawn dots.
    pub fn start(arguments: &str) -> Self {
        let mut desk = Self::begin(Start { arguments, ..Start::default() });
        desk.shown();
        desk
    }

    /// Starts the program, and waits for nothing.
    pub fn begin(start: Start<'_>) -> Self {
        Self::begin_with(start, |_| ())
    }

    /// The same once `prepare` has seen the folder that it will find its own files in.
    pub fn begin_with(start: Start<'_>, prepare: impl FnOnce(&Path)) -> Self {
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
        prepare(private.path());
        let program = start.spawn(&name, folder.path(), private.path());
        Self { program, _display: display, name, window: String::new(), folder, private }
    }

    /// Starts the program once more, in place of the one before.
    pub fn begin_again(&mut self, start: Start<'_>) {
        let _ = self.program.0.kill();
        let _ = self.program.0.wait();
        self.program = start.spawn(&self.name, self.folder.path(), self.private.path());
    }

    /// Waits until there are dots in the window, and gives it the keys.
    pub fn shown(&mut self) -> Shot {
        let shot = self.until("dots in the window", |shot| shot.count(&PLOT, is_colored) > 1000);
        self.find_window();
        shot
    }

    /// Looks which window is the program's by now, and gives it the keys.
    pub fn find_window(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.focused().map(|window| self.window = window).is_none() {
            assert!(Instant::now() < deadline, "there is no window\n{}", self.said());
            sleep(FRAME);
        }
    }

    /// Gives the keys to the program's window, unless that is just being replaced.
    pub fn focused(&self) -> Option<String> {
        let ask = |words: &[&str]| {
            let output = Command::new("xdotool").args(words).env("DISPLAY", &self.name).output();
            output.ok().filter(|output| output.status.success())
        };
        let found = ask(&["search", "--onlyvisible", "--name", "sigmascope"])?;
        let window = String::from_utf8_lossy(&found.stdout).lines().next()?.to_owned();
        // There is no window manager to do it.
        ask(&["windowfocus", &window]).map(|_| window)
    }

    /// Lets a fault strike as soon as it can.
    pub fn inject(&self, fault: &str) {
        std::fs::write(self.fault(fault), "").expect("a file");
    }

    /// Waits until a fault has struck; `meanwhile` brings it about.
    pub fn until_struck(&self, fault: &str, meanwhile: impl Fn()) {
        let deadline = Instant::now() + PATIENCE;
        for tries in 1.. {
            if !self.fault(fault).exists() {
                return;
            }
            if tries % 20 == 0 {
                // The window before may have had the keys.
                let _ = self.focused();
            }
            meanwhile();
            sleep(Duration::from_millis(20));
            assert!(Instant::now() < deadline, "{fault} never struck\n{}", self.said());
        }
    }

    fn fault(&self, name: &str) -> PathBuf {
        self.private.path().join("faults").join(name)
    }

    /// Whether the program is still there.
    pub fn is_alive(&mut self) -> bool {
        self.program.0.try_wait().expect("a process").is_none()
    }

    /// Sends the program a signal, by its name.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.program.0.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
    }

    pub fn xdotool(&self, words: &str) -> String {
        let words: Vec<&str> = words.split_whitespace().collect();
        String::from_utf8(run_on(&self.name, "xdotool", &words)).expect("text")
    }

    pub fn key(&self, key: &str) {
        self.xdotool(&format!("key {key}"));
    }

    /// Clicks for as long as a frame lasts.
    pub fn press(&self) {
        self.xdotool("mousedown 1");
        sleep(FRAME);
        self.xdotool("mouseup 1");
    }

    pub fn point_at(&self, [x, y]: [usize; 2]) {
        self.xdotool(&format!("mousemove {x} {y}"));
    }

    /// Drags with the left button, until `done`, and takes the pointer away.
    ///
    /// Each step waits for the last to be drawn: what happens within one frame, egui may mix up.
    pub fn drag(&self, from: [usize; 2], to: [usize; 2], what: &str, done: impl Fn(&Shot) -> bool) {
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
    pub fn enter_file(&self, path: &str) {
        let field = self.shot().file_field().expect("a field");
        self.point_at(field);
        let hovered = self.settled();
        self.press();
        // Keys that come before the field has the focus would go elsewhere.
        self.until("the field's frame", |shot| shot.changed(&hovered, &CONTROLS) > 100);
        self.xdotool(&format!("type {path}"));
        self.key("Return");
        self.point_at(REST);
    }

    pub fn shot(&self) -> Shot {
        let taken = ["-silent", "-window", "root", "-depth", "8", "rgba:-"];
        let rgba = run_on(&self.name, "import", &taken);
        assert_eq!(rgba.len(), SIZE[0] * SIZE[1] * 4, "not a screenshot");
        Shot(rgba)
    }

    /// Waits for a screenshot that is as expected.
    pub fn until(&self, what: &str, good: impl Fn(&Shot) -> bool) -> Shot {
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

    /// Answers a question by its first button and waits for a screenshot that is as expected.
    pub fn answer(&self, what: &str, good: impl Fn(&Shot) -> bool) -> Shot {
        self.until(what, |shot| {
            // What happens within one slow frame, egui may mix up: the click is made again.
            if let Some(button) = shot.first_button() {
                self.point_at(button);
                sleep(FRAME);
                self.press();
                self.point_at(REST);
                sleep(8 * FRAME);
            }
            good(shot)
        })
    }

    /// Waits until nothing is under way and the screen stays as it is.
    pub fn settled(&self) -> Shot {
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
    pub fn picture(&self, name: &str) -> (Vec<u8>, [u32; 2]) {
        let path = self.folder.path().join(name);
        self.until(name, |_| path.exists());
        decode(&std::fs::read(path).expect("a file")).expect("a PNG file")
    }

    /// What the program wrote for those who look for errors.
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.private.path().join("log")).expect("a log")
    }

    /// Waits until the program has ended.
    pub fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.program.0.try_wait().expect("a process") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            sleep(Duration::from_millis(20));
        }
    }

    /// Bytes of memory that the program holds.
    pub fn resident(&self) -> u64 {
        let path = format!("/proc/{}/status", self.program.0.id());
        let status = std::fs::read_to_string(path).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
    }

    /// Seconds of work that the program has done so far, on all its threads.
    pub fn worked(&self) -> f64 {
        let path = format!("/proc/{}/stat", self.program.0.id());
        let stat = std::fs::read_to_string(path).expect("a process");
        // The name in parentheses is the second field; utime and stime are 14 and 15.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let ticks = |k: usize| fields.split_whitespace().nth(k - 3)?.parse::<f64>().ok();
        // The unit is fixed at 100 a second for programs, whatever the kernel uses itself.
        (ticks(14).expect("utime") + ticks(15).expect("stime")) / 100.0
    }
}

/// Unfolds the section of the side panel that has the field for a path.
pub fn unfold_data(private: &Path) {
    let own = private.join(".config/sigmascope");
    std::fs::create_dir_all(&own).expect("a folder");
    std::fs::write(own.join("settings.json"), r#"{"unfolded": ["data"]}"#).expect("a file");
}

pub fn temporary() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

pub fn run_on(display: &str, program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program).args(arguments).env("DISPLAY", display).output();
    let output = output.unwrap_or_else(|err| panic!("{program}: {err}"));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {message}");
    output.stdout
}
