//! Every input of `tests/inputs` through the command line, values at and beyond their limits, and
//! good files changed at random: a message or a right answer, in time and in little memory.

mod common;
mod inputs;
mod program;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::{Duration, Instant},
};

use common::{error_of, normal, uniform};
use inputs::{Expected, Input, inputs, npy};
use program::{Folder, double_loop, peak_memory_of};
use sigmascope::{
    engine::Unobserved,
    io::{LoadOptions, load},
};

/// The longest that any input may take.
const IN_TIME: Duration = Duration::from_mins(2);
/// The most memory that any input may take.
const LITTLE: u64 = 256 << 20;

#[test]
fn every_input_gets_a_message_or_an_answer() {
    let all = inputs();
    // One bad row must not hide the others.
    let failed: Vec<&str> = all
        .iter()
        .filter(|input| catch_unwind(AssertUnwindSafe(|| run_with(input))).is_err())
        .map(|input| input.name)
        .collect();
    assert!(failed.is_empty(), "{} of {} failed: {failed:?}", failed.len(), all.len());
}

fn run_with(input: &Input) {
    let folder = Folder::new();
    let path = input.put(&folder.path(""));
    let name = input.name;
    let run = folder.run("reduce --engine naive --sigma 0.5 --json").without_adapter();
    let (ended, peak) = run.and(&path).ends_within(IN_TIME);
    assert!(peak < LITTLE, "{name}: {} MiB of memory: {ended}", peak >> 20);
    assert!(ended.stderr.len() < 1500, "{name}: {} bytes of message", ended.stderr.len());
    match input.expected {
        Expected::Refused(words) => {
            assert_eq!(ended.code, Some(2), "{name}: {ended}");
            assert_eq!(ended.stdout, "", "{name}: {ended}");
            assert_eq!(ended.stderr.lines().count(), 1, "{name}: {ended}");
            ended.says(&[&input.shown()]).says(words);
        }
        Expected::Loads { points, dropped } => {
            assert_eq!(ended.code, Some(0), "{name}: {ended}");
            let report = ended.json();
            assert_eq!(report["n"], points, "{name}: {ended}");
            let sum = report["f_sum"].as_f64().expect("a number");
            // Each point sees at least itself, and at most all others.
            let range = points as f64..=(points * points) as f64;
            assert!(range.contains(&sum), "{name}: {ended}");
            match dropped {
                0 => ended.keeps_quiet_about(&["dropped"]),
                _ => ended.says(&[&format!("dropped {dropped} of {} rows", points + dropped)]),
            };
        }
    }
}

#[test]
fn sources_that_do_not_go_with_the_targets_are_refused_by_both_names() {
    let folder = Folder::new()
        .with("x.csv", "a,b\n1,2\n3,4\n")
        .with("y.csv", "c,d,e\n1,2,3\n4,5,6\n")
        .with("x.npy", npy("'<f4'", "False", "(3, 2)", &[0; 24]))
        .with("y.npy", npy("'<f4'", "False", "(2, 3)", &[0; 24]))
        .with("bad.csv", "a,b\n1,2\n3\n");
    let run = |x: &str, y: &str| {
        let command = format!("reduce --engine naive --sigma 1 --json --targets {x} --sources {y}");
        folder.run(&command).without_adapter()
    };
    for (x, y) in [("x.csv", "y.csv"), ("x.npy", "y.npy"), ("x.csv", "y.npy")] {
        run(x, y).refuses(&[x, y, "has 2 columns", "has 3", "--columns"]);
    }
    run("x.csv", "bad.csv").refuses(&["bad.csv", "line 3"]);
    run("x.npy", "missing.npy").refuses(&["missing.npy", "cannot open"]);
    run("x.csv", "y.csv").and("--columns").and("1,2").succeeds();
}

/// Values of flags that are refused, with the legal range.
const REFUSED: &[(&str, &str, &str)] = &[
    ("--sigma", "0", "1e-12 to 1e12"),
    ("--sigma", "-1", "1e-12 to 1e12"),
    ("--sigma", "nan", "1e-12 to 1e12"),
    ("--sigma", "inf", "1e-12 to 1e12"),
    ("--sigma", "", "1e-12 to 1e12"),
    ("--sigma", "1e-30", "1e-12 to 1e12"),
    ("--sigma", "1e30", "1e-12 to 1e12"),
    ("--n", "0", "1 to 100000000"),
    ("--n", "1000000000000", "1 to 100000000"),
    ("--n", "1e12", "1 to 100000000"),
    ("--m", "0", "1 to 100000000"),
    ("--m", "1000000000000", "1 to 100000000"),
    ("--chunk", "0", "from 1, or 'auto'"),
    ("--dim", "0", "1 to 64"),
    ("--dim", "65", "1 to 64"),
];

/// Values of flags that are legal, at the edge or odd.
const LEGAL: &[(&str, &str)] = &[
    ("--sigma", "1e-12"),
    ("--sigma", "1e12"),
    ("--sigma", "1e-6"),
    ("--chunk", "1"),
    ("--chunk", "7"),
    ("--chunk", "97"),
    ("--chunk", "1010"),
    ("--chunk", "1e15"),
    ("--dim", "2"),
];

#[test]
fn values_are_refused_with_the_range_or_give_the_double_loop() {
    let (x, y) = (normal(53, 5, 0.0), normal(101, 6, 0.0));
    let folder = Folder::new().with_f64("x.npy", &x).with_f64("y.npy", &y);
    let run = |flag: &str, value: &str| {
        // A flag may be given once only.
        let sigma = if flag == "--sigma" { "" } else { "--sigma 0.3" };
        let command = format!(
            "reduce --engine naive --targets x.npy --sources y.npy --out f.npy --force {sigma}"
        );
        folder.run(&command).without_adapter().and(flag).and(value)
    };
    for &(flag, value, range) in REFUSED {
        run(flag, value).refuses(&[flag, &format!("'{value}'"), range]);
    }
    for &(flag, value) in LEGAL {
        run(flag, value).succeeds();
        let sigma = if flag == "--sigma" { value.parse().expect("a number") } else { 0.3 };
        let error = error_of(&folder.numbers("f.npy"), &double_loop(&x, &y, sigma));
        assert!(error < 1e-12, "{flag} {value}: {error}");
    }
    for (n, m, center) in [(1, 101, 0.0), (53, 1, 0.0), (1, 1, 0.0), (53, 101, 1e9)] {
        let (x, y) = (normal(n, 7, center), normal(m, 8, center));
        let folder = Folder::new().with_f64("x.npy", &x).with_f64("y.npy", &y);
        let command = "reduce --engine naive --targets x.npy --sources y.npy --out f.npy --sigma 1";
        folder.run(command).without_adapter().succeeds();
        assert!(error_of(&folder.numbers("f.npy"), &double_loop(&x, &y, 1.0)) < 1e-12);
    }
    let ends = folder.run("reduce --engine naive --sigma 1 --n 1 --m 1 --json").succeeds();
    assert_eq!((&ends.json()["n"], &ends.json()["m"]), (&1.into(), &1.into()));
}

/// How many changed files of each format are tried.
const CHANGED: u32 = 20_000;

/// What formats are made of, to be put in odd places.
const PIECES: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\"",
    b",",
    b";",
    b"\t",
    b"  ",
    b".",
    b"-",
    b"e308",
    b"1e999",
    b"nan",
    b"NA",
    b"#",
    b"\0",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"(",
    b"[",
    b"{",
    b"'",
    b"True",
    b"99999999999999999999",
    b"-1",
    b"0",
    b"4294967296",
    b"<f8",
    b">i2",
    b"|O",
    b"\x80",
    b"\xff",
];

/// Changes good content in a few places.
fn change(content: &mut Vec<u8>, random: &mut dyn FnMut() -> f64) {
    let mut below = |limit: usize| (random() * limit as f64) as usize;
    for _ in 0..=below(4) {
        let place = below(content.len() + 1);
        let rest = content.len() - place;
        match below(6) {
            0 if rest > 0 => content[place] = below(256) as u8,
            1 if rest > 0 => content[place] ^= 1 << below(8),
            2 => content.truncate(place),
            3 => {
                let end = place + below(rest.min(40) + 1);
                content.drain(place..end);
            }
            4 => {
                let end = place + below(rest.min(40) + 1);
                let copy = content[place..end].to_vec();
                let place = below(content.len() + 1);
                content.splice(place..place, copy);
            }
            _ => {
                let piece = PIECES[below(PIECES.len())];
                let end = place + below(piece.len().min(rest) + 1);
                content.splice(place..end, piece.iter().copied());
            }
        }
    }
}

/// Loads `CHANGED` variants of `good` files; returns how many loaded.
fn try_changed(file: &str, good: &[Vec<u8>]) -> u32 {
    let folder = Folder::new();
    let path = folder.path(file);
    let mut loaded = 0;
    for seed in 0..CHANGED {
        let mut random = uniform(u64::from(seed));
        let mut content = good[seed as usize % good.len()].clone();
        change(&mut content, &mut random);
        std::fs::write(&path, &content).expect("a file");
        let before = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| check(&path)))
            .unwrap_or_else(|_| Err("it panicked".to_owned()));
        let why = || format!("{file} from seed {seed}: {}", String::from_utf8_lossy(&content));
        match result {
            Ok(true) => loaded += 1,
            Ok(false) => {}
            Err(fault) => panic!("{fault}\n{}", why()),
        }
        assert!(before.elapsed() < IN_TIME, "{}", why());
    }
    let peak = peak_memory_of(std::process::id());
    assert!(peak < LITTLE, "{} MiB of memory", peak >> 20);
    loaded
}

/// Whether the file loads; what is wrong with how it loads or with the message.
fn check(path: &Path) -> Result<bool, String> {
    match load(path, &LoadOptions::default(), &mut Unobserved) {
        Ok(loaded) => {
            let (cloud, report) = (&loaded.cloud, &loaded.report);
            let sound = cloud.coordinates().iter().all(|c| c.is_finite())
                && !cloud.is_empty()
                && cloud.len() as u64 == report.rows_kept()
                && (1..=64).contains(&cloud.dim());
            if sound { Ok(true) } else { Err(format!("not sound: {report}")) }
        }
        Err(err) => {
            let message = err.to_string();
            let name = path.display().to_string();
            let fine = message.contains(&name) && message.len() < 2000 && !message.contains('\n');
            if fine { Ok(false) } else { Err(format!("a poor message: {message:?}")) }
        }
    }
}

#[test]
fn text_changed_at_random_never_harms() {
    let good = [
        &b"x,y\n1,2\n3.5,-4e3\n5,6\n"[..],
        b"id;lon;lat;name\r\n1;1.234,5;-2;\"a;b\"\r\n2;3,5;NA;\"c \"\"d\"\"\ne\"\r\n3;4;5;f\r\n",
        b"# made by hand\n# u v w\n 1.5  2  3\n-4\t5 6\n7 8 nan\n",
        b"\xef\xbb\xbfa\tb\tc\n1,234.5\t2\tx\n3\tinf\ty\n\n4\t5\tz",
        b"\xff\xfex\0,\0y\0\n\x001\0,\x002\0\n\x003\0,\x004\0\n\0",
        b"\xfe\xff\0x\0|\0y\0\n\x001\0|\x002\0\n\x003\0|\x004\0\r",
    ]
    .map(<[u8]>::to_vec);
    let loaded = try_changed("points.csv", &good);
    assert!((CHANGED / 10..CHANGED * 9 / 10).contains(&loaded), "{loaded} loaded");
}

#[test]
fn arrays_changed_at_random_never_harm() {
    let data: Vec<u8> = (0..48).collect();
    let mut later = npy("'<f4'", "True", "(2, 3)", &data[..24]);
    // Version 2.0: the header's length takes four bytes.
    later[6] = 2;
    later.splice(10..10, [0, 0]);
    let good = [
        npy("'<f8'", "False", "(3, 2)", &data),
        npy("'>i2'", "True", "(8, 3)", &data),
        npy("'|u1'", "False", "(24, 2)", &data),
        npy("'|b1'", "False", "(3, 2)", &[0, 1, 0, 1, 1, 1]),
        npy("[('x', '<f4'), ('y', '<f4')]", "False", "(6,)", &data),
        later,
    ];
    let loaded = try_changed("points.npy", &good);
    assert!((CHANGED / 50..CHANGED * 9 / 10).contains(&loaded), "{loaded} loaded");
}
