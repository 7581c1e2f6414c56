//! `sigmascope select`, and `--sigma` with a criterion's name, as a script sees them.

mod common;
mod program;

use common::{normal, normal_in};
use program::Folder;
use serde_json::Value;
use sigmascope::{
    criteria::{Criterion, Grid, SelectRequest, Summing, select},
    engine::Unobserved,
    figure::font_options,
    model::{Cloud, Points},
};

fn array(stdout: &str) -> Vec<Value> {
    match serde_json::from_str(stdout) {
        Ok(Value::Array(entries)) => entries,
        other => panic!("no array: {other:?}\n{stdout}"),
    }
}

fn names(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["criterion"].as_str().expect("a name")).collect()
}

#[test]
fn json_is_an_array_of_what_each_criterion_says() {
    let (x, y) = (normal(60, 1, 0.0), normal(90, 2, 0.0));
    let folder = Folder::new().with_f64("x.npy", &x).with_f64("y.npy", &y);
    let ended = folder.run("select x.npy --sources y.npy --json").succeeds();
    let entries = array(&ended.stdout);
    let all =
        ["loo", "heldout", "lscv", "scott", "silverman", "median", "knn", "sj", "sj", "isj", "isj"];
    assert_eq!(names(&entries), all);

    let points = Points::new(x, y).expect("points");
    let request = SelectRequest {
        points: &points,
        criteria: &Criterion::ALL,
        grid: Grid::Automatic,
        max_points: None,
        seed: 1,
    };
    let wanted = select(&request, Summing::Automatic, &mut Unobserved).expect("selections");
    for (entry, wanted) in entries.iter().zip(wanted) {
        let sigma = wanted.sigma.expect("a σ");
        assert!((entry["sigma"].as_f64().expect("σ") / sigma - 1.0).abs() < 1e-12);
        assert_eq!(entry["axis"].as_str(), wanted.axis.as_deref());
        let used = entry["points_used"].as_u64().expect("a number");
        assert_eq!(used, if wanted.criterion == Criterion::HeldOut { 60 } else { 90 });
        let curve = entry["curve"].as_array().expect("a curve");
        let points = wanted.curve.map_or(0, |curve| curve.points.len());
        assert_eq!(curve.len(), points);
        assert!(entry["warnings"].is_array());
        let pair = |pair: &Value| pair[0].as_f64().is_some() && pair[1].as_f64().is_some();
        assert!(curve.iter().all(pair));
    }
}

#[test]
fn the_curve_is_at_the_sigmas_asked_for() {
    let folder = Folder::new();
    let run = |flags: &str| {
        let ended = folder.run(&format!("select --n 50 --m 50 --criterion loo --json {flags}"));
        array(&ended.succeeds().stdout).remove(0)
    };
    let sigmas = |entry: &Value| -> Vec<f64> {
        let curve = entry["curve"].as_array().expect("a curve");
        curve.iter().map(|pair| pair[0].as_f64().expect("σ")).collect()
    };
    let at = run("--at 0.7,0.1,0.4");
    assert_eq!(sigmas(&at), [0.1, 0.4, 0.7]);
    assert!(sigmas(&at).contains(&at["sigma"].as_f64().expect("σ")));
    let range = run("--range 0.1:3");
    let found = sigmas(&range);
    assert!((found[0] - 0.1).abs() < 1e-15 && (found[found.len() - 1] - 3.0).abs() < 1e-14);
    let edge = run("--range 5:9");
    assert_eq!(edge["warnings"][0]["kind"], "edge", "{edge}");
    let part = run("--max-points 20");
    assert_eq!((part["points_used"].as_u64(), part["points_total"].as_u64()), (Some(20), Some(50)));
    assert!(part["standard_errors"][0].as_f64().expect("an error") > 0.0);
}

#[test]
fn a_person_reads_sigma_the_warnings_and_the_curve() {
    let twice = "a,b\n0,0\n1,0\n0,1\n1,0\n2,2\n-1,1\n0.5,-1\n";
    let folder = Folder::new().with("p.csv", twice);
    let ended = folder.run("select p.csv").succeeds();
    for words in
        ["loo: σ = ", "note: 1 point of 7 coincides", "| σ | loo | lscv |", "sj along a: σ = "]
    {
        assert!(ended.stdout.contains(words), "{words}: {ended}");
    }
    ended.says(&["p.csv", "without heldout", "take loo"]);
}

#[test]
fn the_engine_that_sums_changes_nothing() {
    let folder = Folder::new();
    let value = |flags: &str| {
        let ended = folder.run(&format!("select --n 80 --m 90 --criterion loo --json {flags}"));
        array(&ended.succeeds().stdout)[0]["sigma"].as_f64().expect("σ")
    };
    let exact = value("");
    for engine in ["naive", "simd", "chunked"] {
        assert!((value(&format!("--engine {engine}")) / exact - 1.0).abs() < 1e-2, "{engine}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_the_flag() {
    let folder = Folder::new()
        .with_f64("x.npy", &normal_in(2, 9, 1, 0.0))
        .with("same.csv", "a,b\n1,1\n1,1\n1,1\n");
    for (flags, words) in [
        ("--criterion best", &["--criterion", "best"][..]),
        ("--range 3:1", &["--range", "A below B"]),
        ("--range 0:1", &["--range", "1e-12 to 1e12"]),
        ("--at 0.1,0", &["--at", "1e-12 to 1e12"]),
        ("--at 0.1 --range 1:2", &["--at", "--range"]),
        ("--sigma 1", &["--sigma", "--at"]),
        ("--normalise mean", &["--normalise", "drop it"]),
        ("--chunk 9", &["--chunk", "drop it"]),
        ("--max-points 0", &["--max-points", "1 to 100000000"]),
        ("--plot curve.png", &["--plot curve.png", ".svg"]),
        ("x.npy --criterion heldout", &["heldout", "take loo"]),
        ("same.csv --criterion scott", &["scott", "coincide"]),
        ("same.csv", &["no criterion"]),
        ("--m 1 --criterion loo", &["loo", "at least 2", "found 1"]),
    ] {
        folder.run(&format!("select {flags}")).refuses(words);
    }
    assert_eq!(folder.files(), ["same.csv", "x.npy"]);
}

#[test]
fn the_plot_can_be_read_and_is_replaced_only_when_asked() {
    let folder = Folder::new();
    let command = "select --n 300 --m 300 --max-points 100 --plot curve.svg";
    folder.run(command).succeeds();
    let svg = String::from_utf8(folder.read("curve.svg")).expect("text");
    for words in [
        "Cross-validated (LOO), at 100 of 300 points",
        "Held-out log-likelihood",
        "lowest at σ = ",
        ">scott, silverman</text>",
        ">knn</text>",
        "standard deviation σ of the kernel",
    ] {
        assert!(svg.contains(words), "{words}");
    }
    assert_eq!((svg.matches("<polyline").count(), svg.matches("<polygon").count()), (3, 3));
    assert!(resvg::usvg::Tree::from_str(&svg, &font_options()).is_ok());
    folder.run(command).refuses(&["curve.svg", "--force"]);
    folder.run(&format!("{command} --force")).succeeds();
}

#[test]
fn a_criterion_chooses_sigma_wherever_one_is_taken() {
    let folder = Folder::new().with_f64("x.npy", &normal_in(2, 70, 1, 0.0));
    let chosen = |name: &str| {
        let ended = folder.run(&format!("select x.npy --json --criterion {name}"));
        array(&ended.succeeds().stdout)[0]["sigma"].as_f64().expect("σ")
    };
    for name in ["loo", "lscv", "scott", "silverman", "median", "knn"] {
        let reduce = folder.run(&format!("reduce x.npy --engine naive --json --sigma {name}"));
        let ended = reduce.succeeds().says(&[name, "takes σ = "]);
        let sigma = ended.json()["sigma"].as_f64().expect("σ");
        assert!((sigma / chosen(name) - 1.0).abs() < 1e-12, "{name}");
    }
    let line = folder.run("reduce x.npy --engine naive --sigma loo --out f.npy").succeeds().stdout;
    assert!(line.contains("(Cross-validated (LOO))"), "{line}");
    let both = "reduce --engine naive --n 40 --m 50 --json --sigma heldout";
    folder.run(both).succeeds().says(&["heldout takes σ = "]);
    for name in ["sj", "isj"] {
        folder.run(&format!("reduce --dim 1 --n 99 --m 99 --json --sigma {name}")).succeeds();
        let refused = format!("reduce x.npy --json --sigma {name}");
        folder.run(&refused).refuses(&["--sigma", name, "each axis", "sigmascope select"]);
    }
    let bench = "bench --engine simd --n 200 --sigma 0.5,silverman --repeat 1 --json";
    let rows = array(&folder.run(bench).succeeds().stdout);
    let sigma = |row: &Value| row["sigma"].as_f64().expect("σ");
    assert!((sigma(&rows[0]) - 0.5).abs() < 1e-15 && sigma(&rows[1]) > 0.1, "{rows:?}");
    folder.run("reduce x.npy --json --sigma heldout").refuses(&["--sigma heldout", "take loo"]);
    folder.run("reduce x.npy --json --sigma best").refuses(&["--sigma", "best", "loo, heldout"]);
    folder.run("x.npy --sigma best").refuses(&["--sigma", "best"]);
    folder.run("render x.npy --out p.png --sigma sj").refuses(&["--sigma sj", "each axis"]);
}

/// Each point of `cloud` as `with` makes it.
fn turned(cloud: &Cloud, with: impl Fn([f64; 2]) -> [f64; 2]) -> Cloud {
    let coordinates = cloud.coordinates().as_chunks::<2>().0.iter().flat_map(|point| with(*point));
    Cloud::new(2, coordinates.collect(), Cloud::default_axes(2))
}

fn f_sum(ended: &program::Ended) -> f64 {
    ended.json()["f_sum"].as_f64().expect("a sum")
}

#[test]
fn sources_that_coincide_are_merged_into_one_that_weighs_as_much() {
    let once = normal(60, 3, 0.0);
    let mut twice = once.coordinates().to_vec();
    twice.extend_from_slice(&once.coordinates()[..60]);
    let folder = Folder::new().with_f64("x.npy", &Cloud::new(2, twice, Cloud::default_axes(2)));
    let reduce = "reduce x.npy --sigma 0.4 --engine naive";
    folder.run(&format!("{reduce} --out all.npy")).succeeds();
    let merged = folder.run(&format!("{reduce} --merge-duplicates --out merged.npy")).succeeds();
    merged.says(&["30 sources merged", "60 are left"]);
    let [all, merged] = ["all.npy", "merged.npy"].map(|name| folder.numbers(name));
    assert_eq!((all.len(), merged.len()), (90, 90));
    assert!(all.iter().zip(&merged).all(|(a, b)| (a / b - 1.0).abs() < 1e-13));

    let loo = |flag: &str| {
        let select = format!("select x.npy --criterion loo --json {flag}");
        array(&folder.run(&select).succeeds().stdout).remove(0)
    };
    let (misled, sensible) = (loo(""), loo("--merge-duplicates"));
    assert_eq!(misled["warnings"][0]["kind"], "duplicates", "{misled}");
    assert_eq!(sensible["warnings"], Value::Array(Vec::new()), "{sensible}");
    assert!(sensible["sigma"].as_f64() > misled["sigma"].as_f64());
    // σ without a flag is that of all points, so that f stays the same.
    let sum = |flag: &str| f_sum(&folder.run(&format!("reduce x.npy --json {flag}")).succeeds());
    assert!((sum("--merge-duplicates") / sum("") - 1.0).abs() < 1e-6);
}

#[test]
fn in_standard_deviations_the_units_of_the_data_do_not_matter() {
    let cloud = normal(80, 4, 0.0);
    let stretched = turned(&cloud, |[x, y]| [1e4 * x - 7.0, 1e-2 * y]);
    let sheared = turned(&cloud, |[x, y]| [1e4 * x - 7.0, 1e-2 * y + 30.0 * x]);
    let folder = Folder::new()
        .with_f64("plain.npy", &cloud)
        .with_f64("stretched.npy", &stretched)
        .with_f64("sheared.npy", &sheared)
        .with("flat.csv", "a,b\n0,1\n2,1\n3,1\n");
    let sum = |file: &str, how: &str| {
        let flags = format!("--sigma 0.4 --engine naive --json --whiten {how}");
        f_sum(&folder.run(&format!("reduce {file} {flags}")).succeeds())
    };
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-6;
    assert!(near(sum("plain.npy", "axes"), sum("stretched.npy", "axes")));
    assert!(near(sum("plain.npy", "full"), sum("stretched.npy", "full")));
    assert!(near(sum("plain.npy", "full"), sum("sheared.npy", "full")));
    assert!(!near(sum("plain.npy", "none"), sum("stretched.npy", "none")));
    // A density is one in the units of the data: a volume of 10⁴·10⁻² holds what 1 held.
    let density = |file: &str| {
        let flags = "--normalise density --sigma 0.4 --engine naive --json --whiten axes";
        f_sum(&folder.run(&format!("reduce {file} {flags}")).succeeds())
    };
    assert!(near(density("plain.npy"), 100.0 * density("stretched.npy")));
    let scott = folder.run("select stretched.npy --criterion scott --whiten axes --json");
    let sigma = array(&scott.succeeds().stdout)[0]["sigma"].as_f64().expect("σ");
    assert!((sigma - 80_f64.powf(-1.0 / 6.0)).abs() < 1e-12, "{sigma}");
    let warned = |flag: &str| {
        let select = format!("select stretched.npy --criterion scott --json {flag}");
        array(&folder.run(&select).succeeds().stdout)[0]["warnings"].to_string()
    };
    assert!(warned("").contains("unequal-axes") && !warned("--whiten axes").contains("unequal"));
    let flat = "reduce flat.csv --json --whiten axes";
    folder.run(flat).refuses(&["axes cannot be scaled", "all values of b coincide"]);
    folder.run("reduce plain.npy --json --whiten half").refuses(&["--whiten", "half"]);
}

/// The σ of `reduce --json` with these flags.
fn sigma_of(folder: &Folder, flags: &str) -> f64 {
    let ended = folder.run(&format!("reduce --engine naive --json {flags}")).succeeds();
    ended.json()["sigma"].as_f64().expect("a number")
}

#[test]
fn the_default_sigma_and_that_of_scott_are_one_number() {
    let cloud = normal(50, 8, 0.0);
    let twice = [cloud.coordinates(), &cloud.coordinates()[..40]].concat();
    let rows = |row: (usize, &[f64])| format!("{},{},{}\n", row.1[0], row.1[1], row.0 % 5);
    let table: String = twice.chunks(2).enumerate().map(rows).collect();
    let folder = Folder::new()
        .with("twice.csv", format!("x,y,w\n{table}"))
        .with("five.csv", "x,w\n0,1\n1,1\n2,1\n3,1\n100,0.001\n");
    for flags in [
        "twice.csv",
        "twice.csv --weights w",
        "twice.csv --merge-duplicates",
        "twice.csv --weights w --merge-duplicates",
        "twice.csv --whiten axes --merge-duplicates",
        "twice.csv --whiten full --weights w",
        "five.csv --columns x --weights w",
    ] {
        let default = sigma_of(&folder, flags);
        let named = sigma_of(&folder, &format!("{flags} --sigma scott"));
        let select = folder.run(&format!("select {flags} --criterion scott --json")).succeeds();
        let selected = array(&select.stdout)[0]["sigma"].as_f64().expect("σ");
        assert_eq!([named.to_bits(), selected.to_bits()], [default.to_bits(); 2], "{flags}");
    }
    // What is merged weighs as much as before, but a rule looks at how many points there are.
    let [all, merged] = ["", "--merge-duplicates"].map(|flag| {
        let flags = format!("twice.csv --weights w --sigma silverman {flag}");
        sigma_of(&folder, &flags)
    });
    assert_eq!(all.to_bits(), merged.to_bits());
    // SciPy 1.17: scotts_factor() times the root of the weighted variance, all digits.
    let five = sigma_of(&folder, "five.csv --columns x --weights w");
    assert!((five / 1.677_063_930_418_172 - 1.0).abs() < 1e-12, "{five}");
}

#[test]
fn json_says_what_was_read_and_every_sentence_that_was_told() {
    let folder = Folder::new()
        .with("p.csv", "a,b\n0,0\n1,0\n0,1\n1,0\n,3\n2,2\n-1,1\n0.5,-1\n")
        .with_f64("y.npy", &normal(40, 2, 0.0));
    let ended = folder.run("select p.csv --criterion loo,scott --json").succeeds();
    for (entry, name) in array(&ended.stdout).iter().zip(["loo", "scott"]) {
        assert_eq!(entry["sigma_rule"], name);
        assert_eq!(entry["coordinates"], serde_json::json!(["a", "b"]));
        assert_eq!(
            (entry["rows_read"].as_u64(), entry["rows_dropped"].as_u64()),
            (Some(8), Some(1))
        );
        assert!(entry.get("header").is_some() && entry.get("sources").is_none(), "{entry}");
        let notes = entry["notes"].to_string();
        assert!(notes.contains("dropped 1 of 8 rows") && notes.contains("1 point of 7 coincides"));
    }
    let two = folder.run("select p.csv --sources y.npy --criterion heldout --json").succeeds();
    let entry = &array(&two.stdout)[0];
    assert_eq!(
        (entry["rows_read"].as_u64(), entry["sources"]["rows_read"].as_u64()),
        (Some(8), Some(40))
    );
    let generated = folder.run("select --n 30 --m 30 --criterion scott --json").succeeds();
    let entry = &array(&generated.stdout)[0];
    assert!(entry["rows_read"].is_null() && entry["coordinates"].is_array(), "{entry}");
}

/// A table of a normal cloud with some rows after it.
fn table(names: &str, n: usize, more: &[[f64; 2]]) -> String {
    let cloud = normal(n, 12, 0.0);
    let rows = cloud.coordinates().as_chunks::<2>().0.iter().chain(more);
    let rows: Vec<String> = rows.map(|[x, y]| format!("{x},{y}")).collect();
    format!("{names}\n{}\n", rows.join("\n"))
}

#[test]
fn what_may_mislead_about_points_is_told_by_select_and_reduce_alike() {
    let far: Vec<[f64; 2]> =
        (0..6).map(|k| [60.0 + f64::from(k), -40.0 - 0.5 * f64::from(k)]).collect();
    let fills: Vec<[f64; 2]> = (0..9).map(|k| [-9999.0, 0.1 * f64::from(k % 5)]).collect();
    let fiji = [[179.0, -17.0], [-179.0, -16.0], [178.5, -18.0], [-178.9, -17.5], [179.9, -16.2]];
    let folder = Folder::new()
        .with("far.csv", table("x,y", 1000, &far))
        .with("fills.csv", table("x,y", 400, &fills))
        .with("fiji.csv", table("lon,lat", 0, &fiji))
        .with("long.csv", table("x,y", 3, &[[1e4, 0.5], [-2e4, 0.1], [3e4, -0.4]]))
        .with("twice.csv", "x,y\n0,1\n2,3\n5,4\n2,3\n")
        .with("plain.csv", table("x,y", 300, &[]))
        .with_f64("y.npy", &normal(40, 2, 0.5))
        .with("signed.csv", "x,y,w\n0,1,1\n2,3,-1\n5,4,2\n6,1,1\n");
    for (file, words) in [
        (
            "far.csv",
            &["6 points of 1006 lie far", "row 1005 (65, −42.5)", "Scott's rule takes"][..],
        ),
        (
            "fills.csv",
            &["9 points of 409 hold -9999 in x", "--missing -9999", "rows 400, 401, 402"],
        ),
        ("fiji.csv", &["across ±180°", "add 360°"]),
        ("long.csv", &["points spread along x", "--whiten axes"]),
        ("twice.csv", &["1 point of 4 coincides", "--merge-duplicates"]),
    ] {
        folder.run(&format!("reduce {file} --engine naive --json")).succeeds().says(words);
        let select = folder.run(&format!("select {file} --json")).succeeds();
        for words in words {
            assert!(
                array(&select.stdout)[0]["notes"].to_string().contains(words),
                "{words}: {select}"
            );
        }
        assert!(file != "fiji.csv" || !select.stdout.contains("standardise"), "{select}");
    }
    let signed = folder.run("reduce signed.csv --weights w --engine naive --json").succeeds();
    signed.says(&["1 of 4 weights is below 0"]);
    // Merged sources are still the rows that they were.
    let fills = "reduce fills.csv --merge-duplicates --engine naive --json";
    folder.run(fills).succeeds().says(&["9 points of 409 hold -9999"]);
    let plain = folder.run("reduce plain.csv --engine naive --json").succeeds();
    assert!(!plain.stderr.contains("note:"), "{plain}");
    let empty = "reduce plain.csv --sources y.npy --sigma 1e-9 --engine naive --json";
    folder.run(empty).succeeds().says(&["f is 0 at all targets", "shows something (--sigma "]);
}
