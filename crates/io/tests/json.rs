//! JSON and `GeoJSON` in the forms that programs write, and what is refused.

use std::ops::ControlFlow;
use std::path::Path;

use sigmascope_core::engine::Unobserved;
use sigmascope_core::model::Weights;
use sigmascope_io::{Holds, LoadError, LoadOptions, Loaded, OpenFile, Values, load};

fn with_file<T>(name: &str, content: &str, use_it: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("written");
    use_it(&path)
}

fn read(name: &str, content: &str) -> Result<Loaded, LoadError> {
    with_file(name, content, |path| load(path, &LoadOptions::default(), &mut Unobserved))
}

fn taken(content: &str) -> Loaded {
    read("points.json", content).expect(content)
}

fn refused(content: &str) -> String {
    let loaded = read("points.json", content).map(|loaded| loaded.report);
    let shown: String = content.chars().take(200).collect();
    loaded.expect_err(&shown).to_string()
}

/// All values of a file, column by column, with names.
fn table(content: &str) -> (Vec<String>, Vec<Values>) {
    with_file("points.json", content, |path| {
        let options = LoadOptions::default();
        let mut file = OpenFile::open(path, &options, &mut Unobserved).expect("sound");
        let names: Vec<String> = file.names().into_iter().map(ToOwned::to_owned).collect();
        let all: Vec<usize> = (0..names.len()).collect();
        let mut values = Vec::new();
        let mut take = |block| {
            values = block;
            ControlFlow::Continue(())
        };
        file.values(&[], &all, &mut Unobserved, &mut take).expect("sound");
        (names, values)
    })
}

#[test]
fn every_form_gives_the_same_points() {
    let forms = [
        "{\"x\": 1, \"y\": 2.5}\n{\"y\": 4, \"x\": 3}\n",
        "{\"x\": 1, \"y\": 2.5}\r\n\r\n{\"x\": 3, \"y\": 4}",
        "\u{feff}[{\"x\": 1, \"y\": 2.5},\n {\"x\": 3, \"y\": 4}]\n",
        "[[1, 2.5], [3, 4]]",
        "[1, 2.5]\n[3, 4]\n",
        "{\"x\": [1, 3], \"y\": [2.5, 4]}",
        "{\"x\": {\"0\": 1, \"1\": 3}, \"y\": {\"0\": 2.5, \"1\": 4}}",
        "{\"0\": {\"x\": 1, \"y\": 2.5}, \"1\": {\"x\": 3, \"y\": 4}}",
        "{\"columns\": [\"x\", \"y\"], \"index\": [0, 1], \"data\": [[1, 2.5], [3, 4]]}",
        "{\"schema\": {\"fields\": []}, \"data\": [{\"x\": 1, \"y\": 2.5}, {\"x\": 3, \"y\": 4}]}",
        "{\"name\": \"run\", \"x\": [1, 3], \"y\": [2.5, 4], \"edges\": [1, 2, 3]}",
        "{\"a\": [1], \"points\": [{\"x\": 1e0, \"y\": 25e-1}, {\"x\": 3, \"y\": 4}], \"b\": [{}]}",
        "{\"pos\": {\"x\": 1, \"y\": 2.5}, \"t\": \"1\"}\n{\"pos\": {\"x\": 3, \"y\": 4}}\n",
        "{\"pos\": [1, 2.5], \"t\": null}\n{\"pos\": [3, 4]}\n",
    ];
    for form in forms {
        assert_eq!(taken(form).cloud.coordinates(), [1.0, 2.5, 3.0, 4.0], "{form}");
        let unnamed = read("points", form).expect(form);
        assert!(unnamed.report.format.starts_with("JSON"), "{form}");
    }
    assert_eq!(taken("[1, 2.5, 4]").cloud.coordinates(), [1.0, 2.5, 4.0]);
    assert_eq!(taken("{\"x\": 1, \"y\": 2}").cloud.len(), 1);
}

#[test]
fn what_pandas_writes_is_read() {
    let text = include_str!("samples/pandas.txt");
    let mut count = 0;
    for form in text.split_terminator("\n\n\n") {
        let (name, json) = form.trim_start().split_once('\n').expect("a name");
        let loaded = taken(json);
        let expected = [0.1, 1e-7, 2.5, -2.0, 4.0, 0.300_000_000_000_000_04];
        // pandas itself writes ten digits; Python writes all.
        let found = loaded.cloud.coordinates();
        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-10, "{name}: {found}");
        }
        if name.starts_with("python") {
            assert_eq!(found, expected, "{name}");
        }
        let report = &loaded.report;
        let dropped = (report.rows_dropped_missing, report.rows_dropped_nan);
        assert_eq!(dropped, if name.starts_with("python") { (0, 1) } else { (1, 0) }, "{name}");
        count += 1;
    }
    assert_eq!(count, 9);
}

#[test]
fn columns_keep_their_types_and_what_is_missing() {
    let lines = "{\"i\": 9007199254740993, \"t\": \"a\\u00e9\\n\", \"b\": true, \"x\": 1.5, \"m\": 1}\n\
                 {\"i\": null, \"t\": null, \"x\": NaN, \"deep\": {\"a\": {\"b\": 1}}, \"m\": \"2\"}\n\
                 {\"i\": -1, \"b\": false, \"x\": -Infinity, \"v\": [1, \"z\"], \"none\": null}\n";
    let (names, values) = table(lines);
    assert_eq!(names, ["i", "t", "b", "x", "m", "v_1", "v_2", "none"]);
    assert_eq!(values[0], Values::Integers(vec![Some(9_007_199_254_740_993), None, Some(-1)]));
    assert_eq!(values[1], Values::Texts(vec![Some("aé\n".to_owned()), None, None]));
    assert_eq!(values[2], Values::Booleans(vec![Some(true), None, Some(false)]));
    let Values::Numbers(x) = &values[3] else { panic!("numbers") };
    assert_eq!(format!("{x:?}"), "[1.5, NaN, -inf]");
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(values[4], Values::Texts(vec![some("1"), some("2"), None]));
    assert_eq!(values[6], Values::Texts(vec![None, None, some("z")]));
    let report = taken(lines).report;
    assert!(report.notes.iter().any(|note| note.contains("'deep.a'")), "{:?}", report.notes);

    with_file("points.json", lines, |path| {
        let mut file =
            OpenFile::open(path, &LoadOptions::default(), &mut Unobserved).expect("sound");
        let told = file.describe(&mut Unobserved).expect("sound");
        assert_eq!((told[3].r#type, told[3].range), (Holds::Numbers, Some([1.5, 1.5])));
        assert_eq!((told[0].missing, told[2].missing), (Some(1), Some(1)));
    });
}

#[test]
fn text_in_place_of_numbers_is_told_by_row() {
    let mut lines = Vec::new();
    for k in 0..10 {
        let x = if k == 7 { "\"bad\"".to_owned() } else { format!("{k}.5") };
        lines.push(format!("{{\"x\": {x}, \"y\": {}}}\n", k * k));
    }
    let options = LoadOptions {
        columns: vec!["x".to_owned(), "y".to_owned()],
        weights: Some(Weights::Column("y".to_owned())),
        ..LoadOptions::default()
    };
    let loaded =
        with_file("a.jsonl", &lines.concat(), |path| load(path, &options, &mut Unobserved));
    let report = loaded.expect("nine rows").report;
    assert_eq!(report.bad_rows, ["row 7, column 'x': 'bad'"]);
    assert_eq!((report.rows_read, report.rows_dropped_text), (10, 1));
}

#[test]
fn points_of_geojson_are_rows() {
    let feature = |geometry: &str, properties: &str| {
        format!("{{\"type\": \"Feature\", \"geometry\": {geometry}, \"properties\": {properties}}}")
    };
    let features = [
        feature(
            "{\"type\": \"Point\", \"coordinates\": [1, 2.5]}",
            "{\"n\": 1, \"a\": {\"b\": \"t\"}}",
        ),
        feature("{\"coordinates\": [[3, 4], [5, 6]], \"type\": \"MultiPoint\"}", "{\"n\": 2}"),
        feature("null", "{\"n\": 3}"),
        feature(
            "{\"type\": \"Polygon\", \"coordinates\": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}",
            "null",
        ),
        feature("{\"coordinates\": [[0, 0], [1, 0]], \"type\": \"LineString\"}", "{}"),
        feature("{\"type\": \"GeometryCollection\", \"geometries\": []}", "{}"),
        "{\"properties\": {\"n\": 4, \"latitude\": 9}, \"id\": \"k\", \
         \"geometry\": {\"type\": \"Point\", \"coordinates\": [7, 8]}, \"type\": \"Feature\"}"
            .to_owned(),
    ];
    let joined = features.join(",\n");
    let collections = [
        format!(
            "{{\"type\": \"FeatureCollection\", \"bbox\": [0, 0, 9, 9], \"features\": [{joined}]}}"
        ),
        format!(
            "{{\"features\": [{joined}], \"crs\": {{\"type\": \"name\", \"properties\": {{\"n\": 1}}}}, \
             \"type\": \"FeatureCollection\"}}"
        ),
        features.join("\n"),
        features.iter().map(|feature| format!("\u{1e}{feature}\n")).collect::<Vec<_>>().concat(),
    ];
    for text in &collections {
        for name in ["a.geojson", "a.json", "a"] {
            let Loaded { cloud, report, rows } = read(name, text).expect(text);
            assert_eq!(cloud.coordinates(), [1.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], "{text}");
            assert_eq!(report.columns_used, ["longitude", "latitude"], "{text}");
            assert_eq!((report.rows_dropped_missing, rows.row_of(3)), (1, Some(4)), "{text}");
            let told = report.notes.join("; ");
            for part in [
                "1 of the type GeometryCollection",
                "1 of the type LineString",
                "1 of the type Polygon",
            ] {
                assert!(told.contains(part), "{told}");
            }
        }
        let (names, values) = table(text);
        assert_eq!(names, ["longitude", "latitude", "n", "a.b", "latitude_2", "id"]);
        let n = [1, 2, 2, 3, 4].map(Some).to_vec();
        assert_eq!(values[2], Values::Integers(n));
    }
    let high = "{\"type\": \"MultiPoint\", \"coordinates\": [[1, 2, 3], [4, 5, 6]]}";
    let loaded = read("a.geojson", high).expect("two places");
    assert_eq!(
        (loaded.cloud.dim(), table(high).0.join(" ")),
        (2, "longitude latitude height".to_owned())
    );
    let last = "{\"coordinates\": [1, 2], \"type\": \"Point\"}";
    assert_eq!(read("a.geojson", last).expect("one place").cloud.coordinates(), [1.0, 2.0]);
    let area = features[3].clone();
    let message =
        read("a.geojson", &area).map(|loaded| loaded.report).expect_err("an area").to_string();
    assert!(
        message.contains("1 of the type Polygon") && message.contains("representative_point"),
        "{message}"
    );
}

#[test]
fn broken_files_are_told() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_record = format!("[{{\"x\": {}", "{\"a\":".repeat(100_000));
    let cases = [
        ("[{\"x\": 1, \"y\": 2}, {\"x\": 3", "it ends inside of an object"),
        ("[{\"x\": 1, \"y\": 2},", "it ends inside of an array"),
        ("{\"x\": 1, \"y\": \"2", "it ends inside of"),
        ("{\"x\": [1, 2], \"y\": [3, 4]", "it ends inside of an object"),
        ("[{\"x\": 1,\n \"y\": abc}]", "line 2: 'abc'"),
        ("[{\"x\": 1,\n 'y': 2}]", "expected a key in quotes"),
        ("[{\"x\": 1 \"y\": 2}]", "expected ',' or '}'"),
        ("[{\"x\": 1, \"y\": 01.}]", "'01.'"),
        ("[{\"x\": \"\\q\", \"y\": 1}]", "escapes"),
        ("[{\"x\": 1, \"y\": 2}]]", "nothing behind the last bracket"),
        ("[]", "there are no records"),
        ("{}", "no column of numbers"),
        ("{\"x\": [], \"y\": []}", "each member is empty"),
        ("{\"columns\": [\"x\"], \"data\": []}", "data is empty"),
        ("{\"a\": [{\"x\": 1}], \"b\": [{\"x\": 2}]}", "several arrays of records: 'a', 'b'"),
        (deep.as_str(), "more than 100 levels"),
        (deep_record.as_str(), "more than 100 levels"),
        ("[{\"a\": \"b\"}]", "expected at least"),
    ];
    for (text, part) in cases {
        let message = refused(text);
        assert!(message.contains(part), "{part}: {message}");
    }
    let both = "{\"a\": [{\"x\": 1}], \"b\": [{\"x\": 2}]}";
    let named = with_file("p.json", both, |path| {
        let mut name = path.as_os_str().to_owned();
        name.push(":b");
        load(Path::new(&name), &LoadOptions::default(), &mut Unobserved)
    });
    assert_eq!(named.expect("b").cloud.coordinates(), [2.0]);
}

#[test]
fn crowds_of_columns_are_read() {
    let cells: Vec<String> = (0..10_000).map(|k| format!("\"c{k}\": {k}")).collect();
    let record = format!("{{{}}}\n", cells.join(","));
    let loaded = taken(&record.repeat(3));
    assert_eq!(loaded.report.columns_available.len(), 10_000);
    let columns: Vec<String> = (0..10_000).map(|k| format!("\"c{k}\": [{k}, 2]")).collect();
    assert_eq!(taken(&format!("{{{}}}", columns.join(","))).cloud.len(), 2);
}
