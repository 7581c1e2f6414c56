//! What the program must not do to others: die of a reader that went away, leave files behind, change
//! what it replaces more than it was asked to, send a terminal what steers it, or take what is not
//! there.

#![cfg(unix)]

mod program;

use std::{
    fs::{OpenOptions, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use program::{Folder, Run};
use sigmascope::escape::is_escaped;

/// Nothing here takes longer, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(2);
/// A small file of points.
const POINTS: &str = "x,y,w\n0,0,1\n1,0,2\n0,1,1\n1,1,1\n3,2,1\n";
/// Commands that say something on standard error, and what they write.
const TALKATIVE: [(&str, &str); 3] = [
    ("reduce points.csv --engine simd --sigma scott --out f.npy", "f.npy"),
    ("reduce points.csv --engine naive --sigma 1 --out f.csv", "f.csv"),
    ("select points.csv --criterion all --plot p.svg", "p.svg"),
];

/// The end of a pipe whose reader has gone away.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

/// A file that takes nothing.
fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").expect("Linux has it").into()
}

/// Something that may be the end of a pipe, by its name.
type End = (&'static str, fn() -> Stdio);
const ENDS: [End; 2] = [("a closed pipe", closed_pipe), ("a full disk", full)];

/// The program in a shell that does something before it turns into the program.
fn after(folder: &Folder, prelude: &str, arguments: &str) -> Run {
    let mut run = folder.run(arguments);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{prelude}\nexec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_sigmascope")]);
    shell.args(arguments.split_whitespace()).current_dir(folder.path(""));
    shell.stdin(Stdio::null()).env_remove("RUST_LOG").env("COLUMNS", "100");
    run.command = shell;
    run
}

#[test]
fn messages_that_nobody_takes_do_not_end_the_work() {
    for (name, end) in ENDS {
        for (command, file) in TALKATIVE {
            let folder = Folder::new().with("points.csv", POINTS);
            let mut run = folder.run(command).command;
            let status = run.stdout(Stdio::null()).stderr(end()).status().expect("it starts");
            assert_eq!(status.code(), Some(0), "{command} with messages to {name}");
            assert!(!folder.read(file).is_empty(), "{command} with messages to {name}");
        }
        // Failures keep their exit codes.
        let folder = Folder::new().with("points.csv", POINTS);
        for (command, code) in [
            ("reduce missing.csv --out f.npy", 2),
            ("reduce points.csv --no-such-flag", 2),
            ("reduce points.csv --sigma many --out f.npy", 2),
        ] {
            let run = folder.run(command).with_env("RUST_LOG", "nonsense=[");
            let mut run = run.with_env("RAYON_NUM_THREADS", "nonsense").command;
            let status = run.stdout(Stdio::null()).stderr(end()).status().expect("it starts");
            assert_eq!(status.code(), Some(code), "{command} with messages to {name}");
        }
    }
}

#[test]
fn results_that_cannot_be_written_are_a_failure_unless_the_reader_has_gone() {
    let folder = Folder::new().with("points.csv", POINTS);
    for command in [
        "reduce points.csv --engine naive --sigma 1 --json",
        "select points.csv --criterion scott",
        "info",
        "--help",
        "--version",
    ] {
        let mut run = folder.run(command).without_adapter();
        run.command.stdout(full());
        run.exits_with_own_stdout(1, &["error: cannot write to standard output"]);
        let mut run = folder.run(command).without_adapter();
        run.command.stdout(closed_pipe());
        run.exits_with_own_stdout(0, &[]);
    }
}

#[test]
fn a_file_that_is_replaced_keeps_its_permissions() {
    for (command, file) in TALKATIVE {
        for mode in [0o600, 0o640, 0o664, 0o755] {
            let folder = Folder::new().with("points.csv", POINTS).with(file, "old");
            let path = folder.path(file);
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("permissions");
            folder.run(&format!("{command} --force")).succeeds();
            let now = path.metadata().expect("the file").permissions().mode() & 0o7777;
            assert_eq!(now, mode, "{now:o} instead of {mode:o} after {command}");
            assert_ne!(folder.read(file), b"old");
        }
    }
}

#[test]
fn a_link_that_is_replaced_stays_a_link() {
    for (command, file) in TALKATIVE {
        for there in [true, false] {
            let folder = Folder::new().with("points.csv", POINTS);
            std::fs::create_dir(folder.path("deep")).expect("a folder");
            if there {
                std::fs::write(folder.path("deep/real"), "old").expect("a file");
            }
            symlink("deep/real", folder.path("link")).expect("a link");
            symlink(folder.path("link"), folder.path(file)).expect("a link");
            folder.run(command).refuses(&[file, "exists already", "--force"]);
            folder.run(&format!("{command} --force")).succeeds();
            assert!(folder.read("deep/real").len() > 3, "nothing new after {command}");
            for link in ["link", file] {
                let metadata = folder.path(link).symlink_metadata().expect("a link");
                assert!(metadata.is_symlink(), "{link} is no link any more after {command}");
            }
        }
    }
}

#[test]
fn what_is_no_plain_file_is_not_replaced() {
    for (command, file) in TALKATIVE {
        for (what, make) in [
            (
                "a named pipe",
                &(|path: &Path| {
                    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
                    assert!(made.success());
                }) as &dyn Fn(&Path),
            ),
            ("a device", &|path| symlink("/dev/null", path).expect("a link")),
            ("a folder", &|path| std::fs::create_dir(path).expect("a folder")),
        ] {
            let folder = Folder::new().with("points.csv", POINTS);
            make(&folder.path(file));
            let before = folder.files();
            for flag in ["", "--force"] {
                folder.run(&format!("{command} {flag}")).refuses(&[file, what, "name a file"]);
            }
            assert_eq!(folder.files(), before, "{command} left something");
        }
    }
}

/// Names as nobody should print them: they clear a screen, turn text around, forge a line.
const NASTY: [&str; 4] =
    ["a\u{1b}[2Jb", "gpj.\u{202e}b", "one\nerror: forged", "c\u{9b}31m\u{2066}\u{200b}\u{7f}"];

/// Whether all that was printed is safe to print.
fn is_safe(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !is_escaped(c))
}

#[test]
fn names_from_outside_are_escaped_wherever_they_are_printed() {
    for name in NASTY {
        let folder = Folder::new();
        let file = format!("{name}.csv");
        let quoted = format!("\"{name}\",y,\"w{name}\"\n0,0,1\n1,0,1\n0,1,2\n2,2,1\n1,2,1\n");
        let folder = folder.with(&file, quoted).with("points.csv", POINTS);
        let run = |arguments: &str| folder.run(arguments);
        let naive = "reduce --engine naive --sigma 1";
        let columns = |run: Run| run.and("--columns").and(format!("{name},y"));
        let runs = [
            run(&format!("{naive} --json")).and(&file),
            columns(run(&format!("{naive} --json")).and(&file)),
            run(&format!("{naive} --json --weights w{name}")).and(&file),
            run(&format!("{naive} --json")).and("--weights").and(format!("w{name}")).and(&file),
            columns(run(&format!("{naive} --json points.csv"))),
            run(&format!("{naive} --json")).and(format!("missing{name}.csv")),
            run(&format!("{naive} points.csv --out")).and(format!("{name}.txt")),
            run(&format!("{naive} points.csv --out")).and(format!("no{name}/f.npy")),
            run(&format!("{naive} points.csv --out")).and(&file),
            run(&format!("{naive} --json points.csv --targets")).and(&file),
            run("reduce points.csv --json").and("--engine").and(name),
            run("reduce points.csv --json").and("--sigma").and(name),
            run("reduce points.csv --json").and(format!("--{name}")),
            run("reduce points.csv --json").and("--n").and(name),
            run("").and(name).and(format!("{name}2")),
            run("render --out p.png points.csv").and("--axes").and(name),
            run("reduce points.csv --json --engine gpu").and("--adapter").and(name),
            run("select --criterion all --plot p.svg --force").and(&file),
            run("select --json --criterion scott").and(&file),
            run(&format!("{naive} --json points.csv")).with_env("SIGMASCOPE_SIMD", name),
            run(&format!("{naive} --json points.csv")).with_env("SIGMASCOPE_FAST", name),
            run(&format!("{naive} --json points.csv")).with_env("SIGMASCOPE_SETTINGS", name),
            run(&format!("{naive} --json points.csv")).with_env("RUST_LOG", name),
            run(&format!("{naive} --json points.csv")).with_env("RAYON_NUM_THREADS", name),
            run("reduce points.csv --json --engine gpu").with_env("WGPU_BACKEND", name),
            run("points.csv").with_env("DISPLAY", name).with_env("WAYLAND_DISPLAY", ""),
        ];
        for run in runs {
            let ended = run.ends();
            assert!(ended.code.is_some_and(|code| code < 5), "{name:?}: {ended}");
            assert!(is_safe(&ended.stdout), "{name:?} on standard output of {ended}");
            assert!(is_safe(&ended.stderr), "{name:?} on standard error of {ended}");
            let forged = |line: &str| line.starts_with("error: forged");
            assert!(!ended.stderr.lines().any(forged), "{name:?} forged a line of {ended}");
        }
        if folder.files().contains(&"p.svg".to_owned()) {
            let svg = String::from_utf8(folder.read("p.svg")).expect("text");
            assert!(is_safe(&svg), "{name:?} in {svg}");
        }
    }
}

/// A sum that takes longer than anything waits, once its place to write to is open.
const LONG: &str = "reduce --n 300000 --m 300000 --engine naive --sigma 1 --out f.npy";

/// The temporary files in the folder.
fn parts(folder: &Folder) -> Vec<String> {
    let is_part = |name: &String| Path::new(name).extension().is_some_and(|e| e == "part");
    folder.files().into_iter().filter(is_part).collect()
}

/// A process that does not outlive the test, however that ends.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `run`, sends it signals once it has begun to write, and returns its exit code.
fn signalled(folder: &Folder, mut run: Run, signals: &[&str]) -> Option<i32> {
    let quiet = run.command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = Guarded(quiet.spawn().expect("the program starts"));
    let deadline = Instant::now() + PATIENCE;
    while parts(folder).is_empty() {
        assert!(Instant::now() < deadline, "it never began to write");
        sleep(Duration::from_millis(5));
    }
    for signal in signals {
        // Of the shell: a bare system has no program of that name.
        let kill = format!("kill -{signal} {}", child.0.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell").success());
        sleep(Duration::from_millis(200));
    }
    while child.0.try_wait().expect("a process").is_none() {
        assert!(Instant::now() < deadline, "{signals:?} do not end it");
        sleep(Duration::from_millis(5));
    }
    child.0.wait().expect("it ends").code()
}

#[test]
fn a_signal_leaves_nothing_and_ends_with_its_number() {
    for (signal, code) in [("HUP", 129), ("INT", 130), ("TERM", 143)] {
        let folder = Folder::new().with("f.npy", "old");
        // What started the tests may ignore signals, and the program would go on to ignore them.
        let heed = "env --default-signal=HUP,INT,TERM true 2>/dev/null &&
            exec env --default-signal=HUP,INT,TERM \"$0\" \"$@\"";
        let run = after(&folder, heed, &format!("{LONG} --force"));
        assert_eq!(signalled(&folder, run, &[signal]), Some(code), "{signal}");
        assert_eq!(folder.files(), ["f.npy"], "{signal}");
        assert_eq!(folder.read("f.npy"), b"old", "{signal}");
    }
}

#[test]
fn a_signal_that_was_ignored_stays_so() {
    let folder = Folder::new();
    let run = after(&folder, "trap '' HUP INT", LONG);
    assert_eq!(signalled(&folder, run, &["HUP", "INT", "TERM"]), Some(143));
    assert!(folder.files().is_empty());
}

#[test]
fn a_file_that_grows_too_large_is_told_and_not_left() {
    let folder = Folder::new();
    let command = "reduce --n 20000 --m 3 --engine simd --sigma 1 --out f.npy";
    let ended = after(&folder, "ulimit -f 8", command).exits_with(1);
    ended.says(&["cannot write f.npy", "too large"]);
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}

#[test]
fn memory_that_cannot_be_had_is_refused_with_sizes() {
    let folder = Folder::new().with("points.csv", POINTS);
    let rows = (0..300_000_u64).map(|k| format!("{},{}\n", k % 1000, (k * 7919) % 1009));
    let folder = folder.with("large.csv", format!("x,y\n{}", rows.collect::<String>()));
    let mut refused = 0;
    for mib in [150, 200, 250, 300, 400, 500, 700, 1000, 2000] {
        for command in [
            "reduce points.csv --engine simd --sigma 1 --json",
            "reduce --n 1000000 --m 10 --engine simd --sigma 1 --json",
            "reduce --n 10000000 --m 10 --engine simd --sigma 1 --json",
            "reduce --n 100000000 --m 1 --engine simd --sigma 1 --json",
            "reduce --n 10 --m 5000000 --engine fast --sigma 1 --json",
            "reduce --n 20000 --m 20000 --engine broadcast --sigma 1 --json",
            "reduce large.csv --engine fast --sigma 100 --json",
            "select large.csv --criterion scott",
        ] {
            let prelude = format!("ulimit -v {}", mib << 10);
            let ended = after(&folder, &prelude, command).ends();
            match ended.code {
                Some(0) => {}
                Some(2) => {
                    refused += 1;
                    let sizes = ["MB", "GB", "MiB", "GiB", "kB", "KiB", " B "];
                    let has_size = sizes.iter().any(|unit| ended.stderr.contains(unit));
                    assert!(has_size, "no size at {mib} MiB: {ended}");
                }
                _ => panic!("at {mib} MiB: {ended}"),
            }
        }
    }
    assert!(refused > 10, "only {refused} were refused");
}

#[test]
fn threads_are_no_more_than_make_sense() {
    let folder = Folder::new().with("points.csv", POINTS);
    let command = "reduce points.csv --engine simd --sigma 1 --json";
    for (number, told) in [
        ("1", false),
        ("3", false),
        ("0", false),
        ("1000000", true),
        ("99999999999999999999", true),
        ("-1", true),
        ("many", true),
    ] {
        let ended = folder.run(command).with_env("RAYON_NUM_THREADS", number).succeeds();
        assert_eq!(ended.stderr.contains("RAYON_NUM_THREADS"), told, "{ended}");
    }
}

#[test]
fn nonsense_in_a_variable_of_the_program_is_refused_by_its_name() {
    let folder = Folder::new().with("points.csv", POINTS);
    for command in
        ["reduce points.csv --engine naive --sigma 1 --json", "select points.csv", "info", "bench"]
    {
        for (name, value) in [
            ("SIGMASCOPE_SIMD", "mmx"),
            ("SIGMASCOPE_SIMD", ""),
            ("SIGMASCOPE_FAST", "tpu"),
            ("SIGMASCOPE_SETTINGS", "points.csv"),
            ("SIGMASCOPE_SETTINGS", "points.csv/deeper"),
        ] {
            let ended = folder.run(command).with_env(name, value).exits_with(2);
            ended.says(&["error: ", name, &format!("'{value}'")]);
        }
    }
    #[cfg(feature = "faults")]
    for (name, value) in [
        ("SIGMASCOPE_LIMITS", "few"),
        ("SIGMASCOPE_LIMITS", "binding=many"),
        ("SIGMASCOPE_LOSSES_WITHIN", "soon"),
    ] {
        folder.run("info").with_env(name, value).exits_with(2).says(&[name, value]);
    }
    let typo = folder.run("info --json").with_env("SIGMASCOPE_SIMDD", "neon").succeeds();
    typo.says(&["note: SIGMASCOPE_SIMDD", "SIGMASCOPE_SIMD"]);
}

#[test]
fn nothing_is_said_of_a_display_that_is_not_needed() {
    let folder = Folder::new().with("points.csv", POINTS);
    for command in ["info", "reduce points.csv --engine gpu --sigma 1 --json"] {
        for value in [None, Some(""), Some("relative")] {
            let run = folder.run(command);
            let run = match value {
                None => run.without_env("XDG_RUNTIME_DIR"),
                Some(value) => run.with_env("XDG_RUNTIME_DIR", value),
            };
            run.without_env("WAYLAND_DISPLAY").ends().keeps_quiet_about(&["XDG_RUNTIME_DIR"]);
        }
    }
}
