//! Tables of f: a row for every row of the targets' file, in its order, beside what the file has.

mod common;
mod program;

use std::fmt::Write;

use program::Folder;
use sigmascope::io::FORMATS;

/// The rows of README's table of formats, made from the program's own list.
fn format_rows() -> String {
    let mut rows = String::new();
    for format in FORMATS {
        let ends: Vec<String> = format.extensions.iter().map(|end| format!("`.{end}`")).collect();
        writeln!(rows, "| {} | {} | {} |", format.name, ends.join(" "), format.about)
            .expect("text");
    }
    rows
}

#[test]
fn the_readme_lists_the_formats_that_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).expect("the README");
    let head = "| format | names end in | what is read |\n|---|---|---|\n";
    let (_, table) = readme.split_once(head).expect("a table of formats");
    let (table, _) = table.split_once("\n\n").expect("its end");
    assert_eq!(format!("{table}\n"), format_rows(), "the table should be:\n{}", format_rows());
}

/// The lines of a file.
fn lines(folder: &Folder, name: &str) -> Vec<String> {
    let text = String::from_utf8(folder.read(name)).expect("text");
    text.lines().map(str::to_owned).collect()
}

/// The fields of a row, without any that holds f.
fn beside_f(line: &str, f: usize) -> Vec<String> {
    let fields = line.split(',').enumerate().filter(|(k, _)| *k != f);
    fields.map(|(_, field)| field.to_owned()).collect()
}

const FILE: &str = "name,x,y,f,zip\na,1,2,5,01234\nb,,3,6,00001\nc,3,4,7,10000\nd,oops,4,8,\n\
                    e,5,5,9,99999\nf,5,5,9,99999\n";

#[test]
fn a_table_has_a_row_for_every_row_of_the_file() {
    let folder = Folder::new().with("p.csv", FILE);
    let reduce = "reduce p.csv --engine naive --sigma 1 --force --out f.csv";
    let report = folder.run(reduce).and("--json").succeeds().json();
    assert_eq!((report["rows_read"].as_u64(), report["rows_dropped"].as_u64()), (Some(6), Some(2)));
    let dropped = serde_json::json!([
        {"why": "missing", "rows": 1, "first": [1]},
        {"why": "text", "rows": 1, "first": [3]},
    ]);
    assert_eq!(report["dropped"], dropped);
    let rows = lines(&folder, "f.csv");
    assert_eq!(rows[0], "row,x,y,f");
    assert_eq!((rows.len(), &*rows[2], &*rows[4]), (7, "1,,3,", "3,,4,"));
    for (k, row) in rows[1..].iter().enumerate() {
        assert_eq!(row.split(',').next(), Some(&*k.to_string()), "{row}");
        let has_f = row.split(',').next_back().is_some_and(|f| f.parse::<f64>().is_ok());
        assert_eq!(has_f, k != 1 && k != 3, "{row}");
    }

    folder.run(reduce).and("--with").and("none").succeeds();
    let alone = lines(&folder, "f.csv");
    assert_eq!((&*alone[0], alone.len(), &*alone[2]), ("f", 7, "\"\""));
}

#[test]
fn other_columns_of_the_file_come_along_under_names_of_their_own() {
    let folder = Folder::new().with("p.csv", FILE);
    let reduce = "reduce p.csv --engine naive --sigma 1 --force --out f.csv --with";
    folder.run(reduce).and("all").succeeds();
    let rows = lines(&folder, "f.csv");
    assert_eq!(rows[0], "row,x,y,f,name,f_2,zip");
    assert_eq!(beside_f(&rows[1], 3), ["0", "1", "2", "a", "5", "01234"]);
    assert_eq!(beside_f(&rows[4], 3), ["3", "", "4", "d", "8", ""]);
    folder.run(reduce).and("zip,NAME").succeeds();
    assert_eq!(lines(&folder, "f.csv")[0], "row,x,y,f,zip,name");
    folder.run(reduce).and("nmae").refuses(&["'nmae'", "'name'", "correct --with"]);
    let array = "reduce p.csv --engine naive --sigma 1 --out f.npy --with all";
    folder.run(array).refuses(&["f.npy", "arrays", ".csv"]);
    folder.run("reduce p.csv --json --with all").refuses(&["--out"]);
}

#[test]
fn arrays_are_aligned_with_the_rows_of_the_file() {
    let folder = Folder::new().with("p.csv", FILE);
    folder.run("reduce p.csv --engine naive --sigma 1 --out f.npy").succeeds();
    let f = folder.numbers("f.npy");
    let is_there: Vec<bool> = f.iter().map(|f| f.is_finite()).collect();
    assert_eq!(is_there, [true, false, true, false, true, true]);
}

#[test]
fn rows_that_were_not_picked_have_no_f_and_say_so() {
    let rows: Vec<String> = (0..100).map(|k| format!("{k}.5,{}\n", k % 7)).collect();
    let folder = Folder::new().with("p.csv", format!("x,y\n{}", rows.concat()));
    let reduce = "reduce p.csv --n 30 --engine naive --sigma 1 --out f.csv --json";
    let report = folder.run(reduce).succeeds().json();
    assert_eq!(report["rows_dropped"].as_u64(), Some(70));
    assert_eq!(report["dropped"][0]["why"], "not picked");
    let table = lines(&folder, "f.csv");
    let with_f = table[1..].iter().filter(|row| !row.ends_with(',')).count();
    assert_eq!((table.len(), with_f), (101, 30));
    for (k, row) in table[1..].iter().enumerate() {
        assert!(row.starts_with(&format!("{k},{k}.5,")), "{row}");
    }
}

#[test]
fn several_files_of_the_same_columns_are_one_cloud() {
    let folder = Folder::new()
        .with("a.csv", "x,y,n\n1,2,one\n3,4,two\n")
        .with("b.csv", "n,y,x\nthree,6,5\nfour,,7\n")
        .with("other.csv", "u,v\n1,2\n3,4\n");
    let reduce = "reduce a.csv b.csv --engine naive --sigma 1 --with all --force --out f.csv";
    folder.run(reduce).succeeds().says(&["2 files", "3 points"]);
    let rows = lines(&folder, "f.csv");
    assert_eq!(rows[0], "row,x,y,f,n");
    assert_eq!(beside_f(&rows[3], 3), ["2", "5", "6", "three"]);
    assert_eq!(rows[4], "3,7,,,four");
    folder.run("reduce a.csv other.csv --json").refuses(&["other.csv", "'u', 'v'", "a.csv"]);
    folder.run("reduce no*.csv --json").refuses(&["no*.csv"]);
    let over = "reduce a.csv b.csv --engine naive --force --out b.csv";
    folder.run(over).refuses(&["b.csv", "would replace"]);
}

#[test]
fn info_tells_every_column() {
    let folder = Folder::new().with("p.csv", FILE);
    let report = folder.run("info p.csv --json").succeeds().json();
    let columns = report["columns"].as_array().expect("columns");
    let names: Vec<&str> = columns.iter().filter_map(|column| column["name"].as_str()).collect();
    assert_eq!(names, ["name", "x", "y", "f", "zip"]);
    assert_eq!((&columns[0]["type"], &columns[2]["type"]), (&"text".into(), &"integer".into()));
    assert_eq!(columns[1]["range"], serde_json::json!([1.0, 5.0]));
    assert_eq!(columns[1]["missing"].as_u64(), Some(1));
}

#[test]
fn rows_that_are_selected_are_written_alone() {
    let folder = Folder::new().with("p.csv", FILE);
    let reduce = "reduce p.csv --engine naive --sigma 1 --force --out f.csv";
    let select = |expression: &str| {
        let run = folder.run(reduce).and("--with").and("all").and("--json").and("--select");
        let report = run.and(expression).succeeds().json();
        let numbers: Vec<String> = lines(&folder, "f.csv")[1..]
            .iter()
            .map(|row| row.split(',').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(report["selected"]["rows"].as_u64(), Some(numbers.len() as u64));
        assert!(report["notes"].to_string().contains("targets are written"), "{report:?}");
        numbers.join(" ")
    };
    // Rows 1 and 3 are no targets.
    assert_eq!(select("f > 0"), "0 2 4 5");
    assert_eq!(select("x < 3.5"), "0 2");
    assert_eq!(select("name == 'c' or NAME = 'f'"), "2 5");
    assert_eq!(select("1 < f_2 <= 7 and not row == 0"), "2");
    assert_eq!(select("zip > 0 and zip != 99999"), "0 2");
    assert_eq!(select("zip == '01234'"), "0");
    assert_eq!(select("f > 1e9"), "");
    let run = |flags: &str| folder.run(&format!("{reduce} {flags}"));
    run("--select-top 2").succeeds();
    assert_eq!(lines(&folder, "f.csv")[1..].iter().map(|l| &l[..1]).collect::<String>(), "45");
    run("--select-bottom 50%").succeeds();
    assert_eq!(lines(&folder, "f.csv").len(), 3);
    // An array of f alone keeps its length.
    folder.run("reduce p.csv --engine naive --sigma 1 --out f.npy --select-top 1").succeeds();
    let array = folder.read("f.npy");
    let values: Vec<f64> = array[array.len() - 48..]
        .chunks_exact(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().expect("eight")))
        .collect();
    assert_eq!(values.iter().filter(|f| f.is_finite()).count(), 1, "{values:?}");
    assert!(values[4] > 1.9);
    // Names are looked up before the sum.
    for (expression, needles) in [
        ("nmae == 'a'", &["'nmae'", "'name'", "--select"][..]),
        ("f <", &["--select", "character 4", "expected"]),
        ("3 < 4", &["name of a column"]),
    ] {
        folder.run(reduce).and("--select").and(expression).refuses(needles);
    }
    run("--select-top 0%").refuses(&["--select-top", "0%", "percent"]);
    run("--select-top 5 --select-bottom 5").refuses(&["--select-bottom"]);
    folder.run("reduce p.csv --json --select-top 5").refuses(&["--out"]);
    // Generated points have coordinates.
    let made = "reduce --n 50 --m 50 --sigma 1 --engine naive --out g.csv --select";
    folder.run(made).and("x1 > 0 and row < 20").succeeds();
    assert!(lines(&folder, "g.csv").len() < 21);
    folder.run(made).and("mag > 0").and("--force").refuses(&["'mag'", "x1, x2"]);
}
