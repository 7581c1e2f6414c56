//! Killed at any moment, the program leaves every file whole: the old one, the new one, or none.

mod common;
mod program;

use std::{
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use common::{device_test, run_device_tests, uniform};
use program::Folder;
use sigmascope::{
    model::Theme,
    session::{OwnFiles, Settings, picture::decode},
};

/// How often it is killed, of each kind.
const TIMES: usize = 200;
/// Tells this program that it is the one to be killed, and where to save.
const VICTIM: &str = "SIGMASCOPE_TEST_VICTIM";

/// Settings of very different lengths.
fn settings(k: usize) -> Settings {
    let folder = "long/".repeat(1 + 3000 * (k % 2));
    let theme = Some(if k.is_multiple_of(2) { Theme::Dark } else { Theme::Light });
    Settings { theme, folder: Some(folder.into()), ..Settings::default() }
}

/// Saves again and again, until somebody ends it.
fn save_for_ever(folder: &Path) {
    let files = OwnFiles::in_folder(folder);
    for k in 0.. {
        settings(k).save(&files).expect("saved");
    }
}

fn killed_while_saving_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = OwnFiles::in_folder(folder.path());
    let mut random = uniform(3);
    let mut seen = [0; 3];
    for _ in 0..TIMES {
        let program = std::env::current_exe().expect("this program");
        let mut child = Command::new(program)
            .env(VICTIM, folder.path())
            .stdin(Stdio::null())
            .spawn()
            .expect("it starts");
        sleep(Duration::from_secs_f64(0.03 * random()));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let (loaded, told) = Settings::load(&files);
        assert!(told.is_none(), "{told:?}");
        let found = [settings(0), settings(1), Settings::default()];
        let which = found.iter().position(|settings| *settings == loaded);
        seen[which.unwrap_or_else(|| panic!("neither the old nor the new: {loaded:?}"))] += 1;
    }
    assert!(seen[0] > 0 && seen[1] > 0, "it was never in the middle: {seen:?}");
}

fn killed_while_exporting() {
    let folder = Folder::new();
    let mut random = uniform(4);
    let path = folder.path("a.png");
    let start = |k: usize| {
        let export = format!("render --n 400 --m 100 --seed {k} --out a.png --force");
        let mut run = folder.run(&export).command;
        run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
    };
    // How long an export takes on this machine, as busy as it is.
    let began = Instant::now();
    assert!(start(TIMES).wait().expect("it ends").success());
    let took = began.elapsed();
    std::fs::remove_file(&path).expect("a picture");
    let mut whole = 0;
    for k in 0..TIMES {
        let mut child = start(k);
        sleep(took.mul_f64(1.5 * random()));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        if path.exists() {
            let (_, [width, height]) = decode(&folder.read("a.png")).expect("a whole picture");
            assert!(width > 100 && height > 100);
            whole += 1;
        }
    }
    assert!(whole > 0, "no picture came to be");
}

fn main() {
    if let Some(folder) = std::env::var_os(VICTIM) {
        return save_for_ever(Path::new(&folder));
    }
    run_device_tests(vec![
        device_test("killed while it saves settings", killed_while_saving_settings),
        device_test("killed while it exports", killed_while_exporting),
    ]);
}
