//! Runs the program as a user does, in a folder of its own, and says what came of it.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use npyz::WriterBuilder;
use sigmascope::model::Cloud;

/// A folder for one test; gone afterwards.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and returns the folder, for chaining.
    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.path(name), content).expect("a file");
        self
    }

    /// Writes the cloud as a float64 array of shape (n, dim).
    pub fn with_f64(self, name: &str, cloud: &Cloud) -> Self {
        let bytes = npy(cloud, cloud.coordinates());
        self.with(name, bytes)
    }

    /// Writes the cloud as a float32 array of shape (n, dim).
    pub fn with_f32(self, name: &str, cloud: &Cloud) -> Self {
        let rounded: Vec<f32> = cloud.coordinates().iter().map(|&c| c as f32).collect();
        let bytes = npy(cloud, &rounded);
        self.with(name, bytes)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|err| panic!("{name}: {err}"))
    }

    /// The numbers of a one-dimensional float64 array.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        let bytes = self.read(name);
        let file = npyz::NpyFile::new(&bytes[..]).expect("an NPY file");
        assert_eq!(file.shape().len(), 1, "{name} has shape {:?}", file.shape());
        file.into_vec().expect("float64")
    }

    /// The names of all files, sorted.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("the folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Starts to describe a run: `sigmascope` with `arguments`, separated by spaces.
    pub fn run(&self, arguments: &str) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigmascope"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        command.stdin(Stdio::null()).env_remove("RUST_LOG").env("COLUMNS", "100");
        // What other runs took must not change what is chosen.
        command.env("SIGMASCOPE_NO_RATES", "1");
        Run { command, told: format!("sigmascope {arguments}") }
    }
}

fn npy<T: npyz::AutoSerialize + Copy>(cloud: &Cloud, values: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&[cloud.len() as u64, cloud.dim() as u64])
        .writer(&mut bytes)
        .begin_nd()
        .expect("a header");
    writer.extend(values.iter().copied()).expect("an array");
    writer.finish().expect("an array");
    bytes
}

/// A run that has not started yet.
pub struct Run {
    pub command: Command,
    told: String,
}

impl Run {
    /// One more argument, taken as it is.
    pub fn and(mut self, argument: impl AsRef<Path>) -> Self {
        let Self { told, .. } = &self;
        self.told = format!("{told} '{}'", argument.as_ref().display());
        self.command.arg(argument.as_ref());
        self
    }

    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Where the graphics stack offers nothing.
    pub fn without_adapter(self) -> Self {
        self.with_env("WGPU_BACKEND", "noop")
    }

    /// Runs to the end, whatever that is.
    pub fn ends(mut self) -> Ended {
        let started = Instant::now();
        let output = self.command.output().expect("the program starts");
        Ended::new(self.told, output, started)
    }

    /// Runs to the end, which has to come before `limit`; tells also the most memory the program
    /// had at once, in bytes: 0 where the system does not say.
    pub fn ends_within(mut self, limit: Duration) -> (Ended, u64) {
        let started = Instant::now();
        let quiet = self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = quiet.spawn().expect("the program starts");
        let mut peak = 0;
        // What it says fits a pipe, so it never waits for a reader.
        while child.try_wait().expect("the program runs").is_none() {
            peak = peak.max(peak_memory_of(child.id()));
            if started.elapsed() > limit {
                child.kill().expect("it can be stopped");
                let output = child.wait_with_output().expect("it ends");
                let stderr = String::from_utf8_lossy(&output.stderr);
                panic!("`{}` ran for more than {limit:?}: {stderr}", self.told);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let output = child.wait_with_output().expect("it ends");
        let ended = Ended::new(self.told, output, started);
        (ended, peak)
    }

    pub fn succeeds(self) -> Ended {
        self.exits_with(0)
    }

    pub fn exits_with(self, code: i32) -> Ended {
        let ended = self.ends();
        assert_eq!(ended.code, Some(code), "{ended}");
        ended
    }

    /// Exit code 2, nothing on stdout, and a message that contains all of `words`.
    pub fn refuses(self, words: &[&str]) -> Ended {
        let ended = self.exits_with(2);
        assert_eq!(ended.stdout, "", "{ended}");
        ended.says(words)
    }

    /// Runs with the command's own stdout instead of a captured one.
    pub fn exits_with_own_stdout(mut self, code: i32, words: &[&str]) {
        let child = self.command.stderr(Stdio::piped()).spawn().expect("the program starts");
        let output = child.wait_with_output().expect("it ends");
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{}: {message}", self.told);
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    }

    /// Runs to a good end and returns the most memory it had at once, in bytes.
    #[cfg(target_os = "linux")]
    pub fn peak_memory(mut self) -> u64 {
        let quiet = self.command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = quiet.spawn().expect("the program starts");
        let mut peak = 0;
        loop {
            peak = peak.max(peak_memory_of(child.id()));
            if let Some(status) = child.try_wait().expect("the program runs") {
                assert!(status.success(), "{}: {status}", self.told);
                return peak;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The most memory that a process had at once, in bytes; 0 where the system does not say.
pub fn peak_memory_of(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or(0) << 10
}

/// What came of a run.
pub struct Ended {
    told: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Ended {
    fn new(told: String, output: std::process::Output, started: Instant) -> Self {
        let ended = Self {
            told,
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8 on stdout"),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            took: started.elapsed(),
        };
        assert!(!ended.stderr.contains("panicked"), "{ended}");
        ended
    }

    /// Whether the message contains all of `words`.
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in the message of {self}");
        }
        self
    }

    /// Whether the message contains none of `words`.
    pub fn keeps_quiet_about(self, words: &[&str]) -> Self {
        for word in words {
            assert!(!self.stderr.contains(word), "{word:?} in the message of {self}");
        }
        self
    }

    /// The one JSON object on stdout.
    pub fn json(&self) -> serde_json::Map<String, serde_json::Value> {
        match serde_json::from_str(&self.stdout) {
            Ok(serde_json::Value::Object(object)) => object,
            other => panic!("no single object: {other:?}\n{self}"),
        }
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { told, code, stdout, stderr, .. } = self;
        write!(f, "`{told}`: exit code {code:?}\nstdout: {stdout}\nstderr: {stderr}")
    }
}

/// f_i = Σ_j exp(−‖x_i − y_j‖² / (2σ²)) in f64, written out once more and apart from the program.
#[expect(clippy::doc_markdown, reason = "a formula")]
pub fn double_loop(targets: &Cloud, sources: &Cloud, sigma: f64) -> Vec<f64> {
    let squared = |x: &[f64], y: &[f64]| (x[0] - y[0]).powi(2) + (x[1] - y[1]).powi(2);
    (0..targets.len())
        .map(|i| {
            (0..sources.len())
                .map(|j| squared(targets.point(i), sources.point(j)))
                .map(|squared| (-squared / (2.0 * sigma * sigma)).exp())
                .sum()
        })
        .collect()
}

/// The keys that every report in JSON has.
pub const REPORT_KEYS: [&str; 13] = [
    "engine",
    "adapter",
    "n",
    "m",
    "dim",
    "sigma",
    "chunk",
    "seconds",
    "pairs_per_second",
    "error_bound",
    "f_min",
    "f_max",
    "f_sum",
];
