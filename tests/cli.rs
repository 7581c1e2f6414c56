//! The program as a script sees it, as far as no adapter is needed: what it writes, what it says,
//! what it exits with. `tests/cli_gpu.rs` has the rest.

#![expect(clippy::float_cmp, reason = "what is only passed on stays the same to the last bit")]

mod common;
mod program;

use common::{error_of, normal, normal_in, rounded};
use program::{Folder, REPORT_KEYS, double_loop};
use sigmascope::{model::Cloud, numbers::format_number};

#[test]
fn reduce_writes_the_double_loop_for_single_and_double_precision() {
    for (n, m) in [(1, 1), (7, 300), (300, 7)] {
        let (x, y) = (normal(n, 1, 0.0), normal(m, 2, 0.0));
        for sigma in [0.01, 0.3, 10.0] {
            let folder = Folder::new()
                .with_f32("x32.npy", &x)
                .with_f32("y32.npy", &y)
                .with_f64("x64.npy", &x)
                .with_f64("y64.npy", &y);
            let command = |bits: u32| {
                format!(
                    "reduce --engine naive --targets x{bits}.npy --sources y{bits}.npy \
                     --sigma {sigma} --out f{bits}.npy"
                )
            };
            folder.run(&command(32)).succeeds();
            folder.run(&command(64)).succeeds();
            let single = double_loop(&rounded(&x), &rounded(&y), sigma);
            let double = double_loop(&x, &y, sigma);
            assert!(error_of(&folder.numbers("f32.npy"), &single) < 1e-12);
            assert!(error_of(&folder.numbers("f64.npy"), &double) < 1e-12);
        }
    }
}

#[test]
fn text_goes_in_and_out_with_every_digit() {
    let folder = Folder::new()
        .with("x.csv", "name;u;v\na;0,5;1\nb;1,5;-2\nc;nan;0\n")
        .with("y.csv", "u,v\n0.5,1\n1,1\n");
    let ended =
        folder.run("reduce --engine naive --targets x.csv --sources y.csv --sigma 1 --out f.csv");
    ended.succeeds().says(&["x.csv", "2 points", "dropped 1 of 3 rows", "y.csv"]);
    let text = String::from_utf8(folder.read("f.csv")).expect("text");
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!((rows[0], rows[3], rows.len()), ("row,u,v,f", "2,NaN,0,", 4));
    let found: Vec<f64> = rows[1..3]
        .iter()
        .map(|row| row.rsplit_once(',').expect("fields").1.parse().expect("a number"))
        .collect();
    let near = 1.0 + (-0.125_f64).exp();
    let far = (-5.0_f64).exp() + (-4.625_f64).exp();
    assert_eq!(found.len(), 2);
    assert!((found[0] - near).abs() < 1e-15 && (found[1] - far).abs() < 1e-15, "{found:?}");
}

#[test]
fn json_is_one_object_with_everything_a_script_needs() {
    let folder = Folder::new();
    let ended = folder
        .run("reduce --engine naive --n 50 --m 40 --sigma 0.5 --chunk 7 --json --out f.npy")
        .succeeds();
    let report = ended.json();
    for key in REPORT_KEYS {
        assert!(report.contains_key(key), "there is no {key}: {ended}");
    }
    assert_eq!(report["engine"], "naive");
    assert!(report["adapter"].is_null() && report["device_seconds"].is_null());
    let whole = |key: &str| report[key].as_u64().expect("a whole number");
    assert_eq!(["n", "m", "dim", "chunk"].map(whole), [50, 40, 2, 7]);
    let field = folder.numbers("f.npy");
    let number = |key: &str| report[key].as_f64().expect("a number");
    assert_eq!(number("sigma"), 0.5);
    // serde_json reads a number to within its last digit.
    let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-14;
    assert!(close(number("f_sum"), field.iter().sum()));
    assert!(close(number("f_max"), field.iter().copied().fold(0.0, f64::max)));
    assert!(close(number("f_min"), field.iter().copied().fold(f64::INFINITY, f64::min)));
    assert!(number("seconds") > 0.0 && number("pairs_per_second") > 0.0);

    // Without a file the numbers still come.
    let alone = folder.run("reduce --engine naive --n 50 --m 40 --sigma 0.5 --json").succeeds();
    assert_eq!(alone.json()["f_sum"], report["f_sum"]);
}

#[test]
fn normalising_divides_by_what_it_says() {
    let folder = Folder::new();
    let mut sums = ["sum", "mean", "density"].map(|how| {
        let command = format!("reduce --engine naive --n 20 --m 50 --sigma 0.4 --normalise {how}");
        let ended = folder.run(&command).and("--json").succeeds();
        ended.json()["f_sum"].as_f64().expect("a number")
    });
    let sum = sums[0];
    sums[1] *= 50.0;
    sums[2] *= 50.0 * std::f64::consts::TAU * 0.16;
    assert!(sums.iter().all(|s| (s / sum - 1.0).abs() < 1e-12), "{sums:?}");
}

#[test]
fn columns_are_chosen_by_name_and_by_number() {
    let folder = Folder::new().with("p.csv", "id,lon,lat,f\n1,0,0,9\n2,1,0,8\n3,5,5,7\n");
    let sum = |columns: &str| {
        let command = format!("reduce --engine naive --targets p.csv --columns {columns} --json");
        let ended = folder.run(&command).succeeds();
        ended.json()["f_sum"].as_f64().expect("a number")
    };
    assert_eq!(sum("lon,lat"), sum("2,3"));
    assert_eq!(sum("lat,lon"), sum("2,3"));
    assert!(sum("id,f") != sum("lon,lat"));
    let command = "reduce --engine naive --targets p.csv --columns lon,latt --out f.npy";
    folder.run(command).refuses(&["p.csv", "'latt'", "--columns", "'lat'"]);
    let command = "reduce --engine naive --targets p.csv --columns lon --dim 2 --out f.npy";
    folder.run(command).refuses(&["--dim 2", "--columns lon", "expected 2", "found 1"]);
    let command = "reduce --engine naive --columns a,b --out f.npy";
    folder.run(command).refuses(&["--columns", "--targets"]);
    assert_eq!(folder.files(), ["p.csv"]);
}

#[test]
fn the_same_seed_gives_the_same_numbers() {
    let folder = Folder::new();
    let sum = |seed: u64| {
        let command = format!("reduce --engine naive --n 30 --m 30 --seed {seed} --json");
        folder.run(&command).succeeds().json()["f_sum"].as_f64()
    };
    assert_eq!(sum(3), sum(3));
    assert!(sum(3) != sum(4));
}

/// A flag, a value that makes no sense, and what the message has to name besides both.
const BAD_VALUES: &[(&str, &str, &str)] = &[
    ("--sigma", "0", "1e-12 to 1e12"),
    ("--sigma", "-1", "1e-12 to 1e12"),
    ("--sigma", "nan", "1e-12 to 1e12"),
    ("--sigma", "inf", "1e-12 to 1e12"),
    ("--sigma", "-inf", "1e-12 to 1e12"),
    ("--sigma", "", "1e-12 to 1e12"),
    ("--sigma", "0,3", "1e-12 to 1e12"),
    ("--sigma", "1e-30", "1e-12 to 1e12"),
    ("--sigma", "1e30", "1e-12 to 1e12"),
    ("--n", "0", "1 to 100000000"),
    ("--n", "-5", "whole number"),
    ("--n", "2.5", "whole number"),
    ("--n", "1000000000000", "1 to 100000000"),
    ("--n", "99999999999999999999999", "whole number"),
    ("--m", "0", "1 to 100000000"),
    ("--m", "1e12", "1 to 100000000"),
    ("--m", "many", "whole number"),
    ("--chunk", "0", "from 1, or 'auto'"),
    ("--chunk", "-1", "whole number"),
    ("--chunk", "all", "whole number"),
    ("--dim", "0", "a whole number from 1 to 64"),
    ("--dim", "65", "a whole number from 1 to 64"),
    ("--dim", "-2", "whole number"),
    ("--dim", "2.5", "whole number"),
    ("--weights", "", "a column's name or number"),
    ("--seed", "-1", "whole number from 0"),
    ("--seed", "x", "whole number from 0"),
    ("--engine", "warp", "naive"),
    ("--distribution", "cauchy", "heavy-tailed"),
    ("--normalise", "l2", "density"),
];

/// The same for the flags that only pictures have.
const BAD_LOOKS: &[(&str, &str, &str)] = &[
    ("--range", "5:1", "LOW below HIGH"),
    ("--range", "1:1", "LOW below HIGH"),
    ("--range", "1", "LOW:HIGH"),
    ("--range", "-1:nan", "LOW:HIGH"),
    ("--color-map", "rainbow", "viridis"),
    ("--scaling", "cubic", "log"),
    ("--point-size", "0", "0.5 to 40"),
    ("--point-size", "-3", "0.5 to 40"),
    ("--opacity", "2", "0.01 to 1"),
    ("--opacity", "nan", "0.01 to 1"),
    ("--size", "10x10", "WIDTHxHEIGHT"),
    ("--size", "800", "WIDTHxHEIGHT"),
    ("--scale", "0", "1 to 8"),
    ("--scale", "-1", "1 to 8"),
    ("--background", "pink", "white, dark, paper, transparent"),
    ("--width", "8.6", "8.6cm"),
    ("--width", "-1cm", "8.6cm"),
    ("--width", "3 ells", "8.6cm"),
    ("--height", "0px", "8.6cm"),
    ("--height", "nanin", "8.6cm"),
    ("--dpi", "0", "36 to 1536"),
    ("--dpi", "inf", "36 to 1536"),
    ("--preset", "poster", "two-columns"),
    ("--font-size", "1pt", "4 to 40"),
    ("--font-size", "8cm", "4 to 40"),
];

#[test]
fn a_bad_value_is_refused_its_flag_what_was_found_and_what_was_expected() {
    let folder = Folder::new();
    let check = |command: &str, (flag, value, expected): (&str, &str, &str)| {
        let found = format!("'{value}'");
        let run = folder.run(command).without_adapter().and(flag).and(value);
        run.refuses(&[flag, &found, expected]);
    };
    for &case in BAD_VALUES {
        check("reduce --out f.npy", case);
    }
    for &case in BAD_VALUES.iter().step_by(5).chain(BAD_LOOKS) {
        check("render --out f.png", case);
    }
    // The window takes the same flags.
    for &case in BAD_VALUES.iter().step_by(7) {
        check("", case);
    }
    assert_eq!(folder.files(), [""; 0]);
}

#[test]
fn a_place_that_cannot_be_written_to_is_refused_before_the_work() {
    let folder = Folder::new().with("x.csv", "1,2\n").with("f.npy", "precious");
    std::fs::create_dir(folder.path("folder.npy")).expect("a folder");
    std::fs::create_dir(folder.path("folder.png")).expect("a folder");
    let before = folder.files();
    for (out, words) in [
        ("f", &["--out f", ".csv, .parquet"][..]),
        ("f.png", &["--out f.png", ".csv, .parquet"]),
        ("nowhere/f.npy", &["nowhere/f.npy", "there is no folder nowhere", "create it"]),
        ("folder.npy", &["folder.npy", "folder"]),
        ("f.npy", &["f.npy exists already", "another name", "--force"]),
    ] {
        // So much work that it would be noticed.
        let command = "reduce --engine naive --n 10000000 --m 10000000 --out";
        folder.run(command).and(out).refuses(words);
    }
    for (out, words) in [
        ("f.npy", &["--out f.npy", ".png"][..]),
        ("nowhere/f.png", &["nowhere/f.png", "there is no folder nowhere", "create it"]),
        ("folder.png", &["folder.png", "folder"]),
    ] {
        folder.run("render --out").and(out).without_adapter().refuses(words);
    }
    assert_eq!(folder.files(), before);
    assert_eq!(folder.read("f.npy"), b"precious");
}

#[test]
fn a_file_that_is_there_is_replaced_only_by_force() {
    let folder = Folder::new().with("f.csv", "precious").with("a.png", "precious");
    let command = "reduce --engine naive --n 5 --m 5 --out f.csv";
    folder.run(command).refuses(&["f.csv", "exists", "--force"]);
    let render = folder.run("render --n 5 --m 5 --out a.png").without_adapter();
    render.refuses(&["a.png", "exists", "--force"]);
    assert_eq!(folder.read("f.csv"), b"precious");
    assert_eq!(folder.read("a.png"), b"precious");
    folder.run(command).and("--force").succeeds();
    assert!(folder.read("f.csv").starts_with(b"row,x1,x2,f\n0,"));
    assert_eq!(folder.files(), ["a.png", "f.csv"]);
}

#[test]
fn input_that_makes_no_sense_is_refused_by_name() {
    let folder = Folder::new()
        .with("empty.csv", "")
        .with("text.csv", "a,b\nx,y\n")
        .with("bad.csv", "a,b\n1,2\n3,oops\n")
        .with("two.csv", "u,v\n1,2\n")
        .with("three.csv", "a,b,c\n1,2,3\n")
        .with_f64("two.npy", &normal(5, 1, 0.0))
        .with_f64("three.npy", &three_columns());
    let before = folder.files();
    for (arguments, words) in [
        ("--targets missing.csv", &["missing.csv", "cannot open"][..]),
        ("--targets two.csv --sources gone.npy", &["gone.npy", "cannot open"]),
        ("--targets .", &[".:", "folder", "expected a plain file"]),
        ("--targets empty.csv", &["empty.csv", "empty"]),
        ("--targets text.csv", &["text.csv"]),
        ("--targets bad.csv --columns a,b", &["bad.csv", "line 3", "'oops'", "at most a fifth"]),
        (
            "--targets two.npy --sources three.npy",
            &["two.npy has 2", "three.npy has 3", "--columns"],
        ),
        (
            "--targets three.csv --sources two.csv",
            &["three.csv has 3", "two.csv has 2", "--columns"],
        ),
        ("--targets two.npy --sources three.csv", &["two.npy has 2", "three.csv has 3"]),
    ] {
        let command = format!("reduce --engine naive --out f.npy {arguments}");
        folder.run(&command).refuses(words);
    }
    // Said which, it is no riddle any more.
    let command =
        "reduce --engine naive --targets two.npy --sources three.npy --columns 1,2 --json";
    folder.run(command).succeeds();
    let two_files = folder.run("render two.csv --targets three.csv --out a.png");
    two_files.without_adapter().refuses(&["two.csv", "--targets three.csv", "drop one"]);
    assert_eq!(folder.files(), before);
}

#[test]
fn a_logarithmic_range_has_to_be_above_zero() {
    let folder = Folder::new();
    for (range, low) in [("0:5", "0"), ("-1:5", "-1"), ("1e-60:5", "0")] {
        // The window takes the same flags.
        for command in ["render --out a.png", ""] {
            let flags = format!("{command} --scaling log --range {range}");
            let words = ["--range", "--scaling log", "LOW above 0", &format!("found {low}")];
            folder.run(&flags).without_adapter().refuses(&words);
        }
    }
    // What is fine goes on to what is missing here.
    for flags in ["--scaling log --range 0.1:5", "--range -1:5"] {
        let command = format!("render --out a.png {flags}");
        folder.run(&command).without_adapter().exits_with(3);
    }
}

#[test]
fn a_picture_that_is_too_large_is_refused_before_the_work() {
    let folder = Folder::new();
    for (file, flags, told) in [
        ("a.png", "--size 16384x16384 --scale 8", ["131072 × 131072", "32768"]),
        ("a.png", "--size 16384x64 --scale 4", ["65536 × 256", "32768"]),
        ("a.pdf", "--size 8193x8193 --scale 2", ["16386 × 16386", "16384 × 16384"]),
    ] {
        let command = format!("render --out {file} {flags}");
        folder.run(&command).without_adapter().refuses(&[flags, told[0], told[1]]);
    }
    let wide = folder.run("render --out a.png --width 3m --dpi 600").without_adapter();
    wide.refuses(&["--width", "8.6cm"]);
    let wide = folder.run("render --out a.png --width 300cm --dpi 600").without_adapter();
    wide.refuses(&["the width", "70,866", "32768"]);
    let most = folder.run("render --out a.png --size 16384x16384 --scale 2").without_adapter();
    most.exits_with(3);
}

#[test]
fn flags_of_the_page_exclude_those_of_the_screen() {
    let folder = Folder::new();
    for flags in [
        "--size 800x600 --width 8.6cm",
        "--scale 2 --dpi 300",
        "--size 800x600 --preset column",
        "--scale 2 --height 5cm",
        "--title a --no-title",
    ] {
        let command = format!("render --out a.png {flags}");
        folder.run(&command).without_adapter().refuses(&["cannot be used with"]);
    }
    folder.run("render --out a.jpg").without_adapter().refuses(&["a.jpg", ".png, .svg or .pdf"]);
    for flags in [
        "--preset column --background transparent --font-size 9pt --no-title",
        "--width 86mm --dpi 300 --title a --x-label b --y-label c --no-color-bar",
        "--theme dark",
        "--theme light",
    ] {
        for file in ["a.png", "a.svg", "a.PDF"] {
            let command = format!("render --out {file} {flags}");
            folder.run(&command).without_adapter().exits_with(3);
        }
    }
}

#[test]
fn asking_for_more_points_than_a_file_has_is_told() {
    let folder = Folder::new()
        .with_f64("x.npy", &normal(50, 1, 0.0))
        .with_f64("y.npy", &normal(60, 2, 0.0))
        .with("one.csv", "1,2\n");
    let naive = |flags: &str| {
        let ended = folder.run(&format!("reduce --engine naive --json {flags}")).succeeds();
        let report = ended.json();
        let whole = |key: &str| report[key].as_u64().expect("a whole number");
        (ended.stderr.clone(), [whole("n"), whole("m")])
    };
    let (told, counts) = naive("--targets x.npy --sources y.npy --n 500 --m 61");
    assert_eq!(counts, [50, 60]);
    assert!(told.contains("note: --n 500: x.npy has 50 usable rows; all 50 are used"), "{told}");
    assert!(told.contains("note: --m 61: y.npy has 60 usable rows; all 60 are used"), "{told}");
    let (told, counts) = naive("--targets x.npy --m 51");
    assert_eq!(counts, [50, 50]);
    assert!(told.contains("note: --m 51: x.npy has 50 usable rows"), "{told}");
    let (told, _) = naive("one.csv --n 2 --sigma 1");
    assert!(told.contains("note: --n 2: one.csv has 1 usable row; it is used"), "{told}");
    for flags in ["--targets x.npy --n 50 --m 7", "--n 500 --m 500"] {
        let (told, _) = naive(flags);
        assert!(!told.contains("note"), "{told}");
    }
}

#[test]
fn a_distribution_is_not_for_files() {
    let folder = Folder::new().with("p.csv", "u,v\n1,2\n3,4\n");
    for (file, word) in [
        ("p.csv", "the file p.csv"),
        ("--targets p.csv", "--targets p.csv"),
        ("--sources p.csv", "--sources p.csv"),
    ] {
        for command in ["reduce --engine naive --json", "render --out a.png", ""] {
            // The default, said aloud, is as much of a contradiction.
            let run = folder.run(&format!("{command} {file} --distribution normal"));
            run.without_adapter().refuses(&["--distribution normal", word, "drop one"]);
        }
    }
    folder.run("reduce --engine naive --json --n 5 --m 5 --distribution ring").succeeds();
}

#[test]
fn reduce_takes_a_file_without_a_flag() {
    let folder =
        Folder::new().with_f64("x.npy", &normal(9, 1, 0.0)).with_f64("y.npy", &normal(7, 2, 0.0));
    let sum = |files: &str| {
        let command = format!("reduce {files} --engine naive --sigma 0.5 --json");
        folder.run(&command).succeeds().json()["f_sum"].as_f64()
    };
    assert_eq!(sum("x.npy"), sum("--targets x.npy"));
    assert_eq!(sum("x.npy --sources y.npy"), sum("--targets x.npy --sources y.npy"));
    let both = folder.run("reduce x.npy --targets y.npy --engine naive --json");
    both.refuses(&["--targets y.npy", "x.npy", "drop one"]);
}

#[test]
fn points_are_never_replaced_by_what_comes_of_them() {
    let folder = Folder::new()
        .with_f64("x.npy", &normal(9, 1, 0.0))
        .with_f64("y.npy", &normal(7, 2, 0.0))
        .with("p.png", "u,v\n1,2\n3,4\n");
    std::fs::create_dir(folder.path("sub")).expect("a folder");
    let before = ["x.npy", "y.npy", "p.png"].map(|name| folder.read(name));
    for (flags, out, input) in [
        ("x.npy", "x.npy", "x.npy"),
        ("--targets x.npy --sources y.npy", "y.npy", "y.npy"),
        ("--targets sub/../x.npy", "./x.npy", "sub/../x.npy"),
    ] {
        for force in ["", "--force"] {
            let command = format!("reduce --engine naive {flags} --out {out} {force}");
            folder.run(&command).refuses(&[&format!("--out {out}"), "read from", input]);
        }
    }
    let picture = folder.run("render p.png --out p.png --force").without_adapter();
    picture.refuses(&["--out p.png", "read from"]);
    assert_eq!(["x.npy", "y.npy", "p.png"].map(|name| folder.read(name)), before);
}

#[test]
fn the_line_for_a_person_says_which_sigma_and_who_chose_it() {
    let folder =
        Folder::new().with_f64("x.npy", &normal(400, 1, 0.0)).with("same.csv", "u,v\n1,2\n1,2\n");
    let told = |flags: &str| {
        let command = format!("reduce --engine naive {flags} --out f.npy --force");
        folder.run(&command).succeeds().stdout
    };
    let json = folder.run("reduce --engine naive x.npy --json").succeeds().json();
    let sigma = json["sigma"].as_f64().expect("a number");
    let line = told("x.npy");
    let six_digits = format_number(sigma, 6);
    assert!(line.contains(&format!("σ = {six_digits} (Scott's rule)")), "{sigma}: {line}");
    assert!(told("x.npy --sigma 0.125").contains("σ = 0.125;"));
    assert!(told("same.csv").contains("σ = 0.3 (the default)"));
    assert!(told("--n 9 --m 9").contains("σ = 0.3 (the default)"));
}

#[test]
fn sigma_without_the_flag_is_that_of_scotts_rule() {
    let y = normal_in(3, 60, 2, 0.0);
    let weights: Vec<f64> = (0..60).map(|k| f64::from(k % 7) + 0.25).collect();
    let folder = Folder::new().with("y.csv", weighted_csv(&y, &weights));
    let sigma = |flags: &str| {
        let command = format!("reduce y.csv --engine naive --json {flags}");
        folder.run(&command).succeeds().json()["sigma"].as_f64().expect("a number")
    };
    for weights in ["--columns 2,3,4", "--columns 2,3,4 --weights mass"] {
        for whiten in ["none", "axes", "full"] {
            let flags = format!("{weights} --whiten {whiten}");
            let by_name = sigma(&format!("{flags} --sigma scott"));
            assert_eq!(sigma(&flags).to_bits(), by_name.to_bits(), "{flags}: {by_name}");
        }
    }
    // Weights that differ make the rule wider: fewer points carry as much.
    let [with, without] =
        ["--weights mass", ""].map(|flag| sigma(&format!("--columns 2,3,4 --whiten axes {flag}")));
    assert!(with > without, "{with} {without}");
}

/// `f_i = Σ_j w_j·exp(−‖x_i − y_j‖² / (2σ²))` in f64, apart from the program.
fn weighted_loop(x: &Cloud, y: &Cloud, weights: &[f64], sigma: f64) -> Vec<f64> {
    let squared = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let term = |i: usize, j: usize| {
        weights[j] * (-squared(x.point(i), y.point(j)) / (2.0 * sigma * sigma)).exp()
    };
    (0..x.len()).map(|i| (0..y.len()).map(|j| term(i, j)).sum()).collect()
}

/// A cloud as CSV with a column of weights in front.
fn weighted_csv(cloud: &Cloud, weights: &[f64]) -> String {
    let rows = (0..cloud.len()).map(|i| {
        let numbers = std::iter::once(&weights[i]).chain(cloud.point(i));
        numbers.map(|v| format!("{v:?}")).collect::<Vec<_>>().join(",")
    });
    let names = std::iter::once("mass".to_owned()).chain(cloud.axes().iter().cloned());
    let header = names.collect::<Vec<_>>().join(",");
    std::iter::once(header).chain(rows).map(|row| row + "\n").collect()
}

#[test]
fn reduce_computes_in_any_dimension() {
    for dim in [1, 3, 7, 64] {
        let (x, y) = (normal_in(dim, 40, 1, 0.0), normal_in(dim, 70, 2, 0.0));
        let sigma = 0.4 * (dim as f64).sqrt();
        let right = weighted_loop(&x, &y, &[1.0; 70], sigma);
        let folder = Folder::new().with_f64("x.npy", &x).with_f64("y.npy", &y);
        for engine in ["naive", "simd", "broadcast", "chunked", "auto"] {
            let command = format!(
                "reduce x.npy --sources y.npy --dim {dim} --sigma {sigma} --engine {engine} --json \
                 --force --out f.npy"
            );
            let report = folder.run(&command).without_adapter().succeeds().json();
            assert_eq!(report["dim"], dim);
            assert_eq!(report["engine"], if engine == "auto" { "simd" } else { engine });
            let error = error_of(&folder.numbers("f.npy"), &right);
            let bound = report["error_bound"].as_f64().expect("a number");
            assert!(error <= bound, "{engine}, d = {dim}: {error:e}");
        }
        let generated = |engine: &str| {
            let command = format!(
                "reduce --dim {dim} --n 50 --m 60 --sigma {sigma} --engine {engine} --json --force \
                 --out g.npy"
            );
            assert_eq!(folder.run(&command).without_adapter().succeeds().json()["dim"], dim);
            folder.numbers("g.npy")
        };
        assert!(error_of(&generated("simd"), &generated("naive")) <= 2e-6, "d = {dim}");
    }
}

#[test]
fn the_first_coordinates_or_those_named_are_taken() {
    let wide = normal_in(5, 30, 1, 0.0);
    let folder = Folder::new().with_f64("x.npy", &wide);
    let field = |flags: &str| {
        let command = format!("reduce x.npy {flags} --sigma 1 --engine naive --force --out f.npy");
        folder.run(&command).succeeds();
        folder.numbers("f.npy")
    };
    let first = |dim: usize| {
        let coordinates = (0..30).flat_map(|i| &wide.point(i)[..dim]).copied().collect();
        let part = Cloud::new(dim, coordinates, Cloud::default_axes(dim));
        weighted_loop(&part, &part, &[1.0; 30], 1.0)
    };
    for dim in [1, 3, 5] {
        assert!(error_of(&field(&format!("--dim {dim}")), &first(dim)) < 1e-12);
    }
    assert_eq!(field("--columns 1,2,3"), field("--dim 3"));
    assert_eq!(field("--columns 1"), field("--dim 1"));
    // An array tells its own number of coordinates.
    assert_eq!(field(""), field("--dim 5"));
    let refused = |flags: &str, words: &[&str]| {
        let command = format!("reduce x.npy {flags} --engine naive --json");
        folder.run(&command).refuses(words);
    };
    refused("--dim 6", &["x.npy", "shape (30, 5)", "d at least 6", "--dim"]);
    refused("--dim 3 --columns 1,2", &["--dim 3", "--columns 1,2", "found 2", "drop --dim"]);
    let many = (1..=65).map(|k| k.to_string()).collect::<Vec<_>>().join(",");
    refused(&format!("--columns {many}"), &["--columns", "65", "1 to 64"]);
}

#[test]
fn weights_count_a_source_as_often_as_they_say() {
    let (x, y) = (normal_in(3, 25, 1, 0.0), normal_in(3, 40, 2, 0.0));
    let weights: Vec<f64> = (0..40).map(|k| f64::from(k % 4)).collect();
    let repeated = y.select((0..40).flat_map(|j| std::iter::repeat_n(j, j % 4)));
    let array = Cloud::new(1, weights.clone(), Cloud::default_axes(1));
    let folder = Folder::new()
        .with_f64("x.npy", &x)
        .with("y.csv", weighted_csv(&y, &weights))
        .with("x.csv", weighted_csv(&x, &[7.0; 25]))
        .with_f64("y.npy", &y)
        .with_f64("w.npy", &array)
        .with_f64("repeated.npy", &repeated);
    let field = |flags: &str| {
        let command = format!("reduce {flags} --dim 3 --sigma 0.8 --force --out f.npy");
        folder.run(&command).without_adapter().succeeds();
        folder.numbers("f.npy")
    };
    for how in ["sum", "mean", "density"] {
        let normalise = format!("--normalise {how}");
        let right = field(&format!(
            "x.npy --sources repeated.npy --columns 1,2,3 --engine naive {normalise}"
        ));
        for (engine, bound) in
            [("naive", 1e-12), ("simd", 2e-6), ("chunked", 1e-12), ("auto", 2e-6)]
        {
            for files in [
                "x.csv --sources y.csv --weights mass",
                "x.csv --sources y.csv --weights 1",
                "x.npy --sources y.npy --weights w.npy",
                "x.npy --sources y.csv --weights MASS",
            ] {
                let found = field(&format!("{files} --engine {engine} {normalise}"));
                let error = error_of(&found, &right);
                assert!(error <= bound, "{files} {engine} {how}: {error:e}");
            }
        }
    }
    // A part of the sources keeps its own weights.
    let part = folder.run("reduce x.npy --sources y.npy --weights w.npy --dim 3 --m 11 --json");
    assert_eq!(part.succeeds().json()["m"], 11);
}

#[test]
fn weights_may_be_negative_and_zero() {
    let y = normal(60, 2, 0.0);
    let weights: Vec<f64> = (0..60).map(|k| f64::from(k % 5) - 1.5).collect();
    let folder = Folder::new().with("y.csv", weighted_csv(&y, &weights));
    let command = "reduce y.csv --weights mass --sigma 0.5 --engine naive --json --out f.npy";
    let report = folder.run(command).succeeds().json();
    assert_eq!((&report["n"], &report["dim"]), (&60.into(), &2.into()));
    let right = weighted_loop(&y, &y, &weights, 0.5);
    let found = folder.numbers("f.npy");
    assert!(found.iter().zip(&right).all(|(f, r)| (f - r).abs() < 1e-12));
}

#[test]
fn weights_that_make_no_sense_are_refused_by_name() {
    let array = |values: &[f64], dim| Cloud::new(dim, values.to_vec(), Cloud::default_axes(dim));
    let folder = Folder::new()
        .with("p.csv", "a,b,mass,plus,name,part\n1,2,1,1,x,1\n3,4,-1,1,y,2\n5,7,0,1,z,two\n")
        .with_f64("x.npy", &normal(3, 1, 0.0))
        .with_f64("four.npy", &array(&[1.0; 4], 1))
        .with_f64("wide.npy", &array(&[1.0; 6], 2))
        .with_f64("nan.npy", &array(&[f64::NAN; 3], 1))
        .with("fake.npy", "1\n2\n3\n")
        .with_f64("three.npy", &normal_in(3, 3, 1, 0.0));
    let before = folder.files();
    for (flags, words) in [
        ("p.csv --weights maas", &["p.csv", "'maas'", "'mass'", "--weights"][..]),
        ("p.csv --weights 7", &["p.csv", "'7'", "1 to 6", "--weights"]),
        ("p.csv --weights name", &["p.csv", "line 2", "'name'", "'x'", "--weights"]),
        ("p.csv --weights part", &["p.csv", "line 4", "'part'", "'two'", "--weights"]),
        ("p.csv --weights gone.npy", &["gone.npy", "cannot open"]),
        ("p.csv --weights fake.npy", &["fake.npy", "NPY"]),
        ("p.csv --weights four.npy", &["four.npy", "(4, 1)", "(3,)", "p.csv"]),
        ("p.csv --weights wide.npy", &["wide.npy", "(3, 2)", "(3,)"]),
        ("p.csv --weights nan.npy", &["p.csv", "all 3 rows", "NaN", "'nan.npy'", "--weights"]),
        ("x.npy --weights 3", &["x.npy", "'3'", "1 to 2", "--weights"]),
        ("x.npy --sources three.npy --weights 1", &["x.npy", "'x3'", "three.npy", "--columns"]),
        ("p.csv --weights mass --normalise mean", &["total weight", "0", "mean", "sum"]),
        ("p.csv --weights mass --normalise density", &["total weight", "0", "density"]),
        ("--n 5 --m 5 --weights w.npy", &["--weights w.npy", "--sources"]),
    ] {
        let command = format!("reduce --engine naive --out f.npy {flags}");
        folder.run(&command).refuses(words);
    }
    assert_eq!(folder.files(), before);
    folder.run("reduce --engine naive --json p.csv --weights mass --normalise sum").succeeds();
    let overwrites = "reduce --engine naive p.csv --weights nan.npy --force --out nan.npy";
    folder.run(overwrites).refuses(&["--out nan.npy", "nan.npy"]);
}

#[test]
fn auto_needs_no_adapter_in_any_dimension_and_with_weights() {
    let folder = Folder::new().with("p.csv", "a,b,mass\n1,2,1\n3,4,2\n");
    for flags in ["--dim 3 --n 9 --m 9", "--dim 1 --n 9 --m 9", "p.csv --weights mass"] {
        let command = format!("reduce --json {flags}");
        let auto = folder.run(&command).without_adapter().succeeds().json();
        assert_eq!(auto["engine"], "simd");
        folder.run(&command).and("--engine").and("gpu").without_adapter().exits_with(3);
    }
}

#[test]
fn axes_that_are_not_there_are_refused_with_those_that_are() {
    let folder = Folder::new().with("p.csv", "a,b,mass\n1,2,1\n3,4,2\n");
    for command in ["render --out a.png", ""] {
        let refused = |flags: &str, words: &[&str]| {
            folder.run(&format!("{command} p.csv {flags}")).without_adapter().refuses(words);
        };
        for bad in ["1,4", "0,1", "1,1", "1", "a,c", "pca", "1,2,4", "1,2,2", "1,2,3,1"] {
            let flags = format!("--columns a,b,mass --axes {bad}");
            refused(&flags, &[&format!("--axes {bad}"), "from 1 to 3", "--columns", "principal"]);
        }
        refused("--axes 1,3", &["--axes 1,3", "from 1 to 2"]);
    }
}

fn three_columns() -> Cloud {
    let coordinates = (0..15).map(f64::from).collect();
    Cloud::new(3, coordinates, Cloud::default_axes(3))
}

#[test]
fn usage_is_told_where_it_is_wrong() {
    let folder = Folder::new();
    folder.run("reduce").refuses(&["--out"]);
    folder.run("render").refuses(&["--out"]);
    folder.run("reduce --out f.npy --warp 9").refuses(&["--warp"]);
    // The subcommands, as clap lists them: the indented lines under "Commands:".
    let listed = folder.run("--help").succeeds().stdout;
    let (_, listed) = listed.split_once("Commands:\n").expect("a list of subcommands");
    let listed = listed.lines().take_while(|line| line.starts_with("  "));
    let listed = listed.filter_map(|line| line.split_whitespace().next());
    let mut commands: Vec<&str> = listed.filter(|name| *name != "help").collect();
    assert!(commands.len() >= 5 && commands.contains(&"select"), "{commands:?}");
    commands.push("");
    for command in commands {
        let help = folder.run(&format!("{command} --help")).succeeds().stdout;
        for (k, line) in help.lines().enumerate() {
            assert!(line.chars().count() <= 100, "{command}, line {}: {line}", k + 1);
        }
        // Each flag says its possible values and its default once at most.
        for flag in help.split("\n      --") {
            for word in ["[default:", "[possible values:"] {
                assert!(flag.matches(word).count() <= 1, "{flag}");
            }
        }
        assert!(!help.contains("\n\n\n") && !help.contains("  \n"), "{help}");
    }
    let version = folder.run("--version").succeeds();
    assert_eq!(version.stdout.trim(), concat!("sigmascope ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn without_an_adapter_the_processor_still_computes() {
    let folder = Folder::new();
    for command in ["reduce --engine gpu --out f.npy", "bench --engine gpu", "render --out a.png"] {
        let ended = folder.run(command).without_adapter().exits_with(3);
        assert_eq!(ended.stdout, "");
        ended.says(&["no usable graphics adapter", "install", "--engine simd"]);
    }
    assert_eq!(folder.files(), [""; 0]);
    let naive = "reduce --engine naive --n 9 --m 9 --out f.npy";
    folder.run(naive).without_adapter().succeeds();
    assert_eq!(folder.numbers("f.npy").len(), 9);
    assert_eq!(folder.files(), ["f.npy"]);
    // What is left to the program goes without, and says so.
    let auto = "reduce --n 9 --m 9 --out f.npy --force --json";
    let ended = folder.run(auto).without_adapter().succeeds();
    assert_eq!(ended.json()["engine"], "simd");
    assert!(ended.json()["adapter"].is_null());
    assert!(ended.json()["why"].as_str().is_some_and(|why| why.contains("9 × 9 pairs")));
    ended.says(&["auto takes simd", "no adapter"]);
    // So many that a device would be looked for.
    let auto = "reduce --n 1000000 --m 10000 --dim 4 --json";
    let ended = folder.run(auto).without_adapter().succeeds();
    assert_eq!(ended.json()["engine"], "simd");
    // In the plane there is something better than either.
    let auto = "reduce --n 1000000 --m 10000 --json";
    let ended = folder.run(auto).without_adapter().succeeds();
    assert_eq!(ended.json()["engine"], "fast");
    let how = ended.json()["how"].as_str().expect("it is told").to_owned();
    assert!(how.starts_with("on the processor: a grid of "), "{how}");
    // The device for it can be asked for, and is then not done without.
    let fast = "reduce --engine fast --n 99 --m 99 --json";
    let run = |place| folder.run(fast).with_env("SIGMASCOPE_FAST", place).without_adapter();
    assert!(run("cpu").succeeds().json()["adapter"].is_null());
    run("gpu").exits_with(3);
    run("tpu").exits_with(2).says(&["SIGMASCOPE_FAST", "'tpu'", "expected cpu or gpu"]);
    // An adapter that is asked for is not done without.
    folder.run("reduce --adapter x --json").without_adapter().exits_with(3);
}

/// What it takes is up to the machine; that it is kept, and that nothing needs it, is not.
#[test]
fn what_sums_take_is_measured_kept_and_not_needed() {
    let folder = Folder::new();
    let kept = folder.path("own/cache/rates.json");
    let run = |arguments: &str| {
        let run = folder.run(arguments).without_adapter().without_env("SIGMASCOPE_NO_RATES");
        run.with_env("SIGMASCOPE_SETTINGS", &folder.path("own").display().to_string())
    };
    let measured = run("bench --calibrate --n 20,50").succeeds();
    assert!(measured.stdout.contains("16 sizes timed"), "{measured}");
    let text = std::fs::read_to_string(&kept).expect("a file");
    let rates: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let processors = rates["processors"].as_object().expect("an object");
    assert_eq!(processors.values().next().and_then(|sums| sums.as_array()).map(Vec::len), Some(16));
    // With no adapter there is one engine to choose, and no choice is bad.
    let checked = run("bench --calibrate --check --n 20,50").succeeds();
    assert_eq!(checked.stdout.matches("| simd | 1.00 |").count(), 16, "{checked}");
    assert!(checked.stdout.contains("Of 16 choices 0 were"), "{checked}");

    for broken in ["{\"processors\": [", "", "[1, 2]"] {
        std::fs::write(&kept, broken).expect("a file");
        let sum = "reduce --n 30 --m 30 --sigma 1 --out f.npy --force";
        run(sum).succeeds().says(&["rates.json could not be read", "set aside"]);
        run(sum).succeeds().keeps_quiet_about(&["rates.json"]);
    }
    // Where nothing can be kept, nothing is.
    std::fs::remove_dir_all(folder.path("own")).expect("a folder");
    std::fs::write(folder.path("own"), "no folder").expect("a file");
    let elsewhere = |arguments: &str| {
        let run = folder.run(arguments).without_adapter().without_env("SIGMASCOPE_NO_RATES");
        run.without_env("SIGMASCOPE_SETTINGS").with_env("XDG_CACHE_HOME", "/dev/null")
    };
    elsewhere("reduce --n 30 --m 30 --sigma 1 --out f.npy --force").succeeds();
    folder.run("bench --calibrate --engine simd").refuses(&["--calibrate"]);
    folder.run("bench --check").refuses(&["--calibrate"]);
}

#[test]
fn bench_tells_of_each_engine_and_size_in_json_and_in_a_chart() {
    let folder = Folder::new();
    let command = "bench --engine auto,simd,naive --n 100,300 --m 200 --sigma 0.4 --repeat 2";
    let ended = folder.run(&format!("{command} --json --plot t.svg")).without_adapter().succeeds();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&ended.stdout).expect("an array");
    assert_eq!(rows.len(), 6);
    for row in &rows {
        for key in ["n", "m", "dim", "repeats", "threads"] {
            assert!(row[key].is_u64(), "{key} in {row}");
        }
        for key in ["sigma", "seconds_min", "seconds_median", "pairs_per_second"] {
            assert!(row[key].as_f64().is_some_and(|number| number > 0.0), "{key} in {row}");
        }
        assert!(row["seconds_min"].as_f64() <= row["seconds_median"].as_f64());
        assert!(row["max_error"].as_f64().is_some_and(|error| error < 2e-6), "{row}");
        assert!(row["adapter"].is_null() && row["device_seconds"].is_null());
        let peak = row["peak_bytes"].as_u64().map(|bytes| bytes >> 20);
        assert!(peak.is_none_or(|mib| (1..2000).contains(&mib)), "{row}");
        assert!(peak.is_some() || cfg!(not(target_os = "linux")), "{row}");
    }
    assert_eq!([&rows[0]["engine"], &rows[0]["taken"]], ["auto", "simd"]);
    assert!(rows[0]["why"].is_string() && rows[1]["why"].is_null());
    assert_eq!([&rows[3]["n"], &rows[3]["m"]], [300, 200]);

    let chart = String::from_utf8(folder.read("t.svg")).expect("text");
    assert!(chart.starts_with("<svg") && chart.ends_with("</svg>\n"), "{chart}");
    assert_eq!(chart.matches("<polyline").count(), 3);
    for word in [">auto<", ">simd<", ">naive<", "with 200 sources", "medians of 2 runs"] {
        assert!(chart.contains(word), "{word} in {chart}");
    }
    let table = folder.run(&format!("{command} --dim 3")).without_adapter().succeeds().stdout;
    assert!(table.contains("| auto (simd) | 100 | 200 | 3 | 0.4 |"), "{table}");
}

#[test]
fn a_chart_goes_only_where_it_may() {
    let folder = Folder::new().with("t.svg", "precious");
    let command = "bench --engine simd --n 10 --repeat 1 --plot";
    folder.run(command).and("t.svg").refuses(&["t.svg", "exists", "--force"]);
    folder.run(command).and("t.png").refuses(&["--plot t.png", ".svg"]);
    folder.run(command).and("no/t.svg").refuses(&["no/t.svg", "there is no folder"]);
    assert_eq!(folder.read("t.svg"), b"precious");
    folder.run(command).and("t.svg").and("--force").succeeds();
    assert!(folder.read("t.svg").starts_with(b"<svg"));
    assert_eq!(folder.files(), ["t.svg"]);
    folder.run("bench --dim 65").refuses(&["--dim", "'65'", "1..=64"]);
}

#[test]
fn info_lists_adapters_with_their_limits_and_the_engines() {
    let folder = Folder::new();
    let report = folder.run("info --json").succeeds().json();
    for adapter in report["adapters"].as_array().expect("a list") {
        for key in ["name", "backend", "kind", "driver"] {
            assert!(adapter[key].is_string(), "{key} in {adapter}");
        }
        assert!(adapter["usable"].is_boolean() && adapter["software"].is_boolean());
        for key in [
            "max_buffer_size",
            "max_storage_buffer_binding_size",
            "max_texture_dimension_2d",
            "max_compute_workgroup_storage_size",
            "max_compute_workgroups_per_dimension",
        ] {
            assert!(adapter["limits"][key].is_u64(), "{key} in {adapter}");
        }
    }
    let engines = report["engines"].as_array().expect("a list");
    let named = |name: &str| engines.iter().any(|engine| engine["name"] == name);
    for name in sigmascope::model::EngineChoice::NAMES {
        assert!(named(name), "{name} in {report:?}");
    }
    assert!(folder.run("info").succeeds().stdout.contains("Engines:"));
}

#[test]
fn every_engine_of_the_processor_gives_the_same_numbers() {
    let folder = Folder::new();
    let naive = "reduce --engine naive --n 300 --m 400 --sigma 0.4 --out naive.npy";
    folder.run(naive).without_adapter().succeeds();
    for engine in ["simd", "broadcast", "chunked"] {
        let command = format!(
            "reduce --engine {engine} --n 300 --m 400 --sigma 0.4 --chunk 64 --out {engine}.npy --json"
        );
        let report = folder.run(&command).without_adapter().succeeds().json();
        assert_eq!(report["engine"], *engine);
        let (found, right) =
            (folder.numbers(&format!("{engine}.npy")), folder.numbers("naive.npy"));
        let error = common::error_of(&found, &right);
        assert!(error <= report["error_bound"].as_f64().expect("a number"), "{engine}: {error:e}");
    }
}

#[test]
fn arrays_above_the_memory_limit_are_refused_with_their_size_and_the_remedy() {
    let folder = Folder::new();
    let command = "reduce --engine broadcast --n 1000 --m 2000 --json";
    folder.run(&format!("{command} --memory-limit 16M")).succeeds();
    for (engine, shape, needed) in
        [("broadcast", "1000 × 2000", "16000000"), ("chunked", "1000 × 500", "4000000")]
    {
        let command = format!("reduce --engine {engine} --n 1000 --m 2000 --chunk 500 --json");
        let ended = folder.run(&format!("{command} --memory-limit 3999k")).exits_with(2);
        ended.says(&[shape, needed, "4.0 MB", "--memory-limit", "--engine", "simd"]);
    }
    let command = "reduce --engine broadcast --json --memory-limit";
    folder.run(command).and("much").refuses(&["--memory-limit", "'much'", "500M"]);
    folder
        .run("bench --engine broadcast --n 100 --memory-limit 1k")
        .exits_with(2)
        .says(&["80.0 kB"]);
}

#[test]
fn logarithms_are_summed_where_they_are_asked_for() {
    let rows = [[10.0, 1.0], [1000.0, 2.0], [-1.0, 3.0], [0.1, 2.5]];
    let table = |log: bool| {
        let row = |[x, y]: &[f64; 2]| {
            let x: f64 = if log { x.log10() } else { *x };
            format!("{x:?},{y:?}\n")
        };
        let kept = rows.iter().filter(|[x, _]| !log || *x > 0.0);
        "mass,age\n".to_owned() + &kept.map(row).collect::<String>()
    };
    let folder = Folder::new().with("p.csv", table(false)).with("logs.csv", table(true));
    let sum = "--sigma 0.7 --engine naive --out";
    folder.run(&format!("reduce logs.csv {sum} l.npy")).succeeds();
    let ended = folder.run(&format!("reduce p.csv --log mass {sum} f.csv --json")).succeeds();
    let json = ended.json();
    assert_eq!(
        (&json["rows_dropped"], &json["dropped"][0]["why"]),
        (&1.into(), &"not_positive".into())
    );
    assert!(json["notes"].to_string().contains("summed in logarithms"), "{json:?}");
    // The table keeps the rows and the coordinates of the file.
    let text = String::from_utf8(folder.read("f.csv")).expect("text");
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|row| row.split(',').collect()).collect();
    assert_eq!((rows[2][3], rows[1][1]), ("", "1000"));
    let found: Vec<f64> =
        [0, 1, 3].iter().map(|&row: &usize| rows[row][3].parse().expect("a number")).collect();
    assert!(error_of(&found, &folder.numbers("l.npy")) < 1e-12, "{found:?}");
    folder.run("reduce --log x --out g.npy").refuses(&["--log", "--targets"]);
    folder.run("reduce p.csv --log speed --out g.npy").refuses(&["'speed'", "'mass'"]);
}

#[test]
fn vector_instructions_can_be_forced_and_a_name_that_is_none_is_refused() {
    let folder = Folder::new();
    let command = "reduce --engine simd --n 100 --m 100 --json";
    folder.run(command).with_env("SIGMASCOPE_SIMD", "portable").succeeds();
    let ended = folder.run(command).with_env("SIGMASCOPE_SIMD", "mmx").exits_with(2);
    ended.says(&["SIGMASCOPE_SIMD", "'mmx'", "portable"]);
}

#[test]
fn without_a_display_the_window_says_so_at_once() {
    // Elsewhere there is a display without these.
    if cfg!(not(target_os = "linux")) {
        return;
    }
    let folder = Folder::new();
    let ended = folder
        .run("")
        .without_env("DISPLAY")
        .without_env("WAYLAND_DISPLAY")
        .without_env("WAYLAND_SOCKET")
        .exits_with(4);
    assert!(ended.took.as_secs_f64() < 3.0, "it took {:?}", ended.took);
    assert_eq!(ended.stdout, "");
    ended.says(&["display", "sigmascope render"]);
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let folder = Folder::new();
    let mut run = folder.run("info --json").without_adapter();
    run.command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = run.command.spawn().expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_a_failure_with_a_message() {
    let folder = Folder::new();
    let mut run = folder.run("info --json").without_adapter();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
    run.command.stdout(full);
    run.exits_with_own_stdout(1, &["standard output"]);
}
