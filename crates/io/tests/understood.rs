//! Files as programs really write them, and what has to be understood of each: names or a point, which
//! columns, which rows, how numbers are spelled; and that it is told.

use std::path::PathBuf;

use sigmascope_core::{
    engine::Unobserved,
    model::{Header, Reading},
};
use sigmascope_io::{LoadError, LoadOptions, Loaded, load};

fn load_with(content: impl AsRef<[u8]>, options: &LoadOptions) -> Result<Loaded, LoadError> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path: PathBuf = folder.path().join("points.csv");
    std::fs::write(&path, content).expect("a temporary file");
    load(&path, options, &mut Unobserved)
}

fn read(content: impl AsRef<[u8]>) -> Loaded {
    let content = content.as_ref();
    load_with(content, &LoadOptions::default())
        .unwrap_or_else(|err| panic!("{err}\n{}", String::from_utf8_lossy(content)))
}

fn with(reading: Reading) -> LoadOptions {
    LoadOptions { reading, ..LoadOptions::default() }
}

#[test]
fn columns_and_rows_are_those_that_one_would_take_by_hand() {
    // Content, coordinates, number of points, a word of a note.
    let cases: &[(&str, &[&str], usize, &str)] = &[
        ("country,1960,1961\nA,4.8,4.6\nB,2.1,2.0\nC,6.7,6.6\n", &["1960", "1961"], 3, "years"),
        (",0,1\n0,0.5,0.7\n1,1.5,0.2\n2,0.3,0.4\n", &["0", "1"], 3, "first row taken as names"),
        ("0,1\n0.5,0.7\n1.5,0.2\n0.3,0.4\n", &["0", "1"], 3, "first row taken as names"),
        ("\"\",\"x\"\n\"1\",9172\n\"2\",9350\n\"3\",9483\n", &["x"], 3, "'x'"),
        ("frame,x [nm],y [nm]\n1,10.5,2\n1,11.5,1\n2,12.25,3\n", &["x [nm]", "y [nm]"], 3, "alike"),
        ("\"x\" \"y\"\n\"1\" 0.5 0.7\n\"2\" 1.5 0.2\n", &["x", "y"], 2, "fewer"),
        ("sep=;\nx;y\n1,5;2\n2,0;3\n", &["x", "y"], 2, "separator ';'"),
        ("x,y\n[m],[m]\n1,2\n2,3\n4,1\n", &["x", "y"], 3, "units"),
        ("t,x,y\ns,mm,mm\n0,1,2\n1,2,3\n2,4,1\n", &["x", "y"], 3, "units"),
        ("x,y\n// measured on site\n1,2\n2,3\n0,4\n", &["x", "y"], 3, "1 comment"),
        ("x,y\n1,2\n# half time\n2,3\n% end, nearly\n0,4\n", &["x", "y"], 3, "2 comments"),
        ("x,y\n1,2,\n2,3,\n5,1,\n", &["x", "y"], 3, "ends with a separator"),
        ("x,y,\n1,2,\n2,3,\n5,1,\n", &["x", "y"], 3, "ends with a separator"),
        ("1,2,\n2,3.5,\n5,1,\n", &["x1", "x2"], 3, "ends with a separator"),
        ("Survey of May\n\nx;y\n1;2\n2;3\n", &["x", "y"], 2, "'Survey of May'"),
        ("% x y\n1 2\n3 4\n", &["x", "y"], 2, "comment"),
        ("a,b,index\n1,2,0\n3,1,1\n9,7,2\n", &["a", "b"], 3, "not taken"),
        ("n,a,b\n5,1.5,2\n6,0.5,3\n7,0.2,1\n", &["a", "b"], 3, "plus one"),
        ("x,y\n1,2\n2,3\n3,4\n", &["x", "y"], 3, "alike"),
        ("lon,lat\n1,2\n2,3\n3,4\n", &["lon", "lat"], 3, "by their names"),
        ("x,y,z\n1,2,5\n2,4,6\n1,1,9\n", &["x", "y", "z"], 3, "x, y and z"),
        ("x,y,z\n1,2,0\n2,4,0\n1,1,0\n", &["x", "y"], 3, "x and y"),
        ("time,value\n12:30:00,4\n12:31:00,9\n12:33:00,2\n", &["value"], 3, "times of day"),
        ("track,frame,label,u,v\n1,1,1,3,4\n1,2,1,4,6\n2,1,1,9,7\n", &["u", "v"], 3, "tells rows"),
        ("-1.5\n0.25\n3.5\n", &["x1"], 3, "only column"),
        (
            "year,miles,gas\n1956,3675,2.4\n1957,3706,2.3\n1959,3766,2.2\n",
            &["miles", "gas"],
            3,
            "date",
        ),
        ("yield,year\n27,1931\n48,1931\n33,1932\n", &["yield"], 3, "part of a date"),
        ("date,co2\n19580329,316.1\n19580405,317.3\n19580412,317.6\n", &["co2"], 3, "a date"),
        ("LocID,a,b\n4,0,7\n4,5,3\n8,9,1\n", &["a", "b"], 3, "tells rows"),
        ("fips,code7,a,b\n01,001,5,9\n01,003,7,3\n02,001,9,4\n", &["a", "b"], 3, "zeros in front"),
        ("0,0,5\n0,3,1\n0,2,7\n0,9,4\n", &["x2", "x3"], 4, "the same in every row"),
        ("a,b,c\n1,,5\n3,7,1\n2,,7\n9,,4\n", &["a", "c"], 4, "empty in most rows"),
        ("a,b\n1,5\n3,5\n", &["a", "b"], 2, "first columns"),
        ("who,1960,1961,1962\nA,4.8,4.6,\nB,2.1,2.0,\nC,6.7,6.6,\n", &["1960", "1961"], 3, "years"),
        (",9.5,9.75,10.5\n7,0,0,1\n9,0,3,0\n8,1,2,4\n", &["9.5", "9.75"], 3, "numbers that rise"),
        ("who,date,price\nA,Jan 1 2000,39\nB,Feb 1 2000,36\n", &["price"], 2, "only column"),
    ];
    for (content, names, count, note) in cases {
        let Loaded { cloud, report, .. } = read(content);
        assert_eq!(cloud.axes(), *names, "{content}");
        assert_eq!(cloud.len(), *count, "{content}");
        assert_eq!(report.rows_dropped(), 0, "{content}");
        let notes = report.notes.join("\n");
        assert!(notes.contains(note), "{note:?} is not in {notes:?}");
    }
}

#[test]
fn numbers_are_read_in_every_spelling_that_programs_write() {
    let cases: &[(&str, &[f64])] = &[
        ("x,y\n-0.381D+03,1.0D+00\n2d0,4.5D-01\n", &[-381.0, 1.0, 2.0, 0.45]),
        ("x,y\n−1.5,2\n3,−4e−1\n", &[-1.5, 2.0, 3.0, -0.4]),
        ("x;y\n1 234,5;10\n12 000,0;20\n900,25;15\n", &[1234.5, 10.0, 12e3, 20.0, 900.25, 15.0]),
        ("x;y\n1\u{202f}234;10\n12\u{a0}000;20\n", &[1234.0, 10.0, 12e3, 20.0]),
        ("x;y\n1'234.5;10\n12'000;20\n", &[1234.5, 10.0, 12e3, 20.0]),
        ("lon,lat\n10.1°,50.5°\n-9.5°,41°30'\n", &[10.1, 50.5, -9.5, 41.5]),
        ("RA,Dec\n01:30:00,-10:30:00\n12:00:36,00:15:00\n", &[22.5, -10.5, 180.15, 0.25]),
        ("ra,dec\n13h42m36s,+12d30m\n01h30m,-0d30m00s\n", &[205.65, 12.5, 22.5, -0.5]),
        ("lon,lat\n2°30′0″W,41°15′N\n3°0′E,10°0′S\n", &[-2.5, 41.25, 3.0, -10.0]),
    ];
    for (content, expected) in cases {
        let found = read(content).cloud.coordinates().to_vec();
        assert_eq!(found.len(), expected.len(), "{content}");
        for (value, expected) in found.iter().zip(*expected) {
            assert!((value - expected).abs() < 1e-12, "{value} {expected} in {content}");
        }
    }
    let told = read("RA,Dec\n01:30:00,-10:30:00\n12:00:36,00:15:00\n").report.notes.join("\n");
    assert!(
        told.contains("'RA': sexagesimal hours") && told.contains("'Dec': sexagesimal numbers")
    );
}

#[test]
fn missing_values_are_known_in_every_spelling() {
    let words = [
        "",
        "NA",
        "N/A",
        "#N/A",
        "null",
        "NULL",
        "None",
        "*",
        "--",
        "-",
        ".",
        "nan",
        "-nan",
        "NaN",
        "nan(ind)",
        "-nan(ind)",
        "1.#QNAN",
        "-1.#IND",
        "inf",
        "1.#INF",
        "#DIV/0!",
        "\\N",
        "?",
        "NaT",
    ];
    for word in words {
        let Loaded { cloud, report, .. } = read(format!("x,y\n1,2\n{word},3\n4,{word}\n"));
        assert_eq!((cloud.len(), report.rows_read, report.rows_dropped()), (1, 3, 2), "{word}");
        assert_eq!(report.rows_bad(), 0, "{word}");
    }
    let missing = vec!["-9999".to_owned(), "void".to_owned()];
    let options = with(Reading { missing, ..Reading::default() });
    let Loaded { cloud, report, .. } =
        load_with("x,y\n1,2\n-9999.0,3\n4,void\n5,6\n", &options).expect("two are left");
    assert_eq!((cloud.len(), report.rows_dropped_missing), (2, 2));
}

#[test]
fn a_few_bad_rows_are_left_out_and_told_and_many_refuse_the_file() {
    let mut content = String::from("x,y\n");
    for i in 0..60 {
        let row = match i {
            7 => "7.5,oops".to_owned(),
            11..15 => format!("{i}.5"),
            30 => "30.5,1,2".to_owned(),
            40 => "bad,1".to_owned(),
            _ => format!("{i}.5,{}", i * i),
        };
        content.push_str(&row);
        content.push('\n');
    }
    let Loaded { cloud, report, .. } = read(&content);
    assert_eq!((cloud.len(), report.rows_read), (53, 60));
    assert_eq!((report.rows_dropped_text, report.rows_dropped_length), (2, 5));
    assert_eq!(report.bad_rows.len(), 5);
    assert_eq!(report.bad_rows[..2], ["line 9, column 'y': 'oops'", "line 13 has 1 field"]);
    assert!(report.summary().contains("and 2 more"), "{}", report.summary());

    let strict = with(Reading { strict: true, ..Reading::default() });
    let message = load_with(&content, &strict).expect_err("strict").to_string();
    assert!(message.contains("line 9, column 'y': found 'oops'") && message.contains("--strict"));

    // Missing values do not count among the fifth.
    assert_eq!(read("x,y\n1,2\n,3\n,4\n,5\n,6\n7,8\n").cloud.len(), 2);
    let many = "x,y\n1,2\n3,4\n5\n6,7\n8\n";
    let message = load_with(many, &LoadOptions::default()).expect_err("two of five").to_string();
    assert!(message.contains("2 of 5 rows") && message.contains("line 4 has 1 field"), "{message}");
}

#[test]
fn the_user_decides_about_the_first_row_and_the_first_lines() {
    let header = |header| with(Reading { header, ..Reading::default() });
    let text = "1,2\n3,4\n5,7\n";
    let yes = load_with(text, &header(Header::Yes)).expect("two points");
    assert_eq!((yes.cloud.len(), yes.report.header), (2, true));
    assert_eq!(yes.cloud.axes(), ["1", "2"]);
    let no = load_with("0,1\n0.5,0.7\n1.5,0.2\n", &header(Header::No)).expect("three points");
    assert_eq!((no.cloud.len(), no.report.header), (3, false));

    let skip = with(Reading { skip_rows: 2, ..Reading::default() });
    let skipped = load_with("a,b\n9,9\nx,y\n1,2\n3,4\n", &skip).expect("two points");
    assert_eq!((skipped.cloud.axes().join(","), skipped.cloud.len()), ("x,y".to_owned(), 2));
    let all = with(Reading { skip_rows: 9, ..Reading::default() });
    let message = load_with(text, &all).expect_err("nothing is left").to_string();
    assert!(message.contains("behind the lines that are skipped"), "{message}");
}

#[test]
fn points_are_no_names() {
    for (content, count) in [
        ("0,1\n2,3\n5,4\n", 3),
        ("1990,2000\n1991,2001\n1995,2007\n", 3),
        ("0,0\n0.5,0.7\n", 2),
        ("1 2\n1.5 2.5\n", 2),
        ("100,200\n101.5,203.2\n102.1,199\n", 3),
    ] {
        let Loaded { cloud, report, .. } = read(content);
        assert_eq!((cloud.len(), report.header), (count, false), "{content}");
        assert!(report.notes.iter().any(|note| note.contains("taken as a point")), "{content}");
    }
}

/// An NPY file of float64, or of what `descr` says.
fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}");
    while !(header.len() + 11).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

fn doubles(values: impl IntoIterator<Item = f64>) -> Vec<u8> {
    values.into_iter().flat_map(f64::to_le_bytes).collect()
}

#[test]
fn an_array_has_the_coordinates_that_its_shape_says() {
    for (shape, count, dim, n) in
        [("(6,)", 6, 1, 6), ("(6, 1)", 6, 1, 6), ("(4, 3)", 12, 3, 4), ("(2, 64)", 128, 64, 2)]
    {
        let Loaded { cloud, .. } = read(npy("'<f8'", shape, &doubles((0..count).map(f64::from))));
        assert_eq!((cloud.dim(), cloud.len()), (dim, n), "{shape}");
    }
    let wide = npy("'<f8'", "(2, 100)", &doubles((0..200).map(f64::from)));
    let message = load_with(&wide, &LoadOptions::default()).expect_err("too many").to_string();
    assert!(message.contains("at most 64") && message.contains("--transpose"), "{message}");
    let few = LoadOptions { dim: Some(2), ..LoadOptions::default() };
    assert_eq!(load_with(&wide, &few).expect("two of them").cloud.dim(), 2);
    let transpose = with(Reading { transpose: true, ..Reading::default() });
    let cloud = load_with(&wide, &transpose).expect("on its side").cloud;
    assert_eq!((cloud.dim(), cloud.len(), cloud.point(1)), (2, 100, &[1.0, 101.0][..]));

    let sideways = npy("'<f8'", "(2, 50)", &doubles((0..100).map(f64::from)));
    let Loaded { cloud, report, .. } = read(&sideways);
    assert_eq!((cloud.dim(), cloud.len()), (50, 2));
    assert!(report.notes.iter().any(|note| note.contains("transpose")), "{:?}", report.notes);
}

#[test]
fn fields_of_a_structured_array_are_columns() {
    let descr = "[('name', '<U2'), ('y', '<f4'), ('x', '>f8'), ('rgb', '|u1', (3,)), ('', '|V1')]";
    let record = |x: f64, y: f32| {
        [&[65, 0, 0, 0, 66, 0, 0, 0], &y.to_le_bytes()[..], &x.to_be_bytes(), &[7, 8, 9, 0]]
            .concat()
    };
    let data = [record(1.5, 2.0), record(-3.0, 0.5), record(f64::NAN, 1.0)].concat();
    let Loaded { cloud, report, .. } = read(npy(descr, "(3,)", &data));
    assert_eq!(cloud.axes(), ["x", "y"]);
    assert_eq!(cloud.coordinates(), [1.5, 2.0, -3.0, 0.5]);
    assert_eq!(report.rows_dropped_nan, 1);
    assert_eq!(report.columns_available, ["y", "x", "rgb_1", "rgb_2", "rgb_3"]);
    let columns = vec!["rgb_3".to_owned(), "y".to_owned()];
    let picked = LoadOptions { columns, ..LoadOptions::default() };
    let cloud = load_with(npy(descr, "(3,)", &data), &picked).expect("numbers").cloud;
    assert_eq!(cloud.coordinates(), [9.0, 2.0, 9.0, 0.5, 9.0, 1.0]);
}

#[test]
fn a_column_of_truths_is_no_coordinate_where_there_are_others() {
    let rows = (0..40).map(|k| format!("{}.5,{}", 20 + k * 7 % 40, k % 3 % 2));
    let lines: Vec<String> = std::iter::once("age,survived".to_owned()).chain(rows).collect();
    let content = lines.join("\n");
    let Loaded { cloud, report, .. } = read(&content);
    assert_eq!(cloud.axes(), ["age"]);
    assert!(report.notes.join("\n").contains("'survived' (nothing but 0 and 1)"));
    // A few numbers may be 0 and 1 by chance, and x and y are coordinates whatever they hold.
    assert_eq!(read("a,b\n1,5\n0,7\n").cloud.axes(), ["a", "b"]);
    assert_eq!(read(content.replace("age,survived", "x,y")).cloud.axes(), ["x", "y"]);
}
