//! Each test in a process of its own, whatever runs the tests: what one of them leaves in memory, in a
//! driver or on a display is nothing to the next, and a crash fails one test.
//!
//! The program of the tests starts itself again for each. That child says when its test has passed and
//! is killed: it never runs the handlers of an ordinary exit, in which graphics drivers crash while
//! their own threads or those of a helper still take a device apart.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Command, Stdio},
};

use libtest_mimic::Failed;

/// Names the only test that a process is for.
const ONLY: &str = "SIGMASCOPE_ONLY_TEST";
/// What a child says when its test has passed.
const PASSED: &str = "=== this test has passed ===";

/// The test that this process is for, unless it is for all of them.
pub fn only() -> Option<String> {
    std::env::var(ONLY).ok()
}

/// Says that the only test has passed and waits for the end.
pub fn pass() -> ! {
    let mut out = std::io::stdout();
    let said = writeln!(out, "\n{PASSED}").and_then(|()| out.flush());
    said.expect("somebody listens");
    // It ends here only if who started it has ended.
    let _ = std::io::stdin().read(&mut [0]);
    std::process::exit(1);
}

/// Runs the test called `name` in a process of its own; `shows` what it says, which is told anyway
/// when it fails.
pub fn run(name: &str, shows: bool) -> Result<(), Failed> {
    let program = std::env::current_exe()?;
    let (from_child, to_us) = std::io::pipe()?;
    let mut child = {
        // Dropped at once: the pipe ends with the child only if nobody else holds an end of it.
        let mut command = Command::new(program);
        command.args(std::env::args_os().skip(1)).env(ONLY, name).stdin(Stdio::piped());
        command.stdout(to_us.try_clone()?).stderr(to_us).spawn()?
    };
    let mut said = String::new();
    let mut lines = BufReader::new(from_child).split(b'\n');
    let passed = loop {
        let Some(line) = lines.next() else { break false };
        let line = String::from_utf8_lossy(&line?).into_owned();
        if line == PASSED {
            break true;
        }
        if shows {
            println!("{line}");
        }
        said.push_str(&line);
        said.push('\n');
    };
    if passed {
        child.kill()?;
        child.wait()?;
        return Ok(());
    }
    let status = child.wait()?;
    Err(Failed::from(format!("its process ended, {status}, having said:\n{said}")))
}

/// The only one who may drive a window on a display until it is dropped, on this machine's copy of the
/// build folder: windows that compete for the processor are late.
pub struct Turn {
    _lock: File,
}

impl Turn {
    /// Waits for its turn.
    pub fn take() -> std::io::Result<Self> {
        let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("window.lock"))?;
        lock.lock()?;
        Ok(Self { _lock: lock })
    }
}
