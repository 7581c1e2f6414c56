//! The program as a script sees it, on the device: numbers, pictures, memory.

mod common;
mod program;

use std::path::Path;

use common::{device_test, error_of, normal, rounded, run_device_tests};
use program::{Folder, REPORT_KEYS, double_loop};

const AIRPORTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/airports.csv");

fn reduce(sigma: f64, chunk: usize) -> String {
    format!(
        "reduce --engine gpu --targets x.npy --sources y.npy --sigma {sigma} --chunk {chunk} \
         --out f.npy --force --json"
    )
}

/// Width and height of a PNG file.
fn size_of_png(folder: &Folder, name: &str) -> [u32; 2] {
    let bytes = folder.read(name);
    let reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG file");
    let info = reader.info();
    [info.width, info.height]
}

/// The number of different colours in the middle of a picture, as far as they are not greys.
fn colors_of_png(folder: &Folder, name: &str) -> usize {
    let bytes = folder.read(name);
    let mut reader =
        png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture that fits")];
    let frame = reader.next_frame(&mut pixels).expect("pixels");
    let samples = frame.color_type.samples();
    let colors: std::collections::HashSet<[u8; 3]> = pixels[..frame.buffer_size()]
        .chunks_exact(samples)
        .map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .filter(|[r, g, b]| r.abs_diff(*g).max(g.abs_diff(*b)) > 40)
        .collect();
    colors.len()
}

fn main() {
    let mut tests = Vec::new();
    for (n, m) in [(1, 1), (257, 300), (1000, 700), (64, 65_537)] {
        tests.push(device_test(
            format!("reduce agrees with the double loop, {n} × {m}"),
            move || {
                let (x, y) = (normal(n, 1, 0.0), normal(m, 3, 0.0));
                let single = Folder::new().with_f32("x.npy", &x).with_f32("y.npy", &y);
                let double = Folder::new().with_f64("x.npy", &x).with_f64("y.npy", &y);
                let chunks = [1, 7, 256, 1000, m, 10 * m];
                for (k, sigma) in [0.01, 0.3, 10.0].into_iter().enumerate() {
                    let exact = [
                        double_loop(&rounded(&x), &rounded(&y), sigma),
                        double_loop(&x, &y, sigma),
                    ];
                    for chunk in [chunks[k], chunks[k + 3]] {
                        for (folder, exact) in [&single, &double].into_iter().zip(&exact) {
                            folder.run(&reduce(sigma, chunk)).succeeds();
                            let error = error_of(&folder.numbers("f.npy"), exact);
                            assert!(error <= 2e-6, "sigma {sigma}, chunk {chunk}: {error:e}");
                        }
                    }
                }
            },
        ));
    }
    tests.push(device_test("a cloud a million away keeps its digits", || {
        let (x, y) = (normal(500, 1, 1e6), normal(600, 2, 1e6));
        let folder = Folder::new().with_f64("x.npy", &x).with_f64("y.npy", &y);
        folder.run(&reduce(0.1, 256)).succeeds();
        let error = error_of(&folder.numbers("f.npy"), &double_loop(&x, &y, 0.1));
        assert!(error <= 5e-6, "{error:e}");
    }));
    tests.push(device_test(
        "reduce and bench take the device in any dimension and with weights",
        || {
            let rows = |weight: &dyn Fn(usize) -> f64| {
                let row = |i: usize| {
                    let x = |k: usize| ((i * (k + 3)) % 17) as f64 / 10.0;
                    format!("{},{},{},{},{},{}\n", x(0), x(1), x(2), x(3), x(4), weight(i))
                };
                format!("a,b,c,d,e,w\n{}", (0..300).map(row).collect::<String>())
            };
            let folder = Folder::new().with("p.csv", rows(&|i| (i % 5) as f64 - 1.0));
            let columns =
                "reduce p.csv --columns a,b,c,d,e --weights w --sigma 0.7 --force --out f.npy";
            folder.run(&format!("{columns} --engine naive")).succeeds();
            let exact = folder.numbers("f.npy");
            let command = format!("{columns} --engine gpu --json");
            let report = folder.run(&command).succeeds().json();
            assert_eq!((&report["engine"], &report["dim"]), (&"gpu".into(), &5.into()));
            let error = error_of(&folder.numbers("f.npy"), &exact);
            assert!(error <= 2e-5, "{error:e}");
            for dim in [1, 3, 64] {
                let command =
                    format!("bench --engine gpu --dim {dim} --n 100 --sigma 5 --repeat 1 --json");
                let ended = folder.run(&command).succeeds();
                let rows: Vec<serde_json::Value> =
                    serde_json::from_str(&ended.stdout).expect("an array");
                assert!(rows[0]["max_error"].as_f64().expect("a number") <= 2e-6, "{rows:?}");
            }
        },
    ));
    tests.push(device_test("the report names the adapter", || {
        let folder = Folder::new();
        let command = "reduce --engine gpu --n 100 --m 100 --json --out f.npy";
        let ended = folder.run(command).succeeds();
        let report = ended.json();
        for key in REPORT_KEYS {
            assert!(report.contains_key(key), "there is no {key}: {ended}");
        }
        assert_eq!(report["engine"], "gpu");
        assert!(report["adapter"].is_string());
        // Software Vulkan has a clock; not every driver of a card does.
        let device = &report["device_seconds"];
        assert!(device.is_null() || device.as_f64() > Some(0.0), "{device}");
        assert_eq!(report["error_bound"], 2e-6);
        assert_eq!(folder.files(), ["f.npy"]);
    }));
    tests.push(device_test(
        "bench tells what auto takes, and device time beside wall time",
        || {
            let command =
                "bench --engine auto,simd,gpu,fast --n 100,3000 --m 3000 --repeat 3 --json";
            let ended = Folder::new().run(command).succeeds();
            let rows: Vec<serde_json::Value> =
                serde_json::from_str(&ended.stdout).expect("an array");
            for rows in rows.chunks(4) {
                let taken = &rows[0]["taken"];
                assert!(rows[1..3].iter().any(|row| row["engine"] == *taken), "{rows:?}");
                for row in rows {
                    // Not every adapter has a clock.
                    for [device, whole] in [
                        ["device_seconds", "seconds_median"],
                        ["step_device_seconds", "step_seconds_median"],
                    ] {
                        let Some(seconds) = row[device].as_f64() else { continue };
                        let whole = row[whole].as_f64().expect("a number");
                        assert!(!row["adapter"].is_null() && seconds > 0.0, "{row}");
                        assert!(seconds < whole, "{device}: {row}");
                    }
                }
            }
        },
    ));
    tests.push(device_test("an adapter that is named is what auto takes", || {
        let report = Folder::new().run("reduce --n 9 --m 9 --adapter a --json").succeeds().json();
        assert_eq!(report["engine"], "gpu");
    }));
    tests.push(device_test("an adapter that is not there is named, with those that are", || {
        let folder = Folder::new();
        folder
            .run("reduce --adapter riva128 --out f.npy")
            .exits_with(3)
            .says(&["'riva128'", "found: ", "sigmascope info", "without --adapter"])
            .keeps_quiet_about(&["install", "driver ("]);
    }));
    tests.push(device_test("info finds an adapter it can use", || {
        let folder = Folder::new();
        let report = folder.run("info --json").succeeds().json();
        let adapters = report["adapters"].as_array().expect("a list");
        assert!(adapters.iter().any(|adapter| adapter["usable"] == true));
    }));
    tests.push(device_test("render draws the airports of the United States", || {
        let folder = Folder::new();
        let command = "render --columns longitude,latitude --sigma 0.5 --size 640x480 --scale 2 \
                       --json --out a.png --targets";
        let ended = folder.run(command).and(AIRPORTS).succeeds();
        assert_eq!(size_of_png(&folder, "a.png"), [1280, 960]);
        assert!(colors_of_png(&folder, "a.png") > 200, "the points are coloured");
        let report = ended.json();
        for key in REPORT_KEYS {
            assert!(report.contains_key(key), "there is no {key}: {ended}");
        }
        assert_eq!(report["n"], 3376);
        assert_eq!(report["width"], 1280);
        assert_eq!(folder.files(), ["a.png"]);
    }));
    tests.push(device_test("render takes a file without a flag and every look", || {
        let folder = Folder::new();
        let command = "render --out a.png --size 200x150 --theme dark --scaling log --opacity 0.5 \
                       --color-map magma --range 0.1:30 --point-size 3 --stretch --all";
        let told = folder.run(command).and(Path::new(AIRPORTS)).succeeds().stdout;
        assert!(told.contains("a.png"), "{told}");
        assert_eq!(size_of_png(&folder, "a.png"), [200, 150]);
    }));
    tests.push(device_test("render draws points of any dimension, weighed or not", || {
        let rows = "a,b,c,w\n0,1,2,1\n1,0,1,-2\n2,2,0,0.5\n0.5,1,1,3\n";
        let folder = Folder::new().with("p.csv", rows);
        for points in [
            "--dim 1 --n 300 --m 200",
            "--dim 3 --n 300 --m 200",
            "--dim 7 --n 300 --m 200",
            "p.csv --columns a --weights w",
            "p.csv --columns a,b,c --weights w",
        ] {
            let sum = |command: &str| {
                let report = folder.run(&format!("{command} {points} --json")).succeeds().json();
                report["f_sum"].as_f64().expect("a number")
            };
            let exact = sum("reduce --engine naive --sigma 0.8");
            for axes in ["", "--axes principal", "--axes 3,1"] {
                let has_three = !(points.contains("--dim 1") || points.contains("--columns a --"));
                if axes.contains('3') && !has_three {
                    continue;
                }
                let look = format!("--size 300x200 --sigma 0.8 --out a.png --force {axes}");
                let drawn = sum(&format!("render {look}"));
                let error = (drawn / exact - 1.0).abs();
                assert!(error < 1e-5, "{points} {axes}: {drawn}, not {exact}");
                assert!(colors_of_png(&folder, "a.png") > 3, "{points} {axes}");
            }
        }
    }));
    tests.push(device_test("render tells of rows that a file has not", || {
        let folder = Folder::new().with_f64("x.npy", &normal(50, 1, 0.0));
        folder
            .run("render x.npy --n 500 --m 7 --size 200x150 --out a.png")
            .succeeds()
            .says(&["note: --n 500: x.npy has 50 usable rows; all 50 are used"])
            .keeps_quiet_about(&["--m"]);
    }));
    tests.push(device_test("render draws contours over the dots", || {
        let folder = Folder::new();
        let look = "render --n 300 --m 300 --size 300x200 --sigma 0.5 --out";
        folder.run(&format!("{look} plain.png")).succeeds();
        folder.run(&format!("{look} lines.png --contours 0.5,0.9")).succeeds();
        let text = String::from_utf8_lossy(&folder.read("lines.png")).into_owned();
        assert!(text.contains("contours around 50, 90 % of the mass"));
        let grey = |name: &str| {
            let bytes = folder.read(name);
            let decoder = png::Decoder::new(std::io::Cursor::new(&bytes));
            let mut reader = decoder.read_info().expect("a PNG file");
            let mut pixels = vec![0; reader.output_buffer_size().expect("a picture that fits")];
            let frame = reader.next_frame(&mut pixels).expect("pixels");
            let dark = |pixel: &&[u8]| pixel.iter().all(|&channel| channel < 60);
            pixels[..frame.buffer_size()].chunks_exact(3).filter(dark).count()
        };
        assert!(grey("lines.png") > grey("plain.png") + 100);
    }));
    tests.push(device_test("render draws the raster, curves and marginals", || {
        let folder = Folder::new();
        let look = "render --n 300 --m 300 --size 320x240 --sigma 0.5 --out";
        let colors = |name: &str, flags: &str, told: &str| {
            folder.run(&format!("{look} {name} {flags}")).succeeds();
            let text = String::from_utf8_lossy(&folder.read(name)).into_owned();
            assert!(text.contains(told), "{flags}: {told}");
            colors_of_png(&folder, name)
        };
        let dots = colors("dots.png", "", "random order");
        let raster = colors("raster.png", "--raster --no-dots", "raster of f");
        assert!(raster > 150, "{raster} colours");
        assert!(colors("none.png", "--no-dots", "300 targets") < dots);
        colors("both.png", "--raster --marginals", "densities along both axes");
        let small = "render --n 300 --m 300 --size 320x240 --sigma 0.001 --raster --out small.png";
        folder.run(small).succeeds();
        let text = String::from_utf8_lossy(&folder.read("small.png")).into_owned();
        assert!(text.contains("means over pixels"));
        colors("three.png", "--raster --no-dots --dim 3", "a scale of its own");
        colors("line.png", "--raster --dim 1", "curve of f");
        folder
            .run(&format!("{look} no.png --marginals --dim 1"))
            .refuses(&["--marginals", "two or more coordinates"]);
    }));
    tests.push(device_test("render refuses bad input and leaves nothing behind", || {
        let folder = Folder::new().with("bad.csv", "a,b\nx,y\n");
        for (points, told) in [
            ("--dim 1", &["--contours", "two or more coordinates"][..]),
            ("w.csv --columns x,y --weights w", &["--contours", "negative"]),
        ] {
            let folder = Folder::new().with("w.csv", "x,y,w\n0,1,1\n1,0,-1\n2,2,3\n");
            folder.run(&format!("render {points} --contours 0.5 --out a.png")).refuses(told);
            assert_eq!(folder.files(), ["w.csv"]);
        }
        folder.run("render --contours 0.5,2 --out a.png").refuses(&["--contours", "below 1"]);
        folder.run("render bad.csv --out a.png").refuses(&["bad.csv"]);
        folder.run("render gone.csv --out a.png").refuses(&["gone.csv", "cannot open"]);
        assert_eq!(folder.files(), ["bad.csv"]);
    }));
    #[cfg(target_os = "linux")]
    for (n, m, most) in [(100_000, 100_000, 400), (1_000_000, 10, 600)] {
        tests.push(device_test(
            format!("memory stays below {most} MiB at {n} × {m}"),
            move || {
                let folder = Folder::new();
                let command = format!("reduce --engine gpu --n {n} --m {m} --out f.npy");
                let mib = folder.run(&command).peak_memory() >> 20;
                assert_eq!(folder.numbers("f.npy").len(), n);
                assert!(mib > 10, "measured {mib} MiB");
                assert!(mib < most, "{mib} MiB");
            },
        ));
    }
    run_device_tests(tests);
}
